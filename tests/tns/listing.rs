//! Searches: what is sent, and what comes back.

use super::*;

#[tokio::test]
async fn a_search_asks_for_each_object_newest_first_with_key_and_marker() {
    let service = Service::three().await;
    let broker = service.broker();
    let query = read(json!({
        "target_name": "AT 2026QQ", "partial_name": true, "ra": 10.12345678, "dec": "-45.25", "radius": 5,
        "units": "arcmin", "min_date": "2026-03-01T00:00:00", "max_date": "2026-04-01",
        "modified_since": "2026-03-02 10:00:00", "discovery_mag_max": 20.5, "objtype": "SN Ia, 900",
        "at_type": "1", "reporting_group": "ALeRCE", "internal_name": "ZTF26", "objid": 7, "reported_days": 30,
        "redshift_min": 0.01, "include_frb": "on", "spectra_count": 1, "hostname": "NGC 1",
        "discovery_instrument": "ZTF-Cam"
    }))
    .unwrap();
    let listed = list(&broker, &query).await;
    assert!(listed.faults.is_empty(), "{:?}", listed.faults);
    assert_eq!(names(&listed), ["2026qqc", "2026qqb", "2026qqa"]);
    assert_eq!((listed.total, listed.notes.len()), (Some(3), 0));
    assert_eq!(
        service.asked().await,
        ["POST /api/get/search", "POST /api/get/object", "POST /api/get/object", "POST /api/get/object"]
    );
    let form = service.form(0).await;
    assert_eq!(form["api_key"], KEY);
    assert_eq!(
        form["data"],
        json!({
            "objname": "2026qq", "objname_exact_match": 0, "internal_name": "ZTF26", "internal_name_exact_match": 0,
            "objid": 7, "ra": "10.123457", "dec": "-45.25", "radius": "5", "units": "arcmin",
            "discovery_date_start": "2026-03-01", "discovery_date_end": "2026-04-01",
            "public_timestamp": "2026-03-02 10:00:00", "reported_period_value": 30, "reported_period_units": "days",
            "discovery_mag_max": 20.5, "include_frb": 1, "redshift_min": 0.01, "spectra_count": 1, "hostname": "NGC 1",
            "objtype": ["3", "900"], "at_type": ["1"], "reporting_groupid": ["74"], "discovery_instrument": ["196"]
        })
    );
    assert_eq!(
        service.form(1).await["data"],
        json!({"objname": "2026qqc", "photometry": "1", "spectra": "1"})
    );
    for n in 0..4 {
        assert_eq!(
            service.header(n, "user-agent").await.unwrap(),
            r#"tns_marker{"tns_id":12,"type":"bot","name":"A \"Bot\""}"#
        );
        assert_eq!(service.header(n, "content-type").await.unwrap(), "application/x-www-form-urlencoded");
    }
}

#[tokio::test]
async fn a_limit_asks_for_no_object_beyond_it() {
    let service = Service::three().await;
    let (alerts, faults) = service.broker().alerts(&all()).unwrap().limit(1).collect_all().await;
    assert_eq!((alerts.len(), alerts[0].objname.as_str(), faults.len()), (1, "2026qqc", 0));
    assert_eq!(service.asked().await, ["POST /api/get/search", "POST /api/get/object"]);
}

#[tokio::test]
async fn an_object_that_fails_is_named_in_its_error() {
    let service = Service::start().await;
    service.post("/api/get/search", answer(200, "search_three.json")).await;
    service.post("/api/get/object", said(400, "{}")).await;
    let (alerts, faults) = service.broker().alerts(&all()).unwrap().collect_all().await;
    let asked: Vec<_> = faults.iter().map(|error| error.asked().map(|a| (a.id(), a.name()))).collect();
    assert_eq!(alerts.len(), 0);
    assert_eq!(asked[0], Some(("2026qqc", Some("AT2026qqc"))), "{faults:?}");
    assert_eq!(asked.len(), 3);
}

#[tokio::test]
async fn an_alert_is_generic_in_all_its_parts() {
    let service = Service::three().await;
    let broker = service.broker();
    let listed = list(&broker, &all()).await;
    let generic: Vec<_> = listed.alerts.iter().map(|alert| broker.generic(alert).unwrap()).collect();
    let sn = serde_json::to_value(&generic[2]).unwrap();
    assert_eq!(
        sn,
        json!({
            "timestamp": "2026-03-04T06:30:00.500Z", "id": "2026qqa", "name": "SN2026qqa", "ra": 157.5, "dec": -20.25,
            "mag": 19.25, "score": 1.0, "url": service.at("object/2026qqa")
        })
    );
    let bare = &generic[1];
    assert_eq!((bare.name.as_str(), bare.mag, bare.score), ("AT2026qqb", None, Some(0.0)));
    // Its numbers are missing, its texts are not.
    assert_eq!((generic[0].ra, generic[0].dec), (Some(157.5), Some(-20.25)));
}

