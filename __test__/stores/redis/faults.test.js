'use strict';

/** RedisStore when Redis is down, hangs, restarts, is full or refuses. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');
const { inspect } = require('node:util');
const { RedisStore } = require('../../..');
const { connectNodeRedis, redisFor } = require('../../support/redis_clients');

const HOUR_MS = 60 * 60 * 1000;
const KEY = 'key-of-a-session';
const SECRET = 'value-of-a-session';

/** Every call that a request can make. */
const CALLS = {
  get: store => store.get(KEY, HOUR_MS, {}),
  set: store => store.set(KEY, { secret: SECRET }, HOUR_MS, {}),
  destroy: store => store.destroy(KEY, {}),
  getText: store => store.getText(KEY, HOUR_MS, {}),
  setText: store => store.setText(KEY, `"${SECRET}"`, HOUR_MS, {}),
  compareAndSet: store => store.compareAndSet(KEY, `"${SECRET}"`, `"${SECRET}2"`, HOUR_MS, {}),
};

/** @param {Promise<any>} call @returns {Promise<Error>} how it failed; checked to hold neither key nor value anywhere */
async function failureOf(call) {
  const error = await call.then(() => assert.fail('it did not fail'), failure => failure);
  assert.doesNotMatch(inspect(error, { depth: Infinity, showHidden: true }), new RegExp(`${KEY}|${SECRET}`));
  return error;
}

for (const kind of ['ioredis', 'node-redis']) {
  test(`a hung Redis: each call ends with an error within the deadline, and works again afterwards (${kind})`, async t => {
    const { client, server } = await redisFor(t);
    const store = new RedisStore({ client: kind === 'ioredis' ? client : await connectNodeRedis(t, server), timeoutMs: 300 });
    await store.set(KEY, { n: 1 }, HOUR_MS);
    await server.freeze();
    for (const call of ['get', 'getText', 'compareAndSet']) {
      const started = Date.now();
      const error = await failureOf(CALLS[call](store));
      assert.equal(error.code, 'ERR_SESSION_STORE_TIMEOUT');
      assert.ok(Date.now() - started < 2000);
    }
    server.thaw();
    assert.deepEqual(await store.get(KEY), { n: 1 });
  });

  test(`a Redis that is down: every call fails within the deadline, and works again once it is back (${kind})`, async t => {
    const { client, server } = await redisFor(t);
    const store = new RedisStore({ client: kind === 'ioredis' ? client : await connectNodeRedis(t, server), timeoutMs: 200 });
    await store.set(KEY, { n: 1 }, HOUR_MS);
    await store.compareAndSet(KEY, '{"n":1}', '{"n":2}', HOUR_MS);
    await server.stop();
    for (const call of Object.values(CALLS)) assert.match((await failureOf(call(store))).code, /^ERR_SESSION_STORE_(TIMEOUT|FAILED)$/);
    await server.start();
    for (let attempt = 0; ; attempt++) {
      // The client may still carry out the destroy that was given up.
      if (await store.set('another', { n: 3 }, HOUR_MS).then(() => true, () => false)) break;
      assert.ok(attempt < 50, 'it never came back');
    }
    // The new process knows no script.
    assert.deepEqual(await store.compareAndSet('another', '{"n":3}', '{"n":4}', HOUR_MS), { status: 'done' });
  });
}

