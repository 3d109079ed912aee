//! Messages of Hopskotch: their headers, their formats, and TOM Toolkit's two messages.

use std::fmt;
use std::io::{self, Write};

use serde_json::ser::Formatter;

use crate::plugin::*;

/// Headers of a message in their order; a name may occur twice.
pub(super) type Headers = Vec<(String, Vec<u8>)>;

/// How the value of a message is written: the header `_format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum HopFormat {
    /// JSON.
    Json,
    /// Bytes that only the parties understand.
    Blob,
    /// An Avro object container file, with its schema.
    Avro,
    /// VOEvent, XML.
    VoEvent,
    /// A GCN notice, lines of `KEY: value`.
    GcnTextNotice,
    /// A GCN circular, JSON with `header` and `body`.
    Circular,
    /// JSON with the `url` in the archive of a message too large for its topic.
    External,
}

impl HopFormat {
    const ALL: [Self; 7] = [
        Self::Json,
        Self::Blob,
        Self::Avro,
        Self::VoEvent,
        Self::GcnTextNotice,
        Self::Circular,
        Self::External,
    ];

    /// The word of the header.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Blob => "blob",
            Self::Avro => "avro",
            Self::VoEvent => "voevent",
            Self::GcnTextNotice => "gcntextnotice",
            Self::Circular => "circular",
            Self::External => "external",
        }
    }

    /// The format that a word means, in any case.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str().eq_ignore_ascii_case(word.trim()))
    }
}

impl fmt::Display for HopFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A message of Hopskotch, published or to be published.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HopMessage {
    /// How the value is written.
    pub format: HopFormat,
    /// The value.
    pub value: Vec<u8>,
    /// Its id, a UUID; a message to be published gets a new one unless it has one.
    pub id: Option<String>,
    /// Name of the credential that published it; set when it is published.
    pub sender: Option<String>,
    /// Whether it is only a test.
    pub test: bool,
    /// Further headers, in order.
    pub headers: Vec<(String, Vec<u8>)>,
}

impl HopMessage {
    /// A message of a format.
    pub fn new(format: HopFormat, value: impl Into<Vec<u8>>) -> Self {
        Self { format, value: value.into(), id: None, sender: None, test: false, headers: Vec::new() }
    }

    /// A JSON message.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] when the value cannot be written as JSON.
    pub fn json(value: &impl Serialize) -> Result<Self> {
        let mut text = Vec::new();
        let mut writer = serde_json::Serializer::with_formatter(&mut text, Spaced);
        value
            .serialize(&mut writer)
            .map_err(|e| Error::new(ErrorKind::Input, "the message cannot be written as JSON").because(e))?;
        Ok(Self::new(HopFormat::Json, text))
    }

    /// Marks it as a test.
    #[must_use]
    pub fn test(mut self, yes: bool) -> Self {
        self.test = yes;
        self
    }

    /// Sets its id.
    #[must_use]
    pub fn id(mut self, uuid: Option<String>) -> Self {
        self.id = uuid;
        self
    }

