//! Whose object an alert is of: ids, names, provenance, known objects of the solar system, what was withdrawn.

use tom_alerts::{AnyAlert, PositionKind, Provenance};

use super::*;

/// What an answer's rows are: a listing by this query, all of it.
async fn listed(route: &str, rows: Value, query: FinkQuery) -> Vec<AnyAlert> {
    let service = Service::start().await;
    let lsst = query.survey() == Survey::Lsst;
    let root = if lsst { "/api/v1" } else { "/ztf/api/v1" };
    service.post(&format!("{root}/{route}"), ResponseTemplate::new(200).set_body_json(rows)).await;
    let broker = service.broker();
    let alerts = list(&broker, &query).await;
    assert!(alerts.faults.is_empty(), "{:?}", alerts.faults);
    alerts.alerts.into_iter().map(|alert| broker.erase(alert).unwrap()).collect()
}

async fn recorded(route: &str, name: &str, query: FinkQuery) -> Vec<AnyAlert> {
    listed(route, support::fixtures::json_fixture(name), query).await
}

fn time(text: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    tom_alerts::time::parse_utc(text)
}

#[tokio::test]
async fn each_shape_says_whose_it_is_and_when_it_was_observed() {
    let of = |object: &str, alert: &str, at: &str| {
        Provenance::of_object(object).of_alert(alert).observed_at(time(at)).single()
    };
    let first = |alerts: Vec<AnyAlert>| alerts[0].provenance();
    let class = first(recorded("latests", "latests_ok.json", class("SN candidate")).await);
    assert_eq!(class, of(ZTF, "3412345671015015001", "2026-05-11T06:00:00Z"));
    let near = first(recorded("conesearch", "conesearch_ok.json", cone(None)).await);
    assert_eq!(near, of(ZTF, "3412345671015015001", "2026-05-11T06:00:00Z"));
    let whole = first(recorded("objects", "objects_full.json", objects(&[ZTF])).await);
    assert_eq!((whole.object_id.as_deref(), whole.position), (Some(ZTF), PositionKind::Single));

    let lsst =
        of(LSST, "169342810955318001", "2026-04-30T23:59:23Z").with_position_error(Some(6.8e-6 * 3600.0));
    assert_eq!(first(recorded("sources", "lsst_sources_clean.json", objects(&[LSST])).await), lsst);
    let tag = FinkQuery { tag: Some("in_tns".into()), ..FinkQuery::default() };
    assert_eq!(first(recorded("tags", "lsst_tags_ok.json", tag.clone()).await), lsst);
    assert_eq!(
        first(recorded("conesearch", "lsst_conesearch_ok.json", cone(Some(Survey::Lsst))).await),
        lsst
    );

    let sso = read(json!({"sso": "8467"})).unwrap();
    let moving = first(recorded("sso", "sso_ok.json", sso).await);
    assert_eq!(moving, of("8467", "3412345671015015006", "2026-05-11T06:00:00Z"));
    let sso = read(json!({"sso": "2004 JQ12", "survey": "lsst"})).unwrap();
    let moving = first(recorded("sso", "lsst_sso_ok.json", sso).await);
    assert_eq!(
        (moving.object_id.as_deref(), moving.alert_id.as_deref()),
        (Some("2004 JQ12"), Some("169342810955338001"))
    );
    // A tag names it by the bytes of its packed designation alone.
    let row = json!([{"r:diaObjectId": 0, "r:diaSourceId": 169_342_810_955_338_001_i64,
        "r:ssObjectId": 21_163_624_394_469_969_i64, "r:ra": 150.45, "r:dec": 3.48}]);
    let moving = first(listed("tags", row, tag).await);
    assert_eq!((moving.object_id.as_deref(), moving.observed_at), (Some("2004 JQ12"), None));
}

/// An asteroid as a class lists it, and the same as its number does.
fn asteroid(sso: bool) -> Value {
    let mut row = json!({"i:objectId": "ZTF26aaaaaaw", "i:candid": 3_381_196_002_915_015_001_u64, "i:jd": 2_461_135.75,
        "i:fid": 1, "i:magpsf": 19.5, "i:isdiffpos": "t", "i:ra": 97.65, "i:dec": 32.9, "i:ssdistnr": 3.0,
        "i:ssmagnr": 19.1, "i:ssnamenr": "8467", "d:roid": 3});
    if sso {
        row["sso_name"] = json!("Benoitcarry");
        row["sso_number"] = json!(8467);
    }
    json!([row])
}

