//! The Transient Name Server: the IAU's names of transients, with classes, photometry and spectra;
//! and reports to it.
//!
//! ```
//! use tom_alerts::brokers::tns::{Tns, TnsConfig, TnsQuery};
//! use tom_alerts::plugin::*;
//!
//! let tns = Tns::new(TnsConfig {
//!     api_key: Some("the bot's key".into()),
//!     bot_id: Some(12345),
//!     bot_name: Some("MyBot".into()),
//!     ..TnsConfig::default()
//! })?;
//! let query = TnsQuery { target_name: Some("SN 2026abc".into()), ..TnsQuery::default() };
//! let request = tns.listing(&query, &Cursor::default())?;
//! assert_eq!(request.url().as_str(), "https://www.wis-tns.org/api/get/search");
//! let marker = r#"tns_marker{"tns_id":12345,"type":"bot","name":"MyBot"}"#;
//! assert!(request.headers().iter().any(|(name, value)| name == "user-agent" && value == marker));
//! # Ok::<(), Error>(())
//! ```
//!
//! # Configuration
//!
//! `[brokers.TNS]` ([`TnsConfig`]). Register at <https://www.wis-tns.org/user/register> (people approve it), add a bot at
//! <https://www.wis-tns.org/bots>, and make a key there.
//!
//! | key | what |
//! |---|---|
//! | `api_key`, `bot_id`, `bot_name` | key, number and name of the bot; `HARVESTERS["TNS"]["api_key"]` of a TOM is read too |
//! | `user_id`, `user_name` | a user in place of a bot: enough for the web search alone |
//! | `sandbox` | asks `https://sandbox.wis-tns.org/`. A bot made only there is gone on Sunday |
//! | `base_url` | `https://www.wis-tns.org/`, with or without `/api` |
//! | `spectra` | `false` saves a call for each spectrum |
//! | `group_names`, `default_authors` | groups that the bot reports for, the first by default; who reports |
//! | `filter_mapping`, `instrument_mapping` | TNS's filter or instrument for each band or instrument of your data |
//! | `internal_name_format` | how TNS makes a survey name where a report has none |
//! | `report_max_attempts`, `report_delay_seconds` | how often and how long the result of a report is waited for |
//!
//! Bot or user is named in the User-Agent of every request; the key goes into the body, and to the configured site only.
//!
//! `cargo run --example alerts -- --demo fetch TNS discovery_mag_max=25` asks a recorded TNS.
//!
//! # What comes as what
//!
//! | of TNS | here |
//! |---|---|
//! | `objid` | the object's id of [`Provenance`]; with `objname` it stays when the prefix changes |
//! | `objname` | [`GenericAlert::id`] |
//! | `name_prefix` and `objname` | the name, `SN2026abc`; the target keeps `2026abc`, `AT2026abc` and survey names as aliases, and the prefix as an extra |
//! | `discoverydate` | [`GenericAlert::timestamp`], UTC |
//! | `radeg`, `decdeg` | position, J2000, as it was reported; else the sexagesimal `ra`, `dec` |
//! | `radeg_err`, `decdeg_err` | error of the position, arcsec: the larger one, where both are stated and not 0 |
//! | the newest of photometry and spectra, else `lastmodified` | when it was observed, of [`Provenance`]; without both `discoverydate` |
//! | `discoverymag` | [`GenericAlert::mag`], unless it is a flux |
//! | `object_type` | a [`Classification`]; [`GenericAlert::score`] is 1 with one, 0 without |
//! | `flux` in units 1 to 3 | a magnitude, AB, ST or Vega as `unit` says; `limflux` beside it is its depth |
//! | `flux` in Jy, mJy, nJy, erg/s/cm²/Hz | flux with its unit; an AB magnitude from 3σ on, else a limit of 5σ; without an error a magnitude, as the reporter calls it a detection |
//! | `flux` in other units | flux with its unit, and no magnitude |
//! | `flux` without a unit | a point of free form: neither a magnitude nor a flux for sure |
//! | `limflux` alone | a limit; in a unit without magnitude a point of free form; a flux is kept among the extras |
//! | `filters` | the letter where it is unambiguous, else TNS's label (`B-GOTO`), which is an extra too |
//! | `asciifile` of a spectrum | its wavelengths (Å), fluxes and errors by the heading of the file, by a call for each file |
//! | a spectrum without one | a reference to its FITS file |
//!
//! # What to know
//!
//! - **Calls are few.** How many a minute depends on the account (ten were seen for cones), and TNS
//!   says in its answers how many are left. All calls to the host share that count: none is sent that would be refused, and a
//!   listing goes on when the count begins anew. A wait longer than `http.call_timeout` is an error
//!   that says when to come back.
//! - **A search gives names only**; each object is one more call, `max_objects` bounds them (50). The
//!   object brings photometry along, so its data cost no further call, but spectra do: `spectra = false`
//!   leaves them out.
//! - `staging` reads a file of all objects, of a day or of an hour in one call, without photometry.
//!   A file of an hour that is more than a day old is refused. The file of all holds some 200,000 objects, which are in memory at once: choose among them with
//!   the other fields of the query.
//! - Dates of a search are dates of discovery; `modified_since` is the other one. The hour is compared
//!   at the object, as are `classified = yes` and `days_from_nondet`.
//! - Labels are looked up in a snapshot of TNS's lists; [`Tns::values`] fetches the live ones.
//! - The sandbox (`sandbox = true`) is a copy of production, made anew every Sunday.
//! - There are no cutouts, and no search by a box of coordinates.
//!
//! # Reports
//!
//! [`submit_upstream_alert`](crate::GenericBroker::submit_upstream_alert) makes a report of a target and
//! its data ([`TnsSubmission`]): detections, the last limit before the first of them, or an archive. Every
//! required field is checked before anything is sent, all faults are told at once, and a dry run shows
//! the request as it would be sent. A report is sent once: when it is not known whether it arrived, the
//! error says so. Then TNS is asked what became of it, and its feedback is in the receipt, one item a
//! report, or in the error that tells why it was refused. [`Tns::report`] takes up to a hundred at once.
//!
//! A report bears ten measurements: that of the form and the detections nearest in time to the
//! discovery are sent, and the receipt says how many were left out. A spectrum among the data of a
//! classification is uploaded first. Afterwards the target is still called as before; the receipt has
//! its new name.
//!
//! # Documents
//!
//! - First steps: <https://www.wis-tns.org/content/tns-getting-started>
//! - Reports, field by field:
//!   <https://www.wis-tns.org/sites/default/files/api/tns2_manuals/TNS2.0_bulk_reports_manual.pdf>
//! - Forms to try requests: <https://sandbox.wis-tns.org/api/test>
//!
//! Checked on 2026-11-30: API 2.0.

