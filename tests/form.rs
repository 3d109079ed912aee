//! Forms as plugins write them: what is taken, and what is said of what is not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use garde::Validate;
use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tom_alerts::form::{self, Form, Given, NoForm, Rules, TomQuery};
use tom_alerts::{Error, ErrorKind, Result, Secret};

/// What the service can be asked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
struct Query {
    /// Name of an object.
    #[garde(skip)]
    oid: Option<String>,
    /// Right ascension of the cone's centre.
    #[garde(range(min = 0.0, max = 360.0))]
    #[schemars(title = "RA", extend("x-unit" = "deg", "x-group" = "Cone search", "x-format" = "ra"))]
    ra: Option<f64>,
    /// Declination of the cone's centre.
    #[garde(range(min = -90.0, max = 90.0))]
    #[schemars(extend("x-unit" = "deg", "x-group" = "Cone search", "x-format" = "dec"))]
    dec: Option<f64>,
    /// Radius of the cone.
    #[garde(range(max = 3600.0))]
    #[schemars(extend("x-unit" = "arcsec", "exclusiveMinimum" = 0.0, "x-alias" = ["sr"]))]
    radius: Option<f64>,
    /// First detection after this.
    #[garde(skip)]
    #[schemars(extend("x-unit" = "MJD", "x-format" = "mjd", "x-alias" = ["firstmjd__gt"]))]
    first_mjd: Option<f64>,
    /// Direction of the listing.
    #[garde(skip)]
    order_mode: Option<Order>,
    /// Classes, any of them.
    #[garde(length(max = 3))]
    #[schemars(extend("x-hints" = ["SN", "AGN"], "x-alias" = ["class"]))]
    classes: Vec<String>,
    /// Filters by their number.
    #[garde(skip)]
    bands: Vec<u8>,
    /// Several directions.
    #[garde(skip)]
    orders: Vec<Order>,
    /// Names that hold commas.
    #[garde(skip)]
    #[schemars(extend("x-separator" = "none"))]
    names: Vec<String>,
    /// Source id.
    #[garde(range(min = 1))]
    candid: Option<u64>,
    /// Alerts a page.
    #[garde(range(min = 1, max = 1000))]
    page_size: Option<u32>,
    /// Balance of something.
    #[garde(skip)]
    balance: Option<i64>,
    /// Whether to count.
    #[garde(skip)]
    count: bool,
    /// Seen since.
    #[garde(skip)]
    since: Option<chrono::DateTime<chrono::Utc>>,
    /// Even numbers only.
    #[garde(custom(is_even))]
    even: Option<u32>,
    /// Anything.
    #[garde(skip)]
    #[schemars(with = "Option<Value>")]
    pair: Option<(u8, u8)>,
}

/// Direction of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Order {
    /// Smallest first
    Asc,
    /// Largest first
    Desc,
}

fn is_even(value: &Option<u32>, _: &()) -> garde::Result {
    match value {
        Some(value) if value % 2 == 1 => Err(garde::Error::new("an even number is due")),
        _ => Ok(()),
    }
}

impl Form for Query {
    fn rules(&self, rules: &mut Rules<'_>) {
        let given = [self.ra, self.dec, self.radius].iter().flatten().count();
        rules.check(&["ra", "dec", "radius"], matches!(given, 0 | 3), "give all of them or none");
        rules.check(&[], self.oid.as_deref() != Some("nothing"), "give another criterion");
        if self.oid.as_deref() == Some("bad") {
            rules.fault("oid", "this one is known to be bad");
        }
    }
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}

fn read(value: Value) -> Result<Query> {
    form::read(&map(value))
}

fn fault(value: Value) -> String {
    read(value).unwrap_err().to_string()
}

