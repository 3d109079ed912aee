//! Listings: pages that `has_next` does not tell, parts, many objects at once, generic alerts, targets.

use super::*;

/// A page of `count` alerts, numbered downwards from `from`.
fn full(from: usize, count: usize) -> ResponseTemplate {
    let page: Value = json_fixture("list_one.json");
    let alerts = (0..count).map(|n| {
        let mut alert = page["results"][0].clone();
        alert["lco_id"] = (from - n).into();
        alert
    });
    let results: Vec<Value> = alerts.collect();
    ResponseTemplate::new(200)
        .set_body_json(json!({"has_next": false, "has_prev": false, "results": results}))
}

const SORTED: &str = "sort_value=id&sort_order=desc";

#[tokio::test]
async fn a_listing_goes_on_while_pages_are_full_whatever_has_next_says() {
    let service = Service::start().await;
    service.page("1", full(1000, 100)).await;
    service.page("2", full(900, 100)).await;
    service.page("3", full(800, 7)).await;
    let listed = list(&service.broker(), &MarsQuery::default()).await;
    assert_eq!((listed.alerts.len(), listed.faults.len(), listed.notes.len()), (207, 0, 0));
    assert_eq!((listed.ids()[0], listed.ids()[206]), ("1000", "794"));
    let due = |page: u32| format!("GET /?{SORTED}&page={page}&format=json");
    assert_eq!(service.asked().await, [due(1), due(2), due(3)]);
    assert_eq!(service.header(0, "accept").await.as_deref(), Some("application/json"));
}

#[tokio::test]
async fn a_page_behind_the_last_full_one_is_the_end() {
    let service = Service::start().await;
    service.page("1", full(1000, 100)).await;
    service.page("2", html(404, "error_404.html")).await;
    let listed = list(&service.broker(), &MarsQuery::default()).await;
    assert_eq!((listed.alerts.len(), listed.faults.len()), (100, 0), "{:?}", listed.faults);
    assert_eq!(service.asked().await.len(), 2);
}

#[tokio::test]
async fn nothing_found_is_no_error() {
    let service = Service::start().await;
    service.get("/", answer(200, "list_empty.json")).await;
    let listed = list(&service.broker(), &MarsQuery::default()).await;
    assert!(listed.alerts.is_empty() && listed.faults.is_empty());
    assert_eq!(listed.notes, ["no alert answers the query"]);
}

#[tokio::test]
async fn a_listing_is_taken_up_again_where_it_was_left() {
    let service = Service::start().await;
    service.page("1", full(1000, 100)).await;
    service.page("2", full(900, 3)).await;
    let broker = service.broker();
    let mut stream = broker.alerts(&MarsQuery::default()).unwrap();
    for _ in 0..101 {
        stream.next().await.unwrap().unwrap();
    }
    let token = stream.resume_token().unwrap();
    let mut rest = broker.alerts_from(&MarsQuery::default(), Some(&token)).unwrap();
    assert_eq!(rest.next().await.unwrap().unwrap().lco_id, "899");
}

#[tokio::test]
async fn a_range_of_right_ascension_is_asked_in_parts_that_the_server_reads_rightly() {
    // The server keeps −180 to 180 and takes 360 off what is above 180.
    let stored = |ra: f64| if ra > 180.0 { ra - 360.0 } else { ra };
    let places = [
        0.0,
        1e-12,
        0.5,
        5.0,
        45.0,
        99.0,
        101.0,
        170.0,
        179.5,
        180.0,
        180.5,
        189.0,
        200.0,
        301.0,
        355.0,
        359.5,
        359.999_999_999,
        359.999_999_999_9,
    ];
    let ends = [None, Some(0.0), Some(10.0), Some(100.0), Some(180.0), Some(190.0), Some(350.0), Some(360.0)];
    let service = Service::start().await;
    service.get("/", answer(200, "list_empty.json")).await;
    let broker = service.broker();
    let mut tried = 0;
    for low in ends {
        for high in ends {
            let before = service.asked().await.len();
            let query = MarsQuery { ra_gt: low, ra_lt: high, ..MarsQuery::default() };
            assert!(list(&broker, &query).await.faults.is_empty());
            let asked: Vec<_> = service.asked().await.split_off(before);
            for ra in places {
                let seen = asked.iter().filter(|line| {
                    let url = wiremock_url(line);
                    let bound = |name: &str| {
                        let pair = url.query_pairs().find(|(key, _)| key == name);
                        pair.map(|(_, value)| stored(value.parse().unwrap()))
                    };
                    bound("ra__gt").is_none_or(|low| stored(ra) > low)
                        && bound("ra__lt").is_none_or(|high| stored(ra) < high)
                });
                let due = match (low, high) {
                    (Some(low), Some(high)) if low > high => ra > low || ra < high,
                    _ => low.is_none_or(|low| ra > low) && high.is_none_or(|high| ra < high),
                };
                assert_eq!(seen.count(), usize::from(due), "{low:?} to {high:?} at {ra}: {asked:?}");
                tried += 1;
            }
        }
    }
    assert_eq!(tried, 64 * places.len());
    let service = Service::start().await;
    service.get("/", answer(200, "list_empty.json")).await;
    list(&service.broker(), &query(json!({"ra__gt": 170, "ra__lt": 190}))).await;
    assert_eq!(
        service.asked().await,
        [
            format!("GET /?ra__gt=170&{SORTED}&page=1&format=json"),
            format!("GET /?ra__lt=190&{SORTED}&page=1&format=json")
        ]
    );
}

