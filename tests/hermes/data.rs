//! One target, message or event: the alert, its data and its classes.

use tom_alerts::plugin::{Coordinates, Scheme};
use tom_alerts::{Datum, Photometry, ReducedData, ReducedDatum};
use wiremock::matchers::query_param;

use super::support::points::near;
use super::*;

#[tokio::test]
async fn a_target_by_its_number_or_name_brings_its_newest_message() {
    let service = Service::start().await;
    service.get("/api/v0/targets/41/", answer(200, "target_a.json")).await;
    service.get("/api/v0/targets/", answer(200, "targets_one.json")).await;
    service.get(&message_at(7), answer(200, "message_rich.json")).await;
    let broker = service.broker();
    for id in ["41", "AT2026qxa"] {
        let alert = broker.alert(id).await.unwrap();
        let generic = broker.generic(&alert).unwrap();
        assert_eq!((generic.id.as_str(), generic.name.as_str()), ("41", "AT2026qxa"));
        assert_eq!(generic.timestamp.unwrap().timestamp_millis(), 1_793_000_000_000);
        assert_eq!(generic.mag, Some(17.9), "the last magnitude, not the last row");
        let target = broker.target(&alert).unwrap();
        assert_eq!(target.aliases, ["ZTF26aaqqxxa", "2026"]);
        let Coordinates::Sidereal(at) = &target.coordinates else { panic!("{target:?}") };
        assert_eq!((at.epoch, at.pm_ra, at.pm_dec), (Some(2000.0), Some(12.0), Some(-20.0)), "mas/yr");
        assert_eq!(at.distance, Some(42e6), "pc");
        assert_eq!(target.extras["redshift"], "0.0101");
        assert_eq!(target.extras["reporting_group"], "Made Up Survey");
        let again = broker.read_alert(alert.raw()).unwrap();
        assert_eq!(again.generic(), &generic);
    }
    assert_eq!(
        service.asked().await,
        [
            "GET /api/v0/targets/41/".to_owned(),
            format!("GET {}", message_at(7)),
            "GET /api/v0/targets/?name_exact=AT2026qxa&ordering=-id&limit=1".to_owned(),
            format!("GET {}", message_at(7)),
        ]
    );
}

#[tokio::test]
async fn the_digits_of_an_lsst_object_are_a_name() {
    let service = Service::start().await;
    service.get("/api/v0/targets/", answer(200, "targets_one.json")).await;
    service.get(&message_at(7), answer(200, "message_rich.json")).await;
    let broker = service.broker();
    broker.alert("169342810955317611").await.unwrap();
    broker.reduced_data("169342810955317611", None).await.unwrap();
    let asked = service.asked().await;
    assert_eq!(asked[0], "GET /api/v0/targets/?name_exact=169342810955317611&ordering=-id&limit=1");
    assert!(asked[2].starts_with("GET /api/v0/targets/?name_exact=169342810955317611&"), "{asked:?}");
}

#[tokio::test]
async fn a_target_is_there_though_its_message_is_private() {
    let service = Service::start().await;
    service.get("/api/v0/targets/41/", answer(200, "target_a.json")).await;
    service.get(&message_at(7), answer(401, "archive_401.json")).await;
    let broker = service.broker();
    let alert = broker.alert("41").await.unwrap();
    assert!(alert.newest.is_none());
    assert_eq!(broker.target(&alert).unwrap().position(), Some((212.625, -7.5)));
}

