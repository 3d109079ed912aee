//! SKIP servers: alerts, topics and events.

use std::collections::HashSet;

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
    #[serde(deserialize_with = "wire::text_or_none")]
    pub identifier: Option<String>,
    /// Where it is by itself; in listings.
    #[serde(deserialize_with = "wire::text_or_none", skip_serializing_if = "Option::is_none")]
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
    #[serde(deserialize_with = "wire::text_or_none")]
    pub tag: Option<String>,
    /// Its number among the notices of the event.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub sequence_number: Option<i64>,
    /// Its values by their names: probabilities as text, areas as numbers.
    pub attributes: Map<String, Value>,
}

/// Asks for a page of alerts.
pub(super) fn listing(request: Request, query: &ScimmaQuery, at: &Cursor) -> Result<Request> {
    let page = Place::read(at)?.page;
    let time =
        |time: Option<DateTime<Utc>>| time.map(|time| time.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string());
    // Without an order two pages may hold the same alert, and none another one.
    let ordering = match query.order {
        Order::Newest => "-timestamp",
        Order::Oldest => "timestamp",
    };
    let request = query.topic.iter().fold(request, |request, topic| request.query("topic", topic));
    Ok(request
        .query_opt("keyword", query.keyword.as_deref())
        .query_opt("cone_search", query.cone())
        .query_opt("polygon_search", query.polygon())
        .query_opt("timestamp_after", time(query.timestamp_after))
        .query_opt("timestamp_before", time(query.timestamp_before))
        .query_opt("event_trigger_number", query.event_trigger_number.as_deref())
        .query("ordering", ordering)
        .query("page", page)
        .query("page_size", query.page_size()))
}

/// Where a listing stands. SKIP orders by time only, so alerts of one time move between its pages, and
/// newer alerts push others over to the next page: an alert may come twice, and another one never.
#[derive(Debug, Clone, PartialEq)]
struct Place {
    page: u64,
    /// How many alerts SKIP counted; the fewest of all pages.
    count: Option<u64>,
    /// How many different ones were given.
    given: u64,
    /// The numbers of those that may come again: of the page before, and of the pages before that while
    /// all of a page is of one time.
    last: Vec<u64>,
}

/// The most numbers that a place keeps.
const MOST_KEPT: usize = 1_000;

impl Place {
    /// `page`, or `page:count:given:number.number…`.
    fn read(at: &Cursor) -> Result<Self> {
        let number = |text: &str| text.parse::<u64>().map_err(|_| Cursor::foreign());
        let mut parts = at.as_str().split(':');
        let page = parts.next().filter(|page| !page.is_empty()).map_or(Ok(1), number)?;
        let count = parts.next().filter(|count| !count.is_empty()).map(number).transpose()?;
        let given = parts.next().map_or(Ok(0), number)?;
        let last = parts.next().unwrap_or_default().split('.').filter(|id| !id.is_empty());
        Ok(Self { page, count, given, last: last.map(number).collect::<Result<_>>()? })
    }

    fn cursor(&self) -> Cursor {
        let count = self.count.map_or_else(String::new, |count| count.to_string());
        let last: Vec<_> = self.last.iter().map(u64::to_string).collect();
        Cursor::new(format_args!("{}:{count}:{}:{}", self.page, self.given, last.join(".")))
    }
}

/// What surrounds the items of a page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Envelope {
    count: Option<u64>,
    #[serde(deserialize_with = "wire::text_or_none")]
    next: Option<String>,
}

/// Reads a page of alerts.
pub(super) fn page(at: &Cursor, response: &Response) -> Result<Page<ScimmaPacket>> {
    let (mut items, envelope) = response.items::<ScimmaPacket, Envelope>(Some("results"))?;
    let more = envelope.next.is_some_and(|next| !next.is_empty()) && !items.is_empty();
    let mut place = Place::read(at)?;
    let nothing = place.page == 1 && items.is_empty();
    let repeated = each_once(&mut items, &mut place);
    place.page = place.page.saturating_add(1);
    place.count = place.count.into_iter().chain(envelope.count).min();
    let mut page = Page::new(items, more.then(|| place.cursor())).with_total(envelope.count);
    if nothing {
        page = page.with_note("no alert answers the query");
    }
    if repeated > 0 {
        page = page.with_note("alerts that SKIP gave more than once came once");
    }
    if let Some(count) = place.count.filter(|count| !more && *count > place.given) {
        let text = format!(
            "SKIP counts {count} alerts and gave {} different ones: it orders by time only, so that alerts of \
             one time may be missing; ask for shorter spans of time to get them",
            place.given
        );
        page = page.with_note(text);
    }
    Ok(page)
}

/// Leaves out the alerts that were given before, and tells how many.
fn each_once(items: &mut Vec<Result<Alert<ScimmaPacket>>>, place: &mut Place) -> usize {
    let before = items.len();
    let mut times = items.iter().flatten().map(|alert| alert.timestamp.as_deref());
    let first = times.next();
    let one_time = times.all(|time| Some(time) == first);
    let mut known: HashSet<u64> = place.last.iter().copied().collect();
    let mut here = Vec::new();
    items.retain(|item| {
        let number = item.as_ref().ok().and_then(|alert| alert.id.parse().ok());
        here.extend(number);
        number.is_none_or(|number| known.insert(number))
    });
    // One that cannot be read is counted by the service too.
    place.given = place.given.saturating_add(u64::try_from(items.len()).unwrap_or(u64::MAX));
    if one_time {
        place.last.append(&mut here);
        place.last.sort_unstable();
        place.last.dedup();
        let surplus = place.last.len().saturating_sub(MOST_KEPT);
        place.last.drain(..surplus);
    } else {
        place.last = here;
    }
    before - items.len()
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
