//! Answers kept on disk between runs: off unless `http.cache_dir` is set, and for requests that
//! are marked [`cacheable`](super::Request::cacheable) alone.
//!
//! A kept answer younger than the request's lifetime is given without asking. An older one is asked
//! for with its validators (`ETag`, `Last-Modified`): when the service says 304 it is young again.
//! When the service cannot be asked or fails, the old one is given with a `warning` header, as it is
//! better than nothing for the lists that are kept this way. Each given answer has an `age` header.
//!
//! A file is one line of JSON and the body. It is written beside its place and then renamed, so a
//! reader never sees half of it; what does not fit its line is taken as missing. Nothing that goes
//! wrong with the directory makes a call fail. What a program that was killed left half written is
//! taken away by the next one; kept answers stay until someone removes them, which is never wrong.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

use super::{Body, Method, Request, Response, locked};

/// The headers that are kept: what the body is, and by what it is asked for again.
const KEPT: [&str; 3] = ["content-type", "etag", "last-modified"];

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs())
}

/// No first line is longer.
const LONGEST_LINE: u64 = 64 * 1024;

/// A directory of kept answers.
#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    largest: u64,
    /// Who asks for something that is not there asks alone; the others wait for the file.
    turns: Mutex<HashMap<String, Arc<Turn<()>>>>,
    swept: AtomicBool,
}

/// The first line of a file.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    url: String,
    accept: String,
    /// Seconds since 1970 when the service last said that this is its answer.
    stored: u64,
    headers: Vec<(String, String)>,
    length: u64,
    check: String,
}

/// A kept answer.
#[derive(Debug)]
pub(super) struct Entry {
    line: Line,
    body: Bytes,
}

impl Entry {
    /// How long ago the service said that this is its answer; none for a time to come.
    fn age(&self) -> Option<Duration> {
        now().checked_sub(self.line.stored).map(Duration::from_secs)
    }

    pub(super) fn is_young(&self, lifetime: Duration) -> bool {
        self.age().is_some_and(|age| age < lifetime)
    }

    /// The request with the validators of this answer.
    pub(super) fn ask_again(&self, request: Request) -> Request {
        let value = |name: &str| self.line.headers.iter().find(|(known, _)| known == name).map(|(_, v)| v);
        let request = match value("etag") {
            Some(tag) => request.header("if-none-match", tag),
            None => request,
        };
        match value("last-modified") {
            Some(date) => request.header("if-modified-since", date),
            None => request,
        }
    }

    pub(super) fn into_response(self, stale: bool) -> Response {
        let age = self.age().unwrap_or_default().as_secs();
        let mut headers = self.line.headers;
        headers.push(("age".to_owned(), age.to_string()));
        if stale {
            headers.push(("warning".to_owned(), "110 - \"Response is Stale\"".to_owned()));
        }
        Response::new(200, headers, self.body)
    }
}

impl Cache {
    pub(super) fn new(folder: PathBuf, largest: u64) -> Self {
        Self { folder, largest, turns: Mutex::default(), swept: AtomicBool::new(false) }
    }

    /// How long an answer to this may be kept; none for what must not be, such as anything with a
    /// credential or a body.
    pub(super) fn lifetime(request: &Request) -> Option<Duration> {
        let bare = matches!(request.payload(), Body::None);
        let public = request.method() == Method::Get && bare && !request.has_credential();
        request.lifetime().filter(|_| public)
    }

    /// Whether an answer is what was asked for, and may be given again.
    pub(super) fn is_good(request: &Request, response: &Response) -> bool {
        response.status() == 200 && request.is_worth_keeping(response)
    }

    /// Waits until nobody else asks for the same.
    pub(super) async fn turn(&self, request: &Request) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = locked(&self.turns);
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
            Arc::clone(turns.entry(key(request)).or_default())
        };
        turn.lock_owned().await
    }

    pub(super) async fn find(&self, request: &Request) -> Option<Entry> {
        let (place, url, accept, largest) =
            (self.place(request), request.url().to_string(), accept(request), self.largest);
        let found = tokio::task::spawn_blocking(move || read(&place, largest)).await.ok()??;
        (found.line.url == url && found.line.accept == accept).then_some(found)
    }

    /// Keeps an answer of the service.
    pub(super) async fn keep(&self, request: &Request, response: &Response) {
        let headers =
            KEPT.iter().filter_map(|name| Some(((*name).to_owned(), response.header(name)?.to_owned())));
        self.put(request, headers.collect(), response.body().clone()).await;
    }

    /// Makes an answer young again, of which the service said that it has not changed.
    pub(super) async fn renew(&self, request: &Request, entry: Entry) -> Entry {
        self.put(request, entry.line.headers.clone(), entry.body.clone()).await;
        Entry { line: Line { stored: now(), ..entry.line }, body: entry.body }
    }

    async fn put(&self, request: &Request, headers: Vec<(String, String)>, body: Bytes) {
        let (url, accept, place) = (request.url().to_string(), accept(request), self.place(request));
        let stored = now();
        let unswept = (!self.swept.swap(true, Ordering::Relaxed)).then(|| self.folder.clone());
        let work = move || {
            if let Some(folder) = unswept {
                sweep(&folder);
            }
            let (length, check) = (body.len() as u64, check(&body));
            let line = serde_json::to_string(&Line { url, accept, stored, headers, length, check })?;
            write(&place, &line, &body)
        };
        let written = tokio::task::spawn_blocking(work).await.map_err(std::io::Error::other);
        if let Some(error) = written.and_then(|done| done).err() {
            let folder = self.folder.display();
            tracing::warn!(target: "tom_alerts::http", %error, %folder, "an answer cannot be kept");
        }
    }

    fn place(&self, request: &Request) -> PathBuf {
        self.folder.join(key(request))
    }
}

