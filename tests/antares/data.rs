//! Single loci, light curves, cutouts.

use tom_alerts::{ReducedData, ReducedDatum};

use super::*;

async fn data(broker: &AntaresBroker, id: &str) -> ReducedData {
    GenericBroker::reduced_data(broker, id, None).await.unwrap()
}

fn values(data: &ReducedData) -> Vec<Value> {
    let value = |point: &ReducedDatum| {
        let mut value = serde_json::to_value(point).unwrap();
        let value = value["value"].as_object_mut().unwrap();
        value.retain(|key, _| !["unit", "extra"].contains(&key.as_str()));
        Value::Object(value.clone())
    };
    data.points.iter().map(value).collect()
}

#[tokio::test]
async fn a_history_of_ztf_becomes_limits_detections_and_negative_differences() {
    for service in [Service::v2().await.with_ztf().await, Service::v1().await.with_ztf().await] {
        let data = data(&service.broker(), LOCUS).await;
        assert!(data.failures.is_empty() && data.notes.is_empty(), "{:?} {:?}", data.failures, data.notes);
        let ztf = |mut value: Value| {
            value["telescope"] = "ZTF".into();
            value["survey"] = "ZTF".into();
            value
        };
        assert_eq!(
            values(&data),
            [
                ztf(json!({"filter": "g", "limit": 20.5})),
                ztf(json!({
                    "filter": "r", "magnitude": 18.5, "error": 0.125, "limiting_magnitude": 20.25,
                    "source_id": "2655250000015010001"
                })),
                ztf(json!({
                    "filter": "g", "negative_magnitude": 19.25, "error": 0.25, "limiting_magnitude": 20.0,
                    "source_id": "2700250000015010002"
                })),
                ztf(json!({
                    "filter": "i", "magnitude": 17.75, "error": 0.0625, "limiting_magnitude": 19.75,
                    "source_id": "2747250000015010003"
                })),
                ztf(json!({"filter": "r", "limit": 20.125})),
            ]
        );
        let first = &data.points[1];
        assert_eq!(first.timestamp.to_rfc3339(), "2024-01-01T06:00:00+00:00");
        assert_eq!((first.target.as_str(), first.source_name.as_str()), (ZTF, "ANTARES"));
        assert_eq!(first.source_location, "ztf_candidate:2655250000015010001");
        assert_eq!(
            Value::Object(first.photometry().unwrap().extra.to_map()),
            json!({"isdiffpos": 1, "rb": 0.5, "mag_corrected": 17.5, "magerr_corrected": 0.0625})
        );
        let limit = data.points[0].photometry().unwrap();
        assert_eq!(
            Value::Object(limit.extra.to_map()),
            json!({"magulim_corrected": 20.25, "magllim_corrected": 20.75})
        );
        assert_eq!(data.points[2].photometry().unwrap().extra.to_map()["isdiffpos"], -1);
    }
}

#[tokio::test]
async fn the_history_is_asked_for_page_by_page_and_nothing_twice() {
    let service = Service::v1().await.with_ztf().await;
    data(&service.broker(), LOCUS).await;
    assert_eq!(
        service.asked().await,
        [
            format!("GET /v1/loci/{LOCUS}"),
            format!("GET /v1/loci/{LOCUS}/alerts"),
            format!("GET /v1/loci/{LOCUS}/alerts?page%5Boffset%5D=3"),
        ]
    );
    let service = Service::v2().await.with_ztf().await;
    let config = AntaresConfig { corrected_magnitudes: false, ..service.config() };
    let data = data(&service.broker_of(config), LOCUS).await;
    assert_eq!(service.asked().await, [format!("GET /v2/loci/{LOCUS}/alerts")]);
    assert_eq!(data.points.len(), 5);
    assert!(data.points[1].photometry().unwrap().extra.get("mag_corrected").is_none());
}