#[tokio::test]
async fn a_target_has_its_names_and_what_is_known() {
    let service = Service::three().await;
    let broker = service.broker();
    let target = broker.target(&broker.alert("sn 2026QQA").await.unwrap()).unwrap();
    assert_eq!(target.name, "SN2026qqa");
    assert_eq!(target.aliases, ["2026qqa", "AT2026qqa", "ZTF26qqaaaaa", "ATLAS26qqa"]);
    assert_eq!(target.position(), Some((157.5, -20.25)));
    let json = serde_json::to_value(&target).unwrap();
    assert_eq!(json["epoch"], 2000.0);
    let due = [
        ("classification", "SN Ia"),
        ("discovery_data_source", "ZTF"),
        ("discoverydate", "2026-03-04 06:30:00.500"),
        ("discoverymag", "19.25"),
        ("host_redshift", "0.0418"),
        ("hostname", "Galaxy 7"),
        ("name_prefix", "SN"),
        ("objid", "700001"),
        ("redshift", "0.042"),
        ("reporting_group", "ALeRCE"),
    ];
    assert!(target.extras.iter().map(|(k, v)| (k.as_str(), v.as_str())).eq(due), "{:?}", target.extras);
    let bare = broker.target(&broker.alert("2026qqb").await.unwrap()).unwrap();
    assert_eq!((bare.name.as_str(), bare.aliases.as_slice()), ("AT2026qqb", &["2026qqb".to_owned()][..]));
    assert_eq!(bare.extras.len(), 3, "{:?}", bare.extras);
}

#[tokio::test]
async fn a_bound_keeps_the_newest_and_says_so() {
    let service = Service::three().await;
    let listed = list(&service.broker(), &TnsQuery { max_objects: Some(2), ..all() }).await;
    assert_eq!(names(&listed), ["2026qqc", "2026qqb"]);
    assert_eq!(listed.notes, ["the newest 2 of 3 objects as max_objects asks, for each costs a call"]);
    assert_eq!((listed.total, service.asked().await.len()), (Some(2), 3));
}

#[tokio::test]
async fn what_the_search_cannot_be_asked_is_seen_at_the_object() {
    let service = Service::three().await;
    let broker = service.broker();
    let of = |pairs: Value| {
        let mut pairs = pairs;
        pairs["reported_days"] = 7.into();
        read(pairs).unwrap()
    };
    for (pairs, due) in [
        (json!({"classified": "yes"}), vec!["2026qqa"]),
        (json!({"classified": "no"}), vec!["2026qqc", "2026qqb"]),
        (json!({"min_date": "2026-03-20T01:02:03"}), vec!["2026qqc", "2026qqb"]),
        (json!({"max_date": "2026-03-20T01:02:02"}), vec!["2026qqa"]),
        // Two days in the dark, ten days, and one without any limit or detection.
        (json!({"days_from_nondet": 2}), vec!["2026qqa"]),
        (json!({"days_from_nondet": 10}), vec!["2026qqc", "2026qqa"]),
        (json!({"days_from_nondet": 1.9}), vec![]),
    ] {
        let listed = list(&broker, &of(pairs.clone())).await;
        assert_eq!(names(&listed), due, "{pairs}");
        assert!(listed.faults.is_empty(), "{:?}", listed.faults);
    }
    let search = service.form(4).await;
    assert_eq!(search["data"]["unclassified_at"], 1);
}

#[tokio::test]
async fn a_search_without_hits_is_empty_in_each_of_its_shapes() {
    for data in [
        "[]",
        "{\"reply\": null}",
        "{}",
        "null",
        "{\"reply\": []}",
        "{\"reply\": {}}",
        "{\"received_data\": {}, \"reply\": []}",
        "{ }",
    ] {
        let body = format!("{{\"id_code\": 200, \"id_message\": \"OK\", \"data\": {data}}}");
        let service = Service::start().await;
        service.post("/api/get/search", ResponseTemplate::new(200).set_body_string(body)).await;
        let listed = list(&service.broker(), &all()).await;
        assert_eq!((listed.alerts.len(), listed.faults.len()), (0, 0), "{data}: {:?}", listed.faults);
        assert_eq!(listed.notes, ["no object answers the query"], "{data}");
    }
    let service = Service::start().await;
    service.post("/api/get/search", ResponseTemplate::new(200).set_body_string("{\"id_code\": 200}")).await;
    assert!(list(&service.broker(), &all()).await.faults.is_empty());
}

#[tokio::test]
async fn both_generations_of_answers_are_read() {
    let service = Service::start().await;
    service.post("/api/get/search", answer(200, "search_reply.json")).await;
    service.object("2026qqa", answer(200, "object_reply.json")).await;
    let listed = list(&service.broker(), &all()).await;
    assert_eq!(names(&listed), ["2026qqa"]);
    assert_eq!(listed.alerts[0].class(), Some("SN Ia"));
    assert_eq!(listed.alerts[0].photometry().unwrap().0.len(), 1);
    // The text that is kept is the object's own.
    assert!(
        listed.alerts[0].raw().starts_with("{\n   \"objname\": \"2026qqa\""),
        "{}",
        listed.alerts[0].raw()
    );
}
