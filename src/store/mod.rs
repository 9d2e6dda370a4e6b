//! Sessions in one SQLite file, shared by every process of one machine.
//!
//! ```text
//! caller ◄► binding.rs ◄► Store::get_now ─► quick.rs: what is in memory       (never waits)
//! caller ─► binding.rs ─► Store::submit ─► a lane's bounded queue          (never waits)
//!                                            └─► lane.rs: everything queued in one transaction
//!                                                  └─► command.rs: one SQL statement or two each
//! caller ◄─ binding.rs ◄─ sink: the answers of the whole transaction, after its commit
//! ```
//!
//! - [`mod@file`]: opens the file, refuses foreign files, prepares a connection.
//! - [`schema`]: the tables and their versions.
//! - [`command`]: the commands; [`statements`]: their SQL.
//! - `birth`: by which a late logout tells sessions apart.
//! - [`lane`]: a thread with a connection; groups calls, waits for locks, isolates failures.
//! - [`quick`]: reads a session on the caller's thread, unless that would have to wait.
//! - [`place`]: notices that the file was deleted or replaced.
//! - [`mod@no_wait`]: SQLite's access to files, taught not to wait; the only unsafe code here.
//! - [`error`]: the errors, without a session's content.
//! - `binding`: the only module that touches Node.
//!
//! Times of day come from the caller with every call, so a session's expiry follows one clock.
//! Content is kept as given: a reader of the file reads the sessions. The file is created for its owner only.

// `#[napi]` registers nothing in a unit test, which would leave it unused
#[cfg(not(test))]
mod binding;
mod birth;
pub mod command;
pub mod error;
pub mod file;
pub mod lane;
#[cfg_attr(not(all(target_os = "linux", target_pointer_width = "64")), path = "no_wait_elsewhere.rs")]
pub mod no_wait;
pub mod place;
pub mod quick;
pub mod schema;
pub mod statements;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rusqlite::TransactionBehavior;

use command::Answer;
use error::StoreError;
use lane::{Call, Completion, Lane, Settings};
use place::Place;
use quick::QuickReader;

/// The options of [`Store::open`].
#[derive(Debug, Clone)]
pub struct Options {
    /// The database file. Made, readable by its owner only, where there is none.
    pub path: PathBuf,
    /// True if a commit waits for the disk, false if it waits for the operating system only.
    pub synchronous_full: bool,
    /// The longest time that a call waits for another process's lock, time in the queue included.
    pub busy_timeout: Duration,
    /// The largest size of the file, its log not counted.
    pub max_file_bytes: Option<u64>,
    /// The length of each lane's queue.
    pub queue_limit: usize,
}

/// Takes the answers of one transaction. Called on a lane's thread.
pub type Sink = Arc<dyn Fn(Vec<Completion>) + Send + Sync>;

/// An open file: a lane that writes, one that reads single sessions and one for the queries that take long. Before the
/// second comes, where that is possible, a connection that reads on the caller's thread.
pub struct Store {
    writer: Lane,
    reader: Lane,
    scanner: Lane,
    quick: Option<QuickReader>,
    sink: Sink,
    busy_timeout: Duration,
    abandon: Arc<AtomicBool>,
}

impl Store {
    /// Opens the file and starts the lanes. Blocks; the file is refused here if it cannot be used.
    pub fn open(options: Options, sink: Sink) -> Result<Self, StoreError> {
        // made before it is opened, so that there is a file to remember
        file::create_private(&options.path)?;
        let before = place::identity(&options.path);
        let writing = file::open(&options)?;
        let place = Arc::new(Place::of(&options.path, before.map_err(|_| StoreError::Moved)?)?);
        let reading = || file::open_for_reading(&options.path);
        let Options { busy_timeout, queue_limit, .. } = options;
        let abandon = Arc::new(AtomicBool::new(false));
        let start = |name, connection, behavior| {
            let settings = Settings {
                name,
                behavior,
                queue_limit,
                abandon: Arc::clone(&abandon),
                place: Arc::clone(&place),
            };
            Lane::start(settings, connection, Arc::clone(&sink))
        };
        let store = Self {
            writer: start("session-writer", writing, TransactionBehavior::Immediate)?,
            reader: start("session-reader", reading()?, TransactionBehavior::Deferred)?,
            scanner: start("session-scanner", reading()?, TransactionBehavior::Deferred)?,
            quick: QuickReader::open(&options.path, Arc::clone(&place)),
            sink: Arc::clone(&sink),
            busy_timeout,
            abandon: Arc::clone(&abandon),
        };
        // all of them have opened the same file
        place.look()?;
        Ok(store)
    }

    /// The texts of several sessions, each as of a commit of its own, without ever waiting. `None` for a session that cannot be
    /// read so now, or on this system: then [`Store::submit`] a [`command::Command::Get`].
    pub fn get_now(&self, keys: &[&str], now_ms: i64) -> Vec<Option<Option<String>>> {
        self.quick.as_ref().map_or_else(|| vec![None; keys.len()], |quick| quick.get_all(keys, now_ms))
    }

    /// Queues a call; its answer reaches the sink under `id`. Fails at once where the queue is full.
    pub fn submit(&self, id: u32, now_ms: i64, command: command::Command) -> Result<(), StoreError> {
        let lane = match command.kind() {
            command::Kind::Write => &self.writer,
            command::Kind::Read => &self.reader,
            command::Kind::Scan => &self.scanner,
        };
        lane.submit(Call::new(id, now_ms, self.busy_timeout, command))
    }

    /// Finishes what is queued, then closes the file. Blocks.
    pub fn close(self) {
        // before the writer, whose end is the file's
        drop(self.quick);
        let lanes = [self.reader, self.scanner, self.writer];
        lanes.into_iter().map(Lane::finish).for_each(lane::Ending::wait);
    }

    /// As [`Store::close`] on a thread of its own, which then answers under `id`.
    pub fn close_aside(self, id: u32) -> Result<(), StoreError> {
        let close = move || {
            let sink = Arc::clone(&self.sink);
            self.close();
            sink(vec![(id, Ok(Answer::Done))]);
        };
        let thread = thread::Builder::new().name("session-closer".to_owned()).spawn(close);
        thread.map(drop).map_err(|_| StoreError::Failed(0))
    }

    /// As [`Store::close`], but does not wait for another process's lock: for a process that is ending.
    pub fn close_now(self) {
        self.abandon.store(true, Ordering::Relaxed);
        self.close();
    }
}
