'use strict';

/** The file is deleted or replaced while workers use it: they say so, and acknowledge nothing that a restart would not find. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { LONG_MS, databaseFor, storeFor, startWorker, nextMessage } = require('../../support/sqlite_files');

const MOVED = { code: 'ERR_SESSION_STORE_MOVED' };
/** How long a read on the event loop may go on, and a margin. */
const NOTICED_MS = 20;

/** What an operator can do to a file, as a function of its path. */
const FAULTS = {
  'is deleted': file => fs.rmSync(file),
  'is renamed': file => fs.renameSync(file, `${file}.old`),
  'is replaced by another': file => fs.renameSync(otherDatabase(file), file),
  'goes with its folder': file => fs.rmSync(path.dirname(file), { recursive: true }),
  'loses its log': file => fs.rmSync(`${file}-wal`),
};

/** @param {string} file @returns {string} a copy beside it, whole */
function otherDatabase(file) {
  fs.copyFileSync(file, `${file}.new`);
  return `${file}.new`;
}

/** Every call of a store. */
const CALLS = {
  set: store => store.set('key', { a: 2 }, LONG_MS, {}),
  setText: store => store.setText('key', '{"a":2}', LONG_MS, {}),
  compareAndSet: store => store.compareAndSet('key', '{"a":1}', '{"a":2}', LONG_MS, {}),
  destroy: store => store.destroy('key', {}),
  get: store => store.get('key', LONG_MS, {}),
  getText: store => store.getText('key', LONG_MS, {}),
  list: store => store.list({ user: 1 }),
  destroyAll: store => store.destroyAll({ user: 1 }),
  count: store => store.count(),
  sweep: store => store.sweep(),
};

for (const [fault, cause] of Object.entries(FAULTS)) {
  for (const first of ['set', 'get']) {
    test(`a file that ${fault} is refused by every call, a ${first} first, until the end`, async t => {
      const folder = path.join(path.dirname(databaseFor(t)), 'sub');
      fs.mkdirSync(folder);
      const store = storeFor(t, { path: path.join(folder, 'sessions.db'), userOf: () => 1 });
      await store.set('key', { a: 1 }, LONG_MS, {});
      assert.deepStrictEqual(await store.get('key', LONG_MS, {}), { a: 1 });
      cause(path.join(folder, 'sessions.db'));
      if (first === 'get') await sleep(NOTICED_MS);
      for (const call of [CALLS[first], ...Object.values(CALLS)]) {
        await assert.rejects(call(store), err => {
          assert.strictEqual(err.code, MOVED.code, String(call));
          assert.match(err.message, /stop the app, put the right files in place, and start it/);
          return true;
        });
      }
      await store.close();
    });
  }
}

test('a sweep tells onError, also where no request comes', async t => {
  const file = databaseFor(t);
  const told = new Promise(resolve => { storeFor(t, { path: file, sweepIntervalMs: 10, onError: resolve }); });
  fs.rmSync(file);
  // a store's timer alone would not keep this process alive
  const alive = setInterval(() => {}, 1000);
  assert.strictEqual((await told).code, MOVED.code);
  clearInterval(alive);
});

test('two workers under load: what they acknowledge after the file was replaced is nothing, and a restart serves the new file', async t => {
  const file = databaseFor(t);
  const store = storeFor(t, { path: file });
  await store.set('key', { a: 1 }, LONG_MS, {});
  await store.close();
  // the copy of an operator, taken while nobody had the file open
  otherDatabase(file);
  const workers = [1, 2].map(() => startWorker(t, 'writeUntilMoved', { path: file }));
  await Promise.all(workers.map(({ child }) => nextMessage(child)));
  await sleep(200);
  const reports = workers.map(({ child }) => nextMessage(child));
  fs.renameSync(`${file}.new`, file);
  const movedAt = process.hrtime.bigint();
  for (const { acknowledged, lastStartedAt, codes } of await Promise.all(reports)) {
    assert.ok(acknowledged > 100, `${acknowledged} writes were acknowledged before`);
    assert.ok(BigInt(lastStartedAt) < movedAt, 'no write that began after the move was acknowledged');
    assert.deepStrictEqual(codes, [MOVED.code]);
  }
  await Promise.all(workers.map(({ ended }) => ended));
  // The log belongs to the old file, and would damage the new one.
  for (const suffix of ['-wal', '-shm']) fs.rmSync(`${file}${suffix}`);
  const restarted = storeFor(t, { path: file });
  assert.deepStrictEqual(await restarted.get('key', LONG_MS, {}), { a: 1 });
  await restarted.set('key', { a: 2 }, LONG_MS, {});
  assert.strictEqual(await restarted.count(), 1);
});
