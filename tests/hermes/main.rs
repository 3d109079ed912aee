//! Hermes against a recorded service: what is sent, and what is made of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod data;
mod failures;
mod form;
mod listing;
mod message;
mod robust;
#[path = "../support/service.rs"]
mod service;
mod submit;

use serde_json::{Value, json};
use tom_alerts::brokers::hermes::*;
use tom_alerts::{Alert, Error, ErrorKind, GenericBroker};
use wiremock::ResponseTemplate;

/// The uuid of a made-up message.
fn uuid(n: u32) -> String {
    format!("{n:08x}-1111-4222-8333-444444444444")
}

/// The path of a message with its body.
fn message_at(n: u32) -> String {
    format!("/api/v0/query/message/{}/", uuid(n))
}

const CANARY: &str = "c0ffee00canary00c0ffee00canary00c0ffee00";

fn answer(status: u16, name: &str) -> ResponseTemplate {
    service::answer(status, "hermes", name)
}

fn fixture(name: &str) -> Vec<u8> {
    service::fixture("hermes", name)
}

fn json_fixture(name: &str) -> Value {
    serde_json::from_slice(&fixture(name)).unwrap()
}

/// Hermes on loopback.
struct Service(service::Service);

impl Service {
    async fn start() -> Self {
        Self(service::Service::start().await)
    }

    async fn on(&self, at: &str, answer: ResponseTemplate) {
        self.0.get(at, answer).await;
    }

    async fn posted(&self, at: &str, answer: ResponseTemplate) {
        self.0.post(at, answer).await;
    }

    /// With a token, a topic and a submitter.
    fn config(&self) -> HermesConfig {
        HermesConfig {
            base_url: self.0.server.uri().parse().ok(),
            api_key: Some(CANARY.into()),
            topic: Some("hermes.test".into()),
            submitter: Some("N. Body".into()),
            ..HermesConfig::default()
        }
    }

    fn broker(&self) -> HermesBroker {
        self.broker_of(self.config())
    }

    fn without_token(&self) -> HermesBroker {
        self.broker_of(HermesConfig { api_key: None, ..self.config() })
    }

    fn broker_of(&self, config: HermesConfig) -> HermesBroker {
        HermesBroker::with_http(config, &self.0.http()).unwrap()
    }

    async fn asked(&self) -> Vec<String> {
        self.0.asked().await
    }
}

/// A listing to its end.
struct Listed {
    alerts: Vec<Alert<HermesPacket>>,
    faults: Vec<Error>,
    total: Option<u64>,
}

async fn list(broker: &HermesBroker, query: &HermesQuery) -> Listed {
    let mut stream = broker.alerts(query).unwrap();
    let (mut alerts, mut faults) = (Vec::new(), Vec::new());
    while let Some(item) = stream.next().await {
        match item {
            Ok(alert) => alerts.push(alert),
            Err(error) => faults.push(error),
        }
    }
    Listed { alerts, faults, total: stream.total() }
}

fn of(search: Search) -> HermesQuery {
    HermesQuery { search, page_size: Some(2), ..HermesQuery::default() }
}

fn read(pairs: Value) -> tom_alerts::Result<HermesQuery> {
    tom_alerts::form::read(pairs.as_object().unwrap())
}
