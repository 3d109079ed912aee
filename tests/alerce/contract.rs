//! The contract of every broker.

use super::support::contract::{broken, evidence, holds};
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
    let evidence = evidence(json!({"class": "SNIa", "classifier": "lc_classifier"}));
    holds(service.broker(), evidence).await;
}

#[tokio::test]
async fn the_contract_holds_for_lsst_too() {
    let service = Service::start().await;
    service.get("/object_api/list_objects", answer(200, "lsst_objects_page2.json")).await;
    service.get("/object_api/object", answer(200, "lsst_object_ok.json")).await;
    service.get("/lightcurve_api/lightcurve", answer(200, "lsst_lightcurve_clean.json")).await;
    service.get("/lightcurve_api/detections", answer(200, "lsst_detections_ok.json")).await;
    service.get("/probability_api/probability", answer(200, "lsst_probability_ok.json")).await;
    let evidence = evidence(json!({"survey": "lsst"})).data_of(LSST);
    let broken = broken(service.broker(), evidence).await;
    // The recorded service knows one object only.
    let due = [
        "the recorded listing has at least two alerts",
        "169342810955317612: the alert asked for is the one that comes",
    ];
    assert_eq!(broken, due);
}
