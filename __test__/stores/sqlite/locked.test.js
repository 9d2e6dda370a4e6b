'use strict';

/** Another process keeps the write lock: it was stopped in the middle of a write. */

const test = require('node:test');
const assert = require('node:assert');
const { LONG_MS, databaseFor, lockFromOutside, storeFor } = require('../../support/sqlite_files');

const TIMEOUT_MS = 1000;

test('a write gives up at its deadline, reads go on, and all is well once the lock is gone', async t => {
  const path = databaseFor(t);
  const store = storeFor(t, { path, busyTimeoutMs: TIMEOUT_MS });
  await store.set('key', { a: 1 }, LONG_MS, {});
  const locker = await lockFromOutside(t, path);

  const start = performance.now();
  const writes = [
    store.set('key', { secret: 'mellon' }, LONG_MS, {}),
    store.compareAndSet('key', '{"a":1}', '{"secret":"mellon"}', LONG_MS, {}),
    store.destroy('key', {}),
    store.sweep(),
  ];
  assert.deepStrictEqual(await store.get('key', LONG_MS, {}), { a: 1 }, 'while the writes wait');
  assert.ok(performance.now() - start < TIMEOUT_MS);
  for (const { status, reason } of await Promise.allSettled(writes)) {
    assert.strictEqual(status, 'rejected');
    assert.strictEqual(reason.code, 'ERR_SESSION_STORE_BUSY');
    assert.match(reason.message, /locked/);
    assert.doesNotMatch(`${reason.stack}`, /mellon/);
  }
  const waited = performance.now() - start;
  assert.ok(waited >= TIMEOUT_MS - 1 && waited < 5 * TIMEOUT_MS, `${waited} ms`);
  assert.deepStrictEqual(await store.get('key', LONG_MS, {}), { a: 1 }, 'a call that gave up has done nothing');

  locker.kill('SIGKILL');
  await store.set('key', { a: 2 }, LONG_MS, {});
  assert.deepStrictEqual(await store.get('key', LONG_MS, {}), { a: 2 });
});

test('a write that waits is done as soon as the lock is free', async t => {
  const path = databaseFor(t);
  const impatient = storeFor(t, { path, busyTimeoutMs: 50 });
  const patient = storeFor(t, { path, busyTimeoutMs: 60_000 });
  const locker = await lockFromOutside(t, path);
  const writes = Array.from({ length: 500 }, (_, i) => patient.set(`k${i}`, { i }, LONG_MS, {}));
  await assert.rejects(impatient.set('key', {}, LONG_MS, {}), { code: 'ERR_SESSION_STORE_BUSY' });
  locker.kill('SIGKILL');
  await Promise.all(writes);
  assert.deepStrictEqual(await patient.get('k499', LONG_MS, {}), { i: 499 });
});

test('with a deadline of 0 a write that finds the lock taken fails at once', async t => {
  const path = databaseFor(t);
  const store = storeFor(t, { path, busyTimeoutMs: 0 });
  await lockFromOutside(t, path);
  await assert.rejects(store.set('key', {}, LONG_MS, {}), { code: 'ERR_SESSION_STORE_BUSY' });
});

test('more calls than may wait are refused at once', async t => {
  const path = databaseFor(t);
  const store = storeFor(t, { path, busyTimeoutMs: 2 * TIMEOUT_MS, maxPending: 100 });
  const locker = await lockFromOutside(t, path);
  const start = performance.now();
  const times = [];
  const writes = Array.from({ length: 1000 }, (_, i) => store.set(`k${i}`, {}, LONG_MS, {})
    .then(() => 'written', ({ code, message }) => {
      times.push(performance.now() - start);
      return `${code} ${message}`;
    }));
  const outcomes = await Promise.all(writes);
  const refused = outcomes.filter(outcome => /^ERR_SESSION_STORE_BUSY too many calls/.test(outcome)).length;
  assert.ok(refused >= 1000 - 100 - 256 - 1, `${refused} were refused`);
  assert.ok(times[0] < TIMEOUT_MS, 'and not after the deadline');
  locker.kill('SIGKILL');
  await store.set('key', { a: 1 }, LONG_MS, {});
});
