//! `Request`: what a plugin wants sent; its `Debug` shows no secret and no query value.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use url::Url;
use url::form_urlencoded;

use super::quota::ReadQuota;
use super::{Quota, Response};
use crate::error::{Error, ErrorKind, Result};

/// The methods that brokers use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// Asks.
    Get,
    /// Asks with a body, or submits.
    Post,
}

impl Method {
    /// As HTTP writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// A request to a service.
///
/// ```
/// use tom_alerts::http::Request;
/// let request = Request::get("https://example.org/objects/".parse()?)
///     .query("ndet", 3)
///     .query_opt("class", None::<&str>);
/// assert_eq!(request.url().as_str(), "https://example.org/objects/?ndet=3");
/// # Ok::<(), url::ParseError>(())
/// ```
#[derive(Clone)]
pub struct Request {
    method: Method,
    url: Url,
    headers: Vec<(String, String)>,
    body: Body,
    secrets: Vec<Arc<str>>,
    idempotent: bool,
    accepted: Vec<u16>,
    hint: Option<fn(&Response) -> Option<Duration>>,
    keep: Option<(Duration, Good)>,
    quotas: Vec<(&'static str, ReadQuota)>,
}

/// Whether an answer is worth keeping.
type Good = fn(&Response) -> bool;

/// What a request carries.
#[derive(Clone)]
#[non_exhaustive]
pub enum Body {
    /// Nothing.
    None,
    /// Form fields, in order.
    Form(Vec<(String, String)>),
    /// Bytes of a content type.
    Bytes(String, Bytes),
}

impl Request {
    /// A request that asks and may be tried again.
    #[must_use]
    pub fn get(url: Url) -> Self {
        Self::new(Method::Get, url)
    }

    /// A request with a body. It is not tried again after it may have been taken, unless it is
    /// marked [`idempotent`](Self::idempotent).
    #[must_use]
    pub fn post(url: Url) -> Self {
        Self::new(Method::Post, url)
    }

    fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: vec![("accept".to_owned(), "application/json".to_owned())],
            body: Body::None,
            secrets: Vec::new(),
            idempotent: method == Method::Get,
            accepted: Vec::new(),
            hint: None,
            keep: None,
            quotas: Vec::new(),
        }
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, key: &str, value: impl ToString) -> Self {
        self.url.query_pairs_mut().append_pair(key, &value.to_string());
        self
    }

