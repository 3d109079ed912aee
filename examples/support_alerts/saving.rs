//! `save`: alerts become targets in a store, with a progress bar and a report.

use indicatif::{ProgressBar, ProgressStyle};
use tom_alerts::ingest::{Event, IngestReport};
use tom_alerts::store::{self, Counts};
use tom_alerts::{Cancel, IngestOptions, ResumeToken};

use super::Tool;
use super::args::{SaveArgs, With};
use super::fault::{Done, Fault, tell_as, words};
use super::lists::no_rows;
use super::output::{Style, document, line, note, say};
use crate::support::table::table;

/// Fetches alerts and saves them. What fails is told, and the rest goes on.
pub(crate) async fn run(tool: &Tool, asked: &SaveArgs) -> Done {
    no_rows(tool, "save")?;
    let broker = tool.registry.broker(&asked.fetch.broker)?;
    let parameters = tool.parameters(&*broker, &asked.fetch.parameters)?;
    // Before the store is opened: a faulty query leaves no empty store behind.
    let parameters = broker.check(&parameters)?;
    broker.ready()?;
    let resume = asked.resume.as_deref().map(str::parse::<ResumeToken>).transpose()?;
    let store = store::open(&asked.store).await?;

    let limit = asked.fetch.limit.alerts();
    let bar = Bar::new(limit);
    let shown = bar.clone();
    let mut options = IngestOptions::new()
        .photometry(asked.with.photometry)
        .classifications(asked.with.classifications)
        .limit(limit)
        .keep_targets(false)
        .cancel(on_interrupt())
        .on_event(move |event| shown.show(event));
    if let Some(from) = resume {
        options = options.resume(from);
    }
    let ingested = broker.fetch_and_save_all(&parameters, &*store, options).await;
    bar.0.finish_and_clear();
    let report = ingested?.report;

    match tool.style {
        Style::Json => document(tool.style, &report)?,
        Style::Table | Style::Csv => line(&summary(&report, &asked.with))?,
    }
    let go_on = |why: &str| {
        let from =
            report.resume.as_ref().map_or_else(String::new, |token| format!("; --resume {token} goes on"));
        format!("{why}; what is counted is saved{from}")
    };
    let count = report.failures();
    match report.ended_by {
        Some(cause) => Err(Fault::Early(go_on(&format!("the run ended early: {cause}")), Some(cause))),
        None if report.cancelled => Err(Fault::Early(go_on("the run was stopped"), None)),
        None if count > 0 => Err(Fault::Failures(count)),
        None => Ok(()),
    }
}

/// A handle that the first Ctrl-C uses, so that what has come is saved; the second one ends the program.
fn on_interrupt() -> Cancel {
    let cancel = Cancel::new();
    let handle = cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            handle.cancel();
            say("stopping: what has come is being saved; once more ends at once");
            if tokio::signal::ctrl_c().await.is_ok() {
                std::process::exit(130);
            }
        }
    });
    cancel
}

fn summary(report: &IngestReport, with: &With) -> String {
    let targets = Counts { created: report.created, updated: report.updated, unchanged: report.unchanged };
    let row = |what: &str, counts: Counts| {
        let numbers = [counts.created, counts.updated, counts.unchanged].map(|number| number.to_string());
        [vec![what.to_owned()], numbers.to_vec()].concat()
    };
    let mut rows = vec![row("targets", targets)];
    if with.photometry {
        rows.push(row("points", report.data));
    }
    if with.classifications {
        rows.push(row("classes", report.classifications));
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
                // The stage of what has no name yet is the alert itself.
                let name = if failure.name.is_empty() { "" } else { &format!("{}: ", failure.name) };
                let text = format!("{name}{}: {}", failure.stage, words(&failure.error));
                self.0.suspend(|| tell_as(&failure.error, &text));
            }
            Event::Note(text) => self.0.suspend(|| note(text)),
            _ => {}
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
