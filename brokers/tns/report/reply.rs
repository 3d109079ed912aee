//! What the service says of a report: per item the name, and its messages wherever they stand.

use std::collections::BTreeMap;

use super::super::errors::{Message, gather};
use super::super::names::objname;
use crate::plugin::*;

/// What became of a submission.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct Outcome {
    /// TNS's number of the submission.
    pub report_id: String,
    /// One entry a report. Match them with your own by `internal_ids`: the order may differ.
    pub items: Vec<Item>,
    /// Everything that it said, in order.
    pub messages: Vec<Message>,
    /// What of the data was left out of the report.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The answer, whole.
    pub data: Value,
}

/// What became of one report.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct Item {
    /// `at_report` or `classification_report`.
    pub kind: String,
    /// The names that were sent along.
    pub internal_ids: BTreeMap<String, String>,
    /// The IAU name without prefix.
    pub objname: Option<String>,
    /// Its prefix: a new object is AT.
    pub prefix: Option<String>,
    /// Whether the object is new: false when the report was added to a known one.
    pub created: Option<bool>,
    /// The class that was set.
    pub object_type: Option<String>,
    /// The redshift that was set.
    pub redshift: Option<f64>,
    /// What was said of it.
    pub messages: Vec<Message>,
}

impl Item {
    /// Prefix and name, as a target is called: `AT2026abc`; the name alone where the prefix is not told.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        let name = self.objname.as_deref()?;
        Some(format!("{}{name}", self.prefix.as_deref().unwrap_or_default()))
    }

    fn read(kind: &str, entry: &Value) -> Self {
        const INSERTED: &str = "100";
        const EXISTS: &str = "101";
        let mut item = Self { kind: kind.to_owned(), messages: Message::all(entry), ..Self::default() };
        if let Some(ids) = entry.get("internal_ids").and_then(Value::as_object) {
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            item.internal_ids = ids.iter().map(|(key, value)| (key.clone(), text(value))).collect();
        }
        gather(entry, &mut Vec::new(), &mut |path, map| {
            let said = |key: &str| {
                map.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
            };
            let id = path.last().copied().unwrap_or_default();
            if let Some(name) = said("objname") {
                item.created = match id {
                    INSERTED => Some(true),
                    EXISTS => Some(false),
                    _ => item.created,
                };
                let prefix = said("prefix").or((id == INSERTED).then_some("AT"));
                item.prefix = prefix.map(str::to_owned).or_else(|| item.prefix.take());
                item.objname = Some(objname(name).unwrap_or_else(|| name.to_owned()));
            }
            if let Some(name) = said("new_object_name") {
                let prefix: String = name.chars().take_while(char::is_ascii_alphabetic).collect();
                item.prefix = Some(prefix).filter(|prefix| !prefix.is_empty()).or_else(|| item.prefix.take());
                item.objname = Some(objname(name).unwrap_or_else(|| name.to_owned()));
            }
            if let Some(class) = said("new_object_type") {
                item.object_type = Some(class.to_owned());
            }
            if let Some(redshift) = map.get("new_redshift") {
                item.redshift = redshift.as_f64().or_else(|| redshift.as_str()?.trim().parse().ok());
            }
        });
        item
    }
}

impl Outcome {
    /// Decodes an answer's `data`, in every shape that it has.
    #[must_use]
    pub fn read(report_id: &str, data: Value) -> Self {
        const KINDS: [&str; 2] = ["at_report", "classification_report"];
        let feedback = data.get("feedback").unwrap_or(&data);
        let mut items = Vec::new();
        for kind in KINDS {
            match feedback.get(kind) {
                Some(Value::Array(entries)) => {
                    items.extend(entries.iter().map(|entry| Item::read(kind, entry)))
                }
                Some(Value::Object(entries)) => {
                    items.extend(entries.values().map(|entry| Item::read(kind, entry)))
                }
                _ => {}
            }
        }
        let mut messages = Message::all(feedback);
        for message in &mut messages {
            for kind in KINDS {
                if let Some(rest) = message.field.strip_prefix(kind) {
                    message.field = rest.trim_start_matches('.').to_owned();
                }
            }
        }
        Self { report_id: report_id.to_owned(), items, messages, notes: Vec::new(), data }
    }

    /// The refusal that the answer is: each message is one problem.
    pub(super) fn refused(&self) -> Error {
        let fault = |message: &Message| {
            let text = Message { field: String::new(), ..message.clone() }.to_string();
            Problem::new(message.field.clone(), text)
        };
        let error = Error::from_problems(ErrorKind::Refused, self.messages.iter().map(fault).collect());
        let words = error.message().to_owned();
        let words = if words.is_empty() { "TNS gives no reason".to_owned() } else { words };
        let text = format!("the report was refused, and nothing of it is posted: {words}");
        error.reworded(ErrorKind::Refused, text)
    }
}
