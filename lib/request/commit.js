'use strict';

/**
 * The end of a request: computes a verdict (remove, regenerate, save and why, or nothing), then acts on it. In cookie mode
 * everything happens at once, so that an un-awaited `save()` still sets its cookie. With a store, one save runs at a time.
 */

const { leaveLife, revokeLeft } = require('./life');
const { keepOnError } = require('./on_error');
const { destroyOthers, revokeOthers } = require('./others');
const { reportUnsaved, save } = require('./save');
const { sendsCookie } = require('../cookie/response');
const { sessionError } = require('../errors');
const { DIFFERENT, UNSURE } = require('../session/baseline');
const { sessionJSON } = require('../session/data');
const { callStore } = require('../store/calls');

/**
 * @typedef {import('./context_session')} ContextSession
 *
 * @typedef {object} Verdict
 * @property {'nothing' | 'wait' | 'refuse' | 'revoke' | 'remove' | 'leave' | 'take key' | 'regenerate' | 'save'} act
 * @property {boolean} [changed] of 'save': whether the data has changed
 * @property {any} [json] of 'save': the session's data, if it is known already
 * @property {string} [text] of 'save': `json` as JSON
 */

/** @type {Verdict} */
const NOTHING = { act: 'nothing' };
/** @type {Verdict} */
const WAIT = { act: 'wait' };
/** @type {Verdict} */
const REFUSE = { act: 'refuse' };
/** @type {Verdict} */
const REVOKE = { act: 'revoke' };
/** @type {Verdict} */
const REMOVE = { act: 'remove' };
/** @type {Verdict} */
const LEAVE = { act: 'leave' };
/** @type {Verdict} */
const TAKE_KEY = { act: 'take key' };
/** @type {Verdict} */
const REGENERATE = { act: 'regenerate' };
/** @type {Verdict} forced, or to live longer */
const UNCHANGED = { act: 'save', changed: false };
/** @type {Verdict} */
const CHANGED = { act: 'save', changed: true };

/**
 * @param {ContextSession} contextSession
 * @param {boolean} [force] save without a reason
 * @param {boolean} [regenerate]
 * @returns {Promise<boolean | void> | undefined} a promise where a store or the revocation has to answer: of false if the session was
 *   destroyed meanwhile, so that it was not saved
 */
function commit(contextSession, force, regenerate) {
  const verdict = verdictOn(contextSession, force, regenerate);
  switch (verdict.act) {
    case 'nothing':
      return undefined;
    case 'wait':
      return /** @type {Promise<void>} */ (contextSession.inFlight).then(() => commit(contextSession, force, regenerate));
    case 'refuse':
      return refuse(contextSession, force || regenerate);
    case 'revoke':
      // The client still holds the revoked cookie, so a new one is sent even if the data is unchanged.
      return track(contextSession, revokeLeft(contextSession)).then(() => commit(contextSession, true, regenerate));
    case 'remove':
      return remove(contextSession);
    case 'leave':
      return track(contextSession, leaveKey(contextSession)).then(() => commit(contextSession, true, regenerate));
    case 'take key':
      takeKey(contextSession);
      return commit(contextSession, true, regenerate);
    case 'regenerate':
      leaveLife(contextSession, true);
      if (contextSession.lives && contextSession.lives.left) return commit(contextSession, force, regenerate);
      return regenerateSession(contextSession);
    default:
      return saveAndTrack(contextSession, verdict);
  }
}

/**
 * @param {ContextSession} contextSession
 * @param {boolean} [force]
 * @param {boolean} [regenerate]
 * @returns {Verdict}
 */
function verdictOn(contextSession, force, regenerate) {
  const { session, entry, lives } = contextSession;
  if (session === undefined) return NOTHING;
  // The save under way may make this one needless.
  if (contextSession.inFlight) return WAIT;
  if (contextSession.isReadonly) return REFUSE;
  if (lives && lives.left) return REVOKE;
  if (session === false) return contextSession.isEnded && contextSession.ctx.headerSent ? NOTHING : REMOVE;
  if (entry && entry.mustBeLeft) return LEAVE;
  if (entry && entry.isKeySpent) return TAKE_KEY;
  if (regenerate) return REGENERATE;
  return force || session._requireSave ? UNCHANGED : verdictOnData(contextSession);
}

/**
 * @param {ContextSession} contextSession
 * @returns {Verdict}
 */
function verdictOnData(contextSession) {
  const { session, baseline } = contextSession;
  if (baseline === undefined) {
    const json = sessionJSON(session);
    return Object.keys(json).length === 0 ? NOTHING : { act: 'save', changed: true, json };
  }
  const comparison = baseline.compare(session);
  if (comparison === DIFFERENT) return CHANGED;
  if (comparison === UNSURE) {
    const json = sessionJSON(session);
    const text = JSON.stringify(json);
    const changed = text !== baseline.text || hasLostCookie(contextSession);
    return changed || mustProlong(contextSession) ? { act: 'save', changed, json, text } : NOTHING;
  }
  if (hasLostCookie(contextSession)) return CHANGED;
  return mustProlong(contextSession) ? UNCHANGED : NOTHING;
}

/**
 * Whether an unchanged session is saved to live longer: `rolling`, or `renew`. Once in a request is enough.
 *
 * @param {ContextSession} contextSession
 */
