//! The form of every broker as JSON Schema, kept as a snapshot, so that a changed form is seen; and
//! what holds for the rules of every form.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tom_alerts::form::{self, Field};
use tom_alerts::{Config, ErrorKind, GenericBroker, Registry};

#[test]
fn every_form_is_as_it_was() {
    for broker in Registry::default().get_service_classes() {
        let name = broker.info().name.to_lowercase();
        insta::assert_json_snapshot!(format!("{name}_query"), broker.form());
    }
}

/// A value that no field of this kind can be read from.
fn unreadable(field: &Field) -> Option<Value> {
    (!matches!(field.kind.as_str(), "any" | "table")).then(|| json!({ "no": ["such", "value"] }))
}

/// Values that a field takes by itself.
fn readable(field: &Field) -> Vec<Value> {
    let mut values: Vec<Value> = field.choices.iter().map(|choice| choice.value.clone().into()).collect();
    values.extend(field.hints.iter().take(1).map(|hint| Value::from(hint.clone())));
    if values.is_empty() {
        values = match field.kind.trim_start_matches("list of ") {
            "yes/no" => vec![json!(true)],
            "time" => vec![json!("2026-01-02"), json!("2020-01-02")],
            "MJD or ISO date" => vec![json!(60_000), json!(60_100)],
            "text" => ["x", "1", "ZTF20aaelulu", "169342810955317611"].map(Value::from).to_vec(),
            "URL" | "secret" | "any" | "table" => Vec::new(),
            _ => vec![json!(1), json!(3)],
        };
    }
    values
}

type Faults = BTreeSet<String>;

fn faults(broker: &dyn GenericBroker, pairs: &[(&Field, &Value)]) -> Faults {
    let map = pairs.iter().map(|(field, value)| (field.name.clone(), (*value).clone())).collect();
    match broker.fetch_alerts(&map) {
        Err(error) if error.kind() == ErrorKind::Input => {
            error.problems().iter().map(ToString::to_string).collect()
        }
        _ => Faults::new(),
    }
}

/// A rule that some readable value would satisfy must not be told broken when the value was given but
/// could not be read: that would be a second fault for one slip.
#[test]
fn no_rule_of_any_form_judges_a_field_that_could_not_be_read() {
    let config = json!({"brokers": {
        "Lasair": {"api_key": "x"}, "Lasair-LSST": {"api_key": "x"}, "Hermes": {"api_key": "x"},
        "TNS": {"api_key": "x", "bot_id": 1, "bot_name": "x"}, "SCIMMA": {"skip_url": "http://127.0.0.1:9/api/"},
        "MARS": {"base_url": "http://127.0.0.1:9/"}, "BOOM": {"username": "x", "password": "x"},
        "Babamul": {"api_token": "x"},
    }});
    let registry = Registry::from_config(&Config::from_value(config).unwrap()).unwrap();
    let mut told = Vec::new();
    for broker in registry.get_service_classes() {
        let name = broker.info().name;
        assert!(broker.ready().is_ok(), "{name}: {:?}", broker.ready());
        let fields = form::fields_of(&broker.form());
        for field in &fields {
            let Some(bad) = unreadable(field) else { continue };
            let alone = faults(&**broker, &[(field, &bad)]);
            assert_eq!(alone.len(), 1, "{name}: {}: {alone:?}", field.name);
            let values = readable(field);
            for other in fields.iter().filter(|other| other.name != field.name) {
                let Some(beside) = readable(other).into_iter().next() else { continue };
                let mut seen = faults(&**broker, &[(field, &bad), (other, &beside)]);
                seen.retain(|fault| !alone.contains(fault));
                if seen.is_empty() {
                    continue;
                }
                // What is wrong with every value of the field is no judgement of the field.
                let with = |value| faults(&**broker, &[(field, value), (other, &beside)]);
                seen.retain(|fault| values.iter().any(|value| !with(value).contains(fault)));
                let line = |fault| format!("{name}: {} unread, {}: {fault}", field.name, other.name);
                told.extend(seen.into_iter().map(line));
            }
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}
