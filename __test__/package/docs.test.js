'use strict';

/** docs/install.md, docs/bundlers.md, docs/engine.md and docs/troubleshooting.md say what the loader, the packages and the tests do. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { ROOT, platforms } = require('../../scripts/platforms');

const read = name => fs.readFileSync(path.join(ROOT, name), 'utf8');
const guide = read('docs/install.md');
const bundlers = read('docs/bundlers.md');
const engine = read('docs/engine.md');
const troubleshooting = read('docs/troubleshooting.md');

test('the table of platforms names every package, and no other', () => {
  const table = guide.slice(guide.indexOf('## Platforms'), guide.indexOf('### Bun and Deno'));
  assert.deepStrictEqual([...table.matchAll(/`(egg-session-native-[\w-]+)`/g)].map(match => match[1]).sort(), platforms().map(({ name }) => name).sort());
});

test('the glibc of the guide, of troubleshooting and of the build for the release are one', () => {
  assert.match(read('scripts/build_all.js'), /^const GLIBC = '2\.28';$/m);
  assert.doesNotMatch(read('.github/workflows/release.yml'), /--glibc=/);
  assert.match(guide, /glibc 2\.28 or newer/);
  assert.match(troubleshooting, /glibc 2\.28 is needed/);
});

test('the ways to bundle are those that are tested', () => {
  const commands = [...bundlers.matchAll(/^esbuild serve\.js --bundle --platform=node (.*)$/gm)].map(match => match[1]);
  assert.deepStrictEqual(commands, [
    '--external:\'*.node\' --external:\'egg-session-native-*\' --outfile=dist/serve.js',
    '--loader:.node=copy --outdir=dist',
  ]);
  const tested = read('__test__/package/install_koa.test.js');
  for (const options of ['external: [\'egg-session-native-*\', \'*.node\']', 'loader: { \'.node\': \'copy\' }']) assert.ok(tested.includes(options), options);
});

test('the log line and the messages are those of the code', () => {
  const words = ['the portable engine stands in for the native one. ', 'No native engine for ', 'tried ', 'no binary is built for this platform', 'not found'];
  const code = ['app.js', 'lib/engine/native/load_binding.js', 'lib/options/warnings.js'].map(read).join('\n');
  for (const part of words) {
    assert.ok(code.includes(part), part);
    assert.ok((engine + troubleshooting).includes(part.trim()), part);
  }
  assert.match(engine, /^ {4}\[egg-session\] the portable engine stands in for the native one\. No native engine for linux x64 \(glibc [\d.]+, Node\.js v[\d.]+\): tried egg-session-native\.linux-x64-gnu\.node: not found; egg-session-native-linux-x64-gnu: not found$/m);
});

test('what the guide says about versions agrees with package.json and Cargo.toml', () => {
  assert.strictEqual(JSON.parse(read('package.json')).engines.node, '>= 18.19.0');
  assert.match(guide, /Node\.js 18\.19 or newer, on:/);
  const rust = /^rust-version = "(.*)"$/m.exec(read('Cargo.toml'))[1];
  assert.ok(guide.includes(`[Rust](https://rustup.rs) ${rust} or newer`));
  assert.match(read('Cargo.toml'), /"napi8"/);
  assert.match(bundlers, /Node-API \(version 8\)/);
});