#[tokio::test]
async fn a_history_of_lsst_is_in_utc_and_keeps_flux_and_sign() {
    let service = Service::v2().await;
    service.below(&format!("loci/{LSST_LOCUS}"), answer(200, "v2_locus_lsst.json")).await;
    service.below(&format!("loci/{LSST_LOCUS}/alerts"), answer(200, "v2_alerts_lsst.json")).await;
    let data = data(&service.broker(), LSST_LOCUS).await;
    assert!(data.failures.is_empty() && data.notes.is_empty(), "{:?} {:?}", data.failures, data.notes);
    let [first, second, third] = &data.points[..] else { panic!("{:?}", data.points) };
    assert_eq!(first.timestamp.to_rfc3339(), "2026-02-28T23:59:23+00:00");
    assert_eq!(third.timestamp.to_rfc3339(), "2026-03-03T11:59:23+00:00");
    assert_eq!(first.target, LSST);
    let mut value = serde_json::to_value(first.photometry().unwrap()).unwrap();
    let extra = value.as_object_mut().unwrap().shift_remove("extra").unwrap();
    assert_eq!(
        value,
        json!({
            "filter": "g", "magnitude": 22.5, "error": 0.0625, "flux": 3630.780547701014, "flux_error": 200.0,
            "flux_unit": "nJy", "unit": "AB", "telescope": "Rubin", "instrument": "LSSTCam", "survey": "LSST",
            "source_id": "170000000000000001"
        })
    );
    assert_eq!(
        extra,
        json!({
            "is_negative": false, "reliability": 0.875, "snr": 3630.780547701014 / 200.0, "scienceFlux": 5750.5,
            "scienceFluxErr": 160.25, "visit": 2026030100123_i64, "detector": 94, "mag_corrected": 22.0,
            "magerr_corrected": 0.03125
        })
    );
    // A missing flux, which the service writes as a positive one.
    let second = second.photometry().unwrap();
    assert_eq!((second.magnitude, second.limit, second.limiting_magnitude), (None, None, None));
    assert_eq!(second.flux, Some(-2884.031503126606));
    assert!((second.negative_magnitude.unwrap() - 22.75).abs() < 1e-9);
    assert_eq!(third.photometry().unwrap().filter, "z");
}

#[tokio::test]
async fn a_flux_of_lsst_without_its_error_keeps_value_and_sign() {
    let service = Service::v2().await;
    service.below(&format!("loci/{LSST_LOCUS}"), answer(200, "v2_locus_lsst.json")).await;
    let mut alerts: Value = json_fixture("v2_alerts_lsst.json");
    for alert in alerts["data"].as_array_mut().unwrap() {
        let own = alert["properties"].as_object_mut().unwrap();
        own.remove("lsst_diaSource_psfFluxErr").unwrap();
        own.remove("lsst_diaSource_isNegative");
        if alert["id"] == "lsst:170000000000000002" {
            alert["properties"]["lsst_diaSource_psfFlux"] = json!(-2884.5);
        }
    }
    let alerts = ResponseTemplate::new(200).set_body_string(alerts.to_string());
    service.below(&format!("loci/{LSST_LOCUS}/alerts"), alerts).await;
    let data = data(&service.broker(), LSST_LOCUS).await;
    let first = data.points[0].photometry().unwrap();
    assert_eq!((first.magnitude, first.flux), (Some(22.5), Some(3630.780547701014)));
    assert_eq!((first.flux_unit.as_deref(), first.flux_error), (Some("nJy"), None));
    let second = data.points[1].photometry().unwrap();
    assert_eq!(second.source_id.as_deref(), Some("170000000000000002"));
    assert_eq!((second.magnitude, second.flux), (None, Some(-2884.5)));
    assert_eq!(second.negative_magnitude, Some(22.75));
}

#[tokio::test]
async fn a_history_that_breaks_off_is_told_and_what_came_is_kept() {
    let service = Service::v1().await;
    service.below(&format!("loci/{LOCUS}"), answer(200, "v1_locus_ztf.json")).await;
    service.when(Alerts { further: false }, answer(200, "v1_alerts_page1.json")).await;
    service.when(Alerts { further: true }, answer(400, "v1_error_400.json")).await;
    let broker = service.broker();
    let data = data(&broker, LOCUS).await;
    let told: Vec<_> = data.failures.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("refused the request") && told[0].contains("list=alerts"), "{told:?}");
    assert!(data.points.len() >= 3, "{:?}", data.points);
    let alert = broker.alert(LOCUS).await.unwrap();
    assert_eq!(alert.alerts, None, "half a history is not kept as the whole one");
}

