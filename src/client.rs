//! `Client<P>`: a protocol with the transport, and `GenericBroker` for every protocol.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, future, stream};
use serde_json::Value;

use crate::alert::{Alert, AnyAlert, GenericAlert, ToTarget};
use crate::broker::{BrokerInfo, GenericBroker, Parameters};
use crate::call::{Call, Caller, Manners};
use crate::error::{Error, ErrorKind, Result};
use crate::form::{self, Field};
use crate::http::{Http, HttpConfig, Limits, Request, Response};
use crate::protocol::{Cursor, DryRun, Items, Page, Protocol, Receipt, Slot, Subject, Upstream};
use crate::provenance::Provenance;
use crate::reduced_datum::{Classification, Cutout, ReducedData};
use crate::stream::{AlertStream, ResumeToken, StreamState};
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
    settings: ClientSettings,
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
struct Role<P>(Arc<P>);

impl<P: Protocol> Manners for Role<P> {
    fn exchange(&self, request: Request) -> Result<Call<Response>> {
        self.0.exchange(request)
    }

    fn explain(&self, response: &Response) -> Option<Error> {
        self.0.explain(response)
    }
}

impl<P: Protocol> ToTarget<P::Packet> for Role<P> {
    fn to_target(&self, alert: &Alert<P::Packet>, generic: &GenericAlert) -> Result<Target> {
        self.0.to_target(alert, generic)
    }

    fn provenance(&self, alert: &Alert<P::Packet>, generic: &GenericAlert) -> Provenance {
        self.0.provenance(alert, generic)
    }
}

impl<P: Protocol> Client<P> {
    /// A client with a transport of its own.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for a setting that can never work.
    pub fn new(config: P::Config) -> Result<Self> {
        Self::with_http(config, &Http::new(&HttpConfig::default())?)
    }

    /// A client on a transport that is shared with others.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_http(config: P::Config, http: &Http) -> Result<Self> {
        let protocol = Arc::new(P::new(config).map_err(|e| e.at(P::INFO.name))?);
        let mut limits = Limits::default();
        // What the service asks for is a bound; a configuration may only be politer.
        let configured = u32::try_from(http.max_in_flight()).unwrap_or(u32::MAX);
        limits.max_in_flight = P::INFO.max_in_flight.map(|most| most.min(configured));
        limits.min_interval = P::INFO.min_interval_ms.map(std::time::Duration::from_millis);
        let role = Arc::new(Role(Arc::clone(&protocol)));
        let caller = Caller::new(P::INFO.name, http.scoped(limits), Arc::clone(&role) as _);
        let maker = role;
        Ok(Self { protocol, caller, maker, settings: ClientSettings::default() })
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
    /// [`ErrorKind::Input`] with all faults of the query at once.
    pub fn alerts(&self, query: &P::Query) -> Result<AlertStream<Alert<P::Packet>>> {
        self.alerts_from(query, None)
    }

    /// The same listing from where an earlier stream was left.
    ///
    /// # Errors
    /// As [`alerts`](Self::alerts).
    pub fn alerts_from(
        &self,
        query: &P::Query,
        from: Option<&ResumeToken>,
    ) -> Result<AlertStream<Alert<P::Packet>>> {
        let query = form::check(query).map_err(|e| e.at(P::INFO.name))?;
        self.protocol.ready().map_err(|e| e.at(P::INFO.name))?;
        let start = from.cloned().unwrap_or_default();
        let state = Arc::<StreamState>::default();
        state.lock().at = start.clone();
        let reader = Reader {
            client: self.clone(),
            query: Arc::new(query),
            state: Arc::clone(&state),
            next: Some(start),
            seen: None,
        };
        Ok(AlertStream::with_state(reader.into_stream(), state))
    }

    /// One typed alert by the `id` or `name` that a listing gave; blanks around it are left out.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the service has no such object.
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
                Some(right) if !error.message().contains(&right) => {
                    let text = format!("{}; did you mean {right}?", error.message());
                    let kind = error.kind();
                    error.reworded(kind, text)
                }
                _ => error,
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
    /// [`ErrorKind::Unreadable`] naming what is out of range.
    pub fn generic(&self, alert: &Alert<P::Packet>) -> Result<GenericAlert> {
        let mut generic = self.protocol.to_generic_alert(alert).map_err(|e| e.at(P::INFO.name))?;
        generic.check().map_err(|e| e.at(P::INFO.name))?;
        Ok(generic)
    }

