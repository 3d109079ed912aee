//! Listings: pages, generic alerts, targets.

use super::*;

#[tokio::test]
async fn a_listing_goes_on_until_a_page_is_not_full() {
    let service = Service::start().await;
    // All were first seen at one time, so the second request asks for that time alone, by the id.
    service.when(NoBound, answer(200, "objects_full_page.json")).await;
    service.when(And::of(&[("order_by", "oid"), ("page", "1")]), answer(200, "objects_full_page.json")).await;
    service.when(And::of(&[("order_by", "oid"), ("page", "2")]), answer(200, "objects_last_page.json")).await;
    service.when(And::of(&[("order_by", "firstmjd")]), answer(200, "objects_empty.json")).await;
    let listed = list(&service.broker(), &two()).await;
    let ids: Vec<_> = listed.alerts.iter().map(|alert| alert.oid.as_str()).collect();
    assert_eq!(ids, ["ZTF24aaaaaab", "ZTF24aaaaaac", "ZTF24aaaaaad"]);
    assert!(listed.faults.is_empty() && listed.notes.is_empty());
    assert_eq!(
        service.asked().await,
        [
            "GET /ztf/v1/objects/?page=1&page_size=2&count=false&order_by=firstmjd&order_mode=ASC",
            "GET /ztf/v1/objects/?firstmjd=60310.2215&firstmjd=60310.2215&page=1&page_size=2&count=false\
             &order_by=oid&order_mode=ASC",
            "GET /ztf/v1/objects/?firstmjd=60310.2215&firstmjd=60310.2215&page=2&page_size=2&count=false\
             &order_by=oid&order_mode=ASC",
            "GET /ztf/v1/objects/?firstmjd=60310.22150000001&page=1&page_size=2&count=false\
             &order_by=firstmjd&order_mode=ASC"
        ]
    );
}

/// A request for a listing from its beginning.
struct NoBound;

impl wiremock::Match for NoBound {
    fn matches(&self, request: &wiremock::Request) -> bool {
        request.url.query_pairs().all(|(key, _)| key != "firstmjd")
    }
}

