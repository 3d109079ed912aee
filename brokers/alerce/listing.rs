//! The listings of both surveys: the request of a page, and what the page says.

use super::endpoints::Endpoints;
use super::packet::AlercePacket;
use super::query::{AlerceQuery, OrderBy, OrderMode};
use crate::plugin::*;

/// What ZTF's service does to a 0 in a cone: it drops the cone. A millionth of an arcsecond is nothing.
const ALMOST_ZERO: f64 = 1e-9;

/// Where ZTF's count ends.
const COUNT_END: u64 = 50_001;

/// Ids of one request: the server before the services refuses a request line of more than 8 kB.
const IDS: usize = 200;

/// How the pages of a listing follow on one another.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Paging {
    /// By a time that the services can bound: it does not lose objects.
    Keyset(Key, Order),
    /// By page numbers, in the order that the query asks for.
    Counted(OrderBy),
}

/// The times that the services can bound.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Key {
    First,
    Last,
}

impl Key {
    fn word(self) -> &'static str {
        match self {
            Self::First => "firstmjd",
            Self::Last => "lastmjd",
        }
    }

    /// The value of a row, on the scale of the service.
    fn of(self, row: &AlercePacket) -> Option<f64> {
        match self {
            Self::First => row.firstmjd,
            Self::Last => row.lastmjd,
        }
    }
}

impl Paging {
    fn of(query: &AlerceQuery) -> Self {
        let key = match query.order_by {
            None | Some(OrderBy::Firstmjd) => Key::First,
            Some(OrderBy::Lastmjd) => Key::Last,
            Some(other) => return Self::Counted(other),
        };
        // What the services do when they are asked to sort without a direction.
        let usual = match (query.order_by, query.survey()) {
            (Some(_), Survey::Lsst) => OrderMode::Descending,
            _ => OrderMode::Ascending,
        };
        Self::Keyset(key, query.order_mode.unwrap_or(usual).into())
    }
}

impl From<OrderMode> for Order {
    fn from(mode: OrderMode) -> Self {
        match mode {
            OrderMode::Ascending => Self::Ascending,
            OrderMode::Descending => Self::Descending,
        }
    }
}

/// A place in a listing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Place {
    /// Pages that were read before.
    pages: u64,
    /// Which of the parts that the ids of a query are asked in.
    part: usize,
    stretch: Stretch,
}

impl Place {
    fn of(at: &Cursor) -> Result<Self> {
        if at.is_start() {
            return Ok(Self::default());
        }
        let read = || {
            let mut fields = at.as_str().splitn(3, '.');
            let (pages, part) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
            Some(Self { pages, part, stretch: fields.next()?.parse().ok()? })
        };
        read().ok_or_else(Cursor::foreign)
    }

    fn cursor(self) -> Cursor {
        Cursor::new(format!("{}.{}.{}", self.pages, self.part, self.stretch))
    }

    fn is_start(self) -> bool {
        self == Self::default()
    }
}

/// The ids of a query, each once, as many as go into one request.
fn ids_of(query: &AlerceQuery, part: usize) -> Vec<&str> {
    let mut seen = std::collections::HashSet::new();
    let each = query.oid.iter().map(String::as_str).filter(|oid| seen.insert(*oid));
    each.skip(part.saturating_mul(IDS)).take(IDS).collect()
}

/// Whether all ids of a query go into one request.
fn is_whole(query: &AlerceQuery) -> bool {
    ids_of(query, 1).is_empty()
}

/// The request of a page.
pub(super) fn request(endpoints: &Endpoints, query: &AlerceQuery, at: &Cursor) -> Result<Request> {
    let place = Place::of(at)?;
    Ok(match query.survey() {
        Survey::Ztf => ztf(endpoints, query, place),
        Survey::Lsst => lsst(endpoints, query, place),
    })
}

fn ztf(endpoints: &Endpoints, query: &AlerceQuery, place: Place) -> Request {
    let wanted = query.wanted();
    let mut request = ids(endpoints.ztf(&["objects", ""]), query, place)
        .query_opt("classifier", wanted.classifier)
        .query_opt("classifier_version", query.classifier_version.as_deref())
        .query_opt("class", wanted.class)
        .query_opt("ranking", query.ranking)
        .query_opt("probability", wanted.probability);
    request = range(request, "ndet", query.ndet_min, query.ndet_max, 0);
    request = times(request, query, place);
    if let (Some(ra), Some(dec), Some(radius)) = (query.ra, query.dec, query.radius) {
        let seen = |angle: f64| if angle == 0.0 { ALMOST_ZERO } else { angle };
        let ra = seen(sky::wrap_degrees(ra));
        request = request.query("ra", ra).query("dec", seen(dec)).query("radius", radius);
    }
    let counted = query.count && place.is_start() && is_whole(query);
    sorted(paging(request, query, place).query("count", counted), query, place)
}

