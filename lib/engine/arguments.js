'use strict';

/**
 * The checks of arguments that both engines share. Only a mistake of the app throws, with a stable `code`; nothing that a
 * browser sends can reach one of these errors. Messages name types, never values.
 */

const { isUint8Array } = require('node:util/types');
const { kindOf, misuse } = require('../errors');

/**
 * How a cookie value is protected. `signed` is egg-cookies' signature, with SHA-256; `signed-sha1` is that of Koa's `cookies`.
 *
 * @typedef {'encrypted' | 'signed' | 'signed-sha1' | 'plain' | 'sealed'} Mode
 */

/**
 * @typedef {object} SealedMeta what a sealed token carries beside its text; each field is optional
 * @property {number} [createdAtMs] when the session began, in milliseconds since 1970
 * @property {number} [expiresAtMs] from this time on the token does not open, in milliseconds since 1970
 * @property {string} [id] the session's id, 1 to 255 bytes in UTF-8
 */

/**
 * What every sealed token begins with (docs/format.md). Node's base64 decoder stops at "=", so to a reader of the older formats a
 * token is one byte long, and opens nothing.
 */
const SEALED_PREFIX = 'v1=';
// A token has six bytes for a time: enough until the year 10889.
const MAX_TIME_MS = 2 ** 48 - 1;
const MAX_ID_BYTES = 255;

/**
 * @param {unknown} key one of the app's keys
 * @returns {key is string | Uint8Array} true for a string or bytes that are not empty; a Buffer is a Uint8Array
 */
function isAppKey(key) {
  return typeof key === 'string' ? key !== '' : isUint8Array(key) && key.length > 0;
}

/**
 * @param {unknown} key what `isAppKey` refused
 * @returns {string} fit for a message
 */
function kindOfKey(key) {
  if (key === '') return 'an empty string';
  return isUint8Array(key) ? 'an empty Buffer' : kindOf(key);
}

/**
 * @param {unknown} keys
 * @param {string} name of the keys, for the message
 * @returns {string | undefined} why they cannot be the keys of a keyring, fit for a message; undefined if they can
 */
function problemWithKeys(keys, name) {
  if (!Array.isArray(keys) || keys.length === 0) {
    const received = Array.isArray(keys) ? 'an empty array' : isKeygrip(keys) ? 'a Keygrip, which hides its keys' : kindOf(keys);
    return `Expected a non-empty array of strings or Buffers for ${name} but received ${received}`;
  }
  const index = Array.from(keys).findIndex((key) => !isAppKey(key));
  return index === -1 ? undefined : `Expected a non-empty string or Buffer for ${name}[${index}] but received ${kindOfKey(keys[index])}`;
}

/**
 * @param {any} keys
 * @returns {boolean} true for an object that signs and verifies, which a Koa app may have as `app.keys`
 */
function isKeygrip(keys) {
  return typeof keys === 'object' && keys !== null && typeof keys.sign === 'function' && typeof keys.index === 'function';
}

/**
 * @param {unknown} keys app keys as the app gave them; a string stands for its UTF-8 bytes
 * @returns {Uint8Array[]} the bytes of each key. They are copies, so later changes of the app's array or of its Buffers cannot
 *   reach derived keys, and the caller may wipe them
 * @throws {TypeError} ERR_SESSION_KEYS
 */
function keyBytes(keys) {
  const problem = problemWithKeys(keys, 'keys');
  if (problem !== undefined) throw misuse('ERR_SESSION_KEYS', problem);
  return Array.from(/** @type {any} */ (keys), (key) => (typeof key === 'string' ? Buffer.from(key, 'utf8') : new Uint8Array(key)));
}

/** @param {unknown} mode @returns {TypeError & { code: string }} to be thrown */
function unknownMode(mode) {
  const received = typeof mode === 'string' ? 'another string' : kindOf(mode);
  return misuse('ERR_SESSION_MODE', `Expected 'encrypted', 'signed', 'signed-sha1', 'sealed' or 'plain' for mode but received ${received}`);
}

/**
 * @param {unknown} data what the app wants signed or encrypted; a string stands for its UTF-8 bytes
 * @returns {string | Buffer} the string itself, or the bytes of a view without a copy
 * @throws {TypeError} ERR_SESSION_ARGUMENT
 */
function checkData(data) {
  if (typeof data === 'string' || Buffer.isBuffer(data)) return data;
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  throw misuse('ERR_SESSION_ARGUMENT', `Expected a string or Buffer for data but received ${kindOf(data)}`);
}

/** @param {string} what @param {unknown} value @returns {number} NaN for an absent time */
function checkTime(what, value) {
  if (value === undefined || value === null) return NaN;
  if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_TIME_MS) return Number(value);
  const received = typeof value === 'number' ? 'another number' : typeof value;
  throw misuse('ERR_SESSION_ARGUMENT', `Expected whole milliseconds since 1970 for ${what} but received ${received}`);
}

/** @param {unknown} id @returns {string} '' for an absent id */
function checkId(id) {
  if (id === undefined || id === null) return '';
  // UTF-8 has no lone surrogate: it would come back as another character, and the id as another id.
  const bytes = typeof id === 'string' ? Buffer.from(id, 'utf8') : Buffer.alloc(0);
  if (bytes.length > 0 && bytes.length <= MAX_ID_BYTES && bytes.toString('utf8') === id) return id;
  const received = typeof id === 'string' ? 'another string' : typeof id;
  throw misuse('ERR_SESSION_ARGUMENT', `Expected a string of 1 to ${MAX_ID_BYTES} bytes for id but received ${received}`);
}

/**
 * @param {unknown} [meta]
 * @returns {{ createdAtMs: number, expiresAtMs: number, id: string }} NaN and '' for absent fields
 * @throws {TypeError} ERR_SESSION_ARGUMENT
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
 *
 * @param {unknown} nowMs
 * @returns {number} the same
 * @throws {TypeError} ERR_SESSION_ARGUMENT
 */
function checkNow(nowMs) {
  if (typeof nowMs === 'number' && nowMs >= 0 && nowMs < Infinity) return nowMs;
  throw misuse('ERR_SESSION_ARGUMENT', `Expected milliseconds since 1970 for nowMs but received ${
    typeof nowMs === 'number' ? 'another number' : typeof nowMs}`);
}

module.exports = { isAppKey, isKeygrip, keyBytes, problemWithKeys, checkData, checkMeta, checkNow, unknownMode, SEALED_PREFIX };
