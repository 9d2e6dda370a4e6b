'use strict';

/**
 * Loads a request's session: from the cookie, or from the store under the external key that the cookie (or the app's
 * `externalKey`) carries. What does not load, or is no longer valid, gives a new session.
 */

const { candidatesOf } = require('./candidates');
const { lifeInCookie, setLife } = require('./life');
const codec = require('../session/codec');
const { hasExpired } = require('../session/data');
const { Baseline } = require('../session/baseline');
const { COPIED, LOADED } = require('../session/session');
const { SessionLife } = require('../session/session_life');
const { copyOfJSON } = require('../session/snapshot');
const { callStore, comparesAndSets, takesText } = require('../store/calls');
const { dropRevisions, withoutRevisions } = require('../store/revision');
const { isTombstone } = require('../store/tombstone');

/**
 * @typedef {import('./candidates').Candidates} Candidates
 * @typedef {import('./context_session')} ContextSession
 * @typedef {import('../cookie/session_cookie').OpenedCookie} OpenedCookie
 */

// A cookie that holds no session emits no event, unlike a session that is null.
const NO_SESSION = Symbol('no session');

/**
 * A key that the store does not know is never adopted.
 *
 * @param {ContextSession} contextSession
 */
async function loadFromStore(contextSession) {
  const { ctx, opts, cookie } = contextSession;
  const opened = opts.externalKey
    ? { value: opts.externalKey.get(ctx), keyIndex: 0, raw: undefined }
    : cookie.readValue(ctx, opts);
  const used = opened && await loadEntries(contextSession, opened);
  if (!opened) contextSession.create();
  if (used && used.keyIndex > 0) cookie.refreshSignature(ctx, opts, used.raw);
}

/**
 * @param {ContextSession} contextSession
 * @param {OpenedCookie} first
 * @returns {Promise<OpenedCookie>} the cookie that counts
 */
