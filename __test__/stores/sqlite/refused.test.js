'use strict';

/** Files that cannot be used are refused at the start, by a code, and are left as they were. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { SqliteStore } = require('../../../lib/stores/sqlite/store');
const { LONG_MS, databaseFor, storeFor, headerOf, patchHeader } = require('../../support/sqlite_files');

const PAGE_BYTES = 4096;

/** A file of ours with some hundred pages. */
async function filledFile(t) {
  const file = databaseFor(t);
  const store = storeFor(t, { path: file });
  await Promise.all(Array.from({ length: 500 }, (_, i) => store.set(`k${i}`, { secret: `mellon-${i}`.repeat(100) }, LONG_MS, {})));
  await store.close();
  return file;
}

function assertRefused(file, code, message) {
  const before = fs.existsSync(file) && fs.statSync(file).isFile() ? fs.readFileSync(file) : undefined;
  const beside = fs.existsSync(path.dirname(file)) ? fs.readdirSync(path.dirname(file)) : [];
  assert.throws(() => new SqliteStore({ path: file }), err => {
    assert.strictEqual(err.code, code, err.message);
    assert.match(err.message, message);
    assert.ok(err.message.endsWith(file), err.message);
    assert.doesNotMatch(err.stack, /mellon/);
    return true;
  });
  if (before !== undefined) assert.ok(before.equals(fs.readFileSync(file)), 'the file was changed');
  if (beside.length > 0) assert.deepStrictEqual(fs.readdirSync(path.dirname(file)), beside);
}

test('a file that is no database', t => {
  for (const content of ['hello', '{"sessions":[]}'.repeat(1000), Buffer.alloc(PAGE_BYTES * 3, 1)]) {
    const file = databaseFor(t);
    fs.writeFileSync(file, content);
    assertRefused(file, 'ERR_SESSION_STORE_CORRUPT', /damaged, or is no SQLite database/);
  }
});

test('a database that was cut off', async t => {
  const file = await filledFile(t);
  fs.truncateSync(file, Math.floor(fs.statSync(file).size / 2 / PAGE_BYTES) * PAGE_BYTES);
  assertRefused(file, 'ERR_SESSION_STORE_CORRUPT', /damaged/);
});

test('a database with damaged pages, wherever they are', async t => {
  const whole = await filledFile(t);
  const pages = fs.statSync(whole).size / PAGE_BYTES;
  for (const page of [1, 2, Math.floor(pages / 2), pages - 2]) {
    const file = databaseFor(t);
    fs.copyFileSync(whole, file);
    const handle = fs.openSync(file, 'r+');
    fs.writeSync(handle, Buffer.alloc(PAGE_BYTES, 0xa5), 0, PAGE_BYTES, page * PAGE_BYTES);
    fs.closeSync(handle);
    assertRefused(file, 'ERR_SESSION_STORE_CORRUPT', /damaged/);
  }
});

test('a database that was made for something else', async t => {
  const file = await filledFile(t);
  for (const applicationId of [0, 1]) {
    patchHeader(file, 'applicationId', applicationId);
    assertRefused(file, 'ERR_SESSION_STORE_CORRUPT', /not made for sessions/);
  }
});

test('a database that a later version made', async t => {
  const file = await filledFile(t);
  patchHeader(file, 'userVersion', 2);
  assertRefused(file, 'ERR_SESSION_STORE_VERSION', /later version \(schema 2\)/);
});

test('a path at which there can be no file', t => {
  const file = databaseFor(t);
  fs.writeFileSync(file, '');
  assertRefused(path.join(file, 'a', 'sessions.db'), 'ERR_SESSION_STORE_OPEN', /folder of the session database cannot be found or made \(ENOTDIR\)/);
  // Not the folder of the test itself: beside that, other tests come and go.
  const folder = path.join(path.dirname(file), 'folder');
  fs.mkdirSync(folder);
  assertRefused(folder, 'ERR_SESSION_STORE_OPEN', /cannot be opened or made/);
});

test('folders that are missing are made, and only their owner may enter them', async t => {
  const file = databaseFor(t);
  const mask = process.umask(0);
  t.after(() => process.umask(mask));
  const outer = path.join(path.dirname(file), 'a');
  const store = storeFor(t, { path: path.join(outer, 'b', 'sessions.db') });
  await store.set('key', { a: 1 }, LONG_MS, {});
  assert.deepStrictEqual(await store.get('key', LONG_MS, {}), { a: 1 });
  for (const folder of [outer, path.join(outer, 'b')]) assert.strictEqual(fs.statSync(folder).mode & 0o777, 0o700, folder);
  assert.strictEqual(fs.statSync(path.join(outer, 'b', 'sessions.db')).mode & 0o777, 0o600);
});

test('a folder that is there keeps its rights', async t => {
  const folder = path.join(path.dirname(databaseFor(t)), 'shared');
  fs.mkdirSync(folder);
  fs.chmodSync(folder, 0o750);
  storeFor(t, { path: path.join(folder, 'sessions.db') });
  assert.strictEqual(fs.statSync(folder).mode & 0o777, 0o750);
});

test('a new file says what it is, and only its owner may read it', async t => {
  const file = databaseFor(t);
  const mask = process.umask(0);
  t.after(() => process.umask(mask));
  const store = storeFor(t, { path: file });
  await store.set('key', { a: 1 }, LONG_MS, {});
  for (const name of ['', '-wal', '-shm']) assert.strictEqual(fs.statSync(file + name).mode & 0o777, 0o600, name);
  await store.close();
  assert.deepStrictEqual(headerOf(file), { userVersion: 1, applicationId: Buffer.from('EgSs').readUInt32BE() });
});

test('an empty file is taken, with the rights that it has', async t => {
  const file = databaseFor(t);
  fs.writeFileSync(file, '');
  fs.chmodSync(file, 0o640);
  const store = storeFor(t, { path: file });
  await store.set('key', { a: 1 }, LONG_MS, {});
  for (const name of ['', '-wal', '-shm']) assert.strictEqual(fs.statSync(file + name).mode & 0o777, 0o640, name);
});

test('damage that comes later fails the call that meets it', async t => {
  const file = await filledFile(t);
  const store = storeFor(t, { path: file });
  const handle = fs.openSync(file, 'r+');
  for (let page = 3; page < fs.statSync(file).size / PAGE_BYTES; page++) {
    fs.writeSync(handle, Buffer.alloc(PAGE_BYTES, 0xa5), 0, PAGE_BYTES, page * PAGE_BYTES);
  }
  fs.closeSync(handle);
  const outcomes = await Promise.allSettled(Array.from({ length: 500 }, (_, i) => store.get(`k${i}`, LONG_MS, {})));
  const errors = outcomes.flatMap(({ reason }) => (reason ? [reason] : []));
  assert.ok(errors.length > 0);
  for (const err of errors) {
    assert.strictEqual(err.code, 'ERR_SESSION_STORE_CORRUPT');
    assert.doesNotMatch(err.stack, /mellon|k\d/);
  }
});

test('a session that is no JSON fails its own request, without being quoted', async t => {
  const store = storeFor(t, {});
  await store.setText('key', '{"secret":"mellon', LONG_MS, {});
  await assert.rejects(store.get('key', LONG_MS, {}), err => {
    assert.strictEqual(err.code, 'ERR_SESSION_STORE_CORRUPT');
    assert.doesNotMatch(err.stack, /mellon/);
    return true;
  });
  assert.strictEqual(await store.getText('key', LONG_MS, {}), '{"secret":"mellon');
});
