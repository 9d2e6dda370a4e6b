'use strict';

// Keeps the list of mutants from rotting; running them all is `npm run mutants`.

const fs = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { applyTo, mutants, occurrences } = require('../mutants');

const ROOT = path.join(__dirname, '../..');
const read = file => fs.readFileSync(path.join(ROOT, file), 'utf8');

describe('the mutants', () => {
  for (const mutant of mutants) {
    test(`${mutant.id}: its text occurs once in ${mutant.file}, and the edit gives other, sound JavaScript`, () => {
      const text = read(mutant.file);
      assert.equal(occurrences(text, mutant), 1);
      const mutated = applyTo(text, mutant);
      assert.notEqual(mutated, text);
      // a mutant that cannot be loaded would be noticed by any test, and prove nothing
      assert.doesNotThrow(() => new Function('require', 'module', 'exports', '__dirname', mutated));
      assert.ok(mutant.tests.length > 0);
      for (const name of mutant.tests) assert.ok(fs.existsSync(path.join(__dirname, `../${name}.test.js`)), name);
    });
  }

  test('have names and claims of their own', () => {
    assert.equal(new Set(mutants.map(({ id }) => id)).size, mutants.length);
    for (const { id, claim } of mutants) assert.ok(id && claim);
  });
});
