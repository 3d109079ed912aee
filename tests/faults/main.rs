//! Every broker against every fault of a network and a service.
//!
//! `cargo test --test faults -- --nocapture` prints what happens, a line for each broker and fault.
//! Each broker asks its recorded service through a relay that spoils the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code, reason = "the examples use the rest")]
#[path = "../../examples/support/demo/mod.rs"]
mod demo;
mod relay;

use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use serde_json::json;
use tom_alerts::http::{Http, HttpConfig};
use tom_alerts::{Config, Error, Registry, form};

use demo::Recorded;
use relay::{FAULTS, Fault, Relay};

/// What a run may take in all; a call with all its tries ends far sooner.
const BOUND: Duration = Duration::from_secs(30);

/// What a listing gave under a fault.
#[derive(Debug)]
struct Outcome {
    names: Vec<String>,
    errors: Vec<Error>,
    took: Duration,
}

impl Outcome {
    fn line(&self) -> String {
        let alerts = self.names.len();
        match self.errors.first() {
            None => format!("{alerts} alerts"),
            Some(first) => format!("{alerts} alerts, {} errors: {first}", self.errors.len()),
        }
    }
}

/// The transport; in a hurry where a fault is that nothing comes.
fn transport(hurry: bool) -> Http {
    let (read, call) = if hurry { (0.3, 1.2) } else { (10.0, 20.0) };
    let config: HttpConfig = serde_json::from_value(json!({
        "connect_timeout": 1.0, "read_timeout": read, "call_timeout": call, "max_retries": 2,
        "max_body": relay::LARGEST,
    }))
    .unwrap();
    Http::new(&config).unwrap().with_dice(|| 0.0)
}

/// A listing of the broker's recorded service behind an address.
async fn listing(service: &'static Recorded, origin: &str, http: &Http) -> Outcome {
    let config = service.configure(Config::new(), origin);
    let registry = Registry::with_http(&config, http).unwrap();
    let broker = registry.broker(service.broker).unwrap();
    let query = form::parse_pairs(service.example).unwrap();
    let started = Instant::now();
    let stream = broker.fetch_alerts(&query).unwrap().limit(40);
    let all = tokio::time::timeout(BOUND, stream.collect_all()).await;
    let took = started.elapsed();
    let (alerts, errors) = all.unwrap_or_else(|_| panic!("{}: no end within {BOUND:?}", service.broker));
    Outcome { names: alerts.iter().map(|alert| alert.generic().id.clone()).collect(), errors, took }
}

/// What must hold of an outcome, beside the bounds.
fn judge(
    broker: &str,
    fault: Fault,
    good: &Outcome,
    outcome: &Outcome,
    keyed: bool,
) -> Result<(), &'static str> {
    let same = outcome.names == good.names && outcome.errors.is_empty();
    let told = !outcome.errors.is_empty();
    match fault {
        // What passes leaves no trace.
        Fault::Busy(_) | Fault::RateLimited | Fault::RateLimitedUntil | Fault::ContentType => {
            if same {
                Ok(())
            } else {
                Err("a fault that passes loses nothing")
            }
        }
        Fault::Elsewhere if keyed => {
            if told {
                Ok(())
            } else {
                Err("a credential does not go to another origin")
            }
        }
        Fault::Elsewhere => {
            if same {
                Ok(())
            } else {
                Err("a redirect without a credential is followed")
            }
        }
        Fault::NanTokens => {
            if same || told {
                Ok(())
            } else {
                Err("NaN is missing, or an error is told")
            }
        }
        // BSON, into which the relay cannot put a bad item; the broker's own tests do.
        Fault::BadItem if broker == "SCIMMA" => Ok(()),
        Fault::BadItem => {
            let rest = outcome.names.len() + outcome.errors.len() >= good.names.len();
            if told && rest { Ok(()) } else { Err("a bad item is one error, and the rest goes on") }
        }
        // The same answer for ever: a listing of one page ends, any other is stopped.
        Fault::SamePage | Fault::Endless => Ok(()),
        _ => {
            if told {
                Ok(())
            } else {
                Err("what is not there is told")
            }
        }
    }
}

fn is_secret(key: &str) -> bool {
    ["key", "token", "password"].iter().any(|word| key.contains(word))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_every_broker_is_told_in_bounds_and_without_a_secret() {
    let mut faulty = Vec::new();
    let (patient, hasty) = (transport(false), transport(true));
    let (patient, hasty) = (&patient, &hasty);
    let brokers = stream::iter(demo::SERVICES).map(|service| async move {
        let server = demo::serve(service).await;
        let good = listing(service, &server.uri(), patient).await;
        let server = &server;
        let runs = stream::iter(FAULTS).map(|fault| async move {
            let relay = Relay::start(server.address(), *fault).await;
            let http = if matches!(fault, Fault::Silent | Fault::Drip) { hasty } else { patient };
            (*fault, listing(service, &relay.origin(), http).await)
        });
        (service, good, runs.buffered(FAULTS.len()).collect::<Vec<_>>().await)
    });
    let mut brokers = std::pin::pin!(brokers.buffered(4));
    while let Some((service, good, outcomes)) = brokers.next().await {
        assert!(good.errors.is_empty() && good.names.len() >= 2, "{}: {}", service.broker, good.line());
        let keyed = Registry::default().broker(service.broker).unwrap().info().can.credentials;
        println!("\n{}: {}", service.broker, good.line());
        for (fault, outcome) in outcomes {
            println!("  {:<28} {:>5} ms  {}", fault.name(), outcome.took.as_millis(), outcome.line());
            if let Err(broken) = judge(service.broker, fault, &good, &outcome, keyed) {
                faulty.push(format!("{}, {}: {broken}: {}", service.broker, fault.name(), outcome.line()));
            }
            for (_, secret) in service.keys.iter().filter(|(key, _)| is_secret(key)) {
                let shown = outcome.errors.iter().any(|error| format!("{error} {error:?}").contains(secret));
                assert!(!shown, "{}, {}: a secret is told", service.broker, fault.name());
            }
        }
    }
    assert!(faulty.is_empty(), "{}", faulty.join("\n"));
}
