//! The list searched: by name, cone, class, time and magnitude, as CSV and out of the page.

use wiremock::Mock;
use wiremock::matchers::path;

use super::*;

#[tokio::test]
async fn a_listing_becomes_generic_alerts_and_targets() {
    let service = Service::with_list("alerts_ok.csv").await;
    let broker = service.broker();
    let listed = list(&broker, &query(json!({"target_name": NAME}))).await;
    assert_eq!((listed.names(), listed.faults.len(), listed.total), (vec![NAME], 0, Some(1)));
    assert_eq!(service.asked().await, ["GET /alerts/alerts.csv"]);
    assert_eq!(service.header(0, "accept").await.as_deref(), Some("text/csv, */*;q=0.5"));
    let alert = &listed.alerts[0];
    assert_eq!(
        serde_json::to_value(broker.generic(alert).unwrap()).unwrap(),
        json!({
            "timestamp": "2022-03-04T05:06:07Z", "id": NAME, "name": NAME, "ra": 150.11, "dec": 2.205,
            "mag": 17.25, "score": 1.0, "url": service.at("alerts/alert/Gaia22aab/")
        })
    );
    assert_eq!((alert.historic_mag, alert.historic_std_dev), (Some(19.5), Some(0.31)));
    let target = serde_json::to_value(broker.target(alert).unwrap()).unwrap();
    assert_eq!((&target["type"], &target["epoch"]), (&json!("SIDEREAL"), &json!(2000.0)));
    let target = broker.target(alert).unwrap();
    assert_eq!(target.aliases, ["AT2022aab", "2022aab"]);
    let extras: Vec<_> = target.extras.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(
        extras,
        [
            "alertMag=17.25",
            "classification=unknown",
            "comment=made up: brightens by 2 mag, then stays",
            "historicMag=19.5",
            "historicStdDev=0.31",
            "obstime=2022-03-04 05:06:07",
            "published=2022-03-06 10:00:00"
        ]
    );
}

#[tokio::test]
async fn the_page_gives_the_same_as_the_csv() {
    let service = Service::with_list("alerts_ok.csv").await;
    let csv = list(&service.broker(), &all()).await;
    assert_eq!(csv.names(), [NAME, "Gaia22aac", "Gaia22aabx", "Gaia21zzz"]);
    let second = &csv.alerts[1];
    assert_eq!(second.comment.as_deref(), Some("made up: a \"quoted\" word, commas; and ];"));
    assert_eq!((second.historic_mag, csv.alerts[2].comment.as_deref()), (None, None));
    for name in ["index_ok.html", "index_lines.html"] {
        let service = Service::start().await;
        service.get(INDEX, answer(200, name)).await;
        let broker = service.of_page();
        let page = list(&broker, &all()).await;
        assert_eq!((page.names(), page.faults.len()), (vec![NAME, "Gaia22aac", "Gaia22aabx"], 0), "{name}");
        assert_eq!(service.asked().await, ["GET /alerts/alertsindex"]);
        for (ours, theirs) in page.alerts.iter().zip(&csv.alerts) {
            let same = (ours.ra, ours.dec, ours.alert_mag, ours.time_text(), &ours.classification);
            assert_eq!(
                same,
                (theirs.ra, theirs.dec, theirs.alert_mag, theirs.time_text(), &theirs.classification)
            );
        }
        let second = &page.alerts[1];
        assert_eq!(second.comment.as_deref(), Some("made up: ]; a \"quote\", { and </b> markup"));
        assert_eq!((second.rvs, second.historic_mag), (Some(true), None));
        let url = broker.generic(second).unwrap().url.unwrap();
        assert_eq!(url.as_str(), service.at("alerts/alert/Gaia22aac/"), "no double slash");
        let target = broker.target(second).unwrap();
        assert_eq!(target.aliases, ["SN2022aac", "2022aac"]);
    }
}

