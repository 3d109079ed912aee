//! Listings: cones, ids and rows, the batches behind them, generic alerts and targets.

use super::support::listing::at_place;
use tom_alerts::store::{MemoryStore, TargetStore};
use tom_alerts::{IngestOptions, Registry, Target};

use super::*;

#[tokio::test]
async fn a_cone_gives_ids_and_the_objects_come_in_one_batch_with_the_token_in_a_header() {
    let service = Service::start().await;
    service.get("/api/cone/", answer(200, "ztf_cone.json")).await;
    service.post("/api/objects/", answer(200, "ztf_objects_ok.json")).await;
    let broker = service.ztf();
    let listed = list(&broker, &cone()).await;
    assert!(listed.faults.is_empty(), "{:?}", listed.faults);
    assert_eq!(ids(&listed.alerts), [ZTF, OTHER]);
    assert_eq!(
        service.asked().await,
        ["GET /api/cone/?ra=201.5&dec=-9.75&radius=30&requestType=all", "POST /api/objects/"]
    );
    assert_eq!(service.body(1).await, format!("objectIds={ZTF}%2C{OTHER}"));
    for n in 0..2 {
        assert_eq!(service.header(n, "authorization").await.unwrap(), format!("Token {TOKEN}"));
        assert_eq!(service.header(n, "accept").await.unwrap(), "application/json");
    }
    assert_eq!(listed.alerts[0].separation, Some(0.125));
    let raw: Value = serde_json::from_str(listed.alerts[0].raw()).unwrap();
    assert_eq!((&raw["separation"], &raw["objectData"]["ncand"]), (&json!(0.125), &json!(3)));
    let generic = broker.generic(&listed.alerts[0]).unwrap();
    assert_eq!(
        serde_json::to_value(&generic).unwrap(),
        json!({
            "timestamp": "2026-03-01T06:00:00Z", "id": ZTF, "name": ZTF, "ra": 201.5, "dec": -9.75,
            "mag": 18.25, "score": 0.99, "url": "https://lasair-ztf.lsst.ac.uk/objects/ZTF26aaaaaab/"
        })
    );
    let fading = broker.generic(&listed.alerts[1]).unwrap();
    assert_eq!((fading.mag, fading.score), (None, Some(0.99)), "fainter than the reference is no brightness");
}

#[tokio::test]
async fn an_object_becomes_a_target_with_alias_and_extras() {
    let service = Service::start().await;
    service.get("/api/object/", answer(200, "ztf_object_ok.json")).await;
    let broker = service.ztf();
    let target = broker.target(&broker.alert(ZTF).await.unwrap()).unwrap();
    assert_eq!(target.aliases, ["SN 2026abc"]);
    let extras: Vec<_> = target.extras.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(
        extras,
        [
            "ncand=3",
            "sherlock_association=SN",
            "sherlock_catalogue=SDSS/PS1",
            "sherlock_catalogue_id=1237000000000000001",
            "sherlock_classification=SN",
            "sherlock_description=The transient is possibly associated with SDSS J132559.76-094456.4; \
             an r=17.20 mag galaxy.",
            "sherlock_separation_arcsec=4.21",
            "sherlock_z=0.031",
            "survey=ZTF",
            "tns_internal_name=ZTF26aaaaaab",
            "tns_type=SN Ia",
            "tns_z=0.0301",
        ]
    );
}

#[tokio::test]
async fn rows_of_a_query_are_asked_for_in_order_and_become_whole_objects() {
    let service = Service::start().await;
    service.post("/api/query/", answer(200, "ztf_ids.json")).await;
    service.post("/api/objects/", answer(200, "ztf_objects_ok.json")).await;
    let listed = list(&service.ztf(), &sql("gmag < 19.5")).await;
    assert_eq!(ids(&listed.alerts), [ZTF, OTHER]);
    assert!(listed.alerts.iter().all(|alert| alert.object_data.is_some()));
    assert_eq!(service.asked().await, ["POST /api/query/", "POST /api/objects/"]);
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(
        service.fields(0).await,
        [
            pair("selected", "objects.objectId"),
            pair("tables", "objects"),
            pair("conditions", "(gmag < 19.5) ORDER BY objects.objectId"),
            pair("limit", "1000"),
            pair("offset", "0"),
        ]
    );
}

