//! A place in a listing: `Cursor` in the plugin's words, `ResumeToken` for users.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};

/// A place in a listing, in the plugin's own words; empty is the beginning.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    /// A place that the plugin will understand again.
    #[must_use]
    pub fn new(place: impl ToString) -> Self {
        Self(place.to_string())
    }

    /// Whether this is the beginning.
    #[must_use]
    pub fn is_start(&self) -> bool {
        self.0.is_empty()
    }

    /// The plugin's words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The place as a number, `first` at the beginning: for page numbers and offsets.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] when it is no number, which happens to a resume token that was changed.
    pub fn number(&self, first: u64) -> Result<u64> {
        if self.is_start() {
            return Ok(first);
        }
        self.0.parse().map_err(|_| Self::foreign())
    }

    /// The error of a place that this broker cannot read.
    #[must_use]
    pub fn foreign() -> Error {
        Error::new(ErrorKind::Input, "the resume token does not fit this broker; start anew")
    }
}

/// A place in a listing from which another run resumes it; converts to text and back.
///
/// Guarantees:
///
/// - It resumes behind the last item that was taken. A listing that changes between two calls may give
///   an item again or leave one out, as with any page number.
/// - It belongs to one query of one broker. With other parameters, or at another broker, it is refused
///   with [`ErrorKind::Input`] before anything is sent. The order of the parameters does not matter. The
///   configuration is not checked: a token used with another `base_url` is accepted.
/// - It carries the start of the run, to the microsecond; runs that resume keep it.
/// - Its text is one line of ASCII without blanks. Later versions of this crate read it, or refuse it with
///   a message. Tokens of version 0.1 are refused.
///
/// ```
/// # #[cfg(feature = "alerce")] {
/// use tom_alerts::ResumeToken;
/// use tom_alerts::brokers::alerce::{AlerceBroker, AlerceConfig, AlerceQuery};
/// let alerce = AlerceBroker::new(AlerceConfig::default())?;
/// let query = AlerceQuery { class: Some("SNIa".into()), ..AlerceQuery::default() };
/// let text = alerce.alerts(&query)?.resume_token().unwrap().to_string();
/// let token: ResumeToken = text.parse()?;
/// let alerts = alerce.alerts_from(&query, Some(&token))?;
/// assert_eq!(alerts.started(), token.started());
/// let other = AlerceQuery { class: Some("SNII".into()), ..AlerceQuery::default() };
/// assert!(alerce.alerts_from(&other, Some(&token)).is_err());
/// # }
/// # Ok::<(), tom_alerts::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResumeToken {
    of: Fingerprint,
    started: DateTime<Utc>,
    /// How many items behind the cursor were taken.
    pub(crate) skip: usize,
    pub(crate) cursor: Cursor,
}

/// The first letters of a token's text: its form.
const FORM: &str = "v2";

impl ResumeToken {
    /// The beginning of a run that starts now. The parameters are canonical.
    pub(crate) fn start(broker: &str, parameters: &Map<String, Value>) -> Self {
        let of = Fingerprint::of(broker, parameters);
        Self { of, started: now(), skip: 0, cursor: Cursor::default() }
    }

    /// The token to start from: `from`, which must belong to the query, or a new one.
    pub(crate) fn or_start(
        from: Option<&Self>,
        broker: &str,
        parameters: &Map<String, Value>,
    ) -> Result<Self> {
        let Some(token) = from else { return Ok(Self::start(broker, parameters)) };
        if token.belongs_to(broker, parameters) {
            return Ok(token.clone());
        }
        let text = "the resume token belongs to another query or another broker; use it with the parameters it \
                    was made for, or leave it out to start anew";
        Err(Error::new(ErrorKind::Input, text).at(broker))
    }

    /// The same run at another place.
    pub(crate) fn moved(&self, cursor: Cursor) -> Self {
        Self { cursor, skip: 0, ..*self }
    }

    /// Whether both are of one run of one query.
    pub(crate) fn is_same_run(&self, other: &Self) -> bool {
        self.of == other.of && self.started == other.started
    }

    /// When the run began, to the microsecond.
    #[must_use]
    pub fn started(&self) -> DateTime<Utc> {
        self.started
    }

    /// Whether the token was made by this broker for these parameters, which are canonical, as
    /// [`GenericBroker::check`](crate::GenericBroker::check) returns them.
    #[must_use]
    pub fn belongs_to(&self, broker: &str, parameters: &Map<String, Value>) -> bool {
        self.of == Fingerprint::of(broker, parameters)
    }
}

/// The present time to the microsecond, as a token carries it.
pub(crate) fn now() -> DateTime<Utc> {
    let now = Utc::now();
    DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
}

