//! The query form: its faults, and what is sent for it.

use super::*;

/// The search that is sent for a query, by both versions.
async fn sent(query: &AntaresQuery) -> (Value, Value) {
    let mut bodies = Vec::new();
    for service in [Service::v2().await, Service::v1().await] {
        service.below("loci", answer(200, "v2_loci_empty.json")).await;
        let listed = list(&service.broker(), query).await;
        assert!(listed.faults.is_empty(), "{:?}", listed.faults);
        let parameters = service.parameters(0).await;
        let body = parameters.iter().find(|(key, _)| key.starts_with("elasticsearch_query")).unwrap();
        bodies.push(serde_json::from_str(&body.1).unwrap());
    }
    let v1 = bodies.pop().unwrap();
    (bodies.pop().unwrap(), v1)
}

fn filters(body: &Value) -> &Value {
    &body["query"]["bool"]["filter"]
}

#[tokio::test]
async fn every_field_reaches_the_service() {
    let query = AntaresQuery {
        ztf_id: Some(ZTF.into()),
        lsst_id: Some(LSST.into()),
        lsst_ss_id: Some("20892385893044800".into()),
        tags: vec!["high_snr".into(), "in_m31".into()],
        nobs_min: Some(3),
        nobs_max: Some(90),
        mag_min: Some(15.0),
        mag_max: Some(19.5),
        mjd_min: Some(60_000.0),
        mjd_max: Some(60_100.0),
        ra: Some(150.0),
        dec: Some(-2.5),
        radius: Some(36.0),
        esquery: Some(serde_json::from_value(json!({"query": {"exists": {"field": "tags"}}})).unwrap()),
        ..AntaresQuery::default()
    };
    let (v2, v1) = sent(&query).await;
    let mut due = json!([
        {"term": {"properties.ztf_object_id": ZTF}},
        {"term": {"properties.survey.lsst.dia_object_id": LSST}},
        {"term": {"properties.survey.lsst.ss_object_id": "20892385893044800"}},
        {"exists": {"field": "tags"}},
        {"terms": {"tags": ["high_snr", "in_m31"]}},
        {"range": {"properties.num_mag_values": {"gte": 3, "lte": 90}}},
        {"range": {"properties.newest_alert_magnitude": {"gte": 15.0, "lte": 19.5}}},
        {"range": {"properties.oldest_alert_observation_time": {"gte": 60_000.0}}},
        // LSST's dates are TAI, 37 s ahead.
        {"range": {"properties.newest_alert_observation_time": {"lte": 60_100.0 + 37.0 / 86_400.0}}},
        {"sky_distance": {"radius": "0.01 degree", "location": "10h00m00s -02d30m00s"}}
    ]);
    assert_eq!(filters(&v2), &due);
    due[9] = json!({"sky_distance": {"distance": "0.01 degree", "htm16": {"center": "150 -2.5"}}});
    assert_eq!(filters(&v1), &due);
}

#[tokio::test]
async fn a_cone_is_true_across_ra_0_at_the_poles_and_in_the_south() {
    for (ra, dec, radius, location, center, degrees) in [
        (0.0, 0.0, 3.6, "00h00m00s +00d00m00s", "0 0", "0.001"),
        (359.9999, -45.5, 3600.0, "23h59m59.976s -45d30m00s", "359.9999 -45.5", "1"),
        (360.0, 0.0001, 1.0, "00h00m00s +00d00m00.36s", "0 0.0001", "0.0002777777777777778"),
        (123.0, 90.0, 7.2, "08h12m00s +90d00m00s", "123 90", "0.002"),
        (0.0, -90.0, 0.0036, "00h00m00s -90d00m00s", "0 -90", "0.000001"),
        (10.684_708, 41.268_75, 9e-6, "00h42m44.32992s +41d16m07.5s", "10.684708 41.26875", "0.0000000025"),
    ] {
        let query =
            AntaresQuery { ra: Some(ra), dec: Some(dec), radius: Some(radius), ..AntaresQuery::default() };
        let (v2, v1) = sent(&query).await;
        let cone = |body: &Value| filters(body)[0]["sky_distance"].clone();
        assert_eq!(filters(&v2).as_array().unwrap().len(), 1);
        assert_eq!(cone(&v2), json!({"radius": format!("{degrees} degree"), "location": location}));
        let due = json!({"distance": format!("{degrees} degree"), "htm16": {"center": center}});
        assert_eq!(cone(&v1), due);
    }
}

