//! What goes wrong at the service, and how it is told.

use super::support::failing::{Question, bad_gateway};
use super::support::service::words;
use super::*;

/// A listing of the service.
fn question() -> Question<Fink> {
    Question("POST", "/ztf/api/v1/latests", class("SN candidate"))
}

#[tokio::test]
async fn one_bad_item_does_not_lose_the_page() {
    let service = Service::start().await;
    service.ztf("latests", answer(200, "latests_bad_item.json")).await;
    let listed = list(&service.broker(), &class("SN candidate")).await;
    assert_eq!(listed.alerts.len(), 2);
    let fault = listed.faults[0].to_string();
    let due = "item 2 cannot be read: i:ra: a text was given, a number was due; it begins {\"i:objectId\": \"ZTF25aaaaaac\",";
    assert!(fault.contains(due), "{fault}");
}

#[tokio::test]
async fn columns_may_be_missing_but_not_the_ids() {
    let service = Service::start().await;
    service.ztf("latests", answer(200, "latests_missing_fields.json")).await;
    let broker = service.broker();
    let listed = list(&broker, &class("SN candidate")).await;
    let generic = broker.generic(&listed.alerts[0]).unwrap();
    assert_eq!((generic.timestamp, generic.ra, generic.mag, generic.score), (None, None, None, None));
    let error = broker.target(&listed.alerts[0]).unwrap_err().to_string();
    assert!(error.contains("no position"), "{error}");
    let told = |n: usize| broker.generic(&listed.alerts[n]).unwrap_err().to_string();
    assert_eq!(told(1), "Fink: the alert has no id (i:candid or r:diaSourceId)");
    assert_eq!(told(2), "Fink: the alert names no object");
}

#[tokio::test]
async fn rubbish_in_a_score_loses_the_score_alone() {
    let service = Service::start().await;
    service.ztf("latests", answer(200, "latests_junk_score.json")).await;
    let listed = list(&service.broker(), &class("SN candidate")).await;
    assert!(listed.faults.is_empty(), "{:?}", listed.faults);
    let FinkPacket::Ztf(alert) = &*listed.alerts[0] else { panic!("not ZTF's") };
    assert_eq!((alert.slsn_score, alert.mulens, alert.rb, alert.drb), (None, None, None, Some(0.9991)));
}

#[tokio::test]
async fn bare_nan_is_missing_in_value_and_text() {
    let service = Service::start().await;
    service.ztf("latests", answer(200, "latests_nan.txt")).await;
    let alert = list(&service.broker(), &class("SN candidate")).await.alerts.remove(0);
    let FinkPacket::Ztf(packet) = &*alert else { panic!("not ZTF's") };
    assert_eq!((packet.snn_snia_vs_nonia, packet.sigmapsf, packet.magpsf), (None, None, Some(18.42)));
    let text: Value = serde_json::from_str(alert.raw()).unwrap();
    assert!(text["i:sigmapsf"].is_null());
}

#[tokio::test]
async fn pythons_words_are_told_as_words() {
    for (name, kind, text) in [
        ("error_400.txt", ErrorKind::Input, "A value for `class` is required"),
        (
            "error_trend.txt",
            ErrorKind::Input,
            "low_state trend is only implemented for one class. This class can accept rising, fading",
        ),
        (
            "error_sso.txt",
            ErrorKind::NotFound,
            "nosuchthing is not a valid name or number according to the resolver",
        ),
    ] {
        let service = Service::start().await;
        service.ztf("latests", html(400, name)).await;
        let fault = list(&service.broker(), &class("SN candidate")).await.faults.remove(0);
        assert_eq!(fault.kind(), kind);
        let due = format!("Fink: the service refused the request: {text} [page=1, status=400]");
        assert_eq!(fault.to_string(), due);
        assert_eq!(service.asked().await.len(), 1);
    }
}

#[tokio::test]
async fn what_is_not_an_answer_is_told() {
    let cases = [
        (
            html(200, "description.txt"),
            ErrorKind::Unreadable,
            "Fink: the service described itself in place of an answer: Get the newest alerts of a class [page=1, status=200]",
        ),
        (
            words(401, "{\"message\": \"expired\"}"),
            ErrorKind::Auth,
            "Fink: the service refused the credential, or wants one: expired [page=1, status=401]",
        ),
        (
            bad_gateway(404),
            ErrorKind::NotFound,
            "Fink: the service does not have this (\"502 Bad Gateway\") [page=1, status=404]",
        ),
        (
            bad_gateway(200),
            ErrorKind::Unreadable,
            "Fink: the answer is HTML where JSON was due (\"502 Bad Gateway\") [page=1]",
        ),
        (
            words(200, "[{\"i:objectId\": \"ZT"),
            ErrorKind::Unreadable,
            "Fink: the answer ends in the middle, after 19 bytes [page=1]",
        ),
        (
            ResponseTemplate::new(200),
            ErrorKind::Unreadable,
            "Fink: the answer is empty where JSON was due [page=1]",
        ),
        (
            words(200, "{\"message\": \"no list today\"}"),
            ErrorKind::Unreadable,
            "Fink: the answer is not a list: no list today [page=1]",
        ),
    ];
    question().tells(cases).await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    question().refuses_more_than(500, answer(200, "latests_ok.json")).await;
}

#[tokio::test]
async fn the_service_is_asked_again_when_it_says_so_or_fails() {
    let failures = [answer(500, "error_500.json"), ResponseTemplate::new(503), ResponseTemplate::new(504)];
    // A question by POST may be asked again.
    question().is_asked_again(failures, answer(200, "latests_two.json"), 2).await;
}

#[tokio::test]
async fn a_failure_that_stays_and_a_wait_that_is_too_long_are_told() {
    let fault = question().told(answer(500, "error_500.json")).await;
    assert_eq!(fault.kind(), ErrorKind::Status);
    assert!(fault.to_string().contains("the service failed: Internal Server Error"), "{fault}");

    question().tells_a_long_pause().await;
}
