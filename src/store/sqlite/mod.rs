//! `SqliteStore`: targets, data and saved queries in one SQLite file.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::Utc;
use sqlx::SqlitePool;
use tokio::sync::Mutex;

use super::rules::{check, check_query, sort_classifications};
use super::{Entry, Saved, SourcedClassification, TargetStore};
use crate::error::Result;
use crate::query::BrokerQuery;
use crate::reduced_datum::ReducedDatum;
use crate::target::Target;

mod fault;
mod open;
mod rows;
mod save;

use fault::{fault, unreadable};

/// A store in one SQLite file, which other programs may read and write at the same time.
///
/// The file is in WAL mode: readers and one writer do not wait for each other, and a saved batch
/// outlasts a crash of the program and of the machine. A write waits up to 5 seconds for a writer
/// of another program, then fails. Its tables (`target`, `datum`, `classification`,
/// `broker_query`) and the view `photometry` can be read with SQL; the file belongs to this crate
/// alone, and one that a newer version has written is refused.
///
/// Cheap to clone; a Tokio runtime is needed.
///
/// ```
/// use tom_alerts::store::{Entry, SqliteStore, TargetStore};
/// use tom_alerts::Target;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("targets.db");
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let store = SqliteStore::open(&path).await?;
/// let target = Target::sidereal("ZTF20acobvxk", 37.67, -14.57)?;
/// store.save_all(&[Entry::new(target.clone(), "ALeRCE")]).await?;
/// store.close().await;
///
/// let again = SqliteStore::open_read_only(&path).await?;
/// assert_eq!(again.target("ZTF20acobvxk").await?, Some(target));
/// # Ok::<(), tom_alerts::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SqliteStore {
    pool: SqlitePool,
    /// Writers of this program queue here instead of in SQLite, where waiting has an end.
    writer: Arc<Mutex<()>>,
    place: Arc<str>,
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("place", &self.place).finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens a store for reading and writing; makes the file when it is not there, and brings its
    /// tables up to date when an older version of this crate has written it.
    ///
    /// # Errors
    /// [`ErrorKind::Store`](crate::ErrorKind) when the directory is missing, the file is no store,
    /// was written by a newer version, is locked by another program or cannot be written. A file
    /// that is refused is left as it is.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        open::file(path.as_ref(), open::BUSY).await
    }

    /// Opens a store that is there, for reading; whatever writes fails.
    ///
    /// # Errors
    /// [`ErrorKind::Store`](crate::ErrorKind) as [`open`](Self::open), and when there is no file or
    /// its tables are older than this version.
    pub async fn open_read_only(path: impl AsRef<Path>) -> Result<Self> {
        open::read_only(path.as_ref(), open::BUSY).await
    }

    /// An empty store in memory, gone with the last clone; one call at a time is worked on.
    ///
    /// # Errors
    /// [`ErrorKind::Store`](crate::ErrorKind) when SQLite fails.
    pub async fn in_memory() -> Result<Self> {
        open::in_memory().await
    }

    /// Waits for running calls and closes the file, so that it is whole without its `-wal` file.
    ///
    /// Dropping the last clone does the same, but nobody can wait for that. Calls after it fail.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    fn new(pool: SqlitePool, place: &str) -> Self {
        Self { pool, writer: Arc::default(), place: place.into() }
    }
}

#[async_trait]
impl TargetStore for SqliteStore {
    async fn save_all(&self, entries: &[Entry]) -> Result<Saved> {
        entries.iter().try_for_each(check)?;
        if entries.is_empty() {
            return Ok(Saved::default());
        }
        let _turn = self.writer.lock().await;
        save::save_all(&self.pool, entries).await.map_err(|e| fault("save", e, &self.place))
    }

    async fn target(&self, name: &str) -> Result<Option<Target>> {
        let sql = "SELECT document FROM target WHERE name = ?1";
        let row = sqlx::query(sql).bind(name).fetch_optional(&self.pool).await;
        let row = row.map_err(|e| fault("read", e, &self.place))?;
        row.map(|row| rows::target(&row)).transpose().map_err(|e| unreadable("a target", e, &self.place))
    }

    async fn targets(&self, after: Option<&str>, limit: usize) -> Result<Vec<Target>> {
        // No name is empty, so every name is behind the empty one.
        let sql = "SELECT document FROM target WHERE name > ?1 ORDER BY name LIMIT ?2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let found = sqlx::query(sql).bind(after.unwrap_or_default()).bind(limit).fetch_all(&self.pool).await;
        let found = found.map_err(|e| fault("read", e, &self.place))?;
        let targets = found.iter().map(rows::target).collect::<Result<_, _>>();
        targets.map_err(|e| unreadable("a target", e, &self.place))
    }

