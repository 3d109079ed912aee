//! How `Http` waits, tries again and gives up, under a clock that stands still.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use tokio::time::Instant;
use tom_alerts::http::{Http, HttpConfig, Limits, Quota, Request, Response};
use tom_alerts::testing::ScriptedTransport;
use tom_alerts::{Error, ErrorKind, Result};

fn answer(status: u16) -> Response {
    Response::new(status, Vec::new(), "[]".into())
}

fn answer_with(status: u16, name: &str, value: impl ToString) -> Response {
    Response::new(status, vec![(name.to_owned(), value.to_string())], "[]".into())
}

fn lost() -> Error {
    Error::new(ErrorKind::Network, "the connection broke").retryable(true)
}

fn refused() -> Error {
    lost().with("stage", "connecting")
}

/// Answers the n-th request, from 0, by a function.
fn nth(script: impl Fn(usize) -> Result<Response> + Send + Sync + 'static) -> ScriptedTransport {
    let count = AtomicUsize::new(0);
    ScriptedTransport::new(move |_| script(count.fetch_add(1, Ordering::Relaxed)))
}

fn config(change: impl FnOnce(&mut HttpConfig)) -> HttpConfig {
    let mut config = HttpConfig::default();
    change(&mut config);
    config
}

fn http_with(script: &ScriptedTransport, config: &HttpConfig) -> Http {
    Http::with_transport(Arc::new(script.clone()), config).with_dice(|| 1.0)
}

fn http(script: &ScriptedTransport) -> Http {
    http_with(script, &HttpConfig::default())
}

fn get(url: &str) -> Request {
    Request::get(url.parse().unwrap())
}

fn post(url: &str) -> Request {
    Request::post(url.parse().unwrap()).form("name", "x")
}

const HERE: &str = "https://a.example/list";
const THERE: &str = "https://b.example/list";

fn seconds(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 1_000.0).round() / 1_000.0
}

#[tokio::test(start_paused = true)]
async fn delays_double_until_an_answer_comes() {
    let script = nth(|n| if n < 3 { Ok(answer(503)) } else { Ok(answer(200)) });
    let start = Instant::now();
    let response = http(&script).send(get(HERE)).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(script.requests().len(), 4);
    assert_eq!(seconds(start), 0.5 + 1.0 + 2.0);
}

#[tokio::test(start_paused = true)]
async fn the_dice_halve_a_delay_at_most() {
    let script = nth(|n| if n == 0 { Err(lost()) } else { Ok(answer(200)) });
    let start = Instant::now();
    http(&script).with_dice(|| 0.0).send(get(HERE)).await.unwrap();
    assert_eq!(seconds(start), 0.25);
}

#[tokio::test(start_paused = true)]
async fn spent_tries_end_in_an_error_that_is_not_retryable() {
    let script = nth(|_| Err(lost()));
    let error = http_with(&script, &config(|c| c.max_retries = 2)).send(get(HERE)).await.unwrap_err();
    assert_eq!(script.requests().len(), 3);
    assert_eq!(error.kind(), ErrorKind::Network);
    assert!(!error.is_retryable());
    assert_eq!((error.context("host"), error.context("tries")), (Some("a.example"), Some("3")));
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_stays_is_the_services_last_answer() {
    let script = nth(|_| Ok(answer(502)));
    let response = http_with(&script, &config(|c| c.max_retries = 1)).send(get(HERE)).await.unwrap();
    assert_eq!(script.requests().len(), 2);
    let error = response.into_result().unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Status, Some(502)));
    assert!(!error.is_retryable());
}

#[tokio::test(start_paused = true)]
async fn retry_after_in_seconds_is_obeyed() {
    let script = nth(|n| Ok(if n == 0 { answer_with(429, "Retry-After", 7) } else { answer(200) }));
    let start = Instant::now();
    assert_eq!(http(&script).send(get(HERE)).await.unwrap().status(), 200);
    assert_eq!(seconds(start), 7.0);
}

