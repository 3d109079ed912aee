//! ANTARES (NOIRLab): loci of ZTF and LSST with tags, catalogue matches and light curves.
//!
//! A *locus* is a place on the sky at which surveys have raised alerts; one holds the alerts of all
//! of them. The service has two interfaces: version 2, which is spoken unless the configuration
//! says otherwise, and version 1, whose support ended on 2026-11-04. Both give the same types here.
//! No credential is needed.
//!
//! ```
//! use tom_alerts::brokers::antares::{Antares, AntaresConfig, AntaresQuery};
//! use tom_alerts::plugin::*;
//!
//! let antares = Antares::new(AntaresConfig::default())?;
//! let query = AntaresQuery { tags: vec!["nuclear_transient".into()], ..AntaresQuery::default() };
//! let request = antares.listing(&query, &Cursor::default())?;
//! assert_eq!(request.url().path(), "/v2/loci");
//! # Ok::<(), Error>(())
//! ```
//!
//! # Configuration
//!
//! All of `[brokers.ANTARES]` is optional ([`AntaresConfig`]); reading needs no credential.
//!
//! | key | what |
//! |---|---|
//! | `base_url` | root with the version, `https://api.antares.noirlab.edu/v2/` |
//! | `api_version` | 1 or 2; without it 1 when `base_url` ends in `v1`, else 2 |
//! | `corrected_magnitudes` | `false` saves the second request of a light curve, and with it the look for mergers |
//!
//! Keys for the Kafka streams are given out by the ANTARES team; nothing here uses them.
//!
//! `cargo run --example alerts -- --demo fetch ANTARES` asks a recorded ANTARES.
//!
//! # What comes as what
//!
//! | of ANTARES | here |
//! |---|---|
//! | `ztf_object_id`, else the first id of ZTF, else of LSST, else the locus' own | [`GenericAlert::name`]; `id` is the locus' own |
//! | `newest_alert_observation_time` | [`GenericAlert::timestamp`], UTC; LSST's TAI is converted |
//! | `newest_alert_magnitude` | [`GenericAlert::mag`]; none where the history, which a single locus has, tells that the difference is negative |
//! | `drb`, else `rb`, of LSST `reliability`, of the newest detection | [`GenericAlert::score`] of a single locus; a listing has none |
//! | all ids of ZTF and LSST, the locus' own, `horizons_targetname` | aliases |
//! | tags, catalogues, counts, `replaced_by`, what filters have set but `feature_…` | extras |
//! | tag `sso_confirmed`, `horizons_targetname`; every detection within 12″ of a known object (`ztf_ssdistnr`, `ztf_ssmagnr`) or with an `ssObjectId` | a non-sidereal target with the last position and the extra `moving` |
//! | `ant_mag` | magnitude of a detection; `ant_maglim` is its depth, never its magnitude |
//! | `isdiffpos` f, `isNegative` | [`Photometry::negative_magnitude`]; no brightness |
//! | `psfFlux` of LSST | flux in nJy with its sign; a magnitude from 3σ on, else a limit of 5σ |
//! | `ant_survey` 2 | a limit, without a `source_id` |
//! | alerts with `timeWithdrawnMjdTai` of LSST | no points: they are in [`ReducedData::withdrawn`] |
//! | band `R` | r of ZTF |
//! | the alert's id | [`ReducedDatum::source_location`]; the survey's part of it is the point's `source_id` |
//!
//! # What to know
//!
//! - Reduced data are the complete history (`/alerts`), every page of it, with the corrected
//!   magnitudes of the light curve in the extras. The light curve alone may be shorter, and does not
//!   say which magnitudes are those of a missing flux.
//! - A point that only the light curve has is given with the extra `sign_known` false, and a note.
//! - A listing does not say the sign of a difference: the magnitude there may be that of a missing flux.
//!   A single locus, which has its history, tells.
//! - Tags are no classes: `classifications` is not supported; tags are in the extras and in queries.
//! - A listing comes with the newest alerts first. Alerts that arrive while it is read move loci from
//!   page to page; those that were pushed over are not given again. Nothing is promised of loci of one
//!   time, as all of one exposure are, or with another `sort`: a note says so of several pages.
//! - A listing names the nearest known object of the solar system but not its distance. So of a locus with
//!   such a name and few detections the history is fetched with the listing, one request a locus.
//! - A locus that was merged into another is not listed, but by `locus_id` and then with a note. Fetched
//!   by its id it is an error that names the other; its reduced data are those of the other, with a
//!   note. Without `corrected_magnitudes` reduced data do not look for a merger.
//! - An id of ZTF or LSST means the locus with the newest alert that has it.
//! - ZTF's times are the start of the exposure, LSST's the middle. ZTF is the camera on the P48.
//! - Cutouts are the thumbnails of the newest detection; LSST's alerts may have none.
//! - The Kafka streams are not read. Their messages, once unpacked, are read as a [`Locus`].
//!
//! # Documents
//!
//! - Portal, and the list of properties that searches may name: <https://antares.noirlab.edu/>,
//!   <https://antares.noirlab.edu/properties>
//! - Client, with searches in Elasticsearch's language: <https://nsf-noirlab.gitlab.io/csdc/antares/client/>
//! - Filters (what the tags mean): <https://nsf-noirlab.gitlab.io/csdc/antares/devkit/>
//! - Matheson et al. 2021, AJ 161, 107
//!
//! Checked on 2026-11-30: antares-client 2.0.2.

mod alerts;
mod elastic;
mod endpoints;
mod errors;
mod light_curve;
mod listing;
mod locus;
mod object;
mod photometry;
mod properties;
mod query;
mod services;

use endpoints::Endpoints;
use locus::is_locus;
use object::{Id, Loaded, MOST_MERGERS, merged};

