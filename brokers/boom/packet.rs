//! `BoomAlert`: an alert of ZTF, LSST or another survey with what BOOM adds, and the target it becomes.

use std::collections::BTreeMap;

use super::query::BoomSurvey;
use crate::plugin::*;

/// An enriched alert, as both services list it; a single object has the same fields for its newest
/// alert. The packet has the fields that most users want; [`Alert::raw`] has all.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BoomAlert {
    /// The survey's id of the alert, in the newer spelling.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "wire::text")]
    pub candid: Option<String>,
    /// The same, as the database has it; [`candid`](Self::candid()) serves both.
    #[serde(
        rename = "_id",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "wire::text"
    )]
    pub database_id: Option<String>,
    /// The object: `ZTF25aagbkaj`, the digits of an LSST `diaObjectId`, or `sso` and a number.
    #[serde(rename = "objectId", deserialize_with = "wire::id")]
    pub object_id: String,
    /// The measurement.
    #[serde(default, deserialize_with = "wire::or_default")]
    pub candidate: Candidate,
    /// What BOOM makes of it.
    #[serde(default, deserialize_with = "wire::object_or_default")]
    pub properties: Properties,
    /// Scores of classifiers by name, 0 to 1; ZTF only.
    #[serde(default, deserialize_with = "scores")]
    pub classifications: Scores,
    /// The same object in other surveys; of a single object only.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "matches")]
    pub survey_matches: Option<BTreeMap<String, Option<Match>>>,
}

/// Scores by name; one that is no number is none.
pub(super) fn scores<'de, D: Deserializer<'de>>(from: D) -> Result<Scores, D::Error> {
    #[derive(Deserialize)]
    struct Score(#[serde(deserialize_with = "wire::number_or_none")] Option<f64>);
    let scores: BTreeMap<String, Score> = wire::object_or_default(from)?;
    Ok(scores.into_iter().map(|(name, Score(score))| (name, score)).collect())
}

/// The same object in other surveys; a survey without a match, or with something else, is none.
fn matches<'de, D: Deserializer<'de>>(from: D) -> Result<Option<BTreeMap<String, Option<Match>>>, D::Error> {
    #[derive(Deserialize)]
    struct One(#[serde(deserialize_with = "wire::object_or_default")] Match);
    let read: Option<BTreeMap<String, One>> = wire::value_or_none(from)?;
    let known = |one: Match| Some(one).filter(|one| *one != Match::default());
    Ok(read.map(|all| all.into_iter().map(|(name, One(one))| (name, known(one))).collect()))
}

/// Scores of classifiers by name.
pub type Scores = BTreeMap<String, Option<f64>>;

/// An object of another survey at the same place.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Match {
    /// Its id there.
    #[serde(rename = "objectId", deserialize_with = "wire::text_or_none")]
    pub object_id: Option<String>,
    /// Right ascension, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub dec: Option<f64>,
    /// How far it is, arcsec.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub distance_arcsec: Option<f64>,
}

macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident $wire:literal $reader:literal $type:ty;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
        #[serde(default)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$field_doc])* #[serde(rename = $wire, deserialize_with = $reader, skip_serializing_if = "Option::is_none")] pub $field: Option<$type>,)*
        }
    };
}
pub(super) use record;

