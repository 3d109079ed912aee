//! Statements of many rows: a statement costs a trip to SQLite's thread and back, which is far more than a
//! row does.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::Serialize;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, Encode, Sqlite, SqliteConnection, Type};

type Result<T> = std::result::Result<T, sqlx::Error>;

/// An INSERT of as many rows as wanted.
#[derive(Debug)]
pub(super) struct Insert {
    pub(super) head: &'static str,
    pub(super) columns: usize,
    pub(super) tail: &'static str,
}

/// Rows of a full statement, which is prepared once; the rest of a batch gets a shorter one.
/// SQLite takes 32,766 values at most.
const ROWS: usize = 500;
/// A statement ends with the row that reaches this many bytes of text.
const BYTES: usize = 4 << 20;

impl Insert {
    fn sql(&self, rows: usize) -> Arc<str> {
        let row = format!("({}?)", "?,".repeat(self.columns - 1));
        let others = format!(",{row}").repeat(rows.saturating_sub(1));
        [self.head, &row, &others, self.tail].concat().into()
    }
}

/// A statement that is ready.
pub(super) struct Statement {
    sql: Arc<str>,
    values: SqliteArguments,
    often: bool,
}

impl Statement {
    pub(super) async fn execute(self, tx: &mut SqliteConnection) -> Result<()> {
        // Safe: of the text only the number of placeholders varies.
        let query = sqlx::query_with(AssertSqlSafe(self.sql), self.values).persistent(self.often);
        query.execute(tx).await?;
        Ok(())
    }
}

/// The values of a statement in the making, and statements that are ready.
pub(super) struct Values {
    insert: &'static Insert,
    full: Option<Arc<str>>,
    open: SqliteArguments,
    rows: usize,
    bytes: usize,
    ready: VecDeque<Statement>,
}

impl Values {
    pub(super) fn new(insert: &'static Insert) -> Self {
        let (open, ready) = (SqliteArguments::default(), VecDeque::new());
        Self { insert, full: None, open, rows: 0, bytes: 0, ready }
    }

    pub(super) fn add<'t>(&mut self, value: impl Encode<'t, Sqlite> + Type<Sqlite>) -> Result<()> {
        self.open.add(value).map_err(sqlx::Error::Encode)
    }

    /// Ends a row, of which so many bytes are of a text that may be long. True when that filled a statement.
    pub(super) fn end_row(&mut self, bytes: usize) -> bool {
        self.rows += 1;
        self.bytes += bytes;
        let full = self.rows == ROWS || self.bytes >= BYTES;
        if full {
            self.cut();
        }
        full
    }

    fn cut(&mut self) {
        if self.rows == 0 {
            return;
        }
        let sql = match self.rows {
            ROWS => Arc::clone(self.full.get_or_insert_with(|| self.insert.sql(ROWS))),
            rows => self.insert.sql(rows),
        };
        let mut next = SqliteArguments::default();
        next.reserve(self.open.len(), 0);
        let values = std::mem::replace(&mut self.open, next);
        self.ready.push_back(Statement { sql, values, often: self.rows == ROWS });
        (self.rows, self.bytes) = (0, 0);
    }

    /// The next statement that is full.
    pub(super) fn next(&mut self) -> Option<Statement> {
        self.ready.pop_front()
    }

    /// Executes what is full.
    pub(super) async fn execute_full(&mut self, tx: &mut SqliteConnection) -> Result<()> {
        while let Some(statement) = self.next() {
            statement.execute(tx).await?;
        }
        Ok(())
    }

    /// Executes everything.
    pub(super) async fn execute_all(&mut self, tx: &mut SqliteConnection) -> Result<()> {
        self.cut();
        self.execute_full(tx).await
    }
}

/// A value as JSON.
pub(super) fn text(value: &(impl Serialize + ?Sized)) -> Result<String> {
    serde_json::to_string(value).map_err(encode)
}

pub(super) fn encode(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> sqlx::Error {
    sqlx::Error::Encode(error.into())
}
