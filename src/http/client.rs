//! `Http`: sends a request with all that politeness asks for.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::Utc;
use tokio::time::Instant;
use tracing::Instrument;

use super::cache::Cache;
use super::hosts::{Asked, Host, Hosts};
use super::retry::{LONGEST_CALL, Policy, Verdict};
use super::wait::too_long;
use super::{HttpConfig, HttpTransport, Request, Response, Transport, redirect};
use crate::error::{Error, ErrorKind, Result};
use crate::kafka::{self, MessageSink};

/// The transport with retries, limits and deadlines; cheap to clone, shared by all brokers.
#[derive(Clone)]
pub struct Http {
    transport: Arc<dyn Transport>,
    sink: Arc<dyn MessageSink>,
    policy: Policy,
    max_redirects: u32,
    hosts: Arc<Hosts>,
    asked: Asked,
    cache: Option<Arc<Cache>>,
    dice: fn() -> f64,
}

/// What one client needs otherwise than the rest.
///
/// `max_in_flight` and `min_interval` belong to the host, in the transport that all clients share: two
/// clients do not ask a host twice as often as one. Where clients ask for different limits, the strictest
/// holds for all requests to that host, each limit by itself: two clients that ask for 2 and for 4 requests
/// at once have 2 between them. A limit holds from the first request of the client that asks for it to that
/// host, and until the transport is dropped. Hosts that this client does not ask keep their own limits, and
/// so does another [`Http`] that was made with [`Http::new`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The most requests at once to one host; never more than
    /// [`HttpConfig::max_in_flight`].
    pub max_in_flight: Option<u32>,
    /// The least time between the starts of two requests to one host.
    pub min_interval: Option<Duration>,
    /// The most time for one request with all its tries, redirects and waits; for this client alone.
    pub call_timeout: Option<Duration>,
}

impl Http {
    /// The transport over the network.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for a proxy or a CA file that cannot be used.
    pub fn new(config: &HttpConfig) -> Result<Self> {
        Ok(Self::with_transport(Arc::new(HttpTransport::new(config)?), config))
    }

    /// A transport of one's own.
    #[must_use]
    pub fn with_transport(transport: Arc<dyn Transport>, config: &HttpConfig) -> Self {
        Self {
            transport,
            sink: kafka::default_sink(),
            policy: Policy::new(config),
            max_redirects: config.max_redirects,
            hosts: Arc::new(Hosts::new(config.max_in_flight)),
            asked: Asked { max_in_flight: config.max_in_flight.max(1), min_interval: Duration::ZERO },
            cache: config.cache_dir.clone().map(|folder| Arc::new(Cache::new(folder, config.max_body))),
            dice,
        }
    }

    /// The same with something else to publish messages through, such as a Kafka client of one's own.
    #[must_use]
    pub fn with_sink(mut self, sink: Arc<dyn MessageSink>) -> Self {
        self.sink = sink;
        self
    }

    /// What messages are published through.
    #[must_use]
    pub fn sink(&self) -> &dyn MessageSink {
        &*self.sink
    }

    /// A transport whose every call says why there is none.
    pub(crate) fn broken(error: &Error, config: &HttpConfig) -> Self {
        Self::with_transport(Arc::new(Broken(error.kind(), error.message().to_owned())), config)
    }

    /// The same transport for a client that asks for stricter limits; see [`Limits`].
    #[must_use]
    pub fn scoped(&self, limits: Limits) -> Self {
        let mut scoped = self.clone();
        if let Some(deadline) = limits.call_timeout {
            scoped.policy.deadline = deadline.min(LONGEST_CALL);
        }
        scoped.asked = self.asked.and(limits.max_in_flight, limits.min_interval);
        scoped
    }

    /// The same with retry delays that are not left to chance, for tests.
    #[must_use]
    pub fn with_dice(mut self, dice: fn() -> f64) -> Self {
        self.dice = dice;
        self
    }

    /// The most requests at once to one host that this client asks for; others may have asked for fewer.
    #[must_use]
    pub fn max_in_flight(&self) -> usize {
        self.asked.max_in_flight as usize
    }

