//! Submitting upstream: what would be sent, and a publication that a program takes itself. No network.
//!
//! `cargo run --example submit`

use std::error::Error;
use std::sync::Arc;

use tom_alerts::form::parse_pairs;
use tom_alerts::http::Http;
use tom_alerts::testing::ScriptedSink;
use tom_alerts::{Config, Registry, Target, Upstream};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Without `with_sink` messages go to the cluster itself, which the feature `kafka` brings.
    let config = Config::new().set("SCIMMA", "hopskotch_username", "name-1a2b3c4d").set(
        "SCIMMA",
        "hopskotch_password",
        "the one of the credential",
    );
    let sink = ScriptedSink::default();
    let http = Http::new(&config.http)?.with_sink(Arc::new(sink.clone()));
    let registry = Registry::with_http(&config, &http)?;
    let broker = registry.broker("SCIMMA")?;

    let target = Target::sidereal("AT 2026abc", 150.1234, 2.5678)?;
    let what = Upstream::new(Some(&target), None, &[]);
    let parameters = parse_pairs(["topic=tomtoolkit.test", "test=yes"])?;

    // A dry run sends nothing, and finds the same faults.
    for message in broker.dry_run(what, &parameters)?.messages {
        println!("would publish to {} on {}:", message.topic(), message.cluster().servers);
        println!("  {}", String::from_utf8_lossy(message.value()));
    }
    match broker.dry_run(what, &parse_pairs(["topic=not a topic"])?) {
        Err(error) => println!("refused: {error}"),
        Ok(_) => return Err("a topic has no blanks".into()),
    }

    // A submission returns when it is confirmed, or says why it was not.
    let receipt = broker.submit_upstream_alert(what, &parameters).await?;
    println!("{}", serde_json::to_string_pretty(&receipt)?);
    for message in sink.messages() {
        let names: Vec<_> = message.headers().iter().map(|(name, _)| name.as_str()).collect();
        println!("published with the headers {}", names.join(", "));
    }
    Ok(())
}