#[test]
fn a_number_that_is_none_is_told_and_never_left_out() {
    let query = Query { ra: Some(f64::NAN), dec: Some(1.0), radius: Some(f64::INFINITY), ..Query::default() };
    for error in [form::check(&query).unwrap_err(), form::to_parameters(&query).unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Input);
        assert_eq!(error.to_string(), "ra: NaN is no finite number; radius: inf is no finite number");
    }
    let query =
        Query { ra: Some(1.0), dec: Some(1.0), radius: Some(2.0), bands: vec![1], ..Query::default() };
    assert_eq!(form::check(&query).unwrap(), query);
}

#[test]
fn all_faults_come_in_one_answer_in_the_order_of_the_form() {
    let error = read(json!({
        "radus": 5, "even": 3, "count": "maybe", "order_mode": "up", "radius": "wide",
        "classes": ["a", "b", "c", "d"], "ra": 400, "oid": ["a", "b"], "pair": "x",
    }))
    .unwrap_err();
    let problems: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert_eq!(
        problems,
        [
            "oid: a list was given, a text is due",
            "ra: 400 is outside 0..=360",
            "radius: \"wide\" is not a number",
            "order_mode: \"up\" is none of ASC, DESC",
            "classes: length is greater than 3",
            "count: \"maybe\" is not yes or no",
            "even: an even number is due",
            "pair: invalid type: string \"x\", expected a tuple of size 2",
            "radus: no such field; did you mean radius?",
        ]
    );
}

#[test]
fn texts_become_what_the_fields_are() {
    let query = read(json!({
        "ra": " 12.5 ", "dec": "-3", "radius": "1e2", "page_size": "20", "count": "on",
        "balance": "-7", "oid": 2024, "order_mode": "desc", "since": "2024-01-31", "even": "4.0",
    }))
    .unwrap();
    assert_eq!((query.ra, query.dec, query.radius), (Some(12.5), Some(-3.0), Some(100.0)));
    assert_eq!((query.page_size, query.count, query.balance), (Some(20), true, Some(-7)));
    assert_eq!((query.oid.as_deref(), query.order_mode), (Some("2024"), Some(Order::Desc)));
    assert_eq!(query.since.unwrap().to_rfc3339(), "2024-01-31T00:00:00+00:00");
    assert_eq!(query.even, Some(4));
}

#[test]
fn empty_texts_and_nulls_are_not_given() {
    let empty = json!({
        "ra": "", "dec": null, "oid": "  ", "order_mode": "None", "classes": "", "bands": [""],
        "count": "", "sr": "", "query_name": "mine", "broker": "ALeRCE",
    });
    assert_eq!(read(empty).unwrap(), Query::default());
}

#[test]
fn positions_are_degrees_or_sexagesimal_and_dates_are_mjd_or_iso() {
    let query =
        read(json!({ "ra": "02:30:40.8", "dec": "-14:34:00", "radius": 5, "first_mjd": "2020-10-01" }));
    let query = query.unwrap();
    assert!((query.ra.unwrap() - 37.67).abs() < 1e-9);
    assert!((query.dec.unwrap() + 14.566_666_666).abs() < 1e-6);
    assert_eq!(query.first_mjd, Some(59123.0));
    assert_eq!(
        fault(json!({ "ra": "north", "first_mjd": "then" })),
        "ra: \"north\" is not a right ascension in degrees or hh:mm:ss; \
         first_mjd: \"then\" is not an MJD or an ISO date"
    );
}

#[test]
fn whole_numbers_keep_every_digit_and_are_never_rounded() {
    for id in [9_007_199_254_740_993, u64::MAX] {
        assert_eq!(read(json!({ "candid": id })).unwrap().candid, Some(id));
        assert_eq!(read(json!({ "candid": id.to_string() })).unwrap().candid, Some(id));
    }
    assert_eq!(read(json!({ "balance": i64::MIN })).unwrap().balance, Some(i64::MIN));
    assert_eq!(fault(json!({ "candid": 1e18 })), "candid: a number was given, a whole number is due");
    assert_eq!(fault(json!({ "candid": 1.5 })), "candid: a number was given, a whole number is due");
    assert_eq!(fault(json!({ "candid": 0 })), "candid: 0 is less than 1");
    assert_eq!(
        fault(json!({ "candid": "18446744073709551616" })),
        "candid: the number is outside 0..=18446744073709551615"
    );
    assert_eq!(fault(json!({ "bands": "256" })), "bands[0]: 256 is outside 0..=255");
}

