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

/// What five services list of one object: the answer to a request.
#[cfg(all(feature = "alerce", feature = "antares", feature = "boom", feature = "mars", feature = "scimma"))]
mod services {
    use tom_alerts::http::{Http, HttpConfig};
    use tom_alerts::ingest::IngestReport;
    use tom_alerts::testing::ScriptedTransport;
    use tom_alerts::{Config, IngestOptions, Registry, form};

    use super::*;

    const ZTF: &str = "ZTF26abcdefg";

    /// The brokers with their queries.
    const BROKERS: [(&str, &[&str]); 5] = [
        ("ALeRCE", &["survey=ztf", "page_size=100"]),
        ("ANTARES", &["page_size=100"]),
        ("MARS", &["magpsf_lte=19"]),
        ("SCIMMA", &["source=skip", "page_size=100"]),
        ("Babamul", &["survey=ztf", "mjd_min=61358.5", "mjd_max=61359.5", "page_size=100"]),
    ];

    /// The rows of each service: the same object over some nights, in the order that the service has.
    fn answer(request: &Request) -> Response {
        let url = request.url();
        let (path, query) = (url.path(), url.query().unwrap_or_default());
        let nights = [0.0, 1.0, 2.0, 3.0];
        let list = |row: fn(f64) -> Value| nights.map(row).to_vec();
        let newest_first = |row: fn(f64) -> Value| nights.iter().rev().map(|n| row(*n)).collect::<Vec<_>>();
        let body = if path.contains("/loci") {
            let locus = json!({"locus": {"locus_id": "ANT2026xyz", "ra": 150.4, "dec": 22.5, "tags": ["nuclear"],
                "properties": {"ztf_object_id": ZTF, "num_alerts": 5, "newest_alert_id": "ztf_candidate:1",
                    "newest_alert_magnitude": 17.75, "newest_alert_observation_time": 61_360.25}}});
            json!({"data": [locus], "meta": {}, "links": {"next": null}})
        } else if query.contains("classifier") || path.ends_with("/objects/") || path.ends_with("/objects") {
            let row = |class: &str, last: f64, probability: f64| {
                json!({"oid": ZTF, "meanra": 150.1 + last * 1e-6, "meandec": 22.5, "ndet": 24, "firstmjd": 61_300.5,
                    "lastmjd": 61_358.5 + last, "class": class, "classifier": "lc_classifier",
                    "probability": probability})
            };
            let items =
                [row("SNIa", 0.0, 0.5), row("AGN", 0.0, 0.9), row("SNII", 1.0, 0.4), row("TDE", 1.0, 0.3)];
            json!({"total": null, "has_next": false, "items": items})
        } else if path.contains("alerts") && query.contains("skip=") {
            let rows = list(|n| {
                json!({"objectId": ZTF, "candid": 3_005_432_622_415_015_012_i64 + n as i64,
                    "candidate": {"jd": 2_461_359.5 + n * 0.25, "ra": 150.12 + n * 1e-5, "dec": 22.5, "band": "r",
                        "magpsf": 18.3 - n, "isdiffpos": true, "drb": 0.9 + n / 100.0},
                    "classifications": {"acai_h": 0.25 * n}})
            });
            json!({"message": "found", "data": rows})
        } else if path.contains("alerts") {
            let rows = newest_first(|n| {
                json!({"identifier": ZTF, "id": 7 + n as i64, "timestamp": format!("2026-11-0{}T20:24:08Z", 1 + n as i64),
                    "topic": "lvc.lvc-counterpart", "right_ascension": 150.2 + n * 1e-5, "declination": 22.5,
                    "parsed_message": {"rank": "2"}})
            });
            json!({"count": 4, "next": null, "previous": null, "results": rows})
        } else {
            let rows = newest_first(|n| {
                json!({"objectId": ZTF, "lco_id": 100 + n as i64, "candid": 2_695_378_462_115_010_012_i64 + n as i64,
                    "candidate": {"jd": 2_461_359.75 + n, "ra": 150.3 + n * 1e-5, "dec": 22.5, "filter": "r",
                        "magpsf": 18.25 - n, "rb": 0.9 + n / 100.0, "isdiffpos": "t"}})
            });
            json!({"has_next": false, "has_prev": false, "results": rows})
        };
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Response::new(200, headers, body.to_string().into())
    }

