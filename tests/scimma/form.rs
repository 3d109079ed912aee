//! The query form and the configuration: what is read, and every fault.

use tom_alerts::{Config, Registry, form};

use super::*;

fn read(pairs: &[&str]) -> tom_alerts::Result<ScimmaQuery> {
    form::read(&form::parse_pairs(pairs).unwrap())
}

#[test]
fn the_source_follows_from_the_fields() {
    assert_eq!(read(&[]).unwrap().source(), Source::Archive);
    assert_eq!(read(&["keyword=x", "topic=a.b,c.d"]).unwrap().source(), Source::Archive);
    assert_eq!(read(&["cone_search=1,2,3"]).unwrap().source(), Source::Skip);
    assert_eq!(read(&["event_trigger_number=S1"]).unwrap().source(), Source::Skip);
    assert_eq!(read(&["source=skip", "topic=3"]).unwrap().source(), Source::Skip);
}

#[test]
fn other_names_and_spellings_are_taken() {
    let query = read(&[
        "search_query=kilonova",
        "start_time=2031-01-01",
        "end=2031-01-02T03:04:05+01:00",
        "include_retracted=off",
        "meta=on",
        "limit=1024",
        "order=oldest",
        "topics=gcn.circulars",
    ])
    .unwrap();
    assert_eq!(query.keyword.as_deref(), Some("kilonova"));
    assert_eq!(query.timestamp_before.unwrap().to_rfc3339(), "2031-01-02T02:04:05+00:00");
    assert_eq!((query.retracted, query.metadata_only, query.page_size), (Some(false), true, Some(1024)));
    assert_eq!((query.order, query.topic), (Order::Oldest, vec!["gcn.circulars".to_owned()]));
    // A saved query of TOM Toolkit.
    let old =
        read(&["query_name=q", "broker=SCIMMA", "keyword=", "cone_search=10, 20, 0.5", "topic="]).unwrap();
    let skip = ScimmaQuery { prefer_skip: true, ..ScimmaQuery::default() };
    assert_eq!(old, ScimmaQuery { cone_search: Some("10, 20, 0.5".into()), ..skip });
}

#[test]
fn every_fault_is_told_at_once() {
    for (pairs, due) in [
        (&["ra=10"][..], "ra, dec, radius: give all of them or none"),
        (&["ra=1", "dec=2", "radius=0"], "radius: 0 is not more than 0"),
        (&["ra=400", "dec=2", "radius=1"], "ra: 400 is outside 0..=360"),
        (
            &["cone_search=1,2"],
            "cone_search: give RA,Dec,radius: three numbers in degrees, on the sky, the radius above 0 and at most 180",
        ),
        (
            &["cone_search=1,95,1"],
            "cone_search: give RA,Dec,radius: three numbers in degrees, on the sky, the radius above 0 and at most 180",
        ),
        (
            &["cone_search=1,2,3", "ra=1", "dec=2", "radius=3"],
            "cone_search, ra: one cone is searched: give the text or the three numbers",
        ),
        (
            &["polygon_search=1 2, 3 4"],
            "polygon_search: at least three corners in degrees are due, such as 10 -5, 12 -5, 11 -3",
        ),
        (
            &["timestamp_after=2031-02-01", "timestamp_before=2031-01-01"],
            "timestamp_after, timestamp_before: the first must not be above the second",
        ),
        (
            &["event_trigger_number=S1", "topic=3"],
            "event_trigger_number, topic: Topic filter cannot be used with LVC Trigger Number filter.",
        ),
        (&["page_size=65"], "page_size: 64 is the most here"),
        (&["source=skip", "page_size=101"], "page_size: 100 is the most here"),
        (&["source=skip", "topic=gcn"], "topic: SKIP's topics are asked for by number"),
        (&["source=skip", "retracted=no"], "retracted: only the archive knows withdrawn messages"),
        (&["source=skip", "meta=on"], "metadata_only"),
        (&["source=archive", "cone_search=1,2,3"], "cone_search: only SKIP can search for this"),
        (&["topic=a b"], "topic: a topic has 1 to 249 letters"),
        (&["keywrd=x"], "keywrd: no such field; did you mean keyword?"),
        (&["source=skipp"], "source: "),
    ] {
        let error = read(pairs).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Input);
        let told = error.to_string();
        assert!(told.contains(due) || due == "metadata_only", "{pairs:?}: {told}");
    }
    let error = read(&["ra=10", "page_size=0", "topic=a b", "nothing=1"]).unwrap_err();
    let fields: Vec<_> = error.problems().iter().map(|problem| problem.field.clone()).collect();
    assert_eq!(fields.len(), 4, "{error}");
}

#[test]
fn a_configuration_is_read_with_toms_names_and_its_faults_are_told() {
    let config = Config::new()
        .set("SCIMMA", "url", "http://127.0.0.1:7/api/")
        .set("SCIMMA", "hopskotch_url", "kafka://kafka.example.org/")
        .set("SCIMMA", "username", "alice")
        .set("SCIMMA", "password", "hunter2")
        .set("SCIMMA", "default_hopskotch_topic", "a.b");
    let registry = Registry::from_config(&config).unwrap();
    let broker = registry.broker("scimma").unwrap();
    assert!(broker.cone_query(1.0, 2.0, 3.0).is_ok());
    assert!(!format!("{broker:?}").contains("hunter2"));
    assert!(registry.broker("tom_scimma.scimma.SCIMMABroker").is_ok());

    for (key, value, due) in [
        ("hopskotch_url", "https://a.b/c", "hopskotch_url: "),
        (
            "hopskotch_url",
            "alice:hunter2@kafka.example.org",
            "hopskotch_url: no credential belongs into a URL",
        ),
        ("hopskotch_url", "kafka.example.org/topic", "hopskotch_url: a host is due and no more"),
        ("hopskotch_url", "", ""),
        ("base_url", "ftp://a.b/", "base_url: an http or https URL is due"),
        ("default_hopskotch_topic", "a b", "default_hopskotch_topic: a topic has 1 to 249 letters"),
        ("hopskotch_username", "alice", "hopskotch_password: is missing; name and password belong together"),
        (
            "hopskotch_password",
            "hunter2",
            "hopskotch_username: is missing; name and password belong together",
        ),
        ("hopskotch_tls", "false", "hopskotch_tls: only a host on loopback is spoken to without TLS"),
        ("publish_timeout", "0", "publish_timeout"),
        ("skip_version", "v9", "skip_version"),
        ("hopskotsch_url", "a.b", "did you mean hopskotch_url?"),
    ] {
        let made = Registry::from_config(&Config::new().set("SCIMMA", key, value));
        if due.is_empty() {
            assert!(made.is_ok());
            continue;
        }
        let error = made.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(due), "{key}: {error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
