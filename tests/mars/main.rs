//! MARS against a recorded instance: what is sent, and what is made of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod contract;
mod data;
mod failures;
mod form;
mod listing;
mod paging;
mod robust;
mod spoiled;
#[path = "../support/mod.rs"]
mod support;

use serde_json::{Value, json};
use support::fixtures::{json_fixture, text_fixture};
use support::listing::{Listed, list, read_form};
use support::service::{OnLoopback, answer, html};
use tom_alerts::brokers::mars::{Mars, MarsAlert, MarsBroker, MarsConfig, MarsQuery};
use tom_alerts::{Alert, ErrorKind, GenericBroker};
use url::Url;
use wiremock::ResponseTemplate;
use wiremock::matchers::query_param;

const FIRST: &str = "ZTF19aaaaaab";
const SECOND: &str = "ZTF19aaaaaac";

type Service = support::service::Service<Mars>;

impl OnLoopback for Mars {
    const ROOT: &'static str = "";

    fn config(base_url: Option<Url>) -> MarsConfig {
        MarsConfig { base_url }
    }
}

impl Service {
    async fn page(&self, number: &str, answer: ResponseTemplate) {
        self.when(query_param("page", number), answer).await;
    }
}

impl Listed<MarsAlert> {
    fn ids(&self) -> Vec<&str> {
        self.alerts.iter().map(|alert| alert.lco_id.as_str()).collect()
    }
}

fn read(pairs: Value) -> tom_alerts::Result<MarsQuery> {
    read_form(&pairs)
}

fn query(pairs: Value) -> MarsQuery {
    read(pairs).unwrap()
}
