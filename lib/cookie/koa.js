'use strict';

/**
 * The behaviour of the package `cookies` 0.8 and 0.9, which Koa 2 and 3 have, as far as the engine stands in for it: signatures by
 * Keygrip 1.1 (HMAC-SHA1, URL-safe base64 without padding), and the Set-Cookie lines, byte for byte. `canWrite` says no to
 * attributes on which the versions differ, or which they refuse; `ctx.cookies` then does the work.
 */

const { createHmac } = require('node:crypto');
const { isFieldContent, isLifetime, SAME_SITE, SURELY_SMALL_ATTRIBUTE_LENGTH } = require('./limits');

// The strictest rules of the versions, those of 0.9.2. For other values `ctx.cookies` decides.
const NAME = /^[\t\x20-\x3a\x3c\x3e-\x7e\x80-\xff]+$/;
const PATH = /^[ -:=-~]*$/;
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const DOMAIN = new RegExp(`^\\.?${LABEL}(?:\\.${LABEL})*$`, 'i');
// Signed to find out which keys a Keygrip has.
const SAMPLE = 'egg-session-native';
const MADE = Symbol('context#madeCookies');

/**
 * `cookies` has no encryption: the option `encrypt: true` has no effect in Koa, as in koa-session.
 *
 * @param {any} options
 * @returns {'signed-sha1' | 'plain'}
 */
function modeOf(options) {
  return options.signed ? 'signed-sha1' : 'plain';
}

// The attributes that were checked last: most responses of an app have the same.
/** @type {any} */
let lastWritable = {};

/**
 * @param {any} ctx
 * @param {string} name
 * @param {any} attributes the session's options: `cookies` copies each of them onto the cookie
 */
function canWrite({ cookies }, name, attributes) {
  return !(attributes.secure && !cookies.secure)
    && !attributes.partitioned
    && !attributes.priority
    && !attributes.expires
    && attributes.signed !== undefined
    && !('secureProxy' in attributes)
    && !('maxage' in attributes)
    && isWritable(name, attributes);
}

/**
 * @param {string} name
 * @param {any} attributes
 */
function isWritable(name, { maxAge, path, domain, sameSite }) {
  const last = lastWritable;
  if (
    name === last.name && maxAge === last.maxAge && path === last.path && domain === last.domain && sameSite === last.sameSite
  ) {
    return true;
  }
  const isSafe = typeof name === 'string' && NAME.test(name)
    && (!maxAge || isLifetime(maxAge)) && !Number.isNaN(maxAge)
    && (!path || (typeof path === 'string' && PATH.test(path) && path.length <= SURELY_SMALL_ATTRIBUTE_LENGTH))
    && (!domain || (typeof domain === 'string' && DOMAIN.test(domain) && domain.length <= SURELY_SMALL_ATTRIBUTE_LENGTH))
    && (!sameSite || sameSite === true || (typeof sameSite === 'string' && SAME_SITE.test(sameSite)));
  if (isSafe) lastWritable = { name, maxAge, path, domain, sameSite };
  return isSafe;
}

/**
 * @param {any} ctx
 * @param {string} name
 * @param {any} attributes for which `canWrite` said yes
 * @param {(suffix: string) => string[]} seal gives the line of the cookie and, if it is signed, that of its signature, each
 *   with this suffix
 * @returns {number} the length of the value
 */
function setCookie(ctx, name, attributes, seal) {
  const { res } = ctx;
  const suffix = suffixFor(ctx.cookies, attributes);
  const lines = seal(suffix);
  const given = res.getHeader('Set-Cookie') || [];
  const headers = typeof given === 'string' ? [given] : given;
  for (let i = 0; i < lines.length; i++) {
    if (attributes.overwrite && headers.length > 0) removeLines(headers, i === 0 ? `${name}=` : `${name}.sig=`);
    headers.push(lines[i]);
  }
  res.setHeader('Set-Cookie', headers);
  return lines[0].length - name.length - 1 - suffix.length;
}

/**
 * @param {string[]} headers changed in place, as `cookies` does
 * @param {string} assignment
 */
function removeLines(headers, assignment) {
  for (let i = headers.length - 1; i >= 0; i--) {
    if (headers[i].startsWith(assignment)) headers.splice(i, 1);
  }
}

// The suffix that was written last: within a second, most responses of an app have the same.
/** @type {any} */
let last = {};

/**
 * @param {any} cookies
 * @param {any} attributes
 */
