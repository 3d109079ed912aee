//! How a run goes about it: `IngestOptions`, the handle that stops it, and what it tells on the way.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use super::{Failure, IngestReport};
use crate::resume::ResumeToken;
use crate::store::{Fence, Report, Scope};

type Listener = dyn Fn(&Event<'_>) + Send + Sync;

/// How `fetch_and_save_all` goes about it.
///
/// ```
/// use tom_alerts::IngestOptions;
/// let options = IngestOptions::new().photometry(true).limit(500);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct IngestOptions {
    pub(super) photometry: bool,
    pub(super) classifications: bool,
    pub(super) batch: usize,
    pub(super) points: usize,
    pub(super) every: Duration,
    pub(super) limit: usize,
    pub(super) keep_targets: bool,
    pub(super) resume: Option<ResumeToken>,
    pub(super) on_event: Option<Arc<Listener>>,
    pub(super) cancel: Cancel,
    /// The saved query that is run.
    pub(super) query: Option<i64>,
    pub(super) progress: Option<Progress>,
}

/// Under which claim a run saves how far it has come.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    pub(super) scope: Scope,
    pub(super) fence: Fence,
    pub(super) started: DateTime<Utc>,
}

impl Progress {
    /// The report of the run as it is kept.
    pub(super) fn report(&self, report: &IngestReport) -> Option<Report> {
        let document = serde_json::to_value(report).ok()?;
        Some(Report::new(self.scope.clone(), self.started, document))
    }
}

impl Default for IngestOptions {
    fn default() -> Self {
        Self {
            photometry: false,
            classifications: false,
            batch: 500,
            points: 100_000,
            every: Duration::from_secs(60),
            limit: usize::MAX,
            keep_targets: true,
            resume: None,
            on_event: None,
            cancel: Cancel::new(),
            query: None,
            progress: None,
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

    /// How many points of light curves one transaction saves, so that memory is bounded; at least 1, and
    /// those of one object always together. Default: 100,000.
    #[must_use]
    pub fn points(mut self, most: usize) -> Self {
        self.points = most.max(1);
        self
    }

    /// After how long a batch is saved that is not full. Default: a minute.
    #[must_use]
    pub fn every(mut self, time: Duration) -> Self {
        self.every = time;
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

    pub(super) fn tell(&self, event: &Event<'_>) {
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

    pub(super) async fn cancelled(&self) {
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