#[tokio::test]
async fn a_single_locus_has_its_history_and_with_it_a_score() {
    let service = Service::v2().await.with_ztf().await;
    let broker = service.broker();
    let alert = broker.alert(LOCUS).await.unwrap();
    // A filter's value wins over ANTARES' own under the same key.
    assert_eq!(alert.properties.num_mag_values, Some(3));
    assert_eq!(alert.alerts.as_ref().map(Vec::len), Some(5));
    // The newest detection is not the newest alert, which is a limit.
    assert_eq!(broker.generic(&alert).unwrap().score, Some(0.9375));
    assert_eq!(alert.alerts.as_ref().unwrap()[1].score(), Some(0.5));
    assert_eq!(alert.alerts.as_ref().unwrap()[3].grav_wave_events[0].contour_level, Some(90.0));
    let rows = alert.light_curve().unwrap();
    assert_eq!(rows.0.len(), 4);
    let again = GenericBroker::read_alert(&broker, alert.raw()).unwrap();
    assert_eq!(again.typed::<Locus>().unwrap().alerts, alert.alerts);

    let asked = service.asked().await.len();
    let erased = broker.erase(alert).unwrap();
    let data = GenericBroker::reduced_data(&broker, LOCUS, Some(&erased)).await.unwrap();
    assert_eq!(data.points.len(), 5);
    assert_eq!(data.points[1].photometry().unwrap().extra.to_map()["mag_corrected"], 17.5);
    assert_eq!(service.asked().await.len(), asked, "what is in hand is not asked for again");
}

#[test]
fn the_magnitude_of_a_missing_flux_is_none_once_the_history_tells() {
    let listed = json!({"id": LOCUS, "properties": {"newest_alert_magnitude": 18.5}});
    let history = |negative: bool| {
        json!({"data": [
            {"id": "lsst:1", "mjd": 61000.0, "properties": {"ant_survey": 4, "ant_mag": 17.0, "lsst_diaSource_isNegative": !negative}},
            {"id": "lsst:2", "mjd": 61001.0, "properties": {"ant_survey": 4, "ant_mag": 18.5, "lsst_diaSource_isNegative": negative}}
        ]})
    };
    let broker = AntaresBroker::new(AntaresConfig::default()).unwrap();
    let locus = |history: &Value| {
        let text = json!({"locus": listed, "alerts": history["data"]}).to_string();
        tom_alerts::Alert::<Locus>::from_raw(&text).unwrap()
    };
    assert_eq!(broker.generic(&locus(&history(true))).unwrap().mag, None);
    assert_eq!(broker.generic(&locus(&history(false))).unwrap().mag, Some(18.5));
    assert_eq!(
        broker.generic(&tom_alerts::Alert::from_raw(&listed.to_string()).unwrap()).unwrap().mag,
        Some(18.5)
    );
}

#[tokio::test]
async fn lsst_scores_by_its_reliability() {
    let service = Service::v2().await;
    service.below("loci", answer(200, "v2_loci_lsst.json")).await;
    service.below(&format!("loci/{LSST_LOCUS}"), answer(200, "v2_locus_lsst.json")).await;
    service.below(&format!("loci/{LSST_LOCUS}/alerts"), answer(200, "v2_alerts_lsst.json")).await;
    let broker = service.broker();
    let alert = broker.alert(LSST).await.unwrap();
    assert_eq!(broker.generic(&alert).unwrap().score, Some(0.75));
    let search = &service.parameters(0).await;
    assert_eq!(search[0], ("limit".to_owned(), "1".to_owned()));
    assert_eq!(
        search[2].1,
        format!(
            r#"{{"query":{{"bool":{{"filter":[{{"term":{{"properties.survey.lsst.dia_object_id":"{LSST}"}}}}]}}}}}}"#
        )
    );
}

#[tokio::test]
async fn a_survey_id_means_the_locus_that_has_it() {
    let service = Service::v2().await.with_ztf().await;
    service.below("loci", answer(200, "v2_loci_one.json")).await;
    let broker = service.broker();
    assert_eq!(broker.alert(ZTF).await.unwrap().id, LOCUS);
    assert_eq!(data(&broker, ZTF).await.points.len(), 5);
    let service = Service::v2().await;
    service.below("loci", answer(200, "v2_loci_empty.json")).await;
    let error = service.broker().alert(LSST).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.to_string(), format!("ANTARES: no locus has this object of LSST [id={LSST}]"));
}

