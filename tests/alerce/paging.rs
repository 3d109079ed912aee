//! Listings of services that change, sort or cap while they are read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use tom_alerts::brokers::alerce::{OrderBy, OrderMode};
use tom_alerts::http::{Request, Response};
use tom_alerts::testing::ScriptedTransport;

use super::support::listing::Listed;
use super::support::script::{client, sent, text};
use super::*;
use tom_alerts::brokers::alerce::AlercePacket;

/// A row of a service: an object with one class.
#[derive(Debug, Clone)]
struct Row {
    oid: String,
    first: f64,
    last: f64,
    class: &'static str,
    probability: f64,
}

/// A service with these rows, as ALeRCE's server lists them: bounds that are included, one column to sort
/// by, equals in an order that is another at every request, pages by number.
struct Table {
    rows: Mutex<Vec<Row>>,
    /// The most rows that it gives at once.
    cap: usize,
    /// Whether it sorts and bounds at all.
    obeys: bool,
    asked: Mutex<u32>,
    /// What is done to the rows after so many requests.
    change: fn(u32, &mut Vec<Row>),
}

impl Table {
    fn of(rows: Vec<Row>) -> Self {
        let asked = Mutex::new(0);
        Self { rows: Mutex::new(rows), cap: usize::MAX, obeys: true, asked, change: |_, _| () }
    }

    fn start(self) -> (AlerceBroker, ScriptedTransport) {
        let table = Arc::new(self);
        let script = ScriptedTransport::new(move |request| Ok(table.answer(request)));
        (client(&script, AlerceConfig::default()), script)
    }

    fn answer(&self, request: &Request) -> Response {
        let lsst = request.url().path() == "/object_api/list_objects";
        let all = |key: &str| -> Vec<String> {
            let pairs = request.url().query_pairs().filter(|(name, _)| name == key);
            pairs.map(|(_, value)| value.into_owned()).collect()
        };
        let one = |key: &str| all(key).into_iter().next();
        let mut asked = self.asked.lock().unwrap();
        *asked += 1;
        let mut rows = self.rows.lock().unwrap();
        let mut chosen = rows.clone();
        let ids = all("oid");
        chosen.retain(|row| ids.is_empty() || ids.contains(&row.oid));
        if let Some(least) = one("probability") {
            chosen.retain(|row| row.probability >= least.parse::<f64>().unwrap());
        }
        if !lsst && let Some(class) = one("class") {
            chosen.retain(|row| row.class == class);
        }
        // Those of one value in another order at every request, as a database has them.
        let salt = *asked;
        chosen.sort_by_key(|row| {
            let sum = row.oid.bytes().fold(salt, |sum, b| sum.wrapping_mul(31).wrapping_add(u32::from(b)));
            sum.wrapping_mul(2_654_435_761).rotate_left(salt)
        });
        if self.obeys {
            for (key, value) in
                [("firstmjd", (|row: &Row| row.first) as fn(&Row) -> f64), ("lastmjd", |row| row.last)]
            {
                let ends: Vec<f64> = all(key).iter().map(|end| end.parse().unwrap()).collect();
                let [low, high] = [ends.first().copied(), ends.get(1).copied()];
                chosen.retain(|row| low.is_none_or(|low| value(row) >= low));
                chosen.retain(|row| high.is_none_or(|high| value(row) <= high));
            }
            match one("order_by").as_deref() {
                Some("firstmjd") => chosen.sort_by(|a, b| a.first.total_cmp(&b.first)),
                Some("lastmjd") => chosen.sort_by(|a, b| a.last.total_cmp(&b.last)),
                Some("probability") => chosen.sort_by(|a, b| a.probability.total_cmp(&b.probability)),
                _ => chosen.sort_by(|a, b| a.oid.cmp(&b.oid)),
            }
            if one("order_mode").as_deref() == Some("DESC") {
                chosen.reverse();
            }
        } else {
            chosen.sort_by(|a, b| a.oid.cmp(&b.oid));
        }
        let size = one("page_size").unwrap().parse::<usize>().unwrap().min(self.cap);
        let from = (one("page").unwrap().parse::<usize>().unwrap() - 1) * size;
        let total = chosen.len();
        let page: Vec<Value> = chosen.iter().skip(from).take(size).map(|row| row.json(lsst)).collect();
        let has_next = from + size < total;
        let told = has_next && (lsst || self.cap != usize::MAX || one("count").as_deref() == Some("true"));
        (self.change)(*asked, &mut rows);
        text(200, &json!({"total": null, "has_next": told, "items": page}).to_string())
    }
}

