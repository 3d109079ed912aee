//! Listings: the request for a part of one, and what comes of the answer.

use super::packet::{HermesPacket, PacketKind};
use super::query::{HermesQuery, Order, Search};
use super::roots::Roots;
use super::words::{given, moment};
use crate::plugin::*;

const ARCSEC_A_DEGREE: f64 = 3_600.0;

/// Before the first message of the archive: a topic that it does not know makes it fail without a start.
pub(super) const BEGINNING: &str = "2015-01-01T00:00:00Z";

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
pub(super) fn request(roots: &Roots, query: &HermesQuery, at: &Cursor) -> Result<Request> {
    if query.search != Search::Archive {
        roots.token()?;
    }
    let size = query.page_size();
    let order = match query.order {
        Order::Newest => "-id",
        Order::Oldest => "id",
    };
    let request = match query.search {
        Search::Targets => roots
            .get(&["targets", ""])
            .query_opt("name", given(&query.target_name))
            .query_opt("name_exact", given(&query.target_name_exact))
            .query_opt("referenced_by_uuid", given(&query.uuid))
            .query_opt("event_id", given(&query.event_id))
            .query("ordering", order),
        Search::Messages => roots
            .get(&["messages", ""])
            .query_opt("target_name", given(&query.target_name))
            .query_opt("target_name_exact", given(&query.target_name_exact))
            .query_opt("uuid", given(&query.uuid))
            .query_opt("event_id", given(&query.event_id))
            .query_opt("event_id_exact", given(&query.event_id_exact))
            .query("ordering", order),
        Search::Events => roots
            .get(&["nonlocalizedevents", ""])
            .query_opt("event_id", given(&query.event_id))
            .query_opt("event_id_exact", given(&query.event_id_exact))
            .query_opt("referenced_by_uuid", given(&query.uuid))
            .query_opt("created_after", query.created_after.map(moment))
            .query_opt("created_before", query.created_before.map(moment)),
        Search::Archive => return Ok(archive_request(roots, query, at)),
    };
    let cone = query.ra.zip(query.dec).zip(query.radius);
    let cone = cone.map(|((ra, dec), radius)| format!("{ra},{dec},{}", radius / ARCSEC_A_DEGREE));
    let polygon = query.corners();
    let request = request.query_opt("cone_search", cone).query_opt("polygon_search", polygon);
    Ok(request.query("limit", size).query("offset", at.number(0)?))
}

fn archive_request(roots: &Roots, query: &HermesQuery, at: &Cursor) -> Request {
    let request = roots.get(&["query", ""]);
    let request = query.topics.iter().fold(request, |request, topic| request.query("topic", topic.trim()));
    request
        .query("start", query.start.map_or_else(|| BEGINNING.to_owned(), moment))
        .query_opt("end", query.end.map(moment))
        .query_opt("search_query", given(&query.search_text))
        .query("include_retracted", query.include_retracted)
        .query("limit", query.page_size())
        .query_opt("page", (!at.is_start()).then(|| at.as_str()))
}

/// Reads a part of a listing.
pub(super) fn page(
    roots: &Roots,
    query: &HermesQuery,
    at: &Cursor,
    response: &Response,
) -> Result<Page<HermesPacket>> {
    if query.search == Search::Archive {
        return archive_page(roots, query, response);
    }
    let (mut items, listed) = response.items::<HermesPacket, Listed>(Some("results"))?;
    known(&mut items, query.kind());
    let read = u64::try_from(items.len()).unwrap_or(u64::MAX);
    // The address of the next part is the service's own, which may be another host than the one
    // that was asked; the offset is the same there and here.
    let more = listed.next.is_some() && read > 0;
    let next = more.then(|| at.number(0)).transpose()?.map(|offset| Cursor::new(offset.saturating_add(read)));
    let total = listed.count.and_then(|count| u64::try_from(count).ok());
    Ok(Page::new(items, next).with_total(total))
}

fn archive_page(roots: &Roots, query: &HermesQuery, response: &Response) -> Result<Page<HermesPacket>> {
    let (mut items, listed) = response.items::<HermesPacket, Listed>(Some("messages"))?;
    known(&mut items, PacketKind::Archive);
    let next = listed.next.filter(|next| !next.is_empty() && !items.is_empty()).map(Cursor::new);
    if !query.whole_messages {
        return Ok(Page::new(items, next));
    }
    let whole = |item: Result<Alert<HermesPacket>>| {
        let item = item?;
        let Some(uuid) = item.archive_uuid() else { return Ok(Slot::Item(item)) };
        let asked = Asked::new(uuid).named(item.topic().unwrap_or_default());
        let call = Call::get(roots.message(uuid), |response| response.alert());
        Ok(Slot::ask(asked, call))
    };
    Ok(Page::of_slots(items.into_iter().map(whole).collect(), next))
}

/// An item that is not what was asked for is a fault of its own.
fn known(items: &mut [Result<Alert<HermesPacket>>], due: PacketKind) {
    for item in items {
        if let Ok(alert) = item
            && alert.kind() != Some(due)
        {
            let text = format!("the item is no {due} of Hermes: it lacks the id of one");
            *item = Err(Error::new(ErrorKind::Unreadable, text));
        }
    }
}
