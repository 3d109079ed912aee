//! `Object`: an item of a batch, which may be no object but the reason why there is none.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor, value::MapAccessDeserializer};

use crate::plugin::wire::Peeked;
use crate::plugin::*;

/// An item of a batch.
#[derive(Debug, Clone)]
pub(super) enum Object<P> {
    /// The object.
    Whole(P),
    /// Why it cannot be had.
    Failed(String),
    /// There is no such object: the service sends `null`.
    Unknown,
}

impl<'de, P: DeserializeOwned> Deserialize<'de> for Object<P> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Read(PhantomData))
    }
}

struct Read<P>(PhantomData<P>);

impl<'de, P: DeserializeOwned> Visitor<'de> for Read<P> {
    type Value = Object<P>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Object::Unknown)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let (failed, mut map) = Peeked::until(map, |key| Some(key == "error"))?;
        if failed == Some(true) {
            let said = map.next_entry::<IgnoredAny, Value>()?.map_or(Value::Null, |(_, said)| said);
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Object::Failed(said.as_str().map_or_else(|| said.to_string(), str::to_owned)));
        }
        P::deserialize(MapAccessDeserializer::new(map)).map(Object::Whole)
    }
}
