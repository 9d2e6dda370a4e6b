'use strict';

/** The store of the README, with a Map in the place of Redis: three methods, and sessions are kept as JSON text. */
class PlainStore {
  /** @type {Map<string, string>} */
  #texts = new Map();

  /** @param {string} key */
  async get(key) {
    const text = this.#texts.get(key);
    return text && JSON.parse(text);
  }

  /** @param {string} key @param {object} session */
  async set(key, session) {
    this.#texts.set(key, JSON.stringify(session));
  }

  /** @param {string} key */
  async destroy(key) {
    this.#texts.delete(key);
  }

  async close() {
    this.#texts.clear();
  }
}

module.exports = { PlainStore };
