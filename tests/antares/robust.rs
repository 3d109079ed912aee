//! The contract of every broker, and no panic whatever a service sends.

use std::sync::Arc;

use proptest::prelude::{any as anything, *};
use serde::de::DeserializeOwned;
use tom_alerts::brokers::antares::*;
use tom_alerts::http::{Response, json as read_json};
use tom_alerts::testing::{Evidence, check_broker};
use tom_alerts::wire::Rows;
use tom_alerts::{Call, Cursor, Protocol, Slot, Subject};

use super::*;

#[tokio::test]
async fn the_contract_of_every_broker_holds_for_both_versions() {
    for service in [Service::v2().await.with_ztf().await, Service::v1().await.with_ztf().await] {
        let page = format!("{}_loci_page1.json", service.version);
        let text = String::from_utf8(fixture(&page)).unwrap().replace("\"next\"", "\"nothing\"");
        let listing = ResponseTemplate::new(200).set_body_string(text.clone());
        // A search by an id of LSST finds the locus of LSST alone.
        let mut one: Value = serde_json::from_str(&text).unwrap();
        one["data"].as_array_mut().unwrap().remove(0);
        service.inner.when(Named(LSST), ResponseTemplate::new(200).set_body_json(one)).await;
        service.on("loci", listing).await;
        service.on(&format!("loci/{LSST_LOCUS}"), answer(200, "v2_locus_lsst.json")).await;
        service.on(&format!("loci/{LSST_LOCUS}/alerts"), answer(200, "v2_alerts_lsst.json")).await;
        let own = answer(200, &format!("{}_thumbnails.json", service.version));
        service.on("alerts/ztf_candidate:2747250000015010003/thumbnails", own).await;
        let query = json!({"tags": ["extragalactic"], "ra": 0, "dec": -90, "radius": 5});
        let evidence = Evidence::listing(query.as_object().unwrap().clone());
        let broken = check_broker(Arc::new(service.broker()), evidence).await;
        assert!(broken.is_empty(), "{}: {broken:#?}", service.version);
    }
}

/// A request whose query holds a text.
struct Named(&'static str);

impl wiremock::Match for Named {
    fn matches(&self, request: &wiremock::Request) -> bool {
        request.url.query().is_some_and(|query| query.contains(self.0))
    }
}

/// The first answer of a call, read by what the call does with it.
fn feed<T>(call: tom_alerts::Result<Call<T>>, response: &Response) {
    match call {
        Ok(Call::Send(_, then)) => drop(then(Ok(response.clone()))),
        Ok(Call::All(calls, _)) => calls.into_iter().for_each(|call| feed(Ok(call), response)),
        _ => {}
    }
}

/// Every reader there is, on one body.
fn read_all(body: &[u8]) {
    fn each<T: DeserializeOwned>(body: &[u8]) {
        let _ = read_json::<T>(body);
    }
    for version in [1, 2] {
        let config = AntaresConfig { api_version: Some(version), ..AntaresConfig::default() };
        let antares = Antares::new(config).unwrap();
        for status in [200, 400, 404, 500] {
            let response = Response::new(status, Vec::new(), body.to_vec().into());
            let _ = antares.explain(&response);
            for locus_id in [None, Some(LOCUS.to_owned())] {
                let query = AntaresQuery {
                    locus_id,
                    mjd_min: Some(59_000.0),
                    max_alerts: Some(3),
                    ..AntaresQuery::default()
                };
                let Ok(page) = antares.page(&query, &Cursor::default(), response.clone()) else { continue };
                for item in page.items.into_slots().into_iter().flatten() {
                    if let Slot::Item(alert) = item {
                        let generic = antares.to_generic_alert(&alert).unwrap();
                        let _ = generic.checked().map(|generic| antares.to_target(&alert, &generic));
                        let _ = alert.light_curve().map(|rows| rows.0.len());
                        feed(antares.reduced_data(Subject::new(&alert.id).with_alert(&alert)), &response);
                    }
                }
            }
            feed(antares.locus(LOCUS), &response);
            feed(antares.catalog_matches(LOCUS), &response);
            feed(Ok(antares.statistics()), &response);
            feed(Ok(antares.thumbnails("lsst:1")), &response);
            feed(Ok(antares.grav_wave_notice("S1")), &response);
            feed(antares.catalog_samples(5), &response);
        }
    }
    each::<Locus>(body);
    each::<Rows<AntaresAlert>>(body);
    each::<CatalogMatch>(body);
    each::<Statistics>(body);
    if let Ok(text) = std::str::from_utf8(body) {
        let locus: Locus = serde_json::from_value(json!({"id": LOCUS, "lightcurve": text})).unwrap();
        let _ = locus.light_curve();
    }
}

/// Any JSON under the keys that the readers know.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        anything::<bool>().prop_map(Value::from),
        anything::<i64>().prop_map(Value::from),
        anything::<u64>().prop_map(Value::from),
        anything::<f64>().prop_map(Value::from),
        "[a-zA-Z0-9+.é -]{0,8}".prop_map(Value::from),
        Just(Value::from(LOCUS)),
        Just(Value::from("lsst:170000000000000001")),
        Just(Value::from("alert_id,ant_mjd,ant_mag,ant_passband\nlsst:1,61000.5,18,R\nz,1e308,,\n")),
    ];
    leaf.prop_recursive(5, 64, 8, |inner| {
        let key = prop::sample::select(vec![
            "data",
            "locus",
            "attributes",
            "id",
            "locus_id",
            "ra",
            "dec",
            "properties",
            "internal_properties",
            "user_properties",
            "tags",
            "catalogs",
            "lightcurve",
            "alerts",
            "links",
            "next",
            "meta",
            "count",
            "survey",
            "ztf",
            "lsst",
            "dia_object_id",
            "newest_alert_observation_time",
            "newest_alert_id",
            "newest_alert_magnitude",
            "replaced_by",
            "horizons_targetname",
            "ant_mjd",
            "ant_mag",
            "ant_survey",
            "ant_passband",
            "ant_maglim",
            "mjd",
            "lsst_diaSource_psfFlux",
            "lsst_diaSource_psfFluxErr",
            "lsst_diaSource_isNegative",
            "ztf_isdiffpos",
            "errors",
            "detail",
            "title",
            "src",
            "thumbnail_type",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(key.prop_map(str::to_owned), inner, 0..10)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_json_makes_a_reader_panic(value in any_json()) {
        read_all(value.to_string().as_bytes());
        read_all(json!({ "data": [value] }).to_string().as_bytes());
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(anything::<u8>(), 0..200)) {
        read_all(&bytes);
    }

    #[test]
    fn no_csv_makes_a_reader_panic(text in "(alert_id,ant_mjd,ant_mag\n)?([a-z0-9.,\"\n:é-]|nan){0,80}") {
        read_all(text.as_bytes());
    }

    #[test]
    fn no_name_makes_recognising_panic(name in "\\PC{0,24}") {
        let antares = Antares::new(AntaresConfig::default()).unwrap();
        let _ = antares.recognises(&name);
        let _ = antares.alert(&name);
    }
}

#[test]
fn a_recorded_answer_that_is_cut_anywhere_makes_no_reader_panic() {
    for name in ["v2_loci_page1.json", "v2_locus_ztf.json", "v1_alerts_page1.json", "v2_loci_nan.txt"] {
        let body = fixture(name);
        (0..body.len()).step_by(97).for_each(|end| read_all(&body[..end]));
    }
}
