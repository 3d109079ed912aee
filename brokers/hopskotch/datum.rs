//! From points of this crate to rows of a message.

use super::rows::{HermesAstrometry, HermesPhotometry, HermesSpectrum};
use super::units;
use super::words::{
    AngleUnit, BrightnessUnit, FluxType, FluxUnit, SpectrumType, WavelengthUnit, given, moment,
};
use crate::plugin::*;

fn fault<T>(text: &'static str) -> Result<T> {
    Err(Error::new(ErrorKind::Input, text))
}

fn text_of(extra: &Extra, key: &str) -> Option<String> {
    extra.get(key).as_ref().and_then(Value::as_str).map(str::to_owned)
}

fn number_of(extra: &Extra, key: &str) -> Option<f64> {
    extra.get(key).and_then(|value| value.as_f64())
}

impl HermesPhotometry {
    /// The row of a point: its magnitude, else its flux, else its limit. Fluxes in units that Hermes does
    /// not take are converted to mJy or erg / s / cm² / Å. The row names no target yet.
    ///
    /// A magnitude without a system is taken for AB, as Hermes takes it.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for a flux in no unit of flux density, and for a negative difference
    /// without its flux.
    pub fn from_point(time: DateTime<Utc>, point: &Photometry) -> Result<Self> {
        let mut row = Self {
            date_obs: Some(moment(time)),
            telescope: given(&point.telescope).map(str::to_owned),
            instrument: given(&point.instrument).map(str::to_owned),
            bandpass: Some(point.filter.to_string()),
            exposure_time: number_of(&point.extra, "exposure_time"),
            observer: text_of(&point.extra, "observer"),
            comments: text_of(&point.extra, "comments"),
            catalog: text_of(&point.extra, "catalog"),
            ..Self::default()
        };
        let magnitudes = point.unit.as_deref().map(BrightnessUnit::from);
        if let Some(magnitude) = point.magnitude {
            row.brightness = Some(magnitude);
            row.brightness_error = point.error;
            row.brightness_unit = Some(magnitudes.clone().unwrap_or_default());
        } else if let (Some(flux), None) = (point.flux, point.limit) {
            let Some((unit, size)) = point.flux_unit.as_deref().and_then(units::flux) else {
                return fault("the flux has no unit that Hermes takes: a flux density, such as mJy");
            };
            row.brightness = Some(size.times(flux));
            row.brightness_error = point.flux_error.map(|error| size.times(error));
            row.brightness_unit = Some(BrightnessUnit::from(unit));
        } else if point.negative_magnitude.is_some() {
            return fault("a negative difference without its flux is no brightness; leave it out");
        }
        if let Some(limit) = point.limit.or(point.limiting_magnitude) {
            row.limiting_brightness = Some(limit);
            row.limiting_brightness_error = number_of(&point.extra, "limit_error");
            row.limiting_brightness_unit = Some(magnitudes.unwrap_or_default());
        }
        Ok(row)
    }
}

impl HermesSpectrum {
    /// The row of a spectrum. Fluxes and wavelengths in units that Hermes does not take are converted:
    /// to mJy or erg / s / cm² / Å, to nm or Hz. The row names no target yet.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] without units, which Hermes would take for mJy and nm, and with units that
    /// are none of flux density and of wavelength or frequency.
    pub fn from_spectrum(time: DateTime<Utc>, spectrum: &Spectroscopy) -> Result<Self> {
        let Some(flux_unit) = given(&spectrum.flux_unit) else {
            return fault("the fluxes of the spectrum have no unit");
        };
        let Some(wavelength_unit) = given(&spectrum.wavelength_unit) else {
            return fault("the wavelengths of the spectrum have no unit");
        };
        let Some((flux_word, flux_size)) = units::flux(flux_unit) else {
            return fault(
                "the fluxes of the spectrum have no unit that Hermes takes: a flux density, such as mJy",
            );
        };
        let Some((wavelength_word, wavelength_size)) = units::wavelength(wavelength_unit) else {
            return fault("the wavelengths of the spectrum have no unit of wavelength or frequency");
        };
        let scaled = |list: &[f64], size: units::Size| list.iter().map(|value| size.times(*value)).collect();
        let flux_units = FluxUnit::from(flux_word);
        let flux_type = text_of(&spectrum.extra, "flux_type").as_deref().map(FluxType::from);
        // Hermes' default is by wavelength, which janskys are not.
        let by_frequency = (flux_units == FluxUnit::MilliJansky).then_some(FluxType::NuLetters);
        Ok(Self {
            date_obs: Some(moment(time)),
            telescope: given(&spectrum.telescope).map(str::to_owned),
            instrument: given(&spectrum.instrument).map(str::to_owned),
            flux: scaled(&spectrum.flux, flux_size),
            flux_error: scaled(&spectrum.error, flux_size),
            flux_units: Some(flux_units),
            flux_type: flux_type.or(by_frequency),
            wavelength: scaled(&spectrum.wavelength, wavelength_size),
            wavelength_units: Some(WavelengthUnit::from(wavelength_word)),
            spec_type: text_of(&spectrum.extra, "spec_type").as_deref().map(SpectrumType::from),
            setup: text_of(&spectrum.extra, "setup"),
            exposure_time: number_of(&spectrum.extra, "exposure_time"),
            classification: text_of(&spectrum.extra, "classification"),
            comments: text_of(&spectrum.extra, "comments"),
            observer: text_of(&spectrum.extra, "observer"),
            reducer: text_of(&spectrum.extra, "reducer"),
            ..Self::default()
        })
    }
}

impl HermesAstrometry {
    /// The row of a position. It names no target yet.
    #[must_use]
    pub fn from_place(time: DateTime<Utc>, place: &Astrometry) -> Self {
        Self {
            date_obs: Some(moment(time)),
            telescope: given(&place.telescope).map(str::to_owned),
            ra: Some(place.ra),
            dec: Some(place.dec),
            ra_error: place.ra_error,
            dec_error: place.dec_error,
            ra_error_units: place.ra_error.map(|_| AngleUnit::Arcsec),
            dec_error_units: place.dec_error.map(|_| AngleUnit::Arcsec),
            ..Self::default()
        }
    }
}
