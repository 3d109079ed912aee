//! JSON: strict first, bare `NaN` tokens mended, faults said in words.

use std::borrow::Cow;

use memchr::memmem;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::error::Category;

use crate::error::{Error, ErrorKind, Result};
use crate::wire::object::Objects;

/// Reads JSON; bare `NaN`, `Infinity` and `-Infinity` tokens, which some services send, are `null`, and
/// bytes that are not UTF-8 become `U+FFFD`, as in [`lossy`](super::lossy).
///
/// # Errors
/// [`ErrorKind::Unreadable`] saying what is there in its place (nothing, HTML, half an answer) or
/// which field is at fault.
///
/// ```
/// let numbers: Vec<Option<f64>> = tom_alerts::wire::json(b"[1.5, NaN]")?;
/// assert_eq!(numbers, [Some(1.5), None]);
/// # Ok::<(), tom_alerts::Error>(())
/// ```
pub fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    json_text(&super::lossy(body)?.0)
}

/// As [`json`], of what is known to be text.
pub(crate) fn json_text<T: DeserializeOwned>(text: &str) -> Result<T> {
    match object(text) {
        Ok(value) => Ok(value),
        Err(e) if e.classify() == Category::Data => Err(typed_fault::<T>(text, &e)),
        Err(e) => match mend_nan(text) {
            Some(mended) => object(&mended).map_err(|e| match e.classify() {
                Category::Data => typed_fault::<T>(&mended, &e),
                _ => syntax_fault(text, &e),
            }),
            None => Err(syntax_fault(text, &e)),
        },
    }
}

/// A value whose struct, where it is one, is an object: of a list its reader would take the values in
/// the order of its fields.
fn object<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = T::deserialize(Objects(&mut reader))?;
    reader.end()?;
    Ok(value)
}

/// The same text with bare `NaN`, `Infinity` and `-Infinity` as `null`; `None` when it has none.
///
/// Texts inside quotes stay as they are.
#[must_use]
pub fn mend_nan(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    if memmem::find(bytes, b"NaN").is_none() && memmem::find(bytes, b"Infinity").is_none() {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut kept = 0;
    let mut at = 0;
    let mut mended = false;
    while let Some(&byte) = bytes.get(at) {
        let token = match byte {
            b'"' => {
                at = end_of_text(bytes, at + 1);
                continue;
            }
            b'N' => "NaN",
            b'I' => "Infinity",
            b'-' if bytes[at..].starts_with(b"-Infinity") => "-Infinity",
            b'-' if bytes[at..].starts_with(b"-NaN") => "-NaN",
            _ => "",
        };
        if token.is_empty() || !bytes[at..].starts_with(token.as_bytes()) {
            at += 1;
            continue;
        }
        out.push_str(&text[kept..at]);
        out.push_str("null");
        at += token.len();
        kept = at;
        mended = true;
    }
    out.push_str(&text[kept..]);
    mended.then_some(out)
}

/// The place behind the quote that ends a text.
pub(crate) fn end_of_text(bytes: &[u8], mut at: usize) -> usize {
    while let Some(found) = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
        at += found;
        match bytes[at] {
            b'"' => return at + 1,
            _ => at += 2,
        }
    }
    bytes.len()
}

/// A body that is no JSON: what is there in its place.
pub(crate) fn syntax_fault(text: &str, error: &serde_json::Error) -> Error {
    let unreadable = |text: String| Error::new(ErrorKind::Unreadable, text);
    if text.trim().is_empty() {
        return unreadable("the answer is empty where JSON was due".to_owned());
    }
    if is_html(text.as_bytes()) {
        return unreadable(format!("the answer is HTML where JSON was due{}", html_words(text.as_bytes())));
    }
    if error.classify() == Category::Eof {
        return unreadable(format!("the answer ends in the middle, after {} bytes", text.len()));
    }
    unreadable(format!("the answer is not JSON: line {}, column {}", error.line(), error.column()))
}

