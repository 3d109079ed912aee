//! Saved queries: keeping a form under a name, listing what answers it, running it into the store.

use std::time::Duration;

use chrono::Utc;

use super::options::{IngestOptions, Progress};
use super::report::Ingested;
use crate::alert::AnyAlert;
use crate::broker::{GenericBroker, Parameters};
use crate::error::{Error, ErrorKind, Result};
use crate::query::BrokerQuery;
use crate::registry::Registry;
use crate::resume::ResumeToken;
use crate::store::{Claim, Scope, TargetStore};
use crate::stream::AlertStream;

/// A run that has saved nothing for so long may be taken over by another.
const LEASE: Duration = Duration::from_secs(15 * 60);

impl BrokerQuery {
    /// Checks a form of a broker and keeps it under a name, as TOM Toolkit's
    /// `GenericQueryForm.save`; a second save under the same name updates it. Give it the `id` of a kept
    /// query with [`QueryStore::save_query`](crate::store::QueryStore::save_query) to rename one.
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
        store.queries_or_fail()?.save_query(&Self::new(name, broker.info().name, parameters)).await
    }

    /// The alerts that answer it now; nothing is saved but `last_run`, which says when this was called.
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
        let now = Utc::now();
        store.queries_or_fail()?.began(self.id, now).await?;
        self.last_run = Some(now);
        Ok(alerts)
    }
}

/// Runs a saved query into its store: what TOM Toolkit's `runbrokerquery` means.
///
/// The run claims the query, so that two never work on it at once, and goes on where the run before was
/// interrupted. Each batch is saved with the place that it leads to, the report at the end.
///
/// # Errors
/// [`ErrorKind::NotFound`] when there is no such query, [`ErrorKind::Claimed`] while another run works on
/// it, [`ErrorKind::Config`] when its broker is not there, [`ErrorKind::Input`] when its form has changed
/// since; the store's errors. What fails later is in the report.
pub async fn run_query(
    registry: &Registry,
    store: &dyn TargetStore,
    name: &str,
    options: IngestOptions,
) -> Result<Ingested> {
    let queries = store.queries_or_fail()?;
    let query = queries.query(name).await?;
    let text = "there is no saved query of this name";
    let query = query.ok_or_else(|| Error::new(ErrorKind::NotFound, text).with("query", name))?;
    let broker = registry.broker(&query.broker)?;
    let asked = broker.check(&query.parameters)?;
    let scope = Scope::query(query.id);
    let claimed = queries.claim(&scope, &owner(), Claim::IfExpired(LEASE)).await?;
    let started = Utc::now();
    queries.began(query.id, started).await?;
    let mut options = options;
    if options.resume.is_none() {
        // A place that this version does not understand any more, or that it would give to another query, is
        // none: everything comes again.
        let place: Option<ResumeToken> = claimed.place.and_then(|place| place.parse().ok());
        options.resume = place.filter(|place| place.belongs_to(broker.info().name, &asked));
    }
    options.query = Some(query.id);
    options.progress = Some(Progress { scope: scope.clone(), fence: claimed.fence, started });
    let done = broker.fetch_and_save_all(&query.parameters, store, options).await;
    // A run that was taken over has nothing to release.
    match queries.release(&scope, claimed.fence).await {
        Err(error) if error.kind() != ErrorKind::Fenced => done.and(Err(error)),
        _ => done,
    }
}

/// A text that no other run has.
fn owner() -> String {
    use std::hash::{BuildHasher, RandomState};
    format!("{}-{:016x}", std::process::id(), RandomState::new().hash_one(0_u8))
}
