//! Staging files and the web search.

use std::io::{Cursor, Write};

use super::*;
use tom_alerts::testing::spoil_cells;

pub(super) fn zipped(text: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("tns_public_objects.csv", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(text).unwrap();
    zip.finish().unwrap().into_inner()
}

async fn staging(service: &Service, file: &str) {
    staged(service, file, &fixture("public_objects.csv")).await;
}

async fn staged(service: &Service, file: &str, table: &[u8]) {
    let body = ResponseTemplate::new(200).set_body_raw(zipped(table), "application/zip");
    service.post(&format!("/system/files/tns_public_objects/{file}"), body).await;
}

/// A table whose period begins so many hours ago, and the hour of the day of that.
fn of_hours_ago(hours: i64) -> (String, String) {
    let start = chrono::Utc::now() - chrono::Duration::hours(hours);
    let text = text_fixture("public_objects.csv");
    let (_, rows) = text.split_once('\n').unwrap();
    (start.format("%H").to_string(), format!("\"{}\"\n{rows}", start.format("%Y-%m-%d %H:00:00")))
}

#[tokio::test]
async fn a_staging_file_is_one_call_and_its_bad_rows_are_errors_in_their_places() {
    for (asked, file) in
        [("all", "tns_public_objects.csv.zip"), ("2026-03-21", "tns_public_objects_20260321.csv.zip")]
    {
        let service = Service::start().await;
        staging(&service, file).await;
        let broker = service.broker();
        let listed = list(&broker, &read(json!({"staging": asked})).unwrap()).await;
        assert_eq!(names(&listed), ["2026qqa", "2026qqb"]);
        assert_eq!(listed.notes, ["the period of the file begins 2026-03-21 00:00:00"]);
        let told: Vec<_> = listed.faults.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "TNS: row 3 cannot be read: ra: \"x\" is no number [item=3]",
                "TNS: row 4 has 4 cells where the heading has 23 [item=4]"
            ]
        );
        assert_eq!(service.asked().await.len(), 1);
        assert_eq!(service.body(0).await, format!("api_key={KEY}"));
        let alert = &listed.alerts[0];
        let generic = broker.generic(alert).unwrap();
        assert_eq!(
            (generic.ra, generic.dec, generic.mag, generic.score),
            (Some(157.5), Some(-20.25), Some(19.25), Some(1.0))
        );
        assert_eq!(generic.timestamp.unwrap().to_rfc3339(), "2026-03-04T06:30:00.500+00:00");
        assert_eq!(alert.reporter.as_deref(), Some("N. \"No\" Obody, and others"));
        let filter = alert.discmagfilter.as_ref().unwrap();
        assert_eq!(
            (filter.id, filter.name.as_deref(), filter.family.as_deref()),
            (Some(110), Some("g"), Some("ZTF"))
        );
        let target = broker.target(alert).unwrap();
        assert_eq!((target.name.as_str(), target.extras["classification"].as_str()), ("SN2026qqa", "SN Ia"));
        // What is kept as text gives the same again.
        let again = Alert::<TnsPacket>::from_raw(alert.raw()).unwrap();
        assert_eq!(broker.generic(&again).unwrap(), generic);
    }
}

#[tokio::test]
async fn the_file_of_an_hour_of_yesterday_is_not_that_of_today() {
    for (hours, due) in [(5, 2), (23, 2), (26, 0), (49, 0)] {
        let (hour, table) = of_hours_ago(hours);
        let service = Service::start().await;
        staged(&service, &format!("tns_public_objects_{hour}.csv.zip"), table.as_bytes()).await;
        let listed = list(&service.broker(), &read(json!({"staging": hour})).unwrap()).await;
        assert_eq!(listed.alerts.len(), due, "{hours} h: {:?}", listed.faults);
        if due == 0 {
            let told = listed.faults[0].to_string();
            assert!(told.contains("more than a day ago; come back later"), "{told}");
            assert_eq!(listed.faults[0].kind(), ErrorKind::NotFound);
        }
    }
    // A day is the one that was asked for, and a file without a period says so.
    let service = Service::start().await;
    staging(&service, "tns_public_objects_20260322.csv.zip").await;
    let listed = list(&service.broker(), &read(json!({"staging": "2026-03-22"})).unwrap()).await;
    assert_eq!(
        listed.faults[0].to_string(),
        "TNS: the file of 2026-03-22 says that its period begins 2026-03-21 00:00:00 [page=1]"
    );
    let (hour, table) = of_hours_ago(5);
    let service = Service::start().await;
    let bare = table.split_once('\n').unwrap().1;
    staged(&service, &format!("tns_public_objects_{hour}.csv.zip"), bare.as_bytes()).await;
    let listed = list(&service.broker(), &read(json!({"staging": hour})).unwrap()).await;
    assert_eq!(
        (listed.alerts.len(), listed.notes),
        (2, vec!["the file does not say which period it is of".to_owned()])
    );
}

