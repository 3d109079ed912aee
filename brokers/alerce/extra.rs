//! The further calls: what ALeRCE's services offer beside what every broker does.

use super::{
    Alerce, Catalogue, Catalogues, ClassName, Classifier, ConeMatch, Feature, LimitValues, LsstDetection,
    LsstLightCurve, LsstStatistics, Probability, V2LightCurve, ZtfAlertPacket, ZtfLightCurve, ZtfMagStats,
    explain,
};
use std::collections::BTreeMap;

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
            Survey::Ztf => self.roots.ztf(&["classifiers", ""]),
            Survey::Lsst => self.roots.lsst(&["classifier_api", "classifiers"]),
        };
        Call::get(request, |response| response.json())
    }

    /// The classes of one version of a ZTF classifier.
    #[must_use]
    pub fn classes(&self, classifier: &str, version: &str) -> Call<Rows<ClassName>> {
        Call::get(self.roots.ztf(&["classifiers", classifier, version, "classes"]), |response| {
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
                Ok(Call::get(self.roots.ztf(&["objects", oid, "probabilities"]), |response| response.json()))
            }
            Survey::Lsst => {
                let request = self.roots.lsst(&["probability_api", "probability"]).query("oid", oid);
                Ok(Call::get(request.accept_status(404), |response| match response.status() {
                    404 if response.is_html() => Err(explain::no_path()),
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
        let request = self.roots.ztf(&["objects", oid, "lightcurve"]);
        Ok(Call::get(request, |response| Ok(response.json::<Option<_>>()?.unwrap_or_default())))
    }

    /// The light curve of a ZTF object as v2 sends it, with forced photometry.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of ZTF.
    pub fn v2_light_curve(&self, oid: &str) -> Result<Call<V2LightCurve>> {
        self.of_survey(oid, Survey::Ztf)?;
        Ok(Call::get(self.roots.v2("lightcurve", oid), |response| response.json()))
    }

    /// The light curve of an LSST object as its service sends it.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of LSST.
    pub fn lsst_light_curve(&self, oid: &str) -> Result<Call<LsstLightCurve>> {
        self.of_survey(oid, Survey::Lsst)?;
        let request = self.roots.lsst_object(&["lightcurve_api", "lightcurve"], oid);
        Ok(Call::get(request, |response| response.json()))
    }

    /// The detections of an LSST object alone.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of LSST.
    pub fn lsst_detections(&self, oid: &str) -> Result<Call<Rows<LsstDetection>>> {
        self.of_survey(oid, Survey::Lsst)?;
        let request = self.roots.lsst_object(&["lightcurve_api", "detections"], oid);
        Ok(Call::get(request, |response| response.json()))
    }

    /// Statistics of a ZTF object's magnitudes, one row a band.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of ZTF.
    pub fn ztf_magstats(&self, oid: &str) -> Result<Call<Rows<ZtfMagStats>>> {
        self.of_survey(oid, Survey::Ztf)?;
        Ok(Call::get(self.roots.ztf(&["objects", oid, "magstats"]), |response| response.json()))
    }

    /// Rubin's statistics of an LSST object, rounded by the service.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of LSST.
    pub fn lsst_magstats(&self, oid: &str) -> Result<Call<Rows<LsstStatistics>>> {
        self.of_survey(oid, Survey::Lsst)?;
        let request = self.roots.lsst_object(&["magstat_api", "magstats"], oid);
        Ok(Call::get(request, |response| response.json()))
    }

    /// The features of a ZTF light curve; `band` 0 none, 1 g, 2 r, 12 both.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of ZTF.
    pub fn features(&self, oid: &str, band: Option<u32>) -> Result<Call<Rows<Feature>>> {
        self.of_survey(oid, Survey::Ztf)?;
        let request = self.roots.ztf(&["objects", oid, "features"]).query_opt("fid", band);
        Ok(Call::get(request, |response| response.json()))
    }

    /// What ZTF's listing spans.
    #[must_use]
    pub fn limit_values(&self) -> Call<LimitValues> {
        Call::get(self.roots.ztf(&["objects", "limit_values"]), |response| response.json())
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
            .roots
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
        let request = self.roots.catshtm(what);
        Ok(request.query("ra", ra).query("dec", dec).query("radius", radius))
    }

    fn of_survey(&self, oid: &str, due: Survey) -> Result<()> {
        if self.known(oid)? == due {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Input, format!("this call is for objects of {due} only")).with("oid", oid))
    }

    pub(super) fn stamp_request(&self, what: &str, oid: &str, candid: &str) -> Request {
        self.roots.stamps(what).query("oid", oid).query("candid", candid)
    }
}
