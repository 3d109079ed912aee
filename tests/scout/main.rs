//! Scout against scripted answers under a paused clock: what is sent, and what is made of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod data;
mod failures;
mod form;
mod listing;
mod robust;
#[path = "../support/service.rs"]
mod service;

use std::sync::Arc;

use serde_json::{Value, json};
use tom_alerts::brokers::scout::{ScoutBroker, ScoutConfig, ScoutPacket, ScoutQuery};
use tom_alerts::http::{Http, HttpConfig, Request, Response};
use tom_alerts::testing::ScriptedTransport;
use tom_alerts::{Alert, Error, ErrorKind, GenericBroker};

fn fixture(name: &str) -> Vec<u8> {
    service::fixture("scout", name)
}

fn answer(status: u16, name: &str) -> Response {
    Response::new(status, Vec::new(), fixture(name).into())
}

fn text(status: u16, text: &str) -> Response {
    Response::new(status, Vec::new(), text.to_owned().into())
}

/// A query parameter of a request.
fn asked(request: &Request, key: &str) -> Option<String> {
    request.url().query_pairs().find(|(name, _)| name == key).map(|(_, value)| value.into_owned())
}

/// Path and query of every request so far.
fn sent(script: &ScriptedTransport) -> Vec<String> {
    let line = |request: &Request| {
        let url = request.url();
        format!("{} {}?{}", request.method().as_str(), url.path(), url.query().unwrap_or_default())
    };
    script.requests().iter().map(line).collect()
}

fn client(script: &ScriptedTransport, config: ScoutConfig) -> ScoutBroker {
    let http = serde_json::from_value::<HttpConfig>(json!({"max_retries": 2})).unwrap();
    let http = Http::with_transport(Arc::new(script.clone()), &http).with_dice(|| 0.0);
    ScoutBroker::with_http(config, &http).unwrap()
}

/// A broker that gets one answer always, and what it was asked.
fn always(response: Response) -> (ScoutBroker, ScriptedTransport) {
    let script = ScriptedTransport::new(move |_| Ok(response.clone()));
    (client(&script, ScoutConfig::default()), script)
}

/// The list and the three objects in it.
fn whole() -> ScriptedTransport {
    ScriptedTransport::new(|request| {
        let name = asked(request, "tdes");
        let file = asked(request, "file").is_some();
        Ok(match name.as_deref() {
            None => answer(200, "summary.json"),
            Some("X01aaaa") if file => answer(200, "object_mpc.json"),
            Some("X01aaaa") if asked(request, "orbits").is_some() => answer(200, "object_orbits.json"),
            Some("X01aaaa") => answer(200, "object_1.json"),
            Some("X02bbbb") if asked(request, "orbits").is_some() => answer(200, "object_hyperbolic.json"),
            Some("X02bbbb") => answer(200, "object_2.json"),
            Some("X03cccc") if asked(request, "orbits").is_some() => answer(200, "object_no_orbits.json"),
            Some("X03cccc") => answer(200, "object_3.json"),
            Some(_) => answer(200, "gone.json"),
        })
    })
}

/// A listing to its end.
struct Listed {
    alerts: Vec<Alert<ScoutPacket>>,
    faults: Vec<Error>,
    notes: Vec<String>,
    total: Option<u64>,
}

async fn list(broker: &ScoutBroker, query: &ScoutQuery) -> Listed {
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

fn one(name: &str) -> ScoutQuery {
    ScoutQuery { tdes: Some(name.to_owned()), ..ScoutQuery::default() }
}

fn read(pairs: Value) -> tom_alerts::Result<ScoutQuery> {
    tom_alerts::form::read(pairs.as_object().unwrap())
}
