//! The contract of every broker, and no panic whatever a service sends.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::{any, *};
use serde::de::DeserializeOwned;
use tom_alerts::brokers::fink::{
    Fink, LsstForced, LsstObject, LsstStreamAlert, NightStatistics, Schema, SimbadName, SsoName, Tag,
    TnsName, ZtfAlert, ZtfStreamAlert,
};
use tom_alerts::http::{Response, json as read_json};
use tom_alerts::testing::{Evidence, check_broker};
use tom_alerts::wire::Rows;
use tom_alerts::{Call, Cursor, Protocol, Subject};
use wiremock::matchers::body_partial_json;

use super::*;

#[tokio::test]
async fn the_contract_of_every_broker_holds() {
    let service = Service::start().await;
    service.ztf("latests", answer(200, "latests_two.json")).await;
    let whole = |id: &str| body_partial_json(json!({"objectId": id}));
    let curve = body_partial_json(json!({"objectId": ZTF, "withupperlim": true}));
    let mount = |matcher, name: &'static str, priority| {
        Mock::given(matcher).respond_with(answer(200, name)).with_priority(priority).mount(&service.0.server)
    };
    mount(curve, "objects_limits_clean.json", 1).await;
    mount(whole(ZTF), "objects_full.json", 2).await;
    mount(whole("ZTF25aaaaaac"), "objects_second.json", 2).await;
    service.lsst("sources", answer(200, "empty.json")).await;
    let query = json!({"class": "SN candidate", "n": 2});
    let evidence = Evidence::listing(query.as_object().unwrap().clone()).data_of(ZTF);
    let broken = check_broker(Arc::new(service.broker()), evidence.secret("no-secret-canary")).await;
    assert!(broken.is_empty(), "{broken:#?}");
}

#[tokio::test]
async fn the_contract_holds_for_lsst_too() {
    let service = Service::start().await;
    service.lsst("tags", answer(200, "lsst_tags_ok.json")).await;
    let of = |id: &str| body_partial_json(json!({"diaObjectId": id}));
    service.0.post("/api/v1/fp", answer(200, "lsst_fp_ok.json")).await;
    service.0.when(of(LSST), answer(200, "lsst_sources_clean.json")).await;
    service.0.when(of("169342810955317612"), answer(200, "lsst_sources_second.json")).await;
    service.0.otherwise(answer(200, "empty.json")).await;
    let query = json!({"tag": "most_likely_sn"});
    let evidence = Evidence::listing(query.as_object().unwrap().clone()).data_of(LSST);
    let broken = check_broker(Arc::new(service.broker()), evidence).await;
    assert!(broken.is_empty(), "{broken:#?}");
}

/// The first answer of a call, read by what the call does with it.
fn feed<T>(call: tom_alerts::Result<Call<T>>, response: &Response) {
    match call.unwrap() {
        Call::Send(_, then) => drop(then(Ok(response.clone()))),
        Call::All(calls, _) => calls.into_iter().for_each(|call| feed(Ok(call), response)),
        _ => {}
    }
}

