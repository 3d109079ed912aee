//! Whose object a locus is, what moves, what was withdrawn, and how limits are known.

use tom_alerts::Provenance;

use super::support::points::at;
use super::*;

fn time(text: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    tom_alerts::time::parse_utc(text)
}

fn read_locus(body: &Value) -> tom_alerts::AnyAlert {
    AntaresBroker::new(AntaresConfig::default()).unwrap().read_alert(&body.to_string()).unwrap()
}

#[tokio::test]
async fn each_shape_says_whose_it_is_and_when_it_was_observed() {
    let ztf = Provenance::of_object(LOCUS).observed_at(time("2024-04-02T06:00:00Z")).mean_of(Some(3));
    let lsst = Provenance::of_object(LSST_LOCUS).observed_at(time("2026-03-03T11:59:23Z")).mean_of(Some(3));
    for service in [Service::v2().await.with_ztf().await, Service::v1().await.with_ztf().await] {
        let page = format!("{}_loci_page1.json", service.root);
        let text = text_fixture(&page).replace("\"next\"", "\"nothing\"");
        service.below("loci", ResponseTemplate::new(200).set_body_string(text)).await;
        let broker = service.broker();
        let listed = list(&broker, &two()).await;
        let own: Vec<_> =
            listed.alerts.into_iter().map(|locus| broker.erase(locus).unwrap().provenance()).collect();
        assert_eq!(own, [ztf.clone(), lsst.clone()], "TAI of LSST is UTC here");
        assert_eq!(broker.fetch_alert(LOCUS).await.unwrap().provenance(), ztf);
    }
    let message =
        json!({"data": {"id": LOCUS, "attributes": {"ra": 1.0, "dec": 2.0, "properties": {}, "tags": []}}});
    let message = read_locus(&message).provenance();
    assert_eq!(
        (message.object_id.as_deref(), message.observed_at, message.detections),
        (Some(LOCUS), None, None)
    );
}

#[tokio::test]
async fn the_id_alone_and_the_name_alone_are_understood() {
    let service = Service::v2().await.with_ztf().await;
    service.below("loci", answer(200, "v2_loci_one.json")).await;
    let broker = service.broker();
    let alert = broker.fetch_alert(LOCUS).await.unwrap();
    assert_eq!((alert.generic().id.as_str(), alert.generic().name.as_str()), (LOCUS, ZTF));
    assert_eq!(broker.fetch_alert(&alert.generic().id).await.unwrap().generic(), alert.generic());
    assert_eq!(broker.fetch_alert(&alert.generic().name).await.unwrap().generic(), alert.generic());
    let target = alert.to_target().unwrap();
    assert_eq!(target.aliases[0], LOCUS, "another name of it later is still the same object");
}

/// A locus of an asteroid as the listing of version 1 has it.
fn listed(id: &str, measurements: i64, name: &str) -> Value {
    json!({"type": "locus_listing", "id": id, "attributes": {"ra": 59.7, "dec": 23.7, "tags": ["lc_feature_extractor"],
        "catalogs": [], "properties": {"num_mag_values": measurements, "ztf_object_id": "ZTF26aastert",
        "newest_alert_id": "ztf_candidate:3470490460915015000", "newest_alert_magnitude": 15.4,
        "newest_alert_observation_time": 61224.5, "ztf_ssnamenr": name}}})
}

/// Its history: one detection so far from the predicted place.
fn history(distance: Value, magnitude: Value) -> Value {
    json!({"data": [{"type": "alert", "id": "ztf_candidate:3470490460915015000", "attributes": {"mjd": 61224.5,
        "properties": {"ant_mjd": 61224.5, "ant_survey": 1, "ant_passband": "R", "ant_mag": 15.4, "ztf_ssnamenr": "220",
        "ztf_ssdistnr": distance, "ztf_ssmagnr": magnitude}}}]})
}

#[tokio::test]
async fn a_locus_near_a_known_object_is_looked_at_and_moves_if_it_is_that() {
    for (distance, magnitude, due) in [
        (json!(1.0), json!(15.8), "NON_SIDEREAL"),
        (json!("11.9"), json!(0), "NON_SIDEREAL"),
        (json!(19.0), json!(15.8), "SIDEREAL"),
        (json!(-999.0), json!(-999.0), "SIDEREAL"),
        (json!(1.0), json!(-999.0), "SIDEREAL"),
        (json!(1.0), Value::Null, "SIDEREAL"),
    ] {
        let service = Service::v1().await;
        let id = "ANT2026zzz2";
        let page = json!({"data": [listed(id, 1, "220"), listed("ANT2026zzz3", 1, "null"), listed("ANT2026zzz4", 99, "220")]});
        service.below("loci", ResponseTemplate::new(200).set_body_json(page)).await;
        service
            .below(
                &format!("loci/{id}"),
                ResponseTemplate::new(200).set_body_json(json!({"data": listed(id, 1, "220")})),
            )
            .await;
        service
            .below(
                &format!("loci/{id}/alerts"),
                ResponseTemplate::new(200).set_body_json(history(distance, magnitude)),
            )
            .await;
        let broker = service.broker();
        let listed = list(&broker, &AntaresQuery::default()).await;
        assert!(listed.faults.is_empty(), "{:?}", listed.faults);
        let kinds: Vec<_> =
            listed.alerts.iter().map(|locus| broker.target(locus).unwrap().target_type()).collect();
        assert_eq!(kinds, [due, "SIDEREAL", "SIDEREAL"]);
        assert_eq!(service.asked().await.len(), 2, "only the history of the one that may move");
        let one = broker.fetch_alert(id).await.unwrap().to_target().unwrap();
        assert_eq!((one.target_type(), &one.extras["ztf_ssnamenr"][..]), (due, "220"));
        let by_id = AntaresQuery { locus_id: Some(id.into()), ..AntaresQuery::default() };
        let by_id = list(&broker, &by_id).await.alerts.remove(0);
        assert_eq!(broker.target(&by_id).unwrap().target_type(), due);
    }
    // Without its history it is listed all the same.
    let service = Service::v1().await;
    service
        .below(
            "loci",
            ResponseTemplate::new(200).set_body_json(json!({"data": [listed("ANT2026zzz2", 1, "220")]})),
        )
        .await;
    let broker = service.broker();
    let listed = list(&broker, &AntaresQuery::default()).await;
    assert_eq!((listed.alerts.len(), listed.faults.len()), (1, 0));
    assert_eq!(broker.target(&listed.alerts[0]).unwrap().target_type(), "SIDEREAL");
}

