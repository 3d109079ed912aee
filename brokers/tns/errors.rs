//! What the service says, and what its failures mean.

use super::endpoints::refused_for;
use crate::plugin::*;

/// What a failure means here.
pub(super) fn explain(response: &Response) -> Option<Error> {
    let said = |kind, text: &'static str| Some(Error::new(kind, text));
    match response.status() {
        200 if response.is_html() => {
            let title = response.json::<Value>().err().map_or_else(String::new, |e| e.message().to_owned());
            let text = format!(
                "{title}: TNS is in maintenance, or does not take the User-Agent; check bot_id and bot_name"
            );
            Some(Error::new(ErrorKind::Unreadable, text))
        }
        401 => said(
            ErrorKind::Auth,
            "TNS refused the api_key, or the marker does not belong to it: check api_key, bot_id and bot_name; \
             a bot of the sandbox is gone after Sunday",
        ),
        403 => said(
            ErrorKind::Auth,
            "TNS refused the request: the marker in the User-Agent is missing or wrong (check bot_id and bot_name \
             of a bot, user_id and user_name of a user), or the bot may not do this",
        ),
        429 => {
            let wait = refused_for(response).or_else(|| response.retry_after(Utc::now()))?;
            let text = format!(
                "the calls of this TNS account are used up for now; come back in {} s",
                wait.as_secs_f64().ceil()
            );
            Some(Error::new(ErrorKind::RateLimited, text).with_retry_after(wait).retryable(true))
        }
        _ => None,
    }
}

/// An object that is not there.
pub(super) fn missing(name: &str) -> Error {
    Error::new(ErrorKind::NotFound, "TNS has no public object of this name").with("name", name)
}

/// A failure of sending a report, which may have been taken although no good answer came.
pub(super) fn in_doubt(error: Error) -> Error {
    if !error.may_have_arrived() {
        return error;
    }
    let text = format!(
        "it is not known whether TNS took the report ({}); look for the object before submitting again",
        error.message()
    );
    let kind = error.kind();
    error.reworded(kind, text).retryable(false)
}

/// A failure that another question after the report may not meet.
pub(super) fn is_passing(error: &Error) -> bool {
    let passing = [ErrorKind::Network, ErrorKind::Timeout, ErrorKind::RateLimited, ErrorKind::Unreadable];
    passing.contains(&error.kind()) || error.http_status().is_some_and(|status| status >= 500)
}

/// The end of asking after a report.
pub(super) fn not_yet(id: &str, because: Option<Error>) -> Error {
    let text = "TNS took the report, but has no result yet; ask for it later by its number, \
                and do not submit it again before";
    let error = Error::new(ErrorKind::Timeout, text).with("report_id", id).retryable(false);
    because.into_iter().fold(error, Error::because)
}

/// One thing that the service says, and where in the answer it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Message {
    /// Where it stands, in the names of the report's fields: `non_detection.obsdate`.
    pub field: String,
    /// The service's number of it: 100 inserted, 101 exists, 1 to 6 faults, 110 nothing found, 120 to
    /// 123 what a classification changed.
    pub id: Option<i64>,
    /// Its text.
    pub text: String,
}

impl std::fmt::Display for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(self.text.trim_end_matches('.'))?;
        match self.id {
            Some(id) => write!(f, " (message {id})"),
            None => Ok(()),
        }
    }
}

impl Message {
    /// Every object that has a `message`, at any depth: the shapes around it differ.
    pub(super) fn all(value: &Value) -> Vec<Self> {
        let mut found = Vec::new();
        gather(value, &mut Vec::new(), &mut |path, map| {
            let text = map.get("message").and_then(Value::as_str).unwrap_or_default().trim();
            if !text.is_empty() {
                // Numbers, the word `value` and places in a list say nothing of the field.
                let names = path.iter().filter(|step| {
                    !step.is_empty() && **step != "value" && !step.bytes().all(|b| b.is_ascii_digit())
                });
                let field = names.copied().collect::<Vec<_>>().join(".");
                found.push(Self { field, id: map.get("message_id").and_then(whole), text: text.to_owned() });
            }
        });
        found
    }
}

/// Deeper than any answer.
const DEEPEST: usize = 32;

/// Calls `visit` with every object and the path to it.
pub(super) fn gather<'a>(
    value: &'a Value,
    path: &mut Vec<&'a str>,
    visit: &mut impl FnMut(&[&'a str], &'a Map<String, Value>),
) {
    if path.len() > DEEPEST {
        return;
    }
    let mut step = |name: &'a str, value: &'a Value, visit: &mut _| {
        path.push(name);
        gather(value, path, visit);
        path.pop();
    };
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| step(key, value, visit));
            visit(path, map);
        }
        Value::Array(items) => items.iter().for_each(|value| step("", value, visit)),
        _ => {}
    }
}

fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// The messages of an answer on one line.
pub(super) fn words(text: &str) -> Option<String> {
    let value = serde_json::from_str(text).ok()?;
    let messages: Vec<_> = Message::all(&value).iter().map(ToString::to_string).collect();
    (!messages.is_empty()).then(|| messages.join("; "))
}
