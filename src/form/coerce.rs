//! Values as they arrive, from programs, HTML forms, command lines and files, made into what a
//! form's fields are.

use std::collections::HashMap;

use chrono::DateTime;
use serde::Deserialize;
use serde_json::{Map, Number, Value};

use super::closest;
use super::plan::{Choice, Format, Kind, Rest, Table, Text, list};
use crate::error::Problem;
use crate::secret::Secret;

/// Keys of TOM Toolkit's saved queries that are no parameters: `tom_alerts` has the first two,
/// `tom_dataservices` the others.
pub(super) const NO_PARAMETERS: [&str; 4] = ["query_name", "broker", "data_service", "query_save"];

/// Where the values come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// The parameters of a call: faults quote what was given.
    Input,
    /// A configuration: a value may be a secret in the wrong place, so none is ever quoted.
    Config,
}

/// What became of a value.
pub(super) enum Read {
    /// Nothing, an empty text or `null`.
    Absent,
    Is(Value),
    /// The reason stands among the reader's faults.
    Faulty,
}

/// A table as far as it could be read.
pub(super) struct Gathered {
    pub(super) clean: Map<String, Value>,
    /// For each field the key that the caller used for it.
    pub(super) named: Vec<Option<String>>,
    pub(super) faulty: Vec<bool>,
    /// Each with the place of its field; keys that are no fields come last.
    pub(super) faults: Vec<(usize, Problem)>,
}

pub(super) struct Reader {
    mode: Mode,
    faults: Vec<Problem>,
    /// For fields that came under another name, that name.
    renamed: HashMap<String, String>,
}

impl Reader {
    pub(super) fn config() -> Self {
        Self { mode: Mode::Config, faults: Vec::new(), renamed: HashMap::new() }
    }

    /// A reader of parameters.
    pub(super) fn input(renamed: HashMap<String, String>) -> Self {
        Self { mode: Mode::Input, faults: Vec::new(), renamed }
    }

    /// Reads the keys of a table; `prefix` goes before each of them in the faults.
    pub(super) fn table(&mut self, table: &Table, input: &Map<String, Value>, prefix: &str) -> Gathered {
        let outer = std::mem::take(&mut self.faults);
        let count = table.specs.len();
        let mut read = Gathered {
            clean: Map::new(),
            named: vec![None; count],
            faulty: vec![false; count],
            faults: Vec::new(),
        };
        for (index, spec) in table.specs.iter().enumerate() {
            for key in std::iter::once(&spec.name).chain(&spec.aliases) {
                let Some(value) = input.get(key).filter(|_| table.keys.get(key) == Some(&index)) else {
                    continue;
                };
                let called = self.renamed.get(key).filter(|_| prefix.is_empty()).unwrap_or(key).clone();
                let path = format!("{prefix}{called}");
                match self.value(&spec.kind, value, &path) {
                    Read::Absent => continue,
                    Read::Faulty => read.faulty[index] = true,
                    Read::Is(value) => match (read.clean.get(&spec.name), &read.named[index]) {
                        // An empty list says nothing that another name of the field could contradict.
                        (Some(first), Some(_)) if is_empty(&value) && !is_empty(first) => continue,
                        (Some(first), Some(name)) if *first != value && !is_empty(first) => {
                            self.fault(&path, format!("given as {name} too, with another value"));
                            read.faulty[index] = true;
                        }
                        (Some(first), Some(_)) if *first == value => {}
                        _ => {
                            read.clean.insert(spec.name.clone(), value);
                            read.named[index] = Some(called.clone());
                        }
                    },
                }
                read.named[index].get_or_insert(called);
            }
            if read.faulty[index] {
                read.clean.shift_remove(&spec.name);
            } else if spec.required && !read.clean.contains_key(&spec.name) {
                self.fault(&format!("{prefix}{}", spec.name), format!("must be given: {}", spec.kind.due()));
                read.faulty[index] = true;
            }
            read.faults.extend(self.faults.drain(..).map(|fault| (index, fault)));
        }
        for (key, value) in input.iter().filter(|(key, _)| !table.keys.contains_key(*key)) {
            match &table.rest {
                // Another form of the service may have the field, and left it empty.
                Rest::Fault if self.mode == Mode::Input && is_empty(value) => {}
                Rest::Fault => self.unknown(table, key, prefix),
                Rest::Pass => {
                    read.clean.insert(key.clone(), value.clone());
                }
                Rest::Each(kind) => {
                    if let Read::Is(value) = self.value(kind, value, &format!("{prefix}{}", clip(key))) {
                        read.clean.insert(key.clone(), value);
                    }
                }
            }
        }
        read.faults.extend(self.faults.drain(..).map(|fault| (count, fault)));
        self.faults = outer;
        read
    }

