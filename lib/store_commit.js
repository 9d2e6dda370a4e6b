'use strict';

const { randomInt } = require('node:crypto');
const { setTimeout: sleep } = require('node:timers/promises');
const { merge } = require('./engine');
const { sessionError } = require('./errors');
const { isMoved, movedText } = require('./moved');
const { callStore, comparesAndSets, takesText } = require('./store_access');
const { inTurn } = require('./turns');

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
const DONE = { status: 'done' };

/**
 * @typedef {object} Entry what is to be saved
 * @property {any} content the session's data and lifetime: JSON text for a store that takes it, else an object
 * @property {any} lifetime ms or 'session'
 * @property {boolean} changed
 *
 * @typedef {{ text: string, conflicts: string[], maxAge: any, lifetime?: any }} Saved `lifetime`: the session as it was saved, where
 *   another request has changed how long it lives, and this one has not
 * @typedef {(stored: string) => Promise<any>} Attempt gives the store's answer to a `compareAndSet` of what is there
 * @typedef {{ key: string, text: string }} Left the key that `regenerate()` gives up, and what the store holds there
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
  if (contextSession._left !== undefined) return move(contextSession, contextSession._left, entry.content, maxAge, options);
  if (contextSession._storedText !== undefined) return compareAndSet(contextSession, entry.content, maxAge, options);
  return setFirst(contextSession, entry.content, maxAge, options);
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
  await callStore(contextSession, 'setText', contextSession.externalKey, mine, maxAge, options);
  keep(contextSession, mine, { text: mine, conflicts: [], maxAge });
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
  const key = /** @type {string} */ (contextSession.externalKey);
  /** @type {Saved | undefined} */
  let saved;
  // Not always what this request's session came from: they differ after a merge.
  const stored = /** @type {string} */ (contextSession._storedText);
  const isDone = await untilDone(contextSession, key, stored, (known) => {
    saved = merged(contextSession, mine, known, maxAge);
    return callStore(contextSession, 'compareAndSet', key, known, saved.text, saved.maxAge, options);
  });
  if (!isDone) return GONE;
  keep(contextSession, mine, /** @type {any} */ (saved));
  return undefined;
}

/**
 * Saves under a new key, with what other requests saved under the old one, and ends the session there. The new entry comes
 * first, so that no failure takes both.
 *
 * @param {ContextSession} contextSession
 * @param {Left} left
 * @param {string} mine
 * @param {any} maxAge
 * @param {any} options
 * @returns {Promise<any>} GONE as for `saveToStore`
 */
async function move(contextSession, left, mine, maxAge, options) {
  const { externalKey: key, ctx } = contextSession;
  const moved = movedText();
  /** @type {Saved | undefined} */
  let saved;
  const isDone = await untilDone(contextSession, left.key, left.text, async (known) => {
    saved = merged(contextSession, mine, known, maxAge);
    await callStore(contextSession, 'setText', key, saved.text, saved.maxAge, options);
    const answer = await callStore(contextSession, 'compareAndSet', left.key, known, moved, GRACE_MS, options);
    // A client that lost its connection may have asked twice.
    return answer.text === moved ? DONE : answer;
  });
  if (!isDone) {
    await callStore(contextSession, 'destroy', key, { ctx });
    return GONE;
  }
  // Nobody can read what is there, and it ends by itself.
  await callStore(contextSession, 'destroy', left.key, { ctx }).catch(() => {});
  contextSession._left = undefined;
  keep(contextSession, mine, /** @type {any} */ (saved));
  return undefined;
}

/**
 * @param {ContextSession} contextSession
 * @param {string} mine
 * @param {string} theirs what the store holds
 * @param {any} maxAge for mine
 * @returns {Saved}
 */
function merged({ _sessionText: base }, mine, theirs, maxAge) {
  if (theirs === base) return { text: mine, conflicts: [], maxAge };
  const { text, conflicts } = merge(/** @type {string} */ (base), mine, theirs);
  const lifetime = lifetimeIn(text);
  const before = Object(lifetimeIn(mine));
  if (!lifetime || (lifetime._maxAge === before._maxAge && lifetime._session === before._session)) return { text, conflicts, maxAge };
  return { text, conflicts, maxAge: lifetime._session ? 'session' : lifetime._expire - Date.now() + GRACE_MS, lifetime };
}

/**
 * @param {string} text
 * @returns {any} the session, if it has a lifetime as it is written here; somebody else may have put anything into the store
 */
function lifetimeIn(text) {
  let session;
  try {
    session = Object(JSON.parse(text));
  } catch {
    return undefined;
  }
  const { _session, _expire, _maxAge } = session;
  return _session === true || (typeof _expire === 'number' && _maxAge > 0 && typeof _maxAge === 'number') ? session : undefined;
}

/**
 * @param {ContextSession} contextSession
 * @param {string} mine what this request's session is now
 * @param {Saved} saved
 */
function keep(contextSession, mine, { text, conflicts, lifetime }) {
  const { externalKey: key, ctx, opts } = contextSession;
  contextSession._sessionText = mine;
  contextSession._storedText = text;
  if (lifetime) {
    // The cookie is to last as long.
    opts.maxAge = lifetime._session ? undefined : lifetime._maxAge;
    contextSession._savedForBrowserSession = Boolean(lifetime._session);
  }
  if (conflicts.length > 0) contextSession.emit('conflict', { key, paths: conflicts, ctx });
}

/**
 * @param {ContextSession} contextSession
 * @param {string} key under which others may change or destroy the session
 * @param {string} stored what is there, as far as this request knows
 * @param {Attempt} attempt
 * @returns {Promise<boolean>} false when the session was destroyed meanwhile
 */
async function untilDone(contextSession, key, stored, attempt) {
  const answer = await attempt(stored);
  if (answer.status === 'done') return true;
  if (answer.status === 'conflict' && !isMoved(answer.text)) {
    // One after another, so that each has to try a few times at most, and not once for each of the others.
    const isDone = await inTurn(key, () => contend(answer.text, attempt));
    if (isDone) return true;
  }
  contextSession.emit('gone', { key, ctx: contextSession.ctx });
  return false;
}

/**
 * @param {string} stored
 * @param {Attempt} attempt
 * @returns {Promise<boolean>} false when the session was destroyed meanwhile
 */
async function contend(stored, attempt) {
  for (let n = 1; n <= MAX_ATTEMPTS; n++) {
    const answer = await attempt(stored);
    if (answer.status === 'done') return true;
    if (answer.status === 'gone' || isMoved(answer.text)) return false;
    stored = answer.text;
    // Only other processes can be in the way more than once.
    if (n > 1) await sleep(randomInt(Math.min(n, MAX_JITTER_MS) + 1));
  }
  throw sessionError('ERR_SESSION_CONFLICT', `the session was changed by others ${MAX_ATTEMPTS} times while it was saved`);
}

module.exports = { GONE, saveToStore };
