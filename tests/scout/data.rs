//! Targets with and without orbits, observations, ephemerides, departures.

use tom_alerts::brokers::scout::Fate;
use tom_alerts::plugin::{Coordinates, Datum, Protocol, Scheme, Subject};
use tom_alerts::{IngestOptions, MemoryStore, Target};

use super::*;

fn orbit_of(target: &Target) -> &tom_alerts::plugin::NonSidereal {
    match &target.coordinates {
        Coordinates::NonSidereal(orbit) => orbit,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_target_has_no_elements_unless_orbits_were_asked_for() {
    let broker = client(&whole(), ScoutConfig::default());
    let alert = broker.alert("X01aaaa").await.unwrap();
    let target = broker.target(&alert).unwrap();
    let orbit = orbit_of(&target);
    assert_eq!((orbit.elements.clone(), orbit.abs_mag, orbit.slope), (None, Some(26.3), Some(0.15)));
    let hint = orbit.position.as_ref().unwrap();
    assert_eq!((hint.ra, hint.dec), (133.5, 28.0));
    assert_eq!(hint.time.unwrap().to_rfc3339(), "2026-11-20T22:45:00+00:00");
    // 140′ of Scout, 15′ cos 28° of the right ascension's text, 60′ of the declination's.
    let due = (140_f64.powi(2) + (15.0 * 28_f64.to_radians().cos()).powi(2) + 3600.0).sqrt() * 60.0;
    assert!((hint.uncertainty.unwrap() - due).abs() < 1e-6);
    let json = serde_json::to_value(&target).unwrap();
    assert_eq!(
        (json["type"].as_str(), json.get("eccentricity"), json.get("scheme")),
        (Some("NON_SIDEREAL"), None, None)
    );
    assert_eq!(target.extras["elongation_deg"], "156");
    assert_eq!((target.extras["impact_rating"].as_str(), target.extras["arc_hours"].as_str()), ("2", "0.35"));
}

#[tokio::test(start_paused = true)]
async fn the_central_sample_gives_the_elements_and_the_spread_is_told() {
    let script = whole();
    let broker = client(&script, ScoutConfig { n_orbits: Some(5), ..ScoutConfig::default() });
    let alert = broker.alert("X01aaaa").await.unwrap();
    assert_eq!(sent(&script), ["GET /scout.api?tdes=X01aaaa&orbits=1&n-orbits=5"]);
    let target = broker.target(&alert).unwrap();
    let orbit = orbit_of(&target);
    let elements = orbit.elements.clone().unwrap();
    assert_eq!(target.extras["orbit_sample"], "2", "neither the first nor an outlier");
    assert_eq!((elements.eccentricity, elements.lng_asc_node, orbit.abs_mag), (0.56, 0.5, Some(25.5)));
    assert!((elements.epoch_of_elements - 61_364.712_931_752).abs() < 1e-8);
    let Scheme::MinorPlanet { mean_anomaly, semimajor_axis } = elements.scheme else {
        panic!("{elements:?}")
    };
    let axis: f64 = 0.91 / 0.44;
    let anomaly = 0.985_607_668_6 * axis.powf(-1.5) * (2_461_365.212_931_752 - 2_461_324.529_885_748);
    assert!((semimajor_axis - axis).abs() < 1e-12 && (mean_anomaly - anomaly).abs() < 1e-8);
    assert_eq!(target.extras["perihdist"], "0.91");
    assert_eq!(target.extras["orbit_samples"], "5");
    assert_eq!(target.extras["orbit_samples_impacting"], "1");
    assert_eq!(target.extras["eccentricity_range"], "0.300000 to 1.022300");
}

#[tokio::test(start_paused = true)]
async fn an_open_orbit_is_a_comet_and_no_sample_is_no_elements() {
    let broker = client(&whole(), ScoutConfig { n_orbits: Some(1), ..ScoutConfig::default() });
    let target = broker.target(&broker.alert("X02bbbb").await.unwrap()).unwrap();
    let json = serde_json::to_value(&target).unwrap();
    assert_eq!(json["scheme"], "MPC_COMET");
    assert_eq!((json["eccentricity"].as_f64(), json["perihdist"].as_f64()), (Some(1.0223), Some(0.95)));
    assert!((json["epoch_of_perihelion"].as_f64().unwrap() - 61_324.029_885_748).abs() < 1e-8);
    assert!(json.get("semimajor_axis").is_none() && json.get("mean_anomaly").is_none());
    let target = broker.target(&broker.alert("X03cccc").await.unwrap()).unwrap();
    assert_eq!(orbit_of(&target).elements, None);
}

#[tokio::test(start_paused = true)]
async fn elements_of_a_saved_target_follow_the_newest_run() {
    let store = MemoryStore::new();
    let run = async |objects: &'static str| {
        let script = ScriptedTransport::new(move |request| {
            let one = asked(request, "tdes").is_some();
            Ok(answer(200, if one { objects } else { "summary_one.json" }))
        });
        let broker = client(&script, ScoutConfig::default());
        let query = json!({"orbits": true});
        let options = IngestOptions::new();
        broker.fetch_and_save_all(query.as_object().unwrap(), &store, options).await.unwrap().report
    };
    let first = run("object_1.json").await;
    assert_eq!((first.created, first.updated), (1, 0), "{first:?}");
    let second = run("object_orbits.json").await;
    assert_eq!((second.created, second.updated), (0, 1), "{second:?}");
    let third = run("object_orbits.json").await;
    assert_eq!((third.created, third.updated, third.unchanged), (0, 0, 1), "{third:?}");
}

#[tokio::test(start_paused = true)]
async fn observations_become_positions_and_magnitudes() {
    let script = whole();
    let broker = client(&script, ScoutConfig::default());
    let data = broker.reduced_data("X01aaaa", None).await.unwrap();
    assert_eq!(sent(&script), ["GET /scout.api?tdes=X01aaaa&file=mpc"]);
    assert_eq!((data.points.len(), data.failures.len()), (5, 0));
    let light: Vec<_> = data.points.iter().filter_map(|point| point.photometry()).collect();
    assert_eq!(light.len(), 2, "the third observation has no magnitude");
    assert_eq!((light[0].filter.as_str(), light[0].magnitude), ("o", Some(19.35)));
    assert_eq!((light[1].filter.as_str(), light[1].telescope.as_deref()), ("G", Some("E23")));
    let Datum::Astrometry(place) = &data.points[0].value else { panic!("{:?}", data.points[0]) };
    assert_eq!(data.points[0].timestamp.to_rfc3339(), "2026-11-20T04:15:15.004800+00:00");
    assert!((place.ra - 295.350_770_833).abs() < 1e-8 && (place.dec + 30.322_061_111).abs() < 1e-8);
    // An alert that brought the file along needs no request.
    let alert = broker.alerts(&read(json!({"tdes": "X01aaaa", "file": "mpc"})).unwrap()).unwrap();
    let alert = alert.collect_all().await.0.remove(0);
    let call = broker.protocol().reduced_data(Subject::new("X01aaaa").with_alert(&alert)).unwrap();
    assert!(call.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_ephemeris_is_epochs_and_the_object_beside() {
    let (broker, script) = always(answer(200, "ephemeris.json"));
    let query = read(json!({
        "tdes": "X01aaaa", "eph_start": "2026-11-21 04:00", "eph_stop": "2026-11-21_06:00:00", "eph_step": "2h",
        "obs_code": "W68", "orbits": true, "ranges": true
    }))
    .unwrap();
    let listed = list(&broker, &query).await;
    let due = "GET /scout.api?tdes=X01aaaa&orbits=1&eph-start=2026-11-21T04%3A00%3A00\
               &eph-stop=2026-11-21T06%3A00%3A00&eph-step=2h&obs-code=W68&ranges=1";
    assert_eq!(sent(&script), [due]);
    let ephemeris = listed.alerts[0].ephemeris.as_deref().unwrap();
    assert_eq!((ephemeris.count, ephemeris.orbit_count, ephemeris.eph.len()), (Some(2), Some(2), 2));
    let point = &ephemeris.eph[1];
    assert_eq!(point.utc().unwrap().to_rfc3339(), "2026-11-21T06:00:00+00:00");
    assert_eq!((point.sun_flag.as_deref(), point.sigma_pos), (Some("n"), Some(140.0)));
    assert_eq!(
        (point.median.ra, point.median.dec, point.median.rate),
        (Some(133.568), Some(28.071), Some(1.9))
    );
    assert_eq!(ephemeris.data_fields, ["ra", "dec", "rate"]);
    assert_eq!(point.median.other, *json!({"range-of-test": "0.0123"}).as_object().unwrap());
    assert_eq!(point.other, *json!({"mark-of-test": 1}).as_object().unwrap());
    assert!(listed.alerts[0].raw().contains("range-of-test"), "what is stored has the ranges");
    assert_eq!(point.samples().nth(1).unwrap(), [Some(133.9), Some(27.8), Some(2.0)]);
    assert_eq!(ephemeris.other, *json!({"fov-likelihood": "0.7"}).as_object().unwrap());
    assert_eq!(broker.generic(&listed.alerts[0]).unwrap().ra, Some(133.5));
    let again = broker.read_alert(listed.alerts[0].raw()).unwrap();
    assert_eq!(*again.typed::<ScoutPacket>().unwrap().clone(), *listed.alerts[0]);

    let query = read(json!({"tdes": "X01aaaa", "eph_start": "now", "fov_diam": 30, "fov_ra": "08:54:00", "fov_dec": 28, "fov_vmag": 22})).unwrap();
    let typed = broker.run(broker.protocol().ephemeris(&query)).await.unwrap();
    assert_eq!(typed.eph.len(), 2);
    assert_eq!(
        sent(&script)[1],
        "GET /scout.api?tdes=X01aaaa&eph-start=now&fov-diam=30&fov-ra=133.5&fov-dec=28&fov-vmag=22"
    );
    let error = broker.protocol().ephemeris(&one("X01aaaa")).unwrap_err();
    assert_eq!(error.to_string(), "an ephemeris needs tdes and eph_start");
}

#[tokio::test(start_paused = true)]
async fn an_epoch_without_a_median_does_not_lose_the_ephemeris() {
    let body = json!({
        "object": {"objectName": "X01aaaa"}, "count": "2", "data-fields": null, "eph": [
            {"time": "2026-11-21 04:00:00", "median": null, "data": null},
            {"time": "2026-11-21 06:00:00", "median": {"ra": "133.5", "dec": "+28.1"}}
        ]
    });
    let (broker, _) = always(text(200, &body.to_string()));
    let query = read(json!({"tdes": "X01aaaa", "eph_start": "now", "fov_diam": 30})).unwrap();
    let ephemeris = broker.run(broker.protocol().ephemeris(&query)).await.unwrap();
    let medians: Vec<_> = ephemeris.eph.iter().map(|point| point.median.ra).collect();
    assert_eq!(medians, [None, Some(133.5)]);
    assert_eq!(ephemeris.eph[0].samples().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn departures_say_what_became_of_each() {
    let (broker, script) = always(answer(200, "departures.html"));
    let left = broker.run(broker.protocol().departures()).await.unwrap();
    let url = script.requests()[0].url().to_string();
    assert_eq!(url, "https://data.minorplanetcenter.net/iau/NEO/ToConfirm_PrevDes.html");
    let named = |name: &str| Fate::Designated(name.to_owned());
    let due = [
        ("X11aaaa", named("2026 ZZ1")),
        ("X12bbbb", named("P/2026 Z9")),
        ("X13cccc", named("(999999)")),
        ("X15eeee", named("X14dddd")),
        ("X16ffff", Fate::NotConfirmed),
        ("X17gggg", Fate::DoesNotExist),
        ("X18hhhh", Fate::NotMinorPlanet),
        ("X19iiii", Fate::Other("was suspected to be artificial".to_owned())),
        ("X20jjjj", named("C/2026 Z3 (Nobody)")),
    ];
    let ours: Vec<_> = left.iter().map(|d| (d.name.as_str(), d.fate.clone())).collect();
    assert_eq!(ours, due);
    assert_eq!(
        (left[0].date.as_deref(), left[0].reference.as_deref()),
        (Some("Nov. 10.34"), Some("2026-Z53"))
    );
    assert_eq!((left[2].date.as_deref(), left[2].reference.as_deref()), (Some("July 28.51"), None));
    assert_eq!(
        left[8].date.as_deref(),
        Some("Nov. 16.05"),
        "the bracket of the date, not of the comet's name"
    );
}
