'use strict';

/** RedisStore: whose session it is, and an index of that which neither misses a session nor leaks. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');
const { RedisStore } = require('../../..');
const { connectNodeRedis, redisFor } = require('../../support/redis_clients');

const HOUR_MS = 60 * 60 * 1000;
const userOf = session => session.user;
const keysOf = async (store, user) => (await store.list({ user })).map(({ key }) => key);

for (const kind of ['ioredis', 'node-redis']) {
  test(`lists the sessions of a user, those that end last first (${kind})`, async t => {
    const { client, server } = await redisFor(t);
    const store = new RedisStore({ client: kind === 'ioredis' ? client : await connectNodeRedis(t, server), userOf });
    await store.set('a', { user: 'ada', n: 1 }, HOUR_MS);
    await store.set('b', { user: 'ada' }, 2 * HOUR_MS);
    await store.set('c', { user: 'grace' }, HOUR_MS);
    await store.set('d', { n: 4 }, HOUR_MS);
    const listed = await store.list({ user: 'ada' });
    assert.deepEqual(listed.map(({ key, session }) => [key, session]), [['b', { user: 'ada' }], ['a', { user: 'ada', n: 1 }]]);
    assert.ok(Math.abs(listed[1].expiresAt - Date.now() - HOUR_MS) < 5000);
    assert.deepEqual((await store.list({ user: 'ada', limit: 1 })).map(({ key }) => key), ['b']);
    assert.deepEqual(await store.list({ user: 'nobody' }), []);
  });

  test(`destroys all sessions of a user and no other, and no slow request brings one back (${kind})`, async t => {
    const { client, server } = await redisFor(t);
    const store = new RedisStore({ client: kind === 'ioredis' ? client : await connectNodeRedis(t, server), userOf });
    for (let i = 0; i < 250; i++) await store.set(`k${i}`, { user: i % 5 ? 'ada' : 'grace', i }, HOUR_MS);
    assert.equal(await store.destroyAll({ user: 'ada' }), 200);
    assert.equal(await store.destroyAll({ user: 'ada' }), 0);
    assert.deepEqual(await store.compareAndSet('k1', '{"user":"ada","i":1}', '{"user":"ada","i":2}', HOUR_MS), { status: 'gone' });
    assert.deepEqual(await keysOf(store, 'ada'), []);
    assert.equal((await keysOf(store, 'grace')).length, 50);
    assert.equal(await client.dbsize(), 250 + 1, 'the sessions of the other, their set, and tombstones');
  });
}

test('follows a session to another user, however it was written; the former user cannot destroy it', async t => {
  const { client } = await redisFor(t);
  const store = new RedisStore({ client, userOf });
  await store.setText('key', '{"user":"ada"}', HOUR_MS);
  await store.compareAndSet('key', '{"user":"ada"}', '{"user":"grace"}', HOUR_MS);
  assert.deepEqual([await keysOf(store, 'ada'), await keysOf(store, 'grace')], [[], ['key']]);
  assert.equal(await store.destroyAll({ user: 'ada' }), 0);
  await store.set('key', { user: 'eve' }, HOUR_MS);
  assert.deepEqual([await keysOf(store, 'grace'), await keysOf(store, 'eve')], [[], ['key']]);
  await store.set('key', {}, HOUR_MS);
  assert.deepEqual(await keysOf(store, 'eve'), []);
  assert.deepEqual(await store.get('key'), {});
});

test('a session that is destroyed leaves the index, whoever destroys it; one that cannot be read is destroyed all the same', async t => {
  const { client } = await redisFor(t);
  const store = new RedisStore({ client, userOf });
  for (let i = 0; i < 20; i++) {
    await store.setText(`k${i}`, '{"user":"ada"}', HOUR_MS);
    await store.destroy(`k${i}`);
    assert.deepEqual(await store.compareAndSet(`k${i}`, '{"user":"ada"}', '{"user":"ada","late":1}', HOUR_MS), { status: 'gone' });
  }
  assert.deepEqual(await client.keys('sessions-of:*'), []);
  await client.set('key', 'no JSON');
  await store.destroy('key');
  await store.destroy('key');
  assert.equal(await store.get('key'), undefined);
  assert.deepEqual(await client.keys('sessions-of:*'), []);
});

test('a removal from the index that arrives late leaves the next session under the same key there', async t => {
  const { client } = await redisFor(t);
  const store = new RedisStore({ client, userOf });
  const text = birth => `{"user":"ada","_rev":"${birth}.r"}`;
  await store.compareAndSet('device', null, text('mx-1'), HOUR_MS);
  const removals = [];
  const { evalsha } = client;
  client.evalsha = (...args) => {
    if (/^[\da-f]{40}$/.test(args[0]) && args[2].startsWith('sessions-of:')) removals.push(() => evalsha.apply(client, args));
    return evalsha.apply(client, args);
  };
  await store.destroy('device', { text: text('mx-1') });
  assert.equal(removals.length, 1);
  const tombstone = await client.get('device');
  await store.compareAndSet('device', tombstone, text('mx-2'), HOUR_MS);
  await removals[0]();
  assert.deepEqual(await keysOf(store, 'ada'), ['device']);
  await store.destroy('device', { text: text('mx-1') });
  assert.deepEqual(await keysOf(store, 'ada'), ['device']);
});

test('destroyAll finds a session that moves from one key to another between its looks at them', async t => {
  const { client } = await redisFor(t);
  const text = '{"user":"ada"}';
  await new RedisStore({ client, userOf }).setText('old', text, HOUR_MS);
  // As regenerate() does: first in the index, then under the new key, then no longer under the old one.
  await new RedisStore({ client: Object.assign(Object.create(client), { set: async () => {} }), userOf }).setText('new', text, HOUR_MS);
  let move;
  const moved = new Promise(resolve => { move = resolve; });
  const slow = Object.assign(Object.create(client), {
    async get(key) {
      if (key === 'old') await moved;
      const found = await client.get(key);
      if (key === 'new' && found === null) {
        await client.set('new', text);
        await client.del('old');
        move();
      }
      return found;
    },
  });
  assert.equal(await new RedisStore({ client: slow, userOf }).destroyAll({ user: 'ada' }), 1);
  const store = new RedisStore({ client, userOf });
  assert.deepEqual([await store.get('old'), await store.get('new')], [undefined, undefined]);
});

test('a client that gives numbers as strings changes nothing', async t => {
  const { client } = await redisFor(t, { client: { stringNumbers: true } });
  const store = new RedisStore({ client, userOf });
  await store.setText('key', '{"user":"ada"}', HOUR_MS);
  assert.deepEqual(await store.compareAndSet('key', '{"user":"ada"}', '{"user":"ada","n":1}', HOUR_MS), { status: 'done' });
  assert.deepEqual(await store.compareAndSet('key', 'another', '1', HOUR_MS), { status: 'conflict', text: '{"user":"ada","n":1}' });
  const [{ expiresAt }] = await store.list({ user: 'ada' });
  assert.ok(Math.abs(expiresAt - Date.now() - HOUR_MS) < 5000);
  assert.equal(await store.destroyAll({ user: 'ada' }), 1);
  assert.deepEqual(await store.compareAndSet('key', '{"user":"ada","n":1}', '1', HOUR_MS), { status: 'gone' });
});

test('the index ends with the last of its sessions', async t => {
  const { client } = await redisFor(t);
  const store = new RedisStore({ client, userOf });
  await store.set('short', { user: 'ada' }, 200);
  await store.set('long', { user: 'ada' }, 600);
  await store.set('short again', { user: 'ada' }, 100);
  const [index] = await client.keys('sessions-of:*');
  const left = await client.pttl(index);
  assert.ok(left > 300 && left <= 600, `${left}`);
  await sleep(700);
  // dbsize counts what Redis has not yet cleaned up.
  assert.deepEqual(await client.keys('*'), []);
});

test('each write drops what has ended from the index, so that a user who never stops has a short one', async t => {
  const { client } = await redisFor(t);
  const store = new RedisStore({ client, userOf });
  for (let i = 0; i < 100; i++) await store.set(`k${i}`, { user: 'ada' }, 20);
  await sleep(50);
  await store.set('last', { user: 'ada' }, HOUR_MS);
  const [index] = await client.keys('sessions-of:*');
  assert.deepEqual(await client.zrange(index, 0, -1), [':last']);
});

test('a session stays in the index as long as it lives, also when a write with a shorter lifetime was refused', async t => {
  const { client } = await redisFor(t);
  const store = new RedisStore({ client, userOf });
  await store.setText('key', '{"user":"ada"}', HOUR_MS);
  await store.compareAndSet('key', 'another', '{"user":"ada","n":1}', 50);
  await sleep(100);
  await store.set('other', { user: 'ada' }, HOUR_MS);
  assert.deepEqual((await keysOf(store, 'ada')).sort(), ['key', 'other']);
});

test('a session is in the index before it is in Redis: at no time can destroyAll miss it', async t => {
  const { client } = await redisFor(t);
  const seen = [];
  const spy = new Proxy(client, {
    get(target, name) {
      const value = target[name];
      if (typeof value !== 'function') return value;
      return async (...args) => {
        const answer = await value.apply(target, args);
        if (['set', 'evalsha', 'eval'].includes(name)) seen.push([await target.exists('key'), (await target.keys('sessions-of:*')).length]);
        return answer;
      };
    },
  });
  await new RedisStore({ client: spy, userOf }).set('key', { user: 'ada' }, HOUR_MS);
  assert.deepEqual(seen, [[0, 1], [1, 1]]);
});

test('when the index cannot be written, neither is the session', async t => {
  const { client } = await redisFor(t);
  const store = new RedisStore({ client, userOf });
  await store.set('key', { user: 'ada' }, HOUR_MS);
  const [index] = await client.keys('sessions-of:*');
  await client.set(index, 'no set');
  await assert.rejects(store.set('new', { user: 'ada' }, HOUR_MS), { code: 'ERR_SESSION_STORE_FAILED', reason: 'WRONGTYPE' });
  assert.equal(await client.exists('new'), 0);
});

test('destroyAll while the user\'s requests go on: what it counts as destroyed stays so', async t => {
  const { client } = await redisFor(t);
  const store = new RedisStore({ client, userOf });
  const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
  for (const key of keys) await store.setText(key, '{"user":"ada","n":0}', HOUR_MS);
  const writing = keys.map(async key => {
    let text = '{"user":"ada","n":0}';
    for (let n = 1; n < 200; n++) {
      const next = `{"user":"ada","n":${n}}`;
      const { status } = await store.compareAndSet(key, text, next, HOUR_MS);
      if (status === 'gone') return 'gone';
      text = next;
    }
    return 'lives';
  });
  const destroyed = await store.destroyAll({ user: 'ada' });
  assert.equal(destroyed, keys.length);
  assert.deepEqual(await Promise.all(writing), keys.map(() => 'gone'));
  assert.deepEqual(await keysOf(store, 'ada'), []);
});

test('a number is a user too, and the same as its digits; the name of a user is in no key', async t => {
  const { client } = await redisFor(t);
  const store = new RedisStore({ client, userOf });
  await store.set('a', { user: 7 }, HOUR_MS);
  await store.set('b', { user: '7' }, HOUR_MS);
  await store.set('c', { user: '' }, HOUR_MS);
  await store.set('d', { user: 'ada@example.com' }, HOUR_MS);
  assert.equal((await store.list({ user: 7 })).length, 2);
  assert.equal(await store.destroyAll({ user: '' }), 1);
  assert.doesNotMatch((await client.keys('*')).join(), /ada/);
});

test('a userOf that fails, or answers something else, fails the write', async t => {
  const { client } = await redisFor(t);
  let answer = () => { throw new RangeError('mine'); };
  const store = new RedisStore({ client, userOf: session => answer(session) });
  await assert.rejects(store.set('key', {}, HOUR_MS), { name: 'RangeError', message: 'mine' });
  for (const wrong of [{}, true, Symbol('s'), ['ada']]) {
    answer = () => wrong;
    await assert.rejects(store.set('key', {}, HOUR_MS), { code: 'ERR_SESSION_ARGUMENT' });
  }
  assert.equal(await client.dbsize(), 0);
});

test('without userOf nothing can be listed or destroyed by user, and the store says so', async t => {
  const { client } = await redisFor(t);
  const store = new RedisStore({ client });
  for (const call of [() => store.list({ user: 'ada' }), () => store.destroyAll({ user: 'ada' })]) {
    await assert.rejects(call, { code: 'ERR_SESSION_ARGUMENT', message: /userOf/ });
  }
});

test('destroys all sessions of a user but one, which goes on', async t => {
  const { client } = await redisFor(t);
  for (const prefix of ['', 'mine:']) {
    const store = new RedisStore({ client, prefix, userOf });
    for (const key of ['a', 'b', 'c', 'key']) await store.set(key, { user: 'ada' }, HOUR_MS);
    await store.set('grace', { user: 'grace' }, HOUR_MS);
    assert.equal(await store.destroyAll({ user: 'ada', except: 'key' }), 3);
    assert.equal(await store.destroyAll({ user: 'ada', except: 'key' }), 0);
    assert.deepEqual([await keysOf(store, 'ada'), await keysOf(store, 'grace')], [['key'], ['grace']]);
    assert.equal(await store.destroyAll({ user: 'ada', except: null }), 1);
    for (const except of [1, {}, ['key']]) {
      await assert.rejects(store.destroyAll({ user: 'grace', except }), { code: 'ERR_SESSION_ARGUMENT' });
    }
    assert.equal(await store.destroyAll({ user: 'grace', except: 'unknown' }), 1);
  }
});
