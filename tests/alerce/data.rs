//! One object: the alert, its light curve, classes and cutouts, and which service is asked.

use super::support::points::{at, keeps_the_sign_of_fluxes};
use super::*;

#[tokio::test]
async fn one_alert_comes_by_its_id_from_the_service_of_its_survey() {
    let service = Service::start().await;
    service.get("/ztf/v1/objects/ZTF24aaaaaab", answer(200, "object_ok.json")).await;
    service.get("/object_api/object", answer(200, "lsst_object_ok.json")).await;
    let broker = service.broker();
    let alert = broker.alert(ZTF).await.unwrap();
    assert_eq!((alert.oid.as_str(), alert.probability), (ZTF, None));
    let alert = broker.alert(LSST).await.unwrap();
    assert_eq!((alert.oid.as_str(), alert.n_det), (LSST, Some(12)));
    assert_eq!(
        service.asked().await,
        [
            "GET /ztf/v1/objects/ZTF24aaaaaab".to_owned(),
            format!("GET /object_api/object?oid={LSST}&survey_id=lsst")
        ]
    );
    let error = broker.alert("AT2024abc").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert_eq!(
        error.to_string(),
        "ALeRCE: this is no id of ALeRCE; ZTF's are like ZTF20aaelulu, LSST's have 15 to 19 digits"
    );
}

#[tokio::test]
async fn an_unknown_object_is_not_found_at_either_survey() {
    let service = Service::start().await;
    service.get("/ztf/v1/objects/ZTF24aaaaaab", answer(404, "error_404.json")).await;
    service.get("/object_api/object", answer(500, "lsst_error_silent.json")).await;
    service.get("/lightcurve_api/detections", answer(200, "lsst_detections_none.json")).await;
    let broker = service.broker();
    let error = broker.alert(ZTF).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.to_string(), "ALeRCE: no such object, or nothing of the kind about it [status=404]");
    let error = broker.alert(LSST).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.to_string(), "ALeRCE: no such LSST object [status=500]");
    assert_eq!(service.asked().await.len(), 3, "a failure that is an answer is not asked for again");
}

#[tokio::test]
async fn dates_of_an_lsst_target_are_utc() {
    let service = Service::start().await;
    service.get("/object_api/object", answer(200, "lsst_object_ok.json")).await;
    let broker = service.broker();
    let target = broker.target(&broker.alert(LSST).await.unwrap()).unwrap();
    let mjd = |key: &str| target.extras[key].parse::<f64>().unwrap();
    for (key, tai) in [("firstmjd", 61030.1), ("lastmjd", 61100.0)] {
        assert!((tai - mjd(key) - 37.0 / 86_400.0).abs() < 1e-9, "{key} {}", mjd(key));
    }
}

#[tokio::test]
async fn what_stands_before_lsst_s_service_fails_as_what_it_is() {
    let service = Service::start().await;
    service.get("/object_api/object", said(500, "<html><title>proxy error</title></html>")).await;
    service.otherwise(said(404, "<html><title>404 Not Found</title></html>")).await;
    let error = service.broker().alert(LSST).await.unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Status, Some(500)));
    assert!(error.is_retryable(), "{error}");
    let error = service.broker().classifications(LSST, None).await.unwrap_err();
    let text = "ALeRCE: LSST's service does not have this path; is lsst_url right? [status=404]";
    assert_eq!(error.to_string(), text);
}

#[tokio::test]
async fn a_failure_for_a_known_lsst_object_is_no_not_found() {
    let service = Service::start().await;
    service.get("/object_api/object", answer(500, "lsst_error_silent.json")).await;
    service.get("/lightcurve_api/detections", answer(200, "lsst_detections_ok.json")).await;
    let error = service.broker().alert(LSST).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Status);
    assert!(error.is_retryable(), "{error}");
}

