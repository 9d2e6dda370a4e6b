'use strict';

/** What publish.js refuses, before it asks any registry; the date of a release; the bills of materials. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { cleanEnv } = require('../support/packed');
const { builtBinary, packAll } = require('../../scripts/pack');
const { ROOT, platforms, releaseAddresses } = require('../../scripts/platforms');
const { dated } = require('../../scripts/release_date');
const { complete, rustCommit } = require('../../scripts/sbom');

const ADDRESSES = { repository: 'git+https://example.com/sessions.git', homepage: 'https://example.com/', bugs: 'https://example.com/issues' };
const { version } = require('../../package.json');

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'session-publish-'));
test.after(() => fs.rmSync(scratch, { recursive: true, force: true }));
fs.writeFileSync(path.join(scratch, 'stand-in.node'), 'no binary');

/** @param {string} name @param {object} addresses @returns {string} a folder with all tarballs */
function dist(name, addresses) {
  const folder = path.join(scratch, name);
  packAll(folder, () => path.join(scratch, 'stand-in.node'), { addresses });
  return folder;
}

const ready = dist('complete', ADDRESSES);

/** @param {string[]} args @returns {string} its complaint */
function refusal(...args) {
  const oidc = Object.fromEntries(['ACTIONS_ID_TOKEN_REQUEST_URL', 'SIGSTORE_ID_TOKEN'].map(name => [name, '']));
  const { status, stderr, stdout } = spawnSync(process.execPath, ['scripts/publish.js', ...args], {
    // A registry that nobody can reach: a test must not publish.
    cwd: ROOT, encoding: 'utf8', env: { ...cleanEnv(), ...oidc, npm_config_registry: 'http://127.0.0.1:9/' },
  });
  assert.strictEqual(status, 1, stdout);
  assert.strictEqual(stdout, '');
  return stderr;
}

test('a package without addresses is not published, and the message says which file to edit', () => {
  const said = refusal(`--dist=${dist('nowhere', { repository: null, homepage: null, bugs: null })}`);
  for (const name of [...platforms().map(platform => platform.name), 'egg-session-native']) {
    assert.ok(said.includes(`${name} has no \`repository\`, \`homepage\`, \`bugs\`: fill in release.json, and pack again`), name);
  }
});

test('a package with the addresses of a dry run, without a date or without provenance is not published', () => {
  const loopback = { ...ADDRESSES, repository: 'git+http://127.0.0.1:4873/sessions.git' };
  assert.match(refusal(`--dist=${dist('stand-in', loopback)}`), /egg-session-native has the addresses of a dry run: pack again/);
  const said = refusal(`--dist=${ready}`);
  assert.doesNotMatch(said, /release\.json/);
  assert.match(said, /there is no provenance here: \.github\/workflows\/release\.yml publishes/);
  const hasDate = new RegExp(`^## \\[${version}\\] - \\d{4}-\\d\\d-\\d\\d$`, 'm').test(fs.readFileSync(path.join(ROOT, 'CHANGELOG.md'), 'utf8'));
  assert.strictEqual(/CHANGELOG\.md has no date for [\d.]+: npm run release:date, and pack again/.test(said), !hasDate);
});

test('nothing is published while a platform is missing', () => {
  const folder = path.join(scratch, 'incomplete');
  fs.cpSync(ready, folder, { recursive: true });
  fs.rmSync(path.join(folder, `egg-session-native-darwin-arm64-${version}.tgz`));
  assert.match(refusal(`--dist=${folder}`), new RegExp(`has no egg-session-native-darwin-arm64-${version}\\.tgz: \`npm run pack:all -- --every\``));
});

