//! `Object`: an item of a batch, which may be no object but the reason why there is none.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    DeserializeOwned, IgnoredAny, IntoDeserializer, MapAccess, Visitor, value::MapAccessDeserializer,
};

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

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let first: Option<String> = map.next_key()?;
        if first.as_deref() == Some("error") {
            let said = map.next_value::<Value>()?;
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Object::Failed(said.as_str().map_or_else(|| said.to_string(), str::to_owned)));
        }
        P::deserialize(MapAccessDeserializer::new(Again { first, rest: map })).map(Object::Whole)
    }
}

/// A map whose first key was taken, as if it had not been.
struct Again<A> {
    first: Option<String>,
    rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Again<A> {
    type Error = A::Error;

    fn next_key_seed<K: serde::de::DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        match self.first.take() {
            Some(key) => seed.deserialize(key.into_deserializer()).map(Some),
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: serde::de::DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.rest.next_value_seed(seed)
    }
}
