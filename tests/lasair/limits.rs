//! The limit of Lasair under a clock that stands still: calls of the last hour, refused ones included.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;
use tom_alerts::http::{Http, HttpConfig, Request, Response};
use tom_alerts::testing::ScriptedTransport;
use tom_alerts::{Error, IngestOptions, MemoryStore, TargetStore, form};

use super::*;

const OBJECTS: u64 = 10;
const CALLS: usize = 6;
const HOUR: Duration = Duration::from_secs(3600);

/// The calls that came: when, for which object, and whether they were refused.
type Calls = Arc<Mutex<Vec<(Instant, Option<String>, bool)>>>;

fn id(n: u64) -> String {
    (169_342_810_955_400_001 + n).to_string()
}

fn answer(calls: &Calls, withdrawn: &Mutex<bool>, request: &Request) -> Result<Response, Error> {
    let object = request.url().query_pairs().find(|(key, _)| key == "objectId");
    let object = object.map(|(_, id)| id.into_owned());
    let mut calls = calls.lock().unwrap();
    let refused = calls.iter().filter(|(when, ..)| when.elapsed() < HOUR).count() >= CALLS;
    calls.push((Instant::now(), object.clone(), refused));
    if refused {
        return Ok(Response::new(429, Vec::new(), r#"{"detail": "Request was throttled."}"#.into()));
    }
    let body = match object {
        Some(object) => {
            let body = text_fixture("lsst_object_raw.txt").replace(LSST, &object);
            match *withdrawn.lock().unwrap() {
                false => body,
                true => body.replace(r#""timeWithdrawnMjdTai": NaN"#, r#""timeWithdrawnMjdTai": 61300.0"#),
            }
        }
        None => {
            let row = |n| format!(r#"{{"diaObjectId": {}, "ra": 150.25, "decl": 2.2}}"#, id(n));
            format!("[{}]", (0..OBJECTS).map(row).collect::<Vec<_>>().join(", "))
        }
    };
    Ok(Response::new(200, Vec::new(), body.into()))
}

#[tokio::test(start_paused = true)]
async fn ten_objects_have_their_light_curves_after_two_windows_of_six_calls() {
    let calls = Calls::default();
    let counted = Arc::clone(&calls);
    let script = ScriptedTransport::new(move |request| answer(&counted, &Mutex::new(false), request));
    let http =
        Http::with_transport(Arc::new(script.latency(Duration::from_millis(200))), &HttpConfig::default());
    let config = LasairConfig { api_key: Some(TOKEN.into()), base_url: None };
    let (lasair, store) = (LasairLsstBroker::with_http(config, &http).unwrap(), MemoryStore::new());
    let query = form::parse_pairs(["conditions=objects.nDiaSources>3"]).unwrap();
    let options = || IngestOptions::new().photometry(true);
    let first = lasair.fetch_and_save_all(&query, &store, options()).await.unwrap().report;
    assert_eq!((first.seen, first.failures()), (5, 0), "{first:?}");
    assert_eq!(first.ended_by.unwrap().kind(), ErrorKind::RateLimited);
    assert_eq!(first.ended_at.as_deref(), Some(id(5).as_str()));
    tokio::time::advance(HOUR).await;
    let resumed = options().resume(first.resume.unwrap().parse().unwrap());
    let second = lasair.fetch_and_save_all(&query, &store, resumed).await.unwrap().report;
    assert!(second.ended_by.is_none() && second.resume.is_none() && second.failures() == 0, "{second:?}");
    for n in 0..OBJECTS {
        assert!(!store.reduced_data(&id(n)).await.unwrap().is_empty(), "{n}");
    }
    let calls = calls.lock().unwrap();
    let refused: Vec<_> = calls.iter().filter(|(.., refused)| *refused).collect();
    assert_eq!(refused.len(), 1, "the one that finds the limit");
    assert_eq!(calls.len(), 13, "two listings, ten light curves, and the refused one");
}

#[tokio::test(start_paused = true)]
async fn what_rubin_withdraws_after_it_was_saved_is_no_measurement_in_the_store_any_more() {
    let withdrawn = Arc::new(Mutex::new(false));
    let now = Arc::clone(&withdrawn);
    let script = ScriptedTransport::new(move |request| answer(&Calls::default(), &now, request));
    let http = Http::with_transport(Arc::new(script), &HttpConfig::default());
    let config = LasairConfig { api_key: Some(TOKEN.into()), base_url: None };
    let (lasair, store) = (LasairLsstBroker::with_http(config, &http).unwrap(), MemoryStore::new());
    let query = form::parse_pairs(["conditions=objects.nDiaSources>3"]).unwrap();
    let options = || IngestOptions::new().photometry(true).limit(1);
    let first = lasair.fetch_and_save_all(&query, &store, options()).await.unwrap().report;
    let whole = store.reduced_data(&id(0)).await.unwrap().len();
    assert!(first.data.created >= 2 && whole >= 2, "{first:?}");
    let target = store.find(&id(0)).await.unwrap().unwrap();
    let taken = store.history(target.id).await.unwrap().withdrawn.len();
    *withdrawn.lock().unwrap() = true;
    let second = lasair.fetch_and_save_all(&query, &store, options()).await.unwrap().report;
    let gone = second.data.updated as usize;
    assert!(gone > 0, "{second:?}");
    assert_eq!(store.reduced_data(&id(0)).await.unwrap().len(), whole - gone);
    assert_eq!(store.history(target.id).await.unwrap().withdrawn.len(), taken + gone);
}
