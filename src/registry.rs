//! `Registry`: the brokers there are, by name, from a configuration.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::broker::GenericBroker;
use crate::brokers::{KNOWN, plugins};
use crate::config::Config;
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::http::Http;
use crate::info::BrokerInfo;
use crate::known::{Known, Tables, answers_to, build, not_found, same};
use crate::target::{EARLIER, IMPORT, USER, slug};

pub use crate::known::Plugin;

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
        Self::with_plugins(config, http, &plugins())
    }

    /// The same with plugins of one's own: `[&plugins()[..], &[Plugin::of::<Mine>("mine")]].concat()`.
    ///
    /// # Errors
    /// As [`from_config`](Self::from_config), and [`ErrorKind::Config`] for two plugins of one name.
    pub fn with_plugins(config: &Config, http: &Http, plugins: &[Plugin]) -> Result<Self> {
        let known = Known { plugins, built_in: KNOWN };
        let mut problems = Vec::new();
        let mut registry = Self::empty();
        let wanted: Vec<&Plugin> = match &config.alert_classes {
            None => plugins.iter().collect(),
            Some(names) => known.named(names, &mut problems, &mut registry.skipped),
        };
        let mut tables = Tables::read(
            &config.brokers,
            &config.loose,
            &config.from_tom,
            &known,
            &mut problems,
            &mut registry.skipped,
        );
        for plugin in wanted {
            let name = plugin.info.name;
            let table = tables.take(name);
            if table.is_some() {
                registry.configured.push(name.to_owned());
            }
            match build(plugin, table.unwrap_or_default(), http) {
                Ok(broker) => {
                    if let Err(error) = registry.add(broker) {
                        problems.push(Problem::new(format!("brokers.{name}"), error.message()));
                    }
                }
                Err(faults) => problems.extend(faults),
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
    /// [`ErrorKind::Config`] when there is one of that name already, or one whose extras would have the
    /// same [`slug`] in a store; for a name that a store uses itself (`user`, `import`, `earlier`).
    pub fn add(&mut self, broker: Arc<dyn GenericBroker>) -> Result<()> {
        let name = broker.info().name;
        if self.brokers.iter().any(|known| same(known.info().name, name)) {
            return Err(Error::new(ErrorKind::Config, format!("two brokers are called {name:?}")));
        }
        if [USER, IMPORT, EARLIER].contains(&slug(name).as_str()) {
            let text =
                format!("no broker can be called {name:?}: stores keep their own sightings under that name");
            return Err(Error::new(ErrorKind::Config, text));
        }
        if let Some(known) = self.brokers.iter().find(|known| slug(known.info().name) == slug(name)) {
            let text = format!(
                "the brokers {:?} and {name:?} would share the extras {}_… in a store; rename one",
                known.info().name,
                slug(name)
            );
            return Err(Error::new(ErrorKind::Config, text));
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
        found.cloned().ok_or_else(|| not_found(name, self.names(), KNOWN))
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

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("brokers", &self.names()).finish()
    }
}
