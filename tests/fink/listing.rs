//! Listings: generic alerts, targets, what is left out and what is noted.

use super::*;

#[tokio::test]
async fn a_class_is_listed_by_its_newest_alerts() {
    let service = Service::start().await;
    service.ztf("latests", answer(200, "latests_ok.json")).await;
    let broker = service.broker();
    let listed = list(&broker, &FinkQuery { n: Some(3), ..class("SN candidate") }).await;
    assert!(listed.faults.is_empty(), "{:?}", listed.faults);
    assert_eq!(service.asked().await, ["POST /ztf/api/v1/latests"]);
    let sent = service.json(0).await;
    assert_eq!((&sent["class"], &sent["n"]), (&json!("SN candidate"), &json!(3)));
    let columns = sent["columns"].as_str().unwrap();
    for column in ["i:objectId", "i:candid", "i:sigmapsf", "d:rf_snia_vs_nonia", "d:mag_rate"] {
        assert!(columns.split(',').any(|known| known == column), "{column} is not in {columns}");
    }
    assert!(!columns.contains("v:"), "computed columns cannot be asked for");
    assert_eq!(sent.as_object().unwrap().len(), 3);
    assert_eq!(
        serde_json::to_value(broker.generic(&listed.alerts[0]).unwrap()).unwrap(),
        json!({
            "timestamp": "2026-05-11T06:00:00Z", "id": format!("{ZTF}:3412345671015015001"), "name": ZTF, "ra": 150.125,
            "dec": 2.25, "mag": 18.42, "score": 0.71, "url": "https://ztf.fink-portal.org/ZTF25aaaaaab"
        })
    );
    let second = broker.generic(&listed.alerts[1]).unwrap();
    assert_eq!(second.score, None, "0 is not computed");
    let third = broker.generic(&listed.alerts[2]).unwrap();
    assert_eq!((third.mag, third.ra), (None, Some(359.999)), "a negative difference is no brightness");
    assert_eq!(listed.notes, ["as many alerts as n asked for came (3), so there may be more"]);
}

#[tokio::test]
async fn a_target_says_what_the_alert_does() {
    let service = Service::start().await;
    service.ztf("latests", answer(200, "latests_ok.json")).await;
    let broker = service.broker();
    let listed = list(&broker, &class("SN candidate")).await;
    assert!(listed.notes.is_empty(), "{:?}", listed.notes);
    let extras = |n: usize| {
        let target = broker.target(&listed.alerts[n]).unwrap();
        let extras: Vec<_> = target.extras.iter().map(|(key, value)| format!("{key}={value}")).collect();
        (target.name.clone(), target.target_type(), extras)
    };
    let due = [
        "candid=3412345671015015002",
        "jdstarthist=2461159",
        "ndethist=14",
        "simbad_type=Galaxy",
        "snn_snia_vs_nonia=0.64",
        "survey=ZTF",
        "tns_type=SN Ia",
    ];
    assert_eq!(extras(1), ("ZTF25aaaaaac".into(), "SIDEREAL", due.map(str::to_owned).to_vec()));
    let (name, kind, extras) = extras(2);
    assert_eq!((name.as_str(), kind), ("8467", "NON_SIDEREAL"));
    assert!(
        extras.contains(&"moving=true".to_owned())
            && extras.contains(&"ztf_object_id=ZTF25aaaaaad".to_owned())
    );
    assert!(!extras.iter().any(|extra| extra.starts_with("simbad_type")), "a failed match is none");
    let json = serde_json::to_value(broker.target(&listed.alerts[2]).unwrap()).unwrap();
    assert!(json.get("scheme").is_none() && json.get("eccentricity").is_none(), "no elements are invented");
    assert_eq!((&json["ra"], &json["position_time"]), (&json!(359.999), &json!("2026-05-10T18:00:00Z")));
}

