//! `submit`: a target or an observation for a broker's service, or what would be sent.

use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use tom_alerts::http::{Body, Request};
use tom_alerts::kafka::Message;
use tom_alerts::{Error, ErrorKind, ObservationRecord, ReducedDatum, Result, Secret, Target, Upstream, form};

use super::Tool;
use super::args::SubmitArgs;
use super::fault::Done;
use super::lists::no_rows;
use super::output::document;

/// Submits, or shows the first requests and messages of a submission with every secret masked.
pub(crate) async fn run(tool: &Tool, asked: &SubmitArgs) -> Done {
    no_rows(tool, "submit")?;
    let broker = tool.registry.broker(&asked.broker)?;
    let parameters = form::parse_pairs(&asked.parameters)?;
    let target = asked.target.as_deref().map(read::<Target>).transpose()?;
    let observation = asked.observation.as_deref().map(read::<ObservationRecord>).transpose()?;
    let data = asked.data.as_deref().map(read_lines).transpose()?.unwrap_or_default();
    let what = Upstream::new(target.as_ref(), observation.as_ref(), &data);
    if asked.dry_run {
        let mask = Mask::of(tool);
        let dry = broker.dry_run(what, &parameters)?;
        let shown = dry.requests.iter().map(|request| mask.request(request));
        let shown = shown.chain(dry.messages.iter().map(|message| mask.message(message)));
        return shown.into_iter().try_for_each(|step| document(tool.style, &step));
    }
    document(tool.style, &broker.submit_upstream_alert(what, &parameters).await?)
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = text_of(path)?;
    let mut found = serde_json::Deserializer::from_str(&text).into_iter::<T>();
    let first = found.next().unwrap_or_else(|| serde_json::from_str("")).map_err(|e| not_due(path, &e))?;
    if found.next().is_some() {
        let text =
            "the file holds more than one; take the one that is meant, such as `targets NAME --json` gives";
        return Err(Error::new(ErrorKind::Input, text).with("file", path.display()));
    }
    Ok(first)
}

/// A JSON object a line.
fn read_lines(path: &Path) -> Result<Vec<ReducedDatum>> {
    let text = text_of(path)?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(n, line)| serde_json::from_str(line).map_err(|e| not_due(path, &e).with("line", n + 1)))
        .collect()
}

fn text_of(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|e| {
        Error::new(ErrorKind::Input, format!("the file cannot be read: {e}")).with("file", path.display())
    })
}

fn not_due(path: &Path, error: &serde_json::Error) -> Error {
    let text = format!("the file is not what it should be: {error}");
    Error::new(ErrorKind::Input, text).with("file", path.display())
}

/// Knows the secrets that may be in a request or a message.
struct Mask(Vec<String>);

const MASKED: &str = "***";

impl Mask {
    /// The secrets of the configuration, wherever they come from.
    fn of(tool: &Tool) -> Self {
        let tables = tool.config.brokers.values().flatten();
        let secrets = tables.filter(|(key, value)| is_secret(key) || value.is_object());
        let texts = secrets.filter_map(|(_, value)| serde_json::from_value::<Secret>(value.clone()).ok());
        Self(texts.map(|secret| secret.expose().to_owned()).filter(|text| text.len() >= 4).collect())
    }

    fn request(&self, request: &Request) -> Value {
        let body = match request.payload() {
            Body::None => Value::Null,
            Body::Form(fields) => {
                let field = |(key, text): &(String, String)| {
                    // A service may take JSON in a field of a form.
                    let value = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_str()));
                    (key.clone(), value)
                };
                self.value(Value::Object(fields.iter().map(field).collect()))
            }
            Body::Bytes(content_type, bytes) => self.bytes(bytes, content_type),
            _ => "a body of another sort".into(),
        };
        json!({
            "method": request.method().as_str(),
            "url": request.place(),
            "credential": request.has_credential(),
            "content_type": request.encoded().map(|(content_type, _)| content_type),
            "body": body,
        })
    }

    fn message(&self, message: &Message) -> Value {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let header = |name: &str, value: &[u8]| {
            json!([name, std::str::from_utf8(value).map_or_else(|_| hex(value), |text| self.text(text))])
        };
        let headers = message.headers().iter().map(|(name, value)| header(name, value));
        json!({
            "kafka": message.cluster().servers,
            "topic": message.topic(),
            "credential": message.cluster().login.is_some(),
            "key": message.key_bytes().map(|key| self.bytes(key, "a key")),
            "headers": headers.collect::<Vec<_>>(),
            "value": self.bytes(message.value(), "a message"),
        })
    }

    fn bytes(&self, bytes: &[u8], of: &str) -> Value {
        match (serde_json::from_slice(bytes), std::str::from_utf8(bytes)) {
            (Ok(value), _) => self.value(value),
            (Err(_), Ok(text)) => self.text(text).into(),
            (Err(_), Err(_)) => format!("{} bytes of {of}", bytes.len()).into(),
        }
    }

    fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => self.text(&text).into(),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Object(map) => {
                let masked = |(key, value): (String, Value)| {
                    let value = if is_secret(&key) { MASKED.into() } else { self.value(value) };
                    (key, value)
                };
                Value::Object(map.into_iter().map(masked).collect::<Map<_, _>>())
            }
            other => other,
        }
    }

    /// A short secret may be a part of any word, so it is hidden only where it stands alone.
    fn text(&self, text: &str) -> String {
        const LONG: usize = 8;
        self.0.iter().fold(text.to_owned(), |text, secret| match secret.len() < LONG {
            true if text == *secret => MASKED.to_owned(),
            true => text,
            false => text.replace(secret.as_str(), MASKED),
        })
    }
}

/// Whether a key names a credential.
fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    ["api_key", "apikey", "token", "password", "passwd", "secret", "authorization"]
        .iter()
        .any(|word| key.contains(word))
}
