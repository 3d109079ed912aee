//! `fetch_and_save_all`: alerts become targets with their data in a store, with progress and a report.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::Either;
use futures_util::{StreamExt, future, stream};
use serde::Serialize;
use tokio::sync::watch;

use crate::alert::AnyAlert;
use crate::broker::{GenericBroker, Parameters};
use crate::error::{Error, ErrorKind, Result};
use crate::store::{Change, Counts, Entry, TargetStore, rules};
use crate::stream::{ResumeToken, StreamState};
use crate::target::Target;

type Listener = dyn Fn(&Event<'_>) + Send + Sync;

/// How [`fetch_and_save_all`](GenericBroker::fetch_and_save_all) goes about it.
///
/// ```
/// use tom_alerts::IngestOptions;
/// let options = IngestOptions::new().photometry(true).limit(500);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct IngestOptions {
    photometry: bool,
    classifications: bool,
    batch: usize,
    limit: usize,
    keep_targets: bool,
    resume: Option<ResumeToken>,
    on_event: Option<Arc<Listener>>,
    cancel: Cancel,
}

impl Default for IngestOptions {
    fn default() -> Self {
        Self {
            photometry: false,
            classifications: false,
            batch: 500,
            limit: usize::MAX,
            keep_targets: true,
            resume: None,
            on_event: None,
            cancel: Cancel::new(),
        }
    }
}

impl IngestOptions {
    /// Targets alone, in batches of 500, all of them.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes each object's reduced data along.
    #[must_use]
    pub fn photometry(mut self, yes: bool) -> Self {
        self.photometry = yes;
        self
    }

    /// Takes each object's classifications along.
    #[must_use]
    pub fn classifications(mut self, yes: bool) -> Self {
        self.classifications = yes;
        self
    }

    /// How many targets one transaction saves; at least 1. With light curves on the way a batch is
    /// committed when it is full, so a smaller one is seen sooner and a larger one is faster.
    #[must_use]
    pub fn batch(mut self, size: usize) -> Self {
        self.batch = size.max(1);
        self
    }

    /// At most this many alerts.
    #[must_use]
    pub fn limit(mut self, alerts: usize) -> Self {
        self.limit = alerts;
        self
    }

    /// Whether the saved targets are returned. Without them memory stays bounded, by a batch and the
    /// report, however long the run.
    #[must_use]
    pub fn keep_targets(mut self, yes: bool) -> Self {
        self.keep_targets = yes;
        self
    }

    /// Goes on where an earlier run was left.
    #[must_use]
    pub fn resume(mut self, from: ResumeToken) -> Self {
        self.resume = Some(from);
        self
    }

    /// Is told of everything that happens, in order.
    #[must_use]
    pub fn on_event(mut self, tell: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.on_event = Some(Arc::new(tell));
        self
    }

    /// Stops the run when the handle says so: what was fetched is committed, the report says where
    /// to go on.
    #[must_use]
    pub fn cancel(mut self, handle: Cancel) -> Self {
        self.cancel = handle;
        self
    }

    fn tell(&self, event: &Event<'_>) {
        if let Some(tell) = &self.on_event {
            tell(event);
        }
    }
}

impl fmt::Debug for IngestOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IngestOptions")
            .field("photometry", &self.photometry)
            .field("classifications", &self.classifications)
            .field("batch", &self.batch)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// Stops a run from outside; clones are the same handle.
#[derive(Debug, Clone, Default)]
pub struct Cancel(watch::Sender<bool>);

impl Cancel {
    /// A handle that has not been used.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the run to stop.
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }

    /// Whether it was asked to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        *self.0.borrow()
    }

    async fn cancelled(&self) {
        // The sender is this one, so the channel is open.
        let _ = self.0.subscribe().wait_for(|cancelled| *cancelled).await;
    }
}

