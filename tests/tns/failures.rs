//! What goes wrong at the service or in the configuration, and how it is told.

use tom_alerts::Config;

use super::support::failing::Question;
use super::*;

/// A listing of the service.
fn question() -> Question<Tns> {
    Question("POST", "/api/get/search", all())
}

async fn told_of(answer: ResponseTemplate) -> (ErrorKind, String) {
    let error = question().told(answer).await;
    assert!(!format!("{error} {error:?}").contains(KEY));
    (error.kind(), error.to_string())
}

#[tokio::test]
async fn refusals_say_what_to_check() {
    let (kind, told) = told_of(answer(401, "error_401.json")).await;
    assert_eq!(kind, ErrorKind::Auth);
    assert_eq!(
        told,
        "TNS: TNS refused the api_key, or the marker does not belong to it: check api_key, bot_id and bot_name; a bot \
         of the sandbox is gone after Sunday [page=1, status=401]"
    );
    let (kind, told) = told_of(answer(403, "error_403.json")).await;
    assert_eq!(kind, ErrorKind::Auth);
    assert_eq!(
        told,
        "TNS: TNS refused the request: the marker in the User-Agent is missing or wrong (check bot_id and bot_name of \
         a bot, user_id and user_name of a user), or the bot may not do this [page=1, status=403]"
    );
}

#[tokio::test]
async fn a_page_for_people_is_no_answer() {
    let page = ResponseTemplate::new(200).set_body_raw(fixture("maintenance.html"), "text/html");
    let (kind, told) = told_of(page).await;
    assert_eq!(kind, ErrorKind::Unreadable);
    assert_eq!(
        told,
        "TNS: the answer is HTML where JSON was due (\"Back soon\"): TNS is in maintenance, or does not take the \
         User-Agent; check bot_id and bot_name [page=1, status=200]"
    );
}

#[tokio::test]
async fn what_is_not_an_answer_is_told() {
    for (answer, kind, due) in [
        (
            words(400, "{\"id_message\": \"Bad\"}"),
            ErrorKind::Status,
            "the service refused the request: Bad [page=1, status=400]",
        ),
        (words(404, "{}"), ErrorKind::NotFound, "the service does not have this [page=1, status=404]"),
        (
            words(200, "{\"data\": [{\"objna"),
            ErrorKind::Unreadable,
            "the answer ends in the middle, after 17 bytes [page=1]",
        ),
        (words(200, ""), ErrorKind::Unreadable, "the answer is empty where JSON was due [page=1]"),
        (words(200, "{\"data\": 7}"), ErrorKind::Unreadable, "the answer has no list [page=1]"),
        (
            words(200, "{\"data\": {\"ra\": {\"9\": {\"message\": \"Bad angle.\", \"message_id\": 9}}}}"),
            ErrorKind::Unreadable,
            "the answer has no list: ra: Bad angle (message 9) [page=1]",
        ),
    ] {
        assert_eq!(told_of(answer).await, (kind, format!("TNS: {due}")));
    }
}

#[tokio::test]
async fn one_bad_hit_or_object_does_not_lose_the_rest() {
    let service = Service::start().await;
    service.post("/api/get/search", answer(200, "search_bad_item.json")).await;
    service.object("2026qqc", answer(200, "object_missing.json")).await;
    service.object("2026qqa", answer(200, "object_full.json")).await;
    let listed = list(&service.broker(), &all()).await;
    assert_eq!(names(&listed), ["2026qqa"]);
    let told: Vec<_> = listed.faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "TNS: TNS has no public object of this name [name=2026qqc, item=1]",
            "TNS: row 2 cannot be read: missing field `objname` [item=3]"
        ]
    );
}

#[tokio::test]
async fn an_object_of_the_wrong_type_names_its_field_and_nan_is_missing() {
    let service = Service::start().await;
    let text = text_fixture("object_second.json");
    let wrong = text.replace("\"ra\": \"", "\"radeg\": [1], \"ra\": \"");
    service.object("2026qqa", ResponseTemplate::new(200).set_body_string(wrong)).await;
    let nan = text.replace("\"redshift\": null", "\"redshift\": NaN");
    service.object("2026qqc", ResponseTemplate::new(200).set_body_string(nan)).await;
    let broker = service.broker();
    let error = broker.alert("2026qqa").await.unwrap_err();
    assert_eq!(error.to_string(), "TNS: radeg: a list was given, a number was due");
    let alert = broker.alert("2026qqc").await.unwrap();
    assert_eq!(alert.redshift, None);
    assert!(serde_json::from_str::<Value>(alert.raw()).is_ok());
}

#[tokio::test]
async fn a_failure_is_tried_again_and_a_huge_answer_refused() {
    question().is_asked_again([answer(500, "error_500.json")], answer(200, "search_none.json"), 0).await;
    question().refuses_more_than(100, answer(200, "search_three.json")).await;
}

