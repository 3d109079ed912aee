//! The archive: listings by bookmarks, single messages, what is made of them.

use super::*;

#[tokio::test]
async fn a_listing_goes_on_by_opaque_bookmarks() {
    let service = Service::start().await;
    let first = query_param_is_missing("page");
    service.when(first, bson_answer(200, "archive_page1.json")).await;
    let second = query_param("page", ">i:1930273400000~i:2");
    service.when(second, bson_answer(200, "archive_page2.json")).await;
    let query = ScimmaQuery {
        topic: vec!["hermes.test".into(), "gcn.circulars".into()],
        keyword: Some("\"SN 2031qq\" or -radio".into()),
        timestamp_after: "2031-03-01T00:00:00Z".parse().ok(),
        timestamp_before: "2031-04-01T00:00:00.5Z".parse().ok(),
        retracted: Some(false),
        page_size: Some(2),
        ..ScimmaQuery::default()
    };
    let listed = list(&service.broker(), &query).await;
    assert!(listed.faults.is_empty(), "{:?}", listed.faults);
    let ids: Vec<_> = listed.alerts.iter().map(|alert| alert.id.clone()).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5].map(uuid));
    let asked = service.asked().await;
    let common = "GET /archive/messages?topic=hermes.test&topic=gcn.circulars&search_query=%22SN+2031qq%22+or+-radio\
                  &start_time=1930089600000&end_time=1932768000500&include_retracted=false&meta=false&asc=false&limit=2";
    assert_eq!(asked, [common.to_owned(), format!("{common}&page=%3Ei%3A1930273400000%7Ei%3A2")]);
    assert_eq!(service.header(0, "authorization").await, None);
    assert_eq!(service.header(0, "accept").await.as_deref(), Some("application/bson, */*"));
}

#[tokio::test]
async fn messages_become_generic_alerts() {
    let service = Service::start().await;
    service.when(query_param_is_missing("page"), bson_answer(200, "archive_page1.json")).await;
    service.get("/archive/messages", bson_answer(200, "archive_page2.json")).await;
    let broker = service.broker();
    let listed = list(&broker, &ScimmaQuery::default()).await;
    let generic: Vec<_> = listed.alerts.iter().map(|alert| broker.generic(alert).unwrap()).collect();
    let first = serde_json::to_value(&generic[0]).unwrap();
    let url = service.at(&format!("archive/msg/{}", uuid(1)));
    let due = json!({"timestamp": "2031-03-03T03:05:06.123Z", "id": uuid(1), "name": "SN 2031qq", "ra": 201.25,
                     "dec": -12.5, "mag": 17.25, "score": null, "url": url});
    assert_eq!(first, due);
    let names: Vec<_> = generic.iter().map(|alert| alert.name.clone()).collect();
    let notice = format!("gcn.classic.text.TEST/{}", uuid(4));
    assert_eq!(names, ["SN 2031qq", "GRB 310301A: limits", "AT2031ab", &notice, "report.avro"]);
    assert_eq!((generic[1].ra, generic[2].ra, generic[2].dec), (None, Some(10.5), Some(-5.25)));

    let target = broker.target(&listed.alerts[0]).unwrap();
    assert_eq!((target.name.as_str(), target.position()), ("SN 2031qq", Some((201.25, -12.5))));
    assert_eq!(target.aliases, ["ZTF31abcdefg"]);
    assert_eq!(target.extras["topic"], "hermes.test");
    let error = broker.target(&listed.alerts[1]).unwrap_err().to_string();
    assert_eq!(
        error,
        "SCIMMA: the alert has no position, so it cannot become a target [name=GRB 310301A: limits]"
    );
}

