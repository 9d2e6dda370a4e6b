'use strict';

/**
 * `storeTimeout`, and `timeoutMs` of the built-in stores, in a process that computes for longer than the limit: the store is not
 * blamed for that.
 */

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const Koa = require('koa');
const createSession = require('../..');
const { MemcachedStore, RedisStore } = createSession;
const { exchange } = require('../support/egg_context');
const { LoggingStore } = require('../support/logging_store');
const { memcachedFor } = require('../support/memcached_clients');
const { connect, connectNodeRedis, redisFor } = require('../support/redis_clients');

const HOUR_MS = 3600 * 1000;
const LIMIT_MS = 200;
const STORED = { secret: 'value', _expire: Date.now() + HOUR_MS, _maxAge: HOUR_MS };
const nextTurn = () => new Promise(resolve => setImmediate(resolve));

/** Keeps the process from its event loop. */
function compute(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** A request that reads the session `id-0`. @returns {Promise<{ error?: any, result?: any }>} */
function visit(store, storeTimeout) {
  const app = new Koa();
  const middleware = createSession({ store, signed: false, storeTimeout }, app);
  return exchange(app, middleware, ctx => ctx.session.secret, { headers: { cookie: 'koa.sess=id-0' } });
}

describe('storeTimeout', () => {
  for (const turns of [1, 3]) {
    test(`a store that answers in ${turns} turns of the event loop is in time, though one turn takes longer than the limit`, async () => {
      const store = new LoggingStore({ 'id-0': STORED });
      store.turns = turns;
      const visited = visit(store, LIMIT_MS);
      compute(LIMIT_MS + 20);
      const { error, result } = await visited;
      assert.deepEqual([error, result], [undefined, 'value']);
    });
  }

  test('an answer that arrives while the process computes beyond the limit is in time', async () => {
    let answer;
    const visited = visit({ get: () => new Promise(resolve => { answer = resolve; }), set() {}, destroy() {} }, 1000);
    // Far from the limit: a busy machine may wake us late.
    await new Promise(resolve => setTimeout(resolve, 800));
    // The turn after this one begins with timers.
    await nextTurn();
    setImmediate(() => answer({ ...STORED }));
    compute(300);
    const { error, result } = await visited;
    assert.deepEqual([error, result], [undefined, 'value']);
  });

  test('ends a call whose process computes, and computes again', async () => {
    const visited = visit({ get: () => new Promise(() => {}), set() {}, destroy() {} }, LIMIT_MS);
    for (let part = 0; part < 4; part++) {
      compute(LIMIT_MS / 4 + 20);
      await nextTurn();
    }
    const outcome = await Promise.race([visited, new Promise(resolve => setTimeout(resolve, LIMIT_MS, { error: { code: 'none' } }))]);
    assert.equal(outcome.error.code, 'ERR_SESSION_STORE_TIMEOUT');
  });
});

describe('timeoutMs', () => {
  const clients = {
    ioredis: (t, server) => connect(t, server),
    'ioredis that sends in the next turn': (t, server) => connect(t, server, { enableAutoPipelining: true }),
    'node-redis': connectNodeRedis,
  };
  for (const [name, connected] of Object.entries(clients)) {
    test(`Redis that has answered is in time, though the process computes for longer than the limit: ${name}`, async t => {
      const { server } = await redisFor(t);
      await isInTime(new RedisStore({ client: await connected(t, server), timeoutMs: LIMIT_MS }));
    });
  }

  test('memcached that has answered is in time, though the process computes for longer than the limit', async t => {
    const { client } = await memcachedFor(t);
    await isInTime(new MemcachedStore({ client, timeoutMs: LIMIT_MS }));
  });

  /** Computes in the turn of the call, and in the next one. */
  async function isInTime(store) {
    await store.setText('key', '0', HOUR_MS);
    for (const turns of [0, 1]) {
      const writing = store.compareAndSet('key', String(turns), String(turns + 1), HOUR_MS);
      for (let i = 0; i < turns; i++) await nextTurn();
      compute(LIMIT_MS + 20);
      assert.deepEqual(await writing, { status: 'done' });
    }
  }
});
