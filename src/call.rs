//! `Call`: everything that is not a listing, as pure steps, and the `Caller` that carries them out.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};

use crate::error::{Error, ErrorKind, Result};
use crate::http::{Http, Request, Response};
use crate::kafka::{Delivery, Message};

/// What is to be done next with an answer, or with the failure to get one.
pub type Then<T> = Box<dyn FnOnce(Result<Response>) -> Result<Call<T>> + Send>;

/// What is to be done with the results of calls that ran side by side, in their order.
pub type Join<T> = Box<dyn FnOnce(Vec<Result<T>>) -> Result<Call<T>> + Send>;

/// What is to be done next when messages were published, or one of them was not.
pub type Sent<T> = Box<dyn FnOnce(Result<Vec<Delivery>>) -> Result<Call<T>> + Send>;

/// One alert, a light curve, a login, polling, submitting: the steps, pure to build and to test.
///
/// ```
/// use tom_alerts::plugin::*;
/// fn count(url: Url) -> Call<usize> {
///     Call::get(Request::get(url), |response| Ok(response.json::<Vec<u64>>()?.len()))
/// }
/// let call = count("https://example.org/ids".parse().unwrap());
/// assert_eq!(call.requests()[0].url().path(), "/ids");
/// ```
#[non_exhaustive]
pub enum Call<T> {
    /// The result.
    Done(T),
    /// A request, and what to make of its answer.
    Send(Box<Request>, Then<T>),
    /// Messages for Kafka, one after the other up to the first that fails, and what to make of that.
    Publish(Vec<Message>, Sent<T>),
    /// A pause before the next step, as in polling for a reply.
    Wait(Duration, Box<Call<T>>),
    /// Calls side by side, within the service's limits.
    All(Vec<Call<T>>, Join<T>),
    /// A call whose result decides the next one; made by [`and_then`](Self::and_then).
    Chain(Chain<T>),
    /// A call whose later requests are known beforehand; made by [`announcing`](Self::announcing).
    Announced(Box<Call<T>>, Vec<Request>),
}

/// A call of another type and what follows from its result.
pub struct Chain<T>(Box<dyn Linked<T>>);

impl<T> Chain<T> {
    pub(crate) fn of(steps: Box<dyn Linked<T>>) -> Self {
        Self(steps)
    }
}

/// Steps that need the caller itself, because another call runs within them.
pub(crate) trait Linked<T>: Send {
    fn requests(&self) -> Vec<&Request>;
    fn messages(&self) -> Vec<&Message> {
        Vec::new()
    }
    fn run<'a>(self: Box<Self>, caller: &'a Caller) -> BoxFuture<'a, Result<Call<T>>>
    where
        T: 'a;
}

struct Link<A, T> {
    first: Call<A>,
    next: Box<dyn FnOnce(A) -> Result<Call<T>> + Send>,
}

impl<A: Send + 'static, T: Send + 'static> Linked<T> for Link<A, T> {
    fn requests(&self) -> Vec<&Request> {
        self.first.requests()
    }

    fn messages(&self) -> Vec<&Message> {
        self.first.messages()
    }

    fn run<'a>(self: Box<Self>, caller: &'a Caller) -> BoxFuture<'a, Result<Call<T>>>
    where
        T: 'a,
    {
        async move { (self.next)(caller.run(self.first).await?) }.boxed()
    }
}

impl<T: Send + 'static> Call<T> {
    /// A request whose good answer is read into the result.
    #[must_use]
    pub fn get(request: Request, read: impl FnOnce(Response) -> Result<T> + Send + 'static) -> Self {
        Self::step(request, move |answer| Ok(Self::Done(read(answer?)?)))
    }

    /// A request whose answer, good or bad, decides the next step.
    #[must_use]
    pub fn step(
        request: Request,
        then: impl FnOnce(Result<Response>) -> Result<Self> + Send + 'static,
    ) -> Self {
        Self::Send(Box::new(request), Box::new(then))
    }

    /// Messages that are read into the result when all of them are confirmed. An error says under
    /// `confirmed` how many were before it.
    #[must_use]
    pub fn publish(
        messages: Vec<Message>,
        read: impl FnOnce(Vec<Delivery>) -> Result<T> + Send + 'static,
    ) -> Self {
        Self::Publish(messages, Box::new(move |sent| Ok(Self::Done(read(sent?)?))))
    }

    /// Calls side by side whose results become one.
    #[must_use]
    pub fn all(calls: Vec<Self>, join: impl FnOnce(Vec<Result<T>>) -> Result<T> + Send + 'static) -> Self {
        Self::All(calls, Box::new(move |results| Ok(Self::Done(join(results)?))))
    }

    /// Further steps after the result.
    #[must_use]
    pub fn and_then<U: Send + 'static>(
        self,
        next: impl FnOnce(T) -> Result<Call<U>> + Send + 'static,
    ) -> Call<U> {
        Call::Chain(Chain(Box::new(Link { first: self, next: Box::new(next) })))
    }

    /// The result made into something else, whatever the steps.
    #[must_use]
    pub fn map<U: Send + 'static>(self, f: impl FnOnce(T) -> Result<U> + Send + 'static) -> Call<U> {
        self.and_then(move |value| Ok(Call::Done(f(value)?)))
    }
}

