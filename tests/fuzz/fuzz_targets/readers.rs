//! Any bytes to the readers that are called without a broker: messages of streams, tables, spectra.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tom_alerts::brokers::{gaia, lasair, scimma, tns};
use tom_alerts::http::Response;
use tom_alerts::{GenericAlert, Registry};

fn in_range(generic: &GenericAlert) {
    assert!(generic.ra.is_none_or(|ra| (0.0..360.0).contains(&ra)), "{generic:?}");
    assert!(generic.dec.is_none_or(|dec| (-90.0..=90.0).contains(&dec)), "{generic:?}");
    assert!(generic.mag.is_none_or(f64::is_finite), "{generic:?}");
}

/// Made once: it costs far more than a text.
static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::default);

fuzz_target!(|bytes: &[u8]| {
    let response = Response::new(200, Vec::new(), bytes.to_vec().into());
    let _ = tns::read_hits(&response);
    let _ = tns::read_object(&response);
    let _ = tns::unzip(bytes);
    let _ = lasair::Cone::read(&response);
    let cut = bytes.iter().position(|byte| *byte == 0xff).unwrap_or(0);
    let headers = [("_format".to_owned(), bytes[..cut].to_vec()), ("_id".to_owned(), bytes[..cut].to_vec())];
    let message = scimma::HopMessage::read(&headers, &bytes[cut..]);
    let _ = message.read_json::<serde_json::Value>();
    for alert in gaia::Gaia::read_csv(bytes).into_iter().flatten().flatten() {
        assert!(!alert.raw().is_empty());
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = tns::read_table(text);
    let _ = tns::read_spectrum(text);
    for broker in REGISTRY.get_service_classes() {
        if let Ok(alert) = broker.read_alert(text) {
            in_range(alert.generic());
            let again = broker.read_alert(alert.raw()).unwrap_or_else(|error| panic!("{}: {error}", broker.info().name));
            assert_eq!(again.generic(), alert.generic(), "{}", broker.info().name);
            let _ = broker.to_target(&alert);
        }
    }
});
