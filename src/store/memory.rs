//! `MemoryStore`: the reference of all stores, gone with the program.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::Utc;

use super::{Change, Counts, Entry, Saved, SourcedClassification, TargetStore, merged};
use crate::error::Result;
use crate::query::BrokerQuery;
use crate::reduced_datum::{Classification, ReducedDatum};
use crate::target::Target;

/// A store in memory: for tests, for programs that keep nothing, and as the reference of what a
/// store does.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Kept>);

/// What makes a classification the same one: source, classifier, version, class.
type ClassKey = (String, String, Option<String>, String);

#[derive(Debug, Clone, Default)]
struct Kept {
    targets: BTreeMap<String, Known>,
    queries: BTreeMap<String, BrokerQuery>,
    last_id: i64,
}

#[derive(Debug, Clone)]
struct Known {
    target: Target,
    data: BTreeMap<(String, String), ReducedDatum>,
    classes: BTreeMap<ClassKey, Classification>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // A save checks everything before it changes anything, so a poisoned value is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts a value under a key and says what that did.
fn put<K: Ord, V: PartialEq>(map: &mut BTreeMap<K, V>, key: K, value: V) -> Change {
    match map.get_mut(&key) {
        Some(known) if *known == value => Change::Unchanged,
        Some(known) => {
            *known = value;
            Change::Updated
        }
        None => {
            map.insert(key, value);
            Change::Created
        }
    }
}

fn counted(changes: impl Iterator<Item = Change>) -> Counts {
    let mut counts = Counts::default();
    changes.for_each(|change| counts.count(change));
    counts
}

#[async_trait]
impl TargetStore for MemoryStore {
    async fn save_all(&self, entries: &[Entry]) -> Result<Saved> {
        for entry in entries {
            entry.target.clone().checked()?;
        }
        let mut kept = self.kept();
        let mut saved = Saved::default();
        for entry in entries {
            let name = &entry.target.name;
            let known = kept.targets.get_mut(name);
            let change = match known {
                Some(known) => {
                    let (target, change) = merged(&known.target, &entry.target);
                    known.target = target;
                    change
                }
                None => {
                    let target = entry.target.clone();
                    let known = Known { target, data: BTreeMap::new(), classes: BTreeMap::new() };
                    kept.targets.insert(name.clone(), known);
                    Change::Created
                }
            };
            saved.targets.push(change);
            let Some(known) = kept.targets.get_mut(name) else { continue };
            // Of points with one key the last counts, as in one statement of SQL.
            let points: BTreeMap<_, _> = entry.data.iter().map(|p| ((p.source_name.clone(), p.key()), p)).collect();
            saved.data += counted(points.into_iter().map(|(key, point)| {
                let point = ReducedDatum { target: name.clone(), ..point.clone() };
                put(&mut known.data, key, point)
            }));
            let classes = entry.classifications.iter().map(|class| {
                let key =
                    (entry.source.clone(), class.classifier.clone(), class.version.clone(), class.class.clone());
                (key, class)
            });
            let classes: BTreeMap<_, _> = classes.collect();
            saved.classifications +=
                counted(classes.into_iter().map(|(key, class)| put(&mut known.classes, key, class.clone())));
        }
        Ok(saved)
    }

    async fn target(&self, name: &str) -> Result<Option<Target>> {
        Ok(self.kept().targets.get(name).map(|known| known.target.clone()))
    }

    async fn targets(&self, after: Option<&str>, limit: usize) -> Result<Vec<Target>> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let kept = self.kept();
        let behind = kept.targets.range::<str, _>((from, Bound::Unbounded));
        Ok(behind.take(limit).map(|(_, known)| known.target.clone()).collect())
    }

    async fn count_targets(&self) -> Result<u64> {
        Ok(self.kept().targets.len() as u64)
    }

    async fn reduced_data(&self, target: &str) -> Result<Vec<ReducedDatum>> {
        let kept = self.kept();
        let data = kept.targets.get(target).map(|known| known.data.values().cloned());
        let mut data: Vec<_> = data.into_iter().flatten().collect();
        data.sort_by_key(|point| point.timestamp);
        Ok(data)
    }

    async fn classifications(&self, target: &str) -> Result<Vec<SourcedClassification>> {
        let kept = self.kept();
        let classes = kept.targets.get(target).map(|known| &known.classes);
        let sourced = |(key, class): (&ClassKey, &Classification)| SourcedClassification {
            source: key.0.clone(),
            classification: class.clone(),
        };
        Ok(classes.into_iter().flatten().map(sourced).collect())
    }

    async fn save_query(&self, query: &BrokerQuery) -> Result<BrokerQuery> {
        let mut kept = self.kept();
        let mut query = query.clone();
        query.modified = Utc::now();
        match kept.queries.get(&query.name) {
            Some(known) => {
                query.id = known.id;
                query.created = known.created;
            }
            None => {
                kept.last_id += 1;
                query.id = kept.last_id;
            }
        }
        kept.queries.insert(query.name.clone(), query.clone());
        Ok(query)
    }

    async fn queries(&self) -> Result<Vec<BrokerQuery>> {
        Ok(self.kept().queries.values().cloned().collect())
    }

    async fn query(&self, name: &str) -> Result<Option<BrokerQuery>> {
        Ok(self.kept().queries.get(name).cloned())
    }

    async fn delete_query(&self, name: &str) -> Result<bool> {
        Ok(self.kept().queries.remove(name).is_some())
    }
}
