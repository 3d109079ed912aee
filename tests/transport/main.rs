//! The shared transport under a paused clock: limits of hosts, waits within bounds, bodies that are not all
//! UTF-8, and secrets that a service repeats.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bodies;
mod hosts;
mod secrets;
#[path = "../support/mod.rs"]
mod support;
mod waits;

use std::sync::Arc;

use tokio::time::Instant;
use tom_alerts::http::{Http, HttpConfig, Limits, Request, Response};
use tom_alerts::testing::ScriptedTransport;

const HERE: &str = "https://a.example/list";
const THERE: &str = "https://b.example/list";

fn get(url: &str) -> Request {
    Request::get(url.parse().unwrap())
}

fn answer_with(status: u16, headers: &[(&str, &str)]) -> Response {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Response::new(status, headers, "[]".into())
}

fn http(script: &ScriptedTransport, change: impl FnOnce(&mut HttpConfig)) -> Http {
    let mut config = HttpConfig { max_retries: 0, ..HttpConfig::default() };
    change(&mut config);
    Http::with_transport(Arc::new(script.clone()), &config).with_dice(|| 1.0)
}

fn limits(max_in_flight: Option<u32>, seconds: Option<u64>) -> Limits {
    let mut limits = Limits::default();
    limits.max_in_flight = max_in_flight;
    limits.min_interval = seconds.map(std::time::Duration::from_secs);
    limits
}

fn seconds(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 1_000.0).round() / 1_000.0
}
