'use strict';

/**
 * The list of revoked sessions in cookies, for `config.session.revocation`. It is kept in a store that all workers and machines
 * share. docs/revocation.md has the guarantees.
 *
 * Entries: `revoked:ID` → `{ revoked: true }` for each session that was revoked, until the last copy of its cookie has expired;
 * `not-before:HASH` → `{ notBefore }` (ms since 1970) for each user who was logged out everywhere, where HASH is the SHA-256 of
 * the user in base64url.
 *
 * A store that evicts or loses entries revives the sessions that they revoked. Times come from the clock of the calling machine,
 * so the machines' clocks should agree.
 */

const { createHash } = require('node:crypto');
const { refuseUnknown } = require('./options');
const { ONE_DAY_MS } = require('../engine/lifetime');
const { misuse, optionError } = require('../errors');
const { resolveStore } = require('../store/resolve');

const NAMES = ['store', 'userOf'];
// Ten years, since there is only one entry for each user. A session with a longer `absoluteMaxAge` can outlive the entry.
const USER_ENTRY_MS = 10 * 365 * ONE_DAY_MS;

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
    if (lifetimeMs > 0) await this.#set(revokedKey(id), { revoked: true }, lifetimeMs);
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
    await this.#set(userKey(user), { notBefore: Date.now() }, USER_ENTRY_MS);
  }

  /** @param {string} key @returns {Promise<any>} the entry, or something falsy */
  async #get(key) {
    return this.#store.get(key, undefined, {});
  }

  /**
   * @param {string} key
   * @param {object} entry
   * @param {number} lifetimeMs
   */
  async #set(key, entry, lifetimeMs) {
    await this.#store.set(key, entry, lifetimeMs, { changed: true });
  }
}

/** @param {string} id */
function revokedKey(id) {
  return `revoked:${id}`;
}

/**
 * @param {unknown} user hashed, because it may be long, or personal data such as an e-mail address
 * @throws {TypeError} ERR_SESSION_ARGUMENT
 */
function userKey(user) {
  if (typeof user !== 'string' && typeof user !== 'number') {
    throw misuse('ERR_SESSION_ARGUMENT', 'Expected a string or a number for user');
  }
  return `not-before:${createHash('sha256').update(String(user)).digest('base64url')}`;
}

module.exports = { Revocations };
