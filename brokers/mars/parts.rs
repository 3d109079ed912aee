//! The parts that a query is asked in: one for each object, and for each range that the server reads rightly.

use super::MarsQuery;
use super::query::Parameters;

/// A right ascension just below 0, as the server has no "0 or more". It is so near that no place of a
/// float lies between.
const BELOW_ZERO: &str = "-1e-300";

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
pub(super) fn ranges(query: &MarsQuery) -> Vec<Parameters> {
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
