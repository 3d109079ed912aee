//! LSST: the points of an object's light curve.

use super::Lsst;
use super::lsst::{LasairLsstPacket, LsstSource};
use super::sherlock::said;
use super::survey::LasairSurvey;
use crate::plugin::band::{BandSystem, band};
use crate::plugin::*;

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

/// The points of an object in any of its forms.
pub(super) fn light_curve(id: &str, packet: &LasairLsstPacket) -> ReducedData {
    let mut points = Points::new(Lsst::FACTS.info.name, id);
    for (list, lines, forced) in
        [("diaSourcesList", &packet.sources, false), ("diaForcedSourcesList", &packet.forced_sources, true)]
    {
        points.rows(list, lines.each(), |row| point(row, forced));
        points.note_left_out(list, lines.left_out);
    }
    points.done()
}
