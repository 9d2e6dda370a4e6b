'use strict';

const codec = require('./codec');

/**
 * Reads a session's cookie in the formats of egg-session: encrypted, signed or plain.
 *
 * @typedef {import('./engine').KeyringMethods} KeyringMethods
 * @typedef {import('./session_cookie').Found} Found
 */

/**
 * Only signatures are renewed: an encrypted cookie is sealed with the newest key when it is next written.
 *
 * @param {'encrypted' | 'signed' | 'plain'} mode
 * @param {string} value
 * @param {number} keyIndex
 * @returns {Found}
 */
function found(mode, value, keyIndex) {
  return { value, keyIndex: mode === 'signed' ? keyIndex : 0 };
}

/**
 * @param {KeyringMethods} keyring
 * @param {'encrypted' | 'signed' | 'plain'} mode
 * @param {string} name
 * @param {string} value
 * @param {string | undefined} signature
 * @param {boolean} asText
 * @returns {Found | null}
 */
function openLegacy(keyring, mode, name, value, signature, asText) {
  if (value === '' && mode === 'signed') {
    // There is nothing to open, but a signature over nothing has to be renewed or removed like any other.
    const keyIndex = signature ? keyring.verify(`${name}=`, signature) : -1;
    return keyIndex < 0 ? null : { value, keyIndex };
  }
  if (!asText) return keyring.openValue(mode, name, value, signature);
  const opened = keyring.open(mode, name, value, signature);
  return opened && { value: opened.text, keyIndex: opened.keyIndex };
}

/**
 * @param {any} cookies
 * @param {any} opts
 * @param {boolean} asText
 * @returns {Found | null}
 */
function readLegacy(cookies, opts, asText) {
  const value = cookies.get(opts.key, opts);
  if (!value) return null;
  return { value: asText ? codec.decodeText(value) : value, keyIndex: 0 };
}

module.exports = { found, openLegacy, readLegacy };
