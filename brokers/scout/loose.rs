//! Readers of values that may be a number, a text or nothing: Scout mixes them, and what cannot be read is missing.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::plugin::*;

/// A finite number.
pub(super) fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    from.deserialize_any(Loose(PhantomData))
}

/// A whole number.
pub(super) fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    from.deserialize_any(Loose(PhantomData))
}

/// A text that is not empty, or a number as its text.
pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    from.deserialize_any(Loose(PhantomData))
}

/// Whatever is due, or none of it where there is a null.
pub(super) fn or_none<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    from: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// A row of a table of numbers, as [`number`] reads each.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(transparent)]
pub(super) struct Row(pub(super) Vec<Option<f64>>);

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(transparent)]
        struct Cell(#[serde(deserialize_with = "number")] Option<f64>);
        let cells = Vec::<Cell>::deserialize(from)?;
        Ok(Self(cells.into_iter().map(|cell| cell.0).collect()))
    }
}

trait Scalar: Sized {
    fn from_text(text: &str) -> Option<Self>;
    fn from_number(number: f64) -> Option<Self>;
}

impl Scalar for f64 {
    fn from_text(text: &str) -> Option<Self> {
        text.trim().parse().ok().and_then(Self::from_number)
    }
    fn from_number(number: f64) -> Option<Self> {
        number.is_finite().then_some(number)
    }
}

impl Scalar for i64 {
    fn from_text(text: &str) -> Option<Self> {
        let text = text.trim();
        text.parse().ok().or_else(|| text.parse().ok().and_then(Self::from_number))
    }
    fn from_number(number: f64) -> Option<Self> {
        (number.fract() == 0.0 && number.abs() < 1e15).then_some(number as Self)
    }
}

impl Scalar for String {
    fn from_text(text: &str) -> Option<Self> {
        // Blanks stay: in columns they have a meaning.
        (!text.trim().is_empty()).then(|| text.to_owned())
    }
    fn from_number(number: f64) -> Option<Self> {
        Some(number.to_string())
    }
}

struct Loose<T>(PhantomData<T>);

impl<'de, T: Scalar> Visitor<'de> for Loose<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a text or nothing")
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(T::from_text(text))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(T::from_number(number as f64))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(T::from_number(number as f64))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(T::from_number(number))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}
