//! `Response`: what a service answered, and what it means.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{body, pages};
use crate::alert::Alert;
use crate::error::{Error, ErrorKind, Result};

/// The answer of a service, of any status, whole.
#[derive(Clone)]
pub struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
    accepted: bool,
    /// What the request carried that no error may repeat.
    secrets: Arc<[Arc<str>]>,
}

impl Response {
    /// An answer; transports and tests make it. Header names may be in any case.
    #[must_use]
    pub fn new(status: u16, headers: Vec<(String, String)>, body: Bytes) -> Self {
        let headers = headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        Self { status, headers, body, accepted: false, secrets: Arc::default() }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the status says success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as bytes.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body as text.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] when it is not UTF-8.
    pub fn text(&self) -> Result<&str> {
        body::text(&self.body)
    }

    /// The body as JSON, with bare `NaN` and `Infinity` tokens read as `null`.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] saying what is there in its place (nothing, HTML, half an answer)
    /// or which field is at fault.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        body::json(&self.body)
    }

    /// The body as one alert, which keeps its text.
    ///
    /// # Errors
    /// As [`json`](Self::json).
    pub fn alert<P: DeserializeOwned>(&self) -> Result<Alert<P>> {
        Alert::from_raw(self.text()?)
    }

    /// The items of a JSON list in one pass, each with its own text, and the rest of the envelope.
    ///
    /// `key` names the list in the envelope; `None` when the body itself is the list. A list that
    /// is `null` is empty. An item that cannot be read, or is a list itself, is an error in its place.
    ///
    /// # Errors
    /// As [`json`](Self::json), and [`ErrorKind::Unreadable`] in the service's own words when there
    /// is no list.
    pub fn items<P: DeserializeOwned, R: DeserializeOwned>(
        &self,
        key: Option<&str>,
    ) -> Result<(Vec<Result<Alert<P>>>, R)> {
        pages::items(self, key)
    }

    /// Whether the body is a page for people.
    #[must_use]
    pub fn is_html(&self) -> bool {
        body::is_html(&self.body)
    }

    /// What the service says of a failure: the text of the JSON keys `message`, `detail`, `error`,
    /// `errors` and the like, on one line, at most 200 characters, long tokens masked.
    #[must_use]
    pub fn own_words(&self) -> Option<String> {
        const LARGEST: usize = 64 * 1024;
        if self.body.len() > LARGEST {
            return None;
        }
        let value: Value = serde_json::from_slice(&self.body).ok()?;
        body::own_words(&value)
    }

    /// This answer, or the failure that its status means.
    ///
    /// # Errors
    /// By status: [`ErrorKind::Auth`], [`ErrorKind::NotFound`], [`ErrorKind::RateLimited`],
    /// [`ErrorKind::Timeout`], [`ErrorKind::Status`]; with the service's own words.
    pub fn into_result(self) -> Result<Self> {
        if self.is_success() || self.accepted {
            return Ok(self);
        }
        let (kind, meaning) = match self.status {
            401 | 403 => (ErrorKind::Auth, "the service refused the credential, or wants one"),
            404 | 410 => (ErrorKind::NotFound, "the service does not have this"),
            408 | 504 => (ErrorKind::Timeout, "the service did not answer in time"),
            429 => (ErrorKind::RateLimited, "the service asks to come back later"),
            400 | 422 => (ErrorKind::Status, "the service refused the request"),
            500.. => (ErrorKind::Status, "the service failed"),
            _ => (ErrorKind::Status, "the service answered with a status that is no answer"),
        };
        let text = match self.own_words() {
            Some(words) => format!("{meaning}: {words}"),
            None if self.is_html() => format!("{meaning}{}", body::html_words(&self.body)),
            None => meaning.to_owned(),
        };
        let mut error = Error::new(kind, text).with_status(self.status);
        if let Some(wait) = self.retry_after(Utc::now()) {
            error = error.with_retry_after(wait).retryable(matches!(self.status, 429 | 503));
        }
        Err(error)
    }

    /// How long the service asks to wait: `Retry-After` in seconds or as a date, or the reset time
    /// of `RateLimit` headers when nothing is left.
    #[must_use]
    pub fn retry_after(&self, now: DateTime<Utc>) -> Option<Duration> {
        let seconds = |text: &str| {
            let number = text.trim().parse::<f64>().ok()?;
            Duration::try_from_secs_f64(number).ok()
        };
        if let Some(text) = self.header("retry-after") {
            return seconds(text).or_else(|| {
                let until = httpdate::parse_http_date(text.trim()).ok()?;
                Some(until.duration_since(SystemTime::from(now)).unwrap_or_default())
            });
        }
        let spent = |name| self.header(name).is_some_and(|left| left.trim() == "0");
        let reset = if spent("ratelimit-remaining") {
            self.header("ratelimit-reset")
        } else if spent("x-ratelimit-remaining") {
            self.header("x-ratelimit-reset")
        } else {
            None
        };
        let wait = seconds(reset?)?;
        // Some services give the instant, some the time until then.
        let instant = Duration::from_secs(u64::try_from(now.timestamp()).unwrap_or(0));
        let year = Duration::from_secs(366 * 86_400);
        Some(if wait > year { wait.saturating_sub(instant) } else { wait })
    }

    pub(super) fn hiding(self, secrets: &[Arc<str>]) -> Self {
        if secrets.is_empty() { self } else { Self { secrets: secrets.into(), ..self } }
    }

    pub(crate) fn secrets(&self) -> Arc<[Arc<str>]> {
        Arc::clone(&self.secrets)
    }

    pub(crate) fn accept(mut self) -> Self {
        self.accepted = true;
        self
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let content_type = self.header("content-type").unwrap_or("none");
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("content_type", &content_type)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
