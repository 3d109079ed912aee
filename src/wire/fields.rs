//! Readers of wire fields: numbers as text, ids as numbers, flags as letters, rows one by one.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{
    DeserializeOwned, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde_json::value::RawValue;

use crate::error::{Error, ErrorKind, Result};

/// A text, or a whole number as its exact digits; `None` for null. For ids beyond 2^53.
///
/// # Errors
/// The deserializer's, for anything else.
pub fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    from.deserialize_any(strict())
}

/// As [`text`] without blanks around it; `None` where nothing is left.
///
/// # Errors
/// The deserializer's, for anything else.
pub fn filled<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(text(from)?.and_then(|text| match text.trim() {
        "" => None,
        whole if whole.len() == text.len() => Some(text),
        part => Some(part.to_owned()),
    }))
}

/// As [`text`], where there must be one that is not empty: an id.
///
/// # Errors
/// The deserializer's, for null, an empty text and anything else.
pub fn id<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    text(from)?.filter(|id| !id.trim().is_empty()).ok_or_else(|| D::Error::custom("an id was due"))
}

/// A finite number, also as text; `None` for null, the texts that mean nothing, and that of infinity.
///
/// # Errors
/// The deserializer's, for anything else.
pub fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    from.deserialize_any(strict())
}

/// A whole number, also as text; `None` for null and the texts that mean nothing.
///
/// # Errors
/// The deserializer's, for anything else.
pub fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    from.deserialize_any(strict())
}

/// As [`number`], and `None` for anything else: for values for which no row is to be lost, such as
/// what people type, and keys that other senders use for something else.
///
/// # Errors
/// The deserializer's, for what is no JSON.
pub fn number_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    from.deserialize_any(loose())
}

/// As [`whole`], and `None` for anything else.
///
/// # Errors
/// As [`number_or_none`].
pub fn whole_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    from.deserialize_any(loose())
}

/// As [`text`], also any number as its text, and `None` for anything else and for blanks alone.
///
/// # Errors
/// As [`number_or_none`].
pub fn text_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = from.deserialize_any(loose::<String>())?;
    Ok(text.filter(|text| !text.trim().is_empty()))
}

/// A list of texts, numbers as their digits, without nulls and blanks; empty for null.
///
/// # Errors
/// The deserializer's, for anything else.
pub fn texts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    struct Text(#[serde(deserialize_with = "text")] Option<String>);
    let texts: Vec<Text> = or_default(from)?;
    Ok(texts.into_iter().filter_map(|Text(text)| text.filter(|text| !text.trim().is_empty())).collect())
}

/// Whatever is due, or its default for null: lists, tables.
///
/// # Errors
/// The deserializer's, for anything else.
pub fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// Yes or no as `true`, `1`, `"t"`, `"true"`, `"1"`, `"yes"` and their opposites (−1 is no);
/// `None` for null and the texts that mean nothing.
///
/// # Errors
/// The deserializer's, for anything else.
pub fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    from.deserialize_any(strict())
}

/// As [`flag`], and `None` for anything else.
///
/// # Errors
/// As [`number_or_none`].
pub fn flag_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    from.deserialize_any(loose())
}

/// A list of texts, numbers as their digits; a text or number alone is a list of one. What is neither,
/// blanks and nulls are left out.
///
/// # Errors
/// As [`number_or_none`].
pub fn texts_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    struct Text(#[serde(deserialize_with = "text_or_none")] Option<String>);
    let Some(raw) = raw(from)? else { return Ok(Vec::new()) };
    let texts = if raw.get().starts_with('[') {
        serde_json::from_str::<Vec<Text>>(raw.get())
    } else {
        serde_json::from_str(raw.get()).map(|one| vec![one])
    };
    let texts = texts.map_err(D::Error::custom)?;
    Ok(texts.into_iter().filter_map(|Text(text)| text).collect())
}

/// Whatever is due, of JSON; `None` for null and for what cannot be read as it.
///
/// # Errors
/// The deserializer's, for what is no JSON.
pub fn value_or_none<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Option<T>, D::Error> {
    let Some(raw) = raw(from)? else { return Ok(None) };
    let read = serde_json::from_str(raw.get()).ok();
    if read.is_none() {
        leave_out();
    }
    Ok(read)
}

