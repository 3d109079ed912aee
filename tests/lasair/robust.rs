//! The contract of every broker, secrecy, and no panic whatever a service sends.

use std::sync::Arc;

use proptest::prelude::{any, *};
use tom_alerts::brokers::lasair::{Cone, Lasair, LasairSurvey, Lsst, Ztf, read_message};
use tom_alerts::http::Response;
use tom_alerts::testing::{Evidence, check_broker};
use tom_alerts::{Call, Cursor, Subject};

use super::*;

#[tokio::test]
async fn the_contract_of_every_broker_holds_for_ztf() {
    let service = Service::start().await;
    service.get("cone", answer(200, "ztf_cone.json")).await;
    service.post("objects", answer(200, "ztf_objects_ok.json")).await;
    let own = wiremock::matchers::query_param("objectId", OTHER);
    let mut objects: Vec<Value> = serde_json::from_slice(&fixture("ztf_objects_ok.json")).unwrap();
    service.0.when(own, said(200, &objects.remove(1).to_string())).await;
    service.get("object", answer(200, "ztf_object_ok.json")).await;
    service.get("sherlock/object", answer(200, "ztf_sherlock_lite.json")).await;
    let query = json!({"ra": 201.5, "dec": -9.75});
    let evidence = Evidence::listing(query.as_object().unwrap().clone()).secret(TOKEN);
    let broken = check_broker(Arc::new(service.ztf()), evidence).await;
    assert!(broken.is_empty(), "{broken:#?}");
}

#[tokio::test]
async fn the_contract_of_every_broker_holds_for_lsst() {
    let service = Service::start().await;
    service.query("sherlock_classifications", answer(200, "lsst_rows_sherlock.json")).await;
    let other = wiremock::matchers::query_param("objectId", "169342810955400002");
    let object = String::from_utf8(fixture("lsst_object_added.txt")).unwrap();
    service.0.when(other, said(200, &object.replace(LSST, "169342810955400002"))).await;
    service.get("object", said(200, &object)).await;
    service.get("sherlock/object", answer(200, "lsst_sherlock_lite.json")).await;
    let query = json!({"object_id": [LSST, "169342810955400002"]});
    let evidence = Evidence::listing(query.as_object().unwrap().clone()).secret(TOKEN);
    let broken = check_broker(Arc::new(service.lsst()), evidence).await;
    assert!(broken.is_empty(), "{broken:#?}");
}

