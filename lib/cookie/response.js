'use strict';

/**
 * The response's cookies: sets one through `ctx.cookies`, lists those that are set, and reports the ones that a browser would
 * drop.
 */

const { oversizedPart, SUFFIXES, SURELY_SMALL_ATTRIBUTE_LENGTH } = require('./limits');
const { channels, nameOf } = require('../diagnostics');

const EXPIRED_AT = new Date(0);
// egg-cookies and the package cookies throw this error without a code.
const INSECURE = 'Cannot send secure cookie over unencrypted connection';

// The package cookies throws this one, without a code too.
const NO_KEYS = '.keys required for signed cookies';

/**
 * `ctx.cookies.set`. Where a cookie with `secure` cannot be set, its error says what to do: mostly the request came over HTTPS
 * to a proxy that ends TLS, and nobody told the app so. Where keys are missing, its error says where to set them.
 *
 * @param {any} ctx
 * @param {string} name
 * @param {string} value
 * @param {any} options
 */
function setThrough(ctx, name, value, options) {
  try {
    const { domain } = options;
    // Egg's cookies call a function. Koa's would send its text.
    const isText = typeof domain !== 'function' || ctx.app.config;
    ctx.cookies.set(name, value, isText ? options : { ...options, domain: domain() });
  } catch (err) {
    throw explained(err, ctx.app);
  }
}

/**
 * @param {any} ctx
 * @param {string} name
 * @param {any} options
 * @returns {string | undefined} `ctx.cookies.get`
 */
function getThrough(ctx, name, options) {
  try {
    return ctx.cookies.get(name, options);
  } catch (err) {
    throw explained(err, ctx.app);
  }
}

/**
 * @param {any} ctx
 * @param {string} name
 * @returns {string | undefined} the value as `ctx.cookies` carries it, neither verified nor decrypted; undefined also for an empty one,
 *   and for one that the class refuses: egg-session would not have asked for it
 */
function getRaw(ctx, name) {
  try {
    // Both are named: a class may verify or decrypt unless it is told otherwise.
    const value = ctx.cookies.get(name, { signed: false, encrypt: false });
    return typeof value === 'string' && value !== '' ? value : undefined;
  } catch (err) {
    if (isMocked(ctx)) throw err;
    return undefined;
  }
}

/**
 * @param {any} ctx
 * @returns {boolean} whether a test or a tool has replaced `get` in this request: it may stand for another Cookie header
 */
function isMocked({ cookies }) {
  return Object.hasOwn(cookies, 'get');
}

/**
 * @param {any} ctx
 * @param {string} name
 * @param {any} options
 */
function expireThrough(ctx, name, options) {
  setThrough(ctx, name, '', { ...options, expires: EXPIRED_AT, maxAge: false });
}

/**
 * Changes the error in place, so that an app that catches it by its class or name still does.
 *
 * @param {unknown} err
 * @param {any} app
 * @returns {unknown} the same
 */
function explained(err, app) {
  if (err instanceof Error && err.message === INSECURE) explain(err, INSECURE, adviceOnSecure(app), 'ERR_SESSION_SECURE_COOKIE');
  if (err instanceof Error && err.message === NO_KEYS) explain(err, NO_KEYS, 'set app.keys, or the session option `keys`', 'ERR_SESSION_KEYS');
  return err;
}

/**
 * @param {any} app
 * @returns {string}
 */
function adviceOnSecure(app) {
  const setting = app.config ? '`config.proxy`' : '`app.proxy`';
  return app.proxy
    ? `${setting} is on, but the proxy did not say that the request came over HTTPS (X-Forwarded-Proto)`
    : `behind a proxy that ends TLS, set ${setting} to true`;
}

/**
 * @param {Error} err
 * @param {string} words its message
 * @param {string} advice
 * @param {string} code
 */
function explain(err, words, advice, code) {
  const message = `${words}: ${advice}`;
  if (err.stack) err.stack = err.stack.replace(words, () => message);
  Object.assign(err, { message, code });
}

/**
 * @param {any} ctx
 * @returns {string[]} the response's Set-Cookie lines so far
 */
function sentCookies(ctx) {
  return /** @type {string[]} */ ([]).concat(ctx.response.get('set-cookie') || []);
}

/**
 * @param {any} ctx
 * @param {string} name
 * @returns {boolean} whether the response so far sets a cookie of this name
 */
function sendsCookie(ctx, name) {
  return sentCookies(ctx).some((line) => String(line).startsWith(`${name}=`));
}

/**
 * @param {any} ctx
 * @param {any} opts the session's
 * @returns {string[]} the Set-Cookie lines of the session so far: of its cookie, signature, pieces, and egg-cookies' `_CHIPS-` twin, also
 *   of former names
 */
function sessionLines(ctx, { key, formerCookies }) {
  const names = [key, ...(formerCookies ?? []).flatMap((/** @type {any} */ place) => place.key ?? [])];
  return sentCookies(ctx).map(String).filter((line) => {
    const own = line.startsWith('_CHIPS-') ? line.slice('_CHIPS-'.length) : line;
    return names.some((name) => SUFFIXES.some((suffix) => own.startsWith(`${name}${suffix}=`)));
  });
}

/**
 * Emits `session:oversized` for each of the session's cookies in this response that a browser will not take as it is.
 *
 * @param {any} ctx
 * @param {any} opts the session's
 */
function reportOversized(ctx, { as, key: name }) {
  for (const line of sentCookies(ctx)) {
    // egg-cookies with `autoChips` sets a second one.
    if (line.length <= SURELY_SMALL_ATTRIBUTE_LENGTH || !(line.startsWith(`${name}=`) || line.startsWith(`_CHIPS-${name}=`))) continue;
    const oversized = oversizedPart(line);
    if (oversized) emitOversized(ctx, oversized, as);
  }
}

/**
 * @param {any} ctx
 * @param {import('./limits').Oversized} oversized
 * @param {string} [as] the session's name, if it has one
 */
function emitOversized(ctx, oversized, as) {
  if (channels.oversized.hasSubscribers) {
    const { attribute, octets, limit } = oversized;
    channels.oversized.publish({ as: nameOf({ as }), attribute, octets, limit });
  }
  const event = as === undefined ? { ...oversized, ctx } : { ...oversized, ctx, as };
  setImmediate(() => {
    ctx.app.emit('session:oversized', event);
  });
}

module.exports = {
  emitOversized, expireThrough, getRaw, getThrough, isMocked, reportOversized, sendsCookie, sentCookies, sessionLines, setThrough,
};
