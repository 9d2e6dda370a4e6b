'use strict';

/**
 * The stores, each as its own documents tell to set it up, behind the same `get`, `set` and `close`. A store opens what it
 * needs when it is asked for: better-sqlite3 is not there on every version of Node.
 */

const fs = require('node:fs');
const path = require('node:path');

/** @typedef {{ folder: string, redisPort: number, redisDb: number }} Place where a store keeps its sessions, and nobody else */
/**
 * @typedef {{
 *   get(key: string): any,
 *   set(key: string, session: object, maxAge?: any): any,
 *   destroy(key: string): any,
 *   close(): any,
 *   begin?(): any,
 *   end?(): any,
 * }} Store `begin` and `end` enclose many writes where one by one they would take minutes
 */

const MAX_AGE_MS = 86400000;

/** @type {Record<string, (place: Place) => Store>} */
const stores = {
  /** WAL and `synchronous = NORMAL`, its defaults. */
  SqliteStore({ folder }) {
    const { SqliteStore } = require('../..');
    return new SqliteStore({ path: path.join(folder, 'ours.db') });
  },

  /** Given the same journal and the same `synchronous` as ours, which its README leaves to the app. */
  'better-sqlite3-session-store'({ folder }) {
    const Database = require('better-sqlite3');
    const client = new Database(path.join(folder, 'better.db'));
    client.pragma('journal_mode = WAL');
    client.pragma('synchronous = NORMAL');
    const Store = require('better-sqlite3-session-store')(require('express-session'));
    const store = fromCallbacks(new Store({ client }), () => client.close());
    return { ...store, begin: () => client.exec('BEGIN'), end: () => client.exec('COMMIT') };
  },

  /** Syncs each file to the disk, which it has no option for. */
  'session-file-store'({ folder }) {
    const FileStore = require('session-file-store')(require('express-session'));
    const files = path.join(folder, 'files');
    fs.mkdirSync(files, { recursive: true });
    return fromCallbacks(new FileStore({ path: files, ttl: MAX_AGE_MS / 1000, retries: 0, logFn() {}, reapInterval: -1 }), () => {});
  },

  RedisStore(place) {
    const { RedisStore } = require('../..');
    const client = connect(place);
    const store = new RedisStore({ client });
    return Object.assign(store, { close: () => client.disconnect() });
  },

  /** What egg-session's README tells an app to write. */
  "egg-session's README"(place) {
    const client = connect(place);
    return {
      async get(key) {
        const text = await client.get(key);
        return text ? JSON.parse(text) : null;
      },
      async set(key, session, maxAge) {
        await client.set(key, JSON.stringify(session), 'PX', maxAge || MAX_AGE_MS);
      },
      async destroy(key) {
        await client.del(key);
      },
      close: () => client.disconnect(),
    };
  },
};

/** @param {Place} place */
function connect({ redisPort, redisDb }) {
  const Redis = require('ioredis');
  return new Redis(redisPort, '127.0.0.1', { db: redisDb });
}

/**
 * A store of express-session's kind. Like express-session, it is given a session that knows its cookie's lifetime.
 *
 * @param {any} store
 * @param {() => void} close
 * @returns {Store}
 */
function fromCallbacks(store, close) {
  const call = (method, ...args) => new Promise((resolve, reject) => {
    store[method](...args, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
  return {
    get: (key) => call('get', key),
    set: (key, session) => call('set', key, { cookie: { maxAge: MAX_AGE_MS, originalMaxAge: MAX_AGE_MS }, ...session }),
    destroy: (key) => call('destroy', key),
    close,
  };
}

/**
 * @param {string} name
 * @returns {string | undefined} why it cannot be measured here
 */
function whyMissing(name) {
  if (name !== 'better-sqlite3-session-store') return undefined;
  const { version, engines } = require('better-sqlite3/package.json');
  const oldest = Number(/\d+/.exec(engines.node));
  // It would end the process, not throw.
  if (Number.parseInt(process.versions.node, 10) < oldest) return `better-sqlite3 ${version} needs Node.js ${engines.node}`;
  try {
    const Database = require('better-sqlite3');
    new Database(':memory:').close();
    return undefined;
  } catch (error) {
    return `better-sqlite3 ${version} does not load: ${String(error.message).split('\n')[0]}`;
  }
}

module.exports = { stores, whyMissing, MAX_AGE_MS };
