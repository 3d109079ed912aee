//! The contract of every broker, and no panic whatever the services send.

use proptest::prelude::{any, *};
use tom_alerts::plugin::{Call, Cursor, Slot, Subject};
use tom_alerts::testing::{Evidence, check_broker};

use super::*;

#[tokio::test(start_paused = true)]
async fn the_contract_of_every_broker_holds_for_babamul() {
    let script = ScriptedTransport::new(|request| {
        let path = request.url().path();
        Ok(match path.rsplit('/').next() {
            Some("alerts") => answer(200, "alerts_page1.json"),
            Some("cutouts") => answer(200, "cutouts.json"),
            Some(ZTF) => answer(200, "object_ztf.json"),
            Some("ZTF26aaboomy") => answer(200, "object_second.json"),
            _ => answer(404, "error_404.json"),
        })
    });
    let broker = client::<Babamul>(&script, with_token());
    let query = json!({"mjd_min": 61360, "mjd_max": 61361});
    let evidence = Evidence::listing(query.as_object().unwrap().clone()).data_of(ZTF).secret(TOKEN);
    let broken = check_broker(Arc::new(broker), evidence).await;
    assert!(broken.is_empty(), "{broken:#?}");
}

#[tokio::test(start_paused = true)]
async fn the_contract_of_every_broker_holds_for_boom() {
    let (broker, _) = boom(|request| {
        if request.url().path().ends_with("cutouts") {
            return answer(200, "cutouts.json");
        }
        let body = body(request);
        let second = body["filter"].to_string().contains("ZTF26aaboomy");
        match body["catalog_name"].as_str() {
            Some("ZTF_alerts_aux") => answer(200, "boom_aux.json"),
            Some("LSST_alerts") => answer(200, "alerts_empty.json"),
            _ if body["limit"] == 1 => {
                answer(200, if second { "boom_find_two.json" } else { "boom_find_one.json" })
            }
            _ => answer(200, "boom_find.json"),
        }
    });
    let query = json!({"filter": "{\"candidate.drb\": {\"$gt\": 0.9}}"});
    let evidence = Evidence::listing(query.as_object().unwrap().clone()).data_of(ZTF).secret(PASSWORD);
    let broken = check_broker(Arc::new(broker), evidence).await;
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
    let babamul = Babamul::new(with_token()).unwrap();
    let boom = Boom::new(account()).unwrap();
    for status in [200, 401, 404, 500] {
        let response = Response::new(status, Vec::new(), body.to_vec().into());
        let _ = (babamul.explain(&response), boom.explain(&response));
        let cone = BoomQuery { ra: Some(1.0), dec: Some(1.0), radius: Some(1.0), ..BoomQuery::default() };
        let pages = [
            babamul.page(&of(ZTF), &Cursor::default(), response.clone()),
            boom.page(&BoomQuery::default(), &Cursor::default(), response.clone()),
            boom.page(&cone, &Cursor::default(), response.clone()),
        ];
        for page in pages.into_iter().flatten() {
            for item in page.items.into_slots().into_iter().flatten() {
                let Slot::Item(alert) = item else { continue };
                let generic = babamul.to_generic_alert(&alert).unwrap();
                let _ = generic.checked().map(|generic| babamul.to_target(&alert, &generic));
            }
        }
        for id in [ZTF, LSST] {
            feed(babamul.alert(id), &response);
            feed(babamul.reduced_data(Subject::new(id)), &response);
            feed(babamul.classifications(Subject::new(id)), &response);
            feed(babamul.cutouts(Subject::new(id)), &response);
            feed(babamul.cross_matches(id), &response);
            feed(boom.alert(id), &response);
            feed(boom.reduced_data(Subject::new(id)), &response);
        }
        feed(babamul.objects("ZTF", 1), &response);
        feed(boom.count(BoomSurvey::Ztf, &json!({})), &response);
    }
}

/// Any JSON under the keys that the readers know.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (2.4e6..2.5e6_f64).prop_map(Value::from),
        "[0-9grizé+=-]{0,8}".prop_map(Value::from),
        Just(Value::from(ZTF)),
    ];
    leaf.prop_recursive(5, 64, 8, |inner| {
        let key = prop::sample::select(vec![
            "data",
            "message",
            "query",
            "objectId",
            "candid",
            "_id",
            "candidate",
            "properties",
            "classifications",
            "jd",
            "ra",
            "dec",
            "band",
            "fid",
            "magpsf",
            "psfFlux",
            "psfFluxErr",
            "diffmaglim",
            "isdiffpos",
            "prv_candidates",
            "prv_nondetections",
            "fp_hists",
            "survey_matches",
            "lsst",
            "cross_matches",
            "cutoutScience",
            "rock",
            "drb",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(key.prop_map(str::to_owned), inner, 0..9)
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
        read_all(json!({"data": {"objectId": ZTF, "prv_candidates": [value]}}).to_string().as_bytes());
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
    }

    #[test]
    fn no_name_makes_recognising_panic(name in "\\PC{0,24}") {
        let boom = Boom::new(account()).unwrap();
        let _ = (boom.recognises(&name), boom.alert(&name));
    }
}

#[test]
fn a_recorded_answer_that_is_cut_anywhere_makes_no_reader_panic() {
    for name in ["object_ztf.json", "alerts_odd.json", "cutouts.json", "boom_cone.json"] {
        let body = fixture(name);
        (0..body.len()).step_by(61).for_each(|end| read_all(&body[..end]));
    }
}
