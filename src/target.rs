//! `Target`: what is observed, with TOM Toolkit's field names in JSON.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// An object to observe: a place on the sky or an orbit, with its other names and what is known of it.
///
/// In JSON it has the fields of TOM Toolkit's REST API, flat: `name`, `type`, coordinates,
/// galactic position, elements with their `scheme`, `aliases: [{name}]`,
/// `targetextra_set: [{key, value}]`.
///
/// ```
/// use tom_alerts::Target;
/// let target = Target::sidereal("SN 2024abc", 37.673533, -14.569121)?
///     .with_alias("ZTF24aaaaaaa")
///     .with_extra("class", "SNIa");
/// let json = serde_json::to_value(&target)?;
/// assert_eq!(json["type"], "SIDEREAL");
/// assert_eq!(json["targetextra_set"][0]["key"], "class");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "Flat", try_from = "Flat")]
#[non_exhaustive]
pub struct Target {
    /// The name, unique in a store.
    pub name: String,
    /// Where it is.
    pub coordinates: Coordinates,
    /// Other names of the same object, in the order of adding, each once.
    pub aliases: Vec<String>,
    /// What else is known; TOM Toolkit keeps these as text too.
    pub extras: BTreeMap<String, String>,
}

/// Where a target is.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Coordinates {
    /// Fixed on the sky.
    Sidereal(Sidereal),
    /// On an orbit in the solar system.
    NonSidereal(NonSidereal),
}

/// A place on the sky, ICRS.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sidereal {
    /// Right ascension in degrees, 0 ≤ ra < 360.
    pub ra: f64,
    /// Declination in degrees, −90 ≤ dec ≤ 90.
    pub dec: f64,
    /// Epoch of the position, Julian years.
    pub epoch: Option<f64>,
    /// Proper motion in right ascension, mas/yr.
    pub pm_ra: Option<f64>,
    /// Proper motion in declination, mas/yr.
    pub pm_dec: Option<f64>,
    /// Parallax, mas.
    pub parallax: Option<f64>,
    /// Distance, pc.
    pub distance: Option<f64>,
    /// Error of the distance, pc.
    pub distance_err: Option<f64>,
}

/// An object of the solar system. Scout and Fink often give no orbit, only where it was last.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NonSidereal {
    /// The orbit, where the broker gives one.
    pub elements: Option<Elements>,
    /// Where it was at some instant.
    pub position: Option<PositionHint>,
    /// Absolute magnitude: H, or M1 of a comet.
    pub abs_mag: Option<f64>,
    /// Slope: G, or K1 of a comet.
    pub slope: Option<f64>,
}

/// Where a moving object was.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PositionHint {
    /// Right ascension in degrees, ICRS.
    pub ra: f64,
    /// Declination in degrees, ICRS.
    pub dec: f64,
    /// When it was there.
    pub time: Option<DateTime<Utc>>,
    /// How far from there it may have been, 1σ, arcsec.
    pub uncertainty: Option<f64>,
}

impl PositionHint {
    /// A place in degrees, ICRS, without time and uncertainty.
    #[must_use]
    pub fn new(ra: f64, dec: f64) -> Self {
        Self { ra, dec, time: None, uncertainty: None }
    }
}

/// Orbital elements, heliocentric, ecliptic and equinox J2000.
#[derive(Debug, Clone, PartialEq)]
pub struct Elements {
    /// Which elements are given.
    pub scheme: Scheme,
    /// Epoch of the elements, MJD.
    pub epoch_of_elements: f64,
    /// Inclination, degrees.
    pub inclination: f64,
    /// Longitude of the ascending node, degrees.
    pub lng_asc_node: f64,
    /// Argument of perihelion, degrees.
    pub arg_of_perihelion: f64,
    /// Eccentricity.
    pub eccentricity: f64,
}

