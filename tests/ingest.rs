//! `fetch_and_save_all`: what is counted, what is saved when something fails, and where a run goes on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use support::toy::{json_answer, object, parameter, service, toy};
use tokio::time::Instant;
use tom_alerts::ingest::{Event, IngestReport};
use tom_alerts::plugin::*;
use tom_alerts::store::{Counts, Entry, Saved, SourcedClassification};
use tom_alerts::{
    BrokerQuery, Cancel, GenericBroker, IngestOptions, Ingested, MemoryStore, Parameters, TargetStore,
};

fn pages_of(size: u64) -> Parameters {
    json!({ "page_size": size }).as_object().unwrap().clone()
}

async fn run(
    broker: &Client<support::toy::Toy>,
    store: &dyn TargetStore,
    options: IngestOptions,
) -> Ingested {
    broker.fetch_and_save_all(&pages_of(3), store, options).await.unwrap()
}

fn failures(report: &IngestReport) -> Vec<(&str, &str)> {
    report.failed.iter().map(|failure| (failure.name.as_str(), failure.stage)).collect()
}

fn changes(report: &IngestReport) -> (u64, u64, u64, u64) {
    (report.seen, report.created, report.updated, report.unchanged)
}

#[tokio::test]
async fn a_second_run_changes_nothing() {
    let (client, store) = (toy(&service(7, |_| None)), MemoryStore::new());
    let all = || IngestOptions::new().photometry(true).classifications(true).batch(3);
    let first = run(&client, &store, all()).await;
    assert_eq!(changes(&first.report), (7, 7, 0, 0));
    assert_eq!(first.report.data, Counts { created: 14, ..Counts::default() });
    assert_eq!(first.report.classifications.created, 7);
    assert!(first.report.failed.is_empty() && first.report.ended_by.is_none());
    assert_eq!(first.report.resume, None);
    let names: Vec<_> = first.targets.iter().map(|target| target.name.as_str()).collect();
    assert_eq!(names, ["T1", "T2", "T3", "T4", "T5", "T6", "T7"]);
    let points = store.reduced_data("T3").await.unwrap();
    assert!(points.is_sorted_by_key(|point| point.timestamp));
    assert_eq!((points.len(), points[0].source_name.as_str()), (2, "Toy"));
    let second = run(&client, &store, all()).await;
    assert_eq!(changes(&second.report), (7, 0, 0, 7));
    assert_eq!(second.report.data, Counts { unchanged: 14, ..Counts::default() });
    assert_eq!((second.report.classifications.unchanged, store.count_targets().await.unwrap()), (7, 7));
}

#[tokio::test]
async fn targets_alone_ask_for_nothing_else_and_need_not_be_kept() {
    let script = service(7, |_| None);
    let store = MemoryStore::new();
    let ingested = run(&toy(&script), &store, IngestOptions::new().keep_targets(false)).await;
    assert_eq!((ingested.targets.len(), ingested.report.created, script.requests().len()), (0, 7, 3));
}

#[tokio::test]
async fn a_light_curve_that_fails_leaves_the_target_saved() {
    let script = service(3, |request| {
        let path = request.url().path();
        let point = json!([{ "mjd": 60_000.5, "mag": "bright", "err": 0.1, "band": "g" },
                           { "mjd": 60_001.5, "mag": 18.0, "err": 0.1, "band": "g" }]);
        match path {
            _ if path.ends_with("T2/lightcurve") => Some(Ok(Response::new(500, Vec::new(), "{}".into()))),
            _ if path.ends_with("T3/lightcurve") => Some(Ok(json_answer(&point))),
            _ => None,
        }
    });
    let store = MemoryStore::new();
    let report = run(&toy(&script), &store, IngestOptions::new().photometry(true)).await.report;
    assert_eq!(changes(&report), (3, 3, 0, 0));
    assert_eq!(failures(&report), [("T2", "photometry"), ("T3", "photometry")]);
    assert_eq!((report.data.created, store.reduced_data("T3").await.unwrap().len()), (3, 1));
    assert!(store.target("T2").await.unwrap().is_some());
    let json = serde_json::to_value(&report).unwrap();
    assert!(json["failed"][0]["error"].as_str().unwrap().contains("status=500"), "{json}");
}

