//! Hermes, recorded: targets, messages, events, the archive with whole messages, and submitting.

use std::sync::OnceLock;

use serde_json::{Value, json};
use tom_alerts::sky;
use wiremock::{Request, ResponseTemplate};

use super::{answer, asked, number, recorded};

/// The token that the recorded service knows.
pub(super) const TOKEN: &str = "demonstration-token";

/// The uuid of what is submitted; nothing is kept.
const SUBMITTED: &str = "000000ff-5a5a-4b4b-8c8c-9d9d9d9d9d9d";

/// The part of Hermes that the examples ask for; what needs a token at Hermes needs it here.
pub(super) fn respond(request: &Request) -> ResponseTemplate {
    let path = request.url.path().trim_matches('/').replace("%20", " ");
    let parts: Vec<&str> = path.split('/').collect();
    let ["api", "v0", parts @ ..] = &parts[..] else { return not_found() };
    let sent = request.headers.get("authorization").and_then(|value| value.to_str().ok());
    let known = sent == Some(format!("Token {TOKEN}").as_str());
    if !known && ["targets", "messages", "nonlocalizedevents"].contains(parts.first().unwrap_or(&"")) {
        let detail = json!({"detail": "Authentication credentials were not provided."});
        return ResponseTemplate::new(403).set_body_json(detail);
    }
    let targets = recorded!("hermes/targets.json");
    let events = recorded!("hermes/events.json");
    match parts {
        ["targets"] => listed(request, targets, |row| is_wanted_target(request, row)),
        ["targets", id] => one(targets, |row| row["id"].as_u64() == id.parse().ok()),
        ["messages"] => listed(request, recorded!("hermes/messages.json"), |row| {
            let targets = row["targets"].as_array();
            asked(request, "target_name_exact").is_empty() && asked(request, "target_name").is_empty()
                || targets.into_iter().flatten().any(|target| is_wanted_target(request, target))
        }),
        ["nonlocalizedevents"] => listed(request, events, |row| {
            let id = row["event_id"].as_str().unwrap_or_default();
            within(request, "event_id", id)
                && asked(request, "event_id_exact").first().is_none_or(|due| due == id)
        }),
        ["nonlocalizedevents", id] => one(events, |row| row["event_id"] == *id),
        ["query"] => archive(request),
        ["query", "message", uuid] => {
            one(recorded!("hermes/archive.json"), |row| row["annotations"]["con_text_uuid"] == *uuid)
        }
        ["topics"] => answer(
            &json!({"topics": ["hermes.message", "hermes.photometry", "hermes.spectroscopy", "hermes.test"]}),
        ),
        ["submit_message", "validate"] => answer(&faults(request)),
        ["submit_message"] if known => match serde_json::from_slice::<Value>(&request.body) {
            Ok(Value::Object(mut message)) => {
                message.insert("uuid".to_owned(), SUBMITTED.into());
                answer(&Value::Object(message))
            }
            _ => ResponseTemplate::new(400).set_body_json(json!({"detail": "JSON parse error"})),
        },
        ["submit_message"] => answer(&json!({
            "error": "User account does not have an associated SCIMMA auth credential. Please logout and log back in."
        })),
        _ => not_found(),
    }
}

fn not_found() -> ResponseTemplate {
    ResponseTemplate::new(404).set_body_json(json!({"detail": "Not found."}))
}

fn one(rows: &Value, is_it: impl Fn(&&Value) -> bool) -> ResponseTemplate {
    rows.as_array().into_iter().flatten().find(is_it).map_or_else(not_found, answer)
}

/// Whether a parameter, where it is given, is part of a text in any case.
fn within(request: &Request, key: &str, text: &str) -> bool {
    asked(request, key).first().is_none_or(|part| text.to_lowercase().contains(&part.to_lowercase()))
}

