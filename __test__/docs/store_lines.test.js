'use strict';

/** Each line of the READMEs that sets a place for sessions runs as it stands, copied alone, against a real Redis and memcached. */

const { after, before, test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { runBlock } = require('../support/doc_apps');
const { read } = require('../support/documents');
const { startMemcached, startRedis } = require('../support/servers');

const ROWS = { 'README.md': /^\| one line to set it.*$/m, 'README.zh-CN.md': /^\| 一行启用.*$/m };
/** @type {import('../support/doc_world').World} */
const world = { folder: '', redis: 0, memcached: 0, closing: [] };
const home = process.cwd();
/** @type {any[]} */
const servers = [];

before(async () => {
  world.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-lines-'));
  process.chdir(world.folder);
  servers.push(await startRedis(), await startMemcached());
  [world.redis, world.memcached] = servers.map(({ port }) => port);
});

after(async () => {
  process.chdir(home);
  for (const server of servers) await server.remove();
  fs.rmSync(world.folder, { recursive: true, force: true });
});

for (const [document, row] of Object.entries(ROWS)) {
  const [, , ...cells] = /** @type {RegExpExecArray} */ (row.exec(read(document)))[0].split(' |').map(cell => cell.replace(/^\| */, '').trim());
  const lines = cells.filter(cell => cell.startsWith('`'));

  test(`${document}: each place but the default has its line`, () => {
    const names = lines.map(line => /SqliteStore|RedisStore|MemcachedStore|sealed/.exec(line)?.[0]);
    assert.deepEqual(names, ['sealed', 'SqliteStore', 'RedisStore', 'MemcachedStore']);
  });

  for (const cell of lines) {
    test(`${document}: ${cell}`, async t => {
      t.after(async () => {
        for (const close of world.closing.splice(0).reverse()) await close();
      });
      const line = cell.slice(1, -1);
      await runBlock(world, line.startsWith('app.') ? `// app.js, in didLoad\n${line}` : line);
    });
  }
}
