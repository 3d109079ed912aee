//! The parts of the command-line tool `alerts`.

use std::path::Path;
use std::sync::Arc;

use tom_alerts::http::Http;
use tom_alerts::{
    Config, Error, ErrorKind, GenericBroker, Parameters, Registry, Result, TargetStore, form, store,
};

use crate::support;

pub(crate) mod args;
pub(crate) mod cutouts;
pub(crate) mod fault;
pub(crate) mod lists;
pub(crate) mod objects;
pub(crate) mod output;
pub(crate) mod queries;
pub(crate) mod saving;
pub(crate) mod submitting;

/// What every command works with.
pub(crate) struct Tool {
    pub(crate) registry: Registry,
    pub(crate) config: Config,
    /// The brokers' transport, for files that are fetched beside.
    pub(crate) http: Http,
    pub(crate) style: output::Style,
    /// Whether the brokers are the recorded ones.
    pub(crate) demo: bool,
}

impl Tool {
    /// The parameters of a query. A recorded service that must be asked for something is asked for
    /// what it has, when nothing is asked for.
    fn parameters(&self, broker: &dyn GenericBroker, given: &[String]) -> Result<Parameters> {
        let name = broker.info().name;
        let service = support::demo::SERVICES.iter().find(|service| service.broker == name);
        let example = service.map_or(&[][..], |service| service.example);
        if self.demo && given.is_empty() && !example.is_empty() {
            output::say(&format!(
                "no parameters are given; the recorded service is asked for {}",
                example.join(" ")
            ));
            return form::parse_pairs(example);
        }
        form::parse_pairs(given)
    }
}

/// Opens a store that must be there: one that is only read is not made by reading it.
async fn known_store(address: &str) -> Result<Arc<dyn TargetStore>> {
    if let Some(path) = address.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        if !path.is_empty() && !Path::new(path).exists() {
            let text = "there is no such store yet; `save` and `query add` make one";
            return Err(Error::new(ErrorKind::Input, text).with("file", path));
        }
    }
    store::open(address).await
}

/// The same for what only reads: a store that may not be written can be read.
async fn store_to_read(address: &str) -> Result<Arc<dyn TargetStore>> {
    match known_store(address).await {
        Err(error) if error.kind() == ErrorKind::Store => {
            let path = address.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path));
            match store::SqliteStore::open_read_only(path.unwrap_or_default()).await {
                Ok(store) => Ok(Arc::new(store)),
                Err(_) => Err(error),
            }
        }
        known => known,
    }
}
