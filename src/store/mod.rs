//! Where targets, their data and saved queries are kept: `TargetStore`, in memory or in SQLite.

use std::fmt;
use std::ops::AddAssign;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::query::BrokerQuery;
use crate::reduced_datum::{Classification, ReducedDatum};
use crate::target::Target;

mod memory;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use memory::MemoryStore;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;

/// A target with what is saved along with it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Entry {
    /// The target; its name is its identity in the store.
    pub target: Target,
    /// The broker that data and classifications came from.
    pub source: String,
    /// Its data. They are kept under the target's name, whatever theirs says.
    pub data: Vec<ReducedDatum>,
    /// What the broker's classifiers say of it.
    pub classifications: Vec<Classification>,
}

impl Entry {
    /// A target that came from a broker, without data.
    #[must_use]
    pub fn new(target: Target, source: impl Into<String>) -> Self {
        Self { target, source: source.into(), data: Vec::new(), classifications: Vec::new() }
    }

    /// Adds data.
    #[must_use]
    pub fn with_data(mut self, data: Vec<ReducedDatum>) -> Self {
        self.data = data;
        self
    }

    /// Adds classifications.
    #[must_use]
    pub fn with_classifications(mut self, classes: Vec<Classification>) -> Self {
        self.classifications = classes;
        self
    }
}

/// What saving did to one target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It was not there before.
    Created,
    /// Something about it is new.
    Updated,
    /// It was there just so.
    Unchanged,
}

/// How many rows were new, changed, and there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// New rows.
    pub created: u64,
    /// Changed rows.
    pub updated: u64,
    /// Rows that were there just so.
    pub unchanged: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
    }
}

impl Counts {
    /// Counts one row.
    pub fn count(&mut self, change: Change) {
        match change {
            Change::Created => self.created += 1,
            Change::Updated => self.updated += 1,
            Change::Unchanged => self.unchanged += 1,
        }
    }
}

/// What a save did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Saved {
    /// One for each entry, in their order.
    pub targets: Vec<Change>,
    /// The reduced data.
    pub data: Counts,
    /// The classifications.
    pub classifications: Counts,
}

/// A classification with the broker that it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourcedClassification {
    /// The broker.
    pub source: String,
    /// What its classifier says.
    #[serde(flatten)]
    pub classification: Classification,
}

/// Keeps targets, their data and saved queries.
///
/// Doing anything twice is doing it once. A target is known by its name: a save takes new
/// coordinates, adds aliases and extras, and forgets none. A point is known by its target, source
/// and [`key`](ReducedDatum::key): a corrected value replaces the old one. A failed save leaves the
/// store as it was. Every store passes the suite in [`testing`](crate::testing).
#[async_trait]
pub trait TargetStore: fmt::Debug + Send + Sync + 'static {
    /// Saves targets with their data, all or none. The normal case is many at once: it is one
    /// transaction.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for a target that may not be stored, [`ErrorKind::Store`] when the
    /// store fails.
    async fn save_all(&self, entries: &[Entry]) -> Result<Saved>;

    /// A target by its name.
    ///
    /// # Errors
    /// [`ErrorKind::Store`] when the store fails; so for all that follow.
    async fn target(&self, name: &str) -> Result<Option<Target>>;

    /// At most so many targets behind a name, in the order of the names' bytes.
    ///
    /// # Errors
    /// As [`target`](Self::target).
    async fn targets(&self, after: Option<&str>, limit: usize) -> Result<Vec<Target>>;

    /// How many targets there are.
    ///
    /// # Errors
    /// As [`target`](Self::target).
    async fn count_targets(&self) -> Result<u64>;

    /// The data of a target, oldest first.
    ///
    /// # Errors
    /// As [`target`](Self::target).
    async fn reduced_data(&self, target: &str) -> Result<Vec<ReducedDatum>>;

    /// The classifications of a target, by source, classifier, version and class.
    ///
    /// # Errors
    /// As [`target`](Self::target).
    async fn classifications(&self, target: &str) -> Result<Vec<SourcedClassification>>;

    /// Keeps a query under its name: a new one gets its number, a known one is updated and keeps
    /// its number and the time of its making.
    ///
    /// # Errors
    /// As [`target`](Self::target).
    async fn save_query(&self, query: &BrokerQuery) -> Result<BrokerQuery>;

    /// All saved queries, by name.
    ///
    /// # Errors
    /// As [`target`](Self::target).
    async fn queries(&self) -> Result<Vec<BrokerQuery>>;

    /// A saved query by its name.
    ///
    /// # Errors
    /// As [`target`](Self::target).
    async fn query(&self, name: &str) -> Result<Option<BrokerQuery>>;

    /// Forgets a saved query; `false` when there was none.
    ///
    /// # Errors
    /// As [`target`](Self::target).
    async fn delete_query(&self, name: &str) -> Result<bool>;
}

/// Opens a store by its address: `memory:`, or `sqlite:PATH` with the feature `sqlite`.
///
/// # Errors
/// [`ErrorKind::Input`] for an address of another sort, [`ErrorKind::Store`] when it cannot be
/// opened.
pub async fn open(address: &str) -> Result<Arc<dyn TargetStore>> {
    match address.split_once(':') {
        Some(("memory", "")) => Ok(Arc::new(MemoryStore::new())),
        #[cfg(feature = "sqlite")]
        Some(("sqlite", path)) if !path.is_empty() => {
            let path = path.strip_prefix("//").unwrap_or(path);
            Ok(Arc::new(SqliteStore::open(path).await?))
        }
        #[cfg(not(feature = "sqlite"))]
        Some(("sqlite", _)) => Err(Error::new(ErrorKind::Input, "sqlite stores need the feature `sqlite`")),
        _ => {
            let text = format!("{address:?} is no store; give sqlite:PATH, or memory: for one that is forgotten");
            Err(Error::new(ErrorKind::Input, text))
        }
    }
}

/// The target that is kept when a known one is saved again, and whether anything is new about it.
fn merged(known: &Target, new: &Target) -> (Target, Change) {
    let mut target = known.clone();
    target.coordinates = new.coordinates.clone();
    for alias in &new.aliases {
        target = target.with_alias(alias);
    }
    target.extras.extend(new.extras.clone());
    let change = if target == *known { Change::Unchanged } else { Change::Updated };
    (target, change)
}
