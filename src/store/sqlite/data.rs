//! Writing data and classifications: each row is read before it is written, so that what a source corrects
//! is kept, and what is there already costs no write.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future;
use sqlx::{Row, SqliteConnection};

use super::rows::Verdict;
use super::statements::{Insert, Statement, Values, encode, text};
use crate::reduced_datum::{Datum, ReducedDatum};
use crate::store::entry::Counts;
use crate::store::plan::{self, Change, Group};

type Result<T> = std::result::Result<T, sqlx::Error>;

const DATA: Insert = Insert {
    head: "INSERT INTO datum (target_id, source_name, key, timestamp, withdrawn, data_type, source_location, value) VALUES ",
    columns: 8,
    tail: " ON CONFLICT (target_id, source_name, key) DO UPDATE SET timestamp = excluded.timestamp, \
           withdrawn = excluded.withdrawn, source_location = excluded.source_location, value = excluded.value",
};

const OLD_DATA: Insert = Insert {
    head: "INSERT INTO superseded (target_id, source_name, key, replaced, timestamp, data_type, source_location, value) VALUES ",
    columns: 8,
    tail: "",
};

const CLASSES: Insert = Insert {
    head: "INSERT INTO classification (target_id, source_name, classifier, version, class, value) VALUES ",
    columns: 6,
    tail: " ON CONFLICT (target_id, source_name, classifier, class, ifnull(version, 0)) DO UPDATE SET \
           value = excluded.value",
};

const OLD_CLASSES: Insert = Insert {
    head: "INSERT INTO superseded_classification (target_id, source_name, classifier, version, class, value, replaced) VALUES ",
    columns: 7,
    tail: "",
};

/// So many rows of a target that is there are compared at once.
const ROWS: usize = 2_000;
/// Or fewer, when their texts have so many bytes.
const BYTES: usize = 4 << 20;

/// Writes the rows of all groups; each light curve is freed as it is written.
pub(super) async fn put(
    tx: &mut SqliteConnection,
    groups: Vec<Group>,
    now: DateTime<Utc>,
) -> Result<(Counts, Counts)> {
    let mut put =
        Put { new: Values::new(&DATA), old: Values::new(&OLD_DATA), counts: Counts::default(), now };
    let mut of_classes = Vec::new();
    for mut group in groups {
        let rows = group.take_rows();
        match group.known {
            true => put.compared(tx, group.id, rows).await?,
            false => put.created(tx, group.id, rows).await?,
        }
        if !group.classes.is_empty() {
            of_classes.push((group.id, group.known, group.classes));
        }
    }
    put.old.execute_all(tx).await?;
    put.new.execute_all(tx).await?;
    Ok((put.counts, put_classes(tx, of_classes, now).await?))
}

struct Put {
    new: Values,
    old: Values,
    counts: Counts,
    now: DateTime<Utc>,
}

/// A row with the text of its value.
struct Written {
    key: String,
    datum: ReducedDatum,
    value: String,
    is_older: bool,
}

/// A row that is there.
struct There<'a> {
    timestamp: i64,
    withdrawn: Option<i64>,
    location: &'a str,
    value: &'a str,
}

fn written(row: plan::Row) -> Result<Written> {
    let value = value_text(&row.datum.value)?;
    Ok(Written { value, key: row.key, datum: row.datum, is_older: row.is_older })
}

impl Put {
    /// Rows of a target that is new.
    async fn created(&mut self, tx: &mut SqliteConnection, id: i64, rows: Vec<plan::Row>) -> Result<()> {
        self.counts.created += rows.len() as u64;
        let mut rows = rows.into_iter();
        loop {
            // SQLite works on a thread of its own; the next statement is made meanwhile.
            let ready = self.new.next();
            let more = async {
                for row in rows.by_ref() {
                    if add(&mut self.new, id, &written(row)?)? {
                        return Ok(true);
                    }
                }
                Ok::<_, sqlx::Error>(false)
            };
            let (done, more) = future::join(run(tx, ready), more).await;
            done?;
            if !more? {
                return Ok(());
            }
        }
    }

