'use strict';

/**
 * Sessions in Redis 5 or newer, on the app's own client: `app.sessionStore = new RedisStore({ client: app.redis })`.
 * docs/redis.md has the guarantees.
 *
 * Format: `prefix + key` → the session's JSON text, with its lifetime as PX. The store in the README of egg-session 3.3.0 writes
 * the same, so both can share one Redis. Behind a session that was destroyed a tombstone stays for an hour (store/tombstone.js). With
 * `userOf` there is also an index of each user's sessions (users.js).
 *
 * Redis holds keys and sessions in clear text: a reader of Redis can use the keys, unless `hashKeys` is set. A session that Redis
 * evicts, or loses in a restart or failover, is gone; a failover can also bring back a session that was just destroyed.
 */

const { checkString, misuse, optionError } = require('../../errors');
const { birthOf, recordIn } = require('../../store/revision');
const { isTombstone, tombstone, TOMBSTONE_MS } = require('../../store/tombstone');
const { checkAccess } = require('./access');
const { RedisClient } = require('./client');
const { COMPARE_AND_DESTROY, COMPARE_AND_SET, CONFLICT, DESTROY, DONE, LOOK, tellTime } = require('./scripts');
const { RedisUsers } = require('./users');
const { parseSession } = require('../server');
const { checkCommon, checkNames, lifetimeOf } = require('../options');
const { checkExcept, checkUser, userOfText } = require('../users');

/** @typedef {import('../options').MaxAge} MaxAge */
/** @typedef {import('../server').CompareAndSetResult} CompareAndSetResult */
/** @typedef {{ key: string, session: any, expiresAt: number, record?: import('../../store/record').SessionRecord }} ListedSession
 *   `expiresAt`: ms since 1970; Infinity without an end */

/**
 * @typedef {object} RedisStoreOptions
 * @property {any} client the app's client of ioredis (`app.redis`) or node-redis; the store never closes it
 * @property {string | null} [prefix] text in front of each key. Default: none, as in egg-session's README
 * @property {number | null} [timeoutMs] time limit of one command, in ms. Default 5000
 * @property {number | null} [defaultMaxAgeMs] lifetime of sessions with `maxAge: 'session'`, in ms. Default one day
 * @property {number | null} [maxPendingBytes] how much memory unanswered commands may hold. Default 64 MiB
 * @property {((session: any) => string | number | null | undefined) | null} [userOf] returns the user of a session, or nothing;
 *   needed by `list` and `destroyAll`
 */

const NAMES = ['client', 'prefix', 'timeoutMs', 'defaultMaxAgeMs', 'maxPendingBytes', 'userOf'];
/** How many sessions of a user are read or destroyed at a time. */
const BATCH = 100;
const LIST_LIMIT = 1000;
/** How often `destroyAll` looks under a key of the index where it finds no session. */
const MOST_LOOKS = 2;

/**
 * The store's contract is `CompareAndSetStore` in index.d.ts. Each method rejects with ERR_SESSION_STORE_TIMEOUT or
 * ERR_SESSION_STORE_FAILED if Redis does not answer or refuses, and with ERR_SESSION_ARGUMENT for a wrong argument.
 */
class RedisStore {
  #redis;
  #users;
  #userOfSession;
  #options;

  /**
   * @param {RedisStoreOptions} options
   * @throws {TypeError} ERR_SESSION_OPTION
   */
  constructor(options) {
    const given = checkNames(options, 'RedisStore', NAMES);
    this.#options = checkCommon(given);
    if (given.userOf != null && typeof given.userOf !== 'function') throw optionError('userOf', 'expected a function');
    this.#userOfSession = given.userOf ?? undefined;
    this.#redis = new RedisClient(given.client, this.#options);
    this.#users = new RedisUsers(this.#redis, this.#options.prefix);
  }

  /** The option, for a SessionRegistry. */
  get userOf() {
    return this.#userOfSession;
  }

  /**
   * @param {string} key
   * @param {MaxAge} [_maxAge] unused: the last write has set the session's end
   * @param {object} [_options]
   * @returns {Promise<any>} the session; undefined for an unknown or expired key
   * @throws {Error} ERR_SESSION_STORE_CORRUPT if it is not JSON
   */
  async get(key, _maxAge, _options) {
    const text = await this.getText(key);
    return text === undefined ? undefined : parseSession(text);
  }

  /**
   * @param {string} key
   * @param {object} session
   * @param {MaxAge} [maxAge] 0 or less deletes the session
   * @param {object} [_options]
   * @returns {Promise<void>}
   */
  async set(key, session, maxAge, _options) {
    await this.setText(key, JSON.stringify(session), maxAge);
  }

