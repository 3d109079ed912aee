//! A batch of Lasair's ZTF objects with their light curves.

use std::hint::black_box;

use serde_json::json;
use tom_alerts::brokers::lasair::{Lasair, LasairConfig, LasairPacket, Ztf};

use super::{Decode, client, query, support};

/// What a request takes.
const ITEMS: usize = 200;
/// Detections and as many limits.
const POINTS: usize = 15;

pub(super) fn measure(decode: &mut Decode) {
    let (ids, text) = support::lasair_objects(ITEMS, POINTS);
    let query = query(&json!({ "object_id": ids }));
    decode.page::<Lasair<Ztf>>("lasair", ITEMS, &client(LasairConfig::default()), &query, &text, |text| {
        let objects: Vec<LasairPacket> = serde_json::from_str(text).expect("the batch is good");
        black_box(&objects).len()
    });
}
