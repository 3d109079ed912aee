//! `AlertStream`: alerts as they come, page by page, with what the broker says beside them.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use chrono::{DateTime, Utc};
use futures_core::Stream;
use futures_util::StreamExt;

use crate::error::{Error, ErrorKind, Result};
use crate::resume::{self, ResumeToken};

/// Alerts that answer a query: lazy, back-pressured, cancelled by dropping it.
///
/// The next page is asked for when the last item of a page has been taken, so memory is bounded by
/// one page. An item that cannot be read is one `Err` and the stream goes on; a page that cannot be
/// fetched ends it. Items of pages that need a request each keep their order.
///
/// ```
/// # use tom_alerts::{AlertStream, Result};
/// # async fn sum(mut alerts: AlertStream<u32>) -> Result<u32> {
/// let mut sum = 0;
/// while let Some(alert) = alerts.try_next().await? {
///     sum += alert;
/// }
/// for note in alerts.notes() {
///     eprintln!("{note}");
/// }
/// # Ok(sum) }
/// ```
#[must_use = "a stream does nothing until it is asked for items"]
pub struct AlertStream<T> {
    items: Pin<Box<dyn Stream<Item = Result<T>> + Send>>,
    state: Arc<StreamState>,
}

impl<T: Send + 'static> AlertStream<T> {
    /// A stream of any kind: for brokers that are implemented by hand. It has no resume token, notes or
    /// total; [`Feed`](crate::Feed) makes streams that have them.
    ///
    /// An `Err` is one bad item; one that [ends the listing](crate::Error::ends_listing) is what an ingest
    /// reports that it [ended by](crate::ingest::IngestReport::ended_by).
    pub fn new(items: impl Stream<Item = Result<T>> + Send + 'static) -> Self {
        Self::with_state(items, Arc::new(StreamState::new(resume::now(), None)))
    }

    pub(crate) fn with_state(
        items: impl Stream<Item = Result<T>> + Send + 'static,
        state: Arc<StreamState>,
    ) -> Self {
        // Asking on after the end gives the end again, whatever the stream below does then.
        Self { items: Box::pin(items.fuse()), state }
    }

    /// Each good item made into something else.
    pub fn map_ok<U: Send + 'static>(
        self,
        mut f: impl FnMut(T) -> Result<U> + Send + 'static,
    ) -> AlertStream<U> {
        let items = self.items.map(move |item| item.and_then(&mut f));
        AlertStream { items: Box::pin(items), state: self.state }
    }

    pub(crate) fn state(&self) -> Arc<StreamState> {
        Arc::clone(&self.state)
    }

    /// At most `limit` items, good and bad. Nothing is requested beyond them: where each item needs a
    /// request, no more requests run at once than items are still wanted.
    pub fn limit(self, limit: usize) -> Self {
        {
            let mut progress = self.state.lock();
            progress.wanted = progress.wanted.min(limit);
        }
        Self { items: Box::pin(self.items.take(limit)), state: self.state }
    }
}

impl<T> AlertStream<T> {
    /// The next item; after an `Err` the stream may go on.
    pub async fn next(&mut self) -> Option<Result<T>> {
        self.items.next().await
    }

    /// The next good item, or the first error.
    ///
    /// # Errors
    /// That of the item or page; another call goes on behind a bad item.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        self.next().await.transpose()
    }

    /// All items and all errors that are left.
    pub async fn collect_all(mut self) -> (Vec<T>, Vec<Error>) {
        let (mut items, mut errors) = (Vec::new(), Vec::new());
        while let Some(item) = self.next().await {
            match item {
                Ok(item) => items.push(item),
                Err(error) => errors.push(error),
            }
        }
        (items, errors)
    }

    /// What the broker has said so far beside the alerts: nothing found, a limit was applied.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        self.state.lock().notes.clone()
    }

    /// How many items the whole listing has, once the service has said so.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.state.lock().total
    }

    /// How many pages have been read.
    #[must_use]
    pub fn pages(&self) -> u32 {
        self.state.lock().pages
    }

    /// Where to go on later: behind the last item taken. `None` at the end of the listing.
    #[must_use]
    pub fn resume_token(&self) -> Option<ResumeToken> {
        self.state.lock().token()
    }

    /// When the run began, to the microsecond. A listing that resumes keeps the start of the first run.
    #[must_use]
    pub fn started(&self) -> DateTime<Utc> {
        self.state.lock().started
    }

    /// Reports to the source that all items up to a place are saved. `behind` is what
    /// [`resume_token`](Self::resume_token) returned after the last saved item; `None` at the end.
    ///
    /// Streams of a [`Feed`](crate::Feed) call its [`on_taken`](crate::Feed::on_taken). Listings over
    /// HTTP ignore it.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for a token of another stream; otherwise the error of the callback, after
    /// which the saved items are still saved.
    pub fn taken(&self, behind: Option<&ResumeToken>) -> Result<()> {
        self.state.taken(behind)
    }
}

