'use strict';

const { Baseline } = require('./baseline');
const codec = require('./codec');
const { changedPaths } = require('./engine');
const { sessionJSON } = require('./session');
const { saveToStore } = require('./store_commit');
const { takesText } = require('./store_access');
const { currentLife } = require('./track_life');
const { reportUnsaved } = require('./unsaved');

/**
 * Writes a session with its lifetime to the cookie, or to the store and its key to the cookie.
 *
 * @typedef {import('./context_session')} ContextSession
 */

const ONE_DAY_MS = 24 * 60 * 60 * 1000;

/**
 * @param {ContextSession} contextSession
 * @param {boolean} changed
 * @param {any} [json] the session's data, where it is known already
 * @param {string} [text] `json` as JSON
 * @returns {Promise<void> | undefined} a promise where a store has to answer
 */
function write(contextSession, changed, json, text) {
  const { ctx, opts } = contextSession;
  if (typeof opts.beforeSave === 'function') {
    opts.beforeSave(ctx, contextSession.session);
    json = undefined;
  }
  // The hook may have changed it, or put another in its place.
  const { session } = contextSession;
  if (!session) throw new TypeError('beforeSave must not end the session that is being saved');
  if (json === undefined) {
    json = sessionJSON(session);
    text = undefined;
  }
  const saved = text === undefined && takesObject(contextSession)
    ? Baseline.ofSaved(json, session)
    : new Baseline(undefined, text === undefined ? JSON.stringify(json) : text);
  const lifetime = takeLifetime(contextSession);
  const life = opts.absoluteMaxAge ? currentLife(contextSession) : undefined;
  if (contextSession.externalKey) return writeToStore(contextSession, { changed, json, saved, lifetime, life });
  const isUnsaved = reportUnsaved(contextSession, 'save');
  if (life) writeLimited(contextSession, json, lifetime, life);
  else writeToCookie(contextSession, json, saved, lifetime);
  if (session._requireSave) session._requireSave = false;
  remember(contextSession, saved, !isUnsaved);
  return undefined;
}

/**
 * Whether the session is handed on as an object, so that its text is needed by nobody yet.
 *
 * @param {ContextSession} contextSession
 */
function takesObject({ externalKey, store, opts }) {
  return externalKey ? !takesText(store) : opts.encode !== codec.encode;
}

/**
 * A later commit of this request saves what changed after this.
 *
 * @param {ContextSession} contextSession
 * @param {Baseline} saved the session's data as it was saved
 * @param {boolean} [isSaved] false when it was destroyed meanwhile, or its cookie came too late: then there is no change
 *   to report, and nothing to try again
 */
function remember(contextSession, saved, isSaved = true) {
  if (isSaved && contextSession.app.listenerCount('session:changed') > 0) reportChange(contextSession, saved);
  contextSession._baseline = saved;
  contextSession._savedOnce = true;
}

/**
 * @param {ContextSession} contextSession
 * @param {Baseline} saved
 */
function reportChange(contextSession, saved) {
  const { _baseline: baseline, externalKey: key, ctx } = contextSession;
  const paths = changedPaths(baseline ? baseline.text : '{}', saved.text);
  if (paths.length > 0) contextSession.emit('changed', { key, paths, ctx });
}

/**
 * The lifetime to save with. For 'session' the request's `maxAge` is cleared, so that the cookie gets no expiry.
 *
 * @param {ContextSession} contextSession
 * @returns {any} ms or 'session'
 */
function takeLifetime(contextSession) {
  const { opts } = contextSession;
  if (opts.maxAge === 'session') {
    opts.maxAge = undefined;
    contextSession._savedForBrowserSession = true;
  }
  if (opts.maxAge) return opts.maxAge;
  return opts.maxAge === undefined && contextSession._savedForBrowserSession ? 'session' : ONE_DAY_MS;
}

/**
 * @param {any} json gets the keys that carry the lifetime
 * @param {any} lifetime ms or 'session'
 */
