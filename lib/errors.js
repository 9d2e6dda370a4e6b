'use strict';

/**
 * Every error that this package makes: the app's own mistakes, and what a store does wrong. Each error has a stable `code`;
 * callers match on the code and never on the message. Hostile input makes no error at all. No message holds a key, a cookie
 * or a session: messages name types, options and limits.
 */

const assert = require('node:assert');

const STORE_METHODS = ['get', 'set', 'destroy'];

/**
 * An option that cannot work, found at start.
 *
 * @param {string} option the option's name, for example in `config.session`
 * @param {string} expected what the option takes; never the value that was given
 * @returns {TypeError & { code: 'ERR_SESSION_OPTION', option: string }} to be thrown
 */
function optionError(option, expected) {
  return Object.assign(new TypeError(`session option \`${option}\`: ${expected}`), {
    code: /** @type {const} */ ('ERR_SESSION_OPTION'),
    option,
  });
}

/**
 * A failure while the app runs: a store that does not answer, a conflict that cannot be solved.
 *
 * @param {string} code `ERR_SESSION_…`
 * @param {string} message without keys or values
 * @returns {Error & { code: string }} to be thrown
 */
function sessionError(code, message) {
  return Object.assign(new Error(message), { code });
}

/**
 * A function that the app called with a wrong argument.
 *
 * @param {string} code `ERR_SESSION_…`, part of the API
 * @param {string} message without keys or values
 * @returns {TypeError & { code: string }} to be thrown
 */
function misuse(code, message) {
  return Object.assign(new TypeError(message), { code });
}

/**
 * @param {unknown} value
 * @returns {string} the value's type, fit for a message
 */
function kindOf(value) {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/**
 * @param {string} what the argument's name, for the message
 * @param {unknown} value
 * @throws {TypeError} ERR_SESSION_ARGUMENT unless it is a string
 */
function checkString(what, value) {
  if (typeof value !== 'string') {
    throw misuse('ERR_SESSION_ARGUMENT', `Expected a string for ${what} but received ${kindOf(value)}`);
  }
}

/**
 * @param {any} object
 * @param {string} name for the message
 * @param {string[]} methods
 * @throws {assert.AssertionError} if a method is missing, with koa-session's words
 */
function assertMethods(object, name, methods) {
  for (const method of methods) assert(typeof object[method] === 'function', `${name}.${method} must be function`);
}

module.exports = { optionError, sessionError, misuse, kindOf, checkString, assertMethods, STORE_METHODS };
