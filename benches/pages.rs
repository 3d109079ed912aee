//! What a stream costs an item, beside decoding the same pages.

// A benchmark that cannot be set up may stop.
#![allow(clippy::expect_used)]

mod support;

use std::sync::Arc;

use criterion::{Criterion, Throughput};
use tom_alerts::Client;
use tom_alerts::brokers::alerce::{Alerce, AlerceConfig, AlerceQuery};
use tom_alerts::http::{Http, HttpConfig, Response};
use tom_alerts::plugin::{Cursor, Protocol};
use tom_alerts::testing::ScriptedTransport;

const ITEMS: usize = 1_000;
const PAGES: usize = 10;

fn main() {
    let bodies: Arc<Vec<String>> =
        Arc::new((0..PAGES).map(|page| support::alerce_page(page, ITEMS)).collect());
    let served = Arc::clone(&bodies);
    let script = ScriptedTransport::new(move |request| {
        let page = request.url().query_pairs().find(|(key, _)| key == "page");
        let page = page.and_then(|(_, value)| value.parse::<usize>().ok()).unwrap_or(1);
        let empty = || r#"{"items": []}"#.to_owned();
        let body = served.get(page - 1).cloned().unwrap_or_else(empty);
        Ok(Response::new(200, Vec::new(), body.into()))
    });
    let http = Http::with_transport(Arc::new(script), &HttpConfig::default());
    let client = Client::<Alerce>::with_http(AlerceConfig::default(), &http).expect("the defaults are good");
    let query: AlerceQuery =
        serde_json::from_value(serde_json::json!({"page_size": ITEMS, "order_by": "oid"}))
            .expect("a good query");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("pages/alerce");
    group.throughput(Throughput::Elements((ITEMS * PAGES) as u64));
    group.bench_function("decode", |b| {
        b.iter(|| {
            let read = |body: &String| {
                let response = Response::new(200, Vec::new(), body.clone().into());
                client.protocol().page(&query, &Cursor::default(), response).expect("a good page").items.len()
            };
            bodies.iter().map(read).sum::<usize>()
        });
    });
    group.bench_function("stream", |b| {
        b.iter(|| {
            runtime.block_on(async {
                let mut alerts = client.alerts(&query).expect("a good query");
                let mut count = 0;
                while let Some(alert) = alerts.next().await {
                    count += usize::from(alert.is_ok());
                }
                assert_eq!(count, ITEMS * PAGES);
            });
        });
    });
    group.finish();
    criterion.final_summary();
}
