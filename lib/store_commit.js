'use strict';

const { randomInt } = require('node:crypto');
const { setTimeout: sleep } = require('node:timers/promises');
const { merge } = require('./engine');
const { sessionError } = require('./errors');
const { callStore, comparesAndSets, takesText } = require('./store_access');

/**
 * Saving to an external store. One with only get, set and destroy is called as egg-session calls it. One that compares
 * and sets never loses another request's change, and never brings back what another request destroyed.
 *
 * @typedef {import('./context_session')} ContextSession
 */

// A store keeps an entry a little longer than the browser keeps its cookie.
const GRACE_MS = 10000;
// Each round lets at least one of the requests that compete for a session through.
const MAX_ATTEMPTS = 200;
const MAX_JITTER_MS = 20;
// An answer that no store gives.
const GONE = Symbol('gone');

/**
 * @typedef {object} Entry what is to be saved
 * @property {any} content the session's data and lifetime: JSON text for a store that takes it, else an object
 * @property {any} lifetime ms or 'session'
 * @property {boolean} changed
 */

/**
 * @param {ContextSession} contextSession
 * @param {Entry} entry
 * @returns {Promise<any>} GONE when the session was destroyed meanwhile, so that it was not saved
 */
function saveToStore(contextSession, entry) {
  const { ctx, opts, store } = contextSession;
  const key = contextSession.externalKey;
  const maxAge = typeof entry.lifetime === 'number' ? entry.lifetime + GRACE_MS : entry.lifetime;
  const options = { changed: entry.changed, ctx, rolling: opts.rolling };
  if (!takesText(store)) {
    return callStore(contextSession, 'set', key, entry.content, maxAge, options);
  }
  if (!comparesAndSets(store)) {
    return callStore(contextSession, 'setText', key, entry.content, maxAge, options);
  }
  const isKnown = contextSession._storedText !== undefined;
  return (isKnown ? compareAndSet : setFirst)(contextSession, entry.content, maxAge, options);
}

/**
 * Saves under a key that the store does not have yet.
 *
 * @param {ContextSession} contextSession
 * @param {string} mine what this request's session is now
 * @param {any} maxAge
 * @param {any} options
 */
async function setFirst(contextSession, mine, maxAge, options) {
  const { text, conflicts } = merged(contextSession, mine, contextSession._movedText);
  await callStore(contextSession, 'setText', contextSession.externalKey, text, maxAge, options);
  contextSession._movedText = undefined;
  keep(contextSession, mine, text, conflicts);
}

/**
 * @param {ContextSession} contextSession
 * @param {string} mine
 * @param {string} [theirs] what the store holds; undefined where that is nobody else's
 */
function merged({ _sessionText: base }, mine, theirs) {
  return theirs === undefined || theirs === base ? { text: mine, conflicts: [] } : merge(/** @type {string} */ (base), mine, theirs);
}

/**
 * @param {ContextSession} contextSession
 * @param {string} mine what this request's session is now
 * @param {string} stored
 * @param {string[]} conflicts
 */
function keep(contextSession, mine, stored, conflicts) {
  const { externalKey: key, ctx } = contextSession;
  contextSession._sessionText = mine;
  contextSession._storedText = stored;
  if (conflicts.length > 0) contextSession.emit('conflict', { key, paths: conflicts, ctx });
}

/**
 * Replaces the text that was loaded by this request's. Where another request was faster, both changes are merged and
 * it is tried again.
 *
 * @param {ContextSession} contextSession
 * @param {string} mine
 * @param {any} maxAge
 * @param {any} options
 * @returns {Promise<any>} GONE as for `saveToStore`
 */
async function compareAndSet(contextSession, mine, maxAge, options) {
  const key = contextSession.externalKey;
  // Not always what this request's session came from: they differ after a merge.
  let stored = /** @type {string} */ (contextSession._storedText);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const { text, conflicts } = merged(contextSession, mine, stored);
    const answer = await callStore(contextSession, 'compareAndSet', key, stored, text, maxAge, options);
    if (answer.status === 'done') {
      keep(contextSession, mine, text, conflicts);
      return undefined;
    }
    if (answer.status === 'gone') {
      contextSession.emit('gone', { key, ctx: contextSession.ctx });
      return GONE;
    }
    stored = answer.text;
    if (attempt > 1) await sleep(randomInt(Math.min(attempt, MAX_JITTER_MS) + 1));
  }
  throw sessionError('ERR_SESSION_CONFLICT', `the session was changed by others ${MAX_ATTEMPTS} times while it was saved`);
}

module.exports = { GONE, saveToStore };
