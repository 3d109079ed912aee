//! Lasair, recorded: cones, queries by id, objects with light curves and Sherlock's match, of both surveys.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};
use tom_alerts::sky;
use wiremock::{Request, ResponseTemplate};

use super::{answer, asked, number, recorded};

/// The token that the recorded services know.
pub(super) const TOKEN: &str = "demo0token";

fn refused(request: &Request) -> Option<ResponseTemplate> {
    let given = request.headers.get("authorization").and_then(|value| value.to_str().ok());
    let known = given == Some(&format!("Token {TOKEN}"));
    // Images need no token.
    (!known && request.url.path().starts_with("/api/"))
        .then(|| ResponseTemplate::new(401).set_body_json(json!({"detail": "Invalid token."})))
}

/// A field of the form in the body.
fn field(request: &Request, key: &str) -> String {
    let fields = url::form_urlencoded::parse(&request.body);
    fields.into_iter().find(|(name, _)| name == key).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// The ids in a list, in a text such as `objects.objectId IN ('a','b')` too.
fn ids(text: &str) -> Vec<String> {
    let inner = text.rsplit_once('(').map_or(text, |(_, inner)| inner);
    let inner = inner.split_once(')').map_or(inner, |(inner, _)| inner);
    inner.split(',').map(|id| id.trim().trim_matches('\'').to_owned()).collect()
}

fn objects(all: &Value) -> &[Value] {
    all.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn found<'a>(all: &'a Value, key: &str, id: &str) -> Option<&'a Value> {
    objects(all).iter().find(|object| object[key] == id)
}

/// The ids and distances of a cone, nearest first.
fn cone(
    all: &Value,
    request: &Request,
    place: impl Fn(&Value) -> (Value, Option<f64>, Option<f64>),
) -> Vec<Value> {
    let at = (|| Some((number(request, "ra")?, number(request, "dec")?, number(request, "radius")?)))();
    let Some((ra, dec, radius)) = at else { return Vec::new() };
    let mut near: Vec<_> = objects(all)
        .iter()
        .filter_map(|object| {
            let (id, x, y) = place(object);
            let apart = sky::separation(ra, dec, x?, y?) * 3600.0;
            (apart <= radius).then_some((apart, id))
        })
        .collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0));
    near.into_iter().map(|(apart, id)| json!({"object": id, "separation": apart})).collect()
}

/// The rows of a query: by ids or all of them; other conditions are not looked at.
fn rows(
    all: &Value,
    key: &str,
    request: &Request,
    row: impl Fn(&Value) -> Map<String, Value>,
) -> ResponseTemplate {
    let conditions = field(request, "conditions");
    let wanted = conditions.contains(" IN (").then(|| ids(&conditions));
    let whole = |name: &str, other: usize| field(request, name).parse().unwrap_or(other);
    let rows: Vec<_> = objects(all)
        .iter()
        .filter(|object| wanted.as_ref().is_none_or(|ids| ids.iter().any(|id| object[key] == id.as_str())))
        .skip(whole("offset", 0))
        .take(whole("limit", 1000))
        .map(|object| Value::Object(row(object)))
        .collect();
    answer(&Value::Array(rows))
}

fn sherlock(id: &str, matched: &Value) -> ResponseTemplate {
    answer(&json!({
        "classifications": {id: [matched["classification"], matched["description"]]}, "crossmatches": [matched]
    }))
}

/// The same with links to images that lead here.
fn here(value: &Value, request: &Request) -> ResponseTemplate {
    let host = request.headers.get("host").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let own = format!("http://{host}");
    let public = ["https://lasair-ztf.lsst.ac.uk/lasair/static", "https://lasair.lsst.ac.uk"];
    let text = public.iter().fold(value.to_string(), |text, public| text.replace(public, &own));
    ResponseTemplate::new(200).set_body_raw(text, "application/json")
}

/// A FITS file without an image.
fn image() -> ResponseTemplate {
    let cards = [
        "SIMPLE  =                    T",
        "BITPIX  =                    8",
        "NAXIS   =                    0",
        "END",
    ];
    let header: String = cards.iter().map(|card| format!("{card:<80}")).collect();
    ResponseTemplate::new(200).set_body_raw(format!("{header:<2880}"), "image/fits")
}

