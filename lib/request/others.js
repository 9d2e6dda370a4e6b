'use strict';

/**
 * A logout ends the other live sessions of the Cookie header, too, also those under former names: one of them would come to light now
 * that the first is gone. The limits are those of the choice (candidates.js).
 */

const { candidatesOf } = require('./candidates');
const { findInCookies } = require('./load');
const { findInStore, storedTextOf } = require('./load_entry');
const { isRevoked } = require('./unrevoked');
const { sessionError } = require('../errors');
const { callRevocation, callStore } = require('../store/calls');

/** @typedef {import('./context_session')} ContextSession */

/**
 * @param {ContextSession} contextSession with a store, whose own session was destroyed
 * @returns {Promise<void>}
 * @throws what the store throws; ERR_SESSION_READONLY where `onStoreError` lets a read go on
 */
async function destroyOthers(contextSession) {
  const { ctx } = contextSession;
  candidatesOf(contextSession)?.addFormer(contextSession);
  for (let other = await findInStore(contextSession); other !== undefined; other = await findInStore(contextSession)) {
    const { key, hasFailed, found, text } = other.entry;
    if (hasFailed) throw sessionError('ERR_SESSION_READONLY', 'the session store failed, so another session of this request could not be ended');
    const stored = storedTextOf(contextSession, found, text);
    await callStore(contextSession, 'destroy', key, stored === undefined ? { ctx } : { ctx, text: stored });
  }
}

/**
 * @param {ContextSession} contextSession with `revocation`, whose own session was revoked
 * @returns {Promise<void>}
 * @throws what `revocation` throws
 */
async function revokeOthers(contextSession) {
  const candidates = candidatesOf(contextSession);
  if (candidates === undefined) return;
  candidates.addFormer(contextSession);
  candidates.lookedUp(contextSession.lives && contextSession.lives.checkedId);
  for (let other = findInCookies(contextSession, candidates); other !== undefined; other = findInCookies(contextSession, candidates)) {
    const { json } = other.content;
    const life = /** @type {import('../session/session_life').SessionLife} */ (other.content.life);
    if (!await isRevoked(contextSession, life, json)) await callRevocation(contextSession, 'revoke', life.id, life.endsAtMs);
  }
}

module.exports = { destroyOthers, revokeOthers };
