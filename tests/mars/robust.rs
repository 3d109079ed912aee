//! The contract of every broker, and no panic whatever a server sends.

use std::sync::Arc;

use proptest::prelude::{any, *};
use tom_alerts::brokers::mars::{Epoch, Mars, PreviousCandidate};
use tom_alerts::http::{Response, json as read_json};
use tom_alerts::testing::{Evidence, check_broker};
use tom_alerts::wire::Rows;
use tom_alerts::{Call, Cursor, Protocol, Slot, Subject};

use super::*;

#[tokio::test]
async fn the_contract_of_every_broker_holds() {
    let service = Service::start().await;
    service.on("/", answer(200, "list_ok.json")).await;
    service.on("/41/", answer(200, "detail_ok.json")).await;
    service.on("/40/", answer(200, "detail_second.json")).await;
    let secret = "canary-5e3c";
    let query = json!({"magpsf__lte": 20});
    let evidence = Evidence::listing(query.as_object().unwrap().clone()).secret(secret);
    // There is no credential; one in the address is refused, and not shown.
    let base_url = format!("http://user:{secret}@127.0.0.1:8/").parse().ok();
    let error = MarsBroker::with_http(MarsConfig { base_url }, &service.0.http()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains(secret), "{error}");
    let broken = check_broker(Arc::new(service.broker()), evidence).await;
    assert!(broken.is_empty(), "{broken:#?}");
}

/// The first answer of a call, read by what the call does with it.
fn feed<T>(call: tom_alerts::Result<Call<T>>, response: &Response) {
    if let Call::Send(_, then) = call.unwrap() {
        drop(then(Ok(response.clone())));
    }
}

/// Every reader there is, on one body.
fn read_all(body: &[u8]) {
    let base_url = "http://127.0.0.1:8/".parse().ok();
    let mars = Mars::new(MarsConfig { base_url }).unwrap();
    let many = MarsQuery { object_id: vec![FIRST.into(), SECOND.into()], ..MarsQuery::default() };
    for status in [200, 404, 500] {
        let response = Response::new(status, Vec::new(), body.to_vec().into());
        let _ = mars.explain(&response);
        for query in [&MarsQuery::default(), &many] {
            let Ok(page) = mars.page(query, &Cursor::default(), response.clone()) else { continue };
            for item in page.items.into_slots().into_iter().flatten() {
                if let Slot::Item(alert) = item {
                    let generic = mars.to_generic_alert(&alert).unwrap();
                    let _ = generic.checked().map(|generic| mars.to_target(&alert, &generic));
                    let subject = Subject::new(&alert.lco_id).with_alert(&alert);
                    let _ = mars.reduced_data(subject);
                }
            }
        }
        feed(mars.alert("41"), &response);
        feed(mars.bulk(std::slice::from_ref(&many)), &response);
        feed(mars.photometry("41"), &response);
        if let Ok(alert) = Alert::<MarsAlert>::from_raw(&String::from_utf8_lossy(body)) {
            let _ = Mars::history(&alert);
            let _ = mars.reduced_data(Subject::new("41").with_alert(&alert));
        }
    }
    let _ = read_json::<Rows<PreviousCandidate>>(body);
    let _ = read_json::<Rows<Epoch>>(body);
}

/// Any JSON under the keys that the readers know.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-zA-Z0-9+.é -]{0,8}".prop_map(Value::from),
        Just(Value::from(41)),
        Just(Value::from(FIRST)),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        let key = prop::sample::select(vec![
            "results",
            "has_next",
            "query",
            "num_alerts",
            "lco_id",
            "objectId",
            "candid",
            "avro",
            "candidate",
            "prv_candidate",
            "jd",
            "wall_time",
            "fid",
            "filter",
            "ra",
            "dec",
            "magpsf",
            "sigmapsf",
            "diffmaglim",
            "isdiffpos",
            "rb",
            "ssnamenr",
            "ssdistnr",
            "0",
            "10",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(key.prop_map(str::to_owned), inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_json_makes_a_reader_panic(value in any_json()) {
        read_all(value.to_string().as_bytes());
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
    }

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

#[test]
fn a_recorded_answer_that_is_cut_anywhere_makes_no_reader_panic() {
    for name in ["list_nan.txt", "detail_ok.json", "bulk_ok.json", "photometry_ok.json"] {
        let body = fixture(name);
        (0..body.len()).step_by(397).for_each(|end| read_all(&body[..end]));
    }
}