trait TimeText {
    fn time_text(&self) -> Option<&str>;
}

impl TimeText for GaiaAlert {
    fn time_text(&self) -> Option<&str> {
        self.obstime.as_deref()
    }
}

#[tokio::test]
async fn a_list_that_is_not_there_as_csv_is_read_out_of_the_page() {
    let service = Service::start().await;
    service.get(CSV, answer(404, "error_404.html")).await;
    service.get(INDEX, answer(200, "index_ok.html")).await;
    let broker = service.broker();
    let listed = list(&broker, &query(json!({"target_name": NAME}))).await;
    assert_eq!((listed.names(), listed.faults.len()), (vec![NAME], 0));
    assert_eq!(broker.alert("Gaia22aac").await.unwrap().rvs, Some(true));
    let due = ["GET /alerts/alerts.csv", "GET /alerts/alertsindex"];
    assert_eq!(service.asked().await, [due, due].concat());
    let csv = service.broker_of(GaiaConfig { list: Some(GaiaList::Csv), ..service.config() });
    let listed = list(&csv, &query(json!({"target_name": NAME}))).await;
    assert_eq!(listed.faults[0].kind(), ErrorKind::NotFound, "the CSV alone was wanted");
}

#[tokio::test]
async fn a_name_is_compared_whole_in_any_case_and_by_its_name_at_tns() {
    let service = Service::with_list("alerts_ok.csv").await;
    let broker = service.broker();
    for (name, due) in [
        ("Gaia22aab", vec!["Gaia22aab"]),
        ("gaia22AAB", vec!["Gaia22aab"]),
        ("Gaia22aa", vec![]),
        ("AT2022aab", vec!["Gaia22aab"]),
        ("AT 2022aac", vec!["Gaia22aac"]),
        ("SN2022aac", vec!["Gaia22aac"]),
        ("2022aac", vec!["Gaia22aac"]),
        ("AT", vec![]),
    ] {
        let listed = list(&broker, &query(json!({"target_name": name}))).await;
        assert_eq!(listed.names(), due, "{name}");
    }
    let part = list(&broker, &query(json!({"target_name": "22AAB", "name_contains": true}))).await;
    assert_eq!(part.names(), ["Gaia22aab", "Gaia22aabx"]);
    let none = list(&broker, &query(json!({"target_name": "Gaia99zzz"}))).await;
    assert_eq!(none.notes, ["no alert of the list answers the query"]);
}

#[tokio::test]
async fn a_cone_is_one_at_every_declination_and_across_zero() {
    let service = Service::with_list("alerts_ok.csv").await;
    let broker = service.broker();
    for (cone, due) in [
        // Both sides of RA 0.
        ("0, 0, 0.001", vec!["Gaia22aac", "Gaia22aabx"]),
        ("359.9999,0.0001,0.0001", vec!["Gaia22aac"]),
        // The pole, from the other side of it.
        ("20.0,89.99,0.03", vec!["Gaia21zzz"]),
        ("20.0,89.99,0.015", vec![]),
        ("0,90,0.01", vec!["Gaia21zzz"]),
        // The edge belongs to the cone: 0.005 degrees to the south.
        ("150.11,2.2,0.005", vec!["Gaia22aab"]),
        ("150.11,2.2,0.00499", vec![]),
        ("10,10,180", vec!["Gaia22aab", "Gaia22aac", "Gaia22aabx", "Gaia21zzz"]),
    ] {
        assert_eq!(list(&broker, &query(json!({ "cone": cone }))).await.names(), due, "{cone}");
    }
    let canonical = list(&broker, &query(json!({"ra": "10:00:26.4", "dec": 2.2, "radius": 18}))).await;
    assert_eq!(canonical.names(), [NAME], "18 arcsec");
    let searched = broker.cone_query(150.11, 2.2, 18.0).unwrap();
    assert_eq!(json!(searched), json!([{"name_contains": false, "ra": 150.11, "dec": 2.2, "radius": 18.0}]));
}

