'use strict';

/**
 * When a session began, so that `absoluteMaxAge` can end it, and the id by which it can be revoked. A sealed cookie carries
 * both in its token, beside the session. Every other format carries the beginning as `_createdAt` in the session's JSON:
 * egg-session ignores that key, and drops it when it writes. Exists only with `absoluteMaxAge`.
 */

const { createHash, randomBytes } = require('node:crypto');
const { endOf, fromDigits } = require('../engine/lifetime');

/** @typedef {Pick<import('../engine/portable/sealed').Opened, 'id' | 'createdAtMs'>} Token a sealed cookie's, opened */

const ID_BYTES = 16;

class SessionLife {
  /**
   * @param {number} createdAtMs
   * @param {number} absoluteMaxAgeMs
   * @param {string} [id]
   */
  constructor(createdAtMs, absoluteMaxAgeMs, id) {
    this.createdAtMs = createdAtMs;
    this.endsAtMs = createdAtMs + absoluteMaxAgeMs;
    this.id = id;
    /** False if no record tells the beginning: then the session begins now, and this has to be saved. */
    this.isKnown = true;
  }

  /**
   * @param {any} json the loaded content, of any shape
   * @param {number} absoluteMaxAgeMs
   * @param {Token} [token] the sealed cookie that held it
   */
  static ofLoaded(json, absoluteMaxAgeMs, token) {
    const nowMs = Date.now();
    const createdAtMs = createdAt(json, token);
    // The clock of the machine that wrote it may be ahead of ours.
    const life = new SessionLife(Math.min(createdAtMs ?? nowMs, nowMs), absoluteMaxAgeMs, token && token.id);
    life.isKnown = createdAtMs !== undefined;
    return life;
  }

  hasEnded() {
    return Date.now() >= this.endsAtMs;
  }

  /** Gives the session an id of its own, unless it has one. */
  takeRandomId() {
    if (this.id === undefined) this.id = randomBytes(ID_BYTES).toString('base64url');
  }

  /**
   * Derives the id of a session whose cookie has none from its content, so that every copy of that cookie has the same id.
   *
   * @param {string} text what was sealed, encrypted or signed, or the same JSON again
   */
  takeIdOf(text) {
    if (this.id === undefined) this.id = createHash('sha256').update(text).digest().toString('base64url', 0, ID_BYTES);
  }

  /**
   * @template Lifetime
   * @param {Lifetime} lifetime ms, `'session'` or nothing
   * @returns {Lifetime | number} cut to the ms that are left
   */
  cut(lifetime) {
    if (!lifetime || lifetime === 'session') return lifetime;
    // A request may outlive its session. The cookie that it sends then ends at once.
    const leftMs = Math.max(this.endsAtMs - Date.now(), 1);
    return Number(lifetime) < leftMs ? lifetime : leftMs;
  }

  /**
   * @param {any} json with its lifetime
   * @param {boolean} isInToken true if a token carries the beginning
   * @returns {any} the same
   */
  limit(json, isInToken) {
    if (json._expire !== undefined) json._expire = Math.min(Number(json._expire), this.endsAtMs);
    if (!isInToken) json._createdAt = this.createdAtMs;
    return json;
  }

  /**
   * @param {any} json what `limit` gave
   * @returns {import('../engine/arguments').SealedMeta}
   */
  meta(json) {
    const { createdAtMs, endsAtMs, id } = this;
    const expiresAtMs = Math.ceil(json._expire);
    return { createdAtMs, expiresAtMs: isTime(expiresAtMs) ? expiresAtMs : endsAtMs, id };
  }
}

/**
 * @param {any} json
 * @param {Token} [token]
 * @returns {number | undefined} the beginning, or at least the time of the last save: the session is at least that old
 */
function createdAt(json, token) {
  if (token && token.createdAtMs !== undefined) return token.createdAtMs;
  const { _createdAt, _maxAge } = Object(json);
  if (isTime(_createdAt)) return _createdAt;
  const end = endOf(Object(json));
  const maxAge = fromDigits(_maxAge);
  const savedAtMs = typeof end === 'number' && typeof maxAge === 'number' ? Math.floor(end - maxAge) : undefined;
  return isTime(savedAtMs) ? savedAtMs : undefined;
}

/**
 * @param {any} value
 * @returns {value is number}
 */
function isTime(value) {
  return Number.isSafeInteger(value) && value >= 0;
}

module.exports = { SessionLife };
