//! Query forms: one struct is the form, its help, its JSON Schema, its bounds and its reader.
//!
//! A form is a plain struct with four derives. The doc comment of a field is its help text, garde's
//! `range` is its bounds, an enum is its choices, and [`read`] makes the struct from whatever a
//! program, an HTML form or a command line gave, or says **everything** that is wrong with it.
//!
//! ```
//! use garde::Validate;
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//! use tom_alerts::form::{self, Form, Rules};
//!
//! /// What the service can be asked.
//! #[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema, Validate)]
//! #[serde(default, deny_unknown_fields)]
//! struct Cone {
//!     /// Right ascension of the centre.
//!     #[garde(range(min = 0.0, max = 360.0))]
//!     #[schemars(title = "RA", extend("x-unit" = "deg", "x-format" = "ra"))]
//!     ra: Option<f64>,
//!     /// Radius of the cone.
//!     #[garde(range(min = 0.0, max = 3600.0))]
//!     #[schemars(extend("x-unit" = "arcsec", "x-alias" = ["sr"]))]
//!     radius: Option<f64>,
//! }
//!
//! impl Form for Cone {
//!     fn rules(&self, rules: &mut Rules<'_>) {
//!         let whole = self.ra.is_some() == self.radius.is_some();
//!         rules.check(&["ra", "radius"], whole, "give both or none");
//!     }
//! }
//!
//! let cone: Cone = form::read(&form::parse_pairs(["ra=02:30:40.8", "sr=30"])?)?;
//! assert_eq!(cone.radius, Some(30.0));
//!
//! let error = form::read::<Cone>(&form::parse_pairs(["ra=400", "radus=5"])?).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "ra: 400 is outside 0..=360; radus: no such field; did you mean radius?"
//! );
//! # Ok::<(), tom_alerts::Error>(())
//! ```
//!
//! # What a field takes
//!
//! `null`, an empty text and a missing key all mean "not given": the field keeps its default.
//!
//! | field | takes |
//! |---|---|
//! | number | a finite number, or its text |
//! | whole number | the same without a fraction; every digit of 64 bits is kept |
//! | yes/no | `true`, `on`, `yes`, `1` and their opposites, in any case |
//! | text | a text, trimmed; a number as its text |
//! | enum | one of its values; any case when that is not ambiguous; TOM's `None` is "not given" |
//! | list | a list, one value alone, or a text with commas |
//! | URL, time | an absolute URL; a date or time as [`parse_utc`](crate::time::parse_utc) reads it, UTC without a zone |
//! | nested struct | a table, read by the same rules |
//! | [`Secret`](crate::Secret) | a text; in a configuration also `{ env = … }`, `{ file = … }` |
//!
//! A text for a list is split at commas, unless it is a list in JSON: `["SN Ia, pec"]`. A list of free
//! texts is taken as it is, so an item with a comma is given in a list; items of other types are split
//! there too.
//!
//! A key that no field has is a fault, unless its value is null or empty: then it is ignored.
//!
//! # Keys of a field's schema
//!
//! Set with `#[schemars(extend("key" = value))]`; form libraries may use them too.
//!
//! | key | meaning |
//! |---|---|
//! | `x-unit` | the unit of a number, such as `deg` |
//! | `x-group` | the heading under which the field is drawn |
//! | `x-alias` | a list of other names that are accepted, such as TOM Toolkit's |
//! | `x-hints` | a list of likely values of a text, for a set that the service may extend |
//! | `x-format` | `ra`, `dec`: also sexagesimal; `mjd`: also an ISO date. The field is an `f64` |
//! | `x-separator` | `none`: a text for this list is not split |
//! | `exclusiveMinimum` | an open bound, which garde does not have; `exclusiveMaximum` likewise |

mod coerce;
mod fields;
mod finite;
mod given;
mod plan;

use std::fmt::Debug;

use garde::Validate;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Problem, Result};
pub(crate) use coerce::is_empty;
use coerce::{Gathered, Mode, Reader, clip};
use plan::{Plan, Table};

pub use fields::{Choice, Field, fields, fields_of};
pub use given::{Given, TomQuery};

/// The parameters of a query: what a form, a command line or a saved query holds.
pub type Parameters = serde_json::Map<String, serde_json::Value>;

/// A struct that is a form.
///
/// Derive the rest, put `#[serde(default)]` on the struct, and write `impl Form for X {}`.
pub trait Form:
    Serialize
    + DeserializeOwned
    + JsonSchema
    + Validate<Context = ()>
    + Default
    + Debug
    + Clone
    + Send
    + Sync
    + 'static
{
    /// Makes this form's fields of what other forms of the service call otherwise or mean otherwise,
    /// TOM Toolkit's saved queries above all, before anything is read.
    fn prepare(given: &mut Given) {
        let _ = given;
    }

    /// Rules over several fields, and what a range cannot say.
    fn rules(&self, rules: &mut Rules<'_>) {
        let _ = rules;
    }
}

