//! Saving a batch: one transaction.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{Row, SqliteConnection, SqlitePool};

use super::statements::{Insert, Values, text};
use super::{data, queries, rows};
use crate::store::entry::{Save, Saved};
use crate::store::matching::Policy;
use crate::store::plan::{self, Group, Known, Plan};
use crate::target::Sighting;

type Result<T> = std::result::Result<T, sqlx::Error>;

const TARGETS: Insert = Insert {
    head: "INSERT INTO target (id, name, type, ra, dec, document, created, modified) VALUES ",
    columns: 8,
    tail: " ON CONFLICT (id) DO UPDATE SET name = excluded.name, type = excluded.type, ra = excluded.ra, \
           dec = excluded.dec, document = excluded.document, modified = excluded.modified",
};

const SIGHTINGS: Insert = Insert {
    head: "INSERT INTO sighting (target_id, source, object_id, query, fetched, document) VALUES ",
    columns: 6,
    tail: " ON CONFLICT (target_id, source, object_id) DO UPDATE SET \
           query = excluded.query, fetched = excluded.fetched, document = excluded.document",
};

const KEYS: Insert = Insert { head: "INSERT INTO target_key (key, target_id) VALUES ", columns: 2, tail: "" };

/// Saves everything; the error inside is one of the input, such as a claim that is not valid any more.
pub(super) async fn save(pool: &SqlitePool, save: Save, now: DateTime<Utc>) -> Result<crate::Result<Saved>> {
    // The lock comes first: what is read next must still hold when the rows are written.
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    for advance in &save.advances {
        if let Err(error) = queries::advance(&mut tx, advance, now).await? {
            return Ok(Err(error));
        }
    }
    let known = known(&mut tx, &plan::keys(&save.entries)).await?;
    let Plan { groups, claims, mut saved } = Plan::of(save.entries, known, &Policy::default(), now);
    put_targets(&mut tx, &groups, now).await?;
    put_keys(&mut tx, &claims).await?;
    put_sightings(&mut tx, &groups).await?;
    let (counted_data, counted_classes) = data::put(&mut tx, groups, now).await?;
    (saved.data, saved.classifications) = (counted_data, counted_classes);
    queries::put_reports(&mut tx, &save.reports).await?;
    queries::put_dead_letters(&mut tx, &save.dead_letters, now).await?;
    tx.commit().await?;
    Ok(Ok(saved))
}

/// The targets that have any of these keys, with their sightings.
pub(super) async fn known(tx: &mut SqliteConnection, keys: &[String]) -> Result<Known> {
    let owners = rows::owners(tx, keys).await?;
    let mut ids: Vec<i64> = owners.values().copied().filter(|id| *id != plan::IGNORED).collect();
    ids.sort_unstable();
    ids.dedup();
    let last = "SELECT max(ifnull((SELECT max(id) FROM target), 0), (SELECT target FROM last_number))";
    let last: i64 = sqlx::query_scalar(last).fetch_one(&mut *tx).await?;
    let mut targets = HashMap::with_capacity(ids.len());
    if !ids.is_empty() {
        let ids = text(&ids)?;
        let sql = "SELECT t.document, t.id FROM json_each(?1) AS n CROSS JOIN target AS t ON t.id = n.value";
        for row in sqlx::query(sql).bind(&ids).fetch_all(&mut *tx).await? {
            targets.insert(row.try_get(1)?, (rows::target(&row)?, Vec::new()));
        }
        for (id, sighting) in sightings(tx, &ids).await? {
            if let Some((_, sightings)) = targets.get_mut(&id) {
                sightings.push(sighting);
            }
        }
    }
    Ok(Known { owners, targets, last })
}

