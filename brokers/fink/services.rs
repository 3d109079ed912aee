//! The further services: names at TNS, SIMBAD and SsODNet, classes, tags, schemas, statistics.

use std::collections::BTreeMap;

use super::read::known;
use crate::plugin::*;

/// A name of an object at the Transient Name Server, one row for each survey that reported it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TnsName {
    /// TNS's name with its prefix, `SN 2023vwy`.
    #[serde(rename = "d:fullname", alias = "f:fullname", deserialize_with = "wire::text_or_none")]
    pub fullname: Option<String>,
    /// The reporting survey's name.
    #[serde(rename = "d:internalname", alias = "f:internalname", deserialize_with = "wire::text_or_none")]
    pub internalname: Option<String>,
    /// Right ascension, degrees.
    #[serde(rename = "d:ra", alias = "f:ra", deserialize_with = "wire::number")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(rename = "d:declination", alias = "f:declination", deserialize_with = "wire::number")]
    pub dec: Option<f64>,
    /// Type; the text `nan` when there is none.
    #[serde(rename = "d:type", alias = "f:type", deserialize_with = "wire::text_or_none")]
    pub kind: Option<String>,
    /// Redshift.
    #[serde(rename = "d:redshift", alias = "f:redshift", deserialize_with = "wire::number_or_none")]
    pub redshift: Option<f64>,
    /// When it was discovered, UTC; LSST's service only.
    #[serde(rename = "d:discoverydate", alias = "f:discoverydate", deserialize_with = "wire::text_or_none")]
    pub discoverydate: Option<String>,
}

impl TnsName {
    /// TNS's name.
    #[must_use]
    pub fn full_name(&self) -> Option<&str> {
        known(&self.fullname)
    }

    /// ZTF's name, where ZTF reported it.
    #[must_use]
    pub fn ztf_id(&self) -> Option<&str> {
        known(&self.internalname).filter(|name| Survey::Ztf.has_id(name))
    }

    /// The type, where there is one.
    #[must_use]
    pub fn object_type(&self) -> Option<&str> {
        known(&self.kind)
    }
}

/// An object by SIMBAD.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SimbadName {
    /// Which resolver answered.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub name: Option<String>,
    /// SIMBAD's number of it.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub oid: Option<String>,
    /// Its main name.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub oname: Option<String>,
    /// Its type.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub otype: Option<String>,
    /// Position, sexagesimal.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub jpos: Option<String>,
    /// Right ascension, degrees.
    #[serde(rename = "jradeg", deserialize_with = "wire::number")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(rename = "jdedeg", deserialize_with = "wire::number")]
    pub dec: Option<f64>,
    /// Where the position is from.
    #[serde(rename = "refPos", deserialize_with = "wire::text_or_none")]
    pub ref_pos: Option<String>,
    /// Morphological type.
    #[serde(rename = "MType", deserialize_with = "wire::text_or_none")]
    pub mtype: Option<String>,
    /// References to it.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub nrefs: Option<f64>,
}

/// A solar-system object by SsODNet.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SsoName {
    /// Its name.
    #[serde(rename = "i:name", deserialize_with = "wire::text_or_none")]
    pub name: Option<String>,
    /// Its number.
    #[serde(rename = "i:number", deserialize_with = "wire::text_or_none")]
    pub number: Option<String>,
    /// The name that ZTF's alerts have it by.
    #[serde(rename = "i:ssnamenr", deserialize_with = "wire::text_or_none")]
    pub ssnamenr: Option<String>,
}

/// A tag of LSST's alerts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Tag {
    /// Whether alerts can be listed by it; the others are streams only.
    #[serde(rename = "API support", deserialize_with = "wire::flag_or_none")]
    pub api_support: Option<bool>,
    /// What it selects.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub description: Option<String>,
}

/// A column of a schema.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SchemaColumn {
    /// Its type.
    #[serde(rename = "type", deserialize_with = "wire::text_or_none")]
    pub kind: Option<String>,
    /// What it means.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub doc: Option<String>,
}

/// The columns of a route, by their group and name.
pub type Schema = BTreeMap<String, BTreeMap<String, SchemaColumn>>;

/// What one night brought.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NightStatistics {
    /// The columns by the service's names, such as `basic:sci` (ZTF) or `f:alerts` (LSST); the
    /// service sends most counts as text.
    pub columns: BTreeMap<String, Value>,
}

impl NightStatistics {
    /// The night, `YYYYMMDD`.
    #[must_use]
    pub fn night(&self) -> Option<&str> {
        let text = |key: &str| self.columns.get(key).and_then(Value::as_str);
        text("f:night").or_else(|| text("key:key").and_then(|key| key.strip_prefix("ztf_")))
    }

    /// A column as a whole number; `None` where it is missing or is none.
    #[must_use]
    pub fn count(&self, column: &str) -> Option<i64> {
        match self.columns.get(column)? {
            Value::String(text) => text.trim().parse().ok(),
            value => value.as_i64(),
        }
    }
}

/// Rubin's and Fink's columns of one LSST object.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LsstObject {
    /// The columns by the service's names, such as `r:g_psfFluxMean` in nJy.
    pub columns: BTreeMap<String, Value>,
}

impl LsstObject {
    /// The object's id, every digit of it.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        self.columns.get("r:diaObjectId").filter(|id| id.is_number()).map(Value::to_string)
    }

    /// A column as a number; `None` where it is null, missing or no number.
    #[must_use]
    pub fn number(&self, column: &str) -> Option<f64> {
        self.columns.get(column).and_then(Value::as_f64)
    }
}