#[tokio::test(start_paused = true)]
async fn retry_after_as_a_date_is_obeyed() {
    let script = nth(|n| {
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(30));
        Ok(if n == 0 { answer_with(503, "Retry-After", date) } else { answer(200) })
    });
    let start = Instant::now();
    assert_eq!(http(&script).send(get(HERE)).await.unwrap().status(), 200);
    // The date is cut to whole seconds.
    assert!((28.0..=30.5).contains(&seconds(start)), "{}", seconds(start));
}

#[tokio::test(start_paused = true)]
async fn a_date_that_has_passed_is_no_busy_loop() {
    let script = nth(|_| Ok(answer_with(503, "Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT")));
    let start = Instant::now();
    let response = http(&script).send(get(HERE)).await.unwrap();
    assert_eq!((response.status(), script.requests().len()), (503, 5));
    assert_eq!(seconds(start), 0.5 + 1.0 + 2.0 + 4.0, "as without a hint");
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_used_up_is_waited_for_before_the_next_call() {
    let script = nth(|n| {
        let headers =
            vec![("RateLimit-Remaining".into(), "0".into()), ("RateLimit-Reset".into(), "12".into())];
        Ok(if n == 0 { Response::new(200, headers, "[]".into()) } else { answer(200) })
    });
    let http = http(&script);
    let start = Instant::now();
    http.send(get(HERE)).await.unwrap();
    assert_eq!(seconds(start), 0.0);
    http.send(get(HERE)).await.unwrap();
    assert_eq!(seconds(start), 12.0);
}

#[tokio::test(start_paused = true)]
async fn a_wait_holds_every_call_to_that_host_and_no_other() {
    let script = ScriptedTransport::new({
        let first = AtomicUsize::new(0);
        move |request| {
            let limited =
                request.url().host_str() == Some("a.example") && first.fetch_add(1, Ordering::Relaxed) == 0;
            Ok(if limited { answer_with(429, "retry-after", 20) } else { answer(200) })
        }
    });
    let http = http(&script);
    // Brokers with limits of their own share the waits all the same.
    let mut limits = Limits::default();
    limits.max_in_flight = Some(1);
    let neighbour = http.scoped(limits);
    let start = Instant::now();
    let limited = async {
        http.send(get(HERE)).await.unwrap();
        seconds(start)
    };
    let same_host = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        neighbour.send(get("https://a.example/other")).await.unwrap();
        seconds(start)
    };
    let other_host = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        neighbour.send(get(THERE)).await.unwrap();
        seconds(start)
    };
    let (limited, same_host, other_host) = tokio::join!(limited, same_host, other_host);
    assert_eq!((limited, same_host, other_host), (20.0, 20.0, 1.0));
}

/// `a.example` leads to `b.example`, which answers by a function that is told how often it was asked.
fn leading(there: impl Fn(usize) -> Response + Send + Sync + 'static) -> ScriptedTransport {
    let asked = AtomicUsize::new(0);
    ScriptedTransport::new(move |request| match request.url().host_str() {
        Some("a.example") => Ok(answer_with(302, "location", THERE)),
        _ => Ok(there(asked.fetch_add(1, Ordering::Relaxed))),
    })
}

