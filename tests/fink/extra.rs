//! The calls that only Fink has.

use super::*;

#[tokio::test]
async fn the_live_lists_of_choices() {
    let service = Service::start().await;
    service.get("/ztf/api/v1/classes", answer(200, "classes.json")).await;
    service.get("/ztf/api/v1/schema", answer(200, "schema.json")).await;
    service.get("/api/v1/tags", answer(200, "lsst_tags_list.json")).await;
    service.get("/api/v1/blocks", answer(200, "lsst_blocks.json")).await;
    service.lsst("schema", answer(200, "lsst_schema.json")).await;
    let broker = service.broker();
    let fink = broker.protocol();
    let classes = broker.run(Ok(fink.classes())).await.unwrap();
    assert_eq!(classes["Fink classifiers"], ["SN candidate", "Tracklet"]);
    let tags = broker.run(fink.tags()).await.unwrap();
    let listed: Vec<_> = tags.iter().map(|(name, tag)| (name.as_str(), tag.api_support)).collect();
    assert_eq!(listed, [("most_likely_sn", Some(true)), ("uniform_sample", Some(false))]);
    assert_eq!(broker.run(fink.blocks()).await.unwrap()["b_is_new"], "seen for the first time");
    let schema = broker.run(Ok(fink.ztf_schema())).await.unwrap();
    assert_eq!(schema["ZTF original fields (i:)"]["i:jd"]["type"], "double");
    let schema = broker.run(fink.lsst_schema("sources")).await.unwrap();
    assert_eq!(schema["Rubin original fields (r:)"]["psfFlux"].kind.as_deref(), Some("float"));
    assert_eq!(service.json(4).await, json!({"endpoint": "/api/v1/sources"}));
}

#[tokio::test]
async fn statistics_are_numbers_though_they_come_as_text() {
    let service = Service::start().await;
    service.ztf("statistics", answer(200, "statistics.json")).await;
    service.lsst("statistics", answer(200, "lsst_statistics.json")).await;
    let broker = service.broker();
    let fink = broker.protocol();
    let nights = broker.run(fink.statistics(Survey::Ztf, "202605")).await.unwrap();
    let first = nights.0[0].as_ref().unwrap();
    assert_eq!((first.night(), first.count("basic:sci")), (Some("20260501"), Some(111_253)));
    assert_eq!((first.count("class:RRLyr"), first.count("basic:none")), (Some(0), None));
    assert_eq!((service.json(0).await, nights.0.len()), (json!({"date": "202605"}), 2));
    let nights = broker.run(fink.statistics(Survey::Lsst, "20260501")).await.unwrap();
    let first = nights.0[0].as_ref().unwrap();
    assert_eq!((first.night(), first.count("f:alerts")), (Some("20260501"), Some(1_348)));
    let error = fink.statistics(Survey::Ztf, "2026-05-01").unwrap_err();
    assert_eq!(error.to_string(), "date: a year, month or day is due, as 2026, 202603 or 20260321");
}

#[tokio::test]
async fn the_resolvers_are_asked_in_json_so_that_true_is_true() {
    let service = Service::start().await;
    service.ztf("resolver", answer(200, "resolver_tns.json")).await;
    service.lsst("resolver", answer(200, "lsst_resolver_tns.json")).await;
    let broker = service.broker();
    let fink = broker.protocol();
    let names = broker.run(fink.resolve_tns(Survey::Ztf, " SN 2026abc ")).await.unwrap();
    let second = names.0[1].as_ref().unwrap();
    assert_eq!(
        (second.full_name(), second.ztf_id(), second.redshift),
        (Some("SN 2026abc"), Some(ZTF), Some(0.031))
    );
    assert_eq!((second.ra, second.dec, second.object_type()), (Some(150.125), Some(2.25), Some("SN Ia")));
    assert_eq!(names.0[2].as_ref().unwrap().object_type(), None, "nan is no type");
    broker.run(fink.tns_of(ZTF)).await.unwrap();
    let due = json!({"resolver": "tns", "name": ZTF, "nmax": 100, "reverse": true});
    assert_eq!(service.json(1).await, due);
    let names = broker.run(fink.resolve_tns(Survey::Lsst, "SN 2026abc")).await.unwrap();
    assert_eq!(names.0[0].as_ref().unwrap().discoverydate.as_deref(), Some("2026-04-27 10:49:26.400"));
    assert_eq!(
        fink.resolve_tns(Survey::Ztf, "  ").unwrap_err().kind(),
        ErrorKind::Input,
        "it would be all of TNS"
    );
    assert_eq!(fink.tns_of(LSST).unwrap_err().kind(), ErrorKind::Input);

    let service = Service::start().await;
    service.ztf("resolver", answer(200, "resolver_simbad.json")).await;
    let broker = service.broker();
    let names = broker.run(broker.protocol().resolve_simbad("Mrk 9999")).await.unwrap();
    let first = names.0[0].as_ref().unwrap();
    assert_eq!((first.oid.as_deref(), first.ra, first.nrefs), (Some("1579001"), Some(28.5), Some(12.0)));
    assert_eq!(service.json(0).await["resolver"], "simbad");

    let service = Service::start().await;
    service.ztf("resolver", answer(200, "resolver_simbad_reverse.json")).await;
    let broker = service.broker();
    let rows = broker.run(broker.protocol().simbad_of(ZTF)).await.unwrap();
    let first = rows.0[0].as_ref().unwrap();
    assert_eq!(
        (first.candid(), first.ra, first.jd),
        (Some("3412345671015015001"), Some(150.125), Some(2_461_171.75))
    );

    let service = Service::start().await;
    service.ztf("resolver", answer(200, "resolver_ssodnet.json")).await;
    let broker = service.broker();
    let names = broker.run(broker.protocol().resolve_sso("Benoitcarry")).await.unwrap();
    assert_eq!(names.0[0].as_ref().unwrap().ssnamenr.as_deref(), Some("8467"));
    assert_eq!(service.json(0).await, json!({"resolver": "ssodnet", "name": "Benoitcarry", "nmax": 100}));
}

