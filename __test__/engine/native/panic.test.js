'use strict';

/**
 * A panic in Rust throws in JS; the process goes on, and so does the engine.
 * The panic is a real one, no test hook: with no room in the shared numbers the write of a key's index is out of bounds.
 */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { Keyring } = require('../../../lib/engine/native');

const ROOT = path.join(__dirname, '../../..');

const SCRIPT = `
  const binding = require('./lib/engine/native/load_binding')();
  const { Keyring } = require('./lib/engine/native');
  const whole = new Keyring(['key']);
  const broken = binding.createKeyring([Buffer.from('key')], new Float64Array(0));
  const { value } = whole.seal('encrypted', 'n', '{"a":1}');
  const thrown = [
    () => binding.open(broken, 0, 'n', value, undefined),
    () => binding.open(broken, 0 + 4, 'n', value, undefined),
    () => binding.open(broken, 2, 'n', value, undefined),
    () => binding.open(broken, 0 + 8, 'n', value, undefined),
    () => binding.decrypt(broken, whole.encrypt('data')),
  ].map(call => {
    try {
      return 'returned ' + call();
    } catch (err) {
      return err instanceof Error ? 'threw' : 'threw no error';
    }
  });
  console.log(JSON.stringify({ thrown, after: whole.open('encrypted', 'n', value), sealed: whole.seal('encrypted', 'n', '{"a":1}').value === value }));
`;

test('a panic throws an Error, and the engine goes on in the same process', () => {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['-e', SCRIPT], { cwd: ROOT, encoding: 'utf8' });
  assert.strictEqual(signal, null, stderr);
  assert.strictEqual(status, 0, stderr);
  assert.match(stderr, /panicked at/, 'the script no longer panics: it proves nothing');
  assert.deepStrictEqual(JSON.parse(stdout), {
    thrown: ['threw', 'threw', 'threw', 'threw', 'threw'],
    after: { text: '{"a":1}', keyIndex: 0 },
    sealed: true,
  });
});

/** @param {string} folder @returns {string[]} */
function rustFiles(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return rustFiles(file);
    return file.endsWith('.rs') ? [file] : [];
  });
}

test('every function that Rust exports catches panics', () => {
  const attributes = rustFiles(path.join(ROOT, 'src')).flatMap(file =>
    [...fs.readFileSync(file, 'utf8').matchAll(/^\s*#\[napi\b.*$/gm)].map(([line]) => ({ file: path.relative(ROOT, file), line: line.trim() })));
  assert.ok(attributes.length > 8, 'the functions were found');
  assert.deepStrictEqual(attributes.filter(({ line }) => !line.includes('catch_unwind')), []);
});

test('a panic is not made an abort by the build', () => {
  assert.doesNotMatch(fs.readFileSync(path.join(ROOT, 'Cargo.toml'), 'utf8'), /^\s*panic\s*=/m);
  assert.strictEqual(new Keyring(['key']).verify('a', 'b'), -1);
});
