'use strict';

/** Keys that memcached can take, and keys that it cannot. */

const assert = require('node:assert/strict');
const { createHash } = require('node:crypto');
const { describe, test } = require('node:test');
const { MemcachedStore } = require('../../..');
const { hasKey, itemsIn, memcachedFor } = require('../../support/memcached_clients');

const HOUR_MS = 60 * 60 * 1000;

describe('keys', () => {
  test('that memcached can take stay as they are', async t => {
    const { client, server } = await memcachedFor(t);
    const store = new MemcachedStore({ client, prefix: 'sess:' });
    const keys = ['5d2f0a30-0b6e-4b0e-9d43-2a8a6d9ad9a7', 'a'.repeat(245), 'A_b-c.d:e/f@g+h='];
    for (const key of keys) await store.set(key, { key }, HOUR_MS);
    for (const key of keys) assert.ok(await hasKey(server, `sess:${key}`), key);
  });

  test('that it cannot take are hashed, and kept apart', async t => {
    for (const namespace of ['', 'app:']) {
      const { client, server } = await memcachedFor(t, [], { namespace });
      const store = new MemcachedStore({ client });
      const keys = ['', ' ', 'a b', 'a\tb', 'a\r\nset x 0 0 1\r\n1', 'a\u0000', 'ü', 'u\u0308', '$&', '$1', 'a'.repeat(251), 'a'.repeat(252), 'cas', '__proto__'];
      for (const key of keys) await store.set(key, { key }, HOUR_MS);
      for (const key of keys) {
        assert.deepEqual(await store.get(key), { key });
        assert.deepEqual(await store.compareAndSet(key, JSON.stringify({ key }), '1', HOUR_MS), { status: 'done' });
      }
      assert.equal(await itemsIn(server), keys.length);
      assert.ok(await hasKey(server, `${namespace}sha256:${createHash('sha256').update('a b').digest('base64url')}`));
      for (const key of keys) await store.destroy(key);
      for (const key of keys) assert.equal(await store.get(key), undefined);
    }
  });

  test('a client that refuses long keys never sees one', async t => {
    const { client } = await memcachedFor(t, [], { keyCompression: false, namespace: 'app:' });
    const store = new MemcachedStore({ client, prefix: 'p'.repeat(200) });
    for (const length of [45, 46, 47, 250, 5000]) {
      await store.set('k'.repeat(length), { length }, HOUR_MS);
      assert.deepEqual(await store.get('k'.repeat(length)), { length });
    }
  });
});
