//! Saved queries, progress, reports and dead letters in SQLite.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use super::fault::{fault, unreadable};
use super::statements::{encode, text};
use super::{SqliteStore, rows};
use crate::error::{Error, Result};
use crate::query::BrokerQuery;
use crate::store::check::{check_query, to_micros};
use crate::store::progress::{Advance, Claim, Claimed, DeadLetter, Fence, Progress, Report, Scope};
use crate::store::queries::{self, QueryStore};

type Sql<T> = std::result::Result<T, sqlx::Error>;

const QUERY: &str = "SELECT q.id, q.name, q.broker, q.parameters, q.created, q.modified, q.last_run, p.place \
                     FROM broker_query AS q LEFT JOIN progress AS p ON p.scope = 'query:' || q.id";

async fn progress(tx: &mut SqliteConnection, scope: &Scope) -> Sql<Option<Progress>> {
    let sql = "SELECT scope, fence, owner, until, place, updated FROM progress WHERE scope = ?1";
    let row = sqlx::query(sql).bind(scope.as_str()).fetch_optional(tx).await?;
    row.map(|row| rows::progress(&row)).transpose()
}

async fn put_progress(tx: &mut SqliteConnection, progress: &Progress) -> Sql<()> {
    let sql = "INSERT INTO progress (scope, fence, owner, until, place, updated) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
               ON CONFLICT (scope) DO UPDATE SET fence = excluded.fence, owner = excluded.owner, \
               until = excluded.until, place = excluded.place, updated = excluded.updated";
    sqlx::query(sql)
        .bind(progress.scope.as_str())
        .bind(progress.fence.0)
        .bind(&progress.owner)
        .bind(progress.until.map(|time| time.timestamp_micros()))
        .bind(&progress.place)
        .bind(progress.updated.timestamp_micros())
        .execute(tx)
        .await?;
    Ok(())
}

/// Moves a scope on; the error inside is that of a claim that is not valid any more.
pub(super) async fn advance(tx: &mut SqliteConnection, to: &Advance, now: DateTime<Utc>) -> Sql<Result<()>> {
    let old = progress(tx, &to.scope).await?;
    let mut moved = old.unwrap_or_else(|| Progress::new(to.scope.clone(), now));
    if let Err(error) = moved.advance(to, now) {
        return Ok(Err(error));
    }
    put_progress(tx, &moved).await?;
    Ok(Ok(()))
}

