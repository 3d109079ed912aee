//! The query form: what cannot be asked, and the lists that its words are judged by.

use super::*;

#[tokio::test]
async fn days_ago_is_a_day_of_discovery_in_utc_and_wins() {
    let service = Service::start().await;
    service.post("/api/get/search", answer(200, "search_none.json")).await;
    let query = read(json!({"days_ago": "2.5", "min_date": "2001-01-01"})).unwrap();
    let listed = list(&service.broker(), &query).await;
    assert_eq!(listed.notes, ["no object answers the query"]);
    let day = (chrono::Utc::now() - chrono::Duration::hours(60)).format("%Y-%m-%d").to_string();
    assert_eq!(service.form(0).await["data"], json!({"discovery_date_start": day}));
}

#[tokio::test]
async fn faults_of_a_query_are_told_at_once_before_anything_is_sent() {
    let faults = |pairs: Value| {
        let error = read(pairs).unwrap_err();
        error.problems().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(faults(json!({})), ["give at least one criterion, or a staging file"]);
    assert_eq!(
        faults(json!({"max_objects": 5, "units": "deg"})),
        ["give at least one criterion, or a staging file"]
    );
    assert_eq!(
        faults(
            json!({"ra": 400, "dec": 1, "days_ago": -1, "target_name": "ZTF26qqaaaaa", "targetname": "x"})
        ),
        [
            "target_name: this is no IAU name such as 2026abc; a survey's name goes into internal_name",
            "ra: 400 is outside 0..=360",
            "days_ago: -1 is outside 0..=400000",
            "targetname: no such field; did you mean target_name?"
        ]
    );
    // The search itself would be asked for all there is.
    for alone in [
        json!({"classified": "yes"}),
        json!({"classified": "any"}),
        json!({"days_from_nondet": 3, "classified": "yes"}),
    ] {
        assert_eq!(
            faults(alone),
            [
                "classified and days_from_nondet choose among what a search finds; give another criterion, or a staging \
              file"
            ]
        );
    }
    assert!(read(json!({"classified": "no"})).is_ok());
    assert!(read(json!({"classified": "yes", "staging": "all"})).is_ok());
    assert_eq!(faults(json!({"ra": 40, "dec": 1})), ["ra, dec, radius: give all of them or none"]);
    assert_eq!(
        faults(json!({"ra": 4, "dec": 1, "radius": 200, "units": "deg"})),
        ["radius, units: the radius is more than 180 degrees"]
    );
    assert_eq!(
        faults(
            json!({"min_date": "2026-02-02", "max_date": "2026-02-01", "redshift_min": 1, "redshift_max": 0})
        ),
        [
            "min_date, max_date: the first must not be above the second",
            "redshift_min, redshift_max: the first must not be above the second"
        ]
    );
    assert_eq!(
        faults(json!({"min_date": "soon", "objid": 1})),
        ["min_date: \"soon\" is not a time such as 2024-01-31T12:00:00Z"]
    );
    assert_eq!(
        faults(json!({"staging": "99", "web": true, "discoverer": "me"})),
        [
            "discoverer: the staging files do not have this; leave out one of the two",
            "staging: give all, a day such as 2026-07-26, or an hour 00 to 23",
            "staging, web: give one of the two"
        ]
    );
    // TOM Toolkit's form sends every field, most of them empty.
    let saved = json!({
        "query_name": "q", "broker": "TNS", "target_name": "", "internal_name": "ZTF26qqaaaaa", "ra": null, "dec": null,
        "radius": null, "units": "", "days_ago": null, "min_date": "", "days_from_nondet": null
    });
    let query = read(saved).unwrap();
    let internal_name = Some("ZTF26qqaaaaa".into());
    assert_eq!(query, TnsQuery { internal_name, partial_name: true, ..TnsQuery::default() });

    let service = Service::start().await;
    let error =
        list(&service.broker(), &TnsQuery { objtype: vec!["SN IIa".into(), "Star".into()], ..all() }).await;
    let told = error.faults[0].to_string();
    assert!(
        told.starts_with("TNS: objtype: \"SN IIa\" is not in the list that is known here, did you mean"),
        "{told}"
    );
    assert!(
        told.contains("; objtype: \"Star\" is not in the list that is known here; TNS's number"),
        "{told}"
    );
    assert!(service.asked().await.is_empty());
}

#[tokio::test]
async fn the_live_lists_take_the_place_of_the_snapshot() {
    let service = Service::start().await;
    service.post("/api/get/values", answer(200, "values.json")).await;
    service.post("/api/get/search", answer(200, "search_none.json")).await;
    let broker = service.broker();
    let values = broker.run(broker.protocol().values()).await.unwrap();
    assert_eq!(values.units.label(1), Some("ABMag"));
    assert_eq!(service.body(0).await, format!("api_key={KEY}"));
    list(&broker, &TnsQuery { reporting_group: vec!["new group".into()], ..TnsQuery::default() }).await;
    assert_eq!(service.form(1).await["data"]["reporting_groupid"], json!(["901"]));
    // A list that is missing is the snapshot's, and an answer without any changes nothing.
    for (data, fails) in
        [("{\"groups\": {\"902\": \"newer\"}}", false), ("[]", true), ("{}", true), ("null", true)]
    {
        let service = Service::start().await;
        let body = format!("{{\"id_code\": 200, \"data\": {data}}}");
        service.post("/api/get/values", ResponseTemplate::new(200).set_body_string(body)).await;
        let broker = service.broker();
        let told = broker.run(broker.protocol().values()).await;
        assert_eq!(
            told.as_ref().is_err_and(|error| error.message() == "the answer holds no lists"),
            fails,
            "{data}"
        );
        let known = broker.protocol().known_values();
        assert_eq!(
            (known.filters.label(110), known.groups.label(48).is_some()),
            (Some("g-ZTF"), fails),
            "{data}"
        );
    }
    let older = fixture("values_older.json");
    let older: Value = serde_json::from_slice(&older).unwrap();
    let older: Values = serde_json::from_value(older["data"].clone()).unwrap();
    assert_eq!((older.objtypes.find("SN Ia"), older.units.label(1)), (Some(3), Some("ABMag")));
}