impl Row {
    fn json(&self, lsst: bool) -> Value {
        let id: Value = if lsst { self.oid.parse::<i64>().unwrap().into() } else { self.oid.clone().into() };
        let class = if lsst { "class_name" } else { "class" };
        json!({
            "oid": id, "meanra": 150.1, "meandec": 2.2, "firstmjd": self.first, "lastmjd": self.last,
            class: self.class, "probability": self.probability,
        })
    }
}

fn oid(n: usize) -> String {
    let letter = |n: usize| char::from(b'a' + (n % 26) as u8);
    format!("ZTF24aaaa{}{}{}", letter(n / 676), letter(n / 26), letter(n))
}

/// So many objects, first seen in so many exposures.
fn objects(count: usize, exposures: usize) -> Vec<Row> {
    let row = |n: usize| Row {
        oid: oid(n * 7 % count),
        first: 58_371.153_263_9 + (n % exposures) as f64 * 1.000_1,
        last: 60_000.25 + (n * 3 % exposures) as f64 / 7.0,
        class: if n.is_multiple_of(3) { "AGN" } else { "SNIa" },
        probability: (n % 10) as f64 / 10.0,
    };
    (0..count).map(row).collect()
}

fn sized(size: u32) -> AlerceQuery {
    AlerceQuery { page_size: Some(size), ..AlerceQuery::default() }
}

fn ids(listed: &Listed<AlercePacket>) -> Vec<&str> {
    assert!(listed.faults.is_empty(), "{:?}", listed.faults);
    listed.alerts.iter().map(|alert| alert.oid.as_str()).collect()
}

/// Every object came, and each once.
fn whole(listed: &Listed<AlercePacket>, count: usize) {
    let ids = ids(listed);
    let each: BTreeSet<_> = ids.iter().collect();
    assert_eq!((ids.len(), each.len()), (count, count));
}

