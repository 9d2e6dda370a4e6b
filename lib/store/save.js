'use strict';

/**
 * Saves to the external store. A store with only get, set and destroy is called as egg-session calls it. A store that compares
 * and sets never loses another request's change, and never brings back a session that another request destroyed.
 */

const { randomInt } = require('node:crypto');
const { setTimeout: sleep } = require('node:timers/promises');
const { callStore, comparesAndSets, takesText } = require('./calls');
const { GRACE_MS, isAnothers, merged } = require('./merged');
const { hasRevision, newRevision, recordMemberIn, withRevision } = require('./revision');
const { isTombstone, tombstone, TOMBSTONE_MS } = require('./tombstone');
const { sessionError } = require('../errors');

// Each round lets at least one of the competing requests through.
const MAX_ATTEMPTS = 200;
const MAX_JITTER_MS = 20;
// The answer to a save of a session that was destroyed meanwhile.
const GONE = Symbol('gone');
const DONE = { status: 'done' };
// Under the key is another session by now, so the one that was loaded is over.
const OVER = { status: 'gone' };

/**
 * @typedef {import('./calls').Caller} Caller
 * @typedef {import('./entry')} StoreEntry
 *
 * @typedef {object} Content
 * @property {any} content the session's data and lifetime: JSON text for a store that takes it, else an object
 * @property {any} lifetime ms or 'session'
 * @property {boolean} changed
 *
 * @typedef {{ key: string, text: string }} Left the key that `regenerate()` gives up, and what the store holds there
 * @typedef {import('./merged').Lifetime} Lifetime
 * @typedef {import('./merged').Merged} Merged
 * @typedef {(stored: string | null) => Promise<any>} Attempt gives the store's answer to a `compareAndSet` of this stored text
 */

/**
 * @param {Caller} caller
 * @param {StoreEntry} entry
 * @param {Content} content
 * @param {Left} [left] only for a move
 * @returns {Promise<Lifetime | typeof GONE | undefined>} GONE if the session was destroyed meanwhile, so that it was not saved; the
 *   lifetime that it was saved with, if another request has changed it
 */
async function saveToStore(caller, entry, { content, lifetime, changed }, left) {
  const { ctx, opts, store, externalKey: key } = caller;
  const maxAge = typeof lifetime === 'number' ? lifetime + GRACE_MS : lifetime;
  const options = { changed, ctx, rolling: opts.rolling };
  if (!comparesAndSets(store)) {
    await callStore(caller, takesText(store) ? 'setText' : 'set', key, content, maxAge, options);
    return undefined;
  }
  return left === undefined ? replace(caller, entry, content, maxAge, options) : move(caller, entry, left, content, maxAge, options);
}

/**
 * Replaces the loaded text by this request's, or creates the entry. If another request was faster, both changes are merged and
 * saved.
 *
 * @param {Caller} caller
 * @param {StoreEntry} entry
 * @param {string} mine this request's session
 * @param {any} maxAge
 * @param {any} options
 * @returns {Promise<Lifetime | typeof GONE | undefined>} as `saveToStore`
 */
async function replace(caller, entry, mine, maxAge, options) {
  const key = /** @type {string} */ (caller.externalKey);
  const revision = newRevision();
  /** @type {Merged | undefined} */
  let saved;
  /** @type {string | undefined} */
  let stored;
  const isDone = await untilDone(caller, key, entry.storedText ?? null, async (known) => {
    if (isAnothers(entry, known)) return OVER;
    saved = merged(entry, mine, known, maxAge);
    const text = withRevision(saved.text, revision, saved.replaced, recordOf(caller, saved));
    const answer = await compareAndSet(caller, key, known, text, saved.maxAge, options);
    stored = textWith(revision, answer, text);
    return stored === undefined ? answer : DONE;
  });
  return isDone ? keep(caller, entry, mine, /** @type {Merged} */ (saved), /** @type {string} */ (stored)) : GONE;
}

/**
 * Saves under a new key, together with what other requests saved under the old one, and ends the session there. The new entry
 * is written first, so that a failure cannot take both.
 *
 * @param {Caller} caller
 * @param {StoreEntry} entry
 * @param {Left} left
 * @param {string} mine
 * @param {any} maxAge
 * @param {any} options
 * @returns {Promise<Lifetime | typeof GONE | undefined>} as `saveToStore`
 */
async function move(caller, entry, left, mine, maxAge, options) {
  const { externalKey, ctx } = caller;
  const key = /** @type {string} */ (externalKey);
  const moved = tombstone();
  /** @type {Merged | undefined} */
  let saved;
  /** @type {string | undefined} */
  let stored;
  const isDone = await untilDone(caller, left.key, left.text, async (known) => {
    if (isAnothers(entry, known)) return OVER;
    saved = merged(entry, mine, known, maxAge);
    stored = await put(caller, key, stored, saved, options);
    const answer = await compareAndSet(caller, left.key, known, moved, TOMBSTONE_MS, options);
    // A client that lost its connection may have asked twice.
    return answer.text === moved ? DONE : answer;
  });
  if (isDone) return keep(caller, entry, mine, /** @type {Merged} */ (saved), /** @type {string} */ (stored));
  await callStore(caller, 'destroy', key, { ctx, text: stored });
  return GONE;
}

