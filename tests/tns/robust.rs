//! The contract of every broker, and no panic whatever a service sends.

use proptest::prelude::{any, *};
use tom_alerts::http::Response;
use tom_alerts::testing::{Evidence, check_broker};
use tom_alerts::{Call, Cursor, Protocol, Subject};

use super::*;

#[tokio::test]
async fn the_contract_of_every_broker_holds() {
    let service = Service::three().await;
    let query = json!({"target_name": "2026qq", "partial_name": true});
    let evidence = Evidence::listing(query.as_object().unwrap().clone()).data_of("2026qqa").secret(KEY);
    let broken = check_broker(Arc::new(service.broker()), evidence).await;
    assert!(broken.is_empty(), "{broken:#?}");
}

fn tns() -> Tns {
    let config = TnsConfig {
        api_key: Some(KEY.into()),
        bot_id: Some(1),
        bot_name: Some("b".into()),
        ..TnsConfig::default()
    };
    Tns::new(config).unwrap()
}

/// The first answer of a call, read by what the call does with it.
fn feed<T>(call: tom_alerts::Result<Call<T>>, response: &Response) {
    match call {
        Ok(Call::Send(_, then)) => drop(then(Ok(response.clone()))),
        Ok(Call::All(calls, _)) => calls.into_iter().for_each(|call| feed(Ok(call), response)),
        _ => {}
    }
}

/// Every reader there is, on one body.
fn read_all(body: &[u8]) {
    let tns = tns();
    for status in [200, 400, 401, 404, 429, 500] {
        let response = Response::new(status, Vec::new(), body.to_vec().into());
        let _ = tns.explain(&response);
        for query in [
            all(),
            TnsQuery {
                staging: Some("all".into()),
                ra: Some(1.0),
                dec: Some(1.0),
                radius: Some(1.0),
                ..all()
            },
            TnsQuery { web: Some(true), days_from_nondet: Some(1.0), ..all() },
        ] {
            let _ = tns.page(&query, &Cursor::default(), response.clone());
        }
        if let Ok(Some(alert)) = read_object(&response) {
            let generic = tns.to_generic_alert(&alert).unwrap();
            let _ = generic.checked().map(|generic| tns.to_target(&alert, &generic));
            feed(tns.reduced_data(Subject::new("2026qqa").with_alert(&alert)), &response);
            let _ = (alert.photometry(), alert.spectra());
        }
        feed(tns.alert("2026qqa"), &response);
        feed(tns.values(), &response);
    }
    let text = String::from_utf8_lossy(body);
    let _ = (read_table(&text), unzip(body), read_spectrum(&text));
}

/// Any JSON under the keys that the readers know.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-zA-Z0-9+.é:, -]{0,8}".prop_map(Value::from),
        Just(Value::from("2026qqa")),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        let key = prop::sample::select(vec![
            "data",
            "reply",
            "objname",
            "prefix",
            "objid",
            "object_type",
            "id",
            "name",
            "ra",
            "dec",
            "radeg",
            "decdeg",
            "discoverydate",
            "discoverymag",
            "photometry",
            "spectra",
            "flux",
            "fluxerr",
            "limflux",
            "flux_unit",
            "filters",
            "jd",
            "obsdate",
            "asciifile",
            "message",
            "message_id",
            "feedback",
            "at_report",
            "100",
            "120",
            "units",
            "filters",
            "groups",
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
        read_all(json!({"data": value}).to_string().as_bytes());
        read_all(json!({"data": {"objname": "2026qqa", "photometry": [value], "spectra": [value]}}).to_string().as_bytes());
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
        read_all(&[b"PK\x03\x04".to_vec(), bytes].concat());
    }

    #[test]
    fn no_name_makes_recognising_panic(name in "\\PC{0,24}") {
        let tns = tns();
        prop_assert_eq!(tns.recognises(&name), tns.alert(&name).is_ok());
    }
}

#[test]
fn a_recorded_answer_that_is_cut_anywhere_makes_no_reader_panic() {
    for name in ["object_full.json", "search_three.json", "public_objects.csv", "web_page.csv", "values.json"]
    {
        let body = fixture(name);
        (0..body.len()).step_by(97).for_each(|end| read_all(&body[..end]));
    }
}
