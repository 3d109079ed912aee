//! Whose object a packet is of, when it was observed, and what a field of an odd shape may cost.

use tom_alerts::http::Response;
use tom_alerts::ingest::IngestReport;
use tom_alerts::testing::spoil;
use tom_alerts::{
    AnyAlert, Datum, IngestOptions, MemoryStore, PositionKind, Provenance, ReducedData, SqliteStore,
    TargetStore,
};

use super::*;

/// The object of an answer, as every broker's.
fn object(broker: &TnsBroker, answer: &Value) -> AnyAlert {
    let response = Response::new(200, Vec::new(), answer.to_string().into());
    broker.erase(read_object(&response).unwrap().unwrap()).unwrap()
}

fn recorded(name: &str) -> Value {
    json_fixture(name)
}

async fn broker() -> TnsBroker {
    let service = Service::start().await;
    service.broker_of(TnsConfig { spectra: false, ..service.config() })
}

async fn data(broker: &TnsBroker, alert: &AnyAlert) -> ReducedData {
    broker.reduced_data("2026qqa", Some(alert)).await.unwrap()
}

fn extra(point: &Datum) -> serde_json::Map<String, Value> {
    match point {
        Datum::Photometry(point) => point.extra.to_map(),
        Datum::Other(other) => other.value.get("extra").unwrap().as_object().unwrap().clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_object_that_is_renamed_keeps_its_id_and_its_names() {
    let broker = broker().await;
    let mut names = Vec::new();
    for (prefix, class) in [("AT", None), ("SN", Some("SN Ia")), ("TDE", Some("TDE"))] {
        let mut answer = recorded("object_full.json");
        answer["data"]["name_prefix"] = prefix.into();
        answer["data"]["object_type"]["name"] = class.into();
        let alert = object(&broker, &answer);
        let target = alert.to_target().unwrap();
        assert_eq!(alert.provenance().object_id.as_deref(), Some("700001"), "{prefix}");
        assert_eq!((alert.generic().id.as_str(), &alert.generic().name), ("2026qqa", &target.name));
        assert_eq!(target.extras["name_prefix"], prefix);
        assert_eq!(target.extras.get("classification").map(String::as_str), class);
        assert!(target.aliases.contains(&"2026qqa".to_owned()), "{target:?}");
        assert_eq!(target.aliases.contains(&"AT2026qqa".to_owned()), prefix != "AT", "{target:?}");
        // A number of TNS's own is no name.
        assert!(!target.aliases.contains(&"700001".to_owned()), "{target:?}");
        names.push(target.name);
    }
    assert_eq!(names, ["AT2026qqa", "SN2026qqa", "TDE2026qqa"]);
    // Before 2016 there was no AT, and radio bursts never are.
    for (prefix, name) in [("SN", "1987A"), ("FRB", "20260304A")] {
        let mut answer = recorded("object_full.json");
        answer["data"]["name_prefix"] = prefix.into();
        answer["data"]["objname"] = name.into();
        let target = object(&broker, &answer).to_target().unwrap();
        assert!(!target.aliases.contains(&format!("AT{name}")), "{target:?}");
    }
}

/// Saves what a search finds: one object, as it is described then.
async fn saved(store: &dyn TargetStore, object: &Value) -> IngestReport {
    let service = Service::start().await;
    let hit = json!({"id_code": 200, "data": [{"objname": "2026qqa", "prefix": "AT", "objid": 700_001}]});
    service.post("/api/get/search", said(200, hit.to_string())).await;
    service.object("2026qqa", said(200, object.to_string())).await;
    let broker = service.broker_of(TnsConfig { spectra: false, ..service.config() });
    let query = json!({"reported_days": 7}).as_object().unwrap().clone();
    let options = IngestOptions::new().photometry(true);
    broker.fetch_and_save_all(&query, store, options).await.unwrap().report
}

#[tokio::test]
async fn an_object_that_is_renamed_stays_one_target_with_one_light_curve() {
    let sqlite = SqliteStore::in_memory().await.unwrap();
    let stores: [&dyn TargetStore; 2] = [&MemoryStore::new(), &sqlite];
    for store in stores {
        let mut ids = Vec::new();
        for (prefix, class) in [("AT", None), ("SN", Some("SN Ia")), ("TDE", Some("TDE"))] {
            let mut answer = recorded("object_full.json");
            answer["data"]["name_prefix"] = prefix.into();
            answer["data"]["object_type"]["name"] = class.into();
            let report = saved(store, &answer).await;
            assert!(report.failed.is_empty(), "{:?}", report.failed);
            assert_eq!(report.created, u64::from(ids.is_empty()), "{prefix}: {report:?}");
            assert_eq!(report.data.created, if ids.is_empty() { 11 } else { 0 }, "{prefix}: {report:?}");
            ids.push(store.find(&format!("{prefix}2026qqa")).await.unwrap().unwrap().id);
        }
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        assert_eq!(store.count_targets().await.unwrap(), 1);
        let target = store.find("2026qqa").await.unwrap().unwrap().target;
        assert_ne!(target.name, "AT2026qqa", "a class is known");
        assert_eq!(store.reduced_data("AT2026qqa").await.unwrap().len(), 11);
        // TNS's number of the object is the name of no target.
        assert!(store.find("700001").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn every_packet_says_whose_it_is_and_when_it_was_observed() {
    let broker = broker().await;
    let of = |answer: &Value| {
        let due = object(&broker, answer).provenance();
        (due.object_id.unwrap(), due.observed_at.map(|time| time.to_rfc3339()), due.position_error)
    };
    // The newest is a spectrum; without it the newest measurement, not the row without a value.
    let full = recorded("object_full.json");
    let due = |time: &str| Some(format!("{time}+00:00"));
    assert_eq!(of(&full), ("700001".to_owned(), due("2026-03-14T03:00:00"), Some(0.2)));
    let mut bare = full.clone();
    bare["data"]["spectra"] = json!([]);
    assert_eq!(of(&bare).1, due("2026-03-11T12:00:00"));
    bare["data"]["photometry"] = json!([]);
    assert_eq!(of(&bare).1, due("2026-03-04T06:30:00.500"));
    bare["data"]["discoverydate"] = Value::Null;
    bare["data"]["radeg_err"] = json!(0);
    bare["data"]["objid"] = Value::Null;
    // An error of 0 is none; the name without prefix stays as the number does.
    assert_eq!(of(&bare), ("2026qqa".to_owned(), None, None));
    // Of two errors the larger one is that of the place.
    bare["data"]["radeg_err"] = json!("0.5");
    assert_eq!(of(&bare).2, Some(0.5));
    let alert = object(&broker, &full);
    assert_eq!((alert.provenance().position, alert.provenance().alert_id), (PositionKind::Reported, None));
    // A row of a staging file says when it was changed, one of the web search when it was discovered.
    for (name, id, time) in [
        ("public_objects.csv", "700001", "2026-03-10T00:00:00"),
        ("web_page.csv", "700001", "2026-03-04T06:30:00.500"),
    ] {
        let row = read_table(fixture(name)).unwrap().remove(0).unwrap();
        let provenance = broker.erase(Alert::remade(row).unwrap()).unwrap().provenance();
        assert_eq!(provenance, Provenance::of_object(id).observed_at(due(time).map(|t| t.parse().unwrap())));
    }
}

#[tokio::test]
async fn nothing_but_name_position_time_and_flux_costs_the_object_or_a_point() {
    let broker = broker().await;
    let mut answer = recorded("object_full.json");
    // A limit, a detection, and both sorts of spectra.
    answer["data"]["photometry"].as_array_mut().unwrap().truncate(2);
    let whole = data(&broker, &object(&broker, &answer)).await;
    assert_eq!((whole.points.len(), whole.failures.len()), (4, 0));
    let vital = [
        "id_code",
        "data.objname",
        "data.radeg",
        "data.decdeg",
        "data.photometry.*.jd",
        "data.photometry.*.flux",
        "data.photometry.*.limflux",
        "data.spectra.*.jd",
    ];
    for (place, answer) in spoil(&answer, &vital) {
        let alert = object(&broker, &answer);
        assert_eq!(alert.generic().id, "2026qqa", "{place}");
        assert_eq!(alert.to_target().unwrap().position(), Some((157.5, -20.25)), "{place}");
        let data = data(&broker, &alert).await;
        assert_eq!((data.points.len(), data.failures.len()), (4, 0), "{place}: {:?}", data.failures);
    }
}

#[tokio::test]
async fn a_list_that_is_none_does_not_cost_the_other() {
    let broker = broker().await;
    for (list, left) in [("photometry", 2), ("spectra", 9)] {
        let mut answer = recorded("object_full.json");
        answer["data"][list] = "none of them".into();
        let data = data(&broker, &object(&broker, &answer)).await;
        assert_eq!((data.points.len(), data.failures.len()), (left, 1), "{list}");
        assert!(data.failures[0].to_string().contains(&format!("list={list}")), "{}", data.failures[0]);
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_kept_as_it_came_or_told() {
    let broker = broker().await;
    let mut answer = recorded("object_full.json");
    answer["data"]["redshift"] = json!({"value": 0.042});
    answer["data"]["hostname"] = json!(["Galaxy 7", "Galaxy 8"]);
    answer["data"]["object_type"] = "SN Ia".into();
    let rows = &mut answer["data"]["photometry"];
    rows[1]["exptime"] = "3x10 s".into();
    rows[1]["fluxerr"] = "small".into();
    rows[2]["telescope"] = json!("P48");
    rows[3]["telescope"] = json!(["P48"]);
    let alert = object(&broker, &answer);
    let extras = alert.to_target().unwrap().extras;
    assert_eq!(extras["redshift"], r#"{"value":0.042}"#);
    assert_eq!(extras["hostname"], r#"["Galaxy 7","Galaxy 8"]"#);
    assert_eq!(extras["classification"], "SN Ia");
    let data = data(&broker, &alert).await;
    assert_eq!((data.points.len(), data.failures.len()), (11, 0));
    assert_eq!(extra(&data.points[1].value)["exposure_time"], "3x10 s");
    assert_eq!(
        data.notes,
        [
            "fluxerr of 1 row of photometry cannot be read and is left out",
            "telescope of 2 rows of photometry cannot be read and is left out",
            "1 row of photometry without a value left out"
        ]
    );
    // A limit is what a row without a flux is about.
    answer["data"]["photometry"][0]["limflux"] = json!([20.6]);
    let data = self::data(&broker, &object(&broker, &answer)).await;
    assert_eq!((data.points.len(), data.failures.len()), (10, 1));
    assert!(data.failures[0].to_string().contains("limflux: a number was due"), "{}", data.failures[0]);
}

#[tokio::test]
async fn a_row_without_a_unit_is_no_evidence_of_a_flux() {
    let broker = broker().await;
    let mut answer = recorded("object_full.json");
    for (unit, mag) in [
        (Value::Null, Some(19.25)),
        (json!({"id": null, "name": null}), Some(19.25)),
        (json!({"name": "VegaMag"}), Some(19.25)),
        (json!({"id": 8, "name": "Jy"}), None),
    ] {
        answer["data"]["photometry"][1]["flux_unit"] = unit.clone();
        let alert = object(&broker, &answer);
        assert_eq!(alert.generic().mag, mag, "{unit}");
        let data = data(&broker, &alert).await;
        assert_eq!((data.points.len(), data.failures.len()), (11, 0), "{unit}");
        let point = &data.points[1].value;
        match point {
            Datum::Photometry(point) if unit["id"] == 8 => assert_eq!(point.flux, Some(19.25)),
            Datum::Photometry(point) => {
                assert_eq!((point.magnitude, point.unit.as_deref()), (Some(19.25), Some("Vega")));
            }
            // Neither is claimed, and nothing is lost.
            other => {
                let kept = extra(other);
                assert_eq!(
                    (&kept["value_without_unit"], &kept["limit_without_unit"]),
                    (&json!(19.25), &json!(20.5))
                );
                let Datum::Other(map) = other else { panic!("{other:?}") };
                assert!(map.value.get("flux").is_none() && map.value.get("magnitude").is_none(), "{map:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_a_listing_gives_as_id_or_as_name_finds_the_object() {
    let service = Service::three().await;
    let broker = service.broker();
    for listed in list(&broker, &all()).await.alerts {
        let generic = broker.generic(&listed).unwrap();
        for asked in [&generic.id, &generic.name] {
            assert_eq!(broker.alert(asked).await.unwrap().objname, listed.objname, "{asked}");
        }
    }
}
