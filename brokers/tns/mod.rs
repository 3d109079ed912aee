//! The Transient Name Server: the IAU's names of transients, with classes, photometry and spectra;
//! and reports to it.
//!
//! TNS answers to a bot with a key (`api_key`, `bot_id`, `bot_name`; made at
//! `https://www.wis-tns.org/bots`). A user without one (`user_id`, `user_name`) can ask the web search
//! alone. Bot or user is named in the User-Agent of every request, and the key goes into the body and
//! to the configured site only.
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
//! # What comes as what
//!
//! | of TNS | here |
//! |---|---|
//! | `objname` | [`GenericAlert::id`]; it stays when the prefix changes |
//! | `name_prefix` and `objname` | the name, `SN2026abc`; the target keeps `AT2026abc` and survey names as aliases |
//! | `discoverydate` | [`GenericAlert::timestamp`], UTC |
//! | `radeg`, `decdeg` | position, J2000; else the sexagesimal `ra`, `dec` |
//! | `discoverymag` | [`GenericAlert::mag`], unless it is a flux |
//! | `object_type` | a [`Classification`]; [`GenericAlert::score`] is 1 with one, 0 without |
//! | `flux` in units 1 to 3 | a magnitude, AB, ST or Vega as `unit` says; `limflux` beside it is its depth |
//! | `flux` in Jy, mJy, nJy, erg/s/cm²/Hz | flux with its unit; a magnitude from 3σ on, else a limit of 5σ |
//! | `flux` in other units | flux with its unit, and no magnitude |
//! | `limflux` alone | a limit; in a unit without magnitude a point of free form |
//! | `filters` | the letter where it is unambiguous, else TNS's label (`B-GOTO`), which is an extra too |
//! | `asciifile` of a spectrum | its wavelengths (Å) and fluxes, by a call for each file |
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
//!   The file of all holds some 200,000 objects, which are in memory at once: choose among them with
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

mod envelope;
mod listing;
mod names;
mod packet;
mod photometry;
mod query;
mod report;
mod roots;
mod spectrum;
mod tables;
mod values;

use std::sync::{Arc, PoisonError, RwLock};

use query::Numbers;
use roots::Roots;

use crate::plugin::*;

pub use envelope::Message;
pub use listing::{SearchHit, read_hits};
pub use names::objname;
pub use packet::{Group, MagFilter, Named, PhotometryRow, SpectrumRow, TnsPacket};
pub use query::{Classified, InternalNameFormat, RadiusUnit, TnsConfig, TnsQuery};
pub use report::{
    AtReport, AutoClass, ClassificationReport, Coordinate, Item, NonDetection, Outcome, PeriodUnit,
    PhotometryEntry, PhotometryGroups, ProprietaryPeriod, RelatedFile, ReportKind, Reports, SpectraGroups,
    SpectrumEntry, TnsSubmission, Upload,
};
pub use spectrum::{AsciiSpectrum, read as read_spectrum};
pub use tables::{read_table, unzip};
pub use values::{List, Values};

/// TNS over HTTP.
pub type TnsBroker = Client<Tns>;

const NAME: &str = "TNS";

/// How TNS is spoken.
#[derive(Debug, Clone)]
pub struct Tns {
    roots: Roots,
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
    ])
    .score("1 for an object that is classified, 0 for one that is not")
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
        Ok(Self { roots: Roots::new(&config)?, config, values })
    }

    fn ready(&self) -> Result<()> {
        if self.roots.has_marker() {
            return Ok(());
        }
        let text = "TNS answers only to a bot or a user that names itself: set bot_id and bot_name with api_key \
                    (https://www.wis-tns.org/bots), or user_id and user_name for the web search alone";
        Err(Error::from_problems(ErrorKind::Config, vec![Problem::new("bot_id, bot_name", text)]))
    }

    fn listing(&self, query: &TnsQuery, at: &Cursor) -> Result<Request> {
        listing::request(&self.roots, query, &self.numbers(query)?, at, Utc::now())
    }

    fn page(&self, query: &TnsQuery, at: &Cursor, response: Response) -> Result<Page<TnsPacket>> {
        listing::page(self, query, &self.numbers(query)?, at, &response)
    }

    fn to_generic_alert(&self, alert: &Alert<TnsPacket>) -> Result<GenericAlert> {
        Ok(alert.generic(self.roots.page(&alert.objname)))
    }

    fn to_target(&self, alert: &Alert<TnsPacket>, generic: &GenericAlert) -> Result<Target> {
        alert.target(generic)
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
        self.roots.key()?;
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

    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<TnsQuery> {
        Ok(TnsQuery { ra: Some(ra), dec: Some(dec), radius: Some(radius), ..TnsQuery::default() })
    }

    fn name_query(&self, name: &str) -> Result<TnsQuery> {
        Ok(match objname(name) {
            Some(name) => TnsQuery { target_name: Some(name), ..TnsQuery::default() },
            None => TnsQuery { internal_name: Some(name.trim().to_owned()), ..TnsQuery::default() },
        })
    }

    fn explain(&self, response: &Response) -> Option<Error> {
        envelope::explain(response)
    }
}

/// What an object is asked for.
#[derive(Debug, Serialize)]
struct ObjectRequest<'a> {
    objname: &'a str,
    photometry: &'static str,
    spectra: &'static str,
}