record! {
    /// A measurement on a difference image. The fields of every survey are here; those that a
    /// survey does not have are `None`.
    Candidate {
        /// When, JD UTC.
        jd "jd" "wire::number" f64;
        /// Right ascension, degrees.
        ra "ra" "wire::number" f64;
        /// Declination, degrees.
        dec "dec" "wire::number" f64;
        /// The band.
        band "band" "wire::text_or_none" String;
        /// ZTF's number of the band.
        fid "fid" "wire::whole_or_none" i64;
        /// Magnitude by PSF fit, AB.
        magpsf "magpsf" "wire::number" f64;
        /// Its error.
        sigmapsf "sigmapsf" "wire::number_or_none" f64;
        /// Depth of the exposure, 5σ.
        diffmaglim "diffmaglim" "wire::number_or_none" f64;
        /// Whether the difference is positive.
        isdiffpos "isdiffpos" "wire::flag_or_none" bool;
        /// Flux by PSF fit as the service has it: see the unit trap of the [module](super).
        psf_flux "psfFlux" "wire::number_or_none" f64;
        /// Its error.
        psf_flux_err "psfFluxErr" "wire::number_or_none" f64;
        /// Signal to noise of the PSF fit.
        snr_psf "snr_psf" "wire::number_or_none" f64;
        /// The same in older answers.
        snr "snr" "wire::number_or_none" f64;
        /// ZTF: how real it is by deep learning, 0 to 1.
        drb "drb" "wire::number_or_none" f64;
        /// ZTF: how real it is, 0 to 1.
        rb "rb" "wire::number_or_none" f64;
        /// LSST: how real it is, 0 to 1.
        reliability "reliability" "wire::number_or_none" f64;
        /// First detection, JD UTC.
        jdstarthist "jdstarthist" "wire::number_or_none" f64;
        /// Number of detections.
        ndethist "ndethist" "wire::whole_or_none" i64;
        /// ZTF: bad pixels in the stamp.
        nbad "nbad" "wire::whole_or_none" i64;
        /// ZTF: distance of the nearest known solar-system object, arcsec; −999 is none.
        ssdistnr "ssdistnr" "wire::number_or_none" f64;
        /// ZTF: magnitude that is predicted for that object; negative is none.
        ssmagnr "ssmagnr" "wire::number_or_none" f64;
        /// ZTF: name of that object.
        ssnamenr "ssnamenr" "wire::text_or_none" String;
        /// ZTF: distance of the nearest source of the reference, pixels of 1 arcsec.
        distnr "distnr" "wire::number_or_none" f64;
        /// ZTF: how star-like the nearest Pan-STARRS source is, 0 to 1; −999 is none.
        sgscore1 "sgscore1" "wire::number_or_none" f64;
        /// ZTF: distance of that source, arcsec.
        distpsnr1 "distpsnr1" "wire::number_or_none" f64;
        /// ZTF: 1 is public, 2 the partnership's.
        programid "programid" "wire::whole_or_none" i64;
        /// Exposure time, s.
        exptime "exptime" "wire::number_or_none" f64;
        /// LSST: id of the solar-system object.
        ss_object_id "ssObjectId" "wire::text_or_none" String;
        /// LSST: error of the right ascension, degrees.
        ra_err "raErr" "wire::number_or_none" f64;
        /// LSST: error of the declination, degrees.
        dec_err "decErr" "wire::number_or_none" f64;
        /// LSST: when the survey took the measurement back, MJD TAI; there is no measurement then.
        time_withdrawn "timeWithdrawnMjdTai" "wire::number_or_none" f64;
        /// LSST: whether it looks like a dipole.
        is_dipole "isDipole" "wire::flag_or_none" bool;
        /// LSST: whether the position could not be measured.
        centroid_flag "centroid_flag" "wire::flag_or_none" bool;
        /// LSST: whether the PSF flux could not be measured.
        psf_flux_flag "psfFlux_flag" "wire::flag_or_none" bool;
    }
}

record! {
    /// What BOOM makes of an alert.
    Properties {
        /// A known solar-system object is there.
        rock "rock" "wire::flag_or_none" bool;
        /// A star is there.
        star "star" "wire::flag_or_none" bool;
        /// A bright star is near.
        near_brightstar "near_brightstar" "wire::flag_or_none" bool;
        /// It was seen there before.
        stationary "stationary" "wire::flag_or_none" bool;
    }
}

impl Candidate {
    /// Whether it is a known object of the solar system, as BOOM's own server decides: one is predicted
    /// within 12 arcsec, with a magnitude. The name alone says nothing, it is that of the nearest one.
    #[must_use]
    pub fn is_solar_system(&self) -> bool {
        const NEAR: f64 = 12.0;
        let near = self.ssdistnr.is_some_and(|distance| (0.0..NEAR).contains(&distance));
        near && self.ssmagnr.is_some_and(|magnitude| magnitude >= 0.0)
    }