#[tokio::test]
async fn a_merged_locus_is_told_and_its_data_are_those_of_the_other() {
    let service = Service::v2().await.with_ztf().await;
    service.below("loci/ANT2019eeee", answer(200, "v2_locus_merged.json")).await;
    let broker = service.broker();
    let error = broker.alert("ANT2019eeee").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(
        error.to_string(),
        "ANTARES: the locus ANT2019eeee was merged into ANT2024aaaab; ask for that one [replaced_by=ANT2024aaaab]"
    );
    let data = data(&broker, "ANT2019eeee").await;
    assert_eq!(data.points.len(), 5);
    assert_eq!(data.notes, ["ANT2019eeee was merged into ANT2024aaaab; these are the data of that one"]);

    let call = broker.protocol().locus("ANT2019eeee");
    let locus = broker.run(call).await.unwrap();
    assert_eq!(broker.target(&locus).unwrap().extras["replaced_by"], LOCUS);

    let query = AntaresQuery { locus_id: Some("ANT2019eeee".into()), ..AntaresQuery::default() };
    let listed = list(&broker, &query).await;
    assert_eq!(listed.ids(), ["ANT2019eeee"]);
    assert_eq!(listed.notes, ["ANT2019eeee was merged into ANT2024aaaab; ask for that one"]);
}

#[tokio::test]
async fn an_empty_replaced_by_is_no_merger() {
    let service = Service::v2().await.with_ztf().await;
    let alone = text_fixture("v2_locus_merged.json").replace(LOCUS, "");
    service.below("loci/ANT2019eeee", ResponseTemplate::new(200).set_body_string(alone)).await;
    service.below("loci/ANT2019eeee/alerts", answer(200, "v2_alerts_ztf.json")).await;
    assert_eq!(service.broker().alert("ANT2019eeee").await.unwrap().id, "ANT2019eeee");
}

#[tokio::test]
async fn loci_that_were_merged_in_a_circle_come_to_an_end() {
    let service = Service::v2().await;
    let circle = text_fixture("v2_locus_merged.json").replace(LOCUS, "ANT2019eeee");
    service.below("loci/ANT2019eeee", ResponseTemplate::new(200).set_body_string(circle)).await;
    service.below("loci/ANT2019eeee/alerts", answer(200, "v2_alerts_ztf.json")).await;
    assert_eq!(data(&service.broker(), "ANT2019eeee").await.points.len(), 5);
    assert_eq!(service.asked().await.len(), 7);
}

#[tokio::test]
async fn without_its_history_a_locus_is_still_the_locus() {
    let service = Service::v2().await;
    service.below(&format!("loci/{LOCUS}"), answer(200, "v2_locus_ztf.json")).await;
    let broker = service.broker();
    let alert = broker.alert(LOCUS).await.unwrap();
    assert_eq!((alert.alerts.as_ref(), broker.generic(&alert).unwrap().score), (None, None));
    let error = GenericBroker::reduced_data(&broker, LOCUS, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "no points are no answer when the history is missing");
}

#[tokio::test]
async fn without_its_light_curve_the_history_is_still_given() {
    let service = Service::v2().await;
    service
        .below(&format!("loci/{LOCUS}"), ResponseTemplate::new(200).set_body_string("{\"data\": 5}"))
        .await;
    service.below(&format!("loci/{LOCUS}/alerts"), answer(200, "v2_alerts_ztf.json")).await;
    let data = data(&service.broker(), LOCUS).await;
    assert_eq!((data.points.len(), data.failures.len()), (5, 1));
    assert_eq!(data.notes, ["the light curve could not be had; corrected magnitudes are missing"]);
    assert!(data.failures[0].to_string().contains("lightcurve"), "{}", data.failures[0]);
}

#[tokio::test]
async fn a_history_that_goes_on_elsewhere_is_told_and_what_came_is_kept() {
    let service = Service::v2().await;
    service.below(&format!("loci/{LOCUS}"), answer(200, "v2_locus_ztf.json")).await;
    let text = text_fixture("v2_alerts_ztf.json");
    let links = r#""links": {"next": "https://evil.example/v2/loci/x/alerts?offset=5"}"#;
    let text = text.replace("\"links\": null", links);
    service.below(&format!("loci/{LOCUS}/alerts"), ResponseTemplate::new(200).set_body_string(text)).await;
    let broker = service.broker();
    let first = data(&broker, LOCUS).await;
    assert_eq!((first.points.len(), first.failures.len()), (5, 1));
    let told = first.failures[0].to_string();
    assert!(told.contains("leads to another host") && told.contains("evil.example"), "{told}");
    // What is not whole is not kept with the locus, so its data are told of again.
    let alert = broker.erase(broker.alert(LOCUS).await.unwrap()).unwrap();
    assert_eq!(alert.typed::<Locus>().unwrap().alerts, None);
    let again = GenericBroker::reduced_data(&broker, LOCUS, Some(&alert)).await.unwrap();
    assert_eq!((again.points, again.failures.len()), (first.points, 1));
}

