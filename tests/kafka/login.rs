//! TLS with an authority of one's own, and SCRAM-SHA-512.

use std::io::Write;

use tom_alerts::ErrorKind;
use tom_alerts::kafka::Login;

use super::listener::Listener;
use super::*;

fn login() -> Login {
    Login::new("alice-1234abcd", "hunter2")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_goes_over_tls_with_a_proved_password() {
    let listener = Listener::start("hunter2").await;
    let sent = message(&listener.cluster().login(login()));
    let delivery = KafkaSink::new().publish(&sent).await.unwrap();
    assert_eq!((delivery.partition, delivery.offset), (0, 41));
    let seen = listener.seen();
    assert_eq!(seen.mechanism.as_deref(), Some("SCRAM-SHA-512"));
    assert_eq!(seen.user.as_deref(), Some("alice-1234abcd"));
    let records = seen.records.concat();
    let holds = |text: &str| records.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds(r#"{"type": "target"}"#) && holds("_format"));
    assert!(!seen.bytes.windows(7).any(|part| part == b"hunter2"), "the password was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_at_once_and_nothing_is_sent() {
    let listener = Listener::start("another").await;
    let sent = message(&listener.cluster().login(login()).timeout(Duration::from_secs(60)));
    let before = std::time::Instant::now();
    let error = refused(&sent).await;
    assert!(before.elapsed() < Duration::from_secs(20), "{:?}", before.elapsed());
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(error.to_string().starts_with("the cluster refused the credential"), "{error}");
    assert!(listener.seen().records.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_an_authority_that_is_not_trusted() {
    let listener = Listener::start("hunter2").await;
    let sent = message(&listener.cluster().ca_file(None).login(login()).timeout(Duration::from_secs(60)));
    let before = std::time::Instant::now();
    let error = refused(&sent).await;
    assert!(before.elapsed() < Duration::from_secs(20), "{:?}", before.elapsed());
    assert_eq!(error.kind(), ErrorKind::Network);
    assert!(error.to_string().contains("not signed by an authority that is trusted"), "{error}");
    assert!(listener.seen().records.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_broker_without_a_trusted_certificate_is_not_the_whole_cluster() {
    let (odd, sound) = (Listener::start("hunter2").await, Listener::start("hunter2").await);
    let mut cluster = sound.cluster().login(login());
    cluster.servers = format!("{},{}", odd.cluster().servers, cluster.servers);
    // Which of the two is asked first is left to chance.
    for sent in 1..=6 {
        let delivery = KafkaSink::new().publish(&message(&cluster)).await.unwrap();
        assert_eq!(delivery.offset, 41);
        assert!(odd.seen().records.is_empty() && sound.seen().records.len() == sent);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_holds_no_certificates() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"not a certificate").unwrap();
    for path in [file.path().to_owned(), "/no/such/file.pem".into()] {
        let cluster = Cluster::new("127.0.0.1:1").ca_file(Some(path.clone())).timeout(Duration::from_secs(1));
        let error = refused(&message(&cluster)).await;
        assert_eq!(error.kind(), ErrorKind::Config);
        let due = format!("is {} a file of certificates?", path.display());
        assert!(error.to_string().contains(&due), "{error}");
    }
}
