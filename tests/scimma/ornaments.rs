//! Nothing but id, name, position, time and brightness may cost an object or its light curve.

use tom_alerts::http::Response;
use tom_alerts::testing::spoil;
use tom_alerts::{Alert, Call, Protocol, Subject};

use super::*;

#[test]
fn a_message_with_any_odd_field_has_its_target_and_all_its_points() {
    let scimma = Scimma::new(ScimmaConfig::default()).unwrap();
    let vital = [
        "annotations.con_text_uuid",
        // The bytes of the message, and the format by which they are read.
        "message.$json.data.targets.0.name",
        "message.$json.data.targets.0.ra",
        "message.$json.data.targets.0.dec",
        "message.$json.data.photometry.*.target_name",
        "message.$json.data.photometry.*.date_obs",
        "message.$json.data.photometry.*.bandpass",
        "message.$json.data.photometry.*.brightness",
        "message.$json.data.photometry.*.brightness_unit",
        // The depth of a limit is its value, here the second row's.
        "message.$json.data.photometry.1.limiting_brightness",
        "message.$json.data.photometry.1.limiting_brightness_unit",
        "message.$json.data.spectroscopy.*.target_name",
        "message.$json.data.spectroscopy.*.date_obs",
        "message.$json.data.spectroscopy.*.flux",
        "message.$json.data.spectroscopy.*.wavelength",
        "metadata.headers.2",
    ];
    let document = json_fixture("archive_msg1.json");
    for (place, packet) in spoil(&document, &vital) {
        let Call::Send(_, then) = scimma.alert(&uuid(1)).unwrap() else { panic!() };
        let body = bson::bytes(packet.as_object().unwrap());
        let read = then(Ok(Response::new(200, Vec::new(), body.into())));
        let Ok(Call::Done(alert)) = read else { panic!("{place}") };
        let generic = scimma.to_generic_alert(&alert).and_then(|generic| generic.checked()).unwrap();
        assert_eq!((generic.id.clone(), generic.name.as_str()), (uuid(1), "SN 2031qq"), "{place}");
        let target = scimma.to_target(&alert, &generic).unwrap_or_else(|e| panic!("{place}: {e}"));
        assert_eq!(target.position(), Some((201.25, -12.5)), "{place}");
        let call = scimma.reduced_data(Subject::new(&generic.id).with_alert(&alert)).unwrap();
        let Call::Done(data) = call else { panic!("{place}: more is asked") };
        assert_eq!(data.points.len(), 5, "{place}: {data:?}");
        let again: Alert<ScimmaPacket> =
            Alert::from_raw(alert.raw()).unwrap_or_else(|e| panic!("{place}: {e}"));
        assert_eq!(again.raw(), alert.raw());
        let _ = scimma.provenance(&alert, &generic);
    }
}

#[test]
fn an_alert_of_skip_with_any_odd_field_is_a_target() {
    let scimma = Scimma::new(ScimmaConfig::default()).unwrap();
    let document = json_fixture("skip_page1.json")["results"][0].clone();
    let vital = ["id", "identifier", "timestamp", "right_ascension", "declination"];
    for (place, row) in spoil(&document, &vital) {
        let alert: Alert<ScimmaPacket> =
            Alert::from_raw(&row.to_string()).unwrap_or_else(|e| panic!("{place}: {e}"));
        let generic = scimma.to_generic_alert(&alert).and_then(|generic| generic.checked()).unwrap();
        assert_eq!((generic.id.as_str(), generic.name.as_str()), ("11", "S310301a_X3"), "{place}");
        let target = scimma.to_target(&alert, &generic).unwrap_or_else(|e| panic!("{place}: {e}"));
        assert_eq!(target.position(), Some((201.25, -12.5)), "{place}");
    }
}
