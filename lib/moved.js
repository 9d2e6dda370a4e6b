'use strict';

const { randomUUID } = require('node:crypto');

/**
 * What a session that moves to a new key leaves under the old one for a moment: a session that is over, for egg-session too,
 * and nobody's. Each has a mark of its own, so that whoever wrote it knows it again.
 */

const BEGINNING = '{"_expire":1,"_maxAge":1,"_moved":"';

/** @returns {string} */
function movedText() {
  return `${BEGINNING}${randomUUID()}"}`;
}

/**
 * @param {string} text what a store holds
 */
function isMoved(text) {
  return text.startsWith(BEGINNING);
}

module.exports = { movedText, isMoved };
