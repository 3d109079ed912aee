//! The contract of every broker.

use wiremock::matchers::query_param;

use super::support::contract::{evidence, holds};
use super::*;

#[tokio::test]
async fn the_contract_of_every_broker_holds() {
    let service = Service::start().await;
    service.get("/api/v0/targets/", answer(200, "targets_two.json")).await;
    service.get("/api/v0/targets/41/", answer(200, "target_a.json")).await;
    service.get("/api/v0/targets/42/", answer(200, "target_b.json")).await;
    service.get(&message_at(5), answer(200, "message_older.json")).await;
    service.get(&message_at(7), answer(200, "message_clean.json")).await;
    service.get(&message_at(8), answer(200, "message_b.json")).await;
    let evidence = evidence(json!({"target_name": "AT2026qx"})).data_of("41").secret(CANARY);
    holds(service.broker(), evidence).await;
}

#[tokio::test]
async fn the_contract_holds_for_events_and_for_the_archive() {
    let service = Service::start().await;
    service.get("/api/v0/nonlocalizedevents/", answer(200, "events_ok.json")).await;
    service.get("/api/v0/nonlocalizedevents/S261101qx/", answer(200, "event_ok.json")).await;
    service.get("/api/v0/nonlocalizedevents/S261102qy/", answer(200, "event_retracted.json")).await;
    service.get("/api/v0/nonlocalizedevents/GRB%20261103A/", answer(200, "event_bare.json")).await;
    service.get("/api/v0/targets/", answer(200, "targets_empty.json")).await;
    service.get(&message_at(7), answer(200, "message_clean.json")).await;
    let query = json!({"search": "events"});
    holds(service.broker(), evidence(query).data_of(uuid(7)).secret(CANARY)).await;

    let service = Service::start().await;
    service.when(query_param("page", ">i:1792990000000~i:12"), answer(200, "archive_empty.json")).await;
    service.get("/api/v0/query/", answer(200, "archive_page1.json")).await;
    service.get(&message_at(7), answer(200, "message_clean.json")).await;
    service.get(&message_at(12), answer(200, "message_circular.json")).await;
    let evidence = evidence(json!({"search": "archive", "end": "2026-11-24"})).secret(CANARY);
    holds(service.broker(), evidence).await;
}
