//! A target as TOM Toolkit's REST API has it: one flat JSON object.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Coordinates, Elements, NonSidereal, PositionHint, Scheme, Sidereal, Target};
use crate::error::{Error, ErrorKind, Result};

pub(super) const SIDEREAL: &str = "SIDEREAL";
pub(super) const NON_SIDEREAL: &str = "NON_SIDEREAL";
const MINOR_PLANET: &str = "MPC_MINOR_PLANET";
const COMET: &str = "MPC_COMET";
const MAJOR_PLANET: &str = "JPL_MAJOR_PLANET";

/// A target as TOM Toolkit's REST API has it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Flat {
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
