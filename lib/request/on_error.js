'use strict';

/**
 * Koa's error handler removes all headers and sets those of the error. This module makes the session's cookie one of these, so that a
 * `regenerate()`, a logout or a counter of failed logins is not lost with an error that follows it.
 *
 * The request's own `ctx.onerror` gives the error a property `headers` for as long as Koa's handler runs, which is synchronous. Its
 * getter adds the session's Set-Cookie lines as soon as they are missing from this request's response. So a handler that keeps the
 * headers, as Egg's does, finds the error as it was, and so do the listeners of `error`. No error keeps a cookie: apps throw shared ones.
 */

const { format, types: { isProxy } } = require('node:util');
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
  const carrier = carrierOf(err, ctx, lines, isKoasOwn);
  try {
    return onerror(carrier.err);
  } finally {
    carrier.restore();
    if (lostOf(ctx, lines).length > 0) reportLost(contextSession);
  }
}

/**
 * @typedef {object} Carrier
 * @property {any} err for the handler: its `headers` have the session's lines
 * @property {() => void} restore gives the app's error its own `headers` back
 */

const nothingToRestore = () => {};

/**
 * An app may throw anything: a proxy, or an error whose getters throw. What cannot carry the lines goes to the handler as it is.
 *
 * @param {any} thrown
 * @param {any} ctx
 * @param {string[]} lines
 * @param {boolean} isKoasOwn
 * @returns {Carrier}
 */
function carrierOf(thrown, ctx, lines, isKoasOwn) {
  try {
    const err = isKoasOwn ? asError(thrown) : thrown;
    if (typeof err !== 'object' && typeof err !== 'function') return { err, restore: nothingToRestore };
    // Koa's handler sets the status of the error, which fails for a frozen one: no answer would be sent.
    const takesHeaders = !isProxy(err) && Object.isExtensible(err);
    return (takesHeaders && carriedBy(err, ctx, lines)) || { err: derived(err, ctx, lines), restore: nothingToRestore };
  } catch {
    return { err: thrown, restore: nothingToRestore };
  }
}

/**
 * @param {any} err
 * @returns {any} what Koa's handler makes of anything else than an error
 */
function asError(err) {
  return isError(err) ? err : new Error(format('non-error thrown: %j', err));
}

/** @param {any} err */
function isError(err) {
  return Object.prototype.toString.call(err) === '[object Error]' || err instanceof Error;
}

/**
 * @param {any} err
 * @param {any} ctx
 * @param {string[]} lines
 * @returns {Carrier | undefined} undefined if the error takes no other `headers`
 */
function carriedBy(err, ctx, lines) {
  const before = Object.getOwnPropertyDescriptor(err, 'headers');
  const known = before ?? descriptorOf(Object.getPrototypeOf(err), 'headers');
  let isOver = false;
  let isAssigned = false;
  /** @type {any} */
  let assigned;
  // An accessor of the error, or of its class, gets the error itself: it may read private fields.
  const read = () => (isAssigned ? assigned : known && known.get ? known.get.call(err) : known && known.value);
  const headers = {
    get: () => (isOver ? read() : withLines(read, ctx, lines)),
    set(/** @type {any} */ value) {
      if (known && known.set) {
        known.set.call(err, value);
      } else if (!known || known.writable) {
        isAssigned = true;
        assigned = value;
      }
    },
    configurable: true,
    enumerable: Boolean(before && before.enumerable),
  };
  if (!Reflect.defineProperty(err, 'headers', headers)) return undefined;
  const restore = () => {
    isOver = true;
    const data = { value: assigned, writable: true, configurable: true, enumerable: true };
    if (isAssigned || before) Reflect.defineProperty(err, 'headers', isAssigned ? data : /** @type {PropertyDescriptor} */ (before));
    else Reflect.deleteProperty(err, 'headers');
  };
  return { err, restore };
}

/**
 * @param {any} err that takes no property
 * @param {any} ctx
 * @param {string[]} lines
 * @returns {any} an error for this request only, which has all that `err` has
 */
function derived(err, ctx, lines) {
  let read = () => err.headers;
  const headers = {
    get: () => withLines(read, ctx, lines),
    set(/** @type {any} */ value) {
      read = () => value;
    },
    configurable: true,
  };
  const taken = { value: err.status, writable: true, configurable: true };
  const error = Object.create(err, { headers, status: taken, headerSent: { ...taken, value: err.headerSent } });
  // An error of another realm is known by its tag.
  if (isError(err) && !(err instanceof Error)) Object.defineProperty(error, Symbol.toStringTag, { value: 'Error' });
  for (const [name, { get, set }] of isProxy(err) ? [] : accessorsOf(err)) {
    if (Object.hasOwn(error, name)) continue;
    Object.defineProperty(error, name, { get: get.bind(err), set: set && set.bind(err), configurable: true });
  }
  return error;
}

/**
 * @param {any} object or null
 * @param {PropertyKey} name
 * @returns {PropertyDescriptor | undefined} of its own property, or of the one that it inherits
 */
function descriptorOf(object, name) {
  for (let owner = object; owner; owner = Object.getPrototypeOf(owner)) {
    const descriptor = Object.getOwnPropertyDescriptor(owner, name);
    if (descriptor) return descriptor;
  }
  return undefined;
}

/**
 * @param {any} err
 * @returns {[PropertyKey, any][]} the getters of the error and its classes
 */
function accessorsOf(err) {
  /** @type {[PropertyKey, any][]} */
  const found = [];
  for (let owner = err; owner && owner !== Object.prototype; owner = Object.getPrototypeOf(owner)) {
    const own = /** @type {Record<PropertyKey, PropertyDescriptor>} */ (Object.getOwnPropertyDescriptors(owner));
    for (const name of Reflect.ownKeys(own)) if (own[name].get) found.push([name, own[name]]);
  }
  return found;
}

/** @param {any} ctx @param {string[]} lines @returns {string[]} those that the response no longer has */
function lostOf(ctx, lines) {
  const sent = sentCookies(ctx);
  return lines.filter((line) => !sent.includes(line));
}

/**
 * @param {() => any} read gives the error's own headers
 * @param {any} ctx
 * @param {string[]} lines
 * @returns {any} the same, or a copy with the lines that are missing from the response
 */
function withLines(read, ctx, lines) {
  const given = read();
  const lost = lostOf(ctx, lines);
  if (lost.length === 0) return given;
  const headers = Object.create(null);
  for (const name in given) headers[name] = given[name];
  // Of several spellings, Koa sets the last.
  const name = Object.keys(headers).reverse().find((key) => key.toLowerCase() === 'set-cookie') ?? 'set-cookie';
  headers[name] = [...new Set([].concat(headers[name] ?? [], /** @type {any} */ (lost)))];
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
