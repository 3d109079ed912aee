//! The reading plan of a form: its JSON Schema, taken apart once a type.

use std::any::TypeId;
use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// What is known of one form or configuration struct.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) schema: Value,
    pub(super) table: Table,
}

/// An object with its keys.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) specs: Vec<Spec>,
    /// Names and aliases, each with its place in `specs`.
    pub(super) keys: HashMap<String, usize>,
    pub(super) rest: Rest,
}

/// What keys beyond the named ones mean.
#[derive(Debug)]
pub(super) enum Rest {
    Fault,
    Pass,
    Each(Box<Kind>),
}

#[derive(Debug)]
pub(super) struct Spec {
    pub(super) name: String,
    pub(super) aliases: Vec<String>,
    pub(super) kind: Kind,
    pub(super) required: bool,
}

/// What a value has to be.
#[derive(Debug)]
pub(super) enum Kind {
    Number {
        format: Format,
        single: bool,
        bounds: Bounds<f64>,
    },
    Whole {
        natural: Bounds<i128>,
        bounds: Bounds<i128>,
    },
    Text(Text),
    YesNo,
    Choice(Vec<Choice>),
    List {
        item: Box<Kind>,
        split: bool,
    },
    Table(Table),
    Secret,
    /// Left to serde: shapes that a JSON Schema describes by alternatives.
    Any,
}

/// The writings of a number beside the plain one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Plain,
    Ra,
    Dec,
    Mjd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    Free,
    Url,
    Time,
}

/// One of a closed set, with the text that people read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choice {
    pub(super) value: Value,
    pub(super) text: String,
    pub(super) label: String,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds<T> {
    min: Option<T>,
    max: Option<T>,
    above: Option<T>,
    below: Option<T>,
}

impl<T: Copy + PartialOrd + Display> Bounds<T> {
    fn read(schema: &Value, number: impl Fn(&Value) -> Option<T>) -> Self {
        let get = |key: &str| schema.get(key).and_then(&number);
        Self {
            min: get("minimum"),
            max: get("maximum"),
            above: get("exclusiveMinimum"),
            below: get("exclusiveMaximum"),
        }
    }

    /// Why a value is not within, as the end of a sentence.
    pub(super) fn fault(&self, value: T) -> Option<String> {
        let low = self.min.is_some_and(|min| value < min);
        let high = self.max.is_some_and(|max| value > max);
        match (self.min, self.max) {
            (Some(min), Some(max)) if low || high => return Some(format!("is outside {min}..={max}")),
            (Some(min), _) if low => return Some(format!("is less than {min}")),
            (_, Some(max)) if high => return Some(format!("is more than {max}")),
            _ => {}
        }
        match (self.above, self.below) {
            (Some(above), _) if value <= above => Some(format!("is not more than {above}")),
            (_, Some(below)) if value >= below => Some(format!("is not less than {below}")),
            _ => None,
        }
    }

    /// The bounds for a help text: `0..=360`, `>= 1`, `> 0, <= 10`.
    pub(super) fn words(&self) -> Option<String> {
        if let (Some(min), Some(max), None, None) = (self.min, self.max, self.above, self.below) {
            return Some(format!("{min}..={max}"));
        }
        let parts = [(">=", self.min), (">", self.above), ("<=", self.max), ("<", self.below)];
        let words: Vec<_> =
            parts.iter().filter_map(|(sign, at)| Some(format!("{sign} {}", (*at)?))).collect();
        (!words.is_empty()).then(|| words.join(", "))
    }
}

/// What a property says about the values inside it, however deep they are wrapped.
#[derive(Clone, Copy)]
struct Hints {
    format: Format,
    split: bool,
}

impl Plan {
    /// The plan of a type, made at the first call.
    pub(super) fn of<F: JsonSchema + 'static>() -> Arc<Self> {
        static PLANS: LazyLock<RwLock<HashMap<TypeId, Arc<Plan>>>> = LazyLock::new(RwLock::default);
        let key = TypeId::of::<F>();
        if let Some(plan) = PLANS.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Arc::clone(plan);
        }
        // Made without the lock held: a type's schema may be code of its author.
        let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
        let mut schema = settings.into_generator().into_root_schema_for::<F>().to_value();
        tidy(&mut schema);
        let table = Table::read(&schema);
        let mut plans = PLANS.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(plans.entry(key).or_insert_with(|| Arc::new(Self { schema, table })))
    }
}

