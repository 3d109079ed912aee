//! From a target, an observation and data to a message: `HermesSubmission`.

use super::message::{HermesData, HermesMessage};
use super::query::HermesConfig;
use super::rows::*;
use super::words::{
    AngleUnit, BrightnessUnit, FluxType, FluxUnit, SpectrumType, WavelengthUnit, given, moment,
};
use crate::plugin::*;

/// What a message says beside its target and data.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct HermesSubmission {
    /// Title of the message. Default: `Updated data for` the target, or `Observation of` it.
    #[garde(skip)]
    #[schemars(title = "Title")]
    pub title: Option<String>,
    /// Topic to publish on; your profile page lists those you may write to. Default: that of the
    /// configuration.
    #[garde(skip)]
    #[schemars(title = "Topic", extend(
        "x-hints" = ["hermes.message", "hermes.photometry", "hermes.spectroscopy", "hermes.test", "tomtoolkit.test"]
    ))]
    pub topic: Option<String>,
    /// Who submits. Default: that of the configuration.
    #[garde(skip)]
    #[schemars(title = "Submitter")]
    pub submitter: Option<String>,
    /// Authors. Default: those of the configuration.
    #[garde(skip)]
    #[schemars(title = "Authors")]
    pub authors: Option<String>,
    /// Text of the message.
    #[garde(skip)]
    #[schemars(title = "Message", extend("x-alias" = ["message"]))]
    pub message_text: Option<String>,
    /// The non-localised event that it is about.
    #[garde(skip)]
    #[schemars(title = "Event ID")]
    pub event_id: Option<String>,
    /// Addresses that it refers to.
    #[garde(skip)]
    #[schemars(title = "References")]
    pub references: Vec<Url>,
    /// Telescope of the data that name none; Hermes wants one, or an instrument.
    #[garde(skip)]
    #[schemars(title = "Telescope")]
    pub telescope: Option<String>,
    /// Instrument of the data that name none.
    #[garde(skip)]
    #[schemars(title = "Instrument")]
    pub instrument: Option<String>,
    /// Whether Hermes shall report it to TNS too; needs your bot in your profile there.
    #[garde(skip)]
    #[schemars(title = "Submit to TNS")]
    pub submit_to_tns: bool,
    /// Whether Hermes shall report it to the Minor Planet Center too, which it does not do yet.
    #[garde(skip)]
    #[schemars(title = "Submit to MPC")]
    pub submit_to_mpc: bool,
    /// Whether Hermes shall send it as a GCN circular too; needs your GCN account in your profile there.
    #[garde(skip)]
    #[schemars(title = "Submit to GCN")]
    pub submit_to_gcn: bool,
}

impl Form for HermesSubmission {}

impl HermesMessage {
    /// The message that submitting this would send, not yet checked.
    ///
    /// Targets, photometry, spectra and positions become rows; a target's extras, parallax, absolute
    /// magnitude and slope, for which Hermes has no column, become `data.extra_data`, and an
    /// observation `data.extra_data.observation` without its parameters. All of it becomes public.
    /// A magnitude without a system is taken for AB, as Hermes takes it; a spectrum without units is
    /// refused, as Hermes would take it for mJy and nm.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] with everything that cannot become a message, at once.
    pub fn of(what: Upstream<'_>, form: &HermesSubmission, config: &HermesConfig) -> Result<Self> {
        let (message, faults) = build(what, form, config);
        if faults.is_empty() { Ok(message) } else { Err(Error::from_problems(ErrorKind::Input, faults)) }
    }
}

/// The message that submitting this sends, or everything that is wrong with it at once.
pub(super) fn whole(
    what: Upstream<'_>,
    form: &HermesSubmission,
    config: &HermesConfig,
) -> Result<HermesMessage> {
    let (message, mut faults) = build(what, form, config);
    let told: Vec<String> = faults.iter().map(|fault| fault.field.clone()).collect();
    faults.extend(message.faults().into_iter().filter(|fault| !told.contains(&fault.field)));
    if faults.is_empty() { Ok(message) } else { Err(Error::from_problems(ErrorKind::Input, faults)) }
}

