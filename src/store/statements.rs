//! The SQL of the commands.

#![forbid(unsafe_code)]
#![allow(missing_docs, reason = "command.rs documents what each command does")]

use rusqlite::Connection;

// Parameters by number: a lookup by name would cost a tenth of a read.
pub const GET: &str = "SELECT json FROM sessions WHERE key = ?1 AND expires_at > ?2";

// Most writes prolong a session of the same user. No index has a column that changes here.
pub const REWRITE: &str = "UPDATE sessions SET json = :json, updated_at = :now, expires_at = :expires_at
    WHERE key = :key AND expires_at > :now AND user IS :user AND sweep_at <= :expires_at";

// An expired row belongs to another session, so the new one takes nothing from it.
pub const SET: &str = "INSERT INTO sessions (key, json, user, created_at, updated_at, expires_at, sweep_at)
    VALUES (:key, :json, :user, :now, :now, :expires_at, :expires_at)
    ON CONFLICT (key) DO UPDATE SET json = excluded.json, user = excluded.user,
        created_at = iif(expires_at > :now, created_at, excluded.created_at), updated_at = excluded.updated_at,
        expires_at = excluded.expires_at, sweep_at = excluded.sweep_at";

pub const REWRITE_EXPECTED: &str = "UPDATE sessions SET json = :json, updated_at = :now, expires_at = :expires_at
    WHERE key = :key AND expires_at > :now AND user IS :user AND sweep_at <= :expires_at AND json = :expected";

// Replaces a tombstone too, if that is expected: what follows it is another session.
pub const SET_EXPECTED: &str = "UPDATE sessions SET json = :json, user = :user,
        created_at = iif(expires_at > :now, created_at, :now), updated_at = :now,
        expires_at = :expires_at, sweep_at = :expires_at
    WHERE key = :key AND (expires_at > :now OR expires_at < -:now) AND json = :expected";

pub const CREATE: &str =
    "INSERT INTO sessions (key, json, user, created_at, updated_at, expires_at, sweep_at)
    VALUES (:key, :json, :user, :now, :now, :expires_at, :expires_at)
    ON CONFLICT (key) DO UPDATE SET json = excluded.json, user = excluded.user,
        created_at = excluded.created_at, updated_at = excluded.updated_at,
        expires_at = excluded.expires_at, sweep_at = excluded.sweep_at
        WHERE expires_at <= :now AND expires_at >= -:now";

pub const TOMBSTONE: &str = "SELECT json FROM sessions WHERE key = ?1 AND expires_at < -?2";

pub const BURY: &str = "UPDATE sessions SET json = :json, user = NULL, updated_at = :now,
    expires_at = :expires_at, sweep_at = :expires_at WHERE key = :key AND expires_at > :now";

pub const DESTROY_USER_EXPIRED: &str = "DELETE FROM sessions WHERE user = :user AND expires_at <= :now";

// A hashed key ends with the hash, behind the session's prefix. With NULL for both nothing is spared.
pub const DESTROY_USER: &str = "UPDATE sessions SET json = :json, user = NULL, updated_at = :now,
    expires_at = :expires_at, sweep_at = :expires_at WHERE user = :user
        AND key IS NOT :spared_key AND coalesce(substr(key, -length(:spared_hash)), '') IS NOT :spared_hash";

pub const LIST: &str = "SELECT json_group_array(json_object('key', key, 'text', json,
        'createdAt', created_at, 'updatedAt', updated_at, 'expiresAt', expires_at))
    FROM (SELECT * FROM sessions WHERE user = :user AND expires_at > :now
        ORDER BY updated_at DESC, id DESC LIMIT :limit)";

// A row that is not due is alive; the index alone gives their number.
pub const COUNT: &str = "SELECT (SELECT count(*) FROM sessions WHERE sweep_at > :now)
    + (SELECT count(*) FROM sessions WHERE sweep_at <= :now AND expires_at > :now)";

// A tombstone is due when its time, which is negative here, has passed.
pub const DUE: &str = "SELECT id, expires_at FROM sessions WHERE sweep_at BETWEEN -:now AND :now
    ORDER BY sweep_at LIMIT :limit";

pub const DELETE_ROW: &str = "DELETE FROM sessions WHERE id = :id";

pub const POSTPONE_ROW: &str = "UPDATE sessions SET sweep_at = expires_at WHERE id = :id";

/// Every statement there is.
pub const STATEMENTS: [&str; 15] = [
    GET,
    REWRITE,
    SET,
    REWRITE_EXPECTED,
    SET_EXPECTED,
    CREATE,
    TOMBSTONE,
    BURY,
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
