//! `Stretch`: a listing that is paged by a value of its items, so that none is lost between two pages.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::resume::Cursor;

/// A part of a listing that is paged by a value of its items, such as the time of the first detection.
///
/// Page numbers lose items while a listing changes: when an item leaves the answer, all later ones move
/// up, and one moves to a page that was read already. Items of equal value have no fixed order either,
/// so that one can be on two pages and another on none. A bound on the value does not move: each request
/// asks for everything from the last value on. The items of that last value are not complete on a page,
/// so they are held back and come with the next request. A value that more items have than fit a page is
/// asked for by itself, sorted by the id.
///
/// What is promised: an item that answers the query all the time, and whose value does not change, comes
/// exactly once. Only within one value that needs several pages, and at a service that does not sort or
/// bound by the value, the pages are counted, as above.
///
/// ```
/// use tom_alerts::plugin::*;
/// let rows = vec![Ok(1.0), Ok(2.0), Ok(2.5)];
/// let part = Stretch::All.cut(Order::Ascending, rows, |row: &f64| Some(*row), true);
/// assert_eq!((part.items.len(), part.next), (2, Some(Stretch::From(2.5))));
/// assert_eq!(Stretch::From(2.5).bounds(Order::Ascending), (Some(2.5), None));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum Stretch {
    /// All items, sorted by the value.
    #[default]
    All,
    /// Those from this value on, which is included, sorted by the value. Items of it were held back.
    From(f64),
    /// Those behind this value, sorted by the value.
    Behind(f64),
    /// Those of this value alone, sorted by the id: a page, counted from 1.
    Of(f64, u64),
    /// A page of all items, counted from 1: the service does not sort or bound by the value. Items before
    /// the value were given already.
    Page(u64, Option<f64>),
}

/// Which end of the values comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The smallest.
    Ascending,
    /// The largest.
    Descending,
}

impl Order {
    /// Of a counted page that is sorted by a number which is different for each item: the items behind
    /// `last`, the last number of the pages before; the last number now; a note for the listing.
    ///
    /// Items that came in meanwhile move others to the next page, where these are not given again. When the
    /// service does not sort, nothing is left out: better twice than not at all.
    ///
    /// ```
    /// use tom_alerts::plugin::*;
    /// let page = vec![Ok(5), Ok(4), Ok(3)];
    /// let (items, last, note) = Order::Descending.behind(Some(5), page, |number| Some(*number));
    /// assert_eq!((items.len(), last, note), (2, Some(3), None));
    /// ```
    #[must_use]
    pub fn behind<T>(
        self,
        last: Option<i64>,
        mut items: Vec<Result<T>>,
        number: impl Fn(&T) -> Option<i64>,
    ) -> (Vec<Result<T>>, Option<i64>, Option<&'static str>) {
        let of = |item: &Result<T>| item.as_ref().ok().and_then(&number);
        let before = |a: i64, b: i64| if self == Self::Ascending { a < b } else { a > b };
        if !items.iter().filter_map(of).is_sorted_by(|a, b| before(*a, *b)) {
            return (items, None, Some(UNSORTED));
        }
        let now = items.iter().filter_map(of).next_back();
        let end = last
            .zip(now)
            .map_or(last.or(now), |(last, now)| Some(if before(last, now) { now } else { last }));
        items.retain(|item| last.zip(of(item)).is_none_or(|(last, number)| before(last, number)));
        (items, end, None)
    }
}

/// What a page gives, and where the listing goes on.
#[derive(Debug)]
#[non_exhaustive]
pub struct Part<T> {
    /// The items that are complete.
    pub items: Vec<Result<T>>,
    /// The next stretch; `None` at the end.
    pub next: Option<Stretch>,
    /// Why items may be missing, for the notes of the listing.
    pub note: Option<&'static str>,
}

const VANISHED: &str = "what was last on a page did not come again with the next one";
const UNSORTED: &str = "the service does not sort as it was asked to, so its pages are counted: an item can \
                        be lost between two pages";
const UNBOUND: &str = "the service does not keep to the bounds that it was asked for, so its pages are \
                       counted: an item can be lost between two pages";

