//! Submitting: what is sent, in which order, and when it counts as published.

use tom_alerts::plugin::{Coordinates, Elements, NonSidereal, Scheme};
use tom_alerts::{
    Datum, ObservationRecord, Photometry, Protocol, ReducedDatum, Spectroscopy, Target, Upstream,
};

use super::*;

const VALIDATE: &str = "/api/v0/submit_message/validate/";
const SUBMIT: &str = "/api/v0/submit_message/";

fn target() -> Target {
    let mut target = Target::sidereal("AT2026qxa", 212.625, -7.5).unwrap().with_alias("ZTF26aaqqxxa");
    if let Coordinates::Sidereal(at) = &mut target.coordinates {
        at.epoch = Some(2000.0);
        at.pm_ra = Some(12.0);
        at.distance = Some(42e6);
    }
    target.with_extra("redshift", 0.0101)
}

fn datum(target: &str, value: impl Into<Datum>) -> ReducedDatum {
    ReducedDatum::new(target, "here", "1", "2026-11-10T05:06:07.25Z".parse().unwrap(), value)
}

fn point() -> Photometry {
    Photometry {
        filter: "g".into(),
        magnitude: Some(18.4),
        error: Some(0.04),
        telescope: Some("1m0".into()),
        ..Photometry::default()
    }
}

fn parameters(value: Value) -> tom_alerts::Parameters {
    value.as_object().unwrap().clone()
}

async fn submit(broker: &HermesBroker, data: &[ReducedDatum]) -> tom_alerts::Result<tom_alerts::Receipt> {
    let target = target();
    broker.submit_upstream_alert(Upstream::new(Some(&target), None, data), &parameters(json!({}))).await
}

#[tokio::test]
async fn a_target_with_its_data_is_checked_first_and_then_published_once() {
    let service = Service::start().await;
    service.post(VALIDATE, answer(200, "validate_ok.json")).await;
    service.post(SUBMIT, answer(200, "submit_ok.json")).await;
    let broker = service.broker();
    let limit = Photometry { limit: Some(20.5), magnitude: None, error: None, ..point() };
    let flux = Photometry::from_flux(-2500.0, 100.0, "nJy", 31.4).unwrap();
    let flux = Photometry { filter: "i".into(), instrument: Some("cam".into()), ..flux };
    let spectrum = Spectroscopy {
        wavelength: vec![4000.0, 5000.0],
        wavelength_unit: Some("Angstrom".into()),
        flux: vec![1.5, 2.5],
        flux_unit: Some("erg / (Angstrom s cm2)".into()),
        instrument: Some("spec9".into()),
        ..Spectroscopy::default()
    };
    let data = [
        datum("AT2026qxa", point()),
        datum("ZTF26aaqqxxa", limit),
        datum("AT2026qxa", flux),
        datum("AT2026qxa", spectrum),
    ];
    let receipt = submit(&broker, &data).await.unwrap();
    assert_eq!((receipt.broker.as_str(), receipt.id), ("Hermes", Some(uuid(99))));
    assert_eq!(receipt.url.unwrap().as_str(), service.at(&format!("message/{}", uuid(99))));
    assert_eq!(receipt.answer["uuid"], uuid(99));
    assert_eq!(service.asked().await, [format!("POST {VALIDATE}"), format!("POST {SUBMIT}")]);
    let sent: Value = serde_json::from_str(&service.body(1).await).unwrap();
    let time = "2026-11-10T05:06:07.250Z";
    assert_eq!(
        sent,
        json!({
            "title": "Updated data for AT2026qxa", "topic": "hermes.test", "submitter": "N. Body",
            "message_text": "", "authors": "",
            "data": {
                "targets": [{
                    "name": "AT2026qxa", "ra": 212.625, "dec": -7.5, "epoch": "2000.0", "pm_ra": 0.012,
                    "distance": 42e6, "distance_units": "pc", "aliases": ["ZTF26aaqqxxa"]
                }],
                "photometry": [
                    {
                        "target_name": "AT2026qxa", "date_obs": time, "telescope": "1m0", "bandpass": "g",
                        "brightness": 18.4, "brightness_error": 0.04, "brightness_unit": "AB mag"
                    },
                    {
                        "target_name": "AT2026qxa", "date_obs": time, "telescope": "1m0", "bandpass": "g",
                        "limiting_brightness": 20.5, "limiting_brightness_unit": "AB mag"
                    },
                    {
                        "target_name": "AT2026qxa", "date_obs": time, "instrument": "cam", "bandpass": "i",
                        "brightness": -0.0025, "brightness_error": 0.0001, "brightness_unit": "mJy"
                    }
                ],
                "spectroscopy": [{
                    "target_name": "AT2026qxa", "date_obs": time, "instrument": "spec9",
                    "flux": [1.5, 2.5], "flux_units": "erg / s / cm² / Å",
                    "wavelength": [4000.0, 5000.0], "wavelength_units": "Å"
                }],
                "extra_data": {"redshift": "0.0101"}
            }
        })
    );
    assert_eq!(service.body(0).await, service.body(1).await, "what was checked is what is published");
    let token = Some(format!("Token {CANARY}"));
    assert_eq!(
        (service.header(0, "authorization").await, service.header(1, "authorization").await),
        (token.clone(), token)
    );
    for request in service.server.received_requests().await.unwrap() {
        let known = [
            "accept",
            "accept-encoding",
            "authorization",
            "content-length",
            "content-type",
            "host",
            "user-agent",
        ];
        for (name, value) in &request.headers {
            assert!(known.contains(&name.as_str()), "{name}: {value:?}");
        }
        assert!(!String::from_utf8_lossy(&request.body).contains(CANARY));
    }
}

