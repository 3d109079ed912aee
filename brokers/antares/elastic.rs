//! A query as the service's search language has it.

use super::query::{AntaresQuery, ApiVersion};
use crate::plugin::*;

/// TAI − UTC since 2017 in days: LSST's times on the service are that much ahead.
const TAI_AHEAD: f64 = 37.0 / 86_400.0;

const OLDEST: &str = "properties.oldest_alert_observation_time";
const NEWEST: &str = "properties.newest_alert_observation_time";

/// The body of a search. `now` is what the last 24 hours are counted from.
pub(super) fn search(query: &AntaresQuery, version: ApiVersion, now: DateTime<Utc>) -> Value {
    let mut filters = Vec::new();
    for (field, id) in [
        ("properties.ztf_object_id", &query.ztf_id),
        ("properties.survey.lsst.dia_object_id", &query.lsst_id),
        ("properties.survey.lsst.ss_object_id", &query.lsst_ss_id),
    ] {
        if let Some(id) = form::given(id) {
            filters.push(term(field, id));
        }
    }
    if let Some(own) = query.esquery.as_ref().and_then(|own| own.0.get("query")) {
        filters.push(own.clone());
    }
    if !query.tags.is_empty() {
        filters.push(json!({"terms": {"tags": query.tags}}));
    }
    filters.extend(range("properties.num_mag_values", query.nobs_min, query.nobs_max));
    filters.extend(range("properties.newest_alert_magnitude", query.mag_min, query.mag_max));
    if query.last_day {
        // An LSST alert of this minute is dated in TAI: an upper end in UTC would miss it.
        let now = time::mjd_from_utc(now);
        filters.extend(range(NEWEST, Some(now - 1.0), Some(now + TAI_AHEAD)));
    } else {
        filters.extend(range(OLDEST, query.mjd_min, None));
        filters.extend(range(NEWEST, None, query.mjd_max.map(|mjd| mjd + TAI_AHEAD)));
    }
    filters.extend(cone(query, version));
    match filters.len() {
        0 => json!({"query": {"match_all": {}}}),
        1 if query.esquery.is_some() => json!({"query": filters.remove(0)}),
        _ => json!({"query": {"bool": {"filter": filters}}}),
    }
}

/// A search for one id.
pub(super) fn by_term(field: &str, id: &str) -> Value {
    json!({"query": {"bool": {"filter": [term(field, id)]}}})
}

fn term(field: &str, id: &str) -> Value {
    json!({"term": {field: id}})
}

fn range<T: Into<Value>>(field: &str, low: Option<T>, high: Option<T>) -> Option<Value> {
    let mut ends = Map::new();
    points::keep(&mut ends, "gte", low);
    points::keep(&mut ends, "lte", high);
    (!ends.is_empty()).then(|| json!({"range": {field: ends}}))
}

/// A true cone on the sky; the two interfaces spell it differently.
fn cone(query: &AntaresQuery, version: ApiVersion) -> Option<Value> {
    let (ra, dec) = (query.ra?, query.dec?);
    // The service reads no exponents; Rust writes none.
    let radius = format!("{} degree", query.radius_degrees()?);
    let ra = sky::wrap_degrees(ra);
    Some(match version {
        ApiVersion::V1 => {
            json!({"sky_distance": {"distance": radius, "htm16": {"center": format!("{ra} {dec}")}}})
        }
        ApiVersion::V2 => {
            json!({"sky_distance": {"radius": radius, "location": sky::sexagesimal(ra, dec)?}})
        }
    })
}

/// Whether the dates of a locus are within those of the query to the second. The service was asked
/// for 37 s more, as it holds UTC for one survey and TAI for the other.
pub(super) fn in_time(
    query: &AntaresQuery,
    oldest: Option<DateTime<Utc>>,
    newest: Option<DateTime<Utc>>,
) -> bool {
    // A number read from text and a time in microseconds differ by less than this.
    const SLACK: f64 = 1e-9;
    let fits = |time: Option<DateTime<Utc>>, holds: &dyn Fn(f64) -> bool| {
        time.is_none_or(|time| holds(time::mjd_from_utc(time)))
    };
    query.last_day
        || query.mjd_min.is_none_or(|mjd| fits(oldest, &|at| at >= mjd - SLACK))
            && query.mjd_max.is_none_or(|mjd| fits(newest, &|at| at <= mjd + SLACK))
}
