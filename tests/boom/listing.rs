//! Babamul's listings and logins.

use super::*;

#[tokio::test(start_paused = true)]
async fn the_alerts_of_an_object_come_page_by_page() {
    let script = ScriptedTransport::new(|request| {
        let first = asked(request, "skip").as_deref() == Some("0");
        Ok(answer(200, if first { "alerts_page1.json" } else { "alerts_page2.json" }))
    });
    let broker = client::<Babamul>(&script, with_token());
    let listed = list(&broker, &BabamulQuery { page_size: Some(2), ..of(ZTF) }).await;
    let path = "GET /api/babamul/surveys/ZTF/alerts?object_id=ZTF26aaboomx&limit=2&skip=";
    assert_eq!(sent(&script), [format!("{path}0"), format!("{path}2")]);
    let request = &script.requests()[0];
    assert_eq!(request.url().host_str(), Some("babamul.caltech.edu"));
    assert_eq!(header(request, "authorization").unwrap(), format!("Bearer {TOKEN}"));
    assert!(request.has_credential());
    assert_eq!((listed.alerts.len(), listed.faults.len(), listed.notes.len()), (3, 0, 0));
    let generic = serde_json::to_value(broker.generic(&listed.alerts[0]).unwrap()).unwrap();
    let due = json!({
        "timestamp": "2026-11-16T10:22:58.998703Z", "id": ZTF, "name": ZTF, "ra": 150.123456, "dec": -12.345678,
        "mag": 18.3, "score": 0.998, "url": "https://babamul.caltech.edu/objects/ZTF/ZTF26aaboomx"
    });
    assert_eq!(generic, due);
    assert_eq!(listed.alerts[0].candid(), Some(CANDID));
    let negative = broker.generic(&listed.alerts[1]).unwrap();
    assert_eq!((negative.mag, negative.score), (None, Some(0.998)), "a negative difference is no brightness");
    let rock = broker.target(&listed.alerts[2]).unwrap();
    assert_eq!((rock.target_type(), rock.extras["solar_system_name"].as_str()), ("NON_SIDEREAL", "99999"));
}

#[tokio::test(start_paused = true)]
async fn every_field_is_sent_by_its_name_there() {
    let (broker, script) = always(answer(200, "alerts_empty.json"));
    let query = read(json!({
        "ra": "10:00:00", "dec": -12.345678, "radius": 600, "mjd_min": 61360, "end_jd": 2461360.75,
        "min_magpsf": 15, "max_magpsf": "19.5", "min_drb": 0.5, "max_drb": 1, "is_positive": true, "is_rock": "no",
        "is_star": false, "is_near_brightstar": false, "is_stationary": true, "page_size": 50
    }))
    .unwrap();
    let listed = list(&broker, &query).await;
    assert_eq!(listed.notes, ["no alert answers the query"]);
    let due = "GET /api/babamul/surveys/ZTF/alerts?ra=150&dec=-12.345678&radius_arcsec=600&start_jd=2461360.5\
               &end_jd=2461360.75&min_magpsf=15&max_magpsf=19.5&min_drb=0.5&max_drb=1&is_positive=true&is_rock=false\
               &is_star=false&is_near_brightstar=false&is_stationary=true&limit=50&skip=0";
    assert_eq!(sent(&script), [due]);
    let query =
        read(json!({"survey": "lsst", "mjd_min": "2026-11-20", "mjd_max": "2026-11-21", "score_min": 0.4}))
            .unwrap();
    list(&broker, &query).await;
    let due = "GET /api/babamul/surveys/LSST/alerts?start_jd=2461364.5&end_jd=2461365.5&min_reliability=0.4&limit=1000&skip=0";
    assert_eq!(sent(&script)[1], due);
}

#[tokio::test(start_paused = true)]
async fn lsst_alerts_are_read_and_moving_ones_are_known() {
    let (broker, _) = always(answer(200, "alerts_lsst.json"));
    let listed = list(&broker, &of(LSST)).await;
    let generic = broker.generic(&listed.alerts[0]).unwrap();
    assert_eq!((generic.id.as_str(), generic.name.as_str()), (LSST, LSST));
    assert_eq!((generic.score, generic.mag), (Some(0.91), Some(21.5)));
    assert_eq!(generic.timestamp.unwrap().to_rfc3339(), "2026-11-17T07:11:59.999984+00:00");
    assert_eq!(listed.alerts[0].candid(), Some("170094456272322680"));
    assert_eq!(broker.target(&listed.alerts[0]).unwrap().target_type(), "SIDEREAL");
    let moving = broker.target(&listed.alerts[1]).unwrap();
    assert_eq!((moving.name.as_str(), moving.target_type()), ("sso23135500000000", "NON_SIDEREAL"));
    assert_eq!(moving.position(), Some((151.0, -12.0)));
}

