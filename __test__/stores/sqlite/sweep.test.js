'use strict';

/** Expired rows leave the file by themselves, in small steps. */

const test = require('node:test');
const assert = require('node:assert');
const { setTimeout: sleep } = require('node:timers/promises');
const { LONG_MS, databaseFor, storeFor } = require('../../support/sqlite_files');

async function fill(store, ended, living) {
  await Promise.all([
    ...Array.from({ length: ended }, (_, i) => store.set(`ended-${i}`, { i }, 1, {})),
    ...Array.from({ length: living }, (_, i) => store.set(`living-${i}`, { i }, LONG_MS, {})),
  ]);
  await sleep(2);
}

test('deletes all that has ended and nothing else', async t => {
  const store = storeFor(t);
  await fill(store, 1001, 50);
  assert.strictEqual(await store.count(), 50);
  assert.strictEqual(await store.sweep(), 1001);
  assert.strictEqual(await store.sweep(), 0);
  assert.strictEqual(await store.count(), 50);
});

test('passes over sessions that were prolonged, however many, to what has ended', async t => {
  let now = Date.now();
  t.mock.method(Date, 'now', () => now);
  const store = storeFor(t);
  const all = Array.from({ length: 700 }, (_, i) => `prolonged-${i}`);
  await Promise.all(all.map(key => store.set(key, {}, 1000, {})));
  await store.set('ended', {}, 2000, {});
  await Promise.all(all.map(key => store.set(key, {}, LONG_MS, {})));
  now += 2000;
  assert.strictEqual(await store.count(), 700);
  assert.strictEqual(await store.sweep(), 1);
  assert.strictEqual(await store.count(), 700);
  now += LONG_MS;
  assert.strictEqual(await store.count(), 0);
  assert.strictEqual(await store.sweep(), 700);
});

test('lets other calls through between its steps', async t => {
  const store = storeFor(t);
  await fill(store, 4000, 0);
  const order = [];
  const sweeping = store.sweep().then(() => order.push('swept'));
  for (let i = 0; i < 3; i++) await store.set('key', { i }, LONG_MS, {}).then(() => order.push('written'));
  await sweeping;
  assert.deepStrictEqual(order, ['written', 'written', 'written', 'swept']);
});

test('sweeps by itself, again and again', async t => {
  const store = storeFor(t, { sweepIntervalMs: 20 });
  for (let round = 0; round < 2; round++) {
    await fill(store, 300, 1);
    for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
      await sleep(50);
      // what this finds the store has not swept by itself yet
      if (await store.sweep() === 0) break;
      await fill(store, 300, 1);
    }
    assert.strictEqual(await store.sweep(), 0);
  }
});

test('does not sweep by itself with an interval of 0', async t => {
  const store = storeFor(t, { sweepIntervalMs: 0 });
  await fill(store, 10, 0);
  await sleep(100);
  assert.strictEqual(await store.sweep(), 10);
});

test('two stores may sweep at once', async t => {
  const path = databaseFor(t);
  const stores = [storeFor(t, { path }), storeFor(t, { path })];
  await fill(stores[0], 2000, 10);
  const [one, two] = await Promise.all(stores.map(store => store.sweep()));
  assert.strictEqual(one + two, 2000);
});
