//! `Call`: everything that is not a listing, as pure steps; what carries them out is an [`Engine`].

mod run;

use std::fmt;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::kafka::{Delivery, Message};

pub(crate) use run::run;

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
    /// A pause before the next step, as in polling for a reply; an hour at most, whatever it says.
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

/// What carries single steps out, for one broker; [`run`] goes through the steps of a call with it.
pub(crate) trait Engine: Send + Sync {
    /// The answer to a request.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response>>;
    /// Messages in their order, each confirmed before the next one is sent.
    fn publish<'a>(&'a self, messages: &'a [Message]) -> BoxFuture<'a, Result<Vec<Delivery>>>;
    /// How many calls may be on their way at once.
    fn width(&self) -> usize;
    /// An error as it may leave the broker: with its name, without secrets.
    fn told(&self, error: Error) -> Error;
}

/// Steps that need the engine itself, because another call runs within them.
pub(crate) trait Linked<T>: Send {
    fn requests(&self) -> Vec<&Request>;
    fn messages(&self) -> Vec<&Message> {
        Vec::new()
    }
    fn run<'a>(self: Box<Self>, engine: &'a dyn Engine) -> BoxFuture<'a, Result<Call<T>>>
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

    fn run<'a>(self: Box<Self>, engine: &'a dyn Engine) -> BoxFuture<'a, Result<Call<T>>>
    where
        T: 'a,
    {
        async move { (self.next)(run(engine, self.first).await?) }.boxed()
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
