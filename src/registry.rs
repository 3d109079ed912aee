//! `Registry`: the brokers there are, by name, from a configuration.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::broker::{BrokerInfo, GenericBroker};
use crate::client::{Client, ClientSettings};
use crate::config::Config;
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::form;
use crate::http::{Http, Limits};
use crate::protocol::Protocol;

/// The brokers of a program, by name.
///
/// ```
/// use tom_alerts::Registry;
/// let registry = Registry::default();
/// # #[cfg(feature = "alerce")] {
/// let broker = registry.get_service_class("alerce")?;
/// assert_eq!(broker.info().name, "ALeRCE");
/// # }
/// let error = registry.broker("ALeRCEE").unwrap_err();
/// assert!(error.to_string().starts_with("no broker is called \"ALeRCEE\""));
/// # Ok::<(), tom_alerts::Error>(())
/// ```
#[derive(Clone)]
pub struct Registry {
    brokers: Vec<Arc<dyn GenericBroker>>,
    configured: Vec<String>,
    skipped: Vec<Problem>,
}

impl Default for Registry {
    /// Every compiled-in broker at its public address; nothing is read from the environment.
    fn default() -> Self {
        let config = Config::default();
        let http = Http::new(&config.http).unwrap_or_else(|error| Http::broken(&error, &config.http));
        Self::with_http(&config, &http).unwrap_or_else(|_| Self::empty())
    }
}

type Make = fn(&Map<String, Value>, &Http, ClientSettings, &str) -> Result<Arc<dyn GenericBroker>>;

/// A broker that a registry can make from configuration.
#[derive(Clone, Copy)]
pub struct Plugin {
    info: &'static BrokerInfo,
    feature: &'static str,
    make: Make,
    keys: fn() -> Vec<form::Field>,
}

impl Plugin {
    /// The plugin of a protocol, and the Cargo feature that brings it.
    #[must_use]
    pub const fn of<P: Protocol>(feature: &'static str) -> Self {
        Self { info: P::INFO, feature, make: make::<P>, keys: form::fields::<P::Config> }
    }

    /// Who and what the broker is.
    #[must_use]
    pub fn info(&self) -> &'static BrokerInfo {
        self.info
    }

    /// The Cargo feature that brings it.
    #[must_use]
    pub fn feature(&self) -> &'static str {
        self.feature
    }

    /// The keys of its table in the configuration, beside those that every broker has:
    /// `timeout` (seconds for one request with all its tries), `max_pages` and `max_in_flight`.
    #[must_use]
    pub fn config_fields(&self) -> Vec<form::Field> {
        (self.keys)()
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin").field("name", &self.info.name).field("feature", &self.feature).finish()
    }
}

fn make<P: Protocol>(
    table: &Map<String, Value>,
    http: &Http,
    settings: ClientSettings,
    path: &str,
) -> Result<Arc<dyn GenericBroker>> {
    let client = Client::<P>::with_http(form::read_config(table, path)?, http).map_err(|e| {
        let placed = |p: &Problem| Problem::new(format!("{path}{}", p.field), p.message.clone());
        match e.problems() {
            [] => e,
            problems => Error::from_problems(e.kind(), problems.iter().map(placed).collect()),
        }
    })?;
    Ok(Arc::new(client.with_settings(settings)))
}

/// One line of [`Registry::report`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BrokerReport {
    /// Who and what the broker is.
    #[serde(flatten)]
    pub info: BrokerInfo,
    /// Whether the configuration has a table for it.
    pub configured: bool,
    /// What is missing before it can be asked; `None` when nothing is.
    pub missing: Option<String>,
}

impl Registry {
    const fn empty() -> Self {
        Self { brokers: Vec::new(), configured: Vec::new(), skipped: Vec::new() }
    }