#[tokio::test]
async fn messages_and_events_come_by_uuid_and_name() {
    let service = Service::start().await;
    service.get(&message_at(8), answer(200, "message_b.json")).await;
    service.get("/api/v0/nonlocalizedevents/S261101qx/", answer(200, "event_ok.json")).await;
    service.get("/api/v0/nonlocalizedevents/GRB%20261103A/", answer(200, "event_bare.json")).await;
    service.get("/api/v0/nonlocalizedevents/S999999zz/", answer(404, "error_404.json")).await;
    service.get("/api/v0/targets/", answer(200, "targets_empty.json")).await;
    service.get("/api/v0/query/", answer(200, "archive_empty.json")).await;
    service.get(&format!("/api/v0/messages/{}/", uuid(7)), answer(200, "message_indexed.json")).await;
    let broker = service.broker();
    assert_eq!(broker.generic(&broker.alert(&uuid(8)).await.unwrap()).unwrap().name, "AT2026qxb");
    assert_eq!(broker.generic(&broker.alert("S261101qx").await.unwrap()).unwrap().score, Some(2.5e-9));
    assert_eq!(broker.generic(&broker.alert("GRB 261103A").await.unwrap()).unwrap().id, "GRB 261103A");
    let error = broker.alert("S999999zz").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let text = "Hermes: Hermes has no target, event or message of this name [name=S999999zz]";
    assert_eq!(error.to_string(), text);
    let indexed = broker.run(broker.protocol().indexed_message(&uuid(7))).await.unwrap();
    assert_eq!(indexed.targets[1].name.as_deref(), Some("AT2026qxb"));
    assert_eq!(indexed.kind(), Some(PacketKind::Message));
}

#[tokio::test]
async fn a_moving_target_has_its_orbit() {
    let service = Service::start().await;
    service.get(&message_at(9), answer(200, "message_orbit.json")).await;
    let broker = service.broker();
    let alert = broker.alert(&uuid(9)).await.unwrap();
    let target = broker.target(&alert).unwrap();
    assert_eq!(target.target_type(), "NON_SIDEREAL");
    let Coordinates::NonSidereal(orbit) = target.coordinates else { panic!() };
    let elements = orbit.elements.unwrap();
    assert_eq!((elements.epoch_of_elements, elements.eccentricity), (61_350.0, 1.001));
    assert_eq!(elements.scheme, Scheme::Comet { perihdist: 1.25, epoch_of_perihelion: 61_400.0 });
}

/// The photometry at an instant, and where it is from.
fn at<'a>(data: &'a ReducedData, time: &str) -> (&'a Photometry, &'a ReducedDatum) {
    let mut points = data.points.iter().filter(|point| point.timestamp.to_rfc3339().starts_with(time));
    let point =
        points.find(|point| point.photometry().is_some()).unwrap_or_else(|| panic!("{time}: {data:#?}"));
    (point.photometry().unwrap(), point)
}

