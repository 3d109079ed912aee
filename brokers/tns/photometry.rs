//! Photometry and spectra of an object as points.

use super::packet::{Named, PhotometryRow, SpectrumRow, TnsPacket};
use super::spectrum;
use super::values::Values;
use crate::plugin::*;

const LAST_NON_DETECTION: &str = "[Last non detection]";

/// The points of an object's photometry, and the spectra whose files are still to be fetched.
pub(super) fn points(packet: &TnsPacket, page: &Url, values: &Values) -> Result<ReducedData> {
    let name = packet.name();
    let mut points = Points::new(super::NAME, page.as_str()).of_target(&name);
    points.rows("photometry", packet.photometry()?, |row| point(row, values));
    Ok(points.done())
}

/// A number and a label of a list, as a text for the extras.
fn label(of: Option<&Named>) -> Option<String> {
    of.and_then(|named| named.name.clone())
}

fn point(row: PhotometryRow, values: &Values) -> points::Read<Datum> {
    let time = row.instant()?;
    if row.flux.is_none() && row.limflux.is_none() {
        return Ok(None);
    }
    let filter_id = row.filters.as_ref().and_then(Named::number);
    let short = label(row.filters.as_ref());
    let full = filter_id.and_then(|id| values.filters.label(id)).map(str::to_owned);
    let filter = full.clone().or(short);
    let mut point = Photometry {
        filter: band::band(band::BandSystem::Tns, filter.as_deref().unwrap_or("unknown")).into_owned(),
        telescope: label(row.telescope.as_ref()),
        instrument: label(row.instrument.as_ref()),
        ..Photometry::default()
    };
    let unit = row.flux_unit.as_ref().and_then(Named::number);
    match unit {
        Some(unit @ 1..=3) => magnitude(&mut point, &row, ["AB", "ST", "Vega"][unit as usize - 1]),
        _ => flux(&mut point, &row, unit),
    }
    let extra = &mut point.extra;
    points::keep(extra, "filter_name", full);
    points::keep(extra, "filter_id", filter_id);
    points::keep(extra, "exptime", row.exptime);
    points::keep(extra, "observer", row.observer);
    if row.remarks.as_deref().is_some_and(|text| text.contains(LAST_NON_DETECTION)) {
        points::keep(extra, "last_non_detection", Some(true));
    }
    points::keep(extra, "remarks", row.remarks);
    let empty =
        [point.magnitude, point.limit, point.negative_magnitude, point.flux].iter().all(Option::is_none);
    if empty && point.extra.contains_key("limflux") {
        // A limit in a unit that is no magnitude has no field of its own; it is kept as it came.
        return Ok(other(time, &point));
    }
    Ok((!empty).then(|| (time, point.into())))
}

fn other(time: DateTime<Utc>, point: &Photometry) -> Option<(DateTime<Utc>, Datum)> {
    match serde_json::to_value(point) {
        Ok(Value::Object(map)) => Some((time, Datum::Other(map))),
        _ => None,
    }
}

/// A row in magnitudes: a detection whatever its limit says, else a limit.
fn magnitude(point: &mut Photometry, row: &PhotometryRow, system: &str) {
    // No transient is of magnitude 0, and no exposure ends there: it stands for nothing.
    let magnitude = |value: Option<f64>| points::magnitude(value).filter(|value| *value != 0.0);
    point.unit = Some(system.to_owned());
    point.magnitude = magnitude(row.flux);
    if point.magnitude.is_some() {
        point.error = points::magnitude_error(row.fluxerr).filter(|error| *error > 0.0);
        point.limiting_magnitude = magnitude(row.limflux);
    } else {
        point.limit = magnitude(row.limflux);
    }
}

