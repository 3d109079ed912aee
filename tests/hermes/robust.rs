//! No panic whatever a service sends, and only what is sound leaves.

use proptest::prelude::{any, *};
use tom_alerts::http::json as read_json;
use tom_alerts::{Protocol, Subject};

use super::message::rich;
use super::support::properties::{Asked, forget, sound_points};
use super::support::wild::{body_properties, cases, json_properties};
use super::*;

/// Every reader there is, on one body; how many alerts and points came of it.
fn read_all(body: &[u8]) -> usize {
    let config = || HermesConfig { api_key: Some(CANARY.into()), ..HermesConfig::default() };
    let searches = [Search::Targets, Search::Messages, Search::Events, Search::Archive];
    let queries = searches.map(|search| HermesQuery {
        search,
        whole_messages: search == Search::Messages,
        ..HermesQuery::default()
    });
    let mut asked = Asked::<Hermes>::new(config, queries.into(), &["41", "AT2026qxa", "S261101qx", &uuid(7)]);
    asked.further = |hermes| {
        vec![
            forget(Ok(hermes.heartbeat())),
            forget(Ok(hermes.topics())),
            forget(hermes.profile()),
            forget(hermes.message(&uuid(7))),
            forget(hermes.indexed_message(&uuid(7))),
            forget(hermes.sequences(None, None)),
            forget(hermes.validate_message(&rich())),
            forget(hermes.plain_text(&rich())),
            forget(hermes.preload_message(&rich())),
            forget(hermes.submit_message(&rich())),
        ]
    };
    let seen = asked.read(&[200, 400, 401, 403, 404, 422, 500], body);
    if let Ok(message) = read_json::<HermesMessage>(body) {
        let _ = message.faults();
        sound_points(&message.reduced_data("Hermes", "here", None));
    }
    seen
}

/// Those that the readers know.
const KEYS: &str = "\
    results messages count next id uuid name right_ascension declination event_id sequences references \
    data event far classification sequence_type metadata annotations message timestamp headers _id \
    con_text_uuid title targets photometry spectroscopy astrometry target_name date_obs bandpass \
    brightness brightness_error brightness_unit limiting_brightness flux wavelength ra dec \
    orbital_elements error detail non_field_errors key newest aliases";

const RECORDED: &str = "\
    targets_two.json targets_nan.txt target_a.json messages_ok.json message_rich.json message_clean.json \
    message_tom.json message_orbit.json message_blob.json message_circular.json message_indexed.json \
    events_ok.json event_ok.json event_retracted.json sequences_ok.json archive_page1.json \
    topics_ok.json profile_ok.json heartbeat_ok.json plaintext_ok.json preload_ok.json submit_ok.json \
    validate_errors.json error_400_choice.json";

fn values() -> Vec<Value> {
    vec![json!("AT2026qxa"), json!("2026-11-10T05:06:07Z"), json!(uuid(7))]
}

json_properties!();
body_properties!(cut 211: "message_rich.json", "events_ok.json", "targets_page1.json", "validate_errors.json");

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn no_name_makes_recognising_panic(name in "\\PC{0,40}") {
        let hermes = Hermes::new(HermesConfig::default()).unwrap();
        let _ = (hermes.recognises(&name), hermes.alert(&name).is_ok());
        let _ = hermes.reduced_data(Subject::new(&name)).is_ok();
    }

    #[test]
    fn no_numbers_of_a_row_panic_or_leave_as_they_should_not(
        brightness in any::<f64>(), error in any::<f64>(), limit in any::<f64>(), unit in 0_usize..4, date in any::<f64>()
    ) {
        let unit = Some(BrightnessUnit::from(BrightnessUnit::WORDS[unit]));
        let mut message = super::message::rich();
        let row = &mut message.data.photometry[0];
        row.brightness = Some(brightness);
        row.brightness_error = Some(error);
        row.limiting_brightness = Some(limit);
        row.brightness_unit.clone_from(&unit);
        row.limiting_brightness_unit = unit;
        row.date_obs = Some(date.to_string());
        let sound = [brightness, error, limit].iter().all(|number| number.is_finite());
        prop_assert!(sound || !message.faults().is_empty());
        let data = message.reduced_data("Hermes", "here", None);
        sound_points(&data);
        prop_assert!(data.points.iter().all(|point| point.photometry().is_none_or(|p| p.magnitude != Some(0.0))));
    }
}
