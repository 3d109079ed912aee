//! Whose object an alert is of; and what is odd in an answer costs neither the object nor its light curve.

use tom_alerts::testing::spoil;
use tom_alerts::{PositionKind, ReducedData};

use super::*;

const VITAL: [&str; 5] = ["candid", "candidate.jd", "candidate.ra", "candidate.dec", "candidate.magpsf"];

/// The vital places of an alert at a place of a body, and its lists at others.
fn vital(alert: &str, id: &str, lists: &[&str]) -> Vec<String> {
    // Only ZTF's forced photometry has magnitudes beside the fluxes.
    let magnitudes = lists.contains(&"prv_nondetections").then(|| format!("{alert}.fp_hists.*.magpsf"));
    let own = VITAL.iter().map(|key| if *key == "candid" { id } else { key });
    let own = own.chain(["objectId"]).map(|key| format!("{alert}.{key}"));
    let rows = lists.iter().flat_map(|list| {
        let value: &[&str] = match list.rsplit('.').next() {
            Some("prv_nondetections") => &["diffmaglim"],
            Some("fp_hists") => &["psfFlux", "psfFluxErr"],
            _ => &["candid", "magpsf", "psfFlux", "psfFluxErr"],
        };
        ["jd", "band"].iter().chain(value).map(move |key| format!("{alert}.{list}.*.{key}"))
    });
    own.chain(rows).chain(magnitudes).collect()
}

fn refs(vital: &[String]) -> Vec<&str> {
    vital.iter().map(String::as_str).collect()
}

