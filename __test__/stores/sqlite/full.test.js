'use strict';

/** Nothing is left of the disk, or of what the file may take. */

const test = require('node:test');
const assert = require('node:assert');
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { databaseFor, startWorker, nextMessage, storeFor, LONG_MS } = require('../../support/sqlite_files');

const WORKER = path.join(__dirname, '../../support/sqlite_worker.js');
const MAX_FILE_BYTES = 3_000_000;

/** @param {import('node:child_process').ChildProcess} child that runs fillTheDisk */
async function checkFilling(child) {
  const { written, kept, errors } = await nextMessage(child);
  assert.ok(written > 0 && errors.length > 0, `${written} written, ${errors.length} errors`);
  assert.strictEqual(kept, written, 'what was acknowledged is there, what failed is not');
  assert.deepStrictEqual([...new Set(errors.map(({ code }) => code))], ['ERR_SESSION_STORE_FULL']);
  assert.deepStrictEqual([...new Set(errors.map(({ message }) => /full/.test(message) && !/x{9}|k\d/.test(message)))], [true]);
  child.send({ go: 'on' });
  assert.deepStrictEqual(await nextMessage(child), { recovered: true });
}

test('a file that may not grow refuses what is new, keeps what is there, and has room again after a destroy', async t => {
  const { child, ended } = startWorker(t, 'fillTheDisk', { path: databaseFor(t), maxFileBytes: MAX_FILE_BYTES, ballastBytes: 0 });
  await checkFilling(child);
  assert.strictEqual((await ended).code, 0);
});

test('a disk that is full does the same, and has room again once somebody made some', async t => {
  const file = databaseFor(t);
  const folder = path.dirname(file);
  const mountAndRun = 'mount -t tmpfs -o size=8m none "$1" && shift && exec "$@"';
  const inOwnNamespace = ['-rm', 'sh', '-c', mountAndRun, 'sh', folder];
  const hasSmallDisk = spawnSync('unshare', [...inOwnNamespace, 'true']).status === 0;
  t.diagnostic(hasSmallDisk ? 'on a file system of 8 MB' : 'no small file system here: under a limit of the file size');
  const details = JSON.stringify({ path: file, ballastBytes: 2_000_000, ...(hasSmallDisk ? {} : { maxFileBytes: MAX_FILE_BYTES }) });
  const [command, ...args] = [...(hasSmallDisk ? ['unshare', ...inOwnNamespace] : []), process.execPath, WORKER, 'fillTheDisk', details];
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  t.after(() => child.kill('SIGKILL'));
  await checkFilling(child);
});

test('calls that find no room take none of the others with them', async t => {
  const store = storeFor(t, { maxFileBytes: 1_000_000 });
  await store.set('old', { a: 1 }, LONG_MS, {});
  const large = 'x'.repeat(2_000_000);
  // while these are written the others gather for one transaction
  const ahead = Array.from({ length: 100 }, (_, i) => store.set(`ahead-${i % 5}`, { i, padding: large.slice(0, 50_000) }, LONG_MS, {}));
  const outcomes = await Promise.allSettled([
    store.set('before', { b: 1 }, LONG_MS, {}),
    store.set('large', { large }, LONG_MS, {}),
    store.set('after', { c: 1 }, LONG_MS, {}),
    store.destroy('old', {}),
  ]);
  await Promise.all(ahead);
  assert.deepStrictEqual(outcomes.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  assert.strictEqual(outcomes[1].reason.code, 'ERR_SESSION_STORE_FULL');
  assert.deepStrictEqual(await store.get('after', LONG_MS, {}), { c: 1 });
  assert.strictEqual(await store.get('old', LONG_MS, {}), undefined);
});

test('the file stays within its limit', async t => {
  const file = databaseFor(t);
  const store = storeFor(t, { path: file, maxFileBytes: 1_000_000 });
  const writes = Array.from({ length: 300 }, (_, i) => store.set(`k${i}`, { large: 'x'.repeat(10_000) }, LONG_MS, {}));
  const failed = (await Promise.allSettled(writes)).filter(({ status }) => status === 'rejected');
  assert.ok(failed.length > 100);
  await store.close();
  assert.ok(fs.statSync(file).size <= 1_000_000, `${fs.statSync(file).size}`);
});
