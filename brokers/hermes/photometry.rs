//! From the tables of a message to light curves, spectra and positions.

use super::message::HermesMessage;
use super::rows::{HermesAstrometry, HermesPhotometry, HermesSpectrum};
use super::words::{AngleUnit, BrightnessUnit, FluxType, SpectrumType, given, instant};
use crate::plugin::flux::Unit;
use crate::plugin::*;

impl HermesMessage {
    /// The points in the message, each named after its own target, or those of the target `only`.
    ///
    /// `location` becomes each point's [`source_location`](ReducedDatum::source_location): where the
    /// message is. A row that is no point is one failure, and the rest goes on. A magnitude of
    /// exactly 0 is none, as it is for Hermes; fluxes stay fluxes, and mJy become AB magnitudes or
    /// limits beside them where there is an error.
    #[must_use]
    pub fn reduced_data(&self, location: &str, only: Option<&str>) -> ReducedData {
        let mut data = ReducedData::default();
        let mut empty = 0_usize;
        let mut take = |table: &str, index: usize, target: &str, read: points::Read<Datum>| {
            if only.is_some_and(|only| only != target) {
                return;
            }
            match read {
                Ok(Some((timestamp, value))) => {
                    data.points.push(ReducedDatum::new(target, super::NAME, location, timestamp, value));
                }
                Ok(None) => empty += 1,
                Err(error) => {
                    let place = format!("data.{table}[{index}]");
                    data.failures.push(error.with("row", place).with("message", location));
                }
            }
        };
        for (index, row) in self.data.photometry.iter().enumerate() {
            take("photometry", index, &row.target_name, photometry(row));
        }
        for (index, row) in self.data.spectroscopy.iter().enumerate() {
            take("spectroscopy", index, &row.target_name, spectrum(row));
        }
        for (index, row) in self.data.astrometry.iter().enumerate() {
            take("astrometry", index, &row.target_name, astrometry(row));
        }
        for fault in &self.data.unreadable {
            let error = Error::new(ErrorKind::Unreadable, fault.to_string());
            data.failures.push(error.with("message", location));
        }
        if empty > 0 {
            let rows = if empty == 1 { "row" } else { "rows" };
            data.notes.push(format!("{empty} {rows} of {location} without a value left out"));
        }
        for file in
            self.data.spectroscopy.iter().filter(|row| row.flux.is_empty()).flat_map(|row| &row.file_info)
        {
            let name = file.name.as_deref().unwrap_or("without a name");
            let at = file.url.as_deref().map_or_else(String::new, |url| format!(" at {url}"));
            data.notes.push(format!("a spectrum is in the file {name}{at}"));
        }
        data.told_apart(location).sorted()
    }
}

/// The points of several messages as one list: the same point published twice is one point, and of
/// two that differ in their value the one of the newer message stays. `parts` are newest first.
pub(super) fn joined(parts: Vec<ReducedData>) -> ReducedData {
    let mut data = ReducedData::default();
    parts.into_iter().for_each(|part| data.merge(part));
    let repeated = data.first_of_each();
    if repeated > 0 {
        let points = if repeated == 1 { "point was" } else { "points were" };
        data.notes.push(format!("{repeated} {points} published more than once; the newest message counts"));
    }
    data.sorted()
}

fn date(text: Option<&str>) -> Result<DateTime<Utc>> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| Error::new(ErrorKind::Unreadable, "the row has no date"))?;
    instant(text).ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        Error::new(ErrorKind::Unreadable, "the date of the row is no date").with("date_obs", shown)
    })
}

fn word(text: &Option<String>) -> Option<Text> {
    given(text).map(Text::from)
}

/// The unit of a brightness or a limit; none for a word that Hermes does not take.
fn unit(unit: &BrightnessUnit) -> Option<Unit<'static>> {
    match unit {
        BrightnessUnit::AbMag => Some(Unit::Magnitude(Some("AB"))),
        BrightnessUnit::VegaMag => Some(Unit::Magnitude(Some("Vega"))),
        BrightnessUnit::MilliJansky => Some(Unit::flux("mJy")),
        BrightnessUnit::ErgAngstrom => Some(Unit::flux("erg / s / cm² / Å")),
        BrightnessUnit::Other(_) => None,
    }
}

fn photometry(row: &HermesPhotometry) -> points::Read<Datum> {
    let time = date(row.date_obs.as_deref())?;
    let filter =
        word(&row.bandpass).ok_or_else(|| Error::new(ErrorKind::Unreadable, "the row has no bandpass"))?;
    let mut point = brightness(row)?.unwrap_or_default();
    point.filter = filter;
    point.telescope = word(&row.telescope);
    point.instrument = word(&row.instrument);
    limit(&mut point, row)?;
    if [point.magnitude, point.limit, point.flux].iter().all(Option::is_none) {
        return Ok(None);
    }
    let extra = &mut point.extra;
    points::keep(extra, "exposure_time", row.exposure_time);
    points::keep(extra, "observer", given(&row.observer));
    points::keep(extra, "comments", given(&row.comments));
    points::keep(extra, "catalog", given(&row.catalog));
    Ok(Some((time, point.into())))
}

