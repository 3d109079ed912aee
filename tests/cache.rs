//! Answers kept on disk: when they are given, asked for again, thrown away, and when nothing is kept.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use tom_alerts::http::{Http, HttpConfig, Request, Response};
use tom_alerts::testing::ScriptedTransport;
use tom_alerts::{Error, ErrorKind, Result};

const LIST: &str = "https://a.example/all.csv?part=1";
const DAY: Duration = Duration::from_secs(86_400);

fn list() -> Request {
    Request::get(LIST.parse().unwrap()).cacheable(DAY, |response| !response.is_html())
}

fn answer(status: u16, headers: &[(&str, &str)], body: &'static str) -> Result<Response> {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Ok(Response::new(status, headers, body.into()))
}

/// Answers the n-th request, from 0, by a function.
fn nth(script: impl Fn(usize) -> Result<Response> + Send + Sync + 'static) -> ScriptedTransport {
    let count = AtomicUsize::new(0);
    ScriptedTransport::new(move |_| script(count.fetch_add(1, Ordering::Relaxed)))
}

fn http(script: &ScriptedTransport, folder: Option<&Path>) -> Http {
    let config = HttpConfig { cache_dir: folder.map(PathBuf::from), max_retries: 0, ..HttpConfig::default() };
    Http::with_transport(Arc::new(script.clone()), &config)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// Makes every kept answer so many seconds older.
fn age(folder: &Path, seconds: i64) {
    for file in files(folder) {
        let all = fs::read(&file).unwrap();
        let end = all.iter().position(|byte| *byte == b'\n').unwrap();
        let mut line: serde_json::Value = serde_json::from_slice(&all[..end]).unwrap();
        line["stored"] = (line["stored"].as_i64().unwrap() - seconds).into();
        fs::write(&file, [line.to_string().as_bytes(), &all[end..]].concat()).unwrap();
    }
}

fn header(request: &Request, name: &str) -> Option<String> {
    request.headers().iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
}

#[tokio::test(start_paused = true)]
async fn a_kept_answer_is_given_without_asking_also_by_another_run() {
    let folder = tempfile::tempdir().unwrap();
    let script = nth(|_| answer(200, &[("content-type", "text/csv"), ("set-cookie", "s=1")], "a,b\n1,2\n"));
    let first = http(&script, Some(folder.path())).send(list()).await.unwrap();
    assert_eq!((first.text().unwrap(), first.header("age")), ("a,b\n1,2\n", None));
    let again = http(&script, Some(folder.path())).send(list()).await.unwrap();
    assert_eq!((again.status(), again.text().unwrap()), (200, "a,b\n1,2\n"));
    assert_eq!((again.header("content-type"), again.header("set-cookie")), (Some("text/csv"), None));
    assert!(again.header("age").unwrap().parse::<u64>().unwrap() < 60);
    assert_eq!(again.header("warning"), None);
    assert_eq!(script.requests().len(), 1);
    assert_eq!(files(folder.path()).len(), 1, "nothing half written stays");
}

#[tokio::test(start_paused = true)]
async fn an_old_answer_is_asked_for_with_its_validators() {
    let folder = tempfile::tempdir().unwrap();
    let validators = &[("etag", "\"v1\""), ("last-modified", "Wed, 15 Jan 2025 00:00:00 GMT")];
    let script = nth(move |n| match n {
        0 => answer(200, validators, "old"),
        1 => answer(304, &[], ""),
        _ => answer(200, &[("etag", "\"v2\"")], "new"),
    });
    let http = http(&script, Some(folder.path()));
    http.send(list()).await.unwrap();
    age(folder.path(), 90_000);
    let same = http.send(list()).await.unwrap();
    assert_eq!((same.status(), same.text().unwrap(), same.header("etag")), (200, "old", Some("\"v1\"")));
    let asked = script.requests();
    assert_eq!(header(&asked[0], "if-none-match"), None);
    assert_eq!(header(&asked[1], "if-none-match").as_deref(), Some("\"v1\""));
    assert_eq!(header(&asked[1], "if-modified-since").as_deref(), Some("Wed, 15 Jan 2025 00:00:00 GMT"));
    // The 304 made it young again.
    http.send(list()).await.unwrap();
    assert_eq!(script.requests().len(), 2);
    age(folder.path(), 90_000);
    assert_eq!(http.send(list()).await.unwrap().text().unwrap(), "new");
    assert_eq!(http.send(list()).await.unwrap().text().unwrap(), "new");
    assert_eq!(script.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_old_answer_is_better_than_none_and_says_so() {
    let fails: [fn() -> Result<Response>; 5] = [
        || answer(503, &[], "down"),
        || answer(429, &[], "not so often"),
        || answer(408, &[], "too slow"),
        || answer(200, &[], "<!doctype html><title>Down for maintenance</title>"),
        || Err(Error::new(ErrorKind::Network, "the service cannot be reached")),
    ];
    for fail in fails {
        let folder = tempfile::tempdir().unwrap();
        let script = nth(move |n| if n == 0 { answer(200, &[], "old") } else { fail() });
        let http = http(&script, Some(folder.path()));
        http.send(list()).await.unwrap();
        age(folder.path(), 90_000);
        let stale = http.send(list()).await.unwrap();
        assert_eq!((stale.status(), stale.text().unwrap()), (200, "old"));
        assert!(stale.header("warning").unwrap().starts_with("110 "));
        assert!(stale.header("age").unwrap().parse::<u64>().unwrap() >= 90_000);
        // It stays old, so the service is asked again the next time.
        http.send(list()).await.unwrap();
        assert_eq!(script.requests().len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn that_the_service_no_longer_has_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let script = nth(|n| if n == 0 { answer(200, &[], "old") } else { answer(404, &[], "gone") });
    let http = http(&script, Some(folder.path()));
    http.send(list()).await.unwrap();
    age(folder.path(), 90_000);
    assert_eq!(http.send(list()).await.unwrap().status(), 404);
}

#[tokio::test(start_paused = true)]
async fn a_damaged_file_is_fetched_anew() {
    let damages: [fn(Vec<u8>) -> Vec<u8>; 6] = [
        |all| all[..all.len() - 1].to_vec(),
        |_| Vec::new(),
        |_| b"no line".to_vec(),
        |mut all| {
            let last = all.len() - 1;
            all[last] ^= 1;
            all
        },
        |all| [b"\xff\xfe", &all[..]].concat(),
        // Another request's answer under this one's name.
        |all| String::from_utf8(all).unwrap().replace("part=1", "part=2").into_bytes(),
    ];
    for damage in damages {
        let folder = tempfile::tempdir().unwrap();
        let script = nth(|_| answer(200, &[], "the whole answer"));
        let http = http(&script, Some(folder.path()));
        http.send(list()).await.unwrap();
        let file = files(folder.path()).remove(0);
        let spoilt = damage(fs::read(&file).unwrap());
        fs::write(&file, spoilt).unwrap();
        assert_eq!(http.send(list()).await.unwrap().text().unwrap(), "the whole answer");
        assert_eq!(script.requests().len(), 2);
        http.send(list()).await.unwrap();
        assert_eq!(script.requests().len(), 2, "and kept again");
    }
}

#[tokio::test(start_paused = true)]
async fn a_time_to_come_is_no_young_answer() {
    let folder = tempfile::tempdir().unwrap();
    let script = nth(|_| answer(200, &[], "x"));
    let http = http(&script, Some(folder.path()));
    http.send(list()).await.unwrap();
    age(folder.path(), -90_000);
    http.send(list()).await.unwrap();
    assert_eq!(script.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_kept_unless_configured_marked_good_and_public() {
    let url = || LIST.parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let twice = |folder: Option<&Path>, request: Request, status: u16| {
        let script = nth(move |_| answer(status, &[], "x"));
        let http = http(&script, folder);
        async move {
            http.send(request.clone()).await.unwrap();
            http.send(request).await.unwrap();
            script.requests().len()
        }
    };
    assert_eq!(twice(None, list(), 200).await, 2, "no directory");
    assert_eq!(twice(Some(folder.path()), Request::get(url()), 200).await, 2, "not marked");
    assert_eq!(twice(Some(folder.path()), list().secret_header("x-key", "", "canary"), 200).await, 2);
    assert_eq!(
        twice(
            Some(folder.path()),
            Request::post(url()).form("a", 1).cacheable(DAY, |response| !response.is_html()),
            200
        )
        .await,
        2
    );
    assert_eq!(twice(Some(folder.path()), list().form("a", 1), 200).await, 2, "its body is not its address");
    let script = nth(|_| answer(200, &[], "<!doctype html><title>Down for maintenance</title>"));
    let html = http(&script, Some(folder.path())).send(list()).await.unwrap();
    assert!(html.is_html(), "what is not good is given, but not kept");
    for status in [204, 404, 500] {
        assert_eq!(twice(Some(folder.path()), list(), status).await, 2, "{status}");
    }
    assert!(files(folder.path()).is_empty());
    assert_eq!(
        twice(Some(folder.path()), list().cacheable(Duration::ZERO, |_| true), 200).await,
        2,
        "no lifetime"
    );
}

#[tokio::test(start_paused = true)]
async fn a_directory_that_cannot_be_used_makes_no_call_fail() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a file");
    fs::write(&file, "x").unwrap();
    let script = nth(|_| answer(200, &[], "x"));
    assert_eq!(http(&script, Some(&file)).send(list()).await.unwrap().text().unwrap(), "x");
    let deep = folder.path().join("made/when/needed");
    http(&script, Some(&deep)).send(list()).await.unwrap();
    assert_eq!(files(&deep).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn many_who_want_the_same_ask_once() {
    let folder = tempfile::tempdir().unwrap();
    let script = nth(|_| answer(200, &[], "x")).latency(Duration::from_secs(1));
    let http = http(&script, Some(folder.path()));
    let all = join_all((0..8).map(|_| http.send(list()))).await;
    assert!(all.into_iter().all(|answer| answer.unwrap().text().unwrap() == "x"));
    assert_eq!(script.requests().len(), 1);
    let other = Request::get("https://a.example/all.csv?part=2".parse().unwrap())
        .cacheable(DAY, |response| !response.is_html());
    http.send(other).await.unwrap();
    assert_eq!((script.requests().len(), files(folder.path()).len()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn what_a_killed_program_left_half_written_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let place = format!("127.0.0.1-{:032x}", 7);
    let file = |name: &str, hours: u64| {
        let path = folder.path().join(name);
        let written = fs::File::create(&path).unwrap();
        written.set_modified(std::time::SystemTime::now() - Duration::from_secs(hours * 3_600)).unwrap();
        path
    };
    let left = file(&format!("{place}.4711-0.part"), 2);
    let others = [
        file(&format!("{place}.4711-1.part"), 0),
        file(&format!("{place}.cache"), 10_000),
        file("download.part", 2),
        file("survey-1.2-3.part", 2),
    ];
    let script = nth(|_| answer(200, &[], "[1]"));
    http(&script, Some(folder.path())).send(list()).await.unwrap();
    assert!(!left.exists());
    assert!(others.iter().all(|path| path.exists()), "{:?}", files(folder.path()));
    assert_eq!(files(folder.path()).len(), others.len() + 1);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_another_ones_answer_waits_no_longer_than_a_call() {
    let folder = tempfile::tempdir().unwrap();
    let script = nth(|_| answer(200, &[], "[1]")).latency(Duration::from_secs(10_000));
    let http = http(&script, Some(folder.path()));
    let start = tokio::time::Instant::now();
    let all = join_all((0..5).map(|_| http.send(list()))).await;
    assert!(all.iter().all(|answer| answer.as_ref().is_err_and(|e| e.kind() == ErrorKind::Timeout)));
    assert!(start.elapsed().as_secs() <= 2 * 300, "{:?}", start.elapsed());
}
