//! No panic whatever a service sends, and only what is sound leaves.

use proptest::prelude::*;
use tom_alerts::Protocol;
use tom_alerts::testing::spoil;

use super::support::properties::{Asked, forget};
use super::support::wild::{body_properties, cases, json_properties};
use super::*;

/// Every reader there is, on one body; how many alerts and points came of it.
fn read_all(body: &[u8]) -> usize {
    let mut seen = 0;
    for config in [
        || AntaresConfig { api_version: Some(1), ..AntaresConfig::default() },
        || AntaresConfig { api_version: Some(2), ..AntaresConfig::default() },
    ] {
        let of = |locus_id: Option<&str>| AntaresQuery {
            locus_id: locus_id.map(str::to_owned),
            mjd_min: if locus_id.is_none() { Some(59_000.0) } else { None },
            max_alerts: Some(3),
            ..AntaresQuery::default()
        };
        let mut asked = Asked::<Antares>::new(config, vec![of(None), of(Some(LOCUS))], &[LOCUS, ZTF, LSST]);
        asked.further = |antares| {
            vec![
                forget(antares.locus(LOCUS)),
                forget(antares.alerts(LOCUS)),
                forget(antares.catalog_matches(LOCUS)),
                forget(antares.catalog_search(1.0, 2.0)),
                forget(antares.catalog_samples(5)),
                forget(Ok(antares.statistics())),
                forget(Ok(antares.thumbnails("lsst:1"))),
                forget(Ok(antares.grav_wave_notice("S1"))),
                forget(Ok(antares.grav_wave_notices(&["S1"]))),
            ]
        };
        seen += asked.read(&[200, 400, 404, 500], body);
    }
    for text in [Value::from(String::from_utf8_lossy(body)), Value::Null] {
        let locus: Locus = serde_json::from_value(json!({"id": LOCUS, "lightcurve": text})).unwrap();
        let _ = locus.light_curve();
    }
    if let Ok(alerts) = tom_alerts::http::json::<tom_alerts::wire::Rows<Locus>>(body) {
        alerts.into_iter().flatten().for_each(|locus| drop(locus.light_curve()));
    }
    seen
}

/// A service whose locus and history are these.
fn of(locus: &Value, alerts: &Value) -> AntaresBroker {
    let (locus, alerts) = (locus.to_string(), alerts.to_string());
    let script = tom_alerts::testing::ScriptedTransport::new(move |request| {
        let body = if request.url().path().ends_with("/alerts") { &alerts } else { &locus };
        Ok(super::support::script::text(200, body))
    });
    super::support::script::client::<Antares>(&script, AntaresConfig::default())
}

/// The locus and its light curve come; how many points, and whether something was left out.
async fn kept(place: &str, id: &str, broker: &AntaresBroker) -> (usize, bool) {
    let alert = broker.fetch_alert(id).await.unwrap_or_else(|e| panic!("{place}: {e}"));
    assert!(alert.to_target().is_ok(), "{place}");
    assert_eq!(alert.provenance().object_id.as_deref(), Some(id), "{place}");
    let mut counts = Vec::new();
    for alert in [Some(&alert), None] {
        let data = broker.reduced_data(id, alert).await.unwrap_or_else(|e| panic!("{place}: {e}"));
        assert!(data.failures.is_empty(), "{place}: {:?}", data.failures);
        counts
            .push((data.points.len(), data.notes.iter().any(|note| note.contains("another type than due"))));
    }
    assert_eq!(counts[0], counts[1], "{place}");
    counts[0]
}

