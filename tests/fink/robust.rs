//! No panic whatever a service sends, and only what is sound leaves.

use proptest::prelude::{any, *};
use tom_alerts::brokers::fink::{LsstStreamAlert, ZtfStreamAlert};
use tom_alerts::http::json as read_json;
use tom_alerts::testing::spoil;
use tom_alerts::{Cursor, Protocol, Subject};

use super::support::fixtures::json_fixture;
use super::support::properties::{Asked, forget, sound_points};
use super::support::wild::{any_json, body_properties, cases, json_properties};
use super::*;

fn asked() -> Asked<Fink> {
    let queries = vec![
        class("SN candidate"),
        objects(&[ZTF]),
        objects(&[LSST]),
        cone(Some(Survey::Ztf)),
        cone(Some(Survey::Lsst)),
        read(json!({"sso": "8467"})).unwrap(),
        read(json!({"tag": "most_likely_sn"})).unwrap(),
        read(json!({"tns_name": "SN 2026abc"})).unwrap(),
        read(json!({"tns_name": "SN 2026abc", "survey": "lsst"})).unwrap(),
    ];
    let mut asked = Asked::<Fink>::new(FinkConfig::default, queries, &[ZTF, LSST, "8467", "SN 2026abc"]);
    asked.further = |fink| {
        vec![
            forget(Ok(fink.classes())),
            forget(fink.tags()),
            forget(fink.blocks()),
            forget(fink.lsst_schema("/api/v1/sources")),
            forget(Ok(fink.ztf_schema())),
            forget(fink.statistics(Survey::Ztf, "20260101")),
            forget(fink.statistics(Survey::Lsst, "20260101")),
            forget(fink.resolve_tns(Survey::Lsst, "SN 2026abc")),
            forget(fink.tns_of(ZTF)),
            forget(fink.resolve_simbad("M 31")),
            forget(fink.simbad_of(ZTF)),
            forget(fink.resolve_sso("8467")),
            forget(fink.lsst_objects(&[LSST])),
            forget(fink.lsst_forced(LSST)),
            forget(fink.ztf_light_curve(ZTF)),
        ]
    };
    asked
}

/// Every reader there is, on one body; how many alerts and points came of it.
fn read_all(body: &[u8]) -> usize {
    let seen = asked().read(&[200, 400], body);
    if let Ok(alert) = read_json::<ZtfStreamAlert>(body) {
        let _ = alert.packet();
        sound_points(&alert.light_curve());
    }
    if let Ok(alert) = read_json::<LsstStreamAlert>(body) {
        let _ = alert.packet();
        sound_points(&alert.light_curve());
    }
    seen
}

/// A script that answers everything with one body.
fn always(body: &Value) -> FinkBroker {
    let answer = support::script::text(200, &body.to_string());
    support::script::client::<Fink>(&support::script::always(answer), FinkConfig::default())
}

/// Whatever else is odd in the rows, the objects are listed and become targets.
async fn listed_all_the_same(name: &str, query: FinkQuery, vital: &[&str]) {
    let whole = json_fixture(name);
    let count = list(&always(&whole), &query).await.alerts.len();
    assert!(count > 0);
    for (place, body) in spoil(&whole, vital) {
        let broker = always(&body);
        let listed = list(&broker, &query).await;
        assert!(listed.faults.is_empty(), "{place}: {:?}", listed.faults);
        assert_eq!(listed.alerts.len(), count, "{place}");
        for alert in listed.alerts {
            let alert = broker.erase(alert).unwrap_or_else(|e| panic!("{place}: {e}"));
            assert!(alert.to_target().is_ok(), "{place}");
            assert!(alert.provenance().object_id.is_some(), "{place}");
        }
    }
}

