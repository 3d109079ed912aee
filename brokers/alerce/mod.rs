//! ALeRCE: objects, classes and light curves of ZTF and of LSST.
//!
//! One broker for two services that speak differently: ZTF's v1 with the forced photometry of v2,
//! and LSST's. Which one is asked follows from `survey` in the query or from the shape of an id:
//! digits alone are LSST's. No service needs a credential.
//!
//! ```
//! use tom_alerts::brokers::alerce::{Alerce, AlerceConfig, AlerceQuery};
//! use tom_alerts::plugin::*;
//!
//! let alerce = Alerce::new(AlerceConfig::default())?;
//! let query = AlerceQuery { class: Some("SNIa".into()), probability: Some(0.8), ..AlerceQuery::default() };
//! let request = alerce.listing(&query, &Cursor::default())?;
//! assert_eq!(request.url().path(), "/ztf/v1/objects/");
//! # Ok::<(), Error>(())
//! ```
//!
//! # Configuration
//!
//! All of `[brokers.ALeRCE]` is optional ([`AlerceConfig`]); no service wants a credential.
//!
//! | key | what |
//! |---|---|
//! | `base_url` | root of the ZTF service v1, `https://api.alerce.online/ztf/v1/`; the other roots follow its origin |
//! | `v2_url` | light curves v2, for forced photometry of ZTF |
//! | `lsst_url` | the LSST services |
//! | `stamp_url` | stamps and alert packets of ZTF |
//! | `catshtm_url` | cross-matches |
//! | `forced_photometry` | `false` saves the second request of a ZTF light curve |
//!
//! `cargo run --example alerts -- --demo fetch ALeRCE class=SNIa` asks a recorded ALeRCE.
//!
//! # What comes as what
//!
//! | of ALeRCE | here |
//! |---|---|
//! | `lastmjd` | [`GenericAlert::timestamp`], UTC; LSST's TAI is converted |
//! | `probability` of the class | [`GenericAlert::score`]; none where no classifier has spoken |
//! | `magpsf` | magnitude of a detection; `diffmaglim` is its depth, never its magnitude |
//! | `isdiffpos` −1, negative flux | [`Photometry::negative_magnitude`]; no brightness |
//! | `magpsf_corr`, `sigmapsf_corr_ext` | extras of a point, where corrected, not dubious and usable |
//! | non-detection | a limit |
//! | forced photometry, ZTF | a magnitude where its error is at most 0.36, else a limit at the depth |
//! | `psfFlux` of LSST | flux in nJy with its sign; a magnitude from 3σ on, else a limit of 5σ |
//! | class `asteroid`, LSST's `sid` 2 | a non-sidereal target with the last position and the extra `moving` |
//! | a row of LSST with `timeWithdrawnMjdTai` | no measurement: it is in [`ReducedData::withdrawn`] |
//!
//! # What to know
//!
//! - A listing gives an object once per version of the classifier (ZTF) or per classifier (LSST).
//!   A store keeps one target of them.
//! - Neither service can list the ids above a given one, and page numbers lose objects when others leave
//!   the answer meanwhile. So a listing is asked for by the first detection, each page from the last value
//!   on: an object that answers the query all the time comes, whatever the others do. So it is with
//!   `order_by` `firstmjd` and `lastmjd` (sorted downwards by the last detection, an object that is
//!   detected again meanwhile is missed). Other orders count the pages, and a note says what that means.
//! - An LSST object without any class is in no listing, and neither is one without a first detection.
//! - More than 200 ids are asked for in several requests.
//! - ZTF's service sorts objects that lack the value first when it sorts downwards.
//! - LSST's service does not filter by a class that the classifier does not have. Rows of other classes
//!   are left out, and a note says so.
//! - LSST's service gives ten forced points an object at most; a note says when that may have cut.
//! - ZTF's MJD is the start of the exposure, LSST's the middle.
//! - Cutouts are links to PNG images; ZTF's are FITS (gzip) with `format=fits` in place of `png`.
//!
//! # Documents
//!
//! - Service and classifiers: <https://alerce.science/>, <https://science.alerce.online/>
//! - Python client: <https://alerce.readthedocs.io/>
//! - Source of the services: <https://github.com/alercebroker/web-services>; notebooks on LSST and TAP:
//!   <https://github.com/alercebroker/usecases>
//!
//! Checked on 2026-11-30: web-services of 2026-04-24, alerce 2.3.1 (client).

mod endpoints;
mod errors;
mod listing;
mod lsst;
mod object;
mod packet;
mod query;
mod services;
mod snapshot;
mod toolkit;
mod ztf;