fn wiremock_url(line: &str) -> tom_alerts::plugin::Url {
    format!("http://127.0.0.1{}", line.strip_prefix("GET ").unwrap()).parse().unwrap()
}

#[tokio::test]
async fn a_listing_becomes_generic_alerts_and_targets() {
    let service = Service::start().await;
    service.get("/", answer(200, "list_ok.json")).await;
    let broker = service.broker();
    let listed = list(&broker, &MarsQuery::default()).await;
    let generic = broker.generic(&listed.alerts[0]).unwrap();
    assert_eq!(
        serde_json::to_value(&generic).unwrap(),
        json!({
            "timestamp": "2019-04-04T06:00:00Z", "id": "41", "name": FIRST, "ra": 150.11, "dec": 2.205,
            "mag": 18.25, "score": 0.91, "url": service.at("41/")
        })
    );
    let generic = broker.generic(&listed.alerts[1]).unwrap();
    assert_eq!((generic.mag, generic.score), (None, None), "a negative difference is no brightness");
    let alert = &listed.alerts[0];
    assert_eq!((alert.candid, alert.candidate.candid), (Some(2_695_378_462_115_010_012), alert.candid));
    assert_eq!(
        (alert.candidate.maggaia, alert.candidate.szmag3, alert.candidate.dsdiff),
        (None, None, Some(-12.5))
    );
    let target = broker.target(alert).unwrap();
    assert_eq!((target.name.as_str(), target.position()), (FIRST, Some((150.11, 2.205))));
    let extras: Vec<_> = target.extras.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(
        extras,
        [
            "candid=2695378462115010012",
            "classtar=0.97",
            "deltamaglatest=-0.12",
            "distnr=2.31",
            "distpsnr1=3.1",
            "drb=0.981",
            "filter=r",
            "isdiffpos=true",
            "lco_id=41",
            "magnr=21.3",
            "magpsf=18.25",
            "ndethist=14",
            "objectidps1=123450456789012301",
            "rb=0.91",
            "sgscore1=0.9",
            "sigmapsf=0.05"
        ]
    );
    // The same twice: nothing is taken out of the alert.
    assert_eq!(broker.target(alert).unwrap(), target);
}

#[tokio::test]
async fn of_several_alerts_of_an_object_the_newest_is_what_the_target_says() {
    let mut page: Value = json_fixture("list_ok.json");
    let mut older = page["results"][0].clone();
    older["lco_id"] = 12.into();
    older["candidate"]["jd"] = json!(2_458_500.5);
    older["candidate"]["magpsf"] = json!(19.9);
    page["results"].as_array_mut().unwrap().push(older);
    let service = Service::start().await;
    service.get("/", ResponseTemplate::new(200).set_body_json(page)).await;
    let (broker, store) = (service.broker(), tom_alerts::MemoryStore::new());
    for (created, changed) in [(2, 0), (0, 0)] {
        let options = tom_alerts::IngestOptions::new();
        let report = broker.fetch_and_save_all(&Default::default(), &store, options).await.unwrap().report;
        assert_eq!((report.seen, report.created, report.updated), (3, created, changed));
    }
    let target = tom_alerts::TargetStore::target(&store, FIRST).await.unwrap().unwrap();
    assert_eq!(
        (target.extras["mars_lco_id"].as_str(), target.extras["mars_magpsf"].as_str()),
        ("41", "18.25")
    );
}

#[tokio::test]
async fn several_objects_go_in_one_post_with_a_filter_each() {
    let service = Service::start().await;
    service.post("/", answer(200, "bulk_ok.json")).await;
    let asked = json!({"objectId": format!("{FIRST}, {SECOND}, ZTF19aaaaaad"), "b__gt": 0, "rb__gte": "0", "filter": "r"});
    let listed = list(&service.broker(), &query(asked)).await;
    assert_eq!((listed.ids(), listed.faults.len()), (vec!["41", "33", "40"], 0));
    assert_eq!(service.asked().await, ["POST /"]);
    assert_eq!(service.header(0, "content-type").await.as_deref(), Some("application/json"));
    let sent: Value = serde_json::from_str(&service.body(0).await).unwrap();
    let of = |name: &str| json!({"objectId": name, "b__gt": "0", "filter": "r", "rb__gte": "0", "sort_value": "id", "sort_order": "desc"});
    assert_eq!(
        sent,
        json!({"queries": [of(FIRST), of(SECOND), of("ZTF19aaaaaad")]}),
        "a bare 0 would be nothing"
    );
}

