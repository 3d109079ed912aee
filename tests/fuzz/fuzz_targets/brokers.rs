//! Any answers of any service to any question of any broker: no panic, what leaves is in range, and
//! the kept text is read again.
//!
//! Input: a byte each for the broker, the question and the status, then the bodies with 0xFF (never
//! in a text) between; the last one comes again for whatever is asked after it.
#![no_main]

use std::sync::{Arc, LazyLock, Mutex};

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use serde_json::value::RawValue;
use tom_alerts::http::{Http, HttpConfig, Response};
use tom_alerts::testing::ScriptedTransport;
use tom_alerts::{Config, GenericBroker, Parameters, Registry, form};

const CANARY: &str = "canary-of-the-fuzzer";

const CREDENTIALS: &[(&str, &[&str])] = &[
    ("Babamul", &["api_token"]),
    ("BOOM", &["username", "password"]),
    ("Hermes", &["api_key"]),
    ("Lasair", &["api_key"]),
    ("Lasair-LSST", &["api_key"]),
    ("TNS", &["api_key", "bot_name"]),
];

/// Questions whose listings come from different services, forms or packets.
const QUESTIONS: &[(&str, &[&[&str]])] = &[
    ("ALeRCE", &[&["survey=ztf"], &["survey=lsst"], &["oid=ZTF20acobvxk"], &["survey=ztf", "count=yes"]]),
    ("ANTARES", &[&["mag_max=20"], &["locus_id=ANT2020rygfk"], &["lsst_id=169342810955317611"]]),
    ("Babamul", &[&["mjd_min=61358", "mjd_max=61359"], &["object_id=ZTF20acobvxk"], &["object_id=169342810955317611"]]),
    (
        "BOOM",
        &[
            &["survey=ZTF", "mjd_min=61358", "mjd_max=61359"],
            &["survey=LSST", "mjd_min=61358", "mjd_max=61359"],
            &["survey=WINTER", "mjd_min=61358", "mjd_max=61359"],
            &["survey=ZTF", "pipeline=[]"],
        ],
    ),
    (
        "Fink",
        &[
            &["class=SN candidate"],
            &["tag=in_tns"],
            &["object_id=ZTF20acobvxk", "history=yes"],
            &["object_id=169342810955317611"],
            &["sso=8467"],
            &["sso=8467", "survey=lsst"],
            &["ra=10", "dec=20", "radius=5"],
            &["tns_name=SN 2023vwy"],
        ],
    ),
    ("Gaia", &[&["mag_max=25"], &["target_name=Gaia21abc"]]),
    ("Hermes", &[&["search=targets"], &["search=messages"], &["search=events"], &["search=archive", "whole_messages=yes"]]),
    (
        "Lasair",
        &[
            &["conditions=objects.ncand > 3"],
            &["ra=10", "dec=20", "radius=5"],
            &["object_id=ZTF20acobvxk"],
            &["conditions=objects.ncand > 3", "whole_objects=yes"],
        ],
    ),
    ("Lasair-LSST", &[&["conditions=objects.nDiaSources > 3"], &["ra=10", "dec=20", "radius=5"], &["object_id=169342810955317611"]]),
    ("MARS", &[&["magpsf_lte=19"], &["object_id=ZTF20acobvxk", "object_id=ZTF24aaaaaab"]]),
    ("SCIMMA", &[&["source=archive"], &["source=skip"]]),
    ("Scout", &[&["neo_score_min=1"], &["tdes=P10abcd", "orbits=yes", "plot=el", "file=mpc"]]),
    ("TNS", &[&["discovery_mag_max=25"], &["discovery_mag_max=25", "web=yes"], &["staging=20260101"], &["target_name=2024abc"]]),
];

const IDS: &[&str] = &[
    "ZTF20acobvxk",
    "169342810955317611",
    "1234",
    "2024abc",
    "SN2024abc",
    "Gaia21abc",
    "ANT2020ab",
    "ANT2020rygfk",
    "P10abcd",
    "a1b2c3d4-0000-4000-8000-000000000000",
    "C11AAAA",
];

struct Asked {
    broker: Arc<dyn GenericBroker>,
    questions: Vec<Parameters>,
    ids: Vec<&'static str>,
}

/// What every service answers: status, bodies, and which body is next.
static ANSWERS: Mutex<(u16, Vec<Vec<u8>>, usize)> = Mutex::new((200, Vec::new(), 0));

