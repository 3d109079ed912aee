//! ANTARES against a recorded service: what is sent, and what is made of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod data;
mod failures;
mod form;
mod listing;
mod robust;
#[path = "../support/service.rs"]
mod service;
mod services;

use serde_json::{Value, json};
use tom_alerts::brokers::antares::{AntaresBroker, AntaresConfig, AntaresQuery, Locus};
use tom_alerts::{Alert, Error, ErrorKind, GenericBroker};
use wiremock::ResponseTemplate;
use wiremock::matchers::{any, query_param, query_param_is_missing};

const LOCUS: &str = "ANT2024aaaab";
const ZTF: &str = "ZTF24aaaaaab";
const LSST_LOCUS: &str = "ANT2026bbbbbbbbbbbb";
const LSST: &str = "169342810955317611";

fn answer(status: u16, name: &str) -> ResponseTemplate {
    service::answer(status, "antares", name)
}

fn fixture(name: &str) -> Vec<u8> {
    service::fixture("antares", name)
}

/// ANTARES on loopback, with the path of one of its interfaces.
struct Service {
    inner: service::Service,
    version: &'static str,
}

impl Service {
    async fn v2() -> Self {
        Self { inner: service::Service::start().await, version: "v2" }
    }

    async fn v1() -> Self {
        Self { inner: service::Service::start().await, version: "v1" }
    }

    /// Answers a path below the root.
    async fn on(&self, at: &str, answer: ResponseTemplate) {
        self.inner.get(&format!("/{}/{at}", self.version), answer).await;
    }

    /// Everything about the locus of ZTF.
    async fn with_ztf(self) -> Self {
        let own = |name: &str| answer(200, &format!("{}_{name}", self.version));
        self.on(&format!("loci/{LOCUS}"), own("locus_ztf.json")).await;
        match self.version {
            "v1" => {
                self.inner.when(Alerts { further: false }, answer(200, "v1_alerts_page1.json")).await;
                self.inner.when(Alerts { further: true }, answer(200, "v1_alerts_page2.json")).await;
            }
            _ => self.on(&format!("loci/{LOCUS}/alerts"), own("alerts_ztf.json")).await,
        }
        self
    }

    fn config(&self) -> AntaresConfig {
        let base_url = self.inner.at(self.version).parse().ok();
        AntaresConfig { base_url, ..AntaresConfig::default() }
    }

    fn broker(&self) -> AntaresBroker {
        self.broker_of(self.config())
    }

    fn broker_of(&self, config: AntaresConfig) -> AntaresBroker {
        AntaresBroker::with_http(config, &self.inner.http()).unwrap()
    }

    async fn asked(&self) -> Vec<String> {
        self.inner.asked().await
    }

    /// The query of the n-th request, decoded.
    async fn parameters(&self, n: usize) -> Vec<(String, String)> {
        let requests = self.inner.server.received_requests().await.unwrap();
        requests[n].url.query_pairs().into_owned().collect()
    }
}

/// The first page of a history, or a further one.
struct Alerts {
    further: bool,
}

impl wiremock::Match for Alerts {
    fn matches(&self, request: &wiremock::Request) -> bool {
        let path = format!("/v1/loci/{LOCUS}/alerts");
        request.url.path() == path && request.url.query().is_some() == self.further
    }
}

/// A listing to its end.
struct Listed {
    alerts: Vec<Alert<Locus>>,
    faults: Vec<Error>,
    notes: Vec<String>,
    total: Option<u64>,
}

impl Listed {
    fn ids(&self) -> Vec<&str> {
        self.alerts.iter().map(|alert| alert.id.as_str()).collect()
    }
}

async fn list(broker: &AntaresBroker, query: &AntaresQuery) -> Listed {
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

fn two() -> AntaresQuery {
    AntaresQuery { page_size: Some(2), ..AntaresQuery::default() }
}

fn read(pairs: Value) -> tom_alerts::Result<AntaresQuery> {
    tom_alerts::form::read(pairs.as_object().unwrap())
}
