//! Lasair of both surveys against a recorded service: what is sent, and what is made of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod data;
mod failures;
mod form;
mod listing;
mod robust;
#[path = "../support/service.rs"]
mod service;

use serde_json::{Value, json};
use tom_alerts::brokers::lasair::{
    LasairBroker, LasairConfig, LasairLsstBroker, LasairLsstQuery, LasairQuery,
};
use tom_alerts::{Alert, Client, Error, ErrorKind, GenericBroker, Protocol};
use wiremock::matchers::body_string_contains;
use wiremock::{Mock, ResponseTemplate};

const ZTF: &str = "ZTF26aaaaaab";
const OTHER: &str = "ZTF26aaaaaac";
/// Beyond 2^53.
const LSST: &str = "169342810955400001";
const TOKEN: &str = "canary0token0made0up";

fn answer(status: u16, name: &str) -> ResponseTemplate {
    service::answer(status, "lasair", name)
}

fn fixture(name: &str) -> Vec<u8> {
    service::fixture("lasair", name)
}

fn said(status: u16, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body, "application/json")
}

/// Both services on loopback.
struct Service(service::Service);

impl Service {
    async fn start() -> Self {
        Self(service::Service::start().await)
    }

    async fn get(&self, at: &str, answer: ResponseTemplate) {
        self.0.get(&format!("/api/{at}/"), answer).await;
    }

    async fn post(&self, at: &str, answer: ResponseTemplate) {
        self.0.post(&format!("/api/{at}/"), answer).await;
    }

    /// Answers a query with this text in its body, encoded as a form.
    async fn query(&self, text: &str, answer: ResponseTemplate) {
        self.0.when(body_string_contains(text), answer).await;
    }

    fn config(&self) -> LasairConfig {
        LasairConfig { api_key: Some(TOKEN.into()), base_url: self.0.at("api").parse().ok() }
    }

    fn ztf(&self) -> LasairBroker {
        LasairBroker::with_http(self.config(), &self.0.http()).unwrap()
    }

    fn lsst(&self) -> LasairLsstBroker {
        LasairLsstBroker::with_http(self.config(), &self.0.http()).unwrap()
    }

    async fn asked(&self) -> Vec<String> {
        self.0.asked().await
    }

    /// The fields of the form in the body of the n-th request.
    async fn sent(&self, n: usize) -> Vec<(String, String)> {
        let url = url::Url::parse(&format!("http://127.0.0.1/?{}", self.0.body(n).await)).unwrap();
        url.query_pairs().into_owned().collect()
    }
}

/// A listing to its end.
struct Listed<P> {
    alerts: Vec<Alert<P>>,
    faults: Vec<Error>,
    notes: Vec<String>,
}

async fn list<P: Protocol>(broker: &Client<P>, query: &P::Query) -> Listed<P::Packet> {
    let mut stream = broker.alerts(query).unwrap();
    let (mut alerts, mut faults) = (Vec::new(), Vec::new());
    while let Some(item) = stream.next().await {
        match item {
            Ok(alert) => alerts.push(alert),
            Err(error) => faults.push(error),
        }
    }
    Listed { alerts, faults, notes: stream.notes() }
}

fn cone<S: tom_alerts::brokers::lasair::LasairSurvey>() -> LasairQuery<S> {
    LasairQuery { ra: Some(201.5), dec: Some(-9.75), radius: Some(30.0), ..LasairQuery::default() }
}

fn sql<S: tom_alerts::brokers::lasair::LasairSurvey>(conditions: &str) -> LasairQuery<S> {
    LasairQuery { conditions: Some(conditions.to_owned()), ..LasairQuery::default() }
}

fn ids<P>(alerts: &[Alert<P>]) -> Vec<&str>
where
    P: tom_alerts::brokers::lasair::Packet,
{
    alerts.iter().map(|alert| alert.id()).collect()
}
