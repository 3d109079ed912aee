//! `HermesMessage`: what it is on the wire, and every fault that is found before it is sent.

use super::*;

/// A message with a row in every table.
pub(super) fn rich() -> HermesMessage {
    let row = || ("AT2026qxa".to_owned(), Some("2026-11-10T05:06:07Z".to_owned()), Some("1m0".to_owned()));
    let (target_name, date_obs, telescope) = row();
    let photometry = HermesPhotometry {
        target_name,
        date_obs,
        telescope,
        bandpass: Some("r".into()),
        brightness: Some(18.25),
        brightness_error: Some(0.05),
        brightness_unit: Some(BrightnessUnit::VegaMag),
        ..HermesPhotometry::default()
    };
    let (target_name, date_obs, telescope) = row();
    let spectrum = HermesSpectrum {
        target_name,
        date_obs,
        telescope,
        flux: vec![1.0, 2.0],
        wavelength: vec![400.0, 500.0],
        wavelength_units: Some(WavelengthUnit::Nanometre),
        flux_type: Some(FluxType::Lambda),
        spec_type: Some(SpectrumType::Host),
        ..HermesSpectrum::default()
    };
    let (target_name, date_obs, telescope) = row();
    let astrometry = HermesAstrometry {
        target_name,
        date_obs,
        telescope,
        ra: Some(0.0),
        dec: Some(0.0),
        ra_error: Some(0.1),
        ra_error_units: Some(AngleUnit::Arcsec),
        ..HermesAstrometry::default()
    };
    let info = HermesDiscovery {
        reporting_group: Some("Made Up".into()),
        transient_type: Some(TransientType::PossibleSupernova),
        ..HermesDiscovery::default()
    };
    HermesMessage {
        title: "All of it".into(),
        topic: "hermes.test".into(),
        submitter: "N. Body".into(),
        data: HermesData {
            references: vec![HermesReference {
                source: Some("hop_uuid".into()),
                citation: Some(uuid(7)),
                url: None,
            }],
            event_id: Some("S261101qx".into()),
            targets: vec![HermesTarget {
                name: "AT2026qxa".into(),
                ra: Some(0.0),
                dec: Some(0.0),
                discovery_info: Some(info),
                new_discovery: Some(true),
                ..HermesTarget::default()
            }],
            photometry: vec![photometry],
            spectroscopy: vec![spectrum],
            astrometry: vec![astrometry],
            extra: json!({"pipeline": {"version": 3}}).as_object().unwrap().clone(),
            unreadable: Vec::new(),
            left_out: 0,
        },
        ..HermesMessage::default()
    }
}

#[test]
fn a_rich_message_is_good_and_has_hermes_words_on_the_wire() {
    let message = rich();
    assert_eq!(message.faults(), []);
    let json = serde_json::to_value(&message).unwrap();
    assert_eq!(
        json,
        json!({
            "title": "All of it", "topic": "hermes.test", "submitter": "N. Body", "message_text": "", "authors": "",
            "data": {
                "references": [{"source": "hop_uuid", "citation": uuid(7)}],
                "event_id": "S261101qx",
                "targets": [{
                    "name": "AT2026qxa", "ra": 0.0, "dec": 0.0, "new_discovery": true,
                    "discovery_info": {"reporting_group": "Made Up", "transient_type": "PSN - Possible SN"}
                }],
                "photometry": [{
                    "target_name": "AT2026qxa", "date_obs": "2026-11-10T05:06:07Z", "telescope": "1m0",
                    "bandpass": "r", "brightness": 18.25, "brightness_error": 0.05, "brightness_unit": "Vega mag"
                }],
                "spectroscopy": [{
                    "target_name": "AT2026qxa", "date_obs": "2026-11-10T05:06:07Z", "telescope": "1m0",
                    "flux": [1.0, 2.0], "flux_type": "Fλ", "wavelength": [400.0, 500.0],
                    "wavelength_units": "nm", "spec_type": "Host"
                }],
                "astrometry": [{
                    "target_name": "AT2026qxa", "date_obs": "2026-11-10T05:06:07Z", "telescope": "1m0",
                    "ra": 0.0, "dec": 0.0, "ra_error": 0.1, "ra_error_units": "arcsec"
                }],
                "pipeline": {"version": 3}
            }
        })
    );
    assert_eq!(serde_json::from_value::<HermesMessage>(json).unwrap(), message);
}

