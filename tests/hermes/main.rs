//! Hermes against a recorded service: what is sent, and what is made of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod contract;
mod data;
mod failures;
mod form;
mod hopskotch;
mod listing;
mod message;
mod ornaments;
mod provenance;
mod robust;
mod submit;
#[path = "../support/mod.rs"]
mod support;

use serde_json::{Value, json};
use support::fixtures::{fixture, json_fixture};
use support::listing::{list, read_form};
use support::service::{OnLoopback, answer};
use tom_alerts::brokers::hermes::*;
use tom_alerts::{Error, ErrorKind, GenericBroker};
use url::Url;
use wiremock::ResponseTemplate;

/// The uuid of a made-up message.
fn uuid(n: u32) -> String {
    format!("{n:08x}-1111-4222-8333-444444444444")
}

/// The path of a message with its body.
fn message_at(n: u32) -> String {
    format!("/api/v0/query/message/{}/", uuid(n))
}

const CANARY: &str = "c0ffee00canary00c0ffee00canary00c0ffee00";

type Service = support::service::Service<Hermes>;

/// With a token, a topic and a submitter.
impl OnLoopback for Hermes {
    const ROOT: &'static str = "";

    fn config(base_url: Option<Url>) -> HermesConfig {
        HermesConfig {
            base_url,
            api_key: Some(CANARY.into()),
            topic: Some("hermes.test".into()),
            submitter: Some("N. Body".into()),
            ..HermesConfig::default()
        }
    }
}

impl Service {
    fn without_token(&self) -> HermesBroker {
        self.broker_of(HermesConfig { api_key: None, ..self.config() })
    }
}

fn of(search: Search) -> HermesQuery {
    HermesQuery { search, page_size: Some(2), ..HermesQuery::default() }
}

fn read(pairs: Value) -> tom_alerts::Result<HermesQuery> {
    read_form(&pairs)
}
