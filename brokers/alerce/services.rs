//! The further services: classifiers, statistics, features, cone search, alert packets, catalogues.

use std::collections::BTreeMap;

use super::{Alerce, LsstDetection, LsstLightCurve, V2LightCurve, ZtfLightCurve, errors};
use crate::plugin::*;

/// The widest cone, arcsec: as that of the form.
const WIDEST: f64 = 324_000.0;

/// Calls of ALeRCE alone; [`Client::run`] carries them out.
///
/// ```no_run
/// # async fn run() -> tom_alerts::Result<()> {
/// use tom_alerts::Survey;
/// use tom_alerts::brokers::alerce::{AlerceBroker, AlerceConfig};
/// let alerce = AlerceBroker::new(AlerceConfig::default())?;
/// let classifiers = alerce.run(Ok(alerce.protocol().classifiers(Survey::Ztf))).await?;
/// # Ok(()) }
/// ```
///
/// Where they give `Rows`, each row that cannot be read is an error in its place. Calls about an
/// object fail with [`ErrorKind::Input`] for an id that cannot be one of the survey, and those
/// that ask one survey only for an object of the other.
impl Alerce {
    /// The classifiers there are now, with their classes.
    #[must_use]
    pub fn classifiers(&self, survey: Survey) -> Call<Rows<Classifier>> {
        let request = match survey {
            Survey::Ztf => self.endpoints.ztf(&["classifiers", ""]),
            Survey::Lsst => self.endpoints.lsst(&["classifier_api", "classifiers"]),
        };
        Call::get(request, |response| response.json())
    }

    /// The classes of one version of a ZTF classifier.
    #[must_use]
    pub fn classes(&self, classifier: &str, version: &str) -> Call<Rows<ClassName>> {
        Call::get(self.endpoints.ztf(&["classifiers", classifier, version, "classes"]), |response| {
            response.json()
        })
    }

    /// What the classifiers say of an object of either survey; no rows when they have not spoken.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that cannot be one of ALeRCE.
    pub fn probabilities(&self, oid: &str) -> Result<Call<Rows<Probability>>> {
        match self.known(oid)? {
            Survey::Ztf => {
                Ok(Call::get(self.endpoints.ztf(&["objects", oid, "probabilities"]), |response| {
                    response.json()
                }))
            }
            Survey::Lsst => {
                let request = self.endpoints.lsst(&["probability_api", "probability"]).query("oid", oid);
                Ok(Call::get(request.accept_status(404), |response| match response.status() {
                    404 if response.is_html() => Err(errors::no_path()),
                    404 => Ok(Rows::default()),
                    _ => response.json(),
                }))
            }
        }
    }

    /// The light curve of a ZTF object as v1 sends it.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of ZTF.
    pub fn ztf_light_curve(&self, oid: &str) -> Result<Call<ZtfLightCurve>> {
        self.of_survey(oid, Survey::Ztf)?;
        let request = self.endpoints.ztf(&["objects", oid, "lightcurve"]);
        Ok(Call::get(request, |response| Ok(response.json::<Option<_>>()?.unwrap_or_default())))
    }

    /// The light curve of a ZTF object as v2 sends it, with forced photometry.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of ZTF.
    pub fn v2_light_curve(&self, oid: &str) -> Result<Call<V2LightCurve>> {
        self.of_survey(oid, Survey::Ztf)?;
        Ok(Call::get(self.endpoints.v2("lightcurve", oid), |response| response.json()))
    }

    /// The light curve of an LSST object as its service sends it.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of LSST.
    pub fn lsst_light_curve(&self, oid: &str) -> Result<Call<LsstLightCurve>> {
        self.of_survey(oid, Survey::Lsst)?;
        let request = self.endpoints.lsst_object(&["lightcurve_api", "lightcurve"], oid);
        Ok(Call::get(request, |response| response.json()))
    }

    /// The detections of an LSST object alone.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of LSST.
    pub fn lsst_detections(&self, oid: &str) -> Result<Call<Rows<LsstDetection>>> {
        self.of_survey(oid, Survey::Lsst)?;
        let request = self.endpoints.lsst_object(&["lightcurve_api", "detections"], oid);
        Ok(Call::get(request, |response| response.json()))
    }

