//! What the services' failures mean: they are Python's texts, not JSON.

use crate::plugin::*;

/// The error of an answer that the core would word worse; `None` leaves it to the core.
pub(super) fn explain(response: &Response) -> Option<Error> {
    let html = || response.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    match response.status() {
        // A route that is asked without its arguments describes itself.
        200 if html() && !response.is_html() => {
            let said = words(response.text().ok()?);
            let text = format!("the service described itself in place of an answer: {said}");
            Some(Error::new(ErrorKind::Unreadable, text))
        }
        400 if !response.is_html() => {
            let said = words(response.text().ok()?);
            if said.is_empty() {
                return None;
            }
            // Said of a solar-system object that the resolver does not know.
            let unknown = said.contains("is not a valid name or number");
            let kind = if unknown { ErrorKind::NotFound } else { ErrorKind::Input };
            Some(Error::new(kind, format!("the service refused the request: {said}")))
        }
        _ => None,
    }
}

/// What the service says, on one line: of a Python dictionary its text, without the words that
/// follow on every fault.
fn words(body: &str) -> String {
    const LONGEST: usize = 300;
    let text = match body.split_once("'text':") {
        Some((_, rest)) => {
            let rest = rest.trim().trim_end_matches('}').trim();
            let rest =
                rest.strip_prefix("ValueError(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(rest);
            let quote = rest.chars().next().filter(|quote| matches!(quote, '\'' | '"'));
            quote.and_then(|quote| rest.strip_prefix(quote)?.strip_suffix(quote)).unwrap_or(rest)
        }
        None => body,
    };
    let text = text.replace("\\n", " ").replace("\\'", "'");
    let text = text.split(" See http").next().unwrap_or_default();
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars()
        .filter(|c| !c.is_control())
        .take(LONGEST)
        .collect::<String>()
        .trim_end_matches('.')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, kind: &str, body: &str) -> Option<(ErrorKind, String)> {
        let headers = vec![("content-type".to_owned(), kind.to_owned())];
        let error = explain(&Response::new(status, headers, body.to_owned().into()))?;
        Some((error.kind(), error.to_string()))
    }

    #[test]
    fn pythons_dictionary_becomes_its_text() {
        let refused = |body: &str| told(400, "text/html; charset=utf-8", body).unwrap();
        assert_eq!(
            refused(
                "{'status': 'error', 'text': 'A value for `tag` is required. See https://api.example \\n'}"
            ),
            (ErrorKind::Input, "the service refused the request: A value for `tag` is required".to_owned())
        );
        assert_eq!(
            refused("{'status': 'error', 'text': ValueError(\"Invalid character at col 0 parsing 'x'\")}").1,
            "the service refused the request: Invalid character at col 0 parsing 'x'"
        );
        assert_eq!(
            refused("{'status': 'error', 'text': ValueError('got 95.0 deg')}").1,
            "the service refused the request: got 95.0 deg"
        );
        assert_eq!(
            refused("\n      up is not a valid trend.\n      Trend must be one of a, b.\n   ").1,
            "the service refused the request: up is not a valid trend. Trend must be one of a, b"
        );
        let (kind, _) = refused("{'status': 'error', 'text': 'x is not a valid name or number by y.\\n'}");
        assert_eq!(kind, ErrorKind::NotFound);
    }

    #[test]
    fn a_description_is_no_answer() {
        let (kind, text) = told(200, "text/html; charset=utf-8", "Get object data").unwrap();
        assert_eq!(kind, ErrorKind::Unreadable);
        assert_eq!(text, "the service described itself in place of an answer: Get object data");
    }

    #[test]
    fn other_answers_are_left_to_the_core() {
        assert_eq!(told(200, "application/json", "[]"), None);
        assert_eq!(told(200, "text/html", "<!doctype html><title>busy</title>"), None);
        assert_eq!(told(400, "text/html", "<!doctype html><title>bad</title>"), None);
        assert_eq!(told(400, "text/html", "  "), None);
        assert_eq!(told(500, "application/json", "{\"message\": \"Internal Server Error\"}"), None);
        assert_eq!(told(404, "text/html", "<!doctype html>"), None);
    }
}
