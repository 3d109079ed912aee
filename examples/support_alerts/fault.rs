//! How a command ends: its errors in words or as JSON, and the exit status.

use std::error::Error as StdError;
use std::io;
use std::process::ExitCode;

use serde_json::{Value, json};
use tom_alerts::{Error, ErrorKind};

use super::output::{err, speaks_json};

/// What a command returns.
pub(crate) type Done = Result<(), Fault>;

/// Why a command did not end well.
#[derive(Debug)]
pub(crate) enum Fault {
    /// One error ended it.
    Error(Error),
    /// A file or the output failed, in words.
    Other(String),
    /// A run ended before its end, in words, by this error or by whoever ran it; what came is saved.
    Early(String, Option<Error>),
    /// It went on, but so many of so many items failed; each has been told already.
    Items { failed: usize, of: usize },
    /// It went on, but so many things went wrong, which have been told already.
    Failures(u64),
    /// Nobody reads any more, as behind `head`.
    Unread,
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Unread,
            _ => Self::Other(format!("the output cannot be written: {error}")),
        }
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        io::Error::from(error).into()
    }
}

impl From<csv::Error> for Fault {
    fn from(error: csv::Error) -> Self {
        io::Error::from(error).into()
    }
}

/// Counts items, and tells each failure as it comes.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    failed: usize,
    of: usize,
}

impl Tally {
    pub(crate) fn good(&mut self) {
        self.of += 1;
    }

    pub(crate) fn bad(&mut self, error: &Error) {
        self.failed += 1;
        self.of += 1;
        tell(error);
    }

    pub(crate) fn done(&self) -> Done {
        match self.failed {
            0 => Ok(()),
            failed => Err(Fault::Items { failed, of: self.of }),
        }
    }
}

/// Says why a command did not end well, and gives the exit status that means it.
pub(crate) fn report(fault: &Fault) -> ExitCode {
    match fault {
        Fault::Unread => return ExitCode::SUCCESS,
        Fault::Items { failed, of } => tell_failures(&format!("{failed} of {of} failed")),
        Fault::Failures(1) => tell_failures("one failure; all else is saved"),
        Fault::Failures(count) => tell_failures(&format!("{count} failures; all else is saved")),
        Fault::Other(text) => tell_plain("output", text),
        Fault::Early(text, None) => tell_plain("stopped", text),
        Fault::Early(text, Some(error)) => tell_as(error, text),
        Fault::Error(error) => {
            tell(error);
            if matches!(error.kind(), ErrorKind::Input | ErrorKind::Config) {
                return ExitCode::from(2);
            }
        }
    }
    ExitCode::FAILURE
}

/// What the arguments themselves are at fault for, in the words of their parser.
pub(crate) fn report_arguments(error: &clap::Error) -> ExitCode {
    let text = error.to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    // What follows, the usage and where more is said, is for people.
    let first = text.split("\n\nUsage:").next().unwrap_or(text);
    let first = first.split("\n\nFor more information").next().unwrap_or(first);
    tell_plain("input", first.trim_end());
    ExitCode::from(2)
}

/// An error with all its faults and causes, on standard error.
pub(crate) fn tell(error: &Error) {
    tell_as(error, &words(error));
}

/// The same under a text that says more than the error knows.
pub(crate) fn tell_as(error: &Error, text: &str) {
    let problem =
        |problem: &tom_alerts::Problem| json!({ "field": problem.field, "message": problem.message });
    let problems = error.problems().iter().map(problem).collect();
    tell_fault(&kind_word(error.kind()), text, problems, error.retry_after().map(|wait| wait.as_secs_f64()));
}

/// So much failed and was told already.
pub(crate) fn tell_failures(text: &str) {
    tell_plain("failures", text);
}

fn tell_plain(kind: &str, text: &str) {
    tell_fault(kind, text, Vec::new(), None);
}

/// The one place from which a fault goes out.
fn tell_fault(kind: &str, message: &str, problems: Vec<Value>, retry_after: Option<f64>) {
    if !speaks_json() {
        return err(&format!("error: {message}"));
    }
    let error = json!({ "kind": kind, "message": message, "problems": problems, "retry_after": retry_after });
    err(&json!({ "error": error }).to_string());
}

/// `NotFound` as `not_found`: a kind that is new in the library has its word at once.
fn kind_word(kind: ErrorKind) -> String {
    let mut word = String::new();
    for c in format!("{kind:?}").chars() {
        if c.is_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(c.to_ascii_lowercase());
    }
    word
}

/// An error in words with its causes. For people each of many faults has a line of its own.
pub(crate) fn words(error: &Error) -> String {
    let problems = error.problems();
    let mut text = match problems.len() {
        count if count > 1 && !speaks_json() => {
            let broker = error.broker().map_or_else(String::new, |name| format!("{name}: "));
            let file = error.context("file").map_or_else(String::new, |file| format!(" in {file}"));
            let listed: String = problems.iter().map(|problem| format!("\n  {problem}")).collect();
            format!("{broker}{count} faults{file}{listed}")
        }
        _ => error.to_string(),
    };
    let mut cause = error.source();
    while let Some(source) = cause {
        let because = source.to_string();
        // The message often names the innermost cause already.
        if !because.is_empty() && !text.contains(&because) {
            text.push_str(if speaks_json() { "; because: " } else { "\n  because: " });
            text.push_str(&because);
        }
        cause = source.source();
    }
    text
}
