//! The contract of every broker.

use super::support::contract::{evidence, holds};
use super::*;

#[tokio::test(start_paused = true)]
async fn the_contract_of_every_broker_holds() {
    let broker = client(&whole(), ScoutConfig::default());
    let evidence = evidence(json!({"geo_score_max": 100})).data_of("X01aaaa");
    holds(broker, evidence).await;
}

#[tokio::test(start_paused = true)]
async fn the_contract_holds_with_orbits_too() {
    let broker = client(&whole(), ScoutConfig { n_orbits: Some(5), ..ScoutConfig::default() });
    let evidence = evidence(json!({"orbits": true})).data_of("X01aaaa");
    holds(broker, evidence).await;
}