    /// The brokers that a configuration names, or every compiled-in one.
    ///
    /// A TOM's settings may name what is not here: a dotted class path that no broker answers to, and
    /// settings in capitals that no broker reads, are left out, and [`skipped`](Self::skipped) says so.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with all faults at once: unknown brokers, unknown keys, wrong types.
    /// A setting that is only missing is told by the first call.
    pub fn from_config(config: &Config) -> Result<Self> {
        Self::with_http(config, &Http::new(&config.http)?)
    }

    /// The same over a transport of one's own.
    ///
    /// # Errors
    /// As [`from_config`](Self::from_config).
    pub fn with_http(config: &Config, http: &Http) -> Result<Self> {
        Self::with_plugins(config, http, &crate::brokers::plugins())
    }

    /// The same with plugins of one's own: `[&plugins()[..], &[Plugin::of::<Mine>("mine")]].concat()`.
    ///
    /// # Errors
    /// As [`from_config`](Self::from_config), and [`ErrorKind::Config`] for two plugins of one name.
    pub fn with_plugins(config: &Config, http: &Http, plugins: &[Plugin]) -> Result<Self> {
        let known = Known(plugins);
        let mut problems = Vec::new();
        let mut registry = Self::empty();
        let wanted: Vec<&Plugin> = match &config.alert_classes {
            None => plugins.iter().collect(),
            Some(names) => known.named(names, &mut problems, &mut registry.skipped),
        };
        let mut tables = Tables::read(config, &known, &mut problems, &mut registry.skipped);
        for plugin in wanted {
            let name = plugin.info.name;
            let table = tables.take(name);
            if table.is_some() {
                registry.configured.push(name.to_owned());
            }
            match build(plugin, table.unwrap_or_default(), http).and_then(|broker| registry.add(broker)) {
                Ok(()) => {}
                Err(error) if error.problems().is_empty() => {
                    push(&mut problems, &format!("brokers.{name}"), &error)
                }
                Err(error) => problems.extend_from_slice(error.problems()),
            }
        }
        if !problems.is_empty() {
            return Err(Error::from_problems(ErrorKind::Config, problems));
        }
        for note in &registry.skipped {
            tracing::warn!("configuration: {note}");
        }
        Ok(registry)
    }

    /// What the configuration names and nothing here reads: class paths of brokers that are not here,
    /// settings of other parts of a TOM. No message holds a value.
    #[must_use]
    pub fn skipped(&self) -> &[Problem] {
        &self.skipped
    }

    /// Adds a broker that was made in code.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when there is one of that name already.
    pub fn add(&mut self, broker: Arc<dyn GenericBroker>) -> Result<()> {
        let name = broker.info().name;
        if self.brokers.iter().any(|known| same(known.info().name, name)) {
            return Err(Error::new(ErrorKind::Config, format!("two brokers are called {name:?}")));
        }
        self.brokers.push(broker);
        Ok(())
    }

    /// A broker by its name or an alias, in any case.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] naming the brokers there are, the nearest name, and the feature that
    /// would bring one that is not compiled in.
    pub fn broker(&self, name: &str) -> Result<Arc<dyn GenericBroker>> {
        let found = self.brokers.iter().find(|broker| answers_to(broker.info(), name));
        found.cloned().ok_or_else(|| not_found(name, self.names()))
    }

    /// TOM Toolkit's name of [`broker`](Self::broker).
    ///
    /// # Errors
    /// As [`broker`](Self::broker).
    pub fn get_service_class(&self, name: &str) -> Result<Arc<dyn GenericBroker>> {
        self.broker(name)
    }

    /// All brokers, in the order of the configuration.
    #[must_use]
    pub fn get_service_classes(&self) -> &[Arc<dyn GenericBroker>] {
        &self.brokers
    }