/// What happens during a run.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// An alert has come, with its data if they were asked for.
    Seen {
        /// How many there are by now.
        seen: u64,
        /// How many the listing has, where the service says so.
        total: Option<u64>,
    },
    /// Something about one alert has failed; the run goes on.
    Failed(&'a Failure),
    /// A batch has been committed.
    Saved(&'a IngestReport),
    /// The broker said something beside the alerts.
    Note(&'a str),
}

/// What a run did.
#[derive(Debug, Default, Serialize)]
#[non_exhaustive]
pub struct IngestReport {
    /// Alerts that came, good and bad.
    pub seen: u64,
    /// Targets that were new.
    pub created: u64,
    /// Targets that changed.
    pub updated: u64,
    /// Targets that were saved before just so.
    pub unchanged: u64,
    /// Reduced data that were new, changed, saved before.
    pub data: Counts,
    /// Classifications that were new, changed, saved before.
    pub classifications: Counts,
    /// What failed, the first 10,000 of it; what came before `resume` and is not named was saved.
    pub failed: Vec<Failure>,
    /// How many failures there were beyond those; [`Event::Failed`] tells of each.
    pub more_failed: u64,
    /// What the broker said beside the alerts, each text once and the first 10,000.
    pub notes: Vec<String>,
    /// Whether the run was stopped by its [`Cancel`] handle.
    pub cancelled: bool,
    /// What ended the run early, beside a cancellation.
    pub ended_by: Option<String>,
    /// Where another run can go on, when this one did not come to the end.
    pub resume: Option<String>,
}

impl IngestReport {
    /// How many things failed in all.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.failed.len() as u64 + self.more_failed
    }
}

/// One thing that failed.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Failure {
    /// The alert's name; empty when it could not be read.
    pub name: String,
    /// What was being done: `listing`, `alert`, `target`, `photometry`, `classifications`, `save`.
    pub stage: &'static str,
    /// What went wrong.
    #[serde(serialize_with = "as_text")]
    pub error: Error,
}

fn as_text<S: serde::Serializer>(error: &Error, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(error)
}

/// What [`fetch_and_save_all`](GenericBroker::fetch_and_save_all) returns.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Ingested {
    /// The saved targets in the order of the alerts; empty with
    /// [`keep_targets(false)`](IngestOptions::keep_targets).
    pub targets: Vec<Target>,
    /// What was done.
    pub report: IngestReport,
}

/// An alert on its way into the store.
struct Ready {
    entry: Option<Entry>,
    /// When the alert was seen by its broker.
    time: Option<DateTime<Utc>>,
    failures: Vec<Failure>,
    notes: Vec<String>,
    behind: Option<ResumeToken>,
}

pub(crate) async fn run<B: GenericBroker + ?Sized>(
    broker: &B,
    parameters: &Parameters,
    store: &dyn TargetStore,
    options: IngestOptions,
) -> Result<Ingested> {
    broker.ready()?;
    let alerts = broker.resume_alerts(parameters, options.resume.as_ref())?.limit(options.limit);
    let state = alerts.state();
    let behind = alerts.resume_token();
    let mut recent = Recent::default();
    let taken = stream::unfold(alerts, |mut alerts| async move {
        let item = alerts.next().await?;
        Some(((item, alerts.resume_token()), alerts))
    });
    let options = &options;
    let ready = taken.map(move |(item, behind)| {
        let fresh = item.as_ref().is_ok_and(|alert| recent.insert(&alert.generic().id));
        prepare(broker, item, behind, options, fresh)
    });
    let mut ready = std::pin::pin!(ready.buffered(broker.max_in_flight().max(1)));

    let mut run = Run::new(store, options, behind);
    run.out.report.resume = run.behind.as_ref().map(ToString::to_string);
    let mut cancelled = std::pin::pin!(options.cancel.cancelled());
    loop {
        let next = match future::select(cancelled.as_mut(), ready.next()).await {
            Either::Left(_) => {
                run.out.report.cancelled = true;
                break;
            }
            Either::Right((Some(next), _)) => next,
            Either::Right((None, _)) => {
                // Only here is it known whether empty pages followed the last item.
                run.behind = state.lock().token();
                break;
            }
        };
        let (notes, total) = run.news(&state);
        run.take_notes(notes);
        run.take(next, total).await;
        if run.out.report.ended_by.is_some() {
            break;
        }
    }
    let (notes, _) = run.news(&state);
    run.take_notes(notes);
    run.commit().await;
    Ok(run.out)
}

