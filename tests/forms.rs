//! The form of every broker as JSON Schema, kept as a snapshot, so that a changed form is seen.

use tom_alerts::Registry;

#[test]
fn every_form_is_as_it_was() {
    for broker in Registry::default().get_service_classes() {
        let name = broker.info().name.to_lowercase();
        insta::assert_json_snapshot!(format!("{name}_query"), broker.form());
    }
}
