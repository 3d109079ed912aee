//! Saving a batch: one transaction, and one statement for each 500 rows.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use futures_util::future;
use serde::Serialize;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, Encode, Row, Sqlite, SqliteConnection, SqlitePool, Type};

use super::rows::{self, Verdict};
use crate::reduced_datum::{Classification, Datum, ReducedDatum};
use crate::store::rules::{first, last_counts, merge};
use crate::store::{Change, Counts, Entry, Saved};
use crate::target::Target;

type Result<T> = std::result::Result<T, sqlx::Error>;

/// An INSERT of as many rows as wanted: a statement costs a trip to SQLite's thread and back, which
/// is far more than a row does.
struct Insert {
    head: &'static str,
    columns: usize,
    tail: &'static str,
}

/// Rows of a full statement, which is prepared once; the rest of a batch gets a shorter one.
/// SQLite takes 32,766 values at most.
const ROWS: usize = 500;
/// A statement ends with the row that reaches this many bytes of text.
const BYTES: usize = 8 << 20;

const TARGETS: Insert = Insert {
    head: "INSERT INTO target (id, name, type, ra, dec, document) VALUES ",
    columns: 6,
    tail: " ON CONFLICT (id) DO UPDATE SET \
           type = excluded.type, ra = excluded.ra, dec = excluded.dec, document = excluded.document",
};

const DATA: Insert = Insert {
    head: "INSERT INTO datum (target_id, source_name, key, timestamp, data_type, source_location, value) VALUES ",
    columns: 7,
    tail: " ON CONFLICT (target_id, source_name, key) DO UPDATE SET \
           timestamp = excluded.timestamp, source_location = excluded.source_location, value = excluded.value \
           WHERE value IS NOT excluded.value OR timestamp IS NOT excluded.timestamp \
           OR source_location IS NOT excluded.source_location",
};

const CLASSIFICATIONS: Insert = Insert {
    head: "INSERT INTO classification (target_id, source_name, classifier, version, class, value) VALUES ",
    columns: 6,
    tail: " ON CONFLICT (target_id, source_name, classifier, class, ifnull(version, 0)) DO UPDATE SET \
           value = excluded.value WHERE value IS NOT excluded.value",
};

const COUNT_DATA: &str =
    "SELECT count(*) FROM json_each(?1) AS ids JOIN datum ON datum.target_id = ids.value";

const COUNT_CLASSIFICATIONS: &str =
    "SELECT count(*) FROM json_each(?1) AS ids JOIN classification ON classification.target_id = ids.value";

/// All entries of one name.
struct Group<'a> {
    id: i64,
    entries: Vec<&'a Entry>,
    /// As it is or will be in the store.
    target: Option<Target>,
    known: bool,
    changed: bool,
}

pub(super) async fn save_all(pool: &SqlitePool, entries: &[Entry]) -> Result<Saved> {
    // The lock comes first: what is read next must still hold when the rows are written.
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    let mut saved = Saved::default();
    let groups = save_targets(&mut tx, entries, &mut saved.targets).await?;
    if entries.iter().any(|entry| !entry.data.is_empty()) {
        saved.data = save_rows(&mut tx, &groups, &DATA, COUNT_DATA, data_rows).await?;
    }
    if entries.iter().any(|entry| !entry.classifications.is_empty()) {
        saved.classifications =
            save_rows(&mut tx, &groups, &CLASSIFICATIONS, COUNT_CLASSIFICATIONS, classification_rows).await?;
    }
    tx.commit().await?;
    Ok(saved)
}

