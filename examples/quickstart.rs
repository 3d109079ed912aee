//! The library in one go, without network: ask a broker, save targets and light curves, draw one.
//!
//! `cargo run --example quickstart`

use std::error::Error;
use std::fs;

use tom_alerts::form::parse_pairs;
use tom_alerts::{IngestOptions, Registry, SqliteStore, TargetStore};

mod support;

use support::lightcurve;
use support::table::{ALERT_HEADING, alert_cells, number, table};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Recorded services on this machine. With `Config::new()` it would be the real ones.
    let demo = support::demo::start().await;
    let registry = Registry::from_config(&demo.config())?;
    let alerce = registry.broker("ALeRCE")?;

    // Alerts come as a stream, page by page. What cannot be read is an error in its place.
    let query = parse_pairs(["survey=ztf"])?;
    let (alerts, errors) = alerce.fetch_alerts(&query)?.limit(5).collect_all().await;
    for error in errors {
        eprintln!("{error}");
    }
    println!("What {} gives:", alerce.info().name);
    println!("{}", table(ALERT_HEADING, alerts.iter().map(|alert| alert_cells(alert.generic()))));

    // Saving makes targets of them, with their light curves, in one file.
    let folder = std::env::temp_dir().join("tom-alerts-quickstart");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let file = folder.join("quickstart.db");
    let store = SqliteStore::open(&file).await?;
    let options = IngestOptions::new().limit(5).photometry(true);
    let saved = alerce.fetch_and_save_all(&query, &store, options).await?;
    for failure in &saved.report.failed {
        eprintln!("{} ({}): {}", failure.name, failure.stage, failure.error);
    }

    // What is in the store now.
    let mut rows = Vec::new();
    let mut best = None;
    for stored in store.targets(None, 100).await? {
        let target = stored.target;
        let points = store.reduced_data(&target.name).await?;
        let at = target.position();
        rows.push(vec![
            target.name.clone(),
            number(at.map(|at| at.0), 5),
            number(at.map(|at| at.1), 5),
            points.len().to_string(),
        ]);
        if best.as_ref().is_none_or(|(_, most): &(String, Vec<_>)| points.len() > most.len()) {
            best = Some((target.name, points));
        }
    }
    println!("\nTargets in {}:", file.display());
    println!("{}", table(&["name", "RA", "Dec", "points"], rows));

    // The light curve with the most points, as a picture.
    if let Some((name, points)) = best {
        let picture = folder.join("lightcurve.svg");
        lightcurve::draw(&picture, &name, &points)?;
        println!("\nThe light curve of {name}: {}", picture.display());
        println!("\nWhat to try next:");
        println!("  cargo run --example alerts -- --demo brokers");
        println!("  cargo run --example alerts -- --demo form ALeRCE");
        println!("  cargo run --example alerts -- --demo show ALeRCE {name} --json");
        println!("  cargo run --example alerts -- targets --store sqlite:{}", file.display());
    }
    Ok(())
}
