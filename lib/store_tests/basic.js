'use strict';

/** Level `basic` of the conformance tests: get, set and destroy, the methods that egg-session 3.3.0 calls. */

const assert = require('node:assert/strict');

const HOUR_MS = 60 * 60 * 1000;
/** Sessions as the middleware gives them to a store: plain JSON values, hostile keys and strings among them. */
const SESSIONS = [
  {},
  { user: 'Ada', visits: 3, ratio: -1.5e-7, yes: true, none: null, nested: { list: [1, [2, { three: 3 }], null] } },
  { 'ü😀\u0000\u2028\'"\\ \r\n': 'ü😀\u0000\u2028\'"\\ \r\n', '': '' },
  { _expire: 1893456000000, _maxAge: 86400000 },
  { _session: true },
  JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"toString":2,"length":3}'),
  { long: 'x😀'.repeat(20_000) },
];

/** @type {import('.').Case[]} */
module.exports = [
  {
    name: 'answers something falsy for a key that it does not know',
    async run({ store, newKey, options }) {
      assert.ok(!await store.get(newKey(), HOUR_MS, options));
    },
  },
  {
    name: 'gives back what was set',
    async run({ store, newKey, options }) {
      for (const session of SESSIONS) {
        const key = newKey();
        await store.set(key, session, HOUR_MS, options);
        const loaded = await store.get(key, HOUR_MS, options);
        assert.equal(JSON.stringify(loaded), JSON.stringify(session));
      }
      assert.equal(/** @type {any} */ ({}).polluted, undefined);
    },
  },
  {
    name: 'gives a new object each time, and keeps none that it was given',
    async run({ store, newKey, options }) {
      const key = newKey();
      const session = { nested: { n: 1 } };
      await store.set(key, session, HOUR_MS, options);
      session.nested.n = 2;
      const loaded = await store.get(key, HOUR_MS, options);
      assert.deepEqual(loaded, { nested: { n: 1 } });
      loaded.nested.n = 3;
      assert.deepEqual(await store.get(key, HOUR_MS, options), { nested: { n: 1 } });
    },
  },
  {
    name: 'replaces the whole session',
    async run({ store, newKey, options }) {
      const key = newKey();
      await store.set(key, { a: 1, b: { c: 2 } }, HOUR_MS, options);
      await store.set(key, { b: {} }, HOUR_MS, options);
      assert.deepEqual(await store.get(key, HOUR_MS, options), { b: {} });
    },
  },
  {
    name: 'keeps keys apart',
    async run({ store, newKey, options }) {
      const key = newKey();
      const long = key.repeat(10);
      const keys = [key, key.toUpperCase(), `${key}:`, `:${key}`, `${key} `, `${key}ü`, `${key}u\u0308`, `${key}\u0000`, `${key}$&`, `${long}1`, `${long}2`];
      for (const [i, each] of keys.entries()) await store.set(each, { i }, HOUR_MS, options);
      for (const [i, each] of keys.entries()) assert.deepEqual(await store.get(each, HOUR_MS, options), { i });
    },
  },
  {
    name: 'destroys one session and no other',
    async run({ store, newKey, options }) {
      const [key, other] = [newKey(), newKey()];
      await store.set(key, { a: 1 }, HOUR_MS, options);
      await store.set(other, { b: 1 }, HOUR_MS, options);
      await store.destroy(key, { ctx: options.ctx });
      assert.ok(!await store.get(key, HOUR_MS, options));
      assert.deepEqual(await store.get(other, HOUR_MS, options), { b: 1 });
    },
  },
  {
    name: 'destroys what is not there without an error',
    async run({ store, newKey, options }) {
      await store.destroy(newKey(), { ctx: options.ctx });
    },
  },
  {
    name: 'reads what was written just before',
    async run({ store, newKey, options }) {
      const key = newKey();
      for (let i = 0; i < 50; i++) {
        await store.set(key, { i }, HOUR_MS, options);
        assert.deepEqual(await store.get(key, HOUR_MS, options), { i });
      }
    },
  },
  {
    name: 'does many calls at once',
    async run({ store, newKey, options }) {
      const keys = Array.from({ length: 200 }, newKey);
      await Promise.all(keys.map((key, i) => store.set(key, { i }, HOUR_MS, options)));
      const loaded = await Promise.all(keys.map(key => store.get(key, HOUR_MS, options)));
      assert.deepEqual(loaded, keys.map((_, i) => ({ i })));
    },
  },
];
