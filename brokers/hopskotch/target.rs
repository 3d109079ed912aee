//! A target of a message and a target of this crate, both ways.

use super::rows::{HermesElements, HermesTarget};
use super::words::{DistanceUnit, instant, mjd};
use crate::plugin::*;

/// Milliarcseconds of an arcsecond: proper motions are mas/yr here and arcsec/yr in Hermes.
const MAS: f64 = 1_000.0;

impl HermesTarget {
    /// The target with all that Hermes has a column for. What it has none for (extras, parallax,
    /// absolute magnitude) is in no row: Hermes would drop it without a word.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for a moving target without an orbit and without a position, and for an
    /// orbit of a major planet, which Hermes cannot say.
    pub fn from_target(target: &Target) -> Result<Self> {
        let mut row = Self { name: target.name.clone(), aliases: target.aliases.clone(), ..Self::default() };
        match &target.coordinates {
            Coordinates::Sidereal(at) => {
                row.ra = Some(at.ra);
                row.dec = Some(at.dec);
                row.epoch = at.epoch.map(|epoch| format!("{epoch:?}"));
                row.pm_ra = at.pm_ra.map(|motion| motion / MAS);
                row.pm_dec = at.pm_dec.map(|motion| motion / MAS);
                row.distance = at.distance;
                row.distance_error = at.distance_err;
                row.distance_units = at.distance.or(at.distance_err).map(|_| DistanceUnit::Parsec);
            }
            Coordinates::NonSidereal(orbit) => {
                row.orbital_elements = orbit.elements.as_ref().map(orbit_row).transpose()?;
                // A place of one moment is no place of a moving object, but all there is without an orbit.
                if let (None, Some(at)) = (&row.orbital_elements, &orbit.position) {
                    row.ra = Some(at.ra);
                    row.dec = Some(at.dec);
                    row.comments = at.time.map(|time| {
                        format!("moving; the position is of {}", time.format("%Y-%m-%dT%H:%M:%SZ"))
                    });
                }
            }
        }
        if row.ra.is_none() && row.orbital_elements.is_none() {
            let text = "the target has neither position nor orbit, so Hermes cannot take it";
            return Err(Error::new(ErrorKind::Input, text).with("target", &target.name));
        }
        Ok(row)
    }

    /// The target of this row: fixed where it has ra and dec (0 is a place), else on its orbit.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] without either, or with an orbit that lacks an element.
    pub fn to_target(&self) -> Result<Target> {
        let target = match (self.ra, self.dec, &self.orbital_elements) {
            (Some(ra), Some(dec), _) => {
                let mut target = Target::sidereal(self.name.trim(), ra, dec)?;
                if let Coordinates::Sidereal(at) = &mut target.coordinates {
                    at.epoch = self.epoch.as_deref().and_then(epoch);
                    at.pm_ra = self.pm_ra.map(|motion| motion * MAS);
                    at.pm_dec = self.pm_dec.map(|motion| motion * MAS);
                    // Without a unit a distance is no distance.
                    let parsec = self.distance_units.as_ref().and_then(DistanceUnit::parsec);
                    at.distance = self.distance.zip(parsec).map(|(value, unit)| value * unit);
                    at.distance_err = self.distance_error.zip(parsec).map(|(value, unit)| value * unit);
                }
                target.checked()?
            }
            (_, _, Some(elements)) => {
                let elements = Some(elements.orbit()?);
                Target::non_sidereal(self.name.trim(), NonSidereal { elements, ..NonSidereal::default() })?
            }
            _ => {
                let text = "the target of the message has neither position nor orbit";
                return Err(Error::new(ErrorKind::Input, text).with("name", &self.name));
            }
        };
        let target = self.aliases.iter().fold(target, |target, alias| target.with_alias(alias));
        let discovery = self.discovery_info.as_ref();
        let groups = (!self.group_associations.is_empty()).then(|| self.group_associations.join(", "));
        Ok(target
            .with_extra_opt("redshift", self.redshift)
            .with_extra_opt("host_name", self.host_name.as_deref())
            .with_extra_opt("host_redshift", self.host_redshift)
            .with_extra_opt("new_discovery", self.new_discovery.filter(|new| *new))
            .with_extra_opt("reporting_group", discovery.and_then(|info| info.reporting_group.as_deref()))
            .with_extra_opt("discovery_source", discovery.and_then(|info| info.discovery_source.as_deref()))
            .with_extra_opt("transient_type", discovery.and_then(|info| info.transient_type.as_ref()))
            .with_extra_opt("group_associations", groups)
            .with_extra_opt("comments", self.comments.as_deref()))
    }
}

