//! The tables. docs/sqlite-file.md documents them for users of other SQLite tools.
//!
//! `application_id` marks the file as ours, `user_version` is the version of its tables. A file of a later version is
//! refused, because an older program would break rules that the later one relies on.
//!
//! `sweep_at` is the next time to check whether the row has expired; it is never later than `expires_at`. A write that
//! prolongs a session changes neither `sweep_at` nor its index: a row moves in the index once in a lifetime.

#![forbid(unsafe_code)]

use rusqlite::{Connection, TransactionBehavior};

use super::error::StoreError;

/// "EgSs" in ASCII: the tool `file` shows it.
pub const APPLICATION_ID: i64 = 0x4567_5373;

/// The version that this program reads and writes.
pub const VERSION: i64 = 1;

/// The migrations: the statements at index `n` lead from version `n` to `n + 1`.
const MIGRATIONS: [&str; VERSION as usize] = ["
    CREATE TABLE sessions (
        id         INTEGER PRIMARY KEY,
        key        TEXT    NOT NULL UNIQUE,
        json       TEXT    NOT NULL,
        user       TEXT,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        sweep_at   INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX sessions_by_sweep ON sessions (sweep_at);
    CREATE INDEX sessions_by_user ON sessions (user) WHERE user IS NOT NULL;
"];

/// Checks that the file is ours, without changing it. Returns its version; 0 for an empty database.
pub fn identify(connection: &Connection) -> Result<i64, StoreError> {
    // all from one moment, since another process may be making the tables; rolled back when it is dropped
    let _snapshot = connection.is_autocommit().then(|| connection.unchecked_transaction()).transpose()?;
    let number = |sql: &str| connection.query_one(sql, [], |row| row.get::<_, i64>(0));
    let version = number("PRAGMA user_version")?;
    match number("PRAGMA application_id")? {
        APPLICATION_ID if version > VERSION => Err(StoreError::Newer { found: version }),
        APPLICATION_ID if version >= 1 => Ok(version),
        0 if version == 0 && number("SELECT count(*) FROM sqlite_schema")? == 0 => Ok(0),
        _ => Err(StoreError::Foreign),
    }
}

/// Brings the file to [`VERSION`]. Processes that start together do it once.
pub fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    if identify(connection)? == VERSION {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version = identify(&transaction)?;
    for statements in &MIGRATIONS[version as usize..] {
        transaction.execute_batch(statements)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(())
}
