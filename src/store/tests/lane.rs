use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::{destroy, get, open_store, options, write, Folder};
use crate::store::command::{Answer, Command};
use crate::store::error::StoreError;
use crate::store::lane::Completion;
use crate::store::{file, Options, Store};

const LATER: i64 = 1_000;
const NOW: i64 = 1;

/// A store whose answers are gathered, a transaction at a time.
struct Fixture {
    store: Store,
    answers: mpsc::Receiver<Vec<Completion>>,
}

impl Fixture {
    fn new(options: Options) -> Self {
        let (store, answers) = open_store(options);
        Self { store, answers }
    }

    fn submit(&self, id: u32, command: Command) {
        self.store.submit(id, NOW, command).expect("there is room");
    }

    fn set(&self, id: u32) {
        self.submit(id, Command::Set(write(&id.to_string(), "{}", LATER)));
    }

    fn next(&self) -> Vec<(u32, Result<Answer, StoreError>)> {
        self.answers.recv_timeout(Duration::from_secs(20)).expect("an answer")
    }

    fn gather(&self, count: usize) -> Vec<Completion> {
        let mut all = Vec::new();
        while all.len() < count {
            all.extend(self.next());
        }
        all
    }
}

fn ids(completions: &[Completion]) -> Vec<u32> {
    completions.iter().map(|(id, _)| *id).collect()
}