#[tokio::test]
async fn an_asteroid_is_one_object_whether_its_class_or_its_number_found_it() {
    let by_class = listed("latests", asteroid(false), class("Solar System MPC")).await.remove(0);
    let by_number = listed("sso", asteroid(true), read(json!({"sso": "8467"})).unwrap()).await.remove(0);
    assert_eq!(by_class.provenance(), by_number.provenance());
    assert_eq!(by_class.provenance().object_id.as_deref(), Some("8467"));
    let (class, number) = (by_class.to_target().unwrap(), by_number.to_target().unwrap());
    assert_eq!((class.name.as_str(), &class.aliases[..]), ("8467", &[][..]));
    assert_eq!((number.name.as_str(), &number.aliases[..]), ("Benoitcarry", &["8467".to_owned()][..]));
    for alert in [by_class, by_number] {
        let generic = alert.generic().clone();
        assert_eq!(
            (alert.to_target().unwrap().name, &generic.id[..]),
            (generic.name, "ZTF26aaaaaaw:3381196002915015001")
        );
    }
}

#[tokio::test]
async fn a_detection_at_the_predicted_place_of_a_known_object_moves() {
    let kinds = |distance: Value, magnitude: Value| async move {
        let mut rows = asteroid(false);
        let row = rows[0].as_object_mut().unwrap();
        row.shift_remove("d:roid");
        row.insert("i:ssdistnr".to_owned(), distance);
        row.insert("i:ssmagnr".to_owned(), magnitude);
        let alert = listed("latests", rows, class("Unknown")).await.remove(0);
        let target = alert.to_target().unwrap();
        (target.name.clone(), target.target_type())
    };
    assert_eq!(kinds(json!(3.0), json!(19.1)).await, ("8467".to_owned(), "NON_SIDEREAL"));
    assert_eq!(kinds(json!("0"), json!("19.1")).await.1, "NON_SIDEREAL");
    for (distance, magnitude) in [
        (json!(19.0), json!(19.1)),
        (json!(12.0), json!(19.1)),
        (json!(-999.0), json!(-999.0)),
        (json!(3.0), json!(-999.0)),
        (json!(3.0), Value::Null),
        (json!("nan"), json!(19.1)),
    ] {
        let told = format!("{distance} {magnitude}");
        assert_eq!(kinds(distance, magnitude).await, ("ZTF26aaaaaaw".to_owned(), "SIDEREAL"), "{told}");
    }
}

#[tokio::test]
async fn the_id_alone_and_the_name_alone_are_understood() {
    let service = Service::start().await;
    // Each alert of a moving object is an object of its own to ZTF, without the name that was searched.
    for row in support::fixtures::json_fixture("sso_ok.json").as_array().unwrap() {
        let mut own = row.clone();
        let object = own["i:objectId"].clone();
        own.as_object_mut().unwrap().retain(|key, _| !key.starts_with("sso_"));
        let of = wiremock::matchers::body_partial_json(json!({"objectId": object}));
        let found = ResponseTemplate::new(200).set_body_json(json!([own]));
        service.when(of, found).await;
    }
    service.ztf("objects", answer(200, "objects_ok.json")).await;
    service.lsst("sources", answer(200, "lsst_sources_clean.json")).await;
    service.ztf("sso", answer(200, "sso_ok.json")).await;
    service.lsst("sso", answer(200, "empty.json")).await;
    let broker = service.broker();
    let queries = [
        FinkQuery { history: true, ..objects(&[ZTF]) },
        FinkQuery { history: true, ..objects(&[LSST]) },
        FinkQuery { history: true, ..read(json!({"sso": "8467"})).unwrap() },
    ];
    for query in queries {
        let listed = list(&broker, &query).await.alerts;
        assert!(listed.len() > 1);
        for alert in listed {
            let alert = broker.erase(alert).unwrap();
            let generic = alert.generic();
            assert!(GenericBroker::recognises(&broker, &generic.id), "{}", generic.id);
            // By the id it is that alert, not the latest of the object. Asked for by its ZTF object, the
            // alert of a moving object has no name but its number.
            let by_id = broker.fetch_alert(&generic.id).await;
            let by_name = broker.fetch_alert(&generic.name).await.unwrap();
            assert_eq!(by_name.generic().name, generic.name);
            let by_id = by_id.unwrap();
            if generic.name == "Benoitcarry" {
                assert_eq!((&by_id.generic().id, by_id.generic().name.as_str()), (&generic.id, "8467"));
                assert_eq!(by_id.provenance(), alert.provenance());
                continue;
            }
            assert_eq!(by_id.generic(), generic);
            let data = broker.reduced_data(&generic.id, None).await.unwrap();
            assert!(data.points.iter().all(|point| point.source_location == generic.name), "{data:?}");
            let cutouts = broker.cutouts(&generic.id, None).await.unwrap();
            assert_eq!(cutouts[0].source_id, alert.provenance().alert_id);
        }
    }
    let asked = service.asked().await;
    let unknown = broker.fetch_alert(&format!("{ZTF}:1111111111111111111")).await.unwrap_err();
    assert_eq!(
        unknown.to_string(),
        format!("Fink: the object has no such alert [name={ZTF}, alert=1111111111111111111]")
    );
    assert!(
        !asked.iter().any(|line| line.contains("341234")),
        "no service is asked by the number of an alert"
    );
}