/// A form without fields, for brokers that take no submission.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct NoForm {}

impl Form for NoForm {}

/// Takes the faults that [`Form::rules`] finds.
///
/// A rule that names a field which could not be read is skipped: it would judge a default that
/// nobody gave. A rule that looks at more fields than it names asks
/// [`could_read`](Self::could_read) first; one that names none is about the whole form, and is
/// skipped where any key is at fault.
#[derive(Debug)]
pub struct Rules<'a> {
    /// Whether every key could be read.
    sound: bool,
    table: &'a Table,
    named: &'a [Option<String>],
    faulty: &'a [bool],
    faults: &'a mut Vec<(usize, Problem)>,
}

impl Rules<'_> {
    /// Reports `message` for these fields, unless the rule holds.
    ///
    /// The fields are named as the struct does; the fault names them as the caller did, parted by
    /// `, `, and stands where the first of them stands in the form.
    pub fn check(&mut self, fields: &[&str], holds: bool, message: impl Into<String>) {
        if holds || !self.could_read(fields) {
            return;
        }
        let places: Vec<_> = fields.iter().map(|field| self.table.keys.get(*field).copied()).collect();
        let names: Vec<_> =
            fields.iter().zip(&places).map(|(field, place)| self.name(field, *place)).collect();
        let place = places.first().copied().flatten().unwrap_or(self.table.specs.len());
        self.faults.push((place, Problem::new(names.join(", "), message)));
    }

    /// Whether all of these fields could be read; of no fields, the whole form.
    #[must_use]
    pub fn could_read(&self, fields: &[&str]) -> bool {
        let mut places = fields.iter().filter_map(|field| self.table.keys.get(*field));
        if fields.is_empty() { self.sound } else { places.all(|place| !self.faulty[*place]) }
    }

    /// The rule that something must be asked for: `given` says whether it is. It is skipped where
    /// anything could not be read, as that may have been it.
    pub fn due(&mut self, fields: &[&str], given: bool, message: impl Into<String>) {
        self.check(fields, given || !self.could_read(&[]), message);
    }

    /// The rule of a cone in one text, which [`sky::parse_cone`](crate::sky::parse_cone) reads.
    pub fn cone_text(&mut self, field: &str, text: Option<&str>) {
        let sound = text.is_none_or(|text| crate::sky::parse_cone(text).is_some());
        let due =
            "give RA,Dec,radius: three numbers in degrees, on the sky, the radius above 0 and at most 180";
        self.check(&[field], sound, due);
    }

    /// The rule of a range: its lower end is not above its upper one.
    pub fn ordered<T: PartialOrd>(&mut self, fields: [&str; 2], low: Option<T>, high: Option<T>) {
        let ordered = low.zip(high).is_none_or(|(low, high)| low <= high);
        self.check(&fields, ordered, "the first must not be above the second");
    }

    /// Reports a fault of one field.
    pub fn fault(&mut self, field: &str, message: impl Into<String>) {
        self.check(&[field], false, message);
    }

    /// The rules of a cone in the fields `ra`, `dec` and `radius`: all of them or none, and a radius
    /// above 0, which no range can say.
    pub fn cone(&mut self, ra: Option<f64>, dec: Option<f64>, radius: Option<f64>) {
        let given = [ra.is_some(), dec.is_some(), radius.is_some()];
        let whole = given == [given[0]; 3];
        self.check(&["ra", "dec", "radius"], whole, "give all of them or none");
        self.above_zero("radius", radius);
    }

    /// Reports a number that is not above 0.
    pub fn above_zero(&mut self, field: &str, number: Option<f64>) {
        self.check(&[field], number.is_none_or(|number| number > 0.0), "must be above 0");
    }

    /// Reports a JD in place of an MJD: no survey's MJD comes near one.
    pub fn mjd(&mut self, field: &str, mjd: Option<f64>) {
        const SURELY_JD: f64 = 2_400_000.0;
        let holds = mjd.is_none_or(|mjd| mjd <= SURELY_JD);
        self.check(&[field], holds, "this is a JD; give the MJD, which is JD − 2400000.5");
    }

    fn name<'n>(&'n self, field: &'n str, place: Option<usize>) -> &'n str {
        place.and_then(|place| self.named[place].as_deref()).unwrap_or(field)
    }
}

