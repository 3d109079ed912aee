//! The recorded answers of SCIMMA: SKIP's JSON, the archive's BSON, the messages of Hopskotch's own client.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tom_alerts::brokers::scimma::*;
use tom_alerts::plugin::{Alert, Call, Cursor, Map, ObservationRecord, Protocol, Target, Upstream};

use super::*;

pub(super) const FILES: Broker = Broker {
    folder: "scimma",
    readers: &[
        ("archive_count.json", count),
        ("archive_error_400_msg_id.json", refusal),
        ("archive_error_401_private.json", refusal),
        ("archive_error_404_msg.json", refusal),
        ("archive_error_422_limit.json", refusal),
        ("archive_error_500_bad_page.json", refusal),
        ("archive_messages_full.json", messages),
        ("archive_messages_meta_page1.json", messages),
        ("archive_messages_meta_page2.json", messages),
        ("archive_msg_hermes.json", message),
        ("archive_msg_tomtoolkit_target.json", message),
        ("archive_topics.json", topics),
        ("hop_wire_messages.json", wire_messages),
        ("skip_error_400_timestamp.json", skip_refusal),
        ("skip_error_400_topic.json", skip_refusal),
        ("skip_error_401.json", skip_refusal),
        ("skip_error_404.json", skip_refusal),
        ("skip_error_404_page.json", skip_refusal),
        ("skip_topics.json", |body| page::<SkipTopic>(body, "results")),
        ("skip_v1_alert_gcn_lvc_notice.json", |body| one::<ScimmaPacket>(body).map(as_v1)),
        ("skip_v1_alert_lvc_counterpart.json", |body| one::<ScimmaPacket>(body).map(as_v1)),
        ("skip_v1_alert_unparsed.json", |body| one::<ScimmaPacket>(body).map(as_v1)),
        ("skip_v1_alerts_page1.json", |body| page::<ScimmaPacket>(body, "results").map(as_v1)),
        ("skip_v1_alerts_topic_lvc_counterpart.json", |body| {
            page::<ScimmaPacket>(body, "results").map(as_v1)
        }),
        ("skip_v2_alert_lvc_counterpart.json", one::<ScimmaPacket>),
        ("skip_v2_alert_unparsed.json", one::<ScimmaPacket>),
        ("skip_v2_alerts_page1.json", |body| page::<ScimmaPacket>(body, "results")),
        ("skip_v2_event_detail.json", one::<SkipEvent>),
        ("skip_v2_events.json", |body| page::<SkipEvent>(body, "results")),
    ],
    skipped: &[("skip_root.json", "a list of links, which nothing here follows")],
};

/// The packet under the names of versions 0 and 1.
fn as_v1(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(as_v1).collect(),
        Value::Object(map) => {
            let renamed = map.into_iter().map(|(key, value)| match key.as_str() {
                "identifier" => ("alert_identifier".to_owned(), value),
                "timestamp" => ("alert_timestamp".to_owned(), value),
                "parsed_message" => ("message".to_owned(), value),
                "results" => (key, as_v1(value)),
                _ => (key, value),
            });
            Value::Object(renamed.collect::<Map<_, _>>())
        }
        other => other,
    }
}

/// A recorded answer of the archive and what an independent reader made of it.
fn answered(body: &[u8]) -> (Response, Value) {
    let file: Value = read(body).unwrap();
    let text = |key: &str| file[key].as_str().map(str::to_owned);
    let headers = [("content-type", text("content_type")), ("www-authenticate", text("www_authenticate"))];
    let headers = headers.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let bytes = STANDARD.decode(file["body_base64"].as_str().unwrap()).unwrap();
    let status = u16::try_from(file["status"].as_u64().unwrap()).unwrap();
    (Response::new(status, headers.collect(), bytes.into()), file["bson_decoded"].clone())
}

fn scimma() -> Scimma {
    Scimma::new(ScimmaConfig::default()).unwrap()
}

/// What a call of one step makes of an answer.
fn made<T>(call: Call<T>, response: Response) -> Result<T, String> {
    match call {
        Call::Send(_, then) => match then(Ok(response)).map_err(|e| e.to_string())? {
            Call::Done(value) => Ok(value),
            _ => Err("one step was due".to_owned()),
        },
        _ => Err("a request was due".to_owned()),
    }
}

fn due(ours: impl Into<Value>, theirs: &Value) -> Result<Value, String> {
    let ours = ours.into();
    let mut faults = Vec::new();
    differences(&ours, theirs, "", &mut faults);
    if faults.is_empty() { Ok(Value::Null) } else { Err(faults.join("; ")) }
}

fn count(body: &[u8]) -> Result<Value, String> {
    let (response, decoded) = answered(body);
    let call = scimma().count(&ScimmaQuery::default()).unwrap();
    due(made(call, response)?, &decoded["count"])
}

