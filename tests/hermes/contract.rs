//! The contract of every broker.

use wiremock::matchers::query_param;

use super::support::contract::{evidence, holds, recorded};
use super::*;

#[tokio::test]
async fn the_contract_of_every_broker_holds() {
    let service = Service::start().await;
    service.when(query_param("name_exact", "AT2026qxa"), answer(200, "targets_one.json")).await;
    service.get("/api/v0/targets/", answer(200, "targets_two.json")).await;
    service.get("/api/v0/targets/41/", answer(200, "target_a.json")).await;
    service.get("/api/v0/targets/42/", answer(200, "target_b.json")).await;
    service.get(&message_at(5), answer(200, "message_older.json")).await;
    service.get(&message_at(7), answer(200, "message_clean.json")).await;
    service.get(&message_at(8), answer(200, "message_b.json")).await;
    let query = json!({"target_name": "AT2026qx"});
    holds(service.broker(), evidence(query.clone()).data_of("41").secret(CANARY)).await;
    let recording = recorded::<Hermes>(service.config(), query, Some("41"))
        .await
        .essential("/targets/", &["results.*.id", "results.*.name"])
        .essential("/targets/", &["results.*.right_ascension", "results.*.declination", "next"])
        .essential("/targets/4", &["id", "name", "right_ascension", "declination"])
        // Which messages have its data.
        .essential("/targets/", &["messages.*.uuid", "results.*.messages.*.uuid"])
        // To be mended: how many there are is no more than an ornament.
        .essential("/targets/", &["count"])
        .essential("/message/", MESSAGE);
    let broken = recording.check().await;
    // A row that names a message brings all points of it.
    let of_rows = "light curve, GET /api/v0/targets/: results.*.messages.*.uuid with a byte that is no UTF-8";
    assert!(broken.len() == 1 && broken[0].starts_with(of_rows), "{broken:#?}");
}

/// What a message may lose a target or a point by.
const MESSAGE: &[&str] = &[
    "annotations.con_text_uuid",
    "message.data.targets.*.name",
    "message.data.targets.*.ra",
    "message.data.targets.*.dec",
    "message.data.photometry.*.target_name",
    "message.data.photometry.*.date_obs",
    "message.data.photometry.*.brightness",
    // Without its band a measurement is no point.
    "message.data.photometry.*.bandpass",
    "message.data.photometry.*.brightness_unit",
    "message.data.photometry.*.limiting_brightness",
    "message.data.photometry.*.limiting_brightness_unit",
    "message.data.spectroscopy.*.target_name",
    "message.data.spectroscopy.*.date_obs",
    "message.data.spectroscopy.*.flux",
    "message.data.spectroscopy.*.wavelength",
    "message.data.astrometry.*.target_name",
    "message.data.astrometry.*.date_obs",
    "message.data.astrometry.*.ra",
    "message.data.astrometry.*.dec",
];

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
    service.get("/api/v0/targets/", answer(200, "targets_empty.json")).await;
    service.get(&message_at(7), answer(200, "message_clean.json")).await;
    service.get(&message_at(12), answer(200, "message_circular.json")).await;
    let evidence = evidence(json!({"search": "archive", "end": "2026-11-24"})).secret(CANARY);
    holds(service.broker(), evidence).await;
}
