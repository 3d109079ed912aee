//! A relay on loopback between a broker and its recorded service, which spoils the answers.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use flate2::{Compression, write::GzEncoder};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The largest answer that the broker takes here.
pub(crate) const LARGEST: usize = 1_000_000;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Refused,
    Silent,
    Reset,
    Cut,
    Busy(u16),
    Down(u16),
    RateLimited,
    RateLimitedUntil,
    Html,
    Empty,
    Garbage,
    Oversized,
    Drip,
    Bomb,
    ContentType,
    Elsewhere,
    Tls,
    BadItem,
    NanTokens,
    SamePage,
    Endless,
}

pub(crate) const FAULTS: &[Fault] = &[
    Fault::Refused,
    Fault::Silent,
    Fault::Reset,
    Fault::Cut,
    Fault::Busy(500),
    Fault::Busy(502),
    Fault::Busy(503),
    Fault::Down(500),
    Fault::Down(503),
    Fault::RateLimited,
    Fault::RateLimitedUntil,
    Fault::Html,
    Fault::Empty,
    Fault::Garbage,
    Fault::Oversized,
    Fault::Drip,
    Fault::Bomb,
    Fault::ContentType,
    Fault::Elsewhere,
    Fault::Tls,
    Fault::BadItem,
    Fault::NanTokens,
    Fault::SamePage,
    Fault::Endless,
];

impl Fault {
    pub(crate) fn name(self) -> String {
        let words = match self {
            Self::Refused => "connection refused",
            Self::Silent => "no answer",
            Self::Reset => "reset in the body",
            Self::Cut => "body cut off",
            Self::Busy(status) => return format!("{status}, then good"),
            Self::Down(status) => return format!("{status} always"),
            Self::RateLimited => "429 with seconds, then good",
            Self::RateLimitedUntil => "429 with a date, then good",
            Self::Html => "HTML",
            Self::Empty => "empty body",
            Self::Garbage => "garbage",
            Self::Oversized => "body too large",
            Self::Drip => "a byte now and then",
            Self::Bomb => "gzip bomb",
            Self::ContentType => "wrong content type",
            Self::Elsewhere => "redirect to another host",
            Self::Tls => "no TLS where it is due",
            Self::BadItem => "one bad item",
            Self::NanTokens => "NaN tokens",
            Self::SamePage => "the same page for ever",
            Self::Endless => "pages without end",
        };
        words.to_owned()
    }
}

/// The running relay; it stops when this is dropped.
pub(crate) struct Relay {
    address: SocketAddr,
    fault: Fault,
    task: JoinHandle<()>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Role {
    service: SocketAddr,
    /// Where a redirect leads: another port is another origin.
    other: SocketAddr,
    fault: Fault,
    requests: AtomicUsize,
    client: reqwest::Client,
    first: tokio::sync::OnceCell<Answer>,
}

impl Relay {
    pub(crate) async fn start(service: &SocketAddr, fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let role = Arc::new(Role {
            service: *service,
            other: *service,
            fault,
            requests: AtomicUsize::new(0),
            client: reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap(),
            first: tokio::sync::OnceCell::new(),
        });
        let task = tokio::spawn(async move {
            if fault == Fault::Refused {
                return;
            }
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&role)));
            }
        });
        Self { address, fault, task }
    }

    pub(crate) fn origin(&self) -> String {
        let scheme = if self.fault == Fault::Tls { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }
}

/// A good answer of the service.
#[derive(Clone)]
struct Answer {
    status: u16,
    content_type: String,
    body: Vec<u8>,
}

/// One request, head and body as they came.
async fn request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        let mut part = [0; 4096];
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&part[..read]),
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    while bytes.len() < head + length.unwrap_or(0) {
        let mut part = [0; 4096];
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&part[..read]),
        }
    }
    Some((text, bytes.split_off(head)))
}

/// What the service says to this request.
async fn ask(role: &Role, head: &str, body: &[u8]) -> Answer {
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ');
    let method = first.next().unwrap().parse::<reqwest::Method>().unwrap();
    let url = format!("http://{}{}", role.service, first.next().unwrap());
    let mut asked = role.client.request(method, url).body(body.to_vec());
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let name = name.to_ascii_lowercase();
        if !["host", "content-length", "connection", "accept-encoding"].contains(&name.as_str()) {
            asked = asked.header(name, value.trim());
        }
    }
    let answer = asked.send().await.unwrap();
    let content_type = answer.headers().get("content-type").and_then(|value| value.to_str().ok());
    Answer {
        status: answer.status().as_u16(),
        content_type: content_type.unwrap_or("text/plain").to_owned(),
        body: answer.bytes().await.unwrap().to_vec(),
    }
}

fn whole(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status} So\r\nconnection: close\r\n{headers}").into_bytes();
    write!(bytes, "content-length: {}\r\n\r\n", body.len()).unwrap();
    bytes.extend_from_slice(body);
    bytes
}

fn typed(answer: &Answer, body: &[u8]) -> Vec<u8> {
    whole(answer.status, &format!("content-type: {}\r\n", answer.content_type), body)
}

