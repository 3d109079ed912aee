//! The contract of every broker, and no panic whatever the service sends.

use proptest::prelude::{any, *};
use tom_alerts::brokers::scout::{Scout, drawings};
use tom_alerts::plugin::{Call, Cursor, Protocol, Slot, Subject};
use tom_alerts::testing::{Evidence, check_broker};

use super::*;

#[tokio::test(start_paused = true)]
async fn the_contract_of_every_broker_holds() {
    let broker = client(&whole(), ScoutConfig::default());
    let evidence =
        Evidence::listing(json!({"geo_score_max": 100}).as_object().unwrap().clone()).data_of("X01aaaa");
    let broken = check_broker(Arc::new(broker), evidence).await;
    assert!(broken.is_empty(), "{broken:#?}");
}

#[tokio::test(start_paused = true)]
async fn the_contract_holds_with_orbits_too() {
    let broker = client(&whole(), ScoutConfig { n_orbits: Some(5), ..ScoutConfig::default() });
    let evidence = Evidence::listing(json!({"orbits": true}).as_object().unwrap().clone()).data_of("X01aaaa");
    let broken = check_broker(Arc::new(broker), evidence).await;
    assert!(broken.is_empty(), "{broken:#?}");
}

/// The first answer of a call, read by what the call does with it.
fn feed<T>(call: tom_alerts::Result<Call<T>>, response: &Response) -> Option<T> {
    match call.unwrap() {
        Call::Send(_, then) => match then(Ok(response.clone())) {
            Ok(Call::Done(value)) => Some(value),
            _ => None,
        },
        _ => None,
    }
}

/// Every reader there is, on one body.
fn read_all(body: &[u8]) {
    let scout = Scout::new(ScoutConfig { n_orbits: Some(9), ..ScoutConfig::default() }).unwrap();
    for status in [200, 400, 503] {
        let response = Response::new(status, Vec::new(), body.to_vec().into());
        let _ = scout.explain(&response);
        let ephemeris = ScoutQuery { eph_start: Some("now".to_owned()), ..one("X01aaaa") };
        for query in [ScoutQuery::default(), one("X01aaaa"), ephemeris.clone()] {
            let Ok(page) = scout.page(&query, &Cursor::default(), response.clone()) else { continue };
            for item in page.items.into_slots().into_iter().flatten() {
                let Slot::Item(alert) = item else { continue };
                let generic = scout.to_generic_alert(&alert).unwrap();
                let _ = generic.checked().map(|generic| scout.to_target(&alert, &generic));
                let _ = drawings(&alert);
            }
        }
        if let Some(alert) = feed(scout.alert("X01aaaa"), &response) {
            let generic = scout.to_generic_alert(&alert).unwrap();
            let _ = scout.to_target(&alert, &generic);
        }
        let _ = feed(scout.reduced_data(Subject::new("X01aaaa")), &response);
        let _ = feed(scout.ephemeris(&ephemeris), &response);
        let _ = feed(scout.departures(), &response);
    }
}

/// Any JSON under the keys that the readers know.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[0-9:+. é-]{0,9}".prop_map(Value::from),
        "[0-9]{7}\\.[0-9]{3}".prop_map(Value::from),
        Just(Value::from("X01aaaa")),
        Just(Value::from("     X01aaaa KC2026 11 20.53636 19 37 22.30 -29 16 44.5          19.0 GVNEOCPE23")),
    ];
    leaf.prop_recursive(4, 48, 8, |inner| {
        let key = prop::sample::select(vec![
            "objectName",
            "ra",
            "dec",
            "Vmag",
            "unc",
            "rating",
            "tEphem",
            "lastRun",
            "orbits",
            "count",
            "fields",
            "data",
            "fileMPC",
            "file",
            "qr_e_fig",
            "eph",
            "object",
            "median",
            "time",
            "error",
            "message",
            "signature",
            "version",
            "data-fields",
            "orbit-count",
            "limits",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::hash_map(key.prop_map(str::to_owned), inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_json_makes_a_reader_panic(value in any_json()) {
        read_all(value.to_string().as_bytes());
    }

    #[test]
    fn no_orbits_make_a_reader_panic(value in any_orbits()) {
        read_all(value.to_string().as_bytes());
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
    }

    #[test]
    fn no_observation_makes_a_reader_panic(line in "[ 0-9A-Z.+*é-]{60,84}") {
        let object = json!({"objectName": "X01aaaa", "fileMPC": line});
        read_all(object.to_string().as_bytes());
    }

    #[test]
    fn no_page_of_departures_makes_a_reader_panic(page in "(<li>|[a-z =()<>\\]é]{0,9}| \\(| = |MPEC|</li>){0,12}") {
        read_all(page.as_bytes());
    }
}

#[test]
fn a_recorded_answer_that_is_cut_anywhere_makes_no_reader_panic() {
    for name in ["object_orbits.json", "ephemeris.json", "summary.json", "object_mpc.json", "departures.html"]
    {
        let body = fixture(name);
        (0..body.len()).step_by(37).for_each(|end| read_all(&body[..end]));
    }
}
