//! SKIP servers: every filter, pages in an order, both sets of names.

use tom_alerts::testing::ScriptedTransport;

use super::support::script;
use super::*;

#[tokio::test]
async fn every_filter_is_sent_and_pages_are_numbered() {
    let service = Service::start().await;
    service.when(query_param("page", "1"), answer(200, "skip_page1.json")).await;
    service.when(query_param("page", "2"), answer(200, "skip_page2.json")).await;
    let query = ScimmaQuery {
        topic: vec!["3".into(), "4".into()],
        keyword: Some("swift,chandra".into()),
        cone_search: Some("201.25, -12.5, 0.5".into()),
        polygon_search: Some("10 -5,12   -5 , 11 -3".into()),
        timestamp_after: "2031-02-01T00:00:00Z".parse().ok(),
        timestamp_before: "2031-04-01T12:30:00Z".parse().ok(),
        page_size: Some(2),
        ..ScimmaQuery::default()
    };
    let broker = service.broker();
    let listed = list(&broker, &query).await;
    assert!(listed.faults.is_empty(), "{:?}", listed.faults);
    assert_eq!((listed.alerts.len(), listed.total), (3, Some(3)));
    let common = "GET /api/v2/alerts/?topic=3&topic=4&keyword=swift%2Cchandra&cone_search=201.25%2C-12.5%2C0.5\
                  &polygon_search=10+-5%2C+12+-5%2C+11+-3&timestamp_after=2031-02-01T00%3A00%3A00Z\
                  &timestamp_before=2031-04-01T12%3A30%3A00Z&ordering=-timestamp&page=";
    assert_eq!(service.asked().await, [format!("{common}1&page_size=2"), format!("{common}2&page_size=2")]);
    // A wrong token is refused even where none is needed, so none is sent.
    assert_eq!(service.header(0, "authorization").await, None);
}

#[tokio::test]
async fn a_cone_in_arcsec_and_a_trigger_number() {
    let service = Service::start().await;
    service.get("/api/v2/alerts/", answer(200, "skip_empty.json")).await;
    let broker = service.broker();
    let cone = broker.cone_query(10.5, -5.0, 90.0).unwrap();
    let (alerts, faults) = broker.fetch_alerts(&cone[0]).unwrap().collect_all().await;
    assert!(alerts.is_empty() && faults.is_empty());
    let query = ScimmaQuery {
        event_trigger_number: Some("S310301".into()),
        order: Order::Oldest,
        ..ScimmaQuery::default()
    };
    let listed = list(&broker, &query).await;
    assert_eq!(listed.notes, ["no alert answers the query"]);
    let asked = service.asked().await;
    assert_eq!(
        asked[0],
        "GET /api/v2/alerts/?cone_search=10.5%2C-5%2C0.025&ordering=-timestamp&page=1&page_size=100"
    );
    assert_eq!(
        asked[1],
        "GET /api/v2/alerts/?event_trigger_number=S310301&ordering=timestamp&page=1&page_size=100"
    );
}

#[tokio::test]
async fn alerts_of_version_2() {
    let service = Service::start().await;
    service.when(query_param("page", "1"), answer(200, "skip_page1.json")).await;
    service.when(query_param("page", "2"), answer(200, "skip_page2.json")).await;
    let broker = service.broker();
    let listed = list(&broker, &skip_query()).await;
    let generic = serde_json::to_value(broker.generic(&listed.alerts[0]).unwrap()).unwrap();
    let due = json!({"timestamp": "2031-03-01T20:24:08Z", "id": "11", "name": "S310301a_X3", "ra": 201.25, "dec": -12.5,
                     "mag": null, "score": 2.0, "url": service.at("api/v2/alerts/11/")});
    assert_eq!(generic, due);
    let target = broker.target(&listed.alerts[0]).unwrap();
    assert_eq!(target.extras["gal_lon"], "310.25");
    assert_eq!(target.extras["gal_lat"], "-12.5");
    assert_eq!(target.extras["event_trig_num"], "S310301a");
    let event = broker.generic(&listed.alerts[1]).unwrap();
    assert_eq!((event.name.as_str(), event.ra, event.score), ("S310228b", None, None));
    assert!(broker.target(&listed.alerts[1]).unwrap_err().to_string().contains("no position"));
    let unnamed = broker.generic(&listed.alerts[2]).unwrap();
    assert_eq!((unnamed.name.as_str(), unnamed.timestamp), ("TOMToolkit.test/12", None));
    let raw = listed.alerts[2].raw_message().unwrap();
    assert_eq!(raw.format.as_deref(), Some("json"));
    assert!(raw.content.get().contains("test target"));
}