/// The rows of the recorded table whose cells are whole.
fn whole_rows() -> Vec<Vec<String>> {
    let table = fixture("public_objects.csv");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&table[..]);
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>());
    rows.skip(1).take(3).collect()
}

#[tokio::test]
async fn bytes_that_are_no_utf8_cost_no_row() {
    let service = Service::start().await;
    let table = String::from_utf8(fixture("public_objects.csv")).unwrap().replace("A. Body", "J. M~ller");
    let table: Vec<u8> = table.bytes().map(|byte| if byte == b'~' { 0xfc } else { byte }).collect();
    staged(&service, "tns_public_objects.csv.zip", &table).await;
    let listed = list(&service.broker(), &read(json!({"staging": "all"})).unwrap()).await;
    assert_eq!((names(&listed), listed.faults.len()), (vec!["2026qqa", "2026qqb"], 2));
    assert_eq!(listed.alerts[1].reporter.as_deref(), Some("J. M\u{fffd}ller"));
    let due = "2 rows of the table held bytes that are not UTF-8; each is replaced by U+FFFD";
    assert_eq!(listed.notes[1..], [due]);
    // A name of which a letter is missing is none.
    let table = text_fixture("public_objects.csv").replace("\"2026qqb\"", "\"2026q~b\"");
    let table: Vec<u8> = table.bytes().map(|byte| if byte == b'~' { 0xfc } else { byte }).collect();
    let told = read_table(table).unwrap()[1].as_ref().unwrap_err().to_string();
    assert_eq!(told, "row 2 cannot be read: its name is not UTF-8 text");
}

#[test]
fn nothing_but_name_and_position_costs_a_row_of_a_table() {
    let rows = whole_rows();
    for (place, table) in spoil_cells(&rows, &["name", "ra", "declination"]) {
        let read: Vec<_> = read_table(&table).unwrap();
        let names: Vec<_> =
            read.iter().map(|row| row.as_ref().map(|row| row.objname.as_str()).unwrap()).collect();
        assert_eq!(names, ["2026qqa", "2026qqb"], "{place}");
        assert!(read.iter().flatten().all(|row| row.position().is_some()), "{place}");
    }
}

#[tokio::test]
async fn cells_that_hold_no_number_are_left_out_and_told() {
    let service = Service::start().await;
    let table =
        text_fixture("public_objects.csv").replace("\"0.042\"", "\"high\"").replace("\"18.5\"", "\"nan\"");
    staged(&service, "tns_public_objects.csv.zip", table.as_bytes()).await;
    let listed = list(&service.broker(), &read(json!({"staging": "all"})).unwrap()).await;
    assert_eq!(names(&listed), ["2026qqa", "2026qqb"]);
    assert_eq!((listed.alerts[0].redshift, listed.alerts[1].discoverymag), (None, None));
    assert_eq!(listed.notes[1..], ["redshift of 1 row of the table cannot be read and is left out"]);
}

#[tokio::test]
async fn a_row_without_a_name_is_one_error_that_says_so() {
    let service = Service::start().await;
    let table = text_fixture("public_objects.csv");
    let mut lines: Vec<&str> = table.lines().take(4).collect();
    let empty = format!("\"odd\"{}", ",\"\"".repeat(22));
    lines.insert(3, &empty);
    staged(&service, "tns_public_objects.csv.zip", lines.join("\n").as_bytes()).await;
    let listed = list(&service.broker(), &read(json!({"staging": "all"})).unwrap()).await;
    assert_eq!(names(&listed), ["2026qqa", "2026qqb"]);
    let told: Vec<_> = listed.faults.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["TNS: row 2 cannot be read: it has no name [item=2]"]);
}

