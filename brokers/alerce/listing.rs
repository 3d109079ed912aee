//! The listings of both surveys: the request of a page, and what the page says.

use super::packet::AlercePacket;
use super::query::AlerceQuery;
use super::roots::Roots;
use crate::plugin::*;

/// What ZTF's service does to a 0 in a cone: it drops the cone. A millionth of an arcsecond is nothing.
const ALMOST_ZERO: f64 = 1e-9;

/// Where ZTF's count ends.
const COUNT_END: u64 = 50_001;

/// The request of a page, counted from 1.
pub(super) fn request(roots: &Roots, query: &AlerceQuery, page: u64) -> Request {
    match query.survey() {
        Survey::Ztf => ztf(roots, query, page),
        Survey::Lsst => lsst(roots, query, page),
    }
}

fn ztf(roots: &Roots, query: &AlerceQuery, page: u64) -> Request {
    let wanted = query.wanted();
    let mut request = ids(roots.ztf(&["objects", ""]), query)
        .query_opt("classifier", wanted.classifier)
        .query_opt("classifier_version", query.classifier_version.as_deref())
        .query_opt("class", wanted.class)
        .query_opt("ranking", query.ranking)
        .query_opt("probability", wanted.probability);
    request = range(request, "ndet", query.ndet_min, query.ndet_max, 0);
    request = range(request, "firstmjd", query.firstmjd_min, query.firstmjd_max, 0.0);
    request = range(request, "lastmjd", query.lastmjd_min, query.lastmjd_max, 0.0);
    if let (Some(ra), Some(dec), Some(radius)) = (query.ra, query.dec, query.radius) {
        let seen = |angle: f64| if angle == 0.0 { ALMOST_ZERO } else { angle };
        let ra = seen(sky::wrap_degrees(ra));
        request = request.query("ra", ra).query("dec", seen(dec)).query("radius", radius);
    }
    request = paging(request, query, page).query("count", query.count);
    // Without order_by the service ignores order_mode.
    match query.order_by.and_then(|order| order.word(Survey::Ztf)) {
        Some(word) => {
            request.query("order_by", word).query_opt("order_mode", query.order_mode.map(|m| m.word()))
        }
        // Without an order of its own the service may give an object on two pages and another on none.
        None => {
            request.query("order_by", "oid").query("order_mode", query.order_mode.map_or("ASC", |m| m.word()))
        }
    }
}

fn lsst(roots: &Roots, query: &AlerceQuery, page: u64) -> Request {
    let wanted = query.wanted();
    let request = roots.lsst(&["object_api", "list_objects"]).query("survey", "lsst");
    let mut request = ids(request, query)
        .query_opt("classifier", wanted.classifier)
        .query_opt("class_name", wanted.class)
        .query_opt("ranking", query.ranking)
        .query_opt("probability", wanted.probability);
    request = range(request, "n_det", query.ndet_min, query.ndet_max, 0);
    request = range(request, "firstmjd", query.firstmjd_min.map(tai), query.firstmjd_max.map(tai), 0.0);
    request = range(request, "lastmjd", query.lastmjd_min.map(tai), query.lastmjd_max.map(tai), 0.0);
    request = paging(
        request.query_opt("ra", query.ra).query_opt("dec", query.dec).query_opt("radius", query.radius),
        query,
        page,
    );
    match query.order_by.and_then(|order| order.word(Survey::Lsst)) {
        Some(word) => {
            request.query("order_by", word).query_opt("order_mode", query.order_mode.map(|m| m.word()))
        }
        // The service's own order, by probability, leaves the many of one probability in any order.
        None => {
            request.query("order_by", "oid").query("order_mode", query.order_mode.map_or("ASC", |m| m.word()))
        }
    }
}

fn ids(request: Request, query: &AlerceQuery) -> Request {
    query.oid.iter().fold(request, |request, oid| request.query("oid", oid))
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

fn paging(request: Request, query: &AlerceQuery, page: u64) -> Request {
    request.query("page", page).query("page_size", query.page_size())
}

/// LSST's service is asked in TAI, a query is in UTC.
fn tai(mjd: f64) -> f64 {
    time::utc_from_mjd(mjd).map_or(mjd, time::tai_mjd_from_utc)
}

/// What surrounds the items of a page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Envelope {
    #[serde(deserialize_with = "wire::whole")]
    total: Option<i64>,
    #[serde(deserialize_with = "wire::flag")]
    has_next: Option<bool>,
}

/// Reads a page.
pub(super) fn page(query: &AlerceQuery, number: u64, response: &Response) -> Result<Page<AlercePacket>> {
    let (items, envelope) = response.items::<AlercePacket, Envelope>(Some("items"))?;
    let full = items.len() as u64 >= u64::from(query.page_size());
    let more = match query.survey() {
        // Only a count makes the service know whether there is more.
        Survey::Ztf if query.count => full && envelope.has_next.unwrap_or(true),
        Survey::Ztf => full,
        Survey::Lsst => envelope.has_next.unwrap_or(false),
    };
    let stop = query.max_pages.is_some_and(|most| number >= u64::from(most));
    let next = (more && !stop).then(|| Cursor::new(number.saturating_add(1)));
    let nothing = number == 1 && items.is_empty();
    let mut page = Page::new(items, next);
    if query.survey() == Survey::Ztf && query.count {
        let total = envelope.total.and_then(|total| u64::try_from(total).ok());
        page = page.with_total(total.filter(|total| *total < COUNT_END));
        if total.is_some_and(|total| total >= COUNT_END) && number == 1 {
            page =
                page.with_note(format!("more than {} objects; the service counts no further", COUNT_END - 1));
        }
    }
    if nothing {
        page = page.with_note("no object answers the query");
    }
    if more && stop {
        let pages = if number == 1 { "page" } else { "pages" };
        page = page.with_note(format!("stopped after {number} {pages} as max_pages asked; there is more"));
    }
    Ok(page)
}
