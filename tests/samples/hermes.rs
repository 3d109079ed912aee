//! The recorded answers of Hermes. Each file holds a request and its answer: the answer is read by the
//! reader of that call, and a message in the request by the type that would write it.

use tom_alerts::brokers::hermes::*;
use tom_alerts::{Alert, Call, Cursor, ErrorKind, Protocol, Slot};

use super::*;

pub(super) const FILES: Broker = Broker {
    folder: "hermes",
    readers: &[
        ("targets_list.json", |body| listing(body, Search::Targets)),
        ("targets_by_name_exact.json", |body| listing(body, Search::Targets)),
        ("messages_page1.json", |body| listing(body, Search::Messages)),
        ("messages_by_target.json", |body| listing(body, Search::Messages)),
        ("nonlocalizedevents_list.json", |body| listing(body, Search::Events)),
        ("query_page1.json", |body| listing(body, Search::Archive)),
        ("query_page2.json", |body| listing(body, Search::Archive)),
        ("query_search.json", |body| listing(body, Search::Archive)),
        ("nonlocalizedeventsequence_update.json", sequences),
        ("message_detail.json", |body| packet(body, PacketKind::Message)),
        ("nonlocalizedevent_detail.json", |body| packet(body, PacketKind::Event)),
        ("query_message_hermes.json", hermes_message),
        ("query_message_tomtoolkit_target.json", |body| packet(body, PacketKind::Archive)),
        ("query_message_gcn_circular.json", |body| packet(body, PacketKind::Archive)),
        ("query_message_gcn_text_notice.json", |body| packet(body, PacketKind::Archive)),
        ("query_message_heartbeat.json", |body| packet(body, PacketKind::Archive)),
        ("query_message_blob.json", |body| packet(body, PacketKind::Archive)),
        ("heartbeat.json", |body| typed(body, hermes().heartbeat())),
        ("topics.json", |body| typed(body, hermes().topics())),
        ("profile.json", |body| typed(body, hermes().profile().unwrap())),
        ("plaintext.json", |body| typed(body, hermes().plain_text(&message(body)?).unwrap())),
        ("preload.json", preload),
        ("submit_ok.json", submitted),
        ("submit_ok_minimal.json", submitted),
        ("submit_error_no_credential.json", refused),
        ("submit_unauthenticated.json", refused),
        ("submit_error_400.json", failure),
        ("error_400_choice.json", failure),
        ("error_403_bad_token.json", failure),
        ("error_403_unauthenticated.json", failure),
        ("error_404.json", failure),
        ("patch_retract_no_credential.json", failure),
        ("query_error_limit.json", failure),
        ("query_error_unknown_topic.json", failure),
        ("query_message_400.json", failure),
        ("query_message_401.json", failure),
        ("query_message_404.json", failure),
        ("validate_ok.json", |body| validated(body, false)),
        ("validate_error_brightness.json", |body| validated(body, true)),
        ("validate_error_date.json", |body| validated(body, true)),
        ("validate_error_empty.json", |body| validated(body, true)),
        ("validate_error_spectroscopy.json", |body| validated(body, true)),
        ("validate_error_target_name.json", |body| validated(body, true)),
        ("validate_error_targets.json", |body| validated(body, true)),
        ("validate_error_telescope.json", |body| validated(body, true)),
        // These cannot be written by the types here: null is left out, `AB` becomes `AB mag`.
        ("validate_error_null_text.json", |body| validated(body, false)),
        ("validate_error_null_unit.json", |body| validated(body, false)),
        ("validate_error_unit.json", |body| validated(body, false)),
        ("message_example_grb.json", example),
    ],
    skipped: &[("root.json", "the list of addresses of the interface, which are built in")],
};

fn hermes() -> Hermes {
    let config = HermesConfig { api_key: Some("0123456789".into()), ..HermesConfig::default() };
    Hermes::new(config).unwrap()
}

fn whole_file(file: &[u8]) -> Value {
    serde_json::from_slice(file).unwrap()
}

fn response(file: &[u8]) -> Response {
    let file = whole_file(file);
    let status = u16::try_from(file["status"].as_u64().unwrap()).unwrap();
    Response::new(status, Vec::new(), file["body"].to_string().into())
}

