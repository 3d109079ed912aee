//! `Reader`: reads a listing page by page for a `Client`, and keeps its place for the resume token.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use futures_core::Stream;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesOrdered;
use futures_util::{FutureExt, StreamExt, stream};

use crate::alert::Alert;
use crate::call::Engine;
use crate::caller::{Caller, Secrets};
use crate::error::{Error, ErrorKind, Result};
use crate::page::{Items, Page, Slot};
use crate::protocol::Protocol;
use crate::resume::ResumeToken;
use crate::stream::{AlertStream, Progress, StreamState};

/// What a listing is read with.
pub(crate) struct Reader<P: Protocol> {
    pub(crate) protocol: Arc<P>,
    pub(crate) caller: Caller,
    pub(crate) secrets: Arc<Secrets>,
    pub(crate) query: P::Query,
    pub(crate) max_pages: u32,
}

impl<P: Protocol> Reader<P> {
    /// The listing from a place on; nothing is sent before the first item is asked for.
    pub(crate) fn into_stream(self, start: ResumeToken) -> AlertStream<Alert<P::Packet>> {
        let state = Arc::new(StreamState::new(start.started(), Some(start.clone())));
        let (caller, teller) = (self.caller.clone(), self.caller.clone());
        let pages =
            Pages { reader: self, state: Arc::clone(&state), next: Some(start), seen: None }.into_stream();
        let kept = Arc::clone(&state);
        let items = pages.flat_map(move |page| match page {
            Ok(page) => page.into_items(Arc::clone(&kept), caller.clone()).boxed(),
            Err(error) => stream::iter([Err(error)]).boxed(),
        });
        AlertStream::with_state(items.map(move |item| item.map_err(|e| teller.told(e))), state)
    }
}

struct Pages<P: Protocol> {
    reader: Reader<P>,
    state: Arc<StreamState>,
    next: Option<ResumeToken>,
    /// The page before: pages are compared whole, which mostly ends at the first bytes.
    seen: Option<Bytes>,
}

/// One page without the items that were taken before or are not wanted.
struct Part<K> {
    items: Items<K>,
    /// How many items the whole page has.
    count: usize,
    at: ResumeToken,
    behind: Option<ResumeToken>,
}

impl<P: Protocol> Pages<P> {
    fn into_stream(self) -> impl Stream<Item = Result<Part<P::Packet>>> + Send + 'static {
        stream::unfold(self, |mut pages| async move {
            let at = pages.next.take()?;
            let part = pages.fetch(at).await;
            Some((part, pages))
        })
    }

    async fn fetch(&mut self, at: ResumeToken) -> Result<Part<P::Packet>> {
        let Reader { protocol, caller, secrets, query, max_pages } = &self.reader;
        let number = self.state.lock().pages + 1;
        let place = |e: Error| e.at(P::INFO.name).with("page", number);
        let response =
            caller.ask(protocol.listing(query, &at.cursor).map_err(place)?).await.map_err(place)?;
        let body = response.body().clone();
        let mut page = protocol.page(query, &at.cursor, response).map_err(place)?;
        if !page.items.is_empty() && self.seen.as_ref() == Some(&body) {
            let text = "the service gave the same page twice, so the listing was ended";
            return Err(place(Error::new(ErrorKind::Limit, text)));
        }
        // A page of which nothing is given yet may well come once more.
        self.seen = (!page.items.is_empty()).then_some(body);
        let count = page.items.len();
        // Items that were taken before, or are beyond the limit, need no requests.
        let wanted = self.state.lock().wanted;
        page.items.keep(at.skip, wanted);
        let kept = page.items.len();
        let complete = protocol.complete(query, page).map_err(place)?;
        let mut page: Page<P::Packet> = caller.run(complete).await.map_err(place)?;
        if page.items.len() != kept {
            // Places count items, so a token would skip the wrong ones.
            let text = format!("the broker's plugin completed {} items of {kept}", page.items.len());
            return Err(place(Error::new(ErrorKind::Unreadable, text)));
        }
        secrets.hide_in(page.notes.iter_mut());
        let mut progress = self.state.lock();
        progress.pages = number;
        progress.total = progress.total.or(page.total);
        page.notes.into_iter().for_each(|note| progress.note(note));
        let behind = page.next.map(|cursor| at.moved(cursor));
        // The page keeps its `next` all the same, so that another stream can go on from there.
        if behind.is_some() && number >= *max_pages {
            progress.note(format!("stopped after {number} pages, the most that max_pages allows"));
        } else {
            self.next.clone_from(&behind);
        }
        Ok(Part { items: page.items, count, at, behind })
    }
}

