//! What goes wrong at the services, and how it is told.

use super::support::failing::Scripted;
use super::support::service::{self, Service};
use super::*;

/// A listing of the service.
fn question() -> Scripted<Babamul> {
    Scripted(with_token, of(ZTF))
}

#[tokio::test(start_paused = true)]
async fn one_bad_item_does_not_lose_the_page() {
    let (broker, _) = always(answer(200, "alerts_odd.json"));
    let listed = list(&broker, &of(ZTF)).await;
    assert_eq!((listed.alerts.len(), listed.faults.len()), (2, 2));
    let told: Vec<_> = listed.faults.iter().map(ToString::to_string).collect();
    assert!(
        told[0].contains("item 2 cannot be read: candidate.ra: a text was given, a number was due"),
        "{told:?}"
    );
    assert!(told[1].contains("item 3 cannot be read: missing field `objectId`"), "{told:?}");
    let bare = broker.generic(&listed.alerts[1]).unwrap();
    assert_eq!((bare.id.as_str(), bare.ra, bare.timestamp), ("ZTF26aaboomy", None, None));
    assert_eq!(broker.target(&listed.alerts[1]).unwrap_err().kind(), ErrorKind::Input);
}

#[tokio::test(start_paused = true)]
async fn bare_nan_is_missing() {
    let (broker, _) = always(answer(200, "alerts_nan.txt"));
    let alert = list(&broker, &of(ZTF)).await.alerts.remove(0);
    assert_eq!((alert.candidate.dec, alert.candidate.magpsf, alert.candidate.ra), (None, None, Some(1.5)));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_an_answer_is_told() {
    let html = "<html><head><title>502 Bad Gateway</title></head></html>";
    let cases = [
        (
            answer(400, "error_400.json"),
            ErrorKind::Status,
            "Babamul: the service refused the request: object_id cannot be given with a position [page=1, status=400]",
        ),
        (
            text(401, "Unauthorized"),
            ErrorKind::Auth,
            "Babamul: Babamul refused the token or wants one; a token of BOOM is no token of Babamul. Make one on your \
             profile at https://babamul.caltech.edu/ and set brokers.Babamul.api_token [page=1, status=401]",
        ),
        (
            answer(404, "error_404.json"),
            ErrorKind::NotFound,
            "Babamul: no such object, or no access to the survey or catalogue: no object found [page=1, status=404]",
        ),
        (
            answer(500, "error_500.json"),
            ErrorKind::Status,
            "Babamul: Babamul failed: error querying: unknown operator: $lessthan [page=1, status=500]",
        ),
        (
            text(200, html),
            ErrorKind::Unreadable,
            "Babamul: the answer is HTML where JSON was due (\"502 Bad Gateway\") [page=1]",
        ),
        (text(200, ""), ErrorKind::Unreadable, "Babamul: the answer is empty where JSON was due [page=1]"),
        (
            text(200, "{\"data\": [{\"objectId\": \"ZT"),
            ErrorKind::Unreadable,
            "Babamul: the answer ends in the middle, after 26 bytes [page=1]",
        ),
        (
            text(200, "{\"message\": \"nothing today\"}"),
            ErrorKind::Unreadable,
            "Babamul: the answer has no list `data`: nothing today [page=1]",
        ),
    ];
    question().tells(cases).await;
    let (broker, _) = always(text(200, "{\"message\": \"gone\"}"));
    let error = broker.alert(ZTF).await.unwrap_err();
    assert_eq!(error.to_string(), "Babamul: the answer has no data: gone");
}

#[tokio::test(start_paused = true)]
async fn a_refused_login_says_what_to_set() {
    let script = ScriptedTransport::new(|_| Ok(answer(401, "auth_refused.json")));
    let error = client::<Babamul>(&script, with_login()).alert(ZTF).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    let told = error.to_string();
    assert!(
        told.starts_with("Babamul: the login was refused (invalid_client); set brokers.Babamul.api_token"),
        "{told}"
    );
    assert_eq!(sent(&script), ["POST /api/babamul/auth"], "a wrong password is not tried twice");
    // A login that answers with something else is told without a word of what it answered.
    let script = ScriptedTransport::new(|_| Ok(text(200, "{\"access_token\": {\"canary\": 1}}")));
    let error = client::<Babamul>(&script, with_login()).alert(ZTF).await.unwrap_err();
    assert_eq!(error.to_string(), "Babamul: the answer to the login has no token");
    assert!(!format!("{error:?}").contains("canary"));
}

#[tokio::test(start_paused = true)]
async fn the_service_is_asked_again_when_it_says_so_or_fails() {
    question().is_asked_again(answer(200, "alerts_page2.json"), 1).await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_and_a_search_by_post_is_json() {
    let mut service = Service::<Babamul>::start().await;
    service.http.max_body = 500;
    service.get("/surveys/ZTF/alerts", service::answer(200, "alerts_page1.json")).await;
    service.post("/auth", service::answer(200, "auth.json")).await;
    service.post("/queries/count", service::answer(200, "boom_count.json")).await;
    let config = BabamulConfig { base_url: service.at("").parse().ok(), ..with_token() };
    let listed = list(&BabamulBroker::with_http(config, &service.http()).unwrap(), &of(ZTF)).await;
    assert_eq!(listed.faults[0].kind(), ErrorKind::TooLarge);
    let config = BoomConfig { base_url: service.at("").parse().ok(), ..account() };
    let boom = BoomBroker::with_http(config, &service.http()).unwrap();
    assert_eq!(boom.run(boom.protocol().count(BoomSurvey::Lsst, &json!({}))).await.unwrap(), 4242);
    assert_eq!(service.body(1).await, format!("username=me&password={PASSWORD}"));
    assert_eq!(service.header(1, "content-type").await.unwrap(), "application/x-www-form-urlencoded");
    assert_eq!(service.body(2).await, "{\"catalog_name\":\"LSST_alerts\",\"filter\":{}}");
    assert_eq!(service.header(2, "content-type").await.unwrap(), "application/json");
}
