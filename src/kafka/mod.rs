//! The seam to Kafka: `Message` and where it goes, and `MessageSink`, which brings it there.
//!
//! A plugin builds a [`Message`] as it builds a request, and hands it over as a step of a
//! [`Call`](crate::plugin::Call). What brings it to the cluster is the [`MessageSink`] of
//! [`Http`](crate::http::Http): with the feature `kafka` a `KafkaSink`, else one that says which
//! feature is missing; [`Http::with_sink`](crate::http::Http::with_sink) takes one of your own.

mod message;
#[cfg(feature = "kafka")]
mod producer;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde::Serialize;

use crate::error::{Error, ErrorKind, Result};

pub use message::{Cluster, Login, Mechanism, Message};
#[cfg(feature = "kafka")]
pub use producer::KafkaSink;

/// Brings messages to Kafka and says when they are there.
#[async_trait]
pub trait MessageSink: fmt::Debug + Send + Sync {
    /// Publishes one message, and returns when the cluster has confirmed it. A future that is dropped
    /// before may have sent the message all the same.
    ///
    /// # Errors
    /// [`ErrorKind::Auth`], [`ErrorKind::NotFound`] and [`ErrorKind::TooLarge`] when the cluster
    /// refuses it, [`ErrorKind::Network`] and [`ErrorKind::Timeout`] when it was not confirmed
    /// within [`Cluster::timeout`].
    async fn publish(&self, message: &Message) -> Result<Delivery>;
}

/// Where a confirmed message lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Delivery {
    /// The topic.
    pub topic: String,
    /// The partition of the topic.
    pub partition: i32,
    /// The place in the partition.
    pub offset: i64,
}

impl Delivery {
    /// What the cluster confirmed; sinks make it.
    #[must_use]
    pub fn new(topic: impl Into<String>, partition: i32, offset: i64) -> Self {
        Self { topic: topic.into(), partition, offset }
    }
}

/// What messages go through unless something else is set.
pub(crate) fn default_sink() -> Arc<dyn MessageSink> {
    #[cfg(feature = "kafka")]
    return Arc::new(KafkaSink::new());
    #[cfg(not(feature = "kafka"))]
    Arc::new(Missing)
}

/// Stands where the feature is missing.
#[derive(Debug)]
#[cfg_attr(feature = "kafka", allow(dead_code, reason = "its message is tested with every feature"))]
struct Missing;

#[async_trait]
impl MessageSink for Missing {
    async fn publish(&self, _message: &Message) -> Result<Delivery> {
        let text = "publishing to Kafka needs the feature `kafka` of tom-alerts, which is not compiled in";
        Err(Error::new(ErrorKind::Unsupported, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_the_feature_it_is_said_which_one_is_missing() {
        let message = Message::new(Cluster::new("127.0.0.1:1"), "a.b", "x");
        let error = Missing.publish(&message).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("feature `kafka`"), "{error}");
    }
}
