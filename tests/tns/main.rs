//! TNS against a recorded service: what is sent, and what is made of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod classification;
mod contract;
mod data;
mod failures;
mod form;
mod listing;
mod objects;
mod pace;
mod report;
mod robust;
mod rubin;
#[path = "../support/mod.rs"]
mod support;
mod tables;

use serde_json::{Value, json};
use support::fixtures::{fixture, json_fixture, text_fixture};
use support::listing::{Listed, list, read_form};
use support::service::{OnLoopback, answer, said, words};
use tom_alerts::brokers::tns::*;
use tom_alerts::{Alert, ErrorKind, GenericBroker, Registry};
use url::Url;
use wiremock::matchers::{body_string_contains, method, path};
use wiremock::{Mock, ResponseTemplate};

const KEY: &str = "canary-7f3a9c51";

type Service = support::service::Service<Tns>;

impl OnLoopback for Tns {
    const ROOT: &'static str = "api";

    fn config(base_url: Option<Url>) -> TnsConfig {
        TnsConfig {
            base_url,
            api_key: Some(KEY.into()),
            bot_id: Some(12),
            bot_name: Some("A \"Bot\"".into()),
            ..TnsConfig::default()
        }
    }
}

impl Service {
    /// The answer to the object call of a name.
    async fn object(&self, name: &str, answer: ResponseTemplate) {
        let asked = format!("%22objname%22%3A%22{name}%22");
        Mock::given(method("POST"))
            .and(path("/api/get/object"))
            .and(body_string_contains(asked))
            .respond_with(answer)
            .mount(&self.server)
            .await;
    }

    /// A search with three hits, and their objects.
    async fn three() -> Self {
        let service = Self::start().await;
        service.post("/api/get/search", answer(200, "search_three.json")).await;
        service.object("2026qqa", answer(200, "object_full.json")).await;
        service.object("2026qqb", answer(200, "object_bare.json")).await;
        service.object("2026qqc", answer(200, "object_second.json")).await;
        let file = ResponseTemplate::new(200).set_body_raw(fixture("spectrum.ascii"), "text/plain");
        service.post("/system/files/uploaded/x/tns_2026qqa_a.ascii", file).await;
        service
    }

    /// The fields of the n-th body, with the JSON in `data` read.
    async fn form(&self, n: usize) -> Value {
        let field = |(key, text): (String, String)| {
            let value = if key == "data" { serde_json::from_str(&text).unwrap() } else { Value::from(text) };
            (key, value)
        };
        Value::Object(self.fields(n).await.into_iter().map(field).collect())
    }
}

fn read(pairs: Value) -> tom_alerts::Result<TnsQuery> {
    read_form(&pairs)
}

fn names(listed: &Listed<TnsPacket>) -> Vec<&str> {
    listed.alerts.iter().map(|alert| alert.objname.as_str()).collect()
}

fn all() -> TnsQuery {
    TnsQuery { reported_days: Some(7), ..TnsQuery::default() }
}
