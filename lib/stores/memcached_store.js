'use strict';

/**
 * Sessions in memcached, on the app's own client: `app.sessionStore = new MemcachedStore({ client })`.
 * memcached is a cache: it forgets what it has no room for, and everything when it restarts. docs/stores.md tells what is
 * promised.
 */

const { createHash } = require('node:crypto');
const { sessionError } = require('../errors');
const { checkString } = require('../engine/misuse');
const { MemcachedClient } = require('./memcached_client');
const { parseSession } = require('./store_calls');
const { checkCommon, checkInteger, checkNames, lifetimeOf } = require('./store_options');

/** @typedef {import('./store_options').MaxAge} MaxAge */
/** @typedef {import('./store_calls').CompareAndSetResult} CompareAndSetResult */
/** @typedef {import('./memcached_client').Found} Found */

/**
 * @typedef {object} MemcachedStoreOptions
 * @property {any} client the app's, of the npm package `memcached`
 * @property {string | null} [prefix] put before each key. Default: none
 * @property {number | null} [timeoutMs] how long a call may take. Default 5000
 * @property {number | null} [defaultMaxAgeMs] how long sessions of `maxAge: 'session'` are kept. Default one day
 * @property {number | null} [maxValueBytes] how long a session's JSON may be. Default 1000000, which fits the server's own
 *   default of 1 MiB for an item
 */

const NAMES = ['client', 'prefix', 'timeoutMs', 'defaultMaxAgeMs', 'maxValueBytes'];
const DEFAULT_MAX_VALUE_BYTES = 1_000_000;
const MOST_VALUE_BYTES = 1024 ** 3;

/** The protocol's limit. */
const MAX_KEY_BYTES = 250;
// Neither spaces nor control characters, nothing of more than a byte, and no `$`, which the client takes for a pattern.
const PLAIN_KEY = /^[\w.:@/+=-]*$/;
// The client answers with an object in which the keys stand beside its own.
const CLIENT_WORDS = new Set(['cas', '__proto__']);

/** Up to here memcached takes seconds from now, beyond it a time in seconds since 1970. */
const MAX_RELATIVE_SECONDS = 30 * 24 * 60 * 60;
/** It reads times as signed 32-bit numbers: a session that lived beyond 2038 would be gone at once. */
const LATEST_SECOND = 2 ** 31 - 1;
const ENDED = -1;
/** A refusal and a change by another cannot be told apart at once; after so many times it is no change. */
const MAX_ATTEMPTS = 10;

class MemcachedStore {
  #memcached;
  #options;
  #maxValueBytes;
  /** @type {WeakMap<object, { key: string, found: Found }>} what a request has seen, by its ctx */
  #seen = new WeakMap();

  /**
   * @param {MemcachedStoreOptions} options
   * @throws {TypeError} with code ERR_SESSION_OPTION
   */
  constructor(options) {
    const given = checkNames(options, 'MemcachedStore', NAMES);
    this.#options = checkCommon(given);
    this.#maxValueBytes = checkInteger(given, 'maxValueBytes', { fallback: DEFAULT_MAX_VALUE_BYTES, most: MOST_VALUE_BYTES });
    this.#memcached = new MemcachedClient(given.client, this.#options.timeoutMs);
  }

  /**
   * @param {string} key
   * @param {MaxAge} [_maxAge] not needed: a session ends when its last writer said
   * @param {object} [options]
   * @returns {Promise<any>} the session, or undefined
   */
  async get(key, _maxAge, options) {
    const text = await this.getText(key, _maxAge, options);
    return text === undefined ? undefined : parseSession(text);
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
    await this.#memcached.del(this.#keyOf(key));
  }

  /**
   * @param {string} key
   * @param {MaxAge} [_maxAge]
   * @param {{ ctx?: any }} [options]
   * @returns {Promise<string | undefined>} the session's JSON text as it was written
   */
  async getText(key, _maxAge, options) {
    const found = await this.#memcached.gets(this.#keyOf(key));
    if (found) this.#remember(key, found, options);
    return found && found.text;
  }

  /**
   * @param {string} key
   * @param {string} text the session as JSON, kept as it is
   * @param {MaxAge} [maxAge]
   * @param {object} [_options]
   * @returns {Promise<void>}
   * @throws {Error} ERR_SESSION_STORE_TOO_LARGE, before anything is sent
   */
  async setText(key, text, maxAge, _options) {
    const memcachedKey = this.#keyOf(key);
    this.#checkText(text);
    const stored = await this.#memcached.set(memcachedKey, text, this.#expiryOf(maxAge));
    if (!stored) throw refused();
  }