async fn prepare<B: GenericBroker + ?Sized>(
    broker: &B,
    item: Result<AnyAlert>,
    behind: Option<ResumeToken>,
    options: &IngestOptions,
    fresh: bool,
) -> Ready {
    let mut ready = Ready { entry: None, time: None, failures: Vec::new(), notes: Vec::new(), behind };
    let mut alert = match item {
        Ok(alert) => alert,
        Err(error) => {
            let listing = error.context("page").is_some() && error.context("item").is_none();
            ready.fail("", if listing { LISTING } else { "alert" }, error);
            return ready;
        }
    };
    let id = alert.generic().id.clone();
    if broker.info().listing_lacks_target {
        match broker.fetch_alert(&id).await {
            Ok(whole) => alert = whole,
            Err(error) => {
                ready.fail(&id, "alert", error);
                return ready;
            }
        }
    }
    let target = match alert.to_target() {
        Ok(target) => target,
        Err(error) => {
            ready.fail(&alert.generic().name, "target", error);
            return ready;
        }
    };
    let name = target.name.clone();
    let mut entry = Entry::new(target, broker.info().name);
    let photometry = async {
        match options.photometry && fresh {
            true => Some(broker.reduced_data(&id, Some(&alert)).await),
            false => None,
        }
    };
    let classifications = async {
        match options.classifications && fresh {
            true => Some(broker.classifications(&id, Some(&alert)).await),
            false => None,
        }
    };
    let (data, classes) = future::join(photometry, classifications).await;
    match data {
        Some(Ok(data)) => {
            entry.data = data.points;
            ready.notes.extend(data.notes.into_iter().map(|note| format!("{name}: {note}")));
            data.failures.into_iter().for_each(|error| ready.fail(&name, "photometry", error));
        }
        Some(Err(error)) => ready.fail(&name, "photometry", error),
        None => {}
    }
    match classes {
        Some(Ok(classes)) => entry.classifications = classes,
        Some(Err(error)) => ready.fail(&name, "classifications", error),
        None => {}
    }
    ready.entry = Some(entry);
    ready.time = alert.generic().timestamp;
    ready
}

/// The stage of a failure that ends the listing.
const LISTING: &str = "listing";

impl Ready {
    fn fail(&mut self, name: &str, stage: &'static str, error: Error) {
        self.failures.push(Failure { name: name.to_owned(), stage, error });
    }
}

/// The last thousand ids: a broker that lists an object twice (once a classifier, say) is asked
/// for its data once.
#[derive(Default)]
struct Recent {
    order: VecDeque<String>,
    known: HashSet<String>,
}

impl Recent {
    fn insert(&mut self, id: &str) -> bool {
        if !self.known.insert(id.to_owned()) {
            return false;
        }
        self.order.push_back(id.to_owned());
        if self.order.len() > 1_000
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

/// What the newest alert said of each of the last ten thousand targets: a broker that lists alerts
/// gives an object once for each of them, in any order, and the last one saved would win.
#[derive(Default)]
struct Newest {
    order: VecDeque<String>,
    known: HashMap<String, (DateTime<Utc>, Target)>,
}

impl Newest {
    /// Brings a target up to the newest alert of it so far.
    fn settle(&mut self, target: &mut Target, time: Option<DateTime<Utc>>) {
        const MOST: usize = 10_000;
        let Some(time) = time else { return };
        match self.known.get_mut(&target.name) {
            Some((newest, kept)) if time < *newest => {
                rules::merge(target, kept);
            }
            Some(known) => *known = (time, target.clone()),
            None => {
                self.order.push_back(target.name.clone());
                self.known.insert(target.name.clone(), (time, target.clone()));
                if self.order.len() > MOST
                    && let Some(oldest) = self.order.pop_front()
                {
                    self.known.remove(&oldest);
                }
            }
        }
    }
}

struct Run<'a> {
    store: &'a dyn TargetStore,
    options: &'a IngestOptions,
    out: Ingested,
    newest: Newest,
    batch: Vec<Entry>,
    behind: Option<ResumeToken>,
    /// How many of the listing's notes were taken over.
    heard: usize,
    noted: HashSet<String>,
    /// The store failed: what was not saved must come again.
    broken: bool,
}

/// The store, not an entry, is at fault when so many entries fail by themselves and none is saved.
const STORE_IS_DOWN: usize = 3;

/// So many failures and so many notes are kept, for a run without end has any number of them.
const MOST_KEPT: usize = 10_000;

impl<'a> Run<'a> {
    fn new(store: &'a dyn TargetStore, options: &'a IngestOptions, behind: Option<ResumeToken>) -> Self {
        let (out, batch, noted) = (Ingested::default(), Vec::new(), HashSet::new());
        Self { store, options, out, newest: Newest::default(), batch, behind, heard: 0, noted, broken: false }
    }

    /// What the listing has said since the last look.
    fn news(&mut self, state: &StreamState) -> (Vec<String>, Option<u64>) {
        let progress = state.lock();
        let notes = progress.notes.get(self.heard..).unwrap_or_default().to_vec();
        self.heard += notes.len();
        (notes, progress.total)
    }

    async fn take(&mut self, ready: Ready, total: Option<u64>) {
        let ended = ready.failures.iter().find(|failure| failure.stage == LISTING);
        if let Some(failure) = ended {
            self.out.report.ended_by = Some(failure.error.to_string());
        } else {
            self.out.report.seen += 1;
            self.behind = ready.behind;
            self.options.tell(&Event::Seen { seen: self.out.report.seen, total });
        }
        self.take_notes(ready.notes);
        for failure in ready.failures {
            self.fail(failure);
        }
        if let Some(mut entry) = ready.entry {
            self.newest.settle(&mut entry.target, ready.time);
            self.batch.push(entry);
        }
        if self.batch.len() >= self.options.batch {
            self.commit().await;
        }
    }

