'use strict';

/** When `npm test` builds again; in a folder whose napi only writes down what it was asked for. */

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { REPOSITORY } = require('../support/app_process');

const BINARY = 'egg-session-native.some-system.node';
const NAPI = `
  const fs = require('node:fs');
  const args = process.argv.slice(2, process.argv.indexOf('--'));
  const out = args[args.indexOf('--output-dir') + 1];
  fs.mkdirSync(out, { recursive: true });
  fs.writeFileSync(out + '/' + (args.includes('--target') ? 'egg-session-native.another.node' : '${BINARY}'), args.slice(args.indexOf('--dts') + 2).join(' '));
`;

/** @param {import('node:test').TestContext} t */
function emptyProject(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-build-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const napi = path.join(folder, 'node_modules/@napi-rs/cli');
  fs.mkdirSync(path.join(napi, 'dist'), { recursive: true });
  fs.writeFileSync(path.join(napi, 'package.json'), '{}');
  fs.writeFileSync(path.join(napi, 'dist/cli.js'), NAPI);
  fs.mkdirSync(path.join(folder, 'scripts'));
  fs.copyFileSync(path.join(REPOSITORY, 'scripts/build.js'), path.join(folder, 'scripts/build.js'));
  return {
    /** @param {string[]} args @returns {boolean} whether it built */
    build: (...args) => execFileSync(process.execPath, [path.join(folder, 'scripts/build.js'), ...args], { encoding: 'utf8' }).includes('building'),
    /** @returns {string} the arguments from which the binary is */
    binary: () => fs.readFileSync(path.join(folder, BINARY), 'utf8'),
  };
}

test('what is current is not built again, also after a build for another system', t => {
  const { build } = emptyProject(t);
  assert.deepEqual([build('--if-changed'), build('--if-changed'), build('--target', 'another'), build('--if-changed')], [true, false, true, false]);
});

test('a binary with other features is not taken for the usual one', t => {
  const { build, binary } = emptyProject(t);
  assert.equal(build('--if-changed'), true);
  build('--no-default-features');
  assert.equal(binary(), '--no-default-features');
  assert.equal(build('--if-changed'), true);
  assert.equal(binary(), '');
});
