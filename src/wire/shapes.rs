//! Readers of what may have another shape than due: an object, a list, a text.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::fields::is_nothing;
use super::{leave_out, text_or_none};

/// As [`text_or_none`] without blanks around it; `None` for the words of services for nothing too:
/// `nan`, `none` and `null` in any case.
///
/// # Errors
/// As [`number_or_none`](super::number_or_none).
pub fn filled_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(text_or_none(from)?.and_then(|text| match text.trim() {
        part if is_nothing(part) => None,
        whole if whole.len() == text.len() => Some(text),
        part => Some(part.to_owned()),
    }))
}

/// An object; `None` for anything that is none, such as null, an empty list or a text. Never a list as an
/// object by the order of its fields.
///
/// # Errors
/// Those of `T`: its own fields should be as lenient.
pub fn object_or_none<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let due = Either { list: PhantomData::<IgnoredAny>, object: PhantomData, due: "an object" };
    let (list, object) = from.deserialize_any(due)?;
    // An empty list is how some services write an object without fields.
    if !list.is_empty() {
        leave_out();
    }
    Ok(object)
}

/// A list of items; empty for anything that is no list.
///
/// # Errors
/// Those of the items, which should be as lenient.
pub fn list_or_empty<'de, D, T>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let due = Either { list: PhantomData, object: PhantomData::<IgnoredAny>, due: "a list" };
    let (list, object) = from.deserialize_any(due)?;
    if object.is_some() {
        leave_out();
    }
    Ok(list)
}

/// Reads a list or an object; of anything else there is neither.
struct Either<L, O> {
    list: PhantomData<L>,
    object: PhantomData<O>,
    due: &'static str,
}

impl<L, O> Either<L, O> {
    fn neither<E>(is_given: bool) -> Result<(Vec<L>, Option<O>), E> {
        if is_given {
            leave_out();
        }
        Ok((Vec::new(), None))
    }
}

impl<'de, L: Deserialize<'de>, O: Deserialize<'de>> Visitor<'de> for Either<L, O> {
    type Value = (Vec<L>, Option<O>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.due)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Ok((Vec::new(), Some(O::deserialize(MapAccessDeserializer::new(map))?)))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok((items, None))
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Self::neither(false)
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Self::neither(!is_nothing(text.trim()))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Self::neither(true)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Self::neither(true)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Self::neither(true)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Self::neither(true)
    }
}

#[cfg(test)]
mod tests {
    use super::super::left_out;
    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Shapes {
        #[serde(deserialize_with = "filled_or_none")]
        name: Option<String>,
        #[serde(deserialize_with = "object_or_none")]
        part: Option<Box<Shapes>>,
        #[serde(deserialize_with = "list_or_empty")]
        list: Vec<Shapes>,
    }

    fn read(json: &str) -> (Shapes, usize) {
        let (read, count) = left_out(|| serde_json::from_str(json));
        (read.unwrap(), count)
    }

    #[test]
    fn what_is_due_is_read() {
        let named = |name: &str| Shapes { name: Some(name.to_owned()), ..Shapes::default() };
        let due = Shapes {
            name: Some("a".into()),
            part: Some(Box::new(named("7"))),
            list: vec![named("b"), Shapes::default()],
        };
        assert_eq!(read(r#"{"name": " a ", "part": {"name": 7}, "list": [{"name": "b"}, {}]}"#), (due, 0));
    }

    #[test]
    fn another_shape_is_nothing_and_counted() {
        for odd in ["7", "-7", "0.5", "true", "\"odd\""] {
            assert_eq!(
                read(&format!("{{\"part\": {odd}, \"list\": {odd}}}")),
                (Shapes::default(), 2),
                "{odd}"
            );
        }
        for nothing in ["null", "\" \"", "\"None\""] {
            let json = format!("{{\"name\": {nothing}, \"part\": {nothing}, \"list\": {nothing}}}");
            assert_eq!(read(&json), (Shapes::default(), 0), "{nothing}");
        }
        assert_eq!(read(r#"{"part": [], "name": {}}"#), (Shapes::default(), 1));
        // A list is no object by the order of its fields.
        assert_eq!(read(r#"{"part": ["a"], "list": {"name": "a"}}"#), (Shapes::default(), 2));
    }
}
