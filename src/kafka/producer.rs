//! `KafkaSink`: messages over librdkafka, with every wait bounded and every refusal told.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::{self, Either};
use rdkafka::ClientContext;
use rdkafka::config::{ClientConfig, FromClientConfigAndContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use tokio::sync::watch;

use super::{Cluster, Delivery, Message, MessageSink};
use crate::error::{Error, ErrorKind, Result};

/// Publishes over librdkafka. Connections are kept and shared; cheap to clone.
///
/// A message counts as published when all replicas that are in step have it. A refused credential
/// or certificate is an error at once, all else at the latest after [`Cluster::timeout`].
#[derive(Clone, Default)]
pub struct KafkaSink {
    producers: Arc<Mutex<Vec<Producer>>>,
}

impl KafkaSink {
    /// A sink without connections yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn producer(&self, cluster: &Cluster) -> Result<Producer> {
        let mut producers = self.producers.lock().unwrap_or_else(PoisonError::into_inner);
        // A connection whose credential or certificate was refused does not recover.
        for spent in producers.extract_if(.., |producer| producer.is_spent()) {
            close(spent);
        }
        if let Some(known) = producers.iter().find(|producer| same(&producer.cluster, cluster)) {
            return Ok(known.clone());
        }
        let producer = Producer::open(cluster)?;
        producers.push(producer.clone());
        Ok(producer)
    }

    /// Forgets a connection that failed, so that the next message begins anew. Another one to the same
    /// cluster may have been opened meanwhile.
    fn forget(&self, failed: &Producer) {
        let mut producers = self.producers.lock().unwrap_or_else(PoisonError::into_inner);
        producers.retain(|producer| !Arc::ptr_eq(&producer.inner, &failed.inner));
    }
}

impl fmt::Debug for KafkaSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaSink").finish_non_exhaustive()
    }
}

#[async_trait]
impl MessageSink for KafkaSink {
    async fn publish(&self, message: &Message) -> Result<Delivery> {
        let cluster = message.cluster();
        let producer = self.producer(cluster)?;
        let outcome = producer.publish(message).await;
        if outcome.as_ref().is_err_and(|e| !matches!(e.kind(), ErrorKind::TooLarge | ErrorKind::NotFound)) {
            self.forget(&producer);
            close(producer);
        }
        outcome.map_err(|e| e.with("topic", message.topic()).with("servers", &cluster.servers))
    }
}

/// The last holder waits for librdkafka's threads, which is not for an async task.
fn close(producer: Producer) {
    std::thread::spawn(move || drop(producer));
}

/// How long librdkafka may take to say that a message is out of time, after it is.
const GRACE: Duration = Duration::from_secs(2);

/// The most bytes of a message; the cluster's own limit is mostly lower and told by it.
const LARGEST: usize = 64 * 1024 * 1024;

/// A connection to one cluster.
#[derive(Clone)]
struct Producer {
    cluster: Cluster,
    inner: Arc<FutureProducer<Watch>>,
    faults: watch::Receiver<Option<Fault>>,
}

impl Producer {
    fn open(cluster: &Cluster) -> Result<Self> {
        let (told, faults) = watch::channel(None);
        let fault = |e: KafkaError| {
            let text = match &cluster.ca_file {
                Some(file) if cluster.tls => format!(
                    "the Kafka client cannot be set up; is {} a file of certificates?",
                    file.display()
                ),
                _ => "the Kafka client cannot be set up".to_owned(),
            };
            Error::new(ErrorKind::Config, text).because(e)
        };
        let inner =
            FutureProducer::from_config_and_context(&settings(cluster), Watch(told)).map_err(fault)?;
        Ok(Self { cluster: cluster.clone(), inner: Arc::new(inner), faults })
    }

    fn is_spent(&self) -> bool {
        self.faults.borrow().as_ref().is_some_and(Fault::is_final)
    }

