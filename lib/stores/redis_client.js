'use strict';

/** The app's client, whichever it is: egg-redis and ioredis, or node-redis. Only four commands are needed of it. */

const { createHash } = require('node:crypto');
const { optionError } = require('../errors');
const { callServer } = require('./store_calls');

/** A Lua script of one key, so that it runs on a Redis Cluster too. */
class RedisScript {
  /**
   * @param {string} name for messages
   * @param {string} source
   */
  constructor(name, source) {
    this.name = name;
    this.source = source;
    this.sha1 = createHash('sha1').update(source).digest('hex');
  }
}

class RedisClient {
  #client;
  #timeoutMs;
  #isNodeRedis;

  /**
   * @param {any} client
   * @param {number} timeoutMs for each command
   * @throws {TypeError} with code ERR_SESSION_OPTION for anything else
   */
  constructor(client, timeoutMs) {
    const has = (/** @type {string} */ name) => client != null && typeof client[name] === 'function';
    this.#isNodeRedis = has('evalSha');
    if (!has('get') || !has('set') || !has('del') || !has('eval') || (!has('evalsha') && !has('evalSha'))) {
      throw optionError('client', 'expected a client of ioredis (app.redis of egg-redis) or node-redis; where egg-redis has several clients, one of them: app.redis.get(name)');
    }
    this.#client = client;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * @param {string} key
   * @returns {Promise<string | null>}
   */
  get(key) {
    return callServer('get', this.#timeoutMs, () => this.#client.get(key));
  }

  /**
   * @param {string} key
   * @param {string} text
   * @param {number} lifetimeMs
   * @returns {Promise<unknown>}
   */
  set(key, text, lifetimeMs) {
    return callServer('set', this.#timeoutMs, () => (this.#isNodeRedis
      ? this.#client.set(key, text, { PX: lifetimeMs })
      : this.#client.set(key, text, 'PX', lifetimeMs)));
  }

  /**
   * @param {string} key
   * @returns {Promise<number>} how many there were
   */
  del(key) {
    return callServer('del', this.#timeoutMs, () => this.#client.del(key));
  }

  /**
   * Runs a script by its hash; sends it where Redis does not know it, or not any more.
   *
   * @param {RedisScript} script
   * @param {string} key
   * @param {string[]} args
   * @returns {Promise<any>}
   */
  run(script, key, args) {
    return callServer(script.name, this.#timeoutMs, () => this.#runScript(script, key, args));
  }

  /** @param {RedisScript} script @param {string} key @param {string[]} args */
  async #runScript(script, key, args) {
    try {
      return await (this.#isNodeRedis
        ? this.#client.evalSha(script.sha1, { keys: [key], arguments: args })
        : this.#client.evalsha(script.sha1, 1, key, ...args));
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    }
    return this.#isNodeRedis
      ? this.#client.eval(script.source, { keys: [key], arguments: args })
      : this.#client.eval(script.source, 1, key, ...args);
  }
}

module.exports = { RedisClient, RedisScript };
