//! MARS against a recorded instance: what is sent, and what is made of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod data;
mod failures;
mod form;
mod listing;
mod robust;
#[path = "../support/service.rs"]
mod service;

use serde_json::{Value, json};
use tom_alerts::brokers::mars::{MarsAlert, MarsBroker, MarsConfig, MarsQuery};
use tom_alerts::{Alert, Error, ErrorKind, GenericBroker};
use wiremock::matchers::query_param;
use wiremock::{Mock, ResponseTemplate};

const FIRST: &str = "ZTF19aaaaaab";
const SECOND: &str = "ZTF19aaaaaac";

fn answer(status: u16, name: &str) -> ResponseTemplate {
    service::answer(status, "mars", name)
}

fn html(status: u16, name: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(fixture(name), "text/html")
}

fn fixture(name: &str) -> Vec<u8> {
    service::fixture("mars", name)
}

/// MARS on loopback.
struct Service(service::Service);

impl Service {
    async fn start() -> Self {
        Self(service::Service::start().await)
    }

    async fn on(&self, at: &str, answer: ResponseTemplate) {
        self.0.get(at, answer).await;
    }

    async fn page(&self, number: &str, answer: ResponseTemplate) {
        self.0.when(query_param("page", number), answer).await;
    }

    fn broker(&self) -> MarsBroker {
        let config = MarsConfig { base_url: self.0.at("").parse().ok() };
        MarsBroker::with_http(config, &self.0.http()).unwrap()
    }

    async fn asked(&self) -> Vec<String> {
        self.0.asked().await
    }
}

/// A listing to its end.
struct Listed {
    alerts: Vec<Alert<MarsAlert>>,
    faults: Vec<Error>,
    notes: Vec<String>,
}

impl Listed {
    fn ids(&self) -> Vec<&str> {
        self.alerts.iter().map(|alert| alert.lco_id.as_str()).collect()
    }
}

async fn list(broker: &MarsBroker, query: &MarsQuery) -> Listed {
    let mut stream = broker.alerts(query).unwrap();
    let (mut alerts, mut faults) = (Vec::new(), Vec::new());
    while let Some(item) = stream.next().await {
        match item {
            Ok(alert) => alerts.push(alert),
            Err(error) => faults.push(error),
        }
    }
    Listed { alerts, faults, notes: stream.notes() }
}

fn read(pairs: Value) -> tom_alerts::Result<MarsQuery> {
    tom_alerts::form::read(pairs.as_object().unwrap())
}

fn query(pairs: Value) -> MarsQuery {
    read(pairs).unwrap()
}
