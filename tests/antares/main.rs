//! ANTARES against a recorded service: what is sent, and what is made of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod contract;
mod data;
mod failures;
mod form;
mod identity;
mod listing;
mod robust;
mod services;
#[path = "../support/mod.rs"]
mod support;

use serde_json::{Value, json};
use support::fixtures::{json_fixture, text_fixture};
use support::listing::{Listed, list, read_form};
use support::service::{OnLoopback, answer, words};
use tom_alerts::brokers::antares::{Antares, AntaresBroker, AntaresConfig, AntaresQuery, Locus};
use tom_alerts::{ErrorKind, GenericBroker};
use url::Url;
use wiremock::ResponseTemplate;
use wiremock::matchers::{query_param, query_param_is_missing};

const LOCUS: &str = "ANT2024aaaab";
const ZTF: &str = "ZTF24aaaaaab";
const LSST_LOCUS: &str = "ANT2026bbbbbbbbbbbb";
const LSST: &str = "169342810955317611";

/// ANTARES on loopback; its root is the path of one of its interfaces.
type Service = support::service::Service<Antares>;

impl OnLoopback for Antares {
    const ROOT: &'static str = "v2";

    fn config(base_url: Option<Url>) -> AntaresConfig {
        AntaresConfig { base_url, ..AntaresConfig::default() }
    }
}

impl Service {
    async fn v2() -> Self {
        Self::start().await
    }

    async fn v1() -> Self {
        Self::start().await.rooted("v1")
    }

    /// Answers a path below the root.
    async fn below(&self, at: &str, answer: ResponseTemplate) {
        self.get(&format!("/{}/{at}", self.root), answer).await;
    }

    /// Everything about the locus of ZTF.
    async fn with_ztf(self) -> Self {
        let own = |name: &str| answer(200, &format!("{}_{name}", self.root));
        self.below(&format!("loci/{LOCUS}"), own("locus_ztf.json")).await;
        match self.root {
            "v1" => {
                self.when(Alerts { further: false }, answer(200, "v1_alerts_page1.json")).await;
                self.when(Alerts { further: true }, answer(200, "v1_alerts_page2.json")).await;
            }
            _ => self.below(&format!("loci/{LOCUS}/alerts"), own("alerts_ztf.json")).await,
        }
        self
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

impl Listed<Locus> {
    fn ids(&self) -> Vec<&str> {
        self.alerts.iter().map(|alert| alert.id.as_str()).collect()
    }
}

fn two() -> AntaresQuery {
    AntaresQuery { page_size: Some(2), ..AntaresQuery::default() }
}

fn read(pairs: Value) -> tom_alerts::Result<AntaresQuery> {
    read_form(&pairs)
}
