//! The query form: its faults, and what is sent for it.

use tom_alerts::brokers::alerce::{OrderBy, OrderMode};

use super::*;

async fn first_request(query: &AlerceQuery) -> String {
    let service = Service::start().await;
    service.get("/ztf/v1/objects/", answer(200, "objects_empty.json")).await;
    service.get("/object_api/list_objects", answer(200, "lsst_objects_empty.json")).await;
    let listed = list(&service.broker(), query).await;
    assert!(listed.faults.is_empty(), "{:?}", listed.faults);
    service.asked().await.remove(0)
}

#[tokio::test]
async fn every_field_reaches_the_ztf_service_in_its_own_words() {
    let query = AlerceQuery {
        oid: vec!["ZTF24*".into()],
        classifier: Some("LC_classifier_ATAT_forced_phot(beta)".into()),
        classifier_version: Some("1.0".into()),
        class: Some("CV/Nova".into()),
        probability: Some(0.5),
        ranking: Some(1),
        ndet_min: Some(3),
        ndet_max: Some(9),
        firstmjd_min: Some(60_000.5),
        ra: Some(150.0),
        dec: Some(-2.5),
        radius: Some(1.5),
        order_by: Some(OrderBy::Deltamjd),
        order_mode: Some(OrderMode::Descending),
        ..two()
    };
    assert_eq!(
        first_request(&query).await,
        "GET /ztf/v1/objects/?oid=ZTF24*&classifier=LC_classifier_ATAT_forced_phot%28beta%29\
         &classifier_version=1.0&class=CV%2FNova&ranking=1&probability=0.5&ndet=3&ndet=9&firstmjd=60000.5\
         &ra=150&dec=-2.5&radius=1.5&page=1&page_size=2&count=false&order_by=deltajd&order_mode=DESC"
    );
}

#[tokio::test]
async fn a_lone_upper_bound_goes_with_a_zero_and_never_with_a_comma() {
    let query = AlerceQuery { lastmjd_max: Some(60_400.25), ndet_max: Some(7), ..two() };
    assert_eq!(
        first_request(&query).await,
        "GET /ztf/v1/objects/?ndet=0&ndet=7&lastmjd=0&lastmjd=60400.25&page=1&page_size=2&count=false&order_by=firstmjd&order_mode=ASC"
    );
}

#[tokio::test]
async fn a_cone_at_zero_is_still_a_cone() {
    for (ra, dec) in [(0.0, 0.0), (360.0, -0.0)] {
        let query = AlerceQuery { ra: Some(ra), dec: Some(dec), radius: Some(2.0), ..two() };
        assert_eq!(
            first_request(&query).await,
            "GET /ztf/v1/objects/?ra=0.000000001&dec=0.000000001&radius=2&page=1&page_size=2&count=false&order_by=firstmjd&order_mode=ASC"
        );
    }
}

#[tokio::test]
async fn toms_fields_become_classifier_class_and_probability() {
    let saved = json!({
        "query_name": "young", "broker": "ALeRCE", "oid": "", "ndet": null, "ranking": "",
        "lc_classifier": "", "p_lc_classifier": "", "stamp_classifier": "SN", "p_stamp_classifier": "0.7",
        "firstmjd__gt": "60000", "lastmjd__lt": "60010.5", "order_by": "None", "order_mode": "None",
        "max_pages": "1"
    });
    assert_eq!(
        first_request(&read(saved).unwrap()).await,
        "GET /ztf/v1/objects/?classifier=stamp_classifier&class=SN&probability=0.7&firstmjd=60000\
         &lastmjd=0&lastmjd=60010.5&page=1&page_size=20&count=false&order_by=firstmjd&order_mode=ASC",
        "max_pages counts TOM Toolkit's pages"
    );
    for (field, classifier, class) in [
        ("lc_classifier", "lc_classifier", "SNIa"),
        ("lc_classifier_top", "lc_classifier_top", "Transient"),
        ("lc_classifier_bhrf", "lc_classifier_BHRF_forced_phot", "TDE"),
        ("lc_classifier_bhrf_top", "lc_classifier_BHRF_forced_phot_top", "Periodic"),
        ("lc_classifier_atat", "LC_classifier_ATAT_forced_phot%28beta%29", "RRLab"),
        ("stamp_classifier_beta", "stamp_classifier_2025_beta", "satellite"),
        ("cfield_lc_classifier_BHRF_forced_phot", "lc_classifier_BHRF_forced_phot", "TDE"),
    ] {
        let query = read(json!({ field: class })).unwrap();
        let due = format!("?classifier={classifier}&class={class}&page=1");
        assert!(first_request(&query).await.contains(&due), "{field}");
    }
}

