//! What goes wrong at the service, and how it is told.

use tom_alerts::http::Response;
use tom_alerts::testing::ScriptedTransport;

use super::support::failing::Question;
use super::support::script::{self, client, text};
use super::*;

const HTML: &str = "<html><head><title>Server Error (500)</title></head><body></body></html>";

/// A listing of rows.
fn question() -> Question<Lasair<Ztf>> {
    Question("POST", "/api/query/", LasairQuery { whole_objects: Some(false), ..sql("gmag < 12") })
}

/// What a listing of rows says of an answer.
async fn told(answer: ResponseTemplate) -> Error {
    question().told(answer).await
}

#[tokio::test]
async fn without_a_token_nothing_is_sent_and_it_is_said_where_to_get_one() {
    let service = Service::start().await;
    let config = LasairConfig { api_key: None, ..service.config() };
    let ztf = LasairBroker::with_http(config.clone(), &service.http()).unwrap();
    let lsst = LasairLsstBroker::with_http(config, &service.http()).unwrap();
    let due = |name: &str, home: &str| {
        format!(
            "{name}: no token is set; get one at {home} (register, log in, My Profile) and set it as api_key of \
             [brokers.{name}]; ZTF's and LSST's Lasair have separate accounts and tokens"
        )
    };
    let fault = ztf.alerts(&cone()).unwrap_err();
    assert_eq!(
        (fault.kind(), fault.to_string()),
        (ErrorKind::Config, due("Lasair", "https://lasair-ztf.lsst.ac.uk"))
    );
    let fault = lsst.fetch_alert(LSST).await.unwrap_err();
    assert_eq!(fault.to_string(), due("Lasair-LSST", "https://lasair.lsst.ac.uk"));
    assert_eq!(ztf.reduced_data(ZTF, None).await.unwrap_err().kind(), ErrorKind::Config);
    assert!(service.asked().await.is_empty());
    for strange in ["Token abc", "a\nb", " ", "ä"] {
        let config = LasairConfig { api_key: Some(strange.into()), ..LasairConfig::default() };
        let fault = LasairBroker::new(config).unwrap_err();
        assert_eq!(fault.kind(), ErrorKind::Config);
        assert_eq!(
            fault.to_string(),
            "Lasair: api_key: a token of letters and digits is due, without the word Token before it"
        );
    }
}

