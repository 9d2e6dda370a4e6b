'use strict';

/** The end of a store, and of the process that has one. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { EggCore } = require('egg-core');
const { LONG_MS, databaseFor, storeFor, startWorker, nextMessage } = require('../../support/sqlite_files');

test('closing does what was asked for before, then leaves one file', async t => {
  const file = databaseFor(t);
  const store = storeFor(t, { path: file });
  const writes = Array.from({ length: 1000 }, (_, i) => store.set(`k${i}`, { i }, LONG_MS, {}));
  const reads = Array.from({ length: 100 }, () => store.get('k0', LONG_MS, {}));
  await store.close();
  await Promise.all([...writes, ...reads]);
  assert.deepStrictEqual(fs.readdirSync(path.dirname(file)), ['sessions.db']);
  assert.strictEqual(await storeFor(t, { path: file }).count(), 1000);
});

test('may be closed more than once, and at once', async t => {
  const store = storeFor(t);
  await Promise.all([store.close(), store.close()]);
  await store.close();
});

test('refuses every call after it was closed', async t => {
  const store = storeFor(t, { userOf: () => 'ada' });
  const closing = store.close();
  for (const when of ['while it closes', 'when it is closed']) {
    for (const [method, ...args] of [
      ['get', 'key'], ['set', 'key', {}], ['destroy', 'key'], ['getText', 'key'], ['setText', 'key', '{}'],
      ['compareAndSet', 'key', null, '{}'], ['list', { user: 'ada' }], ['count'], ['destroyAll', { user: 'ada' }], ['sweep'],
    ]) {
      await assert.rejects(store[method](...args), { code: 'ERR_SESSION_STORE_CLOSED' }, `${method} ${when}`);
    }
    await closing;
  }
});

test('one of two stores on a file may be closed', async t => {
  const file = databaseFor(t);
  const [one, two] = [storeFor(t, { path: file }), storeFor(t, { path: file })];
  await one.set('key', { a: 1 }, LONG_MS, {});
  await one.close();
  assert.deepStrictEqual(await two.get('key', LONG_MS, {}), { a: 1 });
  await two.set('key', { a: 2 }, LONG_MS, {});
  assert.deepStrictEqual(await two.get('key', LONG_MS, {}), { a: 2 });
});

test('closes with an Egg app', async t => {
  const file = databaseFor(t);
  fs.writeFileSync(path.join(path.dirname(file), 'package.json'), '{"name":"app"}');
  const app = new EggCore({ baseDir: path.dirname(file) });
  const store = storeFor(t, { path: file });
  assert.strictEqual(store.closeWith(app), store);
  await store.set('key', { a: 1 }, LONG_MS, {});
  await app.close();
  await assert.rejects(store.get('key', LONG_MS, {}), { code: 'ERR_SESSION_STORE_CLOSED' });
});

test('says so where an app has no end to close with', t => {
  const store = storeFor(t);
  for (const app of [undefined, null, {}, { beforeClose: true }]) {
    assert.throws(() => store.closeWith(app), { code: 'ERR_SESSION_ARGUMENT', message: /beforeClose/ });
  }
});

test('an open store does not keep a process alive, a call under way does', { timeout: 20_000 }, async t => {
  const file = databaseFor(t);
  const { child, ended } = startWorker(t, 'writeAndEnd', { path: file });
  assert.deepStrictEqual(await nextMessage(child), { written: true });
  assert.deepStrictEqual(await ended, { code: 0, signal: null });
  assert.deepStrictEqual(await storeFor(t, { path: file }).get('a', LONG_MS, {}), { a: 1 });
});

test('nor does one that was never used', { timeout: 20_000 }, async t => {
  const file = databaseFor(t);
  assert.deepStrictEqual(await startWorker(t, 'openAndEnd', { path: file }).ended, { code: 0, signal: null });
  assert.ok(fs.existsSync(file));
});

test('a process may end in the middle of writes', { timeout: 20_000 }, async t => {
  const file = databaseFor(t);
  for (let i = 0; i < 5; i++) {
    assert.deepStrictEqual(await startWorker(t, 'writeAndExit', { path: file }).ended, { code: 0, signal: null });
  }
  const store = storeFor(t, { path: file });
  for (let i = 0; i < 1000; i++) {
    const session = await store.get(`k${i}`, LONG_MS, {});
    assert.ok(session === undefined || session.i === i);
  }
});
