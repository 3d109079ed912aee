//! Windows in time: what is sent is wider than the window, and what lies outside of it is left out here.

use tom_alerts::time::{parse_utc, tai_mjd_from_utc};

use super::*;

/// An alert of ZTF at a time.
fn ztf(name: &str, candid: u64, time: &str) -> Value {
    let jd = tom_alerts::time::jd_from_utc(parse_utc(time).unwrap());
    json!({"i:objectId": name, "i:candid": candid, "i:jd": jd, "i:ra": 10.0, "i:dec": 20.0, "i:magpsf": 18.0, "i:fid": 1})
}

/// An alert of LSST, and when its object was first seen.
fn lsst(object: u64, time: &str, first: &str) -> Value {
    let mjd = |text: &str| tai_mjd_from_utc(parse_utc(text).unwrap());
    json!({"r:diaObjectId": object, "r:diaSourceId": object + 1_000, "r:midpointMjdTai": mjd(time), "r:ra": 10.0,
        "r:dec": 20.0, "r:band": "g", "f:firstDiaSourceMjdTaiFink": mjd(first)})
}

fn body(rows: Vec<Value>) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(Value::Array(rows))
}

#[tokio::test]
async fn a_window_of_a_class_is_asked_for_from_and_to_a_second_of_one() {
    let service = Service::start().await;
    let rows = vec![
        ztf("ZTF26aaaaaaa", 1, "2026-03-22T08:30:00.4Z"),
        ztf("ZTF26aaaaaab", 2, "2026-03-22T08:30:00Z"),
        ztf("ZTF26aaaaaac", 3, "2026-03-21T00:00:00Z"),
        ztf("ZTF26aaaaaad", 4, "2026-03-20T23:59:59.9Z"),
    ];
    service.ztf("latests", body(rows)).await;
    let broker = service.broker();
    let query = json!({
        "class": "(TNS) SN Ia", "startdate": "2026-03-21", "stopdate": "2026-03-22T10:30:00+02:00", "trend": "rising"
    });
    let listed = list(&broker, &read(query).unwrap()).await;
    let sent = service.json(0).await;
    // The service would lose 2.4 hours behind 2026-03-21 00:00:00, and what is at the end itself.
    assert_eq!(
        (&sent["startdate"], &sent["stopdate"]),
        (&json!("2026-03-20 23:59:01"), &json!("2026-03-22 08:30:01"))
    );
    assert_eq!((&sent["trend"], &sent["n"]), (&json!("rising"), &json!(2000)));
    let names: Vec<_> = listed.alerts.iter().map(|alert| alert.object_id().unwrap()).collect();
    assert_eq!(names, ["ZTF26aaaaaab", "ZTF26aaaaaac"], "both ends belong to the window");
    assert!(listed.notes.is_empty(), "{:?}", listed.notes);
}

#[tokio::test]
async fn days_back_are_counted_from_now() {
    let service = Service::start().await;
    service.ztf("latests", answer(200, "empty.json")).await;
    let broker = service.broker();
    let before = chrono::Utc::now();
    let listed = list(&broker, &FinkQuery { days: Some(2.5), ..class("SN candidate") }).await;
    assert_eq!(listed.notes, ["no alert answers the query; a class that does not exist answers the same"]);
    let sent = service.json(0).await;
    let text = sent["startdate"].as_str().unwrap();
    assert!(text.ends_with(":01"), "{text}");
    let back = (before - parse_utc(text).unwrap()).num_seconds();
    assert!((216_000 - 1..216_060 + 30).contains(&back), "{back} s");
    assert_eq!((sent.get("stopdate"), &sent["n"]), (None, &json!(1000)));
}

#[tokio::test]
async fn the_newest_of_a_window_are_kept_and_more_are_told() {
    let service = Service::start().await;
    let at = |candid: u64| ztf("ZTF26aaaaaaa", candid, &format!("2026-03-21T10:00:{:02}Z", 40 - candid));
    service.ztf("latests", body((1..=30).map(at).collect())).await;
    let broker = service.broker();
    let query = FinkQuery {
        n: Some(12_000),
        history: true,
        stopdate: parse_utc("2026-03-21T10:00:30Z"),
        ..class("SN candidate")
    };
    let listed = list(&broker, &query).await;
    assert_eq!(
        service.json(0).await["n"],
        13_000,
        "what lies behind the window must not crowd out what is in it"
    );
    assert_eq!(listed.alerts.len(), 21);
    assert!(listed.notes.is_empty(), "{:?}", listed.notes);
    let listed = list(&broker, &FinkQuery { n: Some(5), ..query }).await;
    assert_eq!(listed.alerts.len(), 5);
    let newest = listed.alerts.iter().map(|alert| alert.alert_id().unwrap()).collect::<Vec<_>>();
    assert_eq!(newest, ["14", "13", "12", "11", "10"], "the newest five, oldest first");
    assert_eq!(listed.notes, ["as many alerts as n asked for came (5), so there may be more"]);
    let listed = list(&broker, &FinkQuery { n: Some(30), ..class("SN candidate") }).await;
    assert_eq!(
        listed.notes,
        [
            "as many alerts as n asked for came (30), so there may be more",
            "29 older alerts of the same objects left out; history lists them"
        ]
    );
}

