//! The forms and the configuration: every fault at once, before anything is sent.

use super::*;

fn faults<F: tom_alerts::form::Form>(pairs: Value) -> Vec<String> {
    let error = tom_alerts::form::read::<F>(pairs.as_object().unwrap()).unwrap_err();
    error.problems().iter().map(ToString::to_string).collect()
}

#[test]
fn babamul_answers_one_of_three() {
    let none = "mjd_min, mjd_max: give an object, a cone, or a span of at most a day";
    assert_eq!(faults::<BabamulQuery>(json!({})), [none]);
    assert_eq!(faults::<BabamulQuery>(json!({"mjd_min": 61000, "mjd_max": 61001.1})), [none]);
    assert!(read(json!({"mjd_min": 61000, "mjd_max": 61001})).is_ok(), "a whole day");
    assert_eq!(
        faults::<BabamulQuery>(json!({
            "object_id": "ATLAS1", "ra": 1, "dec": 2, "radius": 601, "mjd_min": 61001, "mjd_max": 61000, "score_min": 2,
            "magpsf_min": 20, "magpsf_max": 18, "survey": "DECAM", "radus": 1
        })),
        [
            "survey: Babamul has ZTF and LSST",
            "object_id, ra: an object or a cone, not both",
            "object_id: an object is like ZTF25aagbkaj, the digits of an LSST object, or sso and digits",
            "radius: Babamul's cones have at most 600 arcsec",
            "mjd_min, mjd_max: the first must not be above the second",
            "magpsf_min, magpsf_max: the first must not be above the second",
            "score_min: 2 is outside 0..=1",
            "radus: no such field; did you mean radius?",
        ]
    );
    assert_eq!(
        faults::<BabamulQuery>(json!({"ra": 1, "dec": 2})),
        ["ra, dec, radius: give all of them or none"]
    );
    assert_eq!(
        faults::<BabamulQuery>(json!({"object_id": ZTF, "survey": "LSST"})),
        ["survey: this object is one of ZTF"]
    );
}

#[test]
fn boom_takes_mongos_words_when_they_are_json_and_do_not_write() {
    let none = "object_id: give an object, an alert, a cone, a span of time, a filter or a pipeline";
    assert_eq!(faults::<BoomQuery>(json!({})), [none]);
    let told = faults::<BoomQuery>(
        json!({"filter": "[1]", "pipeline": "[{\"$facet\": {\"a\": [{\"$merge\": \"x\"}]}}]"}),
    );
    assert_eq!(
        told,
        [
            "filter: must be a JSON object such as {\"candidate.magpsf\": {\"$lt\": 18}}",
            "pipeline: a pipeline that writes ($out, $merge) is not sent",
        ]
    );
    let told = faults::<BoomQuery>(json!({"filter": "{drb: 1}", "object_id": ZTF, "candid": 1}));
    assert!(told.iter().any(|fault| fault.ends_with("it is no JSON at column 2")), "{told:?}");
    assert!(told.contains(&"object_id, candid: give one of them".to_owned()), "{told:?}");
}

#[test]
fn surveys_follow_from_ids() {
    let of = BoomSurvey::of_id;
    assert_eq!(
        (of(ZTF), of(LSST), of("sso12")),
        (Some(BoomSurvey::Ztf), Some(BoomSurvey::Lsst), Some(BoomSurvey::Lsst))
    );
    assert_eq!((of("sso"), of(""), of("AT2026abc")), (None, None, None));
    let (broker, _) = always(answer(200, "alerts_empty.json"));
    assert!(
        broker.recognises(ZTF)
            && broker.recognises(CANDID)
            && !broker.recognises("ZTF/../x")
            && !broker.recognises("AT1")
    );
    let error = broker.protocol().alert("AT2026abc").unwrap_err();
    assert_eq!(
        error.to_string(),
        "an object is like ZTF25aagbkaj, the digits of an LSST object, or sso and digits [id=AT2026abc]"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_in_the_configuration_is_told_before_anything_is_sent() {
    let script = ScriptedTransport::new(|_| Ok(text(200, "{}")));
    let broker = client::<Babamul>(
        &script,
        BabamulConfig { email: Some("me@example.org".into()), ..BabamulConfig::default() },
    );
    let error = broker.alerts(&of(ZTF)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(
        error.to_string(),
        "Babamul: set brokers.Babamul.api_token (made on your profile at https://babamul.caltech.edu/), \
         or brokers.Babamul.email and .password"
    );
    let broker = client::<Boom>(&script, BoomConfig::default());
    let error = broker.alert(ZTF).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "BOOM: set brokers.BOOM.username and .password, those of your BOOM account"
    );
    assert!(script.requests().is_empty());
}

#[test]
fn the_services_environment_names_are_keys_of_the_configuration() {
    use tom_alerts::{Config, Registry};
    let config = Config::from_json(
        &json!({"BABAMUL_API_TOKEN": TOKEN, "BOOM_API_USER": "me", "BOOM_API_PASSWORD": PASSWORD})
            .to_string(),
    )
    .unwrap();
    let registry = Registry::from_config(&config).unwrap();
    for name in ["Babamul", "BOOM"] {
        assert!(registry.broker(name).unwrap().ready().is_ok(), "{name}");
    }
    assert!(!format!("{registry:?}").contains("canary"));
}

#[test]
fn a_cone_asks_both_surveys_and_a_name_that_of_its_shape() {
    let script = support::script::always(text(200, "{}"));
    let brokers: [Box<dyn GenericBroker>; 2] =
        [Box::new(client::<Babamul>(&script, with_token())), Box::new(client::<Boom>(&script, account()))];
    for broker in brokers {
        let cones = broker.cone_query(150.5, -2.25, 3.5).unwrap();
        let surveys: Vec<_> = cones.iter().map(|cone| cone["survey"].as_str().unwrap()).collect();
        assert_eq!(surveys, ["ztf", "lsst"]);
        for cone in &cones {
            assert_eq!(
                (&cone["ra"], &cone["dec"], &cone["radius"]),
                (&json!(150.5), &json!(-2.25), &json!(3.5))
            );
            broker.check(cone).unwrap();
        }
        for (name, survey) in [(ZTF, "ztf"), (LSST, "lsst"), (" sso123 ", "lsst")] {
            let queries = broker.name_query(name).unwrap();
            assert_eq!((queries.len(), &queries[0]["survey"]), (1, &json!(survey)));
            assert_eq!(queries[0]["object_id"], json!(name.trim()));
            broker.check(&queries[0]).unwrap();
        }
        assert_eq!(broker.name_query("ATLAS1").unwrap_err().kind(), ErrorKind::Input);
    }
}
