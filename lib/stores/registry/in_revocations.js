'use strict';

/**
 * The backend of a SessionRegistry for sessions in cookies. Each user has one entry `living:HASH` in the store of the Revocations
 * (../revocations.js), a list of that user's sessions. Whether a session is let in depends on the revocations alone, never on the list:
 * so no write of the list, however late, brings a session back, and `list` leaves out what is refused.
 *
 * A session that ends leaves a mark in the list for an hour, so that a request which still records it changes nothing. The end of all
 * sessions leaves one mark more, for the sessions that are not in the list. A request that finds its session marked, and has called
 * `regenerate()`, revokes the new id.
 */

const { cutoffOf, livingKey, LIVING, partsOf } = require('../revocations');
const { userOfSession } = require('../users');
const { publicIdOf } = require('../../store/record');
const { inTurn } = require('../../store/save');
const { TOMBSTONE_MS } = require('../../store/tombstone');
const { sessionError } = require('../../errors');

// Each attempt lets at least one of the competing writes through.
const MAX_ATTEMPTS = 200;
const BATCH = 100;
/** How many sessions this process remembers to have recorded. */
const MOST_REMEMBERED = 10_000;

let backends = 0;

/**
 * @typedef {import('./registry').UserSession} UserSession
 *
 * @typedef {object} Living a session in a list; of a mark only `id`, `isEnded` and `keptUntil` are there. All times in ms since 1970
 * @property {string} id by which it can be revoked
 * @property {string} publicId
 * @property {number} began since when it is its user's; 0 if nobody knows
 * @property {number} born since when it has this id
 * @property {number} seen
 * @property {number} ends
 * @property {number} until when no copy of its cookie can live any more
 * @property {number} keptUntil
 * @property {string} [label]
 * @property {string} [address]
 * @property {true} [isEnded]
 * @property {{ before: number, spared: (string | undefined)[] }} [all] of the mark of `endAll`: which sessions have ended
 *
 * @typedef {object} Change
 * @property {string} user
 * @property {string} id
 * @property {string} [from] the id under which the same session is in the list; undefined for a session that is new to its user
 * @property {number} [fromBorn] since when it had that id; 0 if nobody knows
 * @property {{ createdAtMs: number, endsAtMs: number }} life
 * @property {number} endsAtMs
 * @property {string} [label]
 * @property {string} [address]
 */

class RevocationsBackend {
  /** As messages of diagnostics name it. */
  static name = 'SessionRegistry';
  #revocations;
  #parts;
  #maxSessions;
  #queue = `registry ${backends++}: `;
  #currents = new WeakMap();
  /** @type {Map<string, number>} by id: when it was recorded last, in ms since 1970; the oldest first */
  #recorded = new Map();

  /** @param {import('./options').CheckedOptions} options @param {(ctx: any) => any} describe */
  constructor({ revocation, touchAfterMs, maxSessions }, describe) {
    this.#revocations = revocation;
    this.#parts = /** @type {import('../revocations').RevocationsParts} */ (partsOf(revocation));
    this.#maxSessions = maxSessions;
    this.touchAfterMs = touchAfterMs;
    this.describe = describe;
  }

  /** @param {any} store @param {any} revocation */
  serves(store, revocation) {
    return !store && revocation === this.#revocations;
  }

