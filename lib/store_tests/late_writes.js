'use strict';

/** Level `lateWrites` of the conformance tests: a write that arrives after its session was destroyed changes nothing. */

const assert = require('node:assert/strict');

const HOUR_MS = 60 * 60 * 1000;

/** @type {import('.').Case[]} */
module.exports = [
  {
    name: 'a creation that arrives after the session was destroyed brings nothing back',
    async run({ store, newKey, options }) {
      const key = newKey();
      await store.compareAndSet(key, null, '{"n":1}', HOUR_MS, options);
      await store.destroy(key, { ctx: options.ctx });
      const late = await store.compareAndSet(key, null, '{"n":1}', HOUR_MS, { ...options, ctx: {} });
      assert.equal(late.status, 'conflict');
      assert.ok(!await store.getText(key, HOUR_MS, options));
      assert.ok(!await store.get(key, HOUR_MS, options));
    },
  },
  {
    name: 'what a destroyed session leaves is replaced by whoever was told of it, once',
    async run({ store, newKey, options }) {
      const key = newKey();
      await store.compareAndSet(key, null, '{"n":1}', HOUR_MS, options);
      await store.destroy(key, { ctx: options.ctx });
      const { text } = await store.compareAndSet(key, null, '{"n":2}', HOUR_MS, options);
      assert.deepEqual(await store.compareAndSet(key, text, '{"n":2}', HOUR_MS, options), { status: 'done' });
      assert.equal(await store.getText(key, HOUR_MS, options), '{"n":2}');
      await store.destroy(key, { ctx: options.ctx });
      assert.deepEqual(await store.compareAndSet(key, text, '{"n":2}', HOUR_MS, options), { status: 'gone' });
      assert.notEqual((await store.compareAndSet(key, null, '{"n":2}', HOUR_MS, options)).text, text);
    },
  },
];
