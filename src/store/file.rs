//! Opens the file. A file that cannot be used is refused before any byte of it is changed.

#![forbid(unsafe_code)]

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use super::error::StoreError;
use super::{no_wait, schema, statements, Options};

/// The longest time that a start looks for damage. Reading a file of ordinary size takes a fraction of it.
const CHECK_LIMIT: Duration = Duration::from_millis(500);
/// SQLite asks after this many of its own instructions whether to go on.
const CHECK_INTERVAL: i32 = 1000;
/// The pause between tries, where SQLite itself does not wait.
const RETRY_PAUSE: Duration = Duration::from_millis(5);
/// The page cache of a connection, in KiB.
const CACHE_KIB: i64 = 16 * 1024;
/// The size to which the log is cut after it grew beyond it.
const LOG_LIMIT_BYTES: i64 = 64 * 1024 * 1024;

/// Opens the file for writing; makes it, its tables and its log where they are missing.
pub fn open(options: &Options) -> Result<Connection, StoreError> {
    let &Options { ref path, synchronous_full, busy_timeout, max_file_bytes, .. } = options;
    create_private(path)?;
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(busy_timeout)?;
    let is_new = schema::identify(&connection)? == 0;
    share_log(&connection, Instant::now() + busy_timeout)?;
    connection.pragma_update(None, "synchronous", if synchronous_full { "FULL" } else { "NORMAL" })?;
    // where it exists, plain fsync leaves the disk's own cache alone
    connection.pragma_update(None, "fullfsync", synchronous_full)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.pragma_update(None, "journal_size_limit", LOG_LIMIT_BYTES)?;
    // what was deleted is overwritten where that costs no further page
    connection.query_one("PRAGMA secure_delete = FAST", [], |_| Ok(()))?;
    if let Some(bytes) = max_file_bytes {
        let page_bytes: i64 = connection.query_one("PRAGMA page_size", [], |row| row.get(0))?;
        let pages = i64::try_from(bytes).unwrap_or(i64::MAX) / page_bytes.max(1);
        connection.pragma_update(None, "max_page_count", pages.max(1))?;
    }
    schema::migrate(&mut connection)?;
    if !is_new {
        check(&mut connection)?;
    }
    statements::prepare_all(&connection).map_err(damaged_tables)?;
    // from here on the lane waits for locks, with its callers' deadlines
    connection.busy_timeout(Duration::ZERO)?;
    // the lane writes the log back after it has answered
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    Ok(connection)
}

/// A further connection to a file that [`open`] has opened.
pub fn open_for_reading(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.busy_timeout(Duration::ZERO)?;
    Ok(connection)
}

/// Makes the file where there is none. SQLite would make it with the process's umask; log and index get the rights that the
/// file has.
pub fn create_private(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::CannotOpen(error.raw_os_error().unwrap_or(0))),
    }
}

/// Opens the file with the settings that all connections share.
pub fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    // without SQLITE_OPEN_URI, so that a path is a path
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match no_wait::vfs() {
        Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs)?,
        None => Connection::open_with_flags(path, flags)?,
    };
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

/// Switches to a write-ahead log. Processes that start together meet here, and SQLite does not wait in all cases.
fn share_log(connection: &Connection, deadline: Instant) -> Result<(), StoreError> {
    loop {
        let answer = connection.query_one("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0));
        match answer.map_err(StoreError::from) {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(_) => return Err(StoreError::NoSharedLog),
            Err(StoreError::Busy) if Instant::now() < deadline => thread::sleep(RETRY_PAUSE),
            Err(error) => return Err(error),
        }
    }
}

/// Looks for damage. What is not reached within [`CHECK_LIMIT`] is found when it is used.
fn check(connection: &mut Connection) -> Result<(), StoreError> {
    let deadline = Instant::now() + CHECK_LIMIT;
    connection.progress_handler(CHECK_INTERVAL, Some(move || Instant::now() > deadline))?;
    let verdict = connection.query_one("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    connection.progress_handler(0, None::<fn() -> bool>)?;
    match verdict {
        Ok(verdict) if verdict == "ok" => Ok(()),
        Ok(_) => Err(StoreError::Corrupt),
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn damaged_tables(error: rusqlite::Error) -> StoreError {
    match error.into() {
        StoreError::Failed(_) => StoreError::Corrupt,
        other => other,
    }
}