#[tokio::test]
async fn what_a_message_says_is_kept_by_its_format() {
    let service = Service::start().await;
    service.when(query_param_is_missing("page"), bson_answer(200, "archive_page1.json")).await;
    service.get("/archive/messages", bson_answer(200, "archive_page2.json")).await;
    let listed = list(&service.broker(), &ScimmaQuery::default()).await;
    let of = |n: usize| listed.alerts[n].archive.clone().unwrap();
    let circular = of(1);
    assert_eq!(circular.format, Some(HopFormat::Circular));
    assert_eq!(circular.sender.as_deref(), Some("carol-0a1b2c3d"));
    assert_eq!(circular.con_message_crc32, Some(12345));
    let due =
        [("title".to_owned(), "GRB 310301A: limits".to_owned()), ("checksum".to_owned(), "AP8=".to_owned())];
    assert_eq!(circular.headers, due);
    assert!(circular.json.unwrap().get().contains("We found nothing."));
    assert_eq!(of(3).text.as_deref(), Some("TITLE: A NOTICE\nTRIGGER_NUM: 7\n"));
    let avro = of(4);
    assert_eq!((avro.format, avro.test), (Some(HopFormat::Avro), true));
    assert_eq!(avro.base64.as_deref(), Some("T2JqAf8="));
    assert_eq!((avro.json.is_none(), avro.text), (true, None));
}

/// A message of Hermes in which one letter of a name is not UTF-8, with these headers.
fn with_a_bad_letter(headers: Value) -> Vec<u8> {
    let text =
        json_fixture("archive_msg1.json")["message"]["$json"].to_string().replace("A. Watcher", "A. W~tcher");
    let bytes: Vec<u8> = text.bytes().map(|byte| if byte == b'~' { 0xe4 } else { byte }).collect();
    let mut answer = json_fixture("archive_msg1.json");
    answer["message"] = json!({"$bytes": bytes});
    answer["metadata"]["headers"] = headers;
    bson::bytes(answer.as_object().unwrap())
}

#[tokio::test]
async fn a_letter_that_is_no_utf8_costs_no_message_whether_its_format_is_said_or_not() {
    for headers in [json!([["_format", {"$text": "json"}]]), json!([])] {
        let service = Service::start().await;
        let body = ResponseTemplate::new(200).set_body_bytes(with_a_bad_letter(headers.clone()));
        service.get(&format!("/archive/msg/{}", uuid(1)), body).await;
        let broker = service.broker();
        let alert = broker.alert(&uuid(1)).await.unwrap();
        assert_eq!(broker.generic(&alert).unwrap().name, "SN 2031qq", "{headers}");
        assert_eq!(alert.archive.as_ref().unwrap().format, Some(HopFormat::Json), "{headers}");
        let data = broker.reduced_data(&uuid(1), None).await.unwrap();
        assert_eq!((data.points.len(), data.failures.len()), (5, 0), "{headers}: {data:?}");
    }
}

#[tokio::test]
async fn a_text_of_one_message_that_is_no_utf8_costs_no_other() {
    let page = json_fixture("archive_page1.json");
    let whole = bson::bytes(page.as_object().unwrap());
    let topic = page["messages"][0]["metadata"]["topic"].as_str().unwrap().to_owned();
    let at = whole.windows(topic.len()).rposition(|part| part == topic.as_bytes()).unwrap();
    let mut spoiled = whole.clone();
    spoiled[at] = 0xff;
    let count = page["messages"].as_array().unwrap().len();
    let service = Service::start().await;
    service.when(query_param_is_missing("page"), ResponseTemplate::new(200).set_body_bytes(spoiled)).await;
    service.get("/archive/messages", bson_answer(200, "archive_empty.json")).await;
    let listed = list(&service.broker(), &ScimmaQuery::default()).await;
    assert_eq!(listed.alerts.len() + listed.faults.len(), count, "{:?}", listed.faults);
    assert!(listed.faults.len() <= 1, "{:?}", listed.faults);
}

