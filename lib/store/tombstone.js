'use strict';

/**
 * The tombstone that `regenerate()` leaves under the old key. Every reader, egg-session too, takes it for an expired session of no
 * user. Each tombstone has a random mark, so that its writer recognises it.
 */

const { randomUUID } = require('node:crypto');

const BEGINNING = '{"_expire":1,"_maxAge":1,"_moved":"';

/** @returns {string} the text of a new tombstone */
function tombstone() {
  return `${BEGINNING}${randomUUID()}"}`;
}

/**
 * @param {string} text what a store holds
 */
function isTombstone(text) {
  return text.startsWith(BEGINNING);
}

module.exports = { tombstone, isTombstone };
