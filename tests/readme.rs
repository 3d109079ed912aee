//! The README says what is true: version of Rust, features, the table of brokers.

use tom_alerts::{Registry, ServiceStatus};

const README: &str = include_str!("../README.md");
const MANIFEST: &str = include_str!("../Cargo.toml");

fn manifest() -> toml::Table {
    MANIFEST.parse().unwrap_or_default()
}

#[test]
fn the_version_of_rust_is_the_manifests() {
    let rust = manifest()["package"]["rust-version"].as_str().unwrap().to_owned();
    assert!(README.contains(&format!("Rust {rust} or later")), "README lacks Rust {rust}");
}

#[test]
fn every_feature_is_named() {
    for feature in manifest()["features"].as_table().unwrap().keys().filter(|name| *name != "default") {
        assert!(README.contains(&format!("`{feature}`")), "README lacks the feature {feature}");
    }
}

#[test]
fn the_table_of_brokers_is_what_they_declare() {
    let yes = |value: bool| if value { "yes" } else { "no" };
    for broker in Registry::default().get_service_classes() {
        let info = broker.info();
        let known = tom_alerts::brokers::KNOWN.iter().find(|(name, _)| *name == info.name);
        let (_, feature) = known.unwrap();
        let can = info.can;
        let status = if info.status == ServiceStatus::Alive { "alive" } else { "retired" };
        let row = format!(
            "| {} | `{feature}` | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {status} |",
            info.name,
            yes(can.list),
            yes(can.one),
            yes(can.reduced_data),
            yes(can.classifications),
            yes(can.cutouts),
            yes(can.submit),
            yes(can.cone),
            yes(can.name),
            yes(can.stream),
            yes(can.credentials),
        );
        assert!(README.contains(&row), "README lacks the row\n{row}");
    }
}

#[test]
fn the_page_of_each_broker_has_its_keys_its_documents_and_the_day_of_its_facts() {
    for broker in Registry::default().get_service_classes() {
        let info = broker.info();
        let (_, feature) = tom_alerts::brokers::KNOWN.iter().find(|(name, _)| *name == info.name).unwrap();
        let path = format!("{}/brokers/{feature}/mod.rs", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let page: String =
            text.lines().map_while(|line| line.strip_prefix("//!")).collect::<Vec<_>>().join(" ");
        let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
        let checked =
            info.checked.unwrap_or_else(|| panic!("{}: nobody says when it was checked", info.name));
        for due in
            ["# What comes as what", "# What to know", "# Configuration", "# Documents", "```", "https://"]
        {
            assert!(page.contains(due), "{}: its page lacks {due}", info.name);
        }
        assert!(page.contains(&format!("Checked on {}: ", checked.date)), "{}: {}", info.name, checked.date);
        assert!(page.contains(checked.version), "{}: {}", info.name, checked.version);
        let plugin = tom_alerts::brokers::plugins()
            .into_iter()
            .find(|plugin| plugin.info().name == info.name)
            .unwrap();
        for field in plugin.config_fields() {
            let key = format!("`{}`", field.name);
            let common = ["timeout", "max_pages", "max_in_flight"].contains(&field.name.as_str());
            assert!(common || page.contains(&key), "{}: its page lacks {key}", info.name);
        }
    }
}

#[test]
fn each_dependency_stands_with_its_reason() {
    let mut above = "";
    let mut inside = false;
    for line in MANIFEST.lines() {
        if line.starts_with('[') {
            inside = line == "[dependencies]";
        } else if inside && line.contains(" = ") {
            assert!(above.starts_with("# "), "no reason above {line}");
        }
        above = line;
    }
}

#[test]
fn the_table_of_dependencies_is_the_manifests() {
    let manifest = manifest();
    let brought = |name: &str| {
        let features = manifest["features"].as_table().unwrap().iter();
        let with = features.filter(|(_, parts)| {
            parts.as_array().unwrap().iter().any(|part| part.as_str() == Some(&format!("dep:{name}")))
        });
        let with: Vec<_> = with.map(|(feature, _)| format!("`{feature}`")).collect();
        if with.is_empty() { "always".to_owned() } else { with.join(", ") }
    };
    let rows = || README.lines().filter_map(|line| line.strip_prefix("| `")?.split_once(" | "));
    let dependencies = manifest["dependencies"].as_table().unwrap();
    for name in dependencies.keys() {
        let named = |cell: &str| format!("`{cell}").split(", ").any(|one| one == format!("`{name}`"));
        let row = rows().find(|(cell, _)| named(cell)).unwrap_or_else(|| panic!("README lacks {name}"));
        let due = brought(name);
        assert!(row.1.starts_with(&format!("{due} |")), "README: {name} comes with {due}");
    }
}
