//! What is published, and what is refused before anything is.

use std::sync::Arc;

use tom_alerts::kafka::Message;
use tom_alerts::plugin::{DateTime, NonSidereal, Photometry, ReducedDatum};
use tom_alerts::testing::ScriptedSink;
use tom_alerts::{ObservationRecord, Parameters, Target, Upstream};

use super::*;

fn config() -> ScimmaConfig {
    ScimmaConfig {
        hopskotch_username: Some("alice-1234abcd".into()),
        hopskotch_password: Some("hunter2".into()),
        ..ScimmaConfig::default()
    }
}

fn broker(config: ScimmaConfig, sink: &ScriptedSink) -> ScimmaBroker {
    let http = tom_alerts::http::Http::new(&Default::default()).unwrap().with_sink(Arc::new(sink.clone()));
    ScimmaBroker::with_http(config, &http).unwrap()
}

fn target() -> Target {
    Target::sidereal("Möbius 1", 10.5, -5.25).unwrap()
}

fn observation() -> ObservationRecord {
    ObservationRecord::new(target(), "LCO", "5")
        .with_status("PENDING")
        .with_parameters(json!({"b": 1, "a": [true, null]}).as_object().unwrap().clone())
}

fn parameters(value: Value) -> Parameters {
    value.as_object().unwrap().clone()
}

fn headers(message: &Message) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| "bytes".into());
    message.headers().iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

const TARGET: &str = r#"{"type": "target", "target_name": "M\u00f6bius 1", "ra": 10.5, "dec": -5.25}"#;
const OBSERVATION: &str = r#"{"type": "observation", "status": "PENDING", "parameters": {"b": 1, "a": [true, null]}, "target_name": "M\u00f6bius 1", "ra": 10.5, "dec": -5.25, "facility": "LCO"}"#;

#[tokio::test]
async fn a_target_goes_to_the_topic_of_the_call() {
    let sink = ScriptedSink::default();
    let broker =
        broker(ScimmaConfig { default_hopskotch_topic: Some("other.topic".into()), ..config() }, &sink);
    let target = target();
    let what = Upstream::new(Some(&target), None, &[]);
    let given = parameters(json!({"topic": "tomtoolkit.test", "uuid": uuid(9)}));
    let receipt = broker.submit_upstream_alert(what, &given).await.unwrap();
    assert_eq!((receipt.broker.as_str(), receipt.id.as_deref()), ("SCIMMA", Some(uuid(9).as_str())));
    let place = format!("https://archive-api.hop.scimma.org/msg/{}", uuid(9));
    assert_eq!(receipt.url.unwrap().as_str(), place);
    let due =
        json!({"messages": [{"uuid": uuid(9), "topic": "tomtoolkit.test", "partition": 0, "offset": 0}]});
    assert_eq!(receipt.answer, due);
    let sent = sink.messages().remove(0);
    assert_eq!((sent.topic(), sent.key_bytes()), ("tomtoolkit.test", None));
    assert_eq!(sent.value(), TARGET.as_bytes());
    let id = u128::from_str_radix(&uuid(9).replace('-', ""), 16).unwrap().to_be_bytes();
    assert_eq!(sent.headers()[0], ("_id".to_owned(), id.to_vec().into()));
    let rest =
        [("_sender".to_owned(), "alice-1234abcd".to_owned()), ("_format".to_owned(), "json".to_owned())];
    assert_eq!(headers(&sent)[1..], rest);
    let cluster = sent.cluster();
    assert_eq!((cluster.servers.as_str(), cluster.tls), ("kafka.scimma.org:9092", true));
    assert_eq!(cluster.timeout.as_secs(), 30);
    assert_eq!(cluster.login.as_ref().unwrap().mechanism.as_str(), "SCRAM-SHA-512");
}

