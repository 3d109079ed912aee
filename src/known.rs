//! The brokers that a program can have: `Plugin`, and what a configuration says of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::broker::GenericBroker;
use crate::client::{Client, ClientSettings};
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::form;
use crate::http::{Http, HttpConfig, Limits};
use crate::info::BrokerInfo;
use crate::protocol::Protocol;

type Make = fn(&Map<String, Value>, &Http, ClientSettings, &str) -> Result<Arc<dyn GenericBroker>>;

/// A broker that a registry can make from configuration.
#[derive(Clone, Copy)]
pub struct Plugin {
    pub(crate) info: &'static BrokerInfo,
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
    /// `timeout` (seconds for one request with all its tries), `max_pages` and `max_in_flight` (not more
    /// than `http.max_in_flight`; it holds for all brokers that ask the same host).
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

/// The faults of the tables of known brokers; tables of others may be a plugin's.
pub(crate) fn faults_of_tables(
    brokers: &BTreeMap<String, Map<String, Value>>,
    known: &Known<'_>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let ours = brokers.iter().filter(|(name, _)| known.find(name).is_ok());
    let ours = ours.map(|(name, table)| (name.clone(), table.clone())).collect();
    let none = (Map::new(), BTreeSet::new());
    let mut tables = Tables::read(&ours, &none.0, &none.1, known, &mut problems, &mut Vec::new());
    let nowhere = Http::broken(&Error::new(ErrorKind::Config, "not to be sent"), &HttpConfig::default());
    for plugin in known.plugins {
        if let Some(table) = tables.take(plugin.info.name) {
            problems.extend(build(plugin, table, &nowhere).err().unwrap_or_default());
        }
    }
    problems
}

pub(crate) fn push(problems: &mut Vec<Problem>, field: &str, error: &Error) {
    problems.push(Problem::new(field, error.message()));
}

/// Whether a key is written as Django's settings are.
fn is_setting(key: &str) -> bool {
    key.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

pub(crate) fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

pub(crate) fn answers_to(info: &BrokerInfo, name: &str) -> bool {
    same(info.name, name) || info.aliases.iter().any(|alias| same(alias, name))
}

pub(crate) fn not_found(name: &str, known: Vec<&'static str>, built_in: BuiltIn) -> Error {
    let absent = built_in.iter().find(|(broker, _)| same(broker, name));
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

/// The broker of a table, or every fault of it.
pub(crate) fn build(
    plugin: &Plugin,
    table: Map<String, Value>,
    http: &Http,
) -> Result<Arc<dyn GenericBroker>, Vec<Problem>> {
    made(plugin, table, http).map_err(|error| match error.problems() {
        [] => vec![Problem::new(format!("brokers.{}", plugin.info.name), error.message())],
        problems => problems.to_vec(),
    })
}

fn made(plugin: &Plugin, mut table: Map<String, Value>, http: &Http) -> Result<Arc<dyn GenericBroker>> {
    let path = format!("brokers.{}.", plugin.info.name);
    let misspelt = take_misspelt(&mut table, &plugin.config_fields(), &path);
    let mut common = take_common(&mut table, &path);
    if !misspelt.is_empty() {
        common = Err(common.err().into_iter().flatten().chain(misspelt).collect());
    }
    let make = |common: Common| (plugin.make)(&table, &http.scoped(common.limits), common.settings, &path);
    match common {
        Ok(common) => make(common),
        Err(mut problems) => {
            // The table is read all the same, so that its faults are told at once.
            if let Err(error) =
                make(Common { settings: ClientSettings::default(), limits: Limits::default() })
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

/// The plugins that a registry may take.
pub(crate) struct Known<'a> {
    pub(crate) plugins: &'a [Plugin],
    /// Every built-in broker with its feature, compiled in or not.
    pub(crate) built_in: BuiltIn,
}

/// Names of brokers, each with the feature that brings it.
pub(crate) type BuiltIn = &'static [(&'static str, &'static str)];

impl<'a> Known<'a> {
    pub(crate) fn find(&self, name: &str) -> Result<&'a Plugin> {
        let found = self.plugins.iter().find(|plugin| answers_to(plugin.info, name));
        let names = || self.plugins.iter().map(|plugin| plugin.info.name).collect();
        found.ok_or_else(|| not_found(name, names(), self.built_in))
    }

    /// The plugins that a list names, each once. An unknown class path is left out, as a TOM may have
    /// brokers of its own; an unknown name is a fault.
    pub(crate) fn named(
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
        let known =
            self.plugins.iter().flat_map(|plugin| plugin.info.aliases.iter().chain([&plugin.info.name]));
        form::suggest(name, known.copied()).is_some()
    }

    /// The top-level key that a word was probably meant to be.
    fn near_setting(&self, word: &str) -> Option<&'static str> {
        let keys = self.plugins.iter().flat_map(|plugin| plugin.info.config_keys);
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
        let absent = self.built_in.iter().find(|(known, _)| same(known, name) && self.find(known).is_err());
        if let Some((known, feature)) = absent {
            return format!("{text}; {known} comes with the feature `{feature}`");
        }
        let known = self.plugins.iter().map(|plugin| plugin.info.name);
        let near =
            self.find(class).ok().map(|plugin| plugin.info.name).or_else(|| form::suggest(name, known));
        near.map_or(text.clone(), |near| format!("{text}; did you mean {near}?"))
    }
}

/// The brokers' tables by the brokers' own names, whatever the configuration calls them.
pub(crate) struct Tables(Vec<(&'static str, Map<String, Value>)>);

impl Tables {
    /// `brokers` are the tables as the configuration names them, `loose` its other top-level keys, and
    /// `from_tom` those of the tables that a TOM's own settings named.
    pub(crate) fn read(
        brokers: &BTreeMap<String, Map<String, Value>>,
        loose: &Map<String, Value>,
        from_tom: &BTreeSet<String>,
        known: &Known<'_>,
        problems: &mut Vec<Problem>,
        skipped: &mut Vec<Problem>,
    ) -> Self {
        let mut tables = Self(Vec::new());
        let mut names: Vec<(&str, &str)> = Vec::new();
        for (name, table) in brokers {
            match known.find(name) {
                Ok(plugin) => {
                    let own = plugin.info.name;
                    if let Some((_, first)) = names.iter().find(|(known, _)| *known == own) {
                        let text =
                            format!("brokers.{first} is a table of the same broker; keep one of the two");
                        problems.push(Problem::new(format!("brokers.{name}"), text));
                        continue;
                    }
                    names.push((own, name));
                    tables.of(own).extend(table.clone());
                }
                Err(_) if from_tom.contains(name) && !known.is_near(name) => {
                    let text = "no broker here has this name; its table is left out";
                    skipped.push(Problem::new(format!("brokers.{name}"), text));
                }
                Err(error) => push(problems, &format!("brokers.{name}"), &error),
            }
        }
        let mut unread = Vec::new();
        for (key, value) in loose {
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
        for plugin in known.plugins {
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

    pub(crate) fn take(&mut self, name: &str) -> Option<Map<String, Value>> {
        let at = self.0.iter().position(|(known, _)| *known == name)?;
        Some(self.0.swap_remove(at).1)
    }
}
