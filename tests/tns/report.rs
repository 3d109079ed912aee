//! Reports: what is sent, that it is checked before, sent once, and what becomes of it.

use tom_alerts::{Datum, Photometry, ReducedDatum, Target, Upstream};
use wiremock::{Request, Respond};

use super::*;

pub(super) const SET: &str = "/api/set/bulk-report";
pub(super) const GET: &str = "/api/get/bulk-report-reply";

/// Takes a report only with everything that is documented as required.
struct Checks;

impl Respond for Checks {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let fields: Vec<_> = url::form_urlencoded::parse(&request.body).into_owned().collect();
        let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, text)| text.clone());
        if field("api_key").as_deref() != Some(KEY) {
            return ResponseTemplate::new(401);
        }
        let data: Value = serde_json::from_str(&field("data").unwrap()).unwrap();
        let report = &data["at_report"]["0"];
        let one = &report["photometry"]["photometry_group"]["0"];
        let non = &report["non_detection"];
        let dark = ["obsdate", "limiting_flux", "flux_unitid", "filterid", "instrumentid"];
        let archive = !non["archiveid"].is_null();
        let there = ["reporting_groupid", "data_source_groupid", "reporter", "discovery_datetime", "at_type"];
        let whole = there.iter().all(|key| !report[*key].is_null())
            && report["ra"]["value"].is_string()
            && report["dec"]["value"].is_string()
            && ["obsdate", "flux", "flux_unitid", "filterid", "instrumentid"]
                .iter()
                .all(|key| !one[*key].is_null())
            && (archive || dark.iter().all(|key| !non[*key].is_null()))
            && report["internal_ids"].as_object().is_some_and(|ids| (1..=5).contains(&ids.len()));
        if whole { answer(200, "report_taken.json") } else { answer(400, "reply_list.json") }
    }
}

impl Service {
    async fn taking(reply: ResponseTemplate) -> Self {
        let service = Self::start().await;
        Mock::given(method("POST")).and(path(SET)).respond_with(Checks).mount(&service.server).await;
        service.post(GET, reply).await;
        service
    }

    pub(super) fn reporter(&self) -> TnsBroker {
        self.broker_of(TnsConfig {
            group_names: vec!["ALeRCE".into()],
            default_authors: Some("N. Obody (Nowhere)".into()),
            report_delay_seconds: Some(0.0),
            report_max_attempts: 3,
            ..self.config()
        })
    }
}

fn target() -> Target {
    Target::sidereal("ZTF26qqaaaaa", 157.5, -20.25).unwrap().with_alias("ATLAS26qqa")
}

pub(super) fn datum(time: &str, value: impl Into<Datum>) -> ReducedDatum {
    ReducedDatum::new("ZTF26qqaaaaa", "ALeRCE", "ZTF26qqaaaaa", time.parse().unwrap(), value)
}

fn ztf(magnitude: Option<f64>, limit: Option<f64>) -> Photometry {
    Photometry {
        filter: "g".into(),
        magnitude,
        error: magnitude.map(|_| 0.07),
        limit,
        limiting_magnitude: magnitude.map(|_| 20.5),
        unit: Some("AB".into()),
        telescope: Some("ZTF".into()),
        survey: Some("ZTF".into()),
        ..Photometry::default()
    }
}

fn curve() -> Vec<ReducedDatum> {
    vec![
        datum("2026-03-06T06:00:00Z", ztf(Some(18.9), None)),
        datum("2026-03-01T06:30:00Z", ztf(None, Some(20.1))),
        datum("2026-03-02T06:30:00Z", ztf(None, Some(20.6))),
        datum("2026-03-04T06:30:00.25Z", ztf(Some(19.25), None)),
        datum("2026-03-05T06:30:00Z", ztf(None, Some(19.0))),
        datum("2026-03-07T06:30:00Z", Photometry { negative_magnitude: Some(21.0), ..ztf(None, None) }),
    ]
}

fn form(pairs: Value) -> TnsSubmission {
    tom_alerts::form::read(pairs.as_object().unwrap()).unwrap()
}

