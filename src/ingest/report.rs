//! What a run did: `IngestReport`, with everything that failed by name.

use serde::Serialize;

use crate::error::Error;
use crate::store::{Counts, SavedTarget};

/// What a run did.
#[derive(Debug, Default, Serialize)]
#[non_exhaustive]
pub struct IngestReport {
    /// Alerts that came, good and bad.
    pub seen: u64,
    /// Targets that were new.
    pub created: u64,
    /// Targets that changed.
    pub updated: u64,
    /// Targets that were saved before just so.
    pub unchanged: u64,
    /// Alerts of targets that were deleted and are not to be made again.
    pub ignored: u64,
    /// Reduced data that were new, changed, saved before.
    pub data: Counts,
    /// Classifications that were new, changed, saved before.
    pub classifications: Counts,
    /// What failed, the first 10,000 of it; what came before `resume` and is not named was saved.
    pub failed: Vec<Failure>,
    /// How many failures there were beyond those; [`Event::Failed`](super::Event::Failed) tells of each.
    pub more_failed: u64,
    /// What the broker said beside the alerts, each text once and the first 10,000.
    pub notes: Vec<String>,
    /// Whether the run was stopped by its [`Cancel`](super::Cancel) handle.
    pub cancelled: bool,
    /// What ended the run early, other than a cancellation.
    #[serde(serialize_with = "as_text_opt")]
    pub ended_by: Option<Error>,
    /// The object at which it ended, which comes first when the run goes on.
    pub ended_at: Option<String>,
    /// Where another run can go on, when this one did not come to the end.
    pub resume: Option<String>,
}

impl IngestReport {
    /// How many things failed in all.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.failed.len() as u64 + self.more_failed
    }
}

/// One thing that failed.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Failure {
    /// The broker's id of the alert; empty when it could not be read.
    pub id: String,
    /// The alert's name; empty when it could not be read.
    pub name: String,
    /// What was being done: `listing`, `alert`, `target`, `photometry`, `classifications`, `save`.
    pub stage: &'static str,
    /// What went wrong.
    #[serde(serialize_with = "as_text")]
    pub error: Error,
}

impl Failure {
    pub(super) fn new(id: &str, name: &str, stage: &'static str, error: Error) -> Self {
        Self { id: id.to_owned(), name: name.to_owned(), stage, error }
    }
}

fn as_text_opt<S: serde::Serializer>(error: &Option<Error>, serializer: S) -> Result<S::Ok, S::Error> {
    match error {
        Some(error) => serializer.collect_str(error),
        None => serializer.serialize_none(),
    }
}

fn as_text<S: serde::Serializer>(error: &Error, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(error)
}

/// What `fetch_and_save_all` returns.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Ingested {
    /// The saved targets by number and name, in the order of the alerts; empty with
    /// [`keep_targets(false)`](super::IngestOptions::keep_targets).
    pub targets: Vec<SavedTarget>,
    /// What was done.
    pub report: IngestReport,
}
