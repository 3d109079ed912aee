//! Where targets, their data and saved queries are kept: `TargetStore` and what goes into it.
//!
//! A store keeps what each source said; the target follows from it by a fixed function,
//! [`target_of`](crate::target::target_of), so that neither the order of saving nor the number of programs
//! that save makes a difference.
//!
//! | a row | is | rule |
//! |---|---|---|
//! | name | a name of one target, or a source's own id of it | claimed by the first, kept under the target's number |
//! | [`Sighting`] | what one source says of one target | each field keeps the time it was observed; only a later one replaces it, and `None` replaces nothing |
//! | datum | one point as one source gives it | a correction replaces it and the old value is kept; one that its survey took back is no measurement any more |
//! | progress | how far a run, a query, a partition has come | written with the rows that it covers |

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::error::{Error, ErrorKind, Result};
use crate::reduced_datum::ReducedDatum;
use crate::target::{Edit, Sighting, Target};

mod check;
mod edits;
mod entry;
mod matching;
mod memory;
mod plan;
mod progress;
mod queries;
#[cfg(feature = "sqlite")]
mod sqlite;

use edits::edited;
pub use entry::{
    Conflict, Counts, Entry, History, Outcome, Save, Saved, SavedTarget, SourcedClassification, StoredTarget,
    Superseded, TargetId,
};
pub use matching::{Candidate, Decision, Policy, decide};
pub use memory::MemoryStore;
pub(crate) use plan::complete;
pub use progress::{Advance, Claim, Claimed, DeadLetter, Fence, Progress, Report, Scope};
pub use queries::QueryStore;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;

/// A place that keeps targets with their data and classifications.
///
/// What goes in comes out the same: numbers bit for bit, ids as text, times to the microsecond
/// (what is finer is cut off). A call that fails leaves the store as it was; one whose future is
/// dropped is done whole or not at all. Every method may be called from many tasks at once. A target is
/// found by any of its names; what it is called may change, its number does not.
///
/// A store of your own passes `tom_alerts::testing::store::check` (feature `testing`), each part of it that
/// its [`guarantees`](Self::guarantees) promise.
///
/// ```
/// use tom_alerts::store::{Entry, MemoryStore, TargetStore};
/// use tom_alerts::Target;
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let store = MemoryStore::new();
/// let entry = Entry::new(Target::sidereal("ZTF20acobvxk", 37.67, -14.57)?, "ALeRCE");
/// assert_eq!(store.save_all(&[entry.clone()]).await?.outcomes(), ["created"]);
/// assert_eq!(store.save_all(&[entry]).await?.outcomes(), ["unchanged"]);
/// # Ok::<(), tom_alerts::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[async_trait]
pub trait TargetStore: Debug + Send + Sync + 'static {
    /// Saves everything or nothing; saving the same again changes nothing.
    ///
    /// An entry finds its target by the source's own id and by its names ([`decide`]); its fields are merged
    /// into what the same source said before ([`Sighting`]). An entry that cannot be kept is
    /// [refused](Outcome::Refused) alone. A datum replaces the one with the same target, `source_name` and
    /// [`key`](ReducedDatum::key), a classification the one with the same target, source, classifier, version
    /// and class; the old value goes into the [`History`]. Of equals within one call the last counts, but a
    /// detection before a limit.
    ///
    /// # Errors
    /// [`ErrorKind::Fenced`] when an advance is not under the last claim of its scope,
    /// [`ErrorKind::Unsupported`] for advances, reports or dead letters without a
    /// [`query_store`](Self::query_store). [`ErrorKind::Store`] when the store fails, retryable where
    /// the entries are not at fault, such as for a disk without room: an ingest stops there, and its
    /// resume token leads to what was not saved.
    async fn save(&self, save: Save) -> Result<Saved>;

    /// Saves entries alone.
    ///
    /// # Errors
    /// As [`save`](Self::save).
    async fn save_all(&self, entries: &[Entry]) -> Result<Saved> {
        self.save(Save::of(entries.to_vec())).await
    }

    /// The target that has this name, with its number.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn find(&self, name: &str) -> Result<Option<StoredTarget>>;

    /// The target that has this name.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn target(&self, name: &str) -> Result<Option<Target>> {
        Ok(self.find(name).await?.map(|found| found.target))
    }

    /// Up to `limit` targets in the order of their numbers, those behind the number `after`.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn targets(&self, after: Option<TargetId>, limit: usize) -> Result<Vec<StoredTarget>>;

    /// How many targets there are.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn count_targets(&self) -> Result<u64>;

    /// What each source says of a target, by source and its own id.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn sightings(&self, id: TargetId) -> Result<Vec<Sighting>>;

    /// The data of a target, oldest first, those of one instant by key and source; none for a
    /// name that is not there. What a survey took back is not among them.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn reduced_data(&self, name: &str) -> Result<Vec<ReducedDatum>>;

    /// The classifications of a target by source, classifier, version, rank and class; none for a
    /// name that is not there.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn classifications(&self, name: &str) -> Result<Vec<SourcedClassification>>;

    /// What was corrected or taken back of a target's data and classifications.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn history(&self, id: TargetId) -> Result<History>;

    /// Takes in what a user says of a target, which counts before every source; `None` when there is no
    /// such target. [`Word::Unset`](crate::target::Word::Unset) brings the sources' value back.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for a value that cannot be kept, or a name that another target has;
    /// [`ErrorKind::Store`]; [`ErrorKind::Unsupported`] where the store cannot.
    async fn edit(&self, id: TargetId, edit: &Edit) -> Result<Option<StoredTarget>>;

    /// Removes a target with everything that hangs on it; false when there was none. Its number is not
    /// given again.
    ///
    /// # Errors
    /// [`ErrorKind::Store`]; [`ErrorKind::Unsupported`] where the store cannot.
    async fn delete(&self, id: TargetId, how: Deletion) -> Result<bool>;

    /// When the data of an object of a source were last fetched whole; an ingest that goes on does not ask
    /// for them again.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn fetched(&self, source: &str, object_id: &str) -> Result<Option<DateTime<Utc>>>;

    /// What the store promises.
    fn guarantees(&self) -> Guarantees;

    /// The part that keeps saved queries and progress, if there is one.
    fn query_store(&self) -> Option<&dyn QueryStore> {
        None
    }

    /// The same part, for a call that needs it.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when there is none.
    fn queries_or_fail(&self) -> Result<&dyn QueryStore> {
        let text = "this store keeps no saved queries; use one that does, such as SQLite";
        self.query_store().ok_or_else(|| Error::new(ErrorKind::Unsupported, text))
    }
}

/// What becomes of a target that is deleted, at its next listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// It is made anew.
    Forget,
    /// It is not made again: entries with one of its names or ids are [ignored](Outcome::Ignored).
    Ignore,
}

/// What a store promises; the contract suite has one part for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a promise of its own")]
pub struct Guarantees {
    /// A save is done whole or not at all.
    pub atomic: bool,
    /// What goes in comes out the same, bit for bit.
    pub exact: bool,
    /// A corrected value replaces the old one, which is kept.
    pub corrects: bool,
    /// Targets can be deleted.
    pub deletes: bool,
    /// Progress is saved with the rows it covers, and only under the last claim.
    pub fenced: bool,
    /// Several programs may write at once.
    pub concurrent_writers: bool,
}

impl Guarantees {
    /// Everything.
    pub const ALL: Self = Self {
        atomic: true,
        exact: true,
        corrects: true,
        deletes: true,
        fenced: true,
        concurrent_writers: true,
    };
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
