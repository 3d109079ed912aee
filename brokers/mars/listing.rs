//! Listings: the parts that a query must be asked in, their pages, and where one goes on.

use super::{Mars, MarsAlert, MarsQuery, services};
use crate::plugin::*;

/// Names and texts of what is sent, in order.
pub(super) type Parameters = Vec<(&'static str, String)>;

/// What the server gives on a page; it cannot be asked for more or less.
const PAGE: usize = 100;

/// Objects of one request of several: they come without pages.
const OBJECTS: usize = 20;

/// A right ascension just below 0, as the server has no "0 or more".
const BELOW_ZERO: &str = "-0.000000001";

/// What surrounds the alerts of a page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Envelope {
    /// False on every page of every version since 2019, so a false says nothing.
    #[serde(deserialize_with = "wire::flag")]
    has_next: Option<bool>,
}

/// A place in a listing: `part.page` by pages, a number of a batch by objects.
struct Place {
    part: usize,
    page: u64,
}

impl Place {
    fn of(at: &Cursor) -> Result<Self> {
        if at.is_start() {
            return Ok(Self { part: 0, page: 1 });
        }
        let place = at.as_str().split_once('.').and_then(|(part, page)| {
            let page = page.parse().ok().filter(|page| *page > 0)?;
            Some(Self { part: part.parse().ok()?, page })
        });
        place.ok_or_else(Cursor::foreign)
    }

    fn cursor(part: usize, page: u64) -> Cursor {
        Cursor::new(format!("{part}.{page}"))
    }
}

/// The request of a part of a listing: a page of one query, or a batch of objects.
pub(super) fn request(mars: &Mars, query: &MarsQuery, at: &Cursor) -> Result<Request> {
    let place = Place::of(at)?;
    if query.object_id.len() > 1 {
        return mars.post(&batch(query, &place));
    }
    let part = parts(query, query.object_id.iter()).into_iter().nth(place.part);
    let part = sorted(query, part.ok_or_else(Cursor::foreign)?);
    let request = part.iter().fold(mars.root.get(&[""]), |request, (key, value)| request.query(key, value));
    let request = request.query("page", place.page).query("format", "json");
    // Behind the last page there is none.
    Ok(if place.page > 1 { request.accept_status(404) } else { request })
}

/// Reads a part of a listing.
pub(super) fn page(query: &MarsQuery, at: &Cursor, response: &Response) -> Result<Page<MarsAlert>> {
    let place = Place::of(at)?;
    if query.object_id.len() > 1 {
        return batch_page(query, &place, response);
    }
    let behind = || {
        let more = place.part + 1 < ranges(query).len();
        more.then(|| Place::cursor(place.part + 1, 1))
    };
    if response.status() == 404 {
        return Ok(Page::new(Vec::new(), behind()));
    }
    let (items, envelope) = response.items::<MarsAlert, Envelope>(Some("results"))?;
    let more = items.len() >= PAGE || envelope.has_next == Some(true);
    let next = if more { Some(Place::cursor(place.part, place.page.saturating_add(1))) } else { behind() };
    let nothing = items.is_empty() && at.is_start() && next.is_none();
    let page = Page::new(items, next);
    Ok(if nothing { page.with_note("no alert answers the query") } else { page })
}

/// The queries of a batch of objects.
fn batch(query: &MarsQuery, place: &Place) -> Vec<Parameters> {
    let objects = query.object_id.iter().skip(place.part.saturating_mul(OBJECTS)).take(OBJECTS);
    parts(query, objects).into_iter().map(|part| sorted(query, part)).collect()
}

fn batch_page(query: &MarsQuery, place: &Place, response: &Response) -> Result<Page<MarsAlert>> {
    let answers = services::answers(response)?;
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
    let next = (done < query.object_id.len()).then(|| Place::cursor(place.part + 1, 1));
    Ok(Page::new(items, next))
}

/// The filters of a query, once for each object and each range that the server can read.
pub(super) fn parts<'a>(query: &MarsQuery, objects: impl Iterator<Item = &'a String>) -> Vec<Parameters> {
    let mut names: Vec<Parameters> = objects.map(|name| vec![("objectId", name.clone())]).collect();
    if names.is_empty() {
        names.push(Parameters::new());
    }
    let (filters, ranges) = (query.filters(), ranges(query));
    let of = |name: &Parameters| {
        let whole = |range: &Parameters| [name.as_slice(), &filters, range].concat();
        ranges.iter().map(whole).collect::<Vec<_>>()
    };
    names.iter().flat_map(of).collect()
}

/// The same with the order: by the number of the alert, as no other column is different for all.
pub(super) fn sorted(query: &MarsQuery, mut part: Parameters) -> Parameters {
    part.push(("sort_value", query.sort_value.clone().unwrap_or_else(|| "id".to_owned())));
    part.push(("sort_order", query.sort_order.unwrap_or_default().word().to_owned()));
    part
}

/// The range of right ascension in the parts that the server reads rightly. It keeps −180° to 180°
/// and takes 360° off what is above 180°, so a range must not hold 180°.
fn ranges(query: &MarsQuery) -> Vec<Parameters> {
    let from = |ra: f64| ("ra__gt", ra.to_string());
    let to = |ra: f64| ("ra__lt", ra.to_string());
    // From a place to 360°, and from 0° to a place.
    let above = |low: f64| match low {
        _ if low < 180.0 => vec![vec![from(low)], vec![to(360.0)]],
        180.0 => vec![vec![to(360.0)]],
        _ => vec![vec![from(low), to(360.0)]],
    };
    let below = |high: f64| {
        let first = ("ra__gt", BELOW_ZERO.to_owned());
        if high <= 180.0 { vec![vec![first, to(high)]] } else { vec![vec![first], vec![to(high)]] }
    };
    match (query.ra_gt, query.ra_lt) {
        (None, None) => vec![Vec::new()],
        (Some(low), None) => above(low),
        (None, Some(high)) => below(high),
        (Some(low), Some(high)) if low > high => match (low, high) {
            (360.0, _) => below(high),
            _ if low > 180.0 && high <= 180.0 => vec![vec![from(low), to(high)]],
            _ => [above(low), below(high)].concat(),
        },
        (Some(low), Some(high)) if low < 180.0 && high > 180.0 => vec![vec![from(low)], vec![to(high)]],
        (Some(180.0), Some(high)) if high > 180.0 => vec![vec![to(high)]],
        (Some(low), Some(high)) => vec![vec![from(low), to(high)]],
    }
}