async fn save_targets<'a>(
    tx: &mut SqliteConnection,
    entries: &'a [Entry],
    changes: &mut Vec<Change>,
) -> Result<Vec<Group<'a>>> {
    let mut groups = Vec::new();
    let mut by_name = HashMap::new();
    let mut of_entry = Vec::with_capacity(entries.len());
    for entry in entries {
        let n = *by_name.entry(entry.target.name.as_str()).or_insert_with(|| {
            groups.push(Group { id: 0, entries: Vec::new(), target: None, known: false, changed: false });
            groups.len() - 1
        });
        groups[n].entries.push(entry);
        of_entry.push(n);
    }
    let names: Vec<&str> = groups.iter().map(|group| group.entries[0].target.name.as_str()).collect();
    let sql = "SELECT t.document, n.key, t.id FROM json_each(?1) AS n JOIN target AS t ON t.name = n.value";
    for row in sqlx::query(sql).bind(text(&names)?).fetch_all(&mut *tx).await? {
        let n: i64 = row.try_get(1)?;
        let Some(group) = usize::try_from(n).ok().and_then(|n| groups.get_mut(n)) else { continue };
        group.id = row.try_get(2)?;
        group.target = Some(rows::target(&row)?);
        group.known = true;
    }
    let last: i64 = sqlx::query_scalar("SELECT ifnull(max(id), 0) FROM target").fetch_one(&mut *tx).await?;
    for (group, id) in groups.iter_mut().filter(|group| !group.known).zip(last + 1..) {
        group.id = id;
    }
    for (entry, n) in entries.iter().zip(of_entry) {
        let group = &mut groups[n];
        let change = match &mut group.target {
            None => {
                group.target = Some(first(&entry.target));
                Change::Created
            }
            Some(kept) => match merge(kept, &entry.target) {
                true => Change::Updated,
                false => Change::Unchanged,
            },
        };
        group.changed |= change != Change::Unchanged;
        changes.push(change);
    }
    let mut rows = Rows::of(&groups, &TARGETS, target_row);
    while let Some(statement) = rows.next()? {
        statement.execute(tx).await?;
    }
    Ok(groups)
}

