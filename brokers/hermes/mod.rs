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
//! # What comes as what
//!
//! | of Hermes | here |
//! |---|---|
//! | target | `id` is Hermes' number of it; asked for by itself it brings its newest message along, with time, magnitude, aliases, proper motion |
//! | message | `id` is its uuid, name and position those of its first target |
//! | event | `id` is its event id; no position, so it refuses to become a target |
//! | `event.far` of the last announcement | [`GenericAlert::score`], Hz; none after a retraction |
//! | `event.classification` | [`Classification`]s of the event |
//! | `brightness` in AB or Vega mag | magnitude; exactly 0 is none, as it is for Hermes |
//! | `brightness` in mJy | flux, with the AB magnitude or limit that follows from it and its error |
//! | `brightness` in erg / s / cm² / Å | flux; it is no magnitude |
//! | `limiting_brightness` | a limit, or the depth of a detection |
//! | `date_obs` | UTC; ISO 8601, JD or MJD |
//! | `bandpass` | the filter, as it stands: Hermes' bands are free text |
//!
//! # What to know
//!
//! - Since June 2026 targets, messages and events need a token (`api_key`); the archive, the topics and
//!   a message by its uuid do not, unless they are private. Submitting always does.
//! - A target comes once for each position that was published of it, so a name may come often.
//!   Targets without a position, or with an ra or dec of exactly 0, are in no list of targets.
//! - What is published on `tomtoolkit.*` is in the archive only, never among targets and messages.
//! - Reduced data of a target are those of every message that names it, and the newest message counts;
//!   without a token they are looked for in the archive by the name. Each point's `source_location` is
//!   the uuid of its message.
//! - The archive comes newest first, so of a name in several messages a store keeps what the oldest
//!   says; targets asked for by themselves say what the newest does.
//! - Positions are sent in decimal degrees: Hermes reads a sexagesimal declination as hours.
//! - Whatever is submitted is checked here and by Hermes before it is published, and is published
//!   when Hermes has answered with a uuid; its 200 alone says nothing.
//! - Uploading files, taking a message back, and reading the Kafka topics are not here.

mod check;
mod explain;
mod listing;
mod message;
mod packet;
mod query;
mod reduced;
mod rows;
mod services;
mod subject;
mod submission;
mod target;
mod words;

use crate::plugin::*;

pub use message::{HermesData, HermesMessage};
pub use packet::{
    Annotations, EventLink, EventSequence, GravitationalWave, HermesPacket, MessageLink, MessageTargets,
    Metadata, PacketKind, SequenceData, TargetBase,
};
pub use query::{HermesConfig, HermesQuery, Order, Search};
pub use rows::{
    HermesAstrometry, HermesDiscovery, HermesElements, HermesFile, HermesPhotometry, HermesReference,
    HermesSpectrum, HermesTarget,
};
pub use services::{Heartbeat, Preloaded, Profile, Topics};
pub use submission::HermesSubmission;
pub use words::{
    AngleUnit, BrightnessUnit, DistanceUnit, FluxType, FluxUnit, PeriodUnit, SpectrumType, TransientType,
    WavelengthUnit,
};

/// Hermes over HTTP.
pub type HermesBroker = Client<Hermes>;

const NAME: &str = "Hermes";
const HOME: &str = "https://hermes.lco.global/";
const API: [&str; 2] = ["api", "v0"];

/// How Hermes is spoken.
#[derive(Debug, Clone)]
pub struct Hermes {
    root: Root,
    config: HermesConfig,
    target_page: Url,
    message_page: Link,
    event_page: Link,
}

