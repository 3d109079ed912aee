//! No word of a service makes anyone wait beyond an hour, or a day after a refusal for too many requests.

use std::cell::RefCell;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tom_alerts::http::Quota;
use tom_alerts::plugin::*;
use tom_alerts::{Client, ErrorKind, Result};

use super::*;

const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;

/// This answer first, and good ones from then on.
fn first(status: u16, headers: Vec<(&'static str, String)>) -> ScriptedTransport {
    let count = AtomicUsize::new(0);
    ScriptedTransport::new(move |_| {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, &**value)).collect();
        Ok(if count.fetch_add(1, Ordering::Relaxed) == 0 {
            answer_with(status, &headers)
        } else {
            answer_with(200, &[])
        })
    })
}

/// How long nobody asks the host after such an answer, in seconds.
async fn held(status: u16, headers: Vec<(&'static str, String)>, request: fn() -> Request) -> f64 {
    let script = first(status, headers);
    let http = http(&script, |c| c.call_timeout = 300.0);
    let _ = http.send(request()).await;
    let start = Instant::now();
    let outcome = loop {
        match http.send(request()).await {
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::RateLimited, "{error}");
                tokio::time::sleep(error.retry_after().unwrap()).await;
            }
            Ok(response) => break response,
        }
        assert!(start.elapsed() < Duration::from_secs(400 * DAY));
    };
    assert_eq!((outcome.status(), script.requests().len()), (200, 2));
    start.elapsed().as_secs_f64()
}

fn here() -> Request {
    get(HERE)
}

fn reset(value: impl ToString) -> Vec<(&'static str, String)> {
    vec![("x-ratelimit-remaining", "0".to_owned()), ("x-ratelimit-reset", value.to_string())]
}

fn retry_after(value: impl ToString) -> Vec<(&'static str, String)> {
    vec![("retry-after", value.to_string())]
}

#[tokio::test(start_paused = true)]
async fn a_reset_time_in_milliseconds_is_no_reason_to_wait_for_ages() {
    let soon = (Utc::now() + Duration::from_secs(120)).timestamp_millis();
    for (status, headers) in [(200, reset(soon)), (429, reset(soon)), (503, retry_after(soon))] {
        let wait = held(status, headers, here).await;
        assert!((110.0..=121.0).contains(&wait), "{status}: {wait}");
    }
    assert_eq!(held(200, reset(1_790_000_000_000_u64), here).await, 0.0, "has passed");
    assert_eq!(held(429, retry_after(900_000), here).await, 900.0, "a quarter of an hour");
}

#[tokio::test(start_paused = true)]
async fn a_wait_has_a_ceiling_and_then_the_host_is_tried_again() {
    let far = "Fri, 31 Dec 9999 23:59:59 GMT";
    for (status, headers, most) in [
        (200, reset("1e19"), HOUR),
        (200, reset(7 * DAY), HOUR),
        (503, retry_after(7 * DAY), HOUR),
        (503, retry_after(far), HOUR),
        (502, retry_after("999999999"), HOUR),
        (429, retry_after(7 * DAY), DAY),
        (429, retry_after(far), DAY),
        (429, retry_after("1e300"), DAY),
        (429, reset("9e18"), DAY),
    ] {
        let told = format!("{status} {headers:?}");
        assert_eq!(held(status, headers, here).await, most as f64, "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_errors_wait_is_the_one_that_is_kept() {
    let response = answer_with(429, &[("retry-after", "604800")]);
    assert_eq!(response.retry_after(Utc::now()), Some(Duration::from_secs(DAY)));
    let error = response.into_result().unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(DAY)));
    let error = answer_with(503, &[("retry-after", "86400")]).into_result().unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(HOUR)));
}