    async fn publish(&self, message: &Message) -> Result<Delivery> {
        let headers = message.headers().iter().fold(OwnedHeaders::new(), |headers, (key, value)| {
            headers.insert(Header { key, value: Some(&value[..]) })
        });
        let mut record =
            FutureRecord::<[u8], [u8]>::to(message.topic()).payload(message.value()).headers(headers);
        if let Some(key) = message.key_bytes() {
            record = record.key(key);
        }
        let delivery = self.inner.send_result(record).map_err(|(error, _)| self.refused(&error))?;
        let mut faults = self.faults.clone();
        let fatal = std::pin::pin!(async {
            let fault = faults.wait_for(|fault| fault.as_ref().is_some_and(Fault::is_final)).await;
            let error = fault.ok().map(|fault| fault.as_ref().map_or_else(|| self.late(), Fault::error));
            match error {
                Some(error) => error,
                None => future::pending().await,
            }
        });
        let outcome = future::select(delivery, fatal);
        match tokio::time::timeout(self.cluster.timeout.saturating_add(GRACE), outcome).await {
            Ok(Either::Left((Ok(Ok(placed)), _))) => {
                Ok(Delivery::new(message.topic(), placed.partition, placed.offset))
            }
            Ok(Either::Left((Ok(Err((error, _))), _))) => Err(self.refused(&error)),
            Ok(Either::Right((error, _))) => Err(error),
            Ok(Either::Left((Err(_), _))) | Err(_) => Err(self.late()),
        }
    }

    /// What librdkafka says of a message.
    fn refused(&self, error: &KafkaError) -> Error {
        use RDKafkaErrorCode as Code;
        let code = error.rdkafka_error_code();
        let (kind, text) = match code {
            // The cluster may have it all the same.
            Some(
                Code::MessageTimedOut
                | Code::RequestTimedOut
                | Code::PurgeQueue
                | Code::PurgeInflight
                | Code::BrokerTransportFailure
                | Code::NetworkException
                | Code::NotEnoughReplicasAfterAppend,
            ) => return self.late(),
            Some(Code::TopicAuthorizationFailed | Code::ClusterAuthorizationFailed) => {
                (ErrorKind::Auth, "the credential may not write to this topic")
            }
            Some(Code::UnknownTopic | Code::UnknownTopicOrPartition | Code::UnknownPartition) => {
                (ErrorKind::NotFound, "the cluster has no such topic, or the credential may not see it")
            }
            Some(Code::MessageSizeTooLarge) => {
                (ErrorKind::TooLarge, "the message is larger than the topic takes")
            }
            Some(Code::InvalidTopic) => (ErrorKind::Input, "this cannot be the name of a topic"),
            Some(Code::Authentication | Code::SaslAuthenticationFailed) => (ErrorKind::Auth, REFUSED),
            _ => (ErrorKind::Refused, "the cluster did not take the message"),
        };
        let refused = Error::new(kind, text);
        match (kind, code) {
            (ErrorKind::Refused, Some(code)) => refused.with("code", format!("{code:?}")),
            _ => refused,
        }
    }

    /// The message was not confirmed in time.
    fn late(&self) -> Error {
        let seconds = self.cluster.timeout.as_secs_f64();
        let fault = self.faults.borrow().clone();
        match fault {
            // A fault of TLS that was all that was heard of in the time explains it.
            Some(fault) if fault.is_final() || fault.code == RDKafkaErrorCode::SSL => fault.error(),
            Some(fault) => Error::new(
                ErrorKind::Network,
                format!(
                    "the cluster did not confirm the message within {seconds} s: {}; if the connection \
                     broke while it was sent, it may have arrived",
                    fault.text
                ),
            ),
            None => Error::new(
                ErrorKind::Timeout,
                format!("the cluster did not confirm the message within {seconds} s; it may have arrived"),
            ),
        }
    }
}

/// A fault of the connection, which belongs to no message.
#[derive(Debug, Clone)]
struct Fault {
    code: RDKafkaErrorCode,
    text: String,
    /// Whether no broker of the cluster could be reached after it.
    everywhere: bool,
}

const REFUSED: &str = "the cluster refused the credential";

impl Fault {
    /// Whether waiting longer changes nothing: all brokers know the same credentials, but TLS may fail
    /// at one of them alone.
    fn is_final(&self) -> bool {
        match self.code {
            RDKafkaErrorCode::Authentication => true,
            RDKafkaErrorCode::SSL => self.everywhere,
            _ => false,
        }
    }

