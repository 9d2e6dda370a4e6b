'use strict';

/**
 * The session's options, completed and checked once at start. `null` means "not set".
 */

const assert = require('node:assert');
const { randomBytes, randomUUID } = require('node:crypto');
const { checkAdditions } = require('./additions');
const { checkCookie } = require('./cookie');
const { checkFormerCookies } = require('./former_cookies');
const { KeysCheck, missingKeys } = require('./keys');
const { risksOf } = require('./risks');
const { checkBesideOthers } = require('./several');
const { labelled, reportCookies, statusOf, warn, warnAtStart, warnOfSecond } = require('./warnings');
const { isCookieName, isFieldContent, PRIORITY, SAME_SITE } = require('../cookie/limits');
const { fromDigits, LONGEST_MAX_AGE_MS, LONGEST_TIMER_MS } = require('../engine/lifetime');
const { assertMethods, optionError, STORE_METHODS } = require('../errors');
const codec = require('../session/codec');

const defaultGenids = new WeakSet();

/**
 * Fills in defaults and refuses what cannot work. The same object is completed and kept: the plugin's config is read live, so
 * that `app.sessionStore = …` takes effect for the next request.
 *
 * @param {any} [opts]
 * @param {any} [cookieDefaults] the app's `config.cookies`, for attributes that the options do not set
 * @returns {any} the same object
 * @throws an AssertionError for a store, externalKey or ContextStore that lacks a method, as koa-session does; else
 *   an error with `code` ERR_SESSION_OPTION and the name of the `option`
 */
function formatOptions(opts, cookieDefaults) {
  opts = opts || {};
  opts.key = opts.key || 'koa.sess';
  takeLifetimes(opts);
  if (opts.overwrite == null) opts.overwrite = true;
  if (opts.httpOnly == null) opts.httpOnly = true;
  if (opts.sameSite == null) delete opts.sameSite;
  if (opts.as == null) delete opts.as;
  // No format is older than a session with a name.
  else if (opts.encrypt === 'sealed' && opts.acceptLegacy == null) opts.acceptLegacy = false;
  if (opts.signed == null) opts.signed = true;
  if (opts.autoCommit == null) opts.autoCommit = true;
  if (typeof opts.encode !== 'function') opts.encode = codec.encode;
  if (typeof opts.decode !== 'function') opts.decode = codec.decode;
  checkStore(opts);
  checkValues(opts);
  checkAdditions(opts);
  checkCookie(opts, cookieDefaults);
  checkFormerCookies(opts, cookieDefaults);
  if (!opts.genid) {
    const randomId = opts.idBytes ? () => randomBytes(opts.idBytes).toString('base64url') : () => randomUUID();
    opts.genid = opts.prefix ? () => `${opts.prefix}${randomId()}` : randomId;
    defaultGenids.add(opts.genid);
  }
  return opts;
}

/**
 * @param {any} opts completed
 * @returns {string | null} what the external keys begin with; null if only the app's own `genid` knows
 */
function keyPrefixOf({ genid, prefix }) {
  return defaultGenids.has(genid) ? prefix || '' : null;
}

/**
 * @param {any} opts
 * @throws ERR_SESSION_OPTION for what is no lifetime, under the name that the app used
 */
function takeLifetimes(opts) {
  const name = 'maxAge' in opts ? 'maxAge' : 'maxage';
  const given = opts[name];
  opts.maxAge = fromDigits(given);
  if (opts.absoluteMaxAge) opts.absoluteMaxAge = fromDigits(opts.absoluteMaxAge);
  // Text that is empty or zero is a setting of the environment that is missing.
  const isNotSet = !given && !Number.isNaN(given) && given !== '';
  if (!isNotSet && opts.maxAge !== 'session' && !isPositive(opts.maxAge)) {
    throw optionError(name, 'expected a positive number of milliseconds or \'session\'');
  }
}

/** @param {any} opts */
function checkStore(opts) {
  const { store, externalKey, ContextStore } = opts;
  if (store) assertMethods(store, 'store', STORE_METHODS);
  if (externalKey) assertMethods(externalKey, 'externalKey', externalKey.remove == null ? ['get', 'set'] : ['get', 'set', 'remove']);
  if (ContextStore) {
    assert(isClass(ContextStore), 'ContextStore must be a class');
    assertMethods(ContextStore.prototype, 'ContextStore.prototype', STORE_METHODS);
  }
}

/**
 * @param {any} value
 * @returns {boolean} whether it is a class, or a function that Babel made of one
 */
function isClass(value) {
  return typeof value === 'function' && /^class[\s{]|^[^{]*\{\s*.*classCallCheck\(/.test(String(value));
}

/**
 * Refuses a value with which every request would fail, or every session would end at once.
 *
 * @param {any} opts
 */
function checkValues(opts) {
  const { key, path, domain, sameSite, priority, encrypt, acceptLegacy, storeTimeout, onStoreError } = opts;
  if (!isCookieName(key)) throw optionError('key', 'expected a string that can name a cookie');
  if (typeof encrypt === 'string' && encrypt !== 'sealed') throw optionError('encrypt', 'expected a boolean or \'sealed\'');
  if (acceptLegacy != null && (typeof acceptLegacy !== 'boolean' || encrypt !== 'sealed')) {
    throw optionError('acceptLegacy', 'expected a boolean, beside `encrypt: \'sealed\'`');
  }
  if (storeTimeout != null && !(Number.isInteger(storeTimeout) && storeTimeout > 0 && storeTimeout <= LONGEST_TIMER_MS)) {
    throw optionError('storeTimeout', `expected milliseconds, from 1 to ${LONGEST_TIMER_MS}`);
  }
  if (onStoreError != null && onStoreError !== 'throw' && onStoreError !== 'readonly') {
    throw optionError('onStoreError', 'expected \'throw\' or \'readonly\'');
  }
  for (const name of ['genid', 'valid', 'beforeSave']) {
    if (opts[name] && typeof opts[name] !== 'function') throw optionError(name, 'expected a function');
  }
  if (path && !isFieldContent(path)) throw optionError('path', 'expected a string that a cookie can carry');
  if (domain && typeof domain !== 'function' && !isFieldContent(domain)) {
    throw optionError('domain', 'expected a string that a cookie can carry, or a function that returns one');
  }
  if (sameSite && sameSite !== true && !SAME_SITE.test(sameSite)) {
    throw optionError('sameSite', 'expected \'none\', \'lax\', \'strict\' or a boolean');
  }
  if (priority && !PRIORITY.test(priority)) {
    throw optionError('priority', 'expected \'low\', \'medium\' or \'high\'');
  }
}

/**
 * @param {unknown} maxAge
 * @returns {boolean}
 */
function isPositive(maxAge) {
  return typeof maxAge === 'number' && maxAge > 0 && maxAge <= LONGEST_MAX_AGE_MS;
}

module.exports = {
  checkBesideOthers, formatOptions, KeysCheck, keyPrefixOf, labelled, missingKeys, reportCookies, risksOf, statusOf,
  warn, warnAtStart, warnOfSecond,
};
