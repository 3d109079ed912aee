//! Recorded answers with one place spoiled at a time: nothing but what is essential may cost an object, a
//! row or a light curve.

use std::collections::HashMap;

use serde_json::{Value, json};

/// What a place holds after it was spoiled; `None` is a place that is absent.
pub(super) fn odd_values() -> [Option<Value>; 13] {
    [
        None,
        Some(Value::Null),
        Some(json!("")),
        Some(json!("odd é text")),
        Some(json!("nan")),
        Some(json!("None")),
        Some(json!([])),
        Some(json!([null, "odd", [1]])),
        Some(json!({})),
        Some(json!({"odd": {"more": [1]}})),
        Some(json!(-7.5)),
        Some(json!(18_446_744_073_709_551_615_u64)),
        Some(json!(true)),
    ]
}

/// A step of a path: a key of an object or a place in a list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Key(String),
    At(usize),
}

/// The document once for every place that is not essential and every odd value, with that value in that
/// place; the text says which, such as `rows.2.error = "nan"`.
///
/// `essential` holds paths with dots between their steps, in which `*` stands for any key or place: what
/// may fail an object or a row, such as its id, time and magnitude. A place that holds an essential one is
/// not spoiled either; what an essential place holds itself is not.
///
/// ```
/// use tom_alerts::testing::spoil;
/// let answer = serde_json::json!({"rows": [{"mjd": 61000.5, "note": "seen"}]});
/// let spoiled: Vec<_> = spoil(&answer, &["rows.*.mjd"]).collect();
/// assert!(spoiled.iter().any(|(place, _)| place == "rows.0.note absent"));
/// assert!(spoiled.iter().all(|(_, answer)| answer["rows"][0]["mjd"] == 61000.5));
/// ```
///
/// # Panics
/// Where the document has no such place, or none that is not essential: such a test would test nothing.
pub fn spoil<'a>(
    document: &'a Value,
    essential: &'a [&'a str],
) -> impl Iterator<Item = (String, Value)> + 'a {
    let mut places = places(document);
    let unmet: Vec<_> =
        essential.iter().filter(|path| !places.iter().any(|place| is_path(place, path))).collect();
    assert!(unmet.is_empty(), "the document has no such places: {unmet:?}");
    places.retain(|place| !is_essential(place, essential));
    assert!(!places.is_empty(), "every place is essential");
    places.into_iter().flat_map(move |place| {
        odd_values().into_iter().map(move |odd| {
            let name = format!("{}{}", told(&place), told_odd(odd.as_ref()));
            let mut spoiled = document.clone();
            put(&mut spoiled, &place, odd);
            (name, spoiled)
        })
    })
}

/// A place in words.
fn told(place: &[Step]) -> String {
    let step = |step: &Step| match step {
        Step::Key(key) => key.clone(),
        Step::At(at) => at.to_string(),
    };
    place.iter().map(step).collect::<Vec<_>>().join(".")
}

/// The same for all rows of a list alike.
pub(super) fn told_alike(place: &[Step]) -> String {
    let step = |step: &Step| match step {
        Step::Key(key) => key.clone(),
        Step::At(_) => "*".to_owned(),
    };
    place.iter().map(step).collect::<Vec<_>>().join(".")
}

pub(super) fn told_odd(odd: Option<&Value>) -> String {
    odd.map_or_else(|| " absent".to_owned(), |value| format!(" = {value}"))
}

/// Every place of a document, the outer ones first.
pub(super) fn places(document: &Value) -> Vec<Vec<Step>> {
    let mut places = Vec::new();
    gather(document, &mut Vec::new(), &mut places);
    places
}

/// Of the places that are alike in all rows of a list those in the first row, which are marked, and in the
/// last that has them.
pub(super) fn ends_of_alike(places: Vec<Vec<Step>>) -> Vec<(bool, Vec<Step>)> {
    let mut last: HashMap<String, usize> = HashMap::new();
    let mut first: HashMap<String, usize> = HashMap::new();
    for (n, place) in places.iter().enumerate() {
        let alike = told_alike(place);
        first.entry(alike.clone()).or_insert(n);
        last.insert(alike, n);
    }
    let end = |(n, place): (usize, Vec<Step>)| {
        let alike = told_alike(&place);
        let is_first = first.get(&alike) == Some(&n);
        (is_first || last.get(&alike) == Some(&n)).then_some((is_first, place))
    };
    places.into_iter().enumerate().filter_map(end).collect()
}