#[tokio::test]
async fn toms_saved_queries_are_understood() {
    let saved = json!({
        "query_name": "mine", "broker": "ANTARES", "ztfid": "", "antid": "", "tag": ["nuclear_transient"],
        "nobs__gt": 2, "nobs__lt": null, "ra": 0.0, "dec": -30.5, "sr": 0.5, "mjd__gt": "60000", "mjd__lt": "",
        "last_day": false, "mag__min": null, "mag__max": "19", "esquery": null, "max_alerts": 20
    });
    let query = read(saved).unwrap();
    let (v2, _) = sent(&query).await;
    assert_eq!(
        filters(&v2),
        &json!([
            {"terms": {"tags": ["nuclear_transient"]}},
            {"range": {"properties.num_mag_values": {"gte": 2}}},
            {"range": {"properties.newest_alert_magnitude": {"lte": 19.0}}},
            {"range": {"properties.oldest_alert_observation_time": {"gte": 60_000.0}}},
            {"sky_distance": {"radius": "0.5 degree", "location": "00h00m00s -30d30m00s"}}
        ])
    );
    assert_eq!(query.max_alerts, Some(20));
    let one = read(json!({"tag": "high_snr,in_m31"})).unwrap();
    assert_eq!(one.tags, ["high_snr", "in_m31"]);
}