/// The elements that differ by scheme.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Scheme {
    /// `MPC_MINOR_PLANET`.
    MinorPlanet {
        /// Mean anomaly, degrees.
        mean_anomaly: f64,
        /// Semi-major axis, au.
        semimajor_axis: f64,
    },
    /// `MPC_COMET`; also the way to say an open orbit.
    Comet {
        /// Perihelion distance, au.
        perihdist: f64,
        /// Time of perihelion, MJD.
        epoch_of_perihelion: f64,
    },
    /// `JPL_MAJOR_PLANET`.
    MajorPlanet {
        /// Mean anomaly, degrees.
        mean_anomaly: f64,
        /// Semi-major axis, au.
        semimajor_axis: f64,
        /// Mean daily motion, degrees a day.
        mean_daily_motion: f64,
    },
}

impl Coordinates {
    /// The same place with the right ascension that it has everywhere: a whole turn is none.
    pub(crate) fn wrapped(mut self) -> Self {
        let ra = match &mut self {
            Self::Sidereal(at) => Some(&mut at.ra),
            Self::NonSidereal(orbit) => orbit.position.as_mut().map(|at| &mut at.ra),
        };
        if let Some(ra) = ra.filter(|ra| **ra == 360.0) {
            *ra = 0.0;
        }
        self
    }
}

impl Target {
    /// A target at a fixed place; `ra` is wrapped into 0..360.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] when a number is not finite, the declination is beyond a pole, or the
    /// name is empty.
    pub fn sidereal(name: impl Into<String>, ra: f64, dec: f64) -> Result<Self> {
        let ra = crate::sky::wrap_degrees(ra);
        Self::new(name, Coordinates::Sidereal(Sidereal { ra, dec, ..Sidereal::default() }))
    }

    /// A target on an orbit.
    ///
    /// # Errors
    /// As [`sidereal`](Self::sidereal).
    pub fn non_sidereal(name: impl Into<String>, orbit: NonSidereal) -> Result<Self> {
        Self::new(name, Coordinates::NonSidereal(orbit))
    }

    fn new(name: impl Into<String>, coordinates: Coordinates) -> Result<Self> {
        Self { name: name.into(), coordinates, aliases: Vec::new(), extras: BTreeMap::new() }.checked()
    }

    /// The same target when every number in it may be stored or sent; a right ascension of 360 is 0.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] naming the field at fault.
    pub fn checked(self) -> Result<Self> {
        let fault = |what: String| Err(Error::new(ErrorKind::Input, what).with("target", &self.name));
        if self.name.trim().is_empty() {
            return Err(Error::new(ErrorKind::Input, "a target needs a name"));
        }
        let flat = Flat::from(self.clone());
        for (key, value) in flat.numbers() {
            if value.is_some_and(|v| !v.is_finite()) {
                return fault(format!("{key} of a target must be a finite number"));
            }
        }
        let outside = |value: Option<f64>, low: f64, high: f64| value.filter(|v| !(low..=high).contains(v));
        if let Some(dec) = outside(flat.dec, -90.0, 90.0) {
            return fault(format!("dec: {dec} is outside -90..=90"));
        }
        if let Some(ra) = outside(flat.ra, 0.0, 360.0) {
            return fault(format!("ra: {ra} is outside 0..360"));
        }
        Ok(Self { coordinates: self.coordinates.wrapped(), ..self })
    }

    /// Adds another name of the same object; its own name and names it has are left out.
    #[must_use]
    pub fn with_alias(mut self, alias: impl Into<String>) -> Self {
        let alias = alias.into();
        if !alias.trim().is_empty() && alias != self.name && !self.aliases.contains(&alias) {
            self.aliases.push(alias);
        }
        self
    }

    /// Sets the epoch of a fixed position, in Julian years; of what moves there is none.
    #[must_use]
    pub fn with_epoch(mut self, year: f64) -> Self {
        if let Coordinates::Sidereal(at) = &mut self.coordinates {
            at.epoch = Some(year);
        }
        self
    }