    /// Sends a request, as often as it takes and the limits allow.
    ///
    /// An answer of any status is `Ok`; [`Response::into_result`] says what it means. Redirects are
    /// followed within bounds: never from https to http, never with a credential to another origin,
    /// and each host is asked within its own limits.
    ///
    /// # Errors
    /// [`ErrorKind::Network`] and [`ErrorKind::Timeout`] when no answer came,
    /// [`ErrorKind::RateLimited`] when the service asks for a longer wait than the call may take,
    /// [`ErrorKind::TooLarge`], [`ErrorKind::Limit`] for redirects that are not followed.
    pub async fn send(&self, request: Request) -> Result<Response> {
        let host = host_of(&request);
        let span = tracing::debug_span!(
            target: "tom_alerts::http",
            "call",
            method = request.method().as_str(),
            host,
            path = request.url().path()
        );
        let started = Instant::now();
        match (&self.cache, Cache::lifetime(&request)) {
            (Some(cache), Some(lifetime)) => {
                self.kept(cache, lifetime, request, started).instrument(span).await
            }
            _ => self.tries(request, started).instrument(span).await,
        }
    }

    /// An answer out of the cache, or of the service through it.
    async fn kept(
        &self,
        cache: &Cache,
        lifetime: Duration,
        request: Request,
        started: Instant,
    ) -> Result<Response> {
        let turn = tokio::time::timeout_at(started + self.policy.deadline, cache.turn(&request));
        let Ok(_turn) = turn.await else {
            return Err(self.out_of_time(&host_of(&request), 0));
        };
        let known = cache.find(&request).await;
        let Some(known) = known else {
            let response = self.tries(request.clone(), started).await?;
            if Cache::is_good(&request, &response) {
                cache.keep(&request, &response).await;
            }
            return Ok(response);
        };
        if known.is_young(lifetime) {
            tracing::debug!(target: "tom_alerts::http", "kept");
            return Ok(known.into_response(false));
        }
        match self.tries(known.ask_again(request.clone()), started).await {
            Ok(response) if response.status() == 304 => {
                Ok(cache.renew(&request, known).await.into_response(false))
            }
            Ok(response) if Cache::is_good(&request, &response) => {
                cache.keep(&request, &response).await;
                Ok(response)
            }
            Ok(response)
                if (300..500).contains(&response.status())
                    && !matches!(response.status(), 408 | 425 | 429) =>
            {
                Ok(response)
            }
            outcome => {
                let status = outcome.as_ref().map_or(0, Response::status);
                tracing::warn!(target: "tom_alerts::http", status, "the service fails; an old answer is given");
                Ok(known.into_response(true))
            }
        }
    }

    async fn tries(&self, request: Request, started: Instant) -> Result<Response> {
        let deadline = started + self.policy.deadline;
        let mut attempt = 0;
        loop {
            // Who is asked at last, when the answer leads elsewhere.
            let mut host = host_of(&request);
            let once = self.once(&request, &mut host, deadline);
            let outcome = match tokio::time::timeout_at(deadline, once).await {
                Ok(Err(error)) if error.kind() == ErrorKind::RateLimited => {
                    return Err(error.with("host", host));
                }
                Ok(outcome) => outcome,
                Err(_) => return Err(self.out_of_time(&host, attempt)),
            };
            let hint = outcome.as_ref().ok().and_then(|response| self.hint(&request, response, &host));
            self.log(&outcome, attempt, started.elapsed());
            let verdict =
                self.policy.verdict(&request, &outcome, attempt, started.elapsed(), hint, (self.dice)());
            match verdict {
                Verdict::RetryIn(wait) => {
                    tracing::info!(target: "tom_alerts::http", attempt, wait_ms = wait.as_millis(), host, "another try");
                    tokio::time::sleep(wait).await;
                    attempt += 1;
                }
                Verdict::TooLong(wait) => return Err(too_long(wait).with("host", host)),
                Verdict::Final => {
                    let accepted = |response: Response| match request.accepts(response.status()) {
                        true => response.accept(),
                        false => response,
                    };
                    return outcome.map(accepted).map_err(|e| told(e, &host, attempt));
                }
            }
        }
    }

