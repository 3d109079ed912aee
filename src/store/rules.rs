//! What every store agrees on: what may be kept, how a target is merged, in which order rows come.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{Entry, SourcedClassification};
use crate::error::{Error, ErrorKind, Result};
use crate::extra::Extra;
use crate::query::BrokerQuery;
use crate::reduced_datum::{Datum, ReducedDatum};
use crate::target::Target;

/// serde_json reads back 128 levels; a store adds a few of its own.
const DEEPEST: u32 = 100;

/// Whether all of an entry can be kept and read back the same.
pub(super) fn check(entry: &Entry) -> Result<()> {
    entry.target.clone().checked()?;
    let name = &entry.target.name;
    let fault = |what: String| Err(Error::new(ErrorKind::Input, what).with("target", clean(name)));
    if let Some(what) = nul(&[("name", name), ("source", &entry.source)]) {
        return fault(format!("the {what} holds a NUL character"));
    }
    for datum in &entry.data {
        if let Some(what) = unfit(datum) {
            return fault(format!("{what} of a {} point cannot be stored", datum.data_type()));
        }
    }
    for c in &entry.classifications {
        if c.probability.is_some_and(|p| !p.is_finite()) {
            return fault("the probability of a classification must be a finite number".into());
        }
        let version = c.version.as_deref().unwrap_or_default();
        let texts = [("classifier", c.classifier.as_str()), ("version", version), ("class", &c.class)];
        if let Some(what) = nul(&texts) {
            return fault(format!("the {what} of a classification holds a NUL character"));
        }
    }
    Ok(())
}

/// Whether a query can be kept.
pub(super) fn check_query(query: &BrokerQuery) -> Result<()> {
    if query.name.trim().is_empty() {
        return Err(Error::new(ErrorKind::Input, "a query needs a name to be saved under"));
    }
    let resume = query.resume.as_deref().unwrap_or_default();
    let what = match nul(&[("name", &query.name), ("broker", &query.broker), ("resume", resume)]) {
        Some(what) => format!("the {what} of a query holds a NUL character"),
        None if !shallow(&query.parameters, DEEPEST) => {
            "the parameters of a query are nested too deeply".into()
        }
        None => return Ok(()),
    };
    Err(Error::new(ErrorKind::Input, what).with("query", clean(&query.name)))
}

fn clean(name: &str) -> String {
    name.replace('\0', "\u{fffd}")
}

// SQL engines cut a text at a NUL or refuse it.
fn nul<'a>(texts: &[(&'a str, &str)]) -> Option<&'a str> {
    texts.iter().find(|(_, text)| text.contains('\0')).map(|(what, _)| *what)
}

/// What of a datum would not come back as it is.
fn unfit(datum: &ReducedDatum) -> Option<&'static str> {
    let none = Extra::default();
    let bad = |values: &[f64]| values.iter().any(|v| !v.is_finite());
    let nul = |texts: &[Option<&str>]| texts.iter().flatten().any(|text| text.contains('\0'));
    // The texts named here are parts of the key.
    let (number, texts, extra) = match &datum.value {
        Datum::Photometry(p) => {
            let numbers = [
                p.magnitude,
                p.error,
                p.limit,
                p.limiting_magnitude,
                p.negative_magnitude,
                p.flux,
                p.flux_error,
            ];
            let number = numbers.into_iter().flatten().any(|v| !v.is_finite());
            let texts =
                [Some(&*p.filter), p.survey.as_deref(), p.telescope.as_deref(), p.source_id.as_deref()];
            (number, nul(&texts), &p.extra)
        }
        Datum::Spectroscopy(s) => {
            let number = bad(&s.wavelength) || bad(&s.flux) || bad(&s.error);
            (number, nul(&[s.telescope.as_deref(), s.source_id.as_deref()]), &s.extra)
        }
        Datum::Astrometry(a) => {
            let number = bad(&[a.ra, a.dec, a.ra_error.unwrap_or(0.0), a.dec_error.unwrap_or(0.0)]);
            (number, nul(&[a.telescope.as_deref(), a.source_id.as_deref()]), &none)
        }
        Datum::Other(other) => (false, nul(&[Some(other.data_type())]), &other.value),
    };
    if number {
        return Some("a number that is not finite");
    }
    if texts || datum.source_name.contains('\0') || datum.source_location.contains('\0') {
        return Some("a text with a NUL character");
    }
    // The object itself is a level.
    (extra.depth() > DEEPEST as usize + 1).then_some("an extra value nested too deeply")
}

