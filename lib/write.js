'use strict';

const { Baseline } = require('./baseline');
const codec = require('./codec');
const { changedPaths } = require('./engine');
const { withLifetime } = require('./engine/lifetime');
const { sentCookies } = require('./sent_cookies');
const { sessionJSON } = require('./session');
const { GONE, saveToStore } = require('./store_commit');
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
  const { externalKey, opts } = contextSession;
  // A session that is too large for its pieces is not sent at all.
  contextSession._hasCookie = isSaved && !(externalKey && opts.externalKey) && (!opts.chunks || carriesCookie(contextSession));
}

/**
 * @param {ContextSession} contextSession
 * @returns {boolean} whether the response has the session's cookie, as it is now
 */
function carriesCookie({ ctx, opts }) {
  return sentCookies(ctx).some(line => String(line).startsWith(`${opts.key}=`));
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
 * `JSON.stringify(addLifetime(json, lifetime))`, of which the text mostly is the beginning.
 *
 * @param {any} json
 * @param {string} text `json` as JSON
 * @param {any} lifetime
 * @returns {string}
 */
function completed(json, text, lifetime) {
  if (!isObjectText(json, text)) return JSON.stringify(addLifetime(json, lifetime));
  const expire = expireOf(lifetime);
  if (!Number.isNaN(expire)) return withLifetime(text, expire, lifetime);
  const members = JSON.stringify(addLifetime({}, lifetime));
  return text === '{}' ? members : `${text.slice(0, -1)},${members.slice(1)}`;
}

/**
 * Whether what is added to the object only adds to its text.
 *
 * @param {any} json
 * @param {string} text `json` as JSON
 */
function isObjectText(json, text) {
  return typeof json.toJSON !== 'function' && text.charCodeAt(0) === 0x7b /* { */;
}

/**
 * @param {any} lifetime
 * @returns {number} in ms since 1970; NaN for any lifetime but a plain number of ms
 */
function expireOf(lifetime) {
  return Number.isSafeInteger(lifetime) && lifetime > 0 ? lifetime + Date.now() : NaN;
}

/**
 * @param {ContextSession} contextSession
 * @param {any} json
 * @param {Baseline} saved
 * @param {any} lifetime
 */
function writeToCookie({ ctx, opts, _cookie }, json, saved, lifetime) {
  if (opts.encode !== codec.encode) {
    _cookie.writeValue(ctx, opts, opts.encode(addLifetime(json, lifetime)));
    return;
  }
  const expire = isObjectText(json, saved.text) ? expireOf(lifetime) : NaN;
  if (Number.isNaN(expire)) _cookie.writeText(ctx, opts, completed(json, saved.text, lifetime), NaN, NaN);
  else _cookie.writeText(ctx, opts, saved.text, expire, lifetime);
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
  if (opts.encode === codec.encode) _cookie.writeText(ctx, options, JSON.stringify(content), NaN, NaN, meta);
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
  else content = isText ? completed(json, saved.text, lifetime) : addLifetime(json, lifetime);
  if (life && isText) content = JSON.stringify(content);
  const stored = life ? life.cut(lifetime) : lifetime;
  let isSaved;
  try {
    isSaved = await saveToStore(contextSession, { content, lifetime: stored, changed }) !== GONE;
  } catch (err) {
    if (isRequired) session._requireSave = true;
    throw err;
  }
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

module.exports = { carriesCookie, write };
