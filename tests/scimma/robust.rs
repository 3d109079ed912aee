//! No panic whatever a service sends, and only what is sound leaves.

use proptest::prelude::*;
use proptest::sample::select;
use tom_alerts::http::Response;
use tom_alerts::{Cursor, Protocol};

use super::support::properties::{Asked, forget};
use super::support::wild::{self, any_json, body_properties, cases, changed, damage, json_properties};
use super::*;

fn configured() -> ScimmaConfig {
    ScimmaConfig { skip_url: "http://127.0.0.1:9/api/".parse().ok(), ..ScimmaConfig::default() }
}

/// Every reader of both services, on one body; how many alerts and points came of it.
fn read_all(body: &[u8]) -> usize {
    let ids = ["11", &uuid(1)];
    let mut asked = Asked::<Scimma>::new(configured, vec![ScimmaQuery::default(), skip_query()], &ids);
    asked.further = |scimma| {
        vec![
            forget(Ok(scimma.topics())),
            forget(scimma.count(&ScimmaQuery::default())),
            forget(Ok(scimma.health())),
            forget(Ok(scimma.raw_file(&uuid(1), "a"))),
            forget(scimma.skip_topics()),
            forget(scimma.skip_events("S1")),
            forget(scimma.skip_event(1)),
            forget(scimma.upload("a.b", &HopMessage::new(HopFormat::Blob, ""))),
        ]
    };
    let seen = asked.read(&[200, 400, 422, 500], body);
    let headers = [("_format".to_owned(), body.to_vec()), ("_id".to_owned(), body.to_vec())];
    drop(HopMessage::read(&headers, body));
    drop(HopMessage::read(&[], body));
    seen
}

/// The same body as the archive's BSON, and as the message of a page and of a single answer of it.
fn read_bson(value: &Value) {
    if let Some(map) = value.as_object() {
        read_all(&bson::bytes(map));
    }
}

#[test]
fn documents_within_documents_do_not_exhaust_the_stack() {
    // {"message": {"a": {"a": …}}}, deeper than any stack.
    let deep = 200_000;
    let mut body: Vec<u8> = Vec::new();
    for level in 0..deep {
        let length = u32::try_from((deep - level) * 8 + 5).unwrap();
        body.extend(length.to_le_bytes());
        body.extend(b"\x03a\0");
    }
    body.extend(5_u32.to_le_bytes());
    body.extend(vec![0; deep + 1]);
    let scimma = Scimma::new(ScimmaConfig::default()).unwrap();
    let response = Response::new(200, Vec::new(), body.into());
    assert!(scimma.page(&ScimmaQuery::default(), &Cursor::default(), response).is_err());
}

/// Those that the readers know.
const KEYS: &str = "\
    id timestamp right_ascension declination message topic data archive results next messages metadata \
    annotations con_text_uuid headers title content $text $json $bytes $uuid targets photometry name ra \
    dec event_id identifier rank next_page _format _id";

const RECORDED: &str = "\
    skip_page1.json skip_page2.json skip_v1_page.json skip_alert.json skip_alert_notice.json \
    skip_alert_unparsed.json skip_event.json skip_events.json skip_topics1.json skip_nan.txt \
    skip_error_400.json archive_topics.json archive_count.json";

/// Those that stand for BSON.
const ARCHIVED: &str = "\
    archive_page1.json archive_page2.json archive_meta.json archive_msg1.json archive_msg2.json \
    archive_msg_nan.json archive_msg_hermes_faulty.json archive_msg_hermes_zero.json \
    archive_uploaded.json";

fn values() -> Vec<Value> {
    vec![json!(uuid(1)), json!("gcn.test"), json!({"$uuid": uuid(2)}), json!({"$text": "{\"a\": 1}"})]
}

json_properties!();
body_properties!(cut 97: "skip_page1.json", "skip_alert.json");

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn no_document_makes_a_reader_unsound(value in any_json(KEYS, values())) {
        read_bson(&value);
        read_bson(&json!({"messages": [value]}));
    }

    #[test]
    fn no_changed_bson_makes_a_reader_unsound(value in changed(ARCHIVED)) {
        read_bson(&value);
    }

    #[test]
    fn no_spoiled_bson_makes_a_reader_unsound(name in select(wild::words(ARCHIVED)), damage in damage()) {
        read_all(&damage.done_to(recorded(name)));
    }

    #[test]
    fn no_value_in_a_message_makes_a_reader_unsound(
        key in select(vec!["id", "timestamp", "right_ascension", "message", "topic", "data", "archive"]),
        value in "(null|true|-1|1e400|\"x\"|\"\"|\\[\\]|\\{\\}|\\[[0-9]\\]|NaN|\\{\"targets\": [0-9]\\}|\\{\"rank\": [0-9]\\})",
    ) {
        let item = format!("{{\"id\": 1, \"{key}\": {value}}}");
        read_all(item.as_bytes());
        read_all(format!("{{\"results\": [{item}, 3], \"next\": {value}}}").as_bytes());
        let message = json!({"messages": [{"message": {"$text": item}, "metadata": {"topic": "a"}, "annotations": {"con_text_uuid": "x"}}]});
        read_bson(&message);
    }

    #[test]
    fn no_name_makes_recognising_panic(name in "\\PC{0,40}") {
        let broker = Scimma::new(configured()).unwrap();
        let _ = (broker.recognises(&name), broker.alert(&name));
    }
}

#[test]
fn bson_that_is_cut_anywhere_makes_no_reader_panic() {
    for name in ["archive_page1.json", "archive_msg1.json"] {
        let body = recorded(name);
        for end in (0..body.len()).step_by(97) {
            read_all(&body[..end]);
        }
    }
}

#[test]
fn the_recorded_bson_is_looked_at() {
    let seen = ARCHIVED.split_whitespace().filter(|name| read_all(&recorded(name)) > 0).count();
    assert!(seen > 2, "alerts or points came of {seen} answers only");
}