/// A value of the wrong type: which field, and what was due.
pub(crate) fn typed_fault<T: DeserializeOwned>(text: &str, first: &serde_json::Error) -> Error {
    let mut reader = serde_json::Deserializer::from_str(text);
    let (path, said) = match serde_path_to_error::deserialize::<_, T>(Objects(&mut reader)) {
        Err(e) => (e.path().to_string(), e.inner().to_string()),
        Ok(_) => (".".to_owned(), first.to_string()),
    };
    let said = reworded(&said);
    let text = if path == "." { said.into_owned() } else { format!("{path}: {said}") };
    Error::new(ErrorKind::Unreadable, text)
}

/// serde's words about a value, in the words of this crate, without line and column of a text that
/// nobody sees.
fn reworded(said: &str) -> Cow<'_, str> {
    let said = said.rsplit_once(" at line ").map_or(said, |(head, _)| head);
    let Some((given, due)) =
        said.strip_prefix("invalid type: ").and_then(|rest| rest.rsplit_once(", expected "))
    else {
        return shortened(said, 160);
    };
    let given = match given.split([' ', '`']).next().unwrap_or_default() {
        "string" | "character" => "a text",
        "integer" | "floating" => "a number",
        "boolean" => "true or false",
        "sequence" => "a list",
        "map" => "an object",
        _ => "null",
    };
    let due = match due {
        "f64" | "f32" => "a number",
        "a string" | "a borrowed string" => "a text",
        "a boolean" => "true or false",
        "a sequence" | "a list" => "a list",
        "a map" => "an object",
        due if due.starts_with("struct ") => "an object",
        due if due.len() <= 5 && due.starts_with(['i', 'u']) => "a whole number",
        due => return Cow::Owned(format!("{given} was given, {} was due", shortened(due, 80))),
    };
    Cow::Owned(format!("{given} was given, {due} was due"))
}

/// The first `most` characters of a text, with an ellipsis where more came: for what is quoted in an error.
///
/// By the ellipsis a credential is known, and masked, that was cut off in the middle.
#[must_use]
pub fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

pub(crate) fn is_html(body: &[u8]) -> bool {
    let head = &body[..body.len().min(256)];
    let head = String::from_utf8_lossy(head).trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    ["<!doctype html", "<html", "<head", "<body", "<h1"].iter().any(|tag| head.starts_with(tag))
}

/// The title of a page for people, in brackets, or nothing.
pub(crate) fn html_words(body: &[u8]) -> String {
    let head = String::from_utf8_lossy(&body[..body.len().min(4_096)]);
    let lower = head.to_ascii_lowercase();
    let title =
        lower.find("<title>").zip(lower.find("</title>")).and_then(|(start, end)| head.get(start + 7..end));
    let title = title.map(|title| title.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default();
    if title.is_empty() { title } else { format!(" (\"{}\")", shortened(&title, 80)) }
}

/// The text that services put under these keys when something failed.
pub(crate) fn own_words(value: &Value) -> Option<String> {
    const KEYS: [&str; 7] = ["message", "detail", "error", "errors", "id_message", "error_message", "reason"];
    let mut words = Vec::new();
    match value {
        Value::Object(map) => {
            for key in KEYS {
                if let Some(value) = map.get(key) {
                    gather(value, None, 0, &mut words);
                }
            }
        }
        Value::Array(items) => {
            items.iter().take(3).filter(|v| v.is_string()).for_each(|v| gather(v, None, 0, &mut words))
        }
        _ => {}
    }
    let line = words.join("; ");
    let line = line.split_whitespace().map(masked).collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then(|| shortened(&line, 200).into_owned())
}

fn gather(value: &Value, name: Option<&str>, depth: u8, words: &mut Vec<String>) {
    if depth > 4 || words.len() > 10 {
        return;
    }
    match value {
        Value::String(text) if !text.trim().is_empty() => {
            words.push(name.map_or_else(|| text.clone(), |name| format!("{name}: {text}")));
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, name, depth + 1, words)),
        // An error object of JSON:API: its title and status say less than its detail.
        Value::Object(map)
            if map.contains_key("title") && map.get("detail").is_some_and(Value::is_string) =>
        {
            gather(&map["detail"], name, depth + 1, words);
        }
        // A validator's entry: what, and where.
        Value::Object(map) if map.contains_key("msg") => {
            let place = map.get("loc").and_then(Value::as_array).map(|parts| {
                let parts =
                    parts.iter().filter_map(Value::as_str).filter(|part| *part != "query" && *part != "body");
                parts.collect::<Vec<_>>().join(".")
            });
            if let Some(what) = map.get("msg") {
                gather(what, place.as_deref().filter(|place| !place.is_empty()), depth + 1, words);
            }
        }
        Value::Object(map) => map.iter().for_each(|(key, value)| gather(value, Some(key), depth + 1, words)),
        _ => {}
    }
}

