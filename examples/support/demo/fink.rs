//! Fink, recorded: alerts and light curves of ZTF and of LSST, an asteroid of each, names at TNS.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};
use tom_alerts::sky;
use wiremock::{Request, ResponseTemplate};

use super::{PIXEL, answer, recorded};

/// The part of Fink that the examples ask for: lists by class, tag, id, cone, asteroid and TNS name.
pub(super) fn respond(request: &Request) -> ResponseTemplate {
    let path = request.url.path().trim_matches('/');
    let parts: Vec<&str> = path.split('/').collect();
    let asked: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let text = |key: &str| asked[key].as_str().unwrap_or_default();
    let ztf = recorded!("fink/ztf_alerts.json");
    let sources = recorded!("fink/lsst_sources.json");
    let (lsst, route) = match parts[..] {
        ["ztf", "api", "v1", route] => (false, route),
        ["api", "v1", route] => (true, route),
        _ => return ResponseTemplate::new(404).set_body_string("this is not recorded"),
    };
    let mut rows = match (lsst, route) {
        (_, "cutouts") => return ResponseTemplate::new(200).set_body_raw(PIXEL.to_vec(), "image/png"),
        (false, "objects") if asked["withupperlim"] == true => {
            of_ids(recorded!("fink/ztf_curves.json"), text("objectId"))
        }
        (false, "objects") => {
            let ids: Vec<&str> = text("objectId").split(',').collect();
            listed(ztf, |row| ids.iter().any(|id| row["i:objectId"] == *id))
        }
        (false, "latests") => listed(ztf, |row| is_of_class(row, text("class"))),
        (false, "conesearch") => near(ztf, "i:", &asked),
        (true, "sources") => of_ids(sources, text("diaObjectId")),
        (true, "fp") => of_ids(recorded!("fink/lsst_forced.json"), text("diaObjectId")),
        (true, "tags") if matches!(text("tag"), "most_likely_sn" | "in_tns") => {
            listed(&latest(sources), |row| row["f:clf_cats_class"] == 11)
        }
        (true, "tags") => listed(&latest(sources), |row| row["f:clf_cats_class"] != 11),
        (true, "conesearch") => near(&latest(sources), "r:", &asked),
        (_, "sso") => asteroids(lsst, text("n_or_d")),
        (_, "resolver") => {
            let name = format!("{}{}", text("name"), text("name_or_id")).to_lowercase();
            let named = |row: &Value| {
                row["d:fullname"].as_str().is_some_and(|full| full.to_lowercase().starts_with(&name))
            };
            listed(recorded!("fink/tns.json"), |row| !lsst && named(row))
        }
        _ => return ResponseTemplate::new(404).set_body_string("this is not recorded"),
    };
    rows.truncate(asked["n"].as_u64().map_or(usize::MAX, |n| n as usize));
    let columns: Vec<&str> = text("columns").split(',').filter(|column| !column.is_empty()).collect();
    if !columns.is_empty() {
        // These come whether they are asked for or not.
        let always = ["d:tag", "sso_name", "sso_number", "f:sso_name", "v:separation_degree"];
        let wanted = |key: &str| columns.contains(&key) || always.contains(&key);
        rows.iter_mut().for_each(|row| row.retain(|key, _| wanted(key)));
    }
    answer(&json!(rows))
}

type Rows = Vec<Map<String, Value>>;

fn listed(rows: &Value, wanted: impl Fn(&Value) -> bool) -> Rows {
    let rows = rows.as_array().into_iter().flatten().filter(|row| wanted(row));
    rows.filter_map(|row| row.as_object().cloned()).collect()
}

fn of_ids(table: &Value, ids: &str) -> Rows {
    ids.split(',').flat_map(|id| listed(&table[id], |_| true)).collect()
}

/// The newest source of each LSST object, with what the object has beside.
fn latest(sources: &Value) -> Value {
    let objects = sources.as_object().into_iter().flat_map(Map::values);
    let first = objects.filter_map(|rows| {
        let mut row = rows.get(0)?.as_object()?.clone();
        let beside = row.remove("demo");
        row.extend(beside.as_ref().and_then(Value::as_object).cloned().unwrap_or_default());
        Some(Value::Object(row))
    });
    Value::Array(first.collect())
}

fn is_of_class(row: &Value, class: &str) -> bool {
    let key = match class.split_once(") ") {
        Some(("(TNS", class)) => return row["d:tns"] == class,
        Some(("(SIMBAD", class)) => return row["d:cdsxmatch"] == class,
        _ => "v:classification",
    };
    row[key] == class
}

/// The newest alert of each object in a cone, nearest first.
fn near(rows: &Value, family: &str, asked: &Value) -> Rows {
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let (ra, dec) = (number(&asked["ra"]), number(&asked["dec"]));
    let mut found: Rows = Vec::new();
    for mut row in listed(rows, |_| true) {
        let of = |key: &str| row.get(&format!("{family}{key}")).cloned().unwrap_or_default();
        let away = sky::separation(ra, dec, number(&of("ra")), number(&of("dec")));
        let seen = family == "i:" && found.iter().any(|known| known["i:objectId"] == of("objectId"));
        if seen || away.is_nan() || away * 3600.0 > number(&asked["radius"]) {
            continue;
        }
        row.insert("v:separation_degree".to_owned(), away.into());
        // A cone has the class under another name.
        if let Some(class) = row.remove("v:classification") {
            row.insert("d:classification".to_owned(), class);
        }
        found.push(row);
    }
    found.sort_by(|a, b| number(&a["v:separation_degree"]).total_cmp(&number(&b["v:separation_degree"])));
    found
}

fn asteroids(lsst: bool, names: &str) -> Rows {
    let rows = &recorded!("fink/sso.json")[if lsst { "lsst" } else { "ztf" }];
    let keys: &[&str] = if lsst { &["f:sso_name"] } else { &["sso_name", "i:ssnamenr"] };
    let names: Vec<&str> = names.split(',').map(str::trim).collect();
    listed(rows, |row| keys.iter().any(|key| names.iter().any(|name| row[*key] == *name)))
}
