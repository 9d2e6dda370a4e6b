'use strict';

/**
 * The list of revoked sessions in cookies, for `config.session.revocation`. It is kept in a store that all workers and machines
 * share. docs/revocation.md has the guarantees.
 *
 * Entries: `revoked:ID` → `{ revoked: true, untilMs }` for each session that was revoked, until the last copy of its cookie has
 * expired; `not-before:HASH` → `{ notBefore }` for each user who was logged out everywhere, where HASH is the SHA-256 of the user
 * in base64url. Both times are in ms since 1970. In a store that compares and sets, no write lowers either, however late it arrives.
 *
 * A store that evicts or loses entries revives the sessions that they revoked. Times come from the clock of the calling machine,
 * so the machines' clocks should agree.
 */

const { createHash } = require('node:crypto');
const { refuseUnknown } = require('./options');
const { LONGEST_LIFETIME_MS } = require('../engine/lifetime');
const { misuse, optionError, sessionError } = require('../errors');
const { comparesAndSets } = require('../store/calls');
const { resolveStore } = require('../store/resolve');

const NAMES = ['store', 'userOf'];
// Each attempt lets at least one of the competing calls through.
const MAX_ATTEMPTS = 200;
const REVOKED = 'revoked:';
const NOT_BEFORE = 'not-before:';

/**
 * Implements `Revocation` of index.d.ts. A method rejects with the store's error, and the middleware then fails the request (fail
 * closed). With `onStoreError: 'readonly'`, a failed check gives the request an empty session instead.
 */
class Revocations {
  #store;
  /** @type {((session: any) => string | number | null | undefined) | undefined} */
  #userOf;

  /**
   * @param {{ store: any, userOf?: ((session: any) => string | number | null | undefined) | null }} options
   * @throws {TypeError} ERR_SESSION_OPTION; an AssertionError if the store lacks a method
   */
  constructor(options) {
    const { store, userOf } = Object(options);
    refuseUnknown(Object(options), 'Revocations', NAMES);
    if (!store || typeof store !== 'object') throw optionError('store', 'expected a store, such as a RedisStore');
    if (userOf != null && typeof userOf !== 'function') {
      throw optionError('userOf', 'expected a function that says whose session it is');
    }
    this.#store = resolveStore(store, undefined);
    this.#userOf = userOf ?? undefined;
  }

  /**
   * @param {string} id the session's id, as `sessionId(ctx)` gives it
   * @returns {Promise<boolean>}
   */
  async isRevoked(id) {
    return Boolean(await this.#get(revokedKey(id)));
  }

  /**
   * @param {string} id the session's id
   * @param {number} untilMs when the last copy of the session's cookie expires, in milliseconds since 1970
   */
  async revoke(id, untilMs) {
    const lifetimeMs = untilMs - Date.now();
    if (lifetimeMs > 0) await this.#raise(revokedKey(id), { revoked: true, untilMs }, 'untilMs', lifetimeMs);
  }

  /**
   * @param {any} session its data, for `userOf`
   * @returns {Promise<number | undefined>} when the session's user was last logged out everywhere, in milliseconds since 1970
   * @throws {TypeError} ERR_SESSION_ARGUMENT if `userOf` returns a user that is neither a string nor a number
   */
  async notBefore(session) {
    const user = this.#userOf && this.#userOf(session);
    if (user === undefined || user === null) return undefined;
    const entry = await this.#get(userKey(user));
    return entry ? entry.notBefore : undefined;
  }

  /**
   * Logs a user out everywhere: refuses all of the user's sessions that began before now.
   *
   * @param {string | number} user as `userOf` returns it
   * @throws {TypeError} ERR_SESSION_ARGUMENT without the option `userOf`, or for a user of another type
   */
  async revokeUser(user) {
    if (!this.#userOf) throw misuse('ERR_SESSION_ARGUMENT', 'Revocations needs the option userOf to know whose session is whose');
    // No session outlives this, whatever its `absoluteMaxAge`.
    await this.#raise(userKey(user), { notBefore: Date.now() }, 'notBefore', LONGEST_LIFETIME_MS);
  }

  /** Asks the store whether its server lets it do what it needs. @returns {Promise<void>} */
  async checkAccess() {
    const { checkAccess } = this.#store;
    if (typeof checkAccess !== 'function') return;
    await Promise.all([REVOKED, NOT_BEFORE].map(prefix => checkAccess.call(this.#store, prefix)));
  }

  /** @param {string} key @returns {Promise<any>} the entry, or something falsy */
  async #get(key) {
    return this.#store.get(key, undefined, {});
  }

  /**
   * Writes an entry, unless there is one with the same or a later time.
   *
   * @param {string} key
   * @param {Record<string, any>} entry
   * @param {string} name of the time in the entry
   * @param {number} lifetimeMs
   */
  async #raise(key, entry, name, lifetimeMs) {
    const store = this.#store;
    const options = { changed: true };
    if (!comparesAndSets(store)) {
      await store.set(key, entry, lifetimeMs, options);
      return;
    }
    /** @type {string | null} */
    let known = null;
    for (let n = 1; n <= MAX_ATTEMPTS; n++) {
      /** @type {import('./server').CompareAndSetResult} */
      const answer = await store.compareAndSet(key, known, JSON.stringify(entry), lifetimeMs, options);
      if (answer.status === 'done') return;
      if (answer.status === 'conflict' && timeIn(answer.text, name) >= entry[name]) return;
      if (answer.status === 'gone' && known === null) {
        // A store of the app's own that cannot create.
        await store.set(key, entry, lifetimeMs, options);
        return;
      }
      known = answer.status === 'conflict' ? answer.text : null;
    }
    throw sessionError('ERR_SESSION_CONFLICT', `a revocation was changed by others ${MAX_ATTEMPTS} times while it was saved`);
  }
}

/**
 * @param {string} text of an entry
 * @param {string} name
 * @returns {number} NaN without such a time
 */
function timeIn(text, name) {
  try {
    return Number(Object(JSON.parse(text))[name]);
  } catch {
    return NaN;
  }
}

/** @param {string} id */
function revokedKey(id) {
  return `${REVOKED}${id}`;
}

/**
 * @param {unknown} user hashed, because it may be long, or personal data such as an e-mail address
 * @throws {TypeError} ERR_SESSION_ARGUMENT
 */
function userKey(user) {
  if (typeof user !== 'string' && typeof user !== 'number') {
    throw misuse('ERR_SESSION_ARGUMENT', 'Expected a string or a number for user');
  }
  return `${NOT_BEFORE}${createHash('sha256').update(String(user)).digest('base64url')}`;
}

module.exports = { Revocations };
