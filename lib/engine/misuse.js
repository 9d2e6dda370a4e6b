'use strict';

/**
 * The checks both engines share. Only mistakes of the app throw, each with a stable `code`;
 * nothing that a browser sends can reach one of these errors. Messages name types, never values.
 */

/** @typedef {'encrypted' | 'signed' | 'plain' | 'sealed'} Mode how a cookie value is protected */

/**
 * @param {string} code `ERR_SESSION_…`, part of the API
 * @param {string} message for a human
 * @returns {TypeError & { code: string }} to be thrown
 */
function misuse(code, message) {
  return Object.assign(new TypeError(message), { code });
}

/** @param {unknown} value @returns {string} the kind of a value, fit for a message */
function kindOf(value) {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/**
 * @param {unknown} keys app keys as given by the app
 * @returns {string[]} a copy, so that later changes of the array cannot reach derived keys
 */
function checkKeys(keys) {
  if (!Array.isArray(keys) || keys.length === 0) {
    const received = Array.isArray(keys) ? 'an empty array' : kindOf(keys);
    throw misuse('ERR_SESSION_KEYS', `Expected a non-empty array of strings for keys but received ${received}`);
  }
  const copy = Array.from(keys);
  copy.forEach((key, index) => {
    if (typeof key === 'string' && key !== '') return;
    const received = key === '' ? 'an empty string' : kindOf(key);
    throw misuse('ERR_SESSION_KEYS', `Expected a non-empty string for keys[${index}] but received ${received}`);
  });
  return copy;
}

/** @param {string} what @param {unknown} value */
function checkString(what, value) {
  if (typeof value !== 'string') {
    throw misuse('ERR_SESSION_ARGUMENT', `Expected a string for ${what} but received ${kindOf(value)}`);
  }
}

/** @param {unknown} mode @returns {TypeError & { code: string }} to be thrown */
function unknownMode(mode) {
  const received = typeof mode === 'string' ? 'another string' : kindOf(mode);
  return misuse('ERR_SESSION_MODE', `Expected 'encrypted', 'signed', 'sealed' or 'plain' for mode but received ${received}`);
}

/**
 * @param {unknown} data what the app wants signed or encrypted; a string counts as its UTF-8 bytes
 * @returns {string | Buffer} the string itself, or the bytes of any view without copying them
 */
function checkData(data) {
  if (typeof data === 'string' || Buffer.isBuffer(data)) return data;
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  throw misuse('ERR_SESSION_ARGUMENT', `Expected a string or Buffer for data but received ${kindOf(data)}`);
}

module.exports = { misuse, checkKeys, checkString, checkData, unknownMode };