#[tokio::test]
async fn summaries_of_lsst_objects_keep_the_digits() {
    let service = Service::start().await;
    service.lsst("objects", answer(200, "lsst_objects_ok.json")).await;
    service.lsst("fp", answer(200, "lsst_fp_ok.json")).await;
    let broker = service.broker();
    let fink = broker.protocol();
    let rows = broker.run(fink.lsst_objects(&[LSST, "169342810955317612"])).await.unwrap();
    assert_eq!(service.json(0).await, json!({"diaObjectId": "169342810955317611,169342810955317612"}));
    let first = rows.0[0].as_ref().unwrap();
    assert_eq!(first.id().as_deref(), Some(LSST));
    assert_eq!((first.number("r:g_psfFluxMean"), first.number("r:u_psfFluxMean")), (Some(1800.5), None));
    let forced = broker.run(fink.lsst_forced(LSST)).await.unwrap();
    assert_eq!(forced.0[2].as_ref().unwrap().psf_flux, Some(-600.0));
    assert_eq!(fink.lsst_objects(&[ZTF]).unwrap_err().kind(), ErrorKind::Input);
}

#[tokio::test]
async fn each_root_can_be_set_by_itself() {
    let main = Service::start().await;
    let other = Service::start().await;
    other.get("/own/tags", answer(200, "lsst_tags_list.json")).await;
    let config = FinkConfig { lsst_url: other.at("own").parse().ok(), ..main.config() };
    let broker = main.broker_of(config);
    broker.run(broker.protocol().tags()).await.unwrap();
    assert_eq!((main.asked().await.len(), other.asked().await), (0, vec!["GET /own/tags".to_owned()]));

    let config = FinkConfig { base_url: main.at("api/v1").parse().ok(), ..FinkConfig::default() };
    let broker = main.broker_of(config);
    let error = list(&broker, &cone(Some(Survey::Lsst))).await.faults.remove(0);
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("lsst_url: set it"), "{error}");
    assert!(main.asked().await.is_empty(), "ZTF's service is not asked in LSST's words");
}

#[test]
fn a_decoded_alert_of_a_stream_is_a_packet_with_its_light_curve() {
    use tom_alerts::brokers::fink::{LsstStreamAlert, ZtfStreamAlert};
    let ztf = json!({
        "objectId": ZTF, "candid": 3_412_345_671_015_015_001_i64, "cdsxmatch": "Unknown", "tns": "SN Ia",
        "rf_snia_vs_nonia": 0.7, "roid": 0, "finkclass": "SN candidate",
        "candidate": {"candid": 3_412_345_671_015_015_001_i64, "jd": 2_461_171.75, "fid": 2, "magpsf": 18.42,
                      "sigmapsf": 0.06, "diffmaglim": 20.5, "isdiffpos": "t", "ra": 150.125, "dec": 2.25},
        "prv_candidates": [
            {"candid": null, "jd": 2_461_170.75, "fid": 1, "magpsf": null, "diffmaglim": 20.6},
            {"candid": 3, "jd": 2_461_169.75, "fid": 1, "magpsf": 19.0, "sigmapsf": 0.1, "isdiffpos": "f"}
        ]
    });
    let alert: ZtfStreamAlert = serde_json::from_value(ztf.clone()).unwrap();
    let packet = alert.packet();
    assert_eq!((packet.name().as_deref(), packet.alert_id()), (Some(ZTF), Some("3412345671015015001")));
    let data = alert.light_curve();
    let points: Vec<_> = data.points.iter().map(|point| point.photometry().unwrap()).collect();
    assert_eq!(
        (points[0].negative_magnitude, points[1].limit, points[2].magnitude),
        (Some(19.0), Some(20.6), Some(18.42))
    );

    let lsst = json!({
        "diaSource": {"diaSourceId": 7, "diaObjectId": 0, "ssObjectId": 21_163_624_394_469_001_i64, "ra": 1.0,
                      "dec": 2.0, "midpointMjdTai": 61_161.0, "band": "i", "psfFlux": -900.0, "psfFluxErr": 100.0},
        "prvDiaSources": null, "prvDiaForcedSources": null,
        "mpc_orbits": {"designation": "2004 JQ12", "packed_primary_provisional_designation": "K04J12Q"},
        "diaObject": {"diaObjectId": null}, "xm": null, "clf": {"cats_class": -1}
    });
    let alert: LsstStreamAlert = serde_json::from_value(lsst).unwrap();
    assert_eq!((alert.packet().name().as_deref(), alert.packet().is_moving()), (Some("2004 JQ12"), true));
    let data = alert.light_curve();
    assert_eq!(data.points[0].source_location, "2004 JQ12");
    near(data.points[0].photometry().unwrap().negative_magnitude, 24.014_39);
}