fn lsst(endpoints: &Endpoints, query: &AlerceQuery, place: Place) -> Request {
    let wanted = query.wanted();
    let request = endpoints.lsst(&["object_api", "list_objects"]).query("survey", "lsst");
    let mut request = ids(request, query, place)
        .query_opt("classifier", wanted.classifier)
        .query_opt("class_name", wanted.class)
        .query_opt("ranking", query.ranking)
        .query_opt("probability", wanted.probability);
    request = range(request, "n_det", query.ndet_min, query.ndet_max, 0);
    request = times(request, query, place);
    let request =
        request.query_opt("ra", query.ra).query_opt("dec", query.dec).query_opt("radius", query.radius);
    sorted(paging(request, query, place), query, place)
}

fn ids(request: Request, query: &AlerceQuery, place: Place) -> Request {
    ids_of(query, place.part).into_iter().fold(request, |request, oid| request.query("oid", oid))
}

/// One value is the least; there is no way to give the largest alone, so it comes with the smallest
/// there can be. Two values under one name are both ends; joined by a comma they are refused.
fn range<T: ToString>(request: Request, key: &str, low: Option<T>, high: Option<T>, zero: T) -> Request {
    match (low, high) {
        (None, None) => request,
        (Some(low), None) => request.query(key, low),
        (low, Some(high)) => request.query(key, low.unwrap_or(zero)).query(key, high),
    }
}

/// The bounds of a time that the query sets, on the scale of the service: LSST's is asked in TAI.
fn bounds(query: &AlerceQuery, key: Key) -> (Option<f64>, Option<f64>) {
    let (low, high) = match key {
        Key::First => (query.firstmjd_min, query.firstmjd_max),
        Key::Last => (query.lastmjd_min, query.lastmjd_max),
    };
    match query.survey() {
        Survey::Ztf => (low, high),
        Survey::Lsst => {
            (low.map(|mjd| tai(mjd, Order::Ascending)), high.map(|mjd| tai(mjd, Order::Descending)))
        }
    }
}

/// The bounds of both times, with those of the place in the listing.
fn times(mut request: Request, query: &AlerceQuery, place: Place) -> Request {
    for key in [Key::First, Key::Last] {
        let (low, high) = match Paging::of(query) {
            Paging::Keyset(by, order) if by == key => {
                let (low, high) = bounds(query, key);
                place.stretch.within(order, low, high)
            }
            _ => bounds(query, key),
        };
        request = range(request, key.word(), low, high, 0.0);
    }
    request
}

fn paging(request: Request, query: &AlerceQuery, place: Place) -> Request {
    request.query("page", place.stretch.page()).query("page_size", query.page_size())
}

fn sorted(request: Request, query: &AlerceQuery, place: Place) -> Request {
    match Paging::of(query) {
        Paging::Keyset(..) if place.stretch.is_by_id() => {
            request.query("order_by", OrderBy::Oid.word_or_id(query.survey())).query("order_mode", "ASC")
        }
        Paging::Keyset(key, order) => {
            let mode = match order {
                Order::Ascending => OrderMode::Ascending,
                Order::Descending => OrderMode::Descending,
            };
            request.query("order_by", key.word()).query("order_mode", mode.word())
        }
        // Without order_by ZTF's service ignores order_mode.
        Paging::Counted(order) => request
            .query("order_by", order.word_or_id(query.survey()))
            .query_opt("order_mode", query.order_mode.map(|mode| mode.word())),
    }
}

/// The end of a range in TAI that takes in exactly the objects whose time in UTC, as it is shown, is
/// within the range: the lower one for ascending, the upper one for descending.
fn tai(mjd: f64, order: Order) -> f64 {
    const STEPS: usize = 8;
    let within = |tai: f64| {
        time::utc_mjd_from_tai_mjd(tai).is_some_and(|utc| match order {
            Order::Ascending => utc >= mjd,
            Order::Descending => utc <= mjd,
        })
    };
    let outward = |tai: f64| if order == Order::Ascending { tai.next_down() } else { tai.next_up() };
    let inward = |tai: f64| if order == Order::Ascending { tai.next_up() } else { tai.next_down() };
    let mut end = time::utc_from_mjd(mjd).map_or(mjd, time::tai_mjd_from_utc);
    for _ in 0..STEPS {
        if within(end) && !within(outward(end)) {
            break;
        }
        end = if within(end) { outward(end) } else { inward(end) };
    }
    end
}

/// What surrounds the items of a page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Envelope {
    #[serde(deserialize_with = "wire::whole_or_none")]
    total: Option<i64>,
    #[serde(deserialize_with = "wire::flag_or_none")]
    has_next: Option<bool>,
}

