//! `Secret`: a credential that cannot be printed by mistake.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::env::VarError;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// More than any credential; keeps a wrong path, a device file say, from filling the memory.
const LARGEST_FILE: u64 = 64 * 1024;

/// The shortest secret that is masked wherever it stands; a shorter one is a part of any word.
const SHORTEST: usize = 4;

/// Replaces secrets in a text by `…`: as they are, as they stand in a form, an address or JSON, and when
/// the text was cut off within one. One of fewer than four characters is replaced only where it is the
/// whole text.
pub(crate) fn mask(text: &mut String, secrets: &[Arc<str>]) {
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        if secret.chars().count() < SHORTEST {
            if text.trim() == secret.trim() {
                "…".clone_into(text);
            }
            continue;
        }
        for spelling in spellings(secret) {
            if text.contains(&*spelling) {
                *text = text.replace(&*spelling, "…");
            }
            mask_beginning(text, &spelling);
        }
    }
}

/// How a secret may come back: in a form, in an address, in JSON.
fn spellings(secret: &str) -> Vec<Cow<'_, str>> {
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let address = form.replace('+', "%20");
    let json = serde_json::Value::from(secret).to_string();
    let json = json.trim_matches('"').to_owned();
    let mut all = vec![Cow::Borrowed(secret)];
    for other in [form, address, json] {
        if all.iter().all(|known| **known != other) {
            all.push(other.into());
        }
    }
    all
}

/// Replaces what is left of a secret where a text was cut off, which an ellipsis says.
fn mask_beginning(text: &mut String, secret: &str) {
    let begins = |head: &str| {
        let lengths = secret.char_indices().map(|(at, _)| at).skip(SHORTEST);
        lengths.filter(|length| head.ends_with(&secret[..*length])).last()
    };
    let mut from = 0;
    while let Some(at) = text[from..].find('…').map(|at| from + at) {
        let length = begins(&text[..at]).unwrap_or(0);
        text.replace_range(at - length..at, "");
        from = at - length + '…'.len_utf8();
    }
}

/// A token, key or password.
///
/// Reads from a text, from `{ env = "NAME" }` or from `{ file = "PATH" }`, whose content is
/// trimmed. The variable or file is read once, when the configuration is. `Debug` and `Serialize`
/// give `***`; there is no `Display`, and [`expose`](Self::expose) is the only door.
///
/// Should a service repeat a secret that it was sent, errors and notes show `…` where it stood. One of
/// fewer than four characters is masked only where it is the whole text, as it is a part of any word.
///
/// ```
/// use tom_alerts::Secret;
/// let secret: Secret = serde_json::from_str("\"hunter2\"")?;
/// assert_eq!(format!("{secret:?}"), "***");
/// assert_eq!(secret.expose(), "hunter2");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// The secret itself: for the header or body that it belongs in, and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

const DUE: &str = "a text, { env = \"NAME\" } or { file = \"PATH\" } is due";

// Untagged, because serde's message for it is the `expecting` text alone: the messages of other
// shapes quote the value that was found. A map and no struct, as serde would also make a struct
// from a list and so take a secret for the name of a variable.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a text, { env = \"NAME\" } or { file = \"PATH\" } is due")]
enum Source {
    Text(String),
    Named(BTreeMap<String, String>),
}

impl Source {
    /// The message of an error names the variable or the file, never what is in it.
    fn resolve(self) -> Result<Secret, String> {
        let (text, origin) = match self {
            Self::Text(text) => (text, String::from("the text")),
            Self::Named(named) => {
                let mut named = named.into_iter();
                match (named.next().as_ref().map(|(key, name)| (key.as_str(), name)), named.next()) {
                    (Some(("env", name)), None) => (variable(name)?, format!("environment variable {name}")),
                    (Some(("file", path)), None) => (read(path)?, format!("file {path}")),
                    _ => return Err(DUE.to_owned()),
                }
            }
        };
        if text.trim().is_empty() { Err(format!("{origin} is empty")) } else { Ok(Secret::from(text)) }
    }
}

fn variable(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|error| match error {
        VarError::NotPresent => format!("environment variable {name} is not set"),
        VarError::NotUnicode(_) => format!("environment variable {name} is not UTF-8"),
    })
}