/// An object of JSON that is due, or its default for null and for what is no object, or not such a one.
///
/// # Errors
/// As [`value_or_none`].
pub fn object_or_default<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(
    from: D,
) -> Result<T, D::Error> {
    let Some(raw) = raw(from)? else { return Ok(T::default()) };
    // A struct would be read from a list too, by the order of its fields.
    let object = raw.get().starts_with('{').then(|| serde_json::from_str(raw.get()).ok()).flatten();
    if object.is_none() {
        leave_out();
    }
    Ok(object.unwrap_or_default())
}

/// The rows of a list in a packet, read one by one; anything but a list is one fault in their place, so
/// that the packet is not lost.
///
/// # Errors
/// As [`value_or_none`].
pub fn rows<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Rows<T>, D::Error> {
    let Some(raw) = raw(from)? else { return Ok(Rows::default()) };
    Ok(super::json_text(raw.get()).unwrap_or_else(|error: Error| {
        let text = format!("the list cannot be read: {}", error.message());
        Rows(vec![Err(Error::new(ErrorKind::Unreadable, text))])
    }))
}

/// The text of a value; `None` for null.
fn raw<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Ok(Option::<Box<RawValue>>::deserialize(from)?.filter(|raw| raw.get() != "null"))
}

thread_local! {
    /// How many values the loose readers of this thread have left out so far.
    static LEFT_OUT: Cell<usize> = const { Cell::new(0) };
}

/// Counts one value that was left out, for readers of formats other than JSON; see [`left_out`].
pub fn leave_out() {
    LEFT_OUT.set(LEFT_OUT.get().wrapping_add(1));
}

/// Reads, and counts the values that readers such as [`number_or_none`] left out because they were of
/// another type than due. For a note beside a light curve: its points keep no text of their own.
///
/// ```
/// # use tom_alerts::plugin::*;
/// #[derive(Deserialize)]
/// struct Row { #[serde(deserialize_with = "wire::number_or_none")] drb: Option<f64> }
/// let (row, count) = wire::left_out(|| serde_json::from_str::<Row>(r#"{"drb": [0.9]}"#));
/// assert_eq!((row.unwrap().drb, count), (None, 1));
/// ```
pub fn left_out<T>(read: impl FnOnce() -> T) -> (T, usize) {
    let before = LEFT_OUT.get();
    let value = read();
    (value, LEFT_OUT.get().wrapping_sub(before))
}

/// Reads one value; where it is not strict, what cannot be read is none instead of a fault.
struct Lenient<T, const STRICT: bool>(PhantomData<T>);

const fn strict<T>() -> Lenient<T, true> {
    Lenient(PhantomData)
}

const fn loose<T>() -> Lenient<T, false> {
    Lenient(PhantomData)
}

impl<T: Readable, const STRICT: bool> Lenient<T, STRICT> {
    fn read<E: serde::de::Error>(
        &self,
        read: Option<Option<T>>,
        found: Unexpected<'_>,
    ) -> Result<Option<T>, E> {
        match read {
            Some(value) => Ok(value),
            None if STRICT => Err(E::invalid_type(found, self)),
            None => {
                leave_out();
                Ok(None)
            }
        }
    }
}

