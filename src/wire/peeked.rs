//! `Peeked`: a map of which the first keys were read, to see which of several shapes it has.

use std::collections::VecDeque;

use serde::de::{DeserializeSeed, Error as _, IntoDeserializer, MapAccess};
use serde_json::Value;

/// A map whose first keys were looked at, to see which of several shapes it has; as a map it begins
/// at its beginning again.
#[derive(Debug)]
pub struct Peeked<A> {
    /// What was read already; none as soon as it has been given again, so that the rest costs nothing.
    read: Option<Read>,
    rest: A,
}

#[derive(Debug, Default)]
struct Read {
    /// Entries that told nothing; it is rare that there is any.
    passed: VecDeque<(String, Value)>,
    /// The value of the entry whose key was given last.
    value: Option<Value>,
    /// The key that told something.
    key: Option<String>,
}

impl<'de, A: MapAccess<'de>> Peeked<A> {
    /// Looks at one key after another until one tells something; `None` when none does.
    ///
    /// # Errors
    /// The deserializer's.
    pub fn until<T>(mut map: A, tell: impl Fn(&str) -> Option<T>) -> Result<(Option<T>, Self), A::Error> {
        let mut read = Read::default();
        while let Some(key) = map.next_key::<String>()? {
            if let Some(told) = tell(&key) {
                read.key = Some(key);
                return Ok((Some(told), Self { read: Some(read), rest: map }));
            }
            read.passed.push_back((key, map.next_value()?));
        }
        Ok((None, Self { read: Some(read), rest: map }))
    }

    fn key_again<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        if let Some(read) = &mut self.read
            && let Some((key, value)) = read.passed.pop_front()
        {
            read.value = Some(value);
            return seed.deserialize(key.into_deserializer()).map(Some);
        }
        match self.read.take().and_then(|read| read.key) {
            Some(key) => seed.deserialize(key.into_deserializer()).map(Some),
            None => self.rest.next_key_seed(seed),
        }
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Peeked<A> {
    type Error = A::Error;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        match self.read {
            None => self.rest.next_key_seed(seed),
            Some(_) => self.key_again(seed),
        }
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        match self.read.as_mut().and_then(|read| read.value.take()) {
            None => self.rest.next_value_seed(seed),
            Some(value) => seed.deserialize(value).map_err(A::Error::custom),
        }
    }
}