#[tokio::test]
async fn a_date_range_alone_is_a_query_and_the_last_day_wins_over_it() {
    let (v2, _) = sent(&read(json!({"mjd__gt": 60_000, "mjd__lt": "2023-06-05"})).unwrap()).await;
    assert_eq!(filters(&v2).as_array().unwrap().len(), 2);
    let before = tom_alerts::time::mjd_from_utc(chrono::Utc::now());
    let (v2, _) = sent(&read(json!({"last_day": "on", "mjd__gt": 70_000, "mjd__lt": 60_000})).unwrap()).await;
    let range = &filters(&v2)[0]["range"]["properties.newest_alert_observation_time"];
    let (low, high) = (range["gte"].as_f64().unwrap(), range["lte"].as_f64().unwrap());
    assert!((low - (before - 1.0)).abs() < 0.01, "{low} {before}");
    assert!((high - low - 1.0 - 37.0 / 86_400.0).abs() < 1e-9, "an alert of LSST of this minute is in it");
    assert_eq!(filters(&v2).as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_raw_query_goes_as_it_is_from_an_object_or_its_text() {
    let own = json!({"query": {"bool": {"must_not": [{"term": {"tags": "dimmers"}}]}}});
    for given in [own.clone(), Value::from(own.to_string())] {
        let (v2, v1) = sent(&read(json!({"esquery": given})).unwrap()).await;
        assert_eq!((&v2, &v1), (&own, &own));
    }
    let told = |given: Value| read(json!({"esquery": given})).unwrap_err().to_string();
    assert_eq!(told(json!("{\"query\"")), "esquery: this is not JSON; give {\"query\": …}");
    let due =
        "esquery: an object with the single key `query` is due, such as {\"query\": {\"match_all\": {}}}";
    for wrong in [
        json!({"query": {"match_all": {}}, "size": 5}),
        json!({"aggs": {}}),
        json!({}),
        json!("[]"),
        json!({"query": 1}),
    ] {
        assert_eq!(told(wrong), due);
    }
}

#[test]
fn every_fault_is_told_at_once() {
    let told = |pairs: Value| read(pairs).unwrap_err().to_string();
    assert_eq!(
        told(json!({
            "nobs__gt": 9, "nobs__lt": 8, "mag__min": -1, "mjd__gt": 2_460_000.5, "ra": 400, "dec": -91,
            "radus": 3, "page_size": 251, "max_alerts": 0
        })),
        "nobs__gt, nobs__lt: the first must not be above the second; mag__min: -1 is less than 0; \
         mjd__gt: this is a JD; give the MJD, which is JD − 2400000.5; ra: 400 is outside 0..=360; \
         dec: -91 is outside -90..=90; page_size: 251 is outside 1..=250; max_alerts: 0 is less than 1; \
         radus: no such field; did you mean radius?"
    );
    assert_eq!(
        told(json!({"ra": 0, "dec": 0})),
        "ra, dec, radius, sr: a cone has a centre and one radius; give all of it or none"
    );
    assert_eq!(
        told(json!({"sr": 1})),
        "ra, dec, radius, sr: a cone has a centre and one radius; give all of it or none"
    );
    assert_eq!(told(json!({"ra": 0, "dec": 0, "radius": 3601})), "radius: 3601 is outside 0..=3600");
    assert!(told(json!({"ra": 0, "dec": 0, "radius": 0})).starts_with("radius:"));
    assert!(told(json!({"ra": 0, "dec": 0, "sr": 1.5})).starts_with("sr: 1.5 is outside"));
    assert_eq!(
        told(json!({"ra": 0, "dec": 0, "sr": 0.1, "radius": 5})),
        "radius, sr: give one of them: radius is in arcsec, sr in degrees"
    );
    assert_eq!(
        told(json!({"mag_min": 19, "mag_max": 18})),
        "mag_min, mag_max: the first must not be above the second"
    );
    assert_eq!(
        told(json!({"mjd_min": 6, "mjd_max": 5})),
        "mjd_min, mjd_max: the first must not be above the second"
    );
    assert_eq!(
        told(json!({"antid": LOCUS, "tag": "x", "ra": 1, "dec": -80, "radius": 1})),
        "antid, tag, ra: a locus is asked for by its id alone; leave the other fields out"
    );
}

#[test]
fn an_id_of_the_other_survey_is_told() {
    let told = |field: &str, id: &str| read(json!({ field: id })).unwrap_err().to_string();
    assert_eq!(told("ztf_id", LSST), "ztf_id: this is an id of LSST; give it as lsst_id");
    assert_eq!(told("ztfid", LOCUS), "ztfid: this is an id of a locus; give it as locus_id");
    assert_eq!(told("ztf_id", "SN2024abc"), "ztf_id: this is no id of ZTF; they are like ZTF20aaelulu");
    assert_eq!(told("lsst_id", ZTF), "lsst_id: this is an id of ZTF; give it as ztf_id");
    assert_eq!(told("lsst_ss_id", LOCUS), "lsst_ss_id: this is an id of a locus; give it as locus_id");
    assert_eq!(told("lsst_id", "12"), "lsst_id: this is no id of LSST; they have 15 to 19 digits");
    assert_eq!(told("locus_id", ZTF), "locus_id: this is an id of ZTF; give it as ztf_id");
    assert_eq!(told("antid", LSST), "antid: this is an id of LSST; give it as lsst_id");
    assert_eq!(told("locus_id", "ANT20"), "locus_id: this is no id of a locus; they are like ANT2020m4pja");
}

#[test]
fn ids_of_loci_and_of_both_surveys_are_recognised() {
    let broker = AntaresBroker::new(AntaresConfig::default()).unwrap();
    for (name, known) in [
        (LOCUS, true),
        ("ANT2020m4pja", true),
        ("ANT2026rq61krn5dipt", true),
        (ZTF, true),
        (LSST, true),
        ("ANT2020", false),
        ("ANT2020M4PJA", false),
        ("ANTé020aaa", false),
        ("SN2024abc", false),
        ("ZTF2é", false),
        ("", false),
    ] {
        assert_eq!(GenericBroker::recognises(&broker, name), known, "{name}");
    }
    let named = |name: &str| GenericBroker::name_query(&broker, name).unwrap().remove(0);
    assert_eq!(named(LOCUS)["locus_id"], LOCUS);
    assert_eq!(named(ZTF)["ztf_id"], ZTF);
    assert_eq!(named(LSST)["lsst_id"], LSST);
}

#[test]
fn the_version_of_the_configuration_is_1_or_2() {
    let table = |version: Value| json!({ "api_version": version, "api_versoin": 1 });
    let read = |table: &Value| tom_alerts::form::read_config::<AntaresConfig>(table.as_object().unwrap(), "");
    let told = read(&table(json!(3))).unwrap_err().to_string();
    assert_eq!(
        told,
        "api_version: the number is outside 1..=2; api_versoin: no such key; did you mean api_version?"
    );
}
