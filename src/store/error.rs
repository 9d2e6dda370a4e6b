//! The store's errors. Each has a stable code and a fixed text, with at most a number of SQLite's or a version. No
//! error holds a key or a session.

#![forbid(unsafe_code)]

use std::fmt;

use rusqlite::ffi::{ErrorCode, SQLITE_IOERR_SHMSIZE};

/// The reason why a call, or opening the file, failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreError {
    /// Another process held the lock until the deadline. Nothing was written.
    Busy,
    /// More calls are queued than allowed. Nothing was written.
    Overloaded,
    /// The disk, the quota or the page limit is full.
    Full,
    /// The file is damaged, or it is not an SQLite database.
    Corrupt,
    /// Another program made this SQLite database.
    Foreign,
    /// Made by a later version of this store.
    Newer {
        /// The file's schema version.
        found: i64,
    },
    /// The file cannot be opened or made; SQLite's or the operating system's number.
    CannotOpen(i32),
    /// The file or its folder cannot be written.
    ReadOnly,
    /// The file system cannot share a write-ahead log between processes.
    NoSharedLog,
    /// The file, its log or its log's index was deleted or replaced while it was open.
    Moved,
    /// The store was closed.
    Closed,
    /// The operating system failed to read or write; SQLite's extended code.
    Io(i32),
    /// Anything else; SQLite's extended code.
    Failed(i32),
    /// A defect of this store.
    Panicked,
}

impl StoreError {
    /// Part of the API.
    pub fn code(self) -> &'static str {
        match self {
            Self::Busy | Self::Overloaded => "ERR_SESSION_STORE_BUSY",
            Self::Full => "ERR_SESSION_STORE_FULL",
            Self::Corrupt | Self::Foreign => "ERR_SESSION_STORE_CORRUPT",
            Self::Newer { .. } => "ERR_SESSION_STORE_VERSION",
            Self::CannotOpen(_) | Self::ReadOnly | Self::NoSharedLog => "ERR_SESSION_STORE_OPEN",
            Self::Moved => "ERR_SESSION_STORE_MOVED",
            Self::Closed => "ERR_SESSION_STORE_CLOSED",
            Self::Io(_) => "ERR_SESSION_STORE_IO",
            Self::Failed(_) | Self::Panicked => "ERR_SESSION_STORE_FAILED",
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => {
                f.write_str("the session database stayed locked by another process until the deadline")
            }
            Self::Overloaded => f.write_str("too many calls wait for the session database already"),
            Self::Full => f.write_str("the disk is full, or the session database may not grow any more"),
            Self::Corrupt => f.write_str("the session database is damaged, or is no SQLite database"),
            Self::Foreign => f.write_str("this SQLite database was not made for sessions"),
            Self::Newer { found } => {
                write!(f, "the session database was made by a later version (schema {found})")
            }
            Self::CannotOpen(number) => {
                write!(f, "the session database cannot be opened or made (error {number})")
            }
            Self::ReadOnly => f.write_str("the session database or its folder cannot be written"),
            Self::NoSharedLog => {
                f.write_str("this file system cannot share a session database between processes")
            }
            Self::Moved => f.write_str(
                "the session database, its -wal or its -shm was moved, deleted or replaced while it was open: \
                 stop the app, put the right files in place, and start it (docs/sqlite.md)",
            ),
            Self::Closed => f.write_str("the session store is closed"),
            Self::Io(number) => {
                write!(f, "reading or writing the session database failed (SQLite code {number})")
            }
            Self::Failed(number) => write!(f, "the session database refused (SQLite code {number})"),
            Self::Panicked => f.write_str("a defect in the session store"),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let rusqlite::Error::SqliteFailure(failure, _) = &error else {
            return match error {
                rusqlite::Error::SqlInputError { error, .. } => Self::Failed(error.extended_code),
                // our statements never meet these in rows that we wrote
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::Utf8Error(..) => Self::Corrupt,
                _ => Self::Failed(0),
            };
        };
        match failure.code {
            // the last: too many tries at the log's index while others were at it
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
                Self::Busy
            }
            ErrorCode::DiskFull => Self::Full,
            // for the log's index SQLite does not tell a full disk from another failure to grow
            ErrorCode::SystemIoFailure if failure.extended_code == SQLITE_IOERR_SHMSIZE => Self::Full,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Corrupt,
            ErrorCode::CannotOpen | ErrorCode::PermissionDenied => Self::CannotOpen(failure.extended_code),
            ErrorCode::ReadOnly => Self::ReadOnly,
            ErrorCode::SystemIoFailure => Self::Io(failure.extended_code),
            _ => Self::Failed(failure.extended_code),
        }
    }
}
