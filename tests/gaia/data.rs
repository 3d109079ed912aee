//! One alert: by either name, its light curve, class and spectra.

use super::*;

#[tokio::test]
async fn one_alert_comes_by_its_name() {
    let service = Service::with_list("alerts_ok.csv").await;
    let broker = service.broker();
    for name in [NAME, "gaia22aab", "AT2022aab", "AT 2022aab"] {
        assert_eq!(broker.alert(name).await.unwrap().name, NAME, "{name}");
    }
    let error = broker.alert("Gaia99zzz").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.to_string(), "Gaia: the list has no alert of this name");
    let error = broker.alert("ZTF19aaaaaab").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert_eq!(
        error.to_string(),
        "Gaia: this is no name of an alert; Gaia's are like Gaia20cpu, those of TNS like AT2020lto"
    );
    assert_eq!(service.asked().await.len(), 5);
}

#[tokio::test]
async fn a_light_curve_is_made_utc_and_its_words_are_no_values() {
    let service = Service::start().await;
    service.get(CURVE, answer(200, "lightcurve_ok.csv")).await;
    let broker = service.broker();
    let data = broker.reduced_data("gaia22AAB", None).await.unwrap();
    assert_eq!(service.asked().await, [format!("GET {CURVE}")]);
    // TCB less its drift to TDB, less TT − UTC: 67.184, 68.184, 69.184 s.
    let due = [
        ("2014-10-31T01:38:56.386", 19.41),
        ("2015-07-02T11:58:32.978", 19.52),
        ("2020-05-31T11:58:29.573", 18.0),
        ("2022-03-04T05:04:35.626", 17.25),
    ];
    assert_eq!(data.points.len(), due.len());
    for (point, (time, magnitude)) in data.points.iter().zip(due) {
        let due: chrono::DateTime<chrono::Utc> = format!("{time}Z").parse().unwrap();
        let off = (point.timestamp - due).num_microseconds().unwrap();
        assert!(off.abs() < 2_000, "{} is {off} µs from {time}", point.timestamp);
        let found = point.photometry().unwrap();
        assert_eq!((found.filter.as_str(), found.magnitude, found.error), ("G", Some(magnitude), None));
        assert_eq!((found.unit.as_deref(), found.telescope.as_deref()), (Some("Vega"), Some("Gaia")));
    }
    let point = &data.points[0];
    let origin = (point.source_name.as_str(), point.source_location.as_str(), point.target.as_str());
    assert_eq!(origin, ("Gaia", "https://gsaweb.ast.cam.ac.uk/alerts/alert/Gaia22aab/", NAME));
    assert_eq!(data.notes, ["3 rows of lightcurve without a value left out"]);
    assert!(data.failures.is_empty());
}

#[tokio::test]
async fn an_older_light_curve_is_dated_by_its_date_where_the_julian_date_is_short() {
    let service = Service::start().await;
    // The third date is another instant than its Julian date, which is then the one to go by.
    let curve = "Gaia22aab\n#Date,JD,averagemag.\n2014-08-01 00:05:24,2456870.504,19.48\n\
                 2014-08-01 06:05:38,2456870.75391,19.49\n2014-08-01,2456871.504,19.5\n";
    service.get(CURVE, said(200, curve)).await;
    let config = GaiaConfig { time_scale: TimeScale::UtcAsIs, ..service.config() };
    let data = service.broker_of(config).reduced_data(NAME, None).await.unwrap();
    let times: Vec<_> =
        data.points.iter().map(|point| point.timestamp.format("%dT%T%.3f").to_string()).collect();
    assert_eq!(times, ["01T00:05:24.000", "01T06:05:37.823", "02T00:05:45.600"]);
}

#[tokio::test]
async fn times_and_errors_are_as_configured() {
    let service = Service::start().await;
    service.get(CURVE, answer(200, "lightcurve_ok.csv")).await;
    let config = GaiaConfig { time_scale: TimeScale::UtcAsIs, error_estimate: true, ..service.config() };
    let data = service.broker_of(config).reduced_data(NAME, None).await.unwrap();
    assert_eq!(data.points[2].timestamp.to_rfc3339(), "2020-05-31T12:00:00+00:00");
    let point = data.points[2].photometry().unwrap();
    assert_eq!((point.error, &point.extra.to_map()["error_estimated"]), (Some(0.0211), &json!(true)));
}