fn held(folder: &Folder) -> rusqlite::Connection {
    let other = rusqlite::Connection::open(folder.file()).expect("opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("locks");
    other
}

#[test]
fn what_has_queued_up_shares_a_transaction_and_is_answered_in_order() {
    let folder = Folder::new();
    let fixture = Fixture::new(options(&folder.file()));
    let other = held(&folder);
    fixture.set(0);
    thread::sleep(Duration::from_millis(50));
    (1..=200).for_each(|id| fixture.set(id));
    other.execute_batch("COMMIT").expect("unlocks");
    assert_eq!(ids(&fixture.next()), [0], "it had begun alone");
    assert_eq!(ids(&fixture.next()), (1..=200).collect::<Vec<_>>());
}

#[test]
fn a_write_is_seen_by_every_read_after_its_answer() {
    let folder = Folder::new();
    let fixture = Fixture::new(options(&folder.file()));
    for id in 0..200 {
        fixture.set(id);
        fixture.next();
        fixture.submit(id, get(&id.to_string()));
        assert!(fixture.next()[0].1 == Ok(Answer::Text(Some("{}".into()))), "{id}");
    }
}

#[test]
fn a_call_gives_up_at_its_deadline_and_has_done_nothing() {
    let folder = Folder::new();
    let busy_timeout = Duration::from_millis(200);
    let fixture = Fixture::new(Options { busy_timeout, ..options(&folder.file()) });
    let other = held(&folder);
    let start = Instant::now();
    fixture.set(1);
    assert!(fixture.next()[0].1 == Err(StoreError::Busy));
    let waited = start.elapsed();
    assert!(waited >= busy_timeout && waited < busy_timeout * 5, "{waited:?}");
    other.execute_batch("COMMIT").expect("unlocks");
    fixture.submit(2, get("1"));
    assert!(fixture.next()[0].1 == Ok(Answer::Text(None)));
    fixture.set(3);
    assert!(fixture.next()[0].1 == Ok(Answer::Done));
}

#[test]
fn a_panic_is_answered_and_takes_no_other_call_with_it() {
    let folder = Folder::new();
    let fixture = Fixture::new(options(&folder.file()));
    let other = held(&folder);
    fixture.set(0);
    fixture.submit(1, Command::Panic);
    fixture.set(2);
    other.execute_batch("COMMIT").expect("unlocks");
    let mut completions = fixture.gather(3);
    completions.sort_by_key(|(id, _)| *id);
    assert!(completions[0].1 == Ok(Answer::Done));
    assert!(completions[1].1 == Err(StoreError::Panicked));
    assert!(completions[2].1 == Ok(Answer::Done));
    fixture.submit(3, Command::Panic);
    assert!(fixture.next()[0].1 == Err(StoreError::Panicked));
    fixture.submit(4, get("2"));
    assert!(fixture.next()[0].1 == Ok(Answer::Text(Some("{}".into()))));
}

#[test]
fn a_write_that_finds_no_room_leaves_room_for_the_others() {
    let folder = Folder::new();
    let fixture = Fixture::new(Options { max_file_bytes: Some(256 * 1024), ..options(&folder.file()) });
    fixture.set(0);
    fixture.next();
    let other = held(&folder);
    fixture.set(1);
    let large = format!("\"{}\"", "x".repeat(1024 * 1024));
    fixture.submit(2, Command::Set(write("large", &large, LATER)));
    fixture.submit(3, destroy("0", NOW));
    other.execute_batch("COMMIT").expect("unlocks");
    let mut completions = fixture.gather(3);
    completions.sort_by_key(|(id, _)| *id);
    assert!(completions[0].1 == Ok(Answer::Done));
    assert!(completions[1].1 == Err(StoreError::Full));
    assert!(completions[2].1 == Ok(Answer::Done));
    fixture.submit(4, get("0"));
    assert!(fixture.next()[0].1 == Ok(Answer::Text(None)));
}

#[test]
fn a_full_queue_refuses_at_once() {
    let folder = Folder::new();
    let fixture = Fixture::new(Options { queue_limit: 3, ..options(&folder.file()) });
    let other = held(&folder);
    fixture.set(0);
    thread::sleep(Duration::from_millis(50));
    (1..=3).for_each(|id| fixture.set(id));
    let refused = fixture.store.submit(4, NOW, Command::Set(write("4", "{}", LATER)));
    assert_eq!(refused, Err(StoreError::Overloaded));
    other.execute_batch("COMMIT").expect("unlocks");
    assert_eq!(ids(&fixture.gather(4)), [0, 1, 2, 3]);
}

#[test]
fn closing_answers_what_is_queued_and_leaves_one_file() {
    let folder = Folder::new();
    let fixture = Fixture::new(options(&folder.file()));
    (0..500).for_each(|id| fixture.set(id));
    let Fixture { store, answers } = fixture;
    store.close();
    assert_eq!(answers.try_iter().flatten().filter(|(_, answer)| *answer == Ok(Answer::Done)).count(), 500);
    assert_eq!(std::fs::read_dir(&folder.0).expect("the folder").count(), 1, "the log was written back");
}

#[test]
fn closing_now_does_not_wait_for_a_lock() {
    let folder = Folder::new();
    let fixture = Fixture::new(Options { busy_timeout: Duration::from_secs(60), ..options(&folder.file()) });
    let _other = held(&folder);
    (0..3).for_each(|id| fixture.set(id));
    let start = Instant::now();
    fixture.store.close_now();
    assert!(start.elapsed() < Duration::from_secs(10));
    assert!(fixture.answers.try_iter().flatten().all(|(_, answer)| answer == Err(StoreError::Busy)));
}

#[test]
fn the_log_is_written_back_while_others_keep_reading() {
    let folder = Folder::new();
    let fixture = Fixture::new(options(&folder.file()));
    let readers: Vec<_> = (0..2).map(|_| file::open_for_reading(&folder.file()).expect("opens")).collect();
    let large = format!("\"{}\"", "x".repeat(100_000));
    for id in 0..500 {
        // each reader holds its view over the next write, in turns, so that there is always one
        let reader = &readers[id as usize % 2];
        reader.execute_batch("BEGIN; SELECT count(*) FROM sessions").expect("reads");
        fixture.submit(id, Command::Set(write("large", &large, LATER)));
        fixture.next();
        if id > 0 {
            readers[(id as usize + 1) % 2].execute_batch("COMMIT").expect("ends");
        }
    }
    let log_bytes = std::fs::metadata(folder.0.join("sessions.db-wal")).expect("a log").len();
    assert!(log_bytes < 80 * 1024 * 1024, "{log_bytes}");
}
