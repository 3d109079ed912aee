//! TNS against a recorded service: what is sent, and what is made of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod data;
mod failures;
mod listing;
mod pace;
mod report;
mod robust;
#[path = "../support/service.rs"]
mod service;
mod tables;

use std::sync::Arc;

use serde_json::{Value, json};
use tom_alerts::brokers::tns::*;
use tom_alerts::{Alert, Error, ErrorKind, GenericBroker, Registry};
use url::form_urlencoded;
use wiremock::matchers::{any, body_string_contains, method, path};
use wiremock::{Mock, ResponseTemplate};

const KEY: &str = "canary-7f3a9c51";

fn answer(status: u16, name: &str) -> ResponseTemplate {
    service::answer(status, "tns", name)
}

fn fixture(name: &str) -> Vec<u8> {
    service::fixture("tns", name)
}

/// TNS on loopback.
struct Service(service::Service);

impl Service {
    async fn start() -> Self {
        Self(service::Service::start().await)
    }

    async fn on(&self, at: &str, answer: ResponseTemplate) {
        self.0.post(at, answer).await;
    }

    /// The answer to the object call of a name.
    async fn object(&self, name: &str, answer: ResponseTemplate) {
        let asked = format!("%22objname%22%3A%22{name}%22");
        Mock::given(method("POST"))
            .and(path("/api/get/object"))
            .and(body_string_contains(asked))
            .respond_with(answer)
            .mount(&self.0.server)
            .await;
    }

    /// A search with three hits, and their objects.
    async fn three() -> Self {
        let service = Self::start().await;
        service.on("/api/get/search", answer(200, "search_three.json")).await;
        service.object("2026qqa", answer(200, "object_full.json")).await;
        service.object("2026qqb", answer(200, "object_bare.json")).await;
        service.object("2026qqc", answer(200, "object_second.json")).await;
        let file = ResponseTemplate::new(200).set_body_raw(fixture("spectrum.ascii"), "text/plain");
        service.on("/system/files/uploaded/x/tns_2026qqa_a.ascii", file).await;
        service
    }

    fn config(&self) -> TnsConfig {
        TnsConfig {
            base_url: self.0.at("api").parse().ok(),
            api_key: Some(KEY.into()),
            bot_id: Some(12),
            bot_name: Some("A \"Bot\"".into()),
            ..TnsConfig::default()
        }
    }

    fn broker(&self) -> TnsBroker {
        self.broker_of(self.config())
    }

    fn broker_of(&self, config: TnsConfig) -> TnsBroker {
        TnsBroker::with_http(config, &self.0.http()).unwrap()
    }

    async fn asked(&self) -> Vec<String> {
        self.0.asked().await
    }

    /// The fields of the n-th body, with the JSON in `data` read.
    async fn form(&self, n: usize) -> Value {
        let body = self.0.body(n).await;
        let field = |(key, text): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| {
            let value =
                if key == "data" { serde_json::from_str(&text).unwrap() } else { Value::from(text.as_ref()) };
            (key.into_owned(), value)
        };
        Value::Object(form_urlencoded::parse(body.as_bytes()).map(field).collect())
    }
}

/// A listing to its end.
struct Listed {
    alerts: Vec<Alert<TnsPacket>>,
    faults: Vec<Error>,
    notes: Vec<String>,
    total: Option<u64>,
}

async fn list(broker: &TnsBroker, query: &TnsQuery) -> Listed {
    let mut stream = broker.alerts(query).unwrap();
    let (mut alerts, mut faults) = (Vec::new(), Vec::new());
    while let Some(item) = stream.next().await {
        match item {
            Ok(alert) => alerts.push(alert),
            Err(error) => faults.push(error),
        }
    }
    Listed { alerts, faults, notes: stream.notes(), total: stream.total() }
}

fn read(pairs: Value) -> tom_alerts::Result<TnsQuery> {
    tom_alerts::form::read(pairs.as_object().unwrap())
}

fn names(listed: &Listed) -> Vec<&str> {
    listed.alerts.iter().map(|alert| alert.objname.as_str()).collect()
}

fn all() -> TnsQuery {
    TnsQuery { reported_days: Some(7), ..TnsQuery::default() }
}
