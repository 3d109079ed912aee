//! A page of a SKIP server, and a page of the archive of Hopskotch.

use std::hint::black_box;

use bson::raw::{RawArrayBuf, RawBson, RawDocument, RawDocumentBuf, cstr};
use serde::Deserialize;
use serde_json::json;
use tom_alerts::brokers::scimma::{Scimma, ScimmaConfig, ScimmaPacket};
use tom_alerts::http::Response;
use tom_alerts::plugin::{Cursor, Protocol};

use super::{Decode, client, query};

const ITEMS: usize = 100;
const MESSAGES: usize = 64;

#[derive(Deserialize)]
struct Bare {
    results: Vec<ScimmaPacket>,
}

pub(super) fn measure(decode: &mut Decode) {
    let config: ScimmaConfig =
        ScimmaConfig { skip_url: "http://127.0.0.1:9/api/".parse().ok(), ..ScimmaConfig::default() };
    let text = skip_page();
    let query = query(&json!({"source": "skip", "page_size": ITEMS}));
    decode.page::<Scimma>("scimma", ITEMS, &client(config), &query, &text, |text| {
        let page: Bare = serde_json::from_str(text).expect("the page is good");
        black_box(&page.results).len()
    });

    let scimma = Scimma::new(ScimmaConfig::default()).expect("the configuration is good");
    let body = archive_page();
    let response = Response::new(200, Vec::new(), body.clone().into());
    let bare = || {
        // The structs that a page is read into, from JSON: the same text without the BSON around it.
        let page = RawDocument::from_bytes(&body).expect("the page is good");
        for message in page.get_array("messages").expect("the page has messages") {
            let message = message.expect("the message is good");
            let value =
                message.as_document().and_then(|m| m.get_binary("message").ok()).expect("it says something");
            black_box(serde_json::from_slice::<Message<'_>>(value.bytes).expect("it is JSON"));
        }
    };
    decode.other("scimma/archive", body.len(), bare, || {
        let page = scimma.page(&Default::default(), &Cursor::default(), response.clone());
        assert_eq!(black_box(page.expect("the page is good")).items.len(), MESSAGES);
    });
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "it is only read")]
struct Message<'a> {
    #[serde(borrow)]
    title: &'a str,
    #[serde(borrow)]
    data: &'a serde_json::value::RawValue,
}

fn skip_page() -> String {
    let alert = |n: usize| {
        json!({
            "id": n, "identifier": format!("S310301{n}_X1"), "timestamp": "2031-03-01T20:24:08Z",
            "topic": "lvc.lvc-counterpart", "right_ascension": 201.25, "declination": -12.5,
            "right_ascension_sexagesimal": "13:25:00.0", "declination_sexagesimal": "-12:30:00.0",
            "parsed_message": {
                "rank": "2", "title": "GCN/LVC COUNTERPART NOTICE", "energy": "0.3-10 [keV]",
                "comments": "LVC Counterpart. This source has been given a rank of 2.", "submitter": "Some_One",
                "gal_coords": "310.25, -12.50 [deg] galactic lon,lat of the counterpart", "telescope": "Swift-XRT",
                "event_trig_num": "S310301a", "sourse_sernum": "1"
            },
            "raw_message": {"format": "blob", "content": "TITLE:   GCN/LVC COUNTERPART NOTICE\n".repeat(20)},
            "created": "2031-03-02T17:10:22.549271Z", "modified": "2031-03-02T17:10:22.549295Z"
        })
    };
    let results: Vec<_> = (0..ITEMS).map(alert).collect();
    json!({"count": ITEMS, "next": null, "previous": null, "results": results}).to_string()
}

fn archive_page() -> Vec<u8> {
    let row = json!({"target_name": "SN 2031qq", "date_obs": "2031-03-02T04:05:06+00:00", "telescope": "1m",
                     "bandpass": "r", "brightness": 17.25, "brightness_error": 0.04, "brightness_unit": "AB mag"});
    let targets = json!([{"name": "SN 2031qq", "ra": 201.25, "dec": -12.5}]);
    let text = json!({"title": "x", "data": {"targets": targets, "photometry": vec![row; 20]}}).to_string();
    let mut messages = RawArrayBuf::new();
    for n in 0..MESSAGES {
        let binary =
            bson::Binary { subtype: bson::spec::BinarySubtype::Generic, bytes: text.clone().into_bytes() };
        let mut metadata = RawDocumentBuf::new();
        metadata.append(cstr!("topic"), "hermes.test");
        metadata.append(cstr!("timestamp"), 1_930_273_506_123_i64);
        let mut annotations = RawDocumentBuf::new();
        annotations.append(cstr!("con_text_uuid"), format!("0b5e7a3c-1d2f-4c6b-8a9e-{n:012}").as_str());
        annotations.append(cstr!("title"), "x");
        let mut message = RawDocumentBuf::new();
        message.append(cstr!("message"), RawBson::Binary(binary));
        message.append(cstr!("metadata"), metadata);
        message.append(cstr!("annotations"), annotations);
        messages.push(message);
    }
    let mut page = RawDocumentBuf::new();
    page.append(cstr!("messages"), messages);
    page.append(cstr!("next"), RawBson::Null);
    page.into_bytes()
}
