//! `GenericBroker`, TOM Toolkit's interface to a broker.

use std::any::Any;
use std::fmt;

use async_trait::async_trait;
use serde_json::Value;

pub use crate::form::Parameters;

use crate::alert::{AnyAlert, GenericAlert};
use crate::error::{Error, ErrorKind, Result};
use crate::info::BrokerInfo;
use crate::protocol::{DryRun, Receipt, Upstream};
use crate::reduced_datum::{Classification, Cutout, ReducedData};
use crate::resume::ResumeToken;
use crate::stream::AlertStream;
use crate::target::Target;

/// What every broker can be asked, with the method names of TOM Toolkit's `GenericBroker`.
///
/// Held as `Arc<dyn GenericBroker>`. A broker over HTTP is a [`Client`](crate::Client) of a
/// [`Protocol`](crate::Protocol); anything else (a broker over Kafka, say) may implement this by hand. What a
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

    /// The queries that together find everything within `radius` arcsec of a position in degrees. Brokers
    /// of several surveys give one for each; list all of them.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when the broker has no cone search, [`ErrorKind::Input`] for a position
    /// that is not on the sky.
    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<Vec<Parameters>> {
        Err(self.unsupported("search a cone"))
    }

    /// The queries that together find an object by its name: one for each survey that may have it.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when the broker has no search by name, [`ErrorKind::Input`] for a name
    /// that none of its objects can have.
    fn name_query(&self, name: &str) -> Result<Vec<Parameters>> {
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