    /// Adds what else is known, as text.
    #[must_use]
    pub fn with_extra(mut self, key: impl Into<String>, value: impl ToString) -> Self {
        self.extras.insert(key.into(), value.to_string());
        self
    }

    /// Adds what else is known, if it is known.
    #[must_use]
    pub fn with_extra_opt(self, key: impl Into<String>, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with_extra(key, value),
            None => self,
        }
    }

    /// Right ascension and declination in degrees, where they are known.
    #[must_use]
    pub fn position(&self) -> Option<(f64, f64)> {
        match &self.coordinates {
            Coordinates::Sidereal(at) => Some((at.ra, at.dec)),
            Coordinates::NonSidereal(orbit) => orbit.position.as_ref().map(|at| (at.ra, at.dec)),
        }
    }

    /// TOM Toolkit's word for the sort of target.
    #[must_use]
    pub fn target_type(&self) -> &'static str {
        match self.coordinates {
            Coordinates::Sidereal(_) => SIDEREAL,
            Coordinates::NonSidereal(_) => NON_SIDEREAL,
        }
    }
}

const SIDEREAL: &str = "SIDEREAL";
const NON_SIDEREAL: &str = "NON_SIDEREAL";
const MINOR_PLANET: &str = "MPC_MINOR_PLANET";
const COMET: &str = "MPC_COMET";
const MAJOR_PLANET: &str = "JPL_MAJOR_PLANET";