    fn registry() -> Registry {
        let script = ScriptedTransport::new(|request| Ok(answer(request)));
        let http = Http::with_transport(Arc::new(script), &HttpConfig::default());
        let config = BROKERS
            .iter()
            .fold(Config::new(), |config, (name, _)| config.set(name, "base_url", "http://127.0.0.1:1/"))
            .set("Babamul", "api_token", "bbml_made_up");
        let config = config.set("SCIMMA", "skip_url", "http://127.0.0.1:1/api/");
        Registry::with_http(&config, &http).unwrap()
    }

    /// One run of a broker into the store, of at most so many alerts.
    async fn run(
        registry: &Registry,
        store: &dyn TargetStore,
        broker: (&str, &[&str]),
        resume: Option<String>,
        limit: usize,
    ) -> IngestReport {
        let query = form::parse_pairs(broker.1).unwrap();
        let options = IngestOptions::new().limit(limit).classifications(false);
        let options = match resume {
            Some(token) => options.resume(token.parse().unwrap()),
            None => options,
        };
        let done = registry.broker(broker.0).unwrap().fetch_and_save_all(&query, store, options).await;
        let report = done.unwrap().report;
        assert!(report.ended_by.is_none() && report.failed.is_empty(), "{}: {report:?}", broker.0);
        report
    }

    /// All five listings in runs of random lengths, each going on by the token of the one before, in turns.
    async fn listings(registry: &Registry, store: &dyn TargetStore, dice: &mut Dice) {
        let mut left: Vec<_> = BROKERS.iter().map(|broker| (*broker, None)).collect();
        while !left.is_empty() {
            let n = dice.throw(left.len());
            let (broker, resume) = left.swap_remove(n);
            let report = run(registry, store, broker, resume, 1 + dice.throw(3)).await;
            if report.resume.is_some() {
                left.push((broker, report.resume));
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn runs_that_go_on_by_tokens_make_one_and_the_same_target_in_any_order() {
        let (registry, mut dice) = (registry(), Dice(61_360));
        let mut first: Option<Target> = None;
        for round in 0..100 {
            let store = MemoryStore::new();
            listings(&registry, &store, &mut dice).await;
            let target = the_target(&store).await;
            assert_eq!(&target, first.get_or_insert_with(|| target.clone()), "round {round}");
            for broker in BROKERS {
                let report = run(&registry, &store, broker, None, usize::MAX).await;
                assert_eq!((report.created, report.updated), (0, 0), "round {round}, {}", broker.0);
                assert!(report.unchanged > 0, "round {round}, {}", broker.0);
            }
        }
        let target = first.unwrap();
        assert_eq!(target.aliases, ["ANT2026xyz"]);
        let extra = |key: &str| target.extras.get(key).map(String::as_str);
        assert_eq!(extra("alerce_class"), Some("SNII"), "{:?}", target.extras);
    }

    #[cfg(feature = "sqlite")]
    #[tokio::test]
    async fn runs_into_one_file_make_the_target_that_runs_into_memory_make() {
        let (registry, mut dice) = (registry(), Dice(61_361));
        let memory = MemoryStore::new();
        listings(&registry, &memory, &mut dice).await;
        for round in 0..10 {
            let folder = tempfile::tempdir().unwrap();
            let one = tom_alerts::SqliteStore::open(folder.path().join("a.db")).await.unwrap();
            let two = tom_alerts::SqliteStore::open(folder.path().join("a.db")).await.unwrap();
            let mut other = Dice(round);
            tokio::join!(listings(&registry, &one, &mut dice), listings(&registry, &two, &mut other));
            assert_eq!(the_target(&one).await, the_target(&memory).await, "round {round}");
        }
    }
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
