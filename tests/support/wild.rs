//! Strategies of bodies: any JSON under the keys that a broker reads, and recorded answers gone wrong.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

use super::fixtures::{fixture, json_fixture};

/// So many cases, the same in every run, unless `PROPTEST_CASES` and `PROPTEST_RNG_SEED` say others; and
/// no files of those that failed: a fault gets a test of its own.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    if std::env::var_os("PROPTEST_RNG_SEED").is_none() {
        config.rng_seed = RngSeed::Fixed(20_261_125);
    }
    config
}

/// The words of a text, such as keys and names of fixtures.
pub(crate) fn words(text: &'static str) -> Vec<&'static str> {
    text.split_whitespace().collect()
}

/// Values that are no list and no object: of every type, of odd sizes, and those a field would hold.
pub(crate) fn any_leaf() -> BoxedStrategy<Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-90.0..360.0_f64).prop_map(Value::from),
        (2.4e6..2.5e6_f64).prop_map(Value::from),
        (5.8e4..6.2e4_f64).prop_map(Value::from),
        "[a-zA-Z0-9+.,é:<>&; -]{0,9}".prop_map(Value::from),
        "-?[0-9]{1,7}(\\.[0-9]{1,3})?".prop_map(Value::from),
        select(vec!["NaN", "-Infinity", "", " ", "2026-11-10T05:06:07Z", "1e999"]).prop_map(Value::from),
        select(vec![json!(-999.0), json!(99.0), json!(0), json!(-1), json!(360.0), json!(1e-310)]),
    ]
    .boxed()
}

/// Any JSON under the keys that the readers know, with the values that they look for among the others.
pub(crate) fn any_json(keys: &'static str, values: Vec<Value>) -> BoxedStrategy<Value> {
    let leaf = prop_oneof![4 => any_leaf(), 1 => select(values)];
    let tree = leaf.prop_recursive(5, 64, 8, move |inner| {
        let key = select(words(keys)).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(key, inner, 0..10)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    tree.boxed()
}

/// What may happen to one place of a document.
#[derive(Debug, Clone)]
enum Change {
    Value(Value),
    Gone,
    Twice,
    Text,
    Listed,
}

/// Recorded answers of the broker as JSON, each with some of its places changed for something else.
pub(crate) fn changed(names: &'static str) -> impl Strategy<Value = Value> {
    let change = prop_oneof![
        4 => any_leaf().prop_map(Change::Value),
        2 => Just(Change::Gone),
        1 => Just(Change::Twice),
        1 => Just(Change::Text),
        1 => Just(Change::Listed),
    ];
    let changes = prop::collection::vec((any::<Index>(), change), 1..8);
    (select(words(names)), changes).prop_map(|(name, changes)| {
        let mut body = json_fixture(name);
        for (at, change) in changes {
            let mut place = at.index(places(&body));
            alter(&mut body, &mut place, &change);
        }
        body
    })
}

/// How many places there are in a document, itself not counted unless it is the only one.
fn places(value: &Value) -> usize {
    fn within(value: &Value) -> usize {
        match value {
            Value::Array(items) => items.iter().map(|item| 1 + within(item)).sum(),
            Value::Object(map) => map.values().map(|item| 1 + within(item)).sum(),
            _ => 0,
        }
    }
    within(value).max(1)
}

/// Changes the place that is so many places on; true when it was found.
fn alter(value: &mut Value, place: &mut usize, change: &Change) -> bool {
    let other = |old: &Value| match change {
        Change::Value(new) => new.clone(),
        Change::Text => Value::from(old.to_string()),
        Change::Listed => json!([old]),
        Change::Gone | Change::Twice => Value::Null,
    };
    match value {
        Value::Array(items) => {
            for at in 0..items.len() {
                if *place == 0 {
                    match change {
                        Change::Gone => drop(items.remove(at)),
                        Change::Twice => items.insert(at, items[at].clone()),
                        _ => items[at] = other(&items[at]),
                    }
                    return true;
                }
                *place -= 1;
                if alter(&mut items[at], place, change) {
                    return true;
                }
            }
        }
        Value::Object(map) => {
            for key in map.keys().cloned().collect::<Vec<_>>() {
                if *place == 0 {
                    match change {
                        Change::Gone => drop(map.shift_remove(&key)),
                        _ => map[&key] = other(&map[&key]),
                    }
                    return true;
                }
                *place -= 1;
                if alter(&mut map[&key], place, change) {
                    return true;
                }
            }
        }
        _ => {}
    }
    false
}

/// Recorded answers of the broker as bytes, each with a part cut out, cut off, repeated or replaced.
pub(crate) fn spoiled(names: &'static str) -> impl Strategy<Value = Vec<u8>> {
    (select(words(names)), damage()).prop_map(|(name, damage)| damage.done_to(fixture(name)))
}

/// A part of a body, and what becomes of it.
#[derive(Debug, Clone)]
pub(crate) struct Damage {
    from: Index,
    length: usize,
    kind: u8,
    instead: Vec<u8>,
}

/// What may happen to a part of a body.
pub(crate) fn damage() -> impl Strategy<Value = Damage> {
    let instead = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..4),
        "[-0-9.e,\n\"é{}\\[\\]]{0,6}".prop_map(String::into_bytes),
    ];
    (any::<Index>(), 0..40_usize, 0..4_u8, instead).prop_map(|(from, length, kind, instead)| Damage {
        from,
        length,
        kind,
        instead,
    })
}

