//! Files of earlier versions: they open, nothing of what they hold is lost, and a program that is killed on
//! the way leaves them whole.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::time::Duration;

use chrono::DateTime;
use rusqlite::{Connection, params};
use tom_alerts::plugin::*;
use tom_alerts::store::{Entry, QueryStore, SqliteStore, TargetId};
use tom_alerts::{Target, TargetStore};

const TABLES: [&str; 2] = [
    include_str!("../src/store/sqlite/migrations/0001_tables.sql"),
    include_str!("../src/store/sqlite/migrations/0002_photometry.sql"),
];

/// An empty file as a version of this crate with so many migrations made it.
async fn old_file(path: &Path, version: usize) -> Connection {
    let folder = tempfile::tempdir().unwrap();
    let now = folder.path().join("now.db");
    SqliteStore::open(&now).await.unwrap().close().await;
    let old = Connection::open(path).unwrap();
    for sql in &TABLES[..version] {
        old.execute_batch(sql).unwrap();
    }
    // The list of migrations, with the sums of their texts.
    let sql = "ATTACH ?1 AS now";
    old.execute(sql, [now.to_str().unwrap()]).unwrap();
    let list: String = old
        .query_row("SELECT sql FROM now.sqlite_schema WHERE name = '_sqlx_migrations'", [], |row| row.get(0))
        .unwrap();
    old.execute_batch(&list).unwrap();
    let sql = "INSERT INTO main._sqlx_migrations SELECT * FROM now._sqlx_migrations WHERE version <= ?1";
    old.execute(sql, [version as i64]).unwrap();
    old.execute_batch("DETACH now").unwrap();
    old
}

fn put_target(old: &Connection, id: i64, target: &Target) {
    let (ra, dec) = target.position().unzip();
    let document = serde_json::to_string(target).unwrap();
    let sql = "INSERT INTO target (id, name, type, ra, dec, document) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    old.execute(sql, params![id, target.name, target.target_type(), ra, dec, document]).unwrap();
}

fn put_datum(old: &Connection, target: i64, key: &str, micros: i64, value: &str) {
    let sql = "INSERT INTO datum VALUES (?1, 'ALeRCE', ?2, ?3, 'photometry', 'x', ?4)";
    old.execute(sql, params![target, key, micros, value]).unwrap();
}

const LIMIT: &str = r#"{"filter":"g","limit":20.5,"telescope":"P48","survey":"ZTF"}"#;
const SEEN: &str = r#"{"filter":"g","magnitude":19.25,"telescope":"P48","survey":"ZTF"}"#;

