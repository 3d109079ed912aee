//! `AlertStream`: alerts as they come, page by page, with what the broker says beside them.

use std::fmt;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::protocol::Cursor;

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
    /// A stream of any kind: for brokers that are implemented by hand. It has no resume token.
    ///
    /// An `Err` is one bad item; one that [ends the listing](crate::Error::ends_listing) is what an ingest
    /// reports that it [ended by](crate::ingest::IngestReport::ended_by).
    pub fn new(items: impl Stream<Item = Result<T>> + Send + 'static) -> Self {
        let state = Arc::<StreamState>::default();
        state.lock().ended = true;
        Self::with_state(items, state)
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

    /// At most `limit` items; nothing more is asked for after them.
    pub fn limit(self, limit: usize) -> Self {
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
#[derive(Default)]
pub(crate) struct StreamState(Mutex<Progress>);

#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) notes: Vec<String>,
    pub(crate) total: Option<u64>,
    pub(crate) pages: u32,
    pub(crate) at: ResumeToken,
    pub(crate) ended: bool,
}

impl Progress {
    pub(crate) fn token(&self) -> Option<ResumeToken> {
        (!self.ended).then(|| self.at.clone())
    }
}

impl StreamState {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Progress> {
        // Every change is one assignment, so a poisoned value is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in a listing, to go on from later; text in both directions.
///
/// It fits the same parameters at the same broker only. Listings that change between two calls
/// may give an item again or leave one out, as with any page number.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ResumeToken {
    pub(crate) cursor: Cursor,
    pub(crate) skip: usize,
}

impl fmt::Display for ResumeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.skip, self.cursor.as_str())
    }
}

impl FromStr for ResumeToken {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let fault = || Error::new(ErrorKind::Input, "this is no resume token; leave it out to start anew");
        let (skip, cursor) = text.split_once('@').ok_or_else(fault)?;
        Ok(Self { cursor: Cursor::new(cursor), skip: skip.parse().map_err(|_| fault())? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_from_its_text() {
        let token = ResumeToken { cursor: Cursor::new("page@2"), skip: 7 };
        assert_eq!(token.to_string().parse::<ResumeToken>().unwrap(), token);
        assert!("seven".parse::<ResumeToken>().is_err());
    }
}
