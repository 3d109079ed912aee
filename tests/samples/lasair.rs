//! The recorded answers of Lasair.

use tom_alerts::brokers::lasair::*;
use tom_alerts::{Alert, Call, Client, Protocol};

use super::*;

pub(super) const FILES: Broker = Broker {
    folder: "lasair",
    readers: &[
        ("ztf_cone_all.json", cone_list),
        ("ztf_cone_nearest.json", nearest::<Ztf>),
        ("ztf_cone_nearest_none.json", nearest::<Ztf>),
        ("ztf_cone_count.json", count::<Ztf>),
        ("ztf_query.json", rows_of::<Ztf>),
        ("ztf_object.json", object::<Ztf>),
        ("ztf_object_raw.json", object::<Ztf>),
        ("ztf_objects_one_unknown.json", objects),
        ("ztf_objects_doc_example.json", objects),
        ("ztf_lightcurves.json", objects),
        ("ztf_sherlock_object_lite.json", one::<Sherlock>),
        ("ztf_sherlock_object_full.json", one::<Sherlock>),
        ("ztf_sherlock_position_lite.json", one::<Sherlock>),
        ("lsst_cone_all.json", cone_object),
        ("lsst_cone_all_many.json", cone_object),
        ("lsst_cone_all_none.json", cone_object),
        ("lsst_cone_nearest.json", nearest::<Lsst>),
        ("lsst_cone_nearest_none.json", nearest::<Lsst>),
        ("lsst_cone_count.json", count::<Lsst>),
        ("lsst_query.json", rows_of::<Lsst>),
        ("lsst_object_added_nan.json", object::<Lsst>),
        ("lsst_object_added_trimmed.json", object::<Lsst>),
        ("lsst_object_raw_nan.json", object::<Lsst>),
        ("lsst_object_raw_lite.json", object::<Lsst>),
        ("lsst_object_raw_unknown.json", unknown),
        ("lsst_sherlock_object_lite.json", one::<Sherlock>),
        ("lsst_sherlock_position_full.json", one::<Sherlock>),
        ("lsst_kafka_plain.json", message),
        ("lsst_kafka_lite.json", message),
        ("lsst_kafka_full.json", message),
        ("errors_ztf.json", errors::<Ztf>),
        ("errors_lsst.json", errors::<Lsst>),
    ],
    skipped: &[("annotate_ok_lsst.json", "the crate does not submit annotations to Lasair")],
};

fn lasair<S: LasairSurvey>() -> Lasair<S> {
    Lasair::new(LasairConfig { api_key: Some("made0up0token".into()), ..LasairConfig::default() }).unwrap()
}

fn answer(body: &[u8]) -> Response {
    Response::new(200, Vec::new(), body.to_vec().into())
}

/// What a call makes of an answer.
fn fed<T: Send + 'static>(call: tom_alerts::Result<Call<T>>, body: &[u8]) -> Result<T, String> {
    let Call::Send(_, then) = call.unwrap() else { panic!("a call begins with its request") };
    match then(Ok(answer(body))).map_err(|e| e.to_string())? {
        Call::Done(value) => Ok(value),
        _ => Err("further steps were asked for".to_owned()),
    }
}

fn cone_list(body: &[u8]) -> Result<Value, String> {
    let cone = Cone::read(&answer(body)).map_err(|e| e.to_string())?;
    if cone.failures.is_empty() { Ok(json!(cone.objects)) } else { Err(format!("{:?}", cone.failures)) }
}

fn cone_object(body: &[u8]) -> Result<Value, String> {
    Ok(json!({ "objects": cone_list(body)? }))
}

fn nearest<S: LasairSurvey>(body: &[u8]) -> Result<Value, String> {
    let found = fed(lasair::<S>().cone_nearest(1.0, 2.0, 3.0), body)?;
    let own = json!(found);
    Ok(match found {
        None => json!({}),
        Some(_) if body.windows(7).any(|word| word == b"nearest") => json!({ "nearest": own }),
        Some(_) => own,
    })
}

fn count<S: LasairSurvey>(body: &[u8]) -> Result<Value, String> {
    Ok(json!({ "count": fed(lasair::<S>().cone_count(1.0, 2.0, 3.0), body)? }))
}

/// The rows of a query through the listing; the packet keeps each as it came.
fn rows_of<S: LasairSurvey>(body: &[u8]) -> Result<Value, String> {
    let query = LasairQuery {
        selected: Some("*".into()),
        conditions: Some("ORDER BY 1".into()),
        ..LasairQuery::<S>::default()
    };
    let page = lasair::<S>()
        .page(&query, &tom_alerts::Cursor::default(), answer(body))
        .map_err(|e| e.to_string())?;
    let mut rows = Vec::new();
    for slot in page.items.into_slots() {
        let tom_alerts::Slot::Item(alert) = slot.map_err(|e| e.to_string())? else {
            panic!("rows are whole")
        };
        let typed = typed_row(&alert);
        let raw: Value = serde_json::from_str(alert.raw()).unwrap();
        let mut differ = Vec::new();
        differences(&typed, &raw["row"], "", &mut differ);
        if !differ.is_empty() {
            return Err(differ.join("; "));
        }
        rows.push(raw["row"].clone());
    }
    Ok(Value::Array(rows))
}