    fn unknown(&mut self, table: &Table, key: &str, prefix: &str) {
        if self.mode == Mode::Input && prefix.is_empty() && NO_PARAMETERS.contains(&key) {
            return;
        }
        let thing = if self.mode == Mode::Config { "key" } else { "field" };
        let known = table.keys.keys().map(String::as_str);
        let message = match closest(key, known) {
            Some(close) => format!("no such {thing}; did you mean {close}?"),
            None if table.specs.is_empty() => format!("no such {thing}; there is none here"),
            None => {
                let names: Vec<_> = table.specs.iter().map(|spec| spec.name.as_str()).collect();
                format!("no such {thing}; known: {}", names.join(", "))
            }
        };
        self.fault(&format!("{prefix}{}", clip(key)), message);
    }

    fn fault(&mut self, path: &str, message: impl Into<String>) {
        self.faults.push(Problem::new(path, message));
    }

    /// A value of the wrong sort. What is not a text is told by its sort alone.
    fn mismatch(&mut self, path: &str, value: &Value, due: &str) -> Read {
        let message = match value {
            Value::String(text) if self.mode == Mode::Input => format!("{} is not {due}", quote(text)),
            _ => format!("{} was given, {due} is due", sort(value)),
        };
        self.fault(path, message);
        Read::Faulty
    }

    /// A number that is not one of those that are due.
    fn outside(&mut self, path: &str, value: &Number, why: &str) -> Read {
        let message = match self.mode {
            Mode::Input => format!("{value} {why}"),
            Mode::Config => format!("the number {why}"),
        };
        self.fault(path, message);
        Read::Faulty
    }

    fn value(&mut self, kind: &Kind, value: &Value, path: &str) -> Read {
        // A field that was repeated, or a program's list of one, for a field that takes one value.
        if let (Value::Array(items), false) = (value, matches!(kind, Kind::List { .. } | Kind::Any))
            && let [only] = items.as_slice()
        {
            return if only.is_array() {
                self.mismatch(path, value, &kind.due())
            } else {
                self.value(kind, only, path)
            };
        }
        match value {
            Value::Null => return Read::Absent,
            Value::String(text) if text.trim().is_empty() && !matches!(kind, Kind::Secret) => {
                return Read::Absent;
            }
            _ => {}
        }
        match kind {
            Kind::Number { format, single, bounds } => {
                let Some(number) = number(value, *format) else {
                    return self.mismatch(path, value, &kind.due());
                };
                let float = number.as_f64().unwrap_or(f64::NAN);
                match bounds.fault(float) {
                    Some(why) => self.outside(path, &number, &why),
                    None if *single && !(float as f32).is_finite() => {
                        self.outside(path, &number, "is too large")
                    }
                    None => Read::Is(Value::Number(number)),
                }
            }
            Kind::Whole { natural, bounds } => {
                let Some(whole) = whole(value) else {
                    return self.mismatch(path, value, &kind.due());
                };
                let why = bounds.fault(whole).or_else(|| natural.fault(whole));
                let number = u64::try_from(whole)
                    .map(Number::from)
                    .or_else(|_| i64::try_from(whole).map(Number::from));
                match (number, why) {
                    (Ok(number), None) => Read::Is(Value::Number(number)),
                    (Ok(number), Some(why)) => self.outside(path, &number, &why),
                    (Err(_), why) => {
                        let message = format!("the number {}", why.unwrap_or_else(|| "is too large".into()));
                        self.fault(path, message);
                        Read::Faulty
                    }
                }
            }
            Kind::Text(text) => self.text(*text, value, path),
            Kind::YesNo => match yes_no(value) {
                Some(yes) => Read::Is(Value::Bool(yes)),
                None => self.mismatch(path, value, "yes or no"),
            },
            Kind::Choice(choices) => self.choice(choices, value, path),
            Kind::List { item, split } => self.list(item, *split, value, path),
            Kind::Table(table) => match value {
                Value::Object(map) => {
                    let inner = self.table(table, map, &format!("{path}."));
                    let sound = inner.faults.is_empty();
                    self.faults.extend(inner.faults.into_iter().map(|(_, fault)| fault));
                    if sound { Read::Is(Value::Object(inner.clean)) } else { Read::Faulty }
                }
                other => self.mismatch(path, other, "a table"),
            },
            Kind::Secret => self.secret(value, path),
            Kind::Any => Read::Is(value.clone()),
        }
    }

