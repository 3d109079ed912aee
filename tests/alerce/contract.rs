//! The contract of every broker.

use super::support::contract::{broken, evidence, holds, recorded, robust};
use super::*;

#[tokio::test]
async fn the_contract_of_every_broker_holds() {
    let service = Service::start().await;
    service.get("/ztf/v1/objects/", answer(200, "objects_full_page.json")).await;
    service.get("/ztf/v1/objects/ZTF24aaaaaab", answer(200, "object_ok.json")).await;
    service.get("/ztf/v1/objects/ZTF24aaaaaac", answer(200, "object_second.json")).await;
    service.get("/ztf/v1/objects/ZTF24aaaaaab/lightcurve", answer(200, "lightcurve_clean.json")).await;
    service.get("/v2/lightcurve/forced-photometry/ZTF24aaaaaab", answer(200, "forced_ok.json")).await;
    service.get("/ztf/v1/objects/ZTF24aaaaaab/probabilities", answer(200, "probabilities_ok.json")).await;
    service.get("/ztf/v1/objects/ZTF24aaaaaab/detections", answer(200, "detections_ok.json")).await;
    let query = json!({"class": "SNIa", "classifier": "lc_classifier"});
    holds(service.broker(), evidence(query.clone())).await;
    let recording = recorded::<Alerce>(service.config(), query, None)
        .await
        .essential(
            "/objects/",
            &["has_next", "items.*.oid", "items.*.meanra", "items.*.meandec", "items.*.lastmjd"],
        )
        .essential("/objects/ZTF", &["oid", "meanra", "meandec", "lastmjd"])
        .essential("/lightcurve", &["detections.*.mjd", "detections.*.magpsf", "detections.*.candid"])
        .essential("/lightcurve", &["non_detections.*.mjd", "non_detections.*.diffmaglim"])
        .essential("/forced-photometry", &["*.mjd", "*.mag", "*.extra_fields.diffmaglim", "*.candid"])
        // Without its band a measurement is no point.
        .essential("/lightcurve", &["detections.*.fid", "non_detections.*.fid"])
        .essential("/forced-photometry", &["*.fid"]);
    robust(recording).await;
}

#[tokio::test]
async fn the_contract_holds_for_lsst_too() {
    let service = Service::start().await;
    service.get("/object_api/list_objects", answer(200, "lsst_objects_page2.json")).await;
    service.get("/object_api/object", answer(200, "lsst_object_ok.json")).await;
    service.get("/lightcurve_api/lightcurve", answer(200, "lsst_lightcurve_clean.json")).await;
    service.get("/lightcurve_api/detections", answer(200, "lsst_detections_ok.json")).await;
    service.get("/probability_api/probability", answer(200, "lsst_probability_ok.json")).await;
    let query = json!({"survey": "lsst"});
    let broken = broken(service.broker(), evidence(query.clone()).data_of(LSST)).await;
    // The recorded service knows one object only.
    let due = [
        "the recorded listing has at least two alerts",
        "169342810955317612: the alert asked for by its id is the one that comes",
    ];
    assert_eq!(broken, due);
    let recording = recorded::<Alerce>(service.config(), query, Some(LSST))
        .await
        .essential(
            "/list_objects",
            &["has_next", "items.*.oid", "items.*.meanra", "items.*.meandec", "items.*.lastmjd"],
        )
        .essential("/object", &["oid", "meanra", "meandec", "lastmjd"])
        .essential(
            "/lightcurve",
            &["detections.*.mjd", "detections.*.psfFlux", "detections.*.measurement_id"],
        )
        .essential(
            "/lightcurve",
            &["forced_photometry.*.mjd", "forced_photometry.*.psfFlux", "forced_photometry.*.measurement_id"],
        )
        // Without its band a measurement is no point.
        .essential("/lightcurve", &["detections.*.band", "forced_photometry.*.band"])
        // To be mended: the error is no more than an ornament.
        .essential("/lightcurve", &["detections.*.psfFluxErr", "forced_photometry.*.psfFluxErr"]);
    robust(recording).await;
}
