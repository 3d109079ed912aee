//! A run from end to end: pages and light curves over loopback into a new SQLite file, by
//! `fetch_and_save_all`, with the server in a process of its own.
//!
//! `cargo bench --bench ingest` prints, for 5,000 objects without light curves and for 500 objects of 2,000
//! points each: objects and rows a second, rows a second of this process's CPU time, and its peak memory;
//! each a second time with nothing new. `TOM_ALERTS_BENCH_ROUNDS` is how often, and medians are printed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code, reason = "another bench uses the rest")]
mod loopback;
#[allow(dead_code, reason = "another bench uses the rest")]
mod support;

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use loopback::process::{Server, again, cpu, peak, task};
use serde_json::json;
use tom_alerts::brokers::alerce::{AlerceBroker, AlerceConfig};
use tom_alerts::store::{Counts, SqliteStore};
use tom_alerts::{GenericBroker, IngestOptions};

const PAGE: usize = 1_000;
const POINTS: usize = 2_000;

/// Without --bench it is cargo test that asks whether this runs at all.
fn is_real() -> bool {
    std::env::args().any(|arg| arg == "--bench")
}

fn main() {
    let task = task();
    match task.split(' ').collect::<Vec<_>>()[..] {
        ["serve"] => loopback::server::serve(answer),
        ["save", what, url, file, count] => {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
            runtime.unwrap().block_on(save(what == "curves", url, file, count.parse().unwrap()));
        }
        _ => measure(),
    }
}

fn answer(path: &str) -> String {
    if path.contains("forced-photometry") {
        return "[]".to_owned();
    }
    match path.split('/').rev().nth(1) {
        Some(id) if path.ends_with("/lightcurve") => curve(id),
        _ => support::alerce_page(loopback::page_number(path), PAGE),
    }
}

/// A light curve in ALeRCE's shape and size: one limit for three detections.
fn curve(id: &str) -> String {
    let seed = id.bytes().fold(0_u64, |sum, letter| (sum * 31 + u64::from(letter)) % 1_000_003);
    let (mut detections, mut limits) = (String::new(), String::new());
    for n in 0..POINTS {
        let mjd = 58_288.344_745_4 + n as f64 * 0.731 + seed as f64 * 1e-7;
        let (part, fid) = ((n as f64 * 0.37 + seed as f64).sin(), 1 + n % 2);
        if n % 4 == 3 {
            let comma = if limits.is_empty() { "" } else { ", " };
            let _ = write!(
                limits,
                r#"{comma}{{"tid": "ztf", "mjd": {mjd:.8}, "fid": {fid}, "diffmaglim": {:.6}}}"#,
                20.1 + part
            );
            continue;
        }
        let comma = if detections.is_empty() { "" } else { ", " };
        let candid = 1_101_542_291_015_015_004 + seed * 10_000 + n as u64;
        let _ = write!(
            detections,
            r#"{comma}{{"tid": "ztf", "mjd": {mjd:.8}, "candid": "{candid}", "fid": {fid}, "pid": 1101542291015, "diffmaglim": {:.6}, "isdiffpos": 1, "nid": 1101, "distnr": {:.8}, "magpsf": {:.6}, "magpsf_corr": {:.6}, "magap": 18.45, "sigmapsf": {:.8}, "sigmapsf_corr": 0.03, "sigmapsf_corr_ext": 0.05, "sigmagap": 0.08, "ra": 185.7288621, "dec": 15.8236111, "rb": {:.6}, "rbversion": "t17_f5_c3", "drb": {:.6}, "has_stamp": true, "corrected": true, "dubious": false, "step_id_corr": "1.0", "phase": 0.0}}"#,
            20.3 + part,
            0.5 + part.abs(),
            18.0 + part,
            17.5 + part,
            0.05 + part.abs() / 100.0,
            0.5 + part.abs() / 2.0,
            0.6 + part.abs() / 3.0,
        );
    }
    format!(r#"{{"detections": [{detections}], "non_detections": [{limits}]}}"#)
}

/// Saves so many objects and prints: seconds, seconds of CPU, rows, MiB.
async fn save(curves: bool, url: &str, file: &str, count: usize) {
    let store = SqliteStore::open(Path::new(file)).await.unwrap();
    let config = AlerceConfig { base_url: url.parse().ok(), ..AlerceConfig::default() };
    let broker: Arc<dyn GenericBroker> = Arc::new(AlerceBroker::new(config).unwrap());
    let query = json!({"page_size": PAGE, "max_pages": count.div_ceil(PAGE), "order_by": "oid"});
    let options = IngestOptions::new().photometry(curves).limit(count).keep_targets(false);
    let (begun, used) = (Instant::now(), cpu());
    let done = broker.fetch_and_save_all(query.as_object().unwrap(), &store, options).await.unwrap().report;
    let (seconds, used) = (begun.elapsed().as_secs_f64(), cpu() - used);
    assert!(done.ended_by.is_none() && done.failed.is_empty(), "{done:?}");
    let saved = done.created + done.updated + done.unchanged;
    assert_eq!((done.seen, saved), (count as u64, count as u64), "{done:?}");
    let Counts { created, updated, unchanged, .. } = done.data;
    let rows = created + updated + unchanged;
    assert_eq!(rows, if curves { (count * POINTS) as u64 } else { 0 }, "{done:?}");
    println!("{seconds} {used} {rows} {} {}", peak(), created);
    store.close().await;
}

fn median(rounds: &[Vec<f64>], column: usize) -> f64 {
    let mut values: Vec<f64> = rounds.iter().map(|round| round[column]).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn measure() {
    let real = is_real();
    let rounds = std::env::var("TOM_ALERTS_BENCH_ROUNDS").ok().and_then(|text| text.parse().ok());
    let rounds = rounds.unwrap_or(if real { 5 } else { 1 });
    let server = Server::start();
    println!("{rounds} rounds, medians; a page has {PAGE} objects, a light curve {POINTS} points");
    for (what, count) in
        if real { [("objects", 5_000), ("curves", 500)] } else { [("objects", 20), ("curves", 2)] }
    {
        let mut all = [Vec::new(), Vec::new()];
        for _ in 0..rounds {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("ingest.db");
            for (time, rounds) in all.iter_mut().enumerate() {
                let task = format!("save {what} {} {} {count}", server.1, file.display());
                let output = again(&task).output().unwrap();
                let text = String::from_utf8_lossy(&output.stdout);
                assert!(output.status.success(), "{text}");
                let round: Vec<f64> = text.split_whitespace().map(|text| text.parse().unwrap()).collect();
                assert_eq!(round[4] > 0.0, time == 0 && what == "curves", "the second time nothing is new");
                rounds.push(round);
            }
        }
        for (time, rounds) in ["first", "again"].into_iter().zip(&all) {
            let of = |column| median(rounds, column);
            let (seconds, cpu, rows, peak) = (of(0), of(1).max(0.01), of(2), of(3));
            println!(
                "{count} {what}, {time}: {:.0} objects/s, {:.0} rows/s, {:.0} rows and {:.0} objects a second of \
                 CPU, peak {peak:.1} MiB",
                count as f64 / seconds,
                rows / seconds,
                rows / cpu,
                count as f64 / cpu,
            );
        }
    }
}
