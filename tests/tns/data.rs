//! One object: its points, spectra and class, and who may see it.

use std::sync::Arc;

use tom_alerts::{Datum, ReducedData};

use super::support::points::on;
use super::*;

async fn full() -> (Service, ReducedData) {
    let service = Service::three().await;
    let data = service.broker().reduced_data("2026qqa", None).await.unwrap();
    (service, data)
}

fn near(value: Option<f64>, due: f64) {
    assert!(value.is_some_and(|value| (value - due).abs() < 1e-3), "{value:?}, not {due}");
}

#[tokio::test]
async fn photometry_is_detection_limit_or_flux_in_its_unit() {
    let (_, data) = full().await;
    assert!(data.failures.is_empty(), "{:?}", data.failures);
    assert_eq!(data.notes, ["1 row of photometry without a value left out"]);
    assert!(data.points.iter().all(|p| p.source_name == "TNS" && p.target == "SN2026qqa"));
    assert!(data.points.iter().all(|p| p.source_location == "https://www.wis-tns.org/object/2026qqa"));
    let limit = on(&data, "2026-03-02");
    assert_eq!((limit.magnitude, limit.limit, limit.unit.as_deref()), (None, Some(20.6), Some("AB")));
    assert_eq!(limit.extra.to_map()["last_non_detection"], true);
    let seen = on(&data, "2026-03-04");
    assert_eq!((seen.magnitude, seen.error, seen.limit), (Some(19.25), Some(0.07), None));
    assert_eq!((seen.limiting_magnitude, seen.filter.as_str()), (Some(20.5), "g"));
    assert_eq!((seen.telescope.as_deref(), seen.instrument.as_deref()), (Some("P48"), Some("ZTF-Cam")));
    assert_eq!(
        seen.extra.to_map(),
        *json!({"filter_name": "g-ZTF", "filter_id": 110, "exposure_time": 30.0, "observer": "Robot"})
            .as_object()
            .unwrap()
    );
    let as_text = on(&data, "2026-03-05");
    assert_eq!((as_text.magnitude, as_text.error, as_text.filter.as_str()), (Some(18.91), Some(0.05), "r"));
    let null = on(&data, "2026-03-06");
    assert_eq!((null.magnitude, null.limit), (None, Some(19.0)));
    let physical = on(&data, "2026-03-07");
    assert_eq!((physical.magnitude, physical.flux, physical.flux_error), (None, Some(3.0e-17), None));
    assert_eq!(physical.flux_unit.as_deref(), Some("erg cm(-2) sec(-1) Ang(-1)"));
    assert_eq!((physical.unit.as_deref(), physical.filter.as_str()), (None, "Other"));
    let njy = on(&data, "2026-03-08");
    near(njy.magnitude, 31.4 - 5.0);
    near(njy.error, 0.1086);
    assert_eq!(njy.unit.as_deref(), Some("AB"));
    assert_eq!((njy.flux, njy.flux_error, njy.flux_unit.as_deref()), (Some(100.0), Some(10.0), Some("nJy")));
    let faint = on(&data, "2026-03-09");
    near(faint.limit, 31.4 - 2.5 * 50_f64.log10());
    assert_eq!((faint.magnitude, faint.flux), (None, Some(10.0)));
    let radio = on(&data, "2026-03-10");
    near(radio.limit, 16.4 - 2.5 * 0.05_f64.log10());
    assert_eq!((radio.filter.as_str(), &radio.extra.to_map()["limflux_unit"]), ("q", &json!("mJy")));
    let vega = on(&data, "2026-03-11");
    assert_eq!(
        (vega.magnitude, vega.unit.as_deref(), vega.filter.as_str()),
        (Some(17.2), Some("Vega"), "G-GOTO")
    );
    // The Julian date has seven digits, the text is exact.
    assert_eq!(data.points[1].timestamp.to_rfc3339(), "2026-03-04T06:30:00+00:00");
}

#[tokio::test]
async fn a_letter_of_a_comment_costs_no_spectrum() {
    let service = Service::start().await;
    service.object("2026qqa", answer(200, "object_full.json")).await;
    let mut file = b"# reduced by J. M\xfcller\n".to_vec();
    file.extend(fixture("spectrum.ascii"));
    let file = ResponseTemplate::new(200).set_body_raw(file, "text/plain");
    service.post("/system/files/uploaded/x/tns_2026qqa_a.ascii", file).await;
    let data = service.broker().reduced_data("2026qqa", None).await.unwrap();
    let spectra = data.points.iter().filter_map(|point| match &point.value {
        Datum::Spectroscopy(spectrum) => Some(spectrum.flux.clone()),
        _ => None,
    });
    assert_eq!(spectra.collect::<Vec<_>>(), [[1.5e-16, 1.6e-16]], "{:?}", data.failures);
}