use crate::plugin::*;

pub use alerts::{AlertProperties, AntaresAlert, Exposure, GravWaveMatch};
pub use light_curve::LightCurveRow;
pub use locus::Locus;
pub use properties::{LsstIds, Properties, Property, SurveyIds, ZtfIds};
pub use query::{AntaresConfig, AntaresQuery, ApiVersion, EsQuery};
pub use services::{CatalogMatch, CatalogSample, GravWaveNotice, MatchExtra, Statistics, Thumbnail};

/// ANTARES over HTTP.
pub type AntaresBroker = Client<Antares>;

const NAME: &str = "ANTARES";

/// How ANTARES is spoken.
#[derive(Debug, Clone)]
pub struct Antares {
    endpoints: Endpoints,
    corrected_magnitudes: bool,
}

impl Protocol for Antares {
    const INFO: &'static BrokerInfo = &BrokerInfo::new(
        NAME,
        "Loci of ZTF and LSST with tags, catalogue matches and light curves",
        "https://antares.noirlab.edu/",
    )
    .aliases(&[
        "tom_antares.antares.ANTARESBroker",
        "tom_alerts.brokers.antares.ANTARESBroker",
        "ANTARESBroker",
        "tom_antares.antares.AntaresDataService",
        "AntaresDataService",
    ])
    .score(
        "how real the newest detection is, 0 to 1: drb or rb of ZTF, reliability of LSST; none in a listing",
    )
    .checked("2026-11-30", "antares-client 2.0.2")
    .can(Capabilities {
        list: true,
        one: true,
        reduced_data: true,
        cutouts: true,
        cone: true,
        name: true,
        ..Capabilities::NONE
    });
    type Config = AntaresConfig;
    type Query = AntaresQuery;
    type Packet = Locus;
    type Submission = NoForm;

    fn new(config: AntaresConfig) -> Result<Self> {
        Ok(Self { endpoints: Endpoints::new(&config)?, corrected_magnitudes: config.corrected_magnitudes })
    }

    fn listing(&self, query: &AntaresQuery, at: &Cursor) -> Result<Request> {
        listing::request(&self.endpoints, query, at, Utc::now())
    }

    fn page(&self, query: &AntaresQuery, at: &Cursor, response: Response) -> Result<Page<Locus>> {
        listing::page(self, query, at, &response)
    }

    fn to_generic_alert(&self, alert: &Alert<Locus>) -> Result<GenericAlert> {
        Ok(GenericAlert {
            timestamp: alert.newest(),
            name: alert.name().to_owned(),
            ra: alert.ra,
            dec: alert.dec,
            mag: alert.magnitude(),
            score: alert.score(),
            url: Some(self.endpoints.page(&alert.id)),
            id: alert.id.clone(),
        })
    }

    fn to_target(&self, alert: &Alert<Locus>, generic: &GenericAlert) -> Result<Target> {
        alert.target(generic)
    }

    fn provenance(&self, alert: &Alert<Locus>, generic: &GenericAlert) -> Provenance {
        Provenance::of_object(&alert.id).observed_at(generic.timestamp).mean_of(alert.detections())
    }

    fn alert(&self, id: &str) -> Result<Call<Alert<Locus>>> {
        let antares = self.clone();
        Ok(self.find(id)?.and_then(move |id| {
            Ok(antares.locus(&id)?.and_then(move |locus| match locus.merged_into() {
                Some(other) => Err(merged(&id, other)),
                None => Ok(antares.with_history(locus)),
            }))
        }))
    }

    fn recognises(&self, name: &str) -> bool {
        is_locus(name) || Survey::of_id(name).is_some()
    }

    fn reduced_data(&self, subject: Subject<'_, Locus>) -> Result<Call<ReducedData>> {
        let antares = self.clone();
        if let Some(alert) = subject.alert.filter(|alert| alert.alerts.is_some()) {
            // Read again, so that alerts which cannot be read are told too.
            let (history, left_out) = wire::left_out(|| Alert::<Loaded>::from_raw(alert.raw()));
            return Ok(Call::Done(self.points(alert, (history?.into_packet().alerts.0, left_out))));
        }
        if let Some(alert) = subject.alert {
            return self.points_of((**alert).clone(), MOST_MERGERS);
        }
        Ok(self
            .find(subject.id)?
            .and_then(move |id| antares.points_of(Locus { id, ..Locus::default() }, MOST_MERGERS)))
    }

    fn cutouts(&self, subject: Subject<'_, Locus>) -> Result<Call<Vec<Cutout>>> {
        let antares = self.clone();
        if let Some(alert) = subject.alert {
            return Ok(self.cutouts_of(alert));
        }
        Ok(self.find(subject.id)?.and_then(move |id| {
            Ok(antares.locus(&id)?.and_then(move |locus| Ok(antares.cutouts_of(&locus))))
        }))
    }

    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<Vec<AntaresQuery>> {
        Ok(vec![AntaresQuery {
            ra: Some(ra),
            dec: Some(dec),
            radius: Some(radius),
            ..AntaresQuery::default()
        }])
    }

    fn name_query(&self, name: &str) -> Result<Vec<AntaresQuery>> {
        let name = Some(name.to_owned());
        match self.known(name.as_deref().unwrap_or_default())? {
            Id::Locus => Ok(vec![AntaresQuery { locus_id: name, ..AntaresQuery::default() }]),
            Id::Object(Survey::Ztf) => Ok(vec![AntaresQuery { ztf_id: name, ..AntaresQuery::default() }]),
            Id::Object(Survey::Lsst) => Ok(vec![AntaresQuery { lsst_id: name, ..AntaresQuery::default() }]),
        }
    }

    fn explain(&self, response: &Response) -> Option<Error> {
        errors::explain(response)
    }
}
