'use strict';

const { copyOfJSON } = require('./snapshot');

/**
 * Session cookies on their way in, under the default codec. Those that the engine remembers are neither decrypted nor
 * parsed again: what they held is kept here, under the engine's slot. Nothing else is remembered: whether a session has
 * expired, is valid, or came under an older key is looked at each time. Goes with its keyring, so with the keys.
 *
 * @typedef {import('./engine').KeyringMethods} KeyringMethods
 * @typedef {object} OpenedJSON
 * @property {any} json the session, the caller's own
 * @property {any} pristine the same, for the caller to read only
 * @property {number} keyIndex
 */
class OpenedSessions {
  /** @type {any[]} by slot; undefined for what is not kept */
  #pristine = [];
  /** @type {KeyringMethods} */
  #keyring;

  /** @param {KeyringMethods} keyring */
  constructor(keyring) {
    this.#keyring = keyring;
  }

  /**
   * @param {'encrypted' | 'signed'} mode
   * @param {string} name
   * @param {string} value as received
   * @param {string | undefined} signature as received
   * @returns {OpenedJSON | null} null for what surely is no session, and for what is left to `Keyring#open`
   */
  open(mode, name, value, signature) {
    const opened = this.#keyring.openSession(mode, name, value, signature);
    if (opened === null) return null;
    const { text, keyIndex, slot } = opened;
    if (text === undefined) {
      const pristine = this.#pristine[slot];
      return pristine === undefined ? null : { json: copyOfJSON(pristine), pristine, keyIndex };
    }
    const json = parseObject(text);
    const pristine = json === undefined ? undefined : copyOfJSON(json);
    if (slot >= 0) this.#pristine[slot] = pristine;
    return pristine === undefined ? null : { json, pristine, keyIndex };
  }
}

/**
 * @param {string} text
 * @returns {any} undefined for what is no JSON object
 */
function parseObject(text) {
  try {
    const json = JSON.parse(text);
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

module.exports = OpenedSessions;
