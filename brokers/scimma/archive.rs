//! The archive of Hopskotch: its BSON, its listings, single messages.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bson::raw::{RawArrayBuf, RawBsonRef, RawDocument, RawDocumentBuf};
use bson::spec::BinarySubtype;

use super::hop::{Headers, HopFormat, HopMessage};
use super::hopskotch::Body;
use super::packet::{ArchiveMessage, ScimmaPacket};
use super::query::{Order, ScimmaQuery};
use crate::plugin::*;

/// Asks for a part of the messages.
pub(super) fn listing(request: Request, query: &ScimmaQuery, at: &Cursor) -> Request {
    let request = filters(request, query)
        .query("meta", query.metadata_only)
        .query("asc", query.order == Order::Oldest)
        .query("limit", query.page_size());
    match at.is_start() {
        true => request,
        false => request.query("page", at.as_str()),
    }
}

/// Asks for how many messages there are.
pub(super) fn filters(request: Request, query: &ScimmaQuery) -> Request {
    let request = query.topic.iter().fold(request, |request, topic| request.query("topic", topic));
    // Messages have whole milliseconds: the first one that is not before an end is as good as the end.
    let millis = |time: Option<DateTime<Utc>>| {
        let part = |time: &DateTime<Utc>| i64::from(!time.timestamp_subsec_nanos().is_multiple_of(1_000_000));
        time.map(|time| time.timestamp_millis().saturating_add(part(&time)))
    };
    request
        .query_opt("search_query", query.keyword.as_deref())
        .query_opt("start_time", millis(query.timestamp_after))
        .query_opt("end_time", millis(query.timestamp_before))
        .query_opt("include_retracted", query.retracted)
}

/// Reads a part of the messages.
pub(super) fn page(response: &Response) -> Result<Page<ScimmaPacket>> {
    let document = document(response)?;
    let mut items = Vec::new();
    let mut next = None;
    let mut listed = false;
    for element in document.iter() {
        match element.map_err(spoiled)? {
            (key, RawBsonRef::Array(messages)) if key.as_str() == "messages" => {
                listed = true;
                for message in messages {
                    items.push(match message.map_err(spoiled)? {
                        RawBsonRef::Document(message) => record(message, None).and_then(alert),
                        _ => Err(unreadable("a document was due")),
                    });
                }
            }
            (key, RawBsonRef::String(bookmark)) if key.as_str() == "next" => next = Some(bookmark.to_owned()),
            _ => {}
        }
    }
    if !listed {
        return Err(unreadable("the answer has no list of messages"));
    }
    // A bookmark behind nothing would lead nowhere.
    let next = next.filter(|bookmark| !items.is_empty() && bookmark.len() > 1).map(Cursor::new);
    let nothing = items.is_empty();
    let page = Page::new(items, next);
    Ok(if nothing { page.with_note("no message answers the query") } else { page })
}

/// Reads a single message.
pub(super) fn message(uuid: &str, response: &Response) -> Result<Alert<ScimmaPacket>> {
    record(document(response)?, Some(uuid)).and_then(alert)
}

/// The text list of a key.
pub(super) fn texts(response: &Response, key: &str) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    let list = document(response)?
        .get_array(key)
        .map_err(|_| unreadable("the answer is not the list that was due"))?;
    for text in list {
        if let RawBsonRef::String(text) = text.map_err(spoiled)? {
            texts.push(text.to_owned());
        }
    }
    texts.sort_unstable();
    Ok(texts)
}

/// The number of a key.
pub(super) fn number(response: &Response, key: &str) -> Result<u64> {
    let found = document(response)?.get(key).map_err(spoiled)?.and_then(whole);
    found.and_then(|n| u64::try_from(n).ok()).ok_or_else(|| unreadable("the answer has no count"))
}

/// The text of a key.
pub(super) fn word(response: &Response, key: &str) -> Result<Option<String>> {
    Ok(document(response)?.get(key).map_err(spoiled)?.and_then(text))
}