#[tokio::test]
async fn a_cone_asks_for_all_that_the_service_reads_and_cuts_afterwards() {
    let service = Service::start().await;
    service.ztf("conesearch", answer(200, "conesearch_ok.json")).await;
    let broker = service.broker();
    let listed = list(&broker, &FinkQuery { n: Some(2), ..cone(None) }).await;
    assert_eq!(
        service.json(0).await,
        json!({"ra": 150.125, "dec": 2.25, "radius": 20.0, "n": 10_000}),
        "a smaller n would cut before the distance is looked at"
    );
    assert_eq!(listed.alerts.len(), 2);
    assert_eq!(listed.notes, ["1 more objects are in the cone, farther out"]);
    let target = broker.target(&listed.alerts[0]).unwrap();
    assert_eq!(target.extras["class"], "Early SN Ia candidate");
    assert_eq!(broker.target(&listed.alerts[1]).unwrap().extras.get("class"), None, "Unknown is no class");
    assert_eq!(list(&broker, &cone(None)).await.alerts.len(), 3);
}

#[tokio::test]
async fn objects_are_listed_by_their_latest_alert_and_only_those_asked_for() {
    let service = Service::start().await;
    service.ztf("objects", answer(200, "objects_ok.json")).await;
    let broker = service.broker();
    let query = objects(&[ZTF, "ZTF25aaaaaac"]);
    let listed = list(&broker, &query).await;
    assert_eq!(service.json(0).await["objectId"], "ZTF25aaaaaab,ZTF25aaaaaac");
    let ids: Vec<_> = listed.alerts.iter().map(|alert| alert.alert_id().unwrap()).collect();
    assert_eq!(ids, ["3412345671015015001", "3412345671015015002"], "the newest, whatever the order");
    assert_eq!(listed.notes, ["2 older alerts of the same objects left out; history lists them"]);
    let listed = list(&broker, &FinkQuery { history: true, ..query }).await;
    assert_eq!((listed.alerts.len(), listed.notes.len()), (4, 0), "ids that only begin so are not listed");
    assert!(listed.alerts.is_sorted_by_key(|alert| alert.time()), "so that a store keeps the newest");
}

#[tokio::test]
async fn every_column_comes_on_request_and_stays_in_the_text() {
    let service = Service::start().await;
    service.ztf("objects", answer(200, "objects_full.json")).await;
    let broker = service.broker();
    let listed = list(&broker, &FinkQuery { all_columns: true, ..objects(&[ZTF]) }).await;
    assert_eq!(service.json(0).await, json!({"objectId": ZTF}));
    let text: Value = serde_json::from_str(listed.alerts[0].raw()).unwrap();
    assert_eq!(
        (&text["v:constellation"], &text["d:mangrove_lum_dist"]),
        (&json!("Sextans"), &json!("131.5"))
    );
    assert_eq!(broker.target(&listed.alerts[0]).unwrap().extras["class"], "Early SN Ia candidate");

    list(&broker, &FinkQuery { columns: vec!["d:vsx".into(), "i:jd".into()], ..objects(&[ZTF]) }).await;
    let columns = service.json(1).await["columns"].as_str().unwrap().to_owned();
    assert!(columns.ends_with(",d:vsx") && columns.matches("i:jd,").count() == 1, "{columns}");
}

