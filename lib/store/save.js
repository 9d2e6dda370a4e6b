'use strict';

/**
 * Saves to the external store. A store with only get, set and destroy is called as egg-session calls it. A store that compares
 * and sets never loses another request's change, and never brings back a session that another request destroyed.
 */

const { randomInt } = require('node:crypto');
const { setTimeout: sleep } = require('node:timers/promises');
const { callStore, comparesAndSets, takesText } = require('./calls');
const { isTombstone, tombstone } = require('./tombstone');
const { merge } = require('../engine');
const { sessionError } = require('../errors');
const { lifetimeIn } = require('../session/data');

// A store keeps an entry a little longer than the browser keeps its cookie.
const GRACE_MS = 10000;
// Each round lets at least one of the competing requests through.
const MAX_ATTEMPTS = 200;
const MAX_JITTER_MS = 20;
// The answer to a save of a session that was destroyed meanwhile.
const GONE = Symbol('gone');
const DONE = { status: 'done' };

/**
 * @typedef {import('./calls').Caller} Caller
 *
 * @typedef {object} Content
 * @property {any} content the session's data and lifetime: JSON text for a store that takes it, else an object
 * @property {any} lifetime ms or 'session'
 * @property {boolean} changed
 *
 * @typedef {{ key: string, text: string }} Left the key that `regenerate()` gives up, and what the store holds there
 * @typedef {{ maxAge: number | 'session', leftMs: number }} Lifetime
 * @typedef {{ text: string, conflicts: string[], maxAge: any, lifetime?: Lifetime }} Merged `lifetime`: set if another request has
 *   changed how long the session lives and this one has not
 * @typedef {(stored: string) => Promise<any>} Attempt gives the store's answer to a `compareAndSet` of this stored text
 */

/** What one request knows of its session's entry. Exists only with a store. */
class StoreEntry {
  constructor() {
    /** @type {string | undefined} what a store that compares and sets holds, as far as this request knows */
    this.storedText = undefined;
    /** @type {string | undefined} what this request's session came from or was saved as: the base of a merge */
    this.sessionText = undefined;
    /** @type {string | undefined} the external key that the browser has, if it is a session's */
    this.browserKey = undefined;
    /** True from new content after `ctx.session = null` until that is saved: it is another session. */
    this.isReplaced = false;
    /** True after a destroy: a slow request must not find new content under the old key. */
    this.isKeySpent = false;
  }

  /**
   * @param {string} key
   * @param {string | undefined} text only of a store that compares and sets
   */
  loaded(key, text) {
    this.browserKey = key;
    this.storedText = text;
    this.sessionText = text;
  }

  /** The app has set the session to null and now assigns new content: that is another session. */
  replace() {
    this.isReplaced = true;
  }

  /** New content is on its way: it no longer replaces anything. */
  saving() {
    this.isReplaced = false;
  }

  /** @param {string} key the browser has it, so that nothing is lost if a later cookie does not arrive */
  browserHas(key) {
    this.browserKey = key;
  }

  /** The session has taken another external key. */
  keyTaken() {
    this.isKeySpent = false;
  }

  /** The entry was destroyed. Only a store that compares and sets can be met by a slow request there. */
  destroyed() {
    if (this.storedText !== undefined) this.isKeySpent = true;
    this.storedText = undefined;
  }

  /** True if the entry has to be destroyed before other content is saved. */
  get mustBeLeft() {
    return this.isReplaced && this.storedText !== undefined;
  }
}

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
  if (left !== undefined) return move(caller, entry, left, content, maxAge, options);
  if (entry.storedText !== undefined) return compareAndSet(caller, entry, content, maxAge, options);
  await callStore(caller, 'setText', key, content, maxAge, options);
  return keep(caller, entry, content, { text: content, conflicts: [], maxAge });
}

/**
 * Replaces the loaded text by this request's. If another request was faster, both changes are merged and saved.
 *
 * @param {Caller} caller
 * @param {StoreEntry} entry
 * @param {string} mine this request's session
 * @param {any} maxAge
 * @param {any} options
 * @returns {Promise<Lifetime | typeof GONE | undefined>} as `saveToStore`
 */
