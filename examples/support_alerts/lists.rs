//! `brokers`, `form`, `fetch`, `targets`.

use serde::Serialize;
use tom_alerts::form::{self, Field};
use tom_alerts::{AlertStream, AnyAlert, Capabilities, Error, ErrorKind, GenericAlert, Target};

use super::args::{FetchArgs, FormArgs};
use super::fault::{Done, Fault, Tally, tell_failures};
use super::output::{Columns, Rows, Style, document, line, note, notes};
use super::{Tool, store_to_read};
use crate::support::table::{ALERT_HEADING, alert_cells, number, table};

const BROKERS: Columns = Columns {
    table: &["name", "about", "service", "settings", "missing", "can"],
    csv: &["name", "about", "home", "status", "configured", "missing", "score", "can"],
};

/// What is there, configured, alive, able to do.
pub(crate) fn brokers(tool: &Tool) -> Done {
    let mut rows = Rows::new(tool.style, BROKERS)?;
    for broker in tool.registry.report() {
        rows.row(&broker, || {
            vec![
                broker.info.name.to_owned(),
                broker.info.about.to_owned(),
                broker.info.status.as_str().to_owned(),
                match (broker.configured, &broker.missing) {
                    (true, _) => "given",
                    (false, Some(_)) => "none",
                    (false, None) => "none needed",
                }
                .to_owned(),
                broker.missing.clone().unwrap_or_default(),
                abilities(&broker.info.can),
            ]
        })?;
    }
    tool.registry.skipped().iter().for_each(|skipped| note(&skipped.to_string()));
    rows.finish("no broker is compiled in; build with the feature of one, such as `alerce`")
}

fn abilities(can: &Capabilities) -> String {
    let all = [
        (can.list, "list"),
        (can.one, "one alert"),
        (can.reduced_data, "reduced data"),
        (can.classifications, "classifications"),
        (can.cutouts, "cutouts"),
        (can.submit, "submit"),
        (can.cone, "cone"),
        (can.name, "name"),
        (can.stream, "stream"),
    ];
    all.iter().filter(|(yes, _)| *yes).map(|(_, word)| *word).collect::<Vec<_>>().join(", ")
}

/// The query form of a broker, or its form of submissions.
pub(crate) fn form(tool: &Tool, asked: &FormArgs) -> Done {
    let broker = tool.registry.broker(&asked.broker)?;
    let schema = match asked.submission {
        false => broker.form(),
        true => broker.submission_form().ok_or_else(|| broker.unsupported("take submissions"))?,
    };
    let fields = form::fields_of(&schema);
    match tool.style {
        Style::Json => document(Style::Table, &schema),
        Style::Csv => {
            const KEYS: &[&str] =
                &["name", "title", "kind", "unit", "group", "range", "required", "default", "help"];
            let mut rows = Rows::new(tool.style, Columns { table: KEYS, csv: KEYS })?;
            fields.iter().try_for_each(|field| rows.row(field, Vec::new))
        }
        Style::Table => {
            // Groups in the order in which the form has them.
            let mut groups: Vec<(&str, Vec<&Field>)> = Vec::new();
            for field in &fields {
                let group = field.group.as_deref().unwrap_or_default();
                match groups.iter_mut().find(|(name, _)| *name == group) {
                    Some((_, members)) => members.push(field),
                    None => groups.push((group, vec![field])),
                }
            }
            for (group, members) in groups {
                if !group.is_empty() {
                    line(group)?;
                }
                line(&table(&["key", "takes", "unit", "help"], members.into_iter().map(field_cells)))?;
            }
            Ok(())
        }
    }
}

fn field_cells(field: &Field) -> Vec<String> {
    let mut takes = field.kind.clone();
    if let Some(range) = &field.range {
        takes = format!("{takes} {range}");
    }
    if field.required {
        takes.push_str(", required");
    }
    let mut help = field.help.clone();
    let labelled = field.choices.iter().filter(|choice| choice.label != choice.value);
    let labels: Vec<_> = labelled.map(|choice| format!("{}: {}", choice.value, choice.label)).collect();
    if !labels.is_empty() {
        help = format!("{help}\n{}", labels.join("\n"));
    }
    if !field.hints.is_empty() {
        // A survey may have a hundred classes; the schema has them all.
        const SHOWN: usize = 6;
        let shown = field.hints.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = field.hints.len().saturating_sub(SHOWN);
        let rest = if more > 0 { format!(" and {more} more (--json)") } else { String::new() };
        help = format!("{help}\nsuch as {shown}{rest}");
    }
    if let Some(default) = &field.default {
        help = format!("{help}\ndefault: {default}");
    }
    vec![field.name.clone(), takes, field.unit.clone().unwrap_or_default(), help]
}

const ALERTS: Columns =
    Columns { table: ALERT_HEADING, csv: &["timestamp", "id", "name", "ra", "dec", "mag", "score", "url"] };
