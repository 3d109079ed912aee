//! What SQLite's errors mean to the user of a store.

use sqlx::migrate::MigrateError;

use crate::error::{Error, ErrorKind};

/// The primary result codes of SQLite that have an answer of their own.
const BUSY: u32 = 5;
const LOCKED: u32 = 6;
const READONLY: u32 = 8;
const IOERR: u32 = 10;
const CORRUPT: u32 = 11;
const FULL: u32 = 13;
const CANTOPEN: u32 = 14;
const NOTADB: u32 = 26;

fn code(error: &sqlx::Error) -> Option<u32> {
    let extended: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xff)
}

/// Whether another program holds the lock.
pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    matches!(code(error), Some(BUSY | LOCKED))
}

/// An error of SQLite or the pool, with what to do next. What another try of the same may not meet is
/// retryable: a lock, a disk without room.
pub(super) fn fault(doing: &str, error: sqlx::Error, place: &str) -> Error {
    let passing = matches!(code(&error), Some(BUSY | LOCKED | IOERR | FULL));
    let busy = passing || matches!(error, sqlx::Error::PoolTimedOut);
    let text = match code(&error) {
        Some(BUSY | LOCKED) => "the store is locked by another program; try again when that is done",
        Some(READONLY) => "the store cannot be written; check the permissions of the file and its directory",
        Some(IOERR) => "the disk of the store failed; see the cause",
        Some(CORRUPT) => "the store is damaged; save a copy, then restore it from a backup or fetch anew",
        Some(FULL) => "the disk of the store is full; make room and try again",
        Some(CANTOPEN) => "the store cannot be opened; check the path and its permissions",
        Some(NOTADB) => "the file is not a store of tom-alerts; choose another path",
        _ if matches!(error, sqlx::Error::PoolClosed) => "the store was closed; open it again",
        _ if matches!(error, sqlx::Error::PoolTimedOut) => {
            "too many calls of this program wait for the store; have fewer at once, then try again"
        }
        _ => return unnamed(doing, error, place),
    };
    Error::new(ErrorKind::Store, text).with("store", place).retryable(busy).because(error)
}

fn unnamed(doing: &str, error: sqlx::Error, place: &str) -> Error {
    let text = format!("the store failed to {doing}; see the cause");
    Error::new(ErrorKind::Store, text).with("store", place).because(error)
}

/// A row that is not as this crate writes it.
pub(super) fn unreadable(what: &str, error: sqlx::Error, place: &str) -> Error {
    let text = format!("{what} in the store cannot be read; was the file changed by another program?");
    Error::new(ErrorKind::Store, text).with("store", place).because(error)
}

/// A file whose tables are ahead of this build.
pub(super) fn newer(place: &str) -> Error {
    let text = "the store was written by a newer version of tom-alerts; update this program";
    Error::new(ErrorKind::Store, text).with("store", place)
}

/// An error of bringing the tables up to date.
pub(super) fn migration(error: MigrateError, place: &str) -> Error {
    let text = match error {
        MigrateError::Execute(e) | MigrateError::ExecuteMigration(e, _) => {
            return fault("make its tables", e, place);
        }
        MigrateError::VersionMissing(_) => return newer(place),
        MigrateError::VersionMismatch(_) => "the tables of the store differ from those of this version",
        _ => "the tables of the store cannot be brought up to date; see the cause",
    };
    Error::new(ErrorKind::Store, text).with("store", place).because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_is_asked_by_too_many_at_once_may_be_asked_again() {
        let error = fault("read", sqlx::Error::PoolTimedOut, "a.db");
        assert!(error.is_retryable() && error.message().contains("have fewer at once"), "{error}");
        assert!(!fault("read", sqlx::Error::PoolClosed, "a.db").is_retryable());
    }
}
