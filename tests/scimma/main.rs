//! SCIMMA against recorded services: what is sent, and what is made of the answers.
#![cfg(feature = "scimma")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod archive;
mod contract;
mod failures;
mod form;
mod hopskotch;
mod login;
mod ornaments;
mod provenance;
mod publish;
mod robust;
mod skip;
#[path = "../support/mod.rs"]
mod support;

use serde_json::{Value, json};
use support::bson;
use support::fixtures::json_fixture;
use support::listing::{Listed, list};
use support::service::{OnLoopback, answer, words};
use tom_alerts::brokers::scimma::*;
use tom_alerts::{Error, ErrorKind, GenericBroker};
use url::Url;
use wiremock::ResponseTemplate;
use wiremock::matchers::{query_param, query_param_is_missing};

/// The id of the n-th recorded message.
fn uuid(n: u32) -> String {
    format!("0b5e7a3c-1d2f-4c6b-8a9e-{n:012}")
}

/// The BSON that a fixture stands for.
fn recorded(name: &str) -> Vec<u8> {
    bson::bytes(json_fixture(name).as_object().unwrap())
}

/// An answer of the archive, which says of no answer what it is.
fn bson_answer(status: u16, name: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_bytes(recorded(name))
}

/// The archive and a SKIP server on loopback.
type Service = support::service::Service<Scimma>;

impl OnLoopback for Scimma {
    const ROOT: &'static str = "archive";

    fn config(base_url: Option<Url>) -> ScimmaConfig {
        ScimmaConfig { base_url, ..ScimmaConfig::default() }
    }
}

fn skip_query() -> ScimmaQuery {
    ScimmaQuery { source: Some(Source::Skip), ..ScimmaQuery::default() }
}