pub(super) async fn put_reports(tx: &mut SqliteConnection, reports: &[Report]) -> Sql<()> {
    let sql = "INSERT INTO report (scope, started, document) VALUES (?1, ?2, ?3) \
               ON CONFLICT (scope, started) DO UPDATE SET document = excluded.document";
    for report in reports {
        sqlx::query(sql)
            .bind(report.scope.as_str())
            .bind(report.started.timestamp_micros())
            .bind(text(&report.document)?)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

pub(super) async fn put_dead_letters(
    tx: &mut SqliteConnection,
    letters: &[DeadLetter],
    now: DateTime<Utc>,
) -> Sql<()> {
    let sql = "INSERT INTO dead_letter (topic, partition, \"offset\", reason, bytes, saved) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (topic, partition, \"offset\") DO NOTHING";
    for letter in letters {
        sqlx::query(sql)
            .bind(&letter.topic)
            .bind(letter.partition)
            .bind(letter.offset)
            .bind(&letter.reason)
            .bind(&letter.bytes)
            .bind(now.timestamp_micros())
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

impl SqliteStore {
    async fn put_query(&self, query: &BrokerQuery) -> Sql<Result<BrokerQuery>> {
        let now = to_micros(Utc::now());
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let sql = sqlx::AssertSqlSafe(format!("{QUERY} WHERE q.id = ?1 OR q.name = ?2"));
        let found = sqlx::query(sql).bind(query.id).bind(&query.name).fetch_all(&mut *tx).await?;
        let found = found.iter().map(rows::query).collect::<Sql<Vec<_>>>()?;
        let by_id = found.iter().find(|known| known.id == query.id);
        let by_name = found.iter().find(|known| known.name == query.name);
        let settled = match queries::settle(query, by_id.or(by_name), by_name, now) {
            Ok(settled) => settled,
            Err(error) => return Ok(Err(error)),
        };
        let kept = settled.query;
        let sql = "INSERT INTO broker_query (id, name, broker, parameters, created, modified, last_run) \
                   VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5, ?6, ?7) \
                   ON CONFLICT (id) DO UPDATE SET name = excluded.name, broker = excluded.broker, \
                   parameters = excluded.parameters, modified = excluded.modified RETURNING id";
        let id: i64 = sqlx::query_scalar(sql)
            .bind(kept.id)
            .bind(&kept.name)
            .bind(&kept.broker)
            .bind(serde_json::to_string(&kept.parameters).map_err(encode)?)
            .bind(kept.created.timestamp_micros())
            .bind(kept.modified.timestamp_micros())
            .bind(kept.last_run.map(|time| time.timestamp_micros()))
            .fetch_one(&mut *tx)
            .await?;
        let scope = Scope::query(id);
        let mut at = progress(&mut tx, &scope).await?;
        if settled.other_question
            && let Some(old) = &at
        {
            let anew = queries::begun_anew(old, now);
            put_progress(&mut tx, &anew).await?;
            at = Some(anew);
        }
        tx.commit().await?;
        Ok(Ok(BrokerQuery { id, resume: at.and_then(|at| at.place), ..kept }))
    }

    async fn put_claim(&self, scope: &Scope, owner: &str, claim: Claim) -> Sql<Result<Claimed>> {
        let now = to_micros(Utc::now());
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let old = progress(&mut tx, scope).await?;
        let mut progress = old.unwrap_or_else(|| Progress::new(scope.clone(), now));
        let claimed = match progress.claim(owner, claim, now) {
            Ok(claimed) => claimed,
            Err(error) => return Ok(Err(error)),
        };
        put_progress(&mut tx, &progress).await?;
        tx.commit().await?;
        Ok(Ok(claimed))
    }

    async fn put_release(&self, scope: &Scope, fence: Fence) -> Sql<Result<()>> {
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        if let Some(mut at) = progress(&mut tx, scope).await? {
            if let Err(error) = at.check(fence) {
                return Ok(Err(error));
            }
            at.until = None;
            put_progress(&mut tx, &at).await?;
        }
        tx.commit().await?;
        Ok(Ok(()))
    }

    async fn drop_query(&self, name: &str) -> Sql<bool> {
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let sql = "DELETE FROM broker_query WHERE name = ?1 RETURNING id";
        let id: Option<i64> = sqlx::query_scalar(sql).bind(name).fetch_optional(&mut *tx).await?;
        if let Some(id) = id {
            let scope = Scope::query(id);
            sqlx::query("DELETE FROM progress WHERE scope = ?1")
                .bind(scope.as_str())
                .execute(&mut *tx)
                .await?;
            sqlx::query("DELETE FROM report WHERE scope = ?1").bind(scope.as_str()).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(id.is_some())
    }

    fn failed<T>(&self, doing: &str, result: Sql<T>) -> Result<T> {
        result.map_err(|e| fault(doing, e, &self.place))
    }

    fn odd(&self, what: &str, error: sqlx::Error) -> Error {
        unreadable(what, error, &self.place)
    }
}

#[async_trait]
impl QueryStore for SqliteStore {
    async fn save_query(&self, query: &BrokerQuery) -> Result<BrokerQuery> {
        check_query(query)?;
        let _turn = self.writer.lock().await;
        self.failed("save", self.put_query(query).await)?
    }

    async fn queries(&self) -> Result<Vec<BrokerQuery>> {
        let sql = sqlx::AssertSqlSafe(format!("{QUERY} ORDER BY q.name"));
        let found = self.failed("read", sqlx::query(sql).fetch_all(&self.pool).await)?;
        let queries = found.iter().map(rows::query).collect::<Sql<_>>();
        queries.map_err(|e| self.odd("a saved query", e))
    }

    async fn query(&self, name: &str) -> Result<Option<BrokerQuery>> {
        let sql = sqlx::AssertSqlSafe(format!("{QUERY} WHERE q.name = ?1"));
        let row = self.failed("read", sqlx::query(sql).bind(name).fetch_optional(&self.pool).await)?;
        row.map(|row| rows::query(&row)).transpose().map_err(|e| self.odd("a saved query", e))
    }

    async fn delete_query(&self, name: &str) -> Result<bool> {
        let _turn = self.writer.lock().await;
        self.failed("remove", self.drop_query(name).await)
    }

    async fn began(&self, id: i64, at: DateTime<Utc>) -> Result<bool> {
        let _turn = self.writer.lock().await;
        let sql = "UPDATE broker_query SET last_run = ?2 WHERE id = ?1";
        let done = sqlx::query(sql).bind(id).bind(at.timestamp_micros()).execute(&self.pool).await;
        Ok(self.failed("save", done)?.rows_affected() > 0)
    }

    async fn claim(&self, scope: &Scope, owner: &str, claim: Claim) -> Result<Claimed> {
        let _turn = self.writer.lock().await;
        self.failed("save", self.put_claim(scope, owner, claim).await)?
    }

    async fn release(&self, scope: &Scope, fence: Fence) -> Result<()> {
        let _turn = self.writer.lock().await;
        self.failed("save", self.put_release(scope, fence).await)?
    }

    async fn progress(&self, scope: &Scope) -> Result<Option<Progress>> {
        let mut connection = self.failed("read", self.pool.acquire().await)?;
        self.failed("read", progress(&mut connection, scope).await)
    }

    async fn reports(&self, scope: &Scope, limit: usize) -> Result<Vec<Report>> {
        let sql = "SELECT started, document FROM report WHERE scope = ?1 ORDER BY started DESC LIMIT ?2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let found = sqlx::query(sql).bind(scope.as_str()).bind(limit).fetch_all(&self.pool).await;
        let found = self.failed("read", found)?;
        let reports = found.iter().map(|row| rows::report(scope, row)).collect::<Sql<_>>();
        reports.map_err(|e| self.odd("a report", e))
    }

    async fn dead_letters(&self, after: i64, limit: usize) -> Result<Vec<DeadLetter>> {
        let sql = "SELECT id, topic, partition, \"offset\", reason, bytes, saved FROM dead_letter \
                   WHERE id > ?1 ORDER BY id LIMIT ?2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let found =
            self.failed("read", sqlx::query(sql).bind(after).bind(limit).fetch_all(&self.pool).await)?;
        let letters = found.iter().map(rows::dead_letter).collect::<Sql<_>>();
        letters.map_err(|e| self.odd("a dead letter", e))
    }

    async fn delete_dead_letter(&self, id: i64) -> Result<bool> {
        let _turn = self.writer.lock().await;
        let done = sqlx::query("DELETE FROM dead_letter WHERE id = ?1").bind(id).execute(&self.pool).await;
        Ok(self.failed("remove", done)?.rows_affected() > 0)
    }
}
