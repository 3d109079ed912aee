//! Objects only: a derived reader would take the values of a list for its fields, in their order.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

/// Whatever is due, of an object only. A derived reader of a struct takes a list for its fields in
/// their order, so that `["Vega", 279.23, 38.78]` would be a target.
///
/// ```
/// # use tom_alerts::plugin::*;
/// #[derive(Deserialize)]
/// struct Place { #[serde(default)] ra: Option<f64> }
/// #[derive(Deserialize)]
/// struct Row(#[serde(deserialize_with = "wire::object")] Place);
/// assert_eq!(serde_json::from_str::<Row>(r#"{"ra": 1.5}"#).unwrap().0.ra, Some(1.5));
/// assert!(serde_json::from_str::<Row>("[1.5]").is_err());
/// ```
///
/// # Errors
/// The deserializer's, for anything but an object that can be read.
pub fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    T::deserialize(Objects(from))
}

/// A deserializer whose structs are objects; all else is as before, and so is what is within.
pub(crate) struct Objects<D>(pub(crate) D);

struct OfObject<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for OfObject<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(map)
    }
}

macro_rules! as_before {
    ($($method:ident($($argument:ident: $type:ty),*);)*) => {
        $(
            fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
                self.0.$method($($argument,)* visitor)
            }
        )*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Objects<D> {
    type Error = D::Error;

    as_before! {
        deserialize_any();
        deserialize_bool();
        deserialize_i8();
        deserialize_i16();
        deserialize_i32();
        deserialize_i64();
        deserialize_i128();
        deserialize_u8();
        deserialize_u16();
        deserialize_u32();
        deserialize_u64();
        deserialize_u128();
        deserialize_f32();
        deserialize_f64();
        deserialize_char();
        deserialize_str();
        deserialize_string();
        deserialize_bytes();
        deserialize_byte_buf();
        deserialize_option();
        deserialize_unit();
        deserialize_unit_struct(name: &'static str);
        deserialize_newtype_struct(name: &'static str);
        deserialize_seq();
        deserialize_tuple(length: usize);
        deserialize_tuple_struct(name: &'static str, length: usize);
        deserialize_map();
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
        deserialize_identifier();
        deserialize_ignored_any();
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_struct(name, fields, OfObject(visitor))
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Row {
        name: String,
        #[serde(default)]
        ra: Option<f64>,
    }

    fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, serde_json::Error> {
        object(&mut serde_json::Deserializer::from_str(text))
    }

    #[test]
    fn a_list_is_no_struct_and_all_else_is_read_as_before() {
        let due = Row { name: "Vega".into(), ra: Some(279.23) };
        assert_eq!(read::<Row>(r#"{"name": "Vega", "ra": 279.23, "x": [1]}"#).unwrap(), due);
        for text in [r#"["Vega", 279.23]"#, "null", "1", "\"Vega\"", "[]"] {
            assert!(read::<Row>(text).is_err(), "{text}");
        }
        let error = read::<Row>(r#"["Vega", 279.23]"#).unwrap_err().to_string();
        assert!(error.starts_with("invalid type: sequence, expected struct Row"), "{error}");
        assert_eq!(read::<Vec<u8>>("[1, 2]").unwrap(), [1, 2]);
        assert_eq!(read::<(u8, String)>("[1, \"a\"]").unwrap(), (1, "a".to_owned()));
        assert_eq!(read::<Option<u8>>("null").unwrap(), None);
        assert_eq!(read::<Box<RawValue>>("[1, 2]").unwrap().get(), "[1, 2]");
        assert_eq!(read::<serde_json::Value>("[1]").unwrap(), serde_json::json!([1]));
    }
}
