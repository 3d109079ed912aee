//! Reads a folder of recorded answers, when `TOM_ALERTS_SAMPLES` names one: every file of a broker
//! must be read by a typed reader of the crate, or stand in its list of files to skip, with the reason.
//!
//! A broker adds itself with a file of its own, a [`Broker`] in it: a table of `(file, reader)`. A reader gives back what it
//! read as JSON; every key of that which the file has too must hold the same value.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[cfg(feature = "alerce")]
mod alerce;
#[cfg(feature = "antares")]
mod antares;
#[cfg(feature = "boom")]
mod boom;
#[cfg(feature = "fink")]
mod fink;
#[cfg(feature = "gaia")]
mod gaia;
#[cfg(feature = "hermes")]
mod hermes;
#[cfg(feature = "lasair")]
mod lasair;
#[cfg(feature = "mars")]
mod mars;
#[cfg(feature = "scimma")]
mod scimma;
#[cfg(feature = "scout")]
mod scout;
#[cfg(feature = "tns")]
mod tns;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use tom_alerts::http::{Response, json as read_json, mend_nan};
use tom_alerts::wire::Rows;

/// Reads a file; what was read comes back as JSON, to be compared.
type Reader = fn(&[u8]) -> Result<Value, String>;

/// The files of one broker.
struct Broker {
    folder: &'static str,
    readers: &'static [(&'static str, Reader)],
    skipped: &'static [(&'static str, &'static str)],
}

const BROKERS: &[Broker] = &[
    #[cfg(feature = "alerce")]
    alerce::FILES,
    #[cfg(feature = "antares")]
    antares::FILES,
    #[cfg(feature = "fink")]
    fink::FILES,
    #[cfg(feature = "gaia")]
    gaia::FILES,
    #[cfg(feature = "hermes")]
    hermes::FILES,
    #[cfg(feature = "lasair")]
    lasair::FILES,
    #[cfg(feature = "mars")]
    mars::FILES,
    #[cfg(feature = "scout")]
    scout::FILES,
    #[cfg(feature = "tns")]
    tns::FILES,
    #[cfg(feature = "boom")]
    boom::FILES,
    #[cfg(feature = "scimma")]
    scimma::FILES,
];

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    read_json(body).map_err(|e| e.to_string())
}

fn whole<T>(rows: Rows<T>) -> Result<Vec<T>, String> {
    rows.into_iter().collect::<Result<_, _>>().map_err(|e: tom_alerts::Error| e.to_string())
}

fn list<T: Serialize>(rows: Rows<T>) -> Result<Value, String> {
    Ok(serde_json::to_value(whole(rows)?).unwrap())
}

fn one<T: DeserializeOwned + Serialize>(body: &[u8]) -> Result<Value, String> {
    Ok(serde_json::to_value(read::<T>(body)?).unwrap())
}

fn rows<T: DeserializeOwned + Serialize>(body: &[u8]) -> Result<Value, String> {
    list(read::<Rows<T>>(body)?)
}

/// A page of a listing, through the reader that the client uses.
fn page<T: DeserializeOwned + Serialize>(body: &[u8], key: &str) -> Result<Value, String> {
    let response = Response::new(200, Vec::new(), body.to_vec().into());
    let (items, _) = response.items::<T, Map<String, Value>>(Some(key)).map_err(|e| e.to_string())?;
    let items = items.into_iter().map(|item| item.map(tom_alerts::Alert::into_packet));
    let items: Vec<T> = items.collect::<Result<_, _>>().map_err(|e| e.to_string())?;
    Ok(json!({key: items}))
}

/// Where what was read says otherwise than the file, with the path. A list must be as long.
fn differences(ours: &Value, theirs: &Value, at: &str, out: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            for (key, theirs) in theirs {
                if let Some(ours) = ours.get(key) {
                    differences(ours, theirs, &format!("{at}.{key}"), out);
                }
            }
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                differences(ours, theirs, &format!("{at}[{index}]"), out);
            }
        }
        _ if same(ours, theirs) => {}
        _ => out.push(format!("{at}: {ours} was read where the file has {theirs}")),
    }
}

/// Equal, when a number and its text are one, and so are `t`, 1 and true, and a word for nothing and null.
fn same(ours: &Value, theirs: &Value) -> bool {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let number = |value: &Value| value.as_f64().or_else(|| value.as_str()?.parse().ok());
    let equal_numbers = || {
        // Whole numbers beyond 2^53 are compared digit by digit.
        let exact = |value: f64| value.abs() < 9_007_199_254_740_992.0 || text(theirs).contains(['e', 'E']);
        matches!((number(ours), number(theirs)), (Some(a), Some(b)) if a == b && exact(a))
    };
    match ours {
        Value::Bool(yes) => {
            let words: &[&str] = if *yes { &["true", "1", "t"] } else { &["false", "0", "-1", "f"] };
            words.contains(&text(theirs).as_str())
        }
        Value::Null => theirs.is_null() || theirs == "",
        _ => ours == theirs || text(ours) == text(theirs) || equal_numbers(),
    }
}

fn check(broker: &Broker, folder: &Path, name: &str) -> Result<bool, String> {
    if let Some((_, why)) = broker.skipped.iter().find(|(known, _)| *known == name) {
        println!("{}/{name}: not read: {why}", broker.folder);
        return Ok(false);
    }
    let reader = broker.readers.iter().find(|(known, _)| *known == name);
    let (_, reader) = reader.ok_or_else(|| format!("{}/{name}: no reader", broker.folder))?;
    let body = std::fs::read(folder.join(name)).map_err(|e| e.to_string())?;
    let ours = reader(&body).map_err(|e| format!("{}/{name}: {e}", broker.folder))?;
    if ours.is_null() {
        return Ok(true);
    }
    let text = String::from_utf8(body).map_err(|e| e.to_string())?;
    let mended = mend_nan(&text).unwrap_or(text);
    let theirs = serde_json::from_str(&mended).map_err(|e| e.to_string())?;
    let mut faults = Vec::new();
    differences(&ours, &theirs, "", &mut faults);
    if faults.is_empty() { Ok(true) } else { Err(format!("{}/{name}: {}", broker.folder, faults.join("; "))) }
}

#[test]
fn every_recorded_answer_is_read_by_a_typed_reader() {
    let Some(root) = std::env::var_os("TOM_ALERTS_SAMPLES").map(PathBuf::from) else {
        println!("nothing done: TOM_ALERTS_SAMPLES names no folder of recorded answers");
        return;
    };
    let (mut read, mut faults) = (0, Vec::new());
    for broker in BROKERS {
        let folder = root.join(broker.folder);
        let entries = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let names: BTreeSet<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.ends_with(".md"))
            .collect();
        for name in &names {
            match check(broker, &folder, name) {
                Ok(done) => read += usize::from(done),
                Err(fault) => faults.push(fault),
            }
        }
    }
    println!("{read} files read");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(read > 0, "no file was read");
}