#[test]
fn a_fixed_object_that_one_has_passed_stays_and_lsst_tells_its_own() {
    let locus = |alerts: Value, survey: Value| {
        let body = json!({"locus": {"id": LOCUS, "ra": 1.0, "dec": 2.0, "properties": {"survey": survey}}, "alerts": alerts});
        read_locus(&body).to_target().unwrap().target_type()
    };
    let ztf = |distance: f64| {
        json!({"id": format!("ztf_candidate:{distance}"), "mjd": 60000.0, "properties": {"ant_survey": 1, "ant_mag": 18.0,
            "ztf_ssdistnr": distance, "ztf_ssmagnr": 18.0}})
    };
    let limit = json!({"id": "ztf_upper_limit:x", "mjd": 60001.0, "properties": {"ant_survey": 2, "ant_maglim": 20.0}});
    let lsst = |id: Value| json!({"id": "lsst:1", "mjd": 60002.0, "properties": {"ant_survey": 4, "ant_mag": 18.0, "lsst_diaSource_ssObjectId": id}});
    assert_eq!(locus(json!([ztf(1.0), limit]), json!({})), "NON_SIDEREAL", "a limit is no detection");
    assert_eq!(locus(json!([ztf(1.0), ztf(-999.0)]), json!({})), "SIDEREAL");
    assert_eq!(locus(json!([lsst(json!(21_163_624_394_469_969_i64))]), json!({})), "NON_SIDEREAL");
    assert_eq!(locus(json!([lsst(json!(0))]), json!({})), "SIDEREAL");
    assert_eq!(locus(json!([limit]), json!({})), "SIDEREAL");
    let ids = |dia: &[&str]| json!({"lsst": {"dia_object_id": dia, "ss_object_id": ["21163624394469969"]}});
    assert_eq!(locus(Value::Null, ids(&[])), "NON_SIDEREAL");
    assert_eq!(locus(Value::Null, ids(&[LSST])), "SIDEREAL");
}

#[tokio::test]
async fn what_rubin_withdrew_is_no_point_and_no_detection() {
    for key in ["lsst_diaSource_timeWithdrawnMjdTai", "lsst_timeWithdrawnMjdTai"] {
        let mut alerts = json_fixture("v2_alerts_lsst.json");
        alerts["data"][2]["properties"][key] = json!(61_200.5);
        let service = Service::v2().await;
        service.below(&format!("loci/{LSST_LOCUS}"), answer(200, "v2_locus_lsst.json")).await;
        service
            .below(&format!("loci/{LSST_LOCUS}/alerts"), ResponseTemplate::new(200).set_body_json(alerts))
            .await;
        let broker = service.broker();
        let data = broker.reduced_data(LSST_LOCUS, None).await.unwrap();
        assert!(data.failures.is_empty(), "{:?}", data.failures);
        let ids: Vec<_> = data.points.iter().map(|point| point.source_location.as_str()).collect();
        assert_eq!(ids, ["lsst:170000000000000001", "lsst:170000000000000002"]);
        assert_eq!(data.notes, ["1 alert withdrawn by the survey and left out"]);
        let [taken] = &data.withdrawn[..] else { panic!("{:?}", data.withdrawn) };
        assert_eq!(taken.source_location, "lsst:170000000000000003");
        assert_eq!(taken.withdrawn, tom_alerts::time::utc_from_tai_mjd(61_200.5));
        let alert = broker.fetch_alert(LSST_LOCUS).await.unwrap();
        assert_eq!(alert.generic().score, Some(0.5), "that of the newest detection that stands");
    }
}

#[tokio::test]
async fn a_limit_has_no_id_so_that_other_brokers_have_the_same() {
    let service = Service::v2().await.with_ztf().await;
    let data = service.broker().reduced_data(LOCUS, None).await.unwrap();
    let limits: Vec<_> =
        data.points.iter().filter(|point| point.photometry().unwrap().limit.is_some()).collect();
    assert_eq!(limits.len(), 2);
    assert!(limits.iter().all(|point| point.photometry().unwrap().source_id.is_none()), "{limits:?}");
    assert_eq!(limits[0].source_location, "ztf_upper_limit:ZTF24aaaaaab-2655240000000");
    assert_eq!(at(&data, "2655250000015010001").magnitude, Some(18.5));
}
