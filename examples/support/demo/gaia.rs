//! Gaia's alerts, recorded: the list as CSV, and light curves.

use std::sync::OnceLock;

use serde_json::Value;
use wiremock::{Request, ResponseTemplate};

use super::recorded;

const LIST: &str = include_str!("../recorded/gaia/alerts.csv");

/// The part of the service that the examples ask for.
pub(super) fn respond(request: &Request) -> ResponseTemplate {
    let csv = |text: &str| ResponseTemplate::new(200).set_body_raw(text.to_owned(), "text/csv");
    let path = request.url.path().trim_matches('/');
    let parts: Vec<&str> = path.split('/').collect();
    let curve = |name: &str| recorded!("gaia/lightcurves.json").get(name).and_then(Value::as_str);
    let found = match parts[..] {
        ["alerts", "alerts.csv"] => Some(LIST),
        ["alerts", "alert", name, "lightcurve.csv"] => curve(name),
        _ => None,
    };
    let missing = || {
        let page = "<!DOCTYPE HTML><title>404 Not Found</title>";
        ResponseTemplate::new(404).set_body_raw(page, "text/html")
    };
    found.map_or_else(missing, csv)
}
