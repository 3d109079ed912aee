//! `ScriptedTransport` and `ScriptedSink`: answer from a function, for tests without network or waiting.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::error::Result;
use crate::http::{Request, Response, Transport};
use crate::kafka::{Delivery, Message, MessageSink};

type Script = dyn Fn(&Request) -> Result<Response> + Send + Sync;

/// A transport that needs no network: a function answers each request, and every request is kept.
///
/// ```
/// use std::sync::Arc;
/// use tom_alerts::http::{Http, HttpConfig, Response};
/// use tom_alerts::testing::ScriptedTransport;
/// let script = ScriptedTransport::new(|_| Ok(Response::new(200, Vec::new(), "[]".into())));
/// let http = Http::with_transport(Arc::new(script.clone()), &HttpConfig::default());
/// assert!(script.requests().is_empty());
/// # let _ = http;
/// ```
#[derive(Clone)]
pub struct ScriptedTransport {
    script: Arc<Script>,
    requests: Arc<Mutex<Vec<Request>>>,
    latency: Duration,
}

impl ScriptedTransport {
    /// A transport that answers by a function.
    #[must_use]
    pub fn new(script: impl Fn(&Request) -> Result<Response> + Send + Sync + 'static) -> Self {
        Self { script: Arc::new(script), requests: Arc::default(), latency: Duration::ZERO }
    }

    /// The same with this long between a request and its answer.
    #[must_use]
    pub fn latency(mut self, wait: Duration) -> Self {
        self.latency = wait;
        self
    }

    /// Every request so far, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for ScriptedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedTransport").field("requests", &self.requests().len()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Transport for ScriptedTransport {
    async fn send(&self, request: &Request) -> Result<Response> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        (self.script)(request)
    }
}

type Taking = dyn Fn(&Message) -> Result<()> + Send + Sync;

/// A Kafka cluster that needs no network: a function takes or refuses each message, and every
/// message is kept. Offsets count all messages, from 0.
///
/// ```
/// use std::sync::Arc;
/// use tom_alerts::http::{Http, HttpConfig};
/// use tom_alerts::testing::ScriptedSink;
/// let sink = ScriptedSink::default();
/// let http = Http::new(&HttpConfig::default())?.with_sink(Arc::new(sink.clone()));
/// assert!(sink.messages().is_empty());
/// # let _ = http;
/// # Ok::<(), tom_alerts::Error>(())
/// ```
#[derive(Clone)]
pub struct ScriptedSink {
    script: Arc<Taking>,
    messages: Arc<Mutex<Vec<Message>>>,
}

impl ScriptedSink {
    /// A cluster that takes what the function lets pass.
    #[must_use]
    pub fn new(script: impl Fn(&Message) -> Result<()> + Send + Sync + 'static) -> Self {
        Self { script: Arc::new(script), messages: Arc::default() }
    }

    /// Every message so far, refused ones too, in order.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Default for ScriptedSink {
    /// A cluster that takes everything.
    fn default() -> Self {
        Self::new(|_| Ok(()))
    }
}

impl fmt::Debug for ScriptedSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedSink").field("messages", &self.messages()).finish_non_exhaustive()
    }
}

#[async_trait]
impl MessageSink for ScriptedSink {
    async fn publish(&self, message: &Message) -> Result<Delivery> {
        let offset = {
            let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
            messages.push(message.clone());
            messages.len() - 1
        };
        (self.script)(message)?;
        Ok(Delivery::new(message.topic(), 0, i64::try_from(offset).unwrap_or(i64::MAX)))
    }
}