/// Reads a page.
pub(super) fn page(query: &AlerceQuery, at: &Cursor, response: &Response) -> Result<Page<AlercePacket>> {
    let place = Place::of(at)?;
    let (read, odd) = wire::left_out(|| response.items::<AlercePacket, Envelope>(Some("items")));
    let (mut items, envelope) = read?;
    let (came, asked) = (items.len(), query.page_size() as usize);
    let counted = query.count && place.is_start() && is_whole(query);
    let more = !items.is_empty()
        && match query.survey() {
            // Without a count the service says always that there is no more.
            Survey::Ztf if !counted => came >= asked || envelope.has_next == Some(true),
            Survey::Ztf | Survey::Lsst => envelope.has_next.unwrap_or(came >= asked),
        };
    let mut notes = Vec::new();
    if more && came < asked {
        notes.push(format!(
            "the service gives {came} objects a page where {asked} were asked for; the listing goes on"
        ));
    }
    let unknown_class = others_left_out(query, &mut items);
    if let Some(note) = &unknown_class {
        notes.push(note.clone());
    }
    let number = place.pages.saturating_add(1);
    let stop = query.max_pages.is_some_and(|most| number >= u64::from(most));
    let more = more && !(unknown_class.is_some() && items.is_empty());
    let goes_on = more && !stop;
    let (items, next, note) = match Paging::of(query) {
        Paging::Keyset(key, order) => {
            let part = place.stretch.cut(order, items, |row: &Alert<AlercePacket>| key.of(row), goes_on);
            let (low, high) = bounds(query, key);
            let next = part.next.filter(|next| !next.is_empty(order, low, high));
            (part.items, next.filter(|_| unknown_class.is_none() || more), part.note.map(str::to_owned))
        }
        Paging::Counted(order) => {
            let page = place.stretch.page();
            let next = goes_on.then(|| Stretch::Page(page.saturating_add(1), None));
            (items, next, next.is_some().then(|| moving(order, query.survey())))
        }
    };
    notes.extend(note);
    let next = match next {
        Some(stretch) => Some(Place { pages: number, part: place.part, stretch }),
        None => {
            let part = place.part.saturating_add(1);
            let left = !ids_of(query, part).is_empty();
            left.then_some(Place { pages: number, part, stretch: Stretch::All })
        }
    };
    if stop && (more || next.is_some()) {
        let pages = if number == 1 { "page" } else { "pages" };
        let is = if more { "is" } else { "may be" };
        notes.push(format!("stopped after {number} {pages} as max_pages asked; there {is} more"));
    }
    let next = next.filter(|_| !stop);
    if place.is_start() && came == 0 && next.is_none() {
        notes.push("no object answers the query".to_owned());
    }
    let total = envelope.total.and_then(|total| u64::try_from(total).ok()).filter(|_| counted);
    if total.is_some_and(|total| total >= COUNT_END) {
        notes.push(format!("more than {} objects; the service counts no further", COUNT_END - 1));
    }
    let page = Page::new(items, next.map(Place::cursor));
    let page = page.with_total(total.filter(|total| *total < COUNT_END));
    Ok(notes.into_iter().fold(page, Page::with_note).with_left_out(odd))
}

/// LSST's service does not filter by a class that the classifier does not have, so each row is looked
/// at. The note when rows of other classes were left out.
fn others_left_out(query: &AlerceQuery, items: &mut Vec<Result<Alert<AlercePacket>>>) -> Option<String> {
    let wanted = query.wanted();
    let class = wanted.class.filter(|_| query.survey() == Survey::Lsst)?;
    let before = items.len();
    items.retain(|item| item.as_ref().map_or(true, |row| row.class_name() == Some(class)));
    let classifier = wanted.classifier.unwrap_or_default();
    (items.len() < before).then(|| {
        format!(
            "the classifier {classifier} does not seem to have the class {class}: the service listed objects of \
             other classes, which are left out"
        )
    })
}

/// What may be missing from a listing whose pages are counted.
fn moving(order: OrderBy, survey: Survey) -> String {
    let word = order.word_or_id(survey);
    let ties = match (order, survey) {
        (OrderBy::Oid, _) | (_, Survey::Lsst) => "",
        _ => "objects of equal values, and ",
    };
    format!(
        "sorted by {word} the pages are counted: {ties}objects can be lost between two pages when others change \
         meanwhile; sorted by firstmjd, as without order_by, none is"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_from_its_cursor() {
        for stretch in [
            Stretch::All,
            Stretch::From(58_371.153_263_9),
            Stretch::Behind(61_024.131_42),
            Stretch::Of(60_973.170_251, 3),
            Stretch::Page(2, None),
            Stretch::Page(2, Some(0.1)),
        ] {
            let place = Place { pages: 7, part: 2, stretch };
            assert_eq!(Place::of(&place.cursor()).unwrap(), place);
        }
        for text in ["2", "a.b.c", "1.2.x", "1.2.o1,0", "1..f1"] {
            assert!(Place::of(&Cursor::new(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn the_ends_of_a_range_in_tai_hold_what_is_shown_in_utc() {
        let mut mjd = 60_973.170_251;
        for _ in 0..2_000 {
            let shown = time::utc_mjd_from_tai_mjd(mjd).unwrap();
            let (low, high) = (tai(shown, Order::Ascending), tai(shown, Order::Descending));
            assert!(low <= mjd && mjd <= high, "{low} {mjd} {high}");
            assert!(high - low < 2e-11, "{low} to {high}");
            mjd += 0.123_456_7;
        }
    }
}
