//! What a plugin implements: `Protocol`, pure and typed, with `Subject`, `Upstream` and `Receipt`.

use std::fmt;

use serde::Serialize;
use serde_json::Value;
use url::Url;

use crate::alert::{Alert, GenericAlert};
use crate::call::Call;
use crate::error::{Error, ErrorKind, Result};
use crate::form::Form;
use crate::http::{Request, Response};
use crate::info::BrokerInfo;
use crate::kafka::Message;
use crate::observation::ObservationRecord;
use crate::page::Page;
use crate::provenance::Provenance;
use crate::reduced_datum::{Classification, Cutout, ReducedData, ReducedDatum};
use crate::resume::Cursor;
use crate::target::Target;

/// How one service is spoken: it builds requests and reads responses, and does no I/O itself.
///
/// [`Client`](crate::Client) joins it with the transport and makes a
/// [`GenericBroker`](crate::GenericBroker) of it. What a service cannot do is not written: the
/// defaults answer [`ErrorKind::Unsupported`], and the contract suite compares that with
/// [`INFO`](Self::INFO).
#[allow(unused_variables, reason = "the names of what a default does not use are for the docs")]
pub trait Protocol: fmt::Debug + Send + Sync + Sized + 'static {
    /// Who and what the broker is.
    const INFO: &'static BrokerInfo;
    /// Its table of the configuration.
    type Config: Form;
    /// What it can be asked: its query form.
    type Query: Form;
    /// One item of its listing, as it comes over the wire.
    type Packet: serde::de::DeserializeOwned + Clone + fmt::Debug + Send + Sync + 'static;
    /// What submitting upstream needs beside target and observation;
    /// [`NoForm`](crate::form::NoForm) when there is nothing to submit.
    type Submission: Form;

    /// Makes the protocol from its configuration. A setting that is missing is no error here but
    /// in [`ready`](Self::ready), so that a registry can hold brokers that are not configured yet.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for a setting that can never work.
    fn new(config: Self::Config) -> Result<Self>;

    /// Whether everything needed for a call is configured. Asked before the first request.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] saying which key to set and where to get its value.
    fn ready(&self) -> Result<()> {
        Ok(())
    }

    /// The request for the part of a listing that begins at a cursor.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] when the query cannot be asked.
    fn listing(&self, query: &Self::Query, at: &Cursor) -> Result<Request>;

    /// Reads one part of a listing. `at` is the cursor that [`listing`](Self::listing) was given.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] when the whole part cannot be read; one bad item is an error in
    /// [`Page::items`].
    fn page(&self, query: &Self::Query, at: &Cursor, response: Response) -> Result<Page<Self::Packet>>;

    /// The steps that make a page whole when its items need more than one request each can bring,
    /// such as objects that are fetched in batches. The default has none.
    ///
    /// The page may have fewer items than [`page`](Self::page) returned: items that were taken before, or
    /// are beyond a limit, are left out. The result must have as many items, in the same order; an item
    /// that cannot be fetched is an error in its place.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] as [`page`](Self::page).
    fn complete(&self, query: &Self::Query, page: Page<Self::Packet>) -> Result<Call<Page<Self::Packet>>> {
        Ok(Call::Done(page))
    }

    /// The eight things every broker gives.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] when the packet is not what it should be. Ranges are checked by
    /// the core.
    fn to_generic_alert(&self, alert: &Alert<Self::Packet>) -> Result<GenericAlert>;

    /// The full target. The default is the plain one at the generic position.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] when the alert has neither position nor orbit.
    fn to_target(&self, alert: &Alert<Self::Packet>, generic: &GenericAlert) -> Result<Target> {
        generic.to_target()
    }

    /// Whose object the alert is of, when it was observed and what its position is. A store merges by it.
    ///
    /// The default takes the generic `name` for the object's id, the generic `timestamp` for the time,
    /// and the position for a reported one.
    fn provenance(&self, alert: &Alert<Self::Packet>, generic: &GenericAlert) -> Provenance {
        Provenance::of_object(&generic.name).observed_at(generic.timestamp)
    }

    /// One alert by what the listing gave as `id` or `name`.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that cannot be one of this service.
    fn alert(&self, id: &str) -> Result<Call<Alert<Self::Packet>>> {
        Err(unsupported("fetch a single alert"))
    }

    /// Whether this service can have given an object such a name, by the name's shape. A number that
    /// it gives its own rows is none: another service's numbers look the same.
    fn recognises(&self, name: &str) -> bool {
        !name.is_empty()
    }

    /// Light curve, spectra, positions of an object.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that cannot be one of this service.
    fn reduced_data(&self, subject: Subject<'_, Self::Packet>) -> Result<Call<ReducedData>> {
        Err(unsupported("give reduced data"))
    }

    /// What its classifiers say of an object.
    ///
    /// # Errors
    /// As [`reduced_data`](Self::reduced_data).
    fn classifications(&self, subject: Subject<'_, Self::Packet>) -> Result<Call<Vec<Classification>>> {
        Err(unsupported("give classifications"))
    }

    /// Images around an object.
    ///
    /// # Errors
    /// As [`reduced_data`](Self::reduced_data).
    fn cutouts(&self, subject: Subject<'_, Self::Packet>) -> Result<Call<Vec<Cutout>>> {
        Err(unsupported("give cutouts"))
    }

    /// The steps that submit something upstream. The first [`Call::Send`] or [`Call::Publish`] is
    /// what a dry run shows.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] with every fault, before anything is sent.
    fn submit(&self, what: Upstream<'_>, form: &Self::Submission) -> Result<Call<Receipt>> {
        Err(unsupported("take submissions"))
    }

    /// The queries that together find everything within `radius` arcsec of a position in degrees: mostly
    /// one, one per survey where a query has a single survey.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when the service has no cone search.
    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<Vec<Self::Query>> {
        Err(unsupported("search a cone"))
    }

    /// The queries that together find an object by its name: one for the survey that the shape of the
    /// name belongs to, one per survey where the shape does not say.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when the service has no search by name, [`ErrorKind::Input`] for a name
    /// that no object of the service can have.
    fn name_query(&self, name: &str) -> Result<Vec<Self::Query>> {
        Err(unsupported("search by name"))
    }

    /// How a request gets its answer, when that takes more than sending it: a login before it, a
    /// challenge that is answered. Every request of the broker goes through it.
    ///
    /// Unlike in other calls an answer of any status is `Ok` in these steps; the response that
    /// comes out is judged as any other. The default sends the request once.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when a credential is missing.
    fn exchange(&self, request: Request) -> Result<Call<Response>> {
        Ok(Call::get(request, Ok))
    }

    /// What an answer means when the plugin knows better than its status: a failure under status
    /// 200, or a failure whose usual text would mislead. `None` leaves it to the core.
    fn explain(&self, response: &Response) -> Option<Error> {
        None
    }
}

