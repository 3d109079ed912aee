//! Where a target is: `Coordinates`, a place on the sky or an orbit.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
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
    /// Every number that is known, by its name in JSON.
    pub(super) fn numbers(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let mut all: [(&'static str, Option<f64>); 14] = [("", None); 14];
        match self {
            Self::Sidereal(at) => {
                let known = [
                    ("ra", Some(at.ra)),
                    ("dec", Some(at.dec)),
                    ("epoch", at.epoch),
                    ("pm_ra", at.pm_ra),
                    ("pm_dec", at.pm_dec),
                    ("parallax", at.parallax),
                    ("distance", at.distance),
                    ("distance_err", at.distance_err),
                ];
                all[..known.len()].copy_from_slice(&known);
            }
            Self::NonSidereal(orbit) => {
                let at = orbit.position.as_ref();
                let elements = orbit.elements.as_ref();
                let [third, fourth, fifth] = elements.map_or([("", None); 3], |e| e.scheme.numbers());
                let known = [
                    ("ra", at.map(|at| at.ra)),
                    ("dec", at.map(|at| at.dec)),
                    ("position_uncertainty", at.and_then(|at| at.uncertainty)),
                    ("abs_mag", orbit.abs_mag),
                    ("slope", orbit.slope),
                    ("epoch_of_elements", elements.map(|e| e.epoch_of_elements)),
                    ("inclination", elements.map(|e| e.inclination)),
                    ("lng_asc_node", elements.map(|e| e.lng_asc_node)),
                    ("arg_of_perihelion", elements.map(|e| e.arg_of_perihelion)),
                    ("eccentricity", elements.map(|e| e.eccentricity)),
                    third,
                    fourth,
                    fifth,
                ];
                all[..known.len()].copy_from_slice(&known);
            }
        }
        all.into_iter().filter_map(|(key, value)| Some((key, value?)))
    }

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

impl Scheme {
    fn numbers(&self) -> [(&'static str, Option<f64>); 3] {
        match *self {
            Self::MinorPlanet { mean_anomaly, semimajor_axis } => {
                [("mean_anomaly", Some(mean_anomaly)), ("semimajor_axis", Some(semimajor_axis)), ("", None)]
            }
            Self::Comet { perihdist, epoch_of_perihelion } => [
                ("perihdist", Some(perihdist)),
                ("epoch_of_perihelion", Some(epoch_of_perihelion)),
                ("", None),
            ],
            Self::MajorPlanet { mean_anomaly, semimajor_axis, mean_daily_motion } => [
                ("mean_anomaly", Some(mean_anomaly)),
                ("semimajor_axis", Some(semimajor_axis)),
                ("mean_daily_motion", Some(mean_daily_motion)),
            ],
        }
    }
}