#[test]
fn listings_keep_every_alert_whatever_else_is_odd() {
    let babamul = Babamul::new(with_token()).unwrap();
    let client = client::<Babamul>(&support::script::always(answer(200, "alerts_empty.json")), with_token());
    for (name, id, due) in [("alerts_page1.json", ZTF, 2), ("alerts_lsst.json", LSST, 2)] {
        let vital = vital("data.*", "candid", &[]);
        for (place, body) in spoil(&json_fixture(name), &refs(&vital)) {
            let page = babamul.page(&of(id), &tom_alerts::Cursor::default(), text(200, &body.to_string()));
            let slots = page.unwrap_or_else(|e| panic!("{place}: {e}")).items.into_slots();
            assert_eq!(slots.len(), due, "{place}");
            for slot in slots {
                let Ok(tom_alerts::Slot::Item(alert)) = slot else { panic!("{place}: {slot:?}") };
                let target = client.target(&alert).unwrap_or_else(|e| panic!("{place}: {e}"));
                assert!(target.position().is_some(), "{place}");
            }
        }
    }
    let boom = Boom::new(account()).unwrap();
    let query: BoomQuery = read_form(&json!({"filter": "{}"})).unwrap();
    for (place, body) in spoil(&json_fixture("boom_find.json"), &refs(&vital("data.*", "_id", &[]))) {
        let page = boom.page(&query, &tom_alerts::Cursor::default(), text(200, &body.to_string()));
        let slots = page.unwrap_or_else(|e| panic!("{place}: {e}")).items.into_slots();
        assert!(slots.len() == 2 && slots.iter().all(Result::is_ok), "{place}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_says_that_values_are_left_out() {
    let mut page = json_fixture("alerts_page1.json");
    page["data"][0]["candidate"]["drb"] = json!("good");
    let (broker, _) = always(text(200, &page.to_string()));
    let listed = list(&broker, &of(ZTF)).await;
    let due = "values that have another type than due are left out; the text of the alert itself has them";
    assert_eq!((listed.alerts.len(), listed.notes), (2, vec![due.to_owned()]));
    let (broker, _) = boom(move |_| text(200, &page.to_string()));
    let listed = list(&broker, &read_form::<BoomQuery>(&json!({"filter": "{}"})).unwrap()).await;
    assert_eq!((listed.alerts.len(), listed.notes.as_slice()), (2, &[due.to_owned()][..]));
}

async fn babamul_data(id: &str, body: &Value) -> ReducedData {
    let (broker, _) = always(text(200, &body.to_string()));
    broker.reduced_data(id, None).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn objects_and_light_curves_come_whatever_else_is_odd() {
    for (id, name, lists) in [
        (
            ZTF,
            "object_ztf.json",
            &["prv_candidates", "prv_nondetections", "fp_hists", "survey_matches.lsst.prv_candidates"][..],
        ),
        (LSST, "object_lsst.json", &["prv_candidates", "fp_hists", "survey_matches.ztf.prv_candidates"]),
    ] {
        let object = json_fixture(name);
        let due = babamul_data(id, &object).await;
        assert!(due.failures.is_empty() && due.points.len() > 2);
        for (place, body) in spoil(&object, &refs(&vital("data", "candid", lists))) {
            // A list of the other survey is not vital as a whole, so its points may be missing.
            let elsewhere = place.contains("survey_matches");
            let data = babamul_data(id, &body).await;
            assert!(elsewhere || data.points.len() == due.points.len(), "{place}: {:?}", data.failures);
            assert!(elsewhere || data.failures.is_empty(), "{place}: {:?}", data.failures);
            let (broker, _) = always(text(200, &body.to_string()));
            let alert = broker.fetch_alert(id).await.unwrap_or_else(|e| panic!("{place}: {e}"));
            assert_eq!(alert.generic().id, id, "{place}");
            assert!(alert.to_target().is_ok(), "{place}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn booms_light_curves_come_whatever_else_is_odd() {
    let aux = json_fixture("boom_aux.json");
    let vital: Vec<String> = vital("data.*", "_id", &["prv_candidates", "prv_nondetections", "fp_hists"])
        .into_iter()
        .skip(6)
        .collect();
    for (place, body) in spoil(&aux, &refs(&vital)) {
        let (broker, _) = boom(move |_| text(200, &body.to_string()));
        let data = broker.reduced_data(ZTF, None).await.unwrap_or_else(|e| panic!("{place}: {e}"));
        assert_eq!((data.points.len(), data.failures.len()), (8, 0), "{place}: {:?}", data.failures);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_left_out_is_told() {
    let mut object = json_fixture("object_ztf.json");
    object["data"]["prv_candidates"][0]["drb"] = json!("good");
    object["data"]["fp_hists"][0]["procstatus"] = json!([57]);
    object["data"]["prv_nondetections"] = json!("none");
    let data = babamul_data(ZTF, &object).await;
    let due = "2 values of the light curve have another type than due and are left out";
    assert!(data.notes.iter().any(|note| note == due), "{:?}", data.notes);
    assert_eq!(data.failures.len(), 1);
    assert_eq!(data.failures[0].context("list"), Some("prv_nondetections"));
}

#[tokio::test(start_paused = true)]
async fn an_odd_error_of_a_flux_costs_no_magnitude() {
    let mut object = json_fixture("object_ztf.json");
    let due = babamul_data(ZTF, &object).await;
    object["data"]["prv_candidates"][0]["psfFluxErr"] = json!("odd");
    let data = babamul_data(ZTF, &object).await;
    assert_eq!((data.points.len(), data.failures.len()), (due.points.len(), 0), "{:?}", data.failures);
    let note = "1 value of the light curve has another type than due and is left out";
    assert!(data.notes.iter().any(|told| told == note), "{:?}", data.notes);
}

#[tokio::test(start_paused = true)]
async fn an_alert_says_whose_object_it_is_of() {
    let object = |name: &str| json_fixture(name)["data"].clone();
    let mut lsst = object("object_lsst.json");
    lsst["candidate"]["raErr"] = json!(0.000_01);
    lsst["candidate"]["decErr"] = json!(0.000_02);
    for (packet, id, candid, error) in [
        (object("object_ztf.json"), ZTF, CANDID, None),
        (lsst, LSST, "170094456272322680", Some(0.072)),
        (json_fixture("boom_find.json")["data"][0].clone(), ZTF, CANDID, None),
    ] {
        for broker in [
            std::sync::Arc::new(always(text(200, "{}")).0) as std::sync::Arc<dyn GenericBroker>,
            std::sync::Arc::new(boom(|_| text(200, "{}")).0),
        ] {
            let of = broker.read_alert(&packet.to_string()).unwrap().provenance();
            assert_eq!((of.object_id.as_deref(), of.alert_id.as_deref()), (Some(id), Some(candid)));
            assert!(of.observed_at.is_some());
            assert_eq!((of.position, of.detections), (PositionKind::Single, None));
            match error {
                Some(due) => close(of.position_error, due),
                None => assert_eq!(of.position_error, None),
            }
        }
    }
    let bare = always(text(200, "{}")).0.read_alert(&json!({"objectId": ZTF}).to_string()).unwrap();
    let of = bare.provenance();
    assert_eq!((of.object_id.as_deref(), of.alert_id, of.observed_at), (Some(ZTF), None, None));
}

#[tokio::test(start_paused = true)]
async fn what_a_listing_gives_as_id_and_as_name_fetches_the_alert() {
    for (id, page, object) in
        [(ZTF, "alerts_page1.json", "object_ztf.json"), (LSST, "alerts_lsst.json", "object_lsst.json")]
    {
        let script = ScriptedTransport::new(move |request| {
            let listing = request.url().path().ends_with("/alerts");
            Ok(answer(200, if listing { page } else { object }))
        });
        let broker = client::<Babamul>(&script, with_token());
        let alert = list(&broker, &of(id)).await.alerts.remove(0);
        let generic = broker.generic(&alert).unwrap();
        for given in [&generic.id, &generic.name] {
            assert_eq!(broker.fetch_alert(given).await.unwrap().generic().name, id);
        }
    }
    let (broker, script) = boom(|_| answer(200, "boom_find.json"));
    let listed = list(&broker, &read_form::<BoomQuery>(&json!({"filter": "{}"})).unwrap()).await;
    let generic = broker.generic(&listed.alerts[0]).unwrap();
    for given in [&generic.id, &generic.name] {
        assert_eq!(broker.fetch_alert(given).await.unwrap().generic().name, ZTF);
        assert_eq!(body(script.requests().last().unwrap())["filter"], json!({"objectId": ZTF}));
    }
}

#[tokio::test(start_paused = true)]
async fn a_known_object_of_the_solar_system_moves() {
    for (rock, distance, magnitude, due) in [
        (json!(null), json!(1.0), json!(15.8), "NON_SIDEREAL"),
        (json!(null), json!("0"), json!(0), "NON_SIDEREAL"),
        (json!("nan"), json!(11.99), json!(21), "NON_SIDEREAL"),
        (json!(true), json!(-999.0), json!(-999.0), "NON_SIDEREAL"),
        (json!(false), json!(12), json!(21), "SIDEREAL"),
        (json!(false), json!(19), json!(18), "SIDEREAL"),
        (json!(null), json!(1.0), json!(-999.0), "SIDEREAL"),
        (json!(null), json!(-999.0), json!(15.8), "SIDEREAL"),
        (json!(null), json!(1.0), json!(null), "SIDEREAL"),
    ] {
        let mut alert = json_fixture("object_ztf.json")["data"].clone();
        alert["properties"]["rock"] = rock.clone();
        alert["candidate"]["ssdistnr"] = distance.clone();
        alert["candidate"]["ssmagnr"] = magnitude.clone();
        // The name is that of the nearest known object, however far it is.
        alert["candidate"]["ssnamenr"] = json!("8467");
        let target = always(text(200, "{}")).0.read_alert(&alert.to_string()).unwrap().to_target().unwrap();
        assert_eq!(target.target_type(), due, "{rock} {distance} {magnitude}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_row_that_the_survey_took_back_is_no_measurement() {
    let mut object = json_fixture("object_lsst.json");
    let whole = babamul_data(LSST, &object).await.points.len();
    object["data"]["prv_candidates"][0]["timeWithdrawnMjdTai"] = json!(61_400.5);
    object["data"]["fp_hists"][0]["timeWithdrawnMjdTai"] = json!(null);
    object["data"]["candidate"]["timeWithdrawnMjdTai"] = json!(61_400.5);
    // The limit of its exposure stands, as nothing was measured there.
    object["data"]["prv_nondetections"] = json!([object["data"]["prv_candidates"][0].clone()]);
    object["data"]["prv_nondetections"][0]["timeWithdrawnMjdTai"] = json!(null);
    let data = babamul_data(LSST, &object).await;
    assert_eq!((data.points.len(), data.failures.len()), (whole, 0));
    let limits = data.points.iter().filter(|point| point.photometry().unwrap().limit == Some(23.4));
    assert_eq!(limits.count(), 1);
    let [taken] = &data.withdrawn[..] else { panic!("{:?}", data.withdrawn) };
    assert_eq!(taken.withdrawn, tom_alerts::time::utc_from_tai_mjd(61_400.5));
    let alert = always(text(200, "{}")).0.read_alert(&object["data"].to_string()).unwrap();
    assert_eq!(alert.generic().mag, None, "it was not measured");
    assert!(alert.to_target().is_ok());
}
