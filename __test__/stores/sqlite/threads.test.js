'use strict';

/** Stores in worker threads. */

const test = require('node:test');
const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { setTimeout } = require('node:timers/promises');
const { spawnSync } = require('node:child_process');
const { Worker } = require('node:worker_threads');
const { LONG_MS, databaseFor, storeFor } = require('../../support/sqlite_files');

const SCRIPT = path.join(__dirname, '../../support/sqlite_thread.js');

function startThread(file, task) {
  const worker = new Worker(SCRIPT, { workerData: { path: file, task } });
  return { worker, ended: once(worker, 'exit').then(([code]) => code) };
}

/** @returns {string[]} the names of this process's threads that belong to stores */
function storeThreads() {
  return fs.readdirSync('/proc/self/task').flatMap((id) => {
    try {
      const name = fs.readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim();
      return name.startsWith('session-') ? [name] : [];
    } catch {
      return []; // it ended between the two calls
    }
  }).sort();
}

/**
 * A thread gives itself its name after it has started, and the kernel lists it for a moment after it was joined, so both
 * are waited for. Elsewhere than on Linux the threads can't be seen.
 */
async function assertOneStoresThreads() {
  if (!fs.existsSync('/proc/self/task')) return;
  const expected = ['session-reader', 'session-scanner', 'session-writer'];
  const deadline = Date.now() + 10_000;
  while (storeThreads().join() !== expected.join() && Date.now() < deadline) await setTimeout(5);
  assert.deepStrictEqual(storeThreads(), expected);
}

test('four threads and the main one lose no update', async t => {
  const file = databaseFor(t);
  const store = storeFor(t, { path: file });
  await store.setText('counter', '0', LONG_MS, {});
  const tasks = ['count', 'count', 'countAndLeaveOpen', 'countAndLeaveOpen'];
  const codes = await Promise.all(tasks.map(task => startThread(file, task).ended));
  assert.deepStrictEqual(codes, [0, 0, 0, 0]);
  assert.strictEqual(await store.getText('counter', LONG_MS, {}), '200');
});

test('a thread may be terminated in the middle of writes', async t => {
  const file = databaseFor(t);
  const store = storeFor(t, { path: file });
  await store.set('mine', {}, LONG_MS, {});
  await assertOneStoresThreads();
  for (let i = 0; i < 5; i++) {
    const { worker, ended } = startThread(file, 'writeUntilTerminated');
    await once(worker, 'message');
    await store.set('mine', { i }, LONG_MS, {});
    await worker.terminate();
    await ended;
    await assertOneStoresThreads(); // it leaves none of its own behind
    assert.deepStrictEqual(await store.get('mine', LONG_MS, {}), { i });
    assert.strictEqual((await store.get('k0', LONG_MS, {})).padding.length, 5000);
  }
});

test('the engine may be loaded, used and unloaded by threads alone', t => {
  const file = databaseFor(t);
  const main = `
    const { Worker } = require('node:worker_threads');
    const { once } = require('node:events');
    (async () => {
      for (let i = 0; i < 5; i++) {
        const worker = new Worker(${JSON.stringify(SCRIPT)}, { workerData: { path: ${JSON.stringify(file)}, task: 'writeUntilTerminated' } });
        await once(worker, 'message');
        await worker.terminate();
      }
      console.log('fine');
    })();`;
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['-e', main], { encoding: 'utf8', timeout: 30_000 });
  assert.deepStrictEqual({ status, signal, stdout, stderr }, { status: 0, signal: null, stdout: 'fine\n', stderr: '' });
});