/// Whether a text stands for a missing value where a number or a flag is due.
pub(super) fn is_nothing(text: &str) -> bool {
    text.is_empty() || ["nan", "none", "null"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

trait Readable: Sized {
    const DUE: &'static str;
    fn from_text(text: &str) -> Option<Option<Self>>;
    fn from_i64(number: i64) -> Option<Self>;
    fn from_u64(number: u64) -> Option<Self> {
        i64::try_from(number).ok().and_then(Self::from_i64)
    }
    fn from_f64(number: f64) -> Option<Option<Self>>;
    fn from_bool(_: bool) -> Option<Self> {
        None
    }
    /// The text of a number whose digits are not all sure, where that is good enough.
    fn loosely(number: f64) -> Option<Self> {
        Self::from_f64(number).flatten()
    }
}

impl Readable for String {
    const DUE: &'static str = "a text or a whole number";
    fn from_text(text: &str) -> Option<Option<Self>> {
        Some(Some(text.to_owned()))
    }
    fn from_i64(number: i64) -> Option<Self> {
        Some(number.to_string())
    }
    fn from_u64(number: u64) -> Option<Self> {
        Some(number.to_string())
    }
    // An id that came as a float has lost digits.
    fn from_f64(_: f64) -> Option<Option<Self>> {
        None
    }
    fn loosely(number: f64) -> Option<Self> {
        Some(number.to_string())
    }
}

impl Readable for f64 {
    const DUE: &'static str = "a number";
    fn from_text(text: &str) -> Option<Option<Self>> {
        match text.trim() {
            text if is_nothing(text) => Some(None),
            text => text.parse().ok().and_then(Self::from_f64),
        }
    }
    fn from_i64(number: i64) -> Option<Self> {
        Some(number as f64)
    }
    fn from_u64(number: u64) -> Option<Self> {
        Some(number as f64)
    }
    fn from_f64(number: f64) -> Option<Option<Self>> {
        Some(number.is_finite().then_some(number))
    }
}

impl Readable for i64 {
    const DUE: &'static str = "a whole number";
    fn from_text(text: &str) -> Option<Option<Self>> {
        match text.trim() {
            text if is_nothing(text) => Some(None),
            text => match text.parse() {
                Ok(number) => Some(Some(number)),
                Err(_) => text.parse().ok().and_then(Self::from_f64),
            },
        }
    }
    fn from_i64(number: i64) -> Option<Self> {
        Some(number)
    }
    fn from_f64(number: f64) -> Option<Option<Self>> {
        // Beyond 2^53 a float is no longer the number that was meant.
        let exact = number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0;
        exact.then_some(Some(number as i64))
    }
}

impl Readable for bool {
    const DUE: &'static str = "yes or no";
    fn from_text(text: &str) -> Option<Option<Self>> {
        match text.trim().to_ascii_lowercase().as_str() {
            text if is_nothing(text) => Some(None),
            "t" | "true" | "1" | "y" | "yes" => Some(Some(true)),
            "f" | "false" | "0" | "-1" | "n" | "no" => Some(Some(false)),
            _ => None,
        }
    }
    fn from_i64(number: i64) -> Option<Self> {
        matches!(number, -1..=1).then_some(number == 1)
    }
    fn from_f64(number: f64) -> Option<Option<Self>> {
        [-1.0, 0.0, 1.0].contains(&number).then_some(Some(number == 1.0))
    }
    fn from_bool(yes: bool) -> Option<Self> {
        Some(yes)
    }
}

impl<'de, T: Readable, const STRICT: bool> Visitor<'de> for Lenient<T, STRICT> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::DUE)
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        self.read(T::from_text(text), Unexpected::Str(text))
    }
    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Self::Value, E> {
        self.read(T::from_i64(number).map(Some), Unexpected::Signed(number))
    }
    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
        self.read(T::from_u64(number).map(Some), Unexpected::Unsigned(number))
    }
    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Self::Value, E> {
        if STRICT {
            return self.read(T::from_f64(number), Unexpected::Float(number));
        }
        self.read(T::loosely(number).map(Some), Unexpected::Float(number))
    }
    fn visit_bool<E: serde::de::Error>(self, yes: bool) -> Result<Self::Value, E> {
        self.read(T::from_bool(yes).map(Some), Unexpected::Bool(yes))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        if STRICT {
            return Err(A::Error::invalid_type(Unexpected::Seq, &self));
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        self.read(None, Unexpected::Seq)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.read(None, Unexpected::Map)
    }
}

/// A list whose rows are read one by one: a bad row is an error in its place. Null is no rows.
#[derive(Debug)]
pub struct Rows<T>(pub Vec<Result<T>>);

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Rows<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let rows = Option::<Vec<Box<RawValue>>>::deserialize(from)?.unwrap_or_default();
        let read = |(at, raw): (usize, Box<RawValue>)| {
            super::json_text(raw.get()).map_err(|e: Error| {
                Error::new(ErrorKind::Unreadable, format!("row {} cannot be read: {}", at + 1, e.message()))
            })
        };
        Ok(Self(rows.into_iter().enumerate().map(read).collect()))
    }
}