#[tokio::test]
async fn every_alert_of_a_history_is_of_one_object_with_an_id_of_its_own() {
    let alerts = recorded("objects", "objects_ok.json", FinkQuery { history: true, ..objects(&[ZTF]) }).await;
    let objects: std::collections::HashSet<_> =
        alerts.iter().map(|alert| alert.provenance().object_id).collect();
    let ids: std::collections::HashSet<_> = alerts.iter().map(|alert| alert.generic().id.clone()).collect();
    assert_eq!((objects.len(), ids.len()), (1, alerts.len()), "so its light curve is asked for once");
}

#[tokio::test]
async fn what_rubin_withdrew_is_neither_an_alert_nor_a_point() {
    let mut rows = support::fixtures::json_fixture("lsst_sources_clean.json");
    rows[0]["r:timeWithdrawnMjdTai"] = json!(61_200.5);
    let service = Service::start().await;
    service.lsst("sources", ResponseTemplate::new(200).set_body_json(&rows)).await;
    let mut forced = support::fixtures::json_fixture("lsst_fp_ok.json");
    forced[2]["r:timeWithdrawnMjdTai"] = json!("61200.5");
    service.lsst("fp", ResponseTemplate::new(200).set_body_json(&forced)).await;
    let broker = service.broker();
    let data = broker.reduced_data(LSST, None).await.unwrap();
    assert!(data.failures.is_empty(), "{:?}", data.failures);
    assert_eq!(data.points.len(), 4);
    let ids: Vec<_> = data.points.iter().filter_map(|point| point.photometry()?.source_id.clone()).collect();
    assert!(
        !ids.iter().any(|id| ["169342810955318001", "169342810955319003"].contains(&id.as_str())),
        "{ids:?}"
    );
    assert_eq!(
        data.notes,
        ["sources", "fp"].map(|list| format!("1 row of {list} withdrawn by the survey and left out"))
    );
    let withdrawn: Vec<_> = data.withdrawn.iter().map(|row| (row.key(), row.withdrawn)).collect();
    let when = tom_alerts::time::utc_from_tai_mjd(61_200.5);
    assert!(when.is_some() && withdrawn.len() == 2, "{withdrawn:?}");
    for (row, id) in withdrawn.iter().zip(["169342810955319003", "169342810955318001"]) {
        assert!(row.0.ends_with(id) && row.1 == when, "{withdrawn:?}");
    }
    let sent = service.json(0).await;
    assert!(
        sent["columns"].as_str().is_none_or(|columns| columns.contains("r:timeWithdrawnMjdTai")),
        "{sent}"
    );

    let query = FinkQuery { history: true, ..objects(&[LSST]) };
    let listed = list(&broker, &query).await;
    assert_eq!(
        (listed.alerts.len(), &listed.notes[..]),
        (2, &["1 alert that the survey withdrew left out".to_owned()][..])
    );
    assert_eq!(broker.alert(LSST).await.unwrap().alert_id(), Some("169342810955318002"));
    let withdrawn = broker.fetch_alert(&format!("{LSST}:169342810955318001")).await.unwrap();
    assert_eq!(withdrawn.generic().mag, None, "asked for by itself it is there, but no measurement");
}

