//! What is odd in an answer costs neither the object nor its light curve: only ids, positions, times and
//! brightnesses may.

use tom_alerts::http::{Request, Response};
use tom_alerts::testing::{ScriptedTransport, spoil};
use tom_alerts::{Cursor, Protocol, ReducedData};

use super::support::fixtures::json_fixture;
use super::support::script::{client, text};
use super::*;

fn answering(respond: impl Fn(&Request) -> Response + Send + Sync + 'static) -> AlerceBroker {
    client(&ScriptedTransport::new(move |request| Ok(respond(request))), AlerceConfig::default())
}

#[test]
fn a_listing_keeps_every_object_whatever_else_is_odd() {
    let alerce = AlerceBroker::new(AlerceConfig::default()).unwrap();
    for (survey, name) in [(Survey::Ztf, "objects_full_page.json"), (Survey::Lsst, "lsst_objects_page2.json")]
    {
        let query = AlerceQuery { survey: Some(survey), ..AlerceQuery::default() };
        let page = json_fixture(name);
        let due = page["items"].as_array().unwrap().len();
        let vital = ["items.*.oid", "items.*.meanra", "items.*.meandec", "items.*.lastmjd", "has_next"];
        for (place, body) in spoil(&page, &vital) {
            let response = text(200, &body.to_string());
            let page = alerce.protocol().page(&query, &Cursor::default(), response);
            let slots = page.unwrap_or_else(|e| panic!("{place}: {e}")).items.into_slots();
            assert_eq!(slots.len(), due, "{place}");
            for slot in slots {
                let Ok(tom_alerts::Slot::Item(alert)) = slot else { panic!("{place}: {slot:?}") };
                let target = alerce.target(&alert).unwrap_or_else(|e| panic!("{place}: {e}"));
                assert!(target.position().is_some(), "{place}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_says_that_values_are_left_out() {
    let mut page = json_fixture("objects_full_page.json");
    page["items"][1]["ndet"] = json!("many");
    page["items"][1]["g_r_max"] = json!("nan");
    let body = page.to_string();
    let broker = answering(move |_| text(200, &body));
    let listed = list(&broker, &AlerceQuery::default()).await;
    assert_eq!(
        listed.notes,
        ["values that have another type than due are left out; the text of the alert itself has them"]
    );
    assert_eq!((listed.alerts.len(), listed.alerts[1].ndet), (2, None));
    assert!(listed.alerts[1].raw().contains("many"));
}

#[tokio::test(start_paused = true)]
async fn an_object_comes_whatever_else_is_odd() {
    for (id, name) in [(ZTF, "object_ok.json"), (LSST, "lsst_object_ok.json")] {
        let object = json_fixture(name);
        for (place, body) in spoil(&object, &["oid", "meanra", "meandec", "lastmjd"]) {
            let broker = answering(move |_| text(200, &body.to_string()));
            let alert = broker.fetch_alert(id).await.unwrap_or_else(|e| panic!("{place}: {e}"));
            assert_eq!(alert.generic().id, id, "{place}");
            assert!(alert.to_target().is_ok() && alert.generic().timestamp.is_some(), "{place}");
        }
    }
}

async fn data_of(id: &str, curve: Value, forced: Value) -> ReducedData {
    let broker = answering(move |request| {
        let forced_is_due = request.url().path().contains("forced-photometry");
        text(200, &if forced_is_due { &forced } else { &curve }.to_string())
    });
    broker.reduced_data(id, None).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_ztf_light_curve_keeps_every_point_whatever_else_is_odd() {
    let (curve, forced) = (json_fixture("lightcurve_clean.json"), json_fixture("forced_ok.json"));
    let due = data_of(ZTF, curve.clone(), forced.clone()).await;
    let vital = [
        "detections.*.mjd",
        "detections.*.candid",
        "detections.*.fid",
        "detections.*.magpsf",
        "non_detections.*.mjd",
        "non_detections.*.fid",
        "non_detections.*.diffmaglim",
    ];
    for (place, curve) in spoil(&curve, &vital) {
        let data = data_of(ZTF, curve, forced.clone()).await;
        let came = (data.points.len(), data.failures.len());
        assert_eq!(came, (due.points.len(), due.failures.len()), "{place}: {:?}", data.failures);
    }
    // A limit has its value in `extra_fields`.
    let vital = ["*.mjd", "*.candid", "*.fid", "*.mag", "*.extra_fields.diffmaglim"];
    for (place, forced) in spoil(&forced, &vital) {
        let data = data_of(ZTF, curve.clone(), forced).await;
        let came = (data.points.len(), data.failures.len());
        assert_eq!(came, (due.points.len(), due.failures.len()), "{place}: {:?}", data.failures);
    }
}

#[tokio::test(start_paused = true)]
async fn an_lsst_light_curve_keeps_every_point_whatever_else_is_odd() {
    let curve = json_fixture("lsst_lightcurve_clean.json");
    let due = data_of(LSST, curve.clone(), Value::Null).await;
    let vital: Vec<String> = ["detections", "forced_photometry"]
        .iter()
        .flat_map(|list| {
            ["mjd", "measurement_id", "band", "psfFlux", "psfFluxErr"].map(|key| format!("{list}.*.{key}"))
        })
        .collect();
    let vital: Vec<&str> = vital.iter().map(String::as_str).collect();
    for (place, curve) in spoil(&curve, &vital).filter(|(place, _)| !place.starts_with("non_detections = ")) {
        let data = data_of(LSST, curve, Value::Null).await;
        let came = (data.points.len(), data.failures.len());
        assert_eq!(came, (due.points.len(), due.failures.len()), "{place}: {:?}", data.failures);
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_that_cannot_be_read_costs_its_own_point_alone_and_that_is_told() {
    let mut curve = json_fixture("lsst_lightcurve_clean.json");
    let due = data_of(LSST, curve.clone(), Value::Null).await;
    curve["detections"][0]["psfFluxErr"] = json!("odd");
    let data = data_of(LSST, curve, Value::Null).await;
    assert_eq!((data.points.len(), data.failures.len()), (due.points.len() - 1, 0), "{:?}", data.failures);
    for note in [
        "1 value of the light curve has another type than due and is left out",
        "1 row of detections without a value left out",
    ] {
        assert!(data.notes.iter().any(|told| told == note), "{:?}", data.notes);
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_none_costs_that_list_alone_and_is_told() {
    let whole = json_fixture("lightcurve_clean.json");
    for odd in [json!("none"), json!({"odd": 1}), json!(7)] {
        let mut curve = whole.clone();
        curve["non_detections"] = odd;
        let data = data_of(ZTF, curve, json!([])).await;
        assert_eq!(data.failures.len(), 1);
        assert!(data.failures[0].message().starts_with("the list cannot be read: "), "{}", data.failures[0]);
        assert_eq!(data.failures[0].context("list"), Some("non_detections"));
        assert!(!data.points.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn values_that_are_left_out_are_counted() {
    let mut curve = json_fixture("lightcurve_clean.json");
    curve["detections"][0]["rb"] = json!("good");
    curve["detections"][0]["sigmapsf"] = json!([0.1]);
    curve["detections"][1]["isdiffpos"] = json!("up");
    curve["detections"][1]["drb"] = json!("nan");
    let data = data_of(ZTF, curve, json!([])).await;
    assert!(
        data.notes
            .contains(&"3 values of the light curve have another type than due and are left out".to_owned()),
        "{:?}",
        data.notes
    );
}

#[tokio::test(start_paused = true)]
async fn classifications_keep_every_class_whatever_else_is_odd() {
    let rows = json_fixture("probabilities_ok.json");
    for (place, body) in spoil(&rows, &["*.classifier_name", "*.class_name"]) {
        let broker = answering(move |_| text(200, &body.to_string()));
        let classes = broker.classifications(ZTF, None).await.unwrap_or_else(|e| panic!("{place}: {e}"));
        assert_eq!(classes.len(), 2, "{place}");
    }
}