#[tokio::test]
async fn conditions_go_out_in_parentheses_and_rows_beyond_the_limit_are_left_out() {
    let service = Service::start().await;
    service.post("/api/query/", answer(200, "ztf_rows.json")).await;
    let broker = service.ztf();
    let query = LasairQuery {
        whole_objects: Some(false),
        limit: Some(1),
        tables: vec!["sherlock_classifications".into()],
        ..sql("gmag < 19 OR rmag < 19 ORDER BY ncand DESC")
    };
    let listed = list(&broker, &query).await;
    assert_eq!(
        service.fields(0).await[2].1,
        "(gmag < 19 OR rmag < 19) ORDER BY ncand DESC, objects.objectId",
        "the service writes them behind the joins and an AND"
    );
    assert_eq!(ids(&listed.alerts), [ZTF]);
    assert_eq!(
        listed.notes,
        [
            "the service gave 1 rows more than were asked for; left out",
            "stopped after 1 objects as limit asked; there may be more"
        ]
    );
    let rows = broker.run(broker.protocol().rows("objectId", &[], "a OR b", 1, 0)).await.unwrap();
    assert_eq!((rows.len(), service.fields(1).await[2].1.as_str()), (1, "(a OR b)"));
}

#[tokio::test]
async fn rows_alone_are_enough_for_generic_alerts_and_targets() {
    let service = Service::start().await;
    service.post("/api/query/", answer(200, "ztf_rows.json")).await;
    let broker = service.ztf();
    let query = LasairQuery {
        whole_objects: Some(false),
        tables: vec!["sherlock_classifications".into()],
        ..sql("gmag < 19.5")
    };
    let listed = list(&broker, &query).await;
    assert_eq!(service.asked().await, ["POST /api/query/"]);
    let sent = service.fields(0).await;
    assert_eq!(sent[1].1, "objects,sherlock_classifications");
    assert!(sent[0].1.starts_with("objects.objectId, objects.ramean, objects.decmean"), "{}", sent[0].1);
    assert!(sent[0].1.ends_with("sherlock_classifications.z"), "{}", sent[0].1);
    let generic = broker.generic(&listed.alerts[0]).unwrap();
    assert_eq!((generic.mag, generic.score), (Some(18.25), None), "r is the later one");
    assert_eq!(generic.timestamp.unwrap().to_rfc3339(), "2026-03-01T06:00:00+00:00");
    assert_eq!(broker.generic(&listed.alerts[1]).unwrap().mag, Some(19.4));
    let target = broker.target(&listed.alerts[0]).unwrap();
    assert_eq!(target.extras["sherlock_description"], "an r=17.20 mag galaxy");
    assert_eq!(target.extras["sherlock_z"], "0.031", "a redshift of 0 is unknown");
    let raw: Value = serde_json::from_str(listed.alerts[1].raw()).unwrap();
    assert_eq!(raw["row"]["catalogue_object_id"], 77);
}

