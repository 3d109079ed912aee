//! `AlertStream` of a paged listing: lazy, ordered, honest about faults, and able to go on later.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use support::listing::{at_place, place};
use support::toy::{READ, Toy, ToyConfig, ToyPacket, ToyQuery, json_answer, object, parameter, service, toy};
use tokio::time::Instant;
use tom_alerts::http::{Http, HttpConfig, Transport};
use tom_alerts::plugin::*;
use tom_alerts::testing::ScriptedTransport;
use tom_alerts::{AlertStream, ClientSettings, GenericBroker, Parameters, ResumeToken};

type Alerts = AlertStream<Alert<ToyPacket>>;

fn pages_of(size: u32) -> ToyQuery {
    ToyQuery { page_size: Some(size), ..ToyQuery::default() }
}

async fn ids(alerts: &mut Alerts) -> Vec<String> {
    let mut ids = Vec::new();
    while let Some(item) = alerts.next().await {
        ids.push(item.map_or_else(|error| error.to_string(), |alert| alert.id.clone()));
    }
    ids
}

fn names(range: std::ops::RangeInclusive<u64>) -> Vec<String> {
    range.map(|n| format!("T{n}")).collect()
}

/// A service that answers one page, by its number, in a way of its own.
fn odd_page(objects: u64, page: &'static str, answer: fn() -> Result<Response>) -> ScriptedTransport {
    service(objects, move |request| (parameter(request, "page").as_deref() == Some(page)).then(answer))
}

#[tokio::test]
async fn nothing_is_sent_before_the_first_item_is_asked_for() {
    let script = service(9, |_| None);
    let mut alerts = toy(&script).alerts(&pages_of(3)).unwrap();
    tokio::task::yield_now().await;
    assert!(script.requests().is_empty());
    let token = alerts.resume_token().unwrap();
    assert_eq!((alerts.pages(), alerts.total(), place(&token.to_string())), (0, None, "0@"));
    alerts.next().await.unwrap().unwrap();
    assert_eq!((script.requests().len(), alerts.total()), (1, Some(9)));
}

#[tokio::test]
async fn a_page_is_asked_for_when_the_one_before_is_used_up() {
    let script = service(9, |_| None);
    let mut alerts = toy(&script).alerts(&pages_of(3)).unwrap();
    for (taken, requests) in [1, 1, 1, 2, 2, 2, 3, 3, 3].into_iter().enumerate() {
        let alert = alerts.try_next().await.unwrap().unwrap();
        assert_eq!((alert.id.clone(), script.requests().len()), (format!("T{}", taken + 1), requests));
    }
    assert!(alerts.try_next().await.unwrap().is_none());
    assert!(alerts.try_next().await.unwrap().is_none());
    assert_eq!((script.requests().len(), alerts.pages(), alerts.total()), (3, 3, Some(9)));
    assert_eq!(alerts.resume_token(), None);
}

