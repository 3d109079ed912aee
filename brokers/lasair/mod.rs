//! Lasair: objects of ZTF and of LSST with Sherlock's classes, SQL queries and light curves.
//!
//! Two services with separate accounts, so two brokers: `Lasair` for ZTF ([`LasairBroker`]) and
//! `Lasair-LSST` ([`LasairLsstBroker`]).
//!
//! ```
//! use tom_alerts::brokers::lasair::{Lasair, LasairConfig, LasairQuery, Ztf};
//! use tom_alerts::plugin::*;
//!
//! let config = LasairConfig { api_key: Some("made0up0token".into()), ..LasairConfig::default() };
//! let lasair = Lasair::<Ztf>::new(config)?;
//! let query = LasairQuery { ra: Some(124.88), dec: Some(-6.02), radius: Some(5.0), ..LasairQuery::default() };
//! let request = lasair.listing(&query, &Cursor::default())?;
//! assert_eq!(request.url().query(), Some("ra=124.88&dec=-6.02&radius=5&requestType=all"));
//! # Ok::<(), Error>(())
//! ```
//!
//! # Configuration
//!
//! Each service has accounts and tokens of its own, so there are two tables, `[brokers.Lasair]` and
//! `[brokers.Lasair-LSST]` ([`LasairConfig`]):
//!
//! | key | what |
//! |---|---|
//! | `api_key` | the API key of your account, due for every call: register and log in at <https://lasair-ztf.lsst.ac.uk> or <https://lasair.lsst.ac.uk>, then My Profile. At the top of a configuration `LASAIR_TOKEN` is ZTF's, `LASAIR_LSST_TOKEN` LSST's |
//! | `base_url` | `https://lasair-ztf.lsst.ac.uk/api/`, `https://api.lasair.lsst.ac.uk/api/` |
//!
//! More calls and more rows a query go with the group `powerapi`; the service
//! gives it on request.
//!
//! `cargo run --example alerts -- --demo fetch Lasair` asks a recorded Lasair; so does `Lasair-LSST`.
//!
//! # What comes as what
//!
//! | of Lasair | here |
//! |---|---|
//! | newest detection: `mjd`, or `jdmax` of a row; LSST `midpointMjdTai`, `lastDiaSourceMjdTai` | [`GenericAlert::timestamp`], UTC; LSST's TAI is converted |
//! | its `magpsf`; of a row the later of `gmag`, `rmag`; LSST from `psfFlux` | [`GenericAlert::mag`]; none for a limit or a fading below the reference |
//! | its `drb`; LSST `reliability`, `latestR` | [`GenericAlert::score`]; ZTF's rows have none |
//! | candidate without `candid` | a limit, `diffmaglim`; its `magpsf` is a copy of that |
//! | `isdiffpos` `f`, negative flux | [`Photometry::negative_magnitude`]; no brightness |
//! | `psfFlux` of LSST | flux in nJy with its sign; a magnitude from 3σ on, else a limit of 5σ |
//! | `forcedphot`, `diaForcedSourcesList` | points with `forced` |
//! | a row of LSST with `timeWithdrawnMjdTai` | no measurement: it is in [`ReducedData::withdrawn`] |
//! | `tns_prefix` and `tns_name` | an alias, `SN 2021pkz` |
//! | Sherlock's match, TNS class and redshift, annotations, number of detections, reddening | extras |
//! | Sherlock's class | a classification without a probability |
//! | every detection within 12″ of a known object of the solar system; LSST: with an `ssObjectId` | a non-sidereal target with the last position and the extra `moving`; rows of a query have no detections, so they never tell |
//!
//! # What to know
//!
//! - An account has some 50 to 100 calls an hour; a refused one counts too, and the service does not
//!   say how long to wait. So after a refusal nothing is sent for an hour, and the error says so.
//! - A cone gives ids; the objects come in batches of 200: whole ones with light curves from ZTF,
//!   rows with Sherlock's match from LSST, whose light curves come one by one. So a listing of ZTF
//!   can be saved with its light curves without a further call.
//! - Rows are ordered as the conditions say, and by id where that says nothing.
//! - The tables `sherlock_classifications` and `crossmatch_tns` leave out objects without a row there.
//! - LSST's service fails with 400 for the fuller form of an object with sources older than a year;
//!   then the plain form is fetched, and Sherlock's match and the TNS entry by queries.
//! - Positions of a Sherlock match are those of the catalogue source. A redshift of 0 is unknown.
//! - ZTF's MJD is the start of the exposure, LSST's the middle. Lasair's own `…Utc` texts of LSST
//!   are 37 s late; they are not used.
//! - Kafka topics are not read; [`read_message`] makes an alert of a message that you have read.
//!   Annotations are not submitted.
//!
//! # Documents
//!
//! - ZTF: <https://lasair.readthedocs.io/en/main/core_functions/rest-api.html>, tables and columns:
//!   <https://lasair-ztf.lsst.ac.uk/schema>
//! - LSST: <https://lasair-lsst.readthedocs.io/en/main/core_functions/rest-api.html>, tables and columns:
//!   <https://lasair.lsst.ac.uk/schema>
//! - Client: <https://github.com/lsst-uk/lasair_api>; servers: <https://github.com/lsst-uk/lasair4>,
//!   <https://github.com/lsst-uk/lasair-lsst>
//!
//! Checked on 2026-11-30: lasair 0.1.4 (client).

