'use strict';

/**
 * Loads a request's session from the cookie that has it. What does not load, or is no longer valid, gives a new session.
 */

const { candidatesOf } = require('./candidates');
const { lifeInCookie, livesOf, setLife } = require('./life');
const { keepOnError } = require('./on_error');
const { channels, publish } = require('../diagnostics');
const codec = require('../session/codec');
const { hasExpired, nameOf } = require('../session/data');
const { Baseline } = require('../session/baseline');
const { COPIED, LOADED } = require('../session/session');
const { copyOfJSON } = require('../session/snapshot');

/**
 * @typedef {import('./candidates').Candidates} Candidates
 * @typedef {import('./context_session')} ContextSession
 * @typedef {import('../cookie/session_cookie').OpenedCookie} OpenedCookie
 * @typedef {import('../session/session_life').SessionLife} SessionLife
 */

// A cookie that holds no session emits no event, unlike a session that is null.
const NO_SESSION = Symbol('no session');

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
    if (channels.open.hasSubscribers) publish('open', contextSession, cookie.originOf(ctx, opts, opened));
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
  const held = opened ? jsonOf(contextSession, opened, opts.decode === codec.decode) : NO_SESSION;
  const json = isOthers(held, opts) ? NO_SESSION : held;
  const life = opts.absoluteMaxAge ? lifeInCookie(contextSession, opened, json === NO_SESSION ? undefined : json) : undefined;
  return { json, life, refusal: json === NO_SESSION ? 'nothing' : contextSession.refusalOf(json, life) };
}

/**
 * @param {ContextSession} contextSession
 * @param {OpenedCookie} opened
 * @param {Content} content a live session
 * @returns {any} as `loadFromCookie`
 */
function takeContent(contextSession, opened, { json, life }) {
  const { ctx, opts, cookie } = contextSession;
  if (life) setLife(contextSession, life);
  if (!opts.revocation) takeFromCookie(contextSession, json);
  if (opened.keyIndex > 0) cookie.refreshSignature(ctx, opts, opened.raw);
  if (channels.open.hasSubscribers) {
    const origin = cookie.originOf(ctx, opts, opened);
    if (opts.revocation) livesOf(contextSession).origin = origin;
    else publish('open', contextSession, origin);
  }
  return opts.revocation ? json : undefined;
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
    if (!contextSession.isKeptOnError) giveHeaders(err, { 'set-cookie': ctx.response.get('set-cookie') });
    throw err;
  }
}

/**
 * @param {any} err
 * @param {Record<string, any>} headers
 */
function giveHeaders(err, headers) {
  try {
    if (err instanceof Object) Reflect.set(err, 'headers', headers);
  } catch {
    // A setter of the app's class threw. The app gets its error as it is.
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

module.exports = { findInCookies, isOthers, loadAnother, loadFromCookie, parseText, takeFromCookie, NO_SESSION };
