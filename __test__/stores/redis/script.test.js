'use strict';

/** RedisStore's compare-and-set as a script: one call, by hash, sent again where Redis forgot it. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { RedisStore } = require('../../..');
const { connectNodeRedis, redisFor, takeCommandCounts } = require('../../support/redis_clients');

const HOUR_MS = 60 * 60 * 1000;

for (const kind of ['ioredis', 'node-redis']) {
  test(`costs one round trip, by hash (${kind})`, async t => {
    const { client, server } = await redisFor(t);
    const store = new RedisStore({ client: kind === 'ioredis' ? client : await connectNodeRedis(t, server) });
    await store.setText('key', '0', HOUR_MS);
    await store.compareAndSet('key', '0', '1', HOUR_MS);
    await takeCommandCounts(client);
    for (let i = 1; i < 11; i++) assert.deepEqual(await store.compareAndSet('key', `${i}`, `${i + 1}`, HOUR_MS), { status: 'done' });
    // get and set are the script's own
    assert.deepEqual(await takeCommandCounts(client), { evalsha: 10, get: 10, set: 10 });
  });

  test(`is sent once, and once more after SCRIPT FLUSH (${kind})`, async t => {
    const { client, server } = await redisFor(t);
    const store = new RedisStore({ client: kind === 'ioredis' ? client : await connectNodeRedis(t, server) });
    await store.setText('key', '0', HOUR_MS);
    const count = async (from, to) => {
      for (let i = from; i < to; i++) assert.deepEqual(await store.compareAndSet('key', `${i}`, `${i + 1}`, HOUR_MS), { status: 'done' });
      return (await takeCommandCounts(client)).eval;
    };
    await takeCommandCounts(client);
    assert.equal(await count(0, 5), 1);
    assert.equal(await count(5, 10), undefined);
    await client.script('FLUSH');
    assert.equal(await count(10, 15), 1);
  });
}

test('many requests that find the script forgotten at once all get their answer', async t => {
  const { client } = await redisFor(t);
  const store = new RedisStore({ client });
  await Promise.all(Array.from({ length: 50 }, (_, i) => store.setText(`key${i}`, '1', HOUR_MS)));
  await client.script('FLUSH');
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => store.compareAndSet(`key${i}`, '1', '2', HOUR_MS)));
  assert.ok(answers.every(({ status }) => status === 'done'));
});

test('get, set and destroy cost one round trip each, without a user', async t => {
  const { client } = await redisFor(t);
  const store = new RedisStore({ client });
  await store.set('key', { a: 1 }, HOUR_MS);
  await store.destroy('key');
  await takeCommandCounts(client);
  await store.set('key', { a: 1 }, HOUR_MS);
  await store.get('key', HOUR_MS);
  await store.destroy('key');
  // One get and one set are the script's own.
  assert.deepEqual(await takeCommandCounts(client), { set: 2, get: 2, evalsha: 1 });
});

test('a logout does not block Redis for a session that an older instance has written, however long it is', async t => {
  const { client } = await redisFor(t);
  // Its own deadline fails it, where Redis does nothing else for as long: a search from each character of the text takes 40 s.
  const store = new RedisStore({ client, timeoutMs: 5000 });
  const loaded = '{"user":"ada","_rev":"b-1.r"}';
  const long = 'x'.repeat(100_000);
  const marks = Array.from({ length: 5000 }, () => ({ a: 1, _rev: 'b-2.r' }));
  for (const session of [{ note: long }, { note: `${',"_rev":"b-2.r"'.repeat(7000)}` }, { marks }, { marks, _expire: 1, _maxAge: 1 }, { marks, _rev: `b-2.${long}` }]) {
    await store.set('key', session, HOUR_MS);
    await store.destroy('key', { text: loaded });
    assert.equal(await store.get('key'), undefined);
  }
});
