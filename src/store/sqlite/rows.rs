//! From rows to values.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::statements::text;
use crate::query::BrokerQuery;
use crate::reduced_datum::{Classification, Datum, Reader, ReducedDatum};
use crate::store::entry::{SourcedClassification, StoredTarget, Superseded, TargetId};
use crate::store::progress::{DeadLetter, Fence, Progress, Report, Scope};
use crate::target::{Sighting, Target};

type Result<T> = std::result::Result<T, sqlx::Error>;

/// What of a classification is not in its key.
#[derive(Serialize, Deserialize)]
pub(super) struct Verdict {
    pub(super) probability: Option<f64>,
    pub(super) rank: Option<u32>,
}

fn decode(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> sqlx::Error {
    sqlx::Error::Decode(error.into())
}

fn json<'r, T: Deserialize<'r>>(row: &'r SqliteRow, column: usize) -> Result<T> {
    serde_json::from_str(row.try_get(column)?).map_err(decode)
}

fn time(micros: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| decode("a time is out of range"))
}

/// Of `document`.
pub(super) fn target(row: &SqliteRow) -> Result<Target> {
    json(row, 0)
}

/// The targets that have these keys.
pub(super) async fn owners(tx: &mut SqliteConnection, keys: &[String]) -> Result<HashMap<String, i64>> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    // Of the outer table's order: without it SQLite may scan all keys.
    let sql =
        "SELECT k.key, k.target_id FROM json_each(?1) AS n CROSS JOIN target_key AS k ON k.key = n.value";
    let found = sqlx::query(sql).bind(text(keys)?).fetch_all(tx).await?;
    found.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// Of `document, id, created, modified`.
pub(super) fn stored(row: &SqliteRow) -> Result<StoredTarget> {
    let at = |column| row.try_get::<Option<i64>, _>(column)?.map(time).transpose();
    Ok(StoredTarget::new(TargetId(row.try_get(1)?), target(row)?, at(2)?, at(3)?))
}

/// Of `target_id, source, object_id, query, fetched, document`.
pub(super) fn sighting(row: &SqliteRow) -> Result<(i64, Sighting)> {
    let mut said: Sighting = json(row, 5)?;
    said.source = row.try_get(1)?;
    said.object_id = row.try_get(2)?;
    said.query = row.try_get(3)?;
    said.fetched = row.try_get::<Option<i64>, _>(4)?.map(time).transpose()?;
    Ok((row.try_get(0)?, said))
}

/// Of `scope, fence, owner, until, place, updated`.
pub(super) fn progress(row: &SqliteRow) -> Result<Progress> {
    let mut at = Progress::new(Scope::new(row.try_get::<String, _>(0)?), time(row.try_get(5)?)?);
    at.fence = Fence(row.try_get(1)?);
    at.owner = row.try_get(2)?;
    at.until = row.try_get::<Option<i64>, _>(3)?.map(time).transpose()?;
    at.place = row.try_get(4)?;
    Ok(at)
}

/// Of `started, document`.
pub(super) fn report(scope: &Scope, row: &SqliteRow) -> Result<Report> {
    Ok(Report::new(scope.clone(), time(row.try_get(0)?)?, json(row, 1)?))
}

/// Of `id, topic, partition, offset, reason, bytes, saved`.
pub(super) fn dead_letter(row: &SqliteRow) -> Result<DeadLetter> {
    let (topic, reason): (String, String) = (row.try_get(1)?, row.try_get(4)?);
    let mut letter = DeadLetter::new(topic, row.try_get(2)?, row.try_get(3)?, reason, row.try_get(5)?);
    letter.id = row.try_get(0)?;
    letter.saved = Some(time(row.try_get(6)?)?);
    Ok(letter)
}

/// Of the columns of [`datum`] without `withdrawn`, then `replaced`.
pub(super) fn superseded(target: &str, row: &SqliteRow) -> Result<Superseded<ReducedDatum>> {
    Ok(Superseded::new(time(row.try_get(6)?)?, datum(target, row)?))
}

/// Of the columns of [`classification`], then `replaced`.
pub(super) fn superseded_class(row: &SqliteRow) -> Result<Superseded<SourcedClassification>> {
    Ok(Superseded::new(time(row.try_get(5)?)?, classification(row)?))
}

/// Of `source_name, source_location, timestamp, data_type, value, withdrawn`.
pub(super) fn datum(target: &str, row: &SqliteRow) -> Result<ReducedDatum> {
    let value = Datum::read(row.try_get(3)?, Column(row, 4))?;
    let (source, location): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
    let mut datum = ReducedDatum::new(target, source, location, time(row.try_get(2)?)?, value);
    datum.withdrawn = row.try_get::<Option<i64>, _>(5)?.map(time).transpose()?;
    Ok(datum)
}

/// A column that holds JSON.
struct Column<'r>(&'r SqliteRow, usize);

impl Reader for Column<'_> {
    type Error = sqlx::Error;

    fn value<T: DeserializeOwned>(self) -> Result<T> {
        json(self.0, self.1)
    }
}

/// Of `source_name, classifier, version, class, value`.
pub(super) fn classification(row: &SqliteRow) -> Result<SourcedClassification> {
    let Verdict { probability, rank } = json(row, 4)?;
    let classification = Classification {
        classifier: row.try_get(1)?,
        version: row.try_get(2)?,
        class: row.try_get(3)?,
        probability,
        rank,
    };
    Ok(SourcedClassification { source: row.try_get(0)?, classification })
}

/// Of `id, name, broker, parameters, created, modified, last_run, resume`.
pub(super) fn query(row: &SqliteRow) -> Result<BrokerQuery> {
    Ok(BrokerQuery {
        id: row.try_get(0)?,
        name: row.try_get(1)?,
        broker: row.try_get(2)?,
        parameters: json(row, 3)?,
        created: time(row.try_get(4)?)?,
        modified: time(row.try_get(5)?)?,
        last_run: row.try_get::<Option<i64>, _>(6)?.map(time).transpose()?,
        resume: row.try_get(7)?,
    })
}
