'use strict';

/** The list of test files that run on one engine only names files that are there, each once. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { ONCE, PASSES, WAITING } = require('../../scripts/test_passes');

const files = fs.readdirSync(path.join(__dirname, '..'), { recursive: true }).map(file => String(file).replaceAll(path.sep, '/'))
  .filter(file => file.endsWith('.test.js'));

test('every entry of the list is a file, and has one reason', () => {
  const names = ONCE.flatMap(entry => entry.names);
  assert.deepStrictEqual(names.filter(start => !files.some(file => file.startsWith(start))), []);
  for (const file of files) assert.ok(names.filter(start => file.startsWith(start)).length <= 1, file);
  for (const { reason } of ONCE) assert.match(reason, /\w{2,} \w+/);
});

test('every entry of the files that wait is a file, too', () => {
  assert.deepStrictEqual(WAITING.filter(start => !files.some(file => file.startsWith(start))), []);
});

test('a new test file, and all that speak of cookies over HTTP, run on both engines', () => {
  for (const file of ['cookie/new.test.js', ...files.filter(name => /^(?:session|request|differential)\/|^cookie\/(?!sealed|chunks_vectors|header_fuzz)|^apps\/(?!demo)/.test(name))]) {
    assert.deepStrictEqual(PASSES.filter(pass => pass.takes(`__test__/${file}`)).map(({ name }) => name), ['native', 'portable'], file);
  }
});