#[tokio::test]
async fn metadata_alone_has_no_message() {
    let service = Service::start().await;
    service.get("/archive/messages", bson_answer(200, "archive_meta.json")).await;
    let broker = service.broker();
    let query = ScimmaQuery { metadata_only: true, order: Order::Oldest, ..ScimmaQuery::default() };
    let listed = list(&broker, &query).await;
    assert_eq!(service.asked().await, ["GET /archive/messages?meta=true&asc=true&limit=1024"]);
    let first = listed.alerts[0].archive.clone().unwrap();
    assert_eq!((first.size, first.crc32, first.con_message_crc32), (Some(604), Some(7), None));
    assert!(first.json.is_none() && first.text.is_none() && first.base64.is_none());
    assert_eq!(broker.generic(&listed.alerts[0]).unwrap().name, "Two nights of SN 2031qq");
    let second = listed.alerts[1].archive.clone().unwrap();
    assert_eq!((second.crc32, second.retracted), (Some(3_000_000_006), Some(true)));
    assert_eq!(listed.alerts[1].id, uuid(6));
}

#[tokio::test]
async fn an_empty_answer_ends_the_listing_though_it_has_a_bookmark() {
    let service = Service::start().await;
    service.get("/archive/messages", bson_answer(200, "archive_empty.json")).await;
    let listed = list(&service.broker(), &ScimmaQuery::default()).await;
    assert!(listed.alerts.is_empty() && listed.faults.is_empty());
    assert_eq!(listed.notes, ["no message answers the query"]);
    assert_eq!(service.asked().await.len(), 1);
}

#[tokio::test]
async fn a_message_by_its_id_and_the_rest_of_the_archive() {
    let service = Service::start().await;
    let id = uuid(1);
    service.get(&format!("/archive/msg/{id}"), bson_answer(200, "archive_msg1.json")).await;
    service.get("/archive/topics", bson_answer(200, "archive_topics.json")).await;
    service.get("/archive/messages/count", bson_answer(200, "archive_count.json")).await;
    let health = json!({"DatabaseOK": true, "ObjectStoreOK": true, "HopAuthOK": false});
    service.get("/archive/health_check", ResponseTemplate::new(200).set_body_json(health)).await;
    let file = format!("/archive/msg/{id}/raw_file/a%20b.fits");
    service.get(&file, ResponseTemplate::new(200).set_body_bytes(vec![0, 1, 254])).await;
    let broker = service.broker();
    let scimma = broker.protocol();
    assert_eq!(broker.alert(&id).await.unwrap().id, id);
    let topics = broker.run(Ok(scimma.topics())).await.unwrap();
    assert_eq!(topics, ["gcn.circulars", "hermes.test", "sys.heartbeat"]);
    let query = ScimmaQuery { topic: vec!["hermes.test".into()], ..ScimmaQuery::default() };
    assert_eq!(broker.run(scimma.count(&query)).await.unwrap(), 3_000_000_000);
    let health = broker.run(Ok(scimma.health())).await.unwrap();
    assert!(health.database && health.object_store && !health.hop_auth);
    assert_eq!(broker.run(Ok(scimma.raw_file(&id, "a b.fits"))).await.unwrap(), [0, 1, 254]);
    assert!(service.asked().await.contains(&"GET /archive/messages/count?topic=hermes.test".to_owned()));
}

#[tokio::test]
async fn a_message_is_given_to_the_archive() {
    let service = Service::start().await;
    service.post("/archive/topic/hermes.test", bson_answer(201, "archive_uploaded.json")).await;
    let broker = service.broker();
    let message = HopMessage::new(HopFormat::Blob, [0, 1, 2]).id(Some(uuid(9))).header("title", "x");
    let receipt = broker.run(broker.protocol().upload("hermes.test", &message)).await.unwrap();
    assert_eq!(receipt.id, Some(uuid(9)));
    let requests = service.server.received_requests().await.unwrap();
    let id = u128::from_str_radix(&uuid(9).replace('-', ""), 16).unwrap().to_be_bytes();
    let due = json!({"message": {"$bytes": [0, 1, 2]}, "headers": [
        ["title", {"$text": "x"}], ["_id", {"$bytes": id}], ["_format", {"$text": "blob"}]
    ]});
    assert_eq!(requests[0].body, bson::bytes(due.as_object().unwrap()));
    assert_eq!(service.header(0, "content-type").await.as_deref(), Some("application/bson"));
}

