'use strict';

/**
 * The app's own mistakes, and a store's. Each has a `code`; callers never match on the message. Hostile input gives no
 * error at all.
 */

/**
 * An option that cannot work, found at start.
 *
 * @param {string} option the option's name in `config.session`
 * @param {string} expected what would have been right; never the value that was given
 * @returns {TypeError & { code: 'ERR_SESSION_OPTION', option: string }}
 */
function optionError(option, expected) {
  return Object.assign(new TypeError(`session option \`${option}\`: ${expected}`), {
    code: /** @type {const} */ ('ERR_SESSION_OPTION'),
    option,
  });
}

/**
 * @param {string} code `ERR_SESSION_…`
 * @param {string} message without keys or values
 * @returns {Error & { code: string }}
 */
function sessionError(code, message) {
  return Object.assign(new Error(message), { code });
}

module.exports = { optionError, sessionError };
