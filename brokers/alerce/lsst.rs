//! LSST: what its services send, and the light curve that follows from it.

use crate::plugin::band::{BandSystem, band};
use crate::plugin::*;

/// A detection or a point of forced photometry of LSST.
///
/// The service sends some ninety more columns of Rubin's `DiaSource`, most of them null; the ones
/// here are those that a light curve needs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LsstDetection {
    /// The object, Rubin's `diaObjectId`.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub oid: Option<i64>,
    /// Rubin's `diaSourceId`.
    #[serde(deserialize_with = "wire::text")]
    pub measurement_id: Option<String>,
    /// The survey, `lsst`.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub survey_id: Option<String>,
    /// Middle of the exposure, MJD **TAI**.
    #[serde(deserialize_with = "wire::number")]
    pub mjd: Option<f64>,
    /// Band: 6 u, 1 g, 2 r, 3 i, 4 z, 5 y; 0 when the service does not know.
    #[serde(deserialize_with = "wire::whole")]
    pub band: Option<i64>,
    /// Right ascension, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub dec: Option<f64>,
    /// Flux in the difference image, nJy, with its sign; the service sends 0 for "not known".
    #[serde(rename = "psfFlux", deserialize_with = "wire::number")]
    pub psf_flux: Option<f64>,
    /// Its error, 1σ.
    #[serde(rename = "psfFluxErr", deserialize_with = "wire::number_or_none")]
    pub psf_flux_err: Option<f64>,
    /// Total flux in the science image, nJy; 0 as above.
    #[serde(rename = "scienceFlux", deserialize_with = "wire::number_or_none")]
    pub science_flux: Option<f64>,
    /// Its error, 1σ.
    #[serde(rename = "scienceFluxErr", deserialize_with = "wire::number_or_none")]
    pub science_flux_err: Option<f64>,
    /// Signal to noise at which it was found.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub snr: Option<f64>,
    /// How likely it is real, 0 to 1.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub reliability: Option<f64>,
    /// Whether it was found as a negative source.
    #[serde(rename = "isNegative", deserialize_with = "wire::flag_or_none")]
    pub is_negative: Option<bool>,
    /// Whether there are cutouts.
    #[serde(deserialize_with = "wire::flag_or_none")]
    pub has_stamp: Option<bool>,
    /// Rubin's number of the visit.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub visit: Option<i64>,
    /// Rubin's number of the detector.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub detector: Option<i64>,
    /// The object of the solar system; 0 is none.
    #[serde(rename = "ssObjectId", deserialize_with = "wire::whole_or_none")]
    pub ss_object_id: Option<i64>,
    /// The fixed object; 0 and −1 are none.
    #[serde(rename = "diaObjectId", deserialize_with = "wire::whole_or_none")]
    pub dia_object_id: Option<i64>,
    /// The source it was split from; 0 and −1 are none.
    #[serde(rename = "parentDiaSourceId", deserialize_with = "wire::whole_or_none")]
    pub parent_dia_source_id: Option<i64>,
    /// When the survey took the measurement back, MJD **TAI**; none of it is a measurement then.
    #[serde(rename = "timeWithdrawnMjdTai", deserialize_with = "wire::number_or_none")]
    pub time_withdrawn: Option<f64>,
    /// 0 is a point, 1 is extended.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub extendedness: Option<f64>,
}

/// A light curve of LSST as the service gives it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LsstLightCurve {
    /// Detections, in no order.
    #[serde(deserialize_with = "wire::rows")]
    pub detections: Rows<LsstDetection>,
    /// Always empty for LSST.
    #[serde(deserialize_with = "wire::rows")]
    pub non_detections: Rows<LsstDetection>,
    /// Forced photometry; the service gives ten rows at most.
    #[serde(deserialize_with = "wire::rows")]
    pub forced_photometry: Rows<LsstDetection>,
}

impl LsstLightCurve {
    pub(super) fn is_empty(&self) -> bool {
        [&self.detections, &self.non_detections, &self.forced_photometry].iter().all(|rows| rows.0.is_empty())
    }
}

impl LsstDetection {
    /// When the survey withdrew the measurement; the service may send 0 for "not known".
    #[must_use]
    pub fn withdrawn(&self) -> Option<DateTime<Utc>> {
        points::withdrawn(self.time_withdrawn)
    }
}

/// How many forced points the service gives at most.
const FORCED_ROWS: usize = 10;

fn point(row: LsstDetection, forced: bool) -> points::ReadWithdrawn<Photometry> {
    let withdrawn = row.withdrawn();
    let time = points::instant(row.mjd, time::utc_from_tai_mjd)?;
    // Band 0 and a flux of 0 ± 0 stand for null in the service's database.
    let known = row.band.filter(|band| *band != 0);
    let (Some(code), Some(flux), Some(error)) = (known, row.psf_flux, row.psf_flux_err) else {
        return Ok(None);
    };
    let filter = band(BandSystem::AlerceRubin, &code.to_string());
    let Some(mut found) = points::of_lsst(filter, flux, error, row.measurement_id) else { return Ok(None) };
    found.forced = forced;
    let extra = &mut found.extra;
    points::keep(extra, "snr", row.snr);
    points::keep(extra, "reliability", row.reliability);
    if let (Some(flux), Some(error)) = (row.science_flux, row.science_flux_err.filter(|error| *error > 0.0)) {
        points::keep(extra, "scienceFlux", Some(flux));
        points::keep(extra, "scienceFluxErr", Some(error));
    }
    points::keep(extra, "isNegative", row.is_negative);
    points::keep(extra, "has_stamp", row.has_stamp);
    points::keep(extra, "visit", row.visit);
    points::keep(extra, "detector", row.detector);
    Ok(Some((time, found, withdrawn)))
}

/// The points of a light curve.
pub(super) fn light_curve(oid: &str, curve: LsstLightCurve, odd: usize) -> ReducedData {
    let mut points = Points::new(super::NAME, oid);
    points.note_left_out("the light curve", odd);
    let cut = curve.forced_photometry.0.len() >= FORCED_ROWS;
    points.rows("detections", curve.detections, |row| point(row, false));
    points.rows("forced_photometry", curve.forced_photometry, |row| point(row, true));
    if cut {
        points.note(format!("the service gives at most {FORCED_ROWS} points of forced photometry"));
    }
    points.done()
}

/// The latest detection that has cutouts.
pub(super) fn latest_with_stamp(rows: Rows<LsstDetection>) -> Option<String> {
    let rows = rows.into_iter().filter_map(Result::ok);
    let rows = rows.filter(|row| row.has_stamp == Some(true) && row.withdrawn().is_none());
    let dated = rows.filter_map(|row| Some((row.mjd?, row.measurement_id?)));
    dated.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, id)| id)
}
