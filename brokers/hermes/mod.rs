//! Hermes: targets, messages and non-localised events of Hopskotch, and publishing to it.
//!
//! Hermes reads what people and TOMs publish through SCiMMA's Hopskotch, indexes the targets and
//! events that messages name, and publishes messages: text with tables of targets, photometry,
//! spectra and positions. `search` in a query says which of its four listings is asked.
//!
//! ```
//! use tom_alerts::brokers::hermes::{Hermes, HermesConfig, HermesQuery, Search};
//! use tom_alerts::plugin::*;
//!
//! let hermes = Hermes::new(HermesConfig::default())?;
//! let query = HermesQuery {
//!     search: Search::Archive,
//!     topics: vec!["hermes.photometry".into()],
//!     ..HermesQuery::default()
//! };
//! let request = hermes.listing(&query, &Cursor::default())?;
//! assert_eq!(request.url().path(), "/api/v0/query/");
//! # Ok::<(), Error>(())
//! ```
//!
//! # Configuration
//!
//! `[brokers.Hermes]` ([`HermesConfig`]). The archive can be asked without any of it.
//!
//! | key | what |
//! |---|---|
//! | `api_key` | token of your profile page: log in at <https://hermes.lco.global/> with a SCiMMA account. Due for targets, messages, events and every submission. It gives whoever has it your right to publish |
//! | `base_url` | `https://hermes.lco.global/`; the development server `https://hermes-dev.lco.global/` takes test topics alone |
//! | `topic`, `submitter`, `authors` | what a submission says that names none |
//! | `max_messages` | messages read for the data of one name: 200 |
//!
//! A TOM's `HERMES_API_KEY`, `HERMES_CONFIGURATION` and `DATA_SHARING["hermes"]` are read. To publish, the account also
//! needs a credential of Hopskotch, which Hermes makes at the first login, and the right to write to the topic.
//!
//! `cargo run --example alerts -- --demo fetch Hermes` asks a recorded Hermes.
//!
//! # What comes as what
//!
//! | of Hermes | here |
//! |---|---|
//! | target | `id` is Hermes' number of a name at one position; the name is the object. Asked for by itself it brings its newest message along, with time, magnitude, aliases, proper motion |
//! | message | `id` is its uuid, name and position those of its first target |
//! | event | `id` is its event id; it has no position, so it cannot become a target |
//! | `event.far` of the last announcement | [`GenericAlert::score`], Hz; none after a retraction |
//! | `event.classification` | [`Classification`]s of the event |
//! | tables of a message | points, as [`hopskotch`] says, the same with SCIMMA |
//! | newest `date_obs` of the object in the message, else when it was published | [`Provenance::observed_at`]; none in listings without bodies |
//! | `bandpass` | the filter, as it is: Hermes' bands are free text |
//!
//! # What to know
//!
//! - Since June 2026 targets, messages and events need a token (`api_key`); the archive, the topics and
//!   a message by its uuid do not, unless they are private. Submitting always does.
//! - Hermes knows an object by its names only. A target is listed once for each position that was
//!   published of it, so a name may come often. Targets without a position, or with an ra or dec of
//!   exactly 0, are in no list of targets.
//! - What is published on `tomtoolkit.*` is in the archive only, never among targets and messages. A name
//!   that is in no index is searched for in the archive, which needs no token.
//! - Reduced data of a target are those of every message that names it, up to `max_messages` of them, and
//!   the newest message counts. Without a token they are searched for in the archive by the name. Each
//!   point's `source_location` is the uuid of its message.
//! - The archive comes newest first; of a name in several messages a run that saves them keeps what was
//!   observed last, and targets asked for by themselves have what the newest message says.
//! - Targets that come in while a listing is read, newest first, push others over to the next page, and a
//!   filter by event, name or place may give one row several times: such rows come once here, except
//!   events on different pages, which come in no promised order. Then the service's count is not that of
//!   the rows, and no total is given.
//! - `start` and `end` count to the millisecond, and both themselves count in. `&` and `#` cannot be
//!   searched for: Hermes cannot pass them on to the archive.
//! - A message that its sender took back (listed with `include_retracted`) is an alert without data.
//! - Positions are sent in decimal degrees: Hermes reads a sexagesimal declination as hours. Fluxes and
//!   wavelengths in units that it does not take are converted.
//! - Whatever is submitted is checked here and by Hermes, and its topic by those that the account may
//!   write to, before it is published. It is published when Hermes has answered with a uuid; its status
//!   200 alone says nothing. A failure at Kafka, TNS or GCN may come after publishing, so the error says
//!   to look before sending again.
//! - `submit_to_tns` reports a discovery: `reporting_group`, `discovery_source`, `transient_type` and
//!   `new_discovery` are for it. A classification needs the spectrum as a file, and files cannot be
//!   uploaded here; the broker TNS can report one.
//! - Uploading files, taking a message back, and reading the Kafka topics are not here.
//!
//! # Documents
//!
//! - Hermes and its help: <https://hermes.lco.global/>; source: <https://github.com/LCOGT/hermes>
//! - TOM Toolkit's side: <https://github.com/TOMToolkit/tom_hermes>
//! - Hopskotch: [`scimma`](super::scimma), <https://scimma.org/>
//!
//! Checked on 2026-11-30: server of 2026-08-07.

