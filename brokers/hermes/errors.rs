//! What Hermes' failures mean.

use crate::plugin::*;

/// A refusal in the service's words, field by field; the archive's failures by what they mean.
pub(super) fn explain(response: &Response) -> Option<Error> {
    let status = response.status();
    if (200..300).contains(&status) || response.is_html() {
        return None;
    }
    match status {
        401 | 403 => Some(credential(response)),
        400 | 404 | 422 | 500.. => {
            let body: Map<String, Value> = response.json().ok()?;
            if let Some(error) = body.get("error").and_then(Value::as_str) {
                return archive(error, status);
            }
            if status != 400 || body.contains_key("detail") {
                return None;
            }
            let problems = tree(&Value::Object(body));
            (!problems.is_empty()).then(|| Error::from_problems(ErrorKind::Input, problems))
        }
        _ => None,
    }
}

fn credential(response: &Response) -> Error {
    let words = response.own_words().map(|words| without_address(&words).to_owned());
    let invalid = words.as_deref().is_some_and(|words| words.contains("Invalid token"));
    let text = if invalid {
        "Hermes does not know the token; copy api_key anew from your profile page there".to_owned()
    } else if words.as_deref().is_some_and(|words| words.contains("Client Error")) {
        "the message or topic is not public; set api_key to the token of an account that may read it"
            .to_owned()
    } else {
        let words = words.map_or_else(String::new, |words| format!(": {words}"));
        format!("Hermes wants a token; set api_key to the one of your profile page there{words}")
    };
    Error::new(ErrorKind::Auth, text)
}

/// So it fails for topics that it does not know, and for single messages: those with a binary key,
/// without a format, or with NaN in them.
const ARCHIVE_FAILED: &str = "the archive behind Hermes failed; one of the topics may not exist";

/// A failure of the archive behind Hermes, which has the archive's address and the query in it.
fn archive(error: &str, status: u16) -> Option<Error> {
    if !error.contains(" for url:") {
        return None;
    }
    let (kind, text) = match status {
        404 => (ErrorKind::NotFound, "the archive has no such message"),
        400 => (
            ErrorKind::Input,
            "the archive cannot read the request; a message is asked for by its whole uuid",
        ),
        422 => (ErrorKind::Input, "the archive refused a parameter of the query"),
        _ => (ErrorKind::Status, ARCHIVE_FAILED),
    };
    Some(Error::new(kind, text))
}

/// Whether a failure is of the one message that was asked for, so that all else may be well: it is gone
/// or private, or the archive or this crate cannot read it.
pub(super) fn of_one_message(error: &Error) -> bool {
    let kind = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Auth | ErrorKind::Unreadable);
    kind || error.message() == ARCHIVE_FAILED
}

fn without_address(words: &str) -> &str {
    words.split(" for url:").next().unwrap_or_default()
}

/// The texts of Hermes' tree of faults, each with its place: `data.photometry[0].brightness`.
pub(super) fn tree(value: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    walk(value, String::new(), 0, &mut problems);
    problems
}

/// Deeper than any place of a message, and more than anybody reads.
const DEEPEST: usize = 16;
const MOST: usize = 200;

fn walk(value: &Value, place: String, depth: usize, out: &mut Vec<Problem>) {
    if depth > DEEPEST || out.len() >= MOST {
        return;
    }
    match value {
        Value::String(text) => {
            let text: String = text.chars().filter(|c| !c.is_control()).take(300).collect();
            out.push(Problem::new(place, text.trim_end_matches('.')));
        }
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().for_each(|item| walk(item, place.clone(), depth + 1, out));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, format!("{place}[{index}]"), depth + 1, out);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                let inner = match (place.is_empty(), key.as_str()) {
                    (_, "non_field_errors") => place.clone(),
                    (true, key) => key.to_owned(),
                    (false, key) => format!("{place}.{key}"),
                };
                walk(value, inner, depth + 1, out);
            }
        }
        _ => {}
    }
}
