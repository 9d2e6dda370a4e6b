'use strict';

/** The world in which code of the documents runs: a folder of its own, a real Redis and memcached. */

const { after, before } = require('node:test');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { startMemcached, startRedis } = require('./servers');

/** @returns {import('./doc_world').World} filled before the first test of the file, and gone after the last */
function startWorld() {
  const world = { folder: '', redis: 0, memcached: 0, closing: [] };
  const home = process.cwd();
  /** @type {any[]} */
  const servers = [];
  before(async () => {
    world.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-docs-'));
    process.chdir(world.folder);
    servers.push(await startRedis(), await startMemcached());
    [world.redis, world.memcached] = servers.map(({ port }) => port);
  });
  after(async () => {
    process.chdir(home);
    for (const server of servers) await server.remove();
    fs.rmSync(world.folder, { recursive: true, force: true });
  });
  return world;
}

module.exports = { startWorld };
