//! `Message`: what a plugin wants published, and `Cluster`: where.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;

use crate::secret::Secret;

/// A Kafka cluster and how it is entered.
///
/// ```
/// use tom_alerts::kafka::{Cluster, Login};
/// let cluster = Cluster::new("kafka.example.org:9092").login(Login::new("me", "hunter2"));
/// assert!(!format!("{cluster:?}").contains("hunter2"));
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Cluster {
    /// Brokers to begin with, `host:port` with commas between.
    pub servers: String,
    /// Whether the connection is encrypted. Default: true.
    pub tls: bool,
    /// A file of certificates (PEM) of the authorities to trust. Default: Mozilla's, built in.
    pub ca_file: Option<PathBuf>,
    /// Who enters; `None` for a cluster that asks nobody.
    pub login: Option<Login>,
    /// The most time until a message is confirmed. Default: 30 s.
    pub timeout: Duration,
}

impl Cluster {
    /// A cluster that is entered over TLS and without a credential.
    #[must_use]
    pub fn new(servers: impl Into<String>) -> Self {
        Self {
            servers: servers.into(),
            tls: true,
            ca_file: None,
            login: None,
            timeout: Duration::from_secs(30),
        }
    }

    /// Says whether the connection is encrypted.
    #[must_use]
    pub fn tls(mut self, yes: bool) -> Self {
        self.tls = yes;
        self
    }

    /// Sets the file of authorities to trust.
    #[must_use]
    pub fn ca_file(mut self, file: Option<PathBuf>) -> Self {
        self.ca_file = file;
        self
    }

    /// Sets who enters.
    #[must_use]
    pub fn login(mut self, login: impl Into<Option<Login>>) -> Self {
        self.login = login.into();
        self
    }

    /// Sets the most time until a message is confirmed.
    #[must_use]
    pub fn timeout(mut self, time: Duration) -> Self {
        self.timeout = time;
        self
    }
}

/// A credential of a cluster.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Login {
    /// The name.
    pub username: String,
    /// The password.
    pub password: Secret,
    /// How the two are proved. Default: SCRAM-SHA-512.
    pub mechanism: Mechanism,
}

impl Login {
    /// A credential for SCRAM-SHA-512.
    #[must_use]
    pub fn new(username: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self { username: username.into(), password: password.into(), mechanism: Mechanism::ScramSha512 }
    }

    /// The name of a consumer group that this credential may use: clusters such as Hopskotch's refuse
    /// groups that do not begin with the name of the credential and a hyphen.
    ///
    /// ```
    /// use tom_alerts::kafka::Login;
    /// let login = Login::new("me-1a2b3c4d", "hunter2");
    /// assert_eq!(login.group("nightly"), "me-1a2b3c4d-nightly");
    /// assert_eq!(login.group("me-1a2b3c4d-nightly"), "me-1a2b3c4d-nightly");
    /// ```
    #[must_use]
    pub fn group(&self, name: &str) -> String {
        match name.strip_prefix(&self.username).is_some_and(|rest| rest.starts_with('-')) {
            true => name.to_owned(),
            false => format!("{}-{name}", self.username),
        }
    }

    /// Sets how the two are proved.
    #[must_use]
    pub fn mechanism(mut self, mechanism: Mechanism) -> Self {
        self.mechanism = mechanism;
        self
    }
}

/// How a credential is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mechanism {
    /// Both sides prove that they know the password; it is not sent. With SHA-512.
    ScramSha512,
    /// The same with SHA-256.
    ScramSha256,
    /// The password is sent, so only over TLS.
    Plain,
}

impl Mechanism {
    /// As SASL calls it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ScramSha512 => "SCRAM-SHA-512",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::Plain => "PLAIN",
        }
    }
}

/// A message for a topic of a cluster.
///
/// ```
/// use tom_alerts::kafka::{Cluster, Message};
/// let cluster = Cluster::new("kafka.example.org:9092");
/// let message = Message::new(cluster, "group.topic", "{}").header("_format", "json");
/// assert_eq!(message.headers()[0].0, "_format");
/// ```
#[derive(Clone)]
pub struct Message {
    cluster: Cluster,
    topic: String,
    key: Option<Bytes>,
    headers: Vec<(String, Bytes)>,
    value: Bytes,
}

impl Message {
    /// A message without key and headers.
    #[must_use]
    pub fn new(cluster: Cluster, topic: impl Into<String>, value: impl Into<Bytes>) -> Self {
        Self { cluster, topic: topic.into(), key: None, headers: Vec::new(), value: value.into() }
    }

    /// Sets the key.
    #[must_use]
    pub fn key(mut self, key: impl Into<Option<Bytes>>) -> Self {
        self.key = key.into();
        self
    }

    /// Adds a header behind those that are there; a name may occur twice.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Bytes>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Where it goes.
    #[must_use]
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Its topic.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Its key.
    #[must_use]
    pub fn key_bytes(&self) -> Option<&Bytes> {
        self.key.as_ref()
    }

    /// Its headers, in order.
    #[must_use]
    pub fn headers(&self) -> &[(String, Bytes)] {
        &self.headers
    }

    /// What it says.
    #[must_use]
    pub fn value(&self) -> &Bytes {
        &self.value
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("servers", &self.cluster.servers)
            .field("topic", &self.topic)
            .field("headers", &self.headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>())
            .field("bytes", &self.value.len())
            .finish_non_exhaustive()
    }
}
