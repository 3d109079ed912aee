//! `GenericBroker`, TOM Toolkit's interface to a broker, and `BrokerInfo`, what a broker says of itself.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::alert::{AnyAlert, GenericAlert};
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::ingest::{self, IngestOptions, Ingested};
use crate::protocol::{DryRun, Protocol, Receipt, Upstream};
use crate::reduced_datum::{Classification, Cutout, ReducedData};
use crate::store::{Entry, Saved, TargetStore};
use crate::stream::{AlertStream, ResumeToken};
use crate::target::Target;

/// The parameters of a query: what a form, a command line or a saved query holds.
pub type Parameters = Map<String, Value>;

/// What every broker can be asked, with the method names of TOM Toolkit's `GenericBroker`.
///
/// Held as `Arc<dyn GenericBroker>`. A broker over HTTP is a [`Client`] of a
/// [`Protocol`]; anything else (a broker over Kafka, say) may implement this by hand. What a
/// broker cannot do is not written: the defaults answer [`ErrorKind::Unsupported`].
#[allow(unused_variables, reason = "the names of what a default does not use are for the docs")]
#[async_trait]
pub trait GenericBroker: fmt::Debug + Any + Send + Sync {
    /// Who and what the broker is.
    fn info(&self) -> &'static BrokerInfo;

    /// The query form as JSON Schema.
    fn form(&self) -> Value;

    /// The fields of the query form, for help texts and tables.
    fn form_fields(&self) -> Vec<crate::form::Field>;

    /// The query with TOM's and text values made canonical, as it would be asked.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] with all faults of the parameters at once.
    fn check(&self, parameters: &Parameters) -> Result<Parameters>;

    /// The alerts that answer a query; nothing is sent before the first item is asked for.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] with all faults of the parameters at once.
    fn fetch_alerts(&self, parameters: &Parameters) -> Result<AlertStream<AnyAlert>> {
        self.resume_alerts(parameters, None)
    }

    /// The same listing from where an earlier stream was left.
    ///
    /// # Errors
    /// As [`fetch_alerts`](Self::fetch_alerts).
    fn resume_alerts(
        &self,
        parameters: &Parameters,
        from: Option<&ResumeToken>,
    ) -> Result<AlertStream<AnyAlert>>;

    /// One alert by the `id` or `name` that a listing gave.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the service has no such object.
    async fn fetch_alert(&self, id: &str) -> Result<AnyAlert> {
        Err(self.unsupported("fetch a single alert"))
    }

    /// An alert from the text that [`AnyAlert::raw`] gave.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] when it is not a packet of this broker.
    fn read_alert(&self, raw: &str) -> Result<AnyAlert>;

    /// The eight things every broker gives.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an alert of another broker.
    fn to_generic_alert(&self, alert: &AnyAlert) -> Result<GenericAlert> {
        self.own(alert).map(|alert| alert.generic().clone())
    }

    /// The full target of an alert; it is not saved.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an alert without position or orbit, or of another broker.
    fn to_target(&self, alert: &AnyAlert) -> Result<Target> {
        self.own(alert)?.to_target()
    }

    /// Light curve, spectra and positions of an object, oldest first.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the service has no such object.
    async fn reduced_data(&self, id: &str, alert: Option<&AnyAlert>) -> Result<ReducedData> {
        Err(self.unsupported("give reduced data"))
    }

    /// What the broker's classifiers say of an object.
    ///
    /// # Errors
    /// As [`reduced_data`](Self::reduced_data).
    async fn classifications(&self, id: &str, alert: Option<&AnyAlert>) -> Result<Vec<Classification>> {
        Err(self.unsupported("give classifications"))
    }

    /// Images around an object.
    ///
    /// # Errors
    /// As [`reduced_data`](Self::reduced_data).
    async fn cutouts(&self, id: &str, alert: Option<&AnyAlert>) -> Result<Vec<Cutout>> {
        Err(self.unsupported("give cutouts"))
    }

    /// Whether this broker can have given an object this name, by the name's shape.
    fn recognises(&self, name: &str) -> bool {
        !name.is_empty()
    }