impl<T> Call<T> {
    /// Names requests that will be sent after the first, so that a dry run shows them too: such as
    /// a report whose files are sent before it.
    ///
    /// ```
    /// use tom_alerts::plugin::*;
    /// let to = |path: &str| Request::post(format!("https://example.org/{path}").parse().unwrap());
    /// let call = Call::get(to("file"), |_| Ok(())).announcing(vec![to("report")]);
    /// let paths: Vec<_> = call.requests().iter().map(|request| request.url().path()).collect();
    /// assert_eq!(paths, ["/file", "/report"]);
    /// ```
    #[must_use]
    pub fn announcing(self, later: Vec<Request>) -> Self {
        Self::Announced(Box::new(self), later)
    }

    /// The requests that would be sent first, and those that were announced: what a dry run shows.
    #[must_use]
    pub fn requests(&self) -> Vec<&Request> {
        match self {
            Self::Done(_) | Self::Publish(..) => Vec::new(),
            Self::Send(request, _) => vec![&**request],
            Self::Wait(_, next) => next.requests(),
            Self::All(calls, _) => calls.iter().flat_map(Self::requests).collect(),
            Self::Chain(chain) => chain.0.requests(),
            Self::Announced(call, later) => call.requests().into_iter().chain(later).collect(),
        }
    }

    /// The messages that would be published first: what a dry run shows.
    #[must_use]
    pub fn messages(&self) -> Vec<&Message> {
        match self {
            Self::Done(_) | Self::Send(..) => Vec::new(),
            Self::Publish(messages, _) => messages.iter().collect(),
            Self::Wait(_, next) => next.messages(),
            Self::All(calls, _) => calls.iter().flat_map(Self::messages).collect(),
            Self::Chain(chain) => chain.0.messages(),
            Self::Announced(call, _) => call.messages(),
        }
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("requests", &self.requests())
            .field("messages", &self.messages())
            .finish()
    }
}

impl<T> fmt::Debug for Chain<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain").field("requests", &self.0.requests()).finish()
    }
}

/// How many steps one call may take: a reply that is never ready must not be asked for for ever.
const MAX_STEPS: usize = 1_000;

/// What a broker's protocol says of every request and every answer.
pub(crate) trait Manners: Send + Sync {
    fn exchange(&self, request: Request) -> Result<Call<Response>>;
    fn explain(&self, response: &Response) -> Option<Error>;
}

/// Carries calls out, for one broker.
#[derive(Clone)]
pub(crate) struct Caller {
    broker: &'static str,
    http: Http,
    /// `None` within an exchange: its own requests are only sent.
    manners: Option<Arc<dyn Manners>>,
}

impl Caller {
    pub(crate) fn new(broker: &'static str, http: Http, manners: Arc<dyn Manners>) -> Self {
        Self { broker, http, manners: Some(manners) }
    }

    /// How many requests may be on their way at once.
    pub(crate) fn width(&self) -> usize {
        self.http.max_in_flight().max(1)
    }

    /// One request; an answer that means failure is an error, in the broker's words where it has any.
    pub(crate) async fn send(&self, request: Request) -> Result<Response> {
        let Some(manners) = &self.manners else {
            return self.http.send(request).await.map_err(|e| e.at(self.broker));
        };
        let answer = match manners.exchange(request) {
            Ok(exchange) => Self { manners: None, ..self.clone() }.run(exchange).await,
            Err(error) => Err(error),
        };
        let read = answer.and_then(|response| {
            let secrets = response.secrets();
            let read = match manners.explain(&response) {
                Some(error) => Err(error.with_status(response.status())),
                None => response.into_result(),
            };
            read.map_err(|e| e.without(&secrets))
        });
        read.map_err(|e| e.at(self.broker))
    }

    /// Messages in their order, each confirmed before the next one is sent.
    async fn publish(&self, messages: &[Message]) -> Result<Vec<Delivery>> {
        let mut confirmed = Vec::with_capacity(messages.len());
        for message in messages {
            match self.http.sink().publish(message).await {
                Ok(delivery) => confirmed.push(delivery),
                Err(error) if confirmed.is_empty() => return Err(error.at(self.broker)),
                Err(error) => {
                    let of = format!("{} of {}", confirmed.len(), messages.len());
                    return Err(error.with("confirmed", of).at(self.broker));
                }
            }
        }
        Ok(confirmed)
    }

    pub(crate) fn run<T: Send + 'static>(&self, mut call: Call<T>) -> BoxFuture<'_, Result<T>> {
        async move {
            for _ in 0..MAX_STEPS {
                call = match call {
                    Call::Done(value) => return Ok(value),
                    Call::Send(request, then) => {
                        let answer = self.send(*request).await;
                        let secrets = answer.as_ref().map(Response::secrets).unwrap_or_default();
                        then(answer).map_err(|e| e.without(&secrets).at(self.broker))?
                    }
                    Call::Publish(messages, then) => {
                        then(self.publish(&messages).await).map_err(|e| e.at(self.broker))?
                    }
                    Call::Wait(pause, next) => {
                        tokio::time::sleep(pause).await;
                        *next
                    }
                    Call::All(calls, join) => {
                        let results = stream::iter(calls)
                            .map(|call| self.run(call))
                            .buffered(self.width())
                            .collect::<Vec<_>>()
                            .await;
                        join(results).map_err(|e| e.at(self.broker))?
                    }
                    Call::Chain(chain) => chain.0.run(self).await.map_err(|e| e.at(self.broker))?,
                    Call::Announced(call, _) => *call,
                };
            }
            Err(Error::new(ErrorKind::Limit, format!("no result after {MAX_STEPS} steps")).at(self.broker))
        }
        .boxed()
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("broker", &self.broker)
            .field("http", &self.http)
            .finish_non_exhaustive()
    }
}
