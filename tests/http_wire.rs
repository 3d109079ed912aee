//! `HttpTransport` against a socket that answers with any bytes: redirects, bounds, broken answers, secrets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use support::errors::told;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tom_alerts::http::{Http, HttpConfig, Request};
use tom_alerts::{Error, ErrorKind, Result};

enum Reply {
    Whole(Vec<u8>),
    /// These bytes, and then nothing, with the connection open.
    ThenNothing(Vec<u8>),
    /// A byte now and then, for ever.
    Trickle,
}

/// A service on loopback; it keeps every request as it came.
struct Service {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Service {
    /// Answers the n-th request, from 0, by a function.
    async fn new(answer: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let (kept, answer) = (Arc::clone(&requests), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                tokio::spawn(async move { converse(stream, &kept, &*answer).await });
            }
        });
        Self { address, requests }
    }

    async fn always(answer: Vec<u8>) -> Self {
        Self::new(move |_| Reply::Whole(answer.clone())).await
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn seen(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn converse(
    mut stream: TcpStream,
    kept: &Mutex<Vec<String>>,
    answer: &(impl Fn(usize) -> Reply + ?Sized),
) -> io::Result<()> {
    let mut bytes = Vec::new();
    let text = loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        if body.len() >= length.unwrap_or(0) {
            break text;
        }
    };
    let number = {
        let mut kept = kept.lock().unwrap();
        kept.push(text);
        kept.len() - 1
    };
    match answer(number) {
        Reply::Whole(bytes) => stream.write_all(&bytes).await,
        Reply::ThenNothing(bytes) => {
            stream.write_all(&bytes).await?;
            std::future::pending().await
        }
        Reply::Trickle => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n").await?;
            loop {
                stream.write_all(b"x").await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}\r\n");
    [head.as_bytes(), body.as_ref()].concat()
}

fn ok(body: &str) -> Vec<u8> {
    answer("200 OK", &format!("content-length: {}\r\n", body.len()), body)
}

fn moved(status: u16, place: &str) -> Vec<u8> {
    answer(&format!("{status} Moved"), &format!("location: {place}\r\ncontent-length: 0\r\n"), "")
}

fn http(change: impl FnOnce(&mut HttpConfig)) -> Http {
    let mut config = HttpConfig { max_retries: 0, ..HttpConfig::default() };
    change(&mut config);
    Http::new(&config).unwrap().with_dice(|| 0.0)
}

fn get(url: impl AsRef<str>) -> Request {
    Request::get(url.as_ref().parse().unwrap())
}

fn post(url: impl AsRef<str>) -> Request {
    Request::post(url.as_ref().parse().unwrap()).form("name", "x")
}

async fn fault(http: &Http, request: Request) -> Error {
    http.send(request).await.unwrap_err()
}

#[tokio::test]
async fn a_redirect_within_the_service_is_followed_with_its_credential() {
    let service =
        Service::new(|n| Reply::Whole(if n == 0 { moved(302, "/new?page=2") } else { ok("[1]") })).await;
    let request = get(service.url("/old")).secret_header("authorization", "Token ", "hunter2");
    let response = http(|_| {}).send(request).await.unwrap();
    assert_eq!(response.json::<Vec<u32>>().unwrap(), [1]);
    let seen = service.seen();
    assert!(seen[1].starts_with("GET /new?page=2 "), "{}", seen[1]);
    assert!(seen[1].contains("authorization: Token hunter2"));
}

#[tokio::test]
async fn a_submission_follows_only_a_redirect_that_keeps_its_body() {
    let service = Service::new(|n| Reply::Whole(if n == 0 { moved(308, "/new") } else { ok("{}") })).await;
    http(|_| {}).send(post(service.url("/old"))).await.unwrap();
    assert!(service.seen()[1].ends_with("name=x"));
    for status in [301, 302, 303] {
        let service = Service::always(moved(status, "/new/")).await;
        let error = fault(&http(|_| {}), post(service.url("/new"))).await;
        assert_eq!((error.kind(), service.seen().len()), (ErrorKind::Limit, 1));
        assert!(error.to_string().contains("final slash"), "{error}");
    }
}

#[tokio::test]
async fn redirects_without_end_are_ended() {
    let service = Service::always(moved(302, "/round")).await;
    let error = fault(&http(|c| c.max_redirects = 3), get(service.url("/round"))).await;
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert!(error.to_string().starts_with("the service redirected more than 3 times"), "{error}");
    assert_eq!(service.seen().len(), 4);
}

#[tokio::test]
async fn a_credential_does_not_go_to_another_origin() {
    let other = Service::always(ok("[]")).await;
    let place = other.url("/");
    let service = Service::always(moved(307, &place)).await;
    let secret = get(service.url("/")).secret_header("x-key", "", "hunter2");
    let error = fault(&http(|_| {}), secret).await;
    assert_eq!((error.kind(), error.context("to")), (ErrorKind::Limit, Some("127.0.0.1")));
    let form = Request::post(service.url("/").parse().unwrap()).secret_form("api_key", "hunter2");
    assert_eq!(fault(&http(|_| {}), form).await.kind(), ErrorKind::Limit);
    assert!(other.seen().is_empty());
    // Without one it may.
    http(|_| {}).send(get(service.url("/"))).await.unwrap();
    assert_eq!(other.seen().len(), 1);
}

#[tokio::test]
async fn a_redirect_to_another_scheme_is_not_followed() {
    let service = Service::always(moved(302, "ftp://example.org/x")).await;
    let error = fault(&http(|_| {}), get(service.url("/"))).await;
    assert!(error.to_string().contains("does not lead to http or https"), "{error}");
}

#[tokio::test]
async fn a_credential_does_not_go_over_plain_http() {
    let start = Instant::now();
    for request in [
        get("http://192.0.2.1/").secret_header("authorization", "Token ", "hunter2"),
        post("http://192.0.2.1/").secret_form("api_key", "hunter2"),
    ] {
        let error = fault(&http(|_| {}), request).await;
        assert_eq!((error.kind(), error.context("host")), (ErrorKind::Config, Some("192.0.2.1")));
        assert!(error.to_string().contains("https"), "{error}");
        assert!(!error.to_string().contains("hunter2"));
    }
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn an_answer_is_bounded_with_and_without_an_announced_length() {
    let body = "x".repeat(2_000);
    let small = http(|c| c.max_body = 1_999);
    let announced = Service::always(ok(&body)).await;
    let unannounced = Service::always(answer("200 OK", "", &body)).await;
    for service in [&announced, &unannounced] {
        let error = fault(&small, get(service.url("/"))).await;
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert!(
            error.to_string().contains("1999 bytes") && error.to_string().contains("http.max_body"),
            "{error}"
        );
        let whole = http(|c| c.max_body = 2_000).send(get(service.url("/"))).await.unwrap();
        assert_eq!(whole.body().len(), 2_000);
    }
    // A length that is a lie is refused before a byte of it is read.
    let lie = answer("200 OK", "content-length: 18446744073709551615\r\n", "");
    let liar = Service::new(move |_| Reply::ThenNothing(lie.clone())).await;
    assert_ne!(fault(&small, get(liar.url("/"))).await.kind(), ErrorKind::Timeout);
}

/// A gzip stream of `repeats` × 258 equal bytes.
fn gzip_bomb(repeats: usize) -> Vec<u8> {
    // The last block, of fixed codes: a literal, then copies of it, then the end.
    let mut bits = String::from("11000110000");
    (0..repeats).for_each(|_| bits.push_str("1100010100000"));
    bits.push_str("0000000");
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let byte = |bits: &[u8]| bits.iter().enumerate().fold(0_u8, |byte, (n, bit)| byte | ((bit - b'0') << n));
    bytes.extend(bits.as_bytes().chunks(8).map(byte));
    bytes
}

#[tokio::test]
async fn a_gzip_bomb_is_bounded_after_decompression() {
    let bomb = gzip_bomb(40_000);
    assert!(bomb.len() < 70_000);
    let head = format!("content-encoding: gzip\r\ncontent-length: {}\r\n", bomb.len());
    let service = Service::always(answer("200 OK", &head, &bomb)).await;
    let error = fault(&http(|c| c.max_body = 1_000_000), get(service.url("/"))).await;
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
    assert!(service.seen()[0].contains("accept-encoding: gzip"));
}

#[tokio::test]
async fn an_answer_that_broke_off_is_asked_for_again_and_then_told() {
    let cut = answer("200 OK", "content-length: 100\r\n", "[1, 2");
    let once = cut.clone();
    let service = Service::new(move |n| Reply::Whole(if n == 0 { once.clone() } else { ok("[1, 2]") })).await;
    let response = http(|c| c.max_retries = 1).send(get(service.url("/"))).await.unwrap();
    assert_eq!(response.json::<Vec<u32>>().unwrap(), [1, 2]);
    let service = Service::always(cut).await;
    let error = fault(&http(|c| c.max_retries = 1), get(service.url("/"))).await;
    assert_eq!((error.kind(), error.context("tries")), (ErrorKind::Network, Some("2")));
    assert!(error.to_string().contains("broke off after 5 bytes"), "{error}");
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn a_connection_that_closes_without_a_word_is_a_network_error() {
    let service = Service::always(Vec::new()).await;
    let error = fault(&http(|_| {}), get(service.url("/"))).await;
    assert_eq!(error.kind(), ErrorKind::Network, "{error}");
    let service = Service::always(b"220 this is no web server\r\n".to_vec()).await;
    let error = fault(&http(|_| {}), get(service.url("/"))).await;
    assert_eq!(error.kind(), ErrorKind::Network, "{error}");
}

#[tokio::test]
async fn a_refused_connection_names_the_host() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let error = fault(&http(|_| {}), get(format!("http://{address}/"))).await;
    assert_eq!((error.kind(), error.context("host")), (ErrorKind::Network, Some(address.as_str())));
    assert!(error.to_string().starts_with("the service cannot be reached: "), "{error}");
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn html_in_place_of_json_is_told() {
    let service = Service::always(ok("<html><head><title>Please\n log in</title></head></html>")).await;
    let response = http(|_| {}).send(get(service.url("/"))).await.unwrap();
    let error = response.json::<Vec<u32>>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreadable);
    assert_eq!(error.to_string(), "the answer is HTML where JSON was due (\"Please log in\")");
    let service = Service::always(answer("502 Bad", "", "<html><title>Bad Gateway</title></html>")).await;
    let response = http(|_| {}).send(get(service.url("/"))).await.unwrap();
    let error = response.into_result().unwrap_err();
    assert_eq!(error.to_string(), "the service failed (\"Bad Gateway\") [status=502]");
}

#[tokio::test]
async fn the_user_agent_says_who_is_asking() {
    let service = Service::always(ok("[]")).await;
    http(|c| c.contact = Some("me@observatory.org".into())).send(get(service.url("/"))).await.unwrap();
    let seen = service.seen().remove(0);
    let agent = seen.lines().find_map(|line| line.strip_prefix("user-agent: ")).unwrap();
    assert!(agent.starts_with("tom-alerts/") && agent.ends_with("(+me@observatory.org)"), "{agent}");
    // A broker may need a User-Agent of its own.
    http(|_| {}).send(get(service.url("/")).header("User-Agent", "tns_marker{}")).await.unwrap();
    assert_eq!(service.seen()[1].matches("user-agent: ").count(), 1);
    assert!(service.seen()[1].contains("user-agent: tns_marker{}"));
}

#[tokio::test]
async fn a_body_that_stops_coming_ends_the_try() {
    let head = answer("200 OK", "content-length: 100\r\n", "[1,");
    let service = Service::new(move |_| Reply::ThenNothing(head.clone())).await;
    let slow = http(|c| (c.read_timeout, c.call_timeout) = (0.2, 1.0));
    let start = Instant::now();
    let error = fault(&slow, get(service.url("/"))).await;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().starts_with("the answer stopped coming"), "{error}");
    assert!(start.elapsed() < Duration::from_millis(900));
}

#[tokio::test]
async fn a_body_that_never_ends_is_ended_by_the_call_timeout() {
    let service = Service::new(|_| Reply::Trickle).await;
    let slow = http(|c| (c.read_timeout, c.call_timeout) = (0.2, 0.4));
    let error = fault(&slow, get(service.url("/"))).await;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().starts_with("no answer within 0.4 s"), "{error}");
}

#[tokio::test]
async fn a_header_that_cannot_be_sent_is_told_without_its_value() {
    let request = get("http://127.0.0.1:1/").secret_header("authorization", "Token ", "canary7777\n");
    let error = fault(&http(|_| {}), request).await;
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(!told(&error).contains("canary7777"), "{error}");
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_secret_and_no_query_value_is_ever_said() {
    // What is logged is decided where a line is first met, which other tests do at the same time;
    // the second round finds all of it decided.
    for round in 1..=2 {
        say_all_there_is_to_say(round == 2).await;
    }
}

async fn say_all_there_is_to_say(all_is_logged: bool) {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);

    let busy = answer("503 Busy", "retry-after: 0\r\ncontent-length: 2\r\n", "{}");
    let service = Service::new(move |n| match n {
        0 => Reply::Whole(busy.clone()),
        1 => Reply::Whole(moved(307, "/there?token=canary7777")),
        2 => Reply::Whole(ok("[]")),
        3 => Reply::Whole(answer("200 OK", "content-length: 100\r\n", "[1")),
        _ => Reply::ThenNothing(Vec::new()),
    })
    .await;
    let http = http(|c| (c.max_retries, c.read_timeout) = (1, 0.2));
    let request = |host: &str| {
        Request::post(format!("http://user:canary7777@{host}/place").parse().unwrap())
            .idempotent(true)
            .query("q", "canary7777")
            .form("name", "canary7777")
            .secret_form("api_key", "canary7777")
            .secret_header("authorization", "Token ", "canary7777")
            .header("x-note", "canary7777")
    };
    let mut said = String::new();
    let here = request(&service.address.to_string());
    said.push_str(&format!("{here:?} {here:#?}"));
    let response = http.send(here.clone()).await.unwrap();
    said.push_str(&format!("{response:?} {http:?}"));
    for request in [here.clone(), request("127.0.0.1:1"), request("192.0.2.1")] {
        let error = fault(&http, request).await;
        said.push_str(&told(&error));
    }
    drop(guard);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(service.seen()[0].matches("canary7777").count() >= 4, "{:?}", service.seen());
    let lines = ["answered", "another try", "no answer"];
    assert!(!all_is_logged || lines.iter().all(|line| log.contains(line)), "{log}");
    let line = |text: &str| text.lines().find(|line| line.contains("canary")).map(str::to_owned);
    assert_eq!(line(&said), None);
    assert_eq!(line(&log), None);
}

#[test]
fn the_password_of_a_proxy_is_not_shown() -> Result<()> {
    let config = HttpConfig {
        proxy: "http://user:canary7777@proxy.example:3128".parse().ok(),
        ..HttpConfig::default()
    };
    let shown = format!("{config:?} {:?}", tom_alerts::Config::new().http(config.clone()));
    assert!(shown.contains("proxy.example") && !shown.contains("canary"), "{shown}");
    assert!(!format!("{:?}", Http::new(&config)?).contains("canary"));
    Ok(())
}

#[cfg(not(feature = "rustls"))]
#[tokio::test]
async fn without_the_feature_https_is_refused_at_once() {
    let http = Http::new(&HttpConfig::default()).unwrap();
    let begun = Instant::now();
    let error = http.send(get("https://127.0.0.1:1/list")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("needs the feature `rustls`"), "{error}");
    assert!(begun.elapsed() < Duration::from_millis(400), "{:?}", begun.elapsed());
    assert_eq!(error.context("tries"), None);
}