#[tokio::test]
async fn a_bad_item_is_counted_and_named_by_its_place() {
    let script = service(3, |request| {
        parameter(request, "page")?;
        let items =
            json!([object(1), { "id": 2 }, { "id": "T3", "ra": 1.0 }, { "id": "T4", "ra": 400, "dec": 1 }]);
        Some(Ok(json_answer(&json!({ "items": items }))))
    });
    let report = run(&toy(&script), &MemoryStore::new(), IngestOptions::new()).await.report;
    assert_eq!(changes(&report), (4, 1, 0, 0));
    assert_eq!(failures(&report), [("", "alert"), ("T3", "target"), ("", "alert")]);
    assert_eq!(report.failed[0].error.context("item"), Some("2"));
    assert_eq!((report.ended_by, report.resume), (None, None));
}

#[tokio::test]
async fn a_page_that_fails_ends_the_run_which_another_run_takes_up() {
    let broken = Arc::new(AtomicUsize::new(1));
    let down = Arc::clone(&broken);
    let script = service(9, move |request| {
        let page = parameter(request, "page")?;
        let fails = page == "2" && down.load(Ordering::Relaxed) == 1;
        fails.then(|| Ok(Response::new(500, Vec::new(), "{}".into())))
    });
    let (client, store) = (toy(&script), MemoryStore::new());
    let first = run(&client, &store, IngestOptions::new()).await.report;
    assert_eq!((changes(&first), failures(&first)), ((3, 3, 0, 0), vec![("", "listing")]));
    assert!(first.ended_by.as_deref().unwrap().contains("page=2"), "{first:?}");
    assert_eq!(first.resume.as_deref(), Some("0@2"));
    // The service is still down: the place is not lost.
    let go_on = |report: &IngestReport| {
        IngestOptions::new().resume(report.resume.as_deref().unwrap().parse().unwrap())
    };
    let still = run(&client, &store, go_on(&first)).await.report;
    assert_eq!((changes(&still), still.resume.as_deref()), ((0, 0, 0, 0), Some("0@2")));
    broken.store(0, Ordering::Relaxed);
    let last = run(&client, &store, go_on(&still)).await.report;
    assert_eq!((changes(&last), last.resume), ((6, 6, 0, 0), None));
    assert_eq!(store.count_targets().await.unwrap(), 9);
}

#[tokio::test]
async fn a_listing_whose_last_page_is_empty_has_come_to_its_end() {
    let script = service(9, |request| {
        let page = parameter(request, "page")?;
        let items = if page == "1" { json!([object(1)]) } else { json!([]) };
        Some(Ok(json_answer(&json!({ "more": page == "1", "items": items }))))
    });
    let report = run(&toy(&script), &MemoryStore::new(), IngestOptions::new()).await.report;
    assert_eq!((changes(&report), report.resume), ((1, 1, 0, 0), None));
}

#[tokio::test]
async fn a_limit_says_where_to_go_on() {
    let (client, store) = (toy(&service(9, |_| None)), MemoryStore::new());
    let mut options = IngestOptions::new().limit(4).photometry(true);
    let mut resumes = Vec::new();
    loop {
        let report = run(&client, &store, options).await.report;
        resumes.push(report.resume.clone().unwrap_or_default());
        let Some(resume) = report.resume else { break };
        options = IngestOptions::new().limit(4).photometry(true).resume(resume.parse().unwrap());
    }
    assert_eq!(resumes, ["1@2", "2@3", ""]);
    assert_eq!(store.count_targets().await.unwrap(), 9);
}

