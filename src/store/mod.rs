//! Where targets, their data and saved queries are kept: `TargetStore` and what goes into it.

use std::fmt::Debug;
use std::ops::AddAssign;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::query::BrokerQuery;
use crate::reduced_datum::{Classification, ReducedDatum};
use crate::target::Target;

mod memory;
pub(crate) mod rules;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use memory::MemoryStore;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;

/// What is saved together: a target, and what one broker knows of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// The target; one of the same name in the store is brought up to date with it.
    pub target: Target,
    /// The broker that the classifications come from, and by custom the data too.
    pub source: String,
    /// The data. They are kept under the name of `target`, whatever their own `target` says.
    pub data: Vec<ReducedDatum>,
    /// The classifications.
    pub classifications: Vec<Classification>,
}

impl Entry {
    /// A target from a broker, without data and classifications.
    #[must_use]
    pub fn new(target: Target, source: impl Into<String>) -> Self {
        Self { target, source: source.into(), data: Vec::new(), classifications: Vec::new() }
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
}

/// What saving did to a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It was not there before.
    Created,
    /// It was there and differs now.
    Updated,
    /// It was there as it is.
    Unchanged,
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

/// What a save did; a store begins with the `Default` and fills it in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Saved {
    /// What became of each entry's target, in the order of the entries.
    pub targets: Vec<Change>,
    /// What became of the data.
    pub data: Counts,
    /// What became of the classifications.
    pub classifications: Counts,
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

/// A place that keeps targets, their data and classifications, and saved queries.
///
/// What goes in comes out the same: numbers bit for bit, ids as text, times to the microsecond
/// (what is finer is cut off). A call that fails leaves the store as it was; one whose future is
/// dropped is done whole or not at all. Every method may be called from many tasks at once.
///
/// A store of your own passes `tom_alerts::testing::store::check` (feature `testing`).
///
/// ```
/// use tom_alerts::store::{Change, Entry, MemoryStore, TargetStore};
/// use tom_alerts::Target;
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let store = MemoryStore::new();
/// let entry = Entry::new(Target::sidereal("ZTF20acobvxk", 37.67, -14.57)?, "ALeRCE");
/// assert_eq!(store.save_all(&[entry.clone()]).await?.targets, [Change::Created]);
/// assert_eq!(store.save_all(&[entry]).await?.targets, [Change::Unchanged]);
/// # Ok::<(), tom_alerts::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[async_trait]
pub trait TargetStore: Debug + Send + Sync + 'static {
    /// Saves all entries or none; saving the same again changes nothing.
    ///
    /// A target that is there by name gets the new coordinates, the aliases it lacks and the
    /// extras that are new or differ; what it has beside stays. A datum replaces the one with the
    /// same target, `source_name` and [`key`](ReducedDatum::key); a classification replaces the
    /// one with the same target, source, classifier, version and class. Of equals within one call
    /// the last counts. Entries of one name are merged in their order.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] naming the target and what of it cannot be kept: a number that is not
    /// finite, an empty name, a NUL in a text. [`ErrorKind::Store`] when the store fails, retryable where
    /// the entries are not at fault, such as for a disk without room: an ingest stops there, and its
    /// resume token leads to what was not saved.
    async fn save_all(&self, entries: &[Entry]) -> Result<Saved>;

    /// The target of this name, byte for byte; aliases are not looked at.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn target(&self, name: &str) -> Result<Option<Target>>;

    /// Up to `limit` targets in the byte order of their names, those behind the name `after`.
    ///
    /// The name of the last one is the `after` of the next page.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn targets(&self, after: Option<&str>, limit: usize) -> Result<Vec<Target>>;

    /// How many targets there are.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn count_targets(&self) -> Result<u64>;

    /// The data of a target, oldest first, those of one instant by key and source; none for a
    /// name that is not there.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn reduced_data(&self, target: &str) -> Result<Vec<ReducedDatum>>;

    /// The classifications of a target by source, classifier, version, rank and class; none for a
    /// name that is not there.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn classifications(&self, target: &str) -> Result<Vec<SourcedClassification>>;

    /// Keeps a query under its name and returns it as it is kept.
    ///
    /// A name that is not there is a new query with a new id. One that is there keeps its id and
    /// `created` and takes over the rest. `modified` is set to now; the `id` given does not matter.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] when the name is empty or a text holds a NUL; [`ErrorKind::Store`].
    async fn save_query(&self, query: &BrokerQuery) -> Result<BrokerQuery>;

    /// All saved queries in the byte order of their names.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn queries(&self) -> Result<Vec<BrokerQuery>>;

    /// The saved query of this name.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn query(&self, name: &str) -> Result<Option<BrokerQuery>>;

    /// Removes a saved query; false when there was none. Its id is not given again.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn delete_query(&self, name: &str) -> Result<bool>;
}

/// What [`open`] understands, for its errors.
const KNOWN: &str = "known: memory:, sqlite:PATH, sqlite::memory:";

/// Opens the store that a URL names: `memory:`, `sqlite:PATH` or `sqlite::memory:`.
///
/// The path is taken as it is, relative to the working directory, without escapes or options;
/// `sqlite://PATH` is the same. A file that is not there is made.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let store = tom_alerts::store::open("memory:").await?;
/// assert_eq!(store.count_targets().await?, 0);
/// # Ok::<(), tom_alerts::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ErrorKind::Config`] for a URL of another sort, or of a store that is not in this build;
/// [`ErrorKind::Store`] when the store cannot be opened.
pub async fn open(url: &str) -> Result<Arc<dyn TargetStore>> {
    match url.split_once(':') {
        Some(("memory", "")) => Ok(Arc::new(MemoryStore::new())),
        Some(("sqlite", place)) => open_sqlite(place).await,
        Some((scheme, _)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+') => {
            Err(Error::new(ErrorKind::Config, format!("no store is called {scheme:?}; {KNOWN}")))
        }
        _ => Err(Error::new(ErrorKind::Config, format!("a store is named by a URL; {KNOWN}"))),
    }
}

#[cfg(feature = "sqlite")]
async fn open_sqlite(place: &str) -> Result<Arc<dyn TargetStore>> {
    match place.strip_prefix("//").unwrap_or(place) {
        "" => Err(Error::new(ErrorKind::Config, "the store's URL names no file; write sqlite:PATH")),
        ":memory:" => Ok(Arc::new(SqliteStore::in_memory().await?)),
        path if path.contains('?') => {
            let text = "a store's URL is sqlite:PATH without parameters after a ?";
            Err(Error::new(ErrorKind::Config, text))
        }
        path => Ok(Arc::new(SqliteStore::open(path).await?)),
    }
}

#[cfg(not(feature = "sqlite"))]
async fn open_sqlite(_: &str) -> Result<Arc<dyn TargetStore>> {
    let text = "this build has no SQLite store; build with the feature `sqlite`, or use memory:";
    Err(Error::new(ErrorKind::Config, text))
}
