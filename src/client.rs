//! `Client<P>`: a protocol with the transport, and `GenericBroker` for every protocol.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use crate::alert::{Alert, AnyAlert, GenericAlert, ToTarget};
use crate::broker::{GenericBroker, Parameters};
use crate::call::{Call, Engine};
use crate::caller::{Caller, Manners, Secrets};
use crate::error::{Error, ErrorKind, Result};
use crate::form::{self, Field};
use crate::http::{Http, HttpConfig, Limits, Request, Response};
use crate::info::BrokerInfo;
use crate::protocol::{DryRun, Protocol, Receipt, Subject, Upstream};
use crate::provenance::Provenance;
use crate::reader::Reader;
use crate::reduced_datum::{Classification, Cutout, ReducedData};
use crate::resume::ResumeToken;
use crate::stream::AlertStream;
use crate::survey::Survey;
use crate::target::Target;

/// A broker's protocol with the transport: typed calls, and [`GenericBroker`] for programs that
/// take any broker. Cheap to clone.
///
/// ```no_run
/// # #[cfg(feature = "alerce")]
/// # async fn run() -> tom_alerts::Result<()> {
/// use tom_alerts::brokers::alerce::{AlerceBroker, AlerceConfig, AlerceQuery};
/// let alerce = AlerceBroker::new(AlerceConfig::default())?;
/// let query = AlerceQuery { class: Some("SNIa".into()), ..AlerceQuery::default() };
/// let mut alerts = alerce.alerts(&query)?.limit(10);
/// while let Some(alert) = alerts.try_next().await? {
///     println!("{}", alerce.generic(&alert)?);
/// }
/// # Ok(()) }
/// ```
pub struct Client<P: Protocol> {
    protocol: Arc<P>,
    caller: Caller,
    maker: Arc<dyn ToTarget<P::Packet>>,
    secrets: Arc<Secrets>,
    settings: ClientSettings,
}

/// Whose data a typed call asks for: made from an alert or from an object's id.
///
/// ```no_run
/// # #[cfg(feature = "alerce")]
/// # async fn run() -> tom_alerts::Result<()> {
/// use tom_alerts::brokers::alerce::{AlerceBroker, AlerceConfig};
/// let alerce = AlerceBroker::new(AlerceConfig::default())?;
/// let points = alerce.data("ZTF20acnsdjd").await?.points;
/// let alert = alerce.alert("ZTF20acnsdjd").await?;
/// let classes = alerce.classes(&alert).await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum ObjectOf<'a, P> {
    /// The object with this id.
    Id(&'a str),
    /// The object of this alert, which may hold the data already.
    Alert(&'a Alert<P>),
}

impl<'a, P> ObjectOf<'a, P> {
    fn subject<'b>(&self, id: &'b str) -> Subject<'b, P>
    where
        'a: 'b,
    {
        match self {
            Self::Id(_) => Subject::new(id),
            Self::Alert(alert) => Subject::new(id).with_alert(alert),
        }
    }
}

impl<'a, P> From<&'a str> for ObjectOf<'a, P> {
    fn from(id: &'a str) -> Self {
        Self::Id(id)
    }
}

impl<'a, P> From<&'a String> for ObjectOf<'a, P> {
    fn from(id: &'a String) -> Self {
        Self::Id(id)
    }
}

impl<'a, P> From<&'a Alert<P>> for ObjectOf<'a, P> {
    fn from(alert: &'a Alert<P>) -> Self {
        Self::Alert(alert)
    }
}

/// What may be set for one broker beside its own configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientSettings {
    /// The most pages that one listing reads; then it ends with a note. Default: 10,000.
    pub max_pages: u32,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self { max_pages: 10_000 }
    }
}

impl ClientSettings {
    /// The most pages that one listing reads.
    #[must_use]
    pub fn max_pages(mut self, pages: u32) -> Self {
        self.max_pages = pages;
        self
    }
}

/// A protocol in the roles that know nothing of its types.
struct Role<P> {
    protocol: Arc<P>,
    secrets: Arc<Secrets>,
}

impl<P: Protocol> Manners for Role<P> {
    fn exchange(&self, request: Request) -> Result<Call<Response>> {
        self.protocol.exchange(request)
    }

    fn explain(&self, response: &Response) -> Option<Error> {
        self.protocol.explain(response)
    }
}

