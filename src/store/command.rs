//! The commands of the store, in SQL. Each command is independent; the lane decides which share a transaction.
//!
//! A session exists while `expires_at` is later than the caller's clock. Every command takes an expired row for
//! absent, whether or not the sweep has deleted it.
//!
//! A tombstone is a row whose `expires_at` and `sweep_at` are the negative of the time until which it stays. So each
//! reader takes it for absent, and only the commands that write know of it.

#![forbid(unsafe_code)]

use rusqlite::{named_params, Connection};

use super::birth::birth_in;
use super::error::StoreError;
use super::statements::{
    BURY, COUNT, CREATE, DELETE_ROW, DESTROY_USER, DESTROY_USER_EXPIRED, DUE, GET, LIST, POSTPONE_ROW,
    REWRITE, REWRITE_EXPECTED, SET, SET_EXPECTED, TOMBSTONE,
};

/// One call.
#[derive(Clone)]
pub enum Command {
    /// The session's text.
    Get {
        /// The external key.
        key: String,
    },
    /// Stores a session, in place of any other under its key.
    Set(Write),
    /// Stores a session if the stored text is still `expected`; `None`: if no session is stored.
    CompareAndSet {
        /// The text that the caller loaded.
        expected: Option<String>,
        /// The new session.
        write: Write,
    },
    /// Puts a tombstone in a session's place.
    Destroy {
        /// The external key.
        key: String,
        /// What stays under the key.
        tombstone: Tombstone,
        /// True if the caller has loaded the session: then a tombstone stays even if the session is gone.
        is_known: bool,
        /// The birth of the session that the caller has loaded: a session of another birth is spared.
        birth: Option<String>,
    },
    /// Puts tombstones in the places of all sessions of a user, and counts them.
    DestroyUser {
        /// The `user` that the sessions were written with.
        user: String,
        /// The session that is spared, if one is.
        except: Option<Spared>,
        /// What stays under the keys.
        tombstone: Tombstone,
    },
    /// The sessions of a user as a JSON array, the latest written first.
    List {
        /// The `user` that the sessions were written with.
        user: String,
        /// The number of sessions at most.
        limit: u32,
    },
    /// The number of sessions.
    Count,
    /// Deletes expired rows and counts them.
    Sweep {
        /// The number of rows to look at, at most.
        limit: u32,
    },
    /// Panics, in tests of the lane.
    #[cfg(test)]
    Panic,
}

/// What stays under the key of a session that was destroyed, so that a write of it which comes later changes nothing.
#[derive(Clone)]
pub struct Tombstone {
    /// The text, made by `lib/store/tombstone.js`; never the same twice.
    pub text: String,
    /// When it may go, in milliseconds since 1970.
    pub until_ms: i64,
}

/// A session that stays when all others of its user are destroyed.
#[derive(Clone)]
pub struct Spared {
    /// Its external key.
    pub key: String,
    /// The end of its key in a store that knows hashes only.
    pub hash: String,
}

/// A session on its way into the file.
#[derive(Clone)]
pub struct Write {
    /// The external key.
    pub key: String,
    /// The session's JSON text, kept as given.
    pub json_text: String,
    /// When it ends, in milliseconds since 1970. Negative for a tombstone.
    pub expires_at_ms: i64,
    /// The session's user, if known.
    pub user: Option<String>,
}

/// The lane of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Changes the file.
    Write,
    /// Reads one session.
    Read,
    /// Reads many.
    Scan,
}

/// The answer to a command.
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    /// Done.
    Done,
    /// The text, if there is one.
    Text(Option<String>),
    /// Another text is stored than was expected.
    Conflict(String),
    /// No session is stored, though a text was expected.
    Gone,
    /// The number of sessions that exist, or that were removed.
    Number(u64),
    /// One step of a sweep.
    Swept {
        /// The number of rows deleted.
        removed: u32,
        /// True if no row is left to look at.
        is_last: bool,
    },
}

impl Command {
    /// Its lane.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Get { .. } => Kind::Read,
            Self::List { .. } | Self::Count => Kind::Scan,
            _ => Kind::Write,
        }
    }

    /// Runs it within the transaction that is open, if one is.
    pub fn run(&self, connection: &Connection, now_ms: i64) -> Result<Answer, StoreError> {
        let execute = |sql, params: &[(&str, &dyn rusqlite::ToSql)]| -> rusqlite::Result<usize> {
            connection.prepare_cached(sql)?.execute(params)
        };
        Ok(match self {
            #[cfg(test)]
            Self::Panic => panic!("as asked"),
            Self::Get { key } => Answer::Text(get(connection, key, now_ms)?),
            Self::Set(write) => {
                set(connection, write, now_ms)?;
                Answer::Done
            }
            Self::CompareAndSet { expected, write } => {
                compare_and_set(connection, expected.as_deref(), write, now_ms)?
            }
            Self::Destroy { key, tombstone, is_known, birth } => {
                destroy(connection, key, tombstone, *is_known, birth.as_deref(), now_ms)?;
                Answer::Done
            }
            Self::DestroyUser { user, except, tombstone: Tombstone { text, until_ms } } => {
                execute(DESTROY_USER_EXPIRED, named_params! { ":user": user, ":now": now_ms })?;
                let (key, hash) = except.as_ref().map(|Spared { key, hash }| (key, hash)).unzip();
                let params = named_params! {
                    ":user": user, ":json": text, ":now": now_ms, ":expires_at": -until_ms,
                    ":spared_key": key, ":spared_hash": hash,
                };
                Answer::Number(execute(DESTROY_USER, params)? as u64)
            }
            Self::List { user, limit } => Answer::Text(Some(
                connection
                    .prepare_cached(LIST)?
                    .query_one(named_params! { ":user": user, ":now": now_ms, ":limit": limit }, |row| {
                        row.get(0)
                    })?,
            )),
            Self::Count => {
                let count: i64 = connection
                    .prepare_cached(COUNT)?
                    .query_one(named_params! { ":now": now_ms }, |row| row.get(0))?;
                Answer::Number(count as u64)
            }
            Self::Sweep { limit } => sweep(connection, *limit, now_ms)?,
        })
    }
}