/// A word, unless it looks like a key.
fn masked(word: &str) -> &str {
    let core = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let dense = core.len() >= 28 && core.chars().all(|c| c.is_ascii_alphanumeric() || "-_+/=.".contains(c));
    if dense && core.chars().any(|c| c.is_ascii_digit()) { "…" } else { word }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    fn fault(body: &str) -> String {
        #[derive(Debug, Deserialize)]
        struct Row {
            meanra: f64,
        }
        let rows = json::<Vec<Row>>(body.as_bytes());
        rows.map(|rows| rows.iter().map(|row| row.meanra).sum::<f64>()).unwrap_err().to_string()
    }

    #[test]
    fn what_is_there_in_place_of_json_is_said() {
        assert_eq!(fault(""), "the answer is empty where JSON was due");
        assert_eq!(
            fault("<!DOCTYPE html><title>502 Bad\nGateway</title>"),
            "the answer is HTML where JSON was due (\"502 Bad Gateway\")"
        );
        assert_eq!(fault("[{\"meanra\": 1"), "the answer ends in the middle, after 13 bytes");
        assert_eq!(fault("[{\"meanra\": \"x\"}]"), "[0].meanra: a text was given, a number was due");
        assert_eq!(fault("[nonsense]"), "the answer is not JSON: line 1, column 3");
    }

    #[test]
    fn a_list_is_no_struct_though_its_values_would_fit() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Place {
            name: Option<String>,
            ra: Option<f64>,
        }
        let read = |body: &str| json::<Place>(body.as_bytes()).map_err(|error| error.to_string());
        for body in [r#"["Vega", 279.23]"#, "[]", r#"["Vega", NaN]"#] {
            assert_eq!(read(body), Err("a list was given, an object was due".to_owned()), "{body}");
        }
        let vega = Place { name: Some("Vega".into()), ra: None };
        assert_eq!(read(r#" {"name": "Vega", "ra": NaN} "#), Ok(vega));
        assert_eq!(read(r#"{"name": 7}"#), Err("name: a number was given, a text was due".to_owned()));
        assert!(read("{} {}").is_err());
        assert_eq!(json::<Vec<f64>>(b"[1, 2]").unwrap(), [1.0, 2.0]);
    }

    #[test]
    fn nan_is_mended_outside_of_texts_only() {
        assert_eq!(
            mend_nan(r#"{"a": NaN, "b": "NaN \" NaN", "c": -Infinity}"#).unwrap(),
            r#"{"a": null, "b": "NaN \" NaN", "c": null}"#
        );
        assert_eq!(mend_nan(r#"{"b": "NaN"}"#), None);
    }

    #[test]
    fn the_services_own_words_are_one_short_line() {
        let words = |text: &str| own_words(&serde_json::from_str(text).unwrap());
        assert_eq!(
            words(r#"{"detail":[{"loc":["query","n_det",0],"msg":"not an integer"}]}"#).unwrap(),
            "n_det: not an integer"
        );
        assert_eq!(words(r#"{"errors":{"page":"bad"},"message":"failed"}"#).unwrap(), "failed; page: bad");
        assert_eq!(
            words(r#"{"error":"key 0123456789abcdef0123456789abcdef is bad"}"#).unwrap(),
            "key … is bad"
        );
        assert_eq!(
            words(r#"{"errors":[{"detail":"no such thing.","status":404,"title":"404 NOT FOUND"}]}"#)
                .unwrap(),
            "no such thing."
        );
        assert_eq!(words("{}"), None);
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = json::<Vec<f64>>(&bytes);
            let _ = is_html(&bytes);
            let _ = html_words(&bytes);
        }

        #[test]
        fn no_text_makes_mending_panic(text in "[\\[\\]{}\",:\\\\ NaInfity0-9é-]{0,60}") {
            let mended = mend_nan(&text);
            let sound = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
            prop_assert!(!sound || mended.is_none(), "what is JSON stays as it is: {mended:?}");
        }
    }
}