#[tokio::test]
async fn each_root_can_be_set_by_itself() {
    let main = Service::start().await;
    let other = Service::start().await;
    main.get("/ztf/v1/objects/ZTF24aaaaaab/lightcurve", answer(200, "lightcurve_null.json")).await;
    main.get("/v2/lightcurve/forced-photometry/ZTF24aaaaaab", answer(200, "forced_ok.json")).await;
    let data = main.broker().reduced_data(ZTF, None).await.unwrap();
    assert!(!data.points.is_empty());
    assert_eq!(main.asked().await.len(), 2, "roots follow the origin of base_url");

    for (key, at, body) in [
        ("v2_url", "/own/forced-photometry/ZTF24aaaaaab", "forced_ok.json"),
        ("lsst_url", "/own/object_api/object", "lsst_object_ok.json"),
        ("stamp_url", "/own/get_avro_info", "lsst_object_ok.json"),
        ("catshtm_url", "/own/crossmatch", "lsst_detections_none.json"),
    ] {
        other.get(at, answer(200, body)).await;
        let mut config = serde_json::to_value(main.config()).unwrap();
        config[key] = format!("{}/own", other.server.uri()).into();
        let broker = main.broker_of(serde_json::from_value(config).unwrap());
        let protocol = broker.protocol();
        match key {
            "v2_url" => drop(broker.reduced_data(ZTF, None).await.unwrap()),
            "lsst_url" => drop(broker.alert(LSST).await.unwrap()),
            "stamp_url" => drop(broker.run(protocol.alert_packet(ZTF, "1")).await),
            _ => drop(broker.run(protocol.crossmatch("GAIA/DR1", 1.0, 2.0, 3.0)).await),
        }
    }
    assert_eq!(
        other.asked().await,
        [
            "GET /own/forced-photometry/ZTF24aaaaaab?survey_id=ztf".to_owned(),
            format!("GET /own/object_api/object?oid={LSST}&survey_id=lsst"),
            "GET /own/get_avro_info?oid=ZTF24aaaaaab&candid=1".to_owned(),
            "GET /own/crossmatch?ra=1&dec=2&radius=3&catalog=GAIA%2FDR1".to_owned()
        ]
    );
}

/// The point of a measurement's id.
#[tokio::test]
async fn a_ztf_light_curve_tells_magnitudes_limits_and_negative_differences() {
    let service = Service::start().await;
    service.get("/ztf/v1/objects/ZTF24aaaaaab/lightcurve", answer(200, "lightcurve_ok.json")).await;
    service.get("/v2/lightcurve/forced-photometry/ZTF24aaaaaab", answer(200, "forced_ok.json")).await;
    let data = service.broker().reduced_data(ZTF, None).await.unwrap();
    let mut asked = service.asked().await;
    asked.sort();
    assert_eq!(
        asked,
        [
            "GET /v2/lightcurve/forced-photometry/ZTF24aaaaaab?survey_id=ztf",
            "GET /ztf/v1/objects/ZTF24aaaaaab/lightcurve"
        ]
    );
    assert!(data.points.is_sorted_by_key(|point| point.timestamp));
    let found = at(&data, "2652250001115015001");
    assert_eq!((found.filter.as_str(), found.magnitude, found.error), ("r", Some(18.45), Some(0.06)));
    assert_eq!((found.limit, found.limiting_magnitude), (None, Some(20.4)));
    assert_eq!((found.telescope.as_deref(), found.survey.as_deref()), (Some("ZTF"), Some("ZTF")));
    assert_eq!(
        (&found.extra.to_map()["magpsf_corr"], &found.extra.to_map()["sigmapsf_corr_ext"]),
        (&json!(17.9), &json!(0.05))
    );
    let negative = at(&data, "2600500001115015004");
    assert_eq!((negative.magnitude, negative.negative_magnitude), (None, Some(19.1)));
    assert!(!negative.extra.contains_key("magpsf_corr"), "dubious");
    let odd = at(&data, "2605500001115015005");
    assert_eq!(odd.filter, "7", "an unknown band stays as it is");
    assert!(!odd.extra.contains_key("magpsf_corr"), "an error of 100 is unusable");
    let points = data.points.iter().filter_map(|point| point.photometry());
    let limits: Vec<_> =
        points.filter(|p| !p.forced).filter_map(|p| Some((p.filter.as_str(), p.limit?))).collect();
    assert_eq!(limits, [("g", 20.61), ("r", 20.1)]);
    assert_eq!(
        data.notes,
        [
            "1 row of detections without a value left out",
            "1 row of non_detections without a value left out",
            "1 row of forced_photometry without a value left out"
        ]
    );
    let failures: Vec<_> = data.failures.iter().map(|error| error.message()).collect();
    assert_eq!(
        failures,
        [
            "row 6 cannot be read: mjd: a text was given, a number was due",
            "the row has no fid, so its band is not known"
        ]
    );
    assert_eq!(data.failures[1].context("row"), Some("7"));
    let point = &data.points[0];
    let origin = (point.source_name.as_str(), point.source_location.as_str(), point.target.as_str());
    assert_eq!(origin, ("ALeRCE", ZTF, ZTF));
}