pub(super) fn problems(broker: &TnsBroker, what: Upstream<'_>, pairs: Value) -> Vec<String> {
    let error = broker.dry_run(what, pairs.as_object().unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    error.problems().iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_report_is_made_of_target_and_data_and_taken_by_a_service_that_checks_it() {
    let service = Service::taking(answer(200, "reply_created.json")).await;
    let broker = service.reporter();
    let (target, curve) = (target(), curve());
    let what = Upstream::new(Some(&target), None, &curve);
    let parameters = json!({"discovery_data_source": "ZTF", "position_error": 0.3, "internal_objid": "9001", "observer": "Robot"});
    let parameters = parameters.as_object().unwrap();
    let dry = broker.dry_run(what, parameters).unwrap().requests;
    assert!(service.asked().await.is_empty());
    let receipt = broker.submit_upstream_alert(what, parameters).await.unwrap();
    assert_eq!(service.asked().await, [format!("POST {SET}"), format!("POST {GET}")]);
    let sent = service.form(0).await;
    let entry = |time: &str, flux: f64| {
        json!({"obsdate": time, "flux": flux, "flux_error": 0.07, "limiting_flux": 20.5, "flux_unitid": 1,
            "filterid": 110, "instrumentid": 196, "observer": "Robot"})
    };
    assert_eq!(
        sent["data"],
        json!({"at_report": {"0": {
            "ra": {"value": "157.5", "error": 0.3, "units": "arcsec"},
            "dec": {"value": "-20.25", "error": 0.3, "units": "arcsec"},
            "reporting_groupid": 74, "data_source_groupid": 48, "reporter": "N. Obody (Nowhere)",
            "discovery_datetime": "2026-03-04 06:30:00.250000", "at_type": 1, "internal_name": "ZTF26qqaaaaa",
            "non_detection": {"obsdate": "2026-03-02 06:30:00", "limiting_flux": 20.6, "flux_unitid": 1,
                "filterid": 110, "instrumentid": 196, "observer": "Robot"},
            "photometry": {"photometry_group": {
                "0": entry("2026-03-04 06:30:00.250000", 19.25), "1": entry("2026-03-06 06:00:00", 18.9)}},
            "internal_ids": {"internal_name": "ZTF26qqaaaaa", "internal_objid": "9001"}
        }}})
    );
    // The dry run shows just what is sent.
    assert_eq!(dry.len(), 1);
    assert_eq!(String::from_utf8(dry[0].encoded().unwrap().1.to_vec()).unwrap(), service.body(0).await);
    assert!(!format!("{dry:?}").contains(KEY));
    assert_eq!(service.body(1).await, format!("api_key={KEY}&report_id=4711"));
    assert_eq!(receipt.id.as_deref(), Some("4711"));
    assert_eq!(receipt.url.unwrap().as_str(), service.at("object/2026qqd"));
    let item = &receipt.answer["items"][0];
    assert_eq!(
        (&item["objname"], &item["prefix"], &item["created"]),
        (&json!("2026qqd"), &json!("AT"), &json!(true))
    );
    assert_eq!(item["internal_ids"]["internal_objid"], "9001");
    assert_eq!(item["messages"].as_array().unwrap().len(), 2);
    assert_eq!(receipt.answer["messages"][1]["field"], "at_rep");
}

#[tokio::test]
async fn a_report_can_be_made_of_the_form_alone() {
    let service = Service::taking(answer(200, "reply_exists.json")).await;
    let broker = service.reporter();
    let target = target();
    let parameters = json!({
        "discovery_data_source": "48", "discovery_date": "2026-03-04T06:30:00", "flux": "19.25", "filter": "g-ZTF",
        "instrument": "P48 - ZTF-Cam", "archive": "0", "archival_remarks": "nothing in PS1", "host_name": "G7",
        "proprietary_period": 1, "proprietary_units": "years", "proprietary_groups": "ALeRCE, ZTF",
        "class_algorithm": "guess", "class_objtype": "SN Ia", "class_probability": 0.9, "related_files": "a.txt"
    });
    let what = Upstream::new(Some(&target), None, &[]);
    let receipt = broker.submit_upstream_alert(what, parameters.as_object().unwrap()).await.unwrap();
    let report = &service.form(0).await["data"]["at_report"]["0"];
    assert_eq!(report["non_detection"], json!({"archiveid": 0, "archival_remarks": "nothing in PS1"}));
    assert_eq!(
        report["proprietary_period"],
        json!({"proprietary_period_value": 1.0, "proprietary_period_units": "years"})
    );
    assert_eq!(report["proprietary_period_groups"], json!([74, 48]));
    assert_eq!(report["auto_class"], json!([{"algorithm": "guess", "objtypeid": 3, "prob": 0.9}]));
    assert_eq!(report["related_files"], json!({"0": {"related_file_name": "a.txt"}}));
    assert_eq!((&report["ra"]["error"], &report["host_name"]), (&Value::Null, &json!("G7")));
    assert_eq!(
        (&receipt.answer["items"][0]["created"], &receipt.answer["items"][0]["prefix"]),
        (&json!(false), &json!("SN"))
    );
}

#[tokio::test]
async fn every_fault_of_a_report_is_told_at_once_and_nothing_is_sent() {
    let service = Service::start().await;
    let broker = service.broker();
    let target = target();
    assert_eq!(
        problems(&broker, Upstream::new(Some(&target), None, &[]), json!({})),
        [
            "reporting_groupid: must be given: a group that the bot belongs to, by reporting_group or the \
             configuration's group_names",
            "data_source_groupid: must be given: the group whose data it was found in, by discovery_data_source",
            "reporter: must be given: who reports, as it shall be printed, by reporter or the configuration's \
             default_authors",
            "discovery_datetime: must be given: when it was discovered, by discovery_date or a detection among the data",
            "non_detection: must be given: the last exposure without it (nondetection_observation_date, \
             nondetection_limit, nondetection_filter, nondetection_instrument, or a limit among the data), or archive \
             and archival_remarks",
            "photometry: must be given: a detection, by observation_date, flux, filter and instrument, or among the data",
        ]
    );
    let broker = service.reporter();
    let odd = vec![
        datum(
            "2026-03-04T06:30:00Z",
            Photometry { telescope: Some("T7".into()), survey: None, ..ztf(Some(19.0), None) },
        ),
        datum(
            "2026-03-05T06:30:00Z",
            Photometry { telescope: Some("T7".into()), survey: None, ..ztf(Some(19.1), None) },
        ),
    ];
    assert_eq!(
        problems(
            &broker,
            Upstream::new(Some(&target), None, &odd),
            json!({"discovery_data_source": "ZFT", "nondetection_observation_date": "2026-03-05", "nondetection_limit": 20,
                "archive": "0", "discovery_date": "2099-01-01"})
        ),
        [
            "filter: TNS has no filter \"g-T7\"; give filter, or the configuration's filter_mapping",
            "instrument: TNS's list has no instrument for \"T7\"; give instrument, or the configuration's \
             instrument_mapping",
            "discovery_data_source: \"ZFT\" is not in the list that is known here, did you mean \"ZTF\"?; TNS's number of \
             it is taken too",
            "discovery_datetime: 2099-01-01 00:00:00 has not been yet",
            "non_detection.archival_remarks: must be given: archive 0 is another one: say which, and what it shows",
            "non_detection.filterid: must be given: the filter by its label in TNS's list",
            "non_detection.instrumentid: must be given: the instrument by its label in TNS's list",
        ]
    );
    let late = json!({"discovery_data_source": "ZTF", "nondetection_observation_date": "2026-03-05", "nondetection_limit": 20,
        "nondetection_filter": "110", "nondetection_instrument": "196"});
    assert_eq!(
        problems(&broker, Upstream::new(Some(&target), None, &curve()), late),
        ["non_detection.obsdate: must be before the discovery"]
    );
    let moving = Target::non_sidereal("C/2026", Default::default()).unwrap();
    let told = problems(
        &broker,
        Upstream::new(Some(&moving), None, &curve()),
        json!({"discovery_data_source": "ZTF"}),
    );
    assert_eq!(told, ["target: a moving object is no transient; TNS takes none"]);
    assert_eq!(
        problems(&broker, Upstream::default(), json!({})),
        ["target: a report needs the target that it is about"]
    );
    assert!(service.asked().await.is_empty());
}

#[tokio::test]
async fn a_report_is_never_sent_twice() {
    let broken = |answer: ResponseTemplate| async move {
        let service = Service::start().await;
        service.post(SET, answer).await;
        let (target, curve) = (target(), curve());
        let what = Upstream::new(Some(&target), None, &curve);
        let parameters = json!({"discovery_data_source": "ZTF"});
        let error = service
            .reporter()
            .submit_upstream_alert(what, parameters.as_object().unwrap())
            .await
            .unwrap_err();
        assert_eq!(service.asked().await.len(), 1);
        assert!(!error.is_retryable());
        (error.kind(), error.to_string())
    };
    for (answer, kind, due) in [
        (
            answer(500, "error_500.json"),
            ErrorKind::Status,
            "TNS: it is not known whether TNS took the report (the service failed: Internal Server Error); look for the \
             object before submitting again [status=500]",
        ),
        (
            ResponseTemplate::new(504).set_body_string("<html><title>504 Gateway Time-out</title></html>"),
            ErrorKind::Timeout,
            "TNS: it is not known whether TNS took the report (the service did not answer in time (\"504 Gateway \
             Time-out\")); look for the object before submitting again [status=504]",
        ),
        (
            ResponseTemplate::new(200).set_body_string("{\"data\": {}}"),
            ErrorKind::Unreadable,
            "TNS: TNS answered without a number for the report, so it is not known what became of it; look for the \
             object before submitting again",
        ),
        (
            ResponseTemplate::new(200).set_body_string("{\"data\": {\"report_id\": 47"),
            ErrorKind::Unreadable,
            "TNS: it is not known whether TNS took the report (the answer ends in the middle, after 25 bytes); look for \
             the object before submitting again",
        ),
        (
            ResponseTemplate::new(200).set_body_raw(fixture("maintenance.html"), "text/html"),
            ErrorKind::Unreadable,
            "TNS: it is not known whether TNS took the report (the answer is HTML where JSON was due (\"Back soon\"): TNS \
             is in maintenance, or does not take the User-Agent; check bot_id and bot_name); look for the object before \
             submitting again [status=200]",
        ),
        (
            answer(400, "reply_list.json"),
            ErrorKind::Refused,
            "TNS: the report was refused, and nothing of it is posted: There is no report (message 3) [status=400]",
        ),
    ] {
        assert_eq!(broken(answer).await, (kind, due.to_owned()));
    }
    let (kind, told) = broken(answer(401, "error_401.json")).await;
    assert_eq!(kind, ErrorKind::Auth);
    assert!(told.contains("refused the api_key"), "{told}");
}

#[tokio::test]
async fn a_report_waits_for_its_reply_and_says_its_number_when_there_is_none() {
    let service = Service::start().await;
    service.post(SET, answer(200, "report_taken.json")).await;
    Mock::given(path(GET))
        .respond_with(answer(404, "reply_pending.json"))
        .up_to_n_times(1)
        .mount(&service.server)
        .await;
    service.post(GET, answer(200, "reply_created.json")).await;
    let (target, curve) = (target(), curve());
    let what = Upstream::new(Some(&target), None, &curve);
    let parameters = json!({"discovery_data_source": "ZTF"});
    let parameters = parameters.as_object().unwrap();
    service.reporter().submit_upstream_alert(what, parameters).await.unwrap();
    assert_eq!(service.asked().await.len(), 3);

    let service = Service::taking(answer(404, "reply_pending.json")).await;
    let broker = service.reporter();
    let error = broker.submit_upstream_alert(what, parameters).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(
        error.to_string(),
        "TNS: TNS took the report, but has no result yet; ask for it later by its number, and do not submit it again \
         before [report_id=4711]"
    );
    assert_eq!(service.asked().await.len(), 4, "one report, three questions");
    let again = broker.run(broker.protocol().report_reply("4711")).await.unwrap_err();
    assert_eq!(again.context("report_id"), Some("4711"));

    // An answer that cannot be read is asked for again, and never hides that the report was taken.
    for garbled in [
        ResponseTemplate::new(200).set_body_string("{\"data\": {\"feed"),
        ResponseTemplate::new(200).set_body_raw(fixture("maintenance.html"), "text/html"),
    ] {
        let service = Service::start().await;
        service.post(SET, answer(200, "report_taken.json")).await;
        let once = Mock::given(path(GET)).respond_with(garbled.clone()).up_to_n_times(1);
        once.mount(&service.server).await;
        service.post(GET, answer(200, "reply_created.json")).await;
        let receipt = service.reporter().submit_upstream_alert(what, parameters).await.unwrap();
        assert_eq!((receipt.id.as_deref(), service.asked().await.len()), (Some("4711"), 3));
        let service = Service::taking(garbled).await;
        let error = service.reporter().submit_upstream_alert(what, parameters).await.unwrap_err();
        assert!(error.message().starts_with("TNS took the report, but has no result yet"), "{error}");
        assert_eq!((error.context("report_id"), service.asked().await.len()), (Some("4711"), 4));
    }
}

#[tokio::test]
async fn what_is_no_detection_is_not_reported_and_a_vega_magnitude_stays_one() {
    let service = Service::start().await;
    let broker = service.reporter();
    let target = target();
    let flux = |flux| Photometry { flux: Some(flux), flux_unit: Some("nJy".into()), ..ztf(None, None) };
    let unit = |unit: &str| Photometry { unit: Some(unit.into()), ..ztf(Some(19.0), None) };
    let exposed =
        Photometry { extra: tom_alerts::Extra::from_iter([("exposure_time", json!(30.0))]), ..unit("ABMag") };
    // At 3 sigma of a place that is known afterwards.
    let forced = Photometry { forced: true, ..ztf(Some(20.9), None) };
    let data = [
        datum("2026-01-01T00:00:00Z", forced),
        datum("2026-03-01T00:00:00Z", ztf(None, Some(20.1))),
        datum("2026-03-02T00:00:00Z", flux(-900.0)),
        datum("2026-03-03T00:00:00Z", flux(0.0)),
        datum("2026-03-04T00:00:00Z", flux(900.0)),
        datum("2026-03-05T00:00:00Z", unit("VegaMag")),
        datum("2026-03-06T00:00:00Z", unit("Vega")),
        datum("2026-03-07T00:00:00Z", unit("STMag")),
        datum("2026-03-08T00:00:00Z", exposed),
    ];
    let parameters = json!({"discovery_data_source": "ZTF"});
    let what = Upstream::new(Some(&target), None, &data);
    let dry = broker.dry_run(what, parameters.as_object().unwrap()).unwrap().requests;
    let body = dry[0].encoded().unwrap().1.to_vec();
    let (_, text) = url::form_urlencoded::parse(&body).find(|(key, _)| key == "data").unwrap();
    let sent: Value = serde_json::from_str(&text).unwrap();
    let report = &sent["at_report"]["0"];
    assert_eq!(report["discovery_datetime"], "2026-03-04 00:00:00");
    let entries = report["photometry"]["photometry_group"].as_object().unwrap();
    let units: Vec<_> = entries.values().map(|entry| entry["flux_unitid"].as_i64().unwrap()).collect();
    assert_eq!(units, [34, 3, 3, 2, 1]);
    assert_eq!(report["non_detection"]["obsdate"], "2026-03-01 00:00:00");
    let times: Vec<_> = entries.values().filter_map(|entry| entry["exptime"].as_f64()).collect();
    assert_eq!(times, [30.0]);
}

#[tokio::test]
async fn the_limit_among_the_data_takes_the_form_s_words_of_the_non_detection() {
    let odd = |magnitude, limit| Photometry {
        filter: "q".into(),
        telescope: None,
        survey: None,
        ..ztf(magnitude, limit)
    };
    let data = [
        datum("2026-03-01T00:00:00Z", odd(None, Some(20.1))),
        datum("2026-03-04T00:00:00Z", odd(Some(19.0), None)),
    ];
    let mut form = json!({"discovery_data_source": "ZTF", "filter": "r-ZTF", "instrument": "P48 - ZTF-Cam",
        "exposure_time": 30, "observer": "A", "nondetection_filter": "orange-ATLAS",
        "nondetection_instrument": "ATLAS-HKO - ATLAS-02", "nondetection_exposure_time": 60, "nondetection_observer": "B"});
    let (report, _) = reported(&data, form.clone()).await;
    let taken = |exposure: &Value| {
        ["filterid", "instrumentid", "exptime", "observer"].map(|key| exposure[key].clone())
    };
    assert_eq!(taken(&report["non_detection"]), [json!(72), json!(159), json!(60.0), json!("B")]);
    let seen = &report["photometry"]["photometry_group"]["0"];
    assert_eq!(taken(seen), [json!(111), json!(196), json!(30.0), json!("A")]);

    form.as_object_mut().unwrap().retain(|key, _| key == "discovery_data_source");
    let (service, target) = (Service::start().await, target());
    let told = problems(&service.reporter(), Upstream::new(Some(&target), None, &data), form);
    assert_eq!(
        told,
        [
            "filter: TNS has no filter \"q-\"; give filter, or the configuration's filter_mapping",
            "instrument: TNS's list has no instrument for \"\"; give instrument, or the configuration's instrument_mapping"
        ]
    );
}

/// Twelve nights of detections, the first on 1 March.
fn long_curve() -> Vec<ReducedDatum> {
    let night = |day| datum(&format!("2026-03-{day:02}T06:00:00Z"), ztf(Some(18.0), None));
    std::iter::once(datum("2026-02-27T06:00:00Z", ztf(None, Some(20.5)))).chain((1..=12).map(night)).collect()
}

/// The report that is sent, and what the receipt says beside.
async fn reported(data: &[ReducedDatum], parameters: Value) -> (Value, Value) {
    let service = Service::taking(answer(200, "reply_created.json")).await;
    let target = target();
    let what = Upstream::new(Some(&target), None, data);
    let receipt =
        service.reporter().submit_upstream_alert(what, parameters.as_object().unwrap()).await.unwrap();
    (service.form(0).await["data"]["at_report"]["0"].take(), receipt.answer["notes"].clone())
}

fn nights(report: &Value) -> Vec<&str> {
    let entries = report["photometry"]["photometry_group"].as_object().unwrap().values();
    entries.map(|entry| &entry["obsdate"].as_str().unwrap()[..10]).collect()
}

#[tokio::test]
async fn the_measurement_of_the_form_is_among_the_ten_of_a_report_and_what_is_left_out_is_told() {
    let parameters = json!({"discovery_data_source": "ZTF", "observation_date": "2026-03-20T06:00:00", "flux": 17.0,
        "filter": "r-ZTF", "instrument": "P48 - ZTF-Cam"});
    let (report, notes) = reported(&long_curve(), parameters).await;
    let first = (1..=9).map(|day| format!("2026-03-{day:02}"));
    assert_eq!(nights(&report), first.chain(["2026-03-20".to_owned()]).collect::<Vec<_>>());
    let own = &report["photometry"]["photometry_group"]["9"];
    assert_eq!((&own["flux"], &own["filterid"]), (&json!(17.0), &json!(111)));
    assert_eq!(report["discovery_datetime"], "2026-03-01 06:00:00");
    assert_eq!(
        notes,
        json!([
            "3 of 12 detections left out: a report bears 10 measurements, those nearest in time to the discovery"
        ])
    );
}

#[tokio::test]
async fn a_report_bears_the_photometry_of_its_discovery() {
    let parameters = json!({"discovery_data_source": "ZTF", "discovery_date": "2026-03-12T06:00:00"});
    let (report, notes) = reported(&long_curve(), parameters).await;
    assert_eq!(nights(&report), (3..=12).map(|day| format!("2026-03-{day:02}")).collect::<Vec<_>>());
    assert_eq!(report["non_detection"]["obsdate"], "2026-02-27 06:00:00");
    assert!(notes[0].as_str().unwrap().starts_with("2 of 12 detections left out"), "{notes}");
    let (report, notes) = reported(&curve(), json!({"discovery_data_source": "ZTF"})).await;
    assert_eq!((nights(&report).len(), notes), (2, Value::Null));
}

#[tokio::test]
async fn a_refused_report_is_told_with_its_feedback() {
    for (reply, due) in [
        (
            "reply_refused.json",
            "non_detection.obsdate: The non-detection is later than the discovery (message 1); reporting_groupid: This \
             is required (message 3)",
        ),
        ("reply_identical.json", "at_rep: The same report is there already (message 5)"),
        ("reply_list.json", "There is no report (message 3)"),
    ] {
        let service = Service::taking(answer(400, reply)).await;
        let (target, curve) = (target(), curve());
        let parameters = json!({"discovery_data_source": "ZTF"});
        let what = Upstream::new(Some(&target), None, &curve);
        let error = service
            .reporter()
            .submit_upstream_alert(what, parameters.as_object().unwrap())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert_eq!(
            error.to_string(),
            format!(
                "TNS: the report was refused, and nothing of it is posted: {due} [report_id=4711, status=400]"
            )
        );
        assert!(!error.problems().is_empty());
    }
}

#[tokio::test]
async fn the_reply_of_many_reports_is_matched_by_ones_own_names() {
    let data = |name: &str| serde_json::from_slice::<Value>(&fixture(name)).unwrap()["data"].clone();
    let outcome = Outcome::read("1", data("reply_mixed.json"));
    let by_name =
        |name: &str| outcome.items.iter().find(|item| item.internal_ids["internal_name"] == name).unwrap();
    assert_eq!(by_name("first").name().as_deref(), Some("AT2026qqd"));
    assert_eq!(
        (by_name("second").name().as_deref(), by_name("second").created),
        (Some("SN2026qqa"), Some(false))
    );
    let outcome = Outcome::read("1", data("reply_classified.json"));
    let item = &outcome.items[0];
    assert_eq!((item.name().as_deref(), item.object_type.as_deref()), (Some("SN2026qqd"), Some("SN Ia")));
    assert_eq!((item.redshift, outcome.messages.len()), (Some(0.042), 3));
    assert_eq!(outcome.messages[0].field, "classification_messages");
    // A prefix that is not told is not made up, and one that was told stays.
    let item = |entry: Value| Outcome::read("1", json!({"feedback": {"at_report": [entry]}})).items.remove(0);
    let named = item(json!({"121": {"message": "Set", "new_object_name": "2026qqd"}}));
    assert_eq!((named.prefix.as_deref(), named.name().as_deref()), (None, Some("2026qqd")));
    let twice = item(json!({"100": {"objname": "2026qqd"}, "at_rep": {"objname": "2026qqd"}}));
    assert_eq!((twice.created, twice.name().as_deref()), (Some(true), Some("AT2026qqd")));
}

#[test]
fn a_submission_has_its_bounds_and_dates_come_in_three_writings() {
    let form = form(json!({"classifier": "me", "groupid": 5}));
    assert_eq!((form.reporter.as_deref(), form.reporting_group.as_deref()), (Some("me"), Some("5")));
    let good = AtReport::default();
    assert!(!good.problems().is_empty());
    let many = Reports::of_transients(vec![AtReport::default(); 101]);
    assert!(many.problems()[0].message.starts_with("101 reports"));
    assert_eq!(many.problems()[1].field, "0.ra");
    let told = |text: &str| {
        let report: AtReport = serde_json::from_value(json!({"discovery_datetime": text})).unwrap();
        report.problems().iter().any(|fault| fault.field == "discovery_datetime")
    };
    for good in ["2026-01-07 03:12:00", "2026-01-07 03:12:00.5", "2026-01-07.13333", "2461047.633"] {
        assert!(!told(good), "{good}");
    }
    for bad in ["", "soon", "61047.6", "2099-01-01", "2026-13-01"] {
        assert!(told(bad), "{bad}");
    }
}
