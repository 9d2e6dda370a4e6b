'use strict';

/** The list of test files that run on one engine only names files that are there, each once. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const { ONCE, PASSES } = require('../scripts/test_passes');

const files = fs.readdirSync(__dirname).filter(name => name.endsWith('.test.js'));

test('every entry of the list is a file, and has one reason', () => {
  const names = ONCE.flatMap(entry => entry.names);
  assert.deepStrictEqual(names.filter(start => !files.some(file => file.startsWith(start))), []);
  for (const file of files) assert.ok(names.filter(start => file.startsWith(start)).length <= 1, file);
  for (const { reason } of ONCE) assert.match(reason, /\w{2,} \w+/);
});

test('a new test file, and all that speak of cookies over HTTP, run on both engines', () => {
  for (const file of ['new.test.js', ...files.filter(name => /^(?:shim|differential|hostile_(?!engine)|cluster|koa|fast_path|egg_mock|passport|csrf)/.test(name))]) {
    assert.deepStrictEqual(PASSES.filter(pass => pass.takes(`__test__/${file}`)).map(({ name }) => name), ['native', 'portable'], file);
  }
});