    fn text(&mut self, kind: Text, value: &Value, path: &str) -> Read {
        let text = match value {
            // What was pasted into a form often brings blanks along.
            Value::String(text) if self.mode == Mode::Input => text.trim().to_owned(),
            Value::String(text) => text.clone(),
            Value::Number(number) if kind == Text::Free => number.to_string(),
            other => return self.mismatch(path, other, &Kind::Text(kind).due()),
        };
        let text = match kind {
            Text::Free => Some(text),
            Text::Url => url::Url::parse(text.trim()).is_ok().then(|| text.trim().to_owned()),
            Text::Time => time(text.trim()),
        };
        match text {
            Some(text) => Read::Is(Value::String(text)),
            None => self.mismatch(path, value, &Kind::Text(kind).due()),
        }
    }

    fn choice(&mut self, choices: &[Choice], value: &Value, path: &str) -> Read {
        let given = match value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            other => return self.mismatch(path, other, &format!("one of {}", list(choices))),
        };
        if let Some(choice) = choices.iter().find(|choice| choice.text == given) {
            return Read::Is(choice.value.clone());
        }
        let lower = given.to_lowercase();
        let mut alike = choices.iter().filter(|choice| choice.text.to_lowercase() == lower);
        match (alike.next(), alike.next()) {
            (Some(only), None) => return Read::Is(only.value.clone()),
            // The empty choice of TOM's forms arrives as Python prints it.
            (None, None) if lower == "none" => return Read::Absent,
            _ => {}
        }
        let close = match closest(&given, choices.iter().map(|choice| choice.text.as_str())) {
            Some(close) => format!("; did you mean {close}?"),
            None => String::new(),
        };
        let given = if self.mode == Mode::Input { quote(&given) } else { sort(value).to_owned() };
        self.fault(path, format!("{given} is none of {}{close}", list(choices)));
        Read::Faulty
    }

    fn list(&mut self, item: &Kind, split: bool, value: &Value, path: &str) -> Read {
        let apart = |text: &str| text.split(',').map(|part| Value::from(part.trim())).collect::<Vec<_>>();
        if let Value::String(text) = value
            && is_bracketed(text)
            && json_list(text).is_none()
        {
            self.fault(path, "this is no list in JSON; give [\"a\", \"b\"] or a, b");
            return Read::Faulty;
        }
        // Only texts are looked into: a list in a list is for its items to judge.
        let written = |value: &Value| match value {
            Value::String(text) => json_list(text),
            _ => None,
        };
        let parts = match (written(value), value) {
            (Some(items), _) => items,
            (None, Value::String(text)) if split => apart(text),
            (None, Value::Array(items)) => {
                // Free texts in a list were set apart by the caller.
                let split = split && !matches!(item, Kind::Text(_) | Kind::Any);
                let parts = items.iter().flat_map(|item| match (written(item), item) {
                    (Some(items), _) => items,
                    (None, Value::String(text)) if split && text.contains(',') => apart(text),
                    (None, other) => vec![other.clone()],
                });
                parts.collect()
            }
            (None, lone) => vec![lone.clone()],
        };
        let (mut clean, mut faulty) = (Vec::with_capacity(parts.len()), false);
        for (index, part) in parts.iter().enumerate() {
            match self.value(item, part, &format!("{path}[{index}]")) {
                Read::Absent => {}
                Read::Is(value) => clean.push(value),
                Read::Faulty => faulty = true,
            }
        }
        match (faulty, clean.is_empty() && !parts.is_empty()) {
            (true, _) => Read::Faulty,
            (false, true) => Read::Absent,
            (false, false) => Read::Is(Value::Array(clean)),
        }
    }

    fn secret(&mut self, value: &Value, path: &str) -> Read {
        match (self.mode, value) {
            // Whoever fills in a form must not make this process read its variables and files.
            (Mode::Input, Value::String(text)) => match text.trim() {
                "" => Read::Absent,
                _ => Read::Is(value.clone()),
            },
            (Mode::Input, other) => {
                self.fault(path, format!("{} was given, a text is due", sort(other)));
                Read::Faulty
            }
            // The settings that TOM Toolkit sets up hold empty texts for keys that nobody has yet.
            (Mode::Config, Value::String(text)) if text.trim().is_empty() => Read::Absent,
            (Mode::Config, value) => match Secret::deserialize(value) {
                Ok(secret) => Read::Is(Value::from(secret.expose())),
                Err(error) => {
                    self.fault(path, error.to_string());
                    Read::Faulty
                }
            },
        }
    }
}

