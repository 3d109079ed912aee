//! What goes into a store and what comes of it: `Entry`, `Save`, `Saved`.

use std::fmt;
use std::ops::AddAssign;

use chrono::{DateTime, Utc};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use super::progress::{Advance, DeadLetter, Report};
use crate::alert::AnyAlert;
use crate::error::{Error, Result};
use crate::provenance::Provenance;
use crate::reduced_datum::{Classification, ReducedDatum};
use crate::target::{Sighting, Stamp, Target};

/// The number of a target in its store: it never changes and is never given again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TargetId(pub i64);

impl fmt::Display for TargetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What one source says of one target at one time, with its data and classifications.
///
/// An entry finds its target by the source's own id of the object and by any of its names.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// What the source says of the target.
    pub target: Target,
    /// The source: a broker's name, or `import`. What a user says goes into
    /// [`TargetStore::edit`](super::TargetStore::edit).
    pub source: String,
    /// Whose object it is and when it was observed.
    pub provenance: Provenance,
    /// The source's score: of what was observed at one time, that with the higher one is kept.
    pub score: Option<f64>,
    /// When the run began: the time of an entry that has none. Without it the time of the save.
    pub run: Option<DateTime<Utc>>,
    /// The saved query that brought it, by its number.
    pub query: Option<i64>,
    /// When `data` were fetched, if they are all that the source has.
    pub fetched: Option<DateTime<Utc>>,
    /// Whether a target that is there is left as it is, and only data and classifications are saved.
    pub data_only: bool,
    /// The data. They are kept under the number of the target, whatever their own `target` says.
    pub data: Vec<ReducedDatum>,
    /// The classifications.
    pub classifications: Vec<Classification>,
}

impl Entry {
    /// A target from a source, without data and classifications.
    #[must_use]
    pub fn new(target: Target, source: impl Into<String>) -> Self {
        Self {
            target,
            source: source.into(),
            provenance: Provenance::default(),
            score: None,
            run: None,
            query: None,
            fetched: None,
            data_only: false,
            data: Vec::new(),
            classifications: Vec::new(),
        }
    }

    /// What a broker's alert says.
    ///
    /// # Errors
    /// Those of [`AnyAlert::to_target`].
    pub fn of(alert: &AnyAlert) -> Result<Self> {
        let entry = Self::new(alert.to_target()?, alert.broker()).with_provenance(alert.provenance());
        Ok(Self { score: alert.generic().score, ..entry })
    }

    /// Data of a target: when the store has it, it stays as it is, else it is made of `target`.
    #[must_use]
    pub fn of_data(target: Target, source: impl Into<String>, data: Vec<ReducedDatum>) -> Self {
        Self { data_only: true, data, ..Self::new(target, source) }
    }

    /// Sets whose object it is and when it was observed.
    #[must_use]
    pub fn with_provenance(mut self, provenance: Provenance) -> Self {
        self.provenance = provenance;
        self
    }

    /// Sets when it was observed.
    #[must_use]
    pub fn observed_at(mut self, time: DateTime<Utc>) -> Self {
        self.provenance.observed_at = Some(time);
        self
    }

    /// The same with these data instead of those it had.
    #[must_use]
    pub fn with_data(mut self, data: Vec<ReducedDatum>) -> Self {
        self.data = data;
        self
    }

    /// The same with these classifications instead of those it had.
    #[must_use]
    pub fn with_classifications(mut self, classifications: Vec<Classification>) -> Self {
        self.classifications = classifications;
        self
    }

    /// What it says of the target, as a row of a store; `now` is the time of the save.
    pub(super) fn sighting(&self, now: DateTime<Utc>) -> Sighting {
        let at = match self.provenance.observed_at {
            Some(time) => Stamp::observed(time, self.score.filter(|score| score.is_finite())),
            None => Stamp::listed(self.run.unwrap_or(now)),
        };
        let mut said = Sighting::of(&self.target, &self.source, &self.provenance, at);
        said.query = self.query;
        said.fetched = self.fetched;
        said
    }
}

/// What is saved together, whole or not at all.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Save {
    /// Targets with their data.
    pub entries: Vec<Entry>,
    /// How far runs have come with these entries.
    pub advances: Vec<Advance>,
    /// Messages that cannot be read.
    pub dead_letters: Vec<DeadLetter>,
    /// What runs report.
    pub reports: Vec<Report>,
}

impl Save {
    /// These entries alone.
    #[must_use]
    pub fn of(entries: Vec<Entry>) -> Self {
        Self { entries, ..Self::default() }
    }

    /// The same with one more place that a run has come to.
    #[must_use]
    pub fn with_advance(mut self, advance: Advance) -> Self {
        self.advances.push(advance);
        self
    }

    /// The same with one more report.
    #[must_use]
    pub fn with_report(mut self, report: Report) -> Self {
        self.reports.push(report);
        self
    }

    /// The same with one more message that cannot be read.
    #[must_use]
    pub fn with_dead_letter(mut self, letter: DeadLetter) -> Self {
        self.dead_letters.push(letter);
        self
    }
}