mod endpoints;
mod errors;
mod listing;
mod names;
mod object;
mod packet;
mod publish;
mod query;
mod services;
mod submission;
mod times;

use endpoints::Endpoints;
use names::is_number;

use super::hopskotch;
use crate::plugin::*;

pub use hopskotch::{
    AngleUnit, Body, BrightnessUnit, DistanceUnit, FluxType, FluxUnit, HermesAstrometry, HermesData,
    HermesDiscovery, HermesElements, HermesFile, HermesMessage, HermesPhotometry, HermesReference,
    HermesSpectrum, HermesTarget, PeriodUnit, SpectrumType, TransientType, WavelengthUnit,
};
pub use packet::{
    Annotations, EventLink, EventSequence, GravitationalWave, HermesPacket, MessageLink, MessageTargets,
    Metadata, PacketKind, SequenceData, TargetBase,
};
pub use query::{HermesConfig, HermesQuery, Order, Search};
pub use services::{Heartbeat, Preloaded, Profile, Topics};
pub use submission::HermesSubmission;

/// Hermes over HTTP.
pub type HermesBroker = Client<Hermes>;

const NAME: &str = "Hermes";

/// How Hermes is spoken.
#[derive(Debug, Clone)]
pub struct Hermes {
    endpoints: Endpoints,
    config: HermesConfig,
}

impl Protocol for Hermes {
    const INFO: &'static BrokerInfo = &BrokerInfo::new(
        NAME,
        "Targets, messages and non-localised events of Hopskotch, and publishing to it",
        "https://hermes.lco.global/",
    )
    .aliases(&[
        "tom_hermes.hermes.HermesBroker",
        "tom_alerts.brokers.hermes.HermesBroker",
        "HermesBroker",
        "tom_hermes.dataservices.hermes.HermesDataService",
        "HermesDataService",
    ])
    .config_keys(&[
        ("HERMES_API_KEY", "api_key"),
        ("HERMES_API_TOKEN", "api_key"),
        ("HERMES_BASE_URL", "base_url"),
        ("HERMES_API_URL", "base_url"),
        ("HERMES_CONFIGURATION", "*"),
        ("DATA_SHARING.hermes", "*"),
    ])
    .checked("2026-11-30", "server of 2026-08-07")
    .score("false alarm rate in Hz of a non-localised event as last announced; none for all else")
    .can(Capabilities {
        list: true,
        one: true,
        reduced_data: true,
        classifications: true,
        submit: true,
        cone: true,
        name: true,
        credentials: true,
        ..Capabilities::NONE
    });
    type Config = HermesConfig;
    type Query = HermesQuery;
    type Packet = HermesPacket;
    type Submission = HermesSubmission;

    fn new(config: HermesConfig) -> Result<Self> {
        Ok(Self { endpoints: Endpoints::new(&config)?, config })
    }

    fn listing(&self, query: &HermesQuery, at: &Cursor) -> Result<Request> {
        listing::request(&self.endpoints, query, at)
    }

    fn page(&self, query: &HermesQuery, at: &Cursor, response: Response) -> Result<Page<HermesPacket>> {
        listing::page(&self.endpoints, query, at, &response)
    }

    fn to_generic_alert(&self, alert: &Alert<HermesPacket>) -> Result<GenericAlert> {
        let generic = alert.generic()?;
        let url = match alert.kind() {
            Some(PacketKind::Target) => self.endpoints.target_page(&generic.id),
            Some(PacketKind::Event) => self.endpoints.event_page(&generic.id),
            _ => self.endpoints.message_page(&generic.id),
        };
        Ok(GenericAlert { url: Some(url), ..generic })
    }

    fn to_target(&self, alert: &Alert<HermesPacket>, generic: &GenericAlert) -> Result<Target> {
        alert.target(generic)
    }

    fn provenance(&self, alert: &Alert<HermesPacket>, generic: &GenericAlert) -> Provenance {
        alert.provenance(generic)
    }

    fn alert(&self, id: &str) -> Result<Call<Alert<HermesPacket>>> {
        self.one(id)
    }

    fn recognises(&self, name: &str) -> bool {
        // Its own numbers may be anything elsewhere.
        !name.trim().is_empty() && !is_number(name.trim())
    }

    fn reduced_data(&self, subject: Subject<'_, HermesPacket>) -> Result<Call<ReducedData>> {
        self.data_of(subject)
    }

    fn classifications(&self, subject: Subject<'_, HermesPacket>) -> Result<Call<Vec<Classification>>> {
        self.classes_of(subject)
    }

    fn submit(&self, what: Upstream<'_>, form: &HermesSubmission) -> Result<Call<Receipt>> {
        self.submit_message(&submission::whole(what, form, &self.config)?)
    }

    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<Vec<HermesQuery>> {
        Ok(vec![HermesQuery { ra: Some(ra), dec: Some(dec), radius: Some(radius), ..HermesQuery::default() }])
    }

    fn name_query(&self, name: &str) -> Result<Vec<HermesQuery>> {
        Ok(vec![HermesQuery { target_name_exact: Some(name.to_owned()), ..HermesQuery::default() }])
    }

    fn explain(&self, response: &Response) -> Option<Error> {
        errors::explain(response)
    }
}
