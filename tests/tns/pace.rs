//! The limits of the service, under a clock that stands still.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;
use tom_alerts::http::{Body, Http, HttpConfig, Request, Response};
use tom_alerts::ingest::Event;
use tom_alerts::testing::ScriptedTransport;
use tom_alerts::{IngestOptions, MemoryStore, TargetStore};

use super::*;

/// A service that takes so many calls a minute, says so in its headers, and knows many objects.
struct Limited {
    start: Instant,
    limit: u64,
    objects: usize,
    /// Whether the first answer of a minute says nothing of the limit.
    mute: bool,
    calls: Mutex<HashMap<u64, u64>>,
    refused: Mutex<u64>,
}

impl Limited {
    fn script(limit: u64, objects: usize) -> (Arc<Self>, ScriptedTransport) {
        Self::muted(limit, objects, false)
    }

    fn muted(limit: u64, objects: usize, mute: bool) -> (Arc<Self>, ScriptedTransport) {
        let service = Arc::new(Self {
            start: Instant::now(),
            limit,
            objects,
            mute,
            calls: Mutex::default(),
            refused: Mutex::default(),
        });
        let own = Arc::clone(&service);
        let script = ScriptedTransport::new(move |request| Ok(own.answer(request)));
        (service, script.latency(Duration::from_millis(300)))
    }

    fn answer(&self, request: &Request) -> Response {
        let now = self.start.elapsed().as_secs();
        let mut calls = self.calls.lock().unwrap();
        let count = calls.entry(now / 60).or_default();
        *count += 1;
        let mute = self.mute && *count == 1 && now > 0;
        let left = self.limit.checked_sub(*count);
        let headers = [
            ("x-rate-limit-limit", self.limit.to_string()),
            ("x-rate-limit-remaining", left.map_or_else(|| "Exceeded".to_owned(), |left| left.to_string())),
            ("x-rate-limit-reset", (59 - now % 60).to_string()),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value));
        let headers = if mute { Vec::new() } else { headers.to_vec() };
        if left.is_none() {
            *self.refused.lock().unwrap() += 1;
            return Response::new(429, headers, fixture("error_429.json").into());
        }
        let data = if request.url().path().ends_with("search") {
            (0..self.objects).map(|n| json!({"objname": name(n), "prefix": "AT", "objid": n})).collect()
        } else {
            let Body::Form(fields) = request.payload() else { panic!("no form") };
            let asked: Value = serde_json::from_str(&fields[1].1).unwrap();
            json!({"objname": asked["objname"], "name_prefix": "AT", "objid": objid(&asked["objname"]), "radeg": 1.0, "decdeg": 2.0,
                "photometry": [], "spectra": []})
        };
        Response::new(200, headers, json!({"id_code": 200, "data": data}).to_string().into())
    }
}

/// A name of its own for every number.
fn name(n: usize) -> String {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
    format!("2026{}{}{}", letter(n / 676), letter(n / 26), letter(n))
}

fn broker(script: &ScriptedTransport) -> TnsBroker {
    let http = Http::with_transport(Arc::new(script.clone()), &HttpConfig::default()).with_dice(|| 1.0);
    let config = TnsConfig {
        api_key: Some(KEY.into()),
        bot_id: Some(1),
        bot_name: Some("b".into()),
        ..TnsConfig::default()
    };
    TnsBroker::with_http(config, &http).unwrap()
}

/// Each object has a number of its own.
fn objid(name: &Value) -> u64 {
    name.as_str().unwrap_or_default().bytes().fold(7, |sum, byte| (sum * 31 + u64::from(byte)) % 1_000_003)
}

