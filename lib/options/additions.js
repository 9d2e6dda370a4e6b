'use strict';

/**
 * Checks the options that egg-session does not have: how long a session may last, how it is revoked, what its id is like, and
 * how many cookies are remembered, and what happens to the cookie of a request that fails.
 */

const { LONGEST_LIFETIME_MS } = require('../engine/lifetime');
const { optionError } = require('../errors');

// OWASP's Session Management Cheat Sheet asks for 64 bits of entropy at least; 16 bytes have 128. More than 64 bytes gain nothing.
const FEWEST_ID_BYTES = 16;
const MOST_ID_BYTES = 64;
const MOST_REMEMBERED = 1_000_000;

/**
 * @param {any} opts
 * @throws an error with `code` ERR_SESSION_OPTION and the name of the `option`
 */
function checkAdditions({ absoluteMaxAge, renewThreshold, idBytes, hashKeys, nativeCookies, rememberedCookies, revocation, ...opts }) {
  if (absoluteMaxAge != null && !isIntegerWithin(absoluteMaxAge, 1, LONGEST_LIFETIME_MS)) {
    throw optionError('absoluteMaxAge', `expected whole milliseconds, from 1 to ${LONGEST_LIFETIME_MS}`);
  }
  if (renewThreshold != null && !(typeof renewThreshold === 'number' && renewThreshold > 0 && renewThreshold < 1)) {
    throw optionError('renewThreshold', 'expected a number between 0 and 1, the share of maxAge that is left');
  }
  if (idBytes != null && !isIntegerWithin(idBytes, FEWEST_ID_BYTES, MOST_ID_BYTES)) {
    throw optionError('idBytes', `expected an integer from ${FEWEST_ID_BYTES} to ${MOST_ID_BYTES}`);
  }
  for (const name of ['cookieOnError', 'saveWithHeaders']) {
    if (opts[name] != null && typeof opts[name] !== 'boolean') throw optionError(name, 'expected a boolean');
  }
  if (opts.externalKey?.remove != null && typeof opts.externalKey.remove !== 'function') {
    throw optionError('externalKey', 'expected `remove` to be a function that tells the carrier of the session\'s end');
  }
  if (hashKeys != null && typeof hashKeys !== 'boolean') throw optionError('hashKeys', 'expected a boolean');
  if (nativeCookies != null && typeof nativeCookies !== 'boolean') throw optionError('nativeCookies', 'expected a boolean');
  if (rememberedCookies != null && !isIntegerWithin(rememberedCookies, 0, MOST_REMEMBERED)) {
    throw optionError('rememberedCookies', `expected a number of cookies, from 0 to ${MOST_REMEMBERED}`);
  }
  if (revocation != null) checkRevocation(revocation, absoluteMaxAge, opts);
  if (opts.registry != null) checkRegistry(opts);
}

/**
 * @param {any} revocation
 * @param {number | null | undefined} absoluteMaxAge
 * @param {any} opts
 */
function checkRevocation(revocation, absoluteMaxAge, { encrypt, store, ContextStore }) {
  const { isRevoked, revoke, notBefore } = Object(revocation);
  if (typeof isRevoked !== 'function' || typeof revoke !== 'function' || (notBefore != null && typeof notBefore !== 'function')) {
    throw optionError('revocation', 'expected an object with methods isRevoked and revoke, and notBefore if need be');
  }
  if (encrypt !== 'sealed') {
    throw optionError('revocation', 'expected `encrypt: \'sealed\'` beside it: no other cookie has room for an id that cannot be changed');
  }
  if (absoluteMaxAge == null) {
    throw optionError('revocation', 'expected `absoluteMaxAge` beside it: until then a revoked id has to be remembered');
  }
  if (store || ContextStore) {
    throw optionError('revocation', 'expected sessions in cookies: one in a store is revoked by destroying it');
  }
}

/** @param {any} opts */
function checkRegistry({ registry, ContextStore }) {
  const { list, end, endOthers, endAll } = Object(registry);
  if (![list, end, endOthers, endAll].every(method => typeof method === 'function')) throw optionError('registry', 'expected a SessionRegistry');
  if (ContextStore) throw optionError('registry', 'expected a `store` beside it: a ContextStore is another one in each request');
}

/**
 * @param {unknown} value
 * @param {number} least
 * @param {number} most
 */
function isIntegerWithin(value, least, most) {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}

module.exports = { checkAdditions };
