//! `Feed`: resume tokens, notes and a total for a stream that is made by hand.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_core::Stream;
use futures_util::{StreamExt, future, stream};
use serde_json::{Map, Value};

use crate::error::Result;
use crate::resume::{Cursor, ResumeToken};
use crate::stream::{AlertStream, StreamState};

/// The producer's handle of an [`AlertStream`] that is made by hand: from messages, a file, anything that
/// is not a listing over HTTP. Cheap to clone; clones are the same handle.
///
/// Each item carries the place behind it, a text in the producer's own format, such as an offset. So
/// [`resume_token`](AlertStream::resume_token) is behind the last item that was *taken*, however far the
/// producer reads ahead.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use tom_alerts::{AlertStream, Error, Feed, Parameters, Placed, ResumeToken};
///
/// /// The lines of a text, from a place on; `done` holds the number of lines that were saved.
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
///     // The text is finite: after its last line there is nothing to resume.
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
/// // The consumer saves them and then reports it.
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

/// One item for [`Feed::stream`], with the place behind it.
#[derive(Debug)]
pub struct Placed<T> {
    item: Option<Result<T>>,
    behind: Cursor,
}

impl<T> Placed<T> {
    /// An item, or the error of a bad item, and the place where the next one begins. An empty text means
    /// the beginning of the listing, so it is no place behind an item.
    #[must_use]
    pub fn new(item: Result<T>, behind: impl ToString) -> Self {
        Self { item: Some(item), behind: Cursor::new(behind) }
    }

    /// No item, such as a message that a filter dropped: only the place moves on, in order with the
    /// items.
    #[must_use]
    pub fn passed(behind: impl ToString) -> Self {
        Self { item: None, behind: Cursor::new(behind) }
    }
}

impl Feed {
    /// The handle for a query of a broker. The parameters are canonical, as
    /// [`GenericBroker::check`](crate::GenericBroker::check) returns them; a resume token belongs to them.
    ///
    /// # Errors
    /// [`ErrorKind::Input`](crate::ErrorKind::Input) when the token belongs to another query or broker.
    pub fn new(broker: &str, parameters: &Map<String, Value>, from: Option<&ResumeToken>) -> Result<Self> {
        let start = ResumeToken::or_start(from, broker, parameters)?;
        let state = Arc::new(StreamState::new(start.started(), Some(start.clone())));
        Ok(Self { state, start })
    }

    /// The place to start at, from the resume token; `None` at the beginning.
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        Some(self.start.cursor.as_str()).filter(|place| !place.is_empty())
    }

    /// When the run began: [`AlertStream::started`].
    #[must_use]
    pub fn started(&self) -> DateTime<Utc> {
        self.start.started()
    }

    /// Adds a note. Each text is kept once; at most 10,000 notes are kept.
    pub fn note(&self, note: impl Into<String>) {
        self.state.lock().note(note.into());
    }

    /// Sets how many items the whole listing has.
    pub fn total(&self, items: u64) {
        self.state.lock().total = Some(items);
    }

    /// Marks the listing as finite: after its last item there is no resume token. Without this mark a
    /// stream that stops keeps its last token, as a stream of messages does.
    ///
    /// It may be called at any time, also before the last item; it takes effect after that.
    pub fn ended(&self) {
        self.state.lock().has_end();
    }

    /// Sets the callback for [`AlertStream::taken`]: the consumer has saved all items up to this place.
    /// A Kafka consumer commits its offsets here.
    ///
    /// It runs in the consumer's task, so it must not block. Its error is that of `taken`. A second
    /// callback replaces the first.
    #[must_use]
    pub fn on_taken(self, tell: impl Fn(&str) -> Result<()> + Send + Sync + 'static) -> Self {
        self.state.on_taken(Arc::new(tell));
        self
    }

    /// The stream of these items. Call it once for a handle.
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