fn is_wanted_target(request: &Request, row: &Value) -> bool {
    let name = row["name"].as_str().unwrap_or_default();
    let exact = ["name_exact", "target_name_exact"].iter().flat_map(|key| asked(request, key)).next();
    let cone = asked(request, "cone_search").first().map(|text| {
        let numbers: Vec<f64> = text.split(',').filter_map(|part| part.trim().parse().ok()).collect();
        let (ra, dec) = (row["right_ascension"].as_f64(), row["declination"].as_f64());
        match (&numbers[..], ra.zip(dec)) {
            ([x, y, radius], Some((ra, dec))) => sky::separation(*x, *y, ra, dec) <= *radius,
            _ => false,
        }
    });
    exact.is_none_or(|due| due == name)
        && within(request, "name", name)
        && within(request, "target_name", name)
        && cone.unwrap_or(true)
}

/// One part of a listing by offset, newest first as the rows are recorded.
fn listed(request: &Request, rows: &Value, wanted: impl Fn(&Value) -> bool) -> ResponseTemplate {
    let mut all: Vec<&Value> = rows.as_array().into_iter().flatten().filter(|row| wanted(row)).collect();
    if asked(request, "ordering").first().is_some_and(|order| order == "id") {
        all.reverse();
    }
    let limit = number(request, "limit").unwrap_or(100.0) as usize;
    let offset = number(request, "offset").unwrap_or(0.0) as usize;
    let page: Vec<&Value> = all.iter().skip(offset).take(limit).copied().collect();
    let more = all.len() > offset + limit;
    let next = more.then(|| format!("{}?limit={limit}&offset={}", request.url.path(), offset + limit));
    answer(&json!({"count": all.len(), "next": next, "previous": null, "results": page}))
}

/// The archive's messages without their bodies.
fn archive(request: &Request) -> ResponseTemplate {
    let topics = asked(request, "topic");
    let text = asked(request, "search_query").first().map(|text| text.to_lowercase());
    let wanted = |row: &&Value| {
        let topic = row["metadata"]["topic"].as_str().unwrap_or_default();
        (topics.is_empty() || topics.iter().any(|due| due == topic))
            && text.as_ref().is_none_or(|text| row["message"].to_string().to_lowercase().contains(text))
    };
    let all = recorded!("hermes/archive.json").as_array().into_iter().flatten().filter(wanted);
    let limit = number(request, "limit").unwrap_or(10.0) as usize;
    let skip = asked(request, "page").first().and_then(|page| page.parse::<usize>().ok()).unwrap_or(0);
    let rows: Vec<Value> = all
        .map(|row| {
            let known = &row["annotations"];
            json!({
                "metadata": {"topic": row["metadata"]["topic"], "timestamp": row["metadata"]["timestamp"]},
                "annotations": {
                    "con_text_uuid": known["con_text_uuid"], "size": row["message"].to_string().len(), "crc32": 7,
                    "public": true, "con_message_crc32": true, "title": known["title"], "sender": known["sender"],
                    "media_type": known["media_type"], "file_name": "", "originator": "", "retracted": false
                }
            })
        })
        .collect();
    let next = (rows.len() > skip + limit).then(|| (skip + limit).to_string());
    let page: Vec<&Value> = rows.iter().skip(skip).take(limit).collect();
    answer(&json!({"messages": page, "next": next, "prev": null}))
}

/// The check of a message: what is required, and the topics that may be written to.
fn faults(request: &Request) -> Value {
    let message: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let mut faults = serde_json::Map::new();
    for key in ["title", "topic", "submitter"] {
        if message[key].as_str().is_none_or(str::is_empty) {
            faults.insert(key.to_owned(), json!(["This field is required."]));
        }
    }
    if message["topic"].as_str().is_some_and(|topic| !topic.contains("test")) {
        faults.insert(
            "topic".to_owned(),
            json!(["The demonstration takes test topics only, such as hermes.test."]),
        );
    }
    faults.into()
}
