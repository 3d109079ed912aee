//! Whose object an alert is of, what moves, and surroundings that come in an odd shape.

use tom_alerts::brokers::lasair::{LasairLsstPacket, Lsst, read_message};
use tom_alerts::{AnyAlert, PositionKind, Provenance};

use super::*;

fn configured() -> LasairConfig {
    LasairConfig { api_key: Some(TOKEN.into()), ..LasairConfig::default() }
}

fn ztf(body: &Value) -> AnyAlert {
    LasairBroker::new(configured()).unwrap().read_alert(&body.to_string()).unwrap()
}

fn lsst(body: &Value) -> AnyAlert {
    LasairLsstBroker::new(configured()).unwrap().read_alert(&body.to_string()).unwrap()
}

fn time(text: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    tom_alerts::time::parse_utc(text)
}

#[tokio::test]
async fn each_shape_says_whose_it_is_and_when_it_was_observed() {
    let last = time("2026-03-01T06:00:00Z");
    let due = Provenance::of_object(ZTF).observed_at(last).mean_of(Some(3));
    let whole = ztf(&json_fixture("ztf_object_ok.json"));
    assert_eq!(whole.provenance(), due);
    assert_eq!(whole.generic().timestamp, last, "the newest detection, not the newest limit");
    let service = Service::start().await;
    service.post("/api/query/", answer(200, "ztf_rows.json")).await;
    let broker = service.ztf();
    let query = LasairQuery { whole_objects: Some(false), ..sql("gmag < 19.5") };
    let row = list(&broker, &query).await.alerts.remove(0);
    assert_eq!(broker.erase(row).unwrap().provenance(), due);

    let last = time("2026-06-09T11:59:23Z");
    let due = Provenance::of_object(LSST).observed_at(last).mean_of(Some(12));
    assert_eq!(lsst(&json_fixture("lsst_object_added.txt")).provenance(), due);
    let mut raw = json_fixture("lsst_object_raw.txt");
    assert_eq!(lsst(&raw).provenance(), due);
    raw["diaObject"]["raErr"] = json!(2e-5);
    raw["diaObject"]["decErr"] = json!(3e-5);
    assert_eq!(lsst(&raw).provenance(), due.clone().with_position_error(Some(3e-5 * 3600.0)));
    let broker = service.lsst();
    let service = Service::start().await;
    service.post("/api/query/", answer(200, "lsst_rows_sherlock.json")).await;
    let row = list(&service.lsst(), &sql("ebv < 1")).await.alerts.remove(0);
    assert_eq!(broker.erase(row).unwrap().provenance(), due);
    let message = read_message::<Lsst>(&text_fixture("lsst_message.json")).unwrap();
    let message = broker.erase(message).unwrap().provenance();
    assert_eq!((message.object_id.as_deref(), message.observed_at), (Some(LSST), last));
    let nothing = ztf(&json!({"objectId": ZTF})).provenance();
    assert_eq!((nothing.observed_at, nothing.alert_id, nothing.position), (None, None, PositionKind::Mean));
}

#[tokio::test]
async fn the_id_alone_and_the_name_alone_are_understood() {
    let service = Service::start().await;
    service.get("/api/object/", answer(200, "ztf_object_ok.json")).await;
    let broker = service.ztf();
    let alert = ztf(&json_fixture("ztf_object_ok.json"));
    assert_eq!(alert.generic().id, alert.generic().name);
    assert_eq!(broker.fetch_alert(&alert.generic().id).await.unwrap().generic(), alert.generic());
    let service = Service::start().await;
    service.get("/api/object/", answer(200, "lsst_object_added.txt")).await;
    let alert = lsst(&json_fixture("lsst_object_added.txt"));
    assert_eq!(alert.generic().id, alert.generic().name);
    assert_eq!(service.lsst().fetch_alert(&alert.generic().name).await.unwrap().generic(), alert.generic());
}