function mustProlong({ isSaved, opts, session, lives }) {
  if (isSaved) return false;
  if (opts.rolling) return true;
  const life = lives && lives.current;
  if (life && !life.isKnown) return true;
  if (!opts.renew) return false;
  const expire = session._expire;
  // A session cannot be prolonged beyond its absolute end.
  if (life && expire >= life.endsAtMs) return false;
  return Boolean(expire && opts.maxAge && expire - Date.now() < opts.maxAge * (opts.renewThreshold ?? 0.5));
}

/**
 * Whether the app has replaced the response's headers after a `save()` or `regenerate()`, so that the browser would not get the
 * cookie.
 *
 * @param {ContextSession} contextSession
 */
function hasLostCookie({ hasCookie, ctx, opts }) {
  return hasCookie && !ctx.res.headersSent && !sendsCookie(ctx, opts.key);
}

/**
 * The store could not be read, so nothing may be written: a save would replace a session that was never loaded. A change that
 * the app did not ask to be saved at once is dropped and reported.
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
 * @param {ContextSession} contextSession
 * @returns {Promise<boolean | void> | undefined}
 */
function regenerateSession(contextSession) {
  if (contextSession.store) return track(contextSession, regenerateInStore(contextSession));
  // Where it is too late, the save tells so.
  if (!contextSession.ctx.headerSent) contextSession.cookie.expire(contextSession.ctx, contextSession.opts);
  return saveAndTrack(contextSession, UNCHANGED);
}

/**
 * @param {ContextSession} contextSession
 * @returns {Promise<boolean | void>} false if the session was destroyed meanwhile
 */
async function regenerateInStore(contextSession) {
  const { externalKey: key, entry } = contextSession;
  const text = entry.storedText;
  if (text === undefined) {
    await leaveKey(contextSession);
    // The app may have set it to null meanwhile.
    return contextSession.session ? save(contextSession, false) : undefined;
  }
  takeKey(contextSession);
  // The app's own `genid` may give the same key again: then there is no move.
  const left = contextSession.externalKey === key ? undefined : { key: /** @type {string} */ (key), text };
  let hasMoved;
  try {
    hasMoved = await save(contextSession, false, undefined, undefined, left);
  } finally {
    if (left !== undefined && !hasMoved) takeKey(contextSession, key);
  }
  return hasMoved;
}

/**
 * Destroys the entry and takes a new key, so that a slow request cannot carry over anything into the next content.
 *
 * @param {ContextSession} contextSession
 */
async function leaveKey(contextSession) {
  if (contextSession.externalKey) await destroyEntry(contextSession);
  if (!contextSession.opts.externalKey) expire(contextSession);
  takeKey(contextSession);
}

/**
 * @param {ContextSession} contextSession
 * @param {string} [key] default: a new one
 */
function takeKey(contextSession, key) {
  const { ctx, opts, session, entry } = contextSession;
  contextSession.externalKey = key || (opts.genid && opts.genid(ctx));
  if (entry) entry.keyTaken();
  if (session) session._externalKey = contextSession.externalKey;
}

/**
 * @param {ContextSession} contextSession
 * @returns {Promise<void> | undefined}
 */
function remove(contextSession) {
  if (contextSession.store) return removeFromStore(contextSession);
  const isLate = reportUnsaved(contextSession, 'remove');
  contextSession.cookie.expire(contextSession.ctx, contextSession.opts);
  keepOnError(contextSession, 'remove');
  contextSession.ended(!isLate);
  return contextSession.opts.revocation ? revokeOthers(contextSession) : undefined;
}

/** @param {ContextSession} contextSession */
async function removeFromStore(contextSession) {
  const { ctx, opts, entry } = contextSession;
  // After `manuallyCommit()`, only the cookie may be missing again.
  if (contextSession.isEnded) return opts.externalKey ? undefined : expire(contextSession);
  if (contextSession.externalKey) await destroyEntry(contextSession);
  if (!opts.externalKey) expire(contextSession);
  else if (opts.externalKey.remove) await entry.tellEnd(() => opts.externalKey.remove(ctx));
  contextSession.ended(true);
  await destroyOthers(contextSession);
}

/**
 * Expires the cookie of a session that is gone from the store. A browser that keeps it has a key of nothing.
 *
 * @param {ContextSession} contextSession
 */
function expire(contextSession) {
  const { ctx, opts, cookie } = contextSession;
  // Koa's own cookies throw where it is too late.
  if (ctx.headerSent) return;
  cookie.expire(ctx, opts);
  keepOnError(contextSession, undefined);
}

/** @param {ContextSession} contextSession */
async function destroyEntry(contextSession) {
  const { ctx, externalKey, entry } = contextSession;
  // With the text, a store that compares and sets spares another session that has begun under the key since.
  const options = entry.storedText === undefined ? { ctx } : { ctx, text: entry.storedText };
  await callStore(contextSession, 'destroy', externalKey, options);
  entry.destroyed();
}

/**
 * @param {ContextSession} contextSession
 * @param {Verdict} verdict
 * @returns {Promise<boolean | void> | undefined}
 */
function saveAndTrack(contextSession, { changed, json, text }) {
  const saving = save(contextSession, /** @type {boolean} */ (changed), json, text);
  return saving && track(contextSession, saving);
}

/**
 * @template Result
 * @param {ContextSession} contextSession
 * @param {Promise<Result>} working
 * @returns {Promise<any>} the same
 */
function track(contextSession, working) {
  const end = () => {
    contextSession.inFlight = undefined;
  };
  contextSession.inFlight = working.then(end, end);
  return working;
}

module.exports = { commit, remove, verdictOn };
