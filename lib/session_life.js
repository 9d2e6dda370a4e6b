'use strict';

const { createHash, randomBytes } = require('node:crypto');

/**
 * When a session began, so that `absoluteMaxAge` can end it, and the id by which it can be revoked. A sealed cookie carries
 * both beside the session, in its token; anything else carries the beginning as `_createdAt` in the session's JSON, where
 * egg-session ignores it and drops it when it writes. Made only where `absoluteMaxAge` is set.
 *
 * @typedef {import('./engine/sealed').Opened} Token
 */

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
    /** false: nothing told the beginning, so that it is now and has to be written down */
    this.isKnown = true;
  }

  /**
   * @param {any} json what was loaded, of any shape
   * @param {number} absoluteMaxAgeMs
   * @param {Token} [token] the sealed cookie that held it
   */
  static ofLoaded(json, absoluteMaxAgeMs, token) {
    const nowMs = Date.now();
    const createdAtMs = createdAt(json, token);
    // Another machine's clock may be ahead.
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
   * Names a session whose cookie has no id by what it says, so that every copy of that cookie has the same.
   *
   * @param {string} text what was sealed, encrypted or signed, or the same JSON again
   */
  takeIdOf(text) {
    if (this.id === undefined) this.id = createHash('sha256').update(text).digest().toString('base64url', 0, ID_BYTES);
  }

  /**
   * @template Lifetime
   * @param {Lifetime} lifetime ms, `'session'` or nothing
   * @returns {Lifetime | number} no more ms than are left
   */
  cut(lifetime) {
    if (!lifetime || lifetime === 'session') return lifetime;
    // A request may outlive its session: the cookie that it sends is then over at once.
    const leftMs = Math.max(this.endsAtMs - Date.now(), 1);
    return Number(lifetime) < leftMs ? lifetime : leftMs;
  }

  /**
   * @param {any} json with its lifetime
   * @param {boolean} isInToken the token says when it began
   * @returns {any} the same
   */
  limit(json, isInToken) {
    if (json._expire !== undefined) json._expire = Math.min(Number(json._expire), this.endsAtMs);
    if (!isInToken) json._createdAt = this.createdAtMs;
    return json;
  }

  /**
   * @param {any} json what `limit` gave
   * @returns {import('./engine/sealed_meta').SealedMeta}
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
 * @returns {number | undefined} where nothing better is known, the time of the last save: the session is at least that old
 */
function createdAt(json, token) {
  if (token && token.createdAtMs !== undefined) return token.createdAtMs;
  const { _createdAt, _expire, _maxAge } = Object(json);
  if (isTime(_createdAt)) return _createdAt;
  const savedAtMs = typeof _expire === 'number' && typeof _maxAge === 'number' ? Math.floor(_expire - _maxAge) : undefined;
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