  /**
   * @param {string} key
   * @param {{ text?: string }} [options] `text`: as it was loaded; spares another session that has begun under the key since
   * @returns {Promise<void>} settles when the session is gone
   */
  async destroy(key, options) {
    const loaded = options && options.text;
    const args = loaded === undefined ? [tombstone()] : [tombstone(), birthOf(loaded) ?? ''];
    const text = await this.#redis.run(DESTROY, this.#keyOf(key), args);
    if (this.#userOfSession !== undefined && text != null) await this.#forgetUser(key, text);
  }

  /**
   * @param {string} key
   * @param {MaxAge} [_maxAge]
   * @param {object} [_options]
   * @returns {Promise<string | undefined>} the session's JSON text, exactly as it was written
   */
  async getText(key, _maxAge, _options) {
    const text = await this.#redis.get(this.#keyOf(key));
    return text == null || isTombstone(text) ? undefined : text;
  }

  /**
   * @param {string} key
   * @param {string} text the session's JSON, stored exactly as it is
   * @param {MaxAge} [maxAge] 0 or less deletes the session
   * @param {object} [_options]
   * @returns {Promise<void>}
   */
  async setText(key, text, maxAge, _options) {
    const redisKey = this.#keyOf(key);
    checkString('text', text);
    const lifetimeMs = lifetimeOf(maxAge, this.#options.defaultMaxAgeMs);
    if (lifetimeMs <= 0) {
      await this.destroy(key);
      return;
    }
    if (this.#userOfSession !== undefined) await this.#noteUser(key, text, lifetimeMs);
    await this.#redis.set(redisKey, text, lifetimeMs);
  }

  /**
   * Replaces `expectedText` by `text` atomically, if it is still the current text.
   *
   * @param {string} key
   * @param {string | null} expectedText as `getText` gave it; null writes only if the key is unused
   * @param {string} text
   * @param {MaxAge} [maxAge]
   * @param {object} [_options]
   * @returns {Promise<CompareAndSetResult>} 'conflict' with the current text, or 'gone', if nothing was changed
   */
  async compareAndSet(key, expectedText, text, maxAge, _options) {
    const redisKey = this.#keyOf(key);
    if (expectedText !== null) checkString('expectedText', expectedText);
    checkString('text', text);
    const wantedMs = lifetimeOf(maxAge, this.#options.defaultMaxAgeMs);
    const [next, lifetimeMs] = wantedMs > 0 ? [text, wantedMs] : [tombstone(), TOMBSTONE_MS];
    if (this.#userOfSession !== undefined) await this.#noteUser(key, next, lifetimeMs);
    const args = expectedText === null ? [next, String(lifetimeMs)] : [next, String(lifetimeMs), expectedText];
    const [status, found] = await this.#redis.run(COMPARE_AND_SET, redisKey, args);
    if (Number(status) === CONFLICT) return { status: 'conflict', text: found };
    if (Number(status) === DONE) {
      if (this.#userOfSession !== undefined && expectedText !== null && isTombstone(next)) await this.#forgetUser(key, expectedText);
      return { status: 'done' };
    }
    if (this.#userOfSession !== undefined) await this.#forgetUser(key, next);
    return { status: 'gone' };
  }

  /**
   * @param {{ user: string | number, limit?: number, withRecords?: boolean }} query `limit`: default 1000; `withRecords`: for a
   *   SessionRegistry, each with its `record`
   * @returns {Promise<ListedSession[]>} the user's sessions, latest end first. The keys open these sessions: do not show them
   * @throws {TypeError} ERR_SESSION_ARGUMENT without the option `userOf`
   */
  async list({ user, limit = LIST_LIMIT, withRecords }) {
    const name = checkUser('RedisStore', this.#userOfSession, user);
    if (!Number.isInteger(limit) || limit < 0) throw misuse('ERR_SESSION_ARGUMENT', 'Expected a count for limit');
    /** @type {ListedSession[]} */
    const sessions = [];
    const keys = await this.#users.list(name);
    for (let i = 0; i < keys.length && sessions.length < limit; i += BATCH) {
      for (const found of await Promise.all(keys.slice(i, i + BATCH).map(key => this.#look(name, key, withRecords)))) {
        if (found !== undefined) sessions.push(found);
      }
    }
    return sessions.sort((a, b) => b.expiresAt - a.expiresAt).slice(0, limit);
  }

  /**
   * Destroys all sessions of a user ("log me out everywhere"), or all but one, also one that `regenerate()` moves at the same time.
   *
   * @param {{ user: string | number, except?: string | null }} query `except`: the external key of a session that stays
   * @returns {Promise<number>} how many sessions were destroyed
   * @throws {TypeError} ERR_SESSION_ARGUMENT without the option `userOf`
   */
  async destroyAll({ user, except }) {
    const name = checkUser('RedisStore', this.#userOfSession, user);
    const spared = checkExcept(except);
    const isSpared = (/** @type {string} */ key) => spared !== undefined && (key === spared.key || key.endsWith(spared.hash));
    let destroyed = 0;
    /** @type {Map<string, number>} by key: how often no session was found there; MOST_LOOKS if one was */
    const looks = new Map();
    for (;;) {
      // If there is no session under a key, `regenerate()` may have moved it. The index has its new key by then, so the next
      // round finds it.
      const keys = (await this.#users.list(name)).filter(key => (looks.get(key) ?? 0) < MOST_LOOKS && !isSpared(key));
      if (keys.length === 0) return destroyed;
      for (let i = 0; i < keys.length; i += BATCH) {
        await Promise.all(keys.slice(i, i + BATCH).map(async key => {
          const isDestroyed = await this.#destroyIfOf(name, key);
          looks.set(key, isDestroyed === undefined ? (looks.get(key) ?? 0) + 1 : MOST_LOOKS);
          if (isDestroyed) destroyed++;
        }));
      }
    }
  }

  /**
   * Tries out whether Redis lets its user do what this store needs. It changes nothing and takes one round trip.
   *
   * @param {string | null} [keyPrefix] what the sessions' keys begin with; null if nobody can tell
   * @returns {Promise<void>}
   * @throws {Error} ERR_SESSION_STORE_FORBIDDEN, with the names of commands as `commands`
   */
  async checkAccess(keyPrefix = '') {
    await checkAccess(this.#redis, { prefix: this.#options.prefix, hasUsers: this.#userOfSession !== undefined }, keyPrefix);
  }

  /** @param {string} key any; in a cluster it tells which server is asked @returns {Promise<number>} the time of Redis, in ms since 1970 */
  async serverTimeMs(key) {
    return tellTime(this.#redis, this.#keyOf(key));
  }

  /**
   * @param {string} user @param {string} key
   * @returns {Promise<boolean | undefined>} true: destroyed; false: another user's session, left alone; undefined: no session
   */
  async #destroyIfOf(user, key) {
    let text = await this.getText(key);
    while (text !== undefined && !isTombstone(text)) {
      if (this.#userOf(text) !== user) return false;
      const [status, found] = await this.#redis.run(COMPARE_AND_DESTROY, this.#keyOf(key), [tombstone(), text]);
      if (Number(status) === DONE) {
        await this.#users.remove(user, key, birthOf(text));
        return true;
      }
      text = found ?? undefined;
    }
    // The index keeps the key until its recorded end, because the session's first write may still be on its way.
    return undefined;
  }

  /**
   * @param {string} user @param {string} key @param {boolean} [withRecord]
   * @returns {Promise<ListedSession | undefined>} undefined unless it is the user's
   */
  async #look(user, key, withRecord) {
    const [text, ttlMs] = await this.#redis.run(LOOK, this.#keyOf(key), []);
    if (text === null || text === undefined) return undefined;
    const session = parseSession(text);
    if (this.#userOf(text, session) !== user) return undefined;
    const leftMs = Number(ttlMs);
    return { key, session, expiresAt: leftMs < 0 ? Infinity : Date.now() + leftMs, ...withRecord && { record: recordIn(text) } };
  }

  /**
   * Adds the session to its user's index. This happens before the session is written. In the other order, `destroyAll` could miss
   * a session that is written but not yet in the index.
   *
   * @param {string} key @param {string} text @param {number} lifetimeMs
   */
  async #noteUser(key, text, lifetimeMs) {
    const user = this.#userOf(text);
    if (user !== undefined) await this.#users.add(user, key, birthOf(text), lifetimeMs);
  }

  /** @param {string} key of a session that is gone @param {string} text */
  async #forgetUser(key, text) {
    try {
      const user = this.#userOf(text);
      if (user !== undefined) await this.#users.remove(user, key, birthOf(text));
    } catch {
      // The session is gone already. An entry that stays in the index only takes up room until its recorded end.
    }
  }

  /** @param {string} text @param {any} [session] `text`, parsed, if the caller has it @returns {string | undefined} */
  #userOf(text, session) {
    return userOfText(this.#userOfSession, text, session);
  }

  /** @param {string} key */
  #keyOf(key) {
    checkString('key', key);
    return this.#options.prefix + key;
  }
}

module.exports = { RedisStore };
