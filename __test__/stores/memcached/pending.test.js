'use strict';

/** memcached hangs or restarts: what its client holds is bounded, also after the commands' deadline. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');
const { MemcachedStore } = require('../../..');
const { memcachedFor } = require('../../support/memcached_clients');
const { LARGE_BYTES, codeOf, refusesWhileHung, takesAgain, writeLarge } = require('../../support/pending_calls');

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

const COUNT = 20;
const TIMEOUT_MS = 200;
/** As docs/memcached.md says, with a timer that does not keep the test waiting, and a pool that each of the calls finds room in. */
const CLIENT = { retries: 0, timeout: 60_000, retry: 100, reconnect: 2 ** 31 - 1, failures: 1e9, failuresTimeout: 1000, idle: 60_000, poolSize: 2 * COUNT };

/** @param {import('node:test').TestContext} t */
async function storeFor(t) {
  const { client, server } = await memcachedFor(t, [], CLIENT);
  const store = new MemcachedStore({ client, timeoutMs: TIMEOUT_MS, maxPendingBytes: COUNT * LARGE_BYTES });
  await store.setText('key', '1', 60_000);
  return { store, server };
}

test('a hung memcached: commands beyond maxPendingBytes are refused, and once it answers as many are taken as before', async t => {
  const { store, server } = await storeFor(t);
  await refusesWhileHung(store, server, COUNT);
});

test('commands that the client forgets when a connection breaks no longer count once they are garbage', async t => {
  const { store, server } = await storeFor(t);
  await server.freeze();
  // An error that is kept would keep its function's arguments, and they the command.
  assert.deepEqual(new Set(await Promise.all(writeLarge(store, COUNT).accepted.map(codeOf))), new Set(['ERR_SESSION_STORE_TIMEOUT']));
  await server.stop();
  await server.start();
  // A busy process collects by itself.
  const collecting = setInterval(gc, 100);
  t.after(() => clearInterval(collecting));
  await takesAgain(store, COUNT);
});
