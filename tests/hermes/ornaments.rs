//! Nothing but id, name, position, time and brightness may cost an object or its light curve.

use tom_alerts::testing::spoil;
use tom_alerts::{Alert, Call, Protocol, Subject};

use super::*;

fn read(packet: &Value, place: &str) -> Alert<HermesPacket> {
    Alert::from_raw(&packet.to_string()).unwrap_or_else(|e| panic!("{place}: {e}"))
}

#[test]
fn a_message_with_any_odd_field_has_its_target_and_all_its_points() {
    let hermes = Hermes::new(Hermes::config(None)).unwrap();
    let vital = [
        "annotations.con_text_uuid",
        "message.data.targets.0.name",
        "message.data.targets.0.ra",
        "message.data.targets.0.dec",
        "message.data.photometry.*.target_name",
        "message.data.photometry.*.date_obs",
        "message.data.photometry.*.bandpass",
        "message.data.photometry.*.brightness",
        "message.data.photometry.*.brightness_unit",
        // The depth of a limit is its value, here the third row's.
        "message.data.photometry.2.limiting_brightness",
        "message.data.photometry.2.limiting_brightness_unit",
        "message.data.spectroscopy.*.target_name",
        "message.data.spectroscopy.*.date_obs",
        "message.data.spectroscopy.*.flux",
        "message.data.spectroscopy.*.wavelength",
        "message.data.astrometry.*.target_name",
        "message.data.astrometry.*.date_obs",
        "message.data.astrometry.*.ra",
        "message.data.astrometry.*.dec",
    ];
    let document = json_fixture("message_clean.json");
    for (place, packet) in spoil(&document, &vital) {
        let alert = read(&packet, &place);
        let generic = hermes.to_generic_alert(&alert).and_then(|generic| generic.checked()).unwrap();
        assert_eq!((generic.id.clone(), generic.name.as_str()), (uuid(7), "AT2026qxa"), "{place}");
        let target = hermes.to_target(&alert, &generic).unwrap_or_else(|e| panic!("{place}: {e}"));
        assert_eq!(target.position(), Some((212.625, -7.5)), "{place}");
        let call = hermes.reduced_data(Subject::new(&generic.id).with_alert(&alert)).unwrap();
        let Call::Done(data) = call else { panic!("{place}: more is asked") };
        assert_eq!(data.points.len(), 6, "{place}: {data:?}");
        assert!(data.points.iter().all(|point| point.target == "AT2026qxa"), "{place}");
        let _ = hermes.provenance(&alert, &generic);
    }
}

#[test]
fn what_was_left_out_is_told() {
    let mut packet = json_fixture("message_clean.json");
    packet["message"]["data"]["photometry"][0]["telescope"] = json!({"name": "1m0"});
    packet["message"]["data"]["photometry"][1]["exposure_time"] = json!("long");
    let alert = read(&packet, "");
    let hermes = Hermes::new(Hermes::config(None)).unwrap();
    let Call::Done(data) = hermes.reduced_data(Subject::new(&uuid(7)).with_alert(&alert)).unwrap() else {
        panic!()
    };
    let note = format!("{}: 2 values left out of another type than expected", uuid(7));
    assert_eq!((data.points.len(), data.notes), (6, vec![note]));
}

/// The rows of each listing: any odd field leaves their id and name.
#[test]
fn a_listed_row_with_any_odd_field_is_listed() {
    let hermes = Hermes::new(Hermes::config(None)).unwrap();
    let position = ["right_ascension", "declination"];
    for (name, list, vital) in [
        ("targets_last.json", "results", &["id", "name", position[0], position[1]][..]),
        ("messages_ok.json", "results", &["uuid", "targets.*.right_ascension", "targets.*.declination"]),
        ("events_ok.json", "results", &["event_id"]),
        ("archive_page1.json", "messages", &["annotations.con_text_uuid"]),
    ] {
        let document = json_fixture(name)[list][0].clone();
        let due = hermes.to_generic_alert(&read(&document, name)).unwrap();
        for (place, row) in spoil(&document, vital) {
            let alert = read(&row, &place);
            let generic = hermes.to_generic_alert(&alert).and_then(|generic| generic.checked());
            assert_eq!(generic.unwrap_or_else(|e| panic!("{place}: {e}")).id, due.id, "{name}: {place}");
        }
    }
}