fn unsupported(what: &str) -> Error {
    Error::new(ErrorKind::Unsupported, format!("this broker cannot {what}"))
}

/// Whose data is asked for.
#[derive(Debug)]
#[non_exhaustive]
pub struct Subject<'a, P> {
    /// A name of the object that [`Protocol::recognises`] accepted.
    pub id: &'a str,
    /// The alert itself, when the caller has it: it may hold the data already.
    pub alert: Option<&'a Alert<P>>,
}

impl<P> Clone for Subject<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Subject<'_, P> {}

impl<'a, P> Subject<'a, P> {
    /// An object by its id alone.
    #[must_use]
    pub fn new(id: &'a str) -> Self {
        Self { id, alert: None }
    }

    /// The same with the alert that was listed or fetched.
    #[must_use]
    pub fn with_alert(mut self, alert: &'a Alert<P>) -> Self {
        self.alert = Some(alert);
        self
    }
}

/// What is to be submitted.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Upstream<'a> {
    /// The object.
    pub target: Option<&'a Target>,
    /// An observation of it.
    pub observation: Option<&'a ObservationRecord>,
    /// Reduced data that go with it.
    pub data: &'a [ReducedDatum],
}

impl<'a> Upstream<'a> {
    /// A target, an observation, or both, with data.
    #[must_use]
    pub fn new(
        target: Option<&'a Target>,
        observation: Option<&'a ObservationRecord>,
        data: &'a [ReducedDatum],
    ) -> Self {
        Self { target, observation, data }
    }
}

/// What a submission would send first, before an answer decides what comes next.
///
/// Its `Debug` shows no secret; what is in it does.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct DryRun {
    /// The requests over HTTP, in order, and those that are known to follow.
    pub requests: Vec<Request>,
    /// The messages for Kafka, in order.
    pub messages: Vec<Message>,
}

impl DryRun {
    /// What would be sent and published.
    #[must_use]
    pub fn new(requests: Vec<Request>, messages: Vec<Message>) -> Self {
        Self { requests, messages }
    }
}

/// What a service said when it took a submission.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Receipt {
    /// The broker that took it.
    pub broker: String,
    /// The service's id of the submission.
    pub id: Option<String>,
    /// Where it can be looked at.
    pub url: Option<Url>,
    /// The service's answer, whole.
    pub answer: Value,
}

impl Receipt {
    /// A receipt with the service's whole answer.
    #[must_use]
    pub fn new(broker: &str, id: Option<String>, url: Option<Url>, answer: Value) -> Self {
        Self { broker: broker.to_owned(), id, url, answer }
    }
}
