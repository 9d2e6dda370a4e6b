'use strict';

/** What the tools that judge packages say about the tarball. */

const test = require('node:test');
const assert = require('node:assert');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { Packed } = require('../support/packed');

const packed = new Packed();
test.after(() => packed.remove());

test('publint finds nothing', async () => {
  const { publint } = await import('publint');
  const tarball = require('node:fs').readFileSync(packed.main);
  const { messages } = await publint({ pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.length) }, strict: true });
  assert.deepStrictEqual(messages, []);
});

test('the types are right for require and for import, under every module resolution', () => {
  const cli = path.join(path.dirname(require.resolve('@arethetypeswrong/cli/package.json')), 'dist/index.js');
  const { status, stdout } = spawnSync(process.execPath, [cli, packed.main, '--format', 'json'], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const { analysis } = JSON.parse(stdout);
  assert.deepStrictEqual(analysis.problems, []);
  assert.strictEqual(analysis.types.kind, 'included');
  assert.strictEqual(status, 0);
});