impl Damage {
    pub(crate) fn done_to(&self, mut body: Vec<u8>) -> Vec<u8> {
        let from = self.from.index(body.len().max(1)).min(body.len());
        let to = (from + self.length).min(body.len());
        match self.kind {
            0 => body.truncate(from),
            1 => {
                let part = body[from..to].to_vec();
                body.splice(from..from, part);
            }
            2 => {
                body.splice(from..to, self.instead.clone());
            }
            _ => {
                let end = (from + 1).min(body.len());
                body.splice(from..end, self.instead.clone());
            }
        }
        body
    }
}

/// A recorded answer of the broker, cut off every so many bytes.
pub(crate) fn cut(name: &str, step: usize) -> impl Iterator<Item = Vec<u8>> {
    let body = fixture(name);
    (0..body.len()).step_by(step).map(move |end| body[..end].to_vec())
}

/// The properties of every broker whose service speaks JSON: `read_all` finds nothing unsound in any
/// JSON under `KEYS` with `values()`, bare and as `within` puts it into bodies, nor in what is
/// `RECORDED`, with places of it changed.
macro_rules! json_properties {
    () => {
        json_properties!(within | _ | Vec::new());
    };
    (within $within:expr) => {
        proptest::proptest! {
            #![proptest_config(super::support::wild::cases(48))]

            #[test]
            fn no_json_makes_a_reader_unsound(value in super::support::wild::any_json(KEYS, values())) {
                read_all(value.to_string().as_bytes());
                let bodies: Vec<serde_json::Value> = $within(value);
                for body in bodies {
                    read_all(body.to_string().as_bytes());
                }
            }

            #[test]
            fn no_changed_answer_makes_a_reader_unsound(value in super::support::wild::changed(RECORDED)) {
                read_all(value.to_string().as_bytes());
            }
        }
    };
}

/// The properties of every broker: `read_all` finds nothing unsound in any bytes, nor in what is
/// `RECORDED`, spoiled or (those that are named) cut off every so many bytes; and whole it is looked at.
macro_rules! body_properties {
    (cut $step:literal: $($name:literal),+) => {
        proptest::proptest! {
            #![proptest_config(super::support::wild::cases(48))]

            #[test]
            fn no_spoiled_answer_makes_a_reader_unsound(body in super::support::wild::spoiled(RECORDED)) {
                read_all(&body);
            }

            #[test]
            fn no_bytes_make_a_reader_unsound(
                bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)
            ) {
                read_all(&bytes);
            }
        }

        #[test]
        fn a_recorded_answer_that_is_cut_anywhere_makes_no_reader_panic() {
            for name in [$($name),+] {
                for body in super::support::wild::cut(name, $step) {
                    read_all(&body);
                }
            }
        }

        #[test]
        fn the_recorded_answers_are_looked_at() {
            let whole = |name: &&str| read_all(&super::support::fixtures::fixture(name)) > 0;
            let seen = RECORDED.split_whitespace().filter(whole).count();
            assert!(seen > 2, "alerts or points came of {seen} answers only");
        }
    };
}

pub(crate) use {body_properties, json_properties};
