//! Gaia's alerts against a recorded service: what is sent, and what is made of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod contract;
mod data;
mod failures;
mod form;
mod listing;
mod objects;
mod robust;
#[path = "../support/mod.rs"]
mod support;

use serde_json::{Value, json};
use support::fixtures::{fixture, text_fixture};
use support::listing::{Listed, list, read_form};
use support::service::{OnLoopback, said};
use tom_alerts::brokers::gaia::{Gaia, GaiaAlert, GaiaBroker, GaiaConfig, GaiaList, GaiaQuery, TimeScale};
use tom_alerts::{ErrorKind, GenericBroker};
use url::Url;
use wiremock::ResponseTemplate;

const NAME: &str = "Gaia22aab";
const CSV: &str = "/alerts/alerts.csv";
const INDEX: &str = "/alerts/alertsindex";
const CURVE: &str = "/alerts/alert/Gaia22aab/lightcurve.csv";

fn answer(status: u16, name: &str) -> ResponseTemplate {
    let content_type = if name.ends_with(".csv") { "text/csv" } else { "text/html" };
    ResponseTemplate::new(status).set_body_raw(fixture(name), content_type)
}

type Service = support::service::Service<Gaia>;

impl OnLoopback for Gaia {
    const ROOT: &'static str = "";

    fn config(base_url: Option<Url>) -> Self::Config {
        GaiaConfig { base_url, ..GaiaConfig::default() }
    }
}

impl Service {
    /// A service with a list as CSV.
    async fn with_list(name: &str) -> Self {
        let service = Self::start().await;
        service.get(CSV, answer(200, name)).await;
        service
    }

    fn of_page(&self) -> GaiaBroker {
        self.broker_of(GaiaConfig { list: Some(GaiaList::Page), ..self.config() })
    }
}

impl Listed<GaiaAlert> {
    fn names(&self) -> Vec<&str> {
        self.alerts.iter().map(|alert| alert.name.as_str()).collect()
    }
}

fn read(pairs: Value) -> tom_alerts::Result<GaiaQuery> {
    read_form(&pairs)
}

fn query(pairs: Value) -> GaiaQuery {
    read(pairs).unwrap()
}

fn all() -> GaiaQuery {
    query(json!({"mag_max": 25}))
}