#[tokio::test]
async fn forced_photometry_below_three_sigma_is_a_limit() {
    let service = Service::start().await;
    service.get("/ztf/v1/objects/ZTF24aaaaaab/lightcurve", answer(200, "lightcurve_null.json")).await;
    service.get("/v2/lightcurve/forced-photometry/ZTF24aaaaaab", answer(200, "forced_ok.json")).await;
    let data = service.broker().reduced_data(ZTF, None).await.unwrap();
    assert!(data.points.iter().all(|point| point.photometry().unwrap().forced));
    let found = at(&data, "ZTF24aaaaaab2555100001115");
    let values = (found.magnitude, found.error, found.limiting_magnitude);
    assert_eq!(values, (Some(20.3), Some(0.2), Some(20.7)));
    assert_eq!(at(&data, "ZTF24aaaaaab2559200001115").magnitude, Some(20.5), "0.36 is three sigma");
    let faint = at(&data, "ZTF24aaaaaab2556100001115");
    assert_eq!((faint.magnitude, faint.limit, faint.error), (None, Some(20.7), None));
    assert_eq!((&faint.extra.to_map()["mag"], &faint.extra.to_map()["e_mag"]), (&json!(21.4), &json!(0.7)));
    let negative = at(&data, "ZTF24aaaaaab2557100001115");
    assert_eq!((negative.magnitude, negative.negative_magnitude), (None, Some(20.1)));
    let sentinel = at(&data, "ZTF24aaaaaab2558100001115");
    assert_eq!((sentinel.limit, sentinel.extra.get("mag")), (Some(20.7), None));
}

#[tokio::test]
async fn a_failure_of_forced_photometry_does_not_lose_the_rest() {
    let mut service = Service::start().await;
    service.http.max_retries = 0;
    service.get("/ztf/v1/objects/ZTF24aaaaaab/lightcurve", answer(200, "lightcurve_nan.txt")).await;
    service.get("/v2/lightcurve/forced-photometry/ZTF24aaaaaab", ResponseTemplate::new(502)).await;
    let data = service.broker().reduced_data(ZTF, None).await.unwrap();
    assert_eq!(data.points.len(), 1);
    let point = data.points[0].photometry().unwrap();
    assert_eq!((point.magnitude, point.error), (Some(18.45), None), "NaN is no error");
    assert_eq!(data.notes, ["forced photometry could not be had; the rest is whole"]);
    assert_eq!(data.failures[0].http_status(), Some(502));

    let mut config = service.config();
    config.forced_photometry = false;
    let data = service.broker_of(config).reduced_data(ZTF, None).await.unwrap();
    assert!(data.notes.is_empty() && data.failures.is_empty());
}

