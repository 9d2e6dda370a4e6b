'use strict';

/**
 * With `revocation` each session in a cookie is checked before the app's code runs. If revocation cannot be checked, the request fails
 * (fail closed).
 */

const { candidatesOf } = require('./candidates');
const { livesOf } = require('./life');
const { loadAnother } = require('./load');
const { publish } = require('../diagnostics');
const { sessionError } = require('../errors');
const { callRevocation } = require('../store/calls');

/**
 * @typedef {import('./candidates').Candidates} Candidates
 * @typedef {import('./context_session')} ContextSession
 * @typedef {import('../session/session_life').SessionLife} SessionLife
 */

/**
 * Opens the cookie now and not when it is first touched, because the answer may take a while.
 *
 * @param {ContextSession} contextSession
 * @returns {Promise<void>}
 * @throws what `revocation` throws, unless `onStoreError` lets the request go on without a session
 */
async function openUnlessRevoked(contextSession) {
  const { ctx, opts } = contextSession;
  for (let json = contextSession.initFromCookie(); json !== undefined;) {
    const lives = livesOf(contextSession);
    const life = /** @type {SessionLife} */ (lives.current);
    // Code that touches the session meanwhile, or after a failure, gets a new one, which has a life of its own.
    lives.current = undefined;
    let isRefused;
    try {
      isRefused = await isRevoked(contextSession, life, json);
    } catch (err) {
      if (opts.onStoreError !== 'readonly') throw err;
      contextSession.becomeReadonly();
      return;
    }
    if (!isRefused) {
      contextSession.takeLoaded(json);
      lives.current = life;
      lives.checkedId = life.id;
      if (lives.origin !== undefined) publish('open', contextSession, lives.origin);
      return;
    }
    const candidates = /** @type {Candidates} */ (candidatesOf(contextSession));
    candidates.refused('revoked', { ctx });
    candidates.lookedUp(life.id);
    json = loadAnother(contextSession, candidates);
  }
}

/**
 * @param {ContextSession} contextSession
 * @param {SessionLife} life
 * @param {any} json
 */
async function isRevoked(contextSession, { createdAtMs, isKnown, id }, json) {
  const [isRevokedId, notBeforeMs] = await Promise.all([
    callRevocation(contextSession, 'isRevoked', id, json),
    contextSession.opts.revocation.notBefore && callRevocation(contextSession, 'notBefore', json, id),
  ]);
  if (isRevokedId) return true;
  if (notBeforeMs == null) return false;
  if (typeof notBeforeMs !== 'number' || Number.isNaN(notBeforeMs)) {
    throw sessionError('ERR_SESSION_ARGUMENT', 'expected milliseconds since 1970 or nothing from revocation.notBefore');
  }
  // A session of unknown beginning may be of any age.
  return isKnown ? createdAtMs < notBeforeMs : notBeforeMs > 0;
}

module.exports = { isRevoked, openUnlessRevoked };
