//! Opening: whose file it is, its tables, its connections.

use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::SqliteStore;
use super::fault::{fault, is_busy, newer};
use super::migrate::{LATEST, migrate};
use crate::error::{Error, ErrorKind, Result};

/// How long a call waits for a writer of another program.
pub(super) const BUSY: Duration = Duration::from_secs(5);

/// "TOMA", as the first migration writes it.
const APPLICATION: i64 = 0x544F_4D41;

/// The pages that one connection keeps, in KiB as SQLite writes them: 16 MiB.
const CACHE: &str = "-16384";

/// Readers beside the writer.
const CONNECTIONS: u32 = 4;

fn refuse(place: &str, text: &'static str) -> Error {
    Error::new(ErrorKind::Store, text).with("store", place)
}

/// The path in a form that SQLite can take for nothing else, such as a `file:` URI or `:memory:`.
fn plain(path: &Path, place: &str) -> Result<SqliteConnectOptions> {
    let text = "the path of the store cannot be used; write a path of UTF-8 without NUL";
    let absolute = std::path::absolute(path).map_err(|e| refuse(place, text).because(e))?;
    match absolute.to_str() {
        Some(path) if !path.contains('\0') => Ok(SqliteConnectOptions::new().filename(path)),
        _ => Err(refuse(place, text)),
    }
}

pub(super) async fn file(path: &Path, busy: Duration) -> Result<SqliteStore> {
    let place = path.display().to_string();
    let bare = plain(path, &place)?.busy_timeout(busy).disable_statement_logging();
    match std::fs::metadata(path) {
        Ok(meta) if meta.is_dir() => return Err(refuse(&place, "the path of the store is a directory")),
        // Before anything that writes: the file of another program must stay as it is.
        Ok(_) => identify(&bare, &place, false).await?,
        Err(_) => {
            let absolute = std::path::absolute(path).ok();
            let folder = absolute.as_deref().and_then(Path::parent);
            if folder.is_some_and(|folder| !folder.is_dir()) {
                return Err(refuse(&place, "the directory of the store is not there; make it first"));
            }
        }
    }
    let options = bare
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("cache_size", CACHE);
    let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false);
    let begun = Instant::now();
    loop {
        let opened = pool.clone().connect_with(options.clone()).await;
        match opened {
            Ok(pool) => {
                migrate(&pool, &place).await?;
                return Ok(SqliteStore::new(pool, &place));
            }
            // SQLite does not wait by itself while another program turns the file to WAL.
            Err(e) if is_busy(&e) && begun.elapsed() < busy => tokio::time::sleep(busy / 100).await,
            Err(e) => return Err(fault("open", e, &place)),
        }
    }
}

pub(super) async fn read_only(path: &Path, busy: Duration) -> Result<SqliteStore> {
    let place = path.display().to_string();
    if !path.is_file() {
        return Err(refuse(&place, "there is no store at this path"));
    }
    let options = plain(path, &place)?
        .busy_timeout(busy)
        .disable_statement_logging()
        .read_only(true)
        .pragma("cache_size", CACHE);
    identify(&options, &place, true).await?;
    let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false);
    let pool = pool.connect_with(options).await.map_err(|e| fault("open", e, &place))?;
    Ok(SqliteStore::new(pool, &place))
}

pub(super) async fn in_memory() -> Result<SqliteStore> {
    let place = ":memory:";
    // The one connection is the store, so it may neither grow old nor have a second beside it.
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .acquire_timeout(Duration::from_secs(24 * 3600))
        .test_before_acquire(false);
    let options = SqliteConnectOptions::new().in_memory(true).disable_statement_logging();
    let pool = pool.connect_with(options).await.map_err(|e| fault("open", e, place))?;
    migrate(&pool, place).await?;
    Ok(SqliteStore::new(pool, place))
}