#[test]
fn numbers_that_are_not_finite_are_faults() {
    for text in ["NaN", "inf", "-infinity", "1e999"] {
        assert_eq!(
            fault(json!({ "first_mjd": text })),
            format!("first_mjd: \"{text}\" is not an MJD or an ISO date")
        );
    }
    assert_eq!(fault(json!({ "ra": 1, "dec": 1, "radius": 0 })), "radius: 0 is not more than 0");
}

#[test]
fn other_names_are_taken_unless_they_contradict() {
    assert_eq!(read(json!({ "firstmjd__gt": "59000" })).unwrap().first_mjd, Some(59000.0));
    assert_eq!(
        read(json!({ "first_mjd": 59000, "firstmjd__gt": "59000" })).unwrap().first_mjd,
        Some(59000.0)
    );
    assert_eq!(read(json!({ "first_mjd": "", "firstmjd__gt": 1 })).unwrap().first_mjd, Some(1.0));
    assert_eq!(
        fault(json!({ "first_mjd": 1, "firstmjd__gt": 2 })),
        "firstmjd__gt: given as first_mjd too, with another value"
    );
    assert_eq!(fault(json!({ "sr": -1, "ra": 1, "dec": 1 })), "sr: -1 is not more than 0");
    assert_eq!(fault(json!({ "sr": 1 })), "ra, dec, sr: give all of them or none");
}

#[test]
fn choices_are_taken_in_any_case_and_others_are_listed() {
    for text in ["ASC", "asc", " Asc "] {
        assert_eq!(read(json!({ "order_mode": text })).unwrap().order_mode, Some(Order::Asc));
    }
    assert_eq!(
        fault(json!({ "order_mode": "descending" })),
        "order_mode: \"descending\" is none of ASC, DESC"
    );
    assert_eq!(
        fault(json!({ "order_mode": "dsc" })),
        "order_mode: \"dsc\" is none of ASC, DESC; did you mean DESC?"
    );
}

#[test]
fn lists_are_lists_lone_values_or_texts_with_commas() {
    assert_eq!(read(json!({ "bands": 2 })).unwrap().bands, [2]);
    assert_eq!(read(json!({ "bands": ["1, 2", "3"] })).unwrap().bands, [1, 2, 3]);
    assert_eq!(read(json!({ "orders": "asc,DESC," })).unwrap().orders, [Order::Asc, Order::Desc]);
    assert_eq!(read(json!({ "classes": "SN, AGN" })).unwrap().classes, ["SN", "AGN"]);
    assert_eq!(read(json!({ "classes": ["SN, pec"] })).unwrap().classes, ["SN, pec"]);
    assert_eq!(read(json!({ "names": "a, b" })).unwrap().names, ["a, b"]);
    assert_eq!(read(json!({ "page_size": ["5"] })).unwrap().page_size, Some(5));
    assert_eq!(
        fault(json!({ "bands": ["1", "x", -1] })),
        "bands[1]: \"x\" is not a whole number; bands[2]: -1 is outside 0..=255"
    );
    assert_eq!(
        fault(json!({ "page_size": ["5", "6"] })),
        "page_size: a list was given, a whole number is due"
    );
}

#[test]
fn a_rule_is_skipped_when_one_of_its_fields_could_not_be_read() {
    assert_eq!(
        fault(json!({ "ra": "x", "dec": 1 })),
        "ra: \"x\" is not a right ascension in degrees or hh:mm:ss"
    );
    assert_eq!(
        fault(json!({ "ra": 1, "oid": "bad" })),
        "oid: this one is known to be bad; ra, dec, radius: give all of them or none"
    );
}