/// A request with a bound and with all of these parameters.
struct And(&'static [(&'static str, &'static str)]);

impl And {
    fn of(pairs: &'static [(&'static str, &'static str)]) -> Self {
        Self(pairs)
    }
}

impl wiremock::Match for And {
    fn matches(&self, request: &wiremock::Request) -> bool {
        let has =
            |(key, value): &(&str, &str)| request.url.query_pairs().any(|(k, v)| k == *key && v == *value);
        !NoBound.matches(request) && self.0.iter().all(has)
    }
}

#[tokio::test]
async fn a_listing_becomes_generic_alerts_and_targets() {
    let service = Service::start().await;
    service.get("/ztf/v1/objects/", answer(200, "objects_full_page.json")).await;
    let broker = service.broker();
    let alert = broker.alerts(&two()).unwrap().next().await.unwrap().unwrap();
    let generic = broker.generic(&alert).unwrap();
    assert_eq!(
        serde_json::to_value(&generic).unwrap(),
        json!({
            "timestamp": "2024-04-02T06:00:00Z", "id": ZTF, "name": ZTF, "ra": 150.11, "dec": 2.205,
            "mag": null, "score": 0.91, "url": "https://alerce.online/object/ZTF24aaaaaab"
        })
    );
    assert_eq!((alert.ndethist, alert.g_r_max_corr), (Some(31), None));
    let target = broker.target(&alert).unwrap();
    assert_eq!(target.target_type(), "SIDEREAL");
    let extras: Vec<_> = target.extras.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(
        extras,
        [
            "class=SNIa",
            "classifier=lc_classifier",
            "firstmjd=60310.2215",
            "g_r_max=0.21",
            "lastmjd=60402.25",
            "ndet=24",
            "probability=0.91",
            "stellar=false",
            "survey=ZTF"
        ]
    );
    assert!(target.aliases.is_empty());
}

#[tokio::test]
async fn an_asteroid_is_no_sidereal_target() {
    let service = Service::start().await;
    service.get("/ztf/v1/objects/", answer(200, "objects_asteroid.json")).await;
    let broker = service.broker();
    let alert = list(&broker, &AlerceQuery::default()).await.alerts.remove(0);
    let target = serde_json::to_value(broker.target(&alert).unwrap()).unwrap();
    assert_eq!(target["type"], "NON_SIDEREAL");
    assert_eq!((&target["ra"], &target["dec"]), (&json!(201.5), &json!(-9.75)));
    assert_eq!(target["position_time"], "2024-04-02T06:00:00Z");
    let extras = target["targetextra_set"].as_array().unwrap();
    assert!(extras.contains(&json!({"key": "moving", "value": "true"})));
}

#[tokio::test]
async fn two_versions_of_a_classifier_list_an_object_twice() {
    let service = Service::start().await;
    service.get("/ztf/v1/objects/", answer(200, "objects_versions.json")).await;
    let listed = list(&service.broker(), &AlerceQuery::default()).await;
    let rows: Vec<_> = listed.alerts.iter().map(|a| (a.oid.as_str(), a.probability)).collect();
    assert_eq!(rows, [(ZTF, Some(0.62)), (ZTF, Some(0.88))]);
}

#[tokio::test]
async fn nothing_found_and_more_than_asked_are_noted() {
    let service = Service::start().await;
    service.get("/ztf/v1/objects/", answer(200, "objects_empty.json")).await;
    let listed = list(&service.broker(), &two()).await;
    assert!(listed.alerts.is_empty() && listed.faults.is_empty());
    assert_eq!(listed.notes, ["no object answers the query"]);

    let service = Service::start().await;
    service.get("/ztf/v1/objects/", answer(200, "objects_full_page.json")).await;
    let listed = list(&service.broker(), &AlerceQuery { max_pages: Some(1), ..two() }).await;
    assert_eq!(listed.alerts.len(), 2);
    assert_eq!(listed.notes, ["stopped after 1 page as max_pages asked; there is more"]);
    assert_eq!(service.asked().await.len(), 1);
}

#[tokio::test]
async fn a_count_is_given_where_it_is_asked_for() {
    let service = Service::start().await;
    service.get("/ztf/v1/objects/", answer(200, "objects_counted.json")).await;
    let query = AlerceQuery { count: true, page_size: Some(1), ..two() };
    let listed = list(&service.broker(), &query).await;
    assert_eq!((listed.total, listed.alerts.len()), (Some(1), 1));
    assert_eq!(
        service.asked().await,
        ["GET /ztf/v1/objects/?page=1&page_size=1&count=true&order_by=firstmjd&order_mode=ASC"]
    );
}

#[tokio::test]
async fn lsst_ids_keep_every_digit_and_the_service_says_whether_there_is_more() {
    let service = Service::start().await;
    service.when(NoBound, answer(200, "lsst_objects_page1.json")).await;
    service
        .when(And::of(&[("order_by", "oid"), ("page", "1")]), answer(200, "lsst_objects_page1.json"))
        .await;
    service
        .when(And::of(&[("order_by", "oid"), ("page", "2")]), answer(200, "lsst_objects_page2.json"))
        .await;
    service.when(And::of(&[("order_by", "firstmjd")]), answer(200, "lsst_objects_empty.json")).await;
    let broker = service.broker();
    let query = AlerceQuery { oid: vec![LSST.into(), "169342810955317612".into()], ..two() };
    let listed = list(&broker, &query).await;
    let ids: Vec<_> = listed.alerts.iter().map(|a| a.oid.as_str()).collect();
    assert_eq!(ids, [LSST, LSST, "169342810955317612"]);
    assert_eq!(
        service.asked().await[0],
        format!(
            "GET /object_api/list_objects?survey=lsst&oid={LSST}&oid=169342810955317612&page=1&page_size=2&order_by=firstmjd&order_mode=ASC"
        )
    );
    let generic = broker.generic(&listed.alerts[0]).unwrap();
    assert_eq!(generic.timestamp.unwrap().to_rfc3339(), "2026-02-28T23:59:23+00:00");
    let page = format!("https://lsst.alerce.online/object/{LSST}?survey=lsst");
    assert_eq!(generic.url.unwrap().as_str(), page);
    assert_eq!(listed.alerts[1].class_name(), Some("SN"));
    assert!(listed.alerts[2].is_moving());
    assert_eq!(broker.target(&listed.alerts[2]).unwrap().target_type(), "NON_SIDEREAL");
    assert!(listed.alerts[0].raw().contains(LSST));
}

#[tokio::test]
async fn an_lsst_listing_without_answer_is_noted() {
    let service = Service::start().await;
    service.get("/object_api/list_objects", answer(200, "lsst_objects_empty.json")).await;
    let query = AlerceQuery { survey: Some(Survey::Lsst), ..two() };
    let listed = list(&service.broker(), &query).await;
    assert_eq!((listed.alerts.len(), listed.notes), (0, vec!["no object answers the query".to_owned()]));
}
