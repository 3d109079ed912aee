//! `Text`: a short text that many values share.

use std::borrow::{Borrow, Cow};
use std::cell::RefCell;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// A text that many values share, such as the name of a band or of a broker.
///
/// It takes 8 bytes, and so does an `Option` of it; a clone copies no text. Equal texts of up to 64
/// bytes that are made on one thread one after the other mostly share their memory: each thread keeps
/// the last 512 or fewer of them. In JSON it is a plain string.
///
/// ```
/// use tom_alerts::Text;
/// let filter: Text = "g".into();
/// assert_eq!(filter, "g");
/// assert_eq!(filter.len(), 1);
/// assert_eq!(std::mem::size_of::<Option<Text>>(), 8);
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Arc<Box<str>>);

/// How many texts a thread remembers; a power of two.
const SLOTS: usize = 512;

/// The longest text that is remembered, bytes: so a thread never holds more than some 50 kB.
const LONGEST: usize = 64;

thread_local! {
    static KNOWN: RefCell<Vec<Option<Text>>> = const { RefCell::new(Vec::new()) };
}

/// The slot of a text: the hash FNV-1a, with its upper half mixed in.
fn slot(text: &str) -> usize {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    usize::try_from((hash ^ (hash >> 32)) & (SLOTS as u64 - 1)).unwrap_or_default()
}

/// The text that the thread has made before, or the new one, which takes the slot.
fn shared(text: &str, make: impl FnOnce() -> Text) -> Text {
    if text.len() > LONGEST {
        return make();
    }
    let mut make = Some(make);
    let found = KNOWN.try_with(|known| {
        let mut known = known.try_borrow_mut().ok()?;
        if known.is_empty() {
            known.resize(SLOTS, None);
        }
        let place = known.get_mut(slot(text))?;
        match place {
            Some(old) if **old == *text => Some(old.clone()),
            _ => Some(place.insert(make.take()?()).clone()),
        }
    });
    match (found, make) {
        (Ok(Some(found)), _) => found,
        // A thread that ends has no table any more.
        (_, Some(make)) => make(),
        (_, None) => Text(Arc::new(text.into())),
    }
}

impl Text {
    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::from("")
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        shared(text, || Self(Arc::new(text.into())))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        if text.len() > LONGEST {
            return Self(Arc::new(text.into_boxed_str()));
        }
        Self::from(text.as_str())
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Self {
        match text {
            Cow::Borrowed(text) => Self::from(text),
            Cow::Owned(text) => Self::from(text),
        }
    }
}

impl From<&Self> for Text {
    fn from(text: &Self) -> Self {
        text.clone()
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.as_str().to_owned()
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::String(text.into())
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl PartialEq<String> for Text {
    fn eq(&self, other: &String) -> bool {
        **self == **other
    }
}

impl PartialEq<Text> for str {
    fn eq(&self, other: &Text) -> bool {
        *self == **other
    }
}

impl PartialEq<Text> for &str {
    fn eq(&self, other: &Text) -> bool {
        **self == **other
    }
}

impl PartialEq<Text> for String {
    fn eq(&self, other: &Text) -> bool {
        **self == **other
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl Visitor<'_> for Reader {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Text, E> {
                Ok(text.into())
            }

            fn visit_string<E: serde::de::Error>(self, text: String) -> Result<Text, E> {
                Ok(text.into())
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Text, E> {
                std::str::from_utf8(bytes).map(Text::from).map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn equal_texts_of_one_thread_share_their_memory() {
        let (one, two) = (Text::from("ZTF20acobvxk"), Text::from("ZTF20acobvxk".to_owned()));
        assert!(std::ptr::eq(one.as_str(), two.as_str()));
        let long = "x".repeat(LONGEST + 1);
        let (one, two) = (Text::from(&long), Text::from(long.clone()));
        assert!(one == two && !std::ptr::eq(one.as_str(), two.as_str()));
        assert_eq!(size_of::<Option<Text>>(), 8);
    }

    #[test]
    fn what_a_thread_remembers_is_bounded() {
        let all: Vec<Text> = (0..100_000).map(|n| Text::from(format!("name {n}"))).collect();
        assert!(all.iter().enumerate().all(|(n, text)| *text == format!("name {n}")));
        let shared = all.iter().filter(|text| Arc::strong_count(&text.0) > 1).count();
        assert!((SLOTS / 2..=SLOTS).contains(&shared), "{shared}");
    }

    #[test]
    fn a_text_is_its_string_wherever_one_is_due() {
        let text = Text::from("g\"");
        assert_eq!((text.as_str(), &*text, text.as_ref()), ("g\"", "g\"", "g\""));
        assert_eq!(text, "g\"");
        assert_eq!(text, *"g\"");
        assert_eq!("g\"", text);
        assert_eq!((text.to_string(), format!("{text:?}")), ("g\"".to_owned(), r#""g\"""#.to_owned()));
        assert_eq!(serde_json::to_string(&text).unwrap(), r#""g\"""#);
        assert_eq!(serde_json::from_str::<Text>(r#""g\"""#).unwrap(), text);
        assert!(serde_json::from_str::<Text>("1").is_err());
        assert_eq!(HashMap::from([(text.clone(), 1)]).get("g\""), Some(&1));
        assert_eq!(Text::default(), "");
        assert_eq!(Text::from("a").cmp(&Text::from("b")), std::cmp::Ordering::Less);
    }
}
