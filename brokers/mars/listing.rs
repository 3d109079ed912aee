//! Listings: the parts that a query must be asked in, their pages, and where one goes on.

use super::parts::{parts, ranges, sorted};
use super::query::Parameters;
use super::{Mars, MarsAlert, MarsQuery, SortOrder, services};
use crate::plugin::*;

/// What the server gives on a page; it cannot be asked for more or less.
const PAGE: usize = 100;

/// Objects of one request of several: they come without pages.
const OBJECTS: usize = 20;

/// What surrounds the alerts of a page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Envelope {
    /// False on every page of every version since 2019, so a false says nothing.
    #[serde(deserialize_with = "wire::flag_or_none")]
    has_next: Option<bool>,
}

/// How the pages of a listing follow on one another.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Paging {
    /// By the number of the alert, which only grows: by page numbers.
    Number(SortOrder),
    /// By the time, which many alerts share: each page from the last value on.
    Time(Order),
    /// By another column: by page numbers.
    Counted,
}

impl Paging {
    fn of(query: &MarsQuery) -> Self {
        let order = query.sort_order.unwrap_or_default();
        match query.sort_value.as_deref() {
            None | Some("id") => Self::Number(order),
            Some("jd") => Self::Time(match order {
                SortOrder::Ascending => Order::Ascending,
                SortOrder::Descending => Order::Descending,
            }),
            Some(_) => Self::Counted,
        }
    }
}

/// A place in a listing: `part/stretch/number`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    /// The part that is asked for, or the batch of objects.
    part: usize,
    stretch: Stretch,
    /// The number of the last alert of the page before.
    last: Option<i64>,
}

impl Place {
    fn start(part: usize) -> Self {
        Self { part, stretch: Stretch::All, last: None }
    }

    fn of(at: &Cursor) -> Result<Self> {
        if at.is_start() {
            return Ok(Self::start(0));
        }
        let read = || {
            let mut fields = at.as_str().splitn(3, '/');
            let (part, stretch) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
            let last = match fields.next()? {
                "" => None,
                number => Some(number.parse().ok()?),
            };
            Some(Self { part, stretch, last })
        };
        read().ok_or_else(Cursor::foreign)
    }

    fn cursor(self) -> Cursor {
        let last = self.last.map_or_else(String::new, |number| number.to_string());
        Cursor::new(format!("{}/{}/{last}", self.part, self.stretch))
    }
}

/// The request of a part of a listing: a page of one query, or a batch of objects.
pub(super) fn request(mars: &Mars, query: &MarsQuery, at: &Cursor) -> Result<Request> {
    let place = Place::of(at)?;
    if query.object_id.len() > 1 {
        return mars.post(&batch(query, &place));
    }
    let narrowed = match Paging::of(query) {
        Paging::Time(order) => Some(narrowed(query, place.stretch, order)),
        Paging::Number(_) | Paging::Counted => None,
    };
    let query = narrowed.as_ref().unwrap_or(query);
    let part = parts(query, query.object_id.iter()).into_iter().nth(place.part);
    let part = sorted(query, part.ok_or_else(Cursor::foreign)?);
    let request = part.iter().fold(mars.root.get(&[""]), |request, (key, value)| request.query(key, value));
    let page = place.stretch.page();
    let request = request.query("page", page).query("format", "json");
    // Behind the last page there is none.
    Ok(if page > 1 { request.accept_status(404) } else { request })
}

/// The query with the bounds of a stretch. The server takes in neither end of a range of JD.
fn narrowed(query: &MarsQuery, stretch: Stretch, order: Order) -> MarsQuery {
    let (low, high) = stretch.bounds(order);
    let mut narrowed = query.clone();
    narrowed.jd_gt = query.jd_gt.into_iter().chain(low.map(f64::next_down)).reduce(f64::max);
    narrowed.jd_lt = query.jd_lt.into_iter().chain(high.map(f64::next_up)).reduce(f64::min);
    if stretch.is_by_id() {
        narrowed.sort_value = None;
    }
    narrowed
}

