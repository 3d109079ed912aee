//! From rows to values.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::query::BrokerQuery;
use crate::reduced_datum::{Classification, Datum, Reader, ReducedDatum};
use crate::store::SourcedClassification;
use crate::target::Target;

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

/// Of `source_name, source_location, timestamp, data_type, value`.
pub(super) fn datum(target: &str, row: &SqliteRow) -> Result<ReducedDatum> {
    let value = Datum::read(row.try_get(3)?, Column(row, 4))?;
    let (source, location): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
    Ok(ReducedDatum::new(target, source, location, time(row.try_get(2)?)?, value))
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
