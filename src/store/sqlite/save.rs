//! Saving a batch: one transaction, and one statement for each 10,000 rows or so.

use std::collections::{BTreeMap, HashMap, VecDeque};

use futures_util::future;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use sqlx::{Row, SqliteConnection, SqlitePool};

use super::rows::{self, Verdict};
use crate::reduced_datum::{Classification, Datum, Photometry, ReducedDatum, Spectroscopy};
use crate::store::rules::{first, merge};
use crate::store::{Change, Counts, Entry, Saved};
use crate::target::Target;

type Result<T> = std::result::Result<T, sqlx::Error>;

/// A statement ends with the row that reaches one of these: rows, or bytes of JSON.
const ROWS: u64 = 10_000;
const BYTES: usize = 8 << 20;

const SAVE_TARGETS: &str = "\
    INSERT INTO target (id, name, type, ra, dec, document) \
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 \
    FROM json_each(?1) WHERE true \
    ON CONFLICT (id) DO UPDATE SET \
    type = excluded.type, ra = excluded.ra, dec = excluded.dec, document = excluded.document";

const SAVE_DATA: &str = "\
    INSERT INTO datum (target_id, source_name, key, timestamp, data_type, source_location, value) \
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6 \
    FROM json_each(?1) WHERE true \
    ON CONFLICT (target_id, source_name, key) DO UPDATE SET \
    timestamp = excluded.timestamp, source_location = excluded.source_location, value = excluded.value \
    WHERE value IS NOT excluded.value OR timestamp IS NOT excluded.timestamp \
    OR source_location IS NOT excluded.source_location";

