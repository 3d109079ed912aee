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
//!
//! # What to know
//!
//! - A listing gives an object once per version of the classifier (ZTF) or per classifier (LSST).
//!   A store keeps one target of them.
//! - A listing is asked for by id unless the query says otherwise: the services' own order is not
//!   fixed, and an object could fall between two pages.
//! - ZTF's service sorts objects that lack the value first when it sorts downwards.
//! - LSST's service gives ten forced points an object at most; a note says when that may have cut.
//! - ZTF's MJD is the start of the exposure, LSST's the middle.
//! - Cutouts are links to PNG images; ZTF's are FITS (gzip) with `format=fits` in place of `png`.

mod explain;
mod extra;
mod listing;
mod lsst;
mod packet;
mod query;
mod roots;
mod services;
mod snapshot;
mod ztf;

use roots::Roots;

use crate::plugin::*;

pub use lsst::{LsstDetection, LsstLightCurve};
pub use packet::AlercePacket;
pub use query::{AlerceConfig, AlerceQuery, OrderBy, OrderMode, Survey};
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
    roots: Roots,
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
        "tom_dataservices.data_services.alerce.ALeRCEDataService",
    ])
    .score("probability of the listed class, 0 to 1; none where no classifier has spoken")
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
        Ok(Self { roots: Roots::new(&config)?, forced_photometry: config.forced_photometry })
    }

    fn listing(&self, query: &AlerceQuery, at: &Cursor) -> Result<Request> {
        Ok(listing::request(&self.roots, query, at.number(1)?))
    }

    fn page(&self, query: &AlerceQuery, at: &Cursor, response: Response) -> Result<Page<AlercePacket>> {
        listing::page(query, at.number(1)?, &response)
    }

    fn to_generic_alert(&self, alert: &Alert<AlercePacket>) -> Result<GenericAlert> {
        Ok(GenericAlert {
            timestamp: alert.last_detection(),
            ra: alert.meanra,
            dec: alert.meandec,
            score: alert.probability,
            url: Some(self.roots.page(&alert.oid)),
            ..GenericAlert::new(&alert.oid)
        })
    }

    fn to_target(&self, alert: &Alert<AlercePacket>, generic: &GenericAlert) -> Result<Target> {
        alert.target(generic)
    }

    fn alert(&self, id: &str) -> Result<Call<Alert<AlercePacket>>> {
        match self.known(id)? {
            Survey::Ztf => Ok(Call::get(self.roots.ztf(&["objects", id]), read_alert)),
            Survey::Lsst => {
                let detections = self.roots.lsst_object(&["lightcurve_api", "detections"], id);
                let request = self.roots.lsst_object(&["object_api", "object"], id).accept_status(500);
                Ok(Call::step(request, move |answer| match answer {
                    // The same failure stands for an unknown object and for a service that is down.
                    Err(error) if explain::is_silent(&error) => Ok(Call::get(detections, move |response| {
                        Err(explain::about_object(error, &response))
                    })),
                    answer => Ok(Call::Done(read_alert(answer?)?)),
                }))
            }
        }
    }

    fn recognises(&self, name: &str) -> bool {
        let lsst = (15..20).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_digit());
        lsst || is_ztf(name)
    }

    fn reduced_data(&self, subject: Subject<'_, AlercePacket>) -> Result<Call<ReducedData>> {
        let oid = subject.id.to_owned();
        match self.known(&oid)? {
            Survey::Ztf if self.forced_photometry => {
                let calls = vec![self.ztf_points(&oid), self.forced_points(&oid)];
                Ok(Call::all(calls, |results| {
                    let mut parts = results.into_iter();
                    let mut data = parts.next().unwrap_or_else(|| Ok(ReducedData::default()))?;
                    match parts.next() {
                        Some(Ok(forced)) => data.merge(forced),
                        Some(Err(error)) => {
                            data.notes
                                .push("forced photometry could not be had; the rest is whole".to_owned());
                            data.failures.push(error.with("list", "forced_photometry"));
                        }
                        None => {}
                    }
                    Ok(data.sorted())
                }))
            }
            Survey::Ztf => Ok(self.ztf_points(&oid)),
            Survey::Lsst => {
                let request = self.roots.lsst_object(&["lightcurve_api", "lightcurve"], &oid);
                Ok(Call::get(request, move |response| {
                    let curve = response.json::<Option<LsstLightCurve>>()?.unwrap_or_default();
                    Ok(lsst::light_curve(&oid, curve))
                }))
            }
        }
    }

    fn classifications(&self, subject: Subject<'_, AlercePacket>) -> Result<Call<Vec<Classification>>> {
        let survey = self.known(subject.id)?;
        let rows = self.probabilities(subject.id)?;
        Ok(rows.map(move |rows| {
            let classify = |row: Probability| {
                let mut class = Classification::from(row);
                if survey == Survey::Lsst {
                    // The service sends 0 whatever the version is.
                    class.version = None;
                }
                class
            };
            // A row that does not say who classified, or as what, says nothing.
            let named = |class: &Classification| !class.classifier.is_empty() && !class.class.is_empty();
            let classes = rows.into_iter().map(|row| row.map(classify));
            classes.filter(|class| class.as_ref().map_or(true, named)).collect()
        }))
    }

    fn cutouts(&self, subject: Subject<'_, AlercePacket>) -> Result<Call<Vec<Cutout>>> {
        let oid = subject.id.to_owned();
        let alerce = self.clone();
        match self.known(&oid)? {
            Survey::Ztf => Ok(Call::get(self.roots.ztf(&["objects", &oid, "detections"]), move |response| {
                let latest = ztf::latest_with_stamp(response.json()?);
                Ok(latest.map_or_else(Vec::new, |candid| alerce.ztf_cutouts(&oid, &candid)))
            })),
            Survey::Lsst => {
                let request = self.roots.lsst_object(&["lightcurve_api", "detections"], &oid);
                Ok(Call::get(request, move |response| {
                    let latest = lsst::latest_with_stamp(response.json()?);
                    Ok(latest.map_or_else(Vec::new, |id| alerce.lsst_cutouts(&oid, &id)))
                }))
            }
        }
    }

    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<AlerceQuery> {
        Ok(AlerceQuery { ra: Some(ra), dec: Some(dec), radius: Some(radius), ..AlerceQuery::default() })
    }

    fn name_query(&self, name: &str) -> Result<AlerceQuery> {
        Ok(AlerceQuery { oid: vec![name.to_owned()], ..AlerceQuery::default() })
    }

    fn explain(&self, response: &Response) -> Option<Error> {
        explain::explain(response)
    }
}

