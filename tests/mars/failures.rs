//! What goes wrong at the server, or before it, and how it is told.

use super::support::failing::Question;
use super::support::service::words;
use super::*;

/// A listing of the service.
fn question() -> Question<Mars> {
    Question("GET", "/", MarsQuery::default())
}

#[tokio::test]
async fn the_retired_service_is_told_before_anything_is_sent() {
    for base_url in [None, Some("https://mars.lco.global/".parse().unwrap())] {
        let broker = MarsBroker::new(MarsConfig { base_url }).unwrap();
        let due = "MARS: the public service is retired; set base_url under [brokers.MARS] in the configuration \
                   to an instance of your own, or ask ALeRCE, ANTARES or Lasair for ZTF's alerts";
        let error = broker.alerts(&MarsQuery::default()).unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Config, due));
        assert_eq!(broker.alert("41").await.unwrap_err().to_string(), due);
        assert_eq!(broker.reduced_data("41", None).await.unwrap_err().to_string(), due);
    }
    assert_eq!(
        MarsBroker::new(MarsConfig::default()).unwrap().info().status,
        tom_alerts::ServiceStatus::Retired
    );
}

#[tokio::test]
async fn the_html_500_of_a_bad_filter_is_explained() {
    let mut service = Service::start().await;
    service.http.max_retries = 0;
    service.otherwise(html(500, "error_500.html")).await;
    let listed = list(&service.broker(), &query(json!({"objectcone": "No Such Star,0.1"}))).await;
    assert_eq!(listed.faults[0].kind(), ErrorKind::Status);
    assert_eq!(
        listed.faults[0].to_string(),
        "MARS: the server failed; it answers so to any value that it cannot read. Left to look at are the name in \
         objectcone, which its resolver may not know, the instance's version, and its log [page=1, status=500]"
    );
}

#[tokio::test]
async fn one_bad_item_does_not_lose_the_page() {
    let service = Service::start().await;
    service.get("/", answer(200, "list_bad_item.json")).await;
    let listed = list(&service.broker(), &MarsQuery::default()).await;
    assert_eq!(listed.ids(), ["41", "40"]);
    assert_eq!(
        listed.faults[0].to_string(),
        "MARS: item 2 cannot be read: candidate.ra: a text was given, a number was due; it begins { \"avro\": \"https://packets.example.org/2019/04/2695312345115010003.avro?X-Amz-Ex… [item=2]"
    );
}

#[tokio::test]
async fn fields_may_be_missing_but_not_the_names() {
    let service = Service::start().await;
    service.get("/", answer(200, "list_missing_fields.json")).await;
    let broker = service.broker();
    let listed = list(&broker, &MarsQuery::default()).await;
    assert_eq!(listed.ids(), ["38", "37"]);
    let generic = broker.generic(&listed.alerts[0]).unwrap();
    assert_eq!((generic.timestamp, generic.ra, generic.mag, generic.score), (None, None, None, None));
    let error = broker.target(&listed.alerts[0]).unwrap_err().to_string();
    assert!(error.contains("no position"), "{error}");
    let generic = broker.generic(&listed.alerts[1]).unwrap();
    let time = generic.timestamp.unwrap().to_rfc3339();
    assert_eq!((time.as_str(), generic.mag, generic.score), ("2019-04-01T03:05:44+00:00", Some(18.5), None));
    assert!(listed.faults[0].to_string().contains("lco_id"), "{}", listed.faults[0]);
}

#[tokio::test]
async fn bare_nan_is_missing_in_value_and_text() {
    let service = Service::start().await;
    service.get("/", answer(200, "list_nan.txt")).await;
    let listed = list(&service.broker(), &MarsQuery::default()).await;
    assert!(listed.faults.is_empty());
    let measured = &listed.alerts[0].candidate;
    assert_eq!((measured.chinr, measured.sky, measured.rb, measured.ra), (None, None, None, Some(150.11)));
    let text: Value = serde_json::from_str(listed.alerts[0].raw()).unwrap();
    assert!(text["candidate"]["sky"].is_null());
}

#[tokio::test]
async fn bare_nan_in_a_single_alert_does_not_lose_its_light_curve() {
    let detail = text_fixture("detail_ok.json");
    let whole = detail.matches("\"sky\":").count();
    let odd = detail.replace("\"sky\":", "\"sky_of_test\": NaN, \"sky\":");
    assert!(whole > 1 && odd.matches("NaN").count() == whole);
    let service = Service::start().await;
    service.get("/41/", ResponseTemplate::new(200).set_body_raw(odd, "application/json")).await;
    let broker = service.broker();
    assert_eq!(broker.reduced_data("41", None).await.unwrap().points.len(), 7);
    let alert = broker.alert("41").await.unwrap();
    let text: Value = serde_json::from_str(alert.raw()).unwrap();
    assert!(text["candidate"]["sky_of_test"].is_null() && alert.raw().contains("sky_of_test"));
}

#[tokio::test]
async fn what_is_not_an_answer_is_told() {
    let page = "<!doctype html><html><title>MARS</title></html>";
    let cases = [
        (
            ResponseTemplate::new(400).set_body_raw("<title>400 Bad Request</title>", "text/html"),
            ErrorKind::Status,
            "MARS: the service refused the request [page=1, status=400]",
        ),
        (
            words(401, ""),
            ErrorKind::Auth,
            "MARS: the service refused the credential, or wants one [page=1, status=401]",
        ),
        (
            html(404, "error_404.html"),
            ErrorKind::NotFound,
            "MARS: the service does not have this (\"404 Not Found\") [page=1, status=404]",
        ),
        (
            ResponseTemplate::new(200).set_body_raw(page, "text/html"),
            ErrorKind::Unreadable,
            "MARS: the answer is HTML where JSON was due (\"MARS\") [page=1]",
        ),
        (
            words(200, "{\"has_next\": false, \"results\": [{\"avro"),
            ErrorKind::Unreadable,
            "MARS: the answer ends in the middle, after 38 bytes [page=1]",
        ),
        (words(200, ""), ErrorKind::Unreadable, "MARS: the answer is empty where JSON was due [page=1]"),
        (words(200, "{}"), ErrorKind::Unreadable, "MARS: the answer has no list `results` [page=1]"),
    ];
    question().tells(cases).await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    question().refuses_more_than(500, answer(200, "list_ok.json")).await;
}

#[tokio::test]
async fn the_server_is_asked_again_when_it_says_so_or_fails() {
    let good = answer(200, "list_ok.json");
    question().is_asked_again([html(500, "error_500.html")], good, 2).await;
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_told_at_once() {
    question().tells_a_long_pause().await;
}
