//! Any text as a date, a coordinate, a query of a form, a configuration.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tom_alerts::{Config, Registry, form, sky, time};

/// Made once: it costs far more than a text.
static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::default);

fuzz_target!(|text: &str| {
    if let Some(utc) = time::parse_utc(text) {
        // The way back is good to a microsecond where an MJD can hold one.
        let mjd = time::mjd_from_utc(utc);
        if let Some(again) = time::utc_from_mjd(mjd) {
            assert!((again - utc).num_microseconds().is_some_and(|off| off.abs() <= 2), "{text}");
        }
    }
    let _ = time::parse_mjd(text);
    assert!(sky::parse_ra(text).is_none_or(|ra| (0.0..=360.0).contains(&ra)), "{text}");
    assert!(sky::parse_dec(text).is_none_or(|dec| (-90.0..=90.0).contains(&dec)), "{text}");
    let _ = Config::from_json(text).and_then(|config| Registry::from_config(&config));
    let Ok(parameters) = form::parse_pairs(text.lines()) else { return };
    for broker in REGISTRY.get_service_classes() {
        if let Ok(canonical) = broker.check(&parameters) {
            let again = broker.check(&canonical);
            assert_eq!(again.as_ref().ok(), Some(&canonical), "{}", broker.info().name);
        }
    }
});