    /// Rows of a target that was there.
    async fn compared(&mut self, tx: &mut SqliteConnection, id: i64, rows: Vec<plan::Row>) -> Result<()> {
        let mut rows = rows.into_iter().peekable();
        while let Some(first) = rows.next() {
            let source = first.datum.source_name.clone();
            let mut part = vec![written(first)?];
            let mut bytes = 0;
            while part.len() < ROWS
                && bytes < BYTES
                && let Some(row) = rows.next_if(|row| row.datum.source_name == source)
            {
                let row = written(row)?;
                bytes += row.value.len();
                part.push(row);
            }
            self.part(tx, id, &source, part).await?;
            self.new.execute_full(tx).await?;
            self.old.execute_full(tx).await?;
        }
        Ok(())
    }

    async fn part(
        &mut self,
        tx: &mut SqliteConnection,
        id: i64,
        source: &str,
        part: Vec<Written>,
    ) -> Result<()> {
        // One text for all rows: each row of an answer costs a trip from SQLite's thread.
        let sql = "SELECT group_concat(k.key || ',' || d.timestamp || ',' || ifnull(d.withdrawn, '') || ',' \
                   || octet_length(d.source_location) || ',' || octet_length(d.value) || ';' \
                   || d.source_location || d.value, '') \
                   FROM json_each(?3) AS k CROSS JOIN datum AS d \
                   ON d.target_id = ?1 AND d.source_name = ?2 AND d.key = k.value";
        let keys: Vec<&str> = part.iter().map(|row| row.key.as_str()).collect();
        let found =
            sqlx::query_scalar(sql).bind(id).bind(source).bind(text(&keys)?).fetch_one(&mut *tx).await?;
        let found: Option<String> = found;
        let there = there(found.as_deref().unwrap_or_default(), part.len())?;
        for (row, old) in part.iter().zip(there) {
            let Some(old) = old else {
                self.counts.created += 1;
                add(&mut self.new, id, row)?;
                continue;
            };
            let withdrawn = row.datum.withdrawn.map(|time| time.timestamp_micros());
            let same_value =
                (old.timestamp, old.value) == (row.datum.timestamp.timestamp_micros(), &row.value);
            let same_rest = (old.withdrawn, old.location) == (withdrawn, &*row.datum.source_location);
            match plan::change(
                (row.is_older, withdrawn.is_some()),
                old.withdrawn.is_some(),
                same_value,
                same_rest,
            ) {
                Change::Unchanged => self.counts.unchanged += 1,
                change => {
                    self.counts.updated += 1;
                    add(&mut self.new, id, row)?;
                    if change == Change::Corrected {
                        self.supersede(id, row, &old)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn supersede(&mut self, id: i64, row: &Written, old: &There<'_>) -> Result<()> {
        self.old.add(id)?;
        self.old.add(&*row.datum.source_name)?;
        self.old.add(row.key.as_str())?;
        self.old.add(self.now.timestamp_micros())?;
        self.old.add(old.timestamp)?;
        self.old.add(row.datum.data_type())?;
        self.old.add(old.location)?;
        self.old.add(old.value)?;
        self.old.end_row(old.value.len());
        Ok(())
    }
}

async fn run(tx: &mut SqliteConnection, statement: Option<Statement>) -> Result<()> {
    match statement {
        Some(statement) => statement.execute(tx).await,
        None => Ok(()),
    }
}

/// Adds a row; true when that filled a statement.
fn add(values: &mut Values, id: i64, row: &Written) -> Result<bool> {
    values.add(id)?;
    values.add(shared(&row.datum.source_name))?;
    values.add(row.key.as_str())?;
    values.add(row.datum.timestamp.timestamp_micros())?;
    values.add(row.datum.withdrawn.map(|time| time.timestamp_micros()))?;
    values.add(row.datum.data_type())?;
    values.add(shared(&row.datum.source_location))?;
    values.add(row.value.as_str())?;
    Ok(values.end_row(row.value.len()))
}

fn shared(text: &str) -> Arc<str> {
    text.into()
}

/// The rows that are there, each at its place among `rows`.
fn there(mut found: &str, rows: usize) -> Result<Vec<Option<There<'_>>>> {
    let mut all: Vec<Option<There<'_>>> = std::iter::repeat_with(|| None).take(rows).collect();
    let odd = || encode("the answer to a comparison cannot be read");
    while !found.is_empty() {
        let (head, rest) = found.split_once(';').ok_or_else(odd)?;
        let mut numbers = head.split(',');
        let mut number = || numbers.next().ok_or_else(odd);
        let place: usize = number()?.parse().map_err(encode)?;
        let timestamp = number()?.parse().map_err(encode)?;
        let withdrawn = match number()? {
            "" => None,
            time => Some(time.parse().map_err(encode)?),
        };
        let location: usize = number()?.parse().map_err(encode)?;
        let value: usize = number()?.parse().map_err(encode)?;
        let (location, rest) = rest.split_at_checked(location).ok_or_else(odd)?;
        let (value, rest) = rest.split_at_checked(value).ok_or_else(odd)?;
        *all.get_mut(place).ok_or_else(odd)? = Some(There { timestamp, withdrawn, location, value });
        found = rest;
    }
    Ok(all)
}

/// A value as JSON.
fn value_text(value: &Datum) -> Result<String> {
    match value {
        Datum::Photometry(p) => text(p),
        Datum::Spectroscopy(s) => text(s),
        Datum::Astrometry(a) => text(a),
        Datum::Other(other) => text(&other.value),
    }
}

async fn put_classes(
    tx: &mut SqliteConnection,
    groups: Vec<(i64, bool, plan::Classes)>,
    now: DateTime<Utc>,
) -> Result<Counts> {
    let mut counts = Counts::default();
    let (mut new, mut old) = (Values::new(&CLASSES), Values::new(&OLD_CLASSES));
    let known: Vec<i64> = groups.iter().filter(|(_, known, _)| *known).map(|(id, ..)| *id).collect();
    let mut there: HashMap<(i64, String, String, Option<String>, String), String> = HashMap::new();
    if !known.is_empty() {
        let sql = "SELECT c.target_id, c.source_name, c.classifier, c.version, c.class, c.value \
                   FROM json_each(?1) AS n CROSS JOIN classification AS c ON c.target_id = n.value";
        for row in sqlx::query(sql).bind(text(&known)?).fetch_all(&mut *tx).await? {
            let key = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?, row.try_get(4)?);
            there.insert(key, row.try_get(5)?);
        }
    }
    for (id, _, classes) in groups {
        for ((source, classifier, version, class), plan::Class { said, is_older }) in classes {
            let value = text(&Verdict { probability: said.probability, rank: said.rank })?;
            let key = (id, source, classifier, version, class);
            let before = there.remove(&key);
            match &before {
                None => counts.created += 1,
                Some(before) if is_older || *before == value => {
                    counts.unchanged += 1;
                    continue;
                }
                Some(_) => counts.updated += 1,
            }
            let (_, source, classifier, version, class) = key;
            for (values, value, replaced) in
                [(&mut new, Some(value), None), (&mut old, before, Some(now.timestamp_micros()))]
            {
                let Some(value) = value else { continue };
                values.add(id)?;
                values.add(source.as_str())?;
                values.add(classifier.as_str())?;
                values.add(version.as_deref())?;
                values.add(class.as_str())?;
                values.add(value)?;
                if let Some(replaced) = replaced {
                    values.add(replaced)?;
                }
                values.end_row(0);
                values.execute_full(tx).await?;
            }
        }
    }
    old.execute_all(tx).await?;
    new.execute_all(tx).await?;
    Ok(counts)
}
