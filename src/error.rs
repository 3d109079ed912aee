//! The one error type of the crate.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use crate::secret::mask;

/// What a fallible call of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn StdError + Send + Sync + 'static>;

/// What went wrong, where, and what to do next.
///
/// One pointer wide. `Display` is one line without the text of the source, which
/// [`source`](StdError::source) gives. No secret and no address with its query ever gets into it; it may
/// quote the parameter at fault, the service's words, or how an item that cannot be read begins. A
/// credential that a service repeats is masked in all of these and in the causes; one of fewer than four
/// characters only where it is the whole text.
///
/// ```
/// use tom_alerts::{Error, ErrorKind};
/// let error = Error::new(ErrorKind::NotFound, "no such object")
///     .at("ALeRCE")
///     .with("oid", "ZTF20acnsdjd")
///     .with_status(404);
/// assert_eq!(error.to_string(), "ALeRCE: no such object [oid=ZTF20acnsdjd, status=404]");
/// ```
pub struct Error(Box<Inner>);

const _: () = assert!(size_of::<Error>() == size_of::<usize>());

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    broker: Option<String>,
    context: Vec<(Cow<'static, str>, String)>,
    asked: Option<Asked>,
    status: Option<u16>,
    retry_after: Option<Duration>,
    retryable: bool,
    problems: Vec<Problem>,
    source: Option<Source>,
}

/// The sorts of failure that a program may want to tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The configuration is at fault: a missing key, a wrong type, a file that cannot be read.
    Config,
    /// The parameters of a call are at fault; [`Error::problems`] lists every one of them.
    Input,
    /// The broker cannot do this at all.
    Unsupported,
    /// The thing asked for does not exist.
    NotFound,
    /// The service refused the credential, or wants one.
    Auth,
    /// The service asked to come back later; see [`Error::retry_after`].
    RateLimited,
    /// The service could not be reached, or the connection broke.
    Network,
    /// The service did not answer in time.
    Timeout,
    /// The service answered with a status that means failure.
    Status,
    /// The answer was larger than the configured bound.
    TooLarge,
    /// The answer, or one item of it, could not be read.
    Unreadable,
    /// What was submitted was refused by the service.
    Refused,
    /// The store failed; it is as it was before the call.
    Store,
    /// Another run works on the same query or partition; see [`Error::retry_after`].
    Claimed,
    /// Another run took over the query or partition, so nothing was saved.
    Fenced,
    /// A limit of this crate was reached: pages, redirects, time.
    Limit,
}

/// The item of a listing that a request of its own asks for: the id that is sent, and the object's name
/// where it differs. Made from an id, or from an id and a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    id: String,
    name: Option<String>,
}

impl Asked {
    /// An item that is asked for by this id.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), name: None }
    }

    /// The same with the name of the object. A blank name, or one equal to the id, is dropped.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into()).filter(|name| !name.trim().is_empty() && *name != self.id);
        self
    }

    /// The id that is sent.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name, where it differs from the id.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

impl From<&str> for Asked {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}

impl From<String> for Asked {
    fn from(id: String) -> Self {
        Self::new(id)
    }
}

impl<I: Into<String>, N: Into<String>> From<(I, N)> for Asked {
    fn from((id, name): (I, N)) -> Self {
        Self::new(id).named(name)
    }
}

/// One fault of a form, a query or a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The field, as the caller named it; empty when the whole is meant.
    pub field: String,
    /// What is wrong with it, and what would be right.
    pub message: String,
}

impl Problem {
    /// A fault of one field.
    #[must_use]
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.field, self.message)
        }
    }
}

