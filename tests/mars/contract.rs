//! The contract of every broker.

use super::support::contract::{evidence, holds};
use super::*;

#[tokio::test]
async fn the_contract_of_every_broker_holds() {
    let service = Service::start().await;
    service.get("/", answer(200, "list_ok.json")).await;
    service.get("/41/", answer(200, "detail_ok.json")).await;
    service.get("/40/", answer(200, "detail_second.json")).await;
    let secret = "canary-5e3c";
    let evidence = evidence(json!({"magpsf__lte": 20})).secret(secret);
    // There is no credential; one in the address is refused, and not shown.
    let base_url = format!("http://user:{secret}@127.0.0.1:8/").parse().ok();
    let error = MarsBroker::with_http(MarsConfig { base_url }, &service.http()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains(secret), "{error}");
    holds(service.broker(), evidence).await;
}