test('a restart in the middle of many writes: each either succeeds or fails, and what succeeded last is there', { timeout: 60_000 }, async t => {
  const { client, server } = await redisFor(t, { settings: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  const store = new RedisStore({ client, timeoutMs: 1000 });
  const keys = Array.from({ length: 10 }, (_, i) => `k${i}`);
  for (const key of keys) await store.setText(key, '0', HOUR_MS);
  let running = true;
  let failures = 0;
  const writing = keys.map(async key => {
    let known = '0';
    const tried = new Set(['0']);
    for (let n = 1; running; n++) {
      tried.add(`${n}`);
      const answer = await store.compareAndSet(key, known, `${n}`, HOUR_MS).catch(() => { failures++; });
      if (answer === undefined) continue;
      if (answer.status === 'done') known = `${n}`;
      else {
        // A write whose answer was lost, nothing else: nobody but us writes this key.
        assert.equal(answer.status, 'conflict');
        assert.ok(tried.has(answer.text), answer.text);
        known = answer.text;
      }
    }
    return known;
  });
  await sleep(300);
  await server.stop();
  await sleep(200);
  await server.start();
  await sleep(1500);
  running = false;
  const last = await Promise.all(writing);
  assert.deepEqual(await Promise.all(keys.map(key => store.getText(key))), last);
  assert.ok(failures < 10_000);
});

test('a full Redis that may not evict refuses the write, says why, and keeps what it has', async t => {
  const { client } = await redisFor(t, { settings: ['--maxmemory-policy', 'noeviction'] });
  const store = new RedisStore({ client });
  await store.set(KEY, { n: 1 }, HOUR_MS);
  // The script is known before there is no room for it, or not.
  for (const isKnown of [false, true]) {
    if (isKnown) await store.compareAndSet(KEY, '{"n":1}', '{"n":2}', HOUR_MS);
    const before = await store.getText(KEY);
    await client.config('SET', 'maxmemory', '100kb');
    for (const call of [CALLS.set, CALLS.setText, () => store.compareAndSet(KEY, before, '{"n":3}', HOUR_MS)]) {
      const error = await failureOf(call(store));
      assert.deepEqual([error.code, error.reason], ['ERR_SESSION_STORE_FAILED', 'OOM']);
    }
    assert.equal(await store.getText(KEY), before);
    await client.config('SET', 'maxmemory', '0');
  }
  await client.config('SET', 'maxmemory', '100kb');
  await store.destroy(KEY);
  assert.equal(await store.getText(KEY), undefined);
});

test('a full Redis that may not evict takes tombstones, so that a late login does not bring the session back', async t => {
  const { client } = await redisFor(t, { settings: ['--maxmemory-policy', 'noeviction'] });
  const store = new RedisStore({ client, userOf: session => session.user });
  const text = '{"user":"ada"}';
  const ends = {
    'a logout': () => store.destroy('key', { text }),
    'a logout without the session': () => store.destroy('key'),
    'a logout of a session that is gone': async () => {
      await client.del('key');
      await store.destroy('key', { text });
    },
    destroyAll: () => store.destroyAll({ user: 'ada' }),
  };
  for (const [what, end] of Object.entries(ends)) {
    await client.del('key');
    await store.compareAndSet('key', null, text, HOUR_MS);
    await client.config('SET', 'maxmemory', '100kb');
    await end();
    await client.config('SET', 'maxmemory', '0');
    assert.equal(await store.getText('key'), undefined, what);
    assert.equal((await store.compareAndSet('key', null, text, HOUR_MS)).status, 'conflict', what);
  }
});

test('a session that was evicted is gone: not found, and not brought back by a slow request', async t => {
  const { client } = await redisFor(t, { settings: ['--maxmemory', '3mb', '--maxmemory-policy', 'allkeys-lru'] });
  const store = new RedisStore({ client });
  const texts = Array.from({ length: 200 }, (_, i) => `"${i}${'x'.repeat(50_000)}"`);
  for (const [i, text] of texts.entries()) await store.setText(`k${i}`, text, HOUR_MS);
  const evicted = [];
  for (let i = 0; i < texts.length; i++) {
    const found = await store.getText(`k${i}`);
    assert.ok(found === undefined || found === texts[i]);
    if (found === undefined) evicted.push(i);
  }
  assert.ok(evicted.length > 50);
  for (const i of evicted.slice(0, 20)) {
    assert.deepEqual(await store.compareAndSet(`k${i}`, texts[i], '"late"', HOUR_MS), { status: 'gone' });
    assert.equal(await store.getText(`k${i}`), undefined);
  }
});

test('what Redis refuses for another reason is told by its word, without key and value', async t => {
  const { client } = await redisFor(t);
  const store = new RedisStore({ client });
  await client.lpush(KEY, 'a list');
  for (const call of ['get', 'getText', 'compareAndSet']) {
    const error = await failureOf(CALLS[call](store));
    assert.deepEqual([error.code, error.reason], ['ERR_SESSION_STORE_FAILED', 'WRONGTYPE'], call);
  }
  await client.set(KEY, `{"secret":"${SECRET}`);
  assert.equal((await failureOf(store.get(KEY))).code, 'ERR_SESSION_STORE_CORRUPT');
});
