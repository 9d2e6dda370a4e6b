'use strict';

/**
 * The choice among several cookies of the session's name: the first that is a live session counts. Its verdict is the final one, of
 * expiry, `absoluteMaxAge`, `valid`, the store and `revocation`. At most eight cookies are tried, and two looked up. An error is
 * no verdict. Exists only in a request whose first cookie is no live session, or that logs out.
 */

const { MAX_CANDIDATES } = require('../cookie/request_header');
const codec = require('../session/codec');

/**
 * @typedef {import('./context_session')} ContextSession
 * @typedef {import('../cookie/session_cookie').OpenedCookie} OpenedCookie
 *
 * @typedef {'missed' | 'expired' | 'invalid' | 'revoked' | 'nothing'} Refusal why a cookie gives no session: the event, or 'nothing'
 */

// Whoever plants cookies could have the store asked for each.
const MAX_LOOK_UPS = 2;

class Candidates {
  /** @type {Generator<OpenedCookie, void>} */
  #others;
  /** @type {Generator<OpenedCookie, void> | undefined} those under former names, at a logout */
  #former;
  // The first was tried already.
  #left = MAX_CANDIDATES - 1;
  /** @type {Set<string>} */
  #lookedUp = new Set();
  /** @type {{ refusal: Refusal, data: any } | undefined} */
  #first;

  /**
   * @param {ContextSession} contextSession
   * @param {OpenedCookie} first
   */
  constructor({ ctx, opts, cookie, store }, first) {
    this.#others = cookie.others(ctx, opts, !store && opts.decode === codec.decode, first);
  }

  /**
   * A former name is read only if no cookie of the current one opens, but a logout ends what came under either.
   *
   * @param {ContextSession} contextSession
   */
  addFormer({ ctx, opts, cookie, store }) {
    if (opts.formerCookies != null) this.#former = cookie.others(ctx, opts, !store && opts.decode === codec.decode);
  }

  /** @returns {OpenedCookie | undefined} undefined after the last */
  next() {
    if (this.#left === 0) return undefined;
    const other = this.#others.next().value || (this.#former && this.#former.next().value) || undefined;
    if (other !== undefined) this.#left--;
    return other;
  }

  /** @param {string | undefined} id of a session that was looked up: its external key, or its id under `revocation` */
  lookedUp(id) {
    if (id) this.#lookedUp.add(id);
  }

  /**
   * @param {string | undefined} id
   * @returns {boolean} true if this session is to be looked up now
   */
  mayLookUp(id) {
    if (!id || this.isSpent || this.#lookedUp.has(id)) return false;
    this.#lookedUp.add(id);
    return true;
  }

  /** True if nothing may be looked up any more. */
  get isSpent() {
    return this.#lookedUp.size >= MAX_LOOK_UPS;
  }

  /**
   * @param {Refusal} refusal of a cookie; only the first is told
   * @param {any} data of the event
   */
  refused(refusal, data) {
    if (this.#first === undefined) this.#first = { refusal, data };
  }

  /** @param {ContextSession} contextSession emits the event of the first, since none is live */
  report(contextSession) {
    if (this.#first !== undefined && this.#first.refusal !== 'nothing') contextSession.emit(this.#first.refusal, this.#first.data);
  }
}

/**
 * @param {ContextSession} contextSession
 * @returns {Candidates | undefined} undefined if no cookie opened
 */
function candidatesOf(contextSession) {
  const { firstCookie } = contextSession;
  if (contextSession.candidates === undefined && firstCookie) contextSession.candidates = new Candidates(contextSession, firstCookie);
  return contextSession.candidates;
}

module.exports = { candidatesOf, Candidates };
