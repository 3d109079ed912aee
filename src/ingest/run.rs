//! One run: items become batches, batches are saved with the place they lead to, and the report says all of
//! it.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::{BoxFuture, Either};
use futures_util::{FutureExt, StreamExt, future, stream};

use super::once::Once;
use super::options::{Event, IngestOptions};
use super::prepare::{Preparing, Ready};
use super::report::{Failure, Ingested};
use crate::alert::AnyAlert;
use crate::broker::GenericBroker;
use crate::error::{Error, Result};
use crate::resume::ResumeToken;
use crate::store::{Advance, Entry, Outcome, Save, Saved, TargetStore, complete};
use crate::stream::AlertStream;

/// Saves the alerts of a listing, made by the broker or by hand: the engine of `fetch_and_save_all`.
///
/// What fails is in the report.
pub fn save_alerts<'a>(
    broker: &'a dyn GenericBroker,
    alerts: AlertStream<AnyAlert>,
    store: &'a dyn TargetStore,
    options: IngestOptions,
) -> BoxFuture<'a, Ingested> {
    run(broker, alerts, store, options).boxed()
}

async fn run(
    broker: &dyn GenericBroker,
    alerts: AlertStream<AnyAlert>,
    store: &dyn TargetStore,
    options: IngestOptions,
) -> Ingested {
    let alerts = alerts.limit(options.limit);
    let feed = alerts.state();
    let begin = alerts.resume_token();
    let ended = Arc::new(AtomicBool::new(false));
    let preparing = Preparing {
        broker,
        store,
        options: &options,
        started: alerts.started(),
        once: Once::default(),
        ended: Arc::clone(&ended),
    };
    let preparing = &preparing;
    // Nothing in it is borrowed, or nobody could tell that the whole may go to another thread.
    let taken = stream::unfold((alerts, Arc::clone(&ended)), |(mut alerts, ended)| async move {
        if ended.load(Ordering::Relaxed) {
            return None;
        }
        let item = alerts.next().await?;
        let state = alerts.state();
        let progress = state.lock();
        let (behind, requested) = (progress.token(), progress.requested);
        drop(progress);
        Some(((item, behind, requested), (alerts, ended)))
    });
    let ready =
        taken.map(move |(item, behind, requested)| preparing.prepare(item, behind, requested).boxed());
    let mut ready = std::pin::pin!(ready.buffered(broker.max_in_flight().max(1)));

    let mut run = Run::new(store, &options, begin);
    let mut cancelled = std::pin::pin!(options.cancel.cancelled());
    let mut last = None;
    loop {
        let next = match future::select(cancelled.as_mut(), ready.next()).await {
            Either::Left(_) => {
                run.out.report.cancelled = true;
                break;
            }
            Either::Right((Some(next), _)) => next,
            Either::Right((None, _)) => {
                let total = feed.lock().total;
                run.end_of_items(total).await;
                // Only here is it known whether empty pages followed the last item.
                if !run.is_over() {
                    last = Some(feed.lock().token());
                }
                break;
            }
        };
        let (notes, total) = run.news(&feed.lock());
        run.take_notes(notes);
        run.judge(next, total).await;
        if run.is_over() {
            // What is on its way is waited for and saved, so that no request was in vain.
            ended.store(true, Ordering::Relaxed);
        }
        if run.committed.take().is_some_and(|place| feed.taken(place.as_ref()).is_err()) {
            run.note("the source of the alerts could not remember the place".to_owned());
        }
    }
    if let Some(behind) = last {
        run.behind = behind;
    }
    let (notes, _) = run.news(&feed.lock());
    run.take_notes(notes);
    run.commit(true).await;
    if run.committed.take().is_some_and(|place| feed.taken(place.as_ref()).is_err()) {
        run.note("the source of the alerts could not remember the place".to_owned());
    }
    run.out
}

