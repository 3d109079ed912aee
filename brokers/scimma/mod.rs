//! SCIMMA: messages of Hopskotch from its archive, alerts of SKIP servers, and publishing.
//!
//! Hopskotch is the Kafka cluster over which multi-messenger astronomy talks: GCN notices and
//! circulars, Hermes's photometry, what TOMs say to each other. Its archive keeps every message
//! and is what is asked here. SKIP was the service before it; the public one was **switched off**,
//! and SKIP is asked only where `skip_url` names a server of your own.
//!
//! ```
//! use tom_alerts::brokers::scimma::{Scimma, ScimmaConfig, ScimmaQuery};
//! use tom_alerts::plugin::*;
//!
//! let scimma = Scimma::new(ScimmaConfig::default())?;
//! let query = ScimmaQuery { topic: vec!["gcn.circulars".into()], ..ScimmaQuery::default() };
//! let request = scimma.listing(&query, &Cursor::default())?;
//! assert_eq!(request.url().path(), "/messages");
//! # Ok::<(), Error>(())
//! ```
//!
//! # Configuration
//!
//! `[brokers.SCIMMA]` ([`ScimmaConfig`]). Public topics of the archive can be asked without any of it.
//!
//! | key | what |
//! |---|---|
//! | `base_url` | the archive, `https://archive-api.hop.scimma.org/` |
//! | `hopskotch_username`, `hopskotch_password` | a credential: log in at <https://my.hop.scimma.org> and make one; the password is shown once. A new one reads public topics alone; rights to write are given topic by topic |
//! | `token` | token of Hop Auth for the archive, in place of both |
//! | `default_hopskotch_topic` | topic of a submission that names none |
//! | `hopskotch_url` | Kafka host, `kafka.scimma.org`; for development `dev.hop.scimma.org` |
//! | `hopskotch_tls`, `hopskotch_ca_file` | TLS to Kafka, and by which certificates |
//! | `publish_timeout` | seconds until a published message must be confirmed: 30 |
//! | `skip_url`, `skip_version`, `api_key` | a SKIP server of your own, its version (`v0`, `v1`, `v2`) and token; reading needs no token |
//!
//! `cargo run --example alerts -- --demo fetch SCIMMA` asks a recorded archive.
//!
//! # What comes as what
//!
//! | of SCIMMA | here |
//! |---|---|
//! | UUID of a message, number of a SKIP alert | [`GenericAlert::id`] |
//! | first target of a message, else its title; SKIP's identifier | [`GenericAlert::name`]; else topic and id. A title is no object: without an object an alert cannot become a target |
//! | when Hopskotch took a message; when a SKIP alert was issued | [`GenericAlert::timestamp`] |
//! | place of the first target, or `ra` and `dec` of a JSON message | [`GenericAlert::ra`], [`GenericAlert::dec`]; mostly none |
//! | `rank` of a counterpart to a gravitational wave, 1 to 4 | [`GenericAlert::score`] |
//! | newest `date_obs` of the object in the message, else when it was taken or issued | [`Provenance::observed_at`] |
//! | tables of a message in Hermes' format | points, spectra and positions, as [`hopskotch`] says, the same with Hermes |
//!
//! # Publishing
//!
//! `submit_upstream_alert` publishes what TOM Toolkit does, byte for byte, to a topic of Hopskotch:
//! a message of type `target`, one of type `observation`, or both. It needs the feature `kafka`, a
//! credential of <https://my.hop.scimma.org> that may write to the topic, and a topic: from the
//! call, else `default_hopskotch_topic`. A message counts as sent when the cluster has confirmed
//! it; `publish_timeout` bounds the wait.
//!
//! # What to know
//!
//! - Most messages have no position; such an alert is listed, and refuses to become a target.
//! - The archive's public topics need no credential. With `hopskotch_username` and
//!   `hopskotch_password` every request to it proves both sides by SCRAM-SHA-512, or carries `token`.
//! - The archive answers 500 for a topic that it does not know; [`Scimma::topics`] lists them.
//! - Listings of the archive hold whole messages, 64 at a time. `metadata_only` makes them small,
//!   and leaves names and positions out.
//! - A listing is newest first, by bookmarks that new messages do not move. SKIP's pages are numbered and
//!   in the order of time only: an alert that comes in meanwhile pushes others over to the next page, and
//!   alerts of one time may change places between two pages, so that one comes twice and another never.
//!   Those that come twice come once here; where fewer came than SKIP counts, a note says so.
//! - Only points of a message's first target are given as its data. Rows have no id: those of one
//!   time, band and telescope are told apart by their place in the message.
//! - `fetch_alert` takes a name too and gives the newest message that is about it: of the 64 newest that
//!   hold the words, then of a SKIP server.
//! - Published messages are not split: one that is larger than its topic takes is an error, which says
//!   how [`Scimma::upload`] takes it. They have no place for reduced data, which are refused; Hermes
//!   takes them.
//! - Messages that are marked as tests (`_test`) are listed like any other; the mark stays in the
//!   alert's text. A message that only names where its content is kept (`external`) is not followed.
//!
//! # Documents
//!
//! - SCiMMA: <https://scimma.org/>; accounts and topics: <https://my.hop.scimma.org/hopauth>
//! - Client and format of messages: <https://hop-client.readthedocs.io/>
//! - Source: <https://github.com/scimma/archive-api>, <https://github.com/scimma/hop-client>,
//!   <https://github.com/scimma/skip>
//!
//! Checked on 2026-11-30: archive of 2026-05, hop-client 0.13.0, SKIP of 2021-09.

