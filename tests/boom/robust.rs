//! No panic whatever a service sends, and only what is sound leaves.

use super::support::properties::{Asked, forget};
use super::support::wild::{body_properties, cases, json_properties};
use super::*;
use proptest::prelude::*;

/// Every reader of both services, on one body; how many alerts and points came of it.
fn read_all(body: &[u8]) -> usize {
    let mut seen = 0;
    let statuses = [200, 401, 404, 500];
    let cone = read(json!({"ra": 1.5, "dec": 2.5, "radius": 30})).unwrap();
    let mut asked = Asked::<Babamul>::new(with_token, vec![of(ZTF), of(LSST), cone], &[ZTF, LSST]);
    asked.further = |babamul| {
        vec![
            forget(babamul.objects("ZTF26", 3)),
            forget(babamul.objects_near(1.0, 2.0, 3.0)),
            forget(babamul.cross_matches(ZTF)),
        ]
    };
    seen += asked.read(&statuses, body);
    // The same with a login, which the body answers.
    seen += Asked::<Babamul>::new(with_login, Vec::new(), &[ZTF]).read(&[200, 401], body);
    let queries: Vec<BoomQuery> = vec![
        read_form(&json!({"filter": "{}"})).unwrap(),
        read_form(&json!({"ra": 1.5, "dec": 2.5, "radius": 30})).unwrap(),
        read_form(&json!({"filter": "{}", "survey": "LSST"})).unwrap(),
    ];
    let mut asked = Asked::<Boom>::new(account, queries, &[ZTF, LSST, CANDID]);
    asked.before = |request| (request.url().path() == "/auth").then(|| answer(200, "auth.json"));
    asked.further = |boom| {
        vec![
            forget(boom.count(BoomSurvey::Ztf, &json!({}))),
            forget(boom.catalogues()),
            forget(boom.filters()),
        ]
    };
    seen += asked.read(&statuses, body);
    seen
}

/// Those that the readers know.
const KEYS: &str = "\
    data message query objectId candid _id candidate properties classifications jd ra dec band fid \
    magpsf psfFlux psfFluxErr diffmaglim isdiffpos prv_candidates prv_nondetections fp_hists \
    survey_matches lsst cross_matches cutoutScience rock drb";

const RECORDED: &str = "\
    alerts_page1.json alerts_lsst.json alerts_odd.json alerts_nan.txt object_ztf.json object_lsst.json \
    object_odd.json objects.json cross_matches.json cutouts.json auth.json boom_find.json \
    boom_find_one.json boom_cone.json boom_aux.json boom_count.json error_400.json";

fn values() -> Vec<Value> {
    vec![json!(ZTF), json!(LSST), json!(CANDID)]
}

/// As the services wrap what they answer.
fn within(value: Value) -> Vec<Value> {
    vec![json!({"data": value}), json!({"data": {"objectId": ZTF, "prv_candidates": [value]}})]
}

json_properties!(within within);
body_properties!(cut 61: "object_ztf.json", "alerts_odd.json", "cutouts.json", "boom_cone.json");

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn no_name_makes_recognising_panic(name in "\\PC{0,24}") {
        let boom = Boom::new(account()).unwrap();
        let _ = (boom.recognises(&name), boom.alert(&name));
        let babamul = Babamul::new(with_token()).unwrap();
        let _ = (babamul.recognises(&name), babamul.alert(&name));
    }
}