#[tokio::test]
async fn an_ornament_never_costs_an_object() {
    let ztf = ["*.i:objectId", "*.i:candid", "*.i:jd", "*.i:magpsf", "*.i:ra", "*.i:dec"];
    let lsst =
        ["*.r:diaObjectId", "*.r:diaSourceId", "*.r:midpointMjdTai", "*.r:psfFlux", "*.r:ra", "*.r:dec"];
    listed_all_the_same("latests_ok.json", class("SN candidate"), &ztf).await;
    listed_all_the_same("conesearch_ok.json", cone(None), &ztf).await;
    listed_all_the_same("objects_full.json", objects(&[ZTF]), &ztf).await;
    let sso = |survey: &str| read(json!({"sso": "8467", "survey": survey, "history": true})).unwrap();
    listed_all_the_same("sso_ok.json", sso("ztf"), &ztf).await;
    listed_all_the_same("lsst_sso_ok.json", sso("lsst"), &lsst).await;
    listed_all_the_same("lsst_sources_clean.json", FinkQuery { history: true, ..objects(&[LSST]) }, &lsst)
        .await;
    listed_all_the_same("lsst_tags_ok.json", read(json!({"tag": "in_tns"})).unwrap(), &lsst).await;
    listed_all_the_same("lsst_conesearch_ok.json", cone(Some(Survey::Lsst)), &lsst).await;
}

/// Whatever else is odd in the rows, the points are there, and what was left out is told.
async fn measured_all_the_same(name: &str, id: &str, vital: &[&str]) {
    let whole = json_fixture(name);
    let config = FinkConfig { forced_photometry: false, ..FinkConfig::default() };
    let data = |body: &Value| {
        let answer = support::script::text(200, &body.to_string());
        let broker = support::script::client::<Fink>(&support::script::always(answer), config.clone());
        async move { broker.reduced_data(id, None).await.unwrap() }
    };
    let due = data(&whole).await;
    assert!(due.failures.is_empty() && due.points.len() > 1);
    for (place, body) in spoil(&whole, vital) {
        let data = data(&body).await;
        assert!(data.failures.is_empty(), "{place}: {:?}", data.failures);
        assert_eq!(data.points.len(), due.points.len(), "{place}");
        assert!(
            data.notes.iter().any(|note| note.contains("another type")) || !place.ends_with("drb = []"),
            "{place}"
        );
    }
}

#[tokio::test]
async fn an_ornament_never_costs_a_point() {
    let ztf = [
        "*.i:objectId",
        "*.i:candid",
        "*.i:jd",
        "*.i:fid",
        "*.i:magpsf",
        // The depth of a limit is its value.
        "1.i:diffmaglim",
        "5.i:diffmaglim",
        "*.d:tag",
        "*.i:ra",
        "*.i:dec",
    ];
    measured_all_the_same("objects_limits_clean.json", ZTF, &ztf).await;
    let lsst = [
        "*.r:diaObjectId",
        "*.r:diaSourceId",
        "*.r:midpointMjdTai",
        "*.r:band",
        "*.r:psfFlux",
        "*.r:psfFluxErr",
        "*.r:ra",
        "*.r:dec",
    ];
    measured_all_the_same("lsst_sources_clean.json", LSST, &lsst).await;
}

#[tokio::test]
async fn an_error_that_cannot_be_read_costs_its_own_point_alone_and_that_is_told() {
    let mut rows = json_fixture("lsst_sources_clean.json");
    rows[0]["r:psfFluxErr"] = json!("odd");
    let config = FinkConfig { forced_photometry: false, ..FinkConfig::default() };
    let script = support::script::always(support::script::text(200, &rows.to_string()));
    let broker = support::script::client::<Fink>(&script, config);
    let data = broker.reduced_data(LSST, None).await.unwrap();
    assert_eq!((data.points.len(), data.failures.len()), (2, 0), "{:?}", data.failures);
    assert_eq!(
        data.notes,
        [
            "1 value of sources has another type than due and is left out",
            "1 row of sources without a value left out"
        ]
    );
    let listed = list(&broker, &objects(&[LSST])).await;
    assert_eq!((listed.alerts.len(), listed.faults.len()), (1, 0));
}

