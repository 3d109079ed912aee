//! `Unread`: what of a packet or row was given and could not be read; `Partly`, a row that keeps it.
//!
//! Readers such as [`wire::number_or_none`](crate::wire::number_or_none) give `None` both for a field that
//! is not there and for one of an odd shape. Here the two are told apart afterwards, by comparing what came
//! with what was read, so that an odd field costs neither its row nor is it lost silently.

use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::wire::Rows;

/// A field that was given and could not be read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Unread {
    /// Its key, with a dot between the keys of an object within an object.
    pub field: String,
    /// What stands there.
    pub value: Value,
}

impl Unread {
    /// What stands there as text: the text itself, anything else as JSON.
    #[must_use]
    pub fn text(&self) -> String {
        self.value.as_str().map_or_else(|| self.value.to_string(), str::to_owned)
    }
}

/// What of a packet's text was given and is missing in the packet that was read from it.
///
/// `read` must be serialised under the keys that it is read by. Nulls, empty texts, the texts `nan`, `none`
/// and `null`, and lists and objects of these alone are not given. Keys that `read` does not have are not
/// compared. Empty for a text that is no JSON object.
///
/// ```
/// use tom_alerts::plugin::*;
/// #[derive(Serialize, Deserialize)]
/// struct Row { #[serde(default, deserialize_with = "wire::number_or_none")] error: Option<f64> }
/// let read = |text: &str| unread(text, &serde_json::from_str::<Row>(text).unwrap());
/// assert_eq!(read(r#"{"error": [1]}"#)[0].field, "error");
/// assert!(read(r#"{"error": "nan"}"#).is_empty());
/// ```
#[must_use]
pub fn unread(raw: &str, read: &impl Serialize) -> Vec<Unread> {
    let mut found = Vec::new();
    if let (Ok(raw), Ok(read)) = (serde_json::from_str(raw), serde_json::to_value(read)) {
        compare("", &raw, &read, &mut found);
    }
    found
}

fn compare(within: &str, raw: &Value, read: &Value, found: &mut Vec<Unread>) {
    let (Value::Object(raw), Value::Object(read)) = (raw, read) else { return };
    for (key, value) in read {
        let Some(given) = raw.get(key).filter(|given| is_given(given)) else { continue };
        let field = format!("{within}{key}");
        if given.is_object() && value.is_object() {
            compare(&format!("{field}."), given, value, found);
        } else if !is_given(value) {
            found.push(Unread { field, value: given.clone() });
        }
    }
}

/// Whether a value is one: services write what is missing in many ways.
fn is_given(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => {
            let text = text.trim();
            !["", "nan", "none", "null"].iter().any(|nothing| text.eq_ignore_ascii_case(nothing))
        }
        Value::Array(items) => items.iter().any(is_given),
        Value::Object(map) => map.values().any(is_given),
    }
}

/// A row that was read as far as it can be, with what could not.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Partly<T> {
    /// The row.
    pub row: T,
    /// What of it was given and could not be read.
    pub unread: Vec<Unread>,
}

impl<'de, T: DeserializeOwned + Serialize> Deserialize<'de> for Partly<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(from)?;
        let row = crate::http::json(raw.get().as_bytes())
            .map_err(|e: crate::error::Error| D::Error::custom(e.message()))?;
        let unread = unread(raw.get(), &row);
        Ok(Self { row, unread })
    }
}

/// A sentence for each field of a list's rows that could not be read, with the number of rows.
///
/// Fields in `kept` are not counted: the plugin keeps them as they came.
#[must_use]
pub fn unread_notes<T>(list: &str, rows: &Rows<Partly<T>>, kept: &[&str]) -> Vec<String> {
    let fields = rows.0.iter().flatten().flat_map(|row| &row.unread).map(|unread| unread.field.as_str());
    unread_sums(list, fields.filter(|field| !kept.contains(field)))
}

/// The same of fields that were counted otherwise, such as cells of a table.
#[must_use]
pub fn unread_sums<'a>(list: &str, fields: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut sums = BTreeMap::<&str, usize>::new();
    for field in fields {
        *sums.entry(field).or_default() += 1;
    }
    let note = |(field, count): (&str, usize)| {
        let rows = if count == 1 { "row" } else { "rows" };
        format!("{field} of {count} {rows} of {list} cannot be read and is left out")
    };
    sums.into_iter().map(note).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Row {
        id: u8,
        #[serde(default, deserialize_with = "wire::number_or_none")]
        error: Option<f64>,
        #[serde(default, rename = "inPart")]
        part: Option<Part>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Part {
        #[serde(default, deserialize_with = "wire::text_or_none")]
        name: Option<String>,
    }

    fn fields(raw: &str) -> Vec<String> {
        let row = serde_json::from_str::<Row>(raw).unwrap();
        unread(raw, &row).into_iter().map(|unread| unread.field).collect()
    }

    #[test]
    fn what_was_given_and_is_not_there_is_named() {
        assert_eq!(
            fields(r#"{"id": 1, "error": {"a": 1}, "inPart": {"name": [1]}}"#),
            ["error", "inPart.name"]
        );
        assert!(fields(r#"{"id": 1, "error": 2, "more": [], "inPart": {"name": "n"}}"#).is_empty());
        for nothing in ["null", "\" \"", "\"NaN\"", "\"None\"", "[]", "[null]", "{\"a\": null}"] {
            let raw = format!("{{\"id\": 1, \"error\": {nothing}, \"inPart\": {{\"name\": {nothing}}}}}");
            assert!(fields(&raw).is_empty(), "{nothing}");
        }
    }

    #[test]
    fn rows_are_read_as_far_as_they_can_be_and_counted() {
        let rows =
            r#"[{"id": 1, "error": [1]}, {"id": 2, "error": 0.5}, {"error": 1}, {"id": 4, "error": "x"}]"#;
        let rows: Rows<Partly<Row>> = serde_json::from_str(rows).unwrap();
        assert_eq!(rows.0[0].as_ref().unwrap().unread[0].value, serde_json::json!([1]));
        assert_eq!(rows.0[1].as_ref().unwrap().row.error, Some(0.5));
        assert!(rows.0[2].as_ref().unwrap_err().to_string().contains("missing field `id`"));
        assert_eq!(
            unread_notes("rows", &rows, &[]),
            ["error of 2 rows of rows cannot be read and is left out"]
        );
        assert!(unread_notes("rows", &rows, &["error"]).is_empty());
    }
}