#[tokio::test]
async fn an_ornament_never_costs_a_locus_or_its_light_curve() {
    for (locus, alerts, id) in [
        ("v2_locus_ztf.json", "v2_alerts_ztf.json", LOCUS),
        ("v2_locus_lsst.json", "v2_alerts_lsst.json", LSST_LOCUS),
    ] {
        let (locus, mut alerts) = (json_fixture(locus), json_fixture(alerts));
        let list = alerts["data"].as_array_mut().unwrap();
        list.truncate(3);
        let count = list.len();
        let mut locus_alone = locus.clone();
        locus_alone["data"]["lightcurve"] = Value::Null;
        let vital = ["data.id", "data.ra", "data.dec", "data.lightcurve"];
        for (place, body) in spoil(&locus_alone, &vital) {
            if place.starts_with("links") {
                continue;
            }
            assert_eq!(kept(&place, id, &of(&body, &alerts)).await.0, count, "{place}");
        }
        let mut vital =
            vec!["data.*.id", "data.*.mjd", "data.*.properties.ant_mjd", "data.*.properties.ant_maglim"];
        let measured = [
            "data.*.properties.ant_mag",
            "data.*.properties.ant_survey",
            "data.*.properties.ant_passband",
            "data.*.properties.lsst_diaSource_midpointMjdTai",
            "data.*.properties.lsst_diaSource_psfFlux",
            "data.*.properties.lsst_diaSource_psfFluxErr",
        ];
        let there = |path: &&str| list_has(&alerts, path.rsplit('.').next().unwrap());
        vital.extend(measured.iter().copied().filter(there));
        let mut told = 0;
        for (place, body) in spoil(&alerts, &vital) {
            // What leads to the next page is no ornament.
            if place.starts_with("links") {
                continue;
            }
            let (points, noted) = kept(&place, id, &of(&locus_alone, &body)).await;
            assert_eq!(points, count, "{place}");
            told += usize::from(noted);
        }
        assert!(told > 20, "what was left out is told: {told}");
    }
}

#[tokio::test]
async fn an_odd_depth_or_error_costs_no_detection() {
    for (locus, alerts, id, at, key) in [
        ("v2_locus_ztf.json", "v2_alerts_ztf.json", LOCUS, 1, "ant_maglim"),
        ("v2_locus_lsst.json", "v2_alerts_lsst.json", LSST_LOCUS, 0, "lsst_diaSource_psfFluxErr"),
        ("v2_locus_lsst.json", "v2_alerts_lsst.json", LSST_LOCUS, 0, "ant_maglim"),
    ] {
        let (mut locus, mut alerts) = (json_fixture(locus), json_fixture(alerts));
        locus["data"]["lightcurve"] = Value::Null;
        let (due, _) = kept(key, id, &of(&locus, &alerts)).await;
        alerts["data"][at]["properties"][key] = json!("odd");
        assert_eq!(kept(key, id, &of(&locus, &alerts)).await, (due, true), "{key}");
    }
    let row = "alert_id,ant_mjd,ant_passband,ant_mag,ant_maglim\nztf_candidate:1,60310.25,R,18.5,deep\n";
    let locus = json!({"data": {"id": LOCUS, "ra": 1.0, "dec": 2.0, "lightcurve": row}});
    assert_eq!(kept("ant_maglim of a row", LOCUS, &of(&locus, &json!({"data": []}))).await, (1, true));
}

/// Whatever else is odd in a page of loci, each of them is listed and becomes a target.
#[tokio::test]
async fn an_ornament_never_costs_a_locus_of_a_listing() {
    for (version, name) in [(1, "v1_loci_page2.json"), (2, "v2_loci_page2.json"), (2, "v2_loci_lsst.json")] {
        let whole = json_fixture(name);
        let vital: &[&str] = match version {
            1 => &["data.*.id", "data.*.attributes.ra", "data.*.attributes.dec"],
            _ => &["data.*.locus.locus_id", "data.*.locus.ra", "data.*.locus.dec"],
        };
        let config = AntaresConfig { api_version: Some(version), ..AntaresConfig::default() };
        let due = whole["data"].as_array().unwrap().len();
        for (place, body) in spoil(&whole, vital) {
            // What leads to the next page is no ornament.
            if place.starts_with("links") {
                continue;
            }
            let script = super::support::script::always(super::support::script::text(200, &body.to_string()));
            let broker = super::support::script::client::<Antares>(&script, config.clone());
            let listed = list(&broker, &AntaresQuery::default()).await;
            assert!(listed.faults.is_empty(), "{name} {place}: {:?}", listed.faults);
            assert_eq!(listed.alerts.len(), due, "{name} {place}");
            assert!(listed.alerts.iter().all(|alert| broker.target(alert).is_ok()), "{name} {place}");
        }
    }
}

