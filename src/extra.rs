//! `Extra`: what a broker says beyond the typed fields, as one compact JSON text.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::{self, Write as _};
use std::ops::Range;

use serde::de::{MapAccess, Visitor};
use serde::ser::{Error as _, SerializeMap};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// What a broker says beyond the typed fields: a JSON object, kept as its text.
///
/// A light curve has thousands of these, and the text takes a tenth of the memory of a [`Map`]. The
/// keys are in order on all levels, so that two objects with the same members are equal. Numbers keep
/// all their digits. In JSON it is the object itself.
///
/// ```
/// use tom_alerts::Extra;
/// let mut extra = Extra::default();
/// extra.insert("rb", 0.93.into());
/// extra.insert("fid", 1.into());
/// assert_eq!(extra.get("rb"), Some(0.93.into()));
/// assert_eq!(serde_json::to_string(&extra).unwrap(), r#"{"fid":1,"rb":0.93}"#);
/// for (key, value) in &extra.to_map() {
///     println!("{key} = {value}");
/// }
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Extra(Option<Box<str>>);

impl Extra {
    /// Whether it has no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The value of a key.
    ///
    /// A value that is nested more than 126 levels deep, which no JSON reader of this crate gives, comes
    /// as its JSON text; so it does from [`to_map`](Self::to_map).
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Value> {
        self.members().find(|member| member.key() == key).map(|member| member.value())
    }

    /// Whether there is a value of a key.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.members().any(|member| member.key() == key)
    }

    /// Sets the value of a key and gives the one that it had.
    ///
    /// The text is written anew each time; where there are many members, make a [`Map`] first.
    pub fn insert(&mut self, key: impl AsRef<str>, value: Value) -> Option<Value> {
        let key = key.as_ref();
        let (mut old, mut place) = (None, None);
        for member in self.members() {
            match (*member.key()).cmp(key) {
                Ordering::Less => {}
                Ordering::Equal => {
                    old = Some(member.value());
                    place = Some(member.whole);
                    break;
                }
                Ordering::Greater => {
                    place = Some(member.whole.start..member.whole.start);
                    break;
                }
            }
        }
        let new = member_text(key, value);
        let text = self.0.as_deref().unwrap_or("{}");
        let end = text.len().saturating_sub(1);
        let place = place.unwrap_or(end..end);
        let (head, tail) = (&text[..place.start], &text[place.end..]);
        // Where nothing is replaced, a comma parts the new member from the one after or before it.
        let (before, after) = match old.is_some() || self.is_empty() {
            true => ("", ""),
            false if place.start == end => (",", ""),
            false => ("", ","),
        };
        self.0 = Some([head, before, &new, after, tail].concat().into_boxed_str());
        old
    }

    /// The same as a map.
    #[must_use]
    pub fn to_map(&self) -> Map<String, Value> {
        self.members().map(|member| (member.key().into_owned(), member.value())).collect()
    }

    /// The same as a map.
    #[must_use]
    pub fn into_map(self) -> Map<String, Value> {
        self.to_map()
    }

    /// How many levels of arrays and objects it has, its own being the first.
    pub(crate) fn depth(&self) -> usize {
        let bytes = self.0.as_deref().unwrap_or_default().as_bytes();
        let (mut at, mut depth, mut deepest) = (0, 0_usize, 0);
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'"' => {
                    at = after_string(bytes, at);
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            deepest = deepest.max(depth);
            at += 1;
        }
        deepest
    }

    fn members(&self) -> Members<'_> {
        Members { text: self.0.as_deref().unwrap_or_default(), at: 1 }
    }

    /// Of members in any order; of those with one key the last counts.
    fn of(mut members: Vec<(String, Value)>) -> Self {
        members.sort_by(|a, b| a.0.cmp(&b.0));
        let mut text = String::with_capacity(24 * members.len() + 2);
        let mut members = members.into_iter().peekable();
        while let Some((key, value)) = members.next() {
            if members.peek().is_some_and(|next| next.0 == key) {
                continue;
            }
            text.push(if text.is_empty() { '{' } else { ',' });
            write_member(&mut text, &key, value);
        }
        if text.is_empty() {
            return Self(None);
        }
        text.push('}');
        Self(Some(text.into_boxed_str()))
    }
}

fn write_member(text: &mut String, key: &str, mut value: Value) {
    value.sort_all_objects();
    if key.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        text.extend(["\"", key, "\":"]);
    } else {
        // Writing to a String cannot fail.
        let _ = write!(text, "{}:", Value::from(key));
    }
    let _ = write!(text, "{value}");
}

fn member_text(key: &str, value: Value) -> String {
    let mut text = String::with_capacity(key.len() + 24);
    write_member(&mut text, key, value);
    text
}

/// The members of the text, which this module has written itself: without blanks.
struct Members<'a> {
    text: &'a str,
    at: usize,
}

struct Member<'a> {
    /// The key with its quotes.
    key: &'a str,
    value: &'a str,
    /// Where both are in the text.
    whole: Range<usize>,
}

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Member<'a>> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        if bytes.get(start) != Some(&b'"') {
            return None;
        }
        let colon = after_string(bytes, start);
        let end = after_value(bytes, colon + 1);
        self.at = end + 1;
        Some(Member {
            key: self.text.get(start..colon)?,
            value: self.text.get(colon + 1..end)?,
            whole: start..end,
        })
    }
}

