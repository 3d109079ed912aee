//! Lasair of both surveys against a recorded service: what is sent, and what is made of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod contract;
mod data;
mod failures;
mod form;
mod identity;
mod limits;
mod listing;
mod robust;
#[path = "../support/mod.rs"]
mod support;

use serde_json::{Value, json};
use support::fixtures::{fixture, json_fixture, text_fixture};
use support::listing::list;
use support::service::{OnLoopback, answer, said};
use tom_alerts::brokers::lasair::{
    Lasair, LasairBroker, LasairConfig, LasairLsstBroker, LasairLsstQuery, LasairPacket, LasairQuery,
    LasairSurvey, Packet, Ztf,
};
use tom_alerts::{Alert, Error, ErrorKind, GenericBroker, Protocol};
use url::Url;
use wiremock::matchers::body_string_contains;
use wiremock::{Mock, ResponseTemplate};

const ZTF: &str = "ZTF26aaaaaab";
const OTHER: &str = "ZTF26aaaaaac";
/// Beyond 2^53.
const LSST: &str = "169342810955400001";
const TOKEN: &str = "canary0token0made0up";

/// Both services on loopback.
type Service = support::service::Service<Lasair<Ztf>>;

impl<S: LasairSurvey> OnLoopback for Lasair<S> {
    const ROOT: &'static str = "api";

    fn config(base_url: Option<Url>) -> LasairConfig {
        LasairConfig { api_key: Some(TOKEN.into()), base_url }
    }
}

impl Service {
    /// Answers a query with this text in its body, encoded as a form.
    async fn query(&self, text: &str, answer: ResponseTemplate) {
        self.when(body_string_contains(text), answer).await;
    }

    fn ztf(&self) -> LasairBroker {
        self.broker()
    }

    fn lsst(&self) -> LasairLsstBroker {
        LasairLsstBroker::with_http(self.config(), &self.http()).unwrap()
    }
}

fn cone<S: LasairSurvey>() -> LasairQuery<S> {
    LasairQuery { ra: Some(201.5), dec: Some(-9.75), radius: Some(30.0), ..LasairQuery::default() }
}

fn sql<S: LasairSurvey>(conditions: &str) -> LasairQuery<S> {
    LasairQuery { conditions: Some(conditions.to_owned()), ..LasairQuery::default() }
}

fn ids<P: Packet>(alerts: &[Alert<P>]) -> Vec<&str> {
    alerts.iter().map(|alert| alert.id()).collect()
}
