//! No panic whatever a service sends, and only what is sound leaves.

use proptest::prelude::*;
use tom_alerts::brokers::lasair::{Cone, Lsst, read_message};
use tom_alerts::http::Response;
use tom_alerts::testing::spoil;
use tom_alerts::{Call, Client, Cursor, Result};

use super::support::properties::{Asked, forget, sound};
use super::support::wild::{body_properties, cases, json_properties};
use super::*;

fn configured() -> LasairConfig {
    LasairConfig { api_key: Some(TOKEN.into()), ..LasairConfig::default() }
}

fn read_as<S: LasairSurvey>(id: &str, own: fn(&Lasair<S>) -> Vec<Result<Call<()>>>, body: &[u8]) -> usize {
    let mut seen = 0;
    let queries = vec![
        cone(),
        sql("x > 1"),
        LasairQuery { whole_objects: Some(false), ..sql("x > 1") },
        LasairQuery {
            tables: vec!["crossmatch_tns".into(), "sherlock_classifications".into()],
            ..sql("x > 1")
        },
        LasairQuery { object_id: vec![id.to_owned()], ..LasairQuery::default() },
    ];
    let mut asked = Asked::<Lasair<S>>::new(configured, queries, &[id]);
    asked.further = |lasair| {
        vec![
            forget(lasair.cone_count(1.0, 2.0, 3.0)),
            forget(lasair.cone_nearest(1.0, 2.0, 3.0)),
            forget(lasair.objects(&[ZTF])),
            forget(lasair.objects(&[LSST])),
            forget(lasair.rows("objectId", &["objects".to_owned()], "x > 1", 3, 0)),
            forget(lasair.sherlock_of(ZTF, true)),
            forget(lasair.sherlock_of(LSST, false)),
            forget(lasair.sherlock_at(1.0, 2.0, false)),
        ]
    };
    seen += asked.read(&[200, 400, 401, 404, 500], body);
    let mut asked = Asked::<Lasair<S>>::new(configured, Vec::new(), &[]);
    asked.further = own;
    seen += asked.read(&[200, 404], body);
    let _ = Cone::read(&Response::new(200, Vec::new(), body.to_vec().into()));
    if let Ok(Ok(alert)) = std::str::from_utf8(body).map(read_message::<S>) {
        let broker = Client::<Lasair<S>>::new(configured()).unwrap();
        if let Ok(alert) = broker.erase(alert) {
            sound(&broker, &alert);
        }
    }
    seen
}

/// Every reader of both surveys, on one body; how many alerts and points came of it.
fn read_all(body: &[u8]) -> usize {
    read_as::<Ztf>(ZTF, |lasair| vec![forget(lasair.light_curves(&[ZTF]))], body)
        + read_as::<Lsst>(LSST, |_| Vec::new(), body)
}

/// Whatever else is odd in an object, it becomes a target, and its light curve is there.
async fn kept_all_the_same<S: LasairSurvey>(name: &str, id: &str, vital: &[&str]) {
    let whole: Value = json_fixture(name);
    let broker = Client::<Lasair<S>>::new(configured()).unwrap();
    let due = {
        let alert = broker.read_alert(&whole.to_string()).unwrap();
        broker.reduced_data(id, Some(&alert)).await.unwrap()
    };
    assert!(due.points.len() > 2 && due.failures.is_empty());
    let mut told = 0;
    for (place, body) in spoil(&whole, vital) {
        let alert = broker.read_alert(&body.to_string()).unwrap_or_else(|e| panic!("{place}: {e}"));
        assert!(alert.to_target().is_ok(), "{place}");
        assert_eq!(alert.provenance().object_id.as_deref(), Some(id), "{place}");
        let data = broker.reduced_data(id, Some(&alert)).await.unwrap();
        assert!(data.failures.is_empty(), "{place}: {:?}", data.failures);
        assert_eq!(data.points.len(), due.points.len(), "{place}");
        told += usize::from(data.notes.iter().any(|note| note.contains("another type than due")));
    }
    assert!(told > 20, "what was left out of the points is told: {told}");
}

