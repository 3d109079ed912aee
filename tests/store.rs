//! The stores: the contract for both, and what files can bring about.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use tom_alerts::ErrorKind;
use tom_alerts::store::{MemoryStore, TargetStore, open};
use tom_alerts::testing::store::check;

#[tokio::test]
async fn the_memory_store_keeps_the_contract() {
    let broken = check(async || Ok(Arc::new(MemoryStore::new()) as Arc<dyn TargetStore>)).await;
    assert!(broken.is_empty(), "{broken:#?}");
}

#[tokio::test]
async fn a_store_is_opened_by_its_url_and_others_are_named() {
    assert_eq!(open("memory:").await.unwrap().count_targets().await.unwrap(), 0);
    for (url, says) in [
        ("postgres://user:canary@host/db", "no store is called \"postgres\"; known: memory:, sqlite:PATH"),
        ("memory:x", "no store is called \"memory\""),
        ("targets.db", "a store is named by a URL"),
        ("/tmp/a:canary", "a store is named by a URL"),
        ("", "a store is named by a URL"),
    ] {
        let error = open(url).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{url}");
        assert!(error.to_string().contains(says), "{error}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
}

#[cfg(not(feature = "sqlite"))]
#[tokio::test]
async fn a_build_without_sqlite_says_which_feature_brings_it() {
    let error = open("sqlite:targets.db").await.unwrap_err();
    assert!(error.to_string().contains("build with the feature `sqlite`"), "{error}");
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use std::fs;
    use std::path::Path;

    use super::*;
    use chrono::DateTime;
    use proptest::prelude::*;
    use rusqlite::Connection;
    use tom_alerts::store::{Entry, SqliteStore, StoredTarget};
    use tom_alerts::target::Sighting;
    use tom_alerts::{Classification, Photometry, ReducedDatum, Result, Target};

    fn entry(name: &str) -> Entry {
        let value = Photometry { filter: "g".into(), magnitude: Some(18.25), ..Photometry::default() };
        let datum = ReducedDatum::new(
            name,
            "ALeRCE",
            name,
            DateTime::from_timestamp_micros(-1_500_000).unwrap(),
            value,
        );
        Entry::new(Target::sidereal(name, 1.0, 2.0).unwrap(), "ALeRCE").with_data(vec![datum])
    }

    async fn made(path: &Path) {
        let store = SqliteStore::open(path).await.unwrap();
        store.save_all(&[entry("a")]).await.unwrap();
        store.close().await;
    }

    async fn refused(path: &Path, says: &str) {
        for result in [SqliteStore::open(path).await, SqliteStore::open_read_only(path).await] {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Store, "{error}");
            assert!(error.to_string().contains(says), "{error}");
            assert_eq!(error.context("store"), path.to_str());
        }
    }

    #[tokio::test]
    async fn the_sqlite_store_keeps_the_contract_in_memory_and_in_a_file() {
        let broken = check(async || open("sqlite::memory:").await).await;
        assert!(broken.is_empty(), "{broken:#?}");
        let folder = tempfile::tempdir().unwrap();
        let n = std::cell::Cell::new(0);
        let make = async || -> Result<Arc<dyn TargetStore>> {
            n.set(n.get() + 1);
            open(&format!("sqlite:{}/{}.db", folder.path().display(), n.get())).await
        };
        let broken = check(make).await;
        assert!(broken.is_empty(), "{broken:#?}");
    }

    #[tokio::test]
    async fn what_was_saved_is_there_when_the_file_is_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file:a?b #%41.db");
        made(&path).await;
        let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|f| f.unwrap().file_name()).collect();
        assert_eq!(names, ["file:a?b #%41.db"], "a closed store is one file");
        let store = SqliteStore::open(&path).await.unwrap();
        assert_eq!(store.save_all(&[entry("a")]).await.unwrap().outcomes(), ["unchanged"]);
        assert_eq!(store.reduced_data("a").await.unwrap(), entry("a").data);
        store.close().await;
        let error = store.count_targets().await.unwrap_err();
        assert!(error.to_string().contains("the store was closed"), "{error}");
    }

    #[tokio::test]
    async fn a_store_opened_for_reading_is_read_and_never_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        made(&path).await;
        let store = SqliteStore::open_read_only(&path).await.unwrap();
        assert_eq!(store.reduced_data("a").await.unwrap(), entry("a").data);
        let error = store.save_all(&[entry("b")]).await.unwrap_err();
        assert!(error.to_string().starts_with("the store cannot be written"), "{error}");
        assert_eq!(store.count_targets().await.unwrap(), 1);
        let missing = SqliteStore::open_read_only(folder.path().join("b.db")).await.unwrap_err();
        assert!(missing.to_string().starts_with("there is no store at this path"), "{missing}");
    }

    #[tokio::test]
    async fn a_file_of_a_newer_version_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        made(&path).await;
        let connection = Connection::open(&path).unwrap();
        connection
            .execute("INSERT INTO _sqlx_migrations VALUES (9999, 'later', '2030-01-01', true, x'00', 0)", [])
            .unwrap();
        connection.close().unwrap();
        let before = fs::read(&path).unwrap();
        refused(&path, "the store was written by a newer version of tom-alerts; update this program").await;
        assert!(before == fs::read(&path).unwrap(), "the file was changed");
    }

    #[tokio::test]
    async fn files_of_other_programs_are_refused_and_left_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("notes.txt");
        fs::write(&text, "ra,dec\n".repeat(1_000)).unwrap();
        refused(&text, "the file is not a store of tom-alerts").await;
        assert_eq!(fs::read_to_string(&text).unwrap(), "ra,dec\n".repeat(1_000));

        let other = folder.path().join("other.db");
        let connection = Connection::open(&other).unwrap();
        connection.execute_batch("CREATE TABLE music (title TEXT)").unwrap();
        connection.close().unwrap();
        let before = fs::read(&other).unwrap();
        refused(&other, "an SQLite database of another program").await;
        assert!(before == fs::read(&other).unwrap(), "the file was changed");
    }

    #[tokio::test]
    async fn a_place_where_no_file_can_be_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("no/such/a.db");
        let error = SqliteStore::open(&path).await.unwrap_err();
        assert!(error.to_string().starts_with("the directory of the store is not there"), "{error}");
        let error = SqliteStore::open(folder.path()).await.unwrap_err();
        assert!(error.to_string().starts_with("the path of the store is a directory"), "{error}");
        let error = open("sqlite:").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
    }

    #[tokio::test]
    async fn a_damaged_row_is_an_error_and_not_a_panic() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        made(&path).await;
        let connection = Connection::open(&path).unwrap();
        connection.execute("UPDATE datum SET value = '{\"magnitude\": \"canary\"}'", []).unwrap();
        let store = SqliteStore::open(&path).await.unwrap();
        let error = store.reduced_data("a").await.unwrap_err();
        assert!(error.to_string().starts_with("a datum in the store cannot be read"), "{error}");
    }

    #[tokio::test]
    async fn a_file_may_be_made_by_many_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let one = async |n: usize| {
            let store = SqliteStore::open(&path).await.unwrap();
            store.save_all(&[entry(&format!("t{n}"))]).await.unwrap();
        };
        futures_util::future::join_all((0..8).map(one)).await;
        let store = SqliteStore::open(&path).await.unwrap();
        assert_eq!(store.count_targets().await.unwrap(), 8);
    }

    #[tokio::test]
    async fn a_save_that_is_dropped_is_done_whole_or_not_at_all() {
        let entries: Vec<_> = (0..500).map(|n| entry(&format!("t{n}"))).collect();
        let mut undone = 0;
        for polls in 1..30 {
            let folder = tempfile::tempdir().unwrap();
            let store = SqliteStore::open(folder.path().join("a.db")).await.unwrap();
            let mut save = Box::pin(store.save_all(&entries));
            let mut finished = false;
            for _ in 0..polls {
                finished = futures_util::poll!(save.as_mut()).is_ready();
                if finished {
                    break;
                }
                tokio::task::yield_now().await;
            }
            drop(save);
            // Asked by a writer: a reader may still see the state before a commit that is under way.
            let created = store.save_all(&entries).await.unwrap().data.created;
            assert!(created == 0 || created == 500 && !finished, "{created} after {polls} polls");
            undone += u32::from(created == 500);
            assert_eq!(store.count_targets().await.unwrap(), 500);
        }
        assert!(undone > 0, "the first poll alone cannot save anything");
    }

    #[tokio::test]
    async fn the_file_can_be_read_with_sql() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        made(&path).await;
        let connection = Connection::open(&path).unwrap();
        let sql = "SELECT target, time, filter, magnitude FROM photometry";
        let row = connection
            .query_row(sql, [], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, String>(2)?,
                    row.get(3)?,
                ))
            })
            .unwrap();
        let ought = ("a".to_owned(), "1969-12-31T23:59:58.500000Z".to_owned(), "g".to_owned(), 18.25);
        assert_eq!(row, ought);
        let sql = "SELECT forced, negative_magnitude, limiting_magnitude, unit, telescope FROM photometry";
        let row =
            connection.query_row(sql, [], |row| Ok((row.get::<_, bool>(0)?, row.get::<_, Option<f64>>(1)?)));
        assert_eq!(row.unwrap(), (false, None));
    }

    /// A small world, so that names, keys and values meet again.
    fn batches() -> impl Strategy<Value = Vec<Vec<Entry>>> {
        let magnitude =
            prop_oneof![Just(18.0), Just(18.1), any::<f64>().prop_filter("finite", |v| v.is_finite())];
        let datum = (0..2_u8, 0..4_i64, magnitude, proptest::option::of(0..2_u8), any::<bool>());
        let datum = datum.prop_map(|(source, micros, magnitude, id, turned)| {
            let keys = if turned { ["a", "b"] } else { ["b", "a"] };
            let value = Photometry {
                magnitude: Some(magnitude + 0.0),
                source_id: id.map(|id| id.to_string()),
                extra: keys.iter().map(|key| ((*key).to_owned(), 1.into())).collect(),
                ..Photometry::default()
            };
            ReducedDatum::new(
                "",
                source.to_string(),
                "",
                DateTime::from_timestamp_micros(micros).unwrap(),
                value,
            )
        });
        let class = (0..2_u8, proptest::option::of("[01]?"), 0..3_u32).prop_map(|(class, version, rank)| {
            let probability = Some(f64::from(rank) / 3.0);
            let (classifier, class) = ("lc".into(), class.to_string());
            Classification { classifier, version, class, probability, rank: Some(rank) }
        });
        let target = ("[abé]", 0..3_u8, "[abc ]", "[xy]", 0..2_u8);
        let target = target.prop_map(|(name, dec, alias, key, value)| {
            let target = Target::sidereal(name, 1.0, f64::from(dec)).unwrap();
            target.with_alias(alias).with_extra(key, value)
        });
        let data = proptest::collection::vec(datum, 0..5);
        let entry = (target, data, proptest::collection::vec(class, 0..4), "[AB]");
        let entry = entry.prop_map(|(target, data, classes, source)| {
            Entry::new(target, source).with_data(data).with_classifications(classes)
        });
        proptest::collection::vec(proptest::collection::vec(entry, 0..5), 1..6)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn both_stores_do_the_same(batches in batches()) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let memory = MemoryStore::new();
                let sqlite = SqliteStore::in_memory().await.unwrap();
                for batch in &batches {
                    let (a, b) = (memory.save_all(batch).await.unwrap(), sqlite.save_all(batch).await.unwrap());
                    assert_eq!(format!("{a:?}"), format!("{b:?}"), "{batch:#?}");
                }
                let targets = memory.targets(None, 100).await.unwrap();
                let bare = |found: &[StoredTarget]| -> Vec<_> { found.iter().map(|s| (s.id, s.target.clone())).collect() };
                assert_eq!(bare(&targets), bare(&sqlite.targets(None, 100).await.unwrap()));
                for stored in &targets {
                    let name = stored.target.name.as_str();
                    let (a, b) = (memory.sightings(stored.id).await.unwrap(), sqlite.sightings(stored.id).await.unwrap());
                    // Without a time both take that of the save, which differs.
                    let untimed = |all: &[Sighting]| -> Vec<_> {
                        all.iter().map(|s| (s.source.clone(), s.name.clone(), s.aliases.clone(), s.extras.clone())).collect()
                    };
                    assert_eq!(untimed(&a), untimed(&b));
                    let data = memory.reduced_data(name).await.unwrap();
                    assert_eq!(data, sqlite.reduced_data(name).await.unwrap());
                    let classes = memory.classifications(name).await.unwrap();
                    assert_eq!(classes, sqlite.classifications(name).await.unwrap());
                }
            });
        }
    }
}
