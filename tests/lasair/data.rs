//! One object: the alert, its light curve, classes, cutouts, and the further calls.

use tom_alerts::ReducedData;
use tom_alerts::brokers::lasair::{Lsst, Ztf, read_message};

use super::support::points::{at, near};
use super::*;

#[tokio::test]
async fn one_ztf_object_is_asked_for_with_both_switches_and_holds_its_light_curve() {
    let service = Service::start().await;
    service.get("/api/object/", answer(200, "ztf_object_ok.json")).await;
    let broker = service.ztf();
    let alert = broker.fetch_alert(ZTF).await.unwrap();
    let asked = [format!("GET /api/object/?objectId={ZTF}&lite=false&lasair_added=true")];
    assert_eq!(service.asked().await, asked);
    let data = broker.reduced_data(ZTF, Some(&alert)).await.unwrap();
    let typed = broker.data(alert.typed::<LasairPacket>().unwrap()).await.unwrap();
    assert_eq!(typed.points, data.points);
    assert_eq!(service.asked().await.len(), 1, "the alert has the light curve");
    assert!(data.failures.is_empty(), "{:?}", data.failures);
    let found = at(&data, "3000250001115015001");
    assert_eq!((found.filter.as_str(), found.magnitude, found.error), ("r", Some(18.25), Some(0.05)));
    assert_eq!(
        (&found.extra.to_map()["drb"], &found.extra.to_map()["ssnamenr"]),
        (&json!(0.99), &json!("12345"))
    );
    let negative = at(&data, "2995250001115015003");
    assert_eq!((negative.magnitude, negative.negative_magnitude), (None, Some(19.7)));
    assert_eq!(negative.extra.to_map()["isdiffpos"], -1);
    let points = data.points.iter().map(|point| (point.timestamp.to_rfc3339(), point.photometry().unwrap()));
    let limits: Vec<_> = points
        .clone()
        .filter(|(_, p)| !p.forced)
        .filter_map(|(time, p)| Some((time, p.filter.to_string(), p.limit?)))
        .collect();
    let due = |time: &str, band: &str, limit| (time.to_owned(), band.to_owned(), limit);
    assert_eq!(
        limits,
        [due("2026-02-18T06:00:00+00:00", "r", 20.6), due("2026-03-02T06:00:00+00:00", "g", 20.4)]
    );
    let forced: Vec<_> = points.filter(|(_, p)| p.forced).map(|(_, p)| p.clone()).collect();
    assert_eq!((forced.len(), forced[1].flux, forced[1].flux_unit.as_deref()), (2, Some(900.0), Some("DN")));
    near(forced[1].magnitude, 26.1 - 2.5 * 900_f64.log10());
    near(forced[0].limit, 26.1 - 2.5 * 200_f64.log10());
    assert_eq!(data.notes, ["1 row of forcedphot without a value left out"]);
    assert_eq!(alert.typed::<LasairPacket>().unwrap().record().mag, Some(18.25));
}

#[tokio::test]
async fn a_light_curve_alone_comes_in_the_plain_form_and_is_the_same() {
    let service = Service::start().await;
    service.get("/api/object/", answer(200, "ztf_object_raw.json")).await;
    let broker = service.ztf();
    let data = broker.reduced_data(ZTF, None).await.unwrap();
    let asked = [format!("GET /api/object/?objectId={ZTF}&lite=false&lasair_added=false")];
    assert_eq!(service.asked().await, asked);
    let whole = broker.read_alert(std::str::from_utf8(&fixture("ztf_object_ok.json")).unwrap()).unwrap();
    let whole = broker.reduced_data(ZTF, Some(&whole)).await.unwrap();
    let plain = |point: &&tom_alerts::ReducedDatum| !point.photometry().unwrap().forced;
    let keys = |data: &ReducedData| {
        data.points.iter().filter(plain).map(tom_alerts::ReducedDatum::key).collect::<Vec<_>>()
    };
    assert_eq!((keys(&data), data.points.len()), (keys(&whole), 5));
}

