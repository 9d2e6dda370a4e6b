'use strict';

/**
 * Sessions in memcached, on the app's own client: `app.sessionStore = new MemcachedStore({ client })`. docs/memcached.md has the
 * guarantees.
 *
 * Format: `prefix + key` → the session's JSON text, with its lifetime in whole seconds. A key that memcached cannot take becomes
 * `sha256:` and its SHA-256 in base64url.
 *
 * memcached is a cache: it evicts sessions when it is full, and a restart loses all of them. An evicted session is gone. memcached
 * holds keys and sessions in clear text: a reader of memcached can use the keys, unless `hashKeys` is set.
 */

const { createHash, randomUUID } = require('node:crypto');
const { checkString, sessionError } = require('../../errors');
const { MemcachedClient } = require('./client');
const { parseSession } = require('../server');
const { checkCommon, checkInteger, checkNames, lifetimeOf } = require('../options');
const { birthOf } = require('../../store/revision');
const { isTombstone, tombstone, TOMBSTONE_MS } = require('../../store/tombstone');

/** @typedef {import('../options').MaxAge} MaxAge */
/** @typedef {import('../server').CompareAndSetResult} CompareAndSetResult */
/** @typedef {import('./client').Found} Found */

/**
 * @typedef {object} MemcachedStoreOptions
 * @property {any} client the app's client of the npm package `memcached`; the store never closes it
 * @property {string | null} [prefix] text in front of each key. Default: none
 * @property {number | null} [timeoutMs] time limit of one command, in ms. Default 5000
 * @property {number | null} [defaultMaxAgeMs] lifetime of sessions with `maxAge: 'session'`, in ms. Default one day
 * @property {number | null} [maxPendingBytes] how much memory unanswered commands may hold. Default 64 MiB
 * @property {number | null} [maxValueBytes] size limit of a session's JSON, in bytes. Default 1000000: memcached's own default
 *   limit of 1 MiB includes key and header
 */

const NAMES = ['client', 'prefix', 'timeoutMs', 'defaultMaxAgeMs', 'maxPendingBytes', 'maxValueBytes'];
const DEFAULT_MAX_VALUE_BYTES = 1_000_000;
const MOST_VALUE_BYTES = 1024 ** 3;

/** The limit of memcached's text protocol. */
const MAX_KEY_BYTES = 250;
// The protocol forbids spaces and control characters. Other ASCII only, so that a character is a byte. No `$`: the client puts
// keys through String#replace, where `$` begins a pattern.
const PLAIN_KEY = /^[\w.:@/+=-]*$/;
// The client's answer to `gets` is an object with the key beside `cas`, so these keys cannot be read from it.
const CLIENT_WORDS = new Set(['cas', '__proto__']);

/** memcached reads a larger number as a time, in seconds since 1970. */
const MAX_RELATIVE_SECONDS = 30 * 24 * 60 * 60;
/** memcached reads times as signed 32-bit numbers, so a session with a later end would be gone at once. */
const LATEST_SECOND = 2 ** 31 - 1;
/** The client gives one answer for a lost race and for a refused write. After this many attempts it counts as refused. */
const MAX_ATTEMPTS = 10;
/** How often `destroy` may lose a race: each lets one of the competing requests through. */
const MAX_RACES = 200;

/**
 * The store's contract is `CompareAndSetStore` in index.d.ts. Each method rejects with ERR_SESSION_STORE_TIMEOUT or
 * ERR_SESSION_STORE_FAILED if memcached does not answer or refuses, and with ERR_SESSION_ARGUMENT for a wrong argument.
 */
class MemcachedStore {
  #memcached;
  #options;
  #maxValueBytes;
  /** @type {WeakMap<object, { key: string, found: Found }>} by a request's ctx: the entry that it read last */
  #seen = new WeakMap();

  /**
   * @param {MemcachedStoreOptions} options
   * @throws {TypeError} ERR_SESSION_OPTION
   */
  constructor(options) {
    const given = checkNames(options, 'MemcachedStore', NAMES);
    this.#options = checkCommon(given);
    this.#maxValueBytes = checkInteger(given, 'maxValueBytes', { fallback: DEFAULT_MAX_VALUE_BYTES, most: MOST_VALUE_BYTES });
    this.#memcached = new MemcachedClient(given.client, this.#options);
  }