#[tokio::test]
async fn a_query_at_fault_is_told_before_anything_is_sent() {
    let script = service(9, |_| None);
    let query = ToyQuery { ra: Some(400.0), page_size: Some(0), ..ToyQuery::default() };
    let error = toy(&script).alerts(&query).unwrap_err();
    assert_eq!((error.kind(), error.broker(), error.problems().len()), (ErrorKind::Input, Some("Toy"), 2));
    assert!(script.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn dropping_a_stream_ends_what_it_was_doing() {
    let script = service(9, |_| None).latency(Duration::from_secs(10));
    let client = toy(&script);
    let mut alerts = client.alerts(&pages_of(3)).unwrap();
    assert!(tokio::time::timeout(Duration::from_secs(1), alerts.next()).await.is_err());
    drop(alerts);
    tokio::time::sleep(Duration::from_secs(100)).await;
    assert_eq!(script.requests().len(), 1);
    // Its place among the requests is free again.
    let start = Instant::now();
    futures_util::future::join_all((0..10).map(|_| client.alert("T1"))).await;
    assert_eq!(start.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_an_item_that_is_given_up_loses_nothing() {
    let script = service(4, |_| None).latency(Duration::from_secs(10));
    let mut alerts = toy(&script).alerts(&pages_of(2)).unwrap();
    let mut seen = Vec::new();
    loop {
        match tokio::time::timeout(Duration::from_secs(3), alerts.next()).await {
            Ok(Some(item)) => seen.push(item.unwrap().id.clone()),
            Ok(None) => break,
            Err(_) => {}
        }
    }
    assert_eq!((seen, script.requests().len()), (names(1..=4), 2));
}

#[tokio::test]
async fn a_bad_item_is_one_error_and_the_stream_goes_on() {
    let script = odd_page(6, "2", || {
        let items = json!([{ "id": "T4", "ra": 1.0, "dec": "north" }, object(5), object(6)]);
        Ok(json_answer(&json!({ "items": items })))
    });
    let seen = ids(&mut toy(&script).alerts(&pages_of(3)).unwrap()).await;
    assert_eq!(seen[..3], names(1..=3));
    assert_eq!(
        seen[3],
        "Toy: item 1 cannot be read: dec: a text was given, a number was due; it begins {\"id\":\"T4\",\"ra\":1.0,\"dec\":\"north\"} [item=1]"
    );
    assert_eq!(seen[4..], names(5..=6));
}

#[tokio::test]
async fn an_item_that_is_out_of_range_is_one_error_too() {
    let script = odd_page(3, "1", || {
        let items = json!([object(1), { "id": "T2", "ra": 1.0, "dec": 99.0 }, object(3)]);
        Ok(json_answer(&json!({ "items": items })))
    });
    let (good, bad) = toy(&script).fetch_alerts(&Parameters::new()).unwrap().collect_all().await;
    assert_eq!(good.iter().map(|alert| alert.generic().id.as_str()).collect::<Vec<_>>(), ["T1", "T3"]);
    assert_eq!((bad[0].kind(), bad[0].broker()), (ErrorKind::Unreadable, Some("Toy")));
}

#[tokio::test]
async fn a_page_that_fails_ends_the_stream_and_says_which() {
    for answer in [
        || Ok(Response::new(500, Vec::new(), r#"{"detail": "out of memory"}"#.into())),
        || Ok(Response::new(200, Vec::new(), "<html><title>out of memory</title>".into())),
        || Err(Error::new(ErrorKind::Network, "out of memory")),
    ] {
        let script = odd_page(9, "2", answer);
        let mut alerts = toy(&script).alerts(&pages_of(3)).unwrap();
        let seen = ids(&mut alerts).await;
        assert_eq!(seen[..3], names(1..=3));
        assert!(seen[3].contains("out of memory") && seen[3].contains("page=2"), "{}", seen[3]);
        assert_eq!((seen.len(), script.requests().len()), (4, 2));
        assert_eq!(place(&alerts.resume_token().unwrap().to_string()), "0@2");
    }
}

#[tokio::test]
async fn a_page_that_comes_again_ends_the_stream() {
    let script = service(9, |_| Some(Ok(json_answer(&json!({ "more": true, "items": [object(1)] })))));
    let seen = ids(&mut toy(&script).alerts(&pages_of(1)).unwrap()).await;
    assert_eq!((seen.len(), seen[0].as_str(), script.requests().len()), (2, "T1", 2));
    assert!(seen[1].contains("the service gave the same page twice"), "{}", seen[1]);
}

#[tokio::test]
async fn pages_that_differ_in_their_middle_alone_are_two() {
    let page = |middle: u64| {
        let mut items: Vec<_> = (1..=99).map(|_| object(1)).collect();
        items[50] = object(middle);
        Ok(json_answer(&json!({ "more": middle == 2, "pad": middle == 3, "items": items })))
    };
    let script = service(9, move |request| {
        Some(page(parameter(request, "page").unwrap().parse::<u64>().unwrap() + 1))
    });
    let seen = ids(&mut toy(&script).alerts(&pages_of(99)).unwrap()).await;
    assert_eq!((seen.len(), seen[149].as_str()), (198, "T3"));
}

#[tokio::test]
async fn empty_pages_in_between_are_passed_over() {
    let script = odd_page(9, "2", || Ok(json_answer(&json!({ "more": true, "items": [] }))));
    let mut alerts = toy(&script).alerts(&pages_of(3)).unwrap();
    assert_eq!(ids(&mut alerts).await, [names(1..=3), names(7..=9)].concat());
    assert_eq!((alerts.pages(), alerts.resume_token()), (3, None));
}

#[tokio::test]
async fn max_pages_ends_with_a_note_and_a_place_to_go_on() {
    let client = toy(&service(9, |_| None)).with_settings(ClientSettings::default().max_pages(2));
    let mut alerts = client.alerts(&pages_of(3)).unwrap();
    assert_eq!(ids(&mut alerts).await, names(1..=6));
    assert_eq!(alerts.notes(), ["stopped after 2 pages, the most that max_pages allows"]);
    let mut rest = client.alerts_from(&pages_of(3), alerts.resume_token().as_ref()).unwrap();
    assert_eq!(ids(&mut rest).await, names(7..=9));
    assert_eq!((rest.notes(), rest.resume_token()), (Vec::<String>::new(), None));
}

#[tokio::test]
async fn a_stream_goes_on_behind_any_item() {
    for taken in 0..9 {
        let client = toy(&service(9, |_| None));
        let mut first = client.alerts(&pages_of(3)).unwrap();
        for _ in 0..taken {
            first.next().await.unwrap().unwrap();
        }
        let token: ResumeToken = first.resume_token().unwrap().to_string().parse().unwrap();
        let mut rest = client.alerts_from(&pages_of(3), Some(&token)).unwrap();
        assert_eq!(rest.resume_token(), Some(token.clone()));
        assert_eq!(ids(&mut rest).await, names(taken + 1..=9), "{token}");
    }
}

#[tokio::test]
async fn a_bad_item_is_left_behind_too() {
    let script =
        odd_page(3, "1", || Ok(json_answer(&json!({ "items": [object(1), { "id": 2 }, object(3)] }))));
    let client = toy(&script);
    let mut alerts = client.alerts(&pages_of(3)).unwrap();
    alerts.next().await.unwrap().unwrap();
    alerts.next().await.unwrap().unwrap_err();
    let token = alerts.resume_token().unwrap();
    assert_eq!(ids(&mut client.alerts_from(&pages_of(3), Some(&token)).unwrap()).await, ["T3"]);
}

#[tokio::test]
async fn a_token_that_does_not_fit_is_told_or_harmless() {
    let client = toy(&service(4, |_| None));
    let start = client.alerts(&pages_of(2)).unwrap().resume_token().unwrap();
    let go_on = |place: &str| client.alerts_from(&pages_of(2), Some(&at_place(&start, place))).unwrap();
    let error = go_on("0@tomorrow").next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert!(error.to_string().contains("start anew"), "{error}");
    assert_eq!(ids(&mut go_on("99@1")).await, names(3..=4));
    assert!(ids(&mut go_on("0@3")).await.is_empty());
}

#[tokio::test]
async fn a_limit_asks_for_nothing_behind_it() {
    let script = service(9, |_| None);
    let mut alerts = toy(&script).alerts(&pages_of(3)).unwrap().limit(3);
    assert_eq!(ids(&mut alerts).await, names(1..=3));
    let token = alerts.resume_token().unwrap().to_string();
    assert_eq!((script.requests().len(), place(&token)), (1, "0@2"));
    assert!(ids(&mut toy(&script).alerts(&pages_of(3)).unwrap().limit(0)).await.is_empty());
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test]
async fn notes_and_total_stay_with_a_stream_that_is_made_into_another() {
    let script = odd_page(9, "2", || {
        Ok(json_answer(&json!({ "items": [object(4)], "note": "old objects are left out" })))
    });
    let client = toy(&script);
    let alerts = client.alerts(&pages_of(3)).unwrap().limit(100);
    let mut alerts = alerts.map_ok(move |alert| client.erase(alert));
    while alerts.try_next().await.unwrap().is_some() {}
    assert_eq!((alerts.total(), alerts.pages()), (Some(9), 2));
    assert_eq!(alerts.notes(), ["old objects are left out"]);
    assert!(format!("{alerts:?}").contains("old objects"));
}

fn parameters(value: Value) -> Parameters {
    value.as_object().unwrap().clone()
}

#[tokio::test]
async fn a_token_of_another_query_is_refused_before_anything_is_sent() {
    let script = service(9, |_| None);
    let client = toy(&script);
    let near = || ToyQuery { ra: Some(10.0), dec: Some(-5.0), radius: Some(3.0), ..ToyQuery::default() };
    let token = client.alerts(&near()).unwrap().resume_token().unwrap();
    // However the same is written: typed, in another order, as text, with what is not given.
    assert!(client.alerts_from(&near(), Some(&token)).is_ok());
    for same in [
        json!({ "radius": 3, "dec": -5.0, "ra": 10 }),
        json!({ "ra": "00:40:00", "dec": "-5", "radius": "3.0", "name": "", "page_size": null }),
    ] {
        let alerts = client.resume_alerts(&parameters(same), Some(&token)).unwrap();
        assert_eq!(alerts.resume_token().as_ref(), Some(&token));
        assert!(token.belongs_to(
            "Toy",
            &client.check(&parameters(json!({"ra": 10, "dec": -5, "radius": 3}))).unwrap()
        ));
    }
    let others = [
        ToyQuery::default(),
        ToyQuery { radius: Some(3.1), ..near() },
        ToyQuery { page_size: Some(3), ..near() },
        ToyQuery { name: Some("T1".into()), ..near() },
    ];
    for other in others {
        let error = client.alerts_from(&other, Some(&token)).unwrap_err();
        assert_eq!((error.kind(), error.broker()), (ErrorKind::Input, Some("Toy")));
        assert!(
            error.message().contains("belongs to another query") && error.message().contains("start anew")
        );
    }
    assert!(script.requests().is_empty());
}

#[tokio::test]
async fn the_start_of_a_run_is_kept_by_all_that_go_on_with_it() {
    let client = toy(&service(9, |_| None));
    let mut alerts = client.alerts(&pages_of(3)).unwrap();
    let started = alerts.started();
    assert!(
        (Utc::now() - started).num_seconds() < 60 && started.timestamp_subsec_nanos().is_multiple_of(1_000)
    );
    for n in 1..9 {
        alerts.next().await.unwrap().unwrap();
        let token: ResumeToken = alerts.resume_token().unwrap().to_string().parse().unwrap();
        assert_eq!(token.started(), started);
        alerts = client.alerts_from(&pages_of(3), Some(&token)).unwrap().limit(n);
        assert_eq!(alerts.started(), started);
    }
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert!(client.alerts(&pages_of(3)).unwrap().started() > started);
}

#[tokio::test]
async fn a_query_is_read_once_and_no_number_slips_through() {
    let client = toy(&service(9, |_| None));
    let read = |ask: &dyn Fn()| {
        READ.set(0);
        ask();
        READ.get()
    };
    let cone = parameters(json!({ "ra": 10, "dec": -5, "radius": 3 }));
    let token = client.fetch_alerts(&cone).unwrap().resume_token();
    assert_eq!(read(&|| drop(client.fetch_alerts(&cone).unwrap())), 1);
    assert_eq!(read(&|| drop(client.resume_alerts(&cone, token.as_ref()).unwrap())), 1);
    assert_eq!(read(&|| drop(client.alerts(&pages_of(3)).unwrap())), 1);
    let nowhere = ToyQuery { ra: Some(f64::NAN), dec: Some(1.0), radius: Some(1.0), ..ToyQuery::default() };
    let error = client.alerts(&nowhere).unwrap_err();
    assert_eq!((error.kind(), error.problems()[0].field.as_str()), (ErrorKind::Input, "ra"));
}

#[tokio::test]
async fn a_stream_made_by_hand_claims_no_place_to_go_on_from() {
    let mut alerts = AlertStream::new(futures_util::stream::iter([Ok(1), Ok(2)]));
    assert_eq!(alerts.try_next().await.unwrap(), Some(1));
    assert_eq!(alerts.resume_token(), None);
    assert!((Utc::now() - alerts.started()).num_seconds() < 60);
    assert!(alerts.taken(None).is_ok());
}

/// A service that lists ids alone; an object takes a second, the first of each ten takes three.
#[derive(Debug)]
struct OneByOne(ScriptedTransport);

#[async_trait::async_trait]
impl Transport for OneByOne {
    async fn send(&self, request: &Request) -> Result<Response> {
        if let Some(id) = request.url().path().strip_prefix("/api/objects/T") {
            let slow = id.ends_with('1');
            tokio::time::sleep(Duration::from_secs(if slow { 3 } else { 1 })).await;
        }
        self.0.send(request).await
    }
}

fn listed(objects: u64) -> ScriptedTransport {
    service(objects, move |request| {
        let page: u64 = parameter(request, "page")?.parse().ok()?;
        let last = (page * 20).min(objects);
        let items: Vec<_> = ((page - 1) * 20 + 1..=last).map(|n| json!({ "id": format!("T{n}") })).collect();
        Some(Ok(json_answer(&json!({ "more": last < objects, "items": items }))))
    })
}

#[tokio::test(start_paused = true)]
async fn items_that_are_asked_for_come_in_order_and_side_by_side() {
    let script = listed(40);
    let config = HttpConfig { max_in_flight: 4, ..HttpConfig::default() };
    let http = Http::with_transport(Arc::new(OneByOne(script.clone())), &config);
    let config = ToyConfig { api_key: Some("k".into()), ..ToyConfig::default() };
    let client = Client::<Toy>::with_http(config, &http).unwrap();
    let start = Instant::now();
    let mut alerts = client.alerts(&pages_of(20)).unwrap();
    assert_eq!(ids(&mut alerts).await, names(1..=40));
    // One after another it would be 48 s. Four at once, in order, wait for a slow one now and then.
    let took = start.elapsed().as_secs();
    assert!((12..=18).contains(&took), "{took}");
    assert_eq!(script.requests().len(), 42);
}

#[tokio::test]
async fn an_item_that_cannot_be_had_is_one_error_in_its_place() {
    let script = service(2, move |request| {
        parameter(request, "page")?;
        Some(Ok(json_answer(
            &json!({ "items": [{ "id": "T1" }, { "id": "T9" }, { "id": "X" }, { "id": "T2" }] }),
        )))
    });
    let seen = ids(&mut toy(&script).alerts(&pages_of(20)).unwrap()).await;
    assert_eq!((seen[0].as_str(), seen[3].as_str()), ("T1", "T2"));
    assert_eq!(
        seen[1],
        "Toy: the service does not have this: no such object [id=T9, name=Toy T9, item=2, status=404]"
    );
    assert!(seen[2].contains("an id is a T and a number") && seen[2].contains("item=3"), "{}", seen[2]);
}

#[tokio::test]
async fn an_item_that_cannot_be_had_is_known_by_what_was_asked_for() {
    for unsure in [false, true] {
        let script = service(2, move |request| match parameter(request, "page") {
            Some(_) => {
                Some(Ok(json_answer(&json!({ "items": [{ "id": "T1", "unsure": unsure }, { "id": 2 }] }))))
            }
            None => Some(Ok(Response::new(502, Vec::new(), "".into()))),
        });
        let (_, errors) = toy(&script).alerts(&pages_of(20)).unwrap().collect_all().await;
        let named = Asked::new("T1").named(if unsure { "" } else { "Toy T1" });
        assert_eq!(
            (errors[0].asked(), errors[0].is_passing(), errors[0].ends_listing()),
            (Some(&named), true, false)
        );
        // One that cannot be read asked for nothing.
        assert_eq!((errors[1].asked(), errors[1].is_passing()), (None, false));
    }
}

/// How many objects were asked for.
fn objects_asked(script: &ScriptedTransport) -> usize {
    script.requests().iter().filter(|request| request.url().path().contains("/objects/")).count()
}

#[tokio::test(start_paused = true)]
async fn a_limit_asks_for_no_more_items_than_are_wanted() {
    for (limit, due) in [(1, 1), (3, 3), (25, 25), (100, 40)] {
        let script = listed(40).latency(Duration::from_secs(1));
        let mut alerts = toy(&script).alerts(&pages_of(20)).unwrap().limit(limit);
        assert_eq!(ids(&mut alerts).await, names(1..=due));
        assert_eq!(objects_asked(&script), usize::try_from(due).unwrap());
    }
    // A limit that comes later counts from there.
    let script = listed(40).latency(Duration::from_secs(1));
    let mut alerts = toy(&script).alerts(&pages_of(20)).unwrap().limit(30);
    alerts.next().await.unwrap().unwrap();
    let asked = objects_asked(&script);
    assert_eq!(asked, 10);
    assert_eq!((ids(&mut alerts.limit(2)).await, objects_asked(&script)), (names(2..=3), asked));
}

#[tokio::test(start_paused = true)]
async fn items_that_do_not_answer_the_query_are_made_up_for_one_by_one() {
    // Of twenty objects every fourth answers the query.
    let script = service(20, |request| {
        let id = |n: u64| json!({ "id": format!("T{n}"), "unsure": true });
        if parameter(request, "page").is_some() {
            return Some(Ok(json_answer(&json!({ "items": (1..=20).map(id).collect::<Vec<_>>() }))));
        }
        let n: u64 = request.url().path().rsplit('T').next()?.parse().ok()?;
        let mut object = object(n);
        object["p"] = if n.is_multiple_of(4) { json!(0.9) } else { Value::Null };
        Some(Ok(json_answer(&object)))
    })
    .latency(Duration::from_secs(1));
    for (limit, due, last) in
        [(1, vec!["T4"], 4), (2, vec!["T4", "T8"], 8), (9, vec!["T4", "T8", "T12", "T16", "T20"], 20)]
    {
        let before = objects_asked(&script);
        let mut alerts = toy(&script).alerts(&pages_of(20)).unwrap().limit(limit);
        assert_eq!(ids(&mut alerts).await, due);
        assert_eq!(objects_asked(&script) - before, last, "limit {limit}");
        let token = alerts.resume_token();
        assert_eq!(
            token.map(|token| place(&token.to_string()).to_owned()),
            (last < 20).then(|| format!("{last}@"))
        );
    }
}
