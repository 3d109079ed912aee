//! What saving ALeRCE's objects leaves in a store, over several runs and beside another broker.

use std::sync::{Arc, Mutex};

use tom_alerts::brokers::mars::{MarsBroker, MarsConfig};
use tom_alerts::ingest::{IngestOptions, IngestReport};
use tom_alerts::store::{MemoryStore, TargetStore};
use tom_alerts::testing::ScriptedTransport;

use super::support::fixtures::json_fixture;
use super::support::script::{client, text};
use super::*;

/// A service of which the listing and the light curve can be changed.
struct Changing {
    broker: AlerceBroker,
    listing: Arc<Mutex<Value>>,
    curve: Arc<Mutex<Value>>,
    store: MemoryStore,
}

impl Changing {
    fn of(listing: Value) -> Self {
        let (listing, curve) = (Arc::new(Mutex::new(listing)), Arc::new(Mutex::new(json!({}))));
        let (rows, points) = (Arc::clone(&listing), Arc::clone(&curve));
        let script = ScriptedTransport::new(move |request| {
            let path = request.url().path();
            let body = match path {
                _ if path.ends_with("/lightcurve") => points.lock().unwrap().to_string(),
                _ if path.contains("forced-photometry") => "[]".to_owned(),
                _ => rows.lock().unwrap().to_string(),
            };
            Ok(text(200, &body))
        });
        Self { broker: client(&script, AlerceConfig::default()), listing, curve, store: MemoryStore::new() }
    }

    async fn save(&self, parameters: Value, options: IngestOptions) -> IngestReport {
        let parameters = parameters.as_object().unwrap();
        let report = self.broker.fetch_and_save_all(parameters, &self.store, options).await.unwrap().report;
        assert!(report.failed.is_empty() && report.ended_by.is_none(), "{report:?}");
        report
    }

