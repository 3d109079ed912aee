//! The four listings: what is asked, page by page, and the generic alerts.

use wiremock::matchers::query_param;

use super::*;

#[tokio::test]
async fn targets_come_page_by_page_with_the_token_and_no_other_header_of_the_configuration() {
    let service = Service::start().await;
    service.when(query_param("offset", "0"), answer(200, "targets_page1.json")).await;
    service.when(query_param("offset", "2"), answer(200, "targets_last.json")).await;
    let broker = service.broker();
    let listed = list(&broker, &of(Search::Targets)).await;
    assert!(listed.faults.is_empty(), "{:?}", listed.faults);
    assert_eq!((listed.alerts.len(), listed.total), (3, Some(3)));
    assert_eq!(
        service.asked().await,
        [
            "GET /api/v0/targets/?ordering=-id&limit=2&offset=0",
            "GET /api/v0/targets/?ordering=-id&limit=2&offset=2"
        ]
    );
    let token = format!("Token {CANARY}");
    for request in service.server.received_requests().await.unwrap() {
        assert_eq!(request.headers.get("authorization").unwrap().to_str().unwrap(), token);
        let known = ["accept", "accept-encoding", "authorization", "host", "user-agent"];
        for (name, value) in &request.headers {
            assert!(known.contains(&name.as_str()), "{name}: {value:?}");
        }
    }
    let generic = broker.generic(&listed.alerts[2]).unwrap();
    assert_eq!((generic.id.as_str(), generic.name.as_str()), ("41", "AT2026qxa"));
    assert_eq!((generic.ra, generic.dec), (Some(212.625), Some(-7.5)));
    assert_eq!((generic.timestamp, generic.mag, generic.score), (None, None, None));
    assert_eq!(generic.url.unwrap().as_str(), service.at("api/v0/targets/41/"));
    let target = broker.target(&listed.alerts[2]).unwrap();
    assert_eq!((target.name.as_str(), target.position()), ("AT2026qxa", Some((212.625, -7.5))));
    assert_eq!(target.extras["hermes_target_id"], "41");
    assert_eq!(listed.alerts[2].messages[1].uuid.as_deref(), Some(uuid(5).as_str()));
}

#[tokio::test]
async fn every_field_of_a_query_has_its_parameter() {
    let service = Service::start().await;
    service.otherwise(answer(200, "targets_empty.json")).await;
    let broker = service.broker();
    let cone = HermesQuery { ra: Some(0.0), dec: Some(-7.25), radius: Some(36.0), ..of(Search::Targets) };
    for query in [
        HermesQuery {
            target_name: Some("26qx".into()),
            target_name_exact: Some("AT2026qxa".into()),
            uuid: Some("0000".into()),
            event_id: Some("S2611".into()),
            order: Order::Oldest,
            ..cone.clone()
        },
        HermesQuery {
            target_name: Some("26 q&x".into()),
            target_name_exact: Some("AT2026qxa".into()),
            uuid: Some("0000".into()),
            event_id: Some("S2611".into()),
            event_id_exact: Some("S261101qx".into()),
            polygon: Some("10 5,12.5  5 ,11 -7".into()),
            ..of(Search::Messages)
        },
        read(json!({
            "search": "events", "event_id": "S2611", "event_id_exact": "S261101qx", "uuid": "0000",
            "published_after": "2026-11-01", "published_before": "2026-11-02T03:04:05.5Z"
        }))
        .unwrap(),
    ] {
        assert!(list(&broker, &query).await.alerts.is_empty());
    }
    assert_eq!(
        service.asked().await,
        [
            "GET /api/v0/targets/?name=26qx&name_exact=AT2026qxa&referenced_by_uuid=0000&event_id=S2611\
             &ordering=id&cone_search=0%2C-7.25%2C0.01&limit=2&offset=0",
            "GET /api/v0/messages/?target_name=26+q%26x&target_name_exact=AT2026qxa&uuid=0000&event_id=S2611\
             &event_id_exact=S261101qx&ordering=-id&polygon_search=10+5%2C+12.5+5%2C+11+-7&limit=2&offset=0",
            "GET /api/v0/nonlocalizedevents/?event_id=S2611&event_id_exact=S261101qx&referenced_by_uuid=0000\
             &created_after=2026-11-01T00%3A00%3A00Z&created_before=2026-11-02T03%3A04%3A05.500Z&limit=100&offset=0",
        ]
    );
}