#[tokio::test(start_paused = true)]
async fn an_object_that_leaves_the_answer_takes_no_other_along() {
    let mut table = Table::of(objects(60, 60));
    // Between any two pages the class of the earliest three objects changes.
    table.change = |_, rows| {
        rows.sort_by(|a, b| a.first.total_cmp(&b.first));
        rows.drain(..rows.len().min(3));
    };
    let (broker, script) = table.start();
    let listed = list(&broker, &sized(10)).await;
    let gone = 3 * (script.requests().len() - 1);
    let due: BTreeSet<String> = objects(60, 60).into_iter().map(|row| row.oid).collect();
    let came: BTreeSet<String> = ids(&listed).into_iter().map(str::to_owned).collect();
    assert_eq!(came.len(), listed.alerts.len(), "none twice");
    let mut first = objects(60, 60);
    first.sort_by(|a, b| a.first.total_cmp(&b.first));
    let left: BTreeSet<String> = first.into_iter().take(gone).map(|row| row.oid).collect();
    let lost: Vec<_> = due.difference(&came).filter(|oid| !left.contains(*oid)).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[tokio::test(start_paused = true)]
async fn objects_of_one_exposure_are_neither_lost_nor_doubled() {
    for (order_by, order_mode) in [
        (None, None),
        (None, Some(OrderMode::Descending)),
        (Some(OrderBy::Firstmjd), Some(OrderMode::Ascending)),
        (Some(OrderBy::Lastmjd), Some(OrderMode::Ascending)),
        (Some(OrderBy::Lastmjd), Some(OrderMode::Descending)),
    ] {
        let (broker, _) = Table::of(objects(300, 7)).start();
        let listed = list(&broker, &AlerceQuery { order_by, order_mode, ..sized(20) }).await;
        whole(&listed, 300);
        assert!(listed.notes.is_empty(), "{:?}", listed.notes);
        let times: Vec<f64> = listed
            .alerts
            .iter()
            .map(|row| if order_by == Some(OrderBy::Lastmjd) { row.lastmjd } else { row.firstmjd }.unwrap())
            .collect();
        match order_mode {
            Some(OrderMode::Descending) => assert!(times.is_sorted_by(|a, b| a >= b)),
            _ => assert!(times.is_sorted()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn bounds_of_the_query_hold_on_every_page() {
    let (broker, script) = Table::of(objects(100, 50)).start();
    let query = AlerceQuery {
        firstmjd_min: Some(58_380.0),
        firstmjd_max: Some(58_400.0),
        lastmjd_max: Some(60_005.5),
        ..sized(8)
    };
    let listed = list(&broker, &query).await;
    let within = |row: &Row| (58_380.0..=58_400.0).contains(&row.first) && row.last <= 60_005.5;
    whole(&listed, objects(100, 50).iter().filter(|row| within(row)).count());
    assert!(script.requests().len() > 2);
    for line in sent(&script) {
        assert!(line.contains("&firstmjd=58400") || line.matches("firstmjd=").count() == 3, "{line}");
        assert!(line.contains("lastmjd=0&lastmjd=60005.5"), "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_gives_less_than_asked_is_read_to_its_end() {
    let mut table = Table::of(objects(250, 250));
    table.cap = 100;
    let (broker, _) = table.start();
    let listed = list(&broker, &sized(1000)).await;
    whole(&listed, 250);
    let due = "the service gives 100 objects a page where 1000 were asked for; the listing goes on";
    assert_eq!(listed.notes, [due]);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_neither_sorts_nor_bounds_is_read_by_page_numbers() {
    for exposures in [1, 5, 30] {
        let mut table = Table::of(objects(30, exposures));
        table.obeys = false;
        let (broker, _) = table.start();
        let listed = list(&broker, &sized(7)).await;
        whole(&listed, 30);
        assert!(listed.notes.iter().any(|note| note.contains("its pages are counted")), "{:?}", listed.notes);
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_that_can_lose_objects_says_so() {
    let asked = |order| AlerceQuery { order_by: Some(order), ..sized(20) };
    let (broker, script) = Table::of(objects(50, 50)).start();
    let listed = list(&broker, &asked(OrderBy::Probability)).await;
    assert_eq!(listed.alerts.len(), 50);
    let due = "sorted by probability the pages are counted: objects of equal values, and objects can be lost between \
               two pages when others change meanwhile; sorted by firstmjd, as without order_by, none is";
    assert_eq!(listed.notes, [due]);
    assert!(
        sent(&script)[2].contains("page=3&page_size=20&count=false&order_by=probability"),
        "{:?}",
        sent(&script)
    );
    let listed = list(&broker, &asked(OrderBy::Oid)).await;
    let due = "sorted by oid the pages are counted: objects can be lost between two pages when others change \
               meanwhile; sorted by firstmjd, as without order_by, none is";
    assert_eq!(listed.notes, [due]);
    whole(&listed, 50);
    // All on one page: nothing can be lost between two.
    let listed = list(&broker, &AlerceQuery { order_by: Some(OrderBy::Probability), ..sized(100) }).await;
    assert_eq!((listed.alerts.len(), listed.notes.len()), (50, 0));
}

#[tokio::test(start_paused = true)]
async fn many_ids_go_in_several_requests() {
    let (broker, script) = Table::of(objects(600, 40)).start();
    let mut oid: Vec<String> = (0..600).map(oid).collect();
    oid.push(oid[3].clone());
    let listed = list(&broker, &AlerceQuery { oid, ..AlerceQuery::default() }).await;
    whole(&listed, 600);
    let lines = sent(&script);
    assert_eq!(lines.len(), 3);
    assert!(
        lines.iter().all(|line| line.len() < 8_000),
        "{:?}",
        lines.iter().map(String::len).collect::<Vec<_>>()
    );
    assert!(lines.iter().all(|line| line.matches("oid=ZTF").count() == 200));

    // LSST's ids are longer, and so are the parameters beside them.
    let rows: Vec<Row> =
        objects(450, 40).into_iter().zip(0..).map(|(row, n)| Row { oid: lsst_id(n), ..row }).collect();
    let (broker, script) = Table::of(rows).start();
    let listed = list(&broker, &AlerceQuery { oid: (0..450).map(lsst_id).collect(), ..sized(100) }).await;
    whole(&listed, 450);
    assert!(sent(&script).iter().all(|line| line.len() < 8_000));
}

fn lsst_id(n: i64) -> String {
    (9_169_342_810_955_317_000_i64 + n).to_string()
}

#[tokio::test(start_paused = true)]
async fn a_listing_of_ids_is_taken_up_again_in_its_part() {
    let (broker, script) = Table::of(objects(450, 40)).start();
    let query = AlerceQuery { oid: (0..450).map(oid).collect(), ..AlerceQuery::default() };
    let mut stream = broker.alerts(&query).unwrap();
    let mut came = BTreeSet::new();
    for _ in 0..350 {
        came.insert(stream.next().await.unwrap().unwrap().oid.clone());
    }
    let token = stream.resume_token().unwrap();
    drop(stream);
    let before = script.requests().len();
    let mut rest = broker.alerts_from(&query, Some(&token)).unwrap();
    while let Some(alert) = rest.next().await {
        assert!(came.insert(alert.unwrap().oid.clone()), "twice");
    }
    assert_eq!((came.len(), script.requests().len() - before), (450, 2));
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_the_last_by_request_is_given_whole() {
    let (broker, script) = Table::of(objects(300, 7)).start();
    let listed = list(&broker, &AlerceQuery { max_pages: Some(1), ..sized(20) }).await;
    assert_eq!((listed.alerts.len(), script.requests().len()), (20, 1));
    assert_eq!(listed.notes, ["stopped after 1 page as max_pages asked; there is more"]);
    let listed = list(&broker, &AlerceQuery { max_pages: Some(3), ..sized(20) }).await;
    assert!((20..=60).contains(&listed.alerts.len()));
    assert_eq!(script.requests().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_count_is_asked_for_once() {
    let (broker, script) = Table::of(objects(50, 50)).start();
    let listed = list(&broker, &AlerceQuery { count: true, ..sized(20) }).await;
    whole(&listed, 50);
    let counted: Vec<bool> = sent(&script).iter().map(|line| line.contains("count=true")).collect();
    assert_eq!(counted, [true, false, false]);
}

#[tokio::test(start_paused = true)]
async fn lsst_is_paged_by_its_own_times() {
    let rows: Vec<Row> = objects(200, 6)
        .into_iter()
        .zip(0..)
        .map(|(row, n)| Row {
            oid: lsst_id(n),
            first: row.first + 2_600.000_001,
            last: row.last + 1_000.0,
            ..row
        })
        .collect();
    let (broker, script) = Table::of(rows.clone()).start();
    let query = AlerceQuery { survey: Some(Survey::Lsst), ..sized(30) };
    let listed = list(&broker, &query).await;
    whole(&listed, 200);
    assert!(listed.notes.is_empty(), "{:?}", listed.notes);
    assert!(sent(&script)[0].ends_with("?survey=lsst&page=1&page_size=30&order_by=firstmjd&order_mode=ASC"));
    // An object is found again by the times that are shown of it.
    let mut found = BTreeMap::new();
    for alert in &listed.alerts {
        let target = broker.target(alert).unwrap();
        let mjd = |key: &str| Some(target.extras[key].parse::<f64>().unwrap());
        found.insert(
            (alert.firstmjd.unwrap().to_bits(), alert.lastmjd.unwrap().to_bits()),
            (mjd("firstmjd"), mjd("lastmjd")),
        );
    }
    for ((first, last), (firstmjd, lastmjd)) in found {
        let query = AlerceQuery {
            firstmjd_min: firstmjd,
            firstmjd_max: firstmjd,
            lastmjd_min: lastmjd,
            lastmjd_max: lastmjd,
            ..query.clone()
        };
        let due =
            rows.iter().filter(|row| (row.first.to_bits(), row.last.to_bits()) == (first, last)).count();
        whole(&list(&broker, &query).await, due);
    }
}

#[tokio::test(start_paused = true)]
async fn a_ztf_object_is_found_again_by_the_times_that_are_shown_of_it() {
    let (broker, _) = Table::of(objects(40, 40)).start();
    for alert in list(&broker, &AlerceQuery::default()).await.alerts {
        let target = broker.target(&alert).unwrap();
        let mjd = |key: &str| Some(target.extras[key].parse::<f64>().unwrap());
        assert_eq!((mjd("firstmjd"), mjd("lastmjd")), (alert.firstmjd, alert.lastmjd));
        let query = AlerceQuery { lastmjd_max: mjd("lastmjd"), firstmjd_min: mjd("firstmjd"), ..sized(50) };
        assert!(ids(&list(&broker, &query).await).contains(&alert.oid.as_str()));
    }
}

#[tokio::test(start_paused = true)]
async fn rows_of_another_class_than_asked_for_are_left_out() {
    let rows: Vec<Row> =
        objects(427, 20).into_iter().zip(0..).map(|(row, n)| Row { oid: lsst_id(n), ..row }).collect();
    let (broker, script) = Table::of(rows).start();
    let asked = |class: &str| AlerceQuery {
        survey: Some(Survey::Lsst),
        classifier: Some("stamp_classifier_of_tomorrow".into()),
        class: Some(class.into()),
        ..sized(50)
    };
    // This service filters by no class at all, as ALeRCE's does for one that the classifier does not have.
    let listed = list(&broker, &asked("Kilonova")).await;
    assert!(listed.alerts.is_empty() && listed.faults.is_empty());
    assert_eq!(
        listed.notes,
        [
            "the classifier stamp_classifier_of_tomorrow does not seem to have the class Kilonova: the service listed \
          objects of other classes, which are left out"
        ]
    );
    assert_eq!(script.requests().len(), 1, "a page without any of the class is the last");
    let listed = list(&broker, &asked("SNIa")).await;
    assert!(!listed.alerts.is_empty());
    assert!(listed.alerts.iter().all(|row| row.class_name() == Some("SNIa")));
}