#[tokio::test]
async fn bad_rows_are_told_and_the_rest_goes_on() {
    let service = Service::v2().await;
    service.below(&format!("loci/{LOCUS}"), answer(200, "v2_locus_bad_curve.json")).await;
    service.below(&format!("loci/{LOCUS}/alerts"), answer(200, "v2_alerts_bad_rows.json")).await;
    let broker = service.broker();
    let data = data(&broker, LOCUS).await;
    let told: Vec<_> = data.failures.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "ANTARES: row 2 cannot be read: ant_mag: \"bright\" was given, a number was due [list=lightcurve, row=2]",
            "ANTARES: properties.ant_mag: a text was given, a number was due [list=alerts, row=2]",
            "ANTARES: the alert has no band [list=alerts, row=3, alert=ztf_candidate:2700250000015010002]",
            "ANTARES: the alert has no date, or it is none [list=alerts, row=4, alert=ztf_candidate:2747250000015010003]",
        ]
    );
    assert_eq!(
        data.notes,
        [
            "1 point of the light curve not in the history; whether the difference is negative is not known",
            "1 alert without magnitude and limit left out",
        ]
    );
    let found: Vec<_> = data.points.iter().map(|point| point.source_location.as_str()).collect();
    assert_eq!(found, ["ztf_upper_limit:ZTF24aaaaaab-2655240000000", "ztf_candidate:2777250000015010009"]);

    let lone = data.points[1].photometry().unwrap();
    assert_eq!((lone.magnitude, &lone.extra.to_map()["sign_known"]), (Some(18.0), &json!(false)));

    let alert = broker.erase(broker.alert(LOCUS).await.unwrap()).unwrap();
    let again = GenericBroker::reduced_data(&broker, LOCUS, Some(&alert)).await.unwrap();
    assert_eq!(again.points, data.points);
    assert_eq!(again.notes, data.notes);
    assert_eq!(again.failures.len(), data.failures.len());
    let told = again.failures[1].to_string();
    assert!(told.contains("properties.ant_mag: a text was given") && told.contains("row=2"), "{told}");
}

#[tokio::test]
async fn cutouts_are_the_thumbnails_of_the_newest_detection() {
    for (service, format) in [(Service::v2().await, "png"), (Service::v1().await, "fits")] {
        let service = service.with_ztf().await;
        let own = answer(200, &format!("{}_thumbnails.json", service.root));
        service.below("alerts/ztf_candidate:2747250000015010003/thumbnails", own).await;
        let cutouts = GenericBroker::cutouts(&service.broker(), LOCUS, None).await.unwrap();
        let told: Vec<_> = cutouts
            .iter()
            .map(|cutout| {
                let url = cutout.url.as_ref().unwrap();
                format!("{} {} {url}", cutout.kind.as_str(), cutout.format)
            })
            .collect();
        let due = ["science", "template", "difference"].map(|kind| {
            format!("{kind} {format} https://storage.example/antares/2747250000015010003_{kind}.{format}")
        });
        assert_eq!(told, due);
        assert_eq!(cutouts[0].source_id.as_deref(), Some("2747250000015010003"));
        // The colon goes as it is.
        assert!(service.asked().await[1].ends_with("/alerts/ztf_candidate:2747250000015010003/thumbnails"));
    }
    let service = Service::v2().await;
    service.below(&format!("loci/{LSST_LOCUS}"), answer(200, "v2_locus_lsst.json")).await;
    assert!(GenericBroker::cutouts(&service.broker(), LSST_LOCUS, None).await.unwrap().is_empty());
}

#[tokio::test]
async fn tags_are_no_classes() {
    let broker = AntaresBroker::new(AntaresConfig::default()).unwrap();
    let error = GenericBroker::classifications(&broker, LOCUS, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}