#[tokio::test]
async fn the_tables_of_a_message_become_points_value_by_value() {
    let service = Service::start().await;
    service.get(&message_at(7), answer(200, "message_rich.json")).await;
    let data = service.broker().reduced_data(&uuid(7), None).await.unwrap();
    assert!(data.points.is_sorted_by_key(|point| point.timestamp));
    assert!(data.points.iter().all(|point| point.target == "AT2026qxa" && point.source_name == "Hermes"));

    let (point, datum) = at(&data, "2026-11-10T05:06:07.250");
    assert_eq!((point.filter.as_str(), point.magnitude, point.error), ("g", Some(18.4), Some(0.04)));
    assert_eq!(
        (point.limiting_magnitude, point.limit),
        (Some(20.9), None),
        "the depth of a detection is no limit"
    );
    assert_eq!((point.telescope.as_deref(), point.instrument.as_deref()), (Some("1m0"), Some("fa99")));
    assert_eq!(point.unit.as_deref(), Some("AB"));
    assert_eq!(
        (&point.extra.to_map()["exposure_time"], &point.extra.to_map()["catalog"]),
        (&json!(120.0), &json!("PS1"))
    );
    assert_eq!(datum.source_location, uuid(7));

    assert_eq!(at(&data, "2026-11-12T00:00:00").0.magnitude, Some(18.1), "JD, and numbers as text");
    let (point, _) = at(&data, "2026-11-13T06:00:00");
    assert_eq!((point.magnitude, point.limit), (None, Some(20.5)), "MJD");
    let (point, _) = at(&data, "2026-11-13T00:00:00");
    assert_eq!(
        (point.magnitude, point.unit.as_deref(), point.filter.as_str()),
        (Some(17.9), Some("Vega"), "G")
    );
    let (point, _) = at(&data, "2026-11-14T00");
    near(point.magnitude, 17.152_57);
    near(point.error, 0.108_57);
    assert_eq!((point.flux, point.flux_unit.as_deref()), (Some(0.5), Some("mJy")));
    let (point, _) = at(&data, "2026-11-15T00");
    assert_eq!((point.magnitude, point.flux), (None, Some(0.02)), "below three sigma");
    near(point.limit, 17.905_15);
    let (point, _) = at(&data, "2026-11-16T00");
    assert_eq!((point.magnitude, point.limit, point.flux), (None, None, Some(3.2e-16)));
    assert_eq!(point.flux_unit.as_deref(), Some("erg / s / cm² / Å"));
    let (point, _) = at(&data, "2026-11-17T00");
    assert_eq!((point.magnitude, point.limit), (None, Some(19.5)), "a magnitude of 0 is none");
    let (point, _) = at(&data, "2026-11-23T00");
    near(point.limit, 21.4);
    assert_eq!(point.extra.to_map()["limiting_brightness"], json!(0.01));

    let (point, _) = at(&data, "2026-11-19T00");
    assert_eq!((point.flux, point.flux_unit.as_deref(), point.magnitude), (Some(18.0), Some("Jy"), None));

    let failures: Vec<_> = data.failures.iter().map(|e| (e.message(), e.context("row"))).collect();
    assert_eq!(
        failures,
        [
            ("the date of the row is no date", Some("data.photometry[9]")),
            ("the row has no bandpass", Some("data.photometry[11]")),
            ("the limit is in a unit that does not become a magnitude", Some("data.photometry[14]")),
            ("the spectrum has not as many fluxes as wavelengths", Some("data.spectroscopy[1]")),
            (
                "data.photometry[11]: row 12 cannot be read: brightness: a list was given, a number was due",
                None
            ),
        ]
    );
    assert_eq!(
        data.notes,
        [
            format!("2 rows of {} without a value left out", uuid(7)),
            "a spectrum is in the file night3.fits at https://files.example.net/night3.fits".to_owned(),
            "1 row of another target of the message left out".to_owned(),
        ]
    );
}

#[tokio::test]
async fn spectra_and_positions_keep_their_units() {
    let service = Service::start().await;
    service.get(&message_at(7), answer(200, "message_clean.json")).await;
    let broker = service.broker();
    // The alert holds its data, so nothing more is asked.
    let alert = broker.fetch_alert(&uuid(7)).await.unwrap();
    let data = broker.reduced_data(&uuid(7), Some(&alert)).await.unwrap();
    assert_eq!(service.asked().await.len(), 1);
    assert!(data.failures.is_empty() && data.notes.is_empty(), "{data:?}");
    let spectrum = data.points.iter().find_map(|point| match &point.value {
        Datum::Spectroscopy(spectrum) => Some((point, spectrum)),
        _ => None,
    });
    let (point, spectrum) = spectrum.unwrap();
    assert_eq!(point.timestamp.to_rfc3339(), "2026-11-12T03:00:00+00:00");
    assert_eq!(spectrum.wavelength, [4000.0, 5000.5, 6001.0]);
    assert_eq!(spectrum.flux, [1.5e-16, 2.5e-16, 2.0e-16]);
    assert_eq!(spectrum.error, [1e-17, 1e-17, 2e-17]);
    assert_eq!(spectrum.wavelength_unit.as_deref(), Some("Å"));
    assert_eq!(spectrum.flux_unit.as_deref(), Some("erg / s / cm² / Å"));
    assert_eq!(
        (&spectrum.extra.to_map()["setup"], &spectrum.extra.to_map()["classification"]),
        (&json!("red"), &json!("SN Ia"))
    );
    let place = data.points.iter().find_map(|point| match &point.value {
        Datum::Astrometry(place) => Some(place),
        _ => None,
    });
    let place = place.unwrap();
    assert_eq!((place.ra, place.dec), (212.62501, -7.50002));
    near(place.ra_error, 0.05);
    near(place.dec_error, 0.05);
}

