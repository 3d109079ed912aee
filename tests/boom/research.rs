//! BOOM's own API: filters, cones and pipelines in Mongo's words.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

fn query(pairs: Value) -> BoomQuery {
    tom_alerts::form::read(pairs.as_object().unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_login_comes_first_and_a_filter_is_sent_in_mongos_words() {
    let (broker, script) = boom(|_| answer(200, "boom_find.json"));
    let query = query(json!({
        "survey": "ZTF", "mjd_min": 61360, "mjd_max": 61361, "max_magpsf": 19, "min_drb": 0.5, "is_rock": false,
        "filter": "{\"candidate.nbad\": {\"$lt\": 2}}"
    }));
    let listed = list(&broker, &query).await;
    assert_eq!(sent(&script), ["POST /auth", "POST /queries/find"]);
    let requests = script.requests();
    assert_eq!(requests[0].url().host_str(), Some("api.kaboom.caltech.edu"));
    let Body::Form(fields) = requests[0].payload() else { panic!("{:?}", requests[0]) };
    assert_eq!(
        (fields[0].0.as_str(), fields[0].1.as_str(), fields[1].0.as_str()),
        ("username", "me", "password")
    );
    assert_eq!(header(&requests[1], "authorization").unwrap(), "Bearer made.up.token");
    let due = json!({
        "catalog_name": "ZTF_alerts",
        "filter": {"$and": [
            {"candidate.nbad": {"$lt": 2}},
            {
                "candidate.jd": {"$gte": 2_461_360.5, "$lte": 2_461_361.5}, "candidate.magpsf": {"$lte": 19.0},
                "candidate.drb": {"$gte": 0.5}, "properties.rock": false
            }
        ]},
        "sort": {"_id": 1}, "limit": 1000, "skip": 0, "max_time_ms": 60_000
    });
    assert_eq!(body(&requests[1]), due);
    let generic = broker.generic(&listed.alerts[0]).unwrap();
    assert_eq!(
        (generic.id.as_str(), listed.alerts[0].candid(), generic.mag),
        (ZTF, Some(CANDID), Some(18.3))
    );
    assert_eq!(listed.alerts.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_cone_is_a_search_of_its_own() {
    let (broker, script) = boom(|_| answer(200, "boom_cone.json"));
    let listed = list(&broker, &query(json!({"ra": 150.1, "dec": -12.3, "radius": 30}))).await;
    assert_eq!((listed.alerts.len(), listed.faults.len()), (1, 0));
    assert_eq!(sent(&script)[1], "POST /queries/cone_search");
    let due = json!({
        "catalog_name": "ZTF_alerts", "filter": {}, "sort": {"_id": 1}, "limit": 1000, "skip": 0, "max_time_ms": 60_000,
        "object_coordinates": {"query": [150.1, -12.3]}, "radius": 30.0, "unit": "Arcseconds"
    });
    assert_eq!(body(&script.requests()[1]), due);
    let (broker, _) = boom(|_| answer(200, "boom_cone_empty.json"));
    let listed = list(&broker, &query(json!({"ra": 150.1, "dec": -12.3, "radius": 30}))).await;
    assert_eq!((listed.alerts.len(), listed.notes), (0, vec!["no alert answers the query".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_pipeline_is_one_page() {
    let (broker, script) = boom(|_| answer(200, "boom_find.json"));
    let pipeline = "[{\"$match\": {\"candidate.drb\": {\"$gt\": 0.9}}}, {\"$limit\": 2}]";
    let listed = list(&broker, &query(json!({"survey": "ZTF", "pipeline": pipeline, "page_size": 2}))).await;
    assert_eq!((listed.alerts.len(), script.requests().len()), (2, 2));
    let due = json!({
        "catalog_name": "ZTF_alerts",
        "pipeline": [{"$match": {"candidate.drb": {"$gt": 0.9}}}, {"$limit": 2}]
    });
    assert_eq!(body(&script.requests()[1]), due);
}

#[tokio::test(start_paused = true)]
async fn an_alert_is_found_by_object_and_by_number() {
    let (broker, script) = boom(|request| {
        let lsst = body(request)["catalog_name"] == "LSST_alerts";
        answer(200, if lsst { "alerts_empty.json" } else { "boom_find_one.json" })
    });
    assert_eq!(broker.alert(ZTF).await.unwrap().object_id, ZTF);
    let due = json!({"catalog_name": "ZTF_alerts", "filter": {"objectId": ZTF}, "sort": {"candidate.jd": -1}, "limit": 1});
    assert_eq!(body(&script.requests()[1]), due);
    assert_eq!(broker.alert(CANDID).await.unwrap().candid(), Some(CANDID));
    let requests = script.requests();
    let number = 3_005_432_622_415_015_012_i64;
    assert_eq!(body(&requests[2])["filter"], json!({"$or": [{"_id": number}, {"objectId": CANDID}]}));
    assert_eq!(body(&requests[3])["filter"], json!({"_id": number}));
    let (broker, _) = boom(|_| answer(200, "alerts_empty.json"));
    let error = broker.alert(CANDID).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.to_string(), "BOOM: no such object or alert, or no access to its survey");
    // An account without access to LSST is asked of ZTF.
    let (broker, _) = boom(|request| match body(request)["catalog_name"] == "LSST_alerts" {
        true => answer(404, "error_404.json"),
        false => answer(200, "boom_find_one.json"),
    });
    assert_eq!(broker.alert(CANDID).await.unwrap().object_id, ZTF);
}

#[tokio::test(start_paused = true)]
async fn an_object_of_no_known_shape_is_looked_for_in_decam_and_winter() {
    const WINTER: &str = "WNTR26aaaab";
    let (broker, script) = boom(|request| {
        let path = request.url().path();
        if path == "/surveys/DECAM/cutouts" {
            return answer(404, "error_404.json");
        }
        if path == "/surveys/WINTER/cutouts" {
            return answer(200, "cutouts.json");
        }
        match body(request)["catalog_name"].as_str().unwrap() {
            "WINTER_alerts" => answer(200, "boom_find_one.json"),
            "WINTER_alerts_aux" => answer(200, "boom_aux.json"),
            _ => answer(200, "alerts_empty.json"),
        }
    });
    broker.alert(WINTER).await.unwrap();
    let data = broker.reduced_data(WINTER, None).await.unwrap();
    assert_eq!(data.points.len(), 8);
    let own =
        data.points.iter().filter(|point| point.photometry().unwrap().survey.as_deref() == Some("WINTER"));
    assert!(own.count() > 0);
    assert_eq!(broker.cutouts(WINTER, None).await.unwrap().len(), 2);
    let asked: Vec<_> = script.requests().iter().map(|request| request.url().path().to_owned()).collect();
    assert_eq!(asked[5..], ["/surveys/DECAM/cutouts", "/surveys/WINTER/cutouts"]);
    assert_eq!(
        body(&script.requests()[3]),
        json!({"catalog_name": "DECAM_alerts_aux", "filter": {"_id": WINTER}, "limit": 1})
    );

    // By such an id alone a listing does not know where to look, and says so.
    let fault =
        tom_alerts::form::read::<BoomQuery>(json!({"object_id": WINTER}).as_object().unwrap()).unwrap_err();
    assert_eq!(fault.to_string(), "survey: only ids of ZTF and LSST say of which survey they are; give it");
    query(json!({"object_id": WINTER, "survey": "WINTER"}));
    assert!(
        broker
            .protocol()
            .name_query(WINTER)
            .unwrap_err()
            .to_string()
            .contains("list by object_id with a survey")
    );
    let fault = broker.alert("../x").await.unwrap_err();
    assert_eq!(fault.kind(), ErrorKind::Input);

    // Its own alert is asked for by its id; a target of anyone's is not taken for one of theirs.
    let text = json!({"_id": 7, "objectId": WINTER, "candidate": {"jd": 2_461_360.5, "ra": 1.5, "dec": 2.5}})
        .to_string();
    let alert = broker.erase(tom_alerts::Alert::from_raw(&text).unwrap()).unwrap();
    let (target, store) = (alert.to_target().unwrap(), tom_alerts::MemoryStore::new());
    let (_, data) = broker.process_reduced_data(&target, Some(&alert), &store).await.unwrap();
    assert_eq!(data.points.len(), 8);
    let fault = broker.process_reduced_data(&target, None, &store).await.unwrap_err();
    assert!(fault.to_string().contains("by none of its names"), "{fault}");
}

#[tokio::test(start_paused = true)]
async fn the_light_curve_is_in_another_catalogue() {
    let (broker, script) = boom(|_| answer(200, "boom_aux.json"));
    let data = broker.reduced_data(ZTF, None).await.unwrap();
    assert_eq!(
        body(&script.requests()[1]),
        json!({"catalog_name": "ZTF_alerts_aux", "filter": {"_id": ZTF}, "limit": 1})
    );
    assert_eq!((data.points.len(), data.failures.len()), (8, 0));
    assert!(data.points.iter().all(|point| point.source_name == "BOOM"));
    let (broker, _) = boom(|_| answer(200, "alerts_empty.json"));
    let error = broker.reduced_data(ZTF, None).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (ErrorKind::NotFound, "BOOM: BOOM has no light curve of this object")
    );
}

#[tokio::test(start_paused = true)]
async fn a_filter_that_mongo_cannot_read_is_asked_once() {
    let (broker, script) = boom(|_| answer(500, "error_500.json"));
    let listed = list(&broker, &query(json!({"filter": "{\"candidate.drb\": {\"$lessthan\": 1}}"}))).await;
    assert_eq!(
        listed.faults[0].to_string(),
        "BOOM: BOOM failed; it does so for a filter or pipeline that Mongo cannot read too: \
         error querying: unknown operator: $lessthan [page=1, status=500]"
    );
    assert_eq!(sent(&script), ["POST /auth", "POST /queries/find"]);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_ended_is_begun_anew_once() {
    let refusals = AtomicUsize::new(0);
    let (broker, script) = boom(move |_| match refusals.fetch_add(1, Ordering::Relaxed) {
        0 => text(401, "Unauthorized"),
        _ => answer(200, "boom_count.json"),
    });
    let count =
        broker.run(broker.protocol().count(BoomSurvey::Ztf, &json!({"candidate.drb": {"$gt": 0.9}}))).await;
    assert_eq!(count.unwrap(), 4242);
    assert_eq!(sent(&script), ["POST /auth", "POST /queries/count", "POST /auth", "POST /queries/count"]);
    // A service that takes no session at all.
    let script = ScriptedTransport::new(|request| {
        Ok(if request.url().path() == "/auth" { answer(200, "auth.json") } else { text(401, "Unauthorized") })
    });
    let broker = client::<Boom>(&script, account());
    let error = broker.run(broker.protocol().filters()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(error.to_string().contains("a token of Babamul is no token of BOOM"), "{error}");
    assert_eq!(sent(&script), ["POST /auth", "GET /filters", "POST /auth", "GET /filters"]);
    assert_eq!(broker.protocol().count(BoomSurvey::Ztf, &json!([])).unwrap_err().kind(), ErrorKind::Input);
    assert_eq!(broker.protocol().catalogues().unwrap().requests()[0].url().path(), "/catalogs");
}