    /// The names of all brokers.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.brokers.iter().map(|broker| broker.info().name).collect()
    }

    /// Says of each broker what it can do, whether it is configured, what is missing, and whether
    /// its service is alive.
    #[must_use]
    pub fn report(&self) -> Vec<BrokerReport> {
        let report = |broker: &Arc<dyn GenericBroker>| BrokerReport {
            info: *broker.info(),
            configured: self.configured.iter().any(|name| name == broker.info().name),
            missing: broker.ready().err().map(|e| e.message().to_owned()),
        };
        self.brokers.iter().map(report).collect()
    }
}

/// The faults of the tables of built-in brokers; tables of others may be a plugin's.
pub(crate) fn faults_of_tables(config: &Config) -> Vec<Problem> {
    let plugins = crate::brokers::plugins();
    let known = Known(&plugins);
    let brokers = config.brokers.iter().filter(|(name, _)| known.find(name).is_ok());
    let brokers = brokers.map(|(name, table)| (name.clone(), table.clone())).collect();
    let tables = Config { brokers, ..Config::default() };
    let nowhere = Http::broken(&Error::new(ErrorKind::Config, "not to be sent"), &tables.http);
    match Registry::with_http(&tables, &nowhere) {
        Ok(_) => Vec::new(),
        Err(error) => error.problems().to_vec(),
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("brokers", &self.names()).finish()
    }
}

fn push(problems: &mut Vec<Problem>, field: &str, error: &Error) {
    problems.push(Problem::new(field, error.message()));
}

/// Whether a key is written as Django's settings are.
fn is_setting(key: &str) -> bool {
    key.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

fn answers_to(info: &BrokerInfo, name: &str) -> bool {
    same(info.name, name) || info.aliases.iter().any(|alias| same(alias, name))
}

fn not_found(name: &str, known: Vec<&'static str>) -> Error {
    let absent = crate::brokers::KNOWN.iter().find(|(broker, _)| same(broker, name));
    let known_text = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    let hint = match absent {
        Some((_, feature)) if known.iter().all(|k| !same(k, name)) => {
            format!("; it comes with the feature `{feature}` or is left out by alert_classes")
        }
        _ => form::suggest(name, known).map_or_else(String::new, |near| format!("; did you mean {near}?")),
    };
    Error::new(ErrorKind::Config, format!("no broker is called {name:?}; known: {known_text}{hint}"))
}

/// The settings that every broker's table may have.
struct Common {
    settings: ClientSettings,
    limits: Limits,
}

fn build(plugin: &Plugin, mut table: Map<String, Value>, http: &Http) -> Result<Arc<dyn GenericBroker>> {
    let path = format!("brokers.{}.", plugin.info.name);
    let misspelt = take_misspelt(&mut table, &plugin.config_fields(), &path);
    let mut common = take_common(&mut table, &path);
    if !misspelt.is_empty() {
        common = Err(common.err().into_iter().flatten().chain(misspelt).collect());
    }
    let made = |common: Common| (plugin.make)(&table, &http.scoped(common.limits), common.settings, &path);
    match common {
        Ok(common) => made(common),
        Err(mut problems) => {
            // The table is read all the same, so that its faults are told at once.
            if let Err(error) =
                made(Common { settings: ClientSettings::default(), limits: Limits::default() })
            {
                problems.extend_from_slice(error.problems());
            }
            Err(Error::from_problems(ErrorKind::Config, problems))
        }
    }
}

/// Keys that no broker has but that are close to one that every broker has.
fn take_misspelt(table: &mut Map<String, Value>, own: &[form::Field], path: &str) -> Vec<Problem> {
    const COMMON: [&str; 3] = ["timeout", "max_pages", "max_in_flight"];
    let near = |key: &String| {
        let known = COMMON.contains(&key.as_str()) || own.iter().any(|field| field.name == *key);
        let near = form::suggest(key, COMMON).filter(|_| !known)?;
        Some((key.clone(), near))
    };
    let found: Vec<_> = table.keys().filter_map(near).collect();
    let told = |(key, near): (String, &str)| {
        table.remove(&key);
        Problem::new(format!("{path}{key}"), format!("no such key; did you mean {near}?"))
    };
    found.into_iter().map(told).collect()
}

fn take_common(table: &mut Map<String, Value>, path: &str) -> Result<Common, Vec<Problem>> {
    let mut common = Common { settings: ClientSettings::default(), limits: Limits::default() };
    let mut problems = Vec::new();
    let mut number = |key: &str| {
        let value = table.remove(key)?;
        let number = value.as_f64().filter(|n| n.is_finite() && *n > 0.0 && *n <= f64::from(u32::MAX));
        if number.is_none() {
            problems.push(Problem::new(format!("{path}{key}"), "a number above 0 is due"));
        }
        number
    };
    let whole = |n: f64| n.ceil() as u32;
    if let Some(seconds) = number("timeout") {
        common.limits.call_timeout = Some(Duration::from_secs_f64(seconds));
    }
    if let Some(pages) = number("max_pages") {
        common.settings.max_pages = whole(pages);
    }
    common.limits.max_in_flight = number("max_in_flight").map(whole);
    if problems.is_empty() { Ok(common) } else { Err(problems) }
}

struct Known<'a>(&'a [Plugin]);

