//! What a save does, neutral of the engine: which targets its entries belong to, what those read like
//! afterwards, and which rows are to be written. Every store works it out with this.

use std::collections::HashMap;
use std::collections::btree_map::{BTreeMap, Entry as Slot};

use chrono::{DateTime, Utc};

use super::check::check;
use super::entry::{Entry, Outcome, Saved, SavedTarget, TargetId};
use super::matching::{self, Candidate, Policy};
use crate::error::{Error, Result};
use crate::reduced_datum::{Classification, ReducedDatum};
use crate::target::{Sighting, Target, target_of};

/// The owner of a key whose target was deleted and is not to be made again.
pub(super) const IGNORED: i64 = 0;

/// What a store knows of the targets that entries may belong to.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The target that has each key.
    pub(super) owners: HashMap<String, i64>,
    /// Each of those targets as it reads, with its sightings.
    pub(super) targets: HashMap<i64, (Target, Vec<Sighting>)>,
    /// The highest number that was ever given.
    pub(super) last: i64,
}

/// A target in the making, with the rows of this save.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) id: i64,
    /// Whether the store had it before.
    #[cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "stores of a database tell it"))]
    pub(super) known: bool,
    pub(super) target: Target,
    /// Whether it reads otherwise than before.
    pub(super) changed: bool,
    pub(super) sightings: Vec<Sighting>,
    /// Which of the sightings are to be written.
    pub(super) written: Vec<bool>,
    /// As they came, in the order of the entries.
    pub(super) data: Vec<ReducedDatum>,
    /// Data of alerts older than the source's newest that is known: they correct nothing.
    pub(super) older: Vec<ReducedDatum>,
    pub(super) classes: Classes,
}

/// Classifications by source, classifier, version and class, the last of equals.
pub(super) type Classes = BTreeMap<(String, String, Option<String>, String), Class>;

/// A classification that is saved.
#[derive(Debug)]
pub(super) struct Class {
    pub(super) said: Classification,
    /// Whether it came with an older alert than the source's newest that is known: it has no time of its
    /// own, and what is there stays.
    pub(super) is_older: bool,
}

/// The work of one save.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) groups: Vec<Group>,
    /// Keys that get an owner by this save.
    pub(super) claims: Vec<(String, i64)>,
    pub(super) saved: Saved,
}

