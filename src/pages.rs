//! The items of a listing in one pass: typed, each with its own text, a bad one by itself.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::alert::{Alert, Excerpt};
use crate::error::{Error, ErrorKind, Result};
use crate::http::Response;
use crate::wire::{self, end_of_text, mend_nan, own_words, shortened, syntax_fault, typed_fault};

type List<P> = Vec<Result<Alert<P>>>;
type Items<P, R> = (List<P>, R);

impl Response {
    /// The body as one alert, which keeps its text.
    ///
    /// # Errors
    /// As [`json`](Self::json).
    pub fn alert<P: DeserializeOwned>(&self) -> Result<Alert<P>> {
        Alert::from_raw(self.text()?)
    }

    /// The items of a JSON list in one pass, each with its own text, and the rest of the envelope.
    ///
    /// `key` names the list in the envelope; `None` when the body itself is the list. A list that
    /// is `null` is empty. An item that cannot be read, is a list itself, or is not valid UTF-8, is an
    /// error in its place.
    ///
    /// # Errors
    /// As [`json`](Self::json), and [`ErrorKind::Unreadable`] in the service's own words when there
    /// is no list.
    pub fn items<P: DeserializeOwned, R: DeserializeOwned>(
        &self,
        key: Option<&str>,
    ) -> Result<(Vec<Result<Alert<P>>>, R)> {
        let body = self.body();
        if let Ok(text) = std::str::from_utf8(body) {
            return items(text.trim_start_matches('\u{feff}'), None, key);
        }
        // A replaced character must not make another id, so such an item is recognised by a mark.
        let mark = wire::mark_for(body);
        let (text, replaced) = wire::marked(body, mark)?;
        self.log_replaced(replaced);
        items(&text, Some(mark), key).map_err(|error| {
            let (kind, text) = (error.kind(), error.message().replace(mark, "\u{fffd}"));
            error.reworded(kind, text)
        })
    }
}

fn items<P: DeserializeOwned, R: DeserializeOwned>(
    text: &str,
    mark: Option<char>,
    key: Option<&str>,
) -> Result<Items<P, R>> {
    let read =
        |text: &str, alone: bool| read(Scan { text, at: 0, chunk: Chunk::default(), mark, alone }, key);
    // Only a text that is no JSON is looked through for bare NaN tokens, so a clean page pays nothing; and
    // only one that is none then is read so that an item which is no JSON is by itself.
    read(text, false).or_else(|fault| {
        let mended = mend_nan(text);
        let (text, fault) = match &mended {
            Some(mended) => match read(mended, false) {
                Ok(page) => return Ok(page),
                Err(fault) => (&**mended, fault),
            },
            None => (text, fault),
        };
        match fault {
            Fault::Syntax(_) => read(text, true).map_err(|fault| fault.told(text)),
            Fault::Told(error) => Err(error),
        }
    })
}

enum Fault {
    Syntax(serde_json::Error),
    Told(Error),
}

impl Fault {
    fn told(self, text: &str) -> Error {
        match self {
            Self::Syntax(error) => syntax_fault(text, &error),
            Self::Told(error) => error,
        }
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Syntax(error)
    }
}

fn unreadable(text: impl Into<Cow<'static, str>>) -> Fault {
    Fault::Told(Error::new(ErrorKind::Unreadable, text))
}

