//! `save`: alerts become targets in a store, with a progress bar and a report.

use indicatif::{ProgressBar, ProgressStyle};
use tom_alerts::IngestOptions;
use tom_alerts::ingest::{Event, IngestReport};
use tom_alerts::store::{self, Counts};

use super::Tool;
use super::args::SaveArgs;
use super::fault::{Done, Fault};
use super::lists::no_rows;
use super::output::{Style, document, line, say};
use crate::support::table::table;

/// Fetches alerts and saves them. What fails is told, and the rest goes on.
pub(crate) async fn run(tool: &Tool, asked: &SaveArgs) -> Done {
    no_rows(tool, "save")?;
    let broker = tool.registry.broker(&asked.fetch.broker)?;
    let parameters = tool.parameters(&*broker, &asked.fetch.parameters)?;
    // Before the store is opened: a faulty query leaves no empty store behind.
    let parameters = broker.check(&parameters)?;
    broker.ready()?;
    let store = store::open(&asked.store).await?;

    let limit = asked.fetch.limit.alerts();
    let bar = Bar::new(limit);
    let shown = bar.clone();
    let options = IngestOptions::new()
        .photometry(asked.photometry)
        .limit(limit)
        .keep_targets(false)
        .on_event(move |event| shown.show(event));
    let ingested = broker.fetch_and_save_all(&parameters, &*store, options).await;
    bar.0.finish_and_clear();
    let report = ingested?.report;

    match tool.style {
        Style::Json => document(tool.style, &report)?,
        Style::Table | Style::Csv => line(&summary(&report, asked.photometry))?,
    }
    let failed = report.failed.len();
    match &report.ended_by {
        Some(cause) => Err(Fault::Other(format!("the run ended early, what came before is saved: {cause}"))),
        None if failed > 0 => {
            Err(Fault::Items { failed, of: usize::try_from(report.seen).unwrap_or(failed).max(failed) })
        }
        None => Ok(()),
    }
}

fn summary(report: &IngestReport, photometry: bool) -> String {
    let targets = Counts { created: report.created, updated: report.updated, unchanged: report.unchanged };
    let row = |what: &str, counts: Counts| {
        let numbers = [counts.created, counts.updated, counts.unchanged].map(|number| number.to_string());
        [vec![what.to_owned()], numbers.to_vec()].concat()
    };
    let mut rows = vec![row("targets", targets)];
    if photometry {
        rows.push(row("points", report.data));
    }
    let counted = table(&["", "created", "updated", "unchanged"], rows);
    format!("{counted}\nalerts seen: {}, failures: {}", report.seen, report.failures())
}

/// The bar on standard error; nothing is drawn when that is no terminal.
#[derive(Clone)]
struct Bar(ProgressBar);

impl Bar {
    fn new(limit: usize) -> Self {
        let bar = ProgressBar::no_length();
        bar.set_style(style("{spinner} {pos} alerts in {elapsed}"));
        let bar = Self(bar);
        if limit != usize::MAX {
            bar.length(limit as u64);
        }
        bar
    }

    fn length(&self, length: u64) {
        if self.0.length() != Some(length) {
            self.0.set_style(style("{spinner} [{bar:40}] {pos} of {len} alerts, {eta} left"));
            self.0.set_length(length);
        }
    }

    fn show(&self, event: &Event<'_>) {
        match event {
            Event::Seen { seen, total } => {
                if let Some(total) = total {
                    let most = self.0.length().unwrap_or(u64::MAX);
                    self.length((*total).min(most).max(*seen));
                }
                self.0.set_position(*seen);
            }
            // It is what ends the run, and is told at the end.
            Event::Failed(failure) if failure.stage == "listing" => {}
            Event::Failed(failure) => {
                let name = if failure.name.is_empty() { "an alert" } else { &failure.name };
                self.0.suspend(|| say(&format!("error: {name}: {}: {}", failure.stage, failure.error)));
            }
            Event::Note(note) => self.0.suspend(|| say(&format!("note: {note}"))),
            _ => {}
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