/// The name of the file: the host for people, and a fingerprint of the whole; the first line has
/// the whole itself, so two of one fingerprint do not answer for each other.
fn key(request: &Request) -> String {
    let host: String = request.url().host_str().unwrap_or("nowhere").chars().take(60).collect();
    let host = host.replace(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '-', "_");
    format!("{host}-{}.cache", check(format!("{} {}", accept(request), request.url()).as_bytes()))
}

fn accept(request: &Request) -> String {
    let header = request.headers().iter().find(|(name, _)| name == "accept");
    header.map_or_else(String::new, |(_, value)| value.clone())
}

/// FNV-1a of 128 bits: for damage and for names, not against malice.
fn check(bytes: &[u8]) -> String {
    const START: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let hash = bytes.iter().fold(START, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME));
    format!("{hash:032x}")
}

fn read(place: &Path, largest: u64) -> Option<Entry> {
    let size = fs::metadata(place).ok()?.len();
    if size > largest.saturating_add(LONGEST_LINE) {
        return None;
    }
    let all = Bytes::from(fs::read(place).ok()?);
    let end = memchr::memchr(b'\n', &all)?;
    let line: Line = serde_json::from_slice(&all[..end]).ok()?;
    let body = all.slice(end + 1..);
    let whole = line.length == body.len() as u64 && line.check == check(&body);
    whole.then_some(Entry { line, body })
}

fn write(place: &Path, line: &str, body: &[u8]) -> std::io::Result<()> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder)?;
    }
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let beside = place.with_extension(format!("{}-{number}.part", std::process::id()));
    let written = (|| {
        let mut file = fs::File::create(&beside)?;
        file.write_all(line.as_bytes())?;
        file.write_all(b"\n")?;
        file.write_all(body)?;
        drop(file);
        fs::rename(&beside, place)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Takes away what was never written to its end, when that is surely not going on any more.
fn sweep(folder: &Path) {
    const SURELY_OVER: Duration = Duration::from_secs(3_600);
    for file in fs::read_dir(folder).into_iter().flatten().flatten() {
        let age = file.metadata().and_then(|known| known.modified()).ok().and_then(|at| at.elapsed().ok());
        if is_part(&file.file_name().to_string_lossy()) && age.is_some_and(|age| age > SURELY_OVER) {
            let _ = fs::remove_file(file.path());
        }
    }
}

/// Whether [`write`] gives such a name to a file beside its place; the directory may hold others' too.
fn is_part(name: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts = || {
        let (place, number) = name.strip_suffix(".part")?.rsplit_once('.')?;
        Some((place.rsplit_once('-')?.1, number.split_once('-')?))
    };
    parts().is_some_and(|(check, (process, number))| {
        check.len() == 32
            && check.bytes().all(|byte| byte.is_ascii_hexdigit())
            && digits(process)
            && digits(number)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_is_that_of_fnv() {
        assert_eq!(check(b""), "6c62272e07bb014262b821756295c58d");
        assert_eq!(check(b"a"), "d228cb696f1a8caf78912b704e4a8964");
    }

    #[test]
    fn names_of_files_are_harmless_and_differ() {
        let of = |url: &str| key(&Request::get(url.parse().unwrap()));
        let one = of("https://a.example/../list?x=1");
        assert!(one.starts_with("a.example-") && one.ends_with(".cache") && !one.contains('/'), "{one}");
        assert_ne!(one, of("https://a.example/../list?x=2"));
        let other = Request::get("https://a.example/list?x=1".parse().unwrap()).accept("text/csv");
        assert_ne!(one, key(&other));
        assert!(of("http://[::1]:8/").starts_with("___1_-"));
    }
}