#[test]
fn a_rule_about_the_whole_form_is_skipped_when_anything_could_not_be_read() {
    assert_eq!(fault(json!({ "oid": "nothing" })), "give another criterion");
    for unread in [json!({ "first_mjd": "then" }), json!({ "first_mdj": 59000 }), json!({ "bands": 300 })] {
        let told = fault(json!({ "oid": "nothing", "since": "2024-01-31" }));
        assert_eq!(told, "give another criterion");
        let mut input = map(unread);
        input.insert("oid".to_owned(), "nothing".into());
        let error = form::read::<Query>(&input).unwrap_err();
        assert_eq!(error.problems().len(), 1, "{error}");
        assert!(!error.to_string().contains("criterion"), "{error}");
    }
}

#[test]
fn an_unknown_key_without_a_value_asks_for_nothing() {
    for empty in [json!(null), json!(""), json!("  "), json!([]), json!([""]), json!({})] {
        assert_eq!(read(json!({ "datesearch": empty, "oid": "a" })).unwrap().oid.as_deref(), Some("a"));
    }
    assert!(fault(json!({ "datesearch": "2019-11-03, 2" })).starts_with("datesearch: no such field"));
    // What both of TOM Toolkit's saved queries hold beside the parameters.
    let tom =
        json!({ "query_name": "a", "broker": "Toy", "data_service": "Toy", "query_save": true, "oid": "a" });
    assert_eq!(read(tom).unwrap().oid.as_deref(), Some("a"));
}

