//! Whose object an alert is of, when it was observed and what its position is, for each sort of packet.

use tom_alerts::http::Response;
use tom_alerts::{Alert, Call, PositionKind, Protocol, Provenance};

use super::*;

fn told(alert: &Alert<ScimmaPacket>) -> Provenance {
    let scimma = Scimma::new(ScimmaConfig::default()).unwrap();
    let generic = scimma.to_generic_alert(alert).unwrap();
    scimma.provenance(alert, &generic)
}

fn message(document: &Value) -> Alert<ScimmaPacket> {
    let scimma = Scimma::new(ScimmaConfig::default()).unwrap();
    let Call::Send(_, then) = scimma.alert(&uuid(7)).unwrap() else { panic!() };
    let body = bson::bytes(document.as_object().unwrap());
    let Call::Done(alert) = then(Ok(Response::new(200, Vec::new(), body.into()))).unwrap() else { panic!() };
    alert
}

fn time(text: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    Some(text.parse().unwrap())
}

#[test]
fn a_message_is_of_its_first_target_as_of_its_newest_row() {
    // Published 2031-03-03T03:05:06; later rows have wrong dates.
    let mut document = json_fixture("archive_msg1.json");
    document["message"]["$json"]["data"]["targets"][0]["ra_error"] = json!("0.25");
    document["message"]["$json"]["data"]["targets"][0]["ra_error_units"] = json!("arcsec");
    let found = told(&message(&document));
    assert_eq!((found.object_id.as_deref(), found.alert_id), (Some("SN 2031qq"), Some(uuid(1))));
    assert_eq!(found.observed_at, time("2031-03-03T00:00:00Z"));
    assert_eq!((found.position, found.position_error), (PositionKind::Reported, Some(0.25)));
}

#[test]
fn a_message_without_rows_was_observed_when_it_was_published() {
    let found = told(&message(&json_fixture("archive_page2.json")["messages"][0]));
    assert_eq!((found.object_id.as_deref(), found.alert_id), (Some("AT2031ab"), Some(uuid(3))));
    assert_eq!(found.observed_at, time("2031-03-03T03:01:40Z"));
    for (document, id) in [
        (&json_fixture("archive_page1.json")["messages"][1], uuid(2)),
        (&json_fixture("archive_page2.json")["messages"][1], uuid(4)),
        (&json_fixture("archive_meta.json")["messages"][0], uuid(1)),
    ] {
        let found = told(&message(document));
        assert_eq!((found.object_id, found.alert_id), (None, Some(id)), "a title is no object");
        assert!(found.observed_at.is_some());
    }
}

#[test]
fn alerts_of_skip_are_of_what_they_identify() {
    let alert = |index: usize, name: &str| {
        let row = json_fixture(name)["results"][index].clone();
        told(&Alert::from_raw(&row.to_string()).unwrap())
    };
    let counterpart = alert(0, "skip_page1.json");
    assert_eq!(
        (counterpart.object_id.as_deref(), counterpart.alert_id.as_deref()),
        (Some("S310301a_X3"), Some("11"))
    );
    assert_eq!(counterpart.observed_at, time("2031-03-01T20:24:08Z"));
    assert_eq!(counterpart.position, PositionKind::Reported);
    let unnamed = alert(0, "skip_page2.json");
    assert_eq!(
        (unnamed.object_id, unnamed.alert_id.as_deref(), unnamed.observed_at),
        (None, Some("12"), None)
    );
}
