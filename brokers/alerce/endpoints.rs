//! Where each service is, and the URLs under it.

use super::query::AlerceConfig;
use crate::plugin::*;

/// Endpoints of the public services.
const ZTF_ROOT: &str = "https://api.alerce.online/ztf/v1/";
const V2_ROOT: &str = "https://api.alerce.online/v2/lightcurve/";
const LSST_ROOT: &str = "https://api-lsst.alerce.online/";
const STAMP_ROOT: &str = "https://avro.alerce.online/";
const CATSHTM_ROOT: &str = "https://catshtm.alerce.online/";

/// Pages of made-up objects.
const ZTF_PAGE: &str = "https://alerce.online/object/ZTF00aaaaaaa";
const LSST_PAGE: &str = "https://lsst.alerce.online/object/0000000000000000000?survey=lsst";

/// The endpoints, and the pages for people.
#[derive(Debug, Clone)]
pub(super) struct Endpoints {
    ztf: Root,
    v2: Root,
    lsst: Root,
    stamps: Root,
    catshtm: Root,
    ztf_page: Link,
    lsst_page: Link,
}

impl Endpoints {
    pub(super) fn new(config: &AlerceConfig) -> Result<Self> {
        let ztf = Root::new("base_url", config.base_url.as_ref(), ZTF_ROOT)?;
        Ok(Self {
            v2: Root::beside(&ztf, "v2_url", config.v2_url.as_ref(), V2_ROOT)?,
            lsst: Root::beside(&ztf, "lsst_url", config.lsst_url.as_ref(), LSST_ROOT)?,
            stamps: Root::beside(&ztf, "stamp_url", config.stamp_url.as_ref(), STAMP_ROOT)?,
            catshtm: Root::beside(&ztf, "catshtm_url", config.catshtm_url.as_ref(), CATSHTM_ROOT)?,
            ztf_page: Link::like(ZTF_PAGE)?,
            lsst_page: Link::like(LSST_PAGE)?,
            ztf,
        })
    }

    /// The page of an object for people.
    pub(super) fn page(&self, survey: Survey, oid: &str) -> Url {
        match survey {
            Survey::Ztf => self.ztf_page.of(oid),
            Survey::Lsst => self.lsst_page.of(oid),
        }
    }

    /// A request to ZTF's service v1.
    pub(super) fn ztf(&self, path: &[&str]) -> Request {
        self.ztf.get(path)
    }

    /// A request to the light-curve service v2.
    pub(super) fn v2(&self, what: &str, oid: &str) -> Request {
        self.v2.get(&[what, oid]).query("survey_id", "ztf")
    }

    /// A request to one of LSST's services.
    pub(super) fn lsst(&self, path: &[&str]) -> Request {
        self.lsst.get(path)
    }

    /// A request to the service of stamps and alert packets.
    pub(super) fn stamps(&self, what: &str) -> Request {
        self.stamps.get(&[what])
    }

    /// A request to the cross-match service.
    pub(super) fn catshtm(&self, what: &str) -> Request {
        self.catshtm.get(&[what])
    }

    /// A request to one of LSST's services about one object.
    pub(super) fn lsst_object(&self, path: &[&str], oid: &str) -> Request {
        self.lsst(path).query("oid", oid).query("survey_id", "lsst")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_keeps_the_public_hosts_and_another_origin_takes_all_along() {
        let urls = |endpoints: &Endpoints| {
            [&endpoints.ztf, &endpoints.v2, &endpoints.lsst, &endpoints.stamps, &endpoints.catshtm]
                .map(|root| root.as_url().to_string())
        };
        let public = Endpoints::new(&AlerceConfig::default()).unwrap();
        assert_eq!(urls(&public), [ZTF_ROOT, V2_ROOT, LSST_ROOT, STAMP_ROOT, CATSHTM_ROOT]);
        let base_url = "http://127.0.0.1:8000/ztf/v1".parse().ok();
        let own = Endpoints::new(&AlerceConfig { base_url, ..AlerceConfig::default() }).unwrap();
        let at = |path: &str| format!("http://127.0.0.1:8000/{path}");
        assert_eq!(urls(&own), [at("ztf/v1/"), at("v2/lightcurve/"), at(""), at(""), at("")]);
    }

    #[test]
    fn each_survey_has_its_pages() {
        let endpoints = Endpoints::new(&AlerceConfig::default()).unwrap();
        assert_eq!(endpoints.page(Survey::Ztf, "ZTF1").as_str(), "https://alerce.online/object/ZTF1");
        assert_eq!(
            endpoints.page(Survey::Lsst, "12").as_str(),
            "https://lsst.alerce.online/object/12?survey=lsst"
        );
    }
}
