'use strict';

/** RedisStore on Redis Cluster: every script has one key, which the client can find the node by. */

const { after, before, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { setTimeout: sleep } = require('node:timers/promises');
const Redis = require('ioredis');
const { createCluster } = require('redis');
const storeTests = require('../store-tests');
const { RedisStore } = require('..');
const { startRedis } = require('./support/servers');

const userOf = session => session && session.user;

let server;
before(async () => {
  // One node with all the slots: it takes part in no other cluster, but refuses keys of two slots in one script.
  server = await startRedis(['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1']);
  const client = new Redis(server.port, '127.0.0.1');
  await client.cluster('ADDSLOTSRANGE', 0, 16383);
  for (let i = 0; !(await client.cluster('INFO')).includes('cluster_state:ok'); i++) {
    assert.ok(i < 500, 'the cluster never became ready');
    await sleep(20);
  }
  client.disconnect();
});
after(() => server.remove());

const CLIENTS = {
  'ioredis Cluster': {
    open: port => new Redis.Cluster([{ host: '127.0.0.1', port }]),
    close: client => client.disconnect(),
  },
  'node-redis cluster': {
    async open(port) {
      const client = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] });
      await client.connect();
      return client;
    },
    close: client => client.destroy(),
  },
};

for (const [name, { open, close }] of Object.entries(CLIENTS)) {
  describe(name, () => {
    let client;
    before(async () => { client = await open(server.port); });
    after(() => close(client));

    storeTests({ test, createStore: () => new RedisStore({ client, userOf }) });

    test('finds and destroys the sessions of a user, which are in many slots', async () => {
      const store = new RedisStore({ client, userOf, prefix: `${name}:` });
      for (let i = 0; i < 50; i++) await store.set(`k${i}`, { user: 'ada', i }, 60_000);
      assert.equal((await store.list({ user: 'ada' })).length, 50);
      assert.equal(await store.destroyAll({ user: 'ada' }), 50);
    });
  });
}