mod endpoints;
mod envelope;
mod errors;
mod listing;
mod marker;
mod names;
mod object;
mod packet;
mod photometry;
mod query;
mod report;
mod services;
mod spectrum;
mod tables;
mod values;

use std::sync::{Arc, RwLock};

use endpoints::Endpoints;

use crate::plugin::*;

pub use errors::Message;
pub use listing::{SearchHit, read_hits};
pub use names::objname;
pub use object::read_object;
pub use packet::{Group, MagFilter, Named, PhotometryRow, SpectrumRow, TnsPacket};
pub use query::{Classified, InternalNameFormat, RadiusUnit, TnsConfig, TnsQuery};
pub use report::{
    AtReport, AutoClass, ClassificationReport, Coordinate, Exposure, Item, NonDetection, Outcome, PeriodUnit,
    PhotometryEntry, PhotometryGroups, ProprietaryPeriod, RelatedFile, ReportKind, Reports, SpectraGroups,
    SpectrumEntry, TnsSubmission,
};
pub use services::Upload;
pub use spectrum::{AsciiSpectrum, read as read_spectrum};
pub use tables::{read_table, unzip};
pub use values::{List, Values};

/// TNS over HTTP.
pub type TnsBroker = Client<Tns>;

const NAME: &str = "TNS";

/// How TNS is spoken.
#[derive(Debug, Clone)]
pub struct Tns {
    endpoints: Endpoints,
    config: TnsConfig,
    /// The lists that were fetched last, or the snapshot.
    values: Arc<RwLock<Arc<Values>>>,
}

