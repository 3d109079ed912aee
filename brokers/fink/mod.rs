//! Fink: alerts of ZTF and of LSST with classes by machine learning and cross-matches.
//!
//! One broker for two services that speak alike but differ in every name and unit. Which one is
//! asked follows from `survey` in the query or from the shape of an id: digits alone are LSST's.
//! No service needs a credential.
//!
//! ```
//! use tom_alerts::brokers::fink::{Fink, FinkConfig, FinkQuery};
//! use tom_alerts::plugin::*;
//!
//! let fink = Fink::new(FinkConfig::default())?;
//! let query = FinkQuery { class: Some("Early SN Ia candidate".into()), n: Some(10), ..FinkQuery::default() };
//! let request = fink.listing(&query, &Cursor::default())?;
//! assert_eq!(request.url().as_str(), "https://api.ztf.fink-portal.org/api/v1/latests");
//! # Ok::<(), Error>(())
//! ```
//!
//! # Configuration
//!
//! All of `[brokers.Fink]` is optional ([`FinkConfig`]); no service wants a credential.
//!
//! | key | what |
//! |---|---|
//! | `base_url` | root of the ZTF service, `https://api.ztf.fink-portal.org/api/v1/`; LSST's follows its origin |
//! | `lsst_url` | root of the LSST service, `https://api.lsst.fink-portal.org/api/v1/` |
//! | `ztf_score`, `lsst_score` | which of Fink's scores is [`GenericAlert::score`]: [`ZtfScore`], [`LsstScore`] |
//! | `forced_photometry` | `false` saves the second request of an LSST light curve |
//!
//! Both services have the path `/api/v1/`: on one origin `lsst_url` must be set.
//!
//! `cargo run --example alerts -- --demo fetch Fink "class=SN candidate"` asks a recorded Fink.
//!
//! # What comes as what
//!
//! | of Fink | here |
//! |---|---|
//! | object and alert: `i:objectId` and `i:candid`, `r:diaObjectId` and `r:diaSourceId` | [`GenericAlert::id`], parted by a colon: `ZTF20aaelulu:1181462311015010000`. The services find no alert by its number alone |
//! | `i:objectId`, `r:diaObjectId`; of the solar system the name, number or designation | [`GenericAlert::name`], by which an object is asked for |
//! | `i:jd` (UTC), `r:midpointMjdTai` (TAI) | [`GenericAlert::timestamp`], UTC: start of ZTF's exposure, middle of LSST's |
//! | `i:magpsf`; `r:psfFlux` from 3σ on | [`GenericAlert::mag`], where the difference is positive |
//! | `d:rf_snia_vs_nonia`, `f:clf_snnSnVsOthers_score`, or another by configuration | [`GenericAlert::score`]; none where it is 0 or −1 |
//! | rows `valid`, `upperlim` | magnitudes with their depth; limits |
//! | rows `badquality` | kept apart as [`Datum::Other`], never as a magnitude |
//! | `i:isdiffpos` f, negative flux | [`Photometry::negative_magnitude`]; no brightness |
//! | `r:psfFlux` | flux in nJy with its sign; a magnitude from 3σ on, else a limit of 5σ |
//! | `fp` of LSST | the same, [`forced`](Photometry::forced) |
//! | `d:roid` 3, `i:ssdistnr` below 12″ with an `i:ssmagnr`, `r:ssObjectId`, a search for solar-system objects | a non-sidereal target without elements, with the last position and the extra `moving`; its data are brightness and places from both surveys |
//! | rows with `r:timeWithdrawnMjdTai` | no alerts and no points: they are in [`ReducedData::withdrawn`] |
//! | `nan`, `None`, `null`, `Unknown`, an empty text | nothing |
//!
//! # What to know
//!
//! - An object is listed by its latest alert; with `history` every alert is listed, oldest first.
//! - There are no pages: a listing is one answer. Of a class or tag it has `n` alerts at most, else 10,000 rows.
//! - The services compare times as text, by which a window that begins at a round time would lose up to
//!   2.4 hours of its beginning. So it is asked for from and to a second of 1 outside of it, and what is
//!   not in it is left out here.
//! - ZTF's alerts come the morning after the night, LSST's within minutes.
//! - A column that has no value in any row is left out by the service; everything may be missing.
//! - The class of a ZTF alert (`v:classification`) is computed on request: one alert and its
//!   classifications have it, a listing only with `all_columns`, a cone always.
//! - The rows of a tag name a solar-system object by `r:ssObjectId` alone. Its bytes are the packed
//!   designation, by which the object is named and asked for here. Where they are not, it is called
//!   `ssObjectId` and the number, and the services cannot be asked for it.
//! - A position is that of one alert, not a mean.
//! - A score of 0 stands for "not computed", too, so it is not given.
//! - LSST's associations with solar-system objects begin on 2026-02-20, its forced photometry on 2026-02-17.
//! - Cutouts are links to PNG images that the service makes; FITS with `output-format=FITS`.
//! - The service may take two minutes: set `read_timeout` of `[http]` to 130 for wide cones.
//! - Kafka topics are not read; an alert of one that was decoded to JSON is a [`ZtfStreamAlert`] or a
//!   [`LsstStreamAlert`].
//! - Not here: GW sky maps, asteroid parameter tables, Fink's own orbit candidates,
//!   satellite tracks.
//!
//! # Documents
//!
//! - ZTF: <https://doc.ztf.fink-broker.org/>, arguments of each route: <https://api.ztf.fink-portal.org/>
//! - LSST: <https://doc.lsst.fink-broker.org/>, arguments: <https://api.lsst.fink-portal.org/>, columns:
//!   <https://lsst.fink-portal.org/schemas>
//! - Source: <https://github.com/astrolabsoftware/fink-object-api>; filters behind classes and tags:
//!   <https://github.com/astrolabsoftware/fink-filters>
//!
//! Checked on 2026-11-30: fink-object-api 3.7.0.

