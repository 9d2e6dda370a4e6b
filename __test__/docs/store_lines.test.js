'use strict';

/** Each line of the READMEs that sets a place for sessions runs as it stands, copied alone, against a real Redis and memcached. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const { runBlock } = require('../support/doc_apps');
const { read } = require('../support/documents');
const { startWorld } = require('../support/doc_servers');

const ROWS = { 'README.md': /^\| one line to set it.*$/m, 'README.zh-CN.md': /^\| 一行启用.*$/m };
const world = startWorld();

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
