//! No panic whatever a service sends, and only what is sound leaves.

use proptest::prelude::*;
use tom_alerts::Protocol;

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