mod classes;
mod columns;
mod endpoints;
mod errors;
mod listing;
mod lsst;
mod names;
mod object;
mod packet;
mod query;
mod read;
mod services;
mod stream;
mod ztf;

use endpoints::Endpoints;
use names::{Named, is_designation, is_word, parts_of};

use crate::plugin::*;

pub use lsst::{LsstAlert, LsstForced};
pub use packet::FinkPacket;
pub use query::{ConeKind, FinkConfig, FinkQuery, LsstScore, Trend, ZtfScore};
pub use services::{LsstObject, NightStatistics, Schema, SchemaColumn, SimbadName, SsoName, Tag, TnsName};
pub use stream::{LsstStreamAlert, LsstStreamMatches, LsstStreamOrbit, LsstStreamScores, ZtfStreamAlert};
pub use ztf::{ZtfAlert, ZtfLightCurve};

/// Fink over HTTP.
pub type FinkBroker = Client<Fink>;

const NAME: &str = "Fink";

/// How Fink is spoken.
#[derive(Debug, Clone)]
pub struct Fink {
    endpoints: Endpoints,
    ztf_score: ZtfScore,
    lsst_score: LsstScore,
    forced_photometry: bool,
}

impl Protocol for Fink {
    const INFO: &'static BrokerInfo = &BrokerInfo::new(
        NAME,
        "Alerts of ZTF and LSST with classes by machine learning and cross-matches",
        "https://fink-broker.org/",
    )
    .aliases(&["tom_fink.fink.FinkBroker", "tom_alerts.brokers.fink.FinkBroker", "FinkBroker", "tom_fink.fink.FinkDataService", "FinkDataService"])
    .score("how likely it is a supernova, 0 to 1: early Ia (ZTF), any (LSST), or another by configuration; none where it was not computed")
    .checked("2026-11-30", "fink-object-api 3.7.0")
    .can(Capabilities {
        list: true,
        one: true,
        reduced_data: true,
        classifications: true,
        cutouts: true,
        cone: true,
        name: true,
        ..Capabilities::NONE
    });
    type Config = FinkConfig;
    type Query = FinkQuery;
    type Packet = FinkPacket;
    type Submission = NoForm;

    fn new(config: FinkConfig) -> Result<Self> {
        Ok(Self {
            endpoints: Endpoints::new(&config)?,
            ztf_score: config.ztf_score,
            lsst_score: config.lsst_score,
            forced_photometry: config.forced_photometry,
        })
    }

    fn listing(&self, query: &FinkQuery, _at: &Cursor) -> Result<Request> {
        listing::request(self, query)
    }

    fn page(&self, query: &FinkQuery, _at: &Cursor, response: Response) -> Result<Page<FinkPacket>> {
        listing::page(self, query, &response)
    }

    fn to_generic_alert(&self, alert: &Alert<FinkPacket>) -> Result<GenericAlert> {
        let lacking = |what: &'static str| Error::new(ErrorKind::Unreadable, what);
        let id =
            alert.alert_id().ok_or_else(|| lacking("the alert has no id (i:candid or r:diaSourceId)"))?;
        let name = alert.name().ok_or_else(|| lacking("the alert names no object"))?;
        let object = alert.object_id().unwrap_or(&name);
        let (ra, dec) = alert.position();
        let score = match &**alert {
            FinkPacket::Ztf(alert) => self.ztf_score.of(alert),
            FinkPacket::Lsst(alert) => self.lsst_score.of(alert),
        };
        Ok(GenericAlert {
            timestamp: alert.time(),
            id: names::id_of(object, id),
            ra,
            dec,
            mag: alert.magnitude(),
            score: read::computed(score),
            url: Some(self.page(alert, object)),
            name: name.into_owned(),
        })
    }

    fn to_target(&self, alert: &Alert<FinkPacket>, generic: &GenericAlert) -> Result<Target> {
        alert.target(generic)
    }

    fn provenance(&self, alert: &Alert<FinkPacket>, _: &GenericAlert) -> Provenance {
        alert.provenance()
    }

    fn alert(&self, id: &str) -> Result<Call<Alert<FinkPacket>>> {
        self.one(id, true)
    }

    fn recognises(&self, name: &str) -> bool {
        let (object, alert) = parts_of(name);
        Survey::of_id(object).is_some() || is_designation(object) || alert.is_some() && is_word(object)
    }

    fn reduced_data(&self, subject: Subject<'_, FinkPacket>) -> Result<Call<ReducedData>> {
        self.points(&subject_name(subject)?)
    }

    fn classifications(&self, subject: Subject<'_, FinkPacket>) -> Result<Call<Vec<Classification>>> {
        if let Some(alert) = subject.alert
            && let FinkPacket::Lsst(_) = **alert
        {
            return Ok(Call::Done(classes::of(alert)));
        }
        // The class is computed with every column only. By its id it is that of the alert.
        let name = if subject.alert.is_some() { subject_name(subject)? } else { subject.id.to_owned() };
        Ok(self.one(&name, true)?.map(|alert| Ok(classes::of(&alert))))
    }

    fn cutouts(&self, subject: Subject<'_, FinkPacket>) -> Result<Call<Vec<Cutout>>> {
        if let Some(alert) = subject.alert {
            return self.cutouts_of(alert).map(Call::Done);
        }
        let fink = self.clone();
        Ok(self.one(subject.id, false)?.map(move |alert| fink.cutouts_of(&alert)))
    }

    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<Vec<FinkQuery>> {
        let cone = |survey| FinkQuery {
            survey: Some(survey),
            ra: Some(ra),
            dec: Some(dec),
            radius: Some(radius),
            ..FinkQuery::default()
        };
        Ok(vec![cone(Survey::Ztf), cone(Survey::Lsst)])
    }

    fn name_query(&self, name: &str) -> Result<Vec<FinkQuery>> {
        let one = |name: &str| vec![name.to_owned()];
        let query = match Named::read(name)? {
            Named::Object(survey, id) => {
                let survey = Some(survey);
                return Ok(vec![FinkQuery { survey, object_id: one(id), ..FinkQuery::default() }]);
            }
            Named::Sso(name) => FinkQuery { sso: one(name), ..FinkQuery::default() },
            Named::Tns(name) => FinkQuery { tns_name: Some(name.to_owned()), ..FinkQuery::default() },
        };
        // Each survey has objects of its own under such a name.
        let of = |survey| FinkQuery { survey: Some(survey), ..query.clone() };
        Ok(vec![of(Survey::Ztf), of(Survey::Lsst)])
    }

    fn explain(&self, response: &Response) -> Option<Error> {
        errors::explain(response)
    }
}

impl Fink {
    /// The page for people. LSST's portal knows an object of the solar system by its packed designation.
    fn page(&self, alert: &FinkPacket, name: &str) -> Url {
        match alert {
            FinkPacket::Lsst(lsst) if lsst.object_id().is_none() => {
                let own = lsst.packed().or_else(|| lsst.ss_object_id().map(Into::into));
                self.endpoints.page(Survey::Lsst, &own.unwrap_or(name.into()))
            }
            _ => self.endpoints.page(alert.survey(), name),
        }
    }
}

/// The name by which the object of an alert is asked for; an alert's own number leads nowhere.
fn subject_name(subject: Subject<'_, FinkPacket>) -> Result<String> {
    let Some(alert) = subject.alert else { return Ok(parts_of(subject.id).0.to_owned()) };
    let name = alert.sso_name().or_else(|| alert.object_id().map(Into::into));
    name.map(|name| name.into_owned())
        .ok_or_else(|| names::nameless().with("alert", alert.alert_id().unwrap_or(subject.id)))
}
