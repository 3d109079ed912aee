//! Fink against a recorded service: what is sent, and what is made of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod contract;
mod data;
mod extra;
mod failures;
mod form;
mod identity;
mod listing;
mod names;
mod robust;
#[path = "../support/mod.rs"]
mod support;
mod windows;

use serde_json::{Value, json};
use support::listing::{list, read_form};
use support::points::near;
use support::service::{OnLoopback, answer, html};
use tom_alerts::brokers::fink::{Fink, FinkBroker, FinkConfig, FinkPacket, FinkQuery, LsstScore, ZtfScore};
use tom_alerts::{ErrorKind, GenericBroker, Survey};
use url::Url;
use wiremock::ResponseTemplate;

const ZTF: &str = "ZTF25aaaaaab";
const LSST: &str = "169342810955317611";

type Service = support::service::Service<Fink>;

impl OnLoopback for Fink {
    const ROOT: &'static str = "ztf/api/v1";

    fn config(base_url: Option<Url>) -> Self::Config {
        FinkConfig { base_url, ..FinkConfig::default() }
    }
}

/// ZTF stands under `/ztf/api/v1/`, LSST under `/api/v1/`.
impl Service {
    async fn ztf(&self, route: &str, answer: ResponseTemplate) {
        self.post(&format!("/ztf/api/v1/{route}"), answer).await;
    }

    async fn lsst(&self, route: &str, answer: ResponseTemplate) {
        self.post(&format!("/api/v1/{route}"), answer).await;
    }
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
    read_form(&pairs)
}