#[tokio::test]
async fn an_ornament_never_costs_an_object_or_its_light_curve() {
    let ztf = [
        "objectId",
        "objectData.ramean",
        "objectData.decmean",
        "candidates.*.candid",
        "candidates.*.jd",
        "candidates.*.mjd",
        "candidates.*.fid",
        "candidates.*.magpsf",
        // The depth of a limit is its value.
        "candidates.0.diffmaglim",
        "candidates.4.diffmaglim",
        "forcedphot.*.jd",
        "forcedphot.*.mjd",
        "forcedphot.*.fid",
        "forcedphot.*.forcediffimflux",
        "forcedphot.*.forcediffimfluxunc",
        "forcedphot.*.magzpsci",
    ];
    kept_all_the_same::<Ztf>("ztf_object_ok.json", ZTF, &ztf).await;
    let lsst = [
        "diaObjectId",
        "diaObject.ra",
        "diaObject.decl",
        "diaSourcesList.*.diaSourceId",
        "diaSourcesList.*.midpointMjdTai",
        "diaSourcesList.*.band",
        "diaSourcesList.*.psfFlux",
        "diaSourcesList.*.psfFluxErr",
        "diaSourcesList.*.timeWithdrawnMjdTai",
        "diaForcedSourcesList.*.diaForcedSourceId",
        "diaForcedSourcesList.*.midpointMjdTai",
        "diaForcedSourcesList.*.band",
        "diaForcedSourcesList.*.psfFlux",
        "diaForcedSourcesList.*.psfFluxErr",
        "diaForcedSourcesList.*.timeWithdrawnMjdTai",
    ];
    kept_all_the_same::<Lsst>("lsst_object_added.txt", LSST, &lsst).await;
}

#[tokio::test]
async fn an_odd_depth_costs_no_detection_and_an_odd_error_its_own_point_alone() {
    let broker = Client::<Lasair<Ztf>>::new(configured()).unwrap();
    let mut body = json_fixture("ztf_object_ok.json");
    body["candidates"][1]["diffmaglim"] = json!("deep");
    body["candidates"][2]["diffmaglim"] = json!([20.5]);
    let alert = broker.read_alert(&body.to_string()).unwrap();
    let due = broker.read_alert(&json_fixture("ztf_object_ok.json").to_string()).unwrap();
    let (data, due) = (
        broker.reduced_data(ZTF, Some(&alert)).await.unwrap(),
        broker.reduced_data(ZTF, Some(&due)).await.unwrap(),
    );
    assert!(data.failures.is_empty(), "{:?}", data.failures);
    assert_eq!(data.points, due.points);
    // Beside the row that has no value in the recorded answer either.
    body["forcedphot"][0]["forcediffimfluxunc"] = json!("odd");
    let alert = broker.read_alert(&body.to_string()).unwrap();
    let data = broker.reduced_data(ZTF, Some(&alert)).await.unwrap();
    assert_eq!((data.points.len(), data.failures.len()), (due.points.len() - 1, 0), "{:?}", data.failures);
    assert!(
        data.notes.contains(&"2 rows of forcedphot without a value left out".to_owned()),
        "{:?}",
        data.notes
    );

    let broker = Client::<Lasair<Lsst>>::new(configured()).unwrap();
    let mut body = json_fixture("lsst_object_added.txt");
    let count =
        broker.reduced_data(LSST, Some(&broker.read_alert(&body.to_string()).unwrap())).await.unwrap();
    body["diaSourcesList"][0]["psfFluxErr"] = json!("odd");
    body["diaForcedSourcesList"][0]["psfFluxErr"] = json!([1]);
    let data = broker.reduced_data(LSST, Some(&broker.read_alert(&body.to_string()).unwrap())).await.unwrap();
    assert_eq!((data.points.len(), data.failures.len()), (count.points.len() - 2, 0), "{:?}", data.failures);
    assert!(data.notes.iter().any(|note| note.ends_with("without a value left out")), "{:?}", data.notes);
}

#[tokio::test]
async fn an_ornament_never_costs_a_row() {
    async fn rows<S: LasairSurvey>(name: &str, vital: &[&str]) {
        let whole = json_fixture(name);
        let query = LasairQuery::<S> {
            selected: Some("objects.*".to_owned()),
            tables: vec!["sherlock_classifications".into()],
            ..sql("x > 1")
        };
        for (place, body) in spoil(&whole, vital) {
            let answer = super::support::script::text(200, &body.to_string());
            let script = super::support::script::always(answer);
            let broker = super::support::script::client::<Lasair<S>>(&script, configured());
            let listed = list(&broker, &query).await;
            assert!(listed.faults.is_empty(), "{place}: {:?}", listed.faults);
            assert_eq!(listed.alerts.len(), 2, "{place}");
            assert!(listed.alerts.iter().all(|alert| broker.target(alert).is_ok()), "{place}");
        }
    }
    rows::<Ztf>("ztf_rows.json", &["*.objectId", "*.ramean", "*.decmean"]).await;
    rows::<Lsst>("lsst_rows_sherlock.json", &["*.diaObjectId", "*.ra", "*.decl"]).await;
}