/// The data of an entry so that of those with one key the last counts: a detection comes after a limit
/// of the same exposure.
pub(super) fn last_counts(data: &[ReducedDatum]) -> impl Iterator<Item = &ReducedDatum> {
    let limits = data.iter().filter(|datum| datum.is_limit());
    limits.chain(data.iter().filter(|datum| !datum.is_limit()))
}

fn shallow(map: &Map<String, Value>, left: u32) -> bool {
    map.values().all(|value| shallow_value(value, left))
}

fn shallow_value(value: &Value, left: u32) -> bool {
    match value {
        Value::Array(items) => left > 0 && items.iter().all(|item| shallow_value(item, left - 1)),
        Value::Object(map) => left > 0 && shallow(map, left - 1),
        _ => true,
    }
}

/// A target that is new to the store: each alias once, and none that is its name.
pub(super) fn first(target: &Target) -> Target {
    let coordinates = target.coordinates.clone().wrapped();
    let mut new = Target { aliases: Vec::new(), coordinates, ..target.clone() };
    for alias in &target.aliases {
        new = new.with_alias(alias);
    }
    new
}

/// Brings a kept target up to date; false when that changed nothing.
pub(crate) fn merge(kept: &mut Target, new: &Target) -> bool {
    let coordinates = new.coordinates.clone().wrapped();
    let mut changed = kept.coordinates != coordinates;
    if changed {
        kept.coordinates = coordinates;
    }
    for alias in &new.aliases {
        let known = alias.trim().is_empty() || *alias == kept.name || kept.aliases.contains(alias);
        if !known {
            kept.aliases.push(alias.clone());
            changed = true;
        }
    }
    for (key, value) in &new.extras {
        if kept.extras.get(key) != Some(value) {
            kept.extras.insert(key.clone(), value.clone());
            changed = true;
        }
    }
    changed
}

/// The order of [`TargetStore::classifications`](super::TargetStore::classifications).
pub(super) fn sort_classifications(rows: &mut [SourcedClassification]) {
    rows.sort_by(|a, b| {
        let (x, y) = (&a.classification, &b.classification);
        let rank = |rank: Option<u32>| rank.unwrap_or(u32::MAX);
        (&a.source, &x.classifier, &x.version, rank(x.rank), &x.class).cmp(&(
            &b.source,
            &y.classifier,
            &y.version,
            rank(y.rank),
            &y.class,
        ))
    });
}

/// The same instant without what is finer than a microsecond.
pub(super) fn to_micros(time: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(time.timestamp_micros()).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_nests_too_deeply_to_be_read_back_is_refused() {
        let mut value = json!(1);
        for _ in 0..DEEPEST {
            value = json!([value]);
        }
        let map = |value: Value| Map::from_iter([("k".to_owned(), value)]);
        assert!(shallow(&map(value.clone()), DEEPEST));
        assert!(!shallow(&map(json!([value])), DEEPEST));
        let datum = |value: Value| {
            ReducedDatum::new("a", "b", "c", DateTime::UNIX_EPOCH, Extra::from_iter([("k", value)]))
        };
        assert_eq!(unfit(&datum(value.clone())), None);
        assert_eq!(unfit(&datum(json!([value]))), Some("an extra value nested too deeply"));
    }

    #[test]
    fn a_new_target_keeps_each_alias_once() {
        let mut target = Target::sidereal("a", 1.0, 2.0).unwrap();
        target.aliases = vec!["b".into(), "a".into(), "b".into(), " ".into()];
        assert_eq!(first(&target).aliases, ["b"]);
    }
}
