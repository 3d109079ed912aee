//! Scout's list.

use std::hint::black_box;

use serde::Deserialize;
use serde_json::json;
use tom_alerts::brokers::scout::{Scout, ScoutConfig, ScoutPacket};

use super::{Decode, client, query};

/// More than ever were on the page at once.
const ITEMS: usize = 1_000;

#[derive(Deserialize)]
struct Bare {
    data: Vec<ScoutPacket>,
}

pub(super) fn measure(decode: &mut Decode) {
    let rows: Vec<_> = (0..ITEMS)
        .map(|n| {
            let tenth = n % 10;
            json!({
                "objectName": format!("P{n:06}"), "nObs": 3 + tenth, "arc": format!("{}.{tenth}", n % 48),
                "rmsN": format!("0.{tenth}"), "H": format!("2{tenth}.3"), "neoScore": n % 101, "neo1kmScore": 0,
                "phaScore": n % 50, "ieoScore": 0, "geocentricScore": 1, "tisserandScore": 39, "rating": n % 5,
                "moid": "0.001", "caDist": "0.98", "vInf": "20.1", "unc": "1400", "uncP1": "1500", "Vmag": "20.8",
                "rate": "1.9", "elong": "156", "ra": format!("{:02}:{:02}", n % 24, n % 60),
                "dec": format!("{:+03}", n as i64 % 90), "tEphem": "2026-02-11 22:45", "lastRun": "2026-02-08 13:52"
            })
        })
        .collect();
    let page = json!({
        "signature": {"source": "NASA/JPL Scout API", "version": "1.3"}, "count": ITEMS.to_string(), "data": rows
    });
    let text = page.to_string();
    let query = query(&json!({}));
    decode.page::<Scout>("scout", ITEMS, &client(ScoutConfig::default()), &query, &text, |text| {
        let page: Bare = serde_json::from_str(text).expect("the page is good");
        black_box(&page.data).len()
    });
}
