//! What goes wrong at the service, and how it is told.

use super::support::failing::{Question, bad_gateway};
use super::support::listing::at_place;
use super::*;

/// A listing of the service.
fn question() -> Question<Antares> {
    Question("GET", "/v2/loci", two())
}

#[tokio::test]
async fn one_bad_item_does_not_lose_the_page() {
    let service = Service::v2().await;
    service.below("loci", answer(200, "v2_loci_bad_item.json")).await;
    let listed = list(&service.broker(), &two()).await;
    assert_eq!(listed.ids(), [LOCUS, "ANT2020cccc"]);
    let fault = listed.faults[0].to_string();
    let due = "item 2 cannot be read: locus.dec: a text was given, a number was due; it begins { \"locus\": { \"locus_id\": \"ANT2026bbb";
    assert!(fault.contains(due), "{fault}");
}

#[tokio::test]
async fn fields_may_be_missing_but_not_the_id() {
    let service = Service::v2().await;
    service.below("loci", answer(200, "v2_loci_missing_fields.json")).await;
    let broker = service.broker();
    let listed = list(&broker, &two()).await;
    let generic = broker.generic(&listed.alerts[0]).unwrap();
    assert_eq!(generic.name, "ANT2025dddd");
    assert_eq!((generic.timestamp, generic.ra, generic.mag, generic.score), (None, None, None, None));
    let error = broker.target(&listed.alerts[0]).unwrap_err().to_string();
    assert!(error.contains("no position"), "{error}");
    assert!(listed.faults[0].to_string().contains("the locus has no id"), "{}", listed.faults[0]);
}

#[tokio::test]
async fn bare_nan_is_missing_in_value_and_text() {
    let service = Service::v2().await;
    service.below("loci", answer(200, "v2_loci_nan.txt")).await;
    let broker = service.broker();
    let alert = list(&broker, &two()).await.alerts.remove(0);
    assert_eq!(alert.properties.newest_alert_magnitude, None);
    assert!(alert.properties.filter("anomaly_score").is_none());
    assert!(alert.properties.filter("feature_amplitude_magn_g").is_none());
    assert_eq!(broker.generic(&alert).unwrap().mag, None);
    let text: Value = serde_json::from_str(alert.raw()).unwrap();
    assert!(text["locus"]["properties"]["newest_alert_magnitude"].is_null());
}

#[tokio::test]
async fn what_is_not_an_answer_is_told() {
    let cases = [
        (
            answer(400, "v1_error_400.json"),
            ErrorKind::Status,
            "ANTARES: the service refused the request: The query cannot be parsed. [page=1, status=400]",
        ),
        (
            words(400, r#"{"detail": "no such field"}"#),
            ErrorKind::Status,
            "ANTARES: the service refused the request: no such field [page=1, status=400]",
        ),
        (
            words(400, "limit must\nbe a number"),
            ErrorKind::Status,
            "ANTARES: the service refused the request: limit must be a number [page=1, status=400]",
        ),
        (
            words(401, ""),
            ErrorKind::Auth,
            "ANTARES: the service refused the credential, or wants one [page=1, status=401]",
        ),
        (
            answer(404, "v1_error_404.json"),
            ErrorKind::NotFound,
            "ANTARES: the service does not have this: The made-up thing was not found. [page=1, status=404]",
        ),
        (
            bad_gateway(404),
            ErrorKind::NotFound,
            "ANTARES: the service does not have this (\"502 Bad Gateway\") [page=1, status=404]",
        ),
        (
            bad_gateway(200),
            ErrorKind::Unreadable,
            "ANTARES: the answer is HTML where JSON was due (\"502 Bad Gateway\") [page=1]",
        ),
        (
            words(200, r#"{"data": [{"locus": {"locus_id": "AN"#),
            ErrorKind::Unreadable,
            "ANTARES: the answer ends in the middle, after 36 bytes [page=1]",
        ),
        (words(200, ""), ErrorKind::Unreadable, "ANTARES: the answer is empty where JSON was due [page=1]"),
        (
            words(200, r#"{"error": "no search today"}"#),
            ErrorKind::Unreadable,
            "ANTARES: the answer has no list `data`: no search today [page=1]",
        ),
        (
            words(200, r#"{"data": {"id": "ANT2024aaaab"}}"#),
            ErrorKind::Unreadable,
            "ANTARES: the answer has no list `data` [page=1]",
        ),
    ];
    question().tells(cases).await;
}

#[tokio::test]
async fn a_single_locus_that_is_none_is_told() {
    for (status, body, text) in [
        (200, r#"{"error": "come back"}"#, "ANTARES: the answer has no `data`: come back"),
        (200, r#"{"data": null}"#, "ANTARES: the answer has no `data`"),
        (200, "<html><title>Login</title>", "ANTARES: the answer is HTML where JSON was due (\"Login\")"),
        (200, r#"{"data": {"ra": 1}}"#, "ANTARES: the locus has no id"),
        (200, r#"{"data": []}"#, "ANTARES: a list was given, an object was due"),
        (
            404,
            r#"{"detail": "unknown locus"}"#,
            "ANTARES: the service does not have this: unknown locus [status=404]",
        ),
    ] {
        let service = Service::v2().await;
        service.otherwise(ResponseTemplate::new(status).set_body_string(body)).await;
        let told = service.broker().alert(LOCUS).await.unwrap_err().to_string();
        assert!(told.starts_with(text), "{told}");
    }
    let broker = AntaresBroker::new(AntaresConfig::default()).unwrap();
    for id in ["SN2024abc", "ZTF24", "", "../loci"] {
        let error = broker.alert(id).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Input);
        assert_eq!(
            error.to_string(),
            "ANTARES: this is no id of ANTARES; loci are like ANT2020m4pja, objects of ZTF like ZTF20aaelulu, \
             those of LSST have 15 to 19 digits"
        );
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    question().refuses_more_than(500, answer(200, "v2_loci_page1.json")).await;
}

#[tokio::test]
async fn the_service_is_asked_again_when_it_says_so_or_fails() {
    let good = answer(200, "v2_loci_one.json");
    question().is_asked_again([ResponseTemplate::new(500)], good, 1).await;
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_told_at_once() {
    question().tells_a_long_pause().await;
}

#[tokio::test]
async fn empty_and_endless_listings_come_to_an_end() {
    let service = Service::v2().await;
    let empty = r#"{"data": [], "links": {"next": "https://api.antares.noirlab.edu/v2/loci?offset=9"}}"#;
    service.below("loci", ResponseTemplate::new(200).set_body_string(empty)).await;
    let listed = list(&service.broker(), &two()).await;
    assert!(listed.faults.is_empty());
    assert_eq!(listed.notes[0], "the service gave an empty page, so the listing was ended");
    assert_eq!(service.asked().await.len(), 1);

    let service = Service::v2().await;
    service.below("loci", answer(200, "v2_loci_page1.json")).await;
    let listed = list(&service.broker(), &two()).await;
    assert_eq!(listed.alerts.len(), 2);
    let told = listed.faults[0].to_string();
    assert!(told.contains("the service gave the same page twice"), "{told}");
    assert_eq!(service.asked().await.len(), 2);
}

#[tokio::test]
async fn a_resume_token_that_was_changed_is_told() {
    let service = Service::v2().await;
    let broker = service.broker();
    let token = at_place(&broker.alerts(&two()).unwrap().resume_token().unwrap(), "0@17");
    let mut alerts = broker.alerts_from(&two(), Some(&token)).unwrap();
    let told = alerts.next().await.unwrap().unwrap_err().to_string();
    assert!(told.contains("the resume token does not fit this broker; start anew"), "{told}");
}