fn read<P: DeserializeOwned, R: DeserializeOwned>(
    mut scan: Scan<'_>,
    key: Option<&str>,
) -> Result<Items<P, R>, Fault> {
    let (list, rest) = match (key, scan.peek()) {
        (None, Some(b'[')) => (Some(scan.list()?), "{}".to_owned()),
        (Some(key), Some(b'{')) => scan.envelope(key)?,
        (_, Some(b'[' | b'{' | b'"' | b'n' | b't' | b'f' | b'0'..=b'9')) => {
            // Whatever it is, it must be JSON before it can be the wrong JSON.
            let whole = scan.value::<&RawValue>()?;
            if key.is_none() && whole.get() == "null" {
                (Some(Vec::new()), "{}".to_owned())
            } else {
                (None, whole.get().to_owned())
            }
        }
        _ => return Err(Fault::Syntax(scan.fault())),
    };
    if scan.peek().is_some() {
        return Err(Fault::Syntax(scan.fault()));
    }
    let Some(list) = list else {
        let words = serde_json::from_str(&scan.legible(&rest)).ok().as_ref().and_then(own_words);
        let words = words.map_or_else(String::new, |words| format!(": {words}"));
        return Err(unreadable(match key {
            Some(key) => format!("the answer has no list `{key}`{words}"),
            None => format!("the answer is not a list{words}"),
        }));
    };
    let rest = scan.legible(&rest);
    let rest = serde_json::from_str(&rest).map_err(|e| Fault::Told(typed_fault::<R>(&rest, &e)))?;
    Ok((list, rest))
}

/// A page of tiny items must not claim memory for as many large packets.
const MOST_RESERVED: usize = 2_000;

/// The texts of small items are kept this much at a time: one allocation in place of many. Who
/// keeps one alert of a page keeps no more than this.
const CHUNK: usize = 8 * 1024;

/// What is said of an item that is a list.
const LIST: &str = "a list was given, an object was due";

/// What is said of an item that is not all UTF-8.
const NOT_UTF8: &str = "it is not valid UTF-8";

/// How much of an item that cannot be read is told: enough for an id, too little for a secret of a link.
const BEGINNING: usize = 80;

/// What serde says of a text that is no JSON, without the place in a text that nobody sees.
fn no_json_in_words(error: &serde_json::Error) -> String {
    let said = error.to_string();
    format!("it is not JSON ({})", said.rsplit_once(" at line ").map_or(&*said, |(head, _)| head))
}

fn beginning(raw: &str) -> String {
    let words: Vec<&str> = raw.split_whitespace().take(BEGINNING).collect();
    shortened(&words.join(" "), BEGINNING).into_owned()
}

/// A copy of a part of the page, from a place in it.
#[derive(Default)]
struct Chunk {
    text: Arc<str>,
    from: usize,
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    chunk: Chunk,
    /// What stands for each invalid sequence of bytes, where there is one.
    mark: Option<char>,
    /// Whether an item that is no JSON is an error by itself.
    alone: bool,
}

impl<'a> Scan<'a> {
    /// The text of an item, as a part of the running chunk or of a new one.
    #[inline]
    fn kept(&mut self, item: Range<usize>) -> Excerpt {
        let chunk = &self.chunk;
        if item.start < chunk.from || item.end > chunk.from + chunk.text.len() {
            // Of large items little more than one would fit in.
            let small = item.len() <= CHUNK / 4;
            let end = if small { self.text.floor_char_boundary(item.start + CHUNK) } else { item.end };
            let text = &self.text[item.start..end];
            self.chunk = Chunk { text: text.into(), from: item.start };
        }
        let from = self.chunk.from;
        Excerpt::new(Arc::clone(&self.chunk.text), item.start - from..item.end - from)
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    #[inline]
    fn value<T: Deserialize<'a>>(&mut self) -> Result<T, serde_json::Error> {
        let mut values = serde_json::Deserializer::from_str(&self.text[self.at..]).into_iter();
        match values.next() {
            Some(value) => {
                let value = value?;
                self.at += values.byte_offset();
                Ok(value)
            }
            None => Err(self.fault()),
        }
    }

    /// What serde says of the text from here on when nothing of it is JSON.
    fn fault(&self) -> serde_json::Error {
        let bad = if self.text[self.at..].trim().is_empty() { "[" } else { "?" };
        match serde_json::from_str::<&RawValue>(bad) {
            Err(error) => error,
            Ok(_) => serde::de::Error::custom("not JSON"),
        }
    }

