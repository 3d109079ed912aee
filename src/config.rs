//! `Config`: which brokers there are and how each is reached, from TOML, JSON or code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value};

use crate::brokers::{KNOWN, plugins};
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::form::{self, Form};
use crate::http::HttpConfig;
use crate::known::{Known, faults_of_tables};

/// The configuration of a [`Registry`](crate::Registry).
///
/// ```
/// # #[cfg(feature = "toml")] {
/// use tom_alerts::Config;
/// let config = Config::from_toml(r#"
///     alert_classes = ["ALeRCE"]
///     [http]
///     contact = "me@observatory.org"
///     [brokers.ALeRCE]
///     max_pages = 20
/// "#)?;
/// assert_eq!(config.alert_classes.as_deref(), Some(&["ALeRCE".to_owned()][..]));
/// # }
/// # Ok::<(), tom_alerts::Error>(())
/// ```
///
/// The settings of a TOM are taken as they are: `TOM_ALERT_CLASSES`, `BROKERS`, `DATA_SERVICES` and
/// what brokers know of the others, such as `LASAIR_TOKEN`. What nothing here reads is left out, and
/// [`Registry::skipped`](crate::Registry::skipped) says so. A secret is a text, `{ env = "NAME" }` or
/// `{ file = "PATH" }`; an empty text means that none is given. Nothing else reads the environment. No
/// message about a configuration holds a value of it.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Config {
    /// The brokers to have, by name or TOM Toolkit's class path, in this order; all when absent.
    pub alert_classes: Option<Vec<String>>,
    /// The transport that all brokers share.
    pub http: HttpConfig,
    /// The table of each broker, by its name.
    pub brokers: BTreeMap<String, Map<String, Value>>,
    /// Other top-level keys; a broker may know one of them as a key of its table.
    pub(crate) loose: Map<String, Value>,
    /// Those of `brokers` that a TOM's own settings named: they may be of brokers that are not here.
    pub(crate) from_tom: BTreeSet<String>,
}

impl Config {
    /// The defaults: every compiled-in broker at its public address.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a key of a broker's table.
    #[must_use]
    pub fn set(mut self, broker: &str, key: &str, value: impl Into<Value>) -> Self {
        self.brokers.entry(broker.to_owned()).or_default().insert(key.to_owned(), value.into());
        self
    }

    /// Sets the transport that all brokers share.
    #[must_use]
    pub fn http(mut self, http: HttpConfig) -> Self {
        self.http = http;
        self
    }

    /// Reads a configuration from JSON text.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with all faults at once, without any value.
    pub fn from_json(text: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(text).map_err(|e| {
            let text = format!("line {}, column {}: this is not JSON", e.line(), e.column());
            Error::new(ErrorKind::Config, text)
        })?;
        Self::from_value(value)
    }

