//! Saved queries of TOM Toolkit 2 and 3 and of its plug-ins, and the request that each becomes.
//!
//! `fixtures/tom/queries.json` is the table: where a query was saved, its parameters as the forms of that
//! release leave them, and what is asked first. `now-7d` stands for the time so long before now.

use std::sync::Arc;

use chrono::{NaiveDateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use tom_alerts::http::{Http, HttpConfig, Request};
use tom_alerts::testing::ScriptedTransport;
use tom_alerts::{Config, ErrorKind, Parameters, Registry, Result};

use crate::support::script::{always, text};

#[derive(Deserialize)]
struct Saved {
    from: String,
    broker: String,
    parameters: Parameters,
    asks: String,
}

/// Every broker with what it needs, on a service that refuses all.
fn registry(skip: bool) -> (Registry, ScriptedTransport) {
    let mut config = json!({"brokers": {
        "Hermes": {"api_key": "made0up0token"},
        "Lasair": {"api_key": "made0up0token"},
        "MARS": {"base_url": "https://mars.example.org/"},
        "TNS": {"api_key": "made0up0key", "bot_id": 12, "bot_name": "NightBot"},
    }});
    if skip {
        config["brokers"]["SCIMMA"] = json!({"skip_url": "https://skip.example.org/api/"});
    }
    let script = always(text(400, "{}"));
    let http = Http::with_transport(Arc::new(script.clone()), &HttpConfig::default());
    (Registry::with_http(&Config::from_value(config).unwrap(), &http).unwrap(), script)
}

/// The first request of a query in one line, percent signs resolved, without credentials.
async fn asked(broker: &str, parameters: &Parameters, skip: bool) -> Result<String> {
    let (registry, script) = registry(skip);
    let mut alerts = registry.broker(broker)?.fetch_alerts(parameters)?;
    while alerts.next().await.is_some() {}
    Ok(script.requests().first().map_or_else(|| "nothing".to_owned(), line))
}

fn line(request: &Request) -> String {
    let url = request.url();
    let host = url.host_str().unwrap_or_default();
    let path = url.path().to_owned();
    let pairs = |pairs: url::form_urlencoded::Parse<'_>| {
        let own = pairs.filter(|(key, _)| !["api_key", "columns", "selected"].contains(&&**key));
        own.map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join("&")
    };
    let mut line = format!("{} {host}{path}", request.method().as_str());
    if url.query().is_some() {
        line = format!("{line}?{}", pairs(url.query_pairs()));
    }
    let body = request.encoded().map(|(_, body)| body.to_vec()).unwrap_or_default();
    let text = String::from_utf8(body).unwrap();
    match serde_json::from_str::<Value>(&text) {
        Ok(Value::Object(mut map)) => {
            map.remove("columns");
            line = format!("{line} {}", Value::Object(map));
        }
        _ if text.is_empty() => {}
        _ => line = format!("{line} {}", pairs(url::form_urlencoded::parse(text.as_bytes()))),
    }
    relative(&line)
}

/// The same with times of these weeks as days from now.
fn relative(line: &str) -> String {
    let day = |days: f64| {
        let days = (days * 100.0).round() / 100.0;
        (days.abs() < 30.0).then(|| if days == 0.0 { "now".to_owned() } else { format!("now{days:+}d") })
    };
    let now = Utc::now();
    let (mut out, mut rest) = (String::new(), line);
    while let Some(first) = rest.chars().next() {
        let instant = rest.get(..19).and_then(|text| {
            let formats = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"];
            formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        });
        let instant = instant.and_then(|time| day((time.and_utc() - now).num_seconds() as f64 / 86_400.0));
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let apart = !out.ends_with(|c: char| c.is_ascii_digit() || c == '.');
        let mjd = rest[..end].parse::<f64>().ok().filter(|_| apart && rest[..end].contains('.'));
        let mjd = mjd.and_then(|mjd| day(mjd - tom_alerts::time::mjd_from_utc(now)));
        let (text, length) = match (instant, mjd) {
            (Some(text), _) => (text, 19),
            (None, Some(text)) => (text, end),
            (None, None) => (first.to_string(), first.len_utf8()),
        };
        out.push_str(&text);
        rest = &rest[length..];
    }
    out
}