async function loadEntries(contextSession, first) {
  const { ctx, opts } = contextSession;
  if (!opts.externalKey) contextSession.firstCookie = first;
  const entry = first.value ? await lookUp(contextSession, first.value) : undefined;
  if (entry !== undefined && entry.refusal === undefined) {
    takeEntry(contextSession, entry);
    return first;
  }
  const other = await findInStore(contextSession);
  if (other !== undefined) {
    takeEntry(contextSession, other.entry);
    return other.opened;
  }
  if (entry !== undefined && entry.refusal !== 'nothing') contextSession.emit(/** @type {string} */ (entry.refusal), { key: entry.key, value: entry.json, ctx });
  contextSession.create();
  return first;
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
  const json = dropRevisions(text === undefined ? found : parseText(text));
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

/**
 * @param {ContextSession} contextSession
 * @returns {any} with `revocation`: a valid session, which the caller still has to check and take
 */
function loadFromCookie(contextSession) {
  const { ctx, opts, cookie } = contextSession;
  const isDefaultCodec = opts.decode === codec.decode;
  const opened = isDefaultCodec ? cookie.readText(ctx, opts) : cookie.readValue(ctx, opts);
  if (opened !== null && opened.pristine !== undefined && takesAsIs(opts, opened.pristine)) {
    contextSession.take(opened.pristine, COPIED, new Baseline(opened.pristine, undefined, opened.dataKeys));
    if (opened.keyIndex > 0) cookie.refreshSignature(ctx, opts, opened.raw);
    return undefined;
  }
  const content = contentOf(contextSession, opened);
  if (opened === null) {
    contextSession.create();
    return undefined;
  }
  contextSession.firstCookie = opened;
  if (content.refusal === undefined) return takeContent(contextSession, opened, content);
  const candidates = /** @type {Candidates} */ (candidatesOf(contextSession));
  candidates.refused(content.refusal, { key: undefined, value: content.json, ctx });
  return loadAnother(contextSession, candidates);
}

/**
 * @param {ContextSession} contextSession
 * @param {Candidates} candidates
 * @returns {any} as `loadFromCookie`
 */
function loadAnother(contextSession, candidates) {
  const other = findInCookies(contextSession, candidates);
  if (other !== undefined) return takeContent(contextSession, other.opened, other.content);
  contextSession.create();
  candidates.report(contextSession);
  const { ctx, opts, cookie } = contextSession;
  const { keyIndex, raw } = /** @type {OpenedCookie} */ (contextSession.firstCookie);
  if (keyIndex > 0) cookie.refreshSignature(ctx, opts, raw);
  return undefined;
}

/**
 * @param {ContextSession} contextSession
 * @param {Candidates} candidates
 * @returns {{ opened: OpenedCookie, content: Content } | undefined} the next cookie with a live session; with `revocation` it still
 *   has to be checked
 */
function findInCookies(contextSession, candidates) {
  const isLookedUp = Boolean(contextSession.opts.revocation);
  while (!isLookedUp || !candidates.isSpent) {
    const opened = candidates.next();
    if (opened === undefined) return undefined;
    const content = contentOf(contextSession, opened);
    if (content.refusal !== undefined) continue;
    if (!isLookedUp || candidates.mayLookUp(/** @type {SessionLife} */ (content.life).id)) return { opened, content };
  }
  return undefined;
}

/**
 * @typedef {object} Content of a cookie
 * @property {any} json
 * @property {SessionLife | undefined} life
 * @property {import('./candidates').Refusal | undefined} refusal
 *
 * @param {ContextSession} contextSession
 * @param {OpenedCookie | null} opened
 * @returns {Content}
 */
function contentOf(contextSession, opened) {
  const { opts } = contextSession;
  const json = opened ? jsonOf(contextSession, opened, opts.decode === codec.decode) : NO_SESSION;
  const life = opts.absoluteMaxAge ? lifeInCookie(contextSession, opened, json === NO_SESSION ? undefined : json) : undefined;
  return { json, life, refusal: json === NO_SESSION ? 'nothing' : contextSession.refusalOf(json, life) };
}

/**
 * @param {ContextSession} contextSession
 * @param {OpenedCookie} opened
 * @param {Content} content a live session
 * @returns {any} as `loadFromCookie`
 */
function takeContent(contextSession, { keyIndex, raw }, { json, life }) {
  const { ctx, opts, cookie } = contextSession;
  if (life) setLife(contextSession, life);
  if (!opts.revocation) takeFromCookie(contextSession, json);
  if (keyIndex > 0) cookie.refreshSignature(ctx, opts, raw);
  return opts.revocation ? json : undefined;
}

/**
 * @param {any} opts
 * @param {any} pristine
 * @returns {boolean} true if no hook and no limit has to inspect the loaded data first
 */
function takesAsIs(opts, pristine) {
  return typeof opts.valid !== 'function' && !opts.absoluteMaxAge && !hasExpired(pristine);
}

/**
 * @param {ContextSession} contextSession
 * @param {any} json a valid session; a change that the app's `valid` made in it does not count as one
 */
function takeFromCookie(contextSession, json) {
  contextSession.create(json, undefined, LOADED);
  contextSession.baseline = Baseline.ofLoaded(json, contextSession.session, contextSession.opts.decode === codec.decode);
}

/**
 * @param {ContextSession} contextSession
 * @param {import('../cookie/session_cookie').OpenedCookie} opened
 * @param {boolean} isDefaultCodec
 * @returns {any} NO_SESSION if the cookie holds none
 */
function jsonOf(contextSession, { value, pristine }, isDefaultCodec) {
  if (pristine !== undefined) return copyOfJSON(pristine);
  if (!value) return NO_SESSION;
  return isDefaultCodec ? parseText(value) : decode(contextSession, value);
}

/**
 * @param {ContextSession} contextSession
 * @param {string} value for the app's own `decode`
 * @returns {any} NO_SESSION if it throws a SyntaxError
 * @throws what `decode` throws otherwise; the cookie is then cleared
 */
function decode({ ctx, opts, cookie }, value) {
  try {
    return opts.decode(value);
  } catch (err) {
    if (err instanceof SyntaxError) return NO_SESSION;
    cookie.clear(ctx, opts);
    // Koa's error handler drops every header that the error itself does not carry.
    if (err instanceof Object) /** @type {any} */ (err).headers = { 'set-cookie': ctx.response.get('set-cookie') };
    throw err;
  }
}

/**
 * @param {string} text
 * @returns {any} NO_SESSION if it is not JSON
 */
function parseText(text) {
  try {
    return JSON.parse(text);
  } catch {
    return NO_SESSION;
  }
}

module.exports = { findInCookies, findInStore, loadAnother, loadFromCookie, loadFromStore, storedTextOf, takeFromCookie };
