//! The contract of every broker, and no panic whatever a service sends.

use std::sync::Arc;

use proptest::prelude::{any, *};
use tom_alerts::http::{Response, json as read_json};
use tom_alerts::testing::{Evidence, check_broker};
use tom_alerts::{Call, Cursor, Protocol, Subject};
use wiremock::matchers::query_param;

use super::*;

#[tokio::test]
async fn the_contract_of_every_broker_holds() {
    let service = Service::start().await;
    service.on("/api/v0/targets/", answer(200, "targets_two.json")).await;
    service.on("/api/v0/targets/41/", answer(200, "target_a.json")).await;
    service.on("/api/v0/targets/42/", answer(200, "target_b.json")).await;
    service.on(&message_at(5), answer(200, "message_older.json")).await;
    service.on(&message_at(7), answer(200, "message_clean.json")).await;
    service.on(&message_at(8), answer(200, "message_b.json")).await;
    let query = json!({"target_name": "AT2026qx"});
    let evidence = Evidence::listing(query.as_object().unwrap().clone()).data_of("41").secret(CANARY);
    let broken = check_broker(Arc::new(service.broker()), evidence).await;
    assert!(broken.is_empty(), "{broken:#?}");
}

#[tokio::test]
async fn the_contract_holds_for_events_and_for_the_archive() {
    let service = Service::start().await;
    service.on("/api/v0/nonlocalizedevents/", answer(200, "events_ok.json")).await;
    service.on("/api/v0/nonlocalizedevents/S261101qx/", answer(200, "event_ok.json")).await;
    service.on("/api/v0/nonlocalizedevents/S261102qy/", answer(200, "event_retracted.json")).await;
    service.on("/api/v0/nonlocalizedevents/GRB%20261103A/", answer(200, "event_bare.json")).await;
    service.on("/api/v0/targets/", answer(200, "targets_empty.json")).await;
    service.on(&message_at(7), answer(200, "message_clean.json")).await;
    let query = json!({"search": "events"});
    let evidence = Evidence::listing(query.as_object().unwrap().clone()).data_of(uuid(7)).secret(CANARY);
    let broken = check_broker(Arc::new(service.broker()), evidence).await;
    assert!(broken.is_empty(), "{broken:#?}");

    let service = Service::start().await;
    service.0.when(query_param("page", ">i:1792990000000~i:12"), answer(200, "archive_empty.json")).await;
    service.on("/api/v0/query/", answer(200, "archive_page1.json")).await;
    service.on(&message_at(7), answer(200, "message_clean.json")).await;
    service.on(&message_at(12), answer(200, "message_circular.json")).await;
    let query = json!({"search": "archive", "end": "2026-11-24"});
    let evidence = Evidence::listing(query.as_object().unwrap().clone()).secret(CANARY);
    let broken = check_broker(Arc::new(service.broker()), evidence).await;
    assert!(broken.is_empty(), "{broken:#?}");
}

/// The first answer of a call, read by what the call does with it.
fn feed<T>(call: tom_alerts::Result<Call<T>>, response: &Response) {
    match call {
        Ok(Call::Send(_, then)) => drop(then(Ok(response.clone()))),
        Ok(Call::All(calls, _)) => calls.into_iter().for_each(|call| feed(Ok(call), response)),
        _ => {}
    }
}