/**
 * Writes the entry under a new key, in place of anything there.
 *
 * @param {Caller} caller
 * @param {string} key
 * @param {string | undefined} stored what this request wrote there before
 * @param {Merged} saved
 * @param {any} options
 * @returns {Promise<string>} what is stored now
 */
async function put(caller, key, stored, saved, options) {
  const { text, maxAge } = saved;
  const revision = newRevision();
  const record = recordOf(caller, saved);
  let known = stored ?? null;
  for (let n = 1; n <= MAX_ATTEMPTS; n++) {
    const next = withRevision(text, revision, known === stored ? stored : undefined, record);
    const answer = await compareAndSet(caller, key, known, next, maxAge, options);
    const done = textWith(revision, answer, next);
    if (done !== undefined) return done;
    known = answer.status === 'conflict' ? answer.text : null;
  }
  throw conflicted();
}

/**
 * @param {Caller} caller
 * @param {string} key
 * @param {string | null} known null: nothing
 * @param {string} text
 * @param {any} maxAge
 * @param {any} options
 * @returns {Promise<any>} the store's answer
 */
async function compareAndSet(caller, key, known, text, maxAge, options) {
  const answer = await callStore(caller, 'compareAndSet', key, known, text, maxAge, options);
  if (known !== null || answer.status !== 'gone') return answer;
  // A store of the app's own that cannot create.
  await callStore(caller, 'setText', key, text, maxAge, options);
  return DONE;
}

/**
 * @param {Caller} caller
 * @param {Merged} saved
 * @returns {string} the record's member of the text to store. An instance without a registry keeps the one that is there
 */
function recordOf({ recorder }, { replaced }) {
  if (recorder !== undefined) return recorder.next(replaced);
  return replaced === undefined ? '' : recordMemberIn(replaced);
}

/**
 * @param {string} revision of a write
 * @param {any} answer to it. A client that lost its connection may have sent it twice; the second finds the first, or what others
 *   have made of it
 * @param {string} text that was to be written
 * @returns {string | undefined} what is stored, if the write is in it
 */
function textWith(revision, answer, text) {
  if (answer.status === 'done') return text;
  return answer.status === 'conflict' && hasRevision(answer.text, revision) ? answer.text : undefined;
}

/**
 * @param {Caller} caller
 * @param {StoreEntry} entry
 * @param {string} mine this request's session
 * @param {Merged} saved
 * @param {string} stored
 * @returns {Lifetime | undefined} for the cookie, which is to last as long
 */
function keep(caller, entry, mine, { conflicts, lifetime }, stored) {
  const { externalKey: key, ctx } = caller;
  entry.sessionText = mine;
  entry.storedText = stored;
  if (conflicts.length > 0) caller.emit('conflict', { key, paths: conflicts, ctx });
  return lifetime;
}

/**
 * @param {Caller} caller
 * @param {string} key under which other requests may change or destroy the session
 * @param {string | null} stored the text there, as far as this request knows; null: nothing, so the entry is created
 * @param {Attempt} attempt
 * @returns {Promise<boolean>} false if the session was destroyed meanwhile
 */
async function untilDone(caller, key, stored, attempt) {
  const isNew = stored === null;
  const answer = await attempt(stored);
  if (answer.status === 'done') return true;
  if (isNew || !isOver(answer)) {
    // One request after another, so that each one needs a few attempts at most, however many compete.
    const isDone = await inTurn(key, () => contend(answer, isNew, attempt));
    if (isDone) return true;
  }
  caller.emit('gone', { key, ctx: caller.ctx });
  return false;
}

/**
 * @param {any} answer
 * @param {boolean} isNew true: the entry is created, and a destroyed one is in nobody's way
 * @param {Attempt} attempt
 * @returns {Promise<boolean>} false if the session was destroyed meanwhile
 */
async function contend(answer, isNew, attempt) {
  for (let n = 1; n <= MAX_ATTEMPTS; n++) {
    answer = await attempt(answer.text ?? null);
    if (answer.status === 'done') return true;
    if (!isNew && isOver(answer)) return false;
    // Only requests of other processes can be faster more than once.
    if (n > 1) await sleep(randomInt(Math.min(n, MAX_JITTER_MS) + 1));
  }
  throw conflicted();
}

/** @param {any} answer of the store @returns {boolean} whether the session is destroyed */
function isOver(answer) {
  return answer.status === 'gone' || isTombstone(answer.text);
}

function conflicted() {
  return sessionError('ERR_SESSION_CONFLICT', `the session was changed by others ${MAX_ATTEMPTS} times while it was saved`);
}

/** @type {Map<string, Promise<void>>} by key: settled when all tasks that wait for the key have had their turn */
const queues = new Map();

/**
 * Runs the tasks of this process for one key one after another. As soon as one of them fails, all that wait run at once: a
 * server that hangs must not make each of them wait for its deadline in turn.
 *
 * @template Result
 * @param {string} key
 * @param {() => Promise<Result>} task
 * @returns {Promise<Result>}
 */
function inTurn(key, task) {
  const before = queues.get(key) || Promise.resolve();
  const turn = before.then(task, task);
  const passed = before.then(async () => { await turn; });
  queues.set(key, passed);
  const leave = () => {
    if (queues.get(key) === passed) queues.delete(key);
  };
  passed.then(leave, leave);
  return turn;
}

module.exports = { GONE, GRACE_MS, inTurn, saveToStore };
