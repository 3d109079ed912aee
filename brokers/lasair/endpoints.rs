//! `LasairConfig` and `Endpoints`: where one of the two services is, its token, and the requests it takes.

use super::errors;
use super::facts::{Facts, Found};
use super::sql;
use crate::plugin::*;

/// How long a service that is asked too often wants to be left alone; it does not say so itself,
/// and counts what it refuses too.
const THROTTLED: Duration = Duration::from_secs(3600);

/// Where a Lasair is, and the token for it. ZTF's and LSST's have tables and tokens of their own.
///
/// ```
/// use tom_alerts::{Config, Registry};
/// let config = Config::new()
///     .set("Lasair", "api_key", "made0up0token")
///     .set("Lasair-LSST", "api_key", "another0token");
/// let registry = Registry::from_config(&config)?;
/// assert!(registry.broker("Lasair")?.ready().is_ok());
/// # Ok::<(), tom_alerts::Error>(())
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct LasairConfig {
    /// The token of your account: the API key on the page My Profile.
    #[garde(skip)]
    #[schemars(title = "API key", extend("x-alias" = ["token"]))]
    pub api_key: Option<Secret>,
    /// Root of the service, above `cone/`, `query/` and the like. Default: the public one.
    #[garde(skip)]
    #[schemars(title = "Service")]
    pub base_url: Option<Url>,
}

impl Form for LasairConfig {}

/// One of the two services.
#[derive(Debug, Clone)]
pub struct Endpoints {
    pub(super) facts: &'static Facts,
    root: Root,
    page: Link,
    token: Option<Secret>,
}

impl Endpoints {
    pub(super) fn new(facts: &'static Facts, config: LasairConfig) -> Result<Self> {
        let sound = |token: &Secret| {
            let token = token.expose().trim();
            !token.is_empty() && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
        };
        if config.api_key.as_ref().is_some_and(|token| !sound(token)) {
            let text = "a token of letters and digits is due, without the word Token before it";
            return Err(Error::from_problems(ErrorKind::Config, vec![Problem::new("api_key", text)]));
        }
        Ok(Self {
            facts,
            root: Root::new("base_url", config.base_url.as_ref(), facts.root)?,
            page: Link::like(facts.page)?,
            token: config.api_key,
        })
    }

    pub(super) fn ready(&self) -> Result<()> {
        if self.token.is_some() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Config, format!("no token is set; {}", self.facts.where_to_get())))
    }

    /// What a failure means.
    pub(super) fn explain(&self, response: &Response) -> Option<Error> {
        errors::explain(self.facts, response)
    }

    /// The page of an object for people; it ends with a slash.
    pub(super) fn page(&self, id: &str) -> Url {
        let mut url = self.page.of(id);
        if let Ok(mut path) = url.path_segments_mut() {
            path.push("");
        }
        url
    }

    /// The token goes into a header: a URL may end up in a log.
    fn sealed(&self, request: Request) -> Request {
        let request = request.hint(throttled);
        match &self.token {
            Some(token) => request.secret_header("authorization", "Token ", token.expose().trim()),
            None => request,
        }
    }

    pub(super) fn get(&self, path: &[&str]) -> Request {
        self.sealed(self.root.get(&[path, &[""]].concat()))
    }

    /// A long question goes into the body.
    pub(super) fn post(&self, path: &[&str]) -> Request {
        self.sealed(self.root.post(&[path, &[""]].concat()).idempotent(true))
    }

    pub(super) fn cone(&self, ra: f64, dec: f64, radius: f64, what: &str) -> Request {
        let request = self.get(&["cone"]).query("ra", sky::wrap_degrees(ra)).query("dec", dec);
        request.query("radius", radius).query("requestType", what)
    }

    pub(super) fn query(
        &self,
        selected: &str,
        tables: &str,
        conditions: &str,
        limit: u64,
        offset: u64,
    ) -> Request {
        self.post(&["query"])
            .form("selected", selected)
            .form("tables", tables)
            .form("conditions", conditions)
            .form("limit", limit)
            .form("offset", offset)
    }

    /// The rows of these objects in a query.
    pub(super) fn rows_of(&self, found: &[Found], selected: &str, tables: &str) -> Request {
        let conditions = sql::one_of(self.facts, found.iter().map(|found| found.id.as_str()));
        self.query(selected, tables, &conditions, found.len() as u64, 0)
    }

    /// One object. Both switches are always sent: the services' defaults differ.
    pub(super) fn object(&self, id: &str, added: bool) -> Request {
        self.get(&["object"]).query("objectId", id).query("lite", false).query("lasair_added", added)
    }

    pub(super) fn sherlock_object(&self, id: &str, lite: bool) -> Request {
        self.get(&["sherlock", "object"]).query("objectId", id).query("lite", lite)
    }

    pub(super) fn sherlock_position(&self, ra: f64, dec: f64, lite: bool) -> Request {
        let request = self.get(&["sherlock", "position"]).query("ra", sky::wrap_degrees(ra));
        request.query("dec", dec).query("lite", lite)
    }
}

/// The wait that a refusal means; a proxy's own word goes before.
fn throttled(response: &Response) -> Option<Duration> {
    (response.status() == 429 && response.header("retry-after").is_none()).then_some(THROTTLED)
}