function suffixFor(cookies, attributes) {
  const { maxAge, domain, sameSite } = attributes;
  const path = 'path' in attributes ? attributes.path : '/';
  const httpOnly = 'httpOnly' in attributes ? attributes.httpOnly : true;
  const secure = attributes.secure === undefined ? cookies.secure : attributes.secure;
  // An HTTP date has no milliseconds.
  const expires = maxAge ? Math.floor((Date.now() + maxAge) / 1000) : 0;
  if (
    expires !== last.expires || path !== last.path || domain !== last.domain
    || sameSite !== last.sameSite || secure !== last.secure || httpOnly !== last.httpOnly
  ) {
    last = { expires, path, domain, sameSite, secure, httpOnly, suffix: '' };
    last.suffix = suffixOf(last);
  }
  return last.suffix;
}

/**
 * @param {any} attributes completed; `expires` in seconds since 1970, 0 for none
 */
function suffixOf({ expires, path, domain, sameSite, secure, httpOnly }) {
  let suffix = '';
  if (path) suffix += `; path=${path}`;
  // RFC 9110 section 5.6.7
  if (expires) suffix += `; expires=${new Date(expires * 1000).toUTCString()}`;
  if (domain) suffix += `; domain=${domain}`;
  if (sameSite) suffix += `; samesite=${sameSite === true ? 'strict' : sameSite.toLowerCase()}`;
  if (secure) suffix += '; secure';
  if (httpOnly) suffix += '; httponly';
  return suffix;
}

/**
 * Which keys a request's cookies have. Each request has a Keygrip of its own, which hides its keys. They are the app's if Koa's own
 * getter made the object in this request, or if the Keygrip signs as the app's keys do.
 */
class KoaOwner {
  #getter;

  /**
   * @param {any} _app
   * @param {Function | undefined} getter Koa's own. Another getter may choose other keys for a request.
   */
  constructor(_app, getter) {
    this.#getter = getter;
  }

  /**
   * @param {any} ctx
   * @param {any} cookies of a known class, with no method replaced
   * @param {boolean} isFresh true if the getter has just made it
   */
  owns(ctx, cookies, isFresh) {
    if (cookies.request !== ctx.req || cookies.response !== ctx.res || typeof cookies.secure !== 'boolean') return false;
    const { keys } = ctx.app;
    if (cookies.keys === keys) return true;
    const made = ctx[MADE];
    if (made !== undefined && made.cookies === cookies) return made.keygrip === cookies.keys && made.keys === keys;
    // The app may have put a getter of its own around Koa's since the start.
    const isKoas = isFresh && this.#getter !== undefined && ctx.__lookupGetter__('cookies') === this.#getter;
    if (!isKoas && !signsWith(cookies.keys, keys)) return false;
    ctx[MADE] = { cookies, keygrip: cookies.keys, keys, isKoas };
    return true;
  }
}

/**
 * @param {any} keygrip
 * @param {any} keys
 * @returns {boolean} whether the Keygrip has these keys, in this order; it may have more
 */
function signsWith(keygrip, keys) {
  if (!Array.isArray(keys) || keys.length === 0 || !keygrip || typeof keygrip.index !== 'function') return false;
  try {
    return keys.every((key, i) => keygrip.index(SAMPLE, createHmac('sha1', key).update(SAMPLE).digest('base64url')) === i);
  } catch {
    return false;
  }
}

/** @type {import('./native_cookies').Dialect} */
module.exports = {
  name: 'cookies',
  methods: ['get', 'set'],
  hidesOptions: () => true,
  whyUnknown: () => null,
  Owner: KoaOwner,
  takesKeygrip: true,
  keysOf: (ctx) => ctx.app.keys,
  attributesFor: (_ctx, _cookies, opts) => opts,
  headerOf: (ctx) => ctx.req.headers.cookie,
  // Unsigned cookies need no cryptography, and the versions differ in how they read quotes.
  reads: (opts) => Boolean(opts.signed) || opts.encrypt === 'sealed',
  mayKnowMoreKeys: (ctx) => ctx[MADE] !== undefined && !ctx[MADE].isKoas,
  modeOf,
  canWrite,
  // Version 0.9.0 refuses `=` and version 0.9.2 takes it; no version takes `;`.
  canCarry: (value) => isFieldContent(value) && !/[;=]/.test(value),
  setCookie,
  sign: (keyring, data) => keyring.signSha1(data),
  verify: (keyring, data, digest) => keyring.verifySha1(data, digest),
  dropSignature(ctx, name) {
    ctx.cookies.set(`${name}.sig`, null, { path: '/', signed: false });
  },
};
