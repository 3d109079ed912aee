//! What goes wrong at the service, and how it is told.

use super::support::failing::Question;
use super::*;

/// A listing of the service.
fn question() -> Question<Gaia> {
    Question("GET", CSV, all())
}

#[tokio::test]
async fn a_bad_row_is_told_where_it_may_be_what_is_wanted() {
    let service = Service::with_list("alerts_bad_rows.csv").await;
    let broker = service.broker();
    let named = list(&broker, &query(json!({"target_name": NAME}))).await;
    assert_eq!(named.names(), [NAME]);
    let faults: Vec<_> = named.faults.iter().map(ToString::to_string).collect();
    assert_eq!(faults, ["Gaia: Name: a name was due [row=4, item=2]"], "rows of other names do not matter");
    let cone = list(&broker, &query(json!({"cone": "150.11,2.205,0.1"}))).await;
    assert_eq!(cone.names(), [NAME, "Gaia22mag", "Gaia22nan"]);
    assert_eq!((cone.alerts[2].alert_mag, cone.alerts[2].historic_mag), (None, None));
    // A magnitude that cannot be read does not cost the alert where none is asked for.
    assert_eq!(cone.alerts[1].alert_mag, None);
    assert_eq!(cone.notes, ["AlertMag of 1 row of the list cannot be read and is left out"]);
    let faults: Vec<_> = cone.faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        faults,
        [
            "Gaia: RaDeg: a number was due [row=2, item=2]",
            "Gaia: the row has 3 of 11 columns [row=3, item=3]",
            "Gaia: Name: a name was due [row=4, item=4]",
            "Gaia: the row has 12 of 11 columns [row=7, item=7]"
        ]
    );
    let generic = broker.generic(&cone.alerts[2]).unwrap();
    assert_eq!((generic.timestamp, generic.mag), (None, None));
    let beyond = list(&broker, &query(json!({"target_name": "Gaia22bey"}))).await;
    let error = broker.generic(&beyond.alerts[0]).unwrap_err().to_string();
    assert!(error.contains("out of range") && error.contains("ra=400"), "{error}");
}

#[tokio::test]
async fn a_quote_that_is_not_closed_does_not_hide_the_rows_after_it() {
    let row = |name: &str, comment: &str| {
        format!("{name},2022-03-04 05:06:07,150.11,2.205,17.25,19.5,0.31,\"CV\",2022-03-06,{comment},\n")
    };
    let heading = "#Name, Date, RaDeg, DecDeg, AlertMag, HistoricMag, HistoricStdDev, Class, Published, Comment, TNSid\n";
    let (first, second) = (row("Gaia22aaa", "\"a so called \"\""), row(NAME, "\"fine\""));
    let service = Service::start().await;
    let body = format!("{heading}{first}{second}");
    service.get(CSV, ResponseTemplate::new(200).set_body_string(body)).await;
    let broker = service.broker();
    let listed = list(&broker, &query(json!({"target_name": NAME}))).await;
    assert_eq!((listed.alerts.len(), listed.faults.len()), (0, 1), "{:?}", listed.faults);
    assert!(listed.faults[0].to_string().contains("of 11 columns [row=1"), "{}", listed.faults[0]);
    assert_eq!(broker.alert(NAME).await.unwrap_err().kind(), ErrorKind::Unreadable, "it may be there");
}

#[tokio::test]
async fn a_bad_item_of_the_page_is_by_itself_and_nan_is_missing() {
    let service = Service::start().await;
    service.get(INDEX, answer(200, "index_bad_item.html")).await;
    let listed = list(&service.of_page(), &all()).await;
    assert_eq!(listed.names(), [NAME, "Gaia22aabx"]);
    assert_eq!(
        listed.faults[0].to_string(),
        "Gaia: item 2 cannot be read: ra: a list was given, a number was due; it begins {\"name\": \"Gaia22aac\", \"tnsid\": \"SN 2022aac\", \"obstime\": \"2022-02-01 12:30:00\", \"… [item=2]"
    );
    assert_eq!(service.of_page().alert(NAME).await.unwrap().name, NAME, "what is sound is found");
    let service = Service::start().await;
    service.get(INDEX, answer(200, "index_nan.html")).await;
    let alert = service.of_page().alert(NAME).await.unwrap();
    assert_eq!((alert.alert_mag, alert.ra), (None, Some(150.11)));
    let text: Value = serde_json::from_str(alert.raw()).unwrap();
    assert!(text["alertMag"].is_null());
}

