'use strict';

const codec = require('./codec');
const { openPieces } = require('./cookie_pieces');
const { SessionLife } = require('./session_life');

/**
 * What a request does with the life of its session, where `absoluteMaxAge` is set: finds it, begins it, and leaves it at
 * `ctx.session = null` and `regenerate()`.
 *
 * @typedef {import('./context_session')} ContextSession
 */

/**
 * @param {ContextSession} contextSession
 * @param {import('./session_cookie').Found | null} found
 * @param {any} json the session in it; undefined for none
 * @returns {SessionLife | undefined}
 */
function lifeInCookie(contextSession, found, json) {
  const { opts } = contextSession;
  if (!found) reportEnded(contextSession);
  if (!found || json === undefined) return undefined;
  const life = SessionLife.ofLoaded(json, opts.absoluteMaxAge, found.token);
  if (opts.revocation) life.takeIdOf(opts.decode === codec.decode ? JSON.stringify(json) : found.value);
  return life;
}

/**
 * A sealed cookie that has ended does not open, like one that is forged; a second look without a clock tells them apart.
 *
 * @param {ContextSession} contextSession
 */
function reportEnded(contextSession) {
  const { ctx, opts, _cookie } = contextSession;
  const value = opts.encrypt === 'sealed' && ctx.cookies.get(opts.key, { signed: false });
  if (!value) return;
  const keyring = _cookie._keyringFor(ctx, ctx.cookies) || _cookie._keyring.of(ctx.app.keys);
  const open = (/** @type {string} */ name, /** @type {string} */ sealed) => keyring.openSealed(name, sealed, 0);
  const token = open(opts.key, value) || openPieces(ctx, opts, value, open);
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
 * @returns {SessionLife} this request's session's, begun now if it is new
 */
function currentLife(contextSession) {
  const { opts, store } = contextSession;
  const life = contextSession._life || new SessionLife(Date.now(), opts.absoluteMaxAge);
  if (opts.revocation && !store) life.takeRandomId();
  contextSession._life = life;
  return life;
}

/**
 * What is saved after this is another session. The one that is left is revoked with the next commit.
 *
 * @param {ContextSession} contextSession
 */
function leaveLife(contextSession) {
  const { opts, store, _life: life } = contextSession;
  // An earlier one that still waits is the only one of which a client can have a copy.
  if (opts.revocation && !store && life && !contextSession._leftLife) contextSession._leftLife = life;
  contextSession._life = undefined;
}

/**
 * @param {any} ctx
 * @returns {string | undefined} the id that `revocation` knows the session in the cookie by; undefined where it is off
 */
function sessionId(ctx) {
  const contextSession = ctx.session && ctx.session._sessCtx;
  if (!contextSession || !contextSession.opts.revocation || contextSession.store) return undefined;
  return currentLife(contextSession).id;
}

module.exports = { lifeInCookie, currentLife, leaveLife, sessionId };
