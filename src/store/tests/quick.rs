use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write as _};
use std::iter;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
use rusqlite::ffi;
use rusqlite::{Connection, OpenFlags};

use super::{destroy, get, open_store, options, write, Folder};
use crate::store::command::{Answer, Command};
use crate::store::lane::Completion;
use crate::store::{file, no_wait, Store};

const LATER: i64 = 1_000;
const NOW: i64 = 1;

struct Fixture {
    store: Store,
    answers: mpsc::Receiver<Vec<Completion>>,
    /// Whether the file system that the test runs on tells what is in memory.
    is_quick: bool,
}

impl Fixture {
    fn new(folder: &Folder) -> Self {
        let (store, answers) = open_store(options(&folder.file()));
        let probe = file::open_for_reading(&folder.file()).expect("opens");
        Self { store, answers, is_quick: no_wait::is_possible(&probe) }
    }

    fn ask(&self, command: Command) -> Answer {
        self.store.submit(0, NOW, command).expect("there is room");
        let mut answers = self.answers.recv_timeout(Duration::from_secs(20)).expect("an answer");
        answers.remove(0).1.unwrap_or_else(|error| panic!("{error}"))
    }

    fn set(&self, key: &str, json_text: &str) {
        assert!(self.ask(Command::Set(write(key, json_text, LATER))) == Answer::Done);
    }

    /// What the quick reader answers, which elsewhere than on such a file system is never anything.
    fn assert_now(&self, keys: &[&str], now_ms: i64, expected: &[Option<&str>]) {
        let ask = || self.store.get_now(keys, now_ms).into_iter().collect::<Option<Vec<_>>>();
        let answers = if self.is_quick { Some(patiently(ask)) } else { ask() };
        let expected: Vec<_> = expected.iter().map(|text| text.map(str::to_owned)).collect();
        assert_eq!(answers, self.is_quick.then_some(expected), "{keys:?} at {now_ms}");
    }
}

/// Asks again while it gives way to other tests of this process, which open and close files of their own.
fn patiently<R>(ask: impl FnMut() -> Option<R>) -> R {
    let end = Instant::now() + Duration::from_secs(20);
    iter::repeat_with(ask).take_while(|_| Instant::now() < end).flatten().next().expect("an answer")
}

/// Two threads open and close files without a pause until the closure is done.
fn while_files_are_opened<R>(folder: &Folder, run: impl FnOnce() -> R) -> R {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let others = || {
            while !is_over.load(Ordering::Relaxed) {
                drop(file::connect(&folder.file(), OpenFlags::SQLITE_OPEN_READ_ONLY).expect("opens"));
            }
        };
        scope.spawn(others);
        scope.spawn(others);
        let answer = run();
        is_over.store(true, Ordering::Relaxed);
        answer
    })
}

#[test]
fn reads_what_was_committed_last() {
    let folder = Folder::new();
    let fixture = Fixture::new(&folder);
    fixture.set("other", "{}");
    for text in ["{}", "{\"ü\":\"✓\"}", "{\"a\":1}"] {
        fixture.set("key", text);
        fixture.assert_now(&["key"], NOW, &[Some(text)]);
    }
    fixture.assert_now(&["key"], LATER - 1, &[Some("{\"a\":1}")]);
    fixture.assert_now(&["key"], LATER, &[None]);
    fixture.assert_now(&["nobody's"], NOW, &[None]);
    fixture.ask(destroy("key", NOW));
    fixture.assert_now(&["key"], NOW, &[None]);
}

