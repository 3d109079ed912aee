//! The contract of every broker.

use std::sync::Arc;

use tom_alerts::testing::{Evidence, check_broker};

use super::*;

const CANARY: &str = "canary-7f3a";

fn evidence(query: Value) -> Evidence {
    Evidence::listing(query.as_object().unwrap().clone()).secret(CANARY)
}

#[tokio::test]
async fn it_holds_for_the_archive() {
    let service = Service::start().await;
    service.0.when(query_param("page", ">i:1930273400000~i:2"), bson_answer(200, "archive_empty.json")).await;
    service.on("/archive/messages", bson_answer(200, "archive_page1.json")).await;
    for n in [1, 2] {
        let name = format!("archive_msg{n}.json");
        service.on(&format!("/archive/msg/{}", uuid(n)), bson_answer(200, &name)).await;
    }
    let config = ScimmaConfig {
        skip_url: service.0.at("api").parse().ok(),
        token: Some(CANARY.into()),
        api_key: Some(CANARY.into()),
        hopskotch_username: Some("alice".into()),
        hopskotch_password: Some(CANARY.into()),
        ..service.config()
    };
    let broken = check_broker(Arc::new(service.broker_of(config)), evidence(json!({"keyword": "x"}))).await;
    assert!(broken.is_empty(), "{broken:#?}");
}

#[tokio::test]
async fn it_holds_for_skip_whose_alerts_have_no_data() {
    let service = Service::start().await;
    service.0.when(query_param("page", "1"), answer(200, "skip_page1.json")).await;
    service.0.when(query_param("page", "2"), answer(200, "skip_page2.json")).await;
    service.on("/api/v2/alerts/11/", answer(200, "skip_alert.json")).await;
    service.on("/api/v2/alerts/12/", answer(200, "skip_alert_unparsed.json")).await;
    service.on("/api/v2/alerts/13/", answer(200, "skip_alert_notice.json")).await;
    let config = ScimmaConfig { api_key: Some(CANARY.into()), ..service.config() };
    let query = json!({"source": "skip"});
    let broken = check_broker(Arc::new(service.broker_of(config)), evidence(query)).await;
    assert_eq!(broken, ["reduced data are there"]);
}
