//! Peak memory of a long listing: a server in a process of its own, a client in another.

// A benchmark that cannot be set up may stop.
#![allow(clippy::expect_used)]

#[allow(dead_code, reason = "another bench uses the rest")]
mod loopback;
#[allow(dead_code, reason = "another bench uses the rest")]
mod support;

use loopback::process::{Server, again, peak, task};
use tom_alerts::brokers::alerce::{AlerceBroker, AlerceConfig, AlerceQuery};

const ITEMS: usize = 1_000;

fn main() {
    let task = task();
    match task.split(' ').collect::<Vec<_>>()[..] {
        ["serve"] => loopback::server::serve(|path| support::alerce_page(loopback::page_number(path), ITEMS)),
        ["read", url, pages] => read(url, pages.parse().expect("a number of pages")),
        _ => compare(),
    }
}

fn compare() {
    let server = Server::start();
    let peak = |pages: usize| {
        let output = again(&format!("read {} {pages}", server.1)).output().expect("the client runs");
        String::from_utf8_lossy(&output.stdout).trim().parse::<f64>().expect("a number of MiB")
    };
    let (ten, hundred) = (peak(10), peak(100));
    println!(
        "peak RSS: 10 pages {ten:.1} MiB, 100 pages ({} objects) {hundred:.1} MiB: {:.3} times",
        100 * ITEMS,
        hundred / ten
    );
}

fn read(url: &str, pages: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let config = AlerceConfig { base_url: url.parse().ok(), ..AlerceConfig::default() };
    let broker = AlerceBroker::new(config).expect("a broker");
    let query = serde_json::json!({"page_size": ITEMS, "max_pages": pages, "order_by": "oid"});
    let query: AlerceQuery = serde_json::from_value(query).expect("a good query");
    let count = runtime.block_on(async {
        let mut alerts = broker.alerts(&query).expect("a good query");
        let mut count = 0;
        while let Some(alert) = alerts.next().await {
            let alert = broker.erase(alert.expect("a good alert")).expect("in range");
            count += usize::from(alert.generic().ra.is_some());
        }
        count
    });
    assert_eq!(count, ITEMS * pages);
    println!("{}", peak());
}