impl<T> Stream for AlertStream<T> {
    type Item = Result<T>;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.items.as_mut().poll_next(cx)
    }
}

impl<T> fmt::Debug for AlertStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlertStream").field("progress", &*self.state.lock()).finish_non_exhaustive()
    }
}

/// How far a stream has come; shared with whatever feeds it.
pub(crate) struct StreamState {
    progress: Mutex<Progress>,
    on_taken: Mutex<Option<Arc<OnTaken>>>,
}

/// The callback that gets the place up to which everything is saved.
pub(crate) type OnTaken = dyn Fn(&str) -> Result<()> + Send + Sync;

#[derive(Debug)]
pub(crate) struct Progress {
    pub(crate) notes: Vec<String>,
    pub(crate) total: Option<u64>,
    pub(crate) pages: u32,
    pub(crate) started: DateTime<Utc>,
    /// The place behind the last item that was given, where places are known at all.
    pub(crate) at: Option<ResumeToken>,
    /// The end was reached: there is nothing to resume.
    pub(crate) ended: bool,
    /// A feed marked its listing as finite.
    has_end: bool,
    /// The items of a feed have run out.
    stopped: bool,
    /// How many more items are wanted, by the limits.
    pub(crate) wanted: usize,
    /// Whether the last item came by a request of its own.
    pub(crate) requested: bool,
}

impl Progress {
    pub(crate) fn token(&self) -> Option<ResumeToken> {
        self.at.clone().filter(|_| !self.ended)
    }

    /// The listing is finite; the last item may not have been taken yet.
    pub(crate) fn has_end(&mut self) {
        self.has_end = true;
        self.ended = self.stopped;
    }

    /// The last item was taken.
    pub(crate) fn has_stopped(&mut self) {
        self.stopped = true;
        self.ended = self.has_end;
    }

    /// Adds a note once: brokers repeat notes on every page.
    pub(crate) fn note(&mut self, note: String) {
        const MOST: usize = 10_000;
        let note = match self.notes.len() {
            ..MOST => note,
            _ => "further notes are left out".to_owned(),
        };
        if self.notes.len() <= MOST && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

impl StreamState {
    pub(crate) fn new(started: DateTime<Utc>, at: Option<ResumeToken>) -> Self {
        let progress = Progress {
            notes: Vec::new(),
            total: None,
            pages: 0,
            started,
            at,
            ended: false,
            has_end: false,
            stopped: false,
            wanted: usize::MAX,
            requested: false,
        };
        Self { progress: Mutex::new(progress), on_taken: Mutex::default() }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Progress> {
        // Every change leaves a whole value, so a poisoned one is whole too.
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn on_taken(&self, tell: Arc<OnTaken>) {
        *self.on_taken.lock().unwrap_or_else(PoisonError::into_inner) = Some(tell);
    }

    /// As [`AlertStream::taken`], for a stream that others hold.
    pub(crate) fn taken(&self, behind: Option<&ResumeToken>) -> Result<()> {
        let place = {
            let progress = self.lock();
            let own = progress.at.as_ref();
            match behind {
                Some(token) if own.is_some_and(|own| own.is_same_run(token)) => Some(token.cursor.clone()),
                Some(_) => {
                    let text =
                        "the resume token is not of this stream; pass one that its resume_token() returned";
                    return Err(Error::new(ErrorKind::Input, text));
                }
                None => own.filter(|_| progress.ended).map(|own| own.cursor.clone()),
            }
        };
        // The callback may use the feed, so nothing may be locked while it runs.
        let tell = self.on_taken.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match (place.filter(|place| !place.is_start()), tell) {
            (Some(place), Some(tell)) => tell(place.as_str()),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for StreamState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lock().fmt(f)
    }
}