#[tokio::test]
async fn a_spectrum_is_fetched_from_its_file_with_the_key_and_one_without_file_is_a_reference() {
    let (service, data) = full().await;
    let spectrum = data.points.iter().find_map(|point| match &point.value {
        Datum::Spectroscopy(spectrum) => Some((point.timestamp, spectrum)),
        _ => None,
    });
    let (time, spectrum) = spectrum.unwrap();
    assert_eq!(time.to_rfc3339(), "2026-03-09T03:00:00+00:00");
    assert_eq!(spectrum.wavelength, [4000.0, 4002.0]);
    assert_eq!((&spectrum.flux[..], &spectrum.error[..]), (&[1.5e-16, 1.6e-16][..], &[1e-17, 1e-17][..]));
    assert_eq!(spectrum.wavelength_unit.as_deref(), Some("Angstrom"));
    assert_eq!(spectrum.flux_unit.as_deref(), Some("erg/s/cm2/A"));
    assert_eq!(spectrum.source_id.as_deref(), Some("tns_2026qqa_a.ascii"));
    assert_eq!(
        (spectrum.telescope.as_deref(), spectrum.instrument.as_deref()),
        (Some("FTN"), Some("FLOYDS-N"))
    );
    assert_eq!(
        (&spectrum.extra.to_map()["reducer"], &spectrum.extra.to_map()["exposure_time"]),
        (&json!("R. Educer"), &json!(900.0))
    );
    assert_eq!(spectrum.extra.to_map()["rows_without_value"], 1);
    let other = data.points.iter().find_map(|point| match &point.value {
        Datum::Other(other) => Some(other.value.to_map()),
        _ => None,
    });
    let other = other.unwrap();
    let file = "https://www.wis-tns.org/system/files/uploaded/x/tns_2026qqa_b.fits";
    assert_eq!((&other["data_product"], &other["fitsfile"]), (&json!("spectrum"), &json!(file)));
    let asked = service.asked().await;
    assert_eq!(asked, ["POST /api/get/object", "POST /system/files/uploaded/x/tns_2026qqa_a.ascii"]);
    assert_eq!(service.body(1).await, format!("api_key={KEY}"));
    assert!(service.header(1, "user-agent").await.unwrap().starts_with("tns_marker{"));
}

#[tokio::test]
async fn an_alert_that_was_listed_needs_no_second_call_for_its_data() {
    let service = Service::three().await;
    let config = TnsConfig { spectra: false, ..service.config() };
    let broker: Arc<dyn GenericBroker> = Arc::new(service.broker_of(config));
    let alert = broker.fetch_alert("2026qqa").await.unwrap();
    let data = broker.reduced_data("2026qqa", Some(&alert)).await.unwrap();
    let classes = broker.classifications("2026qqa", Some(&alert)).await.unwrap();
    assert_eq!(service.asked().await.len(), 1);
    assert_eq!(data.points.len(), 11, "the files of spectra are named, not fetched");
    assert_eq!(
        (classes.len(), classes[0].class.as_str(), classes[0].classifier.as_str()),
        (1, "SN Ia", "TNS")
    );
    assert!(broker.classifications("2026qqb", None).await.unwrap().is_empty());
    // Its text gives the same alert again, photometry included.
    let again = broker.read_alert(alert.raw()).unwrap();
    let same = broker.reduced_data("2026qqa", Some(&again)).await.unwrap();
    assert_eq!((same.points.len(), service.asked().await.len()), (11, 2));
}

#[tokio::test]
async fn a_bad_row_or_file_is_one_failure_beside_the_rest() {
    let service = Service::start().await;
    service.object("2026qqa", answer(200, "object_bad_row.json")).await;
    let data = service.broker().reduced_data("2026qqa", None).await.unwrap();
    assert_eq!((data.points.len(), data.failures.len()), (2, 1));
    assert_eq!(
        data.failures[0].to_string(),
        "TNS: row 2 cannot be read: flux: a list was given, a number was due [list=photometry, row=2]"
    );
    let service = Service::start().await;
    let text = text_fixture("object_full.json");
    let people = text.replacen("\"exptime\": \"30\"", "\"exptime\": \"3x10 s\"", 2);
    service.object("2026qqa", ResponseTemplate::new(200).set_body_string(people)).await;
    let data = service.broker().reduced_data("2026qqa", None).await.unwrap();
    assert_eq!((data.points.len(), data.failures.len()), (10, 1));
    assert_eq!(data.points[0].photometry().unwrap().extra.to_map()["exposure_time"], "3x10 s");
    let told = data.failures[0].to_string();
    assert!(
        told.contains("the service does not have this") && told.contains("tns_2026qqa_a.ascii"),
        "{told}"
    );
}