impl Tns {
    /// The lists that are known: the snapshot, or what [`values`](Self::values) brought last.
    #[must_use]
    pub fn known_values(&self) -> Arc<Values> {
        // Every change is one assignment, so a poisoned value is whole.
        Arc::clone(&self.values.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Fetches the live lists of filters, instruments, groups and types, and keeps them: from then
    /// on labels are looked up in them. A list that is not in the answer is that of the snapshot. Once
    /// a day is enough.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] without a key; [`ErrorKind::Unreadable`] when no list comes, and those that
    /// are known stay.
    pub fn values(&self) -> Result<Call<Arc<Values>>> {
        let known = Arc::clone(&self.values);
        Ok(Call::get(self.roots.call(&["get", "values"])?, move |response| {
            let values = match envelope::data(&response)? {
                Some(data) => envelope::read::<Values>(data.get())?,
                None => Values::default(),
            };
            if values == Values::default() {
                return Err(Error::new(ErrorKind::Unreadable, "the answer holds no lists"));
            }
            let snapshot = Values::snapshot();
            let values = Arc::new(values.or(&snapshot));
            *known.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&values);
            Ok(values)
        }))
    }

    fn numbers(&self, query: &TnsQuery) -> Result<Numbers> {
        query.numbers(&self.known_values())
    }

    /// An object with its photometry and spectra; without a key what the web search has of it.
    fn object(&self, id: &str) -> Result<Call<Alert<TnsPacket>>> {
        let Some(name) = objname(id) else {
            let text = "this is no IAU name; they are like 2026abc, AT2026abc or SN 2026abc";
            return Err(Error::new(ErrorKind::Input, text).with("name", id));
        };
        if !self.roots.has_key() {
            let query = TnsQuery { target_name: Some(name.clone()), ..TnsQuery::default() };
            let request =
                listing::request(&self.roots, &query, &Numbers::default(), &Cursor::default(), Utc::now())?;
            return Ok(Call::get(request, move |response| {
                let rows = read_table(response.text()?)?.into_iter();
                let packet =
                    rows.flatten().find(|packet| packet.objname == name).ok_or_else(|| missing(&name))?;
                Alert::remade(packet)
            }));
        }
        let asked = ObjectRequest { objname: &name, photometry: "1", spectra: "1" };
        let request = self.roots.ask(&["get", "object"], &asked)?;
        Ok(Call::get(request, move |response| read_object(&response)?.ok_or_else(|| missing(&name))))
    }

    /// The points of an object, with the spectra whose files are fetched.
    fn data(&self, packet: &TnsPacket) -> Result<Call<ReducedData>> {
        let page = self.roots.source(&packet.objname);
        let name = packet.name();
        let data = photometry::points(packet, &page, &self.known_values())?;
        let mut points = Points::new(NAME, page.as_str()).of_target(&name);
        let mut files = Vec::new();
        for row in packet.spectra()? {
            match row {
                Ok(row) if self.config.spectra && row.asciifile.is_some() => files.push(row),
                Ok(row) => match photometry::reference(&row) {
                    Ok(Some((time, value))) => points.push(time, value),
                    Ok(None) => {}
                    Err(error) => points.fail(error.with("list", "spectra")),
                },
                Err(error) => points.fail(error.with("list", "spectra")),
            }
        }
        let mut data = data;
        data.merge(points.done());
        let calls = files.into_iter().map(|row| self.spectrum(row, &page, &name)).collect::<Vec<_>>();
        if calls.is_empty() {
            return Ok(Call::Done(data.sorted()));
        }
        Ok(Call::all(calls, move |results| {
            for result in results {
                match result {
                    Ok(spectrum) => data.merge(spectrum),
                    Err(error) => data.failures.push(error.with("list", "spectra")),
                }
            }
            Ok(data.sorted())
        }))
    }

    fn spectrum(&self, row: SpectrumRow, page: &Url, name: &str) -> Call<ReducedData> {
        let file = row.asciifile.clone().unwrap_or_default();
        let (page, name) = (page.clone(), name.to_owned());
        let gather = move |read: Result<Option<(DateTime<Utc>, Spectroscopy)>>| {
            let mut points = Points::new(NAME, page.as_str()).of_target(&name);
            match read {
                Ok(Some((time, spectrum))) => points.push(time, spectrum),
                Ok(None) => {}
                Err(error) => points.fail(error.with("list", "spectra")),
            }
            points.done()
        };
        match self.roots.linked(&file) {
            Ok(request) => Call::step(request, move |answer| {
                let read = answer.and_then(|response| {
                    photometry::spectrum(&row, &file, &String::from_utf8_lossy(response.body()))
                });
                Ok(Call::Done(gather(read.map_err(|e| e.with("file", &file)))))
            }),
            Err(error) => Call::Done(gather(Err(error))),
        }
    }
}

/// The object of an answer; `None` when the answer says that there is none, under status 200.
///
/// # Errors
/// [`ErrorKind::Unreadable`] for an answer that is neither.
pub fn read_object(response: &Response) -> Result<Option<Alert<TnsPacket>>> {
    let Some(data) = envelope::data(response)? else {
        return Ok(None);
    };
    let text = data.get();
    match Alert::from_raw(text) {
        Ok(alert) => Ok(Some(alert)),
        Err(_) if matches!(text, "[]" | "{}") || envelope::says_nothing_found(text) => Ok(None),
        Err(error) => Err(error),
    }
}

fn missing(name: &str) -> Error {
    Error::new(ErrorKind::NotFound, "TNS has no public object of this name").with("name", name)
}
