//! The query form and the configuration: what is taken and what is told.

use tom_alerts::Config;

use super::*;

#[test]
fn toms_names_are_taken() {
    let query = read(json!({
        "query_name": "mine", "broker": "Hermes", "target_name": "AT2026", "exact_name": "AT2026qxa",
        "ra": "10:00:00", "dec": "-7:30:00", "radius": "5", "uuid": ""
    }))
    .unwrap();
    assert_eq!(
        (query.ra, query.dec, query.radius),
        (Some(150.0), Some(-7.5), Some(18_000.0)),
        "degrees there"
    );
    assert_eq!(query.target_name_exact.as_deref(), Some("AT2026qxa"));
    assert_eq!((query.uuid, query.search), (None, Search::Targets));
}

#[test]
fn all_faults_come_at_once() {
    let told = |pairs: Value| read(pairs).unwrap_err().to_string();
    assert_eq!(
        told(json!({"ra": 400, "radius": 0, "tpics": "x", "search": "all"})),
        "search: \"all\" is none of targets, messages, events, archive; ra: 400 is outside 0..=360; \
         radius: 0 is not more than 0; tpics: no such field; did you mean topics?"
    );
    assert_eq!(told(json!({"ra": 10, "dec": 5})), "ra, dec, radius: give all of them or none");
    assert_eq!(
        told(json!({"topics": "hermes.test", "event_id_exact": "S1"})),
        "event_id_exact: cannot be asked of targets; set search to messages or events; \
         topics: cannot be asked of targets; set search to archive"
    );
    assert_eq!(
        told(json!({"search": "archive", "search_text": "a&b", "topics": ["x#y"],
            "start": "2026-11-02", "end": "2026-11-01", "target_name": "AT2026qxa"})),
        "target_name: cannot be asked of archive; set search to targets or messages; \
         topics: a topic has 1 to 249 letters, digits, dots, hyphens and underscores; \
         start, end: the first must not be above the second; \
         search_text: must not contain & or #: Hermes cannot pass them on to the archive"
    );
    let corner = "polygon: give three corners at least, each ra and dec in degrees, as in 10 5, 12 5, 11 7";
    assert_eq!(told(json!({"polygon": "1 2, 3 4"})), corner);
    assert_eq!(told(json!({"polygon": "1 2, 3 4, 5 95"})), corner);
    assert_eq!(told(json!({"polygon": "1 2, 3 4, 5 6 x"})), corner);
    assert_eq!(told(json!({"uuid": "junk!"})), "uuid: has hexadecimal digits and - only");
}

#[test]
fn the_configuration_takes_the_names_of_other_tools_and_shows_no_token() {
    let config: HermesConfig = tom_alerts::form::read_config(
        json!({"HERMES_API_TOKEN": CANARY, "HERMES_BASE_URL": "http://127.0.0.1:1", "DEFAULT_TOPIC": "tomtoolkit.test"})
            .as_object()
            .unwrap(),
        "brokers.Hermes.",
    )
    .unwrap();
    assert_eq!(config.topic.as_deref(), Some("tomtoolkit.test"));
    assert_eq!(config.api_key.as_ref().unwrap().expose(), CANARY);
    assert!(!format!("{config:?}").contains(CANARY));
    let broker = HermesBroker::new(config).unwrap();
    assert!(!format!("{broker:?}").contains(CANARY));

    let text = format!(r#"{{"HERMES_API_KEY": "{CANARY}"}}"#);
    let registry = tom_alerts::Registry::from_config(&Config::from_json(&text).unwrap()).unwrap();
    assert!(registry.broker("hermes").unwrap().ready().is_ok());
    let error =
        HermesBroker::new(HermesConfig { base_url: "ftp://x/".parse().ok(), ..HermesConfig::default() });
    assert_eq!(error.unwrap_err().to_string(), "Hermes: base_url: an http or https URL is due");
}

#[test]
fn a_common_cone_and_name_become_queries() {
    let broker = HermesBroker::new(HermesConfig::default()).unwrap();
    let cone = &broker.cone_query(10.0, -5.0, 36.0).unwrap()[0];
    assert_eq!((&cone["radius"], &cone["ra"]), (&json!(36.0), &json!(10.0)));
    assert_eq!(broker.name_query("AT2026qxa").unwrap()[0]["target_name_exact"], "AT2026qxa");
    assert!(broker.recognises("GRB 261103A") && !broker.recognises(" "));
    assert!(!broker.recognises("41"), "a number of a row may be anything elsewhere");
    assert!(broker.recognises("169342810955317611"), "LSST's digits are a name");
}