#[tokio::test]
async fn a_tag_is_asked_for_in_tai() {
    let service = Service::start().await;
    let rows = vec![
        lsst(170_000_000_000_000_001, "2026-04-02T00:00:00Z", "2026-03-01"),
        lsst(170_000_000_000_000_002, "2026-04-01T12:00:00Z", "2026-03-01"),
        lsst(170_000_000_000_000_003, "2026-04-01T11:59:59Z", "2026-03-01"),
    ];
    service.lsst("tags", body(rows)).await;
    let broker = service.broker();
    let query = json!({"tag": "most_likely_sn", "startdate": "2026-04-01T12:00:00Z", "stopdate": "2026-04-02T00:00:30Z"});
    let listed = list(&broker, &read(query).unwrap()).await;
    let sent = service.json(0).await;
    // 12:00:00 UTC is 12:00:37 TAI, 00:00:30 UTC is 00:01:07 TAI.
    assert_eq!(
        (&sent["startdate"], &sent["stopdate"]),
        (&json!("2026-04-01 12:00:01"), &json!("2026-04-02 00:02:01"))
    );
    assert_eq!(listed.alerts.len(), 2, "37 s too many or too few would be other ones");
}

#[tokio::test]
async fn a_cone_of_ztf_is_cut_by_the_first_detection() {
    let service = Service::start().await;
    let object = |name: &str, first: &str| {
        let mut alert = ztf(name, 1, "2026-05-01T00:00:00Z");
        alert["i:jdstarthist"] = json!(tom_alerts::time::jd_from_utc(parse_utc(first).unwrap()));
        alert
    };
    let rows = vec![
        object("ZTF26aaaaaaa", "2026-03-31T23:00:00Z"),
        object("ZTF26aaaaaab", "2026-04-01T00:00:00Z"),
        object("ZTF26aaaaaac", "2026-04-03T02:00:00Z"),
    ];
    service.ztf("conesearch", body(rows)).await;
    let broker = service.broker();
    let query =
        FinkQuery { startdate: parse_utc("2026-04-01"), stopdate: parse_utc("2026-04-03"), ..cone(None) };
    let listed = list(&broker, &query).await;
    let sent = service.json(0).await;
    assert_eq!(
        (&sent["startdate"], &sent["stopdate"]),
        (&json!("2026-03-31 23:59:01"), &json!("2026-04-03 00:00:01"))
    );
    assert_eq!(
        listed.alerts.iter().map(|alert| alert.object_id().unwrap()).collect::<Vec<_>>(),
        ["ZTF26aaaaaab"]
    );

    // The service takes no notice of an end alone.
    let listed = list(&broker, &FinkQuery { startdate: None, ..query }).await;
    let sent = service.json(1).await;
    assert!(sent.get("startdate").is_none() && sent.get("stopdate").is_none(), "{sent}");
    assert_eq!(listed.alerts.len(), 2);
}

#[tokio::test]
async fn a_cone_of_lsst_has_what_is_still_seen_unless_its_kind_says_otherwise() {
    let service = Service::start().await;
    let rows = vec![
        lsst(170_000_000_000_000_001, "2026-06-01T00:00:00Z", "2026-04-01T12:00:00Z"),
        lsst(170_000_000_000_000_002, "2026-04-02T00:00:00Z", "2026-04-01T12:00:00Z"),
        lsst(170_000_000_000_000_003, "2026-06-01T00:00:00Z", "2026-05-01T12:00:00Z"),
    ];
    service.lsst("conesearch", body(rows)).await;
    let broker = service.broker();
    let ids = |listed: &super::support::listing::Listed<FinkPacket>| -> Vec<char> {
        listed.alerts.iter().filter_map(|alert| alert.object_id()?.chars().last()).collect()
    };
    let query = FinkQuery { stopdate: parse_utc("2026-04-10T00:00:00.25Z"), ..cone(Some(Survey::Lsst)) };
    let listed = list(&broker, &query).await;
    let sent = service.json(0).await;
    assert!(
        sent.get("stopdate").is_none() && sent.get("kind").is_none(),
        "the service compares it with the last: {sent}"
    );
    assert_eq!(ids(&listed), ['1', '2'], "first detected before the end, whenever last");
    assert!(sent["columns"].as_str().unwrap().contains("f:firstDiaSourceMjdTaiFink"), "dates need it");

    let within = read(json!({"survey": "lsst", "ra": 1, "dec": 2, "radius": 3, "kind": "within",
        "startdate": "2026-04-01", "stopdate": "2026-04-10T00:00:00.25Z"}));
    let listed = list(&broker, &within.unwrap()).await;
    let sent = service.json(1).await;
    assert_eq!(
        (&sent["kind"], &sent["startdate"], &sent["stopdate"]),
        (&json!("within"), &json!("2026-04-01 00:00:37"), &json!("2026-04-10 00:00:38"))
    );
    assert_eq!(ids(&listed), ['2'], "last seen after the end is not within");

    let across = FinkQuery { kind: Some(tom_alerts::brokers::fink::ConeKind::Across), ..query };
    let listed = list(&broker, &across).await;
    let sent = service.json(2).await;
    assert_eq!((&sent["kind"], &sent["stopdate"]), (&json!("across"), &json!("2026-04-10 00:00:38")));
    assert_eq!(listed.alerts.len(), 3, "the latest alert does not tell what was seen between the dates");
}