#[tokio::test]
async fn lsst_is_asked_in_its_own_words_and_in_tai() {
    let query = AlerceQuery {
        survey: Some(Survey::Lsst),
        classifier: Some("stamp_classifier_rubin_beta".into()),
        class: Some("SN".into()),
        ndet_min: Some(2),
        firstmjd_min: Some(61_000.0),
        ra: Some(0.0),
        dec: Some(0.0),
        radius: Some(5.0),
        order_by: Some(OrderBy::Ndet),
        order_mode: Some(OrderMode::Ascending),
        ..two()
    };
    assert_eq!(
        first_request(&query).await,
        "GET /object_api/list_objects?survey=lsst&classifier=stamp_classifier_rubin_beta&class_name=SN&n_det=2\
         &firstmjd=61000.00042824074&ra=0&dec=0&radius=5&page=1&page_size=2&order_by=n_det&order_mode=ASC"
    );
}

#[test]
fn every_fault_of_a_query_is_told_at_once() {
    let faults = |pairs: Value| read(pairs).unwrap_err().to_string();
    assert_eq!(
        faults(json!({
            "ra": 400, "dec": 5, "radus": 3, "probability": 2, "firstmjd__gt": 2460000.5, "ndet": 9, "ndet_max": 3
        })),
        "probability: 2 is outside 0..=1; ndet, ndet_max: the first must not be above the second; \
         firstmjd__gt: this is a JD; give the MJD, which is JD − 2400000.5; ra: 400 is outside 0..=360; \
         radus: no such field; did you mean radius?"
    );
    assert_eq!(faults(json!({"ra": 1, "dec": 2})), "ra, dec, radius: give all of them or none");
    assert!(faults(json!({"ra": 1, "dec": 2, "radius": 0})).starts_with("radius:"));
    assert_eq!(
        faults(json!({"oid": [LSST, ZTF]})),
        format!("oid: {ZTF}: this is an id of ZTF; its objects go into a query of their own")
    );
    assert_eq!(faults(json!({"oid": "ZTF20aa*,ZTF20aaelulu"})), "oid: * works in a single id only");
    assert!(read(json!({"ra": 0, "dec": 0, "radius": 1.5})).is_ok());
}

#[test]
fn a_class_goes_with_its_classifier() {
    let faults = |pairs: Value| read(pairs).unwrap_err().to_string();
    assert_eq!(faults(json!({"probability": 0.5})), "probability: needs a class or a classifier");
    assert_eq!(
        faults(json!({"p_stamp_classifier": 0.5})),
        "p_stamp_classifier: needs a class in stamp_classifier"
    );
    assert_eq!(
        faults(json!({"lc_classifier": "SNIa", "stamp_classifier": "SN"})),
        "lc_classifier, stamp_classifier: one classifier a query; ask for the others by themselves"
    );
    assert_eq!(
        faults(json!({"stamp_classifier": "SNIa"})),
        "stamp_classifier: SNIa is no class of stamp_classifier; its classes are SN, AGN, VS, asteroid, bogus"
    );
    assert_eq!(
        faults(json!({"lc_classifier": "snia"})),
        "lc_classifier: snia is no class of lc_classifier; did you mean SNIa?"
    );
    assert_eq!(
        faults(json!({"survey": "lsst", "class": "SN"})),
        "class, classifier: LSST's service needs the classifier of a class"
    );
    assert_eq!(
        faults(json!({"survey": "lsst", "order_by": "g_r_max"})),
        "order_by: LSST's service cannot sort by this"
    );
    assert!(
        read(json!({"classifier": "new_one", "class": "Kilonova"})).is_ok(),
        "what is not known may be new"
    );
}

#[test]
fn ids_of_both_surveys_are_recognised() {
    let broker = AlerceBroker::new(AlerceConfig::default()).unwrap();
    for (name, known) in [
        (ZTF, true),
        (LSST, true),
        ("ZTF24AAAAAAB", false),
        ("ZTF2aaaaaaab", false),
        ("ZTF24aaaaaabc", false),
        ("AT2024abc", false),
        ("12345", false),
        ("", false),
        ("ZTFé4aaaaaab", false),
    ] {
        assert_eq!(GenericBroker::recognises(&broker, name), known, "{name}");
    }
}

#[test]
fn a_cone_asks_both_surveys_and_a_name_that_of_its_shape() {
    let broker = AlerceBroker::new(AlerceConfig::default()).unwrap();
    let cones = broker.cone_query(150.5, -2.25, 3.5).unwrap();
    let cone = |survey: &str| json!({"survey": survey, "ra": 150.5, "dec": -2.25, "radius": 3.5});
    for (query, survey) in cones.iter().zip(["ztf", "lsst"]) {
        let own = Value::Object(query.clone());
        for (key, value) in cone(survey).as_object().unwrap() {
            assert_eq!(&own[key], value, "{key}");
        }
        broker.check(query).unwrap();
    }
    assert_eq!(cones.len(), 2);
    for (name, survey) in [(ZTF, "ztf"), (LSST, "lsst"), (" ZTF24aaaaaab ", "ztf")] {
        let queries = broker.name_query(name).unwrap();
        assert_eq!(
            (queries.len(), &queries[0]["survey"], &queries[0]["oid"]),
            (1, &json!(survey), &json!([name.trim()]))
        );
        broker.check(&queries[0]).unwrap();
    }
    assert_eq!(broker.name_query("AT2024abc").unwrap_err().kind(), ErrorKind::Input);
}