  /**
   * @param {string} key
   * @param {MaxAge} [_maxAge] unused: the last write has set the session's end
   * @param {object} [options]
   * @returns {Promise<any>} the session; undefined for an unknown or expired key
   * @throws {Error} ERR_SESSION_STORE_CORRUPT if it is not JSON
   */
  async get(key, _maxAge, options) {
    const text = await this.getText(key, _maxAge, options);
    return text === undefined ? undefined : parseSession(text);
  }

  /**
   * @param {string} key
   * @param {object} session
   * @param {MaxAge} [maxAge] 0 or less ends the session
   * @param {object} [_options]
   * @returns {Promise<void>}
   * @throws {Error} ERR_SESSION_STORE_TOO_LARGE, before anything is sent
   */
  async set(key, session, maxAge, _options) {
    await this.setText(key, JSON.stringify(session), maxAge);
  }

  /**
   * Puts a tombstone in the session's place. This takes one round trip if the same request (`options.ctx`) has read the session, else
   * two.
   *
   * @param {string} key
   * @param {{ ctx?: any, text?: string }} [options] `text`: as it was loaded; spares another session that has begun under the key since
   * @returns {Promise<void>} settles when the session is gone
   * @throws {Error} ERR_SESSION_CONFLICT if others write each time before the tombstone
   */
  async destroy(key, options) {
    const memcachedKey = this.#keyOf(key);
    const loaded = options && options.text;
    const birth = loaded === undefined ? undefined : birthOf(loaded);
    const expiry = expiryOf(TOMBSTONE_MS);
    let found = loaded === undefined ? undefined : this.#recall(key, loaded, options);
    /** @type {Found | null | undefined} what an attempt found before; null: before the first */
    let before = null;
    for (let races = 0, refusals = 0; races < MAX_RACES;) {
      found = found || await this.#memcached.gets(memcachedKey);
      // Nobody was faster, so the server has no room for a tombstone.
      if (before !== null && found?.version === before?.version) refusals++;
      else races++;
      if (refusals === MAX_ATTEMPTS) {
        await this.#memcached.del(memcachedKey);
        return;
      }
      before = found;
      if (found === undefined) {
        if (loaded === undefined || await this.#memcached.add(memcachedKey, tombstone(), expiry)) return;
        continue;
      }
      const foundBirth = birthOf(found.text);
      if (isTombstone(found.text) || (birth !== undefined && foundBirth !== undefined && foundBirth !== birth)) return;
      if (await this.#memcached.cas(memcachedKey, tombstone(), found.version, expiry)) return;
      found = undefined;
    }
    throw sessionError('ERR_SESSION_CONFLICT', `the session was changed by others ${MAX_RACES} times while it was destroyed`);
  }

  /**
   * @param {string} key
   * @param {MaxAge} [_maxAge]
   * @param {{ ctx?: any }} [options] with `ctx`, a later `compareAndSet` of the same request saves a round trip
   * @returns {Promise<string | undefined>} the session's JSON text, exactly as it was written
   */
  async getText(key, _maxAge, options) {
    const found = await this.#memcached.gets(this.#keyOf(key));
    if (found === undefined || isTombstone(found.text)) return undefined;
    this.#remember(key, found, options);
    return found.text;
  }

  /**
   * @param {string} key
   * @param {string} text the session's JSON, stored exactly as it is
   * @param {MaxAge} [maxAge] 0 or less ends the session
   * @param {object} [_options]
   * @returns {Promise<void>}
   * @throws {Error} ERR_SESSION_STORE_TOO_LARGE, before anything is sent
   */
  async setText(key, text, maxAge, _options) {
    const memcachedKey = this.#keyOf(key);
    this.#checkText(text);
    const lifetimeMs = lifetimeOf(maxAge, this.#options.defaultMaxAgeMs);
    if (lifetimeMs <= 0) {
      await this.destroy(key);
      return;
    }
    const stored = await this.#memcached.set(memcachedKey, text, expiryOf(lifetimeMs));
    if (!stored) throw refused();
  }

  /**
   * Replaces `expectedText` by `text` atomically, if it is still the current text. This takes one round trip if the same request
   * (`options.ctx`) has read that text, else two.
   *
   * @param {string} key
   * @param {string | null} expectedText as `getText` gave it; null writes only if the key is unused
   * @param {string} text
   * @param {MaxAge} [maxAge]
   * @param {{ ctx?: any }} [options]
   * @returns {Promise<CompareAndSetResult>} 'conflict' with the current text, or 'gone', if nothing was changed
   * @throws {Error} ERR_SESSION_STORE_TOO_LARGE, before anything is sent
   */
  async compareAndSet(key, expectedText, text, maxAge, options) {
    const memcachedKey = this.#keyOf(key);
    if (expectedText !== null) checkString('expectedText', expectedText);
    this.#checkText(text);
    const wantedMs = lifetimeOf(maxAge, this.#options.defaultMaxAgeMs);
    const [next, lifetimeMs] = wantedMs > 0 ? [text, wantedMs] : [tombstone(), TOMBSTONE_MS];
    const expiry = expiryOf(lifetimeMs);
    if (expectedText === null) return this.#create(memcachedKey, next, expiry);

    let found = this.#recall(key, expectedText, options);
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      found = found || await this.#memcached.gets(memcachedKey);
      if (found === undefined) return { status: 'gone' };
      if (found.text !== expectedText) {
        if (isTombstone(found.text)) return { status: found.text === next ? 'done' : 'gone' };
        this.#remember(key, found, options);
        return { status: 'conflict', text: found.text };
      }
      if (await this.#memcached.cas(memcachedKey, next, found.version, expiry)) return { status: 'done' };
      found = undefined;
    }
    throw refused();
  }

  /**
   * Asks for a key that is not in use.
   *
   * @returns {Promise<void>}
   * @throws {TypeError} ERR_SESSION_OPTION for a client that takes no callbacks
   */
  async checkAccess() {
    await this.#memcached.gets(this.#keyOf(randomUUID()));
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

  /** @param {string} key @returns {string} the prefixed key if memcached and the client can take it, else its hash */
  #keyOf(key) {
    checkString('key', key);
    const wanted = this.#options.prefix + key;
    const fits = wanted !== '' && wanted.length + this.#memcached.namespace.length <= MAX_KEY_BYTES;
    if (fits && PLAIN_KEY.test(wanted) && !CLIENT_WORDS.has(this.#memcached.namespace + wanted)) return wanted;
    return `sha256:${createHash('sha256').update(wanted).digest('base64url')}`;
  }

  /** @param {string} text @throws {Error} ERR_SESSION_STORE_TOO_LARGE; ERR_SESSION_ARGUMENT unless it is a string */
  #checkText(text) {
    checkString('text', text);
    // The client puts a backslash before each line break. JSON.stringify writes no line breaks, but an app's own JSON may have some.
    const bytes = Buffer.byteLength(text) + (/[\r\n]/.test(text) ? text.split(/[\r\n]/).length - 1 : 0);
    if (bytes <= this.#maxValueBytes) return;
    const message = `a session of ${bytes} bytes is too large for memcached; maxValueBytes is ${this.#maxValueBytes}`;
    throw sessionError('ERR_SESSION_STORE_TOO_LARGE', message);
  }
}

/** @param {number} lifetimeMs above 0 @returns {number} as in memcached's protocol: seconds from now, or seconds since 1970 */
function expiryOf(lifetimeMs) {
  // memcached's clock ticks once a second. Without the added second, a session could end almost a second early.
  const seconds = Math.ceil(lifetimeMs / 1000) + 1;
  return seconds <= MAX_RELATIVE_SECONDS ? seconds : Math.min(Math.floor(Date.now() / 1000) + seconds, LATEST_SECOND);
}

/** The client does not tell why the server refused. */
function refused() {
  return Object.assign(sessionError('ERR_SESSION_STORE_FAILED',
    'memcached refused a session: it has no room, or a smaller limit for an item than maxValueBytes'), { reason: 'REFUSED' });
}

module.exports = { MemcachedStore };