#[tokio::test]
async fn one_lsst_object_with_bare_nan_is_whole() {
    let service = Service::start().await;
    service.get("/api/object/", answer(200, "lsst_object_added.txt")).await;
    let broker = service.lsst();
    let alert = broker.fetch_alert(LSST).await.unwrap();
    let asked = [format!("GET /api/object/?objectId={LSST}&lite=false&lasair_added=true")];
    assert_eq!(service.asked().await, asked);
    assert!(serde_json::from_str::<Value>(alert.raw()).is_ok(), "the kept text is JSON");
    let generic = alert.generic();
    assert_eq!(generic.timestamp.unwrap().to_rfc3339(), "2026-06-09T11:59:23+00:00", "37 s before TAI");
    near(generic.mag, 31.4 - 2.5 * 3631_f64.log10());
    assert_eq!((generic.id.as_str(), generic.score, generic.ra), (LSST, Some(0.91), Some(150.25)));
    let target = alert.to_target().unwrap();
    assert_eq!(target.aliases, ["SN 2026xyz"]);
    assert_eq!(target.extras["annotation_quick"], "0.97");
    assert_eq!((target.extras["tns_type"].as_str(), target.extras["sherlock_z"].as_str()), ("SN II", "0.12"));
    let data = broker.reduced_data(LSST, Some(&alert)).await.unwrap();
    assert_eq!((service.asked().await.len(), data.points.len()), (1, 4));
    let found = at(&data, "170000000000000003");
    assert_eq!(
        (found.filter.as_str(), found.flux, found.flux_unit.as_deref()),
        ("i", Some(3631.0), Some("nJy"))
    );
    near(found.error, 1.085_736 * 100.0 / 3631.0);
    assert_eq!(
        (&found.extra.to_map()["reliability"], &found.extra.to_map()["scienceFlux"]),
        (&json!(0.91), &json!(4131.0))
    );
    let negative = at(&data, "170000000000000002");
    assert_eq!((negative.magnitude, negative.flux), (None, Some(-900.0)));
    near(negative.negative_magnitude, 31.4 - 2.5 * 900_f64.log10());
    let forced = at(&data, "170000000000000101");
    assert_eq!((forced.forced, forced.magnitude, forced.flux), (true, None, Some(200.0)));
    near(forced.limit, 31.4 - 2.5 * 500_f64.log10());
    assert_eq!(data.notes, ["1 row of diaSourcesList withdrawn by the survey and left out"]);
    let [taken] = &data.withdrawn[..] else { panic!("{:?}", data.withdrawn) };
    assert_eq!(taken.photometry().unwrap().source_id.as_deref(), Some("170000000000000009"));
    assert_eq!(taken.withdrawn.unwrap().to_rfc3339(), "2026-05-09T23:59:23+00:00");
}

