//! Whether the files of the database are still at their paths. A process that starts later opens what is there by then, so
//! a write into a file that was deleted or replaced is lost to it.
//!
//! An answer counts only after a look that follows its commit. A look is three calls of `stat`, together a microsecond; the
//! system keeps the names of open files in memory, so a look does not wait for the disk. What has moved once stays moved:
//! nobody can tell which sessions were written meanwhile.
//!
//! Does not see that a file's content was overwritten in place, as `cp` does.

#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::error::StoreError;

/// Tells files apart, whatever their names: device and number. `None` where a file in use cannot be deleted or replaced.
pub type Identity = Option<(u64, u64)>;

/// The file at a path, symbolic links followed.
#[cfg(unix)]
pub fn identity(path: &Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::metadata(path)?;
    Ok(Some((metadata.dev(), metadata.ino())))
}

/// The file at a path.
#[cfg(not(unix))]
pub fn identity(_path: &Path) -> io::Result<Identity> {
    Ok(None)
}

/// The paths of an open database, its log and its log's index, and the files that were there when it was opened.
pub struct Place {
    files: [(PathBuf, Identity); 3],
    has_moved: AtomicBool,
}

impl Place {
    /// `database`: what was at `path` before it was opened. `path` has been opened, so its log exists as well.
    pub fn of(path: &Path, database: Identity) -> Result<Self, StoreError> {
        // SQLite puts the log beside the file itself, and not beside a symbolic link
        let real = fs::canonicalize(path).map_err(|_| StoreError::Moved)?;
        let beside = |suffix: &str| {
            let mut name = OsString::from(&real);
            name.push(suffix);
            let file = PathBuf::from(name);
            identity(&file).map(|identity| (file, identity)).map_err(|_| StoreError::Moved)
        };
        let files = [(path.to_owned(), database), beside("-wal")?, beside("-shm")?];
        let place = Self { files, has_moved: AtomicBool::new(false) };
        place.look()?;
        Ok(place)
    }

    /// Fails if a look found another file, or none. Costs nothing.
    pub fn recall(&self) -> Result<(), StoreError> {
        if self.has_moved.load(Ordering::Relaxed) {
            return Err(StoreError::Moved);
        }
        Ok(())
    }

    /// Looks, and fails from then on if there is another file, or none.
    pub fn look(&self) -> Result<(), StoreError> {
        self.recall()?;
        let is_there = |(path, expected): &(PathBuf, Identity)| match identity(path) {
            Ok(found) => found == *expected,
            // without the right to look, nothing is known
            Err(error) => !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory),
        };
        if !self.files.iter().all(is_there) {
            self.has_moved.store(true, Ordering::Relaxed);
        }
        self.recall()
    }
}