    /// Adds a query parameter if there is a value.
    #[must_use]
    pub fn query_opt(self, key: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.query(key, value),
            None => self,
        }
    }

    /// Sets a header that is no secret.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        let name = name.to_ascii_lowercase();
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
        self
    }

    /// Sets a header that holds a secret behind a prefix, such as `Token `.
    ///
    /// A request with a credential follows no redirect to another origin and goes over plain http
    /// to loopback only. Should the service repeat the secret, errors show `…` where it stood; one of
    /// fewer than four characters is hidden only where it is the whole text.
    #[must_use]
    pub fn secret_header(mut self, name: &str, prefix: &str, secret: &str) -> Self {
        self.secrets.push(secret.into());
        self.header(name, format!("{prefix}{secret}"))
    }

    /// Adds a field to the form in the body.
    #[must_use]
    pub fn form(mut self, key: &str, value: impl ToString) -> Self {
        let field = (key.to_owned(), value.to_string());
        match &mut self.body {
            Body::Form(fields) => fields.push(field),
            _ => self.body = Body::Form(vec![field]),
        }
        self
    }

    /// Adds a secret field to the form in the body; as [`secret_header`](Self::secret_header).
    #[must_use]
    pub fn secret_form(mut self, key: &str, secret: &str) -> Self {
        self.secrets.push(secret.into());
        self.form(key, secret)
    }

    /// Sets a JSON body.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] when the value cannot be written as JSON.
    pub fn json(self, value: &impl Serialize) -> Result<Self> {
        let text = serde_json::to_vec(value)
            .map_err(|e| Error::new(ErrorKind::Input, "the body cannot be written as JSON").because(e))?;
        Ok(self.body("application/json", text))
    }

    /// Sets a body of any content type.
    #[must_use]
    pub fn body(mut self, content_type: &str, bytes: impl Into<Bytes>) -> Self {
        self.body = Body::Bytes(content_type.to_owned(), bytes.into());
        self
    }

    /// Sets a body that holds this secret; as [`secret_header`](Self::secret_header).
    #[must_use]
    pub fn secret_body(mut self, content_type: &str, bytes: impl Into<Bytes>, secret: &str) -> Self {
        self.secrets.push(secret.into());
        self.body(content_type, bytes)
    }

    /// Says what is accepted; default `application/json`.
    #[must_use]
    pub fn accept(self, content_type: &str) -> Self {
        self.header("accept", content_type)
    }

    /// Says whether sending it twice does no harm: true for a search by POST.
    #[must_use]
    pub fn idempotent(mut self, yes: bool) -> Self {
        self.idempotent = yes;
        self
    }

    /// Says that a status is an answer here, not a failure.
    #[must_use]
    pub fn accept_status(mut self, status: u16) -> Self {
        self.accepted.push(status);
        self
    }

    /// Reads how long the service wants to be left alone from an answer, where it says so in
    /// headers of its own.
    #[must_use]
    pub fn hint(mut self, read: fn(&Response) -> Option<Duration>) -> Self {
        self.hint = Some(read);
        self
    }

    /// Says that an answer may be kept on disk, where the configuration names a directory for that
    /// (`http.cache_dir`), and given for so long without asking the service.
    ///
    /// For large lists that seldom change. Only an answer with status 200 that is `good` is kept: a
    /// page that says under 200 that the service is down must not be. An older answer is asked for
    /// with its validators. A kept answer has an `age` header in seconds, and a `warning` header when
    /// it is old and the service failed. Requests with a credential or a body are never kept.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tom_alerts::http::Request;
    /// let list = Request::get("https://example.org/all.csv".parse()?)
    ///     .cacheable(Duration::from_secs(86_400), |response| !response.is_html());
    /// # Ok::<(), url::ParseError>(())
    /// ```
    #[must_use]
    pub fn cacheable(mut self, lifetime: Duration, good: fn(&Response) -> bool) -> Self {
        self.keep = Some((lifetime, good));
        self
    }

    /// How long an answer may be kept; `None` when it must not be.
    #[must_use]
    pub fn lifetime(&self) -> Option<Duration> {
        self.keep.map(|(lifetime, _)| lifetime)
    }

    /// Reads from a good answer how many more requests the service takes, where it says so in
    /// headers. All requests to the host that name the same count keep within it: the one that
    /// begins a count goes alone, the others follow when its answer is there, and when nothing is
    /// left they wait for the next count rather than be refused.
    ///
    /// A request that falls under several counts names the narrowest last, and waits for that first.
    #[must_use]
    pub fn quota(mut self, name: &'static str, read: fn(&Response) -> Option<Quota>) -> Self {
        self.quotas.push((name, read));
        self
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// The whole URL. It may hold what is not for a log; use [`place`](Self::place) there.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The headers, secrets included; names are in lower case.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// What it carries, secrets included.
    #[must_use]
    pub fn payload(&self) -> &Body {
        &self.body
    }

    /// The body as bytes with its content type.
    #[must_use]
    pub fn encoded(&self) -> Option<(String, Bytes)> {
        match &self.body {
            Body::None => None,
            Body::Bytes(content_type, bytes) => Some((content_type.clone(), bytes.clone())),
            Body::Form(fields) => {
                let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                Some(("application/x-www-form-urlencoded".to_owned(), text.into()))
            }
        }
    }

    /// Whether it carries a secret.
    #[must_use]
    pub fn has_credential(&self) -> bool {
        !self.secrets.is_empty()
    }

    /// Whether sending it twice does no harm.
    #[must_use]
    pub fn is_idempotent(&self) -> bool {
        self.idempotent
    }

    /// Where it goes, without query and without user information: fit for a log.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}{}", self.url.origin().ascii_serialization(), self.url.path())
    }

    pub(crate) fn accepts(&self, status: u16) -> bool {
        self.accepted.contains(&status)
    }

    pub(crate) fn secrets(&self) -> &[Arc<str>] {
        &self.secrets
    }

    pub(super) fn quotas(&self) -> &[(&'static str, ReadQuota)] {
        &self.quotas
    }

    pub(crate) fn hint_of(&self, response: &Response) -> Option<Duration> {
        self.hint.and_then(|read| read(response))
    }

    pub(crate) fn is_worth_keeping(&self, response: &Response) -> bool {
        self.keep.is_some_and(|(_, good)| good(response))
    }

    pub(crate) fn moved_to(mut self, url: Url) -> Self {
        self.url = url;
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: [&str; 3] = ["accept", "content-type", "range"];
        let query: Vec<_> = self.url.query_pairs().map(|(key, _)| key.into_owned()).collect();
        let headers = self.headers.iter().map(|(name, value)| {
            let value = if SHOWN.contains(&name.as_str()) { value.as_str() } else { "…" };
            (name.as_str(), value)
        });
        f.debug_struct("Request")
            .field("method", &self.method.as_str())
            .field("place", &self.place())
            .field("query", &query)
            .field("headers", &headers.collect::<Vec<_>>())
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Form(fields) => {
                f.debug_tuple("Form").field(&fields.iter().map(|(key, _)| key).collect::<Vec<_>>()).finish()
            }
            Self::Bytes(content_type, bytes) => write!(f, "Bytes({content_type}, {} bytes)", bytes.len()),
        }
    }
}
