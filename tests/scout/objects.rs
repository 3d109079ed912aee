//! Whose object a packet is of, when it was observed, what it says of an orbit, and what a field of an odd
//! shape may cost.

use tom_alerts::plugin::Slot;
use tom_alerts::target::Coordinates;
use tom_alerts::testing::spoil;
use tom_alerts::{Cursor, IngestOptions, MemoryStore, PositionKind, Protocol, Target, TargetStore};

use super::support::fixtures::json_fixture;
use super::*;

/// The alerts that a query gets, and notes.
async fn listed(answer: &Value, query: &ScoutQuery) -> (Vec<tom_alerts::AnyAlert>, Vec<String>) {
    let (broker, _) = always(text(200, &answer.to_string()));
    let listed = list(&broker, query).await;
    assert!(listed.faults.is_empty(), "{:?}", listed.faults);
    (listed.alerts.into_iter().map(|alert| broker.erase(alert).unwrap()).collect(), listed.notes)
}

fn elements(target: &Target) -> bool {
    let Coordinates::NonSidereal(orbit) = &target.coordinates else { panic!("{target:?}") };
    orbit.elements.is_some()
}

#[tokio::test(start_paused = true)]
async fn a_packet_without_an_orbit_says_nothing_of_the_orbit() {
    const ELEMENTS: [&str; 10] = [
        "scheme",
        "epoch_of_elements",
        "inclination",
        "lng_asc_node",
        "arg_of_perihelion",
        "eccentricity",
        "mean_anomaly",
        "semimajor_axis",
        "perihdist",
        "epoch_of_perihelion",
    ];
    let broker = client(&whole(), ScoutConfig::default());
    let mut with_orbits = Vec::new();
    for orbits in [true, false] {
        let query = ScoutQuery { orbits, ..ScoutQuery::default() };
        for alert in list(&broker, &query).await.alerts {
            let target = broker.target(&alert).unwrap();
            let json = serde_json::to_value(&target).unwrap();
            let given = ELEMENTS.iter().filter(|key| json.get(**key).is_some()).count();
            if elements(&target) {
                with_orbits.push(target.name.clone());
                assert!(orbits && given >= 8, "{json}");
            } else {
                assert_eq!(given, 0, "{json}");
                let of_orbit = |key: &String| key.contains("orbit") || key.contains("range");
                assert!(!target.extras.keys().any(of_orbit), "{:?}", target.extras);
            }
        }
    }
    assert_eq!(with_orbits, ["X01aaaa", "X02bbbb"]);
    // Samples of which none is whole are no orbit.
    let mut answer = json_fixture("object_orbits.json");
    for row in answer["orbits"]["data"].as_array_mut().unwrap() {
        row.as_array_mut().unwrap().iter_mut().skip(2).for_each(|cell| *cell = "NULL".into());
    }
    let (alerts, _) = listed(&answer, &one("X01aaaa")).await;
    assert!(!elements(&alerts[0].to_target().unwrap()));
}

#[tokio::test(start_paused = true)]
async fn words_for_nothing_beside_the_elements_cost_no_sample() {
    let mut answer = json_fixture("object_orbits.json");
    answer["caDist"] = Value::Null;
    let fields = answer["orbits"]["fields"].as_array().unwrap().clone();
    let at = |name: &str| fields.iter().position(|field| field == name).unwrap();
    let rows = answer["orbits"]["data"].as_array_mut().unwrap();
    rows.truncate(2);
    for row in rows.iter_mut() {
        for name in ["dca", "tca", "moid", "vinf"] {
            row[at(name)] = "NULL".into();
        }
        row[at("geoEcc")] = "1.0E99".into();
    }
    // One sample of which nothing is known.
    let mut empty = rows[0].clone();
    empty.as_array_mut().unwrap().iter_mut().skip(1).for_each(|cell| *cell = "NULL".into());
    rows.insert(0, empty);
    let (broker, _) = always(text(200, &answer.to_string()));
    let alert = broker.alert("X01aaaa").await.unwrap();
    let samples: Vec<_> = alert.orbits.as_ref().unwrap().iter().map(|orbit| orbit.ec).collect();
    assert_eq!(samples, [0.95, 0.55]);
    let (alerts, _) = listed(&answer, &one("X01aaaa")).await;
    let target = alerts[0].to_target().unwrap();
    assert!(elements(&target) && !target.extras.contains_key("ca_dist_ld"), "{:?}", target.extras);
}