  /**
   * Replaces the text that was loaded, if it is still there. One round trip where the request that asks has loaded it,
   * two elsewhere.
   *
   * @param {string} key
   * @param {string | null} expectedText what `getText` gave; null: only if there is nothing yet
   * @param {string} text
   * @param {MaxAge} [maxAge]
   * @param {{ ctx?: any }} [options]
   * @returns {Promise<CompareAndSetResult>}
   */
  async compareAndSet(key, expectedText, text, maxAge, options) {
    const memcachedKey = this.#keyOf(key);
    if (expectedText !== null) checkString('expectedText', expectedText);
    this.#checkText(text);
    const expiry = this.#expiryOf(maxAge);
    if (expectedText === null) return this.#create(memcachedKey, text, expiry);

    let found = this.#recall(key, expectedText, options);
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      found = found || await this.#memcached.gets(memcachedKey);
      if (found === undefined) return { status: 'gone' };
      if (found.text !== expectedText) {
        this.#remember(key, found, options);
        return { status: 'conflict', text: found.text };
      }
      if (await this.#memcached.cas(memcachedKey, text, found.version, expiry)) return { status: 'done' };
      found = undefined;
    }
    throw refused();
  }

  /** @param {string} memcachedKey @param {string} text @param {number} expiry @returns {Promise<CompareAndSetResult>} */
  async #create(memcachedKey, text, expiry) {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      if (await this.#memcached.add(memcachedKey, text, expiry)) return { status: 'done' };
      const found = await this.#memcached.gets(memcachedKey);
      if (found) return { status: 'conflict', text: found.text };
    }
    throw refused();
  }

  /** @param {string} key @param {Found} found @param {{ ctx?: any }} [options] */
  #remember(key, found, options) {
    const ctx = options && options.ctx;
    if (typeof ctx === 'object' && ctx !== null) this.#seen.set(ctx, { key, found });
  }

  /** @param {string} key @param {string} text @param {{ ctx?: any }} [options] @returns {Found | undefined} */
  #recall(key, text, options) {
    const ctx = options && options.ctx;
    const seen = typeof ctx === 'object' && ctx !== null ? this.#seen.get(ctx) : undefined;
    return seen && seen.key === key && seen.found.text === text ? seen.found : undefined;
  }

  /** @param {string} key @returns {string} the key itself where memcached can take it, else a hash of it */
  #keyOf(key) {
    checkString('key', key);
    const wanted = this.#options.prefix + key;
    const fits = wanted !== '' && wanted.length + this.#memcached.namespace.length <= MAX_KEY_BYTES;
    if (fits && PLAIN_KEY.test(wanted) && !CLIENT_WORDS.has(this.#memcached.namespace + wanted)) return wanted;
    return `sha256:${createHash('sha256').update(wanted).digest('base64url')}`;
  }

  /** @param {string} text */
  #checkText(text) {
    checkString('text', text);
    // The client puts a backslash before each line break. JSON.stringify makes none, but another writer may.
    const bytes = Buffer.byteLength(text) + (/[\r\n]/.test(text) ? text.split(/[\r\n]/).length - 1 : 0);
    if (bytes <= this.#maxValueBytes) return;
    const message = `a session of ${bytes} bytes is too large for memcached; maxValueBytes is ${this.#maxValueBytes}`;
    throw sessionError('ERR_SESSION_STORE_TOO_LARGE', message);
  }

  /** @param {MaxAge} maxAge @returns {number} as memcached wants it */
  #expiryOf(maxAge) {
    const lifetimeMs = lifetimeOf(maxAge, this.#options.defaultMaxAgeMs);
    if (lifetimeMs <= 0) return ENDED;
    // memcached's clock ticks once a second, so that a lifetime could lose most of its first.
    const seconds = Math.ceil(lifetimeMs / 1000) + 1;
    return seconds <= MAX_RELATIVE_SECONDS ? seconds : Math.min(Math.floor(Date.now() / 1000) + seconds, LATEST_SECOND);
  }
}

/** The client tells that the server said no, but not why. */
function refused() {
  return Object.assign(sessionError('ERR_SESSION_STORE_FAILED',
    'memcached refused a session: it has no room, or a smaller limit for an item than maxValueBytes'), { reason: 'REFUSED' });
}

module.exports = { MemcachedStore };
