//! From the text of a page to generic alerts, beside bare `serde_json` into the same structs.

// A benchmark that cannot be set up may stop.
#![allow(clippy::expect_used)]

mod support;

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use serde::Deserialize;
use tom_alerts::brokers::alerce::{Alerce, AlerceConfig, AlercePacket, AlerceQuery};
use tom_alerts::http::{Http, HttpConfig, Response};
use tom_alerts::plugin::{Cursor, Items, Protocol};
use tom_alerts::testing::ScriptedTransport;
use tom_alerts::{AnyAlert, Client, GenericAlert};

const ITEMS: usize = 1_000;

type Way = fn(&Client<Alerce>, &AlerceQuery, &Response) -> usize;

#[derive(Deserialize)]
struct Bare {
    items: Vec<AlercePacket>,
}

fn client() -> Client<Alerce> {
    let nowhere = ScriptedTransport::new(|_| Ok(Response::new(200, Vec::new(), "".into())));
    let http = Http::with_transport(std::sync::Arc::new(nowhere), &HttpConfig::default());
    Client::with_http(AlerceConfig::default(), &http).expect("the defaults are good")
}

fn bare(text: &str) -> usize {
    let page: Bare = serde_json::from_str(text).expect("the page is good");
    black_box(&page.items).len()
}

/// The page as it is read: typed items, each with its own text.
fn read(client: &Client<Alerce>, query: &AlerceQuery, response: &Response) -> usize {
    let page = client.protocol().page(query, &Cursor::default(), response.clone()).expect("the page is good");
    black_box(&page.items).len()
}

/// The page as generic alerts, with the typed items and their texts beside them.
fn generic(client: &Client<Alerce>, query: &AlerceQuery, response: &Response) -> usize {
    let page = client.protocol().page(query, &Cursor::default(), response.clone()).expect("the page is good");
    let mut alerts: Vec<GenericAlert> = Vec::with_capacity(page.items.len());
    if let Items::Whole(items) = &page.items {
        for item in items.iter().flatten() {
            alerts.extend(client.generic(item).ok());
        }
    }
    black_box(&alerts).len()
}

/// All that happens to a page between the wire and a user of any broker.
fn whole(client: &Client<Alerce>, query: &AlerceQuery, response: &Response) -> usize {
    let page = client.protocol().page(query, &Cursor::default(), response.clone()).expect("the page is good");
    let mut alerts: Vec<AnyAlert> = Vec::with_capacity(page.items.len());
    if let Items::Whole(items) = page.items {
        for item in items.into_iter().flatten() {
            alerts.extend(client.erase(item).ok());
        }
    }
    black_box(&alerts).len()
}

/// Medians of rounds in turn: the machine's moods fall on both alike.
fn ratio(rounds: usize, mut one: impl FnMut(), mut other: impl FnMut()) -> (Duration, Duration) {
    let time = |f: &mut dyn FnMut()| {
        let start = Instant::now();
        f();
        start.elapsed()
    };
    let (mut a, mut b): (Vec<_>, Vec<_>) = (0..rounds).map(|_| (time(&mut one), time(&mut other))).unzip();
    a.sort();
    b.sort();
    (a[rounds / 2], b[rounds / 2])
}

fn main() {
    let text = support::alerce_page(0, ITEMS);
    let query: AlerceQuery =
        serde_json::from_value(serde_json::json!({"page_size": ITEMS})).expect("a good query");
    let client = client();
    let response = Response::new(200, Vec::new(), text.clone().into());
    assert_eq!(whole(&client, &query, &response), bare(&text));

    let ways: [(&str, Way); 3] =
        [("typed with text", read), ("to GenericAlert", generic), ("to AnyAlert", whole)];
    println!("ALeRCE, {ITEMS} objects, {} kB, medians of rounds in turn:", text.len() / 1_000);
    for (name, way) in ways {
        let (plain, ours) = ratio(400, || _ = bare(&text), || _ = way(&client, &query, &response));
        println!(
            "  {name}: {ours:?}, bare serde_json {plain:?}: {:.2} times, {:.0} alerts/s",
            ours.as_secs_f64() / plain.as_secs_f64(),
            ITEMS as f64 / ours.as_secs_f64()
        );
    }

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("decode/alerce");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("bare serde_json", |b| b.iter(|| bare(&text)));
    for (name, way) in ways {
        group.bench_function(name, |b| b.iter(|| way(&client, &query, &response)));
    }
    group.finish();
    criterion.final_summary();
}