impl<'a> Known<'a> {
    fn find(&self, name: &str) -> Result<&'a Plugin> {
        let found = self.0.iter().find(|plugin| answers_to(plugin.info, name));
        found.ok_or_else(|| not_found(name, self.0.iter().map(|plugin| plugin.info.name).collect()))
    }

    /// The plugins that a list names, each once. An unknown class path is left out, as a TOM may have
    /// brokers of its own; an unknown name is a fault.
    fn named(
        &self,
        names: &[String],
        problems: &mut Vec<Problem>,
        skipped: &mut Vec<Problem>,
    ) -> Vec<&'a Plugin> {
        const FIELD: &str = "alert_classes";
        let mut found: Vec<&Plugin> = Vec::new();
        for name in names {
            match self.find(name) {
                // A TOM may list both a stub and the plug-in that replaces it.
                Ok(plugin) if found.iter().any(|known| same(known.info.name, plugin.info.name)) => {
                    let text = format!("{name:?} is {}, which is in the list already", plugin.info.name);
                    skipped.push(Problem::new(FIELD, text));
                }
                Ok(plugin) => found.push(plugin),
                Err(_) if name.contains('.') => skipped.push(Problem::new(FIELD, self.left_out(name))),
                Err(error) => push(problems, FIELD, &error),
            }
        }
        found
    }

    fn is_near(&self, name: &str) -> bool {
        let known = self.0.iter().flat_map(|plugin| plugin.info.aliases.iter().chain([&plugin.info.name]));
        form::suggest(name, known.copied()).is_some()
    }

    /// The top-level key that a word was probably meant to be.
    fn near_setting(&self, word: &str) -> Option<&'static str> {
        let keys = self.0.iter().flat_map(|plugin| plugin.info.config_keys);
        let keys = keys.filter_map(|(outer, _)| outer.split('.').next());
        let toms = ["TOM_ALERT_CLASSES", "BROKERS", "DATA_SERVICES"];
        let near = form::suggest(word, keys.chain(toms).chain(["alert_classes", "http", "brokers"]))?;
        // A TOM has many settings in capitals, and their names are alike.
        let close = strsim::normalized_damerau_levenshtein(&word.to_lowercase(), &near.to_lowercase()) >= 0.8;
        (close || !is_setting(word)).then_some(near)
    }

    /// Why a class path is left out, with the broker that its last part sounds like.
    fn left_out(&self, path: &str) -> String {
        let text = format!("no broker here answers to the class path {path:?}; it is left out");
        let class = path.rsplit('.').next().unwrap_or_default();
        let name = ["Broker", "DataService"].iter().find_map(|end| class.strip_suffix(end)).unwrap_or(class);
        let absent =
            crate::brokers::KNOWN.iter().find(|(known, _)| same(known, name) && self.find(known).is_err());
        if let Some((known, feature)) = absent {
            return format!("{text}; {known} comes with the feature `{feature}`");
        }
        let known = self.0.iter().map(|plugin| plugin.info.name);
        let near =
            self.find(class).ok().map(|plugin| plugin.info.name).or_else(|| form::suggest(name, known));
        near.map_or(text.clone(), |near| format!("{text}; did you mean {near}?"))
    }
}