    /// Statistics of a ZTF object's magnitudes, one row a band.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of ZTF.
    pub fn ztf_magstats(&self, oid: &str) -> Result<Call<Rows<ZtfMagStats>>> {
        self.of_survey(oid, Survey::Ztf)?;
        Ok(Call::get(self.endpoints.ztf(&["objects", oid, "magstats"]), |response| response.json()))
    }

    /// Rubin's statistics of an LSST object, rounded by the service.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of LSST.
    pub fn lsst_magstats(&self, oid: &str) -> Result<Call<Rows<LsstStatistics>>> {
        self.of_survey(oid, Survey::Lsst)?;
        let request = self.endpoints.lsst_object(&["magstat_api", "magstats"], oid);
        Ok(Call::get(request, |response| response.json()))
    }

    /// The features of a ZTF light curve; `band` 0 none, 1 g, 2 r, 12 both.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of ZTF.
    pub fn features(&self, oid: &str, band: Option<u32>) -> Result<Call<Rows<Feature>>> {
        self.of_survey(oid, Survey::Ztf)?;
        let request = self.endpoints.ztf(&["objects", oid, "features"]).query_opt("fid", band);
        Ok(Call::get(request, |response| response.json()))
    }

    /// What ZTF's listing spans.
    #[must_use]
    pub fn limit_values(&self) -> Call<LimitValues> {
        Call::get(self.endpoints.ztf(&["objects", "limit_values"]), |response| response.json())
    }

    /// The LSST objects within `radius` arcsec of a place in degrees, at most `neighbors` of them;
    /// unlike the listing it gives those without a class too.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for numbers out of range.
    pub fn lsst_cone(&self, ra: f64, dec: f64, radius: f64, neighbors: u32) -> Result<Call<Rows<ConeMatch>>> {
        sky::check_cone(ra, dec, radius, WIDEST)?;
        const ARCSEC_A_DEGREE: f64 = 3600.0;
        let request = self
            .endpoints
            .lsst(&["lightcurve_api", "conesearch", "objects_by_coordinates"])
            .query("ra", ra)
            .query("dec", dec)
            .query("radius", radius / ARCSEC_A_DEGREE)
            .query("neighbors", neighbors.max(1));
        Ok(Call::get(request, |response| response.json()))
    }

    /// A ZTF alert as it was published, without its images.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of ZTF.
    pub fn alert_packet(&self, oid: &str, candid: &str) -> Result<Call<ZtfAlertPacket>> {
        self.of_survey(oid, Survey::Ztf)?;
        Ok(Call::get(self.stamp_request("get_avro_info", oid, candid), |response| response.json()))
    }

    /// All sources of a catalogue of catsHTM, such as `GAIA/DR1`, within `radius` arcsec of a place
    /// in degrees, by the catalogue's name.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for numbers out of range.
    pub fn catalogue_cone(
        &self,
        catalogue: &str,
        ra: f64,
        dec: f64,
        radius: f64,
    ) -> Result<Call<BTreeMap<String, Catalogue>>> {
        let request = self.catshtm("conesearch", ra, dec, radius)?.query("catalog", catalogue);
        Ok(Call::get(request, |response| response.json()))
    }

    /// The same of every catalogue.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for numbers out of range.
    pub fn catalogues_cone(&self, ra: f64, dec: f64, radius: f64) -> Result<Call<Catalogues>> {
        Ok(Call::get(self.catshtm("conesearch_all", ra, dec, radius)?, |response| response.json()))
    }

    /// The source of a catalogue that is nearest to a place; empty when none is within `radius`.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for numbers out of range.
    pub fn crossmatch(&self, catalogue: &str, ra: f64, dec: f64, radius: f64) -> Result<Call<Catalogue>> {
        let request = self.catshtm("crossmatch", ra, dec, radius)?.query("catalog", catalogue);
        Ok(Call::get(request, |response| response.json()))
    }

    /// The nearest source of every catalogue.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for numbers out of range.
    pub fn crossmatch_all(
        &self,
        ra: f64,
        dec: f64,
        radius: f64,
    ) -> Result<Call<Rows<BTreeMap<String, Catalogue>>>> {
        Ok(Call::get(self.catshtm("crossmatch_all", ra, dec, radius)?, |response| response.json()))
    }

    fn catshtm(&self, what: &str, ra: f64, dec: f64, radius: f64) -> Result<Request> {
        sky::check_cone(ra, dec, radius, WIDEST)?;
        let request = self.endpoints.catshtm(what);
        Ok(request.query("ra", ra).query("dec", dec).query("radius", radius))
    }

