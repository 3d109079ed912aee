//! What goes wrong at the service, and how it is told.

use super::support::failing::Scripted;
use super::support::service::{self, Service};
use super::*;

/// A listing of the service.
fn question() -> Scripted<Scout> {
    Scripted(ScoutConfig::default, ScoutQuery::default())
}

const GONE: &str = "Scout: Scout does not have this object: it was never on the NEO Confirmation Page, or it has left it \
                    because it was designated, found to be artificial, or lost; Scout says: ";

#[tokio::test(start_paused = true)]
async fn an_object_that_is_gone_is_told_as_such() {
    for (name, words) in [
        ("gone.json", "specified object does not exist [status=200]"),
        ("message_200.json", "specified object was not found [status=200]"),
    ] {
        let (broker, script) = always(answer(200, name));
        let error = broker.alert("X09zzzz").await.unwrap_err();
        assert_eq!((error.kind(), error.to_string()), (ErrorKind::NotFound, format!("{GONE}{words}")));
        assert!(!error.is_retryable());
        assert_eq!(sent(&script), ["GET /scout.api?tdes=X09zzzz"]);
        let listed = list(&broker, &one("X09zzzz")).await;
        assert_eq!((listed.alerts.len(), listed.faults[0].kind()), (0, ErrorKind::NotFound));
        assert_eq!(broker.reduced_data("X09zzzz", None).await.unwrap_err().kind(), ErrorKind::NotFound);
    }
}

#[tokio::test(start_paused = true)]
async fn a_passing_failure_under_status_200_is_no_departure() {
    let (broker, _) = always(answer(200, "busy.json"));
    for error in [
        broker.alert("X01aaaa").await.unwrap_err(),
        list(&broker, &ScoutQuery::default()).await.faults.remove(0),
    ] {
        assert_eq!(error.kind(), ErrorKind::Status);
        assert!(error.is_retryable());
        let due = "Scout failed for the moment; try again in a few minutes. Scout says: service temporarily unavailable, try again";
        assert!(error.to_string().contains(due), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_with_an_empty_list_beside_is_no_empty_list() {
    let body =
        r#"{"signature": {"version": "1.3"}, "count": "0", "data": [], "error": "temporarily unavailable"}"#;
    let (broker, _) = always(text(200, body));
    let listed = list(&broker, &ScoutQuery::default()).await;
    assert_eq!((listed.alerts.len(), listed.faults.len()), (0, 1));
    assert_eq!(listed.faults[0].kind(), ErrorKind::Status);
    assert!(listed.faults[0].to_string().contains("temporarily unavailable"), "{}", listed.faults[0]);
}

#[tokio::test(start_paused = true)]
async fn one_object_that_left_meanwhile_does_not_lose_the_list() {
    let script = ScriptedTransport::new(|request| {
        Ok(match asked(request, "tdes").as_deref() {
            None => answer(200, "summary.json"),
            Some("X02bbbb") => answer(200, "gone.json"),
            Some("X01aaaa") => answer(200, "object_orbits.json"),
            Some(_) => answer(200, "object_no_orbits.json"),
        })
    });
    let broker = client(&script, ScoutConfig::default());
    let listed = list(&broker, &ScoutQuery { orbits: true, ..ScoutQuery::default() }).await;
    assert_eq!((listed.alerts.len(), listed.faults.len()), (2, 1));
    assert_eq!((listed.faults[0].kind(), listed.faults[0].context("item")), (ErrorKind::NotFound, Some("2")));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_an_answer_is_told() {
    let html = "<html><head><title>503 Service Temporarily Unavailable</title></head></html>";
    let cases = [
        (
            answer(400, "error_400.json"),
            ErrorKind::Status,
            "Scout: the service refused the request: one or more query parameter was not recognized [page=1, status=400]",
        ),
        (
            text(401, "{}"),
            ErrorKind::Auth,
            "Scout: the service refused the credential, or wants one [page=1, status=401]",
        ),
        (text(404, "{}"), ErrorKind::NotFound, "Scout: the service does not have this [page=1, status=404]"),
        (
            text(503, html),
            ErrorKind::Status,
            "Scout: the service failed (\"503 Service Temporarily Unavailable\") [page=1, status=503]",
        ),
        (
            text(200, html),
            ErrorKind::Unreadable,
            "Scout: the answer is HTML where JSON was due (\"503 Service Temporarily Unavailable\") [page=1]",
        ),
        (text(200, ""), ErrorKind::Unreadable, "Scout: the answer is empty where JSON was due [page=1]"),
        (
            text(200, "{\"data\": [{\"objectName\": \"X0"),
            ErrorKind::Unreadable,
            "Scout: the answer ends in the middle, after 28 bytes [page=1]",
        ),
        (
            text(200, "{\"count\": \"0\"}"),
            ErrorKind::Unreadable,
            "Scout: the answer has no list `data` [page=1]",
        ),
    ];
    question().tells(cases).await;
}

#[tokio::test(start_paused = true)]
async fn bare_nan_is_missing() {
    let body = r#"{"count": 1, "data": [{"objectName": "X01aaaa", "Vmag": NaN, "ra": "01:00", "dec": "+1", "unc": -Infinity}]}"#;
    let (broker, _) = always(text(200, body));
    let listed = list(&broker, &ScoutQuery::default()).await;
    assert_eq!((listed.alerts[0].vmag, listed.alerts[0].unc), (None, None));
    assert_eq!(broker.generic(&listed.alerts[0]).unwrap().ra, Some(15.0));
}

#[tokio::test(start_paused = true)]
async fn a_magnitude_that_cannot_be_one_does_not_leave() {
    for (vmag, due) in [("99.0", None), ("-999", None), ("\"0.0\"", Some(0.0)), ("21.5", Some(21.5))] {
        let body = format!(
            r#"{{"count": 1, "data": [{{"objectName": "X01aaaa", "Vmag": {vmag}, "ra": "01:00", "dec": "+1"}}]}}"#
        );
        let (broker, _) = always(text(200, &body));
        let listed = list(&broker, &ScoutQuery::default()).await;
        assert_eq!(broker.generic(&listed.alerts[0]).unwrap().mag, due, "{vmag}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_service_is_asked_again_when_it_is_busy() {
    question().is_asked_again(answer(200, "summary.json"), 3).await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_too_large_is_refused() {
    let mut service = Service::<Scout>::start().await;
    service.http.max_body = 500;
    service.get("/scout.api", service::answer(200, "summary.json")).await;
    let config = ScoutConfig { base_url: service.at("").parse().ok(), ..ScoutConfig::default() };
    // A real socket and a paused clock do not go together.
    tokio::time::resume();
    let listed =
        list(&ScoutBroker::with_http(config, &service.http()).unwrap(), &ScoutQuery::default()).await;
    assert_eq!(listed.faults[0].kind(), ErrorKind::TooLarge);
    assert_eq!(service.asked().await, ["GET /scout.api"]);
    let agent = service.header(0, "user-agent").await.unwrap();
    assert!(agent.starts_with("tom-alerts/"), "{agent}");
}