/// Every reader there is, on one body.
fn read_all(body: &[u8]) {
    fn each<T: DeserializeOwned>(body: &[u8]) {
        let _ = read_json::<T>(body);
    }
    let fink = Fink::new(FinkConfig::default()).unwrap();
    let queries = [
        class("SN candidate"),
        objects(&[ZTF]),
        objects(&[LSST]),
        cone(Some(Survey::Lsst)),
        read(json!({"sso": "8467"})).unwrap(),
        read(json!({"tns_name": "SN 2026abc"})).unwrap(),
        read(json!({"tns_name": "SN 2026abc", "survey": "lsst"})).unwrap(),
    ];
    for status in [200, 400, 404, 500] {
        for kind in ["application/json", "text/html; charset=utf-8"] {
            let headers = vec![("content-type".to_owned(), kind.to_owned())];
            let _ = fink.explain(&Response::new(status, headers, body.to_vec().into()));
        }
    }
    let response = Response::new(200, Vec::new(), body.to_vec().into());
    for query in &queries {
        let Ok(page) = fink.page(query, &Cursor::default(), response.clone()) else { continue };
        for item in page.items.into_slots().into_iter().flatten() {
            match item {
                tom_alerts::Slot::Item(alert) => {
                    let generic = fink.to_generic_alert(&alert).and_then(tom_alerts::GenericAlert::checked);
                    let _ = generic.map(|generic| fink.to_target(&alert, &generic));
                    let _ = fink.cutouts(Subject::new(ZTF).with_alert(&alert));
                    let _ = fink.classifications(Subject::new(ZTF).with_alert(&alert));
                    let _ = fink.reduced_data(Subject::new(ZTF).with_alert(&alert));
                }
                tom_alerts::Slot::Ask(call) => feed(Ok(*call), &response),
                _ => {}
            }
        }
    }
    for name in [ZTF, LSST, "8467", "SN 2026abc"] {
        feed(fink.alert(name), &response);
        feed(fink.reduced_data(Subject::new(name)), &response);
    }
    feed(fink.ztf_light_curve(ZTF), &response);
    feed(fink.lsst_forced(LSST), &response);
    each::<Vec<FinkPacket>>(body);
    each::<Rows<ZtfAlert>>(body);
    each::<Rows<LsstForced>>(body);
    each::<Rows<LsstObject>>(body);
    each::<Rows<NightStatistics>>(body);
    each::<Rows<TnsName>>(body);
    each::<Rows<SimbadName>>(body);
    each::<Rows<SsoName>>(body);
    each::<Schema>(body);
    let _ = read_json::<ZtfStreamAlert>(body).map(|alert| (alert.packet(), alert.light_curve()));
    let _ = read_json::<LsstStreamAlert>(body).map(|alert| (alert.packet(), alert.light_curve()));
    each::<BTreeMap<String, Tag>>(body);
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
        Just(Value::from(LSST)),
        Just(Value::from(ZTF)),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        let key = prop::sample::select(vec![
            "i:objectId",
            "i:candid",
            "i:jd",
            "i:fid",
            "i:magpsf",
            "i:sigmapsf",
            "i:diffmaglim",
            "i:isdiffpos",
            "i:ra",
            "i:dec",
            "i:ssnamenr",
            "d:tag",
            "d:roid",
            "d:cdsxmatch",
            "d:rf_snia_vs_nonia",
            "v:classification",
            "v:separation_degree",
            "sso_name",
            "sso_number",
            "r:diaObjectId",
            "r:diaSourceId",
            "r:ssObjectId",
            "r:midpointMjdTai",
            "r:band",
            "r:psfFlux",
            "r:psfFluxErr",
            "r:ra",
            "r:dec",
            "f:sso_name",
            "f:is_sso",
            "f:clf_cats_class",
            "d:fullname",
            "d:internalname",
            "d:ra",
            "d:declination",
            "f:fullname",
            "f:ra",
            "f:declination",
            "text",
            "message",
            "candidate",
            "prv_candidates",
            "jd",
            "fid",
            "magpsf",
            "diffmaglim",
            "diaSource",
            "prvDiaSources",
            "psfFlux",
            "band",
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
    fn no_words_make_explaining_panic(text in "[{}'\":(), \\\\a-zé]{0,60}") {
        read_all(format!("{{'status': 'error', 'text':{text}").as_bytes());
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

#[test]
fn a_recorded_answer_that_is_cut_anywhere_makes_no_reader_panic() {
    for name in ["objects_limits.json", "lsst_sources_ok.json", "latests_nan.txt", "resolver_tns.json"] {
        let body = fixture(name);
        (0..body.len()).step_by(211).for_each(|end| read_all(&body[..end]));
    }
}
