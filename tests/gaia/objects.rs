//! Whose object an alert is of, when it was observed, and what a field of an odd shape may cost.

use tom_alerts::http::Response;
use tom_alerts::testing::{spoil, spoil_cells};
use tom_alerts::{Cursor, Page, PositionKind, Protocol};

use super::*;

fn gaia(list: Option<GaiaList>) -> Gaia {
    Gaia::new(GaiaConfig { list, ..GaiaConfig::default() }).unwrap()
}

fn read_page(list: GaiaList, query: &GaiaQuery, body: Vec<u8>) -> Page<GaiaAlert> {
    let response = Response::new(200, Vec::new(), body.into());
    gaia(Some(list)).page(query, &Cursor::default(), response).unwrap()
}

/// The list in the recorded page for people.
fn index() -> Value {
    let page = text_fixture("index_ok.html");
    let (_, list) = page.split_once("var alerts = ").unwrap();
    serde_json::Deserializer::from_str(list).into_iter().next().unwrap().unwrap()
}

fn page_of(list: &Value) -> Vec<u8> {
    format!("<html><script>var alerts = {list};</script></html>").into_bytes()
}

fn rows(name: &str) -> Vec<Vec<String>> {
    let table = fixture(name);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).trim(csv::Trim::All).from_reader(&table[..]);
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// How many alerts came, of which each has to be a target; no other may be missing.
fn alerts(place: &str, page: Page<GaiaAlert>) -> usize {
    let (gaia, mut count) = (gaia(None), 0);
    for slot in page.items.into_slots() {
        let tom_alerts::plugin::Slot::Item(alert) = slot.unwrap_or_else(|error| panic!("{place}: {error}"))
        else {
            panic!("{place}")
        };
        let generic = gaia.to_generic_alert(&alert).unwrap();
        assert!(gaia.to_target(&alert, &generic).unwrap().position().is_some(), "{place}");
        count += 1;
    }
    count
}

#[tokio::test]
async fn every_packet_says_whose_it_is_and_when_it_was_observed() {
    let service = Service::with_list("alerts_ok.csv").await;
    service.get(INDEX, answer(200, "index_ok.html")).await;
    for broker in [service.broker(), service.of_page()] {
        let alert = broker.fetch_alert(NAME).await.unwrap();
        let provenance = alert.provenance();
        assert_eq!((provenance.object_id.as_deref(), provenance.alert_id), (Some(NAME), None));
        assert_eq!(provenance.observed_at.unwrap().to_rfc3339(), "2022-03-04T05:06:07+00:00");
        assert_eq!((provenance.position, provenance.position_error), (PositionKind::Reported, None));
        // A name of TNS that was changed is an alias, with its prefix and without.
        let target = broker.fetch_alert("Gaia22aac").await.unwrap().to_target().unwrap();
        assert_eq!(target.aliases, ["SN2022aac", "2022aac"]);
    }
    let untimed = tom_alerts::Alert::from_raw(r#"{"name": "Gaia22aab", "ra": 1, "dec": 2}"#).unwrap();
    assert_eq!(service.broker().erase(untimed).unwrap().provenance().observed_at, None);
}

#[tokio::test]
async fn what_a_listing_gives_as_id_or_as_name_finds_the_alert() {
    let service = Service::with_list("alerts_ok.csv").await;
    let broker = service.broker();
    for listed in list(&broker, &all()).await.alerts {
        let generic = broker.generic(&listed).unwrap();
        for asked in [&generic.id, &generic.name] {
            assert_eq!(broker.alert(asked).await.unwrap().name, listed.name);
        }
    }
}

#[test]
fn nothing_but_name_and_position_costs_an_alert() {
    let query = GaiaQuery::default();
    for (place, list) in spoil(&index(), &["*.name", "*.ra", "*.dec"]) {
        assert_eq!(alerts(&place, read_page(GaiaList::Page, &query, page_of(&list))), 3, "{place}");
    }
    for (place, table) in spoil_cells(&rows("alerts_ok.csv"), &["#Name", "RaDeg", "DecDeg"]) {
        assert_eq!(alerts(&place, read_page(GaiaList::Csv, &query, table)), 4, "{place}");
    }
}

#[test]
fn what_cannot_be_read_is_kept_as_it_came_and_told() {
    let mut list = index();
    list[0]["historicMag"] = json!([19.5]);
    list[1]["historicMag"] = "faint".into();
    let page = read_page(GaiaList::Page, &GaiaQuery::default(), page_of(&list));
    assert_eq!(page.notes, ["historicMag of 2 rows of the list cannot be read and is left out"]);
    let gaia = gaia(None);
    for (slot, kept) in page.items.into_slots().into_iter().zip(["[19.5]", "faint"]) {
        let Ok(tom_alerts::plugin::Slot::Item(alert)) = slot else { panic!() };
        let generic = gaia.to_generic_alert(&alert).unwrap();
        assert_eq!(gaia.to_target(&alert, &generic).unwrap().extras["historicMag"], kept);
    }
    let table = text_fixture("alerts_ok.csv").replace(",17.25,", ",bright,");
    let page = read_page(GaiaList::Csv, &GaiaQuery::default(), table.clone().into_bytes());
    assert_eq!(page.notes, ["AlertMag of 1 row of the list cannot be read and is left out"]);
    // Where a magnitude is asked for, nobody knows whether this is one that is meant.
    let page = read_page(GaiaList::Csv, &all(), table.into_bytes());
    let faults = page.items.into_slots().into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].to_string(), "AlertMag: a number was due [row=1]");
}