#[tokio::test(start_paused = true)]
async fn a_password_becomes_a_token_that_is_renewed() {
    let script = ScriptedTransport::new(|request| {
        let login = request.url().path() == "/api/babamul/auth";
        Ok(answer(200, if login { "auth.json" } else { "alerts_empty.json" }))
    });
    let broker = client::<Babamul>(&script, with_login());
    list(&broker, &of(ZTF)).await;
    list(&broker, &of(ZTF)).await;
    let requests = script.requests();
    assert_eq!(requests.len(), 3, "one login for two listings");
    assert_eq!(sent(&script)[0], "POST /api/babamul/auth");
    let Body::Form(fields) = requests[0].payload() else { panic!("{:?}", requests[0]) };
    let due =
        [("email", "me@example.org"), ("password", PASSWORD)].map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(*fields, due);
    assert!(header(&requests[0], "authorization").is_none() && requests[0].has_credential());
    assert_eq!(header(&requests[1], "authorization").unwrap(), "Bearer made.up.token");
    tokio::time::advance(std::time::Duration::from_secs(604_800 - 59)).await;
    list(&broker, &of(ZTF)).await;
    assert_eq!(sent(&script)[3], "POST /api/babamul/auth", "a minute before its end");
}

#[tokio::test(start_paused = true)]
async fn pages_end_where_the_query_says() {
    let (broker, script) = always(answer(200, "alerts_page1.json"));
    let listed = list(&broker, &BabamulQuery { page_size: Some(2), max_pages: Some(1), ..of(ZTF) }).await;
    assert_eq!((listed.alerts.len(), script.requests().len()), (2, 1));
    assert_eq!(listed.notes, ["stopped after 1 page as max_pages asked; there may be more"]);
}

/// A page of alerts with these ids.
fn page(ids: impl Iterator<Item = i64>, key: &str) -> Response {
    let template = json_fixture("alerts_page1.json")["data"][0].clone();
    let alert = |id: i64| {
        let mut alert = template.clone();
        alert.as_object_mut().unwrap().shift_remove("candid");
        alert[key] = id.into();
        alert
    };
    text(200, &json!({"message": "found", "data": ids.map(alert).collect::<Vec<_>>()}).to_string())
}