#[tokio::test]
async fn a_target_has_the_points_of_all_its_messages_and_the_newest_value_counts() {
    let service = Service::start().await;
    service.get("/api/v0/targets/41/", answer(200, "target_a.json")).await;
    service.get("/api/v0/targets/", answer(200, "targets_one.json")).await;
    service.get(&message_at(7), answer(200, "message_clean.json")).await;
    service.get(&message_at(5), answer(200, "message_older.json")).await;
    let broker = service.broker();
    for id in ["41", "AT2026qxa"] {
        let data = broker.reduced_data(id, None).await.unwrap();
        assert_eq!(data.points.len(), 7, "{data:?}");
        assert_eq!(at(&data, "2026-11-10T05:06:07.250").0.magnitude, Some(18.4));
        assert_eq!(at(&data, "2026-11-09").1.source_location, uuid(5));
        assert_eq!(data.notes, ["1 point was published more than once; the newest message counts"]);
    }
    let asked = service.asked().await;
    assert_eq!(asked[1], "GET /api/v0/targets/?name_exact=AT2026qxa&ordering=-id&limit=1000&offset=0");
}

#[tokio::test]
async fn a_limit_of_a_newer_message_counts_more_than_a_detection_of_an_older_one() {
    let service = Service::start().await;
    service.get("/api/v0/targets/41/", answer(200, "target_a.json")).await;
    service.get("/api/v0/targets/", answer(200, "targets_one.json")).await;
    let mut newer = json_fixture("message_clean.json");
    let row = &mut newer["message"]["data"]["photometry"][0];
    row["brightness"] = Value::Null;
    row["brightness_error"] = Value::Null;
    let due = row["limiting_brightness"].as_f64();
    service.get(&message_at(7), ResponseTemplate::new(200).set_body_json(newer)).await;
    service.get(&message_at(5), answer(200, "message_older.json")).await;
    let data = service.broker().reduced_data("41", None).await.unwrap();
    assert_eq!(data.points.len(), 7, "{data:?}");
    let (point, datum) = at(&data, "2026-11-10T05:06:07.250");
    assert_eq!((point.magnitude, point.limit), (None, due));
    assert_eq!(datum.source_location, uuid(7));
    assert_eq!(data.notes, ["1 point was published more than once; the newest message counts"]);
}

#[tokio::test]
async fn more_targets_than_a_page_are_all_read() {
    let service = Service::start().await;
    service.when(query_param("offset", "0"), answer(200, "targets_page1.json")).await;
    service.when(query_param("offset", "2"), answer(200, "targets_last.json")).await;
    for (n, file) in [(5, "message_older.json"), (7, "message_clean.json"), (8, "message_b.json")] {
        service.get(&message_at(n), answer(200, file)).await;
    }
    service.get(&message_at(9), answer(404, "archive_404.json")).await;
    let data = service.broker().reduced_data("AT2026qxa", None).await.unwrap();
    assert_eq!(data.points.len(), 7);
    assert_eq!(
        data.failures[0].kind(),
        ErrorKind::NotFound,
        "one message that is gone does not lose the others"
    );
    let order: Vec<_> = service.asked().await.split_off(2);
    assert_eq!(order, [9, 8, 7, 5].map(|n| format!("GET {}", message_at(n))));
}

