'use strict';

/**
 * One interface over the app's Redis client: ioredis (also through egg-redis) or node-redis. It uses the commands GET, SET with PX,
 * DEL, EVAL and EVALSHA. Each call has a deadline and rejects with ERR_SESSION_STORE_TIMEOUT, ERR_SESSION_STORE_FAILED or
 * ERR_SESSION_STORE_BUSY (../server.js).
 */

const { createHash } = require('node:crypto');
const { optionError } = require('../../errors');
const { PendingBytes } = require('../pending');
const { callServer } = require('../server');

/** A Lua script. It has one key, as Redis Cluster demands. */
class RedisScript {
  /**
   * @param {string} name for messages
   * @param {string} source Lua
   */
  constructor(name, source) {
    this.name = name;
    this.source = source;
    this.sha1 = createHash('sha1').update(source).digest('hex');
  }
}

/** Calls the app's client. It never connects and never closes. */
class RedisClient {
  #client;
  #timeoutMs;
  #pending;
  #isNodeRedis;

  /**
   * @param {any} client
   * @param {{ timeoutMs: number, maxPendingBytes: number }} limits `timeoutMs`: for each command
   * @throws {TypeError} ERR_SESSION_OPTION unless it has the methods of ioredis or node-redis
   */
  constructor(client, { timeoutMs, maxPendingBytes }) {
    const has = (/** @type {string} */ name) => client != null && typeof client[name] === 'function';
    this.#isNodeRedis = has('evalSha');
    if (!has('get') || !has('set') || !has('del') || !has('eval') || (!has('evalsha') && !has('evalSha'))) {
      throw optionError('client', 'expected a client of ioredis (app.redis of egg-redis) or node-redis; where egg-redis has several clients, one of them: app.redis.get(name)');
    }
    this.#client = client;
    this.#timeoutMs = timeoutMs;
    this.#pending = new PendingBytes(maxPendingBytes);
  }

  /**
   * @param {string} key
   * @returns {Promise<string | null>} null for an unknown key
   */
  get(key) {
    return this.#call('get', [key], () => this.#client.get(key));
  }

  /**
   * @param {string} key
   * @param {string} text
   * @param {number} lifetimeMs
   * @returns {Promise<unknown>}
   */
  set(key, text, lifetimeMs) {
    return this.#call('set', [key, text], () => (this.#isNodeRedis
      ? this.#client.set(key, text, { PX: lifetimeMs })
      : this.#client.set(key, text, 'PX', lifetimeMs)));
  }

  /**
   * @param {string} key
   * @returns {Promise<number>} 1 if the key existed, else 0
   */
  del(key) {
    return this.#call('del', [key], () => this.#client.del(key));
  }

  /**
   * Runs a script by its SHA-1. Sends the source if Redis does not have the script, for example after a restart.
   *
   * @param {RedisScript} script
   * @param {string} key
   * @param {string[]} args `ARGV` in the script
   * @returns {Promise<any>} the script's answer
   */
  run(script, key, args) {
    return this.#call(script.name, [key, ...args], () => this.#runScript(script, key, args));
  }

  /** @param {string} operation @param {unknown[]} args @param {() => Promise<any>} start @returns {Promise<any>} */
  #call(operation, args, start) {
    return callServer(operation, this.#timeoutMs, start, this.#pending, args);
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
