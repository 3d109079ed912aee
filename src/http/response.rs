//! `Response`: what a service answered, and what it means.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::wait;
use crate::error::{Error, ErrorKind, Result};
use crate::wire;

/// The answer of a service, of any status, whole.
#[derive(Clone)]
pub struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
    accepted: bool,
    /// The body as text where it is not all UTF-8, once it was asked for.
    mended: OnceLock<Arc<str>>,
}

impl Response {
    /// An answer; transports and tests make it. Header names may be in any case.
    #[must_use]
    pub fn new(status: u16, headers: Vec<(String, String)>, body: Bytes) -> Self {
        let headers = headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        Self { status, headers, body, accepted: false, mended: OnceLock::new() }
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

    /// The body as text. Bytes that are not UTF-8 become `U+FFFD`, as in [`wire::lossy`]; the log says how
    /// many times.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] when it is mostly no UTF-8.
    pub fn text(&self) -> Result<&str> {
        if let Some(text) = self.mended.get() {
            return Ok(text);
        }
        match wire::lossy(&self.body)? {
            (Cow::Borrowed(text), _) => Ok(text),
            (Cow::Owned(text), replaced) => {
                self.log_replaced(replaced);
                Ok(self.mended.get_or_init(|| text.into()))
            }
        }
    }

    /// The body as JSON, with bare `NaN` and `Infinity` tokens read as `null`, and bytes that are not UTF-8
    /// as in [`text`](Self::text).
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] saying what is there in its place (nothing, HTML, half an answer)
    /// or which field is at fault.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        wire::json_text(self.text()?)
    }

    pub(crate) fn log_replaced(&self, replaced: usize) {
        tracing::warn!(target: "tom_alerts::http", replaced, "the response body is not valid UTF-8");
    }

    /// Whether the body is a page for people.
    #[must_use]
    pub fn is_html(&self) -> bool {
        wire::is_html(&self.body)
    }

    /// What the service says of a failure: the text of the JSON keys `message`, `detail`, `error`,
    /// `errors` and the like, on one line, at most 200 characters, long tokens masked.
    #[must_use]
    pub fn own_words(&self) -> Option<String> {
        const LARGEST: usize = 64 * 1024;
        if self.body.len() > LARGEST {
            return None;
        }
        let value: Value = serde_json::from_str(self.text().ok()?).ok()?;
        wire::own_words(&value)
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
            None if self.is_html() => format!("{meaning}{}", wire::html_words(&self.body)),
            None => meaning.to_owned(),
        };
        let mut error = Error::new(kind, text).with_status(self.status);
        if let Some(wait) = self.retry_after(Utc::now()) {
            error = error.with_retry_after(wait).retryable(matches!(self.status, 429 | 503));
        }
        Err(error)
    }

    /// How long the service asks to wait: `Retry-After`, or the reset time of `RateLimit` headers when
    /// nothing is left. At most [`longest_wait`](Self::longest_wait), whatever it says.
    #[must_use]
    pub fn retry_after(&self, now: DateTime<Utc>) -> Option<Duration> {
        self.asked_wait(now).map(|wait| wait.min(self.longest_wait()))
    }

    /// The wait that a header names, as the service says it: a time in seconds or milliseconds, an
    /// instant in seconds or milliseconds since 1970, or a date of HTTP.
    ///
    /// A number that would be more than a day in seconds is taken for milliseconds, but for whole days.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tom_alerts::http::Response;
    /// let now = chrono::DateTime::from_timestamp(1_796_000_000, 0).unwrap();
    /// let wait = |reset: &str| {
    ///     let headers = vec![("x-reset".to_owned(), reset.to_owned())];
    ///     Response::new(200, headers, "[]".into()).wait_in("x-reset", now)
    /// };
    /// assert_eq!(wait("60"), Some(Duration::from_secs(60)));
    /// assert_eq!(wait("900000"), Some(Duration::from_secs(900)));
    /// assert_eq!(wait("1796000060000"), Some(Duration::from_secs(60)));
    /// ```
    #[must_use]
    pub fn wait_in(&self, header: &str, now: DateTime<Utc>) -> Option<Duration> {
        wait::of_text(self.header(header)?, now)
    }

    /// The longest wait that is kept after an answer of this status: a day after 429, else an hour. A
    /// service that asks for more is asked again after this.
    #[must_use]
    pub fn longest_wait(&self) -> Duration {
        wait::longest(self.status)
    }

    /// As [`retry_after`](Self::retry_after), however long.
    pub(super) fn asked_wait(&self, now: DateTime<Utc>) -> Option<Duration> {
        if self.header("retry-after").is_some() {
            return self.wait_in("retry-after", now);
        }
        let spent = |name| self.header(name).is_some_and(|left| left.trim() == "0");
        let names =
            [("ratelimit-remaining", "ratelimit-reset"), ("x-ratelimit-remaining", "x-ratelimit-reset")];
        let (_, reset) = names.into_iter().find(|(left, _)| spent(left))?;
        self.wait_in(reset, now)
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