#[tokio::test(start_paused = true)]
async fn alerts_that_come_in_meanwhile_make_none_come_twice() {
    // Before each further page two alerts come in with the smallest ids.
    let pages = std::sync::atomic::AtomicI64::new(0);
    let script = ScriptedTransport::new(move |request| {
        let earlier = pages.fetch_add(1, std::sync::atomic::Ordering::Relaxed) * 2;
        let skip = asked(request, "skip").unwrap().parse::<usize>().unwrap();
        Ok(page((1_000 - earlier..1_025).skip(skip).take(10), "candid"))
    });
    let broker = client::<Babamul>(&script, with_token());
    let listed = list(&broker, &BabamulQuery { page_size: Some(10), ..of(ZTF) }).await;
    let ids: Vec<i64> = listed.alerts.iter().map(|alert| alert.candid().unwrap().parse().unwrap()).collect();
    assert_eq!(ids, (1_000..1_025).collect::<Vec<_>>());
    let skips: Vec<_> = script.requests().iter().map(|request| asked(request, "skip").unwrap()).collect();
    assert_eq!(skips, ["0", "10", "20"]);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_gives_less_than_asked_is_read_to_its_end() {
    const CAP: usize = 100;
    let note = "the service gives 100 alerts a page where 1000 were asked for; the listing goes on";
    for (count, asked_for, notes) in [(250, 3, &[note][..]), (200, 3, &[note]), (99, 1, &[]), (150, 2, &[])] {
        let script = ScriptedTransport::new(move |request| {
            let skip = asked(request, "skip").unwrap().parse::<usize>().unwrap();
            Ok(page((1_000..1_000 + count).skip(skip).take(CAP), "candid"))
        });
        let broker = client::<Babamul>(&script, with_token());
        let listed = list(&broker, &BabamulQuery { page_size: Some(1_000), ..of(ZTF) }).await;
        assert_eq!((listed.alerts.len(), script.requests().len()), (count as usize, asked_for), "{count}");
        assert_eq!(listed.notes, notes, "{count}");
        let (broker, script) = boom(move |request| {
            let last = body(request)["filter"]["$and"][1]["_id"]["$gt"].as_i64().unwrap_or(2_999);
            page((last + 1..3_000 + count).take(CAP), "_id")
        });
        let query: BoomQuery = read_form(&json!({"filter": "{}", "page_size": 1_000})).unwrap();
        let listed = list(&broker, &query).await;
        assert_eq!(
            (listed.alerts.len(), script.requests().len()),
            (count as usize, asked_for + 1),
            "{count}"
        );
        assert_eq!(listed.notes, notes, "{count}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_is_no_answer_to_a_login() {
    let script = ScriptedTransport::new(|request| {
        let login = request.url().path() == "/api/babamul/auth";
        Ok(if login { text(200, r#"["canary-of-a-list", 1]"#) } else { answer(200, "alerts_empty.json") })
    });
    let broker = client::<Babamul>(&script, with_login());
    let listed = list(&broker, &of(ZTF)).await;
    assert_eq!(listed.faults[0].kind(), ErrorKind::Unreadable, "{:?}", listed.faults);
    let told = listed.faults[0].to_string();
    assert!(told.contains("the answer to the login has no token") && !told.contains("canary"), "{told}");
    assert_eq!(sent(&script), ["POST /api/babamul/auth"]);
}

#[tokio::test(start_paused = true)]
async fn boom_is_asked_for_what_comes_behind_the_last_id() {
    let (broker, script) = boom(|request| {
        let body = body(request);
        let last = body["filter"]["$and"][1]["_id"]["$gt"].as_i64().unwrap_or(2_999);
        page((last + 1..3_025).take(10), "_id")
    });
    let query: BoomQuery =
        read_form(&json!({"filter": "{\"candidate.drb\": {\"$gt\": 0.9}}", "page_size": 10})).unwrap();
    let listed = list(&broker, &query).await;
    let ids: Vec<i64> = listed.alerts.iter().map(|alert| alert.candid().unwrap().parse().unwrap()).collect();
    assert_eq!(ids, (3_000..3_025).collect::<Vec<_>>());
    let bodies: Vec<Value> = script.requests().iter().skip(1).map(body).collect();
    let theirs = json!({"candidate.drb": {"$gt": 0.9}});
    assert_eq!(bodies[0]["filter"], theirs);
    assert_eq!(bodies[2]["filter"], json!({"$and": [theirs, {"_id": {"$gt": 3_019}}]}));
    assert!(bodies.iter().all(|body| body["skip"] == 0 && body["limit"] == 10));
    // The same in a cone, and taken up again.
    let (broker, script) = boom(|request| {
        let last = body(request)["filter"]["$and"][1]["_id"]["$gt"].as_i64().unwrap_or(2_999);
        let alerts: Value = serde_json::from_slice(page((last + 1..3_015).take(10), "_id").body()).unwrap();
        text(200, &json!({"message": "done", "data": {"query": alerts["data"]}}).to_string())
    });
    let query: BoomQuery =
        read_form(&json!({"ra": 150.1, "dec": -12.3, "radius": 30, "page_size": 10})).unwrap();
    let mut stream = broker.alerts(&query).unwrap();
    for _ in 0..10 {
        stream.next().await.unwrap().unwrap();
    }
    let token = stream.resume_token().unwrap();
    let mut rest = broker.alerts_from(&query, Some(&token)).unwrap();
    assert_eq!(rest.next().await.unwrap().unwrap().candid(), Some("3010"));
    assert_eq!(
        body(script.requests().last().unwrap())["filter"],
        json!({"$and": [{}, {"_id": {"$gt": 3_009}}]})
    );
    let foreign = at_place(&token, "0@7");
    let mut stream = broker.alerts_from(&query, Some(&foreign)).unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap_err().kind(), ErrorKind::Input);
}
