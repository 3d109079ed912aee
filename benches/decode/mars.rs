//! A page of MARS's listing.

use std::hint::black_box;

use serde::Deserialize;
use serde_json::{Value, json};
use tom_alerts::brokers::mars::{MarsAlert, MarsConfig};

use super::{Decode, client, query};

/// What the server gives on a page.
const ITEMS: usize = 100;

#[derive(Deserialize)]
struct Bare {
    results: Vec<MarsAlert>,
}

/// A made-up alert many times over, about 2.5 kB each.
fn page() -> String {
    let alert: Value = serde_json::from_str(include_str!("../../tests/fixtures/mars/list_one.json"))
        .expect("the fixture is JSON");
    let alerts: Vec<Value> = (0..ITEMS)
        .map(|n| {
            let mut alert = alert["results"][0].clone();
            alert["lco_id"] = (41 + n).into();
            alert["candidate"]["magpsf"] = (16.321_626_663_208 + n as f64 / 100.0).into();
            alert
        })
        .collect();
    json!({"has_next": false, "has_prev": false, "results": alerts}).to_string()
}

pub(super) fn measure(decode: &mut Decode) {
    let config = MarsConfig { base_url: "http://127.0.0.1:8/".parse().ok() };
    let client = client(config);
    let query = query(&json!({}));
    decode.page::<tom_alerts::brokers::mars::Mars>("mars", ITEMS, &client, &query, &page(), |text| {
        let page: Bare = serde_json::from_str(text).expect("the page is good");
        black_box(&page.results).len()
    });
}
