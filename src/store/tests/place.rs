#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::{destroy, get, open_store, options, write, Folder};
use crate::store::command::{Answer, Command};
use crate::store::error::StoreError;
use crate::store::lane::Completion;
use crate::store::Store;

const LATER: i64 = 1_000;
const NOW: i64 = 1;

struct Fixture {
    store: Store,
    answers: mpsc::Receiver<Vec<Completion>>,
}

impl Fixture {
    fn new(path: &Path) -> Self {
        let (store, answers) = open_store(options(path));
        Self { store, answers }
    }

    fn ask(&self, command: Command) -> Result<Answer, StoreError> {
        self.store.submit(0, NOW, command).expect("there is room");
        self.answers.recv_timeout(Duration::from_secs(20)).expect("an answer").remove(0).1
    }

    fn set(&self, json_text: &str) -> Result<Answer, StoreError> {
        self.ask(Command::Set(write("key", json_text, LATER)))
    }

    fn assert_refuses_everything(&self, how: &str) {
        for command in [
            Command::Set(write("key", "{}", LATER)),
            Command::CompareAndSet { expected: None, write: write("other", "{}", LATER) },
            destroy("key", 1),
            Command::Sweep { limit: 1 },
            get("key"),
            Command::Count,
        ] {
            assert!(self.ask(command) == Err(StoreError::Moved), "{how}");
        }
        assert_eq!(self.store.get_now(&["key"], NOW), [None], "{how}");
    }
}

/// The path of a file in a folder of its own, which a test may remove as well.
fn file_in_a_folder() -> (Folder, PathBuf) {
    let folder = Folder::new();
    let sub = folder.0.join("sub");
    fs::create_dir(&sub).expect("a folder");
    (folder, sub.join("sessions.db"))
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    format!("{}{suffix}", path.display()).into()
}

type Fault = fn(&Path);

const FAULTS: [(&str, Fault); 9] = [
    ("deleted", |path| fs::remove_file(path).expect("removes")),
    ("renamed", |path| fs::rename(path, beside(path, ".old")).expect("renames")),
    ("replaced", |path| {
        fs::copy(path, beside(path, ".copy")).expect("copies");
        fs::rename(beside(path, ".copy"), path).expect("renames");
    }),
    ("without its folder", |path| {
        let folder = path.parent().expect("a folder");
        fs::rename(folder, folder.with_extension("old")).expect("renames");
        fs::remove_dir_all(folder.with_extension("old")).expect("removes");
    }),
    ("below a file", |path| {
        let folder = path.parent().expect("a folder");
        fs::remove_dir_all(folder).expect("removes");
        fs::write(folder, "").expect("writes");
    }),
    ("in a folder that was replaced", |path| {
        let folder = path.parent().expect("a folder");
        fs::rename(folder, folder.with_extension("old")).expect("renames");
        fs::create_dir(folder).expect("makes");
        for suffix in ["", "-wal", "-shm"] {
            let name = beside(path, suffix);
            fs::copy(folder.with_extension("old").join(name.file_name().expect("a name")), name)
                .expect("copies");
        }
    }),
    ("all three deleted", |path| {
        for suffix in ["", "-wal", "-shm"] {
            fs::remove_file(beside(path, suffix)).expect("removes");
        }
    }),
    ("without its log", |path| fs::remove_file(beside(path, "-wal")).expect("removes")),
    ("without its log's index", |path| fs::remove_file(beside(path, "-shm")).expect("removes")),
];

#[test]
fn nothing_is_acknowledged_once_the_file_has_moved() {
    for (how, fault) in FAULTS {
        let (_folder, path) = file_in_a_folder();
        let fixture = Fixture::new(&path);
        assert!(fixture.set("{}") == Ok(Answer::Done), "{how}");
        fault(&path);
        assert!(fixture.set("{}") == Err(StoreError::Moved), "{how}");
        fixture.assert_refuses_everything(how);
    }
}

#[test]
fn a_reader_notices_by_itself() {
    for (how, fault) in FAULTS {
        let (_folder, path) = file_in_a_folder();
        let fixture = Fixture::new(&path);
        assert!(fixture.set("{}") == Ok(Answer::Done), "{how}");
        let _ = fixture.store.get_now(&["key"], NOW);
        fault(&path);
        thread::sleep(Duration::from_millis(11));
        assert_eq!(fixture.store.get_now(&["key"], NOW), [None], "{how}");
        assert!(fixture.ask(get("key")) == Err(StoreError::Moved), "{how}");
        fixture.assert_refuses_everything(how);
    }
}

#[test]
fn a_file_that_comes_back_stays_refused() {
    let folder = Folder::new();
    let path = folder.file();
    let fixture = Fixture::new(&path);
    fs::rename(&path, beside(&path, ".away")).expect("renames");
    assert!(fixture.set("{}") == Err(StoreError::Moved));
    fs::rename(beside(&path, ".away"), &path).expect("renames");
    fixture.assert_refuses_everything("back again");
}

#[test]
fn a_symbolic_link_that_leads_elsewhere_has_moved() {
    let folder = Folder::new();
    for name in ["one", "two"] {
        fs::create_dir(folder.0.join(name)).expect("a folder");
    }
    let link = folder.0.join("current");
    std::os::unix::fs::symlink("one", &link).expect("links");
    let path = link.join("sessions.db");
    let fixture = Fixture::new(&path);
    assert!(fixture.set("{}") == Ok(Answer::Done));
    std::os::unix::fs::symlink("two", folder.0.join("next")).expect("links");
    fs::rename(folder.0.join("next"), &link).expect("renames");
    assert!(fixture.set("{}") == Err(StoreError::Moved));
}

#[test]
fn closing_leaves_alone_what_is_there_now() {
    let faults: [(&str, &[&str]); 2] =
        [("all replaced", &["", "-wal", "-shm"]), ("a new log", &["-wal", "-shm"])];
    for (how, suffixes) in faults {
        let folder = Folder::new();
        let path = folder.file();
        let fixture = Fixture::new(&path);
        assert!(fixture.set("1") == Ok(Answer::Done), "{how}");
        for suffix in suffixes {
            fs::remove_file(beside(&path, suffix)).expect("removes");
            fs::write(beside(&path, suffix), "another's").expect("writes");
        }
        fixture.store.close();
        for suffix in suffixes {
            assert_eq!(fs::read(beside(&path, suffix)).expect("is there"), b"another's", "{how} {suffix}");
        }
    }
}
