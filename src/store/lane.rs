//! A lane: a thread with a connection of its own and a bounded queue.
//!
//! All queued calls share one transaction: the more calls wait, the less each costs. They are answered together, after
//! the commit. A call that fails does not fail the others. A call that cannot get another process's lock by its
//! deadline has changed nothing.

#![forbid(unsafe_code)]

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::hooks::Wal;
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::mpsc::{self, error::TrySendError};

use super::command::{Answer, Command};
use super::error::StoreError;
use super::place::Place;
use super::Sink;

/// The most calls in one transaction: enough that the commit costs little for each, few enough that the first does not
/// wait long.
const BATCH_LIMIT: usize = 256;
/// Pauses between tries for a lock that another process holds.
const SHORTEST_PAUSE: Duration = Duration::from_micros(100);
const LONGEST_PAUSE: Duration = Duration::from_millis(10);
/// From this many pages on, the log is written back into the file.
const CHECKPOINT_PAGES: i32 = 4000;
/// From this many pages on, the lane waits for readers of other processes, so that the log can restart.
const RESTART_PAGES: i32 = 16_000;
/// The longest such wait.
const RESTART_WAIT: Duration = Duration::from_millis(100);
/// The pause after a wait in vain. Without it, a reader that stays would delay each commit.
const RESTART_PAUSE: Duration = Duration::from_secs(10);

/// One call and its deadline.
pub struct Call {
    id: u32,
    now_ms: i64,
    deadline: Instant,
    command: Command,
}

impl Call {
    /// `now_ms` is the caller's time of day; `busy_timeout` counts from now.
    pub fn new(id: u32, now_ms: i64, busy_timeout: Duration, command: Command) -> Self {
        Self { id, now_ms, deadline: Instant::now() + busy_timeout, command }
    }
}

/// A call's answer, under the call's id.
pub type Completion = (u32, Result<Answer, StoreError>);

/// The settings of a lane.
pub struct Settings {
    /// The thread's name.
    pub name: &'static str,
    /// Whether a transaction takes the write lock at its beginning.
    pub behavior: TransactionBehavior,
    /// The length of the queue.
    pub queue_limit: usize,
    /// True once the lane must not wait any more.
    pub abandon: Arc<AtomicBool>,
    /// Where the file has to be.
    pub place: Arc<Place>,
}

/// The handle of a running lane.
pub struct Lane {
    queue: mpsc::Sender<Call>,
    thread: JoinHandle<()>,
}

/// A lane that takes no more calls.
pub struct Ending(JoinHandle<()>);

impl Lane {
    /// Starts the thread.
    pub fn start(settings: Settings, connection: Connection, sink: Sink) -> Result<Self, StoreError> {
        let (queue, calls) = mpsc::channel(settings.queue_limit);
        let name = settings.name.to_owned();
        let worker = Worker::new(settings, connection, sink)?;
        let thread = thread::Builder::new()
            .name(name)
            .spawn(move || worker.serve(calls))
            .map_err(|_| StoreError::Failed(0))?;
        Ok(Self { queue, thread })
    }

    /// Queues a call, or says at once that there is no room.
    pub fn submit(&self, call: Call) -> Result<(), StoreError> {
        self.queue.try_send(call).map_err(|refused| match refused {
            TrySendError::Full(_) => StoreError::Overloaded,
            TrySendError::Closed(_) => StoreError::Closed,
        })
    }

    /// Takes no more calls; those that are queued are still answered.
    pub fn finish(self) -> Ending {
        Ending(self.thread)
    }
}

impl Ending {
    /// Blocks until the last call is answered and the connection closed.
    pub fn wait(self) {
        // a panic was answered in its place; there is nothing left to do for one here
        let _ = self.0.join();
    }
}

struct Worker {
    connection: Connection,
    behavior: TransactionBehavior,
    abandon: Arc<AtomicBool>,
    place: Arc<Place>,
    sink: Sink,
    log_pages: Arc<AtomicI32>,
    next_restart: Instant,
}

impl Worker {
    fn new(settings: Settings, mut connection: Connection, sink: Sink) -> rusqlite::Result<Self> {
        let log_pages = Arc::new(AtomicI32::new(0));
        let counted = Arc::clone(&log_pages);
        connection.wal_hook(Some(move |_: &mut Wal, pages| {
            counted.store(pages, Ordering::Relaxed);
            Ok(())
        }))?;
        let Settings { behavior, abandon, place, .. } = settings;
        Ok(Self { connection, behavior, abandon, place, sink, log_pages, next_restart: Instant::now() })
    }

