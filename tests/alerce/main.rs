//! ALeRCE against a recorded service: what is sent, and what is made of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod data;
mod failures;
mod form;
mod listing;
mod robust;
#[path = "../support/service.rs"]
mod service;

use serde_json::{Value, json};
use tom_alerts::brokers::alerce::{AlerceBroker, AlerceConfig, AlercePacket, AlerceQuery};

use tom_alerts::{Alert, Error, ErrorKind, GenericBroker, Survey};
use wiremock::matchers::{any, query_param};
use wiremock::{Mock, ResponseTemplate};

const ZTF: &str = "ZTF24aaaaaab";
const LSST: &str = "169342810955317611";

fn answer(status: u16, name: &str) -> ResponseTemplate {
    service::answer(status, "alerce", name)
}

fn fixture(name: &str) -> Vec<u8> {
    service::fixture("alerce", name)
}

/// ALeRCE on loopback.
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

    fn config(&self) -> AlerceConfig {
        AlerceConfig { base_url: self.0.at("ztf/v1").parse().ok(), ..AlerceConfig::default() }
    }

    fn broker(&self) -> AlerceBroker {
        self.broker_of(self.config())
    }

    fn broker_of(&self, config: AlerceConfig) -> AlerceBroker {
        AlerceBroker::with_http(config, &self.0.http()).unwrap()
    }

    async fn asked(&self) -> Vec<String> {
        self.0.asked().await
    }
}

/// A listing to its end.
struct Listed {
    alerts: Vec<Alert<AlercePacket>>,
    faults: Vec<Error>,
    notes: Vec<String>,
    total: Option<u64>,
}

async fn list(broker: &AlerceBroker, query: &AlerceQuery) -> Listed {
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

fn two() -> AlerceQuery {
    AlerceQuery { page_size: Some(2), ..AlerceQuery::default() }
}

fn read(pairs: Value) -> tom_alerts::Result<AlerceQuery> {
    tom_alerts::form::read(pairs.as_object().unwrap())
}