#[tokio::test]
async fn the_form_and_an_observation_go_into_the_message() {
    let service = Service::start().await;
    service.post(VALIDATE, answer(200, "validate_ok.json")).await;
    service.post(SUBMIT, answer(200, "submit_ok.json")).await;
    let mut record = ObservationRecord::new(target(), "LCO", "777")
        .with_status("PENDING")
        .with_parameters(parameters(json!({"proposal": "SECRET-2026"})));
    record.scheduled_start = "2026-11-26T01:00:00Z".parse().ok();
    let form = json!({
        "topic": "hermes.message", "submitter": "A. Nother", "authors": "A. Nother (X)", "message": "Look.",
        "event_id": "S261101qx", "references": "https://example.net/1", "submit_to_mpc": "on"
    });
    let broker = service.broker();
    let what = Upstream::new(None, Some(&record), &[]);
    broker.submit_upstream_alert(what, &parameters(form)).await.unwrap();
    let sent: Value = serde_json::from_str(&service.body(1).await).unwrap();
    assert_eq!(sent["title"], "Observation of AT2026qxa by LCO");
    assert_eq!((&sent["topic"], &sent["submitter"]), (&json!("hermes.message"), &json!("A. Nother")));
    assert_eq!((&sent["authors"], &sent["message_text"]), (&json!("A. Nother (X)"), &json!("Look.")));
    assert_eq!((&sent["submit_to_mpc"], &sent["submit_to_tns"]), (&json!(true), &Value::Null));
    assert_eq!(sent["data"]["event_id"], "S261101qx");
    assert_eq!(sent["data"]["references"], json!([{"url": "https://example.net/1"}]));
    assert_eq!(
        sent["data"]["extra_data"]["observation"],
        json!({
            "target_name": "AT2026qxa", "facility": "LCO", "observation_id": "777", "status": "PENDING",
            "scheduled_start": "2026-11-26T01:00:00Z"
        })
    );
    assert!(!sent.to_string().contains("SECRET-2026"), "the parameters of an observation are not public");
}

#[tokio::test]
async fn a_dry_run_shows_the_check_and_sends_nothing() {
    let service = Service::start().await;
    let broker = service.broker();
    let target = target();
    let requests =
        broker.dry_run(Upstream::new(Some(&target), None, &[]), &parameters(json!({}))).unwrap().requests;
    assert_eq!(requests.len(), 1);
    assert_eq!((requests[0].method(), requests[0].url().path()), (tom_alerts::http::Method::Post, VALIDATE));
    assert!(requests[0].has_credential() && !format!("{:?}", requests[0]).contains(CANARY));
    assert!(service.asked().await.is_empty());
}

