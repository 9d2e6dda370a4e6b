'use strict';

/** Egg 4 has two sets of types, so egg.d.mts tells `import` what index.d.ts tells `require()`. What stands twice is the same. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const ts = require('typescript');
const { ROOT } = require('../../scripts/platforms');

/** Egg 4 declares `app.sessionStore` itself. */
const ONLY_EGG_3 = ['egg/EggApplication'];

const printer = ts.createPrinter({ removeComments: true });

/**
 * @param {string} name
 * @returns {Record<string, string[]>} by the name of a type, or of a module and its interface: the lines, without comments
 */
function declarationsOf(name) {
  const source = ts.createSourceFile(name, fs.readFileSync(path.join(ROOT, name), 'utf8'), ts.ScriptTarget.Latest, true);
  const print = node => printer.printNode(ts.EmitHint.Unspecified, node, source);
  /** @type {Record<string, string[]>} */
  const found = {};
  for (const statement of source.statements) {
    if (ts.isTypeAliasDeclaration(statement)) found[statement.name.text] = [print(statement)];
    if (!ts.isModuleDeclaration(statement) || !ts.isStringLiteral(statement.name)) continue;
    for (const inner of statement.body.statements) found[`${statement.name.text}/${inner.name.text}`] = inner.members.map(print);
  }
  return found;
}

test('what egg.d.mts declares, index.d.ts declares in the same words, and the other way round', () => {
  const [imported, required] = ['egg.d.mts', 'index.d.ts'].map(declarationsOf);
  for (const name of ONLY_EGG_3) {
    assert.ok(required[name], name);
    delete required[name];
  }
  // Only `sessionStore` needs it.
  delete required.EggApp;
  assert.deepEqual(Object.keys(imported).sort(), [
    '@eggjs/koa/Context', 'Egg41Plugin', 'Egg4Config', 'EggContext', 'egg/Application', 'egg/EggAppConfig',
  ]);
  assert.deepEqual(imported, required);
});