/// What the packet holds of its row, and what the generic alert takes of it.
fn typed_row<P: Packet>(alert: &Alert<P>) -> Value {
    let ztf = serde_json::from_str::<LasairPacket>(alert.raw()).ok().and_then(|packet| packet.row);
    let lsst = serde_json::from_str::<LasairLsstPacket>(alert.raw()).ok().and_then(|packet| packet.row);
    ztf.map_or_else(|| json!(lsst.unwrap()), |row| json!(row))
}

/// A single object through the client's own steps; light curve and generic alert are made of it too.
fn object<S: LasairSurvey<Packet: Serialize>>(body: &[u8]) -> Result<Value, String> {
    let ids = ["ZTF21abfmbix", "313761042336317573"];
    let lasair = lasair::<S>();
    let id = ids.into_iter().find(|id| lasair.recognises(id)).unwrap();
    let alert = fed(lasair.alert(id), body)?;
    if serde_json::from_str::<Value>(alert.raw()).is_err() {
        return Err("the kept text is no JSON".to_owned());
    }
    lasair.to_generic_alert(&alert).and_then(|generic| generic.checked()).map_err(|e| e.to_string())?;
    match lasair.reduced_data(tom_alerts::Subject::new(alert.id()).with_alert(&alert)) {
        Ok(Call::Done(data)) if data.failures.is_empty() && !data.points.is_empty() => Ok(json!(*alert)),
        other => Err(format!("no light curve of the object: {other:?}")),
    }
}

fn unknown(body: &[u8]) -> Result<Value, String> {
    match fed(lasair::<Lsst>().alert("313761042336317573"), body) {
        Err(told) if told.starts_with("no such object") => Ok(Value::Null),
        other => Err(format!("an unknown object was read as {other:?}")),
    }
}

/// A batch; its unknown object stands as `null` again.
fn objects(body: &[u8]) -> Result<Value, String> {
    let ids: Vec<Value> = serde_json::from_slice(body).unwrap();
    let ids: Vec<&str> = ids.iter().map(|item| item["objectId"].as_str().unwrap_or("ZTF99zzzzzzz")).collect();
    let query = LasairQuery {
        object_id: ids.into_iter().map(str::to_owned).collect(),
        ..LasairQuery::<Ztf>::default()
    };
    let page = lasair::<Ztf>()
        .page(&query, &tom_alerts::Cursor::default(), answer(body))
        .map_err(|e| e.to_string())?;
    let client = Client::<Lasair<Ztf>>::new(LasairConfig::default()).unwrap();
    let mut out = Vec::new();
    for slot in page.items.into_slots() {
        match slot {
            Ok(tom_alerts::Slot::Item(alert)) => {
                client.generic(&alert).map_err(|e| e.to_string())?;
                if let Some(fault) = alert.candidates.rows.iter().find_map(|row| row.as_ref().err()) {
                    return Err(fault.clone());
                }
                out.push(json!(*alert));
            }
            Err(error) if error.kind() == tom_alerts::ErrorKind::NotFound => out.push(Value::Null),
            Err(error) => return Err(error.to_string()),
            Ok(_) => panic!("a batch holds whole objects"),
        }
    }
    Ok(Value::Array(out))
}

fn message(body: &[u8]) -> Result<Value, String> {
    let alert = read_message::<Lsst>(std::str::from_utf8(body).unwrap()).map_err(|e| e.to_string())?;
    let row = json!(alert.row);
    let lists = json!({
        "diaObject": alert.dia_object, "diaSourcesList": alert.sources, "diaForcedSourcesList": alert.forced_sources
    });
    let mut own = row;
    own["diaObjectId"] = json!(alert.dia_object_id);
    own["alert"] = lists;
    Ok(own)
}

/// Each recorded failure must be told as one, with a word of why.
fn errors<S: LasairSurvey>(body: &[u8]) -> Result<Value, String> {
    let lasair = lasair::<S>();
    for entry in read::<Vec<Value>>(body)? {
        let status = u16::try_from(entry["status"].as_u64().unwrap()).unwrap();
        let text = entry["body"].as_str().map_or_else(|| entry["body"].to_string(), str::to_owned);
        let response = Response::new(status, Vec::new(), text.into());
        let failed = lasair.explain(&response).or_else(|| response.into_result().err());
        match failed {
            None => return Err(format!("{}: no error", entry["case"])),
            Some(error) if error.message().is_empty() || error.message().contains('<') => {
                return Err(format!("{}: {error}", entry["case"]));
            }
            Some(_) => {}
        }
    }
    Ok(Value::Null)
}
