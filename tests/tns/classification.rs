//! Reports of classes, with the spectrum that shows it.

use tom_alerts::{Spectroscopy, Target, Upstream};

use super::report::{GET, SET, datum, problems};
use super::*;

#[tokio::test]
async fn a_classification_uploads_its_spectrum_first_and_a_dry_run_shows_both() {
    let service = Service::start().await;
    service.post("/api/set/file-upload", answer(200, "upload_ok.json")).await;
    service.post(SET, answer(200, "report_taken.json")).await;
    service.post(GET, answer(200, "reply_classified.json")).await;
    let broker = service.reporter();
    let target = Target::sidereal("AT2026qqd", 1.0, 2.0).unwrap();
    let spectrum = Spectroscopy {
        wavelength: vec![4000.0, 4001.0],
        wavelength_unit: Some("Angstrom".into()),
        flux: vec![1e-16, 2e-16],
        instrument: Some("FLOYDS-N".into()),
        extra: json!({"observer": " O. Server", "reducer": "R. Educer", "exposure_time": 600.0})
            .as_object()
            .unwrap()
            .clone()
            .into(),
        ..Spectroscopy::default()
    };
    let data = [datum("2026-03-09T03:00:00Z", spectrum)];
    let what = Upstream::new(Some(&target), None, &data);
    let parameters = json!({"report": "classification", "classification": "SN Ia", "redshift": 0.042,
        "classifier": "C. Lass", "exposure_time": 900});
    let parameters = parameters.as_object().unwrap();
    let dry = broker.dry_run(what, parameters).unwrap().requests;
    let paths: Vec<_> = dry.iter().map(|request| request.url().path()).collect();
    assert_eq!(paths, ["/api/set/file-upload", SET]);
    let receipt = broker.submit_upstream_alert(what, parameters).await.unwrap();
    assert_eq!(receipt.answer["items"][0]["prefix"], "SN");
    let content_type = service.header(0, "content-type").await.unwrap();
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    assert_eq!(
        service.body(0).await,
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"api_key\"\r\n\r\n{KEY}\r\n--{boundary}\r\n\
             Content-Disposition: form-data; name=\"files[0]\"; filename=\"tns_2026qqd_20260309_030000.ascii\"\r\n\
             Content-Type: text/plain\r\n\r\n# wavelength[Angstrom] flux\n4000 1e-16\n4001 2e-16\n\r\n--{boundary}--\r\n"
        )
    );
    assert_eq!(
        service.form(1).await["data"],
        json!({"classification_report": {"0": {
            "name": "2026qqd", "classifier": "C. Lass", "objtypeid": 3, "redshift": 0.042, "groupid": 74,
            "spectra": {"spectra-group": {"0": {
                "obsdate": "2026-03-09 03:00:00", "instrumentid": 108, "exptime": 900.0, "observer": "O. Server",
                "reducer": "R. Educer", "spectypeid": 1, "ascii_file": "spectrum_4711.ascii"
            }}}
        }}})
    );
    assert_eq!(
        problems(&broker, Upstream::default(), json!({"report": "classification", "objtype": "SN Ix"})),
        [
            "objtype: \"SN Ix\" is not in the list that is known here, did you mean \"SN I\"?; TNS's number of it is taken too",
            "name: the IAU name without prefix must be given, such as 2026abc",
            "spectra: must be given: a spectrum, by observation_date, instrument, observer and ascii_file, or among the data",
        ]
    );
}

#[tokio::test]
async fn an_upload_that_is_not_taken_is_no_report() {
    let service = Service::start().await;
    let refusal = ResponseTemplate::new(200)
        .set_body_string("{\"id_code\": 200, \"data\": [], \"message\": \"too large\"}");
    service.post("/api/set/file-upload", refusal).await;
    let broker = service.reporter();
    let file =
        Upload { name: "a\"b\r\n.ascii".into(), content_type: "text/plain".into(), bytes: b"1 2\n".to_vec() };
    let error = broker.run(broker.protocol().upload(&[file])).await.unwrap_err();
    assert_eq!(error.to_string(), "TNS: TNS did not take the file: too large");
    assert!(service.body(0).await.contains("filename=\"a_b__.ascii\""));
    assert_eq!(broker.protocol().upload(&[]).unwrap_err().kind(), ErrorKind::Input);
}
