//! SCIMMA, recorded: the archive of Hopskotch, and a SKIP server.

use std::sync::OnceLock;

use serde_json::{Value, json};
use tom_alerts::sky;
use wiremock::{Request, ResponseTemplate};

#[path = "../../../tests/support/bson.rs"]
mod bson;

use super::{answer, asked, number, recorded};

/// The part of both that the examples ask for.
pub(super) fn respond(request: &Request) -> ResponseTemplate {
    let path = request.url.path().trim_matches('/');
    let parts: Vec<&str> = path.split('/').collect();
    let messages = recorded!("scimma/messages.json");
    let alerts = recorded!("scimma/skip_alerts.json");
    match parts[..] {
        ["topics"] => {
            let mut topics: Vec<_> =
                list(messages).iter().map(|message| message["metadata"]["topic"].clone()).collect();
            topics.dedup();
            bson_answer(&json!({"topics": topics}))
        }
        ["messages"] => listed(messages, request),
        ["messages", "count"] => bson_answer(&json!({"count": wanted(messages, request).len()})),
        ["msg", uuid] => match list(messages).iter().find(|m| m["annotations"]["con_text_uuid"] == uuid) {
            Some(message) => bson_answer(message),
            None => ResponseTemplate::new(404).set_body_bytes(b"Message not found".to_vec()),
        },
        ["api", "v2", "alerts"] => {
            let cone = asked(request, "cone_search").first().map(|text| {
                text.split(',').filter_map(|part| part.trim().parse::<f64>().ok()).collect::<Vec<_>>()
            });
            let within = |alert: &&Value| match cone.as_deref() {
                Some([ra, dec, radius]) => {
                    let at = alert["right_ascension"].as_f64().zip(alert["declination"].as_f64());
                    at.is_some_and(|(x, y)| sky::separation(*ra, *dec, x, y) <= *radius)
                }
                _ => true,
            };
            let found: Vec<_> = list(alerts).iter().filter(within).collect();
            answer(&json!({"count": found.len(), "next": null, "previous": null, "results": found}))
        }
        ["api", "v2", "alerts", id] => {
            match list(alerts).iter().find(|alert| alert["id"].as_u64() == id.parse().ok()) {
                Some(alert) => answer(alert),
                None => ResponseTemplate::new(404).set_body_json(json!({"detail": "Not found."})),
            }
        }
        _ => ResponseTemplate::new(404).set_body_string("this is not recorded"),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn bson_answer(value: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_bytes(value.as_object().map(bson::bytes).unwrap_or_default())
}

/// The messages of a query's topics, words and times.
fn wanted<'a>(messages: &'a Value, request: &Request) -> Vec<&'a Value> {
    let topics = asked(request, "topic");
    let words = asked(request, "search_query").first().map(|text| text.replace('"', "").to_lowercase());
    let (from, until) = (number(request, "start_time"), number(request, "end_time"));
    let fits = |message: &&Value| {
        let topic = message["metadata"]["topic"].as_str().unwrap_or_default();
        let time = message["metadata"]["timestamp"].as_f64().unwrap_or_default();
        let text = message.to_string().to_lowercase();
        (topics.is_empty() || topics.iter().any(|known| known == topic))
            && words.as_ref().is_none_or(|words| text.contains(words.as_str()))
            && from.is_none_or(|from| time >= from)
            && until.is_none_or(|until| time < until)
    };
    list(messages).iter().filter(fits).collect()
}

/// A part of the messages, with the bookmark of the next one.
fn listed(messages: &Value, request: &Request) -> ResponseTemplate {
    let mut found = wanted(messages, request);
    let oldest = asked(request, "asc").first().is_some_and(|asc| asc == "true");
    found.sort_by_key(|message| message["metadata"]["timestamp"].as_i64());
    if !oldest {
        found.reverse();
    }
    let size = number(request, "limit").unwrap_or(64.0) as usize;
    let first: usize =
        asked(request, "page").first().and_then(|mark| mark.strip_prefix(">i:")?.parse().ok()).unwrap_or(0);
    let more = found.len() > first + size;
    let page: Vec<_> = found.into_iter().skip(first).take(size).collect();
    bson_answer(
        &json!({"messages": page, "next": more.then(|| format!(">i:{}", first + size)), "prev": null}),
    )
}