#[tokio::test]
async fn photometry_of_a_message_in_hermess_format() {
    let service = Service::start().await;
    let id = uuid(7);
    service.get(&format!("/archive/msg/{id}"), bson_answer(200, "archive_msg_hermes_faulty.json")).await;
    let data = service.broker().reduced_data(&id, None).await.unwrap();
    let points: Vec<_> =
        data.points.iter().map(|p| (p.timestamp.to_rfc3339(), serde_json::to_value(p).unwrap())).collect();
    let value = |n: usize| points[n].1["value"].clone();
    assert_eq!(points.len(), 5);
    assert!(points.iter().all(|(_, p)| p["target"] == "SN 2031qq" && p["source_location"] == id.as_str()));
    assert_eq!(points[0].0, "2031-03-02T04:05:06+00:00");
    let detection = json!({"filter": "r", "magnitude": 17.25, "error": 0.04, "limiting_magnitude": 20.0, "unit": "AB",
                           "telescope": "1m", "instrument": "cam", "extra": {"exposure_time": 60.0}});
    assert_eq!(value(0), detection);
    assert_eq!(points[1].0, "2031-03-03T00:00:00+00:00");
    let limit = json!({"filter": "r", "limit": 19.5, "unit": "AB", "telescope": "1m", "instrument": "cam"});
    assert_eq!(value(1), limit);
    assert_eq!(points[2].1["data_type"], "spectroscopy");
    assert_eq!(value(2)["wavelength"], json!([4000.0, 5000.0]));
    assert_eq!(points[3].0, "2031-03-04T06:00:00+00:00");
    let radio = value(3);
    assert_eq!((radio["flux"].as_f64(), radio["flux_unit"].as_str()), (Some(1.5), Some("mJy")));
    // 16.4 − 2.5 log10(1.5)
    assert!((radio["magnitude"].as_f64().unwrap() - 15.959_771).abs() < 1e-6, "{radio}");
    let flux = json!({"filter": "B", "flux": 3e-16, "flux_error": 1e-17, "flux_unit": "erg / s / cm² / Å", "telescope": "1m"});
    assert_eq!(value(4), flux);
    let told: Vec<_> = data.failures.iter().map(ToString::to_string).collect();
    let place = format!("row=data.photometry[6], message={id}");
    assert_eq!(told, [format!("SCIMMA: the date of the row is no date [date_obs=soon, {place}]")]);
    // A brightness of exactly 0 is none, as it is for Hermes.
    let notes = [
        format!("2 rows of {id} without a value left out"),
        "1 row of another target of the message left out".into(),
    ];
    assert_eq!(data.notes, notes);
}