#[tokio::test(start_paused = true)]
async fn every_saved_query_is_read_and_asks_for_what_it_asked_for_in_tom_toolkit() {
    let queries: Vec<Saved> = serde_json::from_str(include_str!("../fixtures/tom/queries.json")).unwrap();
    assert!(queries.len() >= 40);
    let mut wrong = Vec::new();
    for (number, saved) in queries.iter().enumerate() {
        let got = match asked(&saved.broker, &saved.parameters, true).await {
            Ok(line) => line,
            Err(error) => format!("refused: {error}"),
        };
        if got != saved.asks {
            wrong
                .push(format!("{number} {} {}\n  due {}\n  got {got}", saved.from, saved.broker, saved.asks));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn map(value: Value) -> Parameters {
    value.as_object().unwrap().clone()
}

async fn told(broker: &str, parameters: Value) -> String {
    let error = asked(broker, &map(parameters), false).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input, "{error}");
    error.to_string()
}

async fn line_of(broker: &str, parameters: Value) -> String {
    asked(broker, &map(parameters), false).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_a_service_no_longer_has_is_told_where_it_is_asked_for() {
    assert_eq!(
        told("Fink", json!({"datesearch": "2019-11-03 02:40:00, 2"})).await,
        "Fink: datesearch: Fink no longer searches by time alone; give a class or a tag with startdate and stopdate"
    );
    assert_eq!(
        told("ALeRCE", json!({"broker": "ALeRCE", "classrf": 19, "pclassrf": 0.5})).await,
        "ALeRCE: classrf: the class numbers of ALeRCE's former service are gone; give a class in lc_classifier"
    );
}

#[tokio::test(start_paused = true)]
async fn classifiers_of_a_data_service_are_one_each_and_agree() {
    let two = json!({
        "data_service": "ALeRCE", "cfield_lc_classifier": "SNIa", "cfield_stamp_classifier": "SN",
        "classifiers": [
            {"classifier": "lc_classifier", "class": "SNIa", "probability": null},
            {"classifier": "stamp_classifier", "class": "SN", "probability": 0.5},
        ]
    });
    assert_eq!(
        told("ALeRCE", two).await,
        "ALeRCE: classifiers: one classifier a query; TOM Toolkit asks for each by itself, so save a query for each"
    );
    // The list alone is enough; a fault of the class has the name that was used.
    let list = |class: &str| json!({"classifiers": [{"classifier": "lc_classifier", "class": class, "probability": 0.5}]});
    let line = line_of("ALeRCE", list("SNIa")).await;
    assert!(line.contains("?classifier=lc_classifier&class=SNIa&probability=0.5&"), "{line}");
    assert!(
        told("ALeRCE", json!({"cfield_lc_classifier": "snia"}))
            .await
            .contains("cfield_lc_classifier: snia is no class")
    );
    let both = json!({"cfield_lc_classifier": "SNII", "classifiers": list("SNIa")["classifiers"]});
    assert!(told("ALeRCE", both).await.contains("classifiers: given as cfield_lc_classifier too"));
    assert!(told("ALeRCE", json!({"prob_cfield_new": 0.5})).await.contains("needs a class in cfield_new"));
    assert!(
        told("ALeRCE", json!({"cfield_new": "SN", "class": "SNIa"})).await.contains("one classifier a query")
    );
}

#[tokio::test(start_paused = true)]
async fn no_cone_of_antares_is_none_however_it_is_written_and_others_are_cones() {
    for triple in [json!([180, 0, 180]), json!(["180.0", "0.0", "180.0"]), json!([180.0, -0.0, 180.0])] {
        let query =
            json!({"ra": triple[0], "dec": triple[1], "sr": triple[2], "tag": r#"["in_m31","high_snr"]"#});
        let line = line_of("ANTARES", query).await;
        assert!(line.contains(r#"{"terms":{"tags":["in_m31","high_snr"]}}"#), "{line}");
        assert!(!line.contains("sky_distance"), "{line}");
    }
    let line = line_of("ANTARES", json!({"ra": 180, "dec": 0, "sr": 0.5})).await;
    assert!(line.contains("sky_distance"), "{line}");
    assert!(told("ANTARES", json!({"ra": 181, "dec": 0, "sr": 180})).await.contains("sr: 180 is outside"));
}

/// The same names without the mark of a TOM's saved query have this crate's meaning.
#[tokio::test(start_paused = true)]
async fn fields_have_toms_meaning_in_toms_saved_queries_and_under_its_own_names() {
    let asks = |broker: &'static str, with: Value, without: Value| async move {
        (line_of(broker, with).await, line_of(broker, without).await)
    };
    let (tom, own) = asks(
        "TNS",
        json!({"broker": "TNS", "days_ago": 3, "target_name": "2024ab"}),
        json!({"days_ago": 3, "target_name": "2024ab"}),
    )
    .await;
    assert!(
        tom.contains("\"public_timestamp\":\"now-3d\"") && tom.contains("\"objname_exact_match\":0"),
        "{tom}"
    );
    assert!(own.contains("\"discovery_date_start\":") && own.contains("\"objname_exact_match\":1"), "{own}");
    let (tom, own) = asks(
        "Hermes",
        json!({"data_service": "Hermes", "ra": 10, "dec": 5, "radius": 0.1}),
        json!({"ra": 10, "dec": 5, "radius": 0.1}),
    )
    .await;
    assert!(tom.contains("cone_search=10,5,0.1"), "{tom}");
    assert!(own.contains("cone_search=10,5,0.00002777"), "{own}");
    let (tom, own) = asks(
        "Hermes",
        json!({"published_after": "2026-10-01"}),
        json!({"search": "events", "created_after": "2026-10-01"}),
    )
    .await;
    assert_eq!(tom, own);
    let (tom, own) = asks(
        "Fink",
        json!({"objectId": "ZTF19acnjwgm"}),
        json!({"object_id": "ZTF19acnjwgm", "history": true}),
    )
    .await;
    assert_eq!(tom, own);
    let (tom, own) =
        asks("ALeRCE", json!({"broker": "ALeRCE", "max_pages": 5}), json!({"max_pages": 5})).await;
    assert!(tom.contains("&page_size=20&") && own.contains("&page_size=500&"), "{tom} {own}");
    let (tom, own) =
        asks("SCIMMA", json!({"broker": "SCIMMA", "keyword": "swift"}), json!({"keyword": "swift"})).await;
    assert_eq!(tom, own, "without a SKIP server of one's own the archive is asked");
    let numbers = asked("SCIMMA", &map(json!({"topic": ["3"]})), true).await.unwrap();
    assert!(numbers.contains("skip.example.org"), "{numbers}");
    let words =
        asked("SCIMMA", &map(json!({"broker": "SCIMMA", "topic": ["hermes.test"]})), true).await.unwrap();
    assert!(!words.contains("skip.example.org"), "{words}");
}