#[tokio::test]
async fn messages_are_named_after_their_first_target() {
    let service = Service::start().await;
    service.get("/api/v0/messages/", answer(200, "messages_ok.json")).await;
    let broker = service.broker();
    let listed = list(&broker, &of(Search::Messages)).await;
    let generic = broker.generic(&listed.alerts[0]).unwrap();
    assert_eq!((generic.id, generic.name.as_str()), (uuid(8), "AT2026qxb"));
    assert_eq!((generic.ra, generic.dec), (Some(15.0), Some(33.25)));
    assert_eq!(generic.url.unwrap().as_str(), service.at(&format!("message/{}", uuid(8))));
    let without = broker.generic(&listed.alerts[1]).unwrap();
    assert_eq!((without.name, without.ra), (uuid(5), None));
    let error = broker.target(&listed.alerts[1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert!(error.to_string().contains("the alert has no position"), "{error}");
    assert_eq!(listed.alerts[1].nonlocalizedevents[0].event_id.as_deref(), Some("S261101qx"));
}

#[tokio::test]
async fn events_have_no_position_and_refuse_to_become_targets() {
    let service = Service::start().await;
    service.get("/api/v0/nonlocalizedevents/", answer(200, "events_ok.json")).await;
    let broker = service.broker();
    let listed = list(&broker, &of(Search::Events)).await;
    assert_eq!((listed.alerts.len(), listed.faults.len()), (3, 0));
    let generic = broker.generic(&listed.alerts[0]).unwrap();
    assert_eq!((generic.id.as_str(), generic.name.as_str()), ("S261101qx", "S261101qx"));
    assert_eq!((generic.ra, generic.dec, generic.score), (None, None, Some(2.5e-9)));
    assert_eq!(generic.timestamp.unwrap().to_rfc3339(), "2026-11-02T08:00:00.500+00:00");
    assert_eq!(generic.url.unwrap().as_str(), service.at("nonlocalizedevent/S261101qx"));
    let retracted = broker.generic(&listed.alerts[1]).unwrap();
    assert_eq!((retracted.score, retracted.timestamp.is_some()), (None, true));
    let bare = broker.generic(&listed.alerts[2]).unwrap();
    assert_eq!((bare.name.as_str(), bare.timestamp, bare.score), ("GRB 261103A", None, None));
    let error = broker.target(&listed.alerts[0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert_eq!(
        error.to_string(),
        "Hermes: an event that is not localised has no position, so it cannot become a target; its candidates \
         are those of search=targets with this event_id [event_id=S261101qx]"
    );
}

#[tokio::test]
async fn the_archive_is_read_without_a_token_and_message_by_message() {
    let service = Service::start().await;
    let next = ">i:1792990000000~i:12";
    let page2 = query_param("page", next);
    service.when(page2, answer(200, "archive_last.json")).await;
    service.get("/api/v0/query/", answer(200, "archive_page1.json")).await;
    service.get(&message_at(7), answer(200, "message_clean.json")).await;
    service.get(&message_at(12), answer(200, "message_circular.json")).await;
    service.get(&message_at(11), answer(200, "message_tom.json")).await;
    let broker = service.without_token();
    let query = HermesQuery {
        topics: vec!["hermes.photometry".into(), "gcn.circulars".into()],
        search_text: Some("AT2026 qxa".into()),
        ..of(Search::Archive)
    };
    let listed = list(&broker, &query).await;
    assert!(listed.faults.is_empty(), "{:?}", listed.faults);
    let asked = service.asked().await;
    let first = "GET /api/v0/query/?topic=hermes.photometry&topic=gcn.circulars&start=2015-01-01T00%3A00%3A00Z\
                 &search_query=AT2026+qxa&include_retracted=false&limit=2";
    assert_eq!(asked[0], first);
    assert_eq!(asked[3], format!("{first}&page=%3Ei%3A1792990000000%7Ei%3A12"));
    assert_eq!(asked.len(), 5, "{asked:?}");
    assert_eq!(service.header(0, "authorization").await, None);

    let generic: Vec<_> = listed.alerts.iter().map(|alert| broker.generic(alert).unwrap()).collect();
    assert_eq!(generic[0].id, uuid(7));
    assert_eq!(
        (generic[0].name.as_str(), generic[0].ra, generic[0].mag),
        ("AT2026qxa", Some(212.625), Some(18.1))
    );
    assert_eq!(generic[0].timestamp.unwrap().timestamp_millis(), 1_793_000_000_000);
    assert_eq!((generic[1].name.as_str(), generic[1].ra), ("GRB 261103A", None));
    assert_eq!(
        (generic[2].name.as_str(), generic[2].ra, generic[2].dec),
        ("AT2026qxt", Some(0.0), Some(0.0))
    );
    assert_eq!(broker.target(&listed.alerts[2]).unwrap().position(), Some((0.0, 0.0)), "0 is a place");
    let full = broker.target(&listed.alerts[0]).unwrap();
    assert_eq!(full.aliases, ["ZTF26aaqqxxa", "2026"]);
    assert_eq!(
        (full.extras["host_name"].as_str(), listed.alerts[0].topic()),
        ("NGC 0000", Some("hermes.photometry"))
    );
}

#[tokio::test]
async fn the_archive_lists_without_bodies_on_request_and_a_private_message_is_one_error() {
    let service = Service::start().await;
    service.get("/api/v0/query/", answer(200, "archive_last.json")).await;
    let query = HermesQuery { whole_messages: false, ..of(Search::Archive) };
    let broker = service.without_token();
    let listed = list(&broker, &query).await;
    assert_eq!(broker.generic(&listed.alerts[0]).unwrap().name, uuid(11));
    assert_eq!(service.asked().await.len(), 1);

    let service = Service::start().await;
    service.get("/api/v0/query/", answer(200, "archive_page1.json")).await;
    service.when(query_param("page", ">i:1792990000000~i:12"), answer(200, "archive_empty.json")).await;
    service.get(&message_at(7), answer(401, "archive_401.json")).await;
    service.get(&message_at(12), answer(200, "message_circular.json")).await;
    let listed = list(&service.without_token(), &of(Search::Archive)).await;
    assert_eq!((listed.alerts.len(), listed.faults[0].kind()), (1, ErrorKind::Auth));
}

#[tokio::test]
async fn what_needs_a_token_says_so_before_anything_is_sent() {
    let service = Service::start().await;
    let broker = service.without_token();
    for search in [Search::Targets, Search::Messages, Search::Events] {
        let listed = list(&broker, &of(search)).await;
        assert_eq!(listed.faults[0].kind(), ErrorKind::Config);
        assert_eq!(
            listed.faults[0].to_string(),
            "Hermes: api_key is not set; Hermes shows your token on your profile page. Without one there is \
             search=archive [page=1]"
        );
    }
    assert!(service.asked().await.is_empty());
}

#[tokio::test]
async fn the_root_may_be_the_page_or_the_interface_with_or_without_a_slash() {
    let service = Service::start().await;
    service.get("/sub/api/v0/heartbeat/", answer(200, "heartbeat_ok.json")).await;
    for base in ["sub", "sub/", "sub/api/v0", "sub/api/v0/"] {
        let config = HermesConfig { base_url: service.at(base).parse().ok(), ..service.config() };
        let broker = service.broker_of(config);
        let beat = broker.run(Ok(broker.protocol().heartbeat())).await.unwrap();
        assert_eq!(beat.is_authenticated, Some(true), "{base}");
    }
    assert_eq!(service.asked().await.len(), 4);
}

/// A page of targets with these numbers.
fn page(ids: &[u32], count: u32, more: bool) -> ResponseTemplate {
    let row = |id: &u32| json!({"id": id, "name": format!("AT2026{id}"), "right_ascension": 1.0, "declination": 2.0});
    let rows: Vec<_> = ids.iter().map(row).collect();
    let next = more.then_some("https://elsewhere.example/");
    ResponseTemplate::new(200).set_body_json(json!({"count": count, "next": next, "results": rows}))
}

fn numbers(listed: &super::support::listing::Listed<HermesPacket>) -> Vec<&str> {
    listed.alerts.iter().map(|alert| alert.id.as_deref().unwrap()).collect()
}

#[tokio::test]
async fn rows_that_newer_ones_pushed_over_or_a_filter_multiplied_come_once() {
    let service = Service::start().await;
    let query = HermesQuery { event_id: Some("S26".into()), page_size: Some(3), ..HermesQuery::default() };
    service.when(query_param("offset", "0"), page(&[9, 8, 8], 7, true)).await;
    // Two newer rows came between, and row 7 fits the filter twice.
    service.when(query_param("offset", "3"), page(&[9, 8, 7], 9, true)).await;
    service.when(query_param("offset", "6"), page(&[7, 6, 5], 9, false)).await;
    let listed = list(&service.broker(), &query).await;
    assert_eq!(numbers(&listed), ["9", "8", "7", "6", "5"]);
    assert_eq!(listed.notes, ["rows that Hermes gave more than once came once"]);
    assert_eq!(listed.total, None, "the service counts a row once for each event of it");
}

#[tokio::test]
async fn the_oldest_first_come_once_too_and_a_listing_goes_on_from_its_token() {
    let service = Service::start().await;
    service.when(query_param("offset", "0"), page(&[3, 4], 4, true)).await;
    service.when(query_param("offset", "2"), page(&[4, 5], 4, false)).await;
    let query = HermesQuery { order: Order::Oldest, ..of(Search::Targets) };
    let broker = service.broker();
    let mut stream = broker.alerts(&query).unwrap();
    for due in ["3", "4"] {
        assert_eq!(stream.next().await.unwrap().unwrap().id.as_deref(), Some(due));
    }
    let token = stream.resume_token();
    let mut rest = broker.alerts_from(&query, token.as_ref()).unwrap();
    assert_eq!(rest.next().await.unwrap().unwrap().id.as_deref(), Some("5"), "row 4 was given");
    assert!(rest.next().await.is_none());
}

#[tokio::test]
async fn events_of_several_pages_have_no_order_and_that_is_told() {
    let page = |ids: &[&str], more: bool| {
        let rows: Vec<_> = ids.iter().map(|id| json!({"event_id": id, "sequences": []})).collect();
        let next = more.then_some("https://elsewhere.example/");
        ResponseTemplate::new(200).set_body_json(json!({"count": 3, "next": next, "results": rows}))
    };
    let service = Service::start().await;
    service.when(query_param("offset", "0"), page(&["S261101a", "S261101b"], true)).await;
    service.when(query_param("offset", "2"), page(&["S261101c"], false)).await;
    let listed = list(&service.broker(), &of(Search::Events)).await;
    assert_eq!(listed.alerts.len(), 3, "{:?}", listed.faults);
    assert_eq!(
        listed.notes,
        [
            "Hermes promises no order of events, and their pages are counted: an event can be lost between two \
          pages, or come twice"
        ]
    );
    let service = Service::start().await;
    service.get("/api/v0/nonlocalizedevents/", page(&["S261101a"], false)).await;
    let listed = list(&service.broker(), &of(Search::Events)).await;
    assert!(!listed.notes.iter().any(|note| note.contains("order")), "{:?}", listed.notes);
}

#[tokio::test]
async fn a_listing_that_ends_before_what_was_counted_says_so() {
    let service = Service::start().await;
    service.get("/api/v0/targets/", page(&[9, 8], 250, false)).await;
    let listed = list(&service.broker(), &of(Search::Targets)).await;
    assert_eq!(listed.notes, ["Hermes counts 250 rows and ended the list after 2"]);
    assert_eq!(listed.total, Some(250));
}

#[tokio::test]
async fn the_archive_is_asked_for_whole_milliseconds_that_hold_the_ends() {
    let service = Service::start().await;
    service.get("/api/v0/query/", answer(200, "archive_empty.json")).await;
    let query = |start: &str, end: &str| HermesQuery {
        start: Some(start.parse().unwrap()),
        end: Some(end.parse().unwrap()),
        ..of(Search::Archive)
    };
    for (start, end) in [
        ("2026-11-01T00:00:00.1234Z", "2026-11-02T00:00:00.9996Z"),
        ("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"),
    ] {
        list(&service.broker(), &query(start, end)).await;
    }
    let times = |parameters: Vec<(String, String)>| -> Vec<String> {
        parameters
            .into_iter()
            .filter(|(key, _)| key == "start" || key == "end")
            .map(|(_, time)| time)
            .collect()
    };
    // `end` itself counts in the form, and not at the service.
    assert_eq!(times(service.parameters(0).await), ["2026-11-01T00:00:00.124Z", "2026-11-02T00:00:01Z"]);
    assert_eq!(times(service.parameters(1).await), ["2026-11-01T00:00:00Z", "2026-11-02T00:00:00.001Z"]);
}

#[tokio::test]
async fn signs_of_a_search_text_outlive_being_decoded_twice() {
    let service = Service::start().await;
    service.get("/api/v0/query/", answer(200, "archive_empty.json")).await;
    let query = HermesQuery { search_text: Some("2MASS J01+22 50% é".into()), ..of(Search::Archive) };
    list(&service.broker(), &query).await;
    let sent = service.parameters(0).await.into_iter().find(|(key, _)| key == "search_query").unwrap().1;
    assert_eq!(sent, "2MASS J01%2B22 50%25 é", "Hermes decodes this once more");
}

#[tokio::test]
async fn a_message_that_the_archive_fails_on_is_named_with_its_topic() {
    let mut service = Service::start().await;
    service.http.max_retries = 0;
    service.get("/api/v0/query/", answer(200, "archive_page1.json")).await;
    service.get(&message_at(7), answer(500, "archive_500.json")).await;
    service.get(&message_at(12), answer(200, "message_circular.json")).await;
    let mut stream = service.broker().alerts(&of(Search::Archive)).unwrap();
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.context("uuid"), Some(uuid(7).as_str()), "{error}");
    assert_eq!(error.context("topic"), Some("hermes.photometry"), "{error}");
    let asked = error.asked().unwrap();
    assert_eq!((asked.id(), asked.name()), (uuid(7).as_str(), None), "a topic is no name of an object");
    assert!(stream.next().await.unwrap().is_ok(), "the next message is another one");
}

#[tokio::test]
async fn a_message_that_was_taken_back_has_no_data() {
    let service = Service::start().await;
    let mut page = json_fixture("archive_page1.json");
    page["messages"][0]["annotations"]["retracted"] = json!(true);
    page["next"] = Value::Null;
    service.get("/api/v0/query/", ResponseTemplate::new(200).set_body_json(page)).await;
    service.get(&message_at(7), answer(200, "message_clean.json")).await;
    service.get(&message_at(12), answer(200, "message_circular.json")).await;
    let broker = service.broker();
    let parameters = json!({"search": "archive", "include_retracted": true});
    let mut alerts = broker.fetch_alerts(parameters.as_object().unwrap()).unwrap();
    let alert = alerts.next().await.unwrap().unwrap();
    assert_eq!(alert.generic().name, "AT2026qxa");
    let data = broker.reduced_data(&alert.generic().id, Some(&alert)).await.unwrap();
    let note = format!("the message {} was taken back by its sender, so its data are left out", uuid(7));
    assert_eq!((data.points.len(), data.notes), (0, vec![note]));
}
