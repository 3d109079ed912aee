//! Where each service is, and the URLs under it.

use super::query::{AlerceConfig, CATSHTM_ROOT, LSST_ROOT, STAMP_ROOT, Survey, V2_ROOT, ZTF_ROOT};
use crate::plugin::*;

/// The roots, each with a final slash, and the pages for people.
#[derive(Debug, Clone)]
pub(super) struct Roots {
    ztf: Url,
    v2: Url,
    lsst: Url,
    stamps: Url,
    catshtm: Url,
    ztf_page: Url,
    lsst_page: Url,
}

/// Pages of made-up objects, to be made into those of others.
const ZTF_PAGE: &str = "https://alerce.online/object/ZTF00aaaaaaa";
const LSST_PAGE: &str = "https://lsst.alerce.online/object/0000000000000000000?survey=lsst";

impl Roots {
    pub(super) fn new(config: &AlerceConfig) -> Result<Self> {
        let ztf = match &config.base_url {
            Some(url) => checked("base_url", url)?,
            None => parsed(ZTF_ROOT)?,
        };
        let public = parsed(ZTF_ROOT)?.origin() == ztf.origin();
        let root = |key: &str, set: &Option<Url>, default: &str| -> Result<Url> {
            if let Some(url) = set {
                return checked(key, url);
            }
            let default = parsed(default)?;
            if public {
                return Ok(default);
            }
            let mut url = ztf.clone();
            url.set_path(default.path());
            Ok(url)
        };
        Ok(Self {
            v2: root("v2_url", &config.v2_url, V2_ROOT)?,
            lsst: root("lsst_url", &config.lsst_url, LSST_ROOT)?,
            stamps: root("stamp_url", &config.stamp_url, STAMP_ROOT)?,
            catshtm: root("catshtm_url", &config.catshtm_url, CATSHTM_ROOT)?,
            ztf_page: parsed(ZTF_PAGE)?,
            lsst_page: parsed(LSST_PAGE)?,
            ztf,
        })
    }

    /// The page of an object for people.
    pub(super) fn page(&self, oid: &str) -> Url {
        let like_this = match Survey::of_id(oid) {
            Survey::Ztf => &self.ztf_page,
            Survey::Lsst => &self.lsst_page,
        };
        // A page of another object has room for this one's id, so the text is not moved again.
        let mut url = like_this.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop().push(oid);
        }
        url
    }

    /// A request to ZTF's service v1.
    pub(super) fn ztf(&self, path: &[&str]) -> Request {
        Request::get(under(&self.ztf, path))
    }

    /// A request to the light-curve service v2.
    pub(super) fn v2(&self, what: &str, oid: &str) -> Request {
        Request::get(under(&self.v2, &[what, oid])).query("survey_id", "ztf")
    }

    /// A request to one of LSST's services.
    pub(super) fn lsst(&self, path: &[&str]) -> Request {
        Request::get(under(&self.lsst, path))
    }

    /// A request to the service of stamps and alert packets.
    pub(super) fn stamps(&self, what: &str) -> Request {
        Request::get(under(&self.stamps, &[what]))
    }

    /// A request to the cross-match service.
    pub(super) fn catshtm(&self, what: &str) -> Request {
        Request::get(under(&self.catshtm, &[what]))
    }

    /// A request to one of LSST's services about one object.
    pub(super) fn lsst_object(&self, path: &[&str], oid: &str) -> Request {
        self.lsst(path).query("oid", oid).query("survey_id", "lsst")
    }
}

fn parsed(text: &str) -> Result<Url> {
    Url::parse(text).map_err(|e| Error::new(ErrorKind::Config, "a built-in URL cannot be read").because(e))
}

/// A root as the user set it, with a final slash.
fn checked(key: &str, url: &Url) -> Result<Url> {
    let fault = |text: &str| Err(Error::from_problems(ErrorKind::Config, vec![Problem::new(key, text)]));
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return fault("an http or https URL is due");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return fault("no credential belongs into a URL; the services need none");
    }
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// The URL of a path under a root; each step is percent-encoded. An empty last step is a final slash.
fn under(root: &Url, path: &[&str]) -> Url {
    let mut url = root.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roots(text: &str) -> Result<Roots> {
        Roots::new(&AlerceConfig { base_url: text.parse().ok(), ..AlerceConfig::default() })
    }

    #[test]
    fn the_default_keeps_the_public_hosts() {
        let roots = Roots::new(&AlerceConfig::default()).unwrap();
        assert_eq!(roots.ztf.as_str(), ZTF_ROOT);
        assert_eq!(roots.v2.as_str(), V2_ROOT);
        assert_eq!(roots.lsst.as_str(), LSST_ROOT);
        assert_eq!(roots.stamps.as_str(), STAMP_ROOT);
        assert_eq!(roots.catshtm.as_str(), CATSHTM_ROOT);
    }

    #[test]
    fn roots_that_are_not_set_follow_the_origin_of_base_url() {
        let roots = roots("http://127.0.0.1:8000/ztf/v1").unwrap();
        assert_eq!(roots.ztf.as_str(), "http://127.0.0.1:8000/ztf/v1/");
        assert_eq!(roots.v2.as_str(), "http://127.0.0.1:8000/v2/lightcurve/");
        assert_eq!(roots.lsst.as_str(), "http://127.0.0.1:8000/");
        assert_eq!(roots.stamps.as_str(), "http://127.0.0.1:8000/");
        assert_eq!(roots.catshtm.as_str(), "http://127.0.0.1:8000/");
    }

    #[test]
    fn another_path_on_the_public_origin_keeps_the_other_hosts() {
        let roots = roots("https://api.alerce.online/alerts/v1").unwrap();
        assert_eq!(roots.ztf.as_str(), "https://api.alerce.online/alerts/v1/");
        assert_eq!(roots.lsst.as_str(), LSST_ROOT);
    }

    #[test]
    fn a_root_that_can_never_work_is_refused_with_its_key() {
        let told = |text: &str| roots(text).unwrap_err().to_string();
        assert_eq!(told("ftp://a.b/"), "base_url: an http or https URL is due");
        assert!(told("https://u:secret@a.b/").starts_with("base_url: no credential"));
        assert!(!told("https://u:secret@a.b/").contains("secret"));
    }

    #[test]
    fn each_step_of_a_path_is_encoded() {
        let roots = Roots::new(&AlerceConfig::default()).unwrap();
        let request = roots.ztf(&["objects", "a/b?c#d", "lightcurve"]);
        assert_eq!(request.url().path(), "/ztf/v1/objects/a%2Fb%3Fc%23d/lightcurve");
        assert_eq!(roots.ztf(&["objects", ""]).url().path(), "/ztf/v1/objects/");
        assert_eq!(roots.page("ZTF1").as_str(), "https://alerce.online/object/ZTF1");
        assert_eq!(roots.page("12").as_str(), "https://lsst.alerce.online/object/12?survey=lsst");
    }
}
