//! What an error says.

use std::error::Error as _;

use tom_alerts::Error;

/// All that an error says, its sources included: where a credential must not be.
pub(crate) fn told(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(&format!(" {inner} {inner:?}"));
        source = inner.source();
    }
    text
}