impl Error {
    /// An error of a kind, with a message in lower case and without a full stop.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            broker: None,
            context: Vec::new(),
            asked: None,
            status: None,
            retry_after: None,
            retryable: false,
            problems: Vec::new(),
            source: None,
        }))
    }

    /// An error of many faults at once; its message is their list.
    #[must_use]
    pub fn from_problems(kind: ErrorKind, problems: Vec<Problem>) -> Self {
        let message = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        let mut error = Self::new(kind, message);
        error.0.problems = problems;
        error
    }

    /// Says which broker it happened at, unless that is said already.
    #[must_use]
    pub fn at(mut self, broker: &str) -> Self {
        self.0.broker.get_or_insert_with(|| broker.to_owned());
        self
    }

    /// Adds a pair to the context that is printed in brackets.
    #[must_use]
    pub fn with(mut self, key: impl Into<Cow<'static, str>>, value: impl fmt::Display) -> Self {
        self.0.context.push((key.into(), value.to_string()));
        self
    }

    /// Says which item of a listing was asked for; its id and name join the context, unless it says
    /// them already. The item that was named first stays.
    #[must_use]
    pub fn asking_for(mut self, asked: impl Into<Asked>) -> Self {
        if self.0.asked.is_some() {
            return self;
        }
        let asked = asked.into();
        for (key, value) in [("id", Some(&asked.id)), ("name", asked.name.as_ref())] {
            let is_new = |value: &&String| self.0.context.iter().all(|(k, said)| k != key && said != *value);
            if let Some(value) = value.filter(is_new) {
                self = self.with(key, value);
            }
        }
        self.0.asked = Some(asked);
        self
    }

    /// Adds the HTTP status that the service answered with.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    /// Adds the time after which the service said to come back.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Says whether the same call may succeed later.
    #[must_use]
    pub fn retryable(mut self, yes: bool) -> Self {
        self.0.retryable = yes;
        self
    }

    /// The same error once more, for another who waits for the same; without the source, which cannot
    /// be copied.
    pub(crate) fn alike(&self) -> Self {
        let Inner {
            kind,
            message,
            broker,
            context,
            asked,
            status,
            retry_after,
            retryable,
            problems,
            source: _,
        } = &*self.0;
        Self(Box::new(Inner {
            kind: *kind,
            message: message.clone(),
            broker: broker.clone(),
            context: context.clone(),
            asked: asked.clone(),
            status: *status,
            retry_after: *retry_after,
            retryable: *retryable,
            problems: problems.clone(),
            source: None,
        }))
    }

    /// The same error without secrets that a service repeated, in its own texts and those of its causes.
    pub(crate) fn without(mut self, secrets: &[Arc<str>]) -> Self {
        if secrets.is_empty() {
            return self;
        }
        let hide = |text: &mut String| mask(text, secrets);
        let inner = &mut *self.0;
        hide(inner.message.to_mut());
        inner.context.iter_mut().for_each(|(_, value)| hide(value));
        if let Some(asked) = &mut inner.asked {
            hide(&mut asked.id);
            asked.name.iter_mut().for_each(hide);
        }
        for problem in &mut inner.problems {
            hide(&mut problem.field);
            hide(&mut problem.message);
        }
        if let Some(source) = inner.source.take() {
            inner.source = Some(Cause::without(source, secrets));
        }
        self
    }

    /// Whether a listing broke off with this error: it bears the context `page`, and not that of an item.
    #[must_use]
    pub fn ends_listing(&self) -> bool {
        self.context("page").is_some() && self.context("item").is_none()
    }

    /// Keeps the cause, which `source()` gives.
    #[must_use]
    pub fn because(mut self, source: impl Into<Source>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Replaces the message and keeps all else: for a plugin that knows better what an answer means.
    #[must_use]
    pub fn reworded(mut self, kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        self.0.kind = kind;
        self.0.message = message.into();
        self
    }

    /// The sort of failure.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The message alone, without broker and context.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The broker it happened at.
    #[must_use]
    pub fn broker(&self) -> Option<&str> {
        self.0.broker.as_deref()
    }

    /// The value of a context pair.
    #[must_use]
    pub fn context(&self, key: &str) -> Option<&str> {
        self.0.context.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    /// Which item of a listing was asked for, where it needed a request of its own.
    #[must_use]
    pub fn asked(&self) -> Option<&Asked> {
        self.0.asked.as_ref()
    }

    /// The HTTP status of the answer, when there was one.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        self.0.status
    }

    /// How long the service asked to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the same call may succeed later. False once the crate's own retries are spent,
    /// but for a wait that the service named.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// Whether the service asked to come back later, so that no other request should follow now.
    ///
    /// True for [`ErrorKind::RateLimited`], and for any other [temporary](Self::is_passing) failure with
    /// a [wait](Self::retry_after). A run ends here, and resumes later.
    #[must_use]
    pub fn comes_back_later(&self) -> bool {
        self.0.kind == ErrorKind::RateLimited || (self.0.retry_after.is_some() && self.is_passing())
    }

    /// Whether the failure is temporary: the same request may succeed later, whether or not the crate's
    /// own retries are spent. Network, time-out, rate limit, status 408, 425 or 5xx, a locked store.
    ///
    /// False for permanent failures: an object that does not exist, an answer that cannot be read or is
    /// too large, a wrong credential or parameter, any other refusal.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self.0.kind {
            ErrorKind::RateLimited | ErrorKind::Network | ErrorKind::Timeout | ErrorKind::Claimed => true,
            // 501 and 505 say that the service does not support the method or protocol.
            ErrorKind::Status => match self.0.status {
                Some(408 | 425 | 429 | 500 | 502..=504 | 506..) => true,
                _ => self.0.retryable,
            },
            // A store that is locked.
            ErrorKind::Store => self.0.retryable,
            ErrorKind::Config
            | ErrorKind::Input
            | ErrorKind::Unsupported
            | ErrorKind::NotFound
            | ErrorKind::Auth
            | ErrorKind::TooLarge
            | ErrorKind::Unreadable
            | ErrorKind::Refused
            | ErrorKind::Fenced
            | ErrorKind::Limit => false,
        }
    }

    /// Whether what was sent may have arrived all the same: the connection broke after it was made, the
    /// time ran out, the service failed, or what it answered cannot be read.
    #[must_use]
    pub fn may_have_arrived(&self) -> bool {
        let unread = [ErrorKind::Network, ErrorKind::Timeout, ErrorKind::TooLarge, ErrorKind::Unreadable];
        let lost = unread.contains(&self.0.kind) || self.0.status.is_some_and(|status| status >= 500);
        lost && self.context("stage") != Some("connecting")
    }

    /// Every fault of a form or configuration; empty for other errors.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.0.problems
    }
}