#[test]
fn a_byte_that_is_no_utf8_costs_no_list() {
    let mut page = fixture("index_ok.html");
    let at = page.windows(7).position(|part| part == b"made up").unwrap();
    page[at] = 0xe9;
    let page = read_page(GaiaList::Page, &GaiaQuery::default(), page);
    assert_eq!(alerts("a byte", page), 3);
    let mut table = fixture("alerts_ok.csv");
    let at = table.windows(7).position(|part| part == b"made up").unwrap();
    table[at] = 0xe9;
    table.splice(0..0, *b"\n");
    assert_eq!(alerts("a byte", read_page(GaiaList::Csv, &GaiaQuery::default(), table)), 4);
}

async fn curve(body: &[u8]) -> tom_alerts::Result<tom_alerts::ReducedData> {
    let service = Service::start().await;
    service.get(CURVE, ResponseTemplate::new(200).set_body_raw(body.to_vec(), "text/csv")).await;
    service.broker().reduced_data(NAME, None).await
}

#[tokio::test]
async fn a_heading_that_is_parted_by_blanks_is_one() {
    for heading in ["#Date JD(TCB) averagemag", "# Date  JD averagemag.", "Date JD(TCB) averagemag"] {
        for first in ["", "Gaia22aab\n"] {
            let body = format!("{first}{heading}\n2014-10-31 1:40:22,2456961.56970,18.91\n");
            let data = curve(body.as_bytes()).await.unwrap();
            let point = &data.points[0];
            assert_eq!((data.points.len(), data.failures.len()), (1, 0), "{heading}");
            assert_eq!(point.photometry().unwrap().magnitude, Some(18.91));
            assert_eq!(point.timestamp.format("%F %T").to_string(), "2014-10-31 01:38:56");
        }
    }
    let error = curve(b"Gaia14aaa\n#Date,JD(TCB),averagemag\n").await.unwrap_err();
    assert_eq!(error.to_string(), "Gaia: this is no light curve: it is that of another alert");
    let error = curve(b"#Date JD(TCB) flux\n2014-10-31 1:40:22,2456961.56970,18.91\n").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Gaia: this is no light curve: its heading lacks one of Date, JD, averagemag"
    );
}

#[tokio::test]
async fn a_date_that_cannot_be_read_costs_no_point() {
    let mut rows: Vec<Vec<String>> = text_fixture("lightcurve_ok.csv")
        .lines()
        .skip(1)
        .filter(|line| !line.is_empty())
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect();
    rows.truncate(3);
    for (place, table) in spoil_cells(&rows, &["JD(TCB)", "averagemag"]) {
        let data = curve(&table).await.unwrap();
        assert_eq!((data.points.len(), data.failures.len()), (1, 0), "{place}: {:?}", data.failures);
    }
    let data = curve(b"Gaia22aab\n#Date,JD(TCB),averagemag\n\xff,2456961.56970,18.91\n").await.unwrap();
    assert_eq!((data.points.len(), data.failures.len()), (1, 0));
}
