//! The form: every fault at once, TOM's and Scout's own names, canonical values.

use super::*;

fn faults(pairs: Value) -> Vec<String> {
    read(pairs).unwrap_err().problems().iter().map(ToString::to_string).collect()
}

#[test]
fn all_faults_come_at_once() {
    let due = [
        "tdes: this is no designation of the NEO Confirmation Page; they are like P12p4Jx, at most 8 letters and digits",
        "n_orbits: 1001 is outside 1..=1000",
        "neo_score_min: 101 is outside 0..=100",
        "impact_rating_min: 5 is outside 0..=4",
        "pos_unc_min, pos_unc_max: the first must not be above the second",
    ];
    let ours = faults(json!({
        "tdes": "a b", "n_orbits": 1001, "orbits": true, "neo_score_min": 101, "impact_rating_min": 5,
        "pos_unc_min": 5, "pos_unc_max": 1, "ca_dist_min": 3
    }));
    assert_eq!(ours, due);
}

#[test]
fn an_ephemeris_is_judged_as_a_whole() {
    assert_eq!(faults(json!({"eph_start": "now"})), ["eph_start: an ephemeris needs tdes"]);
    let x = |mut pairs: Value| {
        pairs["tdes"] = "X01aaaa".into();
        faults(pairs)
    };
    assert_eq!(
        x(json!({"obs_code": "W68", "ranges": true})),
        ["obs_code: needs eph_start", "ranges: needs eph_start"]
    );
    assert_eq!(
        x(json!({"eph_start": "2026-11-21", "eph_stop": "2026-11-20", "eph_step": "2w", "obs_code": "W6"})),
        [
            "eph_stop: must be later than eph_start",
            "eph_step: must be a whole number and d, h or m, such as 30m",
            "obs_code: must be an observatory code of the MPC, three letters or digits",
        ]
    );
    assert_eq!(
        x(json!({"eph_start": "tomorrow"})),
        ["eph_start: must be a date and time in UTC such as 2026-02-12T04:00:00, or now"]
    );
    assert_eq!(x(json!({"eph_start": "now", "eph_step": "30m"})), ["eph_step: needs eph_stop"]);
    assert_eq!(
        x(json!({"eph_start": "now", "fov_ra": 10, "fov_diam": 0})),
        ["fov_diam: 0 is not more than 0", "fov_ra, fov_dec: give both or none"]
    );
    assert_eq!(x(json!({"eph_start": "now", "fov_ra": 10, "fov_dec": 1})), ["fov_ra: needs fov_diam"]);
    assert_eq!(
        x(json!({"eph_start": "now", "eph_stop": "2026-11-22", "fov_ra": 10, "fov_dec": 1, "fov_diam": 3})),
        ["fov_ra, eph_stop: a field with a centre is of one instant; leave out one of them"]
    );
    assert_eq!(x(json!({"eph_start": "now", "plot": "el", "file": "mpc"})).len(), 2);
}

#[test]
fn scouts_and_toms_names_and_texts_are_taken() {
    let query = read(json!({
        "query_name": "mine", "broker": "Scout", "tdes": "P12p4Jx", "orbits": "on", "n-orbits": "3", "plot": "el,sr",
        "max_vmag": "21.6", "min_nobs": "5", "neo_score_min": "0", "geo_score_max": ""
    }))
    .unwrap();
    assert_eq!((query.n_orbits, query.plot.len(), query.vmag_max), (Some(3), 2, Some(21.6)));
    assert_eq!((query.nobs_min, query.neo_score_min, query.geo_score_max), (Some(5), Some(0), None));
}

#[test]
fn the_base_url_may_name_the_service_or_its_folder() {
    for base in [
        "http://127.0.0.1:8000/jpl/",
        "http://127.0.0.1:8000/jpl/scout.api",
        "http://127.0.0.1:8000/jpl/scout.api/",
    ] {
        let (_, script) = always(answer(200, "summary.json"));
        let config = ScoutConfig { base_url: base.parse().ok(), ..ScoutConfig::default() };
        use tom_alerts::plugin::{Cursor, Protocol};
        let request =
            client(&script, config).protocol().listing(&ScoutQuery::default(), &Cursor::default()).unwrap();
        assert_eq!(request.url().as_str(), "http://127.0.0.1:8000/jpl/scout.api");
    }
}

#[test]
fn names_are_judged_before_anything_is_sent() {
    let (broker, script) = always(answer(200, "object_1.json"));
    assert!(
        broker.recognises("P12p4Jx") && !broker.recognises("ZTF24aaaaaab") && !broker.recognises("2026 AB")
    );
    use tom_alerts::plugin::Protocol;
    let error = broker.protocol().alert("SN 2026abc").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert!(error.to_string().contains("no designation of the NEO Confirmation Page"), "{error}");
    assert!(script.requests().is_empty());
    assert_eq!(broker.name_query("P12p4Jx").unwrap()[0]["tdes"], "P12p4Jx");
    assert_eq!(broker.cone_query(1.0, 2.0, 3.0).unwrap_err().kind(), ErrorKind::Unsupported);
}