/// The faults of a message that was changed.
fn faults(change: impl FnOnce(&mut HermesMessage)) -> Vec<String> {
    let mut message = rich();
    change(&mut message);
    message.faults().iter().map(ToString::to_string).collect()
}

#[test]
fn every_rule_has_its_place_and_its_words() {
    let told = faults(|m| {
        m.title = " ".into();
        m.topic.clear();
        m.submitter.clear();
        m.data.references[0].citation = Some("40001".into());
        m.data.references.push(HermesReference { source: Some("GCN".into()), ..HermesReference::default() });
        m.data.references.push(HermesReference { url: Some("no url".into()), ..HermesReference::default() });
        m.submit_to_gcn = Some(true);
        m.data.extra.insert("targets".into(), json!([]));
    });
    assert_eq!(
        told,
        [
            "title: must be given",
            "topic: must be given",
            "submitter: must be given",
            "data.references[0].citation: must be the uuid of a message",
            "data.references[1]: give source and citation, or url",
            "data.references[2].url: is no URL",
            "data.extra.targets: this is the name of a table; fill that",
            "authors: must be given for a GCN circular",
            "message_text: must be given for a GCN circular",
        ]
    );
    let told = faults(|m| {
        let target = &mut m.data.targets[0];
        target.ra = Some(f64::NAN);
        target.dec = Some(-91.0);
        target.ra_error = Some(-1.0);
        target.pm_dec = Some(f64::INFINITY);
        target.epoch = Some("now".into());
        target.distance = Some(5.0);
        target.ra_error_units = Some(AngleUnit::from("rad"));
        target.file_info = vec![HermesFile::default()];
        let same = target.name.clone();
        m.data.targets.push(HermesTarget { name: same, ra: Some(1.0), ..HermesTarget::default() });
        m.data.targets.push(HermesTarget::default());
    });
    assert_eq!(
        told,
        [
            "data.targets[0].ra: must be within 0..=360 degrees",
            "data.targets[0].dec: must be within -90..=90 degrees",
            "data.targets[0].ra_error: must be a number, 0 or more",
            "data.targets[0].pm_dec: must be a finite number",
            "data.targets[0].epoch: must be a year such as 2000.0",
            "data.targets[0].ra_error_units: must be one of degrees, mas, arcsec, arcmin",
            "data.targets[0].distance_units: must be given",
            "data.targets[0].file_info[0].name: must be given",
            "data.targets[0].file_info[0].url: must be a URL; Hermes fails on a file without one",
            "data.targets[1].name: must be there once; another target has it",
            "data.targets[1].dec: must be given with ra",
            "data.targets[2].name: must be given",
            "data.targets[2]: give ra and dec, or orbital_elements",
        ]
    );
    let told = faults(|m| {
        let point = &mut m.data.photometry[0];
        point.target_name = "another".into();
        point.date_obs = Some("junk".into());
        point.telescope = None;
        point.bandpass = None;
        point.brightness = Some(0.0);
        point.brightness_error = Some(f64::NAN);
        point.brightness_unit = Some(BrightnessUnit::from("Jy"));
        m.data
            .photometry
            .push(HermesPhotometry { target_name: "AT2026qxa".into(), ..HermesPhotometry::default() });
    });
    let place = "data.photometry[0]";
    assert_eq!(
        told,
        [
            format!("{place}.target_name: must be the name of a target of this message"),
            format!("{place}.date_obs: is no date; give ISO 8601, or a JD or MJD"),
            format!("{place}.telescope: telescope or instrument must be given"),
            format!("{place}.bandpass: must be given"),
            format!("{place}.brightness: is exactly 0, which Hermes takes for none; give a tiny number"),
            format!("{place}.brightness_error: must be a number, 0 or more"),
            format!(
                "{place}.brightness_unit: must be one of AB mag, Vega mag, mJy, erg / s / cm² / \u{212b}"
            ),
            "data.photometry[1].date_obs: must be given".to_owned(),
            "data.photometry[1].telescope: telescope or instrument must be given".to_owned(),
            "data.photometry[1].bandpass: must be given".to_owned(),
            "data.photometry[1]: give brightness or limiting_brightness".to_owned(),
        ]
    );
    let told = faults(|m| {
        let spectrum = &mut m.data.spectroscopy[0];
        spectrum.flux.push(f64::NAN);
        spectrum.flux_error = vec![1.0];
        spectrum.spec_type = Some(SpectrumType::from("Galaxy"));
        m.data.astrometry[0].ra = None;
    });
    assert_eq!(
        told,
        [
            "data.spectroscopy[0].flux: must have as many numbers as wavelength",
            "data.spectroscopy[0].flux_error: must have as many numbers as flux, or none",
            "data.spectroscopy[0].flux: must be finite numbers",
            "data.spectroscopy[0].spec_type: must be one of Object, Other, Host, Synthetic, Sky, Arcs",
            "data.astrometry[0].ra: must be given with dec",
        ]
    );
    let told = faults(|m| {
        m.submit_to_tns = Some(true);
        m.data.targets[0].discovery_info = None;
    });
    assert_eq!(
        told,
        [
            "authors: must be given for TNS",
            "data: TNS takes either photometry (a discovery) or spectroscopy (a classification)",
            "data.targets[0].discovery_info.reporting_group: must be given for TNS",
            "data.targets[0].discovery_info.discovery_source: must be given for TNS",
            "data.targets[0].discovery_info.transient_type: must be given for TNS",
            "data.targets[0]: TNS needs a limit before the detection, or discovery_info.nondetection_source",
            "data.spectroscopy[0].instrument: must be given for TNS",
            "data.spectroscopy[0].observer: must be given for TNS",
            "data.spectroscopy[0].classification: must be given for TNS",
            "data.spectroscopy[0].file_info: must have a .ascii or .txt file for TNS",
        ]
    );
}

