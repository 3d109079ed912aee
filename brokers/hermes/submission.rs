//! From a target, an observation and data to a message: `HermesSubmission`.

use super::hopskotch::{
    HermesAstrometry, HermesData, HermesDiscovery, HermesMessage, HermesPhotometry, HermesReference,
    HermesSpectrum, HermesTarget, TOPIC_DUE, TransientType, given, is_topic, moment,
};
use super::query::HermesConfig;
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
    /// TNS: the group that reports, by its name at TNS. Needed with `submit_to_tns`.
    #[garde(skip)]
    #[schemars(title = "Reporting group", extend("x-group" = "TNS"))]
    pub reporting_group: Option<String>,
    /// TNS: the group that discovered the object, by its name at TNS. Needed for a discovery.
    #[garde(skip)]
    #[schemars(title = "Discovery source", extend("x-group" = "TNS"))]
    pub discovery_source: Option<String>,
    /// TNS: what the object is thought to be. Needed for a discovery.
    #[garde(skip)]
    #[schemars(title = "Transient type", extend("x-group" = "TNS", "x-hints" = TransientType::WORDS))]
    pub transient_type: Option<String>,
    /// TNS: whether it is a new object. Needed for a discovery.
    #[garde(skip)]
    #[schemars(title = "New discovery", extend("x-group" = "TNS"))]
    pub new_discovery: bool,
    /// TNS: where the last non-detection is from, where the data have no limit.
    #[garde(skip)]
    #[schemars(title = "Non-detection source", extend("x-group" = "TNS"))]
    pub nondetection_source: Option<String>,
    /// TNS: remarks on the last non-detection.
    #[garde(skip)]
    #[schemars(title = "Non-detection comments", extend("x-group" = "TNS"))]
    pub nondetection_comments: Option<String>,
    /// Whether Hermes shall report it to the Minor Planet Center too, which it does not do yet.
    #[garde(skip)]
    #[schemars(title = "Submit to MPC")]
    pub submit_to_mpc: bool,
    /// Whether Hermes shall send it as a GCN circular too; needs your GCN account in your profile there.
    #[garde(skip)]
    #[schemars(title = "Submit to GCN")]
    pub submit_to_gcn: bool,
}

impl Form for HermesSubmission {
    fn rules(&self, rules: &mut Rules<'_>) {
        rules.check(&["topic"], given(&self.topic).is_none_or(is_topic), TOPIC_DUE);
        let group = !self.submit_to_tns || given(&self.reporting_group).is_some();
        rules.check(&["reporting_group"], group, "must be given with submit_to_tns");
        let known = given(&self.transient_type).is_none_or(|word| TransientType::from(word).is_known());
        let text = format!("must be one of {}", TransientType::WORDS.join(", "));
        rules.check(&["transient_type"], known, text);
    }
}

impl HermesSubmission {
    /// The message that submitting this would send, not yet checked.
    ///
    /// Targets, photometry, spectra and positions become rows; a target's extras, parallax, absolute
    /// magnitude and slope, for which Hermes has no column, become `data.extra_data`, and an
    /// observation `data.extra_data.observation` without its parameters. All of it becomes public.
    /// A magnitude without a system is taken for AB, as Hermes takes it; a spectrum without units is
    /// refused, as Hermes would take it for mJy and nm. Fluxes and wavelengths in other units are
    /// converted to those of Hermes.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] with everything that cannot become a message, at once.
    pub fn message(&self, what: Upstream<'_>, config: &HermesConfig) -> Result<HermesMessage> {
        let (message, faults) = build(what, self, config);
        if faults.is_empty() { Ok(message) } else { Err(Error::from_problems(ErrorKind::Input, faults)) }
    }

    /// What is said of a new object; `None` where nothing is.
    fn discovery(&self) -> Option<HermesDiscovery> {
        let text = |text: &Option<String>| given(text).map(str::to_owned);
        let info = HermesDiscovery {
            reporting_group: text(&self.reporting_group),
            discovery_source: text(&self.discovery_source),
            transient_type: given(&self.transient_type).map(TransientType::from),
            nondetection_source: text(&self.nondetection_source),
            nondetection_comments: text(&self.nondetection_comments),
            ..HermesDiscovery::default()
        };
        (info != HermesDiscovery::default()).then_some(info)
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
    for row in &mut data.targets {
        row.discovery_info = form.discovery();
        row.new_discovery = form.new_discovery.then_some(true);
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
        if let Err(error) = push_datum(datum, owner, form, &mut data) {
            faults.push(Problem::new(format!("data[{index}]"), error.message().to_owned()));
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
) -> Result<()> {
    let time = datum.timestamp;
    let or_form = |own: Option<String>, form: &Option<String>| own.or_else(|| given(form).map(str::to_owned));
    match &datum.value {
        Datum::Photometry(point) => {
            let row = HermesPhotometry::from_point(time, point)?;
            data.photometry.push(HermesPhotometry {
                target_name: owner.to_owned(),
                telescope: or_form(row.telescope, &form.telescope),
                instrument: or_form(row.instrument, &form.instrument),
                ..row
            });
        }
        Datum::Spectroscopy(spectrum) => {
            let row = HermesSpectrum::from_spectrum(time, spectrum)?;
            data.spectroscopy.push(HermesSpectrum {
                target_name: owner.to_owned(),
                telescope: or_form(row.telescope, &form.telescope),
                instrument: or_form(row.instrument, &form.instrument),
                ..row
            });
        }
        Datum::Astrometry(place) => {
            let row = HermesAstrometry::from_place(time, place);
            data.astrometry.push(HermesAstrometry {
                target_name: owner.to_owned(),
                telescope: or_form(row.telescope, &form.telescope),
                instrument: given(&form.instrument).map(str::to_owned),
                ..row
            });
        }
        _ => {
            let text = "Hermes takes photometry, spectroscopy and astrometry only";
            return Err(Error::new(ErrorKind::Input, text));
        }
    }
    Ok(())
}