impl<T> IntoIterator for Rows<T> {
    type Item = Result<T>;
    type IntoIter = std::vec::IntoIter<Result<T>>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Row {
        #[serde(deserialize_with = "text")]
        id: Option<String>,
        #[serde(deserialize_with = "number")]
        mag: Option<f64>,
        #[serde(deserialize_with = "whole")]
        n: Option<i64>,
        #[serde(deserialize_with = "flag")]
        up: Option<bool>,
    }

    fn row(json: &str) -> Row {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn what_services_send_for_one_thing() {
        let want = Row { id: Some("313853496686280764".into()), mag: Some(19.5), n: Some(3), up: Some(true) };
        assert_eq!(row(r#"{"id": 313853496686280764, "mag": 19.5, "n": 3, "up": true}"#), want);
        assert_eq!(row(r#"{"id": "313853496686280764", "mag": "19.5", "n": "3", "up": "t"}"#), want);
        assert_eq!(row(r#"{"id": 313853496686280764, "mag": 19.5, "n": 3.0, "up": 1}"#), want);
        assert_eq!(row(r#"{"id": null, "mag": "NaN", "n": "", "up": null}"#), Row::default());
        assert_eq!(row("{}"), Row::default());
        assert_eq!(row(r#"{"up": -1}"#).up, Some(false));
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Loose {
        #[serde(deserialize_with = "text_or_none")]
        id: Option<String>,
        #[serde(deserialize_with = "number_or_none")]
        mag: Option<f64>,
        #[serde(deserialize_with = "whole_or_none")]
        n: Option<i64>,
        #[serde(deserialize_with = "or_default")]
        list: Vec<u8>,
        #[serde(deserialize_with = "filled")]
        words: Option<String>,
        #[serde(deserialize_with = "flag_or_none")]
        up: Option<bool>,
        #[serde(deserialize_with = "texts_or_none")]
        tags: Vec<String>,
        #[serde(deserialize_with = "value_or_none")]
        row: Option<Box<Row>>,
        #[serde(deserialize_with = "object_or_default")]
        object: Row,
    }

    #[test]
    fn what_is_rubbish_is_none_where_no_row_is_to_be_lost() {
        let loose = |json: &str| serde_json::from_str::<Loose>(json).unwrap();
        let read = loose(r#"{"id": -19.5, "mag": "1e3", "n": "3.0", "list": [1], "words": " SN Ia "}"#);
        let due = Loose {
            id: Some("-19.5".into()),
            mag: Some(1000.0),
            n: Some(3),
            list: vec![1],
            words: Some("SN Ia".into()),
            ..Loose::default()
        };
        assert_eq!(read, due);
        for rubbish in ["null", "\" \"", "[1, [2]]", "{\"a\": {}}", "true"] {
            let row = format!("{{\"id\": {rubbish}, \"mag\": {rubbish}, \"n\": {rubbish}, \"list\": null}}");
            assert_eq!(loose(&row), Loose::default(), "{rubbish}");
        }
        assert_eq!(loose(r#"{"mag": "3x600", "n": 1.5, "words": ""}"#), Loose::default());
        let read = loose(r#"{"up": "t", "tags": ["a", 7, null, " ", [1], true], "row": {"n": "3"}}"#);
        let row = Some(Box::new(Row { n: Some(3), ..Row::default() }));
        let due = Loose { up: Some(true), tags: vec!["a".into(), "7".into()], row, ..Loose::default() };
        assert_eq!(read, due);
        assert_eq!(loose(r#"{"tags": "a"}"#).tags, ["a"]);
        for rubbish in ["null", "7", "\"x\"", "[[1]]", "{\"n\": []}"] {
            let tags = if rubbish.starts_with('{') { rubbish } else { "null" };
            let row = format!("{{\"up\": {rubbish}, \"tags\": {tags}, \"row\": {rubbish}}}");
            assert_eq!(loose(&row), Loose::default(), "{rubbish}");
        }
        assert!(serde_json::from_str::<Loose>(r#"{"words": []}"#).is_err());
    }

    #[test]
    fn words_for_nothing_are_nothing_where_a_number_or_a_flag_is_due() {
        for word in ["nan", "NaN", "None", "none", "null", "NULL", "", " "] {
            let json = format!("{{\"mag\": \"{word}\", \"n\": \"{word}\", \"up\": \"{word}\"}}");
            assert_eq!(row(&json), Row::default(), "{word:?}");
            let (_, count) = left_out(|| serde_json::from_str::<Loose>(&json.replace("up", "x")));
            assert_eq!(count, 0, "{word:?} is a missing value, not one that was left out");
        }
        for key in ["mag", "n", "up"] {
            assert!(serde_json::from_str::<Row>(&format!("{{\"{key}\": \"nothing\"}}")).is_err(), "{key}");
        }
    }

    #[test]
    fn what_is_no_object_is_the_default_of_one() {
        let read = |json: &str| left_out(|| serde_json::from_str::<Loose>(json).unwrap().object);
        assert_eq!(read(r#"{"object": {"n": "3"}}"#), (Row { n: Some(3), ..Row::default() }, 0));
        assert_eq!(read(r#"{"object": null}"#), (Row::default(), 0));
        for odd in [r#""x""#, "7", r#"["x", 1.5, 3, true]"#, r#"{"n": []}"#] {
            assert_eq!(read(&format!("{{\"object\": {odd}}}")), (Row::default(), 1), "{odd}");
        }
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let count = |json: &str| left_out(|| serde_json::from_str::<Loose>(json).map(drop).unwrap()).1;
        assert_eq!(count(r#"{"id": "x", "mag": null, "n": "", "up": true, "tags": null, "row": null}"#), 0);
        assert_eq!(count(r#"{"id": [], "mag": "x", "n": 1.5, "up": 7, "tags": [{}], "row": "x"}"#), 6);
    }

    #[test]
    fn a_list_that_is_none_is_a_fault_beside_the_packet() {
        #[derive(Deserialize)]
        struct Packet {
            #[serde(default, deserialize_with = "rows")]
            list: Rows<Row>,
        }
        let read = |json: &str| serde_json::from_str::<Packet>(json).unwrap().list.0;
        assert!(read("{}").is_empty() && read(r#"{"list": null}"#).is_empty());
        assert_eq!(
            read(r#"{"list": [{"n": 1}, 7]}"#).iter().map(Result::is_ok).collect::<Vec<_>>(),
            [true, false]
        );
        let fault = read(r#"{"list": "none"}"#).remove(0).unwrap_err().to_string();
        assert_eq!(fault, "the list cannot be read: a text was given, a list was due");
    }

    #[test]
    fn a_bad_row_is_by_itself() {
        let rows: Rows<Row> = serde_json::from_str(r#"[{"n": 1}, {"n": []}, {"n": 2}]"#).unwrap();
        assert_eq!(rows.0[0].as_ref().unwrap().n, Some(1));
        let fault = rows.0[1].as_ref().unwrap_err().to_string();
        assert_eq!(fault, "row 2 cannot be read: n: a list was given, a whole number was due");
        assert_eq!(rows.0[2].as_ref().unwrap().n, Some(2));
        assert!(serde_json::from_str::<Rows<Row>>("null").unwrap().0.is_empty());
    }

    proptest! {
        #[test]
        fn no_value_panics(text in "[\\[\\]{}\",:idmagnup 0-9.eE+truefalsn-]{0,60}") {
            let _ = serde_json::from_str::<Row>(&text);
            let _ = serde_json::from_str::<Rows<Row>>(&text);
        }

        #[test]
        fn what_reads_is_finite_and_exact(float in any::<f64>(), whole in any::<i64>(), text in "[-+.0-9eEinfaN ]{0,12}") {
            let of = |value: serde_json::Value| serde_json::from_value::<Row>(value).unwrap_or_default();
            for value in [json!(float), json!(float.to_string()), json!(text)] {
                prop_assert!(of(json!({"mag": value})).mag.is_none_or(f64::is_finite), "{value}");
            }
            prop_assert_eq!(of(json!({"mag": float.to_string()})).mag, Some(float).filter(|x| x.is_finite()));
            for value in [json!(whole), json!(whole.to_string())] {
                let read = of(json!({"id": value, "n": value}));
                prop_assert_eq!((read.id, read.n), (Some(whole.to_string()), Some(whole)));
            }
        }
    }
}