/// A row in fluxes: the flux with its unit, and the magnitude or limit that follows where the unit
/// has one.
fn flux(point: &mut Photometry, row: &PhotometryRow, unit: Option<u32>) {
    let name = label(row.flux_unit.as_ref()).unwrap_or_else(|| "unknown".to_owned());
    let zero = zero_point(unit);
    let error = row.fluxerr.filter(|error| *error > 0.0);
    if let Some(flux) = row.flux {
        let followed =
            zero.zip(error).and_then(|(zero, error)| Photometry::from_flux(flux, error, &name, zero));
        match followed {
            Some(from) => {
                point.magnitude = from.magnitude;
                point.error = from.error;
                point.limit = from.limit;
                point.negative_magnitude = from.negative_magnitude;
            }
            // Without an error nobody can say whether a flux is a detection, but the reporter did.
            None => {
                point.magnitude =
                    zero.filter(|_| flux > 0.0 && error.is_none()).map(|zero| zero - 2.5 * flux.log10())
            }
        }
        if point.magnitude.is_some() || point.limit.is_some() {
            point.unit = Some("AB".to_owned());
        }
        point.flux = Some(flux);
        point.flux_error = error;
        point.flux_unit = Some(name);
        points::keep(&mut point.extra, "limflux", row.limflux);
        return;
    }
    let limit = row.limflux.filter(|limit| *limit > 0.0);
    if let Some((limit, zero)) = limit.zip(zero) {
        point.limit = Some(zero - 2.5 * limit.log10());
        point.unit = Some("AB".to_owned());
    }
    points::keep(&mut point.extra, "limflux", limit);
    points::keep(&mut point.extra, "limflux_unit", limit.map(|_| name));
}

/// The AB magnitude of one unit of a flux per frequency; the others have none without the band.
fn zero_point(unit: Option<u32>) -> Option<f64> {
    match unit? {
        // erg/s/cm²/Hz: by the definition of AB.
        5 => Some(-48.6),
        // Jy, mJy, nJy.
        8 => Some(flux::NANOJANSKY_ZERO - 22.5),
        9 => Some(flux::NANOJANSKY_ZERO - 15.0),
        34 => Some(flux::NANOJANSKY_ZERO),
        _ => None,
    }
}

/// A spectrum from its file.
pub(super) fn spectrum(row: &SpectrumRow, file: &str, text: &str) -> points::Read<Spectroscopy> {
    let time = super::packet::instant(row.jd, row.obsdate.as_deref())?;
    let read = spectrum::read(text)?;
    let mut found = Spectroscopy {
        wavelength: read.wavelength,
        wavelength_unit: Some("Angstrom".to_owned()),
        flux: read.flux,
        error: read.error,
        flux_unit: read.flux_unit,
        telescope: label(row.telescope.as_ref()),
        instrument: label(row.instrument.as_ref()),
        source_id: Some(file.rsplit('/').next().unwrap_or(file).to_owned()),
        extra: Map::new(),
    };
    keep_row(&mut found.extra, row);
    if read.skipped > 0 {
        points::keep(&mut found.extra, "rows_without_value", Some(read.skipped));
    }
    Ok(Some((time, found)))
}

/// A spectrum of which there is no ASCII file: where it is, and how it was taken.
pub(super) fn reference(row: &SpectrumRow) -> points::Read<Datum> {
    let time = super::packet::instant(row.jd, row.obsdate.as_deref())?;
    let mut map = Map::new();
    points::keep(&mut map, "data_product", Some("spectrum"));
    points::keep(&mut map, "telescope", label(row.telescope.as_ref()));
    points::keep(&mut map, "instrument", label(row.instrument.as_ref()));
    keep_row(&mut map, row);
    Ok(Some((time, Datum::Other(map))))
}

fn keep_row(map: &mut Map<String, Value>, row: &SpectrumRow) {
    points::keep(map, "asciifile", row.asciifile.as_deref());
    points::keep(map, "fitsfile", row.fitsfile.as_deref());
    points::keep(map, "exptime", row.exptime);
    points::keep(map, "observer", row.observer.as_deref());
    points::keep(map, "reducer", row.reducer.as_deref());
    points::keep(map, "source_group", row.source_group_name.as_deref());
    points::keep(map, "remarks", row.remarks.as_deref());
}
