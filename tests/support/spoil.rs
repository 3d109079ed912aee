//! Recorded answers with one place spoiled at a time: nothing but what is vital may cost an object, a row
//! or a light curve.
//!
//! ```text
//! for (place, body) in spoil(&json_fixture("object.json"), &["id", "rows.*.mjd", "rows.*.mag"]) {
//!     assert_eq!(points_of(&body).len(), 3, "{place}");
//! }
//! ```

use serde_json::{Value, json};

/// What a place holds after it was spoiled; `None` is a place that is absent.
fn odd_values() -> [Option<Value>; 13] {
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
#[derive(Debug, Clone)]
enum Step {
    Key(String),
    At(usize),
}

/// The document once for every place that is not vital and every odd value, with that value in that
/// place; the text says which, such as `rows.2.error = "nan"`.
///
/// `vital` holds paths with dots between their steps, in which `*` stands for any key or place: what may
/// fail an object or a row, such as its id, time and magnitude. A place that holds a vital one is not
/// spoiled either; what a vital place holds itself is not.
pub(crate) fn spoil<'a>(
    document: &'a Value,
    vital: &'a [&'a str],
) -> impl Iterator<Item = (String, Value)> + 'a {
    let mut places = Vec::new();
    gather(document, &mut Vec::new(), &mut places);
    let unmet: Vec<_> =
        vital.iter().filter(|vital| !places.iter().any(|place| is_path(place, vital))).collect();
    assert!(unmet.is_empty(), "the document has no such places: {unmet:?}");
    places.retain(|place| !is_vital(place, vital));
    assert!(!places.is_empty(), "every place is vital");
    places.into_iter().flat_map(move |place| {
        odd_values().into_iter().map(move |odd| {
            let name = told(&place);
            let name = match &odd {
                Some(value) => format!("{name} = {value}"),
                None => format!("{name} absent"),
            };
            let mut spoiled = document.clone();
            put(&mut spoiled, &place, odd);
            (name, spoiled)
        })
    })
}

fn told(place: &[Step]) -> String {
    let step = |step: &Step| match step {
        Step::Key(key) => key.clone(),
        Step::At(at) => at.to_string(),
    };
    place.iter().map(step).collect::<Vec<_>>().join(".")
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

/// Whether a place is vital, holds a vital one, or is held by one.
fn is_vital(place: &[Step], vital: &[&str]) -> bool {
    vital.iter().any(|path| path.split('.').zip(place).all(|(due, step)| is_step(due, step)))
}

fn is_path(place: &[Step], path: &str) -> bool {
    path.split('.').count() == place.len() && path.split('.').zip(place).all(|(due, step)| is_step(due, step))
}

fn is_step(due: &str, step: &Step) -> bool {
    match step {
        Step::Key(key) => due == "*" || due == key,
        Step::At(at) => due == "*" || due == at.to_string(),
    }
}

fn put(value: &mut Value, place: &[Step], odd: Option<Value>) {
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
/// columns that are `vital` stay.
pub(crate) fn spoil_cells(rows: &[Vec<String>], vital: &[&str]) -> Vec<(String, Vec<u8>)> {
    const ODD: [&[u8]; 6] = [b"", b"odd text", b"nan", b"null", b"-7.5", b"M\xfcller, \"J\"; [1]"];
    let mut spoiled = Vec::new();
    let heading = &rows[0];
    for row in 1..rows.len() {
        for (column, name) in heading.iter().enumerate().filter(|(_, name)| !vital.contains(&name.as_str())) {
            for odd in ODD {
                let mut writer = csv::Writer::from_writer(Vec::new());
                for (at, cells) in rows.iter().enumerate() {
                    let cell = |(place, cell): (usize, &String)| {
                        if (at, place) == (row, column) { odd.to_vec() } else { cell.clone().into_bytes() }
                    };
                    writer.write_record(cells.iter().enumerate().map(cell)).unwrap();
                }
                let text = format!("row {row}, {name} = {}", String::from_utf8_lossy(odd));
                spoiled.push((text, writer.into_inner().unwrap()));
            }
        }
    }
    assert!(!spoiled.is_empty(), "every column is vital");
    spoiled
}
