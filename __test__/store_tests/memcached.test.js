'use strict';

/** MemcachedStore keeps the contract of stores. */

const { after, before, describe, test } = require('node:test');
const Memcached = require('memcached');
const storeTests = require('../../store-tests');
const { MemcachedStore } = require('../..');
const { startMemcached } = require('../support/servers');

let server;
before(async () => { server = await startMemcached(); });
after(() => server.remove());

for (const [name, options] of Object.entries({ 'a plain client': {}, 'a client with a namespace': { namespace: 'app:' } })) {
  describe(name, () => {
    let client;
    before(() => { client = new Memcached(`127.0.0.1:${server.port}`, options); });
    after(() => client.end());
    // memcached counts in seconds.
    storeTests({ test, createStore: () => new MemcachedStore({ client, prefix: 'sess:' }), slackMs: 3000, level: 'lateWrites' });
  });
}