test('`npm publish` in a clone refuses: what it would publish has neither binaries nor addresses', () => {
  // Its dry run asks nobody and refuses nothing. On this registry nobody listens.
  const env = { ...cleanEnv(), npm_config_registry: 'http://127.0.0.1:9/', npm_config_fetch_retries: '0', 'npm_config_//127.0.0.1:9/:_authToken': 'none' };
  const { status, stderr } = spawnSync('npm', ['publish', '--ignore-scripts'], { cwd: ROOT, encoding: 'utf8', env, shell: process.platform === 'win32' });
  assert.notStrictEqual(status, 0);
  assert.match(stderr, /EPRIVATE/);
  for (const tarball of fs.readdirSync(ready).map(name => path.join(ready, name))) {
    assert.strictEqual(JSON.parse(spawnSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' }).stdout).private, undefined, tarball);
  }
});

test('the option --registry, with which there is no provenance, takes loopback only', () => {
  for (const url of ['https://registry.npmjs.org/', 'http://127.0.0.1.example.com/', 'https://127.0.0.1/', 'http://localhost@example.com/']) {
    assert.match(refusal(`--registry=${url}`), /--registry takes an address on loopback/, url);
  }
});

test('the addresses are in every manifest, and in the repository they are whole or empty', () => {
  for (const tarball of fs.readdirSync(ready).map(name => path.join(ready, name))) {
    const { repository, homepage, bugs } = JSON.parse(spawnSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' }).stdout);
    assert.deepStrictEqual({ repository, homepage, bugs }, {
      repository: { type: 'git', url: ADDRESSES.repository }, homepage: ADDRESSES.homepage, bugs: { url: ADDRESSES.bugs },
    });
  }
  const filled = Object.values(releaseAddresses()).filter(Boolean).length;
  assert.ok(filled === 0 || filled === 3, 'release.json');
});

test('release:date dates the version once', () => {
  const now = new Date('2031-02-03T23:59:59Z');
  assert.strictEqual(dated('# Changelog\n\n## [1.2.3] - unreleased\n\n- x\n', '1.2.3', now), '# Changelog\n\n## [1.2.3] - 2031-02-03\n\n- x\n');
  assert.throws(() => dated('## [1.2.3] - 2030-01-01\n', '1.2.3', now), /CHANGELOG\.md has no line "## \[1\.2\.3\] - unreleased"/);
});

test('a bill of materials names the package, keeps what its tool found, and is the same for the same source', () => {
  const component = { type: 'library', 'bom-ref': 'pkg:npm/ours@1.0.0', name: 'ours', version: '1.0.0' };
  const sqlite = { type: 'library', 'bom-ref': 'pkg:generic/sqlite@3.0.0', name: 'sqlite', version: '3.0.0' };
  const bom = (/** @type {string} */ folder, /** @type {string} */ timestamp) => ({
    bomFormat: 'CycloneDX', serialNumber: `urn:uuid:${timestamp}`,
    metadata: { timestamp, component: { 'bom-ref': `path+file://${folder}#crate`, name: 'crate' } },
    components: [{ 'bom-ref': 'aes@1', name: 'aes' }],
    dependencies: [{ ref: `path+file://${folder}#crate`, dependsOn: ['aes@1'] }, { ref: 'aes@1' }],
  });
  const made = complete(bom('/tmp/a', '2030'), component, [sqlite]);
  assert.deepStrictEqual(made, complete(bom('/tmp/another', '2031'), component, [sqlite]));
  assert.match(made.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepStrictEqual(made.metadata, { component });
  assert.deepStrictEqual(made.components.map((/** @type {any} */ { name }) => name), ['aes', 'sqlite']);
  assert.deepStrictEqual(made.dependencies[0], { ref: 'pkg:npm/ours@1.0.0', dependsOn: ['aes@1', 'pkg:generic/sqlite@3.0.0'] });
  assert.doesNotMatch(JSON.stringify(made), /\/tmp\//);
});

test('the binaries that were built here name their Rust and no folder of this machine', () => {
  const binaries = platforms().flatMap(platform => builtBinary(platform) ?? []);
  assert.ok(binaries.length > 0);
  for (const binary of binaries) {
    const bytes = fs.readFileSync(binary);
    assert.match(rustCommit(bytes), /^[0-9a-f]{40}$/);
    for (const folder of [ROOT, os.homedir()]) assert.ok(!bytes.includes(folder + path.sep), `${binary}: ${folder}`);
  }
});