    fn list<P: DeserializeOwned>(&mut self) -> Result<List<P>, Fault> {
        let mut items = Vec::new();
        self.at += 1;
        if self.eat(b']') {
            return Ok(items);
        }
        loop {
            // A derived reader would take the elements of a list for fields, by their order.
            let is_list = self.peek() == Some(b'[');
            let start = self.at;
            let read = if is_list { Err(serde::de::Error::custom(LIST)) } else { self.value::<P>() };
            if items.is_empty() && read.is_ok() {
                // The rest of a page is mostly like its first item.
                let like_this = (self.text.len() - start) / (self.at - start).max(1);
                items.reserve(like_this.min(MOST_RESERVED));
            }
            match read {
                Ok(_) if self.is_marked(start..self.at) => {
                    items.push(Err(self.bad_item(items.len(), NOT_UTF8, start..self.at)));
                }
                // Pushed where it is read: a large packet that is moved once more is felt.
                Ok(packet) => items.push(Ok(Alert::within(packet, self.kept(start..self.at)))),
                Err(e) => {
                    self.at = start;
                    let why = match self.value::<&RawValue>() {
                        _ if is_list => LIST.to_owned(),
                        // A number beyond every float, or brackets too deep to be read, is JSON all the same.
                        Ok(raw) => typed_fault::<P>(raw.get(), &e).message().to_owned(),
                        Err(no_json) => no_json_in_words(&no_json),
                    };
                    if self.at == start {
                        self.at = self.end_of_item(start).ok_or(e)?;
                    }
                    items.push(Err(self.bad_item(items.len(), &why, start..self.at)));
                }
            }
            if self.eat(b']') {
                return Ok(items);
            }
            if !self.eat(b',') {
                return Err(Fault::Syntax(self.fault()));
            }
        }
    }

    fn is_marked(&self, item: Range<usize>) -> bool {
        self.mark.is_some_and(|mark| self.text[item].contains(mark))
    }