fn gather(value: &Value, path: &mut Vec<Step>, places: &mut Vec<Vec<Step>>) {
    let steps: Vec<(Step, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(key, value)| (Step::Key(key.clone()), value)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(at, value)| (Step::At(at), value)).collect(),
        _ => return,
    };
    for (step, value) in steps {
        path.push(step);
        places.push(path.clone());
        gather(value, path, places);
        path.pop();
    }
}

/// Whether a place is essential, holds an essential one, or is held by one.
pub(super) fn is_essential(place: &[Step], essential: &[impl AsRef<str>]) -> bool {
    let meets = |path: &str| path.split('.').zip(place).all(|(due, step)| is_step(due, step));
    essential.iter().any(|path| meets(path.as_ref()))
}

/// Whether a place is the one that a path names.
pub(super) fn is_path(place: &[Step], path: &str) -> bool {
    path.split('.').count() == place.len() && path.split('.').zip(place).all(|(due, step)| is_step(due, step))
}

fn is_step(due: &str, step: &Step) -> bool {
    match step {
        Step::Key(key) => due == "*" || due == key,
        Step::At(at) => due == "*" || due == at.to_string(),
    }
}

/// What stands at a place.
pub(super) fn at<'a>(value: &'a Value, place: &[Step]) -> Option<&'a Value> {
    place.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::At(at) => value.get(at),
    })
}

/// Puts a value at a place, or takes away what is there.
pub(super) fn put(value: &mut Value, place: &[Step], odd: Option<Value>) {
    let [first, rest @ ..] = place else { return };
    match (value, first, rest.is_empty(), odd) {
        (Value::Object(map), Step::Key(key), true, None) => drop(map.shift_remove(key)),
        (Value::Array(list), Step::At(at), true, None) => drop(list.remove(*at)),
        (Value::Object(map), Step::Key(key), true, Some(odd)) => map[key] = odd,
        (Value::Array(list), Step::At(at), true, Some(odd)) => list[*at] = odd,
        (Value::Object(map), Step::Key(key), false, odd) => put(&mut map[key], rest, odd),
        (Value::Array(list), Step::At(at), false, odd) => put(&mut list[*at], rest, odd),
        _ => {}
    }
}

/// The same of a table: its rows as CSV, the heading first, with one cell spoiled at a time. Cells of the
/// columns that are `essential` stay. One of the odd cells is no valid UTF-8.
///
/// # Panics
/// Where there is no cell that is not essential.
#[must_use]
pub fn spoil_cells(rows: &[Vec<String>], essential: &[&str]) -> Vec<(String, Vec<u8>)> {
    const ODD: [&[u8]; 6] = [b"", b"odd text", b"nan", b"null", b"-7.5", b"M\xfcller, \"J\"; [1]"];
    let mut spoiled = Vec::new();
    let heading = rows.first().map(Vec::as_slice).unwrap_or_default();
    for row in 1..rows.len() {
        let columns = heading.iter().enumerate().filter(|(_, name)| !essential.contains(&name.as_str()));
        for (column, name) in columns {
            for odd in ODD {
                let mut table = Vec::new();
                for (at, cells) in rows.iter().enumerate() {
                    for (place, cell) in cells.iter().enumerate() {
                        if place > 0 {
                            table.push(b',');
                        }
                        let cell = if (at, place) == (row, column) { odd } else { cell.as_bytes() };
                        quote(&mut table, cell);
                    }
                    table.push(b'\n');
                }
                spoiled.push((format!("row {row}, {name} = {}", String::from_utf8_lossy(odd)), table));
            }
        }
    }
    assert!(!spoiled.is_empty(), "every column is essential");
    spoiled
}

/// A cell as CSV has it.
fn quote(table: &mut Vec<u8>, cell: &[u8]) {
    if !cell.iter().any(|byte| b"\",\r\n".contains(byte)) {
        table.extend_from_slice(cell);
        return;
    }
    table.push(b'"');
    for byte in cell {
        table.extend(std::iter::repeat_n(*byte, if *byte == b'"' { 2 } else { 1 }));
    }
    table.push(b'"');
}
