//! One byte that is not UTF-8 costs what it stands in, and no more.

use tom_alerts::plugin::*;

use super::support::script::always;
use super::support::toy::toy;
use super::*;

/// An answer of this text, in which each `~` is a byte that is not UTF-8.
fn spoiled(text: &str) -> Response {
    let body: Vec<u8> = text.bytes().map(|byte| if byte == b'~' { 0xff } else { byte }).collect();
    Response::new(200, Vec::new(), body.into())
}

fn page(text: &str) -> (Vec<Result<Alert<Value>>>, Value) {
    spoiled(text).items(Some("items")).unwrap()
}

#[test]
fn one_bad_byte_is_one_bad_item() {
    let (rows, rest) = page(r#"{"n": "a~", "items": [{"id": 1}, {"id": 2, "class": "C~V"}, {"id": "é"}]}"#);
    assert_eq!((rows.len(), &rest["n"]), (3, &json!("a\u{fffd}")));
    assert_eq!(rows[0].as_ref().unwrap()["id"], 1);
    let fault = rows[1].as_ref().unwrap_err().to_string();
    let due = r#"item 2 cannot be read: it is not valid UTF-8; it begins {"id": 2, "class": "C�V"}"#;
    assert_eq!(fault, due);
    assert_eq!(rows[2].as_ref().unwrap().raw(), r#"{"id": "é"}"#);
}

#[test]
fn a_letter_that_stands_for_another_is_no_fault() {
    let (rows, _) = page("{\"items\": [{\"id\": \"a\u{fffd}\"}, {\"id\": \"~\"}, {\"id\": \"\u{fdd0}\"}]}");
    let good: Vec<_> = rows.iter().map(Result::is_ok).collect();
    assert_eq!(good, [true, false, true]);
}

#[test]
fn an_item_that_is_no_json_is_one_bad_item() {
    let body = "{\"items\": [{\"id\": 1}, {\"id\": ~, \"x\": [\"}\"]}, {\"id\": \"a\tb\"}, {\"id\": 1.2.3}, {\"id\": NaN}]}";
    let (rows, _) = page(body);
    let good: Vec<_> = rows.iter().map(Result::is_ok).collect();
    assert_eq!(good, [true, false, false, false, true]);
    let told = |row: &Result<Alert<Value>>| row.as_ref().unwrap_err().to_string();
    assert!(told(&rows[1]).starts_with("item 2 cannot be read: it is not JSON (expected value); it begins"));
    assert!(told(&rows[2]).contains("control character"), "{}", told(&rows[2]));
    assert_eq!(rows[4].as_ref().unwrap().raw(), "{\"id\": null}");
}

#[test]
fn what_is_cut_off_or_mostly_no_text_is_no_page() {
    let told = |response: Response| response.items::<Value, Value>(Some("items")).unwrap_err().to_string();
    let cut = told(spoiled(r#"{"items": [{"id": 1}, {"id": "a~""#));
    assert!(cut.starts_with("the answer ends in the middle"), "{cut}");
    let binary: Vec<u8> = (0..=255).cycle().take(4_000).collect();
    let binary = told(Response::new(200, Vec::new(), binary.into()));
    assert_eq!(binary, "the answer is not UTF-8 text from byte 128 on");
}

#[test]
fn texts_objects_and_tables_lose_one_letter() {
    let response = spoiled("a,~,c\n1,2,3\n");
    assert_eq!(response.text().unwrap(), "a,\u{fffd},c\n1,2,3\n");
    assert_eq!(response.clone().text().unwrap(), "a,\u{fffd},c\n1,2,3\n");
    let object = spoiled(r#"{"id": "T1", "rows": [{"mag": 1.5, "by": "M~ller"}, {"mag": NaN}]}"#);
    let value: Value = object.json().unwrap();
    assert_eq!(value["rows"][0], json!({"mag": 1.5, "by": "M\u{fffd}ller"}));
    let alert = object.alert::<Value>().unwrap();
    assert_eq!(alert["rows"][1]["mag"], Value::Null);
    let error = Response::new(400, Vec::new(), b"{\"detail\": \"no such caf\xe9\"}".to_vec().into());
    let said = error.into_result().unwrap_err();
    assert!(said.message().ends_with("no such caf\u{fffd}"), "{said}");
    let marked = Response::new(200, Vec::new(), "\u{feff}[{\"id\": 1}]".into());
    assert_eq!(marked.items::<Value, Value>(None).unwrap().0.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_listing_goes_on_behind_the_bad_byte_and_a_spoiled_id_is_no_alert() {
    let body = r#"{"items": [{"id": "T1", "ra": 1.0, "dec": 2.0}, {"id": "T2", "ra": 1.0, "dec": 2.0, "x": "~"},
        {"id": "T3", "ra": 1.0, "dec": 2.0}]}"#;
    let toy_of = |response: Response| toy(&always(response));
    let (alerts, errors) = toy_of(spoiled(body)).alerts(&Default::default()).unwrap().collect_all().await;
    let ids: Vec<_> = alerts.iter().map(|alert| alert.id.as_str()).collect();
    assert_eq!((ids, errors.len()), (vec!["T1", "T3"], 1));
    assert_eq!(errors[0].context("item"), Some("2"));
    let spoiled_id = toy_of(spoiled(r#"{"id": "T1~", "ra": 1.0, "dec": 2.0}"#));
    let alert = spoiled_id.alert("T1").await.unwrap();
    let error = spoiled_id.generic(&alert).unwrap_err().to_string();
    assert_eq!(error, "Toy: the alert's id is not valid UTF-8 [id=T1\u{fffd}]");
}

#[cfg(feature = "alerce")]
#[tokio::test(start_paused = true)]
async fn alerce_gives_two_alerts_and_one_error() {
    use tom_alerts::brokers::alerce::{AlerceBroker, AlerceConfig, AlerceQuery};
    let row = |id: &str, class: &str| {
        format!(
            r#"{{"oid": "{id}", "meanra": 10.0, "meandec": 5.0, "class": "{class}", "probability": 0.5}}"#
        )
    };
    let rows = [row("ZTF26aabcdef", "SN"), row("ZTF26aabcdeg", "C~"), row("ZTF26aabcdeh", "SN")].join(",");
    let script = always(spoiled(&format!(r#"{{"total": 3, "has_next": false, "items": [{rows}]}}"#)));
    let alerce = AlerceBroker::with_http(AlerceConfig::default(), &http(&script, |_| ())).unwrap();
    let (alerts, errors) = alerce.alerts(&AlerceQuery::default()).unwrap().collect_all().await;
    assert_eq!((alerts.len(), errors.len()), (2, 1), "{errors:?}");
}
