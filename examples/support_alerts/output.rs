//! Rows as a table, JSON lines or CSV on standard output; words, or JSON lines, on standard error.

use std::io::{self, IsTerminal, StdoutLock, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use serde_json::{Value, json};
use tracing_subscriber::EnvFilter;

use super::fault::{Done, Fault};
use crate::support::table::{harmless, table};

/// How rows come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Table,
    Json,
    Csv,
}

/// What the columns are called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Columns {
    /// The table's headings.
    pub(crate) table: &'static [&'static str],
    /// The keys of the JSON object that are CSV columns; `value.filter` is a key within a key.
    pub(crate) csv: &'static [&'static str],
}

/// A listing without end must show something, so a table is printed in parts.
const ROWS_AT_ONCE: usize = 200;

/// Writes rows as they come.
pub(crate) enum Rows {
    Table { heading: &'static [&'static str], rows: Vec<Vec<String>>, printed: bool },
    Json(StdoutLock<'static>),
    Csv { writer: Box<csv::Writer<StdoutLock<'static>>>, keys: &'static [&'static str] },
}

impl Rows {
    pub(crate) fn new(style: Style, columns: Columns) -> Result<Self, Fault> {
        Ok(match style {
            Style::Table => Self::Table { heading: columns.table, rows: Vec::new(), printed: false },
            Style::Json => Self::Json(io::stdout().lock()),
            Style::Csv => {
                let mut writer = csv::Writer::from_writer(io::stdout().lock());
                writer.write_record(columns.csv.iter().map(|key| key.rsplit('.').next().unwrap_or(key)))?;
                writer.flush()?;
                Self::Csv { writer: Box::new(writer), keys: columns.csv }
            }
        })
    }

    /// One row: the whole of it as JSON, and its cells for people.
    pub(crate) fn row(&mut self, whole: &impl Serialize, cells: impl FnOnce() -> Vec<String>) -> Done {
        match self {
            Self::Table { rows, .. } => {
                rows.push(cells());
                if rows.len() >= ROWS_AT_ONCE { self.print() } else { Ok(()) }
            }
            Self::Json(out) => {
                let mut line = one_line(&serde_json::to_string(whole)?);
                line.push('\n');
                Ok(out.write_all(line.as_bytes())?)
            }
            Self::Csv { writer, keys } => {
                let value = serde_json::to_value(whole)?;
                writer.write_record(keys.iter().map(|key| cell(&value, key)))?;
                // A row is seen when it comes, not when a buffer is full.
                Ok(writer.flush()?)
            }
        }
    }

    fn print(&mut self) -> Done {
        if let Self::Table { heading, rows, printed } = self {
            writeln!(io::stdout().lock(), "{}", table(heading, std::mem::take(rows)))?;
            *printed = true;
        }
        Ok(())
    }

    /// Prints what is left of a table; an empty one is said in words.
    pub(crate) fn finish(mut self, nothing: &str) -> Done {
        match &self {
            Self::Table { rows, printed, .. } if rows.is_empty() => {
                if !printed {
                    say(nothing);
                }
                Ok(())
            }
            _ => self.print(),
        }
    }
}

fn cell(value: &Value, key: &str) -> String {
    let found = key.split('.').try_fold(value, |value, key| value.get(key));
    match found {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// One JSON document: on one line for programs, indented for people.
pub(crate) fn document(style: Style, value: &impl Serialize) -> Done {
    let text = match style {
        Style::Json => one_line(&serde_json::to_string(value)?),
        Style::Table | Style::Csv => serde_json::to_string_pretty(value)?,
    };
    line(&text)
}

/// JSON without the blanks between its parts. A service's own text goes out as it came, digit by digit,
/// and may be spread over many lines; within the texts of JSON there is no line feed to be lost.
fn one_line(json: &str) -> String {
    let mut line = String::with_capacity(json.len());
    let (mut in_text, mut escaped) = (false, false);
    for c in json.chars() {
        if in_text {
            in_text = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if c.is_ascii_whitespace() {
            continue;
        } else {
            in_text = c == '"';
        }
        line.push(c);
    }
    line
}

/// A line, or several, on standard output.
pub(crate) fn line(text: &str) -> Done {
    Ok(writeln!(io::stdout().lock(), "{text}")?)
}

/// Whether standard error gets JSON lines too. One for the program, as standard error is.
static IN_JSON: AtomicBool = AtomicBool::new(false);

/// From now on standard error gets JSON lines: whoever reads the rows reads the faults as well.
pub(crate) fn speak_json() {
    IN_JSON.store(true, Ordering::Relaxed);
}

pub(crate) fn speaks_json() -> bool {
    IN_JSON.load(Ordering::Relaxed)
}

/// What was done or is not there, on standard error.
pub(crate) fn say(text: &str) {
    match speaks_json() {
        true => err(&json!({ "note": text }).to_string()),
        false => err(text),
    }
}

/// A note on standard error.
pub(crate) fn note(text: &str) {
    match speaks_json() {
        true => say(text),
        false => say(&format!("note: {text}")),
    }
}

/// Notes of a broker on standard error.
pub(crate) fn notes(notes: &[String]) {
    notes.iter().for_each(|text| note(text));
}

/// Lines on standard error; that nobody can read them is no reason to stop.
pub(crate) fn err(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", harmless(text));
}

/// Requests and answers on standard error, as the library tells them.
pub(crate) fn show_requests() {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("tom_alerts=debug"))
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
}
