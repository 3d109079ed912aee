//! `MemoryStore`: everything in memory, for tests and short programs; the reference of what a store does.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::Utc;

use super::rules::{check, check_query, first, last_counts, merge, sort_classifications, to_micros};
use super::{Change, Counts, Entry, Saved, SourcedClassification, TargetStore};
use crate::error::Result;
use crate::query::BrokerQuery;
use crate::reduced_datum::{Classification, ReducedDatum};
use crate::target::Target;
use crate::text::Text;

/// A store in memory; gone with the program.
///
/// ```
/// use tom_alerts::{MemoryStore, TargetStore};
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// assert_eq!(MemoryStore::new().target("ZTF20acobvxk").await?, None);
/// # Ok::<(), tom_alerts::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    targets: BTreeMap<String, Kept>,
    queries: BTreeMap<String, BrokerQuery>,
    last_query: i64,
}

#[derive(Debug)]
struct Kept {
    target: Target,
    /// By source and key.
    data: BTreeMap<(Text, String), ReducedDatum>,
    /// By source, classifier, version and class.
    classifications: BTreeMap<(String, String, Option<String>, String), Classification>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No change is left half done by a panic: all that can fail comes before the first one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts the last of each key into what is kept and counts each key once.
fn put<K: Ord, V: PartialEq>(kept: &mut BTreeMap<K, V>, new: BTreeMap<K, V>) -> Counts {
    let mut counts = Counts::default();
    for (key, value) in new {
        match kept.entry(key) {
            Slot::Vacant(slot) => {
                slot.insert(value);
                counts.created += 1;
            }
            Slot::Occupied(slot) if *slot.get() == value => counts.unchanged += 1,
            Slot::Occupied(mut slot) => {
                slot.insert(value);
                counts.updated += 1;
            }
        }
    }
    counts
}

impl State {
    fn save_target(&mut self, target: &Target) -> Change {
        match self.targets.entry(target.name.clone()) {
            Slot::Vacant(slot) => {
                let target = first(target);
                slot.insert(Kept { target, data: BTreeMap::new(), classifications: BTreeMap::new() });
                Change::Created
            }
            Slot::Occupied(mut slot) => match merge(&mut slot.get_mut().target, target) {
                true => Change::Updated,
                false => Change::Unchanged,
            },
        }
    }
}

#[async_trait]
impl TargetStore for MemoryStore {
    async fn save_all(&self, entries: &[Entry]) -> Result<Saved> {
        entries.iter().try_for_each(check)?;
        let mut state = self.state();
        let mut saved = Saved::default();
        // By target first, so that of equals in two entries of one name the last counts too.
        let mut new = BTreeMap::<_, (BTreeMap<_, _>, BTreeMap<_, _>)>::new();
        for entry in entries {
            saved.targets.push(state.save_target(&entry.target));
            let (data, classifications) = new.entry(&entry.target.name).or_default();
            let name = Text::from(&entry.target.name);
            for datum in last_counts(&entry.data) {
                let kept = ReducedDatum {
                    target: name.clone(),
                    timestamp: to_micros(datum.timestamp),
                    ..datum.clone()
                };
                data.insert((datum.source_name.clone(), datum.key()), kept);
            }
            for c in &entry.classifications {
                let key = (entry.source.clone(), c.classifier.clone(), c.version.clone(), c.class.clone());
                classifications.insert(key, c.clone());
            }
        }
        for (name, (data, classifications)) in new {
            if let Some(kept) = state.targets.get_mut(name) {
                saved.data += put(&mut kept.data, data);
                saved.classifications += put(&mut kept.classifications, classifications);
            }
        }
        Ok(saved)
    }

    async fn target(&self, name: &str) -> Result<Option<Target>> {
        Ok(self.state().targets.get(name).map(|kept| kept.target.clone()))
    }

    async fn targets(&self, after: Option<&str>, limit: usize) -> Result<Vec<Target>> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let state = self.state();
        let behind = state.targets.range::<str, _>((from, Bound::Unbounded));
        Ok(behind.take(limit).map(|(_, kept)| kept.target.clone()).collect())
    }

    async fn count_targets(&self) -> Result<u64> {
        Ok(self.state().targets.len() as u64)
    }

    async fn reduced_data(&self, target: &str) -> Result<Vec<ReducedDatum>> {
        let state = self.state();
        let Some(kept) = state.targets.get(target) else { return Ok(Vec::new()) };
        let mut rows: Vec<_> = kept.data.iter().collect();
        rows.sort_by_key(|((source, key), datum)| (datum.timestamp, key, source));
        Ok(rows.into_iter().map(|(_, datum)| datum.clone()).collect())
    }

    async fn classifications(&self, target: &str) -> Result<Vec<SourcedClassification>> {
        let state = self.state();
        let Some(kept) = state.targets.get(target) else { return Ok(Vec::new()) };
        let mut rows: Vec<_> = kept
            .classifications
            .iter()
            .map(|((source, ..), classification)| SourcedClassification {
                source: source.clone(),
                classification: classification.clone(),
            })
            .collect();
        sort_classifications(&mut rows);
        Ok(rows)
    }

    async fn save_query(&self, query: &BrokerQuery) -> Result<BrokerQuery> {
        check_query(query)?;
        let mut state = self.state();
        let old = state.queries.get(&query.name).map(|old| (old.id, old.created));
        let (id, created) = old.unwrap_or((state.last_query + 1, to_micros(query.created)));
        state.last_query = state.last_query.max(id);
        let kept = BrokerQuery {
            id,
            created,
            modified: to_micros(Utc::now()),
            last_run: query.last_run.map(to_micros),
            ..query.clone()
        };
        state.queries.insert(kept.name.clone(), kept.clone());
        Ok(kept)
    }

    async fn queries(&self) -> Result<Vec<BrokerQuery>> {
        Ok(self.state().queries.values().cloned().collect())
    }

    async fn query(&self, name: &str) -> Result<Option<BrokerQuery>> {
        Ok(self.state().queries.get(name).cloned())
    }

    async fn delete_query(&self, name: &str) -> Result<bool> {
        Ok(self.state().queries.remove(name).is_some())
    }
}
