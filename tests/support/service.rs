//! A recorded service on loopback for the tests of a broker, and what it was asked.

use std::marker::PhantomData;

use serde_json::{Value, json};
use tom_alerts::http::{Http, HttpConfig};
use tom_alerts::{Client, Protocol};
use url::Url;
use wiremock::matchers::{any, method, path};
use wiremock::{Match, Mock, MockServer, ResponseTemplate};

use super::fixtures::fixture;

/// An answer with a fixture as its JSON body.
pub(crate) fn answer(status: u16, name: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(fixture(name), "application/json")
}

/// An answer with a fixture as its page for people.
pub(crate) fn html(status: u16, name: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(fixture(name), "text/html; charset=utf-8")
}

/// An answer with this body, as JSON.
pub(crate) fn said(status: u16, body: impl Into<String>) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body.into(), "application/json")
}

/// An answer with this body, as plain text.
pub(crate) fn words(status: u16, body: impl Into<String>) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_string(body)
}

/// A protocol whose configuration can name a service on loopback.
pub(crate) trait OnLoopback: Protocol {
    /// The path of the root that the configuration names.
    const ROOT: &'static str;
    /// The configuration with this root, and with what else the service wants.
    fn config(base_url: Option<Url>) -> Self::Config;
}

/// A service on loopback and the transport to it.
pub(crate) struct Service<P> {
    pub(crate) server: MockServer,
    pub(crate) http: HttpConfig,
    pub(crate) root: &'static str,
    protocol: PhantomData<P>,
}

impl<P: OnLoopback> Service<P> {
    pub(crate) async fn start() -> Self {
        let http = serde_json::from_value(json!({"call_timeout": 20.0, "max_retries": 2})).unwrap();
        Self { server: MockServer::start().await, http, root: P::ROOT, protocol: PhantomData }
    }

    /// The same with another root.
    pub(crate) fn rooted(self, root: &'static str) -> Self {
        Self { root, ..self }
    }

    /// The URL of a path on the service.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}/{}", self.server.uri(), path.trim_start_matches('/'))
    }

    /// The configuration of a broker of this service.
    pub(crate) fn config(&self) -> P::Config {
        P::config(self.at(self.root).parse().ok())
    }

    pub(crate) fn broker(&self) -> Client<P> {
        self.broker_of(self.config())
    }

    pub(crate) fn broker_of(&self, config: P::Config) -> Client<P> {
        Client::with_http(config, &self.http()).unwrap()
    }

    /// Answers GET of a path.
    pub(crate) async fn get(&self, at: &str, answer: ResponseTemplate) {
        self.on("GET", at, answer).await;
    }

    /// Answers POST to a path.
    pub(crate) async fn post(&self, at: &str, answer: ResponseTemplate) {
        self.on("POST", at, answer).await;
    }

    /// Answers a method of a path.
    pub(crate) async fn on(&self, verb: &str, at: &str, answer: ResponseTemplate) {
        Mock::given(method(verb)).and(path(at)).respond_with(answer).mount(&self.server).await;
    }

    /// Answers what a matcher takes.
    pub(crate) async fn when(&self, matcher: impl Match + 'static, answer: ResponseTemplate) {
        Mock::given(matcher).respond_with(answer).mount(&self.server).await;
    }

    /// Answers the first request, whatever it is.
    pub(crate) async fn first(&self, answer: ResponseTemplate) {
        Mock::given(any()).respond_with(answer).up_to_n_times(1).mount(&self.server).await;
    }

    /// Answers the first GET of a path.
    pub(crate) async fn first_of(&self, at: &str, answer: ResponseTemplate) {
        let first = Mock::given(method("GET")).and(path(at)).respond_with(answer);
        first.up_to_n_times(1).with_priority(1).mount(&self.server).await;
    }

    /// Answers everything else.
    pub(crate) async fn otherwise(&self, answer: ResponseTemplate) {
        Mock::given(any()).respond_with(answer).with_priority(200).mount(&self.server).await;
    }

    /// The transport, with retries that do not wait by chance.
    pub(crate) fn http(&self) -> Http {
        Http::new(&self.http).unwrap().with_dice(|| 0.0)
    }

    async fn requests(&self) -> Vec<wiremock::Request> {
        self.server.received_requests().await.unwrap()
    }

    /// Everything that was asked, as `GET /path?query`, in order.
    pub(crate) async fn asked(&self) -> Vec<String> {
        let line = |r: &wiremock::Request| {
            let query = r.url.query().map_or_else(String::new, |query| format!("?{query}"));
            format!("{} {}{query}", r.method, r.url.path())
        };
        self.requests().await.iter().map(line).collect()
    }

    /// The query of the n-th request, decoded.
    pub(crate) async fn parameters(&self, n: usize) -> Vec<(String, String)> {
        self.requests().await[n].url.query_pairs().into_owned().collect()
    }

    /// The body of the n-th request as text.
    pub(crate) async fn body(&self, n: usize) -> String {
        String::from_utf8(self.requests().await[n].body.clone()).unwrap()
    }

    /// The JSON in the body of the n-th request.
    pub(crate) async fn json(&self, n: usize) -> Value {
        serde_json::from_str(&self.body(n).await).unwrap()
    }

    /// The fields of the form in the body of the n-th request.
    pub(crate) async fn fields(&self, n: usize) -> Vec<(String, String)> {
        url::form_urlencoded::parse(self.body(n).await.as_bytes()).into_owned().collect()
    }

    /// A header of the n-th request.
    pub(crate) async fn header(&self, n: usize, name: &str) -> Option<String> {
        let requests = self.requests().await;
        requests[n].headers.get(name).map(|value| value.to_str().unwrap().to_owned())
    }
}