#[tokio::test]
async fn an_empty_list_is_empty_and_a_page_without_one_is_an_outage() {
    let service = Service::with_list("alerts_empty.csv").await;
    service.get(INDEX, answer(200, "index_empty.html")).await;
    for broker in [service.broker(), service.of_page()] {
        let listed = list(&broker, &all()).await;
        assert_eq!((listed.alerts.len(), listed.faults.len(), listed.total), (0, 0, Some(0)));
    }
    let text = |text: &str| ResponseTemplate::new(200).set_body_string(text);
    for (csv, due) in [
        (
            answer(200, "down.html"),
            "Gaia: this is no list of alerts: it is a page of HTML where CSV was due; the service may be down [page=1]",
        ),
        (text(" \n"), "Gaia: this is no list of alerts: it is empty [page=1]"),
        (
            text("Date,Comment\n1,2\n"),
            "Gaia: this is no list of alerts: its heading lacks one of Name, RaDeg, DecDeg [page=1]",
        ),
    ] {
        question().tells([(csv, ErrorKind::Unreadable, due)]).await;
    }
    let cut = text_fixture("index_ok.html");
    let cut = &cut[..cut.find("Gaia22aac").unwrap()];
    for (page, due) in [
        (
            answer(200, "down.html"),
            "Gaia: the page holds no list of alerts; the service may be down [page=1]",
        ),
        (text(""), "Gaia: the page holds no list of alerts; the service may be down [page=1]"),
        (text(cut), "Gaia: the answer ends in the middle, after 371 bytes [page=1]"),
    ] {
        let service = Service::start().await;
        service.get(INDEX, page).await;
        let listed = list(&service.of_page(), &all()).await;
        assert_eq!((listed.alerts.len(), listed.faults[0].kind()), (0, ErrorKind::Unreadable));
        assert_eq!(listed.faults[0].to_string(), due);
    }
}

#[tokio::test]
async fn what_is_not_an_answer_is_told() {
    let page = |status: u16| ResponseTemplate::new(status).set_body_raw("<title>No</title>", "text/html");
    let refused = "Gaia: the service refused the request [page=1, status=400]";
    let wants = "Gaia: the service refused the credential, or wants one [page=1, status=401]";
    question().tells([(page(400), ErrorKind::Status, refused), (page(401), ErrorKind::Auth, wants)]).await;
    let service = Service::start().await;
    service.get(CSV, page(404)).await;
    service.get(INDEX, page(404)).await;
    let listed = list(&service.broker(), &all()).await;
    assert_eq!(listed.faults[0].kind(), ErrorKind::NotFound, "neither list is there");
}

#[tokio::test]
async fn a_list_that_is_too_large_is_refused() {
    question().refuses_more_than(300, answer(200, "alerts_ok.csv")).await;
}

#[tokio::test]
async fn the_service_is_asked_again_when_it_says_so_or_fails() {
    let good = answer(200, "alerts_ok.csv");
    question().is_asked_again([ResponseTemplate::new(500)], good, 4).await;
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_told_at_once() {
    question().tells_a_long_pause().await;
}

#[test]
fn a_lifetime_that_is_none_is_told() {
    for lifetime in [-1.0, f64::NAN, f64::INFINITY] {
        let error = GaiaBroker::new(GaiaConfig { lifetime, ..GaiaConfig::default() }).unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::Config, "Gaia: lifetime: days from 0 on are due")
        );
    }
}