    /// Adds a header; names that begin with `_` are Hopskotch's own.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Reads a message by its headers; without the header `_format` by what is in it, as clients
    /// before 0.5 wrote.
    #[must_use]
    pub fn read(headers: &[(String, Vec<u8>)], value: &[u8]) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut format = None;
        let mut message = Self::new(HopFormat::Blob, Vec::new());
        for (name, bytes) in headers {
            match name.as_str() {
                "_format" => format = Some(HopFormat::of(&text(bytes)).unwrap_or(HopFormat::Blob)),
                "_id" => message.id = bson::Uuid::from_slice(bytes),
                "_sender" => message.sender = Some(text(bytes)),
                "_test" => message.test = true,
                _ => message.headers.push((name.clone(), bytes.clone())),
            }
        }
        match format {
            Some(format) => {
                message.format = format;
                message.value = value.to_vec();
            }
            None => (message.format, message.value) = unmarked(value),
        }
        message
    }

    /// The value as JSON, for the formats that are.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] when it is no JSON.
    pub fn read_json<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        Response::new(200, Vec::new(), self.value.clone().into()).json()
    }

    /// The headers as they are published: the message's own, then Hopskotch's in their order.
    pub(super) fn packed(&self, sender: Option<&str>) -> Result<(String, Headers)> {
        let uuid = match &self.id {
            Some(text) => bson::Uuid::parse_str(text).map_err(|_| {
                Error::from_problems(ErrorKind::Input, vec![Problem::new("uuid", "a UUID is due")])
            })?,
            None => bson::Uuid::new(),
        };
        if let Some((name, _)) = self.headers.iter().find(|(name, _)| name.starts_with('_')) {
            let text = format!("{name:?}: headers that begin with _ are Hopskotch's own");
            return Err(Error::new(ErrorKind::Input, text));
        }
        let mut headers = self.headers.clone();
        headers.push(("_id".to_owned(), uuid.bytes().to_vec()));
        headers.extend(sender.map(|name| ("_sender".to_owned(), name.as_bytes().to_vec())));
        if self.test {
            headers.push(("_test".to_owned(), b"true".to_vec()));
        }
        headers.push(("_format".to_owned(), self.format.as_str().as_bytes().to_vec()));
        Ok((uuid.to_string(), headers))
    }
}

/// A bson UUID from its bytes, as text.
trait FromSlice {
    fn from_slice(bytes: &[u8]) -> Option<String>;
}

impl FromSlice for bson::Uuid {
    fn from_slice(bytes: &[u8]) -> Option<String> {
        Some(Self::from_bytes(bytes.try_into().ok()?).to_string())
    }
}

/// The envelope of clients before 0.5.
#[derive(Deserialize)]
struct Envelope {
    format: String,
    content: Box<RawValue>,
}

/// A message without a format: one in the old envelope, else JSON, else anything. One bad byte makes no
/// JSON a blob.
fn unmarked(value: &[u8]) -> (HopFormat, Vec<u8>) {
    let whole = |format| (format, value.to_vec());
    match wire::json::<Envelope>(value) {
        Ok(Envelope { format, content }) => {
            let content = content.get().as_bytes().to_vec();
            match HopFormat::of(&format) {
                None | Some(HopFormat::Blob) => (HopFormat::Json, content),
                Some(format) => (format, content),
            }
        }
        Err(_) if wire::json::<serde::de::IgnoredAny>(value).is_ok() => whole(HopFormat::Json),
        Err(_) => whole(HopFormat::Blob),
    }
}

/// What TOM Toolkit publishes of a target.
#[derive(Debug, Serialize)]
struct TargetMessage<'a> {
    r#type: &'static str,
    target_name: &'a str,
    ra: Option<f64>,
    dec: Option<f64>,
}

/// What TOM Toolkit publishes of an observation.
#[derive(Debug, Serialize)]
struct ObservationMessage<'a> {
    r#type: &'static str,
    status: &'a str,
    parameters: &'a Map<String, Value>,
    target_name: &'a str,
    ra: Option<f64>,
    dec: Option<f64>,
    facility: &'a str,
}

/// The right ascension and declination that belong to a target rather than to a moment.
fn fixed(target: &Target) -> (Option<f64>, Option<f64>) {
    match &target.coordinates {
        Coordinates::Sidereal(at) => (Some(at.ra), Some(at.dec)),
        _ => (None, None),
    }
}