/// The part of Lasair for ZTF that the examples ask for.
pub(super) fn ztf(request: &Request) -> ResponseTemplate {
    if let Some(refused) = refused(request) {
        return refused;
    }
    let all = recorded!("lasair/ztf_objects.json");
    let id = asked(request, "objectId").first().cloned().unwrap_or_default();
    let one = found(all, "objectId", &id);
    match request.url.path() {
        "/api/cone/" => {
            let place = |object: &Value| {
                let data = &object["objectData"];
                (object["objectId"].clone(), data["ramean"].as_f64(), data["decmean"].as_f64())
            };
            answer(&Value::Array(cone(all, request, place)))
        }
        "/api/query/" => rows(all, "objectId", request, |object| {
            let mut row = object["objectData"].as_object().cloned().unwrap_or_default();
            row.insert("objectId".to_owned(), object["objectId"].clone());
            row
        }),
        "/api/objects/" => {
            let wanted = ids(&field(request, "objectIds"));
            let one = |id: &String| found(all, "objectId", id).cloned().unwrap_or(Value::Null);
            here(&wanted.iter().map(one).collect(), request)
        }
        "/api/object/" if asked(request, "lasair_added") == ["true"] => match one {
            Some(object) => here(object, request),
            None => ResponseTemplate::new(500)
                .set_body_raw("<html><title>Server Error (500)</title></html>", "text/html"),
        },
        "/api/object/" => {
            let part = |key: &str| one.map_or_else(|| json!([]), |object| object[key].clone());
            answer(
                &json!({"objectId": id, "candidates": part("candidates"), "forcedphot": part("forcedphot")}),
            )
        }
        "/api/sherlock/object/" => sherlock(&id, one.map_or(&Value::Null, |object| &object["sherlock"])),
        path if path.ends_with(".fits") => image(),
        _ => ResponseTemplate::new(404).set_body_string("this is not recorded"),
    }
}

/// The part of Lasair for LSST that the examples ask for.
pub(super) fn lsst(request: &Request) -> ResponseTemplate {
    if let Some(refused) = refused(request) {
        return refused;
    }
    let all = recorded!("lasair/lsst_objects.json");
    let id = asked(request, "objectId").first().cloned().unwrap_or_default();
    let one = found(all, "diaObjectId", &id);
    match request.url.path() {
        "/api/cone/" => {
            let place = |object: &Value| {
                let at = &object["diaObject"];
                (object["lasairData"]["diaObjectId"].clone(), at["ra"].as_f64(), at["decl"].as_f64())
            };
            let near = cone(all, request, place);
            answer(
                &json!({"count": near.len(), "nearest": near.first().cloned().unwrap_or_else(|| json!({})), "objects": near}),
            )
        }
        "/api/query/" => {
            let joined = field(request, "tables").contains("sherlock_classifications");
            rows(all, "diaObjectId", request, |object| {
                let plain = |(key, value): (&String, &Value)| {
                    (!value.is_object() && !value.is_array()).then(|| (key.clone(), value.clone()))
                };
                let members = |value: &Value| {
                    value
                        .as_object()
                        .map(|map| map.iter().filter_map(plain).collect::<Map<_, _>>())
                        .unwrap_or_default()
                };
                let mut row = members(&object["lasairData"]);
                row.extend(members(&object["diaObject"]));
                if joined {
                    row.extend(members(&object["lasairData"]["sherlock"]));
                }
                row
            })
        }
        "/api/object/" => match one {
            Some(object) => here(object, request),
            None => ResponseTemplate::new(404).set_body_json(json!({"detail": "Not found."})),
        },
        "/api/sherlock/object/" => {
            sherlock(&id, one.map_or(&Value::Null, |object| &object["lasairData"]["sherlock"]))
        }
        path if path.starts_with("/fits/") => image(),
        _ => ResponseTemplate::new(404).set_body_string("this is not recorded"),
    }
}
