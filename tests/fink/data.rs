//! One object: the alert, its light curve, classes and cutouts.

use tom_alerts::{Datum, ReducedData};

use super::support::points::{at, keeps_the_sign_of_fluxes};
use super::*;

/// The point of a measurement's id.
fn limits(data: &ReducedData) -> Vec<(&str, f64)> {
    let points = data.points.iter().filter_map(|point| point.photometry());
    points.filter_map(|p| Some((p.filter.as_str(), p.limit?))).collect()
}

#[tokio::test]
async fn one_alert_is_the_latest_of_its_object_with_every_column() {
    let service = Service::start().await;
    service.ztf("objects", answer(200, "objects_full.json")).await;
    service.lsst("sources", answer(200, "lsst_sources_clean.json")).await;
    let broker = service.broker();
    let alert = broker.alert(ZTF).await.unwrap();
    assert_eq!(alert.alert_id(), Some("3412345671015015001"));
    assert_eq!(service.json(0).await, json!({"objectId": ZTF}));
    let FinkPacket::Ztf(packet) = &*alert else { panic!("not ZTF's") };
    assert_eq!(packet.class(), Some("Early SN Ia candidate"));
    let alert = broker.alert(LSST).await.unwrap();
    assert_eq!((alert.survey(), alert.alert_id()), (Survey::Lsst, Some("169342810955318001")));
    assert_eq!(service.asked().await, ["POST /ztf/api/v1/objects", "POST /api/v1/sources"]);
}

