//! `HermesMessage`: a message in Hermes' format, as it is written and as it is read.

use std::fmt;

use super::rows::*;
use super::words::{Object, blank, plain, words_only};
use crate::plugin::serde::ser::SerializeMap;
use crate::plugin::*;

/// A message of Hermes: what is submitted, and what other members of Hopskotch published.
///
/// ```
/// use tom_alerts::brokers::hermes::{HermesData, HermesMessage, HermesPhotometry, HermesTarget};
///
/// let message = HermesMessage {
///     title: "Photometry of AT2026xyz".into(),
///     topic: "hermes.test".into(),
///     submitter: "A. Observer".into(),
///     data: HermesData {
///         targets: vec![HermesTarget {
///             name: "AT2026xyz".into(), ra: Some(150.1), dec: Some(2.5), ..HermesTarget::default()
///         }],
///         photometry: vec![HermesPhotometry {
///             target_name: "AT2026xyz".into(),
///             date_obs: Some("2026-11-20T05:06:07Z".into()),
///             telescope: Some("1m0".into()),
///             bandpass: Some("r".into()),
///             brightness: Some(18.2),
///             ..HermesPhotometry::default()
///         }],
///         ..HermesData::default()
///     },
///     ..HermesMessage::default()
/// };
/// assert!(message.faults().is_empty());
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HermesMessage {
    /// Its title.
    #[serde(deserialize_with = "words_only")]
    pub title: String,
    /// The topic that it is published on.
    #[serde(deserialize_with = "plain")]
    pub topic: String,
    /// Who submits it.
    #[serde(deserialize_with = "plain")]
    pub submitter: String,
    /// Its text.
    #[serde(deserialize_with = "plain")]
    pub message_text: String,
    /// Who wrote it.
    #[serde(deserialize_with = "plain")]
    pub authors: String,
    /// What it is about, in tables.
    pub data: HermesData,
    /// Whether Hermes shall report it to TNS too.
    #[serde(deserialize_with = "wire::flag_or_none", skip_serializing_if = "Option::is_none")]
    pub submit_to_tns: Option<bool>,
    /// Whether Hermes shall report it to the Minor Planet Center too, which it does not do yet.
    #[serde(deserialize_with = "wire::flag_or_none", skip_serializing_if = "Option::is_none")]
    pub submit_to_mpc: Option<bool>,
    /// Whether Hermes shall send it as a GCN circular too.
    #[serde(deserialize_with = "wire::flag_or_none", skip_serializing_if = "Option::is_none")]
    pub submit_to_gcn: Option<bool>,
}

/// The tables of a message.
///
/// Keys that Hermes does not know pass through it when they stand beside the tables, in
/// [`extra`](Self::extra). Within a row it drops them without a word, so the rows have none here.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HermesData {
    /// What it refers to.
    pub references: Vec<HermesReference>,
    /// The non-localised event that it is about.
    pub event_id: Option<String>,
    /// The objects.
    pub targets: Vec<HermesTarget>,
    /// Their light curves.
    pub photometry: Vec<HermesPhotometry>,
    /// Their spectra.
    pub spectroscopy: Vec<HermesSpectrum>,
    /// Their positions.
    pub astrometry: Vec<HermesAstrometry>,
    /// Any other key, as it is.
    pub extra: Map<String, Value>,
    /// Rows of a message that was read which are not what they should be; never sent.
    pub unreadable: Vec<Problem>,
    /// How many values of the other rows were not what they should be, such as a list for a telescope.
    /// They are missing in the rows.
    pub left_out: usize,
}

impl HermesData {
    /// The keys that are tables of their own, so that none of them can be an extra.
    pub(super) const KEYS: [&'static str; 6] =
        ["references", "event_id", "targets", "photometry", "spectroscopy", "astrometry"];

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self == &Self { unreadable: self.unreadable.clone(), left_out: self.left_out, ..Self::default() }
    }
}

impl Serialize for HermesData {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        fn rows<M: SerializeMap>(map: &mut M, key: &str, rows: &[impl Serialize]) -> Result<(), M::Error> {
            if rows.is_empty() { Ok(()) } else { map.serialize_entry(key, rows) }
        }
        let mut map = to.serialize_map(None)?;
        rows(&mut map, "references", &self.references)?;
        if !blank(&self.event_id) {
            map.serialize_entry("event_id", &self.event_id)?;
        }
        rows(&mut map, "targets", &self.targets)?;
        rows(&mut map, "photometry", &self.photometry)?;
        rows(&mut map, "spectroscopy", &self.spectroscopy)?;
        rows(&mut map, "astrometry", &self.astrometry)?;
        for (key, value) in self.extra.iter().filter(|(key, _)| !Self::KEYS.contains(&key.as_str())) {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for HermesData {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Tables)
    }
}

