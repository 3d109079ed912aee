//! Tables for people.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};
use tom_alerts::{GenericAlert, ReducedDatum, Target};

/// A table with a heading, fitted to the terminal.
pub(crate) fn table(heading: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(heading);
    for row in rows {
        table.add_row(row);
    }
    table.to_string()
}

/// A number with so many decimals, or nothing.
pub(crate) fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(String::new, |value| format!("{value:.decimals$}"))
}

/// Targets with their positions.
pub(crate) fn targets(targets: &[Target]) -> String {
    table(
        &["name", "type", "RA", "Dec", "aliases"],
        targets.iter().map(|target| {
            let at = target.position();
            vec![
                target.name.clone(),
                target.target_type().to_owned(),
                number(at.map(|at| at.0), 5),
                number(at.map(|at| at.1), 5),
                target.aliases.join(", "),
            ]
        }),
    )
}

/// Generic alerts, one a row.
pub(crate) fn alerts(alerts: &[GenericAlert]) -> String {
    table(
        &["name", "time (UTC)", "RA", "Dec", "mag", "score"],
        alerts.iter().map(|alert| {
            vec![
                alert.name.clone(),
                alert.timestamp.map_or_else(String::new, |t| t.format("%Y-%m-%d %H:%M:%S").to_string()),
                number(alert.ra, 5),
                number(alert.dec, 5),
                number(alert.mag, 2),
                number(alert.score, 3),
            ]
        }),
    )
}

/// Photometry, one point a row.
pub(crate) fn photometry(data: &[ReducedDatum]) -> String {
    let rows = data.iter().filter_map(|datum| datum.photometry().map(|point| (datum.timestamp, point)));
    table(
        &["time (UTC)", "band", "mag", "error", "limit", "flux", "id"],
        rows.map(|(time, point)| {
            let limit = point.limit.map_or_else(String::new, |limit| format!("> {limit:.2}"));
            vec![
                time.format("%Y-%m-%d %H:%M:%S").to_string(),
                point.filter.clone(),
                number(point.magnitude, 3),
                number(point.error, 3),
                limit,
                number(point.flux, 1),
                point.source_id.clone().unwrap_or_default(),
            ]
        }),
    )
}
