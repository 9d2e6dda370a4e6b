'use strict';

/**
 * What a request does with the life of its session, where `absoluteMaxAge` is set: finds when it began, begins it, and leaves it at
 * `ctx.session = null` and `regenerate()`. With `revocation` a life that was left is revoked.
 */

const codec = require('../session/codec');
const { SessionLife } = require('../session/session_life');
const { callRevocation } = require('../store/calls');

/** @typedef {import('./context_session')} ContextSession */

/** The lives that one request has to do with. */
class Lives {
  constructor() {
    /** @type {SessionLife | undefined} that of the session that was loaded or saved */
    this.current = undefined;
    /** @type {SessionLife | undefined} one that has to be revoked */
    this.left = undefined;
    /** @type {string | undefined} the id of the session that was checked and taken */
    this.checkedId = undefined;
    /** @type {import('../cookie/origin').Origin | undefined} of the cookie that is being checked, for a subscriber */
    this.origin = undefined;
  }
}

/**
 * @param {ContextSession} contextSession
 * @returns {Lives}
 */
function livesOf(contextSession) {
  if (contextSession.lives === undefined) contextSession.lives = new Lives();
  return contextSession.lives;
}

/**
 * @param {ContextSession} contextSession
 * @param {SessionLife | undefined} life of the loaded session
 */
function setLife(contextSession, life) {
  livesOf(contextSession).current = life;
}

/**
 * @param {ContextSession} contextSession
 * @param {import('../cookie/session_cookie').OpenedCookie | null} opened
 * @param {any} json the session in it; undefined if there is none
 * @returns {SessionLife | undefined}
 */
function lifeInCookie(contextSession, opened, json) {
  const { opts } = contextSession;
  if (!opened) reportEnded(contextSession);
  if (!opened || json === undefined) return undefined;
  const life = SessionLife.ofLoaded(json, opts.absoluteMaxAge, opened.token);
  if (opts.revocation) life.takeIdOf(opts.decode === codec.decode ? JSON.stringify(json) : opened.value);
  return life;
}

/**
 * Emits `session:expired` for a sealed cookie that has ended.
 *
 * @param {ContextSession} contextSession
 */
function reportEnded(contextSession) {
  const { ctx, opts, cookie } = contextSession;
  const token = cookie.openEnded(ctx, opts);
  if (token) contextSession.emit('expired', { key: undefined, value: valueOf(opts, token.text), ctx });
}

/**
 * @param {any} opts
 * @param {string} text
 * @returns {any}
 */
function valueOf(opts, text) {
  try {
    return opts.decode === codec.decode ? JSON.parse(text) : opts.decode(text);
  } catch {
    return undefined;
  }
}

/**
 * @param {ContextSession} contextSession
 * @returns {SessionLife} the life of this request's session, which begins now if the session is new
 */
function currentLife(contextSession) {
  const { opts, store } = contextSession;
  const lives = livesOf(contextSession);
  const life = lives.current || new SessionLife(Date.now(), opts.absoluteMaxAge);
  if (opts.revocation && !store) life.takeRandomId();
  lives.current = life;
  return life;
}

/**
 * Content that is saved after this belongs to another session. The life that was left is revoked with the next commit.
 *
 * @param {ContextSession} contextSession
 * @param {boolean} [isMoved] by `regenerate()`
 */
function leaveLife({ opts, store, lives, recorder }, isMoved = false) {
  if (lives === undefined || lives.current === undefined) return;
  if (recorder && !store) recorder.left(isMoved);
  // If an earlier one still waits, only of that one a client can have a copy.
  if (opts.revocation && !store && !lives.left) lives.left = lives.current;
  lives.current = undefined;
}

/**
 * @param {any} ctx
 * @param {string} [as] which of the app's sessions
 * @returns {string | undefined} the id by which `revocation` knows the session in the cookie; undefined without `revocation`
 */
function sessionId(ctx, as = 'session') {
  const session = ctx[as];
  const contextSession = session && session._sessCtx;
  if (!contextSession || !contextSession.opts.revocation || contextSession.store) return undefined;
  return currentLife(contextSession).id;
}

/**
 * Revokes the session that the app has left, for as long as a copy of its cookie can live.
 *
 * @param {ContextSession} contextSession
 * @returns {Promise<void>}
 */
async function revokeLeft(contextSession) {
  const lives = livesOf(contextSession);
  const left = /** @type {SessionLife} */ (lives.left);
  await callRevocation(contextSession, 'revoke', left.id, left.endsAtMs);
  lives.left = undefined;
}

module.exports = { currentLife, leaveLife, lifeInCookie, livesOf, revokeLeft, sessionId, setLife, Lives };
