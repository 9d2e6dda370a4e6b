'use strict';

/** Redis hangs: what its client holds is bounded, also after the commands' deadline. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { RedisStore } = require('../../..');
const { connectNodeRedis, redisFor } = require('../../support/redis_clients');
const { LARGE_BYTES, codeOf, takesAgain, writeLarge } = require('../../support/pending_calls');

const COUNT = 20;
const TIMEOUT_MS = 200;

for (const kind of ['ioredis', 'node-redis']) {
  test(`a hung Redis: commands beyond maxPendingBytes are refused, and once it answers as many are taken as before (${kind})`, async t => {
    const { client, server } = await redisFor(t);
    const store = new RedisStore({
      client: kind === 'ioredis' ? client : await connectNodeRedis(t, server), timeoutMs: TIMEOUT_MS, maxPendingBytes: COUNT * LARGE_BYTES,
    });
    await store.setText('key', '1', 60_000);
    for (let round = 0; round < 3; round++) {
      await server.freeze();
      const { accepted, refused } = writeLarge(store, COUNT);
      await assert.rejects(refused, error => {
        assert.equal(error.code, 'ERR_SESSION_STORE_BUSY');
        assert.match(error.message, new RegExp(`maxPendingBytes is ${COUNT * LARGE_BYTES}$`));
        assert.doesNotMatch(error.stack, /large-|xx/);
        return true;
      });
      assert.deepEqual(new Set(await Promise.all(accepted.map(codeOf))), new Set(['ERR_SESSION_STORE_TIMEOUT']));
      // The client holds them still.
      const calls = [store.getText('key'), store.setText('key', '2'), store.compareAndSet('key', '1', '2'), store.destroy('key')];
      assert.deepEqual(new Set(await Promise.all(calls.map(codeOf))), new Set(['ERR_SESSION_STORE_BUSY']));
      server.thaw();
      await takesAgain(store, COUNT);
      assert.equal(await store.getText('key'), '1');
    }
  });
}

test('commands that the client gives up on no longer count', async t => {
  const { client, server } = await redisFor(t, { client: { maxRetriesPerRequest: 0 } });
  const store = new RedisStore({ client, timeoutMs: TIMEOUT_MS, maxPendingBytes: COUNT * LARGE_BYTES });
  await store.setText('key', '1', 60_000);
  await server.freeze();
  const { accepted } = writeLarge(store, COUNT);
  await Promise.allSettled(accepted);
  await server.stop();
  await server.start();
  await takesAgain(store, COUNT);
});
