//! From an item of a listing to an entry for the store: the whole alert where the listing lacks it, the
//! target, the data.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use futures_util::future;

use super::once::Once;
use super::options::IngestOptions;
use super::report::Failure;
use crate::alert::AnyAlert;
use crate::broker::GenericBroker;
use crate::error::{Error, Result};
use crate::reduced_datum::ReducedDatum;
use crate::resume::ResumeToken;
use crate::store::{Entry, TargetStore};

/// An item of the listing on its way into the store.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) entry: Option<Entry>,
    pub(super) failures: Vec<Failure>,
    pub(super) notes: Vec<String>,
    /// Where the listing goes on behind it.
    pub(super) behind: Option<ResumeToken>,
    /// Whether a request of its own was answered, for good or bad: the service is there.
    pub(super) answered: bool,
    /// Whether it was left alone, as the run had ended.
    pub(super) skipped: bool,
}

impl Ready {
    fn new(behind: Option<ResumeToken>) -> Self {
        let (failures, notes) = (Vec::new(), Vec::new());
        Self { entry: None, failures, notes, behind, answered: false, skipped: false }
    }

    fn fail(&mut self, id: &str, name: &str, stage: &'static str, error: Error) {
        self.failures.push(Failure::new(id, name, stage, error));
    }

    /// The failure that ends the listing, if one does.
    pub(super) fn end_of_listing(&self) -> Option<usize> {
        self.failures.iter().position(|failure| failure.stage == LISTING)
    }

    /// The failure after which the service is not to be asked before a time.
    pub(super) fn later(&self) -> Option<usize> {
        self.failures.iter().position(|failure| failure.error.comes_back_later())
    }

    /// The failure that may be the service's rather than the object's.
    pub(super) fn doubtful(&self) -> Option<usize> {
        self.failures.iter().position(|failure| failure.error.is_passing())
    }
}

/// The stage of a failure that ends the listing.
pub(super) const LISTING: &str = "listing";

/// What all items of a run share.
pub(super) struct Preparing<'a> {
    pub(super) broker: &'a dyn GenericBroker,
    pub(super) store: &'a dyn TargetStore,
    pub(super) options: &'a IngestOptions,
    pub(super) started: DateTime<Utc>,
    pub(super) once: Once,
    /// Set when the run has ended: nothing more is asked for.
    pub(super) ended: Arc<AtomicBool>,
}

impl Preparing<'_> {
    pub(super) fn is_over(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// Makes an item ready; `requested` says whether it came by a request of its own.
    pub(super) async fn prepare(
        &self,
        item: Result<AnyAlert>,
        behind: Option<ResumeToken>,
        requested: bool,
    ) -> Ready {
        let mut ready = Ready::new(behind);
        ready.answered = requested && item.as_ref().err().is_none_or(|error| !error.is_passing());
        if self.is_over() {
            ready.skipped = true;
            return ready;
        }
        let mut alert = match item {
            Ok(alert) => alert,
            Err(error) => {
                let asked =
                    error.asked().map(|asked| (asked.id().to_owned(), asked.name().map(str::to_owned)));
                let (id, name) = asked.unwrap_or_default();
                let stage = if error.ends_listing() { LISTING } else { "alert" };
                ready.fail(&id, name.as_deref().unwrap_or(&id), stage, error);
                return ready;
            }
        };
        let (id, name) = (alert.generic().id.clone(), alert.generic().name.clone());
        if self.broker.info().listing_lacks_target {
            match self.broker.fetch_alert(&id).await {
                Ok(whole) => (alert, ready.answered) = (whole, true),
                Err(error) => {
                    ready.answered = !error.is_passing();
                    ready.fail(&id, &name, "alert", error);
                    return ready;
                }
            }
        }
        match Entry::of(&alert) {
            Ok(entry) => self.complete(&mut ready, entry, &alert).await,
            Err(error) => ready.fail(&id, &name, "target", error),
        }
        ready
    }

    /// Adds data and classifications, where they are asked for and not there already.
    async fn complete(&self, ready: &mut Ready, mut entry: Entry, alert: &AnyAlert) {
        entry.run = Some(self.started);
        entry.query = self.options.query;
        let wanted = self.options.photometry || self.options.classifications;
        if wanted && !self.is_fresh(&entry).await {
            let whose = &entry.provenance;
            let object = whose.object_id.as_deref().filter(|_| !whose.own_data);
            let turn = self.once.turn(object.unwrap_or(&alert.generic().id));
            let mut done = turn.lock().await;
            if !*done {
                *done = self.fetch(ready, &mut entry, alert).await;
                // Data of one alert are not all of the object.
                if *done && !entry.provenance.own_data {
                    entry.fetched = Some(Utc::now());
                }
            }
        }
        ready.entry = Some(entry);
    }

    /// Whether the store has what the run before this one, of which it is the rest, fetched of the object.
    async fn is_fresh(&self, entry: &Entry) -> bool {
        let whose = &entry.provenance;
        if self.options.resume.is_none() || whose.own_data {
            return false;
        }
        let Some(object) = whose.object_id.as_deref() else { return false };
        // A store that fails says so when the entry is saved.
        let fetched = self.store.fetched(&entry.source, object).await.unwrap_or(None);
        fetched.is_some_and(|fetched| fetched >= self.started)
    }

    /// Fetches data and classifications; whether all came.
    async fn fetch(&self, ready: &mut Ready, entry: &mut Entry, alert: &AnyAlert) -> bool {
        let (id, name) = (alert.generic().id.as_str(), alert.generic().name.as_str());
        let photometry = async {
            match self.options.photometry && !self.is_over() {
                true => Some(self.broker.reduced_data(id, Some(alert)).await),
                false => None,
            }
        };
        let classifications = async {
            match self.options.classifications && !self.is_over() {
                true => Some(self.broker.classifications(id, Some(alert)).await),
                false => None,
            }
        };
        let (data, classes) = future::join(photometry, classifications).await;
        let mut whole = !(self.is_over() && data.is_none() && classes.is_none());
        ready.skipped = !whole;
        match data {
            Some(Ok(data)) => {
                ready.answered = true;
                entry.data = data.points;
                let keys: HashSet<_> = entry.data.iter().map(ReducedDatum::key).collect();
                let (repeated, all) = (entry.data.len() - keys.len(), entry.data.len());
                if repeated > 0 {
                    let text =
                        format!("{name}: {repeated} of {all} points are of the same measurement as another");
                    ready
                        .notes
                        .push(format!("{text}; a detection rather than a limit, else the last, is kept"));
                }
                entry.data.extend(data.withdrawn);
                ready.notes.extend(data.notes.into_iter().map(|note| format!("{name}: {note}")));
                for error in data.failures {
                    whole &= !error.is_passing();
                    ready.fail(id, name, "photometry", error);
                }
            }
            Some(Err(error)) => {
                whole = false;
                ready.answered |= !error.is_passing();
                ready.fail(id, name, "photometry", error);
            }
            None => {}
        }
        match classes {
            Some(Ok(classes)) => (entry.classifications, ready.answered) = (classes, true),
            Some(Err(error)) => {
                whole = false;
                ready.answered |= !error.is_passing();
                ready.fail(id, name, "classifications", error);
            }
            None => {}
        }
        whole
    }
}
