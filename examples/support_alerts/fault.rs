//! How a command ends: its errors in words, and the exit status.

use std::error::Error as StdError;
use std::io;
use std::process::ExitCode;

use tom_alerts::{Error, ErrorKind};

use super::output::say;

/// What a command returns.
pub(crate) type Done = Result<(), Fault>;

/// Why a command did not end well.
#[derive(Debug)]
pub(crate) enum Fault {
    /// One error ended it.
    Error(Error),
    /// Something outside of the library failed, in words.
    Other(String),
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
        Fault::Items { failed, of } => say(&format!("error: {failed} of {of} failed")),
        Fault::Failures(1) => say("error: one failure; all else is saved"),
        Fault::Failures(count) => say(&format!("error: {count} failures; all else is saved")),
        Fault::Other(text) => say(&format!("error: {text}")),
        Fault::Error(error) => {
            tell(error);
            if matches!(error.kind(), ErrorKind::Input | ErrorKind::Config) {
                return ExitCode::from(2);
            }
        }
    }
    ExitCode::FAILURE
}

/// An error with all its faults and causes, on standard error.
pub(crate) fn tell(error: &Error) {
    say(&words(error));
}

/// The same in words.
pub(crate) fn words(error: &Error) -> String {
    let problems = error.problems();
    let mut text = match problems.len() {
        0 | 1 => format!("error: {error}"),
        count => {
            let broker = error.broker().map_or_else(String::new, |name| format!("{name}: "));
            let file = error.context("file").map_or_else(String::new, |file| format!(" in {file}"));
            let listed: String = problems.iter().map(|problem| format!("\n  {problem}")).collect();
            format!("error: {broker}{count} faults{file}{listed}")
        }
    };
    let mut cause = error.source();
    while let Some(source) = cause {
        let because = source.to_string();
        // The message often names the innermost cause already.
        if !because.is_empty() && !text.contains(&because) {
            text.push_str("\n  because: ");
            text.push_str(&because);
        }
        cause = source.source();
    }
    text
}
