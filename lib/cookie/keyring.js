'use strict';

/**
 * The keyring of the app's keys. It is made anew when they change, and with it the memory of the cookies that it opened.
 */

const { isUint8Array } = require('node:util/types');
const { KeygripKeyring } = require('./keygrip_keyring');
const RememberedCookies = require('./remembered_cookies');
const { Keyring } = require('../engine');
const { isAppKey, isKeygrip } = require('../engine/arguments');

/**
 * @typedef {'open' | 'openSealed' | 'openSession' | 'openValue'} Opening
 * @typedef {'sealCookie' | 'sealSealed' | 'sealValue' | 'sign' | 'signSha1' | 'verify' | 'verifySha1'} Sealing
 * @typedef {Pick<import('../engine').KeyringMethods, Opening | Sealing>} CookieKeyring an engine's, or a KeygripKeyring
 * @typedef {{ keyring: CookieKeyring, remembered: RememberedCookies }} Ring
 */
class CurrentKeyring {
  // Private, so that an inspected session shows no key.
  /** @type {any[]} */
  #keys = [];
  /** @type {Ring | undefined} */
  #ring = undefined;
  #keygrip = undefined;
  /** @type {Ring | undefined} */
  #keygripRing = undefined;
  #capacity;

  /** @param {number} [capacity] how many opened cookies are remembered */
  constructor(capacity) {
    this.#capacity = capacity;
  }

  /**
   * @param {any} keys
   * @param {boolean} [takesKeygrip] whether a Keygrip of the app may take the place of keys
   * @returns {Ring | undefined} undefined if no keyring can be made of them
   */
  ifUsable(keys, takesKeygrip) {
    if (isSame(keys, this.#keys)) return this.#ring;
    if (takesKeygrip && isKeygrip(keys)) return this.#ofKeygrip(keys);
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
      this.#keys = keys.map((/** @type {any} */ key) => (typeof key === 'string' ? key : Buffer.from(key)));
    }
    return this.#ring;
  }

  /** @param {any} keygrip */
  #ofKeygrip(keygrip) {
    if (keygrip !== this.#keygrip) {
      const keyring = new KeygripKeyring(keygrip);
      this.#keygripRing = { keyring, remembered: new RememberedCookies(keyring, 0) };
      this.#keygrip = keygrip;
    }
    return this.#keygripRing;
  }
}

/**
 * The app may change its array in place, as egg-cookies allows, and a Buffer too, so contents are compared.
 *
 * @param {any} keys
 * @param {any[]} known
 */
function isSame(keys, known) {
  if (!Array.isArray(keys) || keys.length !== known.length || keys.length === 0) return false;
  for (let i = 0; i < keys.length; i++) {
    if (keys[i] !== known[i] && !isSameBuffer(keys[i], known[i])) return false;
  }
  return true;
}

/**
 * @param {any} key
 * @param {any} known
 */
function isSameBuffer(key, known) {
  return isUint8Array(key) && Buffer.isBuffer(known) && known.equals(key);
}

module.exports = CurrentKeyring;
