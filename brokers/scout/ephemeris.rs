//! `Ephemeris`: where an object will be, over all its sampled orbits, epoch by epoch.

use super::orbit::{Row, names};
use crate::plugin::*;

/// An ephemeris of one object.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Ephemeris {
    /// How many epochs there are, as Scout says.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub count: Option<i64>,
    /// How many sampled orbits stand behind it.
    #[serde(rename = "orbit-count", deserialize_with = "wire::whole_or_none")]
    pub orbit_count: Option<i64>,
    /// The columns of [`EphemerisPoint::samples`]; their order and set are Scout's.
    #[serde(rename = "data-fields", deserialize_with = "names")]
    pub data_fields: Vec<String>,
    /// The epochs; one that cannot be read is empty.
    #[serde(deserialize_with = "epochs")]
    pub eph: Vec<EphemerisPoint>,
    /// What the answer says beside, such as how likely a field of view holds the object.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// One epoch.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct EphemerisPoint {
    /// The epoch as text, UTC.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub time: Option<String>,
    /// Mark of twilight or day: `a`, `n`, `c` or `*`; none at night.
    #[serde(rename = "sun-flag", deserialize_with = "wire::text_or_none")]
    pub sun_flag: Option<String>,
    /// Uncertainty of the position, 1σ, arcmin.
    #[serde(rename = "sigma-pos", deserialize_with = "wire::number_or_none")]
    pub sigma_pos: Option<f64>,
    /// Medians over the samples; none of them where no sample is in the field of view.
    #[serde(deserialize_with = "median")]
    pub median: Median,
    /// Extremes of the same quantities, as Scout has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<Value>,
    /// Their 1σ limits, as Scout has them.
    #[serde(rename = "sigma-limits", skip_serializing_if = "Option::is_none")]
    pub sigma_limits: Option<Value>,
    #[serde(deserialize_with = "wire::list_or_empty")]
    data: Vec<Row>,
    /// What Scout says of the epoch beside, such as distances that were asked for.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Medians of an epoch over the sampled orbits.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Median {
    /// Right ascension, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub dec: Option<f64>,
    /// Motion in right ascension, arcsec/min.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub dra: Option<f64>,
    /// Motion in declination, arcsec/min.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub ddec: Option<f64>,
    /// Motion, arcsec/min.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub rate: Option<f64>,
    /// Position angle of the motion, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub pa: Option<f64>,
    /// V magnitude.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub vmag: Option<f64>,
    /// Elongation from the Sun, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub elong: Option<f64>,
    /// Distance from the Moon, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub moon: Option<f64>,
    /// Elevation at the observatory, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub el: Option<f64>,
    /// Further medians, such as the distances that were asked for with `ranges`, as Scout has them.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

fn epochs<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<EphemerisPoint>, D::Error> {
    #[derive(Deserialize)]
    struct Epoch(#[serde(deserialize_with = "wire::object_or_none")] Option<EphemerisPoint>);
    Ok(wire::list_or_empty::<D, Epoch>(from)?.into_iter().map(|epoch| epoch.0.unwrap_or_default()).collect())
}

fn median<'de, D: Deserializer<'de>>(from: D) -> Result<Median, D::Error> {
    Ok(wire::object_or_none(from)?.unwrap_or_default())
}

impl EphemerisPoint {
    /// The epoch.
    #[must_use]
    pub fn utc(&self) -> Option<DateTime<Utc>> {
        self.time.as_deref().and_then(time::parse_utc)
    }

    /// Each sample's own values, where the orbits were asked for too; columns as
    /// [`Ephemeris::data_fields`] names them.
    pub fn samples(&self) -> impl Iterator<Item = &[Option<f64>]> + '_ {
        self.data.iter().map(|row| row.0.as_slice())
    }
}
