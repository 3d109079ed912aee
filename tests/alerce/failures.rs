//! What goes wrong at the service, and how it is told.

use super::support::failing::{Question, bad_gateway};
use super::support::service::words;
use super::*;

/// A listing of the service.
fn question() -> Question<Alerce> {
    Question("GET", "/ztf/v1/objects/", two())
}

#[tokio::test]
async fn one_bad_item_does_not_lose_the_page() {
    let service = Service::start().await;
    service.get("/ztf/v1/objects/", answer(200, "objects_bad_item.json")).await;
    let listed = list(&service.broker(), &AlerceQuery::default()).await;
    assert_eq!(listed.alerts.len(), 2);
    let fault = listed.faults[0].to_string();
    let due = "item 2 cannot be read: meanra: a text was given, a number was due; it begins { \"oid\": \"ZTF24aaaaaac\",";
    assert!(fault.contains(due), "{fault}");
}

#[tokio::test]
async fn fields_may_be_missing_but_not_the_id() {
    let service = Service::start().await;
    service.get("/ztf/v1/objects/", answer(200, "objects_missing_fields.json")).await;
    let broker = service.broker();
    let listed = list(&broker, &AlerceQuery::default()).await;
    let generic = broker.generic(&listed.alerts[0]).unwrap();
    assert_eq!((generic.timestamp, generic.ra, generic.score), (None, None, None));
    let error = broker.target(&listed.alerts[0]).unwrap_err().to_string();
    assert!(error.contains("no position"), "{error}");
    assert!(listed.faults[0].to_string().contains("missing field `oid`"), "{}", listed.faults[0]);
}

#[tokio::test]
async fn bare_nan_is_missing_in_value_and_text() {
    let service = Service::start().await;
    service.get("/ztf/v1/objects/", answer(200, "objects_nan.txt")).await;
    let alert = list(&service.broker(), &AlerceQuery::default()).await.alerts.remove(0);
    assert_eq!((alert.g_r_max, alert.sigmara, alert.ndet), (None, None, Some(24)));
    let text: Value = serde_json::from_str(alert.raw()).unwrap();
    assert!(text["g_r_max"].is_null());
}

#[tokio::test]
async fn refusals_name_the_field() {
    let service = Service::start().await;
    service.get("/ztf/v1/objects/", answer(400, "error_400.json")).await;
    service.get("/object_api/list_objects", answer(422, "lsst_error_422.json")).await;
    let listed = list(&service.broker(), &two()).await;
    assert_eq!(listed.faults[0].kind(), ErrorKind::Input);
    assert_eq!(
        listed.faults[0].to_string(),
        "ALeRCE: order_by: Column used for ordering The value is not a valid choice [page=1, status=400]"
    );
    let listed = list(&service.broker(), &AlerceQuery { survey: Some(Survey::Lsst), ..two() }).await;
    assert_eq!(
        listed.faults[0].to_string(),
        "ALeRCE: n_det: Input should be a valid integer [page=1, status=422]"
    );
}

#[tokio::test]
async fn what_is_not_an_answer_is_told() {
    let cases = [
        (
            words(401, "{\"message\": \"expired\"}"),
            ErrorKind::Auth,
            "ALeRCE: the service refused the credential, or wants one: expired [page=1, status=401]",
        ),
        (
            bad_gateway(404),
            ErrorKind::NotFound,
            "ALeRCE: the service does not have this (\"502 Bad Gateway\") [page=1, status=404]",
        ),
        (
            bad_gateway(200),
            ErrorKind::Unreadable,
            "ALeRCE: the answer is HTML where JSON was due (\"502 Bad Gateway\") [page=1]",
        ),
        (
            words(200, "{\"items\": [{\"oid\": \"ZT"),
            ErrorKind::Unreadable,
            "ALeRCE: the answer ends in the middle, after 22 bytes [page=1]",
        ),
        (
            ResponseTemplate::new(200),
            ErrorKind::Unreadable,
            "ALeRCE: the answer is empty where JSON was due [page=1]",
        ),
        (
            words(200, "{\"message\": \"no list today\"}"),
            ErrorKind::Unreadable,
            "ALeRCE: the answer has no list `items`: no list today [page=1]",
        ),
    ];
    question().tells(cases).await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    question().refuses_more_than(500, answer(200, "objects_full_page.json")).await;
}

#[tokio::test]
async fn the_service_is_asked_again_when_it_says_so_or_fails() {
    let good = answer(200, "objects_last_page.json");
    question().is_asked_again([ResponseTemplate::new(500)], good, 1).await;
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_told_at_once() {
    question().tells_a_long_pause().await;
}
