'use strict';

const OpenedSessions = require('./opened_sessions');
const { Keyring } = require('./engine');

/**
 * The keyring of the app's keys, made anew when they change, and with it the sessions that it opened.
 *
 * @typedef {import('./engine').KeyringMethods} KeyringMethods
 */
class CurrentKeyring {
  // Private, so that no inspection of a session shows a key.
  /** @type {string[]} */
  #keys = [];
  /** @type {KeyringMethods | undefined} */
  #keyring = undefined;
  /** @type {OpenedSessions | undefined} */
  #opened = undefined;
  #remembered;

  /** @param {number} remembered how many opened cookies are kept */
  constructor(remembered) {
    this.#remembered = remembered;
  }

  /** The sessions that the keyring opened which was asked for last. */
  get opened() {
    return /** @type {OpenedSessions} */ (this.#opened);
  }

  /**
   * @param {any} keys
   * @returns {KeyringMethods | undefined} nothing where none can be made of them
   */
  ifUsable(keys) {
    if (isSame(keys, this.#keys)) return this.#keyring;
    const isUsable = Array.isArray(keys) && keys.length > 0 && keys.every((key) => key && typeof key === 'string');
    return isUsable ? this.of(keys) : undefined;
  }

  /**
   * @param {any} keys
   * @returns {KeyringMethods}
   * @throws ERR_SESSION_KEYS unless it is an array of strings
   */
  of(keys) {
    if (!this.#keyring || !isSame(keys, this.#keys)) {
      this.#keyring = new Keyring(keys);
      this.#opened = new OpenedSessions(this.#keyring, this.#remembered);
      this.#keys = [...keys];
    }
    return this.#keyring;
  }
}

/**
 * The array may be changed in place, as egg-cookies allows: compare what it holds.
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
