//! Publishing to Kafka: against librdkafka's own mock cluster, read back by another client, and
//! against a listener that wants TLS and SCRAM.
#![cfg(all(feature = "kafka", feature = "scimma"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod listener;
mod login;
mod published;
mod refusals;

use std::time::Duration;

use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use tom_alerts::Error;
use tom_alerts::kafka::{Cluster, KafkaSink, Message, MessageSink};

type Mock = MockCluster<'static, DefaultProducerContext>;

/// A cluster in this process that wants neither TLS nor a credential.
fn mock() -> (Mock, Cluster) {
    let mock = MockCluster::new(1).unwrap();
    let cluster = Cluster::new(mock.bootstrap_servers()).tls(false).timeout(Duration::from_secs(10));
    (mock, cluster)
}

fn message(cluster: &Cluster) -> Message {
    Message::new(cluster.clone(), "group.topic", r#"{"type": "target"}"#).header("_format", "json")
}

/// The error of publishing, which must come within the time that the cluster has.
async fn refused(message: &Message) -> Error {
    let limit = message.cluster().timeout + Duration::from_secs(4);
    let outcome = tokio::time::timeout(limit, KafkaSink::new().publish(message)).await;
    let error = outcome.expect("publishing took longer than it may").unwrap_err();
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    error
}