async function compareAndSet(caller, entry, mine, maxAge, options) {
  const key = /** @type {string} */ (caller.externalKey);
  /** @type {Merged | undefined} */
  let saved;
  // After a merge the stored text is not the text that this request's session came from.
  const stored = /** @type {string} */ (entry.storedText);
  const isDone = await untilDone(caller, key, stored, (known) => {
    saved = merged(entry, mine, known, maxAge);
    return callStore(caller, 'compareAndSet', key, known, saved.text, saved.maxAge, options);
  });
  return isDone ? keep(caller, entry, mine, /** @type {any} */ (saved)) : GONE;
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
  const { externalKey: key, ctx } = caller;
  const moved = tombstone();
  /** @type {Merged | undefined} */
  let saved;
  const isDone = await untilDone(caller, left.key, left.text, async (known) => {
    saved = merged(entry, mine, known, maxAge);
    await callStore(caller, 'setText', key, saved.text, saved.maxAge, options);
    const answer = await callStore(caller, 'compareAndSet', left.key, known, moved, GRACE_MS, options);
    // A client that lost its connection may have asked twice.
    return answer.text === moved ? DONE : answer;
  });
  if (!isDone) {
    await callStore(caller, 'destroy', key, { ctx });
    return GONE;
  }
  // If this fails, the tombstone stays until it expires.
  await callStore(caller, 'destroy', left.key, { ctx }).catch(() => {});
  return keep(caller, entry, mine, /** @type {any} */ (saved));
}

/**
 * @param {StoreEntry} entry
 * @param {string} mine
 * @param {string} theirs what the store holds
 * @param {any} maxAge for mine
 * @returns {Merged}
 */
function merged({ sessionText: base }, mine, theirs, maxAge) {
  if (theirs === base) return { text: mine, conflicts: [], maxAge };
  const { text, conflicts } = merge(/** @type {string} */ (base), mine, theirs);
  const lifetime = lifetimeIn(text);
  const before = lifetimeIn(mine);
  if (!lifetime || (before && lifetime.maxAge === before.maxAge)) return { text, conflicts, maxAge };
  return { text, conflicts, maxAge: lifetime.maxAge === 'session' ? 'session' : lifetime.leftMs + GRACE_MS, lifetime };
}

/**
 * @param {Caller} caller
 * @param {StoreEntry} entry
 * @param {string} mine this request's session
 * @param {Merged} saved
 * @returns {Lifetime | undefined} for the cookie, which is to last as long
 */
function keep(caller, entry, mine, { text, conflicts, lifetime }) {
  const { externalKey: key, ctx } = caller;
  entry.sessionText = mine;
  entry.storedText = text;
  if (conflicts.length > 0) caller.emit('conflict', { key, paths: conflicts, ctx });
  return lifetime;
}

/**
 * @param {Caller} caller
 * @param {string} key under which other requests may change or destroy the session
 * @param {string} stored the text there, as far as this request knows
 * @param {Attempt} attempt
 * @returns {Promise<boolean>} false if the session was destroyed meanwhile
 */
async function untilDone(caller, key, stored, attempt) {
  const answer = await attempt(stored);
  if (answer.status === 'done') return true;
  if (answer.status === 'conflict' && !isTombstone(answer.text)) {
    // One request after another, so that each one needs a few attempts at most, however many compete.
    const isDone = await inTurn(key, () => contend(answer.text, attempt));
    if (isDone) return true;
  }
  caller.emit('gone', { key, ctx: caller.ctx });
  return false;
}

/**
 * @param {string} stored
 * @param {Attempt} attempt
 * @returns {Promise<boolean>} false if the session was destroyed meanwhile
 */
async function contend(stored, attempt) {
  for (let n = 1; n <= MAX_ATTEMPTS; n++) {
    const answer = await attempt(stored);
    if (answer.status === 'done') return true;
    if (answer.status === 'gone' || isTombstone(answer.text)) return false;
    stored = answer.text;
    // Only requests of other processes can be faster more than once.
    if (n > 1) await sleep(randomInt(Math.min(n, MAX_JITTER_MS) + 1));
  }
  throw sessionError('ERR_SESSION_CONFLICT', `the session was changed by others ${MAX_ATTEMPTS} times while it was saved`);
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

module.exports = { GONE, StoreEntry, inTurn, saveToStore };
