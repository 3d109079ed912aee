//! No panic whatever a service sends, and only what is sound leaves.

use proptest::prelude::*;
use tom_alerts::Protocol;

use super::support::properties::{Asked, forget};
use super::support::wild::{body_properties, cases, json_properties};
use super::*;

/// Every reader there is, on one body; how many alerts and points came of it.
fn read_all(body: &[u8]) -> usize {
    let of = |survey, count| AlerceQuery { survey: Some(survey), count, ..AlerceQuery::default() };
    let queries = vec![of(Survey::Ztf, true), of(Survey::Ztf, false), of(Survey::Lsst, false)];
    let config = || AlerceConfig { forced_photometry: true, ..AlerceConfig::default() };
    let mut asked = Asked::<Alerce>::new(config, queries, &[ZTF, LSST]);
    asked.further = |alerce| {
        vec![
            forget(Ok(alerce.classifiers(Survey::Lsst))),
            forget(Ok(alerce.classes("lc_classifier", "1"))),
            forget(alerce.probabilities(ZTF)),
            forget(alerce.ztf_light_curve(ZTF)),
            forget(alerce.v2_light_curve(ZTF)),
            forget(alerce.lsst_light_curve(LSST)),
            forget(alerce.lsst_detections(LSST)),
            forget(alerce.ztf_magstats(ZTF)),
            forget(alerce.lsst_magstats(LSST)),
            forget(alerce.features(ZTF, None)),
            forget(Ok(alerce.limit_values())),
            forget(alerce.lsst_cone(1.0, 2.0, 3.0, 4)),
            forget(alerce.alert_packet(ZTF, "1")),
            forget(alerce.catalogue_cone("SDSS_DR10", 1.0, 2.0, 3.0)),
            forget(alerce.catalogues_cone(1.0, 2.0, 3.0)),
            forget(alerce.crossmatch("SDSS_DR10", 1.0, 2.0, 3.0)),
            forget(alerce.crossmatch_all(1.0, 2.0, 3.0)),
        ]
    };
    asked.read(&[200, 400, 404, 422, 500], body)
}

/// Those that the readers know.
const KEYS: &str = "\
    items oid meanra meandec lastmjd class sid probability total has_next detections non_detections \
    forced_photometry mjd fid magpsf sigmapsf candid mag e_mag extra_fields diffmaglim isdiffpos band \
    psfFlux psfFluxErr errors detail message loc msg catalogs values has_stamp objectId ranking";

const RECORDED: &str = "\
    objects_full_page.json objects_nan.txt objects_counted.json objects_asteroid.json \
    objects_versions.json object_ok.json lightcurve_ok.json lightcurve_nan.txt forced_ok.json \
    probabilities_ok.json detections_ok.json classifiers_ok.json error_400.json lsst_objects_page1.json \
    lsst_object_ok.json lsst_lightcurve_ok.json lsst_detections_ok.json lsst_probability_ok.json \
    lsst_error_422.json";

fn values() -> Vec<Value> {
    vec![json!(LSST), json!(ZTF)]
}

json_properties!();
body_properties!(cut 97: "lightcurve_ok.json", "lsst_lightcurve_ok.json", "objects_nan.txt", "forced_ok.json");

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn no_name_makes_recognising_panic(name in "\\PC{0,24}") {
        let broker = Alerce::new(AlerceConfig::default()).unwrap();
        let _ = (broker.recognises(&name), broker.alert(&name));
    }
}
