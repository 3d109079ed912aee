//! A secret that a service repeats is in no error, no note and no receipt.

use serde_json::json;
use tom_alerts::plugin::Upstream;
use tom_alerts::{Error, GenericBroker, Parameters, Target};

use super::support::errors::told;
use super::support::toy::{Toy, ToyConfig, json_answer, service, toy};
use super::*;

const KEY: &str = "canary7777";

fn clean(error: &Error) {
    assert!(!told(error).contains("canary"), "{error:?}");
    assert!(error.broker() == Some("Toy"), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn in_a_bad_item_and_in_a_note() {
    let script = service(1, |_| {
        // The last one is cut off within the key when its beginning is told.
        let long = format!("{{\"id\": [], \"x\": \"{}{KEY}\"}}", "x".repeat(55));
        let body = format!(
            r#"{{"total": 4, "note": "hello {KEY}", "items": [{{"id": "T1", "ra": 1.0, "dec": 2.0}},
                {{"id": "{KEY}", "ra": "{KEY}"}}, {{"id": "T7", "ra": 1e4, "dec": 0, "name": "{KEY}"}}, {long}]}}"#
        );
        Some(Ok(Response::new(200, Vec::new(), body.into())))
    });
    let toy = toy(&script);
    let mut alerts = toy.fetch_alerts(&Parameters::new()).unwrap();
    let (mut good, mut bad) = (0, Vec::new());
    while let Some(item) = alerts.next().await {
        match item {
            Ok(_) => good += 1,
            Err(error) => bad.push(error),
        }
    }
    assert_eq!((good, bad.len()), (1, 3));
    bad.iter().for_each(clean);
    assert!(bad[0].to_string().contains("it begins {\"id\": \"…\""), "{}", bad[0]);
    assert_eq!(alerts.notes(), ["hello …"]);
}

#[tokio::test(start_paused = true)]
async fn in_what_is_made_of_an_item_later() {
    let script = service(1, |_| Some(Ok(json_answer(&json!({"id": KEY, "ra": 400.0, "dec": 2.0})))));
    let toy = toy(&script);
    let alert = toy.alert("T1").await.unwrap();
    let error = toy.generic(&alert).unwrap_err();
    assert!(error.to_string().contains("out of range"), "{error}");
    clean(&error);
    let script = service(1, |_| Some(Ok(json_answer(&json!({"id": KEY})))));
    let toy = super::support::toy::toy(&script);
    let alert = toy.fetch_alert("T1").await.unwrap();
    let error = alert.to_target().unwrap_err();
    assert!(error.to_string().contains("no position"), "{error}");
    clean(&error);
}

#[tokio::test(start_paused = true)]
async fn in_a_point_of_a_light_curve_and_in_a_receipt() {
    let script = service(1, |request| match request.url().path() {
        path if path.ends_with("/lightcurve") => {
            Some(Ok(json_answer(&json!([{"mjd": 60000.0, "mag": 18.0, "band": "r"}, {"mjd": KEY}]))))
        }
        path if path.ends_with("/report") => {
            Some(Ok(json_answer(&json!({"id": 7, "sent": {"api_key": KEY, "of": ["me", KEY]}}))))
        }
        _ => None,
    });
    let toy = toy(&script);
    let data = toy.reduced_data("T1", None).await.unwrap();
    assert_eq!((data.points.len(), data.failures.len()), (1, 1));
    clean(&data.failures[0]);
    let target = Target::sidereal("T1", 1.0, 2.0).unwrap();
    let form = json!({"reporter": "me"});
    let what = Upstream::new(Some(&target), None, &[]);
    let receipt = toy.submit_upstream_alert(what, form.as_object().unwrap()).await.unwrap();
    assert_eq!(receipt.answer, json!({"id": 7, "sent": {"api_key": "…", "of": ["me", "…"]}}));
}

#[tokio::test(start_paused = true)]
async fn in_the_services_own_words_also_where_they_are_cut() {
    let words = format!("{} {KEY} and more", "word ".repeat(38));
    let script = service(1, move |_| {
        Some(Ok(Response::new(400, Vec::new(), json!({"detail": words}).to_string().into())))
    });
    let error = toy(&script).fetch_alert("T1").await.unwrap_err();
    assert!(error.message().ends_with('…'), "{error}");
    clean(&error);
}

#[tokio::test(start_paused = true)]
async fn a_short_secret_is_masked_where_it_is_the_whole_text() {
    let script = service(1, |_| Some(Ok(json_answer(&json!({"id": "k7", "ra": 400.0, "dec": 2.0})))));
    let config = ToyConfig { api_key: Some("k7".into()), ..ToyConfig::default() };
    let toy = tom_alerts::Client::<Toy>::with_http(config, &http(&script, |_| ())).unwrap();
    let error = toy.fetch_alert("T1").await.unwrap_err();
    assert_eq!(error.context("name"), Some("…"), "{error}");
}