    /// Fetches an object's reduced data and stores them: new points are created, changed ones updated.
    ///
    /// The object is asked for by the id of the broker's own alert, else by the first that the broker
    /// recognises of the target's name, its aliases and the name that another broker's alert has. The id
    /// of such an alert is never asked for: as a number it would be another object here.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] when the broker knows the target by none of its names; the service's
    /// and the store's errors.
    async fn process_reduced_data(
        &self,
        target: &Target,
        alert: Option<&AnyAlert>,
        store: &dyn TargetStore,
    ) -> Result<(Saved, ReducedData)> {
        let (own, other): (Option<&AnyAlert>, _) = match alert {
            Some(alert) if alert.broker() == self.info().name => (Some(alert), None),
            other => (None, other.map(|alert| alert.generic().name.as_str())),
        };
        let names = std::iter::once(&target.name).chain(&target.aliases).map(String::as_str).chain(other);
        let own_id = own.map(|alert| alert.generic().id.as_str());
        let Some(id) = own_id.or_else(|| names.into_iter().find(|name| self.recognises(name))) else {
            let text = "the broker knows the target by none of its names; add its id as an alias";
            return Err(Error::new(ErrorKind::Input, text).at(self.info().name).with("target", &target.name));
        };
        let mut data = self.reduced_data(id, own).await?;
        let points = std::mem::take(&mut data.points);
        let entry = Entry::new(target.clone(), self.info().name).with_data(points);
        let saved = store.save_all(std::slice::from_ref(&entry)).await?;
        data.points = entry.data;
        Ok((saved, data))
    }

    /// JSON Schema of what [`submit_upstream_alert`](Self::submit_upstream_alert) needs beside the target.
    fn submission_form(&self) -> Option<Value> {
        None
    }

    /// Submits a target, an observation or both, with data, to the broker's service.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] with every fault before anything is sent; [`ErrorKind::Refused`] with
    /// the service's words when it does not take it.
    async fn submit_upstream_alert(&self, what: Upstream<'_>, parameters: &Parameters) -> Result<Receipt> {
        Err(self.unsupported("take submissions"))
    }

    /// What [`submit_upstream_alert`](Self::submit_upstream_alert) would send first, over HTTP or Kafka.
    ///
    /// # Errors
    /// As that, and nothing is sent.
    fn dry_run(&self, what: Upstream<'_>, parameters: &Parameters) -> Result<DryRun> {
        Err(self.unsupported("take submissions"))
    }

    /// Fetches alerts, makes targets of them and saves them, with progress and a report.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] with all faults of the parameters; what fails later is in the report.
    async fn fetch_and_save_all(
        &self,
        parameters: &Parameters,
        store: &dyn TargetStore,
        options: IngestOptions,
    ) -> Result<Ingested> {
        ingest::run(self, parameters, store, options).await
    }

    /// The parameters that ask for everything within `radius` arcsec of a place in degrees.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when the broker has no cone search.
    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<Parameters> {
        Err(self.unsupported("search a cone"))
    }

    /// The parameters that ask for an object by its name.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when the broker has no search by name.
    fn name_query(&self, name: &str) -> Result<Parameters> {
        Err(self.unsupported("search by name"))
    }

    /// Whether everything needed for a call is configured.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] saying which key to set and where to get its value.
    fn ready(&self) -> Result<()> {
        Ok(())
    }

    /// How many requests this broker may have on their way at once.
    fn max_in_flight(&self) -> usize {
        1
    }

    /// The error of something that this broker cannot do.
    fn unsupported(&self, what: &str) -> Error {
        Error::new(ErrorKind::Unsupported, format!("this broker cannot {what}")).at(self.info().name)
    }

    /// The alert, if it came from this broker.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] when it came from another one.
    fn own<'a>(&self, alert: &'a AnyAlert) -> Result<&'a AnyAlert> {
        if alert.broker() == self.info().name {
            return Ok(alert);
        }
        let text = "the alert came from another broker";
        Err(Error::new(ErrorKind::Input, text).at(self.info().name).with("broker", alert.broker()))
    }
}

impl dyn GenericBroker {
    /// The typed client behind this broker, when it is one of protocol `P`.
    #[must_use]
    pub fn downcast<P: Protocol>(self: Arc<Self>) -> Option<Arc<Client<P>>> {
        let any: Arc<dyn Any + Send + Sync> = self;
        any.downcast().ok()
    }
}