#[tokio::test]
async fn a_wrong_token_is_told_with_the_service_s_word() {
    let fault = told(said(401, r#"{"detail": "Invalid token."}"#)).await;
    assert_eq!(fault.kind(), ErrorKind::Auth);
    assert_eq!(
        fault.to_string(),
        "Lasair: the token was refused (Invalid token); get one at https://lasair-ztf.lsst.ac.uk (register, \
         log in, My Profile) and set it as api_key of [brokers.Lasair]; ZTF's and LSST's Lasair have separate \
         accounts and tokens [page=1, status=401]"
    );
    assert!(!format!("{fault:?}").contains(TOKEN));
    assert_eq!(told(said(403, "")).await.kind(), ErrorKind::Auth);
}

/// A broker over a script that counts what it is asked.
fn scripted(transport: &ScriptedTransport) -> LasairBroker {
    client::<Lasair<Ztf>>(transport, Lasair::<Ztf>::config(None))
}

const THROTTLED: &str =
    r#"{"message": "Request limit exceeded. Either wait an hour, or see API documentation"}"#;

#[tokio::test(start_paused = true)]
async fn a_throttled_service_is_left_alone_for_an_hour() {
    let transport = script::always(text(429, THROTTLED));
    let broker = scripted(&transport);
    let fault = broker.fetch_alert(ZTF).await.unwrap_err();
    assert_eq!(fault.kind(), ErrorKind::RateLimited);
    assert!(
        fault.to_string().starts_with("Lasair: the service is rate limited, come back in 3600 s"),
        "{fault}"
    );
    assert!(fault.is_retryable());
    assert_eq!(fault.retry_after().unwrap().as_secs(), 3600);
    assert_eq!(transport.requests().len(), 1, "a refused call counts, so it is not tried again");
    let fault = broker.reduced_data(ZTF, None).await.unwrap_err();
    assert_eq!((fault.kind(), transport.requests().len()), (ErrorKind::RateLimited, 1));
    tokio::time::sleep(std::time::Duration::from_secs(3601)).await;
    broker.reduced_data(ZTF, None).await.unwrap_err();
    assert_eq!(transport.requests().len(), 2, "after an hour it is asked again");
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_named_after_all_is_obeyed() {
    let soon = httpdate::fmt_http_date(std::time::SystemTime::now() + std::time::Duration::from_secs(2));
    for wait in ["2", &soon] {
        let header = vec![("Retry-After".to_owned(), wait.to_owned())];
        let refused = Response::new(429, header, THROTTLED.into());
        let transport = script::first(refused, script::answer(200, "ztf_object_ok.json"));
        let broker = scripted(&transport);
        broker.fetch_alert(ZTF).await.unwrap();
        assert_eq!(transport.requests().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_passes_is_asked_again() {
    let transport = script::first(text(500, HTML), script::answer(200, "ztf_ids.json"));
    let broker = scripted(&transport);
    let query = LasairQuery { whole_objects: Some(false), ..sql("gmag < 12") };
    assert_eq!(list(&broker, &query).await.alerts.len(), 2);
    assert_eq!(transport.requests().len(), 2, "a query by POST does no harm twice");
}

#[tokio::test]
async fn a_refused_query_is_told_in_the_service_s_words_without_html() {
    let body = r#"{"error": "Your query:<br/><b>SELECT nosuch \nFROM objects LIMIT 1000 OFFSET 0</b><br/>returned the error<br/><i>1054 (42S22): Unknown column 'nosuch' in 'field list'</i>"}"#;
    let fault = told(said(400, body)).await;
    assert_eq!(fault.kind(), ErrorKind::Input);
    assert_eq!(
        fault.to_string(),
        "Lasair: the service refused the request: 1054 (42S22): Unknown column 'nosuch' in 'field list' \
         [page=1, status=400]"
    );
    let body = r#"{"limit": ["A valid integer is required."], "ra": ["a", "b"]}"#;
    let fault = told(said(400, body)).await;
    assert_eq!(
        fault.to_string(),
        "Lasair: limit: A valid integer is required; ra: a; b [page=1, status=400]"
    );
    assert_eq!(fault.problems()[0].field, "limit");
}

#[tokio::test]
async fn what_is_not_an_answer_is_told() {
    let html = |status: u16| ResponseTemplate::new(status).set_body_raw(HTML, "text/html; charset=utf-8");
    let cases = [
        (
            said(200, r#"{"error": "the database is <b>away</b>"}"#),
            ErrorKind::Status,
            "Lasair: the service failed: the database is away [page=1, status=200]",
        ),
        (
            html(500),
            ErrorKind::Status,
            "Lasair: the service failed (\"Server Error (500)\") [page=1, status=500]",
        ),
        (
            html(200),
            ErrorKind::Unreadable,
            "Lasair: the answer is HTML where JSON was due (\"Server Error (500)\") [page=1]",
        ),
        (
            html(404),
            ErrorKind::NotFound,
            "Lasair: the service does not have this (\"Server Error (500)\") [page=1, status=404]",
        ),
        (
            said(404, r#"{"detail": "Not found."}"#),
            ErrorKind::NotFound,
            "Lasair: no such object [page=1, status=404]",
        ),
        (
            said(405, r#"{"detail": "Method \"PUT\" not allowed."}"#),
            ErrorKind::Status,
            "Lasair: the service answered with a status that is no answer: Method \"PUT\" not allowed. [page=1, status=405]",
        ),
        (
            said(200, r#"[{"objectId": "ZTF"#),
            ErrorKind::Unreadable,
            "Lasair: the answer ends in the middle, after 18 bytes [page=1]",
        ),
        (said(200, ""), ErrorKind::Unreadable, "Lasair: the answer is empty where JSON was due [page=1]"),
        (said(200, r#"{"rows": 3}"#), ErrorKind::Unreadable, "Lasair: the answer is not a list [page=1]"),
        (said(400, "{}"), ErrorKind::Status, "Lasair: the service refused the request [page=1, status=400]"),
    ];
    question().tells(cases).await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let mut service = Service::start().await;
    service.http.max_body = 500;
    service.get("/api/object/", answer(200, "ztf_object_ok.json")).await;
    let fault = service.ztf().fetch_alert(ZTF).await.unwrap_err();
    assert_eq!(fault.kind(), ErrorKind::TooLarge);
}

#[tokio::test]
async fn an_unknown_ztf_object_is_not_found_though_the_service_breaks_at_it() {
    let service = Service::start().await;
    let breaks = ResponseTemplate::new(500).set_body_raw(HTML, "text/html");
    service.when(wiremock::matchers::query_param("lasair_added", "true"), breaks).await;
    service.get("/api/object/", answer(200, "ztf_object_unknown.json")).await;
    let broker = service.ztf();
    let fault = broker.fetch_alert("ZTF26zzzzzzz").await.unwrap_err();
    assert_eq!(fault.to_string(), "Lasair: no such object [id=ZTF26zzzzzzz]");
    assert_eq!((fault.kind(), service.asked().await.len()), (ErrorKind::NotFound, 2), "no call is wasted");
    let fault = broker.reduced_data("ZTF26zzzzzzz", None).await.unwrap_err();
    assert_eq!(fault.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_failure_for_a_known_ztf_object_is_no_not_found() {
    let service = Service::start().await;
    let breaks = ResponseTemplate::new(500).set_body_raw(HTML, "text/html");
    service.when(wiremock::matchers::query_param("lasair_added", "true"), breaks).await;
    service.get("/api/object/", answer(200, "ztf_object_raw.json")).await;
    let fault = service.ztf().fetch_alert(ZTF).await.unwrap_err();
    assert_eq!(
        fault.to_string(),
        "Lasair: the service failed for an object that it has; try again later [status=500]"
    );
    assert!(fault.is_retryable());
}

#[tokio::test]
async fn an_unknown_lsst_object_is_not_found_in_every_form() {
    let service = Service::start().await;
    service
        .when(
            wiremock::matchers::query_param("lasair_added", "true"),
            said(404, r#"{"detail": "Not found."}"#),
        )
        .await;
    service.get("/api/object/", answer(200, "lsst_object_unknown.json")).await;
    service
        .get("/api/sherlock/object/", said(404, r#"{"message": "Object 169342810955499999 not found"}"#))
        .await;
    let broker = service.lsst();
    let id = "169342810955499999";
    assert_eq!(
        broker.fetch_alert(id).await.unwrap_err().to_string(),
        "Lasair-LSST: no such object [status=404]"
    );
    let fault = broker.reduced_data(id, None).await.unwrap_err();
    assert_eq!(fault.to_string(), format!("Lasair-LSST: no such object [id={id}]"));
    let fault = broker.classifications(id, None).await.unwrap_err();
    assert_eq!(fault.to_string(), "Lasair-LSST: no such object [status=404]");
}

#[tokio::test]
async fn an_id_of_the_other_survey_is_told_before_any_request() {
    let service = Service::start().await;
    let (ztf, lsst) = (service.ztf(), service.lsst());
    let fault = ztf.fetch_alert(LSST).await.unwrap_err();
    assert_eq!(fault.to_string(), "Lasair: this is an id of LSST; ask the broker Lasair-LSST for it");
    let fault = lsst.reduced_data(ZTF, None).await.unwrap_err();
    assert_eq!(fault.to_string(), "Lasair-LSST: this is an id of ZTF; ask the broker Lasair for it");
    let fault = lsst.fetch_alert("AT2026abc").await.unwrap_err();
    assert_eq!(fault.to_string(), "Lasair-LSST: this is no id of LSST; they have 15 to 19 digits");
    assert_eq!(fault.kind(), ErrorKind::Input);
    let query = LasairQuery { object_id: vec![LSST.into(), ZTF.into()], ..LasairQuery::default() };
    assert_eq!(
        ztf.alerts(&query).unwrap_err().to_string(),
        "Lasair: object_id: this is an id of LSST; ask the broker Lasair-LSST for it"
    );
    assert!(ztf.recognises(ZTF) && !ztf.recognises(LSST) && lsst.recognises(LSST) && !lsst.recognises(ZTF));
    assert!(!lsst.recognises("9999999999999999999"), "more than 64 bits hold");
    assert!(service.asked().await.is_empty());
}

#[tokio::test]
async fn a_batch_with_unknown_failed_and_bad_objects_loses_only_these() {
    let service = Service::start().await;
    service.post("/api/objects/", answer(200, "ztf_objects_mixed.json")).await;
    let object_id = [ZTF, OTHER, "ZTF26aaaaaae", "ZTF26aaaaaad"].map(str::to_owned).to_vec();
    let broker = service.ztf();
    let listed = list(&broker, &LasairQuery { object_id, ..LasairQuery::default() }).await;
    assert_eq!(ids(&listed.alerts), [ZTF]);
    let faults: Vec<_> = listed.faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        faults,
        [
            "Lasair: no such object [id=ZTF26aaaaaac, item=2]",
            "Lasair: the service failed for this object: no light curve of ZTF26aaaaaae \
             [id=ZTF26aaaaaae, item=3]",
            "Lasair: item 4 cannot be read: objectData.ramean: a list was given, a number was due; it begins { \"objectId\": \"ZTF26aaaaaad\", \"objectData\": { \"ncand\": 1, \"ramean\": [ 1 ], \"decm… \
             [id=ZTF26aaaaaad, item=4]",
        ]
    );
    let alert = broker.erase(listed.alerts.into_iter().next().unwrap()).unwrap();
    let data = broker.reduced_data(ZTF, Some(&alert)).await.unwrap();
    assert_eq!(
        data.failures[0].message(),
        "row 3 cannot be read: magpsf: an object was given, a number was due"
    );
    assert_eq!(data.points.len(), 6, "a bad row does not lose the others");
}

#[tokio::test]
async fn an_answer_that_is_too_short_is_told_for_each_object() {
    let service = Service::start().await;
    service.post("/api/objects/", said(200, "[]")).await;
    let query = LasairQuery { object_id: vec![ZTF.into()], ..LasairQuery::default() };
    let listed = list(&service.ztf(), &query).await;
    assert_eq!(
        listed.faults[0].to_string(),
        "Lasair: the answer says nothing of this object [id=ZTF26aaaaaab, item=1]"
    );
    let service = Service::start().await;
    let whole = |id: &str| json!({"objectId": id, "objectData": {"ramean": 1.0, "decmean": 2.0}});
    service.post("/api/objects/", said(200, json!([whole(ZTF), whole("ZTF26aaaaaad")]).to_string())).await;
    let object_id = vec![ZTF.into(), OTHER.into(), "ZTF26aaaaaad".into()];
    let listed = list(&service.ztf(), &LasairQuery { object_id, ..LasairQuery::default() }).await;
    assert_eq!(ids(&listed.alerts), [ZTF, "ZTF26aaaaaad"]);
    let told = listed.faults[0].to_string();
    assert!(told.contains(&format!("says nothing of this object [id={OTHER}")), "{told}");
}

#[tokio::test]
async fn rows_and_matches_with_strange_ids_are_errors_in_their_places() {
    let service = Service::start().await;
    service
        .post(
            "/api/query/",
            said(
                200,
                r#"[{"objectId": "x' OR 1"}, {"ramean": 1}, {"objectId": "ZTF26aaaaaab", "ramean": "x"}]"#,
            ),
        )
        .await;
    service.get("/api/cone/", said(200, r#"[{"object": "\"},", "separation": 1}, {"separation": 2}, {"object": [], "separation": 3}]"#)).await;
    let broker = service.ztf();
    let query = LasairQuery { whole_objects: Some(false), ..sql("gmag < 12") };
    let faults: Vec<_> = list(&broker, &query).await.faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        faults,
        [
            "Lasair: the service gave an id that cannot be one [id=x' OR 1, item=1]",
            "Lasair: the row has no objectId [item=2]",
            "Lasair: the row cannot be read [item=3]",
        ]
    );
    let listed = list(&broker, &cone()).await;
    assert_eq!((listed.alerts.len(), listed.faults.len()), (0, 3));
    assert_eq!(service.asked().await.len(), 2, "nothing is asked for them");
}
