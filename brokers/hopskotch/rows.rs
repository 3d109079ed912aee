//! The rows of a message in Hermes' format: references, targets, photometry, spectra, positions.

use super::words::*;
use crate::plugin::*;

/// Something that a message refers to: `source` with `citation`, or `url`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HermesReference {
    /// Where the citation is from, such as `GCN`; `hop_uuid` for another message, which must exist.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub source: Option<String>,
    /// The citation, or the uuid of the other message.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub citation: Option<String>,
    /// Where it can be read.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub url: Option<String>,
}

/// A file of a target or of a spectrum.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HermesFile {
    /// Its name, with the extension that says what it is.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub name: Option<String>,
    /// What is in it.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub description: Option<String>,
    /// Where it is. Hermes fails on a file without it, unless the file is uploaded along.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub url: Option<String>,
}

/// An orbit, heliocentric: five elements, and mean anomaly with semi-major axis or perihelion
/// distance with its epoch.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HermesElements {
    /// Epoch of the elements: MJD, JD or a date, as text.
    #[serde(deserialize_with = "date_text", skip_serializing_if = "blank")]
    pub epoch_of_elements: Option<String>,
    /// Inclination, degrees, 0 to 180.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub orbital_inclination: Option<f64>,
    /// Longitude of the ascending node, degrees, 0 to 360.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub longitude_of_the_ascending_node: Option<f64>,
    /// Argument of perihelion, degrees, 0 to 360.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub argument_of_the_perihelion: Option<f64>,
    /// Eccentricity, 0 or more.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub eccentricity: Option<f64>,
    /// Semi-major axis, au. Hermes takes exactly 0 for none.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub semimajor_axis: Option<f64>,
    /// Mean anomaly, degrees, 0 to 360. Hermes takes exactly 0 for none.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub mean_anomaly: Option<f64>,
    /// Perihelion distance, au. Hermes takes exactly 0 for none.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub perihelion_distance: Option<f64>,
    /// Time of perihelion: MJD, JD or a date, as text.
    #[serde(deserialize_with = "date_text", skip_serializing_if = "blank")]
    pub epoch_of_perihelion: Option<String>,
}

/// What is said of a new object when it is reported to TNS.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HermesDiscovery {
    /// When it was found.
    #[serde(deserialize_with = "date_text", skip_serializing_if = "blank")]
    pub date: Option<String>,
    /// The group that reports, one of TNS' groups.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub reporting_group: Option<String>,
    /// The group that found it, one of TNS' groups.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub discovery_source: Option<String>,
    /// What it is thought to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transient_type: Option<TransientType>,
    /// How long the report is proprietary.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub proprietary_period: Option<f64>,
    /// Unit of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proprietary_period_units: Option<PeriodUnit>,
    /// Where the last non-detection is from, such as `Other`.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub nondetection_source: Option<String>,
    /// What is to be said of it.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub nondetection_comments: Option<String>,
}

/// An object of a message: a name, and a place or an orbit.
///
/// Positions are decimal degrees here and on the wire: Hermes reads a sexagesimal declination as
/// hours, so this crate never sends one.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HermesTarget {
    /// Its name, once in a message.
    #[serde(deserialize_with = "plain")]
    pub name: String,
    /// Right ascension, degrees, 0 to 360.
    #[serde(deserialize_with = "ra", skip_serializing_if = "Option::is_none")]
    pub ra: Option<f64>,
    /// Declination, degrees, −90 to 90.
    #[serde(deserialize_with = "dec", skip_serializing_if = "Option::is_none")]
    pub dec: Option<f64>,
    /// Error of the right ascension.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub ra_error: Option<f64>,
    /// Error of the declination.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub dec_error: Option<f64>,
    /// Unit of the error; degrees when it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ra_error_units: Option<AngleUnit>,
    /// Unit of the error; degrees when it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dec_error_units: Option<AngleUnit>,
    /// Proper motion in right ascension, **arcsec/yr**; [`Target`] has mas/yr.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub pm_ra: Option<f64>,
    /// Proper motion in declination, **arcsec/yr**.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub pm_dec: Option<f64>,
    /// Epoch of the position, Julian years as text; `2000.0` when it is not given.
    #[serde(deserialize_with = "date_text", skip_serializing_if = "blank")]
    pub epoch: Option<String>,
    /// The orbit, where there is no fixed place.
    #[serde(deserialize_with = "wire::value_or_none", skip_serializing_if = "Option::is_none")]
    pub orbital_elements: Option<HermesElements>,
    /// Whether it is new.
    #[serde(deserialize_with = "wire::flag_or_none", skip_serializing_if = "Option::is_none")]
    pub new_discovery: Option<bool>,
    /// What is said of a new object.
    #[serde(deserialize_with = "wire::value_or_none", skip_serializing_if = "Option::is_none")]
    pub discovery_info: Option<HermesDiscovery>,
    /// Distance.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub distance: Option<f64>,
    /// Its error.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub distance_error: Option<f64>,
    /// Unit of both; without it Hermes does not say what they are.
    #[serde(deserialize_with = "unit_or_none", skip_serializing_if = "Option::is_none")]
    pub distance_units: Option<DistanceUnit>,
    /// Redshift.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub redshift: Option<f64>,
    /// The host galaxy.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub host_name: Option<String>,
    /// Its redshift.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub host_redshift: Option<f64>,
    /// Other names.
    #[serde(deserialize_with = "wire::texts_or_none", skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Groups that it belongs to.
    #[serde(deserialize_with = "wire::texts_or_none", skip_serializing_if = "Vec::is_empty")]
    pub group_associations: Vec<String>,
    /// What is to be said of it.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub comments: Option<String>,
    /// Files about it.
    #[serde(deserialize_with = "listed", skip_serializing_if = "Vec::is_empty")]
    pub file_info: Vec<HermesFile>,
}

