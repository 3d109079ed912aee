//! `MemoryStore`: everything in memory, for tests and short programs; the reference of what a store does.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::check::{check_query, sort_classifications, to_micros};
use super::entry::{Counts, History, Save, Saved, SourcedClassification, StoredTarget, Superseded, TargetId};
use super::matching::{Policy, id_key, name_key};
use super::plan::{self, Change, Class, Classes, Group, IGNORED, Known, Plan, Row};
use super::progress::{Claim, Claimed, DeadLetter, Fence, Progress, Report, Scope};
use super::{Deletion, Guarantees, QueryStore, TargetStore, edited, queries};
use crate::error::Result;
use crate::query::BrokerQuery;
use crate::reduced_datum::{Classification, ReducedDatum};
use crate::target::{Edit, Sighting, Target};

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
    /// The target that has each name and each own id of a source.
    owners: HashMap<String, i64>,
    targets: BTreeMap<i64, Kept>,
    last: i64,
    queries: BTreeMap<i64, BrokerQuery>,
    last_query: i64,
    progress: BTreeMap<Scope, Progress>,
    reports: BTreeMap<(Scope, DateTime<Utc>), Report>,
    letters: BTreeMap<i64, DeadLetter>,
    last_letter: i64,
}

#[derive(Debug)]
struct Kept {
    target: Target,
    sightings: Vec<Sighting>,
    created: DateTime<Utc>,
    modified: DateTime<Utc>,
    /// In the order of source and key, which are made anew for each comparison to save their memory.
    data: Vec<ReducedDatum>,
    classes: BTreeMap<(String, String, Option<String>, String), Classification>,
    old_data: Vec<Superseded<ReducedDatum>>,
    old_classes: Vec<Superseded<SourcedClassification>>,
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

impl State {
    fn known(&self, keys: &[String]) -> Known {
        let mut known = Known { last: self.last, ..Known::default() };
        for key in keys {
            let Some(owner) = self.owners.get(key) else { continue };
            known.owners.insert(key.clone(), *owner);
            if let Some(kept) = self.targets.get(owner) {
                let read = || (kept.target.clone(), kept.sightings.clone());
                known.targets.entry(*owner).or_insert_with(read);
            }
        }
        known
    }

    fn of_name(&self, name: &str) -> Option<(i64, &Kept)> {
        let id = *self.owners.get(&name_key(name))?;
        Some((id, self.targets.get(&id)?))
    }

    fn put(&mut self, mut group: Group, now: DateTime<Utc>, saved: &mut Saved) {
        let rows = group.take_rows();
        let kept = self.targets.entry(group.id).or_insert_with(|| Kept {
            target: group.target.clone(),
            sightings: Vec::new(),
            created: now,
            modified: now,
            data: Vec::new(),
            classes: BTreeMap::new(),
            old_data: Vec::new(),
            old_classes: Vec::new(),
        });
        if group.changed {
            kept.modified = now;
        }
        (kept.target, kept.sightings) = (group.target, group.sightings);
        saved.data += kept.put_data(rows, now);
        saved.classifications += kept.put_classes(group.classes, now);
        self.last = self.last.max(group.id);
    }
}

impl Kept {
    fn put_data(&mut self, rows: Vec<Row>, now: DateTime<Utc>) -> Counts {
        let mut counts = Counts::default();
        if rows.is_empty() {
            return counts;
        }
        let mut old = std::mem::take(&mut self.data).into_iter().map(|datum| (datum.key(), datum)).peekable();
        for Row { key, datum: mut new, is_older } in rows {
            new.target.clone_from(&self.target.name.as_str().into());
            new.timestamp = to_micros(new.timestamp);
            let before = |(known, datum): &(String, ReducedDatum)| {
                (&*datum.source_name, known) < (&*new.source_name, &key)
            };
            while let Some((_, datum)) = old.next_if(before) {
                self.data.push(datum);
            }
            let same = |(known, datum): &(String, ReducedDatum)| {
                *known == key && datum.source_name == new.source_name
            };
            let Some((_, was)) = old.next_if(same) else {
                counts.created += 1;
                self.data.push(new);
                continue;
            };
            let same_value = was.timestamp == new.timestamp && was.value == new.value;
            let same_rest = was.withdrawn == new.withdrawn && was.source_location == new.source_location;
            match plan::change(
                (is_older, new.withdrawn.is_some()),
                was.withdrawn.is_some(),
                same_value,
                same_rest,
            ) {
                Change::Unchanged => {
                    counts.unchanged += 1;
                    self.data.push(was);
                }
                change => {
                    counts.updated += 1;
                    if change == Change::Corrected {
                        self.old_data.push(Superseded::new(now, was));
                    }
                    self.data.push(new);
                }
            }
        }
        self.data.extend(old.map(|(_, datum)| datum));
        counts
    }

