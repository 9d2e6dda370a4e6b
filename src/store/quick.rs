//! Reads one session on the caller's own thread, if that needs no waiting: the way to a lane and back costs more than
//! the read.
//!
//! Answers nothing where anything is in the way: a page that is not in memory, a lock, an error of any kind. The lane
//! then finds out what is wrong, and waits where there is something to wait for.

#![forbid(unsafe_code)]

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{command, file, no_wait};

/// A connection that never waits once it is open.
pub struct QuickReader(Connection);

impl QuickReader {
    /// Blocks. `None` where the system or the file system does not tell what it has in memory.
    ///
    /// A further connection to a file that [`file::open`] has opened.
    pub fn open(path: &Path) -> Option<Self> {
        no_wait::vfs()?;
        let connection = file::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
        // all that is only done for the first statement: finding the log, reading the schema
        command::get(&connection, "", 0).ok()?;
        no_wait::is_possible(&connection).then_some(Self(connection))
    }

    /// The session's text, as the last commit left it. `None` if that can't be told at once.
    pub fn get(&self, key: &str, now_ms: i64) -> Option<Option<String>> {
        no_wait::hurried(|| command::get(&self.0, key, now_ms))?.ok()
    }
}