    fn of_survey(&self, oid: &str, due: Survey) -> Result<()> {
        if self.known(oid)? == due {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Input, format!("this call is for objects of {due} only")).with("oid", oid))
    }

    pub(super) fn stamp_request(&self, what: &str, oid: &str, candid: &str) -> Request {
        self.endpoints.stamps(what).query("oid", oid).query("candid", candid)
    }
}

/// A classifier of the live list.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Classifier {
    /// Its name, as a query takes it.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub classifier_name: Option<String>,
    /// Its version, as a query takes it.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub classifier_version: Option<String>,
    /// Its classes.
    #[serde(deserialize_with = "wire::texts_or_none")]
    pub classes: Vec<String>,
    /// LSST: its number.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub classifier_id: Option<i64>,
}

/// A class of a classifier.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ClassName {
    /// Its name, as a query takes it.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub name: Option<String>,
}

/// What one classifier says of an object for one class.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Probability {
    /// The classifier.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub classifier_name: Option<String>,
    /// Its version; LSST's service sends a number that means nothing.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub classifier_version: Option<String>,
    /// The class.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub class_name: Option<String>,
    /// Probability, 0 to 1.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub probability: Option<f64>,
    /// 1 is the most probable class of this classifier.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub ranking: Option<i64>,
}

/// Statistics of a ZTF object in one band.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ZtfMagStats {
    /// Band: 1 g, 2 r, 3 i.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub fid: Option<i64>,
    /// Whether it looks like a star.
    #[serde(deserialize_with = "wire::flag_or_none")]
    pub stellar: Option<bool>,
    /// Whether the corrected magnitudes are used.
    #[serde(deserialize_with = "wire::flag_or_none")]
    pub corrected: Option<bool>,
    /// Detections.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub ndet: Option<i64>,
    /// Detections whose correction is not to be trusted.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub ndubious: Option<i64>,
    /// Mean magnitude.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magmean: Option<f64>,
    /// Median magnitude.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magmedian: Option<f64>,
    /// Largest number, so the faintest magnitude.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magmax: Option<f64>,
    /// Smallest number, so the brightest magnitude.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magmin: Option<f64>,
    /// Scatter, mag.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magsigma: Option<f64>,
    /// Magnitude of the last detection.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub maglast: Option<f64>,
    /// Magnitude of the first detection.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magfirst: Option<f64>,
    /// First detection, MJD UTC.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub firstmjd: Option<f64>,
    /// Last detection, MJD UTC.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub lastmjd: Option<f64>,
    /// Version of the pipeline.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub step_id_corr: Option<String>,
}

/// A feature of a ZTF light curve.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Feature {
    /// Its name.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub name: Option<String>,
    /// Its value; `None` where it could not be computed.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub value: Option<f64>,
    /// Band: 0 none, 1 g, 2 r, 12 both.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub fid: Option<i64>,
    /// Version of the computation.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub version: Option<String>,
}

/// What ZTF's listing spans.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LimitValues {
    /// Least number of detections.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub min_ndet: Option<i64>,
    /// Largest number of detections.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub max_ndet: Option<i64>,
    /// Earliest first detection, MJD UTC.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub min_firstmjd: Option<f64>,
    /// Latest first detection, MJD UTC.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub max_firstmjd: Option<f64>,
}

/// An object near a place.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConeMatch {
    /// The object's id.
    #[serde(rename = "objectId", deserialize_with = "wire::id")]
    pub object_id: String,
    /// Its survey.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub survey_id: Option<String>,
    /// Right ascension, degrees.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub dec: Option<f64>,
}

/// A ZTF alert as it was published, without its images.
#[derive(Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct ZtfAlertPacket {
    /// The object's id.
    #[serde(rename = "objectId", deserialize_with = "wire::id")]
    pub object_id: String,
    /// ZTF's id of the alert.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub candid: Option<String>,
    /// Version of the alert schema.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub schemavsn: Option<String>,
    /// Who published it.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub publisher: Option<String>,
    /// The measurement.
    #[serde(default)]
    pub candidate: ZtfCandidate,
    /// What was measured before; a row without `candid` is a non-detection.
    #[serde(default)]
    pub prv_candidates: Rows<ZtfCandidate>,
}

