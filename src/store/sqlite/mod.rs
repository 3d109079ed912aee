//! `SqliteStore`: targets, data and saved queries in one SQLite file.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::SqlitePool;
use tokio::sync::Mutex;

use super::check::{sort_classifications, to_micros};
use super::entry::{History, Save, Saved, SourcedClassification, StoredTarget, TargetId};
use super::matching::{id_key, name_key};
use super::{Deletion, Guarantees, QueryStore, TargetStore};
use crate::error::Result;
use crate::reduced_datum::ReducedDatum;
use crate::target::names::normal;
use crate::target::{Edit, Sighting};

mod data;
mod fault;
mod history;
mod migrate;
mod open;
mod queries;
mod rows;
mod save;
mod statements;

use fault::{fault, unreadable};

/// A store in one SQLite file, which other programs may read and write at the same time.
///
/// The file is in WAL mode: readers and one writer do not wait for each other, and a saved batch
/// outlasts a crash of the program and of the machine. A write waits up to 5 seconds for a writer
/// of another program, then fails. Its tables (`target`, `sighting`, `datum`, `classification`,
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
    async fn save(&self, save: Save) -> Result<Saved> {
        if save.entries.is_empty()
            && save.advances.is_empty()
            && save.reports.is_empty()
            && save.dead_letters.is_empty()
        {
            return Ok(Saved::default());
        }
        let _turn = self.writer.lock().await;
        let saved = save::save(&self.pool, save, to_micros(Utc::now())).await;
        saved.map_err(|e| fault("save", e, &self.place))?
    }

    async fn find(&self, name: &str) -> Result<Option<StoredTarget>> {
        let sql = "SELECT document, id, created, modified FROM target \
                   WHERE id = (SELECT target_id FROM target_key WHERE key = ?1)";
        let row = sqlx::query(sql).bind(name_key(name)).fetch_optional(&self.pool).await;
        let row = row.map_err(|e| fault("read", e, &self.place))?;
        row.map(|row| rows::stored(&row)).transpose().map_err(|e| unreadable("a target", e, &self.place))
    }

    async fn targets(&self, after: Option<TargetId>, limit: usize) -> Result<Vec<StoredTarget>> {
        let sql = "SELECT document, id, created, modified FROM target WHERE id > ?1 ORDER BY id LIMIT ?2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let after = after.map_or(i64::MIN, |id| id.0);
        let found = sqlx::query(sql).bind(after).bind(limit).fetch_all(&self.pool).await;
        let found = found.map_err(|e| fault("read", e, &self.place))?;
        let targets = found.iter().map(rows::stored).collect::<Result<_, _>>();
        targets.map_err(|e| unreadable("a target", e, &self.place))
    }

    async fn count_targets(&self) -> Result<u64> {
        let count = sqlx::query_scalar("SELECT count(*) FROM target").fetch_one(&self.pool).await;
        count.map(i64::cast_unsigned).map_err(|e| fault("read", e, &self.place))
    }

    async fn sightings(&self, id: TargetId) -> Result<Vec<Sighting>> {
        let found = save::sightings(&self.pool, &format!("[{id}]")).await;
        let found = found.map_err(|e| unreadable("a sighting", e, &self.place))?;
        Ok(found.into_iter().map(|(_, said)| said).collect())
    }

    async fn reduced_data(&self, name: &str) -> Result<Vec<ReducedDatum>> {
        let Some((id, called)) = self.called(name).await? else { return Ok(Vec::new()) };
        let sql = "SELECT source_name, source_location, timestamp, data_type, value, withdrawn FROM datum \
                   WHERE target_id = ?1 AND withdrawn IS NULL ORDER BY timestamp, key, source_name";
        let found = sqlx::query(sql).bind(id).fetch_all(&self.pool).await;
        let found = found.map_err(|e| fault("read", e, &self.place))?;
        // Collecting into a Result would make a list with room for up to twice as many.
        let mut data = Vec::with_capacity(found.len());
        for row in &found {
            let datum = rows::datum(&called, row);
            data.push(datum.map_err(|e| unreadable("a datum", e, &self.place).with("target", name))?);
        }
        Ok(data)
    }

    async fn classifications(&self, name: &str) -> Result<Vec<SourcedClassification>> {
        let sql = "SELECT source_name, classifier, version, class, value FROM classification \
                   WHERE target_id = (SELECT target_id FROM target_key WHERE key = ?1)";
        let found = sqlx::query(sql).bind(name_key(name)).fetch_all(&self.pool).await;
        let found = found.map_err(|e| fault("read", e, &self.place))?;
        let found = found.iter().map(rows::classification).collect::<Result<Vec<_>, _>>();
        let mut found =
            found.map_err(|e| unreadable("a classification", e, &self.place).with("target", name))?;
        sort_classifications(&mut found);
        Ok(found)
    }

    async fn history(&self, id: TargetId) -> Result<History> {
        history::read(&self.pool, id.0).await.map_err(|e| fault("read", e, &self.place))
    }

    async fn edit(&self, id: TargetId, edit: &Edit) -> Result<Option<StoredTarget>> {
        let _turn = self.writer.lock().await;
        let edited = history::edit(&self.pool, id, edit, to_micros(Utc::now())).await;
        edited.map_err(|e| fault("save", e, &self.place))?
    }

    async fn delete(&self, id: TargetId, how: Deletion) -> Result<bool> {
        let _turn = self.writer.lock().await;
        history::delete(&self.pool, id.0, how).await.map_err(|e| fault("remove", e, &self.place))
    }

    async fn fetched(&self, source: &str, object_id: &str) -> Result<Option<DateTime<Utc>>> {
        let sql = "SELECT fetched FROM sighting WHERE source = ?1 AND object_id = ?2 \
                   AND target_id = (SELECT target_id FROM target_key WHERE key = ?3)";
        let found = sqlx::query_scalar(sql)
            .bind(source)
            .bind(normal(object_id))
            .bind(id_key(source, object_id))
            .fetch_optional(&self.pool)
            .await;
        let found: Option<Option<i64>> = found.map_err(|e| fault("read", e, &self.place))?;
        Ok(found.flatten().and_then(DateTime::from_timestamp_micros))
    }

    fn guarantees(&self) -> Guarantees {
        Guarantees::ALL
    }

    fn query_store(&self) -> Option<&dyn QueryStore> {
        Some(self)
    }
}

impl SqliteStore {
    /// The number of the target that has a name, and what it is called.
    async fn called(&self, name: &str) -> Result<Option<(i64, String)>> {
        let sql = "SELECT id, name FROM target WHERE id = (SELECT target_id FROM target_key WHERE key = ?1)";
        let found = sqlx::query_as(sql).bind(name_key(name)).fetch_optional(&self.pool).await;
        found.map_err(|e| fault("read", e, &self.place))
    }
}
