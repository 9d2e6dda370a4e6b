'use strict';

/** Asks the app's option `userOf` which user a session belongs to, and checks its answers. */

const { isTombstone } = require('../store/tombstone');
const { checkString, misuse } = require('../errors');
const { hashOf } = require('../store/calls');
const { parseSession } = require('./server');

/** @typedef {(session: any) => string | number | null | undefined} UserOf returns the user, or nothing for a session without one */

/**
 * @param {UserOf | undefined} userOf
 * @param {string} text the session's JSON text
 * @param {any} [session] `text`, parsed, if the caller has it
 * @returns {string | undefined} the user as a string; undefined without `userOf`, for a session of no user, and for a tombstone
 * @throws {Error} ERR_SESSION_ARGUMENT if `userOf` returns another type; ERR_SESSION_STORE_CORRUPT if the text is not JSON
 */
function userOfText(userOf, text, session) {
  if (userOf === undefined || isTombstone(text)) return undefined;
  return userOfSession(userOf, session === undefined ? parseSession(text) : session);
}

/**
 * @param {UserOf} userOf
 * @param {any} session
 * @returns {string | undefined} undefined for a session of no user
 * @throws {Error} ERR_SESSION_ARGUMENT if `userOf` returns another type
 */
function userOfSession(userOf, session) {
  const user = userOf(session);
  if (user === undefined || user === null) return undefined;
  if (typeof user === 'string' || typeof user === 'number') return String(user);
  throw misuse('ERR_SESSION_ARGUMENT', 'Expected a string, a number or nothing from userOf');
}

/**
 * @param {string} store the class's name, for messages
 * @param {UserOf | undefined} userOf
 * @param {unknown} user the argument of `list` or `destroyAll`
 * @returns {string}
 * @throws {TypeError} ERR_SESSION_ARGUMENT for another type, and without `userOf`
 */
function checkUser(store, userOf, user) {
  if (userOf === undefined) {
    throw misuse('ERR_SESSION_ARGUMENT', `${store} needs the option userOf to know whose session is whose`);
  }
  if (typeof user === 'string' || typeof user === 'number') return String(user);
  throw misuse('ERR_SESSION_ARGUMENT', 'Expected a string or a number for user');
}

/**
 * The store does not know whether the middleware hashes keys, so the session is spared under either name.
 *
 * @param {unknown} except the external key of a session that `destroyAll` spares
 * @returns {{ key: string, hash: string } | undefined} `hash`: the end of its name in the store under `hashKeys`
 * @throws {TypeError} ERR_SESSION_ARGUMENT for another type
 */
function checkExcept(except) {
  if (except === undefined || except === null) return undefined;
  checkString('except', except);
  return { key: /** @type {string} */ (except), hash: hashOf(/** @type {string} */ (except)) };
}

module.exports = { userOfSession, userOfText, checkExcept, checkUser };