#[tokio::test]
async fn the_token_is_in_no_url_error_or_debug() {
    let service = Service::start().await;
    service
        .get("cone", said(401, &format!(r#"{{"detail": "Invalid token {TOKEN}0123456789abcdef."}}"#)))
        .await;
    let broker = service.ztf();
    let request = broker.protocol().listing(&cone(), &Cursor::default()).unwrap();
    assert!(!format!("{request:?} {broker:?} {:?}", service.config()).contains(TOKEN));
    let listed = list(&broker, &cone()).await;
    assert_eq!(listed.faults[0].kind(), ErrorKind::Auth);
    let told = format!("{} {:?}", listed.faults[0], listed.faults[0]);
    assert!(!told.contains(TOKEN), "{told}");
    assert!(service.asked().await.iter().all(|line| !line.contains(TOKEN)));
    assert!(request.has_credential());
}

/// The answers of a call, read by what the call does with them, two steps deep.
fn feed<T>(call: tom_alerts::Result<Call<T>>, response: &Response, depth: u8) {
    match call.unwrap() {
        Call::Send(_, then) => {
            if let Ok(next) = then(Ok(response.clone()))
                && depth > 0
            {
                feed(Ok(next), response, depth - 1);
            }
        }
        Call::All(calls, _) => calls.into_iter().for_each(|call| feed(Ok(call), response, depth)),
        _ => {}
    }
}

fn read_as<S: LasairSurvey>(id: &str, body: &[u8]) {
    let config = LasairConfig { api_key: Some(TOKEN.into()), ..LasairConfig::default() };
    let lasair = Lasair::<S>::new(config).unwrap();
    let asked: LasairQuery<S> = LasairQuery { object_id: vec![id.to_owned()], ..LasairQuery::default() };
    for status in [200, 400, 401, 404, 500] {
        let response = Response::new(status, Vec::new(), body.to_vec().into());
        let _ = lasair.explain(&response);
        let rows = LasairQuery {
            tables: vec!["crossmatch_tns".into(), "sherlock_classifications".into()],
            ..sql("x")
        };
        for query in [&cone(), &rows, &asked] {
            let Ok(page) = lasair.page(query, &Cursor::default(), response.clone()) else { continue };
            if let tom_alerts::Items::Whole(items) = &page.items {
                for alert in items.iter().flatten() {
                    let generic = lasair.to_generic_alert(alert).unwrap();
                    let _ = generic.checked().map(|generic| lasair.to_target(alert, &generic));
                    let subject = Subject::new(id).with_alert(alert);
                    let _ = (
                        lasair.reduced_data(subject),
                        lasair.cutouts(subject),
                        lasair.classifications(subject),
                    );
                    assert!(serde_json::from_str::<Value>(alert.raw()).is_ok(), "{}", alert.raw());
                }
            }
            feed(lasair.complete(query, page), &response, 2);
        }
        feed(lasair.alert(id), &response, 2);
        feed(lasair.reduced_data(Subject::new(id)), &response, 1);
        feed(lasair.cutouts(Subject::new(id)), &response, 1);
        feed(lasair.classifications(Subject::new(id)), &response, 1);
        feed(lasair.cone_nearest(1.0, 2.0, 3.0), &response, 1);
        let _ = Cone::read(&response);
    }
    let _ = std::str::from_utf8(body).map(read_message::<S>);
}

fn read_all(body: &[u8]) {
    read_as::<Ztf>(ZTF, body);
    read_as::<Lsst>(LSST, body);
}

/// Any JSON under the keys that the readers know.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-zA-Z0-9+.é<>&; -]{0,8}".prop_map(Value::from),
        Just(Value::from(LSST)),
        Just(Value::from(ZTF)),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        let key = prop::sample::select(vec![
            "objectId",
            "diaObjectId",
            "objectData",
            "candidates",
            "forcedphot",
            "sherlock",
            "TNS",
            "candid",
            "jd",
            "mjd",
            "fid",
            "magpsf",
            "diffmaglim",
            "isdiffpos",
            "image_urls",
            "Science",
            "forcediffimflux",
            "forcediffimfluxunc",
            "magzpsci",
            "object",
            "objects",
            "separation",
            "nearest",
            "error",
            "detail",
            "message",
            "lasairData",
            "diaObject",
            "diaSourcesList",
            "diaForcedSourcesList",
            "imageUrls",
            "annotations",
            "topic",
            "classification",
            "midpointMjdTai",
            "band",
            "psfFlux",
            "psfFluxErr",
            "ra",
            "decl",
            "ramean",
            "decmean",
            "jdmax",
            "tns_name",
            "tns_prefix",
            "description",
            "z",
            "photoZ",
            "classifications",
            "crossmatches",
            "alert",
            "diaSourceId",
            "latest_psfFlux",
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
    fn no_text_makes_a_form_or_a_name_panic(text in "\\PC{0,40}") {
        let query: LasairQuery = LasairQuery {
            conditions: Some(text.clone()), selected: Some(text.clone()), tables: vec![text.clone()],
            object_id: vec![text.clone()], ..LasairQuery::default()
        };
        let _ = tom_alerts::form::check(&query);
        let lasair = Lasair::<Ztf>::new(LasairConfig::default()).unwrap();
        let _ = (lasair.recognises(&text), lasair.alert(&text), lasair.name_query(&text));
        let _ = (lasair.listing(&query, &Cursor::new(&text)), lasair.listing(&query, &Cursor::new(format!("ids:{text}"))));
    }
}

#[test]
fn a_recorded_answer_that_is_cut_anywhere_makes_no_reader_panic() {
    for name in [
        "ztf_objects_mixed.json",
        "lsst_object_added.txt",
        "ztf_rows.json",
        "lsst_rows_sherlock.json",
        "lsst_cone.json",
    ] {
        let body = fixture(name);
        (0..body.len()).step_by(97).for_each(|end| read_all(&body[..end]));
    }
}
