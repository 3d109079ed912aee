//! Whose object an alert is of; and what is odd in an answer costs neither the alert nor its light curve.

use tom_alerts::http::{Request, Response};
use tom_alerts::testing::{ScriptedTransport, spoil};
use tom_alerts::{PositionKind, Protocol, ReducedData};

use super::support::script::{answer as recorded, client, text};
use super::*;

fn answering(respond: impl Fn(&Request) -> Response + Send + Sync + 'static) -> MarsBroker {
    let config = MarsConfig { base_url: "http://127.0.0.1:8000/".parse().ok() };
    client(&ScriptedTransport::new(move |request| Ok(respond(request))), config)
}

#[test]
fn a_listing_keeps_every_alert_whatever_else_is_odd() {
    let mars = answering(|_| recorded(200, "list_ok.json"));
    let vital = [
        "results.*.lco_id",
        "results.*.objectId",
        "results.*.candidate.jd",
        "results.*.candidate.ra",
        "results.*.candidate.dec",
        "results.*.candidate.magpsf",
        "results.*.candidate.candid",
    ];
    for (place, body) in spoil(&json_fixture("list_ok.json"), &vital) {
        let response = text(200, &body.to_string());
        let page = mars.protocol().page(&MarsQuery::default(), &tom_alerts::Cursor::default(), response);
        let slots = page.unwrap_or_else(|e| panic!("{place}: {e}")).items.into_slots();
        assert_eq!(slots.len(), 2, "{place}");
        for slot in slots {
            let Ok(tom_alerts::Slot::Item(alert)) = slot else { panic!("{place}: {slot:?}") };
            let target = mars.target(&alert).unwrap_or_else(|e| panic!("{place}: {e}"));
            assert!(target.position().is_some(), "{place}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_says_that_values_are_left_out() {
    let mut page = json_fixture("list_ok.json");
    page["results"][0]["candidate"]["rb"] = json!("good");
    let body = page.to_string();
    let broker = answering(move |_| text(200, &body));
    let listed = list(&broker, &MarsQuery::default()).await;
    let due = "values that have another type than due are left out; the text of the alert itself has them";
    assert_eq!((listed.alerts.len(), listed.notes), (2, vec![due.to_owned()]));
}

async fn data_of(body: String) -> ReducedData {
    answering(move |_| text(200, &body)).reduced_data("41", None).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_light_curve_keeps_every_point_whatever_else_is_odd() {
    // One limit and one detection of the history are enough: each has a hundred places.
    let mut detail = json_fixture("detail_ok.json");
    detail["prv_candidate"].as_array_mut().unwrap().truncate(2);
    let due = data_of(detail.to_string()).await;
    let vital = [
        "lco_id",
        "objectId",
        "candidate.jd",
        "candidate.ra",
        "candidate.dec",
        "candidate.magpsf",
        "candidate.candid",
        "prv_candidate.*.candid",
        "prv_candidate.*.candidate.candid",
        "prv_candidate.*.candidate.jd",
        // A limit has no letter of its band, and its depth is its value.
        "prv_candidate.0.candidate.fid",
        "prv_candidate.*.candidate.ra",
        "prv_candidate.*.candidate.dec",
        "prv_candidate.*.candidate.magpsf",
        "prv_candidate.0.candidate.diffmaglim",
    ];
    for (place, body) in spoil(&detail, &vital) {
        let data = data_of(body.to_string()).await;
        let came = (data.points.len(), data.failures.len());
        assert_eq!(came, (due.points.len(), 0), "{place}: {:?}", data.failures);
    }
}

#[tokio::test(start_paused = true)]
async fn a_history_that_is_no_list_costs_the_history_alone() {
    for odd in [json!("none"), json!(7), json!({"odd": 1})] {
        let mut detail = json_fixture("detail_ok.json");
        detail["prv_candidate"] = odd;
        let data = data_of(detail.to_string()).await;
        assert_eq!((data.points.len(), data.failures.len()), (1, 1));
        assert!(data.failures[0].message().starts_with("the list cannot be read: "), "{}", data.failures[0]);
    }
}

#[tokio::test(start_paused = true)]
async fn values_that_are_left_out_are_counted() {
    let mut detail = json_fixture("detail_ok.json");
    detail["prv_candidate"][1]["candidate"]["rb"] = json!("good");
    detail["prv_candidate"][1]["candidate"]["isdiffpos"] = json!([1]);
    detail["prv_candidate"][1]["candidate"]["drb"] = json!("nan");
    let data = data_of(detail.to_string()).await;
    assert_eq!(data.notes, ["2 values of the light curve have another type than due and are left out"]);
}

#[tokio::test(start_paused = true)]
async fn an_alert_says_whose_object_it_is_of() {
    let broker = answering(|request| match request.url().path() {
        "/" => recorded(200, "list_ok.json"),
        _ => recorded(200, "detail_ok.json"),
    });
    let listed = list(&broker, &MarsQuery::default()).await;
    let listed = broker.erase(listed.alerts[0].clone()).unwrap();
    let one = broker.fetch_alert("41").await.unwrap();
    for alert in [listed, one] {
        let of = alert.provenance();
        assert_eq!((of.object_id.as_deref(), of.alert_id.as_deref()), (Some(FIRST), Some("41")));
        assert_eq!(of.observed_at.unwrap().to_rfc3339(), "2019-04-04T06:00:00+00:00");
        assert_eq!((of.position, of.position_error, of.detections), (PositionKind::Single, None, None));
        // The id of a listing alone and the name alone bring the alert, and the name is that of the object.
        for given in [&alert.generic().id, &alert.generic().name] {
            assert_eq!(broker.fetch_alert(given).await.unwrap().generic().id, "41");
        }
        assert_eq!(alert.to_target().unwrap().name, FIRST);
    }
    let missing = answering(|_| recorded(200, "list_missing_fields.json"));
    let alert = list(&missing, &MarsQuery::default()).await.alerts.remove(0);
    assert_eq!(missing.erase(alert).unwrap().provenance().observed_at, None);
}

#[tokio::test(start_paused = true)]
async fn a_known_object_of_the_solar_system_moves() {
    for (distance, magnitude, due) in [
        (json!(1.0), json!(15.8), "NON_SIDEREAL"),
        (json!(0), json!(0), "NON_SIDEREAL"),
        (json!("11.99"), json!(21), "NON_SIDEREAL"),
        (json!(12), json!(21), "SIDEREAL"),
        (json!(19), json!(18), "SIDEREAL"),
        (json!(1.0), json!(-999.0), "SIDEREAL"),
        (json!(-999.0), json!(15.8), "SIDEREAL"),
        (json!(1.0), json!(null), "SIDEREAL"),
        (json!(null), json!(15.8), "SIDEREAL"),
    ] {
        let mut page = json_fixture("list_one.json");
        let candidate = &mut page["results"][0]["candidate"];
        candidate["ssdistnr"] = distance.clone();
        candidate["ssmagnr"] = magnitude.clone();
        // The name is that of the nearest known object, however far it is.
        candidate["ssnamenr"] = json!("8467");
        let body = page.to_string();
        let broker = answering(move |_| text(200, &body));
        let alert = list(&broker, &MarsQuery::default()).await.alerts.remove(0);
        let target = broker.target(&alert).unwrap();
        assert_eq!(target.target_type(), due, "{distance} {magnitude}");
        assert!(target.position().is_some());
    }
}