#[test]
fn a_row_that_cannot_be_read_is_kept_as_a_fault_and_is_not_sent() {
    let body = json_fixture("message_rich.json")["message"].clone();
    let message: HermesMessage = serde_json::from_value(body).unwrap();
    assert_eq!((message.data.photometry.len(), message.data.unreadable.len()), (15, 1));
    assert_eq!((message.data.targets[1].ra, message.data.targets[1].dec), (Some(15.0), Some(33.25)));
    assert_eq!(message.data.extra["pipeline"], json!({"version": 3}));
    let faults = message.faults();
    assert!(faults.iter().any(|fault| fault.field == "data.photometry[11]"), "{faults:?}");
    assert!(!serde_json::to_string(&message).unwrap().contains("unreadable"));
}

#[test]
fn tables_that_are_no_tables_do_not_lose_the_rest() {
    let message: HermesMessage = serde_json::from_value(json!({
        "title": "odd", "data": {"targets": {"name": "x"}, "photometry": null, "event_id": 7, "k": [1]}
    }))
    .unwrap();
    assert_eq!(message.data.unreadable[0].to_string(), "data.targets: a list was due");
    assert_eq!(message.data.event_id.as_deref(), Some("7"));
    assert_eq!(message.data.extra["k"], json!([1]));
    let none: HermesMessage = serde_json::from_value(json!({"title": "t", "data": null})).unwrap();
    assert!(none.data.is_empty());
}
