//! The envelope of both services, pages, and what their failures mean.

use std::collections::BTreeMap;

use super::packet::BoomAlert;
use crate::plugin::*;

/// What surrounds an answer: `{message, data}`.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope<T> {
    pub(super) data: Option<T>,
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub(super) message: Option<String>,
}

/// The data of an answer that must have some.
pub(super) fn data<T: serde::de::DeserializeOwned>(response: &Response) -> Result<T> {
    let envelope: Envelope<T> = response.json()?;
    envelope.data.ok_or_else(|| {
        let said = envelope.message.unwrap_or_default();
        Error::new(ErrorKind::Unreadable, format!("the answer has no data: {said}"))
    })
}

/// The object that is meant: an alert knows its object, whatever its id.
pub(super) fn object_of<'a>(subject: &Subject<'a, BoomAlert>) -> &'a str {
    subject.alert.map_or(subject.id, |alert| alert.object_id.as_str())
}

/// The object of an answer as an alert, with its own text.
pub(super) fn object(response: &Response) -> Result<Alert<BoomAlert>> {
    Alert::from_raw(data::<Box<RawValue>>(response)?.get())
}

/// The rest of an envelope: nothing of it is needed.
#[derive(Debug, Deserialize)]
pub(super) struct Rest {}

/// The alerts of an answer; those of a cone search stand under the name of the cone.
pub(super) fn alerts(response: &Response, cone: bool) -> Result<Vec<Result<Alert<BoomAlert>>>> {
    if !cone {
        return Ok(response.items::<BoomAlert, Rest>(Some("data"))?.0);
    }
    let cones: BTreeMap<String, Box<RawValue>> = data(response)?;
    let mut all = Vec::new();
    for list in cones.into_values() {
        let list = Response::new(200, Vec::new(), String::from(Box::<str>::from(list)).into());
        all.append(&mut list.items::<BoomAlert, Rest>(None)?.0);
    }
    Ok(all)
}

/// A place in a listing that is sorted by the id of the alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Place {
    /// Pages that were read before.
    pub(super) pages: u64,
    /// How many alerts were read before.
    pub(super) skip: u64,
    /// The id of the last one, where it is a number.
    pub(super) last: Option<i64>,
}

impl Place {
    pub(super) fn of(at: &Cursor) -> Result<Self> {
        if at.is_start() {
            return Ok(Self::default());
        }
        let read = || {
            let mut fields = at.as_str().splitn(3, '/');
            let (pages, skip) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
            let last = match fields.next()? {
                "" => None,
                id => Some(id.parse().ok()?),
            };
            Some(Self { pages, skip, last })
        };
        read().ok_or_else(Cursor::foreign)
    }

    fn cursor(self) -> Cursor {
        let last = self.last.map_or_else(String::new, |id| id.to_string());
        Cursor::new(format!("{}/{}/{last}", self.pages, self.skip))
    }
}

/// What a bound of the server's own would be: it says nothing of one, so a short page of a round number of
/// alerts is not taken for the last one.
const ROUND: u64 = 100;

/// A page of a listing that goes on until a page is short; of an unlimited one all comes at once. Alerts
/// are sorted by their ids, so one that was given already, as others came in before it, is left out.
pub(super) fn page(
    items: Vec<Result<Alert<BoomAlert>>>,
    place: Place,
    size: Option<u32>,
    most: Option<u32>,
) -> Page<BoomAlert> {
    let count = items.len() as u64;
    let short = size.map(u64::from).filter(|size| count < *size);
    let more = size.is_some() && short.is_none_or(|_| count > 0 && count.is_multiple_of(ROUND));
    let number = place.pages.saturating_add(1);
    let stop = most.is_some_and(|most| number >= u64::from(most));
    let (items, last, unsorted) =
        Order::Ascending.behind(place.last, items, |alert| alert.candid()?.parse::<i64>().ok());
    let next = Place { pages: number, skip: place.skip.saturating_add(count), last };
    let next = (more && !stop).then(|| next.cursor());
    let mut page = unsorted.into_iter().fold(Page::new(items, next), Page::with_note);
    if let Some(size) = short.filter(|_| more && place.pages > 0) {
        page = page.with_note(format!(
            "the service gives {count} alerts a page where {size} were asked for; the listing goes on"
        ));
    }
    if count == 0 && place == Place::default() {
        page = page.with_note("no alert answers the query");
    }
    if more && stop {
        let pages = if number == 1 { "page" } else { "pages" };
        page =
            page.with_note(format!("stopped after {number} {pages} as max_pages asked; there may be more"));
    }
    page
}

/// The error of a status that the core would word worse.
pub(super) fn explain(response: &Response, refused: &'static str, failed: &'static str) -> Option<Error> {
    let words = response.own_words().map_or_else(String::new, |words| format!(": {words}"));
    match response.status() {
        401 => Some(Error::new(ErrorKind::Auth, refused)),
        404 => {
            let text = format!("no such object, or no access to the survey or catalogue{words}");
            Some(Error::new(ErrorKind::NotFound, text))
        }
        500 => Some(Error::new(ErrorKind::Status, format!("{failed}{words}"))),
        _ => None,
    }
}