#[tokio::test]
async fn the_period_of_a_file_is_found_behind_other_words() {
    let service = Service::start().await;
    let table = text_fixture("public_objects.csv");
    let (_, rows) = table.split_once('\n').unwrap();
    let table = format!("\"TNS Public Objects\",\"2026-03-21 00:00:00\"\n{rows}");
    staged(&service, "tns_public_objects_20260321.csv.zip", table.as_bytes()).await;
    let listed = list(&service.broker(), &read(json!({"staging": "2026-03-21"})).unwrap()).await;
    assert_eq!(names(&listed), ["2026qqa", "2026qqb"]);
    assert_eq!(listed.notes, ["the period of the file begins 2026-03-21 00:00:00"]);
}

#[tokio::test]
async fn the_rows_of_a_staging_file_answer_the_query() {
    let service = Service::start().await;
    staging(&service, "tns_public_objects.csv.zip").await;
    let broker = service.broker();
    for (pairs, due) in [
        (json!({"target_name": "SN2026qqa"}), vec!["2026qqa"]),
        (json!({"target_name": "2026QQ", "partial_name": true}), vec!["2026qqa", "2026qqb"]),
        (json!({"target_name": "AT 2026", "partial_name": true}), vec!["2026qqa", "2026qqb"]),
        (json!({"internal_name": "atlas26qqb"}), vec!["2026qqb"]),
        (json!({"ra": 157.5, "dec": -20.2501, "radius": 1}), vec!["2026qqa"]),
        (json!({"ra": 157.5, "dec": -20.2501, "radius": 0.1}), vec![]),
        (json!({"classified": "no"}), vec!["2026qqb"]),
        (json!({"min_date": "2026-03-05"}), vec!["2026qqb"]),
        (json!({"modified_since": "2026-03-15"}), vec!["2026qqb"]),
        (json!({"discovery_mag_max": 19}), vec!["2026qqb"]),
        (json!({"redshift_min": 0.01}), vec!["2026qqa"]),
        (json!({"objtype": "SN Ia"}), vec!["2026qqa"]),
        (json!({"reporting_group": "ATLAS"}), vec!["2026qqb"]),
        (json!({"objid": 700002}), vec!["2026qqb"]),
        (json!({"max_objects": 1}), vec!["2026qqa"]),
    ] {
        let mut asked = pairs.clone();
        asked["staging"] = "all".into();
        assert_eq!(names(&list(&broker, &read(asked).unwrap()).await), due, "{pairs}");
    }
}

#[tokio::test]
async fn a_broken_archive_or_an_hour_not_yet_written_is_told() {
    let whole = zipped(&fixture("public_objects.csv"));
    let at = "/system/files/tns_public_objects/tns_public_objects.csv.zip";
    for (body, due) in [
        (
            ResponseTemplate::new(200).set_body_bytes(&whole[..whole.len() - 30]),
            "TNS: the archive is cut off or broken [page=1]",
        ),
        (
            ResponseTemplate::new(200).set_body_string("a,b\n1,2\n"),
            "TNS: the table has no heading with the column of names [page=1]",
        ),
        (
            ResponseTemplate::new(200).set_body_bytes(vec![0xff, 0xfe]),
            "TNS: the table has no heading with the column of names [page=1]",
        ),
        (
            ResponseTemplate::new(404),
            "TNS: TNS has no such file; that of a day or an hour is written when it is over [page=1, status=404]",
        ),
    ] {
        let service = Service::start().await;
        service.post(at, body).await;
        let listed = list(&service.broker(), &read(json!({"staging": "all"})).unwrap()).await;
        assert_eq!(listed.faults[0].to_string(), due);
    }
}