    /// The full target of a typed alert.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an alert without position or orbit.
    pub fn target(&self, alert: &Alert<P::Packet>) -> Result<Target> {
        let generic = self.generic(alert)?;
        self.protocol.to_target(alert, &generic).map_err(|e| e.at(P::INFO.name))
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
            settings: self.settings,
        }
    }
}

impl<P: Protocol> fmt::Debug for Client<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("protocol", &self.protocol).finish_non_exhaustive()
    }
}

/// Reads a listing page by page.
struct Reader<P: Protocol> {
    client: Client<P>,
    query: Arc<P::Query>,
    state: Arc<StreamState>,
    next: Option<ResumeToken>,
    /// The page before: pages are compared whole, which mostly ends at the first bytes.
    seen: Option<Bytes>,
}

impl<P: Protocol> Reader<P> {
    fn into_stream(self) -> impl futures_core::Stream<Item = Result<Alert<P::Packet>>> + Send + 'static {
        let state = Arc::clone(&self.state);
        let caller = self.client.caller.clone();
        let pages = stream::unfold(self, |mut reader| async move {
            let at = reader.next.take()?;
            let page = reader.fetch(&at.cursor).await;
            Some((page.map(|page| (at, page)), reader))
        });
        let items = pages.flat_map(move |page| match page {
            Ok((at, page)) => page_items(at, page, Arc::clone(&state), caller.clone()).boxed(),
            Err(error) => stream::once(future::ready(Err(error))).boxed(),
        });
        items.map(|item| item.map_err(|e| e.at(P::INFO.name)))
    }

    async fn fetch(&mut self, at: &Cursor) -> Result<Page<P::Packet>> {
        let protocol = Arc::clone(&self.client.protocol);
        let number = self.state.lock().pages + 1;
        let place = |e: Error| e.at(P::INFO.name).with("page", number);
        let response = self
            .client
            .caller
            .send(protocol.listing(&self.query, at).map_err(place)?)
            .await
            .map_err(place)?;
        let (body, secrets) = (response.body().clone(), response.secrets());
        let page = protocol.page(&self.query, at, response).map_err(|e| place(e.without(&secrets)))?;
        if !page.items.is_empty() && self.seen.as_ref() == Some(&body) {
            let text = "the service gave the same page twice, so the listing was ended";
            return Err(place(Error::new(ErrorKind::Limit, text)));
        }
        // A page of which nothing is given yet may well come once more.
        self.seen = (!page.items.is_empty()).then_some(body);
        let complete = protocol.complete(&self.query, page).map_err(place)?;
        let mut page = self.client.caller.run(complete).await.map_err(place)?;
        let mut progress = self.state.lock();
        progress.pages = number;
        progress.total = progress.total.or(page.total);
        // Many a broker says the same of every page.
        let told = progress.notes.len();
        page.notes.retain(|note| !progress.notes[..told].contains(note));
        progress.notes.append(&mut page.notes);
        // The page keeps its `next` all the same, so that another stream can go on from there.
        if page.next.is_some() && number >= self.client.settings.max_pages {
            progress.notes.push(format!("stopped after {number} pages, the most that max_pages allows"));
        } else {
            self.next = page.next.clone().map(|cursor| ResumeToken { cursor, skip: 0 });
        }
        Ok(page)
    }
}