mod archive;
mod endpoints;
mod errors;
mod hop;
mod names;
mod object;
mod packet;
mod publish;
mod query;
mod scram;
mod services;
mod skip;

use endpoints::Endpoints;
use names::Id;

use super::hopskotch;
use crate::plugin::*;

pub use hop::{HopFormat, HopMessage};
pub use hopskotch::Body;
pub use packet::{ArchiveMessage, LvcCounterpart, ScimmaPacket, SkipRawMessage};
pub use query::{Order, ScimmaConfig, ScimmaQuery, ScimmaSubmission, SkipVersion, Source};
pub use services::Health;
pub use skip::{SkipEvent, SkipEventAttributes, SkipTopic};

/// SCIMMA over HTTP, and over Kafka for what is published.
pub type ScimmaBroker = Client<Scimma>;

const NAME: &str = "SCIMMA";

/// How often an exchange with the archive begins anew when the service fails in the midst of it.
const TRIES: u32 = 2;

/// How SCIMMA is spoken.
#[derive(Debug, Clone)]
pub struct Scimma {
    endpoints: Endpoints,
    version: SkipVersion,
    /// Whether the configuration names a SKIP server.
    own_skip: bool,
}

impl Protocol for Scimma {
    const INFO: &'static BrokerInfo = &BrokerInfo::new(
        NAME,
        "Messages of Hopskotch from its archive, SKIP servers of your own, publishing to Hopskotch",
        "https://scimma.org/",
    )
    .aliases(&["tom_scimma.scimma.SCIMMABroker", "tom_alerts.brokers.scimma.SCIMMABroker", "SCIMMABroker"])
    .checked("2026-11-30", "archive of 2026-05, hop-client 0.13.0, SKIP of 2021-09")
    .score("rank of a counterpart to a gravitational wave, 1 the most likely to 4; else none")
    .can(Capabilities {
        list: true,
        one: true,
        reduced_data: true,
        submit: true,
        cone: true,
        name: true,
        ..Capabilities::NONE
    });
    type Config = ScimmaConfig;
    type Query = ScimmaQuery;
    type Packet = ScimmaPacket;
    type Submission = ScimmaSubmission;

    fn new(config: ScimmaConfig) -> Result<Self> {
        let endpoints = Endpoints::new(&config)?;
        let own_skip = config.skip_url.is_some() && endpoints.has_skip();
        Ok(Self { endpoints, version: config.skip_version, own_skip })
    }

    fn listing(&self, query: &ScimmaQuery, at: &Cursor) -> Result<Request> {
        match query.source_of(self.own_skip) {
            Source::Archive => Ok(archive::listing(self.endpoints.archive(&["messages"]), query, at)),
            Source::Skip => {
                let request = self.endpoints.skip(self.version, &["alerts", ""])?;
                skip::listing(request, query, at)
            }
        }
    }

    fn page(&self, query: &ScimmaQuery, at: &Cursor, response: Response) -> Result<Page<ScimmaPacket>> {
        match query.source_of(self.own_skip) {
            Source::Archive => archive::page(&response),
            Source::Skip => skip::page(at, &response),
        }
    }

    fn to_generic_alert(&self, alert: &Alert<ScimmaPacket>) -> Result<GenericAlert> {
        let url = match alert.archive {
            Some(_) => Some(self.endpoints.message(&alert.id)),
            None => self.endpoints.skip_url(self.version, &["alerts", &alert.id, ""]),
        };
        alert.generic(url)
    }

    fn to_target(&self, alert: &Alert<ScimmaPacket>, generic: &GenericAlert) -> Result<Target> {
        alert.target(generic)
    }

    fn provenance(&self, alert: &Alert<ScimmaPacket>, _: &GenericAlert) -> Provenance {
        alert.provenance()
    }

    fn alert(&self, id: &str) -> Result<Call<Alert<ScimmaPacket>>> {
        self.one(id)
    }

    fn recognises(&self, name: &str) -> bool {
        Id::of(name).is_id()
    }

    fn reduced_data(&self, subject: Subject<'_, ScimmaPacket>) -> Result<Call<ReducedData>> {
        self.data_of(subject)
    }

    fn submit(&self, what: Upstream<'_>, form: &ScimmaSubmission) -> Result<Call<Receipt>> {
        self.submit_messages(what, form)
    }

    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<Vec<ScimmaQuery>> {
        if !self.endpoints.has_skip() {
            let text =
                "the archive has no cone search; a SKIP server has one, but none is configured (skip_url)";
            return Err(Error::new(ErrorKind::Unsupported, text));
        }
        Ok(vec![ScimmaQuery { ra: Some(ra), dec: Some(dec), radius: Some(radius), ..ScimmaQuery::default() }])
    }

    fn name_query(&self, name: &str) -> Result<Vec<ScimmaQuery>> {
        Ok(vec![ScimmaQuery { keyword: Some(object::phrase(name)), ..ScimmaQuery::default() }])
    }

    fn exchange(&self, request: Request) -> Result<Call<Response>> {
        match self.endpoints.credential_for(&request) {
            Some(credential) => Ok(scram::exchange(credential, request, TRIES)),
            None => Ok(Call::get(request, Ok)),
        }
    }

    fn explain(&self, response: &Response) -> Option<Error> {
        errors::explain(response)
    }
}