fn orbit_row(elements: &Elements) -> Result<HermesElements> {
    let mut row = HermesElements {
        epoch_of_elements: Some(elements.epoch_of_elements.to_string()),
        orbital_inclination: Some(elements.inclination),
        longitude_of_the_ascending_node: Some(elements.lng_asc_node),
        argument_of_the_perihelion: Some(elements.arg_of_perihelion),
        eccentricity: Some(elements.eccentricity),
        ..HermesElements::default()
    };
    match elements.scheme {
        Scheme::MinorPlanet { mean_anomaly, semimajor_axis } => {
            row.mean_anomaly = Some(mean_anomaly);
            row.semimajor_axis = Some(semimajor_axis);
        }
        Scheme::Comet { perihdist, epoch_of_perihelion } => {
            row.perihelion_distance = Some(perihdist);
            row.epoch_of_perihelion = Some(epoch_of_perihelion.to_string());
        }
        Scheme::MajorPlanet { .. } => {
            let text = "Hermes takes no orbit of a major planet; give it as MPC_MINOR_PLANET";
            return Err(Error::new(ErrorKind::Input, text));
        }
    }
    Ok(row)
}

impl HermesElements {
    fn orbit(&self) -> Result<Elements> {
        let lacks =
            |what: &str| Error::new(ErrorKind::Input, format!("the orbit of the target lacks {what}"));
        let number = |value: Option<f64>, what: &str| value.ok_or_else(|| lacks(what));
        let date =
            |text: &Option<String>, what: &str| text.as_deref().and_then(mjd).ok_or_else(|| lacks(what));
        let scheme = match (self.mean_anomaly, self.semimajor_axis, self.perihelion_distance) {
            (Some(mean_anomaly), Some(semimajor_axis), _) => {
                Scheme::MinorPlanet { mean_anomaly, semimajor_axis }
            }
            (_, _, Some(perihdist)) => Scheme::Comet {
                perihdist,
                epoch_of_perihelion: date(&self.epoch_of_perihelion, "epoch_of_perihelion")?,
            },
            _ => {
                return Err(lacks("semimajor_axis with mean_anomaly, and perihelion_distance"));
            }
        };
        Ok(Elements {
            scheme,
            epoch_of_elements: date(&self.epoch_of_elements, "epoch_of_elements")?,
            inclination: number(self.orbital_inclination, "orbital_inclination")?,
            lng_asc_node: number(self.longitude_of_the_ascending_node, "longitude_of_the_ascending_node")?,
            arg_of_perihelion: number(self.argument_of_the_perihelion, "argument_of_the_perihelion")?,
            eccentricity: number(self.eccentricity, "eccentricity")?,
        })
    }
}

/// An epoch in Julian years: a year as Hermes writes it, also `J2000.0`, or a date.
fn epoch(text: &str) -> Option<f64> {
    const J2000: f64 = 51_544.5;
    let text = text.trim();
    match text.strip_prefix(['J', 'j']).unwrap_or(text).parse::<f64>() {
        Ok(year) => (1_800.0..2_200.0).contains(&year).then_some(year),
        Err(_) => instant(text).map(|time| 2_000.0 + (time::mjd_from_utc(time) - J2000) / 365.25),
    }
}
