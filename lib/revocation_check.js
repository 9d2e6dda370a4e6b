'use strict';

const { sessionError } = require('./errors');
const { callRevocation } = require('./store_access');

/**
 * Sessions in cookies that can be ended before their time: `revocation` is asked about each one before the app's code
 * runs, and told of each one that the app ends.
 *
 * @typedef {import('./context_session')} ContextSession
 */

/**
 * Opens the cookie now and not when it is first touched, since the answer may take a while.
 *
 * @param {ContextSession} contextSession
 * @returns {Promise<void>}
 * @throws what `revocation` throws, unless `onStoreError` lets the request go on without a session
 */
async function openUnlessRevoked(contextSession) {
  const { ctx, opts } = contextSession;
  const json = contextSession.initFromCookie();
  if (json === undefined) return;
  const life = /** @type {import('./session_life').SessionLife} */ (contextSession._life);
  // Whoever asks for the session meanwhile, or after a failure, gets another one, which is not this life's.
  contextSession._life = undefined;
  let isRefused;
  try {
    isRefused = await isRevoked(contextSession, life, json);
  } catch (err) {
    if (opts.onStoreError !== 'readonly') throw err;
    contextSession._isReadonly = true;
    contextSession.session = new contextSession._SessionClass(contextSession);
    return;
  }
  if (isRefused) {
    contextSession.create();
    contextSession.emit('revoked', { ctx });
  } else {
    contextSession.takeFromCookie(json);
    contextSession._life = life;
  }
}

/**
 * @param {ContextSession} contextSession
 * @param {import('./session_life').SessionLife} life
 * @param {any} json
 */
async function isRevoked(contextSession, { createdAtMs, isKnown, id }, json) {
  const [isRevokedId, notBeforeMs] = await Promise.all([
    callRevocation(contextSession, 'isRevoked', id, json),
    contextSession.opts.revocation.notBefore && callRevocation(contextSession, 'notBefore', json),
  ]);
  if (isRevokedId) return true;
  if (notBeforeMs == null) return false;
  if (typeof notBeforeMs !== 'number' || Number.isNaN(notBeforeMs)) {
    throw sessionError('ERR_SESSION_ARGUMENT', 'expected milliseconds since 1970 or nothing from revocation.notBefore');
  }
  // A session whose beginning nobody knows may be as old as any.
  return isKnown ? createdAtMs < notBeforeMs : notBeforeMs > 0;
}

/**
 * Revokes the session that the app has left, until no copy of it can live.
 *
 * @param {ContextSession} contextSession
 * @returns {Promise<void>}
 */
async function revokeLeft(contextSession) {
  const left = /** @type {import('./session_life').SessionLife} */ (contextSession._leftLife);
  await callRevocation(contextSession, 'revoke', left.id, left.endsAtMs);
  contextSession._leftLife = undefined;
}

module.exports = { openUnlessRevoked, revokeLeft };