impl<K: Send + 'static> Part<K> {
    /// The items in order; the place moves on with each.
    fn into_items(
        self,
        state: Arc<StreamState>,
        caller: Caller,
    ) -> impl Stream<Item = Result<Alert<K>>> + Send + 'static {
        let Self { items, count, at, behind } = self;
        let skip = at.skip;
        let mark = Mark { count, behind };
        {
            let mut progress = state.lock();
            progress.at = Some(at);
            if count <= skip {
                mark.taken(&mut progress, count);
            }
        }
        match items {
            Items::Whole(items) => {
                let items = items.into_iter().zip(skip.saturating_add(1)..);
                let given = move |(item, number): (Result<Alert<K>>, usize)| {
                    let mut progress = state.lock();
                    mark.taken(&mut progress, number);
                    progress.requested = false;
                    progress.wanted = progress.wanted.saturating_sub(1);
                    item.map_err(|e| e.with("item", number))
                };
                stream::iter(items).map(given).left_stream()
            }
            Items::Slots(slots) => {
                let ahead = Ahead { slots: slots.into(), asked: FuturesOrdered::new(), caller, state, mark };
                stream::unfold((ahead, skip), |(mut ahead, mut number)| async move {
                    let item = ahead.next(&mut number).await?;
                    Some((item.map_err(|e| e.with("item", number)), (ahead, number)))
                })
                .right_stream()
            }
        }
    }
}

/// Keeps the place up as the items of a page are taken.
struct Mark {
    count: usize,
    behind: Option<ResumeToken>,
}

impl Mark {
    fn taken(&self, progress: &mut Progress, number: usize) {
        match (&self.behind, &mut progress.at) {
            (_, Some(at)) if number < self.count => at.skip = number,
            (Some(behind), at) => *at = Some(behind.clone()),
            (None, _) => progress.ended = true,
        }
    }
}

/// Slots whose requests run at once; the items come in order.
struct Ahead<K> {
    slots: VecDeque<Result<Slot<K>>>,
    asked: FuturesOrdered<BoxFuture<'static, Answer<K>>>,
    caller: Caller,
    state: Arc<StreamState>,
    mark: Mark,
}

impl<K: Send + 'static> Ahead<K> {
    /// The next item; `number` counts the slots that are done.
    async fn next(&mut self, number: &mut usize) -> Option<Result<Alert<K>>> {
        loop {
            // Each request may give an item, so no more run at once than items are still wanted.
            let most = self.caller.width().min(self.state.lock().wanted);
            while self.asked.len() < most
                && let Some(slot) = self.slots.pop_front()
            {
                self.asked.push_back(answer(slot, self.caller.clone()).boxed());
            }
            let (requested, item) = self.asked.next().await?;
            *number += 1;
            let mut progress = self.state.lock();
            self.mark.taken(&mut progress, *number);
            progress.requested = requested;
            if let Some(item) = item.transpose() {
                progress.wanted = progress.wanted.saturating_sub(1);
                return Some(item);
            }
        }
    }
}

/// Whether a slot needed a request of its own, and the item that there is.
type Answer<K> = (bool, Result<Option<Alert<K>>>);

async fn answer<K: Send + 'static>(slot: Result<Slot<K>>, caller: Caller) -> Answer<K> {
    match slot {
        Ok(Slot::Item(alert)) => (false, Ok(Some(alert))),
        Ok(Slot::Ask(asked, call)) => {
            (true, caller.run(*call).await.map(Some).map_err(|e| e.asking_for(asked)))
        }
        Ok(Slot::Maybe(asked, call)) => (true, caller.run(*call).await.map_err(|e| e.asking_for(asked))),
        Err(error) => (false, Err(error)),
    }
}
