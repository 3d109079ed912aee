//! The settings of TOMs as the releases of TOM Toolkit set them up, and as sites extend them.

use std::path::PathBuf;

use serde_json::json;
use tom_alerts::{Config, ErrorKind, Registry, Result};

fn settings(name: &str) -> Config {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tom");
    Config::from_path(folder.join(name)).unwrap()
}

fn read(value: serde_json::Value) -> Result<Registry> {
    Registry::from_config(&Config::from_value(value)?)
}

fn notes(registry: &Registry) -> Vec<String> {
    registry.skipped().iter().map(ToString::to_string).collect()
}

fn missing(registry: &Registry, name: &str) -> Option<String> {
    let report = registry.report();
    report.into_iter().find(|row| row.info.name == name).unwrap().missing
}

const BUNDLED: [&str; 8] = ["ALeRCE", "ANTARES", "Gaia", "Lasair", "MARS", "SCIMMA", "Scout", "TNS"];

#[test]
fn the_settings_of_a_new_tom_2_6_are_read() {
    let registry = Registry::from_config(&settings("settings_2.6.json")).unwrap();
    assert_eq!(registry.names(), BUNDLED);
    assert_eq!(notes(&registry), [""; 0]);
    assert!(missing(&registry, "TNS").unwrap().contains("bot_id"), "an empty key is no key");
}

#[test]
fn the_settings_of_a_new_tom_2_13_are_read() {
    let registry = Registry::from_config(&settings("settings_2.13.json")).unwrap();
    assert_eq!(registry.names(), [&BUNDLED[..], &["Fink"]].concat());
    assert_eq!(notes(&registry), [""; 0]);
}

#[test]
fn the_settings_of_a_site_that_grew_are_read_and_what_is_left_out_is_told() {
    let registry = Registry::from_config(&settings("settings_2.15.toml")).unwrap();
    let names = ["ALeRCE", "ANTARES", "Gaia", "Lasair", "Scout", "TNS", "Fink", "Hermes", "SCIMMA"];
    assert_eq!(registry.names(), names);
    assert_eq!(
        notes(&registry),
        [
            "alert_classes: \"tom_fink.fink.FinkBroker\" is Fink, which is in the list already",
            "alert_classes: \"tom_antares.antares.ANTARESBroker\" is ANTARES, which is in the list already",
            "alert_classes: no broker here answers to the class path \
             \"nightwatch.brokers.own.PlateArchiveBroker\"; it is left out",
            "alert_classes: no broker here answers to the class path \"nightwatch.brokers.own.ALeRCEBroker\"; \
             it is left out; did you mean ALeRCE?",
            "brokers.PlateArchive: no broker here has this name; its table is left out",
            "DATA_SHARING.hermes.DISPLAY_NAME: Hermes does not read this",
            "DATA_SHARING.hermes.USER_TOPICS: Hermes does not read this",
            "no broker here reads these settings: DEBUG, SECRET_KEY",
        ]
    );
    for name in ["Lasair", "Hermes"] {
        assert_eq!(missing(&registry, name), None, "{name} has its token");
    }
    // The key comes from the harvester's table, so that only the bot is missing.
    assert!(missing(&registry, "TNS").unwrap().contains("bot_id"));
    assert!(!format!("{:?} {registry:?}", notes(&registry)).contains("made0up0"));
}

#[test]
fn the_settings_of_a_tom_3_1_are_read() {
    let registry = Registry::from_config(&settings("settings_3.1.toml")).unwrap();
    assert_eq!(registry.names(), Registry::default().names());
    assert_eq!(
        notes(&registry),
        [
            "brokers.Simbad: no broker here has this name; its table is left out",
            "no broker here reads these settings: ALERT_STREAMS, AUTH_STRATEGY, TARGET_PERMISSIONS_ONLY, \
             TOM_FACILITY_CLASSES",
        ]
    );
    assert_eq!(missing(&registry, "Hermes"), None);
    assert!(missing(&registry, "Lasair").is_some());
}