#[tokio::test]
async fn lsst_is_asked_for_ids_as_text_and_keeps_every_digit() {
    let service = Service::start().await;
    service.lsst("sources", answer(200, "lsst_sources_clean.json")).await;
    let broker = service.broker();
    let listed = list(&broker, &objects(&[LSST])).await;
    assert_eq!(service.asked().await, ["POST /api/v1/sources"]);
    let sent = service.json(0).await;
    assert_eq!(sent["diaObjectId"], json!(LSST), "a number would be a failure");
    let generic = broker.generic(&listed.alerts[0]).unwrap();
    assert_eq!((generic.id, generic.name.as_str()), (format!("{LSST}:169342810955318001"), LSST));
    assert_eq!(generic.timestamp.unwrap().to_rfc3339(), "2026-04-30T23:59:23+00:00", "TAI is 37 s ahead");
    near(generic.mag, 22.905_15);
    assert_eq!(generic.score, Some(0.82));
    assert_eq!(generic.url.unwrap().as_str(), format!("https://lsst.fink-portal.org/{LSST}"));
    let target = broker.target(&listed.alerts[0]).unwrap();
    assert_eq!(target.aliases, ["SN 2026abc"]);
    assert_eq!(
        (target.extras["cats_class"].as_str(), target.extras["redshift"].as_str()),
        ("SN-like", "0.043")
    );
    assert!(!target.extras.contains_key("early_snia_score"), "-1 is not computed");
    assert!(!target.extras.contains_key("gaia_name"), "nan is no name");

    let listed = list(&broker, &FinkQuery { history: true, ..objects(&[LSST]) }).await;
    let generic = broker.generic(&listed.alerts[1]).unwrap();
    assert_eq!((generic.mag, generic.score), (None, None), "a negative flux is no brightness");
    assert_eq!(broker.generic(&listed.alerts[0]).unwrap().mag, None, "nor is one below 3 sigma");
}

#[tokio::test]
async fn a_tag_and_a_cone_of_lsst() {
    let service = Service::start().await;
    service.lsst("tags", answer(200, "lsst_tags_ok.json")).await;
    service.lsst("conesearch", answer(200, "lsst_conesearch_ok.json")).await;
    let broker = service.broker();
    let query = read(json!({"tag": "most_likely_sn", "n": "2", "startdate": "2026-04-01"})).unwrap();
    assert_eq!(list(&broker, &query).await.alerts.len(), 2);
    let sent = service.json(0).await;
    assert_eq!(
        (&sent["tag"], &sent["n"], &sent["startdate"]),
        (&json!("most_likely_sn"), &json!(2), &json!("2026-04-01 00:00:01"))
    );
    let query =
        FinkQuery { startdate: tom_alerts::time::parse_utc("2026-04-01"), ..cone(Some(Survey::Lsst)) };
    let listed = list(&broker, &query).await;
    assert_eq!(listed.alerts.len(), 2);
    let sent = service.json(1).await;
    assert_eq!(sent["startdate"], "2026-04-01 00:00:37", "dates of LSST's cones are TAI");
    assert!(sent["columns"].as_str().unwrap().contains("f:firstDiaSourceMjdTaiFink"), "dates need it");
    let target = broker.target(&listed.alerts[0]).unwrap();
    assert_eq!(
        (target.extras["crossmatch"].as_str(), target.extras["nDiaSources"].as_str()),
        ("Galaxy", "14")
    );
    assert_eq!(target.target_type(), "SIDEREAL");
}

#[tokio::test]
async fn the_score_is_the_one_that_is_configured() {
    let service = Service::start().await;
    service.ztf("latests", answer(200, "latests_ok.json")).await;
    service.lsst("tags", answer(200, "lsst_tags_ok.json")).await;
    for (ztf, lsst, due) in [
        (ZtfScore::SnnSnVsAll, LsstScore::Cats, [Some(0.92), Some(0.97)]),
        (ZtfScore::SnnSniaVsNonia, LsstScore::EarlySnia, [Some(0.64), None]),
        (ZtfScore::SlsnScore, LsstScore::SnnSnVsOthers, [None, Some(0.82)]),
        (ZtfScore::Mulens, LsstScore::SnnSnVsOthers, [None, Some(0.82)]),
        (ZtfScore::RfKnVsNonkn, LsstScore::SnnSnVsOthers, [None, Some(0.82)]),
    ] {
        let broker = service.broker_of(FinkConfig { ztf_score: ztf, lsst_score: lsst, ..service.config() });
        let first = list(&broker, &class("SN candidate")).await.alerts.remove(0);
        let other = FinkQuery { tag: Some("most_likely_sn".into()), ..FinkQuery::default() };
        let other = list(&broker, &other).await.alerts.remove(0);
        let scores = [first, other].map(|alert| broker.generic(&alert).unwrap().score);
        assert_eq!(scores, due, "{ztf:?} {lsst:?}");
    }
}

