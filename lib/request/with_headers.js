'use strict';

/**
 * `saveWithHeaders`: the session is saved when the headers of the response are written, and not when the session middleware ends. So
 * an app that answers by itself (`ctx.respond = false`), or changes the session outside of the middleware, still reaches the browser.
 * `writeHead` of this response is wrapped, and that of no other app.
 *
 * Headers that the app gives to `writeHead` replace those of the response. Where they name Set-Cookie, a copy of them gets the session's.
 *
 * A cookie is written at once. A store answers later, so a browser may get the key of a session whose save then fails: the next
 * request begins a new one.
 */

const { currentLife } = require('./life');
const { verdictOn } = require('./commit');
const { sendsCookie, sessionLines } = require('../cookie/response');

/** @typedef {import('./context_session')} ContextSession */

/** @param {ContextSession} contextSession */
function saveWithHeaders(contextSession) {
  const { res } = contextSession.ctx;
  const before = Object.getOwnPropertyDescriptor(res, 'writeHead');
  const { writeHead } = res;
  res.writeHead = (/** @type {any[]} */ ...args) => {
    if (before) Object.defineProperty(res, 'writeHead', before);
    else delete res.writeHead;
    if (!res.headersSent) beforeHeaders(contextSession);
    return writeHead.apply(res, res.headersSent ? args : withLines(args, contextSession));
  };
}

/**
 * @param {any[]} args of `writeHead`: the status, the reason if there is one, and headers in one of Node's forms
 * @param {ContextSession} contextSession
 * @returns {any[]} the same, or a copy whose headers have the session's lines
 */
function withLines(args, { ctx, opts }) {
  const at = typeof args[1] === 'string' || args[2] != null ? 2 : 1;
  const lines = sessionLines(ctx, opts);
  const pairs = lines.length > 0 ? pairsOf(args[at]) : [];
  if (pairs.length === 0) return args;
  const isNamed = pairs.some(([name]) => isSetCookie(name));
  // A header without a value is Node's to refuse. Arrays may name a header twice, which Node takes only while the response has none.
  if ((!isNamed && !Array.isArray(args[at])) || pairs.some(([, value]) => value == null)) return args;
  if (isNamed) pairs.push(['Set-Cookie', lines]);
  return [...args.slice(0, at), joined(pairs), ...args.slice(at + 1)];
}

/**
 * @param {any} headers an object, an array of pairs, or an array of names and values in turn
 * @returns {[any, any][]} none for anything else
 */
function pairsOf(headers) {
  if (typeof headers !== 'object' || headers === null) return [];
  if (!Array.isArray(headers)) return Object.entries(headers);
  if (headers.every(Array.isArray)) return headers.map(([name, value]) => [name, value]);
  return headers.length % 2 === 0 ? headers.flatMap((name, i) => (i % 2 === 0 ? [[name, headers[i + 1]]] : [])) : [];
}

/**
 * @param {[any, any][]} pairs
 * @returns {Record<string, any>} a header that comes several times, in any case, has an array of values
 */
function joined(pairs) {
  /** @type {Map<string, [any, any]>} */
  const headers = new Map();
  for (const [name, value] of pairs) {
    const known = headers.get(String(name).toLowerCase());
    if (known === undefined) headers.set(String(name).toLowerCase(), [name, value]);
    else known[1] = [...new Set([].concat(known[1], value))];
  }
  return Object.assign(Object.create(null), Object.fromEntries(headers.values()));
}

/** @param {any} name */
function isSetCookie(name) {
  return String(name).toLowerCase() === 'set-cookie';
}

/** @param {ContextSession} contextSession */
function beforeHeaders(contextSession) {
  const { ctx, opts, hasCookie, session } = contextSession;
  // An error's answer is Koa's, with the cookie or without.
  if (session === undefined || (hasCookie && !sendsCookie(ctx, opts.key))) return;
  try {
    if (contextSession.store) sendKeyNow(contextSession);
  } catch (error) {
    contextSession.emit('store_error', { operation: 'commit', error, key: contextSession.externalKey, ctx });
    return;
  }
  // Its promise has a handler, which tells of a failure.
  contextSession.commit();
}

/** @param {ContextSession} contextSession whose store has no answer before the headers are out */
function sendKeyNow(contextSession) {
  const { ctx, opts, cookie, entry, externalKey } = contextSession;
  const { act } = verdictOn(contextSession);
  if (act === 'remove') {
    if (!opts.externalKey) cookie.expire(ctx, opts);
    else if (opts.externalKey.remove) entry.tellEnd(() => opts.externalKey.remove(ctx));
  }
  if (!externalKey || !contextSession.session || (act !== 'save' && act !== 'wait')) return;
  entry.browserHas(externalKey);
  if (opts.externalKey) {
    opts.externalKey.set(ctx, externalKey);
    return;
  }
  const maxAge = opts.maxAge === 'session' ? undefined : opts.maxAge;
  const life = opts.absoluteMaxAge ? currentLife(contextSession) : undefined;
  cookie.writeValue(ctx, { ...opts, maxAge: life ? life.cut(maxAge) : maxAge }, externalKey);
}

module.exports = { saveWithHeaders };