/// A refusal, as Python's frameworks send it and as JSON.
fn refuse(body: &[u8]) {
    for kind in ["application/json", "text/html; charset=utf-8"] {
        let mut asked = Asked::<Fink>::new(FinkConfig::default, vec![class("SN candidate")], &[]);
        asked.headers = vec![("content-type".to_owned(), kind.to_owned())];
        asked.read(&[200, 400, 404, 500], body);
    }
}

/// Those that the readers know.
const KEYS: &str = "\
    i:objectId i:candid i:jd i:fid i:magpsf i:sigmapsf i:diffmaglim i:isdiffpos i:ra i:dec i:ssnamenr \
    d:tag d:roid d:cdsxmatch d:rf_snia_vs_nonia v:classification v:separation_degree sso_name sso_number \
    r:diaObjectId r:diaSourceId r:ssObjectId r:midpointMjdTai r:band r:psfFlux r:psfFluxErr r:ra r:dec \
    f:sso_name f:is_sso f:clf_cats_class d:fullname d:internalname d:ra d:declination f:fullname f:ra \
    f:declination text message candidate prv_candidates jd fid magpsf diffmaglim diaSource prvDiaSources \
    psfFlux band";

const RECORDED: &str = "\
    latests_ok.json latests_nan.txt objects_full.json objects_limits.json objects_all_limits.json \
    sso_ok.json conesearch_ok.json resolver_tns.json resolver_tns_place.json resolver_simbad.json \
    resolver_simbad_reverse.json resolver_ssodnet.json statistics.json schema.json classes.json \
    lsst_tags_ok.json lsst_tags_list.json lsst_blocks.json lsst_sources_ok.json lsst_fp_ok.json \
    lsst_objects_ok.json lsst_conesearch_ok.json lsst_sso_ok.json lsst_resolver_tns.json \
    lsst_statistics.json lsst_schema.json";

fn values() -> Vec<Value> {
    vec![json!(ZTF), json!(LSST)]
}

json_properties!();
body_properties!(cut 211: "objects_limits.json", "lsst_sources_ok.json", "latests_nan.txt", "resolver_tns.json");

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn no_refusal_makes_explaining_panic(value in any_json(KEYS, values())) {
        refuse(value.to_string().as_bytes());
    }

    #[test]
    fn no_words_make_explaining_panic(text in "[{}'\":(), \\\\a-zé]{0,60}") {
        refuse(format!("{{'status': 'error', 'text':{text}").as_bytes());
    }

    #[test]
    fn no_name_makes_asking_panic(name in "\\PC{0,24}") {
        let fink = Fink::new(FinkConfig::default()).unwrap();
        let _ = fink.recognises(&name);
        let _ = fink.alert(&name);
        let _ = fink.reduced_data(Subject::new(&name));
        let _ = fink.name_query(&name);
    }

    #[test]
    fn no_query_makes_asking_panic(ra in any::<f64>(), days in any::<f64>(), text in "\\PC{0,24}", n in any::<u32>()) {
        let fink = Fink::new(FinkConfig::default()).unwrap();
        let far = tom_alerts::time::parse_utc("2026-01-01");
        let double = FinkQuery { conesearch: Some(text.clone()), ..FinkQuery::default() };
        let class = FinkQuery { classsearch: Some(text.clone()), days: Some(days), n: Some(n), ..FinkQuery::default() };
        let cone = FinkQuery { ra: Some(ra), dec: Some(days), radius: Some(ra), startdate: far, ..FinkQuery::default() };
        for query in [double, class, cone, FinkQuery { class: Some(text), days: Some(days), ..FinkQuery::default() }] {
            let _ = fink.listing(&query, &Cursor::default());
            let _ = tom_alerts::form::check(&query);
        }
    }
}
