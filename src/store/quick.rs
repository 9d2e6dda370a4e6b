//! Reads one session on the caller's own thread, if that needs no waiting: the way to a lane and back costs more than
//! the read.
//!
//! Gives no answer if anything is in the way: a page that is not in memory, a lock, an error of any kind. The lane then
//! finds out the reason, and waits if it has to.

#![forbid(unsafe_code)]

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{command, file, no_wait};

/// A connection that never waits once it is open.
pub struct QuickReader(Connection);

impl QuickReader {
    /// Blocks. `None` if the system or the file system does not say which pages are in memory.
    ///
    /// A further connection to a file that [`file::open`] has opened.
    pub fn open(path: &Path) -> Option<Self> {
        no_wait::vfs()?;
        let connection = file::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
        // the first statement finds the log and reads the schema, which may wait
        command::get(&connection, "", 0).ok()?;
        no_wait::is_possible(&connection).then_some(Self(connection))
    }

    /// The texts of several sessions, all as of one commit. `None` for a session that would need waiting.
    pub fn get_all(&self, keys: &[&str], now_ms: i64) -> Vec<Option<Option<String>>> {
        let Self(connection) = self;
        let read = || {
            // taking and giving back the lock costs half a read; a single one does both by itself
            let _shared = (keys.len() > 1).then(|| Snapshot::begin(connection));
            keys.iter().map(|key| command::get(connection, key, now_ms).ok()).collect()
        };
        no_wait::hurried(read).unwrap_or_else(|| vec![None; keys.len()])
    }
}

/// A read transaction: all reads within it see one commit. An error may end it early.
struct Snapshot<'a>(&'a Connection);

impl<'a> Snapshot<'a> {
    fn begin(connection: &'a Connection) -> Self {
        // if it fails each read is for itself
        let _ = connection.prepare_cached("BEGIN").and_then(|mut begin| begin.execute([]));
        Self(connection)
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        if !self.0.is_autocommit() {
            // there is nothing to undo, and it cannot fail
            let _ = self.0.prepare_cached("ROLLBACK").and_then(|mut end| end.execute([]));
        }
    }
}