impl Protocol for Tns {
    const INFO: &'static BrokerInfo = &BrokerInfo::new(
        NAME,
        "The IAU's names of supernovae and other transients, with classes, photometry, spectra and reports",
        "https://www.wis-tns.org/",
    )
    .aliases(&[
        "tom_alerts.brokers.tns.TNSBroker",
        "TNSBroker",
        "tom_dataservices.data_services.tns.TNSDataService",
        "TNSDataService",
    ])
    .config_keys(&[("HARVESTERS.TNS.api_key", "api_key")])
    .score("1 for an object that is classified, 0 for one that is not")
    .checked("2026-11-30", "API 2.0")
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
    type Config = TnsConfig;
    type Query = TnsQuery;
    type Packet = TnsPacket;
    type Submission = TnsSubmission;

    fn new(config: TnsConfig) -> Result<Self> {
        let values = Arc::new(RwLock::new(Arc::new(Values::snapshot())));
        Ok(Self { endpoints: Endpoints::new(&config)?, config, values })
    }

    fn ready(&self) -> Result<()> {
        if self.endpoints.has_marker() {
            return Ok(());
        }
        let text = "TNS answers only to a bot or a user that names itself: set bot_id and bot_name with api_key \
                    (https://www.wis-tns.org/bots), or user_id and user_name for the web search alone";
        Err(Error::from_problems(ErrorKind::Config, vec![Problem::new("bot_id, bot_name", text)]))
    }

    fn listing(&self, query: &TnsQuery, at: &Cursor) -> Result<Request> {
        listing::request(&self.endpoints, query, &self.numbers(query)?, at, Utc::now())
    }

    fn page(&self, query: &TnsQuery, at: &Cursor, response: Response) -> Result<Page<TnsPacket>> {
        listing::page(self, query, &self.numbers(query)?, at, &response, Utc::now())
    }

    fn to_generic_alert(&self, alert: &Alert<TnsPacket>) -> Result<GenericAlert> {
        Ok(alert.generic(self.endpoints.page(&alert.objname)))
    }

    fn to_target(&self, alert: &Alert<TnsPacket>, generic: &GenericAlert) -> Result<Target> {
        alert.target(alert.raw(), generic)
    }

    fn provenance(&self, alert: &Alert<TnsPacket>, _generic: &GenericAlert) -> Provenance {
        alert.provenance()
    }

    fn alert(&self, id: &str) -> Result<Call<Alert<TnsPacket>>> {
        self.object(id)
    }

    fn recognises(&self, name: &str) -> bool {
        objname(name).is_some()
    }

    fn reduced_data(&self, subject: Subject<'_, TnsPacket>) -> Result<Call<ReducedData>> {
        if let Some(alert) = subject.alert.filter(|alert| alert.is_whole()) {
            return self.data(alert);
        }
        self.endpoints.key()?;
        let tns = self.clone();
        Ok(self.object(subject.id)?.and_then(move |alert| tns.data(&alert)))
    }

    fn classifications(&self, subject: Subject<'_, TnsPacket>) -> Result<Call<Vec<Classification>>> {
        match subject.alert {
            Some(alert) => Ok(Call::Done(alert.classifications())),
            None => Ok(self.object(subject.id)?.map(|alert| Ok(alert.classifications()))),
        }
    }

    fn submit(&self, what: Upstream<'_>, form: &TnsSubmission) -> Result<Call<Receipt>> {
        self.submit_report(what, form)
    }

    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<Vec<TnsQuery>> {
        Ok(vec![TnsQuery { ra: Some(ra), dec: Some(dec), radius: Some(radius), ..TnsQuery::default() }])
    }

    fn name_query(&self, name: &str) -> Result<Vec<TnsQuery>> {
        Ok(vec![match objname(name) {
            Some(name) => TnsQuery { target_name: Some(name), ..TnsQuery::default() },
            // Two names of a Rubin object end in its number, LSST-AP-DO- and LSST-P-DO-.
            None => TnsQuery {
                internal_name: Some(name.trim().to_owned()),
                partial_name: Survey::Lsst.has_id(name.trim()),
                ..TnsQuery::default()
            },
        }])
    }

    fn explain(&self, response: &Response) -> Option<Error> {
        errors::explain(response)
    }
}