#[tokio::test]
async fn an_ornament_never_costs_an_object_of_a_cone_or_a_batch() {
    let (found, objects): (Value, Value) =
        (json_fixture("ztf_cone.json"), json_fixture("ztf_objects_ok.json"));
    let listed = |found: Value, objects: Value| async move {
        let script = tom_alerts::testing::ScriptedTransport::new(move |request| {
            let cone = request.url().path().ends_with("/cone/");
            Ok(super::support::script::text(200, &if cone { &found } else { &objects }.to_string()))
        });
        let broker = super::support::script::client::<Lasair<Ztf>>(&script, configured());
        let listed = list(&broker, &cone()).await;
        let targets = listed.alerts.iter().filter(|alert| broker.target(alert).is_ok()).count();
        (targets, listed.faults.len())
    };
    for (place, odd) in spoil(&found, &["*.object"]) {
        assert_eq!(listed(odd, objects.clone()).await, (2, 0), "{place}");
    }
    for (place, odd) in spoil(&objects, &["*.objectId", "*.objectData.ramean", "*.objectData.decmean"]) {
        assert_eq!(listed(found.clone(), odd).await, (2, 0), "{place}");
    }
    let nearest = super::support::script::text(200, r#"{"object": "ZTF26aaaaaab", "separation": "odd"}"#);
    let script = super::support::script::always(nearest);
    let broker = super::support::script::client::<Lasair<Ztf>>(&script, configured());
    let nearest = broker.run(broker.protocol().cone_nearest(201.5, -9.75, 5.0)).await.unwrap().unwrap();
    assert_eq!((nearest.object.as_deref(), nearest.separation), (Some(ZTF), None));
}

#[tokio::test]
async fn a_list_that_is_none_costs_the_light_curve_and_not_the_object() {
    let mut body: Value = json_fixture("ztf_object_ok.json");
    body["candidates"] = json!("none today");
    let broker = Client::<Lasair<Ztf>>::new(configured()).unwrap();
    let alert = broker.read_alert(&body.to_string()).unwrap();
    assert!(alert.to_target().is_ok());
    let data = broker.reduced_data(ZTF, Some(&alert)).await.unwrap();
    assert_eq!(data.points.len(), 2, "the forced points are there");
    let told = data.failures[0].to_string();
    assert!(told.starts_with("Lasair: the list cannot be read: a text was given, a list was due"), "{told}");
}

/// Those that the readers know.
const KEYS: &str = "\
    objectId diaObjectId objectData candidates forcedphot sherlock TNS candid jd mjd fid magpsf \
    diffmaglim isdiffpos image_urls Science forcediffimflux forcediffimfluxunc magzpsci object objects \
    separation nearest error detail message lasairData diaObject diaSourcesList diaForcedSourcesList \
    imageUrls annotations topic classification midpointMjdTai band psfFlux psfFluxErr ra decl ramean \
    decmean jdmax tns_name tns_prefix description z photoZ classifications crossmatches alert \
    diaSourceId latest_psfFlux";

const RECORDED: &str = "\
    ztf_cone.json ztf_ids.json ztf_rows.json ztf_object_ok.json ztf_object_raw.json ztf_objects_ok.json \
    ztf_objects_mixed.json ztf_lightcurves.json ztf_sherlock_lite.json lsst_cone.json \
    lsst_rows_rest.json lsst_rows_sherlock.json lsst_row_tns.json lsst_object_added.txt \
    lsst_object_raw.txt lsst_message.json lsst_sherlock_lite.json sherlock_position.json";

fn values() -> Vec<Value> {
    vec![json!(ZTF), json!(LSST)]
}

json_properties!();
body_properties!(cut 97: "ztf_objects_mixed.json", "lsst_object_added.txt", "ztf_rows.json", "lsst_rows_sherlock.json", "lsst_cone.json");

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn no_text_makes_a_form_or_a_name_panic(text in "\\PC{0,40}") {
        let query: LasairQuery = LasairQuery {
            conditions: Some(text.clone()), selected: Some(text.clone()), tables: vec![text.clone()],
            object_id: vec![text.clone()], ..LasairQuery::default()
        };
        let _ = tom_alerts::form::check(&query);
        let lasair = Lasair::<Ztf>::new(LasairConfig::default()).unwrap();
        let _ = (lasair.recognises(&text), lasair.alert(&text), lasair.name_query(&text));
        let _ = (lasair.listing(&query, &Cursor::new(&text)), lasair.listing(&query, &Cursor::new(format!("ids:{text}"))));
    }
}