const SAVE_CLASSIFICATIONS: &str = "\
    INSERT INTO classification (target_id, source_name, classifier, version, class, value) \
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 \
    FROM json_each(?1) WHERE true \
    ON CONFLICT (target_id, source_name, classifier, class, ifnull(version, 0)) DO UPDATE SET \
    value = excluded.value WHERE value IS NOT excluded.value";

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
        saved.data = save_rows(&mut tx, &groups, SAVE_DATA, COUNT_DATA, data_rows).await?;
    }
    if entries.iter().any(|entry| !entry.classifications.is_empty()) {
        let (save, count) = (SAVE_CLASSIFICATIONS, COUNT_CLASSIFICATIONS);
        saved.classifications = save_rows(&mut tx, &groups, save, count, classification_rows).await?;
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
    let mut rows = Rows::of(&groups, target_row);
    while let Some(text) = rows.next()? {
        execute(tx, SAVE_TARGETS, text).await?;
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
    save: &'static str,
    count: &'static str,
    rows_of: fn(&Group<'_>, &mut Texts) -> Result<()>,
) -> Result<Counts> {
    let known: Vec<i64> = groups.iter().filter(|group| group.known).map(|group| group.id).collect();
    let known = if known.is_empty() { None } else { Some(text(&known)?) };
    let before = counted(tx, count, known.as_deref()).await?;

    let mut rows = Rows::of(groups, rows_of);
    let mut written = 0;
    let mut ready = rows.next()?;
    while let Some(text) = ready {
        // SQLite works on a thread of its own; the next text is made meanwhile.
        let (done, next) = future::join(execute(tx, save, text), async { rows.next() }).await;
        written += done?;
        ready = next?;
    }

    let after = counted(tx, count, known.as_deref()).await?;
    let created = rows.of_new + after.saturating_sub(before);
    Ok(Counts {
        created,
        updated: written.saturating_sub(created),
        unchanged: rows.texts.total.saturating_sub(written),
    })
}

fn target_row(group: &Group<'_>, texts: &mut Texts) -> Result<()> {
    let Some(target) = group.target.as_ref().filter(|_| group.changed) else { return Ok(()) };
    let (ra, dec) = target.position().unzip();
    let document = text(target)?;
    texts.push(&(group.id, &target.name, target.target_type(), ra, dec, document))
}

fn data_rows(group: &Group<'_>, texts: &mut Texts) -> Result<()> {
    let all: Vec<&ReducedDatum> = group.entries.iter().flat_map(|entry| &entry.data).collect();
    let mut keyed: Vec<(&str, String, usize)> =
        all.iter().enumerate().map(|(n, datum)| (datum.source_name.as_str(), datum.key(), n)).collect();
    // In the order of the table, which is the quickest to insert in; of equals the last counts.
    keyed.sort_unstable();
    for (n, (source, key, at)) in keyed.iter().enumerate() {
        if keyed.get(n + 1).is_some_and(|next| (next.0, &next.1) == (*source, key)) {
            continue;
        }
        let datum = all[*at];
        let time = datum.timestamp.timestamp_micros();
        texts.push(&(
            group.id,
            source,
            key,
            time,
            datum.data_type(),
            &datum.source_location,
            Sorted(&datum.value),
        ))?;
    }
    Ok(())
}

fn classification_rows(group: &Group<'_>, texts: &mut Texts) -> Result<()> {
    let mut keyed = BTreeMap::new();
    for entry in &group.entries {
        for c in &entry.classifications {
            keyed.insert((&entry.source, &c.classifier, &c.version, &c.class), c);
        }
    }
    for ((source, classifier, version, class), &Classification { probability, rank, .. }) in keyed {
        texts.push(&(group.id, source, classifier, version, class, Verdict { probability, rank }))?;
    }
    Ok(())
}

/// The rows of groups as JSON arrays of rows, each text enough for one statement.
struct Rows<'g, 'e> {
    left: std::slice::Iter<'g, Group<'e>>,
    make: fn(&Group<'_>, &mut Texts) -> Result<()>,
    texts: Texts,
    /// How many of the rows belong to targets that were not there before.
    of_new: u64,
}

impl<'g, 'e> Rows<'g, 'e> {
    fn of(groups: &'g [Group<'e>], make: fn(&Group<'_>, &mut Texts) -> Result<()>) -> Self {
        Self { left: groups.iter(), make, texts: Texts::default(), of_new: 0 }
    }

    fn next(&mut self) -> Result<Option<String>> {
        while self.texts.done.is_empty() {
            let Some(group) = self.left.next() else {
                self.texts.cut()?;
                break;
            };
            let from = self.texts.total;
            (self.make)(group, &mut self.texts)?;
            if !group.known {
                self.of_new += self.texts.total - from;
            }
        }
        Ok(self.texts.done.pop_front())
    }
}

#[derive(Default)]
struct Texts {
    open: Vec<u8>,
    rows: u64,
    total: u64,
    done: VecDeque<String>,
}

impl Texts {
    fn push(&mut self, row: &impl Serialize) -> Result<()> {
        self.open.push(if self.rows == 0 { b'[' } else { b',' });
        serde_json::to_writer(&mut self.open, row).map_err(encode)?;
        self.rows += 1;
        self.total += 1;
        if self.rows >= ROWS || self.open.len() >= BYTES { self.cut() } else { Ok(()) }
    }

    fn cut(&mut self) -> Result<()> {
        if self.rows > 0 {
            self.open.push(b']');
            let room = Vec::with_capacity(self.open.len() + self.open.len() / 8);
            let text = String::from_utf8(std::mem::replace(&mut self.open, room)).map_err(encode)?;
            self.done.push_back(text);
            self.rows = 0;
        }
        Ok(())
    }
}

async fn execute(tx: &mut SqliteConnection, sql: &'static str, rows: String) -> Result<u64> {
    Ok(sqlx::query(sql).bind(rows).execute(tx).await?.rows_affected())
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

/// A value whose free parts are written in the order of their keys, so that a broker that orders
/// them anew each time changes nothing.
struct Sorted<'a>(&'a Datum);

impl Serialize for Sorted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self.0 {
            Datum::Photometry(p) if !in_order(&p.extra) => {
                Photometry { extra: in_new_order(&p.extra), ..p.clone() }.serialize(serializer)
            }
            Datum::Photometry(p) => p.serialize(serializer),
            Datum::Spectroscopy(s) if !in_order(&s.extra) => {
                Spectroscopy { extra: in_new_order(&s.extra), ..s.clone() }.serialize(serializer)
            }
            Datum::Spectroscopy(s) => s.serialize(serializer),
            Datum::Astrometry(a) => a.serialize(serializer),
            Datum::Other(map) if !in_order(map) => in_new_order(map).serialize(serializer),
            Datum::Other(map) => map.serialize(serializer),
        }
    }
}

fn in_order(map: &Map<String, Value>) -> bool {
    fn value_in_order(value: &Value) -> bool {
        match value {
            Value::Array(items) => items.iter().all(value_in_order),
            Value::Object(map) => in_order(map),
            _ => true,
        }
    }
    map.keys().is_sorted() && map.values().all(value_in_order)
}

fn in_new_order(map: &Map<String, Value>) -> Map<String, Value> {
    let mut map = map.clone();
    map.sort_keys();
    map.values_mut().for_each(Value::sort_all_objects);
    map
}