/// Every reader there is, on one body.
fn read_all(body: &[u8]) {
    let config = HermesConfig { api_key: Some(CANARY.into()), ..HermesConfig::default() };
    let hermes = Hermes::new(config).unwrap();
    for status in [200, 400, 401, 403, 404, 422, 500] {
        let response = Response::new(status, Vec::new(), body.to_vec().into());
        let _ = hermes.explain(&response);
        for search in [Search::Targets, Search::Messages, Search::Events, Search::Archive] {
            let query = HermesQuery { search, whole_messages: false, ..HermesQuery::default() };
            let Ok(page) = hermes.page(&query, &Cursor::default(), response.clone()) else { continue };
            for item in page.items.into_slots().into_iter().flatten() {
                if let tom_alerts::Slot::Item(alert) = item {
                    let generic = hermes.to_generic_alert(&alert).unwrap();
                    let _ = generic.checked().map(|generic| hermes.to_target(&alert, &generic));
                }
            }
        }
        for id in ["41", "AT2026qxa", "S261101qx", uuid(7).as_str()] {
            feed(hermes.alert(id), &response);
            feed(hermes.reduced_data(Subject::new(id)), &response);
            feed(hermes.classifications(Subject::new(id)), &response);
        }
        feed(hermes.submit_message(&super::message::rich()), &response);
        feed(hermes.validate_message(&super::message::rich()), &response);
        feed(hermes.preload_message(&super::message::rich()), &response);
        feed(Ok(hermes.topics()), &response);
        feed(hermes.profile(), &response);
        feed(hermes.sequences(None, None), &response);
    }
    if let Ok(alert) = read_json::<Box<serde_json::value::RawValue>>(body)
        && let Ok(alert) = Alert::<HermesPacket>::from_raw(alert.get())
        && let Ok(generic) = hermes.to_generic_alert(&alert)
    {
        let _ = generic.checked().map(|generic| hermes.to_target(&alert, &generic));
    }
    if let Ok(message) = read_json::<HermesMessage>(body) {
        let _ = message.faults();
        let data = message.reduced_data("here", None);
        assert!(data.points.iter().all(|point| serde_json::to_value(point).is_ok()));
    }
}

/// Any JSON under the keys that the readers know.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-zA-Z0-9+.é:-]{0,8}".prop_map(Value::from),
        Just(Value::from("AT2026qxa")),
        Just(Value::from("2026-11-10T05:06:07Z")),
        Just(Value::from(uuid(7))),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        let key = prop::sample::select(vec![
            "results",
            "messages",
            "count",
            "next",
            "id",
            "uuid",
            "name",
            "right_ascension",
            "declination",
            "event_id",
            "sequences",
            "references",
            "data",
            "event",
            "far",
            "classification",
            "sequence_type",
            "metadata",
            "annotations",
            "message",
            "timestamp",
            "headers",
            "_id",
            "con_text_uuid",
            "title",
            "targets",
            "photometry",
            "spectroscopy",
            "astrometry",
            "target_name",
            "date_obs",
            "bandpass",
            "brightness",
            "brightness_error",
            "brightness_unit",
            "limiting_brightness",
            "flux",
            "wavelength",
            "ra",
            "dec",
            "orbital_elements",
            "error",
            "detail",
            "non_field_errors",
            "key",
            "newest",
            "aliases",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(key.prop_map(str::to_owned), inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_json_makes_a_reader_panic(value in any_json()) {
        read_all(value.to_string().as_bytes());
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
    }

    #[test]
    fn no_name_makes_recognising_panic(name in "\\PC{0,40}") {
        let hermes = Hermes::new(HermesConfig::default()).unwrap();
        let _ = (hermes.recognises(&name), hermes.alert(&name).is_ok());
        let _ = hermes.reduced_data(Subject::new(&name)).is_ok();
    }

    #[test]
    fn no_numbers_of_a_row_panic_or_leave_as_they_should_not(
        brightness in any::<f64>(), error in any::<f64>(), limit in any::<f64>(), unit in 0_usize..4, date in any::<f64>()
    ) {
        let unit = Some(BrightnessUnit::from(BrightnessUnit::WORDS[unit]));
        let mut message = super::message::rich();
        let row = &mut message.data.photometry[0];
        row.brightness = Some(brightness);
        row.brightness_error = Some(error);
        row.limiting_brightness = Some(limit);
        row.brightness_unit.clone_from(&unit);
        row.limiting_brightness_unit = unit;
        row.date_obs = Some(date.to_string());
        let sound = [brightness, error, limit].iter().all(|number| number.is_finite());
        prop_assert!(sound || !message.faults().is_empty());
        let read: Vec<_> = message.reduced_data("here", None).points;
        prop_assert!(read.iter().all(|point| point.photometry().is_none_or(|p| p.magnitude != Some(0.0))));
    }
}

#[test]
fn a_recorded_answer_that_is_cut_anywhere_makes_no_reader_panic() {
    for name in ["message_rich.json", "events_ok.json", "targets_page1.json", "validate_errors.json"] {
        let body = fixture(name);
        (0..body.len()).step_by(211).for_each(|end| read_all(&body[..end]));
    }
}
