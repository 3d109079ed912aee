//! The contract of every broker, and secrecy.

use tom_alerts::Cursor;
use wiremock::matchers::{body_string, query_param};

use super::support::contract::{evidence, holds};
use super::*;

#[tokio::test]
async fn the_contract_of_every_broker_holds_for_ztf() {
    let service = Service::start().await;
    service.get("/api/cone/", answer(200, "ztf_cone.json")).await;
    // Who goes on behind the first object asks for the second alone.
    let second = said(200, Value::from(vec![json_fixture("ztf_objects_ok.json")[1].clone()]).to_string());
    service.when(body_string(format!("objectIds={OTHER}")), second).await;
    service.post("/api/objects/", answer(200, "ztf_objects_ok.json")).await;
    let own = query_param("objectId", OTHER);
    service.when(own, said(200, json_fixture("ztf_objects_ok.json")[1].to_string())).await;
    service.get("/api/object/", answer(200, "ztf_object_ok.json")).await;
    service.get("/api/sherlock/object/", answer(200, "ztf_sherlock_lite.json")).await;
    let evidence = evidence(json!({"ra": 201.5, "dec": -9.75})).secret(TOKEN);
    holds(service.ztf(), evidence).await;
}

#[tokio::test]
async fn the_contract_of_every_broker_holds_for_lsst() {
    let service = Service::start().await;
    service.query("sherlock_classifications", answer(200, "lsst_rows_sherlock.json")).await;
    let other = query_param("objectId", "169342810955400002");
    let object = text_fixture("lsst_object_added.txt");
    service.when(other, said(200, object.replace(LSST, "169342810955400002"))).await;
    service.get("/api/object/", said(200, &object)).await;
    service.get("/api/sherlock/object/", answer(200, "lsst_sherlock_lite.json")).await;
    let evidence = evidence(json!({"object_id": [LSST, "169342810955400002"]})).secret(TOKEN);
    holds(service.lsst(), evidence).await;
}

#[tokio::test]
async fn the_token_is_in_no_url_error_or_debug() {
    let service = Service::start().await;
    service
        .get("/api/cone/", said(401, format!(r#"{{"detail": "Invalid token {TOKEN}0123456789abcdef."}}"#)))
        .await;
    let broker = service.ztf();
    let request = broker.protocol().listing(&cone(), &Cursor::default()).unwrap();
    assert!(!format!("{request:?} {broker:?} {:?}", service.config()).contains(TOKEN));
    let listed = list(&broker, &cone()).await;
    assert_eq!(listed.faults[0].kind(), ErrorKind::Auth);
    let told = format!("{} {:?}", listed.faults[0], listed.faults[0]);
    assert!(!told.contains(TOKEN), "{told}");
    assert!(service.asked().await.iter().all(|line| !line.contains(TOKEN)));
    assert!(request.has_credential());
}
