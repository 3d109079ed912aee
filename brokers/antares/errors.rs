//! What the service's failures mean when it answers in plain text.

use crate::plugin::*;

/// The error of a failure whose body is a text for people; `None` leaves it to the core, which reads
/// JSON and HTML.
pub(super) fn explain(response: &Response) -> Option<Error> {
    const LONGEST: usize = 200;
    if response.status() < 400 || response.is_html() || response.own_words().is_some() {
        return None;
    }
    let text = response.text().ok()?;
    let is_json = serde_json::from_str::<&RawValue>(text).is_ok();
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if is_json || line.is_empty() || line.chars().any(char::is_control) {
        return None;
    }
    let line = wire::shortened(&line, LONGEST);
    let error = response.clone().into_result().err()?;
    let (kind, text) = (error.kind(), format!("{}: {line}", error.message()));
    Some(error.reworded(kind, text))
}
