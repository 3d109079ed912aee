//! Who owns a value: what five brokers say of one object, in any order and cut into any runs, makes one and
//! the same target; also from several programs that write into one file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tom_alerts::plugin::*;
use tom_alerts::store::{Entry, MemoryStore};
use tom_alerts::target::{Edit, Word};
use tom_alerts::{Target, TargetStore};

/// A small generator of its own, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }

    fn shuffled<T>(&mut self, mut things: Vec<T>) -> Vec<T> {
        for n in (1..things.len()).rev() {
            things.swap(n, self.throw(n + 1));
        }
        things
    }
}

fn day(n: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + n * 86_400, 0).unwrap()
}

/// What five brokers say of one object over some days. Each shares a name with another.
fn said() -> Vec<Entry> {
    let fixed = |name: &str, ra: f64| Target::sidereal(name, ra, 22.5).unwrap();
    let mut all = Vec::new();
    for n in 0..4 {
        let with = |target: Target, source: &str, whose: Provenance, score: Option<f64>| {
            let mut entry = Entry::new(target, source).with_provenance(whose.observed_at(Some(day(n))));
            entry.score = score;
            entry
        };
        let ztf = "ZTF26abcdefg";
        let alerce =
            fixed(ztf, 150.1 + n as f64 * 1e-6).with_extra("class", if n < 2 { "AGN" } else { "SNIa" });
        let whose = Provenance::of_object(ztf).mean_of(Some(10 + n as u64));
        all.push(with(alerce.clone().with_extra("ndet", 10 + n), "ALeRCE", whose.clone(), Some(0.5)));
        // The same time with a higher score.
        all.push(with(alerce.with_extra("ndet", 20 + n), "ALeRCE", whose, Some(0.9)));
        let lasair = fixed(ztf, 150.2).with_extra("sherlock", format!("SN {n}"));
        all.push(with(lasair, "Lasair", Provenance::of_object(ztf).mean_of(Some(9)), None));
        let tns = fixed(["AT 2026qqq", "AT 2026qqq", "SN 2026qqq", "SN 2026qqq"][n as usize], 150.3);
        let tns = tns.with_alias(ztf).with_extra("redshift", 0.01 * (n + 1) as f64);
        all.push(with(tns, "TNS", Provenance::of_object("1234567"), None));
        let antares = fixed("ANT2026xyz", 150.4).with_alias(ztf).with_extra("tag", n);
        all.push(with(antares, "ANTARES", Provenance::of_object("ANT2026xyz").single(), None));
        let fink = fixed(ztf, 150.5).with_extra("cdsxmatch", format!("Unknown{n}"));
        all.push(with(fink, "Fink", Provenance::of_object(ztf).single(), None));
    }
    all
}

/// Saves in this order, cut into saves of random sizes.
async fn save(store: &dyn TargetStore, entries: &[Entry], dice: &mut Dice) {
    let mut rest = entries;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(1 + dice.throw(rest.len()));
        store.save_all(now).await.unwrap();
        rest = later;
    }
}

async fn the_target(store: &dyn TargetStore) -> Target {
    assert_eq!(store.count_targets().await.unwrap(), 1);
    store.target("ZTF26abcdefg").await.unwrap().unwrap()
}

#[tokio::test]
async fn any_order_and_any_cut_makes_one_and_the_same_target() {
    let mut dice = Dice(20_261_130);
    let mut first: Option<Target> = None;
    for round in 0..100 {
        // The entry that joins all names comes first now and then, and in the middle.
        let entries = dice.shuffled(said());
        let store = MemoryStore::new();
        save(&store, &entries, &mut dice).await;
        let target = the_target(&store).await;
        assert_eq!(&target, first.get_or_insert_with(|| target.clone()), "round {round}");
        let again = store.save_all(&dice.shuffled(entries)).await.unwrap();
        assert!(again.outcomes().iter().all(|outcome| *outcome == "unchanged"), "round {round}");
    }
    let target = first.unwrap();
    assert_eq!(target.name, "SN 2026qqq");
    assert_eq!(target.aliases, ["ANT2026xyz", "AT 2026qqq", "ZTF26abcdefg"]);
    let extra = |key: &str| target.extras[key].as_str();
    assert_eq!((extra("alerce_class"), extra("alerce_ndet"), extra("tns_redshift")), ("SNIa", "23", "0.04"));
    assert_eq!(target.position().unwrap().0, 150.1 + 3e-6, "the mean of the most detections");
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn the_file_makes_the_same_target_as_memory() {
    use tom_alerts::SqliteStore;
    let mut dice = Dice(7);
    let memory = MemoryStore::new();
    save(&memory, &said(), &mut dice).await;
    let ought = the_target(&memory).await;
    for round in 0..25 {
        let store = SqliteStore::in_memory().await.unwrap();
        let entries = dice.shuffled(said());
        save(&store, &entries, &mut dice).await;
        assert_eq!(the_target(&store).await, ought, "round {round}");
        let again = store.save_all(&dice.shuffled(entries)).await.unwrap();
        assert!(again.outcomes().iter().all(|outcome| *outcome == "unchanged"), "round {round}");
    }
}

/// What the second program of the test below does; without the variable it is no test.
#[cfg(feature = "sqlite")]
#[tokio::test]
async fn a_second_program_saves() {
    let Some(path) = std::env::var_os("TOM_ALERTS_TEST_SECOND") else { return };
    let store = tom_alerts::SqliteStore::open(path).await.unwrap();
    for round in 0..10 {
        let mut dice = Dice(round);
        let entries = dice.shuffled(said());
        save(&store, &entries, &mut dice).await;
    }
}

#[cfg(feature = "sqlite")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_programs_on_one_file_make_the_same_target() {
    let memory = MemoryStore::new();
    save(&memory, &said(), &mut Dice(1)).await;
    let ought = the_target(&memory).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let store = tom_alerts::SqliteStore::open(&path).await.unwrap();
    let second = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_second_program_saves", "--quiet"])
        .env("TOM_ALERTS_TEST_SECOND", &path)
        .stdout(std::process::Stdio::null())
        .spawn();
    let mut second = second.unwrap();
    for round in 100..110 {
        let mut dice = Dice(round);
        let entries = dice.shuffled(said());
        save(&store, &entries, &mut dice).await;
    }
    assert!(tokio::task::spawn_blocking(move || second.wait()).await.unwrap().unwrap().success());
    assert_eq!(the_target(&store).await, ought);
    let again = store.save_all(&said()).await.unwrap();
    assert!(again.outcomes().iter().all(|outcome| *outcome == "unchanged"), "{:?}", again.outcomes());
}

#[tokio::test]
async fn what_a_user_says_outlasts_every_order() {
    let mut dice = Dice(3);
    let store: Arc<dyn TargetStore> = Arc::new(MemoryStore::new());
    store.save_all(&said()[..1]).await.unwrap();
    let id = store.find("ZTF26abcdefg").await.unwrap().unwrap().id;
    let mut edit = Edit::default();
    edit.name = Some(Word::Set("the one".into()));
    store.edit(id, &edit).await.unwrap();
    save(&*store, &dice.shuffled(said()), &mut dice).await;
    assert_eq!(the_target(&*store).await.name, "the one");
}