#[tokio::test(start_paused = true)]
async fn a_hint_and_a_count_of_a_broker_have_the_same_ceiling() {
    fn hinted() -> Request {
        get(HERE).hint(|response| (response.status() != 200).then_some(Duration::MAX))
    }
    assert_eq!(held(503, Vec::new(), hinted).await, HOUR as f64);
    assert_eq!(held(429, Vec::new(), hinted).await, DAY as f64);
    fn counted() -> Request {
        get(HERE).quota("all", |response| Some(Quota::new(0, response.wait_in("x-reset", Utc::now())?)))
    }
    // A count begins a second later than it says.
    assert_eq!(held(200, vec![("x-reset", "1e17".to_owned())], counted).await, HOUR as f64 + 1.0);
    assert_eq!(held(200, vec![("x-reset", "60".to_owned())], counted).await, 61.0);
}

#[cfg(feature = "tns")]
#[tokio::test(start_paused = true)]
async fn a_count_of_tns_in_milliseconds_is_read_as_such() {
    use tom_alerts::brokers::tns::{TnsBroker, TnsConfig};
    let soon = (Utc::now() + Duration::from_secs(30)).timestamp_millis();
    let script = first(
        200,
        vec![("x-rate-limit-remaining", "0".to_owned()), ("x-rate-limit-reset", soon.to_string())],
    );
    let mut config = TnsConfig::default();
    (config.api_key, config.bot_id, config.bot_name) = (Some("k".into()), Some(1), Some("b".to_owned()));
    let tns = TnsBroker::with_http(config, &http(&script, |_| ())).unwrap();
    let start = Instant::now();
    let _ = tns.alert("2026abc").await;
    assert_eq!(seconds(start), 0.0);
    let _ = tns.alert("2026abc").await;
    let wait = seconds(start);
    assert!((28.0..=31.0).contains(&wait), "{wait}");
}

thread_local! {
    /// What is logged on this thread: each test has one of its own.
    static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOGGED.with_borrow_mut(|logged| logged.extend_from_slice(bytes));
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_cut_is_told_once() {
    // For the whole program: whether a place logs at all is decided by whoever comes there first.
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        .with_ansi(false)
        .with_writer(|| Log)
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    held(429, retry_after(7 * DAY), here).await;
    let said = String::from_utf8(LOGGED.take()).unwrap();
    assert_eq!(said.matches("exceeds the maximum").count(), 1, "{said}");
    assert!(said.contains("a.example") && said.contains("604800"), "{said}");
}

/// A service whose answers name the pause before the next question.
#[derive(Debug)]
struct Slow(Root);

impl Protocol for Slow {
    const INFO: &'static BrokerInfo = &BrokerInfo::new("Slow", "A service that polls", "https://a.example/");
    type Config = NoForm;
    type Query = NoForm;
    type Packet = Value;
    type Submission = NoForm;

    fn new(_: NoForm) -> Result<Self> {
        Ok(Self(Root::new("base_url", None, "https://a.example/")?))
    }
    fn listing(&self, _: &NoForm, _: &Cursor) -> Result<Request> {
        Ok(self.0.get(&["list"]))
    }
    fn page(&self, _: &NoForm, _: &Cursor, response: Response) -> Result<Page<Value>> {
        Ok(Page::new(response.items::<Value, Value>(None)?.0, None))
    }
    fn to_generic_alert(&self, _: &Alert<Value>) -> Result<GenericAlert> {
        Ok(GenericAlert::new("S1"))
    }
    fn alert(&self, _: &str) -> Result<Call<Alert<Value>>> {
        let again = self.0.get(&["list"]);
        Ok(Call::step(self.0.get(&["list"]), |answer| {
            answer?;
            let read = Call::get(again, |response| response.alert());
            Ok(Call::Wait(Duration::MAX, Box::new(read)))
        }))
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_of_a_plugin_has_a_ceiling_too() {
    let script = first(200, Vec::new());
    let slow = Client::<Slow>::with_http(NoForm::default(), &http(&script, |_| ())).unwrap();
    let start = Instant::now();
    slow.alert("S1").await.unwrap();
    assert_eq!((seconds(start), script.requests().len()), (HOUR as f64, 2));
}
