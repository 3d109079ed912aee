//! One target by its number: what was corrected, an edit of a user, its removal.

use chrono::{DateTime, Utc};
use sqlx::{SqliteConnection, SqlitePool};

use super::save::{known, put_edited};
use super::{rows, save};
use crate::error::Result;
use crate::store::Deletion;
use crate::store::edits::{self, edited};
use crate::store::entry::{History, StoredTarget, TargetId};
use crate::store::matching::name_key;
use crate::target::Edit;

type Sql<T> = std::result::Result<T, sqlx::Error>;

pub(super) async fn read(pool: &SqlitePool, id: i64) -> Sql<History> {
    let mut look = pool.begin().await?;
    let name: Option<String> = sqlx::query_scalar("SELECT name FROM target WHERE id = ?1")
        .bind(id)
        .fetch_optional(&mut *look)
        .await?;
    let Some(name) = name else { return Ok(History::default()) };
    let sql = "SELECT source_name, source_location, timestamp, data_type, value, NULL, replaced FROM superseded \
               WHERE target_id = ?1 ORDER BY replaced, rowid";
    let data = sqlx::query(sql).bind(id).fetch_all(&mut *look).await?;
    let sql = "SELECT source_name, source_location, timestamp, data_type, value, withdrawn FROM datum \
               WHERE target_id = ?1 AND withdrawn IS NOT NULL ORDER BY timestamp, key, source_name";
    let withdrawn = sqlx::query(sql).bind(id).fetch_all(&mut *look).await?;
    let sql = "SELECT source_name, classifier, version, class, value, replaced FROM superseded_classification \
               WHERE target_id = ?1 ORDER BY replaced, rowid";
    let classes = sqlx::query(sql).bind(id).fetch_all(&mut *look).await?;
    Ok(History {
        data: data.iter().map(|row| rows::superseded(&name, row)).collect::<Sql<_>>()?,
        withdrawn: withdrawn.iter().map(|row| rows::datum(&name, row)).collect::<Sql<_>>()?,
        classifications: classes.iter().map(rows::superseded_class).collect::<Sql<_>>()?,
    })
}

pub(super) async fn edit(
    pool: &SqlitePool,
    id: TargetId,
    edit: &Edit,
    now: DateTime<Utc>,
) -> Sql<Result<Option<StoredTarget>>> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    let Some(before) = stored(&mut tx, id.0).await? else { return Ok(Ok(None)) };
    let sightings = save::sightings(&mut *tx, &format!("[{id}]")).await?;
    let sightings: Vec<_> = sightings.into_iter().map(|(_, said)| said).collect();
    let owners = known(&mut tx, &edits::keys(edit)).await?.owners;
    let owner = |name: &str| owners.get(&name_key(name)).copied();
    let edited = match edited(&before.target, &sightings, edit, id, owner) {
        Ok(edited) => edited,
        Err(error) => return Ok(Err(error)),
    };
    put_edited(&mut tx, id.0, &edited, now).await?;
    let after = stored(&mut tx, id.0).await?;
    tx.commit().await?;
    Ok(Ok(after))
}

async fn stored(tx: &mut SqliteConnection, id: i64) -> Sql<Option<StoredTarget>> {
    let sql = "SELECT document, id, created, modified FROM target WHERE id = ?1";
    let row = sqlx::query(sql).bind(id).fetch_optional(tx).await?;
    row.map(|row| rows::stored(&row)).transpose()
}

pub(super) async fn delete(pool: &SqlitePool, id: i64, how: Deletion) -> Sql<bool> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    let done = sqlx::query("DELETE FROM target WHERE id = ?1").bind(id).execute(&mut *tx).await?;
    let there = done.rows_affected() > 0;
    if there {
        let sql = match how {
            Deletion::Forget => "DELETE FROM target_key WHERE target_id = ?1",
            Deletion::Ignore => "UPDATE target_key SET target_id = 0 WHERE target_id = ?1",
        };
        sqlx::query(sql).bind(id).execute(&mut *tx).await?;
        let sql = "UPDATE last_number SET target = max(target, ?1)";
        sqlx::query(sql).bind(id).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(there)
}
