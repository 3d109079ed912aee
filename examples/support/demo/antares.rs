//! ANTARES, recorded: version 2 of its interface over loci of ZTF and LSST, with a part of its search language.

use std::sync::OnceLock;

use serde_json::{Value, json};
use tom_alerts::sky;
use wiremock::{Request, ResponseTemplate};

use super::{PIXEL, answer, asked, number, recorded};

/// The part of ANTARES that the examples ask for.
pub(super) fn respond(request: &Request) -> ResponseTemplate {
    let path = request.url.path().trim_matches('/');
    let parts: Vec<&str> = path.split('/').collect();
    let loci = recorded!("antares/loci.json");
    match parts[..] {
        ["v2", "loci"] => listed(loci, request),
        ["v2", "loci", "statistics"] => answer(&json!({"data": statistics(loci)})),
        ["v2", "loci", id] => {
            match loci.as_array().and_then(|all| all.iter().find(|locus| locus["id"] == id)) {
                Some(locus) => answer(&json!({"data": locus, "meta": null, "links": null})),
                None => missing(),
            }
        }
        ["v2", "loci", id, "alerts"] => match recorded!("antares/alerts.json").get(id) {
            Some(alerts) => answer(&json!({"data": alerts, "meta": null, "links": null})),
            None => missing(),
        },
        ["v2", "loci", _, "catalog-matches"] => answer(&json!({"data": []})),
        ["v2", "alerts", id, "thumbnails"] => {
            let name = |kind: &str| format!("{}_{kind}.png", id.replace(':', "_"));
            let thumbnail = |kind| {
                json!({
                    "id": name(kind), "filemime": "image/png", "src": format!("/stored/{}", name(kind)),
                    "thumbnail_type": kind
                })
            };
            let all = ["template", "science", "difference"].map(thumbnail);
            answer(&json!({ "data": all }))
        }
        ["stored", _] => ResponseTemplate::new(200).set_body_raw(PIXEL.to_vec(), "image/png"),
        _ => ResponseTemplate::new(404).set_body_string("this is not recorded"),
    }
}

fn missing() -> ResponseTemplate {
    ResponseTemplate::new(404).set_body_json(json!({"detail": "no such locus"}))
}

fn merged(locus: &Value) -> Value {
    let parts = ["internal_properties", "user_properties"].map(|key| locus[key].as_object());
    let pairs = parts.into_iter().flatten().flatten();
    pairs.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// A locus as a listing has it: other names for the same, and no light curve.
fn hit(locus: &Value) -> Value {
    json!({"locus": {
        "locus_id": locus["id"], "ra": locus["ra"], "dec": locus["dec"], "htm16": null,
        "properties": merged(locus), "tags": locus["tags"], "catalogs": locus["catalogs"],
        "grav_wave_events": locus["grav_wave_events"]
    }})
}

/// One page of the loci that a search finds, those with the newest alerts first.
fn listed(loci: &Value, request: &Request) -> ResponseTemplate {
    let search = asked(request, "elasticsearch_query").first().cloned().unwrap_or_default();
    let Ok(search) = serde_json::from_str::<Value>(&search) else {
        return ResponseTemplate::new(400).set_body_json(json!({"detail": "the query is no JSON"}));
    };
    let newest = |hit: &Value| at(hit, "properties.newest_alert_observation_time").as_f64().unwrap_or(0.0);
    let mut found: Vec<Value> = loci.as_array().into_iter().flatten().map(hit).collect();
    found.retain(|hit| holds(&search["query"], &hit["locus"]));
    found.sort_by(|a, b| newest(&b["locus"]).total_cmp(&newest(&a["locus"])));
    let size = number(request, "limit").unwrap_or(10.0).max(1.0) as usize;
    let first = number(request, "offset").unwrap_or(0.0) as usize;
    let next = (found.len() > first + size).then(|| {
        let others = request.url.query_pairs().filter(|(key, _)| key != "offset");
        let mut url = request.url.clone();
        let offset = (first + size).to_string();
        url.query_pairs_mut().clear().extend_pairs(others).append_pair("offset", &offset);
        // The service names its own host, whatever it was asked as.
        format!("https://api.antares.noirlab.edu/v2/loci?{}", url.query().unwrap_or_default())
    });
    let page: Vec<Value> = found.into_iter().skip(first).take(size).collect();
    answer(&json!({"data": page, "meta": {}, "links": {"self": request.url.as_str(), "next": next}}))
}

/// The value under a path of keys.
fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(value, |value, key| &value[key])
}

/// Whether a query of the search language holds for a locus: the leaves that the broker sends.
fn holds(query: &Value, locus: &Value) -> bool {
    let Some((leaf, body)) = query.as_object().and_then(|map| map.iter().next()) else { return true };
    let one = || body.as_object().and_then(|map| map.iter().next());
    match leaf.as_str() {
        "match_all" => true,
        "bool" => {
            let list = |key: &str| match &body[key] {
                Value::Array(list) => list.clone(),
                Value::Null => Vec::new(),
                only => vec![only.clone()],
            };
            let all = list("filter").into_iter().chain(list("must"));
            all.into_iter().all(|part| holds(&part, locus))
                && !list("must_not").iter().any(|part| holds(part, locus))
        }
        "term" => one().is_some_and(|(field, wanted)| has(at(locus, field), wanted)),
        "terms" => one().is_some_and(|(field, wanted)| {
            wanted.as_array().into_iter().flatten().any(|wanted| has(at(locus, field), wanted))
        }),
        "exists" => body["field"].as_str().is_some_and(|field| !at(locus, field).is_null()),
        "range" => one().is_some_and(|(field, ends)| {
            at(locus, field).as_f64().is_some_and(|value| {
                ends["gte"].as_f64().is_none_or(|low| value >= low)
                    && ends["lte"].as_f64().is_none_or(|high| value <= high)
            })
        }),
        "sky_distance" => within(body, locus).unwrap_or(false),
        _ => false,
    }
}

fn has(value: &Value, wanted: &Value) -> bool {
    value == wanted || value.as_array().is_some_and(|list| list.contains(wanted))
}

/// Whether a locus lies within a cone: a true distance on the sky.
fn within(cone: &Value, locus: &Value) -> Option<bool> {
    let radius: f64 = cone["radius"].as_str()?.strip_suffix(" degree")?.parse().ok()?;
    let (ra, dec) = cone["location"].as_str()?.split_once(' ')?;
    let (ra, dec) = (sky::parse_ra(ra)?, sky::parse_dec(dec)?);
    Some(sky::separation(ra, dec, locus["ra"].as_f64()?, locus["dec"].as_f64()?) <= radius)
}

/// How many loci have each tag and each catalogue.
fn statistics(loci: &Value) -> Value {
    let mut counts = [json!({}), json!({})];
    for locus in loci.as_array().into_iter().flatten() {
        for (counts, key) in counts.iter_mut().zip(["tags", "catalogs"]) {
            for name in locus[key].as_array().into_iter().flatten().filter_map(Value::as_str) {
                counts[name] = json!(counts[name].as_u64().unwrap_or(0) + 1);
            }
        }
    }
    let [tags, catalogs] = counts;
    json!({"id": "latest", "tags": tags, "catalogs": catalogs, "min_num_measurements": 1, "max_num_measurements": 200})
}
