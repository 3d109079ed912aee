//! No panic whatever a service sends, and only what is sound leaves.

use proptest::prelude::{any, *};
use tom_alerts::Alert;
use tom_alerts::brokers::scout::drawings;

use super::support::properties::{Asked, forget};
use super::support::wild::{body_properties, cases, json_properties};
use super::*;

fn ephemeris() -> ScoutQuery {
    ScoutQuery { eph_start: Some("now".to_owned()), ..one("X01aaaa") }
}

/// Every reader there is, on one body; how many alerts and points came of it.
fn read_all(body: &[u8]) -> usize {
    let config = || ScoutConfig { n_orbits: Some(9), ..ScoutConfig::default() };
    let orbits = ScoutQuery { orbits: true, ..ScoutQuery::default() };
    let queries = vec![ScoutQuery::default(), orbits, one("X01aaaa"), ephemeris()];
    let mut asked = Asked::<Scout>::new(config, queries, &["X01aaaa"]);
    asked.further = |scout| vec![forget(scout.ephemeris(&ephemeris())), forget(scout.departures())];
    let seen = asked.read(&[200, 400, 503], body);
    if let Ok(alert) = Alert::<ScoutPacket>::from_raw(&String::from_utf8_lossy(body)) {
        let _ = drawings(&alert);
    }
    seen
}

/// Those that the readers know.
const KEYS: &str = "\
    objectName ra dec Vmag unc rating tEphem lastRun orbits count fields data fileMPC file qr_e_fig eph \
    object median time error message signature version data-fields orbit-count limits";

const RECORDED: &str = "\
    summary.json object_1.json object_2.json object_3.json object_orbits.json object_hyperbolic.json \
    object_no_orbits.json object_mpc.json ephemeris.json object_plots.json gone.json";

fn values() -> Vec<Value> {
    let line = "     X01aaaa KC2026 11 20.53636 19 37 22.30 -29 16 44.5          19.0 GVNEOCPE23";
    vec![json!("X01aaaa"), json!(line), json!("2461364.500"), json!("01:00"), json!("+12 30")]
}

/// A table of orbits with cells of any sort.
fn any_orbits() -> impl Strategy<Value = Value> {
    let cell = prop_oneof![
        any::<f64>().prop_map(Value::from),
        (-1e3..1e3_f64).prop_map(Value::from),
        "2[0-9]{6}\\.[0-9]{3}".prop_map(Value::from),
        Just(json!(1e99)),
        Just(Value::Null),
    ];
    prop::collection::vec(prop::collection::vec(cell, 15), 0..6).prop_map(|rows| {
        let fields = ["idx", "epoch", "ec", "qr", "tp", "om", "w", "inc", "H", "dca", "tca", "moid", "vinf", "geoEcc", "impFlag"];
        json!({"objectName": "X01aaaa", "ra": "01:00", "dec": "1", "orbits": {"fields": fields, "data": rows}})
    })
}

json_properties!();
body_properties!(cut 37: "object_orbits.json", "ephemeris.json", "summary.json", "object_mpc.json", "departures.html");

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn no_orbits_make_a_reader_unsound(value in any_orbits()) {
        read_all(value.to_string().as_bytes());
    }

    #[test]
    fn no_observation_makes_a_reader_unsound(line in "[ 0-9A-Z.+*é-]{60,84}") {
        let object = json!({"objectName": "X01aaaa", "fileMPC": line});
        read_all(object.to_string().as_bytes());
    }

    #[test]
    fn no_page_of_departures_makes_a_reader_unsound(page in "(<li>|[a-z =()<>\\]é]{0,9}| \\(| = |MPEC|</li>){0,12}") {
        read_all(page.as_bytes());
    }
}