/// The message of a request, which must hold what the request held.
fn message(file: &[u8]) -> Result<HermesMessage, String> {
    let mut body = whole_file(file)["request_body"].clone();
    let message: HermesMessage = serde_json::from_value(body.clone()).map_err(|e| e.to_string())?;
    let mut faults = Vec::new();
    // Sexagesimal positions are read as degrees, which is what they mean.
    if let Some(targets) = body["data"]["targets"].as_array_mut() {
        for target in targets {
            for (key, degrees) in [("ra", 150.1234), ("dec", 2.5678)] {
                if target[key].as_str().is_some_and(|text| text.contains(':')) {
                    target[key] = degrees.into();
                }
            }
        }
    }
    let close = |key: &str, value: f64, due: f64| assert!((value - due).abs() < 1e-9, "{key}: {value}");
    let mut ours = serde_json::to_value(&message).unwrap();
    if let Some(target) = ours["data"]["targets"].get_mut(0) {
        for (key, degrees) in [("ra", 150.1234), ("dec", 2.5678)] {
            if body["data"]["targets"][0][key] == degrees {
                close(key, target[key].as_f64().unwrap(), degrees);
                target[key] = degrees.into();
            }
        }
    }
    for key in ["message_text", "authors"] {
        if body.get(key).is_some_and(Value::is_null) {
            body[key] = "".into();
        }
    }
    if body["data"]["photometry"][0]["brightness_unit"] == "AB" {
        body["data"]["photometry"][0]["brightness_unit"] = "AB mag".into();
    }
    differences(&ours, &body, "request", &mut faults);
    if faults.is_empty() { Ok(message) } else { Err(faults.join("; ")) }
}

/// What a call makes of the answer.
fn answered<T: Send + 'static>(call: Call<T>, response: Response) -> Result<T, String> {
    let Call::Send(_, then) = call else { return Err("the call sends nothing".to_owned()) };
    match then(Ok(response)).map_err(|e| e.to_string())? {
        Call::Done(value) => Ok(value),
        _ => Err("the call goes on".to_owned()),
    }
}

fn typed<T: Serialize + Send + 'static>(file: &[u8], call: Call<T>) -> Result<Value, String> {
    let value = answered(call, response(file))?;
    Ok(json!({"body": serde_json::to_value(value).unwrap()}))
}

fn listing(file: &[u8], search: Search) -> Result<Value, String> {
    let query = HermesQuery { search, whole_messages: false, ..HermesQuery::default() };
    let hermes = hermes();
    let page = hermes.page(&query, &Cursor::default(), response(file)).map_err(|e| e.to_string())?;
    let theirs = whole_file(file)["body"].clone();
    let more = theirs["next"].is_string();
    if page.next.is_some() != more {
        return Err(format!("the next page is {:?}", page.next));
    }
    let mut items = Vec::new();
    for slot in page.items.into_slots() {
        let Slot::Item(alert) = slot.map_err(|e| e.to_string())? else { return Err("no item".to_owned()) };
        hermes.to_generic_alert(&alert).and_then(|g| g.checked()).map_err(|e| e.to_string())?;
        items.push(serde_json::to_value(alert.into_packet()).unwrap());
    }
    let key = if search == Search::Archive { "messages" } else { "results" };
    if search != Search::Archive && page.total != theirs["count"].as_u64() {
        return Err(format!("the listing has {:?}", page.total));
    }
    Ok(json!({"body": {key: items}}))
}

fn sequences(file: &[u8]) -> Result<Value, String> {
    let rows = answered(hermes().sequences(None, Some("UPDATE")).unwrap(), response(file))?;
    Ok(json!({"body": {"results": list(rows)?}}))
}

fn read_packet(file: &[u8], due: PacketKind) -> Result<Alert<HermesPacket>, String> {
    let call = hermes().message("85764c65-8809-4ba8-a250-309209ac3216").unwrap();
    let alert = answered(call, response(file))?;
    let hermes = hermes();
    hermes.to_generic_alert(&alert).and_then(|g| g.checked()).map_err(|e| e.to_string())?;
    if alert.kind() == Some(due) { Ok(alert) } else { Err(format!("it is {:?}", alert.kind())) }
}

fn packet(file: &[u8], due: PacketKind) -> Result<Value, String> {
    Ok(json!({"body": serde_json::to_value(read_packet(file, due)?.into_packet()).unwrap()}))
}

fn hermes_message(file: &[u8]) -> Result<Value, String> {
    let alert = read_packet(file, PacketKind::Archive)?;
    let body = alert.body().ok_or("the body is no Hermes message")?;
    let data = body.message.reduced_data("Hermes", "here", None);
    let points: Vec<_> = data.points.iter().filter_map(|point| point.photometry()).collect();
    if points.len() != 2 || points[0].limit != Some(20.5) || points[1].magnitude != Some(18.21) {
        return Err(format!("its points are {points:?}"));
    }
    let mut ours = serde_json::to_value(alert.into_packet()).unwrap();
    ours["message"] = serde_json::to_value(&body.message).unwrap();
    Ok(json!({"body": ours}))
}