#[tokio::test]
async fn all_faults_come_at_once_and_nothing_is_sent() {
    let service = Service::start().await;
    let broker = service.broker_of(HermesConfig { topic: None, submitter: None, ..service.config() });
    let zero = Photometry { magnitude: Some(0.0), ..point() };
    let nameless = Photometry { telescope: None, filter: "".into(), ..point() };
    let negative = Photometry { magnitude: None, negative_magnitude: Some(19.0), ..point() };
    let unitless = || Spectroscopy {
        wavelength: vec![400.0],
        flux: vec![1.5],
        instrument: Some("spec9".into()),
        ..Spectroscopy::default()
    };
    let other = tom_alerts::plugin::Map::new();
    let data = [
        datum("AT2026qxa", zero),
        datum("AT2026qxa", nameless),
        datum("AT2026qxa", negative),
        datum("another", point()),
        datum("AT2026qxa", other),
        datum("AT2026qxa", Spectroscopy { wavelength_unit: Some("nm".into()), ..unitless() }),
        datum("AT2026qxa", Spectroscopy { flux_unit: Some("mJy".into()), ..unitless() }),
    ];
    let error = submit(&broker, &data).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    let told: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "data[2]: a negative difference without its flux is no brightness; leave it out",
            "data[4]: Hermes takes photometry, spectroscopy and astrometry only",
            "data[5]: the fluxes of the spectrum have no unit",
            "data[6]: the wavelengths of the spectrum have no unit",
            "topic: must be given here or as topic of the configuration",
            "submitter: must be given here or as submitter of the configuration",
            "data.photometry[0].brightness: is exactly 0, which Hermes takes for none; give a tiny number",
            "data.photometry[1].telescope: telescope or instrument must be given",
            "data.photometry[1].bandpass: must be given",
            "data.photometry[2].target_name: must be the name of a target of this message",
        ]
    );
    let nothing = Upstream::default();
    let error =
        broker.submit_upstream_alert(nothing, &parameters(json!({"topic": "t", "submitter": "s"}))).await;
    assert_eq!(
        error.unwrap_err().to_string(),
        "Hermes: target: give a target or an observation; there is nothing to submit"
    );
    let error = broker.submit_upstream_alert(nothing, &parameters(json!({"titel": "x"}))).await.unwrap_err();
    assert_eq!(error.to_string(), "Hermes: titel: no such field; did you mean title?");
    let alone = [datum("AT2026qxa", point())];
    let what = Upstream::new(None, None, &alone);
    let error = service.broker().submit_upstream_alert(what, &parameters(json!({}))).await.unwrap_err();
    assert!(error.to_string().contains("Hermes takes no data without their target"), "{error}");
    let without = submit(&service.without_token(), &[]).await.unwrap_err();
    assert_eq!(without.kind(), ErrorKind::Config);
    assert!(service.asked().await.is_empty());
}

#[tokio::test]
async fn a_telescope_for_data_that_name_none_comes_from_the_form() {
    let service = Service::start().await;
    let broker = service.broker();
    let nameless = [datum("AT2026qxa", Photometry { telescope: None, ..point() })];
    let target = target();
    let what = Upstream::new(Some(&target), None, &nameless);
    let requests = broker.dry_run(what, &parameters(json!({"telescope": "2m0"}))).unwrap().requests;
    let sent: Value = serde_json::from_slice(&requests[0].encoded().unwrap().1).unwrap();
    assert_eq!(sent["data"]["photometry"][0]["telescope"], "2m0");
}

#[tokio::test]
async fn a_moving_target_is_sent_with_its_orbit() {
    let service = Service::start().await;
    let broker = service.broker();
    let elements = Elements {
        scheme: Scheme::MinorPlanet { mean_anomaly: 12.5, semimajor_axis: 2.25 },
        epoch_of_elements: 61_350.5,
        inclination: 5.0,
        lng_asc_node: 80.0,
        arg_of_perihelion: 73.0,
        eccentricity: 0.1,
    };
    let orbit = |elements| NonSidereal { elements, ..NonSidereal::default() };
    let target = Target::non_sidereal("2026 QX1", orbit(Some(elements.clone()))).unwrap();
    let requests =
        broker.dry_run(Upstream::new(Some(&target), None, &[]), &parameters(json!({}))).unwrap().requests;
    let sent: Value = serde_json::from_slice(&requests[0].encoded().unwrap().1).unwrap();
    assert_eq!(
        sent["data"]["targets"],
        json!([{"name": "2026 QX1", "orbital_elements": {
            "epoch_of_elements": "61350.5", "orbital_inclination": 5.0, "longitude_of_the_ascending_node": 80.0,
            "argument_of_the_perihelion": 73.0, "eccentricity": 0.1, "mean_anomaly": 12.5, "semimajor_axis": 2.25
        }}])
    );
    let row: HermesTarget = serde_json::from_value(sent["data"]["targets"][0].clone()).unwrap();
    assert_eq!(row.to_target().unwrap(), target, "and comes back the same");

    let zero =
        Elements { scheme: Scheme::MinorPlanet { mean_anomaly: 0.0, semimajor_axis: 2.25 }, ..elements };
    for (target, due) in [
        (
            orbit(Some(zero)),
            "data.targets[0].orbital_elements.mean_anomaly: is exactly 0, which Hermes takes for none; give a tiny number",
        ),
        (orbit(None), "target: the target has neither position nor orbit, so Hermes cannot take it"),
    ] {
        let target = Target::non_sidereal("2026 QX1", target).unwrap();
        let error =
            broker.dry_run(Upstream::new(Some(&target), None, &[]), &parameters(json!({}))).unwrap_err();
        assert_eq!(error.to_string(), format!("Hermes: {due}"));
    }
}