#[tokio::test]
async fn both_go_to_the_configured_topic_in_order() {
    let sink = ScriptedSink::default();
    let broker =
        broker(ScimmaConfig { default_hopskotch_topic: Some("group.topic".into()), ..config() }, &sink);
    let (target, record) = (target(), observation());
    let what = Upstream::new(Some(&target), Some(&record), &[]);
    let dry = broker.dry_run(what, &Parameters::new()).unwrap();
    assert!(dry.requests.is_empty());
    assert!(sink.messages().is_empty());
    let receipt = broker.submit_upstream_alert(what, &parameters(json!({"test": "on"}))).await.unwrap();
    assert_eq!(receipt.answer["messages"][1]["offset"], 1);
    let sent = sink.messages();
    let values: Vec<_> = sent.iter().map(|message| message.value().to_vec()).collect();
    assert_eq!(values, [TARGET.as_bytes(), OBSERVATION.as_bytes()]);
    assert_eq!(values, dry.messages.iter().map(|message| message.value().to_vec()).collect::<Vec<_>>());
    assert!(sent.iter().all(|message| message.topic() == "group.topic"));
    assert_eq!(headers(&sent[0])[2], ("_test".to_owned(), "true".to_owned()));
    assert_ne!(sent[0].headers()[0], sent[1].headers()[0], "each message has an id of its own");
}

#[tokio::test]
async fn a_moving_target_has_no_place() {
    let sink = ScriptedSink::default();
    let broker = broker(config(), &sink);
    let moving = Target::non_sidereal("C/2031 A1", NonSidereal::default()).unwrap();
    let what = Upstream::new(Some(&moving), None, &[]);
    broker.submit_upstream_alert(what, &parameters(json!({"topic": "a.b"}))).await.unwrap();
    let due = r#"{"type": "target", "target_name": "C/2031 A1", "ra": null, "dec": null}"#;
    assert_eq!(sink.messages()[0].value(), due.as_bytes());
}

