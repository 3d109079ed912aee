//! The recorded answers of MARS.

use std::collections::BTreeMap;

use tom_alerts::brokers::mars::{Epoch, Mars, MarsAlert, MarsConfig};
use tom_alerts::{Alert, Call, Protocol};

use super::*;

pub(super) const FILES: Broker = Broker {
    folder: "mars",
    readers: &[
        ("list_default.json", list),
        ("list_empty.json", list),
        ("list_object_filter_g.json", list),
        ("list_cone_filter_time.json", list),
        ("list_ra_range_sorted.json", list),
        ("detail_with_prv.json", detail),
        ("detail_only_nondetections.json", detail),
        ("photometry.json", photometry),
        ("post_bulk.json", bulk),
        ("post_bulk_empty.json", bulk),
        ("error_404.html", |body| error(404, body)),
        ("error_500.html", |body| error(500, body)),
    ],
    skipped: &[],
};

fn list(body: &[u8]) -> Result<Value, String> {
    super::page::<MarsAlert>(body, "results").map(|ours| told(ours, body))
}

/// Where the file has −999 for nothing and ours is nothing, both say the same.
fn told(mut ours: Value, body: &[u8]) -> Value {
    fn walk(ours: &mut Value, theirs: &Value) {
        match (ours, theirs) {
            (Value::Object(ours), Value::Object(theirs)) => {
                ours.retain(|key, value| !(value.is_null() && theirs.get(key) == Some(&json!(-999.0))));
                for (key, ours) in ours {
                    walk(ours, theirs.get(key).unwrap_or(&Value::Null));
                }
            }
            (Value::Array(ours), Value::Array(theirs)) => {
                ours.iter_mut().zip(theirs).for_each(|(ours, theirs)| walk(ours, theirs));
            }
            _ => {}
        }
    }
    walk(&mut ours, &serde_json::from_slice(body).unwrap());
    ours
}

fn mars() -> Mars {
    Mars::new(MarsConfig { base_url: "http://127.0.0.1:8/".parse().ok() }).unwrap()
}

fn detail(body: &[u8]) -> Result<Value, String> {
    let alert =
        Alert::<MarsAlert>::from_raw(std::str::from_utf8(body).unwrap()).map_err(|e| e.to_string())?;
    let history = Mars::history(&alert).map_err(|e| e.to_string())?.ok_or("no history")?;
    let mut ours = serde_json::to_value(alert.into_packet()).unwrap();
    ours["prv_candidate"] = super::list(history)?;
    Ok(told(ours, body))
}

/// The order is by number and the file's by text, so the points are put back under their keys.
fn photometry(body: &[u8]) -> Result<Value, String> {
    let call = mars().photometry("1").map_err(|e| e.to_string())?;
    let Call::Send(_, then) = call else { return Err("nothing is sent".to_owned()) };
    let read = then(Ok(Response::new(200, Vec::new(), body.to_vec().into()))).map_err(|e| e.to_string())?;
    let Call::Done(epochs) = read else { return Err("more is sent".to_owned()) };
    let keyed: BTreeMap<String, Epoch> =
        epochs.into_iter().enumerate().map(|(n, epoch)| (n.to_string(), epoch)).collect();
    let theirs: Map<String, Value> = serde_json::from_slice(body).unwrap();
    if keyed.len() != theirs.len() {
        return Err(format!("{} points of {}", keyed.len(), theirs.len()));
    }
    Ok(serde_json::to_value(keyed).unwrap())
}

fn bulk(body: &[u8]) -> Result<Value, String> {
    let some = serde_json::from_value(json!({"object_id": ["ZTF17aaacxxf"]})).unwrap();
    let call = mars().bulk(&[some]).map_err(|e| e.to_string())?;
    let Call::Send(_, then) = call else { return Err("nothing is sent".to_owned()) };
    let read = then(Ok(Response::new(200, Vec::new(), body.to_vec().into()))).map_err(|e| e.to_string())?;
    let Call::Done(answers) = read else { return Err("more is sent".to_owned()) };
    let mut results = Vec::new();
    for answer in whole(answers)? {
        let alerts = answer.alerts.into_iter().map(|alert| alert.map(Alert::into_packet));
        let alerts: Vec<MarsAlert> = alerts.collect::<Result<_, _>>().map_err(|e| e.to_string())?;
        results.push(json!({"query": answer.query, "num_alerts": answer.num_alerts, "results": alerts}));
    }
    Ok(told(json!({ "results": results }), body))
}

/// A failure must be told as one, by the broker or the core.
fn error(status: u16, body: &[u8]) -> Result<Value, String> {
    let response = Response::new(status, Vec::new(), body.to_vec().into());
    match mars().explain(&response).or_else(|| response.into_result().err()) {
        Some(error) if !error.message().is_empty() => Ok(Value::Null),
        _ => Err("no error".to_owned()),
    }
}