/// The message and what could not become part of it.
fn build(
    what: Upstream<'_>,
    form: &HermesSubmission,
    config: &HermesConfig,
) -> (HermesMessage, Vec<Problem>) {
    let mut faults = Vec::new();
    let observed = what.observation.map(|record| &record.target);
    let target = what.target.or(observed);
    if target.is_none() {
        let text = match what.data {
            [] => "give a target or an observation; there is nothing to submit",
            _ => "give the target of the data; Hermes takes no data without their target",
        };
        faults.push(Problem::new("target", text));
    }
    let mut data = HermesData {
        references: form.references.iter().map(reference).collect(),
        event_id: given(&form.event_id).map(str::to_owned),
        ..HermesData::default()
    };
    let mut extra = Map::new();
    if let Some(target) = target {
        push_target(target, &mut data, &mut extra, &mut faults);
    }
    if let (Some(target), Some(observed)) = (what.target, observed) {
        if target.name != observed.name {
            push_target(observed, &mut data, &mut extra, &mut faults);
        } else if target.position() != observed.position() {
            let text = "the target and the observation's target have one name and two positions";
            faults.push(Problem::new("observation.target", text));
        }
    }
    if let Some(record) = what.observation {
        extra.insert("observation".to_owned(), observation(record));
    }
    if !extra.is_empty() {
        data.extra.insert("extra_data".to_owned(), extra.into());
    }
    for (index, datum) in what.data.iter().enumerate() {
        let targets = [target, observed];
        let owner = targets.into_iter().flatten().find(|target| {
            datum.target == target.name || target.aliases.iter().any(|alias| datum.target == *alias)
        });
        let owner = owner.map_or(datum.target.as_str(), |target| target.name.as_str());
        if let Err(text) = push_datum(datum, owner, form, &mut data) {
            faults.push(Problem::new(format!("data[{index}]"), text));
        }
    }
    let name = target.map(|target| target.name.as_str()).unwrap_or_default();
    let title = match (given(&form.title), what.observation) {
        (Some(title), _) => title.to_owned(),
        (None, Some(record)) => format!("Observation of {name} by {}", record.facility),
        (None, None) => format!("Updated data for {name}"),
    };
    let of = |form: &Option<String>, config: &Option<String>| {
        given(form).or_else(|| given(config)).unwrap_or_default().to_owned()
    };
    let topic = of(&form.topic, &config.topic);
    let submitter = of(&form.submitter, &config.submitter);
    let lacking = |what: &str| format!("must be given here or as {what} of the configuration");
    if topic.is_empty() {
        faults.push(Problem::new("topic", lacking("topic")));
    }
    if submitter.is_empty() {
        faults.push(Problem::new("submitter", lacking("submitter")));
    }
    let message = HermesMessage {
        title,
        topic,
        submitter,
        message_text: given(&form.message_text).unwrap_or_default().to_owned(),
        authors: of(&form.authors, &config.authors),
        data,
        submit_to_tns: form.submit_to_tns.then_some(true),
        submit_to_mpc: form.submit_to_mpc.then_some(true),
        submit_to_gcn: form.submit_to_gcn.then_some(true),
    };
    (message, faults)
}

fn reference(url: &Url) -> HermesReference {
    HermesReference { url: Some(url.to_string()), ..HermesReference::default() }
}

fn push_target(
    target: &Target,
    data: &mut HermesData,
    extra: &mut Map<String, Value>,
    faults: &mut Vec<Problem>,
) {
    match HermesTarget::from_target(target) {
        Ok(row) => data.targets.push(row),
        Err(error) => faults.push(Problem::new("target", error.message().to_owned())),
    }
    for (key, value) in &target.extras {
        extra.insert(key.clone(), value.as_str().into());
    }
    match &target.coordinates {
        Coordinates::Sidereal(at) => points::keep(extra, "parallax", at.parallax),
        Coordinates::NonSidereal(orbit) => {
            points::keep(extra, "abs_mag", orbit.abs_mag);
            points::keep(extra, "slope", orbit.slope);
        }
    }
}

fn observation(record: &ObservationRecord) -> Value {
    let mut map = Map::new();
    points::keep(&mut map, "target_name", Some(record.target.name.as_str()));
    points::keep(&mut map, "facility", Some(record.facility.as_str()));
    points::keep(&mut map, "observation_id", Some(record.observation_id.as_str()));
    points::keep(&mut map, "status", Some(record.status.as_str()).filter(|status| !status.is_empty()));
    points::keep(&mut map, "scheduled_start", record.scheduled_start.map(moment));
    points::keep(&mut map, "scheduled_end", record.scheduled_end.map(moment));
    map.into()
}