#[tokio::test]
async fn the_key_goes_to_the_configured_site_alone() {
    let service = Service::start().await;
    let mut object: Value = json_fixture("object_full.json");
    object["data"]["spectra"][0]["asciifile"] = "https://evil.example/steal.ascii".into();
    service.object("2026qqa", ResponseTemplate::new(200).set_body_json(object)).await;
    let data = service.broker().reduced_data("2026qqa", None).await.unwrap();
    assert_eq!(service.asked().await.len(), 1);
    assert_eq!(
        data.failures[0].to_string(),
        "TNS: a file lies at another host, where the key does not go [file=https://evil.example/steal.ascii, \
         list=spectra]"
    );
}

#[tokio::test]
async fn an_object_that_is_not_there_is_not_found_under_status_200() {
    for body in ["object_missing.json", "search_none.json"] {
        let service = Service::start().await;
        service.post("/api/get/object", answer(200, body)).await;
        let error = service.broker().alert("AT2026zzz").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(error.to_string(), "TNS: TNS has no public object of this name [name=2026zzz]");
    }
    let service = Service::start().await;
    let error = service.broker().alert("ZTF26qqaaaaa").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "TNS: this is no IAU name; they are like 2026abc, AT2026abc or SN 2026abc [name=ZTF26qqaaaaa]"
    );
}

#[tokio::test]
async fn rows_of_one_instant_stay_as_many_points() {
    let service = Service::start().await;
    let spectrum =
        |arm: &str| json!({"jd": 2_461_108.6, "fitsfile": format!("https://files.example/{arm}.fits")});
    let row = |flux: f64, unit: i64| {
        json!({"jd": 2_461_105.5, "flux": flux, "fluxerr": 0.1, "flux_unit": {"id": unit, "name": "?"},
            "filters": {"id": 110, "name": "g"}, "telescope": {"id": 1, "name": "P48"}})
    };
    let limit = |filter: i64| json!({"jd": 2_461_108.6, "limflux": 30.0, "flux_unit": {"id": 7, "name": "counts"}, "filters": {"id": filter}});
    let object = json!({"id_code": 200, "data": {"objname": "2026qqa", "radeg": 1.0, "decdeg": 2.0,
        "photometry": [row(18.5, 1), row(18.6, 1), limit(110), limit(111)],
        "spectra": [spectrum("blue"), spectrum("red")]}});
    service.object("2026qqa", said(200, object.to_string())).await;
    let data = service.broker().reduced_data("2026qqa", None).await.unwrap();
    let keys: std::collections::HashSet<_> = data.points.iter().map(|point| point.key()).collect();
    assert_eq!((data.points.len(), keys.len(), data.failures.len()), (6, 6, 0), "{data:?}");
}

#[test]
fn what_stands_for_nothing_is_no_detection() {
    for (flux, unit, is_detection) in
        [(0.0, 1, false), (99.0, 1, false), (18.0, 1, true), (-3.0, 9, false), (3.0, 9, true)]
    {
        let row = json!({"flux": flux, "limflux": 20.5, "flux_unit": {"id": unit}});
        let row: PhotometryRow = serde_json::from_value(row).unwrap();
        assert_eq!((row.is_detection(), row.depth()), (is_detection, Some(20.5)), "{flux} of unit {unit}");
    }
}

#[tokio::test]
async fn a_flux_at_discovery_is_no_magnitude() {
    let service = Service::start().await;
    for (value, unit, due) in [
        (json!(4.1e-17), 6, None),
        (json!(17.5), 8, None),
        (json!(17.5), 1, Some(17.5)),
        (json!(-999), 1, None),
    ] {
        let mut object: Value = json_fixture("object_second.json");
        object["data"]["discoverymag"] = value.clone();
        object["data"]["photometry"][1]["flux"] = value;
        object["data"]["photometry"][1]["flux_unit"] = json!({"id": unit, "name": "?"});
        let response = tom_alerts::http::Response::new(200, Vec::new(), object.to_string().into());
        let alert = read_object(&response).unwrap().unwrap();
        assert_eq!(service.broker().generic(&alert).unwrap().mag, due);
    }
}
