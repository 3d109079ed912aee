//! The listing of loci: the request of a page, and what the page says.

use std::borrow::Cow;

use super::endpoints::Endpoints;
use super::locus::Locus;
use super::query::{AntaresQuery, ApiVersion};
use super::{Antares, elastic};
use crate::plugin::*;

/// The order of a listing that the query does not order.
const NEWEST_FIRST: &str = "-properties.newest_alert_observation_time";

/// Where the service's count ends.
const COUNT_END: u64 = 10_000;

/// What may be missing from a listing of several pages: the alerts of one exposure have one time, and the
/// service promises no order among equals.
const COUNTED: &str =
    "the pages are counted: loci of equal values can be lost between two pages, or come twice";

/// How many loci of one time a place in a listing knows at most, as it may be kept as text.
const MOST_ALIKE: usize = 50;

/// Where a listing is: `seen query`, or `seen,time,id,… query`.
#[derive(Debug, Default, PartialEq)]
struct Place<'a> {
    /// How many loci came before.
    seen: u64,
    /// The end of the page before, where the newest came first.
    last: Option<Last<'a>>,
    /// The query of the link to the next page.
    query: &'a str,
}

/// The end of a page that is sorted by time: the time of its last locus, MJD, and the loci of that time.
#[derive(Debug, Clone, PartialEq)]
struct Last<'a> {
    time: f64,
    ids: Vec<Cow<'a, str>>,
}

impl<'a> Place<'a> {
    fn of(at: &'a Cursor) -> Result<Self> {
        if at.is_start() {
            return Ok(Self::default());
        }
        let read = || {
            let (own, query) = at.as_str().split_once(' ')?;
            let mut parts = own.split(',');
            let seen = parts.next()?.parse().ok()?;
            let last = match parts.next() {
                Some(time) => {
                    let time = time.parse().ok().filter(|time: &f64| time.is_finite())?;
                    Some(Last { time, ids: parts.map(Cow::Borrowed).collect() })
                }
                None => None,
            };
            Some(Self { seen, last, query })
        };
        read().ok_or_else(Cursor::foreign)
    }

    fn cursor(&self) -> Cursor {
        let mut text = self.seen.to_string();
        if let Some(last) = &self.last {
            text = last.ids.iter().fold(format!("{text},{}", last.time), |text, id| format!("{text},{id}"));
        }
        Cursor::new(format!("{text} {}", self.query))
    }
}

fn time_of(item: &Result<Alert<Locus>>) -> Option<f64> {
    item.as_ref().ok()?.properties.newest_alert_observation_time
}

impl Last<'_> {
    /// Whether a locus was given before: it is of a later time, or of this one and known.
    fn has(&self, item: &Result<Alert<Locus>>) -> bool {
        let known = || item.as_ref().is_ok_and(|locus| self.ids.iter().any(|id| **id == *locus.id));
        time_of(item).is_some_and(|time| time > self.time || time == self.time && known())
    }
}

/// Leaves out the loci that newer ones pushed over from the page before, and gives the end of this one.
/// Nothing is left out of a page that is not sorted as it was asked for.
fn behind<'a>(last: Option<Last<'a>>, items: &mut Vec<Result<Alert<Locus>>>) -> Option<Last<'a>> {
    if !items.iter().filter_map(time_of).is_sorted_by(|a, b| a >= b) {
        return None;
    }
    if let Some(last) = &last {
        items.retain(|item| !last.has(item));
    }
    let Some(time) = items.iter().filter_map(time_of).next_back() else { return last };
    let before = last.filter(|last| last.time == time).map_or_else(Vec::new, |last| last.ids);
    let alike = items.iter().filter(|item| time_of(item) == Some(time)).filter_map(|item| item.as_ref().ok());
    let own = alike.map(|locus| locus.id.clone()).filter(|id| !id.contains([' ', ',']));
    let mut ids: Vec<_> = before.into_iter().chain(own.map(Cow::Owned)).collect();
    ids.drain(..ids.len().saturating_sub(MOST_ALIKE));
    Some(Last { time, ids })
}

/// The request of the page at a cursor.
pub(super) fn request(
    endpoints: &Endpoints,
    query: &AntaresQuery,
    at: &Cursor,
    now: DateTime<Utc>,
) -> Result<Request> {
    if let Some(id) = form::given(&query.locus_id) {
        // The service has no search by its own id. A locus that is not there is an empty listing.
        return Ok(endpoints.get(&["loci", id]).accept_status(404));
    }
    let further = Place::of(at)?;
    if !further.query.is_empty() {
        return Ok(endpoints.further(&["loci"], further.query));
    }
    let body = elastic::search(query, endpoints.version(), now);
    let sort = form::given(&query.sort).unwrap_or(NEWEST_FIRST);
    Ok(search(endpoints, &body, sort, query.page_size()))
}

/// The request of a search.
fn search(endpoints: &Endpoints, body: &Value, sort: &str, size: u32) -> Request {
    let request = endpoints.get(&["loci"]);
    match endpoints.version() {
        ApiVersion::V1 => request
            .query("sort", sort)
            .query("elasticsearch_query[locus_listing]", body)
            .query("page[limit]", size),
        ApiVersion::V2 => request.query("limit", size).query("sort", sort).query("elasticsearch_query", body),
    }
}

