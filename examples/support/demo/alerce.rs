//! ALeRCE, recorded: lists of ZTF and LSST objects, light curves, probabilities, stamps.

use std::sync::OnceLock;

use serde_json::{Value, json};
use tom_alerts::sky;
use wiremock::{Request, ResponseTemplate};

use super::{PIXEL, answer, asked, missing, number, of, recorded};

fn detections(curves: &Value, oid: &str) -> ResponseTemplate {
    curves.get(oid).map_or_else(missing, |curve| answer(&curve["detections"]))
}

/// The part of ALeRCE that the examples ask for: lists by id, class, probability,
/// number of detections and cone.
pub(super) fn respond(request: &Request) -> ResponseTemplate {
    let path = request.url.path().trim_matches('/');
    let parts: Vec<&str> = path.split('/').collect();
    let oid = asked(request, "oid").first().cloned().unwrap_or_default();
    match parts[..] {
        ["ztf", "v1", "objects"] => {
            let (items, _) = listed(recorded!("alerce/ztf_objects.json"), request, "class");
            answer(&json!({
                "total": null, "page": null, "next": null, "has_next": false,
                "prev": null, "has_prev": false, "items": items
            }))
        }
        ["ztf", "v1", "objects", oid] => match found(recorded!("alerce/ztf_objects.json"), oid) {
            // The service gives a single object without its class.
            Some(Value::Object(mut object)) => {
                object.retain(|key, _| !["class", "classifier", "probability"].contains(&key.as_str()));
                answer(&Value::Object(object))
            }
            _ => missing(),
        },
        ["ztf", "v1", "objects", oid, "detections"] => {
            detections(recorded!("alerce/ztf_lightcurves.json"), oid)
        }
        ["ztf", "v1", "objects", oid, "lightcurve"] => of(recorded!("alerce/ztf_lightcurves.json"), oid),
        ["ztf", "v1", "objects", oid, "probabilities"] => of(recorded!("alerce/ztf_probabilities.json"), oid),
        ["v2", "lightcurve", "forced-photometry", oid] => of(recorded!("alerce/ztf_forced.json"), oid),
        ["object_api", "list_objects"] => {
            let (items, more) = listed(recorded!("alerce/lsst_objects.json"), request, "class_name");
            answer(&json!({
                "total": items.len(), "next": null, "has_next": more, "prev": null, "has_prev": false,
                "current_page": 1, "items": items, "info_message": null
            }))
        }
        ["object_api", "object"] => match found(recorded!("alerce/lsst_objects.json"), &oid) {
            Some(object) => answer(&object),
            None => ResponseTemplate::new(500).set_body_json(json!({"detail": "An error occurred"})),
        },
        ["lightcurve_api", "detections"] => detections(recorded!("alerce/lsst_lightcurves.json"), &oid),
        ["lightcurve_api", "lightcurve"] => of(recorded!("alerce/lsst_lightcurves.json"), &oid),
        ["probability_api", "probability"] => of(recorded!("alerce/lsst_probabilities.json"), &oid),
        ["get_stamp"] | ["stamps_api", "stamp"] => {
            ResponseTemplate::new(200).set_body_raw(PIXEL.to_vec(), "image/png")
        }
        _ => ResponseTemplate::new(404).set_body_string("this is not recorded"),
    }
}

fn id_of(object: &Value) -> String {
    object["oid"].as_str().map_or_else(|| object["oid"].to_string(), str::to_owned)
}

fn found(objects: &Value, oid: &str) -> Option<Value> {
    objects.as_array()?.iter().find(|object| id_of(object) == oid).cloned()
}

/// One page of the objects that a query asks for, and whether there are more.
fn listed(objects: &Value, request: &Request, class_key: &str) -> (Vec<Value>, bool) {
    let (ids, class) = (asked(request, "oid"), asked(request, class_key));
    let least = number(request, "probability").unwrap_or(0.0);
    let count = if class_key == "class" { "ndet" } else { "n_det" };
    let detections = number(request, count).unwrap_or(0.0);
    let cone = (|| Some((number(request, "ra")?, number(request, "dec")?, number(request, "radius")?)))();
    let within = |object: &Value| {
        let at = object["meanra"].as_f64().zip(object["meandec"].as_f64());
        cone.is_none_or(|(ra, dec, radius)| {
            at.is_some_and(|(x, y)| sky::separation(ra, dec, x, y) * 3600.0 <= radius)
        })
    };
    let wanted = |object: &&Value| {
        (ids.is_empty() || ids.contains(&id_of(object)))
            && class.first().is_none_or(|class| object[class_key] == class.as_str())
            && object["probability"].as_f64().is_some_and(|p| p >= least)
            && object[count].as_f64().is_some_and(|n| n >= detections)
            && within(object)
    };
    let size = number(request, "page_size").unwrap_or(10.0) as usize;
    let first = (number(request, "page").unwrap_or(1.0) as usize).saturating_sub(1) * size;
    let all: Vec<Value> = objects.as_array().into_iter().flatten().filter(wanted).cloned().collect();
    let page = all.iter().skip(first).take(size).cloned().collect();
    (page, all.len() > first + size)
}