#[tokio::test(start_paused = true)]
async fn what_is_cancelled_is_committed_so_far_and_goes_on_without_loss() {
    for stop_at in 0..=8 {
        let client = toy(&service(9, |_| None).latency(Duration::from_millis(50)));
        let store = MemoryStore::new();
        let handle = Cancel::new();
        let stop = handle.clone();
        if stop_at == 0 {
            stop.cancel();
        }
        let options = IngestOptions::new().photometry(true).batch(2).cancel(handle);
        let options = options.on_event(move |event| {
            if matches!(event, Event::Seen { seen, .. } if *seen == stop_at) {
                stop.cancel();
            }
        });
        let first = run(&client, &store, options).await.report;
        assert!(first.cancelled && first.ended_by.is_none());
        assert_eq!((first.seen, store.count_targets().await.unwrap()), (stop_at, stop_at));
        let resume = first.resume.unwrap().parse().unwrap();
        let rest = run(&client, &store, IngestOptions::new().photometry(true).resume(resume)).await.report;
        assert_eq!(changes(&rest), (9 - stop_at, 9 - stop_at, 0, 0));
        assert_eq!(store.reduced_data("T9").await.unwrap().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_does_not_wait_for_an_answer() {
    let client = toy(&service(9, |_| None).latency(Duration::from_secs(100)));
    let handle = Cancel::new();
    let (store, options) = (MemoryStore::new(), IngestOptions::new().cancel(handle.clone()));
    let start = Instant::now();
    let cancel = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        handle.cancel();
    };
    let (ingested, ()) = tokio::join!(run(&client, &store, options), cancel);
    assert_eq!((ingested.report.cancelled, start.elapsed().as_secs()), (true, 1));
}

#[tokio::test]
async fn events_come_in_order() {
    let script = service(4, |request| {
        let last = parameter(request, "page").as_deref() == Some("2");
        let page = || json!({ "items": [{ "id": 4 }], "total": 4, "note": "one is hidden" });
        last.then(|| Ok(json_answer(&page())))
    });
    let events = Arc::<Mutex<Vec<String>>>::default();
    let kept = Arc::clone(&events);
    let options = IngestOptions::new().batch(2).on_event(move |event| {
        kept.lock().unwrap().push(match event {
            Event::Seen { seen, total } => format!("seen {seen} of {}", total.unwrap()),
            Event::Failed(failure) => format!("failed {}", failure.stage),
            Event::Saved(report) => format!("saved {}", report.created),
            Event::Note(note) => format!("note {note}"),
            _ => "another".to_owned(),
        });
    });
    let report = run(&toy(&script), &MemoryStore::new(), options).await.report;
    let mut events = events.lock().unwrap().clone();
    // A note may come as soon as its page has been read ahead.
    let note = events.iter().position(|event| event == "note one is hidden").unwrap();
    events.remove(note);
    let due =
        ["seen 1 of 4", "seen 2 of 4", "saved 2", "seen 3 of 4", "seen 4 of 4", "failed alert", "saved 3"];
    assert_eq!(events, due);
    assert_eq!(report.notes, ["one is hidden"]);
}

/// A store that takes no entry that a function refuses.
#[derive(Debug)]
struct Picky {
    inner: MemoryStore,
    refuses: fn(&str) -> Option<ErrorKind>,
    locked: bool,
    tries: AtomicUsize,
}

impl Picky {
    fn new(refuses: fn(&str) -> Option<ErrorKind>) -> Self {
        Self { inner: MemoryStore::new(), refuses, locked: false, tries: AtomicUsize::new(0) }
    }
}

#[async_trait::async_trait]
impl TargetStore for Picky {
    async fn save_all(&self, entries: &[Entry]) -> Result<Saved> {
        self.tries.fetch_add(1, Ordering::Relaxed);
        match entries.iter().find_map(|entry| (self.refuses)(&entry.target.name)) {
            Some(kind) => Err(Error::new(kind, "this is not taken").retryable(self.locked)),
            None => self.inner.save_all(entries).await,
        }
    }
    async fn target(&self, name: &str) -> Result<Option<Target>> {
        self.inner.target(name).await
    }
    async fn targets(&self, after: Option<&str>, limit: usize) -> Result<Vec<Target>> {
        self.inner.targets(after, limit).await
    }
    async fn count_targets(&self) -> Result<u64> {
        self.inner.count_targets().await
    }
    async fn reduced_data(&self, target: &str) -> Result<Vec<ReducedDatum>> {
        self.inner.reduced_data(target).await
    }
    async fn classifications(&self, target: &str) -> Result<Vec<SourcedClassification>> {
        self.inner.classifications(target).await
    }
    async fn save_query(&self, query: &BrokerQuery) -> Result<BrokerQuery> {
        self.inner.save_query(query).await
    }
    async fn queries(&self) -> Result<Vec<BrokerQuery>> {
        self.inner.queries().await
    }
    async fn query(&self, name: &str) -> Result<Option<BrokerQuery>> {
        self.inner.query(name).await
    }
    async fn delete_query(&self, name: &str) -> Result<bool> {
        self.inner.delete_query(name).await
    }
}

#[tokio::test]
async fn a_target_that_the_store_refuses_is_the_only_one_lost() {
    let store = Picky::new(|name| (name == "T5").then_some(ErrorKind::Store));
    let ingested = run(&toy(&service(9, |_| None)), &store, IngestOptions::new().batch(4)).await;
    assert_eq!((changes(&ingested.report), failures(&ingested.report)), ((9, 8, 0, 0), vec![("T5", "save")]));
    assert_eq!((ingested.targets.len(), ingested.report.ended_by), (8, None));
    assert_eq!(store.count_targets().await.unwrap(), 8);
}

#[tokio::test]
async fn a_target_at_fault_does_not_end_a_run_even_when_it_is_alone() {
    let store = Picky::new(|name| (name == "T5").then_some(ErrorKind::Input));
    let report = run(&toy(&service(9, |_| None)), &store, IngestOptions::new().batch(1)).await.report;
    assert_eq!((changes(&report), failures(&report)), ((9, 8, 0, 0), vec![("T5", "save")]));
    assert_eq!((report.ended_by, report.resume), (None, None));
}

#[tokio::test]
async fn a_store_that_fails_ends_the_run_at_its_last_commit() {
    let store = Picky::new(|name| (name > "T4").then_some(ErrorKind::Store));
    let script = service(9, |_| None);
    let report = run(&toy(&script), &store, IngestOptions::new().batch(2)).await.report;
    assert_eq!((report.created, failures(&report)), (4, vec![("T5", "save"), ("T6", "save")]));
    assert_eq!(report.ended_by.as_deref(), Some("this is not taken"));
    assert_eq!(report.resume.as_deref(), Some("1@2"));
    let whole = MemoryStore::new();
    let options = IngestOptions::new().resume(report.resume.unwrap().parse().unwrap());
    assert_eq!(run(&toy(&script), &whole, options).await.report.created, 5);
}

#[tokio::test]
async fn a_store_that_goes_down_while_it_looks_for_a_bad_target_ends_the_run_too() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let store = Picky::new(|name| match name {
        "T2" => Some(ErrorKind::Input),
        _ => (ASKED.fetch_add(1, Ordering::Relaxed) >= 2).then_some(ErrorKind::Store),
    });
    let script = service(9, |_| None);
    let report = run(&toy(&script), &store, IngestOptions::new().batch(4)).await.report;
    assert_eq!(
        (report.created, failures(&report)),
        (1, vec![("T2", "save"), ("T3", "save"), ("T4", "save")])
    );
    assert_eq!(report.ended_by.as_deref(), Some("this is not taken"));
    let whole = MemoryStore::new();
    let options = IngestOptions::new().resume(report.resume.unwrap().parse().unwrap());
    assert_eq!(run(&toy(&script), &whole, options).await.report.created, 9);
}

#[tokio::test]
async fn parameters_at_fault_are_an_error_and_no_report() {
    let script = service(9, |_| None);
    let error = toy(&script)
        .fetch_and_save_all(&pages_of(0), &MemoryStore::new(), IngestOptions::new())
        .await
        .unwrap_err();
    assert_eq!((error.kind(), script.requests().len()), (ErrorKind::Input, 0));
}

#[tokio::test]
async fn an_object_that_is_listed_twice_is_asked_for_once() {
    let script = service(3, |request| {
        parameter(request, "page")?;
        Some(Ok(json_answer(&json!({ "items": [object(1), object(2), object(1)] }))))
    });
    let report = run(&toy(&script), &MemoryStore::new(), IngestOptions::new().photometry(true)).await.report;
    assert_eq!((changes(&report), script.requests().len()), ((3, 2, 0, 1), 3));
}

#[tokio::test]
async fn an_object_that_is_listed_with_two_scores_is_the_same_in_every_run() {
    for scores in [[0.9, 0.7], [0.7, 0.9]] {
        let script = service(3, move |request| {
            parameter(request, "page")?;
            let row = |p: f64| json!({"id": "T1", "ra": p, "dec": 2.0, "p": p, "mjd": 60_000.5});
            Some(Ok(json_answer(&json!({ "items": scores.map(row) }))))
        });
        let store = MemoryStore::new();
        let first = run(&toy(&script), &store, IngestOptions::new()).await.report;
        assert_eq!(changes(&first), (2, 1, 0, 1));
        let again = run(&toy(&script), &store, IngestOptions::new()).await.report;
        assert_eq!(changes(&again), (2, 0, 0, 2));
        assert_eq!(store.target("T1").await.unwrap().unwrap().position(), Some((0.9, 2.0)));
    }
}

#[tokio::test]
async fn points_of_one_measurement_are_told() {
    let script = service(1, |request| {
        let point = |mag: f64| json!({ "mjd": 60_000.5, "mag": mag, "err": 0.1, "band": "g" });
        let curve = request.url().path().ends_with("/lightcurve");
        curve.then(|| Ok(json_answer(&json!([point(18.0), point(18.5), point(19.0)]))))
    });
    let store = MemoryStore::new();
    let report = run(&toy(&script), &store, IngestOptions::new().photometry(true)).await.report;
    assert_eq!(report.data.created, 1);
    let note = "T1: 2 of 3 points are of the same measurement as another; a detection rather than a limit, else the last, is kept";
    assert_eq!(report.notes, [note]);
}

#[tokio::test(start_paused = true)]
async fn five_hundred_light_curves_come_ten_at_a_time() {
    const LATENCY: Duration = Duration::from_millis(50);
    let script = service(500, |_| None).latency(LATENCY);
    let parameters = pages_of(100);
    let start = Instant::now();
    let options = IngestOptions::new().photometry(true);
    let ingested = toy(&script).fetch_and_save_all(&parameters, &MemoryStore::new(), options).await.unwrap();
    let took = start.elapsed();
    assert_eq!((ingested.report.created, ingested.report.data.created), (500, 1_000));
    assert_eq!(script.requests().len(), 505);
    assert!(took <= LATENCY * 505 / 8, "{took:?}");
}

#[tokio::test]
async fn a_store_that_is_locked_is_not_tried_anew_for_every_target() {
    let store = Picky { locked: true, ..Picky::new(|_| Some(ErrorKind::Store)) };
    let report = run(&toy(&service(9, |_| None)), &store, IngestOptions::new().batch(6)).await.report;
    assert_eq!(store.tries.load(Ordering::Relaxed), 1, "each try may wait for seconds");
    assert_eq!((report.failed.len(), report.ended_by.as_deref()), (6, Some("this is not taken")));
    assert_eq!(report.resume.as_deref(), Some("0@"));
}

#[tokio::test]
async fn a_store_that_is_down_is_tried_a_few_times_and_no_more() {
    let store = Picky::new(|_| Some(ErrorKind::Store));
    let report = run(&toy(&service(9, |_| None)), &store, IngestOptions::new()).await.report;
    assert_eq!((report.failed.len(), report.ended_by.as_deref()), (9, Some("this is not taken")));
    assert_eq!((report.created, report.resume.as_deref()), (0, Some("0@")));
    assert_eq!(store.tries.load(Ordering::Relaxed), 1 + 3);
}

#[tokio::test]
async fn a_note_is_told_once_however_many_pages_say_it() {
    let script = service(9, |request| {
        let page: u64 = parameter(request, "page")?.parse().unwrap();
        let items = json!([object(page)]);
        Some(Ok(json_answer(&json!({ "more": page < 5, "items": items, "note": "of the archive" }))))
    });
    let told = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&told);
    let options = IngestOptions::new().on_event(move |event| {
        count.fetch_add(usize::from(matches!(event, Event::Note(_))), Ordering::Relaxed);
    });
    let report = run(&toy(&script), &MemoryStore::new(), options).await.report;
    assert_eq!((report.seen, told.load(Ordering::Relaxed)), (5, 1));
    assert_eq!(report.notes, ["of the archive"]);
}