#[tokio::test]
async fn versions_0_and_1_have_other_names_and_fields() {
    for (version, path) in [(SkipVersion::V0, "/api/alerts/"), (SkipVersion::V1, "/api/v1/alerts/")] {
        let service = Service::start().await;
        service.get(path, answer(200, "skip_v1_page.json")).await;
        let broker = service.broker_of(ScimmaConfig { skip_version: version, ..service.config() });
        let listed = list(&broker, &skip_query()).await;
        assert!(listed.faults.is_empty(), "{:?}", listed.faults);
        let generic = broker.generic(&listed.alerts[0]).unwrap();
        assert_eq!(generic.name, "S310301a_X3");
        assert_eq!(generic.timestamp.unwrap().to_rfc3339(), "2031-03-01T20:24:08+00:00");
        assert_eq!(generic.score, Some(2.0));
        assert_eq!(generic.url.unwrap().path(), format!("{path}11/"));
        let fields: Value =
            serde_json::from_str(listed.alerts[1].extracted_fields.as_ref().unwrap().get()).unwrap();
        assert_eq!(fields["BNS"], "0.97");
        let text: Value = serde_json::from_str(listed.alerts[1].raw()).unwrap();
        assert_eq!(text["alert_identifier"], "S310228b");
    }
}

#[tokio::test]
async fn one_alert_topics_and_events() {
    let service = Service::start().await;
    service.get("/api/v2/alerts/11/", answer(200, "skip_alert.json")).await;
    service.when(query_param("page", "1"), answer(200, "skip_topics1.json")).await;
    service.get("/api/v2/topics/", answer(200, "skip_topics2.json")).await;
    let broker = service.broker();
    let scimma = broker.protocol();
    assert_eq!(broker.alert("11").await.unwrap().name(), "S310301a_X3");
    let data = broker.reduced_data("11", None).await.unwrap();
    assert_eq!(data.notes, ["SKIP has no reduced data"]);
    let topics = broker.run(scimma.skip_topics()).await.unwrap();
    let named: Vec<_> = topics.iter().map(|topic| (topic.id, topic.name.as_str())).collect();
    assert_eq!(named, [(1, "gcn"), (3, "lvc.lvc-counterpart")]);

    let service = Service::start().await;
    service.get("/api/v2/events/", answer(200, "skip_events.json")).await;
    service.get("/api/v2/events/5/", answer(200, "skip_event.json")).await;
    let broker = service.broker_of(ScimmaConfig { api_key: Some("k3y".into()), ..service.config() });
    let events = broker.run(broker.protocol().skip_events("s31")).await.unwrap();
    assert_eq!(events[0].event_attributes[0].attributes["area_90"], 45.6);
    let event = broker.run(broker.protocol().skip_event(5)).await.unwrap();
    assert_eq!(event.alerts[0].identifier.as_deref(), Some("S310228b"));
    assert_eq!(service.asked().await[0], "GET /api/v2/events/?identifier=s31&page=1&page_size=100");
    assert_eq!(service.header(0, "authorization").await.as_deref(), Some("Token k3y"));
}