fn list_has(alerts: &Value, key: &str) -> bool {
    alerts["data"].as_array().unwrap().iter().any(|alert| alert["properties"].get(key).is_some())
}

#[tokio::test]
async fn an_ornament_never_costs_a_row_of_a_light_curve() {
    let heading = "time,alert_id,ant_mjd,ant_survey,ant_ra,ant_dec,ant_passband,ant_mag,ant_magerr,ant_maglim,ant_mag_corrected";
    let row = "2024-01-01,ztf_candidate:1,60310.25,1,150.11,2.205,R,18.5,0.125,20.25,17.5";
    let rows: Vec<Vec<String>> =
        [heading, row].iter().map(|line| line.split(',').map(str::to_owned).collect()).collect();
    for (place, csv) in tom_alerts::testing::spoil_cells(
        &rows,
        &["alert_id", "ant_mjd", "ant_passband", "ant_mag", "ant_maglim"],
    ) {
        let csv = String::from_utf8_lossy(&csv).into_owned();
        let locus = json!({"data": {"id": LOCUS, "ra": 1.0, "dec": 2.0, "lightcurve": csv}});
        let (points, _) = kept(&place, LOCUS, &of(&locus, &json!({"data": []}))).await;
        assert_eq!(points, 1, "{place}");
    }
}

/// Those that the readers know.
const KEYS: &str = "\
    data locus attributes id locus_id ra dec properties internal_properties user_properties tags \
    catalogs lightcurve alerts links next meta count survey ztf lsst dia_object_id \
    newest_alert_observation_time newest_alert_id newest_alert_magnitude replaced_by horizons_targetname \
    ant_mjd ant_mag ant_survey ant_passband ant_maglim mjd lsst_diaSource_psfFlux \
    lsst_diaSource_psfFluxErr lsst_diaSource_isNegative ztf_isdiffpos errors detail title src \
    thumbnail_type";

const RECORDED: &str = "\
    v1_loci_page1.json v1_loci_many.json v1_locus_ztf.json v1_alerts_page1.json v1_catalog_matches.json \
    v1_catalog_samples.json v1_statistics.json v1_thumbnails.json v1_notice.json v1_notices.json \
    v1_error_400.json v2_loci_page1.json v2_loci_nan.txt v2_loci_lsst.json v2_locus_ztf.json \
    v2_locus_lsst.json v2_locus_merged.json v2_alerts_ztf.json v2_alerts_lsst.json \
    v2_catalog_matches.json v2_catalog_samples.json v2_statistics.json v2_thumbnails.json v2_notice.json \
    v2_notices.json";

fn values() -> Vec<Value> {
    let curve = "alert_id,ant_mjd,ant_mag,ant_passband\nlsst:1,61000.5,18,R\nz,1e308,,\n";
    vec![json!(LOCUS), json!("lsst:170000000000000001"), json!(curve)]
}

/// As the service wraps what it answers.
fn within(value: Value) -> Vec<Value> {
    vec![json!({ "data": [value] })]
}

json_properties!(within within);
body_properties!(cut 97: "v2_loci_page1.json", "v2_locus_ztf.json", "v1_alerts_page1.json", "v2_loci_nan.txt");

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn no_csv_makes_a_reader_unsound(text in "(alert_id,ant_mjd,ant_mag\n)?([a-z0-9.,\"\n:é-]|nan){0,80}") {
        read_all(text.as_bytes());
    }

    #[test]
    fn no_name_makes_recognising_panic(name in "\\PC{0,24}") {
        let broker = Antares::new(AntaresConfig::default()).unwrap();
        let _ = (broker.recognises(&name), broker.alert(&name));
    }
}
