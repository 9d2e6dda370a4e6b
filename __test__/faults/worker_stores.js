'use strict';

/** The stores of a worker, on clients as docs/redis.md and docs/memcached.md sets them, and the bad ones by which the checks show that they can fail. */

const { createHash } = require('node:crypto');
const Memcached = require('memcached');
const Redis = require('ioredis');
const { MemcachedStore, RedisStore, Revocations, SqliteStore } = require('../..');
const { isTombstone } = require('../../lib/store/tombstone');

const TIMEOUT_MS = 1000;
const RETRY_MS = 30;
const userOf = session => session.user;
const quiet = { retryStrategy: () => RETRY_MS };

/** Addresses that servers tell of each other become those of the proxies before them. @param {[number, number][]} pairs */
function natMap(pairs) {
  return Object.fromEntries(pairs.map(([port, proxyPort]) => [`127.0.0.1:${port}`, { host: '127.0.0.1', port: proxyPort }]));
}

const clients = {
  redis: ({ port }) => new Redis(port, '127.0.0.1', quiet),
  cluster: ({ nodes }) => new Redis.Cluster(nodes.map(([, port]) => ({ host: '127.0.0.1', port })), {
    natMap: natMap(nodes), clusterRetryStrategy: () => RETRY_MS, retryDelayOnFailover: RETRY_MS, slotsRefreshInterval: 1000,
  }),
  sentinel: ({ sentinels, nodes, name }) => new Redis({
    sentinels: sentinels.map(port => ({ host: '127.0.0.1', port })), name, natMap: natMap(nodes), ...quiet, sentinelRetryStrategy: () => RETRY_MS,
  }),
};

/** @param {any} spec of a world */
function redisClient(spec) {
  const client = clients[spec.client](spec);
  client.on('error', () => {});
  return client;
}

function memcachedClient({ port }) {
  return new Memcached(`127.0.0.1:${port}`, { timeout: TIMEOUT_MS, retries: 0, retry: RETRY_MS, failures: 1e9, reconnect: 2 ** 31 - 1 });
}

/**
 * `set`: a write takes no notice of what others have written. `no-tombstone`: a destroyed session leaves nothing behind.
 * `no-revision`: equal content is equal text. The last two have Redis only, whose client sends again what was not answered.
 */
const bad = {
  set: store => override(store, {
    async compareAndSet(key, _expected, text, maxAge, options) {
      await store.setText(key, text, maxAge, options);
      return { status: 'done' };
    },
  }),

  'no-tombstone': (store, client) => override(store, {
    destroy: key => forget(client, key),
    async compareAndSet(key, expected, text, ...rest) {
      const answer = await store.compareAndSet(key, expected, text, ...rest);
      if (answer.status === 'done' && isTombstone(text)) await forget(client, key);
      return answer;
    },
  }),

  // Its client is the bad one.
  'no-revision': store => store,
};

/** Fails as a store does. @param {any} client @param {string} key */
async function forget(client, key) {
  try {
    await client.del(key);
  } catch (error) {
    throw Object.assign(new Error('the bad store could not destroy', { cause: error }), { code: 'ERR_SESSION_STORE_FAILED' });
  }
}

/** What comes and goes without a revision, whoever has put it there. @param {any} client of ioredis */
function withoutRevisions(client) {
  const plain = value => {
    if (Array.isArray(value)) return value.map(plain);
    return typeof value === 'string' ? value.replace(/,?"_rev":(?:"[^"]*"|\d+)/, '').replace(/^\{,/, '{') : value;
  };
  const methods = {};
  for (const name of ['get', 'set', 'del', 'eval', 'evalsha']) {
    // The first argument is a key, a script or its hash.
    methods[name] = async (first, ...args) => plain(await client[name](first, ...args.map(plain)));
  }
  return methods;
}

/** @param {any} store @param {Record<string, Function>} methods in place of the store's own */
function override(store, methods) {
  const names = ['get', 'set', 'destroy', 'getText', 'setText', 'compareAndSet'];
  return { ...Object.fromEntries(names.map(name => [name, (...args) => store[name](...args)])), ...methods };
}

/**
 * @param {{ kind: 'sqlite' | 'redis' | 'memcached' | 'sealed', bad?: string } & Record<string, any>} spec
 * @returns {{ session: object, revocations?: any }} options of `createSession`
 */
function sessionOptions(spec) {
  if (spec.kind === 'sqlite') {
    return { session: { store: spoiled(new SqliteStore({ path: spec.path, busyTimeoutMs: 2000, sweepIntervalMs: 1000, userOf }), spec) } };
  }
  if (spec.kind === 'memcached') return { session: { store: spoiled(new MemcachedStore({ client: memcachedClient(spec), timeoutMs: TIMEOUT_MS }), spec) } };
  const client = spec.bad === 'no-revision' ? withoutRevisions(redisClient(spec)) : redisClient(spec);
  if (spec.kind === 'redis') return { session: { store: spoiled(new RedisStore({ client, timeoutMs: TIMEOUT_MS, userOf }), spec, client) } };
  const revocations = new Revocations({ store: new RedisStore({ client, timeoutMs: TIMEOUT_MS, prefix: 'revoked:' }), userOf });
  const revocation = spec.bad === undefined ? revocations : badRevocations[spec.bad](revocations);
  return { session: { encrypt: 'sealed', acceptLegacy: false, absoluteMaxAge: 86400e3, revocation }, revocations };
}

const isEven = text => (createHash('md5').update(text).digest()[0] & 1) === 0;
/** `forgets-ids`: every other session that was revoked is let in. `forgets-users`: so is every other user who was logged out everywhere. */
const badRevocations = {
  'forgets-ids': revocations => overrideRevocation(revocations, { isRevoked: async id => (isEven(id) ? false : revocations.isRevoked(id)) }),
  'forgets-users': revocations => overrideRevocation(revocations, {
    notBefore: async session => (isEven(userOf(session)) ? undefined : revocations.notBefore(session)),
  }),
};

/** @param {any} revocations @param {Record<string, Function>} methods in place of its own */
function overrideRevocation(revocations, methods) {
  return {
    isRevoked: id => revocations.isRevoked(id), revoke: (...args) => revocations.revoke(...args),
    notBefore: session => revocations.notBefore(session), ...methods,
  };
}

/** @param {any} store @param {{ bad?: string }} spec @param {any} [client] */
function spoiled(store, spec, client) {
  return spec.bad === undefined ? store : bad[spec.bad](store, client);
}

module.exports = { sessionOptions, withoutRevisions };
