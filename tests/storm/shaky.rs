//! A store that refuses some targets for good, and is down now and then.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use tokio::runtime::Handle;
use tom_alerts::store::{Entry, Save, Saved};
use tom_alerts::{Error, ErrorKind, Result, SqliteStore};

use crate::front::{forward_store, save_others};
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

impl Shaky {
    async fn save_or_fail(&self, save: Save) -> Result<Saved> {
        if self.is_down() {
            return Err(Error::new(ErrorKind::Store, "the store is down"));
        }
        let (store, refused) = (Arc::clone(&self.store), self.refused.clone());
        let work = async move {
            let refuses = |entry: &Entry| {
                let name = &entry.target.name;
                refused.contains(name).then(|| Error::new(ErrorKind::Input, format!("{name} is not wanted")))
            };
            save_others(&*store, save, refuses).await
        };
        self.works.spawn(work).await.unwrap()
    }
}

forward_store!(Shaky, store, save_or_fail);