fn topics(body: &[u8]) -> Result<Value, String> {
    let (response, decoded) = answered(body);
    let mut theirs: Vec<_> =
        decoded["topics"].as_array().unwrap().iter().map(|t| t.as_str().unwrap().to_owned()).collect();
    theirs.sort_unstable();
    due(made(scimma().topics(), response)?, &json!(theirs))
}

fn messages(body: &[u8]) -> Result<Value, String> {
    let (response, decoded) = answered(body);
    let page =
        scimma().page(&ScimmaQuery::default(), &Cursor::default(), response).map_err(|e| e.to_string())?;
    let next = page.next.as_ref().map(Cursor::as_str);
    due(next, &decoded["next"])?;
    let theirs = decoded["messages"].as_array().unwrap();
    let slots: Vec<_> = page.items.into_slots();
    if slots.len() != theirs.len() {
        return Err(format!("{} of {} messages", slots.len(), theirs.len()));
    }
    for (slot, theirs) in slots.into_iter().zip(theirs) {
        let tom_alerts::Slot::Item(alert) = slot.map_err(|e| e.to_string())? else {
            return Err("a message was due".to_owned());
        };
        same_message(&alert, theirs)?;
    }
    Ok(Value::Null)
}

fn message(body: &[u8]) -> Result<Value, String> {
    let (response, decoded) = answered(body);
    let uuid = decoded["annotations"]["con_text_uuid"].as_str().unwrap();
    let alert = made(scimma().alert(uuid).unwrap(), response)?;
    same_message(&alert, &decoded)?;
    Ok(Value::Null)
}

/// Every value of a message is the one that the other reader has, and so is the text kept of it.
fn same_message(alert: &Alert<ScimmaPacket>, theirs: &Value) -> Result<(), String> {
    let (metadata, annotations) = (&theirs["metadata"], &theirs["annotations"]);
    let id = &annotations["con_text_uuid"];
    due(alert.id.clone(), id.get("$uuid").unwrap_or(id))?;
    due(alert.topic.clone(), &metadata["topic"])?;
    let archive = serde_json::to_value(alert.archive.as_ref().unwrap()).unwrap();
    due(archive["timestamp"].clone(), &metadata["timestamp"])?;
    let known = Alert::<ScimmaPacket>::from_raw(alert.raw()).map_err(|e| e.to_string())?;
    assert_eq!(serde_json::to_value(known.archive.as_ref().unwrap()).unwrap(), archive);
    for (key, value) in annotations.as_object().unwrap() {
        // A listing of metadata has its `public` in the place of this checksum.
        let slip = key == "con_message_crc32" && value.is_boolean();
        if key != "con_text_uuid" && !slip {
            let ours = archive.get(key).ok_or_else(|| format!("{key} was not read"))?;
            due(ours.clone(), value).map_err(|e| format!("{key}{e}"))?;
        }
    }
    let Some(bytes) = theirs["message"]["$binary_base64"].as_str() else {
        return if archive["json"].is_null() && archive["text"].is_null() && archive["base64"].is_null() {
            Ok(())
        } else {
            Err("metadata has no message".to_owned())
        };
    };
    let bytes = STANDARD.decode(bytes).unwrap();
    match (&archive["json"], archive["text"].as_str(), archive["base64"].as_str()) {
        (Value::Null, Some(text), None) => assert_eq!(text.as_bytes(), bytes),
        (Value::Null, None, Some(text)) => assert_eq!(STANDARD.decode(text).unwrap(), bytes),
        (json, None, None) => assert_eq!(*json, serde_json::from_slice::<Value>(&bytes).unwrap()),
        other => return Err(format!("one of three was due: {other:?}")),
    }
    let own = |name: &str| {
        let pair = metadata["headers"].as_array().unwrap().iter().find(|pair| pair[0] == name);
        pair.map(|pair| STANDARD.decode(pair[1]["$binary_base64"].as_str().unwrap()).unwrap())
    };
    let text = |name: &str| own(name).map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(archive["format"].as_str().map(str::to_owned), text("_format"));
    assert_eq!(archive["sender"].as_str().map(str::to_owned), text("_sender"));
    assert_eq!(archive["test"], own("_test").is_some());
    Ok(())
}

/// A failure of the archive is told as one.
fn refusal(body: &[u8]) -> Result<Value, String> {
    let (response, _) = answered(body);
    let status = response.status();
    let told = match scimma().explain(&response) {
        Some(error) => error,
        None => response.into_result().unwrap_err().with_status(status),
    };
    let (kind, words) = match status {
        400 => (tom_alerts::ErrorKind::Input, "Invalid Message ID"),
        401 => (tom_alerts::ErrorKind::Auth, "private"),
        404 => (tom_alerts::ErrorKind::NotFound, "Message not found"),
        422 => (tom_alerts::ErrorKind::Status, "limit: Input should be a valid integer"),
        500 => (tom_alerts::ErrorKind::Status, "resume token"),
        _ => return Err(format!("status {status} is not known")),
    };
    let right = told.kind() == kind && told.to_string().contains(words);
    if right { Ok(Value::Null) } else { Err(told.to_string()) }
}

