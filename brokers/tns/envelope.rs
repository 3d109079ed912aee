//! What surrounds every answer, in both generations of the API.

use super::errors::{Message, words};
use crate::plugin::*;

/// The envelope: `data` is the answer itself, or holds it under `reply`, as before version 2.0.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Envelope {
    #[serde(deserialize_with = "wire::whole_or_none")]
    id_code: Option<i64>,
    data: Option<Box<RawValue>>,
}

/// Only whether there is a `reply`, and be it null; the rest is skipped.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Older {
    #[serde(deserialize_with = "there")]
    reply: Option<Option<Box<RawValue>>>,
}

fn there<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<Box<RawValue>>>, D::Error> {
    Deserialize::deserialize(from).map(Some)
}

/// The text of what an answer says; `None` where it is null or absent.
///
/// # Errors
/// [`ErrorKind::Unreadable`] for what is no answer of the service, such as the failure of something
/// before it under status 200: it would be taken for nothing found.
pub(super) fn data(response: &Response) -> Result<Option<Box<RawValue>>> {
    // A list would be read as the fields of an envelope in their order.
    let is_list = response.body().trim_ascii_start().starts_with(b"[");
    let envelope = if is_list { Envelope::default() } else { response.json::<Envelope>()? };
    let Some(data) = envelope.data else {
        if envelope.id_code.is_some_and(|code| (200..300).contains(&code)) {
            return Ok(None);
        }
        let words = response.own_words().map_or_else(String::new, |words| format!(": {words}"));
        let text = format!("this is no answer of TNS, which has a good id_code or data{words}");
        return Err(Error::new(ErrorKind::Unreadable, text));
    };
    let text = data.get();
    if text.starts_with('{') && text.contains("\"reply\"") {
        // A list in the place of the object is no older answer.
        if let Ok(Older { reply: Some(reply) }) = serde_json::from_str(text) {
            return Ok(reply);
        }
    }
    Ok(Some(data))
}

/// A list of an answer; `{}`, null and nothing at all mean that nothing was found.
pub(super) fn list<T: serde::de::DeserializeOwned>(response: &Response) -> Result<Rows<T>> {
    match data(response)? {
        Some(data) if data.get().starts_with('[') => read(data.get()),
        Some(data) if data.get().trim_matches(['{', '}', ' ', '\n', '\t', '\r']).is_empty() => {
            Ok(Rows::default())
        }
        Some(data) if says_nothing_found(data.get()) => Ok(Rows::default()),
        Some(data) => {
            let words = words(data.get()).map_or_else(String::new, |words| format!(": {words}"));
            Err(Error::new(ErrorKind::Unreadable, format!("the answer has no list{words}")))
        }
        None => Ok(Rows::default()),
    }
}

/// Reads a part of an answer.
pub(super) fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    Response::new(200, Vec::new(), text.to_owned().into()).json()
}

/// Whether this is the message that stands in the place of an object that is not there.
pub(super) fn says_nothing_found(text: &str) -> bool {
    const NOTHING_FOUND: i64 = 110;
    serde_json::from_str(text).is_ok_and(|value| {
        let messages = Message::all(&value);
        !messages.is_empty() && messages.iter().all(|message| message.id == Some(NOTHING_FOUND))
    })
}