/// Whether the file is a store that this version can use; `complete` when nothing may be added to it.
async fn identify(options: &SqliteConnectOptions, place: &str, complete: bool) -> Result<()> {
    let mut connection = options.connect().await.map_err(|e| fault("open", e, place))?;
    let found = look(&mut connection).await.map_err(|e| fault("open", e, place));
    // Nothing was written, so there is nothing that closing could lose.
    drop(connection.close().await);
    let found = found?;
    let latest = Some(LATEST);
    if found.application != APPLICATION && found.tables > 0 {
        return Err(refuse(place, "the file is an SQLite database of another program; choose another path"));
    }
    if found.version > latest {
        return Err(newer(place));
    }
    if complete && found.version < latest {
        let text = "the tables of the store are older than this program; open it once for writing";
        return Err(refuse(place, text));
    }
    Ok(())
}

struct Found {
    application: i64,
    /// Tables beside the list of migrations, which is made before the first of them is marked ours.
    tables: i64,
    version: Option<i64>,
}

async fn look(connection: &mut SqliteConnection) -> Result<Found, sqlx::Error> {
    // One look, one state: between two of them another program may make its tables.
    let mut look = connection.begin().await?;
    let connection = &mut *look;
    let application = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await?;
    let count = "SELECT count(*) FILTER (WHERE name <> '_sqlx_migrations'), \
                 count(*) FILTER (WHERE name = '_sqlx_migrations') \
                 FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let (tables, lists): (i64, i64) = sqlx::query_as(count).fetch_one(&mut *connection).await?;
    let version = match lists {
        0 => None,
        _ => sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(connection).await?,
    };
    Ok(Found { application, tables, version })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Entry, TargetStore};
    use crate::target::Target;
    use sqlx::sqlite::SqliteLockingMode;

    const SOON: Duration = Duration::from_millis(20);

    fn entry() -> Entry {
        Entry::new(Target::sidereal("a", 1.0, 2.0).unwrap(), "ALeRCE")
    }

    #[tokio::test]
    async fn a_save_while_another_program_writes_fails_and_can_be_done_later() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let store = file(&path, SOON).await.unwrap();
        let mut other = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
        sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();

        let error = store.save_all(&[entry()]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store);
        assert!(error.is_retryable());
        assert!(error.to_string().starts_with("the store is locked by another program"), "{error}");
        assert_eq!(store.count_targets().await.unwrap(), 0, "reading does not wait");
        assert_eq!(file(&path, SOON).await.unwrap().count_targets().await.unwrap(), 0, "nor does opening");

        sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
        assert_eq!(store.save_all(&[entry()]).await.unwrap().outcomes(), ["created"]);
    }

    #[tokio::test]
    async fn a_disk_without_room_is_the_store_s_fault_and_passes() {
        let folder = tempfile::tempdir().unwrap();
        let store = file(&folder.path().join("a.db"), SOON).await.unwrap();
        store.save_all(&[entry()]).await.unwrap();
        let mut connections = Vec::new();
        for _ in 0..store.pool.options().get_max_connections() {
            let mut one = store.pool.acquire().await.unwrap();
            sqlx::query("PRAGMA max_page_count = 1").execute(&mut *one).await.unwrap();
            connections.push(one);
        }
        drop(connections);
        let many: Vec<_> = (0..2_000)
            .map(|n| Entry::new(Target::sidereal(format!("t{n}"), 1.0, 2.0).unwrap(), "x"))
            .collect();
        let error = store.save_all(&many).await.map(|_| ()).unwrap_err();
        assert!(error.to_string().starts_with("the disk of the store is full"), "{error}");
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Store, true));
        assert_eq!(store.count_targets().await.unwrap(), 1);
        assert_eq!(store.save_all(&[entry()]).await.unwrap().outcomes(), ["unchanged"], "this needs no room");
    }

    #[tokio::test]
    async fn a_file_that_another_program_keeps_for_itself_is_said_to_be_locked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        file(&path, SOON).await.unwrap().close().await;
        let options = SqliteConnectOptions::new().filename(&path).locking_mode(SqliteLockingMode::Exclusive);
        let mut other = options.connect().await.unwrap();
        sqlx::query("BEGIN EXCLUSIVE").execute(&mut other).await.unwrap();
        for opened in [file(&path, SOON).await, read_only(&path, SOON).await] {
            let error = opened.unwrap_err();
            assert!(error.to_string().starts_with("the store is locked by another program"), "{error}");
        }
    }
}
