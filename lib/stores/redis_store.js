'use strict';

/**
 * Sessions in Redis, on the app's own client: `app.sessionStore = new RedisStore({ client: app.redis })`.
 * What it writes is what the store in egg-session's README writes (the key as it is, JSON text, PX), so that both can serve
 * one Redis. docs/stores.md tells what is promised.
 */

const { optionError } = require('../errors');
const { isMoved } = require('../moved');
const { checkString, misuse } = require('../engine/misuse');
const { RedisClient } = require('./redis_client');
const { COMPARE_AND_DESTROY, COMPARE_AND_SET, CONFLICT, DONE, LOOK, TAKE } = require('./redis_scripts');
const { RedisUsers } = require('./redis_users');
const { parseSession } = require('./store_calls');
const { checkCommon, checkNames, lifetimeOf } = require('./store_options');
const { checkUser, userOfText } = require('./store_users');

/** @typedef {import('./store_options').MaxAge} MaxAge */
/** @typedef {import('./store_calls').CompareAndSetResult} CompareAndSetResult */
/** @typedef {{ key: string, session: any, expiresAt: number }} ListedSession */

/**
 * @typedef {object} RedisStoreOptions
 * @property {any} client the app's: `app.redis`, or any of ioredis and node-redis
 * @property {string | null} [prefix] put before each key. Default: none, as in egg-session's README
 * @property {number | null} [timeoutMs] how long a call may take. Default 5000
 * @property {number | null} [defaultMaxAgeMs] how long sessions of `maxAge: 'session'` are kept. Default one day
 * @property {((session: any) => string | number | null | undefined) | null} [userOf] whose session it is: for `list` and
 *   `destroyAll`
 */

const NAMES = ['client', 'prefix', 'timeoutMs', 'defaultMaxAgeMs', 'userOf'];
/** How many sessions of a user are asked for at a time. */
const BATCH = 100;
const LIST_LIMIT = 1000;
const MOST_LOOKS = 2;

class RedisStore {
  #redis;
  #users;
  #userOfSession;
  #options;

  /**
   * @param {RedisStoreOptions} options
   * @throws {TypeError} with code ERR_SESSION_OPTION
   */
  constructor(options) {
    const given = checkNames(options, 'RedisStore', NAMES);
    this.#options = checkCommon(given);
    if (given.userOf != null && typeof given.userOf !== 'function') throw optionError('userOf', 'expected a function');
    this.#userOfSession = given.userOf ?? undefined;
    this.#redis = new RedisClient(given.client, this.#options.timeoutMs);
    this.#users = new RedisUsers(this.#redis, this.#options.prefix);
  }

  /**
   * @param {string} key
   * @param {MaxAge} [_maxAge] not needed: a session ends when its last writer said
   * @param {object} [_options]
   * @returns {Promise<any>} the session, or undefined
   */
  async get(key, _maxAge, _options) {
    const text = await this.#redis.get(this.#keyOf(key));
    return text == null ? undefined : parseSession(text);
  }

  /**
   * @param {string} key
   * @param {object} session
   * @param {MaxAge} [maxAge]
   * @param {object} [_options]
   * @returns {Promise<void>}
   */
  async set(key, session, maxAge, _options) {
    await this.setText(key, JSON.stringify(session), maxAge);
  }

  /**
   * @param {string} key
   * @param {object} [_options]
   * @returns {Promise<void>} once it is gone
   */
  async destroy(key, _options) {
    const redisKey = this.#keyOf(key);
    if (this.#userOfSession === undefined) {
      await this.#redis.del(redisKey);
      return;
    }
    const text = await this.#redis.run(TAKE, redisKey, []);
    if (text !== null) await this.#forgetUser(key, text);
  }

  /**
   * @param {string} key
   * @param {MaxAge} [_maxAge]
   * @param {object} [_options]
   * @returns {Promise<string | undefined>} the session's JSON text as it was written
   */
  async getText(key, _maxAge, _options) {
    return await this.#redis.get(this.#keyOf(key)) ?? undefined;
  }

