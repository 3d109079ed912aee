//! One part of a listing: `Page`, its `Items`, and the `Slot`s that need a request of their own.

use std::fmt;

use crate::alert::Alert;
use crate::call::Call;
use crate::error::{Asked, Result};
use crate::resume::Cursor;

/// One part of a listing.
#[derive(Debug)]
#[non_exhaustive]
pub struct Page<P> {
    /// The items in the service's order; one that cannot be read is an error in its place.
    pub items: Items<P>,
    /// Where the next part begins; `None` at the end.
    pub next: Option<Cursor>,
    /// How many items the whole listing has, where the service says so.
    pub total: Option<u64>,
    /// Notes of the broker for the user.
    pub notes: Vec<String>,
}

impl<P> Page<P> {
    /// A page of whole items.
    #[must_use]
    pub fn new(items: Vec<Result<Alert<P>>>, next: Option<Cursor>) -> Self {
        Self { items: Items::Whole(items), next, total: None, notes: Vec::new() }
    }

    /// A page of items of which some need a request of their own.
    #[must_use]
    pub fn of_slots(items: Vec<Result<Slot<P>>>, next: Option<Cursor>) -> Self {
        Self { items: Items::Slots(items), next, total: None, notes: Vec::new() }
    }

    /// Says how many items the whole listing has.
    #[must_use]
    pub fn with_total(mut self, total: Option<u64>) -> Self {
        self.total = total;
        self
    }

    /// Adds a note for the user.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Notes that values of items were left out because they are of another type than due, where there
    /// are any; see [`wire::left_out`](crate::wire::left_out).
    #[must_use]
    pub fn with_left_out(self, count: usize) -> Self {
        match count {
            0 => self,
            _ => self.with_note(
                "values that have another type than due are left out; the text of the alert itself has them",
            ),
        }
    }
}

/// The items of a page. Whole ones stay where they were read: moving a thousand packets costs a
/// tenth of reading them.
#[derive(Debug)]
pub enum Items<P> {
    /// Every item is there.
    Whole(Vec<Result<Alert<P>>>),
    /// Some items need a request of their own.
    Slots(Vec<Result<Slot<P>>>),
}

impl<P> Items<P> {
    /// How many items there are, good and bad.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Whole(items) => items.len(),
            Self::Slots(items) => items.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Drops the first `skip` items, and of whole items all but the next `most`. Slots are not cut: each
    /// may turn out to be no item.
    pub(crate) fn keep(&mut self, skip: usize, most: usize) {
        match self {
            Self::Whole(items) => {
                items.drain(..skip.min(items.len()));
                items.truncate(most);
            }
            Self::Slots(items) => drop(items.drain(..skip.min(items.len()))),
        }
    }

    /// The items as slots, in order.
    #[must_use]
    pub fn into_slots(self) -> Vec<Result<Slot<P>>> {
        match self {
            Self::Whole(items) => items.into_iter().map(|item| item.map(Slot::Item)).collect(),
            Self::Slots(items) => items,
        }
    }
}

/// An item of a page.
#[non_exhaustive]
pub enum Slot<P> {
    /// The item itself.
    Item(Alert<P>),
    /// What is asked for, and the steps that fetch it; several run at once, the order is kept.
    Ask(Asked, Box<Call<Alert<P>>>),
    /// The same where only the item itself shows whether it matches the query; `None` is left out.
    Maybe(Asked, Box<Call<Option<Alert<P>>>>),
}

impl<P> Slot<P> {
    /// An item that these steps fetch. `asked` is its id, or its id and name; an error of the steps
    /// carries both as [`Error::asked`](crate::Error::asked).
    ///
    /// ```
    /// use tom_alerts::plugin::*;
    /// let url = "https://example.org/objects/7".parse().unwrap();
    /// let call = Call::get(Request::get(url), |response| response.alert::<Value>());
    /// let slot = Slot::ask(("7", "SN 2026xyz"), call);
    /// # let Slot::Ask(asked, _) = slot else { panic!() };
    /// # assert_eq!((asked.id(), asked.name()), ("7", Some("SN 2026xyz")));
    /// ```
    #[must_use]
    pub fn ask(asked: impl Into<Asked>, call: Call<Alert<P>>) -> Self {
        Self::Ask(asked.into(), Box::new(call))
    }

    /// An item that these steps fetch, if it matches the query.
    #[must_use]
    pub fn maybe(asked: impl Into<Asked>, call: Call<Option<Alert<P>>>) -> Self {
        Self::Maybe(asked.into(), Box::new(call))
    }
}

impl<P: fmt::Debug> fmt::Debug for Slot<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Item(item) => f.debug_tuple("Item").field(item).finish(),
            Self::Ask(asked, call) => f.debug_tuple("Ask").field(asked).field(call).finish(),
            Self::Maybe(asked, call) => f.debug_tuple("Maybe").field(asked).field(call).finish(),
        }
    }
}
