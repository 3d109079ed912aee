//! Lenient readers of wire fields: numbers as text, ids as numbers, flags as letters, rows one by one.
//!
//! For `#[serde(default, deserialize_with = "wire::number")]` in the wire types of a plugin. None
//! of them goes through `serde_json::Value`, so they cost no more than the plain types.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::{Error, ErrorKind, Result};

/// A text, or a whole number as its exact digits; `None` for null. For ids beyond 2^53.
///
/// # Errors
/// The deserializer's, for anything else.
pub fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    from.deserialize_any(Lenient::<String>(PhantomData))
}

/// As [`text`], where there must be one that is not empty: an id.
///
/// # Errors
/// The deserializer's, for null, an empty text and anything else.
pub fn id<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    text(from)?.filter(|id| !id.trim().is_empty()).ok_or_else(|| D::Error::custom("an id was due"))
}

/// A finite number, also as text; `None` for null, an empty text, and the texts of NaN and infinity.
///
/// # Errors
/// The deserializer's, for anything else.
pub fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    from.deserialize_any(Lenient::<f64>(PhantomData))
}

/// A whole number, also as text; `None` for null and an empty text.
///
/// # Errors
/// The deserializer's, for anything else.
pub fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    from.deserialize_any(Lenient::<i64>(PhantomData))
}

/// Yes or no as `true`, `1`, `"t"`, `"true"`, `"1"`, `"yes"` and their opposites (−1 is no);
/// `None` for null and an empty text.
///
/// # Errors
/// The deserializer's, for anything else.
pub fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    from.deserialize_any(Lenient::<bool>(PhantomData))
}

struct Lenient<T>(PhantomData<T>);

trait Readable: Sized {
    const DUE: &'static str;
    fn from_text(text: &str) -> Option<Option<Self>>;
    fn from_i64(number: i64) -> Option<Self>;
    fn from_u64(number: u64) -> Option<Self> {
        i64::try_from(number).ok().and_then(Self::from_i64)
    }
    fn from_f64(number: f64) -> Option<Option<Self>>;
    fn from_bool(yes: bool) -> Option<Self>;
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
    fn from_f64(_: f64) -> Option<Option<Self>> {
        None
    }
    fn from_bool(_: bool) -> Option<Self> {
        None
    }
}

impl Readable for f64 {
    const DUE: &'static str = "a number";
    fn from_text(text: &str) -> Option<Option<Self>> {
        match text.trim() {
            "" => Some(None),
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
    fn from_bool(_: bool) -> Option<Self> {
        None
    }
}

impl Readable for i64 {
    const DUE: &'static str = "a whole number";
    fn from_text(text: &str) -> Option<Option<Self>> {
        match text.trim() {
            "" => Some(None),
            text => text.parse().ok().map(Some),
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
    fn from_bool(_: bool) -> Option<Self> {
        None
    }
}

impl Readable for bool {
    const DUE: &'static str = "yes or no";
    fn from_text(text: &str) -> Option<Option<Self>> {
        match text.trim().to_ascii_lowercase().as_str() {
            "" => Some(None),
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

impl<'de, T: Readable> Visitor<'de> for Lenient<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::DUE)
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        T::from_text(text).ok_or_else(|| E::invalid_type(serde::de::Unexpected::Str(text), &self))
    }
    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Self::Value, E> {
        let value = T::from_i64(number);
        value.map(Some).ok_or_else(|| E::invalid_type(serde::de::Unexpected::Signed(number), &self))
    }
    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
        let value = T::from_u64(number);
        value.map(Some).ok_or_else(|| E::invalid_type(serde::de::Unexpected::Unsigned(number), &self))
    }
    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Self::Value, E> {
        T::from_f64(number).ok_or_else(|| E::invalid_type(serde::de::Unexpected::Float(number), &self))
    }
    fn visit_bool<E: serde::de::Error>(self, yes: bool) -> Result<Self::Value, E> {
        let value = T::from_bool(yes);
        value.map(Some).ok_or_else(|| E::invalid_type(serde::de::Unexpected::Bool(yes), &self))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        Err(A::Error::invalid_type(serde::de::Unexpected::Seq, &self))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Err(A::Error::invalid_type(serde::de::Unexpected::Map, &self))
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
            crate::http::json(raw.get().as_bytes()).map_err(|e: Error| {
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
