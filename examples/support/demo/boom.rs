//! Babamul and BOOM, recorded: alerts, objects with both surveys' light curves, cutouts; BOOM asks for a login.

use std::sync::OnceLock;

use serde_json::{Value, json};
use tom_alerts::sky;
use wiremock::{Request, ResponseTemplate};

use super::{answer, asked, missing, number, recorded};

const TOKEN: &str = "bbml_demo";

fn objects() -> impl Iterator<Item = &'static Value> {
    recorded!("boom/objects.json").as_array().into_iter().flatten()
}

fn found(id: &str) -> Option<&'static Value> {
    objects().find(|object| object["objectId"] == id)
}

/// An alert is its object without the history.
fn alert(object: &Value, id_key: &str) -> Value {
    let mut alert = json!({id_key: object["candid"]});
    for key in ["objectId", "candidate", "properties", "classifications"] {
        if let Some(value) = object.get(key) {
            alert[key] = value.clone();
        }
    }
    alert
}

fn is_of(object: &Value, survey: &str) -> bool {
    object["objectId"].as_str().is_some_and(|id| id.starts_with("ZTF")) == (survey == "ZTF")
}

fn within(object: &Value, ra: f64, dec: f64, radius: f64) -> bool {
    let at = object["candidate"]["ra"].as_f64().zip(object["candidate"]["dec"].as_f64());
    at.is_some_and(|(x, y)| sky::separation(ra, dec, x, y) * 3600.0 <= radius)
}

fn data(data: Value) -> ResponseTemplate {
    answer(&json!({"message": "done", "data": data}))
}

fn carries(request: &Request, token: &str) -> bool {
    request
        .headers
        .get("authorization")
        .is_some_and(|value| value.as_bytes() == format!("Bearer {token}").as_bytes())
}

fn cutouts(id: &str, candid: Option<&String>) -> ResponseTemplate {
    let known =
        objects().find(|object| object["objectId"] == id || Some(&object["candid"].to_string()) == candid);
    known.map_or_else(missing, |object| {
        let mut cutouts = recorded!("boom/cutouts.json").clone();
        cutouts["candid"] = object["candid"].clone();
        data(cutouts)
    })
}

/// Babamul: everything needs the token.
pub(super) fn babamul(request: &Request) -> ResponseTemplate {
    if !carries(request, TOKEN) {
        return ResponseTemplate::new(401).set_body_string("Unauthorized");
    }
    let parts: Vec<&str> = request.url.path().trim_matches('/').split('/').collect();
    match parts[..] {
        ["surveys", survey, "alerts"] => {
            let id = asked(request, "object_id").first().cloned();
            let cone = (|| {
                Some((number(request, "ra")?, number(request, "dec")?, number(request, "radius_arcsec")?))
            })();
            let least =
                number(request, "min_drb").or_else(|| number(request, "min_reliability")).unwrap_or(0.0);
            let jd = (number(request, "start_jd").unwrap_or(0.0), number(request, "end_jd").unwrap_or(1e9));
            let wanted = |object: &&Value| {
                let candidate = &object["candidate"];
                let score = candidate["drb"].as_f64().or(candidate["reliability"].as_f64());
                is_of(object, survey)
                    && id.as_deref().is_none_or(|id| object["objectId"] == id)
                    && cone.is_none_or(|(ra, dec, radius)| within(object, ra, dec, radius))
                    && score.is_none_or(|score| score >= least)
                    && candidate["jd"].as_f64().is_some_and(|at| jd.0 <= at && at <= jd.1)
            };
            let skip = number(request, "skip").unwrap_or(0.0) as usize;
            let limit = number(request, "limit").unwrap_or(100_000.0) as usize;
            data(
                objects()
                    .filter(wanted)
                    .skip(skip)
                    .take(limit)
                    .map(|object| alert(object, "candid"))
                    .collect(),
            )
        }
        ["surveys", survey, "objects", id] => match found(id).filter(|object| is_of(object, survey)) {
            Some(object) => data(object.clone()),
            None => missing(),
        },
        ["surveys", _, "cutouts"] => {
            let id = asked(request, "objectId").first().cloned().unwrap_or_default();
            cutouts(&id, asked(request, "candid").first())
        }
        _ => ResponseTemplate::new(404).set_body_string("this is not recorded"),
    }
}

/// BOOM: a login first; of Mongo's words only those that the broker itself uses.
pub(super) fn boom(request: &Request) -> ResponseTemplate {
    const SESSION: &str = "demo.session";
    let parts: Vec<&str> = request.url.path().trim_matches('/').split('/').collect();
    if parts == ["auth"] {
        return answer(&json!({"access_token": SESSION, "token_type": "Bearer", "expires_in": 604_800}));
    }
    if !carries(request, SESSION) {
        return ResponseTemplate::new(401).set_body_string("Unauthorized");
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let catalogue = body["catalog_name"].as_str().unwrap_or_default();
    let survey = catalogue.split('_').next().unwrap_or_default();
    let cone = (|| {
        let at = &body["object_coordinates"]["query"];
        Some((at[0].as_f64()?, at[1].as_f64()?, body["radius"].as_f64()?))
    })();
    let wanted = |object: &&Value| {
        is_of(object, survey)
            && passes(object, &body["filter"])
            && cone.is_none_or(|(ra, dec, radius)| within(object, ra, dec, radius))
    };
    let page = |object: &Value| alert(object, "_id");
    match parts[..] {
        ["queries", "find"] if catalogue.ends_with("_aux") => data(
            objects()
                .find(|object| object["objectId"] == body["filter"]["_id"])
                .cloned()
                .into_iter()
                .collect(),
        ),
        ["queries", "find"] => data(cut(&body, objects().filter(wanted).map(page).collect())),
        ["queries", "cone_search"] => {
            data(json!({"query": cut(&body, objects().filter(wanted).map(page).collect())}))
        }
        ["queries", "pipeline"] => data(objects().filter(|object| is_of(object, survey)).map(page).collect()),
        ["surveys", _, "cutouts"] => {
            let id = asked(request, "objectId").first().cloned().unwrap_or_default();
            cutouts(&id, asked(request, "candid").first())
        }
        _ => ResponseTemplate::new(404).set_body_string("this is not recorded"),
    }
}

/// Whether an object passes a filter of ids, alternatives and bounds.
fn passes(object: &Value, filter: &Value) -> bool {
    filter.as_object().into_iter().flatten().all(|(key, wanted)| match key.as_str() {
        "$or" => wanted.as_array().into_iter().flatten().any(|one| passes(object, one)),
        "$and" => wanted.as_array().into_iter().flatten().all(|one| passes(object, one)),
        "_id" => object["candid"] == *wanted,
        key => {
            let value = key.split('.').fold(object, |value, step| &value[step]);
            let bound = |word: &str| wanted[word].as_f64();
            match (wanted.is_object(), value.as_f64()) {
                (true, Some(value)) => {
                    bound("$gte").is_none_or(|low| value >= low)
                        && bound("$lte").is_none_or(|high| value <= high)
                        && bound("$gt").is_none_or(|low| value > low)
                        && bound("$lt").is_none_or(|high| value < high)
                }
                (true, None) => false,
                (false, _) => value == wanted,
            }
        }
    })
}

fn cut(body: &Value, all: Vec<Value>) -> Value {
    let number = |key: &str, other: u64| usize::try_from(body[key].as_u64().unwrap_or(other)).unwrap_or(0);
    all.into_iter().skip(number("skip", 0)).take(number("limit", 10_000)).collect()
}
