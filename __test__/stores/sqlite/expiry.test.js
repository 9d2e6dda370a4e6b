'use strict';

/** When a session ends, by the clock that the app has too. */

const test = require('node:test');
const assert = require('node:assert');
const { LONG_MS, storeFor } = require('../../support/sqlite_files');

const DAY_MS = 24 * 60 * 60 * 1000;

/** @returns {(ms: number) => void} moves the clock, which stands still otherwise */
function clockFor(t) {
  let now = Date.now();
  t.mock.method(Date, 'now', () => now);
  return ms => { now += ms; };
}

test('a session ends after the lifetime that it was written with', async t => {
  const move = clockFor(t);
  const store = storeFor(t);
  await store.set('key', { a: 1 }, 1000, {});
  move(999);
  assert.deepStrictEqual(await store.get('key', 1000, {}), { a: 1 });
  move(1);
  assert.strictEqual(await store.get('key', 1000, {}), undefined);
  assert.strictEqual(await store.getText('key', LONG_MS, {}), undefined);
  assert.strictEqual(await store.count(), 0);
});

test('writing gives a new lifetime, reading does not', async t => {
  const move = clockFor(t);
  const store = storeFor(t);
  await store.setText('key', '1', 1000, {});
  move(600);
  await store.setText('key', '1', 1000, {});
  move(600);
  assert.strictEqual(await store.getText('key', 1000, {}), '1');
  assert.deepStrictEqual(await store.compareAndSet('key', '1', '1', 1000, {}), { status: 'done' });
  move(999);
  assert.strictEqual(await store.getText('key', 1000, {}), '1');
  move(1);
  assert.strictEqual(await store.getText('key', 1000, {}), undefined);
});

test('what has ended is gone for compare-and-set, and its key is free', async t => {
  const move = clockFor(t);
  const store = storeFor(t);
  await store.setText('key', '1', 1000, {});
  move(1000);
  assert.deepStrictEqual(await store.compareAndSet('key', '1', '2', 1000, {}), { status: 'gone' });
  assert.deepStrictEqual(await store.compareAndSet('key', null, '3', 1000, {}), { status: 'done' });
  assert.strictEqual(await store.getText('key', 1000, {}), '3');
});

test("a session of maxAge 'session', or of none, is kept as long as the store was told", async t => {
  const move = clockFor(t);
  const [day, minute] = [storeFor(t), storeFor(t, { defaultMaxAgeMs: 60_000 })];
  for (const maxAge of ['session', undefined, null]) {
    await day.set('key', { a: 1 }, maxAge, {});
    await minute.set('key', { a: 1 }, maxAge, {});
    move(59_999);
    assert.deepStrictEqual(await minute.get('key', maxAge, {}), { a: 1 });
    move(1);
    assert.strictEqual(await minute.get('key', maxAge, {}), undefined);
    move(DAY_MS - 60_001);
    assert.deepStrictEqual(await day.get('key', maxAge, {}), { a: 1 });
    move(1);
    assert.strictEqual(await day.get('key', maxAge, {}), undefined);
  }
});

test('a lifetime may be fractional, endless, nothing or negative', async t => {
  const store = storeFor(t);
  for (const [maxAge, expected] of [[LONG_MS + 0.5, '1'], [Infinity, '1'], [0, undefined], [-5, undefined], [-Infinity, undefined]]) {
    await store.setText('key', '1', maxAge, {});
    assert.strictEqual(await store.getText('key', maxAge, {}), expected, `${maxAge}`);
  }
});

test('a clock that jumps ahead ends sessions, and one that goes back prolongs them', async t => {
  const move = clockFor(t);
  const store = storeFor(t);
  await store.set('key', { a: 1 }, LONG_MS, {});
  move(2 * LONG_MS);
  assert.strictEqual(await store.get('key', LONG_MS, {}), undefined);
  move(-2 * LONG_MS);
  assert.deepStrictEqual(await store.get('key', LONG_MS, {}), { a: 1 }, 'as it was not swept meanwhile');
  move(-DAY_MS);
  assert.deepStrictEqual(await store.get('key', LONG_MS, {}), { a: 1 });
  move(DAY_MS);
  move(2 * LONG_MS);
  assert.strictEqual(await store.sweep(), 1);
  move(-2 * LONG_MS);
  assert.strictEqual(await store.get('key', LONG_MS, {}), undefined, 'as it was swept meanwhile');
});