#[tokio::test]
async fn old_sources_make_the_fuller_form_fail_and_the_rest_is_put_together() {
    let service = Service::start().await;
    let refused = said(400, r#"{"error": "'image_urls'"}"#);
    service.when(wiremock::matchers::query_param("lasair_added", "true"), refused).await;
    service
        .when(wiremock::matchers::query_param("lasair_added", "false"), answer(200, "lsst_object_raw.txt"))
        .await;
    service.query("sherlock_classifications", answer(200, "lsst_row_one.json")).await;
    service.query("crossmatch_tns", answer(200, "lsst_row_tns.json")).await;
    let broker = service.lsst();
    let alert = broker.fetch_alert(LSST).await.unwrap();
    let mut asked = service.asked().await;
    asked.sort();
    assert_eq!(
        asked,
        [
            format!("GET /api/object/?objectId={LSST}&lite=false&lasair_added=false"),
            format!("GET /api/object/?objectId={LSST}&lite=false&lasair_added=true"),
            "POST /api/query/".to_owned(),
            "POST /api/query/".to_owned(),
        ]
    );
    let target = alert.to_target().unwrap();
    assert_eq!((target.name.as_str(), &target.aliases[..]), (LSST, &["SN 2026xyz".to_owned()][..]));
    assert_eq!(
        (target.extras["sherlock_classification"].as_str(), target.extras["tns_z"].as_str()),
        ("SN", "0.121")
    );
    assert_eq!(alert.generic().score, Some(0.91));
    assert_eq!(broker.reduced_data(LSST, Some(&alert)).await.unwrap().points.len(), 4);
    assert_eq!(broker.read_alert(alert.raw()).unwrap().generic(), alert.generic());
    let links = broker.cutouts(LSST, None).await.unwrap();
    assert_eq!(
        links[1].url.as_ref().unwrap().as_str(),
        "https://lasair.lsst.ac.uk/fits/170000000000000003_cutoutTemplate"
    );
}

#[tokio::test]
async fn an_lsst_light_curve_alone_never_meets_the_failure_of_old_sources() {
    let service = Service::start().await;
    service.get("/api/object/", answer(200, "lsst_object_raw.txt")).await;
    let data = service.lsst().reduced_data(LSST, None).await.unwrap();
    assert_eq!(data.points.len(), 4);
    let asked = [format!("GET /api/object/?objectId={LSST}&lite=false&lasair_added=false")];
    assert_eq!(service.asked().await, asked);
}

#[tokio::test]
async fn sherlocks_class_comes_from_the_alert_or_from_sherlock() {
    let service = Service::start().await;
    service.get("/api/object/", answer(200, "ztf_object_ok.json")).await;
    service.get("/api/sherlock/object/", answer(200, "ztf_sherlock_lite.json")).await;
    let broker = service.ztf();
    let alert = broker.fetch_alert(ZTF).await.unwrap();
    let known = broker.classifications(ZTF, Some(&alert)).await.unwrap();
    assert_eq!(service.asked().await.len(), 1);
    assert_eq!(
        serde_json::to_value(&known).unwrap(),
        json!([{"classifier": "Sherlock", "version": null, "class": "SN", "probability": null, "rank": 1}])
    );
    assert_eq!(broker.classifications(ZTF, None).await.unwrap(), known);
    assert_eq!(service.asked().await[1], format!("GET /api/sherlock/object/?objectId={ZTF}&lite=true"));

    let service = Service::start().await;
    service.get("/api/sherlock/object/", answer(200, "ztf_sherlock_none.json")).await;
    assert!(service.ztf().classifications(OTHER, None).await.unwrap().is_empty(), "a class of null is none");
    let service = Service::start().await;
    service.get("/api/sherlock/object/", answer(200, "lsst_sherlock_lite.json")).await;
    assert_eq!(service.lsst().classifications(LSST, None).await.unwrap()[0].class, "SN");
}

#[tokio::test]
async fn cutouts_are_links_of_the_newest_detection_that_has_them() {
    let service = Service::start().await;
    service.get("/api/object/", answer(200, "ztf_object_ok.json")).await;
    let ztf = service.ztf().cutouts(ZTF, None).await.unwrap();
    assert_eq!((ztf.len(), ztf[0].source_id.as_deref()), (3, Some("3000250001115015001")));
    assert_eq!(
        ztf[0].url.as_ref().unwrap().path(),
        "/lasair/static/fits/61100/aaa/3000250001115015001_cutoutScience.fits"
    );
    let service = Service::start().await;
    service.get("/api/object/", answer(200, "lsst_object_added.txt")).await;
    let lsst = service.lsst().cutouts(LSST, None).await.unwrap();
    assert_eq!(
        (lsst.len(), lsst[2].url.as_ref().unwrap().as_str()),
        (3, "https://lasair.lsst.ac.uk/fits/170000000000000003_cutoutDifference")
    );
}

#[tokio::test]
async fn the_further_calls_are_asked_right() {
    let service = Service::start().await;
    service.get("/api/sherlock/position/", answer(200, "sherlock_position.json")).await;
    service.get("/api/sherlock/object/", answer(200, "ztf_sherlock_lite.json")).await;
    service.post("/api/lightcurves/", answer(200, "ztf_lightcurves.json")).await;
    service.post("/api/objects/", answer(200, "ztf_objects_mixed.json")).await;
    service.post("/api/query/", answer(200, "ztf_rows.json")).await;
    let broker = service.ztf();
    let lasair = broker.protocol();
    let sherlock = broker.run(lasair.sherlock_at(360.0, -6.02, false)).await.unwrap();
    assert_eq!((sherlock.class(), sherlock.words().as_deref()), (Some("AGN"), Some("near NGC 1")));
    assert_eq!(sherlock.crossmatches[0]["catalogue_object_id"], 100_000_000_000_000_001_i64);
    let sherlock = broker.run(lasair.sherlock_of(ZTF, true)).await.unwrap();
    assert_eq!(sherlock.words().as_deref(), Some("with SDSS J1325"));
    let curves = broker.run(lasair.light_curves(&[ZTF, OTHER])).await.unwrap();
    let counts: Vec<_> = curves.iter().map(|(id, data)| (id.as_str(), data.points.len())).collect();
    assert_eq!(counts, [(ZTF, 5), (OTHER, 0)]);
    let objects = broker.run(lasair.objects(&[ZTF, OTHER, "ZTF26aaaaaae", "ZTF26aaaaaad"])).await.unwrap();
    assert_eq!(objects.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, false, false]);
    let tables = ["sherlock_classifications".to_owned()];
    let rows = broker.run(lasair.rows("objects.objectId", &tables, "gmag < 12", 10, 5)).await.unwrap();
    assert_eq!(rows[1]["catalogue_object_id"], 77);
    assert_eq!(
        service.asked().await,
        [
            "GET /api/sherlock/position/?ra=0&dec=-6.02&lite=false".to_owned(),
            format!("GET /api/sherlock/object/?objectId={ZTF}&lite=true"),
            "POST /api/lightcurves/".to_owned(),
            "POST /api/objects/".to_owned(),
            "POST /api/query/".to_owned(),
        ]
    );
    assert_eq!(service.body(2).await, format!("objectIds={ZTF}%2C{OTHER}"));
    assert_eq!(
        service.fields(4).await[3..],
        [("limit".to_owned(), "10".to_owned()), ("offset".to_owned(), "5".to_owned())]
    );
    let faults = lasair.rows(" ", &["objcts".to_owned()], "a; b", 1, 0).unwrap_err();
    let fields: Vec<_> = faults.problems().iter().map(|p| p.field.as_str()).collect();
    assert_eq!(fields, ["selected", "conditions", "tables"]);
    assert_eq!(lasair.cone_count(0.0, 91.0, 2000.0).unwrap_err().problems().len(), 2);
}