#[tokio::test]
async fn words_and_dates_of_messages_are_read_as_hermes_reads_them() {
    let row = |date: Value, unit: &str| json!({"target_name": "a", "date_obs": date, "telescope": "1m", "bandpass": "r", "brightness": 18.5, "brightness_unit": unit});
    let limit = json!({"target_name": "a", "date_obs": 60000.5, "bandpass": "r", "limiting_brightness": 20.5,
        "limiting_brightness_error": 0.2});
    let rows = json!([
        row(json!(60001.5), "mag(Vega)"),
        row(json!("2460003.0"), "ABmag"),
        row(json!(0), "AB mag"),
        row(json!(200_000), "AB mag"),
        limit
    ]);
    let targets = json!([{"name": "a", "ra": 1, "dec": 2, "aliases": ["b", 7, null, " "]}]);
    let message = json!({"message": {"$json": {"data": {"targets": targets, "photometry": rows}}},
        "metadata": {"topic": "a.b", "timestamp": 1, "headers": []}, "annotations": {"con_text_uuid": uuid(3)}});
    let answer = ResponseTemplate::new(200).set_body_bytes(bson::bytes(message.as_object().unwrap()));
    let service = Service::start().await;
    service.get(&format!("/archive/msg/{}", uuid(3)), answer).await;
    let broker = service.broker();
    let alert = broker.alert(&uuid(3)).await.unwrap();
    let target = broker.target(&alert).unwrap();
    assert_eq!((target.name.as_str(), &target.aliases[..]), ("a", &["b".to_owned(), "7".to_owned()][..]));
    let data = broker.reduced_data(&uuid(3), None).await.unwrap();
    let found: Vec<_> = data.points.iter().map(|point| point.photometry().unwrap()).collect();
    let units: Vec<_> = found.iter().map(|point| point.unit.as_deref()).collect();
    assert_eq!(units, [Some("AB"), Some("Vega"), Some("AB")]);
    assert_eq!((found[0].limit, &found[0].extra.to_map()["limit_error"]), (Some(20.5), &json!(0.2)));
    assert_eq!(data.failures.len(), 2, "0 and 200000 are no dates");
}

#[tokio::test]
async fn a_zero_beside_a_value_is_none_and_a_depth_keeps_its_unit() {
    let service = Service::start().await;
    let id = uuid(7);
    service.get(&format!("/archive/msg/{id}"), bson_answer(200, "archive_msg_hermes_zero.json")).await;
    let data = service.broker().reduced_data(&id, None).await.unwrap();
    assert!(data.failures.is_empty(), "{:?}", data.failures);
    let mut values: Vec<_> =
        data.points.iter().map(|point| serde_json::to_value(point).unwrap()["value"].clone()).collect();
    let radio = values.pop().unwrap();
    assert_eq!((radio["flux"].as_f64(), radio["unit"].as_str()), (Some(1.0), Some("AB")));
    // 16.4 − 2.5 log10(0.01)
    assert!((radio["limiting_magnitude"].as_f64().unwrap() - 21.4).abs() < 1e-9, "{radio}");
    let due = json!([
        {"filter": "r", "limit": 20.5, "unit": "AB", "telescope": "1m"},
        {"filter": "r", "magnitude": 18.5, "unit": "AB", "telescope": "1m"},
        {"filter": "r", "limit": 20.25, "unit": "AB", "telescope": "1m"},
        {"filter": "r", "magnitude": 18.75, "unit": "AB", "telescope": "1m",
         "extra": {"limiting_brightness": 21.0, "limiting_brightness_unit": "Vega mag"}},
        {"filter": "r", "flux": 3e-16, "flux_unit": "erg / s / cm² / Å", "telescope": "1m",
         "extra": {"limiting_brightness": 21.5, "limiting_brightness_unit": "AB mag"}}
    ]);
    assert_eq!(Value::from(values), due);
}

#[tokio::test]
async fn rows_of_one_key_stay_two_points() {
    let service = Service::start().await;
    let row = |instrument: &str, brightness: f64| {
        json!({"target_name": "a", "date_obs": "2031-03-02T04:05:06Z", "telescope": "1m", "bandpass": "r",
            "instrument": instrument, "brightness": brightness, "brightness_unit": "AB mag"})
    };
    let message = json!({"message": {"$json": {"data": {
        "targets": [{"name": "a", "ra": 1, "dec": 2}], "photometry": [row("cam 1", 18.5), row("cam 2", 18.75)]
    }}}, "metadata": {"topic": "a.b", "timestamp": 1, "headers": []}, "annotations": {"con_text_uuid": uuid(3)}});
    let answer = ResponseTemplate::new(200).set_body_bytes(bson::bytes(message.as_object().unwrap()));
    service.get(&format!("/archive/msg/{}", uuid(3)), answer).await;
    let data = service.broker().reduced_data(&uuid(3), None).await.unwrap();
    let keys: Vec<_> = data.points.iter().map(|point| point.key()).collect();
    let second = format!("photometry|1m||r|#{}#2", uuid(3));
    assert_eq!(keys, ["photometry|1m||r|2031-03-02T04:05:06.000000Z", second.as_str()]);
}