/// The sightings of targets; `ids` is a JSON list of their numbers.
pub(super) async fn sightings<'c>(
    executor: impl sqlx::SqliteExecutor<'c>,
    ids: &str,
) -> Result<Vec<(i64, Sighting)>> {
    let sql = "SELECT s.target_id, s.source, s.object_id, s.query, s.fetched, s.document \
               FROM json_each(?1) AS n CROSS JOIN sighting AS s ON s.target_id = n.value";
    sqlx::query(sql).bind(ids).fetch_all(executor).await?.iter().map(rows::sighting).collect()
}

async fn put_targets(tx: &mut SqliteConnection, groups: &[Group], now: DateTime<Utc>) -> Result<()> {
    let mut values = Values::new(&TARGETS);
    for group in groups.iter().filter(|group| group.is_written()) {
        let (ra, dec) = group.target.position().unzip();
        let document = text(&group.target)?;
        values.add(group.id)?;
        values.add(group.target.name.as_str())?;
        values.add(group.target.target_type())?;
        values.add(ra)?;
        values.add(dec)?;
        let bytes = document.len();
        values.add(document)?;
        values.add(now.timestamp_micros())?;
        values.add(now.timestamp_micros())?;
        values.end_row(bytes);
        values.execute_full(tx).await?;
    }
    values.execute_all(tx).await
}

pub(super) async fn put_keys(tx: &mut SqliteConnection, claims: &[(String, i64)]) -> Result<()> {
    let mut values = Values::new(&KEYS);
    // In the order of the table, which is the quickest to insert in.
    let mut claims: Vec<_> = claims.iter().collect();
    claims.sort_unstable();
    for (key, id) in claims {
        values.add(key.as_str())?;
        values.add(*id)?;
        values.end_row(key.len());
        values.execute_full(tx).await?;
    }
    values.execute_all(tx).await
}

async fn put_sightings(tx: &mut SqliteConnection, groups: &[Group]) -> Result<()> {
    let mut values = Values::new(&SIGHTINGS);
    for group in groups {
        let written = group.sightings.iter().zip(&group.written).filter(|(_, written)| **written);
        for (sighting, _) in written {
            add_sighting(&mut values, group.id, sighting)?;
            values.execute_full(tx).await?;
        }
    }
    values.execute_all(tx).await
}

fn add_sighting(values: &mut Values, id: i64, sighting: &Sighting) -> Result<()> {
    let document = text(sighting)?;
    values.add(id)?;
    values.add(sighting.source.as_str())?;
    values.add(sighting.object_id.as_str())?;
    values.add(sighting.query)?;
    values.add(sighting.fetched.map(|time| time.timestamp_micros()))?;
    let bytes = document.len();
    values.add(document)?;
    values.end_row(bytes);
    Ok(())
}

/// Writes one target as an edit left it.
pub(super) async fn put_edited(
    tx: &mut SqliteConnection,
    id: i64,
    edited: &crate::store::edits::Edited,
    now: DateTime<Utc>,
) -> Result<()> {
    let (ra, dec) = edited.target.position().unzip();
    let sql = "UPDATE target SET name = ?2, type = ?3, ra = ?4, dec = ?5, document = ?6, modified = ?7 \
               WHERE id = ?1 AND document IS NOT ?6";
    sqlx::query(sql)
        .bind(id)
        .bind(&edited.target.name)
        .bind(edited.target.target_type())
        .bind(ra)
        .bind(dec)
        .bind(text(&edited.target)?)
        .bind(now.timestamp_micros())
        .execute(&mut *tx)
        .await?;
    let claims: Vec<_> = edited.claims.iter().map(|key| (key.clone(), id)).collect();
    put_keys(tx, &claims).await?;
    let sql = "DELETE FROM sighting WHERE target_id = ?1 AND source = ?2";
    sqlx::query(sql).bind(id).bind(crate::target::USER).execute(&mut *tx).await?;
    let mut values = Values::new(&SIGHTINGS);
    if let Some(user) = edited.sightings.iter().find(|s| s.source == crate::target::USER) {
        add_sighting(&mut values, id, user)?;
    }
    values.execute_all(tx).await
}
