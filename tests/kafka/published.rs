//! What arrives, as others read it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Headers, Message as _};
use rdkafka::{Offset, TopicPartitionList};
use rskafka::client::ClientBuilder;
use rskafka::client::partition::UnknownTopicHandling;
use rskafka::record::Record;
use serde_json::json;
use tom_alerts::brokers::scimma::{ScimmaBroker, ScimmaConfig};
use tom_alerts::http::{Http, HttpConfig};
use tom_alerts::{GenericBroker, ObservationRecord, Target, Upstream};

use super::*;

/// Everything in the first partition of a topic, by a client that is not librdkafka.
async fn read_by_another(servers: &str, topic: &str) -> Vec<Record> {
    let client = ClientBuilder::new(vec![servers.to_owned()]).build().await.unwrap();
    let partition = client.partition_client(topic, 0, UnknownTopicHandling::Error).await.unwrap();
    let mut records = Vec::new();
    loop {
        let next = i64::try_from(records.len()).unwrap();
        let (more, watermark) = partition.fetch_records(next, 1..1_000_000, 1_000).await.unwrap();
        records.extend(more.into_iter().map(|record| record.record));
        if i64::try_from(records.len()).unwrap() >= watermark {
            return records;
        }
    }
}

/// The names of a message's headers in their order, by librdkafka.
fn header_names(servers: &str, topic: &str) -> Vec<String> {
    let consumer: BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", servers).set("group.id", "g").create().unwrap();
    let mut places = TopicPartitionList::new();
    places.add_partition_offset(topic, 0, Offset::Beginning).unwrap();
    consumer.assign(&places).unwrap();
    let message = consumer.poll(Duration::from_secs(10)).unwrap().unwrap();
    message.headers().unwrap().iter().map(|header| header.key.to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_arrives_whole() {
    let (mock, cluster) = mock();
    mock.create_topic("group.topic", 1, 1).unwrap();
    let sent = message(&cluster).key(bytes::Bytes::from_static(b"k")).header("_id", vec![0_u8, 1, 255]);
    let sink = KafkaSink::new();
    let first = sink.publish(&sent).await.unwrap();
    assert_eq!((first.topic.as_str(), first.partition, first.offset), ("group.topic", 0, 0));
    let second = sink.publish(&message(&cluster)).await.unwrap();
    assert_eq!(second.offset, 1);

    let records = read_by_another(&mock.bootstrap_servers(), "group.topic").await;
    assert_eq!(records.len(), 2);
    assert_eq!(records[0].key.as_deref(), Some(&b"k"[..]));
    assert_eq!(records[0].value.as_deref(), Some(&br#"{"type": "target"}"#[..]));
    let headers =
        BTreeMap::from([("_format".to_owned(), b"json".to_vec()), ("_id".to_owned(), vec![0, 1, 255])]);
    assert_eq!(records[0].headers, headers);
    assert_eq!(records[1].key, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_and_an_observation_are_submitted_and_read_back() {
    let (mock, _) = mock();
    mock.create_topic("tomtoolkit.test", 1, 1).unwrap();
    let config = ScimmaConfig {
        hopskotch_url: Some(mock.bootstrap_servers()),
        hopskotch_tls: false,
        publish_timeout: 10.0,
        ..ScimmaConfig::default()
    };
    let broker = ScimmaBroker::new(config).unwrap();
    let target = Target::sidereal("SN 2026zz", 10.5, -5.25).unwrap();
    let record = ObservationRecord::new(target.clone(), "LCO", "77")
        .with_status("PENDING")
        .with_parameters(json!({"exposure_time": 30}).as_object().unwrap().clone());
    let parameters = json!({"topic": "tomtoolkit.test", "test": true});
    let what = Upstream::new(Some(&target), Some(&record), &[]);
    let receipt = broker.submit_upstream_alert(what, parameters.as_object().unwrap()).await.unwrap();
    assert_eq!(receipt.answer["messages"][0]["offset"], 0);
    assert_eq!(receipt.answer["messages"][1]["offset"], 1);
    let uuid = receipt.id.clone().unwrap();
    assert_eq!(receipt.url.unwrap().as_str(), format!("https://archive-api.hop.scimma.org/msg/{uuid}"));

    let servers = mock.bootstrap_servers();
    let records = read_by_another(&servers, "tomtoolkit.test").await;
    let values: Vec<_> =
        records.iter().map(|r| String::from_utf8(r.value.clone().unwrap()).unwrap()).collect();
    assert_eq!(
        values,
        [
            r#"{"type": "target", "target_name": "SN 2026zz", "ra": 10.5, "dec": -5.25}"#,
            r#"{"type": "observation", "status": "PENDING", "parameters": {"exposure_time": 30}, "target_name": "SN 2026zz", "ra": 10.5, "dec": -5.25, "facility": "LCO"}"#,
        ]
    );
    let id = &records[0].headers["_id"];
    assert_eq!(bson::Uuid::from_bytes(id.as_slice().try_into().unwrap()).to_string(), uuid);
    assert_eq!(records[0].headers["_test"], b"true");
    assert_ne!(records[1].headers["_id"], *id);
    let names = tokio::task::spawn_blocking(move || header_names(&servers, "tomtoolkit.test")).await.unwrap();
    assert_eq!(names, ["_id", "_test", "_format"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_of_ones_own_takes_the_place() {
    let (_mock, cluster) = mock();
    let http = Http::new(&HttpConfig::default()).unwrap().with_sink(Arc::new(KafkaSink::new()));
    let delivery = http.sink().publish(&message(&cluster)).await.unwrap();
    assert_eq!(delivery.topic, "group.topic");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tool_publishes_a_target() {
    let (mock, _) = mock();
    mock.create_topic("tomtoolkit.test", 1, 1).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (config, target) = (folder.path().join("tom.toml"), folder.path().join("t.json"));
    let table = format!(
        "[brokers.SCIMMA]\nhopskotch_url = \"{}\"\nhopskotch_tls = false\n",
        mock.bootstrap_servers()
    );
    std::fs::write(&config, table).unwrap();
    std::fs::write(&target, r#"{"name": "SN 2026zz", "type": "SIDEREAL", "ra": 10.5, "dec": -5.25}"#)
        .unwrap();
    // Examples have no CARGO_BIN_EXE; they are built beside the tests.
    let test = std::env::current_exe().unwrap();
    let built = test.parent().and_then(|deps| deps.parent()).unwrap();
    let tool = built.join("examples").join(format!("alerts{}", std::env::consts::EXE_SUFFIX));
    let command = move || {
        std::process::Command::new(tool)
            .args(["--json", "--config"])
            .arg(config)
            .args(["submit", "SCIMMA", "topic=tomtoolkit.test", "--target"])
            .arg(target)
            .output()
            .unwrap()
    };
    let output = tokio::task::spawn_blocking(command).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let receipt: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let records = read_by_another(&mock.bootstrap_servers(), "tomtoolkit.test").await;
    let value = r#"{"type": "target", "target_name": "SN 2026zz", "ra": 10.5, "dec": -5.25}"#;
    assert_eq!(records[0].value.as_deref(), Some(value.as_bytes()));
    let id = bson::Uuid::from_bytes(records[0].headers["_id"].as_slice().try_into().unwrap()).to_string();
    assert_eq!(receipt["id"], id.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn any_time_that_can_be_configured_can_be_waited() {
    let (mock, cluster) = mock();
    mock.create_topic("group.topic", 1, 1).unwrap();
    for time in [Duration::from_secs(600), Duration::MAX] {
        let patient = message(&cluster.clone().timeout(time));
        tokio::time::timeout(Duration::from_secs(20), KafkaSink::new().publish(&patient))
            .await
            .unwrap()
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_confirmation_is_lost_is_there_once() {
    let (mock, cluster) = mock();
    mock.create_topic("group.topic", 1, 1).unwrap();
    let sink = KafkaSink::new();
    let patient = message(&cluster.clone().timeout(Duration::from_secs(5)));
    sink.publish(&patient).await.unwrap();
    // The cluster takes it, and the connection breaks before it says so.
    mock.broker_round_trip_time(1, Duration::from_millis(600)).unwrap();
    let (outcome, ()) = tokio::join!(sink.publish(&patient), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        mock.broker_down(1).unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        mock.broker_round_trip_time(1, Duration::from_millis(1)).unwrap();
        mock.broker_up(1).unwrap();
    });
    let error = outcome.unwrap_err();
    assert!(error.to_string().contains("may have arrived"), "{error}");
    let there = read_by_another(&mock.bootstrap_servers(), "group.topic").await.len();
    assert!(there <= 2, "{there} records of two messages");
}
