'use strict';

/**
 * What a sealed token may carry beside its text, checked alike for both engines. Only the app's mistakes throw;
 * messages name types, never values.
 */

const { misuse } = require('./misuse');

/**
 * @typedef {object} SealedMeta every field is optional, and nothing is added for one that is absent
 * @property {number} [createdAtMs] when the session began, in milliseconds since 1970
 * @property {number} [expiresAtMs] from this time on the token does not open
 * @property {string} [id] the session's id, 1 to 255 bytes in UTF-8
 */

/** Times take six bytes: enough until the year 10889. */
const MAX_TIME_MS = 2 ** 48 - 1;
const MAX_ID_BYTES = 255;

/** @param {string} what @param {unknown} value @returns {number} NaN for what is not there */
function checkTime(what, value) {
  if (value === undefined || value === null) return NaN;
  if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_TIME_MS) return Number(value);
  const received = typeof value === 'number' ? 'another number' : typeof value;
  throw misuse('ERR_SESSION_ARGUMENT', `Expected whole milliseconds since 1970 for ${what} but received ${received}`);
}

/** @param {unknown} id @returns {string} '' for what is not there */
function checkId(id) {
  if (id === undefined || id === null) return '';
  // A lone surrogate would come back as another character, and the id as another id.
  const bytes = typeof id === 'string' ? Buffer.from(id, 'utf8') : Buffer.alloc(0);
  if (bytes.length > 0 && bytes.length <= MAX_ID_BYTES && bytes.toString('utf8') === id) return id;
  const received = typeof id === 'string' ? 'another string' : typeof id;
  throw misuse('ERR_SESSION_ARGUMENT', `Expected a string of 1 to ${MAX_ID_BYTES} bytes for id but received ${received}`);
}

/**
 * @param {unknown} [meta]
 * @returns {{ createdAtMs: number, expiresAtMs: number, id: string }} NaN and '' for absent fields
 */
function checkMeta(meta) {
  if (meta === undefined || meta === null) return { createdAtMs: NaN, expiresAtMs: NaN, id: '' };
  if (typeof meta !== 'object') {
    throw misuse('ERR_SESSION_ARGUMENT', `Expected an object for meta but received ${typeof meta}`);
  }
  const { createdAtMs, expiresAtMs, id } = /** @type {SealedMeta} */ (meta);
  return {
    createdAtMs: checkTime('createdAtMs', createdAtMs),
    expiresAtMs: checkTime('expiresAtMs', expiresAtMs),
    id: checkId(id),
  };
}

/**
 * A clock that is not a number would let expired tokens through, so it is refused.
 * @param {unknown} nowMs
 * @returns {number}
 */
function checkNow(nowMs) {
  if (typeof nowMs === 'number' && nowMs >= 0 && nowMs < Infinity) return nowMs;
  throw misuse('ERR_SESSION_ARGUMENT', `Expected milliseconds since 1970 for nowMs but received ${
    typeof nowMs === 'number' ? 'another number' : typeof nowMs}`);
}

module.exports = { checkMeta, checkNow };
