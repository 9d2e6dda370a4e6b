'use strict';

/**
 * The keyring of the app's keys. It is made anew when they change, and with it the memory of the cookies that it opened.
 */

const { isUint8Array } = require('node:util/types');
const RememberedCookies = require('./remembered_cookies');
const { Keyring } = require('../engine');
const { isAppKey } = require('../engine/arguments');

/**
 * @typedef {import('../engine').KeyringMethods} KeyringMethods
 * @typedef {{ keyring: KeyringMethods, remembered: RememberedCookies }} Ring
 */
class CurrentKeyring {
  // Private, so that an inspected session shows no key.
  /** @type {(string | Uint8Array)[]} */
  #keys = [];
  /** @type {Ring | undefined} */
  #ring = undefined;
  #capacity;

  /** @param {number} [capacity] how many opened cookies are remembered */
  constructor(capacity) {
    this.#capacity = capacity;
  }

  /**
   * @param {any} keys
   * @returns {Ring | undefined} undefined if no keyring can be made of them
   */
  ifUsable(keys) {
    if (isSame(keys, this.#keys)) return this.#ring;
    return Array.isArray(keys) && keys.length > 0 && Array.from(keys).every(isAppKey) ? this.of(keys) : undefined;
  }

  /**
   * @param {any} keys
   * @returns {Ring}
   * @throws ERR_SESSION_KEYS unless it is an array of strings or Buffers
   */
  of(keys) {
    if (!this.#ring || !isSame(keys, this.#keys)) {
      const keyring = new Keyring(keys);
      this.#ring = { keyring, remembered: new RememberedCookies(keyring, this.#capacity) };
      this.#keys = keys.map(copyOf);
    }
    return this.#ring;
  }
}

/** @param {string | Uint8Array} key @returns {string | Uint8Array} a Buffer's bytes are copied, since the app may change them */
function copyOf(key) {
  return typeof key === 'string' ? key : new Uint8Array(key);
}

/**
 * The app may change its array in place, as egg-cookies allows, and the bytes of a Buffer, so both are compared.
 *
 * @param {any} keys
 * @param {(string | Uint8Array)[]} known
 */
function isSame(keys, known) {
  if (!Array.isArray(keys) || keys.length !== known.length || keys.length === 0) return false;
  for (let i = 0; i < keys.length; i++) {
    if (!isSameKey(keys[i], known[i])) return false;
  }
  return true;
}

/** @param {any} key @param {string | Uint8Array} known */
function isSameKey(key, known) {
  if (typeof known === 'string') return key === known;
  return isUint8Array(key) && Buffer.compare(key, known) === 0;
}

module.exports = CurrentKeyring;
