//! How much memory a point of a light curve takes, by an allocator that counts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use peak_alloc::PeakAlloc;
use serde_json::{Value, json};
use tom_alerts::brokers::alerce::AlerceBroker;
use tom_alerts::http::{Http, HttpConfig, Response};
use tom_alerts::store::{Entry, SqliteStore};
use tom_alerts::testing::ScriptedTransport;
use tom_alerts::{GenericBroker, ReducedDatum, Target, TargetStore};

#[global_allocator]
static COUNTED: PeakAlloc = PeakAlloc;

/// What a point may take, bytes, with all that it points to.
const BOUND: usize = 500;

/// Points of a light curve; enough that what else the program allocates meanwhile does not count.
const POINTS: usize = 10_000;

const ZTF: &str = "ZTF20acobvxk";
const LSST: &str = "169342810955317611";

/// A number with all the digits that a service gives.
fn digits(n: usize, scale: f64) -> f64 {
    ((n as f64 + 1.0).sqrt().fract() + 0.1) * scale
}

/// A detection of ALeRCE with all that it usually has.
fn of_ztf(n: usize) -> Value {
    json!({"tid": "ztf", "mjd": 58_000.123_456_7 + n as f64, "candid": (1_101_542_291_015_015_004 + n).to_string(),
        "fid": n % 2 + 1, "pid": 1_101_542_291_015_i64, "diffmaglim": digits(n, 20.0), "isdiffpos": 1, "nid": 1101,
        "distnr": digits(n, 1.0), "magpsf": digits(n, 18.0), "magpsf_corr": digits(n, 17.0), "magap": 18.45,
        "sigmapsf": digits(n, 0.06), "sigmapsf_corr": 0.03, "sigmapsf_corr_ext": digits(n, 0.05), "sigmagap": 0.08,
        "ra": 150.110_1, "dec": 2.205_1, "rb": digits(n, 0.7), "rbversion": "t17_f5_c3", "drb": digits(n, 0.9),
        "has_stamp": true, "corrected": true, "dubious": false, "step_id_corr": "1.0", "phase": 0.0})
}

/// A detection of Rubin with all that it usually has.
fn of_lsst(n: usize) -> Value {
    json!({"oid": LSST, "sid": 1, "measurement_id": (169_342_810_955_318_001 + n).to_string(),
        "mjd": 61_000.123_456_7 + n as f64, "ra": 150.110_1, "dec": 2.205_1, "band": n % 6 + 1,
        "psfFlux": digits(n, 4000.0), "psfFluxErr": digits(n, 100.0), "scienceFlux": digits(n, 90_000.0),
        "scienceFluxErr": digits(n, 300.0), "snr": digits(n, 50.0), "reliability": digits(n, 0.9),
        "isNegative": false, "has_stamp": true, "visit": 2_026_050_100_055_i64 + n as i64, "detector": n % 189})
}

fn curve(row: fn(usize) -> Value) -> String {
    let rows: Vec<Value> = (0..POINTS).map(row).collect();
    json!({"detections": rows, "non_detections": [], "forced_photometry": []}).to_string()
}

async fn read(broker: &AlerceBroker, id: &str) -> Vec<ReducedDatum> {
    let data = broker.reduced_data(id, None).await.unwrap();
    assert_eq!((data.points.len(), data.failures.len()), (POINTS, 0), "{:?}", data.failures);
    data.points
}

/// The points that a call gives, and how many bytes are in use after it for each of them.
async fn measured(call: impl Future<Output = Vec<ReducedDatum>>) -> (Vec<ReducedDatum>, usize) {
    let before = COUNTED.current_usage();
    let points = call.await;
    let each = COUNTED.current_usage().saturating_sub(before) / points.len();
    (points, each)
}

/// Both tests count what the whole program allocates.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[tokio::test]
async fn a_run_of_long_light_curves_takes_at_most_64_mib() {
    // More points than a batch has.
    const OBJECTS: usize = 24;
    const EACH: usize = 5_000;
    let _alone = ALONE.lock().await;
    let rows: Vec<Value> = (0..EACH).map(of_ztf).collect();
    let curve = json!({"detections": rows, "non_detections": []}).to_string();
    drop(rows);
    assert!(curve.len() < 4 << 20, "{}", curve.len());
    let curve: Arc<str> = curve.into();
    let script = ScriptedTransport::new(move |request| {
        let url = request.url().as_str();
        let body = if url.contains("forced") {
            "[]".to_owned()
        } else if url.contains("lightcurve") {
            curve.to_string()
        } else {
            let item = |n| {
                json!({"oid": format!("ZTF20acobv{}", char::from(b'a' + n as u8 / 26).to_string()
                + &char::from(b'a' + n as u8 % 26).to_string()), "meanra": 150.1, "meandec": 2.2})
            };
            json!({"items": (0..OBJECTS).map(item).collect::<Vec<_>>(), "has_next": false}).to_string()
        };
        Ok(Response::new(200, Vec::new(), body.into()))
    });
    let http = Http::with_transport(Arc::new(script), &HttpConfig::default());
    let broker = AlerceBroker::with_http(Default::default(), &http).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("a.db")).await.unwrap();
    let query = tom_alerts::form::parse_pairs(["survey=ztf", "page_size=100"]).unwrap();
    let options = tom_alerts::IngestOptions::new().photometry(true).keep_targets(false);
    let before = COUNTED.current_usage();
    COUNTED.reset_peak_usage();
    let report = broker.fetch_and_save_all(&query, &store, options).await.unwrap().report;
    // What the answers hold is made here too: four of them at once.
    let peak = (COUNTED.peak_usage() - before) >> 20;
    println!("{} points, {peak} MiB at most", report.data.created);
    assert_eq!(report.data.created, (OBJECTS * EACH) as u64, "{report:?}");
    assert!(peak <= 64, "{peak} MiB");
}

#[tokio::test]
async fn a_point_takes_at_most_500_bytes() {
    let _alone = ALONE.lock().await;
    let script = ScriptedTransport::new(|request| {
        let url = request.url().as_str();
        let body = match url.contains(ZTF) {
            true if url.contains("forced") => "[]".to_owned(),
            true => curve(of_ztf),
            false => curve(of_lsst),
        };
        Ok(Response::new(200, Vec::new(), body.into()))
    });
    let http = Http::with_transport(Arc::new(script), &HttpConfig::default());
    let broker = AlerceBroker::with_http(Default::default(), &http).unwrap();
    let store = SqliteStore::in_memory().await.unwrap();
    for id in [ZTF, LSST] {
        // What is made once is made before anything is counted.
        drop(read(&broker, id).await);
        let (points, each) = measured(read(&broker, id)).await;
        println!("{id}: {each} bytes a point from the broker: {:?}", points[0]);
        assert!((200..=BOUND).contains(&each), "{id}: {each}");

        let target = Target::sidereal(id, 150.1, 2.2).unwrap();
        store.save_all(&[Entry::new(target, "ALeRCE").with_data(points.clone())]).await.unwrap();
        drop(store.reduced_data(id).await.unwrap());
        let (stored, each) = measured(async { store.reduced_data(id).await.unwrap() }).await;
        println!("{id}: {each} bytes a point from the store");
        assert!(stored == points && (200..=BOUND).contains(&each), "{id}: {each}");
    }
}

#[test]
fn the_fixed_part_of_a_point_takes_at_most_256_bytes() {
    assert!(size_of::<ReducedDatum>() <= 256, "{}", size_of::<ReducedDatum>());
}