#[test]
fn a_list_in_json_is_a_list_also_as_text() {
    let list = |text: &str| read(json!({ "classes": text })).unwrap().classes;
    assert_eq!(list(r#"["a","b"]"#), ["a", "b"]);
    assert_eq!(list(r#" ["SN Ia, pec", "b"] "#), ["SN Ia, pec", "b"]);
    assert_eq!(read(json!({ "bands": "[1, \"2\"]" })).unwrap().bands, [1, 2]);
    assert_eq!(read(json!({ "names": r#"["a, b", "c"]"# })).unwrap().names, ["a, b", "c"]);
    assert_eq!(read(json!({ "orders": r#"["asc"]"# })).unwrap().orders, [Order::Asc]);
    assert_eq!(read(json!({ "classes": "[]" })).unwrap().classes, [""; 0]);
    // As a command line gives it, also with the key repeated.
    let pairs = form::parse_pairs([r#"classes=["a","b"]"#, "classes=c"]).unwrap();
    assert_eq!(form::read::<Query>(&pairs).unwrap().classes, ["a", "b", "c"]);
    assert_eq!(
        fault(json!({ "classes": "['a','b']" })),
        "classes: this is no list in JSON; give [\"a\", \"b\"] or a, b"
    );
    assert_eq!(fault(json!({ "bands": "[1, 300]" })), "bands[1]: 300 is outside 0..=255");
}

#[test]
fn an_empty_list_contradicts_no_other_name_of_the_field() {
    for input in [
        json!({ "classes": [], "class": "SN" }),
        json!({ "classes": ["SN"], "class": [] }),
        json!({ "classes": "SN", "class": "" }),
    ] {
        assert_eq!(read(input).unwrap().classes, ["SN"]);
    }
    assert_eq!(
        fault(json!({ "classes": ["SN"], "class": ["AGN"] })),
        "class: given as classes too, with another value"
    );
}

/// A form that understands an older one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
struct Newer {
    #[garde(range(min = 0.0, max = 3600.0))]
    radius: Option<f64>,
    #[garde(skip)]
    class: Option<String>,
    #[garde(skip)]
    tags: Vec<String>,
}

impl Form for Newer {
    fn prepare(given: &mut Given) {
        given.rename("kind", "class");
        if given.tom_query() == Some(TomQuery::DataService) {
            given.scale("radius", 3600.0);
        }
        if given.get("window").is_some() {
            given.fault("window", "the service no longer has this; leave it out");
        }
    }
}

#[test]
fn a_form_understands_other_forms_of_its_service_and_faults_name_what_the_caller_gave() {
    let read = |value| form::read::<Newer>(&map(value));
    assert_eq!(read(json!({ "kind": "SN" })).unwrap().class.as_deref(), Some("SN"));
    assert_eq!(read(json!({ "kind": "", "class": "SN" })).unwrap().class.as_deref(), Some("SN"));
    assert_eq!(read(json!({ "radius": 0.5 })).unwrap().radius, Some(0.5));
    for radius in [json!(0.5), json!("0.5"), json!(" 0.5 ")] {
        let saved = json!({ "radius": radius, "data_service": "Toy", "query_save": false });
        assert_eq!(read(saved).unwrap().radius, Some(1800.0));
    }
    let told = |value| read(value).unwrap_err().to_string();
    assert_eq!(told(json!({ "kind": {} , "class": [1, 2]})), "class: a list was given, a text is due");
    assert_eq!(told(json!({ "kind": [1, 2] })), "kind: a list was given, a text is due");
    assert_eq!(told(json!({ "kind": "SN", "class": "AGN" })), "kind: given as class too, with another value");
    assert_eq!(
        told(json!({ "radius": "wide", "data_service": "Toy", "window": 2 })),
        "radius: \"wide\" is not a number; window: the service no longer has this; leave it out"
    );
    assert_eq!(read(json!({ "window": null })).unwrap(), Newer::default());
}

#[test]
fn unknown_keys_are_faults_with_what_was_meant_or_what_there_is() {
    assert_eq!(fault(json!({ "RA": 1 })), "RA: no such field; did you mean ra?");
    assert!(fault(json!({ "zzzz": 0 })).starts_with("zzzz: no such field; known: oid, ra, dec, radius"));
    let error = form::read::<NoForm>(&map(json!({ "x": 1 }))).unwrap_err();
    assert_eq!(error.to_string(), "x: no such field; there is none here");
    assert_eq!(form::read::<NoForm>(&map(json!({ "query_name": "a" }))).unwrap(), NoForm {});
    let long = fault(json!({ "k\n".repeat(500): "v" }));
    assert!(!long.contains('\n') && long.len() < 500, "{long}");
}

/// A form with a field that must be given, and shared fields.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema, Validate)]
struct Report {
    #[garde(skip)]
    name: String,
    #[garde(skip)]
    count: u8,
    #[garde(skip)]
    token: Option<Secret>,
    #[garde(skip)]
    #[serde(flatten)]
    shared: Shared,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct Shared {
    #[schemars(with = "Option<Value>")]
    pair: Option<(u8, u8)>,
}

impl Form for Report {
    fn rules(&self, rules: &mut Rules<'_>) {
        rules.check(&["count"], self.count != 3, "three is too many");
    }
}

#[test]
fn a_required_field_that_is_missing_hides_no_other_fault() {
    let error = form::read::<Report>(&map(json!({ "count": 3, "pair": "x" }))).unwrap_err();
    let fields: Vec<_> = error.problems().iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["name", "count", "pair"], "{error}");
    assert_eq!(error.problems()[0].to_string(), "name: must be given: a text");
}

#[test]
fn a_query_cannot_make_the_process_read_its_variables_or_files() {
    for source in [json!({ "env": "PATH" }), json!({ "file": "/etc/hostname" }), json!(["x", "y"])] {
        let error =
            form::read::<Report>(&map(json!({ "name": "a", "count": 1, "token": source }))).unwrap_err();
        assert!(error.to_string().ends_with(" was given, a text is due"), "{error}");
    }
    let report = form::read::<Report>(&map(json!({ "name": "a", "count": 1, "token": "t" }))).unwrap();
    assert_eq!(report.token.unwrap().expose(), "t");
}

/// A configuration: no garde, no default.
#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code, reason = "its schema alone is looked at")]
struct Settings {
    #[schemars(extend("x-alias" = ["TNS_API_KEY"]))]
    api_key: Option<Secret>,
    #[schemars(range(min = 1, max = 10))]
    bot_id: Option<u64>,
    base_url: Option<url::Url>,
    order: Option<Order>,
    flag: Option<bool>,
    tags: Option<Vec<u8>>,
    wait: Option<f64>,
    since: Option<chrono::DateTime<chrono::Utc>>,
    #[schemars(with = "Option<Value>")]
    odd: Option<(u8, Order)>,
    date: Option<chrono::NaiveDate>,
    http: Option<Http>,
    hosts: Option<BTreeMap<String, Http>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code, reason = "its schema alone is looked at")]
struct Http {
    contact: String,
    tries: Option<u32>,
    key: Option<Secret>,
}

fn configure(value: Value) -> std::result::Result<Settings, Error> {
    form::read_config(&map(value), "brokers.TNS.")
}

#[test]
fn a_configuration_is_read_by_the_same_rules_with_paths() {
    let settings = configure(json!({
        "TNS_API_KEY": "k", "bot_id": "7", "base_url": "https://x.org", "order": "asc", "tags": [1],
        "http": { "contact": "a@b", "key": { "env": "PATH" } }, "hosts": { "h": { "contact": "c" } },
    }))
    .unwrap();
    assert_eq!(settings.api_key.unwrap().expose(), "k");
    assert_eq!(settings.bot_id, Some(7));
    assert_eq!(settings.http.unwrap().key.unwrap().expose(), std::env::var("PATH").unwrap());
    let error = configure(json!({
        "api_kye": "k", "bot_id": 11, "http": { "contcat": 1, "tries": "x" }, "query_name": 1,
        "hosts": { "h": { "contact": true } }, "api_key": { "env": "TOM_NO_SUCH" },
    }))
    .unwrap_err();
    let problems: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(
        problems[..7],
        [
            "brokers.TNS.api_key: environment variable TOM_NO_SUCH is not set",
            "brokers.TNS.bot_id: the number is outside 1..=10",
            "brokers.TNS.http.contact: must be given: a text",
            "brokers.TNS.http.tries: a text was given, a whole number is due",
            "brokers.TNS.http.contcat: no such key; did you mean contact?",
            "brokers.TNS.hosts.h.contact: true or false was given, a text is due",
            "brokers.TNS.api_kye: no such key; did you mean api_key?",
        ]
    );
    assert!(problems[7].starts_with("brokers.TNS.query_name: no such key; known: "), "{problems:?}");
}

#[test]
fn no_value_of_a_configuration_gets_into_an_error() {
    let names = [
        "api_key",
        "TNS_API_KEY",
        "bot_id",
        "base_url",
        "order",
        "flag",
        "tags",
        "wait",
        "since",
        "odd",
        "date",
        "http",
        "hosts",
        "unknown",
    ];
    let mut refused = 0;
    for name in names {
        for value in [
            json!("canary7777"),
            json!(7777.5),
            json!(7777),
            json!(["canary7777", "canary7777"]),
            json!([7777, "canary7777"]),
            json!({ "canary": "canary7777" }),
            json!({ "contact": "x", "tries": "canary7777", "key": [7777] }),
            json!({ "h": { "contact": ["canary7777", 1], "key": 7777 } }),
            json!("a://[canary7777"),
            json!(["canary7777"]),
            json!([["canary7777"]]),
            json!([7777]),
            json!({ "contact": "x", "key": [["canary7777"]] }),
        ] {
            let Err(error) = configure(json!({ name: value })) else { continue };
            refused += 1;
            let text = format!("{error} {error:?} {:?}", std::error::Error::source(&error));
            assert!(!text.contains("7777"), "{name}: {text}");
        }
    }
    assert!(refused > 90, "{refused}");
}

#[test]
fn the_schema_holds_all_that_a_form_library_draws() {
    let schema = form::schema::<Query>();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let ra = &schema["properties"]["ra"];
    assert_eq!(ra["title"], "RA");
    assert_eq!(ra["description"], "Right ascension of the cone's centre.");
    assert_eq!((&ra["minimum"], &ra["maximum"]), (&json!(0.0), &json!(360.0)));
    assert_eq!((&ra["x-unit"], &ra["x-group"]), (&json!("deg"), &json!("Cone search")));
    assert_eq!(ra.get("default"), None);
    assert_eq!(schema["properties"]["count"]["default"], false);
    let names: Vec<_> = schema["properties"].as_object().unwrap().keys().take(4).collect();
    assert_eq!(names, ["oid", "ra", "dec", "radius"]);
    assert!(!schema.to_string().contains("$ref"));
}

#[test]
fn the_fields_are_rows_for_a_help_text() {
    let fields = form::fields::<Query>();
    assert_eq!(fields, form::fields_of(&form::schema::<Query>()));
    let field = |name: &str| fields.iter().find(|field| field.name == name).unwrap();
    assert_eq!(field("ra").kind, "degrees or hh:mm:ss");
    assert_eq!(field("ra").range.as_deref(), Some("0..=360"));
    assert_eq!(field("radius").range.as_deref(), Some("> 0, <= 3600"));
    assert_eq!(field("radius").aliases, ["sr"]);
    assert_eq!(field("order_mode").kind, "one of ASC, DESC");
    assert_eq!(field("order_mode").choices[1].label, "Largest first");
    assert_eq!(field("orders").choices.len(), 2);
    assert_eq!(field("classes").hints, ["SN", "AGN"]);
    assert_eq!(
        (field("classes").kind.as_str(), field("bands").kind.as_str()),
        ("list of text", "list of whole number")
    );
    assert_eq!(
        (field("count").kind.as_str(), field("count").default.clone()),
        ("yes/no", Some(json!(false)))
    );
    let settings = form::fields::<Settings>();
    assert_eq!((settings[0].kind.as_str(), settings[2].kind.as_str()), ("secret", "URL"));
}

#[test]
fn words_of_a_command_line_become_parameters() {
    let words = ["ra=1", "classes=a", "classes=b", "oid=x=y", "classes=c", "dec="];
    let map = form::parse_pairs(words).unwrap();
    assert_eq!(Value::Object(map), json!({ "ra": "1", "classes": ["a", "b", "c"], "oid": "x=y", "dec": "" }));
    let error = form::parse_pairs(["ra", "=5", "dec=1"]).unwrap_err();
    assert_eq!(error.to_string(), "\"ra\" is not key=value; \"=5\" is not key=value");
    assert_eq!(error.kind(), ErrorKind::Input);
}

#[test]
fn a_form_that_is_written_out_is_read_back_the_same() {
    let query = read(
        json!({ "ra": 1.5, "dec": 2, "radius": 3, "classes": "a,b", "candid": u64::MAX, "since": "2024-01-31 12:00" }),
    );
    let query = query.unwrap();
    assert_eq!(read(serde_json::to_value(&query).unwrap()).unwrap(), query);
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[-+0-9.:eT ,]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{0,6}|env|contact|key", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_input() -> impl Strategy<Value = Map<String, Value>> {
    let names: Vec<String> =
        form::fields::<Query>().into_iter().chain(form::fields::<Settings>()).map(|f| f.name).collect();
    let key = prop_oneof![8 => prop::sample::select(names), 1 => ".{0,80}"];
    prop::collection::btree_map(key, any_value(), 0..8).prop_map(|map| map.into_iter().collect())
}

proptest! {
    #[test]
    fn no_input_makes_a_form_panic(input in any_input()) {
        if let Ok(query) = form::read::<Query>(&input) {
            prop_assert!(query.ra.is_none_or(|ra| (0.0..=360.0).contains(&ra)));
            prop_assert!(query.first_mjd.is_none_or(f64::is_finite));
        }
        let _ = form::read::<Report>(&input);
        let _ = form::read_config::<Settings>(&input, "x.");
        let _ = form::read_config::<Query>(&input, "");
    }
}