/// A text of a form that says something: trimmed, and none where it is blank.
#[must_use]
pub fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// Makes a form from parameters.
///
/// The keys `query_name`, `broker`, `data_service` and `query_save` of TOM Toolkit's saved queries are
/// dropped when the form has no such field, and so is any unknown key that is null or empty.
///
/// # Errors
/// [`ErrorKind::Input`] with every fault at once, in the order of the form's fields, then the keys
/// that are no fields.
pub fn read<F: Form>(input: &Map<String, Value>) -> Result<F> {
    let plan = Plan::of::<F>();
    let mut given = Given::new(input);
    F::prepare(&mut given);
    let mut read = Reader::input(given.renamed).table(&plan.table, &given.map, "");
    let last = plan.table.specs.len();
    read.faults.extend(given.faults.into_iter().map(|fault| (last, fault)));
    // A required field at fault must not hide the faults of the others.
    let spare = || match serde_json::to_value(F::default()) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    };
    let form = build::<F>(&plan.table, &mut read, Mode::Input, "", spare);
    if let Some(form) = &form {
        let mut rules = Rules {
            sound: read.faults.is_empty(),
            table: &plan.table,
            named: &read.named,
            faulty: &read.faulty,
            faults: &mut read.faults,
        };
        if let Err(report) = form.validate() {
            for (path, error) in report.iter() {
                blame(&mut rules, &path.to_string(), error.message());
            }
        }
        form.rules(&mut rules);
    }
    finish(ErrorKind::Input, form, read.faults)
}

/// Makes a configuration struct from a table of a configuration, by the same rules.
///
/// `prefix` goes before each field in the faults, such as `brokers.TNS.`. The struct needs neither
/// garde nor a default; bounds that its schema names are held. Secrets are looked up.
///
/// # Errors
/// [`ErrorKind::Config`] with every fault at once. No value is ever quoted, as any may be a secret
/// in the wrong place: faults name the sort of value that was given and the one that is due.
pub fn read_config<F>(input: &Map<String, Value>, prefix: &str) -> Result<F>
where
    F: DeserializeOwned + JsonSchema + 'static,
{
    let plan = Plan::of::<F>();
    let mut read = Reader::config().table(&plan.table, input, prefix);
    let config = build::<F>(&plan.table, &mut read, Mode::Config, prefix, Map::new);
    finish(ErrorKind::Config, config, read.faults)
}

/// The JSON Schema of a form or configuration struct, draft 2020-12.
///
/// Everything is inline and the properties stand in the order of the fields, with `title`,
/// `description`, bounds, choices and the `x-` keys of the [module](self).
#[must_use]
pub fn schema<F: JsonSchema + 'static>() -> Value {
    Plan::of::<F>().schema.clone()
}

/// Reads the `key=value` words of a command line as parameters.
///
/// Values stay texts, which [`read`] understands. A key that is repeated becomes a list.
///
/// # Errors
/// [`ErrorKind::Input`] naming every word that is not `key=value`.
pub fn parse_pairs<S: AsRef<str>>(pairs: impl IntoIterator<Item = S>) -> Result<Map<String, Value>> {
    let mut map = Map::new();
    let mut faults = Vec::new();
    for word in pairs {
        let word = word.as_ref();
        let Some((key, text)) = word.split_once('=').filter(|(key, _)| !key.trim().is_empty()) else {
            faults.push(Problem::new("", format!("\"{}\" is not key=value", clip(word))));
            continue;
        };
        match map.get_mut(key.trim()) {
            None => {
                map.insert(key.trim().to_owned(), text.into());
            }
            Some(Value::Array(texts)) => texts.push(text.into()),
            Some(first) => *first = Value::Array(vec![first.take(), text.into()]),
        }
    }
    if faults.is_empty() { Ok(map) } else { Err(Error::from_problems(ErrorKind::Input, faults)) }
}

