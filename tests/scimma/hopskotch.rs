//! The messages of Hopskotch, which every broker reads alike.

use super::support::messages::{cases, is_due, made};
use super::support::script::{always, client};
use super::*;

#[tokio::test]
async fn every_message_is_read_as_other_brokers_read_it() {
    for case in cases() {
        let answer = json!({
            "message": {"$json": case.message},
            "metadata": {"topic": "hermes.test", "timestamp": 1_793_000_000_000_i64, "headers": [["_format", {"$text": "json"}]]},
            "annotations": {"con_text_uuid": uuid(7)}
        });
        let body = bson::bytes(answer.as_object().unwrap());
        let script = always(tom_alerts::http::Response::new(200, Vec::new(), body.into()));
        let broker = client::<Scimma>(&script, ScimmaConfig::default());
        let alert = broker.alert(&uuid(7)).await.unwrap();
        let data = broker.reduced_data(&uuid(7), None).await.unwrap();
        assert!(data.points.iter().all(|point| point.source_name == "SCIMMA"));
        let generic = broker.generic(&alert).unwrap();
        is_due(&case, &made(&generic, &broker.target(&alert), &data, &uuid(7)));
    }
}
