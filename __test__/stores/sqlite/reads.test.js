'use strict';

/** A session that is in memory is read without another thread, where the file system tells what is. */

const test = require('node:test');
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const {
  LONG_MS, databaseFor, storeFor, startWorker, nextMessage, tellsWhatIsInMemory, settlesAtOnce,
} = require('../../support/sqlite_files');

/** @returns {Promise<any>} the answer, which where this can be known must not have come from another thread */
async function readAtOnce(store, path, key) {
  let reading;
  const isAtOnce = await settlesAtOnce(() => reading = store.getText(key, LONG_MS, {}));
  if (tellsWhatIsInMemory(path)) assert.ok(isAtOnce, `${key} was read by another thread`);
  return reading;
}

test('a session that is in memory is there in the same turn of the event loop', async t => {
  const path = databaseFor(t);
  const store = storeFor(t, { path });
  const texts = ['{}', '{"a":1}', '{"name":"Ægir ✓ 𝄞"}', JSON.stringify('x'.repeat(100_000))];
  for (const [i, text] of texts.entries()) await store.setText(`key ✓ ${i}`, text, LONG_MS, {});
  for (let round = 0; round < 3; round++) {
    for (const [i, text] of texts.entries()) assert.strictEqual(await readAtOnce(store, path, `key ✓ ${i}`), text);
  }
});

test('so is the answer that there is none', async t => {
  const path = databaseFor(t);
  const store = storeFor(t, { path });
  await store.setText('ended', '{"a":1}', 1, {});
  await store.setText('destroyed', '{"a":1}', LONG_MS, {});
  await store.destroy('destroyed', {});
  const end = Date.now() + 2;
  while (Date.now() < end) await new Promise(resolve => setTimeout(resolve, 1));
  for (const key of ['ended', 'destroyed', 'never there', '']) {
    assert.strictEqual(await readAtOnce(store, path, key), undefined, key);
    assert.strictEqual(await store.get(key, LONG_MS, {}), undefined, key);
  }
});

test('it is what the last acknowledged write left', async t => {
  const path = databaseFor(t);
  const store = storeFor(t, { path });
  for (let i = 0; i < 200; i++) {
    await store.setText('key', `{"set":${i}}`, LONG_MS, {});
    assert.strictEqual(await store.getText('key', LONG_MS, {}), `{"set":${i}}`);
    await store.compareAndSet('key', `{"set":${i}}`, `{"replaced":${i}}`, LONG_MS, {});
    assert.strictEqual(await readAtOnce(store, path, 'key'), `{"replaced":${i}}`);
    await store.destroy('key', {});
    assert.strictEqual(await store.getText('key', LONG_MS, {}), undefined);
  }
});

test('also if another process wrote it', async t => {
  const path = databaseFor(t);
  const store = storeFor(t, { path });
  const { child } = startWorker(t, 'writeWhatIsSent', { path });
  await nextMessage(child);
  const have = async (key, text) => {
    const written = nextMessage(child);
    child.send({ key, text });
    await written;
  };
  for (let i = 0; i < 200; i++) {
    await have('key', `{"i":${i}}`);
    assert.strictEqual(await store.getText('key', LONG_MS, {}), `{"i":${i}}`);
  }
  await have('key', undefined);
  assert.strictEqual(await store.getText('key', LONG_MS, {}), undefined);
});

test('reads of one turn are answered together, each with its own', async t => {
  const path = databaseFor(t);
  const store = storeFor(t, { path });
  await Promise.all(Array.from({ length: 500 }, (_, i) => store.setText(`k${i}`, `{"i":${i}}`, LONG_MS, {})));
  let reading;
  const isAtOnce = await settlesAtOnce(() => reading = Promise.all(Array.from({ length: 600 }, (_, i) => store.getText(`k${i}`, LONG_MS, {}))));
  if (tellsWhatIsInMemory(path)) assert.ok(isAtOnce);
  assert.deepStrictEqual(await reading, Array.from({ length: 600 }, (_, i) => (i < 500 ? `{"i":${i}}` : undefined)));
});

test('reads that were asked for before the store is closed are answered', async t => {
  const store = storeFor(t);
  await store.setText('key', '{}', LONG_MS, {});
  const reads = [store.getText('key', LONG_MS, {}), store.getText('none', LONG_MS, {})];
  const closing = store.close();
  const late = assert.rejects(store.getText('key', LONG_MS, {}), { code: 'ERR_SESSION_STORE_CLOSED' });
  assert.deepStrictEqual(await Promise.all(reads), ['{}', undefined]);
  await Promise.all([closing, late]);
});

test('a read keeps the process alive until it is answered', async t => {
  const path = databaseFor(t);
  const store = storeFor(t, { path });
  await store.setText('key', '{"a":1}', LONG_MS, {});
  const script = `
    const { SqliteStore } = require(${JSON.stringify(require.resolve('../../../lib/stores/sqlite/store'))});
    new SqliteStore({ path: ${JSON.stringify(path)} }).getText('key').then(console.log);`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', timeout: 30_000 });
  assert.deepStrictEqual({ status, stdout, stderr }, { status: 0, stdout: '{"a":1}\n', stderr: '' });
});

test('a read leaves nothing behind that would keep the log from beginning anew', async t => {
  const path = databaseFor(t);
  const store = storeFor(t, { path });
  const text = JSON.stringify('x'.repeat(50_000));
  let longest = 0;
  // far more than the log may hold before it begins anew
  for (let i = 0; i < 4000; i++) {
    await store.setText(`k${i % 100}`, text, LONG_MS, {});
    await store.getText(`k${i % 100}`, LONG_MS, {});
    longest = Math.max(longest, fs.statSync(`${path}-wal`).size);
  }
  assert.ok(longest < 120e6, `${longest} bytes`);
});