/// The first list of objects in a JSON answer, wherever it is.
fn list(value: &mut Value) -> Option<&mut Vec<Value>> {
    match value {
        Value::Array(items) => {
            if items.first().is_some_and(Value::is_object) {
                Some(items)
            } else {
                items.iter_mut().find_map(list)
            }
        }
        Value::Object(map) => map.values_mut().find_map(list),
        _ => None,
    }
}

/// The first item of a listing as something that no item can be.
fn with_bad_item(body: &[u8]) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else {
        // A table of text: its first row becomes a word. What is no text stays as it is.
        let Ok(text) = std::str::from_utf8(body) else { return body.to_vec() };
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        if let Some(row) = lines.get_mut(1) {
            *row = "?".to_owned();
        }
        return lines.join("\n").into_bytes();
    };
    if let Some(first) = list(&mut value).and_then(|items| items.first_mut()) {
        *first = Value::Array(vec![Value::Bool(true)]);
    }
    value.to_string().into_bytes()
}

/// The first fraction of the first item as a bare NaN.
fn with_nan(body: &[u8]) -> Vec<u8> {
    fn spoil(value: &mut Value) -> bool {
        match value {
            Value::Number(number) if number.is_f64() => {
                *value = "@NaN@".into();
                true
            }
            Value::Array(items) => items.iter_mut().any(spoil),
            Value::Object(map) => map.values_mut().any(spoil),
            _ => false,
        }
    }
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else { return body.to_vec() };
    if let Some(first) = list(&mut value).and_then(|items| items.first_mut()) {
        spoil(first);
    }
    value.to_string().replace("\"@NaN@\"", "NaN").into_bytes()
}

/// Far more than the largest answer, in a few bytes.
static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..20 {
        encoder.write_all(&vec![b' '; LARGEST]).unwrap();
    }
    encoder.finish().unwrap()
});

async fn serve(mut stream: TcpStream, role: Arc<Role>) {
    if role.fault == Fault::Tls {
        // What a plain server says to a handshake.
        let _ = stream.write_all(&whole(400, "content-type: text/plain\r\n", b"this is plain HTTP")).await;
        return;
    }
    let Some((head, body)) = request(&mut stream).await else { return };
    let number = role.requests.fetch_add(1, Ordering::SeqCst);
    let bytes = match role.fault {
        Fault::Refused | Fault::Tls => return,
        Fault::Silent => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            return;
        }
        Fault::Busy(status) if number == 0 => whole(status, "", b"{}"),
        Fault::Down(status) => whole(status, "", b"{\"detail\": \"down\"}"),
        Fault::RateLimited if number == 0 => whole(429, "retry-after: 1\r\n", b"{}"),
        Fault::RateLimitedUntil if number == 0 => {
            let until = httpdate::fmt_http_date(SystemTime::now() + Duration::from_millis(900));
            whole(429, &format!("retry-after: {until}\r\n"), b"{}")
        }
        Fault::Html => {
            whole(200, "content-type: text/html\r\n", b"<!DOCTYPE html><html><title>Sorry</title></html>")
        }
        Fault::Empty => whole(200, "content-type: application/json\r\n", b""),
        Fault::Garbage => whole(200, "content-type: application/json\r\n", b"\x00\xff{]not at all"),
        Fault::Oversized => whole(200, "", &vec![b' '; LARGEST + 1]),
        Fault::Bomb => whole(200, "content-encoding: gzip\r\n", &BOMB),
        Fault::Elsewhere => {
            let path = head.split(' ').nth(1).unwrap_or("/");
            whole(307, &format!("location: http://{}{path}\r\n", role.other), b"")
        }
        fault => {
            let answer = ask(&role, &head, &body).await;
            match fault {
                Fault::Reset => {
                    let bytes = typed(&answer, &answer.body);
                    let _ = stream.write_all(&bytes[..bytes.len() - answer.body.len() / 2]).await;
                    // Unread input makes the system reset the connection.
                    let _ = stream.shutdown().await;
                    return;
                }
                Fault::Cut => typed(&answer, &answer.body[..answer.body.len() / 2]),
                Fault::Drip => {
                    let bytes = typed(&answer, &answer.body);
                    let (head, body) = bytes.split_at(bytes.len() - answer.body.len());
                    let _ = stream.write_all(head).await;
                    for byte in body.iter().copied() {
                        if stream.write_all(&[byte]).await.is_err() {
                            return;
                        }
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                    return;
                }
                Fault::ContentType => whole(answer.status, "content-type: text/plain\r\n", &answer.body),
                Fault::BadItem => typed(&answer, &with_bad_item(&answer.body)),
                Fault::NanTokens => typed(&answer, &with_nan(&answer.body)),
                Fault::SamePage | Fault::Endless => {
                    let first = role.first.get_or_init(|| async { answer.clone() }).await.clone();
                    let mut body = first.body.clone();
                    if fault == Fault::Endless {
                        // Never quite the same.
                        body.resize(body.len() + number, b' ');
                    }
                    typed(&first, &body)
                }
                _ => typed(&answer, &answer.body),
            }
        }
    };
    let _ = stream.write_all(&bytes).await;
    let _ = stream.shutdown().await;
}
