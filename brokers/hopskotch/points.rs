//! From the tables of a message to light curves, spectra and positions.

use super::message::HermesMessage;
use super::rows::{HermesAstrometry, HermesPhotometry, HermesSpectrum};
use super::units::{self, Size, spelt_here};
use super::words::{AngleUnit, BrightnessUnit, FluxType, SpectrumType, given, instant};
use crate::plugin::flux::Unit;
use crate::plugin::*;

impl HermesMessage {
    /// The points in the message as data of the broker `source`: each named after its own target, or
    /// only those of one target, by its name or an alias.
    ///
    /// `location` becomes each point's [`source_location`](ReducedDatum::source_location): where the
    /// message is. A row that is no point is one failure, and the rest goes on. A row without a
    /// target's name is of the only target of the message. A brightness without a unit is an AB
    /// magnitude and a magnitude of exactly 0 is none, as for Hermes. Fluxes stay fluxes, and janskys
    /// become AB magnitudes or limits beside them where there is an error.
    #[must_use]
    pub fn reduced_data(&self, source: &'static str, location: &str, only: Option<&str>) -> ReducedData {
        let only = only.map(|only| self.owner(only));
        let mut table = Table { source, location, only, data: ReducedData::default(), empty: 0 };
        let mut left_out = LeftOut { values: self.data.left_out, ..LeftOut::default() };
        for (index, row) in self.data.photometry.iter().enumerate() {
            table.take(("photometry", index), self.owner(&row.target_name), || photometry(row));
        }
        for (index, row) in self.data.spectroscopy.iter().enumerate() {
            table
                .take(("spectroscopy", index), self.owner(&row.target_name), || spectrum(row, &mut left_out));
        }
        for (index, row) in self.data.astrometry.iter().enumerate() {
            table.take(("astrometry", index), self.owner(&row.target_name), || astrometry(row));
        }
        let Table { mut data, empty, .. } = table;
        for fault in &self.data.unreadable {
            let error = Error::new(ErrorKind::Unreadable, fault.to_string());
            data.failures.push(error.with("message", location));
        }
        if empty > 0 {
            let rows = if empty == 1 { "row" } else { "rows" };
            data.notes.push(format!("{empty} {rows} of {location} without a value left out"));
        }
        left_out.tell(location, &mut data.notes);
        for file in
            self.data.spectroscopy.iter().filter(|row| row.flux.is_empty()).flat_map(|row| &row.file_info)
        {
            let name = file.name.as_deref().unwrap_or("without a name");
            let at = file.url.as_deref().map_or_else(String::new, |url| format!(" at {url}"));
            data.notes.push(format!("a spectrum is in the file {name}{at}"));
        }
        // A row has no id of its own.
        data.told_apart(location).sorted()
    }

    /// The name of the target that a row is of: a target's own name, by that or an alias; the only
    /// target's for a row that names none.
    pub(super) fn owner<'a>(&'a self, named: &'a str) -> &'a str {
        let targets = &self.data.targets;
        match (named.trim(), &targets[..]) {
            ("", [only]) => &only.name,
            (name, _) => {
                let own = targets.iter().find(|target| target.name == name);
                let alias = || targets.iter().find(|target| target.aliases.iter().any(|alias| alias == name));
                own.or_else(alias).map_or(name, |target| target.name.as_str())
            }
        }
    }
}

/// The rows of a message on their way to points.
struct Table<'a> {
    source: &'static str,
    location: &'a str,
    only: Option<&'a str>,
    data: ReducedData,
    empty: usize,
}

impl Table<'_> {
    fn take(&mut self, row: (&str, usize), owner: &str, read: impl FnOnce() -> points::Read<Datum>) {
        if self.only.is_some_and(|only| only != owner && !owner.is_empty()) {
            return;
        }
        let read = match owner {
            "" => Err(Error::new(ErrorKind::Unreadable, "the row does not say which target it is of")),
            _ => read(),
        };
        match read {
            Ok(Some((timestamp, value))) => {
                let datum = ReducedDatum::new(owner, self.source, self.location, timestamp, value);
                self.data.points.push(datum);
            }
            Ok(None) => self.empty += 1,
            Err(error) => {
                let place = format!("data.{}[{}]", row.0, row.1);
                self.data.failures.push(error.with("row", place).with("message", self.location));
            }
        }
    }
}

/// What was left out of rows that stay.
#[derive(Default)]
struct LeftOut {
    values: usize,
    pixels: usize,
    errors: usize,
}