#[tokio::test]
async fn an_unknown_object_and_the_id_of_an_alert_are_not_found() {
    let service = Service::start().await;
    service.ztf("objects", answer(200, "empty.json")).await;
    service.lsst("sources", answer(200, "empty.json")).await;
    service.lsst("fp", answer(200, "empty.json")).await;
    let broker = service.broker();
    for id in [ZTF, "3412345671015015001"] {
        let error = broker.alert(id).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        let text =
            "no such object; Fink is asked by the name of an object, not by the number of an alert alone";
        assert_eq!(error.to_string(), format!("Fink: {text} [name={id}]"));
        let error = broker.reduced_data(id, None).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    }
    let error = broker.alert("../x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert!(error.to_string().contains("no name that Fink knows"), "{error}");
}

#[tokio::test]
async fn good_measurements_limits_and_bad_ones_are_kept_apart() {
    let service = Service::start().await;
    service.ztf("objects", answer(200, "objects_limits.json")).await;
    let data = service.broker().reduced_data(ZTF, None).await.unwrap();
    let sent = service.json(0).await;
    assert_eq!((&sent["objectId"], &sent["withupperlim"]), (&json!(ZTF), &json!(true)));
    assert!(sent["columns"].as_str().unwrap().contains("i:candid"));
    assert!(data.points.is_sorted_by_key(|point| point.timestamp));

    let found = at(&data, "3412345671015015001");
    assert_eq!((found.filter.as_str(), found.magnitude, found.error), ("r", Some(18.42), Some(0.06)));
    assert_eq!((found.limit, found.limiting_magnitude), (None, Some(20.51)));
    assert_eq!((found.telescope.as_deref(), found.survey.as_deref()), (Some("ZTF"), Some("ZTF")));
    let negative = at(&data, "3392345671015015001");
    assert_eq!((negative.magnitude, negative.negative_magnitude), (None, Some(19.4)));
    let odd = at(&data, "3392345671015015008");
    assert_eq!((odd.filter.as_str(), odd.error), ("7", None), "an unknown band stays; -999 is no error");
    assert_eq!(limits(&data), [("r", 19.95), ("g", 20.61)]);

    let bad: Vec<_> = data
        .points
        .iter()
        .filter_map(|point| match &point.value {
            Datum::Other(kept) => {
                let kept = kept.value.to_map();
                Some((kept["quality"].as_str().unwrap().to_owned(), kept))
            }
            _ => None,
        })
        .collect();
    let sorts: Vec<_> = bad.iter().map(|(quality, _)| quality.as_str()).collect();
    assert_eq!(sorts, ["brandnew", "badquality", "badquality"], "what is not known is not taken for good");
    assert_eq!(bad[1].1["negative_magnitude"], json!(19.8));
    assert_eq!(
        (&bad[2].1["filter"], &bad[2].1["magnitude"], &bad[2].1["error"]),
        (&json!("i"), &json!(18.9), &json!(0.21))
    );
    assert_eq!(data.points.iter().filter(|point| point.photometry().is_some()).count(), 6);

    assert_eq!(
        data.notes,
        [
            "1 row of valid without a value left out",
            "1 row of upperlim without a value left out",
            "3 measurements of bad quality kept apart, as data of the type other"
        ]
    );
    let failures: Vec<_> = data.failures.iter().map(|error| error.message()).collect();
    assert_eq!(
        failures,
        [
            "the row has no fid, so its band is not known",
            "the row has no date",
            "row 14 cannot be read: i:magpsf: a list was given, a number was due"
        ]
    );
    let point = &data.points[0];
    assert_eq!((point.source_name.as_str(), point.source_location.as_str()), ("Fink", ZTF));
}

#[tokio::test]
async fn a_light_curve_without_ids_and_one_of_limits_alone() {
    let service = Service::start().await;
    service.ztf("objects", answer(200, "objects_limits_no_candid.json")).await;
    let broker = service.broker();
    let data = broker.reduced_data(ZTF, None).await.unwrap();
    assert!(data.failures.is_empty(), "{:?}", data.failures);
    assert_eq!((data.points.len(), limits(&data)), (2, vec![("g", 20.61)]));
    assert!(data.points.iter().all(|point| point.photometry().unwrap().source_id.is_none()));

    let service = Service::start().await;
    service.ztf("objects", answer(200, "objects_all_limits.json")).await;
    let curve = service.broker().reduced_data(ZTF, None).await.unwrap();
    assert_eq!(limits(&curve), [("g", 20.61)]);
    let broker = service.broker();
    let curve = broker.run(broker.protocol().ztf_light_curve(ZTF)).await.unwrap();
    assert_eq!((curve.valid.len(), curve.upper_limits.len(), curve.bad_quality.len()), (0, 1, 0));
}

#[tokio::test]
async fn an_lsst_light_curve_keeps_the_sign_of_the_flux_and_the_time_is_utc() {
    let service = Service::start().await;
    service.lsst("sources", answer(200, "lsst_sources_ok.json")).await;
    service.lsst("fp", answer(200, "lsst_fp_ok.json")).await;
    let data = service.broker().reduced_data(LSST, None).await.unwrap();
    let mut asked = service.asked().await;
    asked.sort();
    assert_eq!(asked, ["POST /api/v1/fp", "POST /api/v1/sources"]);
    assert_eq!(service.json(0).await["diaObjectId"], json!(LSST));
    keeps_the_sign_of_fluxes(&data);
    let forced = at(&data, "169342810955319002");
    assert_eq!((forced.forced, forced.magnitude, forced.flux), (true, None, Some(30.0)));
    near(forced.limit, 31.4 - 2.5 * 475.0_f64.log10());
    assert_eq!(at(&data, "169342810955319003").flux, Some(-600.0));
    let last = data.points.last().unwrap();
    assert_eq!(last.timestamp.to_rfc3339(), "2026-04-30T23:59:23+00:00");
    assert_eq!(data.points.len(), 6, "the object whose id begins so is not this one");
    assert_eq!(data.notes, ["1 row of sources without a value left out"]);
    let failures: Vec<_> = data.failures.iter().map(|error| error.message()).collect();
    assert_eq!(
        failures,
        [
            "the row has no r:band",
            "the row has no date",
            "row 7 cannot be read: r:psfFlux: a list was given, a number was due"
        ]
    );
}

#[tokio::test]
async fn a_failure_of_forced_photometry_does_not_lose_the_rest() {
    let mut service = Service::start().await;
    service.http.max_retries = 0;
    service.lsst("sources", answer(200, "lsst_sources_clean.json")).await;
    service.lsst("fp", answer(500, "error_500.json")).await;
    let data = service.broker().reduced_data(LSST, None).await.unwrap();
    assert_eq!(data.points.len(), 3);
    assert_eq!(data.notes, ["forced photometry could not be had; the rest is whole"]);
    assert_eq!(data.failures[0].http_status(), Some(500));
    let broker = service.broker_of(FinkConfig { forced_photometry: false, ..service.config() });
    let data = broker.reduced_data(LSST, None).await.unwrap();
    assert!(data.notes.is_empty() && data.failures.is_empty());
    assert_eq!(service.asked().await.len(), 3);
}

#[tokio::test]
async fn a_moving_object_has_brightness_and_places_from_both_surveys() {
    let service = Service::start().await;
    service.ztf("sso", answer(200, "sso_ok.json")).await;
    service.lsst("sso", answer(200, "lsst_sso_ok.json")).await;
    let broker = service.broker();
    let data = broker.reduced_data("8467", None).await.unwrap();
    let sorts: Vec<_> = data.points.iter().map(|point| point.data_type()).collect();
    assert_eq!(sorts.iter().filter(|sort| **sort == "astrometry").count(), 3, "{sorts:?}");
    assert_eq!(at(&data, "3412345671015015006").magnitude, Some(17.31));
    near(at(&data, "169342810955338001").magnitude, 20.933_84);
    let places: Vec<_> = data
        .points
        .iter()
        .filter_map(|point| match &point.value {
            Datum::Astrometry(at) => Some((at.ra, at.dec, at.telescope.clone().unwrap())),
            _ => None,
        })
        .collect();
    assert_eq!(places[0], (150.45, 3.48, "Rubin".into()));
    assert_eq!(places[2], (149.6, 10.35, "ZTF".into()));

    // The alert says what it is of, so its own id does no harm.
    let alert = broker.fetch_alert("2004 JQ12").await.unwrap();
    let data = broker.reduced_data(&alert.generic().id.clone(), Some(&alert)).await.unwrap();
    assert!(data.points.iter().any(|point| point.photometry().is_some()));
    assert!(
        data.points
            .iter()
            .all(|point| point.source_location == "2004 JQ12" || point.source_location == "Benoitcarry")
    );
}

#[tokio::test]
async fn a_moving_object_that_a_tag_lists_by_its_number_alone_is_asked_for_by_designation() {
    let service = Service::start().await;
    let row = |number: i64| {
        json!([{"r:diaObjectId": 0, "r:diaSourceId": 169_342_810_955_338_001_i64, "r:ssObjectId": number,
            "r:midpointMjdTai": 61161.0, "r:ra": 150.45, "r:dec": 3.48, "r:band": "i"}])
    };
    let query = FinkQuery { tag: Some("faint_trails".into()), ..FinkQuery::default() };
    let rows = ResponseTemplate::new(200).set_body_json(row(21_163_624_394_469_969));
    service.lsst("tags", rows).await;
    service.ztf("sso", answer(200, "empty.json")).await;
    service.lsst("sso", answer(200, "lsst_sso_ok.json")).await;
    let broker = service.broker();
    let alert = list(&broker, &query).await.alerts.remove(0);
    let generic = broker.generic(&alert).unwrap();
    assert_eq!(generic.name, "2004 JQ12");
    assert_eq!(generic.url.unwrap().as_str(), "https://lsst.fink-portal.org/K04J12Q");
    assert_eq!(broker.target(&alert).unwrap().aliases, ["K04J12Q"]);
    let any = broker.erase(alert).unwrap();
    let data = broker.reduced_data("169342810955338001", Some(&any)).await.unwrap();
    assert_eq!(data.points.len(), 2);
    assert_eq!(service.json(1).await["n_or_d"], "2004 JQ12");

    // A number that is no designation leads nowhere, and the error says so before any request.
    let other = Service::start().await;
    other.lsst("tags", ResponseTemplate::new(200).set_body_json(row(21_163_624_394_469_001))).await;
    let broker = other.broker();
    let alert = list(&broker, &query).await.alerts.remove(0);
    let generic = broker.generic(&alert).unwrap();
    assert_eq!(generic.name, "ssObjectId 21163624394469001");
    assert_eq!(generic.url.unwrap().as_str(), "https://lsst.fink-portal.org/21163624394469001");
    let any = broker.erase(alert).unwrap();
    let fault = broker.reduced_data("169342810955338001", Some(&any)).await.unwrap_err();
    assert_eq!(fault.kind(), ErrorKind::Input);
    assert!(fault.to_string().contains("find it by the ssObjectId, then ask by it"), "{fault}");
    assert_eq!(other.asked().await.len(), 1);
}

#[test]
fn the_survey_is_told_by_a_key_that_only_one_has_wherever_it_stands() {
    let packet = |json: &str| serde_json::from_str::<FinkPacket>(json);
    let lsst =
        packet(r#"{"v:separation_degree": 1e-4, "b:x": [1], "r:diaSourceId": 169342810955318001}"#).unwrap();
    assert_eq!((lsst.survey(), lsst.alert_id()), (Survey::Lsst, Some("169342810955318001")));
    let FinkPacket::Lsst(lsst) = lsst else { unreachable!() };
    assert_eq!(lsst.separation_degree, Some(1e-4), "what stands before the key is not lost");
    let ztf = packet(r#"{"sso_name": "Benoitcarry", "sso_number": 8467, "i:candid": 3412345671015015001}"#)
        .unwrap();
    assert_eq!((ztf.survey(), ztf.sso_name().as_deref()), (Survey::Ztf, Some("Benoitcarry")));
    assert_eq!(ztf.alert_id(), Some("3412345671015015001"));
    let fault = packet(r#"{"message": "x"}"#).unwrap_err().to_string();
    assert!(fault.starts_with("no key begins with i: or d: (ZTF)"), "{fault}");
}

#[tokio::test]
async fn one_service_that_does_not_know_a_moving_object_does_not_lose_the_other() {
    let mut service = Service::start().await;
    service.http.max_retries = 0;
    service.ztf("sso", html(400, "error_sso.txt")).await;
    service.lsst("sso", answer(200, "lsst_sso_ok.json")).await;
    let broker = service.broker();
    let data = broker.reduced_data("2004 JQ12", None).await.unwrap();
    assert_eq!((data.points.len(), data.failures.len()), (2, 0));
    assert_eq!(broker.alert("2004 JQ12").await.unwrap().sso_name().as_deref(), Some("2004 JQ12"));

    let service_down = Service::start().await;
    service_down.ztf("sso", html(400, "error_sso.txt")).await;
    service_down.lsst("sso", answer(200, "empty.json")).await;
    let broker = service_down.broker();
    for error in [
        broker.alert("nosuchthing").await.unwrap_err(),
        broker.reduced_data("nosuchthing", None).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    }
    service.ztf("latests", answer(500, "error_500.json")).await;
    let mut failing = Service::start().await;
    failing.http.max_retries = 0;
    failing.ztf("sso", answer(500, "error_500.json")).await;
    failing.lsst("sso", answer(200, "empty.json")).await;
    let broker = failing.broker();
    let error = broker.reduced_data("8467", None).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.http_status()),
        (ErrorKind::Status, Some(500)),
        "a failure is no absence: {error}"
    );
    let error = broker.alert("8467").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Status, "{error}");
}

#[tokio::test]
async fn classifications_are_what_was_computed_and_matched() {
    let service = Service::start().await;
    service.ztf("objects", answer(200, "objects_full.json")).await;
    service.lsst("sources", answer(200, "lsst_sources_clean.json")).await;
    let broker = service.broker();
    let classes = |classes: Vec<tom_alerts::Classification>| -> Vec<(String, String, Option<f64>)> {
        classes.into_iter().map(|c| (c.classifier, c.class, c.probability)).collect()
    };
    let found = broker.classifications(ZTF, None).await.unwrap();
    assert_eq!((found[0].version.as_deref(), found[4].version.as_deref()), (Some("9.99.0"), None));
    let due = |rows: &[(&str, &str, Option<f64>)]| -> Vec<(String, String, Option<f64>)> {
        rows.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), *c)).collect()
    };
    assert_eq!(
        classes(found),
        due(&[
            ("Fink", "Early SN Ia candidate", None),
            ("rf_snia_vs_nonia", "SN Ia", Some(0.71)),
            ("snn_snia_vs_nonia", "SN Ia", Some(0.64)),
            ("snn_sn_vs_all", "SN", Some(0.92)),
            ("TNS", "SN Ia", None),
        ])
    );
    let found = broker.classifications(LSST, None).await.unwrap();
    assert_eq!(
        classes(found),
        due(&[("CATS", "SN-like", Some(0.97)), ("snnSnVsOthers", "SN", Some(0.82)), ("TNS", "SN Ia", None)])
    );
}

