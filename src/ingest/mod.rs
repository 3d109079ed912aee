//! `fetch_and_save_all`: alerts become targets with their data in a store, with progress and a report.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use futures_util::future::Either;
use futures_util::{StreamExt, future, stream};

use crate::alert::AnyAlert;
use crate::broker::{GenericBroker, Parameters};
use crate::error::{Error, ErrorKind, Result};
use crate::reduced_datum::ReducedDatum;
use crate::store::{Change, Entry, TargetStore, rules};
use crate::stream::{ResumeToken, StreamState};

mod options;
mod recent;
mod report;

pub use options::{Cancel, Event, IngestOptions};
use recent::{Newest, Recent};
pub use report::{Failure, IngestReport, Ingested};

/// An alert on its way into the store.
struct Ready {
    entry: Option<Entry>,
    /// When the alert was seen by its broker.
    time: Option<DateTime<Utc>>,
    score: Option<f64>,
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
    let mut ready =
        Ready { entry: None, time: None, score: None, failures: Vec::new(), notes: Vec::new(), behind };
    let mut alert = match item {
        Ok(alert) => alert,
        Err(error) => {
            ready.fail("", if error.ends_listing() { LISTING } else { "alert" }, error);
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
            let keys: HashSet<_> = entry.data.iter().map(ReducedDatum::key).collect();
            let (repeated, all) = (entry.data.len() - keys.len(), entry.data.len());
            if repeated > 0 {
                let text =
                    format!("{name}: {repeated} of {all} points are of the same measurement as another");
                ready.notes.push(format!("{text}; a detection rather than a limit, else the last, is kept"));
            }
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
    (ready.time, ready.score) = (alert.generic().timestamp, alert.generic().score);
    ready
}

/// The stage of a failure that ends the listing.
const LISTING: &str = "listing";

impl Ready {
    fn fail(&mut self, name: &str, stage: &'static str, error: Error) {
        self.failures.push(Failure { name: name.to_owned(), stage, error });
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
            if self.newest.settle(&mut entry.target, ready.time, ready.score) {
                // What is not saved yet need not be brought up to date afterwards.
                let older = self.batch.iter_mut().filter(|older| older.target.name == entry.target.name);
                older.for_each(|older| _ = rules::merge(&mut older.target, &entry.target));
            }
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
        // Another try of the same, or of a store that is locked, would tell no more and may wait anew.
        let mut told = Some(whole).filter(|error| batch.len() == 1 || error.is_retryable());
        let (mut good, mut faults) = (None, 0);
        let (mut down, mut last): (Option<Error>, _) = (None, None);
        for entry in batch {
            let result = match (told.take(), &down) {
                (Some(error), _) => Err(error),
                (None, Some(error)) => Err(error.alike()),
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
                down = is_down.then(|| error.alike());
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