    /// How long the service asks to wait, within bounds; until then nobody asks the host.
    fn hint(&self, request: &Request, response: &Response, name: &str) -> Option<Duration> {
        let asked = request.hint_of(response).or_else(|| response.asked_wait(Utc::now()))?;
        let wait = asked.min(response.longest_wait());
        let free = match Instant::now().checked_add(wait) {
            Some(until) if !wait.is_zero() => self.hosts.of(name).hold(until),
            _ => false,
        };
        if asked > wait && free {
            tracing::warn!(
                target: "tom_alerts::http",
                host = name,
                asked_s = asked.as_secs(),
                wait_s = wait.as_secs(),
                "the requested wait exceeds the maximum; the host is asked again after the maximum"
            );
        }
        Some(wait)
    }

    /// One try: the request, and whatever its answers lead to.
    async fn once(&self, request: &Request, host: &mut String, deadline: Instant) -> Result<Response> {
        let mut moved = None;
        for _ in 0..=self.max_redirects {
            let request = moved.as_ref().unwrap_or(request);
            let response = self.step(request, host, deadline).await?;
            let Some(place) = redirect::place(request, &response) else { return Ok(response) };
            let next = redirect::follow(request, response.status(), place)?;
            *host = host_of(&next);
            moved = Some(next);
        }
        let text = format!("the service redirected more than {} times", self.max_redirects);
        Err(Error::new(ErrorKind::Limit, text))
    }

    /// One request to one host, within its limits.
    async fn step(&self, request: &Request, host: &str, deadline: Instant) -> Result<Response> {
        let host = self.hosts.of(host);
        held(&host, deadline).await?;
        let passes = host.quotas.enter(request.quotas(), deadline).await?;
        // A place last: whoever waits for a count or for the service must not keep others from it, and
        // its turn among the places is not over before it begins.
        let _place = loop {
            held(&host, deadline).await?;
            let place = Arc::clone(&host).enter(&self.asked).await;
            // Others may have been told to wait meanwhile.
            if host.held().is_none() {
                break place;
            }
        };
        let answer = self.transport.send(request).await;
        // What leads elsewhere says nothing of the count.
        passes.settle(answer.as_ref().ok().filter(|answer| redirect::place(request, answer).is_none()));
        answer
    }

    fn out_of_time(&self, host: &str, attempt: u32) -> Error {
        let text = format!("no answer within {} s", self.policy.deadline.as_secs_f64());
        told(Error::new(ErrorKind::Timeout, text), host, attempt)
    }

    fn log(&self, outcome: &Result<Response>, attempt: u32, elapsed: Duration) {
        let elapsed_ms = elapsed.as_millis();
        match outcome {
            Ok(response) => tracing::debug!(
                target: "tom_alerts::http",
                attempt,
                status = response.status(),
                bytes = response.body().len(),
                elapsed_ms,
                "answered"
            ),
            Err(error) => {
                tracing::debug!(target: "tom_alerts::http", attempt, elapsed_ms, %error, "no answer")
            }
        }
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("transport", &self.transport)
            .field("policy", &self.policy)
            .field("asked", &self.asked)
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Broken(ErrorKind, String);

#[async_trait]
impl Transport for Broken {
    async fn send(&self, _request: &Request) -> Result<Response> {
        Err(Error::new(self.0, self.1.clone()))
    }
}

/// Waits as long as the service asked all to.
async fn held(host: &Host, deadline: Instant) -> Result<()> {
    while let Some(until) = host.held() {
        if until > deadline {
            return Err(too_long(until - Instant::now()));
        }
        tokio::time::sleep_until(until).await;
    }
    Ok(())
}

fn host_of(request: &Request) -> String {
    let url = request.url();
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => "nowhere".to_owned(),
    }
}

fn told(error: Error, host: &str, attempt: u32) -> Error {
    let error = error.with("host", host).retryable(false);
    if attempt > 0 { error.with("tries", attempt + 1) } else { error }
}

/// A number between 0 and 1, different enough from one program to the next.
fn dice() -> f64 {
    use std::hash::{BuildHasher, RandomState};
    f64::from((RandomState::new().hash_one(0_u8) >> 32) as u32) / f64::from(u32::MAX)
}
