//! `Transport`: one try; `HttpTransport` makes it over the network, within bounds.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use url::{Host, Url};

use super::retry::{CONNECTING, STAGE, seconds};
use super::{HttpConfig, Method, Request, Response, redirect};
use crate::error::{Error, ErrorKind, Result};

/// One try to get an answer; retries, limits and redirects are [`Http`](super::Http)'s.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends a request once. An answer of any status is `Ok`, also one that leads elsewhere.
    ///
    /// # Errors
    /// [`ErrorKind::Network`] and [`ErrorKind::Timeout`], marked retryable where another try may
    /// help.
    async fn send(&self, request: &Request) -> Result<Response>;
}

/// The transport over the network.
///
/// It follows no redirect, and reads no body beside one: [`Http`](super::Http) follows, so that every
/// host is asked within its limits. A credential goes over plain http to loopback only.
#[derive(Clone)]
pub struct HttpTransport {
    client: reqwest::Client,
    /// For plain http to this machine, which no proxy of the environment can reach.
    direct: Option<reqwest::Client>,
    max_body: u64,
}

impl HttpTransport {
    /// A transport of its own connections.
    ///
    /// On a machine without CA files the bundled roots of Mozilla are trusted.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for a proxy or a CA file that cannot be used.
    pub fn new(config: &HttpConfig) -> Result<Self> {
        let direct = match config.proxy {
            Some(_) => None,
            None => Some(finished(without_roots(builder(config)?.no_proxy()))?),
        };
        Ok(Self { direct, ..Self::from_reqwest(build(config)?, config) })
    }

    /// A transport over a client that was built elsewhere. It must not follow redirects itself
    /// (`redirect::Policy::none()`), else the rules about credentials and limits are its own.
    #[must_use]
    pub fn from_reqwest(client: reqwest::Client, config: &HttpConfig) -> Self {
        Self { client, direct: None, max_body: config.max_body }
    }

    async fn answer(&self, request: &Request) -> Result<reqwest::Response> {
        let method = match request.method() {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
        };
        let here = request.url().scheme() == "http" && is_loopback(request.url());
        let client = self.direct.as_ref().filter(|_| here).unwrap_or(&self.client);
        let mut builder = client.request(method, request.url().clone());
        for (name, value) in request.headers() {
            builder = builder.header(name, value);
        }
        if let Some((content_type, body)) = request.encoded() {
            builder = builder.header(CONTENT_TYPE, content_type).body(body);
        }
        builder.send().await.map_err(|e| failure(e, 0))
    }

