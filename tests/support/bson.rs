//! BSON from JSON, as the archive of Hopskotch sends it: `{"$text": …}` and `{"$json": …}` are binary,
//! `{"$bytes": […]}` too, `{"$uuid": …}` is a UUID; whole numbers are as short as they can be.

use bson::raw::{RawArrayBuf, RawBson, RawDocumentBuf};
use bson::spec::BinarySubtype;
use serde_json::{Map, Value};

/// The bytes of a document.
pub(crate) fn bytes(map: &Map<String, Value>) -> Vec<u8> {
    document(map).into_bytes()
}

fn document(map: &Map<String, Value>) -> RawDocumentBuf {
    let mut document = RawDocumentBuf::new();
    for (key, value) in map {
        if let Ok(key) = bson::raw::CString::try_from(key.as_str()) {
            document.append(key, element(value));
        }
    }
    document
}

fn binary(bytes: Vec<u8>, subtype: BinarySubtype) -> RawBson {
    RawBson::Binary(bson::Binary { subtype, bytes })
}

fn element(value: &Value) -> RawBson {
    let special = value.as_object().filter(|map| map.len() == 1).and_then(|map| map.iter().next());
    match (value, special) {
        (_, Some((key, value))) if key == "$text" => {
            binary(value.as_str().unwrap_or_default().into(), BinarySubtype::Generic)
        }
        (_, Some((key, value))) if key == "$json" => binary(value.to_string().into(), BinarySubtype::Generic),
        (_, Some((key, value))) if key == "$bytes" => {
            let byte = |n: &Value| n.as_u64().and_then(|n| u8::try_from(n).ok());
            binary(value.as_array().into_iter().flatten().filter_map(byte).collect(), BinarySubtype::Generic)
        }
        (_, Some((key, value))) if key == "$uuid" => {
            let uuid = bson::Uuid::parse_str(value.as_str().unwrap_or_default());
            binary(uuid.map(|uuid| uuid.bytes().to_vec()).unwrap_or_default(), BinarySubtype::Uuid)
        }
        (Value::Null, _) => RawBson::Null,
        (Value::Bool(yes), _) => RawBson::Boolean(*yes),
        (Value::Number(n), _) => match n.as_i64() {
            Some(n) => i32::try_from(n).map_or(RawBson::Int64(n), RawBson::Int32),
            None => RawBson::Double(n.as_f64().unwrap_or_default()),
        },
        (Value::String(text), _) => RawBson::String(text.clone()),
        (Value::Array(items), _) => {
            let mut list = RawArrayBuf::new();
            items.iter().for_each(|item| list.push(element(item)));
            RawBson::Array(list)
        }
        (Value::Object(map), _) => RawBson::Document(document(map)),
    }
}
