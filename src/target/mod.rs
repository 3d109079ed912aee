//! `Target`: what is observed, with TOM Toolkit's field names in JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

mod coordinates;
mod flat;
pub mod names;
mod precedence;
mod sighting;

pub use coordinates::{Coordinates, Elements, NonSidereal, PositionHint, Scheme, Sidereal};
use flat::{Flat, NON_SIDEREAL, SIDEREAL};
pub use precedence::{EARLIER, IMPORT, slug, target_of};
pub use sighting::{Edit, Place, Sighting, Stamp, USER, Word};

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
        if let Some((key, _)) = self.coordinates.numbers().find(|(_, value)| !value.is_finite()) {
            return fault(format!("{key} of a target must be a finite number"));
        }
        if let Some((ra, dec)) = self.position() {
            if !(-90.0..=90.0).contains(&dec) {
                return fault(format!("dec: {dec} is outside -90..=90"));
            }
            if !(0.0..=360.0).contains(&ra) {
                return fault(format!("ra: {ra} is outside 0..360"));
            }
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