/// An object of ZTF with detections at such distances from known objects.
fn near(rows: &[(Value, Value)]) -> AnyAlert {
    let candidates: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(at, (distance, name))| {
            json!({"candid": 3_470_490_460_915_015_042_u64 + at as u64, "jd": 2_461_224.99 + at as f64, "fid": 2,
                "magpsf": 15.43, "sigmapsf": 0.02, "isdiffpos": "t", "ssdistnr": distance, "ssnamenr": name})
        })
        .collect();
    ztf(&json!({"objectId": ZTF, "objectData": {"ncand": rows.len(), "ramean": 59.7, "decmean": 23.7},
        "candidates": candidates}))
}

#[tokio::test]
async fn an_object_of_limits_alone_is_one_without_a_brightness() {
    let body = json!({"objectId": ZTF, "objectData": {"ncand": 0, "ramean": 59.7, "decmean": 23.7, "jdmin": null,
        "jdmax": null}, "candidates": [
            {"jd": 2_461_224.25, "fid": 2, "diffmaglim": 20.25, "magpsf": 20.25},
            {"jd": 2_461_226.25, "fid": 1, "diffmaglim": 19.75, "magpsf": 19.75}
        ], "forcedphot": [], "sherlock": {}, "TNS": {}, "image_urls": {}});
    let alert = ztf(&body);
    let generic = alert.generic();
    assert_eq!((generic.mag, generic.timestamp, generic.score), (None, None, None));
    let target = alert.to_target().unwrap();
    assert_eq!((target.target_type(), target.position()), ("SIDEREAL", Some((59.7, 23.7))));
    let broker = LasairBroker::new(configured()).unwrap();
    let data = broker.reduced_data(ZTF, Some(&alert)).await.unwrap();
    let limits: Vec<_> = data.points.iter().map(|point| point.photometry().unwrap()).collect();
    assert_eq!(
        limits.iter().map(|point| (point.magnitude, point.limit)).collect::<Vec<_>>(),
        [(None, Some(20.25)), (None, Some(19.75))]
    );
    assert!(data.failures.is_empty() && data.notes.is_empty(), "{data:?}");
}

#[test]
fn an_object_whose_every_detection_is_a_known_one_moves() {
    let target = near(&[(json!(1.0), json!("220"))]).to_target().unwrap();
    assert_eq!((target.name.as_str(), target.target_type()), (ZTF, "NON_SIDEREAL"));
    assert_eq!((&target.extras["moving"][..], &target.extras["ssnamenr"][..]), ("true", "220"));
    assert_eq!(target.position(), Some((59.7, 23.7)));
    let both = near(&[(json!(1.0), json!("220")), (json!("11.9"), json!(220))]).to_target().unwrap();
    assert_eq!(both.target_type(), "NON_SIDEREAL");
    for rows in [
        vec![(json!(19.0), json!("220"))],
        vec![(json!(12.0), json!("220"))],
        vec![(json!(-999.0), json!("null"))],
        vec![(json!(1.0), json!("null"))],
        vec![(Value::Null, json!("220"))],
        // One has passed a fixed object.
        vec![(json!(1.0), json!("220")), (json!(-999.0), json!("null"))],
        vec![(json!(1.0), json!("220")), (Value::Null, Value::Null)],
        vec![],
    ] {
        let target = near(&rows).to_target().unwrap();
        assert_eq!(target.target_type(), "SIDEREAL", "{rows:?}");
        assert!(!target.extras.contains_key("ssnamenr"), "{rows:?}");
    }
    let mut body = json_fixture("lsst_object_added.txt");
    assert_eq!(lsst(&body).to_target().unwrap().target_type(), "SIDEREAL");
    for row in body["diaSourcesList"].as_array_mut().unwrap() {
        row["ssObjectId"] = json!(21_163_624_394_469_969_i64);
    }
    let target = lsst(&body).to_target().unwrap();
    assert_eq!(
        (target.target_type(), &target.extras["ssObjectId"][..]),
        ("NON_SIDEREAL", "21163624394469969")
    );
    body["diaSourcesList"][1]["ssObjectId"] = json!(0);
    assert_eq!(lsst(&body).to_target().unwrap().target_type(), "SIDEREAL");
}