#[tokio::test]
async fn a_listed_message_is_not_asked_for_again() {
    let service = Service::start().await;
    service.get("/archive/messages", bson_answer(200, "archive_page2.json")).await;
    let broker = service.broker();
    let alerts = broker.fetch_alerts(&serde_json::Map::new()).unwrap().collect_all().await.0;
    let data = broker.reduced_data(&uuid(4), Some(&alerts[1])).await.unwrap();
    assert_eq!(data.notes, ["the message is no JSON object, so it has no reduced data that can be read"]);
    assert_eq!(service.asked().await.len(), 1);
}

#[tokio::test]
async fn fields_may_be_missing_and_keys_may_mean_other_things() {
    let service = Service::start().await;
    service
        .get(&format!("/archive/msg/{}", uuid(1)), bson_answer(200, "archive_msg_missing_fields.json"))
        .await;
    service.get(&format!("/archive/msg/{}", uuid(8)), bson_answer(200, "archive_msg_nan.json")).await;
    let broker = service.broker();
    let alert = broker.alert(&uuid(1)).await.unwrap();
    let generic = broker.generic(&alert).unwrap();
    assert_eq!((generic.timestamp, generic.ra, generic.dec), (None, None, None));
    assert_eq!(generic.name, format!("SCIMMA/{}", uuid(1)));
    let alert = broker.alert(&uuid(8)).await.unwrap();
    let generic = broker.generic(&alert).unwrap();
    assert_eq!((generic.ra, generic.dec), (None, None));
    assert!(serde_json::from_str::<Value>(alert.raw()).is_ok());
}

#[tokio::test]
async fn an_empty_id_is_none() {
    let message = |id: &str| json!({"message": {"$text": "x"}, "metadata": {"topic": "a.b"}, "annotations": {"con_text_uuid": id}});
    let page = json!({"messages": [message(""), message(" "), message(&uuid(1))]});
    let service = Service::start().await;
    let answer = ResponseTemplate::new(200).set_body_bytes(bson::bytes(page.as_object().unwrap()));
    service.get("/archive/messages", answer).await;
    let listed = list(&service.broker(), &ScimmaQuery::default()).await;
    assert_eq!((listed.alerts.len(), listed.alerts[0].id.clone()), (1, uuid(1)));
    let faults: Vec<_> = listed.faults.iter().map(ToString::to_string).collect();
    assert_eq!(faults, ["SCIMMA: the message has no id [item=1]", "SCIMMA: the message has no id [item=2]"]);
}

#[tokio::test]
async fn a_message_is_found_by_the_name_of_its_object_and_by_its_title() {
    let service = Service::start().await;
    let searched = |words: &str| query_param("search_query", format!("\"{words}\""));
    for name in ["SN 2031qq", "ZTF31abcdefg", "GRB 310301A: limits"] {
        service.when(searched(name), bson_answer(200, "archive_page1.json")).await;
    }
    service.get("/archive/messages", bson_answer(200, "archive_empty.json")).await;
    for n in [1, 4] {
        service.get(&format!("/archive/msg/{}", uuid(n)), bson_answer(200, "archive_msg1.json")).await;
    }
    let broker = service.broker();
    let named = format!("gcn.classic.text.TEST/{}", uuid(4));
    for (id, due) in [
        (uuid(1), uuid(1)),
        (uuid(1).replace('-', ""), uuid(1)),
        (" SN 2031qq ".into(), uuid(1)),
        ("ZTF31abcdefg".into(), uuid(1)),
        ("GRB 310301A: limits".into(), uuid(2)),
        // The name of an alert that names nothing is its topic and id.
        (named, uuid(1)),
    ] {
        assert_eq!(broker.fetch_alert(&id).await.unwrap().generic().id, due, "{id}");
    }
    assert_eq!(service.asked().await.last().unwrap(), &format!("GET /archive/msg/{}", uuid(4)));
    let error = broker.alert("SN 2031zz").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let due = "SCIMMA: there is no message about this name that may be read [name=SN 2031zz]";
    assert_eq!(error.to_string(), due);
}

