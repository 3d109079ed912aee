//! Reduced data: photometry, spectroscopy and astrometry points, classifications and cutouts.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::extra::Extra;
use crate::flux::{self, Brightness, Unit, brightness};
use crate::text::Text;

mod data;
mod datum;

pub use data::ReducedData;
#[cfg(feature = "sqlite")]
pub(crate) use datum::Reader;
pub use datum::{Datum, OtherDatum};

/// One measured point of a target, as a broker reports it.
///
/// In JSON `data_type` says which shape `value` has: `photometry`, `spectroscopy`, `astrometry`,
/// or any other text with a free object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReducedDatum {
    /// Name of the target it belongs to.
    pub target: Text,
    /// The broker it came from.
    pub source_name: Text,
    /// Where at the broker: an id or a URL.
    pub source_location: Text,
    /// When it was measured, UTC. The instant (start, middle) is the survey's; see the broker's docs.
    pub timestamp: DateTime<Utc>,
    /// When the survey withdrew the measurement, UTC. Such a row is no measurement; see
    /// [`ReducedData::withdrawn`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<DateTime<Utc>>,
    /// What was measured.
    #[serde(flatten)]
    pub value: Datum,
}

/// A point of a light curve.
///
/// A detection has a `magnitude`; a non-detection has a `limit`, which is never a magnitude. The
/// depth of an exposure that did detect is its `limiting_magnitude`. Where the survey measures
/// flux, the flux and its error stay beside the magnitude or limit that follows from them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Photometry {
    /// The band, normalised; see [`band`](crate::band::band).
    pub filter: Text,
    /// Magnitude of a detection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub magnitude: Option<f64>,
    /// Error of the magnitude, 1σ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
    /// The object was not detected, and is fainter than this magnitude.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
    /// Depth of the exposure in which the object was detected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limiting_magnitude: Option<f64>,
    /// The object was fainter than in the reference image by what this magnitude stands for. Such
    /// a point has no `magnitude`: it is not a brightness.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negative_magnitude: Option<f64>,
    /// Flux with its sign; a difference flux may be negative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flux: Option<f64>,
    /// Error of the flux, 1σ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flux_error: Option<f64>,
    /// Unit of both, for example `nJy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flux_unit: Option<Text>,
    /// Magnitude system, `AB` or `Vega`, where the broker says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Text>,
    /// The telescope or survey, for example `ZTF`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telescope: Option<Text>,
    /// The instrument.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instrument: Option<Text>,
    /// The survey that took the exposure: with `source_id` the identity of the exposure, so that
    /// one exposure seen through three brokers can be known for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub survey: Option<Text>,
    /// The survey's id of the measurement (`candid`, `diaSourceId`), as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// Measured at a known position rather than found.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub forced: bool,
    /// What the broker says beside, under the broker's own names but for `exposure_time`, s, and
    /// `observer`.
    #[serde(skip_serializing_if = "Extra::is_empty")]
    pub extra: Extra,
}

impl Photometry {
    /// The point that a flux with its error makes: by the convention of [`flux`] a
    /// magnitude, a limit or a negative magnitude, with the flux beside it.
    ///
    /// `zero_point` is the magnitude of one `unit`; [`NANOJANSKY_ZERO`](crate::flux::NANOJANSKY_ZERO)
    /// for nJy. `None` when the error is not positive or a number is not finite.
    ///
    /// ```
    /// use tom_alerts::{Photometry, flux::NANOJANSKY_ZERO};
    /// let point = Photometry::from_flux(-50.0, 100.0, "nJy", NANOJANSKY_ZERO).unwrap();
    /// assert_eq!((point.magnitude, point.flux), (None, Some(-50.0)));
    /// assert!((point.limit.unwrap() - 24.652_57).abs() < 1e-4);
    /// ```
    #[must_use]
    pub fn from_flux(flux: f64, flux_error: f64, unit: &str, zero_point: f64) -> Option<Self> {
        let mut point = Self {
            flux: Some(flux),
            flux_error: Some(flux_error),
            flux_unit: Some(unit.into()),
            ..Self::default()
        };
        match brightness(flux, flux_error, zero_point)? {
            Brightness::Magnitude { magnitude, error } => {
                point.magnitude = Some(magnitude);
                point.error = Some(error);
            }
            Brightness::Limit(limit) => point.limit = Some(limit),
            Brightness::Negative { magnitude, error } => {
                point.negative_magnitude = Some(magnitude);
                point.error = Some(error);
            }
        }
        Some(point)
    }