/// The message of a target.
pub(super) fn of_target(target: &Target) -> Result<HopMessage> {
    let (ra, dec) = fixed(target);
    HopMessage::json(&TargetMessage { r#type: "target", target_name: &target.name, ra, dec })
}

/// The message of an observation.
pub(super) fn of_observation(record: &ObservationRecord) -> Result<HopMessage> {
    let (ra, dec) = fixed(&record.target);
    HopMessage::json(&ObservationMessage {
        r#type: "observation",
        status: &record.status,
        parameters: &record.parameters,
        target_name: &record.target.name,
        ra,
        dec,
        facility: &record.facility,
    })
}

/// JSON as Python writes it, so that a message is the same byte for byte whoever publishes it: a
/// blank behind commas and colons, and letters beyond ASCII escaped.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    /// Both write the shortest digits that read back the same; Python writes them with an exponent of
    /// two digits at least, and with its sign, below 0.0001 and from 1e16 on.
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, number: f64) -> io::Result<()> {
        let size = number.abs();
        if size == 0.0 || (1e-4..1e16).contains(&size) {
            return write!(writer, "{number:?}");
        }
        let text = format!("{number:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
        write!(writer, "{digits}e{sign}{exponent:0>2}")
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, text: &str) -> io::Result<()> {
        let mut units = [0; 2];
        for letter in text.chars() {
            if letter.is_ascii() && letter != '\u{7f}' {
                writer.write_all(&[letter as u8])?;
            } else {
                for unit in letter.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_written_as_python_writes_it() {
        let value = json!({"hello": "wörld 🔭", "a": [1, 2.5, null, true], "b": {}, "c": "\"\\\n\u{7f}"});
        let text = String::from_utf8(HopMessage::json(&value).unwrap().value).unwrap();
        let due = "{\"hello\": \"w\\u00f6rld \\ud83d\\udd2d\", \"a\": [1, 2.5, null, true], \"b\": {}, \
                   \"c\": \"\\\"\\\\\\n\\u007f\"}";
        assert_eq!(text, due);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn numbers_are_written_as_python_writes_them() {
        let value = json!([
            1e-5,
            -1.234e-5,
            0.0001,
            1e16,
            1e15,
            123456789012345680.0,
            5e-324,
            1e100,
            -0.0,
            10.0,
            0.1,
            7
        ]);
        let text = String::from_utf8(HopMessage::json(&value).unwrap().value).unwrap();
        let due = "[1e-05, -1.234e-05, 0.0001, 1e+16, 1000000000000000.0, 1.2345678901234568e+17, 5e-324, \
                   1e+100, -0.0, 10.0, 0.1, 7]";
        assert_eq!(text, due);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn a_format_is_known_in_any_case_and_an_unknown_one_is_a_blob() {
        let read = |format: &str| {
            HopMessage::read(&[("_format".to_owned(), format.as_bytes().to_vec())], b"{}").format
        };
        assert_eq!(read("VOEvent"), HopFormat::VoEvent);
        assert_eq!(read("json"), HopFormat::Json);
        assert_eq!(read("parquet"), HopFormat::Blob);
    }

    #[test]
    fn without_a_format_the_value_says_it() {
        let read = |value: &[u8]| {
            let message = HopMessage::read(&[], value);
            (message.format, String::from_utf8_lossy(&message.value).into_owned())
        };
        assert_eq!(
            read(br#"{"format": "blob", "content": {"a": 1}}"#),
            (HopFormat::Json, r#"{"a": 1}"#.into())
        );
        assert_eq!(
            read(br#"{"format": "circular", "content": {"body": "b"}}"#),
            (HopFormat::Circular, r#"{"body": "b"}"#.into())
        );
        assert_eq!(read(br#"{"a": 1}"#), (HopFormat::Json, r#"{"a": 1}"#.into()));
        assert_eq!(read(b"\x00\x01").0, HopFormat::Blob);
        // A list is no envelope, though its values would fit one.
        assert_eq!(read(br#"["Vega", 279.23]"#), (HopFormat::Json, r#"["Vega", 279.23]"#.into()));
        // One bad byte makes no blob of it.
        for (value, format) in [
            (&b"{\"by\": \"M\xfcller\", \"a\": 1}"[..], HopFormat::Json),
            (b"{\"format\": \"circular\", \"content\": {\"body\": \"M\xfcller\"}}", HopFormat::Circular),
            (b"\xff\xfe{", HopFormat::Blob),
        ] {
            assert_eq!(read(value).0, format, "{}", String::from_utf8_lossy(value));
        }
    }
}
