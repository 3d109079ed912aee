//! `Caller`: carries out the calls of one broker over the transport.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::call::{Call, Engine, run};
use crate::error::{Error, Result};
use crate::http::{Http, Request, Response};
use crate::kafka::{Delivery, Message};

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
    manners: Arc<dyn Manners>,
    secrets: Arc<Secrets>,
}

impl Caller {
    pub(crate) fn new(
        broker: &'static str,
        http: Http,
        manners: Arc<dyn Manners>,
        secrets: Arc<Secrets>,
    ) -> Self {
        Self { broker, http, manners, secrets }
    }

    /// One request through the broker's own exchange; an answer that means failure is an error, in the
    /// broker's words where it has any.
    pub(crate) async fn ask(&self, request: Request) -> Result<Response> {
        let answer = match self.manners.exchange(request) {
            Ok(exchange) => run(&Bare(self), exchange).await,
            Err(error) => Err(error),
        };
        let judge = |response: Response| match self.manners.explain(&response) {
            Some(error) => Err(within(error, response.longest_wait()).with_status(response.status())),
            None => response.into_result(),
        };
        answer.and_then(judge).map_err(|error| self.told(error))
    }

    /// One request as it is, and its answer of any status.
    async fn send_as_it_is(&self, request: Request) -> Result<Response> {
        self.secrets.add(request.secrets());
        self.http.send(request).await.map_err(|error| self.told(error))
    }

    /// Carries a call out.
    pub(crate) fn run<T: Send + 'static>(&self, call: Call<T>) -> BoxFuture<'_, Result<T>> {
        run(self, call)
    }

    async fn publish_all(&self, messages: &[Message]) -> Result<Vec<Delivery>> {
        let mut confirmed = Vec::with_capacity(messages.len());
        for message in messages {
            match self.http.sink().publish(message).await {
                Ok(delivery) => confirmed.push(delivery),
                Err(error) if confirmed.is_empty() => return Err(self.told(error)),
                Err(error) => {
                    let of = format!("{} of {}", confirmed.len(), messages.len());
                    return Err(self.told(error.with("confirmed", of)));
                }
            }
        }
        Ok(confirmed)
    }
}

/// The error of a service's refusal, whose wait is no longer than is kept.
fn within(error: Error, longest: std::time::Duration) -> Error {
    match error.retry_after() {
        Some(wait) if wait > longest => error.with_retry_after(longest),
        _ => error,
    }
}

impl Engine for Caller {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response>> {
        self.ask(request).boxed()
    }

    fn publish<'a>(&'a self, messages: &'a [Message]) -> BoxFuture<'a, Result<Vec<Delivery>>> {
        self.publish_all(messages).boxed()
    }

    fn width(&self) -> usize {
        self.http.max_in_flight().max(1)
    }

    fn told(&self, error: Error) -> Error {
        self.secrets.hide(error).at(self.broker)
    }
}

/// The same within an exchange, whose own requests are only sent.
struct Bare<'a>(&'a Caller);

impl Engine for Bare<'_> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response>> {
        self.0.send_as_it_is(request).boxed()
    }

    fn publish<'a>(&'a self, messages: &'a [Message]) -> BoxFuture<'a, Result<Vec<Delivery>>> {
        self.0.publish(messages)
    }

    fn width(&self) -> usize {
        self.0.width()
    }

    fn told(&self, error: Error) -> Error {
        self.0.told(error)
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

/// The secrets that a broker has sent of late, so that none of them comes back in an error: not of the
/// request, of an item of the answer, nor of what is made of the item later.
#[derive(Default)]
pub(crate) struct Secrets(Mutex<VecDeque<Arc<str>>>);

impl Secrets {
    /// Credentials are few; what logins give, and proofs that are new for each request, come and go.
    const MOST: usize = 64;

    fn add(&self, secrets: &[Arc<str>]) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for secret in secrets {
            if let Some(at) = known.iter().position(|known| known == secret) {
                known.remove(at);
            } else if known.len() >= Self::MOST {
                known.pop_front();
            }
            known.push_back(Arc::clone(secret));
        }
    }

    fn all(&self) -> Vec<Arc<str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// The error without them.
    pub(crate) fn hide(&self, error: Error) -> Error {
        error.without(&self.all())
    }

    /// The texts without them.
    pub(crate) fn hide_in<'a>(&self, texts: impl Iterator<Item = &'a mut String>) {
        let secrets = self.all();
        texts.for_each(|text| crate::secret::mask(text, &secrets));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn secrets_that_are_used_again_stay_and_their_number_is_bounded() {
        let secrets = Secrets::default();
        for n in 0..1_000 {
            secrets.add(&["the-password".into(), format!("proof-{n:04}").into()]);
        }
        assert_eq!(secrets.all().len(), Secrets::MOST);
        let error = Error::new(ErrorKind::Auth, "the-password, proof-0999, proof-0000");
        assert_eq!(secrets.hide(error).message(), "…, …, proof-0000");
    }
}