    /// Sets the magnitude of a difference image: it is a brightness only where the difference is
    /// positive, which it is where the service does not say.
    pub fn set_difference(&mut self, magnitude: f64, positive: Option<bool>) {
        if positive == Some(false) {
            self.negative_magnitude = Some(magnitude);
        } else {
            self.magnitude = Some(magnitude);
        }
    }

    /// The point that a brightness with its error makes, in whichever unit it came: a magnitude, or a
    /// flux with the AB magnitude or limit that follows from it and its error.
    ///
    /// ```
    /// use tom_alerts::{Photometry, flux::Unit};
    /// let point = Photometry::measured(18.2, Some(0.05), Unit::Magnitude(Some("Vega")));
    /// assert_eq!((point.magnitude, point.unit.as_deref()), (Some(18.2), Some("Vega")));
    /// let point = Photometry::measured(0.001, Some(0.01), Unit::flux("mJy"));
    /// assert!(point.magnitude.is_none() && point.limit.is_some() && point.flux == Some(0.001));
    /// ```
    #[must_use]
    pub fn measured(value: f64, error: Option<f64>, unit: Unit<'_>) -> Self {
        match unit {
            Unit::Magnitude(system) => Self {
                magnitude: flux::magnitude(Some(value)),
                error: flux::magnitude_error(error),
                unit: system.map(Text::from),
                ..Self::default()
            },
            Unit::Flux(name, zero_point) => {
                let error = error.filter(|error| *error > 0.0);
                let point =
                    zero_point.zip(error).and_then(|(zero, error)| Self::from_flux(value, error, name, zero));
                let plain = || Self {
                    flux: Some(value),
                    flux_error: error,
                    flux_unit: Some(name.into()),
                    ..Self::default()
                };
                point.map_or_else(plain, |point| Self { unit: Some("AB".into()), ..point })
            }
        }
    }

    /// Adds how deep the exposure was: the limit where nothing was measured, else the limiting
    /// magnitude. False, and nothing added, for a depth that is no magnitude, or one of another system
    /// than the measurement: it must not pass for one of the same.
    #[must_use]
    pub fn add_depth(&mut self, value: f64, unit: Unit<'_>) -> bool {
        let Some(depth) = unit.magnitude(value) else { return false };
        let measured = [self.magnitude, self.flux, self.negative_magnitude].iter().any(Option::is_some);
        if !measured {
            self.limit = Some(depth);
            self.unit = unit.system().map(Text::from);
            return true;
        }
        let known = self.magnitude.or(self.limit).or(self.negative_magnitude).is_some();
        let same = self.unit.as_deref().zip(unit.system()).is_none_or(|(own, system)| own == system);
        if known && same {
            self.limiting_magnitude = Some(depth);
        }
        known && same
    }
}

/// A spectrum.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Spectroscopy {
    /// Wavelengths, as many as fluxes.
    pub wavelength: Vec<f64>,
    /// Unit of the wavelengths, for example `Angstrom`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wavelength_unit: Option<Text>,
    /// Fluxes.
    pub flux: Vec<f64>,
    /// Errors of the fluxes; empty when the source gives none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub error: Vec<f64>,
    /// Unit of the fluxes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flux_unit: Option<Text>,
    /// The telescope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telescope: Option<Text>,
    /// The instrument.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instrument: Option<Text>,
    /// The source's id of the spectrum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// What the broker says beside, under the broker's own names but for `exposure_time`, s, and
    /// `observer`.
    #[serde(skip_serializing_if = "Extra::is_empty")]
    pub extra: Extra,
}

