//! A store that refuses some targets for good, and is down now and then.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::runtime::Handle;
use tom_alerts::store::{Entry, Saved, SourcedClassification};
use tom_alerts::{BrokerQuery, Error, ErrorKind, ReducedDatum, Result, SqliteStore, Target, TargetStore};

use crate::plan::Dice;

#[derive(Debug)]
pub(crate) struct Shaky {
    store: Arc<SqliteStore>,
    /// SQLite works on a clock that goes, whatever the clock of the test does.
    works: Handle,
    refused: BTreeSet<String>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    calls: usize,
    /// The saves before which it goes down.
    outages: Vec<usize>,
    down: bool,
}

impl Shaky {
    pub(crate) fn new(
        store: Arc<SqliteStore>,
        works: Handle,
        refused: BTreeSet<String>,
        outages: usize,
        dice: &mut Dice,
    ) -> Self {
        let outages = (1..=outages).map(|n| n * 40 + dice.throw(20)).collect();
        Self { store, works, refused, state: Mutex::new(State { calls: 0, outages, down: false }) }
    }

    /// Outages that have not come yet.
    pub(crate) fn outages(&self) -> usize {
        self.state.lock().unwrap().outages.len()
    }

    /// Somebody has seen to it.
    pub(crate) fn repaired(&self) {
        self.state.lock().unwrap().down = false;
    }

    fn is_down(&self) -> bool {
        let mut state = self.state.lock().unwrap();
        state.calls += 1;
        let calls = state.calls;
        let waiting = state.outages.len();
        state.outages.retain(|call| *call > calls);
        state.down |= state.outages.len() < waiting;
        state.down
    }
}

#[async_trait]
impl TargetStore for Shaky {
    async fn save_all(&self, entries: &[Entry]) -> Result<Saved> {
        if self.is_down() {
            return Err(Error::new(ErrorKind::Store, "the store is down"));
        }
        if let Some(entry) = entries.iter().find(|entry| self.refused.contains(&entry.target.name)) {
            return Err(Error::new(ErrorKind::Input, format!("{} is not wanted", entry.target.name)));
        }
        let (store, entries) = (Arc::clone(&self.store), entries.to_vec());
        self.works.spawn(async move { store.save_all(&entries).await }).await.unwrap()
    }

    async fn target(&self, name: &str) -> Result<Option<Target>> {
        self.store.target(name).await
    }

    async fn targets(&self, after: Option<&str>, limit: usize) -> Result<Vec<Target>> {
        self.store.targets(after, limit).await
    }

    async fn count_targets(&self) -> Result<u64> {
        self.store.count_targets().await
    }

    async fn reduced_data(&self, target: &str) -> Result<Vec<ReducedDatum>> {
        self.store.reduced_data(target).await
    }

    async fn classifications(&self, target: &str) -> Result<Vec<SourcedClassification>> {
        self.store.classifications(target).await
    }

    async fn save_query(&self, query: &BrokerQuery) -> Result<BrokerQuery> {
        self.store.save_query(query).await
    }

    async fn queries(&self) -> Result<Vec<BrokerQuery>> {
        self.store.queries().await
    }

    async fn query(&self, name: &str) -> Result<Option<BrokerQuery>> {
        self.store.query(name).await
    }

    async fn delete_query(&self, name: &str) -> Result<bool> {
        self.store.delete_query(name).await
    }
}
