//! Bringing the tables of a file up to date, in one transaction.

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{Row, SqliteConnection, SqlitePool};

use super::fault::{fault, migration};
use super::rows;
use super::statements::{Insert, Values, text};
use crate::error::Result;
use crate::store::matching::name_key;
use crate::target::{EARLIER, Sighting, Stamp};

/// The version that this crate writes.
pub(super) const LATEST: i64 = 3;

/// Version, name and text. A published text never changes; a change of the tables is a new one.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "tables", include_str!("migrations/0001_tables.sql")),
    (2, "photometry", include_str!("migrations/0002_photometry.sql")),
    (LATEST, "sightings", include_str!("migrations/0003_sightings.sql")),
];

fn migrator() -> Migrator {
    let all = MIGRATIONS.iter().map(|&(version, name, sql)| {
        Migration::new(version, name.into(), MigrationType::Simple, sqlx::SqlStr::from_static(sql), false)
    });
    Migrator::with_migrations(all.collect())
}

/// Brings the tables up to date. A program that is stopped on the way leaves the file as it was.
pub(super) async fn migrate(pool: &SqlitePool, place: &str) -> Result<()> {
    let failed = |e| fault("make its tables", e, place);
    let mut connection = pool.acquire().await.map_err(failed)?;
    let done = version(&mut connection).await;
    drop(connection);
    // Opening a file that is up to date does not wait for a writer.
    if matches!(done, Ok(Some(LATEST))) {
        return Ok(());
    }
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    // Another program may have done it meanwhile.
    let before = version(&mut tx).await.unwrap_or(None);
    migrator().run_direct(None, &mut *tx, false).await.map_err(|e| migration(e, place))?;
    if before.is_some_and(|before| before < LATEST) {
        fill(&mut tx).await.map_err(failed)?;
    }
    tx.commit().await.map_err(failed)
}

async fn version(connection: &mut SqliteConnection) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(connection).await
}

const KEYS: Insert =
    Insert { head: "INSERT OR IGNORE INTO target_key (key, target_id) VALUES ", columns: 2, tail: "" };

const SIGHTINGS: Insert = Insert {
    head: "INSERT INTO sighting (target_id, source, object_id, document) VALUES ",
    columns: 4,
    tail: "",
};

/// What the targets of earlier versions say becomes a sighting without a time, and their names are claimed:
/// first what each is called, then the other names, the lower number first.
async fn fill(tx: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    for aliases in [false, true] {
        let mut after = 0;
        loop {
            let targets = page(tx, after).await?;
            let Some((last, _)) = targets.last() else { break };
            after = *last;
            let mut keys = Values::new(&KEYS);
            for (id, said) in &targets {
                let own = Some(&said.name).filter(|_| !aliases).into_iter();
                let others = said.aliases.iter().filter(|_| aliases);
                for name in own.chain(others) {
                    keys.add(name_key(name))?;
                    keys.add(*id)?;
                    keys.end_row(name.len());
                }
            }
            keys.execute_all(tx).await?;
        }
    }
    let mut after = 0;
    loop {
        let targets = page(tx, after).await?;
        let Some((last, _)) = targets.last() else { break };
        after = *last;
        let keys: Vec<_> = targets.iter().flat_map(|(_, s)| s.names()).map(name_key).collect();
        let owners = rows::owners(tx, &keys).await?;
        let mut sightings = Values::new(&SIGHTINGS);
        for (id, mut said) in targets {
            let foreign = |name: &&str| owners.get(&name_key(name)).is_some_and(|owner| *owner != id);
            said.taken = said.names().filter(foreign).map(str::to_owned).collect();
            let document = text(&said)?;
            sightings.add(id)?;
            sightings.add(EARLIER)?;
            sightings.add("")?;
            let bytes = document.len();
            sightings.add(document)?;
            sightings.end_row(bytes);
        }
        sightings.execute_all(tx).await?;
    }
    Ok(())
}

/// Targets behind a number, as sightings.
async fn page(tx: &mut SqliteConnection, after: i64) -> Result<Vec<(i64, Sighting)>, sqlx::Error> {
    let sql = "SELECT document, id FROM target WHERE id > ?1 ORDER BY id LIMIT 1000";
    let found = sqlx::query(sql).bind(after).fetch_all(tx).await?;
    let said = |row| {
        let target = rows::target(row)?;
        Ok((row.try_get(1)?, Sighting::of(&target, EARLIER, &Default::default(), Stamp::default())))
    };
    found.iter().map(said).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_tables_are_never_changed() {
        let migrator = migrator();
        let sums: Vec<_> =
            migrator.iter().map(|m| (m.version, format!("{:02x?}", &m.checksum[..4]))).collect();
        let published = [
            (1, "[44, 71, 2a, d5]".to_owned()),
            (2, "[4c, 1a, 64, 34]".to_owned()),
            (3, "[9c, 18, 15, 26]".to_owned()),
        ];
        assert_eq!(sums, published, "write another migration instead");
    }
}
