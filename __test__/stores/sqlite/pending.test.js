'use strict';

/** Another process holds the write lock: what waits is bounded in bytes as well as in number. */

const test = require('node:test');
const assert = require('node:assert');
const { LONG_MS, databaseFor, lockFromOutside, storeFor } = require('../../support/sqlite_files');
const { LARGE_BYTES, assertRefused, codeOf, writeLarge } = require('../../support/pending_calls');

const COUNT = 20;

test('writes beyond maxPendingBytes are refused at once, reads go on, and after the lock is gone as much is taken as before', async t => {
  const path = databaseFor(t);
  const store = storeFor(t, { path, busyTimeoutMs: 60_000, userOf: () => undefined, maxPendingBytes: COUNT * LARGE_BYTES });
  await store.set('key', { a: 1 }, LONG_MS, {});
  for (let round = 0; round < 3; round++) {
    const locker = await lockFromOutside(t, path);
    const { accepted, refused } = writeLarge(store, COUNT);
    await assertRefused(refused, COUNT);
    assert.deepStrictEqual(await Promise.all([store.destroy('key'), store.compareAndSet('key', '1', '2')].map(codeOf)),
      ['ERR_SESSION_STORE_BUSY', 'ERR_SESSION_STORE_BUSY']);
    assert.deepStrictEqual(await store.get('key', LONG_MS, {}), { a: 1 });
    assert.deepStrictEqual(await store.list({ user: 'nobody' }), []);
    assert.ok(await store.count() >= 2);
    locker.kill('SIGKILL');
    await Promise.all(accepted);
  }
});

test('calls that fail at their deadline, or because too many wait, no longer count', async t => {
  const path = databaseFor(t);
  // Two wait at most, one of them with the thread. The bound leaves room for four more.
  const store = storeFor(t, { path, busyTimeoutMs: 300, maxPending: 1, maxPendingBytes: 6 * LARGE_BYTES });
  const locker = await lockFromOutside(t, path);
  for (let round = 0; round < 3; round++) {
    const { accepted, refused } = writeLarge(store, 6);
    for (const { reason } of await Promise.allSettled([...accepted, refused])) {
      assert.strictEqual(reason.code, 'ERR_SESSION_STORE_BUSY');
      assert.match(reason.message, /locked|too many calls/);
    }
  }
  locker.kill('SIGKILL');
  await store.set('key', { a: 1 }, LONG_MS, {});
});

test('a single write may be larger than maxPendingBytes, and an ordinary close is never refused', async t => {
  const store = storeFor(t, { maxPendingBytes: 1024 });
  await store.setText('key', `"${'x'.repeat(100_000)}"`, LONG_MS);
  const writing = store.setText('key', `"${'y'.repeat(100_000)}"`, LONG_MS);
  assert.strictEqual(await codeOf(store.set('other', {}, LONG_MS)), 'ERR_SESSION_STORE_BUSY');
  await store.close();
  await writing;
});
