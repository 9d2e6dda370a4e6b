'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { REPOSITORY } = require('../support/app_process');
const { CookieJar, send } = require('../support/client');
const { startCluster } = require('../support/cluster_process');

const MOST_READS = 200;

describe('a session under a cluster with two workers', () => {
  for (const major of [3, 4]) {
    test(`is written by one worker and read by both: egg ${major}`, { timeout: 60000 }, async () => {
      const cluster = await startCluster({ major, plugin: REPOSITORY });
      /** @type {Set<number>} */
      const pids = new Set();
      let outlived;
      try {
        const jar = new CookieJar();
        // a connection of its own for each request: the cluster gives them to the workers in turn
        const request = body => send({
          port: cluster.port,
          agent: false,
          body,
          headers: { 'x-want-pid': '1', cookie: jar.header(Date.now(), '/') },
        });

        const login = await request([['set', 'user', 'ann']]);
        assert.equal(login.status, 200);
        assert.match(login.setCookie[0], /^EGG_SESS=[\w-]+=*; /);
        jar.store(login.setCookie, Date.now());

        for (let reads = 0; pids.size < 2 && reads < MOST_READS; reads++) {
          const { body, setCookie } = await request([['read']]);
          assert.deepEqual([body.results, setCookie], [['{"user":"ann"}'], []]);
          pids.add(body.pid);
        }
        assert.equal(pids.size, 2, 'both workers have answered');
      } finally {
        outlived = await cluster.stop([...pids]);
      }
      assert.deepEqual(outlived, [], 'no worker outlives the master');
    });
  }
});
