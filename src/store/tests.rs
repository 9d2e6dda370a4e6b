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
use std::time::Duration;

use super::command::{Command, Tombstone, Write};
use super::Options;

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
