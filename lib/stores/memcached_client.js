'use strict';

/** The app's client of the npm package `memcached`, with promises, deadlines and answers that say what happened. */

const { optionError } = require('../errors');
const { callServer } = require('./store_calls');

const METHODS = ['gets', 'set', 'add', 'cas', 'del'];

/** @typedef {{ text: string, version: string }} Found `version`: memcached's "cas unique" */

class MemcachedClient {
  #client;
  #timeoutMs;

  /**
   * @param {any} client
   * @param {number} timeoutMs for each command
   * @throws {TypeError} with code ERR_SESSION_OPTION for anything else
   */
  constructor(client, timeoutMs) {
    if (client == null || METHODS.some(method => typeof client[method] !== 'function')) {
      throw optionError('client', 'expected a client of the npm package `memcached`; memjs has no compare-and-set');
    }
    this.#client = client;
    this.#timeoutMs = timeoutMs;
  }

  /** What the client puts before each key. */
  get namespace() {
    return this.#client.namespace || '';
  }

  /**
   * @param {string} key
   * @returns {Promise<Found | undefined>}
   */
  async gets(key) {
    const answer = await this.#call('gets', key);
    if (!answer) return undefined;
    const value = answer[this.namespace + key];
    if (value === undefined) return undefined;
    // A store of the app's own may have had the client write JSON.
    return { text: typeof value === 'string' ? value : JSON.stringify(value), version: answer.cas };
  }

  /**
   * @param {string} key
   * @param {string} text
   * @param {number} expiry in memcached's way
   * @returns {Promise<boolean>} false when the server refused it
   */
  set(key, text, expiry) {
    return this.#call('set', key, text, expiry);
  }

  /**
   * @param {string} key
   * @param {string} text
   * @param {number} expiry
   * @returns {Promise<boolean>} false when there is something already, or the server refused it
   */
  add(key, text, expiry) {
    return this.#call('add', key, text, expiry);
  }

  /**
   * @param {string} key
   * @param {string} text
   * @param {string} version
   * @param {number} expiry
   * @returns {Promise<boolean>} false when it was changed or is gone, or the server refused it
   */
  cas(key, text, version, expiry) {
    return this.#call('cas', key, text, version, expiry);
  }

  /**
   * @param {string} key
   * @returns {Promise<boolean>} whether there was one
   */
  del(key) {
    return this.#call('del', key);
  }

  /** @param {string} method @param {...any} args @returns {Promise<any>} */
  #call(method, ...args) {
    return callServer(method, this.#timeoutMs, () => new Promise((resolve, reject) => {
      this.#client[method](...args, (/** @type {any} */ error, /** @type {any} */ answer) => {
        if (!error) resolve(answer);
        else if (error.notStored) resolve(false);
        else reject(error);
      });
    }));
  }
}

module.exports = { MemcachedClient };
