//! Whose object an alert is of, when it was observed and what its position is, for each sort of packet.

use tom_alerts::{Alert, PositionKind, Protocol, Provenance};

use super::*;

fn told(packet: &Value) -> Provenance {
    let hermes = Hermes::new(Hermes::config(None)).unwrap();
    let alert = Alert::<HermesPacket>::from_raw(&packet.to_string()).unwrap();
    let generic = hermes.to_generic_alert(&alert).unwrap();
    hermes.provenance(&alert, &generic)
}

fn first(name: &str, list: &str) -> Value {
    json_fixture(name)[list][0].clone()
}

fn time(text: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    Some(text.parse().unwrap())
}

/// A message about two targets, published 2026-10-26.
fn message() -> Value {
    let row = |target: &str, date: Value| json!({"target_name": target, "date_obs": date, "bandpass": "r", "brightness": 18.0});
    json!({
        "metadata": {"timestamp": 1_793_000_000_000_i64, "topic": "hermes.test"},
        "annotations": {"con_text_uuid": uuid(7)},
        "message": {"title": "t", "data": {
            "targets": [
                {"name": "AT2026qxa", "ra": 1, "dec": 2, "ra_error": 200, "ra_error_units": "mas", "dec_error": 0.3,
                    "dec_error_units": "arcsec", "aliases": ["ZTF26aaqqxxa"]},
                {"name": "AT2026qxb", "ra": 3, "dec": 4}
            ],
            "photometry": [
                row("AT2026qxa", json!("2026-10-01T03:00:00Z")),
                row("AT2026qxb", json!("2026-10-20T00:00:00Z")),
                row("AT2026qxa", json!("2062-10-01T00:00:00Z"))
            ],
            "spectroscopy": [{"target_name": "ZTF26aaqqxxa", "date_obs": 61_325.25, "flux": [1], "wavelength": [1]}]
        }}
    })
}

#[test]
fn a_message_is_of_its_first_target_as_of_its_newest_row() {
    let found = told(&message());
    assert_eq!(found.object_id.as_deref(), Some("AT2026qxa"));
    assert_eq!(found.alert_id, Some(uuid(7)), "the uuid is of the message, not of the object");
    assert!(found.own_data, "another message of the target has others");
    // MJD 61325.25 is 2026-10-12; the row of 2062 is after the message, which is a wrong date.
    assert_eq!(found.observed_at, time("2026-10-12T06:00:00Z"));
    assert_eq!((found.position, found.position_error), (PositionKind::Reported, Some(0.3)));
}

#[test]
fn a_message_without_rows_was_observed_when_it_was_published() {
    let found = told(&json_fixture("message_tom.json"));
    assert_eq!((found.object_id.as_deref(), found.alert_id), (Some("AT2026qxt"), Some(uuid(11))));
    assert_eq!(found.observed_at.unwrap().timestamp_millis(), 1_792_980_000_000);
    let listed = told(&first("archive_page1.json", "messages"));
    assert_eq!((listed.object_id, listed.alert_id), (None, Some(uuid(7))), "a title is no object");
    let blob = told(&json_fixture("message_blob.json"));
    assert_eq!((blob.object_id, blob.alert_id), (None, Some(uuid(13))));
}

#[test]
fn a_target_is_its_name_and_has_the_time_of_its_newest_message() {
    let listed = told(&first("targets_last.json", "results"));
    assert_eq!(listed.object_id.as_deref(), Some("AT2026qxa"));
    assert_eq!(listed.alert_id.as_deref(), Some("41"), "the number is of a name at one position");
    assert_eq!((listed.observed_at, listed.position), (None, PositionKind::Reported));
    assert!(!listed.own_data, "the data of all messages are those of the target");
    let mut whole = json_fixture("target_a.json");
    whole["newest"] = message();
    let found = told(&whole);
    assert_eq!((found.object_id.as_deref(), found.alert_id.as_deref()), (Some("AT2026qxa"), Some("41")));
    assert_eq!((found.observed_at, found.position_error), (time("2026-10-12T06:00:00Z"), Some(0.3)));
    // The newest message may be about another target first.
    whole["name"] = json!("AT2026qxb");
    let found = told(&whole);
    assert_eq!(
        (found.object_id.as_deref(), found.observed_at),
        (Some("AT2026qxb"), time("2026-10-20T00:00:00Z"))
    );
}

#[test]
fn an_indexed_message_and_an_event() {
    let found = told(&first("messages_ok.json", "results"));
    assert_eq!((found.object_id.as_deref(), found.alert_id), (Some("AT2026qxb"), Some(uuid(8))));
    assert_eq!(found.observed_at, None);
    let event = told(&json_fixture("event_ok.json"));
    assert_eq!((event.object_id.as_deref(), event.alert_id), (Some("S261101qx"), None));
    assert_eq!(
        event.observed_at,
        time("2026-11-01T10:20:30.125Z"),
        "when it came, not when it was announced"
    );
    assert_eq!(told(&json_fixture("event_bare.json")).observed_at, None);
}