#[tokio::test]
async fn who_does_not_name_himself_is_told_before_anything_is_sent() {
    let service = Service::start().await;
    let config = TnsConfig { bot_id: None, ..service.config() };
    let error = service.broker_of(config).alerts(&all()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(
        error.to_string(),
        "TNS: bot_id, bot_name: TNS answers only to a bot or a user that names itself: set bot_id and bot_name with \
         api_key (https://www.wis-tns.org/bots), or user_id and user_name for the web search alone"
    );
    let config = TnsConfig { api_key: None, ..service.config() };
    let error = service.broker_of(config).reduced_data("2026qqa", None).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "TNS: api_key: this needs the key of a bot: make one at https://www.wis-tns.org/bots and set it; without a \
         key only the web search can be asked"
    );
    assert!(service.asked().await.is_empty());
}

#[tokio::test]
async fn the_configuration_takes_toms_keys_and_any_writing_of_the_site() {
    let table = |base: Value| {
        let config = json!({"BROKERS": {"TNS": {
            "api_key": KEY, "bot_id": "123", "bot_name": "b", "tns_base_url": base, "group_name": "ALeRCE",
            "filter_mapping": {"g": "g-ZTF"}, "internal_name_format": {"prefix": "X", "year_format": "YY", "postfix": ""}
        }}});
        Config::from_json(&config.to_string()).unwrap()
    };
    let service = Service::start().await;
    service.post("/api/get/search", answer(200, "search_none.json")).await;
    for base in ["", "/", "/api", "/api/"] {
        let config = table(format!("{}{base}", service.server.uri()).into());
        let broker = Registry::with_http(&config, &service.http()).unwrap().broker("tns").unwrap();
        let query = json!({"target_name": "2026qqa"});
        let (alerts, errors) = broker.fetch_alerts(query.as_object().unwrap()).unwrap().collect_all().await;
        assert!(alerts.is_empty() && errors.is_empty(), "{errors:?}");
    }
    assert!(service.asked().await.iter().all(|line| line == "POST /api/get/search"));
    assert_eq!(
        service.header(0, "user-agent").await.unwrap(),
        r#"tns_marker{"tns_id":123,"type":"bot","name":"b"}"#
    );
    let page = |config: TnsConfig| {
        let broker = TnsBroker::with_http(config, &service.http()).unwrap();
        let alert = Alert::from_raw("{\"objname\": \"2026qqa\"}").unwrap();
        broker.generic(&alert).unwrap().url.unwrap().to_string()
    };
    assert_eq!(page(TnsConfig::default()), "https://www.wis-tns.org/object/2026qqa");
    let sandbox = TnsConfig { sandbox: true, ..TnsConfig::default() };
    assert_eq!(page(sandbox), "https://sandbox.wis-tns.org/object/2026qqa");
}

#[test]
fn a_sandbox_at_the_address_of_production_is_a_fault_of_the_configuration() {
    let made = |base_url: &str| {
        let config = TnsConfig { sandbox: true, base_url: base_url.parse().ok(), ..TnsConfig::default() };
        TnsBroker::new(config)
    };
    for production in ["https://www.wis-tns.org", "https://www.wis-tns.org/api/", "https://wis-tns.org/"] {
        let error = made(production).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert_eq!(
            error.to_string(),
            "TNS: sandbox, base_url: sandbox is set, but base_url is the production site; leave out one of the two"
        );
    }
    for good in ["https://sandbox.wis-tns.org/api", "http://127.0.0.1:9/"] {
        assert!(made(good).is_ok(), "{good}");
    }
}

#[tokio::test]
async fn a_failure_under_a_good_status_is_no_empty_night() {
    for body in [
        r#"{"error": "database down"}"#,
        r#"{"message": "try later"}"#,
        "{}",
        "[]",
        r#"{"id_code": 500, "id_message": "Internal"}"#,
    ] {
        let service = Service::start().await;
        service.post("/api/get/search", said(200, body)).await;
        service.post("/api/get/object", said(200, body)).await;
        let broker = service.broker();
        let listed =
            list(&broker, &TnsQuery { target_name: Some("2026qqa".into()), ..TnsQuery::default() }).await;
        assert_eq!((listed.alerts.len(), listed.faults.len()), (0, 1), "{body}");
        let error = broker.alert("2026qqa").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unreadable, "{body}");
        assert!(error.message().starts_with("this is no answer of TNS"), "{error}");
    }
}

#[tokio::test]
async fn a_key_that_the_service_repeats_is_not_passed_on() {
    let service = Service::start().await;
    let echo = json!({"id_code": 400, "id_message": format!("Bad request: api_key={KEY}&data=%7B%22x")});
    for path in ["/api/get/search", "/api/get/object", "/api/set/file-upload"] {
        service.post(path, said(400, echo.to_string())).await;
    }
    let broker = service.broker();
    let listed =
        list(&broker, &TnsQuery { target_name: Some("2026qqa".into()), ..TnsQuery::default() }).await;
    let file = Upload { name: "a.ascii".into(), content_type: "text/plain".into(), bytes: b"1 2".to_vec() };
    let errors = [
        listed.faults[0].to_string(),
        broker.alert("2026qqa").await.unwrap_err().to_string(),
        broker.run(broker.protocol().upload(&[file])).await.unwrap_err().to_string(),
    ];
    for error in errors {
        assert!(error.contains("api_key=…&data"), "{error}");
    }
}
