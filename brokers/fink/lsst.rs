//! LSST: what its service sends, and the light curve that follows from it.

use std::borrow::Cow;

use super::names;
use super::read::{self, computed, known};
use crate::plugin::band::{BandSystem, band};
use crate::plugin::flux::Brightness;
use crate::plugin::*;

/// An alert of LSST: a difference-image source with what Fink adds.
///
/// Every column may be missing: a column that is null in every row is left out of all. A stream has
/// the keys of the source without `r:`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LsstAlert {
    /// The object; 0 of a solar-system object.
    #[serde(rename = "r:diaObjectId", alias = "diaObjectId", deserialize_with = "read::id")]
    pub dia_object_id: Option<String>,
    /// The alert.
    #[serde(rename = "r:diaSourceId", alias = "diaSourceId", deserialize_with = "read::id")]
    pub dia_source_id: Option<String>,
    /// The solar-system object; 0 is none, and so is one whose digits the service lost in a float.
    #[serde(rename = "r:ssObjectId", alias = "ssObjectId", deserialize_with = "read::id_if_whole")]
    pub ss_object_id: Option<String>,
    /// Middle of the exposure, MJD **TAI**.
    #[serde(rename = "r:midpointMjdTai", alias = "midpointMjdTai", deserialize_with = "wire::number")]
    pub midpoint_mjd_tai: Option<f64>,
    /// Band: u g r i z y.
    #[serde(rename = "r:band", alias = "band", deserialize_with = "wire::text_or_none")]
    pub band: Option<String>,
    /// Flux in the difference image, nJy, with its sign.
    #[serde(rename = "r:psfFlux", alias = "psfFlux", deserialize_with = "wire::number")]
    pub psf_flux: Option<f64>,
    /// Its error, 1σ.
    #[serde(rename = "r:psfFluxErr", alias = "psfFluxErr", deserialize_with = "wire::number_or_none")]
    pub psf_flux_err: Option<f64>,
    /// Total flux in the science image, nJy.
    #[serde(rename = "r:scienceFlux", alias = "scienceFlux", deserialize_with = "wire::number_or_none")]
    pub science_flux: Option<f64>,
    /// Its error, 1σ.
    #[serde(
        rename = "r:scienceFluxErr",
        alias = "scienceFluxErr",
        deserialize_with = "wire::number_or_none"
    )]
    pub science_flux_err: Option<f64>,
    /// Right ascension, degrees.
    #[serde(rename = "r:ra", alias = "ra", deserialize_with = "wire::number")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(rename = "r:dec", alias = "dec", deserialize_with = "wire::number")]
    pub dec: Option<f64>,
    /// Error of the right ascension, degrees.
    #[serde(rename = "r:raErr", alias = "raErr", deserialize_with = "wire::number_or_none")]
    pub ra_err: Option<f64>,
    /// Error of the declination, degrees.
    #[serde(rename = "r:decErr", alias = "decErr", deserialize_with = "wire::number_or_none")]
    pub dec_err: Option<f64>,
    /// Signal to noise at which it was found.
    #[serde(rename = "r:snr", alias = "snr", deserialize_with = "wire::number_or_none")]
    pub snr: Option<f64>,
    /// How likely it is real, 0 to 1; not to be relied on yet.
    #[serde(rename = "r:reliability", alias = "reliability", deserialize_with = "wire::number_or_none")]
    pub reliability: Option<f64>,
    /// 0 is a point, 1 is extended.
    #[serde(rename = "r:extendedness", alias = "extendedness", deserialize_with = "wire::number_or_none")]
    pub extendedness: Option<f64>,
    /// Whether it was found as a negative source.
    #[serde(rename = "r:isNegative", alias = "isNegative", deserialize_with = "wire::flag_or_none")]
    pub is_negative: Option<bool>,
    /// Rubin's number of the visit.
    #[serde(rename = "r:visit", alias = "visit", deserialize_with = "wire::whole_or_none")]
    pub visit: Option<i64>,
    /// Rubin's number of the detector.
    #[serde(rename = "r:detector", alias = "detector", deserialize_with = "wire::whole_or_none")]
    pub detector: Option<i64>,
    /// When Rubin withdrew the measurement, MJD **TAI**: it is none then.
    #[serde(
        rename = "r:timeWithdrawnMjdTai",
        alias = "timeWithdrawnMjdTai",
        deserialize_with = "wire::number_or_none"
    )]
    pub time_withdrawn_mjd_tai: Option<f64>,
    /// The solar-system object's designation.
    #[serde(rename = "r:designation", deserialize_with = "wire::text_or_none")]
    pub designation: Option<String>,
    /// The same in the MPC's packed form.
    #[serde(rename = "r:packed_primary_provisional_designation", deserialize_with = "wire::text_or_none")]
    pub packed_designation: Option<String>,
    /// The solar-system object that was asked for.
    #[serde(rename = "f:sso_name", deserialize_with = "wire::text_or_none")]
    pub f_sso_name: Option<String>,
    /// Where it was to be: right ascension, degrees.
    #[serde(rename = "r:ephRa", deserialize_with = "wire::number_or_none")]
    pub eph_ra: Option<f64>,
    /// Where it was to be: declination, degrees.
    #[serde(rename = "r:ephDec", deserialize_with = "wire::number_or_none")]
    pub eph_dec: Option<f64>,
    /// Sources of the object so far; of a cone only.
    #[serde(rename = "r:nDiaSources", deserialize_with = "wire::number_or_none")]
    pub n_dia_sources: Option<f64>,
    /// Whether it is an object of the solar system; of a cone only.
    #[serde(rename = "f:is_sso", deserialize_with = "wire::flag_or_none")]
    pub is_sso: Option<bool>,
    /// Whether a catalogue has it; of a cone only.
    #[serde(rename = "f:is_cataloged", deserialize_with = "wire::flag_or_none")]
    pub is_cataloged: Option<bool>,
    /// What the catalogues say it is; of a cone only.
    #[serde(rename = "f:main_label_crossmatch", deserialize_with = "wire::text_or_none")]
    pub main_label_crossmatch: Option<String>,
    /// What the classifiers say it is, a number as [`cats_class`](Self::cats_class); of a cone only.
    #[serde(rename = "f:main_label_classifier", deserialize_with = "read::id_if_whole")]
    pub main_label_classifier: Option<String>,
    /// First source, MJD **TAI**, by Fink; of a cone only.
    #[serde(rename = "f:firstDiaSourceMjdTaiFink", deserialize_with = "wire::number_or_none")]
    pub first_mjd_tai: Option<f64>,
    /// Type of the source that SIMBAD has there.
    #[serde(rename = "f:xm_simbad_otype", deserialize_with = "wire::text_or_none")]
    pub simbad_otype: Option<String>,
    /// The source that Gaia has there.
    #[serde(rename = "f:xm_gaiadr3_DR3Name", deserialize_with = "wire::text_or_none")]
    pub gaia_name: Option<String>,
    /// Type by the General Catalogue of Variable Stars.
    #[serde(rename = "f:xm_gcvs_type", deserialize_with = "wire::text_or_none")]
    pub gcvs_type: Option<String>,
    /// Type by the Variable Star Index.
    #[serde(rename = "f:xm_vsx_Type", deserialize_with = "wire::text_or_none")]
    pub vsx_type: Option<String>,
    /// Name at the Transient Name Server.
    #[serde(rename = "f:xm_tns_fullname", deserialize_with = "wire::text_or_none")]
    pub tns_fullname: Option<String>,
    /// Type by the Transient Name Server.
    #[serde(rename = "f:xm_tns_type", deserialize_with = "wire::text_or_none")]
    pub tns_type: Option<String>,
    /// Redshift by the Transient Name Server.
    #[serde(rename = "f:xm_tns_redshift", deserialize_with = "wire::number_or_none")]
    pub tns_redshift: Option<f64>,
    /// Photometric redshift of the galaxy there, Legacy Surveys.
    #[serde(rename = "f:xm_legacydr8_zphot", deserialize_with = "wire::number_or_none")]
    pub legacy_zphot: Option<f64>,
    /// Class by CATS: 11 like a supernova, 12 fast, 13 long, 21 periodic, 22 not periodic; −1 not processed.
    #[serde(rename = "f:clf_cats_class", deserialize_with = "wire::number_or_none")]
    pub cats_class: Option<f64>,
    /// How likely that class is; 0 and −1 are not computed.
    #[serde(rename = "f:clf_cats_score", deserialize_with = "wire::number_or_none")]
    pub cats_score: Option<f64>,
    /// How likely it is an early supernova Ia; 0 and −1 as above.
    #[serde(rename = "f:clf_earlySNIa_score", deserialize_with = "wire::number_or_none")]
    pub early_snia_score: Option<f64>,
    /// How likely it is a supernova, by SuperNNova; 0 and −1 as above.
    #[serde(rename = "f:clf_snnSnVsOthers_score", deserialize_with = "wire::number_or_none")]
    pub snn_sn_vs_others: Option<f64>,
    /// Version of Fink's science modules.
    #[serde(rename = "f:fink_science_version", deserialize_with = "wire::text_or_none")]
    pub fink_science_version: Option<String>,
    /// Distance from the centre of a cone, degrees.
    #[serde(rename = "v:separation_degree", deserialize_with = "wire::number_or_none")]
    pub separation_degree: Option<f64>,
}

