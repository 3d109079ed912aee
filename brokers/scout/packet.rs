//! `ScoutPacket`: the values of one object, in the list and by itself, and the target it becomes.

use super::ephemeris::Ephemeris;
use super::orbit::{Orbit, Orbits};
use crate::plugin::*;

/// One object of the NEO Confirmation Page as Scout sees it.
///
/// The list and a single object have the same values. Whatever Scout has not computed, or what
/// cannot be read, is `None`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ScoutPacket {
    /// Designation on the NEO Confirmation Page, case-sensitive: `P12p4Jx`.
    #[serde(rename = "objectName", deserialize_with = "wire::id")]
    pub object_name: String,
    /// Observations used.
    #[serde(rename = "nObs", default, deserialize_with = "wire::whole_or_none")]
    pub n_obs: Option<i64>,
    /// From first to last observation, hours.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub arc: Option<f64>,
    /// Normalised RMS of the fit.
    #[serde(rename = "rmsN", default, deserialize_with = "wire::number_or_none")]
    pub rms: Option<f64>,
    /// Absolute magnitude H, V band.
    #[serde(rename = "H", default, deserialize_with = "wire::number_or_none")]
    pub h: Option<f64>,
    /// Score of a near-Earth object, 0 to 100.
    #[serde(rename = "neoScore", default, deserialize_with = "wire::whole_or_none")]
    pub neo_score: Option<i64>,
    /// Score of one larger than about a kilometre, 0 to 100.
    #[serde(rename = "neo1kmScore", default, deserialize_with = "wire::whole_or_none")]
    pub neo1km_score: Option<i64>,
    /// Score of a potentially hazardous asteroid, 0 to 100.
    #[serde(rename = "phaScore", default, deserialize_with = "wire::whole_or_none")]
    pub pha_score: Option<i64>,
    /// Score of an orbit inside the Earth's, 0 to 100.
    #[serde(rename = "ieoScore", default, deserialize_with = "wire::whole_or_none")]
    pub ieo_score: Option<i64>,
    /// Score of an object bound to the Earth, 0 to 100: mostly artificial.
    #[serde(rename = "geocentricScore", default, deserialize_with = "wire::whole_or_none")]
    pub geocentric_score: Option<i64>,
    /// Score of an orbit like a comet's by its Tisserand parameter, 0 to 100.
    #[serde(rename = "tisserandScore", default, deserialize_with = "wire::whole_or_none")]
    pub tisserand_score: Option<i64>,
    /// Impact rating: 0 negligible, 1 small, 2 modest, 3 moderate, 4 elevated; none when not computed.
    #[serde(default, deserialize_with = "wire::whole_or_none")]
    pub rating: Option<i64>,
    /// Least distance of the orbit from the Earth's, au.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub moid: Option<f64>,
    /// Closest approach, lunar distances.
    #[serde(rename = "caDist", default, deserialize_with = "wire::number_or_none")]
    pub ca_dist: Option<f64>,
    /// Speed relative to the Earth, km/s.
    #[serde(rename = "vInf", default, deserialize_with = "wire::number_or_none")]
    pub v_inf: Option<f64>,
    /// Uncertainty on the sky now, 1σ, arcmin.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub unc: Option<f64>,
    /// The same a day later, arcmin.
    #[serde(rename = "uncP1", default, deserialize_with = "wire::number_or_none")]
    pub unc_p1: Option<f64>,
    /// Predicted V magnitude at [`t_ephem`](Self::t_ephem).
    #[serde(rename = "Vmag", default, deserialize_with = "wire::number_or_none")]
    pub vmag: Option<f64>,
    /// Motion on the sky, arcsec/min.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub rate: Option<f64>,
    /// Elongation from the Sun, degrees.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub elong: Option<f64>,
    /// Right ascension at [`t_ephem`](Self::t_ephem) as text: hours and minutes.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub ra: Option<String>,
    /// Declination at [`t_ephem`](Self::t_ephem) as text: whole degrees.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub dec: Option<String>,
    /// Instant of position, magnitude, motion and elongation as text, UTC.
    #[serde(rename = "tEphem", default, deserialize_with = "wire::text_or_none")]
    pub t_ephem: Option<String>,
    /// When Scout last ran on it as text, UTC.
    #[serde(rename = "lastRun", default, deserialize_with = "wire::text_or_none")]
    pub last_run: Option<String>,
    /// The sampled orbits, where they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "wire::object_or_none")]
    pub orbits: Option<Box<Orbits>>,
    /// The ephemeris, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "wire::object_or_none")]
    pub ephemeris: Option<Box<Ephemeris>>,
    /// The observations in the MPC's 80 columns, where they were asked for.
    #[serde(
        rename = "fileMPC",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "wire::text_or_none"
    )]
    pub file_mpc: Option<String>,
    /// The list of data files, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Value>,
}

