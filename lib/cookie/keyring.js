'use strict';

/**
 * The keyring of the app's keys. It is made anew when they change, and with it the memory of the cookies that it opened.
 */

const RememberedCookies = require('./remembered_cookies');
const { Keyring } = require('../engine');

/**
 * @typedef {import('../engine').KeyringMethods} KeyringMethods
 * @typedef {{ keyring: KeyringMethods, remembered: RememberedCookies }} Ring
 */
class CurrentKeyring {
  // Private, so that an inspected session shows no key.
  /** @type {string[]} */
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
    const isUsable = Array.isArray(keys) && keys.length > 0 && keys.every((key) => key && typeof key === 'string');
    return isUsable ? this.of(keys) : undefined;
  }

  /**
   * @param {any} keys
   * @returns {Ring}
   * @throws ERR_SESSION_KEYS unless it is an array of strings
   */
  of(keys) {
    if (!this.#ring || !isSame(keys, this.#keys)) {
      const keyring = new Keyring(keys);
      this.#ring = { keyring, remembered: new RememberedCookies(keyring, this.#capacity) };
      this.#keys = [...keys];
    }
    return this.#ring;
  }
}

/**
 * The app may change its array in place, as egg-cookies allows, so its elements are compared.
 *
 * @param {any} keys
 * @param {string[]} known
 */
function isSame(keys, known) {
  if (!Array.isArray(keys) || keys.length !== known.length || keys.length === 0) return false;
  for (let i = 0; i < keys.length; i++) {
    if (keys[i] !== known[i]) return false;
  }
  return true;
}

module.exports = CurrentKeyring;