    fn error(&self) -> Error {
        match self.code {
            RDKafkaErrorCode::Authentication => Error::new(ErrorKind::Auth, REFUSED),
            _ => {
                let text = "no TLS connection to the cluster: its certificate is not signed by an authority \
                            that is trusted, or it speaks no TLS; a file of authorities can be configured";
                Error::new(ErrorKind::Network, text).because(self.text.clone())
            }
        }
    }
}

/// Hears of faults of the connection.
struct Watch(watch::Sender<Option<Fault>>);

impl ClientContext for Watch {
    fn log(&self, _level: rdkafka::config::RDKafkaLogLevel, _facility: &str, message: &str) {
        tracing::debug!(target: "tom_alerts::kafka", "{message}");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        let Some(code) = error.rdkafka_error_code() else { return };
        tracing::info!(target: "tom_alerts::kafka", ?code, "connection");
        self.0.send_modify(|known| {
            // What says most stays: that all are down follows from why each one is.
            match known {
                Some(fault) if code == RDKafkaErrorCode::AllBrokersDown => fault.everywhere = true,
                Some(fault) if fault.is_final() => {}
                _ => {
                    let text = reason.chars().filter(|c| !c.is_control()).take(200).collect();
                    *known = Some(Fault { code, text, everywhere: false });
                }
            }
        });
    }
}

fn settings(cluster: &Cluster) -> ClientConfig {
    let timeout = cluster.timeout.as_millis().clamp(100, 3_600_000);
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &cluster.servers)
        .set("client.id", "tom-alerts")
        .set("acks", "all")
        // A message whose confirmation was lost would be there twice. Producers that the cluster tells
        // apart need a right that not every cluster grants.
        .set("retries", "0")
        .set("message.timeout.ms", timeout.to_string())
        // librdkafka takes no more for a single request.
        .set("request.timeout.ms", timeout.min(300_000).to_string())
        .set("socket.timeout.ms", timeout.min(300_000).to_string())
        .set("socket.connection.setup.timeout.ms", timeout.clamp(1_000, 30_000).to_string())
        .set("socket.nagle.disable", "true")
        .set("topic.metadata.propagation.max.ms", (timeout / 2).min(5_000).to_string())
        .set("message.max.bytes", LARGEST.to_string())
        .set("reconnect.backoff.ms", "100")
        .set("retry.backoff.ms", "100");
    let protocol = match (cluster.tls, &cluster.login) {
        (true, Some(_)) => "SASL_SSL",
        (true, None) => "SSL",
        (false, Some(_)) => "SASL_PLAINTEXT",
        (false, None) => "PLAINTEXT",
    };
    config.set("security.protocol", protocol);
    if let Some(login) = &cluster.login {
        config
            .set("sasl.mechanism", login.mechanism.as_str())
            .set("sasl.username", &login.username)
            .set("sasl.password", login.password.expose());
    }
    match &cluster.ca_file {
        Some(file) if cluster.tls => config.set("ssl.ca.location", file.to_string_lossy()),
        None if cluster.tls => config.set("ssl.ca.pem", authorities()),
        _ => &mut config,
    };
    config
}

/// Mozilla's list of authorities, the same that HTTPS falls back to.
fn authorities() -> String {
    let mut text = String::new();
    for certificate in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        for line in STANDARD.encode(certificate).as_bytes().chunks(64) {
            text.extend(line.iter().map(|byte| char::from(*byte)));
            text.push('\n');
        }
        text.push_str("-----END CERTIFICATE-----\n");
    }
    text
}

fn same(a: &Cluster, b: &Cluster) -> bool {
    let login = |cluster: &Cluster| {
        let login = cluster.login.as_ref()?;
        Some((login.username.clone(), login.password.expose().to_owned(), login.mechanism))
    };
    a.servers == b.servers
        && a.tls == b.tls
        && a.ca_file == b.ca_file
        && a.timeout == b.timeout
        && login(a) == login(b)
}