#[tokio::test]
async fn surroundings_as_a_text_are_read_or_kept_and_cost_nothing() {
    let mut body = json_fixture("lsst_object_added.txt");
    let data = &mut body["lasairData"];
    data["sherlock"] =
        json!("{'classification': 'SN', 'association_type': None, 'separationArcsec': 0.15, 'z': 0.12}");
    data["TNS"] = json!("{'tns_name': '2026xyz', 'tns_prefix': 'SN', 'type': \"SN II\", 'z': nan}");
    let service = Service::start().await;
    service.get("/api/object/", said(200, body.to_string())).await;
    let broker = service.lsst();
    let alert = broker.fetch_alert(LSST).await.unwrap();
    let target = alert.to_target().unwrap();
    assert_eq!(target.aliases, ["SN 2026xyz"]);
    let extra = |key: &str| target.extras.get(key).map(String::as_str);
    assert_eq!((extra("sherlock_classification"), extra("sherlock_z")), (Some("SN"), Some("0.12")));
    assert_eq!((extra("tns_type"), extra("tns_z"), extra("sherlock")), (Some("SN II"), None, None));
    assert_eq!(broker.classifications(LSST, Some(&alert)).await.unwrap()[0].class, "SN");
    assert_eq!(broker.reduced_data(LSST, Some(&alert)).await.unwrap().points.len(), 4);

    // What cannot be read is kept as it came, and Sherlock is asked.
    for (sherlock, text) in
        [(json!("no match (yet"), "no match (yet"), (json!([1, 2]), "[1,2]"), (json!(7), "7")]
    {
        body["lasairData"]["sherlock"] = sherlock.clone();
        body["lasairData"]["TNS"] = sherlock;
        let alert = lsst(&body);
        let target = alert.to_target().unwrap();
        assert_eq!((&target.extras["sherlock"][..], &target.extras["tns"][..]), (text, text));
        assert_eq!(target.aliases, ["2026xyz"], "the bare name is known besides");
        assert_eq!(alert.typed::<LasairLsstPacket>().unwrap().latest().unwrap().reliability, Some(0.91));
        let service = Service::start().await;
        service.get("/api/sherlock/object/", answer(200, "lsst_sherlock_lite.json")).await;
        assert_eq!(service.lsst().classifications(LSST, Some(&alert)).await.unwrap()[0].class, "SN");
        assert_eq!(service.asked().await.len(), 1);
    }
    for nothing in [json!("None"), json!(" "), json!("nan"), Value::Null] {
        body["lasairData"]["sherlock"] = nothing.clone();
        body["lasairData"]["TNS"] = nothing;
        let target = lsst(&body).to_target().unwrap();
        assert!(
            !target.extras.keys().any(|key| key.starts_with("sherlock") || key.starts_with("tns")),
            "{target:?}"
        );
    }
    // The same of ZTF.
    let mut body = json_fixture("ztf_object_ok.json");
    body["sherlock"] = json!("{'classification': 'VS'}");
    body["TNS"] = json!("{}");
    let target = ztf(&body).to_target().unwrap();
    assert_eq!(target.extras["sherlock_classification"], "VS");
}

#[tokio::test]
async fn an_unknown_object_is_not_found_whichever_way_sherlock_says_it() {
    for body in [
        r#"{"error": "{\"message\": \"Object ZTF26aaaaaab not found\"}"}"#,
        r#"{"error": "Object ZTF26aaaaaab not found."}"#,
    ] {
        for status in [400, 200] {
            let service = Service::start().await;
            service.get("/api/sherlock/object/", said(status, body)).await;
            let error = service.ztf().classifications(ZTF, None).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFound, "{status} {body}: {error}");
            assert!(error.to_string().starts_with("Lasair: no such object"), "{error}");
        }
    }
    let service = Service::start().await;
    service
        .get("/api/sherlock/object/", said(400, r#"{"error": "{\"message\": \"Sherlock is asleep\"}"}"#))
        .await;
    let error = service.ztf().classifications(ZTF, None).await.unwrap_err().to_string();
    assert!(
        error.contains("the service refused the request: Sherlock is asleep") && !error.contains('{'),
        "{error}"
    );
}