impl LeftOut {
    fn tell(&self, location: &str, notes: &mut Vec<String>) {
        for (count, one, many, why) in [
            (self.values, "value", "values", "of another type than expected"),
            (self.pixels, "pixel of a spectrum", "pixels of spectra", "without a flux or a wavelength"),
            (self.errors, "list of errors", "lists of errors", "that do not match the fluxes"),
        ] {
            if count > 0 {
                let what = if count == 1 { one } else { many };
                notes.push(format!("{location}: {count} {what} left out {why}"));
            }
        }
    }
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

pub(super) fn photometry(row: &HermesPhotometry) -> points::Read<Datum> {
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
    let known = units::brightness(word.as_str());
    // A brightness of 0 counts as missing for Hermes; a flux of 0 with its error is a measurement.
    let measured = match known {
        Some((Unit::Magnitude(_), _)) => points::magnitude(row.brightness).filter(|value| *value != 0.0),
        _ => row.brightness.filter(|flux| *flux != 0.0 || row.brightness_error.is_some()),
    };
    let Some(value) = measured else { return Ok(None) };
    let text = "the unit of the brightness is not known";
    let (unit, size) = known.ok_or_else(|| no_unit(text, "brightness_unit", &word))?;
    let error = row.brightness_error.map(|error| size.times(error));
    Ok(Some(Photometry::measured(size.times(value), error, unit)))
}

/// A limit stands by itself, or is the depth of what was measured.
fn limit(point: &mut Photometry, row: &HermesPhotometry) -> Result<()> {
    let word = row.limiting_brightness_unit.clone().unwrap_or_default();
    let unit = units::brightness(word.as_str());
    let is_magnitude = matches!(unit, Some((Unit::Magnitude(_), _)));
    let value = row.limiting_brightness.filter(|value| *value != 0.0);
    let value = if is_magnitude { points::magnitude(value) } else { value };
    let Some(value) = value else { return Ok(()) };
    let measured = point.magnitude.is_some() || point.flux.is_some();
    let added = unit.is_some_and(|(unit, size): (_, Size)| point.add_depth(size.times(value), unit));
    if !added && !measured {
        let text = "the limit is in a unit that does not become a magnitude";
        return Err(no_unit(text, "limiting_brightness_unit", &word));
    }
    if !added && measured || added && !is_magnitude {
        points::keep(&mut point.extra, "limiting_brightness", Some(value));
        points::keep(&mut point.extra, "limiting_brightness_unit", Some(spelt_here(word.as_str())));
    }
    if added && !measured {
        points::keep(&mut point.extra, "limit_error", points::magnitude_error(row.limiting_brightness_error));
    }
    Ok(())
}

fn spectrum(row: &HermesSpectrum, left_out: &mut LeftOut) -> points::Read<Datum> {
    let time = date(row.date_obs.as_deref())?;
    if row.flux.is_empty() {
        return Ok(None);
    }
    if row.flux.len() != row.wavelength.len() {
        let text = "the spectrum has not as many fluxes as wavelengths";
        return Err(Error::new(ErrorKind::Unreadable, text));
    }
    let whole = |at: &usize| row.flux[*at].is_finite() && row.wavelength[*at].is_finite();
    let kept: Vec<usize> = (0..row.flux.len()).filter(whole).collect();
    if kept.is_empty() {
        return Ok(None);
    }
    left_out.pixels += row.flux.len() - kept.len();
    let of = |list: &[f64]| kept.iter().filter_map(|at| list.get(*at).copied()).collect::<Vec<_>>();
    let mut error = of(&row.flux_error);
    if row.flux_error.len() != row.flux.len() || error.iter().any(|error| !error.is_finite()) {
        left_out.errors += usize::from(!row.flux_error.is_empty());
        error.clear();
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
        wavelength: of(&row.wavelength),
        wavelength_unit: Some(spelt_here(row.wavelength_units.clone().unwrap_or_default().as_str()).into()),
        flux: of(&row.flux),
        error,
        flux_unit: Some(spelt_here(row.flux_units.clone().unwrap_or_default().as_str()).into()),
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

/// An error of a position in arcsec; none in a unit that is none.
pub(super) fn arcsec(error: Option<f64>, unit: &Option<AngleUnit>) -> Option<f64> {
    Some(error? * unit.clone().unwrap_or_default().arcsec()?)
}
