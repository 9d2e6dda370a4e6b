'use strict';

/** RedisStore keeps the contract of stores, on each client that it takes. */

const { after, before, describe, test } = require('node:test');
const Redis = require('ioredis');
const { createClient } = require('redis');
const storeTests = require('../../store-tests');
const { RedisStore } = require('../..');
const { startRedis } = require('../support/servers');

const CLIENTS = {
  ioredis: {
    open: async port => new Redis(port, '127.0.0.1'),
    close: client => client.disconnect(),
  },
  'ioredis with a keyPrefix': {
    open: async port => new Redis(port, '127.0.0.1', { keyPrefix: 'app:' }),
    close: client => client.disconnect(),
  },
  'node-redis': {
    open: port => createClient({ socket: { host: '127.0.0.1', port } }).connect(),
    close: client => client.destroy(),
  },
};

let server;
before(async () => { server = await startRedis(); });
after(() => server.remove());

for (const [name, { open, close }] of Object.entries(CLIENTS)) {
  describe(name, () => {
    let client;
    before(async () => { client = await open(server.port); });
    after(() => close(client));
    storeTests({ test, createStore: () => new RedisStore({ client, prefix: 'sess:', userOf: session => session && session.user }), level: 'lateWrites' });
  });
}