/// Who and what a broker is; a constant of its plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BrokerInfo {
    /// The name under which a registry knows it.
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// The service's page for people.
    pub home: &'static str,
    /// Other names for it: TOM Toolkit's dotted class paths.
    pub aliases: &'static [&'static str],
    /// Settings of a TOM that mean a key of this broker's table: dots lead into tables, and the key `*`
    /// means that the setting is a table of this broker's keys.
    pub config_keys: &'static [(&'static str, &'static str)],
    /// What [`GenericAlert::score`] means here.
    pub score: &'static str,
    /// Whether the public service is there.
    pub status: ServiceStatus,
    /// What it can do.
    pub can: Capabilities,
    /// Whether a listing lacks what a target needs, so that each alert must be fetched by itself.
    pub listing_lacks_target: bool,
    /// The most requests at once that the service asks for, whatever the configuration says.
    pub max_in_flight: Option<u32>,
    /// The least time between two requests that the service asks for, in milliseconds.
    pub min_interval_ms: Option<u64>,
}

impl BrokerInfo {
    /// A living broker that can do nothing yet.
    #[must_use]
    pub const fn new(name: &'static str, about: &'static str, home: &'static str) -> Self {
        Self {
            name,
            about,
            home,
            aliases: &[],
            config_keys: &[],
            score: "this broker has no score",
            status: ServiceStatus::Alive,
            can: Capabilities::NONE,
            listing_lacks_target: false,
            max_in_flight: None,
            min_interval_ms: None,
        }
    }

    /// Says what it can do.
    #[must_use]
    pub const fn can(mut self, can: Capabilities) -> Self {
        self.can = can;
        self
    }

    /// Adds other names.
    #[must_use]
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Says which settings of a TOM mean which key of this broker's table: dots lead into tables, as in
    /// `HARVESTERS.TNS.api_key`, and the key `*` means that the setting is a table of its keys.
    #[must_use]
    pub const fn config_keys(mut self, keys: &'static [(&'static str, &'static str)]) -> Self {
        self.config_keys = keys;
        self
    }

    /// Says what the score means.
    #[must_use]
    pub const fn score(mut self, meaning: &'static str) -> Self {
        self.score = meaning;
        self
    }

    /// Says that the public service is gone.
    #[must_use]
    pub const fn retired(mut self) -> Self {
        self.status = ServiceStatus::Retired;
        self
    }

    /// Says that each alert must be fetched by itself before it can become a target.
    #[must_use]
    pub const fn listing_lacks_target(mut self) -> Self {
        self.listing_lacks_target = true;
        self
    }

    /// Says how polite the service wants its clients to be.
    #[must_use]
    pub const fn polite(mut self, max_in_flight: u32, min_interval_ms: u64) -> Self {
        self.max_in_flight = Some(max_in_flight);
        self.min_interval_ms = Some(min_interval_ms);
        self
    }
}

/// Whether the public service of a broker is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ServiceStatus {
    /// It answers.
    Alive,
    /// It is gone; the broker works against an instance of your own.
    Retired,
}

impl ServiceStatus {
    /// The word for it: `alive`, `retired`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alive => "alive",
            Self::Retired => "retired",
        }
    }
}

/// What a broker can do; the contract suite proves it. Written with `..Capabilities::NONE`, as more
/// may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Capabilities {
    /// List alerts by a query.
    pub list: bool,
    /// Fetch one alert by its id.
    pub one: bool,
    /// Give light curves, spectra or positions.
    pub reduced_data: bool,
    /// Give classifications.
    pub classifications: bool,
    /// Give cutouts.
    pub cutouts: bool,
    /// Take submissions.
    pub submit: bool,
    /// Search a cone.
    pub cone: bool,
    /// Search by name.
    pub name: bool,
    /// Be read as a stream of messages.
    pub stream: bool,
    /// Work only with a credential.
    pub credentials: bool,
}

impl Capabilities {
    /// Nothing at all.
    pub const NONE: Self = Self {
        list: false,
        one: false,
        reduced_data: false,
        classifications: false,
        cutouts: false,
        submit: false,
        cone: false,
        name: false,
        stream: false,
        credentials: false,
    };
}