#[tokio::test(start_paused = true)]
async fn a_list_without_orbits_takes_none_away() {
    let (broker, store) = (client(&whole(), ScoutConfig::default()), MemoryStore::new());
    let mut elements_of = Vec::new();
    for parameters in [json!({"orbits": true}), json!({}), json!({"orbits": true})] {
        let parameters = parameters.as_object().unwrap();
        let saved = broker.fetch_and_save_all(parameters, &store, IngestOptions::new()).await.unwrap();
        assert!(saved.report.failed.is_empty(), "{:?}", saved.report.failed);
        let target = store.target("X01aaaa").await.unwrap().unwrap();
        let Coordinates::NonSidereal(orbit) = target.coordinates else { panic!("{target:?}") };
        elements_of.push(orbit.elements.unwrap());
    }
    assert_eq!(store.count_targets().await.unwrap(), 3);
    assert!(elements_of.iter().all(|elements| *elements == elements_of[0]), "{elements_of:?}");
}

#[tokio::test(start_paused = true)]
async fn an_object_that_left_between_two_requests_is_named_in_its_error() {
    let script = ScriptedTransport::new(|request| {
        Ok(match asked(request, "tdes").as_deref() {
            None => answer(200, "summary.json"),
            Some("X02bbbb") => answer(200, "gone.json"),
            Some(_) => answer(200, "object_orbits.json"),
        })
    });
    let broker = client(&script, ScoutConfig::default());
    let listed = list(&broker, &ScoutQuery { orbits: true, ..ScoutQuery::default() }).await;
    assert_eq!((listed.alerts.len(), listed.faults.len()), (2, 1));
    assert_eq!(listed.faults[0].asked().map(|asked| asked.id()), Some("X02bbbb"), "{:?}", listed.faults);
}

#[tokio::test(start_paused = true)]
async fn every_packet_says_whose_it_is_and_when_it_was_observed() {
    let due = [("X01aaaa", true), ("X02bbbb", true), ("X03cccc", false)];
    let (alerts, _) = listed(&json_fixture("summary.json"), &ScoutQuery::default()).await;
    for (alert, (name, is_timed)) in alerts.iter().zip(due) {
        let provenance = alert.provenance();
        assert_eq!((provenance.object_id.as_deref(), provenance.alert_id.as_deref()), (Some(name), None));
        // The instant of a prediction is no observation.
        let time = provenance.observed_at.map(|time| time.to_rfc3339());
        assert_eq!(time.as_deref(), is_timed.then_some("2026-11-20T13:52:00+00:00"), "{name}");
        assert!(alert.generic().timestamp.is_some());
        assert_eq!(provenance.position, PositionKind::Reported);
        assert!(provenance.position_error.is_some_and(|error| error > 3600.0), "{provenance:?}");
    }
    let query = ScoutQuery { eph_start: Some("now".into()), ..one("X01aaaa") };
    for (name, query) in [("object_orbits.json", one("X01aaaa")), ("ephemeris.json", query)] {
        let (alerts, _) = listed(&json_fixture(name), &query).await;
        let provenance = alerts[0].provenance();
        assert_eq!(provenance.object_id.as_deref(), Some("X01aaaa"), "{name}");
        assert_eq!(provenance.observed_at.unwrap().to_rfc3339(), "2026-11-20T13:52:00+00:00", "{name}");
    }
}

