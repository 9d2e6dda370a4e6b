//! The commands of the store, in SQL. Each command is independent; the lane decides which share a transaction.
//!
//! A session exists while `expires_at` is later than the caller's clock. Every command takes an expired row for
//! absent, whether or not the sweep has deleted it.

#![forbid(unsafe_code)]

use rusqlite::{named_params, Connection};

use super::error::StoreError;

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
    /// Removes a session.
    Destroy {
        /// The external key.
        key: String,
    },
    /// Removes all sessions of a user and counts them.
    DestroyUser {
        /// The `user` that the sessions were written with.
        user: String,
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

/// A session on its way into the file.
#[derive(Clone)]
pub struct Write {
    /// The external key.
    pub key: String,
    /// The session's JSON text, kept as given.
    pub json_text: String,
    /// When it ends, in milliseconds since 1970.
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

// Parameters by number: a lookup by name would cost a tenth of a read.
const GET: &str = "SELECT json FROM sessions WHERE key = ?1 AND expires_at > ?2";

// Most writes prolong a session of the same user. No index has a column that changes here.
const REWRITE: &str = "UPDATE sessions SET json = :json, updated_at = :now, expires_at = :expires_at
    WHERE key = :key AND expires_at > :now AND user IS :user AND sweep_at <= :expires_at";

// An expired row belongs to another session, so the new one takes nothing from it.
const SET: &str = "INSERT INTO sessions (key, json, user, created_at, updated_at, expires_at, sweep_at)
    VALUES (:key, :json, :user, :now, :now, :expires_at, :expires_at)
    ON CONFLICT (key) DO UPDATE SET json = excluded.json, user = excluded.user,
        created_at = iif(expires_at > :now, created_at, excluded.created_at), updated_at = excluded.updated_at,
        expires_at = excluded.expires_at, sweep_at = excluded.sweep_at";

const REWRITE_EXPECTED: &str = "UPDATE sessions SET json = :json, updated_at = :now, expires_at = :expires_at
    WHERE key = :key AND expires_at > :now AND user IS :user AND sweep_at <= :expires_at AND json = :expected";

const SET_EXPECTED: &str = "UPDATE sessions SET json = :json, user = :user, updated_at = :now,
    expires_at = :expires_at, sweep_at = :expires_at WHERE key = :key AND expires_at > :now AND json = :expected";

const CREATE: &str = "INSERT INTO sessions (key, json, user, created_at, updated_at, expires_at, sweep_at)
    VALUES (:key, :json, :user, :now, :now, :expires_at, :expires_at)
    ON CONFLICT (key) DO UPDATE SET json = excluded.json, user = excluded.user,
        created_at = excluded.created_at, updated_at = excluded.updated_at,
        expires_at = excluded.expires_at, sweep_at = excluded.sweep_at WHERE expires_at <= :now";

const DESTROY: &str = "DELETE FROM sessions WHERE key = :key";

const DESTROY_USER_EXPIRED: &str = "DELETE FROM sessions WHERE user = :user AND expires_at <= :now";

const DESTROY_USER: &str = "DELETE FROM sessions WHERE user = :user";

const LIST: &str = "SELECT json_group_array(json_object('key', key, 'text', json,
        'createdAt', created_at, 'updatedAt', updated_at, 'expiresAt', expires_at))
    FROM (SELECT * FROM sessions WHERE user = :user AND expires_at > :now
        ORDER BY updated_at DESC, id DESC LIMIT :limit)";

// A row that is not due is alive; the index alone gives their number.
const COUNT: &str = "SELECT (SELECT count(*) FROM sessions WHERE sweep_at > :now)
    + (SELECT count(*) FROM sessions WHERE sweep_at <= :now AND expires_at > :now)";

const DUE: &str = "SELECT id, expires_at FROM sessions WHERE sweep_at <= :now ORDER BY sweep_at LIMIT :limit";

const DELETE_ROW: &str = "DELETE FROM sessions WHERE id = :id";

const POSTPONE_ROW: &str = "UPDATE sessions SET sweep_at = expires_at WHERE id = :id";

/// Every statement there is.
pub const STATEMENTS: [&str; 14] = [
    GET,
    REWRITE,
    SET,
    REWRITE_EXPECTED,
    SET_EXPECTED,
    CREATE,
    DESTROY,
    DESTROY_USER_EXPIRED,
    DESTROY_USER,
    LIST,
    COUNT,
    DUE,
    DELETE_ROW,
    POSTPONE_ROW,
];

/// Compiles every statement, which fails where the tables are not what they should be.
pub fn prepare_all(connection: &Connection) -> rusqlite::Result<()> {
    STATEMENTS.into_iter().try_for_each(|sql| connection.prepare(sql).map(drop))
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
            Self::Destroy { key } => {
                execute(DESTROY, named_params! { ":key": key })?;
                Answer::Done
            }
            Self::DestroyUser { user } => {
                execute(DESTROY_USER_EXPIRED, named_params! { ":user": user, ":now": now_ms })?;
                Answer::Number(execute(DESTROY_USER, named_params! { ":user": user })? as u64)
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
    let mut statement = connection.prepare_cached(GET)?;
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
    Ok(get(connection, key, now_ms)?.map_or(Answer::Gone, Answer::Conflict))
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
