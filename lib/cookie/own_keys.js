'use strict';

/**
 * The session option `keys`: the session's own keys, apart from the app's. `ctx.cookies` has the app's keys, so a cookie in a format of
 * `ctx.cookies` can have own keys only where the engine does its work. Anywhere else this module refuses: the app's keys never stand
 * in for the session's in silence. Sealed cookies are the engine's everywhere.
 */

const { isSealing } = require('./mode');
const { misuse } = require('../errors');

/** @typedef {import('./native_cookies').Known} Known */

/** @param {any} opts */
function hasOwnKeys(opts) {
  return opts.keys != null;
}

/**
 * @param {Known | undefined} known
 * @param {any} opts
 * @returns {boolean} true if the cookie is protected by a key that `ctx.cookies` would choose
 */
function takesKeysOfCookies(known, opts) {
  if (isSealing(opts)) return false;
  return known ? known.dialect.modeOf(opts) !== 'plain' : Boolean(opts.encrypt) || opts.signed !== false;
}

/**
 * Refuses at start what is known not to work.
 *
 * @param {import('./native_cookies')} native
 * @param {any} opts
 * @param {any} [defaults] `config.cookies` of Egg
 * @throws {TypeError} ERR_SESSION_KEYS
 */
function checkOwnKeys({ isEnabled, known, status }, opts, defaults) {
  // With `externalKey` there is no cookie, as soon as the app sets its store.
  if (!hasOwnKeys(opts) || opts.externalKey || !takesKeysOfCookies(known, opts)) return;
  if (!known) {
    // The app may define ctx.cookies later.
    if (isEnabled && status.class === null) return;
    throw refusal(status.reason);
  }
  const attributes = known.dialect.name === 'egg-cookies' ? { ...defaults, ...opts } : opts;
  if (attributes.autoChips) throw refusal('`config.cookies.autoChips` keeps a second cookie');
  if (!known.dialect.canWrite({ cookies: { secure: true } }, opts.key, attributes)) throw refusal(NOT_WRITABLE);
}

const NOT_WRITABLE = 'the engine does not write one of its attributes, such as `partitioned`, `priority` in Koa, or a function as `domain`';
const NOT_KNOWN = 'in this request a method of ctx.cookies is mocked or wrapped, or ctx.cookies was made with other keys than the app\'s';

/**
 * Refuses in a request, before `ctx.cookies` reads or writes the cookie.
 *
 * @param {Known | undefined} known
 * @param {import('./native_cookies').CookieStatus} status
 * @param {any} opts
 * @throws {TypeError} ERR_SESSION_KEYS
 */
function refuseCookies(known, status, opts) {
  if (!hasOwnKeys(opts) || !takesKeysOfCookies(known, opts)) return;
  throw refusal(known ? NOT_WRITABLE : status.native ? NOT_KNOWN : status.reason);
}

/** @param {string | null} reason */
function refusal(reason) {
  return misuse('ERR_SESSION_KEYS', `The session option \`keys\` cannot be used where ctx.cookies, with app.keys, reads and writes the session's cookie (${reason}). `
    + 'Set `encrypt: \'sealed\'`, under which `keys` can always be used, or remove `keys`');
}

module.exports = { checkOwnKeys, hasOwnKeys, refuseCookies };