impl<'a> Member<'a> {
    fn key(&self) -> Cow<'a, str> {
        if self.key.contains('\\') {
            serde_json::from_str(self.key).map_or(Cow::Borrowed(self.key), Cow::Owned)
        } else {
            Cow::Borrowed(self.key.get(1..self.key.len() - 1).unwrap_or_default())
        }
    }

    fn value(&self) -> Value {
        serde_json::from_str(self.value).unwrap_or_else(|_| Value::from(self.value))
    }
}

/// The place behind the string that begins at `at`.
fn after_string(bytes: &[u8], mut at: usize) -> usize {
    at += 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at
}

/// The place behind the value that begins at `at`: of the comma or the brace after it.
fn after_value(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = after_string(bytes, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b',' | b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    at
}

impl From<Map<String, Value>> for Extra {
    fn from(map: Map<String, Value>) -> Self {
        Self::of(map.into_iter().collect())
    }
}

impl From<Extra> for Map<String, Value> {
    fn from(extra: Extra) -> Self {
        extra.to_map()
    }
}

impl<K: Into<String>> FromIterator<(K, Value)> for Extra {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(members: I) -> Self {
        Self::of(members.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_deref().unwrap_or("{}"))
    }
}

impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for member in self.members() {
            let value: Value = serde_json::from_str(member.value).map_err(S::Error::custom)?;
            map.serialize_entry(&member.key(), &value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Extra;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Extra, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Extra::of(members))
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn what_is_put_in_comes_out_and_the_keys_are_in_order() {
        let given = r#"{"b":{"z":"{\"b\":1}","y":[{"d":1,"c":2}]},"a":18446744073709551615,"-":-9223372036854775808,"f":0.1,"whole":1.0,"\"q\\":null,"é":"\n"}"#;
        let extra: Extra = serde_json::from_str(given).unwrap();
        let ordered = r#"{"\"q\\":null,"-":-9223372036854775808,"a":18446744073709551615,"b":{"y":[{"c":2,"d":1}],"z":"{\"b\":1}"},"f":0.1,"whole":1.0,"é":"\n"}"#;
        assert_eq!(serde_json::to_string(&extra).unwrap(), ordered);
        assert_eq!(format!("{extra:?}"), ordered);
        assert_eq!(extra.to_map(), serde_json::from_str::<Map<String, Value>>(given).unwrap());
        assert_eq!(serde_json::to_value(&extra).unwrap(), serde_json::from_str::<Value>(given).unwrap());
        assert_eq!(extra.get("\"q\\"), Some(Value::Null));
        assert_eq!(extra.get("a"), Some(u64::MAX.into()));
        assert_eq!((extra.get("q"), extra.contains_key("é"), extra.contains_key("c")), (None, true, false));
        assert_eq!(size_of::<Extra>(), 16);
    }

    #[test]
    fn members_are_put_in_replaced_and_counted_once() {
        let mut extra = Extra::default();
        assert!(extra.is_empty() && extra.to_map().is_empty());
        assert_eq!(serde_json::to_string(&extra).unwrap(), "{}");
        for (key, value) in [("m", json!(1)), ("z", json!([{"b": 1, "a": 2}])), ("a", json!("{,}"))] {
            assert_eq!(extra.insert(key, value), None);
        }
        assert_eq!(extra.insert("m", json!({"y": null})), Some(json!(1)));
        assert_eq!(format!("{extra:?}"), r#"{"a":"{,}","m":{"y":null},"z":[{"a":2,"b":1}]}"#);
        assert_eq!(
            extra,
            Extra::from_iter([
                ("z", json!([{"a": 2, "b": 1}])),
                ("m", json!(0)),
                ("a", json!("{,}")),
                ("m", json!({"y": null}))
            ])
        );
        assert!(Extra::from(Map::new()).is_empty());
    }

    #[test]
    fn only_an_object_is_one() {
        for text in ["null", "[]", "1", "\"{}\""] {
            assert!(serde_json::from_str::<Extra>(text).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Extra>("{}").unwrap().is_empty());
    }

    #[test]
    fn what_is_nested_too_deeply_to_be_read_comes_as_its_text() {
        let nested = |levels: usize| (0..levels).fold(json!(1), |value, _| json!([value]));
        let deep = Extra::from_iter([("k", nested(120)), ("s", json!("[[{"))]);
        assert_eq!((deep.get("k"), deep.depth()), (Some(nested(120)), 121));
        let deeper = Extra::from_iter([("k", nested(200))]);
        assert_eq!(deeper.get("k").unwrap().as_str().map(str::len), Some(401));
        assert!(serde_json::to_string(&deeper).is_err());
        assert_eq!(Extra::default().depth(), 0);
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((any::<String>(), inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_is_in_a_map_is_in_the_text(members in prop::collection::vec((any::<String>(), value()), 0..8)) {
            let whole: Map<String, Value> = members.iter().cloned().collect();
            let extra = Extra::from(whole.clone());
            prop_assert_eq!(&extra.to_map(), &whole);
            let (mut one_by_one, mut beside) = (Extra::default(), Map::new());
            for (key, value) in members {
                prop_assert_eq!(one_by_one.insert(&key, value.clone()), beside.insert(key, value));
            }
            prop_assert_eq!(&one_by_one, &extra);
            for (key, value) in &whole {
                prop_assert_eq!(extra.get(key), Some(value.clone()));
            }
            let text = serde_json::to_string(&extra).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Extra>(&text).unwrap(), &extra);
            prop_assert_eq!(&serde_json::from_str::<Map<String, Value>>(&text).unwrap(), &whole);
        }
    }
}
