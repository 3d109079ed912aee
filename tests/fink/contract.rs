//! The contract of every broker.

use wiremock::Mock;
use wiremock::matchers::body_partial_json;

use super::support::contract::{evidence, holds, recorded, robust};
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
    let row = ["*.i:objectId", "*.i:candid", "*.i:jd", "*.i:ra", "*.i:dec", "*.i:magpsf"];
    // A row that is none counts as one of `n`.
    let query = json!({"class": "SN candidate", "n": 10});
    let recording = recorded::<Fink>(service.config(), query, Some(ZTF))
        .await
        .essential("/", &row)
        .essential("/objects", &["*.i:diffmaglim"])
        // Without its band a measurement is no point; the tag tells limits.
        .essential("/objects", &["*.i:fid", "*.d:tag"])
        // To be mended: the depth is no more than an ornament of an alert.
        .essential("/latests", &["*.i:diffmaglim"]);
    robust(recording).await;
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
    let query = json!({"tag": "most_likely_sn"});
    holds(service.broker(), evidence(query.clone()).data_of(LSST)).await;
    let ids = ["*.r:diaObjectId", "*.r:diaSourceId", "*.r:ra", "*.r:dec"];
    let recording = recorded::<Fink>(service.config(), query, Some(LSST))
        .await
        .essential("/", &ids)
        .essential("/", &["*.r:midpointMjdTai", "*.r:psfFlux", "*.r:diaForcedSourceId"])
        // Without its band a measurement is no point.
        .essential("/", &["*.r:band"])
        // To be mended: the error is no more than an ornament.
        .essential("/", &["*.r:psfFluxErr"]);
    robust(recording).await;
}
