'use strict';

/**
 * The sessions of a user, for an account page: `config.session.registry = new SessionRegistry({ store })`, or `{ revocation }` for sessions
 * in cookies. docs/sessions.md says what is kept, and for how long.
 */

const { describer } = require('./describe');
const { RevocationsBackend } = require('./in_revocations');
const { StoreBackend } = require('./in_store');
const { checkOptions } = require('./options');
const { kindOf, misuse } = require('../../errors');
const { BACKEND, isPublicId } = require('../../store/record');

const MOST_LISTED = 2 ** 32 - 1;

/**
 * @typedef {object} UserSession all times in ms since 1970
 * @property {string} id public: it ends the session by `end`, and opens nothing
 * @property {number} [createdAt] since when the session is this user's; undefined if nobody knows
 * @property {number} [lastSeenAt] exact to `touchAfterMs`; undefined for a session without a record
 * @property {number} expiresAt
 * @property {string} [label]
 * @property {string} [address]
 * @property {boolean} current whether it is the session of the request
 */

class SessionRegistry {
  /** @type {StoreBackend | RevocationsBackend} */
  #backend;

  /**
   * @param {object} options see `SessionRegistryOptions` in index.d.ts
   * @throws {TypeError} ERR_SESSION_OPTION
   */
  constructor(options) {
    const checked = checkOptions(options);
    const describe = describer(checked);
    this.#backend = checked.store ? new StoreBackend(checked, describe) : new RevocationsBackend(checked, describe);
  }

  /** For the middleware. */
  get [BACKEND]() {
    return this.#backend;
  }

  /**
   * @param {string | number} user as `userOf` returns it
   * @param {{ ctx?: any, limit?: number }} [options] `ctx`: of the request, to tell which session is `current`
   * @returns {Promise<UserSession[]>} this session first, then the latest seen first
   * @throws {TypeError} ERR_SESSION_ARGUMENT
   */
  async list(user, { ctx, limit } = {}) {
    const name = userName(user);
    if (limit !== undefined && !(Number.isInteger(limit) && limit >= 0 && limit <= MOST_LISTED)) {
      throw misuse('ERR_SESSION_ARGUMENT', 'Expected a count for limit');
    }
    const current = ctx == null ? undefined : this.#currentOf(ctx).name;
    /** @type {Map<string, UserSession>} */
    const byId = new Map();
    for (const session of await this.#backend.list(name, { current, limit })) {
      // While `regenerate()` moves a session, it is there twice.
      if (session.current || !byId.has(session.id)) byId.set(session.id, session);
    }
    return [...byId.values()].sort((a, b) => Number(b.current) - Number(a.current) || (b.lastSeenAt ?? 0) - (a.lastSeenAt ?? 0));
  }

  /**
   * Ends one session of a user.
   *
   * @param {string | number} user
   * @param {unknown} id a public id as the browser sent it, of any type
   * @returns {Promise<boolean>} false if it is no session of this user; then nothing has ended
   * @throws {TypeError} ERR_SESSION_ARGUMENT for another type of user
   */
  async end(user, id) {
    const name = userName(user);
    return isPublicId(id) && this.#backend.end(name, id);
  }

  /**
   * Ends all sessions of the request's user but that of the request, also those without a record.
   *
   * @param {any} ctx
   * @returns {Promise<boolean>} false if the request has no session of a user
   * @throws {TypeError} ERR_SESSION_ARGUMENT for a ctx whose session this registry does not know
   */
  async endOthers(ctx) {
    const current = this.#currentOf(ctx);
    const { user } = current;
    if (user === undefined || current.except === undefined) return false;
    await this.#backend.endAll(user, current);
    return true;
  }

  /**
   * Ends all sessions of a user, also those without a record.
   *
   * @param {string | number} user
   * @returns {Promise<void>}
   * @throws {TypeError} ERR_SESSION_ARGUMENT
   */
  async endAll(user) {
    await this.#backend.endAll(userName(user));
  }

  /** Asks the store of the Revocations whether its server lets the registry do what it needs. @returns {Promise<void>} */
  async checkAccess() {
    await this.#backend.checkAccess();
  }

  /** @param {any} ctx */
  #currentOf(ctx) {
    const current = this.#backend.currentOf(ctx);
    if (current !== undefined) return current;
    throw misuse('ERR_SESSION_ARGUMENT', 'Expected a ctx in which the session middleware with this `registry` has run');
  }
}

/** @param {unknown} user @returns {string} @throws {TypeError} ERR_SESSION_ARGUMENT */
function userName(user) {
  if (typeof user === 'string' || typeof user === 'number') return String(user);
  throw misuse('ERR_SESSION_ARGUMENT', `Expected a string or a number for user but received ${kindOf(user)}`);
}

module.exports = { SessionRegistry };
