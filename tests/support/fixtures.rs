//! Recorded bodies: a test program is named as the folder of its broker's fixtures.

use std::path::Path;

use serde_json::Value;

/// The bytes of `tests/fixtures/{broker}/{name}`.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let file = folder.join(env!("CARGO_CRATE_NAME")).join(name);
    std::fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

/// The same as text.
pub(crate) fn text_fixture(name: &str) -> String {
    String::from_utf8(fixture(name)).unwrap()
}

/// The same as JSON, with missing values where bare NaN tokens stand.
pub(crate) fn json_fixture(name: &str) -> Value {
    tom_alerts::http::json(&fixture(name)).unwrap()
}
