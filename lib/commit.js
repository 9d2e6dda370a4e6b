'use strict';

const codec = require('./codec');
const { sessionJSON, storedJSON } = require('./session');

/**
 * The end of a request: is there a reason to save, and where to. In cookie mode everything happens at once, so that a
 * `save()` nobody awaits still sets its cookie; with a store, one write runs at a time.
 *
 * @typedef {import('./context_session')} ContextSession
 */

const ONE_DAY_MS = 24 * 60 * 60 * 1000;
// A store keeps the entry a little longer than the browser keeps its cookie.
const STORE_GRACE_MS = 10000;
const COOKIE_EXPIRED_AT = new Date(0);
// What saving appends to the text of a session's data.
const SAVED_TAIL = /^,?(?:"_expire":\d+,"_maxAge":\d+|"_session":true)\}$/;

/**
 * @param {ContextSession} contextSession
 * @param {boolean} [force] save without a reason
 * @param {boolean} [regenerate]
 * @returns {Promise<void> | undefined}
 */
function commit(contextSession, force, regenerate) {
  const { session } = contextSession;
  if (session === undefined) return undefined;
  if (contextSession._inFlight) {
    // The write under way may make this one needless.
    return contextSession._inFlight.then(() => commit(contextSession, force, regenerate));
  }
  if (session === false) return remove(contextSession);
  if (regenerate) return startRegenerate(contextSession);
  if (force || session._requireSave) return save(contextSession, false);

  const json = sessionJSON(session);
  const isLoaded = contextSession._loadedText !== undefined || contextSession._baseline !== undefined;
  if (!isLoaded && Object.keys(json).length === 0) return undefined;
  const text = JSON.stringify(json);
  const changed = !isLoaded || !isUnchanged(contextSession, text);
  if (!changed && !mustProlong(contextSession)) return undefined;
  return save(contextSession, changed, json, text);
}

/**
 * Exact, so that no change is lost (koajs/session#131).
 *
 * @param {ContextSession} contextSession
 * @param {string} text the session's JSON as it is now
 */
function isUnchanged(contextSession, text) {
  if (contextSession._baseline === undefined) {
    const loadedText = /** @type {string} */ (contextSession._loadedText);
    const body = text.slice(0, -1);
    if (loadedText.startsWith(body) && SAVED_TAIL.test(loadedText.slice(body.length))) return true;
    // Different texts may still be the same session, if another encoder wrote the one that was loaded.
    contextSession._baseline = JSON.stringify(storedJSON(JSON.parse(loadedText)));
  }
  return contextSession._baseline === text;
}

/**
 * Whether an unchanged session is saved to live longer; once in a request is enough.
 *
 * @param {ContextSession} contextSession
 */
function mustProlong({ _savedOnce, opts, session }) {
  if (_savedOnce) return false;
  if (opts.rolling) return true;
  if (!opts.renew) return false;
  const expire = session._expire;
  return Boolean(expire && opts.maxAge && expire - Date.now() < opts.maxAge / 2);
}

/**
 * @param {ContextSession} contextSession
 * @returns {Promise<void> | undefined}
 */
function startRegenerate(contextSession) {
  if (contextSession.store) return track(contextSession, regenerateInStore(contextSession));
  removeCookie(contextSession);
  return save(contextSession, false);
}

/** @param {ContextSession} contextSession */
async function regenerateInStore(contextSession) {
  const { ctx, opts } = contextSession;
  await remove(contextSession);
  contextSession.externalKey = opts.genid && opts.genid(ctx);
  const { session } = contextSession;
  // The app may have set it to null meanwhile.
  if (!session) return;
  session._externalKey = contextSession.externalKey;
  await write(contextSession, false);
}

/**
 * @param {ContextSession} contextSession
 * @returns {Promise<void> | undefined}
 */
function remove(contextSession) {
  if (contextSession.externalKey) return removeFromStore(contextSession);
  removeCookie(contextSession);
  return undefined;
}

/** @param {ContextSession} contextSession */
async function removeFromStore(contextSession) {
  const { ctx, store, externalKey } = contextSession;
  await store.destroy(externalKey, { ctx });
  removeCookie(contextSession);
}