    /// The error of the position that the survey states, arcsec.
    fn position_error(&self) -> Option<f64> {
        const ARCSEC_A_DEGREE: f64 = 3600.0;
        let largest = [self.ra_err, self.dec_err].into_iter().flatten().reduce(f64::max);
        largest.map(|degrees| degrees * ARCSEC_A_DEGREE)
    }

    /// How real it is, 0 to 1, by the survey's own classifier.
    #[must_use]
    pub fn score(&self) -> Option<f64> {
        self.drb.or(self.reliability).filter(|score| (0.0..=1.0).contains(score))
    }
}

impl BoomAlert {
    /// The survey's id of the alert.
    #[must_use]
    pub fn candid(&self) -> Option<&str> {
        self.candid.as_deref().or(self.database_id.as_deref())
    }

    /// The survey, by the shape of the object's id; `None` for one of DECam or WINTER.
    #[must_use]
    pub fn survey(&self) -> Option<BoomSurvey> {
        BoomSurvey::of_id(&self.object_id)
    }

    /// Whether it moves, so that its position is that of one moment.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.object_id.starts_with("sso")
            || self.properties.rock == Some(true)
            || self.candidate.is_solar_system()
    }

    /// Whose it is: the measurement's own position.
    pub(super) fn provenance(&self) -> Provenance {
        let of = Provenance::of_object(&self.object_id)
            .observed_at(self.candidate.jd.and_then(time::utc_from_jd))
            .single()
            .with_position_error(self.candidate.position_error());
        match self.candid() {
            Some(candid) => of.of_alert(candid),
            None => of,
        }
    }

    pub(super) fn generic(&self) -> GenericAlert {
        let at = &self.candidate;
        let bright = at.isdiffpos != Some(false) && points::withdrawn(at.time_withdrawn).is_none();
        GenericAlert {
            timestamp: at.jd.and_then(time::utc_from_jd),
            ra: at.ra,
            dec: at.dec,
            mag: points::magnitude(at.magpsf).filter(|_| bright),
            score: at.score(),
            ..GenericAlert::new(&self.object_id)
        }
    }

    pub(super) fn target(&self, generic: &GenericAlert) -> Result<Target> {
        let target = if self.is_moving() { generic.to_moving_target()? } else { generic.to_target()? };
        let matches = self.survey_matches.iter().flat_map(BTreeMap::values).flatten();
        let target = matches.filter_map(|one| one.object_id.clone()).fold(target, Target::with_alias);
        let target = self
            .classifications
            .iter()
            .fold(target, |target, (name, score)| target.with_extra_opt(name.as_str(), *score));
        let (at, is) = (&self.candidate, &self.properties);
        Ok(target
            .with_extra_opt("survey", self.survey())
            .with_extra_opt("candid", self.candid())
            .with_extra_opt("band", at.band.as_deref())
            .with_extra_opt("drb", at.drb)
            .with_extra_opt("reliability", at.reliability)
            .with_extra_opt("ndethist", at.ndethist)
            .with_extra_opt("jdstarthist", at.jdstarthist)
            .with_extra_opt("solar_system_name", at.ssnamenr.as_deref().filter(|_| self.is_moving()))
            .with_extra_opt("star", is.star)
            .with_extra_opt("near_brightstar", is.near_brightstar)
            .with_extra_opt("stationary", is.stationary))
    }

    pub(super) fn classes(&self) -> Vec<Classification> {
        let class = |(name, score): (&String, &Option<f64>)| {
            let score = score.filter(|score| (0.0..=1.0).contains(score))?;
            let meaning = MEANINGS.iter().find(|(known, _)| known == name).map(|(_, class)| *class);
            Some(Classification {
                classifier: name.clone(),
                class: meaning.unwrap_or(name).to_owned(),
                probability: Some(score),
                ..Classification::default()
            })
        };
        self.classifications.iter().filter_map(class).collect()
    }
}

/// What each classifier answers yes to.
const MEANINGS: [(&str, &str); 6] = [
    ("acai_h", "hosted"),
    ("acai_n", "nuclear"),
    ("acai_v", "variable star"),
    ("acai_o", "orphan"),
    ("acai_b", "bogus"),
    ("btsbot", "bright transient"),
];
