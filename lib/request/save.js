'use strict';

/**
 * Saves a session with its lifetime: to the cookie, or to the store and its external key to the cookie.
 */

const { currentLife } = require('./life');
const { keepOnError } = require('./on_error');
const { sendsCookie } = require('../cookie/response');
const { channels, publish } = require('../diagnostics');
const { changedPaths } = require('../engine');
const { fromDigits, ONE_DAY_MS, withLifetime } = require('../engine/lifetime');
const { misuse } = require('../errors');
const { Baseline } = require('../session/baseline');
const codec = require('../session/codec');
const { addLifetime, addName, sessionJSON, withName } = require('../session/data');
const { takesText } = require('../store/calls');
const { GONE, saveToStore } = require('../store/save');

/**
 * @typedef {import('./context_session')} ContextSession
 * @typedef {import('../session/session_life').SessionLife} SessionLife
 * @typedef {import('../store/save').Left} Left
 */

/**
 * @param {ContextSession} contextSession
 * @param {boolean} changed
 * @param {any} [json] the session's data, if it is known already
 * @param {string} [text] `json` as JSON
 * @param {Left} [left] the entry that a session leaves when it moves to a new key
 * @returns {Promise<boolean> | undefined} with a store: a promise of true, or of false if the session was destroyed meanwhile
 */
function save(contextSession, changed, json, text, left) {
  const { ctx, opts } = contextSession;
  if (typeof opts.beforeSave === 'function') {
    opts.beforeSave(ctx, contextSession.session);
    json = undefined;
  }
  // The hook may have changed the session, or replaced it.
  const { session } = contextSession;
  if (!session) throw new TypeError('beforeSave must not end the session that is being saved');
  if (json === undefined) {
    json = sessionJSON(session);
    text = undefined;
  }
  const saved = text === undefined && takesObject(contextSession)
    ? Baseline.ofSaved(json, session)
    : new Baseline(undefined, text === undefined ? JSON.stringify(json) : text);
  if (opts.as !== undefined) addName(json, opts.as);
  const lifetime = takeLifetime(contextSession);
  const life = opts.absoluteMaxAge ? currentLife(contextSession) : undefined;
  if (contextSession.externalKey) return saveInStore(contextSession, { changed, json, saved, lifetime, life, left });
  if (carriesKey(contextSession)) throw misuse('ERR_SESSION_ARGUMENT', 'Expected a key from genid, for externalKey to carry');
  const isLate = reportUnsaved(contextSession, 'save');
  if (life) sendLimited(contextSession, json, lifetime, life);
  else sendInCookie(contextSession, json, saved, lifetime);
  keepOnError(contextSession, 'save');
  if (session._requireSave) session._requireSave = false;
  remember(contextSession, saved, !isLate);
  return undefined;
}

/**
 * @param {ContextSession} contextSession
 * @returns {boolean} true if the app's `externalKey` takes the place of the cookie, so that no cookie is touched
 */
function carriesKey({ store, opts }) {
  return Boolean(store && opts.externalKey);
}

/**
 * @param {ContextSession} contextSession
 * @returns {boolean} true if the store or the codec takes an object, so stringifying can wait
 */
function takesObject({ externalKey, store, opts }) {
  return externalKey ? !takesText(store) : opts.encode !== codec.encode;
}

/**
 * Keeps what was saved, so that a later commit of this request saves only what changed after this.
 *
 * @param {ContextSession} contextSession
 * @param {Baseline} saved the session's data as it was saved
 * @param {boolean} isSaved false if the session was destroyed meanwhile, or its cookie came too late: then there is no change to
 *   report, and nothing to try again
 */
function remember(contextSession, saved, isSaved) {
  const { ctx, externalKey, opts } = contextSession;
  if (isSaved && channels.save.hasSubscribers) publish('save', contextSession, { isNew: contextSession.baseline === undefined });
  if (isSaved && contextSession.app.listenerCount('session:changed') > 0) reportChange(contextSession, saved);
  contextSession.baseline = saved;
  contextSession.isSaved = true;
  // A session that is too large for its pieces is not sent at all.
  contextSession.hasCookie = isSaved && !(externalKey && opts.externalKey) && (!opts.chunks || sendsCookie(ctx, opts.key));
}

/**
 * @param {ContextSession} contextSession
 * @param {Baseline} saved
 */
function reportChange(contextSession, saved) {
  const { baseline, externalKey: key, ctx } = contextSession;
  const paths = changedPaths(baseline ? baseline.text : '{}', saved.text);
  if (paths.length > 0) contextSession.emit('changed', { key, paths, ctx });
}

/**
 * Emits `session:unsaved` if the cookie comes too late: the response's headers are out, and Koa drops any that is set now
 * without a word.
 *
 * @param {ContextSession} contextSession
 * @param {'save' | 'remove'} operation
 * @returns {boolean} whether it is too late
 */
