//! The shape of the house: no files of `src/`, and none of one broker's folder, import each other in a
//! circle.
//!
//! An arrow is a `use`, or a path in code, that leads to another file. Tests, comments, `mod` lines and
//! re-exports are none, and neither is what a file says of the rooms that it is in (`use super::Item`).
//! An item is looked for in the file that defines it, whatever re-exports lead there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod arrows;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use arrows::{House, circles};

/// Every file of a folder by its path from the root of the crate.
fn files(folder: &str, found: &mut BTreeMap<String, String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            files(&path, found);
        } else if path.ends_with(".rs") {
            found.insert(path, fs::read_to_string(entry.path()).unwrap());
        }
    }
}

fn house() -> House {
    let mut found = BTreeMap::new();
    files("src", &mut found);
    files("brokers", &mut found);
    House::of(&found)
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let house = house();
    let arrows = house.arrows();
    let mut told = String::new();
    for circle in circles(&arrows) {
        told.push_str(&format!("\na circle of {} files:\n", circle.len()));
        for arrow in arrows.iter().filter(|arrow| circle.contains(&arrow.from) && circle.contains(&arrow.to))
        {
            told.push_str(&format!("  {arrow}\n"));
        }
    }
    assert!(told.is_empty(), "{told}");
}

#[test]
fn the_arrows_of_the_house_are_seen() {
    let arrows = house().arrows();
    let has = |from: &str, to: &str| arrows.iter().any(|arrow| arrow.from == from && arrow.to == to);
    // By a `use`, by a path in code, through a re-export, through a glob of re-exports, to a sibling.
    assert!(has("src/pages.rs", "src/alert.rs"));
    assert!(has("src/alert.rs", "src/wire/json.rs"));
    assert!(has("src/session.rs", "src/call/run.rs"));
    assert!(has("src/points.rs", "src/wire/fields.rs"));
    assert!(has("src/http/client.rs", "src/http/hosts.rs"));
}

/// The rooms that know nobody above them, and what each of them may know.
const LOW: &[(&str, &[&str])] = &[
    ("src/band.rs", &[]),
    ("src/error.rs", &["src/secret.rs"]),
    ("src/flux.rs", &[]),
    ("src/http/", &["src/error.rs", "src/http/", "src/kafka/mod.rs", "src/wire/"]),
    ("src/info.rs", &[]),
    ("src/secret.rs", &[]),
    ("src/sky.rs", &["src/error.rs"]),
    ("src/time.rs", &[]),
    ("src/wire/", &["src/error.rs", "src/wire/"]),
];

/// Rooms that several brokers share, as their services send the same messages, and whose they are.
const SHARED: &[(&str, &[&str])] = &[("brokers/hopskotch/", &["hermes", "scimma"])];

#[test]
fn the_low_rooms_know_nobody_and_brokers_know_the_prelude_only() {
    let mut wrong = String::new();
    for arrow in house().arrows() {
        let known = match LOW.iter().find(|(room, _)| arrow.from.starts_with(room)) {
            Some((_, known)) => known.iter().any(|known| arrow.to.starts_with(known)),
            None => match arrow.from.strip_prefix("brokers/").and_then(|file| file.split_once('/')) {
                Some((broker, _)) => {
                    let own = format!("brokers/{broker}/");
                    let shared = SHARED.iter().filter(|(_, of)| of.contains(&broker)).map(|(room, _)| *room);
                    arrow.path.starts_with("crate::plugin")
                        || shared.chain([own.as_str()]).any(|room| arrow.to.starts_with(room))
                }
                None => true,
            },
        };
        if !known {
            wrong.push_str(&format!("\n  {arrow}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_is_an_arrow_and_what_is_none() {
    let files = [
        ("src/lib.rs", "mod a;\npub mod b;\nmod c;\npub use a::A;"),
        ("src/a.rs", "//! crate::c::C\nuse crate::b::{self, inner::{One as Two, Three}};\npub struct A;"),
        ("src/b/mod.rs", "mod inner;\npub use inner::*;\nuse crate::A;\nfn f() { \"crate::c::C\"; }"),
        ("src/b/inner.rs", "use super::Other;\npub struct One;\npub struct Three;"),
        (
            "src/c.rs",
            "pub struct C;\nfn f() -> crate::b::One { todo() }\n#[cfg(test)]\nmod tests { use crate::a::A; }",
        ),
        ("src/d.rs", "#[cfg(test)]\nmod tests;\n/// [`crate::a::A`]\n/* use crate::a::A; */ struct D;"),
        ("src/d/tests.rs", "use crate::a::A;"),
    ];
    let files = files.map(|(path, text)| (path.to_owned(), text.to_owned())).into();
    let arrows = House::of(&files).arrows();
    let told: Vec<_> = arrows.iter().map(ToString::to_string).collect();
    let due = [
        "src/a.rs:2 → src/b/inner.rs: crate::b::inner::One",
        "src/a.rs:2 → src/b/mod.rs: crate::b",
        "src/b/mod.rs:3 → src/a.rs: crate::A",
        "src/c.rs:2 → src/b/inner.rs: crate::b::One",
    ];
    assert_eq!(told, due);
    assert_eq!(circles(&arrows), [BTreeSet::from(["src/a.rs".to_owned(), "src/b/mod.rs".to_owned()])]);
}
