//! The contract of every broker.

use super::support::contract::{broken, evidence, holds, recorded, robust};
use super::*;

const CANARY: &str = "canary-7f3a";

#[tokio::test]
async fn it_holds_for_the_archive() {
    let service = Service::start().await;
    service.when(query_param("page", ">i:1930273400000~i:2"), bson_answer(200, "archive_empty.json")).await;
    service.get("/archive/messages", bson_answer(200, "archive_page1.json")).await;
    for n in [1, 2] {
        let name = format!("archive_msg{n}.json");
        service.get(&format!("/archive/msg/{}", uuid(n)), bson_answer(200, &name)).await;
    }
    let config = ScimmaConfig {
        skip_url: service.at("api").parse().ok(),
        token: Some(CANARY.into()),
        api_key: Some(CANARY.into()),
        hopskotch_username: Some("alice".into()),
        hopskotch_password: Some(CANARY.into()),
        ..service.config()
    };
    holds(service.broker_of(config), evidence(json!({"keyword": "x"})).secret(CANARY)).await;
}

#[tokio::test]
async fn it_holds_for_skip_whose_alerts_have_no_data() {
    let service = Service::start().await;
    service.get("/archive/messages", bson_answer(200, "archive_empty.json")).await;
    service.when(query_param("page", "1"), answer(200, "skip_page1.json")).await;
    service.when(query_param("page", "2"), answer(200, "skip_page2.json")).await;
    service.get("/api/v2/alerts/11/", answer(200, "skip_alert.json")).await;
    service.get("/api/v2/alerts/12/", answer(200, "skip_alert_unparsed.json")).await;
    service.get("/api/v2/alerts/13/", answer(200, "skip_alert_notice.json")).await;
    let config = ScimmaConfig { api_key: Some(CANARY.into()), ..service.config() };
    let query = json!({"source": "skip"});
    let evidence = evidence(query.clone()).secret(CANARY);
    let broken = broken(service.broker_of(config.clone()), evidence).await;
    assert_eq!(broken, ["reduced data are there"]);
    let position = ["right_ascension", "declination"];
    let recording = recorded::<Scimma>(config, query, None)
        .await
        .essential("/alerts/", &["next", "results.*.id", "results.*.identifier"])
        .essential("/alerts/", &["results.*.right_ascension", "results.*.declination"])
        .essential("/alerts/", &["results.*.timestamp", "timestamp"])
        // To be mended: how many there are is no more than an ornament.
        .essential("/alerts/", &["count"])
        .essential("/alerts/1", &["id", "identifier", position[0], position[1]]);
    robust(recording).await;
}
