//! SQLite's access to files on Linux, changed so that it fails where it would have to wait.
//!
//! Within [`hurried`] a read takes what is in memory (`preadv2` with `RWF_NOWAIT`) or fails, nothing is opened or looked for,
//! and SQLite does not sleep. A caller that gets an error asks again outside of it, where waiting is allowed.
//!
//! SQLite's mutexes are shared by all connections of a process, and SQLite holds them during calls that may wait for the
//! disk: when it opens or closes a file, and when the log's index grows. Such a call and a hurried one therefore never
//! run at the same time; the hurried one gives up.
//!
//! A file that was opened for reading only takes the log's index as it is: it neither repairs it nor writes to it, since
//! a write to a mapped page may wait for the disk as well.
//!
//! All this is SQLite's own VFS "unix" but for these few functions, under a name that only this store uses.

#![allow(unsafe_code, reason = "SQLite takes its access to files as C functions")]

use std::cell::Cell;
use std::ffi::{c_char, c_int, c_long, c_void, CStr};
use std::mem::transmute;
use std::sync::{OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use rusqlite::{ffi, Connection};

const NAME: &CStr = c"session";

thread_local! {
    static IS_HURRIED: Cell<bool> = const { Cell::new(false) };
}

/// Write-locked during a call that may wait while it holds one of SQLite's mutexes; read-locked during a hurried one.
static FILES: RwLock<()> = RwLock::new(());

static UNIX: OnceLock<Option<Unix>> = OnceLock::new();
static METHODS: OnceLock<Methods> = OnceLock::new();

type Open = unsafe extern "C" fn(
    *mut ffi::sqlite3_vfs,
    *const c_char,
    *mut ffi::sqlite3_file,
    c_int,
    *mut c_int,
) -> c_int;
type Access = unsafe extern "C" fn(*mut ffi::sqlite3_vfs, *const c_char, c_int, *mut c_int) -> c_int;
type Sleep = unsafe extern "C" fn(*mut ffi::sqlite3_vfs, c_int) -> c_int;
type Read = unsafe extern "C" fn(*mut ffi::sqlite3_file, *mut c_void, c_int, i64) -> c_int;
type Pread = unsafe extern "C" fn(c_int, *mut c_void, usize, i64) -> isize;
type Close = unsafe extern "C" fn(*mut ffi::sqlite3_file) -> c_int;
type MapIndex = unsafe extern "C" fn(*mut ffi::sqlite3_file, c_int, c_int, c_int, *mut *mut c_void) -> c_int;
type UnmapIndex = unsafe extern "C" fn(*mut ffi::sqlite3_file, c_int) -> c_int;

/// SQLite's own functions, which ours call.
struct Unix {
    open: Open,
    access: Access,
    sleep: Sleep,
}

/// The functions of an open database file.
struct Methods {
    close: Close,
    map_index: MapIndex,
    unmap_index: UnmapIndex,
    for_writing: ffi::sqlite3_io_methods,
    for_reading: ffi::sqlite3_io_methods,
}

/// The name of the VFS for connections; `None` for SQLite's own.
pub fn vfs() -> Option<&'static CStr> {
    UNIX.get_or_init(install).as_ref().map(|_| NAME)
}

/// Runs the closure without ever waiting; `None` if that is not possible now.
pub fn hurried<R>(run: impl FnOnce() -> R) -> Option<R> {
    FILES.try_read().ok().map(|nobody_waits| in_a_hurry(nobody_waits, run))
}

fn in_a_hurry<R>(_nobody_waits: RwLockReadGuard<'_, ()>, run: impl FnOnce() -> R) -> R {
    struct Unhurried;
    impl Drop for Unhurried {
        fn drop(&mut self) {
            IS_HURRIED.set(false);
        }
    }
    let _unhurried = Unhurried;
    IS_HURRIED.set(true);
    run()
}

