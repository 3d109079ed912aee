//! SCIMMA against recorded services: what is sent, and what is made of the answers.
#![cfg(feature = "scimma")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod archive;
#[path = "../support/bson.rs"]
mod bson;
mod contract;
mod failures;
mod form;
mod login;
mod publish;
mod robust;
#[path = "../support/service.rs"]
mod service;
mod skip;

use serde_json::{Value, json};
use tom_alerts::brokers::scimma::*;
use tom_alerts::{Alert, Error, ErrorKind, GenericBroker};
use wiremock::ResponseTemplate;
use wiremock::matchers::{query_param, query_param_is_missing};

/// The id of the n-th recorded message.
fn uuid(n: u32) -> String {
    format!("0b5e7a3c-1d2f-4c6b-8a9e-{n:012}")
}

fn answer(status: u16, name: &str) -> ResponseTemplate {
    service::answer(status, "scimma", name)
}

/// The BSON that a fixture stands for.
fn recorded(name: &str) -> Vec<u8> {
    let value: Value = serde_json::from_slice(&service::fixture("scimma", name)).unwrap();
    bson::bytes(value.as_object().unwrap())
}

/// An answer of the archive, which says of no answer what it is.
fn bson_answer(status: u16, name: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_bytes(recorded(name))
}

/// The archive and a SKIP server on loopback.
struct Service(service::Service);

impl Service {
    async fn start() -> Self {
        Self(service::Service::start().await)
    }

    async fn on(&self, at: &str, answer: ResponseTemplate) {
        self.0.get(at, answer).await;
    }

    fn config(&self) -> ScimmaConfig {
        ScimmaConfig { base_url: self.0.at("archive").parse().ok(), ..ScimmaConfig::default() }
    }

    fn broker(&self) -> ScimmaBroker {
        self.broker_of(self.config())
    }

    fn broker_of(&self, config: ScimmaConfig) -> ScimmaBroker {
        ScimmaBroker::with_http(config, &self.0.http()).unwrap()
    }

    async fn asked(&self) -> Vec<String> {
        self.0.asked().await
    }
}

/// A listing to its end.
struct Listed {
    alerts: Vec<Alert<ScimmaPacket>>,
    faults: Vec<Error>,
    notes: Vec<String>,
    total: Option<u64>,
}

async fn list(broker: &ScimmaBroker, query: &ScimmaQuery) -> Listed {
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

fn skip_query() -> ScimmaQuery {
    ScimmaQuery { source: Some(Source::Skip), ..ScimmaQuery::default() }
}
