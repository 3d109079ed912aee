//! Gaia's alerts against a recorded service: what is sent, and what is made of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod data;
mod failures;
mod listing;
mod robust;
#[path = "../support/service.rs"]
mod service;

use serde_json::{Value, json};
use tom_alerts::brokers::gaia::{Gaia, GaiaAlert, GaiaBroker, GaiaConfig, GaiaList, GaiaQuery, TimeScale};
use tom_alerts::{Alert, Error, ErrorKind, GenericBroker};
use wiremock::ResponseTemplate;

const NAME: &str = "Gaia22aab";
const CSV: &str = "/alerts/alerts.csv";
const INDEX: &str = "/alerts/alertsindex";
const CURVE: &str = "/alerts/alert/Gaia22aab/lightcurve.csv";

fn fixture(name: &str) -> Vec<u8> {
    service::fixture("gaia", name)
}

fn answer(status: u16, name: &str) -> ResponseTemplate {
    let content_type = if name.ends_with(".csv") { "text/csv" } else { "text/html" };
    ResponseTemplate::new(status).set_body_raw(fixture(name), content_type)
}

/// Gaia's service on loopback.
struct Service(service::Service);

impl Service {
    async fn start() -> Self {
        Self(service::Service::start().await)
    }

    async fn on(&self, at: &str, answer: ResponseTemplate) {
        self.0.get(at, answer).await;
    }

    /// A service with a list as CSV.
    async fn with_list(name: &str) -> Self {
        let service = Self::start().await;
        service.on(CSV, answer(200, name)).await;
        service
    }

    fn config(&self) -> GaiaConfig {
        GaiaConfig { base_url: self.0.at("").parse().ok(), ..GaiaConfig::default() }
    }

    fn broker(&self) -> GaiaBroker {
        self.broker_of(self.config())
    }

    fn broker_of(&self, config: GaiaConfig) -> GaiaBroker {
        GaiaBroker::with_http(config, &self.0.http()).unwrap()
    }

    fn of_page(&self) -> GaiaBroker {
        self.broker_of(GaiaConfig { list: Some(GaiaList::Page), ..self.config() })
    }

    async fn asked(&self) -> Vec<String> {
        self.0.asked().await
    }
}

/// A listing to its end.
struct Listed {
    alerts: Vec<Alert<GaiaAlert>>,
    faults: Vec<Error>,
    notes: Vec<String>,
    total: Option<u64>,
}

impl Listed {
    fn names(&self) -> Vec<&str> {
        self.alerts.iter().map(|alert| alert.name.as_str()).collect()
    }
}

async fn list(broker: &GaiaBroker, query: &GaiaQuery) -> Listed {
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

fn read(pairs: Value) -> tom_alerts::Result<GaiaQuery> {
    tom_alerts::form::read(pairs.as_object().unwrap())
}

fn query(pairs: Value) -> GaiaQuery {
    read(pairs).unwrap()
}

fn all() -> GaiaQuery {
    query(json!({"mag_max": 25}))
}
