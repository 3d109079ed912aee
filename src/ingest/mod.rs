//! `fetch_and_save_all`: alerts become targets with their data in a store, with progress and a report.
//!
//! A run ends where the service says to come back later, and where the store fails; the report then says
//! where to go on. A request that fails in passing (the network, a failing service) for one object alone is
//! one failure of the report: what tells is whether one of the next two objects can be had.

use crate::alert::AnyAlert;
use crate::broker::{GenericBroker, Parameters};
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::Protocol;
use crate::reduced_datum::ReducedData;
use crate::store::{Entry, Outcome, Saved, SavedTarget, TargetStore, complete};
use crate::stream::AlertStream;
use crate::target::Target;

mod once;
mod options;
mod prepare;
mod report;
mod run;
mod saved_query;

pub use options::{Cancel, Event, IngestOptions};
pub use report::{Failure, IngestReport, Ingested};
pub use run::save_alerts;
pub use saved_query::run_query;

impl dyn GenericBroker {
    /// Fetches alerts, makes targets of them and saves them, with progress and a report.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] with all faults of the parameters; what fails later is in the report.
    pub async fn fetch_and_save_all(
        &self,
        parameters: &Parameters,
        store: &dyn TargetStore,
        options: IngestOptions,
    ) -> Result<Ingested> {
        self.ready()?;
        let alerts = self.resume_alerts(parameters, options.resume.as_ref())?;
        Ok(save_alerts(self, alerts, store, options).await)
    }

    /// Fetches an object's reduced data and stores them: new points are created, changed ones updated.
    ///
    /// The object is asked for by the id of the broker's own alert, else by the first that the broker
    /// recognises of the target's name, its aliases and the name that another broker's alert has. The id
    /// of such an alert is never asked for: as a number it would be another object here. A target that the
    /// store has is left as it is; one that it lacks is made of `target`.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] when the broker knows the target by none of its names; the service's
    /// and the store's errors.
    pub async fn process_reduced_data(
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
        let data = self.reduced_data(id, own).await?;
        let points = data.points.iter().chain(&data.withdrawn).cloned().collect();
        let mut entry = Entry::of_data(target.clone(), self.info().name, points);
        entry.provenance = own.map(AnyAlert::provenance).unwrap_or_default();
        let mut saved = store.save_all(std::slice::from_ref(&entry)).await?;
        complete(&saved, 1)?;
        match saved.targets.pop() {
            Some(SavedTarget { outcome: Outcome::Refused(error), .. }) => Err(error),
            target => {
                saved.targets.extend(target);
                Ok((saved, data))
            }
        }
    }
}

impl<P: Protocol> Client<P> {
    /// Fetches the alerts of a typed query, makes targets of them and saves them: the typed
    /// `fetch_and_save_all`.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] with all faults of the query; what fails later is in the report.
    pub async fn save(
        &self,
        query: &P::Query,
        store: &dyn TargetStore,
        options: IngestOptions,
    ) -> Result<Ingested> {
        self.protocol().ready().map_err(|e| e.at(P::INFO.name))?;
        let client = self.clone();
        let alerts = self.alerts_from(query, options.resume.as_ref())?;
        let alerts: AlertStream<AnyAlert> = alerts.map_ok(move |alert| client.erase(alert));
        Ok(save_alerts(self, alerts, store, options).await)
    }

    /// As that of any broker: see `fetch_and_save_all` of [`GenericBroker`].
    ///
    /// # Errors
    /// [`ErrorKind::Input`] with all faults of the parameters; what fails later is in the report.
    pub async fn fetch_and_save_all(
        &self,
        parameters: &Parameters,
        store: &dyn TargetStore,
        options: IngestOptions,
    ) -> Result<Ingested> {
        let broker: &dyn GenericBroker = self;
        broker.fetch_and_save_all(parameters, store, options).await
    }

    /// As that of any broker: see `process_reduced_data` of [`GenericBroker`].
    ///
    /// # Errors
    /// [`ErrorKind::Input`] when the broker knows the target by none of its names; the service's
    /// and the store's errors.
    pub async fn process_reduced_data(
        &self,
        target: &Target,
        alert: Option<&AnyAlert>,
        store: &dyn TargetStore,
    ) -> Result<(Saved, ReducedData)> {
        let broker: &dyn GenericBroker = self;
        broker.process_reduced_data(target, alert, store).await
    }
}