fn preload(file: &[u8]) -> Result<Value, String> {
    let left = answered(hermes().preload_message(&message(file)?).unwrap(), response(file))?;
    if !left.page.as_str().ends_with(&format!("submit-message?id={}", left.key)) {
        return Err(left.page.to_string());
    }
    Ok(json!({"body": {"key": left.key}}))
}

/// The answer to a submission whose check was passed.
fn receipt(file: &[u8]) -> Result<tom_alerts::Result<tom_alerts::Receipt>, String> {
    let call = hermes().submit_message(&message(file)?).map_err(|e| e.to_string())?;
    let Call::Send(_, check) = call else { return Err("nothing is checked".to_owned()) };
    let passed = Response::new(200, Vec::new(), "{}".into());
    let Call::Send(_, profile) = check(Ok(passed)).map_err(|e| e.to_string())? else {
        return Err("the topic is not looked for".to_owned());
    };
    let topics = Response::new(200, Vec::new(), "{}".into());
    let Call::Send(_, then) = profile(Ok(topics)).map_err(|e| e.to_string())? else {
        return Err("nothing is sent".to_owned());
    };
    Ok(then(Ok(response(file))).map(|call| match call {
        Call::Done(receipt) => receipt,
        _ => panic!("the call goes on"),
    }))
}

fn submitted(file: &[u8]) -> Result<Value, String> {
    let receipt = receipt(file)?.map_err(|e| e.to_string())?;
    let whole = whole_file(file);
    if receipt.id.as_deref() != whole["body"]["uuid"].as_str() {
        return Err(format!("the receipt is of {:?}", receipt.id));
    }
    // What was published is the answer without the uuid; it reads as the message that it is.
    if let Some(payload) = whole["kafka_message_published"]["payload_utf8"].as_str() {
        let ours = serde_json::to_value(read::<HermesMessage>(payload.as_bytes())?).unwrap();
        let theirs: Value = serde_json::from_str(payload).unwrap();
        if ours != theirs {
            return Err(format!("published was {theirs}, read as {ours}"));
        }
    }
    Ok(json!({"body": receipt.answer}))
}

fn refused(file: &[u8]) -> Result<Value, String> {
    match receipt(file)? {
        Err(error)
            if error.kind() == ErrorKind::Auth && error.message().contains("SCIMMA auth credential") =>
        {
            Ok(Value::Null)
        }
        other => Err(format!("{other:?}")),
    }
}

fn failure(file: &[u8]) -> Result<Value, String> {
    let response = response(file);
    let error = match hermes().explain(&response) {
        Some(error) => error,
        None => response.into_result().err().ok_or("no error")?,
    };
    if error.message().contains("archive-api") { Err(error.to_string()) } else { Ok(Value::Null) }
}

/// What Hermes finds wrong is told text by text; what is found before is found in the same messages.
fn validated(file: &[u8], found_before: bool) -> Result<Value, String> {
    let message = message(file)?;
    let own = message.faults();
    if own.is_empty() == found_before {
        return Err(format!("own faults: {own:?}"));
    }
    let told = answered(hermes().validate_message(&message).unwrap(), response(file))?;
    let mut told: Vec<String> = told.into_iter().map(|fault| fault.message).collect();
    let mut texts = Vec::new();
    gather(&whole_file(file)["body"], &mut texts);
    told.sort();
    texts.sort();
    if told == texts {
        Ok(Value::Null)
    } else {
        Err(format!("{told:?} was read where the file has {texts:?}"))
    }
}

fn gather(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.trim_end_matches('.').to_owned()),
        Value::Array(items) => items.iter().for_each(|item| gather(item, out)),
        Value::Object(map) => map.values().for_each(|item| gather(item, out)),
        _ => {}
    }
}

fn example(file: &[u8]) -> Result<Value, String> {
    let message: HermesMessage = read(file)?;
    let data = message.reduced_data("Hermes", "here", None);
    if !message.faults().is_empty() || data.points.len() != 7 || !data.failures.is_empty() {
        return Err(format!("{:?} {data:?}", message.faults()));
    }
    Ok(serde_json::to_value(&message).unwrap())
}