/// Whether the file system says which pages are in memory. Blocks, because the answer holds for as long as the store is open:
/// another file that is opened at the same time must not decide it.
pub fn is_possible(connection: &Connection) -> bool {
    let mut start = [0; 16];
    let mut read = || read(connection, &mut start, 0) == ffi::SQLITE_OK;
    // the first read brings into memory what the second must find there
    read() && in_a_hurry(FILES.read().unwrap_or_else(PoisonError::into_inner), read)
}

/// Reads from the database file as SQLite does, without its page cache; gives SQLite's code.
pub(super) fn read(connection: &Connection, bytes: &mut [u8], offset: i64) -> c_int {
    let mut file: *mut ffi::sqlite3_file = std::ptr::null_mut();
    let Ok(count) = c_int::try_from(bytes.len()) else { return ffi::SQLITE_MISUSE };
    // SAFETY: the connection is open, and the file that it gives stays open as long. Nobody else uses either, since the
    // connection is borrowed and no other thread may have it. The buffer has as many bytes as are asked for.
    unsafe {
        ffi::sqlite3_file_control(
            connection.handle(),
            c"main".as_ptr(),
            ffi::SQLITE_FCNTL_FILE_POINTER,
            (&raw mut file).cast(),
        );
        let methods = file.as_ref().and_then(|file| file.pMethods.as_ref());
        let read: Option<Read> = methods.and_then(|methods| methods.xRead);
        read.map_or(ffi::SQLITE_MISUSE, |read| read(file, bytes.as_mut_ptr().cast(), count, offset))
    }
}

fn install() -> Option<Unix> {
    // SAFETY: SQLite gives its VFS, which lives as long as the process, as does the copy that it is handed. This runs
    // once, before the first connection of this store, and this copy of SQLite has no other users.
    unsafe {
        let unix = ffi::sqlite3_vfs_find(c"unix".as_ptr()).as_mut()?;
        let originals = Unix { open: unix.xOpen?, access: unix.xAccess?, sleep: unix.xSleep? };
        let pread = transmute::<Pread, unsafe extern "C" fn()>(pread);
        let is_replaced = unix.xSetSystemCall?(unix, c"pread".as_ptr(), Some(pread)) == ffi::SQLITE_OK;
        let vfs = Box::leak(Box::new(ffi::sqlite3_vfs {
            pNext: std::ptr::null_mut(),
            zName: NAME.as_ptr(),
            xOpen: Some(open),
            xAccess: Some(access),
            xSleep: Some(sleep),
            ..*unix
        }));
        (is_replaced && ffi::sqlite3_vfs_register(vfs, 0) == ffi::SQLITE_OK).then_some(originals)
    }
}

fn keep_apart() -> RwLockWriteGuard<'static, ()> {
    FILES.write().unwrap_or_else(PoisonError::into_inner)
}

fn unix() -> Option<&'static Unix> {
    UNIX.get()?.as_ref()
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let (Some(unix), false) = (unix(), IS_HURRIED.get()) else { return ffi::SQLITE_CANTOPEN };
    let _kept_apart = keep_apart();
    // SAFETY: SQLite's own arguments go on to its own function, and a file that was opened has methods.
    unsafe {
        let code = (unix.open)(vfs, name, file, flags, out_flags);
        if code == ffi::SQLITE_OK && flags & ffi::SQLITE_OPEN_MAIN_DB != 0 {
            let Some(methods) = methods_over((*file).pMethods) else { return code };
            let is_reader = flags & ffi::SQLITE_OPEN_READONLY != 0;
            (*file).pMethods = if is_reader { &methods.for_reading } else { &methods.for_writing };
        }
        code
    }
}

/// # Safety
///
/// `unix` is what SQLite's own VFS gave a database file: always the same.
unsafe fn methods_over(unix: *const ffi::sqlite3_io_methods) -> Option<&'static Methods> {
    // SAFETY: as the caller promises; SQLite never frees or changes it.
    let unix = unsafe { unix.as_ref() }?;
    let (close, map_index, unmap_index) = (unix.xClose?, unix.xShmMap?, unix.xShmUnmap?);
    Some(METHODS.get_or_init(|| {
        let for_writing = ffi::sqlite3_io_methods {
            xClose: Some(close_file),
            xShmMap: Some(map_index_for_writing),
            xShmUnmap: Some(unmap_index_of_file),
            ..*unix
        };
        let for_reading = ffi::sqlite3_io_methods { xShmMap: Some(map_index_for_reading), ..for_writing };
        Methods { close, map_index, unmap_index, for_writing, for_reading }
    }))
}