    async fn count_targets(&self) -> Result<u64> {
        let count = sqlx::query_scalar("SELECT count(*) FROM target").fetch_one(&self.pool).await;
        count.map(i64::cast_unsigned).map_err(|e| fault("read", e, &self.place))
    }

    async fn reduced_data(&self, target: &str) -> Result<Vec<ReducedDatum>> {
        let sql = "SELECT source_name, source_location, timestamp, data_type, value FROM datum \
                   WHERE target_id = (SELECT id FROM target WHERE name = ?1) \
                   ORDER BY timestamp, key, source_name";
        let found = sqlx::query(sql).bind(target).fetch_all(&self.pool).await;
        let found = found.map_err(|e| fault("read", e, &self.place))?;
        let data = found.iter().map(|row| rows::datum(target, row)).collect::<Result<_, _>>();
        data.map_err(|e| unreadable("a datum", e, &self.place).with("target", target))
    }

    async fn classifications(&self, target: &str) -> Result<Vec<SourcedClassification>> {
        let sql = "SELECT source_name, classifier, version, class, value FROM classification \
                   WHERE target_id = (SELECT id FROM target WHERE name = ?1)";
        let found = sqlx::query(sql).bind(target).fetch_all(&self.pool).await;
        let found = found.map_err(|e| fault("read", e, &self.place))?;
        let found = found.iter().map(rows::classification).collect::<Result<Vec<_>, _>>();
        let mut found =
            found.map_err(|e| unreadable("a classification", e, &self.place).with("target", target))?;
        sort_classifications(&mut found);
        Ok(found)
    }

    async fn save_query(&self, query: &BrokerQuery) -> Result<BrokerQuery> {
        check_query(query)?;
        let sql = "INSERT INTO broker_query (name, broker, parameters, created, modified, last_run, resume) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
                   ON CONFLICT (name) DO UPDATE SET broker = excluded.broker, parameters = excluded.parameters, \
                   modified = excluded.modified, last_run = excluded.last_run, resume = excluded.resume \
                   RETURNING id, name, broker, parameters, created, modified, last_run, resume";
        let parameters = serde_json::to_string(&query.parameters);
        let parameters = parameters.map_err(|e| fault("save", sqlx::Error::Encode(e.into()), &self.place))?;
        let _turn = self.writer.lock().await;
        let row = sqlx::query(sql)
            .bind(&query.name)
            .bind(&query.broker)
            .bind(parameters)
            .bind(query.created.timestamp_micros())
            .bind(Utc::now().timestamp_micros())
            .bind(query.last_run.map(|time| time.timestamp_micros()))
            .bind(&query.resume)
            .fetch_one(&self.pool)
            .await
            .map_err(|e| fault("save", e, &self.place))?;
        rows::query(&row).map_err(|e| unreadable("a saved query", e, &self.place))
    }

    async fn queries(&self) -> Result<Vec<BrokerQuery>> {
        let sql = "SELECT id, name, broker, parameters, created, modified, last_run, resume \
                   FROM broker_query ORDER BY name";
        let found = sqlx::query(sql).fetch_all(&self.pool).await;
        let found = found.map_err(|e| fault("read", e, &self.place))?;
        let queries = found.iter().map(rows::query).collect::<Result<_, _>>();
        queries.map_err(|e| unreadable("a saved query", e, &self.place))
    }

    async fn query(&self, name: &str) -> Result<Option<BrokerQuery>> {
        let sql = "SELECT id, name, broker, parameters, created, modified, last_run, resume \
                   FROM broker_query WHERE name = ?1";
        let row = sqlx::query(sql).bind(name).fetch_optional(&self.pool).await;
        let row = row.map_err(|e| fault("read", e, &self.place))?;
        let query = row.map(|row| rows::query(&row)).transpose();
        query.map_err(|e| unreadable("a saved query", e, &self.place))
    }

    async fn delete_query(&self, name: &str) -> Result<bool> {
        let _turn = self.writer.lock().await;
        let done =
            sqlx::query("DELETE FROM broker_query WHERE name = ?1").bind(name).execute(&self.pool).await;
        done.map(|done| done.rows_affected() > 0).map_err(|e| fault("remove", e, &self.place))
    }
}
