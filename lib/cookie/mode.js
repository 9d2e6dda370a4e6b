'use strict';

/** How a session's cookie is protected: sealed (our own format), or in the format that `ctx.cookies` makes of the options. */

/** @param {any} options */
function isSealing(options) {
  return options.encrypt === 'sealed';
}

/**
 * @param {any} options
 * @returns {boolean} true if only sealed cookies are read
 */
function refusesLegacy(options) {
  return options.encrypt === 'sealed' && options.acceptLegacy === false;
}

/**
 * @param {import('./native_cookies').Dialect} dialect
 * @param {any} options
 * @returns {import('../engine/arguments').Mode}
 */
function modeOf(dialect, options) {
  return isSealing(options) ? 'sealed' : dialect.modeOf(options);
}

/**
 * Whether a cookie can hold a value that the engine's base64 did not make. `ctx.cookies` throws for any other value.
 *
 * @param {import('./native_cookies').Dialect} dialect
 * @param {any} options
 * @param {any} value
 */
function canCarry(dialect, options, value) {
  if (typeof value !== 'string' || value === '') return false;
  const mode = modeOf(dialect, options);
  return mode === 'encrypted' || mode === 'sealed' || dialect.canCarry(value);
}

/**
 * @param {any} opts
 * @returns {any} options under which `ctx.cookies` carries the value as it is, and needs no key
 */
function withoutKeys(opts) {
  return { ...opts, encrypt: false, signed: false };
}

/**
 * @param {import('../engine/arguments').Mode} mode
 * @returns {boolean} whether a signature stands beside the value
 */
function isSigned(mode) {
  return mode === 'signed' || mode === 'signed-sha1';
}

/**
 * @param {any} options the session's
 * @returns {string | undefined} what turns native cookies off, if anything does
 */
function offSwitchOf({ nativeCookies }) {
  if (nativeCookies === false) return 'nativeCookies: false';
  const { EGG_SESSION_NATIVE_COOKIES: value = '' } = process.env;
  return /^(?:0|off|false)$/i.test(value) ? `EGG_SESSION_NATIVE_COOKIES=${value}` : undefined;
}

module.exports = { canCarry, isSealing, isSigned, modeOf, offSwitchOf, refusesLegacy, withoutKeys };
