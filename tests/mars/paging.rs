//! Listings that change while they are read, and orders in which many alerts are equal.

use std::collections::BTreeSet;
use std::sync::Mutex;

use tom_alerts::brokers::mars::SortOrder;
use tom_alerts::http::{Request, Response};
use tom_alerts::testing::ScriptedTransport;

use super::support::listing::at_place;
use super::support::script::{asked, client, sent, text};
use super::*;

/// An alert: its number, JD and magnitude.
type Row = (i64, f64, f64);

/// A server with these alerts, as MARS's: a hundred on a page, ends of ranges left out, equals in another
/// order at every request, and so many more alerts after each page.
struct Table {
    rows: Mutex<Vec<Row>>,
    arrivals: i64,
    page: usize,
    told: bool,
}

impl Table {
    fn of(rows: Vec<Row>) -> Self {
        Self { rows: Mutex::new(rows), arrivals: 0, page: 100, told: false }
    }

    fn start(self) -> (MarsBroker, ScriptedTransport) {
        let template = json_fixture("list_one.json")["results"][0].clone();
        let script = ScriptedTransport::new(move |request| Ok(self.answer(request, &template)));
        let config = MarsConfig { base_url: "http://127.0.0.1:8000/".parse().ok() };
        (client(&script, config), script)
    }

    fn answer(&self, request: &Request, template: &Value) -> Response {
        let number = |key: &str| asked(request, key).map(|text| text.parse::<f64>().unwrap());
        let mut rows = self.rows.lock().unwrap();
        let mut chosen = rows.clone();
        let (low, high) = (number("jd__gt"), number("jd__lt"));
        chosen.retain(|row| low.is_none_or(|low| row.1 > low) && high.is_none_or(|high| row.1 < high));
        let salt = rows.len() as i64 + number("page").unwrap() as i64 * 31;
        chosen.sort_by_key(|row| (row.0 * 2_654_435_761 % 1_009) ^ salt);
        match asked(request, "sort_value").as_deref() {
            Some("id") => chosen.sort_by_key(|row| row.0),
            Some("jd") => chosen.sort_by(|a, b| a.1.total_cmp(&b.1)),
            _ => chosen.sort_by(|a, b| a.2.total_cmp(&b.2)),
        }
        if asked(request, "sort_order").as_deref() == Some("desc") {
            chosen.reverse();
        }
        let from = (number("page").unwrap() as usize - 1) * self.page;
        if from > 0 && from >= chosen.len() {
            return text(404, "<!doctype html><title>404 Not Found</title>");
        }
        let results = chosen.iter().skip(from).take(self.page).map(|(id, jd, mag)| {
            let mut alert = template.clone();
            alert["lco_id"] = (*id).into();
            alert["candidate"]["jd"] = (*jd).into();
            alert["candidate"]["magpsf"] = (*mag).into();
            alert
        });
        let results: Vec<Value> = results.collect();
        let has_next = self.told && from + self.page < chosen.len();
        let next = rows.iter().map(|row| row.0).max().unwrap_or_default();
        rows.extend((1..=self.arrivals).map(|n| (next + n, 2_458_700.5, 17.0)));
        text(200, &json!({"has_next": has_next, "has_prev": false, "results": results}).to_string())
    }
}

/// So many alerts of so many exposures.
fn alerts(count: i64, exposures: i64) -> Vec<Row> {
    (0..count)
        .map(|n| (n + 1, 2_458_577.75 + (n % exposures) as f64 * 0.000_46, (n % 9) as f64 + 12.0))
        .collect()
}

fn whole(listed: &Listed<MarsAlert>, count: usize) {
    assert!(listed.faults.is_empty(), "{:?}", listed.faults);
    let each: BTreeSet<_> = listed.ids().into_iter().collect();
    assert_eq!((listed.alerts.len(), each.len()), (count, count));
}

#[tokio::test(start_paused = true)]
async fn what_the_server_takes_in_meanwhile_makes_no_alert_come_twice() {
    for arrivals in [1, 37, 99] {
        let table = Table { arrivals, ..Table::of(alerts(450, 450)) };
        let (broker, _) = table.start();
        let listed = list(&broker, &MarsQuery::default()).await;
        whole(&listed, 450);
        assert_eq!((listed.ids()[0], listed.ids()[449]), ("450", "1"));
    }
}

