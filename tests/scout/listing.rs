//! Listings: the requests, the rows, the filters.

use tom_alerts::brokers::scout::{File, Plot, drawings};

use super::*;

#[tokio::test(start_paused = true)]
async fn the_list_is_one_request_without_parameters() {
    let script = whole();
    let broker = client(&script, ScoutConfig::default());
    let listed = list(&broker, &ScoutQuery::default()).await;
    assert_eq!(sent(&script), ["GET /scout.api"]);
    assert_eq!(script.requests()[0].url().host_str(), Some("ssd-api.jpl.nasa.gov"));
    assert_eq!((listed.alerts.len(), listed.total, listed.notes.len()), (3, Some(3), 0));
    let generic = serde_json::to_value(broker.generic(&listed.alerts[0]).unwrap()).unwrap();
    let due = json!({
        "timestamp": "2026-11-20T13:52:00Z", "id": "X01aaaa", "name": "X01aaaa", "ra": 133.5, "dec": 28.0,
        "mag": 20.8, "score": 100.0, "url": "https://cneos.jpl.nasa.gov/scout/#/object/X01aaaa"
    });
    assert_eq!(generic, due);
    let last = broker.generic(&listed.alerts[2]).unwrap();
    assert_eq!(
        last.timestamp.unwrap().to_rfc3339(),
        "2026-11-20T22:45:00+00:00",
        "tEphem where lastRun is null"
    );
    assert_eq!((last.ra, last.dec), (Some(359.75), Some(0.0)));
    let second = &listed.alerts[1];
    assert_eq!((second.rating, second.ca_dist, second.v_inf, second.elong), (None, None, None, Some(45.0)));
    assert_eq!(
        (second.n_obs, second.arc, second.h, second.unc),
        (Some(2), Some(0.06), Some(18.7), Some(59.0))
    );
}

#[tokio::test(start_paused = true)]
async fn an_empty_list_is_no_failure_and_says_what_it_means() {
    let (broker, _) = always(answer(200, "summary_empty.json"));
    let listed = list(&broker, &ScoutQuery::default()).await;
    assert_eq!((listed.alerts.len(), listed.faults.len(), listed.total), (0, 0, Some(0)));
    assert_eq!(listed.notes, ["Scout lists no object; that does not mean that all of them have left"]);
}

#[tokio::test(start_paused = true)]
async fn numbers_as_text_and_texts_that_are_no_numbers_are_read() {
    let (broker, _) = always(answer(200, "summary_odd.json"));
    let listed = list(&broker, &ScoutQuery::default()).await;
    let generic = broker.generic(&listed.alerts[0]).unwrap();
    assert_eq!((generic.ra, generic.dec, generic.score), (Some(157.5), Some(15.5), Some(100.0)));
    assert_eq!(listed.alerts[0].n_obs, Some(12));
    let odd = &listed.alerts[1];
    assert_eq!((odd.vmag, odd.unc, odd.h, odd.rating, odd.n_obs), (None, None, None, None, None));
    let generic = broker.generic(odd).unwrap();
    assert_eq!((generic.ra, generic.dec, generic.timestamp, generic.mag), (None, None, None, None));
    let error = broker.target(odd).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert!(error.to_string().contains("neither a position nor an orbit"), "{error}");
    assert_eq!(listed.alerts.len(), 3);
    let fault = listed.faults[0].to_string();
    assert!(fault.contains("item 3 cannot be read: missing field `objectName`"), "{fault}");
    let due = [
        "Scout's API is of version 1.4; this crate knows 1.3",
        "Scout says that it lists 9 objects, but 4 came",
        "H of 1 row of the list cannot be read and is left out",
        "Vmag of 1 row of the list cannot be read and is left out",
        "nObs of 1 row of the list cannot be read and is left out",
        "rating of 1 row of the list cannot be read and is left out",
        "unc of 1 row of the list cannot be read and is left out",
    ];
    assert_eq!(listed.notes, due);
}