#[tokio::test]
async fn a_user_without_a_key_asks_the_web_search() {
    let service = Service::start().await;
    let page = |name| ResponseTemplate::new(200).set_body_raw(fixture(name), "text/csv");
    service.get("/search", page("web_page.csv")).await;
    let config = TnsConfig {
        base_url: service.server.uri().parse().ok(),
        user_id: Some(5),
        user_name: Some("me".into()),
        ..TnsConfig::default()
    };
    let broker = service.broker_of(config);
    let query =
        read(json!({"ra": 157.5, "dec": -20.25, "radius": 5, "objtype": "SN Ia", "reported_days": 7}))
            .unwrap();
    let listed = list(&broker, &query).await;
    assert_eq!(names(&listed), ["2026qqa", "2026qqb"]);
    assert!(listed.faults.is_empty(), "{:?}", listed.faults);
    let generic = broker.generic(&listed.alerts[0]).unwrap();
    assert_eq!((generic.name.as_str(), generic.ra, generic.dec), ("SN2026qqa", Some(157.5), Some(-20.25)));
    let alert = broker.alert("AT2026qqb").await.unwrap();
    assert_eq!((alert.name(), alert.position()), ("AT2026qqb".to_owned(), Some((10.5, 45.0))));
    assert_eq!(
        service.asked().await,
        [
            "GET /search?ra=157.5&decl=-20.25&radius=5&coords_unit=arcsec&reported_within_last_value=7\
             &reported_within_last_units=days&objtype%5B%5D=3&num_page=50&page=0&format=csv",
            "GET /search?name=2026qqb&name_like=0&num_page=50&page=0&format=csv"
        ]
    );
    assert_eq!(
        service.header(0, "user-agent").await.unwrap(),
        r#"tns_marker{"tns_id":5,"type":"user","name":"me"}"#
    );
    assert!(broker.classifications("2026qqa", None).await.unwrap()[0].class == "SN Ia");
}

#[tokio::test]
async fn without_a_key_a_row_that_cannot_be_read_is_the_true_fault() {
    let service = Service::start().await;
    let table = text_fixture("web_page.csv").replace("\"AT 2026qqb\"", "\"AT 2026qqb\",\"one more\"");
    service.get("/search", ResponseTemplate::new(200).set_body_raw(table, "text/csv")).await;
    let config = TnsConfig {
        base_url: service.server.uri().parse().ok(),
        user_id: Some(5),
        user_name: Some("me".into()),
        ..TnsConfig::default()
    };
    let broker = service.broker_of(config);
    assert_eq!(broker.alert("2026qqa").await.unwrap().objname, "2026qqa");
    let error = broker.alert("2026qqb").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreadable);
    assert!(error.to_string().contains("cells where the heading has"), "{error}");
    assert!(error.to_string().ends_with("[name=2026qqb]"), "{error}");
}

#[tokio::test]
async fn the_web_search_is_read_page_by_page() {
    let service = Service::start().await;
    let text = text_fixture("web_page.csv");
    let (heading, row) = (text.lines().next().unwrap(), text.lines().nth(1).unwrap());
    let full = format!("{heading}\n{}", format!("{row}\n").repeat(50));
    let page = |text: String| ResponseTemplate::new(200).set_body_raw(text, "text/csv");
    service.when(wiremock::matchers::query_param("page", "0"), page(full)).await;
    service.when(wiremock::matchers::query_param("page", "1"), page(format!("{heading}\n"))).await;
    let query = TnsQuery { web: Some(true), max_objects: Some(500), ..all() };
    let listed = list(&service.broker(), &query).await;
    assert_eq!((listed.alerts.len(), listed.faults.len(), service.asked().await.len()), (50, 0, 2));
    let counted = "the pages of the web search are counted: an object can be lost between two pages when others \
                   come in meanwhile";
    assert_eq!(listed.notes, [counted]);
    let query = TnsQuery { web: Some(true), max_objects: Some(20), ..all() };
    let listed = list(&service.broker(), &query).await;
    assert_eq!((listed.alerts.len(), listed.notes.len()), (20, 1));
    let query = TnsQuery { web: Some(true), ..all() };
    let listed = list(&service.broker(), &query).await;
    assert_eq!(listed.alerts.len(), 50);
    assert_eq!(listed.notes, ["stopped as max_objects asks; there may be more"]);
    assert_eq!(service.asked().await.len(), 4);
    let query = TnsQuery { web: Some(true), days_from_nondet: Some(2.0), ..all() };
    let listed = list(&service.broker(), &query).await;
    assert_eq!(
        listed.faults[0].to_string(),
        "TNS: days_from_nondet: the web search brings no photometry to tell this by; leave it out, or ask the API with \
         a key [page=1]"
    );
    assert_eq!(service.asked().await.len(), 4);
}
