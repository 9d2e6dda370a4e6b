'use strict';

const { DIFFERENT, UNSURE } = require('./baseline');
const { expirePieces } = require('./cookie_pieces');
const { sessionError } = require('./errors');
const { revokeLeft } = require('./revocation_check');
const { sessionJSON } = require('./session');
const { setThrough } = require('./set_through');
const { callStore } = require('./store_access');
const { leaveLife } = require('./track_life');
const { reportUnsaved } = require('./unsaved');
const { carriesCookie, write } = require('./write');

/**
 * The end of a request: is there a reason to save, and where to. In cookie mode everything happens at once, so that a
 * `save()` nobody awaits still sets its cookie; with a store, one write runs at a time.
 *
 * @typedef {import('./context_session')} ContextSession
 */

const COOKIE_EXPIRED_AT = new Date(0);

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
  if (contextSession._isReadonly) return refuse(contextSession, force || regenerate);
  if (regenerate && contextSession._life !== undefined) leaveLife(contextSession);
  if (contextSession._leftLife !== undefined) {
    // The client still has the one that is revoked: its place is taken even by the same data.
    return track(contextSession, revokeLeft(contextSession)).then(() => commit(contextSession, true, regenerate));
  }
  if (session === false) return remove(contextSession);
  if (contextSession._isAnother) {
    if (contextSession._storedText !== undefined) {
      return track(contextSession, leaveKey(contextSession)).then(() => commit(contextSession, true, regenerate));
    }
    contextSession._isAnother = false;
  }
  if (contextSession._isKeySpent) {
    takeKey(contextSession);
    force = true;
  }
  if (regenerate) return startRegenerate(contextSession);
  if (force || session._requireSave) return save(contextSession, false);

  const baseline = contextSession._baseline;
  let json;
  let text;
  let changed = true;
  if (baseline === undefined) {
    json = sessionJSON(session);
    if (Object.keys(json).length === 0) return undefined;
  } else {
    const verdict = baseline.compare(session);
    if (verdict === UNSURE) {
      json = sessionJSON(session);
      text = JSON.stringify(json);
    }
    changed = verdict === UNSURE ? text !== baseline.text : verdict === DIFFERENT;
  }
  changed ||= hasLostCookie(contextSession);
  if (!changed && !mustProlong(contextSession)) return undefined;
  return save(contextSession, changed, json, text);
}

/**
 * The store could not be read, so nothing may be written: what it holds would be replaced by a session that was never
 * loaded. A change that the app did not ask to be saved at once is dropped and reported.
 *
 * @param {ContextSession} contextSession
 * @param {boolean} [asked]
 * @returns {undefined}
 * @throws ERR_SESSION_READONLY for `save()`, `regenerate()` and `ctx.session = null`
 */
function refuse(contextSession, asked) {
  const { session, ctx } = contextSession;
  if (session !== false && !asked && !session._requireSave && Object.keys(sessionJSON(session)).length === 0) return undefined;
  const error = sessionError('ERR_SESSION_READONLY', 'the session store failed when this request began, so its session is read-only');
  if (session === false || asked) throw error;
  contextSession.emit('store_error', { operation: 'commit', error, key: undefined, ctx });
  return undefined;
}

/**
 * Whether an unchanged session is saved to live longer; once in a request is enough.
 *
 * @param {ContextSession} contextSession
 */
function mustProlong({ _savedOnce, opts, session, _life }) {
  if (_savedOnce) return false;
  if (opts.rolling) return true;
  if (_life && !_life.isKnown) return true;
  if (!opts.renew) return false;
  const expire = session._expire;
  // It cannot be prolonged beyond its end.
  if (_life && expire >= _life.endsAtMs) return false;
  return Boolean(expire && opts.maxAge && expire - Date.now() < opts.maxAge * (opts.renewThreshold ?? 0.5));
}

/**
 * Whether the app has replaced the headers of the response after a `save()` or `regenerate()`, so that the browser would not
 * hear of it.
 *
 * @param {ContextSession} contextSession
 */
function hasLostCookie(contextSession) {
  return contextSession._hasCookie && !contextSession.ctx.res.headersSent && !carriesCookie(contextSession);
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
  const { externalKey: key, _storedText: text } = contextSession;
  if (text === undefined) {
    await leaveKey(contextSession);
    // The app may have set it to null meanwhile.
    if (contextSession.session) await write(contextSession, false);
    return;
  }
  takeKey(contextSession);
  // The app's own `genid` may know no other key.
  if (contextSession.externalKey !== key) contextSession._left = { key: /** @type {string} */ (key), text };
  try {
    await write(contextSession, false);
  } finally {
    if (contextSession._left !== undefined) takeKey(contextSession, key);
    contextSession._left = undefined;
  }
}

/**
 * Destroys what is stored and takes a new key, so that no slow request brings anything of it into what comes next.
 *
 * @param {ContextSession} contextSession
 */
async function leaveKey(contextSession) {
  await remove(contextSession);
  takeKey(contextSession);
}

/**
 * @param {ContextSession} contextSession
 * @param {string} [key] default: a new one
 */
function takeKey(contextSession, key) {
  const { ctx, opts, session } = contextSession;
  contextSession.externalKey = key || (opts.genid && opts.genid(ctx));
  contextSession._isKeySpent = false;
  if (session) session._externalKey = contextSession.externalKey;
}

/**
 * @param {ContextSession} contextSession
 * @returns {Promise<void> | undefined}
 */
function remove(contextSession) {
  if (contextSession.externalKey) return removeFromStore(contextSession);
  reportUnsaved(contextSession, 'remove');
  removeCookie(contextSession);
  return undefined;
}

/** @param {ContextSession} contextSession */
async function removeFromStore(contextSession) {
  const { ctx, externalKey } = contextSession;
  await callStore(contextSession, 'destroy', externalKey, { ctx });
  if (contextSession._storedText !== undefined) contextSession._isKeySpent = true;
  contextSession._storedText = undefined;
  removeCookie(contextSession);
}

/** @param {ContextSession} contextSession */
function removeCookie({ ctx, opts }) {
  if (opts.chunks) expirePieces(ctx, opts, 1, true);
  setThrough(ctx, opts.key, '', { ...opts, expires: COOKIE_EXPIRED_AT, maxAge: false });
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

module.exports = { commit };
