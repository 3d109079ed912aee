//! 100,000 alerts of five brokers into one SQLite file through 1,000 seeded faults of the network, the
//! services, their items and the store: in the end every alert is saved, or named in a report.
//!
//! `cargo test --test storm -- --nocapture` prints what happened.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../support/front.rs"]
#[allow(dead_code, reason = "another test program uses the rest")]
mod front;
mod plan;
mod services;
mod shaky;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future;
use tokio::runtime::Builder;
use tom_alerts::http::{Http, HttpConfig};
use tom_alerts::ingest::IngestReport;
use tom_alerts::testing::ScriptedTransport;
use tom_alerts::{Config, GenericBroker, IngestOptions, Registry, SqliteStore, TargetStore, form};

use plan::{Dice, Harm, Plan};
use services::{SERVICES, Service};
use shaky::Shaky;

/// What became of one broker's listing over all its runs.
#[derive(Default)]
struct Tale {
    runs: usize,
    seen: u64,
    /// Names that a report gives for good, by stage.
    named: BTreeSet<(&'static str, String)>,
    /// Items that a report names by their place and their beginning.
    placed: usize,
    /// The texts of those items' errors.
    texts: Vec<String>,
    ended: BTreeMap<String, usize>,
}

impl Tale {
    fn take(&mut self, report: &IngestReport) {
        self.runs += 1;
        self.seen += report.seen;
        for failure in &report.failed {
            match (failure.stage, failure.name.as_str()) {
                ("listing", _) => {}
                ("alert", "") => {
                    assert!(failure.error.context("item").is_some(), "{}", failure.error);
                    self.placed += 1;
                    self.texts.push(failure.error.to_string());
                }
                (stage, name) => {
                    assert!(!name.is_empty(), "{}", failure.error);
                    self.named.insert((stage, name.to_owned()));
                }
            }
        }
        if let Some(why) = &report.ended_by {
            let kind = format!("{:?}", why.kind());
            assert!(report.resume.is_some(), "an end that cannot be taken up: {why}");
            *self.ended.entry(kind).or_default() += 1;
        }
    }
}

/// Ingests a listing as an operator would: a run that ended early is taken up where it ended.
async fn ingest(broker: Arc<dyn GenericBroker>, service: &Service, store: &Shaky) -> Tale {
    let query = form::parse_pairs(service.query).unwrap();
    let mut tale = Tale::default();
    let mut resume = None;
    loop {
        let options = IngestOptions::new().keep_targets(false).batch(200);
        let options = match resume.take() {
            Some(token) => options.resume(token),
            None => options,
        };
        let report = broker.fetch_and_save_all(&query, store, options).await.unwrap().report;
        tale.take(&report);
        assert!(tale.runs < 1_000, "{}: no end", service.broker);
        store.repaired();
        match report.resume {
            Some(token) => resume = Some(token.parse().unwrap()),
            None => return tale,
        }
    }
}

#[test]
fn every_alert_of_a_hundred_thousand_is_saved_or_named() {
    let real = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    // Here no wait of a retry holds anything up.
    let paused = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let seed = std::env::var("TOM_ALERTS_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let mut dice = Dice::new(seed.unwrap_or(20_261_125));
    let plans: Vec<Arc<Plan>> =
        SERVICES.iter().map(|service| Arc::new(Plan::new(service, &mut dice))).collect();
    let alerts: usize = SERVICES.iter().map(|service| service.pages * 100).sum();
    let mut faults = BTreeMap::<&str, usize>::new();
    for fault in plans.iter().flat_map(|plan| plan.faults()) {
        *faults.entry(fault).or_default() += 1;
    }

    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(real.block_on(SqliteStore::open(folder.path().join("storm.db"))).unwrap());
    let shaky = |(service, plan): (&Service, &Arc<Plan>)| {
        Shaky::new(
            Arc::clone(&store),
            real.handle().clone(),
            plan.refused().into_iter().collect(),
            service.pages / 100,
            &mut dice,
        )
    };
    let stores: Vec<Shaky> = SERVICES.iter().zip(&plans).map(shaky).collect();
    *faults.entry("store is down").or_default() += stores.iter().map(Shaky::outages).sum::<usize>();
    let total: usize = faults.values().sum();
    assert_eq!((alerts, total), (100_000, 1_000));

    let http: HttpConfig = serde_json::from_str(r#"{"max_retries": 4, "call_timeout": 600}"#).unwrap();
    let runs = SERVICES.iter().zip(&plans).zip(&stores).map(|((service, plan), store)| {
        let answering = Arc::clone(plan);
        let script = ScriptedTransport::new(move |request| answering.answer(service, request));
        let config = Config::new().set(service.broker, "base_url", "http://127.0.0.1:1/");
        let config = service
            .config
            .iter()
            .fold(config, |config, (key, value)| config.set(service.broker, key, *value));
        let registry = Registry::with_http(&config, &Http::with_transport(Arc::new(script), &http)).unwrap();
        ingest(registry.broker(service.broker).unwrap(), service, store)
    });
    let tales = paused.block_on(future::join_all(runs));

    println!("{alerts} alerts, {total} faults:");
    faults.iter().for_each(|(fault, times)| println!("  {times:>4} × {fault}"));
    let mut saved = BTreeSet::new();
    let mut after = None;
    loop {
        let page = real.block_on(store.targets(after, 5_000)).unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for stored in page {
            saved.extend(stored.target.aliases);
            saved.insert(stored.target.name);
        }
    }
    let mut missing = 0;
    for (((service, plan), tale), store) in SERVICES.iter().zip(&plans).zip(&tales).zip(&stores) {
        let ended: Vec<_> = tale.ended.iter().map(|(kind, times)| format!("{times} × {kind}")).collect();
        println!(
            "{}: {} runs ({}), {} seen, {} named by place, {} by name",
            service.broker,
            tale.runs,
            ended.join(", "),
            tale.seen,
            tale.placed,
            tale.named.len()
        );
        assert!(plan.is_used_up() && store.outages() == 0, "{}: a fault never came", service.broker);
        // Every name is accounted for exactly once: saved, or named with the stage that its fault has.
        let mut unreadable = 0;
        for (number, harm) in plan.harms() {
            let name = service.name(number);
            let is_saved = saved.contains(&name);
            match harm {
                Harm::None => assert!(is_saved, "{name} is lost"),
                Harm::Unreadable => {
                    assert!(!is_saved, "{name}");
                    unreadable += 1;
                    assert!(tale.texts.iter().any(|text| text.contains(&name)), "{name} is in no error");
                }
                Harm::NoTarget => {
                    assert!(!is_saved && tale.named.contains(&("target", name.clone())), "{name}")
                }
                Harm::Refused => assert!(!is_saved && tale.named.contains(&("save", name.clone())), "{name}"),
            }
            missing += usize::from(!is_saved);
        }
        // An item that came again after an outage of the store is told again.
        assert!(tale.placed >= unreadable && tale.seen >= service.pages as u64 * 100, "{}", service.broker);
        let harmed = plan.harms().filter(|(_, harm)| matches!(harm, Harm::NoTarget | Harm::Refused)).count();
        assert_eq!(tale.named.len(), harmed, "{}: {:?}", service.broker, tale.named);
    }
    println!("{} saved, {missing} named in a report", saved.len());
    assert_eq!(saved.len() + missing, alerts);
}