/// What became of an entry.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// A new target was made of it.
    Created,
    /// The target was there and reads otherwise now.
    Updated,
    /// The target reads as before.
    Unchanged,
    /// The target was deleted with [`Deletion::Ignore`](super::Deletion::Ignore), so nothing was saved.
    Ignored,
    /// It cannot be kept; the other entries were saved.
    Refused(Error),
}

impl Outcome {
    /// The word for it: `created`, `updated`, `unchanged`, `ignored`, `refused`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Ignored => "ignored",
            Self::Refused(_) => "refused",
        }
    }
}

/// A doubt about which target an entry belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Conflict {
    /// The other targets that it might belong to, by number.
    pub with: Vec<TargetId>,
    /// Why, in words.
    pub reason: String,
}

impl Conflict {
    /// A doubt between the target that was chosen and these.
    #[must_use]
    pub fn new(with: Vec<TargetId>, reason: impl Into<String>) -> Self {
        Self { with, reason: reason.into() }
    }
}

/// What became of one entry.
#[derive(Debug)]
#[non_exhaustive]
pub struct SavedTarget {
    /// The number of its target; `None` when it was refused or ignored.
    pub id: Option<TargetId>,
    /// The name of its target, or the entry's own when it was refused or ignored.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
    /// A doubt about the target, where there is one.
    pub conflict: Option<Conflict>,
}

impl SavedTarget {
    /// What became of an entry, without a doubt.
    #[must_use]
    pub fn new(id: Option<TargetId>, name: impl Into<String>, outcome: Outcome) -> Self {
        Self { id, name: name.into(), outcome, conflict: None }
    }
}

impl Serialize for SavedTarget {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_struct("SavedTarget", 5)?;
        row.serialize_field("id", &self.id)?;
        row.serialize_field("name", &self.name)?;
        row.serialize_field("outcome", self.outcome.as_str())?;
        if let Outcome::Refused(error) = &self.outcome {
            row.serialize_field("error", &error.to_string())?;
        }
        if let Some(conflict) = &self.conflict {
            row.serialize_field("conflict", conflict)?;
        }
        row.end()
    }
}

/// How many rows saving created, updated and left as they were.
///
/// Rows that one call brings twice count once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Not there before.
    pub created: u64,
    /// There before, with another value.
    pub updated: u64,
    /// There before as they are.
    pub unchanged: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
    }
}

/// What a save did.
#[derive(Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Saved {
    /// What became of each entry, in the order of the entries.
    pub targets: Vec<SavedTarget>,
    /// What became of the data.
    pub data: Counts,
    /// What became of the classifications.
    pub classifications: Counts,
}

impl Saved {
    /// The word for what became of each entry.
    #[must_use]
    pub fn outcomes(&self) -> Vec<&'static str> {
        self.targets.iter().map(|target| target.outcome.as_str()).collect()
    }

    /// The first error of an entry that was refused.
    #[must_use]
    pub fn refused(&self) -> Option<&Error> {
        self.targets.iter().find_map(|target| match &target.outcome {
            Outcome::Refused(error) => Some(error),
            _ => None,
        })
    }
}

/// A classification with the broker it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SourcedClassification {
    /// The broker.
    pub source: String,
    /// What the broker's classifier says.
    #[serde(flatten)]
    pub classification: Classification,
}

impl SourcedClassification {
    /// A classification of a broker.
    #[must_use]
    pub fn new(source: impl Into<String>, classification: Classification) -> Self {
        Self { source: source.into(), classification }
    }
}

/// A target as a store has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StoredTarget {
    /// Its number.
    pub id: TargetId,
    /// The target that follows from its sightings.
    #[serde(flatten)]
    pub target: Target,
    /// When it was made; `None` for one that a store of version 0.1 held.
    pub created: Option<DateTime<Utc>>,
    /// When it last changed.
    pub modified: Option<DateTime<Utc>>,
}

impl StoredTarget {
    /// A target with its number and times.
    #[must_use]
    pub fn new(
        id: TargetId,
        target: Target,
        created: Option<DateTime<Utc>>,
        modified: Option<DateTime<Utc>>,
    ) -> Self {
        Self { id, target, created, modified }
    }
}

/// What a target's data and classifications were before: what the sources corrected or took back.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct History {
    /// Data that another value of the same source replaced, oldest replacement first.
    pub data: Vec<Superseded<ReducedDatum>>,
    /// Data that their survey took back: no measurements.
    pub withdrawn: Vec<ReducedDatum>,
    /// Classifications that another probability or rank replaced.
    pub classifications: Vec<Superseded<SourcedClassification>>,
}

/// A value that was replaced.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Superseded<T> {
    /// When it was replaced in the store.
    pub replaced: DateTime<Utc>,
    /// As it was.
    #[serde(flatten)]
    pub value: T,
}

impl<T> Superseded<T> {
    /// A value that was replaced then.
    #[must_use]
    pub fn new(replaced: DateTime<Utc>, value: T) -> Self {
        Self { replaced, value }
    }
}