function addLifetime(json, lifetime) {
  if (lifetime === 'session') {
    json._session = true;
  } else {
    json._expire = lifetime + Date.now();
    json._maxAge = lifetime;
  }
  return json;
}

/**
 * `JSON.stringify(addLifetime(json, lifetime))` in two parts, of which the first mostly is the text that is there already.
 *
 * @param {any} json
 * @param {string} text `json` as JSON
 * @param {any} lifetime
 * @returns {{ text: string, tail: string }}
 */
function withLifetime(json, text, lifetime) {
  if (typeof json.toJSON === 'function' || text.charCodeAt(0) !== 0x7b /* { */) {
    return { text: JSON.stringify(addLifetime(json, lifetime)), tail: '' };
  }
  const comma = text === '{}' ? '' : ',';
  let tail;
  if (lifetime === 'session') tail = '"_session":true}';
  else if (Number.isSafeInteger(lifetime)) tail = `"_expire":${lifetime + Date.now()},"_maxAge":${lifetime}}`;
  else tail = JSON.stringify(addLifetime({}, lifetime)).slice(1);
  return { text: text.slice(0, -1), tail: comma + tail };
}

/**
 * @param {ContextSession} contextSession
 * @param {any} json
 * @param {Baseline} saved
 * @param {any} lifetime
 */
function writeToCookie({ ctx, opts, _cookie }, json, saved, lifetime) {
  if (opts.encode === codec.encode) {
    const { text, tail } = withLifetime(json, saved.text, lifetime);
    _cookie.writeText(ctx, opts, text, tail);
  } else {
    _cookie.writeValue(ctx, opts, opts.encode(addLifetime(json, lifetime)));
  }
}

/**
 * `writeToCookie` for a session that has an absolute end.
 *
 * @param {ContextSession} contextSession
 * @param {any} json
 * @param {any} lifetime
 * @param {import('./session_life').SessionLife} life
 */
function writeLimited({ ctx, opts, _cookie }, json, lifetime, life) {
  const isSealed = opts.encrypt === 'sealed';
  const content = life.limit(addLifetime(json, lifetime), isSealed);
  const meta = isSealed ? life.meta(content) : undefined;
  const options = { ...opts, maxAge: life.cut(opts.maxAge) };
  if (opts.encode === codec.encode) _cookie.writeText(ctx, options, JSON.stringify(content), '', meta);
  else _cookie.writeValue(ctx, options, opts.encode(content), meta);
}

/**
 * @param {ContextSession} contextSession
 * @param {{ changed: boolean, json: any, saved: Baseline, lifetime: any, life?: import('./session_life').SessionLife }} data
 */
async function writeToStore(contextSession, { changed, json, saved, lifetime, life }) {
  const { ctx, opts, session, store, externalKey } = contextSession;
  const isRequired = session._requireSave;
  if (isRequired) session._requireSave = false;
  const isText = takesText(store);
  let content;
  if (life) content = life.limit(addLifetime(json, lifetime), false);
  else if (!isText) content = addLifetime(json, lifetime);
  if (isText) {
    const { text, tail } = life ? { text: JSON.stringify(content), tail: '' } : withLifetime(json, saved.text, lifetime);
    content = text + tail;
  }
  const stored = life ? life.cut(lifetime) : lifetime;
  const isSaved = await saveToStore(contextSession, { content, lifetime: stored, changed }).catch((err) => {
    if (isRequired) session._requireSave = true;
    throw err;
  });
  // Where the browser has the key, nothing is lost with the cookie.
  if (isSaved && externalKey !== contextSession._browserKey && !reportUnsaved(contextSession, 'save')) {
    contextSession._browserKey = externalKey;
  }
  if (isSaved && opts.externalKey) opts.externalKey.set(ctx, externalKey);
  else if (isSaved) {
    const options = life ? { ...opts, maxAge: life.cut(opts.maxAge) } : opts;
    contextSession._cookie.writeValue(ctx, options, /** @type {string} */ (externalKey));
  }
  remember(contextSession, saved, isSaved);
}

module.exports = { write };
