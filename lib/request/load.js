'use strict';

/**
 * Loads a request's session: from the cookie, or from the store under the external key that the cookie (or the app's
 * `externalKey`) carries. What does not load, or is no longer valid, gives a new session.
 */

const { lifeInCookie, setLife } = require('./life');
const { keepOnError } = require('./on_error');
const codec = require('../session/codec');
const { hasExpired, nameOf } = require('../session/data');
const { Baseline } = require('../session/baseline');
const { COPIED, LOADED } = require('../session/session');
const { SessionLife } = require('../session/session_life');
const { copyOfJSON } = require('../session/snapshot');
const { callStore, comparesAndSets, takesText } = require('../store/calls');
const { dropRevisions, withoutRevisions } = require('../store/revision');
const { isTombstone } = require('../store/tombstone');

/** @typedef {import('./context_session')} ContextSession */

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
  if (opened && opened.value) await loadEntry(contextSession, opened.value);
  else contextSession.create();
  if (opened && opened.keyIndex > 0) cookie.refreshSignature(ctx, opts, opened.raw);
}

/**
 * @param {ContextSession} contextSession
 * @param {string} externalKey
 */
async function loadEntry(contextSession, externalKey) {
  const { ctx, opts, store } = contextSession;
  const options = { ctx, rolling: opts.rolling };
  const isText = takesText(store);
  let loaded;
  try {
    loaded = await callStore(contextSession, isText ? 'getText' : 'get', externalKey, opts.maxAge, options);
  } catch (err) {
    if (opts.onStoreError !== 'readonly') throw err;
    contextSession.becomeReadonly();
    return;
  }
  // A tombstone is no session.
  const found = isText && typeof loaded === 'string' && isTombstone(loaded) ? undefined : loaded;
  const text = isText && typeof found === 'string' ? withoutRevisions(found) : undefined;
  const loadedJson = dropRevisions(text === undefined ? found : parseText(text));
  const json = isOthers(loadedJson, opts) ? undefined : loadedJson;
  if (opts.absoluteMaxAge && json !== NO_SESSION) setLife(contextSession, SessionLife.ofLoaded(json, opts.absoluteMaxAge));
  if (json === NO_SESSION || !contextSession.valid(json, externalKey)) {
    contextSession.create();
    return;
  }
  contextSession.create(json, externalKey, LOADED);
  contextSession.baseline = Baseline.ofLoaded(json, contextSession.session, json !== found);
  contextSession.entry.loaded(externalKey, text !== undefined && comparesAndSets(store) ? found : undefined, text);
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
  const content = opened ? jsonOf(contextSession, opened, isDefaultCodec) : NO_SESSION;
  const json = isOthers(content, opts) ? NO_SESSION : content;
  if (opts.absoluteMaxAge) setLife(contextSession, lifeInCookie(contextSession, opened, json === NO_SESSION ? undefined : json));
  let unchecked;
  if (json === NO_SESSION || !contextSession.valid(json)) {
    contextSession.create();
  } else if (opts.revocation) {
    unchecked = json;
  } else {
    takeFromCookie(contextSession, json);
  }
  if (opened && opened.keyIndex > 0) cookie.refreshSignature(ctx, opts, opened.raw);
  return unchecked;
}

/**
 * @param {any} opts
 * @param {any} pristine
 * @returns {boolean} true if no hook and no limit has to inspect the loaded data first
 */
function takesAsIs(opts, pristine) {
  return typeof opts.valid !== 'function' && !opts.absoluteMaxAge && !hasExpired(pristine) && !isOthers(pristine, opts);
}

/**
 * @param {any} json what was loaded
 * @param {any} opts
 * @returns {boolean} true if another session of the app wrote it
 */
function isOthers(json, { as }) {
  return Boolean(json) && json !== NO_SESSION && nameOf(json) !== as;
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
function decode(contextSession, value) {
  const { ctx, opts, cookie } = contextSession;
  try {
    return opts.decode(value);
  } catch (err) {
    if (err instanceof SyntaxError) return NO_SESSION;
    cookie.clear(ctx, opts);
    keepOnError(contextSession, undefined);
    // Elsewhere the error carries the cookies, as in koa-session.
    if (!contextSession.isKeptOnError && err instanceof Object) Reflect.set(err, 'headers', { 'set-cookie': ctx.response.get('set-cookie') });
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

module.exports = { loadFromCookie, loadFromStore, takeFromCookie };