#[tokio::test(start_paused = true)]
async fn alerts_of_one_exposure_are_neither_lost_nor_doubled() {
    for sort_order in [None, Some(SortOrder::Ascending)] {
        let (broker, script) = Table::of(alerts(900, 6)).start();
        let query = MarsQuery { sort_value: Some("jd".into()), sort_order, ..MarsQuery::default() };
        let listed = list(&broker, &query).await;
        whole(&listed, 900);
        assert!(listed.notes.is_empty(), "{:?}", listed.notes);
        let times: Vec<f64> = listed.alerts.iter().map(|alert| alert.candidate.jd.unwrap()).collect();
        if sort_order.is_some() {
            assert!(times.is_sorted());
        } else {
            assert!(times.is_sorted_by(|a, b| a >= b));
        }
        assert!(sent(&script)[0].starts_with("GET /?sort_value=jd&sort_order="), "{}", sent(&script)[0]);
    }
}

#[tokio::test(start_paused = true)]
async fn bounds_of_the_query_hold_when_it_is_sorted_by_them() {
    let (broker, _) = Table::of(alerts(900, 90)).start();
    let query = MarsQuery {
        sort_value: Some("jd".into()),
        jd_gt: Some(2_458_577.75),
        jd_lt: Some(2_458_577.75 + 60.0 * 0.000_46),
        ..MarsQuery::default()
    };
    let listed = list(&broker, &query).await;
    let within = |row: &Row| row.1 > query.jd_gt.unwrap() && row.1 < query.jd_lt.unwrap();
    whole(&listed, alerts(900, 90).iter().filter(|row| within(row)).count());
}

#[tokio::test(start_paused = true)]
async fn an_order_that_can_lose_alerts_says_so() {
    let (broker, _) = Table::of(alerts(300, 6)).start();
    let query = MarsQuery { sort_value: Some("magpsf".into()), ..MarsQuery::default() };
    let listed = list(&broker, &query).await;
    assert_eq!(
        listed.notes,
        [
            "sorted by magpsf the pages are counted: alerts of equal values can be lost between two pages; sorted by id, \
          as without sort_value, or by jd none is"
        ]
    );
    let (broker, _) = Table::of(alerts(30, 6)).start();
    let listed = list(&broker, &query).await;
    assert_eq!((listed.alerts.len(), listed.notes.len()), (30, 0), "one page loses nothing");
}

#[tokio::test(start_paused = true)]
async fn a_server_with_smaller_pages_is_read_to_its_end() {
    for sort_value in [None, Some("jd".to_owned())] {
        let (broker, _) = Table { page: 60, told: true, ..Table::of(alerts(250, 250)) }.start();
        let listed = list(&broker, &MarsQuery { sort_value, ..MarsQuery::default() }).await;
        whole(&listed, 250);
        assert_eq!(
            listed.notes,
            ["the server gives 60 alerts a page where 100 are usual; the listing goes on"]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_by_time_is_taken_up_again() {
    let (broker, _) = Table::of(alerts(900, 6)).start();
    let query = MarsQuery { sort_value: Some("jd".into()), ..MarsQuery::default() };
    let mut came = BTreeSet::new();
    let mut token = None;
    loop {
        let mut stream = broker.alerts_from(&query, token.as_ref()).unwrap();
        for _ in 0..130 {
            let Some(alert) = stream.next().await else { break };
            assert!(came.insert(alert.unwrap().lco_id.clone()), "twice");
        }
        token = stream.resume_token();
        if token.is_none() {
            break;
        }
    }
    assert_eq!(came.len(), 900);
    let start = broker.alerts(&query).unwrap().resume_token().unwrap();
    for text in ["3", "0.2", "0/x1/", "0/f1/x", "9/f1/"] {
        let foreign = at_place(&start, &format!("0@{text}"));
        let mut stream = broker.alerts_from(&query, Some(&foreign)).unwrap();
        assert_eq!(stream.next().await.unwrap().unwrap_err().kind(), ErrorKind::Input, "{text}");
    }
}
