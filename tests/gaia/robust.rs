//! The contract of every broker, and no panic whatever a service sends.

use std::sync::Arc;

use proptest::prelude::{any, *};
use tom_alerts::http::Response;
use tom_alerts::testing::{Evidence, check_broker};
use tom_alerts::{Call, Cursor, Protocol, Slot, Subject};

use super::*;

#[tokio::test]
async fn the_contract_of_every_broker_holds() {
    let service = Service::with_list("alerts_ok.csv").await;
    for name in [NAME, "Gaia22aac", "Gaia22aabx", "Gaia21zzz"] {
        let curve = String::from_utf8(fixture("lightcurve_ok.csv")).unwrap().replace(NAME, name);
        let curve = ResponseTemplate::new(200).set_body_raw(curve, "text/csv");
        service.on(&format!("/alerts/alert/{name}/lightcurve.csv"), curve).await;
    }
    service.on(INDEX, answer(200, "index_ok.html")).await;
    let secret = "canary-71d0";
    let base_url = format!("http://user:{secret}@127.0.0.1:8/").parse().ok();
    let refused = GaiaConfig { base_url, ..GaiaConfig::default() };
    let error = GaiaBroker::with_http(refused, &service.0.http()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains(secret), "{error}");
    for broker in [service.broker(), service.of_page()] {
        let query = json!({"mag_max": 25});
        let evidence = Evidence::listing(query.as_object().unwrap().clone()).secret(secret);
        let broken = check_broker(Arc::new(broker), evidence).await;
        assert!(broken.is_empty(), "{broken:#?}");
    }
}

/// The first answer of a call, read by what the call does with it.
fn feed<T>(call: tom_alerts::Result<Call<T>>, response: &Response) {
    if let Call::Send(_, then) = call.unwrap() {
        drop(then(Ok(response.clone())));
    }
}

/// Every reader there is, on one body.
fn read_all(body: &[u8]) {
    for list in [GaiaList::Csv, GaiaList::Page] {
        let gaia = Gaia::new(GaiaConfig { list: Some(list), error_estimate: true, ..GaiaConfig::default() })
            .unwrap();
        let response = Response::new(200, Vec::new(), body.to_vec().into());
        for asked in [all(), query(json!({"cone": "150,2,30"})), query(json!({"target_name": "2022aab"}))] {
            let Ok(page) = gaia.page(&asked, &Cursor::default(), response.clone()) else { continue };
            for item in page.items.into_slots().into_iter().flatten() {
                if let Slot::Item(alert) = item {
                    let generic = gaia.to_generic_alert(&alert).unwrap();
                    let _ = generic.checked().map(|generic| gaia.to_target(&alert, &generic));
                    feed(gaia.reduced_data(Subject::new(&alert.name).with_alert(&alert)), &response);
                }
            }
        }
        feed(gaia.alert(NAME), &response);
        feed(gaia.reduced_data(Subject::new(NAME)), &response);
        feed(gaia.spectra(NAME), &response);
    }
    let _ = Gaia::read_csv(body);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
        read_all(&[b"#Name, RaDeg, DecDeg, Date, AlertMag, TNSid\n", &bytes[..]].concat());
        read_all(&[b"<script>var alerts = [", &bytes[..]].concat());
        read_all(&[b"<script>var spectra = [", &bytes[..]].concat());
        read_all(&[b"Gaia22aab\n#Date,JD(TCB),averagemag\n", &bytes[..]].concat());
    }

    #[test]
    fn no_table_makes_a_reader_panic(cells in "([A-Za-z0-9é.+-]{0,9}[,\n\" ]){0,40}") {
        read_all(format!("#Name, Date, RaDeg, DecDeg, AlertMag\n{cells}").as_bytes());
        read_all(format!("#Name, Date, RaDeg, DecDeg, AlertMag\nGaia22aab,2022-01-01,150,2,17\n{cells}").as_bytes());
        read_all(format!("Gaia22aab\n#Date,JD(TCB),averagemag\n{cells}").as_bytes());
    }

    #[test]
    fn no_name_and_no_cone_make_anything_panic(name in "\\PC{0,16}", cone in "[0-9a-z.,+ -]{0,24}") {
        let gaia = Gaia::new(GaiaConfig::default()).unwrap();
        let _ = gaia.recognises(&name);
        let _ = gaia.alert(&name);
        let _ = gaia.spectra(&name);
        let asked = GaiaQuery { target_name: Some(name.clone()), cone: Some(cone), name_contains: true, ..GaiaQuery::default() };
        let _ = gaia.page(&asked, &Cursor::default(), Response::new(200, Vec::new(), fixture("alerts_ok.csv").into()));
        let _ = gaia.listing(&asked, &Cursor::new(name));
    }
}

#[test]
fn a_recorded_answer_that_is_cut_anywhere_makes_no_reader_panic() {
    for name in ["alerts_ok.csv", "index_ok.html", "lightcurve_odd.csv", "alert_ok.html"] {
        let body = fixture(name);
        (0..body.len()).step_by(23).for_each(|end| read_all(&body[..end]));
    }
}
