//! Babamul and BOOM against scripted answers under a paused clock: what is sent, and what is made of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod data;
mod failures;
mod form;
mod listing;
mod research;
mod robust;
#[path = "../support/service.rs"]
mod service;

use std::sync::Arc;

use serde_json::{Value, json};
use tom_alerts::brokers::boom::{
    Babamul, BabamulBroker, BabamulConfig, BabamulQuery, Boom, BoomAlert, BoomBroker, BoomConfig, BoomQuery,
    BoomSurvey,
};
use tom_alerts::http::{Body, Http, HttpConfig, Request, Response};
use tom_alerts::plugin::Protocol;
use tom_alerts::testing::ScriptedTransport;
use tom_alerts::{Alert, Client, Error, ErrorKind, GenericBroker, MemoryStore};

const ZTF: &str = "ZTF26aaboomx";
const LSST: &str = "169342810955317611";
const CANDID: &str = "3005432622415015012";
/// The credentials, none of which may ever be seen.
const TOKEN: &str = "bbml_canary0123456789canary0123456789cana";
const PASSWORD: &str = "canary-password";

fn fixture(name: &str) -> Vec<u8> {
    service::fixture("boom", name)
}

fn answer(status: u16, name: &str) -> Response {
    Response::new(status, Vec::new(), fixture(name).into())
}

fn text(status: u16, text: &str) -> Response {
    Response::new(status, Vec::new(), text.to_owned().into())
}

fn asked(request: &Request, key: &str) -> Option<String> {
    request.url().query_pairs().find(|(name, _)| name == key).map(|(_, value)| value.into_owned())
}

/// Method, path and query of every request so far.
fn sent(script: &ScriptedTransport) -> Vec<String> {
    let line = |request: &Request| {
        let url = request.url();
        let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
        format!("{} {}{query}", request.method().as_str(), url.path())
    };
    script.requests().iter().map(line).collect()
}

fn header(request: &Request, name: &str) -> Option<String> {
    request.headers().iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
}

fn body(request: &Request) -> Value {
    let (_, bytes) = request.encoded().unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn client<P: Protocol>(script: &ScriptedTransport, config: P::Config) -> Client<P> {
    let http = serde_json::from_value::<HttpConfig>(json!({"max_retries": 2})).unwrap();
    let http = Http::with_transport(Arc::new(script.clone()), &http).with_dice(|| 0.0);
    Client::with_http(config, &http).unwrap()
}

fn with_token() -> BabamulConfig {
    BabamulConfig { api_token: Some(TOKEN.into()), ..BabamulConfig::default() }
}

fn with_login() -> BabamulConfig {
    BabamulConfig {
        email: Some("me@example.org".into()),
        password: Some(PASSWORD.into()),
        ..BabamulConfig::default()
    }
}

fn account() -> BoomConfig {
    BoomConfig { username: Some("me".into()), password: Some(PASSWORD.into()), ..BoomConfig::default() }
}

/// Babamul with one answer always, and what it was asked.
fn always(response: Response) -> (BabamulBroker, ScriptedTransport) {
    let script = ScriptedTransport::new(move |_| Ok(response.clone()));
    (client::<Babamul>(&script, with_token()), script)
}

/// BOOM that lets everyone in and then answers so.
fn boom(respond: impl Fn(&Request) -> Response + Send + Sync + 'static) -> (BoomBroker, ScriptedTransport) {
    let script = ScriptedTransport::new(move |request| {
        Ok(if request.url().path() == "/auth" { answer(200, "auth.json") } else { respond(request) })
    });
    (client::<Boom>(&script, account()), script)
}

/// A listing to its end.
struct Listed {
    alerts: Vec<Alert<BoomAlert>>,
    faults: Vec<Error>,
    notes: Vec<String>,
}

async fn list<P: Protocol<Packet = BoomAlert>>(broker: &Client<P>, query: &P::Query) -> Listed {
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

fn of(id: &str) -> BabamulQuery {
    BabamulQuery { object_id: Some(id.to_owned()), ..BabamulQuery::default() }
}

fn read(pairs: Value) -> tom_alerts::Result<BabamulQuery> {
    tom_alerts::form::read(pairs.as_object().unwrap())
}

fn close(ours: Option<f64>, due: f64) {
    let ours = ours.unwrap();
    assert!((ours - due).abs() < 1e-6 * due.abs().max(1.0), "{ours} is not {due}");
}
