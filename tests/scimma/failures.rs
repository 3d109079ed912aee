//! What goes wrong at the services, and how it is told.

use super::*;

async fn told(query: &ScimmaQuery, answer: ResponseTemplate) -> Error {
    let service = Service::start().await;
    service.otherwise(answer).await;
    let mut listed = list(&service.broker(), query).await;
    assert!(listed.alerts.is_empty());
    listed.faults.remove(0)
}

#[tokio::test]
async fn one_bad_item_does_not_lose_the_page() {
    let service = Service::start().await;
    service.get("/archive/messages", bson_answer(200, "archive_bad_item.json")).await;
    let listed = list(&service.broker(), &ScimmaQuery::default()).await;
    let ids: Vec<_> = listed.alerts.iter().map(|alert| alert.id.clone()).collect();
    assert_eq!(ids, [uuid(3), uuid(4)]);
    let faults: Vec<_> = listed.faults.iter().map(ToString::to_string).collect();
    assert_eq!(faults, ["SCIMMA: the message has no id [item=2]", "SCIMMA: a document was due [item=3]"]);

    let service = Service::start().await;
    service.get("/api/v2/alerts/", answer(200, "skip_bad_item.json")).await;
    let listed = list(&service.broker(), &skip_query()).await;
    let ids: Vec<_> = listed.alerts.iter().map(|alert| alert.id.as_str()).collect();
    assert_eq!(ids, ["11", "14", "13"]);
    assert!(listed.faults[0].to_string().contains("right_ascension: "), "{}", listed.faults[0]);
    assert!(listed.faults[1].to_string().contains("missing field `id`"), "{}", listed.faults[1]);
}

#[tokio::test]
async fn bare_nan_is_missing() {
    let service = Service::start().await;
    service.get("/api/v2/alerts/", answer(200, "skip_nan.txt")).await;
    let listed = list(&service.broker(), &skip_query()).await;
    assert_eq!((listed.alerts[0].right_ascension, listed.alerts[0].declination), (None, None));
}

#[tokio::test]
async fn refusals_of_the_archive_are_told_in_its_words() {
    let query = ScimmaQuery::default();
    let error = told(&query, words(400, "Invalid Message ID")).await;
    assert_eq!(error.kind(), ErrorKind::Input);
    assert!(
        error.to_string().starts_with("SCIMMA: the archive refused the request: Invalid Message ID"),
        "{error}"
    );
    let private = ResponseTemplate::new(401)
        .insert_header("www-authenticate", "SCRAM-SHA-512 realm=\"default\"")
        .set_body_json(json!({"message": "Authentication required"}));
    let error = told(&query, private).await;
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(error.to_string().contains("set hopskotch_username and hopskotch_password, or token"), "{error}");
    let error = told(&query, words(403, "Operation not permitted")).await;
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Auth, Some(403)));
    let error = told(&query, words(404, "Message not found")).await;
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let detail =
        json!({"detail": [{"type": "int_parsing", "loc": ["query", "limit"], "msg": "not a number"}]});
    let error = told(&query, ResponseTemplate::new(422).set_body_json(detail)).await;
    assert!(error.to_string().contains("limit: not a number"), "{error}");
}

#[tokio::test]
async fn an_unknown_topic_is_explained() {
    let query = ScimmaQuery { topic: vec!["no.such".into()], ..ScimmaQuery::default() };
    let error = told(&query, words(500, "Internal Error")).await;
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Status, Some(500)));
    let due = "SCIMMA: the archive failed; it answers so too when it knows none of the topics, and when a resume \
               token is not its own";
    assert!(error.to_string().starts_with(due), "{error}");
}

#[tokio::test]
async fn a_service_that_fails_once_is_asked_again() {
    let service = Service::start().await;
    service.first(words(500, "Internal Error")).await;
    service.get("/archive/messages", bson_answer(200, "archive_page2.json")).await;
    let listed = list(&service.broker(), &ScimmaQuery::default()).await;
    assert_eq!((listed.alerts.len(), service.asked().await.len()), (3, 2));
}

#[tokio::test]
async fn a_service_that_wants_a_pause_gets_it() {
    for (after, least) in [("3600", 3_590), ("Fri, 01 Jan 2100 00:00:00 GMT", 86_390)] {
        let answer = ResponseTemplate::new(429).insert_header("retry-after", after);
        let error = told(&ScimmaQuery::default(), answer).await;
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        assert!(error.retry_after().unwrap().as_secs() >= least, "{error}");
    }
}

