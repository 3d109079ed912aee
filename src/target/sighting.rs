//! `Sighting`: what one source says of one target, each field with the time it was observed; `Edit`, what
//! a user says.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Target;
use super::coordinates::{Coordinates, Elements};
use super::names::normal;
use crate::provenance::{PositionKind, Provenance};

/// When a value was observed; of two values of one source the later one is kept.
///
/// On equal times the higher score wins, then the larger text, so that the order of saving does not matter.
/// A row without a time has the start of its run instead: of such rows of one run the first listed is kept,
/// as listings begin with the newest.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(from = "(Option<i64>, bool, Option<f64>)", into = "(Option<i64>, bool, Option<f64>)")]
pub struct Stamp {
    at: Option<DateTime<Utc>>,
    listed: bool,
    score: Option<f64>,
}

impl Stamp {
    /// Of a value that was observed at an instant, to the microsecond.
    #[must_use]
    pub fn observed(at: DateTime<Utc>, score: Option<f64>) -> Self {
        Self { at: DateTime::from_timestamp_micros(at.timestamp_micros()), listed: false, score }
    }

    /// Of a value without a time, in a run that began then.
    #[must_use]
    pub fn listed(run: DateTime<Utc>) -> Self {
        Self { at: DateTime::from_timestamp_micros(run.timestamp_micros()), listed: true, score: None }
    }

    /// The time; `None` for what a store of version 0.1 held.
    #[must_use]
    pub fn at(&self) -> Option<DateTime<Utc>> {
        self.at
    }

    fn order(&self, other: &Self) -> Ordering {
        let score = |stamp: &Self| stamp.score.unwrap_or(f64::NEG_INFINITY);
        let timed = |stamp: &Self| !stamp.listed;
        self.at
            .cmp(&other.at)
            .then_with(|| timed(self).cmp(&timed(other)))
            .then_with(|| score(self).total_cmp(&score(other)))
    }

    /// Whether a value with this stamp replaces one with another; `larger` compares their texts.
    fn replaces(&self, old: &Self, larger: impl FnOnce() -> bool) -> bool {
        match self.order(old) {
            Ordering::Greater => true,
            Ordering::Less => false,
            Ordering::Equal => !self.listed && self.at.is_some() && larger(),
        }
    }
}

impl From<(Option<i64>, bool, Option<f64>)> for Stamp {
    fn from((at, listed, score): (Option<i64>, bool, Option<f64>)) -> Self {
        Self { at: at.and_then(DateTime::from_timestamp_micros), listed, score }
    }
}

impl From<Stamp> for (Option<i64>, bool, Option<f64>) {
    fn from(stamp: Stamp) -> Self {
        (stamp.at.map(|at| at.timestamp_micros()), stamp.listed, stamp.score)
    }
}

/// A position as one source gives it: one block that is never mixed with another source's.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// Right ascension in degrees, ICRS.
    pub ra: f64,
    /// Declination in degrees, ICRS.
    pub dec: f64,
    /// Epoch of a fixed position, Julian years.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<f64>,
    /// When a moving object was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<DateTime<Utc>>,
    /// Stated error, arcsec, 1σ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
    /// What the position is.
    pub kind: PositionKind,
    /// How many detections it is the mean of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detections: Option<u64>,
}

impl Place {
    /// A reported position in degrees, ICRS.
    #[must_use]
    pub fn new(ra: f64, dec: f64) -> Self {
        Self { ra, dec, ..Self::default() }
    }
}

/// What one source says of one target: a row of a store.
///
/// A value that a source does not give any more stays: `None` is unknown and replaces nothing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Sighting {
    /// The source: a broker's name, `import`, `user`, or `earlier`.
    #[serde(skip)]
    pub source: String,
    /// The source's own id of the object; empty when it has none.
    #[serde(skip)]
    pub object_id: String,
    /// The saved query that brought it first, by its number.
    #[serde(skip)]
    pub query: Option<i64>,
    /// When the object's reduced data were last fetched.
    #[serde(skip)]
    pub fetched: Option<DateTime<Utc>>,
    /// The time of every field that `stamps` does not name.
    pub at: Stamp,
    /// What the source calls it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its other names there, in byte order.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub aliases: BTreeSet<String>,
    /// Names that it has there and that another target has in the store.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub taken: BTreeSet<String>,
    /// Whether it is an object of the solar system; once it is, it stays one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub moving: bool,
    /// Where it is, or was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Place>,
    /// Its orbit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orbit: Option<Elements>,
    /// Motion, distance and brightness by their names in a target's JSON: `pm_ra`, `pm_dec`, `parallax`,
    /// `distance`, `distance_err`, `abs_mag`, `slope`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub numbers: BTreeMap<String, f64>,
    /// What else is known, under the source's own keys.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub extras: BTreeMap<String, String>,
    /// The times of fields that were observed at another time than `at`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub stamps: BTreeMap<String, Stamp>,
    /// Fields that a user cleared.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub cleared: BTreeSet<String>,
}

/// The source of what a user says.
pub const USER: &str = "user";

