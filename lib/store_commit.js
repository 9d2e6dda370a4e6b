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
// A session that is over, for egg-session too.
const MOVED = '{"_expire":1,"_maxAge":1}';

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
  const replaced = await replace(contextSession, stored => merged(contextSession, mine, stored), maxAge, options);
  if (replaced === GONE) return GONE;
  keep(contextSession, mine, replaced.text, replaced.conflicts);
  return undefined;
}

/**
 * Takes the session away from under its key, so that it can go to another, and leaves for a moment what nobody can read
 * or change.
 *
 * @param {ContextSession} contextSession with a text that it has loaded or saved
 * @returns {Promise<any>} the last text, with what others changed since; GONE when the session was destroyed meanwhile
 */
async function takeFromStore(contextSession) {
  const { ctx, opts } = contextSession;
  const options = { changed: false, ctx, rolling: opts.rolling };
  const replaced = await replace(contextSession, () => ({ text: MOVED, conflicts: [] }), GRACE_MS, options);
  return replaced === GONE ? GONE : replaced.stored;
}

/**
 * @param {ContextSession} contextSession
 * @param {(stored: string) => { text: string, conflicts: string[] }} textFor what to put in the place of what is stored
 * @param {any} maxAge
 * @param {any} options
 * @returns {Promise<any>} `{ stored, text, conflicts }`: what was replaced, and by what; GONE as for `saveToStore`
 */
async function replace(contextSession, textFor, maxAge, options) {
  const key = contextSession.externalKey;
  // Not always what this request's session came from: they differ after a merge.
  let stored = /** @type {string} */ (contextSession._storedText);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const { text, conflicts } = textFor(stored);
    const answer = await callStore(contextSession, 'compareAndSet', key, stored, text, maxAge, options);
    if (answer.status === 'done') return { stored, text, conflicts };
    if (answer.status === 'gone' || answer.text === MOVED) {
      contextSession.emit('gone', { key, ctx: contextSession.ctx });
      return GONE;
    }
    stored = answer.text;
    if (attempt > 1) await sleep(randomInt(Math.min(attempt, MAX_JITTER_MS) + 1));
  }
  throw sessionError('ERR_SESSION_CONFLICT', `the session was changed by others ${MAX_ATTEMPTS} times while it was saved`);
}

module.exports = { GONE, saveToStore, takeFromStore };