impl<P: Protocol> ToTarget<P::Packet> for Role<P> {
    fn to_target(&self, alert: &Alert<P::Packet>, generic: &GenericAlert) -> Result<Target> {
        self.protocol.to_target(alert, generic).map_err(|error| self.secrets.hide(error))
    }

    fn provenance(&self, alert: &Alert<P::Packet>, generic: &GenericAlert) -> Provenance {
        self.protocol.provenance(alert, generic)
    }
}

impl<P: Protocol> Client<P> {
    /// A client with a transport of its own.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) for a setting that can never work.
    pub fn new(config: P::Config) -> Result<Self> {
        Self::with_http(config, &Http::new(&HttpConfig::default())?)
    }

    /// A client on a transport that is shared with others.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_http(config: P::Config, http: &Http) -> Result<Self> {
        let protocol = Arc::new(P::new(config).map_err(|e| e.at(P::INFO.name))?);
        // What the service asks for is a bound; a configuration may only be politer.
        let limits = Limits {
            max_in_flight: P::INFO.max_in_flight,
            min_interval: P::INFO.min_interval_ms.map(std::time::Duration::from_millis),
            ..Limits::default()
        };
        let secrets = Arc::<Secrets>::default();
        let role = Role { protocol: Arc::clone(&protocol), secrets: Arc::clone(&secrets) };
        let maker = Arc::new(role);
        let caller =
            Caller::new(P::INFO.name, http.scoped(limits), Arc::clone(&maker) as _, Arc::clone(&secrets));
        Ok(Self { protocol, caller, maker, secrets, settings: ClientSettings::default() })
    }

    /// The same with other settings.
    #[must_use]
    pub fn with_settings(mut self, settings: ClientSettings) -> Self {
        self.settings = settings;
        self
    }

    /// The protocol alone: its pure functions.
    #[must_use]
    pub fn protocol(&self) -> &P {
        &self.protocol
    }

    /// The typed alerts that answer a typed query; see [`AlertStream`].
    ///
    /// # Errors
    /// [`ErrorKind::Input`](crate::ErrorKind::Input) with all faults of the query at once.
    pub fn alerts(&self, query: &P::Query) -> Result<AlertStream<Alert<P::Packet>>> {
        self.alerts_from(query, None)
    }

    /// The same listing from where an earlier stream was left.
    ///
    /// # Errors
    /// As [`alerts`](Self::alerts), and [`ErrorKind::Input`](crate::ErrorKind::Input) when the token belongs to another query or
    /// broker.
    pub fn alerts_from(
        &self,
        query: &P::Query,
        from: Option<&ResumeToken>,
    ) -> Result<AlertStream<Alert<P::Packet>>> {
        self.listing(form::check(query).map_err(|e| e.at(P::INFO.name))?, from)
    }

    /// The alerts that answer a query which was checked.
    fn listing(&self, query: P::Query, from: Option<&ResumeToken>) -> Result<AlertStream<Alert<P::Packet>>> {
        self.protocol.ready().map_err(|e| e.at(P::INFO.name))?;
        let parameters = form::to_parameters(&query).map_err(|e| e.at(P::INFO.name))?;
        let start = ResumeToken::or_start(from, P::INFO.name, &parameters)?;
        let (protocol, caller) = (Arc::clone(&self.protocol), self.caller.clone());
        let secrets = Arc::clone(&self.secrets);
        let max_pages = self.settings.max_pages;
        Ok(Reader { protocol, caller, secrets, query, max_pages }.into_stream(start))
    }

    /// One typed alert by the `id` or `name` that a listing gave; blanks around it are left out.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when the service has no such object.
    pub async fn alert(&self, id: &str) -> Result<Alert<P::Packet>> {
        let id = id.trim();
        self.run_for(id, self.protocol.alert(id)).await
    }

    /// Carries out a call by an id, which a person may have typed: what the service does not know gets
    /// the right spelling of an id that is close to one.
    async fn run_for<T: Send + 'static>(&self, id: &str, call: Result<Call<T>>) -> Result<T> {
        self.run(call).await.map_err(|error| {
            let astray = matches!(error.kind(), ErrorKind::Input | ErrorKind::NotFound);
            match Survey::respell(id).filter(|right| astray && self.protocol.recognises(right)) {
                Some(right) if !error.message().contains("did you mean") => {
                    let text = format!("{}; did you mean {right}?", error.message());
                    let kind = error.kind();
                    error.reworded(kind, text)
                }
                _ => error,
            }
        })
    }

    /// Light curve, spectra and positions of an object, oldest first. An alert may hold them already:
    /// then nothing is requested.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when the service has no such object.
    pub async fn data(&self, of: impl Into<ObjectOf<'_, P::Packet>>) -> Result<ReducedData> {
        let of = of.into();
        let id = self.id_of(&of)?;
        self.data_of(of.subject(id.trim())).await
    }

    /// What the broker's classifiers say of an object.
    ///
    /// # Errors
    /// As [`data`](Self::data).
    pub async fn classes(&self, of: impl Into<ObjectOf<'_, P::Packet>>) -> Result<Vec<Classification>> {
        let of = of.into();
        let id = self.id_of(&of)?;
        self.classes_of(of.subject(id.trim())).await
    }

    /// Images around an object.
    ///
    /// # Errors
    /// As [`data`](Self::data).
    pub async fn images(&self, of: impl Into<ObjectOf<'_, P::Packet>>) -> Result<Vec<Cutout>> {
        let of = of.into();
        let id = self.id_of(&of)?;
        self.images_of(of.subject(id.trim())).await
    }

    async fn data_of(&self, subject: Subject<'_, P::Packet>) -> Result<ReducedData> {
        let call = self.protocol.reduced_data(subject);
        let mut data = self.run_for(subject.id, call).await?.sorted();
        data.failures = data.failures.into_iter().map(|error| self.caller.told(error)).collect();
        self.secrets.hide_in(data.notes.iter_mut());
        Ok(data)
    }

    async fn classes_of(&self, subject: Subject<'_, P::Packet>) -> Result<Vec<Classification>> {
        self.run_for(subject.id, self.protocol.classifications(subject)).await
    }

    async fn images_of(&self, subject: Subject<'_, P::Packet>) -> Result<Vec<Cutout>> {
        self.run_for(subject.id, self.protocol.cutouts(subject)).await
    }

    /// The id by which the service is asked: that of the generic alert, whose numbers do not matter here.
    fn id_of<'a>(&self, of: &ObjectOf<'a, P::Packet>) -> Result<Cow<'a, str>> {
        Ok(match *of {
            ObjectOf::Id(id) => id.into(),
            ObjectOf::Alert(alert) => {
                self.protocol.to_generic_alert(alert).map_err(|e| e.at(P::INFO.name))?.id.into()
            }
        })
    }

    /// Carries out a call that the protocol made, as [`ready`](Protocol::ready) allows.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn run<T: Send + 'static>(&self, call: Result<Call<T>>) -> Result<T> {
        self.protocol.ready().map_err(|e| e.at(P::INFO.name))?;
        self.caller.run(call.map_err(|e| e.at(P::INFO.name))?).await
    }

    /// The generic alert of a typed one, with every number in range.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`](crate::ErrorKind::Unreadable) naming what is out of range.
    pub fn generic(&self, alert: &Alert<P::Packet>) -> Result<GenericAlert> {
        let mut generic = self.protocol.to_generic_alert(alert).map_err(|e| self.caller.told(e))?;
        generic.check().map_err(|e| self.caller.told(e))?;
        Ok(generic)
    }

    /// The full target of a typed alert.
    ///
    /// # Errors
    /// [`ErrorKind::Input`](crate::ErrorKind::Input) for an alert without position or orbit.
    pub fn target(&self, alert: &Alert<P::Packet>) -> Result<Target> {
        let generic = self.generic(alert)?;
        self.protocol.to_target(alert, &generic).map_err(|e| self.caller.told(e))
    }

    /// The typed alert with its type erased.
    ///
    /// # Errors
    /// As [`generic`](Self::generic).
    pub fn erase(&self, alert: Alert<P::Packet>) -> Result<AnyAlert> {
        let generic = self.generic(&alert)?;
        Ok(AnyAlert::new(P::INFO.name, generic, alert, Arc::clone(&self.maker)))
    }

    fn subject<'a>(id: &'a str, alert: Option<&'a AnyAlert>) -> Subject<'a, P::Packet> {
        let subject = Subject::new(id);
        // Another broker's packet may be of the same type.
        match alert.filter(|alert| alert.broker() == P::INFO.name).and_then(AnyAlert::typed) {
            Some(alert) => subject.with_alert(alert),
            None => subject,
        }
    }

    fn submission(&self, what: Upstream<'_>, parameters: &Parameters) -> Result<Call<Receipt>> {
        let form = form::read(parameters).map_err(|e| e.at(P::INFO.name))?;
        self.protocol.submit(what, &form).map_err(|e| e.at(P::INFO.name))
    }

    fn parameters(queries: Result<Vec<P::Query>>) -> Result<Vec<Parameters>> {
        let written = queries.and_then(|queries| queries.iter().map(form::to_parameters).collect());
        written.map_err(|e| e.at(P::INFO.name))
    }

    fn read_query(&self, parameters: &Parameters) -> Result<P::Query> {
        form::read(parameters).map_err(|e| e.at(P::INFO.name))
    }
}