#[tokio::test]
async fn solar_system_objects_are_moving_targets_without_elements() {
    let service = Service::start().await;
    service.ztf("sso", answer(200, "sso_ok.json")).await;
    service.lsst("sso", answer(200, "lsst_sso_ok.json")).await;
    let broker = service.broker();
    let query = read(json!({"ssosearch": " 8467 "})).unwrap();
    let listed = list(&broker, &query).await;
    assert_eq!(service.json(0).await["n_or_d"], "8467");
    let target = broker.target(&listed.alerts[0]).unwrap();
    assert_eq!((target.name.as_str(), target.target_type()), ("Benoitcarry", "NON_SIDEREAL"));
    assert_eq!(target.aliases, ["8467"]);
    let generic = broker.generic(&listed.alerts[0]).unwrap();
    assert_eq!(
        (generic.name.as_str(), generic.id.as_str()),
        ("Benoitcarry", "ZTF25aaaaaaf:3412345671015015006")
    );
    assert_eq!(generic.url.unwrap().as_str(), "https://ztf.fink-portal.org/ZTF25aaaaaaf");
    assert_eq!(listed.notes, ["1 older alert of the same objects left out; history lists them"]);

    let query = read(json!({"survey": "lsst", "sso": ["2004 JQ12", "8467"]})).unwrap();
    let listed = list(&broker, &query).await;
    let sent = service.json(1).await;
    assert_eq!(sent["n_or_d"], "2004 JQ12,8467");
    assert!(sent["columns"].as_str().unwrap().contains("r:designation"));
    let generic = broker.generic(&listed.alerts[0]).unwrap();
    assert_eq!((generic.name.as_str(), generic.id.as_str()), ("2004 JQ12", "2004 JQ12:169342810955338001"));
    assert_eq!(generic.url.unwrap().as_str(), "https://lsst.fink-portal.org/K04J12Q");
    let target = serde_json::to_value(broker.target(&listed.alerts[0]).unwrap()).unwrap();
    assert_eq!((&target["type"], &target["ra"]), (&json!("NON_SIDEREAL"), &json!(150.45)));
    assert_eq!(target["aliases"], json!([{"name": "K04J12Q"}]));
    for element in ["scheme", "eccentricity", "inclination", "epoch_of_elements"] {
        assert!(target.get(element).is_none(), "{element} is invented");
    }
}

#[tokio::test]
async fn a_whole_number_in_a_column_with_gaps_comes_as_a_float_and_loses_no_alert() {
    let service = Service::start().await;
    let row = |id: u64, name: &str, number: Value| {
        json!({"i:objectId": format!("ZTF25aaaaaa{}", if id == 1 { 'f' } else { 'g' }), "i:candid": id,
            "i:jd": 2_461_170.5, "sso_name": name, "sso_number": number})
    };
    let rows = json!([row(1, "Benoitcarry", json!(8467.0)), row(2, "10P", Value::Null)]);
    service.ztf("sso", ResponseTemplate::new(200).set_body_json(rows)).await;
    let broker = service.broker();
    let query = FinkQuery { sso: vec!["8467".into(), "10P".into()], ..FinkQuery::default() };
    let listed = list(&broker, &query).await;
    assert_eq!((listed.alerts.len(), listed.faults.len()), (2, 0), "{:?}", listed.faults);
    let FinkPacket::Ztf(alert) = &*listed.alerts[0] else { panic!("not ZTF's") };
    assert_eq!((alert.sso_number.as_deref(), alert.sso_name()), (Some("8467"), Some("Benoitcarry")));

    let rows = json!([
        {"r:diaSourceId": 1, "r:diaObjectId": 169_342_810_955_317_611_u64, "f:main_label_classifier": 11.0},
        {"r:diaSourceId": 2, "r:diaObjectId": 169_342_810_955_317_612_u64, "f:main_label_classifier": null}
    ]);
    service.lsst("conesearch", ResponseTemplate::new(200).set_body_json(rows)).await;
    let listed = list(&broker, &cone(Some(Survey::Lsst))).await;
    assert_eq!((listed.alerts.len(), listed.faults.len()), (2, 0), "{:?}", listed.faults);
    let FinkPacket::Lsst(alert) = &*listed.alerts[0] else { panic!("not LSST's") };
    assert_eq!(alert.main_label_classifier.as_deref(), Some("11"));
}

