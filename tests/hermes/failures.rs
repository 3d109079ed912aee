//! What goes wrong at the service, and how it is told.

use super::support::failing::Question;
use super::support::service::words;
use super::*;

const TARGETS: &str = "/api/v0/targets/";

/// A listing of the service.
fn question() -> Question<Hermes> {
    Question("GET", TARGETS, of(Search::Targets))
}

#[tokio::test]
async fn one_bad_item_does_not_lose_the_page() {
    let service = Service::start().await;
    service.get(TARGETS, answer(200, "targets_bad_item.json")).await;
    let listed = list(&service.broker(), &of(Search::Targets)).await;
    assert_eq!((listed.alerts.len(), listed.faults.len()), (2, 1));
    let fault = listed.faults[0].to_string();
    assert!(
        fault
            .contains("item 2 cannot be read: right_ascension: a list was given, a number was due; it begins { \"id\": 42, \"name\": \"AT2026qxb\","),
        "{fault}"
    );
}

#[tokio::test]
async fn fields_may_be_missing_but_not_the_id_and_nan_is_missing() {
    let service = Service::start().await;
    service.get(TARGETS, answer(200, "targets_missing.json")).await;
    let broker = service.broker();
    let listed = list(&broker, &of(Search::Targets)).await;
    assert_eq!(listed.alerts.len(), 2);
    let generic = broker.generic(&listed.alerts[1]).unwrap();
    assert_eq!((generic.name.as_str(), generic.ra, generic.dec), ("AT2026qxe", None, None));
    assert_eq!(
        listed.faults[0].to_string(),
        "Hermes: the item is no target of Hermes: it has no id of one [item=2]"
    );
    let service = Service::start().await;
    service
        .get(TARGETS, ResponseTemplate::new(200).set_body_raw(fixture("targets_nan.txt"), "application/json"))
        .await;
    let alert = list(&service.broker(), &of(Search::Targets)).await.alerts.remove(0);
    assert_eq!((alert.right_ascension, alert.declination), (None, None));
    let text: Value = serde_json::from_str(alert.raw()).unwrap();
    assert!(text["right_ascension"].is_null());
}

#[tokio::test]
async fn nothing_found_is_an_empty_listing() {
    let service = Service::start().await;
    service.get(TARGETS, answer(200, "targets_empty.json")).await;
    service.get("/api/v0/query/", answer(200, "archive_empty.json")).await;
    for search in [Search::Targets, Search::Archive] {
        let listed = list(&service.broker(), &of(search)).await;
        assert!(listed.alerts.is_empty() && listed.faults.is_empty());
    }
    assert_eq!(service.asked().await.len(), 2);
}

#[tokio::test]
async fn refusals_are_told_by_what_they_mean() {
    let html = "<!doctype html><html><title>Server Error (500)</title></html>";
    let token = "Hermes wants a token; set api_key to the one of your profile page there";
    for (status, name, kind, text) in [
        (
            400,
            "error_400_choice.json",
            ErrorKind::Input,
            "sequence_type: Select a valid choice. NEWS is not one of the available choices",
        ),
        (
            403,
            "error_403_bad_token.json",
            ErrorKind::Auth,
            "Hermes does not know the token; copy api_key anew from your profile page there",
        ),
        (
            403,
            "error_403_no_token.json",
            ErrorKind::Auth,
            &format!("{token}: Authentication credentials were not provided."),
        ),
        (
            401,
            "archive_401.json",
            ErrorKind::Auth,
            "the message or topic is not public; set api_key to the token of an account that may read it",
        ),
        (404, "error_404.json", ErrorKind::NotFound, "the service does not have this: Not found."),
        (404, "archive_404.json", ErrorKind::NotFound, "the archive has no such message"),
        (
            400,
            "archive_400.json",
            ErrorKind::Input,
            "the archive cannot read the request; a message is asked for by its whole uuid",
        ),
        (422, "archive_422.json", ErrorKind::Input, "the archive refused a parameter of the query"),
        (
            500,
            "archive_500.json",
            ErrorKind::Status,
            "the archive behind Hermes failed; one of the topics may not exist",
        ),
    ] {
        let error = question().told(answer(status, name)).await;
        assert_eq!(
            (error.kind(), error.to_string()),
            (kind, format!("Hermes: {text} [page=1, status={status}]")),
            "{name}"
        );
        assert!(!format!("{error:?}").contains("private-part"), "the address has the query in it");
    }
    let cases = [
        (
            ResponseTemplate::new(200).set_body_raw(html, "text/html"),
            ErrorKind::Unreadable,
            "Hermes: the answer is HTML where JSON was due (\"Server Error (500)\") [page=1]",
        ),
        (
            words(200, "{\"count\": 1, \"results\": [{\"id\": 4"),
            ErrorKind::Unreadable,
            "Hermes: the answer ends in the middle, after 33 bytes [page=1]",
        ),
        (
            words(200, "{\"detail\": \"nothing today\"}"),
            ErrorKind::Unreadable,
            "Hermes: the answer has no list `results`: nothing today [page=1]",
        ),
    ];
    question().tells(cases).await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    question().refuses_more_than(300, answer(200, "targets_two.json")).await;
}

#[tokio::test]
async fn the_service_is_asked_again_when_it_fails_or_says_so() {
    let failure = ResponseTemplate::new(500).set_body_raw("<html></html>", "text/html");
    question().is_asked_again([failure], answer(200, "targets_last.json"), 1).await;
}