/// Takes the defaults away that say "not given", and those of secrets.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            let secret = is_secret(map);
            if map.get("default").is_some_and(|default| secret || default.is_null()) {
                map.shift_remove("default");
            }
            // Below `default` stand values, not schemas.
            map.iter_mut().filter(|(key, _)| *key != "default").for_each(|(_, value)| tidy(value));
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

impl Table {
    /// The keys of an object's schema.
    pub(super) fn read(schema: &Value) -> Self {
        let required = |name: &str| {
            let names = schema.get("required").and_then(Value::as_array);
            names.is_some_and(|names| names.iter().any(|n| n.as_str() == Some(name)))
        };
        let properties = schema.get("properties").and_then(Value::as_object);
        let specs: Vec<_> = properties
            .into_iter()
            .flatten()
            .map(|(name, property)| Spec {
                name: name.clone(),
                aliases: texts(property.get("x-alias")),
                kind: Kind::read(property, Hints { format: Format::Plain, split: true }),
                required: required(name),
            })
            .collect();
        let mut keys = HashMap::new();
        for (index, spec) in specs.iter().enumerate() {
            for alias in &spec.aliases {
                keys.entry(alias.clone()).or_insert(index);
            }
        }
        // A field's own name beats another's alias.
        keys.extend(specs.iter().enumerate().map(|(index, spec)| (spec.name.clone(), index)));
        let alternatives = ["anyOf", "oneOf", "allOf"].iter().any(|key| schema.get(key).is_some());
        let rest = match schema.get("additionalProperties") {
            _ if alternatives || schema.get("type").is_none() => Rest::Pass,
            Some(Value::Bool(true)) => Rest::Pass,
            Some(each @ Value::Object(_)) => {
                Rest::Each(Box::new(Kind::read(each, Hints { format: Format::Plain, split: true })))
            }
            _ => Rest::Fault,
        };
        Self { specs, keys, rest }
    }
}

impl Kind {
    fn read(schema: &Value, hints: Hints) -> Self {
        let hints = Hints {
            format: match schema.get("x-format").and_then(Value::as_str) {
                Some("ra") => Format::Ra,
                Some("dec") => Format::Dec,
                Some("mjd") => Format::Mjd,
                _ => hints.format,
            },
            split: hints.split && schema.get("x-separator").and_then(Value::as_str) != Some("none"),
        };
        if schema.as_object().is_some_and(is_secret) {
            return Self::Secret;
        }
        if let Some(choices) = choices(schema) {
            return Self::Choice(choices);
        }
        let alternatives = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array);
        if let Some(alternatives) = alternatives {
            let mut real = alternatives.iter().filter(|one| !is_null(one));
            return match (real.next(), real.next()) {
                (Some(only), None) => Self::read(only, hints),
                _ => Self::Any,
            };
        }
        match only_type(schema) {
            Some("number") => Self::Number {
                format: hints.format,
                single: schema.get("format").and_then(Value::as_str) == Some("float"),
                bounds: Bounds::read(schema, Value::as_f64),
            },
            Some("integer") => Self::Whole {
                natural: natural(schema.get("format").and_then(Value::as_str).unwrap_or_default()),
                bounds: Bounds::read(schema, whole),
            },
            Some("string") => Self::Text(match schema.get("format").and_then(Value::as_str) {
                Some("uri") => Text::Url,
                Some("date-time") => Text::Time,
                _ => Text::Free,
            }),
            Some("boolean") => Self::YesNo,
            Some("array") => match item(schema) {
                Some(item) => Self::List { item: Box::new(Self::read(item, hints)), split: hints.split },
                None => Self::Any,
            },
            Some("object") => Self::Table(Table::read(schema)),
            _ => Self::Any,
        }
    }

    /// Names the kind as something that is due: `a whole number`, `one of ASC, DESC`.
    pub(super) fn due(&self) -> String {
        match self {
            Self::Number { format: Format::Ra, .. } => "a right ascension in degrees or hh:mm:ss".into(),
            Self::Number { format: Format::Dec, .. } => "a declination in degrees or ±dd:mm:ss".into(),
            Self::Number { format: Format::Mjd, .. } => "an MJD or an ISO date".into(),
            Self::Number { .. } => "a number".into(),
            Self::Whole { .. } => "a whole number".into(),
            Self::Text(Text::Free) => "a text".into(),
            Self::Text(Text::Url) => "a URL".into(),
            Self::Text(Text::Time) => "a time such as 2024-01-31T12:00:00Z".into(),
            Self::YesNo => "yes or no".into(),
            Self::Choice(choices) => format!("one of {}", list(choices)),
            Self::List { .. } => "a list".into(),
            Self::Table(_) => "a table".into(),
            Self::Secret => "a text, { env = \"NAME\" } or { file = \"PATH\" }".into(),
            Self::Any => "another value".into(),
        }
    }

    /// Names the kind in a table of fields: `whole number`, `list of number`.
    pub(super) fn word(&self) -> String {
        match self {
            Self::Number { format: Format::Ra, .. } => "degrees or hh:mm:ss".into(),
            Self::Number { format: Format::Dec, .. } => "degrees or ±dd:mm:ss".into(),
            Self::Number { format: Format::Mjd, .. } => "MJD or ISO date".into(),
            Self::Number { .. } => "number".into(),
            Self::Whole { .. } => "whole number".into(),
            Self::Text(Text::Free) => "text".into(),
            Self::Text(Text::Url) => "URL".into(),
            Self::Text(Text::Time) => "time".into(),
            Self::YesNo => "yes/no".into(),
            Self::Choice(choices) => format!("one of {}", list(choices)),
            Self::List { item, .. } => format!("list of {}", item.word()),
            Self::Table(_) => "table".into(),
            Self::Secret => "secret".into(),
            Self::Any => "any".into(),
        }
    }
}

