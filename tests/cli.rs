//! The command-line tool of the examples, run as people run it, against the recorded brokers.

#![cfg(all(feature = "alerce", feature = "sqlite"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn tool() -> Command {
    // Examples have no CARGO_BIN_EXE; they are built beside the tests.
    let test = std::env::current_exe().unwrap();
    let built = test.parent().and_then(|deps| deps.parent()).unwrap();
    let path: PathBuf = built.join("examples").join(format!("alerts{}", std::env::consts::EXE_SUFFIX));
    assert!(path.exists(), "the tool is not built: cargo build --example alerts");
    let mut command = Command::new(path);
    command.arg("--demo");
    command
}

fn run(words: &[&str]) -> Output {
    tool().args(words).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn rows(output: &Output) -> Vec<Value> {
    let words = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{words}");
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn three_faults_are_told_at_once_and_are_status_2() {
    let output = run(&["fetch", "ALeRCE", "ra=400", "dec=-95", "radus=5"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let words = text(&output.stderr);
    for fault in ["\n  ra: 400", "\n  dec: -95", "\n  radus: no such field; did you mean radius?"] {
        assert!(words.contains(fault), "{fault:?} is not in {words}");
    }
}

#[test]
fn an_unknown_broker_is_told_what_is_there_and_is_status_2() {
    let output = run(&["fetch", "ALeRCEE"]);
    assert_eq!(output.status.code(), Some(2));
    let words = text(&output.stderr);
    assert!(words.starts_with("error: ") && words.contains("known: ALeRCE"), "{words}");
}

#[test]
fn an_unknown_word_is_status_2_and_an_unknown_object_status_1() {
    assert_eq!(run(&["fech", "ALeRCE"]).status.code(), Some(2));
    let output = run(&["show", "ALeRCE", "ZTF99zzzzzzz"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
}

#[test]
fn json_rows_have_the_eight_keys_and_csv_the_same_as_its_heading() {
    let keys = ["timestamp", "id", "name", "ra", "dec", "mag", "score", "url"];
    let rows = rows(&run(&["fetch", "ALeRCE", "--limit", "2", "--json"]));
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert!(row.as_object().unwrap().keys().eq(keys), "{row}");
    }
    let csv = text(&run(&["fetch", "ALeRCE", "--limit", "2", "--csv"]).stdout);
    assert_eq!(csv.lines().next(), Some(keys.join(",").as_str()));
    assert_eq!(csv.lines().count(), 3);
}

#[test]
fn show_gives_generic_target_and_packet() {
    let first = rows(&run(&["fetch", "ALeRCE", "--limit", "1", "--json"])).remove(0);
    let id = first["id"].as_str().unwrap();
    let shown = rows(&run(&["show", "ALeRCE", id, "--json"])).remove(0);
    assert_eq!(shown["generic"]["id"], id);
    assert_eq!(shown["target"]["type"], "SIDEREAL");
    assert!(shown["raw"].is_object());
}

#[test]
fn saving_twice_saves_once_and_the_targets_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let store = format!("sqlite:{}", folder.path().join("a.db").display());
    let save = || {
        let words = ["save", "ALeRCE", "--limit", "2", "--store", &store, "--photometry", "--json"];
        rows(&run(&words)).pop().unwrap()
    };
    let (first, second) = (save(), save());
    let created = first["created"].as_u64().unwrap();
    assert!(created > 0 && first["data"]["created"].as_u64() > Some(0), "{first}");
    assert_eq!(second["created"], 0);
    assert_eq!(second["data"]["created"], 0);
    let targets = rows(&run(&["targets", "--store", &store, "--json"]));
    assert_eq!(targets.len() as u64, created);
}

#[test]
fn a_saved_query_is_run_and_its_time_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = format!("sqlite:{}", folder.path().join("q.db").display());
    let query = |words: &[&str]| run(&[&["query", "--json", "--store", &store], words].concat());
    let added = rows(&query(&["add", "two", "ALeRCE", "survey=ztf"])).remove(0);
    assert!(added["last_run"].is_null());
    assert_eq!(rows(&query(&["run", "two", "--limit", "1"])).len(), 1);
    assert!(rows(&query(&["list"]))[0]["last_run"].is_string());
    assert_eq!(query(&["delete", "two"]).status.code(), Some(0));
    assert_eq!(query(&["run", "two"]).status.code(), Some(2));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut child = tool()
        .args(["fetch", "ALeRCE", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
fn ids_do_not_lead_out_of_the_folder_of_cutouts() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    let _ = run(&["cutouts", "ALeRCE", "../../ZTF20acobvxk", "--out", inner.to_str().unwrap()]);
    let outside = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(outside.into_iter().all(|name| name == "inner"));
}

#[cfg(feature = "scimma")]
#[test]
fn a_dry_run_shows_the_message_that_would_be_published() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("t.json");
    std::fs::write(&target, r#"{"name": "AT 2026abc", "type": "SIDEREAL", "ra": 150.5, "dec": 2.5}"#)
        .unwrap();
    let target = target.to_str().unwrap();
    let words = ["--json", "submit", "SCIMMA", "--target", target, "topic=a.b", "test=yes", "--dry-run"];
    let shown = rows(&run(&words)).remove(0);
    assert_eq!((&shown["topic"], &shown["credential"]), (&"a.b".into(), &false.into()));
    assert_eq!(shown["headers"][1], serde_json::json!(["_test", "true"]));
    let value = serde_json::json!({"type": "target", "target_name": "AT 2026abc", "ra": 150.5, "dec": 2.5});
    assert_eq!(shown["value"], value);
}