/// The items of one page behind `at.skip`, with the place in the listing kept up.
fn page_items<K: Send + 'static>(
    at: ResumeToken,
    page: Page<K>,
    state: Arc<StreamState>,
    caller: Caller,
) -> impl futures_core::Stream<Item = Result<Alert<K>>> + Send + 'static {
    let skip = at.skip;
    let count = page.items.len();
    let behind = page.next.map(|cursor| ResumeToken { cursor, skip: 0 });
    let done = move |progress: &mut crate::stream::Progress, taken: usize| {
        if taken < count {
            progress.at.skip = taken;
        } else if let Some(behind) = behind.clone() {
            progress.at = behind;
        } else {
            progress.ended = true;
        }
    };
    {
        let mut progress = state.lock();
        progress.at = at;
        if count <= skip {
            done(&mut progress, count);
        }
    }
    let answers = match page.items {
        Items::Whole(items) => {
            let items = items.into_iter().map(|item| item.map(Some));
            stream::iter(items.enumerate().skip(skip)).left_stream()
        }
        Items::Slots(slots) => {
            let width = caller.width();
            let ask = move |(index, slot): (usize, Result<Slot<K>>)| {
                let caller = caller.clone();
                async move {
                    let item = match slot {
                        Ok(Slot::Item(alert)) => Ok(Some(alert)),
                        Ok(Slot::Ask(call)) => caller.run(*call).await.map(Some),
                        Ok(Slot::Maybe(call)) => caller.run(*call).await,
                        Err(error) => Err(error),
                    };
                    (index, item)
                }
            };
            stream::iter(slots.into_iter().enumerate().skip(skip)).map(ask).buffered(width).right_stream()
        }
    };
    answers.filter_map(move |(index, item)| {
        done(&mut state.lock(), index + 1);
        future::ready(item.map_err(|e| e.with("item", index + 1)).transpose())
    })
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
        let alerts = self.alerts_from(&self.read_query(parameters)?, from)?;
        Ok(alerts.map_ok(move |alert| client.erase(alert)))
    }

    async fn fetch_alert(&self, id: &str) -> Result<AnyAlert> {
        self.erase(self.alert(id).await?)
    }

    fn read_alert(&self, raw: &str) -> Result<AnyAlert> {
        self.erase(Alert::from_raw(raw).map_err(|e| e.at(P::INFO.name))?)
    }

    async fn reduced_data(&self, id: &str, alert: Option<&AnyAlert>) -> Result<ReducedData> {
        let id = id.trim();
        let call = self.protocol.reduced_data(Self::subject(id, alert));
        self.run_for(id, call).await.map(ReducedData::sorted)
    }

    async fn classifications(&self, id: &str, alert: Option<&AnyAlert>) -> Result<Vec<Classification>> {
        let id = id.trim();
        let call = self.protocol.classifications(Self::subject(id, alert));
        self.run_for(id, call).await
    }

    async fn cutouts(&self, id: &str, alert: Option<&AnyAlert>) -> Result<Vec<Cutout>> {
        let id = id.trim();
        let call = self.protocol.cutouts(Self::subject(id, alert));
        self.run_for(id, call).await
    }

    fn recognises(&self, name: &str) -> bool {
        self.protocol.recognises(name)
    }

    fn submission_form(&self) -> Option<Value> {
        P::INFO.can.submit.then(form::schema::<P::Submission>)
    }

    async fn submit_upstream_alert(&self, what: Upstream<'_>, parameters: &Parameters) -> Result<Receipt> {
        self.run(self.submission(what, parameters)).await
    }

    fn dry_run(&self, what: Upstream<'_>, parameters: &Parameters) -> Result<DryRun> {
        let call = self.submission(what, parameters)?;
        let requests = call.requests().into_iter().cloned().collect();
        Ok(DryRun::new(requests, call.messages().into_iter().cloned().collect()))
    }

    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<Parameters> {
        let query = self.protocol.cone_query(ra, dec, radius).map_err(|e| e.at(P::INFO.name))?;
        form::to_parameters(&query).map_err(|e| e.at(P::INFO.name))
    }

    fn name_query(&self, name: &str) -> Result<Parameters> {
        let query = self.protocol.name_query(name).map_err(|e| e.at(P::INFO.name))?;
        form::to_parameters(&query).map_err(|e| e.at(P::INFO.name))
    }

    fn ready(&self) -> Result<()> {
        self.protocol.ready().map_err(|e| e.at(P::INFO.name))
    }

    fn max_in_flight(&self) -> usize {
        self.caller.width()
    }
}
