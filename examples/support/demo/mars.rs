//! MARS, recorded: alerts by object, cone, band and magnitude, alone with their history, stamps.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};
use tom_alerts::sky;
use wiremock::{Request, ResponseTemplate};

use super::{answer, asked, recorded};

fn details() -> &'static [Value] {
    recorded!("mars/alerts.json").as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The part of MARS that the examples ask for.
pub(super) fn respond(request: &Request) -> ResponseTemplate {
    let path = request.url.path().trim_matches('/');
    let parts: Vec<&str> = path.split('/').collect();
    let found = |id: &str| details().iter().find(|alert| alert["lco_id"].to_string() == id);
    match parts[..] {
        [""] if request.method.as_str() == "POST" => bulk(request),
        [""] if asked(request, "page").first().is_some_and(|page| page != "1") => page_of_html(404),
        [""] => {
            let filters = request.url.query_pairs().map(|(key, value)| (key.into(), Value::from(&*value)));
            let filters: Map<String, Value> = filters.collect();
            answer(&json!({"has_next": false, "has_prev": false, "results": listed(&filters)}))
        }
        [id] => found(id).map_or_else(|| page_of_html(500), answer),
        [id, "cutout", _] if found(id).is_some() => {
            ResponseTemplate::new(200).set_body_raw(stamp(), "image/fits")
        }
        _ => page_of_html(404),
    }
}

fn bulk(request: &Request) -> ResponseTemplate {
    let body: Value = request.body_json().unwrap_or_default();
    let answers = body["queries"].as_array().into_iter().flatten().filter_map(Value::as_object);
    let results: Vec<Value> = answers
        .map(|query| {
            let alerts = listed(query);
            json!({"query": query, "num_alerts": alerts.len(), "results": alerts})
        })
        .collect();
    answer(&json!({"total": results.len(), "results": results}))
}

/// The alerts without their history that a query asks for, latest first.
fn listed(filters: &Map<String, Value>) -> Vec<Value> {
    let text = |key: &str| filters.get(key).and_then(Value::as_str);
    let number = |key: &str| text(key)?.parse::<f64>().ok();
    let cone: Option<Vec<f64>> = text("cone").and_then(|c| c.split(',').map(|n| n.parse().ok()).collect());
    let wanted = |alert: &&Value| {
        let measured = &alert["candidate"];
        let value = |key: &str| measured[key].as_f64().unwrap_or_default();
        let within = |cone: &[f64]| matches!(cone, [ra, dec, radius] if sky::separation(*ra, *dec, value("ra"), value("dec")) <= *radius);
        text("objectId").is_none_or(|name| alert["objectId"] == name)
            && text("filter").is_none_or(|band| measured["filter"] == band)
            && number("magpsf__lte").is_none_or(|most| value("magpsf") <= most)
            && number("rb__gte").is_none_or(|least| value("rb") >= least)
            && cone.as_deref().is_none_or(within)
    };
    let bare = |alert: &Value| {
        let mut alert = alert.clone();
        if let Some(alert) = alert.as_object_mut() {
            alert.remove("prv_candidate");
        }
        alert
    };
    details().iter().filter(wanted).map(bare).collect()
}

/// What the server answers to all that it cannot answer.
fn page_of_html(status: u16) -> ResponseTemplate {
    let text = if status == 404 { "404 Not Found" } else { "500 Internal Server Error" };
    ResponseTemplate::new(status).set_body_raw(format!("<!DOCTYPE HTML><title>{text}</title>"), "text/html")
}

/// The smallest gzip file: of nothing, as the demonstration has no images.
fn stamp() -> Vec<u8> {
    vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]
}
