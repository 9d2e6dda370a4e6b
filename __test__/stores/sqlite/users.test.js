'use strict';

/** Whose session it is: list, count and "log me out everywhere". */

const test = require('node:test');
const assert = require('node:assert');
const { LONG_MS, storeFor } = require('../../support/sqlite_files');

const userOf = session => session.userId;

test('lists the sessions of a user, the latest written first', async t => {
  let now = Date.now();
  t.mock.method(Date, 'now', () => now++);
  const store = storeFor(t, { userOf });
  const before = now;
  await store.set('a', { userId: 'ada', n: 1 }, LONG_MS, {});
  await store.set('b', { userId: 'ada', n: 2 }, 2 * LONG_MS, {});
  await store.set('c', { userId: 'grace' }, LONG_MS, {});
  await store.set('d', { n: 4 }, LONG_MS, {});
  await store.set('a', { userId: 'ada', n: 3 }, LONG_MS, {});
  assert.deepStrictEqual(await store.list({ user: 'ada' }), [
    { key: 'a', session: { userId: 'ada', n: 3 }, createdAt: before, updatedAt: before + 4, expiresAt: before + 4 + LONG_MS },
    { key: 'b', session: { userId: 'ada', n: 2 }, createdAt: before + 1, updatedAt: before + 1, expiresAt: before + 1 + 2 * LONG_MS },
  ]);
  assert.deepStrictEqual((await store.list({ user: 'ada', limit: 1 })).map(({ key }) => key), ['a']);
  assert.deepStrictEqual(await store.list({ user: 'nobody' }), []);
  assert.strictEqual(await store.count(), 4);
});

test('follows a session to another user, however it was written', async t => {
  const store = storeFor(t, { userOf });
  const keysOf = async user => (await store.list({ user })).map(({ key }) => key);
  await store.setText('key', '{"userId":"ada"}', LONG_MS, {});
  assert.deepStrictEqual(await keysOf('ada'), ['key']);
  await store.compareAndSet('key', '{"userId":"ada"}', '{"userId":"grace"}', LONG_MS, {});
  assert.deepStrictEqual([await keysOf('ada'), await keysOf('grace')], [[], ['key']]);
  await store.compareAndSet('key', '{"userId":"ada"}', '{"userId":"eve"}', LONG_MS, {});
  assert.deepStrictEqual([await keysOf('eve'), await keysOf('grace')], [[], ['key']]);
  await store.set('key', {}, LONG_MS, {});
  assert.deepStrictEqual(await keysOf('grace'), []);
});

test('destroys all sessions of a user, and no request brings one back by compare-and-set', async t => {
  const store = storeFor(t, { userOf });
  for (let i = 0; i < 20; i++) await store.set(`k${i}`, { userId: i % 2 ? 'ada' : 'grace', i }, LONG_MS, {});
  await store.set('ended', { userId: 'ada' }, 0, {});
  assert.strictEqual(await store.destroyAll({ user: 'ada' }), 10);
  assert.strictEqual(await store.destroyAll({ user: 'ada' }), 0);
  assert.deepStrictEqual(await store.list({ user: 'ada' }), []);
  assert.strictEqual((await store.list({ user: 'grace' })).length, 10);
  const late = await store.compareAndSet('k1', '{"userId":"ada","i":1}', '{"userId":"ada","i":2}', LONG_MS, {});
  assert.deepStrictEqual(late, { status: 'gone' });
  assert.strictEqual(await store.count(), 10);
});

test('a number is a user too, and the same as its digits', async t => {
  const store = storeFor(t, { userOf });
  await store.set('a', { userId: 7 }, LONG_MS, {});
  await store.set('b', { userId: '7' }, LONG_MS, {});
  await store.set('c', { userId: 0 }, LONG_MS, {});
  await store.set('d', { userId: '' }, LONG_MS, {});
  assert.strictEqual((await store.list({ user: '7' })).length, 2);
  assert.strictEqual((await store.list({ user: 0 })).length, 1);
  assert.strictEqual(await store.destroyAll({ user: 7 }), 2);
  assert.strictEqual(await store.destroyAll({ user: '' }), 1);
});

test('a userOf that fails, or answers something else, fails the write', async t => {
  let answer = () => { throw new RangeError('mine'); };
  const store = storeFor(t, { userOf: session => answer(session) });
  await assert.rejects(store.set('key', {}, LONG_MS, {}), { name: 'RangeError', message: 'mine' });
  for (const wrong of [{}, true, Symbol('s'), ['ada']]) {
    answer = () => wrong;
    await assert.rejects(store.set('key', {}, LONG_MS, {}), { code: 'ERR_SESSION_ARGUMENT' });
  }
  answer = () => null;
  await store.set('key', {}, LONG_MS, {});
  assert.strictEqual(await store.count(), 1);
});

test('without userOf nothing can be listed or destroyed by user, and the store says so', async t => {
  const store = storeFor(t);
  for (const call of [() => store.list({ user: 'ada' }), () => store.destroyAll({ user: 'ada' })]) {
    await assert.rejects(call, { code: 'ERR_SESSION_ARGUMENT', message: /userOf/ });
  }
});

test('destroys all sessions of a user but one, which goes on', async t => {
  const store = storeFor(t, { userOf });
  for (const key of ['a', 'b', 'c', 'key']) await store.set(key, { userId: 'ada' }, LONG_MS, {});
  await store.set('grace', { userId: 'grace' }, LONG_MS, {});
  assert.strictEqual(await store.destroyAll({ user: 'ada', except: 'key' }), 3);
  assert.strictEqual(await store.destroyAll({ user: 'ada', except: 'key' }), 0);
  assert.deepStrictEqual((await store.list({ user: 'ada' })).map(({ key }) => key), ['key']);
  assert.strictEqual(await store.destroyAll({ user: 'ada', except: null }), 1);
  for (const except of [1, {}, ['key']]) {
    await assert.rejects(store.destroyAll({ user: 'grace', except }), { code: 'ERR_SESSION_ARGUMENT' });
  }
  assert.strictEqual(await store.destroyAll({ user: 'grace', except: 'unknown' }), 1);
});