impl fmt::Display for ResumeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { of: Fingerprint(of), started, skip, cursor } = self;
        write!(f, "{FORM}:{of:016x}:{}:{skip}@", started.timestamp_micros())?;
        // The letters that are not escaped need no quotes in a shell and no escapes in JSON.
        for byte in cursor.as_str().bytes() {
            match byte {
                b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => write!(f, "{}", char::from(byte))?,
                b'-' | b'.' | b'_' | b'/' | b':' | b'@' | b',' | b'+' | b'=' => {
                    write!(f, "{}", char::from(byte))?;
                }
                _ => write!(f, "%{byte:02X}")?,
            }
        }
        Ok(())
    }
}

impl FromStr for ResumeToken {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        read(text).ok_or_else(|| {
            let earlier = text.split_once('@').is_some_and(|(skip, _)| skip.parse::<usize>().is_ok());
            let text = if earlier {
                "this resume token is of version 0.1, which does not say to which query it belongs; leave it \
                 out to start anew"
            } else {
                "this is no resume token; leave it out to start anew"
            };
            Error::new(ErrorKind::Input, text)
        })
    }
}

fn read(text: &str) -> Option<ResumeToken> {
    let (head, cursor) = text.split_once('@')?;
    let mut parts = head.split(':');
    let form = parts.next()?;
    let of = parts.next().filter(|hex| hex.len() == 16 && !hex.starts_with('+'))?;
    let of = Fingerprint(u64::from_str_radix(of, 16).ok()?);
    let started = DateTime::from_timestamp_micros(parts.next()?.parse().ok()?)?;
    let skip = parts.next()?.parse().ok()?;
    (form == FORM && parts.next().is_none())
        .then(|| Some(ResumeToken { of, started, skip, cursor: Cursor(decoded(cursor)?) }))?
}

/// A text with its `%xx` decoded; `None` when an escape is wrong or a letter should be escaped.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut plain = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            byte if byte.is_ascii_graphic() => byte,
            _ => return None,
        });
    }
    String::from_utf8(plain).ok()
}

impl TryFrom<String> for ResumeToken {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<ResumeToken> for String {
    fn from(token: ResumeToken) -> Self {
        token.to_string()
    }
}

/// Identifies a query of a broker: FNV-1a, 64 bits, over the broker's name and the canonical parameters.
///
/// It must be the same in every version and on every machine. So keys are sorted, and numbers are hashed
/// by value and not as text. Null, false, empty texts and empty lists are left out: an optional field or
/// a flag that a later version adds does not change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fingerprint(u64);

impl Fingerprint {
    fn of(broker: &str, parameters: &Map<String, Value>) -> Self {
        // The offset basis of FNV-1a.
        let mut hash = Self(0xcbf2_9ce4_8422_2325);
        hash.text(broker);
        hash.map(parameters);
        hash
    }

    fn bytes(&mut self, bytes: &[u8]) {
        const PRIME: u64 = 0x0000_0100_0000_01b3;
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
    }

