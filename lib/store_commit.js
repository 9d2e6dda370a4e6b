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

/**
 * @typedef {object} Entry what is to be saved
 * @property {any} content the session's data and lifetime: JSON text for a store that takes it, else an object
 * @property {any} lifetime ms or 'session'
 * @property {boolean} changed
 */

/**
 * @param {ContextSession} contextSession
 * @param {Entry} entry
 * @returns {Promise<boolean>} false when the session was destroyed meanwhile, so that it was not saved
 */
async function saveToStore(contextSession, entry) {
  const { ctx, opts, store } = contextSession;
  const key = contextSession.externalKey;
  const maxAge = typeof entry.lifetime === 'number' ? entry.lifetime + GRACE_MS : entry.lifetime;
  const options = { changed: entry.changed, ctx, rolling: opts.rolling };
  if (!takesText(store)) {
    await callStore(contextSession, 'set', key, entry.content, maxAge, options);
    return true;
  }
  if (!comparesAndSets(store) || contextSession._storedText === undefined) {
    await callStore(contextSession, 'setText', key, entry.content, maxAge, options);
    if (comparesAndSets(store)) {
      contextSession._storedText = entry.content;
      contextSession._sessionText = entry.content;
    }
    return true;
  }
  return compareAndSet(contextSession, entry.content, maxAge, options);
}

/**
 * Replaces the text that was loaded by this request's. Where another request was faster, both changes are merged and
 * it is tried again.
 *
 * @param {ContextSession} contextSession
 * @param {string} mine
 * @param {any} maxAge
 * @param {any} options
 * @returns {Promise<boolean>}
 */
async function compareAndSet(contextSession, mine, maxAge, options) {
  const key = contextSession.externalKey;
  // What this request's session came from, and what the store holds: they differ after a merge.
  const base = /** @type {string} */ (contextSession._sessionText);
  let stored = /** @type {string} */ (contextSession._storedText);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const { text, conflicts } = stored === base ? { text: mine, conflicts: [] } : merge(base, mine, stored);
    const answer = await callStore(contextSession, 'compareAndSet', key, stored, text, maxAge, options);
    if (answer.status === 'done') {
      contextSession._sessionText = mine;
      contextSession._storedText = text;
      if (conflicts.length > 0) contextSession.emit('conflict', { key, paths: conflicts, ctx: contextSession.ctx });
      return true;
    }
    if (answer.status === 'gone') {
      contextSession.emit('gone', { key, ctx: contextSession.ctx });
      return false;
    }
    stored = answer.text;
    if (attempt > 1) await sleep(randomInt(Math.min(attempt, MAX_JITTER_MS) + 1));
  }
  throw sessionError('ERR_SESSION_CONFLICT', `the session was changed by others ${MAX_ATTEMPTS} times while it was saved`);
}

module.exports = { saveToStore };