/// A measured position.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Astrometry {
    /// Right ascension in degrees, ICRS.
    pub ra: f64,
    /// Declination in degrees, ICRS.
    pub dec: f64,
    /// Error in right ascension, arcsec on the sky.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ra_error: Option<f64>,
    /// Error in declination, arcsec.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dec_error: Option<f64>,
    /// The telescope or survey.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telescope: Option<Text>,
    /// The source's id of the measurement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
}

impl ReducedDatum {
    /// A point of a target from a broker, measured at an instant.
    #[must_use]
    pub fn new(
        target: impl Into<Text>,
        source_name: impl Into<Text>,
        source_location: impl Into<Text>,
        timestamp: DateTime<Utc>,
        value: impl Into<Datum>,
    ) -> Self {
        Self {
            target: target.into(),
            source_name: source_name.into(),
            source_location: source_location.into(),
            timestamp,
            withdrawn: None,
            value: value.into(),
        }
    }

    /// TOM Toolkit's name of the sort of value.
    #[must_use]
    pub fn data_type(&self) -> &str {
        self.value.data_type()
    }

    /// The photometry, when it is that.
    #[must_use]
    pub fn photometry(&self) -> Option<&Photometry> {
        match &self.value {
            Datum::Photometry(point) => Some(point),
            _ => None,
        }
    }

    /// Whether it is a limit: the object was not detected.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        self.photometry().is_some_and(|point| point.limit.is_some())
    }

    /// What makes this point the same point when it is imported again from the same source.
    ///
    /// It holds the source's id of the measurement where there is one, else time, band and
    /// telescope; never the measured value, so that a corrected value replaces the old one, also where
    /// a detection becomes a limit. Of a detection and a limit with one key in one answer the
    /// detection counts.
    #[must_use]
    pub fn key(&self) -> String {
        let time = || self.timestamp.to_rfc3339_opts(SecondsFormat::Micros, true);
        let (survey, id, detail) = match &self.value {
            Datum::Photometry(p) => {
                let sort = if p.forced { "forced" } else { "" };
                (p.survey.as_ref().or(p.telescope.as_ref()), &p.source_id, format!("{sort}|{}", p.filter))
            }
            Datum::Spectroscopy(s) => (s.telescope.as_ref(), &s.source_id, String::new()),
            Datum::Astrometry(a) => (a.telescope.as_ref(), &a.source_id, String::new()),
            Datum::Other(_) => (None, &None, self.source_location.to_string()),
        };
        let survey = survey.map_or("", Text::as_str);
        match id {
            Some(id) => format!("{}|{survey}|{detail}|#{id}", self.data_type()),
            None => format!("{}|{survey}|{detail}|{}", self.data_type(), time()),
        }
    }
}

/// What a classifier says of an object.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Classification {
    /// The classifier's name, as the broker has it.
    pub classifier: String,
    /// Its version.
    pub version: Option<String>,
    /// The class, as the broker writes it.
    pub class: String,
    /// Probability, 0 to 1.
    pub probability: Option<f64>,
    /// 1 is the most probable class of this classifier.
    pub rank: Option<u32>,
}

/// An image around an object, cut from an exposure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Cutout {
    /// Which of the three images.
    pub kind: CutoutKind,
    /// The file format, in lower case: `png`, `fits`, `fits.gz`.
    pub format: String,
    /// The measurement it belongs to, as text.
    pub source_id: Option<String>,
    /// Where it is; it may be fetched without a credential.
    pub url: Option<Url>,
    /// The image itself, where the broker gives it with the alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<Image>,
}