impl Protocol for Hermes {
    const INFO: &'static BrokerInfo = &BrokerInfo::new(
        NAME,
        "Targets, messages and non-localised events of Hopskotch, and publishing to it",
        HOME,
    )
    .aliases(&["tom_alerts.brokers.hermes.HermesBroker", "HermesBroker"])
    .config_keys(&[
        ("HERMES_API_KEY", "api_key"),
        ("HERMES_API_TOKEN", "api_key"),
        ("HERMES_BASE_URL", "base_url"),
    ])
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
        // Some configurations name the interface, others the page above it.
        let set = config.base_url.clone().map(|mut url| {
            let path = url.path().trim_end_matches('/').to_owned();
            if let Some(above) = path.strip_suffix("/api/v0") {
                url.set_path(above);
            }
            url
        });
        let root = Root::new("base_url", set.as_ref(), HOME)?;
        let page = |path: &[&str]| root.url(path);
        let message = page(&["message", "00000000-0000-0000-0000-000000000000"]);
        Ok(Self {
            target_page: page(&["api", "v0", "targets", "0000000000", ""]),
            message_page: Link::like(message.as_str())?,
            event_page: Link::like(page(&["nonlocalizedevent", "S000000aaaa"]).as_str())?,
            root,
            config,
        })
    }

    fn listing(&self, query: &HermesQuery, at: &Cursor) -> Result<Request> {
        self.listing_request(query, at)
    }

    fn page(&self, query: &HermesQuery, at: &Cursor, response: Response) -> Result<Page<HermesPacket>> {
        self.read_page(query, at, &response)
    }

    fn to_generic_alert(&self, alert: &Alert<HermesPacket>) -> Result<GenericAlert> {
        let generic = alert.generic()?;
        let url = match alert.kind() {
            Some(PacketKind::Target) => self.target_page(&generic.id),
            Some(PacketKind::Event) => self.event_page.of(&generic.id),
            _ => self.message_page(&generic.id),
        };
        Ok(GenericAlert { url: Some(url), ..generic })
    }

    fn to_target(&self, alert: &Alert<HermesPacket>, generic: &GenericAlert) -> Result<Target> {
        if alert.kind() == Some(PacketKind::Event) {
            let text = "an event that is not localised has no position, so it cannot become a target; its candidates are those of search=targets with this event_id";
            return Err(Error::new(ErrorKind::Input, text).with("event_id", &generic.id));
        }
        let target = match alert.row() {
            Some(row) => row.to_target()?,
            None => generic.to_target()?,
        };
        let number = alert.id.as_deref().filter(|_| alert.kind() == Some(PacketKind::Target));
        Ok(target.with_extra_opt("hermes_target_id", number))
    }

    fn alert(&self, id: &str) -> Result<Call<Alert<HermesPacket>>> {
        self.one(id)
    }

    fn recognises(&self, name: &str) -> bool {
        !name.trim().is_empty()
    }

    fn reduced_data(&self, subject: Subject<'_, HermesPacket>) -> Result<Call<ReducedData>> {
        self.data_of(subject)
    }

    fn classifications(&self, subject: Subject<'_, HermesPacket>) -> Result<Call<Vec<Classification>>> {
        self.classes_of(subject)
    }

    fn submit(&self, what: Upstream<'_>, form: &HermesSubmission) -> Result<Call<Receipt>> {
        let (message, mut faults) = submission::build(what, form, &self.config);
        let told: Vec<String> = faults.iter().map(|fault| fault.field.clone()).collect();
        faults.extend(message.faults().into_iter().filter(|fault| !told.contains(&fault.field)));
        if !faults.is_empty() {
            return Err(Error::from_problems(ErrorKind::Input, faults));
        }
        self.submit_message(&message)
    }

    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<HermesQuery> {
        Ok(HermesQuery { ra: Some(ra), dec: Some(dec), radius: Some(radius), ..HermesQuery::default() })
    }

    fn name_query(&self, name: &str) -> Result<HermesQuery> {
        Ok(HermesQuery { target_name_exact: Some(name.to_owned()), ..HermesQuery::default() })
    }

    fn explain(&self, response: &Response) -> Option<Error> {
        explain::explain(response)
    }
}

impl Hermes {
    /// The token, or the error that says where to get it.
    fn token(&self) -> Result<&Secret> {
        self.config.api_key.as_ref().ok_or_else(|| {
            let text = "api_key is not set; Hermes shows your token on your profile page. Without one there is search=archive";
            Error::new(ErrorKind::Config, text)
        })
    }

    fn get(&self, path: &[&str]) -> Request {
        self.signed(Request::get(self.api(path)))
    }

    fn post(&self, path: &[&str]) -> Request {
        self.signed(Request::post(self.api(path)))
    }

    fn api(&self, path: &[&str]) -> Url {
        self.root.url(&[&API[..], path].concat())
    }

    fn signed(&self, request: Request) -> Request {
        match &self.config.api_key {
            Some(token) => request.secret_header("authorization", "Token ", token.expose()),
            None => request,
        }
    }

    fn page_for_people(&self, path: &[&str]) -> Url {
        self.root.url(path)
    }

    fn message_page(&self, uuid: &str) -> Url {
        self.message_page.of(uuid)
    }

    /// Hermes has no page for a target; this is its row.
    fn target_page(&self, id: &str) -> Url {
        let mut url = self.target_page.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop().pop().push(id).push("");
        }
        url
    }
}

/// A time as Hermes is given it.
fn moment(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string()
}

/// A whole uuid in its usual form.
fn is_uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let mut parts = text.split('-');
    let fits = lengths.iter().all(|length| {
        parts.next().is_some_and(|part| part.len() == *length && part.bytes().all(|b| b.is_ascii_hexdigit()))
    });
    fits && parts.next().is_none()
}