/// A message as the archive takes it.
pub(super) fn body(headers: &[(String, Vec<u8>)], value: &[u8]) -> Vec<u8> {
    let binary = |bytes: &[u8]| bson::Binary { subtype: BinarySubtype::Generic, bytes: bytes.to_vec() };
    let mut list = RawArrayBuf::new();
    for (name, value) in headers {
        let mut pair = RawArrayBuf::new();
        pair.push(bson::raw::RawBson::String(name.clone()));
        pair.push(bson::raw::RawBson::Binary(binary(value)));
        list.push(bson::raw::RawBson::Array(pair));
    }
    let mut document = RawDocumentBuf::new();
    document.append(bson::raw::cstr!("message"), bson::raw::RawBson::Binary(binary(value)));
    document.append(bson::raw::cstr!("headers"), bson::raw::RawBson::Array(list));
    document.into_bytes()
}

fn unreadable(text: &'static str) -> Error {
    Error::new(ErrorKind::Unreadable, text)
}

fn spoiled(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    unreadable("the BSON of the answer is spoiled").because(error)
}

/// The answer as BSON, which the archive sends without saying so. Its parts are read one by one
/// where they lie, so that no depth of it can hurt.
fn document(response: &Response) -> Result<&RawDocument> {
    let body = response.body();
    let declared = body.first_chunk::<4>().map(|length| u32::from_le_bytes(*length) as usize);
    match declared {
        None if body.is_empty() => Err(unreadable("the answer is empty where BSON was due")),
        _ if response.is_html() => Err(unreadable("a web page came where BSON was due")),
        Some(length) if length > body.len() && body.last() != Some(&b'}') => {
            Err(unreadable("the answer is cut off").with("bytes", body.len()).with("of", length))
        }
        _ => RawDocument::from_bytes(&body[..])
            .map_err(|e| unreadable("the answer is no BSON; is base_url the archive's?").because(e)),
    }
}

fn alert(packet: ScimmaPacket) -> Result<Alert<ScimmaPacket>> {
    Alert::remade(packet)
}

fn text(value: RawBsonRef<'_>) -> Option<String> {
    match value {
        RawBsonRef::String(text) => Some(text.to_owned()),
        // Ids are UUIDs in listings of metadata, texts elsewhere.
        RawBsonRef::Binary(binary) if binary.bytes.len() == 16 => {
            Some(bson::Uuid::from_bytes(binary.bytes.try_into().ok()?).to_string())
        }
        _ => None,
    }
}

fn whole(value: RawBsonRef<'_>) -> Option<i64> {
    match value {
        RawBsonRef::Int32(n) => Some(i64::from(n)),
        RawBsonRef::Int64(n) => Some(n),
        RawBsonRef::Double(n) if n.fract() == 0.0 && n.abs() < 9e15 => Some(n as i64),
        _ => None,
    }
}

fn flag(value: RawBsonRef<'_>) -> Option<bool> {
    match value {
        RawBsonRef::Boolean(yes) => Some(yes),
        _ => None,
    }
}

