'use strict';

/** Whose session it is, as the app's `userOf` says it. */

const { isMoved } = require('../moved');
const { misuse } = require('../engine/misuse');
const { parseSession } = require('./store_calls');

/** @typedef {(session: any) => string | number | null | undefined} UserOf */

/**
 * @param {UserOf | undefined} userOf
 * @param {string} text
 * @param {any} [session] `text` parsed, where known
 * @returns {string | undefined} nobody's without `userOf`, and while it moves to another key
 * @throws {TypeError} with code ERR_SESSION_ARGUMENT where `userOf` gives anything else
 */
function userOfText(userOf, text, session) {
  if (userOf === undefined || isMoved(text)) return undefined;
  const user = userOf(session === undefined ? parseSession(text) : session);
  if (user === undefined || user === null) return undefined;
  if (typeof user === 'string' || typeof user === 'number') return String(user);
  throw misuse('ERR_SESSION_ARGUMENT', 'Expected a string, a number or nothing from userOf');
}

/**
 * @param {string} store the class's name, for messages
 * @param {UserOf | undefined} userOf
 * @param {unknown} user as a caller names it
 * @returns {string}
 * @throws {TypeError} with code ERR_SESSION_ARGUMENT
 */
function checkUser(store, userOf, user) {
  if (userOf === undefined) {
    throw misuse('ERR_SESSION_ARGUMENT', `${store} needs the option userOf to know whose session is whose`);
  }
  if (typeof user === 'string' || typeof user === 'number') return String(user);
  throw misuse('ERR_SESSION_ARGUMENT', 'Expected a string or a number for user');
}

module.exports = { userOfText, checkUser };