    fn put_classes(&mut self, new: Classes, now: DateTime<Utc>) -> Counts {
        let mut counts = Counts::default();
        for (key, Class { said: class, is_older }) in new {
            if is_older && self.classes.contains_key(&key) {
                counts.unchanged += 1;
                continue;
            }
            let source = key.0.clone();
            match self.classes.insert(key, class.clone()) {
                None => counts.created += 1,
                Some(old) if old == class => counts.unchanged += 1,
                Some(old) => {
                    counts.updated += 1;
                    self.old_classes.push(Superseded::new(now, SourcedClassification::new(source, old)));
                }
            }
        }
        counts
    }

    fn stored(&self, id: i64) -> StoredTarget {
        StoredTarget::new(TargetId(id), self.target.clone(), Some(self.created), Some(self.modified))
    }

    fn standing(&self, back: bool) -> Vec<ReducedDatum> {
        let mut rows: Vec<_> =
            self.data.iter().filter(|datum| datum.withdrawn.is_some() == back).cloned().collect();
        rows.iter_mut().for_each(|datum| datum.target = self.target.name.as_str().into());
        rows.sort_by_cached_key(|datum| (datum.timestamp, datum.key(), datum.source_name.clone()));
        rows
    }
}

#[async_trait]
impl TargetStore for MemoryStore {
    async fn save(&self, save: Save) -> Result<Saved> {
        let now = to_micros(Utc::now());
        let mut state = self.state();
        let mut moved = BTreeMap::new();
        for advance in &save.advances {
            let kept = state.progress.get(&advance.scope).cloned();
            let old = moved.remove(&advance.scope).or(kept);
            let mut progress = old.unwrap_or_else(|| Progress::new(advance.scope.clone(), now));
            progress.advance(advance, now)?;
            moved.insert(advance.scope.clone(), progress);
        }
        let known = state.known(&plan::keys(&save.entries));
        let Plan { groups, claims, mut saved } = Plan::of(save.entries, known, &Policy::default(), now);
        state.owners.extend(claims);
        groups.into_iter().for_each(|group| state.put(group, now, &mut saved));
        state.progress.extend(moved);
        for report in save.reports {
            state.reports.insert((report.scope.clone(), report.started), report);
        }
        for letter in save.dead_letters {
            let place = |l: &DeadLetter| (l.topic.clone(), l.partition, l.offset);
            if state.letters.values().all(|known| place(known) != place(&letter)) {
                state.last_letter += 1;
                let id = state.last_letter;
                state.letters.insert(id, DeadLetter { id, saved: Some(now), ..letter });
            }
        }
        Ok(saved)
    }

    async fn find(&self, name: &str) -> Result<Option<StoredTarget>> {
        Ok(self.state().of_name(name).map(|(id, kept)| kept.stored(id)))
    }

    async fn targets(&self, after: Option<TargetId>, limit: usize) -> Result<Vec<StoredTarget>> {
        let from = after.map_or(Bound::Unbounded, |id| Bound::Excluded(id.0));
        let state = self.state();
        let behind = state.targets.range((from, Bound::Unbounded));
        Ok(behind.take(limit).map(|(id, kept)| kept.stored(*id)).collect())
    }

    async fn count_targets(&self) -> Result<u64> {
        Ok(self.state().targets.len() as u64)
    }

    async fn sightings(&self, id: TargetId) -> Result<Vec<Sighting>> {
        let found = self.state().targets.get(&id.0).map(|kept| kept.sightings.clone());
        let mut found = found.unwrap_or_default();
        found.sort_by(|a, b| (&a.source, &a.object_id).cmp(&(&b.source, &b.object_id)));
        Ok(found)
    }

    async fn reduced_data(&self, name: &str) -> Result<Vec<ReducedDatum>> {
        Ok(self.state().of_name(name).map(|(_, kept)| kept.standing(false)).unwrap_or_default())
    }

    async fn classifications(&self, name: &str) -> Result<Vec<SourcedClassification>> {
        let state = self.state();
        let Some((_, kept)) = state.of_name(name) else { return Ok(Vec::new()) };
        let row =
            |((source, ..), c): (&(String, _, _, _), &_)| SourcedClassification::new(source, Clone::clone(c));
        let mut rows: Vec<_> = kept.classes.iter().map(row).collect();
        sort_classifications(&mut rows);
        Ok(rows)
    }

    async fn history(&self, id: TargetId) -> Result<History> {
        let state = self.state();
        let Some(kept) = state.targets.get(&id.0) else { return Ok(History::default()) };
        let mut data = kept.old_data.clone();
        data.iter_mut().for_each(|old| old.value.target = kept.target.name.as_str().into());
        Ok(History { data, withdrawn: kept.standing(true), classifications: kept.old_classes.clone() })
    }

    async fn edit(&self, id: TargetId, edit: &Edit) -> Result<Option<StoredTarget>> {
        let mut state = self.state();
        let Some(kept) = state.targets.get(&id.0) else { return Ok(None) };
        let owner = |name: &str| state.owners.get(&name_key(name)).copied();
        let edited = edited(&kept.target, &kept.sightings, edit, id, owner)?;
        state.owners.extend(edited.claims.into_iter().map(|key| (key, id.0)));
        let Some(kept) = state.targets.get_mut(&id.0) else { return Ok(None) };
        if kept.target != edited.target {
            kept.modified = to_micros(Utc::now());
        }
        (kept.target, kept.sightings) = (edited.target, edited.sightings);
        Ok(Some(kept.stored(id.0)))
    }

