//! Reads one session on the caller's own thread, if that needs no waiting: the way to a lane and back costs more than
//! the read.
//!
//! Gives no answer if anything is in the way: a page that is not in memory, a lock, an error of any kind. The lane then
//! finds out the reason, and waits if it has to.

#![forbid(unsafe_code)]

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use super::place::Place;
use super::{command, file, no_wait};

/// A file that was deleted or replaced is read at most this much longer.
const LOOK_INTERVAL: Duration = Duration::from_millis(10);

/// A connection that never waits once it is open.
pub struct QuickReader {
    connection: Connection,
    place: Arc<Place>,
    next_look: Cell<Instant>,
}

impl QuickReader {
    /// Blocks. `None` if the system or the file system does not say which pages are in memory.
    ///
    /// A further connection to a file that [`file::open`] has opened.
    pub fn open(path: &Path, place: Arc<Place>) -> Option<Self> {
        no_wait::vfs()?;
        let connection = file::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
        // the first statement finds the log and reads the schema, which may wait
        command::get(&connection, "", 0).ok()?;
        no_wait::is_possible(&connection).then(|| Self {
            connection,
            place,
            next_look: Cell::new(Instant::now()),
        })
    }

    /// The texts of several sessions. `None` for a session that would need waiting, and for all if the file has moved.
    ///
    /// Each text was committed when the call began, or is newer. They may come from different commits: an error, such as a
    /// page that is not in memory, ends the transaction that they share, and the reads after it see what is newest then.
    pub fn get_all(&self, keys: &[&str], now_ms: i64) -> Vec<Option<Option<String>>> {
        let read = || {
            // taking and giving back the lock costs half a read; a single one does both by itself
            let _shared = (keys.len() > 1).then(|| Snapshot::begin(&self.connection));
            keys.iter().map(|key| command::get(&self.connection, key, now_ms).ok()).collect()
        };
        let texts = no_wait::hurried(read).filter(|_| self.is_in_place());
        texts.unwrap_or_else(|| vec![None; keys.len()])
    }

    fn is_in_place(&self) -> bool {
        let now = Instant::now();
        if now < self.next_look.get() {
            return self.place.recall().is_ok();
        }
        self.next_look.set(now + LOOK_INTERVAL);
        self.place.look().is_ok()
    }
}

/// A read transaction, which takes the lock once for all reads within it. An error may end it early.
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