#[tokio::test]
async fn bad_rows_of_a_light_curve_are_told_and_the_rest_goes_on() {
    let service = Service::start().await;
    service.get(CURVE, answer(200, "lightcurve_odd.csv")).await;
    let config = GaiaConfig { error_estimate: true, ..service.config() };
    let data = service.broker_of(config).reduced_data(NAME, None).await.unwrap();
    let found: Vec<_> = data.points.iter().map(|point| point.photometry().unwrap()).collect();
    let magnitudes: Vec<_> = found.iter().map(|point| point.magnitude.unwrap()).collect();
    assert_eq!(magnitudes, [17.25, 17.35, 12.5], "the second has its date alone");
    assert_eq!((found[2].error, found[2].extra.is_empty()), (None, true), "no estimate beside 13 to 21 mag");
    let day = (data.points[1].timestamp - data.points[0].timestamp).as_seconds_f64();
    assert!((day - 86_400.0).abs() < 1.0, "{day}");
    let failures: Vec<_> = data.failures.iter().map(ToString::to_string).collect();
    assert_eq!(
        failures,
        [
            "Gaia: averagemag: a magnitude was due [list=lightcurve, row=3]",
            "Gaia: the row has too few columns [list=lightcurve, row=4]",
            "Gaia: the row has no date [list=lightcurve, row=5]",
            "Gaia: averagemag: a magnitude was due [list=lightcurve, row=6]"
        ]
    );
}

#[tokio::test]
async fn a_light_curve_without_values_is_empty_and_not_missing() {
    let service = Service::start().await;
    service.get(CURVE, answer(200, "lightcurve_untrusted.csv")).await;
    let data = service.broker().reduced_data(NAME, None).await.unwrap();
    assert!(data.points.is_empty() && data.failures.is_empty());
    assert_eq!(data.notes, ["2 rows of lightcurve without a value left out"]);
}

#[tokio::test]
async fn a_name_of_tns_leads_to_the_light_curve_too() {
    let service = Service::with_list("alerts_ok.csv").await;
    service.get(CURVE, answer(200, "lightcurve_ok.csv")).await;
    let broker = service.broker();
    assert_eq!(broker.reduced_data("AT2022aab", None).await.unwrap().points.len(), 4);
    assert_eq!(service.asked().await, ["GET /alerts/alerts.csv".to_owned(), format!("GET {CURVE}")]);
    assert!(!broker.recognises("AT2022aab") && broker.recognises(NAME) && !broker.recognises("Gaia"));
}

#[tokio::test]
async fn what_is_no_light_curve_is_told() {
    let told = |answer: ResponseTemplate| async move {
        let service = Service::start().await;
        service.get(CURVE, answer).await;
        service.broker().reduced_data(NAME, None).await.unwrap_err()
    };
    let text = |text: &str| ResponseTemplate::new(200).set_body_string(text);
    for (answer, kind, due) in [
        (
            answer(404, "error_404.html"),
            ErrorKind::NotFound,
            "Gaia: the service does not have this (\"404 Not Found\") [status=404]",
        ),
        (
            answer(200, "down.html"),
            ErrorKind::Unreadable,
            "Gaia: this is no light curve: it is a page of HTML where CSV was due; the service may be down",
        ),
        (text(""), ErrorKind::Unreadable, "Gaia: this is no light curve: it is empty"),
        (
            text("Gaia22zzz\n#Date,JD(TCB),averagemag\n"),
            ErrorKind::Unreadable,
            "Gaia: this is no light curve: it is that of another alert",
        ),
        (
            text("Gaia22aab\n#When,What\n1,2\n"),
            ErrorKind::Unreadable,
            "Gaia: this is no light curve: its heading lacks one of Date, JD, averagemag",
        ),
    ] {
        let error = told(answer).await;
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, due));
    }
}

#[tokio::test]
async fn the_class_is_a_classification_unless_it_is_unknown() {
    let service = Service::with_list("alerts_ok.csv").await;
    let broker = service.broker();
    let classes = broker.classifications("Gaia22aac", None).await.unwrap();
    assert_eq!(
        serde_json::to_value(&classes).unwrap(),
        json!([{"classifier": "Gaia Science Alerts", "version": null, "class": "SN Ia", "probability": null, "rank": null}])
    );
    assert!(broker.classifications(NAME, None).await.unwrap().is_empty());
    let alert = broker.fetch_alert("Gaia22aac").await.unwrap();
    let before = service.asked().await.len();
    assert_eq!(broker.classifications("Gaia22aac", Some(&alert)).await.unwrap(), classes);
    assert_eq!(service.asked().await.len(), before, "the alert has it already");
}

#[tokio::test]
async fn spectra_come_out_of_the_page_of_an_alert() {
    let service = Service::start().await;
    service.get("/alerts/alert/Gaia22aab/", answer(200, "alert_ok.html")).await;
    let broker = service.broker();
    let spectra = broker.run(broker.protocol().spectra("gaia22aab")).await.unwrap();
    let first = spectra.0[0].as_ref().unwrap();
    assert_eq!(
        (first.jd, first.bp.as_slice()),
        (Some(2_459_642.712_58), &[Some(0.5), Some(2.25), Some(9.0)][..])
    );
    assert_eq!(spectra.0[1].as_ref().unwrap().bp, [Some(0.5), None]);
    assert!(spectra.0[2].as_ref().unwrap_err().message().starts_with("row 3 cannot be read: bp"));
    assert_eq!(service.asked().await, ["GET /alerts/alert/Gaia22aab/"]);
    assert!(broker.protocol().spectra("AT2022aab").is_err());
}