/// Writes the rows of every group and counts what that did.
///
/// SQLite tells how many rows a statement wrote, but not which of them are new. That is what the
/// number of rows before and after tells; targets that are new themselves had none before.
async fn save_rows(
    tx: &mut SqliteConnection,
    groups: &[Group<'_>],
    insert: &'static Insert,
    count: &'static str,
    rows_of: fn(&Group<'_>, &mut Values) -> Result<()>,
) -> Result<Counts> {
    let known: Vec<i64> = groups.iter().filter(|group| group.known).map(|group| group.id).collect();
    let known = if known.is_empty() { None } else { Some(text(&known)?) };
    let before = counted(tx, count, known.as_deref()).await?;

    let mut rows = Rows::of(groups, insert, rows_of);
    let mut written = 0;
    let mut ready = rows.next()?;
    while let Some(statement) = ready {
        // SQLite works on a thread of its own; the next statement is made meanwhile.
        let (done, next) = future::join(statement.execute(tx), async { rows.next() }).await;
        written += done?;
        ready = next?;
    }

    let mut created = rows.of_new;
    // When nothing but the rows of new targets was written, the others are as many as before.
    if written > created {
        created += counted(tx, count, known.as_deref()).await?.saturating_sub(before);
    }
    Ok(Counts {
        created,
        updated: written.saturating_sub(created),
        unchanged: rows.values.total.saturating_sub(written),
    })
}

fn target_row(group: &Group<'_>, values: &mut Values) -> Result<()> {
    let Some(target) = group.target.as_ref().filter(|_| group.changed) else { return Ok(()) };
    let (ra, dec) = target.position().unzip();
    values.add(group.id)?;
    values.add(target.name.as_str())?;
    values.add(target.target_type())?;
    values.add(ra)?;
    values.add(dec)?;
    values.end_row_with(text(target)?)
}

fn data_rows(group: &Group<'_>, values: &mut Values) -> Result<()> {
    let all: Vec<&ReducedDatum> = group.entries.iter().flat_map(|entry| last_counts(&entry.data)).collect();
    let mut keyed: Vec<(&str, String, usize)> =
        all.iter().enumerate().map(|(n, datum)| (datum.source_name.as_str(), datum.key(), n)).collect();
    // In the order of the table, which is the quickest to insert in; of equals the last counts.
    keyed.sort_unstable();
    let mut keyed = keyed.into_iter().peekable();
    let (mut sources, mut types, mut places) = (Shared::default(), Shared::default(), Shared::default());
    while let Some((source, key, n)) = keyed.next() {
        if keyed.peek().is_some_and(|next| (next.0, &next.1) == (source, &key)) {
            continue;
        }
        let datum = all[n];
        values.add(group.id)?;
        values.add(sources.get(source))?;
        values.add(key)?;
        values.add(datum.timestamp.timestamp_micros())?;
        values.add(types.get(datum.data_type()))?;
        values.add(places.get(&datum.source_location))?;
        values.end_row_with(value_text(&datum.value)?)?;
    }
    Ok(())
}

fn classification_rows(group: &Group<'_>, values: &mut Values) -> Result<()> {
    let mut keyed = BTreeMap::new();
    for entry in &group.entries {
        for c in &entry.classifications {
            keyed.insert((&entry.source, &c.classifier, &c.version, &c.class), c);
        }
    }
    for ((source, classifier, version, class), &Classification { probability, rank, .. }) in keyed {
        values.add(group.id)?;
        values.add(source.as_str())?;
        values.add(classifier.as_str())?;
        values.add(version.as_deref())?;
        values.add(class.as_str())?;
        values.end_row_with(text(&Verdict { probability, rank })?)?;
    }
    Ok(())
}

/// A text that is mostly the same from row to row, so that it is copied once.
#[derive(Default)]
struct Shared(Option<Arc<str>>);

impl Shared {
    fn get(&mut self, text: &str) -> Arc<str> {
        match &self.0 {
            Some(last) if **last == *text => Arc::clone(last),
            _ => Arc::clone(self.0.insert(text.into())),
        }
    }
}

/// The rows of groups, cut into statements.
struct Rows<'g, 'e> {
    left: std::slice::Iter<'g, Group<'e>>,
    make: fn(&Group<'_>, &mut Values) -> Result<()>,
    values: Values,
    insert: &'static Insert,
    full: Option<Arc<str>>,
    /// How many of the rows belong to targets that were not there before.
    of_new: u64,
}

impl<'g, 'e> Rows<'g, 'e> {
    fn of(
        groups: &'g [Group<'e>],
        insert: &'static Insert,
        make: fn(&Group<'_>, &mut Values) -> Result<()>,
    ) -> Self {
        Self { left: groups.iter(), make, values: Values::default(), insert, full: None, of_new: 0 }
    }

    fn next(&mut self) -> Result<Option<Statement>> {
        while self.values.done.is_empty() {
            let Some(group) = self.left.next() else {
                self.values.cut();
                break;
            };
            let from = self.values.total;
            (self.make)(group, &mut self.values)?;
            if !group.known {
                self.of_new += self.values.total - from;
            }
        }
        let Some((rows, values)) = self.values.done.pop_front() else { return Ok(None) };
        let sql = match rows {
            ROWS => Arc::clone(self.full.get_or_insert_with(|| self.insert.sql(ROWS))),
            _ => self.insert.sql(rows),
        };
        Ok(Some(Statement { sql, values, often: rows == ROWS }))
    }
}

impl Insert {
    fn sql(&self, rows: usize) -> Arc<str> {
        let row = format!("({}?)", "?,".repeat(self.columns - 1));
        let others = format!(",{row}").repeat(rows.saturating_sub(1));
        [self.head, &row, &others, self.tail].concat().into()
    }
}

struct Statement {
    sql: Arc<str>,
    values: SqliteArguments,
    often: bool,
}

impl Statement {
    async fn execute(self, tx: &mut SqliteConnection) -> Result<u64> {
        // Safe: of the text only the number of placeholders varies.
        let query = sqlx::query_with(AssertSqlSafe(self.sql), self.values).persistent(self.often);
        Ok(query.execute(tx).await?.rows_affected())
    }
}

/// The values of a statement in the making, and of those that are made.
#[derive(Default)]
struct Values {
    open: SqliteArguments,
    rows: usize,
    bytes: usize,
    total: u64,
    done: VecDeque<(usize, SqliteArguments)>,
}

impl Values {
    fn add<'t>(&mut self, value: impl Encode<'t, Sqlite> + Type<Sqlite>) -> Result<()> {
        self.open.add(value).map_err(sqlx::Error::Encode)
    }

    /// Adds the last value of a row, the one that may be long.
    fn end_row_with(&mut self, text: String) -> Result<()> {
        self.bytes += text.len();
        self.add(text)?;
        self.rows += 1;
        self.total += 1;
        if self.rows == ROWS || self.bytes >= BYTES {
            self.cut();
        }
        Ok(())
    }

    fn cut(&mut self) {
        if self.rows > 0 {
            let mut next = SqliteArguments::default();
            next.reserve(self.open.len(), 0);
            self.done.push_back((self.rows, std::mem::replace(&mut self.open, next)));
            (self.rows, self.bytes) = (0, 0);
        }
    }
}

async fn counted(tx: &mut SqliteConnection, sql: &'static str, ids: Option<&str>) -> Result<u64> {
    let Some(ids) = ids else { return Ok(0) };
    let count: i64 = sqlx::query_scalar(sql).bind(ids).fetch_one(tx).await?;
    Ok(count.cast_unsigned())
}

fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(encode)
}

fn encode(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> sqlx::Error {
    sqlx::Error::Encode(error.into())
}

fn value_text(value: &Datum) -> Result<String> {
    match value {
        Datum::Photometry(p) => text(p),
        Datum::Spectroscopy(s) => text(s),
        Datum::Astrometry(a) => text(a),
        Datum::Other(other) => text(&other.value),
    }
}
