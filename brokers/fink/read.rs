//! Readers of what Fink sends for one thing: words for nothing, scores that are none.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::plugin::*;

/// A text that says something: not one of the words that the service writes for nothing.
pub(super) fn known(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !is_nothing(text))
}

pub(super) fn is_nothing(text: &str) -> bool {
    matches!(text, "" | "nan" | "NaN" | "None" | "null" | "Unknown") || text.starts_with("Fail")
}

/// A score that was computed: the service writes 0 or −1 for one that was not.
pub(super) fn computed(score: Option<f64>) -> Option<f64> {
    score.filter(|score| *score > 0.0 && *score <= 1.0)
}

/// An id of 64 bits as its digits. A column of ids that lacks some comes as floats, in which only
/// small ones, such as the −1 of a limit, are still what they were.
pub(super) fn id<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    struct Id;

    impl<'de> Visitor<'de> for Id {
        type Value = Option<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a whole number")
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
            Ok(Some(number.to_string()))
        }
        fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
            Ok(Some(number.to_string()))
        }
        fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Self::Value, E> {
            const EXACT: f64 = 9_007_199_254_740_992.0;
            if number.fract() == 0.0 && number.abs() < EXACT {
                return Ok(Some((number as i64).to_string()));
            }
            Err(E::invalid_type(serde::de::Unexpected::Float(number), &self))
        }
        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
            let text = text.trim();
            match text.parse::<i64>() {
                Ok(_) => Ok(Some(text.to_owned())),
                Err(_) if is_nothing(text) => Ok(None),
                Err(_) => Err(E::invalid_type(serde::de::Unexpected::Str(text), &self)),
            }
        }
        fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
            Err(serde::de::Error::invalid_type(serde::de::Unexpected::Seq, &self))
        }
        fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
            Err(serde::de::Error::invalid_type(serde::de::Unexpected::Map, &self))
        }
    }

    from.deserialize_any(Id)
}

/// A number; anything that is none is none. For scores and other values that an alert can lack:
/// the service sent rubbish for one of them for a while, and no alert is lost for that.
pub(super) fn score<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    struct Score;

    impl<'de> Visitor<'de> for Score {
        type Value = Option<f64>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number")
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
            Ok(Some(number as f64))
        }
        fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
            Ok(Some(number as f64))
        }
        fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
            Ok(number.is_finite().then_some(number))
        }
        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(text.trim().parse().ok().filter(|number: &f64| number.is_finite()))
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

    from.deserialize_any(Score)
}
