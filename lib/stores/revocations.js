'use strict';

/**
 * The list of revoked sessions in cookies, for `config.session.revocation`. It is kept in a store that all workers and machines
 * share. docs/revocation.md has the guarantees.
 *
 * Entries: `revoked:ID` → `{ revoked: true, untilMs }` for each session that was revoked, until the last copy of its cookie has
 * expired; `not-before:HASH` → `{ notBefore, except }` for each user who was logged out everywhere, where HASH is the SHA-256 of the
 * user in base64url, and `except: { id, notBefore }` names a session that was spared, and the time that counts for it: that of the
 * last logout that did not spare it, or 0. All times are in ms since 1970. In a store that compares and sets, no write lowers the time
 * that counts for a session, however late it arrives.
 *
 * A store that evicts or loses entries revives the sessions that they revoked. Times come from the clock of the calling machine,
 * so the machines' clocks should agree.
 */

const { createHash } = require('node:crypto');
const { isDeepStrictEqual } = require('node:util');
const { refuseUnknown } = require('./options');
const { LONGEST_LIFETIME_MS } = require('../engine/lifetime');
const { checkString, misuse, optionError, sessionError } = require('../errors');
const { comparesAndSets } = require('../store/calls');
const { resolveStore } = require('../store/resolve');

/**
 * @typedef {object} Cutoff a user's entry
 * @property {number} notBefore sessions of the user that began earlier are refused; in ms since 1970
 * @property {{ id: string, notBefore: number }} [except] the one session for which another time counts
 */

const NAMES = ['store', 'userOf'];
// Each attempt lets at least one of the competing calls through.
const MAX_ATTEMPTS = 200;
const REVOKED = 'revoked:';
const NOT_BEFORE = 'not-before:';
const LIVING = 'living:';

/**
 * @typedef {object} RevocationsParts what a SessionRegistry needs of it
 * @property {any} store
 * @property {((session: any) => string | number | null | undefined) | undefined} userOf
 */

