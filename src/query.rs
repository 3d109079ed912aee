//! `BrokerQuery`: a query that is kept under a name, TOM Toolkit's saved query.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::form::Parameters;

/// A query that is kept under a name.
///
/// ```
/// # async fn run() -> tom_alerts::Result<()> {
/// use tom_alerts::{BrokerQuery, MemoryStore, store::QueryStore};
/// # let parameters = Default::default();
/// let store = MemoryStore::new();
/// let saved = store.save_query(&BrokerQuery::new("young SNe", "ALeRCE", parameters)).await?;
/// assert!(saved.id > 0 && saved.last_run.is_none());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BrokerQuery {
    /// The store's number of it, which stays when it is renamed; 0 before it is saved.
    #[serde(default)]
    pub id: i64,
    /// The name, unique in a store: saving a query of this name with `id` 0 updates it.
    pub name: String,
    /// The broker's name.
    pub broker: String,
    /// What the broker is asked.
    pub parameters: Parameters,
    /// When it was first saved.
    pub created: DateTime<Utc>,
    /// When it was last saved.
    pub modified: DateTime<Utc>,
    /// When a run of it was last begun. Only runs set it.
    pub last_run: Option<DateTime<Utc>>,
    /// Where the next run goes on, when the last one was interrupted: a
    /// [`ResumeToken`](crate::ResumeToken) as text. Only runs set it, with the rows that it covers.
    pub resume: Option<String>,
}

impl BrokerQuery {
    /// A query that is not saved yet. [`QueryStore::save_query`](crate::store::QueryStore::save_query) keeps it.
    #[must_use]
    pub fn new(name: impl Into<String>, broker: impl Into<String>, parameters: Parameters) -> Self {
        let now = Utc::now();
        Self {
            id: 0,
            name: name.into(),
            broker: broker.into(),
            parameters,
            created: now,
            modified: now,
            last_run: None,
            resume: None,
        }
    }
}
