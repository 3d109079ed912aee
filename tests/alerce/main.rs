//! ALeRCE against a recorded service: what is sent, and what is made of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod data;
mod failures;
mod form;
mod listing;
mod robust;

use std::path::Path;

use serde_json::{Value, json};
use tom_alerts::brokers::alerce::{AlerceBroker, AlerceConfig, AlercePacket, AlerceQuery, Survey};
use tom_alerts::http::{Http, HttpConfig};
use tom_alerts::{Alert, Error, ErrorKind, GenericBroker};
use wiremock::matchers::{any, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

const ZTF: &str = "ZTF24aaaaaab";
const LSST: &str = "169342810955317611";

fn fixture(name: &str) -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/alerce").join(name);
    std::fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

fn answer(status: u16, name: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(fixture(name), "application/json")
}

/// A service on loopback and the transport to it.
struct Service {
    server: MockServer,
    http: HttpConfig,
}

impl Service {
    async fn start() -> Self {
        let http = serde_json::from_value(json!({"call_timeout": 20.0, "max_retries": 2})).unwrap();
        Self { server: MockServer::start().await, http }
    }

    async fn on(&self, at: &str, answer: ResponseTemplate) {
        Mock::given(method("GET")).and(path(at)).respond_with(answer).mount(&self.server).await;
    }

    async fn page(&self, number: &str, answer: ResponseTemplate) {
        Mock::given(any()).and(query_param("page", number)).respond_with(answer).mount(&self.server).await;
    }

    fn config(&self) -> AlerceConfig {
        let base_url = format!("{}/ztf/v1", self.server.uri()).parse().ok();
        AlerceConfig { base_url, ..AlerceConfig::default() }
    }

    fn broker(&self) -> AlerceBroker {
        self.broker_of(self.config())
    }

    fn broker_of(&self, config: AlerceConfig) -> AlerceBroker {
        let http = Http::new(&self.http).unwrap().with_dice(|| 0.0);
        AlerceBroker::with_http(config, &http).unwrap()
    }

    /// Everything that was asked, as `GET /path?query`.
    async fn asked(&self) -> Vec<String> {
        let requests = self.server.received_requests().await.unwrap();
        requests
            .iter()
            .map(|r| {
                let query = r.url.query().map_or_else(String::new, |query| format!("?{query}"));
                format!("{} {}{query}", r.method, r.url.path())
            })
            .collect()
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