use endpoints::Endpoints;

use crate::plugin::*;

pub use lsst::{LsstDetection, LsstLightCurve};
pub use packet::AlercePacket;
pub use query::{AlerceConfig, AlerceQuery, OrderBy, OrderMode};
pub use services::{
    Catalogue, CatalogueColumn, Catalogues, ClassName, Classifier, ConeMatch, Feature, LimitValues,
    LsstStatistics, Probability, ZtfAlertPacket, ZtfCandidate, ZtfMagStats,
};
pub use ztf::{NonDetection, V2Detection, V2Extra, V2LightCurve, ZtfDetection, ZtfLightCurve};

/// ALeRCE over HTTP.
pub type AlerceBroker = Client<Alerce>;

const NAME: &str = "ALeRCE";

/// How ALeRCE is spoken.
#[derive(Debug, Clone)]
pub struct Alerce {
    endpoints: Endpoints,
    forced_photometry: bool,
}

impl Protocol for Alerce {
    const INFO: &'static BrokerInfo = &BrokerInfo::new(
        NAME,
        "Objects of ZTF and LSST with classes by machine learning and light curves",
        "https://alerce.online/",
    )
    .aliases(&[
        "tom_alerts.brokers.alerce.ALeRCEBroker",
        "ALeRCEBroker",
        "tom_dataservices.data_services.alerce.AlerceDataService",
        "AlerceDataService",
    ])
    .score("probability of the listed class, 0 to 1; none where no classifier has spoken")
    .checked("2026-11-30", "web-services of 2026-04-24, alerce 2.3.1 (client)")
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
    type Config = AlerceConfig;
    type Query = AlerceQuery;
    type Packet = AlercePacket;
    type Submission = NoForm;

    fn new(config: AlerceConfig) -> Result<Self> {
        Ok(Self { endpoints: Endpoints::new(&config)?, forced_photometry: config.forced_photometry })
    }

    fn listing(&self, query: &AlerceQuery, at: &Cursor) -> Result<Request> {
        listing::request(&self.endpoints, query, at)
    }

    fn page(&self, query: &AlerceQuery, at: &Cursor, response: Response) -> Result<Page<AlercePacket>> {
        listing::page(query, at, &response)
    }

    fn to_generic_alert(&self, alert: &Alert<AlercePacket>) -> Result<GenericAlert> {
        Ok(GenericAlert {
            timestamp: alert.last_detection(),
            ra: alert.meanra,
            dec: alert.meandec,
            score: alert.probability,
            url: Some(self.endpoints.page(alert.survey(), &alert.oid)),
            ..GenericAlert::new(&alert.oid)
        })
    }

    fn to_target(&self, alert: &Alert<AlercePacket>, generic: &GenericAlert) -> Result<Target> {
        alert.target(generic)
    }

    fn provenance(&self, alert: &Alert<AlercePacket>, _: &GenericAlert) -> Provenance {
        alert.provenance()
    }

    fn alert(&self, id: &str) -> Result<Call<Alert<AlercePacket>>> {
        self.one(id)
    }

    fn recognises(&self, name: &str) -> bool {
        Survey::of_id(name).is_some()
    }

    fn reduced_data(&self, subject: Subject<'_, AlercePacket>) -> Result<Call<ReducedData>> {
        self.points(subject.id)
    }

    fn classifications(&self, subject: Subject<'_, AlercePacket>) -> Result<Call<Vec<Classification>>> {
        self.classes_of(subject.id)
    }

    fn cutouts(&self, subject: Subject<'_, AlercePacket>) -> Result<Call<Vec<Cutout>>> {
        self.cutouts_of(subject.id)
    }

    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<Vec<AlerceQuery>> {
        let cone = |survey| AlerceQuery {
            survey: Some(survey),
            ra: Some(ra),
            dec: Some(dec),
            radius: Some(radius),
            ..AlerceQuery::default()
        };
        Ok(vec![cone(Survey::Ztf), cone(Survey::Lsst)])
    }

    fn name_query(&self, name: &str) -> Result<Vec<AlerceQuery>> {
        let name = name.trim();
        let survey = self.known(name).map_err(|e| e.with("name", name))?;
        Ok(vec![AlerceQuery { survey: Some(survey), oid: vec![name.to_owned()], ..AlerceQuery::default() }])
    }

    fn exchange(&self, request: Request) -> Result<Call<Response>> {
        Ok(errors::exchange(&self.endpoints, request))
    }

    fn explain(&self, response: &Response) -> Option<Error> {
        errors::explain(response)
    }
}