#[tokio::test]
async fn a_light_curve_that_cannot_be_read_does_not_lose_the_others() {
    let service = Service::start().await;
    let mut curves: Value = json_fixture("ztf_lightcurves.json");
    curves[1] = json!({"error": "no light curve"});
    service.post("/api/lightcurves/", said(200, curves.to_string())).await;
    let broker = service.ztf();
    let ids = [ZTF, OTHER, "ZTF26aaaaaad"];
    let curves = broker.run(broker.protocol().light_curves(&ids)).await.unwrap();
    let told: Vec<_> =
        curves.iter().map(|(id, data)| (id.as_str(), data.points.len(), data.failures.len())).collect();
    assert_eq!(told, [(ZTF, 5, 0), (OTHER, 0, 1), (ids[2], 0, 1)]);
    assert_eq!(
        curves[2].1.failures[0].to_string(),
        "the answer says nothing of this object [id=ZTF26aaaaaad]"
    );
}

#[tokio::test]
async fn nearest_and_count_of_both_shapes() {
    for (body, due) in [
        (r#"{"object": "ZTF26aaaaaab", "separation": 0.5}"#, Some((ZTF, Some(0.5)))),
        (r#"{"nearest": {"object": 169342810955400001, "separation": 0.5}}"#, Some((LSST, Some(0.5)))),
        ("{}", None),
        (r#"{"nearest": {}}"#, None),
    ] {
        let service = Service::start().await;
        service.when(wiremock::matchers::query_param("requestType", "nearest"), said(200, body)).await;
        service
            .when(wiremock::matchers::query_param("requestType", "count"), said(200, r#"{"count": 104}"#))
            .await;
        let broker = service.ztf();
        let nearest = broker.run(broker.protocol().cone_nearest(1.0, 2.0, 3.0)).await.unwrap();
        let nearest = nearest.as_ref().map(|found| (found.object.as_deref().unwrap(), found.separation));
        assert_eq!(nearest, due);
        assert_eq!(broker.run(broker.protocol().cone_count(1.0, 2.0, 3.0)).await.unwrap(), 104);
    }
}

#[test]
fn a_message_of_a_topic_becomes_an_alert() {
    let text = text_fixture("lsst_message.json");
    let alert = read_message::<Lsst>(&text).unwrap();
    let broker = LasairLsstBroker::new(LasairConfig::default()).unwrap();
    let generic = broker.generic(&alert).unwrap();
    assert_eq!((generic.id.as_str(), generic.dec, generic.score), (LSST, Some(2.2), Some(0.91)));
    assert_eq!(generic.timestamp.unwrap().to_rfc3339(), "2026-06-09T11:59:23+00:00");
    let plain =
        read_message::<Ztf>(r#"{"objectId": "ZTF26aaaaaab", "jdmax": 2461100.75, "UTC": "x"}"#).unwrap();
    assert_eq!(plain.row.as_ref().unwrap().jdmax, Some(2_461_100.75));
    for bad in ["", "null", "[]", "{}", r#"{"objectId": "x"}"#, r#"{"diaObjectId": 1}"#] {
        assert!(read_message::<Ztf>(bad).is_err() && read_message::<Lsst>(bad).is_err(), "{bad}");
    }
}
