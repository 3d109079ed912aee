//! The contract of every broker.

use wiremock::Mock;
use wiremock::matchers::body_partial_json;

use super::support::contract::{evidence, holds};
use super::*;

#[tokio::test]
async fn the_contract_of_every_broker_holds() {
    let service = Service::start().await;
    service.ztf("latests", answer(200, "latests_two.json")).await;
    let whole = |id: &str| body_partial_json(json!({"objectId": id}));
    let curve = body_partial_json(json!({"objectId": ZTF, "withupperlim": true}));
    let mount = |matcher, name: &'static str, priority| {
        Mock::given(matcher).respond_with(answer(200, name)).with_priority(priority).mount(&service.server)
    };
    mount(curve, "objects_limits_clean.json", 1).await;
    mount(whole(ZTF), "objects_full.json", 2).await;
    mount(whole("ZTF25aaaaaac"), "objects_second.json", 2).await;
    service.lsst("sources", answer(200, "empty.json")).await;
    let evidence = evidence(json!({"class": "SN candidate", "n": 2})).data_of(ZTF);
    holds(service.broker(), evidence.secret("no-secret-canary")).await;
}

#[tokio::test]
async fn the_contract_holds_for_lsst_too() {
    let service = Service::start().await;
    service.lsst("tags", answer(200, "lsst_tags_ok.json")).await;
    let of = |id: &str| body_partial_json(json!({"diaObjectId": id}));
    service.post("/api/v1/fp", answer(200, "lsst_fp_ok.json")).await;
    service.when(of(LSST), answer(200, "lsst_sources_clean.json")).await;
    service.when(of("169342810955317612"), answer(200, "lsst_sources_second.json")).await;
    service.otherwise(answer(200, "empty.json")).await;
    let evidence = evidence(json!({"tag": "most_likely_sn"})).data_of(LSST);
    holds(service.broker(), evidence).await;
}
