'use strict';

/**
 * Loads a request's session from the store, under the external key that the cookie (or the app's `externalKey`) carries. What does not
 * load, or is no longer valid, gives a new session.
 */

const { candidatesOf } = require('./candidates');
const { setLife } = require('./life');
const { isOthers, parseText, NO_SESSION } = require('./load');
const { channels, publish } = require('../diagnostics');
const { Baseline } = require('../session/baseline');
const { LOADED } = require('../session/session');
const { SessionLife } = require('../session/session_life');
const { callStore, comparesAndSets, takesText } = require('../store/calls');
const { dropRevisions, withoutRevisions } = require('../store/revision');
const { isTombstone } = require('../store/tombstone');

/**
 * @typedef {import('./context_session')} ContextSession
 * @typedef {import('../cookie/session_cookie').OpenedCookie} OpenedCookie
 */

/** @type {Entry} */
const NO_ENTRY = { key: '', refusal: 'nothing' };

/**
 * A key that the store does not know is never adopted.
 *
 * @param {ContextSession} contextSession
 */
async function loadFromStore(contextSession) {
  const { ctx, opts, cookie } = contextSession;
  const first = opts.externalKey
    ? { value: opts.externalKey.get(ctx), keyIndex: 0, raw: undefined }
    : cookie.readValue(ctx, opts);
  if (first && !opts.externalKey) contextSession.firstCookie = first;
  let opened = first;
  let entry = first && first.value ? await lookUp(contextSession, first.value) : NO_ENTRY;
  if (entry.refusal !== undefined) {
    const other = contextSession.firstCookie && await findInStore(contextSession);
    if (other) ({ opened, entry } = other);
  }
  if (entry.refusal === undefined) {
    takeEntry(contextSession, entry);
    if (channels.open.hasSubscribers && !entry.hasFailed) publishOpen(contextSession, /** @type {OpenedCookie} */ (opened));
  } else {
    if (entry.refusal !== 'nothing') contextSession.emit(entry.refusal, { key: entry.key, value: entry.json, ctx });
    contextSession.create();
  }
  if (opened && opened.keyIndex > 0) cookie.refreshSignature(ctx, opts, opened.raw);
}

/**
 * @param {ContextSession} contextSession
 * @param {OpenedCookie} opened what carried the external key
 */
function publishOpen(contextSession, opened) {
  const { ctx, opts, cookie } = contextSession;
  const origin = opts.externalKey
    ? { format: 'external-key', keyIndex: undefined, former: false }
    : cookie.originOf(ctx, opts, opened);
  publish('open', contextSession, origin);
}

/**
 * @typedef {object} Entry
 * @property {string} key
 * @property {import('./candidates').Refusal} [refusal]
 * @property {boolean} [hasFailed] true if the store failed, and the request is to go on without it
 * @property {any} [json]
 * @property {any} [found] what the store holds
 * @property {string} [text] the same without its revisions, of a store of texts
 * @property {SessionLife} [life]
 *
 * @param {ContextSession} contextSession
 * @param {string} key
 * @returns {Promise<Entry>}
 * @throws what the store throws, unless `onStoreError` lets the request go on
 */
async function lookUp(contextSession, key) {
  const { ctx, opts, store } = contextSession;
  const options = { ctx, rolling: opts.rolling };
  const isText = takesText(store);
  let loaded;
  try {
    loaded = await callStore(contextSession, isText ? 'getText' : 'get', key, opts.maxAge, options);
  } catch (err) {
    if (opts.onStoreError !== 'readonly') throw err;
    return { key, hasFailed: true };
  }
  // A tombstone is no session.
  const found = isText && typeof loaded === 'string' && isTombstone(loaded) ? undefined : loaded;
  const text = isText && typeof found === 'string' ? withoutRevisions(found) : undefined;
  const held = dropRevisions(text === undefined ? found : parseText(text));
  const json = isOthers(held, opts) ? undefined : held;
  if (json === NO_SESSION) return { key, refusal: 'nothing' };
  const life = opts.absoluteMaxAge ? SessionLife.ofLoaded(json, opts.absoluteMaxAge) : undefined;
  return { key, refusal: contextSession.refusalOf(json, life), json, found, text, life };
}

/**
 * @param {ContextSession} contextSession
 * @returns {Promise<{ opened: OpenedCookie, entry: Entry } | undefined>} the next cookie that leads to a live session, or to a
 *   failure of the store
 */
async function findInStore(contextSession) {
  const candidates = candidatesOf(contextSession);
  if (candidates === undefined) return undefined;
  candidates.lookedUp(/** @type {OpenedCookie} */ (contextSession.firstCookie).value);
  while (!candidates.isSpent) {
    const opened = candidates.next();
    if (opened === undefined) return undefined;
    if (!candidates.mayLookUp(opened.value)) continue;
    const entry = await lookUp(contextSession, opened.value);
    if (entry.refusal === undefined) return { opened, entry };
  }
  return undefined;
}

/**
 * @param {ContextSession} contextSession
 * @param {Entry} entry a live session
 */
function takeEntry(contextSession, { key, hasFailed, json, found, text, life }) {
  if (hasFailed) {
    contextSession.becomeReadonly();
    return;
  }
  if (life) setLife(contextSession, life);
  contextSession.create(json, key, LOADED);
  contextSession.baseline = Baseline.ofLoaded(json, contextSession.session, json !== found);
  contextSession.entry.loaded(key, storedTextOf(contextSession, found, text), text);
}

/**
 * @param {ContextSession} contextSession
 * @param {any} found what the store holds
 * @param {string | undefined} text
 * @returns {string | undefined} `found`, of a store that compares and sets
 */
function storedTextOf({ store }, found, text) {
  return text !== undefined && comparesAndSets(store) ? found : undefined;
}

module.exports = { findInStore, loadFromStore, storedTextOf };
