//! Single objects, light curves, classifications, cutouts.

use tom_alerts::{Photometry, ReducedData};

use super::*;

fn at(data: &ReducedData, jd: f64, forced: bool) -> &Photometry {
    let time = tom_alerts::time::utc_from_jd(jd).unwrap();
    let mut points =
        data.points.iter().filter(|point| point.timestamp == time).filter_map(|p| p.photometry());
    points.find(|point| point.forced == forced).unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_object_is_an_alert_with_aliases() {
    let (broker, script) = always(answer(200, "object_ztf.json"));
    let alert = broker.alert(ZTF).await.unwrap();
    assert_eq!(sent(&script), ["GET /api/babamul/surveys/ZTF/objects/ZTF26aaboomx"]);
    assert_eq!(alert.candid(), Some(CANDID));
    assert!(alert.raw().contains("fp_hists"), "nothing of the answer is lost");
    let target = broker.target(&alert).unwrap();
    assert_eq!((target.target_type(), target.aliases.as_slice()), ("SIDEREAL", [LSST.to_owned()].as_slice()));
    assert_eq!((target.extras["survey"].as_str(), target.extras["candid"].as_str()), ("ZTF", CANDID));
    assert_eq!((target.extras["btsbot"].as_str(), target.extras["stationary"].as_str()), ("0.983", "true"));
}

#[tokio::test(start_paused = true)]
async fn fluxes_of_ztf_are_mended_and_those_of_lsst_are_not() {
    let (broker, script) = always(answer(200, "object_ztf.json"));
    let data = broker.reduced_data(ZTF, None).await.unwrap();
    assert_eq!(sent(&script), ["GET /api/babamul/surveys/ZTF/objects/ZTF26aaboomx"]);
    assert!(data.failures.is_empty(), "{:?}", data.failures);
    assert_eq!(data.points.len(), 4 + 3 + 1 + 2);

    let found = at(&data, 2_461_350.9, false);
    assert_eq!((found.magnitude, found.error, found.filter.as_str()), (Some(19.7538), Some(0.1), "r"));
    // 45549 nJy are magnitude 19.7538 at the zero point 31.4; the service says 4.5549e10.
    close(found.flux, 45_549.120_953);
    close(found.flux.map(|flux| 31.4 - 2.5 * flux.log10()), 19.7538);
    assert_eq!((found.flux_unit.as_deref(), found.unit.as_deref()), (Some("nJy"), Some("AB")));
    assert_eq!(
        (found.survey.as_deref(), found.source_id.as_deref()),
        (Some("ZTF"), Some("3005432622415010001"))
    );
    assert_eq!((found.limiting_magnitude, found.extra.to_map()["drb"].as_f64()), (Some(20.4), Some(0.95)));

    let negative = at(&data, 2_461_352.9, false);
    assert_eq!((negative.magnitude, negative.negative_magnitude), (None, Some(20.1)));
    assert!(negative.flux.unwrap() < 0.0);
    let without_flux = at(&data, 2_461_355.9, false);
    assert_eq!((without_flux.magnitude, without_flux.flux), (Some(18.9), None));

    let faint = at(&data, 2_461_349.9, true);
    assert_eq!(faint.magnitude, None);
    close(faint.limit, 20.4);
    close(faint.flux, 0.5 * 10_f64.powf(0.4 * 11.0) / 5.0);
    let forced = at(&data, 2_461_353.9, true);
    close(forced.magnitude, 19.2);
    assert_eq!(forced.extra.to_map()["procstatus"], "0");
    let dark = at(&data, 2_461_351.9, true);
    assert_eq!((dark.magnitude, dark.limit), (None, None));
    assert!(dark.negative_magnitude.is_some() && dark.flux.unwrap() < 0.0);

    let limits: Vec<_> = data
        .points
        .iter()
        .filter(|p| p.photometry().is_some_and(|p| !p.forced && p.limit.is_some()))
        .collect();
    assert_eq!(limits.len(), 1, "limits of exposures with a measurement are left out");
    assert_eq!(limits[0].photometry().unwrap().limit, Some(20.2));

    let lsst = at(&data, 2_461_361.8, false);
    assert_eq!(
        (lsst.survey.as_deref(), lsst.magnitude, lsst.filter.as_str()),
        (Some("LSST"), Some(21.5), "z")
    );
    close(lsst.flux.map(|flux| 31.4 - 2.5 * flux.log10()), 21.5);
    let below = at(&data, 2_461_340.8, true);
    assert_eq!((below.flux, below.flux_error), (Some(12.0), Some(80.0)));
    close(below.limit, 31.4 - 2.5 * 400_f64.log10());
}

#[tokio::test(start_paused = true)]
async fn a_service_that_mends_its_label_is_read_aright() {
    let mut object: Value = json_fixture("object_ztf.json");
    for list in ["prv_candidates", "fp_hists"] {
        for point in object["data"][list].as_array_mut().unwrap() {
            for key in ["psfFlux", "psfFluxErr"] {
                if let Some(flux) = point[key].as_f64() {
                    point[key] = (flux * 1e-6).into();
                }
            }
        }
    }
    let (broker, _) = always(text(200, &object.to_string()));
    let data = broker.reduced_data(ZTF, None).await.unwrap();
    close(at(&data, 2_461_350.9, false).flux.map(|flux| 31.4 - 2.5 * flux.log10()), 19.7538);
    close(at(&data, 2_461_353.9, true).magnitude, 19.2);
}

/// The light curve of an object of this history and nothing else.
async fn curve(id: &str, history: Value) -> ReducedData {
    let mut object = json!({"objectId": id});
    object.as_object_mut().unwrap().extend(history.as_object().unwrap().clone());
    let (broker, _) = always(text(200, &json!({"message": "x", "data": object}).to_string()));
    broker.reduced_data(id, None).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_epoch_that_stands_twice_is_one_point_and_each_telescope_has_the_name_that_others_give_it() {
    let row = |magnitude: f64| json!({"jd": 2_461_351.5, "band": "g", "magpsf": magnitude, "sigmapsf": 0.1});
    let history = json!({
        "prv_candidates": [row(19.25), row(19.26)],
        "survey_matches": {"lsst": {"prv_candidates": [{"jd": 2_461_351.5, "band": "g", "psfFlux": 5e3, "psfFluxErr": 1e2}]}}
    });
    let data = curve(ZTF, history).await;
    let found: Vec<_> = data.points.iter().map(|point| point.photometry().unwrap()).collect();
    let telescopes: Vec<_> = found.iter().map(|point| point.telescope.as_deref().unwrap()).collect();
    assert_eq!(telescopes, ["ZTF", "Rubin"]);
    assert_eq!(found[0].magnitude, Some(19.25));
    assert_eq!(
        data.notes,
        [
            "1 point stands in the history more than once; a detection counts rather than a limit, else the first"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_row_without_a_value_does_not_take_the_limit_of_its_exposure_away() {
    let data = curve(
        ZTF,
        json!({
            "prv_nondetections": [
                {"jd": 2_461_350.5, "band": "g", "diffmaglim": 20.5},
                {"jd": 2_461_351.5, "band": "g", "diffmaglim": 20.6}
            ],
            "fp_hists": [{"jd": 2_461_350.5, "band": "g", "psfFluxErr": 5.0e9, "procstatus": "61"}],
            "prv_candidates": [{"jd": 2_461_351.5, "band": "g", "candid": 1}]
        }),
    )
    .await;
    let limits: Vec<_> = data.points.iter().map(|point| point.photometry().unwrap().limit).collect();
    assert_eq!(limits, [Some(20.5), Some(20.6)]);
}

#[tokio::test(start_paused = true)]
async fn an_lsst_source_below_three_sigma_is_a_limit_with_its_flux() {
    let row = |jd: f64, flux: f64, magpsf: f64| {
        json!({"jd": jd, "band": "z", "candid": jd as u64, "magpsf": magpsf, "sigmapsf": 0.4,
            "isdiffpos": flux > 0.0, "psfFlux": flux, "psfFluxErr": 100.0})
    };
    let rows =
        [row(2_461_350.5, 200.0, 25.647), row(2_461_351.5, -150.0, 25.96), row(2_461_352.5, 400.0, 24.9)];
    let data = curve(LSST, json!({"prv_candidates": rows})).await;
    for (jd, flux) in [(2_461_350.5, 200.0), (2_461_351.5, -150.0)] {
        let faint = at(&data, jd, false);
        assert_eq!((faint.magnitude, faint.negative_magnitude, faint.flux), (None, None, Some(flux)));
        close(faint.limit, 31.4 - 2.5 * 500_f64.log10());
        assert!(faint.source_id.is_some());
    }
    assert_eq!(at(&data, 2_461_352.5, false).magnitude, Some(24.9));
}

#[tokio::test(start_paused = true)]
async fn a_catalogue_that_is_none_does_not_lose_the_light_curve() {
    let matches = json!({"NED": null, "NEW": {"z": 0.1}});
    let rows = json!([{"jd": 2_461_350.5, "band": "g", "magpsf": 18.5}]);
    let data = curve(ZTF, json!({"cross_matches": matches, "prv_candidates": rows})).await;
    assert_eq!(at(&data, 2_461_350.5, false).magnitude, Some(18.5));
    let (broker, _) = always(text(200, &json!({"message": "x", "data": matches}).to_string()));
    let found = broker.run(broker.protocol().cross_matches(ZTF)).await.unwrap();
    assert_eq!((&found["NED"], found["NEW"]["z"].as_f64()), (&Value::Null, Some(0.1)));
}

#[tokio::test(start_paused = true)]
async fn an_lsst_object_takes_along_what_ztf_saw() {
    let (broker, script) = always(answer(200, "object_lsst.json"));
    let data = broker.reduced_data(LSST, None).await.unwrap();
    assert_eq!(sent(&script), [format!("GET /api/babamul/surveys/LSST/objects/{LSST}")]);
    assert_eq!(data.points.len(), 3);
    let ztf = at(&data, 2_461_350.9, false);
    assert_eq!((ztf.survey.as_deref(), ztf.magnitude), (Some("ZTF"), Some(19.7538)));
    close(ztf.flux.map(|flux| 31.4 - 2.5 * flux.log10()), 19.7538);
}

#[tokio::test(start_paused = true)]
async fn rows_at_fault_are_told_and_the_others_are_there() {
    let (broker, _) = always(answer(200, "object_odd.json"));
    let data = broker.reduced_data(ZTF, None).await.unwrap();
    assert_eq!((data.points.len(), data.failures.len()), (4, 3));
    let told: Vec<_> = data.failures.iter().map(ToString::to_string).collect();
    assert!(told[0].contains("the row has no date") && told[0].contains("row=5"), "{told:?}");
    assert!(told[1].contains("the row has no band"), "{told:?}");
    assert!(told[2].contains("jd: a text was given, a number was due"), "{told:?}");
    assert_eq!(data.notes, ["1 row of prv_candidates without a value left out"]);
}

#[tokio::test(start_paused = true)]
async fn each_score_is_a_classification() {
    let (broker, script) = always(answer(200, "object_ztf.json"));
    let classes = broker.classifications(ZTF, None).await.unwrap();
    let words: Vec<_> = classes.iter().map(|c| (c.classifier.as_str(), c.class.as_str())).collect();
    let due = [
        ("acai_b", "bogus"),
        ("acai_h", "hosted"),
        ("acai_n", "nuclear"),
        ("acai_o", "orphan"),
        ("acai_v", "variable star"),
        ("btsbot", "bright transient"),
    ];
    assert_eq!(words, due);
    assert_eq!(classes[1].probability, Some(0.9925));
    // An alert that has them needs no request.
    let alert = broker.fetch_alert(ZTF).await.unwrap();
    assert_eq!(broker.classifications(CANDID, Some(&alert)).await.unwrap(), classes);
    assert_eq!(script.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn cutouts_are_images() {
    let script = ScriptedTransport::new(|request| {
        Ok(answer(
            200,
            if request.url().path().ends_with("cutouts") { "cutouts.json" } else { "object_ztf.json" },
        ))
    });
    let broker = client::<Babamul>(&script, with_token());
    let images = broker.cutouts(ZTF, None).await.unwrap();
    assert_eq!(sent(&script), ["GET /api/babamul/surveys/ZTF/cutouts?objectId=ZTF26aaboomx&which=last"]);
    let formats: Vec<_> = images.iter().map(|c| (c.kind.as_str(), c.format.as_str())).collect();
    assert_eq!(formats, [("science", "fits.gz"), ("template", "fits")]);
    assert_eq!(images[0].source_id.as_deref(), Some(CANDID));
    assert!(images[1].bytes.as_ref().unwrap().0.starts_with(b"SIMPLE  ="));
    let alert = broker.fetch_alert(ZTF).await.unwrap();
    broker.cutouts(CANDID, Some(&alert)).await.unwrap();
    assert_eq!(sent(&script)[2], format!("GET /api/babamul/surveys/ZTF/cutouts?candid={CANDID}"));
}

#[tokio::test(start_paused = true)]
async fn objects_are_found_by_name_and_place_and_matched() {
    let (broker, script) = always(answer(200, "objects.json"));
    let found = broker.run(broker.protocol().objects("ZTF26aa", 500)).await.unwrap();
    let ids: Vec<_> = found.into_iter().map(|one| one.unwrap().object_id).collect();
    assert_eq!(ids, [ZTF, LSST]);
    let near = broker.run(broker.protocol().objects_near(150.1, -12.3, 5.0)).await.unwrap();
    assert_eq!(near.0[1].as_ref().unwrap().distance_arcsec, Some(0.3));
    let due = [
        "GET /api/babamul/objects?object_id=ZTF26aa&limit=100",
        "GET /api/babamul/objects?ra=150.1&dec=-12.3&radius=5&limit=100",
    ];
    assert_eq!(sent(&script), due);
    assert_eq!(broker.protocol().objects_near(1.0, 2.0, 601.0).unwrap_err().kind(), ErrorKind::Input);
    let (broker, script) = always(answer(200, "cross_matches.json"));
    let matches = broker.run(broker.protocol().cross_matches(ZTF)).await.unwrap();
    assert_eq!(
        (matches["NED"][0]["z"].as_f64(), matches["TNS"].as_array().unwrap().len()),
        (Some(0.0188), 0)
    );
    assert_eq!(sent(&script), ["GET /api/babamul/surveys/ZTF/objects/ZTF26aaboomx/cross-matches"]);
}
