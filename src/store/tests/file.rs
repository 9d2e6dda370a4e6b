use std::fs;
use std::thread;
use std::time::Duration;

use rusqlite::Connection;

use super::{options, Folder};
use crate::store::error::StoreError;
use crate::store::{file, schema};

fn number(connection: &Connection, sql: &str) -> i64 {
    connection.query_one(sql, [], |row| row.get(0)).expect("a number")
}

fn make_with(folder: &Folder, sql: &str) -> Connection {
    let connection = Connection::open(folder.file()).expect("opens");
    connection.execute_batch(sql).expect("runs");
    connection
}

#[test]
fn a_new_file_is_marked_as_ours_and_read_by_its_owner_only() {
    let folder = Folder::new();
    let connection = file::open(&options(&folder.file())).expect("opens");
    assert_eq!(number(&connection, "PRAGMA application_id"), schema::APPLICATION_ID);
    assert_eq!(number(&connection, "PRAGMA user_version"), schema::VERSION);
    #[cfg(unix)]
    for entry in fs::read_dir(&folder.0).expect("the folder") {
        let entry = entry.expect("a file");
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&entry.metadata().expect("its rights").permissions());
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.file_name());
    }
}

#[test]
fn the_two_settings_of_synchronous_reach_sqlite() {
    let folder = Folder::new();
    for (synchronous_full, level) in [(false, 1), (true, 2)] {
        let connection = file::open(&crate::store::Options { synchronous_full, ..options(&folder.file()) })
            .expect("opens");
        assert_eq!(number(&connection, "PRAGMA synchronous"), level);
    }
}

#[test]
fn somebody_elses_database_is_refused_and_left_as_it_was() {
    for sql in [
        "CREATE TABLE sessions (key, json)",
        "PRAGMA application_id = 7",
        "PRAGMA user_version = 1",
        "PRAGMA application_id = 1164399475",
        "PRAGMA application_id = 1164399475; PRAGMA user_version = -1",
    ] {
        let folder = Folder::new();
        drop(make_with(&folder, sql));
        let before = fs::read(folder.file()).expect("the file");
        assert_eq!(file::open(&options(&folder.file())).err(), Some(StoreError::Foreign), "{sql}");
        assert_eq!(fs::read(folder.file()).expect("the file"), before, "{sql}");
        assert_eq!(fs::read_dir(&folder.0).expect("the folder").count(), 1, "{sql}");
    }
}

#[test]
fn a_file_of_a_later_version_is_refused() {
    let folder = Folder::new();
    drop(file::open(&options(&folder.file())).expect("opens"));
    drop(make_with(&folder, "PRAGMA user_version = 2"));
    assert_eq!(file::open(&options(&folder.file())).err(), Some(StoreError::Newer { found: 2 }));
}

#[test]
fn a_file_of_ours_without_its_tables_is_refused() {
    for sql in ["DROP TABLE sessions", "ALTER TABLE sessions DROP COLUMN updated_at"] {
        let folder = Folder::new();
        drop(file::open(&options(&folder.file())).expect("opens"));
        drop(make_with(&folder, sql));
        assert_eq!(file::open(&options(&folder.file())).err(), Some(StoreError::Corrupt), "{sql}");
    }
}

#[test]
fn processes_that_start_together_make_the_file_once() {
    // none of them may see it half made, which one time in hundreds does not show
    for _ in 0..25 {
        let folder = Folder::new();
        let connections: Vec<_> = thread::scope(|scope| {
            let starts: Vec<_> =
                (0..8).map(|_| scope.spawn(|| file::open(&options(&folder.file())))).collect();
            starts.into_iter().map(|start| start.join().expect("no panic").expect("opens")).collect()
        });
        assert_eq!(connections.len(), 8);
    }
}

#[test]
fn a_file_that_stays_locked_is_not_waited_for_longer_than_said() {
    let folder = Folder::new();
    let other = make_with(&folder, "BEGIN EXCLUSIVE");
    let options =
        crate::store::Options { busy_timeout: Duration::from_millis(100), ..options(&folder.file()) };
    assert_eq!(file::open(&options).err(), Some(StoreError::Busy));
    other.execute_batch("COMMIT").expect("ends");
    assert!(file::open(&options).is_ok());
}
