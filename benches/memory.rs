//! Peak memory of a long listing: a server in a process of its own, a client in another.

// A benchmark that cannot be set up may stop.
#![allow(clippy::expect_used)]

mod support;

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};

use tom_alerts::brokers::alerce::{AlerceBroker, AlerceConfig, AlerceQuery};

const ITEMS: usize = 1_000;
const ROLE: &str = "TOM_ALERTS_MEMORY_ROLE";

fn main() {
    match env::var(ROLE).unwrap_or_default().split_once(' ') {
        Some(("serve", _)) => serve(),
        Some(("read", rest)) => {
            let (url, pages) = rest.split_once(' ').expect("a URL and a number of pages");
            read(url, pages.parse().expect("a number of pages"));
        }
        _ => compare(),
    }
}

fn again(role: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.env(ROLE, role).stdout(Stdio::piped());
    command
}

fn compare() {
    let mut server = again("serve now").spawn().expect("the server starts");
    let mut url = String::new();
    BufReader::new(server.stdout.take().expect("its output")).read_line(&mut url).expect("its address");
    let peak = |pages: usize| {
        let output = again(&format!("read {} {pages}", url.trim())).output().expect("the client runs");
        String::from_utf8_lossy(&output.stdout).trim().parse::<f64>().expect("a number of kB")
    };
    let (ten, hundred) = (peak(10), peak(100));
    server.kill().and_then(|()| server.wait()).expect("the server stops");
    println!(
        "peak RSS: 10 pages {:.1} MiB, 100 pages ({} objects) {:.1} MiB: {:.3} times",
        ten / 1024.0,
        100 * ITEMS,
        hundred / 1024.0,
        hundred / ten
    );
}

/// Answers each request with the page that it asks for.
fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port of loopback");
    println!("http://{}/ztf/v1/", listener.local_addr().expect("an address"));
    for stream in listener.incoming().flatten() {
        std::thread::spawn(move || answer(stream));
    }
}

fn answer(mut stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().expect("the stream again"));
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut header = String::new();
        while reader.read_line(&mut header).unwrap_or(0) > 2 {
            header.clear();
        }
        let page = line.split("&page=").nth(1).or_else(|| line.split("?page=").nth(1));
        let page: usize = page.and_then(|rest| rest.split(['&', ' ']).next()?.parse().ok()).unwrap_or(1);
        let body = support::alerce_page(page, ITEMS);
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        if stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).is_err() {
            return;
        }
    }
}

fn read(url: &str, pages: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let config = AlerceConfig { base_url: url.parse().ok(), ..AlerceConfig::default() };
    let broker = AlerceBroker::new(config).expect("a broker");
    let query = serde_json::json!({"page_size": ITEMS, "max_pages": pages});
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
    let mut status = String::new();
    std::fs::File::open("/proc/self/status")
        .and_then(|mut file| file.read_to_string(&mut status))
        .expect("Linux");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    println!("{}", peak.trim().trim_end_matches("kB").trim());
}
