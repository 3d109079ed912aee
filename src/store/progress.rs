//! How far runs have come: `Scope`, `Fence`, `Advance`, what claims them, and what they report.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, ErrorKind};

/// What has a place of its own: a saved query, a partition of a stream.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scope(String);

impl Scope {
    /// A saved query, by its number.
    #[must_use]
    pub fn query(id: i64) -> Self {
        Self(format!("query:{id}"))
    }

    /// A partition of a topic of a Kafka cluster.
    #[must_use]
    pub fn partition(cluster: &str, topic: &str, partition: i32) -> Self {
        Self(format!("kafka:{cluster}/{topic}/{partition}"))
    }

    /// Any other text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text of it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The number of a claim: each one of a scope is larger than those before it, and only the last is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fence(pub i64);

/// How far a run has come with the entries that it is saved with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Advance {
    /// What has come so far.
    pub scope: Scope,
    /// The claim under which it did.
    pub fence: Fence,
    /// Where to go on, in the words of whoever runs it; `None` when it is at its end.
    pub place: Option<String>,
}

impl Advance {
    /// A scope has come to a place under a claim.
    #[must_use]
    pub fn new(scope: Scope, fence: Fence, place: Option<String>) -> Self {
        Self { scope, fence, place }
    }
}

/// When a scope may be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Claim {
    /// When nobody has it, or its owner has not saved anything for as long as the owner's own lease. The
    /// new claim has this lease; each save with an advance renews it.
    IfExpired(Duration),
    /// Now, whoever has it: for what is assigned elsewhere, such as partitions by Kafka.
    Now,
}

/// A claim that was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claimed {
    /// Its number.
    pub fence: Fence,
    /// Where to go on; `None` at the beginning.
    pub place: Option<String>,
}

impl Claimed {
    /// A claim with its number and the place to go on from.
    #[must_use]
    pub fn new(fence: Fence, place: Option<String>) -> Self {
        Self { fence, place }
    }
}

/// How far a scope has come and who works on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Progress {
    /// What has come so far.
    pub scope: Scope,
    /// The last claim.
    pub fence: Fence,
    /// Who made the claim.
    pub owner: String,
    /// Until when the claim cannot be taken over; `None` when it can be.
    pub until: Option<DateTime<Utc>>,
    /// Where to go on; `None` at the beginning and after the end.
    pub place: Option<String>,
    /// When it last changed.
    pub updated: DateTime<Utc>,
}

impl Progress {
    /// The state of a scope that was never claimed.
    #[must_use]
    pub fn new(scope: Scope, updated: DateTime<Utc>) -> Self {
        Self { scope, fence: Fence(0), owner: String::new(), until: None, place: None, updated }
    }

    /// Claims it at `now`.
    pub(super) fn claim(&mut self, owner: &str, claim: Claim, now: DateTime<Utc>) -> Result<Claimed, Error> {
        if let (Claim::IfExpired(_), Some(until)) = (claim, self.until)
            && until > now
            && owner != self.owner
        {
            let wait = (until - now).to_std().unwrap_or_default();
            let text = format!("another run works on it until {}", until.format("%Y-%m-%dT%H:%M:%SZ"));
            let error = Error::new(ErrorKind::Claimed, text).with("scope", &self.scope);
            return Err(error.with("owner", &self.owner).with_retry_after(wait).retryable(true));
        }
        self.fence = Fence(self.fence.0 + 1);
        owner.clone_into(&mut self.owner);
        self.until = match claim {
            Claim::IfExpired(lease) => Some(now + lease_of(lease)),
            Claim::Now => None,
        };
        self.updated = now;
        Ok(Claimed::new(self.fence, self.place.clone()))
    }

    /// Takes in an advance at `now`.
    pub(super) fn advance(&mut self, to: &Advance, now: DateTime<Utc>) -> Result<(), Error> {
        self.check(to.fence)?;
        self.place.clone_from(&to.place);
        // The lease is as long as it was.
        self.until = self.until.map(|until| until.max(now + (until - self.updated)));
        self.updated = now;
        Ok(())
    }

    /// Whether a claim is the last one.
    pub(super) fn check(&self, fence: Fence) -> Result<(), Error> {
        if fence == self.fence && fence.0 > 0 {
            return Ok(());
        }
        let text = "another run took over, so nothing was saved; stop this one";
        Err(Error::new(ErrorKind::Fenced, text).with("scope", &self.scope).with("owner", &self.owner))
    }
}

/// A lease no clock can count to is a year.
fn lease_of(lease: Duration) -> chrono::TimeDelta {
    let year = chrono::TimeDelta::days(366);
    chrono::TimeDelta::from_std(lease).unwrap_or(year).min(year)
}

/// What a run reports, kept with its scope.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// What was run.
    pub scope: Scope,
    /// When the run began; a second report of the same run replaces the first.
    pub started: DateTime<Utc>,
    /// What it says.
    pub document: Value,
}

impl Report {
    /// A report of a run that began then.
    #[must_use]
    pub fn new(scope: Scope, started: DateTime<Utc>, document: Value) -> Self {
        Self { scope, started, document }
    }
}

/// A message of a stream that cannot be read, kept for a later look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The store's number of it; 0 before it is saved.
    #[serde(default)]
    pub id: i64,
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
    /// Why it cannot be read.
    pub reason: String,
    /// The message, whole.
    pub bytes: Vec<u8>,
    /// When it was saved.
    pub saved: Option<DateTime<Utc>>,
}

impl DeadLetter {
    /// A message at its place, and why it cannot be read.
    #[must_use]
    pub fn new(
        topic: impl Into<String>,
        partition: i32,
        offset: i64,
        reason: impl Into<String>,
        bytes: Vec<u8>,
    ) -> Self {
        Self { id: 0, topic: topic.into(), partition, offset, reason: reason.into(), bytes, saved: None }
    }
}
