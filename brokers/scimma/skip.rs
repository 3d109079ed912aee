//! SKIP servers: alerts, topics and events.

use super::packet::ScimmaPacket;
use super::query::{Order, ScimmaQuery};
use crate::plugin::*;

/// A topic of a SKIP server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SkipTopic {
    /// Its number, which queries take.
    pub id: u32,
    /// Its name.
    #[serde(deserialize_with = "wire::id")]
    pub name: String,
}

/// An event, such as a gravitational wave: what one or many notices say of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SkipEvent {
    /// Its number.
    pub id: u64,
    /// Its name.
    #[serde(deserialize_with = "wire::text")]
    pub identifier: Option<String>,
    /// Where it is by itself; in listings.
    #[serde(deserialize_with = "wire::text", skip_serializing_if = "Option::is_none")]
    pub event_detail: Option<String>,
    /// What was said of it, one a notice.
    pub event_attributes: Vec<SkipEventAttributes>,
    /// Its alerts; of an event by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<ScimmaPacket>,
}

/// What one notice says of an event.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SkipEventAttributes {
    /// The sort of notice, such as `LVC Preliminary`.
    #[serde(deserialize_with = "wire::text")]
    pub tag: Option<String>,
    /// Its number among the notices of the event.
    #[serde(deserialize_with = "wire::whole")]
    pub sequence_number: Option<i64>,
    /// Its values by their names: probabilities as text, areas as numbers.
    pub attributes: Map<String, Value>,
}

/// Asks for a page of alerts.
pub(super) fn listing(request: Request, query: &ScimmaQuery, page: u64) -> Request {
    let time =
        |time: Option<DateTime<Utc>>| time.map(|time| time.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string());
    // Without an order two pages may hold the same alert, and none another one.
    let ordering = match query.order {
        Order::Newest => "-timestamp",
        Order::Oldest => "timestamp",
    };
    let request = query.topic.iter().fold(request, |request, topic| request.query("topic", topic));
    request
        .query_opt("keyword", query.keyword.as_deref())
        .query_opt("cone_search", query.cone())
        .query_opt("polygon_search", query.polygon())
        .query_opt("timestamp_after", time(query.timestamp_after))
        .query_opt("timestamp_before", time(query.timestamp_before))
        .query_opt("event_trigger_number", query.event_trigger_number.as_deref())
        .query("ordering", ordering)
        .query("page", page)
        .query("page_size", query.page_size())
}

/// What surrounds the items of a page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Envelope {
    count: Option<u64>,
    #[serde(deserialize_with = "wire::text")]
    next: Option<String>,
}

/// Reads a page of alerts.
pub(super) fn page(number: u64, response: &Response) -> Result<Page<ScimmaPacket>> {
    let (items, envelope) = response.items::<ScimmaPacket, Envelope>(Some("results"))?;
    let more = envelope.next.is_some_and(|next| !next.is_empty()) && !items.is_empty();
    let nothing = number == 1 && items.is_empty();
    let page =
        Page::new(items, more.then(|| Cursor::new(number.saturating_add(1)))).with_total(envelope.count);
    Ok(if nothing { page.with_note("no alert answers the query") } else { page })
}

/// All pages of a list, up to the first that brings nothing.
pub(super) fn all<T>(first: Request, page: u64) -> Call<Vec<T>>
where
    T: serde::de::DeserializeOwned + Send + 'static,
{
    gather(first, page, Vec::new(), None)
}

/// The rest of a list after these rows; one step a page, so that no list is too long for the stack.
fn gather<T>(first: Request, page: u64, mut rows: Vec<T>, before: Option<Response>) -> Call<Vec<T>>
where
    T: serde::de::DeserializeOwned + Send + 'static,
{
    let request = first.clone().query("page", page).query("page_size", 100);
    Call::step(request, move |answer| {
        let response = answer?;
        let seen = before.is_some_and(|before| before.body() == response.body());
        let this = response.clone();
        let (found, envelope) = response.items::<T, Envelope>(Some("results"))?;
        let more = !found.is_empty() && envelope.next.is_some();
        if more && seen {
            let text = "the service gave the same page twice";
            return Err(Error::new(ErrorKind::Limit, text).with("page", page));
        }
        for row in found {
            rows.push(row?.into_packet());
        }
        Ok(if more { gather(first, page + 1, rows, Some(this)) } else { Call::Done(rows) })
    })
}