pub(super) const NAME: &str = "name";
pub(super) const POSITION: &str = "position";
pub(super) const ORBIT: &str = "orbit";
pub(super) const MOVING: &str = "moving";

/// How the field of an extra is called in `stamps` and `cleared`.
pub(super) fn extra_field(key: &str) -> String {
    format!("extra:{key}")
}

impl Sighting {
    /// What a target says, from a source.
    #[must_use]
    pub fn of(target: &Target, source: &str, provenance: &Provenance, at: Stamp) -> Self {
        let mut said = Self {
            source: source.to_owned(),
            object_id: provenance.object_id.as_deref().map(normal).unwrap_or_default(),
            at,
            name: target.name.clone(),
            extras: target.extras.clone(),
            ..Self::default()
        };
        let own = normal(&target.name);
        said.aliases = target
            .aliases
            .iter()
            .filter(|alias| ![String::new(), own.clone()].contains(&normal(alias)))
            .cloned()
            .collect();
        let place = |ra, dec| Place {
            kind: provenance.position,
            detections: provenance.detections,
            error: provenance.position_error,
            ..Place::new(ra, dec)
        };
        let mut number = |key: &str, value: Option<f64>| {
            if let Some(value) = value {
                said.numbers.insert(key.to_owned(), value);
            }
        };
        match target.coordinates.clone().wrapped() {
            Coordinates::Sidereal(fixed) => {
                number("pm_ra", fixed.pm_ra);
                number("pm_dec", fixed.pm_dec);
                number("parallax", fixed.parallax);
                number("distance", fixed.distance);
                number("distance_err", fixed.distance_err);
                said.position = Some(Place { epoch: fixed.epoch, ..place(fixed.ra, fixed.dec) });
            }
            Coordinates::NonSidereal(orbit) => {
                number("abs_mag", orbit.abs_mag);
                number("slope", orbit.slope);
                said.moving = true;
                said.position = orbit.position.map(|hint| Place {
                    time: hint.time,
                    error: hint.uncertainty.or(provenance.position_error),
                    ..place(hint.ra, hint.dec)
                });
                said.orbit = orbit.elements;
            }
        }
        said
    }

    /// Its name and its other names, those of another target left out.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let own = std::iter::once(&self.name).filter(|name| !name.is_empty()).chain(&self.aliases);
        own.filter(|name| !self.taken.contains(*name)).map(String::as_str)
    }

    /// The time of a field.
    #[must_use]
    pub fn stamp(&self, field: &str) -> Stamp {
        self.stamps.get(field).copied().unwrap_or(self.at)
    }

    /// Whether the newest that it says was observed before the newest that another says.
    pub(crate) fn is_before(&self, other: &Self) -> bool {
        let newest =
            |sighting: &Self| sighting.stamps.values().chain([&sighting.at]).map(|stamp| stamp.at).max();
        newest(self) < newest(other)
    }

    /// Takes in what the same source says of the same target another time. False when nothing changed.
    pub(crate) fn merge(&mut self, new: &Self) -> bool {
        if self.holds(new) {
            return false;
        }
        let before = self.clone();
        let mut stamps = std::mem::take(&mut self.stamps);
        let mut decide = |field: &str, known: bool, larger: &dyn Fn() -> bool, same: bool| -> bool {
            let (old, now) = (stamps.get(field).copied().unwrap_or(before.at), new.stamp(field));
            let wins = !known || now.replaces(&old, larger) || (same && now.order(&old) == Ordering::Greater);
            stamps.insert(field.to_owned(), if wins { now } else { old });
            wins
        };
        if !new.name.is_empty() {
            let larger = || new.name > before.name;
            let wins = decide(NAME, !self.name.is_empty(), &larger, new.name == self.name);
            if wins && new.name != self.name {
                let old = std::mem::replace(&mut self.name, new.name.clone());
                self.aliases.insert(old);
            } else if new.name != self.name {
                self.aliases.insert(new.name.clone());
            }
        }
        self.aliases.extend(new.aliases.iter().cloned());
        let own = normal(&self.name);
        self.aliases.retain(|alias| !alias.is_empty() && *alias != self.name && normal(alias) != own);
        self.taken.extend(new.taken.iter().cloned());
        self.moving |= new.moving;
        if let Some(place) = &new.position {
            let larger = || text(place) > text(&before.position);
            if decide(POSITION, self.position.is_some(), &larger, self.position.as_ref() == Some(place)) {
                self.position = Some(place.clone());
            }
        }
        if let Some(orbit) = &new.orbit {
            let larger = || text(orbit) > text(&before.orbit);
            if decide(ORBIT, self.orbit.is_some(), &larger, self.orbit.as_ref() == Some(orbit)) {
                self.orbit = Some(orbit.clone());
            }
        }
        for (key, value) in &new.numbers {
            let old = self.numbers.get(key).copied();
            let larger = || old.is_some_and(|old| value.total_cmp(&old).is_gt());
            if decide(key, old.is_some(), &larger, old == Some(*value)) {
                self.numbers.insert(key.clone(), *value);
            }
        }
        for (key, value) in &new.extras {
            let old = self.extras.get(key).cloned();
            let larger = || old.as_ref().is_some_and(|old| value > old);
            if decide(&extra_field(key), old.is_some(), &larger, old.as_ref() == Some(value)) {
                self.extras.insert(key.clone(), value.clone());
            }
        }
        if new.at.order(&before.at) == Ordering::Greater {
            self.at = new.at;
        }
        // What was not said now keeps its time, and only times that differ from `at` are written.
        for field in before.fields() {
            stamps.entry(field).or_insert(before.at);
        }
        stamps.retain(|_, stamp| *stamp != self.at);
        self.stamps = stamps;
        self.query = self.query.or(new.query);
        self.fetched = self.fetched.max(new.fetched);
        *self != before
    }

    /// Whether everything that another one says is known with its time.
    fn holds(&self, new: &Self) -> bool {
        self.at == new.at
            && self.stamps.is_empty()
            && new.stamps.is_empty()
            && (new.name.is_empty() || new.name == self.name)
            && new.aliases.is_subset(&self.aliases)
            && new.taken.is_subset(&self.taken)
            && (self.moving || !new.moving)
            && (new.position.is_none() || new.position == self.position)
            && (new.orbit.is_none() || new.orbit == self.orbit)
            && new.numbers.iter().all(|(key, value)| self.numbers.get(key) == Some(value))
            && new.extras.iter().all(|(key, value)| self.extras.get(key) == Some(value))
            && (new.query.is_none() || self.query.is_some())
            && new.fetched <= self.fetched
    }

    fn fields(&self) -> Vec<String> {
        let mut fields = Vec::new();
        if !self.name.is_empty() {
            fields.push(NAME.to_owned());
        }
        if self.position.is_some() {
            fields.push(POSITION.to_owned());
        }
        if self.orbit.is_some() {
            fields.push(ORBIT.to_owned());
        }
        fields.extend(self.numbers.keys().cloned());
        fields.extend(self.extras.keys().map(|key| extra_field(key)));
        fields
    }
}

