//! Where a run stands: what ends it, what it names, what it asks for again and what it does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use support::toy::{self, json_answer, object, parameter, service, toy};
use tom_alerts::ingest::IngestReport;
use tom_alerts::plugin::*;
use tom_alerts::store::{Claim, QueryStore, Scope};
use tom_alerts::testing::ScriptedTransport;
use tom_alerts::{BrokerQuery, Config, IngestOptions, MemoryStore, Parameters, Registry, TargetStore};

fn light_curves() -> IngestOptions {
    IngestOptions::new().photometry(true)
}

fn go_on(report: &IngestReport) -> IngestOptions {
    light_curves().resume(report.resume.as_deref().unwrap().parse().unwrap())
}

fn paths(script: &ScriptedTransport) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    for request in script.requests() {
        *count.entry(request.url().path().trim_start_matches("/api/").to_owned()).or_default() += 1;
    }
    count
}

fn too_many() -> Response {
    Response::new(429, vec![("Retry-After".into(), "3600".into())], "{}".into())
}

/// Nothing but ids, so that each object needs a request of its own.
fn ids_alone(request: &Request, objects: u64) -> Option<Result<Response>> {
    let page: u64 = parameter(request, "page")?.parse().unwrap();
    let items: Vec<_> = (1..=objects).map(|n| json!({ "id": format!("T{n}") })).collect();
    Some(Ok(json_answer(&json!({ "items": items, "more": false, "total": objects, "page": page }))))
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_while_light_curves_come_ends_the_run_at_its_place() {
    // Six calls a window: a listing and five light curves. One request at a time, so that none is refused
    // but the one that finds the limit.
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let script = service(10, move |_| (counted.fetch_add(1, Ordering::Relaxed) >= 6).then(|| Ok(too_many())));
    let config = tom_alerts::http::HttpConfig { max_retries: 0, max_in_flight: 1, ..Default::default() };
    let http = tom_alerts::http::Http::with_transport(Arc::new(script.clone()), &config);
    let client = Client::<toy::Toy>::with_http(
        toy::ToyConfig { api_key: Some("canary7777".into()), ..Default::default() },
        &http,
    )
    .unwrap();
    let store = MemoryStore::new();
    let first = client.fetch_and_save_all(&Parameters::new(), &store, light_curves()).await.unwrap().report;
    let ended = first.ended_by.as_ref().unwrap();
    assert_eq!((ended.kind(), first.ended_at.as_deref()), (ErrorKind::RateLimited, Some("T6")));
    assert!(ended.retry_after().is_some() && first.failed.is_empty());
    assert_eq!((first.seen, store.count_targets().await.unwrap()), (5, 5));
    // The next window.
    calls.store(0, Ordering::Relaxed);
    tokio::time::advance(Duration::from_secs(3601)).await;
    let second = client.fetch_and_save_all(&Parameters::new(), &store, go_on(&first)).await.unwrap().report;
    assert!(second.ended_by.is_none() && second.resume.is_none(), "{second:?}");
    for n in 1..=10 {
        assert_eq!(store.reduced_data(&format!("T{n}")).await.unwrap().len(), 2, "T{n}");
        let asked = paths(&script)[&format!("objects/T{n}/lightcurve")];
        assert_eq!(asked, if n == 6 { 2 } else { 1 }, "T{n}: only the refused call was sent again");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_on_its_way_when_the_run_ended_is_saved_and_not_asked_for_again() {
    // T2 is refused while T3 and others are on their way and are answered later.
    let refuse = Arc::new(AtomicUsize::new(1));
    let still = Arc::clone(&refuse);
    let script = service(4, move |request| {
        let second = request.url().path().ends_with("T2/lightcurve");
        (second && still.load(Ordering::Relaxed) == 1).then(|| Ok(too_many()))
    })
    .latency(Duration::from_millis(10));
    let (client, store) = (toy(&script), MemoryStore::new());
    let first = client.fetch_and_save_all(&Parameters::new(), &store, light_curves()).await.unwrap().report;
    assert_eq!((first.seen, first.ended_at.as_deref()), (1, Some("T2")));
    assert_eq!(store.reduced_data("T4").await.unwrap().len(), 2, "it was on its way");
    refuse.store(0, Ordering::Relaxed);
    tokio::time::advance(Duration::from_secs(3601)).await;
    let second = client.fetch_and_save_all(&Parameters::new(), &store, go_on(&first)).await.unwrap().report;
    assert_eq!((second.seen, second.failures()), (3, 0));
    let asked: Vec<_> = (1..=4).map(|n| paths(&script)[&format!("objects/T{n}/lightcurve")]).collect();
    assert_eq!(asked, [1, 2, 1, 1]);
}

#[tokio::test]
async fn a_service_that_fails_for_several_objects_ends_the_run_at_the_first() {
    let down = Arc::new(AtomicUsize::new(1));
    let still = Arc::clone(&down);
    let script = service(8, move |request| {
        let failing = (3..=7).any(|n| request.url().path().ends_with(&format!("/T{n}")));
        let fails = failing && still.load(Ordering::Relaxed) == 1;
        fails.then(|| Ok(Response::new(502, Vec::new(), "".into()))).or_else(|| ids_alone(request, 8))
    });
    let (client, store) = (toy(&script), MemoryStore::new());
    let report =
        client.fetch_and_save_all(&Parameters::new(), &store, IngestOptions::new()).await.unwrap().report;
    assert_eq!((report.seen, report.failures(), report.ended_at.as_deref()), (2, 0, Some("Toy T3")));
    assert_eq!(report.ended_by.as_ref().unwrap().http_status(), Some(502));
    down.store(0, Ordering::Relaxed);
    let token = report.resume.as_deref().unwrap().parse().unwrap();
    let rest =
        client.fetch_and_save_all(&Parameters::new(), &store, IngestOptions::new().resume(token)).await;
    assert_eq!(rest.unwrap().report.seen, 6);
    assert_eq!(store.count_targets().await.unwrap(), 8);
}

#[tokio::test]
async fn a_dead_object_among_fifty_is_named_and_the_others_are_saved() {
    for status in [502, 404] {
        let script = service(50, move |request| {
            let dead = request.url().path().ends_with("/T20");
            dead.then(|| Ok(Response::new(status, Vec::new(), "{}".into())))
                .or_else(|| ids_alone(request, 50))
        });
        let store = MemoryStore::new();
        let all = toy(&script).fetch_and_save_all(&Parameters::new(), &store, IngestOptions::new()).await;
        let report = all.unwrap().report;
        let failed: Vec<_> =
            report.failed.iter().map(|f| (f.id.as_str(), f.name.as_str(), f.stage)).collect();
        assert_eq!(failed, [("T20", "Toy T20", "alert")]);
        assert_eq!(report.failed[0].error.http_status(), Some(status));
        assert!(report.ended_by.is_none() && report.resume.is_none());
        assert_eq!((report.created, store.count_targets().await.unwrap()), (49, 49));
    }
}

#[tokio::test]
async fn the_last_object_that_fails_in_passing_comes_again() {
    let script = service(3, |request| {
        let last = request.url().path().ends_with("T3/lightcurve");
        last.then(|| Ok(Response::new(503, Vec::new(), "".into())))
    });
    let store = MemoryStore::new();
    let report =
        toy(&script).fetch_and_save_all(&Parameters::new(), &store, light_curves()).await.unwrap().report;
    assert_eq!((report.seen, report.ended_at.as_deref(), report.failures()), (2, Some("T3"), 0));
    assert!(report.resume.is_some());
}

#[tokio::test]
async fn a_light_curve_is_asked_for_once_however_often_its_object_is_listed() {
    let script = service(3, |request| {
        parameter(request, "page")?;
        let items: Vec<_> = (0..30).map(|n| object(n % 3 + 1)).collect();
        Some(Ok(json_answer(&json!({ "items": items }))))
    });
    let report = toy(&script)
        .fetch_and_save_all(&Parameters::new(), &MemoryStore::new(), light_curves())
        .await
        .unwrap()
        .report;
    assert_eq!((report.seen, script.requests().len()), (30, 4));
}

#[tokio::test]
async fn an_object_whose_light_curve_failed_is_asked_for_at_its_next_listing() {
    let tries = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tries);
    let script = service(3, move |request| {
        if parameter(request, "page").is_some() {
            return Some(Ok(json_answer(&json!({ "items": [object(1), object(2), object(1)] }))));
        }
        let first =
            request.url().path().ends_with("T1/lightcurve") && count.fetch_add(1, Ordering::Relaxed) == 0;
        first.then(|| Ok(Response::new(500, Vec::new(), "{}".into())))
    });
    let store = MemoryStore::new();
    let report =
        toy(&script).fetch_and_save_all(&Parameters::new(), &store, light_curves()).await.unwrap().report;
    assert_eq!((report.failures(), tries.load(Ordering::Relaxed)), (1, 2));
    assert_eq!((report.failed[0].id.as_str(), report.failed[0].stage), ("T1", "photometry"));
    assert_eq!(store.reduced_data("T1").await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_batch_is_bounded_by_its_points() {
    let batches = Arc::<Mutex<Vec<u64>>>::default();
    let kept = Arc::clone(&batches);
    let options = light_curves().points(5).on_event(move |event| {
        if let tom_alerts::ingest::Event::Saved(report) = event {
            kept.lock().unwrap().push(report.data.created);
        }
    });
    toy(&service(7, |_| None))
        .fetch_and_save_all(&Parameters::new(), &MemoryStore::new(), options)
        .await
        .unwrap();
    assert_eq!(*batches.lock().unwrap(), [6, 12, 14], "three objects of two points each are six");
}

fn registry(script: &ScriptedTransport) -> Registry {
    let mut registry = Registry::with_plugins(&Config::new(), &toy::http(script), &[]).unwrap();
    registry.add(Arc::new(toy(script))).unwrap();
    registry
}

#[tokio::test]
async fn a_saved_query_goes_on_where_it_was_interrupted_and_two_never_run_it_at_once() {
    let down = Arc::new(AtomicUsize::new(1));
    let still = Arc::clone(&down);
    let script = service(9, move |request| {
        let second = parameter(request, "page")? == "2";
        (second && still.load(Ordering::Relaxed) == 1)
            .then(|| Ok(Response::new(500, Vec::new(), "{}".into())))
    });
    let registry = registry(&script);
    let store = MemoryStore::new();
    let parameters = json!({ "page_size": 3 }).as_object().unwrap().clone();
    let broker = registry.broker("Toy").unwrap();
    let query = BrokerQuery::save("all", &*broker, &parameters, &store).await.unwrap();
    let run = async || tom_alerts::ingest::run_query(&registry, &store, "all", IngestOptions::new()).await;

    let first = run().await.unwrap().report;
    assert!(first.ended_by.is_some() && first.resume.is_some());
    let kept = store.query("all").await.unwrap().unwrap();
    assert_eq!((kept.resume, kept.last_run.is_some()), (first.resume.clone(), true));
    let scope = Scope::query(query.id);
    store.claim(&scope, "another run", Claim::IfExpired(Duration::from_secs(60))).await.unwrap();
    let refused = run().await.unwrap_err();
    assert_eq!((refused.kind(), refused.retry_after().is_some()), (ErrorKind::Claimed, true));
    // The other run is done.
    let claimed = store.claim(&scope, "another run", Claim::Now).await.unwrap();
    store.release(&scope, claimed.fence).await.unwrap();
    down.store(0, Ordering::Relaxed);
    let second = run().await.unwrap().report;
    assert_eq!((second.seen, second.created), (6, 6));
    assert_eq!(store.query("all").await.unwrap().unwrap().resume, None);
    let reports = store.reports(&scope, 9).await.unwrap();
    let seen: Vec<_> = reports.iter().map(|report| report.document["seen"].as_u64().unwrap()).collect();
    assert_eq!(seen, [6, 3]);
    let created: Vec<_> = reports.iter().map(|report| report.document["created"].as_u64().unwrap()).collect();
    assert_eq!(created, [6, 3], "what became of the last batch is in the kept report");
    let found = store.find("T1").await.unwrap().unwrap();
    assert_eq!(store.sightings(found.id).await.unwrap()[0].query, Some(query.id));
    let missing = tom_alerts::ingest::run_query(&registry, &store, "none", IngestOptions::new()).await;
    assert_eq!(missing.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_place_of_another_query_does_not_hold_up_a_saved_query() {
    use tom_alerts::store::{Advance, Save};
    let script = service(9, |_| None);
    let (store, registry) = (MemoryStore::new(), registry(&script));
    let broker = registry.broker("Toy").unwrap();
    let query = BrokerQuery::save("all", &*broker, &Parameters::new(), &store).await.unwrap();
    let other = json!({"page_size": 3});
    let token = broker.fetch_alerts(other.as_object().unwrap()).unwrap().resume_token().unwrap();
    let scope = Scope::query(query.id);
    let claimed = store.claim(&scope, "an earlier version", Claim::Now).await.unwrap();
    let mut save = Save::of(Vec::new());
    save.advances.push(Advance::new(scope.clone(), claimed.fence, Some(token.to_string())));
    store.save(save).await.unwrap();
    store.release(&scope, claimed.fence).await.unwrap();
    let done = tom_alerts::ingest::run_query(&registry, &store, "all", IngestOptions::new()).await.unwrap();
    assert_eq!((done.report.created, done.report.resume), (9, None));
}

#[tokio::test]
async fn a_runner_that_was_replaced_is_refused_by_its_fence() {
    let store = Arc::new(MemoryStore::new());
    let taken = Arc::clone(&store);
    // Another runner takes over while the second page is on its way.
    let script = service(9, move |request| {
        if parameter(request, "page")? == "2" {
            let scope = Scope::query(1);
            let claim = taken.claim(&scope, "another", Claim::Now);
            futures_util::future::FutureExt::now_or_never(claim).unwrap().unwrap();
        }
        None
    });
    let registry = registry(&script);
    let parameters = json!({ "page_size": 3 }).as_object().unwrap().clone();
    let query =
        BrokerQuery::save("all", &*registry.broker("Toy").unwrap(), &parameters, &*store).await.unwrap();
    assert_eq!(query.id, 1);
    let options = IngestOptions::new().batch(3);
    let report = tom_alerts::ingest::run_query(&registry, &*store, "all", options).await.unwrap().report;
    assert_eq!(report.ended_by.unwrap().kind(), ErrorKind::Fenced);
    let fence = store.progress(&Scope::query(1)).await.unwrap().unwrap();
    assert_eq!((fence.owner.as_str(), store.count_targets().await.unwrap() <= 3), ("another", true));
}

#[tokio::test]
async fn a_runner_that_changes_nothing_of_its_query_leaves_what_a_user_changed_meanwhile() {
    let store = Arc::new(MemoryStore::new());
    let script = service(9, |_| None);
    let registry = registry(&script);
    let parameters = |size: u64| json!({ "page_size": size }).as_object().unwrap().clone();
    let broker = registry.broker("Toy").unwrap();
    let mut held = BrokerQuery::save("all", &*broker, &parameters(3), &*store).await.unwrap();
    BrokerQuery::save("all", &*broker, &parameters(4), &*store).await.unwrap();
    drop(held.run(&registry, &*store).await.unwrap());
    let kept = store.query("all").await.unwrap().unwrap();
    assert_eq!((kept.parameters, kept.last_run.is_some()), (parameters(4), true));
}
