//! Scout, recorded: the list, one object with sampled orbits, observations and an ephemeris, and gone ones.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};
use wiremock::{Request, ResponseTemplate};

use super::{answer, asked, recorded};

/// One endpoint, which its parameters make a list, an object or an ephemeris.
pub(super) fn respond(request: &Request) -> ResponseTemplate {
    if request.url.path() != "/scout.api" {
        return ResponseTemplate::new(404).set_body_string("this is not recorded");
    }
    let summary = recorded!("scout/summary.json");
    let signature = json!({"source": "NASA/JPL Scout API", "version": "1.3"});
    let Some(name) = asked(request, "tdes").first().cloned() else {
        let count = summary.as_array().map_or(0, Vec::len).to_string();
        return answer(&json!({"signature": signature, "count": count, "data": summary}));
    };
    let known = summary.as_array().into_iter().flatten().find(|row| row["objectName"] == name.as_str());
    let Some(row) = known.and_then(Value::as_object) else {
        return answer(&json!({"signature": signature, "error": "specified object does not exist"}));
    };
    if let Some(start) = asked(request, "eph-start").first() {
        return answer(&json!({
            "signature": signature, "object": row, "count": "1", "orbit-count": 40, "data-fields": [],
            "eph": [ephemeris(row, start)]
        }));
    }
    let more = &recorded!("scout/objects.json")[&name];
    let mut object = row.clone();
    object.insert("signature".to_owned(), signature);
    if asked(request, "orbits").first().is_some_and(|yes| yes == "1") {
        object.insert("orbits".to_owned(), more["orbits"].clone());
    }
    if asked(request, "file").first().is_some_and(|file| file == "mpc") {
        object.insert("fileMPC".to_owned(), more["fileMPC"].clone());
    }
    answer(&Value::Object(object))
}

/// One epoch near the position of the list.
fn ephemeris(row: &Map<String, Value>, start: &str) -> Value {
    let text = |key: &str| row[key].as_str().unwrap_or_default();
    let ra = tom_alerts::sky::parse_ra(text("ra")).unwrap_or_default();
    let time = if start == "now" { text("tEphem").to_owned() } else { start.replace('T', " ") };
    json!({
        "time": time, "sun-flag": null, "sigma-pos": text("unc"),
        "median": {
            "ra": ra.to_string(), "dec": text("dec"), "rate": text("rate"), "vmag": text("Vmag"),
            "elong": text("elong"), "pa": "121", "moon": "80", "el": "45"
        },
        "data": []
    })
}
