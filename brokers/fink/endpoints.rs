//! Where each service is, and the requests to it.

use super::query::FinkConfig;
use crate::plugin::*;

/// Endpoints of the public services.
const ZTF_ROOT: &str = "https://api.ztf.fink-portal.org/api/v1/";
const LSST_ROOT: &str = "https://api.lsst.fink-portal.org/api/v1/";

/// Pages of made-up objects.
const ZTF_PAGE: &str = "https://ztf.fink-portal.org/ZTF00aaaaaaa";
const LSST_PAGE: &str = "https://lsst.fink-portal.org/000000000000000000";

/// The endpoints, and the pages for people.
#[derive(Debug, Clone)]
pub(super) struct Endpoints {
    ztf: Root,
    /// `None` where it would be ZTF's: no host answers for both at one place.
    lsst: Option<Root>,
    ztf_page: Link,
    lsst_page: Link,
}

impl Endpoints {
    pub(super) fn new(config: &FinkConfig) -> Result<Self> {
        let ztf = Root::new("base_url", config.base_url.as_ref(), ZTF_ROOT)?;
        let lsst = Root::beside(&ztf, "lsst_url", config.lsst_url.as_ref(), LSST_ROOT)?;
        let apart = lsst.as_url() != ztf.as_url();
        Ok(Self {
            lsst: apart.then_some(lsst),
            ztf_page: Link::like(ZTF_PAGE)?,
            lsst_page: Link::like(LSST_PAGE)?,
            ztf,
        })
    }

    /// The page of an object for people.
    #[inline]
    pub(super) fn page(&self, survey: Survey, name: &str) -> Url {
        match survey {
            Survey::Ztf => self.ztf_page.of(name),
            Survey::Lsst => self.lsst_page.of(name),
        }
    }

    pub(super) fn of(&self, survey: Survey) -> Result<&Root> {
        let lsst = || {
            let text = "set it: base_url is where ZTF's service is, and LSST's has the same path";
            Error::from_problems(ErrorKind::Config, vec![Problem::new("lsst_url", text)])
        };
        match survey {
            Survey::Ztf => Ok(&self.ztf),
            Survey::Lsst => self.lsst.as_ref().ok_or_else(lsst),
        }
    }

    /// A question to a route, with its arguments as JSON, where every one keeps its type.
    pub(super) fn ask(&self, survey: Survey, route: &str, arguments: &Value) -> Result<Request> {
        self.of(survey)?.post(&[route]).idempotent(true).json(arguments)
    }

    /// A question to a route of ZTF's service without arguments.
    pub(super) fn ztf_list(&self, route: &str) -> Request {
        self.ztf.get(&[route])
    }

    /// A question to a route of LSST's service without arguments.
    pub(super) fn lsst_list(&self, route: &str) -> Result<Request> {
        Ok(self.of(Survey::Lsst)?.get(&[route]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints(base: Option<&str>, lsst: Option<&str>) -> Endpoints {
        let url = |text: Option<&str>| text.and_then(|text| text.parse().ok());
        Endpoints::new(&FinkConfig { base_url: url(base), lsst_url: url(lsst), ..FinkConfig::default() })
            .unwrap()
    }

    #[test]
    fn the_default_keeps_the_public_hosts_and_another_origin_takes_lsst_along() {
        let urls = |endpoints: Endpoints| {
            [Survey::Ztf, Survey::Lsst].map(|survey| endpoints.of(survey).unwrap().as_url().to_string())
        };
        assert_eq!(urls(endpoints(None, None)), [ZTF_ROOT, LSST_ROOT]);
        assert_eq!(
            urls(endpoints(Some("http://127.0.0.1:8000/ztf/api/v1"), None)),
            ["http://127.0.0.1:8000/ztf/api/v1/", "http://127.0.0.1:8000/api/v1/"]
        );
        assert_eq!(
            urls(endpoints(Some("http://127.0.0.1:8/api/v1/"), Some("http://127.0.0.1:9/api/v1/"))),
            ["http://127.0.0.1:8/api/v1/", "http://127.0.0.1:9/api/v1/"]
        );
    }

    #[test]
    fn one_place_is_not_taken_for_both_services() {
        let one = endpoints(Some("http://127.0.0.1:8000/api/v1/"), None);
        let error = one.of(Survey::Lsst).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().starts_with("lsst_url: set it"), "{error}");
        assert!(one.of(Survey::Ztf).is_ok());
    }

    #[test]
    fn each_survey_has_its_pages() {
        let endpoints = endpoints(None, None);
        assert_eq!(endpoints.page(Survey::Ztf, "ZTF1").as_str(), "https://ztf.fink-portal.org/ZTF1");
        let page = endpoints.page(Survey::Lsst, "2004 JQ12");
        assert_eq!(page.as_str(), "https://lsst.fink-portal.org/2004%20JQ12");
    }
}
