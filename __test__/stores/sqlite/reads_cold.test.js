'use strict';

/** A session that is not in memory is read by another thread, and the event loop goes on. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { LONG_MS, databaseFor, forget, storeFor, tellsWhatIsInMemory, settlesAtOnce } = require('../../support/sqlite_files');

const COUNT = 60;
/** So large that each lies on pages of its own. */
const textOf = i => JSON.stringify({ i, padding: 'x'.repeat(200_000) });

/** A database of many pages, of which a store that opens it needs only a few. */
async function filledFile(t, file) {
  const store = storeFor(t, { path: file });
  await Promise.all(Array.from({ length: COUNT }, (_, i) => store.setText(`k${i}`, textOf(i), LONG_MS, {})));
  await store.close();
}

/** @returns {number} how often this thread has given up its processor to wait for something; elsewhere than on Linux 0 */
function waits() {
  if (process.platform !== 'linux') return 0;
  const status = fs.readFileSync(`/proc/self/task/${process.pid}/status`, 'utf8');
  return Number(/^voluntary_ctxt_switches:\s*(\d+)$/m.exec(status)[1]);
}

test('what is on the disk only is answered rightly, without this thread waiting for it', async t => {
  const file = databaseFor(t);
  await filledFile(t, file);
  const store = storeFor(t, { path: file });
  let elsewhere = 0;
  let waited = 0;
  for (let i = 0; i < COUNT; i++) {
    // each time, since the kernel reads ahead
    if (process.platform === 'linux') forget(file);
    let reading;
    let before = 0;
    let after = 0;
    const isAtOnce = await settlesAtOnce(() => {
      setImmediate(() => { before = waits(); });
      reading = store.getText(`k${i}`, LONG_MS, {});
      setImmediate(() => { after = waits(); });
      return reading;
    });
    if (!isAtOnce) elsewhere++;
    if (after > before) waited++;
    assert.strictEqual(await reading, textOf(i));
  }
  if (!tellsWhatIsInMemory(file)) return;
  // a garbage collection waits for its helpers
  assert.ok(waited <= COUNT / 10, `this thread waited ${waited} times`);
  assert.ok(elsewhere > COUNT / 2, `${elsewhere} were not in memory`);
  for (let i = 0; i < COUNT; i++) await store.getText(`k${i}`, LONG_MS, {});
  for (let i = 0; i < COUNT; i++) {
    let reading;
    assert.ok(await settlesAtOnce(() => reading = store.getText(`k${i}`, LONG_MS, {})), 'now it is in memory');
    assert.strictEqual(await reading, textOf(i));
  }
});

test('a file system that does not tell what is in memory is as good', async t => {
  const memory = '/dev/shm';
  const folder = fs.existsSync(memory) ? fs.mkdtempSync(path.join(memory, 'session-sqlite-')) : path.dirname(databaseFor(t));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const store = storeFor(t, { path: path.join(folder, 'sessions.db') });
  for (let i = 0; i < 100; i++) {
    await store.setText(`k${i}`, `{"i":${i}}`, LONG_MS, {});
    assert.strictEqual(await store.getText(`k${i}`, LONG_MS, {}), `{"i":${i}}`);
    assert.strictEqual(await store.getText(`none${i}`, LONG_MS, {}), undefined);
  }
  await store.close();
  await assert.rejects(store.getText('k0', LONG_MS, {}), { code: 'ERR_SESSION_STORE_CLOSED' });
});
