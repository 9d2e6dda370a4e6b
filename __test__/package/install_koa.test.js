'use strict';

/** The tarballs in a fresh Koa app: every way to install them, every way to load them, and a real login. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { buildSync } = require('esbuild');
const { Packed, npm, run } = require('../support/packed');
const { ROOT } = require('../../scripts/platforms');
const { writeKoaApp, visit, LOGGED_IN_AND_OUT } = require('../support/install_apps');

const packed = new Packed();
test.after(() => packed.remove());

const KOA = { koa: '2.16.4' };
const OWN = packed.own.name;

/** @param {string} name @param {Record<string, string>} [dependencies] */
function freshApp(name, dependencies = KOA) {
  const folder = packed.app(name, dependencies);
  writeKoaApp(folder);
  return folder;
}

/** @param {string} folder @returns {string[]} our packages there */
const installed = folder => fs.readdirSync(path.join(folder, 'node_modules')).filter(name => name.startsWith('egg-session-native')).sort();

const usual = freshApp('usual');

test('npm i brings this platform\'s binary and no other', () => {
  npm(usual, 'install');
  assert.deepStrictEqual(installed(usual), ['egg-session-native', OWN]);
  assert.strictEqual(JSON.parse(run('npm', ['ls', '--all', '--json'], usual)).problems, undefined);
});

test('require: login, read, logout', async () => {
  const { engine, reason, seen, stderr } = await visit(usual);
  assert.deepStrictEqual({ engine, reason, seen, stderr }, { engine: 'native', reason: undefined, seen: LOGGED_IN_AND_OUT, stderr: '' });
});

test('import, with the default and with names: login, read, logout', async () => {
  const { engine, seen, stderr } = await visit(usual, { script: 'serve.mjs' });
  assert.deepStrictEqual({ engine, seen, stderr }, { engine: 'native', seen: LOGGED_IN_AND_OUT, stderr: '' });
});

/** @param {import('esbuild').BuildOptions} options */
function bundle(options) {
  buildSync({ absWorkingDir: usual, entryPoints: ['serve.js'], bundle: true, platform: 'node', logLevel: 'error', ...options });
}

test('a bundle of esbuild that leaves the binary in node_modules', async () => {
  bundle({ external: ['egg-session-native-*', '*.node'], outfile: 'bundled.js' });
  const { engine, seen } = await visit(usual, { script: 'bundled.js' });
  assert.deepStrictEqual({ engine, seen }, { engine: 'native', seen: LOGGED_IN_AND_OUT });
});

test('a bundle of esbuild that takes the binary along, in a folder without node_modules', async () => {
  bundle({ loader: { '.node': 'copy' }, outdir: 'away' });
  const away = path.join(packed.folder, 'away');
  fs.renameSync(path.join(usual, 'away'), away);
  assert.deepStrictEqual(fs.readdirSync(away).map(name => path.extname(name)).sort(), ['.js', '.node']);
  const { engine, seen } = await visit(away);
  assert.deepStrictEqual({ engine, seen }, { engine: 'native', seen: LOGGED_IN_AND_OUT });
});

test('npm i --ignore-scripts: nothing is missing', async () => {
  const folder = freshApp('ignore-scripts');
  npm(folder, 'install', '--ignore-scripts');
  const { engine, seen } = await visit(folder);
  assert.deepStrictEqual({ engine, seen }, { engine: 'native', seen: LOGGED_IN_AND_OUT });
});

test('npm i --omit=optional: the portable engine, one line that says why, and the native one again after npm i', async () => {
  const folder = freshApp('omit-optional');
  npm(folder, 'install', '--omit=optional');
  assert.deepStrictEqual(installed(folder), ['egg-session-native']);
  const { engine, reason, seen, stderr } = await visit(folder);
  assert.deepStrictEqual({ engine, seen }, { engine: 'portable', seen: LOGGED_IN_AND_OUT });
  assert.match(reason, new RegExp(`^No native engine for ${process.platform} ${process.arch} \\(.*\\): tried .*${OWN}: not found$`));
  assert.strictEqual(stderr.split('\n').filter(line => line.includes(`the portable engine stands in for the native one. ${reason}`)).length, 1, stderr);
  await assert.rejects(visit(folder, { env: { EGG_SESSION_ENGINE: 'native' } }), /ERR_SESSION_ENGINE/);

  npm(folder, 'install');
  assert.strictEqual((await visit(folder)).engine, 'native');
});

test('a lock file from another system installs this one\'s binary', async () => {
  const folder = freshApp('foreign-lock');
  npm(folder, 'install', '--os=darwin', '--cpu=arm64', '--libc=none');
  assert.deepStrictEqual(installed(folder), ['egg-session-native', 'egg-session-native-darwin-arm64']);
  assert.strictEqual((await visit(folder)).engine, 'portable', 'a folder copied from another system starts too');
  npm(folder, 'ci');
  assert.deepStrictEqual(installed(folder), ['egg-session-native', OWN]);
  assert.strictEqual((await visit(folder)).engine, 'native');
});

test('a binary that does not load: the portable engine, and the reason of the system', async () => {
  const folder = freshApp('broken');
  npm(folder, 'install');
  fs.writeFileSync(path.join(folder, 'node_modules', OWN, packed.own.binary), 'no binary');
  const { engine, reason, seen } = await visit(folder);
  assert.deepStrictEqual({ engine, seen }, { engine: 'portable', seen: LOGGED_IN_AND_OUT });
  assert.match(reason, new RegExp(`${OWN}: (?!not found).*${packed.own.binary}`));
});

test('pnpm, whose node_modules are strict: login, read, logout', async () => {
  const folder = freshApp('pnpm');
  const pnpm = path.join(ROOT, 'node_modules/pnpm/bin/pnpm.cjs');
  const output = run(process.execPath, [pnpm, 'install', '--prefer-offline', '--store-dir', path.join(packed.folder, 'pnpm-store')], folder, { CI: 'true' });
  assert.doesNotMatch(output, /Ignored build scripts/);
  assert.deepStrictEqual(installed(folder), ['egg-session-native']);
  const { engine, seen } = await visit(folder);
  assert.deepStrictEqual({ engine, seen }, { engine: 'native', seen: LOGGED_IN_AND_OUT });
});