/// What is left of a cause that held a secret: its text, and that of the causes below.
#[derive(Debug)]
struct Cause {
    text: String,
    below: Option<Box<Cause>>,
}

impl Cause {
    /// The cause itself, unless it or one below it holds a secret.
    fn without(source: Source, secrets: &[Arc<str>]) -> Source {
        let mut texts = Vec::new();
        let mut next: Option<&(dyn StdError + 'static)> = Some(&*source);
        // `Debug` may show more than `Display` does.
        let debug = format!("{source:?}");
        while let Some(cause) = next {
            texts.push(cause.to_string());
            next = cause.source();
        }
        let masked = |text: &String| {
            let mut masked = text.clone();
            mask(&mut masked, secrets);
            masked
        };
        let clean: Vec<_> = texts.iter().map(masked).collect();
        if clean == texts && masked(&debug) == debug {
            return source;
        }
        let chain = clean.into_iter().rev().fold(None, |below, text| Some(Box::new(Self { text, below })));
        chain.map_or(source, |cause| cause as Source)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for Cause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.below.as_deref().map(|below| below as _)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = OneLine(f);
        if let Some(broker) = &self.0.broker {
            write!(f, "{broker}: ")?;
        }
        f.write_str(&self.0.message)?;
        let status = self.0.status.map(|s| (Cow::Borrowed("status"), s.to_string()));
        for (n, (key, value)) in self.0.context.iter().chain(status.as_ref()).enumerate() {
            write!(f, "{}{key}={value}", if n == 0 { " [" } else { ", " })?;
        }
        if !self.0.context.is_empty() || status.is_some() {
            f.write_str("]")?;
        }
        Ok(())
    }
}

/// Writes without control characters: what a service says may reach a terminal.
struct OneLine<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl fmt::Write for OneLine<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for (n, part) in text.split(char::is_control).enumerate() {
            if n > 0 {
                self.0.write_char(char::REPLACEMENT_CHARACTER)?;
            }
            self.0.write_str(part)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Error");
        shown.field("kind", &self.0.kind).field("text", &format_args!("{self}"));
        if let Some(source) = &self.0.source {
            shown.field("source", source);
        }
        shown.finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests;