unsafe extern "C" fn access(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    answer: *mut c_int,
) -> c_int {
    match unix() {
        // SAFETY: SQLite's own arguments go on to its own function.
        Some(unix) if !IS_HURRIED.get() => unsafe { (unix.access)(vfs, name, flags, answer) },
        _ => ffi::SQLITE_IOERR_ACCESS,
    }
}

unsafe extern "C" fn sleep(vfs: *mut ffi::sqlite3_vfs, microseconds: c_int) -> c_int {
    match unix() {
        // SAFETY: as above.
        Some(unix) if !IS_HURRIED.get() => unsafe { (unix.sleep)(vfs, microseconds) },
        // SQLite counts its tries, so this ends soon
        _ => 0,
    }
}

unsafe extern "C" fn close_file(file: *mut ffi::sqlite3_file) -> c_int {
    let Some(methods) = METHODS.get() else { return ffi::SQLITE_INTERNAL };
    let _kept_apart = keep_apart();
    // SAFETY: as above.
    unsafe { (methods.close)(file) }
}

unsafe extern "C" fn unmap_index_of_file(file: *mut ffi::sqlite3_file, is_last: c_int) -> c_int {
    let Some(methods) = METHODS.get() else { return ffi::SQLITE_INTERNAL };
    let _kept_apart = keep_apart();
    // SAFETY: as above.
    unsafe { (methods.unmap_index)(file, is_last) }
}

unsafe extern "C" fn map_index_for_writing(
    file: *mut ffi::sqlite3_file,
    region: c_int,
    bytes: c_int,
    may_grow: c_int,
    address: *mut *mut c_void,
) -> c_int {
    let Some(methods) = METHODS.get() else { return ffi::SQLITE_INTERNAL };
    let _kept_apart = keep_apart();
    // SAFETY: as above.
    unsafe { (methods.map_index)(file, region, bytes, may_grow, address) }
}

unsafe extern "C" fn map_index_for_reading(
    file: *mut ffi::sqlite3_file,
    region: c_int,
    bytes: c_int,
    _may_grow: c_int,
    address: *mut *mut c_void,
) -> c_int {
    let Some(methods) = METHODS.get() else { return ffi::SQLITE_INTERNAL };
    let _kept_apart = (!IS_HURRIED.get()).then(keep_apart);
    // SAFETY: as above.
    match unsafe { (methods.map_index)(file, region, bytes, 0, address) } {
        // how SQLite is told that it must not write there
        ffi::SQLITE_OK => ffi::SQLITE_READONLY,
        code => code,
    }
}

/// SQLite reads every file through this.
unsafe extern "C" fn pread(file: c_int, buffer: *mut c_void, bytes: usize, offset: i64) -> isize {
    if !IS_HURRIED.get() {
        // SAFETY: SQLite's own arguments go on to what it would have called.
        return unsafe { libc::pread(file, buffer, bytes, offset) };
    }
    let part = libc::iovec { iov_base: buffer, iov_len: bytes };
    let count: c_long = 1;
    let upper_half: c_long = 0;
    // SAFETY: the kernel writes at most `bytes` bytes, and SQLite's buffer has as many. The call goes by its number, since
    // older C libraries have no function for it.
    let read = unsafe {
        libc::syscall(
            libc::SYS_preadv2,
            c_long::from(file),
            &raw const part,
            count,
            offset,
            upper_half,
            c_long::from(libc::RWF_NOWAIT),
        )
    };
    if usize::try_from(read) == Ok(bytes) {
        return read as isize;
    }
    // SAFETY: the C library gives each thread a place of its own for the number of the last error.
    unsafe { *libc::__errno_location() = libc::EAGAIN };
    -1
}
