//! From the text of a page to generic alerts, beside bare readers into the same structs.
//!
//! `cargo bench --bench decode` measures every broker; `cargo bench --bench decode -- alerce` one.
//! A broker adds itself with a file of its own, which ends in a call of [`Decode::page`].

// A benchmark that cannot be set up may stop.
#![allow(clippy::expect_used)]

#[path = "../support/mod.rs"]
mod support;

#[cfg(feature = "alerce")]
mod alerce;
#[cfg(feature = "antares")]
mod antares;
#[cfg(feature = "boom")]
mod boom;
#[cfg(feature = "fink")]
mod fink;
#[cfg(feature = "gaia")]
mod gaia;
#[cfg(feature = "hermes")]
mod hermes;
#[cfg(feature = "lasair")]
mod lasair;
#[cfg(feature = "mars")]
mod mars;
#[cfg(feature = "scimma")]
mod scimma;
#[cfg(feature = "scout")]
mod scout;
#[cfg(feature = "tns")]
mod tns;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use tom_alerts::form::Form;
use tom_alerts::http::{Http, HttpConfig, Response};
use tom_alerts::plugin::{Cursor, Items, Page, Protocol, Slot};
use tom_alerts::testing::ScriptedTransport;
use tom_alerts::{Alert, AnyAlert, Client, GenericAlert};

fn main() {
    let mut decode = Decode { criterion: Criterion::default().configure_from_args() };
    #[cfg(feature = "alerce")]
    alerce::measure(&mut decode);
    #[cfg(feature = "antares")]
    antares::measure(&mut decode);
    #[cfg(feature = "fink")]
    fink::measure(&mut decode);
    #[cfg(feature = "gaia")]
    gaia::measure(&mut decode);
    #[cfg(feature = "hermes")]
    hermes::measure(&mut decode);
    #[cfg(feature = "lasair")]
    lasair::measure(&mut decode);
    #[cfg(feature = "mars")]
    mars::measure(&mut decode);
    #[cfg(feature = "scout")]
    scout::measure(&mut decode);
    #[cfg(feature = "tns")]
    tns::measure(&mut decode);
    #[cfg(feature = "boom")]
    boom::measure(&mut decode);
    #[cfg(feature = "scimma")]
    scimma::measure(&mut decode);
    decode.criterion.final_summary();
}

/// Measures pages of any broker in the same ways.
struct Decode {
    criterion: Criterion,
}

type Way<P> = fn(&Client<P>, &<P as Protocol>::Query, &Response) -> usize;

impl Decode {
    /// A page of `items` items of a broker; `bare` reads it with bare readers into the same structs
    /// and says how many there are.
    fn page<P: Protocol>(
        &mut self,
        name: &str,
        items: usize,
        client: &Client<P>,
        query: &P::Query,
        text: &str,
        bare: fn(&str) -> usize,
    ) {
        let response = Response::new(200, Vec::new(), text.to_owned().into());
        assert_eq!(bare(text), items, "the bare reader of {name} reads the page");
        assert_eq!(whole(client, query, &response), items, "the client of {name} reads the page");
        let ways: [(&str, Way<P>); 3] =
            [("typed with text", read), ("to GenericAlert", generic), ("to AnyAlert", whole)];
        if wanted(name) {
            println!("{name}, {items} items, {} kB, medians of rounds in turn:", text.len() / 1_000);
            for (way, run) in ways {
                let (plain, ours) = ratio(400, || _ = bare(text), || _ = run(client, query, &response));
                println!(
                    "  {way}: {ours:?}, bare {plain:?}: {:.2} times, {:.0} alerts/s",
                    ours.as_secs_f64() / plain.as_secs_f64(),
                    items as f64 / ours.as_secs_f64()
                );
            }
        }
        let mut group = self.criterion.benchmark_group(format!("decode/{name}"));
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function("bare", |b| b.iter(|| bare(text)));
        for (way, run) in ways {
            group.bench_function(way, |b| b.iter(|| run(client, query, &response)));
        }
        group.finish();
    }

    /// Anything else that is read, such as a light curve.
    #[allow(dead_code, reason = "not every broker has more than pages")]
    fn other(&mut self, name: &str, bytes: usize, mut bare: impl FnMut(), mut ours: impl FnMut()) {
        if wanted(name) {
            let (plain, own) = ratio(400, &mut bare, &mut ours);
            let times = own.as_secs_f64() / plain.as_secs_f64();
            println!("{name}, {} kB: {own:?}, bare {plain:?}: {times:.2} times", bytes / 1_000);
        }
        let mut group = self.criterion.benchmark_group(format!("decode/{name}"));
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function("bare", |b| b.iter(&mut bare));
        group.bench_function("ours", |b| b.iter(&mut ours));
        group.finish();
    }
}

/// Whether the command line asks for this one: the ratios obey it as criterion does. Without
/// `--bench`, as `cargo test` runs it, everything is done once and nothing measured.
fn wanted(name: &str) -> bool {
    if !std::env::args().any(|word| word == "--bench") {
        return false;
    }
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with('-')).peekable();
    words.peek().is_none() || words.any(|word| format!("decode/{name}").contains(&word))
}

/// A client that goes nowhere.
fn client<P: Protocol>(config: P::Config) -> Client<P> {
    let nowhere = ScriptedTransport::new(|_| Ok(Response::new(200, Vec::new(), "".into())));
    let http = Http::with_transport(Arc::new(nowhere), &HttpConfig::default());
    Client::with_http(config, &http).expect("the configuration is good")
}

/// A query from JSON.
fn query<Q: Form>(parameters: &serde_json::Value) -> Q {
    tom_alerts::form::read(parameters.as_object().expect("a table")).expect("a good query")
}

fn page<P: Protocol>(client: &Client<P>, query: &P::Query, response: &Response) -> Page<P::Packet> {
    client.protocol().page(query, &Cursor::default(), response.clone()).expect("the page is good")
}

/// The page as it is read: typed items, each with its own text.
fn read<P: Protocol>(client: &Client<P>, query: &P::Query, response: &Response) -> usize {
    black_box(&page(client, query, response).items).len()
}

/// The page as generic alerts, with the typed items and their texts beside them.
fn generic<P: Protocol>(client: &Client<P>, query: &P::Query, response: &Response) -> usize {
    let page = page(client, query, response);
    let mut alerts: Vec<GenericAlert> = Vec::with_capacity(page.items.len());
    let mut take = |item: &Alert<P::Packet>| {
        if let Ok(alert) = client.generic(item) {
            alerts.push(alert);
        }
    };
    match &page.items {
        Items::Whole(items) => items.iter().flatten().for_each(&mut take),
        Items::Slots(slots) => slots.iter().flatten().for_each(|slot| {
            if let Slot::Item(item) = slot {
                take(item);
            }
        }),
    }
    black_box(&alerts).len()
}

/// All that happens to a page between the wire and a user of any broker.
fn whole<P: Protocol>(client: &Client<P>, query: &P::Query, response: &Response) -> usize {
    let page = page(client, query, response);
    let mut alerts: Vec<AnyAlert> = Vec::with_capacity(page.items.len());
    let mut take = |item: Alert<P::Packet>| {
        if let Ok(alert) = client.erase(item) {
            alerts.push(alert);
        }
    };
    match page.items {
        Items::Whole(items) => items.into_iter().flatten().for_each(&mut take),
        Items::Slots(slots) => slots.into_iter().flatten().for_each(|slot| {
            if let Slot::Item(item) = slot {
                take(item);
            }
        }),
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
