'use strict';

const { createHash } = require('node:crypto');

/**
 * The name that a session has in the store under `hashKeys`: whoever reads the store, or a copy of it, learns no external key
 * that would open a session. Ids are random, so that nobody finds them by trying.
 *
 * @param {string} key the external key, as it is in the cookie
 * @param {string | null | undefined} prefix stays readable in front, where the key has it
 * @returns {string}
 */
function hashKey(key, prefix) {
  const hash = createHash('sha256').update(String(key)).digest('base64url');
  return prefix && String(key).startsWith(prefix) ? prefix + hash : hash;
}

module.exports = { hashKey };
