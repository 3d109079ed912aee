//! The contract of every broker, and no panic whatever a service sends.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::{any, *};
use serde::de::DeserializeOwned;
use tom_alerts::brokers::alerce::{
    Alerce, Catalogue, Catalogues, Classifier, ConeMatch, LsstLightCurve, LsstStatistics, Probability,
    V2LightCurve, ZtfAlertPacket, ZtfLightCurve,
};
use tom_alerts::http::{Response, json as read_json};
use tom_alerts::testing::{Evidence, check_broker};
use tom_alerts::wire::Rows;
use tom_alerts::{Call, Cursor, Protocol, Subject};

use super::*;

#[tokio::test]
async fn the_contract_of_every_broker_holds() {
    let service = Service::start().await;
    service.on("/ztf/v1/objects/", answer(200, "objects_full_page.json")).await;
    service.on("/ztf/v1/objects/ZTF24aaaaaab", answer(200, "object_ok.json")).await;
    service.on("/ztf/v1/objects/ZTF24aaaaaac", answer(200, "object_second.json")).await;
    service.on("/ztf/v1/objects/ZTF24aaaaaab/lightcurve", answer(200, "lightcurve_clean.json")).await;
    service.on("/v2/lightcurve/forced-photometry/ZTF24aaaaaab", answer(200, "forced_ok.json")).await;
    service.on("/ztf/v1/objects/ZTF24aaaaaab/probabilities", answer(200, "probabilities_ok.json")).await;
    service.on("/ztf/v1/objects/ZTF24aaaaaab/detections", answer(200, "detections_ok.json")).await;
    let query = json!({"class": "SNIa", "classifier": "lc_classifier"});
    let evidence = Evidence::listing(query.as_object().unwrap().clone());
    let broken = check_broker(Arc::new(service.broker()), evidence).await;
    assert!(broken.is_empty(), "{broken:#?}");
}

#[tokio::test]
async fn the_contract_holds_for_lsst_too() {
    let service = Service::start().await;
    service.on("/object_api/list_objects", answer(200, "lsst_objects_page2.json")).await;
    service.on("/object_api/object", answer(200, "lsst_object_ok.json")).await;
    service.on("/lightcurve_api/lightcurve", answer(200, "lsst_lightcurve_clean.json")).await;
    service.on("/lightcurve_api/detections", answer(200, "lsst_detections_ok.json")).await;
    service.on("/probability_api/probability", answer(200, "lsst_probability_ok.json")).await;
    let query = json!({"survey": "lsst"});
    let evidence = Evidence::listing(query.as_object().unwrap().clone()).data_of(LSST);
    let broken = check_broker(Arc::new(service.broker()), evidence).await;
    // The recorded service knows one object only.
    let due = [
        "the recorded listing has at least two alerts",
        "169342810955317612: the alert asked for is the one that comes",
    ];
    assert_eq!(broken, due);
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
    let alerce = Alerce::new(AlerceConfig { forced_photometry: true, ..AlerceConfig::default() }).unwrap();
    for status in [200, 400, 404, 422, 500] {
        let response = Response::new(status, Vec::new(), body.to_vec().into());
        let _ = alerce.explain(&response);
        for survey in [Survey::Ztf, Survey::Lsst] {
            let query = AlerceQuery { survey: Some(survey), count: true, ..AlerceQuery::default() };
            let Ok(page) = alerce.page(&query, &Cursor::default(), response.clone()) else { continue };
            for item in page.items.into_slots().into_iter().flatten() {
                if let tom_alerts::Slot::Item(alert) = item {
                    let generic = alerce.to_generic_alert(&alert).unwrap();
                    let _ = generic.checked().map(|generic| alerce.to_target(&alert, &generic));
                }
            }
        }
        for oid in [ZTF, LSST] {
            feed(alerce.alert(oid), &response);
            feed(alerce.reduced_data(Subject::new(oid)), &response);
            feed(alerce.probabilities(oid), &response);
            feed(alerce.cutouts(Subject::new(oid)), &response);
        }
    }
    each::<ZtfLightCurve>(body);
    each::<V2LightCurve>(body);
    each::<LsstLightCurve>(body);
    each::<ZtfAlertPacket>(body);
    each::<Rows<Probability>>(body);
    each::<Rows<Classifier>>(body);
    each::<Rows<ConeMatch>>(body);
    each::<Rows<LsstStatistics>>(body);
    each::<Catalogues>(body);
    each::<BTreeMap<String, Catalogue>>(body);
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
            "items",
            "oid",
            "meanra",
            "meandec",
            "lastmjd",
            "class",
            "sid",
            "probability",
            "total",
            "has_next",
            "detections",
            "non_detections",
            "forced_photometry",
            "mjd",
            "fid",
            "magpsf",
            "sigmapsf",
            "candid",
            "mag",
            "e_mag",
            "extra_fields",
            "diffmaglim",
            "isdiffpos",
            "band",
            "psfFlux",
            "psfFluxErr",
            "errors",
            "detail",
            "message",
            "loc",
            "msg",
            "catalogs",
            "values",
            "has_stamp",
            "objectId",
            "ranking",
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
    fn no_name_makes_recognising_panic(name in "\\PC{0,24}") {
        let alerce = Alerce::new(AlerceConfig::default()).unwrap();
        let _ = alerce.recognises(&name);
        let _ = alerce.alert(&name);
    }
}

#[test]
fn a_recorded_answer_that_is_cut_anywhere_makes_no_reader_panic() {
    for name in ["lightcurve_ok.json", "lsst_lightcurve_ok.json", "objects_nan.txt", "forced_ok.json"] {
        let body = fixture(name);
        (0..body.len()).step_by(97).for_each(|end| read_all(&body[..end]));
    }
}