/// An id of 0 or less is none.
fn one(id: &Option<String>) -> Option<&str> {
    id.as_deref().filter(|id| *id != "0" && !id.starts_with('-'))
}

impl LsstAlert {
    /// The object; none of a solar-system object.
    #[must_use]
    pub fn object_id(&self) -> Option<&str> {
        one(&self.dia_object_id)
    }

    /// The solar-system object that the alert is of: its name, else its designation. The rows of a
    /// tag have it in `ssObjectId` alone.
    #[must_use]
    pub fn sso_name(&self) -> Option<Cow<'_, str>> {
        if !self.is_moving() {
            return None;
        }
        let name = known(&self.f_sso_name).or_else(|| known(&self.designation)).map(Cow::Borrowed);
        name.or_else(|| {
            let packed = self.packed()?;
            Some(names::unpacked(&packed).map_or(packed, Cow::Owned))
        })
    }

    /// The solar-system object's designation in the MPC's packed form.
    pub(super) fn packed(&self) -> Option<Cow<'_, str>> {
        let own = known(&self.packed_designation).map(Cow::Borrowed);
        own.or_else(|| names::packed(one(&self.ss_object_id)?).map(Cow::Owned))
    }

    /// The id of the solar-system object, where it is one of those.
    pub(super) fn ss_object_id(&self) -> Option<&str> {
        one(&self.ss_object_id)
    }

    /// Whether it is an object of the solar system; those have a `diaObjectId` of 0.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        let named = one(&self.ss_object_id).is_some() || known(&self.f_sso_name).is_some();
        named || self.is_sso == Some(true) || self.dia_object_id.as_deref() == Some("0")
    }

    /// What the solar-system object is called whichever way it was found: its designation, which an
    /// `ssObjectId` holds too, else its name.
    pub(super) fn sso_id(&self) -> Option<Cow<'_, str>> {
        if !self.is_moving() {
            return None;
        }
        let unpacked = |packed: Cow<'_, str>| names::unpacked(&packed).unwrap_or_else(|| packed.into_owned());
        let designation = self.packed().map(unpacked).map(Cow::Owned);
        let designation = designation.or_else(|| known(&self.designation).map(Cow::Borrowed));
        designation.or_else(|| known(&self.f_sso_name).map(Cow::Borrowed))
    }

    /// When Rubin withdrew the measurement, so that it is none.
    #[must_use]
    pub fn withdrawn(&self) -> Option<DateTime<Utc>> {
        points::withdrawn(self.time_withdrawn_mjd_tai)
    }

    /// Whether Rubin withdrew the measurement, so that it is none.
    #[must_use]
    pub fn is_withdrawn(&self) -> bool {
        self.withdrawn().is_some()
    }

    /// The error of the position, arcsec: the larger of both directions.
    pub(super) fn position_error(&self) -> Option<f64> {
        Some(self.ra_err?.max(self.dec_err?) * 3600.0)
    }

    /// AB magnitude of the difference flux, where that is positive.
    #[must_use]
    pub fn magnitude(&self) -> Option<f64> {
        if self.is_withdrawn() {
            return None;
        }
        match flux::from_njy(self.psf_flux?, self.psf_flux_err?)? {
            Brightness::Magnitude { magnitude, .. } => Some(magnitude),
            _ => None,
        }
    }

    /// The class by CATS in words; its numbers are those of the service.
    #[must_use]
    pub fn cats_label(&self) -> Option<String> {
        let number = self.cats_class.filter(|class| *class >= 0.0)?;
        Some(match number as i64 {
            11 => "SN-like".to_owned(),
            12 => "fast".to_owned(),
            13 => "long".to_owned(),
            21 => "periodic".to_owned(),
            22 => "non-periodic".to_owned(),
            other => other.to_string(),
        })
    }

    /// Adds what is known of the object to a target.
    pub(super) fn describe(&self, target: Target) -> Target {
        let mut target = target
            .with_extra_opt("cats_class", self.cats_label())
            .with_extra_opt("cats_score", computed(self.cats_score))
            .with_extra_opt("snn_sn_vs_others", computed(self.snn_sn_vs_others))
            .with_extra_opt("early_snia_score", computed(self.early_snia_score))
            .with_extra_opt("simbad_type", known(&self.simbad_otype))
            .with_extra_opt("crossmatch", known(&self.main_label_crossmatch))
            .with_extra_opt("tns_type", known(&self.tns_type))
            .with_extra_opt("redshift", self.tns_redshift)
            .with_extra_opt("zphot", self.legacy_zphot)
            .with_extra_opt("gaia_name", known(&self.gaia_name))
            .with_extra_opt("nDiaSources", self.n_dia_sources)
            .with_extra_opt("diaSourceId", self.dia_source_id.as_deref());
        if let Some(name) = known(&self.tns_fullname) {
            target = target.with_alias(name);
        }
        if self.is_moving() {
            target = target.with_extra_opt("ssObjectId", one(&self.ss_object_id));
            let names = [known(&self.designation).map(Cow::Borrowed), self.packed()];
            target = names.into_iter().flatten().fold(target, |target, name| target.with_alias(name));
        }
        target
    }
}