    /// The text with the usual character for what could not be read.
    fn legible<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.mark {
            Some(mark) => text.replace(mark, "\u{fffd}").into(),
            None => text.into(),
        }
    }

    /// The error of an item. Its place moves from one day to the next; what it begins with, mostly its id,
    /// does not.
    fn bad_item(&self, before: usize, why: &str, item: Range<usize>) -> Error {
        let text =
            format!("item {} cannot be read: {why}; it begins {}", before + 1, beginning(&self.text[item]));
        Error::new(ErrorKind::Unreadable, self.legible(&text).into_owned())
    }

    /// The place behind an object or list that is no JSON, by its brackets, when another item or the end of
    /// the list follows.
    fn end_of_item(&self, start: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        if !self.alone || !matches!(bytes.get(start), Some(b'{' | b'[')) {
            return None;
        }
        let (mut at, mut depth) = (start, 0_usize);
        let end = loop {
            match bytes.get(at)? {
                b'"' => {
                    at = end_of_text(bytes, at + 1);
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                break at;
            }
        };
        let next = bytes[end..].iter().find(|byte| !byte.is_ascii_whitespace());
        matches!(next, Some(b',' | b']')).then_some(end)
    }

    fn envelope<P: DeserializeOwned>(&mut self, key: &str) -> Result<(Option<List<P>>, String), Fault> {
        let mut list = None;
        let mut rest = String::from("{");
        self.at += 1;
        if self.eat(b'}') {
            return Ok((None, "{}".to_owned()));
        }
        loop {
            self.peek();
            let name = self.value::<&RawValue>()?.get();
            let ours = serde_json::from_str::<String>(name)? == key;
            if !self.eat(b':') {
                return Err(Fault::Syntax(self.fault()));
            }
            match self.peek() {
                Some(b'[') if ours => list = Some(self.list()?),
                _ => {
                    let value = self.value::<&RawValue>()?.get();
                    if ours && value == "null" {
                        list = Some(Vec::new());
                    } else {
                        rest.push_str(if rest.len() > 1 { "," } else { "" });
                        rest.push_str(name);
                        rest.push(':');
                        rest.push_str(value);
                    }
                }
            }
            if self.eat(b'}') {
                rest.push('}');
                return Ok((list, rest));
            }
            if !self.eat(b',') {
                return Err(Fault::Syntax(self.fault()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Row {
        ra: Option<f64>,
    }

    #[derive(Debug, Deserialize)]
    struct Rest {
        total: Option<u64>,
    }

    fn page(body: &str) -> Result<Items<Row, Rest>> {
        Response::new(200, Vec::new(), body.to_owned().into()).items(Some("items"))
    }

    #[test]
    fn each_item_keeps_its_own_text_and_a_bad_one_is_by_itself() {
        let body = r#"{"total": 3, "items": [ {"ra": 1.50}, {"ra": "x"},{"ra":null} ], "page": null}"#;
        let (rows, rest) = page(body).unwrap();
        assert_eq!(rest.total, Some(3));
        assert_eq!(rows[0].as_ref().unwrap().raw(), r#"{"ra": 1.50}"#);
        assert_eq!(rows[0].as_ref().unwrap().ra, Some(1.5));
        let fault = rows[1].as_ref().unwrap_err().to_string();
        assert!(
            fault.starts_with("item 2 cannot be read: ra: a text was given, a number was due; it begins {"),
            "{fault}"
        );
        assert_eq!(rows[2].as_ref().unwrap().ra, None);
    }

    #[test]
    fn a_list_is_no_item_though_its_elements_would_fit() {
        let (rows, _) = page(r#"{"items": [[1.5], {"ra": 2.5}]}"#).unwrap();
        let fault = rows[0].as_ref().unwrap_err().to_string();
        assert_eq!(fault, "item 1 cannot be read: a list was given, an object was due; it begins [1.5]");
        assert_eq!(rows[1].as_ref().unwrap().ra, Some(2.5));
    }

    #[test]
    fn every_item_has_its_own_text_however_they_share_its_memory() {
        // Of many sizes, with characters of several bytes at every boundary.
        let items: Vec<String> = (0..400_usize)
            .map(|n| format!(r#"{{"ra": {n}, "name": "{}"}}"#, "é☄".repeat(n * n % 1_700)))
            .collect();
        let (rows, _) = page(&format!(r#"{{"items": [{}]}}"#, items.join(" , "))).unwrap();
        assert_eq!(rows.len(), items.len());
        for (row, item) in rows.iter().zip(&items) {
            assert_eq!(row.as_ref().unwrap().raw(), item);
        }
    }

    #[test]
    fn json_that_no_float_or_stack_can_hold_is_one_bad_item() {
        let deep = format!(r#"{{"ra": 1, "x": {}{}}}"#, "[".repeat(200), "]".repeat(200));
        let body =
            format!(r#"{{"items": [{{"ra": 1e999}}, {{"ra": 1, "x": -1e999}}, {deep}, {{"ra": 2}}]}}"#);
        let whole: Items<Value, Value> =
            Response::new(200, Vec::new(), body.into()).items(Some("items")).unwrap();
        assert_eq!(whole.0.iter().filter(|row| row.is_ok()).count(), 1);
        let fault = whole.0[0].as_ref().unwrap_err().to_string();
        assert!(fault.starts_with("item 1 cannot be read: "), "{fault}");
        assert_eq!(whole.0[3].as_ref().unwrap()["ra"], 2);
    }

    #[test]
    fn nan_in_an_item_is_null_in_value_and_text() {
        let (rows, _) = page(r#"{"items": [{"ra": NaN, "name": "NaN"}]}"#).unwrap();
        assert_eq!(rows[0].as_ref().unwrap().raw(), r#"{"ra": null, "name": "NaN"}"#);
    }

    #[test]
    fn a_list_that_is_not_there_is_told_in_the_services_words() {
        let told = |body: &str| page(body).unwrap_err().to_string();
        assert_eq!(told(r#"{"error": "no such table"}"#), "the answer has no list `items`: no such table");
        assert_eq!(told("[]"), "the answer has no list `items`");
        assert_eq!(told(""), "the answer is empty where JSON was due");
        assert_eq!(told(r#"{"items": [{"ra": 1}, {"ra"#), "the answer ends in the middle, after 26 bytes");
        assert!(page(r#"{"items": null}"#).unwrap().0.is_empty());
        assert_eq!(told(r#"{"items": []} trailing"#), "the answer is not JSON: line 1, column 1");
    }

    #[test]
    fn a_list_by_itself_is_read_too() {
        let body = Response::new(200, Vec::new(), "[{\"ra\": 1}, {}]".into());
        let (rows, ()) = body.items::<Row, Ignored>(None).map(|(rows, _)| (rows, ())).unwrap();
        assert_eq!(rows.len(), 2);
    }

    #[derive(Debug, Deserialize)]
    struct Ignored {}

    /// A page of any JSON as a service writes it, whose `"@"` stand for bare NaN tokens, and the same
    /// with null in their place.
    fn any_page() -> impl Strategy<Value = (String, Value)> {
        let leaf = prop_oneof![
            Just(Value::Null),
            Just(Value::from("@")),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[a-zN\"\\\\\\[{:,é☄]{0,6}".prop_map(Value::from),
        ];
        let item = leaf.prop_recursive(3, 24, 4, |inner| {
            let key = prop::sample::select(vec!["items", "ra", "NaN", "total", "é\""]);
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map(key.prop_map(str::to_owned), inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        });
        (prop::collection::vec(item.clone(), 0..5), item, any::<bool>()).prop_map(|(items, other, last)| {
            let pairs = [("items".to_owned(), Value::from(items)), ("other".to_owned(), other)];
            let mut page: serde_json::Map<_, _> = pairs.into_iter().collect();
            if last {
                let items = page.shift_remove("items").unwrap();
                page.insert("items".to_owned(), items);
            }
            let text = Value::from(page).to_string();
            let clean = serde_json::from_str(&text.replace("\"@\"", "null")).unwrap();
            (text.replace("\"@\"", "NaN"), clean)
        })
    }

    proptest! {
        #[test]
        fn a_page_read_item_by_item_is_the_page((text, clean) in any_page()) {
            prop_assert_eq!(&crate::http::json::<Value>(text.as_bytes()).unwrap(), &clean);
            let response = Response::new(200, Vec::new(), text.into());
            let (items, rest) = response.items::<Value, Value>(Some("items")).unwrap();
            prop_assert_eq!(items.len(), clean["items"].as_array().unwrap().len());
            for (item, due) in items.iter().zip(clean["items"].as_array().unwrap()) {
                if due.is_array() {
                    prop_assert!(item.is_err());
                    continue;
                }
                let item = item.as_ref().unwrap();
                prop_assert_eq!(&**item, due);
                prop_assert_eq!(&serde_json::from_str::<Value>(item.raw()).unwrap(), due);
            }
            prop_assert_eq!(rest, serde_json::json!({"other": clean["other"]}));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let response = Response::new(200, Vec::new(), bytes.into());
            let _ = response.items::<Value, Value>(Some("items"));
            let _ = response.items::<Row, Value>(None);
        }

        #[test]
        fn no_text_like_json_makes_it_panic(text in "[\\[\\]{}\",:\\\\ NaInfinityems0-9truefalsé-]{0,80}") {
            let response = Response::new(200, Vec::new(), text.into());
            let _ = response.items::<Row, Value>(Some("items"));
            let _ = response.items::<Value, Value>(None);
        }
    }
}
