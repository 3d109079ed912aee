//! No panic whatever a service sends, and only what is sound leaves.

use proptest::prelude::{any, *};
use tom_alerts::brokers::mars::PreviousCandidate;
use tom_alerts::http::json as read_json;
use tom_alerts::wire::Rows;
use tom_alerts::{Cursor, Protocol};

use super::support::properties::{Asked, forget};
use super::support::wild::{body_properties, cases, json_properties};
use super::*;

fn configured() -> MarsConfig {
    MarsConfig { base_url: "http://127.0.0.1:8/".parse().ok() }
}

fn many() -> MarsQuery {
    MarsQuery { object_id: vec![FIRST.into(), SECOND.into()], ..MarsQuery::default() }
}

/// Every reader there is, on one body; how many alerts and points came of it.
fn read_all(body: &[u8]) -> usize {
    let mut asked = Asked::<Mars>::new(configured, vec![MarsQuery::default(), many()], &["41"]);
    asked.further = |mars| vec![forget(mars.bulk(&[many()])), forget(mars.photometry("41"))];
    let seen = asked.read(&[200, 404, 500], body);
    if let Ok(alert) = Alert::<MarsAlert>::from_raw(&String::from_utf8_lossy(body)) {
        let _ = Mars::history(&alert);
    }
    let _ = read_json::<Rows<PreviousCandidate>>(body);
    seen
}

/// Those that the readers know.
const KEYS: &str = "\
    results has_next query num_alerts lco_id objectId candid avro candidate prv_candidate jd wall_time \
    fid filter ra dec magpsf sigmapsf diffmaglim isdiffpos rb ssnamenr ssdistnr 0 10";

const RECORDED: &str = "\
    list_ok.json list_nan.txt list_missing_fields.json detail_ok.json detail_odd.json detail_second.json \
    bulk_ok.json bulk_bad_item.json photometry_ok.json";

fn values() -> Vec<Value> {
    vec![json!(41), json!(FIRST)]
}

json_properties!();
body_properties!(cut 397: "list_nan.txt", "detail_ok.json", "bulk_ok.json", "photometry_ok.json");

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn no_name_and_no_cone_make_anything_panic(name in "\\PC{0,24}", cone in "[0-9a-z.,+ -]{0,24}") {
        let mars = Mars::new(MarsConfig { base_url: "http://127.0.0.1:8/".parse().ok() }).unwrap();
        let _ = mars.recognises(&name);
        let _ = mars.alert(&name);
        let asked = read(json!({"cone": cone, "objectcone": name, "sort_value": name}));
        let asked = asked.unwrap_or_else(|_| MarsQuery { cone: Some(cone), objectcone: Some(name.clone()), ..MarsQuery::default() });
        let _ = mars.listing(&asked, &Cursor::default());
        let _ = mars.listing(&asked, &Cursor::new(name));
    }

    #[test]
    fn no_ends_of_a_range_make_anything_panic(low in any::<Option<f64>>(), high in any::<Option<f64>>()) {
        let mars = Mars::new(MarsConfig { base_url: "http://127.0.0.1:8/".parse().ok() }).unwrap();
        let query = MarsQuery { ra_gt: low, ra_lt: high, ..MarsQuery::default() };
        let _ = mars.listing(&query, &Cursor::default());
    }
}
