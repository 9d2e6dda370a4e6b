'use strict';

/**
 * Several sessions in one app: each but one has the option `as`, the name of its property on `ctx`. Refuses at start what would let one
 * session read or replace another's cookies. A signed or sealed cookie is bound to its name. An encrypted or unsigned cookie is not, so
 * a session with such a cookie needs keys that nothing else in the app uses.
 */

const { isUint8Array } = require('node:util/types');
const { SUFFIXES } = require('../cookie/limits');
const { optionError } = require('../errors');

const IDENTIFIER = /^[A-Za-z$][\w$]*$/;
// What Koa sets on each context, and the session without `as`.
const TAKEN = new Set(['app', 'req', 'res', 'request', 'response', 'originalUrl', 'state', 'respond', 'session', 'sessionOptions']);

/**
 * @param {any} options completed
 * @param {any} context the app's
 * @param {Iterable<any>} others the options of the app's other sessions
 * @throws {TypeError} ERR_SESSION_OPTION
 */
function checkBesideOthers(options, context, others) {
  const { as } = options;
  if (as !== undefined) checkName(as, context);
  if (as !== undefined && isNameless(options) && options.keys == null) {
    throw optionError('keys', `expected keys of its own for the session \`${as}\`: an encrypted or unsigned cookie does not prove its name, `
      + 'so the cookie of another session would be taken for it. A signed one (`encrypt: false`) or a sealed one (`encrypt: \'sealed\'`) needs no `keys`');
  }
  for (const other of others) {
    const names = namesOf(other);
    if ([...namesOf(options)].some((name) => names.has(name))) {
      throw optionError('key', `expected a cookie name that no other session has: \`${other.as || 'session'}\` uses this one, or one made of it`);
    }
    if (options.registry != null && options.registry === other.registry) {
      throw optionError('registry', `expected a SessionRegistry of its own: the session \`${other.as || 'session'}\` has this one`);
    }
    if (isNameless(options) && isNameless(other) && sharesKey(options.keys, other.keys)) throw sharedKeys(`session \`${other.as || 'session'}\``);
  }
}

/**
 * @param {any} as
 * @param {any} context
 */
function checkName(as, context) {
  if (typeof as !== 'string' || !IDENTIFIER.test(as)) throw optionError('as', 'expected the name of a property, such as \'adminSession\'');
  if (TAKEN.has(as) || [as, `${as}Options`].some((name) => name in context)) {
    throw optionError('as', 'expected a name that ctx does not have yet, also with `Options` behind it');
  }
}

/**
 * @param {any} options completed
 * @returns {boolean} true if its cookie, or one of an older format that it still reads, is not bound to its name
 */
function isNameless({ encrypt, acceptLegacy, signed, externalKey, store, ContextStore }) {
  if (externalKey && (store || ContextStore)) return false;
  if (encrypt === 'sealed') return acceptLegacy !== false;
  return Boolean(encrypt) || !signed;
}

/**
 * @param {any} options completed
 * @returns {Set<string>} the names of all cookies that may be this session's, also former ones
 */
function namesOf({ key, formerCookies }) {
  const former = Array.isArray(formerCookies) ? formerCookies.map((place) => Object(place).key) : [];
  const names = [key, ...former].filter((name) => typeof name === 'string');
  return new Set(names.flatMap(derived));
}

/**
 * @param {string} key a cookie's name
 * @returns {string[]} the cookie, its signature, its pieces, and what `autoChips` makes of them. A browser ends a name at its first `=`.
 */
function derived(key) {
  const names = [key, key.split('=')[0], `_CHIPS-${key}`];
  return names.flatMap((name) => SUFFIXES.map((suffix) => name + suffix));
}

/**
 * @param {any} options completed
 * @param {any} appKeys
 * @throws {TypeError} ERR_SESSION_OPTION if a session that needs keys of its own has one of the app's
 */
function checkAgainstAppKeys(options, appKeys) {
  if (sharesKey(options.keys, appKeys)) throw sharedKeys('app (app.keys)');
}

/**
 * @param {any} options completed
 * @returns {boolean}
 */
function needsOwnKeys(options) {
  return options.as !== undefined && isNameless(options);
}

/**
 * @param {any} some
 * @param {any} others
 */
function sharesKey(some, others) {
  if (!Array.isArray(some) || !Array.isArray(others)) return false;
  const texts = new Set(others.map(textOf));
  return some.some((key) => textOf(key) !== undefined && texts.has(textOf(key)));
}

/** @param {any} key @returns {string | undefined} its bytes as a text, so that equal keys are equal; undefined for what is no key */
function textOf(key) {
  return typeof key === 'string' || isUint8Array(key) ? Buffer.from(/** @type {any} */ (key)).toString('latin1') : undefined;
}

/** @param {string} owner */
function sharedKeys(owner) {
  return optionError('keys', `expected keys of its own, for its cookie does not prove its name: the ${owner} has one of them too`);
}

module.exports = { checkAgainstAppKeys, checkBesideOthers, needsOwnKeys, textOf };