/// A failure of SKIP is told in its own words.
fn skip_refusal(body: &[u8]) -> Result<Value, String> {
    let file: Value = read(body)?;
    let mut words = Vec::new();
    texts(&file, &mut words);
    let response = Response::new(400, Vec::new(), body.to_vec().into());
    let told = scimma().explain(&response).unwrap_or_else(|| response.into_result().unwrap_err()).to_string();
    let right = !words.is_empty() && words.iter().all(|word| told.contains(word.trim_end_matches('.')));
    if right { Ok(Value::Null) } else { Err(format!("{told} where {words:?} was due")) }
}

fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(map) => map.values().for_each(|item| texts(item, found)),
        _ => {}
    }
}

/// What Hopskotch's own client packs is read back whole; of its two messages of TOM Toolkit ours are
/// the same byte for byte.
fn wire_messages(body: &[u8]) -> Result<Value, String> {
    let cases: Vec<Value> = read(body)?;
    assert!(cases.len() >= 12);
    for case in &cases {
        let name = case["case"].as_str().unwrap();
        let decode = |value: &Value| STANDARD.decode(value.as_str().unwrap()).unwrap();
        let headers: Vec<(String, Vec<u8>)> = case["headers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| (pair[0].as_str().unwrap().to_owned(), decode(&pair[1])))
            .collect();
        let value = match &case["value_base64"] {
            Value::Null => case["value_utf8"].as_str().unwrap().as_bytes().to_vec(),
            value => decode(value),
        };
        let message = HopMessage::read(&headers, &value);
        if headers.is_empty() {
            let envelope: Value = serde_json::from_slice(&value).unwrap();
            assert_eq!(message.read_json::<Value>().unwrap(), envelope["content"], "{name}");
            let format =
                if envelope["format"] == "blob" { "json" } else { envelope["format"].as_str().unwrap() };
            assert_eq!(message.format.as_str(), format, "{name}");
            continue;
        }
        assert_eq!(message.value, value, "{name}");
        let readable: Vec<_> = case["headers_readable"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
            .collect();
        let of = |key: &str| readable.iter().find(|(known, _)| *known == key).map(|(_, value)| *value);
        assert_eq!(message.id.as_deref(), of("_id"), "{name}");
        assert_eq!(message.sender.as_deref(), of("_sender"), "{name}");
        assert_eq!(Some(message.format.as_str()), of("_format"), "{name}");
        assert_eq!(message.test, of("_test").is_some(), "{name}");
        packed(case, &headers, &value, &message);
    }
    Ok(Value::Null)
}

/// The message as it is published is the recorded one: topic, key, headers in order, value.
fn packed(case: &Value, headers: &[(String, Vec<u8>)], value: &[u8], message: &HopMessage) {
    let name = case["case"].as_str().unwrap();
    let config = ScimmaConfig {
        hopskotch_username: message.sender.clone(),
        hopskotch_password: Some("not the real one".into()),
        ..ScimmaConfig::default()
    };
    let scimma = Scimma::new(config).unwrap();
    let topic = case["topic"].as_str().unwrap();
    let form =
        ScimmaSubmission { topic: Some(topic.to_owned()), test: message.test, uuid: message.id.clone() };
    let fixed = Target::sidereal("AT2026abc", 150.1234, 2.5678).unwrap();
    let moving = Target::non_sidereal("C/2026 A1", tom_alerts::plugin::NonSidereal::default());
    let record = ObservationRecord::new(fixed.clone(), "LCO", "1")
        .with_status("PENDING")
        .with_parameters(json!({"name": "obs1", "exposure_count": 1}).as_object().unwrap().clone());
    let call = match name {
        "tom_scimma target" => scimma.submit(Upstream::new(Some(&fixed), None, &[]), &form),
        "tom_scimma observation record" => scimma.submit(Upstream::new(None, Some(&record), &[]), &form),
        "null coordinates (non-sidereal target)" => {
            scimma.submit(Upstream::new(Some(&moving.unwrap()), None, &[]), &form)
        }
        "test flag and user header" => {
            let ours = HopMessage::json(&json!({"hello": "wörld"})).unwrap().header("priority", "1");
            scimma.publish(topic, vec![ours.test(true).id(message.id.clone())])
        }
        _ => scimma.publish(topic, vec![message.clone()]),
    };
    let call = call.unwrap_or_else(|e| panic!("{name}: {e}"));
    let messages = call.messages();
    assert_eq!(messages.len(), 1, "{name}");
    let ours = messages[0];
    assert_eq!(ours.topic(), topic, "{name}");
    assert_eq!(ours.key_bytes().is_none(), case["key"].is_null(), "{name}");
    assert_eq!(ours.value(), value, "{name}");
    let sent: Vec<_> = ours.headers().iter().map(|(name, value)| (name.clone(), value.to_vec())).collect();
    assert_eq!(sent, headers, "{name}");
}
