'use strict';

const { createHash } = require('node:crypto');
const { misuse } = require('./engine/misuse');
const { optionError } = require('./errors');
const { resolveStore } = require('./store');

/**
 * What was revoked, kept in a store that all workers and machines share: the `revocation` of `config.session`, ready made.
 * An entry for each session that was ended, until no copy of its cookie can live, and one for each user who was logged out
 * everywhere. docs/revocation.md tells what is promised.
 */

const NAMES = ['store', 'userOf'];
// Nobody's session lives longer, and there is one entry a user.
const USER_ENTRY_MS = 10 * 365 * 24 * 60 * 60 * 1000;

class Revocations {
  #store;
  /** @type {((session: any) => string | number | null | undefined) | undefined} */
  #userOf;

  /**
   * @param {{ store: any, userOf?: ((session: any) => string | number | null | undefined) | null }} options
   * @throws {TypeError} with code ERR_SESSION_OPTION
   */
  constructor(options) {
    const { store, userOf } = Object(options);
    const unknown = Object.keys(Object(options)).find(name => !NAMES.includes(name));
    if (unknown !== undefined) throw optionError(unknown, `Revocations knows only ${NAMES.join(', ')}`);
    if (!store || typeof store !== 'object') throw optionError('store', 'expected a store, such as a RedisStore');
    if (userOf != null && typeof userOf !== 'function') {
      throw optionError('userOf', 'expected a function that says whose session it is');
    }
    this.#store = resolveStore(store, undefined);
    this.#userOf = userOf ?? undefined;
  }

  /**
   * @param {string} id
   * @returns {Promise<boolean>}
   */
  async isRevoked(id) {
    return Boolean(await this.#get(revokedKey(id)));
  }

  /**
   * @param {string} id
   * @param {number} untilMs when the last copy of the session's cookie ends
   */
  async revoke(id, untilMs) {
    const lifetimeMs = untilMs - Date.now();
    if (lifetimeMs > 0) await this.#set(revokedKey(id), { revoked: true }, lifetimeMs);
  }

  /**
   * @param {any} session
   * @returns {Promise<number | undefined>} the time when the session's user was last logged out everywhere
   */
  async notBefore(session) {
    const user = this.#userOf && this.#userOf(session);
    if (user === undefined || user === null) return undefined;
    const entry = await this.#get(userKey(user));
    return entry ? entry.notBefore : undefined;
  }

  /**
   * Logs a user out everywhere: refuses all sessions that began before now.
   *
   * @param {string | number} user as `userOf` names him
   */
  async revokeUser(user) {
    if (!this.#userOf) throw misuse('ERR_SESSION_ARGUMENT', 'Revocations needs the option userOf to know whose session is whose');
    await this.#set(userKey(user), { notBefore: Date.now() }, USER_ENTRY_MS);
  }

  /** @param {string} key */
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

/** @param {unknown} user hashed: it may be long, or an address that has no place in the names of keys */
function userKey(user) {
  if (typeof user !== 'string' && typeof user !== 'number') {
    throw misuse('ERR_SESSION_ARGUMENT', 'Expected a string or a number for user');
  }
  return `not-before:${createHash('sha256').update(String(user)).digest('base64url')}`;
}

module.exports = { Revocations };