  /** @param {any} session */
  userOf(session) {
    return userOfSession(/** @type {any} */ (this.#parts.userOf), session);
  }

  /** @param {object} ctx @param {any} recorder */
  enter(ctx, recorder) {
    this.#currents.set(ctx, recorder);
  }

  /** @param {any} ctx @returns {any} the recorder of the request; undefined if its session was not loaded */
  currentOf(ctx) {
    return this.#currents.get(Object(ctx));
  }

  /** @param {string} id @returns {boolean} false if this process has recorded the session lately */
  isDue(id) {
    return Date.now() - (this.#recorded.get(id) ?? -Infinity) >= this.touchAfterMs;
  }

  /**
   * @param {Change} change
   * @returns {Promise<boolean>} false if the session was ended meanwhile
   */
  async record({ user, id, from, fromBorn, life, endsAtMs, label, address }) {
    let seen = Date.now();
    const isLive = await this.#update(user, sessions => {
      const nowMs = Date.now();
      const found = from === undefined ? undefined : sessions.find(session => session.id === from);
      if (found === undefined ? sessions.some(mark => hasEnded(mark, from, fromBorn)) : found.isEnded) return { answer: false };
      if (found !== undefined && from === id && nowMs - found.seen < this.touchAfterMs) {
        // Another process has recorded it.
        seen = found.seen;
        return { answer: true };
      }
      /** @type {Living} */
      const living = {
        id,
        publicId: found === undefined ? publicIdOf(id) : found.publicId,
        began: found === undefined ? (from === undefined ? nowMs : 0) : found.began,
        born: life.createdAtMs,
        seen: nowMs,
        ends: endsAtMs,
        until: life.endsAtMs,
        // A session that rolls lives on, and is recorded again only after `touchAfterMs`.
        keptUntil: Math.min(endsAtMs + this.touchAfterMs, life.endsAtMs),
        label,
        address,
      };
      seen = nowMs;
      return { answer: true, sessions: [...sessions.filter(session => session.id !== id && session.id !== from), living] };
    });
    if (isLive) this.#remember(id, seen);
    return isLive;
  }

  /** @param {string} user @param {string} id of a session that is no longer this user's */
  async forget(user, id) {
    await this.#mark(user, [{ id }]);
  }

  /**
   * @param {string} user
   * @param {{ current?: string, limit?: number }} options `current`: this session's id
   * @returns {Promise<UserSession[]>}
   */
  async list(user, { current, limit }) {
    const [text, notBefore] = await Promise.all([this.#read(user), cutoffOf(this.#parts, user)]);
    const nowMs = Date.now();
    const living = sessionsIn(text).filter(({ id, born, keptUntil, isEnded }) => !isEnded && keptUntil > nowMs && born >= notBefore(id));
    /** @type {UserSession[]} */
    const listed = [];
    for (let i = 0; i < living.length; i += BATCH) {
      const batch = living.slice(i, i + BATCH);
      const isRevoked = await Promise.all(batch.map(({ id }) => this.#revocations.isRevoked(id)));
      for (const [n, { id, publicId, began, seen, ends, label, address }] of batch.entries()) {
        if (isRevoked[n]) continue;
        const times = { createdAt: began || undefined, lastSeenAt: seen, expiresAt: ends };
        listed.push({ id: publicId, ...times, label, address, current: id === current });
      }
    }
    return limit === undefined ? listed : listed.slice(0, limit);
  }

  /**
   * @param {string} user
   * @param {string} publicId
   * @returns {Promise<boolean>} true if a session was ended
   */
  async end(user, publicId) {
    const isIt = (/** @type {Living} */ session) => session.publicId === publicId;
    return this.#endListed(user, sessionsIn(await this.#read(user)), isIt, []);
  }

  /** @param {string} user @param {{ except?: string, loadedId?: string }} [current] the recorder of a request whose session stays */
  async endAll(user, { except, loadedId } = {}) {
    await this.#revocations.revokeUser(user, { except });
    const notBefore = await cutoffOf(this.#parts, user);
    const before = notBefore();
    // After `regenerate()` the session is in the list under its former id until the request ends.
    const spared = [except, loadedId];
    const marks = [{ id: `all before ${before}`, all: { before, spared } }];
    // What has an id that began after the cutoff is in the list, or finds this mark when it is recorded.
    const sessions = await this.#mark(user, marks);
    await this.#endListed(user, sessions, ({ id }) => !spared.includes(id), marks, ({ id, born }) => born < notBefore(id));
  }

  async checkAccess() {
    const { store } = this.#parts;
    if (typeof store.checkAccess === 'function') await store.checkAccess(LIVING);
  }

  /** @param {string} user @returns {Promise<string | undefined>} */
  async #read(user) {
    return (await this.#parts.store.getText(livingKey(user))) || undefined;
  }

  /**
   * Ends sessions, also under the ids that `regenerate()` gives them meanwhile. Each is revoked before it is marked.
   *
   * @param {string} user
   * @param {Living[]} sessions the list
   * @param {(session: Living) => boolean} isIt
   * @param {Pick<Living, 'id' | 'all'>[]} marks written with the others
   * @param {(session: Living) => boolean} [isRefused] if it needs no revocation
   * @returns {Promise<boolean>} true if a session was ended
   */
  async #endListed(user, sessions, isIt, marks, isRefused = () => false) {
    const living = (/** @type {Living[]} */ all) => all.filter(session => !session.isEnded && isIt(session));
    let found = living(sessions);
    const hasFound = found.length > 0;
    while (found.length > 0) {
      for (const session of found) {
        if (!isRefused(session)) await this.#revocations.revoke(session.id, session.until);
      }
      found = living(await this.#mark(user, [...marks, ...found.map(({ id }) => ({ id }))]));
    }
    return hasFound;
  }

  /**
   * @param {string} user
   * @param {Pick<Living, 'id' | 'all'>[]} marks of sessions that have ended, in the list or not
   * @returns {Promise<Living[]>} the list with them
   */
  #mark(user, marks) {
    const keptUntil = Date.now() + TOMBSTONE_MS;
    const ids = new Set(marks.map(({ id }) => id));
    return this.#update(user, found => {
      const rest = found.filter(({ id }) => !ids.has(id));
      const sessions = [...marks.map(mark => /** @type {any} */ ({ ...mark, isEnded: true, keptUntil })), ...rest];
      return { answer: sessions, sessions };
    });
  }

  /**
   * @template Answer
   * @param {string} user
   * @param {(sessions: Living[]) => { answer: Answer, sessions?: Living[] }} edit gives what is to be written, if anything
   * @returns {Promise<Answer>}
   */
  #update(user, edit) {
    const { store } = this.#parts;
    const key = livingKey(user);
    // One after another, so that each needs few attempts, however many compete.
    return inTurn(this.#queue + key, async () => {
      /** @type {string | null} */
      let known = (await store.getText(key)) || null;
      for (let n = 1; n <= MAX_ATTEMPTS; n++) {
        const nowMs = Date.now();
        const { answer, sessions } = edit(sessionsIn(known).filter(({ keptUntil }) => keptUntil > nowMs));
        if (sessions === undefined) return answer;
        const kept = this.#bounded(sessions);
        const lifetimeMs = Math.max(...kept.map(({ keptUntil }) => keptUntil)) - nowMs;
        const result = await store.compareAndSet(key, known, JSON.stringify({ sessions: kept }), lifetimeMs, { changed: true });
        if (result.status === 'done') return answer;
        known = result.status === 'conflict' ? result.text : null;
      }
      throw sessionError('ERR_SESSION_CONFLICT', `a user's list of sessions was changed by others ${MAX_ATTEMPTS} times while it was saved`);
    });
  }

  /** @param {Living[]} sessions @returns {Living[]} of the living and of the marks the latest, as many as may be kept */
  #bounded(sessions) {
    const latest = (/** @type {(session: Living) => boolean} */ isKind, /** @type {'seen' | 'keptUntil'} */ time) => sessions
      .filter(isKind).sort((a, b) => b[time] - a[time]).slice(0, this.#maxSessions);
    return [...latest(({ isEnded }) => !isEnded, 'seen'), ...latest(({ isEnded }) => isEnded === true, 'keptUntil')];
  }

  /** @param {string} id @param {number} seenAtMs */
  #remember(id, seenAtMs) {
    this.#recorded.delete(id);
    this.#recorded.set(id, seenAtMs);
    if (this.#recorded.size > MOST_REMEMBERED) this.#recorded.delete(/** @type {string} */ (this.#recorded.keys().next().value));
  }
}

/** @param {Living} mark @param {string} [id] of a session that is not listed @param {number} [born] @returns {boolean} if all were ended */
function hasEnded({ all }, id, born = 0) {
  return id !== undefined && Array.isArray(all?.spared) && born < all.before && !all.spared.includes(id);
}

/** @param {string | null | undefined} text as the store holds it; another program may have written it @returns {Living[]} */
function sessionsIn(text) {
  if (!text) return [];
  try {
    const { sessions } = Object(JSON.parse(text));
    return Array.isArray(sessions) ? sessions.filter(session => typeof Object(session).id === 'string') : [];
  } catch {
    return [];
  }
}

module.exports = { RevocationsBackend };