/// One point as a row of the table it belongs to.
fn push_datum(
    datum: &ReducedDatum,
    owner: &str,
    form: &HermesSubmission,
    data: &mut HermesData,
) -> Result<(), String> {
    let date_obs = Some(moment(datum.timestamp));
    let or_form =
        |own: &Option<Text>, form: &Option<String>| given(own).or_else(|| given(form)).map(str::to_owned);
    match &datum.value {
        Datum::Photometry(point) => {
            let mut row = HermesPhotometry {
                target_name: owner.to_owned(),
                date_obs,
                telescope: or_form(&point.telescope, &form.telescope),
                instrument: or_form(&point.instrument, &form.instrument),
                bandpass: Some(point.filter.to_string()),
                exposure_time: point.extra.get("exposure_time").and_then(|time| time.as_f64()),
                observer: text_of(&point.extra, "observer"),
                comments: text_of(&point.extra, "comments"),
                catalog: text_of(&point.extra, "catalog"),
                ..HermesPhotometry::default()
            };
            measure(point, &mut row)?;
            data.photometry.push(row);
        }
        // Hermes would take what names no unit for mJy and nm.
        Datum::Spectroscopy(spectrum) if given(&spectrum.flux_unit).is_none() => {
            return Err("the fluxes of the spectrum have no unit".to_owned());
        }
        Datum::Spectroscopy(spectrum) if given(&spectrum.wavelength_unit).is_none() => {
            return Err("the wavelengths of the spectrum have no unit".to_owned());
        }
        Datum::Spectroscopy(spectrum) => data.spectroscopy.push(HermesSpectrum {
            target_name: owner.to_owned(),
            date_obs,
            telescope: or_form(&spectrum.telescope, &form.telescope),
            instrument: or_form(&spectrum.instrument, &form.instrument),
            flux: spectrum.flux.clone(),
            flux_error: spectrum.error.clone(),
            flux_units: spectrum.flux_unit.as_deref().map(FluxUnit::from),
            flux_type: text_of(&spectrum.extra, "flux_type").as_deref().map(FluxType::from),
            wavelength: spectrum.wavelength.clone(),
            wavelength_units: spectrum.wavelength_unit.as_deref().map(WavelengthUnit::from),
            spec_type: text_of(&spectrum.extra, "spec_type").as_deref().map(SpectrumType::from),
            setup: text_of(&spectrum.extra, "setup"),
            exposure_time: spectrum.extra.get("exposure_time").and_then(|time| time.as_f64()),
            classification: text_of(&spectrum.extra, "classification"),
            comments: text_of(&spectrum.extra, "comments"),
            observer: text_of(&spectrum.extra, "observer"),
            reducer: text_of(&spectrum.extra, "reducer"),
            ..HermesSpectrum::default()
        }),
        Datum::Astrometry(place) => data.astrometry.push(HermesAstrometry {
            target_name: owner.to_owned(),
            date_obs,
            telescope: or_form(&place.telescope, &form.telescope),
            instrument: given(&form.instrument).map(str::to_owned),
            ra: Some(place.ra),
            dec: Some(place.dec),
            ra_error: place.ra_error,
            dec_error: place.dec_error,
            ra_error_units: place.ra_error.map(|_| AngleUnit::Arcsec),
            dec_error_units: place.dec_error.map(|_| AngleUnit::Arcsec),
            ..HermesAstrometry::default()
        }),
        _ => return Err("Hermes takes photometry, spectroscopy and astrometry only".to_owned()),
    }
    Ok(())
}

fn text_of(extra: &Extra, key: &str) -> Option<String> {
    extra.get(key)?.as_str().map(str::to_owned)
}

/// The brightness of a point: its magnitude, else its flux, else its limit.
fn measure(point: &Photometry, row: &mut HermesPhotometry) -> Result<(), String> {
    let magnitudes = point.unit.as_deref().map(BrightnessUnit::from);
    if let Some(magnitude) = point.magnitude {
        row.brightness = Some(magnitude);
        row.brightness_error = point.error;
        row.brightness_unit = Some(magnitudes.clone().unwrap_or_default());
    } else if let (Some(flux), None) = (point.flux, point.limit) {
        let (unit, divisor) = flux_unit(point.flux_unit.as_deref())?;
        row.brightness = Some(flux / divisor);
        row.brightness_error = point.flux_error.map(|error| error / divisor);
        row.brightness_unit = Some(unit);
    } else if point.negative_magnitude.is_some() {
        return Err("a negative difference without its flux is no brightness; leave it out".to_owned());
    }
    if let Some(limit) = point.limit.or(point.limiting_magnitude) {
        row.limiting_brightness = Some(limit);
        row.limiting_brightness_error = point.extra.get("limit_error").and_then(|error| error.as_f64());
        row.limiting_brightness_unit = Some(magnitudes.unwrap_or_default());
    }
    Ok(())
}

/// Hermes' unit for a flux, and what the flux is to be divided by.
fn flux_unit(unit: Option<&str>) -> Result<(BrightnessUnit, f64), String> {
    let milli = BrightnessUnit::MilliJansky;
    match unit.map(str::trim).unwrap_or_default() {
        "nJy" => Ok((milli, 1e6)),
        "uJy" | "µJy" | "\u{3bc}Jy" => Ok((milli, 1e3)),
        "Jy" => Ok((milli, 1e-3)),
        unit => match BrightnessUnit::from(unit) {
            found @ (BrightnessUnit::MilliJansky | BrightnessUnit::ErgAngstrom) => Ok((found, 1.0)),
            _ => Err("the flux has no unit that Hermes takes: mJy, or erg / s / cm² / Å".to_owned()),
        },
    }
}