  /**
   * @param {string} key
   * @param {string} text the session as JSON, kept as it is
   * @param {MaxAge} [maxAge]
   * @param {object} [_options]
   * @returns {Promise<void>}
   */
  async setText(key, text, maxAge, _options) {
    const redisKey = this.#keyOf(key);
    checkString('text', text);
    const lifetimeMs = lifetimeOf(maxAge, this.#options.defaultMaxAgeMs);
    if (lifetimeMs <= 0) {
      await this.#redis.del(redisKey);
      return;
    }
    if (this.#userOfSession !== undefined) await this.#noteUser(key, text, lifetimeMs);
    await this.#redis.set(redisKey, text, lifetimeMs);
  }

  /**
   * Replaces the text that was loaded, if it is still there.
   *
   * @param {string} key
   * @param {string | null} expectedText what `getText` gave; null: only if there is nothing yet
   * @param {string} text
   * @param {MaxAge} [maxAge]
   * @param {object} [_options]
   * @returns {Promise<CompareAndSetResult>}
   */
  async compareAndSet(key, expectedText, text, maxAge, _options) {
    const redisKey = this.#keyOf(key);
    if (expectedText !== null) checkString('expectedText', expectedText);
    checkString('text', text);
    const lifetimeMs = lifetimeOf(maxAge, this.#options.defaultMaxAgeMs);
    if (this.#userOfSession !== undefined && lifetimeMs > 0) await this.#noteUser(key, text, lifetimeMs);
    const args = expectedText === null ? [text, String(lifetimeMs)] : [text, String(lifetimeMs), expectedText];
    const [status, found] = await this.#redis.run(COMPARE_AND_SET, redisKey, args);
    if (Number(status) === CONFLICT) return { status: 'conflict', text: found };
    if (Number(status) === DONE) return { status: 'done' };
    if (this.#userOfSession !== undefined) await this.#forgetUser(key, text);
    return { status: 'gone' };
  }

  /**
   * @param {{ user: string | number, limit?: number }} query
   * @returns {Promise<ListedSession[]>} the user's sessions, those that end last first
   */
  async list({ user, limit = LIST_LIMIT }) {
    const name = checkUser('RedisStore', this.#userOfSession, user);
    if (!Number.isInteger(limit) || limit < 0) throw misuse('ERR_SESSION_ARGUMENT', 'Expected a count for limit');
    /** @type {ListedSession[]} */
    const sessions = [];
    const keys = await this.#users.list(name);
    for (let i = 0; i < keys.length && sessions.length < limit; i += BATCH) {
      for (const found of await Promise.all(keys.slice(i, i + BATCH).map(key => this.#look(name, key)))) {
        if (found !== undefined) sessions.push(found);
      }
    }
    return sessions.sort((a, b) => b.expiresAt - a.expiresAt).slice(0, limit);
  }

  /**
   * "Log me out everywhere."
   *
   * @param {{ user: string | number }} query
   * @returns {Promise<number>} how many sessions were destroyed
   */
  async destroyAll({ user }) {
    const name = checkUser('RedisStore', this.#userOfSession, user);
    let destroyed = 0;
    /** @type {Map<string, number>} how often nothing was found under a key */
    const looks = new Map();
    for (;;) {
      // Where there is nothing, the session may have moved: its new key is written by now, and found the second time.
      const keys = (await this.#users.list(name)).filter(key => (looks.get(key) ?? 0) < MOST_LOOKS);
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
   * @param {string} user
   * @param {string} key
   * @returns {Promise<boolean | undefined>} whether it was the user's, and was destroyed; undefined where there is none
   */
  async #destroyIfOf(user, key) {
    let text = await this.#redis.get(this.#keyOf(key));
    while (text !== null && !isMoved(text)) {
      if (this.#userOf(text) !== user) return false;
      const [status, found] = await this.#redis.run(COMPARE_AND_DESTROY, this.#keyOf(key), [text]);
      if (Number(status) === DONE) {
        await this.#users.remove(user, key);
        return true;
      }
      text = found ?? null;
    }
    // Left in the index until it would have ended: it may be about to be written for the first time.
    return undefined;
  }

  /** @param {string} user @param {string} key @returns {Promise<ListedSession | undefined>} if it is the user's */
  async #look(user, key) {
    const [text, ttlMs] = await this.#redis.run(LOOK, this.#keyOf(key), []);
    if (text === null || text === undefined) return undefined;
    const session = parseSession(text);
    if (this.#userOf(text, session) !== user) return undefined;
    const leftMs = Number(ttlMs);
    return { key, session, expiresAt: leftMs < 0 ? Infinity : Date.now() + leftMs };
  }

  /**
   * Before the session is written, not after: a session that `destroyAll` cannot find would outlive it.
   *
   * @param {string} key
   * @param {string} text
   * @param {number} lifetimeMs
   */
  async #noteUser(key, text, lifetimeMs) {
    const user = this.#userOf(text);
    if (user !== undefined) await this.#users.add(user, key, lifetimeMs);
  }

  /** @param {string} key of a session that is gone @param {string} text */
  async #forgetUser(key, text) {
    try {
      const user = this.#userOf(text);
      if (user !== undefined) await this.#users.remove(user, key);
    } catch {
      // What stays in the index only takes up room, until it would have ended.
    }
  }

  /** @param {string} text @param {any} [session] `text` parsed, where known @returns {string | undefined} */
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
