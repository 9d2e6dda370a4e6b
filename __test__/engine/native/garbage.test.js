'use strict';

/** Keyrings are collected with what they hold in Rust; the shared numbers outlive every collection. */

const test = require('node:test');
const assert = require('node:assert');
const path = require('node:path');
const { spawnSync } = require('node:child_process');

const SCRIPT = `
  const { Keyring } = require('./lib/engine/native');
  const { setImmediate: turn } = require('node:timers/promises');
  const value = new Keyring(['old']).seal('encrypted', 'n', '{"a":1}').value;
  (async () => {
    let wrong = 0;
    let settled = 0;
    for (let round = 0; round < 120; round++) {
      for (let i = 0; i < 200; i++) {
        const opened = new Keyring(['new', 'newer', 'old']).open('encrypted', 'n', value);
        if (opened === null || opened.text !== '{"a":1}' || opened.keyIndex !== 2) wrong++;
      }
      globalThis.gc();
      await turn();
      if (round === 30) settled = process.memoryUsage().rss;
    }
    console.log(JSON.stringify({ wrong, grownMiB: Math.round((process.memoryUsage().rss - settled) / 2 ** 20) }));
  })();
`;

test('keyrings come and go without the process growing', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', '-e', SCRIPT], { cwd: path.join(__dirname, '../../..'), encoding: 'utf8' });
  assert.strictEqual(status, 0, stderr);
  const { wrong, grownMiB } = JSON.parse(stdout);
  assert.strictEqual(wrong, 0);
  // the 17,800 keyrings since then would take some 70 MiB if they leaked
  assert.ok(grownMiB < 20, `${grownMiB} MiB`);
});