#[tokio::test(start_paused = true)]
async fn filters_are_applied_here_and_a_null_passes_none() {
    let script = whole();
    let broker = client(&script, ScoutConfig::default());
    let names = async |pairs: Value| {
        let listed = list(&broker, &read(pairs).unwrap()).await;
        listed.alerts.iter().map(|a| a.object_name.chars().nth(2).unwrap()).collect::<String>()
    };
    assert_eq!(names(json!({"neo_score_min": 100})).await, "12");
    assert_eq!(names(json!({"pha_score_min": 20})).await, "2");
    assert_eq!(names(json!({"geo_score_max": 0})).await, "2", "0 is a limit");
    assert_eq!(names(json!({"impact_rating_min": 0})).await, "13", "a null rating fails");
    assert_eq!(names(json!({"ca_dist_max": 1})).await, "13");
    assert_eq!(names(json!({"pos_unc_min": 1, "pos_unc_max": 100})).await, "2");
    assert_eq!(names(json!({"max_vmag": "20.5"})).await, "23");
    assert_eq!(names(json!({"max_rate": 1.9})).await, "12");
    assert_eq!(names(json!({"min_nobs": 4, "min_arc_hours": 0.35})).await, "13");
    assert!(sent(&script).iter().all(|line| line == "GET /scout.api"), "no filter is sent");
    let listed = list(&broker, &read(json!({"neo_score_min": 100})).unwrap()).await;
    assert_eq!((listed.notes, listed.total), (vec!["2 of 3 objects pass the filters".to_owned()], Some(2)));
}

#[tokio::test(start_paused = true)]
async fn one_object_is_asked_for_with_what_comes_along() {
    let script = whole();
    let broker = client(&script, ScoutConfig::default());
    let query = ScoutQuery {
        orbits: true,
        n_orbits: Some(5),
        plot: vec![Plot::El, Plot::Ca],
        file: Some(File::Mpc),
        ..one("X01aaaa")
    };
    let listed = list(&broker, &query).await;
    assert_eq!(sent(&script), ["GET /scout.api?tdes=X01aaaa&orbits=1&n-orbits=5&plot=el%3Aca&file=mpc"]);
    assert!(listed.alerts[0].file_mpc.as_deref().unwrap().contains("NEOCPW68"));
    let listed = list(&broker, &ScoutQuery { neo_score_min: Some(50), ..one("X03cccc") }).await;
    assert_eq!(
        (listed.alerts.len(), listed.notes),
        (0, vec!["the object does not pass the filters".to_owned()])
    );
}

#[tokio::test(start_paused = true)]
async fn orbits_of_a_list_are_asked_one_object_after_the_other() {
    let script = whole();
    let broker = client(&script, ScoutConfig::default());
    let start = tokio::time::Instant::now();
    let query = ScoutQuery { orbits: true, n_orbits: Some(5), ..ScoutQuery::default() };
    let listed = list(&broker, &query).await;
    assert_eq!(listed.alerts.len(), 3, "{:?}", listed.faults);
    let due = [
        "GET /scout.api",
        "GET /scout.api?tdes=X01aaaa&orbits=1&n-orbits=5",
        "GET /scout.api?tdes=X02bbbb&orbits=1&n-orbits=5",
        "GET /scout.api?tdes=X03cccc&orbits=1&n-orbits=5",
    ];
    assert_eq!(sent(&script), due);
    let taken = start.elapsed().as_secs_f64();
    assert!((3.0..3.5).contains(&taken), "four requests, one a second, took {taken} s");
    assert_eq!(broker.max_in_flight(), 1);
}

#[tokio::test(start_paused = true)]
async fn plots_are_images_and_a_bad_one_is_by_itself() {
    let (broker, _) = always(answer(200, "object_plots.json"));
    let alert = broker.alert("X01aaaa").await.unwrap();
    let plots = drawings(&alert).unwrap();
    let first = plots[0].as_ref().unwrap();
    assert_eq!((first.key.as_str(), first.title), ("qr_e_fig", Some("perihelion distance and eccentricity")));
    assert_eq!(first.png, b"\x89PNG\r\n\x1a\n");
    let fault = plots[1].as_ref().unwrap_err().to_string();
    assert_eq!((plots.len(), fault.as_str()), (2, "the plot is not base64 [key=H_hist_fig]"));
}
