//! Where the service is, the URLs under it, and its links brought back to it.

use super::query::{AntaresConfig, ApiVersion};
use crate::plugin::*;

const V1_ROOT: &str = "https://api.antares.noirlab.edu/v1/";
const V2_ROOT: &str = "https://api.antares.noirlab.edu/v2/";
const PUBLIC_HOST: &str = "api.antares.noirlab.edu";

/// The page of a made-up locus, as long as the longest that are given today.
const PAGE: &str = "https://antares.noirlab.edu/loci/ANT2026aaaaaaaaaaaa";

/// The root of the service, and the pages for people.
#[derive(Debug, Clone)]
pub(super) struct Endpoints {
    api: Root,
    page: Link,
    version: ApiVersion,
}

impl Endpoints {
    pub(super) fn new(config: &AntaresConfig) -> Result<Self> {
        let version = config.version();
        let public = if version == ApiVersion::V1 { V1_ROOT } else { V2_ROOT };
        Ok(Self {
            api: Root::new("base_url", config.base_url.as_ref(), public)?,
            page: Link::like(PAGE)?,
            version,
        })
    }

    pub(super) fn version(&self) -> ApiVersion {
        self.version
    }

    /// The page of a locus for people.
    pub(super) fn page(&self, id: &str) -> Url {
        self.page.of(id)
    }

    /// A request to a path of the service.
    pub(super) fn get(&self, path: &[&str]) -> Request {
        self.ask(self.api.url(path))
    }

    /// The same with the query that a link to a further page has.
    pub(super) fn further(&self, path: &[&str], query: &str) -> Request {
        let mut url = self.api.url(path);
        url.set_query(Some(query).filter(|query| !query.is_empty()));
        self.ask(url)
    }

    /// The query of a link to a further page. The service writes its links with `http` and with its
    /// own host whatever it was asked as, so of a link that leads there only the query is taken.
    pub(super) fn query_of(&self, link: &str) -> Result<String> {
        let fault = |text: &'static str| Error::new(ErrorKind::Unreadable, text);
        let url = self.api.as_url().join(link).map_err(|_| {
            fault("the link to the next page is no URL, so the listing ends here though there is more")
        })?;
        let own = [self.api.as_url().host_str(), Some(PUBLIC_HOST)];
        if !matches!(url.scheme(), "http" | "https") || !own.contains(&url.host_str()) {
            let text = "the link to the next page leads to another host, so the listing ends here though there is more";
            return Err(fault(text).with("host", url.host_str().unwrap_or("none")));
        }
        Ok(url.query().unwrap_or_default().to_owned())
    }

    /// An absolute URL of a link that may be relative.
    pub(super) fn absolute(&self, link: &str) -> Result<Url> {
        self.api
            .as_url()
            .join(link)
            .map_err(|_| Error::new(ErrorKind::Unreadable, "the link to an image is no URL"))
    }

    fn ask(&self, url: Url) -> Request {
        let request = Request::get(url);
        match self.version {
            ApiVersion::V1 => request.accept("application/vnd.api+json, application/json"),
            ApiVersion::V2 => request,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints(base: Option<&str>, api_version: Option<u8>) -> Endpoints {
        let base_url = base.and_then(|base| base.parse().ok());
        Endpoints::new(&AntaresConfig { base_url, api_version, ..AntaresConfig::default() }).unwrap()
    }

    #[test]
    fn the_version_is_the_one_set_else_that_of_the_path_else_2() {
        let root = |base, version| endpoints(base, version).api.as_url().to_string();
        assert_eq!(root(None, None), V2_ROOT);
        assert_eq!(root(None, Some(1)), V1_ROOT);
        assert_eq!(endpoints(Some("http://127.0.0.1:8/v1"), None).version(), ApiVersion::V1);
        assert_eq!(endpoints(Some("http://127.0.0.1:8/v1/"), Some(2)).version(), ApiVersion::V2);
        assert_eq!(endpoints(Some("http://127.0.0.1:8/own/"), None).version(), ApiVersion::V2);
    }

    #[test]
    fn links_come_back_to_the_configured_root_and_foreign_hosts_are_refused() {
        let endpoints = endpoints(Some("https://127.0.0.1:8/v1/"), None);
        for link in [
            "http://api.antares.noirlab.edu/v1/loci?page%5Boffset%5D=2",
            "http://127.0.0.1:8/v1/loci?page%5Boffset%5D=2",
            "/v1/loci?page%5Boffset%5D=2",
            "?page%5Boffset%5D=2",
        ] {
            let query = endpoints.query_of(link).unwrap();
            let request = endpoints.further(&["loci"], &query);
            assert_eq!(request.url().as_str(), "https://127.0.0.1:8/v1/loci?page%5Boffset%5D=2", "{link}");
        }
        for link in [
            "http://evil.example/v1/loci?x=1",
            "//evil.example/loci",
            "file:///etc/passwd",
            "ftp://127.0.0.1/",
        ] {
            let told = endpoints.query_of(link).unwrap_err().to_string();
            assert!(told.starts_with("the link to the next page leads to another host"), "{told}");
        }
        let told = endpoints.query_of("http://[").unwrap_err().to_string();
        assert!(told.starts_with("the link to the next page is no URL"), "{told}");
    }
}