#[test]
fn every_class_path_of_tom_toolkit_and_its_plug_ins_is_known() {
    let paths = [
        ("tom_alerts.brokers.alerce.ALeRCEBroker", "ALeRCE"),
        ("tom_dataservices.data_services.alerce.AlerceDataService", "ALeRCE"),
        ("tom_alerts.brokers.antares.ANTARESBroker", "ANTARES"),
        ("tom_antares.antares.ANTARESBroker", "ANTARES"),
        ("tom_antares.antares.AntaresDataService", "ANTARES"),
        ("tom_alerts.brokers.fink.FinkBroker", "Fink"),
        ("tom_fink.fink.FinkBroker", "Fink"),
        ("tom_fink.fink.FinkDataService", "Fink"),
        ("tom_alerts.brokers.gaia.GaiaBroker", "Gaia"),
        ("tom_alerts.brokers.hermes.HermesBroker", "Hermes"),
        ("tom_hermes.hermes.HermesBroker", "Hermes"),
        ("tom_hermes.dataservices.hermes.HermesDataService", "Hermes"),
        ("tom_alerts.brokers.lasair.LasairBroker", "Lasair"),
        ("tom_alerts.brokers.mars.MARSBroker", "MARS"),
        ("tom_alerts.brokers.scimma.SCIMMABroker", "SCIMMA"),
        ("tom_scimma.scimma.SCIMMABroker", "SCIMMA"),
        ("tom_alerts.brokers.scout.ScoutBroker", "Scout"),
        ("tom_jpl.jpl.ScoutDataService", "Scout"),
        ("tom_alerts.brokers.tns.TNSBroker", "TNS"),
        ("tom_dataservices.data_services.tns.TNSDataService", "TNS"),
    ];
    for (path, name) in paths {
        let registry = read(json!({"TOM_ALERT_CLASSES": [path]})).unwrap();
        assert_eq!((registry.names(), registry.skipped().len()), (vec![name], 0), "{path}");
    }
}

#[test]
fn an_unknown_class_path_costs_that_broker_and_an_unknown_name_is_a_fault() {
    let registry = read(json!({"alert_classes": ["my.own.Broker", "ALeRCE"]})).unwrap();
    assert_eq!((registry.names(), registry.skipped().len()), (vec!["ALeRCE"], 1));
    let error = read(json!({"alert_classes": ["ALeRCEE", "Fink"]})).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("did you mean ALeRCE?"), "{error}");
    assert!(read(json!({"alert_classes": ["SomethingElse"]})).is_err());
}

#[test]
fn a_misspelt_setting_is_a_fault_also_among_the_settings_of_a_tom() {
    for (settings, near) in [
        (json!({"LASAIR_TOKN": "made0up0token"}), "LASAIR_TOKEN"),
        (json!({"TOM_ALERT_CLASS": []}), "TOM_ALERT_CLASSES"),
        (json!({"HERMES_CONFIGURATON": {}}), "HERMES_CONFIGURATION"),
        (json!({"ALERT_CLASSES": []}), "alert_classes"),
        (json!({"BROKERS": {"LASAIRR": {"api_key": "made0up0token"}}}), "Lasair"),
        (json!({"brokers": {"Elsewhere": {}}}), "no broker is called"),
        (json!({"BROKERS": {"TNS": {"api_kye": "made0up0token"}}}), "api_key"),
    ] {
        let error = read(settings).unwrap_err();
        assert!(error.to_string().contains(near), "{error}");
        assert!(!error.to_string().contains("made0up0"), "{error}");
    }
}

#[test]
fn an_empty_secret_is_none_and_one_that_cannot_be_found_is_a_fault() {
    for empty in [json!(""), json!("  "), json!(null)] {
        let registry = read(json!({"brokers": {"Lasair": {"api_key": empty}}})).unwrap();
        assert!(missing(&registry, "Lasair").unwrap().starts_with("no token is set"));
    }
    let error = read(json!({"brokers": {"Lasair": {"api_key": {"env": "TOM_NO_SUCH"}}}})).unwrap_err();
    assert_eq!(error.to_string(), "brokers.Lasair.api_key: environment variable TOM_NO_SUCH is not set");
}

#[test]
fn what_brokers_say_goes_before_what_other_settings_say() {
    let missing_key = |settings| missing(&read(settings).unwrap(), "Lasair");
    let good = json!({"api_key": "made0up0token"});
    let bad = json!({"api_key": ["made0up0token", "twice"]});
    // The second one would be a fault if it were read.
    assert_eq!(missing_key(json!({"BROKERS": {"LASAIR": good}, "DATA_SERVICES": {"Lasair": bad}})), None);
    let empty = json!({"api_key": ""});
    assert_eq!(missing_key(json!({"BROKERS": {"LASAIR": empty}, "DATA_SERVICES": {"Lasair": good}})), None);
    assert_eq!(missing_key(json!({"BROKERS": {"LASAIR": empty}, "LASAIR_TOKEN": "made0up0token"})), None);
    assert!(missing_key(json!({"BROKERS": {"LASAIR": empty}, "LASAIR_TOKEN": ""})).is_some());
}