    async fn whole(&self, mut response: reqwest::Response) -> Result<Response> {
        let status = response.status().as_u16();
        let headers = response.headers().iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let headers = headers.collect();
        if redirect::is_one(status) && response.headers().contains_key(LOCATION) {
            return Ok(Response::new(status, headers, Bytes::new()));
        }
        let announced =
            response.headers().get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > self.max_body) {
            return Err(self.too_large());
        }
        // Room for all at once where the length is announced: growing would need it twice.
        let room = announced.and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        let mut body = BytesMut::with_capacity(room.min(MOST_RESERVED));
        while let Some(chunk) = response.chunk().await.map_err(|e| failure(e, body.len()))? {
            if (body.len() + chunk.len()) as u64 > self.max_body {
                return Err(self.too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response::new(status, headers, body.freeze()))
    }

    fn too_large(&self) -> Error {
        let text =
            format!("the answer is larger than {} bytes; ask for less or raise http.max_body", self.max_body);
        Error::new(ErrorKind::TooLarge, text)
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: &Request) -> Result<Response> {
        if request.has_credential() && request.url().scheme() != "https" && !is_loopback(request.url()) {
            let text = "a credential goes over https only, or to loopback; set an https base_url";
            return Err(Error::new(ErrorKind::Config, text));
        }
        self.whole(self.answer(request).await?).await
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport").field("max_body", &self.max_body).finish_non_exhaustive()
    }
}

/// An announced length is a claim; beyond this much the room grows with what really comes.
const MOST_RESERVED: usize = 4 * 1024 * 1024;

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn failure(error: reqwest::Error, read: usize) -> Error {
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let cause = cause.to_string();
    let certificate = cause.contains("certificate") || cause.contains("UnknownIssuer");
    // What the connector says where it has no TLS; it knows so without asking anyone.
    if cause.contains("scheme is not http") {
        let text = "https needs the feature `rustls`, or a client with TLS of your own";
        return Error::new(ErrorKind::Config, text).because(error);
    }
    let told = match () {
        () if error.is_timeout() && error.is_connect() => {
            Error::new(ErrorKind::Timeout, "no connection within the time-out").with(STAGE, CONNECTING)
        }
        () if error.is_timeout() => Error::new(ErrorKind::Timeout, "the answer stopped coming"),
        () if certificate => {
            let text = format!(
                "the service's certificate was not trusted ({cause}); set http.ca_file if it is yours"
            );
            return Error::new(ErrorKind::Network, text).because(error);
        }
        () if error.is_connect() => {
            Error::new(ErrorKind::Network, format!("the service cannot be reached: {cause}"))
                .with(STAGE, CONNECTING)
        }
        () if error.is_builder() => {
            return Error::new(ErrorKind::Config, format!("the request cannot be sent: {cause}"));
        }
        () if read > 0 || error.is_body() || error.is_decode() => {
            Error::new(ErrorKind::Network, format!("the answer broke off after {read} bytes: {cause}"))
        }
        () => Error::new(ErrorKind::Network, format!("the connection broke: {cause}")),
    };
    told.retryable(true).because(error)
}

fn fault(what: &str, e: &dyn std::error::Error) -> Error {
    Error::new(ErrorKind::Config, format!("{what}: {e}"))
}

fn builder(config: &HttpConfig) -> Result<reqwest::ClientBuilder> {
    let builder = reqwest::Client::builder()
        .user_agent(config.user_agent())
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(seconds(config.connect_timeout))
        .read_timeout(seconds(config.read_timeout))
        .pool_idle_timeout(Duration::from_secs(60));
    let Some(proxy) = &config.proxy else { return Ok(builder) };
    let proxy = reqwest::Proxy::all(proxy.clone());
    Ok(builder.proxy(proxy.map_err(|e| fault("http.proxy cannot be used", &e.without_url()))?))
}

fn finished(builder: reqwest::ClientBuilder) -> Result<reqwest::Client> {
    let text = "the HTTP client cannot be made";
    builder.build().map_err(|e| Error::new(ErrorKind::Config, text).because(e.without_url()))
}

/// A client for plain http alone need not look for certificates.
#[cfg(feature = "rustls")]
fn without_roots(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    builder.tls_certs_only([])
}

#[cfg(not(feature = "rustls"))]
fn without_roots(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    builder
}

#[cfg(feature = "rustls")]
fn build(config: &HttpConfig) -> Result<reqwest::Client> {
    use reqwest::Certificate;

    let extra = match &config.ca_file {
        None => Vec::new(),
        Some(path) => {
            let named = |e: &dyn std::error::Error| {
                fault("http.ca_file cannot be used", e).with("file", path.display())
            };
            let pem = std::fs::read(path).map_err(|e| named(&e))?;
            Certificate::from_pem_bundle(&pem).map_err(|e| named(&e))?
        }
    };
    if let Ok(client) = builder(config)?.tls_certs_merge(extra.iter().cloned()).build() {
        return Ok(client);
    }
    // The machine has no CA files of its own.
    let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
    let bundled = bundled.filter_map(|der| Certificate::from_der(der).ok());
    finished(builder(config)?.tls_certs_only(bundled.chain(extra)))
}

#[cfg(not(feature = "rustls"))]
fn build(config: &HttpConfig) -> Result<reqwest::Client> {
    if let Some(path) = &config.ca_file {
        let text = "http.ca_file needs the feature `rustls`";
        return Err(Error::new(ErrorKind::Config, text).with("file", path.display()));
    }
    finished(builder(config)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn loopback_is_no_name_that_begins_like_it() {
        for here in ["http://localhost/", "http://x.localhost/", "http://127.9.9.9/", "http://[::1]:8/"] {
            assert!(is_loopback(&url(here)), "{here}");
        }
        for there in
            ["http://localhost.example/", "http://127.0.0.1.example/", "http://10.0.0.1/", "http://[::2]/"]
        {
            assert!(!is_loopback(&url(there)), "{there}");
        }
    }
}
