//! `HermesMessage`: a message as it is written and as it is read.

use std::fmt;

use super::rows::*;
use super::words::{blank, plain};
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
    #[serde(deserialize_with = "plain")]
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
    #[serde(deserialize_with = "wire::flag", skip_serializing_if = "Option::is_none")]
    pub submit_to_tns: Option<bool>,
    /// Whether Hermes shall report it to the Minor Planet Center too, which it does not do yet.
    #[serde(deserialize_with = "wire::flag", skip_serializing_if = "Option::is_none")]
    pub submit_to_mpc: Option<bool>,
    /// Whether Hermes shall send it as a GCN circular too.
    #[serde(deserialize_with = "wire::flag", skip_serializing_if = "Option::is_none")]
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
}

impl HermesData {
    /// The keys that are tables of their own, so that none of them can be an extra.
    pub(super) const KEYS: [&'static str; 6] =
        ["references", "event_id", "targets", "photometry", "spectroscopy", "astrometry"];

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self == &Self { unreadable: self.unreadable.clone(), ..Self::default() }
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

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<HermesData, A::Error> {
        let mut data = HermesData::default();
        while let Some(key) = map.next_key::<String>()? {
            let bad = &mut data.unreadable;
            match key.as_str() {
                "references" => data.references = good("references", &raw(&mut map)?, bad),
                "targets" => data.targets = good("targets", &raw(&mut map)?, bad),
                "photometry" => data.photometry = good("photometry", &raw(&mut map)?, bad),
                "spectroscopy" => data.spectroscopy = good("spectroscopy", &raw(&mut map)?, bad),
                "astrometry" => data.astrometry = good("astrometry", &raw(&mut map)?, bad),
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

fn raw<'de, A: serde::de::MapAccess<'de>>(map: &mut A) -> Result<Box<RawValue>, A::Error> {
    map.next_value()
}

/// The good rows; the others are noted and the rest goes on.
fn good<T>(table: &str, raw: &RawValue, bad: &mut Vec<Problem>) -> Vec<T>
where
    T: serde::de::DeserializeOwned,
{
    // Row by row only where one is at fault: that takes three times as long.
    if let Ok(rows) = serde_json::from_str::<Option<Vec<T>>>(raw.get()) {
        return rows.unwrap_or_default();
    }
    let rows = match serde_json::from_str::<Rows<T>>(raw.get()) {
        Ok(rows) => rows,
        Err(_) => {
            bad.push(Problem::new(format!("data.{table}"), "a list was due"));
            return Vec::new();
        }
    };
    let mut whole = Vec::new();
    for (index, row) in rows.into_iter().enumerate() {
        match row {
            Ok(row) => whole.push(row),
            Err(error) => {
                bad.push(Problem::new(format!("data.{table}[{index}]"), error.message().to_owned()));
            }
        }
    }
    whole
}
