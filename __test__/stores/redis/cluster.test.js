'use strict';

/** RedisStore on a Redis Cluster of three nodes: every script has one key, which the client can find the node by. */

const { after, before, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { setTimeout: sleep } = require('node:timers/promises');
const Redis = require('ioredis');
const { createCluster } = require('redis');
const storeTests = require('../../../store-tests');
const { RedisStore } = require('../../..');
const { neededCommands } = require('../../../lib/stores/redis/access');
const { startRedis } = require('../../support/servers');

const userOf = session => session && session.user;

const SLOTS = 16384;
const NODES = 3;

/** @type {Awaited<ReturnType<typeof startRedis>>[]} */
const servers = [];
/** @type {Redis[]} one for each node */
const nodes = [];

before(async () => {
  for (let i = 0; i < NODES; i++) {
    servers.push(await startRedis(['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', '--cluster-node-timeout', '10000']));
    nodes.push(new Redis(servers[i].port, '127.0.0.1'));
    // As `redis-cli --cluster create` does: a share of the slots and an epoch of its own for each, then they meet.
    await nodes[i].cluster('ADDSLOTSRANGE', Math.ceil(i * SLOTS / NODES), Math.ceil((i + 1) * SLOTS / NODES) - 1);
    await nodes[i].call('CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1));
  }
  for (const node of nodes.slice(1)) await node.cluster('MEET', '127.0.0.1', servers[0].port);
  for (const node of nodes) {
    for (let i = 0; !/cluster_state:ok[^]*cluster_size:3/.test(await node.cluster('INFO')); i++) {
      assert.ok(i < 500, 'the cluster never became ready');
      await sleep(20);
    }
  }
});
after(async () => {
  for (const node of nodes) node.disconnect();
  for (const server of servers) await server.remove();
});

const CLIENTS = {
  'ioredis Cluster': {
    open: (port, login) => new Redis.Cluster([{ host: '127.0.0.1', port }], { redisOptions: login }),
    close: client => client.disconnect(),
  },
  'node-redis cluster': {
    async open(port, login) {
      const client = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }], defaults: login });
      await client.connect();
      return client;
    },
    close: client => client.destroy(),
  },
};

// At the same time: most of it is waiting for sessions to end.
describe('a cluster of three nodes', { concurrency: true }, () => {
  for (const [name, { open, close }] of Object.entries(CLIENTS)) {
    describe(name, () => {
      let client;
      before(async () => { client = await open(servers[0].port); });
      after(() => close(client));

      storeTests({ test, createStore: () => new RedisStore({ client, userOf }), level: 'lateWrites' });

      test('finds and destroys the sessions of a user, which are on all nodes', async () => {
        const store = new RedisStore({ client, userOf, prefix: `${name}:` });
        for (let i = 0; i < 50; i++) await store.set(`k${i}`, { user: 'ada', i }, 60_000);
        for (const node of nodes) assert.notDeepEqual(await node.keys(`${name}:k*`), []);
        assert.equal((await store.list({ user: 'ada' })).length, 50);
        assert.equal(await store.destroyAll({ user: 'ada' }), 50);
        for (let i = 0; i < 50; i++) assert.equal(await store.get(`k${i}`), undefined);
        assert.deepEqual(await store.list({ user: 'ada' }), []);
      });

      test('works for a user who may do no more than docs/redis.md says', async t => {
        const login = { username: `user of ${name}`.replaceAll(' ', '-'), password: 'secret' };
        const rules = [...neededCommands(true), 'cluster|slots', 'cluster|info'].map(command => `+${command}`);
        for (const node of nodes) await node.call('ACL', 'SETUSER', login.username, 'reset', 'on', '>secret', '~acl:*', '-@all', ...rules);
        const limited = await open(servers[0].port, login);
        t.after(() => close(limited));
        const store = new RedisStore({ client: limited, userOf, prefix: `acl:${name}:` });
        for (let i = 0; i < 10; i++) await store.checkAccess();
        for (let i = 0; i < 20; i++) await store.set(`k${i}`, { user: name, i }, 60_000);
        assert.equal(await store.destroyAll({ user: name }), 20);
        for (const node of nodes) await node.call('ACL', 'SETUSER', login.username, '-evalsha');
        await assert.rejects(store.checkAccess(), { code: 'ERR_SESSION_STORE_FORBIDDEN', commands: ['evalsha'] });
      });

      test('sends a script again to the node that has forgotten it', async () => {
        const store = new RedisStore({ client, prefix: `${name}:` });
        const keys = Array.from({ length: 20 }, (_, i) => `forgotten${i}`);
        for (const key of keys) await store.setText(key, '{"a":1}', 60_000);
        for (const node of nodes) await node.script('FLUSH');
        for (const key of keys) assert.deepEqual(await store.compareAndSet(key, '{"a":1}', '{"a":2}', 60_000), { status: 'done' });
      });
    });
  }
});
