//! Readers of what Fink sends for one thing: words for nothing, scores that are none.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};

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
    from.deserialize_any(Id { due: true })
}

/// The same for an id or number without which the alert is still one: none where it lost digits.
pub(super) fn id_if_whole<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    from.deserialize_any(Id { due: false })
}

struct Id {
    /// Whether what is no id is a fault.
    due: bool,
}

impl Id {
    fn fault<E: serde::de::Error>(&self, found: Unexpected<'_>) -> Result<Option<String>, E> {
        if self.due {
            return Err(E::invalid_type(found, self));
        }
        wire::leave_out();
        Ok(None)
    }
}

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
        self.fault(Unexpected::Float(number))
    }
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        let text = text.trim();
        match text.parse::<i64>() {
            Ok(_) => Ok(Some(text.to_owned())),
            Err(_) if is_nothing(text) => Ok(None),
            Err(_) => self.fault(Unexpected::Str(text)),
        }
    }
    fn visit_bool<E: serde::de::Error>(self, yes: bool) -> Result<Self::Value, E> {
        self.fault(Unexpected::Bool(yes))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        self.fault(Unexpected::Seq)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.fault(Unexpected::Map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Row {
        #[serde(deserialize_with = "id")]
        id: Option<String>,
        #[serde(deserialize_with = "id_if_whole")]
        beside: Option<String>,
    }

    fn row(json: &str) -> Result<Row, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn an_id_keeps_its_digits_or_is_none() {
        let id = |json: &str| row(&format!("{{\"id\": {json}}}")).map(|row| row.id);
        assert_eq!(id("3367435302415015060").unwrap().as_deref(), Some("3367435302415015060"));
        assert_eq!(id("\"3367435302415015060\"").unwrap().as_deref(), Some("3367435302415015060"));
        assert_eq!(id("-1.0").unwrap().as_deref(), Some("-1"));
        assert_eq!(id("null").unwrap(), None);
        assert_eq!(id("\"nan\"").unwrap(), None);
        assert!(id("3.367435302415015e18").is_err(), "the last digits are gone");
        assert!(id("[]").is_err() && id("\"x\"").is_err());
        for rubbish in ["2.1163624394469968e16", "[7]", "{\"a\": 7}", "true", "\"x\"", "null"] {
            assert_eq!(row(&format!("{{\"beside\": {rubbish}}}")).unwrap(), Row::default(), "{rubbish}");
        }
    }

    #[test]
    fn a_score_that_was_not_computed_is_none() {
        assert_eq!(
            [Some(0.0), Some(-1.0), Some(2.0), Some(0.3), None].map(computed),
            [None, None, None, Some(0.3), None]
        );
    }

    #[test]
    fn words_for_nothing_are_nothing() {
        for word in ["", " ", "nan", "NaN", "None", "null", "Unknown", "Fail 504"] {
            assert_eq!(known(&Some(word.to_owned())), None, "{word:?}");
        }
        assert_eq!(known(&Some(" SN Ia ".to_owned())), Some("SN Ia"));
    }
}
