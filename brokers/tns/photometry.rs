//! Photometry and spectra of an object as points.

use super::packet::{self, Named, PhotometryRow, SpectrumRow};
use super::spectrum;
use super::values::Values;
use crate::plugin::flux::Unit;
use crate::plugin::*;

const LAST_NON_DETECTION: &str = "[Last non detection]";

fn label(of: &Option<Named>) -> Option<&str> {
    of.as_ref()?.name.as_deref()
}

fn number(of: &Option<Named>) -> Option<u32> {
    of.as_ref().and_then(Named::number)
}

/// The unit of a row: 1 to 3 are magnitudes; a flux per frequency has an AB magnitude, others none
/// without the band.
fn unit<'a>(of: &'a Option<Named>, values: &'a Values) -> Unit<'a> {
    let id = number(of);
    let name = label(of).or_else(|| values.units.label(id?)).unwrap_or("unknown");
    match id {
        Some(1) => Unit::Magnitude(Some("AB")),
        Some(2) => Unit::Magnitude(Some("ST")),
        Some(3) => Unit::Magnitude(Some("Vega")),
        // erg/s/cm²/Hz: by the definition of AB.
        Some(5) => Unit::Flux(name, Some(-48.6)),
        _ => Unit::flux(name),
    }
}

/// A row as a point: a detection whatever its limit says, else a limit.
pub(super) fn point(row: PhotometryRow, values: &Values) -> points::Read<Datum> {
    let time = row.instant()?;
    let unit = unit(&row.flux_unit, values);
    let (value, depth, is_magnitude) = (row.measured(), row.depth(), row.is_magnitude());
    let error = row.fluxerr.filter(|error| *error > 0.0);
    let mut point = value.map_or_else(Photometry::default, |value| Photometry::measured(value, error, unit));
    if let (Some(flux), None) = (point.flux, point.flux_error) {
        // Without an error nobody can say whether a flux is a detection, but the reporter did.
        point.magnitude = unit.magnitude(flux);
        point.unit = unit.system().filter(|_| point.magnitude.is_some()).map(Text::from);
    }
    let mut extra = Extra::default();
    if let Some(depth) = depth.filter(|depth| is_magnitude || value.is_some() || *depth > 0.0) {
        // A depth without a magnitude is kept as it came, as all fluxes are.
        let _ = point.add_depth(depth, unit);
        if let Unit::Flux(name, _) = unit {
            points::keep(&mut extra, "limflux", Some(depth));
            points::keep(&mut extra, "limflux_unit", Some(name));
        }
    }
    let empty =
        [point.magnitude, point.limit, point.negative_magnitude, point.flux].iter().all(Option::is_none);
    if empty && extra.is_empty() {
        return Ok(None);
    }
    let id = number(&row.filters);
    let full = id.and_then(|id| values.filters.label(id));
    let filter = full.or_else(|| label(&row.filters)).unwrap_or("unknown");
    point.filter = band::band(band::BandSystem::Tns, filter).into();
    point.telescope = label(&row.telescope).map(Text::from);
    point.instrument = label(&row.instrument).map(Text::from);
    points::keep(&mut extra, "filter_name", full);
    points::keep(&mut extra, "filter_id", id);
    points::keep(&mut extra, "exposure_time", row.exptime);
    points::keep(&mut extra, "observer", row.observer);
    let last = row.remarks.as_deref().is_some_and(|text| text.contains(LAST_NON_DETECTION));
    points::keep(&mut extra, "last_non_detection", last.then_some(true));
    points::keep(&mut extra, "remarks", row.remarks);
    point.extra = extra;
    // A limit in a unit that is no magnitude has no field of its own; it is kept as it came.
    match empty.then(|| serde_json::to_value(&point)) {
        Some(Ok(Value::Object(map))) => Ok(Some((time, map.into()))),
        _ => Ok(Some((time, point.into()))),
    }
}

/// A spectrum from its file.
pub(super) fn spectrum(row: &SpectrumRow, file: &str, text: &str) -> Result<(DateTime<Utc>, Spectroscopy)> {
    let time = packet::instant(row.jd, row.obsdate.as_deref())?;
    let read = spectrum::read(text)?;
    let mut found = Spectroscopy {
        wavelength: read.wavelength,
        wavelength_unit: Some("Angstrom".into()),
        flux: read.flux,
        error: read.error,
        flux_unit: read.flux_unit.map(Text::from),
        telescope: label(&row.telescope).map(Text::from),
        instrument: label(&row.instrument).map(Text::from),
        source_id: Some(file.rsplit('/').next().unwrap_or(file).to_owned()),
        extra: Extra::default(),
    };
    keep_row(&mut found.extra, row);
    points::keep(&mut found.extra, "rows_without_value", (read.skipped > 0).then_some(read.skipped));
    Ok((time, found))
}

/// A spectrum of which there is no ASCII file: where it is, and how it was taken.
pub(super) fn reference(row: &SpectrumRow) -> points::Read<Datum> {
    let time = packet::instant(row.jd, row.obsdate.as_deref())?;
    let mut map = Extra::default();
    points::keep(&mut map, "data_product", Some("spectrum"));
    points::keep(&mut map, "telescope", label(&row.telescope));
    points::keep(&mut map, "instrument", label(&row.instrument));
    keep_row(&mut map, row);
    Ok(Some((time, map.into())))
}

fn keep_row(map: &mut Extra, row: &SpectrumRow) {
    points::keep(map, "asciifile", row.asciifile.as_deref());
    points::keep(map, "fitsfile", row.fitsfile.as_deref());
    points::keep(map, "exposure_time", row.exptime);
    points::keep(map, "observer", row.observer.as_deref());
    points::keep(map, "reducer", row.reducer.as_deref());
    points::keep(map, "source_group", row.source_group_name.as_deref());
    points::keep(map, "remarks", row.remarks.as_deref());
}