impl Stretch {
    /// The bounds to ask for, lower and upper, both included.
    #[must_use]
    pub fn bounds(self, order: Order) -> (Option<f64>, Option<f64>) {
        match (self, order) {
            (Self::All | Self::Page(..), _) => (None, None),
            (Self::From(value), Order::Ascending) => (Some(value), None),
            (Self::From(value), Order::Descending) => (None, Some(value)),
            (Self::Behind(value), Order::Ascending) => (Some(value.next_up()), None),
            (Self::Behind(value), Order::Descending) => (None, Some(value.next_down())),
            (Self::Of(value, _), _) => (Some(value), Some(value)),
        }
    }

    /// The bounds to ask for within those of the query.
    #[must_use]
    pub fn within(self, order: Order, low: Option<f64>, high: Option<f64>) -> (Option<f64>, Option<f64>) {
        let (from, to) = self.bounds(order);
        let low = low.into_iter().chain(from).reduce(f64::max);
        let high = high.into_iter().chain(to).reduce(f64::min);
        (low, high)
    }

    /// Whether there is nothing to ask for within the bounds of the query.
    #[must_use]
    pub fn is_empty(self, order: Order, low: Option<f64>, high: Option<f64>) -> bool {
        matches!(self.within(order, low, high), (Some(low), Some(high)) if low > high)
    }

    /// The page to ask for, counted from 1.
    #[must_use]
    pub fn page(self) -> u64 {
        match self {
            Self::Of(_, page) | Self::Page(page, _) => page.max(1),
            Self::All | Self::From(_) | Self::Behind(_) => 1,
        }
    }

    /// Whether the answer is to be sorted by the id, not by the value.
    #[must_use]
    pub fn is_by_id(self) -> bool {
        matches!(self, Self::Of(..))
    }

    /// The items of a page that are complete, and where the listing goes on. `value` is what the listing
    /// is paged by, `more` whether the service has more pages of this stretch.
    #[must_use]
    pub fn cut<T>(
        self,
        order: Order,
        items: Vec<Result<T>>,
        value: impl Fn(&T) -> Option<f64>,
        more: bool,
    ) -> Part<T> {
        let of = |item: &Result<T>| item.as_ref().ok().and_then(&value).filter(|v| v.is_finite());
        let values: Vec<Option<f64>> = items.iter().map(of).collect();
        let known = || values.iter().flatten().copied();
        let (low, high) = self.bounds(order);
        if known().any(|v| low.is_some_and(|low| v < low) || high.is_some_and(|high| v > high)) {
            let start = if order == Order::Ascending { low } else { high };
            return Part { items: Vec::new(), next: Some(Self::Page(1, start)), note: Some(UNBOUND) };
        }
        match self {
            Self::Page(page, start) => {
                let given = |v: f64| {
                    start.is_some_and(|start| if order == Order::Ascending { v < start } else { v > start })
                };
                let items = items.into_iter().zip(&values);
                let items = items.filter(|(_, v)| !v.is_some_and(given)).map(|(item, _)| item).collect();
                let next = more.then(|| Self::Page(page.saturating_add(1), start));
                Part { items, next, note: None }
            }
            Self::Of(at, page) => {
                let note = (page <= 1 && items.is_empty()).then_some(VANISHED);
                let next = if more { Self::Of(at, page.saturating_add(1)) } else { Self::Behind(at) };
                Part { items, next: Some(next), note }
            }
            Self::All | Self::From(_) | Self::Behind(_) => {
                let vanished = matches!(self, Self::From(at) if known().next() != Some(at));
                let note = vanished.then_some(VANISHED);
                if !more {
                    return Part { items, next: None, note };
                }
                let sorted = match order {
                    Order::Ascending => known().is_sorted(),
                    Order::Descending => known().is_sorted_by(|a, b| a >= b),
                };
                match known().last() {
                    Some(last) if sorted => self.held(items, &values, last, note),
                    _ => {
                        let start = if order == Order::Ascending { low } else { high };
                        Part { items, next: Some(Self::Page(2, start)), note: Some(UNSORTED) }
                    }
                }
            }
        }
    }

    /// Holds back what may not be complete: everything from the first item of the last value on.
    fn held<T>(
        self,
        mut items: Vec<Result<T>>,
        values: &[Option<f64>],
        last: f64,
        note: Option<&'static str>,
    ) -> Part<T> {
        let whole = values.iter().position(|value| *value == Some(last)).unwrap_or_default();
        let held = items.len() - whole;
        // Most of a page that is held back would come once more, so the value is asked for by itself.
        let alone = values.iter().flatten().next() == Some(&last) || held > whole;
        items.truncate(whole);
        Part { items, next: Some(if alone { Self::Of(last, 1) } else { Self::From(last) }), note }
    }
}

