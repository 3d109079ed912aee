//! No panic whatever a service sends, and only what is sound leaves.

use proptest::prelude::{any, *};
use tom_alerts::{Protocol, http::Response};

use super::support::properties::{Asked, forget};
use super::support::wild::{body_properties, cases, damage, json_properties, spoiled};
use super::tables::zipped;
use super::*;

fn configured() -> TnsConfig {
    TnsConfig {
        api_key: Some(KEY.into()),
        bot_id: Some(1),
        bot_name: Some("b".into()),
        ..TnsConfig::default()
    }
}

/// Every reader there is, on one body; how many alerts and points came of it.
fn read_all(body: &[u8]) -> usize {
    let staging = || TnsQuery { staging: Some("all".into()), ..TnsQuery::default() };
    let queries = vec![
        all(),
        staging(),
        TnsQuery { ra: Some(1.0), dec: Some(1.0), radius: Some(1.0), ..staging() },
        TnsQuery { web: Some(true), days_from_nondet: Some(1.0), ..all() },
    ];
    let mut asked = Asked::<Tns>::new(configured, queries, &["2026qqa"]);
    asked.further = |tns| vec![forget(tns.values()), forget(tns.report_reply("1")), forget(tns.upload(&[]))];
    let seen = asked.read(&[200, 400, 401, 404, 429, 500], body);
    let response = Response::new(200, Vec::new(), body.to_vec().into());
    let _ = read_hits(&response);
    if let Ok(Some(alert)) = read_object(&response) {
        let _ = (alert.photometry(), alert.spectra());
    }
    let text = String::from_utf8_lossy(body);
    let _ = (read_table(body), unzip(body), read_spectrum(&text));
    seen
}

/// Those that the readers know.
const KEYS: &str = "\
    data reply objname prefix objid object_type id name ra dec radeg decdeg discoverydate discoverymag \
    photometry spectra flux fluxerr limflux flux_unit filters jd obsdate asciifile message message_id \
    feedback at_report 100 120 units groups";

const RECORDED: &str = "\
    search_three.json search_reply.json object_full.json object_bare.json object_reply.json \
    object_bad_row.json values.json values_older.json reply_created.json reply_classified.json \
    reply_refused.json reply_list.json reply_mixed.json reply_identical.json report_taken.json \
    upload_ok.json";

const TABLES: &str = "\
    public_objects.csv web_page.csv spectrum.ascii";

fn values() -> Vec<Value> {
    vec![json!("2026qqa"), json!("2026-11-10 05:06:07")]
}

/// As the services of TNS wrap what they answer.
fn within(value: Value) -> Vec<Value> {
    let object = json!({"objname": "2026qqa", "photometry": [value], "spectra": [value]});
    vec![json!({"data": value}), json!({"data": object})]
}

json_properties!(within within);
body_properties!(cut 97: "object_full.json", "search_three.json", "public_objects.csv", "web_page.csv", "values.json");

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn no_archive_makes_a_reader_unsound(
        damage in damage(), bytes in prop::collection::vec(any::<u8>(), 0..200)
    ) {
        read_all(&damage.done_to(zipped(&fixture("public_objects.csv"))));
        read_all(&[b"PK\x03\x04".to_vec(), bytes].concat());
    }

    #[test]
    fn no_table_makes_a_reader_unsound(body in spoiled(TABLES)) {
        read_all(&body);
    }

    #[test]
    fn no_name_makes_recognising_panic(name in "\\PC{0,24}") {
        let tns = Tns::new(configured()).unwrap();
        prop_assert_eq!(tns.recognises(&name), tns.alert(&name).is_ok());
    }
}

#[test]
fn the_recorded_tables_are_looked_at() {
    let staged = fixture("public_objects.csv");
    for body in [zipped(&staged), staged, fixture("web_page.csv")] {
        assert!(read_all(&body) > 0);
    }
}
