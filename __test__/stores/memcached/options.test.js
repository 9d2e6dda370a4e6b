'use strict';

/** The options of MemcachedStore are checked at start. */

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { promisify } = require('node:util');
const { MemcachedStore } = require('../../..');
const { memcachedFor } = require('../../support/memcached_clients');

describe('options', () => {
  const client = { gets() {}, set() {}, add() {}, cas() {}, del() {} };
  const REFUSED = {
    client: [undefined, null, {}, '127.0.0.1:11211', { get() {}, set() {}, add() {}, delete() {} }],
    prefix: [5, {}],
    timeoutMs: [0, '5', Infinity],
    defaultMaxAgeMs: [0, 'session'],
    maxPendingBytes: [0, 1023, 1.5, '67108864', Infinity],
    maxValueBytes: [0, 1.5, Infinity],
    userOf: [() => 1],
  };
  for (const [option, values] of Object.entries(REFUSED)) {
    test(`a wrong ${option} is refused at start, by its name`, () => {
      for (const value of values) {
        assert.throws(() => new MemcachedStore({ client, [option]: value }), { name: 'TypeError', code: 'ERR_SESSION_OPTION', option });
      }
    });
  }

  test('null means not set, and a client of memjs is told why it will not do', () => {
    new MemcachedStore({ client, prefix: null, timeoutMs: null, defaultMaxAgeMs: null, maxPendingBytes: null, maxValueBytes: null });
    assert.throws(() => new MemcachedStore({ client: { get() {}, set() {}, add() {}, delete() {} } }), /memjs/);
  });
});

describe('a client that returns promises and takes no callbacks', () => {
  const refusal = { name: 'TypeError', code: 'ERR_SESSION_OPTION', option: 'client', message: /promises/ };

  test('is told so at the first call, and not by a timeout', async t => {
    const { client: inner } = await memcachedFor(t);
    const client = Object.fromEntries(['gets', 'set', 'add', 'cas', 'del'].map(name => {
      const method = promisify(inner[name]).bind(inner);
      const { length } = { gets: ['key'], del: ['key'], set: ['key', 'text', 1], add: ['key', 'text', 1], cas: ['key', 'text', '1', 1] }[name];
      return [name, (...args) => method(...args.slice(0, length))];
    }));
    const store = new MemcachedStore({ client, timeoutMs: 60_000 });
    for (const call of [() => store.checkAccess(), () => store.get('key'), () => store.set('key', {}, 1000), () => store.destroy('key')]) {
      await assert.rejects(call, refusal);
    }
  });

  test('is taken if it also calls back', async t => {
    const { client: inner } = await memcachedFor(t);
    const client = Object.fromEntries(['gets', 'set', 'add', 'cas', 'del'].map(name => [name, (...args) => {
      const callback = args.pop();
      const done = promisify(inner[name]).apply(inner, args);
      done.then(answer => callback(undefined, answer), callback);
      return done;
    }]));
    const store = new MemcachedStore({ client });
    await store.checkAccess();
    await store.set('key', { n: 1 }, 60_000);
    assert.deepEqual(await store.get('key'), { n: 1 });
  });
});
