//! What goes wrong at the service, and how it is told.

use super::*;

#[tokio::test]
async fn one_bad_item_does_not_lose_the_page() {
    let service = Service::start().await;
    service.on("/ztf/v1/objects/", answer(200, "objects_bad_item.json")).await;
    let listed = list(&service.broker(), &AlerceQuery::default()).await;
    assert_eq!(listed.alerts.len(), 2);
    let fault = listed.faults[0].to_string();
    let due = "item 2 cannot be read: meanra: a text was given, a number was due; it begins { \"oid\": \"ZTF24aaaaaac\",";
    assert!(fault.contains(due), "{fault}");
}

#[tokio::test]
async fn fields_may_be_missing_but_not_the_id() {
    let service = Service::start().await;
    service.on("/ztf/v1/objects/", answer(200, "objects_missing_fields.json")).await;
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
    service.on("/ztf/v1/objects/", answer(200, "objects_nan.txt")).await;
    let alert = list(&service.broker(), &AlerceQuery::default()).await.alerts.remove(0);
    assert_eq!((alert.g_r_max, alert.sigmara, alert.ndet), (None, None, Some(24)));
    let text: Value = serde_json::from_str(alert.raw()).unwrap();
    assert!(text["g_r_max"].is_null());
}

#[tokio::test]
async fn refusals_name_the_field() {
    let service = Service::start().await;
    service.on("/ztf/v1/objects/", answer(400, "error_400.json")).await;
    service.on("/object_api/list_objects", answer(422, "lsst_error_422.json")).await;
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
    let html = "<!doctype html><html><title>502 Bad Gateway</title></html>";
    let body = |status: u16, text: &str| ResponseTemplate::new(status).set_body_string(text);
    let cases = [
        (
            body(401, "{\"message\": \"expired\"}"),
            ErrorKind::Auth,
            "ALeRCE: the service refused the credential, or wants one: expired [page=1, status=401]",
        ),
        (
            ResponseTemplate::new(404).set_body_raw(html, "text/html"),
            ErrorKind::NotFound,
            "ALeRCE: the service does not have this (\"502 Bad Gateway\") [page=1, status=404]",
        ),
        (
            ResponseTemplate::new(200).set_body_raw(html, "text/html"),
            ErrorKind::Unreadable,
            "ALeRCE: the answer is HTML where JSON was due (\"502 Bad Gateway\") [page=1]",
        ),
        (
            body(200, "{\"items\": [{\"oid\": \"ZT"),
            ErrorKind::Unreadable,
            "ALeRCE: the answer ends in the middle, after 22 bytes [page=1]",
        ),
        (
            ResponseTemplate::new(200),
            ErrorKind::Unreadable,
            "ALeRCE: the answer is empty where JSON was due [page=1]",
        ),
        (
            body(200, "{\"message\": \"no list today\"}"),
            ErrorKind::Unreadable,
            "ALeRCE: the answer has no list `items`: no list today [page=1]",
        ),
    ];
    for (answer, kind, text) in cases {
        let service = Service::start().await;
        service.on("/ztf/v1/objects/", answer).await;
        let listed = list(&service.broker(), &two()).await;
        assert_eq!((listed.alerts.len(), listed.faults.len()), (0, 1), "{text}");
        assert_eq!((listed.faults[0].kind(), listed.faults[0].to_string().as_str()), (kind, text));
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let mut service = Service::start().await;
    service.0.http.max_body = 500;
    service.on("/ztf/v1/objects/", answer(200, "objects_full_page.json")).await;
    let listed = list(&service.broker(), &two()).await;
    assert_eq!(listed.faults[0].kind(), ErrorKind::TooLarge);
    assert!(listed.faults[0].to_string().contains("500"), "{}", listed.faults[0]);
}

#[tokio::test]
async fn the_service_is_asked_again_when_it_says_so_or_fails() {
    let soon = httpdate::fmt_http_date(std::time::SystemTime::now());
    for first in [
        ResponseTemplate::new(429).insert_header("retry-after", "0"),
        ResponseTemplate::new(429).insert_header("retry-after", soon.as_str()),
        ResponseTemplate::new(500),
    ] {
        let service = Service::start().await;
        Mock::given(any()).respond_with(first).up_to_n_times(1).mount(&service.0.server).await;
        service.on("/ztf/v1/objects/", answer(200, "objects_last_page.json")).await;
        let listed = list(&service.broker(), &two()).await;
        assert_eq!((listed.alerts.len(), listed.faults.len()), (1, 0), "{:?}", listed.faults);
        assert_eq!(service.asked().await.len(), 2);
    }
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_told_at_once() {
    let service = Service::start().await;
    service.on("/ztf/v1/objects/", ResponseTemplate::new(429).insert_header("retry-after", "3600")).await;
    let listed = list(&service.broker(), &two()).await;
    assert_eq!(listed.faults[0].kind(), ErrorKind::RateLimited);
    assert!(listed.faults[0].is_retryable() && listed.faults[0].retry_after().is_some());
    assert!(listed.faults[0].to_string().contains("come back in"), "{}", listed.faults[0]);
    assert_eq!(service.asked().await.len(), 1);
}
