//! The contract of every broker.

use super::support::contract::{evidence, holds, recorded, robust};
use super::support::service::said;
use super::*;

#[tokio::test]
async fn the_contract_of_every_broker_holds() {
    let service = Service::start().await;
    let mut second = json_fixture("list_ok.json");
    second["results"].as_array_mut().unwrap().remove(0);
    service.when(query_param("objectId", SECOND), said(200, second.to_string())).await;
    service.get("/", answer(200, "list_ok.json")).await;
    service.get("/41/", answer(200, "detail_ok.json")).await;
    service.get("/40/", answer(200, "detail_second.json")).await;
    let secret = "canary-5e3c";
    let query = json!({"magpsf__lte": 20});
    let evidence = evidence(query.clone()).secret(secret);
    // There is no credential; one in the address is refused, and not shown.
    let base_url = format!("http://user:{secret}@127.0.0.1:8/").parse().ok();
    let error = MarsBroker::with_http(MarsConfig { base_url }, &service.http()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains(secret), "{error}");
    holds(service.broker(), evidence).await;
    let candidate = ["candid", "jd", "ra", "dec", "magpsf"];
    let of = |at: &str| candidate.iter().map(|key| format!("{at}candidate.{key}")).collect::<Vec<_>>();
    let (listed, own, earlier) = (of("results.*."), of(""), of("prv_candidate.*."));
    // One limit and one detection of the history are enough: each has a hundred places.
    let mut detail = json_fixture("detail_ok.json");
    detail["prv_candidate"].as_array_mut().unwrap().truncate(2);
    let service = Service::start().await;
    service.get("/", answer(200, "list_ok.json")).await;
    service.get("/41/", said(200, detail.to_string())).await;
    service.get("/40/", answer(200, "detail_second.json")).await;
    let recording = recorded::<Mars>(service.config(), query, None)
        .await
        .essential("/", &["has_next", "results.*.lco_id", "results.*.objectId", "lco_id", "objectId"])
        .essential("/", &listed)
        .essential("/", &own)
        .essential("/", &earlier)
        .essential("/", &["prv_candidate.*.candidate.diffmaglim", "prv_candidate.*.candid"])
        // Without its band a measurement is no point.
        .essential("/", &["prv_candidate.*.candidate.fid"])
        // To be mended: the alert is there without its band.
        .essential("/", &["results.*.candidate.fid", "candidate.fid"]);
    robust(recording).await;
}