/// A unit that is none, as a fault of its field.
fn no_unit(text: &'static str, field: &'static str, unit: &BrightnessUnit) -> Error {
    let shown: String = unit.as_str().chars().take(40).collect();
    Error::new(ErrorKind::Unreadable, text).with(field, shown)
}

fn brightness(row: &HermesPhotometry) -> Result<Option<Photometry>> {
    let word = row.brightness_unit.clone().unwrap_or_default();
    let known = unit(&word);
    // A brightness of 0 counts as missing for Hermes; a flux of 0 with its error is a measurement.
    let measured = match known {
        Some(Unit::Magnitude(_)) => points::magnitude(row.brightness).filter(|value| *value != 0.0),
        _ => row.brightness.filter(|flux| *flux != 0.0 || row.brightness_error.is_some()),
    };
    let Some(value) = measured else { return Ok(None) };
    let text = "the unit of the brightness is not known";
    let known = known.ok_or_else(|| no_unit(text, "brightness_unit", &word))?;
    Ok(Some(Photometry::measured(value, row.brightness_error, known)))
}

/// A limit stands by itself, or is the depth of what was measured.
fn limit(point: &mut Photometry, row: &HermesPhotometry) -> Result<()> {
    let word = row.limiting_brightness_unit.clone().unwrap_or_default();
    let unit = unit(&word);
    let is_magnitude = matches!(unit, Some(Unit::Magnitude(_)));
    let value = row.limiting_brightness.filter(|value| *value != 0.0);
    let value = if is_magnitude { points::magnitude(value) } else { value };
    let Some(value) = value else { return Ok(()) };
    let measured = point.magnitude.is_some() || point.flux.is_some();
    let added = unit.is_some_and(|unit| point.add_depth(value, unit));
    if !added && !measured {
        let text = "the limit is in a unit that does not become a magnitude";
        return Err(no_unit(text, "limiting_brightness_unit", &word));
    }
    if !added && measured || added && !is_magnitude {
        points::keep(&mut point.extra, "limiting_brightness", Some(value));
        points::keep(&mut point.extra, "limiting_brightness_unit", Some(word.as_str()));
    }
    if added && !measured {
        points::keep(&mut point.extra, "limit_error", points::magnitude_error(row.limiting_brightness_error));
    }
    Ok(())
}

fn spectrum(row: &HermesSpectrum) -> points::Read<Datum> {
    let time = date(row.date_obs.as_deref())?;
    if row.flux.is_empty() {
        return Ok(None);
    }
    let fault = |text: &'static str| Err(Error::new(ErrorKind::Unreadable, text));
    if row.flux.len() != row.wavelength.len() {
        return fault("the spectrum has not as many fluxes as wavelengths");
    }
    if !row.flux_error.is_empty() && row.flux_error.len() != row.flux.len() {
        return fault("the spectrum has not as many errors as fluxes");
    }
    let mut extra = Extra::default();
    points::keep(&mut extra, "flux_type", row.flux_type.as_ref().map(FluxType::as_str));
    points::keep(&mut extra, "spec_type", row.spec_type.as_ref().map(SpectrumType::as_str));
    points::keep(&mut extra, "setup", given(&row.setup));
    points::keep(&mut extra, "exposure_time", row.exposure_time);
    points::keep(&mut extra, "classification", given(&row.classification));
    points::keep(&mut extra, "observer", given(&row.observer));
    points::keep(&mut extra, "reducer", given(&row.reducer));
    points::keep(&mut extra, "comments", given(&row.comments));
    let spectrum = Spectroscopy {
        wavelength: row.wavelength.clone(),
        wavelength_unit: Some(row.wavelength_units.clone().unwrap_or_default().to_string().into()),
        flux: row.flux.clone(),
        error: row.flux_error.clone(),
        flux_unit: Some(row.flux_units.clone().unwrap_or_default().to_string().into()),
        telescope: word(&row.telescope),
        instrument: word(&row.instrument),
        source_id: None,
        extra,
    };
    Ok(Some((time, spectrum.into())))
}

fn astrometry(row: &HermesAstrometry) -> points::Read<Datum> {
    let time = date(row.date_obs.as_deref())?;
    let (Some(ra), Some(dec)) = (row.ra, row.dec) else { return Ok(None) };
    if !(-90.0..=90.0).contains(&dec) {
        let text = "the declination of the row is beyond a pole";
        return Err(Error::new(ErrorKind::Unreadable, text).with("dec", dec));
    }
    let arcsec = |error: Option<f64>, unit: &Option<AngleUnit>| {
        Some(error? * unit.clone().unwrap_or_default().arcsec()?)
    };
    let place = Astrometry {
        ra: sky::wrap_degrees(ra),
        dec,
        ra_error: arcsec(row.ra_error, &row.ra_error_units),
        dec_error: arcsec(row.dec_error, &row.dec_error_units),
        telescope: word(&row.telescope).or_else(|| word(&row.instrument)),
        source_id: None,
    };
    Ok(Some((time, place.into())))
}
