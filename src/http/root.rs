//! `Root`: where a service is, as configured, and the URLs under it. `Link`: its pages for people.

use url::Url;

use super::Request;
use crate::error::{Error, ErrorKind, Problem, Result};

/// The root of a service, with a final slash; every path under it is percent-encoded.
///
/// ```
/// use tom_alerts::http::Root;
/// let root = Root::new("base_url", None, "https://example.org/api/v1")?;
/// let url = root.url(&["objects", "a/b"]);
/// assert_eq!(url.as_str(), "https://example.org/api/v1/objects/a%2Fb");
///
/// // A second root follows the first to another origin, with its own path.
/// let own = "http://127.0.0.1:8000/api/v1/".parse().ok();
/// let root = Root::new("base_url", own.as_ref(), "https://example.org/api/v1/")?;
/// let stamps = Root::beside(&root, "stamp_url", None, "https://stamps.example.org/cut/")?;
/// assert_eq!(stamps.url(&["7.png"]).as_str(), "http://127.0.0.1:8000/cut/7.png");
/// # Ok::<(), tom_alerts::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    url: Url,
    /// Whether it lies elsewhere than the public service.
    moved: bool,
}

impl Root {
    /// The root that a configuration sets under `key`, or the public one.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] naming the key, for anything but an http or https URL without a
    /// credential in it.
    pub fn new(key: &str, set: Option<&Url>, public: &str) -> Result<Self> {
        let public = built_in(public)?;
        match set {
            None => Ok(Self { url: slashed(public), moved: false }),
            Some(url) => {
                let moved = url.origin() != public.origin();
                Ok(Self { url: checked(key, url)?, moved })
            }
        }
    }

    /// A further root of the same broker. Where it is not set, it follows `base` to the origin
    /// that was set for that, keeping the path of its own public root.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn beside(base: &Self, key: &str, set: Option<&Url>, public: &str) -> Result<Self> {
        if set.is_some() || !base.moved {
            return Self::new(key, set, public);
        }
        let mut url = base.url.clone();
        url.set_path(slashed(built_in(public)?).path());
        Ok(Self { url, moved: true })
    }

    /// The root itself.
    #[must_use]
    pub fn as_url(&self) -> &Url {
        &self.url
    }

    /// The URL of a path under the root. An empty last step is a final slash.
    #[must_use]
    pub fn url(&self, path: &[&str]) -> Url {
        let mut url = self.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// A request that asks for a path under the root.
    #[must_use]
    pub fn get(&self, path: &[&str]) -> Request {
        Request::get(self.url(path))
    }

    /// A request with a body to a path under the root.
    #[must_use]
    pub fn post(&self, path: &[&str]) -> Request {
        Request::post(self.url(path))
    }
}

/// The pages of a service for people, one an object: made for every alert, so without parsing.
///
/// ```
/// use tom_alerts::http::Link;
/// let pages = Link::like("https://example.org/object/T0000000?tab=all")?;
/// assert_eq!(pages.of("T1").as_str(), "https://example.org/object/T1?tab=all");
/// # Ok::<(), tom_alerts::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link(Url);

impl Link {
    /// Pages like this one, whose last step of the path is the id of an object. An example with an
    /// id as long as a real one leaves room for that.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when it is no URL.
    pub fn like(example: &str) -> Result<Self> {
        built_in(example).map(Self)
    }

    /// The page of an object.
    #[must_use]
    #[inline]
    pub fn of(&self, id: &str) -> Url {
        // A page of another object has room for this one's id, so the text is not moved again.
        let mut url = self.0.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop().push(id);
        }
        url
    }
}

fn built_in(text: &str) -> Result<Url> {
    Url::parse(text).map_err(|e| Error::new(ErrorKind::Config, "a built-in URL cannot be read").because(e))
}

fn slashed(mut url: Url) -> Url {
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    url
}

fn checked(key: &str, url: &Url) -> Result<Url> {
    let fault = |text: &str| Err(Error::from_problems(ErrorKind::Config, vec![Problem::new(key, text)]));
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return fault("an http or https URL is due");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return fault(
            "no credential belongs into a URL; it has a key of its own where the service needs one",
        );
    }
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    Ok(slashed(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(text: &str) -> Result<Root> {
        Root::new("base_url", text.parse().ok().as_ref(), "https://a.example/v1/")
    }

    #[test]
    fn a_root_that_can_never_work_is_refused_with_its_key() {
        let told = |text: &str| root(text).unwrap_err().to_string();
        assert_eq!(told("ftp://a.b/"), "base_url: an http or https URL is due");
        assert!(told("https://u:canary@a.b/").starts_with("base_url: no credential"));
        assert!(!told("https://u:canary@a.b/").contains("canary"));
    }

    #[test]
    fn a_root_beside_follows_another_origin_but_not_another_path() {
        let beside = |base: &Root| Root::beside(base, "b_url", None, "https://b.example/x").unwrap();
        assert_eq!(beside(&root("https://a.example/v2").unwrap()).as_url().as_str(), "https://b.example/x/");
        assert_eq!(
            beside(&root("http://127.0.0.1:8/v1?q#f").unwrap()).as_url().as_str(),
            "http://127.0.0.1:8/x/"
        );
        let set = "http://c.example/y".parse().ok();
        let set =
            Root::beside(&root("http://127.0.0.1:8/").unwrap(), "b_url", set.as_ref(), "https://b.example/x");
        assert_eq!(set.unwrap().as_url().as_str(), "http://c.example/y/");
    }

    #[test]
    fn each_step_of_a_path_is_encoded() {
        let root = root("http://127.0.0.1:8/v1").unwrap();
        assert_eq!(root.get(&["o", "a/b?c#d", "e"]).url().path(), "/v1/o/a%2Fb%3Fc%23d/e");
        assert_eq!(root.post(&["o", ""]).url().path(), "/v1/o/");
    }
}
