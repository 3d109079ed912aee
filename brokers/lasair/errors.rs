//! Texts of the service: plain words out of HTML, and what its failures mean.

use super::facts::Facts;
use crate::plugin::*;

/// What the service says of an object whose sources are too old for its fuller form.
const OLD: &str = "'image_urls'";

/// The same in words; also how [`is_old`] knows it.
const OLD_SOURCES: &str =
    "the service fails to give its fuller form of an object with sources older than a year";

/// How an older server says that a cone is empty.
const NOTHING_THERE: &str = "No object found";

/// A body that is larger holds data, not the reason of a failure.
const LARGEST_FAULT: usize = 16 * 1024;

/// The words of a text with HTML in it, on one line.
pub(super) fn plain(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        words.push_str(&rest[..at]);
        let tag = &rest[at..];
        let named = tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
        match tag.find('>').filter(|_| named) {
            Some(end) => {
                // A line break parts two words, markup inside of a line does not.
                words.push_str(if tag[1..].starts_with("br") { " " } else { "" });
                rest = &tag[end + 1..];
            }
            None => {
                words.push('<');
                rest = &tag[1..];
            }
        }
    }
    words.push_str(rest);
    let words = ["&lt;|<", "&gt;|>", "&quot;|\"", "&#39;|'", "&#x27;|'", "&nbsp;| ", "&amp;|&"]
        .iter()
        .filter_map(|pair| pair.split_once('|'))
        .fold(words, |words, (entity, letter)| words.replace(entity, letter));
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A body of a failure: `{"error": …}`, `{"detail": …}`, or a list of texts under each field.
fn fault(response: &Response) -> Option<Map<String, Value>> {
    let body = response.body();
    (body.len() <= LARGEST_FAULT).then(|| response.json().ok())?
}

/// The text under a key, in plain words.
fn text_of(body: &Map<String, Value>, key: &str) -> Option<String> {
    const LONGEST: usize = 300;
    let said = body.get(key)?.as_str()?;
    // Sherlock's failures come as their JSON within a text.
    let inner = serde_json::from_str::<Map<String, Value>>(said).ok();
    let inner = inner
        .as_ref()
        .and_then(|map| ["message", "error", "detail"].iter().find_map(|key| map.get(*key)?.as_str()));
    let text = plain(inner.unwrap_or(said));
    // A refused query comes with the whole query first.
    let reason = text.rsplit_once("returned the error").map_or(text.as_str(), |(_, reason)| reason.trim());
    Some(wire::shortened(reason, LONGEST).trim_end_matches('.').to_owned())
}

/// The error of an answer that the core would word worse; `None` leaves it to the core.
pub(super) fn explain(facts: &Facts, response: &Response) -> Option<Error> {
    let status = response.status();
    match status {
        200..300 => {
            // A failure under a good status is an object that begins so.
            let head = response.body().get(..64).unwrap_or(response.body());
            if !head.windows(7).any(|word| word == b"\"error\"") {
                return None;
            }
            let body = fault(response)?;
            let said = text_of(&body, "error").filter(|_| body.len() <= 2)?;
            if said.starts_with(NOTHING_THERE) {
                return None;
            }
            if is_unknown_object(&said) {
                return Some(Error::new(ErrorKind::NotFound, "no such object"));
            }
            Some(Error::new(ErrorKind::Status, format!("the service failed: {said}")))
        }
        401 | 403 => {
            let said = fault(response).and_then(|body| text_of(&body, "detail")).unwrap_or_default();
            let said = if said.is_empty() { said } else { format!(" ({said})") };
            Some(Error::new(
                ErrorKind::Auth,
                format!("the token was refused{said}; {}", facts.where_to_get()),
            ))
        }
        400 => refused(&fault(response)?),
        404 => {
            let body = fault(response)?;
            let known = ["detail", "message"].iter().find_map(|key| text_of(&body, key))?;
            let absent = known.to_ascii_lowercase().contains("not found");
            absent.then(|| Error::new(ErrorKind::NotFound, "no such object"))
        }
        _ => None,
    }
}

fn refused(body: &Map<String, Value>) -> Option<Error> {
    if let Some(said) = text_of(body, "error").or_else(|| text_of(body, "detail")) {
        if said == OLD {
            return Some(Error::new(ErrorKind::Status, OLD_SOURCES));
        }
        if is_unknown_object(&said) {
            return Some(Error::new(ErrorKind::NotFound, "no such object"));
        }
        return Some(Error::new(ErrorKind::Input, format!("the service refused the request: {said}")));
    }
    let mut problems = Vec::new();
    for (field, said) in body.iter().take(20) {
        let words: Vec<_> = said.as_array()?.iter().filter_map(Value::as_str).map(plain).collect();
        let field = if field == "non_field_errors" { "" } else { field };
        problems.push(Problem::new(field, words.join("; ").trim_end_matches('.')));
    }
    (!problems.is_empty()).then(|| Error::from_problems(ErrorKind::Input, problems))
}

/// Whether a text says that the service does not have the object.
fn is_unknown_object(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    said.starts_with("object") && said.ends_with("not found")
}

/// Whether this is the failure that an object with old sources causes.
pub(super) fn is_old(error: &Error) -> bool {
    error.message() == OLD_SOURCES
}

/// Whether the answer to a cone is an older server's way to say that nothing is there.
pub(super) fn nothing_there(response: &Response) -> bool {
    fault(response)
        .and_then(|body| text_of(&body, "error"))
        .is_some_and(|said| said.starts_with(NOTHING_THERE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_words() {
        assert_eq!(
            plain("a <em><a href=\"x?a=1&b=2\">NGC</a></em>; r &lt; 5<br/>or  so"),
            "a NGC; r < 5 or so"
        );
        assert_eq!(plain("z < 0.1 and <b"), "z < 0.1 and <b");
        assert_eq!(plain("dwarf &amp;lt;"), "dwarf &lt;");
    }
}
