//! `ScriptedTransport`: answers requests from a function, for tests under a paused clock.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::error::Result;
use crate::http::{Request, Response, Transport};

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
