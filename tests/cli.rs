//! The command-line tool of the examples, run as people run it, against the recorded brokers.

#![cfg(all(feature = "alerce", feature = "sqlite"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use wiremock::matchers::{any, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

fn tool() -> Command {
    let mut command = plain_tool();
    command.arg("--demo");
    command
}

fn plain_tool() -> Command {
    // Examples have no CARGO_BIN_EXE; they are built beside the tests.
    let test = std::env::current_exe().unwrap();
    let built = test.parent().and_then(|deps| deps.parent()).unwrap();
    let path: PathBuf = built.join("examples").join(format!("alerts{}", std::env::consts::EXE_SUFFIX));
    assert!(path.exists(), "the tool is not built: cargo build --example alerts");
    Command::new(path)
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

/// The faults on standard error, of which each line is JSON.
fn faults(output: &Output) -> Vec<Value> {
    let lines = text(&output.stderr);
    let lines =
        lines.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")));
    let faults: Vec<Value> = lines.filter_map(|line: Value| line.get("error").cloned()).collect();
    for fault in &faults {
        let keys = ["kind", "message", "problems", "retry_after"];
        assert!(fault.as_object().unwrap().keys().eq(keys), "{fault}");
        assert!(!fault["message"].as_str().unwrap().starts_with("error"), "{fault}");
    }
    faults
}

/// What the tool says with a service of ALeRCE's that answers these paths, and everything else by 429.
async fn run_on(answers: &[(&str, String)], words: &[&str]) -> Output {
    let server = MockServer::start().await;
    for (at, body) in answers {
        let answer = ResponseTemplate::new(200).set_body_raw(body.clone(), "application/json");
        Mock::given(path(*at)).respond_with(answer).mount(&server).await;
    }
    let later = ResponseTemplate::new(429).insert_header("retry-after", "3600");
    Mock::given(any()).respond_with(later).with_priority(200).mount(&server).await;
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.json");
    let root = format!("{}/ztf/v1/", server.uri());
    let settings = json!({"http": {"max_retries": 0}, "brokers": {"ALeRCE": {"base_url": root}}});
    std::fs::write(&config, settings.to_string()).unwrap();
    let mut command = plain_tool();
    command.arg("--config").arg(config).args(words);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn recorded(name: &str) -> Value {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/alerce");
    serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_is_one_line_of_json_also_where_the_service_spreads_it() {
    let mut object = recorded("object_ok.json");
    object["class"] = json!("a \\ \"quoted\" \n text ");
    let spread = serde_json::to_string_pretty(&object).unwrap();
    // The digits of the service stay as they came.
    let spread = spread.replacen('{', "{\r\n\t\"digits\" : 12.50,", 1);
    let answers = [("/ztf/v1/objects/ZTF24aaaaaab", spread)];
    let output = run_on(&answers, &["show", "ALeRCE", "ZTF24aaaaaab", "--json"]).await;
    let shown = rows(&output);
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["raw"]["class"], object["class"]);
    assert!(text(&output.stdout).contains("\"raw\":{\"digits\":12.50,\""), "{}", text(&output.stdout));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_json_each_fault_is_a_line_of_json() {
    let output = run(&["fetch", "ALeRCE", "ra=400", "dec=-95", "radus=5", "--json"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    let told = faults(&output);
    assert_eq!((told.len(), &told[0]["kind"]), (1, &json!("input")));
    let problems = told[0]["problems"].as_array().unwrap();
    let of = |field: &str| problems.iter().find(|problem| problem["field"] == field).unwrap();
    assert_eq!(problems.len(), 3);
    assert!(of("ra")["message"].as_str().unwrap().starts_with("400"), "{problems:?}");
    assert_eq!(of("radus")["message"], "no such field; did you mean radius?");

    // What the tool itself finds: a word it does not know, no command, a store that is missing.
    for (words, kind, says) in [
        (&["fech", "--json"][..], "input", "unrecognized subcommand 'fech'"),
        (&["--json"], "input", "requires a subcommand"),
        (&["fetch", "ALeRCE", "--limit", "0", "--json"], "input", "invalid value '0'"),
        (&["query", "list", "--json"], "input", "saved queries need a store"),
        (&["fetch", "ALeRCEE", "--json"], "config", "known: ALeRCE"),
    ] {
        let output = run(words);
        let told = faults(&output);
        assert_eq!((output.status.code(), told.len(), &told[0]["kind"]), (Some(2), 1, &json!(kind)));
        assert!(told[0]["message"].as_str().unwrap().contains(says), "{told:?}");
    }

    let output = run(&["show", "ALeRCE", "ZTF99zzzzzzz", "--json"]);
    let told = faults(&output);
    assert_eq!((output.status.code(), &told[0]["kind"]), (Some(1), &json!("not_found")));
    assert_eq!(told[0]["retry_after"], Value::Null);

    let output = run_on(&[], &["fetch", "ALeRCE", "--json"]).await;
    let told = faults(&output);
    assert_eq!((output.status.code(), told.len()), (Some(1), 1));
    assert_eq!((&told[0]["kind"], &told[0]["retry_after"]), (&json!("rate_limited"), &json!(3600.0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_json_what_fails_on_the_way_is_a_line_of_json_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut page = recorded("objects_full_page.json");
    page["items"][0] = json!(7);
    page["has_next"] = json!(false);
    let answers = [("/ztf/v1/objects/", page.to_string())];
    let store = format!("sqlite:{}", folder.path().join("a.db").display());
    let output = run_on(&answers, &["fetch", "ALeRCE", "survey=ztf", "--json"]).await;
    let told = faults(&output);
    let kinds: Vec<_> = told.iter().map(|fault| fault["kind"].as_str().unwrap()).collect();
    assert_eq!((output.status.code(), kinds), (Some(1), vec!["unreadable", "failures"]));
    assert_eq!(text(&output.stdout).lines().count(), 1);

    let words = ["save", "ALeRCE", "survey=ztf", "--store", &store, "--json"];
    let told = faults(&run_on(&answers, &words).await);
    let kinds: Vec<_> = told.iter().map(|fault| fault["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["unreadable", "failures"]);
    assert_eq!(told[1]["message"], "one failure; all else is saved");

    // A run that ends early says when it may go on.
    let words = ["save", "ALeRCE", "survey=ztf", "--store", &store, "--photometry", "--json"];
    let told = faults(&run_on(&answers, &words).await);
    let last = told.last().unwrap();
    assert_eq!((&last["kind"], &last["retry_after"]), (&json!("rate_limited"), &json!(3600.0)));
    assert!(last["message"].as_str().unwrap().starts_with("the run ended early: "), "{last}");

    let nobody = run(&["targets", "nobody", "--store", &store, "--json"]);
    let kinds: Vec<_> = faults(&nobody).iter().map(|fault| fault["kind"].clone()).collect();
    assert_eq!(kinds, ["not_found", "failures"]);
}

#[test]
fn fetch_gives_the_target_of_each_alert_where_it_is_asked_for() {
    let keys = ["timestamp", "id", "name", "ra", "dec", "mag", "score", "url", "target"];
    let listed = run(&["fetch", "ALeRCE", "--limit", "2", "--targets", "--json"]);
    for row in rows(&listed) {
        assert!(row.as_object().unwrap().keys().eq(keys), "{row}");
        let shown = rows(&run(&["show", "ALeRCE", row["id"].as_str().unwrap(), "--json"])).remove(0);
        for key in ["name", "type", "ra", "dec", "aliases"] {
            assert_eq!(row["target"][key], shown["target"][key], "{row}");
        }
    }
    let csv = text(&run(&["fetch", "ALeRCE", "--limit", "1", "--targets", "--csv"]).stdout);
    assert_eq!(csv.lines().next(), Some(keys.join(",").as_str()));
    let table = text(&run(&["fetch", "ALeRCE", "--limit", "1", "--targets"]).stdout);
    assert!(table.contains("target") && table.contains(", SIDEREAL"), "{table}");
}

#[cfg(feature = "hermes")]
#[test]
fn an_alert_that_can_be_no_target_has_null_for_one() {
    let listed = rows(&run(&["fetch", "Hermes", "--targets", "--json"]));
    let mut without = listed.iter().filter(|row| row["ra"].is_null());
    assert!(without.all(|row| row["target"].is_null()), "{listed:?}");
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
    let name = targets[1]["name"].as_str().unwrap();
    let one = run(&["targets", name, "--store", &store, "--json"]);
    assert_eq!(rows(&one), targets[1..2]);
    let nobody = run(&["targets", "nobody", "--store", &store]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(text(&nobody.stderr).contains("no target is called \"nobody\""));

    // What was saved is what `submit` takes, one at a time.
    let (file, both) = (folder.path().join("t.json"), folder.path().join("both.json"));
    std::fs::write(&file, &one.stdout).unwrap();
    std::fs::write(&both, [&one.stdout[..], &one.stdout[..]].concat()).unwrap();
    let submit = |file: &std::path::Path| {
        run(&["submit", "Hermes", "--target", file.to_str().unwrap(), "topic=hermes.test", "--dry-run"])
    };
    assert_eq!(submit(&file).status.code(), Some(0));
    let refused = submit(&both);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("the file holds more than one"));
}

#[test]
fn a_run_goes_on_where_an_earlier_one_was_left() {
    let folder = tempfile::tempdir().unwrap();
    let store = format!("sqlite:{}", folder.path().join("a.db").display());
    let save = |words: &[&str]| {
        run(&[&["save", "ALeRCE", "--store", &store, "--json", "--classifications"], words].concat())
    };
    let first = rows(&save(&["--limit", "1"])).remove(0);
    let token = first["resume"].as_str().unwrap();
    let second = rows(&save(&["--limit", "1", "--resume", token])).remove(0);
    assert_eq!((&first["created"], &second["created"]), (&1.into(), &1.into()));
    assert!(first["classifications"]["created"].as_u64() > Some(0), "{first}");
    assert_eq!(save(&["--resume", "nonsense"]).status.code(), Some(2));
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

#[test]
fn a_proxy_of_the_environment_is_not_asked_for_this_machine() {
    let mut command = tool();
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"] {
        // Nobody listens there.
        command.env(name, "http://127.0.0.1:9");
    }
    let output = command.args(["fetch", "ALeRCE", "--limit", "1", "--json"]).output().unwrap();
    assert_eq!(rows(&output).len(), 1);
}

#[cfg(feature = "hermes")]
#[test]
fn a_submission_is_shown_without_its_token_and_then_taken() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("t.json");
    std::fs::write(&file, r#"{"name": "AT2026qqz", "type": "SIDEREAL", "ra": 10.5, "dec": -3.25}"#).unwrap();
    let words = ["submit", "Hermes", "--target", file.to_str().unwrap(), "title=A new one", "--json"];
    let shown = rows(&run(&[&words[..], &["--dry-run"]].concat())).remove(0);
    assert_eq!((&shown["method"], &shown["credential"]), (&Value::from("POST"), &Value::from(true)));
    assert_eq!(shown["body"]["data"]["targets"][0]["dec"], -3.25);
    assert!(!shown.to_string().contains("demonstration-token"), "{shown}");
    let receipt = rows(&run(&words)).remove(0);
    assert_eq!(receipt["answer"]["title"], "A new one");
    assert!(receipt["id"].as_str().is_some_and(|id| !id.is_empty()), "{receipt}");
    assert_eq!(run(&["submit", "Hermes", "titel=x"]).status.code(), Some(2));
}

#[cfg(feature = "tns")]
#[test]
fn a_report_of_a_target_and_its_data_is_shown_and_submitted() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let target = file("t.json", r#"{"name": "ZTF26newaaaa", "type": "SIDEREAL", "ra": 152.0, "dec": 12.0}"#);
    let data = file("d.jsonl", &text(&run(&["photometry", "TNS", "2026demoa", "--json"]).stdout));
    let words = ["submit", "TNS", "--json", "--target", &target, "discovery_data_source=ZTF"];
    let output = run(&words);
    assert_eq!(output.status.code(), Some(2), "a report without a measurement is at fault");
    assert!(text(&output.stderr).contains("photometry: must be given"), "{}", text(&output.stderr));
    let words = [&words[..], &["--data", &data]].concat();
    let shown = rows(&run(&[&words[..], &["--dry-run"]].concat())).remove(0);
    let report = &shown["body"]["data"]["at_report"]["0"];
    assert_eq!(shown["body"]["api_key"], "***");
    assert_eq!(report["photometry"]["photometry_group"].as_object().unwrap().len(), 10);
    assert_eq!(report["non_detection"]["filterid"], 110);
    let receipt = rows(&run(&words)).remove(0);
    assert_eq!(receipt["answer"]["items"][0]["objname"], "2026demoz");
}

#[cfg(feature = "fink")]
#[test]
fn fink_is_fetched_shown_drawn_and_saved_once() {
    let listed = rows(&run(&["fetch", "Fink", "class=SN candidate", "--json"]));
    let name = listed[0]["name"].as_str().unwrap();
    let shown = rows(&run(&["show", "Fink", name, "--json"])).remove(0);
    assert_eq!((shown["generic"]["name"].as_str(), &shown["generic"]["id"]), (Some(name), &listed[0]["id"]));
    let folder = tempfile::tempdir().unwrap();
    let svg = folder.path().join("lc.svg");
    for object in [name, "169642810955317701", "54321"] {
        let points = rows(&run(&["photometry", "Fink", object, "--json", "--svg", svg.to_str().unwrap()]));
        assert!(points.len() > 5 && svg.exists(), "{object}: {}", points.len());
        std::fs::remove_file(&svg).unwrap();
    }
    let store = format!("sqlite:{}", folder.path().join("f.db").display());
    for query in ["class=SN candidate", "tag=most_likely_sn", "sso=54321"] {
        let save = || {
            rows(&run(&["save", "Fink", query, "--store", &store, "--photometry", "--json"])).pop().unwrap()
        };
        let (first, second) = (save(), save());
        assert!(
            first["created"].as_u64() > Some(0) && first["data"]["created"].as_u64() > Some(0),
            "{first}"
        );
        assert_eq!(
            (&second["created"], &second["updated"], &second["data"]["created"]),
            (&0.into(), &0.into(), &0.into())
        );
    }
    assert_eq!(rows(&run(&["targets", "--store", &store, "--json"])).len(), 4);
}

#[cfg(all(feature = "gaia", feature = "boom"))]
#[test]
fn gaia_babamul_and_boom_are_fetched_shown_drawn_and_saved_once() {
    for (broker, query) in
        [("Gaia", "mag_max=19"), ("Babamul", "object_id=ZTF26abmsnia"), ("BOOM", "object_id=ZTF26abmsnia")]
    {
        let listed = rows(&run(&["fetch", broker, query, "--json"]));
        let name = listed[0]["name"].as_str().unwrap();
        let shown = rows(&run(&["show", broker, name, "--json"])).remove(0);
        assert_eq!(
            (shown["generic"]["name"].as_str(), &shown["generic"]["id"]),
            (Some(name), &listed[0]["id"])
        );
        let folder = tempfile::tempdir().unwrap();
        let svg = folder.path().join("lc.svg");
        let points = rows(&run(&["photometry", broker, name, "--json", "--svg", svg.to_str().unwrap()]));
        assert!(points.len() > 5 && svg.exists(), "{broker}: {}", points.len());
        let store = format!("sqlite:{}", folder.path().join("s.db").display());
        let save = || {
            rows(&run(&["save", broker, query, "--store", &store, "--photometry", "--json"])).pop().unwrap()
        };
        let (first, second) = (save(), save());
        assert!(
            first["created"].as_u64() > Some(0) && first["data"]["created"].as_u64() > Some(0),
            "{first}"
        );
        assert_eq!(
            (&second["created"], &second["updated"], &second["data"]["created"]),
            (&0.into(), &0.into(), &0.into()),
            "{broker}"
        );
    }
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

/// Every broker there is, as its recorded service shows it: listed, shown, drawn, saved once.
#[test]
fn every_broker_is_demonstrated() {
    let folder = tempfile::tempdir().unwrap();
    let brokers = rows(&run(&["brokers", "--json"]));
    assert!(!brokers.is_empty());
    for info in brokers {
        let broker = info["name"].as_str().unwrap();
        let can = |what: &str| info["can"][what] == true;
        let listed = rows(&run(&["fetch", broker, "--limit", "5", "--json"]));
        assert!(listed.len() >= 2, "{broker}: {listed:?}");
        // The id or the name, whichever the service can be asked by.
        let first = listed.iter().find(|row| !row["ra"].is_null()).unwrap();
        let by = |id: &Value, words: &[&str]| {
            let words = [&words[..1], &[broker, id.as_str().unwrap()], &words[1..]].concat();
            run(&words)
        };
        let id =
            ["id", "name"].into_iter().find(|key| by(&first[*key], &["show", "--json"]).status.success());
        let id = &first[id.unwrap_or_else(|| panic!("{broker}: {first} is not shown"))];
        let shown = rows(&by(id, &["show", "--json"])).remove(0);
        assert_eq!(shown["generic"]["name"], first["name"], "{broker}");
        assert!(shown["target"]["name"].is_string() && shown["raw"].is_object(), "{broker}: {shown}");
        assert!(can("reduced_data"), "{broker}");
        let svg = folder.path().join(format!("{broker}.svg"));
        let drawn = listed.iter().flat_map(|row| [&row["id"], &row["name"]]).any(|id| {
            let output = by(id, &["photometry", "--json", "--svg", svg.to_str().unwrap()]);
            output.status.success() && !rows(&output).is_empty()
        });
        assert!(drawn && svg.exists(), "{broker}: no light curve can be drawn");
        for what in ["classifications", "cutouts"] {
            let output = by(id, &[what, "--json"]);
            assert_eq!(output.status.success(), can(what), "{broker} {what}: {}", text(&output.stderr));
        }
        let store = format!("sqlite:{}", folder.path().join(format!("{broker}.db")).display());
        let save = || {
            let output = run(&["save", broker, "--store", &store, "--photometry", "--limit", "5", "--json"]);
            let report = text(&output.stdout).lines().last().map(str::to_owned);
            serde_json::from_str::<Value>(&report.unwrap_or_else(|| panic!("{broker}: no report"))).unwrap()
        };
        let (first, again) = (save(), save());
        assert!(first["created"].as_u64() > Some(0), "{broker}: {first}");
        assert!(first["data"]["created"].as_u64() > Some(0), "{broker}: {first}");
        assert_eq!(again["created"], 0, "{broker}: {again}");
        assert_eq!(again["updated"], 0, "{broker}: {again}");
        assert_eq!(
            (&again["data"]["created"], &again["data"]["updated"]),
            (&0.into(), &0.into()),
            "{broker}"
        );
    }
}