function reportUnsaved(contextSession, operation) {
  const { ctx, externalKey: key } = contextSession;
  if (!ctx.headerSent) return false;
  contextSession.emit('unsaved', { operation, key, ctx });
  return true;
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
    contextSession.isBrowserSession = true;
  }
  if (typeof opts.maxAge === 'string') opts.maxAge = fromDigits(opts.maxAge);
  if (opts.maxAge) return opts.maxAge;
  return opts.maxAge === undefined && contextSession.isBrowserSession ? 'session' : ONE_DAY_MS;
}

/**
 * Gives `JSON.stringify(addLifetime(json, lifetime))`. In most cases `text` is its beginning.
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
 * @param {any} json with the name of its session, if it has one
 * @param {string} text the session's data as JSON
 * @param {any} opts
 * @returns {string} the same with the name
 */
function named(json, text, { as }) {
  return as === undefined || !isObjectText(json, text) ? text : withName(text, as);
}

/**
 * @param {any} json
 * @param {string} text `json` as JSON
 * @returns {boolean} true if members that are added to the object only add to its text
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
function sendInCookie({ ctx, opts, cookie }, json, saved, lifetime) {
  if (opts.encode !== codec.encode) {
    cookie.writeValue(ctx, opts, opts.encode(addLifetime(json, lifetime)));
    return;
  }
  const text = named(json, saved.text, opts);
  const expire = isObjectText(json, text) ? expireOf(lifetime) : NaN;
  if (Number.isNaN(expire)) cookie.writeText(ctx, opts, completed(json, text, lifetime), NaN, NaN);
  else cookie.writeText(ctx, opts, text, expire, lifetime);
}

/**
 * `sendInCookie` for a session that has an absolute end.
 *
 * @param {ContextSession} contextSession
 * @param {any} json
 * @param {any} lifetime
 * @param {SessionLife} life
 */
function sendLimited({ ctx, opts, cookie }, json, lifetime, life) {
  const isSealed = opts.encrypt === 'sealed';
  const content = life.limit(addLifetime(json, lifetime), isSealed);
  const meta = isSealed ? life.meta(content) : undefined;
  const options = { ...opts, maxAge: life.cut(opts.maxAge) };
  if (opts.encode === codec.encode) cookie.writeText(ctx, options, JSON.stringify(content), NaN, NaN, meta);
  else cookie.writeValue(ctx, options, opts.encode(content), meta);
}

/**
 * @param {ContextSession} contextSession
 * @param {{ changed: boolean, json: any, saved: Baseline, lifetime: any, life?: SessionLife, left?: Left }} data
 * @returns {Promise<boolean>} false if the session was destroyed meanwhile
 */
async function saveInStore(contextSession, { changed, json, saved, lifetime, life, left }) {
  const { opts, session, store, entry } = contextSession;
  const isRequired = session._requireSave;
  if (isRequired) session._requireSave = false;
  const isText = takesText(store);
  let content;
  if (life) content = life.limit(addLifetime(json, lifetime), false);
  else content = isText ? completed(json, named(json, saved.text, opts), lifetime) : addLifetime(json, lifetime);
  if (life && isText) content = JSON.stringify(content);
  entry.saving();
  let answer;
  try {
    answer = await saveToStore(contextSession, entry, { content, lifetime: life ? life.cut(lifetime) : lifetime, changed }, left);
  } catch (err) {
    if (isRequired) session._requireSave = true;
    throw err;
  }
  const isSaved = answer !== GONE;
  if (isSaved) {
    if (answer !== undefined) takeMergedLifetime(contextSession, /** @type {{ maxAge: any }} */ (answer));
    try {
      sendKey(contextSession, life);
    } catch (err) {
      // The store has it, so that a later commit has nothing to do.
      if (contextSession.ctx.headerSent) remember(contextSession, saved, false);
      throw err;
    }
  }
  remember(contextSession, saved, isSaved);
  return isSaved;
}

/**
 * Another request has changed how long the session lives: its cookie is to last as long.
 *
 * @param {ContextSession} contextSession
 * @param {{ maxAge: number | 'session' }} lifetime
 */
function takeMergedLifetime(contextSession, { maxAge }) {
  contextSession.isBrowserSession = maxAge === 'session';
  contextSession.opts.maxAge = maxAge === 'session' ? undefined : maxAge;
}

/**
 * @param {ContextSession} contextSession with a session that was saved in the store
 * @param {SessionLife} [life]
 */
function sendKey(contextSession, life) {
  const { ctx, opts, cookie, entry } = contextSession;
  const externalKey = /** @type {string} */ (contextSession.externalKey);
  // Nothing is lost with a late cookie if the browser has the key already.
  const isNew = externalKey !== entry.browserKey;
  if (isNew && !reportUnsaved(contextSession, 'save')) entry.browserHas(externalKey);
  if (opts.externalKey) {
    opts.externalKey.set(ctx, externalKey);
    return;
  }
  // Koa's own cookies throw where it is too late.
  if (!isNew && ctx.headerSent) return;
  cookie.writeValue(ctx, life ? { ...opts, maxAge: life.cut(opts.maxAge) } : opts, externalKey);
  keepOnError(contextSession, isNew ? 'save' : contextSession.unsent);
}

module.exports = { reportUnsaved, save };