/// A measurement in a ZTF alert: the columns that are of use here.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ZtfCandidate {
    /// Start of the exposure, JD UTC.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub jd: Option<f64>,
    /// Band: 1 g, 2 r, 3 i.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub fid: Option<i64>,
    /// ZTF's id of the image.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub pid: Option<i64>,
    /// ZTF's id of the measurement.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub candid: Option<String>,
    /// Depth of the exposure, 5σ, mag.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub diffmaglim: Option<f64>,
    /// Whether the object was brighter than in the reference image.
    #[serde(deserialize_with = "wire::flag_or_none")]
    pub isdiffpos: Option<bool>,
    /// Right ascension, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub dec: Option<f64>,
    /// Magnitude of the difference image, PSF.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magpsf: Option<f64>,
    /// Its error, 1σ.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub sigmapsf: Option<f64>,
    /// Aperture magnitude.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magap: Option<f64>,
    /// Its error.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub sigmagap: Option<f64>,
    /// Magnitude of the nearest source of the reference image.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magnr: Option<f64>,
    /// Its error.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub sigmagnr: Option<f64>,
    /// Its distance, pixels of 1 arcsec.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub distnr: Option<f64>,
    /// Real-bogus score, 0 to 1.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub rb: Option<f64>,
    /// Real-bogus score by deep learning, 0 to 1.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub drb: Option<f64>,
    /// Star or galaxy by SExtractor, 1 is a star.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub classtar: Option<f64>,
    /// The nearest known object of the solar system; the text `null` is none.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub ssnamenr: Option<String>,
    /// Its distance, arcsec; −999 is none.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub ssdistnr: Option<f64>,
    /// Star or galaxy of the nearest Pan-STARRS source, 1 is a star.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub sgscore1: Option<f64>,
    /// Its distance, arcsec.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub distpsnr1: Option<f64>,
    /// Detections within 1.5 arcsec so far.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub ndethist: Option<i64>,
    /// Exposures of the place so far.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub ncovhist: Option<i64>,
    /// First detection, JD UTC.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub jdstarthist: Option<f64>,
    /// Last detection, JD UTC.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub jdendhist: Option<f64>,
    /// ZTF's number of the field.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub field: Option<i64>,
    /// ZTF's number of the readout channel.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub rcid: Option<i64>,
    /// ZTF's number of the programme.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub programid: Option<i64>,
    /// Exposure time, s.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub exptime: Option<f64>,
}

/// Rubin's columns of one fixed object, as the LSST services give them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LsstStatistics {
    /// The object's id.
    #[serde(deserialize_with = "wire::id")]
    pub oid: String,
    /// Every other column by Rubin's name, such as `g_psfFluxMean` in nJy. The statistics service
    /// rounds to three decimals, positions too: take no coordinates from it.
    #[serde(flatten)]
    pub columns: BTreeMap<String, Value>,
}

impl LsstStatistics {
    /// A column as a number; `None` where it is null, missing or no number.
    #[must_use]
    pub fn number(&self, column: &str) -> Option<f64> {
        self.columns.get(column).and_then(Value::as_f64)
    }
}

/// The columns of a catalogue near a place, by their names.
pub type Catalogue = BTreeMap<String, CatalogueColumn>;

/// A column of a catalogue: of the sources within the cone, or of the nearest one.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct CatalogueColumn {
    /// Unit; a blank where there is none.
    #[serde(alias = "units")]
    pub unit: String,
    /// Its values, one a source; a single one in a cross-match. `null` where unknown, which the
    /// service writes as a text.
    #[serde(alias = "value", deserialize_with = "values")]
    pub values: Vec<Value>,
}

fn values<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Value>, D::Error> {
    let values = match Value::deserialize(from)? {
        Value::Array(values) => values,
        value => vec![value],
    };
    Ok(values.into_iter().map(|value| if value == "null" { Value::Null } else { value }).collect())
}

/// What every catalogue has near a place.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Catalogues {
    /// The catalogues, each under its name.
    pub catalogs: Vec<BTreeMap<String, Catalogue>>,
}

impl From<Probability> for Classification {
    fn from(row: Probability) -> Self {
        Self {
            classifier: row.classifier_name.unwrap_or_default(),
            version: row.classifier_version,
            class: row.class_name.unwrap_or_default(),
            probability: row.probability.filter(|p| (0.0..=1.0).contains(p)),
            rank: row.ranking.and_then(|rank| u32::try_from(rank).ok()),
        }
    }
}