/// A point of forced photometry: measured at the object's place whether it was seen or not.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LsstForced {
    /// The measurement.
    #[serde(rename = "r:diaForcedSourceId", alias = "diaForcedSourceId", deserialize_with = "read::id")]
    pub dia_forced_source_id: Option<String>,
    /// The object.
    #[serde(rename = "r:diaObjectId", alias = "diaObjectId", deserialize_with = "read::id")]
    pub dia_object_id: Option<String>,
    /// Middle of the exposure, MJD **TAI**.
    #[serde(rename = "r:midpointMjdTai", alias = "midpointMjdTai", deserialize_with = "wire::number")]
    pub midpoint_mjd_tai: Option<f64>,
    /// Band: u g r i z y.
    #[serde(rename = "r:band", alias = "band", deserialize_with = "wire::text_or_none")]
    pub band: Option<String>,
    /// Flux in the difference image, nJy, with its sign.
    #[serde(rename = "r:psfFlux", alias = "psfFlux", deserialize_with = "wire::number")]
    pub psf_flux: Option<f64>,
    /// Its error, 1σ.
    #[serde(rename = "r:psfFluxErr", alias = "psfFluxErr", deserialize_with = "wire::number_or_none")]
    pub psf_flux_err: Option<f64>,
    /// Total flux in the science image, nJy.
    #[serde(rename = "r:scienceFlux", alias = "scienceFlux", deserialize_with = "wire::number_or_none")]
    pub science_flux: Option<f64>,
    /// Its error, 1σ.
    #[serde(
        rename = "r:scienceFluxErr",
        alias = "scienceFluxErr",
        deserialize_with = "wire::number_or_none"
    )]
    pub science_flux_err: Option<f64>,
    /// Right ascension, degrees.
    #[serde(rename = "r:ra", alias = "ra", deserialize_with = "wire::number_or_none")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(rename = "r:dec", alias = "dec", deserialize_with = "wire::number_or_none")]
    pub dec: Option<f64>,
    /// Rubin's number of the visit.
    #[serde(rename = "r:visit", alias = "visit", deserialize_with = "wire::whole_or_none")]
    pub visit: Option<i64>,
    /// Rubin's number of the detector.
    #[serde(rename = "r:detector", alias = "detector", deserialize_with = "wire::whole_or_none")]
    pub detector: Option<i64>,
    /// When the measurement was made, MJD TAI.
    #[serde(
        rename = "r:timeProcessedMjdTai",
        alias = "timeProcessedMjdTai",
        deserialize_with = "wire::number_or_none"
    )]
    pub time_processed_mjd_tai: Option<f64>,
    /// When Rubin withdrew the measurement, MJD **TAI**: it is none then.
    #[serde(
        rename = "r:timeWithdrawnMjdTai",
        alias = "timeWithdrawnMjdTai",
        deserialize_with = "wire::number_or_none"
    )]
    pub time_withdrawn_mjd_tai: Option<f64>,
}