#[tokio::test]
async fn more_objects_than_a_request_takes_go_in_several() {
    let service = Service::start().await;
    service.post("/", answer(200, "bulk_ok.json")).await;
    let names =
        (0..45).map(|n| format!("ZTF19aaaaa{}{}", char::from(b'a' + n / 26), char::from(b'a' + n % 26)));
    let query = MarsQuery { object_id: names.collect(), ra_gt: Some(10.0), ..MarsQuery::default() };
    let mut stream = service.broker().alerts(&query).unwrap();
    // The recorded answers are the same, which ends the listing; what matters is what was asked.
    while stream.next().await.is_some() {}
    let first: Value = serde_json::from_str(&service.body(0).await).unwrap();
    let second: Value = serde_json::from_str(&service.body(1).await).unwrap();
    assert_eq!(first["queries"].as_array().unwrap().len(), 40, "20 objects, two ranges each");
    assert_eq!(
        (&first["queries"][0]["ra__gt"], &first["queries"][1]["ra__lt"]),
        (&json!("10"), &json!("360"))
    );
    assert_eq!(second["queries"][0]["objectId"], "ZTF19aaaaaau");
}

#[tokio::test]
async fn bulk_answers_come_in_the_order_of_the_queries() {
    let service = Service::start().await;
    service.post("/", answer(200, "bulk_ok.json")).await;
    let broker = service.broker();
    let queries =
        [query(json!({"objectId": FIRST})), query(json!({"cone": "150.11, 2.205, 0.001", "drb__gte": 0.5}))];
    let answers = broker.run(broker.protocol().bulk(&queries)).await.unwrap();
    let sent: Value = serde_json::from_str(&service.body(0).await).unwrap();
    assert_eq!(sent["queries"][1]["cone"], "150.11,2.205,0.001");
    let first = answers.0[0].as_ref().unwrap();
    assert_eq!((&first.query["label"], first.num_alerts, first.alerts.len()), (&json!("first"), Some(2), 2));
    assert_eq!(first.alerts[0].as_ref().unwrap().candid, Some(2_695_378_462_115_010_012));
    assert!(answers.0[2].as_ref().unwrap().alerts.is_empty());

    let error = broker.protocol().bulk(&[queries[0].clone(), MarsQuery::default()]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a query in bulk needs a filter: without one the server sends its whole table [query=2]"
    );
    let wrong = MarsQuery { rb_gte: Some(7.0), ..MarsQuery::default() };
    let error = broker.protocol().bulk(&[wrong]).unwrap_err();
    assert_eq!(error.to_string(), "rb_gte: 7.0 is outside 0..=1 [query=1]");
    assert_eq!(service.asked().await.len(), 1);
}

#[tokio::test]
async fn a_bad_alert_of_a_bulk_answer_is_by_itself() {
    let service = Service::start().await;
    service.post("/", answer(200, "bulk_bad_item.json")).await;
    let listed = list(&service.broker(), &query(json!({"objectId": [FIRST, SECOND]}))).await;
    assert_eq!(listed.ids(), ["41", "40"]);
    let faults: Vec<_> = listed.faults.iter().map(|e| e.message()).collect();
    assert!(faults[0].contains("candidate.ra"), "{faults:?}");
    assert!(faults[1].starts_with("row 2 cannot be read: "), "{faults:?}");
}

#[tokio::test]
async fn alerts_that_the_server_counts_and_does_not_send_are_told() {
    let mut bulk: Value = json_fixture("bulk_ok.json");
    bulk["results"][0]["num_alerts"] = 5.into();
    let service = Service::start().await;
    service.post("/", ResponseTemplate::new(200).set_body_json(bulk)).await;
    let names = [FIRST, SECOND, "ZTF19aaaaaad", "ZTF19aaaaaae"];
    let broker = service.broker();
    let listed = list(&broker, &query(json!({"objectId": names}))).await;
    assert_eq!(listed.ids(), ["41", "33", "40"]);
    let told: Vec<_> = listed.faults.iter().map(|e| e.message()).collect();
    assert_eq!(
        told,
        [
            "the server says that 5 alerts answer a query, but 2 came",
            "4 queries were asked in one request, but 3 were answered"
        ]
    );
    let answers = broker.run(broker.protocol().bulk(&[query(json!({"objectId": FIRST}))])).await.unwrap();
    assert!(answers.0[0].as_ref().unwrap().alerts[2].is_err());
}
