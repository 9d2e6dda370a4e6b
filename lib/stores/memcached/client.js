'use strict';

/**
 * The app's client of the npm package `memcached` (2.2.2), with promises and deadlines. Each call rejects with
 * ERR_SESSION_STORE_TIMEOUT, ERR_SESSION_STORE_FAILED or ERR_SESSION_STORE_BUSY (../server.js); a refused write resolves to
 * false.
 */

const { optionError } = require('../../errors');
const { PendingBytes } = require('../pending');
const { callServer } = require('../server');

const TAKES_NO_CALLBACKS = 'its methods return promises and take no callbacks: pass a client of the npm package `memcached` itself';
// Captured at load, so that fake timers in an app's tests cannot stop the store.
const { setImmediate } = globalThis;

const METHODS = ['gets', 'set', 'add', 'cas', 'del'];

/** @typedef {{ text: string, version: string }} Found `version`: the "cas unique" of memcached's text protocol */

/** Calls the app's client. It never connects and never closes. */
class MemcachedClient {
  #client;
  #timeoutMs;
  #pending;

  /**
   * @param {any} client
   * @param {{ timeoutMs: number, maxPendingBytes: number }} limits `timeoutMs`: for each command
   * @throws {TypeError} ERR_SESSION_OPTION unless it has the methods of the package's clients
   */
  constructor(client, { timeoutMs, maxPendingBytes }) {
    if (client == null || METHODS.some(method => typeof client[method] !== 'function')) {
      throw optionError('client', 'expected a client of the npm package `memcached`; memjs has no compare-and-set');
    }
    this.#client = client;
    this.#timeoutMs = timeoutMs;
    this.#pending = new PendingBytes(maxPendingBytes);
  }

  /** The text that the client puts in front of each key. */
  get namespace() {
    return this.#client.namespace || '';
  }

  /**
   * @param {string} key
   * @returns {Promise<Found | undefined>} undefined for an unknown key
   */
  async gets(key) {
    const answer = await this.#call('gets', key);
    if (!answer) return undefined;
    const value = answer[this.namespace + key];
    if (value === undefined) return undefined;
    // A store of the app's own may have written an object; the client stores it as JSON and gives it back parsed.
    return { text: typeof value === 'string' ? value : JSON.stringify(value), version: answer.cas };
  }

  /**
   * @param {string} key
   * @param {string} text
   * @param {number} expiry as in memcached's protocol: seconds from now, or, over 30 days, seconds since 1970; negative: at once
   * @returns {Promise<boolean>} false if the server refused it
   */
  set(key, text, expiry) {
    return this.#call('set', key, text, expiry);
  }

  /**
   * @param {string} key
   * @param {string} text
   * @param {number} expiry
   * @returns {Promise<boolean>} false if the key is in use, or the server refused it
   */
  add(key, text, expiry) {
    return this.#call('add', key, text, expiry);
  }

  /**
   * @param {string} key
   * @param {string} text
   * @param {string} version
   * @param {number} expiry
   * @returns {Promise<boolean>} false if the text was changed or is gone, or the server refused it
   */
  cas(key, text, version, expiry) {
    return this.#call('cas', key, text, version, expiry);
  }

  /**
   * @param {string} key
   * @returns {Promise<boolean>} true if the key existed
   */
  del(key) {
    return this.#call('del', key);
  }

  /** @param {string} method @param {...any} args @returns {Promise<any>} */
  #call(method, ...args) {
    return callServer(method, this.#timeoutMs, () => new Promise((resolve, reject) => {
      const returned = this.#client[method](...args, (/** @type {any} */ error, /** @type {any} */ answer) => {
        if (!error) resolve(answer);
        else if (error.notStored) resolve(false);
        else reject(error);
      });
      // A client with promises may still call back, in the turn in which its promise settles.
      const refuse = () => setImmediate(reject, optionError('client', TAKES_NO_CALLBACKS));
      if (returned != null && typeof returned.then === 'function') returned.then(refuse, refuse);
    }), this.#pending, args);
  }
}

module.exports = { MemcachedClient };