/// What the MPC assumes where no slope was measured.
const SLOPE: f64 = 0.15;

impl ScoutPacket {
    /// When Scout last ran on it.
    #[must_use]
    pub fn last_run(&self) -> Option<DateTime<Utc>> {
        self.last_run.as_deref().and_then(time::parse_utc)
    }

    /// The instant of position, magnitude, motion and elongation.
    #[must_use]
    pub fn ephemeris_time(&self) -> Option<DateTime<Utc>> {
        self.t_ephem.as_deref().and_then(time::parse_utc)
    }

    /// Right ascension in degrees.
    #[must_use]
    pub fn ra_degrees(&self) -> Option<f64> {
        let text = self.ra.as_deref()?;
        // What Scout sends; the general reader below is slower.
        if let [h, o, b':', m, i] = *text.as_bytes()
            && [h, o, m, i].iter().all(u8::is_ascii_digit)
        {
            let two = |tens: u8, ones: u8| f64::from((tens - b'0') * 10 + (ones - b'0'));
            let (hours, minutes) = (two(h, o), two(m, i));
            return (hours < 24.0 && minutes < 60.0).then_some(hours * 15.0 + minutes * 0.25);
        }
        // The text is in hours always; a number alone would be degrees to the reader.
        Some(text).filter(|text| text.contains(':')).and_then(sky::parse_ra).filter(|ra| *ra < 360.0)
    }

    /// Declination in degrees; `-00` is 0.
    #[must_use]
    pub fn dec_degrees(&self) -> Option<f64> {
        self.dec.as_deref().and_then(sky::parse_dec)
    }

    /// How far from the position the object may have been, 1σ, arcsec: `unc`, and in quadrature the
    /// step of the position's text, which is 15′ cos δ by 1° where it has hours, minutes and degrees.
    #[must_use]
    pub fn position_uncertainty(&self) -> Option<f64> {
        let ra = self.ra.as_deref().and_then(step)? * 15.0 * self.dec_degrees()?.to_radians().cos();
        let dec = self.dec.as_deref().and_then(step)?;
        let rounding = ra.hypot(dec) * 3600.0;
        Some(self.unc.map_or(rounding, |unc| rounding.hypot(unc * 60.0)))
    }

    /// The orbit that stands for the sampled ones: see [`Orbits::central`].
    #[must_use]
    pub fn orbit(&self) -> Option<Orbit> {
        self.orbits.as_deref().and_then(Orbits::central)
    }

    pub(super) fn generic(&self, url: Url) -> GenericAlert {
        GenericAlert {
            timestamp: self.last_run().or_else(|| self.ephemeris_time()),
            ra: self.ra_degrees(),
            dec: self.dec_degrees(),
            mag: points::magnitude(self.vmag),
            score: self.neo_score.map(|score| score as f64),
            url: Some(url),
            ..GenericAlert::new(&self.object_name)
        }
    }

    /// Whose object it is, and when Scout last looked at its observations. The position is predicted, with
    /// its uncertainty.
    pub(super) fn provenance(&self) -> Provenance {
        Provenance::of_object(&self.object_name)
            .observed_at(self.last_run())
            .with_position_error(self.position_uncertainty())
    }