/// Hands the clean values to serde, again without each field that it refuses.
fn build<F: DeserializeOwned>(
    table: &Table,
    read: &mut Gathered,
    mode: Mode,
    prefix: &str,
    spare: impl Fn() -> Map<String, Value>,
) -> Option<F> {
    loop {
        let required = table.specs.iter().filter(|spec| spec.required).map(|spec| &spec.name);
        let lacking: Vec<_> = required.filter(|name| !read.clean.contains_key(*name)).collect();
        if !lacking.is_empty() {
            let mut spare = spare();
            for name in lacking {
                if let Some(value) = spare.shift_remove(name) {
                    read.clean.insert(name.clone(), value);
                }
            }
        }
        let error = match serde_path_to_error::deserialize::<_, F>(&read.clean) {
            Ok(form) => return Some(form),
            Err(error) => error,
        };
        let path = error.path().to_string();
        // Below a flattened struct serde no longer knows the path; the field is the one without
        // which the rest can be read.
        let key = Some(top(&path).to_owned()).filter(|key| read.clean.contains_key(key)).or_else(|| {
            let mut keys = read.clean.keys();
            let culprit = keys.find(|key| {
                let mut rest = read.clean.clone();
                rest.shift_remove(*key);
                F::deserialize(&rest).is_ok()
            });
            culprit.cloned()
        });
        let place = key.as_ref().and_then(|key| table.keys.get(key).copied());
        let reason = match mode {
            Mode::Input => clip_reason(&error.into_inner().to_string()),
            Mode::Config => match place {
                Some(place) => format!("cannot be read; {} is due", table.specs[place].kind.due()),
                None => "cannot be read".to_owned(),
            },
        };
        let Some(key) = key else {
            // With other faults about, this may be no more than their consequence.
            if read.faults.is_empty() {
                let whole = prefix.trim_end_matches('.');
                read.faults.push((table.specs.len(), Problem::new(whole, reason)));
            }
            return None;
        };
        read.clean.shift_remove(&key);
        match place {
            // The spare value of a required field is no better.
            Some(place) if read.faulty[place] => return None,
            Some(place) => {
                read.faulty[place] = true;
                let rest = path.strip_prefix(&key).unwrap_or_default();
                let name = read.named[place].as_deref().unwrap_or(&key);
                read.faults.push((place, Problem::new(format!("{prefix}{name}{rest}"), reason)));
            }
            None => {
                let field = format!("{prefix}{}", clip(&key));
                read.faults.push((table.specs.len(), Problem::new(field, reason)));
            }
        }
    }
}

/// Adds a fault that garde found.
fn blame(rules: &mut Rules<'_>, path: &str, message: &str) {
    let path = path.strip_prefix("r#").unwrap_or(path);
    let key = top(path);
    match rules.table.keys.get(key).copied() {
        Some(place) if rules.faulty[place] => {}
        Some(place) => {
            let field = format!("{}{}", rules.name(key, Some(place)), &path[key.len()..]);
            rules.faults.push((place, Problem::new(field, message)));
        }
        None => rules.faults.push((rules.table.specs.len(), Problem::new(path, message))),
    }
}

/// The first step of a path such as `bands[1].name`.
fn top(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or_default()
}

/// serde's own words, as much of them as a message may carry.
fn clip_reason(text: &str) -> String {
    let head: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
    head.trim_end_matches('.').to_owned()
}

fn finish<F>(kind: ErrorKind, form: Option<F>, mut faults: Vec<(usize, Problem)>) -> Result<F> {
    faults.sort_by_key(|(place, _)| *place);
    match form {
        Some(form) if faults.is_empty() => Ok(form),
        _ => Err(Error::from_problems(kind, faults.into_iter().map(|(_, fault)| fault).collect())),
    }
}

/// The known word that was probably meant.
pub(crate) fn closest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = clip(word).to_lowercase();
    known
        .filter_map(|name| {
            let lower = name.to_lowercase();
            let score = strsim::jaro_winkler(&word, &lower);
            let close = score >= 0.9 || strsim::normalized_damerau_levenshtein(&word, &lower) >= 0.6;
            close.then_some((score, name))
        })
        // The name breaks a tie, as maps have no order to rely on.
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, name)| name)
}

/// The parameters that a form stands for: its fields that are given, as JSON.
///
/// # Errors
/// [`ErrorKind::Input`] for numbers that are not finite, and when a value cannot be written as JSON.
pub fn to_parameters<F: Form>(form: &F) -> Result<Map<String, Value>> {
    let fault = "the form cannot be written as JSON";
    let bad = finite::not_finite(form);
    if !bad.is_empty() {
        let told = |(field, value)| Problem::new(field, format!("{value} is no finite number"));
        return Err(Error::from_problems(ErrorKind::Input, bad.into_iter().map(told).collect()));
    }
    match serde_json::to_value(form) {
        Ok(Value::Object(mut map)) => {
            map.retain(|_, value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()));
            Ok(map)
        }
        Ok(_) => Err(Error::new(ErrorKind::Input, fault)),
        Err(e) => Err(Error::new(ErrorKind::Input, fault).because(e)),
    }
}

/// A form that was filled in code, when it keeps its own rules.
///
/// # Errors
/// [`ErrorKind::Input`] with all faults at once.
pub fn check<F: Form>(form: &F) -> Result<F> {
    read(&to_parameters(form)?)
}

/// The known name that is nearest to a word, if one is near.
#[must_use]
pub fn suggest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    closest(word, known.into_iter())
}
