'use strict';

/** What the tarballs hold, and that installing them runs nothing. */

const test = require('node:test');
const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { Packed } = require('../support/packed');
const { builtBinary, packAll } = require('../../scripts/pack');
const { ROOT, platforms } = require('../../scripts/platforms');

const packed = new Packed();
test.after(() => packed.remove());

/** @param {string} tarball @returns {string[]} */
function filesOf(tarball) {
  const { stdout } = spawnSync('tar', ['-tzf', tarball], { encoding: 'utf8' });
  return stdout.trim().split('\n').map(name => name.replace(/^package\//, '')).sort();
}

/** @param {string} tarball */
function manifestOf(tarball) {
  return JSON.parse(spawnSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' }).stdout);
}

/** @param {string} folder @returns {string[]} */
function filesBelow(folder) {
  return fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true })
    .flatMap(entry => (entry.isDirectory() ? filesBelow(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`]));
}

test('the main package holds the entry, the types, the documents, the Egg plugin and lib/, and nothing else', () => {
  assert.deepStrictEqual(filesOf(packed.main), [
    'CHANGELOG.md', 'LICENSE', 'README.md', 'README.zh-CN.md', 'SECURITY.md', 'app.js', 'egg.d.mts', 'index.d.ts', 'index.js', 'koa-session.d.ts', 'package.json',
    'store-tests.d.ts', 'store-tests.js',
    // The README's pictures are for those who read it where the repository is.
    ...['app', 'config', 'docs', 'lib'].flatMap(filesBelow).filter(name => !name.endsWith('.png')),
  ].sort());
  const kinds = new Set(filesOf(packed.main).map(name => path.extname(name)));
  assert.deepStrictEqual([...kinds].sort(), ['', '.js', '.json', '.md', '.mts', '.ts']);
});

test('a platform package holds the binary, the licence and the notices, and nothing else', () => {
  for (const { name, binary } of platforms()) {
    assert.deepStrictEqual(filesOf(packed.platforms[name]), ['LICENSE', 'README.md', 'THIRD_PARTY_NOTICES.md', binary, 'package.json'].sort());
  }
});

test('a release adds a bill of materials to each package, and refuses one that is about another binary', () => {
  const folder = path.join(packed.folder, 'release');
  const sboms = path.join(folder, 'sbom');
  fs.mkdirSync(sboms, { recursive: true });
  const [binary] = platforms().flatMap(platform => builtBinary(platform) ?? []);
  const { name } = packed.own;
  const hash = crypto.createHash('sha256').update(fs.readFileSync(binary)).digest('hex');
  fs.writeFileSync(path.join(sboms, 'egg-session-native.cdx.json'), '{}');
  const pack = (/** @type {string} */ sha256) => {
    fs.writeFileSync(path.join(sboms, `${name}.cdx.json`), JSON.stringify({ metadata: { component: { hashes: [{ alg: 'SHA-256', content: sha256 }] } } }));
    return packAll(folder, platform => (platform.name === name ? binary : null), { sboms });
  };
  assert.throws(() => pack(hash.replace(/^./, digit => (digit === '0' ? '1' : '0'))), /The bill of materials of \S+ is about another binary: npm run sbom/);
  const tarballs = pack(hash);
  for (const [tarball, usual] of [[tarballs.main, packed.main], [tarballs.platforms[name], packed.platforms[name]]]) {
    assert.deepStrictEqual(filesOf(tarball), [...filesOf(usual), 'sbom.cdx.json'].sort());
  }
});

test('no package has a script that runs when it is installed, or any other', () => {
  for (const tarball of [packed.main, ...Object.values(packed.platforms)]) {
    const { scripts, gypfile, bundledDependencies } = manifestOf(tarball);
    assert.deepStrictEqual({ scripts, gypfile, bundledDependencies }, { scripts: undefined, gypfile: undefined, bundledDependencies: undefined });
    assert.ok(!filesOf(tarball).includes('binding.gyp'), 'npm would build it');
  }
});

test('the main package asks for each platform package in exactly its own version, as an option', () => {
  const { version, optionalDependencies, devDependencies } = manifestOf(packed.main);
  assert.strictEqual(devDependencies, undefined);
  assert.deepStrictEqual(optionalDependencies, Object.fromEntries(platforms().map(({ name }) => [name, version])));
  assert.deepStrictEqual(Object.keys(optionalDependencies), [
    'egg-session-native-linux-x64-gnu', 'egg-session-native-linux-arm64-gnu', 'egg-session-native-linux-x64-musl', 'egg-session-native-linux-arm64-musl',
    'egg-session-native-darwin-x64', 'egg-session-native-darwin-arm64', 'egg-session-native-win32-x64-msvc', 'egg-session-native-win32-arm64-msvc',
  ]);
});

test('a platform package says the same about its platform as napi-rs would', async () => {
  const { NapiCli } = await import('@napi-rs/cli');
  const npmDir = path.join(packed.folder, 'npm');
  fs.mkdirSync(npmDir);
  fs.copyFileSync(path.join(ROOT, 'package.json'), path.join(packed.folder, 'package.json'));
  await new NapiCli().createNpmDirs({ cwd: packed.folder, npmDir: 'npm' });
  const theirs = fs.readdirSync(npmDir).map(name => JSON.parse(fs.readFileSync(path.join(npmDir, name, 'package.json'), 'utf8')));
  assert.strictEqual(theirs.length, 8);
  for (const expected of theirs) {
    const ours = manifestOf(packed.platforms[expected.name]);
    for (const field of ['name', 'version', 'main', 'os', 'cpu', 'libc', 'engines', 'license']) {
      assert.deepStrictEqual(ours[field], expected[field], `${expected.name}: ${field}`);
    }
  }
});

test('the loader asks for every binary and every package by its name, literally', () => {
  const loader = fs.readFileSync(path.join(ROOT, 'lib/engine/native/load_binding.js'), 'utf8');
  const required = [...loader.matchAll(/return require\('([^']+)'\)/g)].map(match => match[1]).sort();
  assert.deepStrictEqual(required, platforms().flatMap(({ name, binary }) => [name, `../../../${binary}`]).sort());
});
