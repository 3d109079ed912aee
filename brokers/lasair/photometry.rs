//! LSST: the rows of an object's light curve, and the points that they become.

use super::lines::Lines;
use super::sherlock::said;
use crate::plugin::band::{BandSystem, band};
use crate::plugin::flux::{Brightness, NANOJANSKY_ZERO, from_njy};
use crate::plugin::*;

/// A detection of LSST, or a point of forced photometry: the columns that a light curve needs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LsstSource {
    /// Rubin's id of a detection.
    #[serde(rename = "diaSourceId", deserialize_with = "wire::text")]
    pub dia_source_id: Option<String>,
    /// Rubin's id of a point of forced photometry.
    #[serde(rename = "diaForcedSourceId", deserialize_with = "wire::text")]
    pub dia_forced_source_id: Option<String>,
    /// Middle of the exposure, MJD **TAI**.
    #[serde(rename = "midpointMjdTai", deserialize_with = "wire::number")]
    pub midpoint_mjd_tai: Option<f64>,
    /// Band: `u`, `g`, `r`, `i`, `z`, `y`.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub band: Option<String>,
    /// Flux of the difference image, nJy, with its sign.
    #[serde(rename = "psfFlux", deserialize_with = "wire::number")]
    pub psf_flux: Option<f64>,
    /// Its error, 1σ.
    #[serde(rename = "psfFluxErr", deserialize_with = "wire::number_or_none")]
    pub psf_flux_err: Option<f64>,
    /// How likely a detection is real, 0 to 1.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub reliability: Option<f64>,
    /// Right ascension, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub decl: Option<f64>,
    /// Signal to noise at which a detection was found.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub snr: Option<f64>,
    /// Whether it was found as a negative source.
    #[serde(rename = "isNegative", deserialize_with = "wire::flag_or_none")]
    pub is_negative: Option<bool>,
    /// Flux in the science image, nJy.
    #[serde(rename = "scienceFlux", deserialize_with = "wire::number_or_none")]
    pub science_flux: Option<f64>,
    /// Its error, 1σ.
    #[serde(rename = "scienceFluxErr", deserialize_with = "wire::number_or_none")]
    pub science_flux_err: Option<f64>,
    /// Rubin's number of the visit.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub visit: Option<i64>,
    /// Rubin's number of the detector.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub detector: Option<i64>,
    /// The object of the solar system it was taken for.
    #[serde(rename = "ssObjectId", deserialize_with = "wire::text_or_none")]
    pub ss_object_id: Option<String>,
    /// When Rubin took it back, MJD TAI.
    #[serde(rename = "timeWithdrawnMjdTai", deserialize_with = "wire::number_or_none")]
    pub time_withdrawn_mjd_tai: Option<f64>,
}

impl LsstSource {
    /// When Rubin withdrew it; such a row is no measurement.
    #[must_use]
    pub fn withdrawn(&self) -> Option<DateTime<Utc>> {
        points::withdrawn(self.time_withdrawn_mjd_tai)
    }

    /// The object of the solar system that it was taken for.
    pub(super) fn ss_object_id(&self) -> Option<&str> {
        said(&self.ss_object_id).filter(|id| *id != "0")
    }

    /// The magnitude of a significant brightening.
    pub(super) fn magnitude(&self) -> Option<f64> {
        let flux = self.psf_flux?;
        match self.psf_flux_err.and_then(|error| from_njy(flux, error)) {
            Some(Brightness::Magnitude { magnitude, .. }) => Some(magnitude),
            Some(_) => None,
            None => magnitude(flux),
        }
    }
}

/// The magnitude of a flux in nJy, where there is one.
pub(super) fn magnitude(flux: f64) -> Option<f64> {
    points::magnitude((flux > 0.0).then(|| NANOJANSKY_ZERO - 2.5 * flux.log10()))
}

fn point(row: &LsstSource, forced: bool) -> points::ReadWithdrawn<Photometry> {
    let time = points::instant(row.midpoint_mjd_tai, time::utc_from_tai_mjd)?;
    let Some(code) = said(&row.band) else {
        return Err(Error::new(ErrorKind::Unreadable, "the row has no band"));
    };
    let (Some(flux), Some(error)) = (row.psf_flux, row.psf_flux_err) else { return Ok(None) };
    let id = said(if forced { &row.dia_forced_source_id } else { &row.dia_source_id });
    let filter = band(BandSystem::Rubin, code);
    let Some(mut found) = points::of_lsst(filter, flux, error, id.map(str::to_owned)) else {
        return Ok(None);
    };
    found.forced = forced;
    let extra = &mut found.extra;
    if let (Some(flux), Some(error)) = (row.science_flux, row.science_flux_err) {
        points::keep(extra, "scienceFlux", Some(flux));
        points::keep(extra, "scienceFluxErr", Some(error));
    }
    points::keep(extra, "reliability", row.reliability);
    points::keep(extra, "snr", row.snr);
    points::keep(extra, "isNegative", row.is_negative);
    points::keep(extra, "visit", row.visit);
    points::keep(extra, "detector", row.detector);
    points::keep(extra, "ssObjectId", row.ss_object_id());
    Ok(Some((time, found, row.withdrawn())))
}

/// The points of an object from its lists: the name of each, its rows, whether they are forced.
pub(super) fn light_curve(
    broker: &'static str,
    id: &str,
    lists: [(&'static str, &Lines<LsstSource>, bool); 2],
) -> ReducedData {
    let mut points = Points::new(broker, id);
    for (list, lines, forced) in lists {
        points.rows(list, lines.each(), |row| point(row, forced));
        points.note_left_out(list, lines.left_out);
    }
    points.done()
}
