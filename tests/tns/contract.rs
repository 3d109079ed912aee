//! The contract of every broker.

use super::support::contract::{evidence, holds};
use super::*;

#[tokio::test]
async fn the_contract_of_every_broker_holds() {
    let service = Service::three().await;
    let evidence =
        evidence(json!({"target_name": "2026qq", "partial_name": true})).data_of("2026qqa").secret(KEY);
    holds(service.broker(), evidence).await;
}