/// The brokers' tables by the brokers' own names, whatever the configuration calls them.
struct Tables(Vec<(&'static str, Map<String, Value>)>);

impl Tables {
    fn read(
        config: &Config,
        known: &Known<'_>,
        problems: &mut Vec<Problem>,
        skipped: &mut Vec<Problem>,
    ) -> Self {
        let mut tables = Self(Vec::new());
        for (name, table) in &config.brokers {
            match known.find(name) {
                Ok(plugin) => tables.of(plugin.info.name).extend(table.clone()),
                Err(_) if config.from_tom.contains(name) && !known.is_near(name) => {
                    let text = "no broker here has this name; its table is left out";
                    skipped.push(Problem::new(format!("brokers.{name}"), text));
                }
                Err(error) => push(problems, &format!("brokers.{name}"), &error),
            }
        }
        let mut unread = Vec::new();
        for (key, value) in &config.loose {
            if tables.take_loose(key, value, known, problems, skipped) {
                continue;
            }
            let near = known.near_setting(key);
            if near.is_none() && is_setting(key) {
                unread.push(key.as_str());
                continue;
            }
            let hint = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
            problems.push(Problem::new(key, format!("no such key{hint}")));
        }
        if !unread.is_empty() {
            let text = format!("no broker here reads these settings: {}", unread.join(", "));
            skipped.push(Problem::new("", text));
        }
        tables
    }

    /// Gives a top-level key to the brokers that know it; `false` where none does.
    fn take_loose(
        &mut self,
        key: &str,
        value: &Value,
        known: &Known<'_>,
        problems: &mut Vec<Problem>,
        skipped: &mut Vec<Problem>,
    ) -> bool {
        let mut taken = false;
        for plugin in known.0 {
            for (outer, inner) in plugin.info.config_keys {
                let mut steps = outer.split('.');
                if steps.next() != Some(key) {
                    continue;
                }
                taken = true;
                let Some(value) = steps.try_fold(value, |value, step| value.get(step)) else { continue };
                match (*inner, value) {
                    ("*", Value::Object(table)) => {
                        for (key, value) in table {
                            if !self.fill(plugin, key, value) {
                                let text = format!("{} does not read this", plugin.info.name);
                                skipped.push(Problem::new(format!("{outer}.{key}"), text));
                            }
                        }
                    }
                    ("*", _) => problems.push(Problem::new(*outer, "a table of keys is due")),
                    (inner, value) => {
                        self.fill(plugin, inner, value);
                    }
                }
            }
        }
        taken
    }

    /// Sets a key of a broker's table, unless the table says it already under any of its names;
    /// `false` where the broker has no such key.
    fn fill(&mut self, plugin: &Plugin, key: &str, value: &Value) -> bool {
        let fields = plugin.config_fields();
        let named =
            |field: &form::Field, key: &str| field.name == key || field.aliases.iter().any(|a| a == key);
        let Some(field) = fields.iter().find(|field| named(field, key)) else { return false };
        let table = self.of(plugin.info.name);
        if !table.iter().any(|(there, value)| named(field, there) && !form::is_empty(value)) {
            table.insert(key.to_owned(), value.clone());
        }
        true
    }

    fn of(&mut self, name: &'static str) -> &mut Map<String, Value> {
        let at = self.0.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            self.0.push((name, Map::new()));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }

    fn take(&mut self, name: &str) -> Option<Map<String, Value>> {
        let at = self.0.iter().position(|(known, _)| *known == name)?;
        Some(self.0.swap_remove(at).1)
    }
}
