'use strict';

/** Where the blocks of the documents run: what they can require, and their environment. */

const assert = require('node:assert/strict');
const channels = require('node:diagnostics_channel');
const path = require('node:path');
const vm = require('node:vm');
const Redis = require('ioredis');
const Koa = require('koa');
const Memcached = require('memcached');
const createSession = require('../..');

const { SqliteStore } = createSession;
const ENV = { COOKIE_KEY: 'a key of the pages\' app', SHOP_KEY: 'a key of the pages\' shop', SESSION_KEY: 'a key of the pages\' session', REDIS_URL: 'redis://redis' };

/**
 * @typedef {object} World where the blocks run
 * @property {string} folder for files; the working directory
 * @property {number} redis port
 * @property {number} memcached port
 * @property {Array<() => any>} closing
 */

/** Subscribers leave when their block is done. @param {World} world @returns {any} */
function channelsIn(world) {
  return {
    ...channels,
    subscribe(name, listener) {
      channels.subscribe(name, listener);
      world.closing.push(() => channels.unsubscribe(name, listener));
    },
  };
}

/** What a block can require. @param {World} world @returns {(name: string) => any} */
function requireIn(world) {
  class LocalRedis extends Redis {
    constructor() {
      super(world.redis, '127.0.0.1');
      world.closing.push(() => this.disconnect());
    }
  }
  class LocalMemcached extends Memcached {
    constructor(address, options) {
      assert.equal(address, '127.0.0.1:11211');
      super(`127.0.0.1:${world.memcached}`, options);
      world.closing.push(() => this.end());
    }
  }
  /** An absolute path belongs to the reader's machine. */
  class LocalSqliteStore extends SqliteStore {
    constructor(options) {
      super({ ...options, path: path.join(world.folder, path.basename(options.path)) });
      world.closing.push(() => this.close());
    }
  }
  const names = {
    'egg-session-native': Object.assign((...args) => createSession(...args), createSession, { SqliteStore: LocalSqliteStore }),
    'ioredis': LocalRedis,
    'koa': Koa,
    'memcached': LocalMemcached,
    'bowser': require('bowser'),
    'node:crypto': require('node:crypto'),
    'node:diagnostics_channel': channelsIn(world),
    'egg': { start: options => options },
  };
  return name => names[name] ?? assert.fail(name);
}

/** @param {World} world @param {string} source @param {object} [names] @returns {any} what it exports */
function load(world, source, names = {}) {
  const module = { exports: /** @type {any} */ ({}) };
  // As Node does it, in this realm: a suite compares objects with its own.
  const all = { module, exports: module.exports, require: requireIn(world), process: { env: ENV }, __dirname: world.folder, ...names };
  vm.compileFunction(source, Object.keys(all))(...Object.values(all));
  return module.exports;
}

module.exports = { ENV, load, requireIn };
