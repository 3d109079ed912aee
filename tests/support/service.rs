//! A recorded service on loopback for the tests of a broker, and what it was asked.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::path::Path;

use serde_json::json;
use tom_alerts::http::{Http, HttpConfig};
use wiremock::matchers::{any, method, path};
use wiremock::{Match, Mock, MockServer, ResponseTemplate};

/// The bytes of `tests/fixtures/{broker}/{name}`.
pub(crate) fn fixture(broker: &str, name: &str) -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(broker).join(name);
    std::fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

/// An answer with a fixture as its JSON body.
pub(crate) fn answer(status: u16, broker: &str, name: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(fixture(broker, name), "application/json")
}

/// A service on loopback and the transport to it.
pub(crate) struct Service {
    pub(crate) server: MockServer,
    pub(crate) http: HttpConfig,
}

impl Service {
    pub(crate) async fn start() -> Self {
        let http = serde_json::from_value(json!({"call_timeout": 20.0, "max_retries": 2})).unwrap();
        Self { server: MockServer::start().await, http }
    }

    /// The URL of a path on the service.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}/{}", self.server.uri(), path.trim_start_matches('/'))
    }

    /// Answers GET of a path.
    pub(crate) async fn get(&self, at: &str, answer: ResponseTemplate) {
        Mock::given(method("GET")).and(path(at)).respond_with(answer).mount(&self.server).await;
    }

    /// Answers POST to a path.
    pub(crate) async fn post(&self, at: &str, answer: ResponseTemplate) {
        Mock::given(method("POST")).and(path(at)).respond_with(answer).mount(&self.server).await;
    }

    /// Answers what a matcher takes.
    pub(crate) async fn when(&self, matcher: impl Match + 'static, answer: ResponseTemplate) {
        Mock::given(matcher).respond_with(answer).mount(&self.server).await;
    }

    /// Answers everything else.
    pub(crate) async fn otherwise(&self, answer: ResponseTemplate) {
        Mock::given(any()).respond_with(answer).with_priority(200).mount(&self.server).await;
    }

    /// The transport, with retries that do not wait by chance.
    pub(crate) fn http(&self) -> Http {
        Http::new(&self.http).unwrap().with_dice(|| 0.0)
    }

    /// Everything that was asked, as `GET /path?query`, in order.
    pub(crate) async fn asked(&self) -> Vec<String> {
        let line = |r: &wiremock::Request| {
            let query = r.url.query().map_or_else(String::new, |query| format!("?{query}"));
            format!("{} {}{query}", r.method, r.url.path())
        };
        self.server.received_requests().await.unwrap().iter().map(line).collect()
    }

    /// The body of the n-th request as text.
    pub(crate) async fn body(&self, n: usize) -> String {
        let requests = self.server.received_requests().await.unwrap();
        String::from_utf8(requests[n].body.clone()).unwrap()
    }

    /// A header of the n-th request.
    pub(crate) async fn header(&self, n: usize, name: &str) -> Option<String> {
        let requests = self.server.received_requests().await.unwrap();
        requests[n].headers.get(name).map(|value| value.to_str().unwrap().to_owned())
    }
}