#[tokio::test(start_paused = true)]
async fn a_list_without_end_comes_to_one() {
    let page = |id: usize| json!({"next": "http://127.0.0.1/", "results": [{"id": id, "name": "gcn"}]});
    let config =
        || ScimmaConfig { skip_url: "http://127.0.0.1:9/api/".parse().ok(), ..ScimmaConfig::default() };
    let same = script::always(script::text(200, &page(1).to_string()));
    let broker = script::client::<Scimma>(&same, config());
    let error = broker.run(broker.protocol().skip_topics()).await.unwrap_err();
    assert_eq!(error.to_string(), "SCIMMA: the service gave the same page twice [page=2]");
    assert_eq!(same.requests().len(), 2);
    let count = std::sync::atomic::AtomicUsize::new(0);
    let other = ScriptedTransport::new(move |_| {
        let id = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok(script::text(200, &page(id).to_string()))
    });
    let broker = script::client::<Scimma>(&other, config());
    let error = broker.run(broker.protocol().skip_topics()).await.unwrap_err();
    assert_eq!((error.kind(), other.requests().len()), (ErrorKind::Limit, 1_000), "{error}");
}

#[tokio::test]
async fn the_public_server_is_gone_and_that_is_said() {
    let broker = ScimmaBroker::new(ScimmaConfig::default()).unwrap();
    let due = "SCIMMA: the public SKIP server was switched off; set skip_url to a SKIP server of your own, or ask \
               the archive (source=archive)";
    let mut stream = broker.alerts(&skip_query()).unwrap();
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().starts_with(due), "{error}");
    assert_eq!(broker.alert("11").await.unwrap_err().to_string(), due);
    let error = broker.cone_query(1.0, 2.0, 3.0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("skip_url"), "{error}");
    // TOM Toolkit's settings name the server that is gone.
    let old = ScimmaConfig {
        skip_url: "http://skip.dev.hop.scimma.org/api/".parse().ok(),
        ..ScimmaConfig::default()
    };
    assert!(ScimmaBroker::new(old).unwrap().cone_query(1.0, 2.0, 3.0).is_err());
}

/// A page of alerts, each with its number and its time.
fn page(alerts: &[(u32, &str)], count: u32, more: bool) -> ResponseTemplate {
    let row = |(id, time): &(u32, &str)| json!({"id": id, "identifier": format!("S{id}"), "timestamp": time});
    let rows: Vec<_> = alerts.iter().map(row).collect();
    let next = more.then_some("http://skip.example.org/api/v2/alerts/?page=2");
    ResponseTemplate::new(200).set_body_json(json!({"count": count, "next": next, "results": rows}))
}

async fn pages(pages: &[ResponseTemplate]) -> (Service, Vec<String>, Vec<String>) {
    let service = Service::start().await;
    for (n, page) in pages.iter().enumerate() {
        service.when(query_param("page", (n + 1).to_string()), page.clone()).await;
    }
    let listed = list(&service.broker(), &skip_query()).await;
    assert!(listed.faults.is_empty(), "{:?}", listed.faults);
    let ids = listed.alerts.iter().map(|alert| alert.id.clone()).collect();
    (service, ids, listed.notes)
}

#[tokio::test]
async fn alerts_of_one_time_that_never_come_are_told() {
    let (a, b, c) = ("2031-03-03T00:00:00Z", "2031-03-02T00:00:00Z", "2031-03-01T00:00:00Z");
    // Of the four of one time 3 comes three times, and 5 never; a page may be all of one time.
    let (_, ids, notes) = pages(&[
        page(&[(1, a), (2, b), (3, b)], 7, true),
        page(&[(3, b), (4, b)], 7, true),
        page(&[(3, b), (6, c)], 7, false),
    ])
    .await;
    assert_eq!(ids, ["1", "2", "3", "4", "6"]);
    let due = "SKIP counts 7 alerts and gave 5 different ones: it orders by time only, so that alerts of one time may \
               be missing; ask for shorter spans of time to get them";
    assert_eq!(notes, ["alerts that SKIP gave more than once came once", due]);
}