    fn count(&mut self, count: usize) {
        self.bytes(&u64::try_from(count).unwrap_or(u64::MAX).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.bytes(b"t");
        self.count(text.len());
        self.bytes(text.as_bytes());
    }

    fn map(&mut self, map: &Map<String, Value>) {
        let mut given: Vec<_> = map.iter().filter(|(_, value)| is_given(value)).collect();
        given.sort_unstable_by_key(|(key, _)| *key);
        self.bytes(b"m");
        self.count(given.len());
        for (key, value) in given {
            self.text(key);
            self.value(value);
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.bytes(b"n"),
            Value::Bool(yes) => self.bytes(if *yes { b"y" } else { b"f" }),
            Value::Number(number) => self.number(number),
            Value::String(text) => self.text(text),
            Value::Array(list) => {
                self.bytes(b"l");
                self.count(list.len());
                list.iter().for_each(|value| self.value(value));
            }
            Value::Object(map) => self.map(map),
        }
    }

    fn number(&mut self, number: &serde_json::Number) {
        if let Some(whole) = number.as_i64() {
            self.whole(i128::from(whole));
        } else if let Some(whole) = number.as_u64() {
            self.whole(i128::from(whole));
        } else {
            let float = number.as_f64().unwrap_or(f64::NAN);
            // 10.0 and 10 are one number.
            const EXACT: f64 = 9_007_199_254_740_992.0;
            if float.fract() == 0.0 && float.abs() <= EXACT {
                #[allow(clippy::cast_possible_truncation, reason = "it is whole and within 53 bits")]
                self.whole(float as i128);
            } else {
                self.bytes(b"d");
                self.bytes(&float.to_bits().to_le_bytes());
            }
        }
    }

    fn whole(&mut self, whole: i128) {
        self.bytes(b"i");
        self.bytes(&whole.to_le_bytes());
    }
}

fn is_given(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => map.values().any(is_given),
        Value::Bool(true) | Value::Number(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parameters(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn of(value: Value) -> u64 {
        Fingerprint::of("Toy", &parameters(value)).0
    }

    #[test]
    fn a_token_comes_back_from_its_text_which_is_one_line_without_blanks() {
        let query = parameters(json!({ "class": "SNIa" }));
        for place in ["", "page@2", "AoE\"x\" y\n{z}&%41é", "tns:2026-11-30T00:00:00Z,7"] {
            let mut token = ResumeToken::start("Toy", &query).moved(Cursor::new(place));
            token.skip = 7;
            let text = token.to_string();
            assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{text}");
            assert_eq!(text.parse::<ResumeToken>().unwrap(), token);
            let json = serde_json::to_string(&token).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<ResumeToken>(&json).unwrap(), token);
        }
    }

    #[test]
    fn what_is_no_token_is_refused_with_what_to_do() {
        let good = "v2:00000000000000ff:1790000000000000:7@page@2";
        assert_eq!(good.parse::<ResumeToken>().unwrap().to_string(), good);
        for bad in [
            "",
            "seven",
            "v2",
            "v3:00000000000000ff:1790000000000000:7@2",
            "v2:ff:1790000000000000:7@2",
            "v2:+0000000000000ff:1790000000000000:7@2",
            "v2:00000000000000ff:soon:7@2",
            "v2:00000000000000ff:9223372036854775807:7@2",
            "v2:00000000000000ff:1790000000000000:-1@2",
            "v2:00000000000000ff:1790000000000000:7:1@2",
            "v2:00000000000000ff:1790000000000000:7@a b",
            "v2:00000000000000ff:1790000000000000:7@%4",
            "v2:00000000000000ff:1790000000000000:7@%+1",
            "v2:00000000000000ff:1790000000000000:7@%ff",
        ] {
            let error = bad.parse::<ResumeToken>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Input, "{bad}");
            assert_eq!(error.message(), "this is no resume token; leave it out to start anew", "{bad}");
        }
        let old = "7@page@2".parse::<ResumeToken>().unwrap_err();
        assert_eq!(old.kind(), ErrorKind::Input);
        assert!(old.message().contains("of version 0.1") && old.message().contains("start anew"), "{old}");
    }

    #[test]
    fn a_fingerprint_is_the_same_in_every_version() {
        // Tokens of users contain these numbers, so they must never change.
        assert_eq!(of(json!({})), 0xf4ef_a58d_72a7_8667);
        let query = json!({ "class": "SNIa", "ra": 10.5, "ids": ["a", "b"], "n": -3, "on": true });
        assert_eq!(of(query), 0xae11_b4ee_fe3d_2cd6);
    }

    #[test]
    fn a_fingerprint_is_of_what_is_asked_and_not_of_how_it_is_written() {
        let due = of(json!({ "ra": 10.0, "class": "SNIa", "cone": { "a": 1, "b": 2 } }));
        assert_eq!(of(json!({ "cone": { "b": 2, "a": 1.0 }, "class": "SNIa", "ra": 10 })), due);
        let blank = json!({ "class": "SNIa", "ra": 10, "cone": { "a": 1, "b": 2, "c": null }, "x": null,
                            "y": false, "z": [], "t": "" });
        assert_eq!(of(blank), due);
        let others = [
            json!({ "ra": 10.5, "class": "SNIa" }),
            json!({ "ra": 10, "class": "SNIb" }),
            json!({ "ra": 10, "klass": "SNIa" }),
            json!({ "ra": 0, "class": "SNIa" }),
            json!({ "class": "SNIa" }),
            json!({ "ra": "10", "class": "SNIa" }),
            json!({ "ra": 10, "class": ["SNIa"] }),
            json!({ "ra": 10, "class": ["S", "NIa"] }),
            json!({ "ra": 10, "class": ["NIa", "S"] }),
            json!({ "ra": 10, "class": "SNIa", "y": true }),
            json!({ "ra": 9_007_199_254_740_993_u64 }),
            json!({ "ra": 9_007_199_254_740_992_u64 }),
        ];
        let mut seen: Vec<u64> = others.into_iter().map(of).collect();
        seen.push(due);
        seen.push(Fingerprint::of("Toys", &parameters(json!({ "ra": 10, "class": "SNIa" }))).0);
        let all = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), all);
    }

    #[test]
    fn a_token_belongs_to_its_query_and_keeps_the_start_of_its_run() {
        let (mine, other) = (parameters(json!({ "a": 1, "b": 2 })), parameters(json!({ "a": 1 })));
        let token = ResumeToken::start("Toy", &mine).moved(Cursor::new(3));
        let turned = parameters(json!({ "b": 2, "a": 1 }));
        let on = ResumeToken::or_start(Some(&token), "Toy", &turned).unwrap();
        assert_eq!((on.clone(), on.started()), (token.clone(), token.started()));
        assert_eq!(on.started().timestamp_subsec_nanos() % 1_000, 0);
        for (broker, query) in [("Toy", &other), ("Tay", &mine)] {
            let error = ResumeToken::or_start(Some(&token), broker, query).unwrap_err();
            assert_eq!((error.kind(), error.broker()), (ErrorKind::Input, Some(broker)));
            assert!(error.message().contains("another query or another broker"), "{error}");
        }
    }
}
