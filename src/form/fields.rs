//! The fields of a form as plain rows, for help texts and tables.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::plan::{Kind, Plan, Spec, Table, choices, texts};

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Field {
    /// The key of the field.
    pub name: String,
    /// The text beside it; the name when none was set.
    pub title: String,
    /// What it means; may be empty.
    pub help: String,
    /// What it takes, in a word or two: `number`, `yes/no`, `one of ASC, DESC`, `list of text`.
    pub kind: String,
    /// The unit of a number.
    pub unit: Option<String>,
    /// The heading under which it belongs.
    pub group: Option<String>,
    /// The closed set of its values; empty when there is none.
    pub choices: Vec<Choice>,
    /// Likely values of an open set.
    pub hints: Vec<String>,
    /// The bounds, such as `0..=360` or `>= 1`; of a list those of its items.
    pub range: Option<String>,
    /// Other names that are accepted.
    pub aliases: Vec<String>,
    /// What holds when it is not given.
    pub default: Option<Value>,
    /// Whether it must be given.
    pub required: bool,
}

/// One of the values that a field may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Choice {
    /// What is given.
    pub value: String,
    /// What people read.
    pub label: String,
}

/// The fields of a form or configuration struct, in their order.
#[must_use]
pub fn fields<F: JsonSchema + 'static>() -> Vec<Field> {
    let plan = Plan::of::<F>();
    rows(&plan.table, &plan.schema)
}

/// The fields of a form of which only the JSON Schema is at hand, as [`schema`](super::schema)
/// gave it.
#[must_use]
pub fn fields_of(schema: &Value) -> Vec<Field> {
    rows(&Table::read(schema), schema)
}

fn rows(table: &Table, schema: &Value) -> Vec<Field> {
    table.specs.iter().map(|spec| row(spec, &schema["properties"][&spec.name])).collect()
}

fn row(spec: &Spec, property: &Value) -> Field {
    let text = |key: &str| property.get(key).and_then(Value::as_str).map(str::to_owned);
    let set = choices(property).or_else(|| choices(property.get("items")?)).unwrap_or_default();
    Field {
        name: spec.name.clone(),
        title: text("title").unwrap_or_else(|| spec.name.clone()),
        help: text("description").unwrap_or_default(),
        kind: spec.kind.word(),
        unit: text("x-unit"),
        group: text("x-group"),
        choices: set.into_iter().map(|one| Choice { value: one.text, label: one.label }).collect(),
        hints: texts(property.get("x-hints")),
        range: range(&spec.kind),
        aliases: spec.aliases.clone(),
        default: property.get("default").filter(|value| !empty(value)).cloned(),
        required: spec.required,
    }
}

fn range(kind: &Kind) -> Option<String> {
    match kind {
        Kind::Number { bounds, .. } => bounds.words(),
        Kind::Whole { bounds, .. } => bounds.words(),
        Kind::List { item, .. } => range(item),
        _ => None,
    }
}

fn empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}
