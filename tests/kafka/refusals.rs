//! What is not confirmed is an error, each with its own words, and within its time.

use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};
use tom_alerts::ErrorKind;

use super::*;

fn hasty(cluster: &Cluster) -> Cluster {
    cluster.clone().timeout(Duration::from_secs(2))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_topic() {
    let (mock, cluster) = mock();
    mock.create_topic("group.topic", 1, 1).unwrap();
    mock.topic_error("group.topic", RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART).unwrap();
    let error = refused(&message(&hasty(&cluster))).await;
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(
        error.to_string().starts_with(
            "the cluster has no such topic, or the credential may not see it [topic=group.topic"
        ),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_permission_to_write() {
    let (mock, cluster) = mock();
    mock.create_topic("group.topic", 1, 1).unwrap();
    mock.request_errors(
        RDKafkaApiKey::Produce,
        &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED],
    );
    let error = refused(&message(&cluster)).await;
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(error.to_string().starts_with("the credential may not write to this topic"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_larger_than_the_topic_takes() {
    let (mock, cluster) = mock();
    mock.create_topic("group.topic", 1, 1).unwrap();
    mock.request_errors(RDKafkaApiKey::Produce, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE]);
    let error = refused(&message(&cluster)).await;
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(error.to_string().starts_with("the message is larger than the topic takes"), "{error}");

    let huge = Message::new(cluster, "group.topic", vec![b'x'; 65 * 1024 * 1024]);
    assert_eq!(refused(&huge).await.kind(), ErrorKind::TooLarge);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_other_refusal_says_its_code() {
    let (mock, cluster) = mock();
    mock.create_topic("group.topic", 1, 1).unwrap();
    mock.request_errors(RDKafkaApiKey::Produce, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_POLICY_VIOLATION]);
    let error = refused(&message(&cluster)).await;
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("code=PolicyViolation"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_cannot_be_reached() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let cluster = Cluster::new(format!("127.0.0.1:{port}")).tls(false).timeout(Duration::from_secs(1));
    let error = refused(&message(&cluster)).await;
    assert_eq!(error.kind(), ErrorKind::Network);
    assert!(error.to_string().contains("did not confirm the message within 1 s"), "{error}");
    assert!(error.to_string().to_lowercase().contains("connection refused"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_goes_away_after_the_first_message() {
    let (mock, cluster) = mock();
    mock.create_topic("group.topic", 1, 1).unwrap();
    let sink = KafkaSink::new();
    let hasty = message(&hasty(&cluster));
    sink.publish(&hasty).await.unwrap();
    mock.broker_down(1).unwrap();
    let outcome = tokio::time::timeout(Duration::from_secs(6), sink.publish(&hasty)).await.unwrap();
    let error = outcome.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Network | ErrorKind::Timeout), "{error}");
    assert!(error.to_string().contains("may have arrived"), "{error}");
    // The next message begins anew.
    mock.broker_up(1).unwrap();
    sink.publish(&hasty).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_takes_the_message_and_says_nothing() {
    let (mock, cluster) = mock();
    mock.create_topic("group.topic", 1, 1).unwrap();
    let sink = KafkaSink::new();
    let hasty = message(&hasty(&cluster));
    sink.publish(&hasty).await.unwrap();
    mock.broker_round_trip_time(1, Duration::from_secs(60)).unwrap();
    let outcome = tokio::time::timeout(Duration::from_secs(6), sink.publish(&hasty)).await.unwrap();
    let error = outcome.unwrap_err();
    assert!(error.to_string().contains("within 2 s"), "{error}");
    assert!(error.to_string().contains("may have arrived"), "{error}");
}