/// Every broker with whatever it needs to be asked.
static BROKERS: LazyLock<Vec<Asked>> = LazyLock::new(|| {
    let mut config = Config::new();
    for plugin in tom_alerts::brokers::plugins() {
        config = config.set(plugin.info().name, "base_url", "http://127.0.0.1:1/");
    }
    for (broker, keys) in CREDENTIALS {
        config = keys.iter().fold(config, |config, key| config.set(broker, key, CANARY));
    }
    config = config.set("TNS", "bot_id", 7);
    let script = ScriptedTransport::new(|_| {
        let Ok(mut answers) = ANSWERS.lock() else { return Ok(Response::new(500, Vec::new(), Vec::new().into())) };
        let at = answers.2.min(answers.1.len().saturating_sub(1));
        answers.2 += 1;
        let body = answers.1.get(at).cloned().unwrap_or_default();
        Ok(Response::new(answers.0, Vec::new(), body.into()))
    });
    let http: HttpConfig = serde_json::from_str(r#"{"max_retries": 0}"#).expect("it is in range");
    let registry = Registry::with_http(&config, &Http::with_transport(Arc::new(script), &http));
    let registry = registry.unwrap_or_else(|error| panic!("the configuration is good: {error}"));
    let asked = |broker: &Arc<dyn GenericBroker>| {
        let name = broker.info().name;
        let (_, questions) = QUESTIONS.iter().find(|(of, _)| *of == name).expect("every broker is asked something");
        let questions: Vec<_> = questions.iter().map(|pairs| form::parse_pairs(*pairs).expect("pairs")).collect();
        broker.ready().unwrap_or_else(|error| panic!("{name}: {error}"));
        for question in &questions {
            broker.check(question).unwrap_or_else(|error| panic!("{name}, {question:?}: {error}"));
        }
        let ids: Vec<_> = IDS.iter().copied().filter(|id| broker.recognises(id)).take(3).collect();
        Asked { broker: Arc::clone(broker), questions, ids }
    };
    registry.get_service_classes().iter().map(asked).collect()
});

async fn ask(asked: &Asked, question: &Parameters) {
    let broker = &asked.broker;
    let name = broker.info().name;
    let told = |error: &tom_alerts::Error| assert!(!format!("{error} {error:?}").contains(CANARY), "{name}");
    match broker.fetch_alerts(question) {
        Err(error) => told(&error),
        Ok(alerts) => {
            let (alerts, errors) = alerts.limit(20).collect_all().await;
            errors.iter().for_each(told);
            for (at, alert) in alerts.iter().enumerate() {
                let generic = alert.generic();
                assert!(!generic.id.is_empty(), "{name}: {generic:?}");
                assert!(generic.ra.is_none_or(|ra| (0.0..360.0).contains(&ra)), "{name}: {generic:?}");
                assert!(generic.dec.is_none_or(|dec| (-90.0..=90.0).contains(&dec)), "{name}: {generic:?}");
                assert!(generic.mag.is_none_or(f64::is_finite), "{name}: {generic:?}");
                assert!(serde_json::from_str::<&RawValue>(alert.raw()).is_ok(), "{name}: {}", alert.raw());
                match broker.read_alert(alert.raw()) {
                    Ok(again) => assert_eq!(again.generic(), generic, "{name}: {}", alert.raw()),
                    Err(error) => panic!("{name}: the kept text is not read again: {error}\n{}", alert.raw()),
                }
                let _ = broker.to_target(alert);
                if at < 2 {
                    let _ = broker.reduced_data(&generic.id, Some(alert)).await.map_err(|error| told(&error));
                    let _ = broker.classifications(&generic.id, Some(alert)).await.map_err(|error| told(&error));
                    let _ = broker.cutouts(&generic.id, Some(alert)).await.map_err(|error| told(&error));
                }
            }
        }
    }
    for id in &asked.ids {
        let _ = broker.fetch_alert(id).await.map_err(|error| told(&error));
        match broker.reduced_data(id, None).await {
            Ok(data) => assert!(data.points.is_sorted_by_key(|point| point.timestamp), "{name}"),
            Err(error) => told(&error),
        }
        let _ = broker.classifications(id, None).await.map_err(|error| told(&error));
        let _ = broker.cutouts(id, None).await.map_err(|error| told(&error));
    }
}

fuzz_target!(|data: &[u8]| {
    let [which, question, status, bodies @ ..] = data else { return };
    let asked = &BROKERS[usize::from(*which) % BROKERS.len()];
    let question = &asked.questions[usize::from(*question) % asked.questions.len()];
    let status = [200, 200, 200, 200, 400, 401, 404, 429, 500][usize::from(*status) % 9];
    let archive = question.get("source").is_some_and(|source| source == "archive");
    let body = |body: &[u8]| match archive.then(|| serde_json::from_slice::<Value>(body)) {
        // The archive answers in BSON, which is hard to hit on; lengths stay as they must be so.
        Some(Ok(json)) => bson::serialize_to_vec(&json).unwrap_or_default(),
        _ => body.to_vec(),
    };
    let bodies = bodies.split(|byte| *byte == 0xff).map(body).collect();
    *ANSWERS.lock().expect("no other thread") = (status, bodies, 0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime").block_on(ask(asked, question));
});