#[tokio::test]
async fn without_a_token_or_an_index_the_archive_is_searched_for_the_name() {
    let service = Service::start().await;
    service.get("/api/v0/query/", answer(200, "archive_page1.json")).await;
    service.get("/api/v0/targets/", answer(200, "targets_empty.json")).await;
    service.get(&message_at(7), answer(200, "message_clean.json")).await;
    service.get(&message_at(12), answer(200, "message_circular.json")).await;
    let data = service.without_token().reduced_data("AT2026qxa", None).await.unwrap();
    assert_eq!(data.points.len(), 6);
    let cut = "; the 2 newest messages were read, of at most 200";
    assert_eq!(
        data.notes,
        [format!("there is no token, so the messages were looked for in the archive by the name{cut}")]
    );
    assert_eq!(
        service.asked().await[0],
        "GET /api/v0/query/?start=2015-01-01T00%3A00%3A00Z&search_query=%22AT2026qxa%22&include_retracted=false&limit=200"
    );
    let data = service.broker().reduced_data("AT2026qxa", None).await.unwrap();
    assert!(data.notes[0].starts_with("Hermes' index has no such target"), "{:?}", data.notes);

    let error = service.without_token().reduced_data("a&b", None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    let service = Service::start().await;
    service.get("/api/v0/query/", answer(200, "archive_empty.json")).await;
    let error = service.without_token().reduced_data("AT2026zzz", None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.to_string(), "Hermes: no message that can be read names this target [name=AT2026zzz]");
}

#[tokio::test]
async fn what_is_no_hermes_message_has_no_data() {
    let service = Service::start().await;
    service.get(&message_at(13), answer(200, "message_blob.json")).await;
    let broker = service.broker();
    let alert = broker.alert(&uuid(13)).await.unwrap();
    assert_eq!(broker.generic(&alert).unwrap().name, "spec.dat");
    let data = broker.reduced_data(&uuid(13), None).await.unwrap();
    assert!(data.points.is_empty());
    assert_eq!(data.notes, ["the message is not in Hermes' format, so it has no data"]);
}

#[tokio::test]
async fn an_event_has_the_classes_of_its_last_announcement_unless_it_was_taken_back() {
    let service = Service::start().await;
    service.get("/api/v0/nonlocalizedevents/S261101qx/", answer(200, "event_ok.json")).await;
    service.get("/api/v0/nonlocalizedevents/S261102qy/", answer(200, "event_retracted.json")).await;
    let broker = service.broker();
    let classes = broker.classifications("S261101qx", None).await.unwrap();
    let told: Vec<_> = classes.iter().map(|c| (c.class.as_str(), c.probability, c.rank)).collect();
    assert_eq!(
        told,
        [
            ("BBH", Some(0.66), Some(1)),
            ("NSBH", Some(0.2), Some(2)),
            ("BNS", Some(0.12), Some(3)),
            ("Terrestrial", Some(0.02), Some(4))
        ]
    );
    assert_eq!(classes[0].classifier, "pycbc");
    assert!(broker.classifications("S261102qy", None).await.unwrap().is_empty());
    assert!(broker.classifications("41", None).await.unwrap().is_empty());
    assert_eq!(service.asked().await.len(), 2);
}

#[tokio::test]
async fn topics_profile_heartbeat_and_sequences() {
    let service = Service::start().await;
    service.get("/api/v0/topics/", answer(200, "topics_ok.json")).await;
    service.get("/api/v0/profile/", answer(200, "profile_ok.json")).await;
    service.get("/api/v0/heartbeat/", answer(200, "heartbeat_ok.json")).await;
    service.get("/api/v0/nonlocalizedeventsequence/", answer(200, "sequences_ok.json")).await;
    let broker = service.broker();
    let hermes = broker.protocol();
    assert_eq!(broker.run(Ok(hermes.topics())).await.unwrap().topics[1], "hermes.photometry");
    let profile = broker.run(hermes.profile()).await.unwrap();
    assert_eq!(profile.writable_topics, ["hermes.photometry", "hermes.test"]);
    assert_eq!((profile.tns_bot_id, profile.can_submit_to_gcn), (Some(-1), Some(false)));
    assert!(!format!("{profile:?}").contains("0000000000"), "the token of the answer is not kept");
    let rows = broker.run(hermes.sequences(Some("S261101qx"), Some("UPDATE"))).await.unwrap();
    assert_eq!(rows.0[0].as_ref().unwrap().sequence_number, Some(2));
    assert_eq!(
        service.asked().await[2],
        "GET /api/v0/nonlocalizedeventsequence/?event_id_exact=S261101qx&sequence_type=UPDATE&limit=1000"
    );
}

#[tokio::test]
async fn announcements_come_from_all_pages_the_newest_first() {
    let service = Service::start().await;
    let page = |ids: &[u32], next: Option<&str>| {
        let rows: Vec<_> = ids.iter().map(|id| json!({"id": id, "sequence_number": 1})).collect();
        ResponseTemplate::new(200).set_body_json(json!({"results": rows, "next": next}))
    };
    let path = || wiremock::matchers::path("/api/v0/nonlocalizedeventsequence/");
    let second = wiremock::Mock::given(path()).and(query_param("offset", "2"));
    second.respond_with(page(&[7], None)).mount(&service.server).await;
    let first = wiremock::Mock::given(path()).respond_with(page(&[3, 5], Some("https://elsewhere.example/")));
    first.mount(&service.server).await;
    let broker = service.broker();
    let rows = broker.run(broker.protocol().sequences(None, None)).await.unwrap();
    let ids: Vec<_> = rows.into_iter().map(|row| row.unwrap().id.unwrap()).collect();
    assert_eq!(ids, ["7", "5", "3"]);
    assert_eq!(
        service.asked().await,
        [
            "GET /api/v0/nonlocalizedeventsequence/?limit=1000",
            "GET /api/v0/nonlocalizedeventsequence/?limit=1000&offset=2"
        ]
    );
}

#[tokio::test]
async fn a_row_of_the_index_that_cannot_be_read_does_not_lose_the_messages_of_the_others() {
    let service = Service::start().await;
    service.get("/api/v0/targets/", answer(200, "targets_bad_item.json")).await;
    service.get(&message_at(7), answer(200, "message_clean.json")).await;
    service.get(&message_at(9), answer(200, "message_orbit.json")).await;
    let data = service.broker().reduced_data("AT2026qxa", None).await.unwrap();
    assert_eq!((data.points.len(), data.failures.len()), (6, 1));
    assert!(data.failures[0].to_string().contains("right_ascension"), "{}", data.failures[0]);
}

#[test]
fn a_depth_in_another_system_than_the_magnitude_is_not_its_depth() {
    let mut message = super::message::rich();
    let row = &mut message.data.photometry[0];
    row.limiting_brightness = Some(20.5);
    let data = message.reduced_data("Hermes", "here", None);
    let point = data.points.iter().find_map(|point| point.photometry()).unwrap();
    assert_eq!((point.unit.as_deref(), point.limiting_magnitude), (Some("Vega"), None));
    assert_eq!(
        (&point.extra.to_map()["limiting_brightness"], &point.extra.to_map()["limiting_brightness_unit"]),
        (&json!(20.5), &json!("AB mag"))
    );
}

#[tokio::test]
async fn a_target_in_thousands_of_messages_is_read_to_a_bound_and_that_is_told() {
    let service = Service::start().await;
    let links: Vec<_> = (1..=3_000_u32).map(|n| json!({"id": n, "uuid": uuid(n)})).collect();
    let rows = json!({"next": null, "results": [{"id": 1, "name": "M31", "messages": links}]});
    service.get("/api/v0/targets/", ResponseTemplate::new(200).set_body_json(rows)).await;
    service.otherwise(answer(200, "message_clean.json")).await;
    let broker = service.broker_of(HermesConfig { max_messages: Some(5), ..service.config() });
    let data = broker.reduced_data("M31", None).await.unwrap();
    let note = "3000 messages name the target; the 5 newest were read (max_messages is 5)";
    assert!(data.notes.contains(&note.to_owned()), "{:?}", data.notes);
    let asked = service.asked().await;
    assert_eq!(asked.len(), 6, "one list and the bound");
    assert!(
        asked.contains(&format!("GET {}", message_at(3_000)))
            && !asked.contains(&format!("GET {}", message_at(2_995)))
    );
}

#[tokio::test]
async fn an_index_without_end_is_read_to_a_bound() {
    let service = Service::start().await;
    let rows: Vec<_> = (0..1_000_u32)
        .map(|n| json!({"id": n, "name": "M31", "messages": [{"id": n, "uuid": uuid(n)}]}))
        .collect();
    let page = json!({"next": "https://elsewhere.example/", "results": rows});
    service.get("/api/v0/targets/", ResponseTemplate::new(200).set_body_json(page)).await;
    service.otherwise(answer(200, "message_clean.json")).await;
    let broker = service.broker_of(HermesConfig { max_messages: Some(1), ..service.config() });
    let data = broker.reduced_data("M31", None).await.unwrap();
    let note = "at least 1000 messages name the target; the 1 newest were read (max_messages is 1)";
    assert!(data.notes.contains(&note.to_owned()), "{:?}", data.notes);
    assert_eq!(service.asked().await.len(), 6, "five pages of the index and one message");
}

#[tokio::test]
async fn a_target_says_why_its_newest_message_is_not_there_and_an_archive_that_is_down_is_an_error() {
    let mut service = Service::start().await;
    service.http.max_retries = 0;
    service.get("/api/v0/targets/", answer(200, "targets_one.json")).await;
    service.first_of(&message_at(7), answer(500, "archive_500.json")).await;
    service.get(&message_at(7), ResponseTemplate::new(502)).await;
    let broker = service.broker();
    let alert = broker.alert("AT2026qxa").await.unwrap();
    let fault = alert.newest_fault.clone().unwrap();
    assert!(fault.starts_with(&uuid(7)) && fault.contains("the archive behind Hermes failed"), "{fault}");
    assert_eq!(broker.target(&alert).unwrap().position(), Some((212.625, -7.5)));
    let again = broker.read_alert(alert.raw()).unwrap();
    assert_eq!(again.generic(), &broker.generic(&alert).unwrap());
    let error = broker.alert("AT2026qxa").await.unwrap_err();
    assert_eq!((error.http_status(), error.context("uuid")), (Some(502), Some(uuid(7).as_str())), "{error}");
}

#[tokio::test]
async fn what_a_listing_gave_is_understood_by_its_id_alone_and_by_its_name_alone() {
    // Targets and events.
    let service = Service::start().await;
    service.get("/api/v0/targets/41/", answer(200, "target_a.json")).await;
    service.when(query_param("name_exact", "AT2026qxa"), answer(200, "targets_one.json")).await;
    service.get("/api/v0/targets/", answer(200, "targets_empty.json")).await;
    service.get("/api/v0/nonlocalizedevents/S261101qx/", answer(200, "event_ok.json")).await;
    service.get(&message_at(7), answer(200, "message_clean.json")).await;
    let broker = service.broker();
    for (id, due) in [("41", "41"), (" AT2026qxa ", "41"), ("S261101qx", "S261101qx"), (&uuid(7), &uuid(7))] {
        assert_eq!(broker.fetch_alert(id).await.unwrap().generic().id, due, "{id}");
    }
    // Messages of the archive, which no index has: by uuid, object, alias and title, without a token too.
    let service = Service::start().await;
    service.get("/api/v0/targets/", answer(200, "targets_empty.json")).await;
    service.get("/api/v0/query/", answer(200, "archive_page1.json")).await;
    service.get(&message_at(7), answer(200, "message_clean.json")).await;
    service.get(&message_at(12), answer(200, "message_circular.json")).await;
    for broker in [service.broker(), service.without_token()] {
        for (id, due) in [
            (uuid(12), uuid(12)),
            ("AT2026qxa".into(), uuid(7)),
            ("ZTF26aaqqxxa".into(), uuid(7)),
            ("GRB 261103A".into(), uuid(12)),
        ] {
            assert_eq!(broker.fetch_alert(&id).await.unwrap().generic().id, due, "{id}");
        }
    }
    let error = service.without_token().fetch_alert("AT2026zzz").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(
        error.to_string(),
        "Hermes: the archive has no public message about this name; targets and events need api_key [name=AT2026zzz]"
    );
    let error = service.without_token().fetch_alert("41").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[tokio::test]
async fn the_data_of_an_alias_are_those_of_its_target() {
    let service = Service::start().await;
    service.get("/api/v0/query/", answer(200, "archive_page1.json")).await;
    service.get(&message_at(7), answer(200, "message_clean.json")).await;
    service.get(&message_at(12), answer(200, "message_circular.json")).await;
    let data = service.without_token().reduced_data("ZTF26aaqqxxa", None).await.unwrap();
    assert_eq!(data.points.len(), 6);
    assert!(data.points.iter().all(|point| point.target == "AT2026qxa"));
}
