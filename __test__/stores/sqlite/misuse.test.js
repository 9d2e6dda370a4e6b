'use strict';

/** An app's mistakes are told at once, by a code, and bring nothing down. */

const test = require('node:test');
const assert = require('node:assert');
const path = require('node:path');
const fs = require('node:fs');
const { spawnSync } = require('node:child_process');
const { SqliteStore } = require('../../../lib/stores/sqlite/store');
const loadBinding = require('../../../lib/engine/native/load_binding');
const { LONG_MS, databaseFor, storeFor } = require('../../support/sqlite_files');

test('options that cannot work are refused by name, before a file is made', t => {
  const file = databaseFor(t);
  for (const [option, ...values] of [
    ['path', undefined, null, '', 7, ':memory:', 'file:sessions.db', 'a\0b', Buffer.from('a')],
    ['synchronous', 'FULL', 'off', true, 1],
    ['busyTimeoutMs', -1, 1.5, NaN, Infinity, '5', 2 ** 31],
    ['sweepIntervalMs', -1, 0.5, '1', false, 2 ** 31],
    ['defaultMaxAgeMs', 0, -1, NaN, 'session', Infinity],
    ['maxPending', 0, -1, 1.5, '1', 1e7],
    ['maxPendingBytes', 0, 1023, 1.5, '67108864', Infinity],
    ['maxFileBytes', 0, 1, -1, '1000000', NaN],
    ['userOf', 'userId', {}],
    ['onError', 'log', true],
    ['busyTimeout', 5000],
  ]) {
    for (const value of values) {
      assert.throws(() => new SqliteStore({ path: file, [option]: value }), err => {
        assert.ok(err instanceof TypeError);
        assert.deepStrictEqual([err.code, err.option], ['ERR_SESSION_OPTION', option], `${option}: ${String(value)}`);
        return true;
      });
    }
  }
  for (const options of [undefined, null, file, 1]) assert.throws(() => new SqliteStore(options), { code: 'ERR_SESSION_OPTION', option: 'path' });
  assert.deepStrictEqual(fs.readdirSync(path.dirname(file)), []);
});

test('null means that an option is not set', async t => {
  const names = ['synchronous', 'busyTimeoutMs', 'sweepIntervalMs', 'defaultMaxAgeMs', 'maxPending', 'maxPendingBytes', 'maxFileBytes', 'userOf', 'onError'];
  const store = storeFor(t, Object.fromEntries(names.map(name => [name, null])));
  await store.set('key', { a: 1 }, LONG_MS, {});
});

test('a relative path is that of the working directory at the start', async t => {
  const file = databaseFor(t);
  const before = process.cwd();
  t.after(() => process.chdir(before));
  process.chdir(path.dirname(file));
  const store = storeFor(t, { path: 'here.db' });
  process.chdir(before);
  await store.set('key', { a: 1 }, LONG_MS, {});
  assert.ok(fs.existsSync(path.join(path.dirname(file), 'here.db')));
});

test('arguments of the wrong type reject, and are not shown', async t => {
  const store = storeFor(t, { userOf: () => undefined });
  for (const [method, ...args] of [
    ['get', undefined], ['get', 7], ['getText', null], ['destroy', {}], ['set', Symbol('k'), {}], ['setText', undefined, '{}'],
    ['set', 'key', undefined], ['set', 'key', () => {}], ['setText', 'key', { secret: 'mellon' }], ['setText', 'key', Buffer.from('mellon')],
    ['set', 'key', {}, 'mellon'], ['set', 'key', {}, NaN], ['set', 'key', {}, true], ['setText', 'key', '{}', {}],
    ['compareAndSet', 'key', undefined, '{}'], ['compareAndSet', 'key', {}, '{}'], ['compareAndSet', 'key', '{}', null], ['compareAndSet', 7, null, '{}'],
    ['compareAndSet', 'key', null, '{}', '10'], ['list', {}], ['list', { user: null }], ['list', { user: 'ada', limit: -1 }], ['list', { user: 'ada', limit: 'all' }],
    ['destroyAll', {}], ['destroyAll', { user: ['ada'] }],
  ]) {
    await assert.rejects(store[method](...args), err => {
      assert.strictEqual(err.code, 'ERR_SESSION_ARGUMENT', `${method} ${args.map(String)}`);
      assert.doesNotMatch(err.stack, /mellon/);
      return true;
    });
  }
  assert.strictEqual(await store.count(), 0);
});

test('a session that cannot be written as JSON rejects with its own error', async t => {
  const store = storeFor(t);
  const circular = {};
  circular.self = circular;
  await assert.rejects(store.set('key', circular, LONG_MS, {}), TypeError);
  await assert.rejects(store.set('key', { toJSON() { throw new RangeError('mine'); } }, LONG_MS, {}), RangeError);
});

test('the addon survives arguments that its shim would never pass', async t => {
  const binding = loadBinding();
  const names = Object.keys(binding).filter(name => /sqlite/i.test(name));
  assert.ok(names.length >= 10, `${names}`);
  const hostile = [undefined, null, 1, -1, NaN, 2 ** 53, 'x', {}, [], Symbol('x'), () => {}, new Proxy({}, {}), Buffer.alloc(3), 10n];
  for (const name of names) {
    assert.throws(() => binding[name]());
    for (const one of hostile) {
      assert.throws(() => binding[name](one, one, one, one, one, one, one, one), `${name} ${typeof one}`);
    }
  }
  const store = storeFor(t);
  await store.set('key', { a: 1 }, LONG_MS, {});
});

test('without the addon, or in a build without the store, the error says so', t => {
  for (const addon of ["() => { throw Object.assign(new Error('gone'), { code: 'ERR_SESSION_ENGINE' }); }", '() => ({})']) {
    const script = `
      const file = require.resolve(${JSON.stringify(path.join(__dirname, '../../../lib/engine/native/load_binding'))});
      require.cache[file] = { id: file, filename: file, loaded: true, exports: ${addon} };
      const { SqliteStore } = require(${JSON.stringify(path.join(__dirname, '../../../lib/stores/sqlite/store'))});
      try { new SqliteStore({ path: ${JSON.stringify(databaseFor(t))} }); } catch (err) { console.log(err.code); }`;
    assert.strictEqual(spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' }).stdout, 'ERR_SESSION_ENGINE\n');
  }
});

test('an error that no caller waits for is told to onError, or as a warning of the process', async t => {
  const warned = [];
  t.mock.method(process, 'emitWarning', (message, { code }) => warned.push([message, code]));
  t.mock.method(SqliteStore.prototype, 'sweep', async () => { throw Object.assign(new Error('damaged'), { code: 'ERR_SESSION_STORE_CORRUPT' }); });
  const told = [];
  storeFor(t, { sweepIntervalMs: 1, onError: err => told.push(err.code) });
  storeFor(t, { sweepIntervalMs: 1 });
  // a store's timer alone would not keep this process alive
  while (told.length < 2 || warned.length < 2) await new Promise(resolve => setTimeout(resolve, 5));
  assert.strictEqual(told[0], 'ERR_SESSION_STORE_CORRUPT');
  assert.deepStrictEqual(warned[0], ['egg-session-native: damaged', 'ERR_SESSION_STORE_CORRUPT']);
});