/// The text by which equal times are decided.
fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// What an edit does to one field.
#[derive(Debug, Clone, PartialEq)]
pub enum Word<T> {
    /// The user's value counts before every source's.
    Set(T),
    /// The field has no value, whatever the sources say.
    Clear,
    /// The user says nothing of it any more: the sources' value comes back.
    Unset,
}

/// What a user says of a target; fields that are left at `None` stay as they are.
///
/// ```
/// use tom_alerts::target::{Edit, Word};
/// let mut edit = Edit::default();
/// edit.name = Some(Word::Set("my favourite".into()));
/// edit.extras.insert("priority".into(), Word::Set("high".into()));
/// edit.extras.insert("alerce_class".into(), Word::Clear);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Edit {
    /// The name.
    pub name: Option<Word<String>>,
    /// Further names.
    pub aliases: BTreeSet<String>,
    /// The position, as one block.
    pub position: Option<Word<Place>>,
    /// The orbit.
    pub orbit: Option<Word<Elements>>,
    /// Whether it is an object of the solar system.
    pub moving: Option<Word<bool>>,
    /// The numbers of [`Sighting::numbers`].
    pub numbers: BTreeMap<String, Word<f64>>,
    /// Extras by the key that the read target has.
    pub extras: BTreeMap<String, Word<String>>,
}

impl Sighting {
    /// The user's row, empty.
    pub(crate) fn of_user() -> Self {
        Self { source: USER.to_owned(), ..Self::default() }
    }

    /// Takes in an edit.
    pub(crate) fn apply(&mut self, edit: &Edit) {
        let cleared = &mut self.cleared;
        let mut mark = |field: &str, clear: bool| {
            if clear {
                cleared.insert(field.to_owned())
            } else {
                cleared.remove(field)
            };
        };
        if let Some(word) = &edit.name {
            // A name that no source gives and the user gives no more is no name of the target.
            self.name = word.value().cloned().unwrap_or_default();
        }
        self.aliases.extend(edit.aliases.iter().cloned());
        if let Some(word) = &edit.position {
            self.position = word.value().cloned();
            mark(POSITION, *word == Word::Clear);
        }
        if let Some(word) = &edit.orbit {
            self.orbit = word.value().cloned();
            mark(ORBIT, *word == Word::Clear);
        }
        if let Some(word) = &edit.moving {
            self.moving = word.value() == Some(&true);
            mark(MOVING, matches!(word, Word::Clear | Word::Set(false)));
        }
        for (key, word) in &edit.numbers {
            match word.value() {
                Some(value) => self.numbers.insert(key.clone(), *value),
                None => self.numbers.remove(key),
            };
            mark(key, *word == Word::Clear);
        }
        for (key, word) in &edit.extras {
            match word.value() {
                Some(value) => self.extras.insert(key.clone(), value.clone()),
                None => self.extras.remove(key),
            };
            mark(&extra_field(key), *word == Word::Clear);
        }
    }
}

impl<T> Word<T> {
    fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Clear | Self::Unset => None,
        }
    }
}
