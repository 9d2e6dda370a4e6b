'use strict';

/** Two sessions of one app in one ready-made store, with a real server: docs/several.md, "One store for both". */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const Memcached = require('memcached');
const createSession = require('../..');
const { startMemcached } = require('../support/servers');
const { redisFor } = require('../support/redis_clients');
const { databaseFor, storeFor } = require('../support/sqlite_files');
const { TwoSessions } = require('../support/two_sessions');

const userOf = session => session._as === 'adminSession' ? `admin ${session.user}` : session.user;

const STORES = {
  SqliteStore: async t => storeFor(t, { path: databaseFor(t), userOf }),
  RedisStore: async t => new createSession.RedisStore({ client: (await redisFor(t)).client, userOf }),
  MemcachedStore: async t => {
    const server = await startMemcached();
    const client = new Memcached(`127.0.0.1:${server.port}`);
    t.after(() => {
      client.end();
      return server.remove();
    });
    return new createSession.MemcachedStore({ client });
  },
};

for (const [name, createStore] of Object.entries(STORES)) {
  test(`${name}: neither session loads a key of the other, and userOf tells them apart`, { timeout: 60_000 }, async t => {
    const store = await createStore(t);
    const options = { store, signed: false, maxAge: 60000 };
    const two = new TwoSessions(Object.assign(new Koa(), { silent: true }), { ...options, key: 'A' }, { ...options, key: 'B', as: 'adminSession', keys: ['for nothing, as it is unsigned'] });
    const { result: [customer, admin] } = await two.request(undefined, (first, second) => {
      first.user = 'ada';
      second.user = 'ada';
      return [first.externalKey, second.externalKey];
    });
    const dataOf = (first, second) => [{ ...first.toJSON() }, { ...second.toJSON() }];
    assert.deepEqual((await two.request(`A=${customer}; B=${admin}`, dataOf)).result, [{ user: 'ada' }, { user: 'ada' }]);
    assert.deepEqual((await two.request(`A=${admin}; B=${customer}`, dataOf)).result, [{}, {}]);
    assert.deepEqual((await two.request(`A=${customer}; B=${admin}`, dataOf)).result, [{ user: 'ada' }, { user: 'ada' }]);
    if (!store.list) return;
    assert.deepEqual((await store.list({ user: 'ada' })).map(({ key }) => key), [customer]);
    assert.equal(await store.destroyAll({ user: 'ada' }), 1);
    assert.deepEqual((await two.request(`A=${customer}; B=${admin}`, dataOf)).result, [{}, { user: 'ada' }]);
    assert.equal(await store.destroyAll({ user: 'admin ada' }), 1);
    assert.deepEqual((await two.request(`A=${customer}; B=${admin}`, dataOf)).result, [{}, {}]);
  });
}
