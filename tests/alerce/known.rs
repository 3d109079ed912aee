//! Whose object a row is of, and what the services say of objects that they do not know or when they fail.

use tom_alerts::http::{Request, Response};
use tom_alerts::testing::ScriptedTransport;
use tom_alerts::{PositionKind, Provenance};

use super::support::script::{always, answer as recorded, client, sent, text};
use super::*;

fn scripted(
    respond: impl Fn(&Request) -> Response + Send + Sync + 'static,
) -> (AlerceBroker, ScriptedTransport) {
    let script = ScriptedTransport::new(move |request| Ok(respond(request)));
    (client(&script, AlerceConfig::default()), script)
}

async fn owners(name: &str, query: &AlerceQuery) -> Vec<Provenance> {
    let broker = client::<Alerce>(&always(recorded(200, name)), AlerceConfig::default());
    let listed = list(&broker, query).await;
    listed.alerts.into_iter().map(|alert| broker.erase(alert).unwrap().provenance()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_row_says_whose_object_it_is_of() {
    let lsst = AlerceQuery { survey: Some(Survey::Lsst), ..AlerceQuery::default() };
    let ztf = owners("objects_full_page.json", &AlerceQuery::default()).await.remove(0);
    assert_eq!((ztf.object_id.as_deref(), ztf.alert_id), (Some(ZTF), None));
    assert_eq!(ztf.observed_at.unwrap().to_rfc3339(), "2024-04-02T06:00:00+00:00");
    assert_eq!((ztf.position, ztf.detections), (PositionKind::Mean, Some(24)));
    assert!((ztf.position_error.unwrap() - 4.1e-5 * 3600.0).abs() < 1e-12);
    let lsst = owners("lsst_objects_page2.json", &lsst).await.remove(0);
    assert_eq!((lsst.object_id.as_deref(), lsst.alert_id), (Some("169342810955317612"), None));
    assert_eq!(lsst.observed_at.unwrap().to_rfc3339(), "2026-02-28T23:59:23+00:00");
    assert_eq!(lsst.position, PositionKind::Mean);
    let none = owners("objects_missing_fields.json", &AlerceQuery::default()).await.remove(0);
    assert_eq!((none.observed_at, none.position_error, none.detections), (None, None, None));
    for (id, name) in [(ZTF, "object_ok.json"), (LSST, "lsst_object_ok.json")] {
        let broker = client::<Alerce>(&always(recorded(200, name)), AlerceConfig::default());
        let one = broker.fetch_alert(id).await.unwrap().provenance();
        assert_eq!((one.object_id.as_deref(), one.position), (Some(id), PositionKind::Mean));
        assert!(one.observed_at.is_some() && one.detections.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_listing_gives_as_id_and_as_name_fetches_the_alert() {
    for (survey, page, object) in [
        (Survey::Ztf, "objects_full_page.json", "object_ok.json"),
        (Survey::Lsst, "lsst_objects_page1.json", "lsst_object_ok.json"),
    ] {
        let (broker, _) = scripted(move |request| {
            let listing =
                request.url().path().ends_with("/objects/") || request.url().path().ends_with("list_objects");
            recorded(200, if listing { page } else { object })
        });
        let query = AlerceQuery { survey: Some(survey), max_pages: Some(1), ..AlerceQuery::default() };
        let alert = list(&broker, &query).await.alerts.remove(0);
        let generic = broker.generic(&alert).unwrap();
        for given in [&generic.id, &generic.name] {
            assert_eq!(broker.fetch_alert(given).await.unwrap().generic().name, generic.name);
        }
    }
}

/// LSST's services: what they answer to an object, and empty lists otherwise.
fn empty(object: impl Fn() -> Response + Send + Sync + 'static) -> (AlerceBroker, ScriptedTransport) {
    scripted(move |request| match request.url().path() {
        "/object_api/object" => object(),
        "/probability_api/probability" => recorded(404, "lsst_probability_none.json"),
        "/lightcurve_api/lightcurve" => {
            text(200, r#"{"detections": [], "non_detections": [], "forced_photometry": []}"#)
        }
        _ => text(200, "[]"),
    })
}

#[tokio::test(start_paused = true)]
async fn an_unknown_lsst_object_is_not_found_whatever_is_asked_of_it() {
    let (broker, script) = empty(|| recorded(500, "lsst_error_silent.json"));
    let due = "ALeRCE: no such LSST object [status=500]";
    let told = [
        broker.reduced_data(LSST, None).await.unwrap_err(),
        broker.classifications(LSST, None).await.unwrap_err(),
        broker.cutouts(LSST, None).await.unwrap_err(),
    ];
    for error in told {
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::NotFound, due));
    }
    assert!(sent(&script).contains(&format!("GET /object_api/object?oid={LSST}&survey_id=lsst")));
}

#[tokio::test(start_paused = true)]
async fn a_known_lsst_object_of_which_there_is_nothing_has_nothing() {
    let (broker, _) = empty(|| recorded(200, "lsst_object_ok.json"));
    let data = broker.reduced_data(LSST, None).await.unwrap();
    assert!(data.points.is_empty() && data.failures.is_empty());
    assert!(broker.classifications(LSST, None).await.unwrap().is_empty());
    assert!(broker.cutouts(LSST, None).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_down_blames_no_object() {
    let (broker, _) = scripted(|_| recorded(500, "lsst_error_silent.json"));
    let due = "LSST's service fails for every question; its database may be down; try again later";
    let error = broker.alert(LSST).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Status, due));
    assert!(error.is_retryable());
    let query = AlerceQuery { survey: Some(Survey::Lsst), ..AlerceQuery::default() };
    let listed = list(&broker, &query).await;
    assert_eq!((listed.faults[0].kind(), listed.faults[0].message()), (ErrorKind::Status, due));
    assert!(listed.faults[0].is_retryable());
}

#[tokio::test(start_paused = true)]
async fn an_unknown_classifier_is_named() {
    let classifiers = json!([{"classifier_name": "stamp_one"}, {"classifier_name": "stamp_two"}]).to_string();
    let (broker, script) = scripted(move |request| match request.url().path() {
        "/classifier_api/classifiers" => text(200, &classifiers),
        _ => recorded(500, "lsst_error_silent.json"),
    });
    let asked = |classifier: &str| AlerceQuery {
        survey: Some(Survey::Lsst),
        classifier: Some(classifier.into()),
        ..AlerceQuery::default()
    };
    let listed = list(&broker, &asked("stamp_three")).await;
    assert_eq!(listed.faults[0].kind(), ErrorKind::Input);
    assert_eq!(
        listed.faults[0].to_string(),
        "ALeRCE: classifier: LSST's service has no classifier stamp_three; it has stamp_one, stamp_two \
         [page=1, status=500]"
    );
    assert_eq!(sent(&script).last().unwrap(), "GET /classifier_api/classifiers");
    let listed = list(&broker, &asked("stamp_two")).await;
    assert_eq!(
        listed.faults[0].message(),
        "LSST's service failed without a reason, though it answers other questions; try again later"
    );
}

#[tokio::test(start_paused = true)]
async fn a_row_that_the_survey_took_back_is_no_measurement() {
    let mut curve = super::support::fixtures::json_fixture("lsst_lightcurve_clean.json");
    let whole = {
        let body = curve.to_string();
        let (broker, _) = scripted(move |_| text(200, &body));
        broker.reduced_data(LSST, None).await.unwrap().points.len()
    };
    curve["detections"][0]["timeWithdrawnMjdTai"] = json!(61_150.25);
    curve["detections"][1]["timeWithdrawnMjdTai"] = json!(null);
    curve["forced_photometry"][0]["timeWithdrawnMjdTai"] = json!("61150.25");
    let body = curve.to_string();
    let (broker, _) = scripted(move |_| text(200, &body));
    let data = broker.reduced_data(LSST, None).await.unwrap();
    assert_eq!((data.points.len(), data.withdrawn.len(), data.failures.len()), (whole - 2, 2, 0));
    assert_eq!(data.withdrawn[0].withdrawn.unwrap().to_rfc3339(), "2026-04-20T05:59:23+00:00");
    let id = "169342810955318001";
    assert!(data.points.iter().all(|point| point.photometry().unwrap().source_id.as_deref() != Some(id)));
    assert_eq!(data.notes.len(), 2, "{:?}", data.notes);
    let when = tom_alerts::time::utc_from_tai_mjd(61_150.25);
    assert!(data.withdrawn.iter().all(|row| row.withdrawn == when), "{:?}", data.withdrawn);
    assert_eq!(data.withdrawn.len(), 2);
    assert!(data.withdrawn.iter().any(|row| row.photometry().unwrap().source_id.as_deref() == Some(id)));
}

#[tokio::test(start_paused = true)]
async fn a_detection_that_was_taken_back_has_no_cutouts() {
    let mut rows = super::support::fixtures::json_fixture("lsst_detections_ok.json");
    for row in rows.as_array_mut().unwrap() {
        row["has_stamp"] = json!(true);
    }
    rows[0]["timeWithdrawnMjdTai"] = json!(61_150.25);
    let other = rows[1]["measurement_id"].to_string();
    let body = rows.to_string();
    let (broker, _) = scripted(move |_| text(200, &body));
    let cutouts = broker.cutouts(LSST, None).await.unwrap();
    assert_eq!(cutouts[0].source_id.as_deref(), Some(other.as_str()));
}