impl Alerce {
    /// The survey of an id that can be one of this service.
    fn known(&self, id: &str) -> Result<Survey> {
        if self.recognises(id) {
            return Ok(Survey::of_id(id));
        }
        let text = "this is no id of ALeRCE; ZTF's are like ZTF20aaelulu, LSST's have 15 to 19 digits";
        Err(Error::new(ErrorKind::Input, text))
    }

    fn ztf_points(&self, oid: &str) -> Call<ReducedData> {
        let name = oid.to_owned();
        Call::get(self.roots.ztf(&["objects", oid, "lightcurve"]), move |response| {
            // An object without any point answers null.
            let curve = response.json::<Option<ZtfLightCurve>>()?.unwrap_or_default();
            Ok(ztf::light_curve(&name, curve))
        })
    }

    fn forced_points(&self, oid: &str) -> Call<ReducedData> {
        let name = oid.to_owned();
        Call::get(self.roots.v2("forced-photometry", oid), move |response| {
            Ok(ztf::forced_photometry(&name, response.json()?))
        })
    }

    fn ztf_cutouts(&self, oid: &str, candid: &str) -> Vec<Cutout> {
        let cutout = |kind: CutoutKind| {
            let request = self.stamp_request("get_stamp", oid, candid);
            let request = request.query("type", kind.as_str()).query("format", "png");
            png(kind, candid, request.url())
        };
        CutoutKind::ALL.map(cutout).into()
    }

    fn lsst_cutouts(&self, oid: &str, measurement: &str) -> Vec<Cutout> {
        let cutout = |kind: CutoutKind| {
            let word = match kind {
                CutoutKind::Science => "cutoutScience",
                CutoutKind::Template => "cutoutTemplate",
                CutoutKind::Difference => "cutoutDifference",
            };
            let request = self.roots.lsst_object(&["stamps_api", "stamp"], oid);
            let request = request.query("measurement_id", measurement).query("stamp_type", word);
            png(kind, measurement, request.query("file_format", "png").url())
        };
        CutoutKind::ALL.map(cutout).into()
    }
}

fn is_ztf(name: &str) -> bool {
    let Some((year, letters)) = name.strip_prefix("ZTF").and_then(|rest| rest.split_at_checked(2)) else {
        return false;
    };
    let digits = year.bytes().all(|b| b.is_ascii_digit());
    digits && letters.len() == 7 && letters.bytes().all(|b| b.is_ascii_lowercase())
}

fn read_alert(response: Response) -> Result<Alert<AlercePacket>> {
    Alert::from_raw(response.text()?)
}

fn png(kind: CutoutKind, source_id: &str, url: &Url) -> Cutout {
    Cutout {
        kind,
        format: "png".to_owned(),
        source_id: Some(source_id.to_owned()),
        url: Some(url.clone()),
        bytes: None,
    }
}
