//! Ids as people type them: with blanks around them, in the wrong case, with a prefix of another tool.

use std::sync::Arc;

use serde_json::json;
use tom_alerts::http::{Http, HttpConfig};
use tom_alerts::testing::ScriptedTransport;
use tom_alerts::{Config, Error, GenericBroker, Registry};

use crate::support::script::{always, sent, text};

const ZTF: &str = "ZTF21bbcdefg";
const LSST: &str = "169342810955317611";

/// The brokers that ask for objects by the surveys' ids, on a service that knows none.
fn brokers(id: &str) -> Vec<(Arc<dyn GenericBroker>, ScriptedTransport)> {
    let config = json!({"brokers": {
        "Lasair": {"api_key": "made0up0token"}, "Lasair-LSST": {"api_key": "made0up0token"},
        "MARS": {"base_url": "https://mars.example.org/"}, "Babamul": {"api_token": "made0up0token"},
        "BOOM": {"username": "night", "password": "made0up0password"}, "Fink": {"lsst_url": "https://fink.example.org/"},
    }});
    let config = Config::from_value(config).unwrap();
    let names = ["ALeRCE", "ANTARES", "Babamul", "BOOM", "Fink", "Lasair", "Lasair-LSST", "MARS"];
    let made = names.iter().map(|name| {
        let script = always(text(404, "{}"));
        let http = Http::with_transport(Arc::new(script.clone()), &HttpConfig::default());
        (Registry::with_http(&config, &http).unwrap().broker(name).unwrap(), script)
    });
    made.filter(|(broker, _)| broker.recognises(id)).collect()
}

/// The error of every call by this id, where the broker has the call.
async fn refused(broker: &dyn GenericBroker, id: &str) -> Vec<Error> {
    let can = broker.info().can;
    let mut errors = vec![broker.fetch_alert(id).await.err()];
    if can.reduced_data {
        errors.push(broker.reduced_data(id, None).await.err());
    }
    if can.classifications {
        errors.push(broker.classifications(id, None).await.err());
    }
    if can.cutouts {
        errors.push(broker.cutouts(id, None).await.err());
    }
    errors.into_iter().flatten().collect()
}

#[tokio::test(start_paused = true)]
async fn blanks_around_an_id_are_no_part_of_it() {
    for id in [ZTF, LSST] {
        let typed = format!(" \t{id}\n");
        for ((plain, asked), (blank, seen)) in brokers(id).into_iter().zip(brokers(id)) {
            let name = plain.info().name;
            let told = |errors: Vec<Error>| errors.iter().map(ToString::to_string).collect::<Vec<_>>();
            assert_eq!(told(refused(&*plain, id).await), told(refused(&*blank, &typed).await), "{name}");
            assert_eq!(sent(&asked), sent(&seen), "{name}");
            assert!(!sent(&seen).is_empty(), "{name}");
        }
    }
    assert_eq!(brokers(ZTF).len() + brokers(LSST).len(), 13);
}

#[tokio::test(start_paused = true)]
async fn an_id_that_is_spelt_wrongly_is_told_with_the_right_spelling() {
    for (typed, right) in [
        ("ztf21bbcdefg", ZTF),
        ("ZTF21BBCDEFG", ZTF),
        ("LSST169342810955317611", LSST),
        ("LSST-AP-DO-169342810955317611", LSST),
    ] {
        for (broker, _) in brokers(right) {
            let name = broker.info().name;
            let errors = refused(&*broker, typed).await;
            assert!(!errors.is_empty(), "{name}");
            for error in errors {
                let hint = format!("did you mean {right}?");
                assert_eq!(error.to_string().matches(&hint).count(), 1, "{name}: {error}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn forms_tell_the_right_spelling_too() {
    for (broker, field, typed, right) in [
        ("ALeRCE", "oid", "ztf21bbcdefg", ZTF),
        ("ALeRCE", "oid", "LSST169342810955317611", LSST),
        ("ANTARES", "ztf_id", "ztf21bbcdefg", ZTF),
        ("ANTARES", "lsst_id", "LSST-169342810955317611", LSST),
        ("ANTARES", "locus_id", "ztf21bbcdefg", ZTF),
        ("Babamul", "object_id", "ztf21bbcdefg", ZTF),
        ("Fink", "object_id", "ztf21bbcdefg", ZTF),
        ("Lasair", "object_id", "ZTF21BBCDEFG", ZTF),
        ("Lasair-LSST", "object_id", "LSST169342810955317611", LSST),
        ("MARS", "object_id", "ztf21bbcdefg", ZTF),
    ] {
        let (found, _) = brokers(right).into_iter().find(|(known, _)| known.info().name == broker).unwrap();
        let read = |text: String| found.fetch_alerts(json!({field: text}).as_object().unwrap()).map(drop);
        let error = read(typed.to_owned()).unwrap_err();
        assert!(error.to_string().contains(&format!("did you mean {right}?")), "{broker}: {error}");
        if field != "locus_id" {
            assert!(read(format!(" {right} ")).is_ok(), "{broker}: blanks are left out");
        }
    }
}