#[tokio::test]
async fn a_part_of_a_millisecond_is_rounded_to_what_holds_the_same_messages() {
    let service = Service::start().await;
    service.get("/archive/messages", bson_answer(200, "archive_empty.json")).await;
    let query = ScimmaQuery {
        timestamp_after: "2031-03-01T00:00:00.0004Z".parse().ok(),
        timestamp_before: "2031-03-01T00:00:00.0009Z".parse().ok(),
        ..ScimmaQuery::default()
    };
    list(&service.broker(), &query).await;
    // A message of .001 is after the first, and not before the second.
    assert!(service.asked().await[0].contains("start_time=1930089600001&end_time=1930089600001"));
}

#[tokio::test]
async fn a_message_that_was_taken_back_has_no_data() {
    let service = Service::start().await;
    service.get("/archive/messages", bson_answer(200, "archive_meta.json")).await;
    let broker = service.broker();
    let parameters = json!({"metadata_only": true});
    let alerts = broker.fetch_alerts(parameters.as_object().unwrap()).unwrap().collect_all().await.0;
    let data = broker.reduced_data(&uuid(6), Some(&alerts[1])).await.unwrap();
    assert_eq!(data.notes, ["the message was taken back by its sender, so its data are left out"]);
    assert_eq!(service.asked().await.len(), 1);
}

#[tokio::test]
async fn two_messages_of_one_object_give_the_points_of_both() {
    use tom_alerts::{IngestOptions, MemoryStore, TargetStore};
    let mut page = json_fixture("archive_page1.json");
    let mut second = page["messages"][0].clone();
    second["annotations"]["con_text_uuid"] = json!(uuid(9));
    second["message"]["$json"]["data"]["photometry"][0]["date_obs"] = json!("2031-02-27T04:05:06+00:00");
    page["messages"] = json!([page["messages"][0], second]);
    page["next"] = json!(null);
    let service = Service::start().await;
    let body = bson::bytes(page.as_object().unwrap());
    service.get("/archive/messages", ResponseTemplate::new(200).set_body_bytes(body)).await;
    let (broker, store) = (service.broker(), MemoryStore::new());
    let (none, options) = (tom_alerts::Parameters::new(), || IngestOptions::new().photometry(true));
    let mut first = broker.fetch_and_save_all(&none, &store, options().limit(1)).await.unwrap().report;
    let one = store.reduced_data("SN 2031qq").await.unwrap().len();
    assert!(one > 0 && first.failures() == 0, "{first:?}");
    // Also by a run that goes on where the first message was read.
    let token = first.resume.take().unwrap().parse().unwrap();
    let rest = broker.fetch_and_save_all(&none, &store, options().resume(token)).await.unwrap().report;
    assert_eq!((rest.seen, rest.data.created), (1, 1), "{rest:?}");
    assert_eq!(store.reduced_data("SN 2031qq").await.unwrap().len(), one + 1);
    let again = broker.fetch_and_save_all(&none, &store, options()).await.unwrap().report;
    assert_eq!((again.seen, again.data.created, again.data.updated), (2, 0, 0), "{again:?}");
    assert_eq!(store.reduced_data("SN 2031qq").await.unwrap().len(), one + 1);
}
