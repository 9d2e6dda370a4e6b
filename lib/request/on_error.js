'use strict';

/**
 * Koa's error handler removes all headers and sets those of the error. This module makes the session's cookie one of these, so that a
 * `regenerate()`, a logout or a counter of failed logins is not lost with an error that follows it.
 *
 * The request's own `ctx.onerror` gives the error a property `headers` for as long as Koa's handler runs, which is synchronous. Its
 * getter adds the session's Set-Cookie lines as soon as they are missing from this request's response. So a handler that keeps the
 * headers, as Egg's does, finds the error as it was, and so do the listeners of `error`. No error keeps a cookie: apps throw shared ones.
 */

const { format } = require('node:util');
const { sentCookies, sessionLines } = require('../cookie/response');

/** @typedef {import('./context_session')} ContextSession */

/**
 * @param {ContextSession} contextSession that has put its cookie into the response
 * @param {'save' | 'remove' | undefined} operation what is lost if the cookie is; undefined if the store has all
 */
function keepOnError(contextSession, operation) {
  const { ctx, app, opts } = contextSession;
  contextSession.unsent = operation;
  if (contextSession.isKeptOnError || opts.cookieOnError === false || typeof ctx.onerror !== 'function') return;
  const isKoasOwn = !Object.hasOwn(app.context, 'onerror');
  // Egg's handler keeps the headers.
  if (app.config && !isKoasOwn) return;
  contextSession.isKeptOnError = true;
  const { onerror } = ctx;
  const value = (/** @type {any} */ err) => handle(contextSession, err, isKoasOwn, (given) => onerror.call(ctx, given));
  Object.defineProperty(ctx, 'onerror', { value, writable: true, configurable: true });
}

/**
 * @param {ContextSession} contextSession
 * @param {any} err
 * @param {boolean} isKoasOwn
 * @param {(err: any) => any} onerror the handler
 */
function handle(contextSession, err, isKoasOwn, onerror) {
  const { ctx, opts } = contextSession;
  // Koa hands on what ended the connection, and gives no answer to `throw null`.
  if (err == null || ctx.headerSent) {
    if (!ctx.headerSent && !ctx.writable) reportLost(contextSession);
    return onerror(err);
  }
  const lines = sessionLines(ctx, opts);
  if (lines.length === 0) return onerror(err);
  try {
    return withHeaders(isKoasOwn ? asError(err) : err, ctx, lines, onerror);
  } finally {
    if (lostOf(ctx, lines).length > 0) reportLost(contextSession);
  }
}

/**
 * @param {any} err
 * @returns {any} what Koa's handler makes of anything else than an error
 */
function asError(err) {
  const isError = Object.prototype.toString.call(err) === '[object Error]' || err instanceof Error;
  return isError ? err : new Error(format('non-error thrown: %j', err));
}

/**
 * @param {any} err
 * @param {any} ctx
 * @param {string[]} lines
 * @param {(err: any) => any} onerror
 */
function withHeaders(err, ctx, lines, onerror) {
  if (typeof err !== 'object' && typeof err !== 'function') return onerror(err);
  const before = Object.getOwnPropertyDescriptor(err, 'headers');
  const read = () => (before && before.get ? before.get.call(err) : before ? before.value : Object.getPrototypeOf(err)?.headers);
  let isOver = false;
  let isAssigned = false;
  /** @type {any} */
  let assigned;
  const headers = {
    get() {
      const given = isAssigned ? assigned : read();
      const lost = isOver ? [] : lostOf(ctx, lines);
      return lost.length > 0 ? withLines(given, lost) : given;
    },
    set(/** @type {any} */ value) {
      isAssigned = true;
      assigned = value;
    },
    configurable: true,
    enumerable: Boolean(before && before.enumerable),
  };
  // Koa's handler sets the status of the error, which fails for a frozen one: no answer would be sent.
  if (!Object.isExtensible(err) || !Reflect.defineProperty(err, 'headers', headers)) return onerror(derived(err, headers));
  try {
    return onerror(err);
  } finally {
    isOver = true;
    const data = { value: assigned, writable: true, configurable: true, enumerable: true };
    if (isAssigned || before) Reflect.defineProperty(err, 'headers', isAssigned ? data : /** @type {PropertyDescriptor} */ (before));
    else Reflect.deleteProperty(err, 'headers');
  }
}

/**
 * @param {any} err that takes no property
 * @param {PropertyDescriptor} headers
 * @returns {any} an error for this request only, which has all that `err` has
 */
function derived(err, headers) {
  const taken = { value: err.status, writable: true, configurable: true };
  return Object.create(err, { headers, status: taken, headerSent: { ...taken, value: err.headerSent } });
}

/** @param {any} ctx @param {string[]} lines @returns {string[]} those that the response no longer has */
function lostOf(ctx, lines) {
  const sent = sentCookies(ctx);
  return lines.filter((line) => !sent.includes(line));
}

/**
 * @param {any} given the error's own headers
 * @param {string[]} lines
 * @returns {Record<string, any>} a copy with the lines
 */
function withLines(given, lines) {
  const headers = Object.create(null);
  for (const name in given) headers[name] = given[name];
  const name = Object.keys(headers).find((key) => key.toLowerCase() === 'set-cookie') ?? 'set-cookie';
  headers[name] = [...new Set([].concat(headers[name] ?? [], /** @type {any} */ (lines)))];
  return headers;
}

/** @param {ContextSession} contextSession */
function reportLost(contextSession) {
  const { unsent: operation, externalKey: key, ctx } = contextSession;
  if (operation === undefined) return;
  contextSession.unsent = undefined;
  contextSession.isLost = true;
  contextSession.emit('unsaved', { operation, key, ctx });
}

module.exports = { keepOnError };