/// The point of a flux with its error, nJy; nothing where there is none.
fn point(
    mjd_tai: Option<f64>,
    code: &Option<String>,
    flux: (Option<f64>, Option<f64>),
    id: &Option<String>,
) -> points::Read<Photometry> {
    let time = points::instant(mjd_tai, time::utc_from_tai_mjd)?;
    let (Some(flux), Some(error)) = flux else { return Ok(None) };
    let fault = || Error::new(ErrorKind::Unreadable, "the row has no r:band");
    let filter = band(BandSystem::Rubin, known(code).ok_or_else(fault)?);
    Ok(points::of_lsst(filter, flux, error, id.clone()).map(|found| (time, found)))
}

/// Adds what sources and forced points have beside.
fn keep_rest(extra: &mut Extra, total: (Option<f64>, Option<f64>), exposure: (Option<i64>, Option<i64>)) {
    if let (Some(flux), Some(error)) = total {
        points::keep(extra, "scienceFlux", Some(flux));
        points::keep(extra, "scienceFluxErr", Some(error));
    }
    points::keep(extra, "visit", exposure.0);
    points::keep(extra, "detector", exposure.1);
}

pub(super) fn source(row: &LsstAlert) -> points::ReadWithdrawn<Photometry> {
    let flux = (row.psf_flux, row.psf_flux_err);
    let found = point(row.midpoint_mjd_tai, &row.band, flux, &row.dia_source_id)?;
    Ok(found.map(|(time, mut found)| {
        let extra = &mut found.extra;
        keep_rest(extra, (row.science_flux, row.science_flux_err), (row.visit, row.detector));
        points::keep(extra, "snr", row.snr);
        points::keep(extra, "reliability", row.reliability);
        points::keep(extra, "isNegative", row.is_negative);
        (time, found, row.withdrawn())
    }))
}