#[tokio::test]
async fn a_file_of_either_earlier_version_is_brought_up_to_date_with_all_that_is_in_it() {
    for version in [1, 2] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.db");
        let old = old_file(&path, version).await;
        let first = Target::sidereal("ZTF26abcdefg", 0.1 + 0.2, -5.0).unwrap();
        let first =
            first.with_alias("AT 2026abc").with_alias("taken").with_extra("class", "SNIa").with_epoch(2015.5);
        put_target(&old, 3, &first);
        put_target(&old, 7, &Target::sidereal("taken", 1.0, 2.0).unwrap());
        let key =
            |sort: &str, second: i64| format!("photometry|ZTF|{sort}|g|1970-01-01T00:00:0{second}.000000Z");
        // A detection and a limit of one exposure; a limit alone; a point with an id.
        put_datum(&old, 3, &key("", 1), 1_000_000, SEEN);
        put_datum(&old, 3, &key("limit", 1), 1_000_000, LIMIT);
        put_datum(&old, 3, &key("limit", 2), 2_000_000, LIMIT);
        let id = r#"{"filter":"g","limit":20.5,"survey":"ZTF","source_id":"9"}"#;
        put_datum(&old, 3, "photometry|ZTF||g|#9", 3_000_000, id);
        old.execute("INSERT INTO classification VALUES (3, 'ALeRCE', 'lc', NULL, 'SN', '{\"probability\":0.5,\"rank\":1}')", [])
            .unwrap();
        old.execute(
            "INSERT INTO broker_query VALUES (4, 'q', 'ALeRCE', '{\"b\":1,\"a\":2}', 1, 2, 3, '7@page')",
            [],
        )
        .unwrap();
        old.close().unwrap();

        let store = SqliteStore::open(&path).await.unwrap();
        let found = store.find("AT 2026abc").await.unwrap().unwrap();
        assert_eq!((found.id, &found.target), (TargetId(3), &first), "number, name and document stay");
        assert_eq!(found.created, None);
        assert_eq!(store.find("taken").await.unwrap().unwrap().id, TargetId(7), "its own name counts first");
        let sightings = store.sightings(TargetId(3)).await.unwrap();
        assert_eq!(
            (sightings.len(), sightings[0].source.as_str(), sightings[0].at.at()),
            (1, "earlier", None)
        );
        let data = store.reduced_data("ZTF26abcdefg").await.unwrap();
        let read: Vec<_> = data
            .iter()
            .map(|d| {
                (d.timestamp.timestamp(), d.photometry().unwrap().magnitude, d.photometry().unwrap().limit)
            })
            .collect();
        assert_eq!(read, [(1, Some(19.25), None), (2, None, Some(20.5)), (3, None, Some(20.5))]);
        assert_eq!(store.classifications("taken").await.unwrap().len(), 0);
        assert_eq!(store.classifications("ZTF26abcdefg").await.unwrap().len(), 1);
        let query = store.query("q").await.unwrap().unwrap();
        assert_eq!((query.id, query.resume), (4, None));
        assert_eq!(query.last_run, DateTime::from_timestamp_micros(3));

        // The same points come again: each finds its row.
        let again =
            Entry::new(Target::sidereal("ZTF26abcdefg", 9.0, 9.0).unwrap(), "ALeRCE").with_data(data.clone());
        let saved = store.save_all(&[again]).await.unwrap();
        assert_eq!((saved.data.unchanged, saved.data.created), (3, 0));
        let target = store.target("ZTF26abcdefg").await.unwrap().unwrap();
        assert_eq!(target.position(), Some((9.0, 9.0)), "every source counts before what was there earlier");
        assert_eq!(target.extras["class"], "SNIa");
        let Coordinates::Sidereal(at) = &target.coordinates else { panic!("{target:?}") };
        assert_eq!(at.epoch, None, "an epoch belongs to its position");
        let new =
            store.save_all(&[Entry::new(Target::sidereal("new", 1.0, 2.0).unwrap(), "x")]).await.unwrap();
        assert_eq!(new.targets[0].id, Some(TargetId(8)));
        let forced: i64 = Connection::open(&path)
            .unwrap()
            .query_row("SELECT count(forced) FROM photometry", [], |row| row.get(0))
            .unwrap();
        assert_eq!(forced, 3);
    }
}

/// What the program of the test below does until it is killed; without the variable it is no test.
#[tokio::test]
async fn a_program_opens_the_file() {
    let Some(path) = std::env::var_os("TOM_ALERTS_TEST_MIGRATES") else { return };
    SqliteStore::open(path).await.unwrap();
}

#[tokio::test]
async fn a_program_that_is_killed_on_the_way_leaves_the_file_whole() {
    let number =
        |name: &str, usual: u64| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual);
    let (kills, targets) =
        (number("TOM_ALERTS_TEST_KILLS", 2), number("TOM_ALERTS_TEST_TARGETS", 2_000) as i64);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    let mut old = old_file(&path, 2).await;
    let all = old.transaction().unwrap();
    for n in 1..=targets {
        put_target(
            &all,
            n,
            &Target::sidereal(format!("t{n}"), 1.0, 2.0).unwrap().with_alias(format!("a{n}")),
        );
    }
    all.commit().unwrap();
    old.close().unwrap();
    let mut half_done = 0;
    for kill in 0..kills {
        let mut program = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_program_opens_the_file", "--quiet"])
            .env("TOM_ALERTS_TEST_MIGRATES", &path)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // The first writing of the migration makes the log of the file; each kill falls a little later.
        let log = folder.path().join("old.db-wal");
        let begun = std::time::Instant::now();
        while !log.metadata().is_ok_and(|log| log.len() > 0) && begun.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(Duration::from_millis(kill % 5));
        program.kill().unwrap();
        program.wait().unwrap();
        let look = Connection::open(&path).unwrap();
        let version: i64 =
            look.query_row("SELECT max(version) FROM _sqlx_migrations", [], |row| row.get(0)).unwrap();
        let count = |table: &str| -> Option<i64> {
            look.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).ok()
        };
        assert_eq!(count("target"), Some(targets));
        match version {
            2 => assert_eq!(count("sighting"), None, "a part of the new tables is there"),
            _ => assert_eq!(
                (version, count("sighting"), count("target_key")),
                (3, Some(targets), Some(2 * targets))
            ),
        }
        half_done += u64::from(version == 2);
    }
    println!("{kills} kills, {half_done} before the end");
    assert!(half_done > 0, "no kill fell into the migration");
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.find(&format!("a{targets}")).await.unwrap().unwrap().id, TargetId(targets));
}