/// All keys of entries that can be kept, each once.
pub(super) fn keys(entries: &[Entry]) -> Vec<String> {
    let mut keys: Vec<_> = entries.iter().flat_map(matching::keys).map(|(_, key)| key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

impl Plan {
    /// Works out what a save of these entries does to what is known.
    pub(super) fn of(entries: Vec<Entry>, mut known: Known, policy: &Policy, now: DateTime<Utc>) -> Self {
        let mut plan = Self { groups: Vec::new(), claims: Vec::new(), saved: Saved::default() };
        let mut places = HashMap::new();
        for entry in entries {
            let name = entry.target.name.clone();
            let saved = match check(&entry) {
                Ok(()) => plan.take(entry, &mut known, &mut places, policy, now),
                Err(error) => refused(name, error),
            };
            plan.saved.targets.push(saved);
        }
        plan
    }

    fn take(
        &mut self,
        entry: Entry,
        known: &mut Known,
        places: &mut HashMap<i64, usize>,
        policy: &Policy,
        now: DateTime<Utc>,
    ) -> SavedTarget {
        let keys = matching::keys(&entry);
        let owners: Vec<_> = keys.iter().map(|(_, key)| known.owners.get(key).copied()).collect();
        if owners.contains(&Some(IGNORED)) {
            return SavedTarget::new(None, entry.target.name, Outcome::Ignored);
        }
        let candidates: Vec<_> = keys
            .iter()
            .zip(&owners)
            .filter_map(|((own_id, _), owner)| Some(Candidate::new(TargetId((*owner)?), *own_id)))
            .collect();
        let decision = matching::decide(&entry, &candidates, policy);
        let (id, is_new) = match decision.target {
            Some(TargetId(id)) => (id, false),
            None => {
                known.last += 1;
                (known.last, true)
            }
        };
        let mut said = entry.sighting(now);
        // What only brings data says nothing of a target that is there, its names included.
        let says_names = is_new || !entry.data_only;
        for ((own_id, key), owner) in keys.into_iter().zip(owners).filter(|_| says_names) {
            match owner {
                None => {
                    known.owners.insert(key.clone(), id);
                    self.claims.push((key, id));
                }
                Some(owner) if owner != id && !own_id => {
                    let all = std::iter::once(&said.name).chain(&said.aliases);
                    let taken: Vec<_> = all.filter(|name| matching::name_key(name) == key).cloned().collect();
                    said.taken.extend(taken);
                }
                Some(_) => {}
            }
        }
        let n = *places.entry(id).or_insert_with(|| {
            self.groups.push(Group::of(id, known.targets.remove(&id)));
            self.groups.len() - 1
        });
        let Some(group) = self.groups.get_mut(n) else {
            // Every place is that of a group; the entry is told rather than dropped.
            let error = Error::new(crate::error::ErrorKind::Store, "the entry has no place in the plan");
            return refused(entry.target.name, error);
        };
        let is_older = group.knows_later(&said);
        let outcome = if is_new {
            group.add(said);
            group.settle();
            Outcome::Created
        } else if !entry.data_only && group.add(said) && group.settle() {
            Outcome::Updated
        } else {
            Outcome::Unchanged
        };
        let name = group.target.name.clone();
        match is_older && entry.provenance.own_data {
            true => group.older.extend(entry.data),
            false => group.data.extend(entry.data),
        }
        for c in entry.classifications {
            let key = (entry.source.clone(), c.classifier.clone(), c.version.clone(), c.class.clone());
            match group.classes.entry(key) {
                Slot::Occupied(_) if is_older => {}
                Slot::Occupied(mut kept) => *kept.get_mut() = Class { said: c, is_older },
                Slot::Vacant(free) => {
                    free.insert(Class { said: c, is_older });
                }
            }
        }
        SavedTarget { id: Some(TargetId(id)), name, outcome, conflict: decision.conflict }
    }
}

fn refused(name: String, error: Error) -> SavedTarget {
    SavedTarget::new(None, name, Outcome::Refused(error))
}

impl Group {
    fn of(id: i64, known: Option<(Target, Vec<Sighting>)>) -> Self {
        let is_known = known.is_some();
        let (target, sightings) = known.unwrap_or_else(|| (target_of(&[]), Vec::new()));
        Self {
            id,
            known: is_known,
            target,
            changed: false,
            written: vec![false; sightings.len()],
            sightings,
            data: Vec::new(),
            older: Vec::new(),
            classes: Classes::new(),
        }
    }

    /// Whether the source has said something later of the object than this.
    fn knows_later(&self, said: &Sighting) -> bool {
        let same = |s: &&Sighting| s.source == said.source && s.object_id == said.object_id;
        self.sightings.iter().find(same).is_some_and(|kept| said.is_before(kept))
    }

    /// Takes in a sighting; whether a row of it is to be written.
    fn add(&mut self, said: Sighting) -> bool {
        let same = |s: &Sighting| s.source == said.source && s.object_id == said.object_id;
        match self.sightings.iter().position(same) {
            Some(n) => {
                let changed = self.sightings.get_mut(n).is_some_and(|kept| kept.merge(&said));
                if let Some(written) = self.written.get_mut(n) {
                    *written |= changed;
                }
                changed
            }
            None => {
                self.sightings.push(said);
                self.written.push(true);
                true
            }
        }
    }

    /// Makes the target anew; whether it reads otherwise.
    fn settle(&mut self) -> bool {
        let target = target_of(&self.sightings);
        let changed = target != self.target;
        if changed {
            self.target = target;
            self.changed = true;
        }
        changed
    }

    /// Whether the target itself is to be written.
    #[cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "stores of a database write these alone"))]
    pub(super) fn is_written(&self) -> bool {
        self.changed || !self.known
    }

    /// The rows of the data, and none are left behind.
    pub(super) fn take_rows(&mut self) -> Vec<Row> {
        rows(std::mem::take(&mut self.older), std::mem::take(&mut self.data))
    }
}

/// One datum as a row: in the order of source and key, each once.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) key: String,
    pub(super) datum: ReducedDatum,
    /// Whether it is of an older alert than the newest known, so that what is there stays.
    pub(super) is_older: bool,
}

/// Data as rows. Of equals those of an older alert count least and the last most, but a detection before a
/// limit, and what a survey took back before what it did not.
fn rows(older: Vec<ReducedDatum>, data: Vec<ReducedDatum>) -> Vec<Row> {
    let row = |is_older| move |datum: ReducedDatum| Row { key: datum.key(), datum, is_older };
    let mut rows: Vec<Row> =
        older.into_iter().map(row(true)).chain(data.into_iter().map(row(false))).collect();
    // Stable, so that equals stay in their order.
    rows.sort_by(|a, b| (&a.datum.source_name, &a.key).cmp(&(&b.datum.source_name, &b.key)));
    rows.dedup_by(|later, kept| {
        let same = later.key == kept.key && later.datum.source_name == kept.datum.source_name;
        if same && replaces(kept, later) {
            std::mem::swap(later, kept);
        }
        same
    });
    rows
}

/// Whether a later row of one save counts before an earlier one of the same key.
fn replaces(kept: &Row, later: &Row) -> bool {
    let taken_back = |row: &Row| row.datum.withdrawn.is_some();
    if kept.is_older != later.is_older {
        return kept.is_older && taken_back(later) >= taken_back(kept);
    }
    let weight = |row: &Row| (taken_back(row), !row.datum.is_limit());
    weight(later) >= weight(kept)
}

/// What saving does to a row that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// The old value is kept as superseded.
    Corrected,
    /// Its survey took it back, or its place changed: no other value.
    Marked,
    Unchanged,
}

/// What saving a row does to the one that is there. A row that its survey took back stays so, and one of an
/// older alert corrects nothing.
pub(super) fn change(row: (bool, bool), old_withdrawn: bool, same_value: bool, same_rest: bool) -> Change {
    let (is_older, new_withdrawn) = row;
    if (old_withdrawn || is_older) && !new_withdrawn {
        return Change::Unchanged;
    }
    match (same_value, same_rest) {
        (false, _) => Change::Corrected,
        (true, false) => Change::Marked,
        (true, true) => Change::Unchanged,
    }
}

/// Whether the store answered for every entry.
pub(crate) fn complete(saved: &Saved, entries: usize) -> Result<()> {
    if saved.targets.len() == entries {
        return Ok(());
    }
    let text = format!("the store reports on {} of {entries} entries", saved.targets.len());
    Err(Error::new(crate::error::ErrorKind::Store, text))
}