#[tokio::test]
async fn an_unknown_object_has_no_light_curve() {
    let service = Service::start().await;
    service.get("/ztf/v1/objects/ZTF24aaaaaab/lightcurve", answer(404, "error_404.json")).await;
    service
        .get("/v2/lightcurve/forced-photometry/ZTF24aaaaaab", answer(200, "lsst_detections_none.json"))
        .await;
    let error = service.broker().reduced_data(ZTF, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
}

#[tokio::test]
async fn an_lsst_light_curve_keeps_the_sign_of_the_flux_and_the_time_is_utc() {
    let service = Service::start().await;
    service.get("/lightcurve_api/lightcurve", answer(200, "lsst_lightcurve_ok.json")).await;
    let data = service.broker().reduced_data(LSST, None).await.unwrap();
    assert_eq!(service.asked().await, [format!("GET /lightcurve_api/lightcurve?oid={LSST}&survey_id=lsst")]);
    keeps_the_sign_of_fluxes(&data);
    let faint = at(&data, "169342810955318003");
    assert_eq!(faint.filter, "y");
    assert!(!faint.extra.contains_key("scienceFlux"), "0 with error 0 is not known");
    let last = data.points.last().unwrap();
    assert_eq!(last.timestamp.to_rfc3339(), "2026-02-28T23:59:23+00:00");
    let forced: Vec<_> = data.points.iter().filter_map(|p| p.photometry()).filter(|p| p.forced).collect();
    assert_eq!((forced.len(), forced.iter().filter(|p| p.magnitude.is_some()).count()), (10, 5));
    assert_eq!(
        data.notes,
        [
            "3 rows of detections without a value left out",
            "the service gives at most 10 points of forced photometry"
        ]
    );
    assert_eq!(
        data.failures[0].message(),
        "row 7 cannot be read: psfFlux: a list was given, a number was due"
    );
}

#[tokio::test]
async fn classifications_of_both_surveys() {
    let service = Service::start().await;
    service.get("/ztf/v1/objects/ZTF24aaaaaab/probabilities", answer(200, "probabilities_ok.json")).await;
    service.get("/probability_api/probability", answer(200, "lsst_probability_ok.json")).await;
    let broker = service.broker();
    let ztf = broker.classifications(ZTF, None).await.unwrap();
    assert_eq!(
        serde_json::to_value(&ztf[0]).unwrap(),
        json!({
            "classifier": "lc_classifier", "version": "made_up_1.1", "class": "SNIa", "probability": 0.91, "rank": 1
        })
    );
    assert_eq!(ztf.len(), 2);
    let lsst = broker.classifications(LSST, None).await.unwrap();
    assert_eq!((lsst[0].class.as_str(), &lsst[0].version), ("SN", &None));
    assert_eq!(service.asked().await[1], format!("GET /probability_api/probability?oid={LSST}"));

    let service = Service::start().await;
    service.get("/probability_api/probability", answer(404, "lsst_probability_none.json")).await;
    service.get("/object_api/object", answer(200, "lsst_object_ok.json")).await;
    assert!(service.broker().classifications(LSST, None).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_probability_that_is_none_and_a_row_that_names_no_class_do_not_leave() {
    let rows = json!([
        {"classifier_name": "lc_classifier", "class_name": "SNIa", "probability": 1.5, "ranking": 1},
        {"classifier_name": "lc_classifier", "class_name": "", "probability": 0.5},
        {"class_name": "SNIa", "probability": 0.5},
        {},
    ]);
    let service = Service::start().await;
    let answer = ResponseTemplate::new(200).set_body_json(rows);
    service.get("/ztf/v1/objects/ZTF24aaaaaab/probabilities", answer).await;
    let classes = service.broker().classifications(ZTF, None).await.unwrap();
    assert_eq!(classes.len(), 1, "{classes:?}");
    assert_eq!((classes[0].class.as_str(), classes[0].probability, classes[0].rank), ("SNIa", None, Some(1)));
}

#[tokio::test]
async fn cutouts_are_links_of_the_latest_detection_that_has_them() {
    let service = Service::start().await;
    service.get("/ztf/v1/objects/ZTF24aaaaaab/detections", answer(200, "detections_ok.json")).await;
    service.get("/lightcurve_api/detections", answer(200, "lsst_detections_ok.json")).await;
    let broker = service.broker();
    let path = |cutout: &tom_alerts::Cutout| {
        let url = cutout.url.as_ref().unwrap();
        format!("{}?{}", url.path(), url.query().unwrap())
    };
    let ztf = broker.cutouts(ZTF, None).await.unwrap();
    assert_eq!(
        path(&ztf[0]),
        format!("/get_stamp?oid={ZTF}&candid=2652250001115015001&type=science&format=png")
    );
    assert_eq!((ztf.len(), ztf[0].format.as_str()), (3, "png"));
    let lsst = broker.cutouts(LSST, None).await.unwrap();
    assert_eq!(
        path(&lsst[2]),
        format!(
            "/stamps_api/stamp?oid={LSST}&survey_id=lsst&measurement_id=169342810955318001\
             &stamp_type=cutoutDifference&file_format=png"
        )
    );
    let service = Service::start().await;
    service.get("/ztf/v1/objects/ZTF24aaaaaab/detections", answer(200, "lsst_detections_none.json")).await;
    assert!(service.broker().cutouts(ZTF, None).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_live_classifiers_can_be_asked_for() {
    let service = Service::start().await;
    service.get("/ztf/v1/classifiers/", answer(200, "classifiers_ok.json")).await;
    let broker = service.broker();
    let classifiers = broker.run(Ok(broker.protocol().classifiers(Survey::Ztf))).await.unwrap();
    assert_eq!(classifiers.0[0].as_ref().unwrap().classes, ["SNIa", "CV/Nova"]);
    let call = broker.protocol().classes("lc_classifier_BHRF_forced_phot(beta)", "a/b 1");
    assert_eq!(
        call.requests()[0].url().path(),
        "/ztf/v1/classifiers/lc_classifier_BHRF_forced_phot(beta)/a%2Fb%201/classes"
    );
}