const WITH_TARGETS: Columns = Columns {
    table: &["id", "name", "time (UTC)", "RA", "Dec", "mag", "score", "target"],
    csv: &["timestamp", "id", "name", "ra", "dec", "mag", "score", "url", "target"],
};

/// An alert and what `save` would make of it.
#[derive(Serialize)]
struct WithTarget<'a> {
    #[serde(flatten)]
    generic: &'a GenericAlert,
    target: Option<Target>,
}

/// Generic alerts that answer a query.
pub(crate) async fn fetch(tool: &Tool, asked: &FetchArgs, targets: bool) -> Done {
    let broker = tool.registry.broker(&asked.broker)?;
    let parameters = tool.parameters(&*broker, &asked.parameters)?;
    write_alerts(tool, broker.fetch_alerts(&parameters)?.limit(asked.limit.alerts()), targets).await
}

/// Writes a listing as it comes, each alert with its target where that is asked for. A bad item is told
/// and counted, and the rest goes on.
pub(crate) async fn write_alerts(tool: &Tool, mut alerts: AlertStream<AnyAlert>, targets: bool) -> Done {
    let mut rows = Rows::new(tool.style, if targets { WITH_TARGETS } else { ALERTS })?;
    let mut tally = Tally::default();
    let mut ended_by = None;
    while let Some(alert) = alerts.next().await {
        match alert {
            Ok(alert) => {
                tally.good();
                let generic = alert.generic();
                if !targets {
                    rows.row(generic, || alert_cells(generic))?;
                    continue;
                }
                let row = WithTarget { generic, target: target_of(&alert) };
                rows.row(&row, || {
                    let target = |target: &Target| format!("{}, {}", target.name, target.target_type());
                    let mut cells = alert_cells(generic);
                    cells.push(row.target.as_ref().map_or_else(String::new, target));
                    cells
                })?;
            }
            Err(error) if error.ends_listing() => ended_by = Some(error),
            Err(error) => tally.bad(&error),
        }
    }
    let nothing = match (&ended_by, tally.done().is_err()) {
        (Some(_), _) => "the listing failed",
        (None, true) => "nothing that answers this query could be read",
        (None, false) => "nothing answers this query",
    };
    rows.finish(nothing)?;
    notes(&alerts.notes());
    match ended_by {
        Some(error) => {
            if let Err(Fault::Items { failed, of }) = tally.done() {
                tell_failures(&format!("{failed} of {of} failed"));
            }
            Err(error.into())
        }
        None => tally.done(),
    }
}

/// The target of an alert, if it can be one; why it cannot is a note.
pub(crate) fn target_of(alert: &AnyAlert) -> Option<Target> {
    match alert.to_target() {
        Ok(target) => Some(target),
        Err(error) => {
            note(&format!("{}: no target: {error}", alert.generic().name));
            None
        }
    }
}

const TARGETS: Columns = Columns {
    table: &["name", "type", "RA", "Dec", "aliases"],
    csv: &["name", "type", "ra", "dec", "aliases", "targetextra_set"],
};

/// The named targets of a store, or all of them, a thousand at a time.
pub(crate) async fn targets(tool: &Tool, names: &[String], address: &str) -> Done {
    const AT_ONCE: usize = 1_000;
    let store = store_to_read(address).await?;
    let mut rows = Rows::new(tool.style, TARGETS)?;
    if !names.is_empty() {
        let mut tally = Tally::default();
        for name in names.iter().map(|name| name.trim()) {
            match store.find(name).await? {
                Some(stored) => {
                    tally.good();
                    rows.row(&stored, || target_cells(&stored.target))?;
                }
                None => tally.bad(&Error::new(ErrorKind::NotFound, format!("no target is called {name:?}"))),
            }
        }
        rows.finish("the store has none of them")?;
        return tally.done();
    }
    let mut after = None;
    loop {
        let targets = store.targets(after, AT_ONCE).await?;
        for stored in &targets {
            rows.row(stored, || target_cells(&stored.target))?;
        }
        let last = targets.last().map(|stored| stored.id);
        if targets.len() < AT_ONCE || last == after {
            return rows.finish("the store has no targets");
        }
        after = last;
    }
}

fn target_cells(target: &Target) -> Vec<String> {
    let at = target.position();
    vec![
        target.name.clone(),
        target.target_type().to_owned(),
        number(at.map(|at| at.0), 5),
        number(at.map(|at| at.1), 5),
        target.aliases.join(", "),
    ]
}

/// The refusal of `--csv` by a command that has no rows.
pub(crate) fn no_rows(tool: &Tool, command: &str) -> Done {
    match tool.style {
        Style::Csv => {
            let text = format!("`{command}` has no rows, so there is no CSV of it; take --json");
            Err(Error::new(ErrorKind::Input, text).into())
        }
        Style::Table | Style::Json => Ok(()),
    }
}
