'use strict';

/** Redis hangs: what its client holds is bounded, also after the commands' deadline. */

const { test } = require('node:test');
const { RedisStore } = require('../../..');
const { connectNodeRedis, redisFor } = require('../../support/redis_clients');
const { LARGE_BYTES, refusesWhileHung, takesAgain, writeLarge } = require('../../support/pending_calls');

const COUNT = 20;
const TIMEOUT_MS = 200;

for (const kind of ['ioredis', 'node-redis']) {
  test(`a hung Redis: commands beyond maxPendingBytes are refused, and once it answers as many are taken as before (${kind})`, async t => {
    const { client, server } = await redisFor(t);
    const store = new RedisStore({
      client: kind === 'ioredis' ? client : await connectNodeRedis(t, server), timeoutMs: TIMEOUT_MS, maxPendingBytes: COUNT * LARGE_BYTES,
    });
    await store.setText('key', '1', 60_000);
    await refusesWhileHung(store, server, COUNT);
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
