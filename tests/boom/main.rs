//! Babamul and BOOM against scripted answers under a paused clock: what is sent, and what is made of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod contract;
mod data;
mod failures;
mod form;
mod listing;
mod research;
mod robust;
mod spoiled;
#[path = "../support/mod.rs"]
mod support;

use serde_json::{Value, json};
use support::fixtures::json_fixture;
use support::listing::{at_place, list, read_form};
use support::script::{answer, asked, body, client, header, sent, text};
use support::service::OnLoopback;
use tom_alerts::brokers::boom::{
    Babamul, BabamulBroker, BabamulConfig, BabamulQuery, Boom, BoomBroker, BoomConfig, BoomQuery, BoomSurvey,
};
use tom_alerts::http::{Body, Request, Response};
use tom_alerts::testing::ScriptedTransport;
use tom_alerts::{ErrorKind, GenericBroker, Protocol};
use url::Url;

const ZTF: &str = "ZTF26aaboomx";
const LSST: &str = "169342810955317611";
const CANDID: &str = "3005432622415015012";
/// The credentials, none of which may ever be seen.
const TOKEN: &str = "bbml_canary0123456789canary0123456789cana";
const PASSWORD: &str = "canary-password";

fn with_token() -> BabamulConfig {
    BabamulConfig { api_token: Some(TOKEN.into()), ..BabamulConfig::default() }
}

impl OnLoopback for Babamul {
    const ROOT: &'static str = "";

    fn config(base_url: Option<Url>) -> BabamulConfig {
        BabamulConfig { base_url, ..with_token() }
    }
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
    let script = support::script::always(response);
    (client::<Babamul>(&script, with_token()), script)
}

/// BOOM that lets everyone in and then answers so.
fn boom(respond: impl Fn(&Request) -> Response + Send + Sync + 'static) -> (BoomBroker, ScriptedTransport) {
    let script = ScriptedTransport::new(move |request| {
        Ok(if request.url().path() == "/auth" { answer(200, "auth.json") } else { respond(request) })
    });
    (client::<Boom>(&script, account()), script)
}

fn of(id: &str) -> BabamulQuery {
    BabamulQuery { object_id: Some(id.to_owned()), ..BabamulQuery::default() }
}

fn read(pairs: Value) -> tom_alerts::Result<BabamulQuery> {
    read_form(&pairs)
}

fn close(ours: Option<f64>, due: f64) {
    let ours = ours.unwrap();
    assert!((ours - due).abs() < 1e-6 * due.abs().max(1.0), "{ours} is not {due}");
}
