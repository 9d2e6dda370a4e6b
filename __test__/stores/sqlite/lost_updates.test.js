'use strict';

/** Several processes change one session at once. */

const test = require('node:test');
const assert = require('node:assert');
const { LONG_MS, databaseFor, storeFor, runWorker } = require('../../support/sqlite_files');

const TASK = { key: 'counter', times: 1000, atOnce: 10 };

test('two processes that compare and set lose none of 2,000 updates', async t => {
  const path = databaseFor(t);
  const store = storeFor(t, { path });
  await store.set('counter', { n: 0 }, LONG_MS, {});
  const answers = await Promise.all([0, 1].map(() => runWorker(t, 'countWithCompareAndSet', { path, ...TASK })));
  assert.deepStrictEqual(await store.get('counter', LONG_MS, {}), { n: 2000 });
  assert.ok(answers.every(({ conflicts }) => conflicts > 0), 'they did get in each other\'s way');
});

test('get and set lose updates: the test above can fail', async t => {
  const path = databaseFor(t);
  const store = storeFor(t, { path });
  await store.set('counter', { n: 0 }, LONG_MS, {});
  await Promise.all([0, 1].map(() => runWorker(t, 'countWithSet', { path, ...TASK })));
  const { n } = await store.get('counter', LONG_MS, {});
  assert.ok(n < 2000, `${n}`);
});

test('sessions written by one process are complete in another while both write', async t => {
  const path = databaseFor(t);
  const store = storeFor(t, { path });
  const text = i => JSON.stringify({ i, padding: `${i % 10}`.repeat(i * 37 % 20_000) });
  const other = storeFor(t, { path });
  const writing = Promise.all(Array.from({ length: 2000 }, (_, i) => store.setText(`k${i % 50}`, text(i), LONG_MS, {})));
  for (let i = 0; i < 2000; i++) {
    const loaded = await other.get(`k${i % 50}`, LONG_MS, {});
    if (loaded !== undefined) assert.strictEqual(JSON.stringify(loaded), text(loaded.i));
  }
  await writing;
});
