//! Pages of Hermes' listings of targets and of the archive, and a message with a long light curve.

use std::fmt::Write;
use std::hint::black_box;

use serde::Deserialize;
use serde_json::json;
use tom_alerts::brokers::hermes::{Hermes, HermesConfig, HermesMessage, HermesPacket};

use super::{Decode, client, query};

const ITEMS: usize = 1_000;

#[derive(Deserialize)]
struct Bare {
    #[serde(alias = "messages")]
    results: Vec<HermesPacket>,
}

fn count(text: &str) -> usize {
    let page: Bare = serde_json::from_str(text).expect("the page is good");
    black_box(&page.results).len()
}

fn list(head: &str, item: impl Fn(usize) -> String) -> String {
    let items: Vec<String> = (0..ITEMS).map(item).collect();
    format!("{head}[{}]}}", items.join(", "))
}

/// About 330 bytes a target.
fn targets() -> String {
    list(r#"{"count": 1000, "next": null, "previous": null, "results": "#, |n| {
        let part = n as f64 * 0.001;
        format!(
            r#"{{"id": {}, "name": "AT2026{n:04}", "right_ascension": {:.6}, "right_ascension_sexagesimal": "10:00:29.616", "declination": {:.6}, "declination_sexagesimal": "2:34:04.08", "messages": [{{"id": {n}, "uuid": "{n:08x}-8809-4ba8-a250-309209ac3216"}}]}}"#,
            5_000 + n,
            150.1234 + part,
            2.5678 - part
        )
    })
}

/// About 420 bytes a message.
fn archive() -> String {
    list(r#"{"next": null, "prev": null, "messages": "#, |n| {
        format!(
            r#"{{"metadata": {{"topic": "hermes.photometry", "timestamp": {}}}, "annotations": {{"con_text_uuid": "{n:08x}-8809-4ba8-a250-309209ac3216", "size": 1529, "crc32": 1460596877, "public": true, "con_message_crc32": true, "title": "Photometry of AT2026{n:04}", "sender": "alice-1234abcd", "media_type": "application/json", "file_name": "", "originator": "", "retracted": false}}}}"#,
            1_790_000_000_000_u64 + n as u64
        )
    })
}

/// A message with a light curve of a thousand points.
fn message() -> String {
    let mut text = String::from(
        r#"{"title": "t", "topic": "hermes.test", "submitter": "s", "message_text": "", "authors": "", "data": {"targets": [{"name": "AT2026abc", "ra": 150.1, "dec": 2.5}], "photometry": ["#,
    );
    for n in 0..ITEMS {
        let comma = if n == 0 { "" } else { ", " };
        let _ = write!(
            text,
            r#"{comma}{{"target_name": "AT2026abc", "date_obs": "2026-09-01T05:{:02}:07+00:00", "telescope": "LCO 1m", "instrument": "fa16", "bandpass": "g", "brightness": {:.3}, "brightness_error": 0.03, "brightness_unit": "AB mag", "limiting_brightness_unit": "AB mag"}}"#,
            n % 60,
            18.0 + n as f64 * 0.001
        );
    }
    text.push_str("]}}");
    text
}

pub(super) fn measure(decode: &mut Decode) {
    let config = || HermesConfig { api_key: Some("0123456789".into()), ..HermesConfig::default() };
    let asked = query(&json!({"page_size": ITEMS}));
    decode.page::<Hermes>("hermes", ITEMS, &client(config()), &asked, &targets(), count);
    let asked = query(&json!({"search": "archive", "whole_messages": false, "page_size": ITEMS}));
    decode.page::<Hermes>("hermes-archive", ITEMS, &client(config()), &asked, &archive(), count);
    let text = message();
    let bare: HermesMessage = serde_json::from_str(&text).expect("the message is good");
    assert_eq!(bare.reduced_data("Hermes", "here", None).points.len(), ITEMS);
    decode.other(
        "hermes-message-to-points",
        text.len(),
        || drop(black_box(serde_json::from_str::<HermesMessage>(&text))),
        || {
            let message = serde_json::from_str::<HermesMessage>(&text).expect("the message is good");
            drop(black_box(message.reduced_data("Hermes", "here", None)));
        },
    );
}
