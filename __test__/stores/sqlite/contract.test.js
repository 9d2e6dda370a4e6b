'use strict';

/** SqliteStore as a store for sessions: egg-session's three methods, and compare-and-set. */

const test = require('node:test');
const assert = require('node:assert');
const { LONG_MS, databaseFor, storeFor } = require('../../support/sqlite_files');

const OPTIONS = { ctx: {}, rolling: false };

test('gives back the session that was set, as a new object each time', async t => {
  const store = storeFor(t);
  const session = { name: 'Ada', nested: { list: [1, null, 'ü😀\u0000'] }, _expire: Date.now() + LONG_MS, _maxAge: LONG_MS };
  assert.strictEqual(await store.set('key', session, LONG_MS, { changed: true, ...OPTIONS }), undefined);
  const loaded = await store.get('key', LONG_MS, OPTIONS);
  assert.deepStrictEqual(loaded, session);
  assert.notStrictEqual(await store.get('key', LONG_MS, OPTIONS), loaded);
});

test('works with no more arguments than egg-session needs', async t => {
  const store = storeFor(t);
  await store.set('key', { a: 1 });
  assert.deepStrictEqual(await store.get('key'), { a: 1 });
  await store.destroy('key');
  assert.strictEqual(await store.get('key'), undefined);
});

test('answers undefined for a key that is not there', async t => {
  const store = storeFor(t);
  assert.strictEqual(await store.get('nobody', LONG_MS, OPTIONS), undefined);
  assert.strictEqual(await store.getText('nobody', LONG_MS, OPTIONS), undefined);
  assert.strictEqual(await store.destroy('nobody', OPTIONS), undefined);
});

test('keeps JSON text to the character, whoever wrote it', async t => {
  const store = storeFor(t);
  for (const text of ['{}', '{ "b":1.0 , "a":1e400,"a":"\\u00e4ä\\ud800" }\n', `{"long":"${'ä😀x'.repeat(100_000)}"}`]) {
    assert.strictEqual(await store.setText('key', text, LONG_MS, OPTIONS), undefined);
    assert.strictEqual(await store.getText('key', LONG_MS, OPTIONS), text);
  }
  await store.set('key', { a: 1 }, LONG_MS, OPTIONS);
  assert.strictEqual(await store.getText('key', LONG_MS, OPTIONS), '{"a":1}');
});

test('keeps keys apart that differ in case, in spaces, behind a NUL and in their way to write a letter', async t => {
  const store = storeFor(t);
  const keys = ['k', 'K', 'k ', ' k', 'k\u0000', 'k\u0000a', 'ä', 'a\u0308', '', '\'"; DROP TABLE sessions; --', 'k'.repeat(10_000), '__proto__'];
  for (const key of keys) await store.set(key, { key }, LONG_MS, OPTIONS);
  assert.strictEqual(await store.count(), keys.length);
  for (const key of keys) assert.deepStrictEqual(await store.get(key, LONG_MS, OPTIONS), { key });
});

test('replaces the text that is expected, and only that', async t => {
  const store = storeFor(t);
  await store.setText('key', '{"n":1}', LONG_MS, OPTIONS);
  assert.deepStrictEqual(await store.compareAndSet('key', '{"n":1}', '{"n":2}', LONG_MS, OPTIONS), { status: 'done' });
  assert.deepStrictEqual(await store.compareAndSet('key', '{"n":1}', '{"n":9}', LONG_MS, OPTIONS), { status: 'conflict', text: '{"n":2}' });
  assert.deepStrictEqual(await store.compareAndSet('key', '{"n": 2}', '{"n":9}', LONG_MS, OPTIONS), { status: 'conflict', text: '{"n":2}' });
  assert.strictEqual(await store.getText('key', LONG_MS, OPTIONS), '{"n":2}');
});

test('never revives a session that was destroyed', async t => {
  const store = storeFor(t);
  await store.setText('key', '{"n":1}', LONG_MS, OPTIONS);
  await store.destroy('key', OPTIONS);
  assert.deepStrictEqual(await store.compareAndSet('key', '{"n":1}', '{"n":2}', LONG_MS, OPTIONS), { status: 'gone' });
  assert.strictEqual(await store.get('key', LONG_MS, OPTIONS), undefined);
});

test('creates where nothing is expected, and never overwrites then', async t => {
  const store = storeFor(t);
  assert.deepStrictEqual(await store.compareAndSet('key', null, '{"n":1}', LONG_MS, OPTIONS), { status: 'done' });
  assert.deepStrictEqual(await store.compareAndSet('key', null, '{"n":2}', LONG_MS, OPTIONS), { status: 'conflict', text: '{"n":1}' });
  assert.strictEqual(await store.getText('key', LONG_MS, OPTIONS), '{"n":1}');
});

test('of many at once that expect the same, exactly one is done', async t => {
  const store = storeFor(t);
  await store.setText('key', 'null', LONG_MS, OPTIONS);
  const answers = await Promise.all(Array.from({ length: 500 }, (_, i) => store.compareAndSet('key', 'null', `${i}`, LONG_MS, OPTIONS)));
  const winners = answers.flatMap((answer, i) => (answer.status === 'done' ? [`${i}`] : []));
  assert.strictEqual(winners.length, 1);
  assert.deepStrictEqual(winners, [await store.getText('key', LONG_MS, OPTIONS)]);
  assert.ok(answers.every(answer => answer.status === 'done' || (answer.status === 'conflict' && answer.text === winners[0])));
});

test('does calls of one caller in the order in which they were made', async t => {
  const store = storeFor(t);
  const calls = [];
  for (let i = 0; i < 2000; i++) calls.push(i % 7 === 3 ? store.destroy('key', OPTIONS) : store.set('key', { i }, LONG_MS, OPTIONS));
  await Promise.all(calls);
  assert.deepStrictEqual(await store.get('key', LONG_MS, OPTIONS), { i: 1999 });
});

test('a session that is loaded twice from two stores on one file is the same', async t => {
  const path = databaseFor(t);
  const [one, two] = [storeFor(t, { path }), storeFor(t, { path })];
  for (let i = 0; i < 100; i++) {
    await one.set('key', { i }, LONG_MS, OPTIONS);
    assert.deepStrictEqual(await two.get('key', LONG_MS, OPTIONS), { i });
  }
});
