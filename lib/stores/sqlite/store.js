'use strict';

/**
 * Sessions in one SQLite file, for all processes of one machine: `app.sessionStore = new SqliteStore({ path })`.
 * The event loop never waits for the disk or for another process: it reads pages that are in memory, and native threads do
 * everything else. docs/sqlite.md has the guarantees and the file's format.
 */

const { checkString, misuse } = require('../../errors');
const { birthOf, recordIn } = require('../../store/revision');
const { isTombstone, tombstone, TOMBSTONE_MS } = require('../../store/tombstone');
const { SqliteCalls } = require('./calls');
const { checkOptions } = require('./options');
const { parseSession } = require('../server');
const { checkExcept, checkUser, userOfText } = require('../users');

/** @typedef {import('./options').SqliteStoreOptions} SqliteStoreOptions */
/** @typedef {import('../server').CompareAndSetResult} CompareAndSetResult */
/** @typedef {number | 'session' | null | undefined} MaxAge milliseconds, or until the browser closes */
/** @typedef {{ key: string, session: any, createdAt: number, updatedAt: number, expiresAt: number }} ListedSession */

/** How many rows a sweep looks at in one go: other writers wait a millisecond or two for it. */
const SWEEP_STEP_ROWS = 200;
const SWEEP_PAUSE_MS = 5;
const LIST_LIMIT = 1000;
const MOST_LISTED = 2 ** 32 - 1;

const { setTimeout, clearTimeout } = globalThis;

class SqliteStore {
  #calls;
  #options;
  /** @type {NodeJS.Timeout | undefined} */
  #sweepTimer;
  /** @type {Promise<void> | undefined} */
  #closing;

  /**
   * @param {SqliteStoreOptions} options
   * @throws {TypeError} with code ERR_SESSION_OPTION
   * @throws {Error} ERR_SESSION_STORE_CORRUPT, _VERSION, _OPEN, _BUSY, … for a file that cannot be used, and
   *   ERR_SESSION_ENGINE if the native engine is missing
   */
  constructor(options) {
    this.#options = checkOptions(options);
    this.#calls = new SqliteCalls(this.#options);
    this.#planSweep();
  }

  /** The option, for a SessionRegistry. */
  get userOf() {
    return this.#options.userOf;
  }

  /**
   * @param {string} key
   * @param {MaxAge} [_maxAge] not needed: a session ends when its last writer said
   * @param {object} [_options]
   * @returns {Promise<any>} the session, or undefined
   */
  async get(key, _maxAge, _options) {
    const text = await this.getText(key);
    return text === undefined ? undefined : parseSession(text);
  }

  /**
   * @param {string} key
   * @param {object} session
   * @param {MaxAge} [maxAge]
   * @param {object} [_options]
   * @returns {Promise<void>} once it is written
   */
  async set(key, session, maxAge, _options) {
    await this.#write(key, JSON.stringify(session), maxAge, session);
  }

  /**
   * Puts a tombstone in the session's place.
   *
   * @param {string} key
   * @param {{ text?: string }} [options] `text`: as it was loaded; spares another session that has begun under the key since
   * @returns {Promise<void>} once it is gone
   */
  async destroy(key, options) {
    checkString('key', key);
    const now = Date.now();
    const loaded = options && options.text;
    const birth = loaded === undefined ? undefined : birthOf(loaded);
    await this.#calls.call('sqliteDestroy', now, key, tombstone(), now + TOMBSTONE_MS, loaded !== undefined, birth);
  }

  /**
   * @param {string} key
   * @param {MaxAge} [_maxAge]
   * @param {object} [_options]
   * @returns {Promise<string | undefined>} the session's JSON text as it was written
   */
  async getText(key, _maxAge, _options) {
    checkString('key', key);
    return this.#calls.get(key);
  }

  /**
   * @param {string} key
   * @param {string} text the session as JSON, kept as it is
   * @param {MaxAge} [maxAge]
   * @param {object} [_options]
   * @returns {Promise<void>}
   */
  async setText(key, text, maxAge, _options) {
    await this.#write(key, text, maxAge);
  }

  /**
   * Replaces the loaded text if it is still the stored one.
   *
   * @param {string} key
   * @param {string | null} expectedText what `getText` gave; null: only if there is nothing yet
   * @param {string} text
   * @param {MaxAge} [maxAge]
   * @param {object} [_options]
   * @returns {Promise<CompareAndSetResult>}
   */
  async compareAndSet(key, expectedText, text, maxAge, _options) {
    checkString('key', key);
    if (expectedText !== null) checkString('expectedText', expectedText);
    checkString('text', text);
    const now = Date.now();
    const expiresAt = this.#expiresAt(now, maxAge);
    if (expiresAt <= now) return this.#calls.call('sqliteCompareAndSet', now, key, expectedText, tombstone(), -(now + TOMBSTONE_MS));
    // An entry whose end is negative is a tombstone until then.
    const end = isTombstone(text) ? -expiresAt : expiresAt;
    return this.#calls.call('sqliteCompareAndSet', now, key, expectedText, text, end, this.#userOf(text));
  }

