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
    let found = |id: &str| {
        details().iter().find(|alert| alert["lco_id"].as_u64() == id.parse().ok() && !id.is_empty())
    };
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
            ResponseTemplate::new(200).set_body_raw(STAMP.to_vec(), "image/fits")
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

/// A star of nine by nine pixels: FITS, gzipped.
const STAMP: [u8; 157] = [
    0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xED, 0xCC, 0x31, 0x0A, 0x83, 0x30, 0x14,
    0xC6, 0xF1, 0x1E, 0xC2, 0x10, 0x0C, 0x19, 0x1E, 0xB9, 0x40, 0xA8, 0x10, 0x68, 0x41, 0x07, 0x45, 0x87,
    0x40, 0x2B, 0x82, 0x0E, 0x2E, 0x39, 0x42, 0x2E, 0x94, 0x8B, 0xE4, 0x32, 0x1E, 0xC6, 0x2D, 0x93, 0x19,
    0x14, 0x87, 0x52, 0xBE, 0xDF, 0xF8, 0x78, 0xDF, 0x7F, 0xB6, 0xDF, 0xE9, 0x33, 0x10, 0x35, 0x74, 0x60,
    0xA1, 0xD3, 0x3A, 0xBB, 0x4C, 0x76, 0xCD, 0xF4, 0x5E, 0xE7, 0x7B, 0x63, 0xBB, 0xDA, 0x99, 0x32, 0xBD,
    0xEA, 0x62, 0xEF, 0x99, 0xE9, 0xBD, 0x2F, 0xF6, 0xAA, 0xFB, 0x7A, 0xC3, 0xD8, 0x13, 0x00, 0x00, 0x00,
    0x00, 0xFC, 0xAE, 0x82, 0x71, 0x21, 0x05, 0x67, 0x05, 0x2B, 0x95, 0x36, 0x5A, 0x95, 0x8C, 0xAB, 0xDA,
    0x79, 0x57, 0x2B, 0x2E, 0xB4, 0x0B, 0x31, 0x38, 0x2D, 0xA4, 0xF1, 0x71, 0x8B, 0xDE, 0xC8, 0x74, 0x49,
    0x3F, 0x69, 0x95, 0x3A, 0x0F, 0x00, 0x00, 0x00, 0x00, 0x80, 0xFF, 0xB5, 0x03, 0x49, 0x76, 0x8A, 0x7C,
    0x80, 0x16, 0x00, 0x00,
];