#[tokio::test]
async fn cutouts_are_links_of_the_latest_alert() {
    let service = Service::start().await;
    service.ztf("objects", answer(200, "objects_ok.json")).await;
    service.lsst("sources", answer(200, "lsst_sources_clean.json")).await;
    let broker = service.broker();
    let path = |cutout: &tom_alerts::Cutout| {
        let url = cutout.url.as_ref().unwrap();
        format!("{}?{}", url.path(), url.query().unwrap())
    };
    let ztf = broker.cutouts(ZTF, None).await.unwrap();
    let paths: Vec<_> = ztf.iter().map(path).collect();
    let link = |kind: &str| {
        format!("/ztf/api/v1/cutouts?objectId={ZTF}&candid=3412345671015015001&kind={kind}&output-format=PNG")
    };
    assert_eq!(paths, [link("Science"), link("Template"), link("Difference")]);
    let lsst = broker.cutouts(LSST, None).await.unwrap();
    assert_eq!(
        path(&lsst[2]),
        "/api/v1/cutouts?diaSourceId=169342810955318001&kind=Difference&output-format=PNG"
    );
    assert_eq!(lsst[2].source_id.as_deref(), Some("169342810955318001"));

    // An alert at hand says which one, and nothing is asked.
    let asked = service.asked().await.len();
    let alert = broker.fetch_alert(ZTF).await.unwrap();
    let again = broker.cutouts(&alert.generic().id.clone(), Some(&alert)).await.unwrap();
    assert_eq!(again, ztf);
    assert_eq!(service.asked().await.len(), asked + 1);
}

#[tokio::test]
async fn a_name_at_tns_leads_to_the_object() {
    let service = Service::start().await;
    service.ztf("resolver", answer(200, "resolver_tns.json")).await;
    service.ztf("objects", answer(200, "objects_limits_clean.json")).await;
    let broker = service.broker();
    let data = broker.reduced_data("SN2026abc", None).await.unwrap();
    assert_eq!(service.json(0).await["name"], "SN 2026abc");
    assert_eq!((data.points.len(), data.points[0].source_location.as_str()), (6, ZTF));
    assert_eq!(
        broker.alert("AT 2026abc").await.unwrap_err().kind(),
        ErrorKind::NotFound,
        "of another prefix"
    );
    assert_eq!(broker.alert("SN 2026abc").await.unwrap().name().as_deref(), Some(ZTF));
}
