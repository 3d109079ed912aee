//! Where Hermes is, the requests to it with the token, and its pages for people.

use super::query::HermesConfig;
use crate::plugin::*;

const PUBLIC: &str = "https://hermes.lco.global/";
const API: [&str; 2] = ["api", "v0"];

/// The service, the token, and the pages for people.
#[derive(Debug, Clone)]
pub(super) struct Endpoints {
    hermes: Root,
    token: Option<Secret>,
    target_page: Url,
    message_page: Link,
    event_page: Link,
}

impl Endpoints {
    pub(super) fn new(config: &HermesConfig) -> Result<Self> {
        // Some configurations name the interface, others the page above it.
        let set = config.base_url.clone().map(|mut url| {
            let path = url.path().trim_end_matches('/').to_owned();
            if let Some(above) = path.strip_suffix("/api/v0") {
                url.set_path(above);
            }
            url
        });
        let hermes = Root::new("base_url", set.as_ref(), PUBLIC)?;
        let message = hermes.url(&["message", "00000000-0000-0000-0000-000000000000"]);
        Ok(Self {
            target_page: hermes.url(&["api", "v0", "targets", "0000000000", ""]),
            message_page: Link::like(message.as_str())?,
            event_page: Link::like(hermes.url(&["nonlocalizedevent", "S000000aaaa"]).as_str())?,
            token: config.api_key.clone(),
            hermes,
        })
    }

    /// Whether there is a token, which much needs.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] saying where to get it.
    pub(super) fn token(&self) -> Result<()> {
        let text = "api_key is not set; Hermes shows your token on your profile page. Without one there is search=archive";
        self.token.as_ref().map(|_| ()).ok_or_else(|| Error::new(ErrorKind::Config, text))
    }

    /// A request that asks; an empty last step is a final slash.
    pub(super) fn get(&self, path: &[&str]) -> Request {
        self.signed(Request::get(self.api(path)))
    }

    /// A request with a body.
    pub(super) fn post(&self, path: &[&str]) -> Request {
        self.signed(Request::post(self.api(path)))
    }

    fn api(&self, path: &[&str]) -> Url {
        self.hermes.url(&[&API[..], path].concat())
    }

    fn signed(&self, request: Request) -> Request {
        match &self.token {
            Some(token) => request.secret_header("authorization", "Token ", token.expose()),
            None => request,
        }
    }

    /// A request for a message of the archive with its body.
    pub(super) fn message(&self, uuid: &str) -> Request {
        self.get(&["query", "message", uuid, ""])
    }

    /// Hermes has no page for a target; this is its row.
    pub(super) fn target_page(&self, id: &str) -> Url {
        let mut url = self.target_page.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop().pop().push(id).push("");
        }
        url
    }

    /// The page of a message.
    pub(super) fn message_page(&self, uuid: &str) -> Url {
        self.message_page.of(uuid)
    }

    /// The page of an event.
    pub(super) fn event_page(&self, event_id: &str) -> Url {
        self.event_page.of(event_id)
    }

    /// The page on which a message that was left at Hermes is finished.
    pub(super) fn submit_page(&self, key: &str) -> Url {
        let mut page = self.hermes.url(&["submit-message"]);
        page.query_pairs_mut().append_pair("id", key);
        page
    }
}
