//! Objects of Rubin, whose numbers are names only with what stands before them.

use tom_alerts::{Photometry, Protocol, Target, Upstream};

use super::report::{datum, ztf};
use super::*;

#[tokio::test]
async fn an_object_of_rubin_is_reported_under_the_name_that_says_so() {
    let broker = Service::start().await.reporter();
    let target = Target::sidereal("313708289005715533", 61.2, -48.5).unwrap();
    let rubin = Photometry {
        telescope: Some("Rubin".into()),
        survey: Some("LSST".into()),
        filter: "i".into(),
        ..ztf(Some(22.4), None)
    };
    let data = [datum("2026-02-03T05:00:00Z", rubin)];
    let sent = |target: &Target, given: Value| {
        let mut pairs = json!({"discovery_data_source": "165", "archive": "0", "archival_remarks": "none"});
        pairs.as_object_mut().unwrap().extend(given.as_object().unwrap().clone());
        let what = Upstream::new(Some(target), None, &data);
        let dry = broker.dry_run(what, pairs.as_object().unwrap()).unwrap().requests;
        let body = dry[0].encoded().unwrap().1;
        let fields = url::form_urlencoded::parse(&body).into_owned();
        let text = fields.filter(|(key, _)| key == "data").map(|(_, text)| text).next().unwrap();
        let report = &serde_json::from_str::<Value>(&text).unwrap()["at_report"]["0"];
        assert_eq!(report["internal_name"], report["internal_ids"]["internal_name"]);
        report["internal_name"].as_str().unwrap().to_owned()
    };
    assert_eq!(sent(&target, json!({})), "LSST-AP-DO-313708289005715533");
    assert_eq!(
        sent(&target, json!({"internal_name": "313708289005715534"})),
        "LSST-AP-DO-313708289005715534"
    );
    assert_eq!(sent(&target, json!({"internal_name": "LSST-P-DO-1"})), "LSST-P-DO-1");
    let known = Target::sidereal("AT2026qqa", 61.2, -48.5).unwrap().with_alias("313708289005715533");
    assert_eq!(sent(&known, json!({})), "LSST-AP-DO-313708289005715533");
    let report = serde_json::from_value::<AtReport>(json!({"internal_name": "313708289005715533"})).unwrap();
    assert!(report.problems().iter().any(|fault| fault.to_string().contains("a number alone is no name")));
}

#[test]
fn a_name_that_is_a_number_is_searched_by_the_end_of_the_names_that_hold_it() {
    let config = TnsConfig { bot_id: Some(1), bot_name: Some("b".into()), ..TnsConfig::default() };
    let query = Tns::new(config).unwrap().name_query("313708289005715533").unwrap().remove(0);
    assert_eq!((query.internal_name.as_deref(), query.partial_name), (Some("313708289005715533"), true));
}
