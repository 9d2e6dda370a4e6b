//! Against real files: what the Node tests cannot see from outside.

mod command;
mod file;
mod lane;
mod place;
mod quick;
mod tombstone;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{mpsc, Arc};
use std::time::Duration;

use rusqlite::Connection;

use super::command::{Answer, Command, Tombstone, Write};
use super::lane::Completion;
use super::{Options, Store};

/// A folder that is gone after the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("session-store-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("a fresh folder");
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("sessions.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A connection to a file of its own.
struct OpenFile {
    connection: Connection,
    _folder: Folder,
}

impl OpenFile {
    fn new() -> Self {
        let folder = Folder::new();
        Self { connection: super::file::open(&options(&folder.file())).expect("opens"), _folder: folder }
    }

    fn run_at(&self, now_ms: i64, command: Command) -> Answer {
        command.run(&self.connection, now_ms).unwrap_or_else(|error| panic!("{error}"))
    }

    fn number(&self, sql: &str) -> i64 {
        self.connection.query_one(sql, [], |row| row.get(0)).expect("a number")
    }
}

/// A store, and its answers, a transaction at a time.
fn open_store(options: Options) -> (Store, mpsc::Receiver<Vec<Completion>>) {
    let (sender, answers) = mpsc::channel();
    let sink = Arc::new(move |completions| {
        let _ = sender.send(completions);
    });
    (Store::open(options, sink).unwrap_or_else(|error| panic!("{error}")), answers)
}

/// What a command that reads a text answered.
fn text(answer: Answer) -> Option<String> {
    match answer {
        Answer::Text(text) => text,
        _ => panic!("not a text"),
    }
}

fn options(path: &Path) -> Options {
    Options {
        path: path.to_owned(),
        synchronous_full: false,
        busy_timeout: Duration::from_secs(5),
        max_file_bytes: None,
        queue_limit: 1000,
    }
}

fn write(key: &str, json_text: &str, expires_at_ms: i64) -> Write {
    Write { key: key.into(), json_text: json_text.into(), expires_at_ms, user: None }
}

fn get(key: &str) -> Command {
    Command::Get { key: key.into() }
}

/// One that stays for 1,000 ms from `now_ms`.
fn tombstone(text: &str, now_ms: i64) -> Tombstone {
    Tombstone { text: text.into(), until_ms: now_ms + 1000 }
}

/// As an app asks for it, which has loaded nothing.
fn destroy(key: &str, now_ms: i64) -> Command {
    Command::Destroy { key: key.into(), tombstone: tombstone("t", now_ms), is_known: false, birth: None }
}