/// The request for the newest locus of a survey's object.
pub(super) fn by_name(endpoints: &Endpoints, field: &str, name: &str) -> Request {
    search(endpoints, &elastic::by_term(field, name), NEWEST_FIRST, 1)
}

/// What surrounds the items of a page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Envelope {
    links: Option<Links>,
    #[serde(deserialize_with = "wire::object_or_none")]
    meta: Option<Meta>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Links {
    next: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Meta {
    #[serde(deserialize_with = "wire::whole_or_none")]
    count: Option<i64>,
}

impl Envelope {
    /// The link to the next page; JSON:API allows an object in its place.
    pub(super) fn next(&self) -> Option<&str> {
        let next = self.links.as_ref()?.next.as_ref()?;
        next.as_str().or_else(|| next["href"].as_str()).filter(|link| !link.trim().is_empty())
    }
}

/// Reads a page.
pub(super) fn page(
    antares: &Antares,
    query: &AntaresQuery,
    at: &Cursor,
    response: &Response,
) -> Result<Page<Locus>> {
    const NOTHING: &str = "no locus answers the query";
    if form::given(&query.locus_id).is_some() {
        return match response.status() {
            404 if response.is_html() => {
                let text = "the service does not have this path; is base_url right?";
                Err(Error::new(ErrorKind::NotFound, text).with_status(404))
            }
            404 => Ok(Page::new(Vec::new(), None).with_note(NOTHING)),
            _ => {
                let locus = one(response)?;
                let note = locus
                    .merged_into()
                    .map(|other| format!("{} was merged into {other}; ask for that one", locus.id));
                let page = with_histories(antares, vec![Ok(locus)], None);
                Ok(note.into_iter().fold(page, Page::with_note))
            }
        };
    }
    let place = Place::of(at)?;
    let before = place.seen;
    let (mut items, envelope) = response.items::<Locus, Envelope>(Some("data"))?;
    let came = items.len();
    let newest_first = form::given(&query.sort).is_none_or(|sort| sort == NEWEST_FIRST);
    let last = if newest_first { behind(place.last, &mut items) } else { None };
    if query.mjd_min.is_some() || query.mjd_max.is_some() {
        items.retain(|item| match item {
            Ok(locus) => elastic::in_time(query, locus.oldest(), locus.newest()),
            Err(_) => true,
        });
    }
    let left = query.max_alerts.map_or(u64::MAX, |most| u64::from(most).saturating_sub(before));
    let cut = items.len() as u64 > left;
    items.truncate(usize::try_from(left).unwrap_or(usize::MAX));
    let seen = before + items.len() as u64;
    let full = query.max_alerts.is_some_and(|most| seen >= u64::from(most));
    let nothing = at.is_start() && items.is_empty();
    let mut next = None;
    let mut notes = Vec::new();
    match envelope.next() {
        Some(_) if full => notes.push(stopped(seen)),
        Some(_) if came == 0 => {
            notes.push("the service gave an empty page, so the listing was ended".to_owned())
        }
        Some(link) => match antares.endpoints.query_of(link) {
            Ok(query) => {
                notes.push(COUNTED.to_owned());
                next = Some(Place { seen, last, query: &query }.cursor());
            }
            // What did come is not lost by it.
            Err(error) => items.push(Err(error)),
        },
        None if cut => notes.push(stopped(seen)),
        None => {}
    }
    if nothing && next.is_none() {
        notes.push(NOTHING.to_owned());
    }
    let count = envelope.meta.and_then(|meta| meta.count).and_then(|count| u64::try_from(count).ok());
    let page = with_histories(antares, items, next).with_total(count.filter(|count| *count < COUNT_END));
    Ok(notes.into_iter().fold(page, Page::with_note))
}

/// A page on which loci that may be objects of the solar system come with their history, as that alone
/// tells.
fn with_histories(antares: &Antares, items: Vec<Result<Alert<Locus>>>, next: Option<Cursor>) -> Page<Locus> {
    if !items.iter().flatten().any(|locus| locus.may_move()) {
        return Page::new(items, next);
    }
    let slot = |locus: Alert<Locus>| match locus.may_move() {
        true => Slot::ask(Asked::new(&locus.id), antares.with_history(locus)),
        false => Slot::Item(locus),
    };
    Page::of_slots(items.into_iter().map(|item| item.map(slot)).collect(), next)
}

fn stopped(seen: u64) -> String {
    let loci = if seen == 1 { "locus" } else { "loci" };
    format!("stopped after {seen} {loci} as max_alerts asked; there is more")
}

/// An answer that holds one thing.
#[derive(Deserialize)]
struct One {
    data: Option<Box<RawValue>>,
}

/// The text of the one thing that an answer holds.
pub(super) fn data(response: &Response) -> Result<Box<RawValue>> {
    let one: One = response.json()?;
    one.data.ok_or_else(|| {
        let words = response.own_words().map_or_else(String::new, |words| format!(": {words}"));
        Error::new(ErrorKind::Unreadable, format!("the answer has no `data`{words}"))
    })
}

/// A single locus.
pub(super) fn one(response: &Response) -> Result<Alert<Locus>> {
    Alert::from_raw(data(response)?.get())
}