#[tokio::test]
async fn columns_that_are_asked_for_come_with_the_id() {
    let service = Service::start().await;
    service.post("/api/query/", said(200, r#"[{"objectId": "ZTF26aaaaaab", "age": 3.5}]"#)).await;
    let query = LasairQuery { selected: Some("jdnow()-objects.jdmax AS age".into()), ..sql("gmag < 12") };
    let listed = list(&service.ztf(), &query).await;
    assert_eq!(service.fields(0).await[0].1, "objects.objectId, jdnow()-objects.jdmax AS age");
    assert_eq!(service.asked().await.len(), 1, "rows alone");
    let raw: Value = serde_json::from_str(listed.alerts[0].raw()).unwrap();
    assert_eq!(raw["row"]["age"], 3.5);
}

#[tokio::test]
async fn pages_of_rows_go_on_until_the_limit() {
    let service = Service::start().await;
    let rows = |from: usize, count: usize| {
        let letter = |n: usize| char::from(b'a' + (n % 26) as u8);
        let id = |n: usize| format!("ZTF26{}{}{}aaaa", letter(n / 676), letter(n / 26), letter(n));
        let rows: Vec<_> = (from..from + count).map(|n| json!({"objectId": id(n), "ramean": 1.0})).collect();
        said(200, serde_json::to_string(&rows).unwrap())
    };
    Mock::given(body_string_contains("limit=1000&offset=7"))
        .respond_with(rows(0, 1000))
        .mount(&service.server)
        .await;
    Mock::given(body_string_contains("limit=500&offset=1007"))
        .respond_with(rows(1000, 500))
        .mount(&service.server)
        .await;
    let query =
        LasairQuery { whole_objects: Some(false), limit: Some(1500), offset: Some(7), ..sql("gmag < 19.5") };
    let listed = list(&service.ztf(), &query).await;
    assert!(listed.faults.is_empty(), "{:?}", listed.faults);
    assert_eq!((listed.alerts.len(), service.asked().await.len()), (1500, 2));
    assert_eq!(listed.notes, ["stopped after 1500 objects as limit asked; there may be more"]);

    let service = Service::start().await;
    service.post("/api/query/", rows(0, 3)).await;
    let query = LasairQuery { whole_objects: Some(false), ..sql("gmag < 19.5") };
    assert_eq!(list(&service.ztf(), &query).await.alerts.len(), 3);
    assert_eq!(service.asked().await.len(), 1, "fewer than asked for are the last");
}

#[tokio::test]
async fn more_ids_than_a_batch_holds_are_parted_and_resumable() {
    let service = Service::start().await;
    let name = |n: usize| {
        format!(
            "ZTF26aaaa{}{}{}",
            (b'a' + (n / 676) as u8) as char,
            (b'a' + (n / 26 % 26) as u8) as char,
            (b'a' + (n % 26) as u8) as char
        )
    };
    let found: Vec<_> = (0..450).map(|n| json!({"object": name(n), "separation": n as f64})).collect();
    service.get("/api/cone/", said(200, serde_json::to_string(&found).unwrap())).await;
    let objects = |from: usize, to: usize| {
        let all: Vec<_> = (from..to)
            .map(|n| json!({"objectId": name(n), "objectData": {"ramean": 1.0, "decmean": 2.0}}))
            .collect();
        said(200, serde_json::to_string(&all).unwrap())
    };
    for (from, to) in [(0, 200), (200, 400), (400, 450)] {
        service.query(&format!("objectIds={}%2C", name(from)), objects(from, to)).await;
    }
    let broker = service.ztf();
    let listed = list(&broker, &cone()).await;
    assert!(listed.faults.is_empty(), "{:?}", listed.faults);
    assert_eq!(listed.alerts.len(), 450);
    assert_eq!(listed.alerts[449].separation, Some(449.0));
    assert_eq!(service.asked().await.len(), 4, "one cone, three batches");

    let mut stream = broker.alerts(&cone()).unwrap();
    for _ in 0..200 {
        stream.next().await.unwrap().unwrap();
    }
    let token = stream.resume_token().unwrap();
    let mut again = broker.alerts_from(&cone(), Some(&token)).unwrap();
    assert_eq!(again.next().await.unwrap().unwrap().object_id, name(200));
    let strange = at_place(&token, "0@ids:ZTF26aaaaaab%27;%20DROP");
    let fault = broker.alerts_from(&cone(), Some(&strange)).unwrap().next().await.unwrap().unwrap_err();
    assert!(fault.to_string().contains("resume token"), "{fault}");
}

#[tokio::test]
async fn a_cone_across_ra_0_and_near_the_pole_is_asked_as_it_is() {
    let service = Service::start().await;
    service.get("/api/cone/", said(200, "[]")).await;
    let broker = service.ztf();
    for (ra, dec, due) in [
        (359.9999, 0.0, "ra=359.9999&dec=0&radius=5"),
        (360.0, -0.5, "ra=0&dec=-0.5&radius=5"),
        (0.0, 0.0, "ra=0&dec=0&radius=5"),
        (12.0, 89.9999, "ra=12&dec=89.9999&radius=5"),
        (12.0, -90.0, "ra=12&dec=-90&radius=5"),
        (1e-7, 1e-9, "ra=0.0000001&dec=0.000000001&radius=5"),
    ] {
        let query = broker.protocol().cone_query(ra, dec, 5.0).unwrap();
        let listed = list(&broker, &query[0]).await;
        assert_eq!((listed.alerts.len(), listed.notes), (0, vec!["no object lies in the cone".to_owned()]));
        let asked = service.asked().await.pop().unwrap();
        assert_eq!(asked, format!("GET /api/cone/?{due}&requestType=all"));
    }
    assert_eq!(broker.protocol().cone_query(-1.0, 0.0, 5.0).unwrap()[0].ra, Some(359.0));
    let near_pole = Service::start().await;
    near_pole.get("/api/cone/", answer(200, "ztf_cone.json")).await;
    near_pole.post("/api/objects/", answer(200, "ztf_objects_ok.json")).await;
    let broker = near_pole.ztf();
    let listed = list(&broker, &cone()).await;
    let at = broker.target(&listed.alerts[1]).unwrap().position();
    assert_eq!(at, Some((0.0004, 89.995)));
}

#[tokio::test]
async fn an_lsst_cone_becomes_rows_with_sherlock_and_those_without_come_by_themselves() {
    let service = Service::start().await;
    service.get("/api/cone/", answer(200, "lsst_cone.json")).await;
    service.query("sherlock_classifications", answer(200, "lsst_rows_sherlock.json")).await;
    service.query("tables=objects&", answer(200, "lsst_rows_rest.json")).await;
    let broker = service.lsst();
    let listed = list(&broker, &cone()).await;
    assert!(listed.faults.is_empty(), "{:?}", listed.faults);
    assert_eq!(ids(&listed.alerts), [LSST, "169342810955400002", "169342810955400003"], "nearest first");
    assert_eq!(service.asked().await.len(), 3);
    let conditions = |ids: &str| ("conditions".to_owned(), format!("objects.diaObjectId IN ({ids})"));
    let all = format!("{LSST},169342810955400002,169342810955400003");
    assert_eq!(service.fields(1).await[2], conditions(&all));
    assert_eq!(service.fields(1).await[3].1, "3");
    assert_eq!(service.fields(2).await[2], conditions("169342810955400003"));
    let separations: Vec<_> = listed.alerts.iter().map(|alert| alert.separation).collect();
    assert_eq!(separations, [Some(0.24), Some(3.0), Some(9.5)]);
    let generics: Vec<_> = listed.alerts.iter().map(|alert| broker.generic(alert).unwrap()).collect();
    assert_eq!(
        serde_json::to_value(&generics[0]).unwrap(),
        json!({
            "timestamp": "2026-06-09T11:59:23Z", "id": LSST, "name": LSST, "ra": 150.25, "dec": 2.2,
            "mag": generics[0].mag, "score": 0.91,
            "url": format!("https://lasair.lsst.ac.uk/objects/{LSST}/")
        })
    );
    assert!((generics[0].mag.unwrap() - 22.5).abs() < 1e-3);
    assert_eq!((generics[1].mag, generics[2].mag, generics[2].timestamp), (None, None, None));
    let target = broker.target(&listed.alerts[0]).unwrap();
    assert_eq!(target.aliases, ["2026xyz"]);
    let extra = |key: &str| target.extras.get(key).map(String::as_str);
    assert_eq!(
        (extra("sherlock_classification"), extra("sherlock_z"), extra("nDiaSources"), extra("ebv")),
        (Some("SN"), Some("0.12"), Some("12"), Some("0.031"))
    );
}

#[tokio::test]
async fn lsst_ids_are_asked_for_in_batches_by_a_query() {
    let service = Service::start().await;
    service.query("sherlock_classifications", answer(200, "lsst_rows_sherlock.json")).await;
    service.query("tables=objects&", said(200, "[]")).await;
    let object_id = vec![LSST.to_owned(), "169342810955499999".to_owned()];
    let listed = list(&service.lsst(), &LasairLsstQuery { object_id, ..LasairQuery::default() }).await;
    assert_eq!(ids(&listed.alerts), [LSST]);
    assert_eq!(listed.faults[0].to_string(), "Lasair-LSST: no such object [id=169342810955499999, item=2]");
    assert_eq!(listed.faults[0].kind(), ErrorKind::NotFound);
    assert_eq!(service.asked().await.len(), 2);
}

#[tokio::test]
async fn an_empty_lsst_cone_and_an_old_servers_empty_cone_are_empty() {
    let service = Service::start().await;
    service.get("/api/cone/", answer(200, "lsst_cone_none.json")).await;
    assert!(list(&service.lsst(), &cone()).await.faults.is_empty());
    let service = Service::start().await;
    service.get("/api/cone/", said(200, r#"{"error": "No object found ra=1 dec=2 radius=3"}"#)).await;
    let listed = list(&service.ztf(), &cone()).await;
    assert!(listed.alerts.is_empty() && listed.faults.is_empty(), "{:?}", listed.faults);
    assert_eq!(listed.notes, ["no object lies in the cone"]);
}

#[tokio::test]
async fn an_id_beyond_2_53_survives_from_the_wire_to_the_store_and_json() {
    let service = Service::start().await;
    service.get("/api/cone/", answer(200, "lsst_cone.json")).await;
    service.query("sherlock_classifications", answer(200, "lsst_rows_sherlock.json")).await;
    service.query("tables=objects&", answer(200, "lsst_rows_rest.json")).await;
    service
        .get(
            "/api/object/",
            ResponseTemplate::new(200).set_body_raw(fixture("lsst_object_raw.txt"), "application/json"),
        )
        .await;
    let store = MemoryStore::new();
    let parameters = json!({"ra": 201.5, "dec": -9.75});
    let broker = service.lsst();
    let options = IngestOptions::new().limit(1).photometry(true);
    let done = broker.fetch_and_save_all(parameters.as_object().unwrap(), &store, options).await.unwrap();
    assert!(done.report.failed.is_empty(), "{:?}", done.report.failed);
    let text = serde_json::to_string(&store.target(LSST).await.unwrap().unwrap()).unwrap();
    assert!(text.contains(&format!("\"name\":\"{LSST}\"")), "{text}");
    let back: Target = serde_json::from_str(&text).unwrap();
    assert_eq!(back.name.parse::<i64>().unwrap(), 169_342_810_955_400_001);
    assert_eq!(store.count_targets().await.unwrap(), 1);
    let saved = store.target(LSST).await.unwrap().unwrap();
    assert_eq!(saved.name, LSST);
}

#[tokio::test]
async fn a_cone_goes_before_conditions_and_says_so() {
    let service = Service::start().await;
    service.get("/api/cone/", said(200, "[]")).await;
    let saved = json!({
        "query_name": "q", "broker": "Lasair", "cone_ra": "201.5", "cone_dec": "-9.75", "cone_radius": "",
        "sqlquery": "gmag < 12.0"
    });
    let broker = service.ztf();
    let stream = broker.fetch_alerts(saved.as_object().unwrap()).unwrap();
    assert_eq!(stream.collect_all().await.0.len(), 0);
    assert_eq!(
        service.asked().await,
        ["GET /api/cone/?ra=201.5&dec=-9.75&radius=10&requestType=all"],
        "a radius that is not given is TOM's 10 arcsec"
    );
    let listed = list(&broker, &LasairQuery { conditions: Some("gmag < 12".into()), ..cone() }).await;
    assert_eq!(
        listed.notes,
        ["the conditions were left out: a cone goes before them", "no object lies in the cone"]
    );
    let listed = list(&broker, &LasairQuery { tables: vec!["watchlist:3".into()], ..cone() }).await;
    assert_eq!(
        listed.notes,
        ["the tables were left out: a cone goes before them", "no object lies in the cone"]
    );
}

#[tokio::test]
async fn toms_settings_configure_the_broker() {
    let service = Service::start().await;
    service.get("/api/object/", answer(200, "ztf_object_ok.json")).await;
    let base = service.at("api");
    for settings in [
        json!({"BROKERS": {"LASAIR": {"api_key": TOKEN, "base_url": base}}}),
        json!({"LASAIR_TOKEN": TOKEN, "brokers": {"lasair": {"base_url": base}}}),
    ] {
        let config = tom_alerts::Config::from_value(settings).unwrap();
        let registry = Registry::from_config(&config).unwrap();
        let broker = registry.broker("tom_alerts.brokers.lasair.LasairBroker").unwrap();
        assert_eq!(broker.info().name, "Lasair");
        broker.fetch_alert(ZTF).await.unwrap();
        assert!(
            registry.broker("Lasair-LSST").unwrap().ready().is_err(),
            "a token of ZTF's is none of LSST's"
        );
    }
    assert_eq!(service.header(1, "authorization").await.unwrap(), format!("Token {TOKEN}"));
}