#[tokio::test]
async fn a_run_with_any_number_of_failures_keeps_a_bounded_report() {
    let script = service(3, |request| {
        let page: u64 = parameter(request, "page")?.parse().unwrap();
        let items: Vec<_> = (0..3_001).map(|n| json!({ "id": format!("T{page}.{n}") })).collect();
        Some(Ok(json_answer(&json!({ "more": page < 4, "items": items }))))
    });
    let told = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&told);
    let options = IngestOptions::new().on_event(move |event| {
        count.fetch_add(usize::from(matches!(event, Event::Failed(_))), Ordering::Relaxed);
    });
    let report = run(&toy(&script), &MemoryStore::new(), options).await.report;
    let all = report.failed.len() as u64 + report.more_failed;
    assert_eq!((report.failed.len(), all, told.load(Ordering::Relaxed)), (10_000, 12_004, 12_004));
}

#[tokio::test]
async fn a_bad_target_beside_a_page_that_fails_does_not_hide_what_ended_the_run() {
    let script = service(9, |request| {
        let second = parameter(request, "page")? == "2";
        second.then(|| Ok(Response::new(500, Vec::new(), "{}".into())))
    });
    let store = Picky::new(|name| (name == "T2").then_some(ErrorKind::Store));
    let report = run(&toy(&script), &store, IngestOptions::new()).await.report;
    assert_eq!(failures(&report), [("", "listing"), ("T2", "save")]);
    assert!(report.ended_by.as_deref().is_some_and(|cause| cause.contains("page=2")), "{report:?}");
    assert_eq!((report.created, report.resume.as_deref()), (2, Some("0@2")));
}
