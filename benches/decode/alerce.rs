//! A page of ALeRCE's ZTF listing.

use std::hint::black_box;

use serde::Deserialize;
use serde_json::json;
use tom_alerts::brokers::alerce::{Alerce, AlerceConfig, AlercePacket};

use super::{Decode, client, query, support};

const ITEMS: usize = 1_000;

#[derive(Deserialize)]
struct Bare {
    items: Vec<AlercePacket>,
}

pub(super) fn measure(decode: &mut Decode) {
    let text = support::alerce_page(0, ITEMS);
    let query = query(&json!({"page_size": ITEMS, "order_by": "oid"}));
    decode.page::<Alerce>("alerce", ITEMS, &client(AlerceConfig::default()), &query, &text, |text| {
        let page: Bare = serde_json::from_str(text).expect("the page is good");
        black_box(&page.items).len()
    });
}
