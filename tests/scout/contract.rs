//! The contract of every broker.

use super::support::contract::{evidence, holds, robust, scripted};
use super::*;

#[tokio::test(start_paused = true)]
async fn the_contract_of_every_broker_holds() {
    let broker = client(&whole(), ScoutConfig::default());
    let query = json!({"geo_score_max": 100});
    holds(broker, evidence(query.clone()).data_of("X01aaaa")).await;
    let recording = scripted::<Scout>(&whole(), ScoutConfig::default(), query, Some("X01aaaa"))
        .await
        .essential("", &["data.*.objectName", "data.*.ra", "data.*.dec"])
        // By which the query chooses.
        .essential("", &["data.*.geocentricScore"])
        .essential("", &["objectName", "ra", "dec", "fileMPC"]);
    robust(recording).await;
}

#[tokio::test(start_paused = true)]
async fn the_contract_holds_with_orbits_too() {
    let broker = client(&whole(), ScoutConfig { n_orbits: Some(5), ..ScoutConfig::default() });
    let evidence = evidence(json!({"orbits": true})).data_of("X01aaaa");
    holds(broker, evidence).await;
}
