//! `BrokerQuery`: a query that is kept under a name, TOM Toolkit's saved query.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::alert::AnyAlert;
use crate::broker::{GenericBroker, Parameters};
use crate::error::{Error, ErrorKind, Result};
use crate::registry::Registry;
use crate::store::TargetStore;
use crate::stream::AlertStream;

/// A query that is kept under a name.
///
/// ```
/// # async fn run() -> tom_alerts::Result<()> {
/// use tom_alerts::{BrokerQuery, MemoryStore, TargetStore};
/// # let parameters = Default::default();
/// let store = MemoryStore::new();
/// let saved = store.save_query(&BrokerQuery::new("young SNe", "ALeRCE", parameters)).await?;
/// assert!(saved.id > 0 && saved.last_run.is_none());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BrokerQuery {
    /// The store's number of it; 0 before it is saved.
    #[serde(default)]
    pub id: i64,
    /// The name, unique in a store: saving another query of this name updates it.
    pub name: String,
    /// The broker's name.
    pub broker: String,
    /// What the broker is asked.
    pub parameters: Parameters,
    /// When it was first saved.
    pub created: DateTime<Utc>,
    /// When it was last saved.
    pub modified: DateTime<Utc>,
    /// When a run of it was last begun.
    pub last_run: Option<DateTime<Utc>>,
    /// A [`ResumeToken`](crate::ResumeToken) as text, for a program that goes on where its last run
    /// left the listing. Stores keep it; [`run`](Self::run) begins anew and leaves it alone.
    pub resume: Option<String>,
}

impl BrokerQuery {
    /// A query that is not saved yet. [`TargetStore::save_query`] keeps it.
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

    /// Checks a form of a broker and keeps it under a name, as TOM Toolkit's
    /// `GenericQueryForm.save`; a second save under the same name updates it.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] with all faults of the form, or for an empty name; the store's errors.
    pub async fn save(
        name: &str,
        broker: &dyn GenericBroker,
        parameters: &Parameters,
        store: &dyn TargetStore,
    ) -> Result<Self> {
        if name.trim().is_empty() {
            return Err(Error::new(ErrorKind::Input, "a query needs a name"));
        }
        let parameters = broker.check(parameters)?;
        store.save_query(&Self::new(name, broker.info().name, parameters)).await
    }

    /// The alerts that answer it now; `last_run` is kept in the store. It says when this was called, and
    /// nothing of how far the listing came: what goes on from a run keeps its resume token.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when its broker is not there, [`ErrorKind::Input`] when its form has
    /// changed since, the store's errors.
    pub async fn run(
        &mut self,
        registry: &Registry,
        store: &dyn TargetStore,
    ) -> Result<AlertStream<AnyAlert>> {
        let alerts = registry.broker(&self.broker)?.fetch_alerts(&self.parameters)?;
        self.last_run = Some(Utc::now());
        *self = store.save_query(self).await?;
        Ok(alerts)
    }
}