/// The items of a list that was written as JSON in a text, as command lines and text fields give it.
fn json_list(text: &str) -> Option<Vec<Value>> {
    is_bracketed(text).then(|| serde_json::from_str(text.trim()).ok())?
}

fn is_bracketed(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('[') && text.ends_with(']')
}

/// Whether a value says nothing: null, a blank text, a list or table without any item that does.
pub(crate) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.iter().all(is_empty),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A finite number; a whole one keeps its digits.
fn number(value: &Value, format: Format) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => {
            let text = text.trim();
            let float = match (text.parse::<f64>(), format) {
                (Ok(float), _) => Some(float),
                (Err(_), Format::Plain) => None,
                (Err(_), Format::Ra) => crate::sky::parse_ra(text),
                (Err(_), Format::Dec) => crate::sky::parse_dec(text),
                (Err(_), Format::Mjd) => crate::time::parse_mjd(text),
            };
            // Whole numbers are echoed and compared as the caller wrote them: 400, not 400.0.
            match text.parse::<i64>() {
                Ok(whole) => Some(whole.into()),
                Err(_) => float.and_then(Number::from_f64),
            }
        }
        _ => None,
    }
}

/// A whole number, exactly; never through a float that could have lost digits.
fn whole(value: &Value) -> Option<i128> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let point = |float: f64| (float.fract() == 0.0 && float.abs() < EXACT).then_some(float as i128);
    match value {
        Value::Number(number) => (number.as_u64().map(i128::from))
            .or_else(|| number.as_i64().map(i128::from))
            .or_else(|| number.as_f64().and_then(point)),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| text.parse().ok().and_then(point))
        }
        _ => None,
    }
}

fn yes_no(value: &Value) -> Option<bool> {
    let text = match value {
        Value::Bool(yes) => return Some(*yes),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_ascii_lowercase(),
        _ => return None,
    };
    match text.as_str() {
        "true" | "on" | "yes" | "y" | "t" | "1" => Some(true),
        "false" | "off" | "no" | "n" | "f" | "0" => Some(false),
        _ => None,
    }
}

/// A time in the one writing that serde's side takes; without a zone it is UTC.
fn time(text: &str) -> Option<String> {
    if DateTime::parse_from_rfc3339(text).is_ok() {
        return Some(text.to_owned());
    }
    crate::time::parse_utc(text).map(|time| time.to_rfc3339())
}

fn sort(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.is_f64() => "a number",
        Value::Number(_) => "a whole number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    }
}

/// As much of a caller's text as a message may carry, on one line.
pub(super) fn clip(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut chars = text.chars();
    let head: String = chars.by_ref().take(LONGEST).collect();
    let tail = if chars.next().is_some() { "…" } else { "" };
    let plain: String = head.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    plain + tail
}

fn quote(text: &str) -> String {
    format!("\"{}\"", clip(text))
}