/// A point of a light curve: a brightness, a limit, or both.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HermesPhotometry {
    /// The object: the name of a target of the same message.
    #[serde(deserialize_with = "plain")]
    pub target_name: String,
    /// When: ISO 8601, or JD or MJD as text.
    #[serde(deserialize_with = "date_text", skip_serializing_if = "blank")]
    pub date_obs: Option<String>,
    /// The telescope; it or the instrument must be given.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub telescope: Option<String>,
    /// The instrument.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub instrument: Option<String>,
    /// The band, any text.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub bandpass: Option<String>,
    /// The brightness. Hermes takes exactly 0 for none.
    #[serde(deserialize_with = "wire::number", skip_serializing_if = "Option::is_none")]
    pub brightness: Option<f64>,
    /// Its error.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub brightness_error: Option<f64>,
    /// Unit of both; AB magnitudes when it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brightness_unit: Option<BrightnessUnit>,
    /// The limit, or the depth of a detection. Hermes takes exactly 0 for none.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub limiting_brightness: Option<f64>,
    /// Its error.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub limiting_brightness_error: Option<f64>,
    /// Unit of both; AB magnitudes when it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limiting_brightness_unit: Option<BrightnessUnit>,
    /// Exposure time, s.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub exposure_time: Option<f64>,
    /// Who observed.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub observer: Option<String>,
    /// What is to be said of it.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub comments: Option<String>,
    /// The catalogue of the calibration.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub catalog: Option<String>,
}

/// A spectrum: fluxes with their wavelengths, or files.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HermesSpectrum {
    /// The object: the name of a target of the same message.
    #[serde(deserialize_with = "plain")]
    pub target_name: String,
    /// When: ISO 8601, or JD or MJD as text.
    #[serde(deserialize_with = "date_text", skip_serializing_if = "blank")]
    pub date_obs: Option<String>,
    /// The telescope; it or the instrument must be given.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub telescope: Option<String>,
    /// The instrument.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub instrument: Option<String>,
    /// Fluxes. One that is missing is NaN.
    #[serde(deserialize_with = "numbers", skip_serializing_if = "Vec::is_empty")]
    pub flux: Vec<f64>,
    /// Their errors: none, or as many.
    #[serde(deserialize_with = "numbers_or_none", skip_serializing_if = "Vec::is_empty")]
    pub flux_error: Vec<f64>,
    /// Unit of both; mJy when it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flux_units: Option<FluxUnit>,
    /// Whether the flux is by wavelength or frequency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flux_type: Option<FluxType>,
    /// Wavelengths or frequencies, as many as fluxes.
    #[serde(deserialize_with = "numbers", skip_serializing_if = "Vec::is_empty")]
    pub wavelength: Vec<f64>,
    /// Their unit; nm when it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wavelength_units: Option<WavelengthUnit>,
    /// What it is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spec_type: Option<SpectrumType>,
    /// The setup of the instrument.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub setup: Option<String>,
    /// Exposure time, s.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub exposure_time: Option<f64>,
    /// The class that it shows.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub classification: Option<String>,
    /// How long it is proprietary.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub proprietary_period: Option<f64>,
    /// Unit of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proprietary_period_units: Option<PeriodUnit>,
    /// What is to be said of it.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub comments: Option<String>,
    /// Who observed.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub observer: Option<String>,
    /// Who reduced.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub reducer: Option<String>,
    /// Files of it.
    #[serde(deserialize_with = "listed", skip_serializing_if = "Vec::is_empty")]
    pub file_info: Vec<HermesFile>,
}

/// A measured position.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HermesAstrometry {
    /// The object: the name of a target of the same message.
    #[serde(deserialize_with = "plain")]
    pub target_name: String,
    /// When: ISO 8601, or JD or MJD as text.
    #[serde(deserialize_with = "date_text", skip_serializing_if = "blank")]
    pub date_obs: Option<String>,
    /// The telescope; it or the instrument must be given.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub telescope: Option<String>,
    /// The instrument.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub instrument: Option<String>,
    /// Right ascension, degrees.
    #[serde(deserialize_with = "ra", skip_serializing_if = "Option::is_none")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(deserialize_with = "dec", skip_serializing_if = "Option::is_none")]
    pub dec: Option<f64>,
    /// Error of the right ascension.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub ra_error: Option<f64>,
    /// Error of the declination.
    #[serde(deserialize_with = "wire::number_or_none", skip_serializing_if = "Option::is_none")]
    pub dec_error: Option<f64>,
    /// Unit of the error; degrees when it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ra_error_units: Option<AngleUnit>,
    /// Unit of the error; degrees when it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dec_error_units: Option<AngleUnit>,
    /// The observatory's code of the Minor Planet Center.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub mpc_sitecode: Option<String>,
    /// The catalogue of the positions.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub catalog: Option<String>,
    /// What is to be said of it.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "blank")]
    pub comments: Option<String>,
}

/// An empty text is no unit, not the default one.
fn unit_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DistanceUnit>, D::Error> {
    Ok(wire::text_or_none(from)?.map(|word| DistanceUnit::from(word.as_str())))
}

/// A number, also as its text. One that is missing is NaN, so that the others stay in their places.
#[derive(Deserialize)]
struct Number(#[serde(deserialize_with = "wire::number_or_none")] Option<f64>);

fn placed(numbers: Vec<Number>) -> Vec<f64> {
    numbers.into_iter().map(|Number(number)| number.unwrap_or(f64::NAN)).collect()
}

fn numbers<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
    wire::or_default(from).map(placed)
}

fn numbers_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
    Ok(wire::value_or_none(from)?.map(placed).unwrap_or_default())
}
