//! No panic whatever a service sends.

use proptest::prelude::*;
use tom_alerts::http::Response;
use tom_alerts::{Call, Cursor, Protocol, Slot, Subject};

use super::*;

/// The answer of a call's first request, read by what the call does with it.
fn feed<T>(call: tom_alerts::Result<Call<T>>, response: &Response) {
    if let Call::Send(_, then) = call.unwrap() {
        drop(then(Ok(response.clone())));
    }
}

fn read_by_all(body: Vec<u8>) {
    let config = ScimmaConfig { skip_url: "http://127.0.0.1:9/api/".parse().ok(), ..ScimmaConfig::default() };
    let scimma = Scimma::new(config).unwrap();
    for status in [200, 400, 422, 500] {
        let response = Response::new(status, Vec::new(), body.clone().into());
        drop(scimma.explain(&response));
        for query in [ScimmaQuery::default(), skip_query()] {
            let Ok(page) = scimma.page(&query, &Cursor::default(), response.clone()) else { continue };
            for slot in page.items.into_slots().into_iter().flatten() {
                if let Slot::Item(alert) = slot {
                    let generic = scimma.to_generic_alert(&alert);
                    drop(generic.and_then(|generic| scimma.to_target(&alert, &generic)));
                    let subject = Subject::new(&alert.id).with_alert(&alert);
                    drop(scimma.reduced_data(subject));
                }
            }
        }
        feed(scimma.alert("11"), &response);
        feed(scimma.alert(&uuid(1)), &response);
        feed(scimma.reduced_data(Subject::new(&uuid(1))), &response);
        feed(Ok(scimma.topics()), &response);
        feed(scimma.count(&ScimmaQuery::default()), &response);
        feed(Ok(scimma.health()), &response);
        feed(scimma.skip_event(1), &response);
        feed(scimma.upload("a.b", &HopMessage::new(HopFormat::Blob, "")), &response);
    }
    let headers = [("_format".to_owned(), body.clone()), ("_id".to_owned(), body.clone())];
    drop(HopMessage::read(&headers, &body));
    drop(HopMessage::read(&[], &body));
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

/// A body of BSON with one byte changed, or cut off.
fn spoiled() -> impl Strategy<Value = Vec<u8>> {
    let names = prop::sample::select(vec![
        "archive_page1.json",
        "archive_page2.json",
        "archive_meta.json",
        "archive_msg1.json",
    ]);
    (names, any::<prop::sample::Index>(), any::<u8>(), any::<bool>()).prop_map(|(name, at, byte, cut)| {
        let mut body = recorded(name);
        let at = at.index(body.len());
        if cut {
            body.truncate(at)
        } else {
            body[at] = byte
        }
        body
    })
}

proptest! {
    #[test]
    fn bytes_do_not_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        read_by_all(body);
    }

    #[test]
    fn spoiled_bson_does_not_panic(body in spoiled()) {
        read_by_all(body);
    }

    #[test]
    fn json_does_not_panic(
        key in prop::sample::select(vec!["id", "timestamp", "right_ascension", "message", "topic", "data", "archive"]),
        value in "(null|true|-1|1e400|\"x\"|\"\"|\\[\\]|\\{\\}|\\[[0-9]\\]|NaN|\\{\"targets\": [0-9]\\}|\\{\"rank\": [0-9]\\})",
    ) {
        let item = format!("{{\"id\": 1, \"{key}\": {value}}}");
        read_by_all(item.clone().into_bytes());
        read_by_all(format!("{{\"results\": [{item}, 3], \"next\": {value}}}").into_bytes());
        let message = json!({"messages": [{"message": {"$text": item}, "metadata": {"topic": "a"}, "annotations": {"con_text_uuid": "x"}}]});
        read_by_all(bson::bytes(message.as_object().unwrap()));
    }
}
