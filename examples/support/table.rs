//! Tables for people.

use std::io::{self, IsTerminal};

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};
use tom_alerts::GenericAlert;

/// How wide a table may be on a terminal that does not say how wide it is.
const WIDTH: u16 = 120;

/// A table with a heading. On a terminal it is folded to its width; in a file or pipe each row
/// stays one line, so that it can be searched.
pub(crate) fn table(heading: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    let rows = rows.into_iter().map(|row| row.iter().map(|cell| harmless(cell)).collect::<Vec<_>>());
    table.load_style(UTF8_FULL_CONDENSED).set_header(heading).add_rows(rows);
    if io::stdout().is_terminal() {
        let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(told.unwrap_or(WIDTH));
    }
    table.to_string()
}

/// A text without the control characters by which a service could command a terminal.
pub(crate) fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// A number with so many decimals, or nothing; one that is too small for them in powers of ten.
pub(crate) fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(String::new, |value| {
        let text = format!("{value:.decimals$}");
        let lost = value != 0.0 && !text.contains(|c: char| ('1'..='9').contains(&c));
        if lost { format!("{value:.1e}") } else { text }
    })
}

/// The heading of a table of generic alerts.
pub(crate) const ALERT_HEADING: &[&str] = &["id", "name", "time (UTC)", "RA", "Dec", "mag", "score"];

/// One generic alert as a row of such a table.
pub(crate) fn alert_cells(alert: &GenericAlert) -> Vec<String> {
    vec![
        alert.id.clone(),
        alert.name.clone(),
        alert.timestamp.map_or_else(String::new, |t| t.format("%Y-%m-%d %H:%M:%S").to_string()),
        number(alert.ra, 5),
        number(alert.dec, 5),
        number(alert.mag, 2),
        number(alert.score, 3),
    ]
}
