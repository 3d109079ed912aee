//! `Given`: the parameters of a call before they are read, so that a form can understand what other
//! forms of the same service hold.

use std::collections::HashMap;

use serde_json::{Map, Number, Value};

use super::coerce::is_empty;
use crate::error::Problem;

/// The parameters of a call, as [`Form::prepare`](super::Form::prepare) sees them.
///
/// Whatever it renames keeps the name that the caller used in the messages of faults. A value that
/// is null, blank or an empty list counts as not given.
#[derive(Debug)]
pub struct Given {
    pub(super) map: Map<String, Value>,
    /// For each field that was renamed, the key that the caller used.
    pub(super) renamed: HashMap<String, String>,
    pub(super) faults: Vec<Problem>,
}

/// Which of TOM Toolkit's two query tables the parameters come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TomQuery {
    /// A saved query of `tom_alerts`: it holds the key `broker`.
    Alerts,
    /// A saved query of `tom_dataservices`: it holds the key `data_service`.
    DataService,
}

impl Given {
    pub(super) fn new(input: &Map<String, Value>) -> Self {
        Self { map: input.clone(), renamed: HashMap::new(), faults: Vec::new() }
    }

    /// Whether this is a saved query of TOM Toolkit, whose fields then have TOM Toolkit's meaning.
    #[must_use]
    pub fn tom_query(&self) -> Option<TomQuery> {
        if self.get("data_service").is_some() {
            return Some(TomQuery::DataService);
        }
        self.get("broker").map(|_| TomQuery::Alerts)
    }

    /// The value of a key, where one is given.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.map.get(key).filter(|value| !is_empty(value))
    }

    /// The keys that are given.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.map.iter().filter(|(_, value)| !is_empty(value)).map(|(key, _)| key.as_str())
    }

    /// A finite number, also from its text. `None` also for what cannot be read, which the form tells.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<f64> {
        let number = match self.get(key)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        number.filter(|number: &f64| number.is_finite())
    }

    /// A text, trimmed.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str().map(str::trim)
    }

    /// Takes a key away.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.map.shift_remove(key)
    }

    /// Takes away every key but these.
    pub fn keep(&mut self, keys: &[&str]) {
        self.map.retain(|key, _| keys.contains(&key.as_str()));
    }

    /// Sets a field, which faults name by the key that the caller used.
    pub fn set(&mut self, field: &str, value: impl Into<Value>, called: &str) {
        self.map.insert(field.to_owned(), value.into());
        self.renamed.insert(field.to_owned(), called.to_owned());
    }

    /// Sets a field unless the caller did.
    pub fn set_default(&mut self, field: &str, value: impl Into<Value>) {
        if self.get(field).is_none() {
            self.map.insert(field.to_owned(), value.into());
        }
    }

    /// Reads a key as this field. Both with different values are a fault.
    pub fn rename(&mut self, key: &str, field: &str) {
        let Some(value) = self.map.shift_remove(key).filter(|value| !is_empty(value)) else { return };
        match self.get(field) {
            Some(other) if *other == value => {}
            Some(_) => self.fault(key, format!("given as {field} too, with another value")),
            None => self.set(field, value, key),
        }
    }

    /// Multiplies a number, where the unit differs from the form's.
    pub fn scale(&mut self, key: &str, factor: f64) {
        if let Some(number) = self.number(key).and_then(|number| Number::from_f64(number * factor)) {
            self.map.insert(key.to_owned(), Value::Number(number));
        }
    }

    /// Reports a fault of a key and takes the key away.
    pub fn fault(&mut self, key: &str, message: impl Into<String>) {
        self.map.shift_remove(key);
        self.faults.push(Problem::new(key, message));
    }
}