    fn serve(mut self, mut calls: mpsc::Receiver<Call>) {
        let mut batch = Vec::with_capacity(BATCH_LIMIT);
        while calls.blocking_recv_many(&mut batch, BATCH_LIMIT) > 0 {
            self.answer(&mut batch);
            self.write_back();
        }
        if self.place.look().is_err() {
            // the last to close a file writes its log back and deletes it, but at these paths is somebody else's
            let _ = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        }
    }

    /// Answers every call of the batch and leaves it empty.
    fn answer(&mut self, batch: &mut Vec<Call>) {
        let Err(refused) = self.settle(batch) else {
            return;
        };
        if let [call] = batch.as_slice() {
            self.deliver([(call.id, Err(refused))]);
            return batch.clear();
        }
        for call in std::mem::take(batch) {
            let id = call.id;
            if let Err(refused) = self.settle(&mut vec![call]) {
                self.deliver([(id, Err(refused))]);
            }
        }
    }

    /// Runs the batch in one transaction, waiting for locks, and answers it. An error leaves the calls unanswered
    /// which were not overdue.
    fn settle(&mut self, batch: &mut Vec<Call>) -> Result<(), StoreError> {
        let mut pause = SHORTEST_PAUSE;
        while !batch.is_empty() {
            match self.attempt(batch) {
                Ok(answers) => {
                    self.deliver(batch.drain(..).zip(answers).map(|(call, answer)| (call.id, Ok(answer))));
                }
                Err(StoreError::Busy) => {
                    self.give_up_overdue(batch);
                    thread::sleep(pause);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Err(refused) => return Err(refused),
            }
        }
        Ok(())
    }

    fn give_up_overdue(&self, batch: &mut Vec<Call>) {
        let now = Instant::now();
        let abandon = self.abandon.load(Ordering::Relaxed);
        let overdue = batch.extract_if(.., |call| abandon || call.deadline <= now);
        let failed: Vec<_> = overdue.map(|call| (call.id, Err(StoreError::Busy))).collect();
        self.deliver(failed);
    }

    /// Runs all calls or none, and returns their answers in order. If the file has moved there are none, whatever was done.
    fn attempt(&mut self, batch: &[Call]) -> Result<Vec<Answer>, StoreError> {
        self.place.recall()?;
        let answers = self.run(batch);
        self.place.look()?;
        answers
    }

    fn run(&mut self, batch: &[Call]) -> Result<Vec<Answer>, StoreError> {
        // the transaction is rolled back when it is dropped, also by a panic
        panic::catch_unwind(AssertUnwindSafe(|| {
            let transaction = self.connection.transaction_with_behavior(self.behavior)?;
            let answers = batch
                .iter()
                .map(|call| call.command.run(&transaction, call.now_ms))
                .collect::<Result<_, _>>()?;
            transaction.commit()?;
            Ok(answers)
        }))
        .unwrap_or(Err(StoreError::Panicked))
    }

    fn deliver(&self, completions: impl IntoIterator<Item = Completion>) {
        let completions: Vec<_> = completions.into_iter().collect();
        if !completions.is_empty() {
            (self.sink)(completions);
        }
    }

    /// Writes the log back into the file once it is long. All waiting calls have been answered before.
    fn write_back(&mut self) {
        let pages = self.log_pages.swap(0, Ordering::Relaxed);
        if pages < CHECKPOINT_PAGES || self.place.recall().is_err() {
            return;
        }
        // if it fails or another process is at it, the next commit leads here again
        let is_busy = |sql| self.connection.query_one(sql, [], |row| row.get::<_, bool>(0)).unwrap_or(true);
        if pages < RESTART_PAGES || Instant::now() < self.next_restart {
            let _ = is_busy("PRAGMA wal_checkpoint(PASSIVE)");
        } else {
            let _ = self.connection.busy_timeout(RESTART_WAIT);
            if is_busy("PRAGMA wal_checkpoint(RESTART)") {
                self.next_restart = Instant::now() + RESTART_PAUSE;
            }
            let _ = self.connection.busy_timeout(Duration::ZERO);
        }
    }
}