    async fn target(&self, name: &str) -> tom_alerts::Target {
        self.store.target(name).await.unwrap().unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_moved_once_is_not_fixed_by_a_row_without_a_class() {
    let service = Changing::of(json_fixture("objects_asteroid.json"));
    service.save(json!({"class_name": "asteroid"}), IngestOptions::new()).await;
    let name = "ZTF24aaaaaaf";
    assert_eq!(service.target(name).await.target_type(), "NON_SIDEREAL");
    // Later a listing without a class names it, and it has been seen since.
    {
        let mut listing = service.listing.lock().unwrap();
        let row = &mut listing["items"][0];
        (row["class"], row["probability"]) = (Value::Null, Value::Null);
        (row["meanra"], row["lastmjd"]) = (json!(201.75), json!(60_403.25));
    }
    let report = service.save(json!({}), IngestOptions::new()).await;
    assert_eq!((report.created, report.updated), (0, 1));
    let target = service.target(name).await;
    assert_eq!((target.target_type(), target.position()), ("NON_SIDEREAL", Some((201.75, -9.75))));
}

#[tokio::test(start_paused = true)]
async fn what_one_broker_knows_to_move_is_fixed_by_no_later_word_of_another() {
    let mut listing = json_fixture("objects_asteroid.json");
    listing["items"][0]["class"] = Value::Null;
    let service = Changing::of(listing);
    let name = "ZTF24aaaaaaf";
    service.save(json!({}), IngestOptions::new()).await;
    assert_eq!(service.target(name).await.target_type(), "SIDEREAL", "nothing says that it moves");
    let packet = json!({"results": [{"lco_id": 7, "objectId": name, "candid": 1, "candidate": {
        "jd": 2_460_404.25, "fid": 1, "candid": 1, "ra": 201.5, "dec": -9.75, "magpsf": 18.25, "isdiffpos": "t",
        "ssdistnr": 1.0, "ssmagnr": 18.0, "ssnamenr": "8467"
    }}]});
    let script = ScriptedTransport::new(move |_| Ok(text(200, &packet.to_string())));
    let mars: MarsBroker = client(&script, MarsConfig { base_url: "http://127.0.0.1:8000/".parse().ok() });
    let query = json!({"object_id": name});
    let saved =
        mars.fetch_and_save_all(query.as_object().unwrap(), &service.store, IngestOptions::new()).await;
    assert_eq!(saved.unwrap().report.failed.len(), 0);
    assert_eq!(service.target(name).await.target_type(), "NON_SIDEREAL");
    // Neither what the first says again nor what it says later takes that back.
    for last in [60_402.25, 60_410.25] {
        service.listing.lock().unwrap()["items"][0]["lastmjd"] = json!(last);
        service.save(json!({}), IngestOptions::new()).await;
        assert_eq!(service.target(name).await.target_type(), "NON_SIDEREAL", "{last}");
    }
    assert_eq!(service.store.count_targets().await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn two_detections_of_one_instant_are_two_and_two_limits_one() {
    let row = |candid: &str, magnitude: f64, error: f64| {
        json!({"tid": "ztf", "mjd": 60_390.25, "candid": candid, "fid": 1, "diffmaglim": 20.5, "isdiffpos": 1,
            "magpsf": magnitude, "sigmapsf": error, "has_stamp": true, "corrected": false, "dubious": false})
    };
    let limit =
        |mjd: f64, fid: u8, depth: f64| json!({"tid": "ztf", "mjd": mjd, "fid": fid, "diffmaglim": depth});
    let service = Changing::of(json_fixture("objects_last_page.json"));
    *service.curve.lock().unwrap() = json!({
        "detections": [row("2640250000115015001", 18.25, 0.05), row("2640250000515015002", 18.5, 0.07)],
        "non_detections": [
            limit(60_380.125, 1, 20.25), limit(60_380.125, 1, 19.75), limit(60_381.125, 2, 99.0), limit(60_382.125, 2, -999.0)
        ]
    });
    let options = || IngestOptions::new().photometry(true);
    let report = service.save(json!({}), options()).await;
    assert_eq!((report.data.created, report.data.updated, report.data.unchanged), (3, 0, 0), "{report:?}");
    assert!(report.notes.iter().any(|note| note.contains("measurement")), "{:?}", report.notes);
    let points = service.store.reduced_data("ZTF24aaaaaad").await.unwrap();
    let seen: Vec<_> = points.iter().filter_map(|point| point.photometry()?.magnitude).collect();
    let limits: Vec<_> = points.iter().filter_map(|point| point.photometry()?.limit).collect();
    assert_eq!((seen, limits), (vec![18.25, 18.5], vec![19.75]));
    // Another error of the one detection, and the other limit alone.
    *service.curve.lock().unwrap() = json!({
        "detections": [row("2640250000115015001", 18.25, 0.06), row("2640250000515015002", 18.5, 0.07)],
        "non_detections": [limit(60_380.125, 1, 20.25)]
    });
    service.listing.lock().unwrap()["items"][0]["lastmjd"] = json!(60_405.25);
    let report = service.save(json!({}), options()).await;
    assert_eq!((report.data.created, report.data.updated, report.data.unchanged), (0, 2, 1), "{report:?}");
}

#[tokio::test(start_paused = true)]
async fn of_two_classifiers_the_surer_one_is_what_the_target_says() {
    let row = |class: &str, classifier: &str, probability: f64| {
        let mut row = json_fixture("lsst_objects_page2.json")["items"][0].clone();
        (row["sid"], row["ranking"]) = (json!(1), json!(1));
        (row["class_name"], row["classifier_name"]) = (json!(class), json!(classifier));
        row["probability"] = json!(probability);
        row
    };
    let rows = [row("SN", "stamp_classifier_two", 0.775), row("AGN", "stamp_classifier_one", 0.725)];
    for turned in [false, true] {
        let mut items = rows.to_vec();
        if turned {
            items.reverse();
        }
        let service = Changing::of(json!({"total": 2, "next": null, "has_next": false, "items": items}));
        let parameters = json!({"survey": "lsst"});
        let report = service.save(parameters.clone(), IngestOptions::new()).await;
        assert_eq!(report.created, 1);
        let target = service.target("169342810955317612").await;
        assert_eq!(target.extras["alerce_class"], "SN", "turned {turned}: {:?}", target.extras);
        assert_eq!(service.save(parameters, IngestOptions::new()).await.updated, 0, "turned {turned}");
    }
}
