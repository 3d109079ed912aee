//! Rows a second into SQLite: `SqliteStore::save_all` against a plain rusqlite prepared loop.
//!
//! `cargo bench --bench store --features sqlite` saves 10,000 targets with 100 points each, twice,
//! on new files, ours and the yardstick in turn, and prints the medians of the rounds.
//! `TOM_ALERTS_BENCH_TARGETS`, `TOM_ALERTS_BENCH_ROUNDS` and `TOM_ALERTS_BENCH_BATCH` change the size.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::time::Instant;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use serde_json::json;
use tom_alerts::store::{Counts, Entry, SqliteStore, TargetStore};
use tom_alerts::{Datum, Photometry, ReducedDatum, Target};

const POINTS: u64 = 100;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

fn entry(n: u64) -> Entry {
    let name = format!("ZTF20{n:08}");
    let target = Target::sidereal(&name, n as f64 * 0.0359, (n as f64 * 0.0171) % 90.0)
        .unwrap()
        .with_alias(format!("AT 2020{n}"))
        .with_extra("ndet", POINTS);
    let point = |k: u64| {
        let micros = 1_600_000_000_000_000 + k as i64 * 86_400_000_000 + n as i64;
        let extra = json!({ "rb": 0.93, "isdiffpos": true });
        let value = Photometry {
            filter: if k.is_multiple_of(2) { "g" } else { "r" }.into(),
            magnitude: Some(18.0 + (k as f64).sin() + n as f64 * 1e-4),
            error: Some(0.05 + k as f64 / 7000.0),
            limiting_magnitude: Some(20.5),
            telescope: Some("ZTF".into()),
            survey: Some("ZTF".into()),
            source_id: Some((1_101_542_291_015_015_004 + n * 1_000_003 + k).to_string()),
            extra: extra.as_object().cloned().unwrap().into(),
            ..Photometry::default()
        };
        ReducedDatum::new(
            name.clone(),
            "ALeRCE",
            name.clone(),
            DateTime::<Utc>::from_timestamp_micros(micros).unwrap(),
            value,
        )
    };
    let data = (0..POINTS).map(point).collect();
    Entry::new(target, "ALeRCE").with_data(data)
}

/// Seconds of one save of everything, and what it did to the data.
async fn ours(path: &Path, entries: &[Entry], batch: usize) -> (f64, Counts) {
    let store = SqliteStore::open(path).await.unwrap();
    let begun = Instant::now();
    let mut counts = Counts::default();
    for batch in entries.chunks(batch) {
        counts += store.save_all(batch).await.unwrap().data;
    }
    let seconds = begun.elapsed().as_secs_f64();
    store.close().await;
    (seconds, counts)
}

/// The same rows into the same tables, one prepared statement a row, one transaction.
async fn yardstick(path: &Path, entries: &[Entry]) -> f64 {
    SqliteStore::open(path).await.unwrap().close().await;
    let mut connection = Connection::open(path).unwrap();
    connection
        .execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536")
        .unwrap();
    let begun = Instant::now();
    let transaction = connection.transaction().unwrap();
    {
        let mut target = transaction
            .prepare(
                "INSERT INTO target (name, type, ra, dec, document) VALUES (?1, ?2, ?3, ?4, ?5) \
                 ON CONFLICT (name) DO UPDATE SET document = excluded.document \
                 WHERE document IS NOT excluded.document RETURNING id",
            )
            .unwrap();
        let mut id_of = transaction.prepare("SELECT id FROM target WHERE name = ?1").unwrap();
        let mut datum = transaction
            .prepare(
                "INSERT INTO datum (target_id, source_name, key, timestamp, data_type, source_location, value) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (target_id, source_name, key) DO UPDATE SET \
                 timestamp = excluded.timestamp, source_location = excluded.source_location, \
                 value = excluded.value WHERE value IS NOT excluded.value \
                 OR timestamp IS NOT excluded.timestamp OR source_location IS NOT excluded.source_location",
            )
            .unwrap();
        for entry in entries {
            let t = &entry.target;
            let (ra, dec) = t.position().unzip();
            let document = serde_json::to_string(t).unwrap();
            let id: Result<i64, _> =
                target.query_row(params![t.name, t.target_type(), ra, dec, document], |row| row.get(0));
            let id = id.unwrap_or_else(|_| id_of.query_row([&t.name], |row| row.get(0)).unwrap());
            for d in &entry.data {
                let Datum::Photometry(value) = &d.value else { panic!("photometry only") };
                let value = serde_json::to_string(value).unwrap();
                let micros = d.timestamp.timestamp_micros();
                datum
                    .execute(params![
                        id,
                        d.source_name.as_str(),
                        d.key(),
                        micros,
                        d.data_type(),
                        d.source_location.as_str(),
                        value
                    ])
                    .unwrap();
            }
        }
    }
    transaction.commit().unwrap();
    begun.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    // Without --bench it is cargo test that asks whether this runs at all.
    let real = std::env::args().any(|arg| arg == "--bench");
    let targets = number("TOM_ALERTS_BENCH_TARGETS", if real { 10_000 } else { 20 });
    let rounds = number("TOM_ALERTS_BENCH_ROUNDS", if real { 5 } else { 1 });
    let batch = usize::try_from(number("TOM_ALERTS_BENCH_BATCH", 250)).unwrap();
    let rows = targets * POINTS;
    let entries: Vec<Entry> = (0..targets).map(entry).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();

    println!("{rows} rows, {targets} targets, {batch} entries a call, {rounds} rounds; rows/s");
    println!("{:>5} {:>12} {:>12} {:>12} {:>12}", "round", "ours", "ours again", "rusqlite", "again");
    let mut all: [Vec<f64>; 4] = Default::default();
    for round in 0..rounds {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("ours.db"), folder.path().join("rusqlite.db"));
        let (first, counts) = runtime.block_on(ours(&a, &entries, batch));
        assert_eq!(counts, Counts { created: rows, ..Counts::default() });
        let plain = runtime.block_on(yardstick(&b, &entries));
        let (again, counts) = runtime.block_on(ours(&a, &entries, batch));
        assert_eq!(counts, Counts { unchanged: rows, ..Counts::default() });
        let plain_again = runtime.block_on(yardstick(&b, &entries));
        let speeds = [first, again, plain, plain_again].map(|seconds| rows as f64 / seconds);
        println!(
            "{round:>5} {:>12.0} {:>12.0} {:>12.0} {:>12.0}",
            speeds[0], speeds[1], speeds[2], speeds[3]
        );
        for (all, speed) in all.iter_mut().zip(speeds) {
            all.push(speed);
        }
    }
    let [first, again, plain, plain_again] = all.map(median);
    println!("{:>5} {first:>12.0} {again:>12.0} {plain:>12.0} {plain_again:>12.0}", "med.");
    println!("ours / rusqlite: {:.2} first, {:.2} again", first / plain, again / plain_again);
}