/// A target as TOM Toolkit's REST API has it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Flat {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ra: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dec: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    epoch: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    galactic_lng: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    galactic_lat: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallax: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pm_ra: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pm_dec: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    distance: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    distance_err: Option<f64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    scheme: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    epoch_of_elements: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inclination: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lng_asc_node: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arg_of_perihelion: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    eccentricity: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mean_anomaly: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    semimajor_axis: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mean_daily_motion: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    perihdist: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    epoch_of_perihelion: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    abs_mag: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slope: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position_time: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position_uncertainty: Option<f64>,
    aliases: Vec<Alias>,
    targetextra_set: Vec<Extra>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Alias {
    name: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Extra {
    key: String,
    value: serde_json::Value,
}

impl Flat {
    fn numbers(&self) -> [(&'static str, Option<f64>); 21] {
        [
            ("ra", self.ra),
            ("dec", self.dec),
            ("epoch", self.epoch),
            ("parallax", self.parallax),
            ("pm_ra", self.pm_ra),
            ("pm_dec", self.pm_dec),
            ("distance", self.distance),
            ("distance_err", self.distance_err),
            ("epoch_of_elements", self.epoch_of_elements),
            ("inclination", self.inclination),
            ("lng_asc_node", self.lng_asc_node),
            ("arg_of_perihelion", self.arg_of_perihelion),
            ("eccentricity", self.eccentricity),
            ("mean_anomaly", self.mean_anomaly),
            ("semimajor_axis", self.semimajor_axis),
            ("mean_daily_motion", self.mean_daily_motion),
            ("perihdist", self.perihdist),
            ("epoch_of_perihelion", self.epoch_of_perihelion),
            ("abs_mag", self.abs_mag),
            ("slope", self.slope),
            ("position_uncertainty", self.position_uncertainty),
        ]
    }

    fn elements(&self) -> Result<Option<Elements>> {
        if self.scheme.is_empty() {
            return Ok(None);
        }
        let need = |key: &str, value: Option<f64>| {
            value.ok_or_else(|| Error::new(ErrorKind::Input, format!("{} needs {key}", self.scheme)))
        };
        let scheme = match self.scheme.as_str() {
            MINOR_PLANET => Scheme::MinorPlanet {
                mean_anomaly: need("mean_anomaly", self.mean_anomaly)?,
                semimajor_axis: need("semimajor_axis", self.semimajor_axis)?,
            },
            COMET => Scheme::Comet {
                perihdist: need("perihdist", self.perihdist)?,
                epoch_of_perihelion: need("epoch_of_perihelion", self.epoch_of_perihelion)?,
            },
            MAJOR_PLANET => Scheme::MajorPlanet {
                mean_anomaly: need("mean_anomaly", self.mean_anomaly)?,
                semimajor_axis: need("semimajor_axis", self.semimajor_axis)?,
                mean_daily_motion: need("mean_daily_motion", self.mean_daily_motion)?,
            },
            other => {
                return Err(Error::new(
                    ErrorKind::Input,
                    format!("scheme: {other:?} is none of {MINOR_PLANET}, {COMET}, {MAJOR_PLANET}"),
                ));
            }
        };
        Ok(Some(Elements {
            scheme,
            epoch_of_elements: need("epoch_of_elements", self.epoch_of_elements)?,
            inclination: need("inclination", self.inclination)?,
            lng_asc_node: need("lng_asc_node", self.lng_asc_node)?,
            arg_of_perihelion: need("arg_of_perihelion", self.arg_of_perihelion)?,
            eccentricity: need("eccentricity", self.eccentricity)?,
        }))
    }
}

impl From<Target> for Flat {
    fn from(target: Target) -> Self {
        let mut flat = Self {
            kind: target.target_type().to_owned(),
            name: target.name,
            aliases: target.aliases.into_iter().map(|name| Alias { name }).collect(),
            targetextra_set: target
                .extras
                .into_iter()
                .map(|(key, v)| Extra { key, value: v.into() })
                .collect(),
            ..Self::default()
        };
        match target.coordinates {
            Coordinates::Sidereal(at) => {
                let (lng, lat) = crate::sky::galactic(at.ra, at.dec);
                flat.ra = Some(at.ra);
                flat.dec = Some(at.dec);
                flat.galactic_lng = Some(lng).filter(|v| v.is_finite());
                flat.galactic_lat = Some(lat).filter(|v| v.is_finite());
                flat.epoch = at.epoch;
                flat.pm_ra = at.pm_ra;
                flat.pm_dec = at.pm_dec;
                flat.parallax = at.parallax;
                flat.distance = at.distance;
                flat.distance_err = at.distance_err;
            }
            Coordinates::NonSidereal(orbit) => {
                flat.abs_mag = orbit.abs_mag;
                flat.slope = orbit.slope;
                if let Some(at) = orbit.position {
                    flat.ra = Some(at.ra);
                    flat.dec = Some(at.dec);
                    flat.position_time = at.time;
                    flat.position_uncertainty = at.uncertainty;
                }
                if let Some(elements) = orbit.elements {
                    flat.set_elements(&elements);
                }
            }
        }
        flat
    }
}

impl Flat {
    fn set_elements(&mut self, elements: &Elements) {
        self.epoch_of_elements = Some(elements.epoch_of_elements);
        self.inclination = Some(elements.inclination);
        self.lng_asc_node = Some(elements.lng_asc_node);
        self.arg_of_perihelion = Some(elements.arg_of_perihelion);
        self.eccentricity = Some(elements.eccentricity);
        let scheme = match elements.scheme {
            Scheme::MinorPlanet { mean_anomaly, semimajor_axis } => {
                self.mean_anomaly = Some(mean_anomaly);
                self.semimajor_axis = Some(semimajor_axis);
                MINOR_PLANET
            }
            Scheme::Comet { perihdist, epoch_of_perihelion } => {
                self.perihdist = Some(perihdist);
                self.epoch_of_perihelion = Some(epoch_of_perihelion);
                COMET
            }
            Scheme::MajorPlanet { mean_anomaly, semimajor_axis, mean_daily_motion } => {
                self.mean_anomaly = Some(mean_anomaly);
                self.semimajor_axis = Some(semimajor_axis);
                self.mean_daily_motion = Some(mean_daily_motion);
                MAJOR_PLANET
            }
        };
        scheme.clone_into(&mut self.scheme);
    }
}

impl TryFrom<Flat> for Target {
    type Error = Error;

    fn try_from(flat: Flat) -> Result<Self> {
        let coordinates = match flat.kind.as_str() {
            SIDEREAL => {
                let (Some(ra), Some(dec)) = (flat.ra, flat.dec) else {
                    return Err(Error::new(ErrorKind::Input, "a SIDEREAL target needs ra and dec")
                        .with("target", &flat.name));
                };
                Coordinates::Sidereal(Sidereal {
                    ra,
                    dec,
                    epoch: flat.epoch,
                    pm_ra: flat.pm_ra,
                    pm_dec: flat.pm_dec,
                    parallax: flat.parallax,
                    distance: flat.distance,
                    distance_err: flat.distance_err,
                })
            }
            NON_SIDEREAL => Coordinates::NonSidereal(NonSidereal {
                elements: flat.elements()?,
                position: flat.ra.zip(flat.dec).map(|(ra, dec)| PositionHint {
                    ra,
                    dec,
                    time: flat.position_time,
                    uncertainty: flat.position_uncertainty,
                }),
                abs_mag: flat.abs_mag,
                slope: flat.slope,
            }),
            other => {
                return Err(Error::new(
                    ErrorKind::Input,
                    format!("type: {other:?} is neither {SIDEREAL} nor {NON_SIDEREAL}"),
                ));
            }
        };
        let mut target =
            Self { name: flat.name, coordinates, aliases: Vec::new(), extras: BTreeMap::new() }.checked()?;
        for alias in flat.aliases {
            target = target.with_alias(alias.name);
        }
        for Extra { key, value } in flat.targetextra_set {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            target.extras.insert(key, text);
        }
        Ok(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comet() -> Target {
        let elements = Elements {
            scheme: Scheme::Comet { perihdist: 1.1, epoch_of_perihelion: 60_000.5 },
            epoch_of_elements: 60_100.0,
            inclination: 12.0,
            lng_asc_node: 34.0,
            arg_of_perihelion: 56.0,
            eccentricity: 1.02,
        };
        let position = PositionHint { ra: 133.5, dec: 28.0, time: None, uncertainty: Some(900.0) };
        let orbit =
            NonSidereal { elements: Some(elements), position: Some(position), ..NonSidereal::default() };
        Target::non_sidereal("P12p4Jx", orbit).unwrap()
    }

    #[test]
    fn both_sorts_come_back_from_json() {
        let fixed =
            Target::sidereal("a", -10.0, 5.0).unwrap().with_alias("b").with_alias("b").with_extra("k", 1);
        for target in [fixed, comet()] {
            let json = serde_json::to_string(&target).unwrap();
            assert_eq!(serde_json::from_str::<Target>(&json).unwrap(), target, "{json}");
        }
    }

    #[test]
    fn right_ascension_is_wrapped_and_declination_is_refused() {
        assert_eq!(Target::sidereal("a", 365.0, 0.0).unwrap().position(), Some((5.0, 0.0)));
        let error = Target::sidereal("a", 0.0, 91.0).unwrap_err();
        assert_eq!(error.to_string(), "dec: 91 is outside -90..=90 [target=a]");
        assert!(Target::sidereal("a", f64::NAN, 0.0).is_err());
        assert!(Target::sidereal(" ", 1.0, 0.0).is_err());
    }

    #[test]
    fn an_orbit_that_lacks_an_element_says_which() {
        let mut json = serde_json::to_value(comet()).unwrap();
        json.as_object_mut().unwrap().remove("perihdist");
        let error = serde_json::from_value::<Target>(json).unwrap_err();
        assert!(error.to_string().contains("MPC_COMET needs perihdist"), "{error}");
    }

    #[test]
    fn galactic_position_is_given() {
        let json = serde_json::to_value(Target::sidereal("a", 266.4051, -28.936175).unwrap()).unwrap();
        let lat = json["galactic_lat"].as_f64().unwrap();
        assert!(lat.abs() < 0.01, "{lat}");
    }
}