    fn fail(&mut self, failure: Failure) {
        self.options.tell(&Event::Failed(&failure));
        match self.out.report.failed.len() < MOST_KEPT {
            true => self.out.report.failed.push(failure),
            false => self.out.report.more_failed += 1,
        }
    }

    fn take_notes(&mut self, notes: Vec<String>) {
        for note in notes {
            if self.noted.contains(&note) {
                continue;
            }
            self.options.tell(&Event::Note(&note));
            if self.noted.len() < MOST_KEPT {
                self.noted.insert(note.clone());
                self.out.report.notes.push(note);
            }
        }
    }

    async fn commit(&mut self) {
        if self.broken {
            return;
        }
        let batch = std::mem::take(&mut self.batch);
        if !batch.is_empty() {
            if let Err(error) = self.save(&batch).await {
                self.save_singly(&batch, error).await;
            }
            if self.broken {
                return;
            }
        }
        self.out.report.resume = self.behind.as_ref().map(ToString::to_string);
        if !batch.is_empty() {
            self.options.tell(&Event::Saved(&self.out.report));
        }
    }

    /// One bad entry must not take the others of its batch with it.
    async fn save_singly(&mut self, batch: &[Entry], whole: Error) {
        let copy = |error: &Error| Error::new(error.kind(), error.message().to_owned());
        // Another try of the same, or of a store that is locked, would tell no more and may wait anew.
        let mut told = Some(whole).filter(|error| batch.len() == 1 || error.is_retryable());
        let (mut good, mut faults) = (None, 0);
        let (mut down, mut last): (Option<Error>, _) = (None, None);
        for entry in batch {
            let result = match (told.take(), &down) {
                (Some(error), _) => Err(error),
                (None, Some(error)) => Err(copy(error)),
                (None, None) => self.save(std::slice::from_ref(entry)).await,
            };
            let Err(error) = result else {
                (good, faults) = (Some(entry), 0);
                continue;
            };
            // An entry that may not be stored says nothing about the store.
            if error.kind() != ErrorKind::Input && down.is_none() {
                faults += 1;
                last = Some(error.to_string());
                let is_down = error.is_retryable() || (faults == STORE_IS_DOWN && good.is_none());
                down = is_down.then(|| copy(&error));
            }
            self.fail(Failure { name: entry.target.name.clone(), stage: "save", error });
        }
        // Where the last ones failed, saving once more what was saved tells bad entries from a store
        // that went down on the way.
        let up = down.is_none()
            && match good {
                Some(entry) => faults == 0 || self.store.save_all(std::slice::from_ref(entry)).await.is_ok(),
                None => faults == 0,
            };
        if !up {
            self.out.report.ended_by = last;
            self.broken = true;
        }
    }

    async fn save(&mut self, batch: &[Entry]) -> Result<()> {
        let saved = self.store.save_all(batch).await?;
        let report = &mut self.out.report;
        for change in &saved.targets {
            match change {
                Change::Created => report.created += 1,
                Change::Updated => report.updated += 1,
                Change::Unchanged => report.unchanged += 1,
            }
        }
        report.data += saved.data;
        report.classifications += saved.classifications;
        if self.options.keep_targets {
            self.out.targets.extend(batch.iter().map(|entry| entry.target.clone()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_alert_of_a_target_wins_in_any_order() {
        let at = |seconds: i64| DateTime::from_timestamp(seconds, 0);
        let of = |magpsf: f64| Target::sidereal("T", 1.0, magpsf).unwrap().with_extra("magpsf", magpsf);
        let mut newest = Newest::default();
        let mut settled = |target: Target, time| {
            let mut target = target;
            newest.settle(&mut target, time);
            target
        };
        assert_eq!(settled(of(18.0), at(20)), of(18.0));
        let older = settled(of(19.0).with_extra("drb", 0.5).with_alias("A"), at(10));
        assert_eq!(older, of(18.0).with_extra("drb", 0.5).with_alias("A"));
        assert_eq!(settled(of(17.0), at(30)), of(17.0));
        assert_eq!(settled(of(16.0), None), of(16.0), "what has no time is taken as it comes");
    }

    #[test]
    fn an_id_is_forgotten_after_a_thousand_others() {
        let mut recent = Recent::default();
        assert!(recent.insert("a"));
        assert!(!recent.insert("a"));
        for n in 0..1_000 {
            assert!(recent.insert(&n.to_string()));
        }
        assert!(recent.insert("a"));
    }
}