mod batch;
mod endpoints;
mod errors;
mod facts;
mod lines;
mod listing;
mod literal;
mod lsst;
mod photometry;
mod query;
mod services;
mod sherlock;
mod sql;
mod survey;
mod ztf;

use endpoints::Endpoints;
use facts::Facts;

use crate::plugin::*;

pub use endpoints::LasairConfig;
pub use lines::Lines;
pub use listing::{Cone, ConeMatch, read_message};
pub use lsst::{Annotation, LasairLsstPacket, LsstData, LsstImages, LsstObject, LsstRow};
pub use photometry::LsstSource;
pub use query::{LasairLsstQuery, LasairQuery};
pub use sherlock::{LasairRecord, Sherlock, SherlockMatch, TnsEntry};
pub use survey::{Batch, LasairSurvey, Packet};
pub use ztf::{ImageUrls, LasairPacket, ZtfCandidate, ZtfForced, ZtfObjectData, ZtfRow};

/// Lasair for ZTF over HTTP.
pub type LasairBroker = Client<Lasair<Ztf>>;
/// Lasair for LSST over HTTP.
pub type LasairLsstBroker = Client<Lasair<Lsst>>;
/// How Lasair for LSST is spoken.
pub type LasairLsst = Lasair<Lsst>;

/// ZTF, the survey of the broker `Lasair`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, JsonSchema)]
pub struct Ztf;

/// LSST, the Rubin Observatory's survey, of the broker `Lasair-LSST`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, JsonSchema)]
pub struct Lsst;

const CAN: Capabilities = Capabilities {
    list: true,
    one: true,
    reduced_data: true,
    classifications: true,
    cutouts: true,
    cone: true,
    name: true,
    credentials: true,
    ..Capabilities::NONE
};

const ZTF_FACTS: Facts = Facts {
    info: BrokerInfo::new(
        "Lasair",
        "Objects of ZTF with Sherlock's classes, light curves and SQL queries",
        "https://lasair-ztf.lsst.ac.uk",
    )
    .aliases(&["tom_alerts.brokers.lasair.LasairBroker", "LasairBroker", "Lasair-ZTF"])
    .config_keys(&[("LASAIR_TOKEN", "api_key")])
    .score("real-bogus score (drb) of the newest detection, 0 to 1; rows of a query have none")
    .checked("2026-11-30", "lasair 0.1.4 (client)")
    // A refused call counts too: several on their way when the limit is met would be so many in vain.
    .polite(1, 0)
    .can(CAN),
    root: "https://lasair-ztf.lsst.ac.uk/api/",
    page: "https://lasair-ztf.lsst.ac.uk/objects/ZTF00aaaaaaa",
    survey: Survey::Ztf,
    other: "Lasair-LSST",
    id_key: "objectId",
    columns: &[
        "ramean", "decmean", "glonmean", "glatmean", "jdmin", "jdmax", "jdgmax", "jdrmax", "gmag", "rmag",
        "ncand",
    ],
    batch: 200,
    whole_batches: true,
    table_words: &["watchlists", "areas"],
    quote: "'",
};

const LSST_FACTS: Facts = Facts {
    info: BrokerInfo::new(
        "Lasair-LSST",
        "Objects of LSST (Rubin) with Sherlock's classes, light curves and SQL queries",
        "https://lasair.lsst.ac.uk",
    )
    .aliases(&["LasairLSST", "Lasair_LSST", "LasairLsstBroker"])
    .config_keys(&[("LASAIR_LSST_TOKEN", "api_key")])
    .score("reliability of the newest detection, 0 to 1")
    .checked("2026-11-30", "lasair 0.1.4 (client)")
    // A refused call counts too: several on their way when the limit is met would be so many in vain.
    .polite(1, 0)
    .can(CAN),
    root: "https://api.lasair.lsst.ac.uk/api/",
    page: "https://lasair.lsst.ac.uk/objects/0000000000000000000",
    survey: Survey::Lsst,
    other: "Lasair",
    id_key: "diaObjectId",
    columns: &[
        "ra",
        "decl",
        "firstDiaSourceMjdTai",
        "lastDiaSourceMjdTai",
        "latest_psfFlux",
        "latestR",
        "nDiaSources",
        "tns_name",
        "ebv",
    ],
    batch: 200,
    whole_batches: false,
    table_words: &["watchmap"],
    quote: "",
};

/// How Lasair is spoken.
#[derive(Debug, Clone)]
pub struct Lasair<S: LasairSurvey = Ztf> {
    endpoints: Endpoints,
    survey: std::marker::PhantomData<S>,
}

