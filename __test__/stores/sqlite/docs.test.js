'use strict';

/** docs/sqlite.md and docs/sqlite-file.md say what the code does. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { SqliteStore } = require('../../../lib/stores/sqlite/store');

const ROOT = path.join(__dirname, '../../..');
const DOCS = fs.readFileSync(path.join(ROOT, 'docs/sqlite.md'), 'utf8');
const source = file => fs.readFileSync(path.join(ROOT, file), 'utf8');

/** @param {string} sql */
function statements(sql) {
  return sql.replace(/--.*$/gm, '').replace(/\s+/g, ' ').split(';').map(statement => statement.trim()).filter(Boolean);
}

/** @param {string} heading @returns {string[]} the first column of the table below it */
function firstColumn(heading) {
  const section = DOCS.split(`\n## ${heading}\n`)[1].split('\n## ')[0];
  return [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
}

test('the schema is the one that is made', () => {
  const documented = statements(source('docs/sqlite-file.md').match(/```sql\n(CREATE[^]*?)```/)[1]);
  const made = statements(source('src/store/schema.rs').match(/MIGRATIONS[^]*?"([^"]+)"/)[1]);
  assert.strictEqual(made.length, 3);
  assert.deepStrictEqual(documented, made);
});

test('every code of an error is listed', () => {
  const listed = firstColumn('Errors').filter(code => code.startsWith('ERR_SESSION_STORE'));
  const codes = [...source('src/store/error.rs').matchAll(/"(ERR_SESSION_STORE_\w+)"/g)].map(([, code]) => code);
  assert.ok(codes.length > 5);
  assert.deepStrictEqual(new Set(listed), new Set(codes));
});

test('every option is listed', () => {
  const message = /knows only (.+)/;
  assert.throws(() => new SqliteStore({ path: 'x', none: 1 }), err => {
    assert.deepStrictEqual(new Set(firstColumn('Options')), new Set(err.message.match(message)[1].split(', ')));
    return true;
  });
});