/// As a part of a [`Cursor`]: nothing, or a letter and the value.
impl fmt::Display for Stretch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => Ok(()),
            Self::From(value) => write!(f, "f{value}"),
            Self::Behind(value) => write!(f, "b{value}"),
            Self::Of(value, page) => write!(f, "o{value},{page}"),
            Self::Page(page, None) => write!(f, "p{page}"),
            Self::Page(page, Some(start)) => write!(f, "p{page},{start}"),
        }
    }
}

impl FromStr for Stretch {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let number = |text: &str| text.parse::<f64>().ok().filter(|value| value.is_finite());
        let page = |text: &str| text.parse::<u64>().ok().filter(|page| *page > 0);
        let read = || match text.split_at_checked(1)? {
            ("f", value) => Some(Self::From(number(value)?)),
            ("b", value) => Some(Self::Behind(number(value)?)),
            ("o", rest) => {
                let (value, of) = rest.split_once(',')?;
                Some(Self::Of(number(value)?, page(of)?))
            }
            ("p", rest) => match rest.split_once(',') {
                Some((of, start)) => Some(Self::Page(page(of)?, Some(number(start)?))),
                None => Some(Self::Page(page(rest)?, None)),
            },
            _ => None,
        };
        if text.is_empty() { Ok(Self::All) } else { read().ok_or_else(Cursor::foreign) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An item of a made-up service: an id and a value that many share.
    type Row = (u32, f64);

    /// A service that sorts and bounds, and leaves those of one value in an order of its own.
    fn page(table: &[Row], stretch: Stretch, order: Order, size: usize) -> (Vec<Row>, bool) {
        let (low, high) = stretch.bounds(order);
        let within = |v: f64| low.is_none_or(|low| v >= low) && high.is_none_or(|high| v <= high);
        let mut rows: Vec<Row> = table.iter().copied().filter(|(_, v)| within(*v)).collect();
        // Another order among equals at every page.
        let salt = stretch.to_string().len() as u32 * 7 + 3;
        rows.sort_by_key(|(id, _)| id.wrapping_mul(2_654_435_761).rotate_left(salt));
        if stretch.is_by_id() {
            rows.sort_by_key(|(id, _)| *id);
        } else if order == Order::Ascending {
            rows.sort_by(|a, b| a.1.total_cmp(&b.1));
        } else {
            rows.sort_by(|a, b| b.1.total_cmp(&a.1));
        }
        let from = (stretch.page() as usize - 1) * size;
        let more = rows.len() > from + size;
        (rows.into_iter().skip(from).take(size).collect(), more)
    }

    /// Everything that a listing gives while `change` is done to the table between two pages.
    fn list(
        mut table: Vec<Row>,
        order: Order,
        size: usize,
        mut change: impl FnMut(&mut Vec<Row>),
    ) -> Vec<u32> {
        let (mut stretch, mut given) = (Stretch::All, Vec::new());
        for _ in 0..10_000 {
            let (rows, more) = page(&table, stretch, order, size);
            let rows = rows.into_iter().map(Ok).collect();
            let part = stretch.cut(order, rows, |row: &Row| Some(row.1), more);
            given.extend(part.items.into_iter().map(|row| row.unwrap().0));
            let Some(next) = part.next else { return given };
            assert_eq!(next.to_string().parse::<Stretch>().unwrap(), next);
            stretch = next;
            change(&mut table);
        }
        panic!("the listing does not end");
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_doubled(
            values in prop::collection::vec(0_u8..12, 0..60), size in 1_usize..20, descending in any::<bool>(),
        ) {
            let order = if descending { Order::Descending } else { Order::Ascending };
            let table: Vec<Row> = (0..).zip(values).map(|(id, v)| (id, f64::from(v) / 3.0 + 58_000.1)).collect();
            let mut given = list(table.clone(), order, size, |_| ());
            given.sort_unstable();
            let due: Vec<u32> = table.iter().map(|row| row.0).collect();
            prop_assert_eq!(given, due);
        }

        #[test]
        fn what_leaves_the_answer_takes_no_other_along(
            leaving in prop::collection::vec(0_u32..100, 0..40), size in 1_usize..12,
        ) {
            let table: Vec<Row> = (0..100).map(|id| (id, 58_000.0 + f64::from(id))).collect();
            let mut queue = leaving.clone();
            let given = list(table, Order::Ascending, size, |table| {
                let gone = queue.pop();
                table.retain(|row| Some(row.0) != gone);
            });
            let lost: Vec<u32> = (0..100).filter(|id| !given.contains(id) && !leaving.contains(id)).collect();
            prop_assert!(lost.is_empty(), "{lost:?}");
        }

        #[test]
        fn no_text_panics(text in "[fbop]?[-0-9.,einfaN]{0,12}") {
            let _ = text.parse::<Stretch>();
        }
    }

    fn cut(stretch: Stretch, rows: &[f64], more: bool) -> Part<f64> {
        stretch.cut(Order::Ascending, rows.iter().copied().map(Ok).collect(), |v: &f64| Some(*v), more)
    }

    #[test]
    fn the_pages_of_a_service_that_does_not_sort_or_bound_are_counted() {
        let part = cut(Stretch::All, &[2.0, 1.0], true);
        assert_eq!((part.items.len(), part.next), (2, Some(Stretch::Page(2, None))));
        assert!(part.note.unwrap().starts_with("the service does not sort as it was asked to"));
        let part = cut(Stretch::From(2.0), &[1.0, 2.0], true);
        assert_eq!((part.items.len(), part.next), (0, Some(Stretch::Page(1, Some(2.0)))));
        assert!(part.note.unwrap().starts_with("the service does not keep to the bounds"));
        // What was given before the bound is not given again, what was held back is.
        let part = cut(Stretch::Page(1, Some(2.0)), &[1.0, 2.0], true);
        assert_eq!(part.items.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [2.0]);
        assert_eq!(part.next, Some(Stretch::Page(2, Some(2.0))));
        let part = Stretch::All.cut(Order::Ascending, vec![Ok(1_u8)], |_| None, true);
        assert_eq!((part.items.len(), part.next), (1, Some(Stretch::Page(2, None))));
    }

    #[test]
    fn what_was_given_is_not_given_again_and_a_page_out_of_order_is_whole() {
        let behind = |order: Order, last, rows: &[i64]| {
            let rows = rows.iter().copied().map(Ok).collect();
            let (items, last, note) = order.behind(last, rows, |row: &i64| Some(*row));
            (items.into_iter().map(Result::unwrap).collect::<Vec<_>>(), last, note.is_some())
        };
        assert_eq!(behind(Order::Ascending, Some(2), &[1, 2, 3]), (vec![3], Some(3), false));
        assert_eq!(behind(Order::Ascending, Some(9), &[]), (vec![], Some(9), false));
        assert_eq!(behind(Order::Descending, None, &[9, 7]), (vec![9, 7], Some(7), false));
        for unsorted in [[1, 3, 2], [2, 2, 2]] {
            assert_eq!(behind(Order::Ascending, Some(3), &unsorted), (unsorted.to_vec(), None, true));
        }
    }

    #[test]
    fn what_was_held_back_and_does_not_come_again_is_told() {
        assert_eq!(cut(Stretch::From(2.0), &[2.0, 3.0], false).note, None);
        assert_eq!(cut(Stretch::From(2.0), &[3.0], false).note, Some(VANISHED));
        assert_eq!(cut(Stretch::Behind(2.0), &[3.0], false).note, None);
        assert_eq!(cut(Stretch::Of(2.0, 1), &[], false).note, Some(VANISHED));
    }

    #[test]
    fn bounds_stay_within_those_of_the_query() {
        let within = |stretch: Stretch| stretch.within(Order::Ascending, Some(1.0), Some(5.0));
        assert_eq!(within(Stretch::All), (Some(1.0), Some(5.0)));
        assert_eq!(within(Stretch::From(3.0)), (Some(3.0), Some(5.0)));
        assert_eq!(within(Stretch::Of(3.0, 2)), (Some(3.0), Some(3.0)));
        assert!(Stretch::Behind(5.0).is_empty(Order::Ascending, Some(1.0), Some(5.0)));
        assert!(!Stretch::From(5.0).is_empty(Order::Ascending, Some(1.0), Some(5.0)));
    }
}