/// The texts of choices in one line.
pub(super) fn list(choices: &[Choice]) -> String {
    choices.iter().map(|choice| choice.text.as_str()).collect::<Vec<_>>().join(", ")
}

/// The closed set that a schema stands for, `null` left out; `None` when it is no such set.
pub(super) fn choices(schema: &Value) -> Option<Vec<Choice>> {
    let text = |key: &str| schema.get(key).and_then(Value::as_str);
    let choice = |value: &Value, label: Option<&str>| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Choice { value: value.clone(), label: label.unwrap_or(&text).to_owned(), text }
    };
    if let Some(value) = schema.get("const") {
        return Some(vec![choice(value, text("title").or_else(|| text("description")))]);
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return Some(
            values.iter().filter(|value| !value.is_null()).map(|value| choice(value, None)).collect(),
        );
    }
    let parts = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array)?;
    let mut all = Vec::new();
    for part in parts.iter().filter(|part| !is_null(part)) {
        all.extend(choices(part)?);
    }
    (!all.is_empty()).then_some(all)
}

/// A list of texts, or one text alone.
pub(super) fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn is_secret(schema: &Map<String, Value>) -> bool {
    let marked = |schema: &Value| schema.get("writeOnly") == Some(&Value::Bool(true));
    let inside = schema.get("anyOf").and_then(Value::as_array);
    schema.get("writeOnly") == Some(&Value::Bool(true))
        || inside.is_some_and(|parts| parts.iter().any(marked))
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
}

fn only_type(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::String(name) => Some(name),
        Value::Array(names) => {
            let mut names = names.iter().filter_map(Value::as_str).filter(|name| *name != "null");
            names.next().filter(|_| names.next().is_none())
        }
        _ => None,
    }
}

/// The schema of a list's items, also of a tuple of equals.
fn item(schema: &Value) -> Option<&Value> {
    schema.get("items").filter(|items| items.is_object()).or_else(|| {
        let items = schema.get("prefixItems")?.as_array()?;
        let (first, rest) = items.split_first()?;
        rest.iter().all(|item| item == first).then_some(first)
    })
}

fn whole(value: &Value) -> Option<i128> {
    let whole = value.as_u64().map(i128::from).or_else(|| value.as_i64().map(i128::from));
    // garde's bounds of a whole number may have been written with a point.
    whole.or_else(|| value.as_f64().filter(|float| float.fract() == 0.0).map(|float| float as i128))
}

/// What the Rust type can hold.
fn natural(format: &str) -> Bounds<i128> {
    let (min, max) = match format {
        "int8" => (i8::MIN.into(), i8::MAX.into()),
        "int16" => (i16::MIN.into(), i16::MAX.into()),
        "int32" => (i32::MIN.into(), i32::MAX.into()),
        "uint8" => (0, u8::MAX.into()),
        "uint16" => (0, u16::MAX.into()),
        "uint32" => (0, u32::MAX.into()),
        "uint64" | "uint" | "uint128" => (0, u64::MAX.into()),
        _ => (i64::MIN.into(), i64::MAX.into()),
    };
    Bounds { min: Some(min), max: Some(max), above: None, below: None }
}