struct Run<'a> {
    store: &'a dyn TargetStore,
    options: &'a IngestOptions,
    out: Ingested,
    batch: Vec<Entry>,
    points: usize,
    /// Where the listing goes on behind everything that was taken.
    behind: Option<ResumeToken>,
    /// Items from the first doubtful failure on, until the next ones tell whose it is.
    held: VecDeque<Ready>,
    /// How many of the listing's notes were taken over.
    heard: usize,
    noted: HashSet<String>,
    /// What ended the listing or the fetching; what is on its way is still saved.
    over: bool,
    /// The store failed: what was not saved must come again.
    broken: bool,
    /// The place that the last commit led to.
    committed: Option<Option<ResumeToken>>,
    last_commit: tokio::time::Instant,
}

/// So many failures and so many notes are kept, for a run without end has any number of them.
const MOST_KEPT: usize = 10_000;
/// So many items fail one after the other before the service is held for the one that fails.
const DOUBTS: usize = 3;
/// So many items are held at most while nothing tells whose fault it is.
const MOST_HELD: usize = 100;

impl<'a> Run<'a> {
    fn new(store: &'a dyn TargetStore, options: &'a IngestOptions, behind: Option<ResumeToken>) -> Self {
        let mut out = Ingested::default();
        out.report.resume = behind.as_ref().map(ToString::to_string);
        Self {
            store,
            options,
            out,
            batch: Vec::new(),
            points: 0,
            behind,
            held: VecDeque::new(),
            heard: 0,
            noted: HashSet::new(),
            over: false,
            broken: false,
            committed: None,
            last_commit: tokio::time::Instant::now(),
        }
    }

    fn is_over(&self) -> bool {
        self.over || self.broken
    }

    /// What the listing has said since the last look.
    fn news(&mut self, progress: &crate::stream::Progress) -> (Vec<String>, Option<u64>) {
        let notes = progress.notes.get(self.heard..).unwrap_or_default().to_vec();
        self.heard += notes.len();
        (notes, progress.total)
    }

    /// Takes an item, or holds it while it is open whether the service fails or the object.
    async fn judge(&mut self, ready: Ready, total: Option<u64>) {
        if self.over {
            // It comes again when the run goes on; what was fetched of it needs no second request then.
            if let Some(entry) = ready.entry.filter(|_| !ready.skipped && ready.failures.is_empty()) {
                self.add(entry);
            }
            return;
        }
        if ready.end_of_listing().is_some() || ready.later().is_some() {
            let first = self.held.pop_front();
            return self.end_at(first.unwrap_or(ready));
        }
        if ready.answered && !self.held.is_empty() {
            self.take_held(total).await;
        }
        if ready.doubtful().is_some() || !self.held.is_empty() {
            self.held.push_back(ready);
            let doubts = self.held.iter().filter(|held| held.doubtful().is_some()).count();
            if doubts >= DOUBTS {
                self.leave_what_fails_again(total).await;
                if let Some(first) = self.held.pop_front() {
                    self.end_at(first);
                }
            } else if self.held.len() >= MOST_HELD {
                self.take_held(total).await;
            }
            return;
        }
        self.take(ready, total).await;
    }

    /// Takes an item as one failure where the run before this one ended at it and it fails again, though
    /// the listing was answered: a run would never get beyond an object that fails for ever.
    async fn leave_what_fails_again(&mut self, total: Option<u64>) {
        let again = self.options.resume.is_some() && self.out.report.seen == 0;
        if again && let Some(first) = self.held.pop_front() {
            self.take(first, total).await;
        }
    }

    /// The items end while it is open whose fault it is: the run ends at the first, so that it comes again.
    async fn end_of_items(&mut self, total: Option<u64>) {
        self.leave_what_fails_again(total).await;
        if let Some(first) = self.held.pop_front() {
            self.end_at(first);
        }
    }

    async fn take_held(&mut self, total: Option<u64>) {
        while let Some(ready) = self.held.pop_front() {
            self.take(ready, total).await;
        }
    }

    /// Ends the run before an item, which comes again when it goes on.
    fn end_at(&mut self, mut ready: Ready) {
        self.over = true;
        self.held.clear();
        let which = ready.end_of_listing().or_else(|| ready.later()).or_else(|| ready.doubtful());
        if let Some(which) = which {
            let failure = ready.failures.swap_remove(which);
            self.options.tell(&Event::Failed(&failure));
            self.out.report.ended_at = Some(failure.name).filter(|name| !name.is_empty());
            self.out.report.ended_by = Some(failure.error);
        }
    }

