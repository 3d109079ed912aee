//! Listings: the request for a part of one, and what comes of the answer.

use super::endpoints::Endpoints;
use super::hopskotch::{given, moment};
use super::packet::{HermesPacket, PacketKind, with_member};
use super::query::{HermesQuery, Order, Search};
use super::times::{behind, from};
use crate::plugin::*;

const ARCSEC_A_DEGREE: f64 = 3_600.0;

/// Before the first message of the archive: a topic that it does not know makes it fail without a start.
pub(super) const BEGINNING: &str = "2015-01-01T00:00:00Z";

const UNSORTED_EVENTS: &str = "Hermes promises no order of events, and their pages are counted: an event can be \
                               lost between two pages, or come twice";

/// The envelope of a listing by offset.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Listed {
    #[serde(deserialize_with = "wire::whole")]
    count: Option<i64>,
    #[serde(deserialize_with = "wire::text")]
    next: Option<String>,
}

/// The request of a part of a listing.
pub(super) fn request(endpoints: &Endpoints, query: &HermesQuery, at: &Cursor) -> Result<Request> {
    if query.search != Search::Archive {
        endpoints.token()?;
    }
    let size = query.page_size();
    let order = match query.order {
        Order::Newest => "-id",
        Order::Oldest => "id",
    };
    let request = match query.search {
        Search::Targets => endpoints
            .get(&["targets", ""])
            .query_opt("name", given(&query.target_name))
            .query_opt("name_exact", given(&query.target_name_exact))
            .query_opt("referenced_by_uuid", given(&query.uuid))
            .query_opt("event_id", given(&query.event_id))
            .query("ordering", order),
        Search::Messages => endpoints
            .get(&["messages", ""])
            .query_opt("target_name", given(&query.target_name))
            .query_opt("target_name_exact", given(&query.target_name_exact))
            .query_opt("uuid", given(&query.uuid))
            .query_opt("event_id", given(&query.event_id))
            .query_opt("event_id_exact", given(&query.event_id_exact))
            .query("ordering", order),
        Search::Events => endpoints
            .get(&["nonlocalizedevents", ""])
            .query_opt("event_id", given(&query.event_id))
            .query_opt("event_id_exact", given(&query.event_id_exact))
            .query_opt("referenced_by_uuid", given(&query.uuid))
            .query_opt("created_after", query.created_after.map(moment))
            .query_opt("created_before", query.created_before.map(moment)),
        Search::Archive => return Ok(archive_request(endpoints, query, at)),
    };
    let cone = query.ra.zip(query.dec).zip(query.radius);
    let cone = cone.map(|((ra, dec), radius)| format!("{ra},{dec},{}", radius / ARCSEC_A_DEGREE));
    let polygon = query.corners();
    let request = request.query_opt("cone_search", cone).query_opt("polygon_search", polygon);
    Ok(request.query("limit", size).query("offset", Place::read(at)?.offset))
}

/// Where a listing by offset stands, `offset` or `offset:last`, the number of the last row given.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Place {
    offset: u64,
    last: Option<u64>,
}

impl Place {
    fn read(at: &Cursor) -> Result<Self> {
        let (offset, last) = match at.as_str().split_once(':') {
            Some((offset, last)) => (Cursor::new(offset).number(0)?, Some(Cursor::new(last).number(0)?)),
            None => (at.number(0)?, None),
        };
        Ok(Self { offset, last })
    }

    fn cursor(self) -> Cursor {
        match self.last {
            Some(last) => Cursor::new(format_args!("{}:{last}", self.offset)),
            None => Cursor::new(self.offset),
        }
    }
}

/// A text as Hermes takes it that is to reach the archive: it decodes the text and puts it into the
/// address of the archive as it is, where it is decoded again.
pub(super) fn passed_on(text: &str) -> String {
    text.replace('%', "%25").replace('+', "%2B")
}

fn archive_request(endpoints: &Endpoints, query: &HermesQuery, at: &Cursor) -> Request {
    let request = endpoints.get(&["query", ""]);
    let request = query.topics.iter().fold(request, |request, topic| request.query("topic", topic.trim()));
    request
        .query("start", query.start.map_or_else(|| BEGINNING.to_owned(), from))
        .query_opt("end", query.end.map(behind))
        .query_opt("search_query", given(&query.search_text).map(passed_on))
        .query("include_retracted", query.include_retracted)
        .query("limit", query.page_size())
        .query_opt("page", (!at.is_start()).then(|| passed_on(at.as_str())))
}