#[tokio::test(start_paused = true)]
async fn a_redirect_waits_for_the_host_it_leads_to() {
    let script = leading(|asked| if asked == 0 { answer_with(429, "retry-after", 20) } else { answer(200) });
    let http = http(&script);
    let start = Instant::now();
    // What is asked of it straight is told to wait, so the one that is led there waits too.
    let straight = async { http.send(get(THERE)).await.unwrap() };
    let led = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        http.send(get(HERE)).await.unwrap();
        seconds(start)
    };
    assert_eq!(tokio::join!(straight, led).1, 20.0);
    assert_eq!(script.requests().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_a_redirects_target_asks_for_holds_that_and_not_who_led_there() {
    let script = leading(|asked| if asked == 0 { answer_with(429, "retry-after", 20) } else { answer(200) });
    let http = http(&script);
    let start = Instant::now();
    let led = async {
        http.send(get(HERE)).await.unwrap();
        seconds(start)
    };
    let straight = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        http.send(get("https://b.example/other")).await.unwrap();
        seconds(start)
    };
    assert_eq!(tokio::join!(led, straight), (20.0, 20.0));
    let seen: Vec<_> =
        script.requests().iter().map(|request| request.url().host_str().unwrap().to_owned()).collect();
    assert_eq!(seen.iter().filter(|host| *host == "a.example").count(), 2, "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn redirects_keep_their_distance_and_take_one_place_at_a_time() {
    let script = ScriptedTransport::new(|request| {
        let slashed = request.url().path().ends_with('/');
        Ok(if slashed { answer(200) } else { answer_with(301, "location", "/list/") })
    });
    let mut limits = Limits::default();
    (limits.max_in_flight, limits.min_interval) = (Some(1), Some(Duration::from_secs(5)));
    let http = http(&script).scoped(limits);
    let start = Instant::now();
    let all = join_all((0..2).map(|_| http.send(get(HERE)))).await;
    assert!(all.iter().all(|answer| answer.as_ref().unwrap().is_success()));
    assert_eq!((seconds(start), script.requests().len()), (15.0, 4));
}

#[tokio::test(start_paused = true)]
async fn a_redirect_leaves_the_count_to_the_answer_it_leads_to() {
    let script = ScriptedTransport::new(|request| {
        let slashed = request.url().path().ends_with('/');
        let headers = [("x-left", "0"), ("x-reset", "9")].map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec();
        Ok(match slashed {
            true => Response::new(200, headers, "[]".into()),
            false => answer_with(301, "location", "/list/"),
        })
    });
    let http = http(&script);
    http.send(get(HERE).quota("calls", quota)).await.unwrap();
    let start = Instant::now();
    http.send(get(HERE).quota("calls", quota)).await.unwrap();
    assert_eq!(seconds(start), 10.0);
}

#[tokio::test(start_paused = true)]
async fn a_status_that_is_taken_for_an_answer_leads_nowhere() {
    let script = leading(|_| answer(200));
    let response = http(&script).send(get(HERE).accept_status(302)).await.unwrap();
    assert_eq!((response.status(), script.requests().len()), (302, 1));
}

#[tokio::test(start_paused = true)]
async fn a_wait_longer_than_the_call_is_told_at_once() {
    let script = nth(|_| Ok(answer_with(429, "retry-after", 3_600)));
    let http = http(&script);
    let start = Instant::now();
    let error = http.send(get(HERE)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3_600)));
    assert!(error.is_retryable());
    assert!(error.to_string().contains("come back in 3600 s"), "{error}");
    // The next call does not even ask.
    let error = http.send(get(HERE)).await.unwrap_err();
    assert!(error.to_string().contains("come back in 3600 s"), "{error}");
    assert_eq!(error.context("host"), Some("a.example"));
    assert_eq!((seconds(start), script.requests().len()), (0.0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_down_for_long_is_told_in_its_own_words() {
    let script = nth(|_| {
        let headers = vec![("retry-after".to_owned(), "3600".to_owned())];
        Ok(Response::new(503, headers, r#"{"detail": "moving house"}"#.into()))
    });
    let response = http(&script).send(get(HERE)).await.unwrap();
    let error = response.into_result().unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Status, Some(503)));
    assert_eq!((error.retry_after(), error.is_retryable()), (Some(Duration::from_secs(3_600)), true));
    assert!(error.message().contains("moving house"), "{error}");
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_count_keeps_no_place_and_no_turn_from_others() {
    let script = nth(|_| {
        let headers = vec![("x-left".to_owned(), "0".to_owned()), ("x-reset".to_owned(), "40".to_owned())];
        Ok(Response::new(200, headers, "[]".into()))
    });
    let mut limits = Limits::default();
    (limits.max_in_flight, limits.min_interval) = (Some(1), Some(Duration::from_secs(2)));
    let http = http_with(&script, &config(|c| c.call_timeout = 300.0)).scoped(limits);
    http.send(get(HERE).quota("cone", quota)).await.unwrap();
    let waiting = join_all((0..3).map(|_| http.send(get(HERE).quota("cone", quota))));
    let start = Instant::now();
    let others = async {
        join_all((0..3).map(|_| http.send(get(HERE)))).await;
        seconds(start)
    };
    let (waited, others) = futures_util::future::join(waiting, others).await;
    assert!(waited.iter().all(Result::is_ok));
    assert_eq!(others, 6.0, "2 s apart, behind the first");
}

#[tokio::test(start_paused = true)]
async fn the_narrowest_count_is_waited_for_before_the_wider_one_is_begun() {
    let script = ScriptedTransport::new(|request| {
        let left = if request.url().query() == Some("cone") { "0" } else { "9" };
        let headers = [("x-left", left), ("x-reset", "40")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        Ok(Response::new(200, headers.to_vec(), "[]".into()))
    });
    let http = http_with(&script, &config(|c| c.call_timeout = 300.0));
    let cone = || get("https://a.example/list?cone").quota("cone", quota);
    http.send(cone()).await.unwrap();
    let start = Instant::now();
    let waiting = http.send(get("https://a.example/list?cone").quota("all", quota).quota("cone", quota));
    let others = async {
        tokio::task::yield_now().await;
        http.send(get(HERE).quota("all", quota)).await.unwrap();
        seconds(start)
    };
    let (waited, others) = futures_util::future::join(waiting, others).await;
    waited.unwrap();
    assert_eq!((others, seconds(start)), (0.0, 41.0));
}

#[tokio::test(start_paused = true)]
async fn those_who_waited_keep_their_distance_afterwards() {
    let script = nth(|n| Ok(if n == 0 { answer_with(429, "retry-after", 30) } else { answer(200) }));
    let mut limits = Limits::default();
    limits.min_interval = Some(Duration::from_secs(1));
    let http = http(&script).scoped(limits);
    let start = Instant::now();
    let ends = join_all((0..4).map(|_| async {
        http.send(get(HERE)).await.unwrap();
        seconds(start)
    }));
    let mut ends = ends.await;
    ends.sort_by(f64::total_cmp);
    assert_eq!(ends, [30.0, 31.0, 32.0, 33.0]);
}

#[tokio::test(start_paused = true)]
async fn no_wait_is_so_long_that_it_panics() {
    for text in ["1e19", "18446744073709551615", "1e300", "-5", "inf", "soon", ""] {
        let script = nth(move |_| Ok(answer_with(429, "retry-after", text)));
        let outcome = http(&script).send(get(HERE)).await.and_then(Response::into_result);
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::RateLimited, "{text}");
    }
    let script = nth(|_| Ok(answer(200)));
    http_with(&script, &config(|c| c.call_timeout = 1e19)).send(get(HERE)).await.unwrap();
    let mut limits = Limits::default();
    limits.call_timeout = Some(Duration::MAX);
    http(&script).scoped(limits).send(get(HERE)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_named_wait_is_retryable_even_when_the_tries_are_spent() {
    let script = nth(|_| Ok(answer_with(429, "retry-after", 5)));
    let response = http_with(&script, &config(|c| c.max_retries = 0)).send(get(HERE)).await.unwrap();
    let error = response.into_result().unwrap_err();
    assert_eq!((error.retry_after(), error.is_retryable()), (Some(Duration::from_secs(5)), true));
    let script = nth(|_| Ok(answer(429)));
    let response = http_with(&script, &config(|c| c.max_retries = 0)).send(get(HERE)).await.unwrap();
    assert!(!response.into_result().unwrap_err().is_retryable());
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_hangs_is_ended_by_the_call_timeout() {
    let script = nth(|_| Ok(answer(200))).latency(Duration::from_secs(1_000_000));
    let start = Instant::now();
    let error = http_with(&script, &config(|c| c.call_timeout = 9.0)).send(get(HERE)).await.unwrap_err();
    assert_eq!((error.kind(), seconds(start)), (ErrorKind::Timeout, 9.0));
    assert_eq!(error.to_string(), "no answer within 9 s [host=a.example]");
    assert!(!error.is_retryable());
}

#[tokio::test(start_paused = true)]
async fn no_try_begins_that_could_not_end_in_time() {
    let script = nth(|_| Err(lost()));
    let start = Instant::now();
    let error = http_with(&script, &config(|c| c.call_timeout = 2.0)).send(get(HERE)).await.unwrap_err();
    // 0.5 s and 1 s were waited, 2 s more are not left.
    assert_eq!((seconds(start), script.requests().len(), error.context("tries")), (1.5, 3, Some("3")));
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_than_allowed_are_on_their_way() {
    let script = nth(|_| Ok(answer(200))).latency(Duration::from_millis(100));
    let http = http_with(&script, &config(|c| c.max_in_flight = 4));
    let start = Instant::now();
    join_all((0..20).map(|_| http.send(get(HERE)))).await;
    assert_eq!((seconds(start), script.requests().len()), (0.5, 20));
    // Each host has places of its own.
    let start = Instant::now();
    join_all((0..8).map(|n| http.send(get(if n % 2 == 0 { HERE } else { THERE })))).await;
    assert_eq!(seconds(start), 0.1);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_gives_its_place_back() {
    let script = nth(|_| Ok(answer(200))).latency(Duration::from_secs(10));
    let http = http_with(&script, &config(|c| c.max_in_flight = 1));
    let dropped = tokio::time::timeout(Duration::from_secs(1), http.send(get(HERE))).await;
    assert!(dropped.is_err());
    let start = Instant::now();
    http.send(get(HERE)).await.unwrap();
    assert_eq!(seconds(start), 10.0);
}

#[tokio::test(start_paused = true)]
async fn requests_keep_their_distance() {
    let script = nth(|_| Ok(answer(200)));
    let mut limits = Limits::default();
    limits.min_interval = Some(Duration::from_secs(2));
    let polite = http(&script).scoped(limits);
    let start = Instant::now();
    join_all((0..4).map(|_| polite.send(get(HERE)))).await;
    assert_eq!(seconds(start), 6.0);
    polite.send(get(THERE)).await.unwrap();
    assert_eq!(seconds(start), 6.0);
    // A shorter interval does not undo a longer one.
    limits.min_interval = Some(Duration::from_millis(1));
    let start = Instant::now();
    let narrower = polite.scoped(limits);
    join_all((0..2).map(|_| narrower.send(get(HERE)))).await;
    // The interval is the host's: the first of them keeps its distance from those before.
    assert_eq!(seconds(start), 4.0);
}

#[tokio::test(start_paused = true)]
async fn a_submission_is_sent_again_only_when_it_was_not_taken() {
    let tries = |script: ScriptedTransport, request: Request| async move {
        let _ = http(&script).send(request).await;
        script.requests().len()
    };
    for status in [408, 500, 502, 503, 504] {
        assert_eq!(tries(nth(move |_| Ok(answer(status))), post(HERE)).await, 1, "{status}");
        assert_eq!(tries(nth(move |_| Ok(answer(status))), get(HERE)).await, 5, "{status}");
        assert_eq!(tries(nth(move |_| Ok(answer(status))), post(HERE).idempotent(true)).await, 5, "{status}");
    }
    assert_eq!(tries(nth(|_| Ok(answer(429))), post(HERE)).await, 5);
    assert_eq!(tries(nth(|_| Err(lost())), post(HERE)).await, 1);
    assert_eq!(tries(nth(|_| Err(refused())), post(HERE)).await, 5);
    for status in [200, 301, 400, 401, 403, 404, 422, 501] {
        assert_eq!(tries(nth(move |_| Ok(answer(status))), get(HERE)).await, 1, "{status}");
    }
    assert_eq!(tries(nth(|_| Ok(answer(503))), get(HERE).accept_status(503)).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_submission_is_an_error_that_is_not_retryable() {
    let error = http(&nth(|_| Err(lost()))).send(post(HERE)).await.unwrap_err();
    assert!(!error.is_retryable());
}

#[tokio::test(start_paused = true)]
async fn a_broker_may_read_the_wait_from_headers_of_its_own() {
    let script = nth(|n| Ok(if n == 0 { answer_with(429, "x-reset-in", 42) } else { answer(200) }));
    let read = |response: &Response| response.header("x-reset-in")?.parse().ok().map(Duration::from_secs);
    let start = Instant::now();
    http(&script).send(get(HERE).hint(read)).await.unwrap();
    assert_eq!(seconds(start), 42.0);
}

/// A service that takes `limit` requests a minute and says so.
struct Counted {
    start: Instant,
    limit: u64,
    seen: std::sync::Mutex<std::collections::HashMap<u64, u64>>,
    refused: AtomicUsize,
}

impl Counted {
    fn new(limit: u64) -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            limit,
            seen: Default::default(),
            refused: AtomicUsize::new(0),
        })
    }

    fn answer(&self) -> Response {
        let now = self.start.elapsed().as_secs();
        let mut seen = self.seen.lock().unwrap();
        let count = seen.entry(now / 60).or_default();
        *count += 1;
        let left = self.limit.checked_sub(*count);
        let headers = [("x-left", left.unwrap_or(0)), ("x-reset", 59 - now % 60)];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_string())).to_vec();
        if left.is_none() {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        Response::new(if left.is_some() { 200 } else { 429 }, headers, "[]".into())
    }
}

fn quota(response: &Response) -> Option<Quota> {
    let number = |name| response.header(name)?.parse().ok();
    Some(Quota::new(number("x-left")?, Duration::from_secs(number("x-reset")?)))
}

#[tokio::test(start_paused = true)]
async fn a_count_that_answers_tell_is_kept_to_and_no_request_is_refused() {
    for limit in [1, 2, 7, 20] {
        let service = Counted::new(limit);
        let asked = Arc::clone(&service);
        let script = ScriptedTransport::new(move |_| Ok(asked.answer())).latency(Duration::from_millis(150));
        let http = http_with(&script, &config(|c| c.call_timeout = 3_600.0));
        let calls = 3 * limit + 1;
        let start = Instant::now();
        let asked = (0..calls).map(|_| http.send(get(HERE).quota("all", quota)));
        let answers = join_all(asked).await;
        assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|a| a.status() == 200)));
        assert_eq!(service.refused.load(Ordering::Relaxed), 0, "{limit} a minute");
        assert_eq!(script.requests().len() as u64, calls);
        assert!(seconds(start) < 3.0 * 60.0 + 5.0, "{limit} a minute took {} s", seconds(start));
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_count_holds_only_those_that_name_it_and_only_as_long_as_a_call_may_take() {
    let script = nth(|_| {
        let headers = vec![("x-left".to_owned(), "0".to_owned()), ("x-reset".to_owned(), "40".to_owned())];
        Ok(Response::new(200, headers, "[]".into()))
    });
    let http = http_with(&script, &config(|c| c.call_timeout = 30.0));
    let start = Instant::now();
    http.send(get(HERE).quota("all", quota)).await.unwrap();
    http.send(get(HERE)).await.unwrap();
    http.send(get(HERE).quota("cone", quota)).await.unwrap();
    http.send(get(THERE).quota("all", quota)).await.unwrap();
    assert_eq!(seconds(start), 0.0);
    let error = http.send(get(HERE).quota("all", quota)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.message(), "the service is rate limited, come back in 41 s");
    assert_eq!(script.requests().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_tells_no_count_is_asked_side_by_side_after_the_first() {
    let script = nth(|_| Ok(answer(200))).latency(Duration::from_secs(1));
    let http = http(&script);
    let start = Instant::now();
    join_all((0..9).map(|_| http.send(get(HERE).quota("all", quota)))).await;
    assert_eq!(seconds(start), 3.0);
}

#[tokio::test(start_paused = true)]
async fn a_first_request_that_is_dropped_or_lost_leaves_the_count_to_the_next() {
    let script = nth(|n| if n == 0 { Err(lost()) } else { Ok(answer(200)) }).latency(Duration::from_secs(9));
    let http = http_with(&script, &config(|c| c.max_retries = 0));
    let first = http.send(get(HERE).quota("all", quota));
    assert!(tokio::time::timeout(Duration::from_secs(1), first).await.is_err());
    assert!(http.send(get(HERE).quota("all", quota)).await.is_err());
    http.send(get(HERE).quota("all", quota)).await.unwrap();
}