#[tokio::test]
async fn what_the_check_of_hermes_refuses_is_not_published() {
    let service = Service::start().await;
    service.post(VALIDATE, answer(200, "validate_errors.json")).await;
    let error = submit(&service.broker(), &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(
        error.to_string(),
        "Hermes: Hermes refuses the message, so nothing was published: topic: You may not write to this topic; \
         data.targets[1].dec: Must set dec if ra is set; data.photometry[0]: Something is missing; \
         data.photometry[0].brightness: brightness or limiting_brightness are required"
    );
    assert_eq!(error.problems().len(), 4);
    assert_eq!(service.asked().await, [format!("POST {VALIDATE}")]);
}

#[tokio::test]
async fn only_a_uuid_says_that_it_was_published() {
    let html =
        || ResponseTemplate::new(500).set_body_raw("<html><title>Server Error</title></html>", "text/html");
    let doubt = "Hermes: whether the message was published is not known: ";
    let after = "; look for it at Hermes before you send it again";
    for (answer, kind, text) in [
        (
            answer(200, "submit_no_credential.json"),
            ErrorKind::Auth,
            "Hermes: Hermes did not publish the message: User account does not have an associated SCIMMA auth \
             credential. Please logout and log back in. Log in at its page anew, so that it makes a Hopskotch \
             credential, and see that api_key is this account's"
                .to_owned(),
        ),
        (
            answer(200, "submit_no_uuid.json"),
            ErrorKind::Status,
            format!("{doubt}Hermes says: it answered without a uuid{after}"),
        ),
        (
            answer(200, "submit_error.json"),
            ErrorKind::Status,
            format!("{doubt}Hermes says: Kafka did not take the message{after}"),
        ),
        (
            answer(400, "submit_error.json"),
            ErrorKind::Status,
            format!("{doubt}Hermes says: Kafka did not take the message{after} [status=400]"),
        ),
        (
            answer(400, "error_nan.json"),
            ErrorKind::Refused,
            "Hermes: Hermes refuses the message, so nothing was published: Hermes says: \
             JSON parse error - Out of range float values are not JSON compliant [status=400]"
                .to_owned(),
        ),
        (
            answer(400, "validate_errors.json"),
            ErrorKind::Refused,
            "Hermes: Hermes refuses the message, so nothing was published: topic: You may not write to this topic; \
             data.targets[1].dec: Must set dec if ra is set; data.photometry[0]: Something is missing; \
             data.photometry[0].brightness: brightness or limiting_brightness are required [status=400]"
                .to_owned(),
        ),
        (
            ResponseTemplate::new(413),
            ErrorKind::TooLarge,
            "Hermes: the message is too large for Hermes, so it was not published [status=413]".to_owned(),
        ),
        (html(), ErrorKind::Status, format!("{doubt}the service failed (\"Server Error\"){after} [status=500]")),
        (
            ResponseTemplate::new(200).set_body_string("{\"uuid\": \"0000"),
            ErrorKind::Unreadable,
            format!("{doubt}the answer ends in the middle, after 14 bytes{after}"),
        ),
        (
            answer(403, "error_403_bad_token.json"),
            ErrorKind::Auth,
            "Hermes: Hermes does not know the token; copy api_key anew from your profile page there [status=403]"
                .to_owned(),
        ),
    ] {
        let service = Service::start().await;
        service.post(VALIDATE, super::answer(200, "validate_ok.json")).await;
        service.post(SUBMIT, answer).await;
        let error = submit(&service.broker(), &[]).await.unwrap_err();
        assert_eq!((error.to_string(), error.kind()), (text, kind));
        assert!(!error.is_retryable(), "{error}");
        assert_eq!(service.asked().await.len(), 2, "a message is sent once: {error}");
    }
}

#[tokio::test]
async fn a_failure_at_tns_or_gcn_may_come_after_publishing() {
    let service = Service::start().await;
    service.post(VALIDATE, answer(200, "validate_ok.json")).await;
    let failed = json!({"error": "Failed to submit the event to TNS: 504."});
    service.post(SUBMIT, ResponseTemplate::new(400).set_body_json(failed)).await;
    let error = submit(&service.broker(), &[]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Hermes: whether the message was published is not known: Hermes says: Failed to submit the event to TNS: \
         504; look for it at Hermes before you send it again [status=400]"
    );
    assert_eq!(service.asked().await.len(), 2, "a message is sent once");
}

#[tokio::test]
async fn a_service_that_goes_away_between_check_and_message_leaves_no_receipt() {
    let service = Service::start().await;
    let broker = service.broker();
    let target = target();
    let call =
        broker.protocol().submit(Upstream::new(Some(&target), None, &[]), &HermesSubmission::default());
    // Step by step: the check is passed, then the connection breaks.
    let tom_alerts::Call::Send(_, check) = call.unwrap() else { panic!() };
    let passed = tom_alerts::http::Response::new(200, Vec::new(), "{}".into());
    let tom_alerts::Call::Send(send, then) = check(Ok(passed)).unwrap() else { panic!() };
    assert_eq!((send.url().path(), send.is_idempotent()), (SUBMIT, false));
    let error = then(Err(Error::new(ErrorKind::Network, "the connection broke"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
    assert_eq!(
        error.to_string(),
        "whether the message was published is not known: the connection broke; look for it at Hermes before you \
         send it again"
    );
}

#[tokio::test]
async fn a_service_that_is_not_there_is_told_and_nothing_is_published() {
    let service = Service::start().await;
    let config = HermesConfig { base_url: "http://127.0.0.1:9/".parse().ok(), ..service.config() };
    let http = serde_json::from_value(json!({"call_timeout": 5.0, "max_retries": 0})).unwrap();
    let http = tom_alerts::http::Http::new(&http).unwrap();
    let broker = HermesBroker::with_http(config, &http).unwrap();
    let error = submit(&broker, &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
    assert!(error.to_string().contains("127.0.0.1:9"), "{error}");
    assert!(!format!("{error:?}").contains(CANARY));
}

#[tokio::test]
async fn a_check_that_fails_for_tns_says_why() {
    let mut service = Service::start().await;
    service.http.max_retries = 0;
    service.post(VALIDATE, ResponseTemplate::new(500)).await;
    let mut message = super::message::rich();
    message.submit_to_tns = Some(true);
    message.authors = "N. Body".into();
    message.data.spectroscopy.clear();
    let broker = service.broker();
    let error = broker.run(broker.protocol().submit_message(&message)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Hermes: Hermes failed to check the message, as it does while it cannot reach TNS' lists; try later, or \
         without submit_to_tns [status=500]"
    );
}

#[tokio::test]
async fn a_message_can_be_checked_left_and_written_out() {
    let service = Service::start().await;
    service.post(VALIDATE, answer(200, "validate_errors.json")).await;
    service.post("/api/v0/submit_message/preload/", answer(201, "preload_ok.json")).await;
    service.post("/api/v0/submit_message/plaintext/", answer(200, "plaintext_ok.json")).await;
    let broker = service.broker();
    let message = HermesMessage { title: "half".into(), ..HermesMessage::default() };
    let hermes = broker.protocol();
    let faults = broker.run(hermes.validate_message(&message)).await.unwrap();
    assert_eq!(faults[1].to_string(), "data.targets[1].dec: Must set dec if ra is set");
    let left = broker.run(hermes.preload_message(&message)).await.unwrap();
    assert_eq!(left.key, uuid(77));
    assert_eq!(left.page.as_str(), service.at(&format!("submit-message?id={}", uuid(77))));
    let text = broker.run(hermes.plain_text(&message)).await.unwrap();
    assert!(text.starts_with("N. Body reports:"), "{text}");
    assert_eq!(service.asked().await.len(), 3);
}