#[tokio::test(start_paused = true)]
async fn two_hundred_objects_take_as_many_windows_as_they_need_and_none_is_refused() {
    for limit in [10, 20, 50] {
        let (service, script) = Limited::script(limit, 200);
        let start = Instant::now();
        let listed = list(&broker(&script), &TnsQuery { max_objects: Some(200), ..all() }).await;
        assert_eq!((listed.alerts.len(), listed.total), (200, Some(200)), "{:?}", listed.faults);
        let windows = 200.0 / limit as f64;
        let most = windows * 60.0 * 1.1;
        let took = start.elapsed().as_secs_f64();
        assert!(took <= most, "{limit} a minute: {took} s, at most {most} s");
        assert_eq!(*service.refused.lock().unwrap(), 0, "{limit} a minute");
        assert_eq!(script.requests().len(), 201);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_object_among_fifty_is_named_and_the_others_are_saved() {
    for dead in [20, 49] {
        let (service, _) = Limited::script(1_000, 50);
        let script = ScriptedTransport::new(move |request| {
            let Body::Form(fields) = request.payload() else { panic!("no form") };
            let asked = fields.iter().any(|(_, value)| value.contains(&name(dead)));
            Ok(if asked { Response::new(502, Vec::new(), "".into()) } else { service.answer(request) })
        });
        let (tns, store) = (broker(&script), MemoryStore::new());
        let query = json!({"reported_days": 7});
        let mut failed = Vec::new();
        let mut options = IngestOptions::new();
        loop {
            let done = tns.fetch_and_save_all(query.as_object().unwrap(), &store, options).await.unwrap();
            failed.extend(done.report.failed.into_iter().map(|f| (f.id, f.name, f.stage)));
            let Some(token) = done.report.resume else { break };
            assert_eq!(dead, 49, "only where no next object tells whose fault it is the run ends there");
            options = IngestOptions::new().resume(token.parse().unwrap());
        }
        assert_eq!(failed, [(name(dead), format!("AT{}", name(dead)), "alert")]);
        assert_eq!(store.count_targets().await.unwrap(), 49);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_says_nothing_of_the_limit_opens_nothing() {
    let (service, script) = Limited::muted(2, 12, true);
    let listed = list(&broker(&script), &all()).await;
    assert_eq!((listed.alerts.len(), *service.refused.lock().unwrap()), (12, 0), "{:?}", listed.faults);
}

#[tokio::test(start_paused = true)]
async fn a_run_tells_how_far_it_is_and_keeps_the_limit_with_two_clients_at_once() {
    let (service, script) = Limited::script(20, 30);
    let one = broker(&script);
    let (seen, store) = (Arc::new(Mutex::new(Vec::new())), MemoryStore::new());
    let told = Arc::clone(&seen);
    let options = IngestOptions::new().photometry(true).on_event(move |event| {
        if let Event::Seen { seen, total } = event {
            told.lock().unwrap().push((*seen, *total));
        }
    });
    let query = json!({"reported_days": 7});
    let done = one.fetch_and_save_all(query.as_object().unwrap(), &store, options).await.unwrap();
    assert_eq!((done.report.created, done.report.failed.len()), (30, 0));
    assert_eq!(seen.lock().unwrap().last(), Some(&(30, Some(30))));
    // The data came with the objects.
    assert_eq!((script.requests().len(), *service.refused.lock().unwrap()), (31, 0));
    // Two clients of one transport share what is left of a window.
    let (two, query) = (one.clone(), all());
    let (first, second) = tokio::join!(list(&one, &query), list(&two, &query));
    assert_eq!((first.alerts.len(), second.alerts.len(), *service.refused.lock().unwrap()), (30, 30, 0));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_waited_out_with_a_second_more_by_every_call() {
    let refusals = Mutex::new(1);
    let script = ScriptedTransport::new(move |_| {
        let mut left = refusals.lock().unwrap();
        if *left > 0 {
            *left -= 1;
            let headers = [("x-rate-limit-remaining", "Exceeded"), ("x-rate-limit-reset", "37")];
            let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
            return Ok(Response::new(429, headers, fixture("error_429.json").into()));
        }
        Ok(Response::new(200, Vec::new(), fixture("object_full.json").into()))
    });
    let broker = broker(&script);
    let start = Instant::now();
    let (first, second) = tokio::join!(broker.alert("2026qqa"), broker.alert("2026qqa"));
    assert!(first.is_ok() && second.is_ok());
    assert_eq!((start.elapsed().as_secs(), script.requests().len()), (38, 3));
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_stays_or_lasts_too_long_is_told_with_when_to_come_back() {
    let refuse = |reset: &'static str| {
        ScriptedTransport::new(move |_| {
            let headers = [("x-rate-limit-remaining", "Exceeded"), ("x-rate-limit-reset", reset)];
            let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
            Ok(Response::new(429, headers, fixture("error_429.json").into()))
        })
    };
    let script = refuse("900");
    let error = broker(&script).alert("2026qqa").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(
        error.to_string(),
        "TNS: the service is rate limited, come back in 901 s [host=www.wis-tns.org]"
    );
    assert!(error.is_retryable());
    assert_eq!(script.requests().len(), 1);
    let script = refuse("5");
    let error = broker(&script).alert("2026qqa").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "TNS: the calls of this TNS account are used up for now; come back in 6 s [status=429]"
    );
    assert_eq!((script.requests().len(), error.retry_after()), (5, Some(Duration::from_secs(6))));
}

#[tokio::test(start_paused = true)]
async fn an_empty_count_of_cones_holds_cones_alone() {
    let script = ScriptedTransport::new(|request| {
        let cone = matches!(request.payload(), Body::Form(fields) if fields.iter().any(|(_, text)| text.contains("radius")));
        let mut headers = vec![("x-rate-limit-remaining", "50"), ("x-rate-limit-reset", "59")];
        if cone {
            headers.extend([("x-cone-rate-limit-remaining", "0"), ("x-cone-rate-limit-reset", "49")]);
        }
        let headers = headers.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        Ok(Response::new(200, headers, fixture("search_none.json").into()))
    });
    let broker = broker(&script);
    let cone = read(json!({"ra": 1, "dec": 2, "radius": 3})).unwrap();
    let start = Instant::now();
    list(&broker, &cone).await;
    list(&broker, &all()).await;
    assert_eq!(start.elapsed().as_secs(), 0);
    list(&broker, &cone).await;
    assert_eq!(start.elapsed().as_secs(), 50);
}
