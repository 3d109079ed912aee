//! One alert: by number and by name, its light curve, cutouts.

use super::support::points::at;
use super::*;

#[tokio::test]
async fn one_alert_comes_by_its_number_and_the_latest_by_its_name() {
    let service = Service::start().await;
    service.get("/41/", answer(200, "detail_ok.json")).await;
    service.get("/", answer(200, "list_one.json")).await;
    let broker = service.broker();
    let alert = broker.alert("41").await.unwrap();
    assert_eq!((alert.lco_id.as_str(), alert.object_id.as_str()), ("41", FIRST));
    assert_eq!(broker.alert(FIRST).await.unwrap().lco_id, "41");
    assert_eq!(
        service.asked().await,
        [
            "GET /41/?format=json".to_owned(),
            format!("GET /?objectId={FIRST}&sort_value=jd&sort_order=desc&page=1&format=json"),
            "GET /41/?format=json".to_owned()
        ]
    );
    let error = broker.alert("AT2024abc").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert_eq!(
        error.to_string(),
        "MARS: this is no id of MARS; give its lco_id, such as 1234, or ZTF's name, such as ZTF20aaelulu"
    );
}

#[tokio::test]
async fn an_unknown_number_is_not_found_though_the_server_fails() {
    let service = Service::start().await;
    service.get("/99/", html(500, "error_500.html")).await;
    service.get("/", answer(200, "list_empty.json")).await;
    let broker = service.broker();
    let error = broker.alert("99").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.to_string(), "MARS: there is no alert of this number [status=500]");
    assert_eq!(
        service.asked().await,
        ["GET /99/?format=json", "GET /?objectId=__none__&format=json"],
        "a failure that is an answer is not asked for again"
    );
    let error = broker.alert(SECOND).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.to_string(), "MARS: there is no alert of this object");
}

#[tokio::test]
async fn a_server_that_fails_altogether_is_no_not_found() {
    let mut service = Service::start().await;
    service.http.max_retries = 0;
    service.otherwise(html(500, "error_500.html")).await;
    let error = service.broker().alert("99").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Status);
    assert!(
        error.is_retryable() && error.to_string().starts_with("MARS: the server failed; it answers so"),
        "{error}"
    );
}

#[tokio::test]
async fn a_failure_before_the_server_is_no_not_found() {
    let proxy = "<html><head><title>500 Internal Server Error</title></head><body>nginx</body></html>";
    for body in [proxy, "", "{\"error\": \"out of disk\"}"] {
        let service = Service::start().await;
        service.get("/99/", ResponseTemplate::new(500).set_body_string(body)).await;
        service.get("/", answer(200, "list_empty.json")).await;
        let error = service.broker().alert("99").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Status, "{body:?}");
        assert!(error.is_retryable() && error.http_status() == Some(500), "{error}");
    }
}

/// The point of a measurement's id.
#[tokio::test]
async fn a_light_curve_is_sorted_and_tells_detections_from_limits() {
    let service = Service::start().await;
    service.get("/41/", answer(200, "detail_ok.json")).await;
    let broker = service.broker();
    let data = broker.reduced_data("41", None).await.unwrap();
    assert!(data.failures.is_empty() && data.notes.is_empty());
    assert!(data.points.is_sorted_by_key(|point| point.timestamp));
    let curve: Vec<_> = data
        .points
        .iter()
        .map(|point| {
            let p = point.photometry().unwrap();
            (point.timestamp.to_rfc3339(), p.filter.to_string(), p.magnitude, p.limit, p.negative_magnitude)
        })
        .collect();
    let row = |time: &str, band: &str, mag, limit, negative| {
        (format!("{time}+00:00"), band.to_owned(), mag, limit, negative)
    };
    assert_eq!(
        curve,
        [
            row("2019-03-18T04:48:00.000016", "g", None, Some(20.45), None),
            row("2019-03-21T06:00:00", "r", None, Some(20.31), None),
            row("2019-03-25T06:00:00", "r", Some(18.9), None, None),
            row("2019-03-28T04:30:00", "g", None, None, Some(20.1)),
            row("2019-04-04T06:00:00", "r", Some(18.25), None, None),
            row("2019-04-07T04:30:00", "g", Some(18.5), None, None),
            row("2019-04-07T06:00:00", "i", Some(18.05), None, None),
        ]
    );
    let own = at(&data, "2695378462115010012");
    assert_eq!(
        (own.error, own.limiting_magnitude, own.unit.as_deref()),
        (Some(0.05), Some(20.4), Some("AB"))
    );
    assert_eq!((own.telescope.as_deref(), own.survey.as_deref()), (Some("ZTF"), Some("ZTF")));
    assert_eq!(
        (&own.extra.to_map()["rb"], &own.extra.to_map()["lco_id"], own.extra.get("objectId")),
        (&json!(0.91), &json!("41"), None)
    );
    assert_eq!(
        at(&data, "2688312345115010001").extra.to_map()["objectId"],
        "ZTF18zzzzzzz",
        "another object's detection"
    );
    let point = &data.points[0];
    let origin = (point.source_name.as_str(), point.source_location.as_str(), point.target.as_str());
    assert_eq!(origin, ("MARS", FIRST, FIRST));

    // An alert that was fetched has its history, so nothing is asked for.
    let alert = broker.fetch_alert("41").await.unwrap();
    let before = service.asked().await.len();
    let again = broker.reduced_data("41", Some(&alert)).await.unwrap();
    assert_eq!((again.points, service.asked().await.len()), (data.points, before));
}