struct Tables;

impl<'de> serde::de::Visitor<'de> for Tables {
    type Value = HermesData;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the tables of a message")
    }

    fn visit_unit<E>(self) -> Result<HermesData, E> {
        Ok(HermesData::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<HermesData, E> {
        Ok(no_tables())
    }

    fn visit_i64<E>(self, _: i64) -> Result<HermesData, E> {
        Ok(no_tables())
    }

    fn visit_u64<E>(self, _: u64) -> Result<HermesData, E> {
        Ok(no_tables())
    }

    fn visit_f64<E>(self, _: f64) -> Result<HermesData, E> {
        Ok(no_tables())
    }

    fn visit_str<E>(self, _: &str) -> Result<HermesData, E> {
        Ok(no_tables())
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<HermesData, A::Error> {
        while list.next_element::<serde::de::IgnoredAny>()?.is_some() {}
        Ok(no_tables())
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<HermesData, A::Error> {
        let mut data = HermesData::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "references" => data.references = data.good("references", map.next_value()?, &[]),
                // A target without a readable place is still the object of the message's rows.
                "targets" => data.targets = data.good("targets", map.next_value()?, &["ra", "dec"]),
                "photometry" => data.photometry = data.good("photometry", map.next_value()?, &[]),
                "spectroscopy" => data.spectroscopy = data.good("spectroscopy", map.next_value()?, &[]),
                "astrometry" => data.astrometry = data.good("astrometry", map.next_value()?, &[]),
                "event_id" => {
                    data.event_id = match map.next_value::<Value>()? {
                        Value::String(text) => Some(text),
                        Value::Number(number) => Some(number.to_string()),
                        _ => None,
                    };
                }
                _ => {
                    data.extra.insert(key, map.next_value()?);
                }
            }
        }
        Ok(data)
    }
}

/// What comes of a text, a number or a list where the tables were due.
fn no_tables() -> HermesData {
    HermesData { unreadable: vec![Problem::new("data", "an object was due")], ..HermesData::default() }
}

impl HermesData {
    /// The good rows of a table; the others are noted and the rest goes on. A row that can be read
    /// without the keys of `apart` is noted and stays without them.
    #[allow(clippy::boxed_local, reason = "the caller has it boxed")]
    fn good<T: serde::de::DeserializeOwned>(
        &mut self,
        table: &str,
        raw: Box<RawValue>,
        apart: &[&str],
    ) -> Vec<T> {
        let (rows, left_out) = wire::left_out(|| serde_json::from_str::<Option<Vec<Object<T>>>>(raw.get()));
        // Row by row only where one is at fault: that takes three times as long.
        if let Ok(rows) = rows {
            self.left_out += left_out;
            return rows.into_iter().flatten().map(|Object(row)| row).collect();
        }
        let (rows, left_out) = wire::left_out(|| serde_json::from_str::<Rows<Object<T>>>(raw.get()));
        let texts = serde_json::from_str::<Vec<Box<RawValue>>>(raw.get());
        let (Ok(rows), Ok(texts)) = (rows, texts) else {
            self.unreadable.push(Problem::new(format!("data.{table}"), "a list was due"));
            return Vec::new();
        };
        self.left_out += left_out;
        let mut whole = Vec::new();
        for (index, (row, text)) in rows.into_iter().zip(texts).enumerate() {
            match row {
                Ok(Object(row)) => whole.push(row),
                Err(fault) => {
                    whole.extend(without(&text, apart));
                    let place = format!("data.{table}[{index}]");
                    self.unreadable.push(Problem::new(place, fault.message().to_owned()));
                }
            }
        }
        whole
    }
}

/// A row without the keys of `apart`, where it has them and can be read so.
fn without<T: serde::de::DeserializeOwned>(row: &RawValue, apart: &[&str]) -> Option<T> {
    let mut map: Map<String, Value> = serde_json::from_str(row.get()).ok()?;
    let before = map.len();
    map.retain(|key, _| !apart.contains(&key.as_str()));
    (map.len() < before).then(|| serde_json::from_value(Value::Object(map)).ok()).flatten()
}
