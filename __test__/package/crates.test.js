'use strict';

/** The crates in the addon: their licences, their notices, and the oldest Rust that compiles them all. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { ROOT } = require('../../scripts/platforms');
const { compiledCrates } = require('../../scripts/crates');
const { notices, FILE } = require('../../scripts/notices');

const { ours, crates } = compiledCrates();
const read = name => fs.readFileSync(path.join(ROOT, name), 'utf8');

/** @param {string} version @returns {number} */
const rank = version => version.split('.').reduce((sum, part, index) => sum + Number(part) * 1e3 ** (2 - index), 0);

/**
 * SPDX: `/` is the old way to write OR, and AND binds closer.
 * @param {string} expression @param {Set<string>} allowed
 */
function isAllowed(expression, allowed) {
  const inner = expression.replace(/\(([^()]*)\)/g, (_all, group) => (isAllowed(group, allowed) ? '+' : '-'));
  return inner.split(/ OR |\//).some(choice => choice.split(' AND ').every(licence => licence.trim() === '+' || allowed.has(licence.trim())));
}

test('every crate may be used under a licence that deny.toml allows', () => {
  const allowed = new Set(/^allow = \[(.*)\]$/m.exec(read('deny.toml'))[1].match(/[\w.-]+/g));
  assert.deepStrictEqual(crates.filter(({ license }) => !license || !isAllowed(license, allowed)).map(({ name }) => name), []);
  assert.ok(crates.length > 40, `only ${crates.length} crates`);
  for (const copyleft of ['GPL-3.0', 'MIT AND GPL-3.0', '(GPL-3.0 OR MPL-2.0) AND MIT']) assert.ok(!isAllowed(copyleft, allowed), copyleft);
});

test('THIRD_PARTY_NOTICES.md is what Cargo.lock asks for', () => {
  assert.ok(fs.readFileSync(FILE, 'utf8') === notices(), 'run `npm run notices`');
  const text = read('THIRD_PARTY_NOTICES.md');
  for (const { name, version } of crates) assert.ok(text.includes(`${name} ${version}`), name);
});

test('no crate needs a newer Rust than Cargo.toml says, and the README says the same', () => {
  assert.ok(ours.rustVersion);
  const newer = crates.filter(({ rustVersion }) => rustVersion && rank(rustVersion) > rank(ours.rustVersion));
  assert.deepStrictEqual(newer.map(({ name, rustVersion }) => `${name} ${rustVersion}`), []);
  assert.match(read('README.md'), new RegExp(`Rust\\]\\([^)]*\\) ${ours.rustVersion.replace('.', '\\.')} or newer`));
});

test('what users install is this package, the binary and co', () => {
  const { dependencies, peerDependencies } = JSON.parse(read('package.json'));
  assert.deepStrictEqual({ dependencies, peerDependencies }, { dependencies: { co: '^4.6.0' }, peerDependencies: undefined });
});

test('both lock files are in the repository, and no crate or package comes from outside its registry', () => {
  const lock = read('Cargo.lock');
  const sources = new Set([...lock.matchAll(/^source = "(.*)"$/gm)].map(match => match[1]));
  assert.deepStrictEqual([...sources], ['registry+https://github.com/rust-lang/crates.io-index']);
  const { packages } = JSON.parse(read('package-lock.json'));
  const entries = Object.entries(packages).filter(([where]) => where !== '');
  assert.ok(entries.length > 300, String(entries.length));
  for (const [where, { resolved, integrity, version, inBundle }] of entries) {
    assert.ok(version && (integrity || inBundle), where);
    assert.ok(!resolved || resolved.startsWith('https://registry.npmjs.org/'), resolved);
  }
});