/// Reads a part of a listing.
pub(super) fn page(
    endpoints: &Endpoints,
    query: &HermesQuery,
    at: &Cursor,
    response: &Response,
) -> Result<Page<HermesPacket>> {
    if query.search == Search::Archive {
        return archive_page(endpoints, query, response);
    }
    let (mut items, listed) = response.items::<HermesPacket, Listed>(Some("results"))?;
    known(&mut items, query.kind());
    let mut place = Place::read(at)?;
    let read = u64::try_from(items.len()).unwrap_or(u64::MAX);
    let repeated = each_once(&mut items, query, &mut place);
    place.offset = place.offset.saturating_add(read);
    // The address of the next part is the service's own, which may be another host than the one
    // that was asked; the offset is the same there and here.
    let more = listed.next.is_some() && read > 0;
    let count = listed.count.and_then(|count| u64::try_from(count).ok());
    let mut page = Page::new(items, more.then(|| place.cursor()));
    if more && query.search == Search::Events {
        page = page.with_note(UNSORTED_EVENTS);
    }
    if repeated > 0 {
        page = page.with_note("rows that Hermes gave more than once came once");
    }
    if let Some(count) = count.filter(|count| !more && *count > place.offset) {
        let text = format!("Hermes counts {count} rows and ended the list after {}", place.offset);
        page = page.with_note(text);
    }
    Ok(page.with_total(count.filter(|_| !multiplies(query))))
}

/// Whether Hermes gives and counts a row once for each target or event of it that fits the query.
fn multiplies(query: &HermesQuery) -> bool {
    let text = |text: &Option<String>| given(text).is_some();
    let of_targets = text(&query.target_name)
        || text(&query.target_name_exact)
        || query.ra.is_some()
        || text(&query.polygon);
    text(&query.event_id)
        || text(&query.event_id_exact)
        || query.created_after.or(query.created_before).is_some()
        || (query.search == Search::Messages && of_targets)
}

/// Leaves out the rows that were given before, here or on the page before, and tells how many.
fn each_once(items: &mut Vec<Result<Alert<HermesPacket>>>, query: &HermesQuery, place: &mut Place) -> usize {
    let before = items.len();
    if query.search == Search::Events {
        // Events come in no order that the service promises.
        let mut seen = std::collections::HashSet::new();
        items.retain(|item| item.as_ref().map_or(true, |event| seen.insert(event.event_id.clone())));
        return before - items.len();
    }
    // Rows come in the order of their numbers. Those that newer ones pushed over from the page before
    // are at its beginning; a row that the filter multiplies comes several times in turn.
    let pushed_over = |number: u64, last: u64| match query.order {
        Order::Newest => number >= last,
        Order::Oldest => number <= last,
    };
    let mut beginning = place.last;
    items.retain(|item| {
        let Ok(row) = item else { return true };
        let Some(number) = row.id.as_deref().and_then(|id| id.parse().ok()) else { return true };
        if beginning.is_some_and(|last| pushed_over(number, last)) || place.last == Some(number) {
            return false;
        }
        (beginning, place.last) = (None, Some(number));
        true
    });
    before - items.len()
}

fn archive_page(
    endpoints: &Endpoints,
    query: &HermesQuery,
    response: &Response,
) -> Result<Page<HermesPacket>> {
    let (mut items, listed) = response.items::<HermesPacket, Listed>(Some("messages"))?;
    known(&mut items, PacketKind::Archive);
    let next = listed.next.filter(|next| !next.is_empty() && !items.is_empty()).map(Cursor::new);
    if !query.whole_messages {
        return Ok(Page::new(items, next));
    }
    let whole = |item: Result<Alert<HermesPacket>>| {
        let item = item?;
        let Some(uuid) = item.archive_uuid() else { return Ok(Slot::Item(item)) };
        // The topic is in the error too; it is no name of an object.
        let asked = Asked::new(uuid);
        let retracted = item.annotations.as_ref().is_some_and(|known| known.retracted == Some(true));
        let call = message(endpoints, uuid, item.topic()).map(move |message| {
            let marked = retracted.then(|| with_member(&message, "\"retracted\": true")).flatten();
            Ok(marked.unwrap_or(message))
        });
        Ok(Slot::ask(asked, call))
    };
    Ok(Page::of_slots(items.into_iter().map(whole).collect(), next))
}

/// A message of the archive with its body. A failure names the message and its topic.
pub(super) fn message(endpoints: &Endpoints, uuid: &str, topic: Option<&str>) -> Call<Alert<HermesPacket>> {
    let (asked, topic) = (uuid.to_owned(), topic.map(str::to_owned));
    Call::step(endpoints.message(uuid), move |answer| {
        let read = answer.and_then(|response| response.alert());
        Ok(Call::Done(read.map_err(|error| {
            let error = error.with("uuid", asked);
            match topic {
                Some(topic) => error.with("topic", topic),
                None => error,
            }
        })?))
    })
}

/// An item that is not what was asked for is a fault of its own.
fn known(items: &mut [Result<Alert<HermesPacket>>], due: PacketKind) {
    for item in items {
        if let Ok(alert) = item
            && alert.kind() != Some(due)
        {
            let text = format!("the item is no {due} of Hermes: it has no id of one");
            *item = Err(Error::new(ErrorKind::Unreadable, text));
        }
    }
}