#[tokio::test]
async fn class_time_and_magnitude_select_too() {
    let service = Service::with_list("alerts_ok.csv").await;
    let broker = service.broker();
    for (pairs, due) in [
        (json!({"classification": "sn ia"}), vec!["Gaia22aac"]),
        (json!({"obstime_min": "2022-01-01", "obstime_max": "2022-02-15"}), vec!["Gaia22aac", "Gaia22aabx"]),
        (json!({"mag_min": 17, "mag_max": "18.5"}), vec!["Gaia22aab", "Gaia22aac"]),
        (json!({"cone": "0,0,1", "classification": "CV"}), vec!["Gaia22aabx"]),
        (json!({"target_name": NAME, "mag_max": 16}), vec![]),
    ] {
        assert_eq!(list(&broker, &query(pairs.clone())).await.names(), due, "{pairs}");
    }
}

#[tokio::test]
async fn columns_are_found_by_their_names() {
    let service = Service::with_list("alerts_other_columns.csv").await;
    let listed = list(&service.broker(), &query(json!({"target_name": NAME}))).await;
    let alert = &listed.alerts[0];
    assert_eq!((alert.ra, alert.dec, alert.tnsid.as_deref()), (Some(150.11), Some(2.205), Some("AT2022aab")));
    assert_eq!((alert.alert_mag, alert.classification.as_deref()), (None, Some("CV")));
}

#[tokio::test]
async fn the_list_is_kept_where_a_directory_is_named() {
    let mut service = Service::start().await;
    let list_once = Mock::given(path(CSV)).respond_with(answer(200, "alerts_ok.csv")).up_to_n_times(1);
    list_once.mount(&service.server).await;
    service.get(CURVE, answer(200, "lightcurve_ok.csv")).await;
    service.otherwise(ResponseTemplate::new(503)).await;
    let folder = tempfile::tempdir().unwrap();
    service.http.cache_dir = Some(folder.path().to_owned());
    service.http.max_retries = 0;
    for _ in 0..3 {
        let broker = service.broker();
        assert_eq!(list(&broker, &query(json!({"target_name": NAME}))).await.names(), [NAME]);
        assert_eq!(broker.alert("Gaia22aac").await.unwrap().name, "Gaia22aac");
        assert_eq!(broker.reduced_data(NAME, None).await.unwrap().points.len(), 4);
    }
    assert_eq!(service.asked().await, ["GET /alerts/alerts.csv".to_owned(), format!("GET {CURVE}")]);
    // Ten days later the service is down: the kept list is given, and it is said.
    for file in std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()) {
        let all = std::fs::read_to_string(&file).unwrap();
        let (line, body) = all.split_once('\n').unwrap();
        let mut line: Value = serde_json::from_str(line).unwrap();
        line["stored"] = (line["stored"].as_u64().unwrap() - 10 * 86_400).into();
        std::fs::write(&file, format!("{line}\n{body}")).unwrap();
    }
    let listed = list(&service.broker(), &query(json!({"target_name": NAME}))).await;
    assert_eq!(listed.names(), [NAME], "{:?}", listed.faults);
    let due = "the service could not be asked; the list is the one that was kept 10 days ago";
    assert_eq!(listed.notes, [due]);
    assert_eq!(service.asked().await.len(), 3);
}

#[tokio::test]
async fn a_page_that_says_that_the_service_is_down_is_not_kept() {
    let mut service = Service::start().await;
    service.get(CSV, answer(200, "down.html")).await;
    service.get(INDEX, answer(200, "down.html")).await;
    let folder = tempfile::tempdir().unwrap();
    service.http.cache_dir = Some(folder.path().to_owned());
    for broker in [service.broker(), service.of_page(), service.broker()] {
        assert_eq!(list(&broker, &all()).await.faults.len(), 1);
    }
    assert_eq!(service.asked().await.len(), 3);
}