#[tokio::test]
async fn a_name_at_tns_is_resolved_and_its_objects_are_listed() {
    let service = Service::start().await;
    service.ztf("resolver", answer(200, "resolver_tns.json")).await;
    service.ztf("objects", answer(200, "objects_ok.json")).await;
    service.ztf("conesearch", answer(200, "conesearch_ok.json")).await;
    let broker = service.broker();
    let listed = list(&broker, &read(json!({"tns_name": "SN 2026abc"})).unwrap()).await;
    assert!(listed.faults.is_empty(), "{:?}", listed.faults);
    assert_eq!(service.json(0).await, json!({"resolver": "tns", "name": "SN 2026abc", "nmax": 100}));
    let names: Vec<_> = listed.alerts.iter().map(|alert| alert.name().unwrap()).collect();
    assert_eq!(names, [ZTF, ZTF], "by its ZTF id; the one without, by its place");
    let asked = service.asked().await;
    assert_eq!(asked.len(), 3, "another reporter of the same object is not asked for: {asked:?}");
    let bodies = [service.json(1).await, service.json(2).await];
    let at = json!({"ra": 210.5, "dec": -4.75, "radius": 2.0, "n": 10_000});
    assert!(bodies.contains(&at) && bodies.iter().any(|body| body["objectId"] == ZTF), "{bodies:?}");

    let service = Service::start().await;
    service.lsst("resolver", answer(200, "lsst_resolver_tns.json")).await;
    service.lsst("conesearch", answer(200, "lsst_conesearch_ok.json")).await;
    let broker = service.broker();
    let listed = list(&broker, &read(json!({"tns_name": "SN 2026abc", "survey": "lsst"})).unwrap()).await;
    assert_eq!(service.json(0).await, json!({"resolver": "tns", "name_or_id": "SN 2026abc", "nmax": 100}));
    assert_eq!(listed.alerts[0].name().as_deref(), Some(LSST));
    assert_eq!(
        (listed.alerts.len(), service.asked().await.len()),
        (1, 2),
        "one object, however many reporters"
    );

    let service = Service::start().await;
    service.ztf("resolver", answer(200, "resolver_tns_place.json")).await;
    service.ztf("conesearch", answer(200, "empty.json")).await;
    let listed = list(&service.broker(), &read(json!({"tns_name": "AT 2026abcd"})).unwrap()).await;
    assert_eq!(
        listed.faults[0].to_string(),
        "Fink: ZTF has no alert within 2 arcsec of its place at TNS [name=AT 2026abcd, item=1]"
    );
    let service = Service::start().await;
    service.ztf("resolver", answer(200, "empty.json")).await;
    let listed = list(&service.broker(), &read(json!({"tns_name": "AT 1999x"})).unwrap()).await;
    assert_eq!(listed.notes, ["TNS has no object of this name, as far as Fink knows"]);
}

#[tokio::test]
async fn nothing_found_and_ten_thousand_rows_are_noted() {
    let service = Service::start().await;
    service.ztf("conesearch", answer(200, "empty.json")).await;
    let listed = list(&service.broker(), &cone(None)).await;
    assert!(listed.alerts.is_empty() && listed.faults.is_empty());
    assert_eq!(listed.notes, ["no alert answers the query"]);

    let row = r#"{"i:objectId":"ZTF25aaaaaab","i:candid":1}"#;
    let many = format!("[{}]", vec![row; 10_000].join(","));
    let left_out = "9999 older alerts of the same objects left out; history lists them";
    let service = Service::start().await;
    service.ztf("conesearch", ResponseTemplate::new(200).set_body_string(many)).await;
    let listed = list(&service.broker(), &cone(None)).await;
    assert_eq!(listed.notes, [left_out, "the service gives 10000 rows at most, so some may be missing"]);
}