fn read(path: &str) -> Result<String, String> {
    let mut text = String::new();
    let size = File::open(path)
        .and_then(|file| file.take(LARGEST_FILE + 1).read_to_string(&mut text))
        .map_err(|error| format!("file {path} cannot be read: {error}"))?;
    if size as u64 > LARGEST_FILE {
        return Err(format!("file {path} is too large for a secret"));
    }
    Ok(text.trim().to_owned())
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Source::deserialize(deserializer)?.resolve().map_err(de::Error::custom)
    }
}

impl JsonSchema for Secret {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let one = |key: &str| {
            json_schema!({
                "type": "object",
                "properties": { key: { "type": "string" } },
                "required": [key],
                "additionalProperties": false,
            })
        };
        json_schema!({
            "writeOnly": true,
            "anyOf": [{ "type": "string", "minLength": 1 }, one("env"), one("file")],
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    #[test]
    fn a_secret_comes_from_a_text_a_variable_or_a_trimmed_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "  from a file \n").unwrap();
        let read = |value| from_value::<Secret>(value).unwrap().expose().to_owned();
        assert_eq!(read(json!("a text")), "a text");
        assert_eq!(read(json!({ "env": "PATH" })), std::env::var("PATH").unwrap());
        assert_eq!(read(json!({ "file": file.path() })), "from a file");
    }

    #[test]
    fn what_cannot_be_had_is_named() {
        let fails = |value| from_value::<Secret>(value).unwrap_err().to_string();
        assert_eq!(fails(json!({ "env": "TOM_NO_SUCH" })), "environment variable TOM_NO_SUCH is not set");
        assert!(fails(json!({ "file": "/no/such" })).starts_with("file /no/such cannot be read: "));
        assert_eq!(fails(json!(" ")), "the text is empty");
        let empty = tempfile::NamedTempFile::new().unwrap();
        assert!(fails(json!({ "file": empty.path() })).ends_with(" is empty"));
        let huge = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(huge.path(), "x".repeat(70_000)).unwrap();
        assert!(fails(json!({ "file": huge.path() })).ends_with(" is too large for a secret"));
    }

    #[test]
    fn no_value_is_echoed_whatever_its_shape() {
        for value in [
            json!(7_777_777),
            json!(7_777_777.5),
            json!(["7777777"]),
            json!({ "env": "A", "file": "7777777" }),
            json!({ "env": ["7777777"] }),
            json!({ "text": "7777777" }),
        ] {
            let message = from_value::<Secret>(value).unwrap_err().to_string();
            assert!(message.starts_with("a text, { env = \"NAME\" }"), "{message}");
            assert!(!message.contains("7777777"), "{message}");
        }
        let binary = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(binary.path(), b"7777777\xff").unwrap();
        let message = from_value::<Secret>(json!({ "file": binary.path() })).unwrap_err().to_string();
        assert!(!message.contains("7777777"), "{message}");
    }

    #[test]
    fn what_a_service_repeats_is_masked_in_every_spelling_and_when_it_is_cut_off() {
        let masked = |secret: &str, text: &str| {
            let mut text = text.to_owned();
            mask(&mut text, &[secret.into()]);
            text
        };
        assert_eq!(masked("p&ss \"w", r#"p&ss "w p%26ss+%22w p%26ss%20%22w p&ss \"w"#), "… … … …");
        assert_eq!(masked("s3cr3tkey", "it begins s3cr3…; s3c… S3cr3tkey"), "it begins …; s3c… S3cr3tkey");
        assert_eq!(masked("s3cr3tkey", "is s3cr3tkey… no"), "is …… no");
        assert_eq!(masked("schlüssel", "schlüss…"), "…");
        assert_eq!(masked("abc", "abc is in abcd"), "abc is in abcd");
        assert_eq!(masked("abc", " abc "), "…");
        assert_eq!(masked("", "text"), "text");
    }

    #[test]
    fn a_secret_is_masked_wherever_it_is_printed() {
        let secret = Secret::from("7777777");
        assert_eq!(format!("{:?} {:#?}", Some(&secret), secret), "Some(***) ***");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"***\"");
        assert_eq!(secret.clone().expose(), "7777777");
    }
}
