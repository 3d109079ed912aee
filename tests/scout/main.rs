//! Scout against scripted answers under a paused clock: what is sent, and what is made of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod contract;
mod data;
mod failures;
mod form;
mod listing;
mod objects;
mod robust;
#[path = "../support/mod.rs"]
mod support;

use serde_json::{Value, json};
use support::listing::{list, read_form};
use support::script::{self, answer, asked, sent, text};
use support::service::OnLoopback;
use tom_alerts::brokers::scout::{Scout, ScoutBroker, ScoutConfig, ScoutPacket, ScoutQuery};
use tom_alerts::http::Response;
use tom_alerts::testing::ScriptedTransport;
use tom_alerts::{ErrorKind, GenericBroker};
use url::Url;

impl OnLoopback for Scout {
    const ROOT: &'static str = "";

    fn config(base_url: Option<Url>) -> ScoutConfig {
        ScoutConfig { base_url, ..ScoutConfig::default() }
    }
}

fn client(script: &ScriptedTransport, config: ScoutConfig) -> ScoutBroker {
    script::client(script, config)
}

/// A broker that gets one answer always, and what it was asked.
fn always(response: Response) -> (ScoutBroker, ScriptedTransport) {
    let script = script::always(response);
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

fn one(name: &str) -> ScoutQuery {
    ScoutQuery { tdes: Some(name.to_owned()), ..ScoutQuery::default() }
}

fn read(pairs: Value) -> tom_alerts::Result<ScoutQuery> {
    read_form(&pairs)
}