impl Cutout {
    /// An image of a file format, of which neither place nor bytes are known yet.
    #[must_use]
    pub fn new(kind: CutoutKind, format: impl Into<String>) -> Self {
        Self { kind, format: format.into(), source_id: None, url: None, bytes: None }
    }
}

/// The bytes of an image file; in JSON a list of numbers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Image(pub Vec<u8>);

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({} bytes)", self.0.len())
    }
}

/// Which of the three images of difference imaging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CutoutKind {
    /// The new exposure.
    Science,
    /// The reference.
    Template,
    /// The new exposure less the reference.
    Difference,
}

impl CutoutKind {
    /// All three, in the order that people look at them.
    pub const ALL: [Self; 3] = [Self::Science, Self::Template, Self::Difference];

    /// In lower case, as services and file names have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Science => "science",
            Self::Template => "template",
            Self::Difference => "difference",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(value: Photometry) -> ReducedDatum {
        let time = DateTime::from_timestamp_micros(1_600_000_000_000_000).unwrap();
        ReducedDatum::new("ZTF1", "ALeRCE", "ZTF1", time, value)
    }

    #[test]
    fn a_corrected_value_keeps_its_key_also_where_it_becomes_a_limit() {
        let mut p = Photometry { filter: "g".into(), magnitude: Some(18.0), ..Photometry::default() };
        p.survey = Some("ZTF".into());
        let first = point(p.clone()).key();
        p.magnitude = Some(18.1);
        assert_eq!(first, point(p.clone()).key());
        assert_eq!(first, "photometry|ZTF||g|2020-09-13T12:26:40.000000Z");
        let limit = Photometry { magnitude: None, limit: Some(20.0), ..p.clone() };
        assert_eq!(first, point(limit.clone()).key());
        assert!(point(limit.clone()).is_limit() && !point(p.clone()).is_limit());
        assert_eq!(
            point(Photometry { forced: true, ..limit }).key(),
            "photometry|ZTF|forced|g|2020-09-13T12:26:40.000000Z"
        );
        p.source_id = Some("1101542291015015004".into());
        let with_id = point(p.clone()).key();
        assert!(with_id.ends_with("#1101542291015015004"), "{with_id}");
        p.forced = true;
        assert_ne!(with_id, point(p).key());
    }

    #[test]
    fn a_depth_is_a_limit_or_beside_a_measurement_of_its_system() {
        let mut nothing = Photometry::default();
        assert!(nothing.add_depth(20.5, Unit::Magnitude(Some("Vega"))));
        assert_eq!((nothing.limit, nothing.unit.as_deref()), (Some(20.5), Some("Vega")));
        let mut seen = Photometry::measured(18.0, Some(0.1), Unit::Magnitude(Some("AB")));
        assert!(!seen.add_depth(20.5, Unit::Magnitude(Some("Vega"))));
        assert!(!seen.add_depth(99.0, Unit::Magnitude(Some("AB"))));
        assert!(seen.add_depth(0.01, Unit::flux("mJy")));
        assert!((seen.limiting_magnitude.unwrap() - 21.4).abs() < 1e-9 && seen.limit.is_none());
        let mut flux = Photometry::measured(3e-17, None, Unit::flux("erg / s / cm² / Å"));
        assert!(!flux.add_depth(20.5, Unit::Magnitude(None)) && flux.limiting_magnitude.is_none());
    }

    #[test]
    fn json_has_toms_names_and_comes_back() {
        let datum = point(Photometry { filter: "g".into(), limit: Some(20.0), ..Photometry::default() });
        let json = serde_json::to_value(&datum).unwrap();
        assert_eq!(json["data_type"], "photometry");
        assert_eq!(json["value"], serde_json::json!({"filter": "g", "limit": 20.0}));
        assert_eq!(serde_json::from_value::<ReducedDatum>(json).unwrap(), datum);
    }
}