fn forced(row: &LsstForced) -> points::ReadWithdrawn<Photometry> {
    let flux = (row.psf_flux, row.psf_flux_err);
    let found = point(row.midpoint_mjd_tai, &row.band, flux, &row.dia_forced_source_id)?;
    Ok(found.map(|(time, mut found)| {
        keep_rest(&mut found.extra, (row.science_flux, row.science_flux_err), (row.visit, row.detector));
        (time, Photometry { forced: true, ..found }, points::withdrawn(row.time_withdrawn_mjd_tai))
    }))
}

/// The rows of one object: the service gives every object whose id begins so.
fn own<T>(oid: &str, rows: Rows<T>, id: impl Fn(&T) -> Option<&String>) -> Rows<T> {
    let wanted = |row: &Result<T>| row.as_ref().map_or(true, |row| id(row).is_none_or(|id| id == oid));
    Rows(rows.into_iter().filter(wanted).collect())
}

/// Adds the points of sources.
pub(super) fn sources(points: &mut Points<'_>, list: &'static str, rows: Rows<LsstAlert>) {
    points.rows(list, rows, |row| source(&row));
}

/// Adds the points of forced photometry.
pub(super) fn forced_points(points: &mut Points<'_>, list: &'static str, rows: Rows<LsstForced>) {
    points.rows(list, rows, |row| forced(&row));
}

/// The points of a light curve, of which so many values were left out.
pub(super) fn light_curve(oid: &str, rows: Rows<LsstAlert>, left_out: usize) -> ReducedData {
    let mut points = Points::new(super::NAME, oid);
    points.note_left_out("sources", left_out);
    sources(&mut points, "sources", own(oid, rows, |row| row.dia_object_id.as_ref()));
    points.done()
}

/// The points of forced photometry.
pub(super) fn forced_photometry(oid: &str, rows: Rows<LsstForced>) -> ReducedData {
    let mut points = Points::new(super::NAME, oid);
    forced_points(&mut points, "fp", own(oid, rows, |row| row.dia_object_id.as_ref()));
    points.done()
}
