'use strict';

/**
 * One interface over the app's Redis client: ioredis (also through egg-redis) or node-redis. It uses the commands GET, SET with PX,
 * EVAL and EVALSHA, and in scripts those of access.js. Each call has a deadline and rejects with ERR_SESSION_STORE_TIMEOUT,
 * ERR_SESSION_STORE_FAILED or ERR_SESSION_STORE_BUSY (../server.js), or with ERR_SESSION_STORE_FORBIDDEN (answers.js).
 */

const { createHash } = require('node:crypto');
const { optionError } = require('../../errors');
const { PendingBytes } = require('../pending');
const { callServer } = require('../server');
const { answered, promised } = require('./answers');

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

/** Clients that can be told at once. Others are told by what their first call returns. */
const CALLBACK_CLIENTS = [
  {
    name: 'a client of redis 2 or 3',
    instead: 'a client of ioredis, or of redis 4 or newer',
    isIt: (/** @type {any} */ client) => typeof client.internal_send_command === 'function' && /internal_send_command/.test(String(client.get)),
  },
  {
    name: 'client.legacy() of redis',
    instead: 'the client itself',
    isIt: (/** @type {any} */ client) => client.constructor != null && client.constructor.name === 'RedisLegacyClient',
  },
  {
    name: 'a client of redis 4 with `legacyMode`',
    instead: 'its `client.v4`',
    isIt: (/** @type {any} */ client) => client.options != null && client.options.legacyMode === true,
  },
];

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
    const callbacks = CALLBACK_CLIENTS.find(({ isIt }) => isIt(client));
    if (callbacks !== undefined) throw optionError('client', `${callbacks.name} takes callbacks and returns no promises: pass ${callbacks.instead}`);
    this.#client = client;
    this.#timeoutMs = timeoutMs;
    this.#pending = new PendingBytes(maxPendingBytes);
  }

  /** The text that the client puts in front of each key. */
  get keyPrefix() {
    const prefix = this.#client.options && this.#client.options.keyPrefix;
    return typeof prefix === 'string' ? prefix : '';
  }

  /**
   * @param {string} key
   * @returns {Promise<string | null>} null for an unknown key
   */
  get(key) {
    return this.#call('get', [key], () => answered(this.#client.get(key)));
  }

  /**
   * @param {string} key
   * @param {string} text
   * @param {number} lifetimeMs
   * @returns {Promise<unknown>}
   */
  set(key, text, lifetimeMs) {
    return this.#call('set', [key, text], () => answered(this.#isNodeRedis
      ? this.#client.set(key, text, { PX: lifetimeMs })
      : this.#client.set(key, text, 'PX', lifetimeMs)));
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

  /**
   * Sends GET, EVAL and EVALSHA at once, to learn which of them Redis refuses. GET goes first: a client that returns no promise
   * thereby gets nothing that changes data or that may fail.
   *
   * @param {RedisScript} script
   * @param {string} key of nothing
   * @param {string[]} args
   * @returns {Promise<{ refusals: import('./answers').Forbidden[], answer: any }>} `answer`: the script's; undefined if refused
   */
  tryOut(script, key, args) {
    return this.#call(script.name, [key, ...args], async () => {
      const outcomes = await Promise.allSettled([
        answered(promised(this.#client.get(key))),
        this.#eval(script, key, args),
        this.#evalSha(script, key, args),
      ]);
      const errors = outcomes.flatMap(outcome => (outcome.status === 'rejected' && !isNoScript(outcome.reason) ? [outcome.reason] : []));
      // An app's tests may have a client such as ioredis-mock, whose answer to this script says nothing.
      const other = errors.find(({ code }) => code !== 'ERR_SESSION_STORE_FORBIDDEN' && code !== 'ERR_SESSION_OPTION');
      if (other !== undefined) throw other;
      const refusals = errors.filter(({ code }) => code === 'ERR_SESSION_STORE_FORBIDDEN');
      return { refusals, answer: outcomes[1].status === 'fulfilled' ? outcomes[1].value : undefined };
    });
  }

  /** @param {RedisScript} script @param {string} key @param {string[]} args */
  async #runScript(script, key, args) {
    try {
      return await this.#evalSha(script, key, args);
    } catch (error) {
      if (!isNoScript(error)) throw error;
    }
    return this.#eval(script, key, args);
  }

  /** @param {RedisScript} script @param {string} key @param {string[]} args */
  #evalSha(script, key, args) {
    return answered(this.#isNodeRedis
      ? this.#client.evalSha(script.sha1, { keys: [key], arguments: args })
      : this.#client.evalsha(script.sha1, 1, key, ...args));
  }

  /** @param {RedisScript} script @param {string} key @param {string[]} args */
  #eval(script, key, args) {
    return answered(this.#isNodeRedis
      ? this.#client.eval(script.source, { keys: [key], arguments: args })
      : this.#client.eval(script.source, 1, key, ...args));
  }
}

/** @param {unknown} error */
function isNoScript(error) {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

module.exports = { RedisClient, RedisScript };