/** @type {WeakMap<object, RevocationsParts>} */
const partsByRevocations = new WeakMap();

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
    partsByRevocations.set(this, { store: this.#store, userOf: this.#userOf });
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
    if (lifetimeMs > 0) await this.#raise(revokedKey(id), { revoked: true, untilMs }, laterEnd, lifetimeMs);
  }

  /**
   * @param {any} session its data, for `userOf`
   * @param {string} [id] the session's id
   * @returns {Promise<number | undefined>} when the session's user was last logged out everywhere, in milliseconds since 1970
   * @throws {TypeError} ERR_SESSION_ARGUMENT if `userOf` returns a user that is neither a string nor a number
   */
  async notBefore(session, id) {
    const user = this.#userOf && this.#userOf(session);
    if (user === undefined || user === null) return undefined;
    const entry = await this.#get(userKey(user));
    return entry ? countsFor(entry, id) : undefined;
  }

  /**
   * Logs a user out everywhere, or everywhere but here: refuses all of the user's sessions that began before now.
   *
   * @param {string | number} user as `userOf` returns it
   * @param {{ except?: string | null }} [options] `except`: the id of a session that stays
   * @throws {TypeError} ERR_SESSION_ARGUMENT without the option `userOf`, or for a user or an id of another type
   */
  async revokeUser(user, { except } = {}) {
    if (!this.#userOf) throw misuse('ERR_SESSION_ARGUMENT', 'Revocations needs the option userOf to know whose session is whose');
    if (except != null) checkString('except', except);
    const now = Date.now();
    const cutoff = except == null ? { notBefore: now } : { notBefore: now, except: { id: except, notBefore: 0 } };
    // No session outlives this, whatever its `absoluteMaxAge`.
    await this.#raise(userKey(user), cutoff, laterCutoff, LONGEST_LIFETIME_MS);
  }

  /** Asks the store whether its server lets it do what it needs. @returns {Promise<void>} */
  async checkAccess() {
    const { checkAccess } = this.#store;
    if (typeof checkAccess !== 'function') return;
    await Promise.all([REVOKED, NOT_BEFORE].map(prefix => checkAccess.call(this.#store, prefix)));
  }

  /**
   * @param {string} id any; in a cluster it tells which server is asked
   * @returns {Promise<number | undefined>} the time of the store's server, in ms since 1970; undefined if the store tells no time
   */
  async serverTimeMs(id) {
    const { serverTimeMs } = this.#store;
    return typeof serverTimeMs === 'function' ? serverTimeMs.call(this.#store, revokedKey(id)) : undefined;
  }

  /** @param {string} key @returns {Promise<any>} the entry, or something falsy */
  async #get(key) {
    return this.#store.get(key, undefined, {});
  }

  /**
   * Writes an entry, together with what is there already.
   *
   * @template Entry
   * @param {string} key
   * @param {Entry} entry
   * @param {(found: any, entry: Entry) => Entry} later gives both in one; `found` itself if that is enough
   * @param {number} lifetimeMs
   */
  async #raise(key, entry, later, lifetimeMs) {
    const store = this.#store;
    const options = { changed: true };
    if (!comparesAndSets(store)) {
      await store.set(key, later(await this.#get(key), entry), lifetimeMs, options);
      return;
    }
    let next = entry;
    /** @type {string | null} */
    let known = null;
    for (let n = 1; n <= MAX_ATTEMPTS; n++) {
      /** @type {import('./server').CompareAndSetResult} */
      const answer = await store.compareAndSet(key, known, JSON.stringify(next), lifetimeMs, options);
      if (answer.status === 'done') return;
      if (answer.status === 'gone' && known === null) {
        // A store of the app's own that cannot create.
        await store.set(key, entry, lifetimeMs, options);
        return;
      }
      known = answer.status === 'conflict' ? answer.text : null;
      const found = known === null ? undefined : parsed(known);
      next = later(found, entry);
      if (next === found) return;
    }
    throw sessionError('ERR_SESSION_CONFLICT', `a revocation was changed by others ${MAX_ATTEMPTS} times while it was saved`);
  }
}

/** @param {string} text of an entry @returns {any} undefined if it is no JSON */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {any} time as found in a store @returns {number} 0 if it is none */
function timeOf(time) {
  return typeof time === 'number' && time > 0 ? time : 0;
}

/** @param {any} found @param {{ revoked: boolean, untilMs: number }} entry */
function laterEnd(found, entry) {
  return timeOf(Object(found).untilMs) >= entry.untilMs ? found : entry;
}

/**
 * @param {any} cutoff
 * @param {string | undefined} id of a session
 * @returns {any} the time that counts for it, as it was found
 */
function countsFor(cutoff, id) {
  const { notBefore, except } = Object(cutoff);
  return except && id !== undefined && except.id === id ? except.notBefore : notBefore;
}

/**
 * For each session the later time counts, so one that was spared is refused as soon as a logout does not spare it.
 *
 * @param {any} found a cutoff, or nothing
 * @param {Cutoff} cutoff
 * @returns {Cutoff}
 */
function laterCutoff(found, cutoff) {
  const both = (/** @type {string | undefined} */ id) => Math.max(timeOf(countsFor(found, id)), countsFor(cutoff, id));
  /** @type {Cutoff} */
  const merged = { notBefore: both(undefined) };
  for (const { id } of [Object(Object(found).except), Object(cutoff.except)]) {
    // At most one of both is spared: the later logout ends the session that the earlier one has spared.
    if (typeof id === 'string' && both(id) < merged.notBefore) merged.except = { id, notBefore: both(id) };
  }
  return isDeepStrictEqual(merged, found) ? found : merged;
}

/** @param {string} id */
function revokedKey(id) {
  return `${REVOKED}${id}`;
}

/**
 * @param {unknown} user
 * @throws {TypeError} ERR_SESSION_ARGUMENT
 */
function userKey(user) {
  if (typeof user !== 'string' && typeof user !== 'number') {
    throw misuse('ERR_SESSION_ARGUMENT', 'Expected a string or a number for user');
  }
  return `${NOT_BEFORE}${hashOfUser(user)}`;
}

/**
 * @param {string} user
 * @returns {string} the key for a list of the user's sessions
 */
function livingKey(user) {
  return `${LIVING}${hashOfUser(user)}`;
}

/** @param {string | number} user hashed, because it may be long, or personal data such as an e-mail address */
function hashOfUser(user) {
  return createHash('sha256').update(String(user)).digest('base64url');
}

/**
 * @param {any} revocations
 * @returns {RevocationsParts | undefined} undefined if it is no Revocations
 */
function partsOf(revocations) {
  return partsByRevocations.get(revocations);
}

/**
 * @param {RevocationsParts} parts
 * @param {string} user
 * @returns {Promise<(id?: string) => number>} the time that counts for a session of this id, or for all others: what began earlier is
 *   refused
 */
async function cutoffOf({ store }, user) {
  const found = await store.get(userKey(user), undefined, {});
  return id => (found ? timeOf(countsFor(found, id)) : 0);
}

module.exports = { LIVING, Revocations, cutoffOf, livingKey, partsOf };
