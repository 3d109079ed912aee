//! Fink against a recorded service: what is sent, and what is made of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod data;
mod extra;
mod failures;
mod form;
mod listing;
mod names;
mod robust;
#[path = "../support/service.rs"]
mod service;

use serde_json::{Value, json};
use tom_alerts::brokers::fink::{FinkBroker, FinkConfig, FinkPacket, FinkQuery, LsstScore, ZtfScore};

use tom_alerts::{Alert, Error, ErrorKind, GenericBroker, Survey};
use wiremock::matchers::any;
use wiremock::{Mock, ResponseTemplate};

const ZTF: &str = "ZTF25aaaaaab";
const LSST: &str = "169342810955317611";

fn answer(status: u16, name: &str) -> ResponseTemplate {
    service::answer(status, "fink", name)
}

/// A text as Python's frameworks send it.
fn python(status: u16, name: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(fixture(name), "text/html; charset=utf-8")
}

fn fixture(name: &str) -> Vec<u8> {
    service::fixture("fink", name)
}

/// Fink on loopback: ZTF under `/ztf/api/v1/`, LSST under `/api/v1/`.
struct Service(service::Service);

impl Service {
    async fn start() -> Self {
        Self(service::Service::start().await)
    }

    async fn ztf(&self, route: &str, answer: ResponseTemplate) {
        self.0.post(&format!("/ztf/api/v1/{route}"), answer).await;
    }

    async fn lsst(&self, route: &str, answer: ResponseTemplate) {
        self.0.post(&format!("/api/v1/{route}"), answer).await;
    }

    fn config(&self) -> FinkConfig {
        FinkConfig { base_url: self.0.at("ztf/api/v1").parse().ok(), ..FinkConfig::default() }
    }

    fn broker(&self) -> FinkBroker {
        self.broker_of(self.config())
    }

    fn broker_of(&self, config: FinkConfig) -> FinkBroker {
        FinkBroker::with_http(config, &self.0.http()).unwrap()
    }

    async fn asked(&self) -> Vec<String> {
        self.0.asked().await
    }

    /// What the n-th request carried.
    async fn sent(&self, n: usize) -> Value {
        serde_json::from_str(&self.0.body(n).await).unwrap()
    }
}

/// A listing to its end.
struct Listed {
    alerts: Vec<Alert<FinkPacket>>,
    faults: Vec<Error>,
    notes: Vec<String>,
}

async fn list(broker: &FinkBroker, query: &FinkQuery) -> Listed {
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

fn class(name: &str) -> FinkQuery {
    FinkQuery { class: Some(name.into()), ..FinkQuery::default() }
}

fn objects(ids: &[&str]) -> FinkQuery {
    FinkQuery { object_id: ids.iter().map(|id| (*id).to_owned()).collect(), ..FinkQuery::default() }
}

fn cone(survey: Option<Survey>) -> FinkQuery {
    FinkQuery { survey, ra: Some(150.125), dec: Some(2.25), radius: Some(20.0), ..FinkQuery::default() }
}

fn read(pairs: Value) -> tom_alerts::Result<FinkQuery> {
    tom_alerts::form::read(pairs.as_object().unwrap())
}

fn near(value: Option<f64>, due: f64) {
    assert!(value.is_some_and(|value| (value - due).abs() < 1e-4), "{value:?}, not {due}");
}