    async fn take(&mut self, ready: Ready, total: Option<u64>) {
        self.out.report.seen += 1;
        self.behind = ready.behind;
        self.options.tell(&Event::Seen { seen: self.out.report.seen, total });
        self.take_notes(ready.notes);
        for failure in ready.failures {
            self.fail(failure);
        }
        if let Some(entry) = ready.entry {
            self.add(entry);
        }
        let full = self.batch.len() >= self.options.batch || self.points >= self.options.points;
        if full || (!self.batch.is_empty() && self.last_commit.elapsed() >= self.options.every) {
            self.commit(false).await;
        }
    }

    fn add(&mut self, entry: Entry) {
        self.points += entry.data.len();
        self.batch.push(entry);
    }

    fn fail(&mut self, failure: Failure) {
        self.options.tell(&Event::Failed(&failure));
        match self.out.report.failed.len() < MOST_KEPT {
            true => self.out.report.failed.push(failure),
            false => self.out.report.more_failed += 1,
        }
    }

    fn note(&mut self, note: String) {
        if self.noted.contains(&note) {
            return;
        }
        self.options.tell(&Event::Note(&note));
        if self.noted.len() < MOST_KEPT {
            self.noted.insert(note.clone());
            self.out.report.notes.push(note);
        }
    }

    fn take_notes(&mut self, notes: Vec<String>) {
        notes.into_iter().for_each(|note| self.note(note));
    }

    /// Saves the batch with the place it leads to; at the end with the report, too.
    async fn commit(&mut self, last: bool) {
        if self.broken {
            return;
        }
        let batch = std::mem::take(&mut self.batch);
        let (many, nothing) = (batch.len(), batch.is_empty());
        self.points = 0;
        let place = self.behind.as_ref().map(ToString::to_string);
        let mut save = Save::of(batch);
        if let Some(progress) = &self.options.progress {
            save.advances.push(Advance::new(progress.scope.clone(), progress.fence, place.clone()));
        }
        let any = !nothing || !save.advances.is_empty();
        if any && let Err(error) = self.save(save, many).await {
            self.out.report.ended_by.get_or_insert(error);
            self.broken = true;
            return;
        }
        self.out.report.resume = place;
        // Only now does the report say what became of the last batch.
        let progress = self.options.progress.as_ref().filter(|_| last);
        if let Some(report) = progress.and_then(|progress| progress.report(&self.out.report)) {
            let mut save = Save::of(Vec::new());
            save.reports.push(report);
            if let Err(error) = self.save(save, 0).await {
                self.out.report.ended_by.get_or_insert(error);
            }
        }
        self.committed = Some(self.behind.clone());
        self.last_commit = tokio::time::Instant::now();
        if !nothing {
            self.options.tell(&Event::Saved(&self.out.report));
        }
    }

    async fn save(&mut self, save: Save, many: usize) -> Result<()> {
        let saved = self.store.save(save).await?;
        complete(&saved, many)?;
        self.count(saved);
        Ok(())
    }

    fn count(&mut self, saved: Saved) {
        let report = &mut self.out.report;
        report.data += saved.data;
        report.classifications += saved.classifications;
        for mut target in saved.targets {
            let report = &mut self.out.report;
            match target.outcome {
                Outcome::Created => report.created += 1,
                Outcome::Updated => report.updated += 1,
                Outcome::Unchanged => report.unchanged += 1,
                Outcome::Ignored => report.ignored += 1,
                Outcome::Refused(error) => {
                    self.fail(Failure::new("", &target.name, "save", error));
                    continue;
                }
            }
            if let Some(conflict) = target.conflict.take() {
                self.note(format!("{}: {}", target.name, conflict.reason));
                target.conflict = Some(conflict);
            }
            if self.options.keep_targets {
                self.out.targets.push(target);
            }
        }
    }
}

impl Ingested {
    /// What ended the run early, if something did.
    #[must_use]
    pub fn ended_by(&self) -> Option<&Error> {
        self.report.ended_by.as_ref()
    }
}