  /**
   * @param {{ user: string | number, limit?: number, withRecords?: boolean }} query `withRecords`: for a SessionRegistry, each with its
   *   `record`
   * @returns {Promise<ListedSession[]>} the user's sessions, the latest written first
   */
  async list({ user, limit = LIST_LIMIT, withRecords }) {
    if (!Number.isInteger(limit) || limit < 0 || limit > MOST_LISTED) {
      throw misuse('ERR_SESSION_ARGUMENT', 'Expected a count for limit');
    }
    const rows = JSON.parse(await this.#calls.call('sqliteList', Date.now(), checkUser('SqliteStore', this.#options.userOf, user), limit));
    return rows.map((/** @type {any} */ { text, ...row }) => ({
      ...row, session: parseSession(text), ...withRecords && { record: recordIn(text) },
    }));
  }

  /** @returns {Promise<number>} how many sessions there are, of everybody */
  async count() {
    return Number(await this.#calls.call('sqliteCount', Date.now()));
  }

  /**
   * "Log me out everywhere", or everywhere but here.
   *
   * @param {{ user: string | number, except?: string | null }} query `except`: the external key of a session that stays
   * @returns {Promise<number>} how many sessions were destroyed
   */
  async destroyAll({ user, except }) {
    const name = checkUser('SqliteStore', this.#options.userOf, user);
    const spared = checkExcept(except);
    const now = Date.now();
    return Number(await this.#calls.call(
      'sqliteDestroyUser', now, name, tombstone(), now + TOMBSTONE_MS, spared?.key, spared?.hash));
  }

  /**
   * Deletes the rows of expired sessions now. The store does so itself every `sweepIntervalMs`.
   *
   * @returns {Promise<number>} how many there were
   */
  async sweep() {
    for (let total = 0; ;) {
      const { removed, isLast } = JSON.parse(await this.#calls.call('sqliteSweep', Date.now(), SWEEP_STEP_ROWS));
      total += removed;
      if (isLast || this.#closing !== undefined) return total;
      await new Promise(resolve => setTimeout(resolve, SWEEP_PAUSE_MS));
    }
  }

  /**
   * Finishes the queued calls and closes the file. Later calls fail with ERR_SESSION_STORE_CLOSED.
   *
   * @returns {Promise<void>} once the file is closed
   */
  close() {
    if (this.#closing === undefined) {
      clearTimeout(this.#sweepTimer);
      this.#closing = this.#calls.close();
    }
    return this.#closing;
  }

  /**
   * Closes the store when an Egg app stops, after its last requests.
   *
   * @param {{ beforeClose(close: () => Promise<void>): unknown }} app
   * @returns {this}
   */
  closeWith(app) {
    if (!app || typeof app.beforeClose !== 'function') {
      throw misuse('ERR_SESSION_ARGUMENT', 'Expected an app with beforeClose(); elsewhere call close() at the end');
    }
    app.beforeClose(() => this.close());
    return this;
  }

  /** @param {string} key @param {string} text @param {MaxAge} maxAge @param {any} [session] `text` parsed, where known */
  async #write(key, text, maxAge, session) {
    checkString('key', key);
    checkString('text', text);
    const now = Date.now();
    const expiresAt = this.#expiresAt(now, maxAge);
    if (expiresAt <= now) await this.destroy(key);
    else await this.#calls.call('sqliteSet', now, key, text, expiresAt, this.#userOf(text, session));
  }

  /** @param {number} now @param {unknown} maxAge @returns {number} */
  #expiresAt(now, maxAge) {
    const lifetime = maxAge === 'session' || maxAge == null ? this.#options.defaultMaxAgeMs : maxAge;
    if (typeof lifetime !== 'number' || Number.isNaN(lifetime)) {
      throw misuse('ERR_SESSION_ARGUMENT', "Expected milliseconds or 'session' for maxAge");
    }
    return Math.min(now + lifetime, Number.MAX_SAFE_INTEGER);
  }

  /** @param {string} text @param {any} [session] `text` parsed, where known @returns {string | undefined} */
  #userOf(text, session) {
    return userOfText(this.#options.userOf, text, session);
  }

  /** The next sweep, at a time of its own so that processes which started together do not meet. */
  #planSweep() {
    const { sweepIntervalMs } = this.#options;
    if (sweepIntervalMs === 0) return;
    this.#sweepTimer = setTimeout(() => this.#sweepAndGoOn(), sweepIntervalMs * (0.75 + Math.random() / 4)).unref();
  }

  async #sweepAndGoOn() {
    try {
      await this.sweep();
    } catch (err) {
      // The next sweep tries again. Until one succeeds, expired sessions only take up room.
      if (this.#closing === undefined) this.#options.onError(/** @type {Error} */ (err));
    }
    if (this.#closing === undefined) this.#planSweep();
  }
}

module.exports = { SqliteStore };
