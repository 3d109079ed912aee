//! `Feed`: what a stream that is made by hand says beside its items, and where it can go on.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_core::Stream;
use futures_util::{StreamExt, future, stream};
use serde_json::{Map, Value};

use crate::error::Result;
use crate::resume::{Cursor, ResumeToken};
use crate::stream::{AlertStream, StreamState};

/// The maker's handle of an [`AlertStream`] that is made by hand: of messages, of a file, of anything
/// that is no listing over HTTP. Cheap to clone; clones are the same handle.
///
/// Each item brings the place behind it, a text of the maker's own. So
/// [`resume_token`](AlertStream::resume_token) goes on behind the last item that was *taken*, however
/// far the maker reads ahead.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use tom_alerts::{AlertStream, Error, Feed, Parameters, Placed, ResumeToken};
///
/// /// The lines of a file, from a place on; `done` is where the file is read up to.
/// fn lines(
///     text: &'static str,
///     from: Option<&ResumeToken>,
///     done: Arc<Mutex<String>>,
/// ) -> Result<AlertStream<&'static str>, Error> {
///     let feed = Feed::new("Lines", &Parameters::new(), from)?.on_taken(move |place| {
///         *done.lock().unwrap() = place.to_owned();
///         Ok(())
///     });
///     let before: usize = feed.place().map_or(Ok(0), str::parse).map_err(|_| tom_alerts::Cursor::foreign())?;
///     let lines: Vec<_> = text.lines().skip(before).zip(before + 1..).collect();
///     feed.total(text.lines().count() as u64);
///     // The text has an end: behind it there is nothing to go on from.
///     feed.ended();
///     let items = lines.into_iter().map(|(line, number)| match line {
///         "" => Placed::passed(number),
///         line => Placed::new(Ok(line), number),
///     });
///     Ok(feed.stream(futures_util::stream::iter(items)))
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let done = Arc::<Mutex<String>>::default();
/// let mut alerts = lines("one\n\ntwo\nthree", None, done.clone())?;
/// assert_eq!(alerts.next().await.unwrap()?, "one");
/// assert_eq!(alerts.next().await.unwrap()?, "two");
/// // The consumer saves them, and then says so.
/// let token = alerts.resume_token();
/// alerts.taken(token.as_ref())?;
/// assert_eq!(*done.lock().unwrap(), "3");
///
/// let mut rest = lines("one\n\ntwo\nthree", token.as_ref(), done.clone())?;
/// assert_eq!(rest.next().await.unwrap()?, "three");
/// assert!(rest.next().await.is_none());
/// assert_eq!((rest.resume_token(), rest.total()), (None, Some(4)));
/// # Ok::<(), Error>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Feed {
    state: Arc<StreamState>,
    start: ResumeToken,
}

/// One item on its way into a stream, with the place behind it.
#[derive(Debug)]
pub struct Placed<T> {
    item: Option<Result<T>>,
    behind: Cursor,
}

impl<T> Placed<T> {
    /// An item, or one bad item, and the place where the next one begins; not an empty text, which is
    /// the beginning.
    #[must_use]
    pub fn new(item: Result<T>, behind: impl ToString) -> Self {
        Self { item: Some(item), behind: Cursor::new(behind) }
    }

    /// Something that was passed over, such as a message that a filter left out: the place moves on
    /// with the items before it, and no item is given.
    #[must_use]
    pub fn passed(behind: impl ToString) -> Self {
        Self { item: None, behind: Cursor::new(behind) }
    }
}

impl Feed {
    /// The handle of a listing of these parameters, in the form in which
    /// [`GenericBroker::check`](crate::GenericBroker::check) gives them.
    ///
    /// # Errors
    /// [`ErrorKind::Input`](crate::ErrorKind::Input) when the token belongs to another query or broker.
    pub fn new(broker: &str, parameters: &Map<String, Value>, from: Option<&ResumeToken>) -> Result<Self> {
        let start = ResumeToken::or_start(from, broker, parameters)?;
        let state = Arc::new(StreamState::new(start.started(), Some(start.clone())));
        Ok(Self { state, start })
    }

    /// The place to begin at; `None` is the beginning.
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        Some(self.start.cursor.as_str()).filter(|place| !place.is_empty())
    }

    /// When the run began, as [`AlertStream::started`] tells it.
    #[must_use]
    pub fn started(&self) -> DateTime<Utc> {
        self.start.started()
    }

    /// Says something beside the items. The same text is kept once, and the first 10,000 of them.
    pub fn note(&self, note: impl Into<String>) {
        self.state.lock().note(note.into());
    }

    /// Says how many items there are in all.
    pub fn total(&self, items: u64) {
        self.state.lock().total = Some(items);
    }

    /// Says that the listing has an end: behind its last item there is nothing to go on from. Without
    /// it a stream that stops can be taken up where it stopped, as one of messages that pauses.
    ///
    /// It may be said at any time; it holds once all items are taken.
    pub fn ended(&self) {
        self.state.lock().has_end();
    }

    /// What is to be done when the consumer has saved all items up to a place, such as to commit it.
    ///
    /// It is called after each save of [`fetch_and_save_all`](crate::GenericBroker::fetch_and_save_all),
    /// from the consumer's task, so it must be quick. What it returns is what
    /// [`AlertStream::taken`] returns.
    #[must_use]
    pub fn on_taken(self, tell: impl Fn(&str) -> Result<()> + Send + Sync + 'static) -> Self {
        self.state.on_taken(Arc::new(tell));
        self
    }

    /// The stream of these items. One handle makes one stream.
    pub fn stream<T: Send + 'static>(
        &self,
        items: impl Stream<Item = Placed<T>> + Send + 'static,
    ) -> AlertStream<T> {
        let (state, start) = (Arc::clone(&self.state), self.start.clone());
        let given = items.filter_map(move |Placed { item, behind }| {
            state.lock().at = Some(start.moved(behind));
            future::ready(item)
        });
        let state = Arc::clone(&self.state);
        let end = stream::poll_fn(move |_| {
            state.lock().has_stopped();
            std::task::Poll::Ready(None)
        });
        AlertStream::with_state(given.chain(end), Arc::clone(&self.state))
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").field("progress", &self.state).finish_non_exhaustive()
    }
}
