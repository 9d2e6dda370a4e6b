//! For systems that do not say which pages are in memory: there, every read may have to wait.

#![forbid(unsafe_code)]

use std::ffi::CStr;

use rusqlite::Connection;

/// The name of the VFS for connections; `None` for SQLite's own.
pub fn vfs() -> Option<&'static CStr> {
    None
}

/// Runs the closure without ever waiting; `None` if that is not possible now.
pub fn hurried<R>(_run: impl FnOnce() -> R) -> Option<R> {
    None
}

/// Whether the file system says which pages are in memory.
pub fn is_possible(_connection: &Connection) -> bool {
    false
}