/// One message; `asked` is its id where the answer may leave it out.
fn record(document: &RawDocument, asked: Option<&str>) -> Result<ScimmaPacket> {
    let mut found = ArchiveMessage::default();
    let (mut id, mut topic) = (asked.map(str::to_owned), None);
    let mut value: Option<&[u8]> = None;
    let mut headers = Headers::new();
    for element in document.iter() {
        match element.map_err(spoiled)? {
            (key, RawBsonRef::Binary(binary)) if key.as_str() == "message" => value = Some(binary.bytes),
            (key, RawBsonRef::Document(metadata)) if key.as_str() == "metadata" => {
                for element in metadata.iter() {
                    let (key, value) = element.map_err(spoiled)?;
                    match key.as_str() {
                        "timestamp" => found.timestamp = whole(value),
                        "topic" => topic = text(value),
                        "key" => found.key = value.as_binary().map(|key| STANDARD.encode(key.bytes)),
                        "headers" => headers = pairs(value)?,
                        _ => {}
                    }
                }
            }
            (key, RawBsonRef::Document(annotations)) if key.as_str() == "annotations" => {
                for element in annotations.iter() {
                    let (key, value) = element.map_err(spoiled)?;
                    match key.as_str() {
                        "con_text_uuid" => id = text(value).filter(|id| !id.trim().is_empty()).or(id),
                        "size" => found.size = whole(value),
                        "crc32" => found.crc32 = whole(value),
                        // In listings of metadata this is a copy of `public`, which is no checksum.
                        "con_message_crc32" => found.con_message_crc32 = whole(value),
                        "public" => found.public = flag(value),
                        "con_is_client_uuid" => found.con_is_client_uuid = flag(value),
                        "direct_upload" => found.direct_upload = flag(value),
                        "text_fully_indexed" => found.text_fully_indexed = flag(value),
                        "retracted" => found.retracted = flag(value),
                        "title" => found.title = words(value),
                        "sender" => found.sender = words(value),
                        "media_type" => found.media_type = words(value),
                        "file_name" => found.file_name = words(value),
                        "originator" => found.originator = words(value),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    let id = id.ok_or_else(|| unreadable("the message has no id"))?;
    let mut packet = ScimmaPacket {
        id,
        identifier: None,
        timestamp: found
            .timestamp
            .and_then(DateTime::from_timestamp_millis)
            .map(|time: DateTime<Utc>| time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()),
        topic,
        right_ascension: None,
        declination: None,
        right_ascension_sexagesimal: None,
        declination_sexagesimal: None,
        extracted_fields: None,
        parsed_message: None,
        raw_message: None,
        created: None,
        modified: None,
        archive: None,
    };
    if let Some(value) = value {
        content(HopMessage::read(&headers, value), &mut found, &mut packet);
    }
    packet.identifier = packet.identifier.or_else(|| found.title.clone());
    packet.archive = Some(Box::new(found));
    Ok(packet)
}

/// A text with something in it.
fn words(value: RawBsonRef<'_>) -> Option<String> {
    text(value).filter(|text| !text.is_empty())
}

fn pairs(value: RawBsonRef<'_>) -> Result<Headers> {
    let mut pairs = Headers::new();
    let RawBsonRef::Array(list) = value else { return Ok(pairs) };
    for pair in list {
        let RawBsonRef::Array(pair) = pair.map_err(spoiled)? else { continue };
        let mut parts = pair.into_iter();
        let (name, value) =
            (parts.next().transpose().map_err(spoiled)?, parts.next().transpose().map_err(spoiled)?);
        let value = match value {
            Some(RawBsonRef::Binary(binary)) => binary.bytes.to_vec(),
            Some(RawBsonRef::String(text)) => text.as_bytes().to_vec(),
            _ => continue,
        };
        if let Some(RawBsonRef::String(name)) = name {
            pairs.push((name.to_owned(), value));
        }
    }
    Ok(pairs)
}

/// Takes in what a message says.
fn content(message: HopMessage, found: &mut ArchiveMessage, packet: &mut ScimmaPacket) {
    found.format = Some(message.format);
    found.test = message.test;
    found.sender = message.sender.clone().or_else(|| found.sender.take());
    let readable =
        |bytes: Vec<u8>| String::from_utf8(bytes).unwrap_or_else(|e| STANDARD.encode(e.as_bytes()));
    found.headers =
        message.headers.iter().map(|(name, value)| (name.clone(), readable(value.clone()))).collect();
    let json = matches!(message.format, HopFormat::Json | HopFormat::Circular | HopFormat::External);
    found.json = json.then(|| message.read_json::<Box<RawValue>>().ok()).flatten();
    if let Some(json) = &found.json {
        let body = Body::read(json.get()).unwrap_or_default();
        packet.identifier = body.name().or_else(|| body.heading()).map(str::to_owned);
        (packet.right_ascension, packet.declination) = body.position().unzip();
    } else {
        match String::from_utf8(message.value) {
            Ok(text) => found.text = Some(text),
            Err(error) => found.base64 = Some(STANDARD.encode(error.as_bytes())),
        }
    }
}