/// What [`Command::Get`] answers.
pub fn get(connection: &Connection, key: &str, now_ms: i64) -> rusqlite::Result<Option<String>> {
    text(connection, GET, key, now_ms)
}

fn text(connection: &Connection, sql: &str, key: &str, now_ms: i64) -> rusqlite::Result<Option<String>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((key, now_ms))?;
    rows.next()?.map(|row| row.get(0)).transpose()
}

fn set(connection: &Connection, write: &Write, now_ms: i64) -> rusqlite::Result<()> {
    let Write { key, json_text, expires_at_ms, user } = write;
    let params = named_params! {
        ":key": key, ":json": json_text, ":user": user, ":now": now_ms, ":expires_at": expires_at_ms,
    };
    if connection.prepare_cached(REWRITE)?.execute(params)? == 0 {
        connection.prepare_cached(SET)?.execute(params)?;
    }
    Ok(())
}

fn compare_and_set(
    connection: &Connection,
    expected: Option<&str>,
    write: &Write,
    now_ms: i64,
) -> rusqlite::Result<Answer> {
    let Write { key, json_text, expires_at_ms, user } = write;
    let changed = if let Some(expected) = expected {
        let params = named_params! {
            ":key": key, ":json": json_text, ":user": user, ":now": now_ms, ":expires_at": expires_at_ms,
            ":expected": expected,
        };
        connection.prepare_cached(REWRITE_EXPECTED)?.execute(params)? == 1
            || connection.prepare_cached(SET_EXPECTED)?.execute(params)? == 1
    } else {
        connection.prepare_cached(CREATE)?.execute(named_params! {
            ":key": key, ":json": json_text, ":user": user, ":now": now_ms, ":expires_at": expires_at_ms,
        })? == 1
    };
    if changed {
        return Ok(Answer::Done);
    }
    if let Some(found) = get(connection, key, now_ms)? {
        return Ok(Answer::Conflict(found));
    }
    Ok(match (text(connection, TOMBSTONE, key, now_ms)?, expected) {
        (Some(found), None) => Answer::Conflict(found),
        // its own writer asks again
        (Some(found), Some(_)) if found == *json_text => Answer::Done,
        _ => Answer::Gone,
    })
}

fn destroy(
    connection: &Connection,
    key: &str,
    Tombstone { text, until_ms }: &Tombstone,
    is_known: bool,
    birth: Option<&str>,
    now_ms: i64,
) -> rusqlite::Result<()> {
    let found = if birth.is_some() { get(connection, key, now_ms)? } else { None };
    if let Some(found_birth) = found.as_deref().and_then(birth_in) {
        if birth != Some(found_birth) {
            return Ok(());
        }
    }
    let params = named_params! { ":key": key, ":json": text, ":now": now_ms, ":expires_at": -until_ms };
    if connection.prepare_cached(BURY)?.execute(params)? == 0 && is_known {
        connection.prepare_cached(CREATE)?.execute(named_params! {
            ":key": key, ":json": text, ":user": None::<&str>, ":now": now_ms, ":expires_at": -until_ms,
        })?;
    }
    Ok(())
}

/// A row is due at `sweep_at`. A write that prolongs its session does not change that. The sweep finds out whether the
/// session has ended, and if not, sets the next time.
fn sweep(connection: &Connection, limit: u32, now_ms: i64) -> rusqlite::Result<Answer> {
    let due = connection
        .prepare_cached(DUE)?
        .query_map(named_params! { ":now": now_ms, ":limit": limit }, |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<Vec<(i64, i64)>>>()?;
    let mut removed = 0;
    for (id, expires_at_ms) in &due {
        let has_ended = *expires_at_ms <= now_ms;
        let sql = if has_ended { DELETE_ROW } else { POSTPONE_ROW };
        connection.prepare_cached(sql)?.execute(named_params! { ":id": id })?;
        removed += u32::from(has_ended);
    }
    Ok(Answer::Swept { removed, is_last: due.len() < limit as usize })
}
