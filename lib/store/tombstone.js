'use strict';

/**
 * The tombstone under the key of a session that was destroyed, or moved by `regenerate()`. A write of that session which arrives
 * later finds it and changes nothing. The stores answer as if nothing were there, and any other reader, egg-session too, takes it
 * for an expired session of no user. Each has a random mark, so that its writer recognises it and no tombstone comes back.
 */

const { randomUUID } = require('node:crypto');

const BEGINNING = '{"_expire":1,"_maxAge":1,"_moved":"';
/** How long a tombstone stays, in ms: a write that arrives later than this can bring a session back. */
const TOMBSTONE_MS = 60 * 60 * 1000;

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

module.exports = { tombstone, isTombstone, BEGINNING, TOMBSTONE_MS };
