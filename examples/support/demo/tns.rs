//! TNS, recorded: searches, objects with photometry and a spectrum, a staging file, and a desk that
//! takes reports that are whole.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde_json::{Value, json};
use tom_alerts::sky;
use url::form_urlencoded;
use wiremock::{Request, ResponseTemplate};

use super::{answer, recorded};

const KEY: &str = "demo-key-of-a-bot";

/// What the broker is configured with, as the service asks for it.
pub(super) const KEYS: &[(&str, &str)] = &[
    ("api_key", KEY),
    ("bot_id", "7"),
    ("bot_name", "demo"),
    ("group_names", "ALeRCE"),
    ("default_authors", "D. Emo (Nowhere)"),
    ("report_delay_seconds", "0.1"),
];

/// The number that every report gets.
const REPORT: u32 = 4242;

/// The part of TNS that the examples ask for.
pub(super) fn respond(request: &Request) -> ResponseTemplate {
    let fields: HashMap<String, String> = form_urlencoded::parse(&request.body).into_owned().collect();
    let agent = request.headers.get("user-agent").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !agent.starts_with("tns_marker{") {
        return failed(403, "Forbidden");
    }
    if fields.get("api_key").map(String::as_str) != Some(KEY) {
        return failed(401, "Unauthorized");
    }
    let asked: Value =
        fields.get("data").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    match request.url.path().trim_matches('/') {
        "api/get/search" => {
            let hits = objects().filter(|object| wanted(object, &asked)).map(|object| {
                json!({"objname": object["objname"], "prefix": object["name_prefix"], "objid": object["objid"]})
            });
            said(&hits.collect())
        }
        "api/get/object" => match objects().find(|object| object["objname"] == asked["objname"]) {
            Some(object) => said(object),
            None => said(&json!({"objname": {"110": {"message": "No results found.", "message_id": 110}}})),
        },
        "api/set/bulk-report" => match whole(&asked) {
            true => said(&json!({"report_id": REPORT})),
            false => failed(400, "Bad request"),
        },
        "api/get/bulk-report-reply" => said(&json!({"feedback": {"at_report": [
            {"100": {"message": "Transient object was inserted.", "message_id": 100, "objname": "2026demoz"}}
        ]}})),
        "system/files/uploaded/demo/tns_2026demoa_a.ascii" => {
            ResponseTemplate::new(200).set_body_string(include_str!("../recorded/tns/spectrum.ascii"))
        }
        "system/files/tns_public_objects/tns_public_objects.csv.zip" => {
            ResponseTemplate::new(200).set_body_string(staging())
        }
        _ => failed(404, "Not found"),
    }
}

fn objects() -> impl Iterator<Item = &'static Value> {
    recorded!("tns/objects.json").as_array().into_iter().flatten()
}

fn said(data: &Value) -> ResponseTemplate {
    answer(&json!({"id_code": 200, "id_message": "OK", "data": data}))
        .insert_header("x-rate-limit-limit", "100")
        .insert_header("x-rate-limit-remaining", "90")
        .insert_header("x-rate-limit-reset", "60")
}

fn failed(status: u16, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({"id_code": status, "id_message": message}))
}

/// Whether an object answers a search: by name, survey name, cone and date of discovery.
fn wanted(object: &Value, asked: &Value) -> bool {
    let text = |key: &str| asked[key].as_str();
    let number = |key: &str| text(key).and_then(|text| text.parse::<f64>().ok());
    let named = |known: &Value, key: &str| {
        let exact = asked[format!("{key}_exact_match")] == 1;
        text(key).is_none_or(|name| {
            let known = known.as_str().unwrap_or_default();
            if exact { known.split(',').any(|known| known.trim() == name) } else { known.contains(name) }
        })
    };
    let unit = match text("units") {
        Some("deg") => 1.0,
        Some("arcmin") => 60.0,
        _ => 3600.0,
    };
    let near = number("ra").zip(number("dec")).zip(number("radius")).is_none_or(|((ra, dec), radius)| {
        let at = object["radeg"].as_f64().zip(object["decdeg"].as_f64());
        at.is_some_and(|(x, y)| sky::separation(ra, dec, x, y) * unit <= radius)
    });
    let since = text("discovery_date_start").is_none_or(|day| object["discoverydate"].as_str() >= Some(day));
    let unclassified = asked["unclassified_at"] != 1 || object["object_type"]["name"].is_null();
    named(&object["objname"], "objname")
        && named(&object["internal_names"], "internal_name")
        && near
        && since
        && unclassified
}

/// Whether a report has everything that TNS documents as required.
fn whole(asked: &Value) -> bool {
    let has = |of: &Value, keys: &[&str]| keys.iter().all(|key| !of[*key].is_null() && of[*key] != "");
    let report = &asked["at_report"]["0"];
    let dark = &report["non_detection"];
    let seen = &report["photometry"]["photometry_group"]["0"];
    has(report, &["reporting_groupid", "data_source_groupid", "reporter", "discovery_datetime", "at_type"])
        && has(&report["ra"], &["value"])
        && has(&report["dec"], &["value"])
        && has(seen, &["obsdate", "flux", "flux_unitid", "filterid", "instrumentid"])
        && (has(dark, &["archiveid"])
            || has(dark, &["obsdate", "limiting_flux", "flux_unitid", "filterid", "instrumentid"]))
}

/// The file of all objects.
fn staging() -> String {
    let mut text = String::from(
        "\"2026-11-25 00:00:00\"\n\"objid\",\"name_prefix\",\"name\",\"ra\",\"declination\",\"redshift\",\"type\",\
         \"discoverydate\",\"discoverymag\",\"internal_names\",\"lastmodified\"\n",
    );
    for object in objects() {
        let cell = |value: &Value| match value {
            Value::Null => String::new(),
            Value::String(text) => format!("\"{text}\""),
            value => format!("\"{value}\""),
        };
        let keys =
            ["objid", "name_prefix", "objname", "radeg", "decdeg", "redshift"].map(|key| cell(&object[key]));
        let class = cell(&object["object_type"]["name"]);
        let rest = ["discoverydate", "discoverymag", "internal_names"].map(|key| cell(&object[key]));
        text.push_str(&format!("{},{class},{},\"2026-11-24 12:00:00\"\n", keys.join(","), rest.join(",")));
    }
    text
}