#[tokio::test]
async fn what_is_not_an_answer_is_told() {
    let whole = recorded("archive_page1.json");
    let html = "<!doctype html><html><title>502 Bad Gateway</title></html>";
    for (body, due) in [
        (Vec::new(), "the answer is empty where BSON was due"),
        (html.as_bytes().to_vec(), "a web page came where BSON was due"),
        (whole[..whole.len() / 2].to_vec(), "the answer is cut off"),
        (b"{\"messages\": []}".to_vec(), "the answer is no BSON; is base_url the archive's?"),
        (b"\x05\0\0\0\0".to_vec(), "the answer has no list of messages"),
        (vec![255; 40], "the answer is cut off"),
    ] {
        let answer = ResponseTemplate::new(200).set_body_bytes(body);
        let error = told(&ScimmaQuery::default(), answer).await;
        assert_eq!(error.kind(), ErrorKind::Unreadable);
        assert!(error.message().starts_with(due), "{error}");
    }
    for body in ["", html, "{\"results\": [{\"id\": 1}"] {
        let error = told(&skip_query(), ResponseTemplate::new(200).set_body_string(body)).await;
        assert_eq!(error.kind(), ErrorKind::Unreadable, "{error}");
    }
}

#[tokio::test]
async fn a_huge_answer_is_not_taken() {
    let mut service = Service::start().await;
    service.http = serde_json::from_value(json!({"max_body": 100_000})).unwrap();
    service.otherwise(ResponseTemplate::new(200).set_body_bytes(vec![0; 200_000])).await;
    let listed = list(&service.broker(), &ScimmaQuery::default()).await;
    assert_eq!(listed.faults[0].kind(), ErrorKind::TooLarge);
}

#[tokio::test]
async fn refusals_of_skip_name_the_filter() {
    let error = told(&skip_query(), answer(400, "skip_error_400.json")).await;
    assert_eq!(error.kind(), ErrorKind::Input);
    let due = "topic: Select a valid choice. 99 is not one of the available choices.";
    assert!(error.to_string().starts_with(&format!("SCIMMA: {due}")), "{error}");
    let error = told(&skip_query(), answer(401, "skip_error_401.json")).await;
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(error.to_string().contains("Invalid token"), "{error}");
    let error = told(&skip_query(), answer(404, "skip_error_404.json")).await;
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("Invalid page"), "{error}");
    let page = "<!doctype html><html><title>Server Error (500)</title></html>";
    let error = told(&skip_query(), ResponseTemplate::new(500).set_body_string(page)).await;
    assert!(error.to_string().contains("a cone or polygon that it cannot read"), "{error}");
}

#[tokio::test]
async fn what_the_archive_does_not_take_is_told() {
    for (answer, kind, due) in [
        (
            answer(422, "archive_duplicate.json"),
            ErrorKind::Refused,
            "the archive has a message of this id already",
        ),
        (words(403, "Operation not permitted"), ErrorKind::Auth, "the credential may not do this"),
        (words(413, "too large"), ErrorKind::TooLarge, "the message is larger than the archive takes"),
        (words(501, "Not Implemented"), ErrorKind::Unsupported, "the archive takes no messages now"),
        (words(201, ""), ErrorKind::Unreadable, "the answer is empty"),
        (
            bson_answer(201, "archive_empty.json"),
            ErrorKind::Refused,
            "the archive did not say under which id",
        ),
    ] {
        let service = Service::start().await;
        service.otherwise(answer).await;
        let broker = service.broker();
        let message = HopMessage::new(HopFormat::Json, "{}");
        let error = broker.run(broker.protocol().upload("a.b", &message)).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.message().starts_with(due), "{error}");
        assert_eq!(service.asked().await.len(), 1);
    }
}

#[tokio::test]
async fn nothing_is_not_asked_for_and_a_number_needs_a_skip_server() {
    let service = Service::start().await;
    let broker = service.broker_of(ScimmaConfig { skip_url: None, base_url: None, ..service.config() });
    for (id, kind) in [("", ErrorKind::Input), (" ", ErrorKind::Input), ("11", ErrorKind::Config)] {
        assert_eq!(broker.alert(id).await.unwrap_err().kind(), kind, "{id}");
    }
    let error = broker.reduced_data("SN 2031qq", None).await.unwrap_err();
    assert_eq!(error.to_string(), "SCIMMA: data are those of one message; give its UUID [id=SN 2031qq]");
    assert!(service.asked().await.is_empty());
}