#[tokio::test]
async fn reduced_data_are_refused_and_not_left_out() {
    let sink = ScriptedSink::default();
    let data = [ReducedDatum::new(
        "a",
        "ZTF",
        "",
        DateTime::from_timestamp(1_700_000_000, 0).unwrap(),
        Photometry { filter: "g".into(), magnitude: Some(18.0), ..Photometry::default() },
    )];
    let target = target();
    let what = Upstream::new(Some(&target), None, &data);
    let broker = broker(config(), &sink);
    let error = broker.submit_upstream_alert(what, &parameters(json!({"topic": "a.b"}))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert!(error.to_string().contains("submit to Hermes"), "{error}");
    assert!(sink.messages().is_empty());
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_anything_is() {
    let sink = ScriptedSink::default();
    let (target, record) = (target(), observation());
    let one = Upstream::new(Some(&target), None, &[]);
    let both = Upstream::new(Some(&target), Some(&record), &[]);
    let topic = json!({"topic": "a.b"});
    let bare = ScimmaConfig::default();
    for (config, what, given, kind, due) in [
        (
            config(),
            Upstream::default(),
            topic.clone(),
            ErrorKind::Input,
            "Must provide either Target or ObservationRecord to be submitted upstream.",
        ),
        (config(), one, json!({}), ErrorKind::Input, "Topic must be provided to submit alert to SCIMMA"),
        (
            config(),
            one,
            json!({"topic": ""}),
            ErrorKind::Input,
            "Topic must be provided to submit alert to SCIMMA",
        ),
        (config(), one, json!({"topic": "a b"}), ErrorKind::Input, "topic: a topic has 1 to 249 letters"),
        (
            config(),
            one,
            json!({"topic": "a+oversized"}),
            ErrorKind::Input,
            "topic: a topic has 1 to 249 letters",
        ),
        (config(), one, json!({"topic": "a", "uuid": "7"}), ErrorKind::Input, "uuid: a UUID is due"),
        (config(), one, json!({"topik": "a"}), ErrorKind::Input, "topik: no such field; did you mean topic?"),
        (
            config(),
            both,
            json!({"topic": "a", "uuid": uuid(1)}),
            ErrorKind::Input,
            "uuid: target and observation are two messages",
        ),
        (
            bare,
            one,
            topic,
            ErrorKind::Config,
            "hopskotch_username and hopskotch_password are needed to publish",
        ),
    ] {
        let broker = broker(config, &sink);
        let error = broker.submit_upstream_alert(what, &parameters(given.clone())).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.message().starts_with(due), "{error}");
        let dry = broker.dry_run(what, &parameters(given)).unwrap_err();
        assert_eq!(dry.message(), error.message());
    }
    assert!(sink.messages().is_empty());
}

#[tokio::test]
async fn a_message_that_is_not_confirmed_is_never_told_as_sent() {
    let sink = ScriptedSink::new(|message| match message.value().starts_with(b"{\"type\": \"target\"") {
        true => Ok(()),
        false => Err(Error::new(ErrorKind::Auth, "the credential may not write to this topic")),
    });
    let broker = broker(config(), &sink);
    let (target, record) = (target(), observation());
    let given = parameters(json!({"topic": "a.b"}));
    let what = Upstream::new(Some(&target), Some(&record), &[]);
    let error = broker.submit_upstream_alert(what, &given).await.unwrap_err();
    let due = "SCIMMA: the credential may not write to this topic [confirmed=1 of 2]";
    assert_eq!(error.to_string(), due);
    let what = Upstream::new(None, Some(&record), &[]);
    let error = broker.submit_upstream_alert(what, &given).await.unwrap_err();
    assert_eq!(error.to_string(), "SCIMMA: the credential may not write to this topic");
}

#[tokio::test]
async fn a_message_larger_than_its_topic_takes_says_where_it_goes_instead() {
    let sink = ScriptedSink::new(|_| {
        Err(Error::new(ErrorKind::TooLarge, "the message is larger than the topic takes"))
    });
    let broker = broker(config(), &sink);
    let target = target();
    let what = Upstream::new(Some(&target), None, &[]);
    let given = parameters(json!({"topic": "a.b"}));
    let error = broker.submit_upstream_alert(what, &given).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(
        error.to_string(),
        "SCIMMA: the message is larger than the topic takes; give it to the archive (Scimma::upload to \
         a.b+oversized), and publish in its place a message of format external with the url of the receipt"
    );
}

#[tokio::test]
async fn nothing_of_the_configuration_travels() {
    let sink = ScriptedSink::default();
    let broker = broker(config(), &sink);
    let target = target();
    let given = parameters(json!({"topic": "a.b"}));
    broker.submit_upstream_alert(Upstream::new(Some(&target), None, &[]), &given).await.unwrap();
    let sent = sink.messages().remove(0);
    let names: Vec<_> = sent.headers().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["_id", "_sender", "_format"]);
    assert!(!format!("{sent:?} {:?}", sent.cluster()).contains("hunter2"));
}

#[tokio::test]
async fn headers_of_ones_own_come_first_and_reserved_ones_are_refused() {
    let sink = ScriptedSink::default();
    let broker = broker(config(), &sink);
    let scimma = broker.protocol();
    let message = HopMessage::new(HopFormat::VoEvent, "<a/>").header("title", "x").header("title", "y");
    broker.run(scimma.publish("a.b", vec![message])).await.unwrap();
    let sent = sink.messages().remove(0);
    let names: Vec<_> = sent.headers().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["title", "title", "_id", "_sender", "_format"]);
    let reserved = HopMessage::new(HopFormat::Json, "{}").header("_sender", "somebody else");
    let error = scimma.publish("a.b", vec![reserved]).unwrap_err();
    assert!(error.to_string().contains("Hopskotch's own"), "{error}");
    assert!(scimma.publish("a/b", Vec::new()).is_err());
}

#[cfg(not(feature = "kafka"))]
#[tokio::test]
async fn without_the_feature_it_is_said_which_one_to_enable() {
    let broker = ScimmaBroker::new(config()).unwrap();
    let target = target();
    let what = Upstream::new(Some(&target), None, &[]);
    let error = broker.submit_upstream_alert(what, &parameters(json!({"topic": "a.b"}))).await.unwrap_err();
    let due = "SCIMMA: publishing to Kafka needs the feature `kafka` of tom-alerts, which is not compiled in";
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Unsupported, due));
}