#[tokio::test]
async fn what_rubin_withdrew_of_a_moving_object_is_neither_a_point_nor_a_place() {
    let mut rows = support::fixtures::json_fixture("lsst_sso_ok.json");
    let mut gone = rows[0].clone();
    gone["r:diaSourceId"] = json!(169_342_810_955_338_002_i64);
    gone["r:midpointMjdTai"] = json!(61_162.0);
    gone["r:timeWithdrawnMjdTai"] = json!(61_200.5);
    rows.as_array_mut().unwrap().push(gone);
    let service = Service::start().await;
    service.lsst("sso", ResponseTemplate::new(200).set_body_json(&rows)).await;
    service.ztf("sso", answer(200, "empty.json")).await;
    let data = service.broker().reduced_data("2004 JQ12", None).await.unwrap();
    assert!(data.failures.is_empty(), "{:?}", data.failures);
    assert_eq!(data.notes, ["1 alert that the survey withdrew left out"]);
    let kinds = |rows: &[tom_alerts::ReducedDatum]| -> Vec<_> {
        rows.iter().map(|row| (row.photometry().is_some(), row.key(), row.withdrawn)).collect()
    };
    let (stay, gone) = (kinds(&data.points), kinds(&data.withdrawn));
    let when = tom_alerts::time::utc_from_tai_mjd(61_200.5);
    for (rows, id, when) in [(stay, "169342810955338001", None), (gone, "169342810955338002", when)] {
        assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [true, false], "brightness and place");
        assert!(rows.iter().all(|row| row.1.ends_with(id) && row.2 == when), "{rows:?}");
    }
}

#[tokio::test]
async fn ids_and_names_of_moving_objects_of_lsst_are_understood() {
    let service = Service::start().await;
    let row = |number: i64| {
        json!([{"r:diaObjectId": 0, "r:diaSourceId": 169_342_810_955_338_001_i64, "r:ssObjectId": number,
            "r:midpointMjdTai": 61161.0, "r:ra": 150.45, "r:dec": 3.48, "r:band": "i"}])
    };
    service.lsst("sso", answer(200, "lsst_sso_ok.json")).await;
    service.ztf("sso", answer(200, "empty.json")).await;
    let broker = service.broker();
    let tag = FinkQuery { tag: Some("faint_trails".into()), ..FinkQuery::default() };
    let listed = listed("tags", row(21_163_624_394_469_969), tag.clone()).await.remove(0);
    let id = listed.generic().id.clone();
    assert_eq!(id, "2004 JQ12:169342810955338001");
    for asked in [&id, &listed.generic().name] {
        assert!(GenericBroker::recognises(&broker, asked), "{asked}");
        let alert = broker.fetch_alert(asked).await.unwrap();
        assert_eq!((alert.generic().id.as_str(), alert.generic().name.as_str()), (id.as_str(), "2004 JQ12"));
        assert_eq!(alert.provenance().object_id, listed.provenance().object_id);
    }
}

#[tokio::test]
async fn the_number_of_a_moving_object_alone_is_never_taken_for_an_object_of_its_digits() {
    let tag = FinkQuery { tag: Some("faint_trails".into()), ..FinkQuery::default() };
    let row = json!([{"r:diaObjectId": 0, "r:diaSourceId": 169_342_810_955_338_001_i64,
        "r:ssObjectId": 21_163_624_394_469_001_i64, "r:midpointMjdTai": 61161.0, "r:ra": 150.45, "r:dec": 3.48}]);
    let alert = listed("tags", row, tag).await.remove(0);
    let generic = alert.generic();
    assert_eq!(generic.name, "ssObjectId 21163624394469001");
    assert_eq!(generic.id, "ssObjectId 21163624394469001:169342810955338001");
    assert_eq!(alert.provenance().object_id.as_deref(), Some("ssObjectId 21163624394469001"));
    assert_eq!(alert.to_target().unwrap().target_type(), "NON_SIDEREAL");
    let service = Service::start().await;
    let broker = service.broker();
    for asked in [&generic.id, &generic.name] {
        let fault = broker.fetch_alert(asked).await.unwrap_err();
        assert_eq!(fault.kind(), ErrorKind::Input, "{fault}");
        assert!(fault.to_string().contains("Fink is asked by that alone"), "{fault}");
        assert_eq!(broker.reduced_data(asked, None).await.unwrap_err().kind(), ErrorKind::Input);
    }
    assert!(service.asked().await.is_empty(), "no service is asked by the digits");
}

#[tokio::test]
async fn a_null_flag_as_text_loses_nothing() {
    let mut rows = support::fixtures::json_fixture("lsst_sources_clean.json");
    for (at, word) in ["nan", "None", ""].into_iter().enumerate() {
        rows[at]["r:isNegative"] = json!(word);
    }
    let service = Service::start().await;
    service.lsst("sources", ResponseTemplate::new(200).set_body_json(&rows)).await;
    let broker = service.broker_of(FinkConfig { forced_photometry: false, ..service.config() });
    let data = broker.reduced_data(LSST, None).await.unwrap();
    assert_eq!((data.points.len(), data.failures.len(), data.notes.len()), (3, 0, 0), "{data:?}");
    let mut rows = support::fixtures::json_fixture("latests_ok.json");
    rows[0]["d:is_transient"] = json!("nan");
    assert_eq!(listed("latests", rows, class("SN candidate")).await.len(), 3);
}