/// Reads a part of a listing.
pub(super) fn page(query: &MarsQuery, at: &Cursor, response: &Response) -> Result<Page<MarsAlert>> {
    let place = Place::of(at)?;
    if query.object_id.len() > 1 {
        return batch_page(query, &place, response);
    }
    let (items, has_next, odd) = if response.status() == 404 {
        (Vec::new(), None, 0)
    } else {
        let (read, odd) = wire::left_out(|| response.items::<MarsAlert, Envelope>(Some("results")));
        let (items, envelope) = read?;
        (items, envelope.has_next, odd)
    };
    let came = items.len();
    let mut last = None;
    let more = came >= PAGE || (came > 0 && has_next == Some(true));
    let mut notes = Vec::new();
    if more && came < PAGE {
        notes.push(format!(
            "the server gives {came} alerts a page where {PAGE} are usual; the listing goes on"
        ));
    }
    let counted = || more.then(|| Stretch::Page(place.stretch.page().saturating_add(1), None));
    let (items, next) = match Paging::of(query) {
        Paging::Time(order) => {
            let part = place.stretch.cut(order, items, |alert: &Alert<MarsAlert>| alert.candidate.jd, more);
            notes.extend(part.note.map(str::to_owned));
            let (low, high) = (query.jd_gt.map(f64::next_up), query.jd_lt.map(f64::next_down));
            (part.items, part.next.filter(|next| !next.is_empty(order, low, high)))
        }
        Paging::Number(SortOrder::Descending) => {
            let (items, end, note) = Order::Descending.behind(place.last, items, number);
            notes.extend(note.map(str::to_owned));
            last = end;
            (items, counted())
        }
        Paging::Number(SortOrder::Ascending) => (items, counted()),
        Paging::Counted => {
            if more {
                let column = query.sort_value.as_deref().unwrap_or_default();
                notes.push(format!(
                    "sorted by {column} the pages are counted: alerts of equal values can be lost between two \
                     pages; sorted by id, as without sort_value, or by jd none is"
                ));
            }
            (items, counted())
        }
    };
    let next = match next {
        Some(stretch) => Some(Place { part: place.part, stretch, last }),
        None => (place.part + 1 < ranges(query).len()).then(|| Place::start(place.part + 1)),
    };
    if came == 0 && at.is_start() && next.is_none() {
        notes.push("no alert answers the query".to_owned());
    }
    let page = Page::new(items, next.map(Place::cursor)).with_left_out(odd);
    Ok(notes.into_iter().fold(page, Page::with_note))
}

/// MARS's number of an alert.
fn number(alert: &Alert<MarsAlert>) -> Option<i64> {
    alert.lco_id.parse().ok()
}

/// The queries of a batch of objects.
fn batch(query: &MarsQuery, place: &Place) -> Vec<Parameters> {
    let objects = query.object_id.iter().skip(place.part.saturating_mul(OBJECTS)).take(OBJECTS);
    parts(query, objects).into_iter().map(|part| sorted(query, part)).collect()
}

fn batch_page(query: &MarsQuery, place: &Place, response: &Response) -> Result<Page<MarsAlert>> {
    let (answers, odd) = wire::left_out(|| services::answers(response));
    let answers = answers?;
    let (due, came) = (batch(query, place).len(), answers.0.len());
    let mut items = Vec::new();
    for answer in answers {
        match answer {
            Ok(answer) => items.extend(answer.alerts),
            Err(error) => items.push(Err(error)),
        }
    }
    if came < due {
        let text = format!("{due} queries were asked in one request, but {came} were answered");
        items.push(Err(Error::new(ErrorKind::Unreadable, text)));
    }
    let done = place.part.saturating_add(1).saturating_mul(OBJECTS);
    let next = (done < query.object_id.len()).then(|| Place::start(place.part + 1));
    Ok(Page::new(items, next.map(Place::cursor)).with_left_out(odd))
}