impl<P: Protocol> Clone for Client<P> {
    fn clone(&self) -> Self {
        Self {
            protocol: Arc::clone(&self.protocol),
            caller: self.caller.clone(),
            maker: Arc::clone(&self.maker),
            secrets: Arc::clone(&self.secrets),
            settings: self.settings,
        }
    }
}

impl<P: Protocol> fmt::Debug for Client<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("protocol", &self.protocol).finish_non_exhaustive()
    }
}

/// Every text in a value, but for the names of its fields.
fn texts_of(value: &mut Value) -> Vec<&mut String> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter_mut().flat_map(texts_of).collect(),
        Value::Object(map) => map.values_mut().flat_map(texts_of).collect(),
        _ => Vec::new(),
    }
}

#[async_trait]
impl<P: Protocol> GenericBroker for Client<P> {
    fn info(&self) -> &'static BrokerInfo {
        P::INFO
    }

    fn form(&self) -> Value {
        form::schema::<P::Query>()
    }

    fn form_fields(&self) -> Vec<Field> {
        form::fields::<P::Query>()
    }

    fn check(&self, parameters: &Parameters) -> Result<Parameters> {
        form::to_parameters(&self.read_query(parameters)?)
    }

    fn resume_alerts(
        &self,
        parameters: &Parameters,
        from: Option<&ResumeToken>,
    ) -> Result<AlertStream<AnyAlert>> {
        let client = self.clone();
        let alerts = self.listing(self.read_query(parameters)?, from)?;
        Ok(alerts.map_ok(move |alert| client.erase(alert)))
    }

    async fn fetch_alert(&self, id: &str) -> Result<AnyAlert> {
        self.erase(self.alert(id).await?)
    }

    fn read_alert(&self, raw: &str) -> Result<AnyAlert> {
        self.erase(Alert::from_raw(raw).map_err(|e| e.at(P::INFO.name))?)
    }

    async fn reduced_data(&self, id: &str, alert: Option<&AnyAlert>) -> Result<ReducedData> {
        self.data_of(Self::subject(id.trim(), alert)).await
    }

    async fn classifications(&self, id: &str, alert: Option<&AnyAlert>) -> Result<Vec<Classification>> {
        self.classes_of(Self::subject(id.trim(), alert)).await
    }

    async fn cutouts(&self, id: &str, alert: Option<&AnyAlert>) -> Result<Vec<Cutout>> {
        self.images_of(Self::subject(id.trim(), alert)).await
    }

    fn recognises(&self, name: &str) -> bool {
        self.protocol.recognises(name)
    }

    fn submission_form(&self) -> Option<Value> {
        P::INFO.can.submit.then(form::schema::<P::Submission>)
    }

    async fn submit_upstream_alert(&self, what: Upstream<'_>, parameters: &Parameters) -> Result<Receipt> {
        let mut receipt = self.run(self.submission(what, parameters)).await?;
        self.secrets.hide_in(texts_of(&mut receipt.answer).into_iter());
        Ok(receipt)
    }

    fn dry_run(&self, what: Upstream<'_>, parameters: &Parameters) -> Result<DryRun> {
        let call = self.submission(what, parameters)?;
        let requests = call.requests().into_iter().cloned().collect();
        Ok(DryRun::new(requests, call.messages().into_iter().cloned().collect()))
    }

    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<Vec<Parameters>> {
        Self::parameters(self.protocol.cone_query(ra, dec, radius))
    }

    fn name_query(&self, name: &str) -> Result<Vec<Parameters>> {
        Self::parameters(self.protocol.name_query(name))
    }

    fn ready(&self) -> Result<()> {
        self.protocol.ready().map_err(|e| e.at(P::INFO.name))
    }

    fn max_in_flight(&self) -> usize {
        self.caller.width()
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