    /// The target; extras of an odd shape are kept as they stand in the text of the packet. Without an orbit
    /// nothing is said of one.
    pub(super) fn target(&self, raw: &str, generic: &GenericAlert) -> Result<Target> {
        let position = generic.ra.zip(generic.dec).map(|(ra, dec)| PositionHint {
            ra,
            dec,
            time: self.ephemeris_time(),
            uncertainty: self.position_uncertainty(),
        });
        let orbit = self.orbit();
        if position.is_none() && orbit.is_none() {
            let text =
                "Scout gives neither a position nor an orbit of this object, so it cannot become a target";
            return Err(Error::new(ErrorKind::Input, text).with("name", &self.object_name));
        }
        let abs_mag = orbit.as_ref().and_then(|orbit| orbit.h).or(self.h);
        let body = NonSidereal {
            elements: orbit.as_ref().map(Orbit::elements),
            position,
            abs_mag,
            slope: abs_mag.map(|_| SLOPE),
        };
        let given = |value: Option<f64>| value.map(|value| value.to_string());
        let whole = |value: Option<i64>| value.map(|value| value.to_string());
        let mut target = Target::non_sidereal(&self.object_name, body)?;
        let unread = unread(raw, self);
        for (field, extra, value) in [
            ("neoScore", "neo_score", whole(self.neo_score)),
            ("neo1kmScore", "neo1km_score", whole(self.neo1km_score)),
            ("phaScore", "pha_score", whole(self.pha_score)),
            ("ieoScore", "ieo_score", whole(self.ieo_score)),
            ("geocentricScore", "geocentric_score", whole(self.geocentric_score)),
            ("tisserandScore", "tisserand_score", whole(self.tisserand_score)),
            ("rating", "impact_rating", whole(self.rating)),
            ("nObs", "n_obs", whole(self.n_obs)),
            ("arc", "arc_hours", given(self.arc)),
            ("rmsN", "rms", given(self.rms)),
            ("moid", "moid_au", given(self.moid)),
            ("caDist", "ca_dist_ld", given(self.ca_dist)),
            ("vInf", "v_inf_km_s", given(self.v_inf)),
            ("unc", "unc_arcmin", given(self.unc)),
            ("uncP1", "unc_p1_arcmin", given(self.unc_p1)),
            ("Vmag", "vmag", given(self.vmag)),
            ("rate", "rate_arcsec_min", given(self.rate)),
            ("elong", "elongation_deg", given(self.elong)),
            ("lastRun", "last_run", self.last_run.clone()),
        ] {
            let odd = || unread.iter().find(|odd| odd.field == field).map(Unread::text);
            target = target.with_extra_opt(extra, value.or_else(odd));
        }
        Ok(match (orbit, &self.orbits) {
            (Some(orbit), Some(orbits)) => orbits.told(orbit.told(target)),
            _ => target,
        })
    }
}

/// The step of a number's text in its first unit: `08:54` is known to a 60th, `+28` to 1.
fn step(text: &str) -> Option<f64> {
    let mut parts = text.trim().split([':', ' ']);
    let mut last = parts.next()?;
    let mut step = 1.0;
    for part in parts {
        step /= 60.0;
        last = part;
    }
    let decimals = last.split_once('.').map_or(0, |(_, digits)| digits.len());
    Some(step / 10_f64.powi(i32::try_from(decimals.min(12)).unwrap_or(12)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ra: &str, dec: &str) -> ScoutPacket {
        ScoutPacket { ra: Some(ra.to_owned()), dec: Some(dec.to_owned()), ..ScoutPacket::default() }
    }

    #[test]
    fn right_ascension_is_hours_and_declination_degrees() {
        let read = |ra: &str, dec: &str| (at(ra, dec).ra_degrees(), at(ra, dec).dec_degrees());
        assert_eq!(read("08:54", "+28"), (Some(133.5), Some(28.0)));
        assert_eq!(read("10:30:00.0", "+15:30:00"), (Some(157.5), Some(15.5)));
        assert_eq!(read("24:00", "-91"), (None, None));
        assert_eq!(read("23:60", "x"), (None, None));
        assert_eq!(read("180.5", "-19"), (None, Some(-19.0)));
        assert!(at("0:00", "-00").dec_degrees().unwrap().is_sign_positive());
    }

    #[test]
    fn the_coarse_text_is_part_of_the_uncertainty() {
        let close = |packet: &ScoutPacket, due: f64| {
            let ours = packet.position_uncertainty().unwrap();
            assert!((ours - due).abs() < 1e-6, "{ours} is not {due}");
        };
        // 15′ by 60′ on the equator.
        close(&at("08:54", "-00"), 900_f64.hypot(3600.0));
        // Seconds of time and of arc.
        close(&at("10:30:00", "00:00:00"), 15_f64.hypot(1.0));
        close(
            &ScoutPacket { unc: Some(1400.0), ..at("08:54", "+60") },
            450_f64.hypot(3600.0).hypot(84_000.0),
        );
        assert_eq!(at("08:54", "x").position_uncertainty(), None);
    }
}
