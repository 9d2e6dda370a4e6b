//! Where the system does not tell what it has in memory, nothing can be read without the chance of waiting.

#![forbid(unsafe_code)]

use std::ffi::CStr;

use rusqlite::Connection;

/// The name under which connections get their files; `None` for SQLite's own way.
pub fn vfs() -> Option<&'static CStr> {
    None
}

/// Runs it without ever waiting; `None` if that is not possible at the moment.
pub fn hurried<R>(_run: impl FnOnce() -> R) -> Option<R> {
    None
}

/// Whether the file system tells what it has in memory.
pub fn is_possible(_connection: &Connection) -> bool {
    false
}