#[tokio::test]
async fn alerts_that_newer_ones_pushed_over_come_once_and_nothing_is_missing() {
    let (a, b, c) = ("2031-03-03T00:00:00Z", "2031-03-02T00:00:00Z", "2031-03-01T00:00:00Z");
    // One alert came in between, so the service counts one more.
    let (_, ids, notes) = pages(&[page(&[(1, a), (2, b)], 3, true), page(&[(2, b), (3, c)], 4, false)]).await;
    assert_eq!(ids, ["1", "2", "3"]);
    assert_eq!(notes, ["alerts that SKIP gave more than once came once"]);
    let (_, ids, notes) = pages(&[page(&[(1, a), (2, b)], 3, true), page(&[(3, c)], 3, false)]).await;
    assert_eq!((ids.len(), notes.len()), (3, 0), "{notes:?}");
}

#[tokio::test]
async fn a_listing_of_skip_goes_on_from_its_token() {
    let (a, b, c) = ("2031-03-03T00:00:00Z", "2031-03-02T00:00:00Z", "2031-03-01T00:00:00Z");
    let service = Service::start().await;
    service.when(query_param("page", "1"), page(&[(1, a), (2, b)], 4, true)).await;
    service.when(query_param("page", "2"), page(&[(2, b), (3, c)], 4, false)).await;
    let broker = service.broker();
    let mut stream = broker.alerts(&skip_query()).unwrap();
    for due in ["1", "2"] {
        assert_eq!(stream.next().await.unwrap().unwrap().id, due);
    }
    let token = stream.resume_token().unwrap();
    assert!(!token.to_string().contains(char::is_whitespace), "{token}");
    let mut rest = broker.alerts_from(&skip_query(), Some(&token.to_string().parse().unwrap())).unwrap();
    assert_eq!(rest.next().await.unwrap().unwrap().id, "3");
    assert!(rest.next().await.is_none());
    assert!(
        rest.notes()[1].starts_with("SKIP counts 4 alerts and gave 3 different ones"),
        "{:?}",
        rest.notes()
    );
}

#[tokio::test]
async fn an_alert_of_skip_is_found_by_its_name() {
    let service = Service::start().await;
    service.get("/archive/messages", bson_answer(200, "archive_empty.json")).await;
    service.get("/api/v2/alerts/", answer(200, "skip_page1.json")).await;
    service.get("/api/v2/alerts/12/", answer(200, "skip_alert_unparsed.json")).await;
    let broker = service.broker();
    assert_eq!(broker.fetch_alert("S310301a_X3").await.unwrap().generic().id, "11");
    assert_eq!(broker.fetch_alert("TOMToolkit.test/12").await.unwrap().generic().id, "12");
    let asked = service.asked().await;
    assert_eq!(asked[1], "GET /api/v2/alerts/?keyword=S310301a_X3&ordering=-timestamp&page=1&page_size=100");
    assert_eq!(broker.alert("S999").await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn an_alert_with_a_place_and_no_name_is_no_target() {
    let nameless =
        json!({"id": 14, "identifier": "", "topic": "a", "right_ascension": 10.0, "declination": 5.0});
    let mut named = nameless.clone();
    named["id"] = json!(15);
    named["parsed_message"] = json!({"type": "target", "target_name": "AT2031ab"});
    let rows = json!({"count": 2, "next": null, "results": [nameless, named]});
    let service = Service::start().await;
    service.get("/api/v2/alerts/", ResponseTemplate::new(200).set_body_json(rows)).await;
    let broker = service.broker();
    let listed = list(&broker, &skip_query()).await;
    let error = broker.target(&listed.alerts[0]).unwrap_err();
    assert_eq!(error.to_string(), "SCIMMA: the alert names no object, so it cannot become a target [id=14]");
    assert_eq!(broker.target(&listed.alerts[1]).unwrap().name, "AT2031ab", "not the number of an alert");
}