#[test]
fn holds_nothing_between_reads() {
    let folder = Folder::new();
    let fixture = Fixture::new(&folder);
    fixture.set("other", "{}");
    fixture.set("key", "{}");
    fixture.assert_now(&["key"], NOW, &[Some("{}")]);
    fixture.assert_now(&["key", "other"], NOW, &[Some("{}"), Some("{}")]);
    let other = file::connect(&folder.file(), OpenFlags::SQLITE_OPEN_READ_WRITE).expect("opens");
    let is_busy: i64 =
        other.query_one("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).expect("answers");
    assert_eq!(is_busy, 0, "somebody reads still");
    fixture.assert_now(&["key"], NOW, &[Some("{}")]);
}

#[test]
fn leaves_a_damaged_index_to_the_lane() {
    let folder = Folder::new();
    let fixture = Fixture::new(&folder);
    fixture.set("other", "{}");
    fixture.set("key", "{}");
    let index = folder.file().with_extension("db-shm");
    let mut index = OpenOptions::new().write(true).open(index).expect("is there");
    index.seek(SeekFrom::Start(0)).expect("seeks");
    index.write_all(&[0; 96]).expect("writes");
    // closing it would take away the locks of the whole process
    mem::forget(index);
    assert_eq!(fixture.store.get_now(&["key", "other"], NOW), [None, None]);
    assert!(fixture.ask(get("key")) == Answer::Text(Some("{}".into())));
    fixture.assert_now(&["key"], NOW, &[Some("{}")]);
}

#[test]
fn opens_nothing_in_a_hurry() {
    let folder = Folder::new();
    let _fixture = Fixture::new(&folder);
    let open = || file::connect(&folder.file(), OpenFlags::SQLITE_OPEN_READ_ONLY).is_ok();
    assert!(open());
    if no_wait::vfs().is_some() {
        assert!(!patiently(|| no_wait::hurried(open)));
    }
    assert!(open(), "the hurry is over");
}

#[test]
fn never_writes() {
    let folder = Folder::new();
    let _fixture = Fixture::new(&folder);
    let reader: Connection = file::connect(&folder.file(), OpenFlags::SQLITE_OPEN_READ_ONLY).expect("opens");
    assert!(reader.execute("DELETE FROM sessions", []).is_err());
}

#[test]
fn is_found_possible_while_others_open_and_close_files() {
    let folder = Folder::new();
    let fixture = Fixture::new(&folder);
    let reader = file::open_for_reading(&folder.file()).expect("opens");
    let answers = while_files_are_opened(&folder, || {
        (0..2_000).map(|_| no_wait::is_possible(&reader)).collect::<Vec<_>>()
    });
    assert!(answers.iter().all(|&answer| answer == fixture.is_quick));
}

#[test]
fn gives_way_to_whoever_opens_and_closes_files() {
    let folder = Folder::new();
    let fixture = Fixture::new(&folder);
    fixture.set("other", "{}");
    fixture.set("key", "{}");
    let told = while_files_are_opened(&folder, || {
        (0..20_000).flat_map(|_| fixture.store.get_now(&["key", "other"], NOW)).flatten().collect::<Vec<_>>()
    });
    assert!(told.iter().all(|text| text.as_deref() == Some("{}")));
    fixture.assert_now(&["key"], NOW, &[Some("{}")]);
}

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
#[test]
fn a_short_read_is_the_end_of_the_file_only_without_hurry() {
    let folder = Folder::new();
    let fixture = Fixture::new(&folder);
    let reader = file::connect(&folder.file(), OpenFlags::SQLITE_OPEN_READ_ONLY).expect("opens");
    let length = std::fs::metadata(folder.file()).expect("is there").len() as i64;
    let mut bytes = [0_u8; 16];
    // the first read brings the file's last bytes into memory
    assert_eq!(no_wait::read(&reader, &mut bytes, length - 8), ffi::SQLITE_IOERR_SHORT_READ);
    let mut hurried = || patiently(|| no_wait::hurried(|| no_wait::read(&reader, &mut bytes, length - 8)));
    assert_eq!(hurried(), ffi::SQLITE_IOERR_READ);
    if fixture.is_quick {
        let whole = || patiently(|| no_wait::hurried(|| no_wait::read(&reader, &mut [0; 8], length - 8)));
        assert_eq!(whole(), ffi::SQLITE_OK);
    }
}
