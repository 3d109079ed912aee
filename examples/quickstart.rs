//! Alerts of a broker become targets with light curves in a database: no network, no arguments.
//!
//! `cargo run --example quickstart`

mod support;

use std::error::Error;

use support::{demo, lightcurve, table};
use tom_alerts::{IngestOptions, Registry, SqliteStore, TargetStore};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // A recorded broker on loopback stands for the real one; all else is as it would be.
    let demo = demo::start().await;
    let registry = Registry::from_config(&demo.config())?;
    let alerce = registry.broker("ALeRCE")?;

    let folder = std::env::temp_dir().join("tom-alerts-quickstart");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let store = SqliteStore::open(folder.join("targets.db")).await?;

    // What is asked is what a form would hold; a fault in it is told before anything is sent.
    let query = serde_json::json!({ "ndet_min": 20 });
    let query = query.as_object().ok_or("a query is an object")?;
    let (alerts, errors) = alerce.fetch_alerts(query)?.collect_all().await;
    println!("Alerts of {}:", alerce.info().name);
    let generic: Vec<_> = alerts.iter().map(|alert| alert.generic().clone()).collect();
    println!("{}", table::alerts(&generic));
    for error in errors {
        eprintln!("{error}");
    }

    let options = IngestOptions::new().photometry(true).classifications(true);
    let report = alerce.fetch_and_save_all(query, &store, options).await?.report;
    println!(
        "Saved: {} new targets, {} points, {} classifications, {} failures.\n",
        report.created,
        report.data.created,
        report.classifications.created,
        report.failed.len()
    );

    println!("What is in the database now:");
    let targets = store.targets(None, 100).await?;
    println!("{}", table::targets(&targets));

    let target = targets.last().ok_or("the recorded broker has targets")?;
    let data = store.reduced_data(&target.name).await?;
    let recent = &data[data.len().saturating_sub(5)..];
    println!("The last points of {}:", target.name);
    println!("{}", table::photometry(recent));
    let svg = folder.join(format!("{}.svg", target.name));
    lightcurve::draw(&svg, &target.name, &data)?;

    println!("Database:    {}", folder.join("targets.db").display());
    println!("Light curve: {}", svg.display());
    println!(
        "\nNext:\n  \
         cargo run --example alerts -- --demo brokers\n  \
         cargo run --example alerts -- --demo fetch ALeRCE class=SNIa\n  \
         cargo run --example alerts -- --demo photometry ALeRCE {} --svg lc.svg\n  \
         cargo run --example alerts -- --help",
        target.name
    );
    Ok(())
}