    /// Reads a configuration from TOML text.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with all faults at once, without any value: a TOML error names the
    /// line, and never quotes it.
    #[cfg(feature = "toml")]
    pub fn from_toml(text: &str) -> Result<Self> {
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| {
            // The error's own text quotes the line, which may hold a secret.
            let at = e.span().map_or(0, |span| span.start.min(text.len()));
            let line = text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
            let hint = "check the quotes, the brackets and that no key stands twice";
            Error::new(ErrorKind::Config, format!("line {line}: this is not TOML; {hint}"))
        })?;
        Self::from_value(from_toml(toml::Value::Table(table)))
    }

    /// Reads a configuration file, `.toml` or `.json`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] naming the file and its faults.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let named = |e: Error| e.with("file", path.display());
        let text = std::fs::read_to_string(path).map_err(|e| {
            named(Error::new(ErrorKind::Config, format!("the configuration cannot be read: {e}")))
        })?;
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("json") => Self::from_json(&text).map_err(named),
            #[cfg(feature = "toml")]
            Some("toml") => Self::from_toml(&text).map_err(named),
            #[cfg(not(feature = "toml"))]
            Some("toml") => {
                let text = "TOML files need the feature `toml`; give JSON or build with it";
                Err(named(Error::new(ErrorKind::Config, text)))
            }
            _ => Err(named(Error::new(ErrorKind::Config, "a configuration file ends in .toml or .json"))),
        }
    }

    /// Reads a configuration that is a JSON value already.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with all faults at once, without any value.
    pub fn from_value(value: Value) -> Result<Self> {
        let mut config = Self::default();
        let mut problems = Vec::new();
        let mut services = Map::new();
        let Value::Object(table) = value else {
            return Err(Error::new(ErrorKind::Config, "a configuration is a table of keys"));
        };
        for (key, value) in table {
            match (key.as_str(), value) {
                ("alert_classes" | "TOM_ALERT_CLASSES", _) if config.alert_classes.is_some() => {
                    let text = "alert_classes and TOM_ALERT_CLASSES are the same list; keep one of the two";
                    problems.push(Problem::new(key, text));
                }
                ("alert_classes" | "TOM_ALERT_CLASSES", value) => match serde_json::from_value(value) {
                    Ok(names) => config.alert_classes = Some(names),
                    Err(_) => problems.push(Problem::new(key, "a list of broker names is due")),
                },
                ("http", Value::Object(table)) => match form::read_config(&table, "http.") {
                    Ok(http) => config.http = http,
                    Err(error) => problems.extend_from_slice(error.problems()),
                },
                ("brokers" | "BROKERS", Value::Object(tables)) => {
                    for (name, table) in tables {
                        if key == "BROKERS" {
                            config.from_tom.insert(name.clone());
                        }
                        match table {
                            // The two spellings of `brokers` may stand side by side.
                            Value::Object(table) => {
                                let known = config.brokers.entry(name.clone()).or_default();
                                for (key, value) in table {
                                    if known.contains_key(&key) {
                                        let text = "brokers and BROKERS both have it; keep one of the two";
                                        problems.push(Problem::new(format!("brokers.{name}.{key}"), text));
                                    } else {
                                        known.insert(key, value);
                                    }
                                }
                            }
                            _ => problems
                                .push(Problem::new(format!("brokers.{name}"), "a table of keys is due")),
                        }
                    }
                }
                ("DATA_SERVICES", Value::Object(tables)) => services = tables,
                ("http" | "brokers" | "BROKERS" | "DATA_SERVICES", _) => {
                    problems.push(Problem::new(key, "a table of keys is due"));
                }
                (_, value) => {
                    config.loose.insert(key, value);
                }
            }
        }
        for (name, table) in services {
            match table {
                Value::Object(table) => config.add_service(name, table),
                _ => problems.push(Problem::new(format!("DATA_SERVICES.{name}"), "a table of keys is due")),
            }
        }
        if problems.is_empty() {
            return Ok(config);
        }
        // No registry will see this configuration, so the brokers' own faults are told here too.
        let known = Known { plugins: &plugins(), built_in: KNOWN };
        problems.extend(faults_of_tables(&config.brokers, &known));
        Err(Error::from_problems(ErrorKind::Config, problems))
    }

    /// Adds the table of a data service of TOM Toolkit 3. What `brokers` says of the same service holds.
    fn add_service(&mut self, name: String, table: Map<String, Value>) {
        let there = self.brokers.keys().find(|known| known.eq_ignore_ascii_case(&name)).cloned();
        if there.is_none() {
            self.from_tom.insert(name.clone());
        }
        let known = self.brokers.entry(there.unwrap_or(name)).or_default();
        for (key, value) in table {
            if known.get(&key).is_none_or(form::is_empty) {
                known.insert(key, value);
            }
        }
    }
}

impl Form for HttpConfig {}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Keys only: any value may be a secret.
        let keys = |table: &Map<String, Value>| table.keys().cloned().collect::<Vec<_>>();
        let brokers: BTreeMap<_, _> = self.brokers.iter().map(|(name, table)| (name, keys(table))).collect();
        f.debug_struct("Config")
            .field("alert_classes", &self.alert_classes)
            .field("http", &self.http)
            .field("brokers", &brokers)
            .field("loose", &keys(&self.loose))
            .finish()
    }
}

#[cfg(feature = "toml")]
fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(yes) => yes.into(),
        toml::Value::Datetime(time) => time.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(from_toml).collect(),
        toml::Value::Table(table) => {
            Value::Object(table.into_iter().map(|(key, value)| (key, from_toml(value))).collect())
        }
    }
}