#[tokio::test]
async fn rows_that_say_nothing_are_counted_and_bad_ones_told() {
    let service = Service::start().await;
    service.get("/41/", answer(200, "detail_odd.json")).await;
    let data = service.broker().reduced_data("41", None).await.unwrap();
    let bands: Vec<_> = data.points.iter().map(|p| p.photometry().unwrap().filter.as_str()).collect();
    assert_eq!(bands, ["g", "9", "r", "r"], "an unknown band stays; a point that comes twice is one");
    assert_eq!(data.notes, ["2 rows of prv_candidate without a value left out"]);
    let failures: Vec<_> = data.failures.iter().map(ToString::to_string).collect();
    assert_eq!(
        failures,
        [
            "MARS: row 3 cannot be read: candidate.jd: a text was given, a number was due [list=prv_candidate, row=3]",
            "MARS: the row has neither fid nor filter, so its band is not known [list=prv_candidate, row=4]",
            "MARS: the row has no date [list=prv_candidate, row=9]",
            "MARS: row 10 cannot be read: a number was given, an object was due [list=prv_candidate, row=10]"
        ]
    );
}

#[tokio::test]
async fn a_listed_alert_gets_its_history_by_its_number() {
    let service = Service::start().await;
    service.get("/", answer(200, "list_ok.json")).await;
    service.get("/41/", answer(200, "detail_ok.json")).await;
    let broker = service.broker();
    let alert = broker.fetch_alerts(json!({}).as_object().unwrap()).unwrap().next().await.unwrap().unwrap();
    assert_eq!(broker.reduced_data("41", Some(&alert)).await.unwrap().points.len(), 7);
    assert_eq!(service.asked().await[1], "GET /41/?format=json");
}

#[tokio::test]
async fn the_short_light_curve_comes_in_the_order_of_its_numbers() {
    let service = Service::start().await;
    service.get("/41/photometry/", answer(200, "photometry_ok.json")).await;
    let broker = service.broker();
    let epochs = broker.run(broker.protocol().photometry("41")).await.unwrap();
    assert_eq!(epochs.len(), 11);
    assert_eq!(
        (epochs[0].magpsf, epochs[0].diffmaglim, epochs[0].filter.as_deref()),
        (None, Some(20.45), Some("g"))
    );
    assert_eq!((epochs[6].magpsf, epochs[6].sigmapsf), (Some(18.25), Some(0.05)));
    assert_eq!(epochs[10].jd, Some(2_458_600.0));
    let error = broker.protocol().photometry(FIRST).unwrap_err();
    assert_eq!(error.to_string(), "the short form is asked for by lco_id, a number such as 1234");
    assert_eq!(service.asked().await, ["GET /41/photometry/?format=json"]);
}

#[tokio::test]
async fn cutouts_are_links_of_the_alert() {
    let service = Service::start().await;
    service.get("/", answer(200, "list_ok.json")).await;
    let broker = service.broker();
    let links = |cutouts: Vec<tom_alerts::Cutout>| -> Vec<String> {
        cutouts.iter().map(|cutout| cutout.url.as_ref().unwrap().path().to_owned()).collect()
    };
    let due = ["/41/cutout/Science/", "/41/cutout/Template/", "/41/cutout/Difference/"];
    assert_eq!(links(broker.cutouts("41", None).await.unwrap()), due);
    assert_eq!(links(broker.cutouts(FIRST, None).await.unwrap()), due);
    let alert = broker.fetch_alerts(json!({}).as_object().unwrap()).unwrap().next().await.unwrap().unwrap();
    let cutouts = broker.cutouts("41", Some(&alert)).await.unwrap();
    assert_eq!(
        (cutouts[0].format.as_str(), cutouts[0].source_id.as_deref()),
        ("fits.gz", Some("2695378462115010012"))
    );
}