/** @param {ContextSession} contextSession */
function removeCookie({ ctx, opts }) {
  ctx.cookies.set(opts.key, '', { ...opts, expires: COOKIE_EXPIRED_AT, maxAge: false });
}

/**
 * @param {ContextSession} contextSession
 * @param {boolean} changed
 * @param {any} [json] the session's data, where it is known already
 * @param {string} [text] `json` as JSON
 * @returns {Promise<void> | undefined}
 */
function save(contextSession, changed, json, text) {
  const writing = write(contextSession, changed, json, text);
  return writing && track(contextSession, writing);
}

/**
 * @param {ContextSession} contextSession
 * @param {Promise<void>} writing
 */
function track(contextSession, writing) {
  const end = () => {
    contextSession._inFlight = undefined;
  };
  contextSession._inFlight = writing.then(end, end);
  return writing;
}

/**
 * @param {ContextSession} contextSession
 * @param {boolean} changed
 * @param {any} [json]
 * @param {string} [text]
 * @returns {Promise<void> | undefined}
 */
function write(contextSession, changed, json, text) {
  const { ctx, opts, externalKey } = contextSession;
  if (typeof opts.beforeSave === 'function') {
    opts.beforeSave(ctx, contextSession.session);
    json = undefined;
  }
  // The hook may have changed it, or put another in its place.
  const { session } = contextSession;
  if (json === undefined) {
    json = sessionJSON(session);
    text = JSON.stringify(json);
  }
  const dataText = /** @type {string} */ (text);
  const lifetime = takeLifetime(contextSession);
  if (externalKey) return writeToStore(contextSession, changed, json, dataText, lifetime);
  writeToCookie(contextSession, json, dataText, lifetime);
  if (session._requireSave) session._requireSave = false;
  remember(contextSession, dataText);
  return undefined;
}

/**
 * A later commit of this request saves what changed after this.
 *
 * @param {ContextSession} contextSession
 * @param {string} text
 */
function remember(contextSession, text) {
  contextSession._baseline = text;
  contextSession._savedOnce = true;
}

/**
 * The lifetime to save with, in ms or 'session'. For 'session' the request's `maxAge` is cleared, so that the cookie
 * gets no expiry.
 *
 * @param {ContextSession} contextSession
 * @returns {any}
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
 * @param {ContextSession} contextSession
 * @param {any} json
 * @param {string} text
 * @param {any} lifetime
 */
function writeToCookie({ ctx, opts, _cookie }, json, text, lifetime) {
  if (opts.encode !== codec.encode) {
    _cookie.writeValue(ctx, opts, opts.encode(addLifetime(json, lifetime)));
  } else if (typeof json.toJSON === 'function' || text.charCodeAt(0) !== 0x7b /* { */) {
    _cookie.writeText(ctx, opts, JSON.stringify(addLifetime(json, lifetime)));
  } else {
    const tail = JSON.stringify(addLifetime({}, lifetime));
    _cookie.writeText(ctx, opts, text === '{}' ? tail : `${text.slice(0, -1)},${tail.slice(1)}`);
  }
}

/**
 * @param {ContextSession} contextSession
 * @param {boolean} changed
 * @param {any} json
 * @param {string} text
 * @param {any} lifetime
 */
async function writeToStore(contextSession, changed, json, text, lifetime) {
  const { ctx, opts, session, store, externalKey } = contextSession;
  const required = session._requireSave;
  if (required) session._requireSave = false;
  try {
    await store.set(
      externalKey,
      addLifetime(json, lifetime),
      typeof lifetime === 'number' ? lifetime + STORE_GRACE_MS : lifetime,
      { changed, ctx, rolling: opts.rolling },
    );
  } catch (err) {
    if (required) session._requireSave = true;
    throw err;
  }
  if (opts.externalKey) opts.externalKey.set(ctx, externalKey);
  else contextSession._cookie.writeValue(ctx, opts, /** @type {string} */ (externalKey));
  remember(contextSession, text);
}

module.exports = { commit };
