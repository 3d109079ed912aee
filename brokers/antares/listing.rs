//! The listing of loci: the request of a page, and what the page says.

use super::endpoints::Endpoints;
use super::locus::Locus;
use super::query::{AntaresQuery, ApiVersion};
use super::{Antares, elastic};
use crate::plugin::*;

/// The order of a listing that the query does not order.
const NEWEST_FIRST: &str = "-properties.newest_alert_observation_time";

/// Where the service's count ends.
const COUNT_END: u64 = 10_000;

/// Where a listing is: how many loci came before, and the query of the link to the next page.
fn place(at: &Cursor) -> Result<(u64, &str)> {
    if at.is_start() {
        return Ok((0, ""));
    }
    let parts = at.as_str().split_once(' ').and_then(|(seen, query)| Some((seen.parse().ok()?, query)));
    parts.ok_or_else(|| Error::new(ErrorKind::Input, "the resume token does not fit this broker; start anew"))
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
    let (_, further) = place(at)?;
    if !further.is_empty() {
        return Ok(endpoints.further(&["loci"], further));
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
    let (before, _) = place(at)?;
    let (mut items, envelope) = response.items::<Locus, Envelope>(Some("data"))?;
    let came = items.len();
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
            Ok(query) => next = Some(Cursor::new(format!("{seen} {query}"))),
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
