//! Any answer of any service to any question of any broker: no panic, and what leaves is in range.
#![no_main]

use std::sync::{Arc, LazyLock, Mutex};

use libfuzzer_sys::fuzz_target;
use tom_alerts::http::{Http, HttpConfig, Response};
use tom_alerts::testing::ScriptedTransport;
use tom_alerts::{Config, GenericBroker, Parameters, Registry};

/// What every service answers now: status, body.
static ANSWER: Mutex<(u16, Vec<u8>)> = Mutex::new((200, Vec::new()));

/// Every broker with whatever it needs to be asked, and two ids that it takes for its own.
static BROKERS: LazyLock<Vec<(Arc<dyn GenericBroker>, Vec<&str>)>> = LazyLock::new(|| {
    let mut config = Config::new();
    for plugin in tom_alerts::brokers::plugins() {
        let name = plugin.info().name;
        config = config.set(name, "base_url", "http://127.0.0.1:1/");
        for field in plugin.config_fields() {
            let secret = ["key", "token", "password", "username", "email", "name", "id"];
            if field.range.is_none() && secret.iter().any(|word| field.name.ends_with(word)) {
                let numbers = field.kind.contains("whole");
                config = match numbers {
                    true => config.set(name, &field.name, 7),
                    false => config.set(name, &field.name, "canary-of-the-fuzzer"),
                };
            }
        }
    }
    let script = ScriptedTransport::new(|_| {
        let answer = ANSWER.lock().map(|answer| answer.clone()).unwrap_or_default();
        Ok(Response::new(answer.0, Vec::new(), answer.1.into()))
    });
    let http: HttpConfig = serde_json::from_str(r#"{"max_retries": 0}"#).unwrap_or_default();
    let http = Http::with_transport(Arc::new(script), &http);
    let Ok(registry) = Registry::with_http(&config, &http) else { panic!("the configuration is good") };
    let ids = [
        "ZTF20acobvxk", "ZTF24aaaaaab", "169342810955317611", "1234", "2024abc", "SN2024abc", "Gaia21abc", "ANT2020ab",
        "ANT2020rygfk", "P10abcd", "a1b2c3d4-0000-4000-8000-000000000000", "C11AAAA",
    ];
    let own = |broker: &Arc<dyn GenericBroker>| ids.into_iter().filter(|id| broker.recognises(id)).take(4).collect();
    registry.get_service_classes().iter().map(|broker| (Arc::clone(broker), own(broker))).collect()
});

fuzz_target!(|data: &[u8]| {
    let [which, status, body @ ..] = data else { return };
    let (broker, ids) = &BROKERS[usize::from(*which) % BROKERS.len()];
    let status = [200, 200, 200, 200, 400, 401, 404, 429, 500][usize::from(*status) % 9];
    if let Ok(mut answer) = ANSWER.lock() {
        *answer = (status, body.to_vec());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let Ok(runtime) = runtime else { return };
    runtime.block_on(async {
        if let Ok(alerts) = broker.fetch_alerts(&Parameters::new()) {
            let (alerts, errors) = alerts.limit(50).collect_all().await;
            for alert in alerts {
                let generic = alert.generic();
                assert!(generic.ra.is_none_or(|ra| (0.0..360.0).contains(&ra)), "{generic:?}");
                assert!(generic.dec.is_none_or(|dec| (-90.0..=90.0).contains(&dec)), "{generic:?}");
                assert!(generic.mag.is_none_or(f64::is_finite), "{generic:?}");
                assert!(serde_json::from_str::<&serde_json::value::RawValue>(alert.raw()).is_ok());
                let _ = broker.to_target(&alert);
                for error in broker.read_alert(alert.raw()).err() {
                    panic!("the kept text is not read again: {error}");
                }
                let _ = broker.reduced_data(&generic.id, Some(&alert)).await;
                let _ = broker.classifications(&generic.id, Some(&alert)).await;
                let _ = broker.cutouts(&generic.id, Some(&alert)).await;
            }
            for error in errors {
                assert!(!format!("{error} {error:?}").contains("canary-of-the-fuzzer"));
            }
        }
        for id in ids {
            let _ = broker.fetch_alert(id).await;
            if let Ok(data) = broker.reduced_data(id, None).await {
                assert!(data.points.is_sorted_by_key(|point| point.timestamp));
            }
            let _ = broker.classifications(id, None).await;
            let _ = broker.cutouts(id, None).await;
        }
    });
});