impl<S: LasairSurvey> Protocol for Lasair<S> {
    const INFO: &'static BrokerInfo = &S::FACTS.info;
    type Config = LasairConfig;
    type Query = LasairQuery<S>;
    type Packet = S::Packet;
    type Submission = NoForm;

    fn new(config: LasairConfig) -> Result<Self> {
        Ok(Self { endpoints: Endpoints::new(S::FACTS, config)?, survey: std::marker::PhantomData })
    }

    fn ready(&self) -> Result<()> {
        self.endpoints.ready()
    }

    fn listing(&self, query: &LasairQuery<S>, at: &Cursor) -> Result<Request> {
        listing::request(&self.endpoints, query, at)
    }

    fn page(&self, query: &LasairQuery<S>, at: &Cursor, response: Response) -> Result<Page<S::Packet>> {
        listing::page(query, at, &response)
    }

    fn complete(&self, _: &LasairQuery<S>, page: Page<S::Packet>) -> Result<Call<Page<S::Packet>>> {
        listing::complete::<S>(&self.endpoints, page)
    }

    fn to_generic_alert(&self, alert: &Alert<S::Packet>) -> Result<GenericAlert> {
        Ok(GenericAlert { url: Some(self.endpoints.page(alert.id())), ..alert.generic() })
    }

    fn to_target(&self, alert: &Alert<S::Packet>, generic: &GenericAlert) -> Result<Target> {
        let moving = Packet::is_moving(&**alert);
        Ok(alert.fill(if moving { generic.to_moving_target()? } else { generic.to_target()? }))
    }

    fn provenance(&self, alert: &Alert<S::Packet>, generic: &GenericAlert) -> Provenance {
        Packet::provenance(&**alert, generic)
    }

    fn alert(&self, id: &str) -> Result<Call<Alert<S::Packet>>> {
        S::FACTS.known(id)?;
        Ok(S::object(&self.endpoints, id))
    }

    fn recognises(&self, name: &str) -> bool {
        S::FACTS.survey.has_id(name)
    }

    fn reduced_data(&self, subject: Subject<'_, S::Packet>) -> Result<Call<ReducedData>> {
        S::FACTS.known(subject.id)?;
        let own = subject.alert.filter(|alert| alert.id() == subject.id);
        if let Some(points) = own.and_then(|alert| alert.points(subject.id)) {
            return Ok(Call::Done(points));
        }
        Ok(S::points(&self.endpoints, subject.id))
    }

    fn classifications(&self, subject: Subject<'_, S::Packet>) -> Result<Call<Vec<Classification>>> {
        let own = subject.alert.filter(|alert| alert.id() == subject.id);
        if let Some(class) = own.and_then(|alert| alert.sherlock_class()) {
            return Ok(Call::Done(classified(class)));
        }
        Ok(self.sherlock_of(subject.id, true)?.map(|found| Ok(classified(found.class().unwrap_or_default()))))
    }

    fn cutouts(&self, subject: Subject<'_, S::Packet>) -> Result<Call<Vec<Cutout>>> {
        S::FACTS.known(subject.id)?;
        let own = subject.alert.filter(|alert| alert.id() == subject.id);
        if let Some(links) = own.and_then(|alert| Packet::cutouts(&**alert)) {
            return Ok(Call::Done(links));
        }
        Ok(S::cutouts(&self.endpoints, subject.id))
    }

    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<Vec<LasairQuery<S>>> {
        let ra = Some(sky::wrap_degrees(ra));
        Ok(vec![LasairQuery { ra, dec: Some(dec), radius: Some(radius), ..LasairQuery::default() }])
    }

    fn name_query(&self, name: &str) -> Result<Vec<LasairQuery<S>>> {
        if let Some(name) = tns_name(name) {
            return Ok(vec![LasairQuery {
                tables: vec!["crossmatch_tns".to_owned()],
                conditions: Some(format!("crossmatch_tns.tns_name = \"{name}\"")),
                ..LasairQuery::default()
            }]);
        }
        S::FACTS.known(name)?;
        Ok(vec![LasairQuery { object_id: vec![name.to_owned()], ..LasairQuery::default() }])
    }

    fn explain(&self, response: &Response) -> Option<Error> {
        self.endpoints.explain(response)
    }
}

/// Sherlock's class as what a classifier says; none for an empty text.
fn classified(class: &str) -> Vec<Classification> {
    let one = Classification {
        classifier: "Sherlock".to_owned(),
        class: class.to_owned(),
        rank: Some(1),
        ..Classification::default()
    };
    if class.is_empty() { Vec::new() } else { vec![one] }
}

/// A name of TNS without its prefix: four digits and small letters, or one big one.
fn tns_name(name: &str) -> Option<&str> {
    let bare = ["SN", "AT"].iter().find_map(|prefix| name.trim().strip_prefix(prefix))?.trim_start();
    let (year, letters) = bare.split_at_checked(4)?;
    let sound = year.bytes().all(|b| b.is_ascii_digit())
        && (1..=6).contains(&letters.len())
        && letters.bytes().all(|b| b.is_ascii_alphabetic());
    sound.then_some(bare)
}