    async fn delete(&self, id: TargetId, how: Deletion) -> Result<bool> {
        let mut state = self.state();
        let there = state.targets.remove(&id.0).is_some();
        match how {
            Deletion::Forget => state.owners.retain(|_, owner| *owner != id.0),
            Deletion::Ignore => state.owners.values_mut().filter(|o| **o == id.0).for_each(|o| *o = IGNORED),
        }
        Ok(there)
    }

    async fn fetched(&self, source: &str, object_id: &str) -> Result<Option<DateTime<Utc>>> {
        let state = self.state();
        let Some(id) = state.owners.get(&id_key(source, object_id)) else { return Ok(None) };
        let sightings = state.targets.get(id).map(|kept| &kept.sightings[..]).unwrap_or_default();
        let same =
            |s: &&Sighting| s.source == source && id_key(source, &s.object_id) == id_key(source, object_id);
        Ok(sightings.iter().find(same).and_then(|s| s.fetched))
    }

    fn guarantees(&self) -> Guarantees {
        Guarantees { concurrent_writers: false, ..Guarantees::ALL }
    }

    fn query_store(&self) -> Option<&dyn QueryStore> {
        Some(self)
    }
}

#[async_trait]
impl QueryStore for MemoryStore {
    async fn save_query(&self, query: &BrokerQuery) -> Result<BrokerQuery> {
        check_query(query)?;
        let mut state = self.state();
        let old =
            state.queries.get(&query.id).or_else(|| state.queries.values().find(|q| q.name == query.name));
        let namesake = state.queries.values().find(|q| q.name == query.name);
        let settled = queries::settle(query, old, namesake, to_micros(Utc::now()))?;
        let mut kept = settled.query;
        if kept.id == 0 {
            state.last_query += 1;
            kept.id = state.last_query;
        }
        if settled.other_question {
            let scope = Scope::query(kept.id);
            if let Some(progress) = state.progress.get_mut(&scope) {
                *progress = queries::begun_anew(progress, to_micros(Utc::now()));
            }
        }
        kept.resume = state.progress.get(&Scope::query(kept.id)).and_then(|p| p.place.clone());
        state.queries.insert(kept.id, kept.clone());
        Ok(kept)
    }

    async fn queries(&self) -> Result<Vec<BrokerQuery>> {
        let state = self.state();
        let mut all: Vec<_> = state.queries.values().map(|query| state.read(query)).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    async fn query(&self, name: &str) -> Result<Option<BrokerQuery>> {
        let state = self.state();
        Ok(state.queries.values().find(|query| query.name == name).map(|query| state.read(query)))
    }

    async fn delete_query(&self, name: &str) -> Result<bool> {
        let mut state = self.state();
        let Some(id) = state.queries.values().find(|query| query.name == name).map(|query| query.id) else {
            return Ok(false);
        };
        state.queries.remove(&id);
        let scope = Scope::query(id);
        state.progress.remove(&scope);
        state.reports.retain(|(of, _), _| *of != scope);
        Ok(true)
    }

    async fn began(&self, id: i64, at: DateTime<Utc>) -> Result<bool> {
        let mut state = self.state();
        let query = state.queries.get_mut(&id);
        Ok(query.map(|query| query.last_run = Some(to_micros(at))).is_some())
    }

    async fn claim(&self, scope: &Scope, owner: &str, claim: Claim) -> Result<Claimed> {
        let now = to_micros(Utc::now());
        let mut state = self.state();
        state
            .progress
            .entry(scope.clone())
            .or_insert_with(|| Progress::new(scope.clone(), now))
            .claim(owner, claim, now)
    }

    async fn release(&self, scope: &Scope, fence: Fence) -> Result<()> {
        let mut state = self.state();
        if let Some(progress) = state.progress.get_mut(scope) {
            progress.check(fence)?;
            progress.until = None;
        }
        Ok(())
    }

    async fn progress(&self, scope: &Scope) -> Result<Option<Progress>> {
        Ok(self.state().progress.get(scope).cloned())
    }

    async fn reports(&self, scope: &Scope, limit: usize) -> Result<Vec<Report>> {
        let state = self.state();
        let all = state.reports.iter().rev().filter(|((of, _), _)| of == scope);
        Ok(all.take(limit).map(|(_, report)| report.clone()).collect())
    }

    async fn dead_letters(&self, after: i64, limit: usize) -> Result<Vec<DeadLetter>> {
        let state = self.state();
        let behind = state.letters.range((Bound::Excluded(after), Bound::Unbounded));
        Ok(behind.take(limit).map(|(_, letter)| letter.clone()).collect())
    }

    async fn delete_dead_letter(&self, id: i64) -> Result<bool> {
        Ok(self.state().letters.remove(&id).is_some())
    }
}

impl State {
    /// A query with the place that its last run came to.
    fn read(&self, query: &BrokerQuery) -> BrokerQuery {
        let place = self.progress.get(&Scope::query(query.id)).and_then(|progress| progress.place.clone());
        BrokerQuery { resume: place, ..query.clone() }
    }
}