#[test]
fn nothing_but_name_and_position_costs_an_object() {
    let scout = Scout::new(ScoutConfig::default()).unwrap();
    let eph = ScoutQuery { eph_start: Some("now".into()), ..one("X01aaaa") };
    let list = ScoutQuery::default();
    for (name, query, count, vital) in [
        ("summary.json", list, 3, &["data.*.objectName", "data.*.ra", "data.*.dec"][..]),
        ("object_orbits.json", one("X01aaaa"), 1, &["objectName", "ra", "dec"][..]),
        ("ephemeris.json", eph, 1, &["object.objectName", "object.ra", "object.dec"][..]),
    ] {
        let mut answer = json_fixture(name);
        if let Some(orbits) = answer["orbits"]["data"].as_array_mut() {
            orbits.truncate(2);
        }
        for (place, answer) in spoil(&answer, vital) {
            let response = text(200, &answer.to_string());
            let page = scout.page(&query, &Cursor::default(), response);
            let page = page.unwrap_or_else(|error| panic!("{place}: {error}"));
            let slots = page.items.into_slots();
            assert_eq!(slots.len(), count, "{place}");
            for slot in slots {
                let Ok(Slot::Item(alert)) = slot else { panic!("{place}: {slot:?}") };
                let generic = scout.to_generic_alert(&alert).unwrap();
                let target = scout.to_target(&alert, &generic);
                let target = target.unwrap_or_else(|error| panic!("{place}: {error}"));
                assert!(target.position().is_some(), "{place}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_but_the_file_costs_an_observation() {
    let answer = json_fixture("object_mpc.json");
    for (place, answer) in spoil(&answer, &["objectName", "fileMPC"]) {
        let (broker, _) = always(text(200, &answer.to_string()));
        let data = broker.reduced_data("X01aaaa", None).await.unwrap();
        assert_eq!((data.points.len(), data.failures.len()), (5, 0), "{place}");
    }
    let mut odd = answer;
    odd["fileMPC"] = json!(["a line"]);
    let (broker, _) = always(text(200, &odd.to_string()));
    let error = broker.reduced_data("X01aaaa", None).await.unwrap_err();
    assert_eq!(error.to_string(), "Scout: fileMPC: a text was due");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_kept_as_it_came_and_told() {
    let mut answer = json_fixture("summary.json");
    answer["data"][0]["caDist"] = json!({"LD": 0.98});
    answer["data"][1]["caDist"] = "near".into();
    answer["data"][2]["nObs"] = json!(7.5);
    let (alerts, notes) = listed(&answer, &ScoutQuery::default()).await;
    let extra = |n: usize, key: &str| alerts[n].to_target().unwrap().extras[key].clone();
    assert_eq!(extra(0, "ca_dist_ld"), r#"{"LD":0.98}"#);
    assert_eq!((extra(1, "ca_dist_ld"), extra(2, "n_obs")), ("near".to_owned(), "7.5".to_owned()));
    assert_eq!(
        notes,
        [
            "caDist of 2 rows of the list cannot be read and is left out",
            "nObs of 1 row of the list cannot be read and is left out"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_listing_gives_as_id_or_as_name_finds_the_object() {
    let broker = client(&whole(), ScoutConfig::default());
    for listed in list(&broker, &ScoutQuery::default()).await.alerts {
        let generic = broker.generic(&listed).unwrap();
        for asked in [&generic.id, &generic.name] {
            assert_eq!(broker.alert(asked).await.unwrap().object_name, listed.object_name);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_letter_of_the_page_of_departures_costs_no_line() {
    let mut page = super::support::fixtures::fixture("departures.html");
    let whole = |page: Vec<u8>| async move {
        let (broker, _) = always(Response::new(200, Vec::new(), page.into()));
        broker.run(broker.protocol().departures()).await.unwrap().len()
    };
    let lines = whole(page.clone()).await;
    page.splice(0..0, *b"<p>M\xfcller</p>");
    assert!(lines > 0);
    assert_eq!(whole(page).await, lines);
}
