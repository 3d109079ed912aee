//! A store in front of another one, which refuses entries or fails as a function says.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tom_alerts::store::{Entry, Outcome, Save, Saved, SavedTarget, TargetStore};
use tom_alerts::{Error, ErrorKind, Result};

/// What a front says of an entry: [`ErrorKind::Input`] refuses it alone, any other kind fails the save.
pub(crate) type Refuses = fn(&Entry) -> Option<ErrorKind>;

/// A store in front of another one.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) inner: Arc<dyn TargetStore>,
    pub(crate) refuses: Refuses,
    pub(crate) locked: bool,
    pub(crate) tries: AtomicUsize,
}

impl Front {
    pub(crate) fn new(inner: Arc<dyn TargetStore>, refuses: Refuses) -> Self {
        Self { inner, refuses, locked: false, tries: AtomicUsize::new(0) }
    }
}

/// Saves what is not refused, and reports on every entry in its order.
pub(crate) async fn save_others(
    inner: &dyn TargetStore,
    mut save: Save,
    refuses: impl Fn(&Entry) -> Option<Error>,
) -> Result<Saved> {
    let entries = std::mem::take(&mut save.entries);
    let mut refused = Vec::new();
    for (n, entry) in entries.into_iter().enumerate() {
        match refuses(&entry) {
            Some(error) => refused.push((n, entry.target.name, error)),
            None => save.entries.push(entry),
        }
    }
    let mut saved = inner.save(save).await?;
    for (n, name, error) in refused {
        saved.targets.insert(n, SavedTarget::new(None, name, Outcome::Refused(error)));
    }
    Ok(saved)
}

impl Front {
    async fn save_others(&self, save: Save) -> Result<Saved> {
        self.tries.fetch_add(1, Ordering::Relaxed);
        let kind = save.entries.iter().filter_map(self.refuses).find(|kind| *kind != ErrorKind::Input);
        if let Some(kind) = kind {
            return Err(Error::new(kind, "this is not taken").retryable(self.locked));
        }
        let refused = |entry: &Entry| Some(Error::new((self.refuses)(entry)?, "this is not taken"));
        save_others(&*self.inner, save, refused).await
    }
}

/// The methods of a store that hand on to another one, all but `save`.
macro_rules! forward_store {
    ($store:ty, $inner:tt, $save:ident) => {
        #[async_trait::async_trait]
        impl tom_alerts::TargetStore for $store {
            async fn save(
                &self,
                save: tom_alerts::store::Save,
            ) -> tom_alerts::Result<tom_alerts::store::Saved> {
                self.$save(save).await
            }
            async fn find(&self, name: &str) -> tom_alerts::Result<Option<tom_alerts::store::StoredTarget>> {
                self.$inner.find(name).await
            }

            async fn targets(
                &self,
                after: Option<tom_alerts::store::TargetId>,
                limit: usize,
            ) -> tom_alerts::Result<Vec<tom_alerts::store::StoredTarget>> {
                self.$inner.targets(after, limit).await
            }

            async fn count_targets(&self) -> tom_alerts::Result<u64> {
                self.$inner.count_targets().await
            }

            async fn sightings(
                &self,
                id: tom_alerts::store::TargetId,
            ) -> tom_alerts::Result<Vec<tom_alerts::target::Sighting>> {
                self.$inner.sightings(id).await
            }

            async fn reduced_data(&self, name: &str) -> tom_alerts::Result<Vec<tom_alerts::ReducedDatum>> {
                self.$inner.reduced_data(name).await
            }

            async fn classifications(
                &self,
                name: &str,
            ) -> tom_alerts::Result<Vec<tom_alerts::store::SourcedClassification>> {
                self.$inner.classifications(name).await
            }

            async fn history(
                &self,
                id: tom_alerts::store::TargetId,
            ) -> tom_alerts::Result<tom_alerts::store::History> {
                self.$inner.history(id).await
            }

            async fn edit(
                &self,
                id: tom_alerts::store::TargetId,
                edit: &tom_alerts::target::Edit,
            ) -> tom_alerts::Result<Option<tom_alerts::store::StoredTarget>> {
                self.$inner.edit(id, edit).await
            }

            async fn delete(
                &self,
                id: tom_alerts::store::TargetId,
                how: tom_alerts::store::Deletion,
            ) -> tom_alerts::Result<bool> {
                self.$inner.delete(id, how).await
            }

            async fn fetched(
                &self,
                source: &str,
                object_id: &str,
            ) -> tom_alerts::Result<Option<chrono::DateTime<chrono::Utc>>> {
                self.$inner.fetched(source, object_id).await
            }

            fn guarantees(&self) -> tom_alerts::store::Guarantees {
                self.$inner.guarantees()
            }
        }
    };
}
pub(crate) use forward_store;

forward_store!(Front, inner, save_others);
